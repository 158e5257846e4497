"""Every address that the page answers, from its own map of routes.

The tests therefore cover a new screen by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from urllib.parse import quote

from werkzeug.routing import Rule

from support.pages import Page

_NOT_THERE = "0123456789abcdef"
LAID_OUT = "letter.pages"
"""The route that needs LibreOffice, which takes seconds."""


def rules(page: Page, method: str) -> list[Rule]:
    """Return the routes of a method, without those of static files."""
    all_rules = page.client.application.url_map.iter_rules()
    return [
        rule for rule in all_rules if method in (rule.methods or ()) and rule.endpoint != "static"
    ]


def address(rule: Rule, values: Mapping[str, str]) -> str:
    """Return a route's address with values for its arguments."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: quote(values[match[1]], ""), rule.rule)


def values_of(page: Page, letters: int = 100) -> dict[str, list[str]]:
    """Return possible values of an address's arguments by name.

    The key "" has values for any other argument.
    """
    view = page.session.snapshot.view
    planned = list(view.letters)[:letters] if view else []
    person = view.campaign.identity.person_id if view else None
    ids = [planned_letter.step.letter.id for planned_letter in planned]
    pairs = [planned_letter.step.letter.pair for planned_letter in planned]
    people = [person_of_pair for pair in pairs for person_of_pair in (pair.signer, pair.recipient)]
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
    """Yield the addresses of all routes, with values of the campaign in them."""
    known = values_of(page, letters)
    for rule in rules(page, method):
        if rule.endpoint == LAID_OUT:
            continue
        names = sorted(rule.arguments)
        for values in product(*(known.get(name, known[""]) for name in names)):
            arguments = dict(zip(names, values, strict=True))
            path = address(rule, arguments)
            for query in QUERIES if method == "GET" else QUERIES[:1]:
                yield path + (f"?{query}" if query else "")
                if (
                    "letter_id" in arguments
                    and arguments["letter_id"] not in known["letter_id"][:4]
                ):
                    break
