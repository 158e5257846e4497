"""A letter with hostile content in every place that Word's files have.

Each item asks for an address, or sets `zq` in a page that allows it.
"""

from __future__ import annotations

from support.documents import OFFICE, PACKAGE, zipped
from support.filled_letters import members

_RELATIONS, _TYPES = "word/_rels/document.xml.rels", "[Content_Types].xml"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_WRAPPED = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
_SVG = "http://schemas.microsoft.com/office/drawing/2016/SVG/main"
_SPACES = (
    f' xmlns:r="{OFFICE}" xmlns:a="{_DRAWING}/main" xmlns:pic="{_DRAWING}/picture"'
    f' xmlns:wp="{_WRAPPED}" xmlns:v="urn:schemas-microsoft-com:vml"'
    ' xmlns:o="urn:schemas-microsoft-com:office:office"'
)
_HTML = (
    "<html><head><link rel=stylesheet href={0}/alt.css><style>@import url({0}/import.css)</style>"
    "</head><body><script>parent.zq=top.zq=1;fetch('{0}/alt-script')</script>"
    "<img src={0}/alt.png onerror=zq()><iframe src={0}/alt-frame></iframe>ALTERED</body></html>"
)
_DRAWN = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' onload="top.zq=1"><script>top.zq=1;fetch("{0}/svg-script")</script>'
    '<image xlink:href="{0}/svg-image.png" width="9" height="9"/>'
    '<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="{0}/svg-frame"/>'
    "</foreignObject><style>@import url({0}/svg.css);</style></svg>"
)


def _picture(blip: str) -> str:
    return (
        '<w:p><w:r><w:drawing><wp:inline><wp:extent cx="900000" cy="900000"/>'
        '<wp:docPr id="91" name="&lt;img src=x onerror=zq()&gt;" descr="{0}/described"/>'
        f'<a:graphic><a:graphicData uri="{_DRAWING}/picture"><pic:pic><pic:nvPicPr>'
        '<pic:cNvPr id="0" name="x"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
        f"{blip}<a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr>"
        '<a:xfrm><a:off x="0" y="0"/><a:ext cx="900000" cy="900000"/></a:xfrm>'
        '<a:prstGeom prst="rect"/></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline>'
        "</w:drawing></w:r></w:p>"
    )


def _field(code: str) -> str:
    return (
        '<w:p><w:r><w:fldChar w:fldCharType="begin" w:dirty="true"/></w:r><w:r><w:instrText>'
        f'{code}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )


_BODY = "".join(
    (
        '<w:p><w:hyperlink r:id="zqjs"><w:r><w:t>Click here</w:t></w:r></w:hyperlink></w:p>',
        '<w:p><w:hyperlink r:id="zqlink"><w:r><w:t>Or here</w:t></w:r></w:hyperlink></w:p>',
        _picture('<a:blip r:link="zqpicture"/>'),
        _picture('<a:blip r:embed="zqpicture"/>'),
        _picture('<a:blip r:embed="zqsvg"/>'),
        _picture(
            '<a:blip><a:extLst><a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}">'
            f'<asvg:svgBlip xmlns:asvg="{_SVG}" r:embed="zqsvg"/></a:ext></a:extLst></a:blip>'
        ),
        (
            '<w:p><w:r><w:pict><v:shape style="width:9pt;height:9pt;background:url({0}/vml.png)">'
            '<v:imagedata r:id="zqpicture" src="{0}/vml-src.png" o:href="{0}/vml-href.png"/>'
            "</v:shape></w:pict></w:r></w:p>"
        ),
        (
            '<w:p><w:r><w:object><o:OLEObject Type="Link" ProgID="Word.Document.12" ShapeID="s"'
            ' DrawAspect="Content" ObjectID="_1" r:id="zqole"/></w:object></w:r></w:p>'
        ),
        *map(
            _field,
            (
                'INCLUDEPICTURE "{0}/field.png" \\d',
                'INCLUDETEXT "{0}/text.docx"',
                'LINK Word.Document.8 "{0}/linked.docx"',
                'HYPERLINK "javascript:top.zq=1"',
                'DDEAUTO c:\\\\windows\\\\system32\\\\calc.exe "/k zq"',
            ),
        ),
        (
            '<w:p><w:pPr><w:pStyle w:val="x}}*{{background:url({0}/class.png)}}"/></w:pPr>'
            '<w:r><w:rPr><w:rFonts w:ascii="x;background:url({0}/font.png)"/>'
            '<w:color w:val="red;background:url({0}/colour.png)"/></w:rPr>'
            "<w:t>&lt;img src={0}/text.png onerror=top.zq=1&gt;&lt;script&gt;top.zq=1"
            "&lt;/script&gt;</w:t></w:r></w:p>"
        ),
        '<w:altChunk r:id="zqalt"/>',
    )
)
_STYLE = (
    '<w:style w:type="paragraph" w:styleId="x}}@import url({0}/style.css);*{{x"><w:name w:val="x"/>'
    '<w:rPr><w:rFonts w:ascii="a&quot;;}}body{{background:url({0}/style.png)"/></w:rPr></w:style>'
)
_MORE_TYPES = (
    '<Default Extension="html" ContentType="text/html"/>'
    '<Default Extension="svg" ContentType="image/svg+xml"/>'
)


def _link(name: str, kind: str, target: str, mode: str = "External") -> str:
    return (
        f'<Relationship Id="{name}" Type="{OFFICE}/{kind}" Target="{target}" TargetMode="{mode}"/>'
    )


def _relations(*links: str) -> bytes:
    return (
        f'<Relationships xmlns="{PACKAGE}/relationships">{"".join(links)}</Relationships>'.encode()
    )


def hostile_letter(letter: bytes, address: str) -> bytes:
    """Return a letter with all hostile items; its own text and its ID stay."""
    files = members(letter)
    links = "".join(
        (
            _link("zqjs", "hyperlink", "javascript:top.zq=1"),
            _link("zqlink", "hyperlink", f"{address}/link"),
            _link("zqpicture", "image", f"{address}/picture.png"),
            _link("zqole", "oleObject", f"{address}/object.docx"),
            _link("zqfonts", "font", f"{address}/font.odttf"),
            _link("zqsheet", "styles", f"{address}/sheet.xml"),
            _link("zqalt", "aFChunk", "zq.html", "Internal"),
            _link("zqsvg", "image", "media/zq.svg", "Internal"),
        )
    )
    _put(files, _RELATIONS, b"</Relationships>", links)
    _put(files, _TYPES, b"</Types>", _MORE_TYPES)
    files["word/zq.html"] = _HTML.format(address).encode()
    files["word/media/zq.svg"] = _DRAWN.format(address).encode()
    body = files["word/document.xml"]
    front = body.rindex(b"<w:sectPr") if b"<w:sectPr" in body else body.rindex(b"</w:body>")
    whole = body[:front] + _BODY.format(address).encode() + body[front:]
    files["word/document.xml"] = whole.replace(b"<w:body>", b"<w:body>", 1).replace(
        b"<w:document ", f"<w:document{_missing_namespaces(whole)} ".encode(), 1
    )
    _put(files, "word/styles.xml", b"</w:styles>", _STYLE.format(address))
    template = _link("zqt", "attachedTemplate", f"{address}/template.dotm")
    files["word/_rels/settings.xml.rels"] = _relations(template)
    _put(files, "word/settings.xml", b"</w:settings>", f'<w:attachedTemplate {_R} r:id="zqt"/>')
    return zipped(files)


_R = f'xmlns:r="{OFFICE}"'


def _missing_namespaces(body: bytes) -> str:
    """Return the namespaces that the root lacks."""
    root = body[body.index(b"<w:document") : body.index(b"<w:body")].decode()
    return "".join(
        f" {declaration}"
        for declaration in _SPACES.split()
        if declaration.partition("=")[0] + "=" not in root
    )


def _put(files: dict[str, bytes], name: str, end: bytes, more: str) -> None:
    if end not in files[name]:  # an element without contents
        files[name] = files[name].replace(b"/>", b">" + end, 1)
    files[name] = files[name].replace(end, more.encode() + end)


def many_paragraphs(letter: bytes, number: int = 100_000) -> bytes:
    """Return a letter with this number of further paragraphs."""
    files = members(letter)
    more = "<w:p><w:r><w:t>We ask you again.</w:t></w:r></w:p>" * number
    files["word/document.xml"] = files["word/document.xml"].replace(
        b"<w:body>", b"<w:body>" + more.encode(), 1
    )
    return zipped(files)


def bomb(letter: bytes, size: int = 1 << 30) -> bytes:
    """Return a letter that unpacks to this number of bytes."""
    files = members(letter)
    body = files["word/document.xml"]
    front = body.index(b"<w:body>") + len(b"<w:body>")
    files["word/document.xml"] = body[:front] + b" " * size + body[front:]
    return zipped(files)
