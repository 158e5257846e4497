"""Compile tags in a sandboxed jinja2 and run them.

Filling and checking use the same code. So a check of a person has the same result as filling with
that person's row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.environment import Template as JinjaTemplate
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from merge import messages
from merge.errors import DataError, FaultError
from merge.problems import Place, Problem
from merge.template.filters import (
    INTERNAL_FILTERS,
    TEMPLATE_FILTERS,
    TemplateValues,
    is_blank,
    printed_text,
    text_xml,
)
from merge.template.grammar import UNIQUE_IDS, VariableName, check_tag, find_names, fold_names
from merge.template.tags import Tag, TagFault, find_tags
from merge.values import WorkbookValue

PartTree = nodes.Template
"""A part as jinja2 has parsed it."""

MAX_PRINTED = 20_000_000
"""Characters of a part, its XML included, if
its tags repeat or join anything."""

FILLING_ERRORS = (FaultError, TemplateError, TypeError, ValueError, ArithmeticError)
"""Errors of filling if a value does not fit its tag."""
SYNTAX_ERRORS = (TemplateSyntaxError,)
"""Errors of parsing if tags do not fit together."""

_LOOP_ATTRIBUTES = {"index", "first", "last", "length"}
"""`length` is needed by docxtpl's own `{% hm %}`; staff cannot write it."""


class LetterEnvironment(ImmutableSandboxedEnvironment):
    """The Jinja environment of letters, restricted to their values.

    It gives access to keys of dicts, items of lists, and facts of a loop only. Names look up
    columns only, never attributes of the container. So a column with the heading `Items` or `Class`
    is an ordinary column. Everything that a tag prints is escaped by `finalize`. jinja2's own
    escaping knows no line breaks, and would do the work twice.
    """

    def __init__(self, finalize: Callable[[object], str] = text_xml) -> None:
        super().__init__(
            autoescape=False,
            finalize=finalize,
            undefined=StrictUndefined,
            keep_trailing_newline=True,
            cache_size=0,
        )
        self.globals.clear()
        self.filters = {**TEMPLATE_FILTERS, **INTERNAL_FILTERS}
        self.tests = {"defined": self.tests["defined"], "blank": is_blank}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return the column of a person or the item of a dict.

        Raise a faulty cell's DataError.
        """
        if type(obj) is dict or isinstance(obj, Mapping):  # the first test is much quicker
            try:
                value = obj[attribute]
            except KeyError:
                return self.undefined(obj=obj, name=attribute)
            if type(value) is WorkbookValue and value.problem is not None:
                raise DataError(value.problem)
            return value
        if type(obj) is LoopContext and attribute in _LOOP_ATTRIBUTES:
            return getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return an item of a list or dict; undefined if it does not exist."""
        if isinstance(argument, str):
            return self.getattr(obj, argument)
        if isinstance(obj, tuple | list) and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(obj=obj, name=argument)

    def call(self, *_args: object, **_kwargs: object) -> Any:
        """Raise FaultError: nothing in a letter may be called."""
        raise FaultError(messages.fault("tag-not-allowed/call"))


_ENVIRONMENT = LetterEnvironment()
_PLAIN_ENVIRONMENT = LetterEnvironment(finalize=printed_text)


# A part of a letter is parsed, compiled and run.


def parse_part(source: str, restore: Callable[[str], str], fields: Container[int] = ()) -> PartTree:
    """Return a part's source as a tree with folded names.

    `restore` is applied to the text between tags. Each loop runs over the filter `items` of its
    list, which also takes the lines of a text. In the lines `fields`, created from Word's IF, a
    text is compared with a number as Word does it.
    """
    tree = _parse(_ENVIRONMENT, source)
    for loop in tree.find_all(nodes.For):
        loop.iter = filter_node(loop.iter, "items", loop.iter.lineno)
    for test in tree.find_all(nodes.Compare):
        if test.lineno in fields and not isinstance(_compared_constant(test), str):
            test.expr = filter_node(test.expr, "as_number", test.lineno)
    for data in tree.find_all(nodes.TemplateData):
        data.data = restore(data.data)
    return tree


def _parse(environment: LetterEnvironment, source: str) -> nodes.Template:
    """Return a source as a tree with folded names.

    An `x if y` without an else prints nothing if y is false.
    """
    tree = environment.parse(source)
    fold_names(tree)
    for expression in tree.find_all(nodes.CondExpr):
        expression.expr2 = expression.expr2 or nodes.Const("", lineno=expression.lineno)
    return tree


def _compared_constant(test: nodes.Compare) -> object:
    """Return the constant that a value is compared with.

    It is a text if it is not a number.
    """
    operand = test.ops[0].expr
    operand = operand.node if isinstance(operand, nodes.Neg) else operand
    return operand.value if isinstance(operand, nodes.Const) else ""


def compile_part(tree: PartTree, name: str) -> PartProgram:
    """Return the tree as a program; `name` is shown in tracebacks.

    The tree's loops are changed.
    """
    is_unique = _keep_ids_unique(tree)
    code = _ENVIRONMENT.compile(tree, name, f"<{name}>")
    repeating_nodes = tree.find_all((nodes.For, nodes.Concat, nodes.Filter))
    growing_filters = {"replace", "join"}  # the only filters that print much more than one cell
    grows = any(
        not isinstance(n, nodes.Filter) or n.name in growing_filters for n in repeating_nodes
    )
    return PartProgram(JinjaTemplate.from_code(_ENVIRONMENT, code, {}), grows, is_unique)


@dataclass(frozen=True, slots=True)
class PartProgram:
    """The compiled text of a part: takes values, returns the complete text."""

    _template: JinjaTemplate
    _grows: bool
    _is_unique: bool

    def render_pieces(self, values: TemplateValues) -> list[str]:
        """Return the text in pieces: the text between two tags, or a tag's output.

        Raise FaultError, DataError or jinja2's own errors if values do not fit.
        """
        template = self._template
        all_values = {**values, UNIQUE_IDS: UniqueIds()} if self._is_unique else values
        context_values = all_values if type(all_values) is dict else dict(all_values)
        pieces = template.root_render_func(template.new_context(context_values, shared=True))
        return list(_limit_length(pieces) if self._grows else pieces)

    def find_line(self, trace: TracebackType | None) -> int:
        """Return the source line in which an error occurred, or 0 if unknown."""
        line = 0
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self._template.filename:
                line = self._template.get_corresponding_lineno(trace.tb_lineno)
            trace = trace.tb_next
        return line


def _limit_length(pieces: Iterable[str]) -> Iterator[str]:
    """Yield pieces of text; raise FaultError if a letter would be too long."""
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > MAX_PRINTED:
            raise FaultError(messages.fault("too-much/letter", most=MAX_PRINTED))
        yield piece


def filter_node(value: nodes.Node, name: str, line: int, *arguments: nodes.Node) -> nodes.Filter:
    """Return a filter applied to a value."""
    return nodes.Filter(value, name, [*arguments], [], None, None, lineno=line)


def find_unique_names(node: nodes.Node) -> tuple[VariableName, ...]:
    """Return the names that a piece of a template reads, each once."""
    return tuple(dict.fromkeys(name for name, _ in find_names(node)))


# Bookmarks and drawings' IDs must be unique in a part, even if a loop repeats them. For Word, two
# bookmarks of one name, or two drawings of one ID, are errors (ECMA-376 part 1, 17.13.6.2 and
# 20.4.2.5).

_BOOKMARK = re.compile(r"(<w:bookmark(?:Start|End)\b[^<>]*/>)")
_DRAWING_ID = re.compile(r'(<wp:docPr\b[^<>]*?\bid=")(\d+)(?=")')
_FIRST_ID = 1_000_000
"""Larger than the IDs that Word gives to drawings, which count from one."""


class UniqueIds:
    """The IDs that a part has printed, and the next free one.

    A new one is used for each filling.
    """

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._next = _FIRST_ID

    def once(self, text: str) -> str:
        """Return a text the first time, and an empty text at each later time."""
        if text in self._seen:
            return ""
        self._seen.add(text)
        return text

    def number(self, usual: str) -> str:
        """Return an ID the first time, and a new ID at each later time."""
        if self.once(f"id {usual}"):
            return usual
        self._next += 1
        return str(self._next)


def _keep_ids_unique(tree: nodes.Template) -> bool:
    """Make loops print bookmarks once and drawings with new IDs.

    Return whether there are any.
    """
    has_ids = False
    for loop in tree.find_all(nodes.For):
        for output in loop.find_all(nodes.Output):
            pieces = [piece for node in output.nodes for piece in _unique_pieces(node)]
            has_ids |= len(pieces) > len(output.nodes)
            output.nodes = pieces
    return has_ids


def _unique_pieces(node: nodes.Expr) -> Iterator[nodes.Expr]:
    """Yield a text's pieces, with bookmarks and IDs passed through filters."""
    if not isinstance(node, nodes.TemplateData):
        yield node
        return
    line = node.lineno
    for number, text in enumerate(_BOOKMARK.split(node.data)):
        if number % 2:
            yield _unique_filter("xml_once", text, line)
            continue
        position = 0
        for match in _DRAWING_ID.finditer(text):
            yield nodes.TemplateData(text[position : match.end(1)], lineno=line)
            yield _unique_filter("xml_number", match[2], line)
            position = match.end()
        if text[position:] or position == 0:
            yield nodes.TemplateData(text[position:], lineno=line)


def _unique_filter(name: str, text: str, line: int) -> nodes.Filter:
    ids = nodes.Name(UNIQUE_IDS, "load", lineno=line)
    argument = nodes.Const(text, lineno=line)
    return filter_node(ids, name, line, argument)


# Plain text that contains tags, such as the pattern of file names in the Settings sheet.


@dataclass(frozen=True, slots=True)
class TextTemplate:
    """A compiled text with tags; `variables` are the names that it reads."""

    variables: tuple[VariableName, ...]
    _template: JinjaTemplate

    def render(self, values: TemplateValues) -> str:
        """Return the text with its placeholders filled, without XML escapes.

        Raise FILLING_ERRORS or DataError.
        """
        context = self._template.new_context(dict(values), shared=True)
        return "".join(self._template.root_render_func(context))


def compile_text(text: str, place: Place, slash: str = "/") -> TextTemplate | list[Problem]:
    """Return a text compiled as a template, or all problems of its tags.

    `slash` is printed for each / outside the tags. Callers that create paths can distinguish the
    pattern's own slashes from those of values.
    """
    problems, pieces, position = [], [], 0
    for span in find_tags(text):
        if isinstance(span, TagFault):
            problems.append(span.fault.to_problem(place))
            continue
        tag = Tag(span.kind, "", span.body, place, escape_context="plain")
        problems += check_tag(tag) if span.kind != "comment" else []
        if tag.keyword == "for":
            problems.append(messages.problem("tag-not-allowed/loop-here", place))
        tag_text = "" if span.kind == "comment" else tag.shown_text
        pieces += [text[position : span.start].replace("/", slash), tag_text]
        position = span.end
    if problems:
        return problems
    try:
        source = "".join((*pieces, text[position:].replace("/", slash)))
        tree = _parse(_PLAIN_ENVIRONMENT, source)
    except TemplateSyntaxError:
        return [messages.problem("block-unclosed/unclear", place)]
    code = _PLAIN_ENVIRONMENT.compile(tree, "text", "<text>")
    return TextTemplate(
        find_unique_names(tree), JinjaTemplate.from_code(_PLAIN_ENVIRONMENT, code, {})
    )
