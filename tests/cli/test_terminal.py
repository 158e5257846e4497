"""What reaches the terminal, and that nothing which happens there stops the work."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from support.campaigns import ROOT, lettered, letters, make, merge
from support.everyday import everyday

from merge.cli import main
from merge.cli.terminal import next_command, printable_text, quote_command, remember_workbook

COMMANDS = ["letters", "check", "status", "proofread", "print", "placeholders"]
posix = pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")


def shell(line: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """The line in a shell, where `merge` and `python` are those under test."""
    own = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    line = line.replace("merge", "python -m merge", 1)
    line = line.replace("python ", f"'{sys.executable}' ")
    return subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, cwd=folder, env=own, check=False
    )


# Streams that are closed, full, or read no more


@pytest.mark.slow
@posix
@pytest.mark.parametrize("closed", everyday([">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"], of=(0, 3)))
def test_a_closed_stream_stops_nothing(tmp_path: Path, closed: str) -> None:
    ran = shell(f"merge letters --json {closed}", make(tmp_path))
    assert (ran.returncode, "fault" in ran.stderr) == (0, False)
    assert len(letters(tmp_path)) == 4


@posix
def test_what_other_libraries_print_goes_into_no_file_where_a_stream_is_closed(
    tmp_path: Path,
) -> None:
    make(tmp_path)
    code = (
        "import os\n"
        "from merge.cli.terminal import make_streams_fault_tolerant\n"
        "make_streams_fault_tolerant()\n"
        "opened = os.open('ledger', os.O_RDWR | os.O_CREAT)\n"
        "os.write(2, b'a warning of some library')\n"
        "raise SystemExit(os.fstat(opened).st_size)\n"
    )
    (tmp_path / "closed.py").write_text(code, encoding="utf-8")
    assert shell("python closed.py >&- 2>&-", tmp_path).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("command", everyday([*COMMANDS, "--help"], of=(0, 2)))
def test_a_result_that_finds_no_room_is_told_and_the_work_is_done(
    tmp_path: Path, command: str
) -> None:
    ran = shell(f"merge {command} > /dev/full", make(tmp_path))
    assert ran.returncode == 1
    assert (
        "could not be written (No space left on device). The command itself has finished."
        in ran.stderr
    )
    assert "fault" not in ran.stderr
    assert bool(letters(tmp_path)) == (command == "letters") or command != "letters"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_messages_that_find_no_room_do_not_stop_a_print_half_way(tmp_path: Path) -> None:
    lettered(tmp_path)
    ran = shell("merge print --per-signer 2> /dev/full", tmp_path)
    assert ran.returncode == 0
    assert merge("status", tmp_path, "--json").json["in_batches"] == 4


@pytest.mark.slow
@posix
@pytest.mark.parametrize("buffered", ["", "1"])
def test_a_reader_who_goes_away_stops_nothing(tmp_path: Path, buffered: str) -> None:
    make(tmp_path)
    ran = shell("merge letters --json | true", tmp_path, PYTHONUNBUFFERED=buffered)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert len(letters(tmp_path)) == 4


# Where the command runs


@posix
def test_a_folder_that_was_deleted_under_the_command_line_is_told(tmp_path: Path) -> None:
    for words in ("check", "new x", f"letters '{make(tmp_path / 'c')}'"):
        ran = shell(f"mkdir gone; cd gone; rmdir ../gone; merge {words}", tmp_path)
        assert ran.returncode == 2
        assert "The current folder no longer exists" in ran.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere file names are always Unicode")
@pytest.mark.parametrize("commands", everyday([COMMANDS[:2], COMMANDS]))
def test_a_system_language_without_letters_writes_every_name(
    tmp_path: Path, commands: list[str]
) -> None:
    folder = make(tmp_path / "cañón", Signers=[["Name"], ["Олена Журавчук"]])
    poor = {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    for command in commands:
        ran = shell(f"merge {command} 'cañón'", tmp_path, **poor)
        assert (ran.returncode, "fault" in ran.stderr) == (0, False), ran.stderr
    assert sorted(letters(folder)) == [
        "Олена Журавчук/Consul Roy.docx",
        "Олена Журавчук/Minister Li.docx",
    ]


def test_a_thread_may_run_a_command(tmp_path: Path) -> None:
    make(tmp_path)
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(main(["letters", str(tmp_path)])))
    thread.start()
    thread.join()
    assert (codes, len(letters(tmp_path))) == ([0], 4)


@posix
@pytest.mark.parametrize(
    "module", everyday(["merge.cli.commands", "click", "merge.campaign.campaign"], of=range(2))
)
def test_ctrl_c_while_the_program_starts_ends_it_without_a_traceback(
    tmp_path: Path, module: str
) -> None:
    """It comes while a module is loaded: what is slow to load is where it comes in an office."""
    started = (
        "import os, signal, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}:\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "import merge.cli\n"
        "merge.cli.run()\n"
    )
    (make(tmp_path) / "started.py").write_text(started, encoding="utf-8")
    ran = shell("python started.py check", tmp_path)
    assert (ran.returncode, ran.stdout, "Traceback" in ran.stderr) == (130, "", False)


# What cells and file names would do to the terminal


@pytest.mark.parametrize(
    "sign", ["\x1b]0;x\x07", "\x9b31m", "\r", "\x00", "\u202e", "\u2066", "\x7f", "\u2028"]
)
def test_a_control_character_never_reaches_the_terminal(sign: str) -> None:
    shown = printable_text(f"Ana{sign}Ruiz")
    assert not set(sign[0]) & set(shown)
    assert "\n" not in shown


def test_names_of_all_scripts_are_printed_as_they_are() -> None:
    names = "José Ñuñez, Олена, سلمى\u200f, 李安, नाम\u200d, Zoë\u00a0Ó"
    assert printable_text(names) == names


def test_cells_and_file_names_are_shown_without_their_control_characters(tmp_path: Path) -> None:
    rows = [["Name", "Town"], ["Ana\u009b31mRuiz", "Li\u202ema"]]
    make(tmp_path, Signers=rows)
    (tmp_path / "templates" / "odd \x1b]0;owned\x07.docx").write_bytes(b"no template")
    for command in COMMANDS:
        ran = merge(command, tmp_path)
        assert not {"\x9b", "\x1b", "\x07", "\u202e"} & {*ran.out, *ran.err}
        if command != "placeholders":
            read = merge(command, tmp_path, "--json")
            assert not {"\x9b", "\x1b", "\x07", "\u202e"} & {*read.out}
    assert merge("placeholders", tmp_path, "--json").json["tags"][0]["first"] == "Ana\u009b31mRuiz"


def test_the_command_to_type_next_is_ours_even_if_another_program_is_called_merge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, other = tmp_path / "ours", tmp_path / "other"
    for program in (ours / "merge", ours / "appeal-merge", other / "merge"):
        file = program.with_suffix(".exe" if os.name == "nt" else "")
        file.parent.mkdir(exist_ok=True)
        file.touch(0o755)
    remember_workbook(None)
    found = {
        (ours, other): ("merge", "appeal-merge"),
        (other, ours): ("appeal-merge", "appeal-merge"),
        (other,): (str(ours / "merge"), str(ours / "appeal-merge")),
    }
    for folders, named in found.items():
        monkeypatch.setenv("PATH", os.pathsep.join(map(str, folders)))
        for called, name in zip(("merge", "appeal-merge"), named, strict=True):
            monkeypatch.setattr(sys, "argv", [str(ours / called)])
            words = quote_command([name, "letters"], windows=os.name == "nt")
            assert next_command("letters", Path()) == words
