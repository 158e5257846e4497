"""A run after which nothing changed is told by the files' states, and any change is noticed."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from docx import Document
from support.campaigns import LINES, make, merge
from support.staff_actions import in_ledger

from merge.campaign.change_detection import (
    SNAPSHOT_FILE,
    count_unchanged_letters,
    read_input_states,
    save_snapshot,
)

_ALL_COLUMNS = f"{LINES}\n{{{{ recipient.country }}}}"
"""Of an unused column each run warns."""
_LETTER = "letters/Ana Ruiz/Minister Li.docx"


@pytest.fixture
def made(tmp_path: Path) -> Path:
    make(tmp_path, _ALL_COLUMNS)
    merge("letters", tmp_path)
    assert count_unchanged_letters(tmp_path) == 4
    return tmp_path


def test_it_tells_just_what_a_run_would_tell(made: Path) -> None:
    by_states = merge("letters", made)
    (made / "letters" / SNAPSHOT_FILE).unlink()
    by_looking = merge("letters", made)
    assert (by_states.out, by_states.code) == (by_looking.out, by_looking.code)
    assert count_unchanged_letters(made) == 4


def test_it_holds_nothing_but_a_hash_and_a_number(made: Path) -> None:
    assert re.fullmatch(r"[0-9a-f]{32} 4\n", (made / "letters" / SNAPSHOT_FILE).read_text())


def _rewrite(path: Path) -> None:
    """Write other bytes, as many, and set the time back."""
    data, at = bytearray(path.read_bytes()), path.stat()
    data[-1] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))


def _change_ledger(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "letters" / ".merge-ledger")) as db, db:
        db.execute("REPLACE INTO decision VALUES ('0123456789abcdef', 'keep', x'')")


_CHANGES: dict[str, Callable[[Path], object]] = {
    "a letter": lambda folder: _rewrite(folder / _LETTER),
    "a letter deleted": lambda folder: (folder / _LETTER).unlink(),
    "a letter moved": lambda folder: (folder / _LETTER).rename(folder / "letters" / "Li.docx"),
    "a letter open in Word": lambda folder: (folder / "letters/Ana Ruiz/~$nister Li.docx").touch(),
    "the workbook": lambda folder: _rewrite(folder / "signers.xlsx"),
    "a template": lambda folder: _rewrite(next((folder / "templates").iterdir())),
    "one template more": lambda folder: (folder / "templates" / "b.docx").write_bytes(b"b"),
    "the register": lambda folder: _rewrite(folder / "register.xlsx"),
    "another register": lambda folder: (folder / "register (1).xlsx").write_bytes(b"r"),
    "signers from forms": lambda folder: (folder / "signers from forms.xlsx").write_bytes(b"s"),
    "the ledger": _change_ledger,
    "a folder that a killed run left": lambda folder: (folder / "letters/.merge-9-1.tmp").mkdir(),
    "a register that one took away": lambda folder: (folder / ".merge-taken-9-1").mkdir(),
    "the snapshot": lambda folder: (folder / "letters" / SNAPSHOT_FILE).write_text("4"),
}


@pytest.mark.parametrize("change", _CHANGES)
def test_a_change_is_noticed(made: Path, change: str) -> None:
    _CHANGES[change](made)
    assert count_unchanged_letters(made) == 0


def test_what_lies_elsewhere_in_the_folder_is_no_change(made: Path) -> None:
    (made / "print").mkdir()
    (made / "print" / "batch.pdf").write_bytes(b"%PDF")
    assert count_unchanged_letters(made) == 4


def test_a_folder_with_something_to_tell_is_looked_through_each_time(made: Path) -> None:
    document = Document(str(made / _LETTER))
    document.add_paragraph("Added by hand")
    document.save(str(made / _LETTER))
    ran = merge("letters", made)
    assert "1 kept" in ran.out
    assert count_unchanged_letters(made) == 0


def test_a_run_for_some_says_nothing_of_the_others(tmp_path: Path) -> None:
    make(tmp_path, _ALL_COLUMNS)
    merge("letters", tmp_path, "--for", "Ana Ruiz")
    assert count_unchanged_letters(tmp_path) == 0


def test_nothing_is_kept_while_letters_may_not_have_reached_the_disk(made: Path) -> None:
    in_ledger(made, "UPDATE fact SET value = '[1, 2]' WHERE name = 'unsettled'")
    (made / "letters" / SNAPSHOT_FILE).unlink()
    inputs = read_input_states(made)
    assert inputs
    save_snapshot(made, inputs, 4)
    assert count_unchanged_letters(made) == 0


def test_a_campaign_that_was_moved_is_looked_through(made: Path) -> None:
    deeper = made.with_name("deeper") / made.name
    deeper.parent.mkdir()
    made.rename(deeper)
    assert count_unchanged_letters(deeper) == 0
    assert merge("letters", deeper).code == 0


def test_the_row_of_a_letter_that_nobody_wants_any_more_is_no_stranger_at_the_next_run(
    tmp_path: Path,
) -> None:
    make(tmp_path, _ALL_COLUMNS)
    merge("letters", tmp_path)
    make(tmp_path, _ALL_COLUMNS, Signers=[["Name"], ["Ana Ruiz"]])
    shutil.rmtree(tmp_path / "letters" / "Bo Berg")
    for _ in range(3):
        told = merge("letters", tmp_path, "--json").json  # never by the snapshot
        assert [p["code"] for p in told["problems"]] == []
