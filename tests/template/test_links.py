"""No field of a letter fetches data, and no link opens a file or program."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from support.campaigns import make, merge
from support.documents import BODY, block, docx, paragraph, run, zipped
from support.docx_defects import defects
from support.everyday import everyday
from support.field_markup import code, field, mark, simple
from support.filled_letters import fill, members, problem_texts, root, template, texts
from support.hostile_templates import LEADING_OUT
from support.marked_content import MS, relation
from support.marked_template import with_relations
from support.office_programs import needs_libreoffice, to_format

from merge.errors import DataError
from merge.ooxml.package import parse_package
from merge.template.template import compile_template

EVIL = "http://zqevil.example/x"
MC = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    f' xmlns:w14="{MS}/word/2010/wordml"'
)
BEGIN, SEPARATE, END = (
    f'<w:fldChar w:fldCharType="{kind}"/>' for kind in ("begin", "separate", "end")
)
CODE = f'<w:instrText xml:space="preserve"> INCLUDETEXT "{EVIL}" </w:instrText>'
SHOWN = "<w:t>shown</w:t>"


def either(inner: str, *, old: bool = False) -> str:
    """Return content that only a newer program reads, or only an older one."""
    choice = f'<mc:Choice Requires="w14">{"" if old else inner}</mc:Choice>'
    fallback = f"<mc:Fallback>{inner if old else ''}</mc:Fallback>"
    return f"<mc:AlternateContent {MC}>{choice}{fallback}</mc:AlternateContent>"


def runs(*pieces: str) -> str:
    return "<w:p>" + "".join(f"<w:r>{piece}</w:r>" for piece in pieces) + "</w:p>"


WRAPPED = f'<x:a xmlns:x="urn:zq" {MC} mc:Ignorable="x" mc:ProcessContent="x:a">{{}}</x:a>'
PLAIN = runs(BEGIN, CODE, SEPARATE, SHOWN, END)
HIDDEN_FIELDS = {
    "a first mark for newer programs": runs(either(BEGIN), CODE, SEPARATE, SHOWN, END),
    "a first mark for older programs": runs(either(BEGIN, old=True), CODE, SEPARATE, SHOWN, END),
    "all marks for newer programs": runs(*map(either, (BEGIN, CODE, SEPARATE)), SHOWN, either(END)),
    "a code for newer programs": runs(BEGIN, either(CODE), SEPARATE, SHOWN, END),
    "a code for older programs": runs(BEGIN, either(CODE, old=True), SEPARATE, SHOWN, END),
    "a whole field in one run": runs(BEGIN + CODE + SEPARATE + SHOWN + END),
    "a whole field for newer programs": runs(either(BEGIN + CODE + SEPARATE + SHOWN + END)),
    "a whole field for older ones": runs(either(BEGIN + CODE + SEPARATE + SHOWN + END, old=True)),
    "a ruby text": runs(
        "<w:ruby><w:rubyPr/><w:rt><w:r><w:t>r</w:t></w:r></w:rt><w:rubyBase>"
        f"<w:r>{BEGIN}</w:r><w:r>{CODE}</w:r><w:r>{SEPARATE}</w:r><w:r>{SHOWN}</w:r><w:r>{END}</w:r>"
        "</w:rubyBase></w:ruby>"
    ),
    "a run in a run": runs(f"<w:r>{BEGIN}</w:r>", f"<w:r>{CODE}</w:r>", SEPARATE, SHOWN, END),
    "a wrapper in a run": runs(
        *(WRAPPED.format(piece) for piece in (BEGIN, CODE, SEPARATE, SHOWN, END))
    ),
    "a wrapper round runs": f"<w:p>{WRAPPED.format(PLAIN[5:-6])}</w:p>",
    "a code inside a code for newer programs": runs(
        BEGIN, "<w:instrText> QUOTE x </w:instrText>", either(CODE), SEPARATE, SHOWN, END
    ),
    "a simple field for older programs": paragraph(
        either(simple(f'INCLUDETEXT "{EVIL}"', "shown"), old=True)
    ),
    "a kind that another field makes": paragraph(
        mark("begin"),
        field(' QUOTE "INCLUDETEXT" ', result="INCLUDETEXT"),
        code(f' "{EVIL}" '),
        mark("separate"),
        "shown",
        mark("end"),
    ),
    "a kind in two pieces": paragraph(
        mark("begin"),
        code(" INCLUDE"),
        field(" QUOTE TEXT ", result=code("TEXT")),
        code(f' "{EVIL}" '),
        mark("separate"),
        "shown",
        mark("end"),
    ),
    "the data of a shape": paragraph(field(f' SHAPE "{EVIL}" ', result="shown")),
    "a list of sources": paragraph(field(f' BIBLIOGRAPHY "{EVIL}" ', result="shown")),
    "a path behind a bookmark": paragraph(field(f' REF x "{EVIL}" ', result="shown")),
    "a second separator": runs(
        BEGIN, "<w:instrText> PAGE </w:instrText>", SEPARATE, SHOWN, SEPARATE, CODE, END
    ),
    "nothing round a code": runs(CODE, SHOWN),
}
"""Fields in places where only Word and LibreOffice read them."""


@pytest.mark.parametrize("what", HIDDEN_FIELDS)
def test_no_hidden_field_of_a_letter_fetches_data(what: str) -> None:
    letter = fill(docx(block("first") + HIDDEN_FIELDS[what]))
    assert b"zqevil" not in members(letter)[BODY]
    assert b"INCLUDETEXT" not in members(letter)[BODY].replace(b"<w:t>INCLUDETEXT", b"")
    assert defects(letter) == {}


@pytest.mark.slow
@pytest.mark.libreoffice
@needs_libreoffice
def test_libreoffice_sees_no_fetching_field_in_a_letter(tmp_path: Path) -> None:
    body = "".join(HIDDEN_FIELDS.values())
    seen = [
        to_format(data, "fodt", tmp_path / name)
        for name, data in (("before", docx(body)), ("after", fill(docx(body))))
    ]
    assert ["zqevil" in text for text in seen] == [True, False]


@pytest.mark.parametrize(
    "written",
    [
        'DISPLAYBARCODE "https://example.org/appeal" QR \\q 3',
        'BARCODE "75008" \\u',
        'SYMBOL 74 \\f "Wingdings"',
        'HYPERLINK "https://example.org/"',
        'HYPERLINK \\l "part2"',
        "HYPERLINK mailto:office@example.org",
        'DATE \\@ "d:\\M yyyy"',
        "TOC \\o 1-3 \\h \\z \\u",
        "REF _Ref123 \\h",
        "= 1 + 1",
        'IF mark = 1 "yes" "no"',
        'IF "{ PAGE }" = 1 "yes" "no"',
    ],
)
def test_a_harmless_field_stays_unchanged(written: str) -> None:
    body = paragraph("x ", field(f" {written} "), simple(f" {written} "))
    assert members(fill(docx(body)))[BODY] == members(docx(body))[BODY]


@pytest.mark.parametrize(
    "written",
    [
        *('IF 1 = 1 "old" "zqdraft"', 'IF "a"<>"a" "zqdraft" "old"', "IF 1=1 old zqdraft"),
        *('if 2,5 > 1 "old" "zqdraft" \\* MERGEFORMAT', "IF “a” = “a” “old” “zqdraft”"),
    ],
)
def test_a_text_that_an_if_never_shows_is_removed(written: str) -> None:
    body = docx(paragraph("x ", field(f" {written} "), simple(f" {written} ", "too")))
    letter = fill(body)
    assert texts(letter) == ["x «old»too"]
    assert b"zqdraft" not in members(letter)[BODY]
    assert "texts of IF fields that never show (2)" in template(body).problems[0].what
    assert defects(letter) == {}
    with_hidden = compile_template(parse_package(body, "a.docx"), keep_hidden=True)
    assert b"zqdraft" in members(with_hidden.fill({}))[BODY]


@pytest.mark.parametrize(
    "words", ["[Click here and type address]", "Your name", "[Bitte hier «tippen»]"]
)
@pytest.mark.parametrize("kind", ["MACROBUTTON NoMacro", "macrobutton  AcceptAll", "GOTOBUTTON p2"])
def test_the_words_of_a_clickable_field_stay_and_are_reported(kind: str, words: str) -> None:
    written = f"{kind} {words}"
    body = paragraph("To: ", mark("begin"), code(f" {written[:9]}"), code(f"{written[9:]} "))
    document = docx(body.replace("</w:p>", f"{mark('end')}</w:p>") + paragraph(simple(written)))
    shown = [text.strip() for text in texts(fill(document))]
    assert shown == [f"To: {words}", words]
    prompts = [p for p in template(document).problems if p.code == "field-prompt"]
    assert [p.level for p in prompts] == ["warning", "warning"]
    assert [p.place.paragraph for p in prompts] == [1, 2]
    assert [p.what.count(words) for p in prompts] == [1, 1]
    assert defects(fill(document)) == {}


def test_a_placeholder_in_a_clickable_field_is_filled() -> None:
    body = paragraph(mark("begin"), code(" MACROBUTTON NoMacro {{ name }}"), mark("end"))
    assert texts(fill(body, name="Ana"))[0].strip() == "Ana"


@pytest.mark.parametrize("address", everyday(LEADING_OUT, daily=range(15)))
def test_a_link_to_a_file_or_program_is_removed_and_its_words_stay(address: str) -> None:
    quoted = address.replace("\\", "\\\\")
    text = f'<w:hyperlink r:id="x">{run("link")}</w:hyperlink>'
    shape = f'<w:r><w:pict><v:rect href="{address}" style="width:9pt"/></w:pict></w:r>'
    body = paragraph(text, simple(f' HYPERLINK "{quoted}" ', "simple"), shape)
    body += paragraph(field(f' HYPERLINK "{quoted}" \\o "tip" ', result="complex"))
    document = with_relations(docx(body), relation("x", "hyperlink", address, outside=True))
    letter = fill(document)
    assert [name for name, part in members(letter).items() if b"zqevil" in part] == []
    assert texts(letter) == ["linksimple", "complex"]
    assert "links to files and programs (4)" in template(document).problems[0].what


@pytest.mark.parametrize(
    "address",
    [
        *(
            "https://example.org",
            "HTTP://Example.org/a?b=c:d",
            "mailto:a@example.org",
            "tel:+41 22",
        ),
        *("#part2", "https://medium.com/@user", "https://example.org/{{ name }}", "{{ name }}"),
        *("mailto:%7B%7B%20name%20%7D%7D", "https://{{ name }}/x"),
    ],
)
def test_a_link_to_a_page_email_address_or_bookmark_stays(address: str) -> None:
    text = f'<w:hyperlink r:id="x">{run("link")}</w:hyperlink>'
    document = with_relations(
        docx(paragraph(text)), relation("x", "hyperlink", address, outside=True)
    )
    assert template(document).problems == ()
    assert b"<w:hyperlink " in members(fill(document, name="https://example.org/"))[BODY]


def linked(address: str) -> bytes:
    text = f'<w:hyperlink r:id="x">{run("link")}</w:hyperlink>'
    return with_relations(docx(paragraph(text)), relation("x", "hyperlink", address, outside=True))


def address_in(letter: bytes) -> str:
    links = root(letter, "word/_rels/document.xml.rels")
    (hyperlink,) = (link for link in links if str(link.get("Type")).endswith("/hyperlink"))
    return str(hyperlink.get("Target"))


@pytest.mark.parametrize(
    "address",
    ["{{ a }}", "{{ a }}{{ b }}", "{% if b %}x{% endif %}{{ a }}"],
)
@pytest.mark.parametrize(
    "value", everyday([a for a in LEADING_OUT if a != "mailto://zqevil"], daily=range(10))
)
def test_a_value_cannot_make_a_link_to_a_file_or_program(address: str, value: str) -> None:
    compiled = linked(address)
    with pytest.raises(DataError, match=r"is not a (complete|valid) web"):
        fill(compiled, a=value, b="")


@pytest.mark.parametrize("value", ["javascript:x", "//server", "\\\\server", "file:///x", "../x"])
def test_a_value_after_a_blank_one_cannot_make_a_harmful_link(value: str) -> None:
    with pytest.raises(DataError, match=r"is not a (complete|valid) web"):
        fill(linked("{{ a }}{{ b }}"), a="", b=value)


LOOKING_GOOD = [
    ("https://{{ a }}", "good.org@evil.example", ""),
    ("https://good.org{{ a }}", "@evil.example/", ""),
    ("https://good.org{{ a }}", "\\@evil.example/", ""),
    ("{{ a }}{{ b }}", "https://good.org", "@evil.example/"),
    ("{{ a }}{{ b }}", "https://good.org", "%40evil.example/"),
    ("{{ a }}", "https://good.org\\@evil.example", ""),
    ("{{ a }}", "https://good.org%5C@evil.example", ""),
    ("{{ a }}", "https://good.org\uff0f.evil.example", ""),
    ("{{ a }}", "https://good.org\u2044.evil.example", ""),
    ("{{ a }}", "https://good.org\u202e.evil.example", ""),
    ("https://{{ a }}", "/evil.example", ""),
    ("{% if a %}https://good.org{{ a }}{% endif %}", "@evil.example", ""),
    ("https://{% if a %}{{ a }}{% endif %}{{ b }}", "good.org", "@evil.example"),
]


@pytest.mark.parametrize(("address", "a", "b"), LOOKING_GOOD)
def test_a_links_address_is_checked_with_its_values_filled_in(address: str, a: str, b: str) -> None:
    with pytest.raises(DataError, match=r"is not a (complete|valid) web"):
        fill(linked(address), a=a, b=b)


def test_a_harmful_address_from_several_cells_is_reported_by_the_checks(
    tmp_path: Path,
) -> None:
    rows = [["Name", "Site"], ["Minister Li", "good.org"], ["Judge Kim", "good.org@evil.example"]]
    folder = make(tmp_path, linked("https://{{ recipient.site }}"), Recipients=rows)
    ran = merge("letters", folder)
    assert ran.code == 1
    assert "Recipients!B3" in ran.err + ran.out
    assert "https://good.org@evil.example" in ran.err + ran.out
    assert not list((folder / "letters").rglob("*.docx"))


@pytest.mark.parametrize(
    ("address", "values", "filled"),
    [
        ("{{ a }}", {"a": " https://example.org/é "}, "https://example.org/%C3%A9"),
        ("{{ a }}", {"a": ""}, ""),
        ("{{ a }}/{{ b }}", {"a": "https://example.org", "b": "x y"}, "https://example.org/x%20y"),
        (
            "{{ a }}?t={{ b }}",
            {"a": "https://example.org", "b": "1:2"},
            "https://example.org?t=1:2",
        ),
        ("https://example.org/{{ b }}", {"b": "javascript:x"}, "https://example.org/javascript:x"),
        ("mailto:{{ b }}", {"b": "a@example.org"}, "mailto:a@example.org"),
        ("{{ a }}{{ b }}", {"a": "https://example.org/", "b": "@ana"}, "https://example.org/@ana"),
        ("https://{{ a }}/{{ b }}", {"a": "x.example:80", "b": "é"}, "https://x.example:80/%C3%A9"),
        (
            "https://{{ a }}",
            {"a": "пример.example"},
            "https://%D0%BF%D1%80%D0%B8%D0%BC%D0%B5%D1%80.example",
        ),
        (
            "https://{{ a }}",
            {"a": "हिन्दी.example/x"},
            "https://%E0%A4%B9%E0%A4%BF%E0%A4%A8%E0%A5%8D%E0%A4%A6%E0%A5%80.example/x",
        ),
        ("https://{{ a }}", {"a": ""}, "https://"),
        (
            "https://a.example/?x={{ a }}&amp;y={{ b }}",
            {"a": 2, "b": "c@d"},
            "https://a.example/?x=2&y=c@d",
        ),
        (
            "https://a.example/{% if b %}{{ b }}{% endif %}?q={{ a }}",
            {"a": "x@y", "b": "z"},
            "https://a.example/z?q=x@y",
        ),
    ],
)
def test_a_value_that_is_a_harmless_address_or_part_of_one_is_filled_in(
    address: str, values: dict[str, str], filled: str
) -> None:
    assert address_in(fill(linked(address), **values)) == filled


def test_a_cell_with_a_harmful_address_is_reported_by_the_checks(tmp_path: Path) -> None:
    rows = [["Name", "Site"], ["Minister Li", "https://example.org"], ["Judge Kim", "file:///C:/x"]]
    body = linked("{{ recipient.site }}")
    folder = make(tmp_path, body, Recipients=rows)
    ran = merge("letters", folder)
    assert ran.code == 1
    assert "Recipients!B3" in ran.err + ran.out
    assert "Start the address with https://" in ran.err + ran.out
    assert not list((folder / "letters").rglob("*.docx"))


def test_a_tooltip_and_a_target_frame_are_removed_from_a_hyperlink_field() -> None:
    body = paragraph(
        field(' HYPERLINK "https://a.example/" ', '\\o "zqtip" \\t "zqframe" ', '\\l "b"')
    )
    letter = fill(docx(body + paragraph(simple(' HYPERLINK "https://a.example/" \\o "zqtip"'))))
    assert b"zq" not in members(letter)[BODY]
    assert members(letter)[BODY].count(b"https://a.example/") == 2
    assert b'\\l "b"' in members(letter)[BODY]


def test_a_template_with_an_inserted_file_is_refused() -> None:
    assert "Another file is inserted" in problem_texts('<w:p/><w:altChunk r:id="x"/>')
    assert "save it" in problem_texts(docx("x", header='<w:p/><w:altChunk r:id="x"/>'))


@pytest.mark.parametrize("count", everyday([900, 985, 3_000]))
def test_deeply_nested_fields_are_refused_with_a_message(count: int) -> None:
    body = paragraph(*[mark("begin"), code(" PAGE ")] * count, *[mark("end")] * count)
    assert "fields are nested" in problem_texts(docx(body))
    inside = f"<w:p><w:r>{either(f'<w:pict>{body}</w:pict>', old=True)}</w:r></w:p>"
    assert b"fldChar" not in members(fill(docx(inside)))[BODY]


@pytest.mark.parametrize("part", ["docProps/custom.xml", "customXml/item1.xml", "word/people.xml"])
def test_a_damaged_part_that_no_letter_contains_is_no_error(part: str) -> None:
    assert texts(fill(docx("x", more={part: "<broken"}))) == ["x"]


def test_a_damaged_part_that_letters_contain_is_reported() -> None:
    broken = zipped({**members(docx("x", header="y")), "word/header.xml": "<broken"})
    assert "This part of the template is damaged" in problem_texts(broken)


def seconds(data: bytes) -> float:
    start = time.perf_counter()
    template(data)
    return time.perf_counter() - start


@pytest.mark.slow
def test_the_time_for_many_links_and_comments_is_proportional_to_their_number() -> None:
    def links(number: int) -> bytes:
        body = "".join(
            paragraph(f'<w:hyperlink r:id="x{n}">{run("a")}</w:hyperlink>') for n in range(number)
        )
        relations = (
            relation(f"x{n}", "hyperlink", f"https://a.example/{n}", outside=True)
            for n in range(number)
        )
        return with_relations(docx(body), *relations)

    def comments(number: int) -> bytes:
        return docx("<w:p>" + "<!-- a --> " * number + "</w:p>")

    for make_one in (links, comments):
        short, long = seconds(make_one(1_500)), seconds(make_one(12_000))
        assert long < 8 * short * 2.5, make_one
