"""Application of a problem's hint to the text that it was given for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from merge.checks.findings import AvailableFields, unknown_name_problems
from merge.ooxml.package import parse_package
from merge.problems import Problem
from merge.template.filters import TemplateValues, freeze
from merge.template.tags import FieldsBySheet, TagFault, find_tags
from merge.template.template import FaultyTemplateError, compile_template
from support.documents import docx
from support.filled_letters import texts

SHEETS = {"signer": "Signers", "recipient": "Recipients", "settings": "Settings"}
HEADINGS = {
    "signer": frozenset({"name"}),
    "recipient": frozenset({"name", "city", "full_name", "items"}),
    "settings": frozenset({"deadline"}),
}


@dataclass(frozen=True)
class Draft:
    """A template's text, one paragraph a line, and its workbook's columns."""

    text: str
    headings: dict[str, frozenset[str]] = field(default_factory=lambda: dict(HEADINGS))

    @property
    def columns(self) -> FieldsBySheet:
        return FieldsBySheet(self.headings, "", frozenset({"Name", "City"}))

    def problems(self) -> list[Problem]:
        """Return the problems that a check reports for the template."""
        package = parse_package(docx(self.text), "a.docx")
        available = AvailableFields(self.headings, SHEETS)
        try:
            compiled = compile_template(package, self.columns)
        except FaultyTemplateError as error:
            known = [use for use in error.uses if use[0].root in self.headings]
            return [*error.problems, *unknown_name_problems(known, available)]
        return [*compiled.problems, *unknown_name_problems(compiled.uses, available)]

    def letter(self) -> str:
        """Return the text of a letter, each cell with one word."""
        fields = {root: dict.fromkeys(names, "Value") for root, names in self.headings.items()}
        values: TemplateValues = {**fields, "date": "Value"}
        compiled = compile_template(parse_package(docx(self.text), "a.docx"), self.columns)
        return "\n".join(texts(compiled.fill(freeze(values))))


def applied(draft: Draft, problem: Problem, choice: int = 0) -> Draft:
    """Return the draft after the hint was applied.

    If there are several ways, `choice` is the number of one. Raise AssertionError if the hint says
    nothing that can be done.
    """
    ways = list(_ways(draft, problem))
    assert ways, f"nothing to apply: {problem.code}: {problem.what} {problem.hint}"
    return ways[min(choice, len(ways) - 1)]


def _ways(draft: Draft, problem: Problem) -> Iterator[Draft]:
    """Yield every draft that a hint leads to, in the order of the hint."""
    start, end = _piece(draft.text, problem)
    hint = str(problem.hint)
    matches = [(m.start(), m, do) for say, do in _RULES for m in re.finditer(say, hint)]
    for _, match, do in sorted(matches, key=lambda rule: rule[0]):
        yield do(draft, (start, end), match)


def _piece(text: str, problem: Problem) -> tuple[int, int]:
    """Return the position of the piece that a problem names."""
    for tag in find_tags(text):
        if isinstance(tag, TagFault):
            if tag.fault.what == problem.what:
                closed = re.match(r"\{\{(?:[-+].*?[-+]?|\s*)\}\}", text[tag.start :])
                return tag.start, tag.start + (closed.end() if closed else 2)
            continue
        if _plain(text[tag.start : tag.end]) in _plain(problem.what):
            return tag.start, tag.end
    quoted = re.match("“(.*?)”", problem.what)
    piece = quoted[1] if quoted else problem.what.partition(" is ")[0]
    return text.index(piece), text.index(piece) + len(piece)


def _plain(text: str) -> str:
    return re.sub(r"\s", "", text).lower().replace("'", '"')


Span = tuple[int, int]


def _put(draft: Draft, span: Span, new: str) -> Draft:
    return replace(draft, text=draft.text[: span[0]] + new + draft.text[span[1] :])


def _write(draft: Draft, span: Span, match: re.Match[str]) -> Draft:
    """Replace the piece.

    Of `{% if x %}…{% endif %}` only the beginning is replaced: the hint names the end itself.
    """
    before = draft.text[: span[0]]
    if draft.text[span[0] : span[1]] in {"}}", "%}"}:  # a name before it belongs to it
        name = re.search(r"[\w.]+\s*$", before)
        span = (name.start() if name else span[0], span[1])
    return _put(draft, span, match[1].split("…")[0])


def _add_column(draft: Draft, span: Span, match: re.Match[str]) -> Draft:
    root, _, name = match[2].strip("{ }").partition(".")
    wider = {**draft.headings, root: draft.headings[root] | {name}}
    return _put(replace(draft, headings=wider), span, match[2])


def _rename(draft: Draft, span: Span, match: re.Match[str]) -> Draft:
    return _put(draft, span, f"{{{{ {match[1]} }}}}")


def _close(draft: Draft, span: Span, match: re.Match[str]) -> Draft:
    """Close a placeholder after its name, or a comment after its first word."""
    rest = draft.text[span[1] :]
    name = re.match(r"\s*[\w.]+", rest)
    at = span[1] + (name.end() if name else 0)
    return _put(draft, (at, at), f" {match[1]}")


def _open(draft: Draft, span: Span, match: re.Match[str]) -> Draft:
    name = re.search(r"[\w.]+\s*$", draft.text[: span[0]])
    at = name.start() if name else span[0]
    return _put(draft, (at, at), f"{match[1]} ")


def _spaced(draft: Draft, span: Span, match: re.Match[str]) -> Draft:
    return _put(draft, span, match[1])


def _without(draft: Draft, span: Span, match: re.Match[str]) -> Draft:
    removed = set(match[1]) & set("-+#")
    return _put(draft, span, "".join(c for c in draft.text[slice(*span)] if c not in removed))


def _delete(draft: Draft, span: Span, _: re.Match[str]) -> Draft:
    return _put(draft, span, "")


def _add(draft: Draft, _: Span, match: re.Match[str]) -> Draft:
    return replace(draft, text=draft.text + match[1])


def _known_filter(draft: Draft, span: Span, match: re.Match[str]) -> Draft:
    piece = re.sub(r"\|\s*\w+", f"|{match[1]}", draft.text[slice(*span)])
    return _put(draft, span, piece)


def _small(draft: Draft, span: Span, _: re.Match[str]) -> Draft:
    return _put(draft, span, draft.text[slice(*span)].lower())


def _equals(draft: Draft, span: Span, _: re.Match[str]) -> Draft:
    return _put(draft, span, draft.text[slice(*span)].replace("=", "=="))


_RULES: Sequence[tuple[str, Callable[[Draft, Span, re.Match[str]], Draft]]] = (
    (r"[Aa]dd a “\S+” (column|row).*?, then write (\{\{.*?\}\})", _add_column),
    (r"(?<!then )(?:[Ww]rite|mean|or) (\{[{%].*?[}%]\})", _write),
    (r"(?:mean|write) (\w+\.\w+)(?=\?| in the)", _rename),
    (r"write (\([\w ]+\)|[%$] \w+ [%$])", _write),
    (r"quotation marks: (“.*?”)", _write),
    (r"Add (\}\}|%\}|#\})", _close),
    (r"[Ww]rite ([{}#%] ?[{}#%]) with a space", _spaced),
    (r"Start it with (\{\{|\{%)", _open),
    (r"Delete the ([-+#] or [-+#]|#)", _without),
    (r"[Dd]elete (?:it|this placeholder)\b", _delete),
    (r"Add (\{%.*?%\})", _add),
    (r"mean \|(\w+)\?", _known_filter),
    (r"in lower case", _small),
    (r"two equals signs", _equals),
)
"""Patterns of hints, and the function that applies each.

Every hint of a text must match at least one of them.
"""
