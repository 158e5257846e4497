"""A campaign that much was done to by hand, and what must hold whenever a run over it stops."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx import Document
from openpyxl import load_workbook

from support.campaigns import ROOT, make, merge, merge_alone

REGISTER = "register.xlsx"
UNWANTED = "No longer wanted"
OURS = {".merge-lock", ".merge-ledger", ".merge-snapshot"}
"""What the program keeps beside the letters."""

_TEXT = "We ask you to release them without delay, and to tell their families where they are."
_TEMPLATE = "\n".join(
    (
        "{{ date }}",
        "{{ recipient.name }}",
        "{{ recipient.title }}",
        "Dear {{ recipient.name }},",
        *[_TEXT] * 8,
        "{{ signer.name }}",
        "{{ signer.city }}",
    )
)
_STAFF = ("Printed", "Signed", "Posted", "Answered", "Tracking number", "Notes")


def _word(number: int) -> str:
    """Letters for a number: a name holds no digits."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:03}").title()


def _people(kind: str, fact: str, count: int) -> list[tuple[str, str]]:
    return [(f"{kind} {_word(n)}", f"{fact} {_word(n)}") for n in range(count)]


def files(folder: Path) -> dict[str, bytes]:
    """Every file below the letters but the program's own: its hash, or where a link leads."""
    found = (p for p in sorted((folder / "letters").rglob("*")) if p.name not in OURS)
    return {
        p.relative_to(folder / "letters").as_posix(): _content(p)
        for p in found
        if p.is_symlink() or p.is_file()
    }


def _content(path: Path) -> bytes:
    if path.is_symlink():
        return os.fsencode(path.readlink())
    return hashlib.sha256(path.read_bytes()).digest()


def folders(folder: Path) -> set[str]:
    """Every folder below the letters."""
    found = (p for p in (folder / "letters").rglob("*") if p.is_dir() and not p.is_symlink())
    return {p.relative_to(folder / "letters").as_posix() for p in found}


def register(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """The cells of each sheet of the register."""
    book = load_workbook(folder / REGISTER)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def staff_cells(folder: Path) -> dict[object, list[object]]:
    """What staff wrote into the register, by the letter's id; each id is there once."""
    headings, *rows = register(folder)["Register"]
    found = {}
    for row in rows:
        cells = dict(zip(headings, row, strict=True))
        assert cells["ID"] not in found
        found[cells["ID"]] = [cells[heading] for heading in _STAFF]
    return found


def temporary(folder: Path) -> list[str]:
    """Every file that begins as the program's own files do, but the two that stay."""
    return [str(p) for p in folder.rglob(".merge-*") if p.name not in OURS]


@dataclass(frozen=True)
class EditedCampaign:
    """A folder after a first run, much work by hand, and changes in its workbook.

    `touched` are the files that are edited, on paper or not the program's. `before` is what lies
    there, `after` and `table` what an uninterrupted run makes of it; `opened` the hashes of files
    that python-docx opens.
    """

    folder: Path
    touched: Mapping[str, bytes]
    before: Mapping[str, bytes]
    after: Mapping[str, bytes]
    table: Mapping[str, Any]
    opened: frozenset[bytes]
    staff: Mapping[object, list[object]]

    def copy(self, to: Path) -> Path:
        """The same folder, its files' times as well, to run in."""
        shutil.copytree(self.folder, to, symlinks=True)
        return to

    def check_stopped(self, folder: Path) -> None:
        """What holds at any instant; nobody sees what lies in hidden folders."""
        found = {p: h for p, h in files(folder).items() if "/.merge-" not in f"/{p}"}
        assert {path: found.get(path) for path in self.touched} == self.touched
        letters = {p: h for p, h in found.items() if p.endswith(".docx") and p not in self.touched}
        assert {p for p, h in letters.items() if h not in self.opened} == set()
        assert set(letters) <= {*self.before, *self.after}
        assert self.staff.items() <= staff_cells(folder).items()

    def check_finished(self, folder: Path) -> None:
        """What holds when the run was repeated: all as if it had never been stopped."""
        again = merge_alone("letters", folder)
        assert (again.code, "Traceback" in again.err) == (0, False), again
        assert files(folder) == self.after
        assert register(folder) == self.table
        assert self.staff.items() <= staff_cells(folder).items()
        assert temporary(folder) == []
        assert folders(folder) == {p.rpartition("/")[0] for p in self.after} - {""} | _above(self)
        self._check_at_rest(folder)

    def _check_at_rest(self, folder: Path) -> None:
        times = _times(folder)
        assert merge("letters", folder, "--json").json["written"] == 0
        assert _times(folder) == times


def _above(worked: EditedCampaign) -> set[str]:
    return {path.split("/")[0] for path in worked.after if "/" in path}


def _times(folder: Path) -> dict[str, int]:
    found = [*(folder / "letters").rglob("*.docx"), folder / REGISTER]
    return {str(path): path.lstat().st_mtime_ns for path in found}


def make_edited_campaign(folder: Path, signers: int = 40, recipients: int = 40) -> EditedCampaign:
    """A folder of so many people, with a run to come that does all that a run may do."""
    there = folder / "campaign"
    sheets = _people("Signer", "City", signers), _people("Minister", "Office", recipients)
    _make(there, *sheets)
    ran = merge("letters", there)
    assert ran.code == 0, ran
    made = sorted(path for path in files(there) if path.endswith(".docx"))
    touched = [*_edit(there, made[3::83]), *_post(there, made[5::71]), *_plant(there)]
    for path in made[7::97]:
        (there / "letters" / path).unlink()
    _change(there, *sheets)
    before = files(there)
    done = folder / "done"
    shutil.copytree(there, done, symlinks=True)
    ran = merge("letters", done)
    assert ran.code == 0, ran
    return EditedCampaign(
        folder=there,
        touched={path: before[path] for path in touched},
        before=before,
        after=files(done),
        table=register(done),
        opened=_opened(there) | _opened(done),
        staff=staff_cells(there),
    )


def _make(folder: Path, signers: list[tuple[str, str]], recipients: list[tuple[str, str]]) -> None:
    sheets = {
        "Signers": [("Name", "City"), *signers],
        "Recipients": [("Name", "Title"), *recipients],
    }
    make(folder, _TEMPLATE, **sheets)


def _edit(folder: Path, paths: list[str]) -> list[str]:
    for path in paths:
        document = Document(str(folder / "letters" / path))
        document.add_paragraph("With kind regards to your staff.")
        document.save(str(folder / "letters" / path))
    return paths


def _post(folder: Path, paths: list[str]) -> list[str]:
    book = load_workbook(folder / REGISTER)
    sheet = book["Register"]
    headings = {cell.value: number for number, cell in enumerate(sheet[1])}
    rows = {row[headings["File"]].value: row for row in sheet.iter_rows(min_row=2)}
    for number, path in enumerate(paths):
        row = next(rows[link] for link in rows if f"letters/{path}" in str(link))
        row[headings["Posted"]].value = dt.datetime(2026, 11, 20)  # noqa: DTZ001 - Excel's
        row[headings["Tracking number"]].value = f"RR{number:09}"
        row[headings["Notes"]].value = "Taken to the post office by Inés."
    book.save(folder / REGISTER)
    return paths


def _plant(folder: Path) -> list[str]:
    """Files of somebody else's where letters are to come."""
    mine = folder / "letters" / f"Newcomer {_word(0)}"
    mine.mkdir()
    (mine / f"Minister {_word(0)}.docx").write_bytes(b"no letter")
    (mine / f"Minister {_word(1)}.docx").symlink_to(folder / "templates" / "appeal.docx")
    return [f"{mine.name}/Minister {_word(n)}.docx" for n in (0, 1)]


def _change(
    folder: Path, signers: list[tuple[str, str]], recipients: list[tuple[str, str]]
) -> None:
    """Titles of half the recipients, a corrected name, somebody who left, some who came."""
    stay = [signer for n, signer in enumerate(signers) if n != 5]
    stay[3] = ("Signer Corrected", stay[3][1])
    titles = [(name, title + " again" * (n % 2)) for n, (name, title) in enumerate(recipients)]
    _make(folder, [*stay, *_people("Newcomer", "Town", 6)], titles)


def _opened(folder: Path) -> frozenset[bytes]:
    """The hashes of the letters that python-docx opens, which are all but what was planted."""
    found = [p for p in (folder / "letters").rglob("*.docx") if not p.is_symlink()]
    letters = [path for path in found if path.read_bytes() != b"no letter"]
    for path in letters:
        assert Document(str(path)).paragraphs
    return frozenset(map(_content, letters))


@contextmanager
def started(
    *words: str | Path,
    extra_env: Mapping[str, str] | None = None,
    **more: Any,  # noqa: ANN401 - Popen's own
) -> Iterator[subprocess.Popen[str]]:
    """The program at work in a process of its own; it does not outlive the block."""
    env = {**os.environ, **(extra_env or {}), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "merge", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
        **more,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
