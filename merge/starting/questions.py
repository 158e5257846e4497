"""Questions about letters, and the answers that staff give.

Each question has a wording with fields, so that a front end can show it in another language. Its
first option is what is done without an answer: no default changes a text by a guess.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

_STAYS = "It stays the same in all letters"
WORDINGS: Mapping[str, tuple[str, ...]] = {
    "whose letter": ("To whom is this letter?",),
    "whose signature": ("Who signs this letter?",),
    "address": ("Several blocks look like an address. Which is the recipient’s?",),
    "sender": (
        "Above the letter is an address that begins “{text}”. Whose is it?",
        "Our organisation’s: it stays in all letters",
        "The signer’s: each signer has an address",
        "The recipient’s: each recipient has an address",
    ),
    "same line": (
        "“{text}”: the same in all letters. Is it a column of the {sheet} ({heading})?",
        "Yes, other letters may have something else there",
        f"No. {_STAYS}",
    ),
    "below the name": (
        "“{text}”: below the signer’s name. Has each signer another text there?",
        "Yes, columns ({heading})",
        f"No. {_STAYS}",
    ),
    "greeting": (
        "“{text}” names no one. Should it be the same in all letters?",
        "Yes",
        "No, make it a column, Salutation",
    ),
    "slip": (
        "The letters differ by one word: “{first}” and “{second}”, in “{around}”. Which is right?",
        "Both: keep them apart in a column",
        "“{first}” in all letters",
        "“{second}” in all letters",
    ),
    "dates": (
        "The letters have different dates. Which date should letters have from now on?",
        "The day on which they are created",
        "A date of each recipient: a column, Date",
    ),
    "date forms": (
        "The letters write dates as “{first}” and “{second}”. What should new letters have?",
        "A date of each recipient: a column, Date",
        "The day on which they are created, as in “{day}”",
    ),
    "date order": (
        "Does “{text}” mean {day}?",
        "Yes",
        "No, it means {other_day}",
    ),
    "date form": (
        "“{text}” is a date in a form that no placeholder writes. What should letters have?",
        _STAYS,
        "{day}: the date of the letter, in this form",
    ),
    "part of name": (
        "“{text}” in “{around}” is a part of the name “{name}”, and would be in every letter.",
        "Make it a column",
        _STAYS,
    ),
    "form of name": (
        "“{text}” in “{around}” may be a form of the name “{name}”, and would be in every letter.",
        "Make it a column",
        _STAYS,
    ),
    "which": ("“{text}” in “{around}” may be {columns}. Which is it?",),
    "half a line": (
        "“{text}” in “{around}” is {heading} of the {sheet}, but no cell has the rest of the line.",
        _STAYS,
        "It changes with the {sheet}",
    ),
    "in a text": (
        "“{text}” in “{around}” is also {heading} of the {sheet}. Does it differ?",
        f"No. {_STAYS}",
        "Yes, each letter has its own {heading} there",
    ),
}
"""The words of a question by kind, and of its options, the default first."""
NO_COLUMN = "Neither. " + _STAYS

NOTICES: Mapping[str, str] = {
    "small": "Small differences in {letter} (spaces, quotation marks, dashes): {count}. The"
    " template has those of {first}.",
    "blank lines": "The template has other blank lines {place} than {letter}.",
    "link removed": "The link on “{text}” was removed: its address is not that of each letter.",
    "no cell": "{name} has no {heading}: where it belongs cannot be found from this letter.",
    "no column": "These words of the address, the salutation and the signature are in no cell, and"
    " stay the same in all letters: {words}. If they can differ, add a column to the workbook.",
    "not found": "{heading} of the {sheet} is not in the letter.",
    "no signer": "No signer of the workbook is in the letter.",
    "no signers": "The workbook has no signers, so the signature stays the same in all letters. If"
    " several people sign, first add a Signers sheet with a Name column to the workbook.",
    "part of name kept": "“{text}” in “{around}” is a part of the name “{name}”. It stays in all"
    " letters.",
    "date kept": "“{text}” looks like a date, and stays the same in all letters.",
    "people": "These names and similar words stay the same in all letters: {names}.",
    "contacts": "These contact details and references stay the same in all letters: {details}.",
    "hidden": "These words, which the text does not show, stay the same in all letters: {texts}.",
    "not in template": "The template lacks “{item}” of {letter}.",
    "picture": "A picture is in what differs: “{text}”. It stays as in {first}.",
    "words kept": "“{other}” in {letter} becomes “{text}”, because all letters keep the words of"
    " {first}.",
}
"""Facts that staff should know, by kind."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that staff must decide.

    `key` names it in the answers. `fields` are the values in its words; `names` are options that
    have no wording, such as people and columns. `choice` is the option that was used.
    """

    key: str
    kind: str
    fields: Mapping[str, str]
    names: tuple[str, ...] = ()
    choice: int = 0
    is_answered: bool = False

    @property
    def text(self) -> str:
        """The question in English."""
        return WORDINGS[self.kind][0].format_map(self.fields)

    @property
    def options(self) -> tuple[str, ...]:
        """The options in English, the default first."""
        worded = (words.format_map(self.fields) for words in WORDINGS[self.kind][1:])
        return (*self.names, *worded)


@dataclass(frozen=True, slots=True)
class Notice:
    """A fact about the letters or the template that staff should know."""

    kind: str
    fields: Mapping[str, str]

    @property
    def text(self) -> str:
        """The fact in English."""
        return NOTICES[self.kind].format_map(self.fields)


@dataclass(frozen=True, slots=True)
class AddedPlace:
    """A place that staff add: a stretch of a text of the first letter.

    `slot` is the number of the text. `column` is the key of a column; if there is none, a new one
    of that sheet and heading is added: `recipient.Prisoner`.
    """

    slot: int
    start: int
    end: int
    column: str


@dataclass(frozen=True, slots=True)
class StartAnswers:
    """All that staff have decided about letters; everything else is computed.

    1. `replies` are options of questions by key, `headings` new headings of columns by key.
    2. `rejected` are keys of columns and places, and texts, that keep the first letter's words.
    3. `widened_columns` are the numbers of words to join, before and after a column's values.
    4. With `adds_signer`, the signer's name is added below the closing.
    """

    replies: Mapping[str, int] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)
    rejected: frozenset[str] = frozenset()
    added_places: tuple[AddedPlace, ...] = ()
    widened_columns: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    adds_signer: bool = False

    def reply(self, question: str, option: int) -> StartAnswers:
        """Return the answers with a reply to a question."""
        return replace(self, replies={**self.replies, question: option})

    def rename(self, column: str, heading: str) -> StartAnswers:
        """Return the answers with another heading for a column."""
        return replace(self, headings={**self.headings, column: heading})

    def reject(self, key: str) -> StartAnswers:
        """Return the answers without a column or a place: its words stay."""
        return replace(self, rejected=self.rejected | {key})

    def accept(self, key: str) -> StartAnswers:
        """Return the answers with a column or a place that was rejected."""
        return replace(self, rejected=self.rejected - {key})

    def add_place(self, place: AddedPlace) -> StartAnswers:
        """Return the answers with a further place."""
        return replace(self, added_places=(*self.added_places, place))

    def widen_column(self, column: str, before: int, after: int) -> StartAnswers:
        """Return the answers with a column that takes the words beside it."""
        widened = {**self.widened_columns, column: (before, after)}
        return replace(self, widened_columns=widened)


@dataclass(slots=True)
class Dialogue:
    """Asks questions of answers that were given before; keeps all questions."""

    answers: StartAnswers
    questions: list[Question] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def ask(self, kind: str, subject: str, names: Sequence[str] = (), /, **fields: str) -> int:
        """Return the option that staff chose, or 0; the question is kept.

        `subject` distinguishes questions of one kind.
        """
        key = f"{kind}: {subject}"
        choice = self.answers.replies.get(key, 0)
        question = Question(key, kind, fields, names=tuple(names), choice=choice)
        question = replace(question, is_answered=key in self.answers.replies)
        if not 0 <= choice < len(question.options):
            question = replace(question, choice=0)
        if all(other.key != key for other in self.questions):
            self.questions.append(question)
        return question.choice

    def tell(self, kind: str, /, **fields: str) -> None:
        """Keep a notice, once."""
        notice = Notice(kind, fields)
        if notice not in self.notices:
            self.notices.append(notice)
