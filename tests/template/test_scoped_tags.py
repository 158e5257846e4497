"""What tags take with them: what stands beside it is reported, and the XML stays whole."""

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
def test_what_stands_beside_a_tag_that_takes_its_surroundings_along_is_told(body: str) -> None:
    """docxtpl drops it without a word."""
    assert any(problem.code == "text-beside-tag" for problem in faults(body))


def test_a_bookmark_of_a_looped_paragraph_stands_once_in_the_letter() -> None:
    looped = paragraph(BOOKMARK, "{{ name }}", END)
    letter = root(fill(block(LOOP) + looped + block("{%p endfor %}"), **VALUES))
    assert len(list(letter.iter(f"{W}bookmarkStart"))) == 1
    assert len(list(letter.iter(f"{W}bookmarkEnd"))) == 1


def test_a_bookmark_round_a_loop_stands_once_in_the_letter() -> None:
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


@pytest.mark.parametrize("inner", everyday(FILLS_ALL, of=range(6)))
def test_nothing_that_needs_a_paragraph_is_left_without_one(inner: str) -> None:
    """Cell, text box, content control, header, footer and notes (docxtpl leaves them empty)."""
    control = f"<w:sdt><w:sdtContent>{block(inner)}</w:sdtContent></w:sdt>"
    body = table([cell(inner), "x"]) + text_box(inner) + control
    letter = fill(docx(body, header=inner, footer=inner, footnotes=block(inner)), a="A", z="")
    holders = list(root(letter).iter(f"{W}tc", f"{W}txbxContent", f"{W}sdtContent"))
    holders += [root(letter, f"word/{part}.xml") for part in ("header", "footer")]
    holders += [root(letter, "word/footnotes.xml")[0]]
    assert [len(e.findall(f"{W}p")) for e in holders] == [1] * len(holders)


def test_a_run_tag_split_over_runs_beside_a_line_that_closes_up_leaves_whole_xml() -> None:
    body = paragraph(run("{%r if "), run("z %}v{%r endif %}{{ a }}\n{{ z }}"))
    assert lines(body, a="A", z="") == ["A"]


def test_a_picture_in_a_loop_gets_an_id_of_its_own_each_time() -> None:
    letter = root(fill(block(LOOP) + text_box("{{ name }}") + block("{%p endfor %}"), **VALUES))
    ids = [e.get("id") for e in letter.iter() if str(e.tag).endswith("}docPr")]
    assert len(ids) == len(set(ids)) == 2


# What a template costs grows with its length, and not with its square: calls are counted, as a
# clock would tell of the machine.

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
def test_twice_the_blocks_take_no_more_than_twice_the_work(what: str) -> None:
    template("{{ a }}")  # what is made only once
    short, long = (docx(LONG[what](number)) for number in (60, 240))
    assert calls(lambda: template(long)) < 4.4 * calls(lambda: template(short))
