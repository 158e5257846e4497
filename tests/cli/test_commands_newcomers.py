"""A newcomer's mistakes: each error says what to do, and none is a crash."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support import workbooks
from support.campaigns import make, merge, typed
from support.documents import docx
from support.everyday import everyday

Prepare = Callable[[Path], object]


def nothing(_: Path) -> None:
    """Leave the campaign unchanged."""


def sheets(**sheets_by_name: workbooks.Rows) -> Prepare:
    """Return a function that writes a workbook with only these sheets."""
    return lambda folder: workbooks.xlsx(folder, **sheets_by_name)


def heading(text: str) -> Prepare:
    """Return a function that gives the first column of the signers a heading."""
    return lambda folder: workbooks.campaign(folder, Signers=[[text], ["Ana Ruiz"]])


def template(words: str) -> Prepare:
    """Return a function that writes a template with this text."""
    return lambda folder: (folder / "templates" / "appeal.docx").write_bytes(docx(words))


def rename(old: str, new: str) -> Prepare:
    """Return a function that renames a file."""
    return lambda folder: (folder / old).rename(folder / new)


def open_in_word(folder: Path) -> None:
    """Create the owner file that Word creates for an open document."""
    (folder / "templates" / "~$appeal.docx").write_bytes(b"\x08Ana Ruiz")


PEOPLE: workbooks.Rows = [["Name"], ["Ana Ruiz"]]
MISTAKES: dict[str, tuple[list[str], Prepare, int, str]] = {
    "no such command": (["leters"], nothing, 2, "Did you mean 'letters'?"),
    "another program's command": (["run"], nothing, 2, "--help"),
    "no such option": (["letters", "--dryrun"], nothing, 2, "--dry-run"),
    "an option of another command": (["check", "--dry-run"], nothing, 2, "merge check --help"),
    "an option without its value": (["letters", "--for"], nothing, 2, "--for"),
    "a name without quotes": (["letters", "c", "--for", "Ana", "Ruiz"], nothing, 2, "quotation"),
    "half a name": (["letters", "c", "--for", "Ana"], nothing, 2, "Did you mean “Ana Ruiz”?"),
    "a format that there is not": (["print", "c", "--envelopes", "A4"], nothing, 2, "'DL'"),
    "no folder for new": (["new"], nothing, 2, "Missing argument 'FOLDER'"),
    "new in a folder that has something": (["new", "c"], nothing, 2, "Choose another name."),
    "the wrong folder": (["letters"], nothing, 2, f"{os.sep}c."),
    "a folder that is not there": (["letters", "d"], nothing, 2, "merge new d"),
    "a folder without a campaign": (["check", "empty"], nothing, 2, "merge new"),
    "the workbook for the folder": (["check", "c/signers.xlsx"], nothing, 2, "Enter the folder"),
    "the letters' folder": (["status", "c/templates"], nothing, 2, "Use the one in"),
    "another name of the workbook": (
        ["check", "c"],
        rename("signers.xlsx", "Signers.xls"),
        2,
        "save it as Excel Workbook (.xlsx)",
    ),
    "a wrong heading": (["check", "c"], heading("Nmae"), 1, "Name"),
    "a missing sheet": (["check", "c"], sheets(Signers=PEOPLE), 1, "Recipients"),
    "a sheet of another name": (
        ["check", "c"],
        sheets(Signers=PEOPLE, Recipient=PEOPLE),
        1,
        "Recipient",
    ),
    "nobody in a sheet": (
        ["check", "c"],
        sheets(Signers=[["Name"]], Recipients=PEOPLE),
        1,
        "No one is listed",
    ),
    "a misspelt tag": (["check", "c"], template("{{ recipient.nmae }}"), 1, "Did you mean"),
    "a tag that does not end": (["check", "c"], template("Dear {{ recipient.name,"), 1, "}}"),
    "no template": (["check", "c"], rename("templates", "Templates old"), 1, "templates"),
    "the letters in another folder": (["letters", "c", "--try", "c"], nothing, 2, "another folder"),
    "print before there are letters": (["print", "c"], nothing, 1, "merge letters c"),
    "a register that is no workbook": (
        ["letters", "c"],
        lambda folder: (folder / "register.xlsx").write_bytes(b"Ana"),
        1,
        "register.xlsx",
    ),
}


@pytest.mark.parametrize("mistake", everyday(MISTAKES, daily=range(20)))
def test_the_error_for_a_mistake_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mistake: str
) -> None:
    words, prepare, code, message = MISTAKES[mistake]
    prepare(make(tmp_path / "c"))
    (tmp_path / "empty" / "er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    ran = merge(*words)
    output = ran.out + ran.err
    assert (ran.code, "Traceback" in output, "fault" in output) == (code, False, False), output
    assert message in output
    assert not list((tmp_path / "c").glob("letters/*/*.docx"))


def test_letters_are_created_from_a_template_that_is_open_in_word(tmp_path: Path) -> None:
    open_in_word(make(tmp_path))
    assert merge("letters", tmp_path).code == 0


def test_an_unknown_name_is_not_repeated_in_the_next_command(tmp_path: Path) -> None:
    ran = merge("letters", make(tmp_path), "--for", "Amelia")
    assert ran.last == "Nothing was changed. Fix the command and run it again."


def test_the_error_for_a_folder_without_a_campaign_suggests_merge_new(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for command in ("letters", "check", "status", "proofread", "print", "placeholders"):
        ran = merge(command, tmp_path / "a" / "b")
        assert "To start a new campaign: “merge new FOLDER”." in ran.err
        ran = merge(command, tmp_path / "my own")
        assert (
            f"To start a new campaign: “{typed('merge', 'new', tmp_path / 'my own')}”." in ran.err
        )


def test_the_error_for_a_misspelt_folder_suggests_a_similar_one(tmp_path: Path) -> None:
    make(tmp_path / "appeal")
    for command in ("letters", "check", "status", "proofread", "print", "placeholders"):
        ran = merge(command, tmp_path / "apeal")
        assert f"Did you mean {tmp_path / 'appeal'}?" in ran.err + ran.out
        assert "merge new" not in ran.err + ran.out
