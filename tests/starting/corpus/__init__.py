"""Letters with which people start a campaign, and the expected results.

Each case is made from an appeal that a person marked up (`truth.py`): which words are placeholders,
of which sheet, and which words remain text. From it come the letters, the workbook, the expected
columns, and often a further letter that the feature does not see. Nothing here knows how the
feature works.

    for case in cases():
        files = case.write(folder)        # letters, and perhaps a workbook
        expected = case.expected()        # columns, paragraphs, refusal

1. `case.kind` is "letters" (several letters), "workbook" (a letter and a workbook) or "alone".
2. `expected.columns` are the columns, with the value in each letter. Those that are not required
   may remain text.
3. `expected.letters` are the paragraphs of each letter in the reading order of
   `merge.proofreading.text`. Their pieces show what is a placeholder, and where staff made a slip.
4. `judge_letters` (`judging.py`) compares the places of the placeholders that were found with them.
5. `expected.held_out` is a letter for another row of values.
6. `case.may_ask` says what a question may be about. A slip must never be silent, unless only
   spaces differ.

To add a case: write an appeal into `appeals/`, or a new `Case` of an old one into `families/`.
The first run of those of `families/unseen.py`, `families/held_out.py` and `families/third.py`
measured the program. Faults that they showed are mended since, by rules for any such letter.
"""

from __future__ import annotations

from functools import cache

from starting.corpus.case import Case, CaseFiles, Column, Expected, HeldOut, People
from starting.corpus.families import all_families
from starting.corpus.families.held_out import HELD_OUT
from starting.corpus.families.third import THIRD
from starting.corpus.families.unseen import UNSEEN
from starting.corpus.judging import Place, Verdict, judge, judge_letters, true_places

__all__ = [
    "Case",
    "CaseFiles",
    "Column",
    "Expected",
    "HeldOut",
    "People",
    "Place",
    "Verdict",
    "cases",
    "held_out_cases",
    "judge",
    "judge_letters",
    "third_cases",
    "true_places",
    "unseen_cases",
]


@cache
def cases() -> tuple[Case, ...]:
    """Return the cases that may tune the program, each with a name of its own."""
    return all_families()


def unseen_cases() -> tuple[Case, ...]:
    """Return the cases of the first set that measured the program."""
    return UNSEEN


def held_out_cases() -> tuple[Case, ...]:
    """Return the cases of the second set that measured the program."""
    return HELD_OUT


def third_cases() -> tuple[Case, ...]:
    """Return the cases of the third set that measured the program."""
    return THIRD
