"""All checks of a campaign, template by template, then sheet by sheet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from merge import messages
from merge.advice import TaskRemedy
from merge.affected_letters import Finding, PairFindings, finding_for_person
from merge.checks.data import (
    cell_warnings,
    foreign_date_warning,
    is_foreign_date,
    name_warnings,
    unused_column_problems,
    unused_pair_columns,
    unused_people_columns,
    unused_template_warnings,
)
from merge.checks.misspelt_headings import Misspelling, MisspellingFinder
from merge.checks.personal_text import PersonalText, PersonalTextFinder, missing_placeholders
from merge.errors import DataError
from merge.excel.dates import babel_language
from merge.messages.wording import FieldValue
from merge.naming import nearest_word
from merge.people import Column, Pair, People, Person
from merge.problems import Place, Problem, excerpt_around
from merge.template.campaign_templates import Templates
from merge.template.filters import TemplateValues, filling_fault
from merge.template.grammar import VariableName
from merge.template.jinja import FILLING_ERRORS
from merge.template.letter_values import FillContext
from merge.template.probes import TagProbe
from merge.template.tags import Tag, merge_field_name
from merge.template.template import CompiledTemplate
from merge.values import BLANK, Value
from merge.workbook.index import Owner, owner_of
from merge.workbook.reading import Workbook
from merge.workbook.translated_words import canonical_placeholder, says_no


@dataclass(frozen=True)
class CheckInput:
    """A campaign to be checked. `extra_names` are those that its settings use, as in file names."""

    book: Workbook
    templates: Templates
    fill_context: FillContext
    extra_names: frozenset[VariableName] = frozenset()

    @property
    def people(self) -> Mapping[str, People]:
        """Return both sheets of people by the root of their tags."""
        return {"signer": self.book.signers, "recipient": self.book.recipients}


def check_campaign(source: CheckInput) -> Iterator[Finding]:
    """Yield every problem that lies in templates, or in a workbook together with them."""
    available, templates = available_fields(source.book), source.templates
    left_overs = PersonalTextFinder(
        source.people, source.book.settings.fields, source.book.excluded_people
    )
    by_template = _recipients_by_template(source)
    judge = MisspellingFinder(source.people, templates.all_uses)
    meant = replace(source, book=_with_intended_names(source.book, templates, available, judge))
    for name in (*templates.compiled, *templates.problems):
        readers = None if by_template is None else by_template.get(name, frozenset())
        uses = [use for use in templates.uses.get(name, ()) if use[0].root in available.fields]
        for problem in (
            *templates.problems.get(name, ()),
            *unknown_name_problems(uses, available, judge),
        ):
            yield Finding(problem, None, readers)
        template = templates.compiled.get(name)
        if template is not None and readers != frozenset():
            for problem in (
                *template.problems,
                *unknown_name_problems(template.uses, available, judge),
            ):
                yield Finding(problem, None, readers)
            yield from _fixed_text_findings(source, template, readers, left_overs)
        if readers != frozenset():
            probes = template.probes if template is not None else templates.probes.get(name, ())
            yield from _probe_findings(meant, probes, readers)
    yield from _unknown_languages(source)
    yield from (Finding(problem) for problem in _sheet_warnings(source))


def _with_intended_names(
    book: Workbook, templates: Templates, available: AvailableFields, judge: MisspellingFinder
) -> Workbook:
    """Return the workbook, its surely misspelt columns under the names meant as well.

    So their cells are checked at once, and not when the heading is right.
    """
    unknown = {name for name, _ in templates.all_uses if not available.has(name)}
    found = {name: judge.find_misspelling(name) for name in unknown}
    meant = {
        (name.root, each.column.field): name.field
        for name, each in sorted(found.items(), key=str)
        if each is not None and each.is_sure
    }
    if not meant:
        return book
    both = (_with_second_names(people, meant) for people in (book.signers, book.recipients))
    signers, recipients = both
    return replace(book, signers=signers, recipients=recipients)


def _with_second_names(people: People, meant: Mapping[tuple[str, str], str]) -> People:
    """Return people whose columns have a second name, by kind and tag."""
    names = {tag: name for (kind, tag), name in meant.items() if kind == people.kind}

    def doubled(columns: Sequence[Column]) -> tuple[Column, ...]:
        more = (
            replace(c, placeholder=names[c.placeholder]) for c in columns if c.placeholder in names
        )
        return (*columns, *more)

    sheets = {s: replace(s, columns=doubled(s.columns)) for s in people.sheets}
    persons = (
        replace(
            person,
            fields={**person.fields, **{new: person.fields[tag] for tag, new in names.items()}},
            sheet=sheets.get(person.sheet, person.sheet),
        )
        for person in people.persons
    )
    own = (tuple(sheets.values()), doubled(people.columns), tuple(persons))
    return replace(people, sheets=own[0], columns=own[1], persons=own[2]) if names else people


def _probe_findings(
    source: CheckInput, probes: Iterable[TagProbe], readers: frozenset[str] | None
) -> Iterator[Finding]:
    available = available_fields(source.book)
    known = [probe for probe in probes if all(map(available.has, probe.names_read))]
    for problem in bare_condition_warnings(known, source.people):
        yield Finding(problem, None, readers)
    book = source.book
    places = {"settings": book.settings.place, "pair": book.pairing.place}
    context = CheckContext(book.signers, book.recipients, source.fill_context, places)
    pairs = (p for p in book.pairs() if readers is None or p.recipient.key in readers)
    for finding in check_values(known, context, pairs):
        yield finding if finding.recipients is not None else replace(finding, recipients=readers)


def _fixed_text_findings(
    source: CheckInput,
    template: CompiledTemplate,
    readers: frozenset[str] | None,
    left_overs: PersonalTextFinder,
) -> Iterator[Finding]:
    """Yield what a template says to everybody and should not."""
    pairs = _pairs_of(source.book, readers)
    missing = missing_placeholders(template, pairs)
    for problem in (*missing, *left_overs.problems(template, _users(pairs))):
        yield Finding(problem, None, readers)


def personal_text_in_templates(book: Workbook, templates: Templates) -> Iterator[PersonalText]:
    """Yield what is said of somebody in the templates' own text."""
    source_people = {"signer": book.signers, "recipient": book.recipients}
    left_overs = PersonalTextFinder(source_people, book.settings.fields, book.excluded_people)
    for name, template in templates.compiled.items():
        pairs = (p for p in book.pairs() if templates.name_for(p.recipient) == name)
        yield from left_overs.find(template, _users(pairs))


def _pairs_of(book: Workbook, readers: frozenset[str] | None) -> list[Pair]:
    return [p for p in book.pairs() if readers is None or p.recipient.key in readers]


def _users(pairs: Iterable[Pair]) -> frozenset[Owner]:
    return frozenset(owner_of(p) for pair in pairs for p in (pair.signer, pair.recipient))


def template_problems(book: Workbook, templates: Templates) -> Iterator[Problem]:
    """Yield what is wrong with templates where not all of the workbook could be read.

    A name is judged only where the sheet is there that it belongs to.
    """
    available = available_fields(book)
    people = {"signer": book.signers, "recipient": book.recipients}
    judge = MisspellingFinder(people, templates.all_uses)
    for name in (*templates.compiled, *templates.problems):
        template = templates.compiled.get(name)
        yield from template.problems if template else templates.problems[name]
        uses = template.uses if template else templates.uses.get(name, ())
        judged = set(book.fields) - book.unreadable_roots
        yield from unknown_name_problems(
            (use for use in uses if use[0].root in judged), available, judge
        )


def available_fields(book: Workbook) -> AvailableFields:
    """Return the names that the workbook offers to tags."""
    sheets = {"signer": book.signers.sheet, "recipient": book.recipients.sheet}
    return AvailableFields(book.fields, {**sheets, "pair": "Pairs", "settings": "Settings"})


def _recipients_by_template(source: CheckInput) -> Mapping[str, frozenset[str]] | None:
    """Return the recipients whose letters are made from each template; None where it is one."""
    templates = source.templates
    if len(templates.compiled) + len(templates.problems) == 1:
        return None
    found: dict[str, set[str]] = {}
    for person in source.book.recipients.persons:
        found.setdefault(templates.name_for(person), set()).add(person.key)
    return {name: frozenset(keys) for name, keys in found.items()}


def _unknown_languages(source: CheckInput) -> Iterator[Finding]:
    recipients = source.book.recipients
    for person in recipients.persons:
        language = person.fields.get("language", BLANK).strip()
        if language and not babel_language(language):
            place = person.place("language")
            problem = messages.problem("language-unknown", place, language=language)
            yield Finding(problem, None, frozenset({person.key}))


def _sheet_warnings(source: CheckInput) -> Iterator[Problem]:
    """Yield warnings about what is in the two sheets of people."""
    used = {name for t in source.templates.compiled.values() for name, _ in t.uses}
    for root, people in source.people.items():
        printed = sorted({n.field for n in used if n.root == root and n.field} | {"name"})
        yield from name_warnings(people)
        yield from cell_warnings(people, printed)
    yield from _foreign_dates(source)
    yield from _unused_problems(source)


def _unused_problems(source: CheckInput) -> Iterator[Problem]:
    """Yield what is said of columns and templates that no letter uses.

    What a template uses that cannot be read at all is not known: then nothing is said.
    """
    book, templates = source.book, source.templates
    if any(not templates.uses.get(name) for name in templates.problems):
        return
    used = {name for name, _ in templates.all_uses} | source.extra_names
    used |= MisspellingFinder(source.people, templates.all_uses).misspelt_columns()
    used |= _suggested_columns(available_fields(book), used)
    people = (
        u for r, p in source.people.items() for u in unused_people_columns(p, _fields(used, r))
    )
    for unused in (*people, unused_pair_columns(book.pairing, _fields(used, "pair"))):
        all_known = not templates.problems
        yield from unused_column_problems(unused, templates.files, all_known=all_known)
    yield from unused_template_warnings(templates, book.recipients.persons, book.excluded_people)


def _suggested_columns(
    available: AvailableFields, names: Iterable[VariableName]
) -> set[VariableName]:
    """Return the columns that are suggested for misspelt names."""
    near = (available.nearest(name) for name in names if not available.has(name))
    return {VariableName(*each.split(".", 1)) for one in near if one for each in one.split(" or ")}


def _fields(names: Iterable[VariableName], root: str) -> frozenset[str]:
    return frozenset(name.field for name in names if name.root == root)


_DATE_FILTER = re.compile(r"\|\s*date\b")
"""A tag with it prints a date in the letter's language."""


def _foreign_dates(source: CheckInput) -> Iterator[Problem]:
    """Warn of each cell whose date would be printed in another language than its letter's."""
    templates, seen = source.templates, set()
    usual, persons = source.fill_context.language, source.book.recipients.persons
    for file, template in templates.compiled.items():
        readers: dict[str, list[Person]] = {}
        for person in persons:
            if templates.name_for(person) == file:
                own = person.fields.get("language", BLANK)
                readers.setdefault(babel_language(own) or usual, []).append(person)
        printed = [p for p in template.probes if p.tag.kind == "value"]
        raw = [
            (p, name)
            for p in printed
            if not _DATE_FILTER.search(p.tag.body)
            for name in p.own_names
        ]
        for probe, name in raw:
            for place, value, language in _printed_values(source, name, readers):
                if place not in seen and is_foreign_date(value, language):
                    seen.add(place)
                    yield foreign_date_warning(value, place, probe.tag, language)


def _printed_values(
    source: CheckInput, name: VariableName, readers: Mapping[str, Sequence[Person]]
) -> Iterator[tuple[Place, Value, str]]:
    """Yield the values of a name that have digits, each with the languages of its letters."""
    book, tag = source.book, name.field
    for language, persons in readers.items():
        found: Iterable[tuple[Place, Value | None]] = ()
        if name.root == "recipient":
            found = ((p.place(tag), p.fields.get(tag)) for p in persons)
        elif name.root == "signer":
            every = book.signers.persons
            found = ((p.place(tag), p.fields.get(tag)) for p in every)
        elif name.root == "settings":
            found = [(book.settings.place(tag), book.settings.fields.get(tag))]
        elif name.root == "pair":
            rows = book.pairing.included_pairs.values()
            found = ((book.pairing.place(tag), row.get(tag)) for row in rows)
        for place, value in found:
            if value and any(map(str.isdigit, value)):
                yield place, value, language


# The faults of a template's tags, given the workbook: unknown names, blanks, conditions.


GLOBAL_NAMES = ("date", "language")
"""Names that belong to no sheet."""
PERSON_ROOTS = ("signer", "recipient")
"""The roots of names that are a person's."""


@dataclass(frozen=True, slots=True)
class AvailableFields:
    """What a workbook offers to tags: for each root its fields, and the sheet they stand in."""

    fields: Mapping[str, frozenset[str]]
    sheets: Mapping[str, str]

    def has(self, name: VariableName) -> bool:
        """Return whether a tag may use the name."""
        if name.root in GLOBAL_NAMES:
            return not name.field
        return name.field in self.fields.get(name.root, ())

    def nearest(self, name: VariableName) -> str:
        """Return the name that was probably meant, or two of them; empty where none is near.

        Never a column of the other person: the recipient's street under the signer's name would
        be a wrong letter. So a name behind a root that is near to none gets none of a person's.
        """
        both = [f"{root}.{name.root}" for root in self.fields if name.root in self.fields[root]]
        if not name.field and len(both) > 1:
            return " or ".join(both)
        field = name.field or name.root
        root = nearest_word(name.root, self.fields, 0.6, str)
        roots = [root] if root else []
        allowed = [r for r in self.fields if not name.field or r == root or r not in PERSON_ROOTS]
        longer = (f for f in sorted(self.fields.get(name.root, ())) if f.startswith(f"{field}_"))
        candidates = [
            *(f"{name.root}.{one}" for one in longer),
            *(f"{root}.{field}" for root in (*roots, *allowed) if field in self.fields[root]),
            *self._similar_names(roots, field, 0.6),
            *self._similar_names(allowed, field, 0.75),
        ]
        return next(iter(candidates), "")

    def other_person_sheet(self, name: VariableName) -> str:
        """Return the sheet of the other person where it has such a column; empty where not."""
        others = (
            r for r in PERSON_ROOTS if r != name.root and name.field in self.fields.get(r, ())
        )
        return self.sheets.get(next(others, ""), "") if name.root in PERSON_ROOTS else ""

    def _similar_names(self, roots: Iterable[str], field: str, cutoff: float) -> Iterator[str]:
        for root in roots:
            if near := nearest_word(field, sorted(self.fields[root]), cutoff, str):
                yield f"{root}.{near}"


def unknown_name_problems(
    uses: Iterable[tuple[VariableName, Tag]],
    available: AvailableFields,
    misspellings: MisspellingFinder | None = None,
) -> Iterator[Problem]:
    """Yield a problem for each name that no column makes, in each paragraph that uses it.

    If the heading of a column is misspelt, there is one problem, at the heading. `judge` knows
    that; without one the template is corrected.
    """
    told = set[VariableName]()
    for name, tag in dict.fromkeys(uses):
        if available.has(name) or name in told:
            continue
        found = misspellings.find_misspelling(name) if misspellings else None
        near = available.nearest(name)
        if found and found.is_sure:
            told.add(name)
            yield found.problem(tag.shown_text, near)
            continue
        yield unknown_name_problem(name, tag.place, available, tag, found)


def unknown_name_problem(
    name: VariableName,
    place: Place,
    available: AvailableFields,
    tag: Tag | None = None,
    heading: Misspelling | None = None,
) -> Problem:
    """Return the problem that a name is unknown, with the one that was probably meant.

    `heading` is one that may be misspelt instead.
    """
    sheet = available.sheets.get(name.root, "") if name.field else ""
    near, other = available.nearest(name), available.other_person_sheet(name)
    field = ""
    if tag and tag.field_label and near:
        field = merge_field_name(*near.partition(" or ")[0].split("."))
    fields: dict[str, FieldValue] = {
        "tag": tag.shown_text if tag else str(name),
        "near": None if field else near or None,
        "field": field or None,
        "names": None if near or other else TaskRemedy("placeholders"),
    }
    if name.root == "settings" and name.field:
        return messages.problem("name-unknown/setting", place, setting=name.field, **fields)
    return messages.problem(
        "name-unknown",
        place,
        **fields,
        sheet=sheet or None,
        column=name.field,
        name=None if sheet else str(name),
        other=None if near else other or None,
        heading=heading.heading if heading else None,
        at=str(heading.place) if heading else None,
    )


def render_problems(template: CompiledTemplate, values: TemplateValues) -> list[Problem]:
    """Return an error for each name that has no value, and for each blank in a sentence.

    `values` are those of one letter, frozen; each error stands at its tag.
    """
    people = {root: fields for root, fields in values.items() if isinstance(fields, Mapping)}
    available = AvailableFields({root: frozenset(own) for root, own in people.items()}, {})
    problems = []
    for name, tag in dict.fromkeys(template.uses):
        if not available.has(name):
            near = available.nearest(name)
            own = near.startswith(f"{name.root}.")  # another's value would be a wrong one
            problems.append(
                messages.problem(
                    "name-unknown/no-value",
                    tag.place,
                    tag=tag.shown_text,
                    name=str(name),
                    near=near if own else None,
                )
            )
    known = [probe for probe in template.probes if all(map(available.has, probe.names_read))]
    return [*problems, *_probe_problems(known, None, values)]


# What each tag would print for each person: blanks inside sentences, cells that cannot be used.
#
# A tag that names only the signer is asked once for each signer, one that names only the recipient
# once for each recipient; only where both are named, once for each pair.

_PERSON_ROOTS = set(PERSON_ROOTS)
NEVER_BLANK_PLACEHOLDERS = {"name", "salutation"}
"""Columns that are never blank where a template uses them, wherever they stand."""


@dataclass(frozen=True, slots=True)
class CheckContext:
    """Whom a template's letters are from and to."""

    signers: People
    recipients: People
    fill_context: FillContext
    other_places: Mapping[str, Callable[[str], Place]]
    """Where the fields of `settings` and `pair` stand, by root."""

    def sheet_of(self, name: VariableName) -> People | None:
        """Return the sheet that a name's column stands in, if it is one of people."""
        return {"signer": self.signers, "recipient": self.recipients}.get(name.root)


def check_values(
    probes: Sequence[TagProbe], context: CheckContext, pairs: Iterable[Pair]
) -> Iterator[Finding]:
    """Yield every problem that filling these pairs would meet, and every blank in a sentence."""
    facts = context.fill_context
    mixed = [probe for probe in probes if probe.roots >= _PERSON_ROOTS or "pair" in probe.roots]
    lone = [probe for probe in probes if probe not in mixed]
    signers: dict[str, Person] = {}
    recipients: dict[str, Person] = {}
    found = PairFindings()
    for pair in pairs:
        signers[pair.signer.key] = pair.signer
        recipients[pair.recipient.key] = pair.recipient
        if mixed:
            for problem in _probe_problems(mixed, context, facts.pair_values(pair), pair):
                found.add(problem, pair)
    yield from found.findings()
    general = [probe for probe in lone if not probe.roots & _PERSON_ROOTS]
    yield from (
        Finding(problem) for problem in _probe_problems(general, context, facts.shared_values())
    )
    own = [probe for probe in lone if "signer" in probe.roots]
    for person in signers.values() if own else ():
        for problem in _probe_problems(own, context, facts.signer_values(person), person):
            yield finding_for_person(problem, person)
    own = [probe for probe in lone if "recipient" in probe.roots]
    for person in recipients.values() if own else ():
        for problem in _probe_problems(own, context, facts.recipient_values(person), person):
            yield finding_for_person(problem, person)


def _probe_problems(
    probes: Sequence[TagProbe],
    context: CheckContext | None,
    values: TemplateValues,
    whom: Pair | Person | None = None,
) -> Iterator[Problem]:
    for probe in probes:
        try:
            if probe.is_blank(values) and _blank_is_error(probe):
                yield _blank_problem(probe, context, whom)
        except DataError as error:
            yield from error.problems
        except FILLING_ERRORS as error:
            tag = probe.tag
            fault = filling_fault(error, tag.shown_text, is_field=bool(tag.field_label))
            is_of_cell = fault.code in _CELL_ERRORS
            yield fault.to_problem((is_of_cell and _cell_place(probe, context, whom)) or tag.place)


_CELL_ERRORS = {
    *(
        "not-a-date",
        "time-missing",
        "not-a-number",
        "not-a-span",
        "not-a-colour",
        "too-much",
        "link-not-allowed",
    ),
}
"""What is wrong with a cell, not with the placeholder that prints it."""


def _blank_is_error(probe: TagProbe) -> bool:
    if probe.is_blank_allowed or probe.tag.kind != "value":
        return False
    return not probe.tag.is_collapsible or _is_never_blank(probe)


def _is_never_blank(probe: TagProbe) -> bool:
    return any(
        n.root in _PERSON_ROOTS and canonical_placeholder(n.field) in NEVER_BLANK_PLACEHOLDERS
        for n in probe.own_names
    )


def _blank_problem(
    probe: TagProbe, context: CheckContext | None, whom: Pair | Person | None
) -> Problem:
    """Return the problem of a blank, at the cell to fill where there is one."""
    tag = probe.tag
    place = _cell_place(probe, context, whom) or tag.place
    words = excerpt_around(tag.place.paragraph_text, tag.field_label or tag.body)
    if place.column and _is_never_blank(probe):
        return messages.problem("blank-in-sentence/never", place, words=words)
    body = " or ".join(map(str, probe.own_names)) if tag.field_label else tag.body
    optional = f"{{{{ {body}|optional }}}}"
    if place.row and not place.column:
        key, own = "blank-in-sentence/column", {"heading": _heading(probe, context, whom)}
    elif isinstance(whom, Pair) and any(name.root == "pair" for name in probe.own_names):
        key = "blank-in-sentence/pairs"
        return messages.problem(key, place, tag=tag.shown_text, optional=optional)
    elif not place.column:
        key, own = "blank-in-sentence/text", {"tag": tag.shown_text}
    else:
        key, own = "blank-in-sentence/field" if tag.field_label else "blank-in-sentence", {}
    return messages.problem(key, place, words=words, optional=optional, **own)


def _cell_place(
    probe: TagProbe, context: CheckContext | None, whom: Pair | Person | None
) -> Place | None:
    """Return the cell that a tag reads, a blank one first; None where it reads no cell."""
    if context is None:
        return None

    def is_filled(name: VariableName) -> bool:
        person = _person(name, whom)
        return person is None or bool(person.fields.get(name.field, BLANK).strip())

    for name in sorted(probe.own_names, key=is_filled):
        sheet, person = context.sheet_of(name), _person(name, whom)
        if sheet is not None and person is not None:
            return _headings_without_column(name, sheet, person) or person.place(name.field)
        if name.root in context.other_places:
            return context.other_places[name.root](name.field)
    return None


def _heading(probe: TagProbe, context: CheckContext | None, whom: Pair | Person | None) -> str:
    """Return the heading of the column that a tag reads and a person's sheet lacks."""
    for name in sorted(probe.own_names, key=str):
        people, person = context and context.sheet_of(name), _person(name, whom)
        if people and person and _headings_without_column(name, people, person):
            return next(c.heading.strip() for c in people.columns if c.placeholder == name.field)
    return ""


def _headings_without_column(name: VariableName, people: People, person: Person) -> Place | None:
    """Return the headings of the sheet of a person, if a column is not in it, but in another's."""
    if person.sheet.has_column(name.field) or not people.place(name.field).column:
        return None
    return person.sheet.place(person.sheet.heading_row)


def _person(name: VariableName, whom: Pair | Person | None) -> Person | None:
    if isinstance(whom, Pair):
        return {"signer": whom.signer, "recipient": whom.recipient}.get(name.root)
    return whom if whom is not None and whom.kind == name.root else None


@dataclass(frozen=True, slots=True)
class RemovedLine:
    """A tag in a line that closes up, the letters in which it does, and those of the template."""

    tag: Tag
    removed_count: int
    letter_count: int


def removed_lines(
    template: CompiledTemplate, facts: FillContext, pairs: Iterable[Pair]
) -> Iterator[RemovedLine]:
    """Yield the tags that are blank in some letters of the template, in the order of the text.

    Only tags that read one person: a blank that depends on two is rare, and costs a look at
    every pair.
    """
    persons: dict[str, Person] = {}
    counts: Counter[str] = Counter()
    total = 0
    for pair in pairs:
        total += 1
        for person in (pair.signer, pair.recipient):
            persons[person.kind + person.key] = person
            counts[person.kind + person.key] += 1
    for probe in template.probes:
        if (
            probe.tag.kind == "value"
            and probe.tag.is_collapsible
            and probe.tag.escape_context == "text"
        ):
            blank = sum(counts[k] for k, p in persons.items() if _is_blank_for(probe, p, facts))
            if blank:
                yield RemovedLine(probe.tag, blank, total)


def _is_blank_for(probe: TagProbe, person: Person, facts: FillContext) -> bool:
    if probe.roots & {*_PERSON_ROOTS, "pair"} != {person.kind}:
        return False
    values = (
        facts.signer_values(person) if person.kind == "signer" else facts.recipient_values(person)
    )
    try:
        return probe.is_blank(values)
    except (DataError, *FILLING_ERRORS):
        return False  # reported as a problem already


def bare_condition_warnings(
    probes: Iterable[TagProbe], people: Mapping[str, People]
) -> Iterator[Problem]:
    """Yield a warning for a bare if on a column with a written no, which counts as yes there."""
    for probe in probes:
        for name in sorted(probe.truth_tested_names, key=str):
            cell = _first_negative_cell(name, people)
            if cell:
                own = {"tag": probe.tag.shown_text, "name": str(name), **cell}
                yield messages.problem("condition-holds-for-no", probe.tag.place, **own)


def _first_negative_cell(name: VariableName, people: Mapping[str, People]) -> Mapping[str, str]:
    """Return the first cell of the column that says no, and its value; empty if none does."""
    sheet = people.get(name.root)
    if sheet is None:
        return {}
    for person in sheet.persons:
        value = person.fields.get(name.field)
        if value is None or value.native is False:
            continue
        if says_no(value) or value == "0":
            cell = f"{person.sheet.name}!{person.place(name.field).cell}"
            return {"cell": cell, "value": value}
    return {}
