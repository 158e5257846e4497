"""Styles: letters keep their own under new names if they differ.

ECMA-376 part 1, 17.7. The combined file has the styles of its base. A file has one list of styles,
in which each ID and each name must be unique. Letters may have different styles called `Heading1`,
if they come from several templates, or if a style was changed in one letter. So each style that a
letter uses is looked up by its content, and the letter then uses the ID of the combined file:

1. The styles of the base are added unchanged, and are known by their content (`_content_key`).
2. A letter's style is first made independent of the parts that the letter loses: of its theme
   (`LetterTheme.resolve`) and its document defaults (`apply_missing_properties`).
3. If a style with the same content is known, the letter uses it. Otherwise its own is added, with a
   number after its ID and name if these are taken. Styles that it is based on are added first.

Most letters have exactly the styles of the base, so that nothing is added for them. Numbering is
not part of a style's content here: `lists` sets it at the paragraphs.
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
"""Names of the default styles of every document."""

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
    f'<w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar>{_CELL_MARGINS}</w:tblCellMar></w:tblPr>'
    "</w:style></w:styles>"
).encode()
"""The default styles that Word uses for a document without its own."""


class TargetStyles:
    """The styles of the combined file."""

    def __init__(self, base: Element, theme: LetterTheme) -> None:
        self.theme = theme
        self.defaults = resolved_defaults(base, theme)
        self.default_of = defaults_by_kind(base)
        by_id = {str(e.get(_ID)): e for e in base.iterchildren(W + "style")}
        for style in by_id.values():
            if not _base_style_id(
                style, by_id
            ):  # it does not exist, but a letter may add a style of its ID
                for reference in style.findall(W + "basedOn"):
                    remove(reference)
        base_styles = [
            (str(e.get(_ID)), child_value(e, "name") or "", e) for e in base.iter(W + "style")
        ]
        self._ids = {str(e.get(_ID)) for e in _implied_styles().values()} | {
            i for i, _, _ in base_styles
        }
        self._names = set(_BUILT_IN_NAMES) | {name.lower() for _, name, _ in base_styles}
        # If two styles of the base have the same content, the first one is used for both.
        self._ids_by_content = {
            _content_key(e, child_value(e, "basedOn") or ""): i for i, _, e in reversed(base_styles)
        }
        for kind, style in _implied_styles().items():
            if not self.default_of[kind]:
                self._ids_by_content[_content_key(style, "")] = ""
        self._part_builder = PartBuilder("w:styles")
        self._part_builder.add(base, list(base))

    def id_of(self, style: Element, based_on: str, root: Element) -> str:
        """Return the ID of an equal style in the combined file, added if missing.

        An empty ID means no style: Word's own default applies. `root` declares the namespaces.
        """
        key = _content_key(style, based_on)
        if key not in self._ids_by_content:
            self._ids_by_content[key] = self._add(style, based_on, root)
        return self._ids_by_content[key]

    def _add(self, style: Element, based_on: str, root: Element) -> str:
        style_id, name, number = str(style.get(_ID)), child_value(style, "name") or "Style", ""
        while style_id + number in self._ids or f"{name} {number}".strip().lower() in self._names:
            number = str(int(number or "1") + 1)
        style_id, name = style_id + number, f"{name} {number}".strip()
        for child in [e for e in style if e.tag in _OMITTED_TAGS]:
            remove(child)
        style.attrib.pop(_DEFAULT, None)
        style.set(_ID, style_id)
        if number:
            style.set(_CUSTOM, "1")
        set_child(style, "name", val=name)
        if based_on:
            set_child(style, "basedOn", val=based_on)
        self._ids.add(style_id)
        self._names.add(name.lower())
        self._part_builder.add(root, [style])
        return style_id

    def to_bytes(self) -> bytes:
        """Return the bytes of the combined file's styles part."""
        return self._part_builder.to_bytes()


class LetterStyles:
    """A letter's styles, and their IDs in the combined file.

    A property comes from the document defaults, the table's style or the paragraph's style, each
    overriding the previous one (17.7.2). The combined file has the defaults of its base. If the
    letter's defaults differ, they move into its own styles at the end of each chain of basedOn.
    There they would override the table's style too, which is wrong. So a paragraph in a table has a
    variant of its style, without the properties of the table's style. Character styles get nothing,
    because they only add to the paragraph's properties.
    """

    def __init__(self, styles: Element, theme: LetterTheme, target: TargetStyles) -> None:
        self._root, self._theme, self._target = styles, theme, target
        self._missing = missing_properties(resolved_defaults(styles, theme), target.defaults)
        self._has_missing = any(self._missing.values())
        self._styles = {str(e.get(_ID)): e for e in styles.iterchildren(W + "style")}
        self._default_of = defaults_by_kind(styles)
        self._target_ids: dict[tuple[str, str, _Tags], str] = {}

    def rename_styles(self, root: Element) -> None:
        """Replace style IDs in a letter's part by those of the combined file."""
        # An element without a style has the default one (17.7.4.17), which is now that of the base.
        # If the letter has another default, the loop below fills in an empty reference to it.
        for kind, (user, holder, reference) in _STYLE_USERS.items():
            if self._target_id(kind, "") != self._target.default_of[kind]:
                for element in root.iter(W + user):
                    style_properties = ensure_properties(element, holder)
                    if style_properties.find(W + reference) is None:
                        set_child(style_properties, reference, val="")
        for kind, name in _STYLE_REFERENCES.items():
            for element in list(root.iter(W + name)):
                table_properties = (
                    self._table_properties(element) if kind == "paragraph" else frozenset()
                )
                target_id = self._target_id(kind, element.get(VAL, ""), table_properties)
                element.set(VAL, target_id)
                if not target_id:
                    remove(element)

    def _table_properties(self, reference: Element) -> _Tags:
        """Return the missing properties that the paragraph's table style has."""
        if not self._has_missing:
            return frozenset()
        holder = next(reference.iterancestors(W + "tbl", W + "txbxContent"), None)
        if holder is None or holder.tag != W + "tbl":
            return frozenset()
        name = self._existing_id("table", child_value(holder.find(W + "tblPr"), "tblStyle") or "")
        missing = {tag for tags in self._missing.values() for tag in tags}
        chain = style_chain(self._styles, name)
        return frozenset(str(e.tag) for style in chain for e in style.iter("*") if e.tag in missing)

    def _target_id(self, kind: str, style_id: str, table_properties: _Tags = frozenset()) -> str:
        """Return the ID of a style in the combined file, or of the default style.

        `table_properties` are missing properties that the style does not need.
        """
        style_id = self._existing_id(kind, style_id)
        key = (kind, style_id, table_properties)
        if key not in self._target_ids:
            self._target_ids[key] = ""  # ends the recursion if a style is based on itself
            style = deepcopy(
                self._styles[style_id] if style_id in self._styles else _implied_styles()[kind]
            )
            parent_id = _base_style_id(style, self._styles)
            if self._has_missing or self._theme != self._target.theme:
                self._theme.resolve(style)
            if not parent_id and kind != "character":  # styles based on it inherit its properties
                apply_missing_properties(style, self._missing, table_properties)
            for numbering in style.findall(f"{W}pPr/{W}numPr"):
                if child_value(numbering, "numId") != "0":  # 0 means no list, and must be kept
                    numbering.clear()
            based_on = self._target_id(kind, parent_id, table_properties) if parent_id else ""
            self._target_ids[key] = self._target.id_of(style, based_on, self._root)
        return self._target_ids[key]

    def _existing_id(self, kind: str, style_id: str) -> str:
        """Return a style's ID if the letter has the style, else the default's ID."""
        style = self._styles.get(style_id)
        exists = style is not None and style.get(TYPE) == kind
        return style_id if exists else self._default_of[kind]


def style_chain(styles: Mapping[str, Element], name: str) -> Iterator[Element]:
    """Yield a style and the styles that it is based on, the nearest first."""
    seen: set[str] = set()
    while name in styles and name not in seen:
        seen.add(name)
        yield styles[name]
        name = _base_style_id(styles[name], styles)


def defaults_by_kind(styles: Element) -> dict[str, str]:
    """Return the default style's ID for each kind; empty if a kind has none."""
    default_ids = {
        str(style.get(TYPE)): str(style.get(_ID))
        for style in styles.iterchildren(W + "style")
        if style.get(_DEFAULT) in {"1", "true", "on"}
    }
    return {kind: default_ids.get(kind, "") for kind in _STYLE_REFERENCES}


@cache
def _implied_styles() -> dict[str, Element]:
    root = parse_xml(_IMPLIED_STYLES)
    return {str(e.get(TYPE)): e for e in (() if root is None else root)}


def _base_style_id(style: Element, styles: Mapping[str, Element]) -> str:
    """Return the ID of the style on which a style is based, or an empty text.

    Both must be of one kind.
    """
    name = child_value(style, "basedOn") or ""
    return name if name in styles and styles[name].get(TYPE) == style.get(TYPE) else ""


def _content_key(style: Element, based_on: str) -> CanonicalForm:
    """Return a style's printed properties, for comparison with other styles.

    1. Properties that only the program's windows show do not count.
    2. Empty holders do not count, because they set nothing.
    3. The name counts, because neighbours of one style may lose the space between them (17.3.1.9,
       contextualSpacing).
    4. The existence of numbering counts, but not the list.
    """
    printed = (
        canonical_form(e, _NOT_PRINTED)
        for name in _PRINTED_PROPERTIES
        for e in style.iterchildren(W + name)
    )
    numbered = style.find(f"{W}pPr/{W}numPr") is not None
    name = (child_value(style, "name") or "").lower()
    return (style.get(TYPE), name, based_on, numbered, *(c for c in printed if len(c) > 1))


# Document defaults: properties of every paragraph and run of a file (17.7.5, docDefaults).
#
# A default can differ in three ways:
# 1. Both files set it, to different values: the letter's value is missing.
# 2. Only the letter sets it: that value is missing.
# 3. Only the base sets it, and the letter relied on the initial value: that value is missing, and
#    must be set to undo the base's. (A property without an initial value below cannot be undone.)

_PROPERTY_HOLDERS = ("pPr", "rPr")
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_SPLIT_PROPERTIES = {W + name for name in ("spacing", "ind", "rFonts", "lang")}
"""Properties whose attributes are independent.

One attribute may come from the style, and another from a default.
"""

_EQUIVALENT_ATTRIBUTES = {
    W + a: W + b for a, b in (("start", "left"), ("end", "right"), ("hanging", "firstLine"))
}
"""Attributes with the meaning of another one (17.3.1.12)."""

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
        _W14 + "ligatures": {_W14 + "val": "none"},  # Word sets them since 2023
    },
}
"""Initial values of properties that documents do set (17.3.1, 17.3.2).

They apply if a document sets nothing.
"""

PropertiesByTag = Mapping[str, Mapping[str, Element]]
"""Properties by their holder, `pPr` or `rPr`, and their tag."""


def resolved_defaults(styles: Element, theme: LetterTheme) -> PropertiesByTag:
    """Return a document's defaults, with plain names of the theme's fonts."""
    copies = styles.makeelement(styles.tag)
    copies.extend(deepcopy(e) for e in styles.iterchildren(W + "docDefaults"))
    theme.resolve(copies)
    holders = {n: copies.find(f"{W}docDefaults/{W}{n}Default/{W}{n}") for n in _PROPERTY_HOLDERS}
    return {
        name: {} if holder is None else {str(e.tag): e for e in holder.iterchildren("*")}
        for name, holder in holders.items()
    }


def missing_properties(wanted: PropertiesByTag, present: PropertiesByTag) -> PropertiesByTag:
    """Return the properties that keep a style's look under other defaults.

    `wanted` are the defaults that the style was made for, `present` those that it gets.
    """
    missing: dict[str, dict[str, Element]] = {name: {} for name in _PROPERTY_HOLDERS}
    for name, missing_by_tag in missing.items():
        wanted_properties, present_properties = wanted[name], present[name]
        for tag, element in {**present_properties, **wanted_properties}.items():
            if (
                tag in wanted_properties
                and tag in present_properties
                and canonical_form(wanted_properties[tag])
                == canonical_form(present_properties[tag])
            ):
                continue
            missing_property, initial_value = (
                deepcopy(element),
                _INITIAL_VALUES[name].get(tag.removeprefix(W), {}),
            )
            if tag not in wanted_properties:
                missing_property.attrib.clear()
            if tag not in wanted_properties or tag in _SPLIT_PROPERTIES:
                _set_missing_attributes(missing_property, initial_value)
            if tag in wanted_properties or initial_value:
                missing_by_tag[tag] = missing_property
    return missing


def apply_missing_properties(style: Element, missing: PropertiesByTag, except_tags: _Tags) -> None:
    """Set properties in a style that the style does not set itself.

    Those in `except_tags` are not set.
    """
    for name in _PROPERTY_HOLDERS:
        for tag, element in missing[name].items():
            if tag in except_tags:
                continue
            holder = style.find(W + name)
            if holder is None:
                holder = replace_child(style, style.makeelement(W + name))
            existing = holder.find(tag)
            if existing is None:
                replace_child(holder, deepcopy(element))
            elif tag in _SPLIT_PROPERTIES:
                _set_missing_attributes(
                    existing, {str(n): str(text) for n, text in element.attrib.items()}
                )


def _set_missing_attributes(element: Element, attributes: Mapping[str, str]) -> None:
    """Set attributes that an element does not have yet under any name."""
    names = {_EQUIVALENT_ATTRIBUTES.get(str(name), str(name)) for name in element.attrib}
    set_missing_attributes(
        element,
        {
            n: text
            for n, text in attributes.items()
            if _EQUIVALENT_ATTRIBUTES.get(n, n) not in names
        },
    )


# Themes: ECMA-376 part 1, 14.2.7 (theme part), 17.18.96 (theme fonts), 17.18.97 (theme colours).
# The combined file has the theme of its base, so a letter with another theme gets plain values.

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
"""The script of a language, with its name in themes."""


@dataclass(frozen=True, slots=True)
class LetterTheme:
    """A theme's fonts by their names in WordprocessingML, and its colours."""

    fonts: Mapping[str, str] = field(default_factory=dict)
    colours: tuple[str, ...] = ()

    def resolve(self, root: Element) -> None:
        """Replace references to the theme by plain font names and colours.

        The value beside a reference is the plain colour.
        """
        for fonts in root.iter(W + "rFonts"):
            for name, plain in _THEME_FONT_ATTRIBUTES.items():
                face = self.fonts.get(fonts.attrib.pop(W + name, ""))
                if face:
                    fonts.set(W + plain, face)
        for element in root.xpath(_COLOURED_ELEMENTS, namespaces=NAMESPACES):
            for name in _THEME_COLOUR_ATTRIBUTES:
                element.attrib.pop(name, None)


def uses_theme_colours(root: Element) -> bool:
    """Return whether shapes in a part use colours of the theme."""
    return next(root.iter(_A + "schemeClr"), None) is not None


def read_theme(data: bytes, settings: Element) -> LetterTheme:
    """Return the theme in a part's bytes; an empty theme if there are none."""
    root = parse_xml(data) if data else None
    if root is None:
        return LetterTheme()
    fonts: dict[str, str] = {}
    for kind in ("major", "minor"):
        font_scheme = next(root.iter(f"{_A}{kind}Font"), None)
        if font_scheme is not None:
            fonts |= _theme_fonts(font_scheme, kind, settings.find(W + "themeFontLang"))
    colours = []
    for colour in root.xpath("(//a:clrScheme)[1]/*", namespaces={"a": _A[1:-1]}):
        value = next(colour.iterchildren("*"), colour)
        text = value.get("lastClr") or value.get("val")  # a system colour has its last value
        colours.append(f"{local_name(colour)} {text}".lower())
    return LetterTheme(fonts, tuple(colours))


def _theme_fonts(fonts: Element, kind: str, languages: Element | None) -> dict[str, str]:
    """Return the names of a theme's major or minor fonts.

    If the theme has none, return the font of the language's script.
    """

    def font(name: str, language: str = "") -> str:
        element, text = fonts.find(_A + name), ""
        if element is not None:
            text = str(element.get("typeface", ""))
        if text or not language or languages is None:
            return text
        code = languages.get(W + language, "")
        return by_script.get(
            _SCRIPT_BY_LANGUAGE.get(code) or _SCRIPT_BY_LANGUAGE.get(code.partition("-")[0], ""), ""
        )

    by_script = {e.get("script"): str(e.get("typeface")) for e in fonts.iter(_A + "font")}
    return {
        f"{kind}Ascii": font("latin"),
        f"{kind}HAnsi": font("latin"),
        f"{kind}EastAsia": font("ea", "eastAsia"),
        f"{kind}Bidi": font("cs", "bidi"),
    }
