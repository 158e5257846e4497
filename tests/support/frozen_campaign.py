"""Freeze a campaign of this version of the program, for the tests.

Every later version must open it: see `tests/campaign/test_older_versions.py`. All people in it are
invented.

1. People are typed and imported, letters are created, edited, moved, printed and marked. A person
   is deleted, a conflict is decided, a warning is ignored.
2. What the program says about the campaign is written into `expected.json` beside it.

    make frozen-campaign

It replaces the campaign of this version in `tests/data/releases`.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from merge.product import __version__
from support.campaigns import ROOT, make, merge
from support.imports import COLUMNS, LIST, export, response
from support.registers import fill
from support.staff_actions import add_line, id_in

RELEASES = ROOT / "tests" / "data" / "releases"
CAMPAIGN, EXPORT, EXPECTED = "campaign", "responses.csv", "expected.json"

LETTER = """\
{{ recipient.name }}
{{ recipient.town }}
Dear {{ recipient.salutation }},
I ask you to release Marisol Quintana.
{{ signer.name }}
{{ signer.street }}
{{ signer.postal_code }} {{ signer.city }}"""
SIGNERS = ("Inés Álvarez", "Олена Журавчук", "سلمى البرقاوي")
RECIPIENTS = ("Radomir Kostanov", "Ilse Brandt-Okoro")
IMPORTED = ("Siân Pryce", "Tunde Fairweather", "Jean Delcroix")
DELETED, CORRECTED = IMPORTED[2], "Siân Pryce-Howells"
_ADDRESS = ("4 Mill Lane", "H91 XX00", "Galway", "Ireland", None)
EDIT = "In my own words."
STAFF_DATE = dt.date(2026, 11, 29)


def write_inputs(folder: Path, town: str = "Belmora") -> None:
    """Write workbook and template; the first recipient's town may change."""
    make(
        folder,
        LETTER,
        Signers=[COLUMNS, *([f"S{n}", name, *_ADDRESS] for n, name in enumerate(SIGNERS, 1))],
        Recipients=[
            ["ID", "Name", "Town", "Salutation", "Telephone"],
            ["R1", RECIPIENTS[0], town, "Minister", "1"],
            ["R2", RECIPIENTS[1], "Brussels", "Madam", "2"],
        ],
        Settings=[["Name", "Value"], ["Campaign", "Release Marisol Quintana"]],
    )


def make_campaign(folder: Path) -> None:
    """Make the campaign in a folder, with all that staff do in one."""
    write_inputs(folder)
    responses = [response(number, name) for number, name in enumerate(IMPORTED, 1)]
    file = export(folder.parent / EXPORT, responses)
    run("import", file, folder, "--yes", "--means-yes", "Yes")
    _correct_list(folder / LIST)
    run("import", file, folder, "--yes", "--means-yes", "Yes")
    run("letters", folder)
    letters = folder / "letters"
    add_line(_letter(folder, 0, 0), EDIT)
    (letters / "Moved").mkdir()
    _letter(folder, 1, 0).rename(letters / "Moved" / "to Kostanov.docx")
    run("print", folder, "--for", SIGNERS[2])
    run("mark", "printed", folder, "--for", SIGNERS[2])
    run("mark", "posted", folder, "--for", SIGNERS[2], "--all", "--tracking", "RR123456785IE")
    answered = id_in(_letter(folder, 2, 1))
    fill(folder / "register.xlsx", answered, "Answered", STAFF_DATE)
    write_inputs(folder, town="10020 Belmora")
    run("letters", folder, "--keep", SIGNERS[0])
    run("delete-person", DELETED, folder, "--yes", "--keep-out")
    (warning_id,) = re.findall(r"\[(\w+)\]$", merge("check", folder).out, re.MULTILINE)
    run("check", folder, "--ignore", warning_id)
    run("letters", folder)
    run("print", folder, "--for", SIGNERS[1])


def _letter(folder: Path, signer: int, recipient: int) -> Path:
    return folder / "letters" / SIGNERS[signer] / f"{RECIPIENTS[recipient]}.docx"


def _correct_list(path: Path) -> None:
    """Correct a name in the list of signers, as staff do in Excel."""
    book = load_workbook(path)
    cells = (cell for row in book["Signers"].iter_rows() for cell in row)
    next(cell for cell in cells if cell.value == IMPORTED[0]).value = CORRECTED
    book.save(path)


def run(*words: str | Path) -> None:
    """Run a command, which must succeed."""
    ran = merge(*words)
    if ran.code != 0:
        raise SystemExit(f"merge {words[0]}: {ran.err}")


def expected_facts(folder: Path) -> dict[str, Any]:
    """Return the states of letters, the stages and the problems of a campaign."""
    result = merge("letters", folder, "--dry-run", "--json").json
    status = merge("status", folder, "--json").json
    return {
        "letters": {letter["path"]: letter["state"] for letter in result["letters"]},
        "stages": status["stages"],
        "problems": sorted({problem["code"] for problem in result["problems"]}),
        "in print files": status["in_batches"],
    }


def freeze(folder: Path) -> Path:
    """Freeze the campaign of this version in a folder; return its folder."""
    release = folder / __version__
    with tempfile.TemporaryDirectory() as temporary, pytest.MonkeyPatch.context() as patch:
        patch.setenv("MERGE_HOME", str(Path(temporary, "private")))
        patch.setenv("PATH", "")
        home = Path(temporary, __version__)
        make_campaign(home / CAMPAIGN)
        text = json.dumps(expected_facts(home / CAMPAIGN), ensure_ascii=False, indent=1)
        (home / EXPECTED).write_text(f"{text}\n", encoding="utf-8")
        for lock in home.rglob(".merge-lock"):
            lock.unlink()
        shutil.rmtree(release, ignore_errors=True)
        shutil.copytree(home, release)
    return release


if __name__ == "__main__":
    freeze(RELEASES)
