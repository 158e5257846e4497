"""The program's memory lost, late or in two minds: what is there is kept, and read back."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import letters, make, merge, text
from support.staff_actions import zones

LI, ROY = "Ana Ruiz/Minister Li.docx", "Ana Ruiz/Consul Roy.docx"
DATED = '{{ date|date("yyyy-MM-dd") }}\nDear {{ recipient.name }}\n{{ signer.name }}'
NEWER = "Hello {{ recipient.name }}\n{{ signer.name }}"


def _lose(folder: Path, how: str = "deleted") -> None:
    path = folder / "letters" / staff_actions.LEDGER
    if how == "deleted":
        path.unlink()
    elif how == "cut":
        path.write_bytes(path.read_bytes()[:5_000])
    else:
        path.write_bytes(b"no ledger")


@pytest.mark.parametrize("how", ["deleted", "cut", "garbage"])
def test_letters_that_are_as_they_would_be_now_are_ours_again(tmp_path: Path, how: str) -> None:
    staff_actions.ran(make(tmp_path))
    before = staff_actions.snapshot(tmp_path)
    _lose(tmp_path, how)
    assert set(staff_actions.states(tmp_path).values()) == {"unchanged"}
    assert staff_actions.snapshot(tmp_path) == before
    staff_actions.settled(tmp_path)
    make(tmp_path, NEWER)
    assert set(staff_actions.states(tmp_path).values()) == {"rewritten"}
    staff_actions.settled(tmp_path)


def test_the_loss_is_told_once(tmp_path: Path) -> None:
    staff_actions.ran(make(tmp_path))
    _lose(tmp_path)
    assert "ledger-lost" in staff_actions.news(tmp_path, "--dry-run")
    assert (
        "what the program knew of these letters is lost"
        in staff_actions.news(tmp_path)["ledger-lost"]
    )
    assert "ledger-lost" not in staff_actions.news(tmp_path)


def test_where_there_were_no_letters_nothing_was_lost(tmp_path: Path) -> None:
    assert "ledger-lost" not in staff_actions.news(make(tmp_path))


def test_every_letter_that_differs_counts_as_edited(tmp_path: Path) -> None:
    """It may be an older version of ours: who can tell."""
    folder = make(tmp_path)
    staff_actions.ran(folder)
    edited = staff_actions.add_line(folder / "letters" / ROY, "We met.")
    staff_actions.save_again(folder / "letters" / "Bo Berg" / "Consul Roy.docx")
    before = staff_actions.snapshot(folder)
    _lose(folder)
    assert staff_actions.states(folder) == {
        LI: "unchanged",
        ROY: "edited",
        "Bo Berg/Minister Li.docx": "unchanged",
        "Bo Berg/Consul Roy.docx": "resaved",
    }
    _lose(folder)
    make(folder, NEWER)
    assert set(staff_actions.states(folder).values()) == {"edited"}
    assert staff_actions.snapshot(folder) == before
    staff_actions.settled(folder)
    make(folder, NEWER + "!")
    assert set(staff_actions.states(folder).values()) == {"edited-changed"}
    staff_actions.ran(folder, "--again", "Ana Ruiz", "--yes")
    assert text(folder / "letters" / LI) == ["Hello Minister Li", "Ana Ruiz!"]
    assert edited in [p.read_bytes() for p in (folder / "letters" / "Old versions").rglob("*.docx")]
    staff_actions.settled(folder)


@zones
def test_the_days_are_read_back_from_the_letters(tmp_path: Path) -> None:
    folder = make(tmp_path, DATED)
    with staff_actions.day(0) as first:
        staff_actions.ran(folder)
        before = staff_actions.snapshot(folder)
    _lose(folder)
    with staff_actions.day(1):
        assert set(staff_actions.states(folder).values()) == {"unchanged"}
        assert staff_actions.snapshot(folder) == before
        make(folder, DATED + "!")
        assert set(staff_actions.states(folder).values()) == {"rewritten"}
        assert text(folder / "letters" / LI)[0] == str(first)
        staff_actions.settled(folder)


def test_moved_letters_are_found_without_the_ledger(tmp_path: Path) -> None:
    folder = make(tmp_path)
    staff_actions.ran(folder)
    (folder / "letters" / LI).rename(folder / "letters" / "Li, final.docx")
    before = staff_actions.snapshot(folder)
    _lose(folder)
    assert staff_actions.states(folder)["Li, final.docx"] in {"unchanged", "moved"}
    assert staff_actions.snapshot(folder) == before
    staff_actions.settled(folder)


def test_a_letter_that_covers_anothers_leaves_no_riddle(tmp_path: Path) -> None:
    folder = make(tmp_path)
    staff_actions.ran(folder)
    (folder / "letters" / LI).replace(folder / "letters" / ROY)
    _lose(folder)
    before = staff_actions.snapshot(folder)
    states = staff_actions.states(folder)
    assert {path: staff_actions.snapshot(folder)[path] for path in before} == before
    assert len(states) == 4
    staff_actions.settled(folder)


def test_letters_that_nobody_wants_stay_where_the_ledger_is_lost(tmp_path: Path) -> None:
    staff_actions.ran(make(tmp_path))
    _lose(tmp_path)
    make(tmp_path, Signers=[["Name"], ["Bo Berg"]])
    before = staff_actions.snapshot(tmp_path)
    assert "the program does not know it" in staff_actions.news(tmp_path)["letter-unwanted"]
    assert staff_actions.snapshot(tmp_path) == before
    staff_actions.settled(tmp_path)


def test_a_ledger_that_another_program_holds_stops_the_run(tmp_path: Path) -> None:
    staff_actions.ran(make(tmp_path))
    before = staff_actions.snapshot(tmp_path)
    make(tmp_path, NEWER)
    with staff_actions.ledger_held(tmp_path):
        told = merge("letters", tmp_path, "--json")
    assert (told.code, [p["code"] for p in told.json["problems"]]) == (1, ["folder-busy"])
    assert staff_actions.snapshot(tmp_path) == before
    assert staff_actions.ran(tmp_path)["written"] == 4


@pytest.mark.parametrize("work", ["new", "rewritten", "renamed", "unwanted", "again"])
@pytest.mark.slow
def test_after_a_kill_at_any_moment_the_next_run_makes_all_good(tmp_path: Path, work: str) -> None:
    """Each file is absent, or known, or somebody else's; no edit is lost, nothing left behind."""
    signers = [["Name", "Town"], ["Ana Ruiz", "Lima"], ["Bo Berg", "Oslo"]]
    for moment in range(60):
        folder = make(tmp_path / str(moment), Signers=signers)
        edited = b""
        if work != "new":
            staff_actions.ran(folder)
            edited = staff_actions.add_line(folder / "letters" / ROY, "We met.")
        if work == "rewritten":
            make(folder, NEWER, Signers=signers)
        elif work == "renamed":
            make(folder, Signers=[signers[0], ["Anna Ruiz", "Lima"], signers[2]])
        elif work == "unwanted":
            make(folder, Signers=[signers[0], signers[2]])
        options = ["--again", "Ana Ruiz", "--yes"] if work == "again" else []
        ended = not staff_actions.killed(folder, moment, *options)
        there = [path.read_bytes() for path in letters(folder).values()]
        assert not edited or edited in there
        states = staff_actions.states(folder)
        assert len(states) == (2 if work == "unwanted" else 4)
        assert set(states.values()) <= {"new", "rewritten", "unchanged", "edited", "edited-changed"}
        assert not edited or edited in [path.read_bytes() for path in letters(folder).values()]
        assert not any(name.endswith(".tmp") for name in letters(folder))
        staff_actions.settled(folder)
        _look_at(folder, states, edited)
        if ended:
            return
    pytest.fail("the run never came to its end")


def _look_at(folder: Path, states: dict[str, str], edited: bytes) -> None:
    """Every letter says what it ought to; there is no second file of any."""
    for path in states:
        letter = folder / "letters" / path
        if letter.read_bytes() != edited:
            signer, recipient = path.removesuffix(".docx").split("/")
            said = text(letter)
            assert said[-1] == signer
            assert recipient in said[0]
    ids = [
        staff_actions.id_in(p) for name, p in letters(folder).items() if "Old versions" not in name
    ]
    assert len(ids) == len(set(ids)) == 4


def test_a_name_that_a_killed_run_only_claimed_is_filled(tmp_path: Path) -> None:
    """On disks without links a letter's name is claimed by an empty file first."""
    folder = make(tmp_path)
    staff_actions.ran(folder)
    (folder / "letters" / LI).write_bytes(b"")
    staff_actions.in_ledger(folder, "UPDATE letter SET content = '', mtime = 0 WHERE path = ?", LI)
    assert staff_actions.states(folder)[LI] == "rewritten"
    assert text(folder / "letters" / LI)[0] == "Minister Li"
    staff_actions.settled(folder)


@pytest.mark.parametrize("cloud", ["OneDrive - Org", "Dropbox", "Google Drive", "iCloud Drive"])
def test_a_folder_that_a_cloud_copies_is_told_at_the_first_run_only(
    tmp_path: Path, cloud: str
) -> None:
    folder = make(tmp_path / cloud / "campaign")
    name = cloud.partition(" - ")[0].removesuffix(" Drive")
    assert name in staff_actions.news(folder)["cloud-folder"]
    assert "cloud-folder" not in staff_actions.news(folder)
    assert "cloud-folder" not in staff_actions.news(make(tmp_path / "plain"))
