"""Templates x people -> every problem at once, each with its cell or its place. Pure.

finding.py    a problem, and the letters it touches
names.py      names that no column makes
blanks.py     what each tag would print for each person
campaign.py   all of these, template by template
gather.py     the same problem in many cells told once
"""

from merge.checks.campaign import check_campaign, offer_of
from merge.checks.finding import Faulty, Finding
from merge.checks.gather import Gathered, gathered

__all__ = ["Faulty", "Finding", "Gathered", "check_campaign", "gathered", "offer_of"]
