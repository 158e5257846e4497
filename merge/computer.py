"""The computer: the program's private folder on it, its token, its drafts.

What is in the private folder stays on the computer. No service syncs it with those of colleagues.
"""

from __future__ import annotations

import os
import re
import secrets
import socket
import stat
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from merge import messages
from merge.disk import (
    DRAFT_NAME_ENDS,
    delete_file,
    os_error_text,
    real_path,
    replace_own_file,
)
from merge.errors import StorageError, translate_errors
from merge.naming import short_hash
from merge.problems import Place, shorten

PRIVATE_FOLDER_NAME = "appeal-merge"
CAMPAIGN_FILES = "ledgers"
"""The folder with a file for each campaign, in the private folder."""
_FILE_NAME, _NAME_FILE = "computer.txt", "computer name.txt"
_LONGEST_NAME = 40
"""Length in characters."""
_DIGITS, _CONSONANTS = "23456789", "BCDFGHJKMNPQRSTVWXZ"
"""Characters that no one mistakes for others, and that never form a word."""
_TOKEN = re.compile(f"(?:[{_DIGITS}][{_CONSONANTS}]){{2}}")


def private_folder() -> Path:
    """Return the folder for the program's private files, created if missing.

    The environment variable MERGE_HOME sets another folder. Raise StorageError if the disk does not
    allow it, or other users could read it.
    """
    return make_private_folder(_default_folder())


def path_from_home(path: Path) -> str:
    """Return a path as users see it, with `~` for the home folder."""
    with suppress(ValueError):
        return str(Path("~") / path.relative_to(Path.home().resolve()))
    return str(path)


def loopback_error() -> str:
    """Return why the page cannot be served on this computer, or nothing."""
    try:
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
    except OSError as error:
        return os_error_text(error)
    return ""


def campaign_file(folder: Path, extension: str, *, create: bool) -> Path | None:
    """Return the path of a private file for a letters folder.

    If `create`, the folder of such files is created. Return None if it cannot be used.
    """
    with suppress(StorageError):
        home = _default_folder() / CAMPAIGN_FILES
        if create:
            private_folder()
            make_private_folder(home)
        return home / f"{short_hash(real_path(folder))}{extension}"
    return None


def make_private_folder(folder: Path) -> Path:
    """Create a folder that only this user can read, if it does not exist.

    Raise StorageError if the disk does not allow it, or if it is a link or another user's.
    """

    def folder_error(error: OSError) -> StorageError:
        problem = messages.problem(
            "folder-closed/private", Place(str(folder)), why=os_error_text(error)
        )
        return StorageError(problem)

    with translate_errors(OSError, folder_error):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
        if os.name == "posix":
            if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
                raise StorageError(messages.problem("folder-closed/others", Place(str(folder))))
            if stat.S_IMODE(status.st_mode) & 0o077:
                folder.chmod(0o700)
    return folder


def _default_folder() -> Path:
    if home_variable := os.environ.get("MERGE_HOME"):
        return Path(home_variable).absolute()
    if sys.platform == "win32":
        local_data = os.environ.get("LOCALAPPDATA")
        parent = Path(local_data) if local_data else Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        parent = Path.home() / "Library" / "Application Support"
    else:
        state = Path(os.environ.get("XDG_STATE_HOME", ""))
        parent = state if state.is_absolute() else Path.home() / ".local" / "state"
    return parent / PRIVATE_FOLDER_NAME


def write_private_file(path: Path, text: str) -> None:
    """Write a complete file that only this user can read, or nothing.

    Raise OSError if the disk does not allow it.
    """
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
        replace_own_file(draft, path)
    finally:
        delete_file(draft)


def computer_name() -> str:
    """Return the name of this computer in messages to colleagues.

    Staff may enter it in the first line of `computer name.txt` in the private folder. The default
    is neutral, such as `Computer 7K4Q`.
    """
    with suppress(OSError, ValueError):
        lines = (_default_folder() / _NAME_FILE).read_text(encoding="utf-8-sig").splitlines()
        if lines and (name := shorten(lines[0], _LONGEST_NAME)):
            return name
    return f"Computer {computer_token()}"


def computer_token() -> str:
    """Return the token that distinguishes this computer, such as `7K4Q`.

    It is random and says nothing about the computer or its user. If the private folder cannot be
    written, it is another one in each process.
    """
    return _token_in(_default_folder())


def has_stored_token() -> bool:
    """Return whether later runs on this computer will have the same token."""
    return computer_token() == _read_token(_default_folder() / _FILE_NAME)


@cache
def _token_in(home: Path) -> str:
    file, pick = home / _FILE_NAME, secrets.choice
    token = "".join(map(pick, (_DIGITS, _CONSONANTS) * 2))
    with suppress(OSError, StorageError):
        make_private_folder(home)
        if not _read_token(file):
            write_private_file(file, token)
        token = _read_token(file) or token  # another process may have written it meanwhile
    return token


def draft_name(name: str) -> str:
    """Return the name of this computer's draft of a file or folder.

    A sync service may bring it to other computers while it is written.
    """
    begin, end = DRAFT_NAME_ENDS
    return f"{begin}{computer_token()}-{name}{end}"


def name_without_draft(draft: str) -> str:
    """Return the name that a draft would get, whichever computer wrote it."""
    begin, end = DRAFT_NAME_ENDS
    name = draft.removeprefix(begin).removesuffix(end)
    return re.sub(rf"\A{_TOKEN.pattern}-", "", name)


def is_abandoned_draft(draft: Path) -> bool:
    """Return whether a draft is left over: this computer's, or an old one.

    Another computer may still be at work on its own, which a service has synced meanwhile.
    """
    if draft.name.startswith(f"{DRAFT_NAME_ENDS[0]}{computer_token()}-"):
        return True
    with suppress(OSError):
        return time.time() - draft.lstat().st_mtime > _LONGEST_DRAFT
    return False


_LONGEST_DRAFT = 24 * 60 * 60
"""Seconds for which another computer's draft is left alone."""


def _read_token(file: Path) -> str:
    """Return the token in a file; empty if there is none."""
    with suppress(OSError, ValueError):
        text = file.read_text(encoding="ascii")
        return text if _TOKEN.fullmatch(text) else ""
    return ""
