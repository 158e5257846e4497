"""All checks of a campaign, template by template."""

from __future__ import annotations

from collections.abc import Iterator

from merge.checks.blanks import Cast, check_values
from merge.checks.finding import Finding
from merge.checks.names import Offer, unknown_names
from merge.templates import Templates
from merge.tree import Facts
from merge.workbook import Workbook


def check_campaign(book: Workbook, templates: Templates, facts: Facts) -> Iterator[Finding]:
    """Every problem that lies in templates, or in a workbook together with them."""
    cast = Cast(book.signers, book.recipients, facts)
    offer = offer_of(book)
    for name in (*templates.compiled, *templates.problems):
        readers = _readers(book, templates, name)
        for problem in templates.problems.get(name, ()):
            yield Finding(problem, None, readers)
        template = templates.compiled.get(name)
        if template is None or readers == frozenset():
            continue
        unknown = list(unknown_names(template.uses, offer))
        yield from (Finding(problem, None, readers) for problem in unknown)
        names = {name for name, _ in template.uses if not offer.has(name)}
        asks = [ask for ask in template.asks if not names & set(ask.reads)]
        own = (p for p in book.pairs() if readers is None or p.recipient.key in readers)
        yield from check_values(asks, cast, own)


def offer_of(book: Workbook) -> Offer:
    """The names that the workbook offers to tags."""
    people = {"signer": book.signers, "recipient": book.recipients}
    fields = {root: frozenset(c.tag for c in own.columns) for root, own in people.items()}
    fields["pair"] = frozenset(c.tag for c in book.pairing.columns)
    fields["settings"] = frozenset(book.settings.fields)
    sheets = {root: own.sheet for root, own in people.items()}
    return Offer(fields, {**sheets, "pair": "Pairs", "settings": "Settings"})


def _readers(book: Workbook, templates: Templates, name: str) -> frozenset[str] | None:
    """The recipients whose letters are made from a template; None where all are."""
    if len(templates.compiled) + len(templates.problems) == 1:
        return None
    persons = book.recipients.persons
    return frozenset(p.key for p in persons if templates.name_for(p) == name)
