"""Find the tags in a text and record what is known of each.

Nothing here knows of XML. Quotation marks, spaces and the case of names are put right as Word's
AutoFormat and people write them; whatever looks like half a tag is a fault with its remedy.
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
"""The first parts of names: each stands for a sheet of the workbook."""

TagKind = Literal["value", "block", "comment"]
_KINDS: dict[str, TagKind] = {"{{": "value", "{%": "block", "{#": "comment"}
_ENDS = {"{{": "}}", "{%": "%}", "{#": "#}"}
TAG_EDGE = re.compile(r"\{[{%#]|[}%#]\}")
"""What a tag starts or ends with."""

_COMMENT_EDGE = re.compile(r"\{#|#\}")

_DOUBLE_QUOTES = '"“”„‟«»＂″'
_SINGLE_QUOTES = "'‘’‚‛‹›＇′"
"""Every language's quotation marks, as Word's AutoFormat puts them inside a tag."""
_ESCAPE = re.compile(rf"\\([n\\{_DOUBLE_QUOTES}{_SINGLE_QUOTES}])|[\\\"]")
r"""In a quoted text `\n` is a line break, and `\` before a mark or itself means that character."""

MAX_FAULTS = 20
"""Faults reported of one paragraph: more help nobody."""
_LONGEST_NAME = 100
_LONGEST_TAG = 2_000
"""How far the end of a tag is looked for: farther than any tag is long."""


@dataclass(frozen=True, slots=True)
class TagSpan:
    """A tag in a text: where it starts and ends, and what it says.

    `scope` is docxtpl's: `p`, `tr`, `tc` or `r` for a tag that takes its paragraph, row, cell or
    run along; empty for any other. `body` has straight quotes and plain spaces. `field` is the
    number of Word's field that it was made from; -1 if somebody wrote it.
    """

    start: int
    end: int
    kind: TagKind
    scope: str
    body: str
    field_number: int = -1


@dataclass(frozen=True, slots=True)
class TagFault:
    """Something in a text that is no tag but looks like half of one."""

    start: int
    fault: Fault


def find_tags(text: str) -> Iterator[TagSpan | TagFault]:
    """Yield every tag and fault, from left to right; nothing behind `MAX_FAULTS` faults."""
    at = faults = 0
    while mark := TAG_EDGE.search(text, at):
        found, at = _tag_or_fault(text, mark)
        faults += isinstance(found, TagFault)
        if faults > MAX_FAULTS:
            return
        yield found


def _tag_or_fault(text: str, mark: re.Match[str]) -> tuple[TagSpan | TagFault, int]:
    """Return what starts at a mark, and where to look on."""
    start, opening = mark.start(), mark.group()
    if opening not in _ENDS:
        return _stray_end_fault(text, start, opening), mark.end()
    is_comment = opening == "{#"
    end = (
        _comment_end(text, mark.end()) if is_comment else _tag_end(text, mark.end(), _ENDS[opening])
    )
    if end < 0:
        return _unclosed_fault(start, opening), mark.end()
    inside, number = text[start + 2 : end - 2], ""
    if is_comment:
        inside = without_field_marks(inside)
    else:
        inside, _, number = inside.partition(FIELD_MARK)
    if not is_comment and (inside[:1] in {"-", "+"} or inside[-1:] in {"-", "+"}):
        return TagFault(start, messages.fault("tag-dash", tag=text[start:end])), end
    # docxtpl's letters stand directly behind the brace: `{%p if x %}`, `{{r x }}`
    scoped = re.match(r"(tr|tc|p|r)\s(.*)", inside, re.DOTALL)
    scope, inside = (scoped[1], scoped[2]) if scoped else ("", inside)
    body = _straighten(inside)
    if opening == "{%":
        word, space, rest = body.partition(" ")
        body = word.lower() + space + rest
    if not body and not is_comment:
        return TagFault(start, messages.fault("tag-empty")), end
    return TagSpan(
        start, end, _KINDS[opening], scope=scope, body=body, field_number=int(number or -1)
    ), end


def _tag_end(text: str, start: int, closing: str) -> int:
    """Return where the tag opened before `start` ends, its quoted texts skipped; -1 if nowhere.

    A lone quotation mark may be an apostrophe: if skipping what it seems to quote finds no end, the
    first end counts, unless another tag opens before it.
    """
    at = start
    while at < min(len(text), start + _LONGEST_TAG):
        if text.startswith(closing, at):
            return at + 2
        if text[at] == "{" and text[at : at + 2] in _ENDS:
            return -1
        at = max(at, _quoted_end(text, at)) + 1
    plain = text.find(closing, start, start + _LONGEST_TAG)
    opens = any(opening in text[start:plain] for opening in _ENDS)
    return plain + 2 if plain >= 0 and not opens else -1


def _comment_end(text: str, start: int) -> int:
    """Return where the comment opened before `start` ends, whatever tags are in it; -1 if nowhere.

    Where another opens before, the first was probably not closed, and would take words along.
    """
    edge = _COMMENT_EDGE.search(text, start)
    return edge.end() if edge and edge.group() == "#}" else -1


def _quoted_end(text: str, at: int) -> int:
    """Return where the quotation opened at `at` is closed; `at` if it is not, or is none."""
    closers = next((marks for marks in (_DOUBLE_QUOTES, _SINGLE_QUOTES) if text[at] in marks), "")
    end = min(len(text), at + _LONGEST_TAG) if closers else 0
    index = at + 1
    while index < end:
        if text[index] in closers:
            return index
        index += 2 if text[index] == "\\" else 1
    return at


def _straighten(body: str) -> str:
    """Return a tag's body as jinja2 reads it: straight quotes, plain spaces, nothing invisible.

    Inside a quoted text only the quotes around it are changed.
    """
    parts, at = [], 0
    while at < len(body):
        end = _quoted_end(body, at)
        if end > at:
            text = body[at + 1 : end]
            inner = " ".join(text.splitlines()) if "\n" in text else text
            parts.append('"' + _ESCAPE.sub(lambda m: _escape_character(m[1] or m[0]), inner) + '"')
        elif body[at].isspace():
            parts.append(" ")
        elif unicodedata.category(body[at]) != "Cf":
            parts.append(body[at])
        at = end + 1
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
    """Return the fault of an end without a beginning. Its hint never removes words.

    What follows `{#` is not printed, and a name that is no column's would be the next error.
    """
    opening = next(o for o, c in _ENDS.items() if c == closing)
    before = text[max(0, start - _LONGEST_NAME) : start].rstrip()
    name = re.split(r"[^\w.]", before)[-1]
    spaced = " ".join(closing)
    root, dot, rest = name.partition(".")
    is_name = closing == "}}" and root.lower() in ROOTS and dot and rest
    if is_name or (closing == "%}" and name in _CLOSERS):
        near = f"{opening} {name} {closing}"
        return TagFault(start, messages.fault("tag-unopened", closing=closing, near=near))
    if closing == "#}":
        fault = messages.fault("tag-unopened/comment", closing=closing, spaced=spaced)
        return TagFault(start, fault)
    if closing == "%}":
        fault = messages.fault("tag-unopened/condition", closing=closing, spaced=spaced)
        return TagFault(start, fault)
    fault = messages.fault("tag-unopened/text", closing=closing, opening=opening, spaced=spaced)
    return TagFault(start, fault)


_CLOSERS = ("else", "endif", "endfor")


# What is known of a tag, and the marks that stand for it while docxtpl looks at the XML.
#
# docxtpl's `patch_xml` is a row of regular expressions over the whole part. It sees every tag
# whole, with a number for its body, and no other brace: neither quotes nor entities nor a `{` in
# ordinary text can lead it astray. The marks are noncharacters of Unicode that XML allows (U+FDD0
# and on).

OPEN_BRACE, CLOSE_BRACE = "\ufdd0", "\ufdd1"
TAG_START, TAG_END = "\ufdd2", "\ufdd3"
BODY_START, BODY_END = "\ufdd4", "\ufdd5"
FIELD_MARK = "\ufdd7"
"""Stands in a tag made from one of Word's fields, before the field's number."""
BLOCK_EDGE = "\ufdd8"
"""Stands between two paragraphs or tables of a long part: patch_xml reads no further at once."""
RESERVED_CHARACTERS = (
    OPEN_BRACE + CLOSE_BRACE + TAG_START + TAG_END + BODY_START + BODY_END + FIELD_MARK + BLOCK_EDGE
)

_FIELD_MARK = re.compile(rf"\s?{FIELD_MARK}\d+")


def without_field_marks(text: str) -> str:
    """Return a text less the numbers of the fields that its tags were made from."""
    return _FIELD_MARK.sub("", text)


EscapeContext = Literal["text", "plain", "address", "link", "link rest", "span", "fill"]
"""`text`: in a w:t, where line breaks become Word's own; `plain`: an attribute or a bare string;
`address`: part of where a link leads; `link`: its beginning; `link rest`: what is its beginning
where that is blank; `span`, `fill`: the width and the colour of a table cell."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of the template, or one that closing-up needs and nobody wrote (`synthetic`).

    `is_collapsible`: it stands in a line that goes where it is blank. `field` is how Word shows the
    field that it was made from; empty if somebody wrote the tag.
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
        """The first word of a block tag: `if`, `endfor`…; empty for the others."""
        return self.body.split(maxsplit=1)[0] if self.kind == "block" and self.body else ""

    @property
    def shown_text(self) -> str:
        """What stands in the template as a person sees it, for messages."""
        if self.field_label:
            return self.field_label
        opening = next(opening for opening, kind in _KINDS.items() if kind == self.kind)
        return f"{opening}{self.scope} {self.body} {_ENDS[opening]}"


@dataclass(frozen=True, slots=True)
class TemplateParagraph:
    """A paragraph of a template: where it is, and its own words with its tags among them."""

    place: Place
    pieces: tuple[str | Tag, ...]


class PartTags:
    """The tags of one part by number, and its problems, gathered while the part is read.

    `fields` are Word's fields that became tags, by number, as Word shows them. `changed` is set
    once anything of the part was changed. `holds_markup`: its text shows XML or HTML.
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
        """Record a tag and return the mark that stands for it in the text."""
        self.is_changed = True
        self.tags.append(tag)
        return f"{TAG_START}{len(self.tags) - 1}{TAG_END}"

    def add_condition(self, body: str, place: Place) -> str:
        """Record a condition that nobody wrote and return its mark."""
        return self.add_tag(Tag("block", "", body, place, is_synthetic=True))


_SHEET_NAMES = {
    "signer": "Signers",
    "recipient": "Recipients",
    "pair": "Pairs",
    "settings": "Settings",
}
"""Sheets by the root that stands for them."""


def merge_field_name(root: str, column: str) -> str:
    """Return the name of a merge field for a column: `Recipient_Name`."""
    return "_".join(word[:1].upper() + word[1:] for word in (root, column) if word)


class SharedFieldError(FaultError):
    """A merge field with a name that columns of several sheets have, `roots`."""

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
    """How to write something of another program as a placeholder: `ours`, or `missing`.

    `missing` needs a `column` or a `setting` that is not there yet. What has no equivalent is
    `pointless`.
    """

    ours: str | None = None
    column: str | None = None
    setting: str | None = None
    missing: str | None = None
    pointless: str | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """The fields of each sheet by its root, `recipient` and so on. None known: everything fits.

    `usual` is the root that a merge field belongs to which several sheets have; empty if none.
    `headings` are the headings as they are written.
    """

    fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    default_root: str = ""
    headings: frozenset[str] = frozenset()

    def expression(self, name: str) -> str:
        """Return what a merge field of that name stands for: `Recipient Name` is `recipient.name`.

        Without a sheet's name in front it is the column that only one sheet has, or else that of
        the usual one. A name that is no column's stays what it is, and is reported as unknown
        later.
        """
        folded = placeholder_name(name) or "nameless"
        root, _, rest = folded.partition("_")
        roots = self._roots_with(folded)
        roots = [self.default_root] if self.default_root in roots else roots
        if rest and root in ROOTS and (rest in self.fields.get(root, ()) or not roots):
            return f"{root}.{rest}"
        return f"{roots[0]}.{folded}" if len(roots) == 1 else folded

    def unambiguous_expression(self, name: str) -> str:
        """Return the same. Raise SharedFieldError where nothing says which sheet's column it is."""
        own = self.expression(name)
        roots = [] if "." in own else self._roots_with(own)
        if len(roots) > 1:
            raise SharedFieldError(name, roots)
        return own

    def suggest_placeholder(self, name: str) -> PlaceholderSuggestion:
        """Return how to write a name as a placeholder, with all that the name could stand for.

        If no column has the name, one must be added first: the placeholder alone would be the next
        error.
        """
        own = self._intended_expression(name)
        found = [own] if "." in own else [f"{root}.{own}" for root in self._roots_with(own)]
        if self.fields and not self.has_column(name):
            root, _, rest = own.rpartition(".")
            missing = f"{{{{ {root or 'recipient'}.{rest} }}}}"
            if root == "settings":
                return PlaceholderSuggestion(setting=rest, missing=missing)
            return PlaceholderSuggestion(column=rest, missing=missing)
        return PlaceholderSuggestion(" or ".join(f"{{{{ {one} }}}}" for one in found or [own]))

    def condition_name(self, name: str) -> str:
        """Return a name as a condition reads it: that of a column, or else of a recipient's."""
        own = self._intended_expression(name)
        root = next(iter(self._roots_with(own)), "recipient")
        return own if "." in own else f"{root}.{own}"

    def has_column(self, name: str) -> bool:
        """Return whether some column has this name."""
        root, dot, rest = self._intended_expression(name).partition(".")
        return rest in self.fields.get(root, ()) if dot else bool(self._roots_with(root))

    def _intended_expression(self, name: str) -> str:
        """Return the expression for a name; what stands before its last dot may be another's root.

        `d.city` and `order.city` are `city`: other programs have roots of their own.
        """
        whole = self.expression(name.replace(".", "_"))
        root, _, rest = whole.partition(".")
        if "." not in name or rest in self.fields.get(root, ()) or self._roots_with(whole):
            return whole
        first, _, last = name.rpartition(".")
        return whole if placeholder_name(first) in ROOTS else self.expression(last)

    def _roots_with(self, name: str) -> list[str]:
        return [root for root, own in self.fields.items() if name in own]
