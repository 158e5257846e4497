"""Compile tags in a sandboxed jinja2 and run them.

Filling and checking use one and the same code: what a check asks of a person is what filling would
do with that person's row.
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
from merge.values import Value

PartTree = nodes.Template
"""A part as jinja2 has parsed it."""

MAX_PRINTED = 20_000_000
"""Characters of a part, its XML included, where its tags repeat or join anything."""

FILLING_ERRORS = (FaultError, TemplateError, TypeError, ValueError, ArithmeticError)
"""What filling may raise where a value does not fit its tag."""
SYNTAX_ERRORS = (TemplateSyntaxError,)
"""What parsing may raise where tags do not fit together."""

_LOOP_ATTRIBUTES = {"index", "first", "last", "length"}
"""`length` is needed by docxtpl's own `{% hm %}`; staff cannot write it."""


class LetterEnvironment(ImmutableSandboxedEnvironment):
    """Reaches keys of dicts, numbered items of lists, and three facts of a loop; nothing else.

    Names look up columns only, never attributes of the container, so that a column headed
    `Items` or `Class` is a plain column. Whatever a tag prints goes through `finalize`, which
    escapes it; jinja2's own escaping knows no line breaks, and would be work done twice.
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
        """Return the column of a person, the item of a dict; raise a faulty cell's DataError."""
        if type(obj) is dict or isinstance(obj, Mapping):  # the first is much quicker
            try:
                value = obj[attribute]
            except KeyError:
                return self.undefined(obj=obj, name=attribute)
            if type(value) is Value and value.problem is not None:
                raise DataError(value.problem)
            return value
        if type(obj) is LoopContext and attribute in _LOOP_ATTRIBUTES:
            return getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return a numbered item of a list, a named one of a dict; undefined if there is none."""
        if isinstance(argument, str):
            return self.getattr(obj, argument)
        if isinstance(obj, tuple | list) and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(obj=obj, name=argument)

    def call(self, *_args: object, **_kwargs: object) -> Any:
        """Refuse: nothing in a letter is called."""
        raise FaultError(messages.fault("tag-not-allowed/call"))


_ENVIRONMENT = LetterEnvironment()
_PLAIN_ENVIRONMENT = LetterEnvironment(finalize=printed_text)


# A part of a letter: parsed, compiled, run.


def parse_part(source: str, restore: Callable[[str], str], fields: Container[int] = ()) -> PartTree:
    """Return a part's source as a tree, names folded; `restore` is applied to text between tags.

    Each loop runs over the filter `items` of what it names, which takes the lines of a text. In
    the lines `fields`, made from Word's IF, a text is compared with a number as Word does it.
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
    """Return a source as a tree, names folded; an `x if y` without else prints nothing else."""
    tree = environment.parse(source)
    fold_names(tree)
    for choice in tree.find_all(nodes.CondExpr):
        choice.expr2 = choice.expr2 or nodes.Const("", lineno=choice.lineno)
    return tree


def _compared_constant(test: nodes.Compare) -> object:
    """Return the constant that a value is compared with; a text for whatever is no number."""
    against = test.ops[0].expr
    against = against.node if isinstance(against, nodes.Neg) else against
    return against.value if isinstance(against, nodes.Const) else ""


def compile_part(tree: PartTree, name: str) -> PartProgram:
    """Return the tree as a program; `name` stands in tracebacks. The tree's loops are changed."""
    is_unique = _keep_ids_unique(tree)
    code = _ENVIRONMENT.compile(tree, name, f"<{name}>")
    repeating = tree.find_all((nodes.For, nodes.Concat, nodes.Filter))
    growing = {"replace", "join"}  # the only filters that print much more than one cell holds
    grows = any(not isinstance(n, nodes.Filter) or n.name in growing for n in repeating)
    return PartProgram(JinjaTemplate.from_code(_ENVIRONMENT, code, {}), grows, is_unique)


@dataclass(frozen=True, slots=True)
class PartProgram:
    """A part's text, compiled: values in, the whole text out."""

    _template: JinjaTemplate
    _grows: bool
    _is_unique: bool

    def render_pieces(self, values: TemplateValues) -> list[str]:
        """Return the text in pieces: what stands between two tags, or what a tag prints.

        Raise FaultError, DataError or jinja2's own errors where values do not fit.
        """
        template = self._template
        own = {**values, UNIQUE_IDS: UniqueIds()} if self._is_unique else values
        plain = own if type(own) is dict else dict(own)
        pieces = template.root_render_func(template.new_context(plain, shared=True))
        return list(_limit_length(pieces) if self._grows else pieces)

    def find_line(self, trace: TracebackType | None) -> int:
        """Return the line of the source at which an error arose; 0 where that is unknown."""
        line = 0
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self._template.filename:
                line = self._template.get_corresponding_lineno(trace.tb_lineno)
            trace = trace.tb_next
        return line


def _limit_length(pieces: Iterable[str]) -> Iterator[str]:
    """Yield the pieces as long as all of them together are no more than a letter could be."""
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


# What must stand once in a part, kept so where a loop repeats it: bookmarks and drawings' ids.
# Two bookmarks of one name, or two drawings of one id, are faults in Word's eyes (ECMA-376 part 1,
# 17.13.6.2 and 20.4.2.5).

_BOOKMARK = re.compile(r"(<w:bookmark(?:Start|End)\b[^<>]*/>)")
_DRAWING_ID = re.compile(r'(<wp:docPr\b[^<>]*?\bid=")(\d+)(?=")')
_FIRST_ID = 1_000_000
"""Above the ids that Word gives to drawings, which count from one."""


class UniqueIds:
    """The ids that a part has printed already, and the next free one. One for each filling."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._next = _FIRST_ID

    def once(self, text: str) -> str:
        """Return the text the first time it is asked for, and nothing from then on."""
        if text in self._seen:
            return ""
        self._seen.add(text)
        return text

    def number(self, usual: str) -> str:
        """Return the id the first time, and a new one from then on."""
        if self.once(f"id {usual}"):
            return usual
        self._next += 1
        return str(self._next)


def _keep_ids_unique(tree: nodes.Template) -> bool:
    """Let loops print bookmarks once and give drawings new ids; return whether there is any."""
    found = False
    for loop in tree.find_all(nodes.For):
        for output in loop.find_all(nodes.Output):
            pieces = [piece for node in output.nodes for piece in _unique_pieces(node)]
            found |= len(pieces) > len(output.nodes)
            output.nodes = pieces
    return found


def _unique_pieces(node: nodes.Expr) -> Iterator[nodes.Expr]:
    """Cut text at its bookmarks and ids, each of which becomes a filter that knows what was."""
    if not isinstance(node, nodes.TemplateData):
        yield node
        return
    line = node.lineno
    for number, text in enumerate(_BOOKMARK.split(node.data)):
        if number % 2:
            yield _unique_filter("xml_once", text, line)
            continue
        at = 0
        for found in _DRAWING_ID.finditer(text):
            yield nodes.TemplateData(text[at : found.end(1)], lineno=line)
            yield _unique_filter("xml_number", found[2], line)
            at = found.end()
        if text[at:] or at == 0:
            yield nodes.TemplateData(text[at:], lineno=line)


def _unique_filter(name: str, text: str, line: int) -> nodes.Filter:
    ids = nodes.Name(UNIQUE_IDS, "load", lineno=line)
    argument = nodes.Const(text, lineno=line)
    return filter_node(ids, name, line, argument)


# Plain text with tags in it, such as the pattern of file names in Settings.


@dataclass(frozen=True, slots=True)
class TextTemplate:
    """A text with tags, compiled; `names` are those that it reads."""

    variables: tuple[VariableName, ...]
    _template: JinjaTemplate

    def render(self, values: TemplateValues) -> str:
        """Return the text with its tags filled, nothing escaped. Raises what filling raises."""
        context = self._template.new_context(dict(values), shared=True)
        return "".join(self._template.root_render_func(context))


def compile_text(text: str, place: Place, slash: str = "/") -> TextTemplate | list[Problem]:
    """Return the text compiled, or everything that is wrong with its tags.

    `slash` is printed for each / outside the tags: whoever makes paths of it can tell the
    pattern's own from those that come with the values.
    """
    problems, pieces, at = [], [], 0
    for found in find_tags(text):
        if isinstance(found, TagFault):
            problems.append(found.fault.to_problem(place))
            continue
        tag = Tag(found.kind, "", found.body, place, escape_context="plain")
        problems += check_tag(tag) if found.kind != "comment" else []
        if tag.keyword == "for":
            problems.append(messages.problem("tag-not-allowed/loop-here", place))
        written = "" if found.kind == "comment" else tag.shown_text
        pieces += [text[at : found.start].replace("/", slash), written]
        at = found.end
    if problems:
        return problems
    try:
        source = "".join((*pieces, text[at:].replace("/", slash)))
        tree = _parse(_PLAIN_ENVIRONMENT, source)
    except TemplateSyntaxError:
        return [messages.problem("block-unclosed/unclear", place)]
    code = _PLAIN_ENVIRONMENT.compile(tree, "text", "<text>")
    return TextTemplate(
        find_unique_names(tree), JinjaTemplate.from_code(_PLAIN_ENVIRONMENT, code, {})
    )
