"""Fields in the whole: those that ask for their page are asked again, all others say what they say.

ECMA-376 part 1, 17.16.5. In the whole a field would speak of all letters: its title, the number of
all pages, the nearest heading of somebody else's letter. The page a field stands on is its own
letter's, and how many pages there are is asked of its section.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from merge.ooxml.fields import Field, Story, read_stories
from merge.ooxml.wordml import Element, W, remove

_LIVING = {
    *("PAGE", "NUMPAGES", "SECTIONPAGES", "DATE", "TIME", "IF", "COMPARE", "=", "HYPERLINK", "EQ"),
    *("SYMBOL", "ADVANCE", "QUOTE", "FORMTEXT", "FORMCHECKBOX", "FORMDROPDOWN", "LISTNUM"),
    *("AUTONUM", "AUTONUMLGL", "AUTONUMOUT", "BIDIOUTLINE", "SHAPE"),
}
_PAGES = re.compile(r"\bNUMPAGES\b", re.IGNORECASE)
_INSTR = W + "instr"


def has_page_count(root: Element) -> bool:
    """Whether a part says how many pages there are."""
    codes = (e.text or "" for e in root.iter(W + "instrText"))
    simple = (e.get(_INSTR, "") for e in root.iter(W + "fldSimple"))
    return _PAGES.search("".join((*codes, " ", *simple))) is not None


def settle_fields(root: Element, counting: str, pages: int) -> None:
    """Leave no field in a part that would speak of another letter.

    `counting` is the code that counts the letter's pages, `pages` what it says, 0 if not known.
    """
    if next(root.iter(W + "fldChar", W + "fldSimple"), None) is None:
        return
    for story in read_stories(root):
        for field in _all(story.fields):
            code = _code(story, field)
            kind = _kind(code)
            if kind == "NUMPAGES":
                _recode(story, field, _PAGES.sub(counting, code))
                _say(story, field, pages)
            elif kind not in _LIVING and field.is_closed:
                _unwrap(story, field)


def _all(fields: Sequence[Field]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from _all(field.inner)


def _coded(story: Story, field: Field) -> list[Element]:
    """The elements that hold a field's own code, without that of fields in it."""
    inner = {n for f in field.in_code for n in range(f.start, f.end + 1)}
    stop = field.separator if field.separator >= 0 else field.end
    leaves = (story.leaves[n] for n in range(field.start, stop) if n not in inner)
    return [leaf.element for leaf in leaves if leaf.element.tag == W + "instrText"]


def _code(story: Story, field: Field) -> str:
    if story.is_simple(field):
        return str(story.leaves[field.start].element.get(_INSTR, ""))
    return "".join(e.text or "" for e in _coded(story, field))


def _kind(code: str) -> str:
    """The field's kind in capitals; `=` for a formula."""
    words = code.upper().split()
    return "=" if code.lstrip().startswith("=") else words[0] if words else ""


def _recode(story: Story, field: Field, code: str) -> None:
    if story.is_simple(field):
        story.leaves[field.start].element.set(_INSTR, code)
        return
    first, *others = _coded(story, field)
    first.text = code
    for element in others:
        element.text = ""


def _say(story: Story, field: Field, pages: int) -> None:
    """Put the number of pages into a result that is a plain number."""
    result = story.leaves[field.separator + 1 : field.end] if field.separator >= 0 else ()
    texts = [leaf.element for leaf in result if leaf.element.tag == W + "t"]
    if pages and "".join(t.text or "" for t in texts).strip().isdecimal():
        for element in texts:
            element.text = ""
        texts[0].text = str(pages)


def _unwrap(story: Story, field: Field) -> None:
    """Leave the text that a field shows."""
    first = story.leaves[field.start].element
    if story.is_simple(field):
        for child in list(first):
            first.addprevious(child)
        remove(first)
        return
    stop = field.separator if field.separator >= 0 else field.end
    for leaf in (*story.leaves[field.start : stop + 1], story.leaves[field.end]):
        if leaf.kind not in {"paragraph", "close", "open"}:
            remove(leaf.element)
