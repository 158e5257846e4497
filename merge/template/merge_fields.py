"""What becomes of each field: a tag, a condition, a fault, or nothing."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, pairwise

from lxml import etree

from merge.model import Place, Problem, shortened
from merge.ooxml.fields import (
    MOST_NESTED,
    CodeChar,
    CodeToken,
    Field,
    Leaf,
    Story,
    field_code,
    field_kind,
    read_stories,
)
from merge.ooxml.wordml import FALLBACK, OBJECT, PRESERVE, Element, W, atoms
from merge.template.field_expressions import (
    ColumnExpression,
    FieldReader,
    IfField,
    UnusableFieldError,
    has_merge_format,
    if_not_blank,
    read_if_field,
)
from merge.template.tags import MOST_FAULTS


def fields_to_tags(root: Element, expression: ColumnExpression, place: Place) -> list[Problem]:
    """Turn a part's merge fields into tags, in place; what cannot be turned is told and stays.

    `expression` gives the expression for a merge field's name, as it stands in the field.
    Fields of other kinds stay as they are.
    """
    if next(root.iter(W + "fldChar", W + "fldSimple"), None) is None:
        return []
    places = _ParagraphPlaces(root, place)
    problems: list[Problem] = []
    edits: list[list[FieldEdit]] = []
    for story in read_stories(root):
        edits.append([])
        for found in _FieldPlanner(TagWriter(FieldReader(story, expression)), places).plan(
            story.fields
        ):
            if isinstance(found, FieldEdit):
                edits[-1].append(found)
            elif not story.is_copy:
                problems.append(found)
    for own in reversed(edits):  # a story inside a field's text is copied with that text
        for edit in own:
            apply_edit(edit)
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


class _ParagraphPlaces:
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
class _FieldPlanner:
    """Plans the fields of one story."""

    writer: TagWriter
    places: _ParagraphPlaces

    def plan(self, fields: Sequence[Field]) -> Iterator[FieldEdit | Problem]:
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

    def _closed(self, field: Field) -> Iterator[FieldEdit | Problem]:
        story = self.writer.reader.story
        kind = field_kind(field_code(story, field))
        try:
            if kind == "MERGEFIELD":
                yield field_edit(story, field, self.writer.value(field))
            elif kind == "IF" and self._has_merge_field(field):
                yield field_edit(story, field, self.writer.choice(field))
            elif kind not in EXTERNAL_FIELDS:
                self._refuse(kind, field)
                yield from self.plan(field.in_result)
        except UnusableFieldError as error:
            yield self._problem(field, error.code, error.what, error.hint)

    def _refuse(self, kind: str, field: Field) -> None:
        """RefusedError for a field of mail merge, and for one with a merge field in its code."""
        if kind in REMEDIES:
            what = f"Word's field {kind} does nothing in these letters."
            raise UnusableFieldError("field-not-usable", what, REMEDIES[kind])
        if self._has_merge_field(field):
            spoken = "a calculation" if kind == "=" else f"the field {kind}".rstrip()
            what = f"a merge field stands inside the code of {spoken}."
            raise UnusableFieldError(
                "field-not-usable", what, NESTING_REMEDIES.get(kind, NESTING_REMEDY)
            )

    def _has_merge_field(self, field: Field) -> bool:
        """Whether the code holds a field of mail merge, at any depth."""
        story = self.writer.reader.story
        return any(
            field_kind(field_code(story, inner)) in {"MERGEFIELD", *REMEDIES}
            or self._has_merge_field(inner)
            for inner in field.in_code
        )

    def _unclosed(self, field: Field) -> Problem:
        code = field_code(self.writer.reader.story, field)
        what = f"the field {{ {_words(code)} }} has no end."
        hint = "Delete it in Word (Alt+F9 shows fields), and insert it again."
        return self._problem(field, "field-unclosed", what, hint)

    def _problem(self, field: Field, code: str, what: str, hint: str) -> Problem:
        place = self.places.of(self.writer.reader.story.leaves[field.start].element)
        return Problem(code, place, what, hint)


def _words(code: Sequence[CodeToken]) -> str:
    return shortened(" ".join(token.text.replace(OBJECT, "…") for token in code[:3]), 40)


# What takes a field's place: texts and tags, each with the run whose format it gets.
#
# With \* MERGEFORMAT a result keeps the format of its first run; otherwise it gets that of the
# first character of the field's code (ECMA-376 part 1, 17.16.4.3).


_TEXTS = {W + "instrText", W + "delInstrText", W + "t", W + "fldSimple"}


@dataclass(frozen=True, slots=True)
class RunPiece:
    """Text with the format of a run, or an element that stays as it is."""

    text: str
    run: Element | None
    element: Element | None = None

    @property
    def format(self) -> bytes:
        """The format as XML; empty where there is none."""
        properties = None if self.run is None else self.run.find(W + "rPr")
        return b"" if properties is None else etree.tostring(properties, method="c14n")


@dataclass(frozen=True, slots=True)
class TagWriter:
    """Says what takes the place of a story's fields."""

    reader: FieldReader

    def value(self, field: Field) -> list[RunPiece]:
        """The tag of a MERGEFIELD."""
        expression = self.reader.merge_field(field).expression
        return [_tag(expression, self._format(field))]

    def choice(self, field: Field) -> list[RunPiece]:
        """The tags of an IF with its texts between them."""
        choice = read_if_field(self.reader, field)
        then, otherwise = self._texts(choice.then), self._texts(choice.otherwise)
        one_format = len({piece.format for piece in (*then, *otherwise)}) <= 1
        code = field_code(self.reader.story, field)
        if one_format and has_merge_format(code):
            run = self._format(field)
            then = [replace(piece, run=run) for piece in then]
            otherwise = [replace(piece, run=run) for piece in otherwise]
        if choice.asked and one_format and self._is_plain(choice.text):
            return [_tag(self._value(choice), (*then, *otherwise)[0].run)]
        run = _code_run(code)
        middle = [RunPiece("{% else %}", run), *otherwise] if otherwise else []
        opening = RunPiece(f"{{% if {choice.test} %}}", run)
        return [opening, *then, *middle, RunPiece("{% endif %}", run)]

    def _is_plain(self, text: CodeToken) -> bool:
        """Whether a text is nothing but words and merge fields."""
        kinds = {field_kind(field_code(self.reader.story, field)) for field in text.fields}
        pictures = text.text.count(OBJECT) > len(text.fields)
        return bool(text.items) and kinds <= {"MERGEFIELD"} and not pictures

    def _value(self, choice: IfField) -> str:
        """A choice between a text and nothing, by whether a column is blank, as one value."""
        text = choice.text
        if len(text.items) == len(text.fields) == 1:
            field = self.reader.merge_field(text.fields[0])
            if field.name == choice.asked:
                return f"{field.expression}|optional"
        return if_not_blank(self.reader.text(text), choice.asked)

    def _texts(self, token: CodeToken) -> list[RunPiece]:
        pieces: list[RunPiece] = []
        for item in token.items:
            if isinstance(item, CodeChar):
                whole = item.element.tag not in _TEXTS
                run = _run_of(item.element)
                pieces.append(
                    RunPiece("", run, item.element) if whole else RunPiece(item.char, run)
                )
            elif field_kind(field_code(self.reader.story, item)) == "IF":
                pieces += self.choice(item)
            else:
                pieces += self.value(item)
        return pieces

    def _format(self, field: Field) -> Element | None:
        """The run whose format the field's result gets."""
        code = field_code(self.reader.story, field)
        old = self._result_run(field) if has_merge_format(code) else None
        return _code_run(code) if old is None else old

    def _result_run(self, field: Field) -> Element | None:
        """The first run of the result that shows; None where none does."""
        leaves = self.reader.story.leaves
        inside = leaves[field.separator + 1 : field.end] if field.separator >= 0 else []
        texts = (leaf.element for leaf in inside if leaf.kind == "content")
        shown = (e for e in texts if e.tag in _TEXTS and e.text)
        return _run_of(next(shown, None))


def _tag(expression: str, run: Element | None) -> RunPiece:
    return RunPiece(f"{{{{ {expression} }}}}", run)


def _code_run(code: Sequence[CodeToken]) -> Element | None:
    """The run of the first character of a code."""
    first = code[0].items[0] if code and code[0].items else None
    return _run_of(first.element) if isinstance(first, CodeChar) else None


def _run_of(element: Element | None) -> Element | None:
    """The run that an element stands in; of a w:fldSimple, the first run in it."""
    if element is None:
        return None
    if element.tag == W + "fldSimple":
        return next(element.iter(W + "r"), None)
    return next(element.iterancestors(W + "r"), None)


# A field taken out of a part, and text with tags put in its place; bookmarks stay.


_BLOCKS = {W + "p", W + "tbl", W + "sdt"}
_HOLDS_RUNS = {W + "r", W + "hyperlink", W + "smartTag"}


@dataclass(frozen=True, slots=True)
class FieldEdit:
    """The leaves of one field, and what takes their place."""

    leaves: Sequence[Leaf]
    pieces: Sequence[RunPiece]


def field_edit(story: Story, field: Field, pieces: Sequence[RunPiece]) -> FieldEdit:
    """The edit of a closed field. RefusedError where it cannot be taken out as a whole."""
    leaves = story.leaves[field.start : field.end + 1]
    paragraphs = _paragraphs(leaves)
    if len(paragraphs) > 1 and not _can_be_joined(paragraphs):
        what = "a merge field goes over table cells or sections."
        hint = "Delete it, and choose Mailings, Insert Merge Field, in Word again."
        raise UnusableFieldError("field-not-usable", what, hint)
    return FieldEdit(leaves, pieces)


def _paragraphs(leaves: Sequence[Leaf]) -> list[Element]:
    """The paragraphs that a field touches, the one it starts in first."""
    own = next(leaves[0].element.iterancestors(W + "p"), None)
    others = [leaf.element for leaf in leaves if leaf.kind == "paragraph"]
    return others if own is None else [own, *others]


def _can_be_joined(paragraphs: Sequence[Element]) -> bool:
    """Whether the paragraphs follow each other directly, with no section ending between them."""
    follow = all(next(a.itersiblings(*_BLOCKS), None) is b for a, b in pairwise(paragraphs))
    return follow and all(p.find(f"{W}pPr/{W}sectPr") is None for p in paragraphs[:-1])


def apply_edit(edit: FieldEdit) -> None:
    """Put the pieces where the field begins, and take the field away."""
    first = edit.leaves[0].element
    new = list(_runs(edit.pieces, first))
    anchor = first if edit.leaves[0].kind == "open" else _split_before(first)
    for run in new:
        anchor.addprevious(run)
    paragraphs = _paragraphs(edit.leaves)
    for leaf in edit.leaves:
        _take_out(leaf)
    _join(paragraphs)


def _runs(pieces: Iterable[RunPiece], at: Element) -> Iterator[Element]:
    """The pieces as runs, neighbours of one format as one."""
    for _, same in groupby(pieces, key=lambda piece: piece.format):
        group = list(same)
        run = at.makeelement(W + "r", {})
        properties = None if group[0].run is None else group[0].run.find(W + "rPr")
        if properties is not None:
            run.append(copy.deepcopy(properties))
        for element in _contents(group, run):
            run.append(element)
        yield run


def _contents(pieces: Sequence[RunPiece], at: Element) -> Iterator[Element]:
    """The inside of a run; tags and words that follow each other stand in one w:t."""
    for is_text, same in groupby(pieces, key=lambda piece: piece.element is None):
        group = list(same)
        if is_text:
            text = at.makeelement(W + "t", {PRESERVE: "preserve"})
            text.text = "".join(piece.text for piece in group)
            yield text
        else:
            yield from (_copied(piece.element) for piece in group if piece.element is not None)


def _copied(element: Element) -> Element:
    new = copy.deepcopy(element)
    new.tail = None
    return new


def _split_before(mark: Element) -> Element:
    """The run that starts with the mark; what stood before it in its run gets one of its own."""
    run = mark.getparent()
    if run is None:
        raise AssertionError("a mark of a field stands in a run")
    before = [e for e in mark.itersiblings("*", preceding=True) if e.tag != W + "rPr"]
    if before:
        head = run.makeelement(run.tag, dict(run.attrib))
        properties = run.find(W + "rPr")
        if properties is not None:
            head.append(copy.deepcopy(properties))
        head.extend(reversed(before))
        run.addprevious(head)
    return run


def _take_out(leaf: Leaf) -> None:
    if leaf.kind in {"open", "paragraph"}:
        return
    if leaf.kind == "close":
        _unwrap(leaf.element)
        return
    holder = leaf.element.getparent()
    if holder is not None:
        holder.remove(leaf.element)
    while holder is not None and holder.tag in _HOLDS_RUNS and _is_empty(holder):
        parent = holder.getparent()
        if parent is not None:
            parent.remove(holder)
        holder = parent


def _is_empty(holder: Element) -> bool:
    return all(child.tag == W + "rPr" for child in holder)


def _unwrap(simple: Element) -> None:
    """Take a w:fldSimple away from round what is left in it."""
    for child in simple.iterchildren("*"):
        if child.tag != W + "fldData":
            simple.addprevious(child)
    parent = simple.getparent()
    if parent is not None:
        parent.remove(simple)


def _join(paragraphs: Sequence[Element]) -> None:
    """Make one paragraph of several, with the last one's properties, which its mark holds."""
    for paragraph in paragraphs[1:]:
        for properties in paragraphs[0].findall(W + "pPr"):
            paragraphs[0].remove(properties)
        for child in list(paragraph):
            if child.tag == W + "pPr":
                paragraphs[0].insert(0, child)
            else:
                paragraphs[0].append(child)
        parent = paragraph.getparent()
        if parent is not None:
            parent.remove(paragraph)


# What to do instead of the fields of Word's that a letter cannot use.


_PAIRS_HINT = (
    "Delete it, and say who writes to whom in the workbook: no in the column Include, "
    "or the sheet Pairs."
)
_SETTINGS_HINT = (
    "Put the text into the sheet Settings, and write its tag, such as {{ settings.deadline }}."
)
_FORMULA_HINT = "Calculate in Excel, in a column of its own, and write that column's tag."

REMEDIES: Mapping[str, str] = {
    "ADDRESSBLOCK": "Write one tag a line, such as {{ recipient.name }}, {{ recipient.street }}, "
    "{{ recipient.city }}; lines that are blank close up.",
    "ASK": _SETTINGS_HINT,
    "COMPARE": 'Compare in {% if recipient.country == "France" %}…{% endif %}.',
    "FILLIN": _SETTINGS_HINT,
    "GREETINGLINE": "Write Dear {{ recipient.salutation }},",
    "MERGEREC": "Number the rows in a column of the sheet, and write that column's tag.",
    "MERGESEQ": "Number the rows in a column of the sheet, and write that column's tag.",
    "NEXT": "Delete it: each letter has one recipient.",
    "NEXTIF": _PAIRS_HINT,
    "SET": _SETTINGS_HINT,
    "SKIPIF": _PAIRS_HINT,
}
"""Fields of Word's mail merge that do nothing here, with their remedy."""

EXTERNAL_FIELDS = frozenset(
    {"DATABASE", "DDE", "DDEAUTO", "IMPORT", "INCLUDEPICTURE", "INCLUDETEXT", "INCLUDE", "LINK"}
)
"""Fields that bring something in from outside; whatever they hold is told with them."""

NESTING_REMEDIES: Mapping[str, str] = {
    "=": _FORMULA_HINT,
    "HYPERLINK": "In Word, choose Insert, Link, and write the tag, such as {{ recipient.link }}, "
    "as its address.",
    "QUOTE": "Put the merge field into the text, without QUOTE round it.",
}
"""Fields that work by themselves but not with a merge field in their code."""
NESTING_REMEDY = "Put the merge field into the text, outside of that field."
