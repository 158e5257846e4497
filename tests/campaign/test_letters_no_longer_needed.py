"""Letters whose pair leaves the workbook or returns: they are not deleted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support import staff_actions, workbooks
from support.campaigns import LINES, letters, make, make_with_letters, merge, record_lines, text
from support.everyday import everyday

ANA_LI, ANA_ROY = "Ana Ruiz/Minister Li.docx", "Ana Ruiz/Consul Roy.docx"
NO_LONGER_WANTED = "No longer wanted/"
NEWER = "Hello {{ recipient.name }}\n{{ signer.name }}"
ONLY_BO: workbooks.Rows = [["Name"], ["Bo Berg"]]
BOTH: workbooks.Rows = [["Name"], ["Ana Ruiz"], ["Bo Berg"]]


def _letters(folder: Path) -> Path:
    """Create a campaign with its letters; return the letters folder."""
    return make_with_letters(folder) / "letters"


def _paths(folder: Path) -> set[str]:
    return set(staff_actions.snapshot(folder))


def test_letters_no_longer_needed_are_moved_unchanged_to_no_longer_wanted(tmp_path: Path) -> None:
    _letters(tmp_path)
    before = staff_actions.snapshot(tmp_path)
    make(tmp_path, Signers=ONLY_BO)
    assert set(staff_actions.states(tmp_path).values()) == {"unchanged"}
    after = staff_actions.snapshot(tmp_path)
    assert after[NO_LONGER_WANTED + ANA_LI] == before[ANA_LI]
    assert after[NO_LONGER_WANTED + ANA_ROY] == before[ANA_ROY]
    assert not (tmp_path / "letters" / "Ana Ruiz").exists()
    staff_actions.assert_up_to_date(tmp_path)


def test_the_move_of_letters_no_longer_needed_is_reported_once(tmp_path: Path) -> None:
    _letters(tmp_path)
    make(tmp_path, Signers=ONLY_BO)
    warning = staff_actions.run_problems(tmp_path)["letters-unwanted"]
    assert warning.startswith("letters/No longer wanted: 2 letters that are no longer needed")
    assert f"moved here: {ANA_ROY}, {ANA_LI}." in warning
    assert "letters-unwanted" not in staff_actions.run_problems(tmp_path)


@pytest.mark.parametrize("how", everyday(["include", "pairs", "recipient"]))
def test_letters_are_no_longer_needed_if_a_person_or_pair_is_excluded_or_removed(
    tmp_path: Path, how: str
) -> None:
    _letters(tmp_path)
    if how == "include":
        rows = [["Name", "Include"], ["Ana Ruiz", "no"], ["Bo Berg", None]]
        make(tmp_path, Signers=rows)
    elif how == "pairs":
        make(tmp_path, Pairs=[["Signer", "Recipient", "Include"], ["Ana Ruiz", "*", "no"]])
    else:
        make(tmp_path, Recipients=[["Name"], ["Minister Li"]])
    staff_actions.run_letters(tmp_path)
    moved = {path for path in _paths(tmp_path) if path.startswith(NO_LONGER_WANTED)}
    letters_of_ana = {NO_LONGER_WANTED + ANA_LI, NO_LONGER_WANTED + ANA_ROY}
    assert moved == (
        {NO_LONGER_WANTED + ANA_ROY, NO_LONGER_WANTED + "Bo Berg/Consul Roy.docx"}
        if how == "recipient"
        else letters_of_ana
    )
    staff_actions.assert_up_to_date(tmp_path)


def _office_holders(folder: Path, *holders: list[str]) -> Path:
    """Create a campaign whose file names contain titles instead of names."""
    settings = [["Name", "Value"], ["File name", "{{ recipient.title }}/{{ signer.name }}"]]
    rows = [["Name", "Title", "ID", "Include"], *holders]
    return make(folder, Recipients=rows, Settings=settings)


@pytest.mark.slow
def test_a_successors_letter_may_be_at_the_path_of_a_letter_no_longer_needed(
    tmp_path: Path,
) -> None:
    predecessor, successor = (["Li", "Minister", "R1", "no"], ["Roy", "Minister", "R2", "yes"])
    staff_actions.run_letters(_office_holders(tmp_path, ["Li", "Minister", "R1", "yes"]))
    _office_holders(tmp_path, predecessor, successor)
    assert merge("letters", tmp_path, "--try", tmp_path / "out").code == 0
    shutil.copytree(tmp_path / "out", tmp_path / "letters", dirs_exist_ok=True)
    assert staff_actions.states(tmp_path) == dict.fromkeys(
        ["Minister/Ana Ruiz.docx", "Minister/Bo Berg.docx"], "unchanged"
    )
    staff_actions.assert_up_to_date(tmp_path)
    _office_holders(tmp_path, ["Li", "Senator", "R1", "yes"], successor)  # the predecessor returns
    states = staff_actions.states(tmp_path)
    assert {path for path, state in states.items() if state == "new"} == {
        "Senator/Ana Ruiz.docx",
        "Senator/Bo Berg.docx",
    }
    staff_actions.assert_up_to_date(tmp_path)


@pytest.mark.slow
def test_a_moved_letter_no_longer_needed_stays_if_a_successors_letter_has_its_old_path(
    tmp_path: Path,
) -> None:
    predecessor, successor = (["Li", "Minister", "R1", "no"], ["Roy", "Minister", "R2", "yes"])
    staff_actions.run_letters(_office_holders(tmp_path, ["Li", "Minister", "R1", "yes"]))
    letters = tmp_path / "letters"
    (letters / "Minister").rename(letters / "Before")
    _office_holders(tmp_path, predecessor, successor)
    assert merge("letters", tmp_path, "--try", tmp_path / "out").code == 0
    shutil.copytree(tmp_path / "out", letters, dirs_exist_ok=True)
    assert set(staff_actions.states(tmp_path).values()) == {"unchanged"}
    assert (letters / "Before" / "Ana Ruiz.docx").exists()
    staff_actions.assert_up_to_date(tmp_path)
    _office_holders(tmp_path, ["Li", "Senator", "R1", "yes"], successor)
    assert staff_actions.states(tmp_path)["Before/Ana Ruiz.docx"] == "moved"
    staff_actions.assert_up_to_date(tmp_path)


def test_letters_no_longer_needed_are_moved_back_if_their_pair_returns(tmp_path: Path) -> None:
    _letters(tmp_path)
    before = staff_actions.snapshot(tmp_path)
    make(tmp_path, Signers=ONLY_BO)
    staff_actions.run_letters(tmp_path)
    make(tmp_path, Signers=BOTH)
    assert staff_actions.states(tmp_path)[ANA_LI] == "rewritten"
    assert {p: data for p, (data, _) in staff_actions.snapshot(tmp_path).items()} == {
        p: data for p, (data, _) in before.items()
    }
    assert not (tmp_path / "letters" / NO_LONGER_WANTED / "Ana Ruiz").exists()
    staff_actions.assert_up_to_date(tmp_path)


def test_letters_of_a_returning_pair_are_updated(tmp_path: Path) -> None:
    _letters(tmp_path)
    make(tmp_path, Signers=ONLY_BO)
    staff_actions.run_letters(tmp_path)
    make(tmp_path, NEWER, Signers=BOTH)
    staff_actions.run_letters(tmp_path)
    assert text(tmp_path / "letters" / ANA_LI) == ["Hello Minister Li", "Ana Ruiz"]
    staff_actions.assert_up_to_date(tmp_path)


def test_an_edited_letter_no_longer_needed_is_reported_and_not_moved(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    edited = staff_actions.add_line(letters / ANA_LI, "We met.")
    make(tmp_path, Signers=ONLY_BO)
    warning = staff_actions.run_problems(tmp_path)["letter-unwanted"]
    assert warning.startswith(f"letters/{ANA_LI}: This signer and recipient are no longer paired")
    assert "The letter was edited, so it is kept" in warning
    assert (letters / ANA_LI).read_bytes() == edited
    assert NO_LONGER_WANTED + ANA_ROY in _paths(tmp_path)
    staff_actions.assert_up_to_date(tmp_path)
    make(tmp_path, Signers=BOTH)
    assert staff_actions.states(tmp_path)[ANA_LI] == "edited"
    assert (letters / ANA_LI).read_bytes() == edited


@pytest.mark.parametrize(
    "work", everyday(["saved again", "open", "moved", "covered", "renamed and open"])
)
def test_a_letter_no_longer_needed_is_not_moved_if_it_is_not_unchanged(
    tmp_path: Path, work: str
) -> None:
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
    problems = staff_actions.run_problems(tmp_path)
    assert path.read_bytes() == data
    if work != "covered":
        assert f"letters/{path.relative_to(letters).as_posix()}" in problems["letter-unwanted"]
    staff_actions.assert_up_to_date(tmp_path)


def test_a_letter_no_longer_needed_with_a_copy_in_another_format_is_not_moved(
    tmp_path: Path,
) -> None:
    path = _letters(tmp_path) / ANA_LI
    path.with_suffix(".odt").write_bytes(b"Ana")
    make(tmp_path, Signers=ONLY_BO)
    warning = staff_actions.run_problems(tmp_path)["letter-unwanted"]
    assert "The letter was also saved in another format, so it is kept." in warning
    assert path.exists()


@pytest.mark.slow
def test_a_letter_edited_in_no_longer_wanted_stays_there(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    make(tmp_path, Signers=ONLY_BO)
    staff_actions.run_letters(tmp_path)
    edited = staff_actions.add_line(letters / NO_LONGER_WANTED / ANA_LI, "We met.")
    staff_actions.assert_up_to_date(tmp_path)
    make(tmp_path, Signers=BOTH)
    states = staff_actions.states(tmp_path)
    assert states[NO_LONGER_WANTED + ANA_LI] == "edited"
    assert states[ANA_ROY] == "rewritten"
    assert (letters / NO_LONGER_WANTED / ANA_LI).read_bytes() == edited
    staff_actions.assert_up_to_date(tmp_path)
    assert staff_actions.states(tmp_path, "--replace", "Ana Ruiz", "--yes")
    assert edited in [p.read_bytes() for p in (letters / "Old versions").rglob("*.docx")]


def test_letters_in_no_longer_wanted_may_be_deleted_by_staff(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    make(tmp_path, Signers=ONLY_BO)
    staff_actions.run_letters(tmp_path)
    shutil.rmtree(letters / "No longer wanted")
    staff_actions.assert_up_to_date(tmp_path)
    make(tmp_path, Signers=BOTH)
    states = staff_actions.states(tmp_path)
    assert (states[ANA_LI], states[ANA_ROY]) == ("new", "new")
    assert not (letters / "No longer wanted").exists()
    staff_actions.assert_up_to_date(tmp_path)


def test_letters_in_no_longer_wanted_may_be_moved_back_by_staff(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    make(tmp_path, Signers=ONLY_BO)
    staff_actions.run_letters(tmp_path)
    (letters / NO_LONGER_WANTED / "Ana Ruiz").rename(letters / "Ana Ruiz")
    staff_actions.assert_up_to_date(tmp_path)
    make(tmp_path, Signers=BOTH)
    assert staff_actions.states(tmp_path)[ANA_LI] in {"moved", "unchanged"}
    assert {ANA_LI, ANA_ROY} <= _paths(tmp_path)
    staff_actions.assert_up_to_date(tmp_path)


def test_a_file_of_staff_in_no_longer_wanted_is_not_overwritten(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    file_of_staff = letters / NO_LONGER_WANTED / ANA_LI
    file_of_staff.parent.mkdir(parents=True)
    file_of_staff.write_bytes(b"mine")
    make(tmp_path, Signers=ONLY_BO)
    staff_actions.run_letters(tmp_path)
    assert file_of_staff.read_bytes() == b"mine"
    assert NO_LONGER_WANTED + "Ana Ruiz/Minister Li-2.docx" in _paths(tmp_path)
    staff_actions.assert_up_to_date(tmp_path)


@pytest.mark.slow
def test_letters_of_a_pair_that_leaves_and_returns_three_times_are_unchanged(
    tmp_path: Path,
) -> None:
    _letters(tmp_path)
    before = staff_actions.snapshot(tmp_path)
    for _ in range(3):
        make(tmp_path, Signers=ONLY_BO)
        staff_actions.run_letters(tmp_path)
        assert len(_paths(tmp_path)) == 4
        make(tmp_path, Signers=BOTH)
        staff_actions.run_letters(tmp_path)
    after = staff_actions.snapshot(tmp_path)
    assert {p: data for p, (data, _) in after.items()} == {p: d for p, (d, _) in before.items()}


def test_letters_no_longer_needed_are_not_moved_while_the_workbook_has_errors(
    tmp_path: Path,
) -> None:
    """The error may be the reason why the pair is missing."""
    _letters(tmp_path)
    rows = [["Name", "Include"], ["Ana Ruiz", "no"], ["Bo Berg", "perhaps"], ["Eva Sand", None]]
    make(tmp_path, Signers=rows)
    before = staff_actions.snapshot(tmp_path)
    assert merge("letters", tmp_path).code == 1
    assert staff_actions.snapshot(tmp_path) == before
    staff_actions.run_letters(tmp_path, "--skip-errors")
    assert {path: staff_actions.snapshot(tmp_path)[path] for path in before} == before


def test_a_run_for_one_signer_does_not_move_letters_of_others_to_no_longer_wanted(
    tmp_path: Path,
) -> None:
    _letters(tmp_path)
    before = staff_actions.snapshot(tmp_path)
    result = staff_actions.run_letters(tmp_path, "--for", "Bo Berg")
    assert result["planned"] == 2
    assert staff_actions.snapshot(tmp_path) == before


def test_trial_letters_do_not_move_letters_to_no_longer_wanted(tmp_path: Path) -> None:
    _letters(tmp_path / "c")
    before = staff_actions.snapshot(tmp_path / "c")
    make(tmp_path / "c", Signers=ONLY_BO)
    merge("letters", tmp_path / "c", "--try", tmp_path / "try")
    assert staff_actions.snapshot(tmp_path / "c") == before


def test_a_deleted_letter_no_longer_needed_is_removed_from_the_ledger(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    shutil.rmtree(letters / "Ana Ruiz")
    make(tmp_path, Signers=ONLY_BO)
    staff_actions.run_letters(tmp_path)
    paths = staff_actions.paths_in_ledger(tmp_path).values()
    assert {path.split("/")[0] for path in paths} == {"Bo Berg"}
    assert b"Ana Ruiz" not in record_lines(tmp_path)


def test_many_letters_no_longer_needed_are_reported_in_one_line(tmp_path: Path) -> None:
    people = [["Name"], *([f"Signer {number}"] for number in range(8))]
    staff_actions.run_letters(make(tmp_path, Signers=people))
    make(tmp_path, Signers=ONLY_BO)
    assert "16 letters" in staff_actions.run_problems(tmp_path)["letters-unwanted"]


def test_letters_of_a_returning_pair_get_their_usual_file_names(tmp_path: Path) -> None:
    both = [["Name"], ["Ana Ruiz"], ["Bo Berg"]]
    for signers in (both, both[:2], both):
        folder = make(tmp_path, Signers=signers)
        assert merge("letters", folder).code == 0
    assert {*letters(folder)} == {
        f"{signer}/{recipient}.docx"
        for signer in ("Ana Ruiz", "Bo Berg")
        for recipient in ("Minister Li", "Consul Roy")
    }


def test_a_register_row_of_a_letter_no_longer_needed_is_not_reported_in_later_runs(
    tmp_path: Path,
) -> None:
    all_columns = f"{LINES}\n{{{{ recipient.country }}}}"  # otherwise a warning
    make(tmp_path, all_columns)
    merge("letters", tmp_path)
    make(tmp_path, all_columns, Signers=[["Name"], ["Ana Ruiz"]])
    shutil.rmtree(tmp_path / "letters" / "Bo Berg")
    for _ in range(3):
        result = merge("letters", tmp_path, "--json").json  # the snapshot is not used
        assert [p["code"] for p in result["problems"]] == []
