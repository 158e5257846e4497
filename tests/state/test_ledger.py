"""The program's memory: what it keeps, what it never holds, what becomes of a damaged one."""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import lettered, letters, make, merge, merge_alone
from support.everyday import everyday

from merge.campaign.campaign import read_campaign
from merge.campaign.letters_order import LettersOrder
from merge.campaign.plan import Plan
from merge.campaign.run import write_letters
from merge.disk import FileState
from merge.errors import StorageError
from merge.naming import short_hash
from merge.people import SheetKind
from merge.state.ledger import (
    LEDGER_FILE,
    ChangeSet,
    DecisionRecord,
    LayoutRecord,
    Ledger,
    LetterRecord,
    PdfRecord,
    PersonRecord,
    PrintRecord,
    memory_ledger,
    open_ledger,
    read_ledger,
    while_reading,
)
from merge.template.library import salted_fields, salted_inputs

DAY = dt.date(2026, 11, 25)
TABLES = ("letter", "version", "printed", "person", "said", "paper")
ANA = LetterRecord(
    "a" * 16, "Ana/Li.docx", b"named", DAY, b"inputs", b"out 1", b"words", 900, 7, 5, 6, 9, "made"
)


def _commit(folder: Path, *letters: LetterRecord) -> None:
    with closing(open_ledger(folder)) as ledger:
        ledger.commit(ChangeSet(letters=[*letters]))


def test_what_was_written_down_is_there_at_the_next_run(tmp_path: Path) -> None:
    someone = PersonRecord("key", "b" * 16, "signer", "name", b"cells")
    said: dict[bytes, Mapping[str, str]] = {b"digest": {"recipient.title": "1a2b3c"}}
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.commit(ChangeSet([ANA], [someone], said=said, facts={"register": "[]"}))
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.letter(ANA.id) == ANA
        assert list(ledger.letters()) == [ANA]
        assert list(ledger.people()) == [someone]
        assert ledger.fields(b"digest") == said[b"digest"]
        assert (ledger.fact("register"), ledger.path(ANA.id)) == ("[]", ANA.path)
        assert ledger.id_at(ANA.path) == ANA.id


def test_what_was_never_written_down_is_nothing(tmp_path: Path) -> None:
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.letter(ANA.id) is None
        assert (ledger.path(ANA.id), ledger.fact("register")) == ("", "")
        assert ledger.fields(b"digest") is None
        assert ledger.id_at(ANA.path) == ""
        assert not ledger.is_earlier_version(ANA.id, b"out 1")


def test_every_version_that_was_made_is_known(tmp_path: Path) -> None:
    _commit(tmp_path, ANA)
    _commit(tmp_path, ANA._replace(output=b"out 2"))
    _commit(tmp_path, ANA._replace(output=b"out 2", size=901))
    _commit(tmp_path, ANA._replace(output=b"out 3"))
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.is_earlier_version(ANA.id, b"out 1")
        assert ledger.is_earlier_version(ANA.id, b"out 2")
        assert not ledger.is_earlier_version(ANA.id, b"out 4")
        assert not ledger.is_earlier_version("b" * 16, b"out 1")


def test_news_is_written_down_whole_or_not_at_all(tmp_path: Path) -> None:
    other = ANA._replace(id="b" * 16)  # the same path: no two letters have one
    with closing(open_ledger(tmp_path)) as ledger, pytest.raises(StorageError) as error:
        ledger.commit(ChangeSet([ANA, other], facts={"register": "[]"}))
    assert error.value.problems[0].code == "ledger-mismatch"
    with closing(open_ledger(tmp_path)) as ledger:
        assert (list(ledger.letters()), ledger.fact("register")) == ([], "")


def test_a_letter_that_lies_where_another_lay_takes_its_place(tmp_path: Path) -> None:
    other = ANA._replace(id="b" * 16, path="Ana/Roy.docx")
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.commit(ChangeSet([ANA]))
        ledger.commit(ChangeSet([other._replace(path=ANA.path)]))
        assert (ledger.id_at(ANA.path), ledger.path(ANA.id)) == (other.id, "")
        assert ledger.id_at("") == ""
        ledger.commit(ChangeSet([ANA._replace(path="Ana/Li-2.docx"), other]))
        assert (ledger.path(ANA.id), ledger.path(other.id)) == ("Ana/Li-2.docx", other.path)
        ledger.commit(ChangeSet([ANA._replace(path=other.path), other._replace(path=ANA.path)]))
        assert (ledger.path(ANA.id), ledger.path(other.id)) == (other.path, ANA.path)


def test_who_has_another_name_now_is_forgotten_under_the_old_one(tmp_path: Path) -> None:
    old, new = (PersonRecord(key, "b" * 16, "signer", "name", b"cells") for key in ("old", "new"))
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.commit(ChangeSet(people=[old]))
        ledger.commit(ChangeSet(people=[new], renamed=["old"]))
        assert list(ledger.people()) == [new]


def test_what_is_erased_leaves_no_trace_in_the_file(tmp_path: Path) -> None:
    _commit(tmp_path, ANA._replace(path="Zoltan Kodaly/Li.docx"))
    assert b"Kodaly" in (tmp_path / LEDGER_FILE).read_bytes()
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.forget([ANA.id])
        assert ledger.letter(ANA.id) is None
    assert b"Kodaly" not in (tmp_path / LEDGER_FILE).read_bytes()


def test_nothing_but_one_file_lies_there_when_a_run_is_over(tmp_path: Path) -> None:
    """No write-ahead log: it does not work on network drives."""
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.commit(ChangeSet([ANA]))
        assert {p.name for p in tmp_path.iterdir()} <= {LEDGER_FILE, f"{LEDGER_FILE}-journal"}
    assert [p.name for p in tmp_path.iterdir()] == [LEDGER_FILE]


def test_the_ledger_holds_no_personal_data_but_paths(tmp_path: Path) -> None:
    signers = [["ID", "Name", "Town"], ["P-4711", "Zoltan Kodaly", "Kecskemet"]]
    settings = [["Name", "Value"], ["File name", "{{ signer.id }}/{{ recipient.name }}"]]
    folder = make(
        tmp_path, "{{ signer.name }} {{ signer.town }}", Signers=signers, Settings=settings
    )
    staff_actions.ran(folder)
    held = (folder / "letters" / LEDGER_FILE).read_bytes()
    assert b"P-4711/Minister Li.docx" in held
    assert b"Kodaly" not in held
    assert b"Kecskemet" not in held
    assert b"kecskemet" not in held


_HASHES = (
    "SELECT key FROM person UNION SELECT name FROM person UNION SELECT hex(cells) FROM person"
    " UNION SELECT hex(substr(named, 1, 4)) FROM letter UNION SELECT hex(digest) FROM said"
    " UNION SELECT value FROM said, json_each(said.fields)"
)


def _hashes(folder: Path) -> set[str]:
    """What a ledger holds of people and cells."""
    with closing(sqlite3.connect(folder / "letters" / LEDGER_FILE)) as db:
        return {value.lower() for (value,) in db.execute(_HASHES) if value}


def test_two_campaigns_of_the_same_people_have_no_hash_in_common(tmp_path: Path) -> None:
    one, other = (make(tmp_path / name) for name in ("one", "other"))
    for folder in (one, other):
        staff_actions.ran(folder)
    assert len(_hashes(one)) > 10
    assert not _hashes(one) & _hashes(other)
    ids = [{staff_actions.id_in(f) for f in letters(folder).values()} for folder in (one, other)]
    assert ids[0] == ids[1]


def test_a_list_of_names_hashed_beforehand_finds_nobody(tmp_path: Path) -> None:
    folder = make(tmp_path)
    staff_actions.ran(folder)
    known = {short_hash(kind, "name:ana ruiz") for kind in ("signer", "recipient")}
    known |= {short_hash("Ana Ruiz")[:8], short_hash("Ana Ruiz", repr(None))[:6]}
    assert not _hashes(folder) & known


@pytest.mark.slow
def test_hashes_agree_where_another_run_began_the_ledger_meanwhile(tmp_path: Path) -> None:
    folder = make(tmp_path)
    plan = Plan(read_campaign(folder), LettersOrder(folder / "letters"))
    assert merge_alone("letters", folder).code == 0
    write_letters(plan)
    with closing(read_ledger(folder / "letters")) as ledger:
        assert len(list(ledger.people())) == 4
    assert set(staff_actions.states(folder).values()) == {"unchanged"}


def _counted(db: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {t: db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in TABLES}  # noqa: S608


@pytest.mark.slow
def test_of_somebody_who_was_erased_nothing_is_left(tmp_path: Path) -> None:
    def rows(*names: str) -> list[list[str]]:
        return [["Name", "Town"], *([name, f"Town of {name}"] for name in names)]

    template = "{{ signer.name }} {{ signer.town }}"
    folder = make(tmp_path, template, Signers=rows("Zoltan Kodaly", "Ana Ruiz"))
    staff_actions.ran(folder)
    assert merge("print", folder, "--no-covers").code == 0
    make(folder, template, Signers=rows("Ana Ruiz"))
    staff_actions.ran(folder)
    shutil.rmtree(folder / "letters" / "No longer wanted")
    staff_actions.ran(folder)
    path = folder / "letters" / LEDGER_FILE
    assert b"Kodaly" not in path.read_bytes()
    with closing(sqlite3.connect(path)) as db:
        counts = _counted(db)
    fresh = make(tmp_path / "fresh", template, Signers=rows("Ana Ruiz"))
    staff_actions.ran(fresh)
    merge("print", fresh, "--no-covers")
    with closing(sqlite3.connect(fresh / "letters" / LEDGER_FILE)) as db:
        assert counts == _counted(db)


@pytest.mark.slow
def test_only_one_run_writes_and_the_other_is_told(tmp_path: Path) -> None:
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.commit(ChangeSet([ANA]))
        for opening in (open_ledger, read_ledger):
            with pytest.raises(StorageError) as error:
                opening(tmp_path)
            assert error.value.problems[0].code == "folder-busy"


def test_a_ledger_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / LEDGER_FILE).mkdir()
    with pytest.raises(StorageError) as error:
        read_ledger(tmp_path)
    (problem,) = error.value.problems
    assert (problem.code, str(problem.hint)) == (
        "ledger-closed",
        "Check that the disk is connected and try again, or ask your IT support.",
    )


def test_reading_makes_no_ledger(tmp_path: Path) -> None:
    for ledger in (read_ledger(tmp_path), memory_ledger()):
        with closing(ledger):
            assert ledger.fresh
            assert list(ledger.letters()) == []
            ledger.commit(ChangeSet([ANA]))
            assert ledger.letter(ANA.id) == ANA
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_is_fresh_until_it_knows_a_letter(tmp_path: Path) -> None:
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.fresh
        ledger.commit(ChangeSet(decided=[DecisionRecord(ANA.id, "hide", b"")]))
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.fresh
        ledger.commit(ChangeSet([ANA]))
    with closing(open_ledger(tmp_path)) as ledger:
        assert not ledger.fresh


def test_what_staff_decided_is_kept_taken_back_and_forgotten(tmp_path: Path) -> None:
    kept = DecisionRecord(ANA.id, "keep", b"one")
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.commit(ChangeSet([ANA], decided=[kept, kept._replace(choice="print")]))
        ledger.commit(ChangeSet(decided=[kept._replace(seen=b"two")]))
        assert {(d.choice, d.seen) for d in ledger.decisions()} == {
            ("keep", b"two"),
            ("print", b"one"),
        }
        ledger.commit(ChangeSet(undecided=[ANA.id]))
        assert list(ledger.decisions()) == []
        ledger.commit(ChangeSet(decided=[kept]))
        ledger.forget([ANA.id])
        assert list(ledger.decisions()) == []


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda data: data[:0],
    "cut short": lambda data: data[: len(data) // 2],
    "overwritten": lambda data: b"not a database, whatever it was " * (len(data) // 32),
    "its pages overwritten": lambda data: data[:1024] + b"\x5a" * (len(data) - 1024),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_ledger_is_set_aside_and_a_new_one_begun(tmp_path: Path, damage: str) -> None:
    _commit(tmp_path, ANA)
    path = tmp_path / LEDGER_FILE
    os.utime(path, (0, 0))
    with closing(read_ledger(tmp_path)) as ledger:  # it is not looked at as closely once more
        assert not ledger.fresh
    damaged = DAMAGES[damage](path.read_bytes())
    path.write_bytes(damaged)
    with closing(read_ledger(tmp_path)) as ledger:
        assert ledger.fresh
    assert path.read_bytes() == damaged
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.fresh
        assert list(ledger.letters()) == []
        ledger.commit(ChangeSet([ANA]))
    assert path.with_name(f"{LEDGER_FILE}.damaged").read_bytes() == damaged
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.letter(ANA.id) == ANA


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
            "PRAGMA user_version = 1",
        ]
    ),
)
def test_a_ledger_that_says_nonsense_loses_no_edit(tmp_path: Path, change: str) -> None:
    folder = make(tmp_path)
    staff_actions.ran(folder)
    _edit_survives(folder, lambda: staff_actions.in_ledger(folder, change))


VERSION_BYTES = range(60, 64)
"""Where SQLite keeps user_version: a higher number than ours is no damage but a newer program."""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_a_ledger_with_wrong_bytes_loses_no_edit(tmp_path: Path, seed: int) -> None:
    folder = make(tmp_path)
    staff_actions.ran(folder)
    staff_actions.ran(folder)
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
    staff_actions.settled(folder)


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
def test_a_file_of_the_same_size_and_time_is_not_looked_at(
    mtime: int, size: int, checked: int, *, still: bool
) -> None:
    known = ANA._replace(mtime=5_000_000_001, size=900, checked=checked)
    assert known.still(FileState(size, mtime, ANA.inode, ANA.ctime)) == still


def test_where_times_are_whole_seconds_a_file_is_looked_at_for_two_seconds() -> None:
    known = ANA._replace(mtime=5_000_000_000, checked=6_900_000_000)
    assert not known.still(known.at)
    assert known._replace(checked=7_000_000_001).still(known.at)


def test_a_file_that_was_never_looked_at_is() -> None:
    assert not ANA._replace(content="").still(ANA.at)


def test_another_file_of_the_same_size_and_time_is_looked_at() -> None:
    assert ANA.still(ANA.at)
    assert not ANA.still(ANA.at._replace(inode=ANA.inode + 1))


def test_a_file_that_was_copied_over_with_its_time_kept_is_looked_at() -> None:
    assert not ANA.still(ANA.at._replace(ctime=ANA.ctime + 1))
    assert not ANA._replace(ctime=0).still(ANA.at)  # an older ledger does not know


ID = "TEXT NOT NULL CHECK (length(id) = 16 AND id NOT GLOB '*[^0-9a-f]*')"
KIND = "kind TEXT NOT NULL CHECK (kind IN ('signer', 'recipient')),"
FORMS = {
    "77bcafb": ("cells BLOB NOT NULL, named BLOB NOT NULL", ""),
    "f0f76fa": (f"{KIND}\n    cells BLOB NOT NULL, named BLOB NOT NULL", ""),
    "e18e4b9": (f"{KIND}\n    name TEXT NOT NULL, cells BLOB NOT NULL", ""),
    "8d049ec": (f"{KIND}\n    name TEXT NOT NULL, cells BLOB NOT NULL", " inputs BLOB NOT NULL,"),
}
"""The columns that people and batches had in version 2, by the commit that changed them.

As merge/ledger/opening.py had them then.
"""


def _tables_of_2(form: str) -> str:
    """The tables of version 2 as the program made them at that time."""
    person, inputs = FORMS[form]
    return f"""
CREATE TABLE letter (
    id {ID}, path TEXT NOT NULL UNIQUE, named BLOB NOT NULL,
    day INTEGER NOT NULL CHECK (day BETWEEN 1 AND 3652059), inputs BLOB NOT NULL,
    output BLOB NOT NULL, words BLOB NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL,
    inode INTEGER NOT NULL, checked INTEGER NOT NULL, content TEXT NOT NULL,
    was TEXT NOT NULL, PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE version (id {ID}, output BLOB, PRIMARY KEY (id, output)) STRICT, WITHOUT ROWID;
CREATE TABLE person (
    key TEXT PRIMARY KEY, id {ID}, {person}
) STRICT, WITHOUT ROWID;
CREATE TABLE said (
    digest BLOB PRIMARY KEY, fields TEXT NOT NULL CHECK (json_valid(fields))
) STRICT, WITHOUT ROWID;
CREATE TABLE printed (
    id {ID}, batch TEXT NOT NULL, output BLOB NOT NULL, size INTEGER NOT NULL,
    mtime INTEGER NOT NULL, inode INTEGER NOT NULL,{inputs} PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE fact (
    name TEXT PRIMARY KEY, value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;
"""


SIGNER, WITH_ID, RECIPIENT = "1" * 16, "2" * 16, "3" * 16
MINE = ANA._replace(id=short_hash(SIGNER, RECIPIENT), ctime=0)


def _ledger_of_2(folder: Path, form: str) -> Path:
    """A ledger with a letter, a batch and three people, one of them with an ID."""
    path = folder / LEDGER_FILE
    person, inputs = FORMS[form]
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(f"BEGIN; {_tables_of_2(form)} PRAGMA user_version = 2; COMMIT;")
        row = MINE._asdict() | {"day": MINE.day.toordinal()}
        _insert(db, "letter", *(v for k, v in row.items() if k != "ctime"))
        _insert(db, "version", MINE.id, b"out 0")
        _insert(db, "said", b"digest", '{"date": "1a2b"}')
        _insert(db, "fact", "register", "[]")
        _insert(db, "printed", MINE.id, "Batch 1", b"out", 900, 7, 5, *[b"inputs"][: len(inputs)])
        for who, kind, cells in (
            (SIGNER, "signer", b"c"),
            (WITH_ID, "signer", b""),
            (RECIPIENT, "recipient", b"c"),
        ):
            named = (f"key {who}" if cells else "", cells)
            more = named if " name " in person else (cells, b"named")
            _insert(db, "person", f"key {who}", who, *[kind][: person.count(KIND)], *more)
    return path


def _insert(db: sqlite3.Connection, table: str, *values: object) -> None:
    db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608


def _has_all_of_2(ledger: Ledger, form: str) -> None:
    inputs = b"inputs" if FORMS[form][1] else b""
    kind: SheetKind = "recipient" if form == "77bcafb" else "signer"
    assert not ledger.fresh
    salt = ledger.salt
    named = salt.data(MINE.named[:4]) + salt.data(MINE.named[4:])
    assert list(ledger.letters()) == [
        MINE._replace(named=named, inputs=salted_inputs(MINE.inputs, salt))
    ]
    assert ledger.is_earlier_version(MINE.id, b"out 0")
    assert ledger.printed(MINE.id) == PrintRecord(MINE.id, "Batch 1", b"out", 900, 7, 5, 0, inputs)
    assert ledger.fields(salt.data(b"digest")) == salted_fields({"date": "1a2b"}, salt)
    assert ledger.fact("register") == "[]"
    keys = {who: salt.text(f"key {who}") for who in (SIGNER, WITH_ID, RECIPIENT)}
    assert set(ledger.people()) == {
        PersonRecord(keys[SIGNER], SIGNER, "signer", keys[SIGNER], salt.data(b"c")),
        PersonRecord(keys[WITH_ID], WITH_ID, kind, "", b""),
        PersonRecord(keys[RECIPIENT], RECIPIENT, "recipient", keys[RECIPIENT], salt.data(b"c")),
    }


@pytest.mark.parametrize("form", FORMS)
def test_a_ledger_of_version_2_is_brought_up_to_date_in_its_place(
    tmp_path: Path, form: str
) -> None:
    path = _ledger_of_2(tmp_path, form)
    for _ in range(2):
        with closing(open_ledger(tmp_path)) as ledger:
            _has_all_of_2(ledger, form)
            ledger.commit(ChangeSet([*ledger.letters()]))
    assert [p.name for p in tmp_path.iterdir()] == [LEDGER_FILE]
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (6,)


@pytest.mark.parametrize("form", FORMS)
def test_reading_an_older_ledger_leaves_it_as_it_is(tmp_path: Path, form: str) -> None:
    path = _ledger_of_2(tmp_path, form)
    before = path.read_bytes()
    with closing(read_ledger(tmp_path)) as ledger:
        _has_all_of_2(ledger, form)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [LEDGER_FILE]


@pytest.mark.parametrize("form", FORMS)
def test_an_older_ledger_that_is_damaged_is_set_aside_as_it_was(tmp_path: Path, form: str) -> None:
    path = _ledger_of_2(tmp_path, form)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DROP TABLE fact")
    damaged = path.read_bytes()
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.fresh
    assert path.with_name(f"{LEDGER_FILE}.damaged").read_bytes() == damaged


@pytest.mark.parametrize("version", [2, 3])
def test_a_ledger_of_version_3_has_the_tables_that_2_had_in_the_end(
    tmp_path: Path, version: int
) -> None:
    path = _ledger_of_2(tmp_path, "8d049ec")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"PRAGMA user_version = {version}")
    for opening in (read_ledger, open_ledger):
        with closing(opening(tmp_path)) as ledger:
            _has_all_of_2(ledger, "8d049ec")
            assert ledger.on_paper() == {}


def test_what_is_on_paper_is_remembered_until_its_file_is_set_aside(tmp_path: Path) -> None:
    said = {ANA.id: frozenset({"Posted", "Printed"}), "b" * 16: frozenset[str]()}
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.commit(ChangeSet([ANA], on_paper=said))
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.on_paper() == said
        ledger.commit(ChangeSet(set_aside=["b" * 16]))
        assert list(ledger.on_paper()) == [ANA.id]
        ledger.forget([ANA.id])
        assert ledger.on_paper() == {}


@pytest.mark.parametrize("version", everyday([2, 3]))
def test_a_campaign_of_an_older_version_goes_on(tmp_path: Path, version: int) -> None:
    """The tables of version 2 were in the end those of version 3."""
    folder = make(tmp_path)
    staff_actions.ran(folder)
    _as_version_3(folder / "letters", version)
    assert set(staff_actions.states(folder).values()) == {"unchanged"}
    staff_actions.settled(folder)


def _as_version_3(folder: Path, version: int) -> None:
    """Give the ledger the tables that it had in version 3."""
    with closing(open_ledger(folder)) as ledger:
        letters = [*ledger.letters()]
    with closing(sqlite3.connect(folder / LEDGER_FILE)) as db, db:
        db.executescript(
            "DROP TABLE letter; DROP TABLE printed; DROP TABLE paper; DROP TABLE decision;"
            "DROP TABLE layout; DROP TABLE pdf;"
        )
        tables = _tables_of_2("8d049ec").split(";")
        db.executescript(";".join(t for t in tables if "TABLE letter" in t or "TABLE printed" in t))
        for letter in letters:
            row = letter._asdict() | {"day": letter.day.toordinal()}
            _insert(db, "letter", *(v for k, v in row.items() if k != "ctime"))
        db.execute(f"PRAGMA user_version = {version}")


def test_a_ledger_of_a_newer_version_is_refused_and_nothing_written(tmp_path: Path) -> None:
    folder = make(tmp_path)
    staff_actions.ran(folder)
    staff_actions.in_ledger(folder, "ALTER TABLE letter ADD COLUMN more TEXT")
    staff_actions.in_ledger(folder, "PRAGMA user_version = 7")
    make(folder, "Dear {{ recipient.name }}, we write anew.")
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    for command in ("letters", "check", "status", "print", "proofread"):
        done = merge(command, folder, "--json")
        assert done.code == 1
        assert [p["code"] for p in done.json["problems"]] == ["ledger-newer"]
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    for opening in (open_ledger, read_ledger):
        with pytest.raises(StorageError, match="a newer version") as error:
            opening(folder / "letters")
        assert error.value.problems[0].code == "ledger-newer"
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


def test_a_ledger_that_another_run_takes_while_it_is_read_is_told_as_at_work(
    tmp_path: Path,
) -> None:
    folder = lettered(tmp_path / "campaign")
    root = folder / "letters"
    with (
        closing(sqlite3.connect(root / LEDGER_FILE)) as other,
        closing(read_ledger(root)) as ledger,
    ):
        other.execute("BEGIN EXCLUSIVE")
        with (
            pytest.raises(StorageError, match="Another run is writing"),
            while_reading(root),
        ):
            ledger.fact("closed")


def test_pages_and_pdfs_are_remembered_until_the_letter_is_forgotten(tmp_path: Path) -> None:
    layout = LayoutRecord(ANA.id, b"seen", 2, lone_signature=True, room_mm=None)
    pdf = PdfRecord(b"batch", b"pdf", 7)
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.commit(ChangeSet([ANA], layouts=[layout], pdfs=[pdf]))
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.layouts([ANA.id, "c" * 16]) == {ANA.id: layout}
        assert ledger.pdf(b"batch") == pdf
        ledger.forget([ANA.id])
        assert ledger.layouts([ANA.id]) == {}
        assert ledger.pdf(b"batch") is None
