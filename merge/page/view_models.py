"""View models of letters: status marks, matrix, filters, groups. Pure.

The templates have the words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import dropwhile
from types import MappingProxyType
from typing import NamedTuple

from merge.campaign.campaign import Campaign
from merge.campaign.letter_plan import LetterPlan
from merge.campaign.overview import CampaignOverview
from merge.letter_status import STATE_LABELS, WRITTEN_STATES, LetterStep
from merge.page.inputs import name_box_reference
from merge.people import Pair, Person
from merge.printing.batches import natural_sort_key
from merge.problems import Place
from merge.register.entries import StageValue
from merge.register.layouts import STAGES
from merge.text.folding import BASIC_LETTERS, plain_letters
from merge.text.names import short_name

PAGE_SIZE = 50
"""Letters in one page of a list."""
MAX_CELLS = 20_000
"""Most cells of a matrix: a larger one gives no overview."""
_COLUMN_HEAD_LETTERS = 17
"""Letters of a name for which an upright column heading has room."""
_MAX_NAMED = 10
"""Letters of a group that are named one by one."""


class StatusMark(NamedTuple):
    """Mark of a letter's status: a symbol, and a character for the matrix.

    `code` is the state, with `-changed` if the letter is kept although its data changed.
    """

    code: str
    character: str
    symbol: str


_CHANGED = "-changed"
_ALL_MARKS = (
    StatusMark("faulty", "x", "✕"),
    StatusMark("foreign", "f", "?"),
    StatusMark("in-use", "i", "◎"),
    StatusMark("edited-changed", "E", "⚑"),
    StatusMark("in-print-file", "b", "▥"),
    StatusMark("resaved-changed", "S", "◧"),
    StatusMark("moved-changed", "M", "◈"),
    StatusMark("new", "n", "○"),
    StatusMark("rewritten", "r", "↻"),
    StatusMark("unchanged", "u", "●"),
    StatusMark("edited", "e", "✎"),
    StatusMark("resaved", "s", "◐"),
    StatusMark("moved", "m", "◇"),
    StatusMark("on-paper", "p", "▣"),
    StatusMark("signed", "g", "✓"),
    StatusMark("posted", "o", "➤"),
    StatusMark("answered", "a", "↵"),
    StatusMark("on-paper-changed", "P", "▤"),
)
STATUS_MARKS: Mapping[str, StatusMark] = MappingProxyType({mark.code: mark for mark in _ALL_MARKS})
"""All marks, in the order in which they are shown."""
COMMON_MARKS = (
    *("faulty", "new", "rewritten", "unchanged", "edited"),
    *("on-paper", "signed", "posted", "answered"),
)
"""Marks that most campaigns have; rare others are shown together."""
_STATE_RANKS = {mark: number for number, mark in enumerate(_ALL_MARKS)}
_CHARACTER_RANKS = {mark.character: number for number, mark in enumerate(_ALL_MARKS)}


def status_mark(step: LetterStep) -> StatusMark:
    """Return the symbol and the character that show a letter's status."""
    is_kept_with_changed_data = step.label != STATE_LABELS[step.state]
    return STATUS_MARKS[step.state + (_CHANGED if is_kept_with_changed_data else "")]


def letter_mark(planned: LetterPlan) -> StatusMark:
    """Return the mark of a letter's status; of a printed one, of its stage."""
    mark, stage = status_mark(planned.step), last_stage(planned)
    if stage is None or mark.code != "on-paper":
        return mark
    return STATUS_MARKS.get(stage[0].lower(), mark)


def last_stage(planned: LetterPlan) -> tuple[str, StageValue] | None:
    """Return a letter's latest stage, and what staff entered there."""
    reached = [stage for stage in STAGES if stage in planned.stages]
    return (reached[-1], planned.stages[reached[-1]]) if reached else None


# Filters and order

SORT_KEYS = ("state", "signer", "recipient")
"""Orders of letters other than that of the workbook."""


def fold_for_search(text: str) -> str:
    """Return a name without accents and case, for searches."""
    return plain_letters(text).translate(BASIC_LETTERS)


class LetterFilter(NamedTuple):
    """A filter for the list of letters; an empty field matches all.

    `state` is the code of a mark. `stage` is one of `STAGES` in lower case, or `none`. People are
    identified by their IDs. `sort` is one of `SORT_KEYS`; if empty, the order is the workbook's.
    """

    state: str = ""
    stage: str = ""
    stopped: bool = False
    signer: str = ""
    recipient: str = ""
    sort: str = ""

    @property
    def arguments(self) -> dict[str, str]:
        """The filter and its order as query arguments; these contain no names."""
        arguments = {name: str(value) for name, value in self._asdict().items() if value}
        return arguments | ({"stopped": "1"} if self.stopped else {})

    @property
    def order(self) -> dict[str, str]:
        """The order alone, as a query argument."""
        return {"sort": self.sort} if self.sort else {}

    @property
    def is_selective(self) -> bool:
        """Whether some letters may not match."""
        return bool(self.arguments.keys() - {"sort"})


class LetterPage(NamedTuple):
    """One page of the list of letters; pages count from 1."""

    letters: Sequence[LetterPlan]
    number: int
    page_count: int
    total: int


def letter_page(letters: Sequence[LetterPlan], number: int) -> LetterPage:
    """Return the list page of letters with a number, or the nearest page."""
    pages = max(1, -(-len(letters) // PAGE_SIZE))
    number = min(max(number, 1), pages)
    return LetterPage(
        letters[(number - 1) * PAGE_SIZE : number * PAGE_SIZE], number, pages, len(letters)
    )


class LetterList:
    """The letters of a campaign, to filter, search and show."""

    def __init__(self, view: CampaignOverview) -> None:
        self.view = view
        self.person_id = view.campaign.identity.person_id

    @cached_property
    def counts(self) -> Mapping[StatusMark, int]:
        """Number of letters by mark, in the order of the marks."""
        counts = Counter(letter_mark(planned) for planned in self.view.letters)
        return {mark: counts[mark] for mark in _ALL_MARKS if counts[mark]}

    @cached_property
    def signers(self) -> Mapping[str, Person]:
        """The signers who have letters, by their IDs."""
        return self._people(planned.step.letter.pair.signer for planned in self.view.letters)

    @cached_property
    def recipients(self) -> Mapping[str, Person]:
        """The recipients who have letters, by their IDs."""
        return self._people(planned.step.letter.pair.recipient for planned in self.view.letters)

    def _people(self, people: Iterable[Person]) -> Mapping[str, Person]:
        return {self.person_id(person): person for person in {p.key: p for p in people}.values()}

    def matching(self, letter_filter: LetterFilter) -> list[LetterPlan]:
        """Return the letters that match a filter, in its order."""
        letters = [p for p in self.view.letters if self._matches(p, letter_filter)]
        return self._sorted(letters, letter_filter.sort)

    def _sorted(self, letters: list[LetterPlan], sort: str) -> list[LetterPlan]:
        """Return letters by state or by name; equal ones in the workbook's order."""
        if sort == "state":
            return sorted(letters, key=lambda planned: _STATE_RANKS[letter_mark(planned)])
        if sort == "signer":
            ranks = _name_ranks(self.signers)
            return sorted(letters, key=lambda p: ranks[self.person_id(p.step.letter.pair.signer)])
        if sort == "recipient":
            ranks = _name_ranks(self.recipients)
            return sorted(
                letters, key=lambda p: ranks[self.person_id(p.step.letter.pair.recipient)]
            )
        return letters

    def _matches(self, planned: LetterPlan, letter_filter: LetterFilter) -> bool:
        step, pair = planned.step, planned.step.letter.pair
        if letter_filter.state and letter_mark(planned).code != letter_filter.state:
            return False
        if letter_filter.stopped and step.letter.id not in self.view.blocked_letters:
            return False
        if letter_filter.stage == "none" and planned.stages:
            return False
        if (
            letter_filter.stage not in {"", "none"}
            and letter_filter.stage.capitalize() not in planned.stages
        ):
            return False
        is_of_signer = (
            not letter_filter.signer or self.person_id(pair.signer) == letter_filter.signer
        )
        return is_of_signer and (
            not letter_filter.recipient or self.person_id(pair.recipient) == letter_filter.recipient
        )

    @property
    def legend(self) -> tuple[list[tuple[StatusMark, int]], list[tuple[StatusMark, int]]]:
        """The counts of the common marks, and of the others; one alone is common.

        A mark of more than a tenth of the letters is common.
        """
        many = len(self.view.letters) // 10
        common = {m: n for m, n in self.counts.items() if m.code in COMMON_MARKS or n > many}
        others = [each for each in self.counts.items() if each[0] not in common]
        return ([*common.items()], others) if len(others) > 1 else ([*self.counts.items()], [])

    def search(self, words: str) -> list[LetterPlan]:
        """Return the letters whose people match all typed words.

        A word may be part of the name of one of the two people or of the tracking number, or begin
        the short ID.
        """
        searched = fold_for_search(words).split()
        names = {
            (person.kind, person.key): fold_for_search(f"{person.label} {person.id}")
            for people in (self.signers, self.recipients)
            for person in people.values()
        }
        matches = []
        for planned in self.view.letters if searched else ():
            letter, pair = planned.step.letter, planned.step.letter.pair
            names_of_pair = (
                names[person.kind, person.key] for person in (pair.signer, pair.recipient)
            )
            number = self.view.tracking_numbers.get(letter.id, "")
            text = " ".join((*names_of_pair, fold_for_search(number)))
            if all(word in text or letter.id.startswith(word) for word in searched):
                matches.append(planned)
        return matches

    @property
    def suits_matrix(self) -> bool:
        """Whether a matrix of signers and recipients shows more than a list.

        There are several people on both sides, and most of them are paired.
        """
        rows, columns = len(self.signers), len(self.recipients)
        cells = rows * columns
        many = rows > 1 and columns > 1
        return many and cells <= MAX_CELLS and 4 * len(self.view.letters) >= cells

    def matrix_data(self, sort: str = "") -> dict[str, object]:
        """Return the matrix as JSON data: names once, one character per letter.

        A full stop means that a pair has no letter. Sorted by state, the people whose letters need
        something come first. A recipient has a short name too, for an upright column heading.
        """
        signers, recipients, rows = self._sorted_matrix(sort)
        labels = {key: self.recipients[key].label for key in recipients}
        return {
            "signers": [[key, self.signers[key].label] for key in signers],
            "recipients": [
                [key, label, short_name(label, _COLUMN_HEAD_LETTERS)]
                for key, label in labels.items()
            ],
            "rows": rows,
        }

    def first_by_state(self) -> LetterPlan:
        """Return the first letter in the first row of the matrix sorted by state."""
        signers, recipients, rows = self._sorted_matrix("state")
        recipient = recipients[len(rows[0]) - len(rows[0].lstrip("."))]
        return self.matching(LetterFilter(signer=signers[0], recipient=recipient))[0]

    def _sorted_matrix(self, sort: str) -> tuple[list[str], list[str], list[str]]:
        """Return the IDs of signers and recipients, and the rows of the matrix."""
        rows = {key: number for number, key in enumerate(self.signers)}
        columns = {key: number for number, key in enumerate(self.recipients)}
        cells = [["."] * len(columns) for _ in rows]
        for planned in self.view.letters:
            pair = planned.step.letter.pair
            row, column = rows[self.person_id(pair.signer)], columns[self.person_id(pair.recipient)]
            cells[row][column] = letter_mark(planned).character
        row_keys, column_keys = [*rows], [*columns]
        if sort == "signer":
            row_keys.sort(key=_name_ranks(self.signers).__getitem__)
        elif sort == "recipient":
            column_keys.sort(key=_name_ranks(self.recipients).__getitem__)
        elif sort == "state":
            row_keys.sort(key=lambda key: _state_ranks(cells[rows[key]]))
            column_keys.sort(key=lambda key: _state_ranks(row[columns[key]] for row in cells))
        order = [columns[key] for key in column_keys]
        lines = ["".join([cells[rows[key]][column] for column in order]) for key in row_keys]
        return row_keys, column_keys, lines


def _name_ranks(people: Mapping[str, Person]) -> dict[str, int]:
    """Return the position of each person's ID if people are sorted by name."""
    keys = sorted(people, key=lambda key: natural_sort_key(people[key].name))
    return {key: number for number, key in enumerate(keys)}


def _state_ranks(characters: Iterable[str]) -> list[int]:
    """Return the ranks of a row of the matrix, the most urgent first."""
    return sorted(_CHARACTER_RANKS.get(character, len(_ALL_MARKS)) for character in characters)


# What will happen to letters, and what has happened


@dataclass(frozen=True, slots=True)
class StepGroup:
    """Letters with the same mark and the same reason.

    The reason is the program's own English.
    """

    mark: StatusMark
    reason: str
    steps: tuple[LetterStep, ...]

    @property
    def named_steps(self) -> tuple[LetterStep, ...]:
        """The steps of the letters that the group lists by name."""
        return self.steps[:_MAX_NAMED]

    @property
    def unnamed_count(self) -> int:
        """Number of letters that the group does not list by name."""
        return max(0, len(self.steps) - _MAX_NAMED)


def group_steps(steps: Iterable[LetterStep]) -> list[StepGroup]:
    """Return steps grouped by mark and reason, in the order of the marks."""
    groups: dict[tuple[StatusMark, str], list[LetterStep]] = {}
    for step in steps:
        mark = status_mark(step)
        groups.setdefault((mark, _extra_reason(mark, step)), []).append(step)
    ordered = sorted(groups.items(), key=lambda item: _STATE_RANKS[item[0][0]])
    return [StepGroup(mark, reason, tuple(members)) for (mark, reason), members in ordered]


def _extra_reason(mark: StatusMark, step: LetterStep) -> str:
    """Return what a letter's reason says beyond the words of its mark."""
    if mark.code.endswith(_CHANGED):
        since = dropwhile(lambda reason: reason.code != "changed-since", step.reasons)
        return "; ".join(map(str, since))
    return "" if mark.code in _SELF_EXPLANATORY_MARKS else step.reason


_SELF_EXPLANATORY_MARKS = {"new", "unchanged", "edited", "resaved", "moved", "on-paper"}
"""Marks whose words include the reason."""


@dataclass(frozen=True)
class CreationPreview:
    """Preview of what creating some letters will do."""

    steps: tuple[LetterStep, ...]

    def groups_with_marks(self, *codes: str) -> list[StepGroup]:
        """Return the groups of letters whose status has one of these marks."""
        return group_steps(step for step in self.steps if status_mark(step).code in codes)

    @cached_property
    def written_count(self) -> int:
        """Number of letters that will be written."""
        return sum(step.state in WRITTEN_STATES for step in self.steps)

    @cached_property
    def blocked_count(self) -> int:
        """Number of letters that are blocked by an error."""
        return sum(step.state == "faulty" for step in self.steps)

    @cached_property
    def print_file_count(self) -> int:
        """Number of letters in print files that staff may create again."""
        return sum(step.state == "in-print-file" for step in self.steps)

    @cached_property
    def kept_groups(self) -> list[StepGroup]:
        """Groups of letters that are kept."""
        settled = WRITTEN_STATES | {"faulty"}
        return group_steps(step for step in self.steps if step.state not in settled)

    @cached_property
    def kept_count(self) -> int:
        """Number of letters that are kept, among them unchanged letters."""
        return len(self.steps) - self.written_count - self.blocked_count


def neighbours(letters: Sequence[LetterPlan], letter_id: str) -> Iterator[LetterPlan | None]:
    """Yield the letters before and after a letter, or None at an end."""
    ids = [planned.step.letter.id for planned in letters]
    at = ids.index(letter_id) if letter_id in ids else -1
    yield letters[at - 1] if at > 0 else None
    yield letters[at + 1] if 0 <= at < len(letters) - 1 else None


# The source data of a letter


class DataLine(NamedTuple):
    """A placeholder of a letter's template, with its value.

    `label` is what staff call it, and `place` the cell of the value.
    """

    label: str
    placeholder: str
    value: str
    place: Place | None

    @property
    def name_box_text(self) -> str:
        """Text that selects the cell in Excel's Name Box; empty if there is none."""
        return name_box_reference(self.place.sheet, self.place.cell) if self.place else ""


def data_lines(view: CampaignOverview, planned: LetterPlan) -> list[DataLine]:
    """Return the placeholders in a letter's template with the values printed.

    Each is there once.
    """
    campaign, pair = view.campaign, planned.step.letter.pair
    name = campaign.templates.name_for(pair.recipient)
    compiled = campaign.templates.compiled.get(name)
    uses = compiled.uses if compiled else campaign.templates.uses.get(name, ())
    facts = campaign.fill_context.on_day(campaign.letter_date(planned.record.day))
    values = facts.pair_values(pair)
    lines: dict[str, DataLine] = {}
    for used, tag in uses:
        fields = values.get(used.root, "")
        value = fields.get(used.field, "") if isinstance(fields, Mapping) else fields
        place = _value_place(campaign, pair, used.root, used.field)
        line = DataLine(campaign.describe_placeholder(str(used)), tag.shown_text, str(value), place)
        lines.setdefault(str(used), line)
    return [*lines.values()]


def _value_place(campaign: Campaign, pair: Pair, root: str, tag: str) -> Place | None:
    """Return the cell of a placeholder's value, or None if there is none."""
    if root in {"signer", "recipient"}:
        person = pair.signer if root == "signer" else pair.recipient
        place = person.place(tag)
        return place if place.column else None
    return campaign.workbook.settings.value_places.get(tag) if root == "settings" else None
