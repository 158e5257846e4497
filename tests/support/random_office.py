"""A small office at random: edits of letters and workbook, day after day.

This module knows no expected results; `test_random_office.py` does.
"""

from __future__ import annotations

import os
import random
import shutil
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from docx import Document

from support import documents, staff_actions, workbooks

_NAMES = "Ana Bo Chidi Dao Eva Femi Gita Hugo Ines José Kenji Liên Mara Nuno Olga Pia"
_CITIES = "Lima Oslo Lagos Hanoi Brno Accra Pune Riga Quito Porto Kobe Huế Split Faro Omsk"
_COPIES = (
    "Copy {1}",
    "{0} ({1})",
    "{0} (Ana's conflicted copy {1})",
    "{0}-DESKTOP-AB{1}",
)
"""Names of copies by people, systems and clouds: the file, a number."""
_HOURS = (-23, -12, 0, 12, 23)
"""Time zones; between two of them the date may change."""


@dataclass(eq=False)
class PersonRow:
    """A row of the Signers or Recipients sheet.

    `city` is printed, `note` never is.
    """

    name: str
    city: str
    note: str
    id: str = ""
    include: str = ""
    seen: bool = False
    """True if a run has read this person's row as it is now."""


class Office:
    """A campaign folder with random changes, the same for the same seed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.random = random.Random(seed)  # noqa: S311 - nothing secret
        self.signers: list[PersonRow] = []
        self.recipients: list[PersonRow] = []
        self.version = 1
        self.date = ""
        self.done: list[str] = []
        self._pattern = ""
        self._hours = 0
        self._count = 0
        self._names = self.random.sample(_NAMES.split(), len(_NAMES.split()))
        self._removed_people: list[tuple[list[PersonRow], PersonRow]] = []
        self.corrected_people: list[PersonRow] = []
        """People whose names were corrected since the last run for all."""
        for sheet in (self.signers, self.signers, self.recipients, self.recipients):
            sheet.append(self._new_person())
        (folder / "templates").mkdir(parents=True)
        self.save_template()
        self.save_workbook()

    # -- the workbook and the template

    def _new_person(self, name: str = "", number: str = "") -> PersonRow:
        self._count += 1
        city = _CITIES.split()[self._count % len(_CITIES.split())]
        return PersonRow(name or self._names.pop(), city, f"note {self._count}", number)

    def save_workbook(self) -> None:
        """Write signers.xlsx from the current rows."""
        head = ["Name", "City", "Note", "ID", "Include"]
        sheets = {
            title: [head, *([p.name, p.city, p.note, p.id or None, p.include] for p in people)]
            for title, people in (("Signers", self.signers), ("Recipients", self.recipients))
        }
        settings = [["Name", "Value"], ["Date", self.date], ["File name", self._pattern]]
        rows = [row for row in settings if row[1]]
        workbooks.xlsx(self.folder, **sheets, **({"Settings": rows} if len(rows) > 1 else {}))

    def save_template(self) -> None:
        """Write the template of the current version."""
        lines = (
            f"Version {self.version}",
            '{{ date|date("yyyy-MM-dd") }}',
            "{{ signer.name }} of {{ signer.city }}",
            "Dear {{ recipient.name }} of {{ recipient.city }}",
        )
        path = self.folder / "templates" / "appeal.docx"
        path.write_bytes(documents.docx("\n".join(lines), footer="Version {{ signer.name }}"))

    def text(self, signer: PersonRow, recipient: PersonRow, day: str) -> list[str]:
        """Return the text of an up-to-date letter."""
        return [
            f"Version {self.version}",
            self.date or day,
            f"{signer.name} of {signer.city}",
            f"Dear {recipient.name} of {recipient.city}",
        ]

    def wanted(self) -> list[tuple[PersonRow, PersonRow]]:
        """Return the pairs of all people who take part."""
        signers = [p for p in self.signers if p.include != "no"]
        return [(s, r) for s in signers for r in self.recipients if r.include != "no"]

    def change_workbook(self) -> bool:
        """Change one thing and save.

        Return True if the next run must be for all letters.
        """
        sheet = self.random.choice([self.signers, self.recipients])
        person = self.random.choice(sheet)
        change = self.random.choice(_WORKBOOK)
        self.done.append(f"{change.__name__} {person.name}")
        at_once = change(self, sheet, person)
        self.save_workbook()
        return bool(at_once)

    def _join(self, sheet: list[PersonRow], _: PersonRow) -> None:
        if self._names and len(sheet) < 4:
            sheet.insert(self.random.randrange(len(sheet) + 1), self._new_person())

    def _leave(self, sheet: list[PersonRow], person: PersonRow) -> None:
        if sum(p.include != "no" for p in sheet if p is not person):
            sheet.remove(person)
            self._removed_people.append((sheet, person))

    def _come_back(self, sheet: list[PersonRow], _: PersonRow) -> None:
        removed = [s for from_sheet, s in self._removed_people if from_sheet is sheet]
        if removed and len(sheet) < 4:
            back = self.random.choice(removed)
            self._removed_people.remove((sheet, back))
            sheet.append(back)

    def _take_out_or_in(self, sheet: list[PersonRow], person: PersonRow) -> None:
        if person.include == "no":
            person.include = "yes"
        elif sum(p.include != "no" for p in sheet) > 1:
            person.include = "no"

    def _move_house(self, _: list[PersonRow], person: PersonRow) -> None:
        person.city = self.random.choice(_CITIES.split())
        person.seen = False

    def _note(self, _: list[PersonRow], person: PersonRow) -> None:
        person.note += "!"
        person.seen = False

    def _turn_round(self, sheet: list[PersonRow], _: PersonRow) -> None:
        sheet.reverse()

    def _correct(self, _: list[PersonRow], person: PersonRow) -> bool:
        if not person.seen:
            return False
        old = person.name
        name = self.random.choice([old + "a", old.upper() + "x", old[:1] + "." + old[1:]])
        if not self._people_named(name):
            person.name = name
            self.corrected_people.append(person)
            if not self._people_named(old):
                self._names.append(old)
        return True

    def _people_named(self, name: str) -> list[PersonRow]:
        """Return the people who have a name, or had it when they left."""
        everyone = [*self.signers, *self.recipients, *(p for _, p in self._removed_people)]
        return [p for p in everyone if p.name == name]

    def _namesake(self, sheet: list[PersonRow], person: PersonRow) -> bool:
        if len(sheet) < 4 and person.seen and len(self._people_named(person.name)) == 1:
            self._count += 1
            sheet.append(self._new_person(person.name, f"P{self._count}"))
        return True

    def _give_id(self, _: list[PersonRow], person: PersonRow) -> bool:
        if person.seen and not person.id:
            self._count += 1
            person.id = f"P{self._count}"
        return True

    def _new_template(self, _: list[PersonRow], __: PersonRow) -> None:
        self.version += 1
        self.save_template()

    def _resave_template(self, _: list[PersonRow], __: PersonRow) -> None:
        path = str(self.folder / "templates" / "appeal.docx")
        Document(path).save(path)

    def _set_date(self, _: list[PersonRow], __: PersonRow) -> None:
        self.date = self.random.choice(["", "2027-05-01", "2027-05-02"])

    def _name_files(self, _: list[PersonRow], __: PersonRow) -> None:
        self._pattern = self.random.choice(["", "{{ recipient.name }} - {{ signer.name }}"])

    def pass_time(self) -> None:
        """Go on to the next time zone, perhaps to the next day."""
        self._hours = min(self._hours + 1, len(_HOURS) - 1)
        os.environ["TZ"] = f"DAY{-_HOURS[self._hours]:+}"
        time.tzset()

    # -- the letters

    def files(self) -> list[Path]:
        """Return every file among the letters that is not the program's own."""
        root = self.folder / "letters"
        files = (p for p in sorted(root.rglob("*")) if p.is_file() or p.is_symlink())
        hidden = (".merge-", "~$", ".~lock")
        return [p for p in files if not any(w.startswith(hidden) for w in p.parts[-2:])]

    def touch_letters(self) -> None:
        """Change one letter's file, or two."""
        files = self.files()
        if not files:
            return
        path, other = self.random.choice(files), self.random.choice(files)
        change = self.random.choice(_LETTERS)
        root = self.folder / "letters"
        self.done.append(
            f"{change.__name__} {path.relative_to(root)} ({other.relative_to(root).name})"
        )
        if path.exists():
            change(self, path, other)

    def edit(self, path: Path, _: Path) -> None:
        """Write a sentence into a letter."""
        self._count += 1
        if _is_letter(path):
            staff_actions.add_line(path, f"By hand {self._count}.")

    def _retype(self, path: Path, _: Path) -> None:
        if _is_letter(path) and "Version" in "".join(
            p.text for p in Document(str(path)).paragraphs
        ):
            staff_actions.retype(path, "Version", "Edition")

    def _make_bold(self, path: Path, _: Path) -> None:
        if _is_letter(path):
            staff_actions.save_again(path, bold=True)

    def _save_again(self, path: Path, _: Path) -> None:
        if _is_letter(path):
            staff_actions.save_again(path)

    def _lose_ids(self, path: Path, _: Path) -> None:
        if _is_letter(path):
            staff_actions.save_without_ids(path)

    def _zip_again(self, path: Path, _: Path) -> None:
        if _is_letter(path):
            staff_actions.zip_again(path)

    def _delete(self, path: Path, _: Path) -> None:
        path.unlink()

    def _delete_folder(self, path: Path, _: Path) -> None:
        if path.parent != self.folder / "letters":
            shutil.rmtree(path.parent)

    def _rename(self, path: Path, _: Path) -> None:
        self._count += 1
        path.rename(path.with_name(f"Final {self._count}.docx"))

    def _rename_folder(self, path: Path, _: Path) -> None:
        self._count += 1
        if path.parent != self.folder / "letters":
            path.parent.rename(path.parent.with_name(f"Done {self._count}"))

    def _take_names_apart(self, path: Path, _: Path) -> None:
        path.rename(path.with_name(unicodedata.normalize("NFD", path.name)))

    def _move_over(self, path: Path, other: Path) -> None:
        if path != other:
            path.replace(other)

    def _swap(self, path: Path, other: Path) -> None:
        if path != other and other.exists():
            path.rename(path.with_name("x"))
            other.rename(path)
            path.with_name("x").rename(other)

    def _copy_over(self, path: Path, other: Path) -> None:
        if not path.is_symlink() and not other.is_symlink() and path != other:
            self._copied(path, other)

    def _copy(self, path: Path, _: Path) -> None:
        self._count += 1
        name = self.random.choice(_COPIES).format(path.stem, self._count)
        self._copied(path, path.with_name(f"{name}.docx"))

    def _copied(self, path: Path, to: Path) -> None:
        """Copy a file; some programs keep its time."""
        if self.random.random() < 0.5:
            shutil.copyfile(path, to)
        else:
            shutil.copy2(path, to)

    def _save_in_another_format(self, path: Path, _: Path) -> None:
        path.with_suffix(self.random.choice([".odt", ".doc"])).write_bytes(b"work by hand")

    def _put_another_file(self, path: Path, _: Path) -> None:
        self._count += 1
        path.unlink()
        path.write_bytes(self.random.choice([b"", b"notes", documents.docx(f"Mine {self._count}")]))

    def _put_a_link(self, path: Path, other: Path) -> None:
        if path != other:
            path.unlink()
            path.symlink_to(other)

    def _put_a_folder(self, path: Path, _: Path) -> None:
        path.unlink()
        path.mkdir()

    def _touch(self, path: Path, _: Path) -> None:
        seconds = self.random.choice([time.time() // 1, time.time() // 1 - 90_000, time.time()])
        os.utime(path, (seconds, seconds))

    def _open(self, path: Path, _: Path) -> None:
        cut = 0 if len(path.name) < 7 else 1 if len(path.name) == 7 else 2
        lock = self.random.choice([f"~${path.name[cut:]}", f".~lock.{path.name}#"])
        path.with_name(lock).write_bytes(b"someone")

    def close_all(self, _: Path, __: Path) -> None:
        """Close every letter in Word and LibreOffice."""
        for lock in (*self.folder.rglob("~$*"), *self.folder.rglob(".~lock.*")):
            lock.unlink()


def _is_letter(path: Path) -> bool:
    return path.suffix == ".docx" and path.stat().st_size > 1_000


_Workbook = Callable[[Office, list[PersonRow], PersonRow], bool | None]
_WORKBOOK: list[_Workbook] = [
    v
    for k, v in vars(Office).items()
    if k
    in {
        "_join",
        "_leave",
        "_come_back",
        "_take_out_or_in",
        "_move_house",
        "_note",
        "_turn_round",
        "_correct",
        "_namesake",
        "_give_id",
        "_new_template",
        "_resave_template",
        "_set_date",
        "_name_files",
    }
]
_Letters = Callable[[Office, Path, Path], None]
_LETTERS: list[_Letters] = [
    v
    for k, v in vars(Office).items()
    if k
    in {
        "edit",
        "_retype",
        "_make_bold",
        "_save_again",
        "_lose_ids",
        "_zip_again",
        "_delete",
        "_delete_folder",
        "_rename",
        "_rename_folder",
        "_take_names_apart",
        "_move_over",
        "_swap",
        "_copy_over",
        "_copy",
        "_save_in_another_format",
        "_put_another_file",
        "_put_a_link",
        "_put_a_folder",
        "_touch",
        "_open",
        "close_all",
    }
]
