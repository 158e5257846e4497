"""Letters whose pair left the workbook, and comes back: set apart or kept, never deleted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support import staff_actions, workbooks
from support.campaigns import letters, make, make_with_letters, merge, text
from support.everyday import everyday

ANA_LI, ANA_ROY = "Ana Ruiz/Minister Li.docx", "Ana Ruiz/Consul Roy.docx"
AWAY = "No longer wanted/"
NEWER = "Hello {{ recipient.name }}\n{{ signer.name }}"
ONLY_BO: workbooks.Rows = [["Name"], ["Bo Berg"]]
BOTH: workbooks.Rows = [["Name"], ["Ana Ruiz"], ["Bo Berg"]]


def _letters(folder: Path) -> Path:
    """A campaign whose letters are made; where they are."""
    return make_with_letters(folder) / "letters"


def _here(folder: Path) -> set[str]:
    return set(staff_actions.snapshot(folder))


def test_letters_of_somebody_who_left_are_set_apart_as_they_are(tmp_path: Path) -> None:
    _letters(tmp_path)
    before = staff_actions.snapshot(tmp_path)
    make(tmp_path, Signers=ONLY_BO)
    assert set(staff_actions.states(tmp_path).values()) == {"unchanged"}
    after = staff_actions.snapshot(tmp_path)
    assert after[AWAY + ANA_LI] == before[ANA_LI]
    assert after[AWAY + ANA_ROY] == before[ANA_ROY]
    assert not (tmp_path / "letters" / "Ana Ruiz").exists()
    staff_actions.assert_up_to_date(tmp_path)


def test_it_is_told_once_where_they_went(tmp_path: Path) -> None:
    _letters(tmp_path)
    make(tmp_path, Signers=ONLY_BO)
    said = staff_actions.run_problems(tmp_path)["letters-unwanted"]
    assert said.startswith("letters/No longer wanted: 2 letters that are no longer needed")
    assert f"moved here: {ANA_ROY}, {ANA_LI}." in said
    assert "letters-unwanted" not in staff_actions.run_problems(tmp_path)


@pytest.mark.parametrize("how", everyday(["include", "pairs", "recipient"]))
def test_every_way_to_leave_somebody_out_sets_letters_apart(tmp_path: Path, how: str) -> None:
    _letters(tmp_path)
    if how == "include":
        rows = [["Name", "Include"], ["Ana Ruiz", "no"], ["Bo Berg", None]]
        make(tmp_path, Signers=rows)
    elif how == "pairs":
        make(tmp_path, Pairs=[["Signer", "Recipient", "Include"], ["Ana Ruiz", "*", "no"]])
    else:
        make(tmp_path, Recipients=[["Name"], ["Minister Li"]])
    staff_actions.ran(tmp_path)
    gone = {path for path in _here(tmp_path) if path.startswith(AWAY)}
    wanted = {AWAY + ANA_LI, AWAY + ANA_ROY}
    assert gone == (
        {AWAY + ANA_ROY, AWAY + "Bo Berg/Consul Roy.docx"} if how == "recipient" else wanted
    )
    staff_actions.assert_up_to_date(tmp_path)


def _office_holders(folder: Path, *holders: list[str]) -> Path:
    """A campaign whose files are named after the office, not after who holds it."""
    settings = [["Name", "Value"], ["File name", "{{ recipient.title }}/{{ signer.name }}"]]
    rows = [["Name", "Title", "ID", "Include"], *holders]
    return make(folder, Recipients=rows, Settings=settings)


@pytest.mark.slow
def test_a_successors_letter_may_lie_where_the_predecessors_lay(tmp_path: Path) -> None:
    left, came = (["Li", "Minister", "R1", "no"], ["Roy", "Minister", "R2", "yes"])
    staff_actions.ran(_office_holders(tmp_path, ["Li", "Minister", "R1", "yes"]))
    _office_holders(tmp_path, left, came)
    assert merge("letters", tmp_path, "--try", tmp_path / "out").code == 0
    shutil.copytree(tmp_path / "out", tmp_path / "letters", dirs_exist_ok=True)
    assert staff_actions.states(tmp_path) == dict.fromkeys(
        ["Minister/Ana Ruiz.docx", "Minister/Bo Berg.docx"], "unchanged"
    )
    staff_actions.assert_up_to_date(tmp_path)
    _office_holders(tmp_path, ["Li", "Senator", "R1", "yes"], came)  # the predecessor comes back
    states = staff_actions.states(tmp_path)
    assert {path for path, state in states.items() if state == "new"} == {
        "Senator/Ana Ruiz.docx",
        "Senator/Bo Berg.docx",
    }
    staff_actions.assert_up_to_date(tmp_path)


@pytest.mark.slow
def test_a_letter_that_lies_where_another_lay_leaves_that_one_where_it_was_moved_to(
    tmp_path: Path,
) -> None:
    left, came = (["Li", "Minister", "R1", "no"], ["Roy", "Minister", "R2", "yes"])
    staff_actions.ran(_office_holders(tmp_path, ["Li", "Minister", "R1", "yes"]))
    letters = tmp_path / "letters"
    (letters / "Minister").rename(letters / "Before")
    _office_holders(tmp_path, left, came)
    assert merge("letters", tmp_path, "--try", tmp_path / "out").code == 0
    shutil.copytree(tmp_path / "out", letters, dirs_exist_ok=True)
    assert set(staff_actions.states(tmp_path).values()) == {"unchanged"}
    assert (letters / "Before" / "Ana Ruiz.docx").exists()
    staff_actions.assert_up_to_date(tmp_path)
    _office_holders(tmp_path, ["Li", "Senator", "R1", "yes"], came)
    assert staff_actions.states(tmp_path)["Before/Ana Ruiz.docx"] == "moved"
    staff_actions.assert_up_to_date(tmp_path)


def test_who_comes_back_finds_the_letters_again(tmp_path: Path) -> None:
    _letters(tmp_path)
    before = staff_actions.snapshot(tmp_path)
    make(tmp_path, Signers=ONLY_BO)
    staff_actions.ran(tmp_path)
    make(tmp_path, Signers=BOTH)
    assert staff_actions.states(tmp_path)[ANA_LI] == "rewritten"
    assert {p: data for p, (data, _) in staff_actions.snapshot(tmp_path).items()} == {
        p: data for p, (data, _) in before.items()
    }
    assert not (tmp_path / "letters" / AWAY / "Ana Ruiz").exists()
    staff_actions.assert_up_to_date(tmp_path)


def test_who_comes_back_gets_letters_that_are_up_to_date(tmp_path: Path) -> None:
    _letters(tmp_path)
    make(tmp_path, Signers=ONLY_BO)
    staff_actions.ran(tmp_path)
    make(tmp_path, NEWER, Signers=BOTH)
    staff_actions.ran(tmp_path)
    assert text(tmp_path / "letters" / ANA_LI) == ["Hello Minister Li", "Ana Ruiz"]
    staff_actions.assert_up_to_date(tmp_path)


def test_a_letter_that_was_edited_before_the_pair_left_stays_and_is_told(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    edited = staff_actions.add_line(letters / ANA_LI, "We met.")
    make(tmp_path, Signers=ONLY_BO)
    said = staff_actions.run_problems(tmp_path)["letter-unwanted"]
    assert said.startswith(f"letters/{ANA_LI}: This signer and recipient are no longer paired")
    assert "The letter was edited, so it is kept" in said
    assert (letters / ANA_LI).read_bytes() == edited
    assert AWAY + ANA_ROY in _here(tmp_path)
    staff_actions.assert_up_to_date(tmp_path)
    make(tmp_path, Signers=BOTH)
    assert staff_actions.states(tmp_path)[ANA_LI] == "edited"
    assert (letters / ANA_LI).read_bytes() == edited


@pytest.mark.parametrize(
    "work", everyday(["saved again", "open", "moved", "covered", "renamed and open"])
)
def test_what_is_not_as_it_was_made_stays_where_it_is(tmp_path: Path, work: str) -> None:
    letters = _letters(tmp_path)
    path = letters / ANA_LI
    if work == "saved again":
        staff_actions.save_again(path)
    elif work == "open":
        path.with_name("~$nister Li.docx").write_bytes(b"Ana")
    elif work == "covered":
        path.write_bytes((letters / "Bo Berg" / "Minister Li.docx").read_bytes())
    else:
        path = path.rename(path.with_name("Li.docx"))
        if work == "renamed and open":
            path.with_name("~$Li.docx").write_bytes(b"Ana")
    data = path.read_bytes()
    make(tmp_path, Signers=ONLY_BO)
    told = staff_actions.run_problems(tmp_path)
    assert path.read_bytes() == data
    if work != "covered":
        assert f"letters/{path.relative_to(letters).as_posix()}" in told["letter-unwanted"]
    staff_actions.assert_up_to_date(tmp_path)


def test_a_letter_that_was_saved_in_another_format_as_well_stays_where_it_is(
    tmp_path: Path,
) -> None:
    path = _letters(tmp_path) / ANA_LI
    path.with_suffix(".odt").write_bytes(b"Ana")
    make(tmp_path, Signers=ONLY_BO)
    told = staff_actions.run_problems(tmp_path)["letter-unwanted"]
    assert "The letter was also saved in another format, so it is kept." in told
    assert path.exists()


@pytest.mark.slow
def test_a_letter_that_was_edited_after_it_was_set_apart_is_kept_there(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    make(tmp_path, Signers=ONLY_BO)
    staff_actions.ran(tmp_path)
    edited = staff_actions.add_line(letters / AWAY / ANA_LI, "We met.")
    staff_actions.assert_up_to_date(tmp_path)
    make(tmp_path, Signers=BOTH)
    states = staff_actions.states(tmp_path)
    assert states[AWAY + ANA_LI] == "edited"
    assert states[ANA_ROY] == "rewritten"
    assert (letters / AWAY / ANA_LI).read_bytes() == edited
    staff_actions.assert_up_to_date(tmp_path)
    assert staff_actions.states(tmp_path, "--replace", "Ana Ruiz", "--yes")
    assert edited in [p.read_bytes() for p in (letters / "Old versions").rglob("*.docx")]


def test_letters_that_were_set_apart_may_be_deleted(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    make(tmp_path, Signers=ONLY_BO)
    staff_actions.ran(tmp_path)
    shutil.rmtree(letters / "No longer wanted")
    staff_actions.assert_up_to_date(tmp_path)
    make(tmp_path, Signers=BOTH)
    states = staff_actions.states(tmp_path)
    assert (states[ANA_LI], states[ANA_ROY]) == ("new", "new")
    assert not (letters / "No longer wanted").exists()
    staff_actions.assert_up_to_date(tmp_path)


def test_letters_that_were_set_apart_may_be_put_back_by_hand(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    make(tmp_path, Signers=ONLY_BO)
    staff_actions.ran(tmp_path)
    (letters / AWAY / "Ana Ruiz").rename(letters / "Ana Ruiz")
    staff_actions.assert_up_to_date(tmp_path)
    make(tmp_path, Signers=BOTH)
    assert staff_actions.states(tmp_path)[ANA_LI] in {"moved", "unchanged"}
    assert {ANA_LI, ANA_ROY} <= _here(tmp_path)
    staff_actions.assert_up_to_date(tmp_path)


def test_a_name_that_is_taken_there_is_not_overwritten(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    mine = letters / AWAY / ANA_LI
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    make(tmp_path, Signers=ONLY_BO)
    staff_actions.ran(tmp_path)
    assert mine.read_bytes() == b"mine"
    assert AWAY + "Ana Ruiz/Minister Li-2.docx" in _here(tmp_path)
    staff_actions.assert_up_to_date(tmp_path)


def test_coming_and_going_again_and_again_loses_nothing(tmp_path: Path) -> None:
    _letters(tmp_path)
    before = staff_actions.snapshot(tmp_path)
    for _ in range(3):
        make(tmp_path, Signers=ONLY_BO)
        staff_actions.ran(tmp_path)
        assert len(_here(tmp_path)) == 4
        make(tmp_path, Signers=BOTH)
        staff_actions.ran(tmp_path)
    after = staff_actions.snapshot(tmp_path)
    assert {p: data for p, (data, _) in after.items()} == {p: d for p, (d, _) in before.items()}


def test_nothing_is_set_apart_while_the_workbook_has_errors(tmp_path: Path) -> None:
    """The error may be what hides the pair."""
    _letters(tmp_path)
    rows = [["Name", "Include"], ["Ana Ruiz", "no"], ["Bo Berg", "perhaps"], ["Eva Sand", None]]
    make(tmp_path, Signers=rows)
    before = staff_actions.snapshot(tmp_path)
    assert merge("letters", tmp_path).code == 1
    assert staff_actions.snapshot(tmp_path) == before
    staff_actions.ran(tmp_path, "--skip-errors")
    assert {path: staff_actions.snapshot(tmp_path)[path] for path in before} == before


def test_a_run_for_some_leaves_nobody_else_unwanted(tmp_path: Path) -> None:
    _letters(tmp_path)
    before = staff_actions.snapshot(tmp_path)
    told = staff_actions.ran(tmp_path, "--for", "Bo Berg")
    assert told["planned"] == 2
    assert staff_actions.snapshot(tmp_path) == before


def test_a_try_out_sets_nothing_apart(tmp_path: Path) -> None:
    _letters(tmp_path / "c")
    before = staff_actions.snapshot(tmp_path / "c")
    make(tmp_path / "c", Signers=ONLY_BO)
    merge("letters", tmp_path / "c", "--try", tmp_path / "try")
    assert staff_actions.snapshot(tmp_path / "c") == before


def test_of_a_deleted_letter_that_nobody_wants_nothing_is_remembered(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    shutil.rmtree(letters / "Ana Ruiz")
    make(tmp_path, Signers=ONLY_BO)
    staff_actions.ran(tmp_path)
    paths = staff_actions.paths_in_ledger(tmp_path).values()
    assert {path.split("/")[0] for path in paths} == {"Bo Berg"}
    assert b"Ana Ruiz" not in (letters / staff_actions.LEDGER).read_bytes()


def test_many_letters_that_went_are_told_in_one_line(tmp_path: Path) -> None:
    people = [["Name"], *([f"Signer {number}"] for number in range(8))]
    staff_actions.ran(make(tmp_path, Signers=people))
    make(tmp_path, Signers=ONLY_BO)
    assert "16 letters" in staff_actions.run_problems(tmp_path)["letters-unwanted"]


def test_who_comes_back_gets_the_usual_name_again(tmp_path: Path) -> None:
    everybody = [["Name"], ["Ana Ruiz"], ["Bo Berg"]]
    for signers in (everybody, everybody[:2], everybody):
        folder = make(tmp_path, Signers=signers)
        assert merge("letters", folder).code == 0
    assert {*letters(folder)} == {
        f"{signer}/{recipient}.docx"
        for signer in ("Ana Ruiz", "Bo Berg")
        for recipient in ("Minister Li", "Consul Roy")
    }
