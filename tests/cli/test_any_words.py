"""Every command with words that nobody should type: told as wrong usage, never our fault.

The commands and their options are those that click knows, so that a new one is here by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from support.campaigns import lettered, merge
from support.everyday import everyday

from merge.cli.commands import merge as program

LONG = "x" * 300
PATHS = {
    "a long name": LONG,
    "a long name in a folder that is not there": f"none/{LONG}/x",
    "a long name in letters of three bytes": "あ" * 90,
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
"""What a command needs beside the words that are tried."""


def tried(command: click.Command) -> Iterator[tuple[list[str], str, bool]]:
    """Give further words of a command, what they are, and whether they are paths."""
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
        for what, value in values.items():
            yield [param.opts[0], value], f"{param.opts[0]}: {what}", values is PATHS


@pytest.mark.parametrize("name", everyday(program.commands, of=(0, 4, 8)))
def test_words_that_nobody_should_type_are_no_fault_of_the_program(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = lettered(tmp_path / "campaign")
    monkeypatch.chdir(tmp_path)
    needed = NEEDED.get(name, ["FOLDER"])
    for words, what, is_path in tried(program.commands[name]):
        if name == "page":
            continue  # it would go on for as long as somebody looks
        ran = merge(name, *(w.replace("FOLDER", str(folder)) for w in needed), *words)
        assert ran.code in ({2} if is_path else {0, 1, 2}), (what, ran.err)
    assert [path.name for path in tmp_path.iterdir()] == ["campaign"]


@pytest.mark.parametrize("name", program.commands)
def test_a_folder_or_a_file_that_no_disk_can_hold_is_wrong_usage(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = {"mark": ["printed"], "delete-person": ["Ana Ruiz"]}.get(name, [])
    for what, path in PATHS.items():
        ran = merge(name, *before, path)
        assert ran.code == 2, (what, ran.err)
        assert "Traceback" not in ran.err
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("what", TEXTS)
def test_a_name_that_nobody_has_is_no_fault_of_the_program(what: str, tmp_path: Path) -> None:
    folder = lettered(tmp_path / "campaign")
    ran = merge("delete-person", TEXTS[what], folder, "--dry-run")
    assert ran.code in {0, 1, 2}, ran.err
