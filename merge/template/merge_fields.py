"""Replace Word's own merge fields by tags.

A merge field is not one element of the XML. Word writes it as a row of marks among the runs of a
paragraph (ECMA-376 part 1, 17.16.18: begin, code, separator, result, end) or as a w:fldSimple
(17.16.19), and splits code and result over as many runs as their formats need. One IF holds further
fields in its condition, in both of its texts and in its old result, and may go over paragraphs. So
the work is done in three steps, of which only the last changes the part:

1. Plan (`_FieldPlanner`): decide for each field of a story, from the outside in, whether it becomes
   tags, stays as it is, or is a problem. A field that is replaced is replaced as a whole, so
   nothing inside it is planned for itself; only the results of fields that stay are looked into.
2. Write (`TagWriter`): make the pieces that take the field's place, each with the run whose format
   it gets. A nested field gives pieces inside its parent's, not an edit of its own.
3. Edit (`_apply_edit`): put the pieces in as runs, and take away every mark of the field.
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
    Field,
    Story,
    StoryPiece,
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
    root: Element, expression: ColumnLookup, place: Place, shown: list[str] | None = None
) -> list[Problem]:
    """Turn a part's merge fields into tags, in place; return the faults of those that cannot be.

    `expression` gives the expression for a merge field's name, as it stands in the field. A faulty
    field stays, and so do fields of other kinds. The problems are in the order of the paragraphs,
    at most `MAX_FAULTS` of each. To `shown` is added how Word shows each field, and its tags get
    the number that it has there.
    """
    if next(root.iter(W + "fldChar", W + "fldSimple"), None) is None:
        return []
    places = _ParagraphPlaces(root, place)
    shared: _SharedFields = {}
    problems: list[Problem] = []
    edits: list[list[_FieldEdit]] = []
    for story in read_stories(root):
        planner = _FieldPlanner(TagWriter(FieldReader(story, expression), shown), places, shared)
        edits.append([])
        for found in planner.plan(story.fields):
            if isinstance(found, _FieldEdit):
                edits[-1].append(found)
            elif not story.is_copy:  # the old copy of a text box repeats the new one's faults
                problems.append(found)
    # A text of an IF may hold a text box, which is a story of its own and is copied with that text.
    # Inner stories come later in the list: backwards, they have their tags before they are copied.
    for own in reversed(edits):
        for edit in own:
            _apply_edit(edit)
    reported: Counter[int] = Counter()
    kept = []
    for problem in sorted(problems, key=lambda p: p.place.paragraph):
        reported[problem.place.paragraph] += 1
        if reported[problem.place.paragraph] <= MAX_FAULTS:
            kept.append(problem)
    return kept + [
        shared_fields_fault(list(named), roots).to_problem(next(iter(named.values())))
        for roots, named in shared.items()
    ]


def find_merge_results(root: Element) -> set[Element]:
    """Return every w:t that a merge field shows as what came out of it last."""
    return {
        leaf.element
        for story in read_stories(root)
        for each in walk_fields(story.fields)
        if field_kind(field_code(story, each)) in {"MERGEFIELD", "IF"}
        for leaf in story.pieces[max(each.start, each.separator) : max(each.end, 0)]
        if leaf.element.tag == W + "t"
    }


def close_fields(root: Element, place: Place) -> list[Problem]:
    """End every field of a part that lacks its end, in place; return a warning for each.

    Without its end all that follows, in a batch other letters too, is inside of it. One with a
    result ends behind the first piece of it, such as a number of a page; one without behind its
    code. A field of mail merge stays, and is a fault later: its old result may be of any length.
    """
    marks = Counter(map(field_mark, root.iter(W + "fldChar")))
    if marks["begin"] <= marks["end"]:
        return []
    places, problems = _ParagraphPlaces(root, place), []
    ends: list[tuple[Sequence[StoryPiece], str]] = []
    for story in read_stories(root):
        for each in (f for f in walk_fields(story.fields) if not f.is_closed):
            own = story.pieces[each.start : _last_own_leaf(story, each) + 1]
            code = "".join(
                leaf.element.text or "" for leaf in own if leaf.element.tag in _CODE_ELEMENTS
            )
            if code_kind(code) not in {"MERGEFIELD", "IF", *_NO_EFFECT_FIELDS}:
                ends.append((own, code.strip()))
                if not story.is_copy:  # the old copy of a text box repeats what is told of the new
                    here = places.place_of(own[0].element)
                    problems.append(
                        _closed_field_warning(code.strip(), own[-1].element).to_problem(here)
                    )
    for own, code in ends:
        if code:
            end = root.makeelement(W + "fldChar", {W + "fldCharType": "end"})
            own[-1].element.addnext(end)
        else:
            for leaf in own:
                if leaf.kind != "content":
                    remove(leaf.element)
    return problems


def _closed_field_warning(code: str, last: Element) -> Fault:
    """Return the warning of a field that got its end after a leaf."""
    if not code:
        return messages.fault("field-unclosed/empty")
    shown = f"{{ {shorten(code, 40)} }}"
    if last.tag != W + "t":
        return messages.fault("field-unclosed/code", code=shown)
    return messages.fault("field-unclosed/text", code=shown, last=shorten(last.text or "", 40))


def _last_own_leaf(story: Story, field: Field) -> int:
    """Return the number of the last leaf that surely belongs to a field without an end."""
    leaves, at = story.pieces, max(field.start, field.separator)
    while (
        field.separator < 0
        and at + 1 < len(leaves)
        and leaves[at + 1].element.tag in _CODE_ELEMENTS
    ):
        at += 1
    has_result = 0 <= field.separator < len(leaves) - 1 and leaves[at + 1].kind == "content"
    return at + has_result


# Plan: what becomes of each field.

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
"""Fields of Word's mail merge that have no effect here, with the variant of their message."""

_EXTERNAL_FIELDS = frozenset(
    {"DATABASE", "DDE", "DDEAUTO", "IMPORT", "INCLUDEPICTURE", "INCLUDETEXT", "INCLUDE", "LINK"}
)
"""Fields that bring something in from outside; sanitize.py reports them, with all they hold."""

_CODE_FIELD_VARIANTS: Mapping[str, str] = {"HYPERLINK": "/in-link", "QUOTE": "/in-quote"}
"""Fields that work by themselves but not with a merge field in their code, and the variant."""


_SharedFields: TypeAlias = dict[tuple[str, ...], dict[str, Place]]
"""By the roots of the sheets that have such a column: each field's name, and its first place."""


@dataclass(frozen=True, slots=True)
class _FieldPlanner:
    """Plans the fields of one story; `shared` gathers those that may be several sheets' columns."""

    writer: TagWriter
    places: _ParagraphPlaces
    shared_names: _SharedFields

    def plan(self, fields: Sequence[Field]) -> Iterator[_FieldEdit | Problem]:
        """Yield an edit or a problem for each of these fields that does not simply stay."""
        for field in fields:
            if field.too_deep:
                yield messages.problem(
                    "field-not-usable/nested", self._place(field), most=MAX_NESTED_FIELDS
                )
            elif field.is_closed:
                yield from self._plan_closed(field)
            else:
                # Nobody knows where its result stops: all that follows counts as inside.
                code = field_code(self.writer.reader.story, field)[:3]
                words = " ".join(token.text.replace(OBJECT, "…") for token in code)
                shown = f"{{ {shorten(words, 40)} }}"
                yield messages.problem("field-unclosed", self._place(field), code=shown)
                yield from self.plan(field.inner_fields)

    def _plan_closed(self, field: Field) -> Iterator[_FieldEdit | Problem]:
        """Decide by the kind, the first word of the code (ECMA-376 part 1, 17.16.5).

        An IF without a merge field (of page numbers, say) is Word's to work out and stays. A field
        that stays keeps its code to itself, but its result is text of the letter: a table of
        contents may well show a merge field. That of a merge field or an IF is last merge's and
        goes with it.
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

    def _check_kept_field(self, kind: str, field: Field) -> None:
        """Raise FaultError for a field of mail merge, or with a merge field in its code."""
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

    def _has_merge_field(self, field: Field) -> bool:
        """Return whether the code holds a field of mail merge, at any depth."""
        story = self.writer.reader.story
        return any(
            field_kind(field_code(story, inner)) in {"MERGEFIELD", *_NO_EFFECT_FIELDS}
            or self._has_merge_field(inner)
            for inner in field.code_fields
        )

    def _place(self, field: Field) -> Place:
        return self.places.place_of(self.writer.reader.story.pieces[field.start].element)


class _ParagraphPlaces:
    """Where the paragraphs of a part are, counted before anything is changed.

    The second copy of a text box (mc:Fallback) is for old programs; its paragraphs do not count.
    """

    def __init__(self, root: Element, place: Place) -> None:
        self._root, self._place = root, place
        self._cache: dict[Element, Place] = {}

    @cached_property
    def _numbers(self) -> dict[Element, int]:
        paragraphs = self._root.iter(W + "p")
        counted = (p for p in paragraphs if next(p.iterancestors(FALLBACK), None) is None)
        return {paragraph: number for number, paragraph in enumerate(counted, 1)}

    def place_of(self, element: Element) -> Place:
        """Return the place of the element's paragraph; the part's where it stands in none."""
        own = next(element.iterancestors(W + "p"), None)
        if own is None or own not in self._numbers:
            return self._place
        if own not in self._cache:
            words = "".join(atom.char for atom in paragraph_characters(own)).replace(OBJECT, "")
            self._cache[own] = replace(
                self._place, paragraph=self._numbers[own], paragraph_text=words
            )
        return self._cache[own]


# Write: the texts and tags that take a field's place, each with the run whose format it gets.
# With \* MERGEFORMAT a result keeps the format of its first run; otherwise it gets that of the
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
        """The format as canonical XML, to compare it; empty where there is none."""
        properties = None if self.run is None else self.run.find(W + "rPr")
        return b"" if properties is None else etree.tostring(properties, method="c14n")


@dataclass(frozen=True, slots=True)
class TagWriter:
    """Writes what takes the place of a story's fields.

    `shown` gathers how Word shows them; if it is None, their tags get no numbers.
    """

    reader: FieldReader
    field_labels: list[str] | None

    def write_value(self, field: Field) -> list[RunPiece]:
        """Return the tag of a MERGEFIELD."""
        expression = self.reader.read_merge_field(field).expression
        return [_value_piece(expression + self._number_field(field), self._format_run(field))]

    def _number_field(self, field: Field) -> str:
        if self.field_labels is None:
            return ""
        self.field_labels.append(self.reader.describe_field(field))
        return f"{FIELD_MARK}{len(self.field_labels) - 1}"

    def write_choice(self, field: Field) -> list[RunPiece]:
        r"""Return the tags of an IF with its texts between them.

        The texts are written with their own formats, run by run: a bold word in an IF's text stays
        bold. Two cases differ:

        - \* MERGEFORMAT asks for the old result's format. The old result is one of the two texts;
          its format is right for both only where neither has more than one.
        - An IF that prints one text where a column is blank or is not, and else nothing, becomes
          one value tag instead of a block. Only value tags close up a line that they leave blank,
          and such an IF is how Word's users have always closed up the lines of an address.
        """
        choice = read_if_field(self.reader, field)
        then, otherwise = self._write_text(choice.then), self._write_text(choice.otherwise)
        one_format = len({piece.format for piece in (*then, *otherwise)}) <= 1
        code = field_code(self.reader.story, field)
        if one_format and has_merge_format(code):
            run = self._format_run(field)
            then = [replace(piece, run=run) for piece in then]
            otherwise = [replace(piece, run=run) for piece in otherwise]
        if choice.tested_column and one_format and self._is_plain(choice.only_text):
            expression = self._optional_value(choice) + self._number_field(field)
            return [_value_piece(expression, (*then, *otherwise)[0].run)]
        run = _code_run(code)
        number = self._number_field(field)
        middle = [RunPiece(f"{{% else{number} %}}", run), *otherwise] if otherwise else []
        opening = RunPiece(f"{{% if {choice.test}{number} %}}", run)
        return [opening, *then, *middle, RunPiece(f"{{% endif{number} %}}", run)]

    def _is_plain(self, text: CodeToken) -> bool:
        """Return whether a text is nothing but words and merge fields: no IF, no picture."""
        kinds = {field_kind(field_code(self.reader.story, field)) for field in text.fields}
        pictures = text.text.count(OBJECT) > len(text.fields)  # a field's place shows as one, too
        return bool(text.items) and kinds <= {"MERGEFIELD"} and not pictures

    def _optional_value(self, choice: IfField) -> str:
        """Return an IF that asks for a blank as one expression.

        `{ IF { MERGEFIELD City } <> "" { MERGEFIELD City } }` needs no condition: it is the column
        itself, and `optional` says to the checks that a blank is meant.
        """
        text = choice.only_text
        if len(text.items) == len(text.fields) == 1:
            field = self.reader.read_merge_field(text.fields[0])
            if field.column == choice.tested_column:
                return f"{field.expression}|optional"
        return if_not_blank(self.reader.text_expression(text), choice.tested_column)

    def _write_text(self, token: CodeToken) -> list[RunPiece]:
        """Return a text of an IF in pieces, the fields in it written in their turn.

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

    def _format_run(self, field: Field) -> Element | None:
        """Return the run whose format the field's result gets; None where it has none."""
        code, leaves = field_code(self.reader.story, field), self.reader.story.pieces
        if has_merge_format(code) and field.separator >= 0:
            inside = leaves[field.separator + 1 : field.end]
            texts = (leaf.element for leaf in inside if leaf.kind == "content")
            shown = _enclosing_run(
                next((e for e in texts if e.tag in _TEXT_ELEMENTS and e.text), None)
            )
            if shown is not None:
                return shown
        return _code_run(code)


def _value_piece(expression: str, run: Element | None) -> RunPiece:
    return RunPiece(f"{{{{ {expression} }}}}", run)


def _code_run(code: Sequence[CodeToken]) -> Element | None:
    """Return the run of the first character of a code."""
    first = code[0].items[0] if code and code[0].items else None
    return _enclosing_run(first.element) if isinstance(first, CodeChar) else None


def _enclosing_run(element: Element | None) -> Element | None:
    """Return the run that an element stands in; of a w:fldSimple, the first run in it."""
    if element is None:
        return None
    runs = (
        element.iter(W + "r") if element.tag == W + "fldSimple" else element.iterancestors(W + "r")
    )
    return next(runs, None)


# Edit: a field taken out of a part, and text with tags put in its place; bookmarks stay.

_RUN_HOLDERS = {W + "r", W + "hyperlink", W + "smartTag"}
"""What a field may leave empty, and then goes with it."""


@dataclass(frozen=True, slots=True)
class _FieldEdit:
    """The leaves of one field, and what takes their place."""

    leaves: Sequence[StoryPiece]
    pieces: Sequence[RunPiece]


def _plan_edit(story: Story, field: Field, pieces: Sequence[RunPiece]) -> _FieldEdit:
    """Return the edit of a closed field. FaultError where it cannot go as a whole.

    What goes over several paragraphs takes their marks along, which joins them to one. That is what
    Word does with it only where they follow each other directly, in one cell, and no section ends
    between them: a section's properties hang on the mark of its last paragraph (17.6.18).
    """
    leaves = story.pieces[field.start : field.end + 1]
    paragraphs = _paragraphs(leaves)
    follow = all(next_block(a) is b for a, b in pairwise(paragraphs))
    if not follow or any(p.find(f"{W}pPr/{W}sectPr") is not None for p in paragraphs[:-1]):
        raise FaultError(messages.fault("field-not-usable/split"))
    return _FieldEdit(leaves, pieces)


def _paragraphs(leaves: Sequence[StoryPiece]) -> list[Element]:
    """Return the paragraphs that a field touches, the one it starts in first."""
    own = next(leaves[0].element.iterancestors(W + "p"), None)
    others = [leaf.element for leaf in leaves if leaf.kind == "paragraph"]
    return others if own is None else [own, *others]


def _apply_edit(edit: _FieldEdit) -> None:
    """Put the pieces where the field begins, and take the field away.

    The new runs are made before anything is taken out, because they copy formats and elements of
    the field itself. They go in front of the run that starts with the field's first mark, so that
    what stands before the field in that run stays before it. Leaf by leaf the field goes: it and a
    hyperlink or a bookmark may overlap, and no element need hold it as a whole.
    """
    first = edit.leaves[0].element
    new = list(_make_runs(edit.pieces, first))
    anchor = first if edit.leaves[0].kind == "open" else _split_before(first)
    for run in new:
        anchor.addprevious(run)
    paragraphs = _paragraphs(edit.leaves)
    for leaf in edit.leaves:
        _remove_leaf(leaf)
    _join_paragraphs(paragraphs)


def _make_runs(pieces: Iterable[RunPiece], at: Element) -> Iterator[Element]:
    """Yield the pieces as runs, neighbours of one format as one.

    Words and tags that follow each other stand in one w:t: a tag is then whole for those who look
    for it later, and text that is split without need only makes the letter bigger.
    """
    for _, same in groupby(pieces, key=lambda piece: piece.format):
        group = list(same)
        run = at.makeelement(W + "r", {})
        properties = None if group[0].run is None else group[0].run.find(W + "rPr")
        if properties is not None:
            run.append(copy.deepcopy(properties))
        text = None
        for piece in group:
            if piece.element is not None:
                kept = copy.deepcopy(piece.element)
                kept.tail, text = None, None
                run.append(kept)
                continue
            if text is None:
                text = etree.SubElement(run, W + "t", {XML_SPACE: "preserve"})
                text.text = ""
            text.text = f"{text.text}{piece.text}"
        yield run


def _split_before(mark: Element) -> Element:
    """Return the run that starts with the mark; what stood before it gets a run of its own."""
    run = mark.getparent()
    if run is None:
        raise AssertionError("a mark of a field stands in a run")
    before = [e for e in mark.itersiblings("*", preceding=True) if e.tag != W + "rPr"]
    if before:
        head = empty_run_like(run)
        head.extend(reversed(before))
        run.addprevious(head)
    return run


def _remove_leaf(leaf: StoryPiece) -> None:
    """Take away one piece of a field, and the runs and hyperlinks that it leaves empty.

    A w:fldSimple holds its result: at its end, when nothing of this is left, it goes from round
    what is (bookmarks). A paragraph goes when the field has gone (`_join_paragraphs`).
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
    """Make one paragraph of several, with the properties of the last.

    A paragraph's properties belong to its mark, at its end (ECMA-376 part 1, 17.3.1.29 calls it a
    glyph): where marks go, as when one deletes them in Word, the last that stays decides.
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
