"""Campaigns whose ledger another version of the program made: everything refuses to touch them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from support.campaigns import letters, merge
from support.copied import copied
from support.every_command import COMMANDS, whole_campaign
from support.everyday import everyday
from support.pages import everything, opened, unchanged
from support.routes import address, paths, rules, values_of
from support.staff_actions import add_line, id_in, in_ledger

from merge import __version__
from merge.errors import StorageError
from merge.state.ledger import LEDGER_FILE, open_ledger, read_ledger

VERSIONS: dict[str, Sequence[str]] = {
    "older": ["DROP TABLE layout", "DROP TABLE pdf", "PRAGMA user_version = 5"],
    "oldest": [
        "DROP TABLE fact",
        "ALTER TABLE letter DROP COLUMN ctime",
        "PRAGMA user_version = 1",
    ],
    "newer": ["ALTER TABLE letter ADD COLUMN more TEXT", "PRAGMA user_version = 99"],
}
"""What makes a ledger one of another version."""
CAMPAIGN_COMMANDS = {name: words for name, words in COMMANDS.items() if name != "new"}


def of_version(folder: Path, version: str) -> None:
    for change in VERSIONS[version]:
        in_ledger(folder, change)


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    """A campaign with a letter that was edited, and one that is printed."""
    folder = copied(whole_campaign, tmp_path / "campaign")
    (folder / "answers.csv").rename(tmp_path / "answers.csv")
    add_line(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx", "With kind regards.")
    assert merge("mark", "printed", folder, "--for", "Bo Berg", "--all").code == 0
    return folder


@pytest.mark.parametrize(
    ("version", "creator"),
    [
        ("older", f"created by version {__version__} of this program."),
        ("oldest", "created by another version of this program (their format is 1)."),
        ("newer", f"created by version {__version__} of this program."),
    ],
)
def test_no_command_touches_a_campaign_of_another_version(
    campaign: Path, version: str, creator: str
) -> None:
    of_version(campaign, version)
    for name, words in CAMPAIGN_COMMANDS.items():
        with unchanged(campaign.parent):
            ran = merge(*words(campaign))
        assert ran.code == 1, name
        said = " ".join((ran.out + ran.err).split())
        assert f"The internal records, .merge-ledger, were {creator}" in said, name
        assert "Finish this campaign with that version, or start a new one" in said, name


def test_no_option_makes_letters_beside_a_ledger_of_another_version(campaign: Path) -> None:
    of_version(campaign, "older")
    for options in (
        ("--dry-run",),
        ("--replace", "all", "--yes"),
        ("--new-register",),
        ("--try", "t"),
    ):
        with unchanged(campaign.parent):
            done = merge("letters", campaign, *options, "--json")
        assert done.code == 1
        assert [p["code"] for p in done.json["problems"]] == ["ledger-other-version"]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_campaign_goes_on_once_it_has_its_ledger_back(campaign: Path, version: str) -> None:
    """As if the version that made it were used again: nothing was forgotten in between."""
    path = campaign / "letters" / LEDGER_FILE
    ledger, before = path.read_bytes(), letters(campaign)
    of_version(campaign, version)
    for words in CAMPAIGN_COMMANDS.values():
        merge(*words(campaign))
    path.write_bytes(ledger)
    files = {name: file.read_bytes() for name, file in before.items()}
    done = merge("letters", campaign, "--json").json
    states = {each["path"]: each["state"] for each in done["letters"]}
    assert done["written"] == 0
    assert {each["code"] for each in done["problems"]} == {"column-unused"}
    assert states["letters/Ana Ruiz/Consul Roy.docx"] == "edited"
    assert states["letters/Bo Berg/Consul Roy.docx"] == "on-paper"
    assert {name: file.read_bytes() for name, file in letters(campaign).items()} == files


@pytest.mark.parametrize("version", VERSIONS)
def test_a_new_campaign_can_be_started_from_one_of_another_version(
    campaign: Path, tmp_path: Path, version: str
) -> None:
    of_version(campaign, version)
    with unchanged(campaign):
        assert merge("new", tmp_path / "new", "--from", campaign).code == 0
        done = merge("new", tmp_path / "reminders", "--from", campaign, "--unanswered")
    assert done.code == 1
    assert "Finish this campaign with that version" in " ".join(done.err.split())
    assert merge("letters", tmp_path / "new").code == 0
    assert not (tmp_path / "reminders").exists()


@pytest.mark.parametrize("version", everyday([*VERSIONS]))
def test_no_screen_and_no_form_of_the_page_touches_it(campaign: Path, version: str) -> None:
    of_version(campaign, version)
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
        assert "Finish this campaign with that version" in page.words("data")


@pytest.mark.parametrize("version", everyday([*VERSIONS]))
def test_a_ledger_that_becomes_another_versions_under_an_open_page_stops_its_tasks(
    campaign: Path, version: str
) -> None:
    """A cloud folder brings it from another computer."""
    with opened(campaign) as page:
        assert page.desk.snapshot.view
        of_version(campaign, version)
        before = {path: data for path, (data, _) in everything(campaign).items()}
        waiting = id_in(campaign / "letters" / "Ana Ruiz" / "Consul Roy.docx")
        page.post("letters/make", sure="1")
        page.post("paper/mark", letter=waiting, stage="Printed", do="today")
        assert {path: data for path, (data, _) in everything(campaign).items()} == before


def test_a_ledger_that_a_killed_run_of_another_version_left_is_refused_as_it_lies(
    campaign: Path,
) -> None:
    """SQLite would take back what the run had begun, and write that into the file."""
    of_version(campaign, "older")
    path = campaign / "letters" / LEDGER_FILE
    left = _half_written(path, "UPDATE letter SET path = path || '-'")
    with unchanged(campaign.parent):
        for opening in (open_ledger, read_ledger):
            with pytest.raises(StorageError, match="created by version"):
                opening(path.parent)
    assert [p.name for p in left] == [f"{LEDGER_FILE}-journal"]


def test_a_ledger_is_not_damaged_where_a_killed_run_was_about_to_change_its_version(
    campaign: Path,
) -> None:
    of_version(campaign, "older")
    path = campaign / "letters" / LEDGER_FILE
    _half_written(path, "PRAGMA user_version = 7")
    for opening in (read_ledger, open_ledger):
        with pytest.raises(StorageError, match="created by version"):
            opening(path.parent)
    assert not path.with_name(f"{LEDGER_FILE}.damaged").exists()
    assert in_ledger(campaign, "SELECT 1 FROM letter")


def _half_written(path: Path, change: str) -> list[Path]:
    """Leave a ledger as a run that was killed while it wrote; return the files beside it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA cache_size = 1")
        db.execute("BEGIN")
        db.execute(change)
        db.execute("CREATE TABLE filled AS SELECT randomblob(100000) FROM letter")
        files = [path, path.with_name(f"{path.name}-journal")]
        data = {file: file.read_bytes() for file in files}
        db.execute("ROLLBACK")
    for file, written in data.items():
        file.write_bytes(written)
    return files[1:]


def test_a_ledger_says_which_version_of_the_program_created_it(tmp_path: Path) -> None:
    open_ledger(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / LEDGER_FILE)) as db, db:
        db.execute("""UPDATE fact SET value = '"7.1"' WHERE name = 'program'""")
        db.execute("PRAGMA user_version = 12")
    with pytest.raises(StorageError, match=r"created by version 7\.1 of this program"):
        read_ledger(tmp_path)
