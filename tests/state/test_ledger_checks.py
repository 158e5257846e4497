"""Values of a ledger that cannot be read: the file counts as damaged."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import ROOT, make, merge
from support.everyday import everyday

from merge.register.layouts import STAGES
from merge.state import ledger_checks
from merge.state.ledger_file import LEDGER_FILE
from merge.state.private_ledger import PRIVATE_FACTS

FACTS: dict[str, list[object]] = {
    "salt": [5, "", "zz", "00", None, []],
    "program": [7, {}, None],
    "closed": [7, "x", "2026-13-01", None, True, []],
    "forgetting": [
        *(7, {}, [7], [{}], [{"called": [], "letters": [], "people": [], "texts": []}]),
        [{"called": [], "letters": [], "people": [], "texts": 1, "weak_names": []}],
        [{"called": [], "letters": [], "people": [], "texts": [1], "weak_names": []}],
    ],
    "last_run": [
        {},
        7,
        "x",
        {"token": 1, "computer": "C", "moment": "2026-11-30T10:00+00:00", "files": {}},
        {"token": "A", "computer": "C", "moment": "2026-11-30T10:00", "files": {}},
        {"token": "A", "computer": "C", "moment": "0001-01-01T00:00+14:00", "files": {}},
        {"token": "A", "computer": "C", "moment": "2026-11-30T10:00+00:00", "files": {"a": []}},
        {"token": "A", "computer": "C", "moment": "2026-11-30T10:00+00:00", "files": {"a": ["x"]}},
        {"token": "A", "computer": "C", "moment": "2026-11-30T10:00+00:00", "files": {"a": [1]}},
    ],
    "late": [7, [], {"a": 7}, {"a": {"Printed": 7}}],
    "marks": [7, [], {"a": []}, {"a": {"Printed": 7}}],
    "proofread": [7, [], {"a": 7}],
    "register": [7, {}, {"told": "", "waits": 1, "says_less": False, "may_say": True}],
    "first files": [7, [], {"a": "x"}],
    "other salt: abc": [True],
    "other salt: ": [True],
    "deleted in: 1": [True],
    "deleted in: x 2026-11-30T10:00": [True],
    "unknown": [7],
}
CRAFTED = [(name, value) for name, values in FACTS.items() for value in values]
ROWS = [
    "UPDATE letter SET content = 'nonsense'",
    "UPDATE person SET name = 'not hexadecimal'",
    "INSERT INTO printed VALUES ('00000000000000aa', 1, '12:00', x'', x'', 1)",
    "INSERT INTO printed VALUES ('00000000000000aa', 1, '2460000.5', x'', x'', 1)",
    "INSERT INTO paper VALUES ('00000000000000aa', 'bogus', 1, x'', 1)",
    "INSERT INTO decision VALUES ('00000000000000aa', 'bogus', x'', 1)",
    "UPDATE said SET fields = '7'",
    "UPDATE said SET fields = '{\"a\": 7}'",
    "UPDATE fact SET value = CAST(X'22ff22' AS TEXT) WHERE name = 'program'",
    "INSERT INTO deleted VALUES (CAST(X'ff' AS TEXT), 1)",
]


def with_copy(folder: Path) -> tuple[Path, Path]:
    """Return a campaign with letters, and a conflict copy of its ledger."""
    make(folder)
    staff_actions.run_letters(folder)
    path = folder / "letters" / LEDGER_FILE
    copy = path.with_stem(f"{path.stem}-DESKTOP-B")
    copy.write_bytes(path.read_bytes())
    return folder, copy


def change(path: Path, query: str, *values: object) -> None:
    """Change a ledger as another program may, without its constraints."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA ignore_check_constraints = 1")
        db.execute(query, values)


def assert_named_and_harmless(folder: Path, copy: Path) -> None:
    """Check that a copy is reported, and neither joined nor deleted."""
    ledger = folder / "letters" / LEDGER_FILE
    before = ledger.read_bytes()
    for command in ("status", "letters", "status"):
        problems = merge(command, folder, "--json").json["problems"]
        assert [p["where"] for p in problems if p["code"] == "ledger-copy"] == [
            f"letters/{copy.name}"
        ]
    assert "1 warning above to resolve first. " in merge("status", folder).last
    assert (ledger.read_bytes(), os.path.lexists(copy)) == (before, True)


@pytest.mark.parametrize(("name", "value"), everyday(CRAFTED), ids=str)
def test_a_conflict_copy_of_the_ledger_with_a_wrong_fact_is_named_and_not_joined(
    tmp_path: Path, name: str, value: object
) -> None:
    folder, copy = with_copy(tmp_path)
    change(copy, "REPLACE INTO fact VALUES (?, ?, 1)", name, json.dumps(value))
    assert_named_and_harmless(folder, copy)


@pytest.mark.parametrize("query", everyday(ROWS))
def test_a_conflict_copy_of_the_ledger_with_a_wrong_row_is_named_and_not_joined(
    tmp_path: Path, query: str
) -> None:
    folder, copy = with_copy(tmp_path)
    change(copy, query)
    assert_named_and_harmless(folder, copy)


@pytest.mark.parametrize(("name", "value"), everyday(CRAFTED), ids=str)
def test_a_ledger_with_a_wrong_fact_is_replaced_by_the_last_copy(
    tmp_path: Path, name: str, value: object
) -> None:
    folder, copy = with_copy(tmp_path)
    path = copy.with_name(LEDGER_FILE)
    copy.unlink()
    change(path, "REPLACE INTO fact VALUES (?, ?, 1)", name, json.dumps(value))
    for command in ("status", "letters", "check"):
        ran = merge(command, folder)
        assert (ran.code, "Something went wrong" in ran.err) == (0, False)
    assert staff_actions.states(folder) == dict.fromkeys(staff_actions.states(folder), "unchanged")


@pytest.mark.disk("sparse files")
@pytest.mark.skipif(sys.platform != "linux", reason="sparse files")
@pytest.mark.parametrize("has_beginning", [False, True])
def test_a_conflict_copy_of_three_gigabytes_is_named_and_not_read(
    tmp_path: Path,
    has_beginning: bool,  # noqa: FBT001
) -> None:
    folder, copy = with_copy(tmp_path)
    with copy.open("r+b" if has_beginning else "wb") as file:
        file.truncate(3 << 30)
    assert_named_and_harmless(folder, copy)


@pytest.mark.disk("sparse files")
def test_a_ledger_of_three_gigabytes_is_damaged(tmp_path: Path) -> None:
    folder, copy = with_copy(tmp_path)
    copy.unlink()
    with copy.with_name(LEDGER_FILE).open("r+b") as file:
        file.truncate(3 << 30)
    assert "last copy of them is used" in " ".join(merge("letters", folder).err.split())


def test_the_stages_of_the_ledger_are_those_of_the_register() -> None:
    assert {"", *STAGES} == ledger_checks._STAGES  # noqa: SLF001 - state cannot import register


def test_the_ledger_checks_know_every_fact_that_the_program_stores() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "merge").rglob("*.py")]
    lines = [line for source in sources for line in re.findall(r"(?m)^\w*_FACT\b.* = .*$", source)]
    names = {name for line in lines for name in re.findall(r'"([^"]+)"', line)}
    private = PRIVATE_FACTS | {"file", "folder", "replaces", "damage"}
    assert "last_run" in names
    known = ledger_checks._FACT_CHECKS.keys() | ledger_checks._KEY_CHECKS  # noqa: SLF001 - tables
    assert names - private <= known
