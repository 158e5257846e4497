"""Decisions on the command line: `--replace`, `--keep`, `check --ignore`."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from support.campaigns import RunResult, make, merge, typed
from support.everyday import everyday
from support.printed_campaigns import NEWER, PEOPLE, edit, make_six_letters

ODD = [["Name"], ["ana ruiz"], ["bo berg"]]
ROY = "Ana Ruiz/Consul Roy.docx"


def _make_changed_campaign(folder: Path) -> Path:
    make_six_letters(folder)
    edit(folder / "letters" / ROY)
    make(folder, NEWER, Signers=[["Name"], *([name] for name in PEOPLE)])
    return folder


def _ids(folder: Path) -> dict[str, str]:
    letters = merge("letters", folder, "--dry-run", "--json").json["letters"]
    return {letter["path"].removeprefix("letters/"): letter["id"] for letter in letters}


@pytest.mark.slow
@pytest.mark.parametrize("option", everyday(["--replace", "--keep"]))
@pytest.mark.parametrize(
    ("word", "code", "message"),
    everyday(
        [
            ("", "letter-ambiguous", "Enter more of the ID"),
            ("0000000000", "letter-unknown", "No letter has this short ID"),
            ("Anna Ruiz", "nobody-of-that-name", "Did you mean “Ana Ruiz”?"),
        ]
    ),
)
def test_an_unknown_or_ambiguous_name_changes_nothing(
    tmp_path: Path, option: str, word: str, code: str, message: str
) -> None:
    ends = ("berg", "dal", "holm", "lund", "stad", "vik", "ura", "ovic", "escu", "akis")
    names = [f"Ana {first}{mid}{end}" for first in "BDGKLMRST" for mid in "aeiou" for end in ends]
    make(tmp_path, Signers=[["Name"], *([name] for name in names), ["Ana Ruiz"]])
    ran = merge("letters", tmp_path, option, word or _common_beginning(tmp_path), "--yes", "--json")
    (problem,) = (p for p in ran.json["problems"] if p["level"] == "error")
    assert (ran.code, problem["code"]) == (2, code)
    assert message in problem["message"] + problem["hint"]
    assert option in problem["where"] + problem["message"]
    assert not (tmp_path / "letters").exists()


def _common_beginning(folder: Path) -> str:
    """Return the beginning that the IDs of two letters have in common."""
    ids = sorted(_ids(folder).values())
    beginnings = [first[: _common_length(first, second)] for first, second in pairwise(ids)]
    return next(
        beginning
        for beginning in beginnings
        if len(beginning) >= 4 and re.search("[0-9]", beginning)
    )


def _common_length(first: str, second: str) -> int:
    return next(n for n in range(17) if first[: n + 1] != second[: n + 1])


def test_a_kept_letter_is_reported_once_and_then_is_an_edited_letter(tmp_path: Path) -> None:
    folder = _make_changed_campaign(tmp_path)
    assert "changed since" in merge("letters", folder, "--dry-run").out
    ran = merge("letters", folder, "--keep", _ids(folder)[ROY][:5])
    assert "edited, kept until its data changes again" in ran.err.replace(";", ",")
    after = merge("letters", folder)
    assert "changed since" not in after.err
    assert merge("print", folder, "--dry-run").code == 0


def test_the_next_command_repeats_the_decisions(tmp_path: Path) -> None:
    folder = _make_changed_campaign(tmp_path)
    words = ("--replace", "Bo Berg", "--keep", "Ana Ruiz")
    last_line = merge("letters", folder, *words, "--dry-run").last
    assert last_line.endswith(typed("merge", "letters", folder, *words))


# Warnings


def _warning_ids(ran: RunResult) -> list[str]:
    return re.findall(r"^warning .*\[([0-9a-f]{4,})\]$", ran.out, re.MULTILINE)


def _with_names(folder: Path, *names: str) -> Path:
    rows = [["Name"], *([name] for name in names)]
    return make(folder, Signers=rows, Recipients=[["Name"], ["Minister Li"]])


@pytest.mark.slow
def test_a_warning_is_ignored_by_its_id_everywhere_and_can_be_reset(tmp_path: Path) -> None:
    folder = _with_names(tmp_path, "ana ruiz", "bo berg")
    ran = merge("check", folder)
    (warning_id,) = _warning_ids(ran)  # two cells of a column are one warning
    assert f"merge check {folder} --ignore ID" in ran.out
    ignored = merge("check", folder, "--ignore", warning_id.upper())
    assert ignored.last == f"2 letters ready, 2 ignored. Next: merge letters {folder}"
    assert "warning" not in merge("letters", folder).err
    assert merge("status", folder, "--json").json["problems"] == []
    all_warnings = merge("check", folder, "--all")
    assert "ignored  signers.xlsx, Signers!A2:A3 (2 cells: ana ruiz, bo berg)\n" in all_warnings.out
    result = merge("check", folder, "--all", "--json").json
    assert (result["problems"], len(result["hidden"])) == ([], 2)
    assert _warning_ids(merge("check", folder, "--reset-ignored")) == [warning_id]
    assert _warning_ids(merge("check", folder)) == [warning_id]


def test_only_new_cells_of_an_ignored_warning_are_reported(tmp_path: Path) -> None:
    folder = _with_names(tmp_path, "ana ruiz")
    (warning_id,) = _warning_ids(merge("check", folder))
    merge("check", folder, "--ignore", warning_id)
    _with_names(tmp_path, "bo berg", "ana ruiz")
    ran = merge("check", folder)
    assert "Signers!A2, bo berg  [" in ran.out
    assert _warning_ids(ran) != [warning_id]


def test_an_outdated_warning_id_ignores_nothing(tmp_path: Path) -> None:
    folder = _with_names(tmp_path, "ana ruiz")
    (warning_id,) = _warning_ids(merge("check", folder))
    _with_names(folder, "ana ruis")
    ran = merge("check", folder, "--ignore", warning_id)
    assert ran.code == 2
    assert f"--ignore {warning_id}" in ran.err
    assert _warning_ids(merge("check", folder))


def test_check_writes_nothing_and_an_error_has_no_warning_id(tmp_path: Path) -> None:
    folder = _with_names(tmp_path, "unknown")
    ran = merge("check", folder)
    assert ran.code == 1
    assert "error  signers.xlsx, Signers!A2\n" in ran.out
    assert not (folder / "letters").exists()


@pytest.mark.slow
def test_ignored_warnings_are_shown_again_after_a_person_is_deleted(tmp_path: Path) -> None:
    folder = _with_names(tmp_path, "ana ruiz", "bo berg")
    warning_ids = _warning_ids(merge("check", folder))
    merge("check", folder, *(word for found in warning_ids for word in ("--ignore", found)))
    assert not _warning_ids(merge("check", folder))
    merge("delete-person", "ana ruiz", folder, "--yes")
    assert {*warning_ids} <= {*_warning_ids(merge("check", folder))}
