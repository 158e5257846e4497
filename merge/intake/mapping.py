"""An export's columns -> where each goes: by its heading, its cells, and what is known of the form.

What is not sure is a question, and a question has no answer filled in but where it says so. Nothing
here reads or writes.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from merge.intake.consent import quoted_words, verdict, words_in_quotes, words_that_mean_yes
from merge.intake.headings import (
    ADDRESS_FIELDS,
    NAME_PARTS,
    NEWSLETTER,
    Meaning,
    is_unlike,
    meaning,
)
from merge.intake.layout import EMAIL_TEXT, Heading, Layout, read_layout
from merge.intake.model import (
    CONSENT,
    DECEASED,
    EMAIL,
    HOUSE_NUMBER,
    LEAVE_OUT,
    ORDER,
    SUBMISSION,
    TAKEN_APART,
    TURNED,
    ColumnPlan,
    Destination,
    Export,
    FormColumn,
    FormMemory,
    Strength,
)
from merge.intake.times import moment
from merge.naming import short_hash, tag_name
from merge.text.folding import folded
from merge.workbook.doubts import is_name_too, is_test, is_unfilled
from merge.workbook.words import own_tag, says_no, says_yes

NAME, COUNTRY, POSTAL_CODE, CITY, STREET, ADDRESS = (
    "Name",
    "Country",
    "Postal code",
    "City",
    "Street",
    "Address",
)
_USUAL = (STREET, POSTAL_CODE, CITY, "Region", COUNTRY, ADDRESS)
WORDS_OF_LIST = (NAME, *_USUAL, CONSENT, SUBMISSION, EMAIL, ORDER, LEAVE_OUT, DECEASED)
"""Where a column may always go, whatever headings a list has."""
_OWN_TAGS = {"id", "include", "to_decide", "template", "name_checked", "class"}
"""Columns of the list that no form fills."""
_MOST_BOXES = 2
"""Columns that could be meant as consent, and are asked about where no heading speaks of it."""
_SURNAME_FIRST = {"ru", "uk", "hu", "zh", "ja", "ko"}
"""Languages whose lists and letters have the surname first."""


def plan_columns(
    export: Export,
    headings: Sequence[str],
    remembered: Sequence[FormMemory] = (),
    form: str = "",
    confirmed: Mapping[str, str] | None = None,
) -> ColumnPlan:
    """Return what goes where; `headings` are those of the sheet Signers, and of the list.

    `remembered` is the list's sheet Forms; `form` is the name of the form, where staff said it.
    `confirmed` is by form the hash of what was confirmed of it; None takes all that is remembered.
    Raise DataError, code form-not-a-table, where there is no row of headings.
    """
    layout = read_layout(export)
    columns = _columns(layout)
    own = _Own(headings)
    proposed = _Proposals(columns, own)
    made = tuple(_form_column(column, proposed) for column in columns)
    plan = ColumnPlan(
        made,
        layout.heading_rows,
        layout.skipped,
        proposed.parts,
        layout.foreign_from,
    )
    plan = _known_again(plan, remembered, form) if remembered else plan
    now = confirmation(remembered, plan.form)
    if not now or confirmed is None or confirmed.get(plan.form) == now:
        return plan
    return replace(plan, is_unconfirmed=True, everybody_agrees=False)


# The columns of an export, and what their cells say.


@dataclass(frozen=True)
class _Column:
    """A column with its answers, blank ones left out, and what its heading means."""

    number: int
    heading: Heading
    meaning: Meaning
    values: Sequence[str]
    rows: int

    @property
    def share(self) -> float:
        """Return how much of the column is filled."""
        return len(self.values) / max(1, self.rows)

    @cached_property
    def distinct(self) -> int:
        return len({folded(value) for value in self.values})

    def mostly(self, test: Callable[[str], object], share: float = 0.5) -> bool:
        """Return whether a test is passed by so many of the first thousand values."""
        some = self.values[:1000]
        return bool(some) and sum(map(bool, map(test, some))) >= share * len(some)

    @property
    def is_telling(self) -> bool:
        """Return whether the cells hold more than one value, or there is but one or two."""
        return self.distinct > 1 or 0 < self.rows < 3

    @property
    def language(self) -> str:
        return self.meaning.language


def _columns(layout: Layout) -> list[_Column]:
    values: list[list[str]] = [[] for _ in layout.headings]
    for row in layout.answers:
        for cells, text in zip(values, row.cells, strict=False):
            if text:
                cells.append(text)
    found = []
    for number, (heading, cells) in enumerate(zip(layout.headings, values, strict=True)):
        means = meaning(heading.own, heading.question)
        found.append(_Column(number, heading, means, cells, len(layout.answers)))
    return found


def _fits(column: _Column) -> bool:
    """Return whether the cells may be what the heading says."""
    name = column.meaning.field
    if name == CONSENT:
        return bool(column.values) and _is_choice(column)
    if name == SUBMISSION:
        return _tells_apart(column)
    if name == EMAIL:
        return column.is_telling and column.mostly(EMAIL_TEXT.search)
    if name == ORDER:
        return column.mostly(lambda text: moment(text) or moment(text, "month first"))
    if name in {NAME, *NAME_PARTS} - {"Suffix"}:
        is_part = column.meaning.strength == "sure" and name != NAME
        no_name = _is_no_part if is_part else _is_no_name
        return bool(column.values) and not column.mostly(no_name)
    return bool(column.values) and not (name in ADDRESS_FIELDS and column.mostly(_is_no_place))


def _tells_apart(column: _Column) -> bool:
    """Return whether each answer has an id; one that is more than `ID` may come several times."""
    filled = len(column.values)
    if 0 < filled >= 0.9 * column.rows and column.distinct == filled:
        return True
    is_plain = folded(column.heading.own) in {"id", "#", "_id"}
    return not is_plain and column.distinct >= 0.5 * column.rows > 0


def _is_no_place(text: str) -> bool:
    return _is_answer(text) or bool(EMAIL_TEXT.search(text))


def _is_no_name(text: str) -> bool:
    if EMAIL_TEXT.search(text) or not any(c.isalpha() for c in text):
        return True
    is_blank = is_unfilled(text, name=True) and not is_test(text)  # a form's first answer is one
    return _is_answer(text) or is_name_too(text) or is_blank


def _is_no_part(text: str) -> bool:
    """Return whether a cell is no first or last name: `No` and `Ja` are surnames."""
    return _is_no_name(text) and not (text.istitle() and _is_answer(text))


def _is_answer(text: str) -> bool:
    return says_yes(text) or says_no(text) or text in {"0", "1"}


def _is_box(column: _Column) -> bool:
    """Return whether a column could be meant as consent, though its heading does not say so."""
    if column.meaning.field == NEWSLETTER:
        return 1 < column.distinct <= max(6, column.rows // 5)
    is_unknown = not column.meaning.field and column.distinct > 1
    return is_unknown and column.mostly(lambda text: says_yes(text) or says_no(text), 1)


def _is_choice_of(column: _Column, question: _Column) -> bool:
    """Return whether a column is one choice of a question that has a column of its own.

    `May we print it?`, `May we print it? (Yes)`, `May we print it? (No)`: the first says it all.
    """
    text, begin = column.heading.text, question.heading.text
    rest = text.removeprefix(begin).lstrip()
    return text.startswith(begin) and rest[:1] in {"(", "[", "/"}


def _is_choice(column: _Column) -> bool:
    """Return whether a column holds few different words, or any that say plainly yes or no."""
    if column.distinct <= max(6, column.rows // 5):
        return True
    return any(_is_answer(value) for value in column.values)


# The words of the workbook.


class _Own:
    """The headings of the sheet Signers, by the field that they are."""

    def __init__(self, headings: Sequence[str]) -> None:
        self._by_field: dict[str, str] = {}
        self._further: dict[str, str] = {}
        self.is_empty = True
        for heading in headings:
            tag = own_tag(tag_name(heading))
            if not tag or tag in _OWN_TAGS or tag == "name":
                continue
            self.is_empty = False
            found = meaning(heading)
            if found.strength == "sure" and found.field in {*ADDRESS_FIELDS, "Organisation"}:
                self._by_field.setdefault(found.field, heading)
            else:
                self._further.setdefault(folded(heading), heading)

    def word(self, name: str) -> str:
        """Return the list's heading for a field: the workbook's own where it has one."""
        return self._by_field.get(name, name)

    def has(self, name: str) -> bool:
        return name in self._by_field or (self.is_empty and name in _USUAL)

    def further(self, heading: Heading) -> str:
        """Return the workbook's heading that a form's is, letter by letter; empty for none."""
        texts = (heading.own, heading.text)
        return next((self._further[folded(t)] for t in texts if folded(t) in self._further), "")


# What is proposed for a new form.


@dataclass(frozen=True, slots=True)
class _Proposal:
    goes_to: Destination = LEAVE_OUT
    strength: Strength = "none"
    is_asked: bool = False


@dataclass
class _Proposals:
    """Where each column goes, by its number, and where the lines of an address go."""

    columns: Sequence[_Column]
    own: _Own
    made: dict[int, _Proposal] = field(default_factory=dict)
    parts: dict[str, Destination] = field(default_factory=dict)
    boxes: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        fitting = [column for column in self.columns if _fits(column)]
        self._of = _by_field([c for c in fitting if c.meaning.strength in {"sure", "likely"}])
        self._guessed = _by_field([c for c in fitting if c.meaning.strength == "asked"])
        self._consents()
        self._keys()
        self._names()
        self._addresses()
        self._own_words()
        self._questions()
        self._half_names()

    def of(self, column: _Column) -> _Proposal:
        return self.made.get(column.number, _Proposal())

    def _put(self, column: _Column, goes_to: Destination, *, is_asked: bool = False) -> None:
        strength: Strength = "sure" if column.meaning.strength == "sure" else "likely"
        self.made[column.number] = _Proposal(goes_to, strength, is_asked)

    def _consents(self) -> None:
        """Those that speak of names, letters or data; else all. Who takes part agrees to all."""
        every = [c for c in self.columns if c.meaning.field == CONSENT]
        every = [c for c in every if c.meaning.strength in {"sure", "likely"}]
        written = [c for c in every if c.values]  # in everybody's own words
        said = self._of.get(CONSENT) or written or every
        found = [column for column in said if not any(_is_choice_of(column, c) for c in said)]
        about = [c for c in found if c.meaning.is_about_letter] or found
        for column in about:
            self._put(column, CONSENT, is_asked=True)
        for column in found:
            if column not in about:
                self.made[column.number] = _Proposal(strength="asked", is_asked=True)
        if not about:
            for column in list(filter(_is_box, self.columns))[:_MOST_BOXES]:
                self.made[column.number] = _Proposal(strength="asked", is_asked=True)
                self.boxes.add(column.number)

    def _keys(self) -> None:
        for name in (EMAIL, SUBMISSION, ORDER):
            found = sorted(self._of.get(name, []), key=_rank if name != EMAIL else _fullest)
            if found:
                self._put(found[0], name)
        for column in self._of.get(DECEASED, []):
            self._put(column, DECEASED)

    # Names.

    def _names(self) -> None:
        parts = {name: _best(self._of[name]) for name in NAME_PARTS if name in self._of}
        whole = _best_name(self._of.get(NAME, []))
        given, family = parts.get("First name"), parts.get("Last name")
        if whole and not (given and family) and (given or family):
            parts, whole = _beside(whole, parts)
        if whole and given and family and whole.share > 2 * max(given.share, family.share):
            parts = {}
        if not any(name in parts for name in ("First name", "Last name")):
            self._whole_name(whole)
        elif len(parts) == 1:
            self._whole_name(*parts.values(), is_part=True)
        else:
            self._name_parts(parts)

    def _whole_name(self, column: _Column | None, *, is_part: bool = False) -> None:
        if column is None:
            return
        if column.mostly(_is_turned, 0.8) and column.distinct > 1:
            self._put(column, NAME + TURNED, is_asked=True)
            return
        has_words = column.mostly(lambda text: " " in text)
        is_asked = (is_part and not has_words) or self._has_rival(column)
        self._put(column, NAME, is_asked=is_asked)

    def _has_rival(self, column: _Column) -> bool:
        """Return whether another column of names is as full, and says something else."""
        others = [c for c in self._of.get(NAME, []) if c is not column and c.share >= 0.5]
        alike = [c for c in others if c.meaning.strength == column.meaning.strength == "sure"]
        return any(set(map(folded, c.values)) != set(map(folded, column.values)) for c in alike)

    def _name_parts(self, parts: Mapping[str, _Column]) -> None:
        family = parts.get("Last name")
        first = family is not None and family.language in _SURNAME_FIRST
        order = ("First name", "Middle name", "Last name", "Second last name", "Suffix")
        if first:
            order = ("Last name", "Second last name", "First name", "Middle name", "Suffix")
        for number, name in enumerate((n for n in order if n in parts), 1):
            self._put(parts[name], f"{NAME} ({number})", is_asked=first and number == 1)

    # Addresses.

    def _addresses(self) -> None:
        found = {name: self._of.get(name, []) for name in ADDRESS_FIELDS}
        group = _group([column for columns in found.values() for column in columns])
        best = {
            name: _best(own)
            for name, columns in found.items()
            if (own := [c for c in columns if c.meaning.group in {group, ""}] or columns)
        }
        self._streets(best)
        self._towns(best)
        has_town = not best.keys().isdisjoint({CITY, POSTAL_CODE, "Postal code and city", STREET})
        for name in ("Region", COUNTRY):
            if name in best and (has_town or self.own.has(name)):  # not guessed from an IP address
                self._place(best[name], name)

    def _place(self, column: _Column, name: str, number: int = 0) -> None:
        word = self.own.word(name)
        has = self.own.has(name)
        self._put(column, f"{word} ({number})" if number else word, is_asked=not has)

    def _streets(self, best: dict[str, _Column]) -> None:
        whole, street = best.get(ADDRESS), best.get(STREET)
        further = [best[name] for name in ("Street (2)", "Street (3)") if name in best]
        if whole and not street and (CITY in best or POSTAL_CODE in best):
            street, whole = whole, None
        if street is None and whole is None and further:
            street, *further = further
        if street is not None:
            name = STREET if self.own.has(STREET) or not self.own.has(ADDRESS) else ADDRESS
            self._place(street, name, 1 if further else 0)
            for number, column in enumerate(further, 2):
                self._place(column, name, number)
            if "House number" in best:
                self._put(best["House number"], self.own.word(name) + HOUSE_NUMBER)
        elif whole is not None:
            self._whole_address(whole)

    def _whole_address(self, column: _Column) -> None:
        labels = _labels(column)
        if labels and STREET in labels:
            self._put(column, ADDRESS + TAKEN_APART)
            columns = {name: replace(column, number=-1 - at) for at, name in enumerate(labels)}
            within = _Proposals([], self.own)
            within._streets(columns)
            within._towns(columns)
            for name in ("Region", COUNTRY):
                if name in columns:
                    within._place(columns[name], name)
            self.parts = {
                name: within.made[c.number].goes_to
                for name, c in columns.items()
                if c.number in within.made
            }
            return
        word = self.own.word(ADDRESS)
        self._put(column, word, is_asked=not self.own.has(ADDRESS))

    def _towns(self, best: Mapping[str, _Column]) -> None:
        code, town, both = (best.get(n) for n in (POSTAL_CODE, CITY, "Postal code and city"))
        if both is not None and code is None and town is None:
            self._put(both, self.own.word(CITY), is_asked=self.own.has(POSTAL_CODE))
        elif code and town and self.own.has(CITY) and not self.own.has(POSTAL_CODE):
            self._place(code, CITY, 1)
            self._place(town, CITY, 2)
        else:
            for name, column in ((POSTAL_CODE, code), (CITY, town)):
                if column is not None:
                    self._place(column, name)

    # What is left.

    def _own_words(self) -> None:
        """Columns whose headings stand in the workbook as well, beside what the letters need."""
        taken = {proposal.goes_to for proposal in self.made.values()}
        for column in self.columns:
            word = self.own.further(column.heading)
            is_free = column.number not in self.made and column.values
            if word and is_free and not any(base_heading(goes_to) == word for goes_to in taken):
                self.made[column.number] = _Proposal(word, "sure")
                taken.add(word)

    def _questions(self) -> None:
        """Guesses are asked about, where nothing else fills the field."""
        taken = {_family(self.columns[number]) for number in self.made if number >= 0}
        for name, columns in self._guessed.items():
            for column in columns:
                if _family(column) not in taken and name not in {SUBMISSION, ORDER}:
                    self.made.setdefault(column.number, _Proposal(strength="asked", is_asked=True))

    def _half_names(self) -> None:
        """Ask about a column of names of one word, if another column may hold the other part."""
        naming = [c for c in self.columns if base_heading(self.of(c).goes_to) == NAME]
        naming = [c for c in naming if c.meaning.field not in _FURTHER_PARTS]
        if len(naming) != 1 or naming[0].mostly(lambda text: " " in text):
            return
        left = (column for column in self.columns if self.of(column).goes_to == LEAVE_OUT)
        others = [column for column in left if _may_be_part(column)]
        for column in others:
            self.made[column.number] = _Proposal(strength="asked", is_asked=True)
        if others:
            name = naming[0].number
            self.made[name] = replace(self.made[name], is_asked=True)


def _by_field(columns: Iterable[_Column]) -> dict[str, list[_Column]]:
    found: dict[str, list[_Column]] = {}
    for column in columns:
        found.setdefault(column.meaning.field, []).append(column)
    return found


def _rank(column: _Column) -> tuple[object, ...]:
    return (column.meaning.strength != "sure", column.meaning.rank)


def _fullest(column: _Column) -> tuple[object, ...]:
    return (column.meaning.strength != "sure", -len(column.values), column.number)


def _best(columns: Sequence[_Column]) -> _Column:
    return min(columns, key=_fullest)


def _best_name(columns: Sequence[_Column]) -> _Column | None:
    """Return the column of whole names; `Name1` is the question beside a program's own `Name`."""
    texts = {folded(c.heading.text) for c in columns}
    questions = [c for c in columns if folded(c.heading.text)[:-1] in texts]
    asked = [c for c in questions if folded(c.heading.text).endswith("1")]
    return _best(asked or columns) if columns else None


def _beside(whole: _Column, parts: dict[str, _Column]) -> tuple[dict[str, _Column], _Column | None]:
    """Return what a column Name is beside one part of names: the whole name, or the other part."""
    name = "First name" if "First name" in parts else "Last name"
    words = {word for value in parts[name].values for word in folded(value).split()}
    if whole.mostly(lambda text: not words.isdisjoint(folded(text).split())):
        return {}, whole
    other = "Last name" if name == "First name" else "First name"
    return {**parts, other: whole}, None


_FURTHER_PARTS = {"Middle name", "Second last name", "Suffix"}
"""Parts of names that no name consists of, beside one of the others."""


def _may_be_part(column: _Column) -> bool:
    """Return whether a column may hold a part of names: the heading says so, or its cells do."""
    if column.meaning.field in {NAME, *NAME_PARTS}:
        return bool(column.values) and not column.mostly(_is_no_name)
    is_known = column.meaning.field and column.meaning.strength != "asked"
    is_varied = column.is_telling and 2 * column.distinct >= len(column.values)
    return not is_known and is_varied and column.mostly(_is_name_word, 0.8)


def _is_name_word(text: str) -> bool:
    """Return whether a text is one word as names are written: `Ruiz`, `O'Neill`, `Smith-Jones`."""
    is_word = " " not in text and not text[0].islower() and not text.isdigit()
    return is_word and not _is_no_name(text) and not _is_answer(text)


def _is_turned(text: str) -> bool:
    family, comma, given = text.partition(",")
    return bool(comma and family.strip() and given.strip() and "," not in given)


def _group(columns: Sequence[_Column]) -> str:
    """Return the address of several that is meant: the one that is fullest, the first of those."""
    groups = Counter[str]()
    for column in columns:
        if column.meaning.group and column.meaning.field != COUNTRY:
            groups[column.meaning.group] += len(column.values)
    return max(groups, key=lambda name: groups[name]) if groups else ""


def _family(column: _Column) -> str:
    """Return the kind of field: a street is one that an address may fill."""
    name = column.meaning.field
    if name in NAME_PARTS:
        return NAME
    if name in {STREET, "Street (2)", "Street (3)", "House number"}:
        return ADDRESS
    return CITY if name == "Postal code and city" else name


def _labels(column: _Column) -> dict[str, str]:
    """Return the fields of the labels, where every line of every cell has one that is known."""
    found: dict[str, str] = {}
    for value in column.values:
        for line in value.splitlines():
            label, colon, _ = line.partition(":")
            means = meaning(label) if colon else None
            if not means or means.strength != "sure" or means.field not in ADDRESS_FIELDS:
                return {}
            found[means.field] = label
    return found


def label_field(line: str) -> tuple[str, str]:
    """Return the field of a line `label: value`, and its value."""
    label, _, value = line.partition(":")
    return meaning(label).field, value.strip()


def _form_column(column: _Column, proposed: _Proposals) -> FormColumn:
    proposal = proposed.of(column)
    words = words_with_counts(column.values) if proposal.goes_to == CONSENT else {}
    text = column.heading.text
    return FormColumn(
        column.number,
        text,
        proposal.goes_to,
        proposal.strength,
        tuple(dict.fromkeys(column.values))[:3],
        proposal.is_asked,
        words,
        words_that_mean_yes(words, text),
        len(column.values),
        words_with_counts(column.values) if column.number in proposed.boxes else {},
    )


def words_with_counts(values: Iterable[str]) -> dict[str, int]:
    """Return the words of a column of consent, each with how often it stands there."""
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


@lru_cache(maxsize=1024)
def base_heading(goes_to: Destination) -> str:
    """Return the heading of the list that a column fills, without its part."""
    return goes_to.partition(" (")[0] if goes_to.endswith(")") else goes_to


def fills(plan: ColumnPlan) -> tuple[str, ...]:
    """Return the headings of the list that a plan fills, in the order of the columns."""
    goals = [column.goes_to for column in plan.columns]
    goals += plan.parts.values()
    words = {CONSENT, SUBMISSION, EMAIL, ORDER, LEAVE_OUT, DECEASED}
    found = (base_heading(g) for g in goals if g not in words and not g.endswith(TAKEN_APART))
    return tuple(dict.fromkeys(found))


# A form that is known again.


def forms_like(headings: Iterable[str], remembered: Sequence[FormMemory]) -> tuple[str, ...]:
    """Return the forms that have these headings: the same, or else four of five of them."""
    own = set(headings)
    scores: dict[str, float] = {}
    for form, known in _by_form(remembered).items():
        theirs = {memory.heading for memory in known if memory.heading}
        common = len(own & theirs)
        if own == theirs:
            scores[form] = 2
        elif common >= 0.8 * len(theirs) and common >= 0.5 * len(own) and common > 1:
            scores[form] = common / len(own | theirs)
    best = max(scores.values(), default=0)
    return tuple(form for form, score in scores.items() if score == best)


def _by_form(remembered: Iterable[FormMemory]) -> dict[str, list[FormMemory]]:
    found: dict[str, list[FormMemory]] = {}
    for memory in remembered:
        found.setdefault(memory.form, []).append(memory)
    return found


def _known_again(plan: ColumnPlan, remembered: Sequence[FormMemory], form: str) -> ColumnPlan:
    """Return the plan as it was confirmed; new, reworded and vanished questions are asked about."""
    forms = _by_form(remembered)
    like = (form,) if form else forms_like((c.heading for c in plan.columns), remembered)
    like = tuple(f for f in like if any(m.confirmed for m in forms.get(f, ()))) or like
    if len(like) != 1 or like[0] not in forms:
        return replace(plan, alike=like if len(like) > 1 else (), form=form)
    memories = {m.heading: m for m in forms[like[0]] if m.heading}
    headings = {column.heading for column in plan.columns}
    gone = [m for h, m in memories.items() if h not in headings]
    new = [c for c in plan.columns if c.heading not in memories]
    reworded = dict(_reworded(new, gone))
    taken = {m.goes_to for m in memories.values() if m.heading in headings}
    columns = []
    for column in plan.columns:
        memory = memories.get(column.heading)
        if memory and not (memory.goes_to == LEAVE_OUT and not memory.filled and column.filled):
            columns.append(_as_remembered(column, memory))
        elif column.heading in reworded:
            was = replace(reworded[column.heading], heading=column.heading)
            columns.append(replace(_as_remembered(column, was), is_asked=True))
        else:
            columns.append(_unasked(column, taken, is_new=memory is None))
    old = {m.heading for m in reworded.values()}
    return replace(
        plan,
        columns=tuple(columns),
        form=like[0],
        new=tuple(c.heading for c in new if c.heading not in reworded),
        reworded={heading: memory.heading for heading, memory in reworded.items()},
        vanished=tuple(m.heading for m in gone if m.heading not in old),
    )


def _as_remembered(column: FormColumn, memory: FormMemory) -> FormColumn:
    """Return a column as it was confirmed; asked about only where a word for yes is new."""
    if is_protected(memory.goes_to):
        return replace(column, goes_to=LEAVE_OUT, strength="asked", is_asked=True)
    if memory.goes_to != CONSENT:
        return replace(column, goes_to=memory.goes_to, strength="sure", is_asked=False)
    known = words_in_quotes(memory.yes)
    words = column.words
    meant = {folded(word) for word in known}
    yes = tuple(w for w in words if folded(w) in meant)
    new = tuple(w for w in words if w not in yes and verdict(w, column.heading) == "yes")
    yes = tuple(dict.fromkeys((*known, *yes, *new)))  # who says none of them today may tomorrow
    return replace(column, goes_to=CONSENT, strength="sure", is_asked=bool(new), yes=yes)


def _unasked(column: FormColumn, taken: set[str], *, is_new: bool) -> FormColumn:
    """Return a column that nobody confirmed, as proposed where nothing else goes there already.

    A second part may come to what was one column: the second line of a street, blank until now.
    """
    goes_to = column.goes_to
    if goes_to == CONSENT:  # whoever takes part agrees to all
        return replace(column, is_asked=True)
    is_part = goes_to.endswith(")") and not goes_to.endswith("(1)")
    there = taken if is_part else {base_heading(other) for other in taken}
    if goes_to != LEAVE_OUT and (goes_to if is_part else base_heading(goes_to)) in there:
        return replace(column, goes_to=LEAVE_OUT, strength="none", is_asked=is_new)
    return replace(column, is_asked=is_new or column.is_asked or is_part)


def _reworded(
    new: Sequence[FormColumn], gone: Sequence[FormMemory]
) -> Iterator[tuple[str, FormMemory]]:
    """Yield new headings that may be vanished ones in other words, each with what it was."""
    left = [memory for memory in gone if memory.goes_to != LEAVE_OUT]
    for column in new:
        same = [m for m in left if m.goes_to == column.goes_to]
        like = [m for m in left if not is_unlike(m.heading, column.heading)]
        if found := same or like:
            left.remove(found[0])
            yield column.heading, found[0]


def is_protected(goes_to: Destination) -> bool:
    """Return whether a heading of the list is none that a form fills."""
    return own_tag(tag_name(base_heading(goes_to))) in _OWN_TAGS


# What is remembered of a form.


def remembered_columns(
    plan: ColumnPlan, form: str, confirmed: dt.date | None = None
) -> tuple[FormMemory, ...]:
    """Return what the list's sheet Forms keeps of a form: its questions, no answers.

    That everybody agreed is no property of the form: it is asked of each file.
    """
    return tuple(
        FormMemory(
            form,
            column.heading,
            column.goes_to,
            column.filled,
            quoted_words(column.yes) if column.goes_to == CONSENT else "",
            confirmed,
        )
        for column in plan.columns
    )


def confirmation(remembered: Iterable[FormMemory], form: str) -> str:
    """Return a hash of what the sheet Forms says of a form, in whatever order its rows are."""
    said = [
        [folded(m.heading), folded(m.goes_to), *sorted(map(folded, words_in_quotes(m.yes)))]
        for m in remembered
        if m.form == form
    ]
    return short_hash(*("\x1f".join(words) for words in sorted(said))) if said else ""
