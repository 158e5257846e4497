"""Fields that only show something stay; all others are left as the text they show.

ECMA-376 part 1, 17.16.5. A list of what may stay, not of what may not: DDE and INCLUDETEXT can be
written in many ways, and USERNAME names whoever opens the letter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from merge.ooxml.fields import Field, Story, code_of, read_stories
from merge.ooxml.wordml import Element

_SHOWING = {
    *("PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "PAGEREF", "REF", "NOTEREF", "STYLEREF"),
    *("DATE", "TIME", "CREATEDATE", "SAVEDATE", "PRINTDATE", "TITLE", "SUBJECT", "SEQ", "SYMBOL"),
    *("HYPERLINK", "QUOTE", "EQ", "ADVANCE", "TOC", "TC", "TA", "TOA", "INDEX", "XE", "LISTNUM"),
    *("AUTONUM", "AUTONUMLGL", "AUTONUMOUT", "FORMTEXT", "FORMCHECKBOX", "FORMDROPDOWN", "SHAPE"),
    *("BIDIOUTLINE", "NUMWORDS", "NUMCHARS", "CITATION", "BIBLIOGRAPHY", "GOTOBUTTON", ""),
}
_MERGING = {
    *("MERGEFIELD", "IF", "NEXT", "NEXTIF", "SKIPIF", "MERGEREC", "MERGESEQ", "ASK", "FILLIN"),
    *("ADDRESSBLOCK", "GREETINGLINE", "SET", "COMPARE", "="),
}
"""Word's mail merge: turned into tags, or told, where the tags are read."""

_TOLD = "fields that fetch something from elsewhere"


def unwrap_fields(root: Element, told: Counter[str]) -> bool:
    """Take the codes of other fields out, and leave their results; whether there were any."""
    changed = False
    for story in read_stories(root):
        for field in _all(story.fields):
            code = code_of(story, field)
            kind = _plain(code[0].text) if code else ""
            if kind not in _SHOWING | _MERGING and not kind.startswith("="):
                _unwrap(story, field)
                told[_TOLD] += 1
                changed = True
    return changed


def _plain(word: str) -> str:
    """A field's kind in capitals; signs that do not show are no part of it."""
    return "".join(c for c in word.upper() if c.isalnum() or c == "=")


def _all(fields: Sequence[Field]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from _all(field.inner)


def _unwrap(story: Story, field: Field) -> None:
    first = story.leaves[field.start].element
    if story.is_simple(field):
        for child in list(first):
            first.addprevious(child)
        _remove(first)
        return
    end = field.separator if field.separator >= 0 else field.end
    code = story.leaves[field.start : end + 1] if end >= 0 else story.leaves[field.start :]
    last = [story.leaves[field.end]] if field.end >= 0 else []
    for leaf in (*code, *last):
        if leaf.kind not in {"paragraph", "close"}:
            _remove(leaf.element)


def _remove(element: Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
