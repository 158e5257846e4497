"""A letter's sections in the whole (ECMA-376 part 1, 17.6 and 17.10).

A section that lacks a header has that of the section before it: at the beginning of a letter that
would be somebody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from merge.ooxml.wordml import (
    ID,
    TYPE,
    Element,
    W,
    insert,
    is_on,
    made,
    own,
    properties,
    remove,
    set_new,
    twips,
)

Slot = tuple[str, str]
"""`header` or `footer`, and `default`, `first` or `even`."""

_REFERENCES = {W + "headerReference": "header", W + "footerReference": "footer"}
_EDGES = {"header": "top", "footer": "bottom"}


def sections(body: Element) -> list[Element]:
    """The properties of all sections in their order, the last made where there is none."""
    inner = [e for e in body.iter(W + "sectPr") if e.getparent() is not body]
    last = body.find(W + "sectPr")
    if last is None:
        last = body.makeelement(W + "sectPr")
        body.append(last)
    return [*inner, last]


def begin(section: Element, *, front: bool) -> None:
    """Let a letter's first section begin on a new page, or a front side, and count from 1."""
    made(section, "type", val="oddPage" if front else "nextPage")
    set_new(own(section, "pgNumType"), {W + "start": "1"})


class Margins:
    """What stands above and below the text, section by section through the whole."""

    def __init__(self, blank: Callable[[str], str]) -> None:
        """`blank` gives the relationship of an empty header or footer."""
        self._blank = blank
        self._used: set[Slot] = set()
        self.even_and_odd = False

    def keep_apart(
        self, letter: list[Element], renamed: Callable[[str], str], *, even_and_odd: bool
    ) -> None:
        """Let a letter's sections have their own headers and footers, and no other's.

        `renamed` gives a header's relationship in the whole. Where only some letters tell even
        pages from odd ones, the even pages of the others have what their odd ones have.
        """
        self.even_and_odd |= even_and_odd
        now: dict[Slot, str] = {}
        for number, section in enumerate(letter):
            now |= _taken_out(section, renamed)
            if number == 0:
                has_first = any(is_on(s, "titlePg") for s in letter)
                for slot in sorted(self._inherited(has_first=has_first) - now.keys()):
                    if even_and_odd or slot[1] != "even":
                        now[slot] = self._blank(slot[0])
                        _make_room(section, slot)
            for slot, relation in _all(now, even_and_odd=even_and_odd).items():
                _refer(section, slot, relation)
                self._used.add(slot)

    def _inherited(self, *, has_first: bool) -> set[Slot]:
        """What would reach into a letter from those before it.

        For a first page LibreOffice takes the usual header where no letter has one for it.
        """
        kinds = {kind for kind, _ in self._used}
        usual = {(kind, "default") for kind in kinds}
        first = {(kind, "first") for kind in _EDGES} if has_first and kinds else set()
        return self._used | usual | first


def _taken_out(section: Element, renamed: Callable[[str], str]) -> dict[Slot, str]:
    """The headers and footers that a section names, called as in the whole."""
    found = {}
    for reference in section.findall("*"):
        if reference.tag in _REFERENCES:
            slot = (_REFERENCES[str(reference.tag)], reference.get(TYPE, "default"))
            found[slot] = renamed(str(reference.get(ID)))
            remove(reference)
    return found


def _all(now: Mapping[Slot, str], *, even_and_odd: bool) -> dict[Slot, str]:
    """What a section has; where odd pages are like even ones, both have the same."""
    if even_and_odd:
        return dict(now)
    odd = {(kind, "even"): r for (kind, page), r in now.items() if page == "default"}
    return {**now, **odd}


def _refer(section: Element, slot: Slot, relation: str) -> None:
    kind, page = slot
    insert(section, section.makeelement(f"{W}{kind}Reference", {TYPE: page, ID: relation}))


def _make_room(section: Element, slot: Slot) -> None:
    """Let an empty header begin no lower than the text, which it would push down."""
    kind, page = slot
    margins = section.find(W + "pgMar")
    if margins is not None and page == "default":
        nearest = min(abs(twips(margins.get(W + name, "720"))) for name in (kind, _EDGES[kind]))
        margins.set(W + kind, str(nearest))


def close(body: Element, section: Element) -> None:
    """Put a letter's last section where another follows: into its last paragraph.

    Behind a table, or a paragraph that ends a section itself, stands one of no height. Nothing
    shows of the space below a last paragraph, but LibreOffice takes it off the next page's top.
    """
    remove(section)
    last = body[-1] if len(body) else None
    if last is None or last.tag != W + "p" or last.find(f"{W}pPr/{W}sectPr") is not None:
        last = body.makeelement(W + "p")
        body.append(last)
        look = properties(last, "pPr")
        made(look, "spacing", before="0", line="1", lineRule="exact")
        made(own(look, "rPr"), "sz", val="2")
    look = properties(last, "pPr")
    own(look, "spacing").attrib.update({W + "after": "0", W + "afterAutospacing": "0"})
    insert(look, section)
