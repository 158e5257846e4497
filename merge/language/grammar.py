"""The allow-list over a tag's parse tree, the folding of its names, the names that it uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.visitor import NodeTransformer

from merge.language.filters import STAFF
from merge.language.loops import FRESH
from merge.language.rules import refusal
from merge.model import Problem
from merge.naming import tag_name
from merge.tags.blocks import KEYWORDS
from merge.tags.record import Tag

_PARSER = Environment(autoescape=True)
_PARSER.filters = dict(STAFF)

_ROOTS = {"signer", "recipient", "pair", "settings"}
MOST_BODY = 1_000
"""Characters of one tag. Keeps parse trees small, so that no tag can exhaust anything."""
MOST_DEPTH = 25
"""Levels of a tag's parse tree. Python's own compiler ends at about a hundred."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name that a tag reads: `recipient.city` has the root `recipient` and the field `city`.

    `field` is empty where the tag reads the root itself.
    """

    root: str
    field: str

    def __str__(self) -> str:
        return f"{self.root}.{self.field}" if self.field else self.root


def _source(tag: Tag) -> str:
    """One tag as a whole template of its own."""
    word = tag.keyword
    if tag.shape == "value":
        return f"{{{{ {tag.body} }}}}"
    if word in {"colspan", "cellbg"}:
        return f"{{{{ {tag.body.removeprefix(word)} }}}}"
    if word == "elif":
        return f"{{% if true %}}{{% {tag.body} %}}{{% endif %}}"
    if word in {"if", "for"}:
        return f"{{% {tag.body} %}}{{% end{word} %}}"
    return "" if tag.body == word else "{{ ( }}"  # more words behind else or endif: a syntax error


def check_tag(tag: Tag) -> list[Problem]:
    """What is wrong with the words of a tag: at most one problem."""
    if tag.keyword and tag.keyword not in KEYWORDS:
        return []  # told where blocks are checked
    if len(tag.body) > MOST_BODY:
        what = f"the tag is longer than {MOST_BODY:,} characters."
        return [Problem("tag-too-long", tag.place, what, "Say it in shorter tags.")]
    try:
        return _refusals(tag, _PARSER.parse(_source(tag)))
    except TemplateSyntaxError as error:
        return [_unreadable(tag, error)]
    except (RecursionError, UnicodeError, OverflowError, ValueError):
        what = f"{_short(tag)} cannot be read."
        return [Problem("tag-syntax", tag.place, what, "Say it in a simpler way.")]


def names_of(tag: Tag) -> tuple[Name, ...]:
    """The columns that a single tag reads; none where it cannot be read."""
    try:
        tree = _PARSER.parse(_source(tag)) if len(tag.body) <= MOST_BODY else nodes.Template([])
        fold(tree)
        return tuple(dict.fromkeys(name for name, _ in names_in(tree) if name.field))
    except (TemplateSyntaxError, RecursionError, UnicodeError, OverflowError, ValueError):
        return ()


def _refusals(tag: Tag, tree: nodes.Template) -> list[Problem]:
    if _is_deeper(tree, MOST_DEPTH):
        what = f"{_short(tag)} is too deeply nested."
        return [Problem("tag-too-long", tag.place, what, "Say it in shorter tags.")]
    reasons = (refusal(node) for node in (tree, *tree.find_all(nodes.Node)))
    reason = next((r for r in reasons if r), "")
    what = f"{_short(tag)}: {reason}."
    hint = 'See "Write a template in Word" for what a tag can say.'
    return [Problem("tag-not-allowed", tag.place, what, hint)] if reason else []


def _is_deeper(node: nodes.Node, most: int) -> bool:
    return most < 0 or any(_is_deeper(child, most - 1) for child in node.iter_child_nodes())


def _unreadable(tag: Tag, error: TemplateSyntaxError) -> Problem:
    if "No filter named" in str(error.message):
        what = f"{_short(tag)}: there is no filter {str(error.message).split(chr(39))[1]}."
        return Problem("tag-not-allowed", tag.place, what, f"There are {', '.join(STAFF)}.")
    what = f"{_short(tag)} cannot be read."
    return Problem("tag-syntax", tag.place, what, _repair(tag))


def _repair(tag: Tag) -> str:
    """How the tag was probably meant."""
    body = tag.body
    if body.startswith("else if "):
        return f"Write {{%{tag.scope} elif {body.removeprefix('else if ')} %}}."
    if tag.shape == "value" and re.fullmatch(r"[\w .'-]+", body):
        first, _, rest = body.partition(" ")
        body = f"{first}.{rest}" if first.lower() in _ROOTS and rest else body
        name = ".".join(tag_name(part) for part in body.split(".") if tag_name(part))
        return f"Did you mean {{{{ {name} }}}}? In a tag, _ stands for a space."
    if re.search(r"(?<![=!<>])=(?!=)", body):
        return "To compare, write == with two equals signs."
    return 'See "Write a template in Word" for how tags are written.'


def _short(tag: Tag) -> str:
    written = tag.written
    return written if len(written) <= 60 else f"{written[:59]}…"


def check_depth(tree: nodes.Template) -> nodes.For | None:
    """The first loop that stands in more than two others; None where there is none."""
    for outer in tree.find_all(nodes.For):
        for middle in outer.find_all(nodes.For):
            inner = next(middle.find_all(nodes.For), None)
            if inner is not None:
                return inner
    return None


class _Folding(NodeTransformer):
    """Writes names as headings are folded; a name in brackets becomes one behind a dot."""

    def visit_Name(self, node: nodes.Name) -> nodes.Name:  # noqa: N802 - jinja2's name for it
        node.name = tag_name(node.name)
        return node

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:  # noqa: N802
        node.attr = tag_name(node.attr)
        return self.generic_visit(node)

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return nodes.Getattr(node.node, tag_name(node.arg.value), "load", lineno=node.lineno)
        return node


def fold(tree: nodes.Node) -> None:
    """Write every name as headings are folded: `Recipient.Name` is `recipient.name`."""
    _Folding().visit(tree)


def names_in(tree: nodes.Node, local: frozenset[str] = frozenset()) -> Iterator[tuple[Name, int]]:
    """The names that an expression or block reads, each with its line; loop variables left out."""
    if isinstance(tree, nodes.Getattr) and isinstance(tree.node, nodes.Name):
        if tree.node.name not in local | {"loop"}:
            yield Name(tree.node.name, tree.attr), tree.lineno
        return
    if isinstance(tree, nodes.Name):
        if tree.name not in local | {"loop", FRESH} and tree.ctx == "load":
            yield Name(tree.name, ""), tree.lineno
        return
    inner = local | {_variable(tree)} if isinstance(tree, nodes.For) else local
    for field, child in _children(tree):
        own = local if isinstance(tree, nodes.For) and field == "iter" else inner
        yield from names_in(child, own)


def _variable(loop: nodes.For) -> str:
    return loop.target.name if isinstance(loop.target, nodes.Name) else ""


def _children(tree: nodes.Node) -> Iterator[tuple[str, nodes.Node]]:
    for field, value in tree.iter_fields():
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, nodes.Node):
                yield field, child
