"""Take hidden text out of a template: what its author sees, and nobody who gets the letter is to.

Whether a run is hidden, its own format says, else its styles (ECMA-376 part 1, 17.3.2.41 vanish,
17.7.3 toggle properties). Tags of ifs and loops that somebody has hidden stay what they are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from merge.ooxml.fields import Field, Story, read_stories
from merge.ooxml.wordml import (
    FALLBACK,
    VAL,
    Element,
    W,
    atoms,
    child_value,
    is_on,
    local_name,
    remove,
    unwrap,
)
from merge.template.links import ENTRIES, UNCHOSEN
from merge.template.tags import TagSpan, find_tags

_TEXT = "hidden text"
_ROWS = "hidden rows of tables"
_DRAWINGS = "hidden drawings"
_CHOICES = "unselected list choices"
_FORM_TEXTS = "help texts and default texts of form fields"
_NOTES = "unused notes"
KINDS = (_TEXT, _ROWS, _DRAWINGS, _CHOICES, _FORM_TEXTS, ENTRIES, UNCHOSEN)
"""What stays where the workbook says that hidden text is to be kept."""

_MC = FALLBACK.removesuffix("Fallback")
_V = "{urn:schemas-microsoft-com:vml}"
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
        return self._usual or any(map(self._hides, self._styles)) or bool(self._hiding_tables)

    def hides(self, run: Element) -> bool:
        """Return whether a run's text is hidden."""
        format_ = run.find(W + "rPr")
        own = None if format_ is None else format_.find(W + "vanish")
        if own is not None:
            return is_on(format_, "vanish")
        if not self.is_any:
            return False
        paragraph = next(run.iterancestors(W + "p"), None)
        said = None if paragraph is None else child_value(paragraph.find(W + "pPr"), "pStyle")
        styles = (child_value(format_, "rStyle"), said or self._default_style)
        hidden = [self._hides(style) for style in styles if style]
        hidden.append(self._table_hides(next(run.iterancestors(W + "tc"), None)))
        return self._usual or sum(hidden) % 2 == 1

    def hides_row(self, row: Element) -> bool:
        """Return whether a row of a table is hidden: as it says itself, else as its style does."""
        own = row.find(W + "trPr")
        if own is not None and own.find(W + "hidden") is not None:
            return is_on(own, "hidden")
        table = next(row.iterancestors(W + "tbl"), None)
        if table is None or not self._hiding_tables:
            return False
        kinds = [kind for kind in _regions(table, row, None) if kind not in _OF_COLUMNS]
        return self._said(_table_style(table), kinds, "trPr", "hidden")

    @cached_property
    def _hiding_tables(self) -> set[str]:
        """The styles of tables that may hide some of their rows and cells."""
        names = (W + "vanish", W + "hidden")
        own = {n for n, e in self._styles.items() if next(e.iter(*names), None) is not None}
        return {name for name in self._styles if own & {*self._line(name)}}

    def _table_hides(self, cell: Element | None) -> bool:
        row = None if cell is None else next(cell.iterancestors(W + "tr"), None)
        table = None if row is None else next(row.iterancestors(W + "tbl"), None)
        if row is None or table is None or _table_style(table) not in self._hiding_tables:
            return False
        return self._said(_table_style(table), _regions(table, row, cell), "rPr", "vanish")

    def _said(self, name: str, kinds: Sequence[str], holder: str, what: str) -> bool:
        """Return what a table's style says of a cell; the last kind of region that speaks does."""
        for kind in (*reversed(kinds), ""):
            for at in self._line(name):
                style = self._styles[at]
                parts = [p for p in style.findall(W + "tblStylePr") if p.get(W + "type") == kind]
                for part in parts if kind else [style]:
                    found = part.find(W + holder)
                    if found is not None and found.find(W + what) is not None:
                        return is_on(found, what)
        return False

    def _line(self, name: str) -> Iterator[str]:
        """Yield a style, the one that it is based on, and so on."""
        seen = set[str]()
        while name in self._styles and name not in seen:
            seen.add(name)
            yield name
            name = child_value(self._styles[name], "basedOn") or ""

    def _hides(self, name: str) -> bool:
        """Return what a style says of itself, else the next one that it is based on."""
        if name not in self._known:
            formats = (self._styles[at].find(W + "rPr") for at in self._line(name))
            said = (f for f in formats if f is not None and f.find(W + "vanish") is not None)
            self._known[name] = is_on(next(said, None), "vanish")
        return self._known[name]


# The regions of a table that its style formats apart (ECMA-376 part 1, 17.7.6.5 and 17.4.55).

_OF_COLUMNS = {
    *("band1Vert", "band2Vert", "firstCol", "lastCol"),
    *("nwCell", "neCell", "swCell", "seCell"),
}
_LOOK = {"firstRow": 0x20, "lastRow": 0x40, "firstColumn": 0x80, "lastColumn": 0x100}
_LOOK |= {"noHBand": 0x200, "noVBand": 0x400}


def _table_style(table: Element) -> str:
    return child_value(table.find(W + "tblPr"), "tblStyle") or ""


def _regions(table: Element, row: Element, cell: Element | None) -> list[str]:
    """Return the kinds of regions that a row or a cell is in, the weakest first."""
    look = _look(table)
    rows = [e for e in table.iter(W + "tr") if next(e.iterancestors(W + "tbl"), None) is table]
    across = [e for e in row.iter(W + "tc") if next(e.iterancestors(W + "tr"), None) is row]
    at = across.index(cell) if cell in across else -1
    first_row, last_row = look["firstRow"] and row is rows[0], look["lastRow"] and row is rows[-1]
    first = look["firstColumn"] and at == 0
    last = look["lastColumn"] and at == len(across) - 1 and bool(across)
    band = (rows.index(row) - look["firstRow"]) % 2 + 1
    stripe = (at - look["firstColumn"]) % 2 + 1
    kinds = {
        "wholeTable": True,
        f"band{stripe}Vert": not look["noVBand"] and not first and not last,
        f"band{band}Horz": not look["noHBand"] and not first_row and not last_row,
        "firstCol": first,
        "lastCol": last,
        "firstRow": first_row,
        "lastRow": last_row,
        "nwCell": first_row and first,
        "neCell": first_row and last,
        "swCell": last_row and first,
        "seCell": last_row and last,
    }
    return [kind for kind, is_in in kinds.items() if is_in]


def _look(table: Element) -> dict[str, bool]:
    """Return which regions a table wants to have formatted, and which it wants not to."""
    properties = table.find(W + "tblPr")
    look = None if properties is None else properties.find(W + "tblLook")
    if look is None:
        return dict.fromkeys(_LOOK, False)
    try:
        bits = int(look.get(VAL, "0"), 16)
    except ValueError:
        bits = 0
    return {
        n: look.get(W + n) in _YES if look.get(W + n) else bool(bits & b) for n, b in _LOOK.items()
    }


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
        hidden = [run for run in root.iter(*_RUNS) if self.formats.hides(run)]
        self._drop_rows([row for row in root.iter(W + "tr") if self.formats.hides_row(row)])
        self._hidden |= {run for run in hidden if root in run.iterancestors()}
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

    def _drop_rows(self, hidden: Sequence[Element]) -> None:
        """Take hidden rows out; of one with a block's tag only the text goes."""
        for row in hidden:
            self.told[_ROWS] += 1
            table = row.getparent()
            words = "".join(text.text or "" for text in row.iter(W + "t"))
            others = [] if table is None else [r for r in table.findall(W + "tr") if r is not row]
            if "{%" in words or not others:
                self._hidden |= set(row.iter(*_RUNS))
            else:
                remove(row)

    def drop_drawings(self, root: Element) -> bool:
        """Take out hidden drawings, and hidden shapes of groups, with what stands for them.

        Return whether there were any. While drawings still stand with what older programs show
        instead, nothing of that can stay behind.
        """
        before = self.told[_DRAWINGS]
        found = [
            *(_drawing(e) for e in root.iter("{*}docPr", "{*}cNvPr") if e.get("hidden") in _YES),
            *(_old_drawing(e) for e in root.iter(_V + "*") if _is_invisible(e)),
        ]
        for drawing in (each for each in found if each is not None):
            if root not in drawing.iterancestors():
                continue  # it went with another that it stood in
            self.told[_DRAWINGS] += 1
            for choice in drawing.iterancestors(_MC + "Choice"):
                other = choice.getparent()
                for copy in () if other is None else other.findall(FALLBACK):
                    remove(copy)
            remove(drawing)
        return self.told[_DRAWINGS] > before

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
                words = item.get(W + "displayText") or item.get(W + "value", "")
                if shown != words:
                    self.told[_CHOICES] += 1
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


def _drawing(properties: Element) -> Element | None:
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


def _old_drawing(shape: Element) -> Element | None:
    """Return a shape of VML; the whole picture where nothing else is in it."""
    picture = shape.getparent()
    if picture is None or picture.tag not in {W + "pict", W + "object"}:
        return shape
    others = [e for e in picture.iterchildren("*") if e.tag != _V + "shapetype" and e is not shape]
    return shape if others else picture


def _words(element: Element | None) -> str:
    texts = () if element is None else element.iter(W + "t")
    return "".join(text.text or "" for text in texts)


def drop_unused_notes(parts: Mapping[str, Element], main: str, told: Counter[str]) -> set[str]:
    """Take out the notes that the text does not refer to; return the parts that lost any."""
    changed = set()
    settings = next((e for e in parts.values() if e.tag == W + "settings"), None)
    for name, root in parts.items():
        kind = {W + "footnotes": "footnote", W + "endnotes": "endnote"}.get(str(root.tag))
        if kind is None:
            continue
        used = {mark.get(W + "id") for mark in parts[main].iter(W + f"{kind}Reference")}
        if settings is not None:  # it names those that stand between text and notes
            named = settings.findall(f"{W}{kind}Pr/{W}{kind}")
            used |= {mark.get(W + "id") for mark in named}
        for note in root.findall(W + kind):
            if note.get(W + "id") not in used and note.get(W + "type", "normal") in _OF_TEXT:
                told[_NOTES] += bool(_words(note).strip())
                root.remove(note)
                changed.add(name)
    return changed


_OF_TEXT = {"normal", "continuationNotice"}
"""The types of notes that hold words."""


def drop_unused_headers(main: Element, settings: Element | None) -> list[Element]:
    """Take out what stands at the head or foot of first and even pages, where no page is such.

    Return the references that went.
    """
    sections = list(main.iter(W + "sectPr"))
    has_even = is_on(settings, "evenAndOddHeaders")
    found = []
    for number, section in enumerate(sections):
        for reference in _references(section):
            kind = reference.get(W + "type")
            is_unused = kind == "even" and not has_even
            if is_unused or (kind == "first" and not _shows_first(reference, sections[number:])):
                found.append(reference)
    for reference in found:
        remove(reference)
    return found


def _shows_first(reference: Element, sections: Sequence[Element]) -> bool:
    """Return whether a section has a first page for it, or a later one that has none of its own."""
    for number, section in enumerate(sections):
        own = [r for r in section.findall(str(reference.tag)) if r.get(W + "type") == "first"]
        if number and own:
            return False
        if is_on(section, "titlePg"):
            return True
    return False


def _references(section: Element) -> Sequence[Element]:
    return [*section.findall(W + "headerReference"), *section.findall(W + "footerReference")]
