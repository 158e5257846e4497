"""Where a letter may lead to: the addresses of its links, and the fields that may stay in it.

Both are lists of what may stay, not of what may not: an address or a field that does harm can be
written in many ways. ECMA-376 part 1, 17.16.5 (fields).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from merge.ooxml.fields import (
    CodeChar,
    CodeToken,
    Field,
    Story,
    code_items,
    field_code,
    field_kind,
    read_stories,
    remove_field,
    with_nested,
)
from merge.ooxml.wordml import OBJECT, PRESERVE, Element, W, remove, unwrap
from merge.template.field_expressions import compares_constants

# Addresses.

_ALLOWED = re.compile(r"https?://|mailto:(?![/\\])|tel:(?![/\\])|#", re.IGNORECASE)
"""How an address begins that a link may have."""

_SERVER = re.compile(
    r"(?:[^\s/?#\\@:%<>\"'|^`{}\[\],;⁄∕⧸╱]+|\[[0-9a-f:.]+\])(?::\d*)?", re.IGNORECASE
)
"""The server of a page: no name and password in front of it, nothing that only looks like /."""

WHOLE_TAG = re.compile(
    r"\{\{(?:(?!\{\{).)*?\}\}|\{%(?:(?!\{%).)*?%\}|\{#(?:(?!\{#).)*?#\}", re.DOTALL
)
"""Half a tag is no fault outside of Word's text: JSON and field codes hold braces too."""
_QUOTED_TAG = re.compile(r"%7B%7B(?:(?!%7B%7B).)*?%7D%7D", re.IGNORECASE)
LOCAL_PATH = re.compile(
    r"(?<![^\W_])[A-Za-z]:[\\/](?=\S)|\\\\\w|(?<![\w./:])/(?:Users|home|Volumes)/|\bfile:(?=[\\/])"
)
"""How a path on somebody's computer begins; the `s:/` of a web address is none."""


def is_allowed(address: str) -> bool:
    """Return whether a link may lead to an address: to a page, an email, a telephone, a mark.

    The mere beginning of one leads nowhere.
    """
    address = address.strip()
    found = _ALLOWED.match(address)
    if found is None or "://" not in found.group() or address == found.group():
        return found is not None
    server = unquote(re.split("[/?#]", address[found.end() :], maxsplit=1)[0])
    plain = unicodedata.normalize("NFKC", server)
    return _SERVER.fullmatch(plain) is not None and plain.isprintable() and "\\" not in address


def may_be_allowed(address: str) -> bool:
    """Return whether a link may lead to an address with tags, as far as its own words say.

    What the tags print is judged when they do.
    """
    words = WHOLE_TAG.split(unquoted_tags(address))
    if len(words) == 1:
        return is_allowed(address)
    if is_allowed(words[0]):
        return True
    return not words[0].strip() and all(map(_is_harmless, words[1:]))


def is_harmless_behind(text: str) -> bool:
    """Return whether a text cannot begin an address, if what stands before it is blank."""
    return ":" not in text and "\\" not in text and not text.strip().startswith(("/", "."))


def _is_harmless(words: str) -> bool:
    return is_allowed(words) or not re.search(r":|\\|^\s*//", words)


def unquoted_tags(address: str) -> str:
    """Return an address with its tags as they were typed: Word writes braces as %7B and %7D."""
    return _QUOTED_TAG.sub(lambda found: unquote(found.group()), address)


# Fields that only show something stay; all others are left as the text they show.
#
# DDE and INCLUDETEXT can be written in many ways, and USERNAME names whoever opens the letter. Of
# SHAPE, CITATION and BIBLIOGRAPHY the result is all that a letter needs.

_DISPLAY_FIELDS = {
    *("PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "PAGEREF", "REF", "NOTEREF", "STYLEREF"),
    *("TITLE", "SUBJECT", "SEQ", "ADVANCE", "TOC", "TOA", "INDEX", "LISTNUM", "AUTONUM"),
    *("AUTONUMLGL", "AUTONUMOUT", "FORMTEXT", "FORMCHECKBOX", "FORMDROPDOWN", "BIDIOUTLINE"),
    *("NUMWORDS", "NUMCHARS", ""),
}
_FREE_FIELDS = {
    *("DATE", "TIME", "CREATEDATE", "SAVEDATE", "PRINTDATE", "SYMBOL", "QUOTE", "EQ"),
    *("DISPLAYBARCODE", "MERGEBARCODE", "BARCODE"),
    *("MERGEFIELD", "IF", "NEXT", "NEXTIF", "SKIPIF", "MERGEREC", "MERGESEQ", "ASK", "FILLIN"),
    *("ADDRESSBLOCK", "GREETINGLINE", "SET", "COMPARE", "="),
}
"""Those whose codes hold patterns, texts and data. Mail merge is turned into tags, or told, later.
"""
_RESULT_FIELDS = {"SHAPE", "CITATION", "BIBLIOGRAPHY"}
_ENTRY_FIELDS = {"XE", "TC", "TA"}
_WORD_FIELDS = re.compile(r"\s*(?:MACROBUTTON|GOTOBUTTON)\s+\S+\s?", re.IGNORECASE)
"""What stands before the words that such a field shows."""

_FETCHING = "fields that fetch data from elsewhere"
ENTRIES = "entries for an index or a table of contents"
UNCHOSEN = "texts of IF fields that never show"
LEADING_OUT = "links to files and programs"
_MARKS = (W + "fldChar", W + "instrText", W + "delInstrText", W + "fldSimple")


@dataclass(slots=True)
class FieldCleaner:
    """Takes fields out of the parts of a template.

    `told` counts what a reader might miss, `prompts` has the words of fields to click on, each
    with the text that shows them; `entries` says that those of indexes and tables of contents
    stay, and texts that never show.
    """

    told: Counter[str]
    entries: bool = False
    prompts: list[tuple[Element, str]] = field(default_factory=list)
    _recoded: bool = False

    def clean(self, root: Element) -> bool:
        """Leave those fields of a part that may stay; return whether anything went.

        No mark of a field stays that is none of a field which was looked at: Word and LibreOffice
        see fields in places where nobody else looks for them.
        """
        found = list(root.iter(*_MARKS))
        if not found:
            return False
        changed, kept = False, set[Element]()
        self._recoded = False
        for story in read_stories(root):
            for top in story.fields:
                if top.too_deep and not story.is_copy:  # refused where tags are read
                    kept.update(leaf.element for leaf in story.leaves[top.start :])
                elif not top.too_deep:
                    for each in with_nested([top]):
                        gone = self._settle(story, each)
                        changed |= gone
                        kept.update(() if gone else _own_marks(story, each))
        strays = [e for e in found if e not in kept and not _stays(e)]
        for element in strays:
            (unwrap if element.tag == W + "fldSimple" else remove)(element)
        return changed or self._recoded or bool(strays)

    def _settle(self, story: Story, each: Field) -> bool:
        """Take a field out unless it may stay; return whether it went."""
        code = field_code(story, each)
        kind = _plain(code[0].text) if code else ""
        never_changes = kind == "IF" and not self.entries and _is_settled(story, each, code)
        if code and code[0].fields:
            self.told[_FETCHING] += 1
        elif not never_changes and self._stays(story, kind, code):
            self._recoded |= kind == "HYPERLINK" and _forget_tips(story, each, code)
            return False
        elif kind == "IF":
            self.told[UNCHOSEN] += 1
        elif kind in _ENTRY_FIELDS:
            self.told[ENTRIES] += 1
            for leaf in story.leaves[each.start : each.end] if each.is_closed else ():
                remove(leaf.element)
        elif kind in {"MACROBUTTON", "GOTOBUTTON"}:
            self._keep_words(story, each)
        elif kind not in _RESULT_FIELDS:
            self.told[LEADING_OUT if kind == "HYPERLINK" else _FETCHING] += 1
        remove_field(story, each)
        return True

    def _stays(self, story: Story, kind: str, code: Sequence[CodeToken]) -> bool:
        """Return whether a field of a kind may stay, by what stands behind the kind."""
        if kind == "HYPERLINK":
            return _leads_nowhere_else(story, code[1:])
        if kind in _DISPLAY_FIELDS:
            return not any(_is_path(token.text) for token in code)
        return kind in _FREE_FIELDS or kind[:1] == "=" or (self.entries and kind in _ENTRY_FIELDS)

    def _keep_words(self, story: Story, each: Field) -> None:
        """Put the words that a field's code shows in the place of its result."""
        items = [item for item in code_items(story, each) if isinstance(item, CodeChar)]
        text = "".join(item.char for item in items)
        start = _WORD_FIELDS.match(text)
        words = text[start.end() :].replace(OBJECT, "") if start else ""
        if not start or not words.strip():
            return
        results = story.leaves[each.separator + 1 : each.end] if each.separator >= 0 else ()
        for leaf in results:
            if leaf.kind == "content":
                remove(leaf.element)
        first = items[start.end()].element
        shown = first.makeelement(W + "t", {PRESERVE: "preserve"})
        shown.text = words.strip("\n\u2029")
        if first.tag == W + "fldSimple":
            run = first.makeelement(W + "r")
            run.append(shown)
            first.insert(0, run)
        else:
            first.addprevious(shown)
        if not story.is_copy:
            self.prompts.append((shown, " ".join(words.split())))


def _stays(stray: Element) -> bool:
    """Return whether a mark without a field is gone already, or refused later, for a tag in it."""
    return stray.getparent() is None or WHOLE_TAG.search(stray.text or "") is not None


def _plain(word: str) -> str:
    """A field's kind in capitals; signs that do not show are no part of it."""
    return "".join(c for c in word.upper() if c.isalnum() or c == "=")


def _own_marks(story: Story, each: Field) -> Iterator[Element]:
    """Yield a field's marks and its code; the results of fields in a code are code as well."""
    yield from (leaf.element for leaf in story.code_leaves(each))
    yield from (story.leaves[at].element for at in (each.separator, each.end) if at >= 0)


def _is_path(text: str) -> bool:
    return "://" in text or LOCAL_PATH.search(text) is not None


def _leads_nowhere_else(story: Story, arguments: Sequence[CodeToken]) -> bool:
    """Return whether the link of a HYPERLINK may stay; one with a merge field is told later."""
    behind = ""
    for token in arguments:
        if token.switch:
            behind = token.text.lower()
            continue
        if token.fields:
            kinds = {_plain(c[0].text) for f in token.fields if (c := field_code(story, f))}
            stays = not story.is_copy and kinds <= {"MERGEFIELD"}
        elif behind == "\\l":
            stays = not _is_path(token.text)
        else:
            stays = behind in {"\\o", "\\t"} or may_be_allowed(token.text)
        if not stays:
            return False
        behind = ""
    return True


def _is_settled(story: Story, each: Field, code: Sequence[CodeToken]) -> bool:
    """Return whether an IF can only ever show what it shows now: its other text is for nobody."""
    words = "".join(token.text for token in code)
    kinds = {field_kind(field_code(story, inner)) for inner in with_nested(each.in_code)}
    result = story.leaves[each.separator + 1 : each.end] if each.separator >= 0 else ()
    shows = any(leaf.kind == "content" for leaf in result)
    usable = shows and "{" not in words and kinds <= _DISPLAY_FIELDS
    return usable and compares_constants(code)


def _forget_tips(story: Story, each: Field, code: Sequence[CodeToken]) -> bool:
    """Take the tip of a HYPERLINK out of its code, and the name of the frame that it opens in.

    Return whether there were any.
    """
    if any(token.fields for token in code) or not any(
        token.switch and token.text.lower() in {"\\o", "\\t"} for token in code
    ):
        return False
    words, behind = [], ""
    for token in code:
        if behind not in {"\\o", "\\t"} and token.text.lower() not in {"\\o", "\\t"}:
            words.append(f'"{token.text}"' if token.quoted else token.text)
        behind = token.text.lower() if token.switch else ""
    written = f" {' '.join(words)} "
    first = story.leaves[each.start].element
    if story.is_simple(each):
        first.set(W + "instr", written)
        return True
    items = (item for token in code for item in token.items if isinstance(item, CodeChar))
    for number, element in enumerate(dict.fromkeys(item.element for item in items)):
        element.text = "" if number else written
    return True
