"""Registers opened and saved by LibreOffice Calc, and their links in Calc."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest
from pypdf import PdfReader
from support.office_programs import needs_calc, pdf_text, saved_by_calc, to_pdf
from support.registers import (
    DAY,
    codes,
    column,
    excel,
    fill,
    ids,
    letter,
    letters,
    make_register,
    marked_stages,
    read,
    run,
    sheet,
    table,
)

pytestmark = [pytest.mark.libreoffice, pytest.mark.slow, needs_calc]


def test_a_register_saved_by_calc_is_read_as_before(tmp_path: Path) -> None:
    path = make_register(
        tmp_path, [*letters(batch="01"), letter(7, 0, signer="=cmd|' /C calc'!A0")]
    )
    fill(path, ids(0, 0), "Printed", DAY)
    fill(path, f"{1:016x}", "Signed", DAY, "By signer")
    before = read(path)
    register = read(saved_by_calc(path))
    assert register.rows == before.rows
    assert not register.problems
    assert marked_stages(path)[ids(1, 1)] == {"Signed": DAY}
    same_entries = [*letters(batch="01"), letter(7, 0, signer="=cmd|' /C calc'!A0")]
    assert not run(path, same_entries).is_written


def test_a_register_saved_by_calc_is_updated_without_loss(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, ids(0, 0), "Notes", "call her")
    saved_by_calc(path)
    updated = run(path, [*letters(state="edited"), letter(3, 0, signer="Dua Haddad")])
    assert updated.is_written
    assert not updated.problems
    rows = table(saved_by_calc(path))
    assert [row["Status"] for row in rows] == [*["edited"] * 6, "unchanged"]
    assert rows[0]["Notes"] == "call her"
    assert rows[6]["Signer"] == "Dua Haddad"
    assert not run(path, [*letters(state="edited"), letter(3, 0, signer="Dua Haddad")]).is_written


def test_a_value_typed_over_is_found_in_a_register_saved_by_calc(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, ids(0, 0), "File", "here")
    fill(path, ids(0, 1), "Signer", "Anna")
    updated = run(saved_by_calc(path), letters())
    assert [(t.heading, t.value) for t in updated.reverted_edits] == [
        ("File", "here"),
        ("Signer", "Anna"),
    ]


def test_register_links_lead_to_the_letters_in_calc(tmp_path: Path) -> None:
    files = [
        "letters/Ana Ruiz/Minister Li.docx",
        "letters/50% #2 [x]/Жанна & Co.docx",
        "letters/مريم/O'Neil + {a} ~ ;=,@!.docx",
    ]
    path = make_register(tmp_path, [letter(n, file=file) for n, file in enumerate(files)])
    with excel(path) as worksheet:  # Printed, the sheet lacks the links
        worksheet.print_area = worksheet.print_title_cols = None
    (pdf,) = to_pdf([path], tmp_path)
    links = [
        note.get_object()["/A"]["/URI"] for note in PdfReader(pdf).pages[0].get("/Annots") or ()
    ]
    assert sorted(unquote(str(link)) for link in links) == sorted(files)


def test_register_headings_are_on_every_page_printed_by_calc(tmp_path: Path) -> None:
    path = make_register(tmp_path, [letter(s, r) for s in range(50) for r in range(2)])
    (pdf,) = to_pdf([path], tmp_path)
    pages = [page for page in pdf_text(pdf).split("\f") if "Register, page" in page]
    assert len(pages) > 1
    assert all("Printed" in page and "Notes" in page for page in pages)
    assert sum(page.count("Minister Li") for page in pages) == 50  # though nothing is filled in


def test_register_colours_and_widths_survive_calc_and_the_program(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        worksheet.column_dimensions["C"].width = 61
    run(saved_by_calc(path), letters(state="edited"))
    worksheet = sheet(saved_by_calc(path))
    assert round(worksheet.column_dimensions["C"].width) == 61
    assert worksheet.column_dimensions["H"].hidden
    assert worksheet.freeze_panes == "D2"
    assert worksheet.cell(1, column(worksheet, "Notes")).font.b
    assert codes(read(path)) == []
