"""The colours of the page, computed from its style sheets.

Light and dark, text, symbols, edges. axe checks neither single symbols nor edges nor focus rings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from merge.page.web import STATIC_FOLDER

SHEETS = {path.name: path.read_text("utf-8") for path in sorted(STATIC_FOLDER.glob("*.css"))}
OUTSIDE = {":root", "dialog::backdrop"}  # the tokens themselves; the backdrop of a dialog
SANDBOX = "frame.css"  # sheets of paper, in the dark too
NO_RING = 'main:focus, [data-reached="mouse"]:focus'  # the focus is set by a script
SURFACES = ("paper", "sheet", "wash", "accent-wash", "error-wash", "warn-wash", "good-wash")
TEXT = ("ink", "soft", "accent", "accent-strong", "error", "warn", "good")
EDGES = ("edge", "accent", "error", "warn", "good")
"""Colours of edges of fields, buttons, choices and focus rings.

`line` only separates, and has no meaning.
"""


def rules(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the selector and declarations of each rule, nested ones too."""
    plain = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    for selector, inside in re.findall(r"([^{}]+)\{([^{}]*)\}", plain):
        pairs = (part.partition(":") for part in inside.split(";") if ":" in part)
        yield selector.strip(), {name.strip(): value.strip() for name, _, value in pairs}


def tokens(scheme: str) -> dict[str, str]:
    """Return the colours by their names."""
    first, second = (
        {name[2:]: value for name, value in each.items() if value.startswith("#")}
        for selector, each in rules(SHEETS["page.css"])
        if selector == ":root" and "--paper" in each
    )
    assert first.keys() == second.keys()
    return {"light": first, "dark": second}[scheme]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, as in WCAG."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    linear = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_the_contrast_ratio_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_colour_is_readable_on_every_surface(scheme: str) -> None:
    """All surfaces of the screens; symbols of the matrix are text here too."""
    known = tokens(scheme)
    pairs = [(text, surface) for text in TEXT for surface in SURFACES]
    pairs += [("on-accent", "accent"), ("on-accent", "accent-strong")]
    ratios = {pair: round(contrast(known[pair[0]], known[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_edge_is_visible_on_every_surface(scheme: str) -> None:
    known = tokens(scheme)
    ratios = {(e, s): round(contrast(known[e], known[s]), 2) for e in EDGES for s in SURFACES}
    ratios["accent", "line"] = contrast(known["accent"], known["line"])  # a bar in its track
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 3} == {}


@pytest.mark.parametrize("name", [name for name in SHEETS if name != SANDBOX])
def test_colours_are_only_in_the_tokens(name: str) -> None:
    odd = []
    for selector, each in rules(SHEETS[name]):
        if selector in OUTSIDE:
            continue
        values = " ".join(each.values())
        if re.search(r"#[0-9a-f]{3,8}\b|rgb|hsl|color-mix", values) or "opacity" in each:
            odd.append((selector, values))
    assert [one for one in odd if "button:disabled" not in one[0]] == []


@pytest.mark.parametrize("name", [name for name in SHEETS if name != SANDBOX])
def test_text_colours_are_for_text_and_surface_colours_for_surfaces(name: str) -> None:
    """Then the other tests have checked every pair that a screen can show."""
    text = {*(f"var(--{one})" for one in (*TEXT, "on-accent")), "inherit", "currentColor"}
    state = {"var(--state, var(--ink))"}  # --state is set to one of the others
    fill = {"transparent", "none", "var(--wash-of, transparent)", "var(--accent)", "var(--line)"}
    fill |= {f"var(--{one})" for one in SURFACES} | {"var(--accent-strong)"}
    system = {"Highlight", "HighlightText", "Canvas", "CanvasText", "ButtonText"}
    wrong = []
    for selector, each in rules(SHEETS[name]):
        if selector in OUTSIDE:
            continue
        colour = each.get("color") or each.get("--state", "inherit")
        surface = each.get("background") or each.get("--wash-of", "none")
        if colour not in text | state | system or surface not in fill | system:
            wrong.append((selector, colour, surface))
        on_accent = surface in {"var(--accent)", "var(--accent-strong)"}
        is_bar = "progress" in selector
        if on_accent != (colour == "var(--on-accent)") and not is_bar and ".skip" not in selector:
            wrong.append((selector, colour, surface))
    assert wrong == []


@pytest.mark.parametrize("name", [name for name in SHEETS if name != SANDBOX])
def test_buttons_and_fields_have_a_visible_edge(name: str) -> None:
    pressed = re.compile(r"(^|[\s,])(\.button|button|input|select|textarea|\.quiet|\.danger)\b")
    faint = [
        selector
        for selector, each in rules(SHEETS[name])
        if pressed.search(selector) and ":disabled" not in selector
        for name_of, value in each.items()
        if name_of.startswith("border") and "var(--line)" in value
    ]
    assert faint == []


@pytest.mark.parametrize("name", [name for name in SHEETS if name != SANDBOX])
def test_the_focus_ring_is_never_removed(name: str) -> None:
    without = [s for s, each in rules(SHEETS[name]) if each.get("outline") in {"none", "0"}]
    assert without == ([NO_RING] if name == "page.css" else [])


def test_every_colour_token_that_is_used_exists() -> None:
    everything = "\n".join(SHEETS.values())
    set_ones = {*re.findall(r"(--[\w-]+):", everything)}
    assert {*re.findall(r"var\((--[\w-]+)", everything)} - set_ones == set()


def test_the_sandbox_of_a_letter_shows_the_focus() -> None:
    found = [*rules(SHEETS[SANDBOX])]
    tables = [each["background"] for selector, each in found if selector == "html"]
    rings = [each["outline"] for selector, each in found if selector == "body:focus-visible"]
    for table, ring in zip(tables, rings, strict=True):  # light and dark
        assert contrast(re.findall(r"#\w+", ring)[0], table) >= 3
