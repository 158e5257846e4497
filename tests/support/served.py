"""The page as a program of its own, with a socket, asked as a browser or a script asks."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"http://127\.0\.0\.1:(\d+)(/in/[\w-]{43})")


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "merge", "page", *map(str, words)]


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment in which the program's private folder is below `home`."""
    own = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "MERGE_HOME": str(home / "private")}
    return {**os.environ, **own, **more}


@dataclass
class Served:
    """A program that serves the page, and the link that it printed first."""

    process: subprocess.Popen[str]
    link: str
    prefix: str = ""
    cookie: str = ""
    _connections: list[HTTPConnection] = field(default_factory=list)

    @property
    def port(self) -> int:
        return port_of(self.link)

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[HTTPResponse, str]:
        """Send a request; `headers` have `_` for `-`."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            return answer, answer.read().decode()
        finally:
            connection.close()

    def enter(self, link: str = "") -> str:
        """Let this test in by a link; return the path to which it leads, below the prefix."""
        answer, text = self.ask("GET", path_of(link or self.link))
        assert answer.status == 200, text
        self.cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
        found = re.search(r"url=(/[\w-]+)(/[^\"]*)", text)
        assert found
        self.prefix = found[1]
        return found[2]

    def inside(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[HTTPResponse, str]:
        """Ask as our own page does, once in."""
        own = {"Cookie": self.cookie, "Origin": f"http://127.0.0.1:{self.port}"}
        return self.ask(method, self.prefix + path, body, **own, **headers)

    def ends(self, seconds: float = 20) -> int:
        """Wait for the end; return the exit code."""
        return self.process.wait(seconds)

    def answers(self) -> bool:
        """Return whether something listens on the port."""
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True


def port_of(link: str) -> int:
    found = LINK.fullmatch(link)
    assert found, link
    return int(found[1])


def path_of(link: str) -> str:
    found = LINK.fullmatch(link)
    assert found, link
    return found[2]


@contextmanager
def served(
    home: Path, *words: str | Path, env: Mapping[str, str] | None = None, errors: str = ""
) -> Iterator[Served]:
    """Start the page; in the end it is ended, whatever became of it.

    `errors` is what it may say on standard error, as a pattern.
    """
    process = subprocess.Popen(
        command("--no-browser", *words),
        env=environment(home, **(env or {})),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stderr
    try:
        first = process.stdout.readline().strip()
        assert LINK.fullmatch(first), first + process.stderr.read()
        yield Served(process, first)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        said = process.stderr.read()
        process.stdout.close()
        process.stderr.close()
        process.wait()
    assert re.fullmatch(errors, said), said
