"""The allow-list over a tag's parse tree, the folding of its names, the names that it uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from jinja2 import Environment, TemplateSyntaxError, nodes

from merge.language.filters import STAFF
from merge.language.values import FORBIDDEN
from merge.model import Problem
from merge.naming import tag_name
from merge.tags import KEYWORDS, Tag

_PARSER = Environment(autoescape=True)
_PARSER.filters = dict(STAFF)

MOST_BODY = 1_000
"""Characters of one tag. Keeps parse trees small, so that no tag can exhaust anything."""
MOST_LOOPS = 2
MOST_NUMBER = 10**15

LOOP = ("index", "first", "last")
_TESTS = {"defined"}
_FREE: tuple[type[nodes.Node], ...] = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
    nodes.Neg,
    nodes.List,
    nodes.Tuple,
)
"""Nodes that nothing more needs to be said of. All others must pass a rule or are refused."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name that a tag reads: `recipient.city` has the root `recipient` and the field `city`.

    `field` is empty where the tag reads the root itself.
    """

    root: str
    field: str

    def __str__(self) -> str:
        return f"{self.root}.{self.field}" if self.field else self.root


def _refusal(node: nodes.Node) -> str:
    """Why a node may not stand in a tag; empty where it may."""
    if isinstance(node, _FREE):
        return ""
    rule = _RULES.get(type(node))
    spoken = _SPOKEN.get(type(node), "what it does")
    return rule(node) if rule else f"{spoken} is not allowed in a tag"


def _name(node: nodes.Name) -> str:
    return "" if _is_open(node.name) else f"the name {node.name} is not allowed in a tag"


def _attribute(node: nodes.Getattr) -> str:
    if isinstance(node.node, nodes.Name) and node.node.name == "loop":
        known = node.attr in LOOP
        return "" if known else f"loop.{node.attr} is not one of loop.{', loop.'.join(LOOP)}"
    return "" if _is_open(node.attr) else f"the name {node.attr} is not allowed in a tag"


def _is_open(name: str) -> bool:
    """Names that start with _ are Python's own, and fold to nothing that a sheet could offer."""
    return not name.startswith("_") and bool(tag_name(name))


def _item(node: nodes.Getitem) -> str:
    fixed = isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, int | str)
    if isinstance(node.arg, nodes.Neg):
        fixed = isinstance(node.arg.node, nodes.Const)
    if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        fixed = _is_open(node.arg.value)
    return "" if fixed else "only a number or a name may stand in [ ]"


def _constant(node: nodes.Const) -> str:
    value = node.value
    if isinstance(value, str) and FORBIDDEN.search(value):
        return "a text in the tag holds a character that no letter can"
    if isinstance(value, int | float) and not -MOST_NUMBER <= value <= MOST_NUMBER:
        return "a number in the tag is too large"
    return ""


def _filter(node: nodes.Filter) -> str:
    if node.node is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
        return f"the filter {node.name} is not used that way"
    if node.name not in STAFF:
        return f"there is no filter {node.name}; there are {', '.join(STAFF)}"
    constant = all(isinstance(arg, nodes.Const) for arg in node.args)
    return "" if constant else f"the filter {node.name} takes only texts in quotes, or numbers"


def _test(node: nodes.Test) -> str:
    plain = node.name in _TESTS and not (node.args or node.kwargs)
    return "" if plain else f"the test 'is {node.name}' is not known; there is only 'is defined'"


def _loop(node: nodes.For) -> str:
    if not isinstance(node.target, nodes.Name) or node.recursive or node.test:
        return "a loop is written: for line in recipient.address|lines"
    if node.target.name in {"loop", "signer", "recipient", "pair", "settings"}:
        return f"a loop cannot use the name {node.target.name}"
    return ""


_RULES: dict[type[nodes.Node], Callable[..., str]] = {
    nodes.Name: _name,
    nodes.Getattr: _attribute,
    nodes.Getitem: _item,
    nodes.Const: _constant,
    nodes.Filter: _filter,
    nodes.Test: _test,
    nodes.For: _loop,
}
_SPOKEN: dict[type[nodes.Node], str] = {
    nodes.Call: "calling something with ( )",
    nodes.Add: "calculating with +",
    nodes.Sub: "calculating with -",
    nodes.Mul: "calculating with *",
    nodes.Div: "calculating with /",
    nodes.FloorDiv: "calculating with //",
    nodes.Mod: "calculating with %",
    nodes.Pow: "calculating with **",
    nodes.Dict: "a list in braces",
    nodes.Slice: "a colon in [ ]",
}


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
        tree = _PARSER.parse(_source(tag))
    except TemplateSyntaxError as error:
        return [_unreadable(tag, error)]
    except (RecursionError, UnicodeError, OverflowError, ValueError):
        what = f"{_short(tag)} cannot be read."
        return [Problem("tag-syntax", tag.place, what, "Say it in a simpler way.")]
    refusals = (_refusal(node) for node in (tree, *tree.find_all(nodes.Node)))
    reason = next((r for r in refusals if r), "")
    if not reason:
        return []
    what = f"{_short(tag)}: {reason}."
    hint = 'See "Write a template in Word" for what a tag can say.'
    return [Problem("tag-not-allowed", tag.place, what, hint)]


def _unreadable(tag: Tag, error: TemplateSyntaxError) -> Problem:
    if "No filter named" in str(error.message):
        what = f"{_short(tag)}: there is no filter {str(error.message).split(chr(39))[1]}."
        return Problem("tag-not-allowed", tag.place, what, f"There are {', '.join(STAFF)}.")
    what = f"{_short(tag)} cannot be read."
    return Problem("tag-syntax", tag.place, what, _repair(tag))


def _repair(tag: Tag) -> str:
    """How the tag was probably meant."""
    body = tag.body
    if tag.shape == "value" and re.fullmatch(r"[\w .'-]+", body):
        name = ".".join(tag_name(part) for part in body.split("."))
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


def fold(tree: nodes.Node) -> None:
    """Write every name as headings are folded: `Recipient.Name` is `recipient.name`."""
    for name in tree.find_all(nodes.Name):
        name.name = tag_name(name.name)
    for attribute in tree.find_all(nodes.Getattr):
        attribute.attr = tag_name(attribute.attr)


def names_in(tree: nodes.Node, local: frozenset[str] = frozenset()) -> Iterator[tuple[Name, int]]:
    """The names that an expression or block reads, each with its line; loop variables left out."""
    if isinstance(tree, nodes.Getattr) and isinstance(tree.node, nodes.Name):
        if tree.node.name not in local | {"loop"}:
            yield Name(tree.node.name, tree.attr), tree.lineno
        return
    if isinstance(tree, nodes.Name):
        if tree.name not in local | {"loop"} and tree.ctx == "load":
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
