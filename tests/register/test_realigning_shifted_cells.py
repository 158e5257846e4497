"""Cells moved without the hidden column: where ID, Signer and Recipient agree, they win."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from support.campaigns import lettered, merge
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
    made,
    on_paper,
    read,
    row_of,
    run,
    shift,
    sort,
    table,
)

from merge.register.entries import RegisterEntry, StageValue
from merge.register.layouts import STAGES

SIX = [entry.id for entry in letters()]
NAMED = ("ID", "Signer", "Recipient", *STAGES, "Notes")


def stages(path: Path) -> list[Mapping[str, StageValue]]:
    """What stands in the stages of each letter."""
    register = read(path)
    return [register.stages(id_) for id_ in SIX]


def by_id(path: Path) -> dict[str, dict[str, object]]:
    """The rows by what their hidden cell says whose they are."""
    return {str(row[MEMORY])[2:18]: row for row in table(path)}


SWAP, ROTATION = [1, 0], [5, 0, 1, 2, 3, 4]
MIXED = random.Random(7).sample(range(6), 6)  # noqa: S311


@pytest.mark.parametrize("order", everyday([SWAP, [4, 1], ROTATION, [2, 3, 1], MIXED]), ids=str)
@pytest.mark.parametrize(
    "headings", everyday([[], [*NAMED]]), ids=["all that is seen", "names and dates"]
)
def test_a_rows_dates_are_those_of_the_letter_that_it_shows(
    tmp_path: Path, order: list[int], headings: Sequence[str]
) -> None:
    path = dated(tmp_path)
    before, dates = by_id(path), stages(path)
    shift(path, order, headings)
    assert stages(path) == dates
    updated = run(path, letters())
    assert updated.is_written
    assert not updated.reverted_edits
    assert not updated.problems
    assert by_id(path) == before
    assert stages(path) == dates
    assert not run(path, letters()).is_written


def test_links_that_were_left_behind_are_set_right_without_a_word(tmp_path: Path) -> None:
    """As Excel saves them: with the path that each shows."""
    path = made(tmp_path)
    with excel(path) as there:
        for entry, cells in zip(letters(), there.iter_rows(min_row=2), strict=True):
            cells[3].value = entry.file
    shift(path, ROTATION, NAMED)
    assert not run(path, letters()).reverted_edits
    links = {str(row["ID"]): row["File"] for row in table(path)}
    assert links == {entry.id: f'=HYPERLINK("{entry.file}")' for entry in letters()}


def test_the_rows_news_are_written_into_the_row_that_shows_the_letter(tmp_path: Path) -> None:
    path = dated(tmp_path)
    shift(path, SWAP, NAMED)
    fixed = letter(0, 0, state="printed", signer="Ana Ruíz", batch="01", is_printed=True)
    run(path, [fixed, letter(0, 1, state="edited"), *letters()[2:]])
    second, first = table(path)[:2]
    assert (first["ID"], first["State"], first["Batch"]) == (SIX[0], "printed", "01")
    assert (first["Signer"], first["Notes"]) == ("Ana Ruiz", f"note {SIX[0]}")
    assert (second["ID"], second["State"], second.get("Batch")) == (SIX[1], "edited", None)


def test_news_that_the_other_row_had_before_are_written(tmp_path: Path) -> None:
    old, new = ("unchanged", "01"), ("edited", "02")

    def both(first: tuple[str, str], second: tuple[str, str]) -> list[RegisterEntry]:
        return [letter(0, n, state=s, batch=b) for n, (s, b) in enumerate((first, second))]

    path = made(tmp_path, both(old, new))
    shift(path, SWAP)
    assert not run(path, both(new, old)).reverted_edits
    rows = [(row["ID"], row["State"], row["Batch"]) for row in table(path)]
    assert rows == [(SIX[1], *old), (SIX[0], *new)]


def test_what_was_typed_into_such_a_row_is_told(tmp_path: Path) -> None:
    path = dated(tmp_path)
    shift(path, ROTATION)
    fill(path, SIX[0], "State", "done")
    fill(path, SIX[2], "Made on", DAY)
    typed = run(path, letters()).reverted_edits
    assert [(t.id, t.heading, t.value, t.place.cell) for t in typed] == [
        (SIX[0], "State", "done", "E3"),
        (SIX[2], "Made on", "25 Nov 2026", "F5"),
    ]
    assert {row["State"] for row in table(path)} == {"unchanged"}


def test_rows_sorted_as_a_whole_stay_as_they_are(tmp_path: Path) -> None:
    path = dated(tmp_path)
    with excel(path) as there:
        sort(there)
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


@pytest.mark.parametrize("cells", everyday(AS_NOW.values()), ids=AS_NOW)
def test_where_id_and_names_do_not_agree_the_row_stays_the_letters(
    tmp_path: Path, cells: dict[str, str | None]
) -> None:
    path = dated(tmp_path)
    before = table(path)
    with excel(path) as there:
        for heading, value in cells.items():
            there.cell(2, column(there, heading)).value = value
    assert read(path).stages(SIX[0]) == {"Posted": DAY}
    updated = run(path, letters())
    assert [(t.heading, t.value) for t in updated.reverted_edits] == [
        (h, v) for h, v in cells.items() if v
    ]
    assert table(path) == before


def test_a_moved_row_whose_id_was_emptied_is_known_by_its_names(tmp_path: Path) -> None:
    path = dated(tmp_path)
    before, dates = by_id(path), stages(path)
    shift(path, ROTATION)
    fill(path, SIX[2], "ID", None)
    assert stages(path) == dates
    updated = run(path, letters())
    assert not updated.reverted_edits
    assert not updated.problems
    assert by_id(path) == before


def test_without_an_id_names_that_two_letters_have_tell_nothing(tmp_path: Path) -> None:
    alike, other = [letter(0, 0), letter(3, 0)], letter(1, 0)
    path = made(tmp_path, [*alike, other])
    fill(path, alike[1].id, "Posted", DAY)
    shift(path, [2, 0, 1])
    fill(path, alike[1].id, "ID", None)
    assert on_paper(path) == {other.id}
    assert [(p.code, p.place.row) for p in read(path).problems] == [("register-twice", 4)]


def test_two_people_of_one_name_are_told_apart_by_the_id(tmp_path: Path) -> None:
    both = [letter(0, 0), letter(3, 0)]
    path = made(tmp_path, both)
    fill(path, ids(0, 0), "Posted", DAY)
    shift(path, SWAP)
    assert on_paper(path) == {ids(0, 0)}
    assert run(path, both).is_written
    assert [row.signer_id for row in read(path).rows.values()] == [f"{3:016x}", f"{0:016x}"]


def test_rows_of_letters_that_the_program_does_not_know_are_set_right_too(tmp_path: Path) -> None:
    path = dated(tmp_path)
    shift(path, SWAP)
    assert codes(run(path, letters()[2:])) == ["register-stranger"] * 2
    with excel(path) as there:
        there.delete_rows(2)
    assert read(path).rows[SIX[0]].signer_id == f"{0:016x}"
    assert read(path).stages(SIX[0]) == {"Posted": DAY}


def test_in_the_sheets_of_people_a_date_stays_with_id_and_name(tmp_path: Path) -> None:
    path = made(tmp_path, [*letters(), letter(0, 2)])
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
    assert on_paper(path) == {*SIX[:2], ids(0, 2)}
    assert not run(path, [*letters(), letter(0, 2)]).is_written


def test_a_name_alone_that_moved_among_the_people_is_told_as_ever(tmp_path: Path) -> None:
    path = made(tmp_path)
    shift(path, SWAP, ("Signer",), "By signer")
    assert [t.value for t in run(path, letters()).reverted_edits] == ["Bo Berg", "Ana Ruiz"]


@pytest.mark.slow
def test_many_rows_are_sorted_out_in_one_run(tmp_path: Path) -> None:
    many = [letter(s, r) for s in range(40) for r in range(10)]
    path = made(tmp_path, many)
    luck = random.Random(3)  # noqa: S311
    posted = set(luck.sample([entry.id for entry in many], 150))
    with excel(path) as there:
        number = column(there, "Posted")
        for id_ in posted:
            there.cell(row_of(there, id_), number).value = DAY
    shift(path, luck.sample(range(400), 400))
    assert on_paper(path) == posted
    assert run(path, many).reverted_edits == ()
    assert on_paper(path) == posted
    assert not run(path, many).is_written


def test_a_posted_letter_is_not_printed_again(tmp_path: Path) -> None:
    folder = lettered(tmp_path / "campaign")
    path = folder / "register.xlsx"
    names = [(row["Signer"], row["Recipient"]) for row in table(path)]
    with excel(path) as there:
        there.cell(2, column(there, "Posted")).value = DAY
    shift(path, [3, 2, 1, 0])
    ran = merge("letters", folder, "--json").json
    assert "register-typed" not in {problem["code"] for problem in ran["problems"]}
    states = {(one["signer"], one["recipient"]): one["state"] for one in ran["letters"]}
    assert states == {**dict.fromkeys(names, "unchanged"), names[0]: "on-paper"}
