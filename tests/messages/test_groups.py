"""Lists of problems: which problems are grouped in one entry."""

from __future__ import annotations

from dataclasses import replace

from merge import messages
from merge.advice import DecisionRemedy
from merge.messages.groups import group_problems
from merge.problems import Place, Problem


def changed_letter(person: str) -> Problem:
    return messages.problem(
        "print-changed",
        Place(f"letters/{person}.docx"),
        why="edited",
        changed=("Town in Recipients",),
        new=DecisionRemedy("new", person),
        accept=DecisionRemedy("print", person),
        accept_all=DecisionRemedy("print", "edited"),
    )


def test_problems_whose_remedies_name_different_people_are_two_entries() -> None:
    groups = group_problems(
        [changed_letter("Ana Ruiz"), changed_letter("Bo Berg"), changed_letter("Ana Ruiz")]
    )
    assert [group.place_text for group in groups] == [
        "letters/Ana Ruiz.docx",
        "letters/Bo Berg.docx",
    ]


def test_the_same_problem_of_several_files_is_one_entry() -> None:
    problems = [messages.problem("print-missing", Place(f"letters/{n}.docx")) for n in "ab"]
    assert [group.place_text for group in group_problems(problems)] == [
        "letters/a.docx, letters/b.docx"
    ]


def test_a_name_that_is_also_a_word_of_the_sentence_is_shown_with_its_cell() -> None:
    place = replace(Place("signers.xlsx", "Signers", 1, 2), person="cell")
    problem = messages.problem("cell-error", place, shown="#N/A")
    assert "This cell" in problem.what
    assert group_problems([problem])[0].place_text == "signers.xlsx, Signers!A2, cell"


def test_two_people_with_the_same_name_are_shown_with_their_rows() -> None:
    places = [Place("signers.xlsx", "Signers", 2, row, person="Ana Ruiz") for row in (3, 7)]
    (group,) = group_problems([Problem("x", place, "It is blank.", "") for place in places])
    assert group.place_text == (
        "signers.xlsx, Signers!B3, B7 (2 cells: Ana Ruiz (row 3), Ana Ruiz (row 7))"
    )
