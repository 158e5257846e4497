"""A newcomer's mistakes, from the first command on: each ends with what to do, none in a fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support import workbooks
from support.campaigns import make, merge
from support.documents import docx
from support.everyday import everyday

Prepare = Callable[[Path], object]


def nothing(_: Path) -> None:
    """Leave the campaign as it is."""


def sheets(**own: workbooks.Rows) -> Prepare:
    """Let the workbook have these sheets only."""
    return lambda folder: workbooks.xlsx(folder, **own)


def heading(text: str) -> Prepare:
    """Let the first column of the signers be called so."""
    return lambda folder: workbooks.campaign(folder, Signers=[[text], ["Ana Ruiz"]])


def template(words: str) -> Prepare:
    """Let the template say this."""
    return lambda folder: (folder / "templates" / "appeal.docx").write_bytes(docx(words))


def renamed(old: str, new: str) -> Prepare:
    """Let a file have another name."""
    return lambda folder: (folder / old).rename(folder / new)


def open_in_word(folder: Path) -> None:
    """Leave what Word leaves beside a document that is open."""
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
    "the wrong folder": (["letters"], nothing, 2, "/c."),
    "a folder that is not there": (["letters", "d"], nothing, 2, "merge new d"),
    "a folder without a campaign": (["check", "empty"], nothing, 2, "merge new"),
    "the workbook for the folder": (["check", "c/signers.xlsx"], nothing, 2, "Enter the folder"),
    "the letters' folder": (["status", "c/templates"], nothing, 2, "Use the one in"),
    "another name of the workbook": (
        ["check", "c"],
        renamed("signers.xlsx", "Signers.xls"),
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
    "no template": (["check", "c"], renamed("templates", "Templates old"), 1, "templates"),
    "the letters in another folder": (["letters", "c", "--try", "c"], nothing, 2, "another folder"),
    "print before there are letters": (["print", "c"], nothing, 1, "merge letters c"),
    "a register that is no workbook": (
        ["letters", "c"],
        lambda folder: (folder / "register.xlsx").write_bytes(b"Ana"),
        1,
        "register.xlsx",
    ),
}


@pytest.mark.parametrize("mistake", everyday(MISTAKES, of=range(20)))
def test_a_mistake_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mistake: str
) -> None:
    words, prepare, code, told = MISTAKES[mistake]
    prepare(make(tmp_path / "c"))
    (tmp_path / "empty" / "er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    ran = merge(*words)
    said = ran.out + ran.err
    assert (ran.code, "Traceback" in said, "fault" in said) == (code, False, False), said
    assert told in said
    assert not list((tmp_path / "c").glob("letters/*/*.docx"))


def test_a_template_that_is_open_in_word_makes_letters_all_the_same(tmp_path: Path) -> None:
    open_in_word(make(tmp_path))
    assert merge("letters", tmp_path).code == 0


def test_a_name_that_is_nobodys_is_not_in_the_command_to_type_next(tmp_path: Path) -> None:
    ran = merge("letters", make(tmp_path), "--for", "Amelia")
    assert ran.last == "Nothing was changed. Fix the command and run it again."


def test_a_place_without_a_campaign_names_merge_new(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for command in ("letters", "check", "status", "proofread", "print", "placeholders"):
        ran = merge(command, tmp_path / "a" / "b")
        assert "To start a new campaign: “merge new FOLDER”." in ran.err
        ran = merge(command, tmp_path / "my own")
        assert f"To start a new campaign: “merge new '{tmp_path / 'my own'}'”." in ran.err


def test_a_misspelt_folder_is_answered_with_the_one_that_is_meant(tmp_path: Path) -> None:
    make(tmp_path / "appeal")
    for command in ("letters", "check", "status", "proofread", "print", "placeholders"):
        ran = merge(command, tmp_path / "apeal")
        assert f"Did you mean {tmp_path / 'appeal'}?" in ran.err + ran.out
        assert "merge new" not in ran.err + ran.out
