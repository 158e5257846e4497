"""A power cut while letters are written: what had not reached the disk is never taken for whole.

A file system that had not written a file yet leaves it empty (ext4), short, or as long as it was to
be and full of zeros (XFS, NTFS), its times as they were.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest
from docx import Document
from support.campaigns import LINES, make, merge
from support.interrupted_runs import files, started, temporary
from support.staff_actions import in_ledger

from merge.state.ledger_records import TimeSpan

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")

NAMES = [f"Ana {chr(97 + a)}{chr(97 + b)}" for a in range(14) for b in range(14)]
LATER = 60
"""Seconds: who opens a letter after a power cut has started the computer again."""


def emptied(data: bytes) -> bytes:
    return data[:0]


def cut_off(data: bytes) -> bytes:
    return data[: len(data) // 2]


def zeroed(data: bytes) -> bytes:
    return bytes(len(data))


def zeroed_in_part(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[: middle - 400] + bytes(800) + data[middle + 400 :]


LOSSES: tuple[Callable[[bytes], bytes], ...] = (emptied, cut_off, zeroed, zeroed_in_part)


def lose(path: Path, loss: Callable[[bytes], bytes], later: int = 0) -> None:
    """Let a file be what a power cut left of it; its time stays, or is that of a later save."""
    at, data = path.stat(), path.read_bytes()
    with path.open("r+b") as file:
        file.truncate(0)
        file.write(loss(data))
    times = at.st_mtime_ns + later * 1_000_000_000
    os.utime(path, ns=(times, times))


def campaign(folder: Path, faulty: str = "") -> Path:
    """Letters of many; one whose city is no text may have an error."""
    signers = [["Name", "City"], *([name, "#REF!" if name == faulty else "Lima"] for name in NAMES)]
    recipients = [["Name"], ["Consul Roy"], ["Minister Li"]]
    return make(folder, f"{LINES}\n{{{{ signer.city }}}}", Signers=signers, Recipients=recipients)


def interrupted(folder: Path) -> list[Path]:
    """A run that ended with the power, at some letter; the letters that are there."""
    with started("letters", folder) as run:
        while run.poll() is None and len([*(folder / "letters").glob("[!.]*/*.docx")]) < 40:
            time.sleep(0.001)
        run.kill()
        run.communicate()
    return sorted((folder / "letters").glob("[!.]*/*.docx"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a run makes that is not interrupted."""
    folder = campaign(tmp_path_factory.mktemp("whole") / "campaign")
    assert merge("letters", folder).code == 0
    return files(folder)


@pytest.mark.slow
def test_letters_that_had_not_reached_the_disk_are_made_again(
    tmp_path: Path, whole: dict[str, bytes]
) -> None:
    folder = campaign(tmp_path / "campaign")
    for path, loss in zip(interrupted(folder), cycle((*LOSSES, None))):
        if loss:
            lose(path, loss)
    ran = merge("letters", folder, "--json")
    assert (ran.code, ran.json["kept"], ran.json["skipped"]) == (0, 0, 0), ran
    assert files(folder) == whole
    assert temporary(folder) == []
    again = merge("letters", folder, "--json").json
    assert (again["written"], again["unchanged"]) == (0, len(whole))


@pytest.mark.slow
def test_a_damaged_letter_that_was_saved_since_is_set_aside_and_told(
    tmp_path: Path, whole: dict[str, bytes]
) -> None:
    folder = campaign(tmp_path / "campaign")
    letter = interrupted(folder)[0]
    lose(letter, cut_off, LATER)
    damaged = letter.read_bytes()
    ran = merge("letters", folder, "--json")
    (problem,) = (p for p in ran.json["problems"] if p["code"] == "letter-torn")
    assert problem["where"].endswith(f"{letter.parent.name}/{letter.name}")
    aside = [*(folder / "letters" / "Old versions").rglob("*.docx")]
    assert [path.read_bytes() for path in aside] == [damaged]
    made = {p: h for p, h in files(folder).items() if not p.startswith("Old versions/")}
    assert made == whole


@pytest.mark.slow
def test_a_letter_that_was_edited_after_the_power_cut_stays_edited(tmp_path: Path) -> None:
    folder = campaign(tmp_path / "campaign")
    letter = interrupted(folder)[0]
    document = Document(str(letter))
    document.add_paragraph("With kind regards to your staff.")
    document.save(str(letter))
    before = letter.read_bytes()
    ran = merge("letters", folder, "--json")
    assert (ran.code, ran.json["kept"]) == (0, 1)
    assert letter.read_bytes() == before


@pytest.mark.slow
def test_after_a_run_for_one_person_the_others_are_still_looked_at(
    tmp_path: Path, whole: dict[str, bytes]
) -> None:
    folder = campaign(tmp_path / "campaign")
    first, *_, last = interrupted(folder)
    lose(last, zeroed)
    assert merge("letters", folder, "--for", first.parent.name).code == 0
    assert merge("letters", folder).code == 0
    assert files(folder) == whole


@pytest.mark.slow
@pytest.mark.parametrize("why", ["open in Word", "with an error"])
def test_a_damaged_letter_that_could_not_be_made_again_is_when_it_can(
    tmp_path: Path, whole: dict[str, bytes], why: str
) -> None:
    folder = campaign(tmp_path / "campaign")
    letter = interrupted(folder)[0]
    lose(letter, zeroed)
    lock = letter.with_name(f"~${letter.name[2:]}")
    if why == "open in Word":
        lock.touch()
        assert merge("letters", folder).code == 0
        lock.unlink()
    else:
        campaign(folder, faulty=letter.parent.name)
        assert merge("letters", folder, "--skip-errors").code == 1
        campaign(folder)
    assert letter.read_bytes() == bytes(letter.stat().st_size)
    assert merge("letters", folder).code == 0
    assert files(folder) == whole


@pytest.mark.parametrize("loss", LOSSES)
def test_a_letter_that_was_damaged_later_is_set_aside_told_and_made_again(
    tmp_path: Path, loss: Callable[[bytes], bytes]
) -> None:
    folder = make(tmp_path)
    assert merge("letters", folder).code == 0
    letter = folder / "letters" / "Ana Ruiz" / "Minister Li.docx"
    whole = letter.read_bytes()
    lose(letter, loss, LATER)
    damaged = letter.read_bytes()
    told = merge("letters", folder, "--json").json
    assert "letter-torn" in {problem["code"] for problem in told["problems"]}
    assert letter.read_bytes() == whole
    (aside,) = (folder / "letters" / "Old versions").rglob("*.docx")
    assert aside.read_bytes() == damaged


def test_an_edited_letter_that_is_damaged_stays_and_is_not_printed(tmp_path: Path) -> None:
    folder = make(tmp_path)
    assert merge("letters", folder).code == 0
    letter = folder / "letters" / "Ana Ruiz" / "Minister Li.docx"
    document = Document(str(letter))
    document.add_paragraph("With kind regards to your staff.")
    document.save(str(letter))
    assert merge("letters", folder, "--json").json["kept"] == 1
    lose(letter, cut_off, LATER)
    damaged = letter.read_bytes()
    assert merge("letters", folder, "--json").json["kept"] == 1
    assert letter.read_bytes() == damaged
    assert "print-unreadable" in {
        p["code"] for p in merge("print", folder, "--json").json["problems"]
    }


def test_a_clock_that_was_set_back_vouches_for_nothing_more() -> None:
    at_work = TimeSpan(200, 200).extended_by((300,)).extended_by((100, 150))
    assert at_work == TimeSpan(100, 300)


def test_a_run_that_came_to_its_end_leaves_nothing_to_be_looked_at_again(tmp_path: Path) -> None:
    folder = campaign(tmp_path / "campaign")
    assert merge("letters", folder).code == 0
    at_work = "DELETE FROM fact WHERE name = 'unsettled' AND value <> 'null'"
    assert in_ledger(folder, at_work) == 0
