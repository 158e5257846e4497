"""The ledger: what it stores, what it never contains, and damage."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import make, merge, record_lines

from merge.disk import FileState
from merge.product import RECORDS_FOLDER
from merge.state.entries import MarkEntry, PersonEntry, TrackingEntry, UnmarkEntry
from merge.state.ledger import memory_ledger, open_ledger, read_ledger
from merge.state.ledger_records import (
    DecisionRecord,
    LayoutRecord,
    LedgerChangeSet,
    LetterRecord,
    PdfRecord,
    PrintedBatch,
    PrintRecord,
)

DAY = dt.date(2026, 11, 25)
ANA = LetterRecord(
    "a" * 16, "Ana/Li.docx", b"named", DAY, b"inputs", b"out 1", b"words", 900, 7, 5, 6, 9, "made"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A letters folder that is empty."""
    (tmp_path / "campaign" / "letters").mkdir(parents=True)
    return tmp_path / "campaign" / "letters"


def _commit(folder: Path, *letters: LetterRecord) -> None:
    with closing(open_ledger(folder)) as ledger:
        ledger.commit(LedgerChangeSet(letters=[*letters]))


def test_the_next_run_finds_everything_in_the_ledger(folder: Path) -> None:
    person = PersonEntry("b" * 16, "signer", "key", "1a2b", cells=b"cells")
    values = {"recipient.title": ["Minister"]}
    with closing(open_ledger(folder)) as ledger:
        ledger.commit(
            LedgerChangeSet(
                [ANA._replace(inputs=b"8 bytes.date")],
                [person],
                texts={b"8 bytes.": values},
                facts={"late": "{}"},
            )
        )
    with closing(open_ledger(folder)) as ledger:
        assert ledger.letter(ANA.id) == ANA._replace(inputs=b"8 bytes.date")
        assert ledger.letter_ids() == [ANA.id]
        assert list(ledger.people()) == [person]
        assert ledger.field_values(b"8 bytes.") == values
        assert (ledger.fact("late"), ledger.letter_path(ANA.id)) == ("{}", ANA.path)
        assert ledger.state.letter_id_at(ANA.path) == ANA.id


def test_an_empty_ledger_knows_nothing(folder: Path) -> None:
    with closing(open_ledger(folder)) as ledger:
        assert ledger.letter(ANA.id) is None
        assert (ledger.letter_path(ANA.id), ledger.fact("register")) == ("", "")
        assert ledger.field_values(b"8 bytes.") is None
        assert ledger.original_parts(ANA) is None
        assert ledger.state.letter_id_at(ANA.path) == ""
        assert not ledger.state.is_earlier_version(ANA.id, b"out 1")


def test_the_ledger_knows_every_version_of_a_letter(folder: Path) -> None:
    _commit(folder, ANA)
    _commit(folder, ANA._replace(output=b"out 2"))
    _commit(folder, ANA._replace(output=b"out 2", size=901))
    _commit(folder, ANA._replace(output=b"out 3"))
    with closing(open_ledger(folder)) as ledger:
        assert ledger.state.is_earlier_version(ANA.id, b"out 1")
        assert ledger.state.is_earlier_version(ANA.id, b"out 2")
        assert not ledger.state.is_earlier_version(ANA.id, b"out 4")
        assert not ledger.state.is_earlier_version("b" * 16, b"out 1")


def test_a_letter_at_another_letters_path_takes_over_this_path(folder: Path) -> None:
    other = ANA._replace(id="b" * 16, path="Ana/Roy.docx")
    with closing(open_ledger(folder)) as ledger:
        ledger.commit(LedgerChangeSet([ANA]))
        ledger.commit(LedgerChangeSet([other._replace(path=ANA.path)]))
        assert (ledger.state.letter_id_at(ANA.path), ledger.letter_path(ANA.id)) == (other.id, "")
        assert ledger.state.letter_id_at("") == ""
        ledger.commit(LedgerChangeSet([ANA._replace(path="Ana/Li-2.docx"), other]))
        assert (ledger.letter_path(ANA.id), ledger.letter_path(other.id)) == (
            "Ana/Li-2.docx",
            other.path,
        )
        ledger.commit(
            LedgerChangeSet([ANA._replace(path=other.path), other._replace(path=ANA.path)])
        )
        assert (ledger.letter_path(ANA.id), ledger.letter_path(other.id)) == (other.path, ANA.path)


def test_a_renamed_person_is_removed_under_the_old_key(folder: Path) -> None:
    old, new = (
        PersonEntry("b" * 16, "signer", key, "name", cells=b"cells") for key in ("old", "new")
    )
    with closing(open_ledger(folder)) as ledger:
        ledger.commit(LedgerChangeSet(people=[old]))
        ledger.commit(LedgerChangeSet(people=[new], outdated_person_keys=["old"]))
        assert list(ledger.people()) == [new]


def test_a_deleted_letter_leaves_no_trace_in_the_ledger_file(folder: Path) -> None:
    _commit(folder, ANA._replace(path="Zoltan Kodaly/Li.docx"))
    assert b"Kodaly" in record_lines(folder.parent)
    with closing(open_ledger(folder)) as ledger:
        ledger.delete_records([ANA.id])
        assert ledger.letter(ANA.id) is None
    assert b"Kodaly" not in record_lines(folder.parent)


def test_facts_contain_no_personal_data_but_paths(tmp_path: Path) -> None:
    signers = [["ID", "Name", "Town"], ["P-4711", "Zoltan Kodaly", "Kecskemet"]]
    settings = [["Name", "Value"], ["File name", "{{ signer.id }}/{{ recipient.name }}"]]
    folder = make(
        tmp_path, "{{ signer.name }} {{ signer.town }}", Signers=signers, Settings=settings
    )
    staff_actions.run_letters(folder)
    facts = (folder / RECORDS_FOLDER).glob("*.jsonl")
    ledger_bytes = b"".join(path.read_bytes() for path in facts)
    assert b"P-4711/Minister Li.docx" in ledger_bytes
    assert b"Kodaly" not in ledger_bytes
    assert b"Kecskemet" not in ledger_bytes
    assert b"kecskemet" not in ledger_bytes


@pytest.mark.slow
def test_a_person_whose_letters_were_deleted_leaves_no_records(tmp_path: Path) -> None:
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
    assert b"Kodaly" not in record_lines(folder)
    counts = _counts(folder)
    fresh = make(tmp_path / "fresh", template, Signers=rows("Ana Ruiz"))
    staff_actions.run_letters(fresh)
    merge("print", fresh, "--no-covers")
    assert counts == _counts(fresh)


def _counts(folder: Path) -> list[int]:
    """Return how many letters, people, prints and marked letters are recorded."""
    with closing(read_ledger(folder / "letters")) as ledger:
        known = (ledger.letters(), ledger.people(), ledger.batches(), ledger.state.marked_letters())
        return [len([*records]) for records in known]


def test_reading_creates_no_ledger(folder: Path) -> None:
    for ledger in (read_ledger(folder), memory_ledger()):
        with closing(ledger):
            assert ledger.is_empty
            assert list(ledger.letters()) == []
            ledger.commit(LedgerChangeSet([ANA]))
            assert ledger.letter(ANA.id) == ANA
    assert list(folder.parent.rglob("*")) == [folder]


def test_a_ledger_is_empty_until_it_has_a_letter(folder: Path) -> None:
    with closing(open_ledger(folder)) as ledger:
        assert ledger.is_empty
        ledger.commit(LedgerChangeSet(decisions=[DecisionRecord(ANA.id, "hide", b"")]))
    with closing(open_ledger(folder)) as ledger:
        assert ledger.is_empty
        ledger.commit(LedgerChangeSet([ANA]))
    with closing(open_ledger(folder)) as ledger:
        assert not ledger.is_empty


def test_decisions_are_stored_removed_and_deleted_with_their_letter(folder: Path) -> None:
    decision = DecisionRecord(ANA.id, "keep", b"one")
    with closing(open_ledger(folder)) as ledger:
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


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_no_edit_is_lost_with_records_of_wrong_bytes(tmp_path: Path, seed: int) -> None:
    folder = make(tmp_path)
    staff_actions.run_letters(folder)
    staff_actions.run_letters(folder)
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    path = chance.choice(sorted((folder / RECORDS_FOLDER).rglob("*.jsonl")))

    def spoil() -> None:
        data = bytearray(path.read_bytes())
        for place in chance.sample(range(len(data)), chance.choice([1, 1, 3, 20])):
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


def _mark(letter_id: str, stage: str) -> MarkEntry | UnmarkEntry | TrackingEntry:
    return MarkEntry(letter_id, stage, "2026-11-25", "register")


def test_stages_of_a_printed_letter_stay_until_its_file_is_released(folder: Path) -> None:
    stages = {ANA.id: frozenset({"Posted", "Printed"}), "b" * 16: frozenset({"Printed"})}
    marks = [_mark(letter_id, stage) for letter_id in stages for stage in stages[letter_id]]
    with closing(open_ledger(folder)) as ledger:
        ledger.commit(LedgerChangeSet([ANA], marks=marks))
    with closing(open_ledger(folder)) as ledger:
        assert ledger.state.marked_letters() == stages
        ledger.commit(LedgerChangeSet(released_letters=["b" * 16]))
        assert list(ledger.state.marked_letters()) == [ANA.id]
        ledger.delete_records([ANA.id])
        assert ledger.state.marked_letters() == {}


def test_page_counts_and_pdfs_stay_until_the_letter_is_deleted(folder: Path) -> None:
    layout = LayoutRecord(ANA.id, b"seen", 2, lone_signature=True, room_mm=None)
    pdf = PdfRecord(b"batch", b"pdf", 7)
    with closing(open_ledger(folder)) as ledger:
        ledger.commit(LedgerChangeSet([ANA], layouts=[layout], pdfs=[pdf]))
    with closing(open_ledger(folder)) as ledger:
        assert ledger.layouts([ANA.id, "c" * 16]) == {ANA.id: layout}
        assert ledger.pdf(b"batch") == pdf
        ledger.delete_records([ANA.id])
        assert ledger.layouts([ANA.id]) == {}
        assert ledger.pdf(b"batch") is None


def test_a_print_file_has_its_name_from_number_and_time(
    folder: Path,
) -> None:
    minute = dt.datetime(2026, 11, 26, 14, 5)  # noqa: DTZ001 - as the office's clocks say
    of_minute = PrintedBatch(2, minute)
    same_minute = PrintedBatch(1, minute.replace(second=7, microsecond=5))
    at = FileState(1, 2, 3, 4)
    records = [
        PrintRecord(ANA.id, of_minute, b"out", *at, inputs=b"in"),
        PrintRecord("b" * 16, same_minute, b"out", *at),
    ]
    with closing(open_ledger(folder)) as ledger:
        ledger.commit(LedgerChangeSet(print_records=records))
    with closing(open_ledger(folder)) as ledger:
        assert [ledger.last_print(record.id) for record in records] == records
        assert ledger.batches() == {record.id: record.batch for record in records}
    names = ["02, 26 Nov 2026, 14.05", "01, 26 Nov 2026, 14.05.07"]
    assert [str(record.batch) for record in records] == names


FILE = PrintedBatch(2, dt.datetime(2026, 11, 26, 14, 5))  # noqa: DTZ001 - as the office's clocks say
IN_FILE = PrintRecord(ANA.id, FILE, ANA.output, 1, 2, 3, 4)
NEXT = ANA._replace(output=b"out 2")


def test_a_mark_that_is_removed_and_made_again_is_of_the_present_letter(folder: Path) -> None:
    posted = LedgerChangeSet(marks=[_mark(ANA.id, "Posted")])
    _commit(folder, ANA)
    with closing(open_ledger(folder)) as ledger:
        ledger.commit(posted)
        ledger.commit(LedgerChangeSet(released_letters=[ANA.id]))
        ledger.commit(LedgerChangeSet(letters=[NEXT]))
        ledger.commit(posted)
        assert ledger.state.recreated_letter_ids() == set()


def test_a_closed_campaign_has_no_hashes_of_letters_in_the_ledger(folder: Path) -> None:
    _commit(folder, ANA)
    with closing(open_ledger(folder)) as ledger:
        ledger.commit(
            LedgerChangeSet(
                print_records=[IN_FILE],
                marks=[_mark(ANA.id, "Posted")],
                facts={"proofread": f'{{"{ANA.id}": "{ANA.output.hex()}"}}'},
            )
        )
        ledger.close_campaign(DAY)
        assert ledger.state.marked_letters() == {ANA.id: frozenset({"Posted"})}
        assert ledger.fact("proofread") == ""
    data = record_lines(folder.parent)
    assert ANA.output not in data
    assert ANA.output.hex().encode() not in data
