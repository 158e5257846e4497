"""Take hidden text out of a template: what its author sees, and nobody who gets the letter is to.

Tags of ifs and loops that somebody has hidden stay what they are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from merge.ooxml.fields import Field, Story, read_stories
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
"""What stays where the workbook says that hidden text is to be kept."""

_MC = FALLBACK.removesuffix("Fallback")
_V = "{urn:schemas-microsoft-com:vml}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_RUNS = (W + "r", _M + "r")
_FIELD_MARKS = {W + "fldChar", W + "instrText"}
_KEPT_CHILDREN = {W + "rPr", _M + "rPr", *_FIELD_MARKS}


@dataclass(slots=True)
class HiddenTextCleaner:
    """Takes out of a part what is hidden; `told` counts what went, by kind."""

    formats: HiddenFormats
    removal_counts: Counter[str]
    _hidden: set[Element] = field(default_factory=set)
    _paragraphs: set[Element | None] = field(default_factory=set)
    _changed: bool = False

    def clean(self, root: Element) -> bool:
        """Take out what is hidden; return whether there was anything."""
        before = self.removal_counts.total()
        hidden = [run for run in root.iter(*_RUNS) if self.formats.hides(run)]
        self._remove_rows([row for row in root.iter(W + "tr") if self.formats.hides_row(row)])
        self._hidden |= {run for run in hidden if root in run.iterancestors()}
        if self._hidden:
            kept = self._keep_shown_fields(root)
            tagged = self._empty_text_around_tags(root, kept)
            kept |= tagged
            for run in self._hidden:
                self._empty_run(run, kept)
            self.removal_counts[_TEXT] += len(self._paragraphs)
        self._remove_choices(root)
        self._remove_form_texts(root)
        return self._changed or self.removal_counts.total() > before

    def _remove_rows(self, hidden: Sequence[Element]) -> None:
        """Take hidden rows out; of one with a block's tag only the text goes."""
        for row in hidden:
            self.removal_counts[_ROWS] += 1
            table = row.getparent()
            others = [] if table is None else [r for r in table.findall(W + "tr") if r is not row]
            if "{%" in texts_in(row) or not others:
                self._hidden |= set(row.iter(*_RUNS))
            else:
                remove(row)

    def remove_drawings(self, root: Element) -> bool:
        """Take out hidden drawings, and hidden shapes of groups, with what stands for them.

        Return whether there were any. While drawings still stand with what older programs show
        instead, nothing of that can stay behind.
        """
        before = self.removal_counts[_DRAWINGS]
        found = [
            *(
                _hidden_drawing(e)
                for e in root.iter("{*}docPr", "{*}cNvPr")
                if e.get("hidden") in TRUE_VALUES
            ),
            *(_hidden_vml_drawing(e) for e in root.iter(_V + "*") if _is_invisible(e)),
        ]
        for drawing in (each for each in found if each is not None):
            if root not in drawing.iterancestors():
                continue  # it went with another that it stood in
            self.removal_counts[_DRAWINGS] += 1
            for choice in drawing.iterancestors(_MC + "Choice"):
                other = choice.getparent()
                for copy in () if other is None else other.findall(FALLBACK):
                    remove(copy)
            remove(drawing)
        return self.removal_counts[_DRAWINGS] > before

    def _keep_shown_fields(self, root: Element) -> set[Element]:
        """Return what stays of hidden runs as a field needs it: a field shows if its result does.

        Fields whose result is hidden go whole.
        """
        kept = set[Element]()
        for story in read_stories(root):
            waiting = list(story.fields)
            while waiting:
                each = waiting.pop()
                if each.too_deep or not each.is_closed:
                    waiting += () if each.too_deep else each.inner_fields
                elif self._is_field_shown(story, each):
                    last = each.separator if each.separator >= 0 else each.end
                    kept.update(leaf.element for leaf in story.pieces[each.start : last + 1])
                    kept.add(story.pieces[each.end].element)
                    waiting += each.result_fields
                else:
                    self._record_change(story.pieces[each.start].element)
                    for leaf in story.pieces[each.start : each.end + 1]:
                        if leaf.kind == "open":
                            unwrap(leaf.element)
                        elif leaf.kind not in {"paragraph", "close"}:
                            remove(leaf.element)
        return kept

    def _is_field_shown(self, story: Story, each: Field) -> bool:
        start = each.separator if each.separator >= 0 else each.start
        shown = [leaf for leaf in story.pieces[start + 1 : each.end] if leaf.kind == "content"]
        leaves = shown or [story.pieces[each.start]]
        return any(leaf.element.getparent() not in self._hidden for leaf in leaves)

    def _empty_text_around_tags(self, root: Element, kept: set[Element]) -> set[Element]:
        """Empty the hidden texts that hold tags of ifs and loops, but for these; return them."""
        tagged = set[Element]()
        paragraphs = {next(run.iterancestors(W + "p"), None) for run in self._hidden}
        for paragraph in (p for p in root.iter(W + "p") if p in paragraphs):
            characters = paragraph_characters(paragraph)
            text = "".join(atom.char for atom in characters)
            if "{%" not in text and "{#" not in text and "{{" not in text:
                continue
            stays = [not self._is_hidden(atom.element) for atom in characters]
            for span in (s for s in find_tags(text) if isinstance(s, TagSpan)):
                whole = span.kind != "value" or stays[span.start]
                stays[span.start : span.end] = [whole] * (span.end - span.start)
            texts: dict[Element, str] = {}
            for atom, stay in zip(characters, stays, strict=True):
                if atom.is_text and atom.element not in kept:
                    texts[atom.element] = texts.get(atom.element, "") + (atom.char if stay else "")
            for element, words in texts.items():
                if words != (element.text or ""):
                    self._record_change(element)
                    element.text = words
                if words:
                    tagged.add(element)
        return tagged

    def _is_hidden(self, element: Element) -> bool:
        return next(element.iterancestors(*_RUNS), None) in self._hidden

    def _empty_run(self, run: Element, kept: set[Element]) -> None:
        gone = [e for e in run.iterchildren("*") if e.tag not in _KEPT_CHILDREN and e not in kept]
        for element in gone:
            if element.tag != W + "t" or (element.text or "").strip():
                self._record_change(element)
            self._changed = True
            remove(element)

    def _record_change(self, element: Element) -> None:
        """Remember a paragraph from which something goes."""
        self._changed = True
        self._paragraphs.add(next(element.iterancestors(W + "p"), None))

    def _remove_choices(self, root: Element) -> None:
        """Leave of each list to choose from the words that show."""
        for choices in root.iter(W + "dropDownList", W + "comboBox"):
            holder = next(choices.iterancestors(W + "sdt"), None)
            shown = "" if holder is None else texts_in(holder.find(W + "sdtContent"))
            for item in choices.findall(W + "listItem"):
                words = item.get(W + "displayText") or item.get(W + "value", "")
                if shown != words:
                    self.removal_counts[_CHOICES] += 1
                    choices.remove(item)
                elif item.get(W + "value") != words:
                    item.set(W + "value", words)
                    self._changed = True
        for entries in root.iter(W + "ddList"):
            found = entries.findall(W + "listEntry")
            said = child_value(entries, "result") or child_value(entries, "default") or "0"
            chosen = int(said) if said.isdecimal() else 0
            for number, entry in enumerate(found):
                if number != chosen:
                    self.removal_counts[_CHOICES] += 1
                    entries.remove(entry)
            for other in (*entries.findall(W + "result"), *entries.findall(W + "default")):
                entries.remove(other)

    def _remove_form_texts(self, root: Element) -> None:
        for data in root.iter(W + "ffData"):
            inside = [e for e in data.iter(W + "textInput") if e.find(W + "default") is not None]
            for holder, name in (
                *((data, "helpText"), (data, "statusText")),
                *((each, "default") for each in inside),
            ):
                for found in holder.findall(W + name):
                    self.removal_counts[_FORM_TEXTS] += bool(found.get(VAL))
                    holder.remove(found)


def _hidden_drawing(properties: Element) -> Element | None:
    """Return what is hidden as its properties say: a drawing, or a shape of a group."""
    if local_name(properties) == "docPr":
        return next(properties.iterancestors(W + "drawing"), None)
    shape = properties.getparent()
    if shape is not None and local_name(shape).startswith("nv"):
        shape = shape.getparent()
    holder = None if shape is None else shape.getparent()
    if holder is not None and local_name(holder).endswith("Anchor"):
        return holder  # of a shape that lies on a chart
    return shape


def _is_invisible(shape: Element) -> bool:
    return _INVISIBLE.search(shape.get("style", "")) is not None


_INVISIBLE = re.compile(r"(?:^|;)\s*visibility\s*:\s*hidden\s*(?:;|$)", re.IGNORECASE)


def _hidden_vml_drawing(shape: Element) -> Element | None:
    """Return a shape of VML; the whole picture where nothing else is in it."""
    picture = shape.getparent()
    if picture is None or picture.tag not in {W + "pict", W + "object"}:
        return shape
    others = [e for e in picture.iterchildren("*") if e.tag != _V + "shapetype" and e is not shape]
    return shape if others else picture
