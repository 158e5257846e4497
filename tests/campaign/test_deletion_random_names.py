"""Deleting the data of people with random names that contain each other."""

from __future__ import annotations

import html
import random
import re
import shutil
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from support.campaigns import letters, make, merge
from support.everyday import tries
from support.file_texts import texts_in
from support.registers import excel

WORDS = (
    *("Ann", "Mary", "Lee", "Rome", "Consul", "May", "Li", "Hans", "Mill", "van", "X", "7", "2026"),
    *("O'Neil", "O’Neil", "Müller", "Mu\u0308ller", "José", "ŞÜKRÜ", "d'Arc", '"Bo"', "(Jr)"),
    *("Page", "山田", "太郎", "Олена", "Jean-Luc", "Ann-Mary", "Ben Ali", "Leeann"),
)
TOWNS = ("Rome", "May", "Leeds", "York", "Li", "Mill", "Ann", "7", "2026", "山田", "Lee", "Olten")
TEMPLATE = (
    "We hope that May is the month in which Rome acts.\nDear {{ recipient.name }},\n"
    "{{ signer.name }}\n{{ signer.street }}\n{{ signer.city }}\n{{ recipient.title }}"
)
SIGNER = ["ID", "Name", "Street", "City", "Name checked"]
RECIPIENT = ["ID", "Name", "Title", "Country", "Name checked"]
_OPTIONS: tuple[list[str], ...] = (
    ["--per-signer"],
    ["--one-file"],
    ["--per-signer", "--by", "recipient"],
    [],
)

Row = Sequence[str]


class _Case:
    """A random campaign, and the person whose data is deleted."""

    def __init__(self, chance: random.Random, folder: Path) -> None:
        self.chance, self.folder = chance, folder
        self.people = {"Signers": [SIGNER], "Recipients": [RECIPIENT]}
        for sheet, letter, most in (("Signers", "S", 4), ("Recipients", "R", 3)):
            for number in range(1, chance.randint(2, most) + 1):
                self.people[sheet].append([f"{letter}{number}", *self._cells(sheet), "yes"])
        self.sheet = chance.choice(["Signers", "Signers", "Recipients"])
        self.row: Row = chance.choice(self.people[self.sheet][1:])

    def _words(self, fewest: int, most: int) -> str:
        return " ".join(self.chance.choices(WORDS, k=self.chance.randint(fewest, most)))

    def _cells(self, sheet: str) -> Iterator[str]:
        known = [row[1] for rows in self.people.values() for row in rows[1:]]
        name = self._words(2, 3)  # names of one word: test_deletion_names.py
        if known and self.chance.random() < 0.4:  # contains or equals another name
            name = " ".join([*self.chance.choices(["Mary", "", "Lee"]), self.chance.choice(known)])
        yield name.strip() if any(map(str.isalnum, name)) else "Ann"
        yield f"{self.chance.randint(1, 99)} {self._words(1, 2)} Road"
        yield self.chance.choice(TOWNS if sheet == "Signers" else ("Chad", "Peru"))

    def make(self) -> None:
        make(self.folder, TEMPLATE, **self.people)
        ran = merge("letters", self.folder)
        assert ran.code == 0, ran.err
        for options in self.chance.sample(_OPTIONS, k=self.chance.randint(1, 2)):
            merge("print", self.folder, *options)
        if self.chance.random() < 0.3:
            merge("proofread", self.folder)
        if self.chance.random() < 0.3:
            merge("mark", "posted", self.folder, "--all")

    @property
    def others(self) -> str:
        """All cells of other people and the template, folded."""
        rows = (row for rows in self.people.values() for row in rows if row is not self.row)
        return _folded("\n".join([TEMPLATE, *(cell for row in rows for cell in row)]))

    @property
    def own_words(self) -> list[str]:
        """Words that only this person has, long enough to be unique in bytes."""
        cells = [*self.row[1:4], *re.split(r"[\s,]+", self.row[1])]
        return [cell for cell in cells if len(cell) > 4 and _folded(cell) not in self.others]

    def delete_row(self) -> None:
        with excel(self.folder / "signers.xlsx", self.sheet) as sheet:
            rows = range(2, sheet.max_row + 1)
            sheet.delete_rows(next(n for n in rows if sheet.cell(n, 1).value == self.row[0]))

    def others_letters(self) -> dict[str, bytes]:
        own_paths = _letter_paths(self.folder, self.row[0], self.people)
        return {p: f.read_bytes() for p, f in letters(self.folder).items() if p not in own_paths}


def _letter_paths(folder: Path, person_id: str, people: Mapping[str, Sequence[Row]]) -> set[str]:
    """Return the paths of a person's letters, from the rows of the register."""
    pairs = ((s[0], r[0]) for s in people["Signers"][1:] for r in people["Recipients"][1:])
    sheet = load_workbook(folder / "register.xlsx")["Register"]
    headings = [cell.value for cell in sheet[1]]
    files = [str(row[headings.index("File")].value) for row in sheet.iter_rows(min_row=2)]
    paths = (re.sub(r'^=HYPERLINK\("letters/(.*?)".*', r"\1", link) for link in files)
    return {path for path, pair in zip(paths, pairs, strict=True) if person_id in pair}


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKD", text).casefold().replace("’", "'")


def _files_with(folder: Path, words: str) -> list[str]:
    """Return the files with these words in their names or contents."""
    folded = _folded(words)
    return [
        path.name
        for path in folder.rglob("*")
        if folded in _folded(path.relative_to(folder).as_posix())
        or (path.is_file() and any(folded in _folded(t) for t in texts_in(path.read_bytes())))
    ]


def check_deletion(chance: random.Random, folder: Path) -> None:
    """Delete one person's data: none is left, and nothing of others is lost."""
    case = _Case(chance, folder)
    case.make()
    case_text = f"{case.row} of {case.people}"
    letters_before = case.others_letters()
    name = _folded(case.row[1])
    print_files = {p: "\n".join(texts_in(p.read_bytes())) for p in folder.glob("print/*/*.docx")}
    merge("delete-person", case.row[0], folder, "--yes")
    case.delete_row()
    ran = merge("delete-person", case.row[0], folder, "--yes")
    assert (ran.code, ran.last) == (0, f"No data about {case.row[0]} is left."), (
        f"{case_text}{ran.err}"
    )
    for words in case.own_words:
        assert _files_with(folder, words) == [], f"{words}: {case_text}"
    letters_after = {path: file.read_bytes() for path, file in letters(folder).items()}
    assert letters_after == letters_before, case_text
    deleted_texts = [text for path, text in print_files.items() if not path.exists()]
    assert all(
        name in _folded(html.unescape(re.sub("<[^>]*>", " ", text))) for text in deleted_texts
    ), case_text


@pytest.mark.slow
@pytest.mark.soak
@settings(max_examples=tries(8, 200), deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_deletion_of_a_random_name_leaves_no_data_and_keeps_that_of_others(
    tmp_path_factory: pytest.TempPathFactory, chance: random.Random
) -> None:
    folder = tmp_path_factory.mktemp("campaign")
    check_deletion(chance, folder)
    shutil.rmtree(folder)
