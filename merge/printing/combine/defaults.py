"""What holds for every paragraph and run of a document, and where two documents differ in it.

ECMA-376 part 1, 17.7.5 (docDefaults). The whole has those of its base; what a letter's say
otherwise is written into the styles that come from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

from merge.ooxml.wordml import VAL, Element, W, canon, put, set_new

_HOLDERS = ("pPr", "rPr")
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_PARTED = {W + name for name in ("spacing", "ind", "rFonts", "lang")}
"""Properties whose attributes hold one by one."""

_ALIKE = {W + a: W + b for a, b in (("start", "left"), ("end", "right"), ("hanging", "firstLine"))}
"""Attributes that say what another one says (17.3.1.12)."""

_FACES = dict.fromkeys((W + f for f in ("ascii", "hAnsi", "eastAsia", "cs")), "Times New Roman")
_NO_SPACE = {W + "before": "0", W + "after": "0", W + "line": "240", W + "lineRule": "auto"}
_INITIAL: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "pPr": {
        "spacing": _NO_SPACE,
        "ind": dict.fromkeys((W + i for i in ("left", "right", "firstLine")), "0"),
        **{name: {VAL: "0"} for name in ("keepNext", "keepLines", "contextualSpacing", "bidi")},
        **{name: {VAL: "0"} for name in ("suppressAutoHyphens", "pageBreakBefore")},
        **{name: {VAL: "1"} for name in ("widowControl", "snapToGrid", "kinsoku", "wordWrap")},
        **{name: {VAL: "1"} for name in ("overflowPunct", "autoSpaceDE", "autoSpaceDN")},
        "jc": {VAL: "left"},
        "textAlignment": {VAL: "auto"},
    },
    "rPr": {
        "rFonts": _FACES,
        **{name: {VAL: "20"} for name in ("sz", "szCs")},
        **{name: {VAL: "0"} for name in ("b", "bCs", "i", "iCs", "caps", "smallCaps", "noProof")},
        **{name: {VAL: "0"} for name in ("kern", "spacing", "position", "strike", "vanish")},
        "color": {VAL: "auto"},
        "u": {VAL: "none"},
        "w": {VAL: "100"},
        _W14 + "ligatures": {_W14 + "val": "none"},  # Word says them since 2023
    },
}
"""What holds where no document says anything, of what documents do say (17.3.1, 17.3.2)."""


class Defaults:
    """A document's own: the properties of paragraphs and of runs by their tags."""

    def __init__(self, styles: Element) -> None:
        found = {n: styles.find(f"{W}docDefaults/{W}{n}Default/{W}{n}") for n in _HOLDERS}
        self._of = {n: {} if e is None else _by_tag(e) for n, e in found.items()}

    def beside(self, other: Defaults) -> Missing:
        """What a style must say so that under the other's defaults it looks as under these."""
        return {n: dict(_unlike(_INITIAL[n], self._of[n], other._of[n])) for n in _HOLDERS}


Missing = Mapping[str, Mapping[str, Element]]
"""Properties by their holder, `pPr` or `rPr`, and their tag."""


def _by_tag(holder: Element) -> dict[str, Element]:
    return {str(e.tag): e for e in holder.iterchildren("*")}


def _unlike(
    initial: Mapping[str, Mapping[str, str]],
    ours: Mapping[str, Element],
    theirs: Mapping[str, Element],
) -> list[tuple[str, Element]]:
    """Our properties that theirs are not; where we have none, what holds without any."""
    found = []
    for tag, element in {**theirs, **ours}.items():
        if tag in ours and tag in theirs and canon(ours[tag]) == canon(theirs[tag]):
            continue
        said = deepcopy(element)
        without = initial.get(tag.removeprefix(W), {})
        if tag not in ours:
            said.attrib.clear()
        if tag not in ours or tag in _PARTED:
            _fill(said, without)
        if tag in ours or without:
            found.append((tag, said))
    return found


def say(style: Element, missing: Missing, but: frozenset[str] = frozenset()) -> None:
    """Let a style say what is missing, where it says nothing of its own; some tags it need not."""
    for name in _HOLDERS:
        for tag, element in missing[name].items():
            if tag not in but:
                _say(style, name, element)


def _say(style: Element, name: str, element: Element) -> None:
    holder = style.find(W + name)
    holder = put(style, style.makeelement(W + name)) if holder is None else holder
    own = holder.find(str(element.tag))
    if own is None:
        put(holder, deepcopy(element))
    elif element.tag in _PARTED:
        _fill(own, {str(n): str(text) for n, text in element.attrib.items()})


def _fill(element: Element, attributes: Mapping[str, str]) -> None:
    """Let an element say what it does not say yet, by whatever name."""
    own = {_ALIKE.get(str(name), str(name)) for name in element.attrib}
    set_new(element, {n: text for n, text in attributes.items() if _ALIKE.get(n, n) not in own})
