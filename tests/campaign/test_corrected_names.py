"""Corrected names, new IDs, namesakes and successors, in complete runs."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from support import staff_actions, workbooks
from support.campaigns import make, merge, record_lines, text
from support.everyday import everyday
from support.printed_campaigns import mark, no_libreoffice

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]

TEMPLATE = "Dear {{ recipient.name }}\n{{ signer.name }}"
LI, ROY = "Minister Li.docx", "Consul Roy.docx"


def _signers(*rows: tuple[str, ...]) -> workbooks.Rows:
    return [["Name", "Town", "ID"], *(list(row) for row in rows)]


ANA, BO = ("Ana Ruiz", "Lima"), ("Bo Berg", "Oslo")
ANNA = ("Anna Ruiz", "Lima")


def _run_with(
    folder: Path, *rows: tuple[str, ...], settings: workbooks.Rows = ()
) -> dict[str, str]:
    """Run with these signers; return the ID of each letter by its path."""
    sheets = {"Settings": settings} if settings else {}
    make(folder, TEMPLATE, Signers=_signers(*rows), **sheets)
    return _ids(staff_actions.run_letters(folder)["letters"])


def _ids(steps: list[dict[str, str]]) -> dict[str, str]:
    return {step["path"].removeprefix("letters/"): step["id"] for step in steps}


def _with_new_name(ids: dict[str, str], old: str, new: str) -> dict[str, str]:
    return {path.replace(old, new): letter for path, letter in ids.items()}


def test_a_corrected_name_keeps_letter_ids_and_renames_unedited_letters(
    tmp_path: Path,
) -> None:
    before = _run_with(tmp_path, ANA, BO)
    assert _run_with(tmp_path, ANNA, BO) == _with_new_name(before, "Ana Ruiz", "Anna Ruiz")
    assert sorted(staff_actions.snapshot(tmp_path)) == sorted(
        _with_new_name(before, "Ana Ruiz", "Anna Ruiz")
    )
    assert text(tmp_path / "letters" / "Anna Ruiz" / LI) == ["Dear Minister Li", "Anna Ruiz"]
    assert not (tmp_path / "letters" / "Ana Ruiz").exists()
    staff_actions.assert_up_to_date(tmp_path)


def test_a_corrected_name_is_reported_once_with_the_number_of_letters(tmp_path: Path) -> None:
    _run_with(tmp_path, ANA, BO)
    make(tmp_path, TEMPLATE, Signers=_signers(ANNA, BO))
    for _ in range(2):
        warning = staff_actions.run_problems(tmp_path, "--dry-run")["name-corrected"]
        assert "Signers!A2: “Ana Ruiz” is now “Anna Ruiz”, who keeps 2 letters." in warning
    steps = staff_actions.states_and_reasons(tmp_path)
    assert steps[f"Anna Ruiz/{LI}"] == ("rewritten", "new file name")
    assert steps[f"Bo Berg/{LI}"] == ("unchanged", "")
    assert "name-corrected" not in staff_actions.run_problems(tmp_path)


def test_a_corrected_name_of_a_recipient_renames_unedited_letters(tmp_path: Path) -> None:
    before = _run_with(tmp_path, ANA)
    people = [["Name", "Country"], ["Minister Li Wei", "China"], ["Consul Roy", "India"]]
    make(tmp_path, TEMPLATE, Signers=_signers(ANA), Recipients=people)
    ids = _ids(staff_actions.run_letters(tmp_path)["letters"])
    assert ids == _with_new_name(before, "Minister Li", "Minister Li Wei")
    staff_actions.assert_up_to_date(tmp_path)


@pytest.mark.parametrize("work", everyday(["edited", "resaved", "open"]))
def test_an_edited_letter_keeps_its_file_name_after_a_corrected_name(
    tmp_path: Path, work: str
) -> None:
    before = _run_with(tmp_path, ANA, BO)
    path = tmp_path / "letters" / "Ana Ruiz" / LI
    if work == "edited":
        staff_actions.add_line(path, "We met.")
    elif work == "resaved":
        staff_actions.save_again(path)
    else:
        path.with_name("~$nister Li.docx").write_bytes(b"Ana")
    data = path.read_bytes()
    make(tmp_path, TEMPLATE, Signers=_signers(ANNA, BO))
    ids = _ids(staff_actions.run_letters(tmp_path, "--same-person", "Anna Ruiz")["letters"])
    old_path = path.relative_to(tmp_path / "letters").as_posix()
    assert ids[old_path] == before[f"Ana Ruiz/{LI}"]
    assert path.read_bytes() == data
    assert ids[f"Anna Ruiz/{ROY}"] == before[f"Ana Ruiz/{ROY}"]
    staff_actions.assert_up_to_date(tmp_path)


@pytest.mark.slow
def test_a_moved_letter_keeps_its_path_after_a_corrected_name(tmp_path: Path) -> None:
    before = _run_with(tmp_path, ANA, BO)
    letters = tmp_path / "letters"
    (letters / "Ana Ruiz" / LI).rename(letters / "Li.docx")
    for name in (ANNA, ("Annie Ruiz", "Lima")):
        ids = _run_with(tmp_path, name, BO)
        assert ids["Li.docx"] == before[f"Ana Ruiz/{LI}"]
        assert text(letters / "Li.docx")[1] == name[0]
        staff_actions.assert_up_to_date(tmp_path)
    (letters / "Annie Ruiz").mkdir(exist_ok=True)
    (letters / "Li.docx").rename(letters / "Annie Ruiz" / LI)  # to the path that the program chose
    staff_actions.run_letters(tmp_path)
    assert f"Anna Ruiz/{LI}" in _run_with(tmp_path, ANNA, BO)


def test_replace_creates_an_edited_letter_again_under_the_corrected_name(tmp_path: Path) -> None:
    _run_with(tmp_path, ANA, BO)
    edited = staff_actions.add_line(tmp_path / "letters" / "Ana Ruiz" / LI, "We met.")
    make(tmp_path, TEMPLATE, Signers=_signers(ANNA, BO))
    staff_actions.run_letters(tmp_path, "--same-person", "Anna Ruiz")
    states = staff_actions.states(tmp_path, "--replace", "Anna Ruiz", "--yes")
    assert states[f"Anna Ruiz/{LI}"] == "rewritten"
    assert not (tmp_path / "letters" / "Ana Ruiz").exists()
    (old_version,) = (tmp_path / "letters" / "Old versions").rglob("*.docx")
    assert old_version.read_bytes() == edited
    staff_actions.assert_up_to_date(tmp_path)


def test_an_open_letter_is_renamed_to_the_corrected_name_after_it_is_closed(tmp_path: Path) -> None:
    before = _run_with(tmp_path, ANA, BO)
    lock = tmp_path / "letters" / "Ana Ruiz" / "~$nister Li.docx"
    lock.write_bytes(b"Ana")
    _run_with(tmp_path, ANNA, BO)
    lock.unlink()
    assert _run_with(tmp_path, ANNA, BO) == _with_new_name(before, "Ana Ruiz", "Anna Ruiz")
    staff_actions.assert_up_to_date(tmp_path)


def test_a_deleted_letter_is_created_again_under_the_corrected_name(tmp_path: Path) -> None:
    before = _run_with(tmp_path, ANA, BO)
    shutil.rmtree(tmp_path / "letters" / "Ana Ruiz")
    assert _run_with(tmp_path, ANNA, BO) == _with_new_name(before, "Ana Ruiz", "Anna Ruiz")
    assert not (tmp_path / "letters" / "Ana Ruiz").exists()
    staff_actions.assert_up_to_date(tmp_path)


def test_a_letter_with_a_corrected_name_does_not_overwrite_a_file_of_that_name(
    tmp_path: Path,
) -> None:
    before = _run_with(tmp_path, ANA, BO)
    file_of_staff = tmp_path / "letters" / "Anna Ruiz" / LI
    file_of_staff.parent.mkdir()
    file_of_staff.write_bytes(b"mine")
    ids = _run_with(tmp_path, ANNA, BO)
    assert ids["Anna Ruiz/Minister Li-2.docx"] == before[f"Ana Ruiz/{LI}"]
    assert file_of_staff.read_bytes() == b"mine"
    staff_actions.assert_up_to_date(tmp_path)


def test_a_number_after_a_file_name_is_kept_if_the_corrected_name_is_not_in_it(
    tmp_path: Path,
) -> None:
    """A corrected name that is not in the pattern does not move the file."""
    pattern: workbooks.Rows = [
        ["Name", "Value"],
        ["File name", "{{ recipient.name }} {{ signer.town }}"],
    ]
    file_of_staff = tmp_path / "letters" / "Minister Li Lima.docx"
    file_of_staff.parent.mkdir()
    file_of_staff.write_bytes(b"mine")
    before = _run_with(tmp_path, ANA, BO, settings=pattern)
    assert "Minister Li Lima-2.docx" in before
    assert _run_with(tmp_path, ANNA, BO, settings=pattern) == before
    staff_actions.assert_up_to_date(tmp_path)


def test_letters_of_a_corrected_name_use_the_current_file_name_setting(tmp_path: Path) -> None:
    before = _run_with(tmp_path, ANA, BO)
    pattern: workbooks.Rows = [
        ["Name", "Value"],
        ["File name", "{{ recipient.name }}, {{ signer.name }}"],
    ]
    ids = _run_with(tmp_path, ANNA, BO, settings=pattern)
    assert ids["Minister Li, Anna Ruiz.docx"] == before[f"Ana Ruiz/{LI}"]
    assert ids[f"Bo Berg/{LI}"] == before[f"Bo Berg/{LI}"]


def test_a_corrected_name_that_differs_only_in_capitals_keeps_one_folder(tmp_path: Path) -> None:
    """Windows and macOS treat both names as the same, so files do not move."""
    before = _run_with(tmp_path, ("ANA RUIZ", "Lima"), BO)
    ids = _run_with(tmp_path, ANA, BO)
    assert sorted(ids.values()) == sorted(before.values())
    people = [["Name", "Country"], ["Minister Li", "China"], ["Judge Eva", "India"]]
    make(tmp_path, TEMPLATE, Signers=_signers(ANA, BO), Recipients=people)
    staff_actions.run_letters(tmp_path)
    (folder,) = (p for p in (tmp_path / "letters").iterdir() if p.name.lower() == "ana ruiz")
    assert {p.name for p in folder.iterdir()} == {LI, "Judge Eva.docx"}
    assert text(folder / LI)[1] == "Ana Ruiz"
    staff_actions.assert_up_to_date(tmp_path)


def test_two_swapped_names_with_ids_keep_their_letters(tmp_path: Path) -> None:
    before = _run_with(tmp_path, (*ANA, "P1"), (*BO, "P2"))
    ids = _run_with(tmp_path, ("Bo Berg", "Lima", "P1"), ("Ana Ruiz", "Oslo", "P2"))
    assert sorted(ids.values()) == sorted(before.values())
    for path, letter in ids.items():
        owner = (
            "Bo Berg"
            if letter in (before[f"Ana Ruiz/{LI}"], before[f"Ana Ruiz/{ROY}"])
            else "Ana Ruiz"
        )
        assert text(tmp_path / "letters" / path)[1] == owner
        assert path.startswith(owner)
    staff_actions.assert_up_to_date(tmp_path)


def test_a_namesake_added_after_a_corrected_name_gets_new_letters(tmp_path: Path) -> None:
    _run_with(tmp_path, ANA, BO)
    before = _run_with(tmp_path, ANNA, BO)
    staff_actions.add_line(tmp_path / "letters" / "Anna Ruiz" / LI, "We met.")
    ids = _run_with(tmp_path, ANNA, BO, ("Ana Ruiz", "Quito"))
    assert {path: ids[path] for path in before} == before
    assert len(set(ids.values())) == 6
    assert text(tmp_path / "letters" / "Anna Ruiz" / ROY)[1] == "Anna Ruiz"
    assert text(tmp_path / "letters" / "Ana Ruiz" / ROY)[1] == "Ana Ruiz"
    staff_actions.assert_up_to_date(tmp_path)


def test_ids_added_later_keep_letters_and_allow_corrected_names(tmp_path: Path) -> None:
    before = _run_with(tmp_path, ANA, BO)
    make(tmp_path, TEMPLATE, Signers=_signers((*ANA, "P1"), (*BO, "P2")))
    assert "name-corrected" not in staff_actions.run_problems(tmp_path, "--dry-run")
    assert _ids(staff_actions.run_letters(tmp_path)["letters"]) == before
    staff_actions.assert_up_to_date(tmp_path)
    ids = _run_with(tmp_path, ("Eva Sand", "Quito", "P1"), (*BO, "P2"))
    assert ids == _with_new_name(before, "Ana Ruiz", "Eva Sand")


def test_ids_removed_from_the_workbook_are_reported_and_create_no_second_letter(
    tmp_path: Path,
) -> None:
    before = _run_with(tmp_path, (*ANA, "007"), (*BO, "008"))
    make(tmp_path, TEMPLATE, Signers=_signers(ANA, BO))
    warning = staff_actions.run_problems(tmp_path, "--dry-run")["id-changed"]
    assert (
        "“Bo Berg” has a different ID or none, but all other cells are the same. The 2 letters"
        in warning
    )
    assert _ids(staff_actions.run_letters(tmp_path)["letters"]) == before
    assert "id-changed" not in staff_actions.run_problems(tmp_path)
    staff_actions.assert_up_to_date(tmp_path)


def test_two_namesakes_of_whom_one_has_no_id_are_reported(tmp_path: Path) -> None:
    make(tmp_path, TEMPLATE, Signers=_signers((*ANA, "P1"), ("Ana Ruiz", "Quito")))
    warning = staff_actions.run_problems(tmp_path, "--dry-run")["people-alike"]
    assert "The same name is in row 2, and one of the two has no ID." in warning
    assert "give both an ID" in warning


def test_a_namesake_renames_the_letters_of_both_people_to_names_with_ids(tmp_path: Path) -> None:
    before = _run_with(tmp_path, (*ANA, "P1"), (*BO, "P2"))
    edited = staff_actions.add_line(tmp_path / "letters" / "Ana Ruiz" / LI, "We met.")
    ids = _run_with(tmp_path, (*ANA, "P1"), (*BO, "P2"), ("Ana Ruiz", "Quito", "P3"))
    assert ids[f"Ana Ruiz (P1)/{ROY}"] == before[f"Ana Ruiz/{ROY}"]
    assert f"Ana Ruiz (P3)/{ROY}" in ids
    assert (tmp_path / "letters" / "Ana Ruiz" / LI).read_bytes() == edited
    staff_actions.assert_up_to_date(tmp_path)


def test_two_new_names_for_one_removed_person_are_an_error_and_write_nothing(
    tmp_path: Path,
) -> None:
    _run_with(tmp_path, ANA, BO)
    before = staff_actions.snapshot(tmp_path)
    make(tmp_path, TEMPLATE, Signers=_signers(ANNA, ("Anne Ruiz", "Lima"), BO))
    for _ in range(2):
        result = merge("letters", tmp_path, "--json")
        assert (result.code, result.json["written"], result.json["planned"]) == (1, 0, 6)
        assert {p["code"] for p in result.json["problems"] if p["level"] == "error"} == {
            "who-is-who"
        }
        assert staff_actions.snapshot(tmp_path) == before


@pytest.mark.slow
def test_letters_of_people_with_unclear_identity_are_blocked_until_they_get_ids(
    tmp_path: Path,
) -> None:
    before = _run_with(tmp_path, ANA, BO)
    make(
        tmp_path, TEMPLATE, Signers=_signers(ANNA, ("Anne Ruiz", "Lima"), BO, ("Eva Sand", "Pune"))
    )
    for state in ("new", "unchanged"):
        states = staff_actions.states(tmp_path, "--skip-errors")
        assert states[f"Eva Sand/{LI}"] == state
        assert {states[f"{signer}/{LI}"] for signer in ("Anna Ruiz", "Anne Ruiz")} == {"faulty"}
        assert f"Ana Ruiz/{LI}" in staff_actions.snapshot(tmp_path)
    ids = _run_with(tmp_path, ANNA, (*("Anne Ruiz", "Lima"), "P9"), BO, ("Eva Sand", "Pune"))
    assert ids[f"Anna Ruiz/{LI}"] == before[f"Ana Ruiz/{LI}"]
    assert ids[f"Anne Ruiz/{LI}"] not in before.values()
    staff_actions.assert_up_to_date(tmp_path)


def test_trial_letters_for_a_corrected_name_do_not_change_the_ledger(tmp_path: Path) -> None:
    before = _run_with(tmp_path / "c", ANA, BO)
    ledger = record_lines(tmp_path / "c")
    make(tmp_path / "c", TEMPLATE, Signers=_signers(ANNA, BO))
    assert merge("letters", tmp_path / "c", "--try", tmp_path / "try").code == 0
    assert record_lines(tmp_path / "c") == ledger
    assert not record_lines(tmp_path)
    assert not record_lines(tmp_path / "try")
    assert _run_with(tmp_path / "c", ANNA, BO) == _with_new_name(before, "Ana Ruiz", "Anna Ruiz")


PRICE, ROE = ("Adam Price", "Lima", "R1"), ("Jane Roe", "Lima", "R1")


def _replace_name(folder: Path, new_row: tuple[str, ...], old_row: tuple[str, ...] = PRICE) -> Path:
    """Post the letters of a signer, then replace the name in the row."""
    _run_with(folder, old_row, BO)
    mark(folder, "Posted", old_row[0])
    staff_actions.run_letters(folder)
    return make(folder, TEMPLATE, Signers=_signers(new_row, BO))


def _name_error(folder: Path) -> str:
    """Return the error about a renamed person; the run must write nothing."""
    before = staff_actions.snapshot(folder)
    result = merge("letters", folder, "--json")
    assert (result.code, result.json["written"]) == (1, 0)
    assert staff_actions.snapshot(folder) == before
    (error,) = [p for p in result.json["problems"] if p["level"] == "error"]
    assert error["code"] == "name-changed"
    return f"{error['where']}: {error['message']} {error['hint']}"


@pytest.mark.parametrize(("new_row", "option"), everyday([(ROE, "R1"), (ROE[:2], '"Jane Roe"')]))
def test_a_successor_typed_over_the_old_name_is_an_error_with_two_remedies(
    tmp_path: Path, new_row: tuple[str, ...], option: str
) -> None:
    folder = _replace_name(tmp_path, new_row, PRICE[: len(new_row)])
    for _ in range(2):
        assert _name_error(folder) == (
            "signers.xlsx, Signers!A2: “Adam Price” is now “Jane Roe”. Letters: 2 posted. Same"
            f" person: run “merge letters --same-person {option}”. Someone else: run “merge letters"
            f" --other-person {option}”, or give this row a new ID."
        )
        status = merge("status", folder, "--json").json
        assert status["stages"]["posted"] == 0
        assert status["states"] == {"faulty": 2, "unchanged": 2}
        assert "name-changed" in merge("check", folder, "--json").out
        assert merge("print", folder, "--json", "--dry-run").code == 1


@pytest.mark.slow
def test_the_register_keeps_the_old_name_until_the_renamed_person_is_decided(
    tmp_path: Path,
) -> None:
    folder = _replace_name(tmp_path, ROE)
    for _ in range(2):
        ran = staff_actions.run_letters(folder, "--skip-errors")
        assert (ran["written"], ran["skipped"]) == (0, 2)
        assert staff_actions.run_letters(folder, "--skip-errors")["skipped"] == 2
        book = load_workbook(folder / "register.xlsx")
        assert book["By signer"]["B2"].value == "Adam Price"
        assert {row[1].value for row in book["Register"]["A2:C3"]} == {"Adam Price"}
    assert "“Adam Price”" in _name_error(folder)


def test_a_successor_with_a_new_id_gets_new_letters(tmp_path: Path) -> None:
    folder = _replace_name(tmp_path, ROE)
    old = _ids(merge("letters", folder, "--json").json["letters"])
    make(folder, TEMPLATE, Signers=_signers(("Jane Roe", "Lima", "R9"), BO))
    new = _ids(staff_actions.run_letters(folder)["letters"])
    assert text(folder / "letters" / "Jane Roe" / LI)[1] == "Jane Roe"
    assert text(folder / "letters" / "Adam Price" / LI)[1] == "Adam Price"
    assert not {new[f"Jane Roe/{LI}"], new[f"Jane Roe/{ROY}"]} & set(old.values())
    status = merge("status", folder, "--json").json
    assert (status["stages"]["posted"], status["signers"]["Jane Roe"]["posted"]) == (0, 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("word", "cells"),
    everyday([("r1", 3), ("jane  ROE", 3), ("Jane Roe", 2), ("Jane Roe (R1)", 3)]),
)
def test_the_same_person_option_for_a_new_name_is_stored(
    tmp_path: Path, word: str, cells: int
) -> None:
    folder = _replace_name(tmp_path, ROE[:cells], PRICE[:cells])
    preview = staff_actions.states(folder, "--dry-run", "--same-person", word)
    assert sorted(preview.values()) == ["on-paper", "on-paper", "unchanged", "unchanged"]
    assert _name_error(folder)
    for options in (("--same-person", word), ()):
        result = staff_actions.run_letters(folder, *options)
        assert not {"name-changed", "id-other"} & {p["code"] for p in result["problems"]}
        assert sorted(s["state"] for s in result["letters"]) == sorted(preview.values())
    assert merge("status", folder, "--json").json["signers"]["Jane Roe"]["posted"] == 2


def test_the_error_about_a_renamed_person_ends_if_the_old_name_is_restored(tmp_path: Path) -> None:
    folder = _replace_name(tmp_path, ROE)
    assert _name_error(folder)
    make(folder, TEMPLATE, Signers=_signers(PRICE, BO))
    assert merge("letters", folder).code == 0
    assert merge("status", folder, "--json").json["signers"]["Adam Price"]["posted"] == 2


def test_the_same_person_option_refuses_an_unknown_name(tmp_path: Path) -> None:
    ran = merge("letters", _replace_name(tmp_path, ROE), "--same-person", "Zoe Zed")
    assert ran.code == 2
    assert "has the name or ID “Zoe Zed” (--same-person)." in ran.err


@pytest.mark.parametrize("name", everyday(["ÁDAM PRICE", "Price, Adam", "Dr Adam Price"]))
def test_a_name_with_another_title_order_or_accents_keeps_its_posted_letters(
    tmp_path: Path, name: str
) -> None:
    folder = _replace_name(tmp_path, (name, "Quito", "R1"))
    problems = staff_actions.run_problems(folder)
    assert set(problems) == {"column-unused"}
    assert merge("status", folder, "--json").json["stages"]["posted"] == 2


def test_a_successor_with_the_same_title_in_the_name_is_an_error(tmp_path: Path) -> None:
    def people(name: str) -> workbooks.Rows:
        return [["ID", "Name"], ["M1", name]]

    make(tmp_path, TEMPLATE, Recipients=people("Gouverneur-général Li"))
    staff_actions.run_letters(tmp_path)
    mark(tmp_path, "Posted")
    make(tmp_path, TEMPLATE, Recipients=people("Gouverneur-général Roe"))
    assert "“Gouverneur-général Li” is now" in _name_error(tmp_path)


@pytest.mark.parametrize("work", everyday(["edited", "edited and seen", "printed", "nothing"]))
def test_a_successor_is_an_error_only_if_letters_are_edited_or_printed(
    tmp_path: Path, work: str
) -> None:
    _run_with(tmp_path, PRICE, BO)
    if work.startswith("edited"):
        staff_actions.add_line(tmp_path / "letters" / "Adam Price" / LI, "We met.")
    if work == "edited and seen":
        staff_actions.run_letters(tmp_path)
    if work == "printed":
        assert merge("print", tmp_path, "--no-covers").code == 0
    make(tmp_path, TEMPLATE, Signers=_signers(ROE, BO))
    if work == "nothing":
        states = staff_actions.states(tmp_path)
        assert (states[f"Jane Roe/{LI}"], states[f"Jane Roe/{ROY}"]) == ("rewritten", "rewritten")
    else:
        assert _name_error(tmp_path)


def test_names_sorted_without_their_ids_are_errors(tmp_path: Path) -> None:
    _run_with(tmp_path, PRICE, ("Bo Berg", "Oslo", "R2"))
    mark(tmp_path, "Posted", "Adam Price")
    mark(tmp_path, "Posted", "Bo Berg")
    swapped = _signers(("Bo Berg", "Lima", "R1"), ("Adam Price", "Oslo", "R2"))
    make(tmp_path, TEMPLATE, Signers=swapped)
    problems = merge("letters", tmp_path, "--json").json["problems"]
    assert [p["code"] for p in problems if p["level"] == "error"] == [
        "name-changed",
        "name-changed",
    ]


def test_an_id_that_returns_with_another_name_is_an_error(tmp_path: Path) -> None:
    _replace_name(tmp_path, ROE)
    make(tmp_path, TEMPLATE, Signers=_signers(BO))
    staff_actions.run_letters(tmp_path)
    make(tmp_path, TEMPLATE, Signers=_signers(ROE, BO))
    assert "“Adam Price”" in _name_error(tmp_path)


def test_a_renamed_person_is_an_error_without_the_register_too(
    tmp_path: Path,
) -> None:
    folder = _replace_name(tmp_path, ("Adam Pryce", "Lima", "R1"))
    (folder / "register.xlsx").unlink()
    problems = merge("letters", folder, "--json").json["problems"]
    assert (
        "had another name before" in next(p for p in problems if p["level"] == "error")["message"]
    )


@pytest.mark.skipif(sys.platform == "darwin", reason="there the two spellings are one")
def test_a_file_of_staff_in_a_folder_with_a_decomposed_name_is_not_overwritten(
    tmp_path: Path,
) -> None:
    folder = make(tmp_path, Signers=[["Name"], ["Zoë Ruiz"]], Recipients=[["Name"], ["Consul Roy"]])
    file_of_staff = (
        folder / "letters" / unicodedata.normalize("NFD", "Zoë Ruiz") / "Consul Roy.docx"
    )
    file_of_staff.parent.mkdir(parents=True)
    Document().save(str(file_of_staff))
    before = file_of_staff.read_bytes()
    for summary in ("1 created", "1 unchanged"):
        assert summary in merge("letters", folder).out
    assert file_of_staff.read_bytes() == before
    (step,) = merge("letters", folder, "--json").json["letters"]
    assert step["path"] == "letters/Zoë Ruiz/Consul Roy-2.docx"


@pytest.mark.parametrize(
    ("heads", "before", "after", "code", "message"),
    [
        (
            ["Name", "City"],
            ["Ana Ruiz", "Lima"],
            ["Anna Ruiz", "Lima"],
            "name-corrected",
            "“Anna Ruiz” had another name before and keeps 2 letters.",
        ),
    ],
)
def test_a_corrected_name_without_the_register_is_reported_without_the_old_name(
    tmp_path: Path,
    heads: list[str],
    before: list[str],
    after: list[str],
    *,
    code: str,
    message: str,
) -> None:
    other_person = ["Bo Berg", "Rome", "R2"][: len(heads)]
    merge("letters", make(tmp_path, Signers=[heads, before, other_person]))
    (tmp_path / "register.xlsx").unlink()
    make(tmp_path, Signers=[heads, after, other_person])
    problems = merge("letters", tmp_path, "--json").json["problems"]
    assert next(p["message"] for p in problems if p["code"] == code).startswith(message)
