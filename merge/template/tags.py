"""Find the tags in a text and record the facts about each.

A tag is a placeholder, a condition, a loop or a comment. Nothing here knows XML. Quotation marks,
spaces and the case of names are corrected, because Word's AutoFormat and people write them
differently. Everything that looks like half a tag is a fault with its remedy.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from merge import messages
from merge.errors import FaultError
from merge.naming import placeholder_name
from merge.problems import Fault, Place, Problem

ROOTS = ("signer", "recipient", "pair", "settings")
"""The first parts of names, one for each sheet of the workbook."""

TagKind = Literal["value", "block", "comment"]
_KINDS: dict[str, TagKind] = {"{{": "value", "{%": "block", "{#": "comment"}
_ENDS = {"{{": "}}", "{%": "%}", "{#": "#}"}
TAG_EDGE = re.compile(r"\{[{%#]|[}%#]\}")
"""The start or end of a tag."""

_COMMENT_EDGE = re.compile(r"\{#|#\}")

_DOUBLE_QUOTES = '"“”„‟«»＂″'
_SINGLE_QUOTES = "'‘’‚‛‹›＇′"
"""Every language's quotation marks, as Word's
AutoFormat writes them inside a tag."""
_ESCAPE = re.compile(rf"\\([n\\{_DOUBLE_QUOTES}{_SINGLE_QUOTES}])|[\\\"]")
r"""An escape in a quoted text. `\n` is a line break, and `\`
before a mark or itself means that character."""

MAX_FAULTS = 20
"""Faults reported of one paragraph: more help no one."""
_LONGEST_NAME = 100
_LONGEST_TAG = 2_000
"""Distance within which the end of a tag is searched: no tag is longer."""


@dataclass(frozen=True, slots=True)
class TagSpan:
    """A tag in a text: its start and end, and its content.

    `scope` is docxtpl's: `p`, `tr`, `tc` or `r` for a tag that affects its paragraph, row, cell or
    run; empty for any other. `body` has straight quotes and plain spaces. `field_number` is that of
    Word's field that it was created from; -1 if a person wrote it.
    """

    start: int
    end: int
    kind: TagKind
    scope: str
    body: str
    field_number: int = -1


@dataclass(frozen=True, slots=True)
class TagFault:
    """A piece of text that looks like half a tag but is not a tag."""

    start: int
    fault: Fault


def find_tags(text: str) -> Iterator[TagSpan | TagFault]:
    """Yield every tag and fault, from left to right.

    Nothing follows after `MAX_FAULTS` faults.
    """
    position = faults = 0
    while mark := TAG_EDGE.search(text, position):
        tag_or_fault, position = _tag_or_fault(text, mark)
        faults += isinstance(tag_or_fault, TagFault)
        if faults > MAX_FAULTS:
            return
        yield tag_or_fault


def _tag_or_fault(text: str, mark: re.Match[str]) -> tuple[TagSpan | TagFault, int]:
    """Return the tag or fault at a mark, and the position to continue from."""
    start, opening = mark.start(), mark.group()
    if opening not in _ENDS:
        return _stray_end_fault(text, start, opening), mark.end()
    is_comment = opening == "{#"
    end = (
        _comment_end(text, mark.end()) if is_comment else _tag_end(text, mark.end(), _ENDS[opening])
    )
    if end < 0:
        return _unclosed_fault(start, opening), mark.end()
    content, number = text[start + 2 : end - 2], ""
    if is_comment:
        content = without_field_marks(content)
    else:
        content, _, number = content.partition(FIELD_MARK)
    if not is_comment and (content[:1] in {"-", "+"} or content[-1:] in {"-", "+"}):
        return TagFault(start, messages.fault("tag-dash", tag=text[start:end])), end
    # docxtpl's scope letters are directly after the brace: `{%p if x %}`, `{{r x }}`
    scoped = re.match(r"(tr|tc|p|r)\s(.*)", content, re.DOTALL)
    scope, content = (scoped[1], scoped[2]) if scoped else ("", content)
    body = _straighten(content)
    if opening == "{%":
        word, space, rest = body.partition(" ")
        body = word.lower() + space + rest
    if not body and not is_comment:
        return TagFault(start, messages.fault("tag-empty")), end
    return TagSpan(
        start, end, _KINDS[opening], scope=scope, body=body, field_number=int(number or -1)
    ), end


def _tag_end(text: str, start: int, closing: str) -> int:
    """Return the position after a tag opened before `start`, or -1 if none.

    Its quoted texts are skipped. A lone quotation mark may be an apostrophe. If there is no end
    after the text that it seems to quote, the first end counts, unless another tag opens before it.
    """
    position = start
    while position < min(len(text), start + _LONGEST_TAG):
        if text.startswith(closing, position):
            return position + 2
        if text[position] == "{" and text[position : position + 2] in _ENDS:
            return -1
        position = max(position, _quoted_end(text, position)) + 1
    first_end = text.find(closing, start, start + _LONGEST_TAG)
    is_opened_again = any(opening in text[start:first_end] for opening in _ENDS)
    return first_end + 2 if first_end >= 0 and not is_opened_again else -1


def _comment_end(text: str, start: int) -> int:
    """Return the position after a comment opened before `start`, or -1.

    Tags in it do not matter. If another comment opens first, the first was probably not closed, and
    would remove words.
    """
    edge = _COMMENT_EDGE.search(text, start)
    return edge.end() if edge and edge.group() == "#}" else -1


def _quoted_end(text: str, start: int) -> int:
    """Return the end of the quotation opened at `start`, or else `start`."""
    closers = next(
        (marks for marks in (_DOUBLE_QUOTES, _SINGLE_QUOTES) if text[start] in marks), ""
    )
    end = min(len(text), start + _LONGEST_TAG) if closers else 0
    index = start + 1
    while index < end:
        if text[index] in closers:
            return index
        index += 2 if text[index] == "\\" else 1
    return start


def _straighten(body: str) -> str:
    """Return a tag's body with straight quotes and plain spaces, for jinja2.

    It has straight quotes, plain spaces, and no invisible characters. Inside a quoted text only the
    quotes around it are changed.
    """
    parts, position = [], 0
    while position < len(body):
        end = _quoted_end(body, position)
        if end > position:
            text = body[position + 1 : end]
            inner = " ".join(text.splitlines()) if "\n" in text else text
            parts.append('"' + _ESCAPE.sub(lambda m: _escape_character(m[1] or m[0]), inner) + '"')
        elif body[position].isspace():
            parts.append(" ")
        elif unicodedata.category(body[position]) != "Cf":
            parts.append(body[position])
        position = end + 1
    return "".join(parts).strip()


def _escape_character(character: str) -> str:
    if character == "n":
        return "\\n"
    return "\\" + character if character in '\\"' else character


def _unclosed_fault(start: int, opening: str) -> TagFault:
    if opening == "{#":
        return TagFault(start, messages.fault("tag-unclosed/comment"))
    closing = _ENDS[opening]
    return TagFault(start, messages.fault("tag-unclosed", opening=opening, closing=closing))


def _stray_end_fault(text: str, start: int, closing: str) -> TagFault:
    """Return the fault of an end without a beginning.

    Its hint never removes words. The text after `{#` is not printed, and a name that is not a
    column's would be the next error.
    """
    opening = next(o for o, c in _ENDS.items() if c == closing)
    text_before = text[max(0, start - _LONGEST_NAME) : start].rstrip()
    name = re.split(r"[^\w.]", text_before)[-1]
    spaced = " ".join(closing)
    root, dot, rest = name.partition(".")
    is_name = closing == "}}" and root.lower() in ROOTS and dot and rest
    if is_name or (closing == "%}" and name in _CLOSERS):
        suggestion = f"{opening} {name} {closing}"
        return TagFault(start, messages.fault("tag-unopened", closing=closing, near=suggestion))
    if closing == "#}":
        fault = messages.fault("tag-unopened/comment", closing=closing, spaced=spaced)
        return TagFault(start, fault)
    if closing == "%}":
        fault = messages.fault("tag-unopened/condition", closing=closing, spaced=spaced)
        return TagFault(start, fault)
    fault = messages.fault("tag-unopened/text", closing=closing, opening=opening, spaced=spaced)
    return TagFault(start, fault)


_CLOSERS = ("else", "endif", "endfor")


# Facts about a tag, and the marks that replace it while docxtpl reads the XML.
#
# docxtpl's `patch_xml` is a row of regular expressions over the complete part. It gets every tag
# in one piece, with a number for its body, and no other brace: neither quotes nor entities nor a
# `{` in ordinary text can mislead it. The marks are noncharacters of Unicode that XML allows
# (U+FDD0 and following).

OPEN_BRACE, CLOSE_BRACE = "\ufdd0", "\ufdd1"
TAG_START, TAG_END = "\ufdd2", "\ufdd3"
BODY_START, BODY_END = "\ufdd4", "\ufdd5"
FIELD_MARK = "\ufdd7"
"""Precedes the field's number in a tag that was
created from one of Word's fields."""
BLOCK_EDGE = "\ufdd8"
"""Separates paragraphs or tables of a long part:
patch_xml reads no further at once."""
RESERVED_CHARACTERS = (
    OPEN_BRACE + CLOSE_BRACE + TAG_START + TAG_END + BODY_START + BODY_END + FIELD_MARK + BLOCK_EDGE
)

_FIELD_MARK = re.compile(rf"\s?{FIELD_MARK}\d+")


def without_field_marks(text: str) -> str:
    """Return a text without the numbers that mark tags from merge fields."""
    return _FIELD_MARK.sub("", text)


EscapeContext = Literal["text", "plain", "address", "link", "link rest", "span", "fill"]
"""The context of a tag, which decides how its value is escaped.

`text`: in a w:t, where line breaks become Word's own; `plain`: an
attribute or a bare string; `address`: part of a link's address; `link`:
its start; `link rest`: its start if the value before is blank; `span`,
`fill`: the width and the colour of a table cell.
"""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of the template, or one that the program adds for blank lines.

    The latter is `is_synthetic`. `is_collapsible`: it is in a line that is removed if blank.
    `field_label` is how Word shows the field that it was created from; empty if a person wrote the
    tag.
    """

    kind: TagKind
    scope: str
    body: str
    place: Place
    escape_context: EscapeContext = "text"
    is_collapsible: bool = False
    is_synthetic: bool = False
    field_label: str = ""

    @property
    def keyword(self) -> str:
        """The first word of a block tag: `if`, `endfor`; empty for other tags."""
        return self.body.split(maxsplit=1)[0] if self.kind == "block" and self.body else ""

    @property
    def shown_text(self) -> str:
        """The tag as Word shows it in the template, for messages."""
        if self.field_label:
            return self.field_label
        opening = next(opening for opening, kind in _KINDS.items() if kind == self.kind)
        return f"{opening}{self.scope} {self.body} {_ENDS[opening]}"


@dataclass(frozen=True, slots=True)
class TemplateParagraph:
    """A paragraph of a template: its place, and its words and tags in order."""

    place: Place
    pieces: tuple[str | Tag, ...]


class PartTags:
    """The tags and problems of one part, collected while it is read.

    `field_labels` are Word's fields that became tags, by number, as Word shows them. `is_changed`
    is set once anything of the part was changed. `holds_markup`: its text shows XML or HTML.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self.tags: list[Tag] = []
        self.problems: list[Problem] = []
        self.field_labels: list[str] = []
        self.paragraphs: list[TemplateParagraph] = []
        self.is_changed = False
        self.holds_markup = False

    def add_tag(self, tag: Tag) -> str:
        """Record a tag and return the mark that replaces the tag in the text."""
        self.is_changed = True
        self.tags.append(tag)
        return f"{TAG_START}{len(self.tags) - 1}{TAG_END}"

    def add_condition(self, body: str, place: Place) -> str:
        """Record a condition made by the program, and return its mark."""
        return self.add_tag(Tag("block", "", body, place, is_synthetic=True))


_SHEET_NAMES = {
    "signer": "Signers",
    "recipient": "Recipients",
    "pair": "Pairs",
    "settings": "Settings",
}
"""Sheets by the root of their names."""


def merge_field_name(root: str, column: str) -> str:
    """Return the name of a merge field for a column: `Recipient_Name`."""
    return "_".join(word[:1].upper() + word[1:] for word in (root, column) if word)


class SharedFieldError(FaultError):
    """A merge field whose name is a column of several sheets, `roots`."""

    def __init__(self, name: str, roots: Sequence[str]) -> None:
        self.name, self.roots = name, tuple(roots)
        super().__init__(shared_fields_fault((name,), self.roots))


def shared_fields_fault(names: Sequence[str], roots: Sequence[str]) -> Fault:
    """Return the fault of merge fields that several sheets have."""
    people = [root for root in ("recipient", "signer") if root in roots]
    return messages.fault(
        "field-shared",
        fields=tuple(f"«{name}»" for name in names),
        sheets=" and ".join(_SHEET_NAMES[root] for root in roots),
        own=merge_field_name(people[0] if people else roots[0], placeholder_name(names[0])),
        people=" or ".join(people) or None,
    )


class PlaceholderSuggestion(NamedTuple):
    """A suggestion how to write something as a placeholder.

    `ours` is the placeholder. `missing` is one that needs a `column` or a `setting` that does not
    exist yet.
    """

    ours: str | None = None
    column: str | None = None
    setting: str | None = None
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class FieldsBySheet:
    """The fields of each sheet by its root, such as `recipient`.

    If none are known, every name is allowed. `default_root` is the root of a merge field that
    several sheets have; empty if none. `headings` are the headings as they are written.
    """

    fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    default_root: str = ""
    headings: frozenset[str] = frozenset()

    def expression(self, name: str) -> str:
        """Return the Jinja expression that a merge field becomes.

        `Recipient Name` is `recipient.name`. Without a sheet's name before it, it is the column
        that only one sheet has, or otherwise that of the default root. A name that is not a
        column's stays unchanged, and is reported as unknown later.
        """
        folded = placeholder_name(name) or "nameless"
        root, _, rest = folded.partition("_")
        roots = self._roots_with(folded)
        roots = [self.default_root] if self.default_root in roots else roots
        if rest and root in ROOTS and (rest in self.fields.get(root, ()) or not roots):
            return f"{root}.{rest}"
        return f"{roots[0]}.{folded}" if len(roots) == 1 else folded

    def unambiguous_expression(self, name: str) -> str:
        """Return the Jinja expression of a merge field that means one column.

        Raise SharedFieldError if nothing decides which sheet's column it is.
        """
        expression = self.expression(name)
        roots = [] if "." in expression else self._roots_with(expression)
        if len(roots) > 1:
            raise SharedFieldError(name, roots)
        return expression

    def suggest_placeholder(self, name: str) -> PlaceholderSuggestion:
        """Return how to write a name as a placeholder, with all its meanings.

        If no column has the name, one must be added first: the placeholder alone would be the next
        error.
        """
        intended = self._intended_expression(name)
        expressions = (
            [intended]
            if "." in intended
            else [f"{root}.{intended}" for root in self._roots_with(intended)]
        )
        if self.fields and not self.has_column(name):
            root, _, rest = intended.rpartition(".")
            missing = f"{{{{ {root or 'recipient'}.{rest} }}}}"
            if root == "settings":
                return PlaceholderSuggestion(setting=rest, missing=missing)
            return PlaceholderSuggestion(column=rest, missing=missing)
        return PlaceholderSuggestion(
            " or ".join(f"{{{{ {expression} }}}}" for expression in expressions or [intended])
        )

    def condition_name(self, name: str) -> str:
        """Return a name for a condition.

        It is that of a column, by default a recipient's.
        """
        intended = self._intended_expression(name)
        root = next(iter(self._roots_with(intended)), "recipient")
        return intended if "." in intended else f"{root}.{intended}"

    def has_column(self, name: str) -> bool:
        """Return whether a sheet has a column with this name."""
        root, dot, rest = self._intended_expression(name).partition(".")
        return rest in self.fields.get(root, ()) if dot else bool(self._roots_with(root))

    def _intended_expression(self, name: str) -> str:
        """Return the expression that a name probably means.

        The text before its last dot may be another program's root: `d.city` and `order.city` are
        `city`.
        """
        expression = self.expression(name.replace(".", "_"))
        root, _, rest = expression.partition(".")
        if "." not in name or rest in self.fields.get(root, ()) or self._roots_with(expression):
            return expression
        prefix, _, last_part = name.rpartition(".")
        return expression if placeholder_name(prefix) in ROOTS else self.expression(last_part)

    def _roots_with(self, name: str) -> list[str]:
        return [root for root, names in self.fields.items() if name in names]
