"""The server: a real process and real sockets, from link to end."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.campaigns import make, merge
from support.everyday import everyday
from support.page_program import Served, command, environment, path_of, port_of, served
from support.pages import wait_for

from merge.page import serving
from merge.page.lifetime import ProgramLifetime
from merge.page.serving import serve

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

SIGHUP = getattr(signal, "SIGHUP", signal.SIGTERM)
POSIX = pytest.mark.posix("signals")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A program that many tests share."""
    with served(tmp_path_factory.mktemp("shared")) as started:
        assert started.enter() == "/"
        yield started


def start_again(home: Path, *words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Start the page a second time."""
    return subprocess.run(
        command("--no-browser", *words),
        env=environment(home, **env),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


# The start


def test_the_first_line_printed_is_a_link_to_your_campaigns(page: Served) -> None:
    answer, text = page.inside("/")
    assert answer.status == 200
    assert "<html" in text


@pytest.mark.slow
def test_a_folder_given_to_the_command_is_opened_at_once(tmp_path: Path) -> None:
    with served(tmp_path, make(tmp_path / "my campaign")) as page:
        goal = page.enter()
        assert goal.startswith("/c/")
        answer, text = page.inside(goal)
        assert answer.status == 200
        assert "signers.xlsx" in text


@pytest.mark.slow
def test_an_opened_folder_is_on_the_list_of_campaigns(tmp_path: Path) -> None:
    with served(tmp_path, make(tmp_path / "one")):
        start_again(tmp_path, make(tmp_path / "two"))
        start_again(tmp_path)
    known = json.loads((tmp_path / "private" / "campaigns.json").read_text(encoding="utf-8"))
    assert [Path(each["folder"]).name for each in known] == ["two", "one"]


def test_a_missing_folder_given_to_the_command_is_reported(tmp_path: Path) -> None:
    ran = merge("page", "--no-browser", tmp_path / "gone")
    assert ran.code == 2
    assert "Folder not found" in ran.err


def test_the_server_listens_on_this_computer_only(page: Served) -> None:
    own_address = socket.gethostbyname(socket.gethostname())
    for address in {own_address, "127.0.0.2"} - {"127.0.0.1"}:
        with pytest.raises(OSError, match=r"refused|timed out|No route"):
            socket.create_connection((address, page.port), 2)
    assert page.answers()


def test_the_server_does_not_reveal_its_software(page: Served) -> None:
    answer, _ = page.ask("GET", "/")
    assert answer.getheader("Server") is None
    assert answer.getheader("Via") is None


# A second start


@pytest.mark.slow
def test_a_second_start_gets_a_link_from_the_first(tmp_path: Path) -> None:
    with served(tmp_path) as page:
        folder = make(tmp_path / "Чечня")
        ran = start_again(tmp_path, folder)
        assert ran.returncode == 0, ran.stderr
        link = ran.stdout.strip()
        assert port_of(link) == page.port
        goal = page.enter(link)
        assert goal.startswith("/c/")
        assert page.inside(goal)[0].status == 200
        assert page.enter() == "/"


@pytest.mark.slow
def test_a_second_start_in_another_folder_understands_a_path_from_there(tmp_path: Path) -> None:
    make(tmp_path / "campaign")
    with served(tmp_path) as page:
        ran = subprocess.run(
            command("--no-browser", "campaign"),
            env=environment(tmp_path),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        _, text = page.inside(page.enter(ran.stdout.strip()))
        assert "signers.xlsx" in text


@pytest.mark.slow
def test_a_proxy_in_the_environment_does_not_matter(tmp_path: Path) -> None:
    proxy = dict.fromkeys(("http_proxy", "HTTP_PROXY", "all_proxy"), "http://127.0.0.1:9")
    with served(tmp_path, env=proxy) as page:
        ran = start_again(tmp_path, **proxy)
        assert port_of(ran.stdout.strip()) == page.port


@pytest.mark.slow
def test_two_starts_at_once_are_one_server_and_one_link(tmp_path: Path) -> None:
    several = [
        subprocess.Popen(
            command("--no-browser"),
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    try:
        with ThreadPoolExecutor() as pool:
            links = list(pool.map(lambda p: p.stdout.readline().strip(), several))
        assert len({port_of(link) for link in links}) == 1
        assert len({path_of(link) for link in links}) == 4
        wait_for(lambda: sum(p.poll() == 0 for p in several) == 3)
    finally:
        for process in several:
            process.terminate()
            process.communicate(timeout=20)


@POSIX
@pytest.mark.slow
def test_a_new_server_starts_at_once_after_a_kill(tmp_path: Path) -> None:
    with served(tmp_path) as page:
        page.process.kill()
        page.process.wait()
        assert (tmp_path / "private" / "running.json").exists()
        started = time.monotonic()
        with served(tmp_path) as other:
            assert time.monotonic() - started < 8
            assert other.enter() == "/"
            assert other.process.pid != page.process.pid


# The end


@pytest.mark.slow
def test_stop_ends_the_server_after_the_last_response(tmp_path: Path) -> None:
    with served(tmp_path) as page:
        page.enter()
        answer, text = page.inside("/stop", "POST")
        assert answer.status == 200
        assert "</html>" in text
        assert page.ask("GET", "/static/page.css")[0].status == 200, "the last page's looks"
        assert page.ends() == 0
        assert not page.answers()
        assert not (tmp_path / "private" / "running.json").exists()


@pytest.mark.slow
@POSIX
@pytest.mark.parametrize("number", everyday([signal.SIGINT, signal.SIGTERM, SIGHUP]))
def test_signals_end_the_server_cleanly_and_its_folder_is_private(
    tmp_path: Path, number: signal.Signals
) -> None:
    with served(tmp_path, make(tmp_path / "campaign")) as page:
        page.inside(page.enter())
        private = tmp_path / "private"
        assert private.stat().st_mode & 0o777 == 0o700
        assert (private / "running.json").stat().st_mode & 0o777 == 0o600
        page.process.send_signal(number)
        assert page.ends() == 0
        assert not (tmp_path / "private" / "running.json").exists()


@pytest.mark.slow
def test_a_start_while_the_server_ends_is_a_new_server(tmp_path: Path) -> None:
    with served(tmp_path) as page:
        page.enter()
        page.inside("/stop", "POST")
        with served(tmp_path) as other:
            assert page.ends() == 0
            assert other.port != page.port
            assert other.enter() == "/"


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Campaigns:
    """Campaigns with a task that ends when it is cancelled."""

    def __init__(self) -> None:
        self.is_busy = False
        self.seconds = 0.0
        self.closed = 0

    def open(self, folder: Path, /) -> str:
        return folder.name

    def close(self) -> None:
        time.sleep(self.seconds)
        self.closed += 1


class ServedPage:
    """The page in a thread of this process, with a greeting application."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MERGE_HOME", str(home))
        self.clock, self.campaigns = Clock(), Campaigns()
        self.lifetime = ProgramLifetime(self.clock)
        self.link, link_shown = "", threading.Event()

        def tell(link: str) -> None:
            self.link = link
            link_shown.set()

        def run() -> None:
            serve(
                None,
                lambda _: (_greet, self.campaigns),
                self.lifetime,
                show_link=tell,
                browser=False,
            )

        self.thread = threading.Thread(target=run)
        self.thread.start()
        assert link_shown.wait(20)

    def is_over(self, seconds: float = 20) -> bool:
        self.thread.join(seconds)
        return not self.thread.is_alive()


def _greet(_environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]


@pytest.mark.slow
def test_the_server_ends_some_time_after_the_last_page_was_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ServedPage(tmp_path, monkeypatch)
    run.lifetime.record_page("a")
    run.lifetime.record_page_closed("a")
    run.clock.now = 89
    assert not run.is_over(1)
    run.campaigns.is_busy = True
    run.clock.now = 91
    assert not run.is_over(1)
    run.campaigns.is_busy = False
    assert run.is_over()
    assert run.campaigns.closed == 1


@pytest.mark.slow
def test_the_ending_server_waits_for_a_running_task_and_still_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ServedPage(tmp_path, monkeypatch)
    run.campaigns.is_busy, run.campaigns.seconds = True, 3
    run.lifetime.stop()
    time.sleep(1)
    with socket.create_connection(("127.0.0.1", port_of(run.link)), 2) as one:
        one.sendall(
            b"GET /static/x HTTP/1.0\r\nHost: %s\r\n\r\n" % run.link[7:].split("/")[0].encode()
        )
        assert b"hello" in one.recv(4096) + one.recv(4096)
    assert run.campaigns.closed == 0
    assert run.is_over()
    assert run.campaigns.closed == 1


# Slow, large and many requests


def test_a_large_file_is_refused_before_it_is_sent(page: Served) -> None:
    with socket.create_connection(("127.0.0.1", page.port), 20) as one:
        head = f"PUT {page.prefix}/data/file HTTP/1.1\r\nHost: 127.0.0.1:{page.port}\r\n"
        head += f"Cookie: {page.cookie}\r\nContent-Length: {200 << 20}\r\n\r\n"
        one.sendall(head.encode())
        assert one.recv(4096).startswith(b"HTTP/1.1 413 ")
    assert page.inside("/")[0].status == 200


def test_a_client_without_the_cookie_cannot_send_a_file(page: Served) -> None:
    with socket.create_connection(("127.0.0.1", page.port), 20) as one:
        head = f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{page.port}\r\nContent-Length: 100000\r\n"
        one.sendall(f"{head}\r\n".encode())
        assert one.recv(4096).startswith(b"HTTP/1.1 413 ")
    assert page.answers()


def test_a_file_of_unknown_length_is_refused_before_it_is_sent(page: Served) -> None:
    with socket.create_connection(("127.0.0.1", page.port), 20) as one:
        head = f"PUT {page.prefix}/data/file HTTP/1.1\r\nHost: 127.0.0.1:{page.port}\r\n"
        head += f"Cookie: {page.cookie}\r\nTransfer-Encoding: chunked\r\n\r\n"
        one.sendall(head.encode())
        assert one.recv(4096).startswith(b"HTTP/1.1 501 ")


def test_slow_request_bodies_delay_no_one(page: Served) -> None:
    with ExitStack() as stack:
        for _ in range(30):
            one = socket.create_connection(("127.0.0.1", page.port), 20)
            stack.enter_context(one)
            head = f"PUT {page.prefix}/data/file HTTP/1.1\r\nHost: 127.0.0.1:{page.port}\r\n"
            head += f"Cookie: {page.cookie}\r\nContent-Length: 1000000\r\n\r\nx"
            one.sendall(head.encode())
        started = time.monotonic()
        assert page.inside("/")[0].status == 200
        assert time.monotonic() - started < 3


@pytest.mark.parametrize("sent", everyday([b"", b"GET / HTTP/1.1\r\nHost: x"]))
def test_five_hundred_connections_delay_no_one(page: Served, sent: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(500):
            one = socket.create_connection(("127.0.0.1", page.port), 20)
            stack.enter_context(one)
            one.sendall(sent)
        started = time.monotonic()
        assert page.inside("/")[0].status == 200
        assert time.monotonic() - started < 3


@pytest.mark.slow
@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x"])
def test_too_many_silent_connections_delay_no_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(serving, "_most_connections", lambda: 60)
    run = ServedPage(tmp_path, monkeypatch)
    host = run.link[7:].split("/")[0]
    with ExitStack() as stack:
        for _ in range(150):
            one = socket.create_connection(("127.0.0.1", port_of(run.link)), 20)
            stack.enter_context(one)
            with suppress(OSError):
                one.sendall(sent)
        one = stack.enter_context(socket.create_connection(("127.0.0.1", port_of(run.link)), 5))
        one.sendall(f"GET /static/x HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        assert b"hello" in one.recv(4096) + one.recv(4096)
    run.lifetime.stop()
    assert run.is_over()


@pytest.mark.parametrize(
    "sent",
    [
        *(b"\x16\x03\x01\x02\x00\x01", b"GET\r\n\r\n", b"x" * 40_000, b"GET / HTTP/9.9\r\n\r\n"),
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"PUT / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\nHost: x\n\n",
    ],
)
def test_an_invalid_request_is_refused_without_details(page: Served, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", page.port), 20) as one:
        answer = b""
        with suppress(OSError):  # it may hang up before everything is sent
            one.sendall(sent)
            one.shutdown(socket.SHUT_WR)
            answer = one.recv(4096)
    assert answer == b"" or int(answer.split()[1]) in {400, 413, 421, 431, 501}
    assert page.inside("/")[0].status == 200


def test_a_request_with_two_hosts_is_refused(page: Served) -> None:
    own_address = f"127.0.0.1:{page.port}".encode()
    with socket.create_connection(("127.0.0.1", page.port), 20) as one:
        one.sendall(
            b"GET /static/page.css HTTP/1.1\r\nHost: %s\r\nHost: %s\r\n\r\n"
            % (own_address, own_address)
        )
        assert one.recv(4096).startswith(b"HTTP/1.1 421 ")


@pytest.mark.parametrize(
    "target", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%5capp.py", "/static/a%00"]
)
def test_no_path_leads_outside_the_static_files(page: Served, target: str) -> None:
    one = socket.create_connection(("127.0.0.1", page.port), 20)
    one.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{page.port}\r\n\r\n".encode())
    assert one.recv(4096).startswith(b"HTTP/1.1 404 ")
    one.close()
