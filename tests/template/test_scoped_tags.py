"""Scoped tags: text beside them is reported, and the XML stays valid."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.documents import block, cell, docx, note, paragraph, run, table, text_box
from support.everyday import everyday
from support.filled_letters import W, calls, faults, fill, lines, root, template
from support.template_cases import LOOP, VALUES

BOOKMARK = "<w:bookmarkStart w:id='1' w:name='m'/>"
END = "<w:bookmarkEnd w:id='1'/>"

NOT_ALONE = {
    "text before": "text {%p if a %}\nx\n{%p endif %}",
    "text behind": "{%p if a %}\nx\n{%p endif %} text",
    "a tag": "{%p if a %}{%p endif %}",
    "a value": "{%p if a %}{{ a }}\nx\n{%p endif %}",
    "a picture": paragraph("{%p if a %}", "<w:r><w:drawing/></w:r>") + block("{%p endif %}"),
    "a page break": paragraph("{%p if a %}", "<w:r><w:br w:type='page'/></w:r>")
    + block("{%p endif %}"),
    "a footnote": paragraph("{%p if a %}", note()) + block("{%p endif %}"),
    "a section": paragraph("<w:pPr><w:sectPr/></w:pPr>", "{%p if a %}") + block("x\n{%p endif %}"),
    "text in the row": table(["{%tr if a %}", "text"], ["x", "y"], ["{%tr endif %}", ""]),
    "text in the cell": table([cell("{%tc if a %}\ntext"), "x", "{%tc endif %}"]),
}


@pytest.mark.parametrize("body", NOT_ALONE.values(), ids=NOT_ALONE)
def test_text_beside_a_scoped_tag_is_reported(body: str) -> None:
    """docxtpl removes it without a message."""
    assert any(problem.code == "text-beside-tag" for problem in faults(body))


def test_a_bookmark_of_a_repeated_paragraph_is_only_once_in_the_letter() -> None:
    looped = paragraph(BOOKMARK, "{{ name }}", END)
    letter = root(fill(block(LOOP) + looped + block("{%p endfor %}"), **VALUES))
    assert len(list(letter.iter(f"{W}bookmarkStart"))) == 1
    assert len(list(letter.iter(f"{W}bookmarkEnd"))) == 1


def test_a_bookmark_around_a_loop_is_only_once_in_the_letter() -> None:
    body = paragraph(BOOKMARK, LOOP) + paragraph("{{ name }}") + paragraph("{%p endfor %}", END)
    letter = root(fill(body, **VALUES))
    assert len(list(letter.iter(f"{W}bookmarkStart"))) == 1
    assert len(list(letter.iter(f"{W}bookmarkEnd"))) == 1


FILLS_ALL = [
    "{%p if a %}\n{%p endif %}",
    "{%p if a %}\n{{ z }}\n{%p endif %}",
    "{%p if z %}\nx\n{%p endif %}",
    "{%p if z %}\nx\n{%p else %}\n{{ z }}\n{%p endif %}",
    "{%p for x in a|lines %}\n{{ z }}\n{%p endfor %}",
    "{%p for x in z|lines %}\nx\n{%p endfor %}\n{{ z }}",
    "{{ z }}\n{%p if z %}\nx\n{%p endif %}",
    "{%p if z %}\nx\n{%p endif %}\n{%p if z %}\nx\n{%p endif %}",
    "{%p if a %}\n{%p if z %}\nx\n{%p endif %}\n{%p endif %}",
    "{#p note #}",
]


@pytest.mark.parametrize("inner", everyday(FILLS_ALL, daily=range(6)))
def test_a_container_that_needs_a_paragraph_always_keeps_one(inner: str) -> None:
    """Cell, text box, control, header, footer, notes: docxtpl empties them."""
    control = f"<w:sdt><w:sdtContent>{block(inner)}</w:sdtContent></w:sdt>"
    body = table([cell(inner), "x"]) + text_box(inner) + control
    letter = fill(docx(body, header=inner, footer=inner, footnotes=block(inner)), a="A", z="")
    holders = list(root(letter).iter(f"{W}tc", f"{W}txbxContent", f"{W}sdtContent"))
    holders += [root(letter, f"word/{part}.xml") for part in ("header", "footer")]
    holders += [root(letter, "word/footnotes.xml")[0]]
    assert [len(e.findall(f"{W}p")) for e in holders] == [1] * len(holders)


def test_a_split_run_tag_beside_a_removable_line_gives_valid_xml() -> None:
    body = paragraph(run("{%r if "), run("z %}v{%r endif %}{{ a }}\n{{ z }}"))
    assert lines(body, a="A", z="") == ["A"]


def test_a_picture_in_a_loop_gets_a_new_id_each_time() -> None:
    letter = root(fill(block(LOOP) + text_box("{{ name }}") + block("{%p endfor %}"), **VALUES))
    ids = [e.get("id") for e in letter.iter() if str(e.tag).endswith("}docPr")]
    assert len(ids) == len(set(ids)) == 2


# The work for a template grows with its length, and not with its square: calls are counted,
# because a clock would measure the machine.

LONG: dict[str, Callable[[int], str]] = {
    "paragraphs of cells": lambda n: table(*[["{%p if a %}\nx\n{%p endif %}"] for _ in range(n)]),
    "rows": lambda n: table(
        *[row for _ in range(n) for row in (["{%tr if a %}"], ["x"], ["{%tr endif %}"])]
    ),
    "cells": lambda n: table(
        [cell for _ in range(n) for cell in ("{%tc if a %}", "x", "{%tc endif %}")]
    ),
    "runs": lambda n: paragraph(*(run("{%r if a %}b{%r endif %}") for _ in range(n))),
    "lines of a run": lambda n: paragraph(run("{%r if a %}b\n{%r endif %}\n" * n)),
    "comments": lambda n: table(*[["{#tr x #}"] for _ in range(n)]) + paragraph("{{ a }}"),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", LONG)
def test_the_work_for_blocks_is_proportional_to_their_number(what: str) -> None:
    template("{{ a }}")  # compiles what is compiled only once
    short, long = (docx(LONG[what](number)) for number in (60, 240))
    assert calls(lambda: template(long)) < 4.4 * calls(lambda: template(short))
