"""What staff decide: of a letter, a person, a kind, a warning; remembered, and asked anew."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from support.campaigns import make, merge, text
from support.copied import copied
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
from merge.campaign.plan import Plan
from merge.letter_status import Decision, Step

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]

NEWEST = "Dear {{ recipient.name }},\nwe write anew.\n{{ signer.name }}"
ROY = "letters/Ana Ruiz/Consul Roy.docx"
LI = "letters/Bo Berg/Minister Li.docx"


def _template(folder: Path, template: str) -> None:
    make(folder, template, Signers=[["Name"], *([name] for name in PEOPLE)])


def _edited(folder: Path) -> Path:
    return copied(_edit, folder)


def _edit(folder: Path) -> None:
    """Six letters, two of them edited, and all of them of an older template."""
    make_six_letters(folder)
    for path in (ROY, LI):
        edit(folder / path)
    _template(folder, NEWER)


def _plans(folder: Path, *decisions: Decision, **words: Sequence[str]) -> list[LetterPlan]:
    order = LettersOrder(folder / "letters", decisions=decisions, **words)  # type: ignore[arg-type]
    with Plan(read_campaign(folder), order).survey() as survey:
        return [*survey.ordered_letters()]


def _asked(folder: Path) -> dict[str, PendingDecision]:
    """The questions of letters, by their places."""
    campaign = read_campaign(folder)
    return {q.place.file: q for q in find_pending_decisions(campaign, _plans(folder), ())}


def _changed(folder: Path) -> set[str]:
    """The paths of letters that are told as edited, their data changed since."""
    plans = _plans(folder)
    return {f"letters/{planned.step.letter.path}" for planned in plans if letter_conflict(planned)}


def _id(folder: Path, path: str) -> str:
    by_path = {f"letters/{p.step.letter.path}": p.record.id for p in _plans(folder)}
    return by_path[path]


def test_an_edited_letter_whose_data_changed_is_a_question_with_what_each_choice_does(
    tmp_path: Path,
) -> None:
    folder = _edited(tmp_path)
    asked = _asked(folder)
    assert asked.keys() == {ROY, LI}
    question = asked[ROY]
    assert question.what.startswith("This letter was edited, and its data has changed since: ")
    assert question.choices.keys() == {"keep", "new", "print"}
    assert "letters/Old versions" in question.choices["new"]
    assert question.about == _id(folder, ROY)
    with pytest.raises(ValueError, match="no choice"):
        question.decide("same")


WORDS: dict[str, tuple[Callable[[Path], str], set[str]]] = {
    "a letter": (lambda folder: _id(folder, ROY)[:6], {ROY}),
    "a letter in capitals": (lambda folder: _id(folder, ROY).upper(), {ROY}),
    "a signer": (lambda _: "ana ruiz", {ROY}),
    "a recipient": (lambda _: "Minister Li", {LI}),
    "all of a kind": (lambda _: "edited", {ROY, LI}),
    "all": (lambda _: "all", {ROY, LI}),
    "another kind": (lambda _: "moved", set()),
}


@pytest.mark.parametrize("whose", everyday(WORDS))
def test_keep_mine_is_said_by_letter_by_person_and_by_kind(tmp_path: Path, whose: str) -> None:
    folder = _edited(tmp_path)
    word, meant = WORDS[whose]
    before = {path: (folder / path).read_bytes() for path in (ROY, LI)}
    assert merge("letters", folder, "--keep", word(folder)).code == 0
    assert _changed(folder) == {ROY, LI} - meant
    assert {path: (folder / path).read_bytes() for path in before} == before
    assert _asked(folder).keys() == {ROY, LI} - meant


@pytest.mark.parametrize("whose", everyday(WORDS))
def test_take_new_is_said_by_letter_by_person_and_by_kind(tmp_path: Path, whose: str) -> None:
    folder = _edited(tmp_path)
    word, meant = WORDS[whose]
    assert merge("letters", folder, "--replace", word(folder), "--yes").code == 0
    assert {path for path in (ROY, LI) if "Added by hand" not in text(folder / path)} == meant
    aside = [p.relative_to(folder / "letters").parts[2:] for p in _aside(folder)]
    assert {"/".join(("letters", *parts)) for parts in aside} == meant


def _aside(folder: Path) -> list[Path]:
    return [*(folder / "letters" / "Old versions").rglob("*.docx")]


@pytest.mark.parametrize("whose", everyday(WORDS))
def test_print_as_it_is_is_said_by_letter_by_person_and_by_kind(tmp_path: Path, whose: str) -> None:
    folder = _edited(tmp_path)
    merge("letters", folder)
    word, meant = WORDS[whose]
    told = run_print(folder, "--accept", word(folder), "--skip-errors").json
    assert {p["where"] for p in told["problems"]} >= {ROY, LI} - meant
    assert told["letters"] == 4 + len(meant)
    left = {p["where"] for p in run_print(folder).json["problems"] if p["code"] == "print-changed"}
    assert left == {ROY, LI} - meant  # what was said is remembered


def test_a_letter_that_was_moved_is_made_anew_where_it_lies(tmp_path: Path) -> None:
    folder = _edited(tmp_path)
    moved = folder / "letters" / "For Roy.docx"
    (folder / ROY).rename(moved)
    merge("letters", folder)
    merge("letters", folder, "--replace", "moved", "--yes")
    assert "Added by hand" not in text(moved)
    assert not (folder / ROY).exists()
    assert "Added by hand" in text(folder / LI)


@pytest.mark.slow
def test_mine_is_kept_until_the_data_changes_again_and_only_that_is_named(tmp_path: Path) -> None:
    people = [["ID", "Name", "Title", "City"], ["R1", "Minister Li", "Judge", "Oslo"]]
    lines = "{{ recipient.name }}, {{ recipient.title }}, {{ recipient.city }}\n{{ signer.name }}"
    make(tmp_path, lines, Recipients=people)
    merge("letters", tmp_path)
    edit(tmp_path / "letters" / "Ana Ruiz" / "Minister Li.docx")
    people[1][2] = "Chief judge"
    make(tmp_path, lines, Recipients=people)
    merge("letters", tmp_path, "--keep", "edited")
    assert _changed(tmp_path) == set()
    people[1][3] = "Bergen"
    make(tmp_path, lines, Recipients=people)
    (question,) = _asked(tmp_path).values()
    assert question.what.endswith("changed since: City in Recipients.")
    assert merge("letters", tmp_path).code == 0
    assert _changed(tmp_path) == {question.place.file}


def test_a_letter_that_was_made_anew_is_asked_about_by_its_own_data(tmp_path: Path) -> None:
    folder = _edited(tmp_path)
    merge("letters", folder, "--keep", "Ana Ruiz")
    _template(folder, NEWEST)
    merge("letters", folder, "--replace", "Ana Ruiz", "--yes")
    edit(folder / ROY)
    assert ROY not in _changed(folder)
    _template(folder, NEWER)  # what was kept once
    assert ROY in _changed(folder)


def test_a_letter_that_was_kept_and_is_put_back_as_it_was_made_is_brought_up_to_date(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    as_made = (folder / ROY).read_bytes()
    edit(folder / ROY)
    _template(folder, NEWER)
    merge("letters", folder, "--keep", "edited")
    (folder / ROY).write_bytes(as_made)
    states = {p.step.letter.path.name: p.step.state for p in _plans(folder, names=("Ana Ruiz",))}
    assert states["Consul Roy.docx"] == "rewritten"


@pytest.mark.slow
def test_printing_asks_again_when_the_data_changed_again(tmp_path: Path) -> None:
    folder = _edited(tmp_path)
    merge("letters", folder)
    assert run_print(folder, "--accept", "edited").code == 0
    assert run_print(folder).code == 0
    _template(folder, NEWEST)
    merge("letters", folder)
    codes = [p["code"] for p in run_print(folder).json["problems"] if p["level"] == "error"]
    assert codes == ["print-changed"] * 2


def test_a_rehearsed_print_is_not_remembered(tmp_path: Path) -> None:
    folder = _edited(tmp_path)
    merge("letters", folder)
    assert run_print(folder, "--accept", "edited", "--dry-run").code == 0
    assert run_print(folder).code == 1


def test_a_letter_on_paper_is_kept_as_it_is_too(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed", "Bo Berg")
    _template(folder, NEWER)
    merge("letters", folder)
    assert len(merge("status", folder, "--json").json["on_paper_changed"]) == 2
    merge("letters", folder, "--keep", "Bo Berg")
    assert merge("status", folder, "--json").json["on_paper_changed"] == []
    assert run_print(folder, "--unsigned", "--for", "Bo Berg").json["letters"] == 2


@pytest.mark.parametrize("word", everyday(["ana ruiz", "edited", "all", "moved"]))
@pytest.mark.parametrize("option", everyday(["--keep", "--replace"]))
def test_a_rehearsal_equals_what_is_then_done(tmp_path: Path, option: str, word: str) -> None:
    folder = _edited(tmp_path)
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    said = merge("letters", folder, option, word, "--dry-run", "--json").json
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    done = merge("letters", folder, option, word, "--yes", "--json").json
    assert said == done


# As a face with buttons does it: a question is shown, then answered.


def test_a_question_that_was_answered_is_not_asked_again(tmp_path: Path) -> None:
    folder = _edited(tmp_path)
    asked = _asked(folder)
    assert save_decisions(read_campaign(folder), [asked[ROY].decide("keep")]) == []
    assert _asked(folder).keys() == {LI}
    merge("letters", folder)
    assert _changed(folder) == {LI}


def test_a_letter_that_changed_after_it_was_shown_is_asked_about_again(tmp_path: Path) -> None:
    folder = _edited(tmp_path)
    asked = _asked(folder)
    edit(folder / ROY, "Another line by hand")
    keep = asked[ROY].decide("keep")
    assert save_decisions(read_campaign(folder), [keep, asked[LI].decide("keep")]) == [keep]
    assert _asked(folder).keys() == {ROY}


def test_a_letter_that_was_edited_after_it_was_shown_is_not_made_anew(tmp_path: Path) -> None:
    folder = _edited(tmp_path)
    new = [question.decide("new") for question in _asked(folder).values()]
    edit(folder / ROY, "Another line by hand")
    order = LettersOrder(folder / "letters", decisions=tuple(new))
    steps = list[Step]()
    plan = Plan(read_campaign(folder), order)
    problems = write_letters(plan, on_step=steps.append).problems
    assert "Another line by hand" in text(folder / ROY)
    assert "Added by hand" not in text(folder / LI)
    (told,) = [problem for problem in problems if problem.code == "decided-before"]
    assert "Ana Ruiz/Consul Roy.docx" in told.what


def test_what_was_decided_is_known_and_can_be_asked_once_more(tmp_path: Path) -> None:
    folder = _edited(tmp_path)
    asked = _asked(folder)
    save_decisions(read_campaign(folder), [asked[ROY].decide("keep"), asked[LI].decide("print")])
    decided = {
        f"letters/{p.record.path}": p.choice
        for p in inspect_campaign(read_campaign(folder)).decided_letters
    }
    assert decided == {ROY: "keep", LI: "print"}
    assert _asked(folder) == {}
    withdraw_decisions(read_campaign(folder), [asked[ROY].about])
    assert _asked(folder) == {ROY: asked[ROY]}
    assert [p.record.id for p in inspect_campaign(read_campaign(folder)).decided_letters] == [
        asked[LI].about
    ]


def test_what_was_decided_of_older_data_holds_no_more(tmp_path: Path) -> None:
    folder = _edited(tmp_path)
    save_decisions(read_campaign(folder), [each.decide("keep") for each in _asked(folder).values()])
    _template(folder, NEWEST)
    assert inspect_campaign(read_campaign(folder)).decided_letters == ()


def test_an_order_of_single_letters_makes_no_other(tmp_path: Path) -> None:
    folder = _edited(tmp_path)
    asked = _asked(folder)
    before = {path: path.read_bytes() for path in (folder / "letters").rglob("*.docx")}
    one = asked[ROY]
    order = LettersOrder(
        folder / "letters", decisions=(one.decide("new"),), letters=frozenset({one.about})
    )
    steps = list[Step]()
    write_letters(Plan(read_campaign(folder), order), on_step=steps.append)
    assert [step.letter.id for step in steps] == [one.about]
    changed = {path for path, data in before.items() if path.read_bytes() != data}
    assert changed == {folder / ROY}


# Of people.


def _renamed(folder: Path) -> Path:
    people = [["ID", "Name"], ["R1", "Adam Price"], ["R2", "Consul Roy"]]
    make(folder, Recipients=people)
    merge("letters", folder)
    edit(folder / "letters" / "Ana Ruiz" / "Adam Price.docx")
    people[1][1] = "Jane Roe"
    make(folder, Recipients=people)
    return folder


def _ids(folder: Path, name: str) -> set[str]:
    letters = read_campaign(folder).identity.letter_id
    return {letters(pair) for pair in read_campaign(folder).pairs([name])}


@pytest.mark.parametrize("answered", everyday(["by a decision", "by the command"]))
@pytest.mark.parametrize("choice", everyday(["same", "other"]))
def test_who_somebody_is_can_be_said_either_way_and_is_asked_once(
    tmp_path: Path, choice: str, answered: str
) -> None:
    make(tmp_path, Recipients=[["ID", "Name"], ["R1", "Adam Price"], ["R2", "Consul Roy"]])
    before = _ids(tmp_path, "Adam Price")
    folder = _renamed(tmp_path)
    (question,) = _asked(folder).values()
    assert question.code == "name-changed"
    assert {*question.choices} == {"same", "other"}
    if answered == "by a decision":
        asked = question.decide("same" if choice == "same" else "other")
        assert save_decisions(read_campaign(folder), [asked]) == []
        assert "name-changed" not in {q.code for q in _asked(folder).values()}
        assert merge("letters", folder).code == 0
    else:
        assert merge("letters", folder, f"--{choice}-person", "R1").code == 0
    assert (_ids(folder, "Jane Roe") == before) == (choice == "same")
    for _ in range(2):
        assert merge("letters", folder, "--json").json["written"] == 0
    kept = folder / "letters" / "Ana Ruiz" / "Adam Price.docx"
    assert "Added by hand" in text(kept)  # as it was, whoever's it is
    assert merge("check", folder).code == 0


@pytest.mark.slow
def test_an_answer_for_one_name_does_not_hold_for_the_next(tmp_path: Path) -> None:
    folder = _renamed(tmp_path)
    (question,) = _asked(folder).values()
    save_decisions(read_campaign(folder), [question.decide("same")])
    make(folder, Recipients=[["ID", "Name"], ["R1", "Omar Haddad"], ["R2", "Consul Roy"]])
    assert [question.code for question in _asked(folder).values()] == ["name-changed"]
    assert save_decisions(read_campaign(folder), [question.decide("other")]) != []


# Of warnings.


def _warnings(folder: Path) -> list[PendingDecision]:
    campaign = read_campaign(folder)
    return [
        q
        for q in find_pending_decisions(campaign, (), campaign.all_problems())
        if "hide" in q.choices
    ]


def _called(folder: Path, name: str, *more: list[str]) -> Path:
    """A campaign with a warning of a cell where the name has no capital letter."""
    rows = [["ID", "Name"], *more, ["S1", name], ["S2", "Bo Berg"]]
    return make(folder, Signers=rows, Recipients=[["Name"], ["Minister Li"]])


def test_a_warning_that_is_right_is_told_no_more_until_its_cell_changes(tmp_path: Path) -> None:
    folder = _called(tmp_path, "ana ruiz")
    (question,) = _warnings(folder)
    assert save_decisions(read_campaign(folder), [question.decide("hide")]) == []
    assert _warnings(folder) == []
    assert read_campaign(folder).relevant_problems() == []
    _called(folder, "ana ruiz", ["S3", "Chidi Obi"])
    assert _warnings(folder) == []  # in another row by now
    _called(folder, "ana ruis")
    assert len(_warnings(folder)) == 1


def test_a_warning_can_be_hidden_before_there_are_letters_and_a_lost_memory_is_told_all_the_same(
    tmp_path: Path,
) -> None:
    folder = _called(tmp_path, "ana ruiz")
    merge("letters", folder)
    for path in (folder / "letters").glob(".merge-ledger*"):
        path.unlink()
    save_decisions(
        read_campaign(folder), [question.decide("hide") for question in _warnings(folder)]
    )
    told = {problem["code"] for problem in merge("letters", folder, "--json").json["problems"]}
    assert "ledger-lost" in told


def test_an_ignored_warning_comes_back_if_other_people_are_concerned(tmp_path: Path) -> None:
    names = [f"Recipient {letter}" for letter in "ABCDEFGHIJ"]
    folder = make(tmp_path, Recipients=[["Name"], *([name] for name in names)])

    def ids(*paired: str) -> set[str]:
        rows = [["Signer", "Recipient"], *(["*", name] for name in paired)]
        make(folder, Recipients=[["Name"], *([name] for name in names)], Pairs=rows)
        return set(re.findall(r"Pairs sheet  \[(\w+)\]", merge("check", folder).out))

    assert ids(*names[7:]).isdisjoint(ids(names[5], names[6], names[9]))
    assert ids(*names[7:]) == ids(*names[7:]) != set()
