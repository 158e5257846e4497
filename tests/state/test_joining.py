"""Ledgers of several computers are joined: nothing is lost, in any order."""

from __future__ import annotations

import datetime as dt
import json
import random
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.everyday import everyday

from merge.disk import FileState
from merge.state.joining import join
from merge.state.ledger import Ledger, memory_ledger, open_ledger, read_ledger
from merge.state.ledger_file import JOINED_TABLES, LEDGER_FILE, load_database
from merge.state.ledger_records import (
    DecisionRecord,
    LedgerChangeSet,
    LetterRecord,
    PersonRecord,
    PrintedBatch,
    PrintRecord,
)

DAY, NOON = dt.date(2026, 11, 25), dt.datetime(2026, 11, 25, 12, 0, tzinfo=dt.UTC)
NAMES = ("Ana", "Bo", "Chidi")


def letter(name: str, output: bytes = b"one", **values: object) -> LetterRecord:
    """Return the record of the letter of a person with a name."""
    record = LetterRecord(
        id=name.lower().encode().hex().ljust(16, "0"),
        path=f"{name}/Li.docx",
        named=b"named",
        day=DAY,
        inputs=b"inputs " + output,
        output=output,
        content="made",
    )
    return record._replace(**values)  # type: ignore[arg-type] # fields of the record


def person(name: str) -> PersonRecord:
    own_id = letter(name).id
    return PersonRecord(f"key of {name}", own_id, "signer", own_id, b"cells")


def printed(name: str, number: int) -> PrintRecord:
    return PrintRecord(letter(name).id, PrintedBatch(number, NOON), b"one", 0, 0, 0, 0)


Change = Callable[[Ledger], object]


def commit(**changes: object) -> Change:
    return lambda ledger: ledger.commit(LedgerChangeSet(**changes))  # type: ignore[arg-type] # fields of the set


def changes_of(name: str) -> tuple[Change, ...]:
    """Return everything that may happen to a person's letter."""
    letter_id = letter(name).id
    return (
        commit(letters=[letter(name)], people=[person(name)]),
        commit(letters=[letter(name, b"two")], field_digests={b"two": {"signer.city": "1a"}}),
        commit(letters=[letter(name, b"three", path=f"{name}/Roy.docx")]),
        commit(register_stages={letter_id: frozenset({"Printed", "Posted"})}),
        commit(register_stages={letter_id: frozenset({"Printed"})}),
        commit(released_letters=[letter_id]),
        commit(print_records=[printed(name, 1)]),
        commit(print_records=[printed(name, 2)]),
        commit(decisions=[DecisionRecord(letter_id, "keep", b"two")]),
        commit(decisions=[DecisionRecord(letter_id, "seen", b"two")]),
        commit(decisions=[DecisionRecord(letter_id, "seen", b"")]),
        commit(cleared_decisions=[letter_id]),
        commit(facts={"late": json.dumps({letter_id: {"Printed": name}})}),
        lambda ledger: ledger.delete_records([letter_id], [person(name).key]),
        lambda ledger: ledger.close_campaign(DAY),
    )


CHANGES = tuple(change for name in NAMES for change in changes_of(name))
WORK = st.lists(st.sampled_from(CHANGES), max_size=6)


@cache
def common_ledger() -> bytes:
    """Return a ledger that all computers had at first."""
    with closing(memory_ledger()) as ledger:
        commit(letters=[letter(NAMES[0])], people=[person(NAMES[0])])(ledger)
        return data_of(ledger)


def data_of(ledger: Ledger) -> bytes:
    return ledger._db.serialize()  # noqa: SLF001 - the bytes of the file


def worked_on(data: bytes, work: Sequence[Change]) -> bytes:
    """Return a ledger after the work of a computer."""
    with closing(memory_ledger()) as ledger:
        ledger._db.deserialize(data)  # noqa: SLF001 - as if it was read from the file
        ledger._read_basics()  # noqa: SLF001 - the same
        for change in work:
            change(ledger)
        return data_of(ledger)


def joined(*ledgers: bytes) -> bytes:
    db = load_database(ledgers[0])
    assert db is not None
    with closing(db):
        for other in ledgers[1:]:
            join(db, other)
        return db.serialize()


def rows(data: bytes) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of each table, sorted."""
    db = load_database(data)
    assert db is not None
    with closing(db):
        names = [table.name for table in JOINED_TABLES] + ["version", "said", "deleted"]
        return {
            name: sorted(db.execute(f"SELECT * FROM {name}"))  # noqa: S608 - names of tables
            for name in names
        }


def rows_without_versions(data: bytes) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows except earlier versions.

    Those of a letter that was deleted and created again may be kept or not.
    """
    return {name: table for name, table in rows(data).items() if name != "version"}


@given(WORK, WORK, WORK)
def test_the_order_in_which_ledgers_are_joined_does_not_matter(
    a: list[Change], b: list[Change], c: list[Change]
) -> None:
    ana, bo, chidi = (worked_on(common_ledger(), work) for work in (a, b, c))
    all_rows = rows_without_versions(joined(ana, bo, chidi))
    for other in (
        joined(bo, ana, chidi),
        joined(ana, joined(chidi, bo)),
        joined(ana, bo, chidi, bo, ana),
        joined(joined(ana, bo), joined(bo, chidi)),
    ):
        assert rows_without_versions(other) == all_rows


@given(WORK, WORK)
def test_a_ledger_joined_with_an_earlier_copy_of_itself_is_unchanged(
    first: list[Change], then: list[Change]
) -> None:
    earlier = worked_on(common_ledger(), first)
    later = worked_on(earlier, then)
    expected, forward, backward = (
        rows(data) for data in (later, joined(later, earlier), joined(earlier, later))
    )
    assert forward == backward
    versions = expected.pop("version")  # those of a deleted letter may come back
    assert {*versions} <= {*forward.pop("version")}
    assert forward == expected


@given(WORK, WORK)
def test_joined_ledgers_keep_every_output(a: list[Change], b: list[Change]) -> None:
    ana, bo = worked_on(common_ledger(), a), worked_on(common_ledger(), b)
    both = rows(joined(ana, bo))
    ids = {row[0] for row in both["letter"]}
    outputs = {(row[0], row[5]) for row in both["letter"]} | {*both["version"]}
    for data in (ana, bo):
        mine = rows(data)
        for row in mine["letter"]:
            assert row[0] not in ids or (row[0], row[5]) in outputs


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Return the letters folders of two computers with one ledger."""
    ana, bo = tmp_path / "ana", tmp_path / "bo"
    for folder in (ana, bo):
        folder.mkdir()
    with closing(open_ledger(ana)) as ledger:
        commit(letters=[letter("Ana")], people=[person("Ana")])(ledger)
    (bo / LEDGER_FILE).write_bytes((ana / LEDGER_FILE).read_bytes())
    return ana, bo


def change(folder: Path, *work: Change) -> None:
    with closing(open_ledger(folder)) as ledger:
        for step in work:
            step(ledger)


def replace_with_copy(folder: Path, other: Path, name: str = "-DESKTOP-B") -> None:
    """Let a sync service take the other ledger and keep this one as a copy."""
    path = folder / LEDGER_FILE
    path.rename(path.with_stem(path.stem + name))
    path.write_bytes((other / LEDGER_FILE).read_bytes())


@pytest.mark.parametrize(
    "name", ["-DESKTOP-B", " (1)", " 2", " (conflicted copy 2026-11-29 101112)"]
)
def test_a_conflict_copy_of_the_ledger_is_joined_and_removed(
    folders: tuple[Path, Path], name: str
) -> None:
    ana, bo = folders
    change(ana, commit(register_stages={letter("Ana").id: frozenset({"Posted"})}))
    change(bo, commit(letters=[letter("Bo")]))
    replace_with_copy(ana, bo, name)
    with closing(read_ledger(ana)) as ledger:
        assert {*ledger.letter_ids()} == {letter("Ana").id, letter("Bo").id}
        assert ledger.register_stages() == {letter("Ana").id: frozenset({"Posted"})}
    change(ana)
    assert [path.name for path in ana.iterdir()] == [LEDGER_FILE]
    with closing(read_ledger(ana)) as ledger:
        assert {*ledger.letter_ids()} == {letter("Ana").id, letter("Bo").id}


def test_a_ledger_that_another_computer_replaced_is_joined_with_the_last_copy(
    folders: tuple[Path, Path],
) -> None:
    ana, bo = folders
    change(ana, commit(print_records=[printed("Ana", 3)]))
    change(bo, commit(letters=[letter("Bo")]))
    (ana / LEDGER_FILE).write_bytes((bo / LEDGER_FILE).read_bytes())
    change(ana)
    with closing(read_ledger(ana)) as ledger:
        assert ledger.batches() == {letter("Ana").id: PrintedBatch(3, NOON)}
        assert {*ledger.letter_ids()} == {letter("Ana").id, letter("Bo").id}


def test_a_ledger_of_another_campaign_in_the_same_folder_is_not_joined_with_the_last_copy(
    tmp_path: Path,
) -> None:
    change(tmp_path, commit(letters=[letter("Ana")]))
    other = tmp_path / "other"
    other.mkdir()
    change(other, commit(letters=[letter("Bo")]))
    (other / LEDGER_FILE).replace(tmp_path / LEDGER_FILE)
    with closing(open_ledger(tmp_path)) as ledger:
        assert [*ledger.letter_ids()] == [letter("Bo").id]


def test_a_conflict_copy_of_a_ledger_with_another_salt_keeps_outputs_and_stages(
    folders: tuple[Path, Path],
) -> None:
    ana, _ = folders
    change(ana, commit(letters=[letter("Chidi")]))
    other = ana.parent / "other"
    other.mkdir()
    records = [letter("Ana", b"elsewhere"), letter("Bo"), letter("Chidi")]
    change(
        other,
        commit(letters=records, people=[person("Bo")]),
        commit(register_stages={letter("Bo").id: frozenset({"Printed"})}),
    )
    replace_with_copy(other, ana)
    with closing(open_ledger(other)) as ledger:
        assert ledger.is_earlier_version(letter("Ana").id, b"elsewhere")
        assert ledger.letter(letter("Bo").id) == letter("Bo", named=b"", inputs=b"")
        assert ledger.register_stages() == {letter("Bo").id: frozenset({"Printed"})}
        assert [*ledger.people()] == [person("Ana")]


def test_the_ledger_of_another_campaign_is_not_joined_and_stays(
    folders: tuple[Path, Path],
) -> None:
    ana, _ = folders
    other = ana.parent / "other"
    other.mkdir()
    change(other, commit(letters=[letter("Ana", b"elsewhere")]))
    change(other, commit(register_stages={letter("Ana").id: frozenset({"Posted"})}))
    replace_with_copy(other, ana)
    change(other)
    with closing(read_ledger(other)) as ledger:
        assert ([*ledger.letters()], ledger.register_stages()) == ([letter("Ana")], {})
    assert len([*other.iterdir()]) == 2


def test_a_campaign_begun_with_one_file_on_two_computers_is_closed_on_both(
    folders: tuple[Path, Path],
) -> None:
    campaign = folders[0].parent / "campaign"
    one, other = campaign / "one", campaign / "other"
    for folder in (one, other):
        folder.mkdir(parents=True)
    (campaign / "signers.xlsx").write_bytes(b"rows")
    change(one, commit(letters=[letter("Ana")]))
    change(other, commit(letters=[letter("Bo")], people=[person("Bo")]))
    change(other, lambda ledger: ledger.record_deletion([person("Bo").key, letter("Bo").id]))
    change(other, lambda ledger: ledger.close_campaign(DAY))
    replace_with_copy(other, one)
    change(other)
    with closing(read_ledger(other)) as ledger:
        assert (ledger.closed_on, [*ledger.letters()]) == (DAY, [])
        assert [ledger.was_deleted(letter(name).id) for name in ("Ana", "Bo")] == [False, True]
    assert [path.name for path in other.glob("*.db")] == [LEDGER_FILE]


def test_a_letter_deleted_with_a_ledger_of_another_salt_is_deleted(
    folders: tuple[Path, Path],
) -> None:
    ana, _ = folders
    other = ana.parent / "other"
    other.mkdir()
    change(ana, commit(letters=[letter("Bo")]))
    change(other, commit(letters=[letter("Ana"), letter("Bo")]))
    change(other, lambda ledger: ledger.delete_records([letter("Ana").id]))
    replace_with_copy(other, ana)
    change(other)
    with closing(read_ledger(other)) as ledger:
        assert [*ledger.letter_ids()] == [letter("Bo").id]


def test_a_deleted_row_does_not_come_back_from_a_conflict_copy(folders: tuple[Path, Path]) -> None:
    ana, bo = folders
    change(bo, commit(print_records=[printed("Ana", 1)]))
    change(ana, lambda ledger: ledger.delete_records([letter("Ana").id], [person("Ana").key]))
    replace_with_copy(bo, ana)
    change(bo)
    with closing(read_ledger(bo)) as ledger:
        assert ([*ledger.letters()], [*ledger.people()]) == ([], [])
    assert b"Ana" not in (bo / LEDGER_FILE).read_bytes()


def test_a_file_state_counts_for_the_output_with_which_the_file_was_compared(
    folders: tuple[Path, Path],
) -> None:
    ana, bo = folders
    state = FileState(900, 7, 5, 6)
    change(ana, commit(letters=[letter("Ana", **state._asdict(), checked=9)]))
    with closing(read_ledger(ana)) as ledger:
        assert ledger.letter(letter("Ana").id) == letter("Ana", **state._asdict(), checked=9)
    change(bo, commit(letters=[letter("Ana", b"two")]))
    (ana / LEDGER_FILE).write_bytes((bo / LEDGER_FILE).read_bytes())
    with closing(read_ledger(ana)) as ledger:
        assert ledger.letter(letter("Ana").id) == letter("Ana", b"two")


def test_a_run_that_learns_nothing_new_does_not_write_the_ledger(
    folders: tuple[Path, Path],
) -> None:
    ana, _ = folders
    path = ana / LEDGER_FILE
    before, data = path.stat().st_mtime_ns, path.read_bytes()
    state = FileState(900, 7, 5, 6)
    change(
        ana,
        commit(letters=[letter("Ana", **state._asdict(), checked=9)], people=[person("Ana")]),
        commit(facts={"register_file": "[1, 2, 3, 4]"}),
    )
    assert (path.stat().st_mtime_ns, path.read_bytes()) == (before, data)


def test_a_damaged_conflict_copy_is_kept_and_ignored(folders: tuple[Path, Path]) -> None:
    ana, _ = folders
    path = ana / LEDGER_FILE
    copy = path.with_stem(f"{path.stem}-DESKTOP-B")
    copy.write_bytes(path.read_bytes()[:6000])
    change(ana)
    assert copy.exists()


def test_a_row_never_gets_an_earlier_moment_than_rows_from_a_computer_whose_clock_is_fast(
    folders: tuple[Path, Path],
) -> None:
    ana, bo = folders
    with closing(sqlite3.connect(bo / LEDGER_FILE)) as db, db:
        db.execute("UPDATE letter SET path = 'Ana/later.docx', at = at + 600000000000")
    replace_with_copy(ana, bo)
    change(ana)
    change(ana, commit(letters=[letter("Ana", path="Ana/latest.docx")]))
    change(bo)
    replace_with_copy(bo, ana)
    change(bo)
    with closing(read_ledger(bo)) as ledger:
        assert ledger.letter_path(letter("Ana").id) == "Ana/latest.docx"


def test_two_letters_with_one_path_are_found_by_the_later_one(folders: tuple[Path, Path]) -> None:
    ana, bo = folders
    change(ana, commit(letters=[letter("Bo", path="same.docx")]))
    change(bo, commit(letters=[letter("Chidi", path="same.docx")]))
    replace_with_copy(ana, bo)
    with closing(open_ledger(ana)) as ledger:
        assert ledger.letter_id_at("same.docx") == letter("Chidi").id
        assert ledger.letter_ids_at(["same.docx"]) == {"same.docx": letter("Chidi").id}


def test_many_letters_are_joined(folders: tuple[Path, Path]) -> None:
    ana, bo = folders
    picked = random.Random(25)  # noqa: S311 - which letters
    ids = [f"{number:016x}" for number in range(2_000)]
    records = [letter("Bo", id=letter_id, path=f"{letter_id}.docx") for letter_id in ids]
    change(ana, commit(new_letters=records[:1_200]))
    change(bo, commit(new_letters=picked.sample(records, 1_200)))
    replace_with_copy(ana, bo)
    change(ana)
    with closing(read_ledger(ana)) as ledger:
        assert {*ids[:1_200]} <= {*ledger.letter_ids()}


def test_the_letter_of_another_person_with_the_same_id_is_not_joined(
    folders: tuple[Path, Path],
) -> None:
    ana, bo = folders
    mine, theirs = (letter("Chidi", output, named=output) for output in (b"mine", b"theirs"))
    stages = {mine.id: frozenset({"Posted"})}
    change(ana, commit(letters=[mine], people=[person("Chidi")]))
    change(
        bo,
        commit(letters=[theirs], people=[person("Chidi")._replace(name="a0")]),
        commit(register_stages=stages, print_records=[printed("Chidi", 1)]),
    )
    replace_with_copy(bo, ana)
    change(bo)
    with closing(read_ledger(bo)) as ledger:
        assert ledger.letter(mine.id) == mine
        assert not ledger.is_earlier_version(mine.id, b"theirs")
        assert (ledger.register_stages(), ledger.batches()) == ({}, {})
        assert person("Chidi") in [*ledger.people()]


def test_a_corrected_name_is_not_taken_for_another_person(folders: tuple[Path, Path]) -> None:
    ana, bo = folders
    corrected = letter("Ana", b"corrected", named=b"corrected")
    change(ana, commit(letters=[corrected], people=[person("Ana")._replace(name="c0de")]))
    change(bo, commit(register_stages={corrected.id: frozenset({"Posted"})}))
    replace_with_copy(bo, ana)
    change(bo)
    with closing(read_ledger(bo)) as ledger:
        assert ledger.letter(corrected.id) == corrected
        assert ledger.is_earlier_version(corrected.id, b"one")
        assert ledger.register_stages() == {corrected.id: frozenset({"Posted"})}


@pytest.mark.posix("replacing an open file")
def test_a_ledger_that_a_sync_replaces_during_a_run_keeps_what_the_run_recorded(
    folders: tuple[Path, Path],
) -> None:
    ana, bo = folders
    change(bo, commit(letters=[letter("Bo")]))
    with closing(open_ledger(ana)) as ledger:
        commit(letters=[letter("Chidi")])(ledger)
        (ana.parent / "arrived").write_bytes((bo / LEDGER_FILE).read_bytes())
        (ana.parent / "arrived").replace(ana / LEDGER_FILE)
    change(ana)
    with closing(read_ledger(ana)) as ledger:
        assert {*ledger.letter_ids()} == {letter(name).id for name in NAMES}


@pytest.mark.posix("links need a permission on Windows")
def test_a_link_with_the_name_of_a_conflict_copy_is_not_followed(
    folders: tuple[Path, Path],
) -> None:
    ana, bo = folders
    change(bo, commit(letters=[letter("Bo")]))
    link = (ana / LEDGER_FILE).with_stem("Appeal Merge records-DESKTOP-B")
    link.symlink_to(bo / LEDGER_FILE)
    change(ana)
    with closing(read_ledger(ana)) as ledger:
        assert [*ledger.letter_ids()] == [letter("Ana").id]
    assert link.is_symlink()


@pytest.mark.parametrize(
    "change_of_row",
    everyday(
        [
            "UPDATE letter SET path = '../../outside.docx'",
            "UPDATE letter SET path = '/etc/outside.docx'",
            "UPDATE letter SET path = 'C:\\outside.docx'",
            "UPDATE letter SET path = 'a' || char(0) || '.docx'",
            "UPDATE letter SET was = path",
            "UPDATE letter SET at = 9223372036854775807",
            "UPDATE printed SET moment = 'x'",
        ]
    ),
)
def test_a_conflict_copy_with_impossible_values_is_not_joined(
    folders: tuple[Path, Path], change_of_row: str
) -> None:
    ana, bo = folders
    change(bo, commit(letters=[letter("Bo")], print_records=[printed("Bo", 1)]))
    with closing(sqlite3.connect(bo / LEDGER_FILE)) as db, db:
        db.execute("PRAGMA ignore_check_constraints = 1")
        db.execute(change_of_row)
    path = ana / LEDGER_FILE
    path.with_stem(f"{path.stem}-DESKTOP-B").write_bytes((bo / LEDGER_FILE).read_bytes())
    change(ana)
    with closing(read_ledger(ana)) as ledger:
        assert [*ledger.letters()] == [letter("Ana")]
