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
    walk_fields,
)
from merge.ooxml.wordml import OBJECT, XML_SPACE, Element, W, remove, unwrap
from merge.template.field_expressions import compares_constants

# Addresses.

_ALLOWED_START = re.compile(r"https?://|mailto:(?![/\\])|tel:(?![/\\])|#", re.IGNORECASE)
"""How an address begins that a link may have."""

_WEB_SERVER = re.compile(
    r"(?:[^\s/?#\\@:%<>\"'|^`{}\[\],;⁄∕⧸╱]+|\[[0-9a-f:.]+\])(?::\d*)?", re.IGNORECASE
)
"""The server of a page: no name and password in front of it, nothing that only looks like /."""

COMPLETE_TAG = re.compile(
    r"\{\{(?:(?!\{\{).)*?\}\}|\{%(?:(?!\{%).)*?%\}|\{#(?:(?!\{#).)*?#\}", re.DOTALL
)
"""Half a tag is no fault outside of Word's text: JSON and field codes hold braces too."""
_QUOTED_TAG = re.compile(r"%7B%7B(?:(?!%7B%7B).)*?%7D%7D", re.IGNORECASE)
LOCAL_PATH = re.compile(
    r"(?<![^\W_])[A-Za-z]:[\\/](?=\S)|\\\\\w|(?<![\w./:])/(?:Users|home|Volumes)/|\bfile:(?=[\\/])"
)
"""How a path on somebody's computer begins; the `s:/` of a web address is none."""


def is_allowed_address(address: str) -> bool:
    """Return whether a link may lead to an address: to a page, an email, a telephone, a mark.

    The mere beginning of one leads nowhere.
    """
    address = address.strip()
    found = _ALLOWED_START.match(address)
    if found is None or "://" not in found.group() or address == found.group():
        return found is not None
    server = unquote(re.split("[/?#]", address[found.end() :], maxsplit=1)[0])
    plain = unicodedata.normalize("NFKC", server)
    return _WEB_SERVER.fullmatch(plain) is not None and plain.isprintable() and "\\" not in address


def is_allowed_with_tags(address: str) -> bool:
    """Return whether a link may lead to an address with tags, as far as its own words say.

    What the tags print is judged when they do.
    """
    words = COMPLETE_TAG.split(unquote_tags(address))
    if len(words) == 1:
        return is_allowed_address(address)
    if is_allowed_address(words[0]):
        return True
    return not words[0].strip() and all(map(_is_harmless_text, words[1:]))


def is_harmless_suffix(text: str) -> bool:
    """Return whether a text cannot begin an address, if what stands before it is blank."""
    return ":" not in text and "\\" not in text and not text.strip().startswith(("/", "."))


def _is_harmless_text(words: str) -> bool:
    return is_allowed_address(words) or not re.search(r":|\\|^\s*//", words)


def unquote_tags(address: str) -> str:
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
_DATA_FIELDS = {
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

_FETCHING_FIELDS = "fields that fetch data from elsewhere"
INDEX_ENTRIES = "entries for an index or a table of contents"
UNUSED_IF_TEXTS = "texts of IF fields that never show"
OUTSIDE_LINKS = "links to files and programs"
_FIELD_MARKS = (W + "fldChar", W + "instrText", W + "delInstrText", W + "fldSimple")


@dataclass(slots=True)
class FieldCleaner:
    """Takes fields out of the parts of a template.

    `told` counts what a reader might miss, `prompts` has the words of fields to click on, each
    with the text that shows them; `entries` says that those of indexes and tables of contents
    stay, and texts that never show.
    """

    removal_counts: Counter[str]
    keep_entries: bool = False
    prompts: list[tuple[Element, str]] = field(default_factory=list)
    _is_code_changed: bool = False

    def clean(self, root: Element) -> bool:
        """Leave those fields of a part that may stay; return whether anything went.

        No mark of a field stays that is none of a field which was looked at: Word and LibreOffice
        see fields in places where nobody else looks for them.
        """
        found = list(root.iter(*_FIELD_MARKS))
        if not found:
            return False
        changed, kept = False, set[Element]()
        self._is_code_changed = False
        for story in read_stories(root):
            for top in story.fields:
                if top.too_deep and not story.is_copy:  # refused where tags are read
                    kept.update(leaf.element for leaf in story.pieces[top.start :])
                elif not top.too_deep:
                    for each in walk_fields([top]):
                        gone = self._remove_unless_allowed(story, each)
                        changed |= gone
                        kept.update(() if gone else _field_elements(story, each))
        strays = [e for e in found if e not in kept and not _is_handled_elsewhere(e)]
        for element in strays:
            (unwrap if element.tag == W + "fldSimple" else remove)(element)
        return changed or self._is_code_changed or bool(strays)

    def _remove_unless_allowed(self, story: Story, each: Field) -> bool:
        """Take a field out unless it may stay; return whether it went."""
        code = field_code(story, each)
        kind = _normalised_kind(code[0].text) if code else ""
        never_changes = kind == "IF" and not self.keep_entries and _never_changes(story, each, code)
        if code and code[0].fields:
            self.removal_counts[_FETCHING_FIELDS] += 1
        elif not never_changes and self._is_allowed_field(story, kind, code):
            self._is_code_changed |= kind == "HYPERLINK" and _remove_tooltips(story, each, code)
            return False
        elif kind == "IF":
            self.removal_counts[UNUSED_IF_TEXTS] += 1
        elif kind in _ENTRY_FIELDS:
            self.removal_counts[INDEX_ENTRIES] += 1
            for leaf in story.pieces[each.start : each.end] if each.is_closed else ():
                remove(leaf.element)
        elif kind in {"MACROBUTTON", "GOTOBUTTON"}:
            self._show_code_words(story, each)
        elif kind not in _RESULT_FIELDS:
            self.removal_counts[OUTSIDE_LINKS if kind == "HYPERLINK" else _FETCHING_FIELDS] += 1
        remove_field(story, each)
        return True

    def _is_allowed_field(self, story: Story, kind: str, code: Sequence[CodeToken]) -> bool:
        """Return whether a field of a kind may stay, by what stands behind the kind."""
        if kind == "HYPERLINK":
            return _is_allowed_hyperlink(story, code[1:])
        if kind in _DISPLAY_FIELDS:
            return not any(_is_path(token.text) for token in code)
        return (
            kind in _DATA_FIELDS or kind[:1] == "=" or (self.keep_entries and kind in _ENTRY_FIELDS)
        )

    def _show_code_words(self, story: Story, each: Field) -> None:
        """Put the words that a field's code shows in the place of its result."""
        items = [item for item in code_items(story, each) if isinstance(item, CodeChar)]
        text = "".join(item.char for item in items)
        start = _WORD_FIELDS.match(text)
        words = text[start.end() :].replace(OBJECT, "") if start else ""
        if not start or not words.strip():
            return
        results = story.pieces[each.separator + 1 : each.end] if each.separator >= 0 else ()
        for leaf in results:
            if leaf.kind == "content":
                remove(leaf.element)
        first = items[start.end()].element
        shown = first.makeelement(W + "t", {XML_SPACE: "preserve"})
        shown.text = words.strip("\n\u2029")
        if first.tag == W + "fldSimple":
            run = first.makeelement(W + "r")
            run.append(shown)
            first.insert(0, run)
        else:
            first.addprevious(shown)
        if not story.is_copy:
            self.prompts.append((shown, " ".join(words.split())))


def _is_handled_elsewhere(stray: Element) -> bool:
    """Return whether a mark without a field is gone already, or refused later, for a tag in it."""
    return stray.getparent() is None or COMPLETE_TAG.search(stray.text or "") is not None


def _normalised_kind(word: str) -> str:
    """A field's kind in capitals; signs that do not show are no part of it."""
    return "".join(c for c in word.upper() if c.isalnum() or c == "=")


def _field_elements(story: Story, each: Field) -> Iterator[Element]:
    """Yield a field's marks and its code; the results of fields in a code are code as well."""
    yield from (leaf.element for leaf in story.code_pieces(each))
    yield from (story.pieces[at].element for at in (each.separator, each.end) if at >= 0)


def _is_path(text: str) -> bool:
    return "://" in text or LOCAL_PATH.search(text) is not None


def _is_allowed_hyperlink(story: Story, arguments: Sequence[CodeToken]) -> bool:
    """Return whether the link of a HYPERLINK may stay; one with a merge field is told later."""
    behind = ""
    for token in arguments:
        if token.is_switch:
            behind = token.text.lower()
            continue
        if token.fields:
            kinds = {
                _normalised_kind(c[0].text) for f in token.fields if (c := field_code(story, f))
            }
            stays = not story.is_copy and kinds <= {"MERGEFIELD"}
        elif behind == "\\l":
            stays = not _is_path(token.text)
        else:
            stays = behind in {"\\o", "\\t"} or is_allowed_with_tags(token.text)
        if not stays:
            return False
        behind = ""
    return True


def _never_changes(story: Story, each: Field, code: Sequence[CodeToken]) -> bool:
    """Return whether an IF can only ever show what it shows now: its other text is for nobody."""
    words = "".join(token.text for token in code)
    kinds = {field_kind(field_code(story, inner)) for inner in walk_fields(each.code_fields)}
    result = story.pieces[each.separator + 1 : each.end] if each.separator >= 0 else ()
    shows = any(leaf.kind == "content" for leaf in result)
    usable = shows and "{" not in words and kinds <= _DISPLAY_FIELDS
    return usable and compares_constants(code)


def _remove_tooltips(story: Story, each: Field, code: Sequence[CodeToken]) -> bool:
    """Take the tip of a HYPERLINK out of its code, and the name of the frame that it opens in.

    Return whether there were any.
    """
    if any(token.fields for token in code) or not any(
        token.is_switch and token.text.lower() in {"\\o", "\\t"} for token in code
    ):
        return False
    words, behind = [], ""
    for token in code:
        if behind not in {"\\o", "\\t"} and token.text.lower() not in {"\\o", "\\t"}:
            words.append(f'"{token.text}"' if token.is_quoted else token.text)
        behind = token.text.lower() if token.is_switch else ""
    written = f" {' '.join(words)} "
    first = story.pieces[each.start].element
    if story.is_simple(each):
        first.set(W + "instr", written)
        return True
    items = (item for token in code for item in token.items if isinstance(item, CodeChar))
    for number, element in enumerate(dict.fromkeys(item.element for item in items)):
        element.text = "" if number else written
    return True
