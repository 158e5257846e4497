"""Cells moved without the hidden column: the visible ID and names win."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from support.campaigns import make_with_letters, merge
from support.everyday import everyday
from support.registers import (
    DAY,
    MEMORY,
    codes,
    column,
    dated,
    excel,
    fill,
    ids,
    letter,
    letters,
    make_register,
    marked_stages,
    printed_ids,
    read,
    row_of,
    run,
    shift,
    sort,
    table,
)

from merge.register.entries import StageValue
from merge.register.layouts import STAGES

SIX = [entry.id for entry in letters()]
NAMED = ("ID", "Signer", "Recipient", *STAGES, "Notes")


def stages(path: Path) -> list[Mapping[str, StageValue]]:
    """Return the stages of each letter."""
    return [marked_stages(path)[id_] for id_ in SIX]


def by_id(path: Path) -> dict[str, dict[str, object]]:
    """Return the rows by the letter in their hidden cell."""
    return {str(row[MEMORY])[2:18]: row for row in table(path)}


SWAP, ROTATION = [1, 0], [5, 0, 1, 2, 3, 4]
MIXED = random.Random(7).sample(range(6), 6)  # noqa: S311


@pytest.mark.parametrize("order", everyday([SWAP, [4, 1], ROTATION, [2, 3, 1], MIXED]), ids=str)
@pytest.mark.parametrize(
    "headings", everyday([[], [*NAMED]]), ids=["all that is seen", "names and dates"]
)
def test_dates_of_moved_cells_belong_to_the_visible_letter(
    tmp_path: Path, order: list[int], headings: Sequence[str]
) -> None:
    path = dated(tmp_path)
    old_rows, dates = by_id(path), stages(path)
    shift(path, order, headings)
    assert stages(path) == dates
    updated = run(path, letters())
    assert updated.is_written
    assert not updated.reverted_edits
    assert not updated.problems
    assert by_id(path) == old_rows
    assert stages(path) == dates
    assert not run(path, letters()).is_written


def test_links_left_behind_by_moved_cells_are_fixed_without_a_warning(tmp_path: Path) -> None:
    """Excel saves each link with the path that it shows."""
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        for entry, cells in zip(letters(), worksheet.iter_rows(min_row=2), strict=True):
            cells[3].value = entry.file
    shift(path, ROTATION, NAMED)
    assert not run(path, letters()).reverted_edits
    links = {str(row["ID"]): row["File"] for row in table(path)}
    assert links == {entry.id: f'=HYPERLINK("{entry.file}")' for entry in letters()}


def test_updates_are_written_into_the_row_that_shows_the_letter(tmp_path: Path) -> None:
    path = dated(tmp_path)
    shift(path, SWAP, NAMED)
    printed_letter = letter(0, 0, state="printed", signer="Ana Ruíz", batch="01", is_printed=True)
    run(path, [printed_letter, letter(0, 1, state="edited"), *letters()[2:]])
    second, first = table(path)[:2]
    assert (first["ID"], first["Status"], first["Print file"]) == (SIX[0], "printed", "01")
    assert (first["Signer"], first["Notes"]) == ("Ana Ruiz", f"note {SIX[0]}")
    assert (second["ID"], second["Status"], second.get("Print file")) == (SIX[1], "edited", None)


def test_completely_sorted_register_rows_stay_as_they_are(tmp_path: Path) -> None:
    path = dated(tmp_path)
    with excel(path) as worksheet:
        sort(worksheet)
    before = table(path)
    assert not run(path, letters()).is_written
    assert table(path) == before
    fill(path, SIX[3], "ID", SIX[4])
    assert [t.id for t in run(path, letters()).reverted_edits] == [SIX[3]]
    assert table(path) == before


AS_NOW = {
    "the ID alone": {"ID": SIX[3]},
    "ID and Signer": {"ID": SIX[3], "Signer": "Bo Berg"},
    "ID and Recipient": {"ID": SIX[4], "Recipient": "Consul Roy"},
    "an ID that nobody has": {"ID": "f" * 16, "Signer": "Bo Berg"},
    "no ID and one name": {"ID": None, "Signer": "Bo Berg"},
    "no ID and no names": {"ID": None, "Signer": None, "Recipient": None},
    "the names without the ID": {"Signer": "Bo Berg", "Recipient": "Consul Roy"},
}


def test_moved_cells_without_id_are_unknown_if_two_letters_have_their_names(tmp_path: Path) -> None:
    namesakes, other = [letter(0, 0), letter(3, 0)], letter(1, 0)
    path = make_register(tmp_path, [*namesakes, other])
    fill(path, namesakes[1].id, "Posted", DAY)
    shift(path, [2, 0, 1])
    fill(path, namesakes[1].id, "ID", None)
    assert printed_ids(path) == {other.id}
    assert [(p.code, p.place.row) for p in read(path).problems] == [("register-twice", 4)]


def test_moved_cells_of_two_namesakes_are_distinguished_by_the_id(tmp_path: Path) -> None:
    namesakes = [letter(0, 0), letter(3, 0)]
    path = make_register(tmp_path, namesakes)
    fill(path, ids(0, 0), "Posted", DAY)
    shift(path, SWAP)
    assert printed_ids(path) == {ids(0, 0)}
    assert run(path, namesakes).is_written
    assert [row.signer_id for row in read(path).rows.values()] == [f"{3:016x}", f"{0:016x}"]


def test_moved_cells_of_unknown_letters_are_realigned(tmp_path: Path) -> None:
    path = dated(tmp_path)
    shift(path, SWAP)
    assert codes(run(path, letters()[2:])) == ["register-stranger"] * 2
    with excel(path) as worksheet:
        worksheet.delete_rows(2)
    assert read(path).rows[SIX[0]].signer_id == f"{0:016x}"
    assert marked_stages(path)[SIX[0]] == {"Posted": DAY}


def test_moved_cells_in_sheets_of_people_keep_date_id_and_name_together(tmp_path: Path) -> None:
    path = make_register(tmp_path, [*letters(), letter(0, 2)])
    fill(path, f"{0:016x}", "Posted", DAY, "By signer")
    before = [row.get("Posted") for row in table(path, "By signer")]
    shift(path, [1, 0], ("ID", "Signer", "Posted"), "By signer")
    updated = run(path, [*letters(), letter(0, 2)])
    assert updated.is_written
    assert not updated.reverted_edits
    rows = table(path, "By signer")
    assert [row.get("Posted") for row in rows] == [None, before[0], None]
    assert [(row["Signer"], row["Letters"]) for row in rows[:2]] == [
        ("Bo Berg", 2),
        ("Ana Ruiz", 3),
    ]
    assert printed_ids(path) == {*SIX[:2], ids(0, 2)}
    assert not run(path, [*letters(), letter(0, 2)]).is_written


def test_a_name_moved_alone_in_a_sheet_of_people_is_reported_as_typed(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    shift(path, SWAP, ("Signer",), "By signer")
    assert [t.value for t in run(path, letters()).reverted_edits] == ["Bo Berg", "Ana Ruiz"]


@pytest.mark.slow
def test_many_moved_rows_are_realigned_in_one_run(tmp_path: Path) -> None:
    entries = [letter(s, r) for s in range(40) for r in range(10)]
    path = make_register(tmp_path, entries)
    chance = random.Random(3)  # noqa: S311
    posted = set(chance.sample([entry.id for entry in entries], 150))
    with excel(path) as worksheet:
        number = column(worksheet, "Posted")
        for id_ in posted:
            worksheet.cell(row_of(worksheet, id_), number).value = DAY
    shift(path, chance.sample(range(400), 400))
    assert printed_ids(path) == posted
    assert run(path, entries).reverted_edits == ()
    assert printed_ids(path) == posted
    assert not run(path, entries).is_written


def test_a_posted_letter_with_moved_cells_is_not_created_again(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path / "campaign")
    path = folder / "register.xlsx"
    names = [(row["Signer"], row["Recipient"]) for row in table(path)]
    with excel(path) as worksheet:
        worksheet.cell(2, column(worksheet, "Posted")).value = DAY
    shift(path, [3, 2, 1, 0])
    result = merge("letters", folder, "--json").json
    assert "register-typed" not in {problem["code"] for problem in result["problems"]}
    states = {
        (letter_json["signer"], letter_json["recipient"]): letter_json["state"]
        for letter_json in result["letters"]
    }
    assert states == {**dict.fromkeys(names, "unchanged"), names[0]: "on-paper"}
