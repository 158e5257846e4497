"""Blank lines are removed as in Word's own mail merge.

A line that is only partly blank loses the separators of its blank placeholders. Besides the tables,
an oracle is used that is independent of the program's own method: it only considers the finished
line.
"""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.documents import block, cell, docx, note, paragraph, run, table, text_box
from support.everyday import everyday
from support.filled_letters import W, fill, lines, root, template, texts
from support.speed import within

from merge.template.filters import TemplateValue, freeze

FILLED: dict[str, TemplateValue] = {"a": "A", "b": "B", "c": "C", "z": ""}
SEPARATORS = [", ", " ", "; ", " – ", " / ", "\u00a0", ",\u00a0", " · ", ". "]

LINES = [
    ("{{ z }}, {{ a }}", "A"),
    ("{{ a }}, {{ z }}", "A"),
    ("{{ a }}, {{ z }}, {{ b }}", "A, B"),
    ("{{ a }} {{ z }}, {{ b }}", "A, B"),
    ("{{ a }}, {{ z }} {{ b }}", "A, B"),
    ("{{ z }} {{ a }}, {{ b }}", "A, B"),
    ("{{ a }}{{ z }}{{ b }}", "AB"),
    ("{{ a }} ({{ z }})", "A"),
    ("({{ z }}) {{ a }}", "A"),
    ("{{ a }} «{{ z }}» {{ b }}", "A B"),
    ("„{{ z }}“ {{ a }}", "A"),
    ("{{ a }}, {{ z }}.", "A."),
    ("{{ a }}/{{ z }}/{{ b }}/{{ z }}", "A/B"),
    ("({{ z }}, {{ a }})", "(A)"),
    ("({{ a }}, {{ z }})", "(A)"),
    ("{{ a }} ({{ z }}, {{ b }})", "A (B)"),
    ("{{ a }} ({{ b }}, {{ z }}), {{ c }}", "A (B), C"),
    ("{{ a }} ({{ z }}, {{ z }})", "A"),
    ("{{ a }} ({{ z }}, {{ z }}), {{ c }}", "A, C"),
    ("[{{ a }} / {{ z }}]", "[A]"),
    ("{{ a }}{# a comment #}, {{ z }}", "A"),
    ("{{ z }} {# a comment #}{{ a }}", "A"),
    ("{{ z|default('x') }}, {{ a }}", "x, A"),
    ("{{ z|optional }}, {{ a }}", "A"),
    ("Dear {{ z }},", "Dear ,"),
    ("{{ z }}, Dear", ", Dear"),
    ("1 {{ z }}", "1 "),
    ("{% if a %}{{ z }}, {{ b }}{% endif %}", ", B"),
]
REMOVED_LINES = [
    "{{ z }}",
    "({{ z }})",
    "„{{ z }}“",
    "({{ z }}, {{ z }})",
    "{{ z }}, {{ z }} {{ z }}",
    "– {{ z }}.",
]
BLANKS: list[TemplateValue] = ["", " ", "\n", "\t", "\u00a0", None, "\u2003\n "]

PARAGRAPHS = [
    ("{{ a }}\n{{ z }}\n{{ b }}", ["A\nB"]),
    ("{{ z }}\n{{ z }}\n{{ b }}", ["B"]),
    ("{{ a }}\n{{ z }}\n{{ z }}", ["A"]),
    ("{{ z }}\n{{ z }}", []),
    ("{{ a }}\n({{ z }})\n{{ z }}, {{ b }}", ["A\nB"]),
    ("Hello\n{{ z }}\n{{ b }}", ["Hello\nB"]),
    ("{{ z }}\nHello\n{{ z }}", ["Hello"]),
    ("Hello\n\n{{ z }}\n\nyou", ["Hello\n\n\nyou"]),
    ("{{ z }}\n\n{{ a }}", ["\nA"]),
    ("{{ a }} {% if b %}x{% endif %}\n{{ z }}\nend", ["A x\nend"]),
]

PICTURE = "<w:r><w:drawing/></w:r>"
STAY = {
    "picture": paragraph("{{ z }}", PICTURE),
    "page break": paragraph("{{ z }}", "<w:r><w:br w:type='page'/></w:r>"),
    "column break": paragraph("{{ z }}", "<w:r><w:br w:type='column'/></w:r>"),
    "footnote": paragraph("{{ z }}", note()),
    "simple field": paragraph("{{ z }}", "<w:fldSimple w:instr='PAGE'/>"),
    "field": paragraph(
        "{{ z }}", "<w:fldSimple w:instr=' PAGE '><w:r><w:t>1</w:t></w:r></w:fldSimple>"
    ),
    "section": paragraph("<w:pPr><w:sectPr/></w:pPr>", run("{{ z }}")),
    "only paragraph of a cell": table(["{{ z }}"]),
    "last paragraph of a cell": table([cell("x\n{{ z }}")]),
    "paragraph behind a nested table": table([table(["x"]).replace("<w:p/>", block("{{ z }}"))]),
    "paragraph of a text box": text_box("{{ z }}"),
    "last paragraph of a text box": text_box("x\n{{ z }}"),
    "paragraph of a control": f"<w:sdt><w:sdtContent>{block('{{ z }}')}</w:sdtContent></w:sdt>",
    "between two tables": table(["x"]).replace("<w:p/>", block("{{ z }}")) + table(["y"]),
    "words": block("({{ z }}) words"),
    "a condition": block("{% if a %}{{ z }}{% endif %}"),
}


def expected(words: list[str], separators: list[str]) -> str:
    """Return the oracle's line: filled words and the strongest separators.

    The strongest is the one with most punctuation; of equals the first.
    """
    line, waiting = "", []
    for word, separator in zip(words, ["", *separators], strict=True):
        waiting.append(separator)
        if word:
            between = max(waiting, key=lambda s: len("".join(s.split()))) if line else ""
            line += between + word
            waiting = []
    return line


@pytest.mark.parametrize(("line", "text"), LINES)
def test_a_partly_blank_line_is_printed_as_a_person_would_write_it(line: str, text: str) -> None:
    assert lines(line, **FILLED) == [text]


@pytest.mark.parametrize("line", REMOVED_LINES)
def test_a_line_of_only_blank_placeholders_is_removed_with_its_punctuation(line: str) -> None:
    assert lines(f"above\n{line}\nbelow", **FILLED) == ["above", "below"]


@pytest.mark.parametrize("value", BLANKS)
def test_a_value_that_shows_nothing_is_blank(value: TemplateValue) -> None:
    assert lines("above\n{{ x }}\nbelow", x=value) == ["above", "below"]


@pytest.mark.parametrize("value", [0, False, "0", "-"])
def test_a_value_that_shows_something_is_not_blank(value: TemplateValue) -> None:
    assert len(lines("above\n{{ x }}\nbelow", x=value)) == 3


@pytest.mark.parametrize(("text", "remaining"), PARAGRAPHS)
def test_a_blank_line_after_a_line_break_is_removed(text: str, remaining: list[str]) -> None:
    assert lines(paragraph(text) + paragraph("end"), **FILLED) == [*remaining, "end"]


def test_blank_lines_in_separate_runs_are_removed() -> None:
    between = "<w:r><w:br/></w:r>"
    body = paragraph(run("{{ a }}"), between, run("{{ z }}"), between, run("{{ b }}"))
    assert lines(body, **FILLED) == ["A\nB"]


@given(st.lists(st.sampled_from(SEPARATORS), min_size=1, max_size=3))
def test_a_line_of_two_to_four_placeholders_agrees_with_the_oracle(
    separators: list[str],
) -> None:
    names = "abcd"[: len(separators) + 1]
    glue = ["", *separators]
    line = "".join(f"{s}{{{{ {n} }}}}" for s, n in zip(glue, names, strict=True))
    compiled = template(f"{line}\nend")
    for words in product(*(("", name.upper()) for name in names)):
        letter = texts(compiled.fill(freeze(dict(zip(names, words, strict=True)))))
        oracle = expected(list(words), separators)
        assert letter == ([oracle, "end"] if oracle else ["end"])


@pytest.mark.slow
@given(
    st.permutations(["(", ")", "", ""]),
    st.lists(st.sampled_from([", ", " "]), min_size=3, max_size=3),
)
def test_brackets_stay_in_pairs_whichever_placeholder_is_blank(
    marks: list[str], glue: list[str]
) -> None:
    """A bracket opens before a placeholder and closes after it or a later one."""
    opened, closed = sorted((marks.index("("), marks.index(")")))
    line = ""
    for number, name in enumerate("abcd"):
        line += "(" * (number == opened) + f"{{{{ {name} }}}}" + ")" * (number == closed)
        line += glue[number] if number < 3 else ""
    compiled = template(f"{line}\nend")
    for words in product(*(("", name) for name in "ABCD")):
        text = texts(compiled.fill(freeze(dict(zip("abcd", words, strict=True)))))[0]
        inside = any(words[opened : closed + 1])
        assert (text.count("("), text.count(")")) == (inside, inside), text
        assert not inside or text.index("(") < text.index(")") - 1
        assert text == text.strip(" ,")


@pytest.mark.parametrize("body", STAY.values(), ids=STAY)
def test_a_needed_paragraph_stays_even_if_its_placeholders_are_blank(body: str) -> None:
    document = docx(body + block("end"))
    before, after = (len(list(root(d).iter(f"{W}p"))) for d in (document, fill(document, **FILLED)))
    assert before == after


def test_the_paragraph_after_the_last_table_stays() -> None:
    assert lines(table(["x"]).replace("<w:p/>", block("{{ z }}")), **FILLED) == ["x", ""]


@pytest.mark.parametrize("part", ["header", "footer", "footnotes", "endnotes"])
def test_the_last_blank_paragraph_of_a_part_stays_and_the_others_are_removed(part: str) -> None:
    inner = block("{{ z }}\n{{ z }}")
    letter = fill(docx("x", **{part: inner}), **FILLED)  # type: ignore[arg-type]
    assert texts(letter, f"word/{part}.xml") == [""]


def test_blank_lines_of_a_cell_are_removed_except_the_last() -> None:
    assert lines(table([cell("{{ z }}\n{{ a }}")]), **FILLED) == ["A", ""]


def test_a_bookmark_of_a_removed_line_moves_to_the_next_paragraph() -> None:
    start, end = "<w:bookmarkStart w:id='1' w:name='m'/>", "<w:bookmarkEnd w:id='1'/>"
    body = paragraph(start, "{{ z }}", end) + paragraph("next")
    for value, remaining in (("", ["next"]), ("A", ["A", "next"])):
        letter = fill(body, z=value)
        tags = [str(e.tag).removeprefix(W) for e in root(letter).iter() if "bookmark" in str(e.tag)]
        assert tags == ["bookmarkStart", "bookmarkEnd"]
        assert texts(letter) == remaining


def test_a_bookmark_over_two_paragraphs_keeps_both_ends() -> None:
    body = paragraph("<w:bookmarkStart w:id='1' w:name='m'/>", "{{ a }}")
    letter = root(fill(body + paragraph("{{ z }}", "<w:bookmarkEnd w:id='1'/>"), **FILLED))
    tags = [str(e.tag).removeprefix(W) for e in letter.iter() if "bookmark" in str(e.tag)]
    assert tags == ["bookmarkStart", "bookmarkEnd"]


def test_blank_address_lines_are_removed_in_tables_boxes_headers_and_notes() -> None:
    address = "{{ a }}\n{{ z }}\n{{ b }}"
    body = table([cell(address)]) + text_box(address)
    letter = fill(docx(body, header=address, footer=address), **FILLED)
    assert texts(letter) == ["A", "B", "", "", "A", "B"]
    assert texts(letter, "word/header.xml") == texts(letter, "word/footer.xml") == ["A", "B"]


@pytest.mark.parametrize("count", everyday([10, 30, 100]))
def test_a_line_of_many_placeholders_compiles_quickly(count: int) -> None:
    with within(5):
        assert lines("{{ a }}, " * count + "{{ z }}", **FILLED)[0].count("A") == count
