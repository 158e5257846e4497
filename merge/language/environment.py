"""jinja2, narrowed: the environment in which templates are compiled and filled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.environment import Template as JinjaTemplate
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from merge.language.filters import OURS, STAFF
from merge.language.grammar import fold
from merge.language.loops import FRESH, Fresh, keep_unique
from merge.language.values import NotUsableError, Tree, is_blank, text_xml
from merge.model import DataError, Value

_LOOP = {"index", "first", "last", "length"}
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
        self.filters = {**STAFF, **OURS}
        self.tests = {"defined": self.tests["defined"], "blank": is_blank}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The column of a person, the item of a dict; a faulty cell raises its problem."""
        if type(obj) is dict or isinstance(obj, Mapping):  # the first is much quicker
            try:
                value = obj[attribute]
            except KeyError:
                return self.undefined(obj=obj, name=attribute)
            if type(value) is Value and value.fault is not None:
                raise DataError(value.fault)
            return value
        if type(obj) is LoopContext and attribute in _LOOP:
            return getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """A numbered item of a list, a named one of a dict; undefined where there is none."""
        if isinstance(argument, str):
            return self.getattr(obj, argument)
        if isinstance(obj, tuple | list) and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(obj=obj, name=argument)

    def call(self, *_args: object, **_kwargs: object) -> Any:
        """Refuse: nothing in a letter is called."""
        raise NotUsableError("tag-not-allowed", "a template calls nothing.", "Take ( ) away.")


MOST_PRINTED = 20_000_000
"""Characters of a part, its XML included, where its tags repeat or join anything."""

PartTree = nodes.Template
"""A part as jinja2 has parsed it."""

FILLING_ERRORS = (NotUsableError, TemplateError, TypeError, ValueError, ArithmeticError)
"""What filling may raise where a value does not fit its tag."""

SYNTAX_ERRORS = (TemplateSyntaxError,)
"""What parsing may raise where tags do not fit together."""


@dataclass(frozen=True, slots=True)
class Program:
    """A part's text, compiled: values in, the whole text out."""

    _template: JinjaTemplate
    _grows: bool
    _unique: bool

    def run(self, values: Tree) -> str:
        """The text. Raises as `pieces` does."""
        return "".join(self.pieces(values))

    def pieces(self, values: Tree) -> list[str]:
        """The text in pieces: what stands between two tags, or what a tag prints.

        NotUsableError, DataError or jinja2's own errors where values do not fit.
        """
        template = self._template
        own = {**values, FRESH: Fresh()} if self._unique else values
        plain = own if type(own) is dict else dict(own)
        pieces = template.root_render_func(template.new_context(plain, shared=True))
        return list(_bounded(pieces) if self._grows else pieces)

    def line(self, trace: TracebackType | None) -> int:
        """The line of the source at which an error arose; 0 where that cannot be told."""
        line = 0
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self._template.filename:
                line = self._template.get_corresponding_lineno(trace.tb_lineno)
            trace = trace.tb_next
        return line


_LETTERS = LetterEnvironment()


def parse_part(source: str, restore: Callable[[str], str]) -> nodes.Template:
    """A part's source as a tree, names folded; `restore` is applied to the text between tags."""
    tree = _LETTERS.parse(source)
    fold(tree)
    for loop in tree.find_all(nodes.For):
        loop.iter = nodes.Filter(loop.iter, "items", [], [], None, None, lineno=loop.iter.lineno)
    for data in tree.find_all(nodes.TemplateData):
        data.data = restore(data.data)
    return tree


def compile_part(tree: nodes.Template, name: str) -> Program:
    """The tree as a program; `name` stands in tracebacks."""
    filename = f"<{name}>"
    unique = keep_unique(tree)
    code = _LETTERS.compile(tree, name, filename)
    grows = any(_may_grow(node) for node in tree.find_all((nodes.For, nodes.Concat, nodes.Filter)))
    return Program(JinjaTemplate.from_code(_LETTERS, code, {}), grows, unique)


def _may_grow(node: nodes.Node) -> bool:
    """Whether a node can print much more than one cell holds."""
    return not isinstance(node, nodes.Filter) or node.name in {"replace", "join"}


def _bounded(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces, as long as all of them together are no more than a letter could be."""
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > MOST_PRINTED:
            what = "the letter gets longer than 20 million characters."
            raise NotUsableError("too-much", what, "Repeat and join less.")
        yield piece
