"""An edited campaign, and what must hold whenever a run over it stops."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx import Document
from openpyxl import load_workbook

from support.campaigns import ROOT, make, merge, merge_alone
from support.registers import without_token

REGISTER = "register.xlsx"
UNWANTED = "No longer wanted"
PROGRAM_FILES = {".merge-lock"}
"""The program's own files beside the letters."""

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
    """Return letters for a number, because a name has no digits."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:03}").title()


def _people(kind: str, fact: str, count: int) -> list[tuple[str, str]]:
    return [(f"{kind} {_word(n)}", f"{fact} {_word(n)}") for n in range(count)]


def files(folder: Path) -> dict[str, bytes]:
    """Return every file below the letters, but not the program's own.

    The value is its hash, or the target of a link.
    """
    paths = (p for p in sorted((folder / "letters").rglob("*")) if p.name not in PROGRAM_FILES)
    return {
        p.relative_to(folder / "letters").as_posix(): _content(p)
        for p in paths
        if p.is_symlink() or p.is_file()
    }


def _content(path: Path) -> bytes:
    if path.is_symlink():
        return os.fsencode(path.readlink())
    return hashlib.sha256(path.read_bytes()).digest()


def folders(folder: Path) -> set[str]:
    """Return every folder below the letters."""
    paths = (p for p in (folder / "letters").rglob("*") if p.is_dir() and not p.is_symlink())
    return {p.relative_to(folder / "letters").as_posix() for p in paths}


def register(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the cells of each sheet of the register, without random tokens."""
    book = load_workbook(folder / REGISTER)
    return {
        sheet.title: [tuple(map(without_token, row)) for row in sheet.iter_rows(values_only=True)]
        for sheet in book
    }


def staff_cells(folder: Path) -> dict[object, list[object]]:
    """Return the staff's cells of the register by letter ID.

    Fail if an ID is there twice.
    """
    headings, *rows = register(folder)["Register"]
    cells_by_id = {}
    for row in rows:
        cells = dict(zip(headings, row, strict=True))
        assert cells["ID"] not in cells_by_id
        cells_by_id[cells["ID"]] = [cells[heading] for heading in _STAFF]
    return cells_by_id


def temporary(folder: Path) -> list[str]:
    """Return temporary files of the program, without its permanent ones."""
    return [str(p) for p in folder.rglob(".merge-*") if p.name not in PROGRAM_FILES]


@dataclass(frozen=True)
class EditedCampaign:
    """A folder after a first run, many edits, and changes in its workbook.

    1. `touched` are files that are edited, printed or not the program's.
    2. `before` are the files now; `after` and `table` are the result of a run without interruption.
    3. `opened` are the hashes of files that python-docx opens.
    """

    folder: Path
    touched: Mapping[str, bytes]
    before: Mapping[str, bytes]
    after: Mapping[str, bytes]
    table: Mapping[str, Any]
    opened: frozenset[bytes]
    staff: Mapping[object, list[object]]

    def copy(self, to: Path) -> Path:
        """Copy the folder, with the times of its files, to run in the copy."""
        shutil.copytree(self.folder, to, symlinks=True)
        return to

    def check_stopped(self, folder: Path) -> None:
        """Check what must hold at any instant; hidden folders do not count."""
        visible = {p: h for p, h in files(folder).items() if "/.merge-" not in f"/{p}"}
        assert {path: visible.get(path) for path in self.touched} == self.touched
        letters = {
            p: h for p, h in visible.items() if p.endswith(".docx") and p not in self.touched
        }
        assert {p for p, h in letters.items() if h not in self.opened} == set()
        assert set(letters) <= {*self.before, *self.after}
        assert self.staff.items() <= staff_cells(folder).items()

    def check_finished(self, folder: Path) -> None:
        """Repeat the run; check that its result is as without interruption."""
        again = merge_alone("letters", folder)
        assert (again.code, "Traceback" in again.err) == (0, False), again
        assert files(folder) == self.after
        assert register(folder) == self.table
        assert self.staff.items() <= staff_cells(folder).items()
        assert temporary(folder) == []
        assert folders(folder) == {p.rpartition("/")[0] for p in self.after} - {""} | _above(self)
        self._check_up_to_date(folder)

    def _check_up_to_date(self, folder: Path) -> None:
        times = _times(folder)
        assert merge("letters", folder, "--json").json["written"] == 0
        assert _times(folder) == times


def _above(worked: EditedCampaign) -> set[str]:
    return {path.split("/")[0] for path in worked.after if "/" in path}


def _times(folder: Path) -> dict[str, int]:
    paths = [*(folder / "letters").rglob("*.docx"), folder / REGISTER]
    return {str(path): path.lstat().st_mtime_ns for path in paths}


def make_edited_campaign(folder: Path, signers: int = 40, recipients: int = 40) -> EditedCampaign:
    """Make an edited campaign whose next run does all that a run can do."""
    campaign = folder / "campaign"
    sheets = _people("Signer", "City", signers), _people("Minister", "Office", recipients)
    _make(campaign, *sheets)
    result = merge("letters", campaign)
    assert result.code == 0, result
    letter_paths = sorted(path for path in files(campaign) if path.endswith(".docx"))
    touched = [
        *_edit(campaign, letter_paths[3::83]),
        *_post(campaign, letter_paths[5::71]),
        *_plant(campaign),
    ]
    for path in letter_paths[7::97]:
        (campaign / "letters" / path).unlink()
    _change(campaign, *sheets)
    before = files(campaign)
    finished = folder / "done"
    shutil.copytree(campaign, finished, symlinks=True)
    result = merge("letters", finished)
    assert result.code == 0, result
    return EditedCampaign(
        folder=campaign,
        touched={path: before[path] for path in touched},
        before=before,
        after=files(finished),
        table=register(finished),
        opened=_opened(campaign) | _opened(finished),
        staff=staff_cells(campaign),
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
    """Put foreign files in places of letters to come."""
    newcomer_folder = folder / "letters" / f"Newcomer {_word(0)}"
    newcomer_folder.mkdir()
    (newcomer_folder / f"Minister {_word(0)}.docx").write_bytes(b"no letter")
    (newcomer_folder / f"Minister {_word(1)}.docx").symlink_to(folder / "templates" / "appeal.docx")
    return [f"{newcomer_folder.name}/Minister {_word(n)}.docx" for n in (0, 1)]


def _change(
    folder: Path, signers: list[tuple[str, str]], recipients: list[tuple[str, str]]
) -> None:
    """Change half the titles, correct a name, remove a signer and add some."""
    stay = [signer for n, signer in enumerate(signers) if n != 5]
    stay[3] = (f"Dr {stay[3][0]}", stay[3][1])
    titles = [(name, title + " again" * (n % 2)) for n, (name, title) in enumerate(recipients)]
    _make(folder, [*stay, *_people("Newcomer", "Town", 6)], titles)


def _opened(folder: Path) -> frozenset[bytes]:
    """Return the hashes of letters that python-docx opens.

    These are all but the planted file.
    """
    paths = [p for p in (folder / "letters").rglob("*.docx") if not p.is_symlink()]
    letters = [path for path in paths if path.read_bytes() != b"no letter"]
    for path in letters:
        assert Document(str(path)).paragraphs
    return frozenset(map(_content, letters))


@contextmanager
def started(
    *words: str | Path,
    extra_env: Mapping[str, str] | None = None,
    program: Sequence[str] = ("-m", "merge"),
    **more: Any,  # noqa: ANN401 - Popen's own
) -> Iterator[subprocess.Popen[str]]:
    """Run the program in a process of its own, which ends with the block."""
    env = {**os.environ, **(extra_env or {}), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    process = subprocess.Popen(
        [sys.executable, *program, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=env,
        **more,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
