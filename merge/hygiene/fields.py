"""Fields that fetch or run something are left as the text they show (ECMA-376 part 1, 17.16.5)."""

from __future__ import annotations

from collections import Counter

from merge.hygiene.elements import W
from merge.tags import Element

_FETCHING = {
    *("DDE", "DDEAUTO", "INCLUDETEXT", "INCLUDEPICTURE", "INCLUDE", "LINK", "IMPORT", "DATABASE"),
    *("EMBED", "CONTROL", "HTMLACTIVEX", "RD", "PRINT", "AUTOTEXTLIST", "FILLIN", "ASK"),
}
_TOLD = "fields that fetch something from elsewhere"


def unwrap_fields(root: Element, told: Counter[str]) -> bool:
    """Take the codes of fetching fields out, and leave their results; whether there were any."""
    simple = [f for f in root.iter(W + "fldSimple") if _word(f.get(W + "instr", "")) in _FETCHING]
    for element in simple:
        _leave_children(element)
    spread = [field for field in _spread_fields(root) if _word(field.code) in _FETCHING]
    for field in spread:
        field.take_out()
    told[_TOLD] += len(simple) + len(spread)
    return bool(simple or spread)


def _word(code: str) -> str:
    return (code.split() or [""])[0].upper().lstrip("\\")


def _leave_children(field: Element) -> None:
    parent = field.getparent()
    if parent is not None:
        for child in list(field):
            field.addprevious(child)
        parent.remove(field)


class _Field:
    """A complex field: its marks, the pieces of its code, whether its result has begun."""

    def __init__(self, begin: Element) -> None:
        self.marks = [begin]
        self.codes: list[Element] = []
        self.in_result = False

    @property
    def code(self) -> str:
        return "".join(piece.text or "" for piece in self.codes)

    def take_out(self) -> None:
        for element in (*self.marks, *self.codes):
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)


def _spread_fields(root: Element) -> list[_Field]:
    """Every complex field of a part; one may stand in another's code."""
    found: list[_Field] = []
    open_fields: list[_Field] = []
    for element in root.iter(W + "fldChar", W + "instrText"):
        kind = element.get(W + "fldCharType")
        if kind == "begin":
            open_fields.append(_Field(element))
            found.append(open_fields[-1])
        elif open_fields and element.tag == W + "instrText":
            open_fields[-1].codes += [] if open_fields[-1].in_result else [element]
        elif open_fields:
            open_fields[-1].marks.append(element)
            open_fields[-1].in_result = True
            if kind == "end":
                open_fields.pop()
    return found
