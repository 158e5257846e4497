"""Fields that lack their end lose no words, and are reported."""

from __future__ import annotations

import pytest
from support.documents import cell, docx, paragraph, run, table, text_box
from support.field_markup import code, field, mark, simple
from support.filled_letters import W, faults, fill, members, root, template, texts

BEGIN, SEPARATE, END = mark("begin"), mark("separate"), mark("end")
DEAR = paragraph("Dear {{ a }}")
PAGE = BEGIN + code(" PAGE ") + SEPARATE + run("1")
PAGES = BEGIN + code(" NUMPAGES ") + SEPARATE + run("2")
INSIDE = "<w:r><w:fldChar w:fldCharType='begin'/></w:r></w:fldSimple>"

UNCLOSED = {
    "two page numbers": (paragraph("Page ", PAGE, " of ", PAGES), "Page 1 of 2", 2),
    "one of two": (paragraph(PAGE, BEGIN, code(" PAGE "), SEPARATE, run("2"), END), "12", 1),
    "without results": (
        paragraph("a", BEGIN, code(" PAGE "), "b", BEGIN, code(" PAGE "), "c"),
        "abc",
        2,
    ),
    "a begin alone": (paragraph("a", BEGIN, "b"), "ab", 1),
    "a begin and a separator": (paragraph("a", BEGIN, SEPARATE, "b"), "ab", 1),
    "in a simple field": (
        paragraph(simple(" PAGE ", "1").replace("</w:fldSimple>", INSIDE)),
        "1",
        1,
    ),
    "a kind that is taken out": (
        paragraph("a ", BEGIN, code(" INCLUDETEXT x "), "b"),
        "a b",
        1,
    ),
    "round a whole one": (
        paragraph(BEGIN, code(" REF x "), SEPARATE, run("7"), field(" PAGE ", result="1")),
        "71",
        1,
    ),
}


def _marks(letter: bytes, part: str) -> tuple[int, int]:
    kinds = [e.get(f"{W}fldCharType") for e in root(letter, part).iter(f"{W}fldChar")]
    return kinds.count("begin"), kinds.count("end")


@pytest.mark.parametrize("what", UNCLOSED)
def test_text_after_an_unclosed_field_stays(what: str) -> None:
    body, text, count = UNCLOSED[what]
    compiled = template(docx(body + DEAR))
    warnings = [p for p in compiled.problems if p.code == "field-unclosed"]
    assert [p.level for p in warnings] == ["warning"] * count
    assert all(p.place.paragraph == 1 for p in warnings)
    letter = fill(docx(body + DEAR), a="A")
    assert texts(letter) == [text, "Dear A"]
    begins, ends = _marks(letter, "word/document.xml")
    assert begins == ends


def test_an_unclosed_field_in_a_footer_without_tags_is_closed() -> None:
    letter = fill(docx("x", footer=paragraph("Page ", PAGE, " of ", PAGES)), a="A")
    assert _marks(letter, "word/footer.xml") == (2, 2)
    assert "NUMPAGES" in members(letter)["word/footer.xml"].decode()


def test_an_unclosed_field_in_a_cell_does_not_include_the_next_cell() -> None:
    body = table([cell(paragraph(PAGE)), "{{ a }}"])
    assert texts(fill(docx(body), a="A")) == ["1", "A", ""]


def test_the_warning_about_an_unclosed_field_says_where_it_was_closed() -> None:
    (warning,) = template(docx(paragraph("Page ", PAGE) + DEAR)).problems
    assert str(warning) == (
        "a.docx, line “Page 1” (paragraph 1): The field { PAGE } is not closed. Delete it in Word "
        "(Alt+F9 shows fields) and insert it again. In the letters it ends after “1”."
    )


def test_an_unclosed_field_in_a_text_box_is_reported_once() -> None:
    warnings = template(docx(text_box(paragraph(PAGE)) + DEAR)).problems
    assert [p.code for p in warnings] == ["field-unclosed"]


@pytest.mark.parametrize("kind", ["MERGEFIELD a", "NEXT"])
def test_an_unclosed_field_of_mail_merge_is_an_error(kind: str) -> None:
    body = paragraph("x ", BEGIN, code(f" {kind} "), SEPARATE, run("1"))
    assert [p.level for p in faults(docx(body + DEAR)) if p.code == "field-unclosed"] == ["error"]


def test_closed_fields_stay_unchanged() -> None:
    body = paragraph("Page ", field(" PAGE ", result="1"), END)
    assert template(docx(body + DEAR)).problems == ()
