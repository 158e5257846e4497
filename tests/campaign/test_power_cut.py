"""A power cut while letters are written: damaged files are detected.

A file that had not reached the disk is empty (ext4), short, or filled with zeros (XFS, NTFS). Its
times are unchanged.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest
from docx import Document
from support.campaigns import LINES, make, merge
from support.interrupted_runs import files, started, temporary
from support.staff_actions import in_private_state

from merge.state.ledger_records import RunTimeSpan

pytestmark = pytest.mark.posix("SIGKILL")

NAMES = [f"Ana {chr(97 + a)}{chr(97 + b)}" for a in range(14) for b in range(14)]
RESTART = 60
"""Seconds until staff can open a letter: the computer must start first."""


def _emptied(data: bytes) -> bytes:
    return data[:0]


def _cut_off(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _zeroed(data: bytes) -> bytes:
    return bytes(len(data))


def _zeroed_in_part(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[: middle - 400] + bytes(800) + data[middle + 400 :]


LOSSES: tuple[Callable[[bytes], bytes], ...] = (_emptied, _cut_off, _zeroed, _zeroed_in_part)


def _damage(path: Path, loss: Callable[[bytes], bytes], later: int = 0) -> None:
    """Damage a file as a power cut does; keep its time, or set a later one."""
    status, data = path.stat(), path.read_bytes()
    with path.open("r+b") as file:
        file.truncate(0)
        file.write(loss(data))
    times = status.st_mtime_ns + later * 1_000_000_000
    os.utime(path, ns=(times, times))


def _make_campaign(folder: Path, faulty: str = "") -> Path:
    """Create a campaign of many signers; `faulty` has an error in City."""
    signers = [["Name", "City"], *([name, "#REF!" if name == faulty else "Lima"] for name in NAMES)]
    recipients = [["Name"], ["Consul Roy"], ["Minister Li"]]
    return make(folder, f"{LINES}\n{{{{ signer.city }}}}", Signers=signers, Recipients=recipients)


def _interrupt_run(folder: Path) -> list[Path]:
    """Kill a run after some letters; return the paths of these letters."""
    with started("letters", folder) as run:
        while run.poll() is None and len([*(folder / "letters").glob("[!.]*/*.docx")]) < 40:
            time.sleep(0.001)
        run.kill()
        run.communicate()
    return sorted((folder / "letters").glob("[!.]*/*.docx"))


@pytest.fixture(scope="module")
def complete_letters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The letters of a run that is not interrupted."""
    folder = _make_campaign(tmp_path_factory.mktemp("whole") / "campaign")
    assert merge("letters", folder).code == 0
    return files(folder)


@pytest.mark.slow
def test_letters_that_a_power_cut_damaged_are_created_again(
    tmp_path: Path, complete_letters: dict[str, bytes]
) -> None:
    folder = _make_campaign(tmp_path / "campaign")
    for path, loss in zip(_interrupt_run(folder), cycle((*LOSSES, None))):
        if loss:
            _damage(path, loss)
    ran = merge("letters", folder, "--json")
    assert (ran.code, ran.json["kept"], ran.json["skipped"]) == (0, 0, 0), ran
    assert files(folder) == complete_letters
    assert temporary(folder) == []
    again = merge("letters", folder, "--json").json
    assert (again["written"], again["unchanged"]) == (0, len(complete_letters))


@pytest.mark.slow
def test_a_letter_damaged_by_a_power_cut_and_saved_since_is_moved_and_reported(
    tmp_path: Path, complete_letters: dict[str, bytes]
) -> None:
    folder = _make_campaign(tmp_path / "campaign")
    letter = _interrupt_run(folder)[0]
    _damage(letter, _cut_off, RESTART)
    damaged = letter.read_bytes()
    ran = merge("letters", folder, "--json")
    (problem,) = (p for p in ran.json["problems"] if p["code"] == "letter-torn")
    assert problem["where"].endswith(f"{letter.parent.name}/{letter.name}")
    old_versions = [*(folder / "letters" / "Old versions").rglob("*.docx")]
    assert [path.read_bytes() for path in old_versions] == [damaged]
    letters = {
        path: digest
        for path, digest in files(folder).items()
        if not path.startswith("Old versions/")
    }
    assert letters == complete_letters


@pytest.mark.slow
def test_a_letter_that_was_edited_after_a_power_cut_is_kept(tmp_path: Path) -> None:
    folder = _make_campaign(tmp_path / "campaign")
    letter = _interrupt_run(folder)[0]
    document = Document(str(letter))
    document.add_paragraph("With kind regards to your staff.")
    document.save(str(letter))
    before = letter.read_bytes()
    ran = merge("letters", folder, "--json")
    assert (ran.code, ran.json["kept"]) == (0, 1)
    assert letter.read_bytes() == before


@pytest.mark.slow
def test_a_run_for_one_person_after_a_power_cut_does_not_settle_other_letters(
    tmp_path: Path, complete_letters: dict[str, bytes]
) -> None:
    folder = _make_campaign(tmp_path / "campaign")
    first, *_, last = _interrupt_run(folder)
    _damage(last, _zeroed)
    assert merge("letters", folder, "--for", first.parent.name).code == 0
    assert merge("letters", folder).code == 0
    assert files(folder) == complete_letters


@pytest.mark.slow
@pytest.mark.parametrize("why", ["open in Word", "with an error"])
def test_a_letter_damaged_by_a_power_cut_is_created_again_as_soon_as_possible(
    tmp_path: Path, complete_letters: dict[str, bytes], why: str
) -> None:
    folder = _make_campaign(tmp_path / "campaign")
    letter = _interrupt_run(folder)[0]
    _damage(letter, _zeroed)
    lock = letter.with_name(f"~${letter.name[2:]}")
    if why == "open in Word":
        lock.touch()
        assert merge("letters", folder).code == 0
        lock.unlink()
    else:
        _make_campaign(folder, faulty=letter.parent.name)
        assert merge("letters", folder, "--skip-errors").code == 1
        _make_campaign(folder)
    assert letter.read_bytes() == bytes(letter.stat().st_size)
    assert merge("letters", folder).code == 0
    assert files(folder) == complete_letters


@pytest.mark.parametrize("loss", LOSSES)
def test_a_letter_that_a_later_power_cut_damaged_is_moved_reported_and_created_again(
    tmp_path: Path, loss: Callable[[bytes], bytes]
) -> None:
    folder = make(tmp_path)
    assert merge("letters", folder).code == 0
    letter = folder / "letters" / "Ana Ruiz" / "Minister Li.docx"
    intact = letter.read_bytes()
    _damage(letter, loss, RESTART)
    damaged = letter.read_bytes()
    result = merge("letters", folder, "--json").json
    assert "letter-torn" in {problem["code"] for problem in result["problems"]}
    assert letter.read_bytes() == intact
    (old_version,) = (folder / "letters" / "Old versions").rglob("*.docx")
    assert old_version.read_bytes() == damaged


def test_an_edited_letter_that_a_power_cut_damaged_is_kept_and_not_printed(tmp_path: Path) -> None:
    folder = make(tmp_path)
    assert merge("letters", folder).code == 0
    letter = folder / "letters" / "Ana Ruiz" / "Minister Li.docx"
    document = Document(str(letter))
    document.add_paragraph("With kind regards to your staff.")
    document.save(str(letter))
    assert merge("letters", folder, "--json").json["kept"] == 1
    _damage(letter, _cut_off, RESTART)
    damaged = letter.read_bytes()
    assert merge("letters", folder, "--json").json["kept"] == 1
    assert letter.read_bytes() == damaged
    assert "print-unreadable" in {
        p["code"] for p in merge("print", folder, "--json").json["problems"]
    }


def test_the_time_span_of_unconfirmed_writes_includes_a_clock_that_was_set_back() -> None:
    span = RunTimeSpan(200, 200).extended_by((300,)).extended_by((100, 150))
    assert span == RunTimeSpan(100, 300)


def test_a_complete_run_leaves_no_letters_to_check_for_a_power_cut(tmp_path: Path) -> None:
    folder = _make_campaign(tmp_path / "campaign")
    assert merge("letters", folder).code == 0
    unfinished = "DELETE FROM fact WHERE name = 'unsettled' AND value <> 'null'"
    assert in_private_state(folder, unfinished) == 0
