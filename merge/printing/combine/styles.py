"""Styles: the whole has those of its base; a letter's own come under new names where they differ.

ECMA-376 part 1, 17.7. Two styles are the same where they print the same: what only shows in the
program's windows does not count. Numbering is no part of it: lists.py writes it at the paragraphs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache

from merge.ooxml.wordml import (
    NAMESPACES,
    TYPE,
    VAL,
    Canonical,
    Element,
    W,
    canonical,
    child_value,
    local_name,
    parse_xml,
    properties,
    remove,
    replace_child,
    set_child,
    set_new,
)
from merge.printing.combine.package import PartBuilder

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


class TargetStyles:
    """The styles of the whole."""

    def __init__(self, base: Element, theme: Theme) -> None:
        self.theme = theme
        self.defaults = resolved_defaults(base, theme)
        self.default_of = defaults_by_kind(base)
        _drop_missing_bases(base)
        own = [(str(e.get(_ID)), child_value(e, "name") or "", e) for e in base.iter(W + "style")]
        self._ids = {str(e.get(_ID)) for e in _implied().values()} | {i for i, _, _ in own}
        self._names = set(_BUILT_IN) | {name.lower() for _, name, _ in own}
        self._known = {
            _key(e, child_value(e, "basedOn") or ""): number for number, _, e in reversed(own)
        }
        for kind, style in _implied().items():
            if not self.default_of[kind]:
                self._known[_key(style, "")] = ""
        self._growing = PartBuilder("w:styles")
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
        own, name = str(style.get(_ID)), child_value(style, "name") or "Style"
        number = self._free(own, name)
        own, name = own + number, f"{name} {number}".strip()
        for child in [e for e in style if e.tag in _LEFT_OUT]:
            remove(child)
        style.attrib.pop(_DEFAULT, None)
        style.set(_ID, own)
        if number:
            style.set(_CUSTOM, "1")
        set_child(style, "name", val=name)
        if based_on:
            set_child(style, "basedOn", val=based_on)
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


class LetterStyles:
    """A letter's styles, and what each is called in the whole.

    Where the letter has other defaults than the whole, its styles say them. A table's style goes
    before the defaults and behind a paragraph's style (17.7.2): what it says at all is said by it
    alone, and paragraphs in the table have a style that does not.
    """

    def __init__(self, styles: Element, theme: Theme, whole: TargetStyles) -> None:
        self._root, self._theme, self._whole = styles, theme, whole
        self._missing = resolved_defaults(styles, theme).missing_under(whole.defaults)
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
                        set_child(own, reference, val="")
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
        name = self._named("table", child_value(holder.find(W + "tblPr"), "tblStyle") or "")
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
            apply_missing(style, self._missing, said)
        _drop_numbering(style)
        based_on = self._id(kind, above, said) if above else ""
        return self._whole.id_of(style, based_on, self._root)


def style_chain(styles: Mapping[str, Element], name: str) -> Iterator[Element]:
    """A style and those it is based on, the nearest first."""
    seen: set[str] = set()
    while name in styles and name not in seen:
        seen.add(name)
        yield styles[name]
        name = _base(styles[name], styles)


def resolved_defaults(styles: Element, theme: Theme) -> DocumentDefaults:
    """A document's defaults, with the theme's fonts by their own names."""
    plain = styles.makeelement(styles.tag)
    plain.extend(deepcopy(e) for e in styles.iterchildren(W + "docDefaults"))
    theme.resolve(plain)
    return DocumentDefaults(plain)


def _base(style: Element, styles: Mapping[str, Element]) -> str:
    """The style that one is based on; empty where there is none of its kind."""
    name = child_value(style, "basedOn") or ""
    return name if name in styles and styles[name].get(TYPE) == style.get(TYPE) else ""


def _drop_missing_bases(styles: Element) -> None:
    """Let no style be based on one that there is not: a letter may bring one of that name."""
    own = {str(e.get(_ID)): e for e in styles.iterchildren(W + "style")}
    for style in own.values():
        for reference in style.findall(W + "basedOn"):
            if not _base(style, own):
                remove(reference)


def _drop_numbering(style: Element) -> None:
    """The number of a list is another one in the whole; that there is none stays."""
    for numbering in style.findall(f"{W}pPr/{W}numPr"):
        if child_value(numbering, "numId") != "0":
            numbering.clear()


def _key(style: Element, based_on: str) -> Canonical:
    """What a style prints. Its holders count only for what they hold.

    Its name counts: neighbours of one style may close up (17.3.1.9).
    """
    printed = (canonical(e, _SHOWN) for name in _PRINTED for e in style.iterchildren(W + name))
    numbered = style.find(f"{W}pPr/{W}numPr") is not None
    name = (child_value(style, "name") or "").lower()
    return (style.get(TYPE), name, based_on, numbered, *(c for c in printed if len(c) > 1))


# What holds for every paragraph and run of a document, and where two documents differ in it.
#
# ECMA-376 part 1, 17.7.5 (docDefaults). The whole has those of its base; what a letter's say
# otherwise is written into the styles that come from it.


_HOLDERS = ("pPr", "rPr")
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_PARTED = {W + name for name in ("spacing", "ind", "rFonts", "lang")}
"""Properties whose attributes hold one by one."""

_EQUIVALENT = {
    W + a: W + b for a, b in (("start", "left"), ("end", "right"), ("hanging", "firstLine"))
}
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


class DocumentDefaults:
    """A document's own: the properties of paragraphs and of runs by their tags."""

    def __init__(self, styles: Element) -> None:
        found = {n: styles.find(f"{W}docDefaults/{W}{n}Default/{W}{n}") for n in _HOLDERS}
        self._of = {n: {} if e is None else _by_tag(e) for n, e in found.items()}

    def missing_under(self, other: DocumentDefaults) -> MissingProperties:
        """What a style must say so that under the other's defaults it looks as under these."""
        return {n: dict(_differing(_INITIAL[n], self._of[n], other._of[n])) for n in _HOLDERS}


MissingProperties = Mapping[str, Mapping[str, Element]]
"""Properties by their holder, `pPr` or `rPr`, and their tag."""


def _by_tag(holder: Element) -> dict[str, Element]:
    return {str(e.tag): e for e in holder.iterchildren("*")}


def _differing(
    initial: Mapping[str, Mapping[str, str]],
    ours: Mapping[str, Element],
    theirs: Mapping[str, Element],
) -> list[tuple[str, Element]]:
    """Our properties that theirs are not; where we have none, what holds without any."""
    found = []
    for tag, element in {**theirs, **ours}.items():
        if tag in ours and tag in theirs and canonical(ours[tag]) == canonical(theirs[tag]):
            continue
        said = deepcopy(element)
        without = initial.get(tag.removeprefix(W), {})
        if tag not in ours:
            said.attrib.clear()
        if tag not in ours or tag in _PARTED:
            _set_unstated(said, without)
        if tag in ours or without:
            found.append((tag, said))
    return found


def apply_missing(
    style: Element, missing: MissingProperties, but: frozenset[str] = frozenset()
) -> None:
    """Let a style say what is missing, where it says nothing of its own; some tags it need not."""
    for name in _HOLDERS:
        for tag, element in missing[name].items():
            if tag not in but:
                _apply_property(style, name, element)


def _apply_property(style: Element, name: str, element: Element) -> None:
    holder = style.find(W + name)
    holder = replace_child(style, style.makeelement(W + name)) if holder is None else holder
    own = holder.find(str(element.tag))
    if own is None:
        replace_child(holder, deepcopy(element))
    elif element.tag in _PARTED:
        _set_unstated(own, {str(n): str(text) for n, text in element.attrib.items()})


def _set_unstated(element: Element, attributes: Mapping[str, str]) -> None:
    """Let an element say what it does not say yet, by whatever name."""
    own = {_EQUIVALENT.get(str(name), str(name)) for name in element.attrib}
    set_new(
        element, {n: text for n, text in attributes.items() if _EQUIVALENT.get(n, n) not in own}
    )


# What a letter's theme stands for, where it is not the theme of the whole.
#
# ECMA-376 part 1, 14.2.7 (theme part), 17.18.96 (theme fonts), 17.18.97 (theme colours).


_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_FONTS = {"asciiTheme": "ascii", "hAnsiTheme": "hAnsi", "eastAsiaTheme": "eastAsia"}
_FONTS["cstheme"] = "cs"
_COLOURED = "descendant-or-self::*[@w:themeColor or @w:themeFill]"
_COLOURS = tuple(
    f"{W}theme{name}" for name in ("Color", "Tint", "Shade", "Fill", "FillTint", "FillShade")
)
_SCRIPTS = {
    "ja": "Jpan",
    "ko": "Hang",
    "zh-CN": "Hans",
    "zh-SG": "Hans",
    "zh": "Hant",
    "ar": "Arab",
    "fa": "Arab",
    "ur": "Arab",
    "he": "Hebr",
    "hi": "Deva",
    "th": "Thai",
}
"""The script of a language, as themes name it."""


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme's faces by their names in WordprocessingML, and its colours."""

    fonts: Mapping[str, str] = field(default_factory=dict)
    colours: tuple[str, ...] = ()

    def resolve(self, root: Element) -> None:
        """Say the fonts by their own names; of colours what is written beside stays."""
        for fonts in root.iter(W + "rFonts"):
            for name, plain in _FONTS.items():
                face = self.fonts.get(fonts.attrib.pop(W + name, ""))
                if face:
                    fonts.set(W + plain, face)
        for element in root.xpath(_COLOURED, namespaces=NAMESPACES):
            for name in _COLOURS:
                element.attrib.pop(name, None)


def uses_colours(root: Element) -> bool:
    """Whether shapes in a part take colours from the theme."""
    return next(root.iter(_A + "schemeClr"), None) is not None


def theme_of(data: bytes, settings: Element) -> Theme:
    """The theme of a part's bytes; an empty one where there is none."""
    root = parse_xml(data) if data else None
    if root is None:
        return Theme()
    language = settings.find(W + "themeFontLang")
    east, bidi = (
        "" if language is None else _script(language.get(W + name, ""))
        for name in ("eastAsia", "bidi")
    )
    fonts: dict[str, str] = {}
    for kind in ("major", "minor"):
        own = next(root.iter(f"{_A}{kind}Font"), None)
        if own is not None:
            fonts |= _faces(own, kind, east, bidi)
    scheme = next(root.iter(_A + "clrScheme"), None)
    return Theme(fonts, () if scheme is None else tuple(map(_colour, scheme.iterchildren("*"))))


def _script(language: str) -> str:
    return _SCRIPTS.get(language) or _SCRIPTS.get(language.partition("-")[0], "")


def _faces(fonts: Element, kind: str, east: str, bidi: str) -> dict[str, str]:
    """The faces of the major or minor fonts; a script's own where the theme names none."""
    by_script = {e.get("script"): str(e.get("typeface")) for e in fonts.iter(_A + "font")}
    latin = _face(fonts, "latin")
    return {
        f"{kind}Ascii": latin,
        f"{kind}HAnsi": latin,
        f"{kind}EastAsia": _face(fonts, "ea") or by_script.get(east, ""),
        f"{kind}Bidi": _face(fonts, "cs") or by_script.get(bidi, ""),
    }


def _face(fonts: Element, name: str) -> str:
    found = fonts.find(_A + name)
    return "" if found is None else str(found.get("typeface", ""))


def _colour(element: Element) -> str:
    """A colour of the scheme: its name and its value (a system colour's last one)."""
    value = next(element.iterchildren("*"), element)
    return f"{local_name(element)} {value.get('lastClr') or value.get('val')}".lower()
