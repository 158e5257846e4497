"""The terminal: output that fails never stops a command."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from support.campaigns import ROOT, letters, make, make_with_letters, merge
from support.everyday import everyday

from merge.cli import main
from merge.cli.terminal import next_command, printable_text, quote_command, remember_workbook

COMMANDS = ["letters", "check", "status", "proofread", "print", "placeholders"]
posix = pytest.mark.posix("a shell of POSIX")


def shell(line: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a line in a shell whose `merge` and `python` are those under test."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    line = line.replace("merge", "python -m merge", 1)
    line = line.replace("python ", f"'{sys.executable}' ")
    return subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, cwd=folder, env=environment, check=False
    )


# Streams that are closed, full, or no longer read


@pytest.mark.slow
@posix
@pytest.mark.parametrize(
    "closed", everyday([">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"], daily=(0, 3))
)
def test_a_command_works_with_closed_streams(tmp_path: Path, closed: str) -> None:
    ran = shell(f"merge letters --json {closed}", make(tmp_path))
    assert (ran.returncode, "fault" in ran.stderr) == (0, False)
    assert len(letters(tmp_path)) == 4


@posix
def test_output_of_libraries_never_goes_into_a_file_if_a_stream_is_closed(
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
@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("command", everyday([*COMMANDS, "--help"], daily=(0, 2)))
def test_a_result_on_a_full_disk_is_reported_and_the_command_finishes(
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
@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_messages_on_a_full_disk_do_not_stop_printing(tmp_path: Path) -> None:
    make_with_letters(tmp_path)
    ran = shell("merge print --per-signer 2> /dev/full", tmp_path)
    assert ran.returncode == 0
    assert merge("status", tmp_path, "--json").json["in_batches"] == 4


@pytest.mark.slow
@pytest.mark.parametrize("buffered", ["", "1"])
def test_a_command_finishes_if_its_reader_goes_away(tmp_path: Path, buffered: str) -> None:
    command = [sys.executable, "-m", "merge", "letters", str(make(tmp_path)), "--json"]
    environment = {**os.environ, "PYTHONUNBUFFERED": buffered}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, cwd=ROOT, env=environment) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.close()
        assert (run.stderr.read(), run.wait()) == (b"", 0)
    assert len(letters(tmp_path)) == 4


# Where the command runs


@posix
def test_a_deleted_current_folder_is_reported(tmp_path: Path) -> None:
    for words in ("check", "new x", f"letters '{make(tmp_path / 'c')}'"):
        ran = shell(f"mkdir gone; cd gone; rmdir ../gone; merge {words}", tmp_path)
        assert ran.returncode == 2
        assert "The current folder no longer exists" in ran.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere file names are always Unicode")
@pytest.mark.parametrize("commands", everyday([COMMANDS[:2], COMMANDS]))
def test_letters_with_names_in_any_script_are_written_in_the_posix_locale(
    tmp_path: Path, commands: list[str]
) -> None:
    folder = make(tmp_path / "cañón", Signers=[["Name"], ["Олена Журавчук"]])
    environment = {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    for command in commands:
        ran = shell(f"merge {command} 'cañón'", tmp_path, **environment)
        assert (ran.returncode, "fault" in ran.stderr) == (0, False), ran.stderr
    assert sorted(letters(folder)) == [
        "Олена Журавчук/Consul Roy.docx",
        "Олена Журавчук/Minister Li.docx",
    ]


def test_a_command_can_run_in_a_thread(tmp_path: Path) -> None:
    make(tmp_path)
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(main(["letters", str(tmp_path)])))
    thread.start()
    thread.join()
    assert (codes, len(letters(tmp_path))) == ([0], 4)


@posix
@pytest.mark.parametrize(
    "module", everyday(["merge.cli.commands", "click", "merge.campaign.campaign"], daily=range(2))
)
def test_ctrl_c_during_the_start_ends_the_program_without_a_traceback(
    tmp_path: Path, module: str
) -> None:
    """The signal comes while a module is loaded.

    In practice it usually comes while a slow module is loaded.
    """
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


# Control characters in cells and file names


@pytest.mark.parametrize(
    "character", ["\x1b]0;x\x07", "\x9b31m", "\r", "\x00", "\u202e", "\u2066", "\x7f", "\u2028"]
)
def test_a_control_character_never_reaches_the_terminal(character: str) -> None:
    output = printable_text(f"Ana{character}Ruiz")
    assert not set(character[0]) & set(output)
    assert "\n" not in output


def test_names_in_all_scripts_are_printed_unchanged() -> None:
    names = "José Ñuñez, Олена, سلمى\u200f, 李安, नाम\u200d, Zoë\u00a0Ó"
    assert printable_text(names) == names


@pytest.mark.posix("names with control characters")
def test_cells_and_file_names_are_printed_without_control_characters(tmp_path: Path) -> None:
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


def test_the_next_command_runs_this_program_even_if_another_is_called_merge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_folder, other_folder = tmp_path / "ours", tmp_path / "other"
    for program in (own_folder / "merge", own_folder / "appeal-merge", other_folder / "merge"):
        file = program.with_suffix(".exe" if os.name == "nt" else "")
        file.parent.mkdir(exist_ok=True)
        file.touch(0o755)
    remember_workbook(None)
    expected_by_path = {
        (own_folder, other_folder): ("merge", "appeal-merge"),
        (other_folder, own_folder): ("appeal-merge", "appeal-merge"),
        (other_folder,): (str(own_folder / "merge"), str(own_folder / "appeal-merge")),
    }
    for folders, expected in expected_by_path.items():
        monkeypatch.setenv("PATH", os.pathsep.join(map(str, folders)))
        for program_name, name in zip(("merge", "appeal-merge"), expected, strict=True):
            monkeypatch.setattr(sys, "argv", [str(own_folder / program_name)])
            words = quote_command([name, "letters"], windows=os.name == "nt")
            assert next_command("letters", Path()) == words
