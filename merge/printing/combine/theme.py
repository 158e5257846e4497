"""What a letter's theme stands for, where it is not the theme of the whole.

ECMA-376 part 1, 14.2.7 (theme part), 17.18.96 (theme fonts), 17.18.97 (theme colours).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from merge.ooxml.wordml import SPACES, Element, W, local, parse_xml

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
        for element in root.xpath(_COLOURED, namespaces=SPACES):
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
    return f"{local(element)} {value.get('lastClr') or value.get('val')}".lower()
