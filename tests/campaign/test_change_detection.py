"""Change detection: file metadata shows that nothing has changed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from docx import Document
from support.campaigns import LINES, make, merge
from support.staff_actions import in_private_state

from merge.campaign.change_detection import (
    count_unchanged_letters,
    read_input_states,
    save_snapshot,
    snapshot_path,
)
from merge.computer import draft_name
from merge.state.ledger import open_ledger
from merge.state.ledger_records import DecisionRecord, LedgerChangeSet

pytestmark = pytest.mark.disk("times")

_ALL_COLUMNS = f"{LINES}\n{{{{ recipient.country }}}}"
"""A template that prints every column: each run warns about an unused one."""
_LETTER = "letters/Ana Ruiz/Minister Li.docx"


def _snapshot(folder: Path) -> Path:
    path = snapshot_path(folder)
    assert path is not None
    return path


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    """A campaign whose last run found nothing to report."""
    make(tmp_path, _ALL_COLUMNS)
    merge("letters", tmp_path)
    assert count_unchanged_letters(tmp_path) == 4
    return tmp_path


def test_change_detection_gives_the_same_output_as_a_complete_run(campaign: Path) -> None:
    with_snapshot = merge("letters", campaign)
    _snapshot(campaign).unlink()
    without_snapshot = merge("letters", campaign)
    assert (with_snapshot.out, with_snapshot.code) == (without_snapshot.out, without_snapshot.code)
    assert count_unchanged_letters(campaign) == 4


def test_the_snapshot_file_has_only_a_hash_and_a_number(campaign: Path) -> None:
    assert re.fullmatch(r"[0-9a-f]{32} 4\n", _snapshot(campaign).read_text())


def _rewrite(path: Path) -> None:
    """Change a byte of a file, and restore its time."""
    data, status = bytearray(path.read_bytes()), path.stat()
    data[-1] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _change_ledger(folder: Path) -> None:
    with closing(open_ledger(folder / "letters")) as ledger:
        decision = DecisionRecord("0123456789abcdef", "keep", b"")
        ledger.commit(LedgerChangeSet(decisions=[decision]))


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
    "a folder that a killed run left": lambda folder: (
        folder / "letters" / draft_name("9-1")
    ).mkdir(),
    "a register that one took away": lambda folder: (folder / ".merge-taken-9-1").mkdir(),
    "the snapshot": lambda folder: _snapshot(folder).write_text("4"),
}


_IN_PLACE = ("a letter", "the workbook", "a template", "the register")
_CTIME = pytest.mark.posix("a time that every change sets")


@pytest.mark.parametrize(
    "change", [pytest.param(c, marks=_CTIME) if c in _IN_PLACE else c for c in _CHANGES]
)
def test_change_detection_notices_every_kind_of_change(campaign: Path, change: str) -> None:
    _CHANGES[change](campaign)
    assert count_unchanged_letters(campaign) == 0


def test_change_detection_ignores_print_files(campaign: Path) -> None:
    (campaign / "print").mkdir()
    (campaign / "print" / "batch.pdf").write_bytes(b"%PDF")
    assert count_unchanged_letters(campaign) == 4


def test_change_detection_is_not_used_if_the_last_run_had_something_to_report(
    campaign: Path,
) -> None:
    document = Document(str(campaign / _LETTER))
    document.add_paragraph("Added by hand")
    document.save(str(campaign / _LETTER))
    ran = merge("letters", campaign)
    assert "1 kept" in ran.out
    assert count_unchanged_letters(campaign) == 0


def test_change_detection_is_not_used_after_a_run_for_one_signer(tmp_path: Path) -> None:
    make(tmp_path, _ALL_COLUMNS)
    merge("letters", tmp_path, "--for", "Ana Ruiz")
    assert count_unchanged_letters(tmp_path) == 0


def test_change_detection_is_not_used_while_writes_are_unconfirmed(campaign: Path) -> None:
    in_private_state(campaign, "UPDATE fact SET value = '[1, 2]' WHERE name = 'unsettled'")
    _snapshot(campaign).unlink()
    inputs = read_input_states(campaign)
    assert inputs
    save_snapshot(campaign, inputs, 4)
    assert count_unchanged_letters(campaign) == 0


def test_change_detection_is_not_used_for_a_moved_campaign_folder(campaign: Path) -> None:
    deeper = campaign.with_name("deeper") / campaign.name
    deeper.parent.mkdir()
    campaign.rename(deeper)
    assert count_unchanged_letters(deeper) == 0
    assert merge("letters", deeper).code == 0
