"""A part's tags are found however Word splits them; whatever is wrong is told with its place."""

from __future__ import annotations

import time

import pytest
from cases import LOOP, VALUES
from letter import W, faults, fill, lines, members, root, said, template, texts
from word import BODY, block, cell, docx, note, paragraph, run, table, text_box

from merge.tags.scan import Fault, Span, find_tags

BOOKMARK = "<w:bookmarkStart w:id='1' w:name='m'/>"
PROOFING = "<w:proofErr w:type='spellStart'/>"
END = "<w:bookmarkEnd w:id='1'/>"

BODIES = [
    ("{{ a }}", "a"),
    ("{{a}}", "a"),
    ("{{\u00a0a\u202f}}", "a"),
    ("{{ \u200ba\u200d\ufeff }}", "a"),
    ("{{ a|default(“x”) }}", 'a|default("x")'),
    ("{{ a|default(„x“) }}", 'a|default("x")'),
    ("{{ a|default(«x») }}", 'a|default("x")'),
    ("{{ a|default(»x«) }}", 'a|default("x")'),
    ("{{ a|default(‹x›) }}", 'a|default("x")'),
    ("{{ a|default(‚x‘) }}", 'a|default("x")'),
    ("{{ 'x' }}", '"x"'),
    ("{{ '}}' }}", '"}}"'),
    ("{{ '{{' }}", '"{{"'),
    ('{{ "it\'s" }}', '"it\'s"'),
    ("{%p if a %}", "if a"),
    ("{# a }} b #}", "a }} b"),
]


@pytest.mark.parametrize(("written", "body"), BODIES)
def test_a_tags_body_has_straight_quotes_and_plain_spaces(written: str, body: str) -> None:
    found = list(find_tags(f"before {written} after"))
    assert [span.body for span in found if isinstance(span, Span)] == [body]
    assert len(found) == 1


@pytest.mark.parametrize(
    "text", ["{ a }", "{a}", "{ {a} }", "a } } b", "{1, 2}", "%{x}%", "50 % #"]
)
def test_braces_of_ordinary_text_are_no_tags(text: str) -> None:
    assert list(find_tags(text)) == []
    assert lines(text) == [text]


@pytest.mark.parametrize(
    "text", ["{{ a", "a }}", "{% a", "a %}", "{# a", "a #}", "{{ a }", "{{ a {{ b }}"]
)
def test_half_a_tag_is_a_fault(text: str) -> None:
    assert any(isinstance(found, Fault) for found in find_tags(text))
    assert len(faults(text)) == 1


@pytest.mark.parametrize("size", range(1, 12))
def test_a_tag_may_be_split_into_runs_of_any_size(size: int) -> None:
    text = "x {{ person.name|upper }} y"
    pieces = [run(text[at : at + size]) for at in range(0, len(text), size)]
    for between in ("", PROOFING, "<w:lastRenderedPageBreak/>"):
        glue = f"<w:r>{between}</w:r>" if "Page" in between else between
        assert lines(paragraph(glue.join(pieces)), **VALUES) == ["x ANA RUIZ y"]


def test_a_bookmark_inside_a_tag_stays() -> None:
    letter = fill(paragraph(run("{{ "), BOOKMARK, run("a }"), END, run("}")), a="A")
    assert texts(letter) == ["A"]
    assert [e.tag for e in root(letter).iter(f"{W}bookmarkStart", f"{W}bookmarkEnd")] == [
        f"{W}bookmarkStart",
        f"{W}bookmarkEnd",
    ]


@pytest.mark.parametrize("around", ["hyperlink", "ins", "smartTag", "sdt"])
def test_a_tag_is_filled_inside_what_word_wraps_round_runs(around: str) -> None:
    inner = f"<w:sdtContent>{run('{{ a')}</w:sdtContent>" if around == "sdt" else run("{{ a")
    own = " w:id='1' w:author='x'" if around == "ins" else ""
    body = paragraph(f"<w:{around}{own}>{inner}</w:{around}>", run(" }}!"))
    assert said(body) or lines(body, a="A") == ["A!"]


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
def test_a_block_that_does_not_fit_is_told_with_its_place(body: str, code: str) -> None:
    found = faults(body)
    assert found
    assert all(problem.place.part == "body" for problem in found)
    assert not code or code in {problem.code for problem in found}


def test_all_faults_of_all_parts_come_at_once_each_with_part_paragraph_and_words() -> None:
    body = block("ok\nDear {{ a\n{% if a %}") + table(["x", "y }}"]) + text_box("{% endfor %}")
    found = faults(docx(body, header="x\n{{ family name }}", footer="{{ a()}}", footnotes="{{ }}"))
    places = {(p.place.part, p.place.paragraph, p.place.words) for p in found}
    assert places == {
        ("body", 2, "Dear {{ a"),
        ("body", 3, "{% if a %}"),
        ("body", 5, "y }}"),
        ("body", 8, "{% endfor %}"),
        ("header", 2, "{{ family name }}"),
        ("footer", 1, "{{ a()}}"),
        ("footnotes", 1, "{{ }}"),
    }


def test_twenty_planted_faults_come_back_in_one_run_each_with_its_paragraph() -> None:
    planted = ["{{ a", "b }}", "{{ }}", "{% set x = 1 %}", "{{ f() }}", "{{ a b }}", "{{ a|nope }}"]
    planted += ["{% endif %}", "{% endfor %}", "{% else %}", "{{ a.__class__ }}", "{{ 1 + 1 }}"]
    planted += ["{#", "{% include 'x' %}", "{{ 9**9 }}", "{%tr if a %}", "{{ a is odd }}"]
    planted += ["{{ 'x'|replace('x', a) }}", "{{ a[:1] }}", "{% for x, y in a %}"]
    numbers = {problem.place.paragraph for problem in faults("\n".join(planted))}
    assert numbers == set(range(1, len(planted) + 1))


def test_a_text_box_is_counted_and_told_once_though_it_stands_twice_in_the_file() -> None:
    found = faults(text_box("{{ a") + block("{{ b"))
    assert [problem.place.paragraph for problem in found] == [2, 3]


def test_many_faults_do_not_take_long() -> None:
    start = time.monotonic()
    for text in ("{{ a" * 20_000, "{" * 100_000, '{{ "' * 20_000, "}}" * 20_000):
        assert faults(text)
    assert time.monotonic() - start < 4


@pytest.mark.parametrize("mark", ["\ufdd0", "\ufdd20\ufdd3", "\ufdd40\ufdd5"])
@pytest.mark.parametrize(
    "body",
    [
        "<w:p w:rsidR='@'><w:r><w:t>x{{ a }}</w:t></w:r></w:p>",
        "<w:p><!-- @ --><w:r><w:t>x{{ a }}</w:t></w:r></w:p>",
        "<w:p><?pi @?><w:r><w:t>x{{ a }}</w:t></w:r></w:p>",
        "<w:p><w:r><w:t>x{{ a }} @</w:t></w:r></w:p>",
        "<w:p w:rsidR='@{'><w:r><w:t>x</w:t></w:r></w:p>",
    ],
)
def test_our_own_marks_in_a_template_lead_nothing_astray(body: str, mark: str) -> None:
    """Refused, or kept as they are; a value never gets out of its place."""
    made = body.replace("@", mark)
    assert said(made) or root(fill(made, a="' y='"))[0][0].attrib.get("y") is None


@pytest.mark.parametrize(
    "body",
    [
        """<w:p><w:r><w:instrText>ADDIN ZOTERO_ITEM {"a":{"b":1}}</w:instrText></w:r></w:p>""",
        """<w:p w:rsidR='{"a":{"b":1}}'/>""",
    ],
)
def test_the_data_of_add_ins_is_no_tag(body: str) -> None:
    assert said(body) == ""
    assert template(body)


def test_json_in_an_add_ins_own_part_is_no_tag() -> None:
    data = b"""<x a='{"a":{"b":1}}'>{"a":{"b":1}}</x>"""
    assert said(docx("x", more={"customXml/item1.xml": data})) == ""


@pytest.mark.parametrize(
    "address", ["mailto:{{ a }}", "mailto:%7B%7B%20a%20%7D%7D", "mailto:%7b%7ba%7d%7d"]
)
def test_a_tag_in_a_hyperlinks_address_is_filled_or_told(address: str) -> None:
    """Word writes the braces of an address as %7B and %7D."""
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
    link = f'<Relationship Id="l" Type="{kind}" Target="{address}" TargetMode="External"/>'
    part = "word/_rels/header.xml.rels"
    made = docx(
        "x", header="x", more={part: f'<Relationships xmlns="{space}">{link}</Relationships>'}
    )
    assert (
        said(made) or root(fill(made, a="ann@x.org"), part)[0].get("Target") == "mailto:ann@x.org"
    )


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


@pytest.mark.parametrize("inner", FILLS_ALL)
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


@pytest.mark.parametrize("value", ["q", 0, -1, "", 64, '"/>'])
def test_a_colspan_is_a_number_from_1_to_63_or_an_error_at_its_tag(value: str | int) -> None:
    from merge.model import DataError

    with pytest.raises(DataError, match="colspan"):
        fill(table([cell("{% colspan n %}x")]), n=value)


@pytest.mark.parametrize("value", ["red", "", "FFF", '"/>', 7])
def test_a_cellbg_is_six_hex_digits_or_auto_or_an_error_at_its_tag(value: str | int) -> None:
    from merge.model import DataError

    with pytest.raises(DataError, match="cellbg"):
        fill(table([cell("{% cellbg n %}x")]), n=value)


@pytest.mark.parametrize("dash", ["-", "+"])
def test_jinjas_marks_for_white_space_do_as_docxtpl_or_are_told(dash: str) -> None:
    assert said(f"{{%{dash} if a {dash}%}} x {{%{dash} endif {dash}%}}")


def test_text_deleted_in_a_tracked_change_is_no_text() -> None:
    deleted = "<w:del w:id='1' w:author='x'><w:r><w:delText>{{ a }}</w:delText></w:r></w:del>"
    body = paragraph(deleted, "x")
    assert said(body) or b"SECRET" not in members(fill(body, a="SECRET"))[BODY]
