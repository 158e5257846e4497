"""Every finished letter read again, with all doubts about it: right, or somebody must look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Literal

from merge import messages
from merge.checks.left_over import FOR_ONE, LEFT_OVER
from merge.errors import MergeError
from merge.letter_status import FinishedLetter
from merge.people import People, Person, SheetKind
from merge.problems import Problem
from merge.proofreading.differences import ParagraphChange, changes
from merge.proofreading.index import LetterParagraph, LineMatcher, ShownValue, shown_values
from merge.proofreading.letter_doubts import (
    Leftovers,
    Salutations,
    WorkbookLookup,
    foreign_data,
    missing_data,
    missing_name,
    place_of,
    prompts_left,
    revisions,
)
from merge.proofreading.proof_blocks import Block, Blocks
from merge.proofreading.template_text import TemplateText, field_names
from merge.proofreading.text import (
    BODY,
    LetterReader,
    LetterText,
    Paragraph,
    texts_of,
    why_unreadable,
)
from merge.template.template import ReadableLetter
from merge.text.folding import folded, words
from merge.values import BLANK, Value
from merge.workbook.index import NAME_TAGS, index_of
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
            letter=letter,
            doubts=tuple(dict.fromkeys(doubts)),
            changes=differ,
            blocks=blocks,
            shown=shown,
            named=sure,
            unnamed=unnamed,
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
