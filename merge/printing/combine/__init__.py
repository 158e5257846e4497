"""Many letters in one .docx, each in sections of its own; made without Word or LibreOffice.

combining    pieces, one after the other -> one .docx
letter       one piece into the whole
whole        what all pieces share, and the finished file
source       a piece, opened
sections     where a letter begins and ends; headers that are its own
headers      headers and footers, shared by the pieces that have the same
notes        footnotes and endnotes, with the numbers that they have in their letter
fields       page numbers, and what a field may say in the whole
looks        styles, lists, fonts, theme and settings together: what letters look like
styles       a letter's styles under the names of the whole
defaults     what holds where no style says anything
theme        what a theme stands for
numbering    the lists of the whole
lists        a letter's lists, begun anew
settings     settings and fonts
links        what a part leads to
tidy         what is taken out; ids
parts        the parts of the whole, each once
slim         a .docx of nothing but text and styles
growing      a part that grows
markup       WordprocessingML's names and order
"""

from merge.printing.combine.combining import Combined, combine
from merge.printing.combine.slim import slim_docx
from merge.printing.combine.source import Piece

__all__ = ["Combined", "Piece", "combine", "slim_docx"]
