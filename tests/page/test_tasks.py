"""Tasks of the page: stopped, killed, in collision; folders and disks.

Each letter is complete or missing, the page reports it, and the next start continues.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

import pytest
from docx import Document
from filelock import FileLock
from support.campaigns import ROOT, letters, make, merge, merge_alone
from support.everyday import instants
from support.interrupted_runs import register, temporary
from support.page_program import Served, environment, served
from support.pages import Page, opened, wait_for
from support.routes import address, rules, values_of
from support.staff_actions import add_line, content

from merge.campaign.campaign import Campaign
from merge.campaign.letters_order import LettersOrder
from merge.campaign.task import Task
from merge.page.routes.letters import create_letters

pytestmark = pytest.mark.slow

SIGNERS = [["Name"], ["Inés Álvarez"], ["Käthe Weiß"], ["Bo Berg"]]
POSIX = pytest.mark.posix("links, signals and small disks")


@pytest.fixture(autouse=True)
def _nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERGE_OPENER", shutil.which("true") or "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path / "campaign", Signers=SIGNERS)


def created_letters(folder: Path) -> dict[str, bytes]:
    """The letters by their paths; each is complete."""
    every = letters(folder) if (folder / "letters").is_dir() else {}
    found = {name: path for name, path in every.items() if not path.name.startswith(".merge-")}
    for path in found.values():
        assert Document(str(path)).paragraphs
    return {name: content(path.read_bytes()) for name, path in found.items()}


def uninterrupted(tmp_path: Path) -> dict[str, bytes]:
    """The campaign after a run that nothing stopped."""
    whole = make(tmp_path / "whole", Signers=SIGNERS)
    assert merge("letters", whole).code == 0
    return created_letters(whole)


def count_registered(folder: Path) -> int:
    """Number of letters in the register."""
    return len(register(folder)["Register"]) - 1 if (folder / "register.xlsx").exists() else 0


# Stopped tasks


class TaskStoppedAfter(Task):
    """A task that someone stops after a number of parts of a step."""

    def __init__(self, task: Task, after: int) -> None:
        super().__init__()
        self._task, self._left = task, float(after)
        if not after:
            self.cancel()

    def advance(self, number: float = 1) -> None:
        """Count parts that are done."""
        super().advance(number)
        self._left -= number
        if self._left <= 0:
            self.cancel()


@pytest.mark.parametrize("after", range(8))
def test_creating_letters_can_be_stopped_after_any_letter(
    folder: Path, tmp_path: Path, after: int
) -> None:
    order = LettersOrder(folder / "letters")

    def work(campaign: Campaign, task: Task) -> object:
        return create_letters(
            campaign, TaskStoppedAfter(task, after), order=order, skips_errors=False
        )

    with opened(folder) as page:
        page.session.submit_with_campaign("letters", work)
        page.rest()
        there = created_letters(folder)
        assert len(there) >= min(after, 6)
        assert count_registered(folder) == len(there)
        shown = page.words("letters")
        if len(there) < 6:
            assert "Stopped" in shown
            assert f"create {6 - len(there)} letter" in shown
        page.post("letters/make", sure="1")
        assert created_letters(folder) == uninterrupted(tmp_path)
        assert count_registered(folder) == 6


@pytest.mark.posix("a signal that a program can handle")
@pytest.mark.slow
def test_a_program_that_ends_while_creating_letters_leaves_complete_ones(tmp_path: Path) -> None:
    names = [["Name"], *([f"Signer {n} Kovač"] for n in range(500))]
    folder = make(tmp_path / "many", Signers=names)
    with served(tmp_path, folder) as page:
        goal = page.enter()
        start_letters(page, goal)
        wait_for(lambda: any((folder / "letters").rglob("*.docx")))
        page.process.terminate()
        assert page.ends() == 0
    there = created_letters(folder)
    assert count_registered(folder) == len(there)
    assert temporary(folder) == []
    assert merge_alone("letters", folder).code == 0
    assert len(created_letters(folder)) == 1000


def start_letters(page: Served, goal: str) -> int:
    """Create all letters, as the button does; return the status."""
    path = goal.rpartition("/")[0] + "/letters/make"
    kind = {"Content_Type": "application/x-www-form-urlencoded"}
    return page.inside(path, "POST", b"sure=1", **kind)[0].status


# Killed programs

_AT_ITS_END = """
import os, sys
left, folder = int(sys.argv[1]), sys.argv[2]
changing = {"os.link": 1, "os.rename": 1, "os.remove": 0, "os.mkdir": 0, "os.rmdir": 0, "open": 0}
def hook(event, arguments):
    global left
    if event not in changing or not str(arguments[changing[event]]).startswith(folder + "/"):
        return
    if event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR):
        return
    left -= 1
    if left < 0:
        os._exit(9)
from merge.cli import main
sys.addaudithook(hook)
sys.exit(main(["page", "--no-browser", folder]))
"""
STEPS = [
    *(4, 17),
    *(pytest.param(n, marks=pytest.mark.slow) for n in instants(48) if n not in (4, 17)),
]


def kill_page(folder: Path, home: Path, after: int) -> bool:
    """Create letters by a page that is killed; return whether it was killed.

    It is killed after a number of changes.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", _AT_ITS_END, str(after), str(folder)],
        env=environment(home),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout
        link = process.stdout.readline().strip()
        if not link:
            return process.wait(20) == 9
        page = Served(process, link)
        try:
            goal = page.enter()
            start_letters(page, goal)
            while "<progress" in page.inside(goal.rpartition("/")[0] + "/letters")[1]:
                pass
        except (OSError, HTTPException):  # a response that ends in the middle
            return process.wait(20) == 9
        return False
    finally:
        process.kill()
        process.communicate()


@POSIX
@pytest.mark.soak
@pytest.mark.parametrize("after", STEPS)
def test_a_page_killed_at_any_step_leaves_complete_letters_and_continues(
    folder: Path, tmp_path: Path, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MERGE_HOME", str(tmp_path / "home" / "private"))  # one computer
    first = merge("letters", folder, "--for", "Bo Berg")
    assert first.code == 0
    mine = min(letters(folder).values())
    edited = add_line(mine, "With kind regards.")
    kill_page(folder, tmp_path / "home", after)
    there = created_letters(folder)
    assert mine.read_bytes() == edited
    with served(tmp_path / "home", folder) as page:
        goal = page.enter()
        assert created_letters(folder).items() >= there.items()
        assert start_letters(page, goal) == 303
        wait_for(lambda: len(created_letters(folder)) == 6 and count_registered(folder) == 6)
    name = mine.relative_to(folder / "letters").as_posix()
    assert {**created_letters(folder), name: b""} == {**uninterrupted(tmp_path), name: b""}
    assert mine.read_bytes() == edited
    assert not [left for left in temporary(folder) if not is_empty(Path(left))]


def is_empty(left: Path) -> bool:
    """Whether it is a folder that was just created or emptied at the kill."""
    return left.is_dir() and not any(left.iterdir())


# The command line and staff at the same time


def test_a_simultaneous_run_of_the_command_line_is_reported(folder: Path) -> None:
    (folder / "letters").mkdir()
    with opened(folder) as page:
        with FileLock(folder / "letters" / ".merge-lock"):
            page.post("letters/make", sure="1")
            assert created_letters(folder) == {}
            assert "nother run" in page.words("letters")
        page.post("letters/make", sure="1")
        assert len(created_letters(folder)) == 6


@pytest.mark.slow
def test_the_command_line_and_the_page_create_letters_at_once(tmp_path: Path) -> None:
    names = [["Name"], *([f"Signer {n} Kovač"] for n in range(400))]
    folder = make(tmp_path / "many", Signers=names)
    with opened(folder) as page:
        ran: list[int] = []
        other = threading.Thread(target=lambda: ran.append(merge_alone("letters", folder).code))
        other.start()
        while other.is_alive():
            page.post("letters/make", sure="1")
            assert not (page.session.task_result and page.session.task_result.fault)
        other.join()
        page.post("letters/make", sure="1")
        assert ran in ([0], [1])
        assert len(created_letters(folder)) == 800
        assert count_registered(folder) == 800
        assert temporary(folder) == []


@pytest.mark.parametrize("lock", ["~$register.xlsx", ".~lock.register.xlsx#"])
def test_an_open_register_is_reported_and_updated_when_it_is_closed(
    folder: Path, lock: str
) -> None:
    assert merge("letters", folder, "--for", "Bo Berg").code == 0
    before = (folder / "register.xlsx").read_bytes()
    (folder / lock).write_bytes(b"\x05staff" + b" " * 160)
    with opened(folder) as page:
        page.post("letters/make", sure="1")
        assert len(created_letters(folder)) == 6
        shown = page.words("letters")
        assert (folder / "register.xlsx").read_bytes() == before
        assert "register.xlsx" in shown
        (folder / lock).unlink()
        page.post("letters/make", sure="1")
        assert count_registered(folder) == 6


def test_a_half_saved_workbook_creates_no_letter(folder: Path) -> None:
    whole = (folder / "signers.xlsx").read_bytes()
    with opened(folder) as page:
        assert page.session.snapshot.view
        (folder / "signers.xlsx").write_bytes(whole[: len(whole) // 2])
        page.post("letters/make", sure="1")
        assert created_letters(folder) == {}
        outcome = page.session.task_result
        assert outcome
        assert outcome.problems
        assert not outcome.fault
        (folder / "signers.xlsx").write_bytes(whole)
        wait_for(lambda: not page.session.snapshot.unreadable_files and page.session.snapshot.view)
        page.post("letters/make", sure="1")
        assert len(created_letters(folder)) == 6


# Folders and disks


SCREENS = ("data", "letters", "decide", "proofread", "print", "paper", "progress", "erase")


LINKED = (
    *("signers.xlsx", "templates", "templates/appeal.docx", "register.xlsx", "letters", "print"),
    *("signers from forms.xlsx", "signers from forms (before the last import).xlsx"),
    *("Old versions", "Appeal Merge records", "letters/Old versions"),
)


def all_screens(page: Page) -> str:
    """Show every screen; return the texts. None may be a fault."""
    messages = []
    for path in SCREENS:
        answer = page.get(path)
        assert answer.status_code in {200, 410, 422}, (path, answer.get_data(as_text=True)[-900:])
        messages.append(answer.get_data(as_text=True))
    outcome = page.session.task_result
    assert not (outcome and outcome.fault), outcome
    return "\n".join(messages)


def says_unreadable(page: Page) -> bool:
    """Whether the page says that the campaign cannot be read."""
    page.session.request_rescan()
    return page.session.snapshot.view is None and bool(page.session.snapshot.problems)


def every_form(page: Page) -> None:
    """Send each form, as far as possible; none may cause a fault."""
    known = values_of(page)
    for rule in rules(page, "POST"):
        if "key" in rule.arguments:
            values = {name: known.get(name, known[""])[0] for name in rule.arguments}
            path = address(rule, values)
            answer = page.client.post(path, data={"sure": "1", "file": "signers.xlsx"})
            page.rest()
            assert answer.status_code < 500, path
            outcome = page.session.task_result
            assert not (outcome and outcome.fault), (path, outcome)


def test_a_moved_folder_is_reported_and_recovers(folder: Path, tmp_path: Path) -> None:
    assert merge("letters", folder).code == 0
    before = created_letters(folder)
    with opened(folder) as page:
        assert page.session.snapshot.view
        folder.rename(tmp_path / "elsewhere")
        wait_for(lambda: says_unreadable(page))
        every_form(page)
        all_screens(page)
        assert not folder.exists(), "nothing is made anew in its place"
        assert created_letters(tmp_path / "elsewhere") == before
        (tmp_path / "elsewhere").rename(folder)
        page.session.request_rescan()
        wait_for(lambda: page.session.snapshot.view)
        all_screens(page)
    assert created_letters(folder) == before


@POSIX
def test_a_folder_that_became_a_link_is_not_used(folder: Path, tmp_path: Path) -> None:
    assert merge("letters", folder).code == 0
    other = make(tmp_path / "other", Signers=[["Name"], ["Somebody Else"]])
    (other / "letters").mkdir()
    secret = other / "letters" / "secret.docx"
    secret.write_bytes(b"of somebody else")
    with opened(folder) as page:
        assert page.session.snapshot.view
        folder.rename(tmp_path / "away")
        folder.symlink_to(other)
        before = {path: path.read_bytes() for path in other.rglob("*") if path.is_file()}
        wait_for(lambda: says_unreadable(page))
        every_form(page)
        assert "Somebody Else" not in all_screens(page)
        assert {p: p.read_bytes() for p in other.rglob("*") if p.is_file()} == before


@POSIX
@pytest.mark.parametrize("place", LINKED)
def test_no_task_reads_or_writes_through_a_link(folder: Path, tmp_path: Path, place: str) -> None:
    assert merge("letters", folder).code == 0
    outside = tmp_path / "outside"
    outside.mkdir()
    with opened(folder) as page:
        assert page.session.snapshot.view
        path = folder / place
        if path.exists():
            path.rename(outside / path.name)
        elif path.suffix:
            (outside / path.name).write_bytes(b"not of this campaign")
        else:
            (outside / path.name).mkdir()
        path.symlink_to(outside / path.name)
        before = {p: p.read_bytes() for p in outside.rglob("*") if p.is_file()}
        wait_for(lambda: says_unreadable(page))
        assert "This is a link to" in all_screens(page)
        every_form(page)
        data = (
            outside / path.name if place == "signers.xlsx" else folder / "signers.xlsx"
        ).read_bytes()
        sent = page.client.put(
            f"/c/{page.key}/data/file", data=data, headers={"X-File-Name": "x.xlsx"}
        )
        assert sent.status_code < 500
        page.rest()
        every_form(page)
        assert {p: p.read_bytes() for p in outside.rglob("*") if p.is_file()} == before
        path.unlink()
        page.session.request_rescan()
        wait_for(lambda: page.session.snapshot.view or page.session.snapshot.problems)
        all_screens(page)


@POSIX
def test_a_letter_that_became_a_link_is_neither_shown_nor_opened(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    opener = tmp_path / "opener"
    opener.write_text(f"#!/bin/sh\necho \"$1\" >> '{seen}'\n")
    opener.chmod(0o700)
    monkeypatch.setenv("MERGE_OPENER", str(opener))
    assert merge("letters", folder).code == 0
    with opened(folder) as page:
        assert page.session.snapshot.view
        about = page.session.snapshot.view.letters[0].step.letter
        path = folder / "letters" / about.path
        outside = tmp_path / "outside.docx"
        path.rename(outside)
        add_line(outside, "Nobody may read this")
        path.symlink_to(outside)
        for ending in ("", ".docx", "?show=changes"):
            assert "Nobody may read this" not in page.get(f"letter/{about.id}{ending}").get_data(
                as_text=True
            )
        assert page.get(f"letter/{about.id}.docx").status_code == 404
        assert page.post(f"letter/{about.id}/open").status_code == 422
        shutil.rmtree(folder / "letters")
        (folder / "letters").symlink_to(tmp_path)
        assert page.post(f"letter/{about.id}/open").status_code == 422
        page.post(f"letter/{about.id}/folder")
    assert not seen.exists() or str(outside) not in seen.read_text()


@contextmanager
def small_disk(there: Path, size: str) -> Iterator[Callable[[str], None]]:
    """A small disk, if the tester may mount one; yields a remount function."""
    there.mkdir()

    def mount(options: str) -> int:
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(there)]
        return subprocess.run(command, check=False, capture_output=True).returncode

    if not shutil.which("mount") or mount(f"size={size}"):
        pytest.skip("nobody may mount a small disk here")
    try:
        yield lambda options: None if mount(f"remount,{options}") == 0 else pytest.fail(options)
    finally:
        subprocess.run(["umount", "-l", str(there)], check=True)


@POSIX
def test_a_read_only_disk_is_reported_and_nothing_is_lost(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "4m") as again:
        folder = make(tmp_path / "disk" / "campaign", Signers=SIGNERS)
        assert merge("letters", folder, "--for", "Bo Berg").code == 0
        before = created_letters(folder)
        again("ro")
        with opened(folder) as page:
            all_screens(page)
            every_form(page)
            page.post("letters/make", sure="1")
            assert page.session.task_result
            assert page.session.task_result.problems or page.session.task_result.result
            assert "This disk is read-only" in page.words("letters")
            assert created_letters(folder) == before
            again("rw")
            page.post("letters/make", sure="1")
            assert len(created_letters(folder)) == 6


@POSIX
@pytest.mark.parametrize(
    "room", [12, 40, *(pytest.param(room, marks=pytest.mark.slow) for room in (0, 4, 24, 90))]
)
def test_a_full_disk_is_reported_and_no_letter_is_lost(tmp_path: Path, room: int) -> None:
    with small_disk(tmp_path / "disk", "4m") as again:
        folder = make(tmp_path / "disk" / "campaign", Signers=SIGNERS)
        assert merge("letters", folder, "--for", "Bo Berg").code == 0
        mine = min(letters(folder).values())
        edited = add_line(mine, "With kind regards.")
        before = created_letters(folder)
        free = shutil.disk_usage(folder).free
        (tmp_path / "disk" / "filler").write_bytes(b"x" * max(0, free - room * 1024))
        with opened(folder) as page:
            all_screens(page)
            page.post("letters/make", sure="1")
            assert created_letters(folder).items() >= before.items()
            assert mine.read_bytes() == edited
            if len(created_letters(folder)) < 6:
                assert "The disk is full" in page.words("letters")
            every_form(page)
            all_screens(page)
            (tmp_path / "disk" / "filler").unlink()
            again("size=16m")
            page.post("letters/make", sure="1")
            assert len(created_letters(folder)) == 6
            assert count_registered(folder) == 6
            assert mine.read_bytes() == edited
        assert temporary(folder) == []
