"""Proposed destinations for the columns of a new form.

A proposal depends on the heading, the cells and the other columns.

1. Consent, keys, names and addresses are matched by heading if the cells fit. Each takes different
   columns, so their order does not matter.
2. Columns whose headings are also in the workbook come next.
3. A guess becomes a question if nothing else fills the field.
4. A column of one-word names becomes a question if another column may contain the other part.
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
"""Number of columns that are asked about if no heading is about consent."""
_SURNAME_FIRST = {"ru", "uk", "hu", "zh", "ja", "ko"}
"""Languages whose lists and letters have the surname first."""
_SUPPLEMENTARY_NAME_PARTS = {"Middle name", "Second last name", "Suffix"}
"""Parts of names that occur only with another part."""
_FURTHER_STREET_LINES = ("Street (2)", "Street (3)")
_POSTAL_CODE_AND_CITY, _HOUSE_NUMBER_FIELD = "Postal code and city", "House number"


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """A proposed destination of a form's column, and how certain it is.

    `is_asked` says whether staff must answer a question about it.
    """

    goes_to: Destination = DO_NOT_IMPORT
    strength: Strength = "none"
    is_asked: bool = False


_OPEN_QUESTION = ColumnProposal(strength="asked", is_asked=True)
_ProposalsByColumn = dict[int, ColumnProposal]
_ColumnsByField = Mapping[str, Sequence[ExportColumn]]


@dataclass(frozen=True, slots=True)
class ColumnProposals:
    """The proposed destinations of a form's columns, by column number.

    `label_destinations` are those of the labelled lines of an address. `consent_candidates` are the
    columns that may mean consent.
    """

    by_column: Mapping[int, ColumnProposal]
    label_destinations: Mapping[str, Destination]
    consent_candidates: Collection[int]

    def proposal_for(self, column: ExportColumn) -> ColumnProposal:
        """Return what a column of a form may be used for."""
        return self.by_column.get(column.number, ColumnProposal())


def propose_columns(columns: Sequence[ExportColumn], headings: Sequence[str]) -> ColumnProposals:
    """Return which columns of the list a new form's columns may fill.

    `headings` are those of the workbook and the list.
    """
    list_headings = _ListHeadings(headings)
    fitting = [column for column in columns if fits_heading(column)]
    known = _group_by_field(c for c in fitting if c.meaning.strength in {"sure", "likely"})
    guessed = _group_by_field(c for c in fitting if c.meaning.strength == "asked")
    consents, boxes = _propose_consent(columns, known)
    addresses, parts = _propose_address(known, list_headings)
    proposals = {**consents, **boxes, **_propose_keys(known), **_propose_names(known), **addresses}
    proposals |= _propose_matching_headings(columns, list_headings, proposals)
    proposals |= _propose_guesses(columns, guessed, proposals)
    proposals |= _question_one_word_names(columns, proposals)
    return ColumnProposals(proposals, parts, boxes)


def _group_by_field(columns: Iterable[ExportColumn]) -> _ColumnsByField:
    columns_by_field = defaultdict[str, list[ExportColumn]](list)
    for column in columns:
        columns_by_field[column.meaning.field].append(column)
    return dict(columns_by_field)


def _propose(
    column: ExportColumn, goes_to: Destination, *, is_asked: bool = False
) -> ColumnProposal:
    strength: Strength = "sure" if column.meaning.strength == "sure" else "likely"
    return ColumnProposal(goes_to, strength, is_asked)


class _ListHeadings:
    """The headings of the workbook and the list, by meaning."""

    def __init__(self, headings: Sequence[str]) -> None:
        self._by_field: dict[str, str] = {}
        self._other_headings: dict[str, str] = {}
        self.is_empty = True
        for heading in headings:
            tag = canonical_placeholder(placeholder_name(heading))
            if not tag or tag in PROTECTED_TAGS or tag == "name":
                continue
            self.is_empty = False
            heading_meaning = meaning(heading)
            if heading_meaning.strength == "sure" and heading_meaning.field in {
                *ADDRESS_FIELDS,
                "Organisation",
            }:
                self._by_field.setdefault(heading_meaning.field, heading)
            else:
                self._other_headings.setdefault(folded(heading), heading)

    def heading_for(self, field: str) -> str:
        """Return the list's heading for a field, as the workbook spells it."""
        return self._by_field.get(field, field)

    def destination_for(self, field: str, number: int = 0) -> _FieldDestination:
        """Return the list's column for a field, or for a part of the field.

        It is a question if the list has no such column.
        """
        heading = self.heading_for(field)
        return f"{heading} ({number})" if number else heading, not self.has_column_for(field)

    def has_column_for(self, field: str) -> bool:
        """Return True if the list has a column for a field."""
        return field in self._by_field or (self.is_empty and field in USUAL_ADDRESS_HEADINGS)

    def matching_heading(self, heading: ColumnHeading) -> str:
        """Return the workbook's heading that equals a form's, or an empty text."""
        texts = (heading.original, heading.text)
        return next(
            (self._other_headings[folded(t)] for t in texts if folded(t) in self._other_headings),
            "",
        )


# Consent and keys.


def _propose_consent(
    columns: Sequence[ExportColumn], known: _ColumnsByField
) -> tuple[_ProposalsByColumn, _ProposalsByColumn]:
    """Propose the consent columns, or columns that may mean consent.

    Consent about names, letters or data is preferred to other consent. People who take part agree
    to all of it.
    """
    consent_columns = [c for c in columns if c.meaning.field == CONSENT]
    consent_columns = [c for c in consent_columns if c.meaning.strength in {"sure", "likely"}]
    filled_columns = [c for c in consent_columns if c.values]  # answered in free text
    candidates = known.get(CONSENT) or filled_columns or consent_columns
    questions = [
        column for column in candidates if not any(is_choice_of(column, c) for c in candidates)
    ]
    about_letter = [column for column in questions if column.meaning.is_about_letter] or questions
    proposals = {c.number: _OPEN_QUESTION for c in questions}
    proposals |= {c.number: _propose(c, CONSENT, is_asked=True) for c in about_letter}
    possible = [] if about_letter else [column for column in columns if may_be_consent(column)]
    return proposals, {
        column.number: _OPEN_QUESTION for column in possible[:_MAX_CONSENT_CANDIDATES]
    }


def _propose_keys(known: _ColumnsByField) -> _ProposalsByColumn:
    """Propose the columns of email, response ID and date, and of deaths."""
    proposals = {column.number: _propose(column, DECEASED) for column in known.get(DECEASED, [])}
    for field in (EMAIL, RESPONSE_ID, RESPONSE_DATE):
        columns = sorted(known.get(field, []), key=_fullest if field == EMAIL else _rank)
        proposals |= {column.number: _propose(column, field) for column in columns[:1]}
    return proposals


def _rank(column: ExportColumn) -> tuple[object, ...]:
    return (column.meaning.strength != "sure", column.meaning.rank)


def _fullest(column: ExportColumn) -> tuple[object, ...]:
    return (column.meaning.strength != "sure", -len(column.values), column.number)


def _best(columns: Sequence[ExportColumn]) -> ExportColumn:
    return min(columns, key=_fullest)


# Names.


def _propose_names(known: _ColumnsByField) -> _ProposalsByColumn:
    """Propose the columns of names: a full name, or one column per part."""
    parts = {name: _best(known[name]) for name in NAME_PARTS if name in known}
    names = known.get(NAME, [])
    full_name = _best_name_column(names)
    given_name, surname = parts.get("First name"), parts.get("Last name")
    if full_name and not (given_name and surname) and (given_name or surname):
        parts, full_name = _complete_name_parts(full_name, parts)
    if (
        full_name
        and given_name
        and surname
        and full_name.filled_share > 2 * max(given_name.filled_share, surname.filled_share)
    ):
        parts = {}
    if not {"First name", "Last name"} & parts.keys():
        return _propose_full_name(full_name, names) if full_name else {}
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
    """Return True if another column of names is as full but different."""
    others = [c for c in names if c is not column and c.filled_share >= 0.5]
    rivals = [c for c in others if c.meaning.strength == column.meaning.strength == "sure"]
    return any(set(map(folded, c.values)) != set(map(folded, column.values)) for c in rivals)


def _propose_name_parts(parts: Mapping[str, ExportColumn]) -> _ProposalsByColumn:
    surname = parts.get("Last name")
    surname_first = surname is not None and surname.language in _SURNAME_FIRST
    order = ("First name", "Middle name", "Last name", "Second last name", "Suffix")
    if surname_first:
        order = ("Last name", "Second last name", "First name", "Middle name", "Suffix")
    columns = [parts[name] for name in order if name in parts]
    return {
        column.number: _propose(column, f"{NAME} ({at})", is_asked=surname_first and at == 1)
        for at, column in enumerate(columns, 1)
    }


def _best_name_column(columns: Sequence[ExportColumn]) -> ExportColumn | None:
    """Return the best of several columns of full names.

    `Name1` is the question, if a program has its own `Name` column.
    """
    texts = {folded(c.heading.text) for c in columns}
    questions = [c for c in columns if folded(c.heading.text)[:-1] in texts]
    question_columns = [c for c in questions if folded(c.heading.text).endswith("1")]
    return _best(question_columns or columns) if columns else None


def _complete_name_parts(
    full_name: ExportColumn, parts: dict[str, ExportColumn]
) -> tuple[dict[str, ExportColumn], ExportColumn | None]:
    """Return the columns of name parts, and of full names if there is one.

    A Name column beside one part is either the full name or the other part.
    """
    known_part = "First name" if "First name" in parts else "Last name"
    words = {word for value in parts[known_part].values for word in folded(value).split()}
    if full_name.is_mostly(lambda text: not words.isdisjoint(folded(text).split())):
        return {}, full_name
    missing_part = "Last name" if known_part == "First name" else "First name"
    return {**parts, missing_part: full_name}, None


# Addresses.

_FieldDestination = tuple[Destination, bool]


def _propose_address(
    known: _ColumnsByField, list_headings: _ListHeadings
) -> tuple[_ProposalsByColumn, dict[str, Destination]]:
    """Propose the columns of an address, and destinations of labelled lines."""
    address_columns = {name: known[name] for name in ADDRESS_FIELDS if name in known}
    group = _main_address_group(
        [column for columns in address_columns.values() for column in columns]
    )
    best = {
        name: _best([c for c in columns if c.meaning.group in {group, ""}] or columns)
        for name, columns in address_columns.items()
    }
    goals, parts = _address_destinations(best.keys(), list_headings), dict[str, Destination]()
    if ADDRESS in best and not _street_lines(best.keys()):
        labels = address_labels(best[ADDRESS])
        if STREET in labels:
            goals[ADDRESS] = ADDRESS + SPLIT_BY_LABELS, False
            label_goals = _address_destinations(labels.keys(), list_headings)
            parts = {name: label_goals[name][0] for name in labels if name in label_goals}
    proposals = {
        best[name].number: _propose(best[name], goes_to, is_asked=is_asked)
        for name, (goes_to, is_asked) in goals.items()
    }
    return proposals, parts


def _main_address_group(columns: Sequence[ExportColumn]) -> str:
    """Return the fullest address of a form that has several addresses.

    If several are equal, it is the first.
    """
    groups = Counter[str]()
    for column in sorted(columns, key=lambda c: c.number):
        if column.meaning.group and column.meaning.field != COUNTRY:
            groups[column.meaning.group] += len(column.values)
    return max(groups, key=lambda name: groups[name]) if groups else ""


def _address_destinations(
    fields: AbstractSet[str], list_headings: _ListHeadings
) -> dict[str, _FieldDestination]:
    """Return the destinations of the given address fields."""
    goals = {
        **_street_destinations(fields, list_headings),
        **_city_destinations(fields, list_headings),
    }
    has_town = not fields.isdisjoint({CITY, POSTAL_CODE, _POSTAL_CODE_AND_CITY, STREET})
    for name in (REGION, COUNTRY):
        # Without a town, a program has guessed region and country from the IP address.
        if name in fields and (has_town or list_headings.has_column_for(name)):
            goals[name] = list_headings.destination_for(name)
    return goals


def _street_lines(fields: AbstractSet[str]) -> list[str]:
    """Return the fields of an address that are lines of the street.

    There are none if one cell has the complete address.
    """
    further = [name for name in _FURTHER_STREET_LINES if name in fields]
    if STREET in fields:
        return [STREET, *further]
    if ADDRESS in fields:
        return [] if fields.isdisjoint({CITY, POSTAL_CODE}) else [ADDRESS, *further]
    return further


def _street_destinations(
    fields: AbstractSet[str], list_headings: _ListHeadings
) -> dict[str, _FieldDestination]:
    lines = _street_lines(fields)
    if not lines:
        return {ADDRESS: list_headings.destination_for(ADDRESS)} if ADDRESS in fields else {}
    name = (
        STREET
        if list_headings.has_column_for(STREET) or not list_headings.has_column_for(ADDRESS)
        else ADDRESS
    )
    is_one = len(lines) == 1
    goals = {
        line: list_headings.destination_for(name, 0 if is_one else at)
        for at, line in enumerate(lines, 1)
    }
    if _HOUSE_NUMBER_FIELD in fields:
        goals[_HOUSE_NUMBER_FIELD] = list_headings.heading_for(name) + HOUSE_NUMBER, False
    return goals


def _city_destinations(
    fields: AbstractSet[str], list_headings: _ListHeadings
) -> dict[str, _FieldDestination]:
    names = [name for name in (POSTAL_CODE, CITY) if name in fields]
    if _POSTAL_CODE_AND_CITY in fields and not names:
        return {
            _POSTAL_CODE_AND_CITY: (
                list_headings.heading_for(CITY),
                list_headings.has_column_for(POSTAL_CODE),
            )
        }
    if (
        len(names) > 1
        and list_headings.has_column_for(CITY)
        and not list_headings.has_column_for(POSTAL_CODE)
    ):
        return {name: list_headings.destination_for(CITY, at) for at, name in enumerate(names, 1)}
    return {name: list_headings.destination_for(name) for name in names}


# Other columns.


def _propose_matching_headings(
    columns: Sequence[ExportColumn], list_headings: _ListHeadings, proposals: _ProposalsByColumn
) -> _ProposalsByColumn:
    """Propose unused columns whose headings are also in the workbook."""
    filled = {base_heading(proposal.goes_to) for proposal in proposals.values()}
    matching = _ProposalsByColumn()
    for column in columns:
        heading = list_headings.matching_heading(column.heading)
        if heading and heading not in filled and column.number not in proposals and column.values:
            matching[column.number] = ColumnProposal(heading, "sure")
            filled.add(base_heading(heading))
    return matching


def _propose_guesses(
    columns: Sequence[ExportColumn], guessed: _ColumnsByField, proposals: _ProposalsByColumn
) -> _ProposalsByColumn:
    """Propose the columns that are guesses, if nothing else fills the field."""
    filled = {_field_family(columns[number]) for number in proposals}
    names = guessed.keys() - {RESPONSE_ID, RESPONSE_DATE}
    guesses = (
        column for name in names for column in guessed[name] if column.number not in proposals
    )
    return {
        column.number: _OPEN_QUESTION for column in guesses if _field_family(column) not in filled
    }


def _field_family(column: ExportColumn) -> str:
    """Return which kind of field a column fills, such as a part of the name."""
    name = column.meaning.field
    if name in NAME_PARTS:
        return NAME
    if name in {STREET, *_FURTHER_STREET_LINES, _HOUSE_NUMBER_FIELD}:
        return ADDRESS
    return CITY if name == _POSTAL_CODE_AND_CITY else name


def _question_one_word_names(
    columns: Sequence[ExportColumn], proposals: _ProposalsByColumn
) -> _ProposalsByColumn:
    """Propose to ask about a column of names that have only one word.

    There are none unless another column may contain the other part.
    """
    destinations = {c.number: proposals.get(c.number, ColumnProposal()).goes_to for c in columns}
    naming = [c for c in columns if base_heading(destinations[c.number]) == NAME]
    naming = [c for c in naming if c.meaning.field not in _SUPPLEMENTARY_NAME_PARTS]
    if len(naming) != 1 or naming[0].is_mostly(lambda text: " " in text):
        return {}
    unused = (column for column in columns if destinations[column.number] == DO_NOT_IMPORT)
    others = {column.number: _OPEN_QUESTION for column in unused if may_be_name_part(column)}
    name = naming[0].number
    return {**others, name: replace(proposals[name], is_asked=True)} if others else {}
