"""Each tag of a part as a small program of its own, with the conditions it stands under.

Filling and checking so use one and the same code: what a check asks of a person is what filling
would do with that person's row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jinja2 import nodes

from merge.language.environment import Program, compile_part
from merge.language.grammar import Name, names_in
from merge.language.values import Tree
from merge.tags.record import Tag

_Wrap = Callable[[list[nodes.Node]], list[nodes.Node]]
_BLANK = "x"


@dataclass(frozen=True, slots=True)
class Ask:
    """One tag, and whether a blank is excused there.

    `names` are what the tag itself prints or tests; `reads` those and what its conditions test.
    """

    tag: Tag
    reads: frozenset[Name]
    names: tuple[Name, ...]
    excused: bool
    bare: frozenset[Name]
    """Names whose being blank or not is all that a condition asks."""
    _program: Program

    @property
    def roots(self) -> frozenset[str]:
        """The roots that must be there for the tag to be asked; a language is a recipient's."""
        roots = frozenset(name.root for name in self.reads)
        return roots | {"recipient"} if "language" in roots else roots

    def is_blank(self, values: Tree) -> bool:
        """Whether the tag is reached and prints nothing. Raises what filling would raise."""
        return _BLANK in self._program.run(values)


def asks_of(tree: nodes.Template, owners: Mapping[int, Tag]) -> Iterator[Ask]:
    """Every tag that a person wrote, in the order of the text; the same one twice only once."""
    seen = set()
    for found in _walk(tree.body, lambda inner: inner, owners, frozenset()):
        program = nodes.Template(found.body, lineno=1)
        kind = (repr(program), found.tag.shape, found.tag.closes_up, found.excused)
        if kind not in seen:
            seen.add(kind)
            reads = frozenset(name for name, _ in names_in(program))
            compiled = compile_part(program, "check")
            bare = frozenset(_asked_bare(found))
            yield Ask(found.tag, reads, _names(found.node), found.excused, bare, compiled)


@dataclass(frozen=True, slots=True)
class _Found:
    """A tag, what it prints or tests, and the program that asks it."""

    tag: Tag
    node: nodes.Node
    body: list[nodes.Node]
    excused: bool = True


def _walk(
    body: Sequence[nodes.Node], wrap: _Wrap, owners: Mapping[int, Tag], tested: frozenset[Name]
) -> Iterator[_Found]:
    for node in body:
        if isinstance(node, nodes.Output):
            yield from _values(node, wrap, owners, tested)
        elif isinstance(node, nodes.If):
            yield from _branches(node, wrap, owners, tested)
        elif isinstance(node, nodes.For):
            yield from _loop(node, wrap, owners, tested)


def _values(
    output: nodes.Output, wrap: _Wrap, owners: Mapping[int, Tag], tested: frozenset[Name]
) -> Iterator[_Found]:
    for value in output.nodes:
        tag = owners.get(value.lineno)
        if tag is None or tag.made or isinstance(value, nodes.TemplateData):
            continue
        names = _names(value)
        excused = _excuses(value) or (bool(names) and set(names) <= tested)
        yield _Found(tag, value, wrap(_told_if_blank(value)), excused)


def _told_if_blank(value: nodes.Expr) -> list[nodes.Node]:
    """Print something where the value is blank, or a part of it that is joined with ~."""
    found = nodes.Output([nodes.TemplateData(_BLANK)], lineno=value.lineno)
    parts = value.nodes if isinstance(value, nodes.Concat) else [value]
    return [_if(_is_blank(p), [found]) for p in parts if not isinstance(p, nodes.Const)]


def _is_blank(value: nodes.Expr) -> nodes.Test:
    printed = nodes.Filter(value, "printed", [], [], None, None, lineno=value.lineno)
    return nodes.Test(printed, "blank", [], [], None, None, lineno=value.lineno)


def _branches(
    node: nodes.If, wrap: _Wrap, owners: Mapping[int, Tag], tested: frozenset[Name]
) -> Iterator[_Found]:
    tag = owners[node.lineno]
    if tag.made:  # a condition of closing up: it only hides what is blank
        yield from _walk(node.body, wrap, owners, tested)
        return
    before: list[nodes.If] = []
    for branch in (node, *node.elif_):
        own = owners.get(branch.lineno, tag)
        yield _Found(own, branch.test, wrap(_chain([*before, _if(branch.test, [])], [])))
        known = tested | set(_bare(branch.test))
        yield from _walk(branch.body, _under(wrap, before, branch.test), owners, known)
        before = [*before, _if(branch.test, [])]
    chain = before
    yield from _walk(node.else_, lambda inner: wrap(_chain(chain, inner)), owners, tested)


def _under(wrap: _Wrap, before: list[nodes.If], test: nodes.Node) -> _Wrap:
    """Whatever stands in one branch of an if."""
    return lambda inner: wrap(_chain([*before, _if(test, inner)], []))


def _chain(branches: Sequence[nodes.If], otherwise: list[nodes.Node]) -> list[nodes.Node]:
    """Conditions as one if, elif, elif, else."""
    first, *others = branches
    return [nodes.If(first.test, first.body, others, otherwise, lineno=first.lineno)]


def _if(test: nodes.Node, body: list[nodes.Node]) -> nodes.If:
    return nodes.If(test, body, [], [], lineno=test.lineno)


def _loop(
    node: nodes.For, wrap: _Wrap, owners: Mapping[int, Tag], tested: frozenset[Name]
) -> Iterator[_Found]:
    recursive = False

    def around(inner: list[nodes.Node]) -> list[nodes.Node]:
        again = nodes.For(node.target, node.iter, inner, [], None, recursive, lineno=node.lineno)
        return wrap([again])

    yield _Found(owners[node.lineno], node.iter, around([]))
    yield from _walk(node.body, around, owners, tested)
    yield from _walk(node.else_, wrap, owners, tested)


def _asked_bare(found: _Found) -> Iterator[Name]:
    """The bare conditions of a tag: of an if, or of an `x if y` inside a value."""
    if found.tag.shape == "block":
        yield from _bare(found.node.node if isinstance(found.node, nodes.Not) else found.node)
    for choice in found.node.find_all(nodes.CondExpr):
        yield from _bare(choice.test)
    if isinstance(found.node, nodes.CondExpr):
        yield from _bare(found.node.test)


def _bare(test: nodes.Node) -> Iterator[Name]:
    """The names that a condition asks nothing of but whether they are blank."""
    if isinstance(test, nodes.Getattr):
        yield from _names(test)
    elif isinstance(test, nodes.And | nodes.Or):
        for part in test.iter_child_nodes():
            yield from _bare(part)


def _names(node: nodes.Node) -> tuple[Name, ...]:
    return tuple(dict.fromkeys(name for name, _ in names_in(node)))


def _excuses(value: nodes.Node) -> bool:
    """Whether the tag says itself that a blank is meant."""
    return any(
        f.name in {"optional", "default"}
        for f in (value, *value.find_all(nodes.Filter))
        if isinstance(f, nodes.Filter)
    )
