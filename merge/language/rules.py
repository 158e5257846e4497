"""The allow-list: which nodes of jinja2's parse tree a tag may hold, and how."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from jinja2 import nodes

from merge.language.filters import STAFF
from merge.language.values import FORBIDDEN
from merge.naming import tag_name

MOST_NUMBER = 10**15

LOOP = ("index", "first", "last")
_TESTS = {"defined"}
_FREE: tuple[type[nodes.Node], ...] = (
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


def refusal(node: nodes.Node) -> str:
    """Why a node may not stand in a tag; empty where it may."""
    if isinstance(node, _FREE):
        return ""
    rule = _RULES.get(type(node))
    spoken = _SPOKEN.get(type(node), "what it does")
    return rule(node) if rule else f"{spoken} is not allowed in a tag"


def _name(node: nodes.Name) -> str:
    known = _is_open(node.name) and node.name not in _JINJA_OWN
    return "" if known else f"the name {node.name} is not allowed in a tag"


_JINJA_OWN = {"self", "super", "caller", "varargs", "kwargs"}


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
    least, most = _ARGUMENTS[node.name]
    if not least <= len(node.args) <= most:
        return f"the filter {node.name} takes {_spoken_count(least, most)} in its brackets"
    kinds = str | bool if node.name == "default" else str
    texts = all(isinstance(a, nodes.Const) and isinstance(a.value, kinds) for a in node.args)
    return "" if texts else f"the filter {node.name} takes only texts in quotes"


def _arguments(function: Callable[..., object]) -> tuple[int, int]:
    """How many arguments a filter takes behind the value, at least and at most."""
    names = list(inspect.signature(function).parameters.values())
    own = names[1:] if names[0].name != "context" else names[2:]
    return sum(p.default is p.empty for p in own), len(own)


_ARGUMENTS = {name: _arguments(function) for name, function in STAFF.items()}


def _spoken_count(least: int, most: int) -> str:
    if most == 0:
        return "nothing"
    return f"{least} texts" if least == most else f"{least} to {most} texts"


def _negative(node: nodes.Neg) -> str:
    return (
        "" if isinstance(node.node, nodes.Const) else "calculating with - is not allowed in a tag"
    )


def _output(node: nodes.Output) -> str:
    """A comparison prints True or False, which no letter means."""
    truths = (nodes.Compare, nodes.Not, nodes.Test)
    if any(isinstance(child, truths) for child in node.nodes):
        return "it would print True or False; write {% if … %} instead"
    return ""


def _test(node: nodes.Test) -> str:
    plain = node.name in _TESTS and not (node.args or node.kwargs)
    return "" if plain else f"the test 'is {node.name}' is not known; there is only 'is defined'"


_TAKEN = {"loop", "signer", "recipient", "pair", "settings", "date", "language"}


def _loop(node: nodes.For) -> str:
    written = node.iter.find(nodes.Name) is None and not isinstance(node.iter, nodes.Name)
    if not isinstance(node.target, nodes.Name) or node.recursive or node.test or written:
        return "a loop is written: for line in recipient.address|lines"
    if node.target.name.lower() in _TAKEN or node.target.name.lower().startswith("xml_"):
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
    nodes.Neg: _negative,
    nodes.Output: _output,
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
