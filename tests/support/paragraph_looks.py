"""Looks of a letter's paragraphs: numbers, and properties of their text.

They are read as Word reads a file (ECMA-376 part 1, 17.7.2, 17.9), one layer over the other:
defaults, table style, paragraph style, list, character style, direct formatting.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce

from lxml import etree

from support.documents import BODY
from support.filled_letters import W, root

Attributes = Mapping[str, str]
Look = Mapping[str, Attributes]
"""Properties by name, each with its attributes."""

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_PARTED = {"spacing", "rFonts", "lang", "ind"}
_THEMED = {"asciiTheme": "ascii", "hAnsiTheme": "hAnsi", "eastAsiaTheme": "eastAsia"}
_FONT_TAGS = {"Ascii": "latin", "HAnsi": "latin", "EastAsia": "ea", "Bidi": "cs"}
_FIRST: Mapping[str, Look] = {
    "pPr": {
        "spacing": {
            "before": "0",
            "after": "0",
            "line": "240",
            "lineRule": "auto",
            "beforeAutospacing": "0",
            "afterAutospacing": "0",
        },
        "ind": {"left": "0", "right": "0", "first": "0"},
        "jc": {"val": "left"},
        **{name: {"val": "0"} for name in ("keepNext", "keepLines", "contextualSpacing")},
        "suppressAutoHyphens": {"val": "0"},
        "widowControl": {"val": "1"},
    },
    "rPr": {
        "rFonts": dict.fromkeys(("ascii", "hAnsi", "eastAsia", "cs"), "Times New Roman"),
        **{name: {"val": "20"} for name in ("sz", "szCs")},
        **{name: {"val": "0"} for name in ("b", "i", "kern", "spacing")},
        "color": {"val": "auto"},
        "u": {"val": "none"},
        "ligatures": {"val": "none"},
    },
    "tblPr": {
        "tblInd": {"w": "0", "type": "dxa"},
        "tblCellMar": {
            "inner": "".join(
                f"{side} {{'w': '{width}', 'type': 'dxa'}}"
                for side, width in (("top", 0), ("left", 108), ("bottom", 0), ("right", 108))
            )
        },
    },
}
"""Defaults of properties that no file sets (17.3.1, 17.3.2)."""

_FORMS: Mapping[str, Callable[[int], str]] = {
    "decimal": str,
    "lowerLetter": lambda n: chr(96 + n),
    "lowerRoman": lambda n: ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")[n],
}


@dataclass(frozen=True)
class ParagraphLook:
    """A paragraph's text and looks.

    `number` is its number in a list, and `mark` the look of that number.
    """

    text: str
    number: str
    look: Look
    mark: Look
    runs: tuple[tuple[str, Look], ...]
    table: Look


def looks(data: bytes, part: str = BODY) -> list[ParagraphLook]:
    """Return every paragraph of a part of a letter, in the order of the file."""
    reader = _Reader(data)
    return [reader.shown(paragraph) for paragraph in root(data, part).iter(f"{W}p")]


def value(parent: etree._Element | None, path: str, name: str = "val") -> str | None:
    """Return an attribute of a descendant, or None if it is missing."""
    element = None if parent is None else parent.find("/".join(W + n for n in path.split("/")))
    return None if element is None else element.get(W + name)


class _Reader:
    def __init__(self, data: bytes) -> None:
        parts = dict(_parts(data))
        self._theme = _theme(parts.get("theme"))
        styles = parts["styles"]
        self._styles = {str(e.get(f"{W}styleId")): e for e in styles.iter(f"{W}style")}
        self._usual = {
            str(e.get(f"{W}type")): name
            for name, e in self._styles.items()
            if e.get(f"{W}default") in {"1", "true"}
        }
        self._defaults = {
            name: styles.find(f"{W}docDefaults/{W}{name}Default/{W}{name}") for name in _FIRST
        }
        self._lists = _Lists(parts.get("numbering"))

    def shown(self, paragraph: etree._Element) -> ParagraphLook:
        properties = paragraph.find(f"{W}pPr")
        chain = self._chain("paragraph", value(properties, "pStyle"))
        around = _table_of(paragraph)
        name = value(around, "tblPr/tblStyle")
        table = [] if around is None else self._chain("table", name)
        level = self._lists.level(properties, chain)
        look = self._merged("pPr", [*table, *self._with_list(chain, level)], properties)
        runs = [r for r in paragraph.iter(f"{W}r") if _paragraph_of(r) is paragraph]
        return ParagraphLook(
            "".join(_text(run) for run in runs),
            self._lists.counted(level),
            look,
            self._mark([*table, *chain], properties, level),
            tuple((_text(r), self._of_run(r, [*table, *chain])) for r in runs if _text(r)),
            {} if around is None else self._table_look(table),
        )

    def _chain(self, kind: str, name: str | None) -> list[etree._Element]:
        """Return a style and those it is based on, the base first."""
        chain: list[etree._Element] = []
        style = self._styles.get(name or "")
        if style is None or style.get(f"{W}type") != kind:
            style = self._styles.get(self._usual.get(kind, ""))
        while style is not None and style not in chain:
            chain.insert(0, style)
            style = self._styles.get(value(style, "basedOn") or "")
        return chain

    def _with_list(
        self, chain: list[etree._Element], level: _Level | None
    ) -> Iterator[etree._Element]:
        """Insert a list's level before the style that names it, or at the end."""
        for style in chain:
            if level is not None and style is level.by:
                yield level.element
            yield style
        if level is not None and level.by is None:
            yield level.element

    def _merged(
        self, name: str, layers: Iterable[etree._Element], properties: etree._Element | None
    ) -> Look:
        holders = [self._defaults[name], *(e.find(W + name) for e in layers), properties]
        return reduce(self._over, (h for h in holders if h is not None), _FIRST[name])

    def _over(self, below: Look, holder: etree._Element) -> Look:
        merged = dict(below)
        for child in holder.iterchildren("{*}*"):
            name = etree.QName(child).localname
            if name not in {"pStyle", "rStyle", "numPr", "rPr", "sectPr", "cnfStyle"}:
                attributes = self._attributes(child)
                merged[name] = (
                    {**below.get(name, {}), **attributes} if name in _PARTED else attributes
                )
        return merged

    def _attributes(self, element: etree._Element) -> Attributes:
        values = {etree.QName(n).localname: str(v) for n, v in element.attrib.items()}
        name = etree.QName(element).localname
        if name == "rFonts":
            for theme, plain in {**_THEMED, "cstheme": "cs"}.items():
                face = self._theme.get(values.pop(theme, ""))
                values |= {plain: face} if face else {}
        if name == "ind":
            return _indents(values)
        values = {n: v for n, v in values.items() if not n.startswith("theme")}
        on = {"true": "1", "on": "1", "false": "0", "off": "0"}
        children = [f"{etree.QName(e).localname} {self._attributes(e)}" for e in element]
        attributes = {n: on.get(v, v) for n, v in values.items()}
        if not attributes and not children and name not in _PARTED:
            attributes = {"val": "1"}
        return {**attributes, **({"inner": "".join(children)} if children else {})}

    def _of_run(self, run: etree._Element, layers: list[etree._Element]) -> Look:
        properties = run.find(f"{W}rPr")
        style = value(properties, "rStyle")
        character = self._chain("character", style) if style else []
        return self._merged("rPr", [*layers, *character], properties)

    def _mark(
        self, chain: list[etree._Element], properties: etree._Element | None, level: _Level | None
    ) -> Look:
        """Return the look of a list's number.

        It is that of the paragraph's end, then of the level.
        """
        if level is None:
            return {}
        layers = chain if properties is None else [*chain, properties]
        return self._merged("rPr", [*layers, level.element], None)

    def _table_look(self, chain: list[etree._Element]) -> Look:
        """Return the properties that a table's style sets for the table itself."""
        properties = dict(_FIRST["tblPr"])
        for style in chain:
            for holder in style.iterchildren(*(f"{W}{n}" for n in ("tblPr", "trPr", "tcPr"))):
                for child in holder:
                    properties[etree.QName(child).localname] = self._attributes(child)
            for special in style.iterchildren(f"{W}tblStylePr"):
                properties[str(special.get(f"{W}type"))] = self._attributes(special)
        return properties


@dataclass(frozen=True)
class _Level:
    """A level of a list.

    `by` is the style that names it, or None if the paragraph does.
    """

    number: int
    element: etree._Element
    num: str
    by: etree._Element | None


class _Lists:
    """The lists of a letter; each request counts on (17.9.26)."""

    def __init__(self, numbering: etree._Element | None) -> None:
        elements = [] if numbering is None else list(numbering)
        abstracts = {e.get(f"{W}abstractNumId"): e for e in elements if e.tag == f"{W}abstractNum"}
        linked = {value(e, "styleLink"): e for e in abstracts.values() if value(e, "styleLink")}
        self._nums = {str(e.get(f"{W}numId")): e for e in elements if e.tag == f"{W}num"}
        self._abstract = {
            n: linked.get(value(a, "numStyleLink"), a)
            for n, e in self._nums.items()
            if (a := abstracts.get(value(e, "abstractNumId"))) is not None
        }
        self._counts: dict[tuple[etree._Element, int], int] = {}
        self._started: set[tuple[str, int]] = set()

    def level(
        self, properties: etree._Element | None, chain: list[etree._Element]
    ) -> _Level | None:
        number, at, by = value(properties, "numPr/numId"), value(properties, "numPr/ilvl"), None
        if number is None:
            number, usual, by = self._of_style(chain)
            at = at or usual
        if number not in self._abstract:
            return None
        element = self._element(str(number), int(at or 0))
        return None if element is None else _Level(int(at or 0), element, str(number), by)

    def _of_style(
        self, chain: list[etree._Element]
    ) -> tuple[str | None, str | None, etree._Element | None]:
        """Return the list that the nearest style names, the level, and that style."""
        at = None
        for depth, style in enumerate(reversed(chain), 1):
            number, at = value(style, "pPr/numPr/numId"), at or value(style, "pPr/numPr/ilvl")
            if number is not None:
                linked = (self._linked(number, s) for s in reversed(chain[-depth:]))
                return number, next((n for n in linked if n), at), style
        return None, None, None

    def _linked(self, number: str | None, style: etree._Element) -> str | None:
        abstract = self._abstract.get(number or "")
        for level in () if abstract is None else abstract.iterchildren(f"{W}lvl"):
            if value(level, "pStyle") == style.get(f"{W}styleId"):
                return level.get(f"{W}ilvl")
        return None

    def _override(self, number: str, at: int) -> etree._Element | None:
        overrides = self._nums[number].iterchildren(f"{W}lvlOverride")
        return next((e for e in overrides if e.get(f"{W}ilvl") == str(at)), None)

    def _element(self, number: str, at: int) -> etree._Element | None:
        override = self._override(number, at)
        inner = None if override is None else override.find(f"{W}lvl")
        usual = (e for e in self._abstract[number].iter(f"{W}lvl") if e.get(f"{W}ilvl") == str(at))
        return next(usual, None) if inner is None else inner

    def counted(self, level: _Level | None) -> str:
        """Return the number before the next paragraph of a level."""
        if level is None:
            return ""
        abstract, at = self._abstract[level.num], level.number
        start = int(value(level.element, "start") or "0")
        restart = value(self._override(level.num, at), "startOverride")
        if restart is not None and (level.num, at) not in self._started:
            self._counts[abstract, at] = int(restart)
        else:
            self._counts[abstract, at] = self._counts.get((abstract, at), start - 1) + 1
        self._started.add((level.num, at))
        for deeper in range(at + 1, 9):
            self._counts.pop((abstract, deeper), None)
        text = value(level.element, "lvlText") or ""
        for depth in range(at + 1):
            if f"%{depth + 1}" in text:
                text = text.replace(f"%{depth + 1}", self._sign(level.num, depth))
        return text

    def _sign(self, number: str, at: int) -> str:
        element = self._element(number, at)
        count = self._counts.get((self._abstract[number], at), int(value(element, "start") or "0"))
        return _FORMS.get(value(element, "numFmt") or "", str)(count)


def _indents(attributes: Attributes) -> Attributes:
    """Return the indents, with the first line's as one number."""
    indents = {
        ("left" if n == "start" else "right" if n == "end" else n): v for n, v in attributes.items()
    }
    if "hanging" in indents:
        indents["first"] = str(-int(indents.pop("hanging")))
        indents.pop("firstLine", None)
    if "firstLine" in indents:
        indents["first"] = indents.pop("firstLine")
    return indents


def _text(run: etree._Element) -> str:
    return "".join(e.text or "" for e in run.iter(f"{W}t") if _run_of(e) is run)


def _run_of(element: etree._Element) -> etree._Element | None:
    return next(element.iterancestors(f"{W}r"), None)


def _table_of(paragraph: etree._Element) -> etree._Element | None:
    around = next(paragraph.iterancestors(f"{W}tbl", f"{W}txbxContent"), None)
    return around if around is not None and around.tag == f"{W}tbl" else None


def _paragraph_of(element: etree._Element) -> etree._Element | None:
    return next(element.iterancestors(f"{W}p"), None)


def _parts(data: bytes) -> Iterator[tuple[str, etree._Element]]:
    """Yield parts that the main part refers to, by kind."""
    for relation in root(data, "word/_rels/document.xml.rels"):
        kind = str(relation.get("Type")).rpartition("/")[2]
        if kind in {"styles", "numbering", "theme"}:
            yield kind, root(data, posixpath.join("word", str(relation.get("Target"))))


def _theme(theme: etree._Element | None) -> Attributes:
    """Return the fonts that a theme's names stand for."""
    if theme is None:
        return {}
    fonts: dict[str, str] = {}
    for kind in ("major", "minor"):
        for name, tag in _FONT_TAGS.items():
            font = theme.find(f".//{_A}{kind}Font/{_A}{tag}")
            fonts[kind + name] = "" if font is None else str(font.get("typeface"))
    return fonts
