"""Many letters in one .docx, each in its own sections."""

from __future__ import annotations

import pytest
from docx.document import Document as Docx
from docx.enum.section import WD_SECTION
from docx.shared import Cm
from lxml import etree
from support.combined_letters import (
    STYLES,
    attribute_of,
    combine_all,
    docx_bytes,
    headers,
    open_docx,
    parts,
    picture,
    replace_in_part,
    sections,
    warning_codes,
)
from support.documents import BODY, docx, paragraph, table
from support.docx_defects import defects
from support.filled_letters import W, members, root, texts

from merge.errors import StorageError
from merge.ooxml.package_builder import SourceFile
from merge.ooxml.wordml import NAMESPACES
from merge.printing.combine.letter import combine_letters

A = docx("Dear Ana", header="Head of A", footer="Foot of A")
B = docx("Dear Bo")
C = docx("Dear Chen", header="Head of C")


def kinds(data: bytes) -> list[str | None]:
    return [attribute_of(section, "type") for section in sections(data)]


def with_headers() -> Docx:
    """Return a document with headers for first, even and odd pages."""
    document = open_docx(docx("Dear Dina"))
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    section.different_first_page_header_footer = True
    section.first_page_header.paragraphs[0].text = "First"
    section.even_page_header.paragraphs[0].text = "Even"
    section.header.paragraphs[0].text = "Odd"
    return document


def test_combined_letters_are_in_sequence_each_in_a_section() -> None:
    combined = combine_all(A, B, C)
    assert texts(combined.data) == ["Dear Ana", "Dear Bo", "Dear Chen"]
    assert kinds(combined.data) == ["nextPage"] * 3
    assert len(open_docx(combined.data).sections) == 3
    assert not combined.problems


def test_two_sided_letters_begin_on_a_front_side() -> None:
    assert kinds(combine_all(A, B, front=True).data) == ["oddPage", "oddPage"]


def test_page_numbers_restart_at_1_in_each_letter() -> None:
    starts = [
        attribute_of(section, "pgNumType", "start") for section in sections(combine_all(A, B).data)
    ]
    assert starts == ["1", "1"]


def test_a_letter_with_another_first_page_number_keeps_it() -> None:
    third = replace_in_part(B, BODY, "<w:sectPr>", '<w:sectPr><w:pgNumType w:start="3"/>')
    assert attribute_of(sections(combine_all(A, third).data)[1], "pgNumType", "start") == "3"


def test_a_letter_never_has_the_headers_of_another() -> None:
    data = combine_all(A, B, C).data
    assert headers(data, 0)["default"] == "Head of A"
    assert headers(data, 1)["default"] == ""
    assert headers(data, 2)["default"] == "Head of C"
    assert headers(data, 2, "footer")["default"] == ""


def test_an_empty_header_does_not_push_the_text_down() -> None:
    tight = open_docx(B)
    tight.sections[0].top_margin, tight.sections[0].header_distance = Cm(0.5), Cm(1.25)
    tight.sections[0].bottom_margin, tight.sections[0].footer_distance = Cm(0.4), Cm(1.25)
    margins = sections(combine_all(A, docx_bytes(tight)).data)[1]
    assert attribute_of(margins, "pgMar", "header") == attribute_of(margins, "pgMar", "top")
    assert attribute_of(margins, "pgMar", "footer") == attribute_of(margins, "pgMar", "bottom")


def test_an_empty_header_is_a_header_of_no_height() -> None:
    data = combine_all(A, B).data
    types = {e.get("PartName"): e.get("ContentType") for e in root(data, "[Content_Types].xml")}
    for part, kind, tag in (("header2", "header", "hdr"), ("footer2", "footer", "ftr")):
        blank = root(data, f"word/{part}.xml")
        assert blank.tag == f"{W}{tag}"
        assert attribute_of(blank, "p/pPr/spacing", "line") == "1"
        assert str(types[f"/word/{part}.xml"]).endswith(f"wordprocessingml.{kind}+xml")


def test_header_margins_in_other_units_are_read() -> None:
    """As Google Docs writes them, and as the standard allows (17.18.81)."""
    margins = '<w:pgMar w:top="1in" w:bottom="1440.0000000000002" w:header="2cm" w:footer="720.0"/>'
    other_units = replace_in_part(B, BODY, "<w:sectPr>", f"<w:sectPr>{margins}")
    section = sections(combine_all(A, other_units).data)[1]
    assert (attribute_of(section, "pgMar", "header"), attribute_of(section, "pgMar", "footer")) == (
        "1134",
        "720",
    )


def test_equal_headers_are_stored_once() -> None:
    data = combine_all(A, A, A).data
    assert parts(data, "word/header") == ["word/header1.xml"]
    assert [headers(data, n)["default"] for n in range(3)] == ["Head of A"] * 3


def test_letters_without_even_headers_have_the_same_header_on_all_pages() -> None:
    data = combine_all(A, docx_bytes(with_headers()), A).data
    assert headers(data, 0) == {"default": "Head of A", "even": "Head of A"}
    assert headers(data, 1) == {"first": "First", "even": "Even", "default": "Odd"}
    assert headers(data, 2) == {"default": "Head of A", "even": "Head of A", "first": ""}
    assert b"evenAndOddHeaders" in members(data)["word/settings.xml"]


def test_the_next_letter_never_inherits_an_even_header() -> None:
    document = open_docx(B)
    document.settings.odd_and_even_pages_header_footer = True
    document.sections[0].even_page_header.paragraphs[0].text = "Even"
    assert headers(combine_all(docx_bytes(document), B).data, 1) == {"default": "", "even": ""}


def test_even_headers_that_a_letter_does_not_use_stay_unused() -> None:
    document = with_headers()
    document.settings.odd_and_even_pages_header_footer = False
    data = combine_all(A, docx_bytes(document)).data
    assert headers(data, 1)["even"] == "Odd"
    assert b"evenAndOddHeaders" not in members(data)["word/settings.xml"]


def test_a_first_page_without_a_header_has_none() -> None:
    document = open_docx(C)
    document.sections[0].different_first_page_header_footer = True
    assert headers(combine_all(A, docx_bytes(document)).data, 1)["first"] == ""


def test_a_letter_of_several_sections_keeps_them() -> None:
    document = open_docx(C)
    document.add_section(WD_SECTION.CONTINUOUS)
    document.add_paragraph("in columns")
    data = combine_all(A, docx_bytes(document), B, front=True).data
    assert kinds(data) == ["oddPage", "oddPage", "continuous", "oddPage"]
    assert [attribute_of(e, "pgNumType", "start") for e in sections(data)] == ["1", "1", None, "1"]


def test_a_section_ends_in_the_letters_last_paragraph() -> None:
    paragraphs = list(root(combine_all(A, B).data).iter(f"{W}p"))
    assert len(paragraphs) == 2
    assert paragraphs[0].find(f"{W}pPr/{W}sectPr") is not None


def test_a_letter_that_ends_in_a_table_gets_a_paragraph_of_no_height() -> None:
    ends_in_table = docx(table(["last"]).removesuffix("<w:p/>"))
    data = combine_all(ends_in_table, B).data
    closing = list(root(data).iter(f"{W}p"))[1]
    assert attribute_of(closing, "pPr/spacing", "line") == "1"
    assert attribute_of(closing, "pPr/rPr/sz") == "2"
    assert closing.find(f"{W}pPr/{W}sectPr") is not None
    assert texts(data) == ["last", "", "Dear Bo"]


def test_every_letter_begins_with_its_bookmark() -> None:
    combined = combine_all(A, docx(table(["first"])), B)
    marks = [e.get(f"{W}name") for e in root(combined.data).iter(f"{W}bookmarkStart")]
    assert combined.bookmarks == tuple(marks) == ("letter_1", "letter_2", "letter_3")
    first_mark, _, last_mark = root(combined.data).iter(f"{W}bookmarkStart")
    for mark, words in ((first_mark, "Dear Ana"), (last_mark, "Dear Bo")):
        holder = mark.getparent()
        assert holder is not None
        assert "".join(map(str, holder.itertext())) == words


def test_paragraph_properties_come_before_the_bookmark() -> None:
    """As the schema wants them (ECMA-376 part 1, A.1)."""
    bare = docx(paragraph("x") + table(["y"]).removesuffix("<w:p/>"))
    body = root(combine_all(bare, docx(table(["first"])), bare).data)
    for holder, name in (("p", "pPr"), ("tbl", "tblPr")):
        for element in body.iter(f"{W}{holder}"):
            positions = [n for n, e in enumerate(element) if e.tag == f"{W}{name}"]
            assert positions in ([], [0])
            assert element.find(f"{W}pPr") is None or holder == "p"


def test_ignorable_namespaces_are_declared_once() -> None:
    """mc:Ignorable (ECMA-376 part 3, 7.2)."""
    spaces = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" mc:Ignorable="w14"'
    later = replace_in_part(B, BODY, 'mc:Ignorable=""', spaces)
    body = root(combine_all(A, later, C).data)
    space = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    assert body.get(f"{{{space}}}Ignorable") == "w14"
    assert "w14" in body.nsmap
    assert root(combine_all(A).data).get(f"{{{space}}}Ignorable") is None


def test_the_combined_file_has_only_a_title_as_property() -> None:
    written = open_docx(docx("Dear Ana", title="Appeal"))
    written.core_properties.author = "Ana Ruiz"
    core = open_docx(combine_all(docx_bytes(written), B).data).core_properties
    assert (core.title, core.author, core.last_modified_by) == ("All of them", "", "")
    assert not parts(combine_all(docx_bytes(written)).data, "docProps/app")


def test_the_same_letters_give_the_same_bytes() -> None:
    assert combine_all(A, B, C).data == combine_all(A, B, C).data


def test_all_unreadable_letters_are_reported_together() -> None:
    with pytest.raises(StorageError) as error:
        combine_letters(
            [SourceFile("a", A), SourceFile("b", A[:-99]), SourceFile("c", b"")], SourceFile("a", A)
        )
    assert [str(p.place) for p in error.value.problems] == ["b", "c"]
    assert "is damaged" in str(error.value)
    assert {p.code for p in error.value.problems} == {"letter-unreadable"}
    assert "template" not in str(error.value)


@pytest.mark.parametrize("base", [b"PK", b"", replace_in_part(A, STYLES, "<w:", "<w:w ")])
def test_an_unreadable_base_is_reported_with_the_names_of_letters(base: bytes) -> None:
    pieces = [SourceFile("a", A), SourceFile("b", base), SourceFile("c", b"PK")]
    with pytest.raises(StorageError) as error:
        combine_letters(iter(pieces), SourceFile("", base))
    assert [str(p.place) for p in error.value.problems] == ["b", "c"]
    with pytest.raises(StorageError, match="base: "):
        combine_letters([SourceFile("a", A)], SourceFile("base", base))


@pytest.mark.parametrize("part", ["word/document.xml", "word/styles.xml", "word/header.xml"])
def test_a_letter_with_broken_xml_is_reported(part: str) -> None:
    broken = replace_in_part(A, part, "<w:", "<w:w ")
    with pytest.raises(StorageError, match=r"a: .* is damaged"):
        combine_all(broken)


def test_a_letter_with_a_missing_header_is_reported() -> None:
    with pytest.raises(StorageError, match=r"a: .* is damaged"):
        combine_all(replace_in_part(A, BODY, 'r:id="header"', 'r:id="other"'))


def test_parts_of_letters_keep_their_content_types() -> None:
    document = open_docx(A)
    document.add_paragraph().add_run().add_picture(picture(), width=Cm(2))
    data = combine_all(B, docx_bytes(document)).data
    types = root(data, "[Content_Types].xml")
    kinds = {str(e.get("PartName")).lstrip("/"): e.get("ContentType") for e in types}
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    assert kinds[BODY] == main
    assert kinds["word/media/image1.png"] == "image/png"
    assert str(kinds["word/header1.xml"]).endswith("wordprocessingml.header+xml")
    assert str(kinds["word/theme1.xml"]).endswith("officedocument.theme+xml")
    named = {name for name in members(data) if not name.endswith((".rels", "Types].xml"))}
    assert named <= kinds.keys()
    defaults = {e.get("Extension"): e.get("ContentType") for e in types if e.get("Extension")}
    assert defaults["rels"] == "application/vnd.openxmlformats-package.relationships+xml"


def test_parts_have_no_space_between_elements() -> None:
    for name, data in members(combine_all(A, B).data).items():
        if name.endswith(".rels") or name == "[Content_Types].xml":
            assert "".join(map(str, etree.fromstring(data).itertext())) == ""


def test_comments_of_letters_are_removed_and_reported() -> None:
    noted = docx('<w:p><w:commentRangeStart w:id="0"/><w:r><w:t>Dear Ana</w:t></w:r></w:p>')
    combined = combine_all(A, noted)
    assert warning_codes(combined) == ["b letter-comments"]
    assert b"comment" not in members(combined.data)[BODY]
    headed = docx("Dear Ana", header="<w:p><w:r><w:commentReference w:id='0'/></w:r></w:p>")
    assert warning_codes(combine_all(headed, headed)) == ["a letter-comments", "b letter-comments"]


def test_tracked_changes_of_letters_are_kept_and_reported() -> None:
    inserted = '<w:ins w:id="1" w:author="Bo"><w:r><w:t>new</w:t></w:r></w:ins>'
    combined = combine_all(docx(f"<w:p>{inserted}</w:p>"), docx(f"<w:p>{inserted}</w:p>"))
    assert warning_codes(combined) == ["a letter-tracked-changes", "b letter-tracked-changes"]
    numbers = [e.get(f"{W}id") for e in root(combined.data).iter(f"{W}ins")]
    assert len(set(numbers)) == 2


def test_an_empty_letter_is_a_page_of_its_own() -> None:
    bare = replace_in_part(docx("<w:p/>"), BODY, "<w:p/><w:sectPr></w:sectPr>", "")
    assert members(bare)[BODY].count(b"<w:p") == 0
    combined = combine_all(A, bare, bare)
    assert kinds(combined.data) == ["nextPage"] * 3
    assert len(combined.bookmarks) == 3
    assert not defects(combined.data)


def test_combining_no_letters_makes_an_empty_file() -> None:
    combined = combine_letters([], SourceFile("base", A))
    assert (combined.bookmarks, combined.problems) == ((), ())
    assert open_docx(combined.data).paragraphs == []


def test_a_combined_file_has_no_defect() -> None:
    assert not defects(combine_all(A, B, C, docx(paragraph("x") + table(["y"]))).data)


def test_the_signers_typed_name_has_a_bookmark_before_it() -> None:
    letter = docx("Dear Bo\nPlease act.\nSincerely,\nAna Ruiz\nMadrid")
    sources = [SourceFile("a", letter, signer="Ana Ruiz"), SourceFile("b", letter)]
    body = root(combine_letters(sources, SourceFile("base", letter)).data)
    marks = [e for e in body.iter(f"{W}bookmarkStart") if str(e.get(f"{W}name")).endswith("_name")]
    words = [mark.xpath("string(following::w:t[1])", namespaces=NAMESPACES) for mark in marks]
    assert words == ["Ana Ruiz"]
