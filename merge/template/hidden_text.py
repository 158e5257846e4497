"""Take hidden text out of a template: what its author sees, and nobody who gets the letter is to.

Whether a run is hidden, its own format says, else its styles (ECMA-376 part 1, 17.3.2.41 vanish,
17.7.3 toggle properties). Tags of ifs and loops that somebody has hidden stay what they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from merge.ooxml.fields import Field, Story, read_stories
from merge.ooxml.wordml import VAL, Element, W, atoms, child_value, is_on, remove, unwrap
from merge.template.links import ENTRIES
from merge.template.tags import TagSpan, find_tags

_TEXT = "hidden text"
_ROWS = "hidden rows of tables"
_DRAWINGS = "hidden drawings"
_CHOICES = "choices of lists that were not chosen"
_FORM_TEXTS = "help texts and default texts of form fields"
_NOTES = "notes that nothing refers to"
KINDS = (_TEXT, _ROWS, _DRAWINGS, _CHOICES, _FORM_TEXTS, ENTRIES)
"""What stays where the workbook says that hidden text is to be kept."""

_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_RUNS = (W + "r", _M + "r")
_MARKS = {W + "fldChar", W + "instrText"}
_STAYING = {W + "rPr", _M + "rPr", *_MARKS}


class HiddenFormats:
    """Which styles hide their text."""

    def __init__(self, styles: Element | None) -> None:
        found = () if styles is None else styles.findall(W + "style")
        self._styles = {str(style.get(W + "styleId")): style for style in found}
        defaults = None if styles is None else styles.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
        self._usual = is_on(defaults, "vanish")
        self._default_style = next(
            (
                name
                for name, style in self._styles.items()
                if style.get(W + "type") == "paragraph" and style.get(W + "default") in _YES
            ),
            "",
        )
        self._known: dict[str, bool] = {}

    @cached_property
    def is_any(self) -> bool:
        """Whether a run can be hidden that does not say so itself."""
        return self._usual or any(map(self._hides, self._styles))

    def hides(self, run: Element) -> bool:
        """Return whether a run's text is hidden."""
        format_ = run.find(W + "rPr")
        own = None if format_ is None else format_.find(W + "vanish")
        if own is not None:
            return is_on(format_, "vanish")
        if not self.is_any:
            return False
        paragraph = next(run.iterancestors(W + "p"), None)
        table = next(run.iterancestors(W + "tbl"), None)
        said = None if paragraph is None else child_value(paragraph.find(W + "pPr"), "pStyle")
        styles = (
            child_value(format_, "rStyle"),
            said or self._default_style,
            None if table is None else child_value(table.find(W + "tblPr"), "tblStyle"),
        )
        return self._usual or sum(self._hides(style) for style in styles if style) % 2 == 1

    def _hides(self, name: str) -> bool:
        """Return what a style says of itself, else the next one that it is based on."""
        if name not in self._known:
            seen, hides, at = set[str](), False, name
            while at in self._styles and at not in seen:
                seen.add(at)
                format_ = self._styles[at].find(W + "rPr")
                if format_ is not None and format_.find(W + "vanish") is not None:
                    hides = is_on(format_, "vanish")
                    break
                at = child_value(self._styles[at], "basedOn") or ""
            self._known[name] = hides
        return self._known[name]


_YES = {"1", "true", "on"}


@dataclass(slots=True)
class HiddenTextCleaner:
    """Takes out of a part what is hidden; `told` counts what went, by kind."""

    formats: HiddenFormats
    told: Counter[str]
    _hidden: set[Element] = field(default_factory=set)
    _paragraphs: set[Element | None] = field(default_factory=set)
    _changed: bool = False

    def clean(self, root: Element) -> bool:
        """Take out what is hidden; return whether there was anything."""
        before = self.told.total()
        self._drop_rows(root)
        self._drop_drawings(root)
        self._hidden |= {run for run in root.iter(*_RUNS) if self.formats.hides(run)}
        if self._hidden:
            kept = self._kept_by_fields(root)
            tagged = self._emptied_paragraphs(root, kept)
            kept |= tagged
            for run in self._hidden:
                self._empty(run, kept)
            self.told[_TEXT] += len(self._paragraphs)
        self._lose_choices(root)
        self._lose_form_texts(root)
        return self._changed or self.told.total() > before

    def _drop_rows(self, root: Element) -> None:
        """Take hidden rows out; of one with a block's tag only the text goes."""
        for row in list(root.iter(W + "tr")):
            if not is_on(row.find(W + "trPr"), "hidden"):
                continue
            self.told[_ROWS] += 1
            table = row.getparent()
            words = "".join(text.text or "" for text in row.iter(W + "t"))
            others = [] if table is None else [r for r in table.findall(W + "tr") if r is not row]
            if "{%" in words or not others:
                self._hidden |= set(row.iter(*_RUNS))
            else:
                remove(row)

    def _drop_drawings(self, root: Element) -> None:
        for properties in list(root.iter("{*}docPr")):
            drawing = next(properties.iterancestors(W + "drawing"), None)
            if properties.get("hidden") in _YES and drawing is not None:
                self.told[_DRAWINGS] += 1
                remove(drawing)

    def _kept_by_fields(self, root: Element) -> set[Element]:
        """Return what stays of hidden runs as a field needs it: a field shows if its result does.

        Fields whose result is hidden go whole.
        """
        kept = set[Element]()
        for story in read_stories(root):
            waiting = list(story.fields)
            while waiting:
                each = waiting.pop()
                if each.too_deep or not each.is_closed:
                    waiting += () if each.too_deep else each.inner
                elif self._field_shows(story, each):
                    last = each.separator if each.separator >= 0 else each.end
                    kept.update(leaf.element for leaf in story.leaves[each.start : last + 1])
                    kept.add(story.leaves[each.end].element)
                    waiting += each.in_result
                else:
                    self._note(story.leaves[each.start].element)
                    for leaf in story.leaves[each.start : each.end + 1]:
                        if leaf.kind == "open":
                            unwrap(leaf.element)
                        elif leaf.kind not in {"paragraph", "close"}:
                            remove(leaf.element)
        return kept

    def _field_shows(self, story: Story, each: Field) -> bool:
        start = each.separator if each.separator >= 0 else each.start
        shown = [leaf for leaf in story.leaves[start + 1 : each.end] if leaf.kind == "content"]
        leaves = shown or [story.leaves[each.start]]
        return any(leaf.element.getparent() not in self._hidden for leaf in leaves)

    def _emptied_paragraphs(self, root: Element, kept: set[Element]) -> set[Element]:
        """Empty the hidden texts that hold tags of ifs and loops, but for these; return them."""
        tagged = set[Element]()
        paragraphs = {next(run.iterancestors(W + "p"), None) for run in self._hidden}
        for paragraph in (p for p in root.iter(W + "p") if p in paragraphs):
            characters = atoms(paragraph)
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
                    self._note(element)
                    element.text = words
                if words:
                    tagged.add(element)
        return tagged

    def _is_hidden(self, element: Element) -> bool:
        return next(element.iterancestors(*_RUNS), None) in self._hidden

    def _empty(self, run: Element, kept: set[Element]) -> None:
        gone = [e for e in run.iterchildren("*") if e.tag not in _STAYING and e not in kept]
        for element in gone:
            if element.tag != W + "t" or (element.text or "").strip():
                self._note(element)
            self._changed = True
            remove(element)

    def _note(self, element: Element) -> None:
        """Remember a paragraph from which something goes."""
        self._changed = True
        self._paragraphs.add(next(element.iterancestors(W + "p"), None))

    def _lose_choices(self, root: Element) -> None:
        """Leave of each list to choose from the words that show."""
        for choices in root.iter(W + "dropDownList", W + "comboBox"):
            holder = next(choices.iterancestors(W + "sdt"), None)
            shown = "" if holder is None else _words(holder.find(W + "sdtContent"))
            for item in choices.findall(W + "listItem"):
                if shown != (item.get(W + "displayText") or item.get(W + "value")):
                    self.told[_CHOICES] += 1
                    choices.remove(item)
        for entries in root.iter(W + "ddList"):
            found = entries.findall(W + "listEntry")
            said = child_value(entries, "result") or child_value(entries, "default") or "0"
            chosen = int(said) if said.isdecimal() else 0
            for number, entry in enumerate(found):
                if number != chosen:
                    self.told[_CHOICES] += 1
                    entries.remove(entry)
            for other in (*entries.findall(W + "result"), *entries.findall(W + "default")):
                entries.remove(other)

    def _lose_form_texts(self, root: Element) -> None:
        for data in root.iter(W + "ffData"):
            inside = [e for e in data.iter(W + "textInput") if e.find(W + "default") is not None]
            for holder, name in (
                *((data, "helpText"), (data, "statusText")),
                *((each, "default") for each in inside),
            ):
                for found in holder.findall(W + name):
                    self.told[_FORM_TEXTS] += bool(found.get(VAL))
                    holder.remove(found)


def _words(element: Element | None) -> str:
    texts = () if element is None else element.iter(W + "t")
    return "".join(text.text or "" for text in texts)


def drop_unused_notes(parts: Mapping[str, Element], main: str, told: Counter[str]) -> set[str]:
    """Take out the notes that the text does not refer to; return the parts that lost any."""
    changed = set()
    for name, root in parts.items():
        kind = {W + "footnotes": "footnote", W + "endnotes": "endnote"}.get(str(root.tag))
        if kind is None:
            continue
        used = {mark.get(W + "id") for mark in parts[main].iter(W + f"{kind}Reference")}
        for note in root.findall(W + kind):
            if note.get(W + "id") not in used and note.get(W + "type", "normal") == "normal":
                told[_NOTES] += bool(_words(note).strip())
                root.remove(note)
                changed.add(name)
    return changed


def drop_unused_headers(main: Element, settings: Element | None) -> bool:
    """Take out what stands at the head or foot of first and even pages, where no page is such."""
    sections = list(main.iter(W + "sectPr"))
    unused = set()
    if not any(is_on(section, "titlePg") for section in sections):
        unused.add("first")
    if not is_on(settings, "evenAndOddHeaders"):
        unused.add("even")
    found = [
        reference
        for section in sections
        for reference in _references(section)
        if reference.get(W + "type") in unused
    ]
    for reference in found:
        remove(reference)
    return bool(found)


def _references(section: Element) -> Sequence[Element]:
    return [*section.findall(W + "headerReference"), *section.findall(W + "footerReference")]
