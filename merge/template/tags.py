"""Text -> the tags in it, or what is wrong with them. Pure: knows nothing of XML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from merge.model import Level, Place, Problem
from merge.naming import tag_name

TagKind = Literal["value", "block", "comment"]
_KINDS: dict[str, TagKind] = {"{{": "value", "{%": "block", "{#": "comment"}
_ENDS = {"{{": "}}", "{%": "%}", "{#": "#}"}
_MARK = re.compile(r"\{[{%#]|[}%#]\}")

_DOUBLE = '"“”„‟«»＂″'
_SINGLE = "'‘’‚‛‹›＇′"
"""Every language's quotation marks, as Word's AutoFormat puts them inside a tag."""

_ESCAPE = re.compile(rf"\\([n\\{_DOUBLE}{_SINGLE}])|[\\\"]")
r"""In a quoted text `\n` is a line break, and `\` before a mark or itself means that character."""

MOST_FAULTS = 20
"""Faults told of one paragraph: more help nobody."""

_LONGEST = 2_000
"""How far the end of a tag is looked for: farther than any tag is long."""


@dataclass(frozen=True, slots=True)
class TagSpan:
    """A tag in a text: where it starts and ends, and what it says.

    `scope` is docxtpl's: `p`, `tr`, `tc` or `r` for a tag that takes its paragraph, row, cell or
    run along; empty for any other. `body` has straight quotes and plain spaces.
    """

    start: int
    end: int
    kind: TagKind
    scope: str
    body: str


@dataclass(frozen=True, slots=True)
class TagFault:
    """Something in a text that is no tag but looks like half of one."""

    start: int
    code: str
    what: str
    hint: str


def find_tags(text: str) -> Iterator[TagSpan | TagFault]:
    """Every tag and fault, from left to right; not farther than `MOST_FAULTS` faults."""
    faults = 0
    for found in _scan(text):
        faults += isinstance(found, TagFault)
        if faults <= MOST_FAULTS:
            yield found
        else:
            return


def _scan(text: str) -> Iterator[TagSpan | TagFault]:
    at = 0
    while mark := _MARK.search(text, at):
        opening = mark.group()
        if opening not in _ENDS:
            yield _stray(text, mark.start(), opening)
            at = mark.end()
            continue
        end = _closing(text, mark.end(), _ENDS[opening])
        if end < 0:
            yield _unclosed(mark.start(), opening)
            at = mark.end()
            continue
        yield _tag_or_fault(text, mark.start(), end, opening)
        at = end


def _tag_or_fault(text: str, start: int, end: int, opening: str) -> TagSpan | TagFault:
    inside = text[start + 2 : end - 2]
    if opening != "{#" and (inside[:1] in {"-", "+"} or inside[-1:] in {"-", "+"}):
        what = f"{text[start:end]} has a - or + beside its braces, which is not used here."
        return TagFault(start, "tag-dash", what, "Delete the - or +.")
    span = _span(text, start, end, opening)
    return span if span.body or span.kind == "comment" else _empty(span)


def _span(text: str, start: int, end: int, opening: str) -> TagSpan:
    scope, body = _scope_of(text[start + 2 : end - 2])
    body = straightened(body)
    word, space, rest = body.partition(" ")
    if opening == "{%":
        body = word.lower() + space + rest
    return TagSpan(start, end, _KINDS[opening], scope, body)


def _scope_of(inside: str) -> tuple[str, str]:
    """docxtpl's letters directly behind the brace: `{%p if x %}`, `{{r x }}`."""
    found = re.match(r"(tr|tc|p|r)\s(.*)", inside, re.DOTALL)
    return (found[1], found[2]) if found else ("", inside)


def _closing(text: str, start: int, end: str) -> int:
    """Where the tag that opened before `start` ends, its quoted texts skipped; -1 if nowhere."""
    at = start
    while at < min(len(text), start + _LONGEST):
        if text.startswith(end, at):
            return at + 2
        if text[at] == "{" and text[at : at + 2] in _ENDS:
            return -1
        at = max(at, _quoted_end(text, at) if end != "#}" else at) + 1
    plain = text.find(end, start, start + _LONGEST)
    return plain + 2 if plain >= 0 and not _opens_between(text, start, plain) else -1


def _opens_between(text: str, start: int, end: int) -> bool:
    return any(opening in text[start:end] for opening in _ENDS)


def _quoted_end(text: str, at: int) -> int:
    """The position of the mark that closes the quotation opened at `at`; `at` if none does."""
    closers = _closers(text[at])
    end = min(len(text), at + _LONGEST) if closers else 0
    index = at + 1
    while index < end:
        if text[index] in closers:
            return index
        index += 2 if text[index] == "\\" else 1
    return at


def _closers(mark: str) -> str:
    return next((marks for marks in (_DOUBLE, _SINGLE) if mark in marks), "")


def straightened(body: str) -> str:
    """A tag's body as jinja2 reads it: straight quotes, plain spaces, nothing invisible.

    Inside a quoted text only the quotes around it are changed.
    """
    parts, at = [], 0
    while at < len(body):
        end = _quoted_end(body, at)
        if end > at:
            parts.append(_string(body[at + 1 : end]))
        else:
            parts.append(_plain(body[at]))
        at = end + 1
    return "".join(parts).strip()


def _string(text: str) -> str:
    """A quoted text as jinja2 reads it; a backslash means itself, but before a mark or itself."""
    inner = " ".join(text.splitlines()) if "\n" in text else text
    return '"' + _ESCAPE.sub(lambda m: _escaped(m[1] or m[0]), inner) + '"'


def _escaped(character: str) -> str:
    if character == "n":
        return "\\n"
    return "\\" + character if character in '\\"' else character


def _plain(character: str) -> str:
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) == "Cf" else character


def _empty(span: TagSpan) -> TagFault:
    what = "the tag is empty."
    return TagFault(
        span.start, "tag-empty", what, "Write the name of a column in it, or delete it."
    )


def _unclosed(start: int, opening: str) -> TagFault:
    if opening == "{#":
        what = "{# starts a comment that does not end in its paragraph."
        return TagFault(start, "tag-unclosed", what, "Close it with #}, or write { #.")
    what = f"the tag that starts with {opening} does not end in its paragraph."
    return TagFault(start, "tag-unclosed", what, f"Close it with {_ENDS[opening]}.")


def _stray(text: str, start: int, closing: str) -> TagFault:
    opening = next(o for o, c in _ENDS.items() if c == closing)
    word = re.search(r"[\w.]*\s*$", text[:start])
    name = word.group().strip() if word else ""
    what = f"{closing} ends a tag that does not start in its paragraph."
    hint = (
        f"Write {opening} {name} {closing}." if name else f"Delete it, or start it with {opening}."
    )
    return TagFault(start, "tag-unopened", what, hint)


# What is known of a tag, and the marks that stand for it while docxtpl looks at the XML.
#
# docxtpl's `patch_xml` is a row of regular expressions over the whole part. It sees every tag
# whole, with a number for its body, and no other brace: neither quotes nor entities nor a `{` in
# ordinary text can lead it astray. The marks are noncharacters of Unicode that XML allows (U+FDD0
# and on).


OPEN_BRACE, CLOSE_BRACE = "\ufdd0", "\ufdd1"
TAG_START, TAG_END = "\ufdd2", "\ufdd3"
BODY_START, BODY_END = "\ufdd4", "\ufdd5"
MARKS = OPEN_BRACE + CLOSE_BRACE + TAG_START + TAG_END + BODY_START + BODY_END

EscapeContext = Literal["text", "plain", "address", "span", "fill"]
"""`text`: in a w:t, where line breaks become Word's own; `plain`: an attribute or a bare string;
`address`: where a link leads; `span`, `fill`: the width and the colour of a table cell."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of the template, or a condition that closing-up needs (`made` is then true)."""

    kind: TagKind
    scope: str
    body: str
    place: Place
    escape_context: EscapeContext = "text"
    closes_up: bool = False
    """The tag stands in a line that goes where it is blank."""
    made: bool = False

    @property
    def keyword(self) -> str:
        """The first word of a block tag: `if`, `endfor`…; empty for the others."""
        return self.body.split(maxsplit=1)[0] if self.kind == "block" and self.body else ""

    @property
    def written(self) -> str:
        """The tag as a person would write it, for messages."""
        ends = {"value": ("{{", "}}"), "block": ("{%", "%}"), "comment": ("{#", "#}")}
        opening, closing = ends[self.kind]
        return f"{opening}{self.scope} {self.body} {closing}"


# The names that a template may use, as far as they must be known to read it.


_ROOTS = {"signer", "recipient", "pair", "settings"}


@dataclass(frozen=True, slots=True)
class Columns:
    """The fields of each sheet by its root, `recipient` and so on. None known: everything fits."""

    fields: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def expression(self, name: str) -> str:
        """What a merge field of that name stands for: `Recipient Name` is `recipient.name`.

        Without a sheet's name in front it is the column that only one sheet has. A name that is
        no column's stays what it is, and is told as unknown later.
        """
        folded = tag_name(name) or "nameless"
        root, _, rest = folded.partition("_")
        roots = self._roots(folded)
        if rest and root in _ROOTS and (rest in self.fields.get(root, ()) or not roots):
            return f"{root}.{rest}"
        return f"{roots[0]}.{folded}" if len(roots) == 1 else folded

    def suggestion(self, name: str) -> str:
        """The tag that a name stands for, or all that it could stand for."""
        own = self.expression(name.replace(".", "_"))
        found = [own] if "." in own else [f"{root}.{own}" for root in self._roots(own)]
        return " or ".join(f"{{{{ {one} }}}}" for one in found or [own])

    def knows(self, name: str) -> bool:
        """Whether some column has this name."""
        root, dot, rest = self.expression(name.replace(".", "_")).partition(".")
        return rest in self.fields.get(root, ()) if dot else bool(self._roots(root))

    def _roots(self, name: str) -> list[str]:
        return [root for root, own in self.fields.items() if name in own]


# Text that looks like a tag of another program, or like half of one of ours.


_NAME = r"[^\W\d][\w .'-]{0,40}?"
_FOREIGN_TAG = re.compile(
    rf"(?<![{{\w])\{{\s*(?P<brace>{_NAME})\s*\}}(?![}}\w])"
    rf"|\{{ +\{{\s*(?P<apart>{_NAME})\s*\}} +\}}"
    rf"|«\s*(?P<guillemets>{_NAME})\s*»"
    rf"|<<\s*(?P<angles>{_NAME})\s*>>"
    rf"|\[\s*(?P<square>[A-Z][A-Z0-9_ ]{{1,40}})\s*\]"
    rf"|(?<![\w$])\$\{{\s*(?P<dollar>{_NAME})\s*\}}"
    rf"|%%?(?P<percent>[A-Z_]{{3,30}})%%?(?!\w)"
)
"""docxtemplater's, a tag with spaces, typed merge fields, placeholders of other merge programs."""

_HINTS = re.compile(r"[{«\[%]|<<")
_QUOTED = re.compile(r"«[^»]* [^»]*»")
"""A quotation in French or Russian is no placeholder."""


def foreign_tags(text: str, columns: Columns, place: Place) -> Iterator[Problem]:
    """Other programs' tags: an error where a column has that name, else a doubt."""
    if not _HINTS.search(text):
        return
    for found in _FOREIGN_TAG.finditer(text):
        if _QUOTED.fullmatch(found.group()):
            continue
        name = next(word for word in found.groups() if word)
        what = (
            f'"{found.group()}" looks like a tag of another program, which is not filled in here.'
        )
        hint = f"If it is to be filled in, write {columns.suggestion(name)}."
        level: Level = "error" if columns.knows(name) else "warning"
        yield Problem("tag-foreign", place, what, hint, level)


# What is noted while a part is read: its tags by number, its problems.


class PartTags:
    """The tags and problems of one part. `changed` is set once anything of it was changed."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.tags: list[Tag] = []
        self.problems: list[Problem] = []
        self.changed = False

    def mark(self, tag: Tag) -> str:
        """Note a tag; the mark that stands for it in the text."""
        self.changed = True
        self.tags.append(tag)
        return f"{TAG_START}{len(self.tags) - 1}{TAG_END}"

    def made(self, place: Place, kind: TagKind, body: str) -> str:
        """The mark of a tag that nobody wrote."""
        return self.mark(Tag(kind, "", body, place, made=True))

    def condition(self, body: str, place: Place) -> str:
        """The mark of a condition that nobody wrote."""
        return self.made(place, "block", body)
