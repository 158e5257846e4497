"""The whole errand, for any face: a campaign folder opened, checked, its letters made.

opened    the folder read: workbook, templates, everything that is wrong
chosen    whose letters are asked for
order     what somebody asked for
survey    what is known of each letter: ledger, disk, register -> the plan
writing   plans onto the disk, batch by batch, the ledger always ahead
running   the whole run
aside     what is not any pair's letter: copies, letters nobody wants any more
"""

from merge.campaign.chosen import Chosen
from merge.campaign.opened import LETTERS, WORKBOOK, Campaign, open_campaign
from merge.campaign.order import Order
from merge.campaign.running import Run

__all__ = ["LETTERS", "WORKBOOK", "Campaign", "Chosen", "Order", "Run", "open_campaign"]
