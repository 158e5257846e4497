"""Every finished letter read again, and what is doubtful about each."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import zip_longest
from typing import Literal, NamedTuple

from merge import messages
from merge.checks.left_over import FOR_ONE, LEFT_OVER
from merge.disk import short_path
from merge.errors import MergeError
from merge.letter_status import FinishedLetter
from merge.ooxml.wordml import OBJECT, W, tracked_changes
from merge.people import Pair, People, Person, SheetKind
from merge.problems import Place, Problem
from merge.proofreading.index import (
    TAG,
    Block,
    Blocks,
    LetterParagraph,
    LineMatcher,
    ShownValue,
    TemplateText,
    ValueLine,
    empty_lines,
    field_names,
    fields_in,
    shown_values,
)
from merge.proofreading.text import (
    BODY,
    LetterReader,
    LetterText,
    Paragraph,
    Part,
    texts_of,
    why_unreadable,
)
from merge.template.template import ReadableLetter
from merge.text.folding import folded, words
from merge.values import BLANK, Value
from merge.workbook.index import NAME_TAGS, IndexEntry, Owner, index_of, owner_of
from merge.workbook.words import own_tag

Verdict = Literal["right", "look"]


@dataclass(frozen=True, slots=True)
class LetterToReview:
    """A letter to be read.

    `data` is the file as it lies on the disk; `made` what the program would make today for this
    pair, with the date of the letter.
    """

    letter: FinishedLetter
    data: bytes
    made: ReadableLetter


@dataclass(frozen=True, slots=True)
class ReviewedLetter:
    """A letter that was read.

    `doubts` are errors where the letter must not be printed, and warnings where somebody must
    look; none means that it is right. `changes` are the paragraphs that differ from what the
    program makes. `blocks` are what a native speaker must read. `shown` are the columns, by kind
    and tag, whose cell the letter shows. `named` are those of the pair whose name the letter, or
    what the program makes, shows; without those whose name the template says by itself.
    `unnamed` are those whose name stands in neither.
    """

    letter: FinishedLetter
    doubts: tuple[Problem, ...] = ()
    changes: tuple[ParagraphChange, ...] = ()
    blocks: tuple[Block, ...] = ()
    shown: frozenset[tuple[SheetKind, str]] = frozenset()
    named: tuple[Person, ...] = ()
    unnamed: tuple[Person, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Return whether somebody must look at the letter before it is printed."""
        return "look" if self.doubts else "right"


def proofread(
    proofs: Iterable[LetterToReview],
    people: tuple[People, People],
    settings: Mapping[str, Value],
    templates: Mapping[str, bytes],
    left: AbstractSet[tuple[str, ...]] = frozenset(),
) -> Iterator[ReviewedLetter]:
    """Yield every letter reviewed, one at a time.

    `people` are signers and recipients, all of them, whoever's letters are read; `templates` are
    the Word files by name, as their author wrote them; `left` are the words of people that these
    say by mistake. A letter that lacks a name comes when it is
    known whether others of its template have it: at the latest behind all others.
    """
    reader = _Reviewer(people, settings, templates, left)
    names = _NameTracker()
    for proof in proofs:
        yield from names.settled(reader.read(proof))
    yield from names.rest()


class _Reviewer:
    """Reads letters, knowing the workbook and the templates."""

    def __init__(
        self,
        people: tuple[People, People],
        settings: Mapping[str, Value],
        templates: Mapping[str, bytes],
        left: AbstractSet[tuple[str, ...]],
    ) -> None:
        names = field_names(people, settings)
        self._left = left
        self._fixed = TemplateText(templates, names)
        self._view = LineMatcher(index_of(people, settings), self._fixed, left)
        self._leftovers = Leftovers(self._fixed, names, settings)
        self._salutations = Salutations(people[1])
        self._lookup = WorkbookLookup(people)
        self._blocks = Blocks()
        self._reader = LetterReader()
        self._shown: dict[frozenset[tuple[SheetKind, str]], frozenset[tuple[SheetKind, str]]] = {}

    def read(self, proof: LetterToReview) -> ReviewedLetter:
        letter = proof.letter
        made = self._reader.read(proof.made.texts)
        try:
            read = made if proof.data == proof.made.data else self._read(proof)
        except MergeError:
            read = LetterText(())
        if not any(paragraph.part == BODY for paragraph in read.paragraphs):
            return ReviewedLetter(letter, (_unreadable(proof),))
        found = self._judged(letter, read, made.paragraphs)
        left = prompts_left(read.paragraphs, made.paragraphs, proof.made.prompts, letter)
        return replace(found, doubts=tuple(dict.fromkeys((*found.doubts, *left))))

    def _read(self, proof: LetterToReview) -> LetterText:
        """Read the file; a MergeError where it is no sound .docx."""
        return self._reader.read(texts_of(proof.data, proof.letter.path.name))

    def _judged(
        self,
        letter: FinishedLetter,
        text: LetterText,
        made: Sequence[Paragraph],
    ) -> ReviewedLetter:
        read = text.paragraphs
        differ: tuple[ParagraphChange, ...] = ()
        if made is read:
            paragraphs = self._view.paragraphs(letter.pair, read)
            here = wanted = shown_values(paragraphs)
        else:
            known = frozenset(line for p in made for line in p.text.splitlines())
            paragraphs = self._view.paragraphs(letter.pair, read, known)
            here = shown_values(paragraphs)
            wanted = shown_values(self._view.paragraphs(letter.pair, made))
            differ = changes(made, read)
        doubts = (
            *foreign_data(paragraphs, letter, self._lookup, self._left),
            *(() if made is read else missing_data(here, wanted, letter, self._lookup)),
            *self._leftovers.find(paragraphs, letter),
            *revisions(text.marked, letter),
            *self._salutation(letter, here),
            *_change_warning(letter, differ),
        )
        blocks = self._blocks.of(paragraphs, letter.pair)
        shown = frozenset([(fact.kind, fact.tag) for fact in here])
        shown = self._shown.setdefault(shown, shown)  # held once for all letters
        people = (letter.pair.signer, letter.pair.recipient)
        named = [p for p in people if (p.kind, "name") in shown or _shows(wanted, p, "name")]
        sure = tuple(p for p in named if not self._fixed.contains(words(p.name)))
        unnamed = tuple(p for p in people if p not in named)
        recipient = letter.pair.recipient
        if recipient in unnamed and not _is_meant(recipient, paragraphs, (*here, *wanted)):
            doubts = (*doubts, _names_nobody(letter))
            unnamed = tuple(p for p in unnamed if p is not recipient)
        return ReviewedLetter(
            letter, tuple(dict.fromkeys(doubts)), differ, blocks, shown, sure, unnamed
        )

    def _salutation(
        self, letter: FinishedLetter, here: Mapping[ShownValue, int]
    ) -> Iterator[Problem]:
        """Yield the doubt about the workbook's salutation, if the letter shows it."""
        recipient = letter.pair.recipient
        problem = self._salutations.doubt(recipient)
        if problem and _shows(here, recipient, "salutation"):
            yield problem


def _shows(shown: Iterable[ShownValue], person: Person, tag: str) -> bool:
    return any(fact.tag == tag and fact.kind == person.kind for fact in shown)


def _is_meant(
    recipient: Person, paragraphs: Iterable[LetterParagraph], shown: Iterable[ShownValue]
) -> bool:
    """Return whether a letter without the recipient's Name has a word of it, or the salutation."""
    if any(fact.kind == recipient.kind and own_tag(fact.tag) in NAME_TAGS for fact in shown):
        return True
    return any(
        not line_words.isdisjoint(words(recipient.name))
        for line_words in (set(line.words) for _, read in paragraphs for line in read.lines)
    )


def _unreadable(proof: LetterToReview) -> Problem:
    why = why_unreadable(proof.data, proof.letter.path.name) or ""
    return messages.problem(f"proof-unreadable{why}", place_of(proof.letter))


def _names_nobody(letter: FinishedLetter) -> Problem:
    return messages.problem("proof-nobody", place_of(letter), name=letter.pair.recipient.label)


def _change_warning(letter: FinishedLetter, differ: Sequence[ParagraphChange]) -> Iterator[Problem]:
    if differ:
        key = "proof-changed/edited" if letter.edited else "proof-changed"
        yield messages.problem(key, place_of(letter), count=len(differ))


class _NameTracker:
    """Waits with letters until it is known whether their template prints both names."""

    def __init__(self) -> None:
        self._named: dict[str, set[SheetKind]] = defaultdict(set)
        self._waiting: dict[str, list[ReviewedLetter]] = defaultdict(list)

    def settled(self, read: ReviewedLetter) -> Iterator[ReviewedLetter]:
        """Yield the letters for which it is known now."""
        template = folded(read.letter.pair.recipient.fields.get("template", BLANK))
        named, waiting = self._named[template], self._waiting[template]
        named.update(person.kind for person in read.named)
        waiting.append(read)
        if len(named) == 2:
            yield from (_with_missing_names(read, named) for read in waiting)
            waiting.clear()

    def rest(self) -> Iterator[ReviewedLetter]:
        """Yield all others."""
        for template, waiting in self._waiting.items():
            yield from (_with_missing_names(read, self._named[template]) for read in waiting)


def _with_missing_names(read: ReviewedLetter, named: AbstractSet[SheetKind]) -> ReviewedLetter:
    """Return the letter with a doubt for each name that others have."""
    new = [missing_name(read.letter, person) for person in read.unnamed if person.kind in named]
    return replace(read, doubts=(*read.doubts, *new)) if new else read


# Whose data a letter holds: another's, or no longer the pair's own.


def place_of(letter: FinishedLetter, paragraph: Paragraph | None = None) -> Place:
    """Return the letter's file, by the last two names of its path; or a paragraph in it."""
    file = short_path(letter.path)
    if paragraph is None:
        return Place(file)
    words_of = paragraph.text.replace(OBJECT, "")
    return Place(file, part=paragraph.part, paragraph=paragraph.number, words=words_of)


class WorkbookLookup:
    """The people of the workbook by key, and its headings by tag."""

    def __init__(self, people: Sequence[People]) -> None:
        self._persons = {owner_of(person): person for sheet in people for person in sheet.persons}
        self._columns = {(sheet.kind, c.tag): c for sheet in people for c in sheet.columns}

    def person(self, owner: Owner) -> Person:
        """Return the person. Raise KeyError for what all share."""
        return self._persons[owner]

    def described(self, facts: Iterable[ShownValue]) -> str:
        """Return values as people read them, in the columns' order: `Street “Birnbaumgasse 7”`."""
        found = ((self._columns.get((fact.kind, fact.tag)), fact) for fact in facts)
        named = [
            (column.number, column.heading.strip(), fact.text)
            if column
            else (0, fact.tag, fact.text)
            for column, fact in found
        ]
        return ", ".join(f"{heading} “{text}”" for _, heading, text in sorted(named))


def foreign_data(
    paragraphs: Iterable[LetterParagraph],
    letter: FinishedLetter,
    lookup: WorkbookLookup,
    left: AbstractSet[tuple[str, ...]] = frozenset(),
) -> Iterator[Problem]:
    """Yield a problem for each person whose data stands in the letter of others.

    It is a warning where nothing but words `left` in the template is so: these may be meant.
    """
    found = [
        (match.entry, paragraph)
        for paragraph, read in paragraphs
        for line in read.lines
        for match in line.others
    ]
    votes = Counter(owner for entry, _ in found for owner in entry.tags)
    by_person: dict[Owner, list[tuple[IndexEntry, Paragraph]]] = defaultdict(list)
    for entry, paragraph in found:
        by_person[max(entry.tags, key=votes.__getitem__)].append((entry, paragraph))
    for owner, own in by_person.items():
        person, place = lookup.person(owner), place_of(letter, own[0][1])
        shown = set()
        for entry, _ in own:
            tags = entry.tags[owner]
            tag = next((tag for tag in NAME_TAGS if tag in tags), min(tags))
            shown.add(ShownValue(owner[0], tag, entry.text))
        sure = any(fact.tag in NAME_TAGS or len(words(fact.text)) > 1 for fact in shown)
        key = "proof-another" if sure else "proof-another/one-word"
        if all(entry.words in left for entry, _ in own):
            key = "proof-another/template"
        values = lookup.described(shown)
        yield messages.problem(key, place, kind=owner[0], person=person.label, values=values)


def missing_data(
    here: Mapping[ShownValue, int],
    made: Mapping[ShownValue, int],
    letter: FinishedLetter,
    lookup: WorkbookLookup,
) -> Iterator[Problem]:
    """Yield problems for the pair's own values that the letter should show and does not.

    `here` is what it shows and how often, `made` what it shows as the program makes it.
    """
    for fact in made:
        if fact.tag in NAME_TAGS and 0 < here.get(fact, 0) < made[fact]:
            shown = lookup.described([fact])
            place = place_of(letter)
            yield messages.problem("proof-missing/fewer", place, kind=fact.kind, values=shown)
    missing: dict[SheetKind, list[ShownValue]] = defaultdict(list)
    for fact in made:
        if fact not in here and fact.kind != "settings":
            missing[fact.kind].append(fact)
    for kind, lost in missing.items():
        is_name = any(fact.tag in NAME_TAGS for fact in lost)
        key = "proof-missing" if is_name else "proof-missing/no-name"
        yield messages.problem(key, place_of(letter), kind=kind, values=lookup.described(lost))


def missing_name(letter: FinishedLetter, whom: Person) -> Problem:
    """Return the problem of a letter without a name that others of its template show."""
    place, name = place_of(letter), str(whom.name)
    return messages.problem("proof-missing/others", place, kind=whom.kind, name=name)


# What must not be left in a letter: tags, None, empty lines of an address, stray blanks.

_BRACES = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_NOTHING = re.compile(
    r"(?<!\w)(?:None(?! of\b)|nan|NaN|NaT|#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!))(?!\w)"
    r"|\ufffd"
)
"""How Python and Excel write that there is no value, and what stands for a character lost."""

_REMAINS = re.compile(r"\(\s*\)|,\s*,|^\s*[,;]")
"""What stays where something is blank: empty brackets, a comma with nothing before it."""

_GAPS = re.compile(r"(?<!\S)(\S++)([ \u00a0]{2,}|[ \u00a0](?=[,.](?:\s|$)))(?=(\S+))")
"""Two blanks together, or one before a comma or a full stop, with their neighbours."""

_SUSPECT = (_BRACES, _NOTHING, _REMAINS, _GAPS, re.compile("«"))


class _Gap(NamedTuple):
    before: str
    blanks: str
    behind: str

    def comes_of(self, meant: _Gap) -> bool:
        """Return whether a template's gap can have become this one: a tag is any word."""
        same = (a == b or TAG in b for a, b in zip(self, meant, strict=True))
        return all(same) and self.blanks == meant.blanks


@lru_cache(maxsize=50_000)
def _is_clean(text: str) -> bool:
    return not any(pattern.search(text) for pattern in _SUSPECT)


def _gaps(text: str) -> list[_Gap]:
    return [_Gap(*found.groups()) for found in _GAPS.finditer(text)]


class Leftovers:
    """Finds them, knowing what templates and cells mean to say.

    `names` are those of merge fields.
    """

    def __init__(
        self, fixed: TemplateText, names: AbstractSet[str], settings: Mapping[str, Value]
    ) -> None:
        patterns = (_BRACES, _NOTHING, _REMAINS)
        self._meant = {text for line in fixed.lines for p in patterns for text in p.findall(line)}
        self._gaps = [gap for line in fixed.lines for gap in _gaps(line)]
        self._empty_lines = fixed.empty_lines
        self._names = names
        self._settings = settings

    def find(
        self, paragraphs: Sequence[LetterParagraph], letter: FinishedLetter
    ) -> Iterator[Problem]:
        """Yield a problem for each, with the paragraph in which it stands."""
        lines = [(own, line.text) for own, read in paragraphs for line in read.lines]
        for paragraph, text in lines:
            if not _is_clean(text):
                place = place_of(letter, paragraph)
                yield from self._left(text, letter.pair, place)
                yield from self._blanks(text, letter.pair, place)
        may_be = any(not text.strip() for _, text in lines)
        empty = empty_lines(_value_lines(paragraphs)) if may_be else []
        if len(empty) > self._empty_lines:
            place = place_of(letter, lines[empty[0] - 1][0])
            yield messages.problem("proof-empty-line", place)

    def _left(self, text: str, pair: Pair, place: Place) -> Iterator[Problem]:
        kinds = (
            ("", [b for b in _BRACES.findall(text) if b not in self._meant]),
            ("/merge-field", list(fields_in(text, self._names))),
            ("/no-value", [n for n in _NOTHING.findall(text) if self._no(n, pair)]),
        )
        for variant, found in kinds:
            if found:
                yield messages.problem(f"proof-leftover{variant}", place, text=found[0])

    def _no(self, text: str, pair: Pair) -> bool:
        """Return whether neither a template has it nor a cell, among other words."""
        among = (value for value in self._data(text, pair) if value.strip() != text)
        return text not in self._meant and not any(among)

    def _data(self, text: str, pair: Pair) -> Iterator[str]:
        """Return the pair's cells that hold the text."""
        own = (pair.signer.fields, pair.recipient.fields, pair.fields, self._settings)
        values = (str(value) for fields in own for value in fields.values())
        return (value for value in values if text in value)

    def _blanks(self, text: str, pair: Pair, place: Place) -> Iterator[Problem]:
        for gap in _gaps(text):
            shown = "".join(gap)
            meant = any(gap.comes_of(other) for other in self._gaps)
            if not meant and not any(self._data(shown, pair)):
                key = "proof-blank" if len(gap.blanks) > 1 else "proof-blank/extra"
                yield messages.problem(key, place, text=shown)
        for rest in _REMAINS.findall(text):
            if rest not in self._meant and not any(self._data(rest, pair)):
                yield messages.problem("proof-blank/missing", place, text=rest.strip())


def _value_lines(paragraphs: Iterable[LetterParagraph]) -> Iterator[ValueLine]:
    for paragraph, read in paragraphs:
        for line, owner in zip(read.lines, read.owners, strict=True):
            yield ValueLine(line.text, owner, paragraph.holder)


def prompts_left(
    read: Sequence[Paragraph],
    made: Sequence[Paragraph],
    fields: Iterable[str],
    letter: FinishedLetter,
) -> Iterator[Problem]:
    """Yield a warning for each prompt that nobody has typed over.

    `fields` are the words of the template's fields to click on. A letter has no mark of these, and
    a program that saves it may drop those of controls: then it has the words as often as before.
    """
    shown = [(prompt, paragraph) for paragraph in read for prompt in paragraph.prompts]
    known = {prompt for prompt, _ in shown}
    expected = {*fields, *(prompt for paragraph in made for prompt in paragraph.prompts)} - known
    for prompt in sorted(expected) if expected else ():
        now = [p for p in read if prompt in _in_one_line(p)]
        times = [sum(_in_one_line(p).count(prompt) for p in own) for own in (read, made)]
        if now and times[0] >= times[1]:
            texts = {p.text for p in made if prompt in p.prompts}
            shown.append((prompt, next((p for p in now if p.text in texts), now[0])))
    for prompt, paragraph in shown:
        yield messages.problem("proof-leftover/prompt", place_of(letter, paragraph), text=prompt)


def _in_one_line(paragraph: Paragraph) -> str:
    return " ".join(paragraph.text.split())


def revisions(parts: Sequence[Part], letter: FinishedLetter) -> Iterator[Problem]:
    """Yield problems for tracked changes and comments, which Word prints with the letter."""
    for part in parts:
        place = Place(place_of(letter).file, part=part.name)
        yield from tracked_changes(part.root, place)
        if next(part.root.iter(W + "commentReference"), None) is not None:
            yield messages.problem("proof-comments", place)


# Salutations that name another recipient, as a cell copied down does.


class Salutations:
    """Knows how every recipient is addressed."""

    def __init__(self, recipients: People) -> None:
        self._sheet = recipients
        self._surnames: dict[str, Person] = {}
        titles: set[str] = set()
        for person in recipients.persons:
            said, name = _salutation(person), words(person.name)
            if name and name[-1] in said and len(name[-1]) > 1:
                self._surnames.setdefault(name[-1], person)
            rest = (v for t, v in person.fields.items() if t not in {"name", "salutation"})
            titles.update(word for value in rest for word in words(value))
        self._titles = frozenset(titles)

    def doubt(self, person: Person) -> Problem | None:
        """Return the problem with a recipient's salutation, at its cell; None if there is none.

        It has a word by which another is called and addressed, which is nobody's office, and no
        word of the recipient's own name.
        """
        said = _salutation(person)
        if set(said) & set(words(person.name)):
            return None
        surnames = (self._surnames.get(word) for word in said if word not in self._titles)
        other = next(filter(None, surnames), None)
        if other is None:
            return None
        place = person.place("salutation")
        return messages.problem("proof-salutation", place, other=other.label, person=person.label)


def _salutation(person: Person) -> tuple[str, ...]:
    return words(person.fields.get("salutation", BLANK))


# Doubts that concern no single letter: reported once, not for each.


def general_doubts(
    reads: Sequence[ReviewedLetter], people: tuple[People, People], warnings: Iterable[Problem] = ()
) -> tuple[Problem, ...]:
    """Return warnings: what templates say in all letters, and a name that no letter shows.

    `warnings` are those that the check of the campaign gave.
    """
    left = (p for p in warnings if p.code in {LEFT_OVER, FOR_ONE})
    told = (replace(p, code="proof-template") if p.code == LEFT_OVER else p for p in left)
    return (*told, *_shown_nowhere(reads, people))


def _shown_nowhere(
    reads: Sequence[ReviewedLetter], people: tuple[People, People]
) -> Iterator[Problem]:
    """Columns may be mixed up in a template: then all letters are wrong in the same way."""
    for sheet in people:
        if reads and not any((sheet.kind, "name") in read.shown for read in reads):
            place, kind = sheet.place(tag="name"), sheet.kind
            yield messages.problem("proof-nowhere", place, count=len(reads), kind=kind)


# What of a letter differs from what the program makes, paragraph by paragraph, then in words.

_WORDS = re.compile(r"\s*+(?:\w+|[^\w\s])|\s+")
_ALIKE = 0.5
"""From this ratio on two paragraphs are one that was changed (difflib: 1 is the same)."""

_MOST_COMPARED = 400
"""Pairs of paragraphs that are held against each other; beyond that they are taken in order."""

ChangeKind = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class ParagraphChange:
    """A paragraph of two versions: where it stands now, what it said, what it says.

    `made` is empty where the paragraph was added, `now` where it was taken out; `number` is 0
    there.
    """

    part: str
    number: int
    made: str
    now: str

    @property
    def differs(self) -> bool:
        """Whether it says something else than it did."""
        return self.made != self.now

    def words(self) -> Iterator[tuple[ChangeKind, str]]:
        """Yield the whole in stretches: what is the same in both, what went, what came instead."""
        old, new = _WORDS.findall(self.made), _WORDS.findall(self.now)
        matcher = SequenceMatcher(None, old, new, autojunk=False)
        for kind, a, b, c, d in matcher.get_opcodes():
            if kind == "equal":
                yield "same", "".join(old[a:b])
            else:
                yield "gone", "".join(old[a:b])
                yield "new", "".join(new[c:d])


def changes(made: Sequence[Paragraph], now: Sequence[Paragraph]) -> tuple[ParagraphChange, ...]:
    """Return the paragraphs that differ."""
    return tuple(each for each in compared(made, now) if each.differs)


def compared(made: Sequence[Paragraph], now: Sequence[Paragraph]) -> tuple[ParagraphChange, ...]:
    """Return the paragraphs of both, those as well that are the same; blank ones do not count.

    Beside the body only what stands there counts, not how often nor in which order: programs
    number headers anew, and some write one for each kind of page.
    """
    before, after = _by_part(made), _by_part(now)
    return tuple(
        change
        for part in dict.fromkeys((*after, *before))
        for change in _in_part(part, before.get(part, []), after.get(part, []))
    )


_Text = tuple[str, int]
"""A paragraph's text as it is told, and its number."""


def _by_part(read: Sequence[Paragraph]) -> dict[str, list[_Text]]:
    found: dict[str, dict[str | int, _Text]] = defaultdict(dict)
    for paragraph in read:
        text = paragraph.text.replace(OBJECT, "[picture]").strip()
        if text:
            key = paragraph.number if paragraph.part == BODY else text
            found[paragraph.part].setdefault(key, (text, paragraph.number))
    return {part: list(own.values()) for part, own in found.items()}


def _in_part(part: str, made: list[_Text], now: list[_Text]) -> Iterator[ParagraphChange]:
    old, new = [text for text, _ in made], [text for text, _ in now]
    if old == new or (part != BODY and sorted(old) == sorted(new)):
        yield from (ParagraphChange(part, number, text, text) for text, number in now)
        return
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from (ParagraphChange(part, number, text, text) for text, number in now[c:d])
        else:
            for before, at in _paired(old[a:b], new[c:d]):
                after, number = ("", 0) if at is None else now[c + at]
                yield ParagraphChange(part, number, before, after)


def _paired(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, int | None]]:
    """Yield each old paragraph with the place of the new one made of it; empty or None for none."""
    best = _most_alike(old, new)
    if best is None:
        for before, at in zip_longest(old, range(len(new))):
            yield before or "", at
        return
    a, b = best
    yield from _paired(old[:a], new[:b])
    yield old[a], b
    for before, at in _paired(old[a + 1 :], new[b + 1 :]):
        yield before, None if at is None else at + b + 1


def _most_alike(old: Sequence[str], new: Sequence[str]) -> tuple[int, int] | None:
    """Return the two paragraphs most alike; None if none are, or all are taken in order."""
    if not 1 < len(old) * len(new) <= _MOST_COMPARED:
        return None
    ratios = {(a, b): _ratio(o, n) for a, o in enumerate(old) for b, n in enumerate(new)}
    best = max(ratios, key=ratios.__getitem__)
    return best if ratios[best] >= _ALIKE else None


def _ratio(old: str, new: str) -> float:
    matcher = SequenceMatcher(None, old.split(), new.split(), autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= _ALIKE else 0.0
