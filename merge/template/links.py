"""Decide which addresses and fields a letter may contain.

Both are lists of what may stay, not of what may not: a harmful address or field can be written in
many ways. ECMA-376 part 1, 17.16.5 (fields).
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
    WordField,
    WordStory,
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
"""The start of an address that a link may have."""

_WEB_SERVER = re.compile(
    r"(?:[^\s/?#\\@:%<>\"'|^`{}\[\],;⁄∕⧸╱]+|\[[0-9a-f:.]+\])(?::\d*)?", re.IGNORECASE
)
"""The server of a page: no name and password before
it, no character that only looks like /."""

COMPLETE_TAG = re.compile(
    r"\{\{(?:(?!\{\{).)*?\}\}|\{%(?:(?!\{%).)*?%\}|\{#(?:(?!\{#).)*?#\}", re.DOTALL
)
"""A complete tag. Half a tag is only a fault in Word's
text: JSON and field codes contain braces too."""
_QUOTED_TAG = re.compile(r"%7B%7B(?:(?!%7B%7B).)*?%7D%7D", re.IGNORECASE)
LOCAL_PATH = re.compile(
    r"(?<![^\W_])[A-Za-z]:[\\/](?=\S)|\\\\\w|(?<![\w./:])/(?:Users|home|Volumes)/|\bfile:(?=[\\/])"
)
"""The start of a path on a computer; the
`s:/` of a web address is not one."""


def is_allowed_address(address: str) -> bool:
    """Return whether a link may lead to an address.

    Allowed are pages, email addresses, telephone numbers and bookmarks. The start of an address
    alone is also allowed, because it leads nowhere.
    """
    address = address.strip()
    match = _ALLOWED_START.match(address)
    if match is None or "://" not in match.group() or address == match.group():
        return match is not None
    server = unquote(re.split("[/?#]", address[match.end() :], maxsplit=1)[0])
    normalised = unicodedata.normalize("NFKC", server)
    return (
        _WEB_SERVER.fullmatch(normalised) is not None
        and normalised.isprintable()
        and "\\" not in address
    )


def is_allowed_with_tags(address: str) -> bool:
    """Return whether a link may lead to an address with tags.

    Only its words are checked. The values of the tags are checked when a letter is filled.
    """
    words = COMPLETE_TAG.split(unquote_tags(address))
    if len(words) == 1:
        return is_allowed_address(address)
    if is_allowed_address(words[0]):
        return True
    return not words[0].strip() and all(map(_is_harmless_text, words[1:]))


def is_harmless_suffix(text: str) -> bool:
    """Return whether the text after a blank value cannot start an address."""
    return ":" not in text and "\\" not in text and not text.strip().startswith(("/", "."))


def _is_harmless_text(words: str) -> bool:
    return is_allowed_address(words) or not re.search(r":|\\|^\s*//", words)


def unquote_tags(address: str) -> str:
    """Return a link's address with the placeholders as typed.

    Word writes braces as %7B and %7D.
    """
    return _QUOTED_TAG.sub(lambda match: unquote(match.group()), address)


# Fields that only show something stay; all others are replaced by the text that they show.
#
# DDE and INCLUDETEXT can be written in many ways, and USERNAME names the person who opens the
# letter. Only the results of SHAPE, CITATION and BIBLIOGRAPHY are needed in a letter.

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
"""Fields whose codes contain patterns, texts and data. Mail
merge is replaced by tags or reported later."""
_RESULT_FIELDS = {"SHAPE", "CITATION", "BIBLIOGRAPHY"}
_ENTRY_FIELDS = {"XE", "TC", "TA"}
_WORD_FIELDS = re.compile(r"\s*(?:MACROBUTTON|GOTOBUTTON)\s+\S+\s?", re.IGNORECASE)
"""The code of such a field before the words that it shows."""

_FETCHING_FIELDS = "fields that fetch data from elsewhere"
INDEX_ENTRIES = "entries for an index or a table of contents"
UNUSED_IF_TEXTS = "texts of IF fields that never show"
OUTSIDE_LINKS = "links to files and programs"
_FIELD_MARKS = (W + "fldChar", W + "instrText", W + "delInstrText", W + "fldSimple")


@dataclass(slots=True)
class FieldCleaner:
    """Removes Word fields from the parts of a template.

    `removal_counts` counts what a reader might miss. `prompts` has the words of fields to click on,
    each with the text that shows them. With `keep_entries`, fields of indexes and tables of
    contents stay, and texts that are never shown.
    """

    removal_counts: Counter[str]
    keep_entries: bool = False
    prompts: list[tuple[Element, str]] = field(default_factory=list)
    _is_code_changed: bool = False

    def clean(self, root: Element) -> bool:
        """Remove fields that a letter must not have; return whether any was found.

        Every mark of a field that does not belong to a checked field is removed. Word and
        LibreOffice see fields even in unusual places.
        """
        marks = list(root.iter(*_FIELD_MARKS))
        if not marks:
            return False
        changed, kept_elements = False, set[Element]()
        self._is_code_changed = False
        for story in read_stories(root):
            for top in story.fields:
                if top.too_deep and not story.is_copy:  # refused when tags are read
                    kept_elements.update(leaf.element for leaf in story.pieces[top.start :])
                elif not top.too_deep:
                    for word_field in walk_fields([top]):
                        is_removed = self._remove_unless_allowed(story, word_field)
                        changed |= is_removed
                        kept_elements.update(
                            () if is_removed else _field_elements(story, word_field)
                        )
        strays = [e for e in marks if e not in kept_elements and not _is_handled_elsewhere(e)]
        for element in strays:
            (unwrap if element.tag == W + "fldSimple" else remove)(element)
        return changed or self._is_code_changed or bool(strays)

    def _remove_unless_allowed(self, story: WordStory, word_field: WordField) -> bool:
        """Remove a field unless letters may have it; return whether it is gone."""
        code = field_code(story, word_field)
        kind = _normalised_kind(code[0].text) if code else ""
        is_constant = (
            kind == "IF" and not self.keep_entries and _never_changes(story, word_field, code)
        )
        if code and code[0].fields:
            self.removal_counts[_FETCHING_FIELDS] += 1
        elif not is_constant and self._is_allowed_field(story, kind, code):
            self._is_code_changed |= kind == "HYPERLINK" and _remove_tooltips(
                story, word_field, code
            )
            return False
        elif kind == "IF":
            self.removal_counts[UNUSED_IF_TEXTS] += 1
        elif kind in _ENTRY_FIELDS:
            self.removal_counts[INDEX_ENTRIES] += 1
            for leaf in (
                story.pieces[word_field.start : word_field.end] if word_field.is_closed else ()
            ):
                remove(leaf.element)
        elif kind in {"MACROBUTTON", "GOTOBUTTON"}:
            self._show_code_words(story, word_field)
        elif kind not in _RESULT_FIELDS:
            self.removal_counts[OUTSIDE_LINKS if kind == "HYPERLINK" else _FETCHING_FIELDS] += 1
        remove_field(story, word_field)
        return True

    def _is_allowed_field(self, story: WordStory, kind: str, code: Sequence[CodeToken]) -> bool:
        """Return whether letters may have a field of this kind and arguments."""
        if kind == "HYPERLINK":
            return _is_allowed_hyperlink(story, code[1:])
        if kind in _DISPLAY_FIELDS:
            return not any(_is_path(token.text) for token in code)
        return (
            kind in _DATA_FIELDS or kind[:1] == "=" or (self.keep_entries and kind in _ENTRY_FIELDS)
        )

    def _show_code_words(self, story: WordStory, word_field: WordField) -> None:
        """Replace a field's result by the words that the field code shows."""
        items = [item for item in code_items(story, word_field) if isinstance(item, CodeChar)]
        text = "".join(item.char for item in items)
        start = _WORD_FIELDS.match(text)
        words = text[start.end() :].replace(OBJECT, "") if start else ""
        if not start or not words.strip():
            return
        results = (
            story.pieces[word_field.separator + 1 : word_field.end]
            if word_field.separator >= 0
            else ()
        )
        for leaf in results:
            if leaf.kind == "content":
                remove(leaf.element)
        first_element = items[start.end()].element
        text_element = first_element.makeelement(W + "t", {XML_SPACE: "preserve"})
        text_element.text = words.strip("\n\u2029")
        if first_element.tag == W + "fldSimple":
            run = first_element.makeelement(W + "r")
            run.append(text_element)
            first_element.insert(0, run)
        else:
            first_element.addprevious(text_element)
        if not story.is_copy:
            self.prompts.append((text_element, " ".join(words.split())))


def _is_handled_elsewhere(stray: Element) -> bool:
    """Return whether a mark without a field needs no removal here.

    Either it is already removed, or it contains a tag and is refused later.
    """
    return stray.getparent() is None or COMPLETE_TAG.search(stray.text or "") is not None


def _normalised_kind(word: str) -> str:
    """Return a field's kind in capitals, without invisible characters."""
    return "".join(c for c in word.upper() if c.isalnum() or c == "=")


def _field_elements(story: WordStory, word_field: WordField) -> Iterator[Element]:
    """Yield the elements of a field's marks and of its code.

    The results of fields inside a code are code as well.
    """
    yield from (leaf.element for leaf in story.code_pieces(word_field))
    yield from (
        story.pieces[index].element
        for index in (word_field.separator, word_field.end)
        if index >= 0
    )


def _is_path(text: str) -> bool:
    return "://" in text or LOCAL_PATH.search(text) is not None


def _is_allowed_hyperlink(story: WordStory, arguments: Sequence[CodeToken]) -> bool:
    """Return whether a HYPERLINK may stay.

    One with a merge field is reported later.
    """
    last_switch = ""
    for token in arguments:
        if token.is_switch:
            last_switch = token.text.lower()
            continue
        if token.fields:
            kinds = {
                _normalised_kind(c[0].text) for f in token.fields if (c := field_code(story, f))
            }
            is_allowed_token = not story.is_copy and kinds <= {"MERGEFIELD"}
        elif last_switch == "\\l":
            is_allowed_token = not _is_path(token.text)
        else:
            is_allowed_token = last_switch in {"\\o", "\\t"} or is_allowed_with_tags(token.text)
        if not is_allowed_token:
            return False
        last_switch = ""
    return True


def _never_changes(story: WordStory, word_field: WordField, code: Sequence[CodeToken]) -> bool:
    """Return whether an IF field always shows the same text.

    Then its other text is never shown to anyone.
    """
    code_text = "".join(token.text for token in code)
    kinds = {field_kind(field_code(story, inner)) for inner in walk_fields(word_field.code_fields)}
    result = (
        story.pieces[word_field.separator + 1 : word_field.end] if word_field.separator >= 0 else ()
    )
    shows = any(leaf.kind == "content" for leaf in result)
    is_constant = shows and "{" not in code_text and kinds <= _DISPLAY_FIELDS
    return is_constant and compares_constants(code)


def _remove_tooltips(story: WordStory, word_field: WordField, code: Sequence[CodeToken]) -> bool:
    """Remove a HYPERLINK's tooltip and the name of its target frame.

    Return whether there were any.
    """
    if any(token.fields for token in code) or not any(
        token.is_switch and token.text.lower() in {"\\o", "\\t"} for token in code
    ):
        return False
    words, last_switch = [], ""
    for token in code:
        if last_switch not in {"\\o", "\\t"} and token.text.lower() not in {"\\o", "\\t"}:
            words.append(f'"{token.text}"' if token.is_quoted else token.text)
        last_switch = token.text.lower() if token.is_switch else ""
    new_code = f" {' '.join(words)} "
    first_element = story.pieces[word_field.start].element
    if story.is_simple(word_field):
        first_element.set(W + "instr", new_code)
        return True
    items = (item for token in code for item in token.items if isinstance(item, CodeChar))
    for number, element in enumerate(dict.fromkeys(item.element for item in items)):
        element.text = "" if number else new_code
    return True
