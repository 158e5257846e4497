"""A letter's notes in the whole, each with the number that it has in the letter.

ECMA-376 part 1, 17.11. Word can start the numbers of footnotes again in a section, LibreOffice
cannot; so the marks are written as they are, which both know as custom marks. Endnotes would stand
at the end of the whole (LibreOffice) or need a setting for all (Word): they become paragraphs at
the end of their letter, under a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import count
from typing import Literal

from merge.ooxml.wordml import Element, W, made, own, properties, put, remove, twips, value

Kind = Literal["footnote", "endnote"]
_USUAL: Mapping[Kind, str] = {"footnote": "decimal", "endnote": "lowerRoman"}
_SIGNS = "*†‡§"
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l")),
    *((40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ALTERNATIVES = {
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "w15": "http://schemas.microsoft.com/office/word/2012/wordml",
}
_MC = f"{{{_ALTERNATIVES['mc']}}}"
_LINE = 2880
"""Twips: how long the line above notes is."""


def label(number: int, form: str) -> str:
    """A note's mark in a number format (17.18.59); empty for one that is not known here."""
    if form == "decimal":
        return str(number)
    if form == "chicago":
        return _SIGNS[(number - 1) % 4] * ((number + 3) // 4)
    small = _roman(number) if form.endswith("Roman") else _letters(number)
    known = {"lowerRoman", "upperRoman", "lowerLetter", "upperLetter"}
    return "" if form not in known else small.upper() if form.startswith("upper") else small


def _roman(number: int) -> str:
    text = ""
    for worth, sign in _ROMAN:
        times, number = divmod(number, worth)
        text += sign * times
    return text


def _letters(number: int) -> str:
    """As Word counts: after z comes aa, then bb."""
    return _LETTERS[(number - 1) % 26] * ((number + 25) // 26)


class Notes:
    """The notes of one kind that a letter's text leads to, in their order."""

    def __init__(self, kind: Kind, body: Element, notes: Element | None, settings: Element) -> None:
        """`notes` is the root of their part; None where there is none."""
        self._kind = kind
        there = {} if notes is None else {e.get(W + "id"): e for e in notes}
        marks = body.iter(f"{W}{kind}Reference")
        self._pairs = [(e, there[e.get(W + "id")]) for e in marks if e.get(W + "id") in there]
        self.elements = [note for _, note in self._pairs]
        section = next(iter(body.iterchildren(W + "sectPr")), None)
        self._said = [e.find(f"{W}{kind}Pr") for e in (section, settings) if e is not None]

    def _says(self, name: str, usual: str) -> str:
        """What the letter says of its notes' numbers."""
        found = (value(said, name) for said in self._said)
        return next((text for text in found if text), usual)

    def _labelled(self) -> Iterator[tuple[Element, Element, str]]:
        """Each mark with its note and its label; an empty one where it has a mark of its own."""
        form, start = self._says("numFmt", _USUAL[self._kind]), self._says("numStart", "1")
        numbers = count(int(start))
        for mark, note in self._pairs:
            has_own = mark.get(W + "customMarkFollows", "0") not in {"0", "false", "off"}
            yield mark, note, "" if has_own else label(next(numbers), form)

    def to_custom_marks(self, numbers: Iterator[int]) -> bool:
        """Give footnotes numbers of the whole, and write their labels; False where Word must count.

        That is where they start again on each page, or count as is not known here.
        """
        counted = self._says("numRestart", "continuous") == "continuous"
        for mark, note, text in list(self._labelled()):
            number = str(next(numbers))
            for element in (mark, note):
                element.set(W + "id", number)
            if text and counted:
                mark.set(W + "customMarkFollows", "1")
                mark.addnext(_text(mark, text))
                for sign in list(note.iter(W + "footnoteRef")):
                    _label_for_word(sign, text)
            counted = counted and bool(text or mark.get(W + "customMarkFollows"))
        return counted

    def to_paragraphs(self, body: Element) -> None:
        """Put endnotes to the end of the letter's text, under a line."""
        blocks = [_rule(body)] if self._pairs else []
        for mark, note, text in list(self._labelled()):
            mark.addprevious(_text(mark, text))
            remove(mark)
            for sign in list(note.iter(W + "endnoteRef")):
                sign.addprevious(_text(sign, text))
                remove(sign)
            blocks += list(note)
        at = len(body) - len(body.findall(W + "sectPr"))
        body[at:at] = blocks


def _text(like: Element, text: str) -> Element:
    made_text = like.makeelement(W + "t")
    made_text.text = text
    return made_text


def _label_for_word(sign: Element, text: str) -> None:
    """Write a custom mark's label into its note, where only Word sees it.

    Word has it there as text; LibreOffice shows the mark by itself, and would show it twice. What
    needs Word 2013 is read by the one and not the other (ECMA-376 part 3, 7.6).
    """
    both = sign.makeelement(_MC + "AlternateContent", nsmap=_ALTERNATIVES)
    choice = both.makeelement(_MC + "Choice", {"Requires": "w15"})
    fallback = both.makeelement(_MC + "Fallback")
    sign.addprevious(both)
    choice.append(_text(sign, text))
    fallback.append(sign)
    both.extend((choice, fallback))


def _rule(body: Element) -> Element:
    """A paragraph that is a short line."""
    rule = body.makeelement(W + "p")
    look = properties(rule, "pPr")
    borders = own(look, "pBdr")
    line = {"val": "single", "sz": "4", "space": "1", "color": "auto"}
    borders.append(borders.makeelement(W + "top", {W + k: v for k, v in line.items()}))
    made(look, "spacing", before="240", after="0", line="240", lineRule="auto")
    made(look, "ind", left="0", right=str(max(_text_width(body) - _LINE, 0)), firstLine="0")
    return rule


def _text_width(body: Element) -> int:
    """Twips between the margins of the last section; 6 inches where it does not say."""
    section = body.find(W + "sectPr")
    size, margins = (
        None if section is None else section.find(W + name) for name in ("pgSz", "pgMar")
    )
    if size is None or margins is None:
        return 8640
    sides = (margins.get(W + side, "1440") for side in ("left", "right"))
    return twips(size.get(W + "w", "12240")) - sum(map(twips, sides))


def count_by_section(sections: Sequence[Element], settings: Element, *, anew: bool) -> None:
    """Let Word count a letter's footnotes by the letter's own rules, from its first section on.

    `anew` says that they begin again there.
    """
    general = settings.find(W + "footnotePr")
    rules = [] if general is None else [e for e in general if e.tag != W + "footnote"]
    for number, section in enumerate(sections):
        said = own(section, "footnotePr")
        for rule in rules:
            if said.find(str(rule.tag)) is None:
                put(said, deepcopy(rule))
        if anew and number == 0 and value(said, "numRestart") in {None, "continuous"}:
            made(said, "numRestart", val="eachSect")
