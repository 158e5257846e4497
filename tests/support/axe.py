"""The axe-core accessibility checks in the page, in several display modes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome

from support.browsers import Live

AXE = Path(__file__).parents[1] / "data" / "axe" / "axe.min.js"
STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

_FINDINGS = """
const done = arguments[arguments.length - 1];
const how = {runOnly: arguments[0], resultTypes: ["violations"], iframes: false, preload: false};
axe.run(document, how)
  .then(found => done(found.violations.flatMap(one => one.nodes.map(node =>
    `${one.id}: ${node.target.join(" ")}: ${(node.failureSummary || "").replace(/\\s+/g, " ")}`))))
  .catch(error => done([String(error)]));
"""


@dataclass(frozen=True)
class ViewingMode:
    """A way in which someone may look at the page."""

    name: str
    width: int = 1280
    language: str = "en"
    media: dict[str, str] = field(default_factory=dict)


VIEWING_MODES = (
    ViewingMode("light"),
    ViewingMode("dark", media={"prefers-color-scheme": "dark"}),
    ViewingMode("right to left", language="ar"),
    ViewingMode("narrow", width=320),
    ViewingMode("forced colours", media={"forced-colors": "active"}),
)


@contextmanager
def emulate(browser: Chrome, mode: ViewingMode) -> Iterator[None]:
    """Show what the browser loads from now on in a display mode."""
    _set(browser, mode)
    try:
        yield
    finally:
        _set(browser, ViewingMode(""))
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def _set(browser: Chrome, mode: ViewingMode) -> None:
    features = [{"name": name, "value": value} for name, value in mode.media.items()]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": features})
    size = {"width": mode.width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.execute_cdp_cmd("Network.enable", {})
    headers = {"headers": {"Accept-Language": mode.language}}
    browser.execute_cdp_cmd("Network.setExtraHTTPHeaders", headers)


@contextmanager
def axe(browser: Chrome) -> Iterator[None]:
    """Load axe into every document, past the page's own security policy."""
    source = {"source": AXE.read_text("utf-8")}
    script = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", source)
    try:
        yield
    finally:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)


def findings(page: Live) -> list[str]:
    """Return the accessibility faults that axe finds on the current screen."""
    faults: list[str] = page.browser.execute_async_script(_FINDINGS, list(STANDARDS))
    return faults


@contextmanager
def wait_for_next_screen(page: Live) -> Iterator[None]:
    """Wait at the end until another screen has loaded."""
    page.browser.execute_script("window.leaving = true")
    yield
    is_loaded = "return !window.leaving && document.readyState == 'complete'"
    page.wait(lambda browser: browser.execute_script(is_loaded), "the answer")


def send(page: Live, path: str, **fields: Any) -> None:  # noqa: ANN401 - what a form sends
    """Send a form as the page would, and wait for the next screen."""
    with wait_for_next_screen(page):
        page.browser.execute_script(_SEND, page.root + path, fields)


_SEND = """
const form = document.createElement("form");
[form.method, form.action] = ["post", arguments[0]];
for (const [name, value] of Object.entries(arguments[1])) {
  const field = document.createElement("input");
  [field.type, field.name, field.value] = ["hidden", name, value];
  form.append(field);
}
document.body.append(form);
form.submit();
"""
