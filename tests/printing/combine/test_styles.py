"""An edited letter keeps its own styles, defaults, theme and settings."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as Docx
from docx.shared import Pt, RGBColor
from support.combined_letters import (
    SETTINGS,
    STYLES,
    attribute_of,
    combine_all,
    combined_appearance,
    document_defaults,
    docx_bytes,
    edit_docx,
    formatted_letter,
    parts,
    replace_in_part,
    resave_letter,
    separate_appearance,
    shipped_letters,
    style,
    style_of,
    warning_codes,
)
from support.documents import OFFICE, PACKAGE, docx, note, paragraph, run, table, text_box, zipped
from support.docx_defects import defects
from support.filled_letters import W, members, root
from support.office_programs import needs_libreoffice
from support.paragraph_looks import looks

THEME = "word/theme.xml"
GRID = '<w:tblPr><w:tblStyle w:val="Grid"/></w:tblPr>'
RED, BLUE = (f'<w:color w:val="{colour}"/>' for colour in ("FF0000", "0000FF"))
LARGE, SMALL = (f'<w:sz w:val="{size}"/>' for size in (40, 12))


def letter(name: str = "Ana") -> Docx:
    """Return a letter with the many styles of a Word file."""
    document = Document()
    document.add_heading("An appeal", 1)
    document.add_paragraph(f"Dear {name}")
    document.add_paragraph("one", style="List Number")
    document.add_paragraph("said", style="Quote").add_run("loud", style="Strong")
    document.add_table(1, 1, style="Table Grid").cell(0, 0).text = "cell"
    document.add_paragraph("Yours")
    return document


def styled(name: str, size: float, colour: str) -> bytes:
    """Return a letter with changed normal text and headings."""
    document = letter(name)
    document.styles["Normal"].font.size = Pt(size)
    document.styles["Heading 1"].font.color.rgb = RGBColor.from_string(colour)
    return docx_bytes(document)


def ids(data: bytes) -> list[str]:
    """Return the IDs of all styles."""
    return [str(e.get(f"{W}styleId")) for e in root(data, STYLES).iter(f"{W}style")]


def names(data: bytes) -> list[str]:
    """Return the names of all styles, in lower case."""
    return [str(attribute_of(e, "name")).lower() for e in root(data, STYLES).iter(f"{W}style")]


def in_style(text: str, name: str) -> str:
    """Return a paragraph in a style."""
    return f'<w:p><w:pPr><w:pStyle w:val="{name}"/></w:pPr>{run(text)}</w:p>'


def test_equal_letters_share_their_styles() -> None:
    one, two = docx_bytes(letter()), docx_bytes(letter("Bo"))
    data = combine_all(one, two, one).data
    assert ids(data) == ids(one)
    assert attribute_of(root(data, STYLES), "docDefaults/rPrDefault/rPr/sz") == attribute_of(
        root(one, STYLES), "docDefaults/rPrDefault/rPr/sz"
    )


@pytest.mark.slow
def test_an_edited_letter_keeps_its_changed_styles() -> None:
    letters = styled("Ana", 11, "FF0000"), styled("Bo", 14, "0000FF")
    assert combined_appearance(*letters) == separate_appearance(*letters)
    data = combine_all(*letters).data
    assert attribute_of(style(data, "Dear Ana"), "rPr/sz") == "22"
    assert attribute_of(style(data, "Dear Bo"), "rPr/sz") == "28"


@pytest.mark.slow
def test_only_different_styles_are_added_once_for_all_letters() -> None:
    base, other = letter(), letter()
    other.styles["Quote"].font.size = Pt(8)
    second = edit_docx(docx_bytes(other), lambda d: d.add_paragraph("and more"))
    data = combine_all(docx_bytes(base), docx_bytes(other), second).data
    assert ids(data)[len(ids(docx_bytes(base))) :] == ["Quote2"]
    assert attribute_of(style(data, "saidloud"), "rPr/sz") is None
    added = next(e for e in root(data, STYLES) if e.get(f"{W}styleId") == "Quote2")
    elements = {str(e.tag).removeprefix(W) for e in added}
    assert elements == {"name", "basedOn", "uiPriority", "rPr"}  # and no reference to other styles


def test_no_two_styles_have_one_id_or_one_name() -> None:
    one, two, three = (styled("Ana", size, "FF0000") for size in (9, 10, 12))
    data = combine_all(one, two, three, one).data
    assert max(Counter(ids(data)).values()) == max(Counter(names(data)).values()) == 1
    assert not defects(data)


def test_style_names_differ_in_more_than_case() -> None:
    used_names = style_of("Note2") + style_of("X").replace('"X"', '"note 2"', 1).replace(
        '"X"', '"NOTE 2"'
    )
    one = formatted_letter(in_style("Dear Ana", "Note"), style_of("Note", RED) + used_names)
    two = formatted_letter(in_style("Dear Bo", "Note"), style_of("Note", BLUE))
    assert combined_appearance(one, two) == separate_appearance(one, two)
    assert names(combine_all(one, two).data)[-1] == "note 3"


def test_paragraphs_name_the_default_style_of_their_letter() -> None:
    one = formatted_letter("Dear Ana", style_of("Normal", RED))
    two = formatted_letter(paragraph("Dear Bo") + table(["cell"]), style_of("Normal", BLUE))
    assert combined_appearance(one, two) == separate_appearance(one, two)
    assert style(combine_all(one, two).data, "Dear Bo").get(f"{W}default") is None


@pytest.mark.parametrize(
    "others",
    [
        document_defaults(LARGE),
        document_defaults('<w:rFonts w:ascii="Georgia" w:hAnsi="Georgia"/>'),
        document_defaults(paragraph='<w:spacing w:after="200" w:line="276" w:lineRule="auto"/>'),
        document_defaults(paragraph='<w:ind w:start="700" w:hanging="100"/><w:jc w:val="both"/>'),
        document_defaults('<w:kern w:val="2"/><w14:ligatures w14:val="standardContextual"/>'),
        "",
    ],
)
def test_document_defaults_of_each_letter_are_kept(others: str) -> None:
    body = paragraph("Dear Bo") + in_style("so", "Small") + table(["cell"]) + paragraph("Yours")
    styles = style_of("Normal") + style_of("Small", '<w:sz w:val="14"/>')
    plain = formatted_letter("Dear Ana", document_defaults('<w:sz w:val="22"/>') + styles)
    other = formatted_letter(body, others + styles)
    assert combined_appearance(plain, other) == separate_appearance(plain, other)
    assert combined_appearance(other, plain) == separate_appearance(other, plain)


ON = (
    *("keepNext", "keepLines", "contextualSpacing", "bidi", "suppressAutoHyphens"),
    "pageBreakBefore",
)
OFF = ("widowControl", "snapToGrid", "kinsoku", "wordWrap", "overflowPunct", "autoSpaceDE")
TEXT = ("b", "bCs", "i", "iCs", "caps", "smallCaps", "noProof", "strike", "vanish")
VALUES = (
    *(("jc", "center", "left"), ("textAlignment", "top", "auto")),
    *(("sz", "50", "20"), ("szCs", "50", "20"), ("kern", "2", "0"), ("spacing", "9", "0")),
    *(("position", "6", "0"), ("color", "FF0000", "auto"), ("u", "single", "none")),
    ("w", "80", "100"),
)


@pytest.mark.parametrize(
    ("holder", "name", "value", "initial"),
    [
        *(("pPr", name, "1", "0") for name in ON),
        *(("pPr", name, "0", "1") for name in OFF),
        *(("rPr", name, "1", "0") for name in TEXT),
        *(("pPr" if name in {"jc", "textAlignment"} else "rPr", name, *of) for name, *of in VALUES),
    ],
)
def test_a_document_default_of_the_base_is_undone(
    holder: str, name: str, value: str, initial: str
) -> None:
    default = f'<w:{name} w:val="{value}"/>'
    base = formatted_letter(
        "Dear Ana", document_defaults(*((default, "") if holder == "rPr" else ("", default)))
    )
    data = combine_all(base, formatted_letter("Dear Bo")).data
    assert attribute_of(style(data, "Dear Bo"), f"{holder}/{name}") == initial


def test_indents_under_another_name_are_not_set_twice() -> None:
    base = formatted_letter(
        "Dear Ana", document_defaults(paragraph='<w:ind w:left="100" w:firstLine="50"/>')
    )
    body, indent = in_style("Dear Bo", "In"), '<w:ind w:end="40" w:hanging="30"/>'
    other = formatted_letter(
        body, document_defaults() + style_of("Normal") + style_of("In", paragraph=indent)
    )
    assert combined_appearance(base, other) == separate_appearance(base, other)
    indents = style(combine_all(base, other).data, "Dear Bo").find(f"{W}pPr/{W}ind")
    assert indents is not None
    assert {str(name).removeprefix(W) for name in indents.attrib} == {"left", "end", "hanging"}


def test_table_styles_override_defaults_and_paragraph_styles_override_both() -> None:
    styles = document_defaults('<w:sz w:val="30"/><w:color w:val="00FF00"/>') + style_of("Normal")
    styles += style_of("Grid", LARGE, kind="table") + style_of("Small", SMALL)
    cells = table([f"<w:tc><w:tcPr/>{paragraph('plain')}{in_style('small', 'Small')}</w:tc>"])
    tabled = formatted_letter(
        cells.replace("<w:tblPr>", GRID.removesuffix("</w:tblPr>")) + "<w:p/>", styles
    )
    other = formatted_letter("Dear Ana", document_defaults(RED) + style_of("Normal"))
    for letters in ((other, tabled), (tabled, other)):
        assert combined_appearance(*letters) == separate_appearance(*letters)
    sizes = {
        s.text: s.runs[0][1]["sz"]["val"] for s in combined_appearance(other, tabled) if s.runs
    }
    assert sizes == {"Dear Ana": "20", "plain": "40", "small": "12"}


def test_a_table_of_an_unknown_style_has_the_default_style() -> None:
    tables = style_of("Normal Table", LARGE, kind="table")
    cells = table(["cell"]).replace("<w:tblPr>", '<w:tblPr><w:tblStyle w:val="Nowhere"/>')
    letters = (
        formatted_letter("Dear Ana", document_defaults(SMALL)),
        formatted_letter(cells, document_defaults() + tables),
    )
    assert combined_appearance(*letters) == separate_appearance(*letters)


def test_a_missing_style_never_becomes_another_letters_style() -> None:
    nameless = formatted_letter(
        in_style("Dear Ana", "Grand") + paragraph(run("x", '<w:rStyle w:val="Loud"/>'))
    )
    grand = style_of("Grand", LARGE) + style_of("Loud", RED, kind="character")
    other = formatted_letter(in_style("Dear Bo", "Grand"), grand)
    assert combined_appearance(nameless, other) == separate_appearance(nameless, other)


def test_a_style_without_a_base_never_gets_another_letters_base() -> None:
    based = style_of("Own", RED, more='<w:basedOn w:val="Grand"/>')
    one = formatted_letter(in_style("Dear Ana", "Own"), based)
    other = formatted_letter(in_style("Dear Bo", "Grand"), style_of("Grand", LARGE))
    assert combined_appearance(one, other) == separate_appearance(one, other)


def test_a_style_based_on_itself_is_copied_without_error() -> None:
    round_about = style_of("A", RED, more='<w:basedOn w:val="B"/>')
    round_about += style_of("B", LARGE, more='<w:basedOn w:val="A"/>')
    data = combine_all(
        docx("Dear Ana"), formatted_letter(in_style("Dear Bo", "A"), round_about)
    ).data
    assert attribute_of(style(data, "Dear Bo"), "rPr/color") == "FF0000"


def test_a_letter_without_styles_looks_as_in_word() -> None:
    bare = {n: d for n, d in members(docx("Dear Bo\nYours")).items() if n != STYLES}
    link = f'<Relationship Id="styles" Type="{OFFICE}/styles" Target="styles.xml"/>'
    plain = zipped(
        {
            **bare,
            "word/_rels/document.xml.rels": bare["word/_rels/document.xml.rels"].replace(
                link.encode(), b""
            ),
        }
    )
    shown = looks(
        combine_all(
            formatted_letter("Dear Ana", document_defaults(LARGE) + style_of("Normal", RED)), plain
        ).data
    )
    assert [dict(s.runs[0][1])["sz"]["val"] for s in shown] == ["40", "20", "20"]
    assert [dict(s.runs[0][1])["color"]["val"] for s in shown] == ["FF0000", "auto", "auto"]


def test_theme_fonts_are_those_of_the_letters_own_theme() -> None:
    fonts = '<w:rFonts w:asciiTheme="minorHAnsi" w:hAnsiTheme="majorHAnsi"/>'
    body = paragraph("Dear you") + paragraph(run("directly", fonts)) + paragraph("Yours")
    styles = document_defaults(fonts) + style_of("Normal")
    one, two = (
        formatted_letter(body, styles, faces=("Lora", "Inter")),
        formatted_letter(body, styles, faces=("A", "B")),
    )
    assert combined_appearance(one, two) == separate_appearance(one, two)
    assert looks(combine_all(one, two).data)[3].runs[0][1]["rFonts"]["ascii"] == "B"


def test_theme_fonts_of_other_scripts_follow_the_letters_language() -> None:
    fonts = '<w:rFonts w:eastAsiaTheme="minorEastAsia" w:cstheme="majorBidi"/>'
    scripts = "".join(
        f'<a:font script="{script}" typeface="{face}"/>'
        for script, face in (("Jpan", "MS Mincho"), ("Hans", "SimSun"), ("Arab", "Amiri"))
    )
    plain = formatted_letter("Dear Ana", document_defaults(fonts) + style_of("Normal"))
    other = replace_in_part(plain, THEME, '<a:cs typeface=""/>', f'<a:cs typeface=""/>{scripts}')
    for language, face in (("ja-JP", "MS Mincho"), ("zh-CN", "SimSun"), ("ko-KR", None)):
        language_setting = f'<w:themeFontLang w:eastAsia="{language}" w:bidi="ar-SA"/></w:settings>'
        letter = replace_in_part(other, SETTINGS, "</w:settings>", language_setting)
        base_style = style(combine_all(plain, letter, plain).data, "Dear Ana")
        assert base_style.get(f"{W}default") == "1"
        (resolved,) = [
            e
            for e in root(combine_all(plain, letter).data, STYLES).iter(f"{W}style")
            if e.get(f"{W}styleId") == "Normal2"
        ]
        assert attribute_of(resolved, "rPr/rFonts", "eastAsia") == (face or "Times New Roman")
        assert attribute_of(resolved, "rPr/rFonts", "cs") == "Amiri"


def test_a_colour_of_another_theme_is_kept() -> None:
    coloured = (
        '<w:color w:val="123456" w:themeColor="accent1" w:themeTint="99" w:themeShade="BF"/>'
        '<w:shd w:val="clear" w:fill="654321" w:themeFill="accent2" w:themeFillTint="66"'
        ' w:themeFillShade="33"/>'
    )
    styles = style_of("Normal", coloured)
    one = formatted_letter("Dear Ana", styles)
    two = replace_in_part(
        formatted_letter("Dear Bo", styles),
        "word/theme.xml",
        'srgbClr val="000000"',
        'srgbClr val="00FF00"',
    )
    colour = style(combine_all(one, two).data, "Dear Bo").find(f"{W}rPr/{W}color")
    assert colour is not None
    assert dict(colour.attrib) == {f"{W}val": "123456"}
    shade = style(combine_all(one, two).data, "Dear Bo").find(f"{W}rPr/{W}shd")
    assert shade is not None
    assert dict(shade.attrib) == {f"{W}val": "clear", f"{W}fill": "654321"}


def test_headers_notes_and_text_boxes_keep_their_styles() -> None:
    styles = document_defaults('<w:sz w:val="30"/>') + style_of("Normal", RED)
    source = docx(
        paragraph("Dear Bo", note()) + text_box("in a box") + "<w:p/>",
        header="Head",
        footnotes="A note",
    )
    other = zipped({**members(source), STYLES: members(formatted_letter("", styles))[STYLES]})
    data = combine_all(docx("Dear Ana"), other).data
    for part, own_part in (("word/header1.xml", "word/header.xml"), ("word/footnotes.xml",) * 2):
        shown = [s for s in looks(data, part) if s.text]
        assert shown == looks(other, own_part)
        assert shown[0].runs[0][1]["color"] == {"val": "FF0000"}
    assert looks(data)[2:] == looks(other)[1:]


def test_an_equal_header_with_other_styles_is_stored_separately() -> None:
    one, two = (
        zipped(
            {
                **members(docx("Dear you", header="Head")),
                STYLES: members(formatted_letter("", style_xml))[STYLES],
            }
        )
        for style_xml in (style_of("Normal", RED), style_of("Normal", BLUE))
    )
    data = combine_all(one, two, one).data
    shown = [looks(data, part)[0].runs[0][1]["color"]["val"] for part in parts(data, "word/header")]
    assert shown == ["FF0000", "0000FF"]


def test_fonts_are_listed_once_with_their_embedded_files() -> None:
    fonts = '<w:font w:name="Own"><w:embedRegular r:id="face"/></w:font><w:font w:name="Arial"/>'
    kind = f'<Relationship Id="face" Type="{OFFICE}/font" Target="fonts/font1.odttf"/>'
    files = members(docx("Dear Bo"))
    font_table = files["word/fontTable.xml"].replace(b"/>", f">{fonts}</w:fonts>".encode())
    files["word/fontTable.xml"] = font_table
    files["word/_rels/fontTable.xml.rels"] = (
        f'<Relationships xmlns="{PACKAGE}/relationships">{kind}</Relationships>'.encode()
    )
    types = "[Content_Types].xml"
    font = b'<Default Extension="odttf" ContentType="application/x-fontdata"/></Types>'
    files[types] = files[types].replace(b"</Types>", font)
    other = zipped({**files, "word/fonts/font1.odttf": b"face"})
    data = combine_all(
        docx("Dear Ana"), other, edit_docx(other, lambda d: d.add_paragraph("Yours"))
    ).data
    for combined in (data, combine_all(docx("Dear Ana"), other).data, combine_all(other).data):
        fonts_of = [e.get(f"{W}name") for e in root(combined, "word/fontTable.xml")]
        assert fonts_of == ["Own", "Arial"]
    assert parts(data, "word/fonts/") == ["word/fonts/font1.odttf"]
    assert not defects(data)


def with_settings(inner: str, body: str = "Dear Bo") -> bytes:
    """Return a letter of a current Word version, with more settings."""
    return replace_in_part(
        formatted_letter(body), SETTINGS, "</w:settings>", f"{inner}</w:settings>"
    )


@pytest.mark.parametrize(
    ("setting", "lost_words"),
    [
        ("<w:mirrorMargins/>", "mirrored margins"),
        ("<w:gutterAtTop/><w:bookFoldPrinting/>", "gutter at the top and book fold"),
        ("<w:printTwoOnOne/>", "two pages a sheet"),
    ],
)
def test_settings_of_an_entire_file_are_the_bases_and_reported_for_others(
    setting: str, lost_words: str
) -> None:
    plain, other = formatted_letter("Dear Ana"), with_settings(setting)
    combined = combine_all(plain, other, plain)
    assert warning_codes(combined) == ["b letter-settings"]
    assert f"this letter loses its own {lost_words}." in str(combined.problems[0])
    assert warning_codes(combine_all(other, plain, other)) == ["b letter-settings"]
    assert not combine_all(other, other).problems
    for element in setting.strip("<>/").split("/><"):
        name = element.removeprefix("w:").encode()
        assert name in members(combine_all(other, plain).data)[SETTINGS]
        assert name not in members(combined.data)[SETTINGS]


def test_another_compatibility_mode_is_reported() -> None:
    older = replace_in_part(formatted_letter("Dear Bo"), SETTINGS, 'w:val="15"', 'w:val="14"')
    assert "its own compatibility mode of Word" in str(
        combine_all(formatted_letter("A"), older).problems[0]
    )
    nameless = replace_in_part(
        formatted_letter("Dear Bo"), SETTINGS, "compatibilityMode", "another"
    )
    oldest = replace_in_part(formatted_letter("Dear Bo"), SETTINGS, 'w:val="15"', 'w:val="12"')
    assert warning_codes(combine_all(formatted_letter("A"), nameless)) == ["b letter-settings"]
    assert not combine_all(nameless, oldest).problems


def test_another_tab_width_is_reported_if_a_letter_uses_it() -> None:
    wide = '<w:defaultTabStop w:val="1000"/>'
    tabbed = with_settings(wide, "Dear\tBo")
    assert "its own width of tabs" in str(combine_all(formatted_letter("A"), tabbed).problems[0])
    assert not combine_all(formatted_letter("A"), with_settings(wide)).problems
    default_width = with_settings('<w:defaultTabStop w:val="720"/>', "Dear\tBo")
    assert not combine_all(formatted_letter("A"), default_width).problems


def test_only_letters_with_hyphenation_are_hyphenated() -> None:
    plain, dividing = (
        formatted_letter("Dear Ana", style_of("Normal")),
        with_settings("<w:autoHyphenation/>"),
    )
    combined = combine_all(dividing, plain)
    assert not combined.problems
    assert attribute_of(style(combined.data, "Dear Ana"), "pPr/suppressAutoHyphens", "val") is None
    shown = looks(combined.data)
    assert [s.look["suppressAutoHyphens"]["val"] for s in shown] == ["0", "1"]
    assert "its own hyphenation." in str(combine_all(plain, dividing).problems[0])


def test_missing_hyphenation_in_libreoffice_is_not_reported() -> None:
    forbidden = formatted_letter("Dear Bo", document_defaults(paragraph="<w:suppressAutoHyphens/>"))
    saved = replace_in_part(forbidden, SETTINGS, "<w:compat>", "<w:autoHyphenation/><w:compat>")
    assert not combine_all(formatted_letter("Dear Ana"), saved).problems
    shown = looks(
        combine_all(saved, with_settings("<w:autoHyphenation/>"), formatted_letter("C")).data
    )
    assert [s.look["suppressAutoHyphens"]["val"] for s in shown] == ["1", "0", "1"]


def test_theme_colours_of_another_theme_are_reported_for_shapes() -> None:
    colour = '<a:solidFill><a:schemeClr val="accent1"/></a:solidFill></wps:spPr>'
    shape = text_box("box").replace("</wps:spPr>", colour)
    assert "schemeClr" in shape
    others = [
        replace_in_part(
            formatted_letter(body), "word/theme.xml", 'srgbClr val="000000"', 'srgbClr val="00FF00"'
        )
        for body in (shape, "Dear Bo")
    ]
    combined = combine_all(formatted_letter("Dear Ana"), *others)
    assert warning_codes(combined) == ["b letter-settings"]
    assert "colours of the theme in shapes" in str(combined.problems[0])
    assert not combine_all(others[0], others[1]).problems


def test_lost_settings_are_reported_once_for_each_letter() -> None:
    combined = combine_all(
        formatted_letter("A"), with_settings("<w:mirrorMargins/><w:autoHyphenation/>")
    )
    assert len(combined.problems) == 1
    assert "its own hyphenation and mirrored margins" in str(combined.problems[0])


def test_settings_without_effect_on_pages_are_removed() -> None:
    telling = (
        '<w:documentProtection w:edit="readOnly"/><w:rsids><w:rsidRoot w:val="00AB12CD"/></w:rsids>'
        '<w:attachedTemplate r:id="x" xmlns:r="urn:r"/><w:trackRevisions/><w:zoom w:percent="80"/>'
    )
    settings = members(combine_all(with_settings(telling)).data)[SETTINGS]
    for name in (b"documentProtection", b"rsid", b"attachedTemplate", b"trackRevisions"):
        assert name not in settings
    assert b"compatibilityMode" in settings


@needs_libreoffice
@pytest.mark.slow
def test_a_letter_saved_by_libreoffice_keeps_its_layout(tmp_path: Path) -> None:
    (tmp_path / "campaign").mkdir()
    one, two, *others = shipped_letters(tmp_path / "campaign")
    saved = resave_letter(two, tmp_path / "saved")
    assert members(saved)[STYLES] != members(two)[STYLES]
    combined = combine_all(one, saved, *others)
    assert not combined.problems
    assert looks(combined.data) == separate_appearance(one, saved, *others)
    assert not defects(combined.data)
    many = combine_all(one, saved, one, saved)
    assert len(ids(many.data)) == len(ids(combine_all(one, saved).data))
