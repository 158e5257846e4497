"""A template with marks in everything that letters must not contain.

Each thing has a word that marks it: `MARKS` has them all. There are 28 kinds.
"""

from __future__ import annotations

import base64
from itertools import count

from support.documents import MAIN, OFFICE, PACKAGE, block, paragraph, run, table

MARKS: dict[str, str] = {}
"""Marked things, each with the word for it in the template."""

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MS = "http://schemas.microsoft.com/office"
SPACES = (
    f'xmlns:w="{MAIN}" xmlns:r="{OFFICE}" xmlns:o="urn:schemas-microsoft-com:office:office"'
    f' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:w14="{MS}/word/2010/wordml"'
    f' xmlns:w15="{MS}/word/2012/wordml" xmlns:w16cid="{MS}/word/2016/wordml/cid"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' mc:Ignorable="w14 w15 w16cid"'
)
DRAWING = (
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
)
WHO = 'w:author="{}" w:date="2020-02-03T04:05:06Z"'
_ids = count(100)


def mark(what: str) -> str:
    """Return the word that marks something; a different one for each."""
    return MARKS.setdefault(what, f"Zq{len(MARKS):03}{''.join(filter(str.isalnum, what))}")


def who(what: str) -> str:
    """Return the attributes of a tracked change."""
    return f'w:id="{next(_ids)}" {WHO.format(mark(what))}'


def field(code: str, result: str) -> str:
    """Return a complex field, its code split into two runs."""
    begin, separate, end = (
        f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")
    )
    codes = "".join(
        f'<w:r><w:instrText xml:space="preserve">{piece}</w:instrText></w:r>'
        for piece in (code[:3], code[3:])
    )
    return f"{begin}{codes}{separate}{run(result)}{end}"


def simple(code: str, result: str) -> str:
    """Return a simple field."""
    return f'<w:fldSimple w:instr="{code}">{run(result)}</w:fldSimple>'


def picture(number: int, blip: str, name: str = "Picture", descr: str = "") -> str:
    """Return a picture as a run.

    `blip` are the attributes with the relationship of its bytes.
    """
    kind = "http://schemas.openxmlformats.org/drawingml/2006/picture"
    return (
        f'<w:r><w:drawing {DRAWING}><wp:inline><wp:extent cx="9525" cy="9525"/>'
        f'<wp:docPr id="{number}" name="{name}" descr="{descr}"/><a:graphic>'
        f'<a:graphicData uri="{kind}"><pic:pic><pic:nvPicPr><pic:cNvPr id="0" name="{name}"/>'
        f"<pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip {blip}/><a:stretch><a:fillRect/>"
        '</a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="9525"'
        ' cy="9525"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def old_picture(image: str, kind: str = "") -> str:
    """Return a picture in VML as a run."""
    return (
        f'<w:r><w:pict xmlns:o="urn:schemas-microsoft-com:office:office"><v:shape {kind}'
        f' style="width:9pt;height:9pt"><v:imagedata {image}/></v:shape></w:pict></w:r>'
    )


def relation(number: str, kind: str, target: str, *, outside: bool = False) -> str:
    """Return a relationship.

    `kind` is the end of Office's name for it, or a complete name.
    """
    full_type = kind if "://" in kind else f"{OFFICE}/{kind}"
    mode = ' TargetMode="External"' if outside else ""
    return f'<Relationship Id="{number}" Type="{full_type}" Target="{target}"{mode}/>'


def relations(*each: str) -> str:
    """Return a part of relationships."""
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{"".join(each)}</Relationships>'


def _fetched() -> str:
    """Return fields that fetch something: simple, complex, nested, lower case."""
    paths = {kind: f"C:\\\\{mark(kind)}" for kind in ("DDE", "DDEAUTO", "LINK", "DATABASE")}
    url = f"http://{mark('field that includes')}.example/x"
    inner = field(f" DDE {mark('DDE in a result')} x ", "inner result")
    return paragraph(
        field(f" DDEAUTO {paths['DDEAUTO']} x ", "shown of DDEAUTO "),
        field(f" dde {paths['DDE']} x ", "shown of DDE "),
        simple(f" INCLUDETEXT &quot;{url}&quot; ", "shown of INCLUDETEXT "),
        field(f' INCLUDEPICTURE "{url}" \\d ', "shown of INCLUDEPICTURE "),
        simple(f"LINK Excel.Sheet.8 {paths['LINK']} a ", "shown of LINK "),
        field(f' DATABASE \\d "{paths["DATABASE"]}" ', "shown of DATABASE "),
        field(' HYPERLINK "https://www.example.org/" ', "link").replace(run("link"), inner),
    )


def body() -> str:
    """Return the text of the template: each mark in it is invisible."""
    note = next(_ids)
    path = f"C:\\Users\\{mark('picture path')}\\logo.png"
    object_ = (
        '<w:r><w:object xmlns:o="urn:schemas-microsoft-com:office:office">'
        '<v:shape id="o1" style="width:9pt;height:9pt"><v:imagedata r:id="local"/></v:shape>'
        f'<o:OLEObject Type="Embed" ProgID="{mark("OLE program")}" ShapeID="o1"'
        ' DrawAspect="Content" ObjectID="_1" r:id="ole"/></w:object></w:r>'
    )
    control = (
        f'<w:sdt><w:sdtPr><w:placeholder><w:docPart w:val="{mark("placeholder")}"/></w:placeholder>'
        f'<w:dataBinding w:prefixMappings="{mark("binding prefix")}" w:xpath="/{mark("binding")}"'
        ' w:storeItemID="{0C5D1B1C-8E1F-4E0B-9A39-0D9C4F0D7A11}"/><w:text/></w:sdtPr>'
        f"<w:sdtContent>{run('In a control.')}</w:sdtContent></w:sdt>"
    )
    return "".join(
        (
            block("Dear {{ name }},"),
            paragraph(
                f'<w:commentRangeStart w:id="{note}"/>',
                "Commented",
                f'<w:commentRangeEnd w:id="{note}"/><w:r><w:commentReference w:id="{note}"/></w:r>',
            ),
            (
                f'<w:p w:rsidR="{mark_hex("rsid attribute")}" w14:paraId="{mark_hex("paraId")}"'
                f' xmlns:w14="{MS}/word/2010/wordml"><w:pPr><w:pPrChange {who("pPrChange")}>'
                "<w:pPr/></w:pPrChange></w:pPr>"
                f"<w:r><w:rPr><w:b/><w:rPrChange {who('rPrChange')}><w:rPr/>"
                f"</w:rPrChange></w:rPr><w:t>Bold</w:t></w:r></w:p>"
            ),
            table(["In a table"]).replace(
                "</w:tblPr>",
                f"<w:tblPrChange {who('tblPrChange')}><w:tblPr/></w:tblPrChange></w:tblPr>",
            ),
            paragraph(
                f'<w:permStart w:id="7" w:ed="{mark("permitted editor")}"/>',
                "Free to edit",
                '<w:permEnd w:id="7"/>',
            ),
            paragraph(picture(1, 'r:embed="local"', path, path)),
            paragraph("Remote", picture(2, 'r:link="remote"'), picture(3, 'r:embed="remote"')),
            paragraph(picture(4, 'r:embed="local" r:link="remote"')),
            paragraph(old_picture('r:id="local"'), old_picture('r:id="remote"')),
            paragraph(old_picture('r:id="local" r:href="remote"')),
            paragraph(object_, control),
            _fetched(),
            paragraph('<w:hyperlink r:id="link"><w:r><w:t>Our page</w:t></w:r></w:hyperlink>'),
            '<w:p><w:subDoc r:id="sub"/></w:p>',
        )
    )


def mark_hex(what: str) -> str:
    """Return a mark of eight hexadecimal digits."""
    return MARKS.setdefault(what, f"0BADC{len(MARKS):03}")
