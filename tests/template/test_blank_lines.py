"""Blank lines close up, as in Word's own merge; a half-blank line loses its blank tags' separators.

Beside the tables stands an oracle that knows nothing of the program's own way: it looks at the
finished line only.
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
GONE = [
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
    """The oracle: filled words in their order; between two of them the strongest separator.

    That is the one with most punctuation; of equals the first.
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
def test_a_half_blank_line_reads_as_a_person_would_write_it(line: str, text: str) -> None:
    assert lines(line, **FILLED) == [text]


@pytest.mark.parametrize("line", GONE)
def test_a_line_of_only_blank_tags_goes_with_its_punctuation(line: str) -> None:
    assert lines(f"above\n{line}\nbelow", **FILLED) == ["above", "below"]


@pytest.mark.parametrize("value", BLANKS)
def test_whatever_shows_nothing_is_blank(value: TemplateValue) -> None:
    assert lines("above\n{{ x }}\nbelow", x=value) == ["above", "below"]


@pytest.mark.parametrize("value", [0, False, "0", "-"])
def test_what_shows_something_is_not_blank(value: TemplateValue) -> None:
    assert len(lines("above\n{{ x }}\nbelow", x=value)) == 3


@pytest.mark.parametrize(("text", "left"), PARAGRAPHS)
def test_a_blank_line_made_with_shift_and_enter_closes_up(text: str, left: list[str]) -> None:
    assert lines(paragraph(text) + paragraph("end"), **FILLED) == [*left, "end"]


def test_lines_close_up_when_each_stands_in_a_run_of_its_own() -> None:
    between = "<w:r><w:br/></w:r>"
    body = paragraph(run("{{ a }}"), between, run("{{ z }}"), between, run("{{ b }}"))
    assert lines(body, **FILLED) == ["A\nB"]


@given(st.lists(st.sampled_from(SEPARATORS), min_size=1, max_size=3))
def test_a_line_of_two_to_four_tags_agrees_with_the_oracle_for_each_blank(
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
def test_brackets_stay_in_pairs_whatever_is_blank(marks: list[str], glue: list[str]) -> None:
    """One bracket opens before a tag and closes behind the same or a later one."""
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
def test_a_paragraph_that_is_needed_stays_though_its_tags_are_blank(body: str) -> None:
    made = docx(body + block("end"))
    before, after = (len(list(root(d).iter(f"{W}p"))) for d in (made, fill(made, **FILLED)))
    assert before == after


def test_the_paragraph_behind_the_last_table_stays() -> None:
    assert lines(table(["x"]).replace("<w:p/>", block("{{ z }}")), **FILLED) == ["x", ""]


@pytest.mark.parametrize("part", ["header", "footer", "footnotes", "endnotes"])
def test_the_last_paragraph_of_a_part_stays_the_others_close_up(part: str) -> None:
    inner = block("{{ z }}\n{{ z }}")
    letter = fill(docx("x", **{part: inner}), **FILLED)  # type: ignore[arg-type]
    assert texts(letter, f"word/{part}.xml") == [""]


def test_in_a_cell_the_blank_lines_above_close_up() -> None:
    assert lines(table([cell("{{ z }}\n{{ a }}")]), **FILLED) == ["A", ""]


def test_a_bookmark_moves_on_to_the_next_paragraph() -> None:
    start, end = "<w:bookmarkStart w:id='1' w:name='m'/>", "<w:bookmarkEnd w:id='1'/>"
    body = paragraph(start, "{{ z }}", end) + paragraph("next")
    for value, left in (("", ["next"]), ("A", ["A", "next"])):
        letter = fill(body, z=value)
        tags = [str(e.tag).removeprefix(W) for e in root(letter).iter() if "bookmark" in str(e.tag)]
        assert tags == ["bookmarkStart", "bookmarkEnd"]
        assert texts(letter) == left


def test_a_bookmark_over_two_paragraphs_keeps_both_ends() -> None:
    body = paragraph("<w:bookmarkStart w:id='1' w:name='m'/>", "{{ a }}")
    letter = root(fill(body + paragraph("{{ z }}", "<w:bookmarkEnd w:id='1'/>"), **FILLED))
    tags = [str(e.tag).removeprefix(W) for e in letter.iter() if "bookmark" in str(e.tag)]
    assert tags == ["bookmarkStart", "bookmarkEnd"]


def test_address_blocks_close_up_in_tables_boxes_headers_and_notes() -> None:
    address = "{{ a }}\n{{ z }}\n{{ b }}"
    body = table([cell(address)]) + text_box(address)
    letter = fill(docx(body, header=address, footer=address), **FILLED)
    assert texts(letter) == ["A", "B", "", "", "A", "B"]
    assert texts(letter, "word/header.xml") == texts(letter, "word/footer.xml") == ["A", "B"]


@pytest.mark.parametrize("count", everyday([10, 30, 100]))
def test_a_line_of_many_tags_compiles_in_no_time(count: int) -> None:
    with within(5):
        assert lines("{{ a }}, " * count + "{{ z }}", **FILLED)[0].count("A") == count
