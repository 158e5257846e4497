"""Files as staff on Windows leave them: read-only, held open, with long paths.

These tests hold on every system. Under Wine, `make windows` shows them as Windows does.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from support.campaigns import letters, make, make_with_letters, merge, text
from support.held_files import READ, WRITE, held
from support.opened_files import windows_path_limit

from merge.product import RECORDS_FOLDER

LI = "Ana Ruiz/Minister Li.docx"
NEWER = "Hello {{ recipient.name }}\n{{ signer.name }}"


def _set_read_only(path: Path) -> None:
    path.chmod(stat.S_IREAD)


def _leftovers(folder: Path) -> list[str]:
    """Return the names of temporary files and of copies beside a file."""
    hidden = (p.name for p in folder.rglob("*") if p.name.startswith(".merge-"))
    kept = (p.name for p in folder.rglob("*(kept)*"))
    return sorted({*hidden, *kept} - {".merge-lock"})


# Read-only


def test_a_read_only_letter_is_updated_without_leftover_files(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    _set_read_only(folder / "letters" / LI)
    make(folder, NEWER)
    assert merge("letters", folder).code == 0
    assert text(folder / "letters" / LI)[0] == "Hello Minister Li"
    assert _leftovers(folder) == []
    assert merge("mark", "printed", folder, "--all").code == 0


def test_a_read_only_letter_moves_to_the_corrected_name(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    _set_read_only(folder / "letters" / LI)
    make(
        folder,
        Signers=[["Name"], ["Ana Ruiz"], ["Bo Berg"]],
        Recipients=[["Name", "Country"], ["Minister Lee", "China"], ["Consul Roy", "India"]],
    )
    merge("letters", folder, "--same-person", "Minister Lee")
    assert f"{Path(LI).parent}/Minister Lee.docx" in letters(folder)
    assert _leftovers(folder) == []


def test_a_person_is_deleted_although_files_are_read_only(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    for path in ("letters/" + LI, "register.xlsx"):
        _set_read_only(folder / path)
    make(folder, Signers=[["Name"], ["Bo Berg"]])
    ran = merge("delete-person", "Ana Ruiz", folder, "--yes")
    assert ran.code == 0, ran.err
    assert not any("Ana" in path for path in letters(folder))
    assert _leftovers(folder) == []


def test_a_read_only_register_is_updated_without_copies(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    for signer in ("Chen Wei", "Dana Fox"):
        _set_read_only(folder / "register.xlsx")
        make(folder, Signers=[["Name"], ["Ana Ruiz"], ["Bo Berg"], [signer]])
        merge("letters", folder)
        ran = merge("mark", "printed", folder, "--for", signer)
        assert (ran.code, _leftovers(folder)) == (0, []), ran.err


# Held open by another program


@pytest.mark.parametrize("share", [0, READ, READ | WRITE])
@pytest.mark.parametrize(
    "name", ["signers.xlsx", "templates/appeal.docx", "register.xlsx", f"letters/{LI}"]
)
def test_a_held_file_stops_nothing_for_longer_than_it_is_held(
    tmp_path: Path, name: str, share: int
) -> None:
    folder = make_with_letters(tmp_path)
    make(folder, NEWER, Signers=[["Name"], ["Ana Ruiz"], ["Bo Berg"], ["Chen Wei"]])
    with held(folder / name, share):
        merge("letters", folder)
        merge("mark", "printed", folder, "--for", "Bo Berg")
    ran = merge("letters", folder)
    assert (ran.code, _leftovers(folder)) == (0, []), ran.err
    assert len(letters(folder)) == 6
    assert text(folder / "letters" / LI)[0] == "Hello Minister Li"


@pytest.mark.parametrize("share", [0, READ])
def test_held_records_stop_neither_this_run_nor_the_next(tmp_path: Path, share: int) -> None:
    folder = make_with_letters(tmp_path)
    make(folder, NEWER)
    (records,) = (folder / RECORDS_FOLDER).glob("*.jsonl")
    with held(records, share):
        ran = merge("letters", folder)
    assert ran.code == 0, ran.err
    assert merge("letters", folder).code == 0
    assert text(folder / "letters" / LI)[0] == "Hello Minister Li"


def test_a_held_letter_is_named_by_the_path_where_it_is(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    recipients = [["Name", "Country"], ["Minister Lee", "China"], ["Consul Roy", "India"]]
    make(folder, Recipients=recipients)
    with held(folder / "letters" / LI, READ | WRITE):
        ran = merge("letters", folder, "--same-person", "Minister Lee")
    if os.name == "nt":
        assert "Minister Li.docx" in ran.err
        assert "open in another program" in ran.err


# Names and long paths


@pytest.mark.parametrize("name", ["Käthe Müller", "حملة الرسائل", "Кампания Журавчук"])
def test_a_campaign_is_created_and_printed_in_a_folder_of_any_name(
    tmp_path: Path, name: str
) -> None:
    folder = make_with_letters(tmp_path / name)
    with windows_path_limit():
        assert merge("print", folder).code == 0
        assert merge("status", folder).code == 0
    assert len(list((folder / "print").glob("*/*.docx"))) == 1


@pytest.mark.parametrize("length", [140, 157, 165, 175])
def test_letters_that_fit_into_windows_paths_can_be_printed(tmp_path: Path, length: int) -> None:
    folder = tmp_path / ("f" * (length - len(str(tmp_path)) - 1))
    long_names = [["Name"], *([f"{letter} {'Maximiliana ' * 4}"] for letter in "AB")]
    make(folder, Signers=long_names, Recipients=long_names)
    with windows_path_limit() as refused:
        assert merge("letters", folder).code == 0
        ran = merge("print", folder)
        assert (ran.code, refused) == (0, []), ran.err
    (print_file,) = (folder / "print").glob("*/*.docx")
    assert print_file.name.startswith("01 A Maxim")


def test_a_path_that_windows_refuses_is_reported_as_too_long(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["a" * 60] * 4)
    with windows_path_limit():
        ran = merge("new", folder)
    assert ran.code == (2 if os.name == "nt" else 1)
    assert "too long" in ran.err or os.name != "nt"
