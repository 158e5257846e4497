"""`merge print` while others are at work.

A batch is what was looked at, and is remembered, or it is not there.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from docx import Document
from support import printed_campaigns
from support.campaigns import make, merge
from support.everyday import everyday
from support.office_programs import needs_libreoffice
from support.printed_campaigns import PEOPLE, edit, no_libreoffice, run_print

from merge.campaign.campaign import read_campaign
from merge.campaign.print_plan import PrintOrder, PrintPlan, plan_printing
from merge.campaign.print_run import PrintRun
from merge.campaign.task import Task
from merge.disk import file_state
from merge.printing.libreoffice import find_libreoffice
from merge.problems import Problem
from merge.state.ledger import open_ledger
from merge.state.ledger_records import ChangeSet

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]

TEMPLATE = "{{ recipient.name }}\n{{ recipient.country }}\n\nDear you,\n{{ signer.name }}"
ORDER = PrintOrder(grouping="per-signer", envelopes="C5")


def made(folder: Path) -> Path:
    return printed_campaigns.make_six_letters(folder, TEMPLATE)


def _planned(folder: Path, order: PrintOrder = ORDER) -> PrintPlan:
    return plan_printing(read_campaign(folder), order, None)


def _run(folder: Path, plan: PrintPlan, order: PrintOrder = ORDER) -> PrintRun:
    return PrintRun(read_campaign(folder), order, plan, None)


def _letter(folder: Path, signer: str = PEOPLE[0]) -> Path:
    return folder / "letters" / signer / "Minister Li.docx"


def _gone(folder: Path) -> None:
    _letter(folder).unlink()


def _moved(folder: Path) -> None:
    _letter(folder).rename(folder / "letters" / "Li.docx")


def _renamed_folder(folder: Path) -> None:
    _letter(folder).parent.rename(folder / "letters" / "Ana")


def _edited(folder: Path) -> None:
    edit(_letter(folder))


def _copied_over(folder: Path) -> None:
    shutil.copy2(_letter(folder, PEOPLE[1]), _letter(folder))


def _left_the_workbook(folder: Path) -> None:
    make(
        folder,
        TEMPLATE,
        Signers=[["Name"], ["Bo Berg"]],
    )
    merge("letters", folder)


EVENTS = [_gone, _moved, _renamed_folder, _edited, _copied_over]


def test_a_letter_marked_as_printed_meanwhile_is_not_printed_again(tmp_path: Path) -> None:
    folder = made(tmp_path)
    run = _run(folder, _planned(folder))
    merge("mark", "printed", folder, "--all")
    assert run.create_files().files == []


@pytest.mark.parametrize("event", everyday(EVENTS))
def test_a_letter_that_goes_or_changes_while_batches_are_made_is_told_and_its_batch_not_made(
    tmp_path: Path, event: Callable[[Path], None]
) -> None:
    folder = made(tmp_path)
    run = _run(folder, _planned(folder))
    event(folder)
    names = run.create_files().files
    others = [name for name in names if name.startswith(("01", "02", "03"))]
    assert not any(PEOPLE[0] in name for name in others)
    assert f"02 {PEOPLE[1]}.docx" in names
    told = [p for p in run.result.problems if p.code == "print-meanwhile"]
    assert str(told[0]).startswith(
        f"letters/{PEOPLE[0]}/Minister Li.docx: This letter was changed, moved"
    )
    batches = _texts(folder, "Envelopes C5.docx")
    assert batches.count("Minister Li") == len(others)


def _texts(folder: Path, name: str) -> list[str]:
    (path,) = (folder / "print").glob(f"2*/{name}")
    cells = (c for t in Document(str(path)).tables for row in t.rows for c in row.cells)
    return [p.text for cell in cells for p in cell.paragraphs]


@needs_libreoffice
@pytest.mark.libreoffice
@pytest.mark.slow
@pytest.mark.parametrize("event", EVENTS)
def test_a_letter_that_goes_or_changes_while_pages_are_counted_is_told_and_in_no_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, event: Callable[[Path], None]
) -> None:
    monkeypatch.setenv("PATH", os.defpath)
    folder = made(tmp_path)

    class Counting(Task):
        def start_step(self, number: int, what: str) -> None:
            super().start_step(number, what)
            if what == "Pages counted":
                event(folder)

    plan = plan_printing(read_campaign(folder), ORDER, find_libreoffice(), Counting())
    told = {p.place.file for p in plan.problems if p.code == "print-meanwhile"}
    there = {letter.path.relative_to(folder).as_posix() for letter in plan.letters}
    assert told
    assert not told & there
    assert len(told) + len(there) == len(_planned(made(tmp_path / "whole")).letters)


@pytest.mark.parametrize("event", everyday(EVENTS))
def test_what_goes_round_letters_is_made_of_those_that_are_still_what_they_were(
    tmp_path: Path, event: Callable[[Path], None]
) -> None:
    folder = made(tmp_path)
    order = PrintOrder(with_letters=False, envelopes="C5")
    run = _run(folder, _planned(folder, order), order)
    event(folder)
    assert run.create_files().files == ["Envelopes C5.docx"]
    assert "print-meanwhile" in {problem.code for problem in run.result.problems}
    assert _texts(folder, "Envelopes C5.docx").count("Consul Roy") > 0


def _unseen(folder: Path, path: Path) -> None:
    """Let the ledger take the file for the one that the program wrote there."""
    with closing(open_ledger(folder / "letters")) as ledger:
        (known,) = (k for k in ledger.letters() if k.path == f"{path.parent.name}/{path.name}")
        at = file_state(str(path))
        assert at
        ledger.commit(
            ChangeSet(letters=[known._replace(**at._asdict(), checked=time.time_ns() + 10**9)])
        )


def _errors(folder: Path) -> list[Problem]:
    return [problem for problem in _planned(folder).problems if problem.level == "error"]


def test_a_letter_copied_over_another_is_never_bound_though_the_plan_did_not_see_it(
    tmp_path: Path,
) -> None:
    folder = made(tmp_path)
    _copied_over(folder)
    _unseen(folder, _letter(folder))
    (problem,) = _errors(folder)
    assert str(problem) == (
        f"letters/{PEOPLE[0]}/Minister Li.docx: This file is another letter, {PEOPLE[1]} to"
        " Minister Li. Move it back to its own folder, run “Create letters”, then print."
    )
    ran = run_print(folder, "--skip-errors")
    assert ran.json["letters"] == 5


def test_an_edit_that_the_plan_did_not_see_is_told(tmp_path: Path) -> None:
    folder = made(tmp_path)
    _edited(folder)
    _unseen(folder, _letter(folder))
    (problem,) = _errors(folder)
    assert problem.code == "print-unseen"
    edit(_letter(folder), "saved")
    assert _errors(folder) == []


def test_an_edited_letter_that_lost_its_id_is_printed(tmp_path: Path) -> None:
    folder = made(tmp_path)
    document = Document(str(_letter(folder)))
    document.add_paragraph("Added by hand")
    document.core_properties.identifier = ""
    for relation in list(document.part.package.rels.values()):
        if "custom-properties" in relation.reltype:
            del document.part.package.rels[relation.rId]
    document.save(str(_letter(folder)))
    assert _errors(folder) == []
    assert run_print(folder).json["letters"] == 6


def test_while_files_are_made_they_are_not_where_somebody_would_print_them(tmp_path: Path) -> None:
    folder = made(tmp_path / "campaign")
    killed = tmp_path / "killed"

    def kill_behind_the_first(_: str) -> None:
        if not killed.exists():
            assert [path.name[0] for path in (folder / "print").iterdir()] == [".", "."]
            shutil.copytree(folder, killed)

    _run(folder, _planned(folder)).create_files(kill_behind_the_first)
    assert run_print(killed, "--since-last").json["letters"] == 6
    assert len([*(killed / "print").glob("*/01*")]) == 1
    assert run_print(folder, "--since-last").json["letters"] == 0


def test_a_run_killed_behind_the_ledger_is_finished_by_the_next(tmp_path: Path) -> None:
    folder = made(tmp_path)
    (file,) = run_print(folder, "--for", "Ana Ruiz").json["files"]
    done = Path(file).parent
    done.rename(done.with_name(f".merge-{done.name}.tmp"))
    ran = run_print(folder, "--since-last")
    assert ran.json["letters"] == 4
    assert Path(file).exists()
    (told,) = [p for p in ran.json["problems"] if p["code"] == "batch-recovered"]
    assert told["where"] == f"print/{done.name}"
