"""The start by the icon: browser, running program, messages in a box."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.page_program import Served, environment, path_of, served
from support.pages import wait_for

from merge.cli.icon_start import start_from_icon

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the programs of these tests")

START = "import sys; from merge.cli.icon_start import start_from_icon as s; sys.exit(s([]))"


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with the text that the system's message box showed.

    The computer has a screen, and no other program than the box.
    """
    shown, program = tmp_path / "shown", tmp_path / "programs" / "zenity"
    program.parent.mkdir()
    whole = f'/bin/cat > "{shown}.part" && /bin/mv "{shown}.part" "{shown}"'
    program.write_text(f"#!/bin/sh\n{whole}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("MERGE_HOME", str(tmp_path / "private"))
    return shown


@contextmanager
def icon(tmp_path: Path, **more: str) -> Iterator[subprocess.Popen[str]]:
    """Start the program as its icon does: no one reads what it prints."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", START],
        env=environment(tmp_path, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        output, noted = process.communicate(timeout=20)
    assert (output, noted) == ("", "")


def browser(tmp_path: Path, name: str) -> tuple[Path, dict[str, str]]:
    """A browser that records the file that it opens."""
    opened, program = tmp_path / f"{name} opened", tmp_path / name
    whole = f'/bin/cp "${{1#file://}}" "{opened}.part" && /bin/mv "{opened}.part" "{opened}"'
    program.write_text(f"#!/bin/sh\n{whole}\n", encoding="utf-8")
    program.chmod(0o755)
    return opened, {"BROWSER": str(program)}


def link_in(text: str) -> str:
    found = re.search(r"http://[\w./:-]+", text)
    assert found, text
    return found[0]


def test_the_icon_opens_the_page_and_a_second_click_opens_the_same_program(
    tmp_path: Path, box: Path
) -> None:
    first, first_browser = browser(tmp_path, "first")
    second, second_browser = browser(tmp_path, "second")
    with icon(tmp_path, **first_browser) as process:
        wait_for(first.exists)
        page = Served(process, link_in(first.read_text(encoding="utf-8")))
        assert page.enter() == "/"
        with icon(tmp_path, **second_browser) as again:
            wait_for(second.exists)
            assert again.wait(20) == 0
        link = link_in(second.read_text(encoding="utf-8"))
        assert path_of(link)
        assert page.enter(link) == "/"
        page.inside("/stop", "POST", b"sure=yes", Content_Type="application/x-www-form-urlencoded")
        assert page.ends() == 0
    assert not box.exists()


@pytest.mark.slow
def test_the_icon_shows_the_link_in_a_box_if_no_browser_opens(tmp_path: Path, box: Path) -> None:
    with icon(tmp_path, BROWSER="/bin/false") as process:
        wait_for(box.exists)
        text = box.read_text(encoding="utf-8")
        assert text.startswith("the page: Your browser could not be opened. Open it yourself")
        assert Served(process, link_in(text)).enter() == "/"
    assert process.returncode == 0


def test_the_icon_shows_what_the_disk_does_not_allow(tmp_path: Path, box: Path) -> None:
    (tmp_path / "private").write_bytes(b"")
    assert start_from_icon([]) == 1
    assert str(tmp_path / "private") in box.read_text(encoding="utf-8")


def test_the_icon_shows_that_a_part_of_the_program_is_missing(
    box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "merge.page.app", None)
    assert start_from_icon([]) == 3
    assert box.read_text(encoding="utf-8") == (
        "Appeal Merge: The program cannot start because one of its parts is missing"
        " (merge.page.app). Perhaps a virus scanner removed it. Install the program again. If that"
        " does not help, ask your IT support to allow it.\n"
    )


def test_the_icon_shows_a_fault_of_the_program(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", None)
    assert start_from_icon([]) == 3
    assert "Please send these lines to your support contact" in box.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_second_click_shows_the_link_in_a_box_if_no_browser_opens(
    tmp_path: Path, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", "/bin/false")
    with served(tmp_path) as page:
        assert start_from_icon([]) == 0
        wait_for(box.exists)
        assert page.enter(link_in(box.read_text(encoding="utf-8"))) == "/"


def test_the_icon_writes_to_standard_error_if_no_box_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "private").write_bytes(b"")
    monkeypatch.setenv("MERGE_HOME", str(tmp_path / "private"))
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert start_from_icon([]) == 1
    assert str(tmp_path / "private") in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore:subprocess")  # as intended, no one waits for it
def test_on_a_mac_the_process_of_the_icon_ends_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, program = tmp_path / "heard", tmp_path / "program"
    program.write_text(f'#!/bin/sh\necho "$@" > "{heard}.part"; mv "{heard}.part" "{heard}"\n')
    program.chmod(0o755)
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(sys, "executable", str(program))
    assert start_from_icon(["-psn_0_1234"]) == 0
    wait_for(heard.exists)
    assert heard.read_text(encoding="utf-8") == "background\n"
