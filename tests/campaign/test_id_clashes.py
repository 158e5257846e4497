"""Two computers gave one ID to two people: neither's letters and marks count as the other's."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import RunResult, make, merge, text
from support.copied import copied
from support.everyday import everyday
from support.pages import opened
from support.printed_campaigns import no_libreoffice, run_print

from merge.text.names import is_named_in, is_same_name

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]

FIRST = ["Ana Ruiz", "S1"]
ADA, BO = ["Ada New", "S7"], ["Bo Other", "S7"]
REGISTER, COPY = "register.xlsx", "register-DESKTOP-B.xlsx"
ADAS, BOS = "Ada New/Minister Li.docx", "Bo Other/Minister Li.docx"


def _with(folder: Path, *signers: list[str]) -> Path:
    return make(folder, Signers=[["Name", "ID"], FIRST, *signers])


def _two_folders(folder: Path) -> None:
    """Both computers begin with the same letters, then each has another S7; Bo's are posted."""
    merge("letters", _with(folder / "a"))
    shutil.copytree(folder / "a", folder / "b")
    merge("letters", _with(folder / "a", ADA))
    merge("letters", _with(folder / "b", BO))
    merge("mark", "posted", folder / "b", "--for", "Bo Other")


def _folders(tmp_path: Path) -> tuple[Path, Path]:
    both = copied(_two_folders, tmp_path / "c")
    return both / "a", both / "b"


def _errors(ran: RunResult) -> dict[str, str]:
    found = [p for p in ran.json["problems"] if p["level"] == "error"]
    return {p["code"]: f"{p['where']}: {p['message']} {p['hint']}" for p in found}


def test_a_row_of_a_second_register_counts_only_for_the_person_whom_it_names(
    tmp_path: Path,
) -> None:
    mine, theirs = _folders(tmp_path)
    shutil.copy2(theirs / "register.xlsx", mine / COPY)
    status = merge("status", mine, "--json")
    assert status.json["stages"]["posted"] == 0
    assert _errors(status) == {
        "register-other-people": f"{COPY}: The workbook and this register have different people"
        " under the same ID: Ada New and Bo Other (S7). Their dates in this register do not count."
        " Find out who is who, then give one of the two people a new ID in the workbook. Enter the"
        " right dates in register.xlsx, then move this file to another folder."
    }
    assert run_print(mine).code == 1
    (mine / COPY).unlink()
    assert run_print(mine).code == 0


@pytest.mark.slow
def test_another_persons_row_in_the_register_itself_counts_for_nobody(tmp_path: Path) -> None:
    mine, theirs = _folders(tmp_path)
    shutil.copy2(theirs / "register.xlsx", mine / "register.xlsx")
    for command in ("status", "letters", "status"):
        told = _errors(merge(command, mine, "--json"))["register-other-people"]
        assert "under the same ID: Ada New and Bo Other (S7)" in told
        assert merge("status", mine, "--json").json["stages"]["posted"] == 0
    marked = merge("mark", "printed", mine, "--for", "Ada New")
    assert (marked.code, "Ada New and Bo Other (S7)" in marked.err) == (1, True)
    _with(mine, ["Ada New", "S8"])
    assert merge("letters", mine).code == 0
    told = merge("status", mine, "--json").json
    assert (told["stages"]["posted"], told["signers"]["Ada New"]["posted"]) == (0, 0)
    assert "(2 posted)" in merge("status", mine).out


def test_a_corrected_name_keeps_its_row_in_an_older_register(tmp_path: Path) -> None:
    mine, _ = _folders(tmp_path)
    older = tmp_path / "older.xlsx"
    merge("mark", "posted", mine, "--for", "Ada New")
    shutil.copy2(mine / "register.xlsx", older)
    _with(mine, ["Ada Newman", "S7"])
    merge("letters", mine)
    shutil.copy2(older, mine / "register.xlsx")
    ran = merge("status", mine, "--json")
    assert (_errors(ran), ran.json["stages"]["posted"]) == ({}, 2)


@pytest.mark.parametrize("ours", ["there", "gone", "ledger lost"])
def test_a_letter_that_does_not_name_the_person_is_neither_a_copy_nor_moved(
    tmp_path: Path, ours: str
) -> None:
    mine, theirs = _folders(tmp_path)
    shutil.copy2(theirs / "register.xlsx", mine / COPY)
    shutil.copytree(theirs / "letters" / "Bo Other", mine / "letters" / "Bo Other")
    if ours != "there":
        shutil.rmtree(mine / "letters" / "Ada New")
    if ours == "ledger lost":
        (mine / "letters" / staff_actions.LEDGER).unlink()
    ran = merge("letters", mine, "--json")
    assert _errors(ran)["letter-other-person"] == (
        f"letters/{BOS}: Two people have the same ID: Ada New in the workbook and Bo Other here."
        " The ID is S7. The letter does not name Ada New, so it is left unchanged and not printed."
        " Find out whose letter it is, then give one of the two people a new ID. Keep the file."
    )
    assert not {p["code"] for p in ran.json["problems"]} & {"letter-copied", "letter-moved"}
    assert "Ada New" in text(mine / "letters" / ADAS)
    assert "Bo Other" in text(mine / "letters" / BOS)
    assert run_print(mine).code == 1


def test_a_copy_that_names_the_person_is_a_copy(tmp_path: Path) -> None:
    mine, _ = _folders(tmp_path)
    copy = mine / "letters" / "Ada New" / "Minister Li-DESKTOP-B.docx"
    shutil.copy2(mine / "letters" / ADAS, copy)
    staff_actions.add_line(copy, "We met.")
    staff_actions.retype(copy, "Dear Minister Li", "Dear Ms Li")
    told = {p["code"] for p in merge("letters", mine, "--json").json["problems"]}
    assert ("letter-copied" in told, "letter-other-person" in told) == (True, False)


@pytest.mark.parametrize("what", everyday(["register", "own register", "letters"], of=(0, 2)))
def test_nobody_is_forgotten_while_somebody_else_has_the_same_id(tmp_path: Path, what: str) -> None:
    mine, theirs = _folders(tmp_path)
    if what == "letters":
        shutil.copytree(theirs / "letters" / "Bo Other", mine / "letters" / "Bo Other")
    else:
        shutil.copy2(theirs / "register.xlsx", mine / (COPY if what == "register" else REGISTER))
    before = {path: path.read_bytes() for path in mine.rglob("*") if path.is_file()}
    code = "letter-other-person" if what == "letters" else "register-other-people"
    for name in ("Ada New", "S7"):
        ran = merge("delete-person", name, mine, "--yes", "--json")
        assert (ran.code, [*_errors(ran)]) == (1, [code])
        assert "give one of the two people a new ID" in _errors(ran)[code]
    assert {path: path.read_bytes() for path in mine.rglob("*") if path.is_file()} == before
    merge("delete-person", "Ana Ruiz", mine, "--yes")
    assert not (mine / "letters" / "Ana Ruiz").exists()


@pytest.mark.parametrize("name", everyday(["Ada New", "S7"]))
@pytest.mark.parametrize("gone", everyday(["deleted", "left out"]))
def test_somebody_who_left_the_workbook_takes_along_nobody_elses_letters(
    tmp_path: Path, name: str, gone: str
) -> None:
    mine, theirs = _folders(tmp_path)
    shutil.copytree(theirs / "letters" / "Bo Other", mine / "letters" / "Bo Other")
    if gone == "deleted":
        _with(mine)
    else:
        out = [["Name", "ID", "Include"], [*FIRST, "yes"], [*ADA, "no"]]
        make(mine, Signers=out)
    told = _errors(merge("delete-person", name, mine, "--yes", "--json"))["letter-other-person"]
    assert told.startswith(f"letters/{BOS}: This letter has the ID of a letter of")
    assert (mine / "letters" / ADAS).exists()
    (mine / "letters" / "Bo Other").rename(tmp_path / "Bo Other")
    merge("delete-person", name, mine, "--yes")
    assert not (mine / "letters" / ADAS).exists()


def test_the_page_says_why_nobody_is_forgotten_and_offers_nothing_to_delete(tmp_path: Path) -> None:
    mine, theirs = _folders(tmp_path)
    shutil.copy2(theirs / "register.xlsx", mine / COPY)
    with opened(mine) as page:
        page.post("erase/find", name="Ada New")
        words = page.words("erase")
        assert "under the same ID: Ada New and Bo Other (S7)" in words
        assert not page.see("erase").select("input[name=sure]")


def test_after_a_new_id_only_the_letters_of_the_person_are_forgotten(tmp_path: Path) -> None:
    mine, theirs = _folders(tmp_path)
    shutil.copytree(theirs / "letters" / "Bo Other", mine / "letters" / "Bo Other")
    _with(mine, ["Ada New", "S8"])
    merge("letters", mine)
    assert merge("delete-person", "Ada New", mine, "--yes", "--json").json["done"]
    assert not (mine / "letters" / ADAS).exists()
    assert "Bo Other" in text(mine / "letters" / BOS)


@pytest.mark.parametrize(
    ("name", "words", "rule", "holds"),
    [
        ("Ana Ruiz", "RUIZ, Ána", is_same_name, True),
        ("Minister Li", "Li", is_same_name, True),
        ("Ana Ruiz", "Ana Ruis", is_same_name, False),
        ("Maria Lopez", "Maria Garcia", is_same_name, False),
        ("Joan Smith", "John Smith", is_same_name, False),
        ("Ada New", "Yours sincerely,\nADA NEW", is_named_in, True),
        ("Jon Smth", "John Smith", is_named_in, True),
        ("Ada New", "He lives in New York.", is_named_in, False),
        ("Maria Lopez", "Maria Garcia", is_named_in, False),
        ("Minister Li", "Dear Ms Li,", is_named_in, True),
        ("王伟", "尊敬的王伟先生", is_named_in, True),
        ("王伟", "尊敬的李娜女士", is_named_in, False),
    ],
)
def test_a_name_is_the_same_word_for_word_and_a_letter_names_somebody_by_more_than_half(
    name: str,
    words: str,
    rule: Callable[[str, str], bool],
    holds: bool,  # noqa: FBT001
) -> None:
    assert rule(name, words) is holds
