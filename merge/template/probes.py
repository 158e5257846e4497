"""Compile each tag of a part as a small program, with its conditions.

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
"""A function that puts nodes inside the conditions and loops around a tag."""
_BLANK_SIGN = "x"


@dataclass(frozen=True, slots=True)
class TagProbe:
    """One tag as a program, and whether a blank is allowed there.

    `own_names` are those that the tag itself prints or tests. `names_read` are those and the names
    that its conditions test. `truth_tested_names` are those of which a condition asks only whether
    they are blank.
    """

    tag: Tag
    names_read: frozenset[VariableName]
    own_names: tuple[VariableName, ...]
    is_blank_allowed: bool
    truth_tested_names: frozenset[VariableName]
    _program: PartProgram

    @property
    def roots(self) -> frozenset[str]:
        """The roots that probing the tag needs.

        A language is a recipient's.
        """
        roots = frozenset(name.root for name in self.names_read)
        return roots | {"recipient"} if "language" in roots else roots

    def is_blank(self, values: TemplateValues) -> bool:
        """Return whether the tag is reached and prints nothing.

        Raise the errors of filling.
        """
        return any(_BLANK_SIGN in piece for piece in self._program.render_pieces(values))


def make_probes(tree: PartTree, tag_by_line: Mapping[int, Tag]) -> Iterator[TagProbe]:
    """Yield a probe for every tag that a person wrote.

    They are in the order of the text, and each is yielded once.
    """
    kinds_seen = set()
    for probed in _ProbeWalk(tag_by_line).walk(tree.body, lambda inner: inner, frozenset()):
        program = nodes.Template(probed.body, lineno=1)
        kind = (repr(program), probed.tag.kind, probed.tag.is_collapsible, probed.is_blank_allowed)
        if kind not in kinds_seen:
            kinds_seen.add(kind)
            names_read = frozenset(name for name, _ in find_names(program))
            part_program = compile_part(program, "check")
            truth_tested_names = frozenset(_find_truth_tests(probed))
            yield TagProbe(
                tag=probed.tag,
                names_read=names_read,
                own_names=find_unique_names(probed.node),
                is_blank_allowed=probed.is_blank_allowed,
                truth_tested_names=truth_tested_names,
                _program=part_program,
            )


@dataclass(frozen=True, slots=True)
class _ProbedTag:
    """A tag, the node that it prints or tests, and the program that probes it."""

    tag: Tag
    node: nodes.Node
    body: list[nodes.Node]
    is_blank_allowed: bool = True


@dataclass(frozen=True, slots=True)
class _ProbeWalk:
    """Walks a part's tree, and yields its tags with their probes.

    On the way down it collects `wrap`, the conditions and loops around a tag. It also collects
    `tested`, the names that conditions around it have found not to be blank.
    """

    tag_by_line: Mapping[int, Tag]

    def walk(
        self, body: Sequence[nodes.Node], wrap: _Wrap, tested: frozenset[VariableName]
    ) -> Iterator[_ProbedTag]:
        """Yield the tags of these nodes, and the tags inside the nodes."""
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
        """Yield value tags, with probes that print a text if the value is blank."""
        for value in output.nodes:
            tag = self.tag_by_line.get(value.lineno)
            if tag is None or tag.is_synthetic or isinstance(value, nodes.TemplateData):
                continue
            names, filters = find_unique_names(value), (value, *value.find_all(nodes.Filter))
            is_blank_allowed = any(
                isinstance(f, nodes.Filter) and f.name in {"optional", "default"} for f in filters
            )
            is_blank_allowed = is_blank_allowed or (bool(names) and set(names) <= tested)
            yield _ProbedTag(tag, value, wrap(_blank_tests(value, tested)), is_blank_allowed)

    def _branches(
        self, node: nodes.If, wrap: _Wrap, tested: frozenset[VariableName]
    ) -> Iterator[_ProbedTag]:
        """Yield the conditions of an `if`, and the tags in its branches.

        A branch is only reached if all conditions before it were tested and false. So these are
        before it in its probe, without content.
        """
        tag = self.tag_by_line[node.lineno]
        if tag.is_synthetic:  # a condition of a blank line: it only hides blanks
            yield from self.walk(node.body, wrap, tested)
            return
        previous: list[nodes.If] = []
        for branch in (node, *node.elif_):
            branch_tag = self.tag_by_line.get(branch.lineno, tag)
            probe = wrap(_if_chain([*previous, _if_node(branch.test, [])], []))
            yield _ProbedTag(branch_tag, branch.test, probe)
            tested_inside = tested | set(_find_truth_tested(branch.test))
            yield from self.walk(
                branch.body, _in_branch(wrap, previous, branch.test), tested_inside
            )
            previous = [*previous, _if_node(branch.test, [])]
        chain = previous
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
    """Return nodes that print a text if a value is blank.

    `tested` are names that are not blank. In a value joined with ~, every part is tested: a blank
    part leaves a gap. In an `x if y else z`, only the printed one is tested: an empty text that
    someone wrote there is intended.
    """
    if isinstance(value, nodes.Const):
        return []
    if isinstance(value, nodes.Concat):
        return [node for part in value.nodes for node in _blank_tests(part, tested)]
    if isinstance(value, nodes.CondExpr) and value.expr2 is not None:
        body = _blank_tests(value.expr1, tested | set(_find_truth_tested(value.test)))
        else_body = _blank_tests(value.expr2, tested)
        return [nodes.If(value.test, body, [], else_body, lineno=value.lineno)]
    names = find_unique_names(value)
    is_intended = bool(names) and set(names) <= tested
    blank_sign = nodes.Output([nodes.TemplateData(_BLANK_SIGN)], lineno=value.lineno)
    return [_if_node(_is_blank(value), [] if is_intended else [blank_sign])]


def _is_blank(value: nodes.Expr) -> nodes.Test:
    printed = filter_node(value, "printed", value.lineno)
    return nodes.Test(printed, "blank", [], [], None, None, lineno=value.lineno)


def _if_node(test: nodes.Node, body: list[nodes.Node]) -> nodes.If:
    return nodes.If(test, body, [], [], lineno=test.lineno)


def _if_chain(branches: Sequence[nodes.If], else_body: list[nodes.Node]) -> list[nodes.Node]:
    """Return conditions as one chain of `if`, `elif` and `else`."""
    first_branch, *other_branches = branches
    return [
        nodes.If(
            first_branch.test,
            first_branch.body,
            other_branches,
            else_body,
            lineno=first_branch.lineno,
        )
    ]


def _in_branch(wrap: _Wrap, previous: list[nodes.If], test: nodes.Node) -> _Wrap:
    return lambda inner: wrap(_if_chain([*previous, _if_node(test, inner)], []))


def _find_truth_tests(probed: _ProbedTag) -> Iterator[VariableName]:
    """Yield the names that a condition or an `x if y` only tests for a blank."""
    node = probed.node
    if probed.tag.kind == "block":
        yield from _find_truth_tested(node.node if isinstance(node, nodes.Not) else node)
    conditional_nodes = [node] if isinstance(node, nodes.CondExpr) else []
    for choice in (*node.find_all(nodes.CondExpr), *conditional_nodes):
        yield from _find_truth_tested(choice.test)


def _find_truth_tested(test: nodes.Node) -> Iterator[VariableName]:
    """Yield the names that a condition tests only for being blank."""
    if isinstance(test, nodes.Getattr):
        yield from find_unique_names(test)
    elif isinstance(test, nodes.And | nodes.Or):
        for part in test.iter_child_nodes():
            yield from _find_truth_tested(part)
