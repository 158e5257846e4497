"""Importing a form into the list of signers: preview, choices, writing."""

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
CONFIRMED = ImportChoices(is_confirmed=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(
        tmp_path,
        "{{ recipient.name }}\n{{ signer.name }}\n{{ signer.street }}\n{{ signer.phone }}",
        Signers=[["Name", "Street", "City", "Phone"], ["Zoe Typed", "9 Oak Way", "Bath", "1"]],
    )


def preview(folder: Path, *rows: str, choices: ImportChoices = CONFIRMED) -> ImportPreview:
    data = "\n".join([HEADINGS, *rows]).encode()
    return preview_import(folder, data, "Spring.csv", choices)


def edit_cell(folder: Path, cell: str, text: str | None) -> None:
    book = load_workbook(folder / LIST)
    book["Signers"][cell].value = text
    book.save(folder / LIST)


def list_rows(folder: Path) -> list[list[object]]:
    rows = load_workbook(folder / LIST)["Signers"].iter_rows(values_only=True)
    return [[*row] for row in rows]


def test_an_import_writes_nothing_while_a_question_is_open(folder: Path) -> None:
    form_import = preview(folder, ANN, choices=ImportChoices())
    assert "form-consent-words" in {problem.code for problem in form_import.problems}
    with pytest.raises(DataError):
        write_import(form_import)
    assert not (folder / LIST).exists()


def test_an_import_reports_placeholders_that_the_form_does_not_fill(folder: Path) -> None:
    messages = [p.what for p in preview(folder, ANN).problems if p.code == "form-blank-in-letter"]
    assert messages == ["The letter uses Phone, but no column of this form provides it."]


def test_an_import_does_not_overwrite_a_list_or_workbook_saved_meanwhile(folder: Path) -> None:
    write_import(preview(folder, ANN))
    form_import = preview(folder, ANN, BEN)
    edit_cell(folder, "C2", "Staff Road")
    with pytest.raises(StorageError, match="was saved after"):
        write_import(form_import)
    form_import = preview(folder, ANN, BEN)
    book = load_workbook(folder / "signers.xlsx")
    book["Signers"].append(["Thandiwe Mokoena"])
    book.save(folder / "signers.xlsx")
    with pytest.raises(StorageError, match="The workbook was saved after"):
        write_import(form_import)


def test_an_import_fixes_capitals_on_request_and_keeps_the_fix(folder: Path) -> None:
    choices = ImportChoices(is_confirmed=True, mend_capitals=frozenset({2}))
    write_import(preview(folder, ANN, choices=choices))
    assert "Ann Lee" in list_rows(folder)[1]
    later = preview(folder, ANN)
    assert not later.changes_anything
    assert [cell.kind for cell in later.changes.cell_changes] == ["kept"]


ZEROS = "4107", "69003", "2134"
PLACES = ("Leipzig", "Germany"), ("Lyon", "France"), ("Vilnius", "Lithuania")


def preview_zeros(folder: Path, **choices: Any) -> ImportPreview:  # noqa: ANN401 - of each kind
    """Preview a form of three people; two of their postal codes lost a zero."""
    headings = ["Name", "Street", "Postal code", "City", "Country", "May we print your name?"]
    names = ("Ann Lee", "Ben Ode", "Cid Fox")
    rows = [
        [name, "1 Elm Row", postal_code, *place, "Yes"]
        for name, postal_code, place in zip(names, ZEROS, PLACES, strict=True)
    ]
    data = "\n".join(",".join(row) for row in [headings, *rows]).encode()
    import_choices = ImportChoices(form="Zeros", is_confirmed=True, **choices)
    return preview_import(folder, data, "zeros.csv", import_choices)


@pytest.fixture
def postal_folder(tmp_path: Path) -> Path:
    """Return a campaign whose letters contain postal codes."""
    headings = ["Name", "Street", "Postal code", "City", "Country"]
    zoe = ["Zoe", "9 Oak", "75001", "Paris", "France"]
    letter = "{{ signer.name }}\n{{ signer.postal_code }} {{ signer.city }}"
    return make(tmp_path / "postal", letter, Signers=[headings, zoe])


def postal_codes(folder: Path) -> dict[str, str]:
    """Return the postal codes in the list, by cell."""
    sheet = load_workbook(folder / LIST)["Signers"]
    column = [cell.value for cell in sheet[1]].index("Postal code")
    return {row[column].coordinate: str(row[column].value) for row in sheet.iter_rows(min_row=2)}


def test_an_import_fixes_a_lost_zero_on_request_and_reports_it_no_longer(
    postal_folder: Path,
) -> None:
    form_import = preview_zeros(postal_folder)
    proposals = [
        (r.row, r.proposal) for r in form_import.answers.remarks if r.reason_code == "lost-zeros"
    ]
    assert proposals == [(2, "04107"), (4, "02134")]
    write_import(preview_zeros(postal_folder, fix_zeros=frozenset({2})))
    assert [*postal_codes(postal_folder).values()] == ["04107", "69003", "2134"]
    again = preview_zeros(postal_folder)
    assert [r.row for r in again.answers.remarks] == [4]
    assert [cell.kind for cell in again.changes.cell_changes] == ["kept"]
    write_import(preview_zeros(postal_folder, fix=frozenset({"lost-zeros"})))
    assert [*postal_codes(postal_folder).values()] == ["04107", "69003", "02134"]
    assert not preview_zeros(postal_folder).answers.remarks


def test_an_import_with_a_lost_zero_is_followed_by_a_warning_with_its_cell(
    postal_folder: Path,
) -> None:
    write_import(preview_zeros(postal_folder))
    problems = [
        p for p in merge("check", postal_folder, "--json").json["problems"] if "zeros" in p["code"]
    ]
    first, _, third = postal_codes(postal_folder)
    assert [p["where"] for p in problems] == [f"{LIST}, Signers!{cell}" for cell in (first, third)]
    assert "If it should be “04107”" in problems[0]["hint"]


def test_an_import_gives_the_ids_that_its_previews_show(folder: Path) -> None:
    shown = [[person.id for person in preview(folder, ANN, BEN).changes.new_people] for _ in "12"]
    write_import(preview(folder, ANN, BEN))
    written = [row[0] for row in list_rows(folder)[1:]]
    assert shown == [written, written]
    restore_previous_list(folder)
    write_import(preview(folder, ANN))
    assert [row[0] for row in list_rows(folder)[1:]] == written[:1]


def test_an_import_overwrites_a_cell_of_the_list_on_request(folder: Path) -> None:
    write_import(preview(folder, ANN))
    edit_cell(folder, "C2", "Staff Road")
    moved = ANN.replace("1 Elm Row", "7 Fir Lane").replace("-03", "-05")
    (change,) = preview(folder, moved).changes.cell_changes
    assert (change.kind, change.current_text, change.place) == (
        "both",
        "Staff Road",
        f"{LIST}, Signers!C2",
    )
    choices = ImportChoices(is_confirmed=True, take_form=frozenset({(change.id, change.heading)}))
    write_import(preview(folder, moved, choices=choices))
    assert "7 Fir Lane" in list_rows(folder)[1]


def test_an_import_with_columns_matched_differently_changes_unedited_cells(folder: Path) -> None:
    write_import(preview(folder, ANN, BEN))
    swapped = ImportChoices(is_confirmed=True, goes_to={"City": "Street", "Street": "City"})
    write_import(preview(folder, ANN, BEN, choices=swapped))
    assert [row[2:4] for row in list_rows(folder)] == [
        ["Street", "City"],
        ["Oxford", "1 Elm Row"],
        ["Oxford", "2 Elm Row"],
    ]


def test_an_import_merges_a_response_with_a_listed_person_on_request(folder: Path) -> None:
    write_import(preview(folder, BEN))
    second_response = (
        BEN.replace("2;", "3;").replace("ben@", "b.ode@").replace("2 Elm Row", "5 Fir Lane")
    )
    second_response = second_response.replace("-04", "-08")
    listed_id = str(list_rows(folder)[1][0])
    (new_person,) = preview(folder, BEN, second_response).changes.new_people
    assert (new_person.doubts, new_person.same_as) == (("same-name",), listed_id)
    same_person = ImportChoices(is_confirmed=True, same_person={3: listed_id})
    write_import(preview(folder, BEN, second_response, choices=same_person))
    assert [row[:3] for row in list_rows(folder)[1:]] == [[listed_id, "Ben Ode", "5 Fir Lane"]]
    assert not preview(folder, BEN, second_response).changes_anything


def test_an_import_of_a_second_form_adds_its_people_to_the_same_list(folder: Path) -> None:
    write_import(preview(folder, ANN))
    first_rows = list_rows(folder)
    choices = ImportChoices(is_confirmed=True, form="Autumn")
    form_import = preview(folder, BEN, choices=choices)
    assert (form_import.form, form_import.changes.missing_people) == ("Autumn", ())
    write_import(form_import)
    assert [row[1] for row in list_rows(folder)] == ["Name", "ANN LEE", "Ben Ode"]
    assert list_rows(folder)[:2] == first_rows
    restore_previous_list(folder)
    assert list_rows(folder) == first_rows


def test_an_import_reports_a_withdrawn_person_without_an_id_with_the_cell(folder: Path) -> None:
    write_import(preview(folder, ANN))
    edit_cell(folder, "A2", None)
    write_import(form_import := preview(folder, ANN.replace("-03;", "-09;").replace(";yes", ";no")))
    assert [person.place for person in form_import.changes.withdrawn_people] == [
        f"{LIST}, Signers!B2"
    ]
    assert list_rows(folder)[1][4:] == ["no", "consent withdrawn"]
