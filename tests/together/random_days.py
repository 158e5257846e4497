"""Random days of two people who work in one synced campaign folder.

This module knows no expected results; `day_invariants.py` does.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import os
import random
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from docx import Document
from openpyxl.worksheet.worksheet import Worksheet
from support import registers, staff_actions
from support.campaigns import RunResult
from support.registers import excel
from support.workbooks import Rows
from together.sync_service import SERVICES, Computer
from together.two_computers import Office, office

HAND = "By hand"
"""The beginning of each line that staff write into a letter."""
_TEMPLATE = "{{ date }}\n{{ recipient.name }}\nDear you,\n{{ signer.name }}\n{{ signer.city }}"
_SIGNERS: Rows = [
    ["ID", "Name", "City"],
    ["S1", "Ana Ruiz", "Lima"],
    ["S2", "Bo Berg", "Oslo"],
    ["S3", "Chidi Obi", "Lagos"],
    ["S4", "Dao Linh", "Hanoi"],
]
_RECIPIENTS: Rows = [
    ["ID", "Name"],
    ["R1", "Minister Li"],
    ["R2", "Consul Roy"],
    ["R3", "Judge Ek"],
]
_NEWCOMERS = [
    f"{first} {last}"
    for last in ("Adeyemi", "Novák", "Haddad")
    for first in ("Eva", "Gita", "Hugo", "Inés", "Kenji", "Mara", "Nuno", "Olga", "Pia")
]
_STAGES = ("Printed", "Signed", "Posted")
_MINUTES = 10
"""Minutes between two acts: no two print folders have the same name."""

Pair = tuple[str, str]
"""The names of a letter's signer and recipient."""


class Edit(NamedTuple):
    """A line that someone wrote into a letter by hand."""

    line: str
    pair: Pair


class Mark(NamedTuple):
    """A stage of a letter that someone typed or recorded with `merge mark`.

    `text` is the letter's text at that time, without lines by hand.
    """

    pair: Pair
    stage: str
    text: tuple[str, ...]


class Entry(NamedTuple):
    """A new signer's name, or a corrected city, in the workbook."""

    text: str
    person: str


class PrintedLetter(NamedTuple):
    """A letter in a print file, and the path of that file in the campaign."""

    id: str
    pair: Pair
    file: str


class Run(NamedTuple):
    """A run of the program: what was run where, and the result."""

    act: str
    result: RunResult


@dataclass
class RandomDay:
    """A day of two people, the same for the same seed.

    It has what they did, and in the end nothing of it may be lost.
    """

    seed: int
    two: Office
    random: random.Random
    acts: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    printed: list[PrintedLetter] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    """Names of signers whose data was deleted."""
    copies_after_run: list[tuple[Computer, str]] = field(default_factory=list)
    """Conflict copies that a computer's last run left."""
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _newcomers: list[str] = field(default_factory=_NEWCOMERS.copy)
    closings: list[tuple[str, bool]] = field(default_factory=list)
    """The computer, and whether the campaign was closed there, or reopened."""

    @classmethod
    def start(cls, folder: Path, seed: int) -> RandomDay:
        """Return a day that begins with a campaign, mostly with letters."""
        service = [*SERVICES][seed % len(SERVICES)]
        chance = random.Random(seed)  # noqa: S311 - nothing secret
        two = office(folder, service, _TEMPLATE, Signers=_SIGNERS, Recipients=_RECIPIENTS)
        two.b.clock = chance.choice([-600.0, 0.0, 600.0])
        return cls(seed, two, chance, [f"seed {seed}: {service}, clock of B {two.b.clock:+.0f} s"])

    def live(self) -> None:
        """Let the day pass; then each syncs everything and runs for letters.

        They run at once, and then one after the other: the copies that a service keeps on one
        computer are known on the other after that.
        """
        two, chance = self.two, self.random
        with self._clock():
            if chance.random() < 0.75:
                self.run(two.a, "letters")
                self._sync_all()
            each = [two.a] * chance.randint(7, 12) + [two.b] * chance.randint(7, 12)
            for computer in chance.sample(each, len(each)):
                self._act(computer)
                if chance.random() < 0.4:
                    self._sync(chance.choice([two.a, two.b]))
            self._sync_all()
            for computer in (two.a, two.b):
                self.run(computer, "letters")
            for computer in (two.b, two.a):
                self._sync_all()
                self.run(computer, "letters")
                here = (p for p in two.service.conflict_copies if (computer.folder / p).exists())
                self.copies_after_run += ((computer, path) for path in {*here})
            self._sync_all()

    @contextmanager
    def _clock(self) -> Iterator[None]:
        """Begin the day at eight o'clock, and restore the time zone at the end."""
        before = os.environ.get("TZ")
        self._midnight = time.time() % 86400
        self._set_clock(self.two.a)
        try:
            yield
        finally:
            os.environ.pop("TZ")
            if before is not None:
                os.environ["TZ"] = before
            time.tzset()

    def _set_clock(self, computer: Computer) -> None:
        seconds = int(8 * 3600 + len(self.acts) * _MINUTES * 60 + computer.clock)
        east = seconds - int(self._midnight)
        sign, distance = "-" if east >= 0 else "+", abs(east)
        os.environ["TZ"] = (
            f"DAY{sign}{distance // 3600:02}:{distance // 60 % 60:02}:{distance % 60:02}"
        )
        time.tzset()

    # -- the program and the service

    def run(self, computer: Computer, command: str, *words: str) -> Any:  # noqa: ANN401 - JSON
        """Run the program on a computer; return its JSON, or an empty one."""
        self._note(computer, " ".join((command, *words)))
        self._set_clock(computer)
        result = self.two.run(computer, command, *words, "--json")
        self.runs.append(Run(self.acts[-1], result))
        self.acts[-1] += f": {_summary(result)}"
        return result.json if result.out.startswith("{") else {}

    def _sync_all(self) -> None:
        self.acts.append("all synced")
        self.two.service.sync_all()

    def _sync(self, computer: Computer) -> None:
        """Sync a part of the files: some at random, the small ones, or pieces."""
        kind = self.random.choice(["some", "some", "small", "large", "all", "all", "pieces"])
        share = self.random.uniform(0.3, 0.8)
        self._note(computer, f"sync {kind} {share:.2f}")
        service, chance = self.two.service, self.random
        only = {
            "some": lambda _: chance.random() < share,
            "small": lambda path: service.size(computer, path) < 20_000 * share,
            "large": lambda path: service.size(computer, path) > 10_000 * share,
        }
        arrived = share if kind == "pieces" else 1.0
        service.sync(computer, only=only.get(kind, lambda _: True), chance=chance, arrived=arrived)

    def _note(self, computer: Computer, words: str) -> None:
        self.acts.append(f"{computer.name[-1]} {words}")

    # -- what people do

    def _act(self, computer: Computer) -> None:
        weights = {
            self._letters: 5,
            self._edit: 4,
            self._mark: 3,
            self._type: 3,
            self._print: 3,
            self._add_signer: 2,
            self._correct: 2,
            self._delete_row: 0.6,
            self._delete_person: 0.5,
            self._close: 0.4,
        }
        if self.closings and self.closings[-1] == (computer.name, True):
            weights[self._reopen] = 6
        (act,) = self.random.choices([*weights], [*weights.values()])
        self._set_clock(computer)
        act(computer)

    def _letters(self, computer: Computer) -> None:
        """Run for letters; some do not wait for what has not arrived."""
        result = self.run(computer, "letters")
        codes = {problem["code"] for problem in result["problems"]}
        if "files-not-arrived" in codes and self.random.random() < 0.3:
            self.run(computer, "letters", "--anyway")

    def _edit(self, computer: Computer) -> None:
        files = [f for f in letter_files(computer.folder) if f.is_in_place]
        if not files:
            return
        file = self.random.choice(files)
        line = f"{HAND} {next(self._numbers)} on {computer.name}"
        staff_actions.add_line(file.path, line)
        self.edits.append(Edit(line, file.pair))
        self._note(computer, f"edits {' / '.join(file.pair)}: {line}")

    def _mark(self, computer: Computer) -> None:
        """Record a stage with the program: signed and posted only if printed."""
        if letters := self._printed_here(computer):
            letter, stage = self.random.choice(letters), self.random.choice(_STAGES)
            words = ("--letter", letter.id)
        elif files := [f for f in letter_files(computer.folder) if f.is_in_place]:
            stage, words = "Printed", ("--for", self.random.choice(files).pair[0])
        else:
            return
        marked = self.run(computer, f"mark {stage.lower()}", *words, "--all")
        for path in marked.get("marked", ()):
            self._marked(computer, (Path(path).parent.name, Path(path).stem), stage)

    def _type(self, computer: Computer) -> None:
        """Type a day into the register: signed and posted only if printed."""
        path = computer.folder / "register.xlsx"
        if not _is_complete(path):
            return
        pairs = {letter.pair for letter in self._printed_here(computer)}
        stage = self.random.choice(_STAGES) if pairs else "Printed"
        rows = [row for row in registers.table(path) if row.get("Signer") and stage not in row]
        rows = [row for row in rows if not pairs or (row["Signer"], row["Recipient"]) in pairs]
        if rows:
            row = self.random.choice(rows)
            pair = row["Signer"], row["Recipient"]
            registers.fill(path, row["ID"], stage, dt.datetime.now().astimezone().date())
            self._note(computer, f"types {stage} of {' / '.join(pair)}")
            self._marked(computer, pair, stage)

    def _marked(self, computer: Computer, pair: Pair, stage: str) -> None:
        files = [f for f in letter_files(computer.folder) if f.is_in_place and f.pair == pair]
        self.marks.append(Mark(pair, stage, files[0].text if files else ()))

    def _printed_here(self, computer: Computer) -> list[PrintedLetter]:
        """Return letters whose print file is on this computer."""
        return [
            p
            for p in self.printed
            if (computer.folder / p.file).exists() and p.pair[0] not in self.deleted
        ]

    def _print(self, computer: Computer) -> None:
        words = self.random.choice([(), ("--since-last",), ("--since-last", "--skip-errors")])
        plan = self.run(computer, "letters", "--dry-run")
        pairs = {step["id"]: (step["signer"], step["recipient"]) for step in plan["letters"]}
        result = self.run(computer, "print", *words)
        for batch, file in zip(result.get("batches", ()), result.get("files", ()), strict=False):
            path = Path(file).relative_to(computer.folder).as_posix()
            self.printed += [PrintedLetter(i, pairs[i], path) for i in batch["letters"]]

    def _add_signer(self, computer: Computer) -> None:
        with self._workbook(computer) as sheet:
            if sheet is None:
                return
            name = self._newcomers.pop()
            number = f"S{sheet.max_row + 1}" if self.random.random() < 0.5 else None
            sheet.append([number, name, "Graz"])
            self.entries.append(Entry(name, name))
            self._note(computer, f"adds the signer {name} ({number or 'no ID'})")

    def _correct(self, computer: Computer) -> None:
        with self._workbook(computer) as sheet:
            if sheet is None:
                return
            row = self.random.randint(2, sheet.max_row)
            name, city = str(sheet.cell(row, 2).value), sheet.cell(row, 3)
            self._remove_entries(name, str(city.value))
            city.value = f"Town {next(self._numbers)}"
            self.entries.append(Entry(str(city.value), name))
            self._note(computer, f"corrects the city of {name}: {city.value}")

    def _delete_row(self, computer: Computer) -> None:
        with self._workbook(computer) as sheet:
            if sheet is None or sheet.max_row < 4:
                return
            row = self.random.randint(2, sheet.max_row)
            self._note(computer, f"deletes the row of {sheet.cell(row, 2).value}")
            self._delete(sheet, row)

    def _delete(self, sheet: Worksheet, row: int) -> None:
        name, city = str(sheet.cell(row, 2).value), str(sheet.cell(row, 3).value)
        self._remove_entries(name, name, city)
        sheet.delete_rows(row)

    def _remove_entries(self, person: str, *texts: str) -> None:
        """Remove entries that are replaced or deleted deliberately."""
        self.entries = [e for e in self.entries if e.person != person or e.text not in texts]

    def _delete_person(self, computer: Computer) -> None:
        """Delete a signer's data with the program, then the row as it says."""
        path = computer.folder / "signers.xlsx"
        rows = registers.table(path, "Signers") if _is_complete(path) else []
        if len(rows) < 3:
            return
        name = self.random.choice(rows)["Name"]
        if not self.run(computer, f"delete-person {name}", "--yes").get("done"):
            return
        self.deleted.add(name)
        with self._workbook(computer) as sheet:
            self._note(computer, f"deletes the row of {name}")
            self._delete(sheet, next(c.row for c in sheet["B"] if c.value == name))

    def _close(self, computer: Computer) -> None:
        """Close the campaign; the program has no JSON for that."""
        present = {line for f in letter_files(computer.folder) for line in f.lines}
        if self._run_close(computer, "--yes"):
            self.edits = [edit for edit in self.edits if edit.line not in present]
            self.closings.append((computer.name, True))

    def _reopen(self, computer: Computer) -> None:
        if self._run_close(computer, "--undo"):
            self.closings.append((computer.name, False))

    def _run_close(self, computer: Computer, option: str) -> bool:
        self._note(computer, f"close {option}")
        result = self.two.run(computer, "close", option)
        self.runs.append(Run(self.acts[-1], result))
        self.acts[-1] += f": exit {result.code}"
        return result.code == 0

    @contextmanager
    def _workbook(self, computer: Computer) -> Iterator[Any]:
        """Open the Signers sheet, which is saved at the end; None if incomplete."""
        path = computer.folder / "signers.xlsx"
        if _is_complete(path):
            with excel(path, "Signers") as sheet:
                yield sheet
        else:
            yield None


@dataclass(frozen=True)
class LetterFile:
    """A letter's file on a computer; `lines` are its paragraphs."""

    path: Path
    root: Path
    lines: tuple[str, ...]

    @property
    def pair(self) -> Pair:
        """The names in its text."""
        return self.lines[3], self.lines[1]

    @property
    def text(self) -> tuple[str, ...]:
        """Its paragraphs, without those by hand."""
        return tuple(line for line in self.lines if not line.startswith(HAND))

    @property
    def is_edited(self) -> bool:
        """Whether someone wrote into it by hand."""
        return self.text != self.lines

    @property
    def is_in_place(self) -> bool:
        """Whether it is the letter itself, in the signer's folder."""
        signer, recipient = self.pair
        return self.path == self.root / signer / f"{recipient}.docx"


def letter_files(folder: Path) -> list[LetterFile]:
    """Return all letters of a campaign folder that can be opened, by path."""
    root = folder / "letters"
    files = (LetterFile(p, root, _lines(p.read_bytes())) for p in sorted(root.rglob("*.docx")))
    return [file for file in files if len(file.lines) > 4]


@lru_cache(maxsize=2_000)
def _lines(data: bytes) -> tuple[str, ...]:
    """Return the paragraphs of a Word file; none if it cannot be opened."""
    try:
        return tuple(p.text for p in Document(io.BytesIO(data)).paragraphs if p.text)
    except (zipfile.BadZipFile, KeyError, ValueError):
        return ()


def _is_complete(path: Path) -> bool:
    return path.is_file() and zipfile.is_zipfile(path)


def _summary(result: RunResult) -> str:
    """Return the exit code, what was written, and the codes of problems."""
    found = result.json if result.out.startswith("{") else {}
    codes = sorted({p["code"] for p in found.get("problems", ()) if p["code"] != "column-unused"})
    counts = [f"{k} {found[k]}" for k in ("written", "letters") if isinstance(found.get(k), int)]
    return ", ".join([f"exit {result.code}", *counts, *codes])
