"""Results of the corpus of letters, with the default answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from starting.corpus import Case, cases, held_out_cases, third_cases, unseen_cases
from support.everyday import everyday
from support.start_corpus import CaseResult, run_case

from merge.campaign.campaign import read_campaign
from merge.campaign.new_campaign import create_campaign_from_letters
from merge.starting.questions import StartAnswers
from merge.starting.start import find_placeholders

ACCEPTED = [case for case in cases() if case.refusal is None]
REFUSED = [case for case in cases() if case.refusal]
MEASURED = [*unseen_cases(), *held_out_cases(), *third_cases()]
UNPROVED = {
    "fr-avocate: line breaks in one letter, paragraphs in the other",
}
"""Cases without a proof, for which nothing is written."""
REFUSALS = {
    "tracked changes": {"tracked-changes"},
    "a template": {"letter-has-placeholders"},
    "different appeals": {"letters-not-alike"},
    "the same letter twice": {"letters-equal"},
    "no one of the workbook": {"letter-of-nobody", "heading-missing"},
    "no text": {"letter-without-text"},
    "damaged": {"template-unreadable"},
    "password": {"template-protected"},
    "old format": {"template-doc"},
    "macros": {"template-not-word"},
    "too many letters": {"start-too-many"},
}
"""The codes of the problem for each reason of the corpus."""
NO_NAME = {"heading-missing", "sheet-missing"}
"""Problems of a workbook without a Name column: no campaign can use it."""


@pytest.mark.parametrize("case", everyday(REFUSED), ids=str)
def test_acceptance_11_a_case_of_the_corpus_that_cannot_be_used_is_refused(case: object) -> None:
    found = next(c for c in REFUSED if c is case)
    assert found.refusal is not None
    assert set(run_case(found).refusal.split("; ")) <= REFUSALS[found.refusal]


@pytest.mark.parametrize("case", everyday(ACCEPTED, range(0, len(ACCEPTED), 13)), ids=str)
def test_acceptance_2_letters_of_the_corpus_come_back_or_nothing_is_written(case: object) -> None:
    found = next(c for c in ACCEPTED if c is case)
    result = run_case(found)
    if _is_accepted(result):
        assert result.is_exact == (found.name not in UNPROVED), result.differences
        assert result.verdict.in_texts == ()
        assert result.silent == ()


@pytest.mark.parametrize("case", everyday(MEASURED, range(0, len(MEASURED), 13)), ids=str)
def test_letters_of_the_corpus_that_only_measure_come_back_and_no_text_changes_silently(
    case: Case,
) -> None:
    result = run_case(case)
    if _is_accepted(result):
        assert result.is_exact, result.differences
        assert not set(result.verdict.in_texts) & set(result.silent)


def _is_accepted(result: CaseResult) -> bool:
    """Return whether a case was accepted: a workbook without names is not."""
    if result.refusal:
        assert result.case.kind == "workbook"
        assert set(result.refusal.split("; ")) <= NO_NAME
    return not result.refusal


@pytest.mark.slow
def test_the_figures_of_the_corpus_are_within_the_bounds() -> None:
    results = [result for result in map(run_case, ACCEPTED) if not result.refusal]
    assert len(results) >= 110
    placed, wrong = _sum(results, "right", "partial", "wrong"), _sum(results, "wrong")
    assert wrong <= 0.002 * placed
    assert sum(len(result.wrong_sheets) for result in results) <= 2
    assert sum(len(result.questions) for result in results) <= len(results)
    assert sum(r.named for r in results) >= 0.9 * sum(r.columns for r in results)
    held_out = [result for result in results if result.held_out is not None]
    letters = [result for result in held_out if result.case.kind == "letters"]
    assert sum(result.held_out is True for result in letters) >= len(letters) - 1
    assert sum(result.held_out is True for result in held_out) >= 0.75 * len(held_out)


def _sum(results: list[CaseResult], *names: str) -> int:
    return sum(len(getattr(result.verdict, name)) for result in results for name in names)


@pytest.mark.slow
def test_acceptance_10_campaigns_of_the_corpus_have_no_errors_and_as_many_letters(
    tmp_path: Path,
) -> None:
    cases_with_letters = [case for case in ACCEPTED if case.kind != "workbook"]
    for number, case in enumerate(cases_with_letters):
        found = find_placeholders(case.letter_files(), None, StartAnswers())
        if found.proof.holds:
            folder = tmp_path / str(number)
            create_campaign_from_letters(folder, found)
            created = read_campaign(folder)
            assert [str(p) for p in created.relevant_problems() if p.level == "error"] == [], (
                case.name
            )
            assert len([*created.pairs()]) == len(found.letters), case.name
