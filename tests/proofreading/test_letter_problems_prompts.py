"""Prompts that were not replaced are reported for each letter with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.campaigns import make, merge
from support.documents import docx, paragraph, run
from support.field_markup import field
from support.proofread_letters import Campaign, edit_letter, make_campaign

PROMPT = "Click or tap here to enter text."
FILE = "Ana Ruiz/Minister Wei Li.docx"
ANA_LI = ("Ana Ruiz", "Minister Wei Li")
LEFT = f"proof-leftover: The letter contains a prompt that was not replaced: “{PROMPT}”."
NAMES = paragraph(run("{{ recipient.name }}")) + paragraph(run("{{ signer.name }}"))


def control(shown: str, properties: str = "<w:showingPlcHdr/>") -> str:
    content = f"<w:sdtContent>{run(shown)}</w:sdtContent>"
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr>{content}</w:sdt>"


@pytest.fixture(scope="module")
def with_control() -> Campaign:
    body = paragraph(run("Please act before "), control(PROMPT), run("."))
    return make_campaign(docx(NAMES + body))


def test_an_unfilled_content_control_is_reported_for_each_letter(with_control: Campaign) -> None:
    reads = with_control.review()
    (problems,) = {read.problems[0].what for read in reads}
    assert PROMPT in problems
    assert {len(read.problems) for read in reads} == {1}
    assert {(d.level, d.place.paragraph) for read in reads for d in read.problems} == {
        ("warning", 3)
    }


def test_a_letter_with_a_replaced_prompt_has_no_problem(
    with_control: Campaign,
) -> None:
    letter = with_control.created(*ANA_LI)
    typed = edit_letter(letter, (PROMPT, "Friday"), ("<w:showingPlcHdr/>", ""))
    assert not any("prompt" in problem for problem in with_control.problems({ANA_LI: typed})[FILE])


@pytest.mark.parametrize("dropped_mark", ["", "<w:showingPlcHdr/>"])
def test_an_edited_letter_that_still_prints_the_prompt_is_reported(
    with_control: Campaign, dropped_mark: str
) -> None:
    letter = with_control.created(*ANA_LI)
    changed = edit_letter(letter, ("Please act", "Please please act"), (dropped_mark, ""))
    assert LEFT in with_control.problems({ANA_LI: changed})[FILE]


def test_words_of_a_prompt_elsewhere_in_an_edited_letter_are_not_a_prompt() -> None:
    dated_campaign = make_campaign(
        docx(NAMES + paragraph(run("Date: ")) + paragraph(control("Date")))
    )
    body = ("<w:showingPlcHdr/>", ""), (">Date<", ">4 May<")
    problems = dated_campaign.problems(
        {ANA_LI: edit_letter(dated_campaign.created(*ANA_LI), *body)}
    )[FILE]
    assert not any("prompt" in problem for problem in problems)


def test_a_prompt_added_to_one_letter_is_reported_for_it() -> None:
    plain_campaign = make_campaign(docx(NAMES + paragraph(run("Please act."))))
    prompted = edit_letter(
        plain_campaign.created(*ANA_LI), ("<w:sectPr", f"{paragraph(control(PROMPT))}<w:sectPr")
    )
    problems = plain_campaign.problems({ANA_LI: prompted})
    assert [*problems] == [FILE]
    assert LEFT in problems[FILE]


@pytest.mark.parametrize(
    "prompt", [control(PROMPT), field(f"MACROBUTTON NoMacro {PROMPT}", result="")]
)
def test_every_letter_that_prints_a_prompt_needs_review(tmp_path: Path, prompt: str) -> None:
    make(tmp_path, docx(NAMES + paragraph(run("Please act before "), prompt)))
    checked: Any = merge("check", tmp_path, "--json").json
    (shown,) = (p["where"] for p in checked["problems"] if p["code"] == "field-prompt")
    assert shown.startswith("appeal.docx, line “Please act before Click")
    merge("letters", tmp_path)
    result: Any = merge("proofread", tmp_path, "--json").json
    assert result["right"] == 0
    assert {p["code"] for p in result["problems"]} == {"proof-leftover"}
    assert len(result["problems"]) == result["read"]
