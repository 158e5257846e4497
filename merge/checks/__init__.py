"""Templates x people -> every problem at once, each with its cell or its place. Pure.

finding.py      a problem, and the letters it touches
names.py        names that no column makes
blanks.py       what each tag would print for each person
conditions.py   conditions that do not ask what was meant
people.py       names that are probably wrong, people who look alike, unused columns
texts.py        cells that probably hold something else than was meant
campaign.py     all of these, template by template, then sheet by sheet
closing.py      which lines close up, and for how many letters
gather.py       the same problem in many cells told once
"""

from merge.checks.campaign import Checked, check_campaign, offer_of
from merge.checks.closing import ClosedLine, closed_lines
from merge.checks.names import Offer, unknown_name
from merge.model import Faulty, Finding, Gathered, Gatherer, finding_of, gathered

__all__ = [
    "Checked",
    "ClosedLine",
    "Faulty",
    "Finding",
    "Gathered",
    "Gatherer",
    "Offer",
    "check_campaign",
    "closed_lines",
    "finding_of",
    "gathered",
    "offer_of",
    "unknown_name",
]
