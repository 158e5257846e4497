"""The allow-list of tags.

A template is data, never a program.
"""

from __future__ import annotations

import pytest
from support.documents import block, docx
from support.everyday import everyday
from support.filled_letters import faults, problem_texts
from support.hostile_templates import ACROSS_PARTS, BLOCKS, BOMBS, CODE, HARMLESS
from support.speed import within

from merge.problems import Place
from merge.template.jinja import compile_text

ATTACKS = [*CODE, *BLOCKS, *BOMBS, *ACROSS_PARTS]
PLACE = Place("s.xlsx", "Settings", 2, 3)


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_when_compiling_in_less_than_two_seconds(attack: str) -> None:
    with within(5):
        problems = faults(attack)
    assert problems
    assert all(problem.place.part == "body" for problem in problems)


@pytest.mark.parametrize("attack", everyday(CODE, daily=range(14)))
def test_an_attack_is_refused_in_every_part_title_and_attribute(attack: str) -> None:
    body = block(attack) + f"<w:p w:rsidR='{attack.replace(chr(39), '&apos;')}'/>"
    document = docx(
        body, header=attack, footer=attack, footnotes=attack, endnotes=attack, title=attack
    )
    parts = {problem.place.part for problem in faults(document)}
    assert parts == {"body", "header", "footer", "footnotes", "endnotes", "document properties"}


@pytest.mark.parametrize("attack", [a for a in (*CODE, *BOMBS) if a.startswith("{{")])
def test_an_attack_in_the_file_name_pattern_is_refused(attack: str) -> None:
    assert isinstance(compile_text(f"letters/{attack}", PLACE), list)


def test_more_than_a_hundred_attacks_are_tested() -> None:
    assert len(set(ATTACKS)) > 100


@pytest.mark.parametrize("text", HARMLESS)
def test_tags_that_a_letter_needs_are_allowed(text: str) -> None:
    assert problem_texts(text) == ""


@pytest.mark.parametrize(
    ("tag", "hint"),
    [
        ("{{ family name }}", "family_name"),
        ("{% if a = 'x' %}{% endif %}", "=="),
        ("{{ a|uper }}", "upper"),
        ("{% elseif a %}", "elif"),
        ("{% end if %}", "endif"),
        ("{% if a %}x{% elseif b %}y{% endif %}", "{% elif b %}"),
        ("{% if a AND b %}x{% endif %}", "lower case"),
        ("{% if a is none %}x{% endif %}", "if not"),
        ("{% p if a %}", "{%p if"),
    ],
)
def test_a_mistake_in_a_tag_is_reported_with_its_probable_meaning(tag: str, hint: str) -> None:
    assert hint in problem_texts(tag)
