"""The overview of a campaign: statuses, stages, problems, the next step."""

from __future__ import annotations

import datetime as dt
import io
import os
import random
import re
import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import pytest
from docx import Document
from openpyxl import load_workbook
from support import staff_actions
from support.campaigns import ROOT, make, make_with_letters, merge
from support.everyday import everyday, seeds
from support.random_office import Office
from support.registers import table

from merge import open_campaign
from merge.campaign.campaign import read_campaign
from merge.campaign.letter_versions import letter_versions
from merge.campaign.overview import inspect_campaign
from merge.errors import MergeError, has_transient_problem
from merge.letter_status import STATE_LABELS, LetterState
from merge.register.layouts import STAGES


def _enter(folder: Path, cells: Mapping[tuple[str, str, str], object], sheet: str) -> None:
    """Enter values in the register by signer, recipient and heading."""
    book = load_workbook(folder / "register.xlsx")
    table = book[sheet]
    columns = {str(cell.value): number for number, cell in enumerate(table[1])}
    for row in table.iter_rows(min_row=2):
        for (signer, recipient, heading), value in cells.items():
            people = [row[columns[h]].value for h in ("Signer", "Recipient") if h in columns]
            if people == [name for name in (signer, recipient) if name]:
                row[columns[heading]].value = value  # type: ignore[assignment]
    book.save(folder / "register.xlsx")


DAY = dt.date(2099, 1, 1)


def test_status_before_the_first_run_counts_all_letters_as_not_created(tmp_path: Path) -> None:
    ran = merge("status", make(tmp_path))
    assert ran.out.startswith("4 letters: 4 not created.")
    assert ran.last == f"4 letters to create or update. Next: merge letters {tmp_path}"
    assert not (tmp_path / "letters").exists()


def test_status_counts_letters_by_status_and_stage_for_each_person(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    edited = folder / "letters" / "Ana Ruiz" / "Consul Roy.docx"
    document = Document(str(edited))
    document.add_paragraph("Yours")
    document.save(str(edited))
    signed = {
        ("Bo Berg", "Minister Li", "Printed"): DAY,
        ("Bo Berg", "Minister Li", "Signed"): DAY,
        ("Bo Berg", "Consul Roy", "Printed"): DAY,
    }
    _enter(folder, signed, "Register")
    status = merge("status", folder, "--json").json
    assert status["states"] == {"unchanged": 1, "edited": 1, "on-paper": 2}
    assert status["spoken"] == {"unchanged": 1, "edited": 1, "printed": 2}
    assert status["stages"] == {"printed": 2, "signed": 1, "posted": 0, "answered": 0}
    assert status["signers"]["Bo Berg"]["waiting"] == {
        "signed, not posted": 1,
        "printed, not signed": 1,
    }
    assert status["recipients"]["Consul Roy"]["printed"] == 1
    out = merge("status", folder).out
    assert "Bo Berg: 1 letter printed, not signed" in out


def test_the_last_line_of_status_is_the_command_for_the_next_stage(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path / "my own")
    merge("print", folder)
    selection = f"'{folder}' --for 'Ana Ruiz'"
    assert merge("status", folder, "--for", "Ana Ruiz").last == (
        "2 letters in print files, not marked as printed. Next: print them, then enter the dates in"
        f" register.xlsx, or run: merge mark printed {selection}"
    )
    for stage, waiting in (("printed", "printed, not signed"), ("signed", "signed, not posted")):
        merge("mark", stage, folder, "--for", "Ana Ruiz")
        next_stage = waiting.split()[-1]
        assert merge("status", folder, "--for", "Ana Ruiz").last == (
            f"2 letters {waiting}. When they have been {next_stage}, run:"
            f" merge mark {next_stage} {selection}"
        )
    merge("mark", "posted", folder, "--for", "Ana Ruiz")
    assert (
        merge("status", folder, "--for", "Ana Ruiz").last
        == "All of these letters have been posted."
    )


def test_status_counts_the_date_of_a_pile_for_each_of_its_letters(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    _enter(folder, {("Ana Ruiz", "", "Printed"): DAY}, "By signer")
    status = merge("status", folder, "--json").json
    assert status["stages"]["printed"] == 2
    assert status["signers"]["Ana Ruiz"]["printed"] == 2


def test_status_for_one_person_counts_only_their_letters(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    status = merge("status", folder, "--for", "ana ruiz", "--json").json
    assert status["letters"] == 2
    assert set(status["signers"]) == {"Ana Ruiz"}


def test_status_shortens_a_long_list_and_names_the_command_that_shows_it_completely(
    tmp_path: Path,
) -> None:
    signers = [["Name"], *([f"Ana R{'abcdef'[n % 6] * (n // 6 + 1)}"] for n in range(36))]
    folder = make(tmp_path / "my own", Signers=signers)
    out = merge("status", folder, "--for", "Consul Roy").out
    assert f"and 6 more: merge status '{folder}' --for 'Consul Roy' --all\n" in out
    assert signers[-1][0] not in out
    out = merge("status", folder, "--all").out
    assert "more" not in out
    assert all(f"\n{name} " in out for [name] in signers[1:])


def test_status_changes_no_file(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    before = [(p, p.read_bytes(), p.stat().st_mtime_ns) for p in files]
    merge("status", folder)
    files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    assert [(p, p.read_bytes(), p.stat().st_mtime_ns) for p in files] == before


def test_a_printed_letter_is_not_updated_until_its_emptied_register_cell_is_confirmed(
    tmp_path: Path,
) -> None:
    folder = make_with_letters(tmp_path)
    path = folder / "letters" / "Ana Ruiz" / "Minister Li.docx"
    printed = path.read_bytes()
    cell = ("Ana Ruiz", "Minister Li", "Printed")
    _enter(folder, {cell: "yes"}, "Register")
    make(folder, "Honoured {{ recipient.name }},\n{{ signer.name }}")
    ran = merge("letters", folder, "--json").json
    states = {(e["signer"], e["recipient"]): e for e in ran["letters"]}
    assert states["Ana Ruiz", "Minister Li"]["state"] == "on-paper"
    assert states["Ana Ruiz", "Minister Li"]["reason"] == "printed; changed since: the template"
    assert (path.read_bytes(), ran["written"]) == (printed, 3)
    _enter(folder, {cell: None}, "Register")
    assert merge("letters", folder, "--json").json["written"] == 0
    assert merge("letters", folder, "--json", "--trust-register").json["written"] == 1
    assert path.read_bytes() != printed
    assert [p.read_bytes() for p in (folder / "letters/Old versions").rglob("*.docx")] == [printed]


# The page, the command line and the register use the same words.


def test_the_documentation_explains_every_status_of_a_letter_with_its_label() -> None:
    page = (ROOT / "docs" / "letters.md").read_text(encoding="utf-8")
    (_, section) = page.split("\n## The status of a letter\n")
    rows = re.findall(r"^\| `([a-z-]+)` \| ([^|]+) \|", section, re.MULTILINE)
    assert dict(rows) == dict(STATE_LABELS)
    assert set(STATE_LABELS) == set(get_args(LetterState))


CODES: dict[str, LetterState] = {
    "Same": "unchanged",
    "Edit": "edited",
    "Both": "edited-changed",
    "Save": "resaved",
    "Move": "moved",
    "Gone": "new",
    "Open": "in-use",
    "Mine": "foreign",
    "Page": "on-paper",
    "Late": "on-paper",
    "Anew": "rewritten",
    "Flaw": "faulty",
}
"""The signers of a campaign, and the statuses of their letters."""


def _make_campaign_of_every_status(folder: Path) -> Path:
    """Create a campaign with a letter of every status."""
    template = "Dear {{ recipient.name }},\n{{ signer.name }} of {{ signer.city }}"
    signers = [["Name", "City"], *([name, "Oslo"] for name in CODES)]
    make(folder, template, Signers=signers, Recipients=[["Name"], ["Li"]])
    merge("letters", folder)
    path = {name: folder / "letters" / name / "Li.docx" for name in CODES}
    for name in ("Edit", "Both"):
        staff_actions.add_line(path[name], "Yours")
    staff_actions.save_again(path["Save"])
    path["Move"].rename(folder / "letters" / "Moved.docx")
    path["Gone"].unlink()
    (path["Open"].parent / ".~lock.Li.docx#").write_bytes(b"somebody")
    path["Mine"].write_bytes(path["Same"].read_bytes())
    for name in ("Page", "Late"):
        merge("mark", "posted", folder, "--for", name)
    cities = {"Late": "Rome", "Both": "Rome", "Anew": "Rome", "Flaw": None}
    changed = [["Name", "City"], *([name, cities.get(name, "Oslo")] for name in CODES)]
    return make(folder, template, Signers=changed, Recipients=[["Name"], ["Li"]])


@pytest.mark.slow
def test_commands_overview_and_register_show_the_same_status_of_a_letter(tmp_path: Path) -> None:
    folder = _make_campaign_of_every_status(tmp_path)
    options = ("--skip-errors", "--dry-run")
    plan = merge("letters", folder, *options, "--json").json["letters"]
    assert {letter["signer"]: letter["state"] for letter in plan} == CODES
    view = open_campaign(folder).overview()
    assert {p.step.letter.pair.signer.name: p.step.state for p in view.letters} == CODES
    words = {name: STATE_LABELS[code] for name, code in CODES.items()} | {
        "Late": "printed, data changed"
    }
    status = merge("status", folder, "--json").json
    assert status["states"] == Counter(CODES.values())
    assert status["spoken"] == Counter(words.values())
    output = merge("letters", folder, *options).out
    planned = {"not created": "would be created", "out of date": "would be updated"}
    for name in CODES.keys() - {"Same", "Flaw"}:
        word = words[name].removesuffix(", data changed")
        assert planned.get(word, word) in output
    merge("letters", folder, "--skip-errors")
    register = {row["Signer"]: row["State"] for row in table(folder / "register.xlsx")}
    assert register == words | dict.fromkeys(("Open", "Flaw", "Gone", "Anew"), "unchanged")


@pytest.mark.slow
def test_a_register_of_an_older_version_gets_the_current_status_labels(tmp_path: Path) -> None:
    folder = _make_campaign_of_every_status(tmp_path)
    for _ in range(2):  # a moved letter is reported once
        merge("letters", folder, "--skip-errors")
    old_labels = {"edited": "edited by hand", "re-saved, text unchanged": "saved again"}
    old_labels |= {"edited, data changed": "edited by hand, data changed"}
    before = table(folder / "register.xlsx")
    book = load_workbook(folder / "register.xlsx")
    for row in book["Register"].iter_rows(min_row=2):
        for cell in row:
            for label, old_label in old_labels.items():
                if cell.value == label:
                    cell.value = old_label
                elif isinstance(cell.value, str):  # the hidden record of the row
                    cell.value = cell.value.replace(f'"{label}"', f'"{old_label}"')
    book.save(folder / "register.xlsx")
    assert table(folder / "register.xlsx") != before
    result = merge("letters", folder, "--skip-errors", "--json").json
    assert "register-typed" not in {problem["code"] for problem in result["problems"]}
    assert table(folder / "register.xlsx") == before


def test_status_lists_letters_that_need_review(tmp_path: Path) -> None:
    root = tmp_path / "letters"
    make_with_letters(tmp_path)
    shutil.copy(root / "Ana Ruiz" / "Minister Li.docx", root / "Bo Berg" / "Minister Li.docx")
    shutil.copy(root / "Ana Ruiz" / "Consul Roy.docx", root / "one.docx")
    (root / "Ana Ruiz" / "Consul Roy.docx").rename(root / "two.docx")
    output, status = merge("status", tmp_path).out, merge("status", tmp_path, "--json").json
    assert "Needs review: 2 letters." in output
    assert len(status["to_look_at"]) == 2
    assert all(f"  {letter}\n" in output for letter in status["to_look_at"])
    assert "letters/Bo Berg/Minister Li.docx: the letter of another signer or recipient" in output
    assert "several copies of this letter, none was changed: one.docx, two.docx" in output


# The figures of the register, of status and of the report.


def _letters_per_stage(folder: Path) -> tuple[dict[str, int], ...]:
    """Return the letters per stage in status, report and register."""
    status = merge("status", folder, "--json").json["stages"]
    totals = merge("report", folder, "--json").json["totals"]
    counted_as = [row.get("Counts as", "").split(", ") for row in table(folder / "register.xlsx")]
    return (
        status,
        {stage.lower(): totals[stage] for stage in STAGES},
        {stage.lower(): sum(stage in stages for stages in counted_as) for stage in STAGES},
    )


def _enter_somewhere(folder: Path, chance: random.Random) -> None:
    """Fill or empty a random stage of a letter or a pile."""
    book = load_workbook(folder / "register.xlsx")
    sheet = book[chance.choice(["Register", "Register", "By signer", "By recipient"])]
    headings = [cell.value for cell in sheet[1]]
    if sheet.max_row > 1:
        row, column = chance.randint(2, sheet.max_row), headings.index(chance.choice(STAGES)) + 1
        value = chance.choice([DAY, DAY, dt.date(2020, 1, 1), "yes", None])
        sheet.cell(row, column, value)
        sheet.cell(row, column).value = value  # None empties it
    book.save(folder / "register.xlsx")


def _check_random_office(folder: Path, seed: int) -> None:
    office = Office(folder, seed)
    for _ in range(8):
        for _ in range(office.random.randint(0, 2)):
            office.change_workbook()
            office.touch_letters()
        office.close_all(folder, folder)
        options = ["--skip-errors", *["--trust-register"] * office.random.randint(0, 1)]
        result = merge("letters", folder, *options, "--json").json
        if not {problem["code"] for problem in result["problems"]} & {
            "letters-gone",
            "register-gone",
        }:
            status, report, register = _letters_per_stage(folder)
            assert status == report == register, (seed, office.done)
        _enter_somewhere(folder, office.random)


@pytest.mark.slow
def test_status_does_not_count_a_posted_letter_whose_pair_and_file_are_missing(
    tmp_path: Path,
) -> None:
    folder = make_with_letters(tmp_path)
    merge("mark", "posted", folder, "--for", "Bo Berg")
    merge("letters", folder)
    assert _letters_per_stage(folder)[2]["posted"] == 2
    for path in (folder / "letters" / "Bo Berg").iterdir():
        path.unlink()
    make(folder, Signers=[["Name"], ["Ana Ruiz"]])
    merge("letters", folder)
    rows = {row["Signer"]: row for row in table(folder / "register.xlsx")}
    assert rows["Bo Berg"]["State"] == "no longer wanted"
    assert rows["Bo Berg"]["Posted"]  # the entry of staff is kept
    assert _letters_per_stage(folder) == ({stage.lower(): 0 for stage in STAGES},) * 3


@pytest.mark.slow
def test_status_does_not_count_a_copied_register_row_twice(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    merge("mark", "printed", folder, "--for", "Ana Ruiz")
    merge("letters", folder)
    book = load_workbook(folder / "register.xlsx")
    sheet = book["Register"]
    for number, cell in enumerate(sheet[2], 1):
        sheet.cell(sheet.max_row + (number == 1), number, cell.value)
    sheet.tables["Letters"].ref = sheet.dimensions
    book.save(folder / "register.xlsx")
    assert _letters_per_stage(folder)[2]["printed"] == 3
    merge("letters", folder)
    assert [reached["printed"] for reached in _letters_per_stage(folder)] == [2, 2, 2]


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("seed", seeds(16, 100))
def test_status_report_and_register_have_the_same_figures_in_random_offices(
    tmp_path: Path, seed: int
) -> None:
    _check_random_office(tmp_path / "office", seed)


@pytest.mark.parametrize(
    "name", everyday(["signers.xlsx", "templates/appeal.docx", "register.xlsx"], of=range(2))
)
def test_the_overview_distinguishes_a_file_that_is_being_saved_from_a_damaged_one(
    name: str, tmp_path: Path
) -> None:
    folder = make_with_letters(tmp_path)
    path = folder / name
    intact = path.read_bytes()
    path.write_bytes(intact[: len(intact) // 2])
    assert _is_transient(folder)
    os.utime(path, (0, 0))
    assert not _is_transient(folder)
    (path.parent / f".~lock.{path.name}#").write_text(",ana,", encoding="utf-8")
    assert _is_transient(folder)


def test_the_overview_has_tracking_numbers_of_letters_without_dates(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    assert inspect_campaign(read_campaign(folder)).tracking_numbers == {}
    _enter(folder, {("Ana Ruiz", "Consul Roy", "Tracking number"): "RR 12"}, "Register")
    for _ in range(2):
        assert [*inspect_campaign(read_campaign(folder)).tracking_numbers.values()] == ["RR 12"]
        merge("letters", folder)  # stores the current register


def test_the_overview_of_the_next_day_has_the_new_date(tmp_path: Path) -> None:
    folder = make(tmp_path, "{{ date }}: {{ recipient.name }}, {{ signer.name }}")
    for days in (0, 1):
        with staff_actions.day(days) as today:
            view = inspect_campaign(read_campaign(folder))
            letter_id = next(iter(view.plans_by_id))
            new_version = letter_versions(view, letter_id).new or b""
        assert view.campaign.today == today
        assert f"{today:%B} {today.day}, {today.year}" in "".join(_text(new_version))


def _text(data: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(io.BytesIO(data)).paragraphs]


def _is_transient(folder: Path) -> bool:
    """Return whether the campaign has a problem that ends without a change."""
    try:
        return has_transient_problem(inspect_campaign(read_campaign(folder)).errors)
    except MergeError as error:
        return error.is_transient
