"""What staff have to settle, as the page shows it: whose it is, what differs, all that are alike.

Templates have the words; here is what they are said of. A form carries what was shown of each
letter or person: what is something else by now is not decided, and asked again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Literal

from merge.campaign.campaign import LETTERS_FOLDER, Campaign, LettersOrder
from merge.campaign.changes import LetterVersions, letter_versions
from merge.campaign.errand import Errand
from merge.campaign.plan import LetterPlan, Plan
from merge.campaign.questions import Question, settle
from merge.campaign.run import write_letters
from merge.campaign.view import View
from merge.model import Choice, Decision, People, Person, Place, Problem, Step
from merge.page.desk import Sight
from merge.proofreading.checks import ParagraphChange
from merge.state.identity import PersonHashes

Alike = Literal["signer", "recipient", "kind"]
"""What letters that are to be settled have in common: a person, or why they were kept."""

_FEW = 4
"""Paragraphs one after another that are shown though nothing differs in them."""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question with whose it is: a letter's plan, or a person."""

    question: Question
    letter: LetterPlan | None = None
    person: Person | None = None

    @property
    def shown(self) -> str:
        """What a form says of it: its id, and what stands for that which is shown."""
        return f"{self.question.about}.{self.question.seen}"

    @property
    def kind(self) -> str:
        """Why a letter was not brought up to date by itself; of a person, `person`."""
        if self.letter is None:
            return "person"
        return "resaved" if "resaved" in self.letter.kinds else "edited"


def all_asked(sight: Sight) -> list[OpenQuestion]:
    """Return all that is to be settled, in the order of the workbook: letters, then people."""
    view = sight.view
    return [_asked(view, question) for question in sight.to_decide] if view else []


def _asked(view: View, question: Question) -> OpenQuestion:
    if planned := view.planned.get(question.about):
        return OpenQuestion(question, planned)
    place, book = question.place, view.campaign.workbook
    people = (one for sheet in (book.signers, book.recipients) for one in _at(sheet, place))
    return OpenQuestion(question, person=next(people, None))


def _at(sheet: People, place: Place) -> Iterator[Person]:
    if sheet.sheet == place.sheet:
        yield from (person for person in sheet.persons if person.row == place.row)


def is_known(view: View, about: str) -> bool:
    """Return whether there is a letter or a person of that id, asked about or not."""
    if about in view.planned:
        return True
    book, salt = view.campaign.workbook, view.campaign.identity.salt
    people, key = (*book.signers.persons, *book.recipients.persons), PersonHashes(salt).key
    return any(key(person) == about for person in people)


def alike(one: OpenQuestion, by: Alike, everything: Sequence[OpenQuestion]) -> list[OpenQuestion]:
    """Return the questions of letters that have the same in common with one, itself among them."""
    common = _common(one, by)
    return [each for each in everything if common and _common(each, by) == common]


def _common(asked: OpenQuestion, by: Alike) -> str:
    """Return what a letter has in common with others; empty of a person."""
    if asked.letter is None:
        return ""
    pair = asked.letter.step.letter.pair
    return {"signer": pair.signer.key, "recipient": pair.recipient.key, "kind": asked.kind}[by]


def letters_of(view: View, person: Person) -> list[LetterPlan]:
    """Return the letters of a person."""
    own = (person.kind, person.key)
    return [
        each
        for each in view.letters
        for other in (each.step.letter.pair.signer, each.step.letter.pair.recipient)
        if (other.kind, other.key) == own
    ]


# What differs.


@dataclass(frozen=True, slots=True)
class Stretch:
    """Paragraphs of two letters, one after another: the same in both, or each otherwise."""

    differs: bool
    rows: tuple[ParagraphChange, ...]

    @property
    def is_long(self) -> bool:
        """Whether it is to be folded away: nothing differs in it."""
        return not self.differs and len(self.rows) > _FEW


@dataclass(frozen=True, slots=True)
class DataChange:
    """A column that changed, in words; what it says now, and what the letter there says instead."""

    name: str
    now: str = ""
    there: str = ""


@dataclass(frozen=True, slots=True)
class Differences:
    """How a letter that lies there differs from the one that would be made now."""

    versions: LetterVersions
    stretches: tuple[Stretch, ...] = ()
    data: tuple[DataChange, ...] = ()


def differences(view: View, planned: LetterPlan) -> Differences:
    """Return how a letter differs from the new one; its file is read at this moment."""
    versions = letter_versions(view, planned.known.id)
    rows = versions.to_new or ()
    runs = groupby(rows, attrgetter("differs"))
    stretches = (Stretch(differs, tuple(own)) for differs, own in runs)
    values = _values(view.campaign, planned) if planned.changed else {}
    data = (
        DataChange(name, values.get(name, ""), _instead(rows, values.get(name, "")))
        for name in planned.changed
    )
    return Differences(versions, tuple(stretches), tuple(data))


def _values(campaign: Campaign, planned: LetterPlan) -> Mapping[str, str]:
    """Return what the columns say now that a letter may be made from, by what staff call them."""
    pair = planned.step.letter.pair
    roots = {
        "signer": pair.signer.fields,
        "recipient": pair.recipient.fields,
        "pair": pair.fields,
        "settings": campaign.facts.settings,
    }
    return {
        campaign.in_words(f"{root}.{tag}"): str(value)
        for root, fields in roots.items()
        for tag, value in fields.items()
    }


def _instead(rows: Sequence[ParagraphChange], now: str) -> str:
    """Return the words in whose place a value comes; empty where that is not clear."""
    found = {
        old.strip()
        for row in rows
        if row.differs
        for (gone, old), (new, came) in pairwise(row.words())
        if (gone, new) == ("gone", "new") and came.strip() == now.strip()
    }
    return found.pop() if len(found) == 1 else ""


# What was decided, carried out.


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of decisions: how many were carried out; the ids of those that were not.

    `changed`: something else was shown; `in_use`: the letter is open in a program.
    """

    choice: Choice
    done: int
    changed: tuple[str, ...] = ()
    in_use: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    stopped: bool = False


def still_asked(
    sight: Sight, choice: Choice, shown: Mapping[str, str]
) -> tuple[list[Decision], list[str]]:
    """Return the decisions of what is asked as it was shown, and the ids of what is not."""
    asked = {question.about: question for question in sight.to_decide}
    decisions, others = list[Decision](), list[str]()
    for about, seen in shown.items():
        question = asked.get(about)
        if question and question.seen == seen and choice in question.choices:
            decisions.append(question.decision(choice))
        else:
            others.append(about)
    return decisions, others


def carry_out(
    campaign: Campaign,
    choice: Choice,
    decisions: Sequence[Decision],
    others: Sequence[str],
    errand: Errand,
) -> Decided:
    """Do what was decided. `others` are the ids of what was something else before this began."""
    if choice == "new" and decisions:
        return _make_anew(campaign, decisions, others, errand)
    left = [one.about for one in settle(campaign, decisions)] if decisions else []
    return Decided(choice, len(decisions) - len(left), (*others, *left))


def _make_anew(
    campaign: Campaign, decisions: Sequence[Decision], others: Sequence[str], errand: Errand
) -> Decided:
    """Make letters anew, and no other; what lies there is set aside."""
    ids = frozenset(one.about for one in decisions)
    order = LettersOrder(campaign.folder / LETTERS_FOLDER, decisions=tuple(decisions), letters=ids)
    steps = list[Step]()
    result = write_letters(Plan(campaign, order), errand, steps.append)
    done = sum(step.state == "rewritten" for step in steps)
    in_use = tuple(step.letter.id for step in steps if step.state == "in-use")
    kept = (s.letter.id for s in steps if s.state not in {"rewritten", "in-use"})
    errors = tuple(problem for problem in result.problems if problem.level == "error")
    return Decided("new", done, (*others, *kept), in_use, errors, result.stopped)
