"""Decisions as they are typed: `--replace`, `--keep`, `check --ignore`."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from support.campaigns import Ran, make, merge
from support.everyday import everyday
from support.printed_campaigns import NEWER, PEOPLE, edit, made

ODD = [["Name"], ["ana ruiz"], ["bo berg"]]
ROY = "Ana Ruiz/Consul Roy.docx"


def _changed(folder: Path) -> Path:
    made(folder)
    edit(folder / "letters" / ROY)
    make(folder, NEWER, Signers=[["Name"], *([name] for name in PEOPLE)])
    return folder


def _ids(folder: Path) -> dict[str, str]:
    told = merge("letters", folder, "--dry-run", "--json").json["letters"]
    return {each["path"].removeprefix("letters/"): each["id"] for each in told}


@pytest.mark.slow
@pytest.mark.parametrize("option", everyday(["--replace", "--keep"]))
@pytest.mark.parametrize(
    ("word", "code", "said"),
    everyday(
        [
            ("", "letter-ambiguous", "Enter more of the ID"),
            ("0000000000", "letter-unknown", "No letter has this short ID"),
            ("Anna Ruiz", "nobody-of-that-name", "Did you mean “Ana Ruiz”?"),
        ]
    ),
)
def test_a_word_that_means_nobody_or_several_changes_nothing(
    tmp_path: Path, option: str, word: str, code: str, said: str
) -> None:
    ends = ("berg", "dal", "holm", "lund", "stad", "vik", "ura", "ovic", "escu", "akis")
    made_up = [f"Ana {first}{mid}{end}" for first in "BDGKLMRST" for mid in "aeiou" for end in ends]
    make(tmp_path, Signers=[["Name"], *([name] for name in made_up), ["Ana Ruiz"]])
    ran = merge("letters", tmp_path, option, word or _shared(tmp_path), "--yes", "--json")
    (problem,) = (each for each in ran.json["problems"] if each["level"] == "error")
    assert (ran.code, problem["code"]) == (2, code)
    assert said in problem["message"] + problem["hint"]
    assert option in problem["where"] + problem["message"]
    assert not (tmp_path / "letters").exists()


def _shared(folder: Path) -> str:
    """The beginning that two letters' IDs have in common."""
    ids = sorted(_ids(folder).values())
    common = [one[: _common(one, other)] for one, other in pairwise(ids)]
    return next(each for each in common if len(each) >= 4 and re.search("[0-9]", each))


def _common(one: str, other: str) -> int:
    return next(n for n in range(17) if one[: n + 1] != other[: n + 1])


def test_what_is_kept_is_said_once_and_then_is_an_edited_letter_like_others(tmp_path: Path) -> None:
    folder = _changed(tmp_path)
    assert "changed since" in merge("letters", folder, "--dry-run").out
    said = merge("letters", folder, "--keep", _ids(folder)[ROY][:5])
    assert "edited, kept until its data changes again" in said.err.replace(";", ",")
    after = merge("letters", folder)
    assert "changed since" not in after.err
    assert merge("print", folder, "--dry-run").code == 0


def test_the_next_command_says_the_same_decisions(tmp_path: Path) -> None:
    folder = _changed(tmp_path)
    words = ("--replace", "Bo Berg", "--keep", "Ana Ruiz")
    told = merge("letters", folder, *words, "--dry-run").last
    assert told.endswith(f"merge letters {folder} --replace 'Bo Berg' --keep 'Ana Ruiz'")


# Warnings.


def _signs(ran: Ran) -> list[str]:
    return re.findall(r"^warning .*\[([0-9a-f]{4,})\]$", ran.out, re.MULTILINE)


def _odd(folder: Path, *names: str) -> Path:
    rows = [["Name"], *([name] for name in names)]
    return make(folder, Signers=rows, Recipients=[["Name"], ["Minister Li"]])


@pytest.mark.slow
def test_a_warning_is_hidden_by_its_sign_everywhere_listed_and_taken_back(tmp_path: Path) -> None:
    folder = _odd(tmp_path, "ana ruiz", "bo berg")
    ran = merge("check", folder)
    (sign,) = _signs(ran)  # two cells of a column, told as one
    assert f"merge check {folder} --ignore ID" in ran.out
    hidden = merge("check", folder, "--ignore", sign.upper())
    assert hidden.last == f"2 letters ready, 2 ignored. Next: merge letters {folder}"
    assert "warning" not in merge("letters", folder).err
    assert merge("status", folder, "--json").json["problems"] == []
    whole = merge("check", folder, "--all")
    assert "ignored  signers.xlsx, Signers!A2:A3 (2 cells: ana ruiz, bo berg)\n" in whole.out
    told = merge("check", folder, "--all", "--json").json
    assert (told["problems"], len(told["hidden"])) == ([], 2)
    assert _signs(merge("check", folder, "--reset-ignored")) == [sign]
    assert _signs(merge("check", folder)) == [sign]


def test_only_what_is_new_is_told_when_more_cells_are_so(tmp_path: Path) -> None:
    folder = _odd(tmp_path, "ana ruiz")
    (sign,) = _signs(merge("check", folder))
    merge("check", folder, "--ignore", sign)
    _odd(tmp_path, "bo berg", "ana ruiz")
    ran = merge("check", folder)
    assert "Signers!A2, bo berg  [" in ran.out
    assert _signs(ran) != [sign]


def test_a_sign_that_is_not_there_any_more_hides_nothing(tmp_path: Path) -> None:
    folder = _odd(tmp_path, "ana ruiz")
    (sign,) = _signs(merge("check", folder))
    _odd(folder, "ana ruis")
    ran = merge("check", folder, "--ignore", sign)
    assert ran.code == 2
    assert f"--ignore {sign}" in ran.err
    assert _signs(merge("check", folder))


def test_check_alone_writes_nothing_and_an_error_has_no_sign(tmp_path: Path) -> None:
    folder = _odd(tmp_path, "unknown")
    ran = merge("check", folder)
    assert ran.code == 1
    assert "error  signers.xlsx, Signers!A2\n" in ran.out
    assert not (folder / "letters").exists()


def test_what_was_hidden_of_a_person_is_forgotten_with_the_person(tmp_path: Path) -> None:
    folder = _odd(tmp_path, "ana ruiz", "bo berg")
    (sign,) = _signs(merge("check", folder))
    merge("check", folder, "--ignore", sign)
    merge("letters", folder)
    merge("delete-person", "ana ruiz", folder, "--yes")
    ran = merge("check", folder)
    assert "Signers!A2, ana ruiz  [" in ran.out  # hers is told again, his stays hidden
