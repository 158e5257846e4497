"""The whole errand, for any face: a campaign folder opened, checked, its letters made.

opened     the folder read: workbook, templates, everything that is wrong
outer      what Settings says of envelopes, and what is wrong with that
chosen     whose letters are asked for
order      what somebody asked for
survey     what is known of each letter: ledger, disk, register -> the plan
writing    plans onto the disk, batch by batch, the ledger always ahead
aside      what is not any pair's letter: copies, letters nobody wants any more
paper      the register as a run sees it
told       what the register and the user are told
running    the whole run
status     how far the letters are
finished   which letters are ready for paper, and why the others are not
preparing  in which batches they are printed, and what is to be settled first
printed    what was put into a batch, and whether it has changed since
printing   the files made: batches, PDFs, what goes round them
outsides   what goes on envelopes, labels and parcels
proofing   the finished letters read again

Printing and proofing are imported by those who need them: they take longer to load.
"""

from merge.campaign.chosen import Chosen
from merge.campaign.opened import LETTERS, WORKBOOK, Campaign, open_campaign
from merge.campaign.order import Order
from merge.campaign.running import Run
from merge.campaign.status import NOT_PRINTED, Pile, Status, status_of

__all__ = [
    "LETTERS",
    "NOT_PRINTED",
    "WORKBOOK",
    "Campaign",
    "Chosen",
    "Order",
    "Pile",
    "Run",
    "Status",
    "open_campaign",
    "status_of",
]
