"""Every command, and a campaign that has files for each."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from support.campaigns import make, merge
from support.imports import export, response

REPORT = f"report {dt.datetime.now().astimezone():%Y-%m-%d}.xlsx"
COMMANDS: dict[str, Callable[[Path], Sequence[str | Path]]] = {
    "check": lambda f: ["check", f],
    "letters": lambda f: ["letters", f, "--replace", "Ana Ruiz"],
    "status": lambda f: ["status", f],
    "print": lambda f: ["print", f],
    "proofread": lambda f: ["proofread", f],
    "mark": lambda f: ["mark", "printed", f, "--for", "Ana Ruiz"],
    "report": lambda f: ["report", f],
    "placeholders": lambda f: ["placeholders", f],
    "import": lambda f: ["import", f.parent / "answers.csv", f, "--yes"],
    "undo": lambda f: ["import", "--undo", f, "--yes"],
    "new": lambda f: ["new", f.parent / "new", "--from", f],
    "delete-person": lambda f: ["delete-person", "Ana Ruiz", f, "--yes"],
    "close": lambda f: ["close", f, "--yes"],
    "reopen": lambda f: ["close", f, "--undo"],
}


class _Terminal(io.StringIO):
    """A terminal with prepared answers."""

    def isatty(self) -> bool:
        return True


def make_campaign_for_every_command(folder: Path) -> None:
    """Make a campaign with a file in each place."""
    make(folder)
    file = folder / "answers.csv"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", _Terminal("y\ny\n"))
        assert merge("import", export(file, [response(1, "Eve Moss")]), folder).code == 0
    assert merge("letters", folder).code == 0
    export(file, [response(1, "Eve Moss"), response(2, "Ida Fox")])
    assert merge("import", file, folder, "--yes").code == 0
    for command in ("letters", "print", "report"):
        assert merge(command, folder).code == 0
    (report,) = folder.glob("report *.xlsx")
    report.rename(folder / REPORT)
