"""Letters as files: the parts of a .docx as several programs write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from random import Random
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from starting.corpus.layout import Layout, Nodes, Writer
from starting.corpus.markup import RIGHT_TO_LEFT, MarkupWriter
from support.documents import BODY, MAIN, OFFICE, PACKAGE, THEME, WORD, zipped

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_MICROSOFT = "http://schemas.microsoft.com/office/word/2010"
_NAMESPACES = " ".join(
    f'xmlns:{prefix}="{name}"'
    for prefix, name in {
        "w": MAIN,
        "r": OFFICE,
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "wp": f"{_DRAWING}/wordprocessingDrawing",
        "a": f"{_DRAWING}/main",
        "wps": f"{_MICROSOFT}/wordprocessingShape",
        "w14": f"{_MICROSOFT}/wordml",
        "v": "urn:schemas-microsoft-com:vml",
        "w10": "urn:schemas-microsoft-com:office:word",
    }.items()
)
_ROOT = f'{_NAMESPACES} mc:Ignorable="w14"'


class _Program(NamedTuple):
    """Properties that a program writes about itself."""

    application: str
    version: str
    font: str
    compatibility: int


_PROGRAMS: Mapping[Writer, _Program] = {
    "word": _Program("Microsoft Office Word", "16.0000", "Aptos", 15),
    "word2007": _Program("Microsoft Office Word", "12.0000", "Calibri", 12),
    "libreoffice": _Program("LibreOffice/24.8.4.2", "15.0000", "Liberation Serif", 15),
    "google": _Program("", "", "Arial", 15),
}
_STYLES = (
    ("Header", "header", ""),
    ("Footer", "footer", ""),
    ("ListParagraph", "List Paragraph", '<w:pPr><w:ind w:left="720"/></w:pPr>'),
    ("FootnoteText", "footnote text", '<w:rPr><w:sz w:val="20"/></w:rPr>'),
    ("EnvelopeAddress", "envelope address", '<w:pPr><w:ind w:left="2880"/></w:pPr>'),
    ("EnvelopeReturn", "envelope return", '<w:rPr><w:sz w:val="20"/></w:rPr>'),
)
_EXTENDED = OFFICE.replace("relationships", "extended-properties")
_AUTHORS = ("Leila Haddad", "m.ortega", "Office PC 3", "Hanna Virtanen")


def docx_bytes(layout: Layout, program: Writer, language: str, title: str, seed: str) -> bytes:
    """Return a letter as a .docx, with runs split at random from `seed`."""
    writer = MarkupWriter(program, language, Random(seed))  # noqa: S311 - not for secrets
    package = _Package(writer)
    sections = "".join(
        package.add_section_part(name, layout.parts[name])
        for name in _SECTION_PARTS
        if name in layout.parts
    )
    body, links = writer.nodes(layout.body), [*writer.links]
    if "footnotes" in layout.parts:
        package.add_part("footnotes", "footnotes", writer.footnotes(layout.parts["footnotes"]))
    package.add_common_parts(has_list="<w:numPr>" in body)
    first = "<w:titlePg/>" if "first-header" in layout.parts else ""
    inner = f"<w:body>{body}<w:sectPr>{sections}{_PAGE}{first}</w:sectPr></w:body>"
    package.files[BODY] = f"{_HEAD}<w:document {_ROOT}>{inner}</w:document>"
    package.add_links("document", [*package.internal, *_external(links)])
    package.add_properties(title)
    return zipped({"[Content_Types].xml": _content_types(package.files), **package.files})


_SECTION_PARTS = {
    "header": ("header1", "header", "default"),
    "first-header": ("header2", "header", "first"),
    "footer": ("footer1", "footer", "default"),
}
_ROOTS = {"header": "hdr", "footer": "ftr", "fontTable": "fonts"}
_PAGE = (
    '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" '
    'w:left="1134" w:header="708" w:footer="708" w:gutter="0"/>'
)
_LINKS = "application/vnd.openxmlformats-package.relationships+xml"


class _Package:
    """The files of a .docx while it is put together."""

    def __init__(self, writer: MarkupWriter) -> None:
        self.writer = writer
        self.files: dict[str, str] = {}
        self.internal: list[str] = []

    def add_part(self, name: str, kind: str, inner: str) -> None:
        """Add a part with its relationship; `name` is also its ID."""
        root = _ROOTS.get(kind, kind)
        self.files[f"word/{name}.xml"] = f"{_HEAD}<w:{root} {_ROOT}>{inner}</w:{root}>"
        self.internal.append(_relationship(name, f"{OFFICE}/{kind}", f"{name}.xml"))

    def add_section_part(self, name: str, nodes: Nodes) -> str:
        """Add a header or footer, and return the reference to it."""
        file, kind, pages = _SECTION_PARTS[name]
        self.add_part(file, kind, self.writer.nodes(nodes))
        if self.writer.links:
            self.add_links(file, _external(self.writer.links))
            self.writer.links.clear()
        return f'<w:{kind}Reference w:type="{pages}" r:id="{file}"/>'

    def add_links(self, name: str, relationships: Iterable[str]) -> None:
        """Add the relationships of a part."""
        self.files[f"word/_rels/{name}.xml.rels"] = _relationships(relationships)

    def add_common_parts(self, *, has_list: bool) -> None:
        """Add styles and settings, and the numbering of a list."""
        program = _PROGRAMS[self.writer.program]
        self.add_part("styles", "styles", _styles(program.font, self.writer.language))
        self.add_part("settings", "settings", _settings(self.writer.program, program))
        self.add_part("fontTable", "fontTable", f'<w:font w:name="{program.font}"/>')
        self.files["word/theme.xml"] = THEME
        self.internal.append(_relationship("theme", f"{OFFICE}/theme", "theme.xml"))
        if has_list:
            self.add_part("numbering", "numbering", _NUMBERING)

    def add_properties(self, title: str) -> None:
        """Add the title, the author and the name of the program."""
        program = _PROGRAMS[self.writer.program]
        author = self.writer.random.choice(_AUTHORS)
        self.files["docProps/core.xml"] = (
            f'{_HEAD}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:title>{escape(title)}</dc:title><dc:creator>{author}</dc:creator>"
            f"<cp:lastModifiedBy>{author}</cp:lastModifiedBy></cp:coreProperties>"
        )
        core = f"{PACKAGE}/relationships/metadata/core-properties"
        links = [
            _relationship("body", f"{OFFICE}/officeDocument", BODY),
            _relationship("core", core, "docProps/core.xml"),
        ]
        if program.application:
            self.files["docProps/app.xml"] = (
                f'{_HEAD}<Properties xmlns="{_EXTENDED}">'
                f"<Application>{program.application}</Application>"
                f"<AppVersion>{program.version}</AppVersion></Properties>"
            )
            links.append(_relationship("app", f"{OFFICE}/extended-properties", "docProps/app.xml"))
        self.files["_rels/.rels"] = _relationships(links)


def _relationship(name: str, kind: str, target: str, more: str = "") -> str:
    return f'<Relationship Id="{name}" Type="{kind}" Target={quoteattr(target)}{more}/>'


def _relationships(relationships: Iterable[str]) -> str:
    inner = "".join(relationships)
    return f'{_HEAD}<Relationships xmlns="{PACKAGE}/relationships">{inner}</Relationships>'


def _external(targets: Iterable[str]) -> Iterator[str]:
    for number, target in enumerate(targets, 1):
        kind, more = f"{OFFICE}/hyperlink", ' TargetMode="External"'
        yield _relationship(f"link{number}", kind, target, more)


def _content_types(files: Iterable[str]) -> str:
    special = {
        BODY: f"{WORD}.document.main",
        "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties",
        "word/theme.xml": "application/vnd.openxmlformats-officedocument.theme",
        "docProps/app.xml": "application/vnd.openxmlformats-officedocument.extended-properties",
    }
    overrides = ""
    for name in files:
        if name.endswith(".xml"):
            kind = name.removeprefix("word/").removesuffix(".xml").rstrip("12")
            content_type = special.get(name, f"{WORD}.{kind}")
            overrides += f'<Override PartName="/{name}" ContentType="{content_type}+xml"/>'
    defaults = (
        f'<Default Extension="rels" ContentType="{_LINKS}"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    return f'{_HEAD}<Types xmlns="{PACKAGE}/content-types">{defaults}{overrides}</Types>'


def _styles(font: str, language: str) -> str:
    fonts = "".join(f' w:{kind}="{font}"' for kind in ("ascii", "hAnsi", "eastAsia", "cs"))
    kind = "bidi" if language in RIGHT_TO_LEFT else "val"
    defaults = (
        f"<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts{fonts}/>"
        f'<w:sz w:val="22"/><w:szCs w:val="22"/><w:lang w:{kind}="{language}"/></w:rPr>'
        '</w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="80"/></w:pPr></w:pPrDefault>'
        "</w:docDefaults>"
    )
    normal = '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
    link = '<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/>'
    return (
        f"{defaults}{normal}</w:style>"
        + "".join(
            f'<w:style w:type="paragraph" w:styleId="{style}"><w:name w:val="{name}"/>'
            f'<w:basedOn w:val="Normal"/>{properties}</w:style>'
            for style, name, properties in _STYLES
        )
        + f'{link}<w:rPr><w:color w:val="0563C1"/><w:u w:val="single"/></w:rPr></w:style>'
    )


def _settings(writer: Writer, program: _Program) -> str:
    name, uri = "compatibilityMode", "http://schemas.microsoft.com/office/word"
    mode = f'<w:compatSetting w:name="{name}" w:uri="{uri}" w:val="{program.compatibility}"/>'
    checked = '<w:proofState w:spelling="clean" w:grammar="clean"/>'
    return (
        f'<w:zoom w:percent="100"/>{checked if writer == "word" else ""}'
        f'<w:defaultTabStop w:val="708"/><w:compat>{mode}</w:compat>'
    )


_NUMBERING = (
    '<w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="hybridMultilevel"/>'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/>'
    '<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="720" w:hanging="360"/></w:pPr></w:lvl>'
    '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
)
