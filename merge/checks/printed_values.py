"""Values that placeholders would print: blanks, unusable cells.

A placeholder with signer names only is evaluated once per signer, one with recipient names only
once per recipient. Only one with both is evaluated once per pair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from merge import messages
from merge.affected_letters import Finding, PairFindings, finding_for_person
from merge.errors import DataError
from merge.people import Pair, People, Person
from merge.problems import Place, Problem, excerpt_around
from merge.template.filters import TemplateValues, filling_fault
from merge.template.grammar import VariableName
from merge.template.jinja import FILLING_ERRORS
from merge.template.letter_values import LetterFillContext
from merge.template.probes import TagProbe
from merge.template.tags import Tag
from merge.template.template import CompiledTemplate
from merge.values import BLANK
from merge.workbook.translated_words import canonical_placeholder, says_no

PERSON_ROOTS = ("signer", "recipient")
"""The roots of a person's names."""
_PERSON_ROOT_SET = set(PERSON_ROOTS)
NEVER_BLANK_PLACEHOLDERS = {"name", "salutation"}
"""Columns that must not be blank if a template uses them, anywhere."""


@dataclass(frozen=True, slots=True)
class TemplateCheckContext:
    """The people of a template's letters, and places of other fields."""

    signers: People
    recipients: People
    fill_context: LetterFillContext
    other_places: Mapping[str, Callable[[str], Place]]
    """Places of the fields of `settings` and `pair`, by root."""

    def sheet_of(self, name: VariableName) -> People | None:
        """Return the sheet of people with a placeholder's column, or None."""
        return {"signer": self.signers, "recipient": self.recipients}.get(name.root)


def check_values(
    probes: Sequence[TagProbe], context: TemplateCheckContext, pairs: Iterable[Pair]
) -> Iterator[Finding]:
    """Yield the problems of filling these pairs, and blanks in sentences."""
    fill_context = context.fill_context
    pair_probes = [
        probe for probe in probes if probe.roots >= _PERSON_ROOT_SET or "pair" in probe.roots
    ]
    signers: dict[str, Person] = {}
    recipients: dict[str, Person] = {}
    pair_findings = PairFindings()
    for pair in pairs:
        signers[pair.signer.key] = pair.signer
        recipients[pair.recipient.key] = pair.recipient
        if pair_probes:
            for problem in probe_problems(
                pair_probes, context, fill_context.pair_values(pair), pair
            ):
                pair_findings.add(problem, pair)
    yield from pair_findings.findings()
    person_probes = [probe for probe in probes if probe not in pair_probes]
    yield from check_people(person_probes, context, signers.values(), recipients.values())


def check_people(
    probes: Sequence[TagProbe],
    context: TemplateCheckContext,
    signers: Iterable[Person],
    recipients: Iterable[Person],
) -> Iterator[Finding]:
    """Yield the problems of placeholders that need no more than one person."""
    fill_context = context.fill_context
    general_probes = [probe for probe in probes if not probe.roots & {*_PERSON_ROOT_SET, "pair"}]
    yield from (
        Finding(problem)
        for problem in probe_problems(general_probes, context, fill_context.shared_values())
    )
    sides = (
        ({"signer"}, signers, fill_context.signer_values),
        ({"recipient"}, recipients, fill_context.recipient_values),
    )
    for roots, people, values_of in sides:
        probes_of_side = [p for p in probes if p.roots & {*_PERSON_ROOT_SET, "pair"} == roots]
        for person in people if probes_of_side else ():
            for problem in probe_problems(probes_of_side, context, values_of(person), person):
                yield finding_for_person(problem, person)


def probe_problems(
    probes: Sequence[TagProbe],
    context: TemplateCheckContext | None,
    values: TemplateValues,
    subject: Pair | Person | None = None,
) -> Iterator[Problem]:
    """Yield what is wrong with these values, at the subject's cells if known."""
    for probe in probes:
        try:
            if probe.is_blank(values) and _blank_is_error(probe):
                yield _blank_problem(probe, context, subject)
        except DataError as error:
            yield from error.problems
        except FILLING_ERRORS as error:
            tag = probe.tag
            fault = filling_fault(error, tag.shown_text, is_field=bool(tag.field_label))
            is_of_cell = fault.code in _CELL_ERRORS
            yield fault.to_problem(
                (is_of_cell and _cell_place(probe, context, subject)) or tag.place
            )


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
"""Codes of errors in a cell, not in the placeholder that prints it."""


def _blank_is_error(probe: TagProbe) -> bool:
    if probe.is_blank_allowed or probe.tag.kind != "value":
        return False
    return not probe.tag.is_collapsible or _is_never_blank(probe)


def _is_never_blank(probe: TagProbe) -> bool:
    return any(
        n.root in _PERSON_ROOT_SET and canonical_placeholder(n.field) in NEVER_BLANK_PLACEHOLDERS
        for n in probe.own_names
    )


def _blank_problem(
    probe: TagProbe, context: TemplateCheckContext | None, subject: Pair | Person | None
) -> Problem:
    """Return the problem of a placeholder without value, at the blank cell."""
    tag = probe.tag
    place = _cell_place(probe, context, subject) or tag.place
    words = excerpt_around(tag.place.paragraph_text, tag.field_label or tag.body)
    if place.column and _is_never_blank(probe):
        return messages.problem("blank-in-sentence/never", place, words=words)
    body = " or ".join(map(str, probe.own_names)) if tag.field_label else tag.body
    optional = f"{{{{ {body}|optional }}}}"
    if place.row and not place.column:
        key, more_fields = (
            "blank-in-sentence/column",
            {"heading": _heading(probe, context, subject)},
        )
    elif isinstance(subject, Pair) and any(name.root == "pair" for name in probe.own_names):
        key = "blank-in-sentence/pairs"
        return messages.problem(key, place, tag=tag.shown_text, optional=optional)
    elif not place.column:
        key, more_fields = "blank-in-sentence/text", {"tag": tag.shown_text}
    else:
        key, more_fields = "blank-in-sentence/field" if tag.field_label else "blank-in-sentence", {}
    return messages.problem(key, place, words=words, optional=optional, **more_fields)


def _cell_place(
    probe: TagProbe, context: TemplateCheckContext | None, subject: Pair | Person | None
) -> Place | None:
    """Return the cell that a placeholder reads, preferably a blank one.

    None if it reads no cell.
    """
    if context is None:
        return None

    def is_filled(name: VariableName) -> bool:
        person = _person(name, subject)
        return person is None or bool(person.fields.get(name.field, BLANK).strip())

    for name in sorted(probe.own_names, key=is_filled):
        sheet, person = context.sheet_of(name), _person(name, subject)
        if sheet is not None and person is not None:
            return _headings_without_column(name, sheet, person) or person.place(name.field)
        if name.root in context.other_places:
            return context.other_places[name.root](name.field)
    return None


def _heading(
    probe: TagProbe, context: TemplateCheckContext | None, subject: Pair | Person | None
) -> str:
    """Return the heading of a column that the person's own sheet lacks."""
    for name in sorted(probe.own_names, key=str):
        people, person = context and context.sheet_of(name), _person(name, subject)
        if people and person and _headings_without_column(name, people, person):
            return next(c.heading.strip() for c in people.columns if c.placeholder == name.field)
    return ""


def _headings_without_column(name: VariableName, people: People, person: Person) -> Place | None:
    """Return the heading row of a person's sheet if a column is missing there.

    None if it has the column, or no other sheet has it.
    """
    if person.sheet.has_column(name.field) or not people.place(name.field).column:
        return None
    return person.sheet.place(person.sheet.heading_row)


def _person(name: VariableName, subject: Pair | Person | None) -> Person | None:
    if isinstance(subject, Pair):
        return {"signer": subject.signer, "recipient": subject.recipient}.get(name.root)
    return subject if subject is not None and subject.kind == name.root else None


@dataclass(frozen=True, slots=True)
class RemovedLine:
    """A placeholder in a line that is removed if blank, with its counts.

    `removed_count` is the number of letters without the line, `letter_count` the number of all
    letters.
    """

    tag: Tag
    removed_count: int
    letter_count: int


def removed_lines(
    template: CompiledTemplate, fill_context: LetterFillContext, pairs: Iterable[Pair]
) -> Iterator[RemovedLine]:
    """Yield lines that some letters lack because a placeholder is blank there.

    Only placeholders with names of one person count. A blank that depends on two people is rare,
    and would need a check of every pair.
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
            blank_count = sum(
                counts[k] for k, p in persons.items() if _is_blank_for(probe, p, fill_context)
            )
            if blank_count:
                yield RemovedLine(probe.tag, blank_count, total)


def _is_blank_for(probe: TagProbe, person: Person, fill_context: LetterFillContext) -> bool:
    if probe.roots & {*_PERSON_ROOT_SET, "pair"} != {person.kind}:
        return False
    values = (
        fill_context.signer_values(person)
        if person.kind == "signer"
        else fill_context.recipient_values(person)
    )
    try:
        return probe.is_blank(values)
    except (DataError, *FILLING_ERRORS):
        return False  # reported as a problem already


def bare_condition_warnings(
    probes: Iterable[TagProbe], people: Mapping[str, People]
) -> Iterator[Problem]:
    """Yield a warning for an `if` on a column that contains a written no.

    Such a condition treats any text as yes.
    """
    for probe in probes:
        for name in sorted(probe.truth_tested_names, key=str):
            negative_cell = _first_negative_cell(name, people)
            if negative_cell:
                fields = {"tag": probe.tag.shown_text, "name": str(name), **negative_cell}
                yield messages.problem("condition-holds-for-no", probe.tag.place, **fields)


def _first_negative_cell(name: VariableName, people: Mapping[str, People]) -> Mapping[str, str]:
    """Return the first cell of a column that says no, with its value, or {}."""
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
