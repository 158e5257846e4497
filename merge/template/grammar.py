"""Allow in a tag what a letter needs, refuse everything else, and list the names that a tag reads.

A template is data, never a program. Each tag is parsed alone, before any part is compiled, and its
parse tree is held against a list of what is allowed; what is not on the list is refused, known to
be harmful or not.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.visitor import NodeTransformer

from merge.model import Problem
from merge.naming import nearest, tag_name
from merge.ooxml import XML_FORBIDDEN
from merge.template.blocks import KEYWORDS
from merge.template.filters import TEMPLATE_FILTERS
from merge.template.foreign import foreign_body
from merge.template.tags import ROOTS, Columns, Tag

MOST_BODY = 1_000
"""Characters of one tag. Keeps parse trees small, so that no tag can exhaust anything."""
MOST_DEPTH = 25
"""Levels of a tag's parse tree. Python's own compiler ends at about a hundred."""
MOST_NUMBER = 10**15

UNIQUE_IDS = "xml_fresh"
"""The name under which a part's program finds its `UniqueIds`; no tag can reach it."""
LOOP_ATTRIBUTES = ("index", "first", "last")

_ANY = Columns()
_PARSER = Environment(autoescape=True)
_PARSER.filters = dict(TEMPLATE_FILTERS)
_PARSER_ERRORS = (RecursionError, UnicodeError, OverflowError, ValueError)
"""What jinja2 raises besides its own error for tags that no person writes."""


# One tag: whether it may be used, and what it reads.


def check_tag(tag: Tag, columns: Columns = _ANY) -> list[Problem]:
    """Return what is wrong with the words of a tag: at most one problem.

    `columns` are what a name in a hint can stand for.
    """
    if tag.keyword and tag.keyword not in KEYWORDS:
        return []  # reported where blocks are checked
    if len(tag.body) > MOST_BODY:
        what = f"the tag is longer than {MOST_BODY:,} characters."
        return [Problem("tag-too-long", tag.place, what, "Say it in shorter tags.")]
    written = tag.written if len(tag.written) <= 60 else f"{tag.written[:59]}…"
    typed = tag.kind == "value" and not tag.field
    programs, ours = foreign_body(tag.body, columns) if typed else ("", "")
    if ours:
        what = f"{written} is a placeholder of {programs}."
        return [Problem("tag-syntax", tag.place, what, ours)]
    try:
        return _refusals(tag, written, _PARSER.parse(_source(tag)))
    except TemplateSyntaxError as error:
        code, what, hint = "tag-syntax", f"{written} cannot be read.", _repair(tag, columns)
        if "No filter named" in str(error.message):
            code, hint = "tag-not-allowed", f"There are {', '.join(TEMPLATE_FILTERS)}."
            what = f"{written}: there is no filter {str(error.message).split(chr(39))[1]}."
        return [Problem(code, tag.place, what, hint)]
    except _PARSER_ERRORS:
        what = f"{written} cannot be read."
        return [Problem("tag-syntax", tag.place, what, "Say it in a simpler way.")]


def _refusals(tag: Tag, written: str, tree: nodes.Template) -> list[Problem]:
    if _is_deeper(tree, MOST_DEPTH):
        what = f"{written} is too deeply nested."
        return [Problem("tag-too-long", tag.place, what, "Say it in shorter tags.")]
    reasons = (_refusal_reason(node) for node in (tree, *tree.find_all(nodes.Node)))
    reason = next((r for r in reasons if r), "")
    near = next((n for f in tree.find_all(nodes.Filter) if (n := _near_filter(f.name))), "")
    hint = 'See "Write a template in Word" for what a tag can say.'
    hint = f"Did you mean |{near}?" if near else hint
    problem = Problem("tag-not-allowed", tag.place, f"{written}: {reason}.", hint)
    return [problem] if reason else []


def _near_filter(name: str) -> str:
    """Return the filter that an unknown one was probably meant to be; empty for a known one."""
    return "" if name in TEMPLATE_FILTERS else nearest(name, TEMPLATE_FILTERS)


def _source(tag: Tag) -> str:
    """Return one tag as a whole template of its own."""
    word = tag.keyword
    if tag.kind == "value":
        return f"{{{{ {tag.body} }}}}"
    if word in {"colspan", "cellbg"}:
        return f"{{{{ {tag.body.removeprefix(word)} }}}}"
    if word == "elif":
        return f"{{% if true %}}{{% {tag.body} %}}{{% endif %}}"
    if word in {"if", "for"}:
        return f"{{% {tag.body} %}}{{% end{word} %}}"
    return "" if tag.body == word else "{{ ( }}"  # more words behind else or endif: a syntax error


def _is_deeper(node: nodes.Node, most: int) -> bool:
    return most < 0 or any(_is_deeper(child, most - 1) for child in node.iter_child_nodes())


def _repair(tag: Tag, columns: Columns) -> str:
    """Return how the tag was probably meant, as a hint."""
    body = tag.body
    if body.startswith("else if "):
        return f"Write {{%{tag.scope} elif {body.removeprefix('else if ')} %}}."
    if tag.kind == "value" and re.fullmatch(r"[\w .'-]+", body):
        first, _, rest = body.partition(" ")
        body = f"{first}.{rest}" if first.lower() in ROOTS and rest else body
        name = ".".join(tag_name(part) for part in body.split(".") if tag_name(part))
        if columns.fields and name and not columns.knows(name):
            return f"In a placeholder, _ stands for a space: {columns.suggestion(name)}."
        own = columns.readable(name) if columns.fields and name else name
        return f"Did you mean {{{{ {own} }}}}? In a tag, _ stands for a space."
    if re.search(r"\s(AND|OR|NOT|IN|IS)\s", f" {body}"):
        return "Write and, or, not, in and is in small letters."
    if re.search(r"(?<![=!<>])=(?!=)", body):
        return "To compare, write == with two equals signs."
    return 'See "Write a template in Word" for how tags are written.'


@dataclass(frozen=True, slots=True)
class VariableName:
    """A name that a tag reads: `recipient.city` has the root `recipient` and the field `city`.

    `field` is empty where the tag reads the root itself.
    """

    root: str
    field: str

    def __str__(self) -> str:
        return f"{self.root}.{self.field}" if self.field else self.root


def names_of(tag: Tag) -> tuple[VariableName, ...]:
    """Return the columns that a single tag reads; none where it cannot be read."""
    try:
        tree = _PARSER.parse(_source(tag)) if len(tag.body) <= MOST_BODY else nodes.Template([])
        fold_names(tree)
        return tuple(dict.fromkeys(name for name, _ in names_in(tree) if name.field))
    except (TemplateSyntaxError, *_PARSER_ERRORS):
        return ()


def names_in(
    tree: nodes.Node, local: frozenset[str] = frozenset()
) -> Iterator[tuple[VariableName, int]]:
    """Yield the names that an expression or block reads, each with its line.

    `local` are the variables of loops round it, which are left out; a loop's own variable is not
    yet known in what the loop runs over.
    """
    if isinstance(tree, nodes.Getattr) and isinstance(tree.node, nodes.Name):
        if tree.node.name not in local | {"loop"}:
            yield VariableName(tree.node.name, tree.attr), tree.lineno
        return
    if isinstance(tree, nodes.Name):
        if tree.name not in local | {"loop", UNIQUE_IDS} and tree.ctx == "load":
            yield VariableName(tree.name, ""), tree.lineno
        return
    inner = local
    if isinstance(tree, nodes.For):
        inner = local | {tree.target.name if isinstance(tree.target, nodes.Name) else ""}
    for field, value in tree.iter_fields():
        known = local if isinstance(tree, nodes.For) and field == "iter" else inner
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, nodes.Node):
                yield from names_in(child, known)


class _NameFolder(NodeTransformer):
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


def fold_names(tree: nodes.Node) -> None:
    """Write every name as headings are folded: `Recipient.Name` is `recipient.name`."""
    _NameFolder().visit(tree)


def check_depth(tree: nodes.Template) -> nodes.For | None:
    """Return the first loop that stands in more than two others; None where there is none."""
    for outer in tree.find_all(nodes.For):
        for middle in outer.find_all(nodes.For):
            inner = next(middle.find_all(nodes.For), None)
            if inner is not None:
                return inner
    return None


# The allow-list: which nodes of jinja2's parse tree a tag may hold, and how. Each rule returns why
# a node may not stand in a tag; empty where it may.

_ALLOWED_NODES: tuple[type[nodes.Node], ...] = (
    nodes.Template,
    nodes.TemplateData,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
    nodes.List,
    nodes.Tuple,
)
"""Nodes that nothing more needs to be said of. All others must pass a rule or are refused."""

_NODE_LABELS: dict[type[nodes.Node], str] = {
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

_JINJA_OWN = {"self", "super", "caller", "varargs", "kwargs"}
_RESERVED_NAMES = {"loop", *ROOTS, "date", "language"}


def _refusal_reason(node: nodes.Node) -> str:
    if isinstance(node, _ALLOWED_NODES):
        return ""
    rule = _RULES.get(type(node))
    label = _NODE_LABELS.get(type(node), "what it does")
    return rule(node) if rule else f"{label} is not allowed in a tag"


def _name(node: nodes.Name) -> str:
    known = _is_public_name(node.name) and node.name not in _JINJA_OWN
    return "" if known else f"the name {node.name} is not allowed in a tag"


def _attribute(node: nodes.Getattr) -> str:
    if isinstance(node.node, nodes.Name) and node.node.name == "loop":
        if node.attr in LOOP_ATTRIBUTES:
            return ""
        return f"loop.{node.attr} is not one of loop.{', loop.'.join(LOOP_ATTRIBUTES)}"
    return "" if _is_public_name(node.attr) else f"the name {node.attr} is not allowed in a tag"


def _is_public_name(name: str) -> bool:
    """Names that start with _ are Python's own, and fold to nothing that a sheet could offer."""
    return not name.startswith("_") and bool(tag_name(name))


def _item(node: nodes.Getitem) -> str:
    fixed = isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, int | str)
    if isinstance(node.arg, nodes.Neg):
        fixed = isinstance(node.arg.node, nodes.Const)
    if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        fixed = _is_public_name(node.arg.value)
    return "" if fixed else "only a number or a name may stand in [ ]"


def _constant(node: nodes.Const) -> str:
    value = node.value
    if isinstance(value, str) and XML_FORBIDDEN.search(value):
        return "a text in the tag holds a character that no letter can"
    if isinstance(value, int | float) and not -MOST_NUMBER <= value <= MOST_NUMBER:
        return "a number in the tag is too large"
    return ""


def _filter(node: nodes.Filter) -> str:
    if node.node is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
        return f"the filter {node.name} is not used that way"
    if node.name not in TEMPLATE_FILTERS:
        return f"there is no filter {node.name}; there are {', '.join(TEMPLATE_FILTERS)}"
    least, most = _ARGUMENTS[node.name]
    if not least <= len(node.args) <= most:
        count = f"{least} texts" if least == most else f"{least} to {most} texts"
        return f"the filter {node.name} takes {count if most else 'nothing'} in its brackets"
    kinds = str | bool if node.name == "default" else str
    texts = all(isinstance(a, nodes.Const) and isinstance(a.value, kinds) for a in node.args)
    return "" if texts else f"the filter {node.name} takes only texts in quotes"


def _arguments(function: Callable[..., object]) -> tuple[int, int]:
    """Return how many arguments a filter takes behind the value, at least and at most."""
    names = list(inspect.signature(function).parameters.values())
    own = names[1:] if names[0].name != "context" else names[2:]
    return sum(p.default is p.empty for p in own), len(own)


_ARGUMENTS = {name: _arguments(function) for name, function in TEMPLATE_FILTERS.items()}


def _test(node: nodes.Test) -> str:
    if node.name == "defined" and not (node.args or node.kwargs):
        return ""
    if node.name == "none":
        return "the test 'is none' is not known; a blank is asked for with if not"
    return f"the test 'is {node.name}' is not known; there is only 'is defined'"


def _loop(node: nodes.For) -> str:
    written = node.iter.find(nodes.Name) is None and not isinstance(node.iter, nodes.Name)
    if not isinstance(node.target, nodes.Name) or node.recursive or node.test or written:
        return "a loop is written: for line in recipient.address|lines"
    name = node.target.name.lower()
    reserved = name in _RESERVED_NAMES or name.startswith("xml_")
    return f"a loop cannot use the name {node.target.name}" if reserved else ""


def _negative(node: nodes.Neg) -> str:
    fixed = isinstance(node.node, nodes.Const)
    return "" if fixed else "calculating with - is not allowed in a tag"


def _output(node: nodes.Output) -> str:
    """A comparison prints True or False, which no letter means."""
    truths = (nodes.Compare, nodes.Not, nodes.Test)
    if any(isinstance(child, truths) for child in node.nodes):
        return "it would print True or False; write {% if … %} instead"
    return ""


_RULES: dict[type[nodes.Node], Callable[..., str]] = {
    nodes.Name: _name,
    nodes.Getattr: _attribute,
    nodes.Getitem: _item,
    nodes.Const: _constant,
    nodes.Filter: _filter,
    nodes.Test: _test,
    nodes.For: _loop,
    nodes.Neg: _negative,
    nodes.Output: _output,
}
