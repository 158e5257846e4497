"""One instance per user: later starts get a link from the first one.

The first start holds a lock. Its port and a secret are in a private folder, where the other starts
find them.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
import time
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from filelock import FileLock, Timeout

from merge import messages
from merge.computer import private_folder, write_private_file
from merge.disk import delete_file, os_error_text
from merge.errors import StorageError, translate_errors
from merge.page.guard import HAND_OVER_HEADER, proof
from merge.problems import Place

_START_SECONDS = 20.0  # Seconds that the first start has to begin, or to end
_RETRY_SECONDS = 0.05
_ANSWER_SECONDS = 10.0  # Seconds to wait for an answer
_MAX_ANSWER_BYTES = 200  # Bytes of an answer


class RunningInstance:
    """The only instance of the program for this user, until it is closed."""

    def __init__(self, folder: Path, lock: FileLock) -> None:
        self.secret = secrets.token_urlsafe(32)
        self._file, self._lock = _instance_file(folder), lock
        delete_file(self._file)  # of a killed process

    def publish(self, port: int) -> None:
        """Let later starts find this instance; raise OSError if the disk refuses."""
        write_private_file(self._file, json.dumps({"port": port, "word": self.secret}))

    def close(self) -> None:
        """Release the lock, so that the next start becomes the only instance."""
        with suppress(OSError):  # the next one removes it
            delete_file(self._file)
        self._lock.release()


def claim_instance(folder: Path | None, patience: float = _START_SECONDS) -> RunningInstance | str:
    """Return this program as the only instance, or the other one's link.

    If another one is running, return its link to the folder instead. Raise StorageError if it does
    not answer for `patience` seconds, or if the disk does not allow it.
    """
    home = private_folder()
    lock = FileLock(home / "running.lock", thread_local=False)
    deadline = time.monotonic() + patience

    def not_locked(error: OSError) -> StorageError:
        place = Place(str(home))
        return StorageError(messages.problem("folder-closed/lock", place, why=os_error_text(error)))

    while True:
        with translate_errors(OSError, not_locked), suppress(Timeout):
            lock.acquire(timeout=0)
            return RunningInstance(home, lock)
        if link := _link_of_first(_instance_file(home), folder):
            return link
        if time.monotonic() > deadline:
            raise StorageError(messages.problem("page-silent", Place("the page")))
        time.sleep(_RETRY_SECONDS)


def _instance_file(folder: Path) -> Path:
    return folder / "running.json"


def _link_of_first(file: Path, folder: Path | None) -> str:
    """Return a link from the running instance, or an empty text."""
    try:
        details = json.loads(file.read_text(encoding="utf-8"))
        port, secret = int(details["port"]), str(details["word"])
        return _request_link(port, secret, "" if folder is None else str(folder.absolute()))
    except (OSError, ValueError, KeyError, TypeError, HTTPException):
        return ""


def _request_link(port: int, secret: str, folder: str) -> str:
    """Return a link from a running instance that proved to know the secret.

    The file may be old, and its port may belong to another program now. No proxy is used, whatever
    the environment says: http.client does not know them.
    """
    with closing(HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)) as connection:
        connection.connect()
        connection.auto_open = 0  # what follows must reach the program that sent the proof
        nonce = secrets.token_urlsafe(32)
        answer = _request(connection, "GET", "", nonce)
        if not hmac.compare_digest(answer.encode(), proof(secret, nonce).encode()):
            return ""
        path = _request(connection, "POST", folder, secret)
        is_link = re.fullmatch(r"/in/[\w-]{20,100}", path, re.ASCII)
        return f"http://127.0.0.1:{port}{path}" if is_link else ""


def _request(connection: HTTPConnection, method: str, body: str, header_value: str) -> str:
    data = body.encode("utf-8", "surrogateescape")
    connection.request(method, "/again", data or None, {HAND_OVER_HEADER: header_value})
    response = connection.getresponse()
    text = response.read(_MAX_ANSWER_BYTES + 1).decode("latin-1")
    return text if response.status == 200 and len(text) <= _MAX_ANSWER_BYTES else ""
