"""Defects of a .docx that Word rejects and validators miss.

A letter may have no other defects than its template.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from lxml import etree

from support.documents import OFFICE
from support.filled_letters import W, members

_TAG = re.compile(r"\{[{%#].*?[}%#]\}")
_LEAVES = {W + name for name in ("t", "instrText", "delText", "delInstrText")}
_FILLED = [W + name for name in ("tc", "txbxContent", "hdr", "ftr", "footnote", "endnote")]
_STORIES = {W + name for name in ("txbxContent", "footnote", "endnote", "comment")}
_PARA_ID = "{http://schemas.microsoft.com/office/word/2010/wordml}paraId"
_LINK = f"{{{OFFICE}}}"


def defects(data: bytes) -> Counter[str]:
    """Return the number of each defect of a file; empty if it is valid."""
    files = members(data)
    counts: Counter[str] = Counter()
    for name, part in files.items():
        if name.startswith("word/") and name.endswith(".xml"):
            root = etree.fromstring(part)
            counts.update(f"{name}: {defect}" for defect in _of_part(root))
            counts.update(f"{name}: {defect}" for defect in _links(root, files, name))
    counts.update(_notes(files))
    return counts


def _of_part(root: etree._Element) -> Iterator[str]:
    yield from (f"tag left over: {tag}" for tag in _tags(root))
    yield from _twice("docPr id", (e.get("id") for e in _named(root, "docPr")))
    yield from _twice("paraId", (e.get(_PARA_ID) for e in root.iter(f"{W}p")))
    starts = list(root.iter(f"{W}bookmarkStart"))
    yield from _twice("bookmark", (e.get(f"{W}name") for e in starts))
    yield from _halves(starts, list(root.iter(f"{W}bookmarkEnd")))
    yield from _endings(root)
    yield from _texts(root)
    for story in (e for e in root.iter() if e is root or e.tag in _STORIES):
        yield from _fields(story)


def _tags(root: etree._Element) -> Iterator[str]:
    for paragraph in root.iter(f"{W}p"):
        yield from _TAG.findall("".join(e.text or "" for e in paragraph.iter(f"{W}t")))


def _named(root: etree._Element, name: str) -> Iterator[etree._Element]:
    return (e for e in root.iter(etree.Element) if etree.QName(e).localname == name)


def _twice(what: str, values: Iterable[str | None]) -> Iterator[str]:
    counted = Counter(v for v in values if v is not None)
    yield from (f"{what} {value} twice" for value, times in counted.items() if times > 1)


def _halves(starts: list[etree._Element], ends: list[etree._Element]) -> Iterator[str]:
    start_ids, end_ids = ([str(e.get(f"{W}id")) for e in side] for side in (starts, ends))
    yield from (f"bookmark {n} without end" for n in (Counter(start_ids) - Counter(end_ids)))
    yield from (f"bookmarkEnd {n} alone" for n in (Counter(end_ids) - Counter(start_ids)))


def _endings(root: etree._Element) -> Iterator[str]:
    for holder in root.iter(*_FILLED):
        last = _last_block(holder)
        if last is None or last.tag != f"{W}p":
            name = etree.QName(holder).localname
            yield f"{name} ends in a table" if last is not None else f"{name} without a paragraph"


def _last_block(holder: etree._Element) -> etree._Element | None:
    """Return the last paragraph or table; in a content control, its last one."""
    blocks = [e for e in holder if e.tag in {f"{W}p", f"{W}tbl", f"{W}sdt"}]
    if blocks and blocks[-1].tag == f"{W}sdt":
        content = blocks[-1].find(f"{W}sdtContent")
        return None if content is None else _last_block(content)
    return blocks[-1] if blocks else None


def _texts(root: etree._Element) -> Iterator[str]:
    """Yield text in forbidden places, and elements inside text."""
    for element in root.iter(f"{W}*"):
        name = etree.QName(element).localname
        if element.tag in _LEAVES and len(element):
            yield f"elements inside {name}"
        if element.tag not in _LEAVES and (element.text or "").strip():
            yield f"bare text in {name}"
        if (element.tail or "").strip():
            yield f"bare text behind {name}"


def _fields(story: etree._Element) -> Iterator[str]:
    """Yield fields whose marks do not pair within their story."""
    stack: list[bool] = []
    for element in _walk(story):
        if element.tag == f"{W}instrText" and (not stack or stack[-1]):
            yield "field code outside a field"
        kind = element.get(f"{W}fldCharType")
        if kind == "begin":
            stack.append(False)
        elif kind and not stack:
            yield f"field mark {kind} alone"
        elif kind == "separate":
            stack[-1] = True
        elif kind == "end":
            stack.pop()
    yield from ["field without end"] * len(stack)


def _walk(story: etree._Element) -> Iterator[etree._Element]:
    for child in story.iterchildren(etree.Element):
        if child.tag in {f"{W}fldChar", f"{W}instrText"}:
            yield child
        elif child.tag not in _STORIES:
            yield from _walk(child)


def _links(root: etree._Element, files: dict[str, bytes], name: str) -> Iterator[str]:
    """Yield references to missing relationships and parts."""
    folder, file_name = posixpath.split(name)
    part = files.get(f"{folder}/_rels/{file_name}.rels", b"<none/>")
    relations = {str(e.get("Id")): e for e in etree.fromstring(part)}
    used = {str(v) for e in root.iter() for k, v in e.attrib.items() if str(k).startswith(_LINK)}
    yield from (f"no relationship {number}" for number in sorted(used - relations.keys() - {""}))
    for number, relation in relations.items():
        target = posixpath.normpath(posixpath.join("/", folder, str(relation.get("Target"))))
        if relation.get("TargetMode") != "External" and target.lstrip("/") not in files:
            yield f"relationship {number} leads nowhere"


def _notes(files: dict[str, bytes]) -> Iterator[str]:
    """Yield note marks without a note."""
    body = etree.fromstring(files["word/document.xml"])
    for kind in ("footnote", "endnote"):
        notes = etree.fromstring(files.get(f"word/{kind}s.xml", b"<none/>"))
        note_ids = {e.get(f"{W}id") for e in notes.iter(f"{W}{kind}")}
        marks = {e.get(f"{W}id") for e in body.iter(f"{W}{kind}Reference")}
        yield from (f"no {kind} {number}" for number in marks - note_ids)
