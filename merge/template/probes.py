"""Each tag of a part as a small program of its own, with its conditions.

Checks run these probes for each person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import nodes

from merge.template.filters import TemplateValues
from merge.template.grammar import VariableName, find_names
from merge.template.jinja import PartProgram, PartTree, compile_part, filter_node, find_unique_names
from merge.template.tags import Tag

_Wrap = Callable[[list[nodes.Node]], list[nodes.Node]]
"""Puts nodes inside the ifs and loops that stand round a tag."""
_BLANK_SIGN = "x"


@dataclass(frozen=True, slots=True)
class TagProbe:
    """One tag, and whether a blank is excused there.

    `names` are what the tag itself prints or tests; `reads` those and what its conditions test;
    `bare` those of which a condition asks nothing but whether they are blank.
    """

    tag: Tag
    names_read: frozenset[VariableName]
    own_names: tuple[VariableName, ...]
    is_blank_allowed: bool
    truth_tested_names: frozenset[VariableName]
    _program: PartProgram

    @property
    def roots(self) -> frozenset[str]:
        """The roots that must be there for the tag to be probed; a language is a recipient's."""
        roots = frozenset(name.root for name in self.names_read)
        return roots | {"recipient"} if "language" in roots else roots

    def is_blank(self, values: TemplateValues) -> bool:
        """Return whether the tag is reached and prints nothing. Raises what filling would raise."""
        return any(_BLANK_SIGN in piece for piece in self._program.render_pieces(values))


def make_probes(tree: PartTree, tag_by_line: Mapping[int, Tag]) -> Iterator[TagProbe]:
    """Yield a probe for every tag that a person wrote, in the order of the text, each once."""
    seen = set()
    for found in _ProbeWalk(tag_by_line).walk(tree.body, lambda inner: inner, frozenset()):
        program = nodes.Template(found.body, lineno=1)
        kind = (repr(program), found.tag.kind, found.tag.is_collapsible, found.is_blank_allowed)
        if kind not in seen:
            seen.add(kind)
            reads = frozenset(name for name, _ in find_names(program))
            compiled = compile_part(program, "check")
            bare = frozenset(_find_truth_tests(found))
            yield TagProbe(
                tag=found.tag,
                names_read=reads,
                own_names=find_unique_names(found.node),
                is_blank_allowed=found.is_blank_allowed,
                truth_tested_names=bare,
                _program=compiled,
            )


@dataclass(frozen=True, slots=True)
class _ProbedTag:
    """A tag, what it prints or tests, and the program that probes it."""

    tag: Tag
    node: nodes.Node
    body: list[nodes.Node]
    is_blank_allowed: bool = True


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
            if tag is None or tag.is_synthetic or isinstance(value, nodes.TemplateData):
                continue
            names, filters = find_unique_names(value), (value, *value.find_all(nodes.Filter))
            excused = any(
                isinstance(f, nodes.Filter) and f.name in {"optional", "default"} for f in filters
            )
            excused = excused or (bool(names) and set(names) <= tested)
            yield _ProbedTag(tag, value, wrap(_blank_tests(value, tested)), excused)

    def _branches(
        self, node: nodes.If, wrap: _Wrap, tested: frozenset[VariableName]
    ) -> Iterator[_ProbedTag]:
        """Yield the conditions of an if and the tags in its branches.

        A branch is only reached where all conditions before it were asked and did not hold, so
        these stand before it in its probe, with nothing in them.
        """
        tag = self.tag_by_line[node.lineno]
        if tag.is_synthetic:  # a condition of closing up: it only hides what is blank
            yield from self.walk(node.body, wrap, tested)
            return
        before: list[nodes.If] = []
        for branch in (node, *node.elif_):
            own = self.tag_by_line.get(branch.lineno, tag)
            probe = wrap(_if_chain([*before, _if_node(branch.test, [])], []))
            yield _ProbedTag(own, branch.test, probe)
            known = tested | set(_find_truth_tested(branch.test))
            yield from self.walk(branch.body, _in_branch(wrap, before, branch.test), known)
            before = [*before, _if_node(branch.test, [])]
        chain = before
        yield from self.walk(node.else_, lambda inner: wrap(_if_chain(chain, inner)), tested)

    def _loop(
        self, node: nodes.For, wrap: _Wrap, tested: frozenset[VariableName]
    ) -> Iterator[_ProbedTag]:
        def around(inner: list[nodes.Node]) -> list[nodes.Node]:
            fields: tuple[Any, ...] = (node.target, node.iter, inner, [], None, False)
            return wrap([nodes.For(*fields, lineno=node.lineno)])

        yield _ProbedTag(self.tag_by_line[node.lineno], node.iter, around([]))
        yield from self.walk(node.body, around, tested)
        yield from self.walk(node.else_, wrap, tested)


def _blank_tests(value: nodes.Expr, tested: frozenset[VariableName]) -> list[nodes.Node]:
    """Return what prints something where a value is blank; `tested` are names that are not.

    Of a value joined with ~ every part is looked at: a blank in it leaves a hole all the same. Of
    an `x if y else z` the one that is printed: an empty text that somebody wrote there is meant.
    """
    if isinstance(value, nodes.Const):
        return []
    if isinstance(value, nodes.Concat):
        return [node for part in value.nodes for node in _blank_tests(part, tested)]
    if isinstance(value, nodes.CondExpr) and value.expr2 is not None:
        body = _blank_tests(value.expr1, tested | set(_find_truth_tested(value.test)))
        otherwise = _blank_tests(value.expr2, tested)
        return [nodes.If(value.test, body, [], otherwise, lineno=value.lineno)]
    names = find_unique_names(value)
    is_meant = bool(names) and set(names) <= tested
    found = nodes.Output([nodes.TemplateData(_BLANK_SIGN)], lineno=value.lineno)
    return [_if_node(_is_blank(value), [] if is_meant else [found])]


def _is_blank(value: nodes.Expr) -> nodes.Test:
    printed = filter_node(value, "printed", value.lineno)
    return nodes.Test(printed, "blank", [], [], None, None, lineno=value.lineno)


def _if_node(test: nodes.Node, body: list[nodes.Node]) -> nodes.If:
    return nodes.If(test, body, [], [], lineno=test.lineno)


def _if_chain(branches: Sequence[nodes.If], otherwise: list[nodes.Node]) -> list[nodes.Node]:
    """Return conditions as one if, elif, elif, else."""
    first, *others = branches
    return [nodes.If(first.test, first.body, others, otherwise, lineno=first.lineno)]


def _in_branch(wrap: _Wrap, before: list[nodes.If], test: nodes.Node) -> _Wrap:
    return lambda inner: wrap(_if_chain([*before, _if_node(test, inner)], []))


def _find_truth_tests(found: _ProbedTag) -> Iterator[VariableName]:
    """Yield the names that a tag tests bare: as the condition of an if, or of an `x if y`."""
    node = found.node
    if found.tag.kind == "block":
        yield from _find_truth_tested(node.node if isinstance(node, nodes.Not) else node)
    own = [node] if isinstance(node, nodes.CondExpr) else []
    for choice in (*node.find_all(nodes.CondExpr), *own):
        yield from _find_truth_tested(choice.test)


def _find_truth_tested(test: nodes.Node) -> Iterator[VariableName]:
    """Yield the names of which a condition asks nothing but whether they are blank."""
    if isinstance(test, nodes.Getattr):
        yield from find_unique_names(test)
    elif isinstance(test, nodes.And | nodes.Or):
        for part in test.iter_child_nodes():
            yield from _find_truth_tested(part)
