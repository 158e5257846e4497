"""All checks of a campaign, template by template, then sheet by sheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from merge import messages
from merge.advice import TaskRemedy
from merge.affected_letters import Finding
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
from merge.checks.personal_text import PersonalTextFinder, missing_placeholders
from merge.checks.printed_values import (
    PERSON_ROOTS,
    TemplateCheckContext,
    bare_condition_warnings,
    check_people,
    check_values,
    probe_problems,
)
from merge.excel.dates import babel_language
from merge.messages.wording import FieldValue
from merge.naming import nearest_word
from merge.people import Column, Pair, People, Person
from merge.problems import Place, Problem
from merge.template.campaign_templates import Templates
from merge.template.filters import TemplateValues
from merge.template.grammar import VariableName
from merge.template.letter_values import LetterFillContext
from merge.template.probes import TagProbe
from merge.template.tags import Tag, merge_field_name
from merge.template.template import CompiledTemplate
from merge.values import BLANK, WorkbookValue
from merge.workbook.index import Owner, owner_of
from merge.workbook.reading import Workbook


@dataclass(frozen=True)
class CampaignCheckInput:
    """A campaign to check: its workbook, templates and shared values.

    `extra_names` are the names that its settings use, such as in File name.
    """

    book: Workbook
    templates: Templates
    fill_context: LetterFillContext
    extra_names: frozenset[VariableName] = frozenset()

    @property
    def people(self) -> Mapping[str, People]:
        """The signers and the recipients, by the root of their placeholders."""
        return {"signer": self.book.signers, "recipient": self.book.recipients}


def check_campaign(source: CampaignCheckInput) -> Iterator[Finding]:
    """Yield every problem of the templates, also together with the workbook."""
    available, templates = available_fields(source.book), source.templates
    text_finder = PersonalTextFinder(
        source.people, source.book.settings.fields, source.book.excluded_people
    )
    by_template = _recipients_by_template(source)
    misspellings = MisspellingFinder(source.people, templates.all_uses)
    intended_source = replace(
        source, book=_with_intended_names(source.book, templates, available, misspellings)
    )
    for name in (*templates.compiled, *templates.problems):
        recipient_keys = None if by_template is None else by_template.get(name, frozenset())
        uses = [use for use in templates.uses.get(name, ()) if use[0].root in available.fields]
        for problem in (
            *templates.problems.get(name, ()),
            *unknown_name_problems(uses, available, misspellings),
        ):
            yield Finding(problem, None, recipient_keys)
        template = templates.compiled.get(name)
        if template is not None and recipient_keys != frozenset():
            for problem in (
                *template.problems,
                *unknown_name_problems(template.uses, available, misspellings),
            ):
                yield Finding(problem, None, recipient_keys)
            yield from _fixed_text_findings(source, template, recipient_keys, text_finder)
        if recipient_keys != frozenset():
            yield from _probe_findings(intended_source, name, recipient_keys)
    yield from _unknown_languages(source)
    yield from (Finding(problem) for problem in _sheet_warnings(source))


def _with_intended_names(
    book: Workbook,
    templates: Templates,
    available: AvailableFields,
    misspellings: MisspellingFinder,
) -> Workbook:
    """Return the workbook with misspelt columns under the intended names too.

    So their cells are checked now, and not only when the heading is correct. This applies only to
    headings that are certainly misspelt.
    """
    unknown_names = {name for name, _ in templates.all_uses if not available.has(name)}
    misspelling_by_name = {name: misspellings.find_misspelling(name) for name in unknown_names}
    intended_names = {
        (name.root, misspelling.column.field): name.field
        for name, misspelling in sorted(misspelling_by_name.items(), key=str)
        if misspelling is not None and misspelling.is_sure
    }
    if not intended_names:
        return book
    both_sheets = (
        _with_second_names(people, intended_names) for people in (book.signers, book.recipients)
    )
    signers, recipients = both_sheets
    return replace(book, signers=signers, recipients=recipients)


def _with_second_names(people: People, intended_names: Mapping[tuple[str, str], str]) -> People:
    """Return people whose columns have a second placeholder.

    The second is given by kind and first placeholder.
    """
    names = {
        placeholder: name
        for (kind, placeholder), name in intended_names.items()
        if kind == people.kind
    }

    def with_second(columns: Sequence[Column]) -> tuple[Column, ...]:
        second_columns = (
            replace(c, placeholder=names[c.placeholder]) for c in columns if c.placeholder in names
        )
        return (*columns, *second_columns)

    sheets = {s: replace(s, columns=with_second(s.columns)) for s in people.sheets}
    persons = (
        replace(
            person,
            fields={
                **person.fields,
                **{second: person.fields[placeholder] for placeholder, second in names.items()},
            },
            sheet=sheets.get(person.sheet, person.sheet),
        )
        for person in people.persons
    )
    replaced_parts = (tuple(sheets.values()), with_second(people.columns), tuple(persons))
    return (
        replace(
            people, sheets=replaced_parts[0], columns=replaced_parts[1], persons=replaced_parts[2]
        )
        if names
        else people
    )


def _valid_probes(templates: Templates, name: str, available: AvailableFields) -> list[TagProbe]:
    """Return the probes of a template that read only names with a column."""
    template = templates.compiled.get(name)
    probes = template.probes if template is not None else templates.probes.get(name, ())
    return [probe for probe in probes if all(map(available.has, probe.names_read))]


def _check_context(source: CampaignCheckInput) -> TemplateCheckContext:
    book = source.book
    places = {"settings": book.settings.place, "pair": book.pairing.place}
    return TemplateCheckContext(book.signers, book.recipients, source.fill_context, places)


def _probe_findings(
    source: CampaignCheckInput, name: str, recipient_keys: frozenset[str] | None
) -> Iterator[Finding]:
    valid_probes = _valid_probes(source.templates, name, available_fields(source.book))
    for problem in bare_condition_warnings(valid_probes, source.people):
        yield Finding(problem, None, recipient_keys)
    pairs = (
        pair
        for pair in source.book.pairs()
        if recipient_keys is None or pair.recipient.key in recipient_keys
    )
    for finding in check_values(valid_probes, _check_context(source), pairs):
        yield (
            finding
            if finding.recipients is not None
            else replace(finding, recipients=recipient_keys)
        )


def _fixed_text_findings(
    source: CampaignCheckInput,
    template: CompiledTemplate,
    recipient_keys: frozenset[str] | None,
    text_finder: PersonalTextFinder,
) -> Iterator[Finding]:
    """Yield texts of a template that belong to one person, but go to everyone."""
    pairs = _pairs_of(source.book, recipient_keys)
    missing_warnings = missing_placeholders(template, pairs)
    for problem in (*missing_warnings, *text_finder.problems(template, _users(pairs))):
        yield Finding(problem, None, recipient_keys)


def _pairs_of(book: Workbook, recipient_keys: frozenset[str] | None) -> list[Pair]:
    return [p for p in book.pairs() if recipient_keys is None or p.recipient.key in recipient_keys]


def _users(pairs: Iterable[Pair]) -> frozenset[Owner]:
    return frozenset(owner_of(p) for pair in pairs for p in (pair.signer, pair.recipient))


def template_problems(book: Workbook, templates: Templates) -> Iterator[Problem]:
    """Yield problems that templates have by themselves or with the columns.

    A name is only checked if its sheet could be read.
    """
    available = available_fields(book)
    people = {"signer": book.signers, "recipient": book.recipients}
    misspellings = MisspellingFinder(people, templates.all_uses)
    for name in (*templates.compiled, *templates.problems):
        template = templates.compiled.get(name)
        yield from template.problems if template else templates.problems[name]
        uses = template.uses if template else templates.uses.get(name, ())
        readable_roots = set(book.fields) - book.unreadable_roots
        yield from unknown_name_problems(
            (use for use in uses if use[0].root in readable_roots), available, misspellings
        )


def incomplete_problems(source: CampaignCheckInput) -> Iterator[Problem]:
    """Yield the problems of a campaign that has no pairs yet.

    There may be no signers, or a sheet may be missing. The cells of all others are checked.
    """
    book, templates = source.book, source.templates
    yield from template_problems(book, templates)
    available = available_fields(book)
    misspellings = MisspellingFinder(source.people, templates.all_uses)
    intended_book = _with_intended_names(book, templates, available, misspellings)
    by_template = _recipients_by_template(source)
    for name in templates.names:
        keys = None if by_template is None else by_template.get(name, frozenset())
        recipients = [p for p in intended_book.recipients.persons if keys is None or p.key in keys]
        context = _check_context(replace(source, book=intended_book))
        probes = _valid_probes(templates, name, available_fields(intended_book))
        findings = check_people(probes, context, intended_book.signers.persons, recipients)
        yield from (finding.problem for finding in findings)


def available_fields(book: Workbook) -> AvailableFields:
    """Return the names that the workbook offers to placeholders."""
    sheets = {"signer": book.signers.sheet, "recipient": book.recipients.sheet}
    return AvailableFields(book.fields, {**sheets, "pair": "Pairs", "settings": "Settings"})


def _recipients_by_template(source: CampaignCheckInput) -> Mapping[str, frozenset[str]] | None:
    """Return the recipients whose letters are created from each template.

    None if there is only one template.
    """
    templates = source.templates
    if len(templates.compiled) + len(templates.problems) == 1:
        return None
    keys_by_template: dict[str, set[str]] = {}
    for person in source.book.recipients.persons:
        keys_by_template.setdefault(templates.name_for(person), set()).add(person.key)
    return {name: frozenset(keys) for name, keys in keys_by_template.items()}


def _unknown_languages(source: CampaignCheckInput) -> Iterator[Finding]:
    recipients = source.book.recipients
    for person in recipients.persons:
        language = person.fields.get("language", BLANK).strip()
        if language and not babel_language(language):
            place = person.place("language")
            problem = messages.problem("language-unknown", place, language=language)
            yield Finding(problem, None, frozenset({person.key}))


def _sheet_warnings(source: CampaignCheckInput) -> Iterator[Problem]:
    """Yield warnings about the contents of the two sheets of people."""
    used_names = {
        name for template in source.templates.compiled.values() for name, _ in template.uses
    }
    for root, people in source.people.items():
        printed_columns = sorted(
            {n.field for n in used_names if n.root == root and n.field} | {"name"}
        )
        yield from name_warnings(people)
        yield from cell_warnings(people, printed_columns)
    yield from _foreign_dates(source)
    yield from _unused_problems(source)


def _unused_problems(source: CampaignCheckInput) -> Iterator[Problem]:
    """Yield problems of columns and templates that no letter uses.

    If a template cannot be read at all, its names are unknown, and there are no such problems.
    """
    book, templates = source.book, source.templates
    if any(not templates.uses.get(name) for name in templates.problems):
        return
    used_names = {name for name, _ in templates.all_uses} | source.extra_names
    used_names |= MisspellingFinder(source.people, templates.all_uses).misspelt_columns()
    used_names |= _suggested_columns(available_fields(book), used_names)
    people = (
        u
        for r, p in source.people.items()
        for u in unused_people_columns(p, _fields(used_names, r))
    )
    for unused in (*people, unused_pair_columns(book.pairing, _fields(used_names, "pair"))):
        all_known = not templates.problems
        yield from unused_column_problems(unused, templates.files, all_known=all_known)
    yield from unused_template_warnings(templates, book.recipients.persons, book.excluded_people)


def _suggested_columns(
    available: AvailableFields, names: Iterable[VariableName]
) -> set[VariableName]:
    """Return the columns that are suggested for misspelt names."""
    suggestions = (available.nearest(name) for name in names if not available.has(name))
    return {
        VariableName(*name_text.split(".", 1))
        for suggestion in suggestions
        if suggestion
        for name_text in suggestion.split(" or ")
    }


def _fields(names: Iterable[VariableName], root: str) -> frozenset[str]:
    return frozenset(name.field for name in names if name.root == root)


_DATE_FILTER = re.compile(r"\|\s*date\b")
"""A placeholder with it prints a date in the letter's language."""


def _foreign_dates(source: CampaignCheckInput) -> Iterator[Problem]:
    """Yield a warning for each date in another language than its letter."""
    templates, reported_places = source.templates, set()
    default_language, persons = source.fill_context.language, source.book.recipients.persons
    for file, template in templates.compiled.items():
        recipients_by_language: dict[str, list[Person]] = {}
        for person in persons:
            if templates.name_for(person) == file:
                language_cell = person.fields.get("language", BLANK)
                recipients_by_language.setdefault(
                    babel_language(language_cell) or default_language, []
                ).append(person)
        value_probes = [p for p in template.probes if p.tag.kind == "value"]
        probes_and_names = [
            (p, name)
            for p in value_probes
            if not _DATE_FILTER.search(p.tag.body)
            for name in p.own_names
        ]
        for probe, name in probes_and_names:
            for place, value, language in _printed_values(source, name, recipients_by_language):
                if place not in reported_places and is_foreign_date(value, language):
                    reported_places.add(place)
                    yield foreign_date_warning(value, place, probe.tag, language)


def _printed_values(
    source: CampaignCheckInput,
    name: VariableName,
    recipients_by_language: Mapping[str, Sequence[Person]],
) -> Iterator[tuple[Place, WorkbookValue, str]]:
    """Yield the values of a name that have digits, with letters' languages."""
    book, placeholder = source.book, name.field
    for language, persons in recipients_by_language.items():
        places_and_values: Iterable[tuple[Place, WorkbookValue | None]] = ()
        if name.root == "recipient":
            places_and_values = ((p.place(placeholder), p.fields.get(placeholder)) for p in persons)
        elif name.root == "signer":
            signers = book.signers.persons
            places_and_values = ((p.place(placeholder), p.fields.get(placeholder)) for p in signers)
        elif name.root == "settings":
            places_and_values = [
                (book.settings.place(placeholder), book.settings.fields.get(placeholder))
            ]
        elif name.root == "pair":
            pair_fields = book.pairing.included_pairs.values()
            places_and_values = (
                (book.pairing.place(placeholder), row.get(placeholder)) for row in pair_fields
            )
        for place, value in places_and_values:
            if value and any(map(str.isdigit, value)):
                yield place, value, language


# Problems of a template's placeholders with this workbook: unknown names, blanks, conditions.


GLOBAL_NAMES = ("date", "language")
"""Names that belong to no sheet."""


@dataclass(frozen=True, slots=True)
class AvailableFields:
    """Names that a workbook offers to placeholders: fields and sheets.

    Both are by the root of the placeholders.
    """

    fields: Mapping[str, frozenset[str]]
    sheets: Mapping[str, str]

    def has(self, name: VariableName) -> bool:
        """Return whether a placeholder may use the name."""
        if name.root in GLOBAL_NAMES:
            return not name.field
        return name.field in self.fields.get(name.root, ())

    def nearest(self, name: VariableName) -> str:
        """Return the placeholder that was probably meant, or two; or "".

        It is never a column of the other person, because the recipient's street under the signer's
        name would be a wrong letter. So a name with an unknown root gets no suggestion from a
        person's columns.
        """
        full_names = [
            f"{root}.{name.root}" for root in self.fields if name.root in self.fields[root]
        ]
        if not name.field and len(full_names) > 1:
            return " or ".join(full_names)
        field = name.field or name.root
        root = nearest_word(name.root, self.fields, 0.6, str)
        roots = [root] if root else []
        allowed_roots = [
            r for r in self.fields if not name.field or r == root or r not in PERSON_ROOTS
        ]
        longer_fields = (
            f for f in sorted(self.fields.get(name.root, ())) if f.startswith(f"{field}_")
        )
        candidates = [
            *(f"{name.root}.{longer_field}" for longer_field in longer_fields),
            *(f"{root}.{field}" for root in (*roots, *allowed_roots) if field in self.fields[root]),
            *self._similar_names(roots, field, 0.6),
            *self._similar_names(allowed_roots, field, 0.75),
        ]
        return next(iter(candidates), "")

    def other_person_sheet(self, name: VariableName) -> str:
        """Return the sheet of the other person if it has this column, else ""."""
        other_roots = (
            r for r in PERSON_ROOTS if r != name.root and name.field in self.fields.get(r, ())
        )
        return self.sheets.get(next(other_roots, ""), "") if name.root in PERSON_ROOTS else ""

    def _similar_names(self, roots: Iterable[str], field: str, cutoff: float) -> Iterator[str]:
        for root in roots:
            if similar_field := nearest_word(field, sorted(self.fields[root]), cutoff, str):
                yield f"{root}.{similar_field}"


def unknown_name_problems(
    uses: Iterable[tuple[VariableName, Tag]],
    available: AvailableFields,
    misspellings: MisspellingFinder | None = None,
) -> Iterator[Problem]:
    """Yield a problem for each unknown name, in each paragraph that uses it.

    If a column's heading is misspelt, there is one problem, at the heading. `misspellings` finds
    these; without it, the template is considered wrong.
    """
    reported_names = set[VariableName]()
    for name, tag in dict.fromkeys(uses):
        if available.has(name) or name in reported_names:
            continue
        misspelling = misspellings.find_misspelling(name) if misspellings else None
        suggestion = available.nearest(name)
        if misspelling and misspelling.is_sure:
            reported_names.add(name)
            yield misspelling.problem(tag.shown_text, suggestion)
            continue
        yield unknown_name_problem(name, tag.place, available, tag, misspelling)


def unknown_name_problem(
    name: VariableName,
    place: Place,
    available: AvailableFields,
    tag: Tag | None = None,
    heading: Misspelling | None = None,
) -> Problem:
    """Return the problem of an unknown name, with the name probably meant.

    `heading` is a heading that may be misspelt instead.
    """
    sheet = available.sheets.get(name.root, "") if name.field else ""
    suggestion, other_sheet = available.nearest(name), available.other_person_sheet(name)
    merge_field = ""
    if tag and tag.field_label and suggestion:
        merge_field = merge_field_name(*suggestion.partition(" or ")[0].split("."))
    fields: dict[str, FieldValue] = {
        "tag": tag.shown_text if tag else str(name),
        "near": None if merge_field else suggestion or None,
        "field": merge_field or None,
        "names": None if suggestion or other_sheet else TaskRemedy("placeholders"),
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
        other=None if suggestion else other_sheet or None,
        responses="form responses" if name.root == "signer" and fields["names"] else None,
        heading=heading.heading if heading else None,
        at=str(heading.place) if heading else None,
    )


def render_problems(template: CompiledTemplate, values: TemplateValues) -> list[Problem]:
    """Return an error for each name without value and blank in a sentence.

    `values` are those of one letter, frozen. The place of each error is its placeholder.
    """
    people = {root: fields for root, fields in values.items() if isinstance(fields, Mapping)}
    available = AvailableFields({root: frozenset(names) for root, names in people.items()}, {})
    problems = []
    for name, tag in dict.fromkeys(template.uses):
        if not available.has(name):
            suggestion = available.nearest(name)
            names = suggestion.startswith(
                f"{name.root}."
            )  # a value of another person would be wrong
            problems.append(
                messages.problem(
                    "name-unknown/no-value",
                    tag.place,
                    tag=tag.shown_text,
                    name=str(name),
                    near=suggestion if names else None,
                )
            )
    valid_probes = [probe for probe in template.probes if all(map(available.has, probe.names_read))]
    return [*problems, *probe_problems(valid_probes, None, values)]
