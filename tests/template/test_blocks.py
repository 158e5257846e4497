"""Invalid blocks are reported; vm and hm need a loop around them."""

from __future__ import annotations

import pytest
from support.documents import block, cell, paragraph, table, text_box
from support.filled_letters import faults, problem_texts

BLOCKS = {
    "unclosed if": ("{% if a %}x", "block-unclosed"),
    "unclosed for": ("{% for x in a|lines %}x", "block-unclosed"),
    "unopened": ("x{% endif %}", "block-unopened"),
    "else alone": ("{% else %}", "block-unopened"),
    "elif in for": ("{% for x in a|lines %}{% elif a %}{% endfor %}", "block-unopened"),
    "wrong closer": ("{% if a %}{% endfor %}{% endif %}", "block-unopened"),
    "crossed": ("{% if a %}{% for x in a|lines %}{% endif %}{% endfor %}", "block-unopened"),
    "other letters": ("{%p if a %}\nx\n{% endif %}", "block-scope"),
    "over cells": (table(["{% if a %}", "{% endif %}"]), "block-elsewhere"),
    "over rows": (table(["{% if a %}"], ["{% endif %}"]), "block-elsewhere"),
    "into a table": (block("{% if a %}") + table(["{% endif %}"]), "block-elsewhere"),
    "paragraph over cells": (table(["{%p if a %}", "{%p endif %}"]), "block-elsewhere"),
    "into a text box": (block("{%p if a %}") + text_box("{%p endif %}"), "block-elsewhere"),
    "else in another cell": (
        table([cell("{% if a %}{% endif %}"), "{% else %}"]),
        "block-unopened",
    ),
    "row tag outside": ("{%tr if a %}\n{%tr endif %}", "scope-outside"),
    "cell tag outside": ("{%tc if a %}\n{%tc endif %}", "scope-outside"),
    "unknown": ("{% set a = 1 %}", "tag-not-allowed"),
    "empty": ("{{ }}", "tag-empty"),
    "tab inside": (paragraph("{{ a\t}}"), "tag-broken"),
    "break inside": (paragraph("{{\na }}"), "tag-broken"),
    "comment unclosed": ("{#12 in ordinary text", "tag-unclosed"),
    "two elses": ("{% if a %}{% else %}{% else %}{% endif %}", ""),
    "elif after else": ("{% if a %}{% else %}{% elif a %}{% endif %}", ""),
    "two elses in a loop": ("{% for x in a|lines %}{% else %}{% else %}{% endfor %}", ""),
    "if without a condition": ("{% if %}{% endif %}", "tag-syntax"),
    "field code": (paragraph("<w:r><w:instrText>IF {{ a }}</w:instrText></w:r>"), "tag-in-field"),
    "simple field": (paragraph("<w:fldSimple w:instr='REF {{ a }}'/>"), "tag-in-field"),
}


@pytest.mark.parametrize(("body", "code"), BLOCKS.values(), ids=BLOCKS)
def test_an_invalid_block_is_reported_with_its_place(body: str, code: str) -> None:
    problems = faults(body)
    assert problems
    assert all(problem.place.part == "body" for problem in problems)
    assert not code or code in {problem.code for problem in problems}


@pytest.mark.parametrize(
    "body",
    [
        table(["{% hm %}x"]),
        table(["{% vm %}x"]),
        table(["{%tr for x in a|lines %}"], ["{% hm %}x"], ["{%tr endfor %}"]),
        table(["{%tc for x in a|lines %}", cell(table(["{% hm %}x"])), "{%tc endfor %}"]),
        "{% hm %}x",
        "{% vm %}x",
    ],
)
def test_vm_and_hm_outside_a_loop_are_reported(body: str) -> None:
    assert problem_texts(body)
