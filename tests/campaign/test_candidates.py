"""What is ready for paper, and what is to be settled before, read from a view."""

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
from merge.campaign.candidates import PrintCandidates, find_candidates
from merge.campaign.overview import inspect_campaign
from merge.campaign.print_plan import PrintOrder, plan_printing
from merge.errors import StorageError

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]


def _said(found: PrintCandidates) -> tuple[object, ...]:
    of_letters = [(one.id, one.letter, one.reason, one.problems) for one in found.candidates]
    return (of_letters, found.problems)


def test_the_view_of_a_page_tells_what_print_would_have_settled_first(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed", "Chidi Obi")
    edit(folder / "letters" / "Bo Berg" / "Consul Roy.docx")
    copy_letter(folder)
    make(folder, NEWER, Signers=[["Name"], *([name] for name in PEOPLE)])
    merge("letters", folder)
    edit(folder / "letters" / "Chidi Obi" / "Minister Li.docx")
    open_letter(folder)
    campaign = read_campaign(folder)
    view = inspect_campaign(campaign)
    from_page, printing = find_candidates(view), plan_printing(campaign, PrintOrder(), None)
    told = {problem.code for one in from_page.candidates for problem in one.problems}
    assert told >= {"print-changed", "print-two-files"}
    assert _said(from_page) == _said(printing.candidates)
    assert {*from_page.problems} <= {*view.problems}


def test_what_keeps_the_letters_from_being_looked_at_is_raised_to_print(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    shutil.rmtree(folder / "letters")
    view = inspect_campaign(read_campaign(folder))
    with pytest.raises(StorageError) as told:
        find_candidates(view)
    assert told.value is view.survey_error
