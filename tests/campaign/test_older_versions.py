"""Campaigns of older versions: this version opens and continues them.

`tests/data/releases` has a campaign for each version, as that version left it. If one of these
tests fails, see "When a format changes" in CONTRIBUTING.md.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from support.campaigns import letters, merge, text
from support.frozen_campaign import (
    CAMPAIGN,
    CORRECTED,
    DELETED,
    EDIT,
    EXPECTED,
    EXPORT,
    IMPORTED,
    RECIPIENTS,
    RELEASES,
    SIGNERS,
    STAFF_DATE,
    expected_facts,
    freeze,
    write_inputs,
)
from support.imports import listed_people
from support.pages import opened, unchanged
from support.registers import table

from merge import __version__
from merge.product import RECORDS_FOLDER

VERSIONS = sorted(path.name for path in RELEASES.iterdir())


@pytest.fixture(params=VERSIONS)
def release(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The folder of an older version, on another computer without LibreOffice."""
    monkeypatch.setenv("MERGE_HOME", str(tmp_path / "private"))
    monkeypatch.setenv("PATH", "")
    return shutil.copytree(RELEASES / request.param, tmp_path / "release")


@pytest.fixture
def campaign(release: Path) -> Path:
    """The campaign of an older version."""
    return release / CAMPAIGN


def expected(release: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((release / EXPECTED).read_text("utf-8"))
    return facts


def register_rows(campaign: Path) -> dict[tuple[str, str], dict[str, Any]]:
    rows = table(campaign / "register.xlsx")
    return {(row["Signer"], row["Recipient"]): row for row in rows if row}


def test_there_is_a_frozen_campaign_of_this_version() -> None:
    assert __version__ in VERSIONS


def test_this_version_says_the_same_of_an_older_campaign_as_the_older_version(
    release: Path, campaign: Path
) -> None:
    with unchanged(campaign):
        assert merge("check", campaign).code == 0
        assert expected_facts(campaign) == expected(release)


def test_the_page_opens_the_campaign_of_an_older_version(release: Path, campaign: Path) -> None:
    with opened(campaign) as page:
        view = page.session.snapshot.view
        assert view
        assert not page.session.snapshot.errors
        assert len(view.letters) == len(expected(release)["letters"])


def test_no_letter_of_an_older_version_is_out_of_date(campaign: Path) -> None:
    files = {name: path.read_bytes() for name, path in letters(campaign).items()}
    result = merge("letters", campaign, "--json").json
    assert result["written"] == 0
    assert {name: path.read_bytes() for name, path in letters(campaign).items()} == files


def test_a_campaign_of_an_older_version_continues_with_new_data(campaign: Path) -> None:
    before = {name: path.read_bytes() for name, path in letters(campaign).items()}
    edited, printed = (
        f"{SIGNERS[number]}/{recipient}.docx"
        for number, recipient in ((0, RECIPIENTS[0]), (2, RECIPIENTS[0]))
    )
    write_inputs(campaign, town="10044 Belmora")
    result = merge("letters", campaign, "--json").json
    states = {letter["path"]: letter["state"] for letter in result["letters"]}
    assert states[f"letters/{edited}"] == "edited-changed"
    assert states["letters/Moved/to Kostanov.docx"] != "new"
    now = {name: path.read_bytes() for name, path in letters(campaign).items()}
    assert now[edited] == before[edited]
    assert now[printed] == before[printed]
    updated = f"{CORRECTED}/{RECIPIENTS[0]}.docx"
    assert now[updated] != before[updated]
    assert EDIT in text(campaign / "letters" / edited)


def test_the_register_of_an_older_version_keeps_marks_and_dates_of_staff(campaign: Path) -> None:
    write_inputs(campaign, town="10044 Belmora")
    merge("letters", campaign)
    assert merge("mark", "signed", campaign, "--for", SIGNERS[2], "--all").code == 0
    rows = register_rows(campaign)
    assert rows[SIGNERS[2], RECIPIENTS[1]]["Answered"].date() == STAFF_DATE
    for recipient in RECIPIENTS:
        row = rows[SIGNERS[2], recipient]
        assert all(row[stage] for stage in ("Printed", "Signed", "Posted"))
        assert "RR123456785IE" in row.values()


def test_the_register_of_an_older_version_is_enough_if_the_ledger_is_lost(
    release: Path, campaign: Path
) -> None:
    shutil.rmtree(campaign / RECORDS_FOLDER)
    result = merge("letters", campaign, "--json").json
    assert not [each for each in result["problems"] if each["level"] == "error"]
    assert merge("status", campaign, "--json").json["stages"] == expected(release)["stages"]
    assert len(letters(campaign)) == len(expected(release)["letters"])


def test_an_import_into_the_list_of_an_older_version_keeps_corrections_and_refusals(
    release: Path, campaign: Path
) -> None:
    ran = merge("import", release / EXPORT, campaign, "--yes", "--means-yes", "Yes")
    assert ran.code == 0, ran.err
    names = [person["Name"] for person in listed_people(campaign)]
    assert sorted(names) == sorted({CORRECTED, *IMPORTED[1:]} - {DELETED})


def test_ignored_warnings_and_print_files_of_an_older_version_are_known(campaign: Path) -> None:
    assert "column-unused" not in merge("check", campaign, "--json").out
    assert "column-unused" in merge("check", campaign, "--all", "--json").out
    ran = merge("print", campaign, "--since-last", "--for", SIGNERS[1])
    assert "0 letters" in ran.out + ran.err, ran


@pytest.mark.slow
def test_the_frozen_campaign_of_this_version_can_be_made_again(tmp_path: Path) -> None:
    release = freeze(tmp_path / "releases")
    assert expected(release) == expected(RELEASES / __version__)
