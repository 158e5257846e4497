"""Deleting a person as docs/signers-at-risk.md says leaves no data."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.campaigns import make, merge
from support.printed_campaigns import edit, no_libreoffice

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]

STREETS = {"Ana Ruiz": "Calle Uno 1", "Zanele Qwabe": "Umhlanga Drive 77", "Bo Berg": "Storgata 3"}
WORDS = (b"zanele", b"qwabe", b"umhlanga")


def paths_with_her_data(folder: Path) -> set[str]:
    """Return the files and folders of the campaign that contain her data."""
    paths = {path for path in folder.rglob("*") if names_her(path)}
    return {path.relative_to(folder).as_posix() for path in paths}


def names_her(path: Path) -> bool:
    """Return whether a path's name or content, unzipped, has a word of hers."""
    parts = [path.name.encode()]
    if path.is_file():
        data = path.read_bytes()
        parts.append(data)
        if data.startswith(b"PK"):
            packed = zipfile.ZipFile(io.BytesIO(data))
            parts += map(packed.read, packed.namelist())
    return any(word in part.lower() for word in WORDS for part in parts)


def with_signers(folder: Path, *names: str) -> Path:
    """Return the campaign with these signers and a street each."""
    template = "{{ recipient.name }}\nDear you,\n{{ signer.name }}\n{{ signer.street }}"
    return make(folder, template, Signers=[["Name", "Street"], *([n, STREETS[n]] for n in names)])


def test_data_deleted_as_signers_at_risk_md_says_is_in_no_file(tmp_path: Path) -> None:
    folder = with_signers(tmp_path, *STREETS)
    merge("letters", folder)
    edit(folder / "letters" / "Zanele Qwabe" / "Consul Roy.docx")
    merge("proofread", folder)
    assert merge("print", folder, "--parcels", "--per-signer").code == 0
    tops = {path.split("/")[0] for path in paths_with_her_data(folder)}
    assert tops == {
        *("Appeal Merge records", "letters", "print", "register.xlsx", "signers.xlsx"),
    }

    with_signers(folder, "Ana Ruiz", "Bo Berg")
    assert "Zanele Qwabe/Consul Roy.docx" in merge("letters", folder).err
    for place in ("Zanele Qwabe", "No longer wanted"):
        shutil.rmtree(folder / "letters" / place)
    delete_her_rows(folder / "register.xlsx")
    shutil.rmtree(folder / "print")
    ran = merge("letters", folder)
    assert (ran.code, "Zanele" in ran.err) == (0, False)
    assert paths_with_her_data(folder) == set()


def delete_her_rows(register: Path) -> None:
    """Delete all rows of the register that name her."""
    book = load_workbook(register)
    for sheet in book:
        rows = enumerate(sheet.iter_rows(values_only=True), 1)
        hers = [number for number, row in rows if "Zanele" in str(row)]
        for number in reversed(hers):
            sheet.delete_rows(number)
    book.save(register)
