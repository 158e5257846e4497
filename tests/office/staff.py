"""Actions of staff on a campaign folder, between and during commands."""

from __future__ import annotations

import copy
import datetime as dt
import io
import os
import random
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docx import Document
from office.folder import STAGES, Campaign, Keys, Person, Register, read_register, word
from openpyxl import load_workbook
from support.staff_actions import lose_ledger

from merge.product import RECORDS_FOLDER

_GIVEN_NAMES = (
    "Ana Bo Chidi Dao Eva Femi Gita Hugo Inés José Kenji Liên Mara Nuno Olga Pia Rania Sven"
)
_FAMILY_NAMES = (
    "Ruiz Berg Okafor Pham Novák Adeyemi Rao Lindqvist Álvarez Castro Mori Trần Kovač Sousa"
)
_CITIES = "Lima Oslo Lagos Hanoi Brno Accra Pune Riga Quito Porto Kobe Huế Split Faro Omsk Graz"
_CONFLICTS = (
    "{} (Ana's conflicted copy 2026-11-26)",
    "{} (conflicted copy 2026-11-26 141500)",
    "{} (Copie en conflit de Ana 2026-11-26)",
    "{} (In Konflikt stehende Kopie von Ana 2026-11-26)",
    "{} (Copia en conflicto de Ana 2026-11-26)",
    "{} (конфликтующая копия пользователя Ana 2026-11-26)",
    "{} (نسخة متعارضة 2026-11-26)",
    "{}_conflict-20261126-141500",
    "{}.sync-conflict-20261126-141500-ABCDEF7",
    "{}-DESKTOP-AB12CD3",
    "{} (1)",
    "{} 2",
)
"""Names of conflict copies by clouds (Dropbox to iCloud)."""
_COPIES = (
    *_CONFLICTS,
    "{} - Copy",
    "{} - Kopie",
    "Copy of {}",
    "Kopia {}",
    "{} – копия",
    "{} alt",
)
"""Names of copies by clouds, Windows and people."""
_ENDINGS = (".odt", ".rtf", ".doc", ".docm")


@dataclass
class Knowledge:
    """Knowledge that the program must have while its ledger is intact."""

    paper: dict[Keys, bytes] = field(default_factory=dict)
    """The letters that a finished run saw as printed, and the content of each."""
    printed: dict[Keys, set[bytes]] = field(default_factory=dict)
    """The contents of print files that staff can see."""


@dataclass
class Backup:
    """The folder at one time, the program's knowledge then, and the people."""

    folder: Path
    knowledge: Knowledge
    people: tuple[list[Person], list[Person], list[tuple[str, str, str]], int]


class Staff:
    """People at work in a campaign folder, the same for the same seed."""

    def __init__(self, campaign: Campaign, safe: Path) -> None:
        self.campaign = campaign
        self.random = random.Random()  # noqa: S311 - nothing secret
        self.knowledge = Knowledge()
        self.edited_contents: set[bytes] = set()
        """The contents of all files that a person ever saved."""
        self.owners: dict[str, Keys] = {}
        """The keys of a letter by its ID."""
        self.names: dict[str, str] = {}
        """The key of the person who has or had a name."""
        self.known_as: dict[str, tuple[str, str]] = {}
        """The name and ID of a person at the last run, by key."""
        self.notes: dict[str, str] = {}
        """The ID of the letter whose row has a note."""
        self.marked: set[Keys] = set()
        """Letters that someone ever marked as printed."""
        self.paths: dict[Keys, str] = {}
        """The paths of the letters at the last run."""
        self.ledger_intact = True
        """True while the ledger was never replaced.

        Without it, old letters count as edited.
        """
        self.conflicts: set[str] = set()
        """Registers that are conflict copies, by name."""
        self.other_formats: dict[str, str] = {}
        """Letters saved in another format, with the path of each letter."""
        self._safe = safe
        self._backups: list[Backup] = []
        self._count = 0

    def begin(self, number: random.Random) -> None:
        """Fill in the workbook for the first time."""
        self.random = number
        for sheet, letter in ((self.campaign.signers, "S"), (self.campaign.recipients, "R")):
            for _ in range(self.random.choice([2, 2, 3])):
                self._add(sheet, letter, with_id=self.random.random() < 0.6)
        self.campaign.save_template()
        self.campaign.save_workbook()

    def _add(self, sheet: list[Person], letter: str, *, with_id: bool) -> Person:
        self._count += 1
        key = f"{letter}{self._count}"
        name = self._new_name()
        person = Person(key, name, self._city(), f"{key}X" if with_id else "")
        self.names[name] = key
        sheet.append(person)
        return person

    def _new_name(self) -> str:
        free = [f"{g} {f}" for g in _GIVEN_NAMES.split() for f in _FAMILY_NAMES.split()]
        return self.random.choice([name for name in free if name not in self.names])

    def _city(self) -> str:
        return self.random.choice(_CITIES.split())

    # -- letters

    def _random_letter(self, *, word_only: bool = True) -> Path | None:
        files = [
            p
            for p in self.campaign.files()
            if p.suffix == ".docx" and (not word_only or word(p.read_bytes()).lines)
        ]
        return self.random.choice(files) if files else None

    def _save(self, path: Path, data: bytes, *, by_rename: bool | None = None) -> None:
        """Save as a program does: over the file, or by a rename."""
        self.edited_contents.add(word(data).content)
        if by_rename is None:
            by_rename = self.random.random() < 0.5
        if by_rename:
            draft = path.with_name(f"~WRD{self._count:04}.tmp")
            draft.write_bytes(data)
            draft.replace(path)
        else:
            path.write_bytes(data)

    def _edited(self, path: Path) -> bytes:
        """Return the letter with new words in it."""
        self._count += 1
        document = Document(str(path))
        paragraph = self.random.choice(document.paragraphs)
        words = f"By hand {self._count}."
        if self.random.random() < 0.5 or "Letter " in paragraph.text:
            document.add_paragraph(words)
        else:
            paragraph.add_run(f" {words}")
        return _bytes(document)

    def edit(self) -> str | None:
        """Write a sentence into a letter."""
        if not (path := self._random_letter()):
            return None
        self._save(path, self._edited(path))
        return f"edits {self._short(path)}"

    def edit_unseen(self) -> str | None:
        """Edit a letter so that its size and time stay.

        Some copying programs do so.
        """
        if not (path := self._random_letter()):
            return None
        before, data = path.stat(), path.read_bytes()
        self._count += 1
        changed = _retyped(data, f"By hand {self._count}.")
        if changed is None or len(changed) > len(data):
            return None
        changed = (
            changed[:-2]
            + (len(data) - len(changed)).to_bytes(2, "little")
            + b" " * (len(data) - len(changed))
        )
        self._save(path, changed, by_rename=False)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return f"edits {self._short(path)}, and its size and time stay"

    def save_again(self) -> str | None:
        """Open a letter and save it."""
        if not (path := self._random_letter()):
            return None
        self._save(path, _bytes(Document(str(path))))
        return f"saves {self._short(path)} again"

    def copy_over(self) -> str | None:
        """Copy one letter over another, with its time."""
        path, other = self._random_letter(), self._random_letter()
        if not path or not other or path == other:
            return None
        shutil.copy2(path, other)
        return f"copies {self._short(path)} over {self._short(other)} (cp -p)"

    def copy(self) -> str | None:
        """Copy a letter under a program's name for copies; perhaps edit the copy."""
        if not (path := self._random_letter()):
            return None
        name = self.random.choice(_COPIES).format(path.stem)
        to = path.with_name(f"{name}.docx")
        if to.exists():
            return None
        shutil.copy2(path, to)
        description = f"copies {self._short(path)} as {to.name}"
        if self.random.random() < 0.5:
            self._save(to, self._edited(to))
            description += ", edits the copy"
        if self.random.random() < 0.3:
            path.unlink()
            description += ", deletes the first"
        return description

    def save_as(self) -> str | None:
        """Save a letter beside itself in another format."""
        path = self._random_letter()
        if not path or word(path.read_bytes()).keys is None:
            return None
        self._count += 1
        to = path.with_suffix(self.random.choice(_ENDINGS))
        data = f"By hand {self._count}.".encode()
        if to.suffix in {".odt", ".docm"}:
            data = _zip({"content.xml": data})
        self._save(to, data)
        self.other_formats[self._short(to)] = self._short(path)
        return f"saves {self._short(path)} as {to.name}"

    def rename(self) -> str | None:
        """Rename a letter, or move it to another folder."""
        if not (path := self._random_letter(word_only=False)):
            return None
        self._count += 1
        folder = path.parent
        if self.random.random() < 0.4:
            folder = self.campaign.letters / self.random.choice(["Done", "Für Bern", "Подписано"])
            folder.mkdir(exist_ok=True)
        to = folder / f"Final {self._count}.docx"
        path.rename(to)
        return f"moves {self._short(path)} to {self._short(to)}"

    def swap(self) -> str | None:
        """Swap two letters."""
        path, other = self._random_letter(), self._random_letter()
        if not path or not other or path == other:
            return None
        third = path.with_name("x.docx")
        path.rename(third)
        other.rename(path)
        third.rename(other)
        return f"swaps {self._short(path)} and {self._short(other)}"

    def rename_folder(self) -> str | None:
        """Rename a folder of letters."""
        path = self._random_letter()
        if not path or path.parent == self.campaign.letters:
            return None
        self._count += 1
        path.parent.rename(path.parent.with_name(f"Fertig {self._count}"))
        return f"renames the folder of {self._short(path)}"

    def delete(self) -> str | None:
        """Delete a letter."""
        if not (path := self._random_letter(word_only=False)):
            return None
        path.unlink()
        return f"deletes {self._short(path)}"

    def delete_folder(self) -> str | None:
        """Delete a folder of letters."""
        path = self._random_letter()
        if not path or path.parent == self.campaign.letters:
            return None
        shutil.rmtree(path.parent)
        return f"deletes the folder of {self._short(path)}"

    def put_other_file(self) -> str | None:
        """Replace a letter by another file."""
        if not (path := self._random_letter()):
            return None
        self._count += 1
        self._save(path, f"notes {self._count}".encode())
        return f"puts notes where {self._short(path)} is"

    def open(self) -> str | None:
        """Open a letter in Word or LibreOffice."""
        if not (path := self._random_letter()):
            return None
        cut = 0 if len(path.name) < 7 else 1 if len(path.name) == 7 else 2
        lock = self.random.choice([f"~${path.name[cut:]}", f".~lock.{path.name}#"])
        path.with_name(lock).write_bytes(b"someone")
        return f"opens {self._short(path)}"

    def close_all(self) -> str | None:
        """Close all open files."""
        folder = self.campaign.folder
        locks = [*folder.rglob("~$*"), *folder.rglob(".~lock.*")]
        for lock in locks:
            lock.unlink()
        return "closes everything" if locks else None

    def _short(self, path: Path) -> str:
        return path.relative_to(self.campaign.letters).as_posix()

    # -- the register

    @contextmanager
    def _book(self, path: Path | None = None) -> Iterator[Any]:
        path = path or self.campaign.register
        book = load_workbook(path)
        yield book
        book.save(path)

    def _seen(self) -> Register:
        path = self.campaign.register
        return read_register(path.read_bytes()) if path.exists() else Register()

    def mark(self, path: Path | None = None) -> str | None:
        """Write dates into rows of the register."""
        rows = sorted(set(self._seen().rows) & set(self.owners))
        if not rows:
            return None
        chosen = self.random.sample(rows, self.random.randint(1, len(rows)))
        stage = self.random.choice(STAGES)
        with self._book(path) as book:
            sheet = book["Register"]
            self._fill(sheet, chosen, stage, dt.datetime(2026, 11, 26))  # noqa: DTZ001 - Excel's
        self.marked |= {self.owners[id_] for id_ in chosen}
        return f"writes {stage} into the rows of {sorted(self.owners[id_] for id_ in chosen)}"

    def mark_pile(self, path: Path | None = None) -> str | None:
        """Write a date for a complete pile."""
        sheet_name = self.random.choice(["By signer", "By recipient"])
        stage, at = self.random.choice(STAGES), 0 if sheet_name == "By signer" else 1
        if not self._seen().rows:
            return None
        with self._book(path) as book:
            names = {row[0].value: row[1].value for row in book[sheet_name].iter_rows(min_row=2)}
            chosen = sorted(str(id_) for id_, name in names.items() if id_ and name in self.names)
            if not chosen:
                return None
            row = self.random.choice(chosen)
            tomorrow = dt.datetime.now() + dt.timedelta(days=1)  # noqa: DTZ005 - Excel's
            self._fill(book[sheet_name], [row], stage, tomorrow.replace(microsecond=0))
        key = self.names[names[row]]
        self.marked |= {keys for keys in self.owners.values() if keys[at] == key}
        return f"writes {stage} for the pile of {names[row]}"

    def empty_row(self) -> str | None:
        """Empty a row of the register, so that the letter is created again."""
        marked = sorted(self._seen().marked)
        if not marked:
            return None
        id_ = self.random.choice(marked)
        with self._book() as book:
            for stage in STAGES:
                self._fill(book["Register"], [id_], stage, None)
        return f"empties the row of {self.owners.get(id_)}"

    def note(self) -> str | None:
        """Write a note, into a column or a sheet of the staff's own."""
        rows = sorted(self._seen().rows)
        if not rows:
            return None
        self._count += 1
        place = self.random.choice(["Notes", "Mine", "sheet"])
        with self._book() as book:
            if place == "sheet":
                staff_sheet = book["Own"] if "Own" in book.sheetnames else book.create_sheet("Own")
                staff_sheet.append([f"note {self._count}", self._count])
            else:
                sheet = book["Register"]
                if place not in [c.value for c in sheet[1]]:
                    sheet.cell(1, sheet.max_column + 1).value = place
                row = self.random.choice(rows)
                self.notes[f"note {self._count}"] = row
                self._fill(sheet, [row], place, f"note {self._count}")
        return f"writes note {self._count}: {place}"

    def sort_rows(self) -> str | None:
        """Sort the register: complete rows move."""
        if len(self._seen().rows) < 2:
            return None
        with self._book() as book:
            sheet = book["Register"]
            rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=2)]
            self.random.shuffle(rows)
            for number, row in enumerate(rows, 2):
                for column, value in enumerate(row, 1):
                    sheet.cell(number, column).value = value
        return "sorts the register"

    def save_register_again(self) -> str | None:
        """Open the register and save it, in another program than Excel."""
        if not self.campaign.register.exists():
            return None
        with self._book():
            pass
        return "saves the register again"

    def conflict_register(self) -> str | None:
        """Write a colleague's dates into a conflict copy."""
        register = self.campaign.register
        if not register.exists() or not self._seen().rows:
            return None
        name = f"{self.random.choice(_CONFLICTS).format('register')}.xlsx"
        copied = register.with_name(name)
        if copied.exists():
            return None
        shutil.copy2(register, copied)
        description = self.random.choice([self.mark, self.mark_pile])(copied)
        self.conflicts.add(name)
        return f"{description}, which lands in {name}"

    def resolve_registers(self) -> str | None:
        """Delete the conflict copies of the register."""
        names = sorted(self.conflicts)
        for name in names:
            (self.campaign.folder / name).unlink(missing_ok=True)
        self.conflicts.clear()
        return f"deletes {names}" if names else None

    @staticmethod
    def _fill(sheet: Any, ids: list[str], heading: str, value: Any) -> None:  # noqa: ANN401
        column = next(c.column for c in sheet[1] if c.value == heading)
        for row in sheet.iter_rows(min_row=2):
            if row[0].value in ids:
                sheet.cell(row[0].row, column).value = value

    # -- the workbook and the template

    def _sheet(self) -> tuple[list[Person], str]:
        campaign = self.campaign
        return self.random.choice([(campaign.signers, "S"), (campaign.recipients, "R")])

    def _random_person(self) -> Person:
        return self.random.choice(self._sheet()[0])

    def join(self) -> str | None:
        """Add a person."""
        sheet, letter = self._sheet()
        if len(sheet) >= 4:
            return None
        return f"adds {self._add(sheet, letter, with_id=self.random.random() < 0.5).name}"

    def leave(self) -> str | None:
        """Delete a person's row."""
        sheet, _ = self._sheet()
        person = self.random.choice(sheet)
        rows = [row for row in self.campaign.pairs if person.key not in row]
        return self._change_unless_empty(
            f"deletes {person.name}", lambda: self._remove_person(sheet, person, rows)
        )

    def _remove_person(
        self, sheet: list[Person], person: Person, rows: list[tuple[str, str, str]]
    ) -> None:
        sheet.remove(person)
        self.campaign.pairs = rows

    def include(self) -> str | None:
        """Exclude a person, or include them again."""
        person = self._random_person()
        word_ = "yes" if person.include == "no" else "no"
        return self._change_unless_empty(
            f"writes {word_} into Include of {person.name}",
            lambda: setattr(person, "include", word_),
        )

    def correct(self) -> str | None:
        """Correct a name."""
        person = self._random_person()
        given_name, _, family_name = person.name.partition(" ")
        name = self.random.choice(
            [
                f"{given_name}a {family_name}",
                f"{given_name} {family_name}s",
                f"{given_name} M. {family_name}",
            ]
        )
        if name in self.names:
            return None
        self.names[name] = person.key
        old, person.name = person.name, name
        return f"corrects {old} to {name}"

    def replace_person(self) -> str | None:
        """Type a successor's name over the old one, under the same ID."""
        sheet, letter = self._sheet()
        old = self.random.choice(sheet)
        if not old.id or any(old.key in row for row in self.campaign.pairs):
            return None
        new = self._add(sheet, letter, with_id=False)
        sheet.remove(new)
        sheet[sheet.index(old)] = new
        new.id = old.id
        return f"types {new.name} over {old.name}, under the ID {new.id}"

    def change_id(self) -> str | None:
        """Give an ID, or another one."""
        person = self._random_person()
        self._count += 1
        person.id = f"{person.key}N{self._count}"
        return f"gives {person.name} the ID {person.id}"

    def give_ids(self) -> str | None:
        """Give an ID to everyone without one."""
        without = [person for person in self.campaign.people() if not person.id]
        for person in without:
            self._count += 1
            person.id = f"{person.key}N{self._count}"
        self.campaign.save_workbook()
        return f"gives IDs to {[p.name for p in without]}" if without else None

    def move(self) -> str | None:
        """Change a person's city."""
        person = self._random_person()
        person.city = self._city()
        return f"{person.name} moves to {person.city}"

    def change_pairs(self) -> str | None:
        """Add a row to the Pairs sheet, or delete one."""
        pairs = list(self.campaign.pairs)
        if pairs and self.random.random() < 0.5:
            row = pairs.pop(self.random.randrange(len(pairs)))
            return self._change_unless_empty(
                f"deletes {row} of Pairs", lambda: self._set_pairs(pairs)
            )
        signer, recipient = (
            self.random.choice([self.random.choice(sheet).key, "*"])
            for sheet in (self.campaign.signers, self.campaign.recipients)
        )
        row = (signer, recipient, self.random.choice(["", "no"]))
        if any(row[:2] == existing[:2] for existing in pairs) or row[:2] == ("*", "*"):
            return None
        return self._change_unless_empty(
            f"adds {row} to Pairs", lambda: self._set_pairs([*pairs, row])
        )

    def _set_pairs(self, rows: list[tuple[str, str, str]]) -> None:
        self.campaign.pairs = rows

    def reverse_rows(self) -> str | None:
        """Reverse the rows of a sheet."""
        self._sheet()[0].reverse()
        return "turns a sheet round"

    def change_template(self) -> str | None:
        """Write a new version of the letter."""
        self.campaign.version += 1
        self.campaign.save_template()
        return f"writes version {self.campaign.version} of the template"

    def _change_unless_empty(self, done: str, change: Callable[[], object]) -> str | None:
        """Change the workbook, unless no pair would be left."""
        people = self._people()
        change()
        if self.campaign.wanted():
            return done
        self._put_people(people)
        return None

    def _people(self) -> tuple[list[Person], list[Person], list[tuple[str, str, str]], int]:
        campaign = self.campaign
        return copy.deepcopy(
            (campaign.signers, campaign.recipients, campaign.pairs, campaign.version)
        )

    def _put_people(
        self, people: tuple[list[Person], list[Person], list[tuple[str, str, str]], int]
    ) -> None:
        campaign = self.campaign
        campaign.signers, campaign.recipients, campaign.pairs, campaign.version = copy.deepcopy(
            people
        )

    # -- backups

    def back_up(self) -> None:
        """Copy the complete folder to a hidden place."""
        to = self._safe / str(len(self._backups))
        shutil.copytree(self.campaign.folder, to, symlinks=True)
        self._backups.append(Backup(to, copy.deepcopy(self.knowledge), self._people()))

    def _backup(self) -> Backup | None:
        return self.random.choice(self._backups) if self._backups else None

    def restore_register(self) -> str | None:
        """Restore an old register."""
        backup = self._backup()
        if not backup or not (backup.folder / "register.xlsx").exists():
            return None
        shutil.copy2(backup.folder / "register.xlsx", self.campaign.register)
        return f"restores the register of backup {backup.folder.name}"

    def restore_ledger(self) -> str | None:
        """Restore old records, as when a folder is restored without its letters."""
        backup = self._backup()
        if not backup or not (backup.folder / RECORDS_FOLDER).exists():
            return None
        lose_ledger(self.campaign.folder)
        shutil.copytree(backup.folder / RECORDS_FOLDER, self.campaign.folder / RECORDS_FOLDER)
        self.knowledge, self.ledger_intact = copy.deepcopy(backup.knowledge), False
        return f"restores the ledger of backup {backup.folder.name}"

    def lose_ledger(self) -> str | None:
        """Delete the records, or damage one of their files."""
        files = sorted((self.campaign.folder / RECORDS_FOLDER).glob("*.jsonl"))
        if not files:
            return None
        how, file = self.random.choice(["deleted", "cut", "garbage"]), self.random.choice(files)
        if how == "deleted":
            lose_ledger(self.campaign.folder)
        else:
            old = file.read_bytes()
            file.write_bytes(old[: len(old) // 2] if how == "cut" else b"#" * len(old))
        self.knowledge, self.ledger_intact = Knowledge(), False
        return f"the ledger is {how}"

    def restore_letter(self) -> str | None:
        """Restore one old letter, with its time."""
        backup = self._backup()
        if not backup:
            return None
        files = sorted((backup.folder / "letters").rglob("*.docx"))
        if not files:
            return None
        chosen = self.random.choice(files)
        to = self.campaign.letters / chosen.relative_to(backup.folder / "letters")
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(chosen, to)
        return f"restores {self._short(to)} of backup {backup.folder.name}"

    def restore_folder(self) -> str | None:
        """Restore the complete old folder."""
        backup = self._backup()
        if not backup:
            return None
        for path in self.campaign.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(backup.folder, self.campaign.folder, symlinks=True, dirs_exist_ok=True)
        self.knowledge = copy.deepcopy(backup.knowledge)
        self._put_people(backup.people)
        return f"restores the folder of backup {backup.folder.name}"


def _bytes(document: Any) -> bytes:  # noqa: ANN401 - python-docx has no types
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()


def _zip(parts: dict[str, bytes]) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return output.getvalue()


def _retyped(data: bytes, words: str) -> bytes | None:
    """Return the file with one sentence of the letter replaced, packed small."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    old = b"We ask you to release them without delay."
    if old not in parts.get("word/document.xml", b""):
        return None
    parts["word/document.xml"] = parts["word/document.xml"].replace(old, words.encode())
    return _zip(parts)


Action = Callable[[Staff], str | None]
LETTERS: dict[Action, int] = {
    Staff.edit: 8,
    Staff.edit_unseen: 2,
    Staff.save_again: 2,
    Staff.copy_over: 3,
    Staff.copy: 5,
    Staff.save_as: 2,
    Staff.rename: 3,
    Staff.swap: 1,
    Staff.rename_folder: 1,
    Staff.delete: 2,
    Staff.delete_folder: 1,
    Staff.put_other_file: 1,
    Staff.open: 2,
    Staff.close_all: 2,
}
REGISTER: dict[Action, int] = {
    Staff.mark: 5,
    Staff.mark_pile: 3,
    Staff.empty_row: 1,
    Staff.note: 3,
    Staff.sort_rows: 1,
    Staff.save_register_again: 1,
    Staff.conflict_register: 2,
    Staff.resolve_registers: 1,
}
WORKBOOK: dict[Action, int] = {
    Staff.join: 2,
    Staff.leave: 2,
    Staff.include: 2,
    Staff.correct: 2,
    Staff.replace_person: 1,
    Staff.change_id: 1,
    Staff.move: 3,
    Staff.change_pairs: 2,
    Staff.reverse_rows: 1,
    Staff.change_template: 4,
}
BACKUPS: dict[Action, int] = {
    Staff.restore_register: 3,
    Staff.restore_ledger: 2,
    Staff.lose_ledger: 2,
    Staff.restore_letter: 3,
    Staff.restore_folder: 1,
}
DURING: dict[Action, int] = {
    Staff.edit: 6,
    Staff.edit_unseen: 1,
    Staff.save_again: 1,
    Staff.copy: 1,
    Staff.rename: 2,
    Staff.mark: 2,
    Staff.note: 2,
}
"""Actions while the program runs, with their weights."""
