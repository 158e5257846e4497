"""Remove hidden text from a template, which letters must not contain.

Tags of conditions and loops that are hidden keep their effect.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from merge.ooxml.fields import WordField, WordStory, read_stories
from merge.ooxml.wordml import (
    FALLBACK,
    VAL,
    Element,
    W,
    child_value,
    local_name,
    paragraph_characters,
    remove,
    texts_in,
    unwrap,
)
from merge.template.hidden_formats import TRUE_VALUES, HiddenFormats
from merge.template.links import INDEX_ENTRIES, UNUSED_IF_TEXTS
from merge.template.tags import TagSpan, find_tags

_TEXT = "hidden text"
_ROWS = "hidden rows of tables"
_DRAWINGS = "hidden drawings"
_CHOICES = "unselected list choices"
_FORM_TEXTS = "help texts and default texts of form fields"
HIDDEN_CONTENT_KINDS = (
    _TEXT,
    _ROWS,
    _DRAWINGS,
    _CHOICES,
    _FORM_TEXTS,
    INDEX_ENTRIES,
    UNUSED_IF_TEXTS,
)
"""Kinds of content that stay if the workbook
says that hidden text is kept."""

_MC = FALLBACK.removesuffix("Fallback")
_V = "{urn:schemas-microsoft-com:vml}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_RUNS = (W + "r", _M + "r")
_FIELD_MARKS = {W + "fldChar", W + "instrText"}
_KEPT_CHILDREN = {W + "rPr", _M + "rPr", *_FIELD_MARKS}


@dataclass(slots=True)
class HiddenTextCleaner:
    """Removes hidden content from a part of a template.

    `removal_counts` counts the removed things by kind.
    """

    formats: HiddenFormats
    removal_counts: Counter[str]
    _hidden: set[Element] = field(default_factory=set)
    _paragraphs: set[Element | None] = field(default_factory=set)
    _changed: bool = False

    def clean(self, root: Element) -> bool:
        """Remove hidden content from a part; return whether any was removed."""
        count_before = self.removal_counts.total()
        hidden_runs = [run for run in root.iter(*_RUNS) if self.formats.hides(run)]
        self._remove_rows([row for row in root.iter(W + "tr") if self.formats.hides_row(row)])
        self._hidden |= {run for run in hidden_runs if root in run.iterancestors()}
        if self._hidden:
            kept_elements = self._keep_shown_fields(root)
            tag_texts = self._empty_text_around_tags(root, kept_elements)
            kept_elements |= tag_texts
            for run in self._hidden:
                self._empty_run(run, kept_elements)
            self.removal_counts[_TEXT] += len(self._paragraphs)
        self._remove_choices(root)
        self._remove_form_texts(root)
        return self._changed or self.removal_counts.total() > count_before

    def _remove_rows(self, hidden_rows: Sequence[Element]) -> None:
        """Remove hidden rows, but only the text of rows with a block's tag."""
        for row in hidden_rows:
            self.removal_counts[_ROWS] += 1
            table = row.getparent()
            other_rows = (
                [] if table is None else [r for r in table.findall(W + "tr") if r is not row]
            )
            if "{%" in texts_in(row) or not other_rows:
                self._hidden |= set(row.iter(*_RUNS))
            else:
                remove(row)

    def remove_drawings(self, root: Element) -> bool:
        """Remove hidden drawings and shapes from a part, with their fallbacks.

        Return whether there were any. This comes before drawings are separated from the fallbacks
        that older programs show, so that nothing of these remains.
        """
        count_before = self.removal_counts[_DRAWINGS]
        drawings = [
            *(
                _hidden_drawing(e)
                for e in root.iter("{*}docPr", "{*}cNvPr")
                if e.get("hidden") in TRUE_VALUES
            ),
            *(_hidden_vml_drawing(e) for e in root.iter(_V + "*") if _is_invisible(e)),
        ]
        for drawing in (element for element in drawings if element is not None):
            if root not in drawing.iterancestors():
                continue  # removed with another drawing that contained it
            self.removal_counts[_DRAWINGS] += 1
            for choice in drawing.iterancestors(_MC + "Choice"):
                alternative = choice.getparent()
                for copy in () if alternative is None else alternative.findall(FALLBACK):
                    remove(copy)
            remove(drawing)
        return self.removal_counts[_DRAWINGS] > count_before

    def _keep_shown_fields(self, root: Element) -> set[Element]:
        """Return the elements of hidden runs that a visible field needs.

        A field is visible if its result is. Fields with a hidden result are removed completely.
        """
        kept_elements = set[Element]()
        for story in read_stories(root):
            pending = list(story.fields)
            while pending:
                current = pending.pop()
                if current.too_deep or not current.is_closed:
                    pending += () if current.too_deep else current.inner_fields
                elif self._is_field_shown(story, current):
                    last = current.separator if current.separator >= 0 else current.end
                    kept_elements.update(
                        leaf.element for leaf in story.pieces[current.start : last + 1]
                    )
                    kept_elements.add(story.pieces[current.end].element)
                    pending += current.result_fields
                else:
                    self._record_change(story.pieces[current.start].element)
                    for leaf in story.pieces[current.start : current.end + 1]:
                        if leaf.kind == "open":
                            unwrap(leaf.element)
                        elif leaf.kind not in {"paragraph", "close"}:
                            remove(leaf.element)
        return kept_elements

    def _is_field_shown(self, story: WordStory, word_field: WordField) -> bool:
        start = word_field.separator if word_field.separator >= 0 else word_field.start
        content = [
            leaf for leaf in story.pieces[start + 1 : word_field.end] if leaf.kind == "content"
        ]
        leaves = content or [story.pieces[word_field.start]]
        return any(leaf.element.getparent() not in self._hidden for leaf in leaves)

    def _empty_text_around_tags(self, root: Element, kept_elements: set[Element]) -> set[Element]:
        """Empty hidden texts around tags of conditions and loops.

        Return the texts that keep such a tag.
        """
        tag_texts = set[Element]()
        paragraphs = {next(run.iterancestors(W + "p"), None) for run in self._hidden}
        for paragraph in (p for p in root.iter(W + "p") if p in paragraphs):
            characters = paragraph_characters(paragraph)
            text = "".join(atom.char for atom in characters)
            if "{%" not in text and "{#" not in text and "{{" not in text:
                continue
            is_kept = [not self._is_hidden(atom.element) for atom in characters]
            for span in (s for s in find_tags(text) if isinstance(s, TagSpan)):
                is_span_kept = span.kind != "value" or is_kept[span.start]
                is_kept[span.start : span.end] = [is_span_kept] * (span.end - span.start)
            texts: dict[Element, str] = {}
            for atom, is_atom_kept in zip(characters, is_kept, strict=True):
                if atom.is_text and atom.element not in kept_elements:
                    texts[atom.element] = texts.get(atom.element, "") + (
                        atom.char if is_atom_kept else ""
                    )
            for element, words in texts.items():
                if words != (element.text or ""):
                    self._record_change(element)
                    element.text = words
                if words:
                    tag_texts.add(element)
        return tag_texts

    def _is_hidden(self, element: Element) -> bool:
        return next(element.iterancestors(*_RUNS), None) in self._hidden

    def _empty_run(self, run: Element, kept_elements: set[Element]) -> None:
        removed = [
            e
            for e in run.iterchildren("*")
            if e.tag not in _KEPT_CHILDREN and e not in kept_elements
        ]
        for element in removed:
            if element.tag != W + "t" or (element.text or "").strip():
                self._record_change(element)
            self._changed = True
            remove(element)

    def _record_change(self, element: Element) -> None:
        """Record that content was removed from an element's paragraph."""
        self._changed = True
        self._paragraphs.add(next(element.iterancestors(W + "p"), None))

    def _remove_choices(self, root: Element) -> None:
        """Remove the choices of drop-down lists, except the visible choice."""
        for choices in root.iter(W + "dropDownList", W + "comboBox"):
            holder = next(choices.iterancestors(W + "sdt"), None)
            shown_text = "" if holder is None else texts_in(holder.find(W + "sdtContent"))
            for item in choices.findall(W + "listItem"):
                words = item.get(W + "displayText") or item.get(W + "value", "")
                if shown_text != words:
                    self.removal_counts[_CHOICES] += 1
                    choices.remove(item)
                elif item.get(W + "value") != words:
                    item.set(W + "value", words)
                    self._changed = True
        for entries in root.iter(W + "ddList"):
            entry_elements = entries.findall(W + "listEntry")
            selected = child_value(entries, "result") or child_value(entries, "default") or "0"
            selected_index = int(selected) if selected.isdecimal() else 0
            for number, entry in enumerate(entry_elements):
                if number != selected_index:
                    self.removal_counts[_CHOICES] += 1
                    entries.remove(entry)
            for element in (*entries.findall(W + "result"), *entries.findall(W + "default")):
                entries.remove(element)

    def _remove_form_texts(self, root: Element) -> None:
        for data in root.iter(W + "ffData"):
            inputs = [e for e in data.iter(W + "textInput") if e.find(W + "default") is not None]
            for holder, name in (
                *((data, "helpText"), (data, "statusText")),
                *((text_input, "default") for text_input in inputs),
            ):
                for element in holder.findall(W + name):
                    self.removal_counts[_FORM_TEXTS] += bool(element.get(VAL))
                    holder.remove(element)


def _hidden_drawing(properties: Element) -> Element | None:
    """Return the object of these properties: a drawing, or a group's shape."""
    if local_name(properties) == "docPr":
        return next(properties.iterancestors(W + "drawing"), None)
    shape = properties.getparent()
    if shape is not None and local_name(shape).startswith("nv"):
        shape = shape.getparent()
    holder = None if shape is None else shape.getparent()
    if holder is not None and local_name(holder).endswith("Anchor"):
        return holder  # of a shape on a chart
    return shape


def _is_invisible(shape: Element) -> bool:
    return _INVISIBLE.search(shape.get("style", "")) is not None


_INVISIBLE = re.compile(r"(?:^|;)\s*visibility\s*:\s*hidden\s*(?:;|$)", re.IGNORECASE)


def _hidden_vml_drawing(shape: Element) -> Element | None:
    """Return a VML shape, or its picture's element if nothing else is in it."""
    picture = shape.getparent()
    if picture is None or picture.tag not in {W + "pict", W + "object"}:
        return shape
    other_elements = [
        e for e in picture.iterchildren("*") if e.tag != _V + "shapetype" and e is not shape
    ]
    return shape if other_elements else picture
