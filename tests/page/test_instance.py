"""One instance per user: private folder, lock, link for a second start."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

import pytest
from support.everyday import everyday

from merge.computer import private_folder, write_private_file
from merge.errors import StorageError
from merge.page import instance
from merge.page.guard import proof
from merge.page.instance import RunningInstance, claim_instance

POSIX = pytest.mark.posix("permissions of POSIX")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MERGE_HOME", str(tmp_path / "private"))
    return tmp_path / "private"


class Listener:
    """A program on a port that answers each request with a fixed text."""

    def __init__(self, *answers: str, close_between: bool = False) -> None:
        self.heard: list[bytes] = []
        self.word = ""
        self._answers, self._close = answers, close_between
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as asked:
                for answer in self._answers:
                    head = b"".join(takewhile(bool, iter(asked.readline, b"\r\n")))
                    if not head:
                        break
                    length = re.search(rb"Content-Length: (\d+)", head)
                    body = asked.read(int(length[1])) if length else b""
                    self.heard.append(head + body)
                    nonce = head.split(b"X-Hand-Over: ")[1].split(b"\r\n")[0].decode()
                    text = answer.replace("PROOF", proof(self.word, nonce) if self.word else "")
                    data = text.encode()
                    response = f"HTTP/1.1 200 OK\r\nContent-Length: {len(data)}\r\n\r\n"
                    connection.sendall(response.encode() + data)
                    if self._close:
                        break

    def close(self) -> None:
        self._socket.close()


@contextmanager
def foreign_instance(home: Path, listener: Listener, *, word: str = "") -> Iterator[None]:
    """Another program holds the lock; its file has the listener's port."""
    first = claim_instance(None)
    assert isinstance(first, RunningInstance)
    listener.word = word
    details = {"port": listener.port, "word": word or first.secret}
    write_private_file(home / "running.json", json.dumps(details))
    try:
        yield
    finally:
        first.close()
        listener.close()


# One instance


def test_the_first_start_is_the_only_instance_until_it_closes() -> None:
    first = claim_instance(None)
    assert isinstance(first, RunningInstance)
    with pytest.raises(StorageError, match="already running but does not answer"):
        claim_instance(None, patience=0.2)
    first.close()
    second = claim_instance(None)
    assert isinstance(second, RunningInstance)
    assert second.secret != first.secret
    second.close()


def test_the_file_of_a_killed_instance_is_removed(home: Path) -> None:
    private_folder()
    (home / "running.json").write_text('{"port": 1, "word": "old"}', encoding="utf-8")
    first = claim_instance(None)
    assert isinstance(first, RunningInstance)
    assert not (home / "running.json").exists()
    first.close()


def test_the_second_start_waits_until_the_first_has_begun() -> None:
    first = claim_instance(None)
    assert isinstance(first, RunningInstance)
    path = "/in/" + "a" * 43
    listener = Listener("PROOF", path)
    listener.word = first.secret
    threading.Timer(0.5, first.publish, [listener.port]).start()
    assert claim_instance(None) == f"http://127.0.0.1:{listener.port}{path}"
    listener.close()
    first.close()


def test_the_second_start_takes_over_where_the_first_ends() -> None:
    first = claim_instance(None)
    assert isinstance(first, RunningInstance)
    threading.Timer(0.5, first.close).start()
    second = claim_instance(None)
    assert isinstance(second, RunningInstance)
    second.close()


def test_the_second_start_passes_its_absolute_folder(home: Path, tmp_path: Path) -> None:
    path = "/in/" + "a" * 43
    listener = Listener("PROOF", path)
    with foreign_instance(home, listener, word="w" * 43):
        assert claim_instance(tmp_path / "Чечня") == f"http://127.0.0.1:{listener.port}{path}"
    assert str(tmp_path / "Чечня").encode() in listener.heard[1]
    assert b"X-Hand-Over: " + b"w" * 43 in listener.heard[1]


@pytest.mark.parametrize("answer", everyday(["", "x", "0" * 64, "é" * 64], daily=(2,)))
def test_another_program_on_the_port_learns_neither_secret_nor_folder(
    home: Path, tmp_path: Path, answer: str
) -> None:
    listener = Listener(answer, "/in/" + "a" * 43)
    with foreign_instance(home, listener):
        word = json.loads((home / "running.json").read_text(encoding="utf-8"))["word"]
        with pytest.raises(StorageError):
            claim_instance(tmp_path / "secret", patience=0.3)
    heard = b"".join(listener.heard)
    assert heard
    assert word.encode() not in heard
    assert b"secret" not in heard


def test_the_secret_goes_only_to_the_connection_that_sent_the_proof(home: Path) -> None:
    listener = Listener("PROOF", "/in/" + "a" * 43, close_between=True)
    with foreign_instance(home, listener, word="w" * 43), pytest.raises(StorageError):
        claim_instance(None, patience=0.3)
    assert b"w" * 43 not in b"".join(listener.heard)


@pytest.mark.parametrize(
    "path",
    everyday(["http://evil.example/", "//evil.example", "/in/", "/in/a\n" + "a" * 43, "x" * 500]),
)
def test_an_answer_that_is_not_a_link_is_not_opened(home: Path, path: str) -> None:
    with (
        foreign_instance(home, Listener("PROOF", path), word="w" * 43),
        pytest.raises(StorageError, match="does not answer"),
    ):
        claim_instance(None, patience=0.3)


@pytest.mark.parametrize(
    "text",
    everyday(["", "{", "[]", '{"port": "x", "word": "y"}', '{"port": 99999999}'], daily=(3,)),
)
def test_the_second_start_waits_for_an_empty_instance_file(home: Path, text: str) -> None:
    first = claim_instance(None)
    assert isinstance(first, RunningInstance)
    (home / "running.json").write_text(text, encoding="utf-8")
    with pytest.raises(StorageError, match="does not answer"):
        claim_instance(None, patience=0.2)
    first.close()


def test_the_second_start_does_not_wait_long_for_a_silent_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(instance, "_ANSWER_SECONDS", 0.2)
    first = claim_instance(None)
    assert isinstance(first, RunningInstance)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        first.publish(silent.getsockname()[1])
        with pytest.raises(StorageError, match="does not answer"):
            claim_instance(None, patience=0.3)
    first.close()
