"""Replace Word's own merge fields by tags.

A merge field is not one element of the XML. Word writes it as a row of marks among the runs of a
paragraph (ECMA-376 part 1, 17.16.18: begin, code, separator, result, end) or as a w:fldSimple
(17.16.19). It splits code and result over as many runs as their formats need. One IF contains
further fields in its condition, in both of its texts and in its old result, and may extend over
paragraphs. So the work is done in three steps, of which only the last changes the part:

1. Plan (`_FieldPlanner`): decide for each field of a story, from the outside in, whether it becomes
   tags, stays as it is, or is a problem. A field is replaced as a whole, so nothing inside it is
   planned separately. Only the results of fields that stay are searched.
2. Write (`TagWriter`): create the pieces that replace the field, each with the run whose format it
   gets. A nested field gives pieces inside its parent's, not a separate edit.
3. Edit (`_apply_edit`): insert the pieces as runs, and remove every mark of the field.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, pairwise
from typing import TypeAlias

from lxml import etree

from merge import messages
from merge.errors import FaultError
from merge.ooxml.fields import (
    MAX_NESTED_FIELDS,
    CodeChar,
    CodeToken,
    StoryPiece,
    WordField,
    WordStory,
    code_kind,
    field_code,
    field_kind,
    field_mark,
    read_stories,
    walk_fields,
)
from merge.ooxml.wordml import (
    FALLBACK,
    OBJECT,
    XML_SPACE,
    Element,
    W,
    empty_run_like,
    next_block,
    paragraph_characters,
    remove,
)
from merge.problems import Fault, Place, Problem, shorten
from merge.template.field_expressions import (
    ColumnLookup,
    FieldReader,
    IfField,
    has_merge_format,
    if_not_blank,
    read_if_field,
)
from merge.template.tags import FIELD_MARK, MAX_FAULTS, SharedFieldError, shared_fields_fault


def replace_merge_fields(
    root: Element, column_lookup: ColumnLookup, place: Place, field_labels: list[str] | None = None
) -> list[Problem]:
    """Replace a part's merge fields by tags; return the faults as problems.

    `column_lookup` returns the expression for a merge field's name, as it is written in the field.
    A faulty field stays, and so do fields of other kinds. The problems are in the order of the
    paragraphs, at most `MAX_FAULTS` of each. The text that Word shows for each field is added to
    `field_labels`, and its tags get the number that it has there.
    """
    if next(root.iter(W + "fldChar", W + "fldSimple"), None) is None:
        return []
    places = _ParagraphPlaces(root, place)
    shared_names: _SharedFields = {}
    problems: list[Problem] = []
    edits: list[list[_FieldEdit]] = []
    for story in read_stories(root):
        planner = _FieldPlanner(
            TagWriter(FieldReader(story, column_lookup), field_labels), places, shared_names
        )
        edits.append([])
        for planned in planner.plan(story.fields):
            if isinstance(planned, _FieldEdit):
                edits[-1].append(planned)
            elif not story.is_copy:  # the old copy of a text box repeats the new one's faults
                problems.append(planned)
    # A text of an IF may contain a text box, which is a separate story and is copied with the text.
    # Inner stories come later in the list. In reverse order, they get tags before they are copied.
    for story_edits in reversed(edits):
        for edit in story_edits:
            _apply_edit(edit)
    counts: Counter[int] = Counter()
    reported_problems = []
    for problem in sorted(problems, key=lambda p: p.place.paragraph):
        counts[problem.place.paragraph] += 1
        if counts[problem.place.paragraph] <= MAX_FAULTS:
            reported_problems.append(problem)
    return reported_problems + [
        shared_fields_fault(list(places_by_name), roots).to_problem(
            next(iter(places_by_name.values()))
        )
        for roots, places_by_name in shared_names.items()
    ]


def find_merge_results(root: Element) -> set[Element]:
    """Return every w:t that shows the last result of a merge field."""
    return {
        leaf.element
        for story in read_stories(root)
        for field in walk_fields(story.fields)
        if field_kind(field_code(story, field)) in {"MERGEFIELD", "IF"}
        for leaf in story.pieces[max(field.start, field.separator) : max(field.end, 0)]
        if leaf.element.tag == W + "t"
    }


def close_fields(root: Element, place: Place) -> list[Problem]:
    """End every field of a part that has no end mark; return warnings.

    Without its end, everything that follows is inside the field: in a print file, even other
    letters. A field with a result ends after the first piece of it, such as a page number; one
    without ends after its code. A field of mail merge stays, and is a fault later: its old result
    may be of any length.
    """
    marks = Counter(map(field_mark, root.iter(W + "fldChar")))
    if marks["begin"] <= marks["end"]:
        return []
    places, problems = _ParagraphPlaces(root, place), []
    ends: list[tuple[Sequence[StoryPiece], str]] = []
    for story in read_stories(root):
        for field in (f for f in walk_fields(story.fields) if not f.is_closed):
            field_leaves = story.pieces[field.start : _last_own_leaf(story, field) + 1]
            code = "".join(
                leaf.element.text or ""
                for leaf in field_leaves
                if leaf.element.tag in _CODE_ELEMENTS
            )
            if code_kind(code) not in {"MERGEFIELD", "IF", *_NO_EFFECT_FIELDS}:
                ends.append((field_leaves, code.strip()))
                if (
                    not story.is_copy
                ):  # the old copy of a text box repeats the warnings of the new one
                    field_place = places.place_of(field_leaves[0].element)
                    problems.append(
                        _closed_field_warning(code.strip(), field_leaves[-1].element).to_problem(
                            field_place
                        )
                    )
    for field_leaves, code in ends:
        if code:
            end = root.makeelement(W + "fldChar", {W + "fldCharType": "end"})
            field_leaves[-1].element.addnext(end)
        else:
            for leaf in field_leaves:
                if leaf.kind != "content":
                    remove(leaf.element)
    return problems


def _closed_field_warning(code: str, last: Element) -> Fault:
    """Return the warning about a field that was ended after a leaf."""
    if not code:
        return messages.fault("field-unclosed/empty")
    code_shown = f"{{ {shorten(code, 40)} }}"
    if last.tag != W + "t":
        return messages.fault("field-unclosed/code", code=code_shown)
    return messages.fault("field-unclosed/text", code=code_shown, last=shorten(last.text or "", 40))


def _last_own_leaf(story: WordStory, field: WordField) -> int:
    """Return the index of the last leaf that is certainly a field's.

    The field has no end.
    """
    leaves, index = story.pieces, max(field.start, field.separator)
    while (
        field.separator < 0
        and index + 1 < len(leaves)
        and leaves[index + 1].element.tag in _CODE_ELEMENTS
    ):
        index += 1
    has_result = 0 <= field.separator < len(leaves) - 1 and leaves[index + 1].kind == "content"
    return index + has_result


# Plan: decide how each field is treated.

_NO_EFFECT_FIELDS: Mapping[str, str] = {
    "ADDRESSBLOCK": "/address",
    "ASK": "/setting",
    "COMPARE": "/compare",
    "FILLIN": "/setting",
    "GREETINGLINE": "/greeting",
    "MERGEBARCODE": "/barcode",
    "MERGEREC": "/number",
    "MERGESEQ": "/number",
    "NEXT": "/next",
    "NEXTIF": "",
    "SET": "/setting",
    "SKIPIF": "",
}
"""Fields of Word's mail merge without effect
here, with their message's variant."""

_EXTERNAL_FIELDS = frozenset(
    {"DATABASE", "DDE", "DDEAUTO", "IMPORT", "INCLUDEPICTURE", "INCLUDETEXT", "INCLUDE", "LINK"}
)
"""Fields that insert external content;
sanitize.py reports them with their content."""

_CODE_FIELD_VARIANTS: Mapping[str, str] = {"HYPERLINK": "/in-link", "QUOTE": "/in-quote"}
"""Fields that work, but not with a merge field
in their code, and the variant."""


_SharedFields: TypeAlias = dict[tuple[str, ...], dict[str, Place]]
"""Names of fields with their first places, by the
roots of the sheets with such a column."""


@dataclass(frozen=True, slots=True)
class _FieldPlanner:
    """Decides for each field of a story whether it becomes a tag.

    `shared_names` collects those that may be columns of several sheets.
    """

    writer: TagWriter
    places: _ParagraphPlaces
    shared_names: _SharedFields

    def plan(self, fields: Sequence[WordField]) -> Iterator[_FieldEdit | Problem]:
        """Yield an edit or a problem for each field that does not simply stay."""
        for field in fields:
            if field.too_deep:
                yield messages.problem(
                    "field-not-usable/nested", self._place(field), most=MAX_NESTED_FIELDS
                )
            elif field.is_closed:
                yield from self._plan_closed(field)
            else:
                # The end of its result is unknown: everything that follows counts as inside.
                code = field_code(self.writer.reader.story, field)[:3]
                words = " ".join(token.text.replace(OBJECT, "…") for token in code)
                code_shown = f"{{ {shorten(words, 40)} }}"
                yield messages.problem("field-unclosed", self._place(field), code=code_shown)
                yield from self.plan(field.inner_fields)

    def _plan_closed(self, field: WordField) -> Iterator[_FieldEdit | Problem]:
        """Yield the edit or problem of a field that has an end mark, by its kind.

        The kinds are those of ECMA-376 part 1, 17.16.5:

        1. A merge field, or an IF with one, becomes tags. Its result is that of the last merge and
           is removed.
        2. An IF without a merge field (of page numbers, for example) stays: Word computes it.
        3. A field that stays keeps its code. But its result is text of the letter: a table of
           contents may well show a merge field.
        """
        story = self.writer.reader.story
        kind = field_kind(field_code(story, field))
        try:
            if kind == "MERGEFIELD":
                yield _plan_edit(story, field, self.writer.write_value(field))
            elif kind == "IF" and self._has_merge_field(field):
                yield _plan_edit(story, field, self.writer.write_choice(field))
            elif kind not in _EXTERNAL_FIELDS:
                self._check_kept_field(kind, field)
                yield from self.plan(field.result_fields)
        except SharedFieldError as error:
            self.shared_names.setdefault(error.roots, {}).setdefault(error.name, self._place(field))
        except FaultError as error:
            yield error.to_problem(self._place(field))

    def _check_kept_field(self, kind: str, field: WordField) -> None:
        """Raise FaultError if a field is of mail merge or has such a field in it."""
        if kind == "MERGEBARCODE":
            code = field_code(self.writer.reader.story, field)
            words = shorten(" ".join(token.text for token in code).replace(OBJECT, "…"), 60)
            raise FaultError(messages.fault("field-not-usable/barcode", code=f"{{ {words} }}"))
        if kind in _NO_EFFECT_FIELDS:
            key = f"field-not-usable{_NO_EFFECT_FIELDS[kind]}"
            raise FaultError(messages.fault(key, kind=kind))
        if kind == "=" and self._has_merge_field(field):
            raise FaultError(messages.fault("field-not-usable/in-calculation"))
        if self._has_merge_field(field):
            key = f"field-not-usable{_CODE_FIELD_VARIANTS.get(kind, '/in-code')}"
            raise FaultError(messages.fault(key, kind=kind or "{ }"))

    def _has_merge_field(self, field: WordField) -> bool:
        """Return whether the code contains a field of mail merge, at any depth."""
        story = self.writer.reader.story
        return any(
            field_kind(field_code(story, inner)) in {"MERGEFIELD", *_NO_EFFECT_FIELDS}
            or self._has_merge_field(inner)
            for inner in field.code_fields
        )

    def _place(self, field: WordField) -> Place:
        return self.places.place_of(self.writer.reader.story.pieces[field.start].element)


class _ParagraphPlaces:
    """Places of the paragraphs of a part, counted before anything is changed.

    The second copy of a text box (mc:Fallback) is for old programs; its paragraphs do not count.
    """

    def __init__(self, root: Element, place: Place) -> None:
        self._root, self._place = root, place
        self._cache: dict[Element, Place] = {}

    @cached_property
    def _numbers(self) -> dict[Element, int]:
        paragraphs = self._root.iter(W + "p")
        counted_paragraphs = (
            p for p in paragraphs if next(p.iterancestors(FALLBACK), None) is None
        )
        return {paragraph: number for number, paragraph in enumerate(counted_paragraphs, 1)}

    def place_of(self, element: Element) -> Place:
        """Return the place of the element's paragraph, or else the part's."""
        paragraph = next(element.iterancestors(W + "p"), None)
        if paragraph is None or paragraph not in self._numbers:
            return self._place
        if paragraph not in self._cache:
            words = "".join(atom.char for atom in paragraph_characters(paragraph)).replace(
                OBJECT, ""
            )
            self._cache[paragraph] = replace(
                self._place, paragraph=self._numbers[paragraph], paragraph_text=words
            )
        return self._cache[paragraph]


# Write: the texts and tags that replace a field, each with the run whose format it gets. With
# \* MERGEFORMAT a result keeps the format of its first run. Otherwise it gets the format of the
# first character of the field's code (ECMA-376 part 1, 17.16.4.3).

_CODE_ELEMENTS = {W + "instrText", W + "delInstrText"}
_TEXT_ELEMENTS = {W + "instrText", W + "delInstrText", W + "t", W + "fldSimple"}


@dataclass(frozen=True, slots=True)
class RunPiece:
    """Text with the format of a run, or an element that stays as it is."""

    text: str
    run: Element | None
    element: Element | None = None

    @property
    def format(self) -> bytes:
        """The run's format as canonical XML, for comparison; empty if none."""
        properties = None if self.run is None else self.run.find(W + "rPr")
        return b"" if properties is None else etree.tostring(properties, method="c14n")


@dataclass(frozen=True, slots=True)
class TagWriter:
    """Writes the tags that replace a story's fields.

    `field_labels` collects how Word shows them; if it is None, their tags get no numbers.
    """

    reader: FieldReader
    field_labels: list[str] | None

    def write_value(self, field: WordField) -> list[RunPiece]:
        """Return the tag of a MERGEFIELD."""
        expression = self.reader.read_merge_field(field).expression
        return [_value_piece(expression + self._number_field(field), self._format_run(field))]

    def _number_field(self, field: WordField) -> str:
        if self.field_labels is None:
            return ""
        self.field_labels.append(self.reader.describe_field(field))
        return f"{FIELD_MARK}{len(self.field_labels) - 1}"

    def write_choice(self, field: WordField) -> list[RunPiece]:
        r"""Return the tags for an IF, with the texts of the IF between the tags.

        The texts are written with their own formats, run by run: a bold word in an IF's text stays
        bold. Two cases differ:

        - \* MERGEFORMAT asks for the old result's format. The old result is one of the two texts;
          its format is right for both only if neither has more than one.
        - An IF may print one text if a column is blank or is not, and otherwise nothing. Such an IF
          becomes one placeholder instead of a block. A line that is blank is only removed if it has
          nothing but placeholders. Word's users have always written such IFs for the lines of an
          address.
        """
        choice = read_if_field(self.reader, field)
        then_pieces, otherwise_pieces = (
            self._write_text(choice.then),
            self._write_text(choice.otherwise),
        )
        is_one_format = len({piece.format for piece in (*then_pieces, *otherwise_pieces)}) <= 1
        code = field_code(self.reader.story, field)
        if is_one_format and has_merge_format(code):
            run = self._format_run(field)
            then_pieces = [replace(piece, run=run) for piece in then_pieces]
            otherwise_pieces = [replace(piece, run=run) for piece in otherwise_pieces]
        if choice.tested_column and is_one_format and self._is_plain(choice.only_text):
            expression = self._optional_value(choice) + self._number_field(field)
            return [_value_piece(expression, (*then_pieces, *otherwise_pieces)[0].run)]
        run = _code_run(code)
        number = self._number_field(field)
        else_pieces = (
            [RunPiece(f"{{% else{number} %}}", run), *otherwise_pieces] if otherwise_pieces else []
        )
        opening = RunPiece(f"{{% if {choice.test}{number} %}}", run)
        return [opening, *then_pieces, *else_pieces, RunPiece(f"{{% endif{number} %}}", run)]

    def _is_plain(self, text: CodeToken) -> bool:
        """Return whether a text is only words and merge fields: no IF, no picture."""
        kinds = {field_kind(field_code(self.reader.story, field)) for field in text.fields}
        has_pictures = text.text.count(OBJECT) > len(
            text.fields
        )  # a field counts as a picture, too
        return bool(text.items) and kinds <= {"MERGEFIELD"} and not has_pictures

    def _optional_value(self, choice: IfField) -> str:
        """Return an IF that only asks for a blank as a tag with `optional`.

        `{ IF { MERGEFIELD City } <> "" { MERGEFIELD City } }` needs no condition: it is the column
        itself, and `optional` says to the checks that a blank is intended.
        """
        text = choice.only_text
        if len(text.items) == len(text.fields) == 1:
            field = self.reader.read_merge_field(text.fields[0])
            if field.column == choice.tested_column:
                return f"{field.expression}|optional"
        return if_not_blank(self.reader.text_expression(text), choice.tested_column)

    def _write_text(self, token: CodeToken) -> list[RunPiece]:
        """Return a text of an IF in pieces, with its fields written as tags.

        Tabs, breaks and pictures in it are copied as they are.
        """
        pieces: list[RunPiece] = []
        for item in token.items:
            if isinstance(item, CodeChar):
                run = _enclosing_run(item.element)
                is_text = item.element.tag in _TEXT_ELEMENTS
                pieces.append(
                    RunPiece(item.char, run) if is_text else RunPiece("", run, item.element)
                )
            elif field_kind(field_code(self.reader.story, item)) == "IF":
                pieces += self.write_choice(item)
            else:
                pieces += self.write_value(item)
        return pieces

    def _format_run(self, field: WordField) -> Element | None:
        """Return the run whose format the field's result gets, or None."""
        code, leaves = field_code(self.reader.story, field), self.reader.story.pieces
        if has_merge_format(code) and field.separator >= 0:
            result_leaves = leaves[field.separator + 1 : field.end]
            texts = (leaf.element for leaf in result_leaves if leaf.kind == "content")
            run = _enclosing_run(
                next((e for e in texts if e.tag in _TEXT_ELEMENTS and e.text), None)
            )
            if run is not None:
                return run
        return _code_run(code)


def _value_piece(expression: str, run: Element | None) -> RunPiece:
    return RunPiece(f"{{{{ {expression} }}}}", run)


def _code_run(code: Sequence[CodeToken]) -> Element | None:
    """Return the run of the first character of a code."""
    first = code[0].items[0] if code and code[0].items else None
    return _enclosing_run(first.element) if isinstance(first, CodeChar) else None


def _enclosing_run(element: Element | None) -> Element | None:
    """Return the run around an element, or the first run of a w:fldSimple."""
    if element is None:
        return None
    runs = (
        element.iter(W + "r") if element.tag == W + "fldSimple" else element.iterancestors(W + "r")
    )
    return next(runs, None)


# Edit: remove a field from a part, and insert text with tags instead; bookmarks stay.

_RUN_HOLDERS = {W + "r", W + "hyperlink", W + "smartTag"}
"""Elements that are removed with a field if it leaves them empty."""


@dataclass(frozen=True, slots=True)
class _FieldEdit:
    """The leaves of one field, and the pieces that replace them."""

    leaves: Sequence[StoryPiece]
    pieces: Sequence[RunPiece]


def _plan_edit(story: WordStory, field: WordField, pieces: Sequence[RunPiece]) -> _FieldEdit:
    """Return how to replace a field; raise FaultError if that is impossible.

    A field over several paragraphs is removed with their marks, which joins them to one. Word does
    the same only if they follow each other directly, in one cell, and no section ends between them.
    A section's properties belong to the mark of its last paragraph (17.6.18).
    """
    leaves = story.pieces[field.start : field.end + 1]
    paragraphs = _paragraphs(leaves)
    are_adjacent = all(next_block(a) is b for a, b in pairwise(paragraphs))
    if not are_adjacent or any(p.find(f"{W}pPr/{W}sectPr") is not None for p in paragraphs[:-1]):
        raise FaultError(messages.fault("field-not-usable/split"))
    return _FieldEdit(leaves, pieces)


def _paragraphs(leaves: Sequence[StoryPiece]) -> list[Element]:
    """Return the paragraphs that a field spans, in text order."""
    first_paragraph = next(leaves[0].element.iterancestors(W + "p"), None)
    other_paragraphs = [leaf.element for leaf in leaves if leaf.kind == "paragraph"]
    return other_paragraphs if first_paragraph is None else [first_paragraph, *other_paragraphs]


def _apply_edit(edit: _FieldEdit) -> None:
    """Insert the pieces at the start of the field, and remove the field.

    The new runs are created before anything is removed, because they copy formats and elements of
    the field itself. They are inserted before the run that starts with the field's first mark, so
    that text before the field in that run stays before it. The field is removed leaf by leaf: it
    may overlap a hyperlink or a bookmark, and no element need contain it completely.
    """
    first = edit.leaves[0].element
    new_runs = list(_make_runs(edit.pieces, first))
    anchor = first if edit.leaves[0].kind == "open" else _split_before(first)
    for run in new_runs:
        anchor.addprevious(run)
    paragraphs = _paragraphs(edit.leaves)
    for leaf in edit.leaves:
        _remove_leaf(leaf)
    _join_paragraphs(paragraphs)


def _make_runs(pieces: Iterable[RunPiece], maker: Element) -> Iterator[Element]:
    """Yield the pieces as runs, with neighbours of one format joined.

    Adjacent words and tags are in one w:t. Later searches then find complete tags, and text that is
    split without need only makes the letter bigger.
    """
    for _, same_format in groupby(pieces, key=lambda piece: piece.format):
        group = list(same_format)
        run = maker.makeelement(W + "r", {})
        properties = None if group[0].run is None else group[0].run.find(W + "rPr")
        if properties is not None:
            run.append(copy.deepcopy(properties))
        text = None
        for piece in group:
            if piece.element is not None:
                copied = copy.deepcopy(piece.element)
                copied.tail, text = None, None
                run.append(copied)
                continue
            if text is None:
                text = etree.SubElement(run, W + "t", {XML_SPACE: "preserve"})
                text.text = ""
            text.text = f"{text.text}{piece.text}"
        yield run


def _split_before(mark: Element) -> Element:
    """Return the run that starts with the mark.

    Content before the mark gets a separate run.
    """
    run = mark.getparent()
    if run is None:
        raise AssertionError("a mark of a field stands in a run")
    elements_before = [e for e in mark.itersiblings("*", preceding=True) if e.tag != W + "rPr"]
    if elements_before:
        head = empty_run_like(run)
        head.extend(reversed(elements_before))
        run.addprevious(head)
    return run


def _remove_leaf(leaf: StoryPiece) -> None:
    """Remove a leaf of a field, and the runs and hyperlinks left empty.

    A w:fldSimple contains its result. At its end, when nothing of the result is left, only its
    bookmarks remain in its place. A paragraph is removed after the field (`_join_paragraphs`).
    """
    if leaf.kind == "close":
        for child in leaf.element.iterchildren("*"):
            if child.tag != W + "fldData":
                leaf.element.addprevious(child)
        remove(leaf.element)
    elif leaf.kind not in {"open", "paragraph"}:
        holder = leaf.element.getparent()
        remove(leaf.element)
        while (
            holder is not None
            and holder.tag in _RUN_HOLDERS
            and all(child.tag == W + "rPr" for child in holder)
        ):
            parent = holder.getparent()
            remove(holder)
            holder = parent


def _join_paragraphs(paragraphs: Sequence[Element]) -> None:
    """Join several paragraphs to one with the properties of the last.

    A paragraph's properties belong to its mark, at its end (ECMA-376 part 1, 17.3.1.29 calls it a
    glyph). If marks are removed, as when one deletes them in Word, the last one that stays decides.
    """
    for paragraph in paragraphs[1:]:
        for properties in paragraphs[0].findall(W + "pPr"):
            paragraphs[0].remove(properties)
        for child in list(paragraph):
            if child.tag == W + "pPr":
                paragraphs[0].insert(0, child)
            else:
                paragraphs[0].append(child)
        remove(paragraph)
