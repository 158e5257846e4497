"""Printed letters: they are never changed, and piles that have one date."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support import registers, staff_actions, workbooks
from support.campaigns import make, make_with_letters, merge
from support.everyday import everyday
from support.printed_campaigns import NEWER, make_six_letters, mark, no_libreoffice, run_print

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]

TODAY = dt.datetime.now().astimezone().date()


def _post_then_empty_title(tmp_path: Path) -> Path:
    """Mark Ana's letters as posted, then empty a title that they print."""
    template = "{{ recipient.name }}\nDear {{ recipient.title }} Li, we write.\n{{ signer.name }}"

    def rows(title: str | None) -> workbooks.Rows:
        return [["Name", "Title"], ["Minister Li", title]]

    merge("letters", make(tmp_path, template, Recipients=rows("Mr")))
    mark(tmp_path, "Posted")
    return make(tmp_path, template, Recipients=rows(None))


def test_a_printed_letter_stays_printed_if_its_data_gets_an_error(tmp_path: Path) -> None:
    folder = _post_then_empty_title(tmp_path)
    states = merge("status", folder, "--json").json["states"]
    assert states == {"on-paper": 1, "faulty": 1}
    ran = run_print(folder, "--skip-errors", "--parcels")
    assert (ran.code, ran.json["letters"], ran.json["left_out"]) == (0, 0, 1)
    steps = merge("letters", folder, "--json", "--skip-errors").json["letters"]
    assert [step["state"] for step in steps] == ["on-paper", "faulty"]
    assert "Recipients!B2" in steps[0]["reason"]


def test_printed_letters_are_reported_as_kept_and_printed(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed")
    assert "kept: 2 letters, printed\n" in merge("letters", folder).err


@pytest.mark.parametrize("command", everyday(["letters", "print", "status"]))
def test_printed_letters_are_kept_if_the_register_is_missing(tmp_path: Path, command: str) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Posted")
    merge("letters", folder)
    (folder / "register.xlsx").rename(tmp_path / "register old.xlsx")
    make(folder, NEWER)
    before = {path: path.read_bytes() for path in (folder / "letters/Ana Ruiz").rglob("*.docx")}
    ran = merge(command, folder)
    assert "The register was here at the last run and is missing." in ran.err
    assert {path: path.read_bytes() for path in before} == before
    (tmp_path / "register old.xlsx").replace(folder / "register.xlsx")
    assert "kept: 2 letters, printed" in merge("letters", folder).err


def test_a_printed_letter_keeps_the_date_of_its_pile_if_its_register_row_was_deleted(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    _date_the_pile(folder, TODAY)
    book = load_workbook(folder / "register.xlsx")
    book["Register"].delete_rows(2)
    book.save(folder / "register.xlsx")
    make(folder, NEWER)
    steps = merge("letters", folder, "--json").json["letters"]
    states = {step["path"]: step["state"] for step in steps}
    assert states["letters/Ana Ruiz/Minister Li.docx"] == "on-paper"
    assert states["letters/Bo Berg/Minister Li.docx"] == "rewritten"


def _date_the_pile(folder: Path, day: dt.date) -> None:
    book = load_workbook(folder / "register.xlsx")
    sheet = book["By signer"]
    column = [str(cell.value) for cell in sheet[1]].index("Printed") + 1
    sheet.cell(2, column).value = day
    book.save(folder / "register.xlsx")


@pytest.mark.slow
@pytest.mark.parametrize(("days", "covered"), everyday([(0, True), (-1, False)]))
def test_the_date_of_a_printed_pile_does_not_count_for_a_letter_created_later(
    tmp_path: Path, days: int, *, covered: bool
) -> None:
    folder = make_six_letters(tmp_path)
    _date_the_pile(folder, TODAY + dt.timedelta(days))
    rows = [["Name"], ["Minister Li"], ["Consul Roy"], ["Zed Quill"]]
    make(folder, "Dear {{ recipient.name }},\n{{ signer.name }}", Recipients=rows)
    merge("letters", folder)
    assert merge("status", folder, "--json").json["stages"]["printed"] == 2 * covered
    if covered:
        assert run_print(folder, "--since-last", "--dry-run").json["letters"] == 4
        _date_the_pile(folder, TODAY + dt.timedelta(1))
        assert merge("status", folder, "--json").json["signers"]["Ana Ruiz"]["printed"] == 3


def test_a_printed_letter_is_not_updated_until_its_emptied_register_cell_is_confirmed(
    tmp_path: Path,
) -> None:
    folder = make_with_letters(tmp_path)
    path = folder / "letters" / "Ana Ruiz" / "Minister Li.docx"
    printed = path.read_bytes()
    register, letter_id = folder / "register.xlsx", staff_actions.id_in(path)
    registers.fill(register, letter_id, "Printed", "yes")
    make(folder, "Honoured {{ recipient.name }},\n{{ signer.name }}")
    ran = merge("letters", folder, "--json").json
    states = {(e["signer"], e["recipient"]): e for e in ran["letters"]}
    assert states["Ana Ruiz", "Minister Li"]["state"] == "on-paper"
    assert states["Ana Ruiz", "Minister Li"]["reason"] == "printed; changed since: the template"
    assert (path.read_bytes(), ran["written"]) == (printed, 3)
    registers.fill(register, letter_id, "Printed", None)
    assert merge("letters", folder, "--json").json["written"] == 0
    assert merge("letters", folder, "--json", "--release").json["written"] == 1
    assert path.read_bytes() != printed
    assert [p.read_bytes() for p in (folder / "letters/Old versions").rglob("*.docx")] == [printed]


def test_an_earlier_version_in_the_place_of_a_printed_letter_is_reported(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    letter = next(folder.glob("letters/Ana Ruiz/*.docx"))
    earlier_version = letter.read_bytes()
    staff_actions.retype(folder / "templates" / "appeal.docx", "Dear", "Hello")
    merge("letters", folder)
    mark(folder, "Printed")
    for data, expected in ((letter.read_bytes(), []), (earlier_version, [letter])):
        letter.write_bytes(data)
        found = merge("letters", folder, "--json").json["problems"]
        reported = [folder / p["where"] for p in found if p["code"] == "paper-replaced"]
        assert reported == expected
