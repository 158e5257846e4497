"""What goes onto paper: letters in batches to print and sign, and what goes round them.

combine/     many letters in one .docx
batches      which letters are printed together, in which order
covers       a batch's first page, and the one before each person's letters; page is their look
paper        the paper that a letter is written for
stock        paper, envelopes and label sheets that can be bought
outside      what goes on the outside of a letter
envelopes    one page an envelope
labels       sheets of labels
parcels      a label, a packing list and a receipt for each recipient
document     a .docx from nothing, for these three; room is what fits into a space
writer       LibreOffice, where it is; desk and profile keep it to itself
fit          how many pages a letter has, and the room to sign; signature finds the typed name
doubts       what is told of that
pdf          a batch's PDF with an outline
"""

from merge.printing.batches import (
    Batch,
    Group,
    Grouping,
    How,
    Side,
    ToPrint,
    batches,
    needs_two_sides,
    too_thick,
)
from merge.printing.combine.combining import Combined, combine
from merge.printing.combine.source import Piece
from merge.printing.covers import cover, first_page
from merge.printing.doubts import doubts
from merge.printing.envelopes import envelope_problems, envelopes
from merge.printing.fit import Fit, measure
from merge.printing.labels import check_start, label_problems, labels
from merge.printing.outside import Outside, address_lines, digits_needed
from merge.printing.paper import paper_of
from merge.printing.parcels import Parcel, Wanted, parcels
from merge.printing.pdf import batch_pdf
from merge.printing.stock import ENVELOPES, LABELS, Paper
from merge.printing.writer import NO_WRITER, Writer, find_writer

__all__ = [
    "ENVELOPES",
    "LABELS",
    "NO_WRITER",
    "Batch",
    "Combined",
    "Fit",
    "Group",
    "Grouping",
    "How",
    "Outside",
    "Paper",
    "Parcel",
    "Piece",
    "Side",
    "ToPrint",
    "Wanted",
    "Writer",
    "address_lines",
    "batch_pdf",
    "batches",
    "check_start",
    "combine",
    "cover",
    "digits_needed",
    "doubts",
    "envelope_problems",
    "envelopes",
    "find_writer",
    "first_page",
    "label_problems",
    "labels",
    "measure",
    "needs_two_sides",
    "paper_of",
    "parcels",
    "too_thick",
]
