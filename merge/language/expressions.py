"""Plain text with tags in it, such as the pattern of file names in Settings."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import TemplateSyntaxError
from jinja2.environment import Template as JinjaTemplate

from merge.language.environment import LetterEnvironment
from merge.language.grammar import Name, check_tag, fold, names_in
from merge.language.values import Tree, printable
from merge.model import Place, Problem
from merge.tags.record import Tag
from merge.tags.scan import Fault, Span, find_tags

_PLAIN = LetterEnvironment(finalize=printable)


@dataclass(frozen=True, slots=True)
class Expression:
    """A text with tags, compiled; `names` are those that it reads."""

    names: tuple[Name, ...]
    _template: JinjaTemplate

    def text(self, values: Tree) -> str:
        """The text with its tags filled, nothing escaped."""
        return "".join(
            self._template.root_render_func(self._template.new_context(dict(values), shared=True))
        )


def compile_text(text: str, place: Place, slash: str = "/") -> Expression | list[Problem]:
    """The text compiled, or everything that is wrong with its tags.

    `slash` is printed for each / outside the tags: whoever makes paths of it can tell the
    pattern's own from those that come with the values.
    """
    problems, pieces, at = [], [], 0
    for found in find_tags(text):
        if isinstance(found, Fault):
            problems.append(Problem(found.code, place, found.what, found.hint))
            continue
        tag = Tag(found.shape, "", found.body, place, setting="plain")
        problems += check_tag(tag) if found.shape != "comment" else []
        if tag.keyword == "for":
            what = "a loop has no place here."
            problems.append(Problem("tag-not-allowed", place, what, "Name the value itself."))
        pieces += [text[at : found.start].replace("/", slash), _written(found)]
        at = found.end
    if problems:
        return problems
    return _compiled("".join((*pieces, text[at:].replace("/", slash))), place)


def _written(span: Span) -> str:
    """The tag as jinja2 reads it."""
    if span.shape == "comment":
        return ""
    return f"{{{{ {span.body} }}}}" if span.shape == "value" else f"{{% {span.body} %}}"


def _compiled(source: str, place: Place) -> Expression | list[Problem]:
    try:
        tree = _PLAIN.parse(source)
    except TemplateSyntaxError as error:
        what = f"the tags do not fit together ({error.message})."
        return [Problem("block-unclosed", place, what, "Close each if with endif.")]
    fold(tree)
    template = JinjaTemplate.from_code(_PLAIN, _PLAIN.compile(tree, "text", "<text>"), {})
    return Expression(tuple(name for name, _ in names_in(tree)), template)
