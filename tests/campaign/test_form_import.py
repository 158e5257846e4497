"""The errand of an import, for both faces: what is looked at, what staff choose, when it writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from support.campaigns import make, merge

from merge.campaign.form_import import (
    ImportPreview,
    preview_import,
    write_import,
)
from merge.campaign.import_undo import restore_previous_list
from merge.errors import DataError, StorageError
from merge.intake.choices import ImportChoices

LIST = "signers from forms.xlsx"
HEADINGS = "Submission ID;Date;Full name;E-mail;Street;City;Agree to be printed"
ANN = "1;2026-11-03;ANN LEE;ann@mail.example;1 Elm Row;Oxford;yes"
BEN = "2;2026-11-04;Ben Ode;ben@mail.example;2 Elm Row;Oxford;yes"
SURE = ImportChoices(is_confirmed=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(
        tmp_path,
        "{{ recipient.name }}\n{{ signer.name }}\n{{ signer.street }}\n{{ signer.phone }}",
        Signers=[["Name", "Street", "City", "Phone"], ["Zoe Typed", "9 Oak Way", "Bath", "1"]],
    )


def look(folder: Path, *rows: str, choices: ImportChoices = SURE) -> ImportPreview:
    data = "\n".join([HEADINGS, *rows]).encode()
    return preview_import(folder, data, "Spring.csv", choices)


def edit(folder: Path, cell: str, text: str | None) -> None:
    book = load_workbook(folder / LIST)
    book["Signers"][cell].value = text
    book.save(folder / LIST)


def cells(folder: Path) -> list[list[object]]:
    rows = load_workbook(folder / LIST)["Signers"].iter_rows(values_only=True)
    return [[*row] for row in rows]


def test_nothing_is_written_while_something_is_asked(folder: Path) -> None:
    view = look(folder, ANN, choices=ImportChoices())
    assert "form-consent-words" in {problem.code for problem in view.problems}
    with pytest.raises(DataError):
        write_import(view)
    assert not (folder / LIST).exists()


def test_it_says_what_the_letter_prints_and_the_form_does_not_fill(folder: Path) -> None:
    told = [p.what for p in look(folder, ANN).problems if p.code == "form-blank-in-letter"]
    assert told == ["The letter uses Phone, but no column of this form provides it."]


def test_nothing_is_written_over_a_list_or_a_workbook_that_was_saved_since(folder: Path) -> None:
    write_import(look(folder, ANN))
    view = look(folder, ANN, BEN)
    edit(folder, "C2", "Staff Road")
    with pytest.raises(StorageError, match="was saved after"):
        write_import(view)
    view = look(folder, ANN, BEN)
    book = load_workbook(folder / "signers.xlsx")
    book.save(folder / "signers.xlsx")
    with pytest.raises(StorageError, match="The workbook was saved after"):
        write_import(view)


def test_capitals_are_mended_where_staff_say_so_and_stay_mended(folder: Path) -> None:
    choices = ImportChoices(is_confirmed=True, mend_capitals=frozenset({2}))
    write_import(look(folder, ANN, choices=choices))
    assert "Ann Lee" in cells(folder)[1]
    later = look(folder, ANN)
    assert not later.changes_anything
    assert [cell.kind for cell in later.changes.cell_changes] == ["kept"]


ZEROS = "4107", "69003", "2134"
PLACES = ("Leipzig", "Germany"), ("Lyon", "France"), ("Vilnius", "Lithuania")


def zeros_file(folder: Path, **choices: Any) -> ImportPreview:  # noqa: ANN401 - of each kind
    """A form of three people, two of whose postal codes lost a zero."""
    heads = ["Name", "Street", "Postal code", "City", "Country", "May we print your name?"]
    names = ("Ann Lee", "Ben Ode", "Cid Fox")
    rows = [[n, "1 Elm Row", z, *p, "Yes"] for n, z, p in zip(names, ZEROS, PLACES, strict=True)]
    data = "\n".join(",".join(row) for row in [heads, *rows]).encode()
    said = ImportChoices(form="Zeros", is_confirmed=True, **choices)
    return preview_import(folder, data, "zeros.csv", said)


@pytest.fixture
def coded(tmp_path: Path) -> Path:
    """A campaign whose letters print postal codes."""
    heads = ["Name", "Street", "Postal code", "City", "Country"]
    zoe = ["Zoe", "9 Oak", "75001", "Paris", "France"]
    letter = "{{ signer.name }}\n{{ signer.postal_code }} {{ signer.city }}"
    return make(tmp_path / "coded", letter, Signers=[heads, zoe])


def codes(folder: Path) -> dict[str, str]:
    """The cells of the list that hold a postal code, each with what is in it."""
    sheet = load_workbook(folder / LIST)["Signers"]
    column = [cell.value for cell in sheet[1]].index("Postal code")
    return {row[column].coordinate: str(row[column].value) for row in sheet.iter_rows(min_row=2)}


def test_a_lost_zero_is_fixed_where_staff_say_so_and_never_told_again(coded: Path) -> None:
    view = zeros_file(coded)
    told = [(r.row, r.proposal) for r in view.answers.remarks if r.reason_code == "lost-zeros"]
    assert told == [(2, "04107"), (4, "02134")]
    write_import(zeros_file(coded, fix_zeros=frozenset({2})))
    assert [*codes(coded).values()] == ["04107", "69003", "2134"]
    again = zeros_file(coded)
    assert [r.row for r in again.answers.remarks] == [4]
    assert [cell.kind for cell in again.changes.cell_changes] == ["kept"]
    write_import(zeros_file(coded, fix=frozenset({"lost-zeros"})))
    assert [*codes(coded).values()] == ["04107", "69003", "02134"]
    assert not zeros_file(coded).answers.remarks


def test_a_lost_zero_that_stays_is_told_by_every_check_with_its_cell(coded: Path) -> None:
    write_import(zeros_file(coded))
    found = [p for p in merge("check", coded, "--json").json["problems"] if "zeros" in p["code"]]
    first, _, third = codes(coded)
    assert [p["where"] for p in found] == [f"{LIST}, Signers!{cell}" for cell in (first, third)]
    assert "If it should be “04107”" in found[0]["hint"]


def test_the_form_is_right_where_staff_say_so(folder: Path) -> None:
    write_import(look(folder, ANN))
    edit(folder, "C2", "Staff Road")
    moved = ANN.replace("1 Elm Row", "7 Fir Lane").replace("-03", "-05")
    (both,) = look(folder, moved).changes.cell_changes
    assert (both.kind, both.current_text, both.place) == (
        "both",
        "Staff Road",
        f"{LIST}, Signers!C2",
    )
    choices = ImportChoices(is_confirmed=True, take_form=frozenset({(both.id, both.heading)}))
    write_import(look(folder, moved, choices=choices))
    assert "7 Fir Lane" in cells(folder)[1]


def test_a_column_that_is_understood_anew_changes_what_staff_left(folder: Path) -> None:
    write_import(look(folder, ANN, BEN))
    turned = ImportChoices(is_confirmed=True, goes_to={"City": "Street", "Street": "City"})
    write_import(look(folder, ANN, BEN, choices=turned))
    assert [row[2:4] for row in cells(folder)] == [
        ["Street", "City"],
        ["Oxford", "1 Elm Row"],
        ["Oxford", "2 Elm Row"],
    ]


def test_somebody_doubtful_is_made_one_with_somebody_of_the_list(folder: Path) -> None:
    write_import(look(folder, BEN))
    other = BEN.replace("2;", "3;").replace("ben@", "b.ode@").replace("2 Elm Row", "5 Fir Lane")
    other = other.replace("-04", "-08")
    (new,) = look(folder, BEN, other).changes.new_people
    assert (new.doubts, new.same_as) == (("same-name",), "F1")
    same = ImportChoices(is_confirmed=True, same_person={3: "F1"})
    write_import(look(folder, BEN, other, choices=same))
    assert [row[:3] for row in cells(folder)[1:]] == [["F1", "Ben Ode", "5 Fir Lane"]]
    assert not look(folder, BEN, other).changes_anything


def test_two_forms_have_lists_of_their_own_people_in_one_list(folder: Path) -> None:
    write_import(look(folder, ANN))
    choices = ImportChoices(is_confirmed=True, form="Autumn")
    view = look(folder, BEN, choices=choices)
    assert (view.form, view.changes.missing_people) == ("Autumn", ())
    write_import(view)
    assert [row[0] for row in cells(folder)] == ["ID", "F1", "F2"]
    restore_previous_list(folder)
    assert [row[0] for row in cells(folder)] == ["ID", "F1"]


def test_who_withdraws_and_was_typed_into_the_list_is_told_with_the_cell(folder: Path) -> None:
    write_import(look(folder, ANN))
    edit(folder, "A2", None)
    write_import(view := look(folder, ANN.replace("-03;", "-09;").replace(";yes", ";no")))
    assert [who.place for who in view.changes.withdrawn_people] == [f"{LIST}, Signers!B2"]
    assert cells(folder)[1][4:] == ["no", "consent withdrawn"]
