"""What tells one version of a letter from another: its bytes, and its words."""

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

from merge.ooxml.stamps import Stamp
from merge.template.filters import TemplateValue, freeze
from merge.template.fingerprint import (
    Fingerprint,
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
STAMP = Stamp("0123456789abcdef", dt.date(2026, 11, 25))


def _made(data: bytes | str) -> FilledLetter:
    return template(data).fill_with_fingerprint(freeze(VALUES), STAMP)


def _seen(data: bytes) -> Fingerprint:
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
    made = _made(TEMPLATES[name])
    assert made.fingerprint == _seen(made.data)
    assert (len(made.fingerprint.output), len(made.fingerprint.words)) == (16, 9)


def test_the_same_letter_zipped_another_way_has_the_same_fingerprint(tmp_path: Path) -> None:
    made, path = _made("Dear {{ a }}"), tmp_path / "a.docx"
    path.write_bytes(made.data)
    staff_actions.zip_again(path)
    assert path.read_bytes() != made.data
    assert _seen(path.read_bytes()) == made.fingerprint


@pytest.mark.parametrize("change", ["bytes", "name", "one more", "one less"])
def test_any_member_that_differs_makes_another_version(change: str) -> None:
    made = _made("Dear {{ a }}")
    parts = members(made.data)
    styles = parts.pop("word/styles.xml")
    if change == "bytes":
        parts["word/styles.xml"] = styles + b" "
    elif change == "name":
        parts["word/styles2.xml"] = styles
    elif change == "one more":
        parts |= {"word/styles.xml": styles, "word/more.bin": b""}
    seen = _seen(zipped({**parts}))
    assert seen.output != made.fingerprint.output
    assert seen.words == made.fingerprint.words


def test_bytes_that_go_from_one_member_to_the_next_make_another_version() -> None:
    one, other = zipped({"a": b"xy", "b": b"z"}), zipped({"a": b"x", "b": b"yz"})
    assert _seen(one).output != _seen(other).output


def _words(body: str, /, **parts: str) -> bytes:
    return _seen(docx(body, more=None, title="", **parts)).words


def test_how_the_words_are_split_and_what_they_are_set_in_does_not_count() -> None:
    plain = _words("Dear Li,")
    font = '<w:rFonts w:ascii="Arial"/><w:sz w:val="22"/><w:lang w:val="fr-FR"/><w:b w:val="0"/>'
    assert _words(paragraph(run("De", font), run("ar "), run("Li,"))) == plain
    assert _words("Dear Li,\n\n") == plain
    assert _words("<w:p w:rsidR='00AA1122'><w:r><w:t>Dear Li,</w:t></w:r></w:p>") == plain
    assert _words("<w:p><w:r><w:t>Dear Li&#44;</w:t></w:r></w:p>") == plain


@pytest.mark.parametrize("other", ["Dear Lo,", "Dear Li", "Dear  Li,", "Li, Dear", "dear Li,"])
def test_a_single_letter_counts(other: str) -> None:
    assert _words(other) != _words("Dear Li,")


@pytest.mark.parametrize("part", ["header", "footer", "footnotes", "endnotes"])
def test_words_beside_the_text_count(part: str) -> None:
    body = "Dear Li"
    assert _words(body, **{part: "One"}) != _words(body, **{part: "Two"})
    assert _words(body, **{part: "One"}) != _words(body)


def test_headers_may_be_numbered_anew_but_do_not_change_places_with_the_text() -> None:
    swapped = {**members(docx("Dear Li", header="A", footer="B"))}
    swapped["word/header.xml"], swapped["word/footer.xml"] = (
        swapped["word/footer.xml"],
        swapped["word/header.xml"],
    )
    assert _seen(zipped({**swapped})).words == _words("Dear Li", header="A", footer="B")
    assert _words("A", header="Dear Li") != _words("Dear Li", header="A")


def test_a_text_box_that_word_writes_twice_counts_once() -> None:
    box = text_box("To Li")
    assert box.count("To Li") == 2
    once = box[: box.index("<mc:Fallback")] + box[box.index("</mc:Fallback>") + 14 :]
    assert _words(box) == _words(once) != _words("To Li")


@pytest.mark.parametrize("how", ["strike", "dstrike", "b", "i", "vanish", 'u w:val="single"'])
def test_words_that_are_made_to_stand_out_count(how: str) -> None:
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


def _leading(body: str, kind: str, target: str, data: bytes = b"", text: str = "Dear Li,") -> bytes:
    """A letter with something behind its relationship rId9; the words."""
    outside = ' TargetMode="External"' if ":" in target else ""
    links = (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId9" Type="{OFFICE}/{kind}" Target="{target}"{outside}/>'
        "</Relationships>"
    )
    more: dict[str, str | bytes] = {"word/_rels/document.xml.rels": links}
    more |= {} if outside else {f"word/{target}": data}
    seen = _seen(docx(paragraph(run(text)) + body, more=more))
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
def test_what_is_put_in_by_hand_and_is_no_word_counts(what: str) -> None:
    assert _leading(*SHOWN[what], b"one") != _words(
        "Dear Li,\nhere" if what == "a link" else "Dear Li,"
    )


@pytest.mark.parametrize("what", ["a picture", "a file to be inserted", "an embedded file"])
def test_another_picture_or_file_in_its_place_counts_and_another_name_does_not(what: str) -> None:
    body, kind, target = SHOWN[what]
    one = _leading(body, kind, target, b"one")
    assert _leading(body, kind, target, b"two") != one
    assert _leading(body, kind, f"x/{target}", b"one") == one


def test_where_a_link_leads_counts() -> None:
    here = _leading(LINK, "hyperlink", "https://example.org")
    assert _leading(LINK, "hyperlink", "https://example.org/") == here
    assert _leading(LINK, "hyperlink", "https://example.com") != here
    assert _leading(LINK, "hyperlink", "https://example.org/a%20b") == _leading(
        LINK, "hyperlink", "https://example.org/a b"
    )


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
def test_where_words_stand_counts(other: str) -> None:
    assert _words(other) != _words("Dear Li,how are you")


def test_where_tabs_lead_to_does_not_count() -> None:
    stops = '<w:pPr><w:tabs><w:tab w:val="left" w:pos="720"/></w:tabs></w:pPr>'
    assert _words(f"<w:p>{stops}{run('Dear Li,')}</w:p>") == _words("Dear Li,")


def test_a_page_number_put_into_a_footer_counts() -> None:
    assert _words("Dear Li", footer=_field("1")) != _words("Dear Li", footer=" of the appeal")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="measures memory with resource")
@pytest.mark.parametrize("part", ["word/document.xml", "word/media/image1.png"])
def test_a_bomb_in_a_letters_place_takes_little_memory(tmp_path: Path, part: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, b'<w:document xmlns:w="w">' + b"<w:p/>" * ((190 << 20) // 6))
    measured = (
        "import resource, sys; from merge.template.fingerprint import fingerprint_of;"
        "data = open(sys.argv[1], 'rb').read();"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024;"
        "before = peak(); assert fingerprint_of(data); print(peak() - before)"
    )
    command = [sys.executable, "-c", measured, str(tmp_path / "a.docx")]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(ran.stdout) < 60


def test_deleted_words_do_not_count_and_inserted_ones_do() -> None:
    gone = "<w:del w:id='1'><w:r><w:delText>not </w:delText><w:t>not </w:t></w:r></w:del>"
    came = "<w:ins w:id='2'><w:r><w:t>Li</w:t></w:r></w:ins>"
    assert _words(f"<w:p>{run('Dear ')}{gone}{came}</w:p>") == _words("Dear Li")


def _field(result: str) -> str:
    marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate")]
    code = "<w:r><w:instrText> PAGE </w:instrText></w:r>"
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    return f"<w:p>{marks[0]}{code}{marks[1]}{run(result)}{end}{run(' of the appeal')}</w:p>"


def test_numbers_that_word_puts_into_a_footer_do_not_count_there() -> None:
    assert _words("Dear Li", footer=_field("1")) == _words("Dear Li", footer=_field("2"))
    simple = '<w:p><w:fldSimple w:instr=" PAGE ">{}</w:fldSimple></w:p>'
    one, two = (_words("Dear Li", footer=simple.format(run(n))) for n in "12")
    assert one == two
    assert _words("Dear Li", footer=_field("1")) != _words("Dear Li", footer="of the town")
    assert _words(_field("1")) != _words(_field("2"))


def test_a_part_read_in_any_pieces_has_the_same_words() -> None:
    boxed = text_box("To {{ a }} &amp; all")
    body = docx(f"{boxed}{_field('3')}{table(['One', 'Two & more'])}")
    text = members(body)[BODY].decode()
    whole = TextExtractor(text).read((text,))
    assert "Two & more" in whole
    chance = random.Random(1)  # noqa: S311 - nothing secret
    reader = TextExtractor(text)
    for _ in range(300):
        cuts = sorted(chance.sample(range(len(text)), chance.randrange(1, 40)))
        pieces = [text[i:j] for i, j in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        entities = [cut for cut in cuts if "&" in text[max(0, cut - 5) : cut]]
        if not entities:
            assert reader.read(pieces) == whole


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", b"no zip at all" * 100, docx("Dear Li")[:900], docx("Dear Li")[:-30]],
    ids=["empty", "two bytes", "text", "half", "the end is missing"],
)
def test_what_is_no_docx_has_no_fingerprint(data: bytes) -> None:
    assert fingerprint_letter(data) is None


def test_a_file_without_words_is_not_the_same_as_another_without() -> None:
    assert _seen(docx("<w:p/>")).words == b""
    assert _seen(zipped({"a": b"x"})).words == b""


@pytest.mark.slow
def test_a_harmful_zip_is_not_unpacked() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(9):
            archive.writestr(f"word/{number}.bin", bytes(30 << 20))
    assert fingerprint_letter(bomb.getvalue()) is None


def test_saved_by_python_docx_the_words_are_the_same(tmp_path: Path) -> None:
    for name, data in TEMPLATES.items():
        made, path = _made(data), tmp_path / "a.docx"
        path.write_bytes(made.data)
        Document(str(path)).save(str(path))
        assert _seen(path.read_bytes()).words == made.fingerprint.words, name
        assert _seen(path.read_bytes()).output != made.fingerprint.output, name


def _append(to: Any, xml: str) -> None:  # noqa: ANN401 - a paragraph of python-docx
    to._p.append(parse_xml(xml))  # noqa: SLF001 - python-docx adds no links and no fields


def _with_all_that_counts(path: Path) -> None:
    """A letter with a logo in its header, a picture, a link, a table, fields and formats."""
    document = Document()
    header = document.sections[0].header.paragraphs[0]
    for place in (header, document.add_paragraph("Dear Li,\tdear all")):
        place.add_run().add_picture(io.BytesIO(PNG), Cm(2))
        place.add_run("as you see")
    said = document.add_paragraph("We do ")
    said.add_run("not").font.strike = True
    said.add_run(" ask ").bold = True
    said.add_run("twice").underline = True
    said.add_run().add_break()
    link = document.part.relate_to("https://example.org/a b", f"{OFFICE}/hyperlink", True)  # noqa: FBT003
    _append(said, LINK_ELEMENT.format(link))
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
def test_saved_by_libreoffice_all_that_a_reader_sees_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    _with_all_that_counts(path)
    before = path.read_bytes()
    staff_actions.save_in_libreoffice(tmp_path, path)
    assert path.read_bytes() != before
    assert _seen(path.read_bytes()).words == _seen(before).words


@needs_libreoffice
@pytest.mark.slow
def test_saved_by_libreoffice_the_words_are_the_same(tmp_path: Path) -> None:
    made = {name: _made(data) for name, data in TEMPLATES.items()}
    paths = {name: tmp_path / f"{name}.docx" for name in made}
    for name, path in paths.items():
        path.write_bytes(made[name].data)
    staff_actions.save_in_libreoffice(tmp_path, *paths.values())
    for name, path in paths.items():
        seen = _seen(path.read_bytes())
        assert seen.output != made[name].fingerprint.output, name
        assert seen.words == made[name].fingerprint.words, name
        assert staff_actions.id_in(path) == STAMP.id, name
