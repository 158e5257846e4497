"""Every finished letter read again, with all doubts about it: right, or somebody must look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Literal

from merge import messages
from merge.checks.personal_text import MISSING_PLACEHOLDER_CODE, PERSONAL_TEXT_CODE
from merge.errors import MergeError
from merge.letter_status import FinishedLetter
from merge.people import People, Person, SheetKind
from merge.problems import Problem
from merge.proofreading.differences import ParagraphChange, find_changes
from merge.proofreading.letter_problems import (
    LeftoverFinder,
    SalutationCheck,
    WorkbookLookup,
    foreign_data_problems,
    letter_place,
    missing_data_problems,
    missing_name_problem,
    revision_problems,
    unfilled_prompts,
)
from merge.proofreading.line_matching import (
    LetterParagraph,
    LineMatcher,
    ShownValue,
    count_shown_values,
)
from merge.proofreading.proof_blocks import BlockCollector, ProofBlock
from merge.proofreading.template_text import TemplateText, merge_field_names
from merge.proofreading.text import (
    BODY,
    LetterReader,
    LetterText,
    Paragraph,
    unreadable_reason,
    xml_parts,
)
from merge.template.template import ReadableLetter
from merge.text.folding import folded, folded_words
from merge.values import BLANK, Value
from merge.workbook.index import NAME_PLACEHOLDERS, build_index
from merge.workbook.translated_words import canonical_placeholder

Verdict = Literal["right", "look"]


@dataclass(frozen=True, slots=True)
class LetterToReview:
    """A letter to be read.

    `data` is the file as it lies on the disk; `made` what the program would make today for this
    pair, with the date of the letter.
    """

    letter: FinishedLetter
    data: bytes
    expected: ReadableLetter


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
    problems: tuple[Problem, ...] = ()
    changes: tuple[ParagraphChange, ...] = ()
    proof_blocks: tuple[ProofBlock, ...] = ()
    shown_columns: frozenset[tuple[SheetKind, str]] = frozenset()
    named_people: tuple[Person, ...] = ()
    unnamed_people: tuple[Person, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Return whether somebody must look at the letter before it is printed."""
        return "look" if self.problems else "right"


def proofread(
    proofs: Iterable[LetterToReview],
    people: tuple[People, People],
    settings: Mapping[str, Value],
    templates: Mapping[str, bytes],
    leftover_words: AbstractSet[tuple[str, ...]] = frozenset(),
) -> Iterator[ReviewedLetter]:
    """Yield every letter reviewed, one at a time.

    `people` are signers and recipients, all of them, whoever's letters are read; `templates` are
    the Word files by name, as their author wrote them; `left` are the words of people that these
    say by mistake. A letter that lacks a name comes when it is
    known whether others of its template have it: at the latest behind all others.
    """
    reader = _Reviewer(people, settings, templates, leftover_words)
    names = _NameTracker()
    for proof in proofs:
        yield from names.release_known(reader.review(proof))
    yield from names.release_rest()


class _Reviewer:
    """Reads letters, knowing the workbook and the templates."""

    def __init__(
        self,
        people: tuple[People, People],
        settings: Mapping[str, Value],
        templates: Mapping[str, bytes],
        left: AbstractSet[tuple[str, ...]],
    ) -> None:
        names = merge_field_names(people, settings)
        self._leftover_words = left
        self._template_text = TemplateText(templates, names)
        self._line_matcher = LineMatcher(build_index(people, settings), self._template_text, left)
        self._leftovers = LeftoverFinder(self._template_text, names, settings)
        self._salutations = SalutationCheck(people[1])
        self._lookup = WorkbookLookup(people)
        self._blocks = BlockCollector()
        self._reader = LetterReader()
        self._shown_columns: dict[
            frozenset[tuple[SheetKind, str]], frozenset[tuple[SheetKind, str]]
        ] = {}

    def review(self, proof: LetterToReview) -> ReviewedLetter:
        letter = proof.letter
        made = self._reader.read(proof.expected.texts)
        try:
            read = made if proof.data == proof.expected.data else self._read_file(proof)
        except MergeError:
            read = LetterText(())
        if not any(paragraph.part == BODY for paragraph in read.paragraphs):
            return ReviewedLetter(letter, (_unreadable_problem(proof),))
        found = self._review_text(letter, read, made.paragraphs)
        left = unfilled_prompts(read.paragraphs, made.paragraphs, proof.expected.prompts, letter)
        return replace(found, problems=tuple(dict.fromkeys((*found.problems, *left))))

    def _read_file(self, proof: LetterToReview) -> LetterText:
        """Read the file; a MergeError where it is no sound .docx."""
        return self._reader.read(xml_parts(proof.data, proof.letter.path.name))

    def _review_text(
        self,
        letter: FinishedLetter,
        text: LetterText,
        made: Sequence[Paragraph],
    ) -> ReviewedLetter:
        read = text.paragraphs
        differ: tuple[ParagraphChange, ...] = ()
        if made is read:
            paragraphs = self._line_matcher.match_paragraphs(letter.pair, read)
            here = wanted = count_shown_values(paragraphs)
        else:
            known = frozenset(line for p in made for line in p.text.splitlines())
            paragraphs = self._line_matcher.match_paragraphs(letter.pair, read, known)
            here = count_shown_values(paragraphs)
            wanted = count_shown_values(self._line_matcher.match_paragraphs(letter.pair, made))
            differ = find_changes(made, read)
        doubts = (
            *foreign_data_problems(paragraphs, letter, self._lookup, self._leftover_words),
            *(() if made is read else missing_data_problems(here, wanted, letter, self._lookup)),
            *self._leftovers.find(paragraphs, letter),
            *revision_problems(text.revised_parts, letter),
            *self._salutation_problems(letter, here),
            *_change_warning(letter, differ),
        )
        blocks = self._blocks.blocks_of(paragraphs, letter.pair)
        shown = frozenset([(fact.kind, fact.tag) for fact in here])
        shown = self._shown_columns.setdefault(shown, shown)  # held once for all letters
        people = (letter.pair.signer, letter.pair.recipient)
        named = [p for p in people if (p.kind, "name") in shown or _shows_column(wanted, p, "name")]
        sure = tuple(p for p in named if not self._template_text.contains(folded_words(p.name)))
        unnamed = tuple(p for p in people if p not in named)
        recipient = letter.pair.recipient
        if recipient in unnamed and not _addresses_recipient(
            recipient, paragraphs, (*here, *wanted)
        ):
            doubts = (*doubts, _no_name_problem(letter))
            unnamed = tuple(p for p in unnamed if p is not recipient)
        return ReviewedLetter(
            letter=letter,
            problems=tuple(dict.fromkeys(doubts)),
            changes=differ,
            proof_blocks=blocks,
            shown_columns=shown,
            named_people=sure,
            unnamed_people=unnamed,
        )

    def _salutation_problems(
        self, letter: FinishedLetter, here: Mapping[ShownValue, int]
    ) -> Iterator[Problem]:
        """Yield the doubt about the workbook's salutation, if the letter shows it."""
        recipient = letter.pair.recipient
        problem = self._salutations.find_problem(recipient)
        if problem and _shows_column(here, recipient, "salutation"):
            yield problem


def _shows_column(shown: Iterable[ShownValue], person: Person, tag: str) -> bool:
    return any(fact.tag == tag and fact.kind == person.kind for fact in shown)


def _addresses_recipient(
    recipient: Person, paragraphs: Iterable[LetterParagraph], shown: Iterable[ShownValue]
) -> bool:
    """Return whether a letter without the recipient's Name has a word of it, or the salutation."""
    if any(
        fact.kind == recipient.kind and canonical_placeholder(fact.tag) in NAME_PLACEHOLDERS
        for fact in shown
    ):
        return True
    return any(
        not line_words.isdisjoint(folded_words(recipient.name))
        for line_words in (set(line.words) for _, read in paragraphs for line in read.lines)
    )


def _unreadable_problem(proof: LetterToReview) -> Problem:
    why = unreadable_reason(proof.data, proof.letter.path.name) or ""
    return messages.problem(f"proof-unreadable{why}", letter_place(proof.letter))


def _no_name_problem(letter: FinishedLetter) -> Problem:
    return messages.problem("proof-nobody", letter_place(letter), name=letter.pair.recipient.label)


def _change_warning(letter: FinishedLetter, differ: Sequence[ParagraphChange]) -> Iterator[Problem]:
    if differ:
        key = "proof-changed/edited" if letter.is_edited else "proof-changed"
        yield messages.problem(key, letter_place(letter), count=len(differ))


class _NameTracker:
    """Waits with letters until it is known whether their template prints both names."""

    def __init__(self) -> None:
        self._named_kinds: dict[str, set[SheetKind]] = defaultdict(set)
        self._waiting: dict[str, list[ReviewedLetter]] = defaultdict(list)

    def release_known(self, read: ReviewedLetter) -> Iterator[ReviewedLetter]:
        """Yield the letters for which it is known now."""
        template = folded(read.letter.pair.recipient.fields.get("template", BLANK))
        named, waiting = self._named_kinds[template], self._waiting[template]
        named.update(person.kind for person in read.named_people)
        waiting.append(read)
        if len(named) == 2:
            yield from (_with_missing_names(read, named) for read in waiting)
            waiting.clear()

    def release_rest(self) -> Iterator[ReviewedLetter]:
        """Yield all others."""
        for template, waiting in self._waiting.items():
            yield from (_with_missing_names(read, self._named_kinds[template]) for read in waiting)


def _with_missing_names(read: ReviewedLetter, named: AbstractSet[SheetKind]) -> ReviewedLetter:
    """Return the letter with a doubt for each name that others have."""
    new = [
        missing_name_problem(read.letter, person)
        for person in read.unnamed_people
        if person.kind in named
    ]
    return replace(read, problems=(*read.problems, *new)) if new else read


# Doubts that concern no single letter: reported once, not for each.


def general_problems(
    reads: Sequence[ReviewedLetter], people: tuple[People, People], warnings: Iterable[Problem] = ()
) -> tuple[Problem, ...]:
    """Return warnings: what templates say in all letters, and a name that no letter shows.

    `warnings` are those that the check of the campaign gave.
    """
    left = (p for p in warnings if p.code in {PERSONAL_TEXT_CODE, MISSING_PLACEHOLDER_CODE})
    told = (replace(p, code="proof-template") if p.code == PERSONAL_TEXT_CODE else p for p in left)
    return (*told, *_names_shown_nowhere(reads, people))


def _names_shown_nowhere(
    reads: Sequence[ReviewedLetter], people: tuple[People, People]
) -> Iterator[Problem]:
    """Columns may be mixed up in a template: then all letters are wrong in the same way."""
    for sheet in people:
        if reads and not any((sheet.kind, "name") in read.shown_columns for read in reads):
            place, kind = sheet.place(placeholder="name"), sheet.kind
            yield messages.problem("proof-nowhere", place, count=len(reads), kind=kind)
