"""The ledger: what it stores, what it never contains, and damage."""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import letters, make, make_with_letters, merge, merge_alone
from support.everyday import everyday

from merge.campaign.campaign import read_campaign
from merge.campaign.letters_order import LettersOrder
from merge.campaign.letters_run import write_letters
from merge.campaign.plan import LettersRunPlan
from merge.computer import campaign_file
from merge.disk import FileState
from merge.errors import StorageError
from merge.naming import short_hash
from merge.state.ledger import memory_ledger, open_ledger, read_ledger
from merge.state.ledger_file import LEDGER_FILE, ledger_read_errors
from merge.state.ledger_records import (
    DecisionRecord,
    LayoutRecord,
    LedgerChangeSet,
    LetterRecord,
    PdfRecord,
    PersonRecord,
    PrintedBatch,
    PrintRecord,
)

DAY = dt.date(2026, 11, 25)
TABLES = ("letter", "version", "printed", "person", "said", "paper")
ANA = LetterRecord(
    "a" * 16, "Ana/Li.docx", b"named", DAY, b"inputs", b"out 1", b"words", 900, 7, 5, 6, 9, "made"
)


def _commit(folder: Path, *letters: LetterRecord) -> None:
    with closing(open_ledger(folder)) as ledger:
        ledger.commit(LedgerChangeSet(letters=[*letters]))


def test_the_next_run_finds_everything_in_the_ledger(tmp_path: Path) -> None:
    person = PersonRecord("key", "b" * 16, "signer", "1a2b", b"cells")
    field_digests: dict[bytes, Mapping[str, str]] = {b"digest": {"recipient.title": "1a2b3c"}}
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.commit(
            LedgerChangeSet([ANA], [person], field_digests=field_digests, facts={"late": "{}"})
        )
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.letter(ANA.id) == ANA
        assert list(ledger.letters()) == [ANA]
        assert list(ledger.people()) == [person]
        assert ledger.field_digests(b"digest") == field_digests[b"digest"]
        assert (ledger.fact("late"), ledger.letter_path(ANA.id)) == ("{}", ANA.path)
        assert ledger.letter_id_at(ANA.path) == ANA.id


def test_an_empty_ledger_knows_nothing(tmp_path: Path) -> None:
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.letter(ANA.id) is None
        assert (ledger.letter_path(ANA.id), ledger.fact("register")) == ("", "")
        assert ledger.field_digests(b"digest") is None
        assert ledger.letter_id_at(ANA.path) == ""
        assert not ledger.is_earlier_version(ANA.id, b"out 1")


def test_the_ledger_knows_every_version_of_a_letter(tmp_path: Path) -> None:
    _commit(tmp_path, ANA)
    _commit(tmp_path, ANA._replace(output=b"out 2"))
    _commit(tmp_path, ANA._replace(output=b"out 2", size=901))
    _commit(tmp_path, ANA._replace(output=b"out 3"))
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.is_earlier_version(ANA.id, b"out 1")
        assert ledger.is_earlier_version(ANA.id, b"out 2")
        assert not ledger.is_earlier_version(ANA.id, b"out 4")
        assert not ledger.is_earlier_version("b" * 16, b"out 1")


def test_changes_of_the_ledger_are_stored_completely_or_not_at_all(tmp_path: Path) -> None:
    other = ANA._replace(id="not an ID")
    with closing(open_ledger(tmp_path)) as ledger, pytest.raises(StorageError) as error:
        ledger.commit(LedgerChangeSet([ANA, other], facts={"register": "[]"}))
    assert error.value.problems[0].code == "ledger-mismatch"
    with closing(open_ledger(tmp_path)) as ledger:
        assert (list(ledger.letters()), ledger.fact("register")) == ([], "")


def test_a_letter_at_another_letters_path_takes_over_this_path(tmp_path: Path) -> None:
    other = ANA._replace(id="b" * 16, path="Ana/Roy.docx")
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.commit(LedgerChangeSet([ANA]))
        ledger.commit(LedgerChangeSet([other._replace(path=ANA.path)]))
        assert (ledger.letter_id_at(ANA.path), ledger.letter_path(ANA.id)) == (other.id, "")
        assert ledger.letter_id_at("") == ""
        ledger.commit(LedgerChangeSet([ANA._replace(path="Ana/Li-2.docx"), other]))
        assert (ledger.letter_path(ANA.id), ledger.letter_path(other.id)) == (
            "Ana/Li-2.docx",
            other.path,
        )
        ledger.commit(
            LedgerChangeSet([ANA._replace(path=other.path), other._replace(path=ANA.path)])
        )
        assert (ledger.letter_path(ANA.id), ledger.letter_path(other.id)) == (other.path, ANA.path)


def test_a_renamed_person_is_removed_under_the_old_key(tmp_path: Path) -> None:
    old, new = (PersonRecord(key, "b" * 16, "signer", "name", b"cells") for key in ("old", "new"))
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.commit(LedgerChangeSet(people=[old]))
        ledger.commit(LedgerChangeSet(people=[new], outdated_person_keys=["old"]))
        assert list(ledger.people()) == [new]


def test_a_deleted_letter_leaves_no_trace_in_the_ledger_file(tmp_path: Path) -> None:
    _commit(tmp_path, ANA._replace(path="Zoltan Kodaly/Li.docx"))
    assert b"Kodaly" in (tmp_path / LEDGER_FILE).read_bytes()
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.delete_records([ANA.id])
        assert ledger.letter(ANA.id) is None
    assert b"Kodaly" not in (tmp_path / LEDGER_FILE).read_bytes()


def test_the_ledger_is_a_single_file_after_a_run(tmp_path: Path) -> None:
    """No write-ahead log: it does not work on network drives."""
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.commit(LedgerChangeSet([ANA]))
        assert {p.name for p in tmp_path.iterdir()} <= {LEDGER_FILE, f"{LEDGER_FILE}-journal"}
    assert [p.name for p in tmp_path.iterdir()] == [LEDGER_FILE]


def test_the_ledger_contains_no_personal_data_but_paths(tmp_path: Path) -> None:
    signers = [["ID", "Name", "Town"], ["P-4711", "Zoltan Kodaly", "Kecskemet"]]
    settings = [["Name", "Value"], ["File name", "{{ signer.id }}/{{ recipient.name }}"]]
    folder = make(
        tmp_path, "{{ signer.name }} {{ signer.town }}", Signers=signers, Settings=settings
    )
    staff_actions.run_letters(folder)
    ledger_bytes = (folder / "letters" / LEDGER_FILE).read_bytes()
    assert b"P-4711/Minister Li.docx" in ledger_bytes
    assert b"Kodaly" not in ledger_bytes
    assert b"Kecskemet" not in ledger_bytes
    assert b"kecskemet" not in ledger_bytes


_HASHES = (
    "SELECT key FROM person UNION SELECT name FROM person UNION SELECT hex(cells) FROM person"
    " UNION SELECT hex(substr(named, 1, 4)) FROM letter UNION SELECT hex(digest) FROM said"
    " UNION SELECT value FROM said, json_each(said.fields)"
)


def _hashes(folder: Path) -> set[str]:
    """Return the hashes of people and cells in a ledger."""
    with closing(sqlite3.connect(folder / "letters" / LEDGER_FILE)) as db:
        return {value.lower() for (value,) in db.execute(_HASHES) if value}


def test_two_campaigns_of_the_same_people_have_no_hash_in_common(tmp_path: Path) -> None:
    one, other = (make(tmp_path / name) for name in ("one", "other"))
    for folder in (one, other):
        staff_actions.run_letters(folder)
    assert len(_hashes(one)) > 10
    assert not _hashes(one) & _hashes(other)
    ids = [{staff_actions.id_in(f) for f in letters(folder).values()} for folder in (one, other)]
    assert ids[0] == ids[1]


def test_hashes_of_known_names_find_no_one_in_a_ledger(tmp_path: Path) -> None:
    folder = make(tmp_path)
    staff_actions.run_letters(folder)
    known = {short_hash(kind, "name:ana ruiz") for kind in ("signer", "recipient")}
    known |= {short_hash("Ana Ruiz")[:8], short_hash("Ana Ruiz", repr(None))[:6]}
    assert not _hashes(folder) & known


@pytest.mark.slow
def test_hashes_agree_if_another_run_created_the_ledger_meanwhile(tmp_path: Path) -> None:
    folder = make(tmp_path)
    plan = LettersRunPlan(read_campaign(folder), LettersOrder(folder / "letters"))
    assert merge_alone("letters", folder).code == 0
    write_letters(plan)
    with closing(read_ledger(folder / "letters")) as ledger:
        assert len(list(ledger.people())) == 4
    assert set(staff_actions.states(folder).values()) == {"unchanged"}


def _row_counts(db: sqlite3.Connection) -> dict[str, int]:
    """Return the number of rows of each table."""
    return {t: db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in TABLES}  # noqa: S608


@pytest.mark.slow
def test_a_person_whose_letters_were_deleted_leaves_no_rows_in_the_ledger(tmp_path: Path) -> None:
    def rows(*names: str) -> list[list[str]]:
        return [["Name", "Town"], *([name, f"Town of {name}"] for name in names)]

    template = "{{ signer.name }} {{ signer.town }}"
    folder = make(tmp_path, template, Signers=rows("Zoltan Kodaly", "Ana Ruiz"))
    staff_actions.run_letters(folder)
    assert merge("print", folder, "--no-covers").code == 0
    make(folder, template, Signers=rows("Ana Ruiz"))
    staff_actions.run_letters(folder)
    shutil.rmtree(folder / "letters" / "No longer wanted")
    staff_actions.run_letters(folder)
    path = folder / "letters" / LEDGER_FILE
    assert b"Kodaly" not in path.read_bytes()
    with closing(sqlite3.connect(path)) as db:
        counts = _row_counts(db)
    fresh = make(tmp_path / "fresh", template, Signers=rows("Ana Ruiz"))
    staff_actions.run_letters(fresh)
    merge("print", fresh, "--no-covers")
    with closing(sqlite3.connect(fresh / "letters" / LEDGER_FILE)) as db:
        assert counts == _row_counts(db)


@pytest.mark.slow
def test_a_second_run_is_refused_while_one_writes_the_ledger(tmp_path: Path) -> None:
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.commit(LedgerChangeSet([ANA]))
        for opening in (open_ledger, read_ledger):
            with pytest.raises(StorageError) as error:
                opening(tmp_path)
            assert error.value.problems[0].code == "folder-busy"


def test_a_ledger_that_cannot_be_opened_is_reported(tmp_path: Path) -> None:
    (tmp_path / LEDGER_FILE).mkdir()
    with pytest.raises(StorageError) as error:
        read_ledger(tmp_path)
    (problem,) = error.value.problems
    assert (problem.code, str(problem.hint)) == (
        "ledger-closed",
        (
            "Check that the disk is connected, and that no other program has the file open. Then"
            " try again, or ask your IT support."
        ),
    )


def test_reading_creates_no_ledger(tmp_path: Path) -> None:
    for ledger in (read_ledger(tmp_path), memory_ledger()):
        with closing(ledger):
            assert ledger.is_empty
            assert list(ledger.letters()) == []
            ledger.commit(LedgerChangeSet([ANA]))
            assert ledger.letter(ANA.id) == ANA
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_is_empty_until_it_has_a_letter(tmp_path: Path) -> None:
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.is_empty
        ledger.commit(LedgerChangeSet(decisions=[DecisionRecord(ANA.id, "hide", b"")]))
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.is_empty
        ledger.commit(LedgerChangeSet([ANA]))
    with closing(open_ledger(tmp_path)) as ledger:
        assert not ledger.is_empty


def test_decisions_are_stored_removed_and_deleted_with_their_letter(tmp_path: Path) -> None:
    decision = DecisionRecord(ANA.id, "keep", b"one")
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.commit(
            LedgerChangeSet([ANA], decisions=[decision, decision._replace(choice="print")])
        )
        ledger.commit(LedgerChangeSet(decisions=[decision._replace(seen=b"two")]))
        assert {(d.choice, d.seen) for d in ledger.decisions()} == {
            ("keep", b"two"),
            ("print", b"one"),
        }
        ledger.commit(LedgerChangeSet(cleared_decisions=[ANA.id]))
        assert list(ledger.decisions()) == []
        ledger.commit(LedgerChangeSet(decisions=[decision]))
        ledger.delete_records([ANA.id])
        assert list(ledger.decisions()) == []


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda data: data[:0],
    "cut short": lambda data: data[: len(data) // 2],
    "overwritten": lambda data: b"not a database, whatever it was " * (len(data) // 32),
    "its pages overwritten": lambda data: data[:1024] + b"\x5a" * (len(data) - 1024),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_ledger_is_replaced_by_the_last_copy_of_the_computer(
    tmp_path: Path, damage: str
) -> None:
    other = ANA._replace(id="b" * 16, path="Ana/Roy.docx")
    _commit(tmp_path, ANA)
    path = tmp_path / LEDGER_FILE
    os.utime(path, (0, 0))
    with closing(read_ledger(tmp_path)) as ledger:  # the second time, it is not checked as closely
        assert ledger.is_in_folder
    whole = path.read_bytes()
    damaged = DAMAGES[damage](whole)
    path.write_bytes(damaged)
    with closing(read_ledger(tmp_path)) as ledger:
        assert (list(ledger.letters()), ledger.is_in_folder) == ([ANA], False)
    _commit(tmp_path, other)
    assert path.read_bytes() == damaged
    assert [p.name for p in tmp_path.iterdir()] == [LEDGER_FILE]
    for arrived in (path.unlink, lambda: path.write_bytes(whole)):
        arrived()
        with closing(open_ledger(tmp_path)) as ledger:
            assert (list(ledger.letters()), ledger.is_in_folder) == ([ANA, other], True)


def test_a_damaged_ledger_without_a_last_copy_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_with_letters(tmp_path / "campaign")
    path = folder / "letters" / LEDGER_FILE
    path.write_bytes(path.read_bytes()[:5000])
    monkeypatch.setenv("MERGE_HOME", str(tmp_path / "another computer"))
    for command in ("letters", "status"):
        ran = merge(command, folder)
        assert ran.code == 1
        assert "they have not arrived completely, or are damaged" in ran.err
    path.unlink()
    assert merge("letters", folder).code == 0


def test_a_ledger_that_has_not_arrived_is_reported_and_nothing_is_lost(tmp_path: Path) -> None:
    folder = make(tmp_path / "campaign")
    merge("letters", folder)
    path = folder / "letters" / LEDGER_FILE
    half = path.read_bytes()[:5000]
    path.write_bytes(half)
    ran = merge("letters", folder)
    assert ran.code == 0
    assert "is used. If this folder syncs, wait until the sync has finished." in ran.err.replace(
        "\n       ", " "
    )
    assert path.read_bytes() == half


def test_a_ledger_that_stays_damaged_for_an_hour_is_replaced_by_the_last_copy(
    tmp_path: Path,
) -> None:
    folder = make(tmp_path / "campaign")
    merge("letters", folder)
    letters_folder = folder / "letters"
    path = letters_folder / LEDGER_FILE
    half = path.read_bytes()[:5000]
    path.write_bytes(half)
    path.with_name(f"{LEDGER_FILE}-journal").write_bytes(b"of another computer")
    merge("letters", folder)
    assert path.read_bytes() == half
    private = campaign_file(letters_folder, ".db", create=False)
    assert private is not None
    with closing(sqlite3.connect(private)) as db, db:
        query = "UPDATE fact SET value = json_set(value, '$[1]', ?) WHERE name = 'damage'"
        db.execute(query, (time.time() - 3_601,))
    make(folder, "Hello {{ recipient.name }} from {{ signer.name }}")
    assert "damaged" not in merge("letters", folder).err
    with closing(read_ledger(letters_folder)) as ledger:
        assert (ledger.is_in_folder, len([*ledger.letters()])) == (True, 4)
    assert "damaged" not in merge("status", folder).err
    assert not path.with_name(f"{LEDGER_FILE}-journal").exists()


@pytest.mark.parametrize(
    "change",
    everyday(
        [
            "UPDATE letter SET day = 0",
            "UPDATE letter SET path = CAST(X'ff41' AS TEXT) || path",
            "UPDATE letter SET content = 'nonsense'",
            "UPDATE letter SET id = 'x' || substr(id, 2)",
            "UPDATE said SET fields = '{'",
            "UPDATE fact SET value = '{'",
            "DROP TABLE version",
            "ALTER TABLE letter DROP COLUMN was",
            "ALTER TABLE letter ADD COLUMN more TEXT",
            "DROP INDEX letter_path",
        ]
    ),
)
def test_no_edit_is_lost_with_a_ledger_of_invalid_values(tmp_path: Path, change: str) -> None:
    folder = make(tmp_path)
    staff_actions.run_letters(folder)
    _edit_survives(folder, lambda: staff_actions.in_ledger(folder, change))


VERSION_BYTES = range(60, 64)
"""The bytes in which SQLite keeps user_version.

If they change, the ledger is one of another version, and not damaged.
"""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_no_edit_is_lost_with_a_ledger_of_wrong_bytes(tmp_path: Path, seed: int) -> None:
    folder = make(tmp_path)
    staff_actions.run_letters(folder)
    staff_actions.run_letters(folder)
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    path = folder / "letters" / LEDGER_FILE

    def spoil() -> None:
        data = bytearray(path.read_bytes())
        used = [place for place, byte in enumerate(data) if byte and place not in VERSION_BYTES]
        for place in chance.sample(used, chance.choice([1, 1, 3, 20])):
            data[place] ^= 1 << chance.randrange(8)
        path.write_bytes(data)

    _edit_survives(folder, spoil)


def _edit_survives(folder: Path, damage: Callable[[], object]) -> None:
    letter = folder / "letters" / "Bo Berg" / "Consul Roy.docx"
    edited = staff_actions.retype(letter, "Dear", "My dear")
    damage()
    states = staff_actions.states(folder)
    assert len(states) == 4
    state = states.get("Bo Berg/Consul Roy.docx", "nobody's, as far as the ledger knows")
    assert state not in {"new", "rewritten", "unchanged"}
    assert letter.read_bytes() == edited
    staff_actions.assert_up_to_date(folder)


@pytest.mark.parametrize(
    ("mtime", "size", "checked", "still"),
    [
        (5_000_000_001, 900, 5_000_000_002, True),
        (5_000_000_001, 901, 5_000_000_002, False),
        (5_000_000_000, 900, 5_000_000_002, False),
        (5_000_000_001, 900, 5_000_000_001, False),
        (5_000_000_001, 900, 4_000_000_000, False),
    ],
    ids=["as it was", "another size", "another time", "changed at that moment", "of tomorrow"],
)
def test_a_letter_file_of_the_same_size_and_time_matches_its_record(
    mtime: int, size: int, checked: int, *, still: bool
) -> None:
    known = ANA._replace(mtime=5_000_000_001, size=900, checked=checked)
    assert known.matches(FileState(size, mtime, ANA.inode, ANA.ctime)) == still


def test_a_file_time_in_whole_seconds_is_not_trusted_for_two_seconds() -> None:
    known = ANA._replace(mtime=5_000_000_000, checked=6_900_000_000)
    assert not known.matches(known.file_state)
    assert known._replace(checked=7_000_000_001).matches(known.file_state)


def test_a_file_on_fat_or_exfat_never_matches_its_record() -> None:
    """A letter copied over it may have its size and time."""
    for mtime in (5_000_000_000, 5_120_000_000):
        known = ANA._replace(mtime=mtime, ctime=mtime, checked=9_000_000_000)
        assert not known.matches(known.file_state)
        elsewhere = known._replace(ctime=mtime + 1)
        assert elsewhere.matches(elsewhere.file_state)


def test_a_letter_file_that_was_never_checked_does_not_match() -> None:
    assert not ANA._replace(content="").matches(ANA.file_state)


def test_another_file_of_the_same_size_and_time_does_not_match() -> None:
    assert ANA.matches(ANA.file_state)
    assert not ANA.matches(ANA.file_state._replace(inode=ANA.inode + 1))


def test_a_file_overwritten_with_its_time_kept_does_not_match() -> None:
    assert not ANA.matches(ANA.file_state._replace(ctime=ANA.ctime + 1))


def test_stages_of_a_printed_letter_stay_until_its_file_is_released(tmp_path: Path) -> None:
    stages = {ANA.id: frozenset({"Posted", "Printed"}), "b" * 16: frozenset[str]()}
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.commit(LedgerChangeSet([ANA], register_stages=stages))
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.register_stages() == stages
        ledger.commit(LedgerChangeSet(released_letters=["b" * 16]))
        assert list(ledger.register_stages()) == [ANA.id]
        ledger.delete_records([ANA.id])
        assert ledger.register_stages() == {}


def test_a_ledger_locked_while_it_is_read_is_reported_as_another_run(
    tmp_path: Path,
) -> None:
    folder = make_with_letters(tmp_path / "campaign")
    root = folder / "letters"
    with (
        closing(sqlite3.connect(root / LEDGER_FILE)) as other,
        closing(read_ledger(root)) as ledger,
    ):
        other.execute("BEGIN EXCLUSIVE")
        with (
            pytest.raises(StorageError, match="Another run is writing"),
            ledger_read_errors(root),
        ):
            ledger.fact("closed")


def test_page_counts_and_pdfs_stay_until_the_letter_is_deleted(tmp_path: Path) -> None:
    layout = LayoutRecord(ANA.id, b"seen", 2, lone_signature=True, room_mm=None)
    pdf = PdfRecord(b"batch", b"pdf", 7)
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.commit(LedgerChangeSet([ANA], layouts=[layout], pdfs=[pdf]))
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.layouts([ANA.id, "c" * 16]) == {ANA.id: layout}
        assert ledger.pdf(b"batch") == pdf
        ledger.delete_records([ANA.id])
        assert ledger.layouts([ANA.id]) == {}
        assert ledger.pdf(b"batch") is None


def test_a_print_file_has_its_name_from_number_and_time(
    tmp_path: Path,
) -> None:
    minute = dt.datetime(2026, 11, 26, 14, 5)  # noqa: DTZ001 - as the office's clocks say
    of_minute = PrintedBatch(2, minute)
    same_minute = PrintedBatch(1, minute.replace(second=7, microsecond=5))
    at = FileState(1, 2, 3, 4)
    records = [
        PrintRecord(ANA.id, of_minute, b"out", *at, inputs=b"in"),
        PrintRecord("b" * 16, same_minute, b"out", *at),
    ]
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.commit(LedgerChangeSet(print_records=records))
    with closing(open_ledger(tmp_path)) as ledger:
        assert [ledger.last_print(record.id) for record in records] == records
        assert ledger.batches() == {record.id: record.batch for record in records}
    names = ["02, 26 Nov 2026, 14.05", "01, 26 Nov 2026, 14.05.07"]
    assert [str(record.batch) for record in records] == names


FILE = PrintedBatch(2, dt.datetime(2026, 11, 26, 14, 5))  # noqa: DTZ001 - as the office's clocks say
IN_FILE = PrintRecord(ANA.id, FILE, ANA.output, 1, 2, 3, 4)
NEXT = ANA._replace(output=b"out 2")


@pytest.mark.parametrize(
    ("before", "after", "are_found"),
    [
        (LedgerChangeSet(print_records=[IN_FILE]), ANA, False),
        (LedgerChangeSet(print_records=[IN_FILE]), NEXT, True),
        (LedgerChangeSet(print_records=[IN_FILE]), NEXT._replace(superseded=FILE.key), False),
        (LedgerChangeSet(print_records=[IN_FILE._replace(output=b"edited")]), NEXT, False),
        (LedgerChangeSet(register_stages={ANA.id: frozenset({"Posted"})}), NEXT, True),
        (LedgerChangeSet(register_stages={ANA.id: frozenset()}), NEXT, False),
    ],
)
def test_the_ledger_finds_letters_that_were_created_again_after_they_were_printed(
    before: LedgerChangeSet, after: LetterRecord, tmp_path: Path, *, are_found: bool
) -> None:
    _commit(tmp_path, ANA)
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.commit(before)
        ledger.commit(LedgerChangeSet(letters=[after]))
        assert ledger.recreated_letter_ids() == ({ANA.id} if are_found else set())
        ledger.commit(LedgerChangeSet(register_stages={ANA.id: frozenset({"Printed", "Posted"})}))
        ledger.commit(LedgerChangeSet(accepted_letters=[ANA.id]))
        assert ledger.recreated_letter_ids() == set()


def test_a_mark_that_is_removed_and_made_again_is_of_the_present_letter(tmp_path: Path) -> None:
    posted = LedgerChangeSet(register_stages={ANA.id: frozenset({"Posted"})})
    _commit(tmp_path, ANA)
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.commit(posted)
        ledger.commit(LedgerChangeSet(released_letters=[ANA.id]))
        ledger.commit(LedgerChangeSet(letters=[NEXT]))
        ledger.commit(posted)
        assert ledger.recreated_letter_ids() == set()


def test_a_closed_campaign_has_no_hashes_of_letters_in_the_ledger(tmp_path: Path) -> None:
    _commit(tmp_path, ANA)
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.commit(
            LedgerChangeSet(
                print_records=[IN_FILE],
                register_stages={ANA.id: frozenset({"Posted"})},
                facts={"proofread": f'{{"{ANA.id}": "{ANA.output.hex()}"}}'},
            )
        )
        ledger.close_campaign(DAY)
        assert ledger.register_stages() == {ANA.id: frozenset({"Posted"})}
        assert ledger.fact("proofread") == ""
    data = (tmp_path / LEDGER_FILE).read_bytes()
    assert ANA.output not in data
    assert ANA.output.hex().encode() not in data
