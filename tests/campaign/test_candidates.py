"""Letters that can be printed, and the problems of the others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.campaigns import make, merge
from support.printed_campaigns import (
    NEWER,
    PEOPLE,
    copy_letter,
    edit,
    make_six_letters,
    mark,
    no_libreoffice,
    open_letter,
)

from merge.campaign.campaign import read_campaign
from merge.campaign.candidates import PrintCandidates
from merge.campaign.overview import inspect_campaign
from merge.campaign.print_plan import PrintOrder, plan_printing
from merge.errors import StorageError

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]


def _contents(candidates: PrintCandidates) -> tuple[object, ...]:
    letters = [
        (candidate.id, candidate.letter, candidate.reason, candidate.problems)
        for candidate in candidates.candidates
    ]
    return (letters, candidates.problems)


def test_print_candidates_of_an_overview_are_those_of_the_print_plan(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed", "Chidi Obi")
    edit(folder / "letters" / "Bo Berg" / "Consul Roy.docx")
    copy_letter(folder)
    make(folder, NEWER, Signers=[["Name"], *([name] for name in PEOPLE)])
    merge("letters", folder)
    edit(folder / "letters" / "Chidi Obi" / "Minister Li.docx")
    open_letter(folder)
    campaign = read_campaign(folder)
    overview = inspect_campaign(campaign)
    from_page, printing = overview.print_candidates(), plan_printing(campaign, PrintOrder(), None)
    codes = {problem.code for candidate in from_page.candidates for problem in candidate.problems}
    assert codes >= {"print-changed", "print-two-files"}
    assert _contents(from_page) == _contents(printing.candidates)
    assert {*from_page.problems} <= {*overview.problems}


def test_print_candidates_raise_the_error_that_hides_the_letters_folder(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    shutil.rmtree(folder / "letters")
    overview = inspect_campaign(read_campaign(folder))
    with pytest.raises(StorageError) as error:
        overview.print_candidates()
    assert error.value is overview.survey_error
