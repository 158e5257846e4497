"""Fingerprints distinguish versions of a letter by their bytes and words."""

from __future__ import annotations

import datetime as dt
import io
import random
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.shared import Cm
from support import staff_actions
from support.campaigns import ROOT
from support.documents import (
    BODY,
    MAIN,
    OFFICE,
    PACKAGE,
    PNG,
    docx,
    note,
    paragraph,
    run,
    table,
    text_box,
    zipped,
)
from support.filled_letters import members, template
from support.office_programs import needs_libreoffice

from merge.ooxml.stamps import LetterStamp
from merge.template.filters import TemplateValue, freeze
from merge.template.fingerprint import (
    LetterFingerprint,
    TextExtractor,
    fingerprint_letter,
)
from merge.template.template import FilledLetter

VALUES: dict[str, TemplateValue] = {
    "a": "Ann & Ed <3",
    "z": "",
    "names": ["Li", "Éva", "李"],
    "yes": True,
}
STAMP = LetterStamp("0123456789abcdef", dt.date(2026, 11, 25))


def _filled(data: bytes | str) -> FilledLetter:
    return template(data).fill_with_fingerprint(freeze(VALUES), STAMP)


def _fingerprint(data: bytes) -> LetterFingerprint:
    seen = fingerprint_letter(data)
    assert seen
    return seen


TEMPLATES = {
    "plain text": docx("Dear {{ a }},"),
    "no tags": docx("Dear all,"),
    "blank lines": docx("{{ z }}\n{{ a }}\n{{ z }}, {{ z }}\nBye"),
    "conditions and loops": docx(
        "{% if yes %}{{ a }}{% endif %}{% for n in names %}{{ n }}, {% endfor %}"
    ),
    "paragraphs in a loop": docx("{%p for n in names %}\n{{ n }}\n{%p endfor %}\nBye"),
    "a table": docx(table(["{%tr for n in names %}"], ["{{ n }}"], ["{%tr endfor %}"])),
    "a text box": docx(text_box("To {{ a }}")),
    "split runs": docx(paragraph(run("Dear {{"), run(" a", "<w:b/>"), run("}} &amp; all"))),
    "header and footer": docx("Dear {{ a }}", header="From {{ a }}", footer="Page"),
    "tags beside the text only": docx("Dear all", header="{{ a }}", footer="{{ z }}"),
    "notes": docx(
        paragraph("See", note(), note("endnote")), footnotes="As {{ a }} said", endnotes="None"
    ),
    "a title": docx("Dear {{ a }}", title="Appeal of {{ a }}"),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_letter_has_the_fingerprint_that_its_file_has(name: str) -> None:
    letter = _filled(TEMPLATES[name])
    assert letter.fingerprint == _fingerprint(letter.data)
    assert (len(letter.fingerprint.output), len(letter.fingerprint.words)) == (16, 9)


def test_the_same_letter_zipped_another_way_has_the_same_fingerprint(tmp_path: Path) -> None:
    letter, path = _filled("Dear {{ a }}"), tmp_path / "a.docx"
    path.write_bytes(letter.data)
    staff_actions.zip_again(path)
    assert path.read_bytes() != letter.data
    assert _fingerprint(path.read_bytes()) == letter.fingerprint


@pytest.mark.parametrize("change", ["bytes", "name", "one more", "one less"])
def test_a_letter_with_a_different_member_is_another_version(change: str) -> None:
    letter = _filled("Dear {{ a }}")
    parts = members(letter.data)
    styles = parts.pop("word/styles.xml")
    if change == "bytes":
        parts["word/styles.xml"] = styles + b" "
    elif change == "name":
        parts["word/styles2.xml"] = styles
    elif change == "one more":
        parts |= {"word/styles.xml": styles, "word/more.bin": b""}
    fingerprint = _fingerprint(zipped({**parts}))
    assert fingerprint.output != letter.fingerprint.output
    assert fingerprint.words == letter.fingerprint.words


def test_a_letter_with_bytes_moved_between_members_is_another_version() -> None:
    one, other = zipped({"a": b"xy", "b": b"z"}), zipped({"a": b"x", "b": b"yz"})
    assert _fingerprint(one).output != _fingerprint(other).output


def _words(body: str, /, **parts: str) -> bytes:
    return _fingerprint(docx(body, more=None, title="", **parts)).words


def test_the_splitting_of_words_and_their_font_do_not_change_a_fingerprint() -> None:
    plain = _words("Dear Li,")
    font = '<w:rFonts w:ascii="Arial"/><w:sz w:val="22"/><w:lang w:val="fr-FR"/><w:b w:val="0"/>'
    assert _words(paragraph(run("De", font), run("ar "), run("Li,"))) == plain
    assert _words("Dear Li,\n\n") == plain
    assert _words("<w:p w:rsidR='00AA1122'><w:r><w:t>Dear Li,</w:t></w:r></w:p>") == plain
    assert _words("<w:p><w:r><w:t>Dear Li&#44;</w:t></w:r></w:p>") == plain


@pytest.mark.parametrize("other", ["Dear Lo,", "Dear Li", "Dear  Li,", "Li, Dear", "dear Li,"])
def test_a_single_changed_character_changes_the_words_fingerprint(other: str) -> None:
    assert _words(other) != _words("Dear Li,")


@pytest.mark.parametrize("part", ["header", "footer", "footnotes", "endnotes"])
def test_words_in_headers_and_notes_change_a_fingerprint(part: str) -> None:
    body = "Dear Li"
    assert _words(body, **{part: "One"}) != _words(body, **{part: "Two"})
    assert _words(body, **{part: "One"}) != _words(body)


def test_renumbered_headers_keep_a_fingerprint_but_may_not_swap_with_the_text() -> None:
    swapped = {**members(docx("Dear Li", header="A", footer="B"))}
    swapped["word/header.xml"], swapped["word/footer.xml"] = (
        swapped["word/footer.xml"],
        swapped["word/header.xml"],
    )
    assert _fingerprint(zipped({**swapped})).words == _words("Dear Li", header="A", footer="B")
    assert _words("A", header="Dear Li") != _words("Dear Li", header="A")


def test_a_text_box_with_a_fallback_counts_once_in_a_fingerprint() -> None:
    box = text_box("To Li")
    assert box.count("To Li") == 2
    once = box[: box.index("<mc:Fallback")] + box[box.index("</mc:Fallback>") + 14 :]
    assert _words(box) == _words(once) != _words("To Li")


@pytest.mark.parametrize("how", ["strike", "dstrike", "b", "i", "vanish", 'u w:val="single"'])
def test_emphasised_words_change_a_fingerprint(how: str) -> None:
    on, off = f"<w:{how}/>", f'<w:{how.split(maxsplit=1)[0]} w:val="none"/>'
    struck = _words(paragraph(run("We do "), run("not", on), run(" ask")))
    assert struck != _words("We do not ask")
    assert _words(paragraph(run("We do "), run("n", on), run("ot", on), run(" ask"))) == struck
    assert _words(paragraph(run("We do "), run("not", off), run(" ask"))) == _words("We do not ask")


R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
PICTURE = f'<w:p {R}><w:r><w:drawing><a:blip r:embed="rId9"/></w:drawing></w:r></w:p>'
LINKED = PICTURE.replace("r:embed", "r:link")
LINK = f'<w:p {R}><w:hyperlink r:id="rId9"><w:r><w:t>here</w:t></w:r></w:hyperlink></w:p>'
CHUNK = f'<w:altChunk {R} r:id="rId9"/>'
OBJECT = f'<w:p {R}><w:r><w:object><o:OLEObject r:id="rId9"/></w:object></w:r></w:p>'
CHART = f'<w:p {R}><w:r><w:drawing><c:chart r:id="rId9"/></w:drawing></w:r></w:p>'


def _letter_with_relationship(
    body: str, kind: str, target: str, data: bytes = b"", text: str = "Dear Li,"
) -> bytes:
    """Return the words of a letter with something at its relationship rId9."""
    outside = ' TargetMode="External"' if ":" in target else ""
    links = (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId9" Type="{OFFICE}/{kind}" Target="{target}"{outside}/>'
        "</Relationships>"
    )
    more: dict[str, str | bytes] = {"word/_rels/document.xml.rels": links}
    more |= {} if outside else {f"word/{target}": data}
    seen = _fingerprint(docx(paragraph(run(text)) + body, more=more))
    return seen.words


SHOWN = {
    "a picture": (PICTURE, "image", "media/image1.png"),
    "a linked picture": (LINKED, "image", "https://example.org/a.png"),
    "a link": (LINK, "hyperlink", "https://example.org/"),
    "a file to be inserted": (CHUNK, "aFChunk", "a.html"),
    "an embedded file": (OBJECT, "oleObject", "embeddings/a.bin"),
    "a chart": (CHART, "chart", "charts/chart1.xml"),
}


@pytest.mark.parametrize("what", SHOWN)
def test_inserted_content_that_is_not_text_changes_a_fingerprint(what: str) -> None:
    assert _letter_with_relationship(*SHOWN[what], b"one") != _words(
        "Dear Li,\nhere" if what == "a link" else "Dear Li,"
    )


@pytest.mark.parametrize("what", ["a picture", "a file to be inserted", "an embedded file"])
def test_a_replaced_picture_changes_a_fingerprint_but_a_renamed_one_does_not(what: str) -> None:
    body, kind, target = SHOWN[what]
    one = _letter_with_relationship(body, kind, target, b"one")
    assert _letter_with_relationship(body, kind, target, b"two") != one
    assert _letter_with_relationship(body, kind, f"x/{target}", b"one") == one


def test_the_address_of_a_link_changes_a_fingerprint() -> None:
    here = _letter_with_relationship(LINK, "hyperlink", "https://example.org")
    assert _letter_with_relationship(LINK, "hyperlink", "https://example.org/") == here
    assert _letter_with_relationship(LINK, "hyperlink", "https://example.com") != here
    assert _letter_with_relationship(
        LINK, "hyperlink", "https://example.org/a%20b"
    ) == _letter_with_relationship(LINK, "hyperlink", "https://example.org/a b")


@pytest.mark.parametrize(
    "other",
    [
        "Dear Li,\nhow are you",
        paragraph(run("Dear Li,"), "<w:r><w:br/></w:r>", run("how are you")),
        paragraph(run("Dear Li,"), "<w:r><w:tab/></w:r>", run("how are you")),
        table(["Dear Li,", "how are you"]),
        paragraph(run("Dear Li,how are you"), "<w:r><w:pict><v:line/></w:pict></w:r>"),
    ],
    ids=["paragraphs", "lines", "a tab", "cells", "a line drawn"],
)
def test_the_position_of_words_changes_a_fingerprint(other: str) -> None:
    assert _words(other) != _words("Dear Li,how are you")


def test_tab_stops_do_not_change_a_fingerprint() -> None:
    stops = '<w:pPr><w:tabs><w:tab w:val="left" w:pos="720"/></w:tabs></w:pPr>'
    assert _words(f"<w:p>{stops}{run('Dear Li,')}</w:p>") == _words("Dear Li,")


def test_a_page_number_added_to_a_footer_changes_a_fingerprint() -> None:
    assert _words("Dear Li", footer=_field("1")) != _words("Dear Li", footer=" of the appeal")


@pytest.mark.slow
@pytest.mark.posix("measures memory with resource")
@pytest.mark.parametrize("part", ["word/document.xml", "word/media/image1.png"])
def test_a_zip_bomb_instead_of_a_letter_takes_little_memory(tmp_path: Path, part: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, b'<w:document xmlns:w="w">' + b"<w:p/>" * ((190 << 20) // 6))
    measured = (
        "import resource, sys; from merge.template.fingerprint import fingerprint_letter;"
        "data = open(sys.argv[1], 'rb').read();"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024;"
        "before = peak(); assert fingerprint_letter(data); print(peak() - before)"
    )
    command = [sys.executable, "-c", measured, str(tmp_path / "a.docx")]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(ran.stdout) < 60


def test_tracked_deletions_do_not_change_a_fingerprint_but_insertions_do() -> None:
    deleted = "<w:del w:id='1'><w:r><w:delText>not </w:delText><w:t>not </w:t></w:r></w:del>"
    inserted = "<w:ins w:id='2'><w:r><w:t>Li</w:t></w:r></w:ins>"
    assert _words(f"<w:p>{run('Dear ')}{deleted}{inserted}</w:p>") == _words("Dear Li")


def _field(result: str) -> str:
    marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate")]
    code = "<w:r><w:instrText> PAGE </w:instrText></w:r>"
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    return f"<w:p>{marks[0]}{code}{marks[1]}{run(result)}{end}{run(' of the appeal')}</w:p>"


def test_numbers_that_word_computes_in_a_footer_do_not_change_a_fingerprint() -> None:
    assert _words("Dear Li", footer=_field("1")) == _words("Dear Li", footer=_field("2"))
    simple = '<w:p><w:fldSimple w:instr=" PAGE ">{}</w:fldSimple></w:p>'
    one, two = (_words("Dear Li", footer=simple.format(run(n))) for n in "12")
    assert one == two
    assert _words("Dear Li", footer=_field("1")) != _words("Dear Li", footer="of the town")
    assert _words(_field("1")) != _words(_field("2"))


def test_a_part_has_the_same_words_whatever_pieces_it_is_read_in() -> None:
    boxed = text_box("To {{ a }} &amp; all")
    body = docx(f"{boxed}{_field('3')}{table(['One', 'Two & more'])}")
    text = members(body)[BODY].decode()
    all_words = TextExtractor(text).read((text,))
    assert "Two & more" in all_words
    chance = random.Random(1)  # noqa: S311 - nothing secret
    reader = TextExtractor(text)
    for _ in range(300):
        cuts = sorted(chance.sample(range(len(text)), chance.randrange(1, 40)))
        pieces = [text[i:j] for i, j in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        entities = [cut for cut in cuts if "&" in text[max(0, cut - 5) : cut]]
        if not entities:
            assert reader.read(pieces) == all_words


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", b"no zip at all" * 100, docx("Dear Li")[:900], docx("Dear Li")[:-30]],
    ids=["empty", "two bytes", "text", "half", "the end is missing"],
)
def test_a_file_that_is_not_a_docx_has_no_fingerprint(data: bytes) -> None:
    assert fingerprint_letter(data) is None


def test_two_files_without_words_have_different_fingerprints() -> None:
    assert _fingerprint(docx("<w:p/>")).words == b""
    assert _fingerprint(zipped({"a": b"x"})).words == b""


@pytest.mark.slow
def test_a_harmful_zip_is_not_unpacked_for_its_fingerprint() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(9):
            archive.writestr(f"word/{number}.bin", bytes(30 << 20))
    assert fingerprint_letter(bomb.getvalue()) is None


def test_a_letter_saved_by_python_docx_has_the_same_words_fingerprint(tmp_path: Path) -> None:
    for name, data in TEMPLATES.items():
        letter, path = _filled(data), tmp_path / "a.docx"
        path.write_bytes(letter.data)
        Document(str(path)).save(str(path))
        assert _fingerprint(path.read_bytes()).words == letter.fingerprint.words, name
        assert _fingerprint(path.read_bytes()).output != letter.fingerprint.output, name


def _append(to: Any, xml: str) -> None:  # noqa: ANN401 - a paragraph of python-docx
    to._p.append(parse_xml(xml))  # noqa: SLF001 - python-docx adds no links and no fields


def _save_letter_with_all_content(path: Path) -> None:
    """Save a letter with all kinds of visible content.

    It has a logo in its header, a picture, a link, a table, fields and formats.
    """
    document = Document()
    header = document.sections[0].header.paragraphs[0]
    for place in (header, document.add_paragraph("Dear Li,\tdear all")):
        place.add_run().add_picture(io.BytesIO(PNG), Cm(2))
        place.add_run("as you see")
    emphasised = document.add_paragraph("We do ")
    emphasised.add_run("not").font.strike = True
    emphasised.add_run(" ask ").bold = True
    emphasised.add_run("twice").underline = True
    emphasised.add_run().add_break()
    link = document.part.relate_to("https://example.org/a b", f"{OFFICE}/hyperlink", True)  # noqa: FBT003
    _append(emphasised, LINK_ELEMENT.format(link))
    _append(document.sections[0].footer.paragraphs[0], PAGE_FIELD)
    document.add_heading("What we ask for", 1)
    document.add_paragraph("Release", style="List Bullet")
    cells = document.add_table(2, 2)
    for number, cell in enumerate((*cells.row_cells(0), *cells.row_cells(1))):
        cell.text = f"cell {number}"
    document.add_section()
    document.add_paragraph("The end")
    document.save(str(path))


LINK_ELEMENT = (
    f'<w:hyperlink xmlns:w="{MAIN}" xmlns:r="{OFFICE}" r:id="{{}}">'
    "<w:r><w:t>here</w:t></w:r></w:hyperlink>"
)
PAGE_FIELD = f'<w:fldSimple xmlns:w="{MAIN}" w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'


@needs_libreoffice
@pytest.mark.slow
def test_a_letter_saved_by_libreoffice_has_the_same_visible_content(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    _save_letter_with_all_content(path)
    before = path.read_bytes()
    staff_actions.save_in_libreoffice(tmp_path, path)
    assert path.read_bytes() != before
    assert _fingerprint(path.read_bytes()).words == _fingerprint(before).words


@needs_libreoffice
@pytest.mark.slow
def test_a_letter_saved_by_libreoffice_has_the_same_words_fingerprint(tmp_path: Path) -> None:
    letters = {name: _filled(data) for name, data in TEMPLATES.items()}
    paths = {name: tmp_path / f"{name}.docx" for name in letters}
    for name, path in paths.items():
        path.write_bytes(letters[name].data)
    staff_actions.save_in_libreoffice(tmp_path, *paths.values())
    for name, path in paths.items():
        fingerprint = _fingerprint(path.read_bytes())
        assert fingerprint.output != letters[name].fingerprint.output, name
        assert fingerprint.words == letters[name].fingerprint.words, name
        assert staff_actions.id_in(path) == STAMP.id, name
