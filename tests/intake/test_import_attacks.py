"""Harmful exports, files that change during an import, and killed imports.

After each test, the workbook of the campaign is byte for byte the same.
"""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support import campaigns
from support.everyday import everyday
from support.imports import (
    BEFORE,
    HEADINGS,
    LIST,
    campaign,
    cells,
    export,
    file_contents,
    listed_people,
    parts,
    response,
    run_import,
    run_measuring_memory,
    text,
)
from support.office_programs import soffice
from support.workbooks import xlsx

ROOM = 300
"""Most memory in MiB that an export may make the program use."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Yield a campaign whose workbook must be unchanged at the end."""
    campaign_folder = campaign(
        tmp_path / "campaign", "{{ signer.name }}\n{{ signer.street }}\nDear all,"
    )
    workbook_before = (campaign_folder / "signers.xlsx").read_bytes()
    yield campaign_folder
    assert (campaign_folder / "signers.xlsx").read_bytes() == workbook_before


def refused(folder: Path, file: Path, *options: str) -> str:
    """Return the output for a file that is refused, and check the folder."""
    contents_before = file_contents(folder)
    ran = run_import(file, folder, *options)
    assert (ran.code in {1, 2}, "Traceback" in ran.err) == (True, False), ran
    assert file_contents(folder) == contents_before
    return ran.out + ran.err


# Texts that are typed into a form stay texts.

FORMULAS = {
    '=HYPERLINK("http://x.example","Click")': '=HYPERLINK("http://x.example","Click")',
    "=cmd|' /C calc'!A0": "=cmd|' /C calc'!A0",
    "@SUM(1+1)": "@SUM(1+1)",
    "+1-800": "+1-800",
    "-2+3": "-2+3",
    "\t=1+1": "=1+1",
    "\r=1+1": "=1+1",
    "'=1+1": "=1+1",
    "_x003D_1+1": "_x003D_1+1",
    "\uff1d1+1": "\uff1d1+1",
}
"""Texts that are typed into a form, and the same texts in the list."""
FIELDS = {"street": "Street", "postcode": "Postal code", "town": "City", "country": "Country"}


def _formulas(path: Path) -> Path:
    rows = []
    for number, typed in enumerate(FORMULAS):
        rows.append(response(number, f"Ana {_word(number)}", **dict.fromkeys(FIELDS, typed)))
        rows.append(response(100 + number, typed))
    return export(path, rows)


def _word(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:05}").title()


@pytest.mark.slow
def test_a_formula_in_a_response_is_text_in_the_list(folder: Path, tmp_path: Path) -> None:
    ran = run_import(_formulas(tmp_path / "answers.csv"), folder)
    assert ran.code == 0, ran
    by_name = {row["Name"]: row for row in listed_people(folder)}
    for number, shown in enumerate(FORMULAS.values()):
        row = by_name[f"Ana {_word(number)}"]
        assert [row[heading] for heading in FIELDS.values()] == [shown] * len(FIELDS)
        assert by_name[shown]["Include"] == "no"
    with zipfile.ZipFile(folder / LIST) as archive:
        sheets = [n for n in archive.namelist() if n.startswith("xl/worksheets/sheet")]
        assert not any(re.search(rb"<f[ />]", archive.read(name)) for name in sheets)


@pytest.mark.slow
@pytest.mark.libreoffice
def test_a_formula_in_a_response_is_text_in_libreoffice(folder: Path, tmp_path: Path) -> None:
    assert run_import(_formulas(tmp_path / "answers.csv"), folder).code == 0
    copy = tmp_path / "list.xlsx"
    copy.write_bytes((folder / LIST).read_bytes())
    ending = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,1"
    subprocess.run(
        [*soffice(), "--convert-to", ending, "--outdir", str(tmp_path), str(copy)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    csv_text = next(tmp_path.glob("list*.csv")).read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(csv_text)))
    assert {*FORMULAS.values()} <= {row["Name"] for row in rows}
    assert {*FORMULAS.values()} <= {row["Street"] for row in rows}


def test_control_and_direction_characters_of_a_response_are_not_shown_or_printed(
    folder: Path, tmp_path: Path
) -> None:
    marks = ["\x1b[31m", "\x07", "\u202e", "\u2028", "\x00", "\x9b", "\u2066"]
    rows = [response(n, f"Rosa{mark} Marks{_word(n)}") for n, mark in enumerate(marks)]
    rows.append(response(90, "Ida Calm"))
    ran = run_import(export(tmp_path / "answers.csv", rows), folder)
    assert (ran.code, "Traceback" in ran.err) == (0, False), ran
    assert not any(mark[0] in ran.out + ran.err for mark in marks)
    by_name = {row["Name"]: row for row in listed_people(folder)}
    assert by_name["Ida Calm"]["Include"] == ""
    waiting = {n for n, row in by_name.items() if row["Include"] == "no"}
    assert {*by_name} - waiting == {"Ida Calm", f"Rosa Marks{_word(3)}"}
    assert campaigns.merge("letters", folder).code in {0, 1}
    names = "".join(campaigns.letters(folder))
    assert not any(mark[0] in names for mark in marks)


def test_placeholders_and_scripts_in_responses_are_text_in_letters(
    folder: Path, tmp_path: Path
) -> None:
    typed = ["{{ signer.id }}", "{% for x in y %}", "<script>alert(1)</script>", "javascript:x"]
    rows = [response(n, f"Ida {_word(n)}", street=street) for n, street in enumerate(typed)]
    assert run_import(export(tmp_path / "answers.csv", rows), folder).code == 0
    assert campaigns.merge("letters", folder).code == 0
    letters = [campaigns.text(path) for path in campaigns.letters(folder).values()]
    for street in typed:
        assert any(street in lines for lines in letters), street


# Files that are not what they should be.


def test_an_export_with_an_unclosed_quotation_mark_is_refused(folder: Path, tmp_path: Path) -> None:
    lines = text([response(n, f"Ida {_word(n)}") for n in range(40)]).splitlines()
    lines[2] = lines[2].replace("1 Larkspur", '"1 Larkspur')
    file = tmp_path / "answers.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    assert "Row 3: a quotation mark" in refused(folder, file)


def test_a_login_page_instead_of_an_export_is_reported_as_a_web_page(
    folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "answers.csv"
    file.write_text(
        "\n<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>a,b,c</body>"
    )
    assert "web page" in refused(folder, file)


def _many_columns(file: Path) -> None:
    headings = [*HEADINGS, *(f"Question {n}" for n in range(5_000))]
    export(file, [[*response(1, "Ida Calm"), *["x"] * 5_000]], headings)


def _many_rows(file: Path) -> None:
    row = text([response(1, "Ida Calm")]).splitlines(keepends=True)
    file.write_text(row[0] + row[1] * 100_001, encoding="utf-8")


def _endless_line(file: Path) -> None:
    with file.open("wb") as out:
        out.write(text([]).encode())
        for _ in range(40):
            out.write(b"a" * (1 << 20))


def _sparse_file(file: Path) -> None:
    with file.open("wb") as out:
        out.truncate(2 << 30)


def _large_cell(file: Path) -> None:
    export(file, [response(1, "Ida Calm"), response(2, "Bo Calm", street="a " * (1 << 19))])


def _quoted_lines(file: Path) -> None:
    file.write_text(text([]) + '"' + "a\n" * 2_000_000, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.posix("measuring of memory with os.wait4")
@pytest.mark.parametrize(
    "make",
    everyday([_large_cell, _many_columns, _many_rows, _endless_line, _sparse_file, _quoted_lines]),
)
def test_an_export_that_is_too_large_is_refused_and_uses_little_memory(
    make: Callable[[Path], None], folder: Path, tmp_path: Path
) -> None:
    file, contents_before = tmp_path / "answers.csv", file_contents(folder)
    make(file)
    ran, memory = run_measuring_memory("import", file, folder, "--json", "--dry-run")
    assert (ran.code in {1, 2}, "Traceback" in ran.err) == (True, False), ran.err
    assert memory < ROOM
    assert file_contents(folder) == contents_before


# Sheets that expand to a huge size.

_OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
_ODS = (
    f'<office:document-content xmlns:office="{_OFFICE}:office:1.0"'
    f' xmlns:table="{_OFFICE}:table:1.0" xmlns:text="{_OFFICE}:text:1.0"'
    ' xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.3"><office:body>'
    '<office:spreadsheet><table:table table:name="A">%s</table:table></office:spreadsheet>'
    "</office:body></office:document-content>"
)
_MIME = "application/vnd.oasis.opendocument.spreadsheet"


def _row(words: list[str], attributes: str = "", cell: str = "") -> str:
    begin = f'<table:table-cell{cell} office:value-type="string"><text:p>'
    shown = "".join(f"{begin}{word}</text:p></table:table-cell>" for word in words)
    return f"<table:table-row{attributes}>{shown}</table:table-row>"


def ods(file: Path, content: str | bytes, **more: bytes) -> Path:
    """Create an .ods with this content.xml."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), _MIME)
        archive.writestr("content.xml", content)
        for name, data in more.items():
            archive.writestr(name.replace("__", "/"), data)
    return file


def _table(rows: str, before: str = "") -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>' + before + _ODS % rows


_PERSON = _row([*HEADINGS]) + _row(response(1, "Ida Calm"))
_ENTITIES = (
    f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
_NESTED_ENTITIES = f"<!DOCTYPE x [<!ENTITY a 'ha'>{''.join(_ENTITIES)}]>"
_FILE_ENTITY = '<!DOCTYPE x [<!ENTITY i SYSTEM "file:///etc/passwd">]>'


def _repeated_rows(file: Path) -> None:
    times = ' table:number-rows-repeated="2147483648"'
    ods(file, _table(_row([*HEADINGS]) + _row(response(1, "Ida Calm"), times)))


def _repeated_cells(file: Path) -> None:
    times = ' table:number-columns-repeated="2147483648"'
    ods(file, _table(_row([*HEADINGS]) + _row(response(1, "Ida Calm"), "", times)))


def _expanding_sheet(file: Path) -> None:
    ods(file, _table(_PERSON + " " * (400 << 20)))


def _nested_entities(file: Path) -> None:
    ods(file, _table(_PERSON + _row(["&i;"]), _NESTED_ENTITIES))


def _file_entity(file: Path) -> None:
    ods(file, _table(_PERSON + _row(["s-9", "2026-11-03", "&i;"]), _FILE_ENTITY))


def _book(file: Path) -> dict[str, bytes]:
    xlsx(file.parent, file.name, A=[[*HEADINGS], response(1, "Ida Calm")])
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _rezipped(file: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def _expanding_workbook(file: Path) -> None:
    members = _book(file)
    sheet = members["xl/worksheets/sheet1.xml"]
    blanks = b" " * (400 << 20) + b"</sheetData>"
    members["xl/worksheets/sheet1.xml"] = sheet.replace(b"</sheetData>", blanks)
    _rezipped(file, members)


def _workbook_with_nested_entities(file: Path) -> None:
    members = _book(file)
    sheet = members["xl/worksheets/sheet1.xml"].replace(b"Ida Calm", b"&i;")
    members["xl/worksheets/sheet1.xml"] = (
        _NESTED_ENTITIES.encode() + sheet[sheet.index(b"<worksheet") :]
    )
    _rezipped(file, members)


@pytest.mark.posix("measuring of memory with os.wait4")
@pytest.mark.parametrize(
    "make",
    everyday(
        [
            *(_repeated_rows, _file_entity, _nested_entities, _repeated_cells, _expanding_sheet),
            *(_workbook_with_nested_entities, _expanding_workbook),
        ],
        (0,),
    ),
)
def test_a_sheet_that_expands_to_a_huge_size_is_refused(
    make: Callable[[Path], None], folder: Path, tmp_path: Path
) -> None:
    file, contents_before = tmp_path / "answers.ods", file_contents(folder)
    make(file)
    ran, memory = run_measuring_memory("import", file, folder, "--json", "--dry-run")
    assert (ran.code in {1, 2}, "Traceback" in ran.err) == (True, False), ran
    assert memory < ROOM
    assert "root:" not in ran.out + ran.err
    assert file_contents(folder) == contents_before


def test_macros_and_links_of_an_export_are_not_copied_into_the_list(
    folder: Path, tmp_path: Path
) -> None:
    link = '<table:table-source xlink:href="file:///etc/passwd" table:mode="copy-all"/>'
    module = b'Sub Main\nShell("calc")\nEnd Sub'
    file = tmp_path / "answers.ods"
    ods(file, _table(link + _PERSON), Basic__Standard__Module1_xml=module)
    ran = run_import(file, folder)
    assert (ran.code in {0, 1}, "Traceback" in ran.err) == (True, False), ran
    assert {row["Name"] for row in listed_people(folder)} <= {"Ida Calm"}
    assert not [name for name, data in parts(folder) if b"Shell" in data or b"passwd" in data]


# Headings and responses that must not affect other people.


def test_headings_of_the_list_in_an_export_do_not_set_its_columns(
    folder: Path, tmp_path: Path
) -> None:
    program_headings = ["ID", "Include", "To decide", "Template", "Language", "__class__", "Memory"]
    rows = [
        [*response(n, f"Ida {_word(n)}"), *["F2CDFGH", "yes", "x", "../x.docx", "ar", "x", "x"]]
        for n in range(1, 4)
    ]
    ran = run_import(export(tmp_path / "a.csv", rows, [*HEADINGS, *program_headings]), folder)
    assert (ran.code, "Traceback" in ran.err) == (0, False), ran
    assert len({row["ID"] for row in listed_people(folder)} - {"F2CDFGH"}) == 3
    assert {row["Include"] for row in listed_people(folder)} == {""}
    assert not {"Template", "Language", "__class__"} & {*listed_people(folder)[0]}


@pytest.mark.parametrize("heading", everyday(["Country", "Full name", "Question", "Include"]))
def test_three_hundred_columns_with_one_heading_are_imported_as_different_columns(
    heading: str, folder: Path, tmp_path: Path
) -> None:
    rows = [[*response(1, "Ida Calm"), *[f"x{n}" for n in range(300)]]]
    ran = run_import(export(tmp_path / "a.csv", rows, [*HEADINGS, *[heading] * 300]), folder)
    assert (ran.code in {0, 1}, "Traceback" in ran.err) == (True, False), ran
    for sheet in ("Signers", "Forms") if listed_people(folder) else ():
        headings = cells(folder / LIST, sheet)[0]
        assert len({*headings}) == len(headings)


def test_a_response_cannot_include_or_replace_another_person(folder: Path, tmp_path: Path) -> None:
    first = export(tmp_path / "a.csv", [response(1, "Ida Calm"), response(2, "Bo Calm")])
    assert run_import(first, folder).code == 0
    book = load_workbook(folder / LIST)
    headings = [cell.value for cell in book["Signers"][1]]
    book["Signers"].cell(2, headings.index("Include") + 1).value = "no"
    book.save(folder / LIST)
    before = listed_people(folder)
    harmful = [[*response(3, "Mallory Grab", email="m@x.example"), before[0]["ID"], "yes"]]
    again = export(tmp_path / "b.csv", harmful, [*HEADINGS, "ID", "Include"])
    assert run_import(again, folder).code in {0, 1}
    after = {row["ID"]: row for row in listed_people(folder)}
    assert [after[row["ID"]] for row in before] == before
    assert {row["Name"] for row in listed_people(folder)} <= {"Ida Calm", "Bo Calm", "Mallory Grab"}


# Files that change during an import, and killed imports.


def test_an_export_that_changes_during_its_preview_is_not_imported(
    folder: Path, tmp_path: Path
) -> None:
    file, more = tmp_path / "a.csv", iter(range(2, 100))
    export(file, [response(1, "Ida Calm")])

    def downloaded_again() -> None:
        export(file, [response(1, "Ida Calm"), response(next(more), "Eve Late")])

    before = file_contents(folder)
    ran = run_import(file, folder, before=downloaded_again)
    assert (ran.code, "Traceback" in ran.err) == (1, False), ran
    assert file_contents(folder) == before


def test_a_list_that_is_saved_during_a_preview_is_not_overwritten(
    folder: Path, tmp_path: Path
) -> None:
    first = export(tmp_path / "a.csv", [response(1, "Ida Calm")])
    assert run_import(first, folder).code == 0
    again = export(tmp_path / "a.csv", [response(1, "Ida Calm"), response(2, "Bo Calm")])
    times = iter(range(100))

    def saved_in_excel() -> None:
        book = load_workbook(folder / LIST)
        book["Signers"].cell(2, 3).value = f"{next(times)} Corrected Road"
        book.save(folder / LIST)

    ran = run_import(again, folder, before=saved_in_excel)
    assert (ran.code, "Traceback" in ran.err) == (1, False), ran
    assert [row["Name"] for row in listed_people(folder)] == ["Ida Calm"]
    assert "Corrected Road" in str(listed_people(folder))


_IMPORT_KILLED_AT = """
import os, sys
from support.imports import run_import
left, (export, folder) = [int(sys.argv[1])], sys.argv[2:]
def step(event, arguments):
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & 3
    if writes or event in {"os.rename", "os.remove", "os.link", "os.truncate", "os.chmod"}:
        if str(arguments[0]).startswith(folder):
            left[0] -= 1
            if not left[0]:
                os._exit(9)
sys.addaudithook(step)
sys.exit(run_import(export, folder).code)
"""


def _import_killed_at(step: int, file: Path, folder: Path) -> int:
    """Import in a process that is killed before a step, a write in the folder."""
    command = [sys.executable, "-c", _IMPORT_KILLED_AT, str(step), str(file), str(folder)]
    path = f"{campaigns.ROOT}:{campaigns.ROOT / 'tests'}"
    env = {"PYTHONPATH": path, "PYTHONUTF8": "1", "PATH": "/usr/bin:/bin"}
    env["MERGE_HOME"] = os.environ["MERGE_HOME"]  # the same computer
    return subprocess.run(command, env=env, check=False, capture_output=True).returncode


@pytest.mark.slow
@pytest.mark.posix("paths as POSIX has them")
def test_an_import_killed_at_any_step_leaves_a_complete_list(folder: Path, tmp_path: Path) -> None:
    file = export(tmp_path / "a.csv", [response(1, "Ida Calm")])
    assert run_import(file, folder).code == 0
    old = (folder / LIST).read_bytes()
    export(file, [response(1, "Ida Calm"), response(2, "Bo Calm")])
    codes = list[int]()
    while not codes or codes[-1] == 9:
        codes.append(_import_killed_at(len(codes) + 1, file, folder))
        set_aside = [*folder.glob(f".merge-taken-*/{LIST}")]
        assert ((folder / LIST).exists() and not set_aside) or [
            p.read_bytes() for p in set_aside
        ] == [old]
        assert campaigns.merge("status", folder).code == 0  # any command restores it
        assert (folder / LIST).read_bytes() == old or _names(folder / LIST) == [*"IB"]
        assert not (folder / BEFORE).exists() or _names(folder / BEFORE) == ["I"]
        assert run_import(file, folder).code == 0
        assert _names(folder / LIST) == [*"IB"]
        temporary = [*folder.glob(".merge-*.tmp"), *folder.glob(".merge-taken-*/*")]
        assert temporary == []
        (folder / BEFORE).unlink(missing_ok=True)
        (folder / LIST).write_bytes(old)
    assert codes[-1] == 0
    assert len(codes) > 8


def _names(path: Path) -> list[str]:
    """Return the first letters of the people in a list."""
    return [row[1][0] for row in cells(path)[1:]]


# Values that are read but not stored.

_SECRETS = [
    *("secret.person@mailbox.example", "203.0.113.77", "198.51.100.9", "Mozilla/5.0"),
    *("555-0199", "51.4545", "utm_secret", "private remark"),
]


@pytest.mark.slow
def test_email_and_ip_addresses_and_browsers_of_responses_are_not_stored(
    folder: Path, tmp_path: Path
) -> None:
    more = ["IP address", "User agent", "Phone number", "Latitude", "Referrer URL", "Comments"]
    values = ["203.0.113.77", "Mozilla/5.0 (X11)", "555-0199", "51.4545", "utm_secret"]
    rows = [
        [*response(1, "Ida Calm", email=_SECRETS[0], date="2026-11-05 23:41:17"), *values, "ok"],
        [*response(2, "Bo Calm"), "198.51.100.9", *values[1:], "private remark"],
        [
            *response(3, "No Thanks", email="x." + _SECRETS[0], agrees="No"),
            *values,
            "private remark",
        ],
    ]
    file = export(tmp_path / "Secret download.csv", rows, [*HEADINGS, *more])
    assert run_import(file, folder).code == 0
    export(
        file,
        [
            [*response(1, "Ida Calm", street="9 New Road", email=_SECRETS[0]), *values, "ok"],
            *rows[1:],
        ],
        [*HEADINGS, *more],
    )
    assert run_import(file, folder).code == 0
    assert campaigns.merge("letters", folder).code == 0
    assert {row["Name"] for row in listed_people(folder)} == {"Ida Calm", "Bo Calm"}
    for secret in _SECRETS:
        for code in ("utf-8", "utf-16-le"):
            assert not [n for n, data in parts(folder) if secret.encode(code) in data], secret
