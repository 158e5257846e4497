"""A template with over 250 marks of an author, a computer and a stranger."""

# ruff: noqa: E501 - each place is on a separate line

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from itertools import count
from xml.sax.saxutils import quoteattr

from PIL import Image

from support.documents import (
    BODY,
    MAIN,
    OFFICE,
    block,
    note,
    paragraph,
    run,
    table,
    text_box,
    zipped,
)
from support.field_markup import code, field, mark, simple
from support.filled_letters import members
from support.hidden_places import PLACES, STYLES, WORD
from support.hostile_templates import LEADING_OUT
from support.marked_content import DRAWING, MARKS, MS, SPACES, picture, relation, relations
from support.marked_template import marked_template
from support.pictures_with_metadata import MARK, PICTURES

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_EVERY = (
    f'xmlns:wp14="{MS}/word/2010/wordprocessingDrawing" xmlns:w16du="{MS}/word/2023/wordml/word16du"'
    f' xmlns:a16="{MS}/drawing/2014/main" xmlns:zq="urn:zq"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    ' xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:v="urn:schemas-microsoft-com:vml"'
    f' xmlns:w14="{MS}/word/2010/wordml" xmlns:w15="{MS}/word/2012/wordml" {DRAWING}'
)


class MarkPlanter:
    """Source of words that mark something.

    `planted` has the meaning of each word.
    """

    def __init__(self) -> None:
        self.planted: dict[str, str] = {}
        self._numbers = count()

    def word(self, what: str) -> str:
        """Return a word of six letters for something, a new one each time."""
        word = f"Zq{next(self._numbers):04}"
        self.planted[word] = what
        return word


def _drawn(inner: str) -> str:
    return (
        f'<w:r><w:drawing><wp:inline {inner}<a:graphic><a:graphicData uri="{A[:-4]}picture">'
        '<pic:pic><pic:nvPicPr><pic:cNvPr id="0" name="x"/><pic:cNvPicPr/></pic:nvPicPr>'
        '<pic:blipFill><a:blip r:embed="local"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        '<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="9" cy="9"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData>'
        "</a:graphic></wp:inline></w:drawing></w:r>"
    )


_EXTENT = '<wp:extent cx="9525" cy="9525"/>'
_PLACES: Mapping[str, str] = {
    "wp14:anchorId": _drawn(f'wp14:anchorId="{{}}">{_EXTENT}<wp:docPr id="1" name="x"/>'),
    "wp14:editId": _drawn(f'wp14:editId="{{}}">{_EXTENT}<wp:docPr id="1" name="x"/>'),
    "name of a drawing": _drawn(f'>{_EXTENT}<wp:docPr id="1" name="{{}}.png"/>'),
    "title of a drawing": _drawn(f'>{_EXTENT}<wp:docPr id="1" name="x" title="{{}}.png"/>'),
    "alt text that is a file": _drawn(f'>{_EXTENT}<wp:docPr id="1" name="x" descr="{{}}.jpg"/>'),
    "alt text with a path": _drawn(f'>{_EXTENT}<wp:docPr id="1" name="x" descr="C:/{{}}/x"/>'),
    "creationId": _drawn(
        f'>{_EXTENT}<wp:docPr id="1" name="x"><a:extLst><a:ext uri="{{{{FF2B5EF4}}}}"><a16:creationId'
        ' id="{}"/></a:ext></a:extLst></wp:docPr>'
    ),
    "tip of a picture's link": _drawn(
        f'>{_EXTENT}<wp:docPr id="1" name="x"><a:hlinkClick r:id="link" tooltip="{{}}"/></wp:docPr>'
    ),
    "frame of a picture's link": _drawn(
        f'>{_EXTENT}<wp:docPr id="1" name="x"><a:hlinkClick r:id="link" tgtFrame="{{}}"/></wp:docPr>'
    ),
    "address that does not work": _drawn(
        f'>{_EXTENT}<wp:docPr id="1" name="x"><a:hlinkClick r:id="link" invalidUrl="x:{{}}"/></wp:docPr>'
    ),
    "action of a link": _drawn(
        f'>{_EXTENT}<wp:docPr id="1" name="x"><a:hlinkClick r:id="link" action="p:{{}}"/></wp:docPr>'
    ),
    **{
        f"{name} of a shape": f"<w:r><w:pict {more}><v:rect style='width:9pt' {attributes}/></w:pict></w:r>"
        for name, more, attributes in (
            ("w14:anchorId", 'w14:anchorId="{}"', ""),
            ("id", "", 'id="{}.png"'),
            ("data", "", 'o:gfxdata="{}"'),
            ("alt", "", 'alt="C:\\{}\\x"'),
            ("title", "", 'title="{}.png"'),
            ("href", "", 'href="file:///{}"'),
            ("frame", "", 'href="https://a.example" target="{}"'),
        )
    },
    **{
        f"{name} of a signature line": "<w:r><w:pict><v:rect style='width:9pt'><v:imagedata r:id='local'/>"
        f"<o:signatureline v:ext='edit' {name}='{{}}' issignatureline='t'/></v:rect></w:pict></w:r>"
        for name in (
            *("o:suggestedsigner", "o:suggestedsigner2", "o:suggestedsigneremail"),
            *("o:signinginstructions", "id", "o:sigprovurl"),
        )
    },
    "o:title": "<w:r><w:pict><v:rect style='width:9pt'><v:imagedata r:id='local' o:title='{}'/>"
    "</v:rect></w:pict></w:r>",
    "tip of a link": f'<w:hyperlink r:id="link" w:tooltip="{{}}">{run("x")}</w:hyperlink>',
    "frame of a link": f'<w:hyperlink r:id="link" w:tgtFrame="{{}}">{run("x")}</w:hyperlink>',
    "place behind a link": f'<w:hyperlink r:id="link" w:docLocation="{{}}">{run("x")}</w:hyperlink>',
    "tip of a field": field(' HYPERLINK "https://a.example" \\o "{}" '),
    "frame of a field": simple(' HYPERLINK "https://a.example" \\t "{}" '),
    "path behind a bookmark": field(' REF x "C:\\\\{}" '),
    "source of a citation": field(" CITATION {} \\l 1033 "),
    "name of a user": field(" USERNAME {} "),
    "name of a file": field(" FILENAME {} \\p "),
    "a text that an IF never shows": field(' IF 1 = 1 "x" "{}" '),
    "an author": simple(" AUTHOR {} "),
    "another document": field(" RD C:\\\\{} ", result=""),
    "data of a field": mark("begin").replace(
        "/></w:r>", "><w:fldData>{}</w:fldData></w:fldChar></w:r>"
    )
    + code(" PAGE ")
    + mark("end"),
    "data of a simple field": "<w:fldSimple w:instr='PAGE'><w:fldData>{}</w:fldData></w:fldSimple>",
    **{
        f"{name} of a control": f"<w:sdt><w:sdtPr>{inner}</w:sdtPr><w:sdtContent>{run('x')}"
        "</w:sdtContent></w:sdt>"
        for name, inner in (
            ("title", '<w:alias w:val="{}"/>'),
            ("tag", '<w:tag w:val="{}"/>'),
            ("gallery", '<w:docPartObj><w:docPartCategory w:val="{}"/></w:docPartObj>'),
            ("whole date", '<w:date w:fullDate="{}"/>'),
            (
                "chosen value",
                '<w:dropDownList><w:listItem w:displayText="x" w:value="{}"/></w:dropDownList>',
            ),
            ("last value", '<w:dropDownList w:lastValue="{}"/>'),
            (
                "section",
                '<w15:repeatingSection><w15:sectionTitle w:val="{}"/></w15:repeatingSection>',
            ),
        )
    },
    "foreign attribute": "<w:r zq:{}='1'><w:t>x</w:t></w:r>",
    "foreign element": "<zq:{}/>",
    "foreign words": "<zq:a>{}</zq:a>",
    "a choice that no one reads": "<w:r><mc:AlternateContent><mc:Choice Requires='zq'><w:t>{}</w:t>"
    "</mc:Choice><mc:Fallback><w:t>x</w:t></mc:Fallback></mc:AlternateContent></w:r>",
    "a fallback that no one reads": "<w:r><mc:AlternateContent><mc:Choice Requires='w14'><w:t>x</w:t>"
    "</mc:Choice><mc:Fallback><w:t>{}</w:t></mc:Fallback></mc:AlternateContent></w:r>",
    "a comment of XML": "<!-- {} -->",
    "an instruction": "<?{} x?>",
    "day of a change": "<w:r w16du:dateUtc='{}'><w:t>x</w:t></w:r>",
    "what was copied": "<w:bookmarkStart w:id='77' w:name='_GoBack'/><w:bookmarkEnd w:id='77'/><!--{}-->",
    "a field of newer programs": "<w:r><mc:AlternateContent><mc:Choice Requires='w14'>"
    "<w:instrText>{}</w:instrText></mc:Choice></mc:AlternateContent></w:r>",
    "ink": "<w:r><mc:AlternateContent><mc:Choice Requires='wpi'><w:t>{}</w:t></mc:Choice>"
    "</mc:AlternateContent></w:r>",
    "a button to click on": field(" MACROBUTTON {} x", result=""),
    "a tag in a simple field's data": simple(" DOCVARIABLE {} "),
    "a property": simple(" DOCPROPERTY {} "),
}
"""Paragraph content with a place for a mark, by its name."""
_TABLES = {
    "description of a table": '<w:tblDescription w:val="C:\\{}\\x"/>',
    "title of a table": '<w:tblCaption w:val="{}.docx"/>',
}


def _body(planter: MarkPlanter) -> Iterator[str]:
    for what, place in _PLACES.items():
        yield paragraph(
            place.replace("{}", planter.word(what)).replace("{{", "{").replace("}}", "}")
        )
    for what, place in _TABLES.items():
        marked_content = place.format(planter.word(what))
        yield table(["x"]).replace("</w:tblPr>", f"{marked_content}</w:tblPr>")
    for what, body in PLACES.items():
        if "{" not in body:  # placeholders have a test of their own
            yield body.replace(WORD, planter.word(f"hidden: {what}"))
    for number, address in enumerate(LEADING_OUT):
        for form in ("link", "field", "simple field", "shape"):
            marked_content = address.replace("zqevil", planter.word(f"{form} to {address!r}"))
            if form == "link":
                yield paragraph(f'<w:hyperlink r:id="out{number}">{run("x")}</w:hyperlink>')
                planter.planted[f"out{number}"] = marked_content  # removed again below
            elif form == "shape":
                yield paragraph(
                    f"<w:r><w:pict><v:rect href={quoteattr(marked_content)}/></w:pict></w:r>"
                )
            else:
                written = f' HYPERLINK "{marked_content.replace(chr(92), chr(92) * 2)}" '
                yield paragraph((field if form == "field" else simple)(written))
    for number in range(len(PICTURES) + 1):
        yield paragraph(picture(900 + number, f'r:embed="pic{number}"'))
    yield text_box("in a box")


def _media(planter: MarkPlanter) -> tuple[dict[str, bytes], list[str]]:
    """Return pictures with marks in their bytes, and one in each name."""
    photo = io.BytesIO()
    exif = Image.Exif()
    exif[315] = planter.word("the artist of a photograph")
    exif.get_ifd(34853)[29] = planter.word("the day of a photograph")
    exif.get_ifd(34665)[42033] = planter.word("the number of a camera")
    Image.new("RGB", (9, 9)).save(photo, "JPEG", exif=exif, comment=planter.word("a comment"))
    files = {f"word/media/{planter.word('name of a photograph')}.jpg": photo.getvalue()}
    for kind, data in PICTURES.items():
        planter.planted[MARK.decode()] = "what pictures tell, a dozen places in each"
        ending = kind.split()[0].lower()
        files[f"word/media/{planter.word(f'name of a {kind}')}.{ending}"] = data
    relationships = [
        relation(f"pic{n}", "image", name.removeprefix("word/")) for n, name in enumerate(files)
    ]
    return files, relationships


def _numbering(planter: MarkPlanter) -> str:
    return (
        f'<w:numbering xmlns:w="{MAIN}"><w:abstractNum w:abstractNumId="0">'
        f'<w:nsid w:val="{planter.word("nsid")}"/><w:multiLevelType w:val="multilevel"/>'
        f'<w:tmpl w:val="{planter.word("tmpl")}"/><w:lvl w:ilvl="0" w:tplc="{planter.word("tplc")}"/>'
        '</w:abstractNum><w:num w:numId="1" xmlns:w16cid="http://schemas.microsoft.com/office/word/'
        f'2016/wordml/cid" w16cid:durableId="{planter.word("durableId")}"><w:abstractNumId w:val="0"/>'
        "</w:num></w:numbering>"
    )


def _theme(planter: MarkPlanter, theme: str) -> str:
    for name in ("theme", "clrScheme", "fontScheme", "fmtScheme"):
        start = theme.index(f"<a:{name} ")
        at = theme.index('name="', start) + 6
        theme = theme[:at] + planter.word(f"name of a:{name}") + theme[theme.index('"', at) :]
    colour = f'<a:custClr name="{planter.word("a colour")}"><a:srgbClr val="000000"/></a:custClr>'
    family = (
        f'<a:extLst><a:ext uri="x"><t:themeFamily xmlns:t="{MS}/thememl/2012/main"'
        f' name="{planter.word("theme family")}"/></a:ext></a:extLst>'
    )
    return theme.replace("</a:theme>", f"<a:custClrLst>{colour}</a:custClrLst>{family}</a:theme>")


def _chart(planter: MarkPlanter) -> str:
    return (
        f'<c:chartSpace xmlns:c="{C}" xmlns:r="{OFFICE}">'
        f"<c:pivotSource><c:name>[{planter.word('pivot')}.xlsx]x</c:name></c:pivotSource><c:chart>"
        f"<c:plotArea><c:f>'C:\\x\\[{planter.word('workbook')}.xlsx]{planter.word('sheet')}'!$A$1"
        f'</c:f><c15:filteredBarSeries xmlns:c15="{MS}/drawing/2012/chart"><c:v>'
        f"{planter.word('data left out')}</c:v></c15:filteredBarSeries></c:plotArea></c:chart>"
        f"<c:printSettings><c:headerFooter><c:oddHeader>{planter.word('header of a chart')}"
        "</c:oddHeader></c:headerFooter></c:printSettings></c:chartSpace>"
    )


def _settings(planter: MarkPlanter, settings: str) -> str:
    more = "".join(
        text.format(planter.word(what))
        for what, text in {
            "caption": '<w:captions><w:caption w:name="{}"/></w:captions>',
            "style to click": '<w:clickAndTypeStyle w:val="{}"/>',
            "filter of styles": '<w:stylePaneFormatFilter w:val="{}"/>',
            "kind of document": '<w:documentType w:val="{}"/>',
            "data of a template": '<w:saveThroughXslt w:solutionID="{}"/>',
            "an unknown setting": "<w:{}/>",
        }.items()
    )
    return settings.replace("</w:settings>", f"{more}</w:settings>")


def planted_template(name: str = "recipient.name") -> tuple[bytes, dict[str, str]]:
    """Return the template, and the meaning of each mark in it."""
    planter = MarkPlanter()
    files: dict[str, str | bytes] = dict(members(marked_template(name=name)))
    body = "".join(_body(planter))
    out = {key: planter.planted.pop(key) for key in [*planter.planted] if key.startswith("out")}
    media, relationships = _media(planter)
    relationships += [
        f'<Relationship Id="{key}" Type="{OFFICE}/hyperlink" TargetMode="External"'
        f" Target={quoteattr(address)}/>"
        for key, address in out.items()
    ]
    relationships += [
        relation("p", "image", "media/local.png"),
        relation("numbers", "numbering", "numbering.xml"),
        relation("notes", "footnotes", "footnotes.xml"),
        relation("first", "header", "header1.xml"),
        relation("chart", "chart", "charts/chart1.xml"),
        relation("web", "webSettings", "webSettings.xml"),
        relation("fx", f"{MS}/2007/relationships/stylesWithEffects", "stylesWithEffects.xml"),
    ]
    drawing = f'<wp:docPr id="990" name="x"/><a:graphic><a:graphicData uri="{C}"><c:chart'
    drawing = f'<w:r><w:drawing><wp:inline>{_EXTENT}{drawing} xmlns:c="{C}" r:id="chart"/>'
    body += paragraph(drawing + "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>")
    body += paragraph("x", note(number=2))
    text = text_of(files[BODY]).replace("<w:body>", f"<w:body {_EVERY}>", 1)
    text = text.replace("<w:sectPr>", f"{body}<w:sectPr>", 1)
    at = (
        text.rindex("<w:sectPr>")
        if "w:headerReference" in text
        else text.index("<w:printerSettings")
    )
    text = text[:at] + '<w:headerReference w:type="first" r:id="first"/>' + text[at:]
    before = f"<!-- {planter.word('a comment before the document')} -->"
    files[BODY] = text.replace("<w:document ", f"{before}<w:document ", 1)
    links = "word/_rels/document.xml.rels"
    files[links] = text_of(files[links]).replace(
        "</Relationships>", f"{''.join(relationships)}</Relationships>"
    )
    files |= media
    files["word/numbering.xml"] = _numbering(planter)
    hidden = block(planter.word("a note that nothing refers to"))
    unused = block(planter.word("a notice that nothing refers to"))
    files["word/footnotes.xml"] = (
        f'<w:footnotes xmlns:w="{MAIN}"><w:footnote w:id="1">{hidden}</w:footnote>'
        f'<w:footnote w:type="continuationNotice" w:id="7">{unused}</w:footnote>'
        f'<w:footnote w:id="2">{block("shown")}</w:footnote></w:footnotes>'
    )
    files["word/header1.xml"] = (
        f'<w:hdr xmlns:w="{MAIN}">{block(planter.word("a first header"))}</w:hdr>'
    )
    files["word/charts/chart1.xml"] = _chart(planter)
    files["word/charts/_rels/chart1.xml.rels"] = relations()
    files["word/webSettings.xml"] = (
        f'<w:webSettings {SPACES}><w:divs><w:div w:id="1"/></w:divs><!--{planter.word("web")}--></w:webSettings>'
    )
    files["word/stylesWithEffects.xml"] = (
        f"<w:styles {SPACES}><!--{planter.word('fx')}--></w:styles>"
    )
    files["word/theme.xml"] = _theme(planter, text_of(files["word/theme.xml"]))
    files["word/settings.xml"] = _settings(planter, text_of(files["word/settings.xml"]))
    files["word/styles.xml"] = STYLES.format(defaults="")
    types = text_of(files["[Content_Types].xml"])
    more = "".join(
        f'<Default Extension="{e}" ContentType="image/{t}"/>'
        for e, t in (("jpg", "jpeg"), ("gif", "gif"))
    )
    for part, kind in {
        "numbering": f"{_WORD}.numbering",
        "footnotes": f"{_WORD}.footnotes",
        "header1": f"{_WORD}.header",
        "webSettings": f"{_WORD}.webSettings",
        "stylesWithEffects": "application/vnd.ms-word.stylesWithEffects",
        "charts/chart1": "application/vnd.openxmlformats-officedocument.drawingml.chart",
    }.items():
        more += f'<Override PartName="/word/{part}.xml" ContentType="{kind}+xml"/>'
    files["[Content_Types].xml"] = types.replace("</Types>", f"{more}</Types>")
    whole = zipped(files)
    marks = {word: what for what, word in MARKS.items()}
    del marks[MARKS["rsid of a style"]]  # other styles are planted here
    return whole, {**marks, **planter.planted}


def text_of(part: str | bytes) -> str:
    """Return a part's XML as text."""
    return part if isinstance(part, str) else part.decode()
