"""The program without what Windows lacks: signals, functions, encodings."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.campaigns import ROOT, make, merge

_WITHOUT_SIGNALS = """
import signal, sys
for name in "SIGALRM SIGHUP SIGKILL SIGPIPE SIGQUIT SIGUSR1".split():
    vars(signal).pop(name, None)
"""
_WITHOUT_MODULES = 'sys.modules["fcntl"] = sys.modules["resource"] = None'
"""Signals and modules that Python has on Linux, but not on Windows."""

_ALL_MODULES = """
import importlib, pkgutil, merge
modules = [m.name for m in pkgutil.walk_packages(merge.__path__, "merge.")]
for name in modules:
    name == "merge.__main__" or importlib.import_module(name)
print(len(modules))
"""


def _run(code: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    names = {"PATH": "/nowhere", "MERGE_HOME": environment.pop("home"), **environment}
    command = [sys.executable, "-c", code, *words]
    return subprocess.run(
        command, env=names, capture_output=True, text=True, check=False, cwd=ROOT, errors="replace"
    )


@pytest.mark.slow
def test_every_module_is_imported_without_what_windows_lacks(tmp_path: Path) -> None:
    ran = _run(_WITHOUT_SIGNALS + _WITHOUT_MODULES + _ALL_MODULES, home=str(tmp_path))
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 300


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "cp850", "ascii"])
def test_letters_are_created_without_the_signals_of_unix_on_any_console(
    tmp_path: Path, encoding: str
) -> None:
    folder = make(tmp_path / "campaign", Signers=[["Name"], ["Олена Журавчук"], ["Zoë Ağaoğlu"]])
    ran = _run(
        f"{_WITHOUT_SIGNALS}\nfrom merge.cli import run\nrun()",
        *("letters", str(folder)),
        home=str(tmp_path / "home"),
        PYTHONIOENCODING=encoding,
        PYTHONUTF8="0",
    )
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    letters = {path.parent.name for path in folder.glob("letters/*/*.docx")}
    assert letters == {"Олена Журавчук", "Zoë Ağaoğlu"}


_KNOWN = {
    "win32": {
        ("computer.py", "getuid"),
        ("disk.py", "sync"),
        ("page/serving.py", "RLIMIT_NOFILE"),
        ("page/serving.py", "getrlimit"),
        ("printing/libreoffice.py", "SIGKILL"),
        ("printing/libreoffice.py", "killpg"),
    },
    "darwin": set[tuple[str, str]](),
}
"""Missing names that the program uses on other systems only."""


@pytest.mark.slow
@pytest.mark.parametrize("system", _KNOWN)
def test_no_name_is_used_that_python_lacks_on_a_system(tmp_path: Path, system: str) -> None:
    """The type checker knows the names of each system."""
    command = [sys.executable, "-m", "mypy", "--platform", system, "--cache-dir", str(tmp_path)]
    ran = subprocess.run([*command, "merge"], capture_output=True, text=True, check=False, cwd=ROOT)
    errors = re.findall(r"^merge[/\\](\S+?):\d+: error: (.*)", ran.stdout, re.MULTILINE)
    missing = {
        (path.replace("\\", "/"), *re.findall(r'Module has no attribute "(\w+)"', why))
        for path, why in errors
    }
    assert missing == _KNOWN[system], ran.stdout


@pytest.mark.parametrize("year", [1975, 2120])
def test_every_file_is_created_whatever_year_the_clock_of_the_computer_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, year: int
) -> None:
    folder = make(tmp_path / "campaign")
    moment = time.struct_time((year, 3, 3, 12, 0, 0, 0, 62, 0))
    monkeypatch.setattr(time, "localtime", lambda *_: moment)
    for command in ("letters", "proofread", "print", "mark posted", "report"):
        ran = merge(*command.split(), folder, *(["--all"] if command == "mark posted" else []))
        assert ran.code == 0, (command, ran.err)
    assert merge("new", tmp_path / "next", "--from", folder, "--unanswered").code == 0
