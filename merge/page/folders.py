"""Your campaigns: those that were opened, where new ones go, and what else may be opened.

The browser names no path: each folder that it is shown has a token, made by the program at this
start.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
import string
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Literal

from merge import messages
from merge.campaign.campaign_files import WORKBOOK_FILE
from merge.disk import free_name, os_error_text, real_folder
from merge.errors import StorageError, UsageError, translate_errors
from merge.naming import safe_path_part
from merge.page.instance import private_folder, write_private_file
from merge.problems import Place
from merge.text.folding import folded

NEW_CAMPAIGNS_NAME = "Appeal letters"
"""The folder at home for new campaigns: not Documents, which OneDrive and iCloud copy."""
_MAX_CAMPAIGNS = 100
_HIDDEN = 0x2 | 0x4  # FILE_ATTRIBUTE_HIDDEN and FILE_ATTRIBUTE_SYSTEM of Windows
_HIDDEN_ON_MAC = 0x8000  # UF_HIDDEN


_Kind = Literal["home", "drive", "folder", "campaign"]


@dataclass(frozen=True, slots=True)
class KnownCampaign:
    """A campaign that was opened before: its folder's name and where it lies, for people."""

    token: str
    name: str
    location: str
    opened_at: dt.datetime
    folder_exists: bool


@dataclass(frozen=True, slots=True)
class FolderItem:
    """A folder to choose."""

    token: str
    name: str
    kind: _Kind


@dataclass(frozen=True, slots=True)
class FolderListing:
    """What is in a folder: the way to it from home or a drive, itself at its end; its folders.

    The way is empty, and the folders are home and the drives, where no folder was chosen.
    """

    breadcrumbs: tuple[FolderItem, ...]
    folders: tuple[FolderItem, ...]


class KnownFolders:
    """The campaigns that were opened, and the folders below home and drives.

    May be used from any thread. `drives` gives what else than home may be looked into.
    """

    def __init__(self, drives: Callable[[], Iterable[Path]] | None = None) -> None:
        self._lock = Lock()
        self._drives = drives or _drives
        self._tokens: dict[Path, str] = {}
        self._paths: dict[str, Path] = {}

    def find_folder(self, token: str) -> Path | None:
        """Return the folder of a token; None where it went away, or a link stands in its place."""
        path = self._paths.get(token)
        return path if path and _resolve(path) == path and _is_folder(path) else None

    def known_campaigns(self) -> tuple[KnownCampaign, ...]:
        """Return the campaigns that were opened, the last one first."""
        with self._lock:
            return tuple(
                KnownCampaign(
                    token=self._token(path),
                    name=path.name,
                    location=_display_path(path.parent),
                    opened_at=opened,
                    folder_exists=_is_folder(path),
                )
                for path, opened in _read_campaigns()
            )

    def remember(self, folder: Path) -> None:
        """Note that a campaign was opened. Raise StorageError where that cannot be written."""
        path = real_folder(folder)
        with self._lock:
            others = [(other, when) for other, when in _read_campaigns() if other != path]
            now = dt.datetime.now().astimezone()
            _write_campaigns([(path, now), *others[: _MAX_CAMPAIGNS - 1]])

    def remove_from_list(self, token: str) -> None:
        """Take a campaign off the list; its folder stays. Errors are those of `remember`."""
        with self._lock:
            path = self._paths.get(token)
            _write_campaigns([(other, when) for other, when in _read_campaigns() if other != path])

    def new_campaign_folder(self, name: str) -> Path:
        """Return a folder for a new campaign of this name, where nothing is yet.

        Raise UsageError where there is no name.
        """
        if not name.strip():
            raise UsageError(messages.problem("name-needed", Place("the name")))
        folder = new_campaigns_folder()
        return folder / free_name(folder, safe_path_part(name))

    def list_folder(self, token: str = "") -> FolderListing:
        """Return what is in the folder of a token; without one, home and the drives.

        Hidden folders are left out, and links that lead out of home and drives. Raise StorageError
        where the folder went away, or may not be looked into.
        """
        roots = self._roots()
        if not token:
            return FolderListing((), tuple(self._entry(root, roots) for root in roots))
        path = self.find_folder(token)
        root = _root_of(path, roots) if path else None
        if path is None or root is None:
            raise StorageError(messages.problem("folder-gone/chosen", Place("the folder")))
        above = [each for each in reversed(path.parents) if each.is_relative_to(root)]
        way = tuple(self._entry(each, roots) for each in (*above, path))
        closed = messages.problem("folder-unreadable/chosen", Place(path.name))
        with translate_errors(OSError, lambda _: StorageError(closed)):
            found = sorted(_folders_in(path, roots), key=lambda each: folded(each[0]))
        return FolderListing(way, tuple(self._entry(p, roots, name) for name, p in found))

    def _roots(self) -> dict[Path, Literal["home", "drive"]]:
        """Return home and the drives, by their real paths."""
        drives = sorted(real for drive in self._drives() if (real := _resolve(drive)))
        kinds: dict[Path, Literal["home", "drive"]] = dict.fromkeys(drives, "drive")
        return kinds | {Path.home().resolve(): "home"}

    def _entry(
        self, path: Path, roots: dict[Path, Literal["home", "drive"]], name: str = ""
    ) -> FolderItem:
        with self._lock:
            token = self._token(path)
        kind: _Kind = roots.get(path) or ("campaign" if _is_campaign(path) else "folder")
        return FolderItem(token, name or path.name or str(path), kind)

    def _token(self, path: Path) -> str:
        if path not in self._tokens:
            token = secrets.token_hex(8)
            self._tokens[path], self._paths[token] = token, path
        return self._tokens[path]


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - Path's raises where one may not look


def _is_campaign(path: Path) -> bool:
    return os.path.isfile(path / WORKBOOK_FILE)  # noqa: PTH113 - as above


def _resolve(path: Path) -> Path | None:
    """Return a path with every link followed; None where it leads nowhere."""
    with suppress(OSError, RuntimeError, ValueError):
        return path.resolve(strict=True)
    return None


def _root_of(path: Path, roots: Iterable[Path]) -> Path | None:
    """Return home or the drive that a real path lies in: the innermost."""
    found = [root for root in roots if path.is_relative_to(root)]
    return max(found, key=lambda root: len(root.parts), default=None)


def _folders_in(path: Path, roots: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """Yield names and real paths of the folders in a folder that may be opened."""
    with os.scandir(path) as entries:
        for entry in entries:
            with suppress(OSError):
                if entry.is_dir() and not _is_hidden(entry):
                    real = _resolve(Path(entry.path))
                    if real and _root_of(real, roots):
                        yield entry.name, real


def _is_hidden(entry: os.DirEntry[str]) -> bool:
    about = entry.stat(follow_symlinks=False)
    windows = getattr(about, "st_file_attributes", 0) & _HIDDEN
    return entry.name.startswith((".", "$")) or bool(
        windows or getattr(about, "st_flags", 0) & _HIDDEN_ON_MAC
    )


def _drives() -> Iterator[Path]:
    """Yield where the system shows other drives: of this computer, plugged in, of the network."""
    if sys.platform == "win32":
        yield from (p for c in string.ascii_uppercase if (p := Path(f"{c}:\\")).exists())
        return
    if sys.platform == "darwin":
        yield from (p for p in Path("/Volumes").glob("*") if not p.is_symlink())
        return
    for where in ("/media/*", "/media/*/*", "/run/media/*/*", "/mnt", "/mnt/*"):
        yield from (p for p in Path("/").glob(where[1:]) if os.path.ismount(p))


def _display_path(folder: Path) -> str:
    """Return a folder as people are told of it: `~` is home."""
    with suppress(ValueError):
        return str(Path("~") / folder.relative_to(Path.home().resolve()))
    return str(folder)


def new_campaigns_folder() -> Path:
    """Return the folder in which new campaigns are created."""
    return Path.home() / NEW_CAMPAIGNS_NAME


# The list on the disk


def _campaigns_file() -> Path:
    return private_folder() / "campaigns.json"


def _read_campaigns() -> list[tuple[Path, dt.datetime]]:
    """Return the list as it was written; an empty one where it cannot be read."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        told = json.loads(_campaigns_file().read_bytes())
        return [(Path(each["folder"]), dt.datetime.fromisoformat(each["opened"])) for each in told]
    return []


def _write_campaigns(known: Iterable[tuple[Path, dt.datetime]]) -> None:
    told = [{"folder": str(path), "opened": when.isoformat()} for path, when in known]
    file = _campaigns_file()

    def not_written(error: OSError) -> StorageError:
        place, why = Place(str(file)), os_error_text(error)
        return StorageError(messages.problem("list-not-written", place, why=why))

    with translate_errors(OSError, not_written):
        write_private_file(file, json.dumps(told, indent=1))
