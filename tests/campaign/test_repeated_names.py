"""People whose names are corrected, who get IDs, who are confused: whole runs."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from support import staff_actions, workbooks
from support.campaigns import make, merge, text
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


def _year(folder: Path, *rows: tuple[str, ...], settings: workbooks.Rows = ()) -> dict[str, str]:
    """A run with these signers; the id of each letter by its path."""
    sheets = {"Settings": settings} if settings else {}
    make(folder, TEMPLATE, Signers=_signers(*rows), **sheets)
    return _ids(staff_actions.ran(folder)["letters"])


def _ids(steps: list[dict[str, str]]) -> dict[str, str]:
    return {step["path"].removeprefix("letters/"): step["id"] for step in steps}


def _renamed(ids: dict[str, str], old: str, new: str) -> dict[str, str]:
    return {path.replace(old, new): letter for path, letter in ids.items()}


def test_a_corrected_name_keeps_ids_and_files_that_nobody_edited_go_with_it(
    tmp_path: Path,
) -> None:
    before = _year(tmp_path, ANA, BO)
    assert _year(tmp_path, ANNA, BO) == _renamed(before, "Ana Ruiz", "Anna Ruiz")
    assert sorted(staff_actions.snapshot(tmp_path)) == sorted(
        _renamed(before, "Ana Ruiz", "Anna Ruiz")
    )
    assert text(tmp_path / "letters" / "Anna Ruiz" / LI) == ["Dear Minister Li", "Anna Ruiz"]
    assert not (tmp_path / "letters" / "Ana Ruiz").exists()
    staff_actions.assert_up_to_date(tmp_path)


def test_a_corrected_name_is_told_once_with_the_number_of_letters(tmp_path: Path) -> None:
    _year(tmp_path, ANA, BO)
    make(tmp_path, TEMPLATE, Signers=_signers(ANNA, BO))
    for _ in range(2):
        said = staff_actions.run_problems(tmp_path, "--dry-run")["name-corrected"]
        assert "Signers!A2: “Ana Ruiz” is now “Anna Ruiz”, who keeps 2 letters." in said
    steps = staff_actions.states_and_reasons(tmp_path)
    assert steps[f"Anna Ruiz/{LI}"] == ("rewritten", "new file name")
    assert steps[f"Bo Berg/{LI}"] == ("unchanged", "")
    assert "name-corrected" not in staff_actions.run_problems(tmp_path)


def test_a_recipients_name_may_be_corrected_as_well(tmp_path: Path) -> None:
    before = _year(tmp_path, ANA)
    people = [["Name", "Country"], ["Minister Li Wei", "China"], ["Consul Roy", "India"]]
    make(tmp_path, TEMPLATE, Signers=_signers(ANA), Recipients=people)
    ids = _ids(staff_actions.ran(tmp_path)["letters"])
    assert ids == _renamed(before, "Minister Li", "Minister Li Wei")
    staff_actions.assert_up_to_date(tmp_path)


@pytest.mark.parametrize("work", everyday(["edited", "resaved", "open"]))
def test_a_letter_that_staff_worked_on_keeps_its_name(tmp_path: Path, work: str) -> None:
    before = _year(tmp_path, ANA, BO)
    path = tmp_path / "letters" / "Ana Ruiz" / LI
    if work == "edited":
        staff_actions.add_line(path, "We met.")
    elif work == "resaved":
        staff_actions.save_again(path)
    else:
        path.with_name("~$nister Li.docx").write_bytes(b"Ana")
    data = path.read_bytes()
    ids = _year(tmp_path, ANNA, BO)
    kept = path.relative_to(tmp_path / "letters").as_posix()
    assert ids[kept] == before[f"Ana Ruiz/{LI}"]
    assert path.read_bytes() == data
    assert ids[f"Anna Ruiz/{ROY}"] == before[f"Ana Ruiz/{ROY}"]
    staff_actions.assert_up_to_date(tmp_path)


@pytest.mark.slow
def test_a_letter_that_staff_gave_a_place_keeps_it_under_the_corrected_name(tmp_path: Path) -> None:
    before = _year(tmp_path, ANA, BO)
    letters = tmp_path / "letters"
    (letters / "Ana Ruiz" / LI).rename(letters / "Li.docx")
    for name in (ANNA, ("Annie Ruiz", "Lima")):
        ids = _year(tmp_path, name, BO)
        assert ids["Li.docx"] == before[f"Ana Ruiz/{LI}"]
        assert text(letters / "Li.docx")[1] == name[0]
        staff_actions.assert_up_to_date(tmp_path)
    (letters / "Annie Ruiz").mkdir(exist_ok=True)
    (letters / "Li.docx").rename(letters / "Annie Ruiz" / LI)  # back to where the program puts it
    staff_actions.ran(tmp_path)
    assert f"Anna Ruiz/{LI}" in _year(tmp_path, ANNA, BO)


def test_an_edited_letter_is_made_anew_under_the_corrected_name(tmp_path: Path) -> None:
    _year(tmp_path, ANA, BO)
    edited = staff_actions.add_line(tmp_path / "letters" / "Ana Ruiz" / LI, "We met.")
    _year(tmp_path, ANNA, BO)
    states = staff_actions.states(tmp_path, "--replace", "Anna Ruiz", "--yes")
    assert states[f"Anna Ruiz/{LI}"] == "rewritten"
    assert not (tmp_path / "letters" / "Ana Ruiz").exists()
    (old,) = (tmp_path / "letters" / "Old versions").rglob("*.docx")
    assert old.read_bytes() == edited
    staff_actions.assert_up_to_date(tmp_path)


def test_a_letter_that_was_open_then_goes_with_the_name_when_it_is_closed(tmp_path: Path) -> None:
    before = _year(tmp_path, ANA, BO)
    lock = tmp_path / "letters" / "Ana Ruiz" / "~$nister Li.docx"
    lock.write_bytes(b"Ana")
    _year(tmp_path, ANNA, BO)
    lock.unlink()
    assert _year(tmp_path, ANNA, BO) == _renamed(before, "Ana Ruiz", "Anna Ruiz")
    staff_actions.assert_up_to_date(tmp_path)


def test_a_deleted_letter_is_made_again_under_the_corrected_name(tmp_path: Path) -> None:
    before = _year(tmp_path, ANA, BO)
    shutil.rmtree(tmp_path / "letters" / "Ana Ruiz")
    assert _year(tmp_path, ANNA, BO) == _renamed(before, "Ana Ruiz", "Anna Ruiz")
    assert not (tmp_path / "letters" / "Ana Ruiz").exists()
    staff_actions.assert_up_to_date(tmp_path)


def test_a_letter_finds_its_new_name_taken(tmp_path: Path) -> None:
    before = _year(tmp_path, ANA, BO)
    mine = tmp_path / "letters" / "Anna Ruiz" / LI
    mine.parent.mkdir()
    mine.write_bytes(b"mine")
    ids = _year(tmp_path, ANNA, BO)
    assert ids["Anna Ruiz/Minister Li-2.docx"] == before[f"Ana Ruiz/{LI}"]
    assert mine.read_bytes() == b"mine"
    staff_actions.assert_up_to_date(tmp_path)


def test_a_number_behind_a_name_stays_where_the_name_does(tmp_path: Path) -> None:
    """A name that is not in the pattern may be corrected: the file has no reason to move."""
    pattern: workbooks.Rows = [
        ["Name", "Value"],
        ["File name", "{{ recipient.name }} {{ signer.town }}"],
    ]
    mine = tmp_path / "letters" / "Minister Li Lima.docx"
    mine.parent.mkdir()
    mine.write_bytes(b"mine")
    before = _year(tmp_path, ANA, BO, settings=pattern)
    assert "Minister Li Lima-2.docx" in before
    assert _year(tmp_path, ANNA, BO, settings=pattern) == before
    staff_actions.assert_up_to_date(tmp_path)


def test_letters_of_a_corrected_name_follow_the_pattern_of_today(tmp_path: Path) -> None:
    before = _year(tmp_path, ANA, BO)
    pattern: workbooks.Rows = [
        ["Name", "Value"],
        ["File name", "{{ recipient.name }}, {{ signer.name }}"],
    ]
    ids = _year(tmp_path, ANNA, BO, settings=pattern)
    assert ids["Minister Li, Anna Ruiz.docx"] == before[f"Ana Ruiz/{LI}"]
    assert ids[f"Bo Berg/{LI}"] == before[f"Bo Berg/{LI}"]


def test_only_capitals_corrected_leave_one_folder(tmp_path: Path) -> None:
    """On Windows and Macs it is the same name, and files stay where they are."""
    before = _year(tmp_path, ("ANA RUIZ", "Lima"), BO)
    ids = _year(tmp_path, ANA, BO)
    assert sorted(ids.values()) == sorted(before.values())
    people = [["Name", "Country"], ["Minister Li", "China"], ["Judge Eva", "India"]]
    make(tmp_path, TEMPLATE, Signers=_signers(ANA, BO), Recipients=people)
    staff_actions.ran(tmp_path)
    (folder,) = (p for p in (tmp_path / "letters").iterdir() if p.name.lower() == "ana ruiz")
    assert {p.name for p in folder.iterdir()} == {LI, "Judge Eva.docx"}
    assert text(folder / LI)[1] == "Ana Ruiz"
    staff_actions.assert_up_to_date(tmp_path)


def test_two_names_may_be_corrected_into_each_other(tmp_path: Path) -> None:
    before = _year(tmp_path, (*ANA, "P1"), (*BO, "P2"))
    ids = _year(tmp_path, ("Bo Berg", "Lima", "P1"), ("Ana Ruiz", "Oslo", "P2"))
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


def test_a_namesake_who_joins_after_a_correction_gets_letters_of_their_own(tmp_path: Path) -> None:
    _year(tmp_path, ANA, BO)
    before = _year(tmp_path, ANNA, BO)
    staff_actions.add_line(tmp_path / "letters" / "Anna Ruiz" / LI, "We met.")
    ids = _year(tmp_path, ANNA, BO, ("Ana Ruiz", "Quito"))
    assert {path: ids[path] for path in before} == before
    assert len(set(ids.values())) == 6
    assert text(tmp_path / "letters" / "Anna Ruiz" / ROY)[1] == "Anna Ruiz"
    assert text(tmp_path / "letters" / "Ana Ruiz" / ROY)[1] == "Ana Ruiz"
    staff_actions.assert_up_to_date(tmp_path)


def test_ids_may_be_given_later_and_names_be_corrected_then(tmp_path: Path) -> None:
    before = _year(tmp_path, ANA, BO)
    make(tmp_path, TEMPLATE, Signers=_signers((*ANA, "P1"), (*BO, "P2")))
    assert "name-corrected" not in staff_actions.run_problems(tmp_path, "--dry-run")
    assert _ids(staff_actions.ran(tmp_path)["letters"]) == before
    staff_actions.assert_up_to_date(tmp_path)
    ids = _year(tmp_path, ("Eva Sand", "Quito", "P1"), (*BO, "P2"))
    assert ids == _renamed(before, "Ana Ruiz", "Eva Sand")


def test_ids_that_are_taken_away_make_no_letter_a_second_time(tmp_path: Path) -> None:
    before = _year(tmp_path, (*ANA, "007"), (*BO, "008"))
    make(tmp_path, TEMPLATE, Signers=_signers(ANA, BO))
    told = staff_actions.run_problems(tmp_path, "--dry-run")["id-changed"]
    assert (
        "“Bo Berg” has a different ID or none, but all other cells are the same. The 2 letters"
        in told
    )
    assert _ids(staff_actions.ran(tmp_path)["letters"]) == before
    assert "id-changed" not in staff_actions.run_problems(tmp_path)
    staff_actions.assert_up_to_date(tmp_path)


def test_of_two_of_one_name_of_whom_one_has_no_id_somebody_is_asked(tmp_path: Path) -> None:
    make(tmp_path, TEMPLATE, Signers=_signers((*ANA, "P1"), ("Ana Ruiz", "Quito")))
    told = staff_actions.run_problems(tmp_path, "--dry-run")["people-alike"]
    assert "The same name is in row 2, and one of the two has no ID." in told
    assert "give both an ID" in told


def test_a_namesake_changes_the_files_of_both_to_names_with_ids(tmp_path: Path) -> None:
    before = _year(tmp_path, (*ANA, "P1"), (*BO, "P2"))
    edited = staff_actions.add_line(tmp_path / "letters" / "Ana Ruiz" / LI, "We met.")
    ids = _year(tmp_path, (*ANA, "P1"), (*BO, "P2"), ("Ana Ruiz", "Quito", "P3"))
    assert ids[f"Ana Ruiz (P1)/{ROY}"] == before[f"Ana Ruiz/{ROY}"]
    assert f"Ana Ruiz (P3)/{ROY}" in ids
    assert (tmp_path / "letters" / "Ana Ruiz" / LI).read_bytes() == edited
    staff_actions.assert_up_to_date(tmp_path)


def test_of_two_who_may_be_the_one_who_left_nothing_is_written(tmp_path: Path) -> None:
    _year(tmp_path, ANA, BO)
    before = staff_actions.snapshot(tmp_path)
    make(tmp_path, TEMPLATE, Signers=_signers(ANNA, ("Anne Ruiz", "Lima"), BO))
    for _ in range(2):
        told = merge("letters", tmp_path, "--json")
        assert (told.code, told.json["written"], told.json["planned"]) == (1, 0, 6)
        assert {p["code"] for p in told.json["problems"] if p["level"] == "error"} == {"who-is-who"}
        assert staff_actions.snapshot(tmp_path) == before


@pytest.mark.slow
def test_the_letters_of_whoever_is_unclear_wait_and_nobody_is_taken_for_another(
    tmp_path: Path,
) -> None:
    before = _year(tmp_path, ANA, BO)
    make(
        tmp_path, TEMPLATE, Signers=_signers(ANNA, ("Anne Ruiz", "Lima"), BO, ("Eva Sand", "Pune"))
    )
    for state in ("new", "unchanged"):
        states = staff_actions.states(tmp_path, "--skip-errors")
        assert states[f"Eva Sand/{LI}"] == state
        assert {states[f"{who}/{LI}"] for who in ("Anna Ruiz", "Anne Ruiz")} == {"faulty"}
        assert f"Ana Ruiz/{LI}" in staff_actions.snapshot(tmp_path)
    ids = _year(tmp_path, ANNA, (*("Anne Ruiz", "Lima"), "P9"), BO, ("Eva Sand", "Pune"))
    assert ids[f"Anna Ruiz/{LI}"] == before[f"Ana Ruiz/{LI}"]
    assert ids[f"Anne Ruiz/{LI}"] not in before.values()
    staff_actions.assert_up_to_date(tmp_path)


def test_a_try_out_teaches_the_ledger_nothing(tmp_path: Path) -> None:
    before = _year(tmp_path / "c", ANA, BO)
    memory = (tmp_path / "c" / "letters" / staff_actions.LEDGER).read_bytes()
    make(tmp_path / "c", TEMPLATE, Signers=_signers(ANNA, BO))
    assert merge("letters", tmp_path / "c", "--try", tmp_path / "try").code == 0
    assert (tmp_path / "c" / "letters" / staff_actions.LEDGER).read_bytes() == memory
    assert staff_actions.LEDGER not in [p.name for p in (tmp_path / "try").iterdir()]
    assert _year(tmp_path / "c", ANNA, BO) == _renamed(before, "Ana Ruiz", "Anna Ruiz")


PRICE, ROE = ("Adam Price", "Lima", "R1"), ("Jane Roe", "Lima", "R1")


def _typed_over(folder: Path, now: tuple[str, ...], was: tuple[str, ...] = PRICE) -> Path:
    """Letters that are posted, then another name in the row."""
    _year(folder, was, BO)
    mark(folder, "Posted", was[0])
    staff_actions.ran(folder)
    return make(folder, TEMPLATE, Signers=_signers(now, BO))


def _question(folder: Path) -> str:
    """What is asked of a person; nothing is written meanwhile."""
    before = staff_actions.snapshot(folder)
    told = merge("letters", folder, "--json")
    assert (told.code, told.json["written"]) == (1, 0)
    assert staff_actions.snapshot(folder) == before
    (found,) = [p for p in told.json["problems"] if p["level"] == "error"]
    assert found["code"] == "name-changed"
    return f"{found['where']}: {found['message']} {found['hint']}"


@pytest.mark.parametrize(("now", "option"), everyday([(ROE, "R1"), (ROE[:2], '"Jane Roe"')]))
def test_a_successor_typed_over_the_old_name_is_asked_about(
    tmp_path: Path, now: tuple[str, ...], option: str
) -> None:
    folder = _typed_over(tmp_path, now, PRICE[: len(now)])
    for _ in range(2):
        assert _question(folder) == (
            "signers.xlsx, Signers!A2: “Adam Price” is now “Jane Roe”, but has printed or edited"
            " letters. Different person: give this row a new ID, or run “merge letters"
            f" --other-person {option}”. Same person renamed: run “merge letters"
            f" --same-person {option}”."
        )
        status = merge("status", folder, "--json").json
        assert status["stages"]["posted"] == 0
        assert status["states"] == {"faulty": 2, "unchanged": 2}
        assert "name-changed" in merge("check", folder, "--json").out
        assert merge("print", folder, "--json", "--dry-run").code == 1


@pytest.mark.slow
def test_until_it_is_answered_the_register_has_the_old_name(tmp_path: Path) -> None:
    folder = _typed_over(tmp_path, ROE)
    for _ in range(2):
        ran = staff_actions.ran(folder, "--skip-errors")
        assert (ran["written"], ran["skipped"]) == (0, 2)
        assert staff_actions.ran(folder, "--skip-errors")["skipped"] == 2
        book = load_workbook(folder / "register.xlsx")
        assert book["By signer"]["B2"].value == "Adam Price"
        assert {row[1].value for row in book["Register"]["A2:C3"]} == {"Adam Price"}
    assert "“Adam Price”" in _question(folder)


def test_another_person_gets_a_new_id_and_letters_of_their_own(tmp_path: Path) -> None:
    folder = _typed_over(tmp_path, ROE)
    old = _ids(merge("letters", folder, "--json").json["letters"])
    make(folder, TEMPLATE, Signers=_signers(("Jane Roe", "Lima", "R9"), BO))
    new = _ids(staff_actions.ran(folder)["letters"])
    assert text(folder / "letters" / "Jane Roe" / LI)[1] == "Jane Roe"
    assert text(folder / "letters" / "Adam Price" / LI)[1] == "Adam Price"
    assert not {new[f"Jane Roe/{LI}"], new[f"Jane Roe/{ROY}"]} & set(old.values())
    status = merge("status", folder, "--json").json
    assert (status["stages"]["posted"], status["signers"]["Jane Roe"]["posted"]) == (0, 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("word", "cells"), everyday([("r1", 3), ("jane  ROE", 3), ("Jane Roe", 2)])
)
def test_the_same_person_under_a_new_name_is_said_once(
    tmp_path: Path, word: str, cells: int
) -> None:
    folder = _typed_over(tmp_path, ROE[:cells], PRICE[:cells])
    dry = staff_actions.states(folder, "--dry-run", "--same-person", word)
    assert sorted(dry.values()) == ["on-paper", "on-paper", "unchanged", "unchanged"]
    assert _question(folder)
    for options in (("--same-person", word), ()):
        told = staff_actions.ran(folder, *options)
        assert not {"name-changed", "id-other"} & {p["code"] for p in told["problems"]}
        assert sorted(s["state"] for s in told["letters"]) == sorted(dry.values())
    assert merge("status", folder, "--json").json["signers"]["Jane Roe"]["posted"] == 2


def test_the_old_name_given_back_answers_it_too(tmp_path: Path) -> None:
    folder = _typed_over(tmp_path, ROE)
    assert _question(folder)
    make(folder, TEMPLATE, Signers=_signers(PRICE, BO))
    assert merge("letters", folder).code == 0
    assert merge("status", folder, "--json").json["signers"]["Adam Price"]["posted"] == 2


def test_nobody_of_that_name_is_a_wrong_option(tmp_path: Path) -> None:
    ran = merge("letters", _typed_over(tmp_path, ROE), "--same-person", "Zoe Zed")
    assert ran.code == 2
    assert "has the name or ID “Zoe Zed” (--same-person)." in ran.err


@pytest.mark.parametrize(
    "name", everyday(["Adam Pryce", "ÁDAM PRICE", "Price, Adam", "Dr Adam J. Price"])
)
def test_a_corrected_name_under_an_id_keeps_what_was_posted(tmp_path: Path, name: str) -> None:
    folder = _typed_over(tmp_path, (name, "Quito", "R1"))
    told = staff_actions.run_problems(folder)
    assert set(told) == {"column-unused"}
    assert merge("status", folder, "--json").json["stages"]["posted"] == 2


def test_a_name_of_which_half_stays_is_a_signers_and_told(tmp_path: Path) -> None:
    folder = _typed_over(tmp_path, ("Adam Roe", "Lima", "R1"))
    assert "this ID belonged to “Adam Price”" in staff_actions.run_problems(folder)["id-other"]
    assert "id-other" not in staff_actions.run_problems(folder)


def test_another_minister_of_the_same_title_is_asked_about(tmp_path: Path) -> None:
    def people(name: str) -> workbooks.Rows:
        return [["ID", "Name"], ["M1", name]]

    make(tmp_path, TEMPLATE, Recipients=people("Gouverneur-général Li"))
    staff_actions.ran(tmp_path)
    mark(tmp_path, "Posted")
    make(tmp_path, TEMPLATE, Recipients=people("Gouverneur-général Roe"))
    assert "“Gouverneur-général Li” is now" in _question(tmp_path)


@pytest.mark.parametrize("work", everyday(["edited", "edited and seen", "printed", "nothing"]))
def test_where_nothing_is_at_stake_another_name_makes_the_letters_anew(
    tmp_path: Path, work: str
) -> None:
    _year(tmp_path, PRICE, BO)
    if work.startswith("edited"):
        staff_actions.add_line(tmp_path / "letters" / "Adam Price" / LI, "We met.")
    if work == "edited and seen":
        staff_actions.ran(tmp_path)
    if work == "printed":
        assert merge("print", tmp_path, "--no-covers").code == 0
    make(tmp_path, TEMPLATE, Signers=_signers(ROE, BO))
    if work == "nothing":
        states = staff_actions.states(tmp_path)
        assert (states[f"Jane Roe/{LI}"], states[f"Jane Roe/{ROY}"]) == ("rewritten", "rewritten")
    else:
        assert _question(tmp_path)


def test_names_sorted_without_their_ids_are_asked_about(tmp_path: Path) -> None:
    _year(tmp_path, PRICE, ("Bo Berg", "Oslo", "R2"))
    mark(tmp_path, "Posted", "Adam Price")
    mark(tmp_path, "Posted", "Bo Berg")
    swapped = _signers(("Bo Berg", "Lima", "R1"), ("Adam Price", "Oslo", "R2"))
    make(tmp_path, TEMPLATE, Signers=swapped)
    told = merge("letters", tmp_path, "--json").json["problems"]
    assert [p["code"] for p in told if p["level"] == "error"] == ["name-changed", "name-changed"]


def test_an_id_that_comes_back_with_another_name_is_asked_about(tmp_path: Path) -> None:
    _typed_over(tmp_path, ROE)
    make(tmp_path, TEMPLATE, Signers=_signers(BO))
    staff_actions.ran(tmp_path)
    make(tmp_path, TEMPLATE, Signers=_signers(ROE, BO))
    assert "“Adam Price”" in _question(tmp_path)


def test_without_the_register_it_is_asked_all_the_same(tmp_path: Path) -> None:
    folder = _typed_over(tmp_path, ("Adam Pryce", "Lima", "R1"))
    (folder / "register.xlsx").unlink()
    told = merge("letters", folder, "--json", "--new-register").json["problems"]
    assert "had another name before" in next(p for p in told if p["level"] == "error")["message"]


@pytest.mark.skipif(sys.platform == "darwin", reason="there the two spellings are one")
def test_a_file_in_a_folder_whose_name_a_mac_spelled_is_no_letter(tmp_path: Path) -> None:
    folder = make(tmp_path, Signers=[["Name"], ["Zoë Ruiz"]], Recipients=[["Name"], ["Consul Roy"]])
    note = folder / "letters" / unicodedata.normalize("NFD", "Zoë Ruiz") / "Consul Roy.docx"
    note.parent.mkdir(parents=True)
    Document().save(str(note))
    before = note.read_bytes()
    for told in ("1 created", "1 unchanged"):
        assert told in merge("letters", folder).out
    assert note.read_bytes() == before
    (line,) = merge("letters", folder, "--json").json["letters"]
    assert line["path"] == "letters/Zoë Ruiz/Consul Roy-2.docx"


@pytest.mark.parametrize(
    ("heads", "before", "now", "code", "message"),
    [
        (
            ["Name", "City"],
            ["Ana Ruiz", "Lima"],
            ["Anna Ruiz", "Lima"],
            "name-corrected",
            "“Anna Ruiz” had another name before and keeps 2 letters.",
        ),
        (
            ["Name", "City", "ID"],
            ["Ana Ruiz", "Lima", "R1"],
            ["Jane Roe", "Oslo", "R1"],
            "id-other",
            "At the last run, this ID belonged to another name.",
        ),
    ],
)
def test_without_the_register_the_earlier_name_is_not_known(
    tmp_path: Path, heads: list[str], before: list[str], now: list[str], *, code: str, message: str
) -> None:
    other = ["Bo Berg", "Rome", "R2"][: len(heads)]
    merge("letters", make(tmp_path, Signers=[heads, before, other]))
    (tmp_path / "register.xlsx").unlink()
    make(tmp_path, Signers=[heads, now, other])
    told = merge("letters", tmp_path, "--json", "--new-register").json["problems"]
    assert next(p["message"] for p in told if p["code"] == code).startswith(message)
