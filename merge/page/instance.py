"""One program a user: the first start holds a lock, each further one gets a link of the first.

What the first start leaves for the others, its port and a word, lies in a private folder.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
import stat
import sys
import time
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from filelock import FileLock, Timeout

from merge import messages
from merge.disk import os_error_text
from merge.errors import StorageError, translate_errors
from merge.page.guard import HAND_OVER_HEADER, proof
from merge.problems import Place

FOLDER_NAME = "appeal-merge"
_START_SECONDS = 20.0  # Seconds that the first start has to begin, or to end
_RETRY_SECONDS = 0.05
_ANSWER_SECONDS = 10.0  # Seconds that it may take for an answer
_MAX_ANSWER_BYTES = 200  # Bytes of an answer


def private_folder() -> Path:
    """Return the folder where the program keeps what is this user's alone; make it.

    The variable MERGE_HOME names another. Raise StorageError where the disk does not allow it, or
    somebody else could read it.
    """
    return make_private_folder(_default_folder())


def make_private_folder(folder: Path) -> Path:
    """Make a folder that only this user can read, if it is not there; return it.

    Raise StorageError if the disk does not allow it, or it is a link or somebody else's.
    """

    def closed(error: OSError) -> StorageError:
        return _folder_error("folder-closed/private", folder, error)

    with translate_errors(OSError, closed):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        about = folder.lstat()
        if os.name == "posix":
            if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid():
                raise StorageError(messages.problem("folder-closed/others", Place(str(folder))))
            if stat.S_IMODE(about.st_mode) & 0o077:
                folder.chmod(0o700)
    return folder


def _default_folder() -> Path:
    if own := os.environ.get("MERGE_HOME"):
        return Path(own).absolute()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / FOLDER_NAME
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / FOLDER_NAME
    state = Path(os.environ.get("XDG_STATE_HOME", ""))
    return (state if state.is_absolute() else Path.home() / ".local" / "state") / FOLDER_NAME


def _folder_error(key: str, folder: Path, error: OSError) -> StorageError:
    return StorageError(messages.problem(key, Place(str(folder)), why=os_error_text(error)))


def write_private_file(path: Path, text: str) -> None:
    """Write a file that only this user may read, whole or not at all. OSError as the disk says."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


class Instance:
    """The program, the only one of this user until it is closed."""

    def __init__(self, folder: Path, lock: FileLock) -> None:
        self.secret = secrets.token_urlsafe(32)
        self._file, self._lock = _instance_file(folder), lock
        self._file.unlink(missing_ok=True)  # of one that was killed

    def publish(self, port: int) -> None:
        """Let further starts find this one. OSError as the disk says."""
        write_private_file(self._file, json.dumps({"port": port, "word": self.secret}))

    def close(self) -> None:
        """Let the next start be the first."""
        with suppress(OSError):  # the next one removes it
            self._file.unlink(missing_ok=True)
        self._lock.release()


def claim_instance(folder: Path | None, patience: float = _START_SECONDS) -> Instance | str:
    """Return this program as the only one; where another runs, a link of it that shows the folder.

    Raise StorageError where another runs and does not answer for `patience` seconds, or the disk
    does not allow it.
    """
    home = private_folder()
    lock = FileLock(home / "running.lock", thread_local=False)
    end = time.monotonic() + patience

    def not_locked(error: OSError) -> StorageError:
        return _folder_error("folder-closed/lock", home, error)

    while True:
        with translate_errors(OSError, not_locked), suppress(Timeout):
            lock.acquire(timeout=0)
            return Instance(home, lock)
        if link := _link_of_first(_instance_file(home), folder):
            return link
        if time.monotonic() > end:
            raise StorageError(messages.problem("page-silent", Place("the page")))
        time.sleep(_RETRY_SECONDS)


def _instance_file(folder: Path) -> Path:
    return folder / "running.json"


def _link_of_first(file: Path, folder: Path | None) -> str:
    """Return a link of the program that runs already; empty where it does not answer (yet)."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        port, word = int(told["port"]), str(told["word"])
        return _request_link(port, word, "" if folder is None else str(folder.absolute()))
    except (OSError, ValueError, KeyError, TypeError, HTTPException):
        return ""


def _request_link(port: int, word: str, folder: str) -> str:
    """Ask for a link. The word and the folder go to nobody who has not proved to know the word.

    The file may be old, and its port somebody else's. No proxy is asked, whatever the environment
    says: http.client knows none.
    """
    with closing(HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)) as connection:
        connection.connect()
        connection.auto_open = 0  # what follows goes to whom the proof came from
        nonce = secrets.token_urlsafe(32)
        given = _request(connection, "GET", "", nonce)
        if not hmac.compare_digest(given.encode(), proof(word, nonce).encode()):
            return ""
        path = _request(connection, "POST", folder, word)
        is_link = re.fullmatch(r"/in/[\w-]{20,100}", path, re.ASCII)
        return f"http://127.0.0.1:{port}{path}" if is_link else ""


def _request(connection: HTTPConnection, method: str, body: str, word: str) -> str:
    data = body.encode("utf-8", "surrogateescape")
    connection.request(method, "/again", data or None, {HAND_OVER_HEADER: word})
    answer = connection.getresponse()
    text = answer.read(_MAX_ANSWER_BYTES + 1).decode("latin-1")
    return text if answer.status == 200 and len(text) <= _MAX_ANSWER_BYTES else ""
