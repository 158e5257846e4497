"""Word files in one line: `docx("Dear {{ name }}")`.

Each line of a text becomes a paragraph. Anything that begins with `<` is WordprocessingML as it is.
The module's name must not hide python-docx's `docx`.
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
BODY = "word/document.xml"
_LINKS = "document.xml.rels"

_SPACES = " ".join(
    (
        f'xmlns:w="{MAIN}" xmlns:r="{OFFICE}"',
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"',
        'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"',
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"',
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"',
        'xmlns:v="urn:schemas-microsoft-com:vml"',
    )
)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_KINDS = {"header": "hdr", "footer": "ftr", "footnotes": "footnotes", "endnotes": "endnotes"}
_COLOURS = ("dk1", "lt1", "dk2", "lt2", *(f"accent{n}" for n in range(1, 7)), "hlink", "folHlink")
THEME = "".join(
    (
        f'{_HEAD}<a:theme {_SPACES} name="Office"><a:themeElements><a:clrScheme name="Office">',
        *(f'<a:{name}><a:srgbClr val="000000"/></a:{name}>' for name in _COLOURS),
        '</a:clrScheme><a:fontScheme name="Office">',
        *(
            f'<a:{kind}Font><a:latin typeface="Arial"/><a:ea typeface=""/><a:cs typeface=""/>'
            f"</a:{kind}Font>"
            for kind in ("major", "minor")
        ),
        '</a:fontScheme><a:fmtScheme name="Office">',
        *(
            f"<a:{name}>{inner * 3}</a:{name}>"
            for name, inner in (
                ("fillStyleLst", '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'),
                ("lnStyleLst", "<a:ln/>"),
                ("effectStyleLst", "<a:effectStyle><a:effectLst/></a:effectStyle>"),
                ("bgFillStyleLst", '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'),
            )
        ),
        "</a:fmtScheme></a:themeElements></a:theme>",
    )
)
"""The smallest theme that is valid."""
_FIXED = {
    "word/styles.xml": f"{_HEAD}<w:styles {_SPACES}/>",
    "word/settings.xml": f"{_HEAD}<w:settings {_SPACES}/>",
    "word/fontTable.xml": f"{_HEAD}<w:fonts {_SPACES}/>",
    "word/theme.xml": THEME,
}
"""Parts that the standard requires in every document."""
_CORE = (
    f'{_HEAD}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title></cp:coreProperties>'
)


PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)
"""A PNG of one pixel."""


def run(text: str, properties: str = "") -> str:
    """Return a run; tabs and line feeds in the text become Word's elements."""
    inner = escape(text).replace("\n", "</w:t><w:br/><w:t xml:space='preserve'>")
    inner = inner.replace("\t", "</w:t><w:tab/><w:t xml:space='preserve'>")
    properties_xml = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f"<w:r>{properties_xml}<w:t xml:space='preserve'>{inner}</w:t></w:r>"


def paragraph(*runs: str) -> str:
    """Return a paragraph of runs, each given as text or as XML."""
    inner = (piece if piece.startswith("<") else run(piece) for piece in runs)
    return f"<w:p>{''.join(inner)}</w:p>"


def block(text: str) -> str:
    """Return paragraphs: XML as it is, or one paragraph for each line of text."""
    return text if text.startswith("<") else "".join(map(paragraph, text.split("\n")))


def cell(text: str, width: int = 2000) -> str:
    """Return a table cell with a paragraph for each line."""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{block(text)}</w:tc>'


def table(*rows: list[str]) -> str:
    """Return a table and the paragraph that Word puts after it.

    A cell is text, or a complete w:tc.
    """
    cells = [[c if c.startswith("<w:tc>") else cell(c) for c in row] for row in rows]
    grid = '<w:gridCol w:w="2000"/>' * max(map(len, rows))
    lines = "".join(f"<w:tr>{''.join(row)}</w:tr>" for row in cells)
    properties = '<w:tblPr><w:tblW w:w="0" w:type="auto"/></w:tblPr>'
    return f"<w:tbl>{properties}<w:tblGrid>{grid}</w:tblGrid>{lines}</w:tbl><w:p/>"


def text_box(text: str) -> str:
    """Return a paragraph with a text box as Word writes it.

    It is there in DrawingML, and in VML for old programs.
    """
    content = f"<w:txbxContent>{block(text)}</w:txbxContent>"
    shape = (
        '<wp:inline><wp:extent cx="2000000" cy="900000"/><wp:docPr id="7" name="Box"/><a:graphic>'
        '<a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">'
        "<wps:wsp><wps:cNvSpPr/><wps:spPr><a:xfrm><a:off x='0' y='0'/>"
        "<a:ext cx='2000000' cy='900000'/></a:xfrm><a:prstGeom prst='rect'><a:avLst/></a:prstGeom>"
        f"</wps:spPr><wps:txbx>{content}</wps:txbx><wps:bodyPr/></wps:wsp></a:graphicData>"
        "</a:graphic></wp:inline>"
    )
    old = f"<w:pict><v:rect style='width:150pt;height:70pt'><v:textbox>{content}</v:textbox>"
    return (
        f"<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing>{shape}</w:drawing>"
        f"</mc:Choice><mc:Fallback>{old}</v:rect></w:pict></mc:Fallback></mc:AlternateContent>"
        "</w:r></w:p>"
    )


def note(kind: str = "footnote", number: int = 1) -> str:
    """Return the reference mark of a note, as a run."""
    return f"<w:r><w:{kind}Reference w:id='{number}'/></w:r>"


def docx(
    body: str, *, title: str = "", more: Mapping[str, str | bytes] | None = None, **parts: str
) -> bytes:
    """Return a small, valid .docx.

    `parts` are header, footer, footnotes and endnotes, with one note a line. `more` are further
    members by name.
    """
    files, section = dict(_FIXED), ""
    for kind, text in parts.items():
        files[f"word/{kind}.xml"] = _part(_KINDS[kind], _inside(kind, text))
        if kind in {"header", "footer"}:
            section += f'<w:{kind}Reference w:type="default" r:id="{kind}"/>'
    whole = block(body) + _note_marks(body, parts)
    files[BODY] = _part("document", f"<w:body>{whole}<w:sectPr>{section}</w:sectPr></w:body>")
    if title:
        files["docProps/core.xml"] = _CORE.format(escape(title))
    names = [name for name in files if name.startswith("word/") and name != BODY]
    files["word/_rels/document.xml.rels"] = _links(OFFICE, [n.removeprefix("word/") for n in names])
    files["_rels/.rels"] = _root_links(bool(title))
    return zipped({"[Content_Types].xml": _types(files), **files, **(more or {})})


def _note_marks(body: str, parts: Mapping[str, str]) -> str:
    """Return a paragraph that refers to all notes without a reference."""
    kinds = ("footnote", "endnote")
    lacking = [k for k in kinds if f"{k}s" in parts and f"<w:{k}Reference" not in body]
    marks = [
        note(kind, number)
        for kind in lacking
        for number in range(1, _inside(f"{kind}s", parts[f"{kind}s"]).count(f"<w:{kind} ") + 1)
    ]
    return paragraph(*marks) if marks else ""


def _inside(kind: str, text: str) -> str:
    if not kind.endswith("notes"):
        return block(text)
    name = kind.removesuffix("s")
    notes = enumerate([text] if text.startswith("<") else text.split("\n"), 1)
    return "".join(f'<w:{name} w:id="{n}">{block(line)}</w:{name}>' for n, line in notes)


def _part(root: str, inner: str) -> str:
    return f'{_HEAD}<w:{root} {_SPACES} mc:Ignorable="">{inner}</w:{root}>'


def _kind(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(".xml")


def _links(space: str, targets: list[str]) -> str:
    relationships = (
        f'<Relationship Id="{_kind(t)}" Type="{space}/{_kind(t)}" Target="{t}"/>' for t in targets
    )
    links = "".join(relationships)
    return f'{_HEAD}<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'


def _root_links(titled: bool) -> str:  # noqa: FBT001 - one caller
    office = f'<Relationship Id="a" Type="{OFFICE}/officeDocument" Target="{BODY}"/>'
    core = f"{PACKAGE}/relationships/metadata/core-properties"
    title = f'<Relationship Id="b" Type="{core}" Target="docProps/core.xml"/>' if titled else ""
    return f'{_HEAD}<Relationships xmlns="{PACKAGE}/relationships">{office}{title}</Relationships>'


def _types(files: Mapping[str, str]) -> str:
    special = {
        BODY: f"{WORD}.document.main",
        "word/theme.xml": "application/vnd.openxmlformats-officedocument.theme",
        "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties",
    }
    parts = [name for name in files if name.endswith(".xml")]
    overrides = "".join(
        f'<Override PartName="/{n}" ContentType="{special.get(n, f"{WORD}.{_kind(n)}")}+xml"/>'
        for n in parts
    )
    links = "application/vnd.openxmlformats-package.relationships+xml"
    defaults = f'<Default Extension="rels" ContentType="{links}"/>'
    defaults += '<Default Extension="xml" ContentType="application/xml"/>'
    return f'{_HEAD}<Types xmlns="{PACKAGE}/content-types">{defaults}{overrides}</Types>'


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Return a zip of the members."""
    archive_bytes = io.BytesIO()
    with zipfile.ZipFile(archive_bytes, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return archive_bytes.getvalue()


_OFFICE_2006 = "http://schemas.microsoft.com/office/2006/relationships"
_MAIN_TYPES = {
    "dotx": f"{WORD}.template.main+xml",
    "docm": "application/vnd.ms-word.document.macroEnabled.main+xml",
    "dotm": "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
}
_MACRO_PARTS: Mapping[str, str | bytes] = {
    "word/vbaProject.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 Sub AutoOpen()",
    "word/vbaData.xml": '<wne:vbaSuppData xmlns:wne="http://schemas.microsoft.com/office/word/2006/'
    'wordml"><wne:mcds><wne:mcd wne:macroName="PROJECT.A.AUTOOPEN"/></wne:mcds></wne:vbaSuppData>',
    "word/customizations.xml": '<wne:tcg xmlns:wne="http://schemas.microsoft.com/office/word/2006/'
    'wordml"><wne:keymaps><wne:keymap wne:kcmPrimary="0244"><wne:macro '
    'wne:macroName="PROJECT.A.AUTOOPEN"/></wne:keymap></wne:keymaps></wne:tcg>',
    "word/_rels/vbaProject.bin.rels": f'{_HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="v" Type="{_OFFICE_2006}/wordVbaData" Target="vbaData.xml"/>'
    "</Relationships>",
}


def of_kind(data: bytes, kind: str) -> bytes:
    """Return a .docx as Word saves it as .dotx, .docm or .dotm.

    The last two have macros and a key that starts one.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    types, links = (files[n].decode() for n in ("[Content_Types].xml", f"word/_rels/{_LINKS}"))
    types = types.replace(f"{WORD}.document.main+xml", _MAIN_TYPES[kind])
    if kind != "dotx":
        vendor = "application/vnd.ms-word"
        macro_types = (
            '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
            f'<Override PartName="/word/vbaData.xml" ContentType="{vendor}.vbaData+xml"/>'
            f'<Override PartName="/word/customizations.xml" ContentType="{vendor}'
            '.keyMapCustomizations+xml"/>'
        )
        types = types.replace("</Types>", f"{macro_types}</Types>")
        more = (("vbaProject", "vbaProject.bin"), ("keyMapCustomizations", "customizations.xml"))
        macro_links = "".join(
            f'<Relationship Id="m{n}" Type="{_OFFICE_2006}/{word}" Target="{target}"/>'
            for n, (word, target) in enumerate(more)
        )
        links = links.replace("</Relationships>", f"{macro_links}</Relationships>")
        files |= {
            name: d if isinstance(d, bytes) else d.encode() for name, d in _MACRO_PARTS.items()
        }
    changed = {"[Content_Types].xml": types.encode(), f"word/_rels/{_LINKS}": links.encode()}
    return zipped({**files, **changed})
