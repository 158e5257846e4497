"""Allow in a tag only what a letter needs, and find the names it reads.

A template is data, never a program. Each tag is parsed separately, before any part is compiled. Its
parse tree is compared with a list of what is allowed. Everything that is not on the list is
refused, whether or not it is known to be harmful.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.visitor import NodeTransformer

from merge import messages
from merge.messages.wording import FieldValue
from merge.naming import nearest_word, placeholder_name
from merge.ooxml import XML_FORBIDDEN
from merge.problems import Problem
from merge.template.blocks import KEYWORDS
from merge.template.filters import TEMPLATE_FILTERS
from merge.template.foreign_placeholders import find_foreign_body
from merge.template.tags import ROOTS, FieldsBySheet, PlaceholderSuggestion, Tag

MAX_BODY = 1_000
"""Characters of one tag. Keeps parse trees small,
so that no tag can exhaust anything."""
MAX_DEPTH = 25
"""Levels of a tag's parse tree. Python's own
compiler ends at about a hundred."""
MAX_NUMBER = 10**15

UNIQUE_IDS = "xml_fresh"
"""The name of a part's `UniqueIds` in its program; no tag can reach it."""
LOOP_ATTRIBUTES = ("index", "first", "last")

_ANY_COLUMNS = FieldsBySheet()
_PARSER = Environment(autoescape=True)
_PARSER.filters = dict(TEMPLATE_FILTERS)
_PARSER_ERRORS = (RecursionError, UnicodeError, OverflowError, ValueError)
"""Errors of jinja2 besides its own one, for tags that no person writes."""


# One tag: whether it is allowed, and the names that it reads.


def check_tag(tag: Tag, columns: FieldsBySheet = _ANY_COLUMNS) -> list[Problem]:
    """Return the problem of a tag's expression, if there is one, as a list.

    `columns` are those that a name in a hint can mean.
    """
    if tag.keyword and tag.keyword not in KEYWORDS:
        return []  # reported where blocks are checked
    if len(tag.body) > MAX_BODY:
        return [messages.problem("tag-too-long", tag.place, most=MAX_BODY)]
    tag_text = tag.shown_text if len(tag.shown_text) <= 60 else f"{tag.shown_text[:59]}…"
    is_typed = tag.kind == "value" and not tag.field_label
    if is_typed and (foreign := find_foreign_body(tag.body, tag_text, columns, tag.place)):
        return [foreign]
    try:
        refusal = _find_refusal(_PARSER.parse(_parseable_source(tag)))
    except TemplateSyntaxError as error:
        words = str(error.message)
        unknown = words.split("'")[1] if "No filter named" in words else ""
        refusal = _unknown_filter(unknown) if unknown else _syntax_refusal(tag, columns)
    except _PARSER_ERRORS:
        refusal = _TagRefusal("tag-syntax/complex")
    if refusal is None:
        return []
    return [messages.problem(refusal.key, tag.place, tag=tag_text, **refusal.fields)]


class _TagRefusal(NamedTuple):
    """The reason why a tag is refused.

    A key of the catalogue, and its fields except the tag.
    """

    key: str
    fields: Mapping[str, FieldValue] = MappingProxyType({})


def _find_refusal(tree: nodes.Template) -> _TagRefusal | None:
    if _is_deeper(tree, MAX_DEPTH):
        return _TagRefusal("tag-too-long/nested")
    reasons = (_refusal_reason(node) for node in (tree, *tree.find_all(nodes.Node)))
    return next((reason for reason in reasons if reason), None)


def _unknown_filter(name: str) -> _TagRefusal:
    """Return the refusal of an unknown filter, with the name probably meant."""
    similar, all_filters = nearest_word(name, TEMPLATE_FILTERS), ", ".join(TEMPLATE_FILTERS)
    fields = {"filter": name, "near": similar or None, "filters": all_filters}
    return _TagRefusal("tag-not-allowed/filter", fields)


def _parseable_source(tag: Tag) -> str:
    """Return a tag as a complete Jinja template that can be parsed."""
    word = tag.keyword
    if tag.kind == "value":
        return f"{{{{ {tag.body} }}}}"
    if word in {"colspan", "cellbg"}:
        return f"{{{{ {tag.body.removeprefix(word)} }}}}"
    if word == "elif":
        return f"{{% if true %}}{{% {tag.body} %}}{{% endif %}}"
    if word in {"if", "for"}:
        return f"{{% {tag.body} %}}{{% end{word} %}}"
    return "" if tag.body == word else "{{ ( }}"  # more words after else or endif: a syntax error


def _is_deeper(node: nodes.Node, most: int) -> bool:
    return most < 0 or any(_is_deeper(child, most - 1) for child in node.iter_child_nodes())


def _syntax_refusal(tag: Tag, columns: FieldsBySheet) -> _TagRefusal:
    """Return the refusal of an invalid tag, with what was probably meant."""
    body = tag.body
    if body.startswith("else if "):
        suggestion = f"{{%{tag.scope} elif {body.removeprefix('else if ')} %}}"
        return _TagRefusal("tag-syntax/near", {"near": suggestion})
    if tag.kind == "value" and re.fullmatch(r"[\w .'-]+", body):
        first_word, _, rest = body.partition(" ")
        body = f"{first_word}.{rest}" if first_word.lower() in ROOTS and rest else body
        name = ".".join(
            placeholder_name(part) for part in body.split(".") if placeholder_name(part)
        )
        readable_name = columns.condition_name(name) if columns.fields and name else name
        ours, column, setting, missing = PlaceholderSuggestion(f"{{{{ {readable_name} }}}}")
        if columns.fields and name and not columns.has_column(name):
            ours, column, setting, missing = columns.suggest_placeholder(name)
        fields = {"ours": ours, "column": column, "setting": setting, "missing": missing}
        return _TagRefusal("tag-syntax", fields)
    if re.search(r"\s(AND|OR|NOT|IN|IS)\s", f" {body}"):
        return _TagRefusal("tag-syntax/capitals")
    if re.search(r"(?<![=!<>])=(?!=)", body):
        return _TagRefusal("tag-syntax/equals")
    return _TagRefusal("tag-syntax/other")


@dataclass(frozen=True, slots=True)
class VariableName:
    """A name that a tag reads.

    `recipient.city` has the root `recipient` and the field `city`. `field` is empty if the tag
    reads the root itself.
    """

    root: str
    field: str

    def __str__(self) -> str:
        return f"{self.root}.{self.field}" if self.field else self.root


def columns_read_by(tag: Tag) -> tuple[VariableName, ...]:
    """Return the columns that a tag reads; none if the tag is invalid."""
    try:
        tree = (
            _PARSER.parse(_parseable_source(tag))
            if len(tag.body) <= MAX_BODY
            else nodes.Template([])
        )
        fold_names(tree)
        return tuple(dict.fromkeys(name for name, _ in find_names(tree) if name.field))
    except (TemplateSyntaxError, *_PARSER_ERRORS):
        return ()


def find_names(
    tree: nodes.Node, loop_variables: frozenset[str] = frozenset()
) -> Iterator[tuple[VariableName, int]]:
    """Yield the names that an expression or block reads, each with its line.

    `loop_variables` are those of loops around it, which are ignored. A loop's own variable is
    unknown in the expression that the loop runs over.
    """
    if isinstance(tree, nodes.Getattr) and isinstance(tree.node, nodes.Name):
        if tree.node.name not in loop_variables | {"loop"}:
            yield VariableName(tree.node.name, tree.attr), tree.lineno
        return
    if isinstance(tree, nodes.Name):
        if tree.name not in loop_variables | {"loop", UNIQUE_IDS} and tree.ctx == "load":
            yield VariableName(tree.name, ""), tree.lineno
        return
    inner = loop_variables
    if isinstance(tree, nodes.For):
        inner = loop_variables | {tree.target.name if isinstance(tree.target, nodes.Name) else ""}
    for field, value in tree.iter_fields():
        known_variables = (
            loop_variables if isinstance(tree, nodes.For) and field == "iter" else inner
        )
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, nodes.Node):
                yield from find_names(child, known_variables)


class _NameNormaliser(NodeTransformer):
    """Folds names as headings are folded; `a["b"]` becomes `a.b`."""

    def visit_Name(self, node: nodes.Name) -> nodes.Name:  # noqa: N802 - jinja2's name for it
        node.name = placeholder_name(node.name)
        return node

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:  # noqa: N802
        node.attr = placeholder_name(node.attr)
        return self.generic_visit(node)

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return nodes.Getattr(
                node.node, placeholder_name(node.arg.value), "load", lineno=node.lineno
            )
        return node


def fold_names(tree: nodes.Node) -> None:
    """Fold all names in a Jinja tree, as column headings are folded.

    `Recipient.Name` becomes `recipient.name`.
    """
    _NameNormaliser().visit(tree)


def find_too_deep_loop(tree: nodes.Template) -> nodes.For | None:
    """Return the first loop inside more than two other loops, or None."""
    for outer in tree.find_all(nodes.For):
        for middle in outer.find_all(nodes.For):
            inner = next(middle.find_all(nodes.For), None)
            if inner is not None:
                return inner
    return None


# The allow-list: the nodes of jinja2's parse tree that a tag may contain. Each rule returns why a
# node is refused; None if it is allowed.

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
"""Nodes that need no rule. All others must pass a rule or are refused."""

_NODE_SIGNS: dict[type[nodes.Node], str] = {
    nodes.Call: "( )",
    nodes.Add: "+",
    nodes.Sub: "-",
    nodes.Mul: "*",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
    nodes.Mod: "%",
    nodes.Pow: "**",
    nodes.Dict: "{ : }",
    nodes.Slice: "[ : ]",
}
"""Signs of nodes that are not allowed."""

_JINJA_NAMES = {"self", "super", "caller", "varargs", "kwargs"}
_RESERVED_NAMES = {"loop", *ROOTS, "date", "language"}


def _refusal_reason(node: nodes.Node) -> _TagRefusal | None:
    if isinstance(node, _ALLOWED_NODES):
        return None
    if rule := _RULES.get(type(node)):
        return rule(node)
    sign = _NODE_SIGNS.get(type(node))
    return _sign_refusal(sign) if sign else _TagRefusal("tag-not-allowed/other")


def _sign_refusal(sign: str) -> _TagRefusal:
    return _TagRefusal("tag-not-allowed", {"sign": sign})


def _name_refusal(name: str) -> _TagRefusal:
    return _TagRefusal("tag-not-allowed/name", {"name": name})


def _check_name(node: nodes.Name) -> _TagRefusal | None:
    is_known = _is_public_name(node.name) and node.name not in _JINJA_NAMES
    return None if is_known else _name_refusal(node.name)


def _check_attribute(node: nodes.Getattr) -> _TagRefusal | None:
    if isinstance(node.node, nodes.Name) and node.node.name == "loop":
        if node.attr in LOOP_ATTRIBUTES:
            return None
        loop_names = tuple(f"loop.{name}" for name in LOOP_ATTRIBUTES)
        return _TagRefusal("tag-not-allowed/loop-value", {"name": node.attr, "known": loop_names})
    return None if _is_public_name(node.attr) else _name_refusal(node.attr)


def _is_public_name(name: str) -> bool:
    """Return whether a name could be the name of a column.

    Names that start with _ are Python's own.
    """
    return not name.startswith("_") and bool(placeholder_name(name))


def _check_item(node: nodes.Getitem) -> _TagRefusal | None:
    is_fixed = isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, int | str)
    if isinstance(node.arg, nodes.Neg):
        is_fixed = isinstance(node.arg.node, nodes.Const)
    if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        is_fixed = _is_public_name(node.arg.value)
    return None if is_fixed else _TagRefusal("tag-not-allowed/item")


def _check_constant(node: nodes.Const) -> _TagRefusal | None:
    value = node.value
    if isinstance(value, str) and XML_FORBIDDEN.search(value):
        return _TagRefusal("tag-not-allowed/character")
    if isinstance(value, int | float) and not -MAX_NUMBER <= value <= MAX_NUMBER:
        return _TagRefusal("tag-not-allowed/number")
    return None


def _check_filter(node: nodes.Filter) -> _TagRefusal | None:
    if node.node is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
        return _TagRefusal("tag-not-allowed/filter-use", {"filter": node.name})
    if node.name not in TEMPLATE_FILTERS:
        return _unknown_filter(node.name)
    fewest, most = _ARGUMENT_COUNTS[node.name]
    if not fewest <= len(node.args) <= most:
        counts: dict[str, FieldValue] = {"filter": node.name, "least": fewest, "most": most}
        return _TagRefusal("tag-not-allowed/filter-count", counts)
    kinds = str | bool if node.name == "default" else str
    are_texts = all(isinstance(a, nodes.Const) and isinstance(a.value, kinds) for a in node.args)
    return None if are_texts else _TagRefusal("tag-not-allowed/filter-text", {"filter": node.name})


def _argument_counts(function: Callable[..., object]) -> tuple[int, int]:
    """Return the least and largest number of arguments of a filter.

    The value that it is applied to is not counted.
    """
    names = list(inspect.signature(function).parameters.values())
    parameters = names[1:] if names[0].name != "context" else names[2:]
    return sum(p.default is p.empty for p in parameters), len(parameters)


_ARGUMENT_COUNTS = {name: _argument_counts(function) for name, function in TEMPLATE_FILTERS.items()}


def _check_test(node: nodes.Test) -> _TagRefusal | None:
    if node.name == "defined" and not (node.args or node.kwargs):
        return None
    if node.name == "none":
        return _TagRefusal("tag-not-allowed/test-none")
    return _TagRefusal("tag-not-allowed/test", {"name": node.name})


def _check_loop(node: nodes.For) -> _TagRefusal | None:
    is_literal = node.iter.find(nodes.Name) is None and not isinstance(node.iter, nodes.Name)
    if not isinstance(node.target, nodes.Name) or node.recursive or node.test or is_literal:
        return _TagRefusal("tag-not-allowed/loop")
    name = node.target.name.lower()
    if name in _RESERVED_NAMES or name.startswith("xml_"):
        return _TagRefusal("tag-not-allowed/loop-name", {"name": node.target.name})
    return None


def _check_negative(node: nodes.Neg) -> _TagRefusal | None:
    return None if isinstance(node.node, nodes.Const) else _sign_refusal("-")


def _check_output(node: nodes.Output) -> _TagRefusal | None:
    """Return a refusal of a comparison, which would print True or False."""
    truths = (nodes.Compare, nodes.Not, nodes.Test)
    is_truth = any(isinstance(child, truths) for child in node.nodes)
    return _TagRefusal("tag-not-allowed/truth") if is_truth else None


_RULES: dict[type[nodes.Node], Callable[..., _TagRefusal | None]] = {
    nodes.Name: _check_name,
    nodes.Getattr: _check_attribute,
    nodes.Getitem: _check_item,
    nodes.Const: _check_constant,
    nodes.Filter: _check_filter,
    nodes.Test: _check_test,
    nodes.For: _check_loop,
    nodes.Neg: _check_negative,
    nodes.Output: _check_output,
}
