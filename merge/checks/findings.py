"""All checks of a campaign, template by template, then sheet by sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from merge.checks.data import doubtful_cells, doubtful_names, english_dates, unused_columns
from merge.checks.tags import (
    AvailableFields,
    CheckContext,
    bare_conditions,
    check_values,
    unknown_names,
)
from merge.excel.dates import known_language, month_names
from merge.model import BLANK, Finding, People, Problem
from merge.template.grammar import VariableName
from merge.template.library import FillContext, Templates
from merge.template.template import CompiledTemplate
from merge.workbook.reading import Workbook


@dataclass(frozen=True)
class CheckInput:
    """A campaign to be checked. `extra_names` are those that its settings use, as in file names."""

    book: Workbook
    templates: Templates
    facts: FillContext
    extra_names: frozenset[VariableName] = frozenset()

    @property
    def people(self) -> Mapping[str, People]:
        """Return both sheets of people by the root of their tags."""
        return {"signer": self.book.signers, "recipient": self.book.recipients}


def check_campaign(source: CheckInput) -> Iterator[Finding]:
    """Yield every problem that lies in templates, or in a workbook together with them."""
    available, templates = available_fields(source.book), source.templates
    for name in (*templates.compiled, *templates.problems):
        readers = _recipients_by_template(source, name)
        uses = [use for use in templates.uses.get(name, ()) if use[0].root in available.fields]
        for problem in (*templates.problems.get(name, ()), *unknown_names(uses, available)):
            yield Finding(problem, None, readers)
        template = templates.compiled.get(name)
        if template is not None and readers != frozenset():
            yield from _template_findings(source, template, readers, available)
    yield from _unknown_languages(source)
    yield from (Finding(problem) for problem in _sheet_warnings(source))


def _template_findings(
    source: CheckInput,
    template: CompiledTemplate,
    readers: frozenset[str] | None,
    available: AvailableFields,
) -> Iterator[Finding]:
    for problem in (*template.problems, *unknown_names(template.uses, available)):
        yield Finding(problem, None, readers)
    known = [probe for probe in template.probes if all(map(available.has, probe.reads))]
    for problem in bare_conditions(known, source.people):
        yield Finding(problem, None, readers)
    book = source.book
    places = {"settings": book.settings.place, "pair": book.pairing.place}
    context = CheckContext(book.signers, book.recipients, source.facts, places)
    pairs = (p for p in book.pairs() if readers is None or p.recipient.key in readers)
    for finding in check_values(known, context, pairs):
        yield finding if finding.recipients is not None else replace(finding, recipients=readers)


def available_fields(book: Workbook) -> AvailableFields:
    """Return the names that the workbook offers to tags."""
    sheets = {"signer": book.signers.sheet, "recipient": book.recipients.sheet}
    return AvailableFields(book.fields, {**sheets, "pair": "Pairs", "settings": "Settings"})


def _recipients_by_template(source: CheckInput, name: str) -> frozenset[str] | None:
    """Return the recipients whose letters are made from a template; None where all are."""
    templates = source.templates
    if len(templates.compiled) + len(templates.problems) == 1:
        return None
    persons = source.book.recipients.persons
    return frozenset(p.key for p in persons if templates.name_for(p) == name)


def _unknown_languages(source: CheckInput) -> Iterator[Finding]:
    recipients = source.book.recipients
    for person in recipients.persons:
        language = person.fields.get("language", BLANK).strip()
        if language and not known_language(language):
            what = f'there is no language "{language}".'
            hint = "Write its code: en, fr, de, es, ru, ar…"
            place = recipients.place(person.row, "language")
            problem = Problem("language-unknown", place, what, hint)
            yield Finding(problem, None, frozenset({person.key}))


def _sheet_warnings(source: CheckInput) -> Iterator[Problem]:
    """Yield warnings about what is in the two sheets of people."""
    used = {name for t in source.templates.compiled.values() for name, _ in t.uses}
    for root, people in source.people.items():
        printed = sorted({n.field for n in used if n.root == root and n.field} | {"name"})
        yield from doubtful_names(people)
        yield from doubtful_cells(people, printed)
        yield from english_dates(people, printed, _foreign_months(source, people))
        if not source.templates.problems:
            extra = {n.field for n in source.extra_names if n.root == root}
            yield from unused_columns(people, {*printed, *extra})


def _foreign_months(source: CheckInput, people: People) -> dict[str, frozenset[str]]:
    """Return the months' names in each person's letters, where these are not English.

    Signers, whose letters may be in several languages, are judged by the usual one.
    """
    usual, found = source.facts.language, {}
    for person in people.persons:
        own = person.fields.get("language", BLANK) if people.kind == "recipient" else BLANK
        language = known_language(own) or usual
        if not language.startswith("en"):
            found[person.key] = month_names(language)
    return found
