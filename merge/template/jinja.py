"""Compile tags in a sandboxed jinja2 and run them: whole parts for letters, single tags for checks.

Filling and checking use one and the same code: what a check asks of a person is what filling would
do with that person's row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
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
    printable,
    text_xml,
)
from merge.template.grammar import UNIQUE_IDS, VariableName, check_tag, fold_names, names_in
from merge.template.tags import Tag, TagFault, find_tags
from merge.values import Value

PartTree = nodes.Template
"""A part as jinja2 has parsed it."""

MOST_PRINTED = 20_000_000
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
            if type(value) is Value and value.fault is not None:
                raise DataError(value.fault)
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
_PLAIN_ENVIRONMENT = LetterEnvironment(finalize=printable)


# A part of a letter: parsed, compiled, run.


def parse_part(source: str, restore: Callable[[str], str], fields: Container[int] = ()) -> PartTree:
    """Return a part's source as a tree, names folded; `restore` is applied to text between tags.

    Each loop runs over the filter `items` of what it names, which takes the lines of a text. In
    the lines `fields`, made from Word's IF, a text is compared with a number as Word does it.
    """
    tree = _parsed(_ENVIRONMENT, source)
    for loop in tree.find_all(nodes.For):
        loop.iter = _filter(loop.iter, "items", loop.iter.lineno)
    for test in tree.find_all(nodes.Compare):
        if test.lineno in fields and not isinstance(_compared_text(test), str):
            test.expr = _filter(test.expr, "as_number", test.lineno)
    for data in tree.find_all(nodes.TemplateData):
        data.data = restore(data.data)
    return tree


def _parsed(environment: LetterEnvironment, source: str) -> nodes.Template:
    """Return a source as a tree, names folded; an `x if y` without else prints nothing else."""
    tree = environment.parse(source)
    fold_names(tree)
    for choice in tree.find_all(nodes.CondExpr):
        choice.expr2 = choice.expr2 or nodes.Const("", lineno=choice.lineno)
    return tree


def _compared_text(test: nodes.Compare) -> object:
    """Return the constant that a value is compared with; a text for whatever is no number."""
    against = test.ops[0].expr
    against = against.node if isinstance(against, nodes.Neg) else against
    return against.value if isinstance(against, nodes.Const) else ""


def compile_part(tree: PartTree, name: str) -> Program:
    """Return the tree as a program; `name` stands in tracebacks. The tree's loops are changed."""
    is_unique = _keep_ids_unique(tree)
    code = _ENVIRONMENT.compile(tree, name, f"<{name}>")
    repeating = tree.find_all((nodes.For, nodes.Concat, nodes.Filter))
    growing = {"replace", "join"}  # the only filters that print much more than one cell holds
    grows = any(not isinstance(n, nodes.Filter) or n.name in growing for n in repeating)
    return Program(JinjaTemplate.from_code(_ENVIRONMENT, code, {}), grows, is_unique)


@dataclass(frozen=True, slots=True)
class Program:
    """A part's text, compiled: values in, the whole text out."""

    _template: JinjaTemplate
    _grows: bool
    _is_unique: bool

    def pieces(self, values: TemplateValues) -> list[str]:
        """Return the text in pieces: what stands between two tags, or what a tag prints.

        Raise FaultError, DataError or jinja2's own errors where values do not fit.
        """
        template = self._template
        own = {**values, UNIQUE_IDS: UniqueIds()} if self._is_unique else values
        plain = own if type(own) is dict else dict(own)
        pieces = template.root_render_func(template.new_context(plain, shared=True))
        return list(_bounded(pieces) if self._grows else pieces)

    def line(self, trace: TracebackType | None) -> int:
        """Return the line of the source at which an error arose; 0 where that is unknown."""
        line = 0
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self._template.filename:
                line = self._template.get_corresponding_lineno(trace.tb_lineno)
            trace = trace.tb_next
        return line


def _bounded(pieces: Iterable[str]) -> Iterator[str]:
    """Yield the pieces as long as all of them together are no more than a letter could be."""
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > MOST_PRINTED:
            raise FaultError(messages.fault("too-much/letter", most=MOST_PRINTED))
        yield piece


# What must stand once in a part, kept so where a loop repeats it: bookmarks and drawings' ids.
# Two bookmarks of one name, or two drawings of one id, are faults in Word's eyes (ECMA-376 part 1,
# 17.13.6.2 and 20.4.2.5).

_ONCE = re.compile(r"(<w:bookmark(?:Start|End)\b[^<>]*/>)")
_DRAWING = re.compile(r'(<wp:docPr\b[^<>]*?\bid=")(\d+)(?=")')
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
    for number, text in enumerate(_ONCE.split(node.data)):
        if number % 2:
            yield _unique_filter("xml_once", text, line)
            continue
        at = 0
        for found in _DRAWING.finditer(text):
            yield nodes.TemplateData(text[at : found.end(1)], lineno=line)
            yield _unique_filter("xml_number", found[2], line)
            at = found.end()
        if text[at:] or at == 0:
            yield nodes.TemplateData(text[at:], lineno=line)


def _unique_filter(name: str, text: str, line: int) -> nodes.Filter:
    ids = nodes.Name(UNIQUE_IDS, "load", lineno=line)
    argument = nodes.Const(text, lineno=line)
    return _filter(ids, name, line, argument)


# Plain text with tags in it, such as the pattern of file names in Settings.


@dataclass(frozen=True, slots=True)
class TextTemplate:
    """A text with tags, compiled; `names` are those that it reads."""

    names: tuple[VariableName, ...]
    _template: JinjaTemplate

    def text(self, values: TemplateValues) -> str:
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
            problems.append(found.fault.at(place))
            continue
        tag = Tag(found.kind, "", found.body, place, escape_context="plain")
        problems += check_tag(tag) if found.kind != "comment" else []
        if tag.keyword == "for":
            problems.append(messages.problem("tag-not-allowed/loop-here", place))
        written = "" if found.kind == "comment" else tag.written
        pieces += [text[at : found.start].replace("/", slash), written]
        at = found.end
    if problems:
        return problems
    try:
        source = "".join((*pieces, text[at:].replace("/", slash)))
        tree = _parsed(_PLAIN_ENVIRONMENT, source)
    except TemplateSyntaxError:
        return [messages.problem("block-unclosed/unclear", place)]
    code = _PLAIN_ENVIRONMENT.compile(tree, "text", "<text>")
    return TextTemplate(_names(tree), JinjaTemplate.from_code(_PLAIN_ENVIRONMENT, code, {}))


# Probes: each tag of a part as a small program of its own, with the conditions it stands under.

_Wrap = Callable[[list[nodes.Node]], list[nodes.Node]]
"""Puts nodes inside the ifs and loops that stand round a tag."""
_BLANK = "x"


@dataclass(frozen=True, slots=True)
class TagProbe:
    """One tag, and whether a blank is excused there.

    `names` are what the tag itself prints or tests; `reads` those and what its conditions test;
    `bare` those of which a condition asks nothing but whether they are blank.
    """

    tag: Tag
    reads: frozenset[VariableName]
    names: tuple[VariableName, ...]
    excused: bool
    bare: frozenset[VariableName]
    _program: Program

    @property
    def roots(self) -> frozenset[str]:
        """The roots that must be there for the tag to be probed; a language is a recipient's."""
        roots = frozenset(name.root for name in self.reads)
        return roots | {"recipient"} if "language" in roots else roots

    def is_blank(self, values: TemplateValues) -> bool:
        """Return whether the tag is reached and prints nothing. Raises what filling would raise."""
        return any(_BLANK in piece for piece in self._program.pieces(values))


def tag_probes(tree: PartTree, tag_by_line: Mapping[int, Tag]) -> Iterator[TagProbe]:
    """Yield a probe for every tag that a person wrote, in the order of the text, each once."""
    seen = set()
    for found in _ProbeWalk(tag_by_line).walk(tree.body, lambda inner: inner, frozenset()):
        program = nodes.Template(found.body, lineno=1)
        kind = (repr(program), found.tag.kind, found.tag.closes_up, found.excused)
        if kind not in seen:
            seen.add(kind)
            reads = frozenset(name for name, _ in names_in(program))
            compiled = compile_part(program, "check")
            bare = frozenset(_truth_tested_names(found))
            yield TagProbe(
                tag=found.tag,
                reads=reads,
                names=_names(found.node),
                excused=found.excused,
                bare=bare,
                _program=compiled,
            )


@dataclass(frozen=True, slots=True)
class _ProbedTag:
    """A tag, what it prints or tests, and the program that probes it."""

    tag: Tag
    node: nodes.Node
    body: list[nodes.Node]
    excused: bool = True


@dataclass(frozen=True, slots=True)
class _ProbeWalk:
    """Walks a part's tree.

    On the way down it gathers `wrap`, what stands round a tag, and `tested`, the names that the
    ifs round it have found not to be blank.
    """

    tag_by_line: Mapping[int, Tag]

    def walk(
        self, body: Sequence[nodes.Node], wrap: _Wrap, tested: frozenset[VariableName]
    ) -> Iterator[_ProbedTag]:
        """Yield the tags of some nodes, with those inside them."""
        for node in body:
            if isinstance(node, nodes.Output):
                yield from self._values(node, wrap, tested)
            elif isinstance(node, nodes.If):
                yield from self._branches(node, wrap, tested)
            elif isinstance(node, nodes.For):
                yield from self._loop(node, wrap, tested)

    def _values(
        self, output: nodes.Output, wrap: _Wrap, tested: frozenset[VariableName]
    ) -> Iterator[_ProbedTag]:
        """Yield value tags; each probe prints something where the value is blank."""
        for value in output.nodes:
            tag = self.tag_by_line.get(value.lineno)
            if tag is None or tag.synthetic or isinstance(value, nodes.TemplateData):
                continue
            names, filters = _names(value), (value, *value.find_all(nodes.Filter))
            excused = any(
                isinstance(f, nodes.Filter) and f.name in {"optional", "default"} for f in filters
            )
            excused = excused or (bool(names) and set(names) <= tested)
            yield _ProbedTag(tag, value, wrap(_blanks(value, tested)), excused)

    def _branches(
        self, node: nodes.If, wrap: _Wrap, tested: frozenset[VariableName]
    ) -> Iterator[_ProbedTag]:
        """Yield the conditions of an if and the tags in its branches.

        A branch is only reached where all conditions before it were asked and did not hold, so
        these stand before it in its probe, with nothing in them.
        """
        tag = self.tag_by_line[node.lineno]
        if tag.synthetic:  # a condition of closing up: it only hides what is blank
            yield from self.walk(node.body, wrap, tested)
            return
        before: list[nodes.If] = []
        for branch in (node, *node.elif_):
            own = self.tag_by_line.get(branch.lineno, tag)
            probe = wrap(_chain([*before, _if(branch.test, [])], []))
            yield _ProbedTag(own, branch.test, probe)
            known = tested | set(_truth_tested(branch.test))
            yield from self.walk(branch.body, _in_branch(wrap, before, branch.test), known)
            before = [*before, _if(branch.test, [])]
        chain = before
        yield from self.walk(node.else_, lambda inner: wrap(_chain(chain, inner)), tested)

    def _loop(
        self, node: nodes.For, wrap: _Wrap, tested: frozenset[VariableName]
    ) -> Iterator[_ProbedTag]:
        def around(inner: list[nodes.Node]) -> list[nodes.Node]:
            fields: tuple[Any, ...] = (node.target, node.iter, inner, [], None, False)
            return wrap([nodes.For(*fields, lineno=node.lineno)])

        yield _ProbedTag(self.tag_by_line[node.lineno], node.iter, around([]))
        yield from self.walk(node.body, around, tested)
        yield from self.walk(node.else_, wrap, tested)


def _blanks(value: nodes.Expr, tested: frozenset[VariableName]) -> list[nodes.Node]:
    """Return what prints something where a value is blank; `tested` are names that are not.

    Of a value joined with ~ every part is looked at: a blank in it leaves a hole all the same. Of
    an `x if y else z` the one that is printed: an empty text that somebody wrote there is meant.
    """
    if isinstance(value, nodes.Const):
        return []
    if isinstance(value, nodes.Concat):
        return [node for part in value.nodes for node in _blanks(part, tested)]
    if isinstance(value, nodes.CondExpr) and value.expr2 is not None:
        body = _blanks(value.expr1, tested | set(_truth_tested(value.test)))
        otherwise = _blanks(value.expr2, tested)
        return [nodes.If(value.test, body, [], otherwise, lineno=value.lineno)]
    names = _names(value)
    is_meant = bool(names) and set(names) <= tested
    found = nodes.Output([nodes.TemplateData(_BLANK)], lineno=value.lineno)
    return [_if(_is_blank(value), [] if is_meant else [found])]


def _is_blank(value: nodes.Expr) -> nodes.Test:
    printed = _filter(value, "printed", value.lineno)
    return nodes.Test(printed, "blank", [], [], None, None, lineno=value.lineno)


def _filter(value: nodes.Node, name: str, line: int, *arguments: nodes.Node) -> nodes.Filter:
    return nodes.Filter(value, name, [*arguments], [], None, None, lineno=line)


def _if(test: nodes.Node, body: list[nodes.Node]) -> nodes.If:
    return nodes.If(test, body, [], [], lineno=test.lineno)


def _chain(branches: Sequence[nodes.If], otherwise: list[nodes.Node]) -> list[nodes.Node]:
    """Return conditions as one if, elif, elif, else."""
    first, *others = branches
    return [nodes.If(first.test, first.body, others, otherwise, lineno=first.lineno)]


def _in_branch(wrap: _Wrap, before: list[nodes.If], test: nodes.Node) -> _Wrap:
    return lambda inner: wrap(_chain([*before, _if(test, inner)], []))


def _truth_tested_names(found: _ProbedTag) -> Iterator[VariableName]:
    """Yield the names that a tag tests bare: as the condition of an if, or of an `x if y`."""
    node = found.node
    if found.tag.kind == "block":
        yield from _truth_tested(node.node if isinstance(node, nodes.Not) else node)
    own = [node] if isinstance(node, nodes.CondExpr) else []
    for choice in (*node.find_all(nodes.CondExpr), *own):
        yield from _truth_tested(choice.test)


def _truth_tested(test: nodes.Node) -> Iterator[VariableName]:
    """Yield the names of which a condition asks nothing but whether they are blank."""
    if isinstance(test, nodes.Getattr):
        yield from _names(test)
    elif isinstance(test, nodes.And | nodes.Or):
        for part in test.iter_child_nodes():
            yield from _truth_tested(part)


def _names(node: nodes.Node) -> tuple[VariableName, ...]:
    return tuple(dict.fromkeys(name for name, _ in names_in(node)))
