"""Every address that the page answers, by its own map: so that a new screen is there by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from urllib.parse import quote

from werkzeug.routing import Rule

from support.pages import Page

_NOT_THERE = "0123456789abcdef"
LAID_OUT = "letter.pages"
"""The route that takes LibreOffice seconds."""


def rules(page: Page, method: str) -> list[Rule]:
    """Return the routes of a method, but for our own files."""
    every = page.client.application.url_map.iter_rules()
    return [one for one in every if method in (one.methods or ()) and one.endpoint != "static"]


def address(rule: Rule, values: Mapping[str, str]) -> str:
    """Return a route's address, with any text for its arguments."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: quote(values[found[1]], ""), rule.rule)


def values_of(page: Page, letters: int = 100) -> dict[str, list[str]]:
    """Return what may stand in an address, by its name there; else any of all."""
    view = page.session.snapshot.view
    planned = list(view.letters)[:letters] if view else []
    person = view.campaign.identity.person_id if view else None
    ids = [one.step.letter.id for one in planned]
    pairs = [one.step.letter.pair for one in planned]
    people = [each for pair in pairs for each in (pair.signer, pair.recipient)]
    hashes = sorted({*map(person, people)}) if person else []
    known = {
        "key": [page.key],
        "letter_id": [*ids, _NOT_THERE],
        "signer": [*hashes[:2], _NOT_THERE],
        "recipient": [*hashes[:2], _NOT_THERE],
    }
    return {**known, "": [*ids[:2], *hashes[:2], "0", "1", "x", _NOT_THERE]}


QUERIES = (
    *("", "show=changes", "show=data", "show=pages", "view=list", "state=edited", "page=2"),
    "made=1",
)


def paths(page: Page, *, method: str = "GET", letters: int = 100) -> Iterator[str]:
    """Give the addresses of all routes, with what stands in the campaign for their arguments."""
    known = values_of(page, letters)
    for rule in rules(page, method):
        if rule.endpoint == LAID_OUT:
            continue
        names = sorted(rule.arguments)
        for values in product(*(known.get(name, known[""]) for name in names)):
            given = dict(zip(names, values, strict=True))
            built = address(rule, given)
            for query in QUERIES if method == "GET" else QUERIES[:1]:
                yield built + (f"?{query}" if query else "")
                if "letter_id" in given and given["letter_id"] not in known["letter_id"][:4]:
                    break
