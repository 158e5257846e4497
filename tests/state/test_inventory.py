"""What lies in the folder of the letters: files that nobody knows, files that are open."""

from __future__ import annotations

import datetime as dt
import os
import sys
import unicodedata
from contextlib import closing
from pathlib import Path

import pytest
from support import staff_actions
from support.filled_letters import template

from merge.ooxml.stamps import Stamp
from merge.state.folder_access import read_file
from merge.state.inventory import Inventory, take_inventory, take_trial_inventory
from merge.state.ledger import memory_ledger
from merge.state.ledger_records import ChangeSet, LetterRecord
from merge.template.filters import freeze

DAY = dt.date(2026, 11, 25)
ONE, TWO = "1" * 16, "2" * 16
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX names and links")


def _letter(letter_id: str = ONE) -> bytes:
    return template("Dear Li").fill_with_fingerprint(freeze({}), Stamp(letter_id, DAY)).data


def _put(folder: Path, *paths: str, data: bytes | None = None) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(_letter() if data is None else data)


def _taken(folder: Path, **known: str) -> Inventory:
    """The inventory, where these letters, by path, are known."""
    with closing(memory_ledger()) as ledger:
        ids = {"one": ONE, "two": TWO}
        letters = [LetterRecord(ids[which], path, b"", DAY, b"") for which, path in known.items()]
        ledger.commit(ChangeSet(letters))
        return take_inventory(folder, ledger, {int(ONE, 16), int(TWO, 16)})


def test_an_unknown_file_with_an_id_is_found_wherever_it_lies(tmp_path: Path) -> None:
    _put(tmp_path, "Ana/Li.docx", "Done/2026/Li.docx", "Li.DOCX")
    _put(tmp_path, "Ana/Roy.docx", data=_letter(TWO))
    found = _taken(tmp_path, one="Ana/Li.docx")
    assert found.unknown_letters == {ONE: ("Done/2026/Li.docx", "Li.DOCX"), TWO: ("Ana/Roy.docx",)}


def test_a_file_at_a_known_place_is_not_opened(tmp_path: Path) -> None:
    """Whatever it holds: the plan looks at it where its size or time has changed."""
    _put(tmp_path, "Ana/Li.docx", data=_letter(TWO))
    assert _taken(tmp_path, one="Ana/Li.docx").unknown_letters == {}


def test_files_that_are_no_letters_are_passed_over(tmp_path: Path) -> None:
    _put(tmp_path, "Ana/a.docx", data=b"no letter")
    _put(tmp_path, "Ana/b.docx", data=b"")
    _put(tmp_path, "Ana/Li.pdf", "Ana/Li.doc", "Ana/docx")
    assert _taken(tmp_path).unknown_letters == {}


@pytest.mark.parametrize(
    "name",
    [
        "._Li.docx",
        "~$Li.docx",
        ".DS_Store",
        ".Li.docx",
    ],
)
def test_what_systems_put_there_is_never_a_letter(tmp_path: Path, name: str) -> None:
    _put(tmp_path, f"Ana/{name}")
    assert _taken(tmp_path).unknown_letters == {}


def test_old_versions_are_not_looked_at_and_letters_no_longer_wanted_are(tmp_path: Path) -> None:
    _put(tmp_path, "Old versions/2026/Ana/Li.docx", "No longer wanted/Ana/Li.docx")
    assert _taken(tmp_path).unknown_letters == {ONE: ("No longer wanted/Ana/Li.docx",)}


@posix
def test_links_are_not_followed(tmp_path: Path) -> None:
    _put(tmp_path / "elsewhere", "Li.docx")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "folder").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in" / "Li.docx").symlink_to(tmp_path / "elsewhere" / "Li.docx")
    assert _taken(tmp_path / "in").unknown_letters == {}


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert _taken(tmp_path / "letters") == Inventory(str(tmp_path / "letters"))


@posix
def test_names_taken_apart_as_on_a_mac_are_the_same_names(tmp_path: Path) -> None:
    path = "José/Éva.docx"
    apart = unicodedata.normalize("NFD", path)
    assert path != apart
    _put(tmp_path, apart)
    found = _taken(tmp_path, one=path)
    assert found.unknown_letters == {}
    assert found.full_path(path) == f"{tmp_path}/{apart}"
    assert str(found.relative_path(path)) == apart
    assert _taken(tmp_path).unknown_letters == {ONE: (path,)}


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
    assert not _taken(tmp_path).is_open(letter)
    _put(tmp_path, lock, data=b"somebody")
    assert _taken(tmp_path).is_open(letter)


@pytest.mark.parametrize("lock", ["~$nister Lo.docx", "Bo/~$nister Li.docx", ".~lock.Li.docx#"])
def test_the_owner_file_of_another_letter_says_nothing(tmp_path: Path, lock: str) -> None:
    _put(tmp_path, "Ana/Minister Li.docx")
    _put(tmp_path, lock if "/" in lock else f"Ana/{lock}", data=b"somebody")
    assert not _taken(tmp_path).is_open("Ana/Minister Li.docx")


def test_files_of_another_format_are_found_by_the_letter_that_they_are_beside(
    tmp_path: Path,
) -> None:
    _put(tmp_path, "Ana/Li.docx", "Ana/li.ODT", "Ana/Li.doc", "Ana/Li.pdf", "Li.odt")
    found = _taken(tmp_path)
    assert found.other_formats_of("Ana/Li.docx") == ("Ana/Li.doc", "Ana/li.ODT")
    assert found.other_formats_of("Ana/Lo.docx") == ()


def test_what_a_killed_run_had_taken_is_seen_at_its_place(tmp_path: Path) -> None:
    _put(tmp_path, "Ana/.merge-taken-12-1/Li.docx", "Ana/.merge-taken-12-2/Lo.docx", "Ana/Lo.docx")
    found = _taken(tmp_path, one="Ana/Li.docx")
    assert set(found.hidden_folders) == {"Ana/.merge-taken-12-1", "Ana/.merge-taken-12-2"}
    assert found.full_path("Ana/Li.docx") == f"{tmp_path}/Ana/.merge-taken-12-1/Li.docx"
    assert found.unknown_letters == {ONE: ("Ana/Lo.docx",)}


def test_of_a_try_out_only_its_own_letters_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = ("Ana/Li.docx", "Ana/Li-2.docx", "Ana/.merge-12-3.tmp", "Ana/~$Li.docx")
    hidden = ".merge-12-4.tmp/Li.docx"
    theirs = ("Ana/other.docx", "x.docx", "deep/Li.docx", ".merge-x.tmp", "Ana/.merge-a.xlsx.tmp")
    _put(tmp_path, *mine, *theirs, hidden)
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
        found = take_trial_inventory(tmp_path, ledger, ["Ana/Li.docx"])
    assert found.unknown_letters == {ONE: ("Ana/Li-2.docx", "Ana/Li.docx")}
    assert (sorted(opened), listed) == (["Li-2.docx", "Li.docx"], [tmp_path.name, "Ana"])
    assert found.leftovers == (".merge-12-4.tmp", "Ana/.merge-12-3.tmp")
    assert found.is_open("Ana/Li.docx")


def test_what_a_killed_run_left_is_found(tmp_path: Path) -> None:
    _put(tmp_path, "Ana/.merge-123-4.tmp", ".merge-ledger", "Ana/Li.tmp")
    assert _taken(tmp_path).leftovers == ("Ana/.merge-123-4.tmp",)


def test_the_bytes_of_a_plain_file_are_read_and_of_nothing_else(tmp_path: Path) -> None:
    _put(tmp_path, "a.docx", data=b"abc")
    assert read_file(str(tmp_path / "a.docx")) == b"abc"
    assert read_file(str(tmp_path)) == b""
    assert read_file(str(tmp_path / "nothing")) is None


@posix
def test_a_link_and_a_pipe_are_not_read(tmp_path: Path) -> None:
    _put(tmp_path, "a.docx", data=b"abc")
    (tmp_path / "b.docx").symlink_to(tmp_path / "a.docx")
    os.mkfifo(tmp_path / "c.docx")
    assert read_file(str(tmp_path / "b.docx")) == b""
    assert read_file(str(tmp_path / "c.docx")) == b""
    assert _taken(tmp_path).unknown_letters == {}


def test_a_file_too_large_for_a_letter_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.docx").open("wb") as file:
        file.truncate((50 << 20) + 1)
    assert read_file(str(tmp_path / "a.docx")) == b""


def test_one_id_in_either_place_of_the_properties_is_enough(tmp_path: Path) -> None:
    """Word keeps custom properties and may drop the identifier; others the other way round."""
    path = tmp_path / "a.docx"
    for part, mark in (("core", b"identifier>"), ("custom", b'name="Letter"')):
        path.write_bytes(_letter())
        staff_actions.change_part(path, f"docProps/{part}.xml", mark, mark.replace(b"e", b"x"))
        assert _taken(tmp_path).unknown_letters == {ONE: ("a.docx",)}
