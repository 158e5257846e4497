"""Headers and footers in the whole: pieces that have the same share it (17.10)."""

from __future__ import annotations

from typing import NamedTuple

from merge.ooxml.package import HEAD, Parts, Relation, Relations, Source
from merge.ooxml.wordml import OFFICE, W, serialized
from merge.printing.combine.fields import has_page_count, settle_fields
from merge.printing.combine.links import lose_elsewhere, without_elsewhere
from merge.printing.combine.looks import Look
from merge.printing.combine.tidy import Found, Ids, tidy

_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.{}+xml"
_BLANK = (
    f'<w:{{}} xmlns:w="{W[1:-1]}"><w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="1"'
    ' w:lineRule="exact"/><w:rPr><w:sz w:val="2"/></w:rPr></w:pPr></w:p></w:{}>'
)
"""Of no height."""

_ROOTS = {"header": "hdr", "footer": "ftr"}


class Counting(NamedTuple):
    """How a piece counts its pages: the code of a field, and what it says, 0 if not known."""

    code: str
    pages: int


class Headers:
    """The headers and footers of the whole. `relations` are those of its main part."""

    def __init__(self, parts: Parts, relations: Relations, ids: Ids) -> None:
        self._parts, self._relations, self._ids = parts, relations, ids
        self._known: dict[tuple[object, ...], tuple[str, Found]] = {}
        self._counts: dict[bytes, bool] = {}

    def blank(self, word: str) -> str:
        """The relationship of an empty `header` or `footer`."""
        if (word,) not in self._known:
            data = HEAD + _BLANK.format(_ROOTS[word], _ROOTS[word]).encode()
            target = self._parts.added(f"word/{word}.xml", data, _TYPE.format(word))
            own = Relation(f"{OFFICE}/{word}", target, external=False)
            self._known[word,] = (self._relations.id_of(own), frozenset())
        return self._known[word,][0]

    def copied(
        self, source: Source, relation: Relation, look: Look, counting: Counting
    ) -> tuple[str, Found]:
        """The relationship of a piece's header in the whole, and what was found in the header."""
        part = relation.target
        links = without_elsewhere(self._parts.links(source, part))
        raw = source.member(part).raw
        if raw not in self._counts:
            self._counts[raw] = has_page_count(source.parsed(part))
        key = (raw, links, look.number, counting if self._counts[raw] else None)
        if key not in self._known:
            root = source.parsed(part)
            found = tidy(root, self._ids) | lose_elsewhere(root, source.relations(part))
            look.renumber([root], anew=False)
            look.rename(root)
            settle_fields(root, counting.code, counting.pages)
            target = self._parts.added(part, serialized(root), source.type_of(part), links)
            own = relation._replace(target=target)
            self._known[key] = (self._relations.id_of(own), found)
        return self._known[key]
