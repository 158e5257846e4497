"""The inventory of the letters folder: unknown files and files in use."""

from __future__ import annotations

import datetime as dt
import os
import unicodedata
from contextlib import closing
from pathlib import Path

import pytest
from support import staff_actions
from support.filled_letters import template

from merge.computer import draft_name
from merge.ooxml.stamps import LetterStamp
from merge.state.folder_access import read_file
from merge.state.inventory import LettersFolderInventory, take_inventory, take_trial_inventory
from merge.state.ledger import memory_ledger
from merge.state.ledger_records import LedgerChangeSet, LetterRecord
from merge.template.filters import freeze

DAY = dt.date(2026, 11, 25)
ONE, TWO = "1" * 16, "2" * 16
posix = pytest.mark.posix("POSIX names and links")


def _letter(letter_id: str = ONE) -> bytes:
    return template("Dear Li").fill_with_fingerprint(freeze({}), LetterStamp(letter_id, DAY)).data


def _put(folder: Path, *paths: str, data: bytes | None = None) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(_letter() if data is None else data)


def _inventory(folder: Path, **known_paths: str) -> LettersFolderInventory:
    """Return the inventory if the ledger knows these letters, by path."""
    with closing(memory_ledger()) as ledger:
        ids = {"one": ONE, "two": TWO}
        letters = [
            LetterRecord(ids[letter_name], path, b"", DAY, b"")
            for letter_name, path in known_paths.items()
        ]
        ledger.commit(LedgerChangeSet(letters))
        return take_inventory(folder, ledger, {int(ONE, 16), int(TWO, 16)})


def test_an_unknown_file_with_a_letter_id_is_found_anywhere(tmp_path: Path) -> None:
    _put(tmp_path, "Ana/Li.docx", "Done/2026/Li.docx", "Li.DOCX")
    _put(tmp_path, "Ana/Roy.docx", data=_letter(TWO))
    inventory = _inventory(tmp_path, one="Ana/Li.docx")
    assert inventory.unknown_letters == {
        ONE: ("Done/2026/Li.docx", "Li.DOCX"),
        TWO: ("Ana/Roy.docx",),
    }


def test_a_letter_at_its_path_in_the_ledger_is_not_opened(tmp_path: Path) -> None:
    """The plan checks its contents if its size or time changed."""
    _put(tmp_path, "Ana/Li.docx", data=_letter(TWO))
    assert _inventory(tmp_path, one="Ana/Li.docx").unknown_letters == {}


def test_files_that_are_not_letters_are_ignored(tmp_path: Path) -> None:
    _put(tmp_path, "Ana/a.docx", data=b"no letter")
    _put(tmp_path, "Ana/b.docx", data=b"")
    _put(tmp_path, "Ana/Li.pdf", "Ana/Li.doc", "Ana/docx")
    assert _inventory(tmp_path).unknown_letters == {}


@pytest.mark.parametrize(
    "name",
    [
        "._Li.docx",
        "~$Li.docx",
        ".DS_Store",
        ".Li.docx",
    ],
)
def test_hidden_files_of_the_system_are_not_letters(tmp_path: Path, name: str) -> None:
    _put(tmp_path, f"Ana/{name}")
    assert _inventory(tmp_path).unknown_letters == {}


def test_letters_no_longer_wanted_are_in_the_inventory_and_old_versions_are_not(
    tmp_path: Path,
) -> None:
    _put(tmp_path, "Old versions/2026/Ana/Li.docx", "No longer wanted/Ana/Li.docx")
    assert _inventory(tmp_path).unknown_letters == {ONE: ("No longer wanted/Ana/Li.docx",)}


@posix
def test_the_inventory_does_not_follow_links(tmp_path: Path) -> None:
    _put(tmp_path / "elsewhere", "Li.docx")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "folder").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in" / "Li.docx").symlink_to(tmp_path / "elsewhere" / "Li.docx")
    assert _inventory(tmp_path / "in").unknown_letters == {}


def test_the_inventory_of_a_missing_folder_is_empty(tmp_path: Path) -> None:
    assert _inventory(tmp_path / "letters") == LettersFolderInventory(str(tmp_path / "letters"))


@posix
def test_decomposed_names_as_on_a_mac_are_the_same_names(tmp_path: Path) -> None:
    path = "José/Éva.docx"
    decomposed = unicodedata.normalize("NFD", path)
    assert path != decomposed
    _put(tmp_path, decomposed)
    inventory = _inventory(tmp_path, one=path)
    assert inventory.unknown_letters == {}
    assert inventory.full_path(path) == f"{tmp_path}/{decomposed}"
    assert str(inventory.relative_path(path)) == decomposed
    assert _inventory(tmp_path).unknown_letters == {ONE: (path,)}


@pytest.mark.parametrize(
    ("letter", "lock"),
    [
        ("Ana/Minister Li.docx", "Ana/~$nister Li.docx"),
        ("Ana/Li.docx", "Ana/~$i.docx"),
        ("Ana/Li.docx", "Ana/~$Li.docx"),
        ("Li.docx", "~$Li.docx"),
        ("Ana/Minister Li.docx", "Ana/.~lock.Minister Li.docx#"),
        ("José.docx", unicodedata.normalize("NFD", "~$sé.docx")),
    ],
)
def test_an_owner_file_says_that_a_letter_is_open(tmp_path: Path, letter: str, lock: str) -> None:
    _put(tmp_path, letter)
    assert not _inventory(tmp_path).is_open(letter)
    _put(tmp_path, lock, data=b"somebody")
    assert _inventory(tmp_path).is_open(letter)


@pytest.mark.parametrize("lock", ["~$nister Lo.docx", "Bo/~$nister Li.docx", ".~lock.Li.docx#"])
def test_the_owner_file_of_another_letter_does_not_count(tmp_path: Path, lock: str) -> None:
    _put(tmp_path, "Ana/Minister Li.docx")
    _put(tmp_path, lock if "/" in lock else f"Ana/{lock}", data=b"somebody")
    assert not _inventory(tmp_path).is_open("Ana/Minister Li.docx")


def test_files_in_other_formats_are_found_by_the_letter_next_to_them(
    tmp_path: Path,
) -> None:
    _put(tmp_path, "Ana/Li.docx", "Ana/li.ODT", "Ana/Li.doc", "Ana/Li.pdf", "Li.odt")
    inventory = _inventory(tmp_path)
    assert inventory.other_formats_of("Ana/Li.docx") == ("Ana/Li.doc", "Ana/li.ODT")
    assert inventory.other_formats_of("Ana/Lo.docx") == ()


def test_a_letter_hidden_by_a_killed_run_is_found_at_its_original_path(tmp_path: Path) -> None:
    _put(tmp_path, "Ana/.merge-taken-12-1/Li.docx", "Ana/.merge-taken-12-2/Lo.docx", "Ana/Lo.docx")
    inventory = _inventory(tmp_path, one="Ana/Li.docx")
    assert set(inventory.hidden_folders) == {"Ana/.merge-taken-12-1", "Ana/.merge-taken-12-2"}
    assert inventory.full_path("Ana/Li.docx") == f"{tmp_path}/Ana/.merge-taken-12-1/Li.docx"
    assert inventory.unknown_letters == {ONE: ("Ana/Lo.docx",)}


def test_the_inventory_of_test_letters_opens_only_these_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test_files = ("Ana/Li.docx", "Ana/Li-2.docx", f"Ana/{draft_name('12-3')}", "Ana/~$Li.docx")
    hidden = f"{draft_name('12-4')}/Li.docx"
    other_files = (
        "Ana/other.docx",
        "x.docx",
        "deep/Li.docx",
        ".merge-x.tmp",
        "Ana/.merge-a.xlsx.tmp",
    )
    _put(tmp_path, *test_files, *other_files, hidden)
    opened, listed = list[str](), list[str]()
    read, scandir = Path.read_bytes, os.scandir

    def watched_read(path: Path) -> bytes:
        opened.append(path.name)
        return read(path)

    def watched_scan(path: str) -> object:
        listed.append(Path(path).name)
        return scandir(path)

    monkeypatch.setattr(Path, "read_bytes", watched_read)
    monkeypatch.setattr(os, "scandir", watched_scan)
    with closing(memory_ledger()) as ledger:
        inventory = take_trial_inventory(tmp_path, ledger, ["Ana/Li.docx"])
    assert inventory.unknown_letters == {ONE: ("Ana/Li-2.docx", "Ana/Li.docx")}
    assert (sorted(opened), listed) == (["Li-2.docx", "Li.docx"], [tmp_path.name, "Ana"])
    assert inventory.leftovers == (draft_name("12-4"), f"Ana/{draft_name('12-3')}")
    assert inventory.is_open("Ana/Li.docx")


def test_temporary_files_of_a_killed_run_are_found(tmp_path: Path) -> None:
    _put(tmp_path, f"Ana/{draft_name('123-4')}", "Appeal Merge records.db", "Ana/Li.tmp")
    assert _inventory(tmp_path).leftovers == (f"Ana/{draft_name('123-4')}",)


def test_only_regular_files_are_read_as_letters(tmp_path: Path) -> None:
    _put(tmp_path, "a.docx", data=b"abc")
    assert read_file(str(tmp_path / "a.docx")) == b"abc"
    assert read_file(str(tmp_path)) == b""
    assert read_file(str(tmp_path / "nothing")) is None


@pytest.mark.disk("pipes")
@posix
def test_a_link_and_a_pipe_are_not_read_as_letters(tmp_path: Path) -> None:
    _put(tmp_path, "a.docx", data=b"abc")
    (tmp_path / "b.docx").symlink_to(tmp_path / "a.docx")
    os.mkfifo(tmp_path / "c.docx")
    assert read_file(str(tmp_path / "b.docx")) == b""
    assert read_file(str(tmp_path / "c.docx")) == b""
    assert _inventory(tmp_path).unknown_letters == {}


def test_a_file_too_large_for_a_letter_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.docx").open("wb") as file:
        file.truncate((50 << 20) + 1)
    assert read_file(str(tmp_path / "a.docx")) == b""


def test_a_letter_id_in_core_or_custom_properties_is_enough(tmp_path: Path) -> None:
    """Word keeps custom properties and may drop the identifier.

    Other programs do the opposite.
    """
    path = tmp_path / "a.docx"
    for part, mark in (("core", b"identifier>"), ("custom", b'name="Letter"')):
        path.write_bytes(_letter())
        staff_actions.change_part(path, f"docProps/{part}.xml", mark, mark.replace(b"e", b"x"))
        assert _inventory(tmp_path).unknown_letters == {ONE: ("a.docx",)}
