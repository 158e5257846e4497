"""A stand-in for a sync service: several computers with one folder.

It does what OneDrive, Dropbox and their like do with files: it uploads and downloads whole files,
in any order and with delays, and knows nothing of what is in them. If a file was changed on two
computers, the version that is uploaded later becomes a conflict copy under the service's name for
it. See `SERVICES` for the names and their sources.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

_NEVER_SYNCED = re.compile(r"^(~\$|\.~lock\.)")
"""Lock files of Word and LibreOffice (nextcloud, sync-exclude.lst)."""


@dataclass(frozen=True)
class Service:
    """A service: its names for conflict copies, and the files that it skips.

    `copy_name` takes a file's stem, the computer's name, and the number of copies before. The
    file's suffix follows.
    """

    name: str
    copy_name: Callable[[str, str, int], str]
    copies_are_synced: bool = True
    hidden_files: bool = True


SERVICES = {
    service.name: service
    for service in (
        # Microsoft 365: the computer's name after a hyphen.
        Service(
            "OneDrive",
            lambda stem, computer, copies: f"{stem}-{computer}{f'-{copies + 1}' * bool(copies)}",
        ),
        # dropbox-conflicts-el: tests of its pattern.
        Service(
            "Dropbox",
            lambda stem, computer, copies: (
                f"{stem} ({computer}'s conflicted copy 2026-11-29{f' ({copies})' * bool(copies)})"
            ),
        ),
        Service("Google Drive", lambda stem, _computer, copies: f"{stem} ({copies + 1})"),
        Service("iCloud", lambda stem, _computer, copies: f"{stem} {copies + 2}"),
        # nextcloud/desktop: Utility::makeConflictFileName; the copy stays on its computer.
        Service(
            "Nextcloud",
            lambda stem, _computer, copies: (
                f"{stem} (conflicted copy 2026-11-29 {101112 + copies})"
            ),
            copies_are_synced=False,
        ),
        Service(
            "ownCloud",
            lambda stem, _computer, copies: (
                f"{stem} (conflicted copy 2026-11-29 {101112 + copies})"
            ),
            hidden_files=False,
        ),
        # syncthing/docs, users/syncing.rst, "Conflicting Changes".
        Service(
            "Syncthing",
            lambda stem, computer, copies: (
                f"{stem}.sync-conflict-20261129-{101112 + copies}-{computer[:7].upper()}"
            ),
        ),
    )
}


class _File(NamedTuple):
    content: bytes
    changed: float
    """Seconds since 1970."""


@dataclass
class Computer:
    """A computer's copy of the folder, and its state at the last sync."""

    name: str
    folder: Path
    synced: dict[str, bytes] = field(default_factory=dict)
    """Content of each file at the last sync."""
    copies: set[str] = field(default_factory=set)
    """Conflict copies that stay on this computer."""
    halves: dict[str, bytes] = field(default_factory=dict)
    """Content that has arrived of files that are still downloaded."""
    clock: float = 0.0
    """Seconds by which its clock is ahead."""


class SyncService:
    """The files on the servers, and the computers that are connected."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.files: dict[str, _File] = {}
        self.computers: list[Computer] = []
        self.conflict_copies: list[str] = []
        """Paths of all conflict copies so far."""

    def connect(self, name: str, folder: Path) -> Computer:
        """Return a computer whose folder has, from now on, what the service has."""
        folder.mkdir(parents=True, exist_ok=True)
        computer = Computer(name, folder)
        self.computers.append(computer)
        self.sync(computer)
        return computer

    def sync_all(self) -> None:
        """Sync all computers until nothing changes any more."""
        for _ in range(3):
            for computer in self.computers:
                self.sync(computer)

    def sync(
        self,
        computer: Computer,
        *,
        only: Callable[[str], bool] = lambda _path: True,
        chance: random.Random | None = None,
        arrived: float = 1.0,
    ) -> None:
        """Upload and download the files that `only` accepts.

        If `chance` is given, the order is random.

        `arrived` is the share of each downloaded file that arrives; the rest follows at the next
        sync.
        """
        paths = sorted({*self._local(computer), *computer.synced, *self.files})
        if chance:
            chance.shuffle(paths)
        for path in paths:
            if only(path) and self._is_synced(path):
                self._sync_file(computer, path, arrived)

    def size(self, computer: Computer, path: str) -> int:
        """Return the size of a file on the servers, or else on a computer."""
        file = self.files.get(path) or _read(computer, path)
        return len(file.content) if file else 0

    def _is_synced(self, path: str) -> bool:
        parts = PurePosixPath(path).parts
        hidden = any(part.startswith(".") for part in parts)
        return (self.service.hidden_files or not hidden) and not _NEVER_SYNCED.match(parts[-1])

    @staticmethod
    def _local(computer: Computer) -> Iterator[str]:
        for file in computer.folder.rglob("*"):
            path = file.relative_to(computer.folder).as_posix()
            if file.is_file() and path not in computer.copies:
                yield path

    def _sync_file(self, computer: Computer, path: str, arrived: float) -> None:
        local, server = _read(computer, path), self.files.get(path)
        is_half = local is not None and local.content == computer.halves.get(path)
        if is_half:
            local = None if path not in computer.synced else _File(computer.synced[path], 0)
        agreed = computer.synced.get(path)
        changed_here = (local and local.content) != agreed
        changed_there = (server and server.content) != agreed
        if changed_here and changed_there:
            self._resolve(computer, path, local, server)
        elif changed_here:
            self._upload(computer, path, local)
        elif changed_there or is_half:
            self._download(computer, path, server, arrived)

    def _resolve(
        self, computer: Computer, path: str, local: _File | None, server: _File | None
    ) -> None:
        """Keep both versions of a file that was changed on two computers."""
        if local is None:
            self._download(computer, path, server)
        elif server is None or server.content == local.content:
            self._upload(computer, path, local)
        else:
            copy = self._copy_path(computer, path)
            self.conflict_copies.append(copy)
            _write(computer, copy, local)
            if self.service.copies_are_synced:
                self._upload(computer, copy, local)
            else:
                computer.copies.add(copy)
            self._download(computer, path, server)

    def _copy_path(self, computer: Computer, path: str) -> str:
        """Return a free path for a conflict copy. A hidden file has no suffix."""
        where, name = PurePosixPath(path), self.service.copy_name
        paths = (
            where.with_name(name(where.stem, computer.name, copies) + where.suffix).as_posix()
            for copies in range(100)
        )
        return next(p for p in paths if p not in self.files and not (computer.folder / p).exists())

    def _upload(self, computer: Computer, path: str, local: _File | None) -> None:
        if local is None:
            self.files.pop(path, None)
            computer.synced.pop(path, None)
        else:
            self.files[path] = local
            computer.synced[path] = local.content

    def _download(
        self, computer: Computer, path: str, server: _File | None, arrived: float = 1.0
    ) -> None:
        computer.halves.pop(path, None)
        if server is None:
            (computer.folder / path).unlink(missing_ok=True)
            computer.synced.pop(path, None)
        elif arrived < 1:
            half = server.content[: int(len(server.content) * arrived)]
            computer.halves[path] = half
            _write(computer, path, _File(half, server.changed))
        else:
            _write(computer, path, server)
            computer.synced[path] = server.content


def _read(computer: Computer, path: str) -> _File | None:
    file = computer.folder / path
    if not file.is_file():
        return None
    return _File(file.read_bytes(), file.stat().st_mtime + computer.clock)


def _write(computer: Computer, path: str, content: _File) -> None:
    """Replace a file as services do: write a temporary one, then rename it."""
    file = computer.folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"~sync {file.name}.tmp")
    draft.write_bytes(content.content)
    os.utime(draft, (content.changed - computer.clock,) * 2)
    draft.replace(file)
