"""Proofread finished letters: each has no problems, or needs review."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Literal

from merge import messages
from merge.checks.personal_text import MISSING_PLACEHOLDER_CODE, PERSONAL_TEXT_CODE
from merge.errors import MergeError
from merge.letter_status import PrintableLetter
from merge.naming import short_hash
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
    LineMatcher,
    MatchedParagraph,
    ShownValue,
    count_shown_values,
)
from merge.proofreading.proof_blocks import BlockCollector, ProofBlock
from merge.proofreading.template_text import TemplateText, merge_field_names
from merge.proofreading.text import (
    BODY,
    LetterParagraph,
    LetterReader,
    LetterText,
    unreadable_reason,
    xml_parts,
)
from merge.template.template import ReadableLetter
from merge.text.folding import folded, folded_words
from merge.values import BLANK, WorkbookValue
from merge.workbook.index import NAME_PLACEHOLDERS, build_index
from merge.workbook.translated_words import canonical_placeholder

Verdict = Literal["right", "look"]


@dataclass(frozen=True, slots=True)
class LetterToReview:
    """A letter to proofread.

    `data` is the file on the disk. `expected` is the letter that the program would create today for
    this pair, with the date of the file.
    """

    letter: PrintableLetter
    data: bytes
    expected: ReadableLetter


@dataclass(frozen=True, slots=True)
class ReviewedLetter:
    """The result of proofreading one letter.

    1. `problems` are errors if the letter must not be printed, and warnings if it needs review.
    2. `changes` are the paragraphs that differ from the expected letter.
    3. `proof_blocks` are the parts that a native speaker must read.
    4. `shown_columns` are the columns, by kind and tag, whose cells the letter shows.
    5. `named_people` are those of the pair whose name the letter or the expected letter shows.
       Names that the template itself contains do not count.
    6. `unnamed_people` are those whose name neither of the two shows.
    7. `text_hash` is a hash of the letter's text; of its bytes if it cannot be read.
    """

    letter: PrintableLetter
    problems: tuple[Problem, ...] = ()
    changes: tuple[ParagraphChange, ...] = ()
    proof_blocks: tuple[ProofBlock, ...] = ()
    shown_columns: frozenset[tuple[SheetKind, str]] = frozenset()
    named_people: tuple[Person, ...] = ()
    unnamed_people: tuple[Person, ...] = ()
    text_hash: str = ""

    @property
    def seen_token(self) -> bytes:
        """A hash of the letter's text and of everything that was found in it."""
        found = (word for problem in self.problems for word in (problem.code, problem.what))
        before = (change.before for change in self.changes)
        return bytes.fromhex(short_hash(self.text_hash, *found, *before))

    @property
    def verdict(self) -> Verdict:
        """`look` if the letter needs review before it is printed, else `right`."""
        return "look" if self.problems else "right"


def proofread(
    proofs: Iterable[LetterToReview],
    people: tuple[People, People],
    settings: Mapping[str, WorkbookValue],
    templates: Mapping[str, bytes],
) -> Iterator[ReviewedLetter]:
    """Yield each letter after its review, with its problems, one by one.

    `people` are all signers and recipients of the workbook. `templates` are the Word files by name,
    as their author wrote them. A letter without a name is yielded when it is known whether other
    letters of its template have the name. That is after all others at the latest.
    """
    reader = _Reviewer(people, settings, templates)
    names = _NameTracker()
    for proof in proofs:
        yield from names.release_known(reader.review(proof))
    yield from names.release_rest()


class _Reviewer:
    """Proofreads single letters against the workbook and the templates."""

    def __init__(
        self,
        people: tuple[People, People],
        settings: Mapping[str, WorkbookValue],
        templates: Mapping[str, bytes],
    ) -> None:
        names = merge_field_names(people, settings)
        self._template_text = TemplateText(templates, names)
        self._line_matcher = LineMatcher(build_index(people, settings), self._template_text)
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
        expected = self._reader.read(proof.expected.texts)
        try:
            read = expected if proof.data == proof.expected.data else self._read_file(proof)
        except MergeError:
            read = LetterText(())
        if not any(paragraph.part == BODY for paragraph in read.paragraphs):
            data_hash = short_hash(proof.data.hex())
            return ReviewedLetter(letter, (_unreadable_problem(proof),), text_hash=data_hash)
        reviewed = self._review_text(letter, read, expected.paragraphs)
        prompts = unfilled_prompts(
            read.paragraphs, expected.paragraphs, proof.expected.prompts, letter
        )
        return replace(reviewed, problems=tuple(dict.fromkeys((*reviewed.problems, *prompts))))

    def _read_file(self, proof: LetterToReview) -> LetterText:
        """Return a letter's text; raise MergeError if the .docx is not intact."""
        return self._reader.read(xml_parts(proof.data, proof.letter.path.name))

    def _review_text(
        self,
        letter: PrintableLetter,
        text: LetterText,
        expected: Sequence[LetterParagraph],
    ) -> ReviewedLetter:
        match, read = self._line_matcher.match_paragraphs, text.paragraphs
        if expected is read:
            paragraphs, changes = match(letter.pair, read), tuple[ParagraphChange, ...]()
            shown_here = shown_expected = count_shown_values(paragraphs)
        else:
            lines = frozenset(line for p in expected for line in p.text.splitlines())
            paragraphs, changes = match(letter.pair, read, lines), find_changes(expected, read)
            shown_here = count_shown_values(paragraphs)
            shown_expected = count_shown_values(match(letter.pair, expected))
        problems = [*foreign_data_problems(paragraphs, letter, self._lookup)]
        if expected is not read:
            problems += missing_data_problems(shown_here, shown_expected, letter, self._lookup)
        problems += self._leftovers.find(paragraphs, letter)
        problems += revision_problems(text.revised_parts, letter)
        problems += self._salutation_problems(letter, shown_here)
        problems += _change_warning(letter, changes)
        shown = frozenset([(value.kind, value.tag) for value in shown_here])
        # one object for all letters saves memory
        shown = self._shown_columns.setdefault(shown, shown)
        named = [
            person
            for person in (letter.pair.signer, letter.pair.recipient)
            if (person.kind, "name") in shown or _shows_column(shown_expected, person, "name")
        ]
        unnamed = [p for p in (letter.pair.signer, letter.pair.recipient) if p not in named]
        recipient, all_shown = letter.pair.recipient, (*shown_here, *shown_expected)
        if recipient in unnamed and not _addresses_recipient(recipient, paragraphs, all_shown):
            problems.append(_no_name_problem(letter))
            unnamed = [person for person in unnamed if person is not recipient]
        return ReviewedLetter(
            letter=letter,
            problems=tuple(dict.fromkeys(problems)),
            changes=changes,
            proof_blocks=self._blocks.blocks_of(paragraphs, letter.pair),
            shown_columns=shown,
            named_people=tuple(p for p in named if not self._is_in_template(p)),
            unnamed_people=tuple(unnamed),
            text_hash=short_hash(*(word for p in read for word in (p.part, p.text))),
        )

    def _is_in_template(self, person: Person) -> bool:
        """Return whether the template's own text has all words of a name."""
        return self._template_text.contains(folded_words(person.name))

    def _salutation_problems(
        self, letter: PrintableLetter, shown_here: Mapping[ShownValue, int]
    ) -> Iterator[Problem]:
        """Yield the problem of the workbook's salutation, if the letter has it."""
        recipient = letter.pair.recipient
        problem = self._salutations.find_problem(recipient)
        if problem and _shows_column(shown_here, recipient, "salutation"):
            yield problem


def _shows_column(shown: Iterable[ShownValue], person: Person, tag: str) -> bool:
    return any(value.tag == tag and value.kind == person.kind for value in shown)


def _addresses_recipient(
    recipient: Person, paragraphs: Iterable[MatchedParagraph], shown: Iterable[ShownValue]
) -> bool:
    """Return whether a letter without the recipient's Name still greets them.

    It does with a word of the name, or with the salutation.
    """
    if any(
        value.kind == recipient.kind and canonical_placeholder(value.tag) in NAME_PLACEHOLDERS
        for value in shown
    ):
        return True
    return any(
        not line_words.isdisjoint(folded_words(recipient.name))
        for line_words in (set(line.words) for _, read in paragraphs for line in read.lines)
    )


def _unreadable_problem(proof: LetterToReview) -> Problem:
    reason = unreadable_reason(proof.data, proof.letter.path.name) or ""
    return messages.problem(f"proof-unreadable{reason}", letter_place(proof.letter))


def _no_name_problem(letter: PrintableLetter) -> Problem:
    return messages.problem("proof-nobody", letter_place(letter), name=letter.pair.recipient.label)


def _change_warning(
    letter: PrintableLetter, changed: Sequence[ParagraphChange]
) -> Iterator[Problem]:
    if changed:
        key = "proof-changed/edited" if letter.is_edited else "proof-changed"
        yield messages.problem(key, letter_place(letter), count=len(changed))


class _NameTracker:
    """A queue of proofread letters that wait for names.

    They wait until it is known which people letters of their template name.
    """

    def __init__(self) -> None:
        self._named_kinds: dict[str, set[SheetKind]] = defaultdict(set)
        self._waiting: dict[str, list[ReviewedLetter]] = defaultdict(list)

    def release_known(self, read: ReviewedLetter) -> Iterator[ReviewedLetter]:
        """Add a letter; yield letters for which missing names are known now."""
        template = folded(read.letter.pair.recipient.fields.get("template", BLANK))
        named, waiting = self._named_kinds[template], self._waiting[template]
        named.update(person.kind for person in read.named_people)
        waiting.append(read)
        if len(named) == 2:
            yield from (_with_missing_names(read, named) for read in waiting)
            waiting.clear()

    def release_rest(self) -> Iterator[ReviewedLetter]:
        """Yield all letters that still wait for the names in other letters."""
        for template, waiting in self._waiting.items():
            yield from (_with_missing_names(read, self._named_kinds[template]) for read in waiting)


def _with_missing_names(read: ReviewedLetter, named: AbstractSet[SheetKind]) -> ReviewedLetter:
    """Return a letter with a problem for each name that only others show."""
    new = [
        missing_name_problem(read.letter, person)
        for person in read.unnamed_people
        if person.kind in named
    ]
    return replace(read, problems=(*read.problems, *new)) if new else read


# Problems that do not concern a single letter are reported once.


def general_problems(
    reads: Sequence[ReviewedLetter], people: tuple[People, People], warnings: Iterable[Problem] = ()
) -> tuple[Problem, ...]:
    """Return warnings that concern all letters.

    They are about mistakes in templates, and names that no letter shows. `warnings` are those of
    the campaign's check.
    """
    template_warnings = (
        p for p in warnings if p.code in {PERSONAL_TEXT_CODE, MISSING_PLACEHOLDER_CODE}
    )
    renamed = (
        replace(p, code="proof-template") if p.code == PERSONAL_TEXT_CODE else p
        for p in template_warnings
    )
    return (*renamed, *_names_shown_nowhere(reads, people))


def _names_shown_nowhere(
    reads: Sequence[ReviewedLetter], people: tuple[People, People]
) -> Iterator[Problem]:
    """Yield a warning if no letter shows the names of a sheet.

    Columns may be mixed up in a template. Then all letters are wrong in the same way.
    """
    for sheet in people:
        if reads and not any((sheet.kind, "name") in read.shown_columns for read in reads):
            place, kind = sheet.place(placeholder="name"), sheet.kind
            yield messages.problem("proof-nowhere", place, count=len(reads), kind=kind)
