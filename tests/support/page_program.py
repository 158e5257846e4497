"""The page as a program of its own, asked over a socket."""

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
    """Return an environment with the program's private folder below `home`."""
    variables = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "MERGE_HOME": str(home / "private")}
    return {**os.environ, **variables, **more}


@dataclass
class Served:
    """A running program that serves the page, and the link that it printed."""

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
            request_headers = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, request_headers)
            answer = connection.getresponse()
            return answer, answer.read().decode()
        finally:
            connection.close()

    def enter(self, link: str = "") -> str:
        """Enter by a link; return the path to which it leads, below the prefix."""
        answer, text = self.ask("GET", path_of(link or self.link))
        assert answer.status == 200, text
        self.cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
        match = re.search(r"url=(/[\w-]+)(/[^\"]*)", text)
        assert match
        self.prefix = match[1]
        return match[2]

    def inside(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[HTTPResponse, str]:
        """Send a request as the page itself does, after `enter`."""
        own_headers = {"Cookie": self.cookie, "Origin": f"http://127.0.0.1:{self.port}"}
        return self.ask(method, self.prefix + path, body, **own_headers, **headers)

    def ends(self, seconds: float = 20) -> int:
        """Wait for the end of the program; return its exit code."""
        return self.process.wait(seconds)

    def answers(self) -> bool:
        """Return True if something listens on the port."""
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True


def port_of(link: str) -> int:
    match = LINK.fullmatch(link)
    assert match, link
    return int(match[1])


def path_of(link: str) -> str:
    match = LINK.fullmatch(link)
    assert match, link
    return match[2]


@contextmanager
def served(
    home: Path, *words: str | Path, env: Mapping[str, str] | None = None, errors: str = ""
) -> Iterator[Served]:
    """Start the page; stop it at the end in any case.

    `errors` is a pattern for what it may write to standard error.
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
        error_output = process.stderr.read()
        process.stdout.close()
        process.stderr.close()
        process.wait()
    assert re.fullmatch(errors, error_output), error_output
