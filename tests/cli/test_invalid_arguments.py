"""Every command with invalid arguments reports wrong usage, never a crash.

The commands and their options come from click, so a new one is tested automatically.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from support.campaigns import make_with_letters, merge
from support.everyday import everyday

from merge.cli.commands import merge as program

LONG = "x" * 300
PATHS = {
    "a long name": LONG,
    "a long name in a folder that is not there": f"none/{LONG}/x",
    **({} if os.name == "nt" else {"a long name in letters of three bytes": "あ" * 90}),
    "a long path": "x/" * 3000,
    "nothing": "",
    "NUL": "a\0b",
}
TEXTS = {
    "a long text": LONG * 20,
    "nothing": "",
    "a bell": "a\ab",
    "two lines": "a\nb",
    "NUL": "a\0b",
    "half a character": "a\udcffb",
}
DATES = {"the year 26": "0026-11-29", "the 19th century": "1899-12-31", "1900": "1900-01-01"}
NUMBERS = {"negative": "-1", "huge": "9" * 30, "no number": "x"}
NEEDED = {
    "mark": ["printed", "FOLDER", "--for", "Ana Ruiz"],
    "delete-person": ["Ana Ruiz", "FOLDER", "--dry-run"],
    "import": ["FOLDER/none.csv", "FOLDER"],
    "new": ["FOLDER/new"],
    "close": ["FOLDER", "--dry-run"],
}
"""Other arguments that a command needs."""


def invalid_arguments(command: click.Command) -> Iterator[tuple[list[str], str, bool]]:
    """Yield invalid options of a command, a label, and whether it is a path."""
    for param in command.params:
        if not isinstance(param, click.Option) or param.is_flag:
            continue
        values = TEXTS
        if isinstance(param.type, click.Path):
            values = PATHS
        elif isinstance(param.type, click.DateTime):
            values = DATES
        elif param.name in {"sheets", "start"}:
            values = NUMBERS
        elif isinstance(param.type, click.Choice):
            continue
        for label, value in values.items():
            yield [param.opts[0], value], f"{param.opts[0]}: {label}", values is PATHS


@pytest.mark.parametrize("name", everyday(program.commands, daily=(0, 4, 8)))
def test_an_invalid_option_value_never_crashes_a_command(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_with_letters(tmp_path / "campaign")
    monkeypatch.chdir(tmp_path)
    needed = NEEDED.get(name, ["FOLDER"])
    for words, label, is_path in invalid_arguments(program.commands[name]):
        if name == "page":
            continue  # it would serve until someone closes the page
        ran = merge(name, *(w.replace("FOLDER", str(folder)) for w in needed), *words)
        assert ran.code in ({2} if is_path else {0, 1, 2}), (label, ran.err)
    assert [path.name for path in tmp_path.iterdir()] == ["campaign"]


@pytest.mark.parametrize("name", program.commands)
def test_a_path_that_no_disk_allows_is_wrong_usage(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    other_arguments = {"mark": ["printed"], "delete-person": ["Ana Ruiz"]}.get(name, [])
    for label, path in PATHS.items():
        ran = merge(name, *other_arguments, path)
        assert ran.code == 2, (label, ran.err)
        assert "Traceback" not in ran.err
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("label", TEXTS)
def test_delete_person_with_an_invalid_name_does_not_crash(label: str, tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path / "campaign")
    ran = merge("delete-person", TEXTS[label], folder, "--dry-run")
    assert ran.code in {0, 1, 2}, ran.err
