"""A campaign folder as staff see it: files, texts of letters, and people.

This module does not use the program's code: it reads Word and Excel files by itself, as docs/ says.
"""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from lxml import etree
from openpyxl import load_workbook
from support import documents, workbooks

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STAGES = ("Printed", "Signed", "Posted", "Answered")
STAFF = (*STAGES, "Tracking number", "Notes")
PROGRAM_HEADINGS = {
    "ID",
    "Signer",
    "Recipient",
    "File",
    "Status",
    "Created on",
    "Print file",
    "Letters",
}
"""Headings of the register that the program fills.

All others are the staff's.
"""
LETTER = re.compile(r"^Letter (S\d+)-(R\d+)$")
Keys = tuple[str, str]
"""The keys of a letter's signer and recipient, which never change."""


@dataclass(eq=False)
class Person:
    """A row of the Signers or Recipients sheet.

    The key identifies the person, whatever the name is.
    """

    key: str
    name: str
    city: str
    id: str = ""
    include: str = ""


@dataclass(frozen=True)
class WordFile:
    """The content of a Word file: its lines, the keys in it, its ID."""

    lines: tuple[str, ...]
    keys: Keys | None
    id: str
    content: bytes


class Campaign:
    """The folder, and the people in its workbook now."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.signers: list[Person] = []
        self.recipients: list[Person] = []
        self.pairs: list[tuple[str, str, str]] = []
        """Rows of the Pairs sheet: keys or `*`, and Include."""
        self.version = 1
        (folder / "templates").mkdir(parents=True)

    @property
    def letters(self) -> Path:
        """The folder of the letters."""
        return self.folder / "letters"

    @property
    def register(self) -> Path:
        """The register's path."""
        return self.folder / "register.xlsx"

    def people(self) -> list[Person]:
        """Return everyone in the workbook."""
        return [*self.signers, *self.recipients]

    def save_workbook(self) -> None:
        """Write signers.xlsx from the current rows."""
        head = ["Name", "Key", "City", "ID", "Include"]
        sheets: dict[str, list[Any]] = {
            title: [head, *([p.name, p.key, p.city, p.id or None, p.include] for p in people)]
            for title, people in (("Signers", self.signers), ("Recipients", self.recipients))
        }
        if self.pairs:
            references = {p.key: p.id or p.name for p in self.people()} | {"*": "*"}
            rows = [[references[s], references[r], include] for s, r, include in self.pairs]
            sheets["Pairs"] = [["Signer", "Recipient", "Include"], *rows]
        workbooks.xlsx(self.folder, **sheets)

    def save_template(self) -> None:
        """Write the template of the current version."""
        lines = (
            "Letter {{ signer.key }}-{{ recipient.key }}",
            f"Version {self.version}",
            "{{ signer.name }} of {{ signer.city }}",
            "Dear {{ recipient.name }} of {{ recipient.city }},",
            "We ask you to release them without delay.",
            "Ends here.",
        )
        path = self.folder / "templates" / "appeal.docx"
        path.write_bytes(documents.docx("\n".join(lines), footer="To {{ recipient.name }}"))

    def text(self, signer: Person, recipient: Person) -> list[str]:
        """Return the text of an up-to-date letter."""
        return [
            f"Letter {signer.key}-{recipient.key}",
            f"Version {self.version}",
            f"{signer.name} of {signer.city}",
            f"Dear {recipient.name} of {recipient.city},",
            "We ask you to release them without delay.",
            "Ends here.",
        ]

    def wanted(self) -> dict[Keys, tuple[Person, Person]]:
        """Return the pairs that get a letter, as docs/workbook.md says."""
        all_pairs = [(s, r) for s in self.signers for r in self.recipients]
        pairs = [(s, r) for s, r in all_pairs if "no" not in {s.include, r.include}]
        yes = [row for row in self.pairs if row[2] != "no"]
        no = [row for row in self.pairs if row[2] == "no"]
        if yes:
            pairs = [(s, r) for s, r in pairs if _named(yes, s, r)]
        return {(s.key, r.key): (s, r) for s, r in pairs if not _named(no, s, r)}

    def files(self) -> list[Path]:
        """Return the letters' files, without the program's own and locks."""
        paths = (p for p in sorted(self.letters.rglob("*")) if p.is_file() and not p.is_symlink())
        return [p for p in paths if not p.name.startswith((".merge-", "~$", ".~lock"))]

    def tree(self) -> dict[str, bytes]:
        """Return the bytes of the letters' files, hidden ones too, by path."""
        contents: dict[str, bytes] = {}
        for path in sorted(self.letters.rglob("*")):
            try:
                if path.name != ".merge-lock" and path.is_file() and not path.is_symlink():
                    contents[path.relative_to(self.letters).as_posix()] = path.read_bytes()
            except FileNotFoundError:
                continue
        return contents

    def print_files(self) -> dict[str, bytes]:
        """Return the Word files in visible folders of print/."""
        paths = sorted((self.folder / "print").glob("*/*.docx"))
        return {
            p.relative_to(self.folder).as_posix(): p.read_bytes()
            for p in paths
            if not p.parent.name.startswith(".") and not p.name.startswith((".", "~$"))
        }


def _named(rows: list[tuple[str, str, str]], signer: Person, recipient: Person) -> bool:
    return any(s in {"*", signer.key} and r in {"*", recipient.key} for s, r, _ in rows)


@lru_cache(maxsize=4000)
def word(data: bytes) -> WordFile:
    """Return the content of a Word file's bytes; without text if it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        body = etree.fromstring(parts["word/document.xml"])
    except (zipfile.BadZipFile, KeyError, etree.XMLSyntaxError):
        return WordFile((), None, "", hashlib.sha256(data).digest())
    texts = ("".join(t.text or "" for t in p.iter(f"{WORD}t")) for p in body.iter(f"{WORD}p"))
    lines = tuple(line for text in texts if (line := text.strip()))
    keys = next((m.groups() for line in lines if (m := LETTER.match(line))), None)
    identifier = re.search(rb"<dc:identifier>(\w+)<", parts.get("docProps/core.xml", b""))
    content = hashlib.sha256(repr(sorted(parts.items())).encode()).digest()
    return WordFile(
        lines,
        (keys[0], keys[1]) if keys else None,
        identifier[1].decode() if identifier else "",
        content,
    )


Cell = tuple[str, str, str, str]
"""A cell of staff: the sheet, the row's ID or position, heading, value."""


@dataclass(frozen=True)
class Register:
    """The staff's cells of a register, and its rows by letter."""

    cells: frozenset[Cell] = frozenset()
    marked: dict[str, frozenset[str]] = field(default_factory=dict)
    """The stages in each letter's own row, by ID."""
    piles: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    """The stages of each pile, by sheet and by the name of the person."""
    rows: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The names of signer and recipient of each letter, by ID."""


@lru_cache(maxsize=1000)
def read_register(data: bytes) -> Register:
    """Return the staff's cells of the workbook; empty if it is unreadable."""
    try:
        book = load_workbook(io.BytesIO(data))
    except Exception:  # noqa: BLE001 - openpyxl raises what it likes
        return Register()
    cells: set[Cell] = set()
    marked: dict[str, frozenset[str]] = {}
    piles: dict[tuple[str, str], frozenset[str]] = {}
    rows: dict[str, tuple[str, str]] = {}
    for sheet in book:
        lines = [list(row) for row in sheet.iter_rows(values_only=True)]
        head = [str(h) for h in lines[0]] if lines else []
        if sheet.title not in {"Register", "By signer", "By recipient"} or "ID" not in head:
            cells |= {("own", sheet.title, f"{n}", str(v)) for n, v in _filled(lines)}
            continue
        for line in lines[1:]:
            row = {h: str(v) for h, v in zip(head, line, strict=True) if v is not None}
            staff_cells = {
                h: v
                for h, v in row.items()
                if h not in PROGRAM_HEADINGS and not h.startswith("Kept")
            }
            cells |= {(sheet.title, row.get("ID", "?"), h, v) for h, v in staff_cells.items()}
            stages = frozenset(staff_cells) & frozenset(STAGES)
            if sheet.title == "Register":
                rows[row.get("ID", "?")] = row.get("Signer", ""), row.get("Recipient", "")
                if stages:
                    marked[row.get("ID", "?")] = (
                        marked.get(row.get("ID", "?"), frozenset()) | stages
                    )
            elif stages:
                piles[sheet.title, row.get(sheet.title.removeprefix("By ").title(), "?")] = stages
    return Register(frozenset(cells), marked, piles, rows)


def _filled(lines: list[list[Any]]) -> Iterator[tuple[int, Any]]:
    for n, line in enumerate(lines):
        yield from ((n, value) for value in line if value is not None)


def nfc(text: str) -> str:
    """Return text in one Unicode spelling."""
    return unicodedata.normalize("NFC", text)
