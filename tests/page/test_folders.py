"""Known campaigns: the list, new ones, folders chosen by tokens."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from merge.errors import StorageError, UsageError
from merge.page.folders import FolderListing, KnownFolders


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = (tmp_path / "home" / "ana").resolve()
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("MERGE_HOME", str(tmp_path / "private"))
    return home


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    drive = (tmp_path / "media" / "STICK").resolve()
    drive.mkdir(parents=True)
    return drive


@pytest.fixture
def folders(home: Path, drive: Path) -> KnownFolders:
    return KnownFolders(lambda: [drive, home.parent / "unplugged"])


def campaign(place: Path) -> Path:
    place.mkdir(parents=True)
    (place / "signers.xlsx").write_bytes(b"x")
    return place


def names(listing: FolderListing) -> list[str]:
    return [entry.name for entry in listing.folders]


def enter(folders: KnownFolders, *way: str) -> FolderListing:
    """Open folders one after another, by the listings."""
    listing = folders.list_folder()
    for name in way:
        (token,) = [entry.token for entry in listing.folders if entry.name == name]
        listing = folders.list_folder(token)
    return listing


# The list


def test_campaigns_are_listed_with_the_latest_opened_first(
    folders: KnownFolders, home: Path
) -> None:
    assert folders.known_campaigns() == ()
    one, two = campaign(home / "Appeal letters" / "Чечня"), campaign(home / "B")
    for folder in (one, two, one):
        folders.remember(folder)
    assert [(c.name, c.location) for c in folders.known_campaigns()] == [
        ("Чечня", str(Path("~") / "Appeal letters")),
        ("B", "~"),
    ]
    assert folders.find_folder(folders.known_campaigns()[0].token) == one


def test_the_list_of_campaigns_survives_a_restart(folders: KnownFolders, home: Path) -> None:
    folders.remember(campaign(home / "A"))
    (before,) = folders.known_campaigns()
    (after,) = KnownFolders().known_campaigns()
    assert after.name == "A"
    assert after.token != before.token
    assert after.opened_at == before.opened_at


def test_a_missing_campaign_is_distinguished_and_can_be_removed(
    folders: KnownFolders, home: Path
) -> None:
    for name in "AB":
        folders.remember(campaign(home / name))
    (home / "A").rename(home / "C")
    b, a = folders.known_campaigns()
    assert (a.folder_exists, b.folder_exists) == (False, True)
    assert folders.find_folder(a.token) is None
    folders.remove_from_list(a.token)
    assert [c.name for c in folders.known_campaigns()] == ["B"]
    folders.remove_from_list("made up")
    assert [c.name for c in folders.known_campaigns()] == ["B"]


@pytest.mark.posix("links need a permission on Windows")
def test_a_campaign_with_two_paths_is_listed_once(folders: KnownFolders, home: Path) -> None:
    folders.remember(campaign(home / "A"))
    (home / "link").symlink_to(home / "A")
    folders.remember(home / "link")
    assert [c.name for c in folders.known_campaigns()] == ["A"]


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"folder": 1}]', '{"a": 1}', "\xff"])
def test_an_unreadable_list_of_campaigns_is_empty(
    folders: KnownFolders, home: Path, tmp_path: Path, text: str
) -> None:
    folders.remember(campaign(home / "A"))
    (tmp_path / "private" / "campaigns.json").write_bytes(text.encode("latin-1"))
    assert folders.known_campaigns() == ()
    folders.remember(home / "A")
    assert [c.name for c in folders.known_campaigns()] == ["A"]


@pytest.mark.posix("permissions of POSIX")
def test_the_list_of_campaigns_is_private(
    folders: KnownFolders, home: Path, tmp_path: Path
) -> None:
    folders.remember(campaign(home / "A"))
    written = tmp_path / "private" / "campaigns.json"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


def test_the_list_of_campaigns_has_a_maximum_length(folders: KnownFolders, home: Path) -> None:
    for number in range(105):
        folders.remember(home / str(number))
    assert len(folders.known_campaigns()) == 100
    assert folders.known_campaigns()[0].name == "104"


# New campaigns


def test_a_new_campaign_is_in_a_folder_that_no_cloud_copies(
    folders: KnownFolders, home: Path
) -> None:
    assert folders.new_campaign_folder("Appeal 2027") == home / "Appeal letters" / "Appeal 2027"
    assert not (home / "Appeal letters").exists()


def test_a_campaign_name_that_exists_gets_a_number(folders: KnownFolders, home: Path) -> None:
    campaign(home / "Appeal letters" / "Чечня")
    assert folders.new_campaign_folder("Чечня").name == "Чечня-2"


@pytest.mark.parametrize("name", ["../../x", "a/b", "..", "CON", ".hidden", "a\x00b", "C:\\x"])
def test_a_campaign_name_cannot_leave_its_folder(
    folders: KnownFolders, home: Path, name: str
) -> None:
    place = folders.new_campaign_folder(name)
    assert place.parent == home / "Appeal letters"
    assert not place.name.startswith(".")


@pytest.mark.parametrize("name", ["", " ", "\t\n"])
def test_a_campaign_needs_a_name(folders: KnownFolders, name: str) -> None:
    with pytest.raises(UsageError, match="needs a name"):
        folders.new_campaign_folder(name)


# Another folder


def test_choosing_a_folder_starts_at_home_and_the_drives(folders: KnownFolders) -> None:
    listing = folders.list_folder()
    assert listing.breadcrumbs == ()
    assert {(entry.name, entry.kind) for entry in listing.folders} == {
        ("ana", "home"),
        ("STICK", "drive"),
    }


def test_folders_are_listed_with_the_path_to_them(folders: KnownFolders, home: Path) -> None:
    campaign(home / "Work" / "Appeal")
    (home / "Work" / "b").mkdir()
    (home / "Work" / "a.docx").write_bytes(b"x")
    listing = enter(folders, "ana", "Work")
    assert [(entry.name, entry.kind) for entry in listing.breadcrumbs] == [
        ("ana", "home"),
        ("Work", "folder"),
    ]
    assert [(entry.name, entry.kind) for entry in listing.folders] == [
        ("Appeal", "campaign"),
        ("b", "folder"),
    ]
    assert folders.find_folder(listing.folders[0].token) == home / "Work" / "Appeal"
    assert folders.list_folder(listing.breadcrumbs[0].token) == enter(folders, "ana")


def test_the_path_to_a_folder_never_starts_above_home(folders: KnownFolders, home: Path) -> None:
    (home / "a" / "b").mkdir(parents=True)
    assert [entry.name for entry in enter(folders, "ana", "a", "b").breadcrumbs] == [
        "ana",
        "a",
        "b",
    ]


def test_hidden_folders_are_not_listed(folders: KnownFolders, home: Path) -> None:
    for name in (".ssh", "$RECYCLE.BIN", "seen"):
        (home / name).mkdir()
    assert names(enter(folders, "ana")) == ["seen"]


@pytest.mark.posix("links need a permission on Windows")
def test_folder_links_are_followed_only_below_home_and_drives(
    folders: KnownFolders, home: Path, drive: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").mkdir()
    (drive / "Letters").mkdir()
    (home / "out").symlink_to(tmp_path / "secret")
    (home / "root").symlink_to("/")
    (home / "up").symlink_to(home.parent)
    (home / "broken").symlink_to(home / "none")
    (home / "circle").symlink_to(home / "circle")
    (home / "stick").symlink_to(drive / "Letters")
    assert names(enter(folders, "ana")) == ["stick"]
    assert [entry.name for entry in enter(folders, "ana", "stick").breadcrumbs] == [
        "STICK",
        "Letters",
    ]


def test_a_folder_that_was_replaced_by_a_link_is_not_opened(
    folders: KnownFolders, home: Path, tmp_path: Path
) -> None:
    campaign(home / "A")
    campaign(tmp_path / "secret")
    (entry,) = enter(folders, "ana").folders
    (home / "A").rename(tmp_path / "away")
    (home / "A").symlink_to(tmp_path / "secret")
    assert folders.find_folder(entry.token) is None
    with pytest.raises(StorageError, match="no longer exists"):
        folders.list_folder(entry.token)


@pytest.mark.parametrize("token", ["0" * 16, "x", "/etc", "../..", "~"])
def test_a_folder_that_was_not_shown_cannot_be_opened(folders: KnownFolders, token: str) -> None:
    assert folders.find_folder(token) is None
    with pytest.raises(StorageError, match="no longer exists"):
        folders.list_folder(token)


def test_a_listed_campaign_elsewhere_is_opened_but_not_browsed(
    folders: KnownFolders, tmp_path: Path
) -> None:
    elsewhere = campaign((tmp_path / "srv" / "A").resolve())
    folders.remember(elsewhere)
    (known,) = folders.known_campaigns()
    assert known.location == str(elsewhere.parent)
    assert folders.find_folder(known.token) == elsewhere
    with pytest.raises(StorageError):
        folders.list_folder(known.token)


def test_an_unreadable_folder_is_reported(folders: KnownFolders, home: Path) -> None:
    (home / "gone").mkdir()
    entry = next(one for one in folders.list_folder().folders if one.kind == "home")
    there = next(one for one in folders.list_folder(entry.token).folders if one.name == "gone")
    (home / "gone").rmdir()
    with pytest.raises(StorageError):
        folders.list_folder(there.token)


def test_the_drives_of_this_system_are_folders() -> None:
    for entry in KnownFolders().list_folder().folders:
        assert entry.kind in {"home", "drive"}
