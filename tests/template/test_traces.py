"""Documents of Word 365 and Word for Mac give letters without traces.

Names, paths and IDs are removed.
"""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest
from PIL import Image
from support.documents import BODY, MAIN, OFFICE, docx, paragraph, run, text_box, zipped
from support.docx_defects import defects
from support.filled_letters import fill, members, problem_texts, root, template, texts
from support.marked_content import DRAWING, MS, old_picture, picture, relation
from support.marked_template import with_relations
from support.office_programs import needs_libreoffice, page_picture, to_pdf

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
CX = f"{MS}/drawing/2014/chartex"
SPACES = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    f' xmlns:w14="{MS}/word/2010/wordml" xmlns:wpi="{MS}/word/2010/wordprocessingInk"'
    f' xmlns:wpc="{MS}/word/2010/wordprocessingCanvas" xmlns:cx1="{MS}/drawing/2015/9/8/chartex"'
    f' xmlns:am3d="{MS}/drawing/2017/model3d" xmlns:w16se="{MS}/word/2015/wordml/symex"'
    ' xmlns:ma="http://schemas.microsoft.com/office/mac/drawingml/2008/main"'
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><title>Zqmark</title><script>1</script></svg>'


def square(colour: str) -> bytes:
    png = io.BytesIO()
    Image.new("RGB", (40, 40), colour).save(png, "PNG")
    return png.getvalue()


RED = square("red")
FILES: dict[str, str | bytes] = {
    "word/media/image1.png": RED,
    "word/media/image2.svg": SVG,
    "word/media/image3.pdf": b"%PDF-1.7 Zqmark",
    "word/ink/ink1.xml": "<inkml:ink xmlns:inkml='http://www.w3.org/2003/InkML'>Zqmark</inkml:ink>",
    "word/charts/chartEx1.xml": f"<cx:chartSpace xmlns:cx='{CX}'>Zqmark</cx:chartSpace>",
    "word/media/model.glb": b"glTF Zqmark",
}
RELATIONS = (
    relation("png", "image", "media/image1.png"),
    relation("svg", "image", "media/image2.svg"),
    relation("pdf", "image", "media/image3.pdf"),
    relation("ink", "customXml", "ink/ink1.xml"),
    relation("cx", f"{MS}/2014/relationships/chartEx", "charts/chartEx1.xml"),
    relation("glb", f"{MS}/2017/06/relationships/model3d", "media/model.glb"),
)
TYPES = (
    '<Default Extension="svg" ContentType="image/svg+xml"/>'
    '<Default Extension="pdf" ContentType="application/pdf"/>'
    '<Default Extension="glb" ContentType="model/gltf.binary"/>'
    '<Override PartName="/word/ink/ink1.xml" ContentType="application/inkml+xml"/>'
    '<Override PartName="/word/charts/chartEx1.xml"'
    ' ContentType="application/vnd.ms-office.chartex+xml"/>'
)


def shown(number: int = 1, blip: str = 'r:embed="png"') -> str:
    """Return a picture of one inch, without its run."""
    return picture(number, blip).replace('"9525"', '"914400"')[5:-6]


def data_of(uri: str, inner: str) -> str:
    """Return a drawing that is not a picture."""
    return (
        f'<w:drawing {DRAWING}><wp:inline><wp:extent cx="914400" cy="914400"/>'
        f'<wp:docPr id="8" name="x"/><a:graphic><a:graphicData uri="{uri}">{inner}</a:graphicData>'
        "</a:graphic></wp:inline></w:drawing>"
    )


def either(requires: str, choice: str, fallback: str) -> str:
    other = f"<mc:Fallback>{fallback}</mc:Fallback>" if fallback else ""
    return (
        f'<mc:AlternateContent {SPACES}><mc:Choice Requires="{requires}">{choice}</mc:Choice>'
        f"{other}</mc:AlternateContent>"
    )


INK = data_of(f"{MS}/word/2010/wordprocessingInk", '<w14:contentPart bwMode="auto" r:id="ink"/>')
BARE_INK = INK.replace("<w:drawing ", f"<w:drawing {SPACES} ")
CHART = data_of(CX, f'<cx:chart xmlns:cx="{CX}" r:id="cx"/>')
MODEL = data_of(f"{MS}/drawing/2017/model3d", '<am3d:model3d r:embed="glb"/>')
CANVAS = data_of(
    f"{MS}/word/2010/wordprocessingCanvas",
    '<wpc:wpc><w14:contentPart bwMode="auto" r:id="ink"/></wpc:wpc>',
)
WITH_SVG = (
    'r:embed="png"><a:extLst><a:ext uri="{28A0092B-C50C-407E-A947-70E740481C1C}"><a14:useLocalDpi'
    f' xmlns:a14="{MS}/drawing/2010/main" val="0"/></a:ext>'
    '<a:ext uri="{96DAC541-7B7A-43D3-8B79-37D633B846F1}"><asvg:svgBlip'
    f' xmlns:asvg="{MS}/drawing/2016/SVG/main" r:embed="svg"/></a:ext></a:extLst></a:blip'
)
ON_A_MAC = shown().replace(
    '<pic:blipFill><a:blip r:embed="png"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>',
    either(
        "ma",
        '<pic:blipFill><a:blip r:embed="pdf"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>',
        '<pic:blipFill><a:blip r:embed="png"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>',
    ),
)
VML = old_picture('r:id="png" o:title="logo"', 'id="Ink 5"').replace("9pt", "72pt")[5:-6]
NEWER = {
    "a picture with SVG": shown().replace('r:embed="png"/', WITH_SVG),
    "ink": either("wpi", INK, shown()),
    "ink with an old picture": either("wpi", INK, VML),
    "ink on a canvas": either("wpc", CANVAS, VML),
    "a chart of 2016": either("cx1", CHART, shown()),
    "a model": either("am3d", MODEL, shown()),
    "a PDF of Word for Mac": ON_A_MAC,
    "two choices": either("cx1", CHART, "").replace(
        "</mc:AlternateContent>",
        f'<mc:Choice Requires="w14">{shown()}</mc:Choice></mc:AlternateContent>',
    ),
    "a choice in a choice": either("w14", either("cx1", CHART, shown()), ""),
}


def document_with(inner: str) -> bytes:
    body = paragraph("shown ") + f"<w:p><w:r>{inner}</w:r></w:p>"
    return with_relations(docx(body), *RELATIONS, more=FILES, types=TYPES)


@pytest.mark.parametrize("what", NEWER)
def test_a_drawing_of_a_newer_kind_is_replaced_by_its_picture(what: str) -> None:
    letter = fill(document_with(NEWER[what]))
    assert [name for name, part in members(letter).items() if b"Zqmark" in part] == []
    assert members(letter)[BODY].count(b'"png"') == 1
    assert "word/media/image1.png" in members(letter)
    assert not any(len(choice) == 0 for choice in root(letter).iter("{*}Choice"))
    assert not [e for e in root(letter).iter("{*}ext", "{*}extLst") if not len(e) and not e.attrib]
    assert template(document_with(NEWER[what])).problems == ()
    assert defects(letter) == {}


@pytest.mark.parametrize(
    "inner", [either("wpi", INK, ""), either("cx1", CHART, "<w:pict/>"), BARE_INK]
)
def test_a_drawing_of_a_newer_kind_without_a_picture_is_reported(inner: str) -> None:
    letter = fill(document_with(inner))
    assert list(root(letter).iter("{*}AlternateContent", "{*}drawing")) == []
    (problem,) = template(document_with(inner)).problems
    assert "drawings that only new versions of Word show" in problem.what


def test_a_text_box_stays_with_its_fallback() -> None:
    document = docx(text_box("in the box").replace('name="Box"', 'name="Object 7"'))
    assert members(fill(document))[BODY] == members(document)[BODY]


def test_a_fallback_with_another_text_is_removed() -> None:
    body = (
        text_box("in the box").replace("in the box", "Zqmark", 2).replace("Zqmark", "in the box", 1)
    )
    letter = fill(docx(body))
    assert b"Zqmark" not in members(letter)[BODY]
    assert texts(letter) == ["", "in the box"]


def test_an_emoji_keeps_its_empty_choice() -> None:
    """Word writes an empty choice for fonts if it has nothing to choose."""
    properties = f'<w:rPr {SPACES}><mc:AlternateContent><mc:Choice Requires="w16se"/><mc:Fallback>'
    properties += '<w:rFonts w:ascii="Segoe UI Emoji"/></mc:Fallback></mc:AlternateContent></w:rPr>'
    sign = either("w16se", '<w16se:symEx w16se:char="1F60A"/>', "<w:t>\U0001f60a</w:t>")
    document = docx(f"<w:p><w:r>{properties}<w:t>x</w:t></w:r><w:r>{sign}</w:r></w:p>")
    assert members(fill(document))[BODY] == members(document)[BODY]


@pytest.mark.slow
@pytest.mark.libreoffice
@needs_libreoffice
def test_libreoffice_shows_the_picture_of_each_newer_drawing(tmp_path: Path) -> None:
    paths = []
    for number, inner in enumerate(NEWER.values()):
        paths.append(tmp_path / f"{number}.docx")
        paths[-1].write_bytes(fill(document_with(inner)))
    for what, pdf in zip(NEWER, to_pdf(paths, tmp_path), strict=True):
        page = Image.open(io.BytesIO(page_picture(pdf))).convert("RGB")
        assert (255, 0, 0) in {colour for _, colour in page.getcolors(1 << 24) or ()}, what


@pytest.mark.parametrize(
    "words",
    [
        *(
            "QR code for https://example.org",
            "See HTTPS://example.org/a",
            "A bird",
            "1:2",
            "profile: x",
        ),
        *("{{ name }} at https://example.org", "Ratio a:b", "either/or", "http://a.example/home/x"),
    ],
)
def test_an_alternative_text_without_a_path_stays(words: str) -> None:
    letter = fill(document_with(shown().replace('descr=""', f'descr="{words}"')), name="Ana")
    alt = next(e for e in root(letter).iter("{*}docPr")).get("descr")
    assert alt == words.replace("{{ name }}", "Ana")


@pytest.mark.parametrize(
    ("words", "remaining"),
    [
        ("Our logo: C:\\Users\\Zq\\logo.png", "Our logo:"),
        ("c:/zq", ""),
        ("\\\\zq\\share", ""),
        ("Photo /Users/zq/x", "Photo"),
        ("file:///zq", ""),
        ("zq logo.png", ""),
        ("Zq.JPEG", ""),
    ],
)
def test_a_path_and_a_file_name_are_removed_from_an_alternative_text(
    words: str, remaining: str
) -> None:
    letter = fill(document_with(shown().replace('descr=""', f'descr="{words}"')))
    assert next(e for e in root(letter).iter("{*}docPr")).get("descr") == remaining


def test_an_svg_picture_without_a_png_is_reported() -> None:
    assert "picture" in template(document_with(shown(blip='r:embed="svg"'))).problems[0].what


def test_the_path_of_a_charts_source_is_removed_and_its_values_stay() -> None:
    place = f'<c:chart xmlns:c="{C}" r:id="c"/>'
    chart = (
        f'<c:chartSpace xmlns:c="{C}" xmlns:r="{OFFICE}"><c:chart><c:plotArea><c:barChart><c:ser>'
        "<c:cat><c:strRef><c:f>'C:\\Zq\\[Zq.xlsx]Zq'!$A$1:$A$2</c:f><c:strCache>"
        '<c:pt idx="0"><c:v>shown</c:v></c:pt></c:strCache></c:strRef></c:cat>'
        "<c:val><c:numRef><c:f>(Zq!$B$1,Zq!$B$2)</c:f></c:numRef></c:val></c:ser></c:barChart></c:plotArea></c:chart>"
        "<c:printSettings><c:headerFooter><c:oddHeader>Zq</c:oddHeader></c:headerFooter>"
        "</c:printSettings></c:chartSpace>"
    )
    document = with_relations(
        docx(f"<w:p><w:r>{data_of(C, place)}</w:r></w:p>"),
        relation("c", "chart", "charts/chart1.xml"),
        more={"word/charts/chart1.xml": chart},
        types='<Override PartName="/word/charts/chart1.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.drawingml.chart+xml"/>',
    )
    part = members(fill(document))["word/charts/chart1.xml"]
    assert b"Zq" not in part
    assert b"<c:f>Sheet1!$A$1:$A$2</c:f>" in part
    assert b"shown" in part


def test_lists_of_two_documents_stay_separate() -> None:
    lists = "".join(
        f'<w:abstractNum w:abstractNumId="{n}"><w:nsid w:val="5A1E77E{n}"/><w:multiLevelType'
        f' w:val="multilevel"/><w:tmpl w:val="ABCDEF0{n}"/><w:lvl w:ilvl="0" w:tplc="0409001{n}"/>'
        "</w:abstractNum>"
        for n in range(2)
    )
    part = f'<w:numbering xmlns:w="{MAIN}">{lists}</w:numbering>'
    document = with_relations(
        docx("x"),
        relation("n", "numbering", "numbering.xml"),
        more={"word/numbering.xml": part},
        types='<Override PartName="/word/numbering.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"/>',
    )
    numbering = root(fill(document), "word/numbering.xml")
    numbers = [str(e.get(f"{{{MAIN}}}val")) for e in numbering.iter(f"{{{MAIN}}}nsid")]
    assert numbers == ["00000001", "00000002"]
    assert not list(numbering.iter(f"{{{MAIN}}}tmpl"))


def test_an_unreadable_picture_is_an_error_with_its_name() -> None:
    broken = zipped({**members(document_with(shown())), "word/media/image1.png": b"\xff\xd8\xff"})
    assert "The picture image1.png cannot be read" in problem_texts(broken)


def test_a_photograph_in_a_letter_has_no_location() -> None:
    exif = Image.Exif()
    exif.get_ifd(34853)[29] = "Zqmark"
    exif[274] = 8
    photo = io.BytesIO()
    dice = random.Random(3)  # noqa: S311 - nothing secret
    noise = Image.new("RGB", (60, 40))
    noise.putdata([(dice.randrange(256),) * 3 for _ in range(2_400)])
    noise.save(photo, "JPEG", exif=exif)
    document = with_relations(
        docx(paragraph(picture(1, 'r:embed="p"'))),
        relation("p", "image", "media/Zqmark my house.jpeg"),
        more={"word/media/Zqmark my house.jpeg": photo.getvalue()},
        types='<Default Extension="jpeg" ContentType="image/jpeg"/>',
    )
    letter = members(fill(document))
    assert not any(b"Zqmark" in name.encode() + part for name, part in letter.items())
    before, after = (
        Image.open(io.BytesIO(data))
        for data in (photo.getvalue(), letter["word/media/image1.jpeg"])
    )
    assert before.tobytes() == after.tobytes()
    assert after.getexif()[274] == 8


def test_a_foreign_namespace_is_removed_with_its_attributes() -> None:
    body = docx(paragraph(run("x")))
    part = members(body)[BODY].replace(b"<w:document ", b'<w:document xmlns:zq="urn:Zqmark" ')
    part = part.replace(b'mc:Ignorable=""', b'mc:Ignorable="zq"').replace(
        b"<w:r>", b'<w:r zq:a="1">'
    )
    letter = fill(zipped({**members(body), BODY: part}))
    assert b"zq" not in members(letter)[BODY].lower()
    assert texts(letter) == ["x"]
