"""The page served, to this computer only: the socket, the server, the end.

One thread, that of the caller, speaks with all sockets; a request gets a thread when it is there
as a whole, so that slow ones hold up nobody.
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
from merge.disk import os_reason
from merge.errors import MergeError, StorageError, translated
from merge.page.entry import remove_entry_file, remove_entry_files, write_entry_file
from merge.page.guard import MOST_BYTES, TICKET_SECONDS, Guard
from merge.page.instance import claim
from merge.page.lifetime import Lifetime
from merge.page.opening import free_children, has_browser, open_browser
from merge.problems import Place

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_THREADS = 8
_LOOK_EVERY = 0.5  # Seconds between two looks at whether it is to end
_QUIET = 1.0  # Seconds without a request after which the last page has all that it needs
_FAREWELL = 3.0  # Seconds that it may need for that
_IDLE = 60  # Seconds after which a connection that says nothing is closed


class OpenCampaigns(Protocol):
    """The campaigns that are open, as far as the server must know them."""

    @property
    def is_busy(self) -> bool:
        """Whether an errand is at work."""

    def open(self, folder: Path, /) -> str:
        """Open the campaign of a folder, if it is not open; return its key."""

    def close(self) -> None:
        """Stop what is at work, wait for its end, and close all."""


Make = Callable[[Lifetime], tuple["WSGIApplication", OpenCampaigns]]
"""Makes the application of the page, and its campaigns."""


def serve(
    folder: Path | None,
    make: Make,
    lifetime: Lifetime,
    *,
    tell: Callable[[str], object],
    browser: bool,
) -> None:
    """Serve the page until it is not needed any more; `folder` is the campaign to show.

    `lifetime` says when that is; what is at work then is stopped, and waited for. If the page is
    served already, that program shows the folder. With `browser` the page is opened there. `tell`
    is given the link to be shown, once it answers: an empty one while the browser opens. Raise
    StorageError if the disk, or a program that runs already, does not allow it.
    """
    free_children()
    first = claim(folder)
    browser = browser and has_browser()
    if isinstance(first, str):
        if browser:
            _open(first, tell)
        else:
            tell(first)
        return
    remove_entry_files()  # of a program that was killed
    with closing(first):
        app, campaigns = make(lifetime)
        try:
            with translated(OSError, _not_started):
                page = _Page(app, campaigns, lifetime, first.word)
            with closing(page):
                with translated(OSError, _not_started):
                    first.publish(page.port)
                link = page.link(page.goal(folder))
                if browser:
                    Thread(target=_open, args=(link, tell), daemon=True).start()
                else:
                    tell(link)
                page.run()
        except Exception:
            campaigns.close()
            raise


def _open(link: str, tell: Callable[[str], object]) -> None:
    """Open a link in the browser, by a file that leads on to it; tell the link if that fails.

    It may wait for as long as the browser is open. The first start removes the file: when the
    link is used, when it is too old, and in the end.
    """
    with suppress(OSError, StorageError):
        file = write_entry_file(link)
        tell("")
        if open_browser(file) or not file.exists():
            return
        remove_entry_file(link)
    tell(link)


def _not_started(error: OSError) -> StorageError:
    place, why = Place("the page"), os_reason(error)
    return StorageError(messages.problem("page-not-started", place, why=why))


class _Page:
    """The page while it is served."""

    def __init__(
        self,
        app: WSGIApplication,
        campaigns: OpenCampaigns,
        lifetime: Lifetime,
        word: str,
    ) -> None:
        listening = listening_socket()
        self.port: int = listening.getsockname()[1]
        self._app, self._campaigns, self._lifetime = app, campaigns, lifetime
        self._asked = self._tickets_end = 0.0
        self._guard = Guard(self._answer, self.port, hand_over=self._hand_over, word=word)
        self._guard.on_used = lambda path: remove_entry_file(self._link(path))
        self._server = Server(self._guard, listening)

    def link(self, goal: str) -> str:
        """Return a link that lets one browser in."""
        self._expect_ticket()
        return self._link(self._guard.ticket(goal))

    def _link(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def _expect_ticket(self) -> None:
        self._tickets_end = time.monotonic() + TICKET_SECONDS

    def goal(self, folder: Path | None) -> str:
        """Return the path of a folder's campaign, below the prefix; of all campaigns for None."""
        return "/" if folder is None else f"/c/{self._campaigns.open(folder)}/data"

    def run(self) -> None:
        """Serve until the end; stop what is at work, and let the last page load."""
        while not self._lifetime.is_over(busy=self._campaigns.is_busy):
            self._server.turn(_LOOK_EVERY)
            if 0 < self._tickets_end < time.monotonic():
                self._tickets_end = 0.0
                remove_entry_files()
        ending = Thread(target=self._campaigns.close, daemon=True)
        ending.start()
        while ending.is_alive():
            self._server.turn(_QUIET / 5)
        self._asked = begun = time.monotonic()
        while (now := time.monotonic()) - begun < _FAREWELL and (
            now - self._asked < _QUIET or not self._server.is_idle()
        ):
            self._server.turn(_QUIET / 5)

    def close(self) -> None:
        """Answer no more."""
        self._server.close()
        remove_entry_files()

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self._asked = time.monotonic()
        if environ["SCRIPT_NAME"]:
            self._lifetime.touch()
        return self._app(environ, start_response)

    def _hand_over(self, folder: str) -> str:
        if not self._lifetime.expect():
            return ""
        self._expect_ticket()
        try:
            return self.goal(Path(folder) if folder else None)
        except MergeError:  # it went away between two starts
            return "/"


# The server


def listening_socket() -> socket.socket:
    """Return a socket of this computer's own address, with a port that was free."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if exclusive := getattr(socket, "SO_EXCLUSIVEADDRUSE", None):
            # Else another program of Windows may take the same port.
            made.setsockopt(socket.SOL_SOCKET, exclusive, 1)
        made.bind(("127.0.0.1", 0))
    except OSError:
        made.close()
        raise
    return made


class Server:
    """Waitress, a turn at a time: so that the caller's thread sees the end."""

    def __init__(self, guard: Guard, listening: socket.socket) -> None:
        for name in ("waitress", "waitress.queue"):  # they would name paths
            logging.getLogger(name).disabled = True
        self._sockets: dict[int, Any] = {}
        self._most = _most_connections()
        made: Any = create_server(
            guard,
            map=self._sockets,
            sockets=[listening],
            threads=_THREADS,
            ident="",
            clear_untrusted_proxy_headers=False,  # nothing reads them
            max_request_header_size=32 << 10,
            max_request_body_size=MOST_BYTES + 1,
            connection_limit=self._most,
            channel_timeout=_IDLE,
            cleanup_interval=_IDLE // 12,
            log_socket_errors=False,
        )
        made.channel_class = _Channel
        self._server = made

    def turn(self, seconds: float) -> None:
        """Do what is to be done on all sockets, or wait so long for it."""
        self._make_room()
        self._server.asyncore.loop(
            timeout=seconds, use_poll=hasattr(select, "poll"), map=self._sockets, count=1
        )

    def _make_room(self) -> None:
        """If there are nearly too many connections, close those that were silent for longest.

        Else programs that connect and say nothing would keep everybody out for a minute.
        """
        channels = [*self._server.active_channels.values()]
        if len(channels) < self._most * 9 // 10:
            return
        idle = [each for each in channels if not (each.requests or each.total_outbufs_len)]
        idle.sort(key=lambda channel: channel.last_activity)
        for channel in idle[: len(channels) // 4]:
            _hang_up(channel)

    def is_idle(self) -> bool:
        """Return whether all that was asked is answered."""
        channels = [*self._server.active_channels.values()]
        return not any(channel.requests or channel.total_outbufs_len for channel in channels)

    def close(self) -> None:
        """Close all sockets, and end the threads."""
        self._server.task_dispatcher.shutdown()
        for channel in [*self._server.active_channels.values()]:
            _hang_up(channel)
        self._server.close()
        close_all(self._sockets)


def _hang_up(channel: Any) -> None:  # noqa: ANN401 - waitress has no types
    if channel.request is not None:
        channel.request.close()
    channel.handle_close()


def _most_connections() -> int:
    """Return how many connections there may be: `select` of Windows knows 512 sockets."""
    if not hasattr(select, "poll"):
        return 400
    import resource  # noqa: PLC0415 - Windows has none

    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1000 if most < 0 else min(1000, most * 3 // 5)


class _Parser(HTTPRequestParser):
    """Refuses a body before it is read: one of unknown length, or larger than the guard allows."""

    def __init__(self, adjustments: Adjustments, guard: Guard) -> None:
        super().__init__(adjustments)
        self._guard = guard

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head of a request."""
        super().parse_header(header_plus)
        if self.chunked:
            raise TransferEncodingNotImplemented("A file must come in one piece.")
        if self.content_length > self._guard.most_bytes(self.headers.get("COOKIE", "")):
            self.error = RequestEntityTooLarge("This file is too large.")
            self.completed = True


class _Channel(HTTPChannel):
    """A connection."""

    def parser_class(self, adjustments: Adjustments) -> HTTPRequestParser:  # type: ignore[override]
        """Return what reads a request."""
        guard: Any = self.server.application
        return _Parser(adjustments, guard)
