"""Campaigns with a ledger of another version: nothing changes them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from support.campaigns import letters, merge
from support.copied_folders import copy_made_folder
from support.every_command import COMMANDS, make_campaign_for_every_command
from support.everyday import everyday
from support.pages import everything, opened, unchanged
from support.routes import address, paths, rules, values_of
from support.staff_actions import add_line, id_in, in_ledger

from merge import __version__
from merge.errors import StorageError
from merge.state.ledger import open_ledger, read_ledger
from merge.state.ledger_file import LEDGER_FILE

VERSIONS: dict[str, Sequence[str]] = {
    "older": ["DROP TABLE paper", "DROP TABLE said", "PRAGMA user_version = 5"],
    "oldest": [
        "DROP TABLE fact",
        "ALTER TABLE letter DROP COLUMN content",
        "PRAGMA user_version = 1",
    ],
    "newer": ["ALTER TABLE letter ADD COLUMN more TEXT", "PRAGMA user_version = 99"],
}
"""SQL statements that turn a ledger into one of another version."""
CAMPAIGN_COMMANDS = {name: words for name, words in COMMANDS.items() if name != "new"}


def _convert_ledger(folder: Path, version: str) -> None:
    for change in VERSIONS[version]:
        in_ledger(folder, change)


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    """A campaign with an edited letter and a printed one."""
    folder = copy_made_folder(make_campaign_for_every_command, tmp_path / "campaign")
    (folder / "answers.csv").rename(tmp_path / "answers.csv")
    add_line(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx", "With kind regards.")
    assert merge("mark", "printed", folder, "--for", "Bo Berg", "--all").code == 0
    return folder


MESSAGES = {
    "older": "The internal records (“Appeal Merge records.db”) were created by version"
    f" {__version__} of this program.",
    "oldest": "The internal records (“Appeal Merge records.db”) were created by another version of"
    " this program (their format is 1).",
    "newer": f"This campaign needs version {__version__} of this program, or a newer one. This"
    f" computer has version {__version__}. Nothing was changed.",
}
REMEDIES = {
    "older": "Finish this campaign with that version, or start a new one",
    "oldest": "Finish this campaign with that version, or start a new one",
    "newer": "Install the newer version on this computer, then try again.",
}


@pytest.mark.parametrize("version", VERSIONS)
def test_no_command_changes_a_campaign_whose_ledger_is_of_another_version(
    campaign: Path, version: str
) -> None:
    _convert_ledger(campaign, version)
    for name, words in CAMPAIGN_COMMANDS.items():
        with unchanged(campaign.parent):
            ran = merge(*words(campaign))
        assert ran.code == 1, name
        output = " ".join((ran.out + ran.err).split())
        assert MESSAGES[version] in output, name
        assert REMEDIES[version] in output, name


def test_no_option_creates_letters_with_a_ledger_of_another_version(campaign: Path) -> None:
    _convert_ledger(campaign, "older")
    for options in (
        ("--dry-run",),
        ("--replace", "all", "--yes"),
        ("--new-register",),
        ("--try", "t"),
    ):
        with unchanged(campaign.parent):
            ran = merge("letters", campaign, *options, "--json")
        assert ran.code == 1
        assert [p["code"] for p in ran.json["problems"]] == ["ledger-other-version"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_campaign_continues_after_its_ledger_of_this_version_is_restored(
    campaign: Path, version: str
) -> None:
    """Staff use the version of the program that created the ledger again."""
    path = campaign / "letters" / LEDGER_FILE
    ledger, files_before = path.read_bytes(), letters(campaign)
    _convert_ledger(campaign, version)
    for words in CAMPAIGN_COMMANDS.values():
        merge(*words(campaign))
    path.write_bytes(ledger)
    contents = {name: file.read_bytes() for name, file in files_before.items()}
    result = merge("letters", campaign, "--json").json
    states = {record["path"]: record["state"] for record in result["letters"]}
    assert result["written"] == 0
    assert {record["code"] for record in result["problems"]} == {"column-unused"}
    assert states["letters/Ana Ruiz/Consul Roy.docx"] == "edited"
    assert states["letters/Bo Berg/Consul Roy.docx"] == "on-paper"
    assert {name: file.read_bytes() for name, file in letters(campaign).items()} == contents


@pytest.mark.parametrize("version", VERSIONS)
def test_a_new_campaign_can_start_from_one_with_a_ledger_of_another_version(
    campaign: Path, tmp_path: Path, version: str
) -> None:
    _convert_ledger(campaign, version)
    with unchanged(campaign):
        assert merge("new", tmp_path / "new", "--from", campaign).code == 0
        ran = merge("new", tmp_path / "reminders", "--from", campaign, "--unanswered")
    assert ran.code == 1
    assert REMEDIES[version] in " ".join(ran.err.split())
    assert merge("letters", tmp_path / "new").code == 0
    assert not (tmp_path / "reminders").exists()


@pytest.mark.slow
@pytest.mark.parametrize("version", everyday([*VERSIONS]))
def test_no_screen_or_form_of_the_page_changes_a_ledger_of_another_version(
    campaign: Path, version: str
) -> None:
    _convert_ledger(campaign, version)
    with opened(campaign) as page:
        known = values_of(page)
        posts = [
            address(rule, {name: known.get(name, known[""])[0] for name in rule.arguments})
            for rule in rules(page, "POST")
            if "key" in rule.arguments
        ]
        with unchanged(campaign):
            for path in paths(page):
                assert page.client.get(path).status_code < 500, path
            for path in posts:
                page.client.post(path, data={"sure": "1"})
                page.rest()
        assert posts
        words = page.words("data")
        assert REMEDIES[version].replace(", or start a new one", "") in words


@pytest.mark.parametrize("version", everyday([*VERSIONS]))
def test_tasks_stop_if_the_ledger_changes_to_another_version_while_the_page_is_open(
    campaign: Path, version: str
) -> None:
    """A cloud folder can bring such a ledger from another computer."""
    with opened(campaign) as page:
        assert page.session.snapshot.view
        _convert_ledger(campaign, version)
        before = {path: data for path, (data, _) in everything(campaign).items()}
        waiting = id_in(campaign / "letters" / "Ana Ruiz" / "Consul Roy.docx")
        page.post("letters/make", sure="1")
        page.post("paper/mark", letter=waiting, stage="Printed", do="today")
        assert {path: data for path, (data, _) in everything(campaign).items()} == before


def test_a_half_written_ledger_of_another_version_is_refused_and_not_rolled_back(
    campaign: Path,
) -> None:
    """SQLite would roll back the unfinished run, and write into the file."""
    _convert_ledger(campaign, "older")
    path = campaign / "letters" / LEDGER_FILE
    journals = _leave_half_written(path, "UPDATE letter SET path = path || '-'")
    with unchanged(campaign.parent):
        for open_or_read in (open_ledger, read_ledger):
            with pytest.raises(StorageError, match="created by version"):
                open_or_read(path.parent)
    assert [p.name for p in journals] == [f"{LEDGER_FILE}-journal"]


def test_a_ledger_whose_version_was_being_changed_is_not_taken_for_damaged(campaign: Path) -> None:
    _convert_ledger(campaign, "older")
    path = campaign / "letters" / LEDGER_FILE
    _leave_half_written(path, "PRAGMA user_version = 8")
    for open_or_read in (read_ledger, open_ledger):
        with pytest.raises(StorageError, match="created by version"):
            open_or_read(path.parent)
    assert in_ledger(campaign, "SELECT 1 FROM letter")


def _leave_half_written(path: Path, change: str) -> list[Path]:
    """Leave a ledger as a killed run leaves it; return its journal."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA cache_size = 1")
        db.execute("BEGIN")
        db.execute(change)
        db.execute("CREATE TABLE filled AS SELECT randomblob(100000) FROM letter")
        files = [path, path.with_name(f"{path.name}-journal")]
        data = {file: file.read_bytes() for file in files}
        db.execute("ROLLBACK")
    for file, content in data.items():
        file.write_bytes(content)
    return files[1:]


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            """UPDATE fact SET value = '"7.1"' WHERE name = 'program'""",
            r"needs version 7\.1 of this program, or a newer one",
        ),
        ("DELETE FROM fact", r"needs a newer version .*records have format 12"),
    ],
)
def test_a_ledger_of_a_newer_version_says_which_version_the_campaign_needs(
    tmp_path: Path, statement: str, message: str
) -> None:
    open_ledger(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / LEDGER_FILE)) as db, db:
        db.execute(statement)
        db.execute("PRAGMA user_version = 12")
    with pytest.raises(StorageError, match=message):
        read_ledger(tmp_path)
