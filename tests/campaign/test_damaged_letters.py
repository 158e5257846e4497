"""An edited letter that is damaged is named wherever letters are looked at, and opened once."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import make, merge
from support.copied import copied
from support.documents import docx
from support.everyday import everyday
from support.pages import opened
from support.printed_campaigns import no_libreoffice

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]

LETTER = "Ana Ruiz/Minister Li.docx"
NAMED = f"letters/{LETTER}: This edited letter is damaged, is not a Word"


def _cut(letter: Path) -> None:
    letter.write_bytes(letter.read_bytes()[:400])


def _no_xml(letter: Path) -> None:
    with zipfile.ZipFile(letter) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(letter, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data[:-30] if name == "word/document.xml" else data)


def _note(letter: Path) -> None:
    letter.write_bytes(b"We met the minister; this letter is not needed.")


def _edited(folder: Path) -> None:
    merge("letters", make(folder))
    staff_actions.add_line(folder / "letters" / LETTER, "We met.")
    merge("letters", folder)


def _campaign(tmp_path: Path) -> Path:
    return copied(_edited, tmp_path / "c")


def _told(folder: Path, *words: str) -> str:
    found = merge(words[0], folder, "--json", *words[1:]).json["problems"]
    return "\n".join(f"{p['where']}: {p['message']}" for p in found)


@contextmanager
def _opens(name: str) -> Iterator[list[str]]:
    """The files of a name that this process opens meanwhile."""
    found: list[str] = []

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and str(arguments[0]).endswith(name):
            found.append(str(arguments[0]))

    _hooks.append(note)
    yield found
    _hooks.remove(note)


_hooks: list[Callable[[str, tuple[object, ...]], None]] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    for hook in _hooks:
        hook(event, arguments)


sys.addaudithook(_hook)


def _empty(letter: Path) -> None:
    letter.write_bytes(docx("<w:p/>", header="Amnesty, Lima"))


@pytest.mark.parametrize("damage", everyday([_cut, _no_xml, _note, _empty]))
def test_a_damaged_letter_is_named_by_every_command_and_left_as_it_is(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    folder = _campaign(tmp_path)
    letter = folder / "letters" / LETTER
    damage(letter)
    damaged = letter.read_bytes()
    for words in (("status",), ("letters",), ("status",), ("check",), ("letters",)):
        assert NAMED in _told(folder, *words), words
    assert merge("status", folder, "--json").json["spoken"]["edited"] == 1
    for command, code in (("print", "print-unreadable"), ("proofread", "proof-unreadable")):
        found = merge(command, folder, "--json").json["problems"]
        assert code in {problem["code"] for problem in found}
    assert len(merge("print", folder, "--skip-errors", "--json").json["batches"][0]) == 3
    assert letter.read_bytes() == damaged


def test_a_letter_with_a_header_alone_has_no_text_for_print_and_proofread_alike(
    tmp_path: Path,
) -> None:
    folder = _campaign(tmp_path)
    _empty(folder / "letters" / LETTER)
    for command in ("print", "proofread"):
        told = _told(folder, command)
        assert f"{LETTER}: The document has no text apart from headers and footers." in told


@pytest.mark.slow
def test_the_page_names_a_damaged_letter(tmp_path: Path) -> None:
    folder = _campaign(tmp_path)
    _cut(folder / "letters" / LETTER)
    with opened(folder) as page:
        assert "This edited letter is damaged" in page.words("data")
        assert "letter cannot be printed" in page.words("print")


def test_a_damaged_letter_is_opened_again_only_when_it_has_changed(tmp_path: Path) -> None:
    folder = _campaign(tmp_path)
    letter = folder / "letters" / LETTER
    _cut(letter)
    merge("letters", folder)
    with _opens(LETTER) as found:
        assert NAMED in _told(folder, "status")
        assert NAMED in _told(folder, "letters")
    assert found == []
    letter.write_bytes(docx("Dear Minister Li,\nwe met.\nAna Ruiz"))
    assert NAMED not in _told(folder, "status")
    assert "letter-damaged" not in _told(folder, "letters")


def test_a_whole_edited_letter_is_opened_again_only_when_it_has_changed(tmp_path: Path) -> None:
    folder = _campaign(tmp_path)
    merge("letters", folder)  # it was copied: its file is another one
    with _opens(LETTER) as found:
        for command in ("status", "letters", "status"):
            assert "cannot be read" not in _told(folder, command)
    assert found == []
