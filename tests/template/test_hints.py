"""Every hint is applied by a program to the text that it was given for.

No words are lost, and the error is no longer reported.
"""

from __future__ import annotations

import re

import pytest
from support.applied_hints import HEADINGS, Draft, applied
from support.campaigns import ROOT
from support.documents import paragraph, table
from support.everyday import everyday
from support.field_markup import field, mark

from merge.errors import TemplateError
from merge.problems import Problem

_WIDE = {**HEADINGS, "recipient": HEADINGS["recipient"] | {"salutation"}}

ONE_STEP = [
    *("[[City]]", "[[ recipient.city ]]", "%City%", "<City>", "[City]", "$City$", "{City}"),
    *("<<City>>", "<<[x.City]>>", "${City}", "{d.city}", "*|CITY|*", "##City##"),
    *("«City»", "«Recipient_City»", "{ {City} }", "{city:upper}"),
    *("[[Nama]]", "%Nama%", "{nama}", "<<Nama>>", "${nama}", "{settings.nama}", "<Nama>"),
    *("{mixed-key.separator_styles#}", "x #} y", "1}}", "a%}", "recipient.city }}", "100 %}"),
    *("{{ recipient.city", "{# note {{ date }}", "{{ }}", "{{- recipient.city }}"),
    *("{{ City }}", "{{ recipient full name }}", "{{ full name }}", "{{ recipient nama x }}"),
    *("{{ recipient.nmae }}", "{{ recipient.ctiy|upper }}", "{{ recipient.city|uper }}"),
    *("{% endif %}", "{% if recipient.city %}x", "${?city}"),
    *("{% if recipient.city %}a{% elseif recipient.name %}b{% endif %}",),
    *("{% if recipient.city = 'x' %}y{% endif %}", "{% if recipient.city AND date %}y{% endif %}"),
]
"""Texts of which one hint, applied once, is enough."""


BOX = field(' DATE \\@ "{{ settings.deadline }}" ')
MARK = "<w:bookmarkStart w:id='1' w:name='{}'/><w:bookmarkEnd w:id='1'/>"
SHARED = "Recipient_Name"
LINES = "recipient.items|lines"
BY_HAND = {
    "tag-broken": ("alpha {{ recipient.\tcity }}", "Delete it", "alpha {{ recipient.city }}"),
    "tag-too-long": (
        f"alpha {{{{ recipient.city{'|trim' * 300} }}}}",
        "shorter",
        "alpha {{ recipient.city|trim }}",
    ),
    "tag-in-field": (
        paragraph("alpha ", BOX),
        "Move the placeholder into the text",
        paragraph("alpha ", "{{ settings.deadline }}"),
    ),
    "tag-out-of-place": (
        paragraph("alpha", MARK.format("{{ settings.deadline }}")),
        "Move it into the text",
        paragraph("alpha ", MARK.format("m"), "{{ settings.deadline }}"),
    ),
    "field-shared": (
        paragraph("alpha ", field(" MERGEFIELD Name ")),
        "name it Recipient_Name",
        paragraph("alpha ", field(f" MERGEFIELD {SHARED} ")),
    ),
    "field-unclosed": (
        paragraph("alpha ", field(f" MERGEFIELD {SHARED} ")[: -len(mark("end"))]),
        "insert it again",
        paragraph("alpha ", field(f" MERGEFIELD {SHARED} ")),
    ),
    "field-switch": (
        paragraph("alpha ", field(f" MERGEFIELD {SHARED} \\* Roman ")),
        "Upper",
        paragraph("alpha ", field(f" MERGEFIELD {SHARED} \\* Upper ")),
    ),
    "field-not-usable": (
        paragraph("alpha ", field(" GREETINGLINE ")),
        "Write Dear {{ recipient.salutation }}, instead",
        "alpha Dear {{ recipient.salutation }},",
    ),
    "text-beside-tag": (
        "alpha {%p if recipient.city %}\nx\n{%p endif %}",
        "a paragraph of its own",
        "alpha\n{%p if recipient.city %}\nx\n{%p endif %}",
    ),
    "scope-outside": (
        "alpha\n{%tr if recipient.city %}\nx\n{%tr endif %}",
        "Write {% if recipient.city %}",
        "alpha\n{% if recipient.city %}\nx\n{% endif %}",
    ),
    "block-scope": (
        "alpha\n{%p if recipient.city %}\nx{% endif %}",
        "Write {%p endif %}",
        "alpha\n{%p if recipient.city %}\nx\n{%p endif %}",
    ),
    "block-elsewhere": (
        paragraph("alpha {% if recipient.city %}") + table(["x{% endif %}"]),
        "Put both in the same",
        paragraph("alpha") + table(["{% if recipient.city %}x{% endif %}"]),
    ),
    "blocks-too-deep": (
        "alpha " + "{% if recipient.city %}" * 11 + "x" + "{% endif %}" * 11,
        "Use fewer",
        "alpha {% if recipient.city %}x{% endif %}",
    ),
    "loops-too-deep": (
        "alpha " + f"{{% for a in {LINES} %}}" * 3 + "x" + "{% endfor %}" * 3,
        "Delete one of the loops",
        "alpha " + f"{{% for a in {LINES} %}}" * 2 + "x" + "{% endfor %}" * 2,
    ),
}
"""Codes whose hints only a person can follow: a text,
words of its hint, and the corrected text."""


def errors(draft: Draft) -> list[str]:
    return [str(p) for p in draft.problems() if p.level == "error"]


def words(text: str) -> list[str]:
    return re.findall(r"alpha|omega|inside", text)


@pytest.mark.parametrize("choice", everyday(range(3)))
@pytest.mark.parametrize("written", ONE_STEP)
def test_an_applied_hint_leaves_no_error_and_loses_no_words(written: str, choice: int) -> None:
    draft = Draft(f"alpha {written} omega")
    problems = draft.problems()
    assert problems, "this text was to have a problem"
    after = applied(draft, problems[0], choice)
    assert errors(after) == []
    assert words(after.letter()) == ["alpha", "omega"]


@pytest.mark.parametrize("code", BY_HAND)
def test_a_hint_followed_by_a_person_leaves_no_error(code: str) -> None:
    before, says, after = BY_HAND[code]
    problems = [p for p in _problems(before) if p.code == code]
    assert says in str(problems[0].hint)
    assert [p for p in _problems(after) if p.level == "error"] == []
    assert "alpha" in Draft(after, _WIDE).letter()


def _problems(text: str) -> list[Problem]:
    """Return the problems of a template, even of one that cannot be compiled."""
    try:
        return Draft(text, _WIDE).problems()
    except TemplateError as error:
        return list(error.problems)


def test_the_hint_of_every_placeholder_problem_is_applied_here() -> None:
    page = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
    section = page.partition("\n## Placeholders\n")[2].partition("\n## ")[0]
    codes = set(re.findall(r"^### `([a-z-]+)`", section, re.MULTILINE))
    codes_found = {p.code for text in (*ONE_STEP, "{{#x}}") for p in _problems(f"x {text} y")}
    assert codes - codes_found - set(BY_HAND) == {"tag-not-usable"}, (
        "what filling itself would meet"
    )


def test_the_hint_for_a_stray_end_of_a_comment_never_removes_words() -> None:
    """Text between `{#` and `#}` is not printed, so no hint may comment it."""
    draft = Draft("alpha {mixed-key.separator_styles#} omega")
    for choice in range(3):
        letter = applied(draft, draft.problems()[0], choice).letter()
        assert "mixed-key.separator_styles" in letter
