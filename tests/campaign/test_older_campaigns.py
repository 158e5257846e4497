"""Campaigns that older versions left go on: no letter changes, and what they hashed is salted.

tests/data/README.md says how they were made.
"""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from support.campaigns import letters, merge
from support.everyday import everyday
from support.registers import excel
from support.staff_actions import id_in

OLDER = Path(__file__).parents[1] / "data" / "older"
FILES = sorted(path.stem for path in OLDER.glob("*.zip"))
WITH_IDS = [name for name in FILES if name.endswith("-ids")]
_OURS = {"State", "Counts as", "Kept by the program"}
"""Columns of the program's whose words are other versions' as well."""

WITHOUT_IDS = [name for name in FILES if name.endswith("-names")]


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The campaign of an older version, as it was left."""
    with zipfile.ZipFile(OLDER / f"{request.param}.zip") as archive:
        archive.extractall(tmp_path)
    return tmp_path


def _files(folder: Path) -> dict[str, bytes]:
    own = {path: file.read_bytes() for path, file in letters(folder).items()}
    batches = {p.name: p.read_bytes() for p in (folder / "print").rglob("*.docx")}
    return own | batches


def _staff_cells(folder: Path) -> list[dict[str, Any]]:
    """The cells of the register but for what this program words otherwise."""
    sheet = load_workbook(folder / "register.xlsx")["Register"]
    head, *rows = sheet.iter_rows(values_only=True)
    cells = [dict(zip(map(str, head), row, strict=True)) for row in rows]
    return [{h: value for h, value in row.items() if h not in _OURS} for row in cells]


def _states(done: Any) -> dict[str, str]:  # noqa: ANN401 - JSON is anything
    return {letter["path"]: letter["state"] for letter in done["letters"]}


def _ledger(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "letters" / ".merge-ledger")) as db:
        return db.execute(query).fetchall()


def _set(folder: Path, own: str, city: str = "", name: str = "") -> None:
    """Change cells of a signer, who is told by the name."""
    with excel(folder / "signers.xlsx", "Signers") as sheet:
        heads = [cell.value for cell in sheet[1]]
        row = next(r for r in sheet.iter_rows(min_row=2) if own in [c.value for c in r])
        row[heads.index("City")].value = city or row[heads.index("City")].value
        row[heads.index("Name")].value = name or own


def test_there_are_campaigns_of_each_version() -> None:
    versions = {name.rpartition("-")[0] for name in FILES}
    assert versions == {"0.1.0", "0.2.0", "ledger-4"}
    assert len(WITH_IDS) == len(WITHOUT_IDS) == len(versions)


@pytest.mark.parametrize("folder", everyday(FILES), indirect=True)
def test_an_older_campaign_opens_without_one_letter_changing(folder: Path) -> None:
    was = json.loads((folder / "states.json").read_text(encoding="utf-8"))
    files, cells = _files(folder), _staff_cells(folder)
    for options in (["--dry-run"], []):
        done = merge("letters", folder, "--json", *options).json
        assert (_states(done), done["problems"]) == (was, [])
    assert _files(folder) == files
    assert _staff_cells(folder) == cells
    again = merge("letters", folder, "--json").json
    assert (again["written"], again["problems"]) == (0, [])
    assert _files(folder) == files
    assert _ledger(folder, "PRAGMA user_version") == [(6,)]


@pytest.mark.parametrize("folder", everyday(FILES), indirect=True)
def test_no_hash_of_an_older_campaign_stays_as_it_was(folder: Path) -> None:
    queries = (
        "SELECT key FROM person",
        "SELECT name FROM person WHERE name <> ''",
        "SELECT cells FROM person WHERE cells <> x''",
        "SELECT substr(named, 1, 4) FROM letter",
        "SELECT substr(named, 5) FROM letter WHERE named <> CAST('by hand' AS BLOB)",
        "SELECT substr(inputs, 9, 32) FROM letter",
        "SELECT substr(inputs, 9, 32) FROM printed WHERE inputs <> x''",
        "SELECT digest FROM said",
        "SELECT value FROM said, json_each(said.fields)",
    )
    before = [set(_ledger(folder, query)) for query in queries]
    ids, days = "SELECT id FROM person", "SELECT id, day, output FROM letter"
    kept = [sorted(_ledger(folder, query)) for query in (ids, days)]
    merge("letters", folder)
    by_hand = {(b"by ",), (b"by h",)}
    for query, old in zip(queries, before, strict=True):
        assert not (old & set(_ledger(folder, query))) - by_hand, query
    assert [sorted(_ledger(folder, query)) for query in (ids, days)] == kept


@pytest.mark.parametrize("folder", everyday(FILES), indirect=True)
def test_what_changes_after_an_older_version_is_named(folder: Path) -> None:
    _set(folder, "Ana Quispe", city="Cusco")
    done = merge("letters", folder, "--json").json
    reasons = {s["path"]: s["reason"] for s in done["letters"] if "Ana Quispe" in s["path"]}
    assert all("City in Signers" in reason for reason in reasons.values())
    assert len(reasons) == 2


@pytest.mark.parametrize("folder", everyday(FILES), indirect=True)
def test_a_name_corrected_after_an_older_version_keeps_its_letters(folder: Path) -> None:
    ids = {id_in(path) for path in letters(folder).values()}
    _set(folder, "Ifeoma Okafor", name="Ifeoma Okaforr")
    done = merge("letters", folder, "--json").json
    has_id = merge("placeholders", folder).out.count("signer.id")
    assert [p["code"] for p in done["problems"]] == ([] if has_id else ["name-corrected"])
    assert {id_in(path) for path in letters(folder).values()} == ids


@pytest.mark.parametrize("folder", everyday(WITHOUT_IDS), indirect=True)
def test_who_left_under_an_older_version_comes_back_to_the_same_letters(folder: Path) -> None:
    ids = {id_in(path) for path in letters(folder).values()}
    with excel(folder / "signers.xlsx", "Signers") as sheet:
        sheet.append(["Zoltan Varga-Kiss", "York"])
    done = merge("letters", folder, "--json").json
    assert done["problems"] == []
    assert not any("No longer wanted" in path for path in letters(folder))
    assert {id_in(path) for path in letters(folder).values()} == ids


@pytest.mark.parametrize("folder", everyday(FILES), indirect=True)
def test_after_an_older_version_a_lost_ledger_gives_the_same_ids(folder: Path) -> None:
    merge("letters", folder)
    ids = {path: id_in(file) for path, file in letters(folder).items()}
    (folder / "letters" / ".merge-ledger").unlink()
    merge("letters", folder)
    assert {path: id_in(file) for path, file in letters(folder).items()} == ids


@pytest.mark.parametrize("folder", everyday(FILES), indirect=True)
def test_nothing_is_printed_twice_after_an_older_version(folder: Path) -> None:
    who = "--for", "Bo Nyqvist", "--accept", "Bo Nyqvist"
    assert merge("print", folder, *who, "--since-last", "--json").json["letters"] == 0
    merge("print", folder, *who, "--json", "--no-covers")
    assert merge("print", folder, *who, "--since-last", "--json").json["letters"] == 0
    merge("letters", folder)
    assert merge("print", folder, *who, "--since-last", "--json").json["letters"] == 0
