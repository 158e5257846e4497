"""What becomes of each field: a tag, a condition, a fault, or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from merge.model import Place, Problem, shortened
from merge.ooxml.fields import FALLBACK, MOST_NESTED, Field, Token, code_of, kind_of, read_stories
from merge.ooxml.wordml import OBJECT, Element, W, atoms
from merge.tags.fields.pieces import Writer
from merge.tags.fields.refused import AROUND, AROUND_ANY, ELSEWHERE, INSTEAD, RefusedError
from merge.tags.fields.rewrite import Edit, carry_out, edit_of
from merge.tags.fields.values import Expression, Reader
from merge.tags.scan import MOST_FAULTS


def fields_to_tags(root: Element, expression: Expression, place: Place) -> list[Problem]:
    """Turn a part's merge fields into tags, in place; what cannot be turned is told and stays.

    `expression` gives the expression for a merge field's name, as it stands in the field.
    Fields of other kinds stay as they are.
    """
    if next(root.iter(W + "fldChar", W + "fldSimple"), None) is None:
        return []
    places = _Places(root, place)
    problems: list[Problem] = []
    edits: list[list[Edit]] = []
    for story in read_stories(root):
        edits.append([])
        for found in _Planner(Writer(Reader(story, expression)), places).plan(story.fields):
            if isinstance(found, Edit):
                edits[-1].append(found)
            elif not story.is_copy:
                problems.append(found)
    for own in reversed(edits):  # a story inside a field's text is copied with that text
        for edit in own:
            carry_out(edit)
    return _in_order(problems)


def _in_order(problems: Sequence[Problem]) -> list[Problem]:
    """The problems in the order of the paragraphs, at most `MOST_FAULTS` of each."""
    told: Counter[int] = Counter()
    kept = []
    for problem in sorted(problems, key=lambda p: p.place.paragraph):
        told[problem.place.paragraph] += 1
        if told[problem.place.paragraph] <= MOST_FAULTS:
            kept.append(problem)
    return kept


class _Places:
    """Where the paragraphs of a part are, counted before anything is changed."""

    def __init__(self, root: Element, place: Place) -> None:
        self._root = root
        self._place = place
        self._known: dict[Element, Place] = {}

    @cached_property
    def _numbers(self) -> dict[Element, int]:
        paragraphs = self._root.iter(W + "p")
        counted = (p for p in paragraphs if not any(a.tag == FALLBACK for a in p.iterancestors()))
        return {paragraph: number for number, paragraph in enumerate(counted, 1)}

    def of(self, element: Element) -> Place:
        """The place of the paragraph that an element stands in."""
        own = next(element.iterancestors(W + "p"), None)
        if own is None or own not in self._numbers:
            return self._place
        if own not in self._known:
            words = "".join(atom.char for atom in atoms(own)).replace(OBJECT, "")
            place = replace(self._place, paragraph=self._numbers[own], words=words)
            self._known[own] = place
        return self._known[own]


@dataclass(frozen=True, slots=True)
class _Planner:
    """Plans the fields of one story."""

    writer: Writer
    places: _Places

    def plan(self, fields: Sequence[Field]) -> Iterator[Edit | Problem]:
        """What becomes of fields that stand in the text, and of those in their results."""
        for field in fields:
            if field.too_deep:
                what = f"more than {MOST_NESTED} fields stand inside each other."
                yield self._problem(field, "field-not-usable", what, "Write {% if … %} instead.")
            elif not field.is_closed:
                yield self._unclosed(field)
                yield from self.plan(field.inner)
            else:
                yield from self._closed(field)

    def _closed(self, field: Field) -> Iterator[Edit | Problem]:
        story = self.writer.reader.story
        kind = kind_of(code_of(story, field))
        try:
            if kind == "MERGEFIELD":
                yield edit_of(story, field, self.writer.value(field))
            elif kind == "IF" and self._has_merge_field(field):
                yield edit_of(story, field, self.writer.choice(field))
            elif kind not in ELSEWHERE:
                self._refuse(kind, field)
                yield from self.plan(field.in_result)
        except RefusedError as error:
            yield self._problem(field, error.code, error.what, error.hint)

    def _refuse(self, kind: str, field: Field) -> None:
        """RefusedError for a field of mail merge, and for one with a merge field in its code."""
        if kind in INSTEAD:
            what = f"Word's field {kind} does nothing in these letters."
            raise RefusedError("field-not-usable", what, INSTEAD[kind])
        if self._has_merge_field(field):
            spoken = "a calculation" if kind == "=" else f"the field {kind}".rstrip()
            what = f"a merge field stands inside the code of {spoken}."
            raise RefusedError("field-not-usable", what, AROUND.get(kind, AROUND_ANY))

    def _has_merge_field(self, field: Field) -> bool:
        """Whether the code holds a field of mail merge, at any depth."""
        story = self.writer.reader.story
        return any(
            kind_of(code_of(story, inner)) in {"MERGEFIELD", *INSTEAD}
            or self._has_merge_field(inner)
            for inner in field.in_code
        )

    def _unclosed(self, field: Field) -> Problem:
        code = code_of(self.writer.reader.story, field)
        what = f"the field {{ {_words(code)} }} has no end."
        hint = "Delete it in Word (Alt+F9 shows fields), and insert it again."
        return self._problem(field, "field-unclosed", what, hint)

    def _problem(self, field: Field, code: str, what: str, hint: str) -> Problem:
        place = self.places.of(self.writer.reader.story.leaves[field.start].element)
        return Problem(code, place, what, hint)


def _words(code: Sequence[Token]) -> str:
    return shortened(" ".join(token.text.replace(OBJECT, "…") for token in code[:3]), 40)
