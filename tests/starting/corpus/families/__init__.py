"""Families of cases, one in each file."""

from __future__ import annotations

from starting.corpus.case import Case
from starting.corpus.families.letter_alone import LETTER_ALONE
from starting.corpus.families.letter_and_workbook import LETTER_AND_WORKBOOK
from starting.corpus.families.refusals import REFUSALS
from starting.corpus.families.several_letters import SEVERAL_LETTERS
from starting.corpus.families.staff_slips import STAFF_SLIPS


def all_families() -> tuple[Case, ...]:
    """Return the cases of all families."""
    return (*SEVERAL_LETTERS, *STAFF_SLIPS, *LETTER_AND_WORKBOOK, *LETTER_ALONE, *REFUSALS)
