"""Decisions of staff about conflicts, renamed people and warnings."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from support.campaigns import make, merge, text
from support.copied_folders import copy_made_folder
from support.everyday import everyday
from support.printed_campaigns import (
    NEWER,
    PEOPLE,
    edit,
    make_six_letters,
    mark,
    no_libreoffice,
    run_print,
)
from support.staff_actions import lose_ledger

from merge.campaign.campaign import read_campaign
from merge.campaign.letter_plan import LetterPlan
from merge.campaign.letters_order import LettersOrder
from merge.campaign.letters_run import write_letters
from merge.campaign.overview import inspect_campaign
from merge.campaign.pending_decisions import (
    PendingDecision,
    find_pending_decisions,
    letter_conflict,
    save_decisions,
    withdraw_decisions,
)
from merge.campaign.plan import LettersRunPlan
from merge.letter_status import LetterStep, StaffDecision

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]

NEWEST = "Dear {{ recipient.name }},\nwe write again.\n{{ signer.name }}"
ROY = "letters/Ana Ruiz/Consul Roy.docx"
LI = "letters/Bo Berg/Minister Li.docx"


def _set_template(folder: Path, template: str) -> None:
    make(folder, template, Signers=[["Name"], *([name] for name in PEOPLE)])


def _edited_campaign(folder: Path) -> Path:
    return copy_made_folder(_make_edited_campaign, folder)


def _make_edited_campaign(folder: Path) -> None:
    """Create six letters, edit two of them, and change the template."""
    make_six_letters(folder)
    for path in (ROY, LI):
        edit(folder / path)
    _set_template(folder, NEWER)


def _plans(folder: Path, *decisions: StaffDecision, **words: Sequence[str]) -> list[LetterPlan]:
    order = LettersOrder(folder / "letters", decisions=decisions, **words)  # type: ignore[arg-type]
    with LettersRunPlan(read_campaign(folder), order).survey() as survey:
        return [*survey.ordered_letters()]


def _pending(folder: Path) -> dict[str, PendingDecision]:
    """Return the pending decisions about letters, by the path of the letter."""
    campaign = read_campaign(folder)
    return {q.place.file: q for q in find_pending_decisions(campaign, _plans(folder), ())}


def _conflicts(folder: Path) -> set[str]:
    """Return the paths of edited letters whose data has changed."""
    plans = _plans(folder)
    return {f"letters/{planned.step.letter.path}" for planned in plans if letter_conflict(planned)}


def _id(folder: Path, path: str) -> str:
    by_path = {f"letters/{p.step.letter.path}": p.record.id for p in _plans(folder)}
    return by_path[path]


def test_a_pending_decision_about_an_edited_letter_explains_each_choice(
    tmp_path: Path,
) -> None:
    folder = _edited_campaign(tmp_path)
    pending = _pending(folder)
    assert pending.keys() == {ROY, LI}
    decision = pending[ROY]
    assert decision.what.startswith("This letter was edited, and its data has changed since: ")
    assert decision.choices.keys() == {"keep", "new", "print"}
    assert "letters/Old versions" in decision.choices["new"]
    assert decision.about == _id(folder, ROY)
    with pytest.raises(ValueError, match="same is not a choice here"):
        decision.decide("same")


SELECTIONS: dict[str, tuple[Callable[[Path], str], set[str]]] = {
    "a letter": (lambda folder: _id(folder, ROY)[:6], {ROY}),
    "a letter in capitals": (lambda folder: _id(folder, ROY).upper(), {ROY}),
    "a signer": (lambda _: "ana ruiz", {ROY}),
    "a recipient": (lambda _: "Minister Li", {LI}),
    "all of a kind": (lambda _: "edited", {ROY, LI}),
    "all": (lambda _: "all", {ROY, LI}),
    "another kind": (lambda _: "moved", set()),
}


@pytest.mark.parametrize("selection", everyday(SELECTIONS))
def test_keep_decides_conflicts_by_letter_by_person_or_by_kind(
    tmp_path: Path, selection: str
) -> None:
    folder = _edited_campaign(tmp_path)
    word, selected = SELECTIONS[selection]
    before = {path: (folder / path).read_bytes() for path in (ROY, LI)}
    assert merge("letters", folder, "--keep", word(folder)).code == 0
    assert _conflicts(folder) == {ROY, LI} - selected
    assert {path: (folder / path).read_bytes() for path in before} == before
    assert _pending(folder).keys() == {ROY, LI} - selected


@pytest.mark.parametrize("selection", everyday(SELECTIONS))
def test_replace_decides_conflicts_by_letter_by_person_or_by_kind(
    tmp_path: Path, selection: str
) -> None:
    folder = _edited_campaign(tmp_path)
    word, selected = SELECTIONS[selection]
    assert merge("letters", folder, "--replace", word(folder), "--yes").code == 0
    assert {path for path in (ROY, LI) if "Added by hand" not in text(folder / path)} == selected
    old_paths = [p.relative_to(folder / "letters").parts[2:] for p in _old_versions(folder)]
    assert {"/".join(("letters", *parts)) for parts in old_paths} == selected


def _old_versions(folder: Path) -> list[Path]:
    return [*(folder / "letters" / "Old versions").rglob("*.docx")]


@pytest.mark.parametrize("selection", everyday(SELECTIONS))
def test_accept_decides_conflicts_by_letter_by_person_or_by_kind(
    tmp_path: Path, selection: str
) -> None:
    folder = _edited_campaign(tmp_path)
    merge("letters", folder)
    word, selected = SELECTIONS[selection]
    result = run_print(folder, "--accept", word(folder), "--skip-errors").json
    assert {p["where"] for p in result["problems"]} >= {ROY, LI} - selected
    assert result["letters"] == 4 + len(selected)
    conflicts = {
        p["where"] for p in run_print(folder).json["problems"] if p["code"] == "print-changed"
    }
    assert conflicts == {ROY, LI} - selected  # the decision is remembered


def test_replace_moved_updates_a_moved_edited_letter_at_its_new_path(tmp_path: Path) -> None:
    folder = _edited_campaign(tmp_path)
    moved = folder / "letters" / "For Roy.docx"
    (folder / ROY).rename(moved)
    merge("letters", folder)
    merge("letters", folder, "--replace", "moved", "--yes")
    assert "Added by hand" not in text(moved)
    assert not (folder / ROY).exists()
    assert "Added by hand" in text(folder / LI)


@pytest.mark.slow
def test_a_decision_to_keep_a_letter_holds_until_its_data_changes_again(tmp_path: Path) -> None:
    people = [["ID", "Name", "Title", "City"], ["R1", "Minister Li", "Judge", "Oslo"]]
    lines = "{{ recipient.name }}, {{ recipient.title }}, {{ recipient.city }}\n{{ signer.name }}"
    make(tmp_path, lines, Recipients=people)
    merge("letters", tmp_path)
    edit(tmp_path / "letters" / "Ana Ruiz" / "Minister Li.docx")
    people[1][2] = "Chief judge"
    make(tmp_path, lines, Recipients=people)
    merge("letters", tmp_path, "--keep", "edited")
    assert _conflicts(tmp_path) == set()
    people[1][3] = "Bergen"
    make(tmp_path, lines, Recipients=people)
    (decision,) = _pending(tmp_path).values()
    assert decision.what.endswith("changed since: City in Recipients.")
    assert merge("letters", tmp_path).code == 0
    assert _conflicts(tmp_path) == {decision.place.file}


def test_a_replaced_letter_that_is_edited_again_has_a_new_conflict(tmp_path: Path) -> None:
    folder = _edited_campaign(tmp_path)
    merge("letters", folder, "--keep", "Ana Ruiz")
    _set_template(folder, NEWEST)
    merge("letters", folder, "--replace", "Ana Ruiz", "--yes")
    edit(folder / ROY)
    assert ROY not in _conflicts(folder)
    _set_template(folder, NEWER)  # the template of the kept version
    assert ROY in _conflicts(folder)


def test_a_kept_letter_whose_unedited_file_is_restored_is_updated(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    unedited = (folder / ROY).read_bytes()
    edit(folder / ROY)
    _set_template(folder, NEWER)
    merge("letters", folder, "--keep", "edited")
    (folder / ROY).write_bytes(unedited)
    states = {p.step.letter.path.name: p.step.state for p in _plans(folder, names=("Ana Ruiz",))}
    assert states["Consul Roy.docx"] == "rewritten"


@pytest.mark.slow
def test_a_decision_to_print_a_letter_holds_until_its_data_changes_again(tmp_path: Path) -> None:
    folder = _edited_campaign(tmp_path)
    merge("letters", folder)
    assert run_print(folder, "--accept", "edited").code == 0
    assert run_print(folder).code == 0
    _set_template(folder, NEWEST)
    merge("letters", folder)
    problems = run_print(folder).json["problems"]
    edited = [p["code"] for p in problems if "Conflict: edited, in print file" in p["message"]]
    assert edited == ["in-print-file"] * 2


def test_a_print_dry_run_does_not_store_the_decision_to_accept(tmp_path: Path) -> None:
    folder = _edited_campaign(tmp_path)
    merge("letters", folder)
    assert run_print(folder, "--accept", "edited", "--dry-run").code == 0
    assert run_print(folder).code == 1


def test_keep_decides_conflicts_of_printed_letters_too(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed", "Bo Berg")
    _set_template(folder, NEWER)
    merge("letters", folder)
    assert len(merge("status", folder, "--json").json["on_paper_changed"]) == 2
    merge("letters", folder, "--keep", "Bo Berg")
    assert merge("status", folder, "--json").json["on_paper_changed"] == []
    assert run_print(folder, "--unsigned", "--for", "Bo Berg").json["letters"] == 2


@pytest.mark.parametrize("word", everyday(["ana ruiz", "edited", "all", "moved"]))
@pytest.mark.parametrize("option", everyday(["--keep", "--replace"]))
def test_the_preview_of_a_decision_equals_its_result(
    tmp_path: Path, option: str, word: str
) -> None:
    folder = _edited_campaign(tmp_path)
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    preview = merge("letters", folder, option, word, "--dry-run", "--json").json
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    result = merge("letters", folder, option, word, "--yes", "--json").json
    assert preview == result


# As the page does it: a pending decision is shown, then made.


def test_a_conflict_that_was_decided_is_no_longer_pending(tmp_path: Path) -> None:
    folder = _edited_campaign(tmp_path)
    pending = _pending(folder)
    assert save_decisions(read_campaign(folder), [pending[ROY].decide("keep")]) == []
    assert _pending(folder).keys() == {LI}
    merge("letters", folder)
    assert _conflicts(folder) == {LI}


def test_a_decision_about_a_letter_that_changed_after_it_was_shown_is_refused(
    tmp_path: Path,
) -> None:
    folder = _edited_campaign(tmp_path)
    pending = _pending(folder)
    edit(folder / ROY, "Another line by hand")
    keep = pending[ROY].decide("keep")
    assert save_decisions(read_campaign(folder), [keep, pending[LI].decide("keep")]) == [keep]
    assert _pending(folder).keys() == {ROY}


def test_a_letter_edited_after_the_decision_to_replace_it_is_not_replaced(tmp_path: Path) -> None:
    folder = _edited_campaign(tmp_path)
    decisions = [pending.decide("new") for pending in _pending(folder).values()]
    edit(folder / ROY, "Another line by hand")
    order = LettersOrder(folder / "letters", decisions=tuple(decisions))
    steps = list[LetterStep]()
    plan = LettersRunPlan(read_campaign(folder), order)
    problems = write_letters(plan, on_step=steps.append).problems
    assert "Another line by hand" in text(folder / ROY)
    assert "Added by hand" not in text(folder / LI)
    (problem,) = [p for p in problems if p.code == "decided-before"]
    assert "Ana Ruiz/Consul Roy.docx" in problem.what


@pytest.mark.slow
def test_the_overview_lists_decided_letters_and_decisions_can_be_withdrawn(tmp_path: Path) -> None:
    folder = _edited_campaign(tmp_path)
    pending = _pending(folder)
    save_decisions(
        read_campaign(folder), [pending[ROY].decide("keep"), pending[LI].decide("print")]
    )
    decided = {
        f"letters/{p.record.path}": p.choice
        for p in inspect_campaign(read_campaign(folder)).decided_letters
    }
    assert decided == {ROY: "keep", LI: "print"}
    assert _pending(folder) == {}
    withdraw_decisions(read_campaign(folder), [pending[ROY].about])
    assert _pending(folder) == {ROY: pending[ROY]}
    assert [p.record.id for p in inspect_campaign(read_campaign(folder)).decided_letters] == [
        pending[LI].about
    ]


def test_a_decision_to_keep_is_dropped_if_the_data_changes_again(tmp_path: Path) -> None:
    folder = _edited_campaign(tmp_path)
    save_decisions(
        read_campaign(folder), [pending.decide("keep") for pending in _pending(folder).values()]
    )
    _set_template(folder, NEWEST)
    assert inspect_campaign(read_campaign(folder)).decided_letters == ()


def test_a_decision_about_one_letter_replaces_no_other_letter(tmp_path: Path) -> None:
    folder = _edited_campaign(tmp_path)
    pending = _pending(folder)
    before = {path: path.read_bytes() for path in (folder / "letters").rglob("*.docx")}
    conflict = pending[ROY]
    order = LettersOrder(
        folder / "letters", decisions=(conflict.decide("new"),), letters=frozenset({conflict.about})
    )
    steps = list[LetterStep]()
    write_letters(LettersRunPlan(read_campaign(folder), order), on_step=steps.append)
    assert [step.letter.id for step in steps] == [conflict.about]
    changed_files = {path for path, data in before.items() if path.read_bytes() != data}
    assert changed_files == {folder / ROY}


# Decisions about people.


def _rename_recipient(folder: Path) -> Path:
    people = [["ID", "Name"], ["R1", "Adam Price"], ["R2", "Consul Roy"]]
    make(folder, Recipients=people)
    merge("letters", folder)
    edit(folder / "letters" / "Ana Ruiz" / "Adam Price.docx")
    people[1][1] = "Jane Roe"
    make(folder, Recipients=people)
    return folder


def _ids(folder: Path, name: str) -> set[str]:
    letter_id = read_campaign(folder).identity.letter_id
    return {letter_id(pair) for pair in read_campaign(folder).pairs([name])}


@pytest.mark.slow
@pytest.mark.parametrize("way", everyday(["by a decision", "by the command"]))
@pytest.mark.parametrize("choice", everyday(["same", "other"]))
def test_a_decision_about_a_renamed_person_is_made_once_by_option_or_on_the_page(
    tmp_path: Path, choice: str, way: str
) -> None:
    make(tmp_path, Recipients=[["ID", "Name"], ["R1", "Adam Price"], ["R2", "Consul Roy"]])
    before = _ids(tmp_path, "Adam Price")
    folder = _rename_recipient(tmp_path)
    (pending,) = _pending(folder).values()
    assert pending.code == "name-changed"
    assert {*pending.choices} == {"same", "other"}
    if way == "by a decision":
        decision = pending.decide("same" if choice == "same" else "other")
        assert save_decisions(read_campaign(folder), [decision]) == []
        assert "name-changed" not in {q.code for q in _pending(folder).values()}
        assert merge("letters", folder).code == 0
    else:
        assert merge("letters", folder, f"--{choice}-person", "R1").code == 0
    assert (_ids(folder, "Jane Roe") == before) == (choice == "same")
    for _ in range(2):
        assert merge("letters", folder, "--json").json["written"] == 0
    edited_letter = folder / "letters" / "Ana Ruiz" / "Adam Price.docx"
    assert "Added by hand" in text(edited_letter)  # the edited file is kept in either case
    assert merge("check", folder).code == 0


@pytest.mark.slow
def test_a_decision_about_a_renamed_person_does_not_hold_for_the_next_name(tmp_path: Path) -> None:
    folder = _rename_recipient(tmp_path)
    (pending,) = _pending(folder).values()
    save_decisions(read_campaign(folder), [pending.decide("same")])
    make(folder, Recipients=[["ID", "Name"], ["R1", "Omar Haddad"], ["R2", "Consul Roy"]])
    assert [pending.code for pending in _pending(folder).values()] == ["name-changed"]
    assert save_decisions(read_campaign(folder), [pending.decide("other")]) != []


# Decisions about warnings.


def _warning_decisions(folder: Path) -> list[PendingDecision]:
    campaign = read_campaign(folder)
    return [
        q
        for q in find_pending_decisions(campaign, (), campaign.all_problems())
        if "hide" in q.choices
    ]


def _make_named(folder: Path, name: str, *more: list[str]) -> Path:
    """Create a campaign; a signer's name without a capital gets a warning."""
    rows = [["ID", "Name"], *more, ["S1", name], ["S2", "Bo Berg"]]
    return make(folder, Signers=rows, Recipients=[["Name"], ["Minister Li"]])


def test_an_ignored_warning_stays_hidden_until_its_cell_changes(tmp_path: Path) -> None:
    folder = _make_named(tmp_path, "ana ruiz")
    (pending,) = _warning_decisions(folder)
    assert save_decisions(read_campaign(folder), [pending.decide("hide")]) == []
    assert _warning_decisions(folder) == []
    assert read_campaign(folder).relevant_problems() == []
    _make_named(folder, "ana ruiz", ["S3", "Chidi Obi"])
    assert _warning_decisions(folder) == []  # the cell is in another row now
    _make_named(folder, "ana ruis")
    assert len(_warning_decisions(folder)) == 1


def test_a_warning_ignored_without_a_ledger_does_not_hide_that_the_ledger_was_lost(
    tmp_path: Path,
) -> None:
    folder = _make_named(tmp_path, "ana ruiz")
    merge("letters", folder)
    lose_ledger(folder)
    save_decisions(
        read_campaign(folder), [pending.decide("hide") for pending in _warning_decisions(folder)]
    )
    codes = {problem["code"] for problem in merge("letters", folder, "--json").json["problems"]}
    assert "ledger-lost" in codes


def test_an_ignored_warning_returns_if_it_concerns_other_people(tmp_path: Path) -> None:
    names = [f"Recipient {letter}" for letter in "ABCDEFGHIJ"]
    folder = make(tmp_path, Recipients=[["Name"], *([name] for name in names)])

    def ids(*paired: str) -> set[str]:
        rows = [["Signer", "Recipient"], *(["*", name] for name in paired)]
        make(folder, Recipients=[["Name"], *([name] for name in names)], Pairs=rows)
        return set(re.findall(r"Pairs sheet  \[(\w+)\]", merge("check", folder).out))

    assert ids(*names[7:]).isdisjoint(ids(names[5], names[6], names[9]))
    assert ids(*names[7:]) == ids(*names[7:]) != set()
