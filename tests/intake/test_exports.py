"""A form's export is read as it is shown, whatever kind of file it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support import workbooks

from merge.intake.exports import read_export
from merge.intake.model import Export
from merge.model import MergeError, Problem

CORPUS = Path(__file__).parent.parent / "data" / "exports" / "open"
CASES = sorted(path.stem for path in CORPUS.glob("*.json"))


def read(data: bytes | str, *, read_as: str = "", sheet: str = "") -> Export:
    data = data.encode() if isinstance(data, str) else data
    return read_export(data, "answers.csv", read_as=read_as, sheet=sheet)


def cells(data: bytes | str) -> list[tuple[str, ...]]:
    return [row.cells for row in read(data).rows]


def problem(data: bytes | str, *, read_as: str = "", sheet: str = "") -> Problem:
    with pytest.raises(MergeError) as caught:
        read(data, read_as=read_as, sheet=sheet)
    (found,) = caught.value.problems
    assert found.place.file == "answers.csv"
    return found


@pytest.mark.parametrize("case", CASES)
def test_an_export_of_the_corpus_is_read_as_it_must_be(case: str) -> None:
    wanted: dict[str, Any] = json.loads((CORPUS / f"{case}.json").read_text("utf-8"))["read"]
    path = next(p for p in CORPUS.glob(f"{case}.*") if p.suffix != ".json")
    export = read_export(path.read_bytes(), path.name)
    told = {key: getattr(export, key) for key in wanted if hasattr(export, key)}
    assert told == {key: wanted[key] for key in told}
    assert set(wanted["heading_rows"]) <= {row.number for row in export.rows}
    assert bool(export.readings) == wanted.get("must_tell_encoding", False)


def test_a_row_keeps_the_number_that_excel_shows() -> None:
    export = read('Name,Street\n\nAna,"1 Elm St\nFlat 2"\n,\nBo,3 Oak St\n\n')
    assert [row.number for row in export.rows] == [1, 3, 5]
    assert export.rows[1].cells == ("Ana", "1 Elm St\nFlat 2")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_separator_is_found_by_trying_each(mark: str) -> None:
    rows = ["Name", "Street", "Said"], ["Ana", '"1 Elm St, Bath; UK"', '"a;b;c,d"']
    export = read("".join(mark.join(row) + "\r\n" for row in (*rows, rows[1])))
    assert export.separator == mark
    assert [len(row.cells) for row in export.rows] == [3, 3, 3]


def test_a_line_that_says_the_separator_is_no_row() -> None:
    export = read("sep=|\r\nName|Street, No\r\nAna|Elm St, 1\r\n")
    assert export.separator == "|"
    assert [row.number for row in export.rows] == [1, 2]


def test_an_unclosed_quotation_mark_swallows_nobody() -> None:
    rest = "".join(f"Signer {n},{n} Oak St,Bath\n" for n in range(30))
    found = problem(f'Name,Street,City\nAna,"12 Elm St,Bath\n{rest}')
    assert found.code == "form-quote"
    assert str(found) == (
        "answers.csv: row 2: a quotation mark is opened and never closed, so 31 rows would become "
        'one cell. Open the file in a text editor, close it behind "12 Elm St", and save.'
    )
    closed_later = f'Name,Street,City\nAna,"12 Elm St,Bath\n{rest}Bo,"3 Oak St",Bath\n'
    assert problem(closed_later).code == "form-quote"


def test_another_fault_of_quoting_marks_its_row_alone() -> None:
    export = read('Name,Said\n"Ana "Nan" Ruiz",yes\nBo,5\' 10"\nCy,"5\' 10"""\nDi,no\n')
    assert [row.is_misquoted for row in export.rows] == [False, True, True, False, False]
    assert export.rows[1].cells == ('Ana Nan" Ruiz"', "yes")
    two_in_one = 'Name,Street,City\nAna,"1 Elm St,Bath\nBo,3 Oak St",Bath\n'
    assert [row.is_misquoted for row in read(two_in_one).rows] == [False, True]


def test_rows_of_another_length_stay_as_they_stand() -> None:
    assert cells("a,b,c\n1,2\n1,2,3,4\n1,2,3\n1,2,3\n")[1:3] == [("1", "2"), ("1", "2", "3", "4")]


def test_cells_are_tidied_and_what_that_would_lose_is_kept() -> None:
    said = "Jose\u0301\xa0 Gil ,\u200e '+44 1 ,Tom &amp; Jo,GÃ¼nter  \xc3\xa0 Paris,'tis\n"
    row = read("Name,Phone,Who,Town,Say\n" + said).rows[1]
    assert row.cells == ("José Gil", "+44 1", "Tom & Jo", "GÃ¼nter Ã Paris", "'tis")
    assert row.mended == {3: "Günter à Paris"}
    assert row.spaced == {3: "GÃ¼nter  Ã Paris"}


def test_a_sheet_is_read_as_it_is_shown(tmp_path: Path) -> None:
    postcode = workbooks.Formatted(2139, "00000")
    rows = [["Name", "ZIP", "Yes"], [None], ["Ana", postcode, True], ["Bo"]]
    export = read(workbooks.xlsx(tmp_path, Empty=[], Answers=rows).read_bytes())
    assert (export.kind, export.sheet, export.sheets) == ("xlsx", "Answers", ("Answers",))
    assert [(row.number, row.cells) for row in export.rows] == [
        (1, ("Name", "ZIP", "Yes")),
        (3, ("Ana", "02139", "TRUE")),
        (4, ("Bo",)),
    ]


def test_the_sheet_whose_headings_are_known_best_is_taken(tmp_path: Path) -> None:
    sheets: dict[str, workbooks.Rows] = {
        "Group": [["Name", "City", "_parent_index"], ["x", "y", 1]],
        "Summary": [["Question", "Count"], ["x", 1]],
        "Answers": [["All answers"], ["Name", "City"], ["Ana", "Bath"]],
    }
    data = workbooks.xlsx(tmp_path, **sheets).read_bytes()
    found = read_export(data, "a.xlsx", known=lambda row: len({"Name", "City"} & set(row)))
    assert (found.sheet, found.sheets) == ("Answers", ("Answers",))
    assert read(data).sheets == ("Summary", "Answers")
    assert read(data, sheet="Group").sheet == "Group"
    assert problem(data, sheet="Answer").hint == 'Did you mean "Answers"?'
