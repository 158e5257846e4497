"""Page number fields stay, and fields about other letters become text."""

from __future__ import annotations

import pytest
from docx.document import Document as Docx
from docx.enum.section import WD_SECTION
from support.combined_letters import (
    add_field,
    combine_all,
    docx_bytes,
    edit_docx,
    headers,
    open_docx,
    parts,
)
from support.documents import BODY, docx, paragraph, run
from support.docx_defects import defects
from support.filled_letters import W, members, root, texts


def field(code: str, *result: str) -> str:
    """Return a field's runs as Word writes them.

    A code or a result may be runs itself.
    """
    marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end")]
    inner = code if code.startswith("<") else coded(code)
    shown = "".join(text if text.startswith("<") else run(text) for text in result)
    between = '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' if result else ""
    return f"{marks[0]}{inner}{between}{shown}{marks[1]}"


def coded(code: str) -> str:
    """Return a run with a piece of a field's code."""
    return f'<w:r><w:instrText xml:space="preserve">{code}</w:instrText></w:r>'


def simple(code: str, result: str) -> str:
    """Return a field in one element."""
    return f'<w:fldSimple w:instr="{code}">{run(result)}</w:fldSimple>'


def codes(data: bytes, part: str = BODY) -> list[str]:
    """Return the codes of the remaining fields, without surrounding spaces."""
    code_texts = [
        str(e.text or e.get(f"{W}instr") or "").strip()
        for e in root(data, part).iter(f"{W}instrText", f"{W}fldSimple")
    ]
    return [code for code in code_texts if code]


def paged(pages: str = "9") -> Docx:
    """Return a letter whose footer has the text: page 1 of 9."""
    document = open_docx(docx("Dear Ana"))
    footer = document.sections[0].footer.paragraphs[0]
    footer.add_run("Page ")
    add_field(footer, "PAGE", "1")
    footer.add_run(" of ")
    add_field(footer, "NUMPAGES", pages)
    return document


def test_the_page_count_is_the_letters_own() -> None:
    letter = docx(paragraph("of ", field(" NUMPAGES ", "9"), simple(" NUMPAGES ", "9")))
    data = combine_all(letter, letter, pages=[2, 3]).data
    assert codes(data) == ["SECTIONPAGES"] * 4
    assert texts(data) == ["of 22", "of 33"]
    assert not defects(data)


def test_a_page_count_field_is_unchanged_if_pages_are_not_counted() -> None:
    assert texts(combine_all(docx(paragraph(field("NUMPAGES", "9")))).data) == ["9"]


def test_a_page_count_that_is_not_a_plain_number_is_unchanged() -> None:
    letter = docx(paragraph(field(r"NUMPAGES \* CardText", "two")))
    data = combine_all(letter, pages=[3]).data
    assert (codes(data), texts(data)) == ([r"SECTIONPAGES \* CardText"], ["two"])


def test_page_count_fields_in_lower_case_or_pieces_are_recognised() -> None:
    split = field(coded(" num") + coded("pages ") + coded(r"\* Arabic"), "9")
    assert codes(combine_all(docx(paragraph(split)), pages=[2]).data) == [r"SECTIONPAGES \* Arabic"]


def test_the_page_count_of_several_sections_ends_with_the_letter() -> None:
    document = open_docx(docx(paragraph(field("NUMPAGES", "9"))))
    document.add_section(WD_SECTION.CONTINUOUS)
    document.add_paragraph("in columns")
    data = combine_all(docx("Dear Bo"), docx_bytes(document), pages=[1, 2]).data
    assert codes(data) == ["PAGEREF letter_2_end"]
    names = [str(e.get(f"{W}name")) for e in root(data).iter(f"{W}bookmarkStart")]
    assert names == ["letter_1", "letter_2", "letter_2_end"]
    last = next(p for p in root(data).iter(f"{W}p") if "in columns" in "".join(p.itertext()))
    assert last.find(f"{W}bookmarkStart") is not None
    assert not defects(data)


def test_the_end_bookmark_is_found_inside_a_content_control() -> None:
    section = "<w:p><w:pPr><w:sectPr/></w:pPr></w:p>"
    inner = f"{section}{paragraph(field('NUMPAGES', '9'))}"
    controlled = docx(f"<w:sdt><w:sdtContent>{inner}</w:sdtContent></w:sdt>")
    data = combine_all(docx("Dear Ana"), controlled).data
    assert codes(data) == ["PAGEREF letter_2_end"]
    assert not defects(data)


def test_letters_with_equal_page_counts_share_their_footers() -> None:
    letter = docx_bytes(paged())
    data = combine_all(letter, letter, letter, pages=[2, 3, 2]).data
    assert len(parts(data, "word/footer")) == 2
    assert [headers(data, n, "footer")["default"].split("of")[1].split()[-1] for n in range(3)] == [
        "2",
        "3",
        "2",
    ]
    assert codes(data, "word/footer1.xml") == ["PAGE", "SECTIONPAGES"]


def test_all_letters_share_footers_that_only_number_pages() -> None:
    document = open_docx(docx("Dear Ana"))
    add_field(document.sections[0].footer.paragraphs[0], "PAGE", "1")
    letter = docx_bytes(document)
    data = combine_all(letter, letter, pages=[2, 3]).data
    assert parts(data, "word/footer") == ["word/footer1.xml"]


@pytest.mark.parametrize(
    "code",
    [
        "TITLE",
        "AUTHOR",
        "FILENAME",
        r"REF here \h",
        "PAGEREF here",
        'STYLEREF "heading 1"',
        "SEQ Figure",
        "DOCPROPERTY Title",
        "MERGEFIELD Name",
        "NUMWORDS",
        "SECTION",
        "title",
    ],
)
def test_fields_about_the_document_become_text(code: str) -> None:
    letter = docx(
        paragraph("a ", field(f" {code} ", "shown"), simple(code.replace('"', ""), "too"))
    )
    data = combine_all(letter, letter).data
    assert codes(data) == []
    assert texts(data) == ["a showntoo"] * 2
    assert not defects(data)


@pytest.mark.parametrize(
    "code",
    ["PAGE", r"DATE \@ &quot;d MMMM&quot;", "HYPERLINK x", "= 1 + 1", "=1+1", "EQ x", "TIME"],
)
def test_fields_about_themselves_stay_fields(code: str) -> None:
    data = combine_all(docx(paragraph(field(code, "1"))), docx("Dear Bo")).data
    assert codes(data) == [code.replace("&quot;", '"')]


def test_nested_fields_are_resolved_separately() -> None:
    condition = field(
        coded(" IF ") + field("NUMPAGES", "9") + coded(' &gt; 1 "see over" "" '),
        "see over ",
        field("TITLE", "Appeal"),
    )
    data = combine_all(docx(paragraph(condition)), pages=[2]).data
    assert codes(data) == ["IF", "SECTIONPAGES", '> 1 "see over" ""']
    assert texts(data)[0].endswith("see over Appeal")
    nested = combine_all(docx(paragraph(field("SECTION", field("NUMPAGES", "9"))))).data
    assert codes(nested) == ["SECTIONPAGES"]
    assert not defects(nested)


def test_a_table_of_contents_keeps_its_lines() -> None:
    begin, end = field(r' TOC \o "1-3" ', "@").split(run("@"))
    second_line = f'<w:p><w:hyperlink w:anchor="_Toc1">{run("Two")}</w:hyperlink></w:p>'
    lines = f"<w:p>{begin}{run('One')}</w:p>{second_line}<w:p>{run('Three')}{end}</w:p>"
    data = combine_all(docx(lines), docx("Dear Bo")).data
    assert codes(data) == []
    assert texts(data) == ["One", "Two", "Three", "Dear Bo"]
    assert not defects(data)


def test_a_field_without_a_result_is_removed() -> None:
    letter = docx(paragraph("a", field(" TC here "), "b"))
    data = combine_all(letter).data
    assert (codes(data), texts(data)) == ([], ["ab"])


def test_fields_in_headers_and_notes_are_resolved_too() -> None:
    letter = docx(
        paragraph("Dear Ana", "<w:r><w:footnoteReference w:id='1'/></w:r>"),
        header=paragraph(field("TITLE", "Appeal")),
        footnotes=paragraph("see ", field("REF here", "above")),
    )
    data = combine_all(letter).data
    for part, shown in (("word/header1.xml", "Appeal"), ("word/footnotes.xml", "see above")):
        assert codes(data, part) == []
        assert shown in texts(data, part)


def test_the_title_of_the_combined_file_is_not_a_letters_title() -> None:
    letter = edit_docx(
        docx(paragraph(simple("TITLE", "My appeal")), title="My appeal"),
        lambda d: d.add_paragraph("Yours"),
    )
    assert b"My appeal" not in members(combine_all(letter).data)["docProps/core.xml"]
    assert texts(combine_all(letter).data)[0] == "My appeal"


@pytest.mark.parametrize("kind", ["DISPLAYBARCODE", "MERGEBARCODE", "BARCODE"])
def test_bar_code_fields_stay_fields(kind: str) -> None:
    letter = docx(paragraph("x ", field(f' {kind} "https://example.org" QR ')))
    assert codes(combine_all(letter, letter).data) == [f'{kind} "https://example.org" QR'] * 2
