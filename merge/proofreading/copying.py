"""Paragraphs of a letter copied as they are printed: words, breaks, fonts, the side they stand on.

What belongs to the page and not to the words stays behind: indents, spaces, frames, lists.
ECMA-376 part 1, 17.3.1.26 (the order of a paragraph's properties), 17.3.2 (those of a run).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy

from merge.ooxml.wordml import OBJECT, PRESERVE, Element, W, serialized
from merge.proofreading.text import Paragraph, Piece

_OFF = ("keepNext", "keepLines", "pageBreakBefore")
_BREAKS = {"\n": "br", "\f": "br", "\t": "tab"}
_PIECES = re.compile(r"[\n\f\t]|[^\n\f\t]+")


def copied(paragraphs: Sequence[tuple[str, Paragraph]]) -> bytes:
    """A w:body of copies; text that comes with a paragraph stands in a line above it."""
    copier = _Copier(paragraphs[0][1].element)
    for above, paragraph in paragraphs:
        if above:
            copier.add((), [(None, above)])
        properties = paragraph.element.find(W + "pPr")
        copier.add(() if properties is None else properties, paragraph.pieces)
    return serialized(copier.body)


class _Copier:
    """Puts copies into a new body; `like` is any element of the letter's."""

    def __init__(self, like: Element) -> None:
        self.body = like.makeelement(W + "body", {}, {"w": W.strip("{}")})

    def add(self, properties: Iterable[Element], pieces: Iterable[Piece]) -> None:
        """Put a paragraph at the end."""
        paragraph = self._new("p")
        paragraph.append(self._properties(properties))
        paragraph.extend(run for piece in pieces for run in self._run(piece))
        self.body.append(paragraph)

    def _properties(self, own: Iterable[Element]) -> Element:
        """The paragraph's style and direction; what its style says of the page is undone."""
        kept = {str(e.tag).removeprefix(W): deepcopy(e) for e in own}
        made = self._new("pPr")
        made.extend(kept[name] for name in ("pStyle",) if name in kept)
        made.extend(self._new(name, val="0") for name in _OFF)
        made.extend(kept[name] for name in ("tabs", "bidi") if name in kept)
        made.append(self._new("spacing", before="0", after="0"))
        made.append(self._new("ind", left="0", right="0", firstLine="0"))
        made.extend(kept[name] for name in ("jc",) if name in kept)
        return made

    def _run(self, piece: Piece) -> Iterator[Element]:
        properties, text = piece
        shown = _PIECES.findall(text.replace(OBJECT, ""))
        if shown:
            run = self._new("r")
            if properties is not None:
                run.append(_without_changes(properties))
            run.extend(map(self._content, shown))
            yield run

    def _content(self, text: str) -> Element:
        if text in _BREAKS:
            return self._new(_BREAKS[text])
        made = self._new("t")
        made.text = text
        made.set(PRESERVE, "preserve")
        return made

    def _new(self, name: str, **attributes: str) -> Element:
        own = {W + key: value for key, value in attributes.items()}
        return self.body.makeelement(W + name, own)


def _without_changes(properties: Element) -> Element:
    """A run's properties less their tracked changes, which name who made them."""
    own = deepcopy(properties)
    for change in own.findall(W + "rPrChange"):
        own.remove(change)
    return own
