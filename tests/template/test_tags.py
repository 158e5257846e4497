"""A part's tags are found however Word splits them, and faults reported."""

from __future__ import annotations

import pytest
from support.documents import BODY, block, docx, paragraph, run, table, text_box
from support.docx_validation import own_checks
from support.everyday import everyday
from support.field_markup import field
from support.filled_letters import (
    W,
    faults,
    fill,
    lines,
    members,
    problem_texts,
    root,
    template,
    texts,
)
from support.speed import within
from support.template_cases import VALUES

from merge.template.tags import TagFault, TagSpan, find_tags

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
def test_the_body_of_a_tag_has_straight_quotes_and_plain_spaces(written: str, body: str) -> None:
    tags = list(find_tags(f"before {written} after"))
    assert [span.body for span in tags if isinstance(span, TagSpan)] == [body]
    assert len(tags) == 1


@pytest.mark.parametrize(
    "text", ["{ a }", "{a}", "{ {a} }", "a } } b", "{1, 2}", "%{x}%", "50 % #"]
)
def test_braces_of_ordinary_text_are_not_tags(text: str) -> None:
    assert list(find_tags(text)) == []
    assert lines(text) == [text]


@pytest.mark.parametrize(
    "text", ["{{ a", "a }}", "{% a", "a %}", "{# a", "a #}", "{{ a }", "{{ a {{ b }}"]
)
def test_half_a_tag_is_a_fault(text: str) -> None:
    assert any(isinstance(item, TagFault) for item in find_tags(text))
    assert len(faults(text)) == 1


@pytest.mark.parametrize("size", everyday(range(1, 12), daily=range(7)))
def test_a_tag_may_be_split_into_runs_of_any_size(size: int) -> None:
    text = "x {{ person.name|upper }} y"
    pieces = [run(text[at : at + size]) for at in range(0, len(text), size)]
    for between in ("", PROOFING, "<w:lastRenderedPageBreak/>"):
        glue = f"<w:r>{between}</w:r>" if "Page" in between else between
        assert lines(paragraph(glue.join(pieces)), **VALUES) == ["x ANA RUIZ y"]


def test_a_bookmark_inside_a_placeholder_stays() -> None:
    letter = fill(paragraph(run("{{ "), BOOKMARK, run("a }"), END, run("}")), a="A")
    assert texts(letter) == ["A"]
    assert [e.tag for e in root(letter).iter(f"{W}bookmarkStart", f"{W}bookmarkEnd")] == [
        f"{W}bookmarkStart",
        f"{W}bookmarkEnd",
    ]


@pytest.mark.parametrize("around", ["hyperlink", "ins", "smartTag", "sdt"])
def test_a_placeholder_inside_words_wrappers_of_runs_is_filled(around: str) -> None:
    inner = f"<w:sdtContent>{run('{{ a')}</w:sdtContent>" if around == "sdt" else run("{{ a")
    attributes = " w:id='1' w:author='x'" if around == "ins" else ""
    body = paragraph(f"<w:{around}{attributes}>{inner}</w:{around}>", run(" }}!"))
    assert problem_texts(body) or lines(body, a="A") == ["A!"]


def test_all_faults_of_tags_in_all_parts_are_reported_at_once_with_their_places() -> None:
    body = block("ok\nDear {{ a\n{% if a %}") + table(["x", "y }}"]) + text_box("{% endfor %}")
    problems = faults(
        docx(body, header="x\n{{ family name }}", footer="{{ a()}}", footnotes="{{ }}")
    )
    places = {(p.place.part, p.place.paragraph, p.place.paragraph_text) for p in problems}
    assert places == {
        ("body", 2, "Dear {{ a"),
        ("body", 3, "{% if a %}"),
        ("body", 5, "y }}"),
        ("body", 8, "{% endfor %}"),
        ("header", 2, "{{ family name }}"),
        ("footer", 1, "{{ a()}}"),
        ("footnotes", 1, "{{ }}"),
    }


def test_twenty_planted_faults_of_tags_are_reported_with_their_paragraphs() -> None:
    planted = ["{{ a", "b }}", "{{ }}", "{% set x = 1 %}", "{{ f() }}", "{{ a b }}", "{{ a|nope }}"]
    planted += ["{% endif %}", "{% endfor %}", "{% else %}", "{{ a.__class__ }}", "{{ 1 + 1 }}"]
    planted += ["{#", "{% include 'x' %}", "{{ 9**9 }}", "{%tr if a %}", "{{ a is odd }}"]
    planted += ["{{ 'x'|replace('x', a) }}", "{{ a[:1] }}", "{% for x, y in a %}"]
    numbers = {problem.place.paragraph for problem in faults("\n".join(planted))}
    assert numbers == set(range(1, len(planted) + 1))


def test_faults_of_a_text_box_with_a_fallback_are_reported_once() -> None:
    problems = faults(text_box("{{ a") + block("{{ b"))
    assert [problem.place.paragraph for problem in problems] == [2, 3]


@pytest.mark.slow
def test_many_faults_of_tags_are_found_quickly() -> None:
    with within(10):
        for text in ("{{ a" * 20_000, "{" * 100_000, '{{ "' * 20_000, "}}" * 20_000):
            assert faults(text)


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
def test_the_programs_own_marks_in_a_template_are_harmless(body: str, mark: str) -> None:
    """They are refused, or kept as they are.

    A value never gets outside its place.
    """
    marked_body = body.replace("@", mark)
    assert (
        problem_texts(marked_body)
        or root(fill(marked_body, a="' y='"))[0][0].attrib.get("y") is None
    )


@pytest.mark.parametrize(
    "body",
    [
        """<w:p><w:r><w:instrText>ADDIN ZOTERO_ITEM {"a":{"b":1}}</w:instrText></w:r></w:p>""",
        """<w:p w:rsidR='{"a":{"b":1}}'/>""",
    ],
)
def test_the_data_of_an_add_in_is_not_a_tag(body: str) -> None:
    assert problem_texts(body) == ""
    assert template(body)


def test_json_in_an_add_ins_part_is_not_a_tag() -> None:
    data = b"""<x a='{"a":{"b":1}}'>{"a":{"b":1}}</x>"""
    assert problem_texts(docx("x", more={"customXml/item1.xml": data})) == ""


@pytest.mark.parametrize(
    "address", ["mailto:{{ a }}", "mailto:%7B%7B%20a%20%7D%7D", "mailto:%7b%7ba%7d%7d"]
)
def test_a_placeholder_in_a_hyperlinks_address_is_filled_or_reported(address: str) -> None:
    """Word writes the braces of an address as %7B and %7D."""
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
    link = f'<Relationship Id="l" Type="{kind}" Target="{address}" TargetMode="External"/>'
    part = "word/_rels/header.xml.rels"
    header = paragraph('<w:hyperlink r:id="l"><w:r><w:t>x</w:t></w:r></w:hyperlink>')
    relations = f'<Relationships xmlns="{space}">{link}</Relationships>'
    document = docx("x", header=header, more={part: relations.encode()})
    assert (
        problem_texts(document)
        or root(fill(document, a="ann@x.org"), part)[0].get("Target") == "mailto:ann@x.org"
    )


@pytest.mark.parametrize("dash", ["-", "+"])
def test_jinjas_white_space_marks_in_a_tag_are_reported(dash: str) -> None:
    assert problem_texts(f"{{%{dash} if a {dash}%}} x {{%{dash} endif {dash}%}}")


def test_text_deleted_in_a_tracked_change_is_never_printed() -> None:
    deleted = "<w:del w:id='1' w:author='x'><w:r><w:delText>{{ a }}</w:delText></w:r></w:del>"
    body = paragraph(deleted, "x")
    assert problem_texts(body) or b"SECRET" not in members(fill(body, a="SECRET"))[BODY]


# Comments, with any content.

COMMENTS = {
    "a tag": ("x{# {{ old.name }} #}y {{ a }}", ["xy A"]),
    "ends of tags": ("x{# {% if y %} %} }} #}y {{ a }}", ["xy A"]),
    "a quotation mark": ("x{# don't {{ b #}y {{ a }}", ["xy A"]),
    "a paragraph of its own": ("x\n{# {{ old.name }} #}\n{{ a }}", ["x", "", "A"]),
    "its paragraph": ("x\n{#p {{ old.name }} #}\n{{ a }}", ["x", "A"]),
    "runs": (paragraph("x", run("{", "<w:b/>"), run("# {{ ol"), run("d }} #"), run("}y")), ["xy"]),
    "a tab and a line break": ("x{# one\ttwo #}y {{ a }}", ["xy A"]),
    "a row": (table(["a"], ["{#tr {{ old }} #}"], ["{{ a }}"]), ["a", "A", ""]),
    "the only row": (block("x") + table(["{#tr {{ old }} #}"]), ["x", ""]),
    "the only cell": (block("x") + table(["{#tc {{ old }} #}"]), ["x", ""]),
    "a cell": (table(["{#tc {{ old }} #}", "b"]), ["b", ""]),
    "more than a tag is long": (f"x{{# {'y ' * 3_000} #}}y {{{{ a }}}}", ["xy A"]),
    "halves of a block": ("{# {% if x %} #}y{# {% endif %} #} {{ a }}", ["y A"]),
}


@pytest.mark.parametrize("what", COMMENTS)
def test_the_content_of_a_comment_is_not_printed(what: str) -> None:
    body, expected = COMMENTS[what]
    letter = fill(body, **VALUES)
    assert texts(letter) == expected
    assert own_checks(letter) == []
    tables = root(letter).iter(f"{W}tbl")
    assert all(t.find(f"{W}tr/{W}tc") is not None for t in tables)


def test_a_merge_field_in_a_comment_is_not_printed() -> None:
    body = paragraph("x{# ", field(" MERGEFIELD Old "), " #}y ", field(" MERGEFIELD a "))
    assert lines(body, **VALUES) == ["xy A"]


def test_an_unclosed_comment_removes_no_words() -> None:
    messages = problem_texts("a {# old {{ a }} words {# note #} b")
    assert "comment that starts with {# is not closed before the next one" in messages


def test_the_hint_for_a_comment_beside_words_is_a_comment() -> None:
    messages = problem_texts(table(["a"], ["{#tr old row #} words"]))
    assert "or write {# old row #}." in messages
    assert "Write {# old #}, or move it into a table." in problem_texts("{#tr old #}")
