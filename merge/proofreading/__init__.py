"""Every finished letter read again: proof that it holds its own pair's data and no other's.

text         a letter's bytes -> its paragraphs
words        a line -> its words, folded
index        everything the workbook says of everybody, found in a line at once
fixed        what the templates say by themselves
view         a letter's lines, and whose words stand in them
whose        doubts: another's data, the pair's own that is missing
salutations  doubts: a salutation that names another
leftovers    doubts: tags, None, empty lines, stray blanks, comments, tracked changes
changes      what differs from what the program makes
blocks       what a native speaker must read
copying      paragraphs copied as they are printed
reading      all of it: proofread(proofs, …), a letter at a time
general      doubts that concern no single letter
report       the workbook to sign off; sheets is how it looks
document     the blocks to be read, as a Word file
"""

from merge.proofreading.blocks import Block
from merge.proofreading.changes import Change
from merge.proofreading.document import proof_document
from merge.proofreading.general import general_doubts
from merge.proofreading.reading import Proof, Read, proofread
from merge.proofreading.report import report
from merge.proofreading.text import Paragraph, paragraphs, parts
from merge.proofreading.whose import CORRECT

__all__ = [
    "CORRECT",
    "Block",
    "Change",
    "Paragraph",
    "Proof",
    "Read",
    "general_doubts",
    "paragraphs",
    "parts",
    "proof_document",
    "proofread",
    "report",
]
