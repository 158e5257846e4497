"""Styles: the combined file has those of its base; a letter's own get new names where they differ.

ECMA-376 part 1, 17.7. A file has one list of styles, in which each id and each name stands once.
Letters may mean different things by `Heading1`: they come from several templates, or somebody
changed the style in one of them. So each style that a letter uses is looked up by what it prints,
and the letter then names it by the id that it has in the combined file:

1. The styles of the base go in as they are, and are known by their content (`_key`).
2. A letter's style is first written out until it depends on nothing that it leaves behind: neither
   on its theme (`Theme.resolve`) nor on its document defaults (`apply_missing_properties`).
3. Where a style of the same content is known, the letter uses that one. Otherwise its own is added,
   with a number behind its id and name if these are taken. Styles that it is based on come first.

Most letters have the very styles of the base, so that nothing is added for them. Numbering is no
part of a style's content here: `lists` writes it at the paragraphs.
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
    CanonicalForm,
    Element,
    W,
    canonical_form,
    child_value,
    ensure_properties,
    local_name,
    parse_xml,
    remove,
    replace_child,
    set_child,
    set_missing_attributes,
)
from merge.printing.combine.letter_parts import PartBuilder

_Tags = frozenset[str]
_ID, _CUSTOM, _DEFAULT = W + "styleId", W + "customStyle", W + "default"
_PRINTED_PROPERTIES = ("pPr", "rPr", "tblPr", "trPr", "tcPr", "tblStylePr")
_NOT_PRINTED = frozenset({W + "numPr", W + "outlineLvl"})
_OMITTED_TAGS = {
    W + name
    for name in (
        *("name", "aliases", "basedOn", "next", "link", "autoRedefine", "rsid"),
        *("semiHidden", "unhideWhenUsed", "qFormat"),
    )
}
_STYLE_USERS = {"paragraph": ("p", "pPr", "pStyle"), "table": ("tbl", "tblPr", "tblStyle")}
_STYLE_REFERENCES = {"paragraph": "pStyle", "character": "rStyle", "table": "tblStyle"}
_BUILT_IN_NAMES = ("normal", "default paragraph font", "normal table", "no list")
"""Names of the styles that hold where none is named, in every document."""

_CELL_MARGINS = "".join(
    f'<w:{side} w:w="{width}" w:type="dxa"/>'
    for side, width in (("top", 0), ("left", 108), ("bottom", 0), ("right", 108))
)
_IMPLIED_STYLES = (
    f'<w:styles xmlns:w="{W[1:-1]}">'
    '<w:style w:type="paragraph" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="character" w:styleId="DefaultParagraphFont">'
    '<w:name w:val="Default Paragraph Font"/></w:style>'
    '<w:style w:type="table" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr>'
    f'<w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar>{_CELL_MARGINS}</w:tblCellMar></w:tblPr></w:style>'  # noqa: E501
    "</w:styles>"
).encode()
"""The default styles that Word takes for a document that does not say its own."""


class TargetStyles:
    """The styles of the combined file."""

    def __init__(self, base: Element, theme: Theme) -> None:
        self.theme = theme
        self.defaults = resolved_defaults(base, theme)
        self.default_of = defaults_by_kind(base)
        by_id = {str(e.get(_ID)): e for e in base.iterchildren(W + "style")}
        for style in by_id.values():
            if not _base_style_id(
                style, by_id
            ):  # one that there is not: a letter may bring one of that id
                for reference in style.findall(W + "basedOn"):
                    remove(reference)
        own = [(str(e.get(_ID)), child_value(e, "name") or "", e) for e in base.iter(W + "style")]
        self._ids = {str(e.get(_ID)) for e in _implied_styles().values()} | {i for i, _, _ in own}
        self._names = set(_BUILT_IN_NAMES) | {name.lower() for _, name, _ in own}
        # Where two styles of the base print the same, the first one stands for both.
        self._ids_by_content = {
            _content_key(e, child_value(e, "basedOn") or ""): i for i, _, e in reversed(own)
        }
        for kind, style in _implied_styles().items():
            if not self.default_of[kind]:
                self._ids_by_content[_content_key(style, "")] = ""
        self._part_builder = PartBuilder("w:styles")
        self._part_builder.add(base, list(base))

    def id_of(self, style: Element, based_on: str, root: Element) -> str:
        """Return the id of the style that prints the same, added where there is none.

        Empty means no style at all: Word's own default holds. `root` declares the namespaces.
        """
        key = _content_key(style, based_on)
        if key not in self._ids_by_content:
            self._ids_by_content[key] = self._add(style, based_on, root)
        return self._ids_by_content[key]

    def _add(self, style: Element, based_on: str, root: Element) -> str:
        own, name, number = str(style.get(_ID)), child_value(style, "name") or "Style", ""
        while own + number in self._ids or f"{name} {number}".strip().lower() in self._names:
            number = str(int(number or "1") + 1)
        own, name = own + number, f"{name} {number}".strip()
        for child in [e for e in style if e.tag in _OMITTED_TAGS]:
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
        self._part_builder.add(root, [style])
        return own

    def to_bytes(self) -> bytes:
        """Return the bytes of the part."""
        return self._part_builder.to_bytes()


class LetterStyles:
    """A letter's styles, and the ids that they have in the combined file.

    A property is looked for in the document defaults, then the table's style, then the paragraph's
    style, each overruling the one before (17.7.2). The combined file has the defaults of its base.
    Where the letter's differ, they move one step on, into its own styles at the foot of each chain
    of basedOn. There they would overrule the table's style too, which they must not: a paragraph
    in a table has a variant of its style that does not say what the table's style says.
    Character styles get nothing: they only add to what the paragraph has.
    """

    def __init__(self, styles: Element, theme: Theme, target: TargetStyles) -> None:
        self._root, self._theme, self._target = styles, theme, target
        self._missing = missing_properties(resolved_defaults(styles, theme), target.defaults)
        self._has_missing = any(self._missing.values())
        self._styles = {str(e.get(_ID)): e for e in styles.iterchildren(W + "style")}
        self._default_of = defaults_by_kind(styles)
        self._target_ids: dict[tuple[str, str, _Tags], str] = {}

    def rename_styles(self, root: Element) -> None:
        """Name the styles in a part by the ids that they have in the combined file."""
        # What names no style has the default one (17.7.4.17), which is now that of the base. Where
        # the letter's is another, an empty reference stands for it until the loop below fills it.
        for kind, (user, holder, reference) in _STYLE_USERS.items():
            if self._target_id(kind, "") != self._target.default_of[kind]:
                for element in root.iter(W + user):
                    own = ensure_properties(element, holder)
                    if own.find(W + reference) is None:
                        set_child(own, reference, val="")
        for kind, name in _STYLE_REFERENCES.items():
            for element in list(root.iter(W + name)):
                said = self._table_properties(element) if kind == "paragraph" else frozenset()
                renamed = self._target_id(kind, element.get(VAL, ""), said)
                element.set(VAL, renamed)
                if not renamed:
                    remove(element)

    def _table_properties(self, reference: Element) -> _Tags:
        """Return which missing properties the style of the paragraph's table says."""
        if not self._has_missing:
            return frozenset()
        holder = next(reference.iterancestors(W + "tbl", W + "txbxContent"), None)
        if holder is None or holder.tag != W + "tbl":
            return frozenset()
        name = self._existing_id("table", child_value(holder.find(W + "tblPr"), "tblStyle") or "")
        missing = {tag for tags in self._missing.values() for tag in tags}
        chain = style_chain(self._styles, name)
        return frozenset(str(e.tag) for style in chain for e in style.iter("*") if e.tag in missing)

    def _target_id(self, kind: str, own: str, said: _Tags = frozenset()) -> str:
        """Return the id of a style in the combined file; of the default where there is none.

        `said` are the missing properties that the style need not say.
        """
        own = self._existing_id(kind, own)
        key = (kind, own, said)
        if key not in self._target_ids:
            self._target_ids[key] = ""  # ends the search at a style that is based on itself
            style = deepcopy(self._styles[own] if own in self._styles else _implied_styles()[kind])
            above = _base_style_id(style, self._styles)
            if self._has_missing or self._theme != self._target.theme:
                self._theme.resolve(style)
            if not above and kind != "character":  # those based on it inherit what it says
                apply_missing_properties(style, self._missing, said)
            for numbering in style.findall(f"{W}pPr/{W}numPr"):
                if child_value(numbering, "numId") != "0":  # that there is no list stays said
                    numbering.clear()
            based_on = self._target_id(kind, above, said) if above else ""
            self._target_ids[key] = self._target.id_of(style, based_on, self._root)
        return self._target_ids[key]

    def _existing_id(self, kind: str, own: str) -> str:
        """Return the id itself where the letter has such a style, else that of the default."""
        found = self._styles.get(own)
        is_there = found is not None and found.get(TYPE) == kind
        return own if is_there else self._default_of[kind]


def style_chain(styles: Mapping[str, Element], name: str) -> Iterator[Element]:
    """Yield a style and those it is based on, the nearest first."""
    seen: set[str] = set()
    while name in styles and name not in seen:
        seen.add(name)
        yield styles[name]
        name = _base_style_id(styles[name], styles)


def defaults_by_kind(styles: Element) -> dict[str, str]:
    """Return the ids of the styles that hold where none is named; empty for a kind without one."""
    named = {
        str(style.get(TYPE)): str(style.get(_ID))
        for style in styles.iterchildren(W + "style")
        if style.get(_DEFAULT) in {"1", "true", "on"}
    }
    return {kind: named.get(kind, "") for kind in _STYLE_REFERENCES}


@cache
def _implied_styles() -> dict[str, Element]:
    root = parse_xml(_IMPLIED_STYLES)
    return {str(e.get(TYPE)): e for e in (() if root is None else root)}


def _base_style_id(style: Element, styles: Mapping[str, Element]) -> str:
    """Return the id of the style that one is based on; empty where there is none of its kind."""
    name = child_value(style, "basedOn") or ""
    return name if name in styles and styles[name].get(TYPE) == style.get(TYPE) else ""


def _content_key(style: Element, based_on: str) -> CanonicalForm:
    """Return what a style prints; what only shows in the program's windows does not count.

    Empty holders are left out: they say nothing. The name counts, for neighbours of one style may
    close up (17.3.1.9, contextualSpacing). That there is numbering counts, but not which.
    """
    printed = (
        canonical_form(e, _NOT_PRINTED)
        for name in _PRINTED_PROPERTIES
        for e in style.iterchildren(W + name)
    )
    numbered = style.find(f"{W}pPr/{W}numPr") is not None
    name = (child_value(style, "name") or "").lower()
    return (style.get(TYPE), name, based_on, numbered, *(c for c in printed if len(c) > 1))


# Document defaults: what holds for every paragraph and run of a file (17.7.5, docDefaults).
#
# A default differs in one of three ways. Both files say it, with other values: the letter's value
# is missing. Only the letter says it: that value is missing. Only the base says it, and the letter
# relied on what holds where nothing is said: that initial value is missing, and must be written out
# to undo the base's. (Properties without an initial value below cannot be undone, and stay.)

_PROPERTY_HOLDERS = ("pPr", "rPr")
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_SPLIT_PROPERTIES = {W + name for name in ("spacing", "ind", "rFonts", "lang")}
"""Properties whose attributes hold one by one: one may come from the style, one from a default."""

_EQUIVALENT_ATTRIBUTES = {
    W + a: W + b for a, b in (("start", "left"), ("end", "right"), ("hanging", "firstLine"))
}
"""Attributes that say what another one says (17.3.1.12)."""

_INITIAL_FONTS = dict.fromkeys(
    (W + f for f in ("ascii", "hAnsi", "eastAsia", "cs")), "Times New Roman"
)
_INITIAL_SPACING = {W + "before": "0", W + "after": "0", W + "line": "240", W + "lineRule": "auto"}
_INITIAL_VALUES: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "pPr": {
        "spacing": _INITIAL_SPACING,
        "ind": dict.fromkeys((W + i for i in ("left", "right", "firstLine")), "0"),
        **{name: {VAL: "0"} for name in ("keepNext", "keepLines", "contextualSpacing", "bidi")},
        **{name: {VAL: "0"} for name in ("suppressAutoHyphens", "pageBreakBefore")},
        **{name: {VAL: "1"} for name in ("widowControl", "snapToGrid", "kinsoku", "wordWrap")},
        **{name: {VAL: "1"} for name in ("overflowPunct", "autoSpaceDE", "autoSpaceDN")},
        "jc": {VAL: "left"},
        "textAlignment": {VAL: "auto"},
    },
    "rPr": {
        "rFonts": _INITIAL_FONTS,
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

PropertiesByTag = Mapping[str, Mapping[str, Element]]
"""Properties by their holder, `pPr` or `rPr`, and their tag."""


def resolved_defaults(styles: Element, theme: Theme) -> PropertiesByTag:
    """Return a document's defaults, with the theme's fonts by their own names."""
    plain = styles.makeelement(styles.tag)
    plain.extend(deepcopy(e) for e in styles.iterchildren(W + "docDefaults"))
    theme.resolve(plain)
    found = {n: plain.find(f"{W}docDefaults/{W}{n}Default/{W}{n}") for n in _PROPERTY_HOLDERS}
    return {
        name: {} if holder is None else {str(e.tag): e for e in holder.iterchildren("*")}
        for name, holder in found.items()
    }


def missing_properties(ours: PropertiesByTag, theirs: PropertiesByTag) -> PropertiesByTag:
    """Return what a style must say to look under their defaults as it does under ours."""
    missing: dict[str, dict[str, Element]] = {name: {} for name in _PROPERTY_HOLDERS}
    for name, found in missing.items():
        own, other = ours[name], theirs[name]
        for tag, element in {**other, **own}.items():
            if (
                tag in own
                and tag in other
                and canonical_form(own[tag]) == canonical_form(other[tag])
            ):
                continue
            said, initial = deepcopy(element), _INITIAL_VALUES[name].get(tag.removeprefix(W), {})
            if tag not in own:
                said.attrib.clear()
            if tag not in own or tag in _SPLIT_PROPERTIES:
                _set_missing_attributes(said, initial)
            if tag in own or initial:
                found[tag] = said
    return missing


def apply_missing_properties(style: Element, missing: PropertiesByTag, but: _Tags) -> None:
    """Let a style say what is missing, where it says nothing of its own; `but` it need not say."""
    for name in _PROPERTY_HOLDERS:
        for tag, element in missing[name].items():
            if tag in but:
                continue
            holder = style.find(W + name)
            if holder is None:
                holder = replace_child(style, style.makeelement(W + name))
            own = holder.find(tag)
            if own is None:
                replace_child(holder, deepcopy(element))
            elif tag in _SPLIT_PROPERTIES:
                _set_missing_attributes(
                    own, {str(n): str(text) for n, text in element.attrib.items()}
                )


def _set_missing_attributes(element: Element, attributes: Mapping[str, str]) -> None:
    """Let an element say what it does not say yet, by whatever name."""
    own = {_EQUIVALENT_ATTRIBUTES.get(str(name), str(name)) for name in element.attrib}
    set_missing_attributes(
        element,
        {n: text for n, text in attributes.items() if _EQUIVALENT_ATTRIBUTES.get(n, n) not in own},
    )


# Themes: ECMA-376 part 1, 14.2.7 (theme part), 17.18.96 (theme fonts), 17.18.97 (theme colours).
# The combined file has the theme of its base, so a letter with another says plainly what it meant.

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_THEME_FONT_ATTRIBUTES = {
    "asciiTheme": "ascii",
    "hAnsiTheme": "hAnsi",
    "eastAsiaTheme": "eastAsia",
    "cstheme": "cs",
}
_COLOURED_ELEMENTS = "descendant-or-self::*[@w:themeColor or @w:themeFill]"
_THEME_COLOUR_ATTRIBUTES = tuple(
    f"{W}theme{name}" for name in ("Color", "Tint", "Shade", "Fill", "FillTint", "FillShade")
)
_SCRIPT_BY_LANGUAGE = {
    language: script
    for script, languages in (
        *(("Jpan", "ja"), ("Hang", "ko"), ("Hans", "zh-CN zh-SG"), ("Hant", "zh")),
        *(("Arab", "ar fa ur"), ("Hebr", "he"), ("Deva", "hi"), ("Thai", "th")),
    )
    for language in languages.split()
}
"""The script of a language, as themes name it."""


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme's faces by their names in WordprocessingML, and its colours."""

    fonts: Mapping[str, str] = field(default_factory=dict)
    colours: tuple[str, ...] = ()

    def resolve(self, root: Element) -> None:
        """Name the theme's fonts by their own names; colours keep the value written beside them."""
        for fonts in root.iter(W + "rFonts"):
            for name, plain in _THEME_FONT_ATTRIBUTES.items():
                face = self.fonts.get(fonts.attrib.pop(W + name, ""))
                if face:
                    fonts.set(W + plain, face)
        for element in root.xpath(_COLOURED_ELEMENTS, namespaces=NAMESPACES):
            for name in _THEME_COLOUR_ATTRIBUTES:
                element.attrib.pop(name, None)


def uses_theme_colours(root: Element) -> bool:
    """Return whether shapes in a part take colours from the theme."""
    return next(root.iter(_A + "schemeClr"), None) is not None


def read_theme(data: bytes, settings: Element) -> Theme:
    """Return the theme of a part's bytes; an empty one where there is none."""
    root = parse_xml(data) if data else None
    if root is None:
        return Theme()
    fonts: dict[str, str] = {}
    for kind in ("major", "minor"):
        own = next(root.iter(f"{_A}{kind}Font"), None)
        if own is not None:
            fonts |= _theme_fonts(own, kind, settings.find(W + "themeFontLang"))
    colours = []
    for colour in root.xpath("(//a:clrScheme)[1]/*", namespaces={"a": _A[1:-1]}):
        value = next(colour.iterchildren("*"), colour)
        text = value.get("lastClr") or value.get("val")  # a system colour's last one
        colours.append(f"{local_name(colour)} {text}".lower())
    return Theme(fonts, tuple(colours))


def _theme_fonts(fonts: Element, kind: str, languages: Element | None) -> dict[str, str]:
    """Return the major or minor faces; that of the language's script where the theme has none."""

    def face(name: str, language: str = "") -> str:
        found, text = fonts.find(_A + name), ""
        if found is not None:
            text = str(found.get("typeface", ""))
        if text or not language or languages is None:
            return text
        code = languages.get(W + language, "")
        return by_script.get(
            _SCRIPT_BY_LANGUAGE.get(code) or _SCRIPT_BY_LANGUAGE.get(code.partition("-")[0], ""), ""
        )

    by_script = {e.get("script"): str(e.get("typeface")) for e in fonts.iter(_A + "font")}
    return {
        f"{kind}Ascii": face("latin"),
        f"{kind}HAnsi": face("latin"),
        f"{kind}EastAsia": face("ea", "eastAsia"),
        f"{kind}Bidi": face("cs", "bidi"),
    }
