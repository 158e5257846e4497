"""Two people with one ID: neither's letters and marks count for the other."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import RunResult, make, merge, text
from support.copied_folders import copy_made_folder
from support.everyday import everyday
from support.pages import opened
from support.printed_campaigns import no_libreoffice, run_print

from merge.text.names import is_named_in, is_same_name

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]

FIRST = ["Ana Ruiz", "S1"]
ADA, BO = ["Ada New", "S7"], ["Bo Other", "S7"]
REGISTER, COPY = "register.xlsx", "register-DESKTOP-B.xlsx"
ADA_LETTER, BO_LETTER = "Ada New/Minister Li.docx", "Bo Other/Minister Li.docx"


def _make_campaign(folder: Path, *signers: list[str]) -> Path:
    return make(folder, Signers=[["Name", "ID"], FIRST, *signers])


def _create_two_folders(folder: Path) -> None:
    """Create two copies of a campaign; each gives the ID S7 to another person.

    The letters of Bo Other are posted.
    """
    merge("letters", _make_campaign(folder / "a"))
    shutil.copytree(folder / "a", folder / "b")
    merge("letters", _make_campaign(folder / "a", ADA))
    merge("letters", _make_campaign(folder / "b", BO))
    merge("mark", "posted", folder / "b", "--for", "Bo Other")


def _folders(tmp_path: Path) -> tuple[Path, Path]:
    folder = copy_made_folder(_create_two_folders, tmp_path / "c")
    return folder / "a", folder / "b"


def _errors(ran: RunResult) -> dict[str, str]:
    errors = [p for p in ran.json["problems"] if p["level"] == "error"]
    return {p["code"]: f"{p['where']}: {p['message']} {p['hint']}" for p in errors}


@pytest.mark.slow
def test_an_id_clash_in_a_copy_of_the_register_is_reported_and_its_dates_ignored(
    tmp_path: Path,
) -> None:
    folder, other_folder = _folders(tmp_path)
    shutil.copy2(other_folder / "register.xlsx", folder / COPY)
    status = merge("status", folder, "--json")
    assert status.json["stages"]["posted"] == 0
    assert _errors(status) == {
        "register-other-people": f"{COPY}: The workbook and this register have different people"
        " under the same ID: Ada New and Bo Other (S7). Their dates in this register do not count."
        " Find out who is who, then give one of the two people a new ID in the workbook. Enter the"
        " right dates in register.xlsx, then move this file out of the campaign folder."
    }
    assert run_print(folder).code == 1
    (folder / COPY).unlink()
    assert run_print(folder).code == 0


@pytest.mark.slow
def test_an_id_clash_in_the_register_is_reported_and_its_dates_ignored(tmp_path: Path) -> None:
    folder, other_folder = _folders(tmp_path)
    shutil.copy2(other_folder / "register.xlsx", folder / "register.xlsx")
    for command in ("status", "letters", "status"):
        error = _errors(merge(command, folder, "--json"))["register-other-people"]
        assert "under the same ID: Ada New and Bo Other (S7)" in error
        assert merge("status", folder, "--json").json["stages"]["posted"] == 0
    marked = merge("mark", "printed", folder, "--for", "Ada New")
    assert (marked.code, "Ada New and Bo Other (S7)" in marked.err) == (1, True)
    _make_campaign(folder, ["Ada New", "S8"])
    assert merge("letters", folder).code == 0
    status = merge("status", folder, "--json").json
    assert (status["stages"]["posted"], status["signers"]["Ada New"]["posted"]) == (0, 0)
    assert "(2 posted)" in merge("status", folder).out


def test_an_id_clash_is_not_reported_for_a_corrected_name_in_an_older_register(
    tmp_path: Path,
) -> None:
    folder, _ = _folders(tmp_path)
    older = tmp_path / "older.xlsx"
    merge("mark", "posted", folder, "--for", "Ada New")
    shutil.copy2(folder / "register.xlsx", older)
    _make_campaign(folder, ["Ada Newman", "S7"])
    merge("letters", folder, "--same-person", "S7")
    shutil.copy2(older, folder / "register.xlsx")
    ran = merge("status", folder, "--json")
    assert (_errors(ran), ran.json["stages"]["posted"]) == ({}, 2)


@pytest.mark.parametrize("own_letter", ["present", "missing", "ledger lost"])
def test_an_id_clash_with_a_letter_is_reported_and_the_letter_kept(
    tmp_path: Path, own_letter: str
) -> None:
    folder, other_folder = _folders(tmp_path)
    shutil.copy2(other_folder / "register.xlsx", folder / COPY)
    shutil.copytree(other_folder / "letters" / "Bo Other", folder / "letters" / "Bo Other")
    if own_letter != "present":
        shutil.rmtree(folder / "letters" / "Ada New")
    if own_letter == "ledger lost":
        staff_actions.lose_ledger(folder)
    ran = merge("letters", folder, "--json")
    assert _errors(ran)["letter-other-person"] == (
        f"letters/{BO_LETTER}: Two people have the same ID: Ada New in the workbook and Bo Other"
        " here."
        " The ID is S7. The letter does not name Ada New, so it is left unchanged and not printed."
        " Find out whose letter it is, then give one of the two people a new ID. If that"
        " is the person of this letter, copy what was edited to the new letter, then move this file"
        " out of the campaign folder."
    )
    assert not {p["code"] for p in ran.json["problems"]} & {"letter-copied", "letter-moved"}
    assert "Ada New" in text(folder / "letters" / ADA_LETTER)
    assert "Bo Other" in text(folder / "letters" / BO_LETTER)
    assert run_print(folder).code == 1


def test_an_id_clash_is_not_reported_for_a_duplicate_that_names_its_signer(tmp_path: Path) -> None:
    folder, _ = _folders(tmp_path)
    copy = folder / "letters" / "Ada New" / "Minister Li-DESKTOP-B.docx"
    shutil.copy2(folder / "letters" / ADA_LETTER, copy)
    staff_actions.add_line(copy, "We met.")
    staff_actions.retype(copy, "Dear Minister Li", "Dear Ms Li")
    codes = {p["code"] for p in merge("letters", folder, "--json").json["problems"]}
    assert ("letter-copied" in codes, "letter-other-person" in codes) == (True, False)


@pytest.mark.parametrize("source", everyday(["register", "own register", "letters"], daily=(0, 2)))
def test_an_id_clash_prevents_the_deletion_of_a_persons_data(tmp_path: Path, source: str) -> None:
    folder, other_folder = _folders(tmp_path)
    if source == "letters":
        shutil.copytree(other_folder / "letters" / "Bo Other", folder / "letters" / "Bo Other")
    else:
        shutil.copy2(
            other_folder / "register.xlsx", folder / (COPY if source == "register" else REGISTER)
        )
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    code = "letter-other-person" if source == "letters" else "register-other-people"
    for name in ("Ada New", "S7"):
        ran = merge("delete-person", name, folder, "--yes", "--json")
        assert (ran.code, [*_errors(ran)]) == (1, [code])
        assert "give one of the two people a new ID" in _errors(ran)[code]
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    merge("delete-person", "Ana Ruiz", folder, "--yes")
    assert not (folder / "letters" / "Ana Ruiz").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", everyday(["Ada New", "S7"]))
@pytest.mark.parametrize("removal", everyday(["deleted", "excluded"]))
def test_an_id_clash_with_a_letter_prevents_the_deletion_of_a_removed_person(
    tmp_path: Path, name: str, removal: str
) -> None:
    folder, other_folder = _folders(tmp_path)
    shutil.copytree(other_folder / "letters" / "Bo Other", folder / "letters" / "Bo Other")
    if removal == "deleted":
        _make_campaign(folder)
    else:
        signers = [["Name", "ID", "Include"], [*FIRST, "yes"], [*ADA, "no"]]
        make(folder, Signers=signers)
    error = _errors(merge("delete-person", name, folder, "--yes", "--json"))["letter-other-person"]
    assert error.startswith(f"letters/{BO_LETTER}: This letter has the ID of a letter of")
    assert (folder / "letters" / ADA_LETTER).exists()
    (folder / "letters" / "Bo Other").rename(tmp_path / "Bo Other")
    merge("delete-person", name, folder, "--yes")
    assert not (folder / "letters" / ADA_LETTER).exists()


def test_no_letter_is_marked_while_a_letter_has_the_id_of_another_person(tmp_path: Path) -> None:
    folder, other_folder = _folders(tmp_path)
    shutil.copytree(other_folder / "letters" / "Bo Other", folder / "letters" / "Bo Other")
    ran = merge("mark", "printed", folder, "--for", "Ada New", "--json")
    assert (ran.code, [*_errors(ran)]) == (1, ["letter-other-person"])
    (folder / "letters" / "Bo Other").rename(tmp_path / "Bo Other")
    assert merge("mark", "printed", folder, "--for", "Ada New").code == 0


def test_no_letter_is_marked_if_another_person_has_the_id_since_the_last_run(
    tmp_path: Path,
) -> None:
    folder, _ = _folders(tmp_path)
    _make_campaign(folder, BO)
    ran = merge("mark", "printed", folder, "--for", "Bo Other", "--json")
    assert _errors(ran) == {
        "mark-other-person": "signers.xlsx, Signers!A3: At the last run, the ID of this person"
        " belonged to “Ada New”. If these are two people, give one a new ID. Otherwise run merge"
        " letters first."
    }
    assert merge("mark", "printed", folder, "--for", "Ana Ruiz").code == 0
    merge("letters", folder)
    assert merge("mark", "printed", folder, "--for", "Bo Other").code == 0


def test_an_id_clash_is_shown_on_the_page_instead_of_a_deletion(tmp_path: Path) -> None:
    folder, other_folder = _folders(tmp_path)
    shutil.copy2(other_folder / "register.xlsx", folder / COPY)
    with opened(folder) as page:
        page.post("erase/find", name="Ada New")
        words = page.words("erase")
        assert "under the same ID: Ada New and Bo Other (S7)" in words
        assert not page.see("erase").select("input[name=sure]")


@pytest.mark.slow
def test_an_id_clash_ends_with_a_new_id_and_a_deletion_keeps_the_other_person(
    tmp_path: Path,
) -> None:
    folder, other_folder = _folders(tmp_path)
    shutil.copytree(other_folder / "letters" / "Bo Other", folder / "letters" / "Bo Other")
    _make_campaign(folder, ["Ada New", "S8"])
    merge("letters", folder)
    assert merge("delete-person", "Ada New", folder, "--yes", "--json").json["done"]
    assert not (folder / "letters" / ADA_LETTER).exists()
    assert "Bo Other" in text(folder / "letters" / BO_LETTER)


@pytest.mark.parametrize(
    ("name", "text", "rule", "expected"),
    [
        ("Ana Ruiz", "RUIZ, Ána", is_same_name, True),
        ("Dr Li Wei", "Li Wei", is_same_name, True),
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
def test_an_id_clash_is_found_by_comparing_names_word_by_word(
    name: str,
    text: str,
    rule: Callable[[str, str], bool],
    expected: bool,  # noqa: FBT001
) -> None:
    assert rule(name, text) is expected
