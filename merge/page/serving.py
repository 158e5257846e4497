"""HTTP server of the page, for this computer only: socket, start, end.

One thread, that of the caller, handles all sockets. A request gets a thread when all of it has
arrived, so slow ones hold up no one.
"""

from __future__ import annotations

import logging
import select
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, TransferEncodingNotImplemented
from waitress.server import create_server
from waitress.utilities import RequestEntityTooLarge
from waitress.wasyncore import close_all

from merge import messages
from merge.disk import os_error_text
from merge.errors import MergeError, StorageError, translate_errors
from merge.page.entry import remove_entry_file, remove_entry_files, write_entry_file
from merge.page.guard import MAX_BYTES, TICKET_SECONDS, RequestGuard
from merge.page.instance import claim_instance
from merge.page.lifetime import ProgramLifetime
from merge.page.opening import has_browser, open_browser, restore_library_path
from merge.problems import Place

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_THREADS = 8
_POLL_SECONDS = 0.5  # Seconds between two checks whether it must end
_QUIET_SECONDS = 1.0  # Seconds without a request after which the last page is complete
_FAREWELL_SECONDS = 3.0  # Most seconds that the last page may take
_IDLE_SECONDS = 60  # Seconds after which a silent connection is closed


class OpenCampaigns(Protocol):
    """The open campaigns, as far as the server needs them."""

    @property
    def is_busy(self) -> bool:
        """Whether a task is running in an open campaign."""

    def open(self, folder: Path, /) -> str:
        """Open the campaign in a folder if necessary, and return its key."""

    def close(self) -> None:
        """Cancel running tasks, wait for their end, and close all campaigns."""


AppFactory = Callable[[ProgramLifetime], tuple["WSGIApplication", OpenCampaigns]]
"""Creates the application of the page, and its campaigns."""


def serve(
    folder: Path | None,
    make_app: AppFactory,
    lifetime: ProgramLifetime,
    *,
    show_link: Callable[[str], object],
    browser: bool,
) -> None:
    """Serve the page to the browser until it is no longer needed.

    `folder` is the campaign to show. `lifetime` says when the page is no longer needed. What is
    running then is cancelled, and waited for. If another instance serves the page already, that one
    shows the folder.

    With `browser` the page is opened there. `show_link` gets the link to show as soon as it works:
    an empty one if the browser opens. Raise StorageError if the disk or another instance prevents
    it.
    """
    restore_library_path()
    first = claim_instance(folder)
    browser = browser and has_browser()
    if isinstance(first, str):
        if browser:
            _open_link(first, show_link)
        else:
            show_link(first)
        return
    remove_entry_files()  # of a killed process
    with closing(first):
        app, campaigns = make_app(lifetime)
        try:
            with translate_errors(OSError, _start_error):
                page = _PageServer(app, campaigns, lifetime, first.secret)
            with closing(page):
                with translate_errors(OSError, _start_error):
                    first.publish(page.port)
                link = page.link(page.target_path(folder))
                if browser:
                    Thread(target=_open_link, args=(link, show_link), daemon=True).start()
                else:
                    show_link(link)
                page.run()
        except Exception:
            campaigns.close()
            raise


def _open_link(link: str, show_link: Callable[[str], object]) -> None:
    """Open a link in the browser through an entry file, or show the link.

    It may wait for as long as the browser is open. The first start removes the file: when the link
    is used, when it is too old, and at the end.
    """
    with suppress(OSError, StorageError):
        file = write_entry_file(link)
        show_link("")
        if open_browser(file) or not file.exists():
            return
        remove_entry_file(link)
    show_link(link)


def _start_error(error: OSError) -> StorageError:
    place, why = Place("the page"), os_error_text(error)
    return StorageError(messages.problem("page-not-started", place, why=why))


class _PageServer:
    """The browser page as a service: its application, guard and server."""

    def __init__(
        self,
        app: WSGIApplication,
        campaigns: OpenCampaigns,
        lifetime: ProgramLifetime,
        word: str,
    ) -> None:
        listening = listening_socket()
        self.port: int = listening.getsockname()[1]
        self._app, self._campaigns, self._lifetime = app, campaigns, lifetime
        self._last_request = self._tickets_end = 0.0
        self._guard = RequestGuard(self._answer, self.port, hand_over=self._hand_over, secret=word)
        self._guard.on_ticket_used = lambda path: remove_entry_file(self._link(path))
        self._server = WaitressServer(self._guard, listening)

    def link(self, goal: str) -> str:
        """Return a link that admits one browser."""
        self._expect_ticket()
        return self._link(self._guard.ticket(goal))

    def _link(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def _expect_ticket(self) -> None:
        self._tickets_end = time.monotonic() + TICKET_SECONDS

    def target_path(self, folder: Path | None) -> str:
        """Return the path of a folder's campaign, below the prefix.

        For None it is the path of the list of campaigns.
        """
        return "/" if folder is None else f"/c/{self._campaigns.open(folder)}/data"

    def run(self) -> None:
        """Serve requests until the end; cancel tasks, let the last page load."""
        while not self._lifetime.is_over(busy=self._campaigns.is_busy):
            self._server.process_events(_POLL_SECONDS)
            if 0 < self._tickets_end < time.monotonic():
                self._tickets_end = 0.0
                remove_entry_files()
        ending = Thread(target=self._campaigns.close, daemon=True)
        ending.start()
        while ending.is_alive():
            self._server.process_events(_QUIET_SECONDS / 5)
        self._last_request = farewell_started = time.monotonic()
        while (now := time.monotonic()) - farewell_started < _FAREWELL_SECONDS and (
            now - self._last_request < _QUIET_SECONDS or not self._server.is_idle()
        ):
            self._server.process_events(_QUIET_SECONDS / 5)

    def close(self) -> None:
        """Close the server, and remove the entry files."""
        self._server.close()
        remove_entry_files()

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self._last_request = time.monotonic()
        if environ["SCRIPT_NAME"]:
            self._lifetime.record_request()
        return self._app(environ, start_response)

    def _hand_over(self, folder: str) -> str:
        if not self._lifetime.expect_page():
            return ""
        self._expect_ticket()
        try:
            return self.target_path(Path(folder) if folder else None)
        except MergeError:  # it was deleted between two starts
            return "/"


# The server


def listening_socket() -> socket.socket:
    """Return a socket with a free port of this computer's own address."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if exclusive := getattr(socket, "SO_EXCLUSIVEADDRUSE", None):
            # Otherwise another program of Windows may take the same port.
            listener.setsockopt(socket.SOL_SOCKET, exclusive, 1)
        listener.bind(("127.0.0.1", 0))
    except OSError:
        listener.close()
        raise
    return listener


class WaitressServer:
    """Waitress, run step by step, so that the caller's thread sees the end."""

    def __init__(self, guard: RequestGuard, listening: socket.socket) -> None:
        for name in ("waitress", "waitress.queue"):  # they would log paths
            logging.getLogger(name).disabled = True
        self._sockets: dict[int, Any] = {}
        self._most_channels = _most_connections()
        server: Any = create_server(
            guard,
            map=self._sockets,
            sockets=[listening],
            threads=_THREADS,
            ident="",
            clear_untrusted_proxy_headers=False,  # nothing reads them
            max_request_header_size=32 << 10,
            max_request_body_size=MAX_BYTES + 1,
            connection_limit=self._most_channels,
            channel_timeout=_IDLE_SECONDS,
            cleanup_interval=_IDLE_SECONDS // 12,
            log_socket_errors=False,
        )
        server.channel_class = _WaitressChannel
        self._server = server

    def process_events(self, seconds: float) -> None:
        """Process the events of all sockets, waiting for `seconds` if necessary."""
        self._close_idle_channels()
        self._server.asyncore.loop(
            timeout=seconds, use_poll=hasattr(select, "poll"), map=self._sockets, count=1
        )

    def _close_idle_channels(self) -> None:
        """Close the connections that are idle for longest, if there are too many.

        Otherwise programs that connect and send nothing would keep everyone out for a minute.
        """
        channels = [*self._server.active_channels.values()]
        if len(channels) < self._most_channels * 9 // 10:
            return
        idle = [
            channel for channel in channels if not (channel.requests or channel.total_outbufs_len)
        ]
        idle.sort(key=lambda channel: channel.last_activity)
        for channel in idle[: len(channels) // 4]:
            _close_channel(channel)

    def is_idle(self) -> bool:
        """Return whether the server has answered all requests."""
        channels = [*self._server.active_channels.values()]
        return not any(channel.requests or channel.total_outbufs_len for channel in channels)

    def close(self) -> None:
        """Close all sockets, and end the threads."""
        self._server.task_dispatcher.shutdown()
        for channel in [*self._server.active_channels.values()]:
            _close_channel(channel)
        self._server.close()
        close_all(self._sockets)


def _close_channel(channel: Any) -> None:  # noqa: ANN401 - waitress has no types
    if channel.request is not None:
        channel.request.close()
    channel.handle_close()


def _most_connections() -> int:
    """Return the most connections: `select` of Windows accepts 512 sockets."""
    if not hasattr(select, "poll"):
        return 400
    import resource  # noqa: PLC0415 - Windows has none

    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1000 if most < 0 else min(1000, most * 3 // 5)


class _WaitressParser(HTTPRequestParser):
    """Waitress's request parser, which refuses a body that is too large.

    It does so before the body is read. A body of unknown length is refused as well.
    """

    def __init__(self, adjustments: Adjustments, guard: RequestGuard) -> None:
        super().__init__(adjustments)
        self._guard = guard

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head of a request, and check the length of its body."""
        super().parse_header(header_plus)
        if self.chunked:
            raise TransferEncodingNotImplemented("A file must come in one piece.")
        if self.content_length > self._guard.most_bytes(self.headers.get("COOKIE", "")):
            self.error = RequestEntityTooLarge("This file is too large.")
            self.completed = True


class _WaitressChannel(HTTPChannel):
    """A browser's connection, whose requests `_WaitressParser` reads."""

    def parser_class(self, adjustments: Adjustments) -> HTTPRequestParser:  # type: ignore[override]
        """Return the parser of a request."""
        guard: Any = self.server.application
        return _WaitressParser(adjustments, guard)
