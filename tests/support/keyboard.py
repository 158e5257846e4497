"""The page by keyboard alone: Tab, Shift+Tab, Enter, Space and arrows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

_STOP = """
const one = document.activeElement;
if (!one || one === document.body || one === document.documentElement) return null;
const style = getComputedStyle(one), box = one.getBoundingClientRect();
const at = (x, y) =>
  document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
const points = [[.5, .5], [.1, .2], [.9, .8], [.1, .8], [.9, .2], [.5, .05], [.5, .95], [.05, .5]];
const around = hit => hit.contains(one) && hit.closest("main, form, li");
const own = hit => hit && (one.contains(hit) || around(hit));
const seen = points.some(([x, y]) => own(at(x, y)));
const ringed = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
const key = one.id || one;  // the preview is replaced while one goes through the letters
window.stops ??= new Map();
if (!window.stops.has(key)) window.stops.set(key, window.stops.size);
const label = one.labels?.[0]?.innerText;
const words = one.getAttribute("aria-label") || one.innerText || label || one.title || "";
return {
  number: window.stops.get(key),
  tag: one.localName,
  id: one.id,
  words: words.replace(/\\s+/g, " ").trim(),
  ring: ringed || one.localName === "iframe",
  seen: box.width > 0 && box.height > 0 && seen,
};
"""

_EXPECTED = """
const css = "a[href], button:not(:disabled), input:not([type=hidden]):not(:disabled), select, "
  + "textarea, summary, iframe, [tabindex='0']";
const there = one => one.checkVisibility({visibilityProperty: true});
const arrows = one => one.matches("[role=tab][tabindex='-1']");
const all = [...document.querySelectorAll(css)].filter(one => there(one) && !arrows(one));
const groups = new Map();
for (const one of all)
  if (one.type === "radio" && (one.checked || !groups.has(one.name))) groups.set(one.name, one);
window.stops = new Map();
const stops = all.filter(one => one.type !== "radio" || groups.get(one.name) === one);
for (const one of stops) window.stops.set(one.id || one, window.stops.size);
const jumping = [...document.querySelectorAll("[tabindex]")].filter(one => one.tabIndex > 0);
return [stops.length, jumping.length];
"""


@dataclass(frozen=True)
class Stop:
    """The element with the focus; `number` counts the stops of this document."""

    number: int
    tag: str
    id: str
    words: str
    ring: bool
    seen: bool

    @property
    def wrong(self) -> str:
        """Reason why a person cannot see the focus; empty if it is visible."""
        if not self.ring:
            return f"no ring: {self}"
        return "" if self.seen else f"hidden: {self}"


def press(browser: Chrome, *keys: str) -> None:
    """Press keys on the element with the focus."""
    ActionChains(browser, duration=0).send_keys(*keys).perform()


def back(browser: Chrome) -> None:
    """Press Shift+Tab."""
    chain = ActionChains(browser, duration=0).key_down(Keys.SHIFT).send_keys(Keys.TAB)
    chain.key_up(Keys.SHIFT).perform()


def stop(browser: Chrome) -> Stop | None:
    """Return the element with the focus, or None."""
    fields = browser.execute_script(_STOP)
    return Stop(**fields) if fields else None


def expected(browser: Chrome) -> tuple[int, int]:
    """Count the elements that Tab must reach, and those that change its order."""
    counts: list[int] = browser.execute_script(_EXPECTED)
    return counts[0], counts[1]


def tab_to(browser: Chrome, is_it: Callable[[Stop], bool], most: int = 250) -> Stop:
    """Press Tab until a stop is reached; each stop on the way must be visible."""
    passed: list[str] = []
    for _ in range(most):
        press(browser, Keys.TAB)
        at = stop(browser)
        if at is None:
            continue
        assert not at.wrong, at.wrong
        if is_it(at):
            return at
        passed.append(at.words or at.id or at.tag)
    raise AssertionError(f"it was not reached; there were {passed[:80]}")
