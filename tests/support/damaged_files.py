"""Office files with random damage; the same seed gives the same file.

Damage concerns bytes of the zip and its parts, XML elements and attributes, placeholders and cells.
"""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from lxml import etree

Parts = dict[str, bytes]
_T = TypeVar("_T")

WORDS = [
    *("{{", "}}", "{%", "%}", "{#", "#}", "{", "}", " ", "\n", "\u00a0", "\u200b", '"', "“", "'"),
    *("if ", "endif", "else", "elif ", "for x in ", "endfor", "{%p if a %}", "{%tr endfor %}"),
    *("a", ".", "a.b", "names", "|", "|upper", "|date", "|number('0')", "|default('x')", "(", ")"),
    *("[0]", "['x']", "~", "==", "<", "not ", "in ", "__class__", "self", "loop.index", "9" * 400),
    *("«a»", "{a}", "&", "<", "\ufdd2", "\ufdd3", "\ufffc", "\ufdd0", "é", "Имя", "0", "-1"),
    *("#N/A", "=1+1", "yes", "no", "*", "1e308", "2026-01-01", "../x", "_x000D_"),
]
"""Words of placeholders, fields and cells, complete and in pieces."""

VALUES = [
    *("", "0", "-1", "1", "99999999999999999999", "x" * 5_000, "NaN", "1e999", "true", "\n", "é"),
    *("A1", "XFD1048576", "A0", "ZZZZ9", "A1:XFD1048576", "{{ a }}", "begin", "end", "separate"),
    *("rId1", "styles", "image", "External", "../../x", "/word/document.xml", "http://x.example/"),
    *("MERGEFIELD a", "IF a = b", "DDE x y", '"', "word/document.xml", "s", "d", "str", "e", "b"),
]
"""Values for attributes, and for elements that hold no words."""


def unzipped(data: bytes) -> Parts:
    """Return the members of a zip."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """Return a zip of the members, with quick compression."""
    archive_bytes = io.BytesIO()
    with zipfile.ZipFile(archive_bytes, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return archive_bytes.getvalue()


class Damage:
    """Source of random damage for files."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - nothing secret
        self.done: list[str] = []
        """Kinds of damage so far, for messages."""

    def file(self, data: bytes) -> bytes:
        """Return the file with up to five kinds of damage; rarely also in its zip."""
        if self._often(0.08):
            return self._note(self._bytes)(data)
        parts = unzipped(data)
        kinds: list[Callable[[Parts], Parts]] = [
            *([self._elements] * 6),
            *([self._words] * 6),
            *([self._attributes] * 3),
            *(self._flipped, self._truncated, self._swapped, self._removed, self._added),
        ]
        for _ in range(self.dice.choice([1, 1, 2, 3, 5])):
            parts = self._note(self.dice.choice(kinds))(parts)
        archive_bytes = zipped(parts)
        return self._bytes(archive_bytes) if self._often(0.02) else archive_bytes

    def _note(self, kind: Callable[[_T], _T]) -> Callable[[_T], _T]:
        self.done.append(kind.__name__.strip("_"))
        return kind

    def _often(self, share: float) -> bool:
        return self.dice.random() < share

    def _bytes(self, data: bytes) -> bytes:
        """Change, delete and insert bytes."""
        changed = bytearray(data)
        for _ in range(self.dice.choice([1, 1, 2, 5, 20])):
            at = self.dice.randrange(len(changed) + 1)
            cut, new = self.dice.choice([0, 1, 1, 4]), self.dice.choice([0, 1, 1, 4])
            changed[at : at + cut] = self.dice.randbytes(new)
        return bytes(changed)

    def _some(self, parts: Parts) -> str:
        """Return the name of a random part, usually one that contains text."""
        main = [n for n in parts if n.endswith(("document.xml", "sheet1.xml", "sharedStrings.xml"))]
        return self.dice.choice(main if main and self._often(0.6) else list(parts) or [""])

    def _flipped(self, parts: Parts) -> Parts:
        name = self._some(parts)
        return {**parts, name: self._bytes(parts.get(name, b""))}

    def _truncated(self, parts: Parts) -> Parts:
        name = self._some(parts)
        data = parts.get(name, b"")
        return {**parts, name: data[: self.dice.randrange(len(data) + 1)]}

    def _swapped(self, parts: Parts) -> Parts:
        name, other_name = self._some(parts), self.dice.choice(list(parts) or [""])
        return {**parts, name: parts.get(other_name, b""), other_name: parts.get(name, b"")}

    def _removed(self, parts: Parts) -> Parts:
        removed = self.dice.choice(list(parts) or [""])
        return {name: data for name, data in parts.items() if name != removed}

    def _added(self, parts: Parts) -> Parts:
        name = self._some(parts)
        new = self.dice.choice([name.upper(), f"{name}x", f"x/{name}", "word/x.xml", "xl/x.xml"])
        return {**parts, new: parts.get(name, b"")}

    def _elements(self, parts: Parts) -> Parts:
        """Delete, duplicate, move or rename an element."""
        return self._changed(parts, self._element)

    def _element(self, root: etree._Element, elements: Sequence[etree._Element]) -> None:
        element, target = self.dice.choice(elements), self.dice.choice(elements)
        copy = etree.fromstring(etree.tostring(element))
        copy.tail = None
        how = self.dice.choice(["out", "out", "twice", "many", "move", "inside", "name", "swap"])
        parent = element.getparent()
        if how == "name":
            element.tag = target.tag
        elif how == "swap" and len(root):
            root.insert(0, root[-1])
        elif how in {"twice", "many"}:
            for _ in range(1 if how == "twice" else self.dice.choice([3, 70])):
                target.append(etree.fromstring(etree.tostring(copy)))
        elif parent is not None:
            parent.remove(element)
            if how == "move" and target.getroottree().getroot() is root:
                target.insert(self.dice.randrange(len(target) + 1), copy)
            elif how == "inside":
                parent.append(copy)

    def _attributes(self, parts: Parts) -> Parts:
        return self._changed(parts, self._attribute)

    def _attribute(self, _root: etree._Element, elements: Sequence[etree._Element]) -> None:
        with_attributes = [e for e in elements if e.attrib]
        if not with_attributes:
            return
        element = self.dice.choice(with_attributes)
        name = self.dice.choice([str(n) for n in element.attrib])
        if self._often(0.3):
            del element.attrib[name]
        else:
            element.set(name, self.dice.choice(VALUES))

    def _words(self, parts: Parts) -> Parts:
        return self._changed(parts, self._word)

    def _word(self, _root: etree._Element, elements: Sequence[etree._Element]) -> None:
        texts = [e for e in elements if e.text and e.text.strip()] or [elements[-1]]
        element = self.dice.choice(texts)
        text = element.text or ""
        at = self.dice.randrange(len(text) + 1)
        cut = self.dice.choice([0, 0, 1, 2, len(text)])
        new = "".join(self.dice.choices(WORDS, k=self.dice.choice([0, 1, 1, 2, 6])))
        element.text = text[:at] + new + text[at + cut :]

    def _changed(
        self,
        parts: Parts,
        change: Callable[[etree._Element, Sequence[etree._Element]], None],
    ) -> Parts:
        """Return the parts with one of them changed as XML.

        If it is not XML (any longer), nothing changes.
        """
        name = self._some(parts)
        try:
            root = etree.fromstring(parts.get(name, b""))
        except etree.XMLSyntaxError:
            return parts
        for _ in range(self.dice.choice([1, 1, 3])):
            change(root, list(root.iter(etree.Element)))
        return {**parts, name: etree.tostring(root, xml_declaration=True, encoding="UTF-8")}


def checksum(data: bytes) -> str:
    """Return eight digits that identify the bytes, for messages."""
    return f"{zlib.crc32(data):08x}"
