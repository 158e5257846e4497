"""Where each column of a new form goes: by its heading, by its cells, beside the other columns.

1. Consent, keys, names and addresses go by their headings if the cells fit. Each of them takes
   other columns, so their order does not matter.
2. Columns whose headings are also in the workbook come next.
3. A guess is a question if nothing else fills the field.
4. A column of names of one word is a question if another column may hold the other part.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from merge.intake.column_cells import (
    ExportColumn,
    address_labels,
    fits_heading,
    is_choice_of,
    is_surname_first,
    may_be_consent,
    may_be_name_part,
)
from merge.intake.destinations import (
    ADDRESS,
    CITY,
    CONSENT,
    COUNTRY,
    DECEASED,
    DO_NOT_IMPORT,
    EMAIL,
    HOUSE_NUMBER,
    NAME,
    POSTAL_CODE,
    PROTECTED_TAGS,
    REGION,
    RESPONSE_DATE,
    RESPONSE_ID,
    SPLIT_BY_LABELS,
    STREET,
    SURNAME_FIRST,
    USUAL_ADDRESS_HEADINGS,
    Destination,
    base_heading,
)
from merge.intake.form_types import Strength
from merge.intake.headings import ADDRESS_FIELDS, NAME_PARTS, meaning
from merge.intake.layout import ColumnHeading
from merge.naming import placeholder_name
from merge.text.folding import folded
from merge.workbook.translated_words import canonical_placeholder

_MAX_CONSENT_CANDIDATES = 2
"""Columns that could be meant as consent, and are asked about if no heading is about it."""
_SURNAME_FIRST = {"ru", "uk", "hu", "zh", "ja", "ko"}
"""Languages whose lists and letters have the surname first."""
_SUPPLEMENTARY_NAME_PARTS = {"Middle name", "Second last name", "Suffix"}
"""Parts of names that no name consists of, beside one of the others."""
_FURTHER_STREET_LINES = ("Street (2)", "Street (3)")
_POSTAL_CODE_AND_CITY, _HOUSE_NUMBER_FIELD = "Postal code and city", "House number"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where a column goes, how that was found, and whether it is a question."""

    goes_to: Destination = DO_NOT_IMPORT
    strength: Strength = "none"
    is_asked: bool = False


_OPEN_QUESTION = Proposal(strength="asked", is_asked=True)
_ProposalsByColumn = dict[int, Proposal]
_ColumnsByField = Mapping[str, Sequence[ExportColumn]]


@dataclass(frozen=True, slots=True)
class ColumnProposals:
    """Where columns go, by number, and the labelled lines of an address, by field.

    `boxes` are the columns that could be meant as consent.
    """

    by_column: Mapping[int, Proposal]
    label_destinations: Mapping[str, Destination]
    consent_candidates: Collection[int]

    def proposal_for(self, column: ExportColumn) -> Proposal:
        """Return where a column goes."""
        return self.by_column.get(column.number, Proposal())


def propose_columns(columns: Sequence[ExportColumn], headings: Sequence[str]) -> ColumnProposals:
    """Return where columns go; `headings` are those of the workbook and of the list."""
    own = _ListHeadings(headings)
    fitting = [column for column in columns if fits_heading(column)]
    known = _group_by_field(c for c in fitting if c.meaning.strength in {"sure", "likely"})
    guessed = _group_by_field(c for c in fitting if c.meaning.strength == "asked")
    consents, boxes = _propose_consent(columns, known)
    addresses, parts = _propose_address(known, own)
    made = {**consents, **boxes, **_propose_keys(known), **_propose_names(known), **addresses}
    made |= _propose_matching_headings(columns, own, made)
    made |= _propose_guesses(columns, guessed, made)
    made |= _question_one_word_names(columns, made)
    return ColumnProposals(made, parts, boxes)


def _group_by_field(columns: Iterable[ExportColumn]) -> _ColumnsByField:
    found = defaultdict[str, list[ExportColumn]](list)
    for column in columns:
        found[column.meaning.field].append(column)
    return dict(found)


def _propose(column: ExportColumn, goes_to: Destination, *, is_asked: bool = False) -> Proposal:
    strength: Strength = "sure" if column.meaning.strength == "sure" else "likely"
    return Proposal(goes_to, strength, is_asked)


class _ListHeadings:
    """The headings of the workbook and the list, by what they mean."""

    def __init__(self, headings: Sequence[str]) -> None:
        self._by_field: dict[str, str] = {}
        self._other_headings: dict[str, str] = {}
        self.is_empty = True
        for heading in headings:
            tag = canonical_placeholder(placeholder_name(heading))
            if not tag or tag in PROTECTED_TAGS or tag == "name":
                continue
            self.is_empty = False
            found = meaning(heading)
            if found.strength == "sure" and found.field in {*ADDRESS_FIELDS, "Organisation"}:
                self._by_field.setdefault(found.field, heading)
            else:
                self._other_headings.setdefault(folded(heading), heading)

    def heading_for(self, name: str) -> str:
        """Return the list's heading for a field: the workbook's own where it has one."""
        return self._by_field.get(name, name)

    def destination_for(self, name: str, number: int = 0) -> _FieldDestination:
        """Return where a field goes, or part of it; a question if the list has no such column."""
        word = self.heading_for(name)
        return f"{word} ({number})" if number else word, not self.has_column_for(name)

    def has_column_for(self, name: str) -> bool:
        """Return whether the list has a column for a field."""
        return name in self._by_field or (self.is_empty and name in USUAL_ADDRESS_HEADINGS)

    def matching_heading(self, heading: ColumnHeading) -> str:
        """Return the workbook's heading that a form's is, letter by letter; empty for none."""
        texts = (heading.original, heading.text)
        return next(
            (self._other_headings[folded(t)] for t in texts if folded(t) in self._other_headings),
            "",
        )


# Consent and keys.


def _propose_consent(
    columns: Sequence[ExportColumn], known: _ColumnsByField
) -> tuple[_ProposalsByColumn, _ProposalsByColumn]:
    """Return the columns of consent, and those that could be meant as such if there are none.

    They are those about names, letters or data; otherwise all. A participant agrees to all.
    """
    every = [c for c in columns if c.meaning.field == CONSENT]
    every = [c for c in every if c.meaning.strength in {"sure", "likely"}]
    written = [c for c in every if c.values]  # in everyone's own words
    said = known.get(CONSENT) or written or every
    found = [column for column in said if not any(is_choice_of(column, c) for c in said)]
    about = [column for column in found if column.meaning.is_about_letter] or found
    made = {c.number: _OPEN_QUESTION for c in found}
    made |= {c.number: _propose(c, CONSENT, is_asked=True) for c in about}
    boxes = [] if about else [column for column in columns if may_be_consent(column)]
    return made, {column.number: _OPEN_QUESTION for column in boxes[:_MAX_CONSENT_CANDIDATES]}


def _propose_keys(known: _ColumnsByField) -> _ProposalsByColumn:
    """Return the columns of email, response ID and date, and those that say who has died."""
    made = {column.number: _propose(column, DECEASED) for column in known.get(DECEASED, [])}
    for field in (EMAIL, RESPONSE_ID, RESPONSE_DATE):
        columns = sorted(known.get(field, []), key=_fullest if field == EMAIL else _rank)
        made |= {column.number: _propose(column, field) for column in columns[:1]}
    return made


def _rank(column: ExportColumn) -> tuple[object, ...]:
    return (column.meaning.strength != "sure", column.meaning.rank)


def _fullest(column: ExportColumn) -> tuple[object, ...]:
    return (column.meaning.strength != "sure", -len(column.values), column.number)


def _best(columns: Sequence[ExportColumn]) -> ExportColumn:
    return min(columns, key=_fullest)


# Names.


def _propose_names(known: _ColumnsByField) -> _ProposalsByColumn:
    """Return the columns of names: one of whole names, or one for each part."""
    parts = {name: _best(known[name]) for name in NAME_PARTS if name in known}
    names = known.get(NAME, [])
    whole = _best_name_column(names)
    given, family = parts.get("First name"), parts.get("Last name")
    if whole and not (given and family) and (given or family):
        parts, whole = _complete_name_parts(whole, parts)
    if (
        whole
        and given
        and family
        and whole.filled_share > 2 * max(given.filled_share, family.filled_share)
    ):
        parts = {}
    if not {"First name", "Last name"} & parts.keys():
        return _propose_full_name(whole, names) if whole else {}
    if len(parts) == 1:
        return _propose_full_name(next(iter(parts.values())), names, is_part=True)
    return _propose_name_parts(parts)


def _propose_full_name(
    column: ExportColumn, names: Sequence[ExportColumn], *, is_part: bool = False
) -> _ProposalsByColumn:
    if column.is_mostly(is_surname_first, 0.8) and column.distinct_count > 1:
        return {column.number: _propose(column, NAME + SURNAME_FIRST, is_asked=True)}
    is_asked = is_part and not column.is_mostly(lambda text: " " in text)
    is_asked = is_asked or _has_competing_column(column, names)
    return {column.number: _propose(column, NAME, is_asked=is_asked)}


def _has_competing_column(column: ExportColumn, names: Sequence[ExportColumn]) -> bool:
    """Return whether another column of names is as full, and says something else."""
    others = [c for c in names if c is not column and c.filled_share >= 0.5]
    alike = [c for c in others if c.meaning.strength == column.meaning.strength == "sure"]
    return any(set(map(folded, c.values)) != set(map(folded, column.values)) for c in alike)


def _propose_name_parts(parts: Mapping[str, ExportColumn]) -> _ProposalsByColumn:
    family = parts.get("Last name")
    is_first = family is not None and family.language in _SURNAME_FIRST
    order = ("First name", "Middle name", "Last name", "Second last name", "Suffix")
    if is_first:
        order = ("Last name", "Second last name", "First name", "Middle name", "Suffix")
    columns = [parts[name] for name in order if name in parts]
    return {
        column.number: _propose(column, f"{NAME} ({at})", is_asked=is_first and at == 1)
        for at, column in enumerate(columns, 1)
    }


def _best_name_column(columns: Sequence[ExportColumn]) -> ExportColumn | None:
    """Return the column of whole names; `Name1` is the question beside a program's own `Name`."""
    texts = {folded(c.heading.text) for c in columns}
    questions = [c for c in columns if folded(c.heading.text)[:-1] in texts]
    asked = [c for c in questions if folded(c.heading.text).endswith("1")]
    return _best(asked or columns) if columns else None


def _complete_name_parts(
    whole: ExportColumn, parts: dict[str, ExportColumn]
) -> tuple[dict[str, ExportColumn], ExportColumn | None]:
    """Return what a column Name is beside one part of names: the whole name, or the other part."""
    name = "First name" if "First name" in parts else "Last name"
    words = {word for value in parts[name].values for word in folded(value).split()}
    if whole.is_mostly(lambda text: not words.isdisjoint(folded(text).split())):
        return {}, whole
    other = "Last name" if name == "First name" else "First name"
    return {**parts, other: whole}, None


# Addresses: where each of their fields goes, and whether that is a question.

_FieldDestination = tuple[Destination, bool]


def _propose_address(
    known: _ColumnsByField, own: _ListHeadings
) -> tuple[_ProposalsByColumn, dict[str, Destination]]:
    """Return the columns of an address, and where labelled lines of one cell go."""
    found = {name: known[name] for name in ADDRESS_FIELDS if name in known}
    group = _main_address_group([column for columns in found.values() for column in columns])
    best = {
        name: _best([c for c in columns if c.meaning.group in {group, ""}] or columns)
        for name, columns in found.items()
    }
    goals, parts = _address_destinations(best.keys(), own), dict[str, Destination]()
    if ADDRESS in best and not _street_lines(best.keys()):
        labels = address_labels(best[ADDRESS])
        if STREET in labels:
            goals[ADDRESS] = ADDRESS + SPLIT_BY_LABELS, False
            within = _address_destinations(labels.keys(), own)
            parts = {name: within[name][0] for name in labels if name in within}
    made = {
        best[name].number: _propose(best[name], goes_to, is_asked=is_asked)
        for name, (goes_to, is_asked) in goals.items()
    }
    return made, parts


def _main_address_group(columns: Sequence[ExportColumn]) -> str:
    """Return the address of several that is meant: the one that is fullest, the first of those."""
    groups = Counter[str]()
    for column in sorted(columns, key=lambda c: c.number):
        if column.meaning.group and column.meaning.field != COUNTRY:
            groups[column.meaning.group] += len(column.values)
    return max(groups, key=lambda name: groups[name]) if groups else ""


def _address_destinations(
    there: AbstractSet[str], own: _ListHeadings
) -> dict[str, _FieldDestination]:
    """Return where the fields of an address go that are there."""
    goals = {**_street_destinations(there, own), **_city_destinations(there, own)}
    has_town = not there.isdisjoint({CITY, POSTAL_CODE, _POSTAL_CODE_AND_CITY, STREET})
    for name in (REGION, COUNTRY):
        if name in there and (
            has_town or own.has_column_for(name)
        ):  # not guessed from an IP address
            goals[name] = own.destination_for(name)
    return goals


def _street_lines(there: AbstractSet[str]) -> list[str]:
    """Return the fields that are lines of the street; none if one cell has the whole address."""
    further = [name for name in _FURTHER_STREET_LINES if name in there]
    if STREET in there:
        return [STREET, *further]
    if ADDRESS in there:
        return [] if there.isdisjoint({CITY, POSTAL_CODE}) else [ADDRESS, *further]
    return further


def _street_destinations(
    there: AbstractSet[str], own: _ListHeadings
) -> dict[str, _FieldDestination]:
    lines = _street_lines(there)
    if not lines:
        return {ADDRESS: own.destination_for(ADDRESS)} if ADDRESS in there else {}
    name = STREET if own.has_column_for(STREET) or not own.has_column_for(ADDRESS) else ADDRESS
    is_one = len(lines) == 1
    goals = {
        line: own.destination_for(name, 0 if is_one else at) for at, line in enumerate(lines, 1)
    }
    if _HOUSE_NUMBER_FIELD in there:
        goals[_HOUSE_NUMBER_FIELD] = own.heading_for(name) + HOUSE_NUMBER, False
    return goals


def _city_destinations(there: AbstractSet[str], own: _ListHeadings) -> dict[str, _FieldDestination]:
    names = [name for name in (POSTAL_CODE, CITY) if name in there]
    if _POSTAL_CODE_AND_CITY in there and not names:
        return {_POSTAL_CODE_AND_CITY: (own.heading_for(CITY), own.has_column_for(POSTAL_CODE))}
    if len(names) > 1 and own.has_column_for(CITY) and not own.has_column_for(POSTAL_CODE):
        return {name: own.destination_for(CITY, at) for at, name in enumerate(names, 1)}
    return {name: own.destination_for(name) for name in names}


# What is left.


def _propose_matching_headings(
    columns: Sequence[ExportColumn], own: _ListHeadings, made: _ProposalsByColumn
) -> _ProposalsByColumn:
    """Return the columns whose headings are in the workbook too, and that fill nothing else."""
    taken = {base_heading(proposal.goes_to) for proposal in made.values()}
    found = _ProposalsByColumn()
    for column in columns:
        word = own.matching_heading(column.heading)
        if word and word not in taken and column.number not in made and column.values:
            found[column.number] = Proposal(word, "sure")
            taken.add(base_heading(word))
    return found


def _propose_guesses(
    columns: Sequence[ExportColumn], guessed: _ColumnsByField, made: _ProposalsByColumn
) -> _ProposalsByColumn:
    """Return the columns that are guesses, if nothing else fills the field."""
    taken = {_field_family(columns[number]) for number in made}
    names = guessed.keys() - {RESPONSE_ID, RESPONSE_DATE}
    found = (column for name in names for column in guessed[name] if column.number not in made)
    return {column.number: _OPEN_QUESTION for column in found if _field_family(column) not in taken}


def _field_family(column: ExportColumn) -> str:
    """Return the kind of field: a street is one that an address may fill."""
    name = column.meaning.field
    if name in NAME_PARTS:
        return NAME
    if name in {STREET, *_FURTHER_STREET_LINES, _HOUSE_NUMBER_FIELD}:
        return ADDRESS
    return CITY if name == _POSTAL_CODE_AND_CITY else name


def _question_one_word_names(
    columns: Sequence[ExportColumn], made: _ProposalsByColumn
) -> _ProposalsByColumn:
    """Ask about a column of names of one word, if another column may hold the other part."""
    goals = {c.number: made.get(c.number, Proposal()).goes_to for c in columns}
    naming = [c for c in columns if base_heading(goals[c.number]) == NAME]
    naming = [c for c in naming if c.meaning.field not in _SUPPLEMENTARY_NAME_PARTS]
    if len(naming) != 1 or naming[0].is_mostly(lambda text: " " in text):
        return {}
    left = (column for column in columns if goals[column.number] == DO_NOT_IMPORT)
    others = {column.number: _OPEN_QUESTION for column in left if may_be_name_part(column)}
    name = naming[0].number
    return {**others, name: replace(made[name], is_asked=True)} if others else {}
