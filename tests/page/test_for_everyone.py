"""Screens for everyone: zoom, spacing, touch, speech, headings, titles."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from support.axe import ViewingMode, emulate
from support.browsers import Live, needs_browser
from support.everyday import everyday
from support.full_campaign import RECIPIENTS, SIGNERS, screen_paths

from merge.page.folders import KnownFolders

pytestmark = [pytest.mark.page, needs_browser]

NARROW = ViewingMode("narrow", width=320)
"""1280 pixels at 400 %."""
WINDOWS = [
    ViewingMode(f"{width} pixels, {language}", width, language)
    for width in (420, 1280, 1920)
    for language in ("en", "ar")
]

_WIDE = """
const limit = document.documentElement.clientWidth;
const boxes = "#steps ol, .table-box, .grid-box, .unseen, .skip, pre, iframe, dialog,"
  + " .manual table";
const boxed = one => one.closest(boxes);
const told = [...document.body.querySelectorAll("*")].filter(one => {
  if (boxed(one) || !one.checkVisibility()) return false;
  const box = one.getBoundingClientRect();
  return box.right > limit + 1 || box.left < -1;
}).map(one => `${one.localName}#${one.id}.${one.className}: ${one.textContent.slice(0, 40)}`);
const page = document.scrollingElement.scrollWidth > limit ? ["the page scrolls sideways"] : [];
return [...page, ...told].slice(0, 5);
"""
_CUT = """
const cut = one => {
  const style = getComputedStyle(one);
  const clips = value => ["hidden", "clip"].includes(value);
  const apart = ".unseen, .stacked > thead, .grid-box, .differs .side-name, iframe";
  return one.checkVisibility() && !one.closest(apart)
    && one.textContent.trim()
    && ((clips(style.overflowX) && one.scrollWidth > one.clientWidth + 1)
      || (clips(style.overflowY) && one.scrollHeight > one.clientHeight + 1));
};
return [...document.body.querySelectorAll("*")].filter(cut)
  .map(one => `cut: ${one.localName}#${one.id}.${one.className}: ${one.textContent.slice(0, 40)}`);
"""
_SPACED = """
const rules = new CSSStyleSheet();
rules.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
  word-spacing: 0.16em !important; } p { margin-block-end: 2em !important; }`);
document.adoptedStyleSheets = [rules];
"""
_SMALL = """
const css = "a[href], button, input:not([type=hidden]), select, textarea, summary,"
  + " [role=grid] :is([role=gridcell], [role=rowheader], [role=columnheader])";
const inline = one => one.localName === "a" && getComputedStyle(one).display === "inline";
const size = one => {
  const label = one.matches("[type=checkbox], [type=radio]") && one.closest("label");
  return (label || one).getBoundingClientRect();
};
return [...document.querySelectorAll(css)].filter(one => one.checkVisibility() && !inline(one))
  .filter(one => !one.closest(".skip, dialog"))
  .map(one => [one, size(one)]).filter(([, box]) => box.width < 23.5 || box.height < 23.5)
  .map(([one, box]) => `${box.width} x ${box.height}: ${one.outerHTML.slice(0, 120)}`);
"""
_SENSE = """
const told = [];
const there = one => one.checkVisibility();
const heads = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(there);
const levels = heads.map(one => Number(one.localName[1]));
if (levels.filter(one => one === 1).length !== 1) told.push(`h1: ${levels}`);
const main = heads.filter(one => one.closest("main")).map(one => Number(one.localName[1]));
if (main.some((one, n) => n && one > main[n - 1] + 1)) told.push(`heads: ${main}`);
const ids = [...document.querySelectorAll("[id]")].map(one => one.id);
told.push(...ids.filter((id, n) => ids.indexOf(id) !== n).map(id => `twice: ${id}`));
for (const one of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
  if (!one.labels.length && !one.ariaLabel) told.push(`no label: ${one.id}`);
for (const name of ["aria-labelledby", "aria-describedby"])
  for (const one of document.querySelectorAll(`[${name}]`))
    for (const id of one.getAttribute(name).split(" "))
      if (!document.getElementById(id)) told.push(`${name} of nothing: ${id}`);
for (const css of ["main", "header.bar", "footer.foot"])
  if (document.querySelectorAll(css).length !== 1) told.push(css);
for (const one of document.querySelectorAll("table"))
  if (!one.caption || !one.querySelector("th[scope]")) told.push(`table: ${one.id}`);
return told;
"""

_MOVING = """
return [...document.querySelectorAll("*")].filter(one => {
  const style = getComputedStyle(one);
  return style.animationName !== "none" || style.transitionDuration.split(",").some(parseFloat)
    || style.scrollBehavior === "smooth";
}).map(one => one.outerHTML.slice(0, 80));
"""
_MARKS = """
const words = new Map(), told = [];
for (const one of document.querySelectorAll(".cell, .mark")) {
  const symbol = one.querySelector(".symbol")?.textContent.trim();
  const word = (one.ariaLabel ?? one.textContent.replace(symbol, "")).trim();
  if (!symbol || !word) told.push(`without a word or a symbol: ${one.outerHTML}`);
  else if ((words.get(symbol) ?? word) !== word) told.push(`${symbol} is ${word}, and another`);
  words.set(symbol, word);
}
return told.concat(words.size < 6 ? [`only ${words.size} states`] : []);
"""
_LISTEN = """
window.heard = [];
const live = () => document.querySelectorAll("[role=status], [role=alert], [aria-live], output");
window.regions = [...live()].map(one => one.id);
for (const one of live())
  new MutationObserver(() => one.textContent && heard.push([performance.now(), one.textContent]))
    .observe(one, {childList: true, characterData: true, subtree: true});
"""


@pytest.fixture
def page(full_page: Live) -> Live:
    return full_page


def script_results(page: Live, *scripts: str) -> list[str]:
    """Results of scripts for all screens, with everything expanded."""
    found = []
    for path in screen_paths(page):
        page.go(path)
        page.browser.execute_script(
            "document.querySelectorAll('main details').forEach(one => one.open = true)"
        )
        for script in scripts:
            found += [f"{path}: {one}" for one in page.browser.execute_script(script) or ()]
    return found


@pytest.mark.slow
def test_at_400_percent_no_content_is_lost_or_scrolls_sideways(page: Live) -> None:
    with emulate(page.browser, NARROW):
        assert script_results(page, _WIDE, _CUT) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "way",
    everyday([ViewingMode("narrow, from right to left", 320, "ar"), *WINDOWS], (0, 2)),
    ids=lambda way: way.name,
)
def test_no_screen_is_wider_than_its_window(page: Live, way: ViewingMode) -> None:
    with emulate(page.browser, way):
        assert script_results(page, _WIDE) == []


@pytest.mark.slow
@pytest.mark.parametrize("way", [NARROW, WINDOWS[2]], ids=lambda way: way.name)
def test_no_chapter_of_the_manual_is_wider_than_the_window(page: Live, way: ViewingMode) -> None:
    with emulate(page.browser, way):
        for name in ("page", "workbook", "problems"):
            page.go(f"../../manual/{name}")
            assert page.browser.execute_script(_WIDE) == []


@pytest.mark.slow
@pytest.mark.parametrize("way", [NARROW, WINDOWS[1]], ids=lambda way: way.name)
def test_the_menu_of_a_campaign_is_inside_a_narrow_window(page: Live, way: ViewingMode) -> None:
    KnownFolders().remember(page.session.folder)
    with emulate(page.browser, way):
        page.go("../../")
        page.click("main .menu summary")
        page.find("main .menu button")
        assert page.browser.execute_script(_WIDE) == []


@pytest.mark.slow
@pytest.mark.parametrize("way", [NARROW, ViewingMode("wide")], ids=lambda way: way.name)
def test_with_more_text_spacing_no_content_is_lost(page: Live, way: ViewingMode) -> None:
    with emulate(page.browser, way):
        assert script_results(page, _SPACED, _WIDE, _CUT) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "way",
    everyday([NARROW, ViewingMode("wide"), ViewingMode("from right to left", language="ar")]),
    ids=lambda way: way.name,
)
def test_every_control_is_large_enough_to_press(page: Live, way: ViewingMode) -> None:
    with emulate(page.browser, way):
        assert script_results(page, _SMALL) == []


@pytest.mark.slow
def test_headings_are_in_order_and_fields_and_tables_are_labelled(page: Live) -> None:
    assert script_results(page, _SENSE) == []


@pytest.mark.slow
def test_titles_distinguish_the_screens_and_contain_no_names(page: Live) -> None:
    titles = {}
    for path in screen_paths(page):
        page.go(path)
        titles[path.partition("?")[0]] = page.browser.title
    assert [one for one in titles.values() if any(n in one for n in (*SIGNERS, *RECIPIENTS))] == []
    screens = {path: one for path, one in titles.items() if not path.startswith("decide/")}
    assert len({*screens.values()}) == len(screens)


@pytest.mark.slow
def test_nothing_moves_if_reduced_motion_is_preferred(page: Live) -> None:
    with emulate(page.browser, ViewingMode("still", media={"prefers-reduced-motion": "reduce"})):
        assert script_results(page, _MOVING) == []


@pytest.mark.slow
def test_a_letter_status_is_a_symbol_and_a_word_not_only_a_colour(page: Live) -> None:
    for path, css in (("letters", ".cell"), ("letters?view=list", ".mark")):
        page.go(path)
        page.find(css)
        assert page.browser.execute_script(_MARKS) == []


@pytest.mark.slow
def test_screen_readers_get_one_announcement_at_a_time(page: Live) -> None:
    page.go("letters?view=list")
    page.browser.execute_script(_LISTEN)
    assert page.browser.execute_script("return regions") == ["spoken"]
    field = page.find("#words")
    for letter in "minister":
        field.send_keys(letter)
        time.sleep(0.25)
    page.session.submit_with_campaign("report", lambda _campaign, _task: None)
    page.wait(lambda one: len(one.execute_script("return heard")) >= 2)
    time.sleep(2.5)
    heard = page.browser.execute_script("return heard")
    assert all(later - before >= 1990 for (before, _), (later, _) in pairwise(heard)), heard
    assert "20 letters" in [words for _, words in heard]
