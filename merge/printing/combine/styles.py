"""Styles: the whole has those of its base; a letter's own come under new names where they differ.

ECMA-376 part 1, 17.7. Two styles are the same where they print the same: what only shows in the
program's windows does not count. Numbering is no part of it: lists.py writes it at the paragraphs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache

from merge.ooxml.wordml import (
    TYPE,
    VAL,
    Canon,
    Element,
    W,
    canon,
    made,
    parse_xml,
    properties,
    remove,
    value,
)
from merge.printing.combine.defaults import Defaults, say
from merge.printing.combine.growing import Growing
from merge.printing.combine.theme import Theme

Tags = frozenset[str]
_NOTHING: Tags = frozenset()
_ID, _CUSTOM, _DEFAULT = W + "styleId", W + "customStyle", W + "default"
_PRINTED = ("pPr", "rPr", "tblPr", "trPr", "tcPr", "tblStylePr")
_SHOWN = frozenset({W + "numPr", W + "outlineLvl"})
_LEFT_OUT = {
    W + name
    for name in (
        *("name", "aliases", "basedOn", "next", "link", "autoRedefine", "rsid"),
        *("semiHidden", "unhideWhenUsed", "qFormat"),
    )
}
_USES = {"paragraph": ("p", "pPr", "pStyle"), "table": ("tbl", "tblPr", "tblStyle")}
_REFERENCES = {"paragraph": "pStyle", "character": "rStyle", "table": "tblStyle"}

_BUILT_IN = ("normal", "default paragraph font", "normal table", "no list")
"""Names of the styles that hold where none is named, in every document."""

_SIDES = "".join(
    f'<w:{side} w:w="{width}" w:type="dxa"/>'
    for side, width in (("top", 0), ("left", 108), ("bottom", 0), ("right", 108))
)
_IMPLIED = (
    f'<w:styles xmlns:w="{W[1:-1]}">'
    '<w:style w:type="paragraph" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="character" w:styleId="DefaultParagraphFont">'
    '<w:name w:val="Default Paragraph Font"/></w:style>'
    '<w:style w:type="table" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr>'
    f'<w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar>{_SIDES}</w:tblCellMar></w:tblPr></w:style>'
    "</w:styles>"
).encode()
"""The default styles that Word takes for a document that does not say its own."""


@cache
def _implied() -> dict[str, Element]:
    """By their kinds."""
    root = parse_xml(_IMPLIED)
    return {str(e.get(TYPE)): e for e in (() if root is None else root)}


def defaults_by_kind(styles: Element) -> dict[str, str]:
    """The ids of the styles that hold where none is named; empty for a kind that has none."""
    named = {
        str(style.get(TYPE)): str(style.get(_ID))
        for style in styles.iterchildren(W + "style")
        if style.get(_DEFAULT) in {"1", "true", "on"}
    }
    return {kind: named.get(kind, "") for kind in _REFERENCES}


class Styles:
    """The styles of the whole."""

    def __init__(self, base: Element, theme: Theme) -> None:
        self.theme = theme
        self.defaults = resolved_defaults(base, theme)
        self.default_of = defaults_by_kind(base)
        _lose_no_bases(base)
        own = [(str(e.get(_ID)), value(e, "name") or "", e) for e in base.iter(W + "style")]
        self._ids = {str(e.get(_ID)) for e in _implied().values()} | {i for i, _, _ in own}
        self._names = set(_BUILT_IN) | {name.lower() for _, name, _ in own}
        self._known = {_key(e, value(e, "basedOn") or ""): number for number, _, e in reversed(own)}
        for kind, style in _implied().items():
            if not self.default_of[kind]:
                self._known[_key(style, "")] = ""
        self._growing = Growing("w:styles")
        self._growing.add(base, list(base))

    def id_of(self, style: Element, based_on: str, root: Element) -> str:
        """The style that prints the same; a new one where there is none. Empty: no style at all.

        `root` says the namespaces.
        """
        key = _key(style, based_on)
        if key not in self._known:
            self._known[key] = self._added(style, based_on, root)
        return self._known[key]

    def _added(self, style: Element, based_on: str, root: Element) -> str:
        own, name = str(style.get(_ID)), value(style, "name") or "Style"
        number = self._free(own, name)
        own, name = own + number, f"{name} {number}".strip()
        for child in [e for e in style if e.tag in _LEFT_OUT]:
            remove(child)
        style.attrib.pop(_DEFAULT, None)
        style.set(_ID, own)
        if number:
            style.set(_CUSTOM, "1")
        made(style, "name", val=name)
        if based_on:
            made(style, "basedOn", val=based_on)
        self._ids.add(own)
        self._names.add(name.lower())
        self._growing.add(root, [style])
        return own

    def _free(self, own: str, name: str) -> str:
        """The number that makes an id and a name new; none where they are."""
        number = ""
        while own + number in self._ids or f"{name} {number}".strip().lower() in self._names:
            number = str(int(number or "1") + 1)
        return number

    def data(self) -> bytes:
        """The bytes of the part."""
        return self._growing.data()


class OwnStyles:
    """A letter's styles, and what each is called in the whole.

    Where the letter has other defaults than the whole, its styles say them. A table's style goes
    before the defaults and behind a paragraph's style (17.7.2): what it says at all is said by it
    alone, and paragraphs in the table have a style that does not.
    """

    def __init__(self, styles: Element, theme: Theme, whole: Styles) -> None:
        self._root, self._theme, self._whole = styles, theme, whole
        self._missing = resolved_defaults(styles, theme).beside(whole.defaults)
        self._misses = any(self._missing.values())
        self._own = {str(e.get(_ID)): e for e in styles.iterchildren(W + "style")}
        self._default_of = defaults_by_kind(styles)
        self._called: dict[tuple[str, str, Tags], str] = {}

    def rename(self, root: Element) -> None:
        """Call the styles of a part as they are called in the whole."""
        for kind, (user, holder, reference) in _USES.items():
            if self._id(kind, "") != self._whole.default_of[kind]:
                for element in root.iter(W + user):
                    own = properties(element, holder)
                    if own.find(W + reference) is None:
                        made(own, reference, val="")
        for kind, name in _REFERENCES.items():
            for element in list(root.iter(W + name)):
                said = self._said_by_table(element) if kind == "paragraph" else _NOTHING
                called = self._id(kind, element.get(VAL, ""), said)
                element.set(VAL, called)
                if not called:
                    remove(element)

    def _said_by_table(self, reference: Element) -> Tags:
        """What the style of the table that a paragraph stands in says of what is missing."""
        if not self._misses:
            return _NOTHING
        holder = next(reference.iterancestors(W + "tbl", W + "txbxContent"), None)
        if holder is None or holder.tag != W + "tbl":
            return _NOTHING
        name = self._named("table", value(holder.find(W + "tblPr"), "tblStyle") or "")
        missing = {tag for tags in self._missing.values() for tag in tags}
        chain = style_chain(self._own, name)
        return frozenset(str(e.tag) for style in chain for e in style.iter("*") if e.tag in missing)

    def _id(self, kind: str, own: str, said: Tags = _NOTHING) -> str:
        """What a style is called in the whole; the default one for a name that there is not.

        `said` is what is said elsewhere of what is missing.
        """
        own = self._named(kind, own)
        key = (kind, own, said)
        if key not in self._called:
            self._called[key] = ""  # one that is based on itself
            self._called[key] = self._sought(kind, own, said)
        return self._called[key]

    def _named(self, kind: str, own: str) -> str:
        """The style of a kind by that name; the default one where there is none."""
        found = self._own.get(own)
        is_there = found is not None and found.get(TYPE) == kind
        return own if is_there else self._default_of[kind]

    def _sought(self, kind: str, own: str, said: Tags) -> str:
        style = deepcopy(self._own[own] if own in self._own else _implied()[kind])
        above = _base(style, self._own)
        if self._misses or self._theme != self._whole.theme:
            self._theme.resolve(style)
        if not above and kind != "character":
            say(style, self._missing, said)
        _lose_numbering(style)
        based_on = self._id(kind, above, said) if above else ""
        return self._whole.id_of(style, based_on, self._root)


def style_chain(styles: Mapping[str, Element], name: str) -> Iterator[Element]:
    """A style and those it is based on, the nearest first."""
    seen: set[str] = set()
    while name in styles and name not in seen:
        seen.add(name)
        yield styles[name]
        name = _base(styles[name], styles)


def resolved_defaults(styles: Element, theme: Theme) -> Defaults:
    """A document's defaults, with the theme's fonts by their own names."""
    plain = styles.makeelement(styles.tag)
    plain.extend(deepcopy(e) for e in styles.iterchildren(W + "docDefaults"))
    theme.resolve(plain)
    return Defaults(plain)


def _base(style: Element, styles: Mapping[str, Element]) -> str:
    """The style that one is based on; empty where there is none of its kind."""
    name = value(style, "basedOn") or ""
    return name if name in styles and styles[name].get(TYPE) == style.get(TYPE) else ""


def _lose_no_bases(styles: Element) -> None:
    """Let no style be based on one that there is not: a letter may bring one of that name."""
    own = {str(e.get(_ID)): e for e in styles.iterchildren(W + "style")}
    for style in own.values():
        for reference in style.findall(W + "basedOn"):
            if not _base(style, own):
                remove(reference)


def _lose_numbering(style: Element) -> None:
    """The number of a list is another one in the whole; that there is none stays."""
    for numbering in style.findall(f"{W}pPr/{W}numPr"):
        if value(numbering, "numId") != "0":
            numbering.clear()


def _key(style: Element, based_on: str) -> Canon:
    """What a style prints. Its holders count only for what they hold.

    Its name counts: neighbours of one style may close up (17.3.1.9).
    """
    printed = (canon(e, _SHOWN) for name in _PRINTED for e in style.iterchildren(W + name))
    numbered = style.find(f"{W}pPr/{W}numPr") is not None
    name = (value(style, "name") or "").lower()
    return (style.get(TYPE), name, based_on, numbered, *(c for c in printed if len(c) > 1))
