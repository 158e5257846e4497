"""The templates of the benchmark in three languages, and texts of letters."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from docx import Document
from lxml import etree

SHIPPED = Path(__file__).parent.parent / "templates" / "appeal.docx"

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_W = f"{{{_MAIN}}}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_TAG = re.compile(r"(\{\{.*?\}\})")
_PRINTED = re.compile(r"word/(document|header\d*|footer\d*)\.xml")
_FAT_STYLES = {"List Bullet": "List Bullet", "Body Text": "Body Text"}
"""Styles of the shipped template that python-docx's default file has too."""


@dataclass(frozen=True, slots=True)
class Design:
    """One letter as a template in three languages.

    `tags` is for docxtpl and this program, `fields` has merge fields, `braces` is for
    easy-template-x.
    """

    name: str
    tags: bytes
    fields: bytes
    braces: bytes
    has_table: bool


def designs() -> list[Design]:
    """Return the shipped template, the same on a large file, a complex one."""
    return [
        _design("shipped", SHIPPED.read_bytes()),
        _design("fat", _fat()),
        _design("header, footer, table", _tabled(), has_table=True),
    ]


def _design(name: str, tags: bytes, *, has_table: bool = False) -> Design:
    return Design(name, tags, with_fields(tags), with_braces(tags), has_table)


def _fat() -> bytes:
    """Return the shipped letter in python-docx's default file: many styles."""
    fat = Document()
    for paragraph in Document(str(SHIPPED)).paragraphs:
        fat.add_paragraph(paragraph.text, _FAT_STYLES.get(paragraph.style.name))
    return _saved(fat)


def _tabled() -> bytes:
    """Return the shipped letter with a header, a footer and a table of cases."""
    document = Document(str(SHIPPED))
    section = document.sections[0]
    section.header.paragraphs[0].text = "{{ signer.name }}, {{ signer.city }}"
    section.footer.paragraphs[0].text = "To {{ recipient.name }}, {{ recipient.organisation }}"
    rows = (
        ("Name", "Last seen in"),
        ("{%tr for case in cases %}", ""),
        ("{{ case.name }}", "{{ case.town }}"),
        ("{%tr endfor %}", ""),
    )
    table = document.add_table(len(rows), 2)
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.add_paragraph("Copies: the file.")
    return _saved(document)


def _saved(document: Document) -> bytes:
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()


def flat_name(tag: str) -> str:
    """Return `{{ recipient.name }}` as `recipient_name`, for other programs."""
    return tag.strip("{ }").replace(".", "_")


def with_fields(docx: bytes) -> bytes:
    """Return the template with merge fields, by which loop rows are found."""
    return _rewritten(docx, _fields_in)


def with_braces(docx: bytes) -> bytes:
    """Return the template with `{name}`, `{#loop}` … `{/loop}`."""
    return _rewritten(docx, _braces_in)


def _rewritten(docx: bytes, change: Callable[[etree._Element], None]) -> bytes:
    output = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(docx)) as source,
        zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            data = source.read(name)
            if _PRINTED.fullmatch(name):
                root = etree.fromstring(data)
                change(root)
                data = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
            target.writestr(name, data)
    return output.getvalue()


def _fields_in(root: etree._Element) -> None:
    _loop_rows(root)
    for text in list(root.iter(f"{_W}t")):
        if _TAG.search(text.text or ""):
            run = text.getparent()
            for piece in filter(None, _TAG.split(text.text)):
                run.addprevious(_piece(run, piece))
            run.getparent().remove(run)


def _piece(run: etree._Element, words: str) -> etree._Element:
    """Return a copy of a run with these words, or a merge field for a tag."""
    copied_run = deepcopy(run)
    text = copied_run.find(f"{_W}t")
    text.set(_SPACE, "preserve")
    if not _TAG.fullmatch(words):
        text.text = words
        return copied_run
    name = flat_name(words)
    text.text = f"«{name}»"
    field = etree.Element(f"{_W}fldSimple", {f"{_W}instr": f" MERGEFIELD {name} "})
    field.append(copied_run)
    return field


def _braces_in(root: etree._Element) -> None:
    for row in _loop_rows(root):
        first, *_, last = row.iter(f"{_W}t")
        first.text, last.text = "{#cases}" + first.text, last.text + "{/cases}"
    for text in root.iter(f"{_W}t"):
        text.text = _TAG.sub(lambda tag: f"{{{flat_name(tag[0])}}}", text.text or "")


def _loop_rows(root: etree._Element) -> list[etree._Element]:
    """Remove docxtpl's `{%tr` rows; return the rows between them."""
    rows = []
    for row in list(root.iter(f"{_W}tr")):
        words = "".join(text.text or "" for text in row.iter(f"{_W}t"))
        if words.startswith("{%tr for"):
            rows.append(row.getnext())
        if words.startswith("{%tr"):
            row.getparent().remove(row)
    return rows


def texts(docx: bytes) -> list[str]:
    """Return the text of each paragraph in body, headers and footers.

    Blank ones are dropped.
    """
    paragraphs = []
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        for name in sorted(filter(_PRINTED.fullmatch, archive.namelist())):
            root = etree.fromstring(archive.read(name))
            paragraphs += ["".join(_shown(p)) for p in root.iter(f"{_W}p")]
    return [text for text in paragraphs if text.strip()]


def _shown(paragraph: etree._Element) -> Iterator[str]:
    signs = {f"{_W}br": "\n", f"{_W}tab": "\t"}
    for element in paragraph.iter(f"{_W}t", *signs):
        yield signs.get(element.tag) or element.text or ""
