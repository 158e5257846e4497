"""`merge print` does not print letters that change after its plan.

Every print file has exactly the letters that were checked and recorded.
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
from support.campaigns import merge
from support.everyday import everyday
from support.office_programs import needs_libreoffice
from support.printed_campaigns import PEOPLE, edit, no_libreoffice, run_print

from merge.campaign.campaign import read_campaign
from merge.campaign.print_plan import PrintOrder, PrintPlan, plan_printing
from merge.campaign.print_run import PrintRun
from merge.campaign.task import Task
from merge.computer import draft_name
from merge.disk import file_state
from merge.printing.libreoffice import find_libreoffice
from merge.problems import Problem
from merge.state.ledger import open_ledger
from merge.state.ledger_records import LedgerChangeSet

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]

TEMPLATE = "{{ recipient.name }}\n{{ recipient.country }}\n\nDear you,\n{{ signer.name }}"
ORDER = PrintOrder(grouping="per-signer", envelopes="C5")


def _make_campaign(folder: Path) -> Path:
    return printed_campaigns.make_six_letters(folder, TEMPLATE)


def _plan(folder: Path, order: PrintOrder = ORDER) -> PrintPlan:
    return plan_printing(read_campaign(folder), order, None)


def _run(folder: Path, plan: PrintPlan, order: PrintOrder = ORDER) -> PrintRun:
    return PrintRun(read_campaign(folder), order, plan, None)


def _letter(folder: Path, signer: str = PEOPLE[0]) -> Path:
    return folder / "letters" / signer / "Minister Li.docx"


def _delete_letter(folder: Path) -> None:
    _letter(folder).unlink()


def _move_letter(folder: Path) -> None:
    _letter(folder).rename(folder / "letters" / "Li.docx")


def _rename_folder(folder: Path) -> None:
    _letter(folder).parent.rename(folder / "letters" / "Ana")


def _edit_letter(folder: Path) -> None:
    edit(_letter(folder))


def _copy_another_over_letter(folder: Path) -> None:
    shutil.copy2(_letter(folder, PEOPLE[1]), _letter(folder))


EVENTS = [_delete_letter, _move_letter, _rename_folder, _edit_letter, _copy_another_over_letter]


def test_a_letter_marked_as_printed_after_the_print_plan_is_not_printed(tmp_path: Path) -> None:
    folder = _make_campaign(tmp_path)
    run = _run(folder, _plan(folder))
    merge("mark", "printed", folder, "--all")
    assert run.create_files().files == []


@pytest.mark.parametrize("change_letter", everyday(EVENTS))
def test_a_letter_changed_during_printing_is_reported_and_its_print_file_is_not_created(
    tmp_path: Path, change_letter: Callable[[Path], None]
) -> None:
    folder = _make_campaign(tmp_path)
    run = _run(folder, _plan(folder))
    change_letter(folder)
    names = run.create_files().files
    print_files = [name for name in names if name.startswith(("01", "02", "03"))]
    assert not any(PEOPLE[0] in name for name in print_files)
    assert f"02 {PEOPLE[1]}.docx" in names
    problems = [p for p in run.result.problems if p.code == "print-meanwhile"]
    assert str(problems[0]).startswith(
        f"letters/{PEOPLE[0]}/Minister Li.docx: This letter was changed, moved"
    )
    lines = _texts(folder, "Envelopes C5.docx")
    assert lines.count("Minister Li") == len(print_files)


def _texts(folder: Path, name: str) -> list[str]:
    (path,) = (folder / "print").glob(f"2*/{name}")
    cells = (c for t in Document(str(path)).tables for row in t.rows for c in row.cells)
    return [p.text for cell in cells for p in cell.paragraphs]


@needs_libreoffice
@pytest.mark.libreoffice
@pytest.mark.slow
@pytest.mark.parametrize("change_letter", EVENTS)
def test_a_letter_changed_while_pages_are_counted_is_reported_and_not_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change_letter: Callable[[Path], None]
) -> None:
    monkeypatch.setenv("PATH", os.defpath)
    folder = _make_campaign(tmp_path)

    class ChangingTask(Task):
        def start_step(self, number: int, what: str) -> None:
            super().start_step(number, what)
            if what == "Counting pages":
                change_letter(folder)

    plan = plan_printing(read_campaign(folder), ORDER, find_libreoffice(), ChangingTask())
    reported = {p.place.file for p in plan.problems if p.code == "print-meanwhile"}
    planned = {letter.path.relative_to(folder).as_posix() for letter in plan.letters}
    assert reported
    assert not reported & planned
    assert len(reported) + len(planned) == len(_plan(_make_campaign(tmp_path / "whole")).letters)


@pytest.mark.parametrize("change_letter", everyday(EVENTS))
def test_envelopes_alone_are_created_for_every_letter_of_the_plan(
    tmp_path: Path, change_letter: Callable[[Path], None]
) -> None:
    folder = _make_campaign(tmp_path)
    order = PrintOrder(with_letters=False, envelopes="C5")
    run = _run(folder, _plan(folder, order), order)
    change_letter(folder)
    assert run.create_files().files == ["Envelopes C5.docx"]
    lines = _texts(folder, "Envelopes C5.docx")
    assert (lines.count("Minister Li"), lines.count("Consul Roy")) == (3, 3)


def _record_as_unchanged(folder: Path, path: Path) -> None:
    """Record a file in the ledger as the letter that the program wrote."""
    with closing(open_ledger(folder / "letters")) as ledger:
        (record,) = (
            letter
            for letter in ledger.letters()
            if letter.path == f"{path.parent.name}/{path.name}"
        )
        state = file_state(str(path))
        assert state
        ledger.commit(
            LedgerChangeSet(
                letters=[record._replace(**state._asdict(), checked=time.time_ns() + 10**9)]
            )
        )


def _errors(folder: Path) -> list[Problem]:
    return [problem for problem in _plan(folder).problems if problem.level == "error"]


@pytest.mark.disk("times")
def test_a_letter_copied_over_another_is_not_printed_even_if_the_ledger_missed_it(
    tmp_path: Path,
) -> None:
    folder = _make_campaign(tmp_path)
    _copy_another_over_letter(folder)
    _record_as_unchanged(folder, _letter(folder))
    (problem,) = _errors(folder)
    assert str(problem) == (
        f"letters/{PEOPLE[0]}/Minister Li.docx: This file is another letter, {PEOPLE[1]} to"
        " Minister Li. Move it back to its own folder, run “Create letters”, then print."
    )
    ran = run_print(folder, "--skip-errors")
    assert ran.json["letters"] == 5


@pytest.mark.disk("times")
def test_an_edited_letter_that_the_ledger_missed_is_reported_before_printing(
    tmp_path: Path,
) -> None:
    folder = _make_campaign(tmp_path)
    _edit_letter(folder)
    _record_as_unchanged(folder, _letter(folder))
    (problem,) = _errors(folder)
    assert problem.code == "print-unseen"
    edit(_letter(folder), "saved")
    assert _errors(folder) == []


def test_an_edited_letter_without_its_id_is_printed(tmp_path: Path) -> None:
    folder = _make_campaign(tmp_path)
    document = Document(str(_letter(folder)))
    document.add_paragraph("Added by hand")
    document.core_properties.identifier = ""
    for relation in list(document.part.package.rels.values()):
        if "custom-properties" in relation.reltype:
            del document.part.package.rels[relation.rId]
    document.save(str(_letter(folder)))
    assert _errors(folder) == []
    assert run_print(folder).json["letters"] == 6


@pytest.mark.slow
def test_print_files_stay_in_a_hidden_folder_until_they_are_complete(tmp_path: Path) -> None:
    folder = _make_campaign(tmp_path / "campaign")
    copy_of_killed_run = tmp_path / "killed"

    def copy_after_the_first_file(_: str) -> None:
        if not copy_of_killed_run.exists():
            assert [path.name[0] for path in (folder / "print").iterdir()] == [".", "."]
            shutil.copytree(folder, copy_of_killed_run)

    _run(folder, _plan(folder)).create_files(copy_after_the_first_file)
    assert run_print(copy_of_killed_run, "--since-last").json["letters"] == 6
    assert len([*(copy_of_killed_run / "print").glob("*/01*")]) == 1
    assert run_print(folder, "--since-last").json["letters"] == 0


def test_a_print_folder_whose_name_another_computer_took_meanwhile_gets_a_number(
    tmp_path: Path,
) -> None:
    folder = _make_campaign(tmp_path)
    run = _run(folder, _plan(folder))
    name = run.result.folder.name

    def take_the_name(_: str) -> None:
        other_folder = folder / "print" / name
        other_folder.mkdir(exist_ok=True)
        (other_folder / "01 Ana Ruiz.docx").write_bytes(b"of a colleague")

    result = run.create_files(take_the_name)
    assert result.folder == folder / "print" / f"{name}-2"
    assert {path.name for path in result.folder.iterdir()} == {*result.files}
    assert (folder / "print" / name / "01 Ana Ruiz.docx").read_bytes() == b"of a colleague"


def test_a_print_run_killed_after_its_ledger_entry_is_finished_by_the_next_run(
    tmp_path: Path,
) -> None:
    folder = _make_campaign(tmp_path)
    (file,) = run_print(folder, "--for", "Ana Ruiz").json["files"]
    print_folder = Path(file).parent
    print_folder.rename(print_folder.with_name(draft_name(print_folder.name)))
    ran = run_print(folder, "--since-last")
    assert ran.json["letters"] == 4
    assert Path(file).exists()
    (problem,) = [p for p in ran.json["problems"] if p["code"] == "batch-recovered"]
    assert problem["where"] == f"print/{print_folder.name}"
