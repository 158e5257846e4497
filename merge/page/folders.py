"""Known campaigns, the folder for new ones, and folders to choose from.

The browser sends no paths: each folder that it shows has a token, which is valid until the program
ends.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
import string
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Literal, NamedTuple

from merge import messages
from merge.campaign.campaign_files import WORKBOOK_FILE
from merge.campaign.overview import CampaignOverview
from merge.campaign.title import own_title
from merge.computer import path_from_home, private_folder, write_private_file
from merge.disk import free_name, os_error_text, real_folder
from merge.errors import StorageError, UsageError, translate_errors
from merge.naming import safe_path_part
from merge.problems import Place
from merge.register.layouts import STAGES
from merge.text.folding import folded

NEW_CAMPAIGNS_NAME = "Appeal letters"
"""Name of the folder in the home folder for new campaigns.

It is not in Documents, because OneDrive and iCloud copy that.
"""
_MAX_CAMPAIGNS = 100
_HIDDEN = 0x2 | 0x4  # FILE_ATTRIBUTE_HIDDEN and FILE_ATTRIBUTE_SYSTEM of Windows
_HIDDEN_ON_MAC = 0x8000  # UF_HIDDEN


_Kind = Literal["home", "drive", "folder", "campaign"]


class CampaignProgress(NamedTuple):
    """Progress of a campaign when it was last open.

    `next_step` is the kind of its next step, and `next_number` the number of items it concerns.
    `next_stage` is the stage that its letters reach then, if any. `title` is its own title, if any.
    The others are numbers of letters.
    """

    next_step: str
    next_number: int
    letters: int
    printed: int
    signed: int
    posted: int
    answered: int
    next_stage: str = ""
    title: str = ""

    @classmethod
    def of(cls, view: CampaignOverview) -> CampaignProgress:
        """Return the progress that an overview of a campaign shows."""
        step, total = view.next_step, view.counts.total
        printed, signed, posted, answered = (total.stages[stage] for stage in STAGES)
        letters = total.letters, printed, signed, posted, answered
        return cls(step.kind, step.number, *letters, step.stage, own_title(view.campaign))


@dataclass(frozen=True, slots=True)
class KnownCampaign:
    """A campaign that was opened before, with the location of its folder.

    The name is its title, with the folder's name if another campaign has the same title.
    """

    token: str
    name: str
    location: str
    opened_at: dt.datetime
    folder_exists: bool
    progress: CampaignProgress | None


@dataclass(frozen=True, slots=True)
class FolderItem:
    """A folder that the user can choose."""

    token: str
    name: str
    kind: _Kind


@dataclass(frozen=True, slots=True)
class FolderListing:
    """The folders in a folder, and the way to it from home or a drive.

    The way ends with the folder itself. If no folder was chosen, it is empty, and the folders are
    home and the drives.
    """

    breadcrumbs: tuple[FolderItem, ...]
    folders: tuple[FolderItem, ...]


class KnownFolders:
    """The campaigns that were opened, and the folders below home and drives.

    Methods are safe in any thread. `drives` returns the drives.
    """

    def __init__(self, drives: Callable[[], Iterable[Path]] | None = None) -> None:
        self._lock = Lock()
        self._drives = drives or _drives
        self._tokens: dict[Path, str] = {}
        self._paths: dict[str, Path] = {}

    def find_folder(self, token: str) -> Path | None:
        """Return the folder of a token, or None if it is missing or now a link."""
        path = self._paths.get(token)
        return path if path and _resolve(path) == path and _is_folder(path) else None

    def known_campaigns(self) -> tuple[KnownCampaign, ...]:
        """Return the campaigns that were opened, the latest first."""
        with self._lock:
            known = _read_campaigns()
            titles = Counter(campaign.title for campaign in known)
            return tuple(
                KnownCampaign(
                    token=self._token(campaign.path),
                    name=campaign.title
                    if titles[campaign.title] == 1
                    else f"{campaign.title} ({campaign.path.name})",
                    location=path_from_home(campaign.path.parent),
                    opened_at=campaign.opened,
                    folder_exists=_is_folder(campaign.path),
                    progress=campaign.progress,
                )
                for campaign in known
            )

    def remember(self, folder: Path) -> None:
        """Record that a campaign was opened. Raise StorageError if that fails."""
        path, now = real_folder(folder), dt.datetime.now().astimezone()
        with self._lock:
            known = _read_campaigns()
            progress = next((entry.progress for entry in known if entry.path == path), None)
            others = [entry for entry in known if entry.path != path]
            latest = _StoredCampaign(path, now, progress)
            _write_campaigns([latest, *others[: _MAX_CAMPAIGNS - 1]])

    def record_progress(self, views: Mapping[Path, CampaignOverview]) -> None:
        """Record the progress of campaigns, by folder.

        Raise StorageError if that fails.
        """
        progress = {path: CampaignProgress.of(view) for path, view in views.items()}
        with self._lock:
            known = _read_campaigns()
            current = [
                entry._replace(progress=progress.get(entry.path, entry.progress)) for entry in known
            ]
            if current != known:
                _write_campaigns(current)

    def remove_from_list(self, token: str) -> None:
        """Remove a campaign from the list of known folders; its folder stays.

        Raise StorageError if the list cannot be written.
        """
        with self._lock:
            path = self._paths.get(token)
            _write_campaigns([entry for entry in _read_campaigns() if entry.path != path])

    def new_campaign_folder(self, name: str) -> Path:
        """Return a folder that does not exist yet, for a campaign of this name.

        Raise UsageError if the name is empty.
        """
        if not name.strip():
            raise UsageError(messages.problem("name-needed", Place("the name")))
        folder = new_campaigns_folder()
        return folder / free_name(folder, safe_path_part(name))

    def list_folder(self, token: str = "") -> FolderListing:
        """Return the folders in a folder; without a token, home and the drives.

        Hidden folders are omitted, and so are links that lead outside home and the drives. Raise
        StorageError if the folder is missing or may not be read.
        """
        roots = self._roots()
        if not token:
            return FolderListing((), tuple(self._entry(root, roots) for root in roots))
        path = self.find_folder(token)
        root = _root_of(path, roots) if path else None
        if path is None or root is None:
            raise StorageError(messages.problem("folder-gone/chosen", Place("the folder")))
        above = [folder for folder in reversed(path.parents) if folder.is_relative_to(root)]
        way = tuple(self._entry(folder, roots) for folder in (*above, path))
        unreadable = messages.problem("folder-unreadable/chosen", Place(path.name))
        with translate_errors(OSError, lambda _: StorageError(unreadable)):
            subfolders = sorted(_folders_in(path, roots), key=lambda folder: folded(folder[0]))
        return FolderListing(way, tuple(self._entry(p, roots, name) for name, p in subfolders))

    def _roots(self) -> dict[Path, Literal["home", "drive"]]:
        """Return the home folder and the drives, by their real paths."""
        drives = sorted(real_path for drive in self._drives() if (real_path := _resolve(drive)))
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
    return os.path.isdir(path)  # noqa: PTH112 - Path's raises if the folder may not be read


def _is_campaign(path: Path) -> bool:
    return os.path.isfile(path / WORKBOOK_FILE)  # noqa: PTH113 - Path's raises if the folder may not be read


def _resolve(path: Path) -> Path | None:
    """Return a path with all links followed, or None if it does not exist."""
    with suppress(OSError, RuntimeError, ValueError):
        return path.resolve(strict=True)
    return None


def _root_of(path: Path, roots: Iterable[Path]) -> Path | None:
    """Return home or the innermost drive that contains a real path."""
    roots_above = [root for root in roots if path.is_relative_to(root)]
    return max(roots_above, key=lambda root: len(root.parts), default=None)


def _folders_in(path: Path, roots: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """Yield names and real paths of the subfolders that may be opened."""
    with os.scandir(path) as entries:
        for entry in entries:
            with suppress(OSError):
                if entry.is_dir() and not _is_hidden(entry):
                    real = _resolve(Path(entry.path))
                    if real and _root_of(real, roots):
                        yield entry.name, real


def _is_hidden(entry: os.DirEntry[str]) -> bool:
    status = entry.stat(follow_symlinks=False)
    windows = getattr(status, "st_file_attributes", 0) & _HIDDEN
    return entry.name.startswith((".", "$")) or bool(
        windows or getattr(status, "st_flags", 0) & _HIDDEN_ON_MAC
    )


def _drives() -> Iterator[Path]:
    """Yield the root folders of other drives: internal, removable, network."""
    if sys.platform == "win32":
        yield from (p for c in string.ascii_uppercase if (p := Path(f"{c}:\\")).exists())
        return
    if sys.platform == "darwin":
        yield from (p for p in Path("/Volumes").glob("*") if not p.is_symlink())
        return
    for pattern in ("/media/*", "/media/*/*", "/run/media/*/*", "/mnt", "/mnt/*"):
        yield from (p for p in Path("/").glob(pattern[1:]) if os.path.ismount(p))


def new_campaigns_folder() -> Path:
    """Return the folder in which new campaigns are created."""
    return Path.home() / NEW_CAMPAIGNS_NAME


# The stored list


def _campaigns_file() -> Path:
    return private_folder() / "campaigns.json"


class _StoredCampaign(NamedTuple):
    """A campaign in the stored list, with its folder's path."""

    path: Path
    opened: dt.datetime
    progress: CampaignProgress | None

    @property
    def title(self) -> str:
        """Its title when it was last open; the folder's name if it had none."""
        return (self.progress and self.progress.title) or self.path.name


def _read_campaigns() -> list[_StoredCampaign]:
    """Return the stored list of campaigns; empty if it cannot be read."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        return [
            _StoredCampaign(
                path=Path(entry["folder"]),
                opened=dt.datetime.fromisoformat(entry["opened"]),
                progress=CampaignProgress(**progress)
                if (progress := entry.get("progress"))
                else None,
            )
            for entry in json.loads(_campaigns_file().read_bytes())
        ]
    return []


def _write_campaigns(known: Iterable[_StoredCampaign]) -> None:
    entries = [
        {
            "folder": str(campaign.path),
            "opened": campaign.opened.isoformat(),
            "progress": campaign.progress and campaign.progress._asdict(),
        }
        for campaign in known
    ]
    file = _campaigns_file()

    def not_written(error: OSError) -> StorageError:
        place, why = Place(str(file)), os_error_text(error)
        return StorageError(messages.problem("list-not-written", place, why=why))

    with translate_errors(OSError, not_written):
        write_private_file(file, json.dumps(entries, indent=1))
