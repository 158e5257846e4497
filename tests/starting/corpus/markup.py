"""WordprocessingML of a letter, as several programs write it.

The runs do not show the places of the placeholders: programs split text wherever someone typed, and
mark spelling, bookmarks and places. Two letters of one appeal are split in different ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from random import Random
from typing import NamedTuple
from xml.sax.saxutils import escape

from starting.corpus.layout import Box, Control, Node, Nodes, Paragraph, Table, Writer
from starting.corpus.truth import Mark, Piece

RIGHT_TO_LEFT = {"ar", "fa", "ur", "he"}
_REGIONS = {"en": "GB", "uk": "UA", "ar": "SA", "fa": "IR", "ur": "PK", "pt": "BR", "hi": "IN"}
_REGIONS |= {"am": "ET", "zh": "CN", "ja": "JP", "sw": "KE"}
_TWIPS = 9000
"""The width of a table."""


class Look(NamedTuple):
    """The properties that text of one run has in common."""

    is_bold: bool
    link: str
    mark: Mark


@dataclass
class MarkupWriter:
    """Writes the paragraphs of one letter as XML.

    `links` are the targets of its links, in the order of their IDs.
    """

    program: Writer
    language: str
    random: Random
    links: list[str] = field(default_factory=list)
    notes: int = 0
    number: int = 0

    def nodes(self, nodes: Nodes) -> str:
        """Return the XML of paragraphs, tables, boxes and controls."""
        return "".join(map(self._node, nodes))

    def footnotes(self, nodes: Nodes) -> str:
        """Return the footnotes of a letter, with the separators of Word."""
        _, _, *paragraphs = nodes
        first = self._first_note - 2
        xml = ""
        for number, name in enumerate(("separator", "continuationSeparator"), first):
            line = f"<w:p><w:r><w:{name}/></w:r></w:p>"
            xml += f'<w:footnote w:type="{name}" w:id="{number}">{line}</w:footnote>'
        for number, node in enumerate(paragraphs, self._first_note):
            assert isinstance(node, Paragraph)
            xml += f'<w:footnote w:id="{number}">{self._paragraph(node)}</w:footnote>'
        return xml

    @property
    def _first_note(self) -> int:
        return 2 if self.program == "libreoffice" else 1

    def _next(self) -> int:
        self.number += 1
        return self.number

    def _node(self, node: Node) -> str:
        match node:
            case Paragraph():
                return self._paragraph(node)
            case Table(rows):
                return self._table(rows)
            case Box(inner):
                return self._box(self.nodes(inner))
            case Control(inner, name):
                return self._control(self.nodes(inner), name)

    # Containers.

    def _table(self, rows: Sequence[Sequence[Nodes]]) -> str:
        width = _TWIPS // len(rows[0])
        size = f'<w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
        xml = "".join(
            f"<w:tr>{''.join(f'<w:tc>{size}{self.nodes(cell)}</w:tc>' for cell in row)}</w:tr>"
            for row in rows
        )
        direction = "<w:bidiVisual/>" if self.language in RIGHT_TO_LEFT else ""
        kind = '<w:tblLayout w:type="fixed"/>' if self.program == "libreoffice" else ""
        properties = f'<w:tblPr>{direction}<w:tblW w:w="{_TWIPS}" w:type="dxa"/>{kind}</w:tblPr>'
        grid = f'<w:gridCol w:w="{width}"/>' * len(rows[0])
        return f"<w:tbl>{properties}<w:tblGrid>{grid}</w:tblGrid>{xml}</w:tbl>"

    def _box(self, inner: str) -> str:
        number = self._next()
        content = f"<w:txbxContent>{inner}</w:txbxContent>"
        old = (
            f'<w:pict><v:shape id="_x0000_s{1026 + number}" style="position:absolute;'
            f'margin-left:0;margin-top:0;width:250pt;height:120pt;z-index:{number}" stroked="f">'
            f"<v:textbox>{_IDS.sub('', content)}</v:textbox>"
            '<w10:wrap type="topAndBottom"/></v:shape></w:pict>'
        )
        if self.program == "word2007":
            return f"<w:p><w:r>{old}</w:r></w:p>"
        graphic = (
            '<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/'
            'wordprocessingShape"><wps:wsp><wps:cNvSpPr txBox="1"/><wps:spPr><a:xfrm>'
            '<a:off x="0" y="0"/><a:ext cx="3175000" cy="1524000"/></a:xfrm>'
            '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/></wps:spPr>'
            f"<wps:txbx>{content}</wps:txbx><wps:bodyPr/></wps:wsp></a:graphicData></a:graphic>"
        )
        anchor = (
            '<wp:anchor distT="0" distB="0" distL="114300" distR="114300" simplePos="0" '
            f'relativeHeight="{251658240 + number}" behindDoc="0" locked="0" layoutInCell="1" '
            'allowOverlap="1"><wp:simplePos x="0" y="0"/><wp:positionH relativeFrom="column">'
            "<wp:posOffset>0</wp:posOffset></wp:positionH>"
            '<wp:positionV relativeFrom="paragraph"><wp:posOffset>0</wp:posOffset>'
            '</wp:positionV><wp:extent cx="3175000" cy="1524000"/><wp:wrapTopAndBottom/>'
            f'<wp:docPr id="{number}" name="Text Box {number}"/>{graphic}</wp:anchor>'
        )
        return (
            '<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps">'
            f"<w:drawing>{anchor}</w:drawing></mc:Choice><mc:Fallback>{old}</mc:Fallback>"
            "</mc:AlternateContent></w:r></w:p>"
        )

    def _control(self, inner: str, name: str, kind: str = "") -> str:
        properties = f'<w:alias w:val="{name}"/><w:tag w:val="{name}"/>'
        identity = f'<w:id w:val="{self.random.randrange(1, 2**31)}"/>'
        return (
            f"<w:sdt><w:sdtPr>{properties}{identity}{kind}</w:sdtPr>"
            f"<w:sdtContent>{inner}</w:sdtContent></w:sdt>"
        )

    # Paragraphs and runs.

    def _paragraph(self, paragraph: Paragraph) -> str:
        runs = "".join(self._runs(paragraph.pieces))
        if paragraph.is_control and runs:
            runs = self._control(runs, f"Text {self._next()}", "<w:text/>")
        if paragraph.style == "FootnoteText":
            runs = (
                '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>'
                + runs
            )
        return f"<w:p{self._paragraph_ids()}>{self._paragraph_properties(paragraph)}{runs}</w:p>"

    def _paragraph_ids(self) -> str:
        if self.program == "word":
            number = self.random.randrange(1, 2**31)
            return f' w14:paraId="{number:08X}" w14:textId="77777777"{self._rsid("RDefault")}'
        if self.program == "google":
            return ' w:rsidR="00000000" w:rsidDel="00000000" w:rsidP="00000000"'
        return self._rsid("RDefault") if self.program == "word2007" else ""

    def _rsid(self, name: str) -> str:
        return f' w:rsid{name}="{self.random.choice(_RSIDS)}"'

    def _paragraph_properties(self, paragraph: Paragraph) -> str:
        style = paragraph.style or ("Normal" if self.program == "libreoffice" else "")
        parts = [f'<w:pStyle w:val="{style}"/>' if style else ""]
        if paragraph.is_framed:
            parts.append(
                '<w:framePr w:w="4800" w:hSpace="180" w:wrap="around" w:vAnchor="page" '
                'w:hAnchor="page" w:x="1400" w:y="2600"/>'
            )
        if paragraph.is_numbered:
            parts.append('<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>')
        if self.language in RIGHT_TO_LEFT:
            parts.append("<w:bidi/>")
        if self.program == "libreoffice":
            parts.append("<w:rPr></w:rPr>")
        if paragraph.ends_section:
            parts.append(
                '<w:sectPr><w:type w:val="nextPage"/><w:pgSz w:w="12474" w:h="6237" '
                'w:orient="landscape"/><w:pgMar w:top="720" w:right="720" w:bottom="720" '
                'w:left="720" w:header="720" w:footer="720" w:gutter="0"/></w:sectPr>'
            )
        return f"<w:pPr>{''.join(parts)}</w:pPr>" if any(parts) else ""

    def _runs(self, pieces: Sequence[Piece]) -> Iterator[str]:
        for look, group in groupby(pieces, _look):
            text = "".join(piece.text for piece in group)
            if look.mark == "note":
                self.notes += 1
                mark = f'<w:footnoteReference w:id="{self.notes + self._first_note - 1}"/>'
                yield f'<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>{mark}</w:r>'
            elif look.mark == "date":
                yield self._field(' DATE \\@ "d MMMM yyyy" ', self._run(text, look))
            elif look.mark == "page":
                yield self._field(" PAGE ", self._run("1", look))
            elif look.link:
                yield self._link(look.link, "".join(self._split(text, look)))
            else:
                yield from self._split(text, look)

    def _field(self, code: str, result: str) -> str:
        instruction = f'<w:instrText xml:space="preserve">{escape(code)}</w:instrText>'
        return (
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
            f"<w:r>{instruction}</w:r>"
            f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{result}'
            '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        )

    def _link(self, target: str, runs: str) -> str:
        if self.program == "word2007":
            return self._field(f' HYPERLINK "{target}" ', runs)
        self.links.append(target)
        return f'<w:hyperlink r:id="link{len(self.links)}" w:history="1">{runs}</w:hyperlink>'

    def _split(self, text: str, look: Look) -> Iterator[str]:
        """Yield the runs of a text, split as its program splits them."""
        cuts: set[int] = set()
        if self.program in ("word", "word2007") and len(text) > 1:
            count = self.random.randint(0, 1 + len(text) // 60)
            cuts = {self.random.randrange(1, len(text)) for _ in range(count)}
        elif self.program == "libreoffice" and len(text) > 200:
            cuts = {self.random.randrange(1, len(text))}
        edges = [0, *sorted(cuts), len(text)]
        for start, end in pairwise(edges):
            if start < end:
                yield self._between(self._run(text[start:end], look))

    def _between(self, run: str) -> str:
        """Return a run with one of the marks that Word writes around runs."""
        chance = self.random.random()
        if self.program == "word2007" and chance < 0.15:
            uri = "urn:schemas-microsoft-com:office:smarttags"
            return f'<w:smartTag w:uri="{uri}" w:element="place">{run}</w:smartTag>'
        if self.program in {"libreoffice", "google"} or chance > 0.4:
            return run
        if chance > 0.1:
            kind = self.random.choice(("spell", "gram"))
            start, end = (f'<w:proofErr w:type="{kind}{way}"/>' for way in ("Start", "End"))
            return start + run + end
        number = self._next()
        return (
            f'<w:bookmarkStart w:id="{number}" w:name="_Hlk{number:08}"/>{run}'
            f'<w:bookmarkEnd w:id="{number}"/>'
        )

    def _run(self, text: str, look: Look) -> str:
        inner = "".join(map(_text, _characters(text)))
        if self.program == "word2007" and self.random.random() < 0.03:
            inner = "<w:lastRenderedPageBreak/>" + inner
        return f"<w:r{self._run_ids()}>{self._run_properties(look)}{inner}</w:r>"

    def _run_ids(self) -> str:
        if self.program == "google":
            return ' w:rsidDel="00000000" w:rsidR="00000000" w:rsidRPr="00000000"'
        if self.program == "libreoffice" or self.random.random() < 0.4:
            return ""
        return self._rsid(self.random.choice(("R", "RPr")))

    def _run_properties(self, look: Look) -> str:
        parts = '<w:rStyle w:val="Hyperlink"/>' if look.link else ""
        parts += "<w:b/><w:bCs/>" if look.is_bold else ""
        if self.language in RIGHT_TO_LEFT:
            parts += "<w:rtl/>"
        elif self.program == "google":
            parts += '<w:rtl w:val="0"/>'
        if self.program in ("word", "word2007") and self.random.random() < 0.5:
            name = f"{self.language}-{_REGIONS.get(self.language, self.language.upper())}"
            kind = "bidi" if self.language in RIGHT_TO_LEFT else "val"
            kind = "eastAsia" if self.language in ("zh", "ja") else kind
            parts += f'<w:lang w:{kind}="{name}"/>'
        if parts or self.program == "libreoffice":
            return f"<w:rPr>{parts}</w:rPr>"
        return ""


_IDS = re.compile(r' w14:\w+="\w+"|<w:bookmark(?:Start|End)[^>]*/>')
"""Marks that a document may have only once."""
_RSIDS = ("00A1326F", "002C4B71", "005D09E2", "00B77A10", "00F31C5D")
"""Editing sessions of Word."""


def _look(piece: Piece) -> Look:
    return Look(piece.is_bold, piece.link, "" if piece.mark == "day" else piece.mark)


def _characters(text: str) -> list[str]:
    """Return line breaks and tabs, and the text between them."""
    return list(filter(None, re.split(r"([\n\t])", text)))


def _text(text: str) -> str:
    if text in ("\n", "\t"):
        return "<w:br/>" if text == "\n" else "<w:tab/>"
    space = ' xml:space="preserve"' if text != text.strip(" ") else ""
    return f"<w:t{space}>{escape(text)}</w:t>"
