"""Every finished letter read again, and what is doubtful about each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Literal

from merge.model import BLANK, Finished, Kind, MergeError, People, Person, Problem, Value
from merge.naming import folded
from merge.proofreading.blocks import Block, Blocks
from merge.proofreading.changes import Change, changes
from merge.proofreading.fixed import Fixed, field_names
from merge.proofreading.index import holder, index_of
from merge.proofreading.leftovers import Leftovers, revisions
from merge.proofreading.salutations import Salutations
from merge.proofreading.text import Paragraph, Part, paragraphs, parts
from merge.proofreading.view import Fact, View, facts
from merge.proofreading.whose import Directory, another, missing, nameless, place_of
from merge.proofreading.words import words

Verdict = Literal["right", "look"]


@dataclass(frozen=True, slots=True)
class Proof:
    """A letter to be read.

    `data` is the file as it lies on the disk; `made` what the program would make today for this
    pair, with the date of the letter.
    """

    letter: Finished
    data: bytes
    made: bytes


@dataclass(frozen=True, slots=True)
class Read:
    """A letter that was read.

    `doubts` are errors where the letter must not be printed, and warnings where somebody must
    look; none means that it is right. `changes` are the paragraphs that differ from what the
    program makes. `blocks` are what a native speaker must read. `shown` are the columns, by kind
    and tag, whose cell the letter shows. `named` are those of the pair whose name the letter, or
    what the program makes, shows; without those whose name the template says by itself.
    `unnamed` are those whose name stands in neither.
    """

    letter: Finished
    doubts: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()
    blocks: tuple[Block, ...] = ()
    shown: frozenset[tuple[Kind, str]] = frozenset()
    named: tuple[Person, ...] = ()
    unnamed: tuple[Person, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Whether somebody must look at the letter before it is printed."""
        return "look" if self.doubts else "right"


def proofread(
    proofs: Iterable[Proof],
    people: tuple[People, People],
    settings: Mapping[str, Value],
    templates: Mapping[str, bytes],
) -> Iterator[Read]:
    """Read every letter, one at a time.

    `people` are signers and recipients, all of them, whoever's letters are read; `templates` are
    the Word files by name, as their author wrote them. A letter that lacks a name comes when it is
    known whether others of its template have it: at the latest behind all others.
    """
    reader = _Reader(people, settings, templates)
    names = _Names()
    for proof in proofs:
        yield from names.settled(reader.read(proof))
    yield from names.rest()


class _Reader:
    """Reads letters, knowing the workbook and the templates."""

    def __init__(
        self,
        people: tuple[People, People],
        settings: Mapping[str, Value],
        templates: Mapping[str, bytes],
    ) -> None:
        names = field_names(people, settings)
        self._fixed = Fixed(templates, names)
        self._view = View(index_of(people, settings), self._fixed)
        self._leftovers = Leftovers(self._fixed, names, settings)
        self._salutations = Salutations(people[1])
        self._directory = Directory(people)
        self._blocks = Blocks()

    def read(self, proof: Proof) -> Read:
        letter = proof.letter
        try:
            own_parts = parts(proof.data, letter.path.name)
        except MergeError:
            own_parts = ()
        read = paragraphs(own_parts)
        if not any(paragraph.part == "body" for paragraph in read):
            return Read(letter, (_unreadable(letter),))
        made = read if proof.data == proof.made else paragraphs(parts(proof.made, ""))
        return self._judged(letter, own_parts, read, made)

    def _judged(
        self,
        letter: Finished,
        own_parts: Sequence[Part],
        read: Sequence[Paragraph],
        made: Sequence[Paragraph],
    ) -> Read:
        known = frozenset(line for p in made for line in p.text.splitlines())
        lines = self._view.lines(letter.pair, read, known)
        here = wanted = facts(lines, letter.pair)
        if made is not read:
            wanted = facts(self._view.lines(letter.pair, made, known), letter.pair)
        differ = changes(made, read) if made is not read else ()
        doubts = (
            *another(lines, letter, self._directory),
            *missing(here, wanted, letter, self._directory),
            *self._leftovers.find(lines, letter),
            *revisions(own_parts, letter),
            *self._salutation(letter, here),
            *_changed(letter, differ),
        )
        blocks = self._blocks.of(lines, letter.pair)
        shown = frozenset((fact.whose[0], fact.tag) for fact in here)
        people = (letter.pair.signer, letter.pair.recipient)
        named = [p for p in people if _shows((*here, *wanted), p, "name")]
        sure = tuple(p for p in named if not self._fixed.says(words(p.name)))
        unnamed = tuple(p for p in people if p not in named)
        return Read(letter, tuple(dict.fromkeys(doubts)), differ, blocks, shown, sure, unnamed)

    def _salutation(self, letter: Finished, here: Mapping[Fact, int]) -> Iterator[Problem]:
        """A doubt of the workbook's, where the letter shows what it is about."""
        recipient = letter.pair.recipient
        problem = self._salutations.doubt(recipient)
        if problem and _shows(here, recipient, "salutation"):
            yield problem


def _shows(shown: Iterable[Fact], person: Person, tag: str) -> bool:
    return any(fact.whose == holder(person) and fact.tag == tag for fact in shown)


def _unreadable(letter: Finished) -> Problem:
    what = "this cannot be read as a Word document."
    hint = "Open it in Word; if Word cannot either, delete it and make the letter anew."
    return Problem("proof-unreadable", place_of(letter), what, hint)


def _changed(letter: Finished, differ: Sequence[Change]) -> Iterator[Problem]:
    if not differ:
        return
    count = len(differ)
    which = "1 paragraph differs" if count == 1 else f"{count} paragraphs differ"
    by_hand = "edited by hand: " if letter.edited else ""
    what = f"{by_hand}{which} from what the workbook and the template give today."
    hint = "Read them in the report, sheet Differences."
    yield Problem("proof-changed", place_of(letter), what, hint, "warning")


class _Names:
    """Waits with letters until it is known whether their template prints both names."""

    def __init__(self) -> None:
        self._named: dict[str, set[Kind]] = defaultdict(set)
        self._waiting: dict[str, list[Read]] = defaultdict(list)

    def settled(self, read: Read) -> Iterator[Read]:
        """The letters of which it is known now."""
        template = folded(read.letter.pair.recipient.fields.get("template", BLANK))
        named, waiting = self._named[template], self._waiting[template]
        named.update(person.kind for person in read.named)
        waiting.append(read)
        if len(named) == 2:
            yield from (_told(read, named) for read in waiting)
            waiting.clear()

    def rest(self) -> Iterator[Read]:
        """All others."""
        for template, waiting in self._waiting.items():
            yield from (_told(read, self._named[template]) for read in waiting)


def _told(read: Read, named: AbstractSet[Kind]) -> Read:
    """The letter with a doubt for each name that others have."""
    new = [nameless(read.letter, person) for person in read.unnamed if person.kind in named]
    return replace(read, doubts=(*read.doubts, *new)) if new else read
