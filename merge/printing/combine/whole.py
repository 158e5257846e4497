"""The whole: what all pieces share in it, and the finished file."""

from __future__ import annotations

from html import escape
from itertools import count

from merge.model import Place, Problem, UsageError
from merge.ooxml.blank import MAIN_PART, WORD
from merge.ooxml.package import HEAD, Links, Member, Parts, Relation, Relations, Source
from merge.ooxml.wordml import OFFICE, W, parse_xml
from merge.printing.combine.growing import Growing
from merge.printing.combine.headers import Headers
from merge.printing.combine.looks import Looks
from merge.printing.combine.sections import Margins
from merge.printing.combine.settings import settings_part
from merge.printing.combine.tidy import Ids

MOST_LISTS = 2_000
"""Word shows no numbers in lists (w:num) beyond some 2,020 of a file."""

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_CORE = "docProps/core.xml"
_TITLE = (
    f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title></cp:coreProperties>'
)
_LINES = "".join(
    f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:pPr><w:spacing w:before="0" w:after="0"'
    f' w:line="240" w:lineRule="auto"/></w:pPr><w:r><w:{kind}/></w:r></w:p></w:footnote>'
    for number, kind in ((-1, "separator"), (0, "continuationSeparator"))
)
_SEPARATORS = f'<w:footnotes xmlns:w="{W[1:-1]}">{_LINES}</w:footnotes>'.encode()
"""The lines above footnotes (17.11.23)."""


class Whole:
    """A .docx that grows piece by piece, with the styles, lists and settings of its base."""

    def __init__(self, base: Source) -> None:
        self._parts = Parts()
        self.looks = Looks(base, self._parts)
        self.ids = Ids()
        self.relations, self.note_relations = Relations(), Relations()
        self.headers = Headers(self._parts, self.relations, self.ids)
        self.margins = Margins(self.headers.blank)
        self.document, self.footnotes = Growing("w:document"), Growing("w:footnotes")
        self.note_numbers = count(1)
        theme = base.related("theme")
        if theme:
            self._lead("theme", self._parts.copied(base, theme))

    def _lead(self, word: str, target: str) -> None:
        self.relations.id_of(Relation(f"{OFFICE}/{word}", target, external=False))

    def copied(self, source: Source, relation: Relation) -> Relation:
        """A relationship of a piece, with what it leads to in the whole."""
        if relation.external:
            return relation
        return relation._replace(target=self._parts.copied(source, relation.target))

    def finished(self, title: str) -> bytes:
        """The whole file. UsageError where it has more lists than Word numbers."""
        looks = self.looks
        if looks.numbering.count > MOST_LISTS:
            raise UsageError(_too_many(title))
        even, noted = self.margins.even_and_odd, bool(self.footnotes)
        self._put("settings", settings_part(looks.settings, even_and_odd=even, notes=noted))
        self._put("styles", looks.styles.data())
        self._put("fontTable", *looks.fonts.part())
        if looks.numbering.count:
            self._put("numbering", *looks.numbering.part())
        if noted:
            separators = parse_xml(_SEPARATORS)
            if separators is not None:
                self.footnotes.add(separators, list(separators), rank=-1)
            self._put("footnotes", self.footnotes.data(), self.note_relations.links)
        body = Member.of("", self.document.data("w:body"))
        self._parts.put(MAIN_PART, body, f"{WORD}.document.main+xml", self.relations.links)
        core = Member.of("", HEAD + _TITLE.format(escape(title)).encode())
        self._parts.put(_CORE, core, "application/vnd.openxmlformats-package.core-properties+xml")
        return self._parts.package(_ROOT)

    def _put(self, word: str, data: bytes, links: Links = ()) -> None:
        """One of the parts that a document has once."""
        name = f"word/{word}.xml"
        self._parts.put(name, Member.of("", data), f"{WORD}.{word}+xml", links)
        self._lead(word, name)


_ROOT: Links = (
    ("rId1", Relation(f"{OFFICE}/officeDocument", MAIN_PART, external=False)),
    ("rId2", Relation(f"{_PACKAGE}/relationships/metadata/core-properties", _CORE, external=False)),
)


def _too_many(title: str) -> Problem:
    what = "it has more numbered lists than Word can number in one file (2,000)."
    hint = "Put fewer letters into a file, with --sheets."
    return Problem("too-many-lists", Place(f"{title}.docx"), what, hint)
