"""A hostile website on another port of this computer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Asked(NamedTuple):
    """A request that reached the site."""

    method: str
    path: str
    headers: dict[str, str]


@dataclass
class HostileSite:
    """A hostile site while it is served."""

    port: int
    pages: dict[str, str] = field(default_factory=dict)
    """Its pages by their paths; any other path is a blank page."""
    asked: list[Asked] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Its address, on the same host as the page."""
        return f"http://127.0.0.1:{self.port}"

    def forget(self) -> None:
        """Empty the list of requests."""
        self.asked.clear()


@contextmanager
def hostile_site() -> Iterator[HostileSite]:
    """Serve the site until the block ends."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            site.asked.append(Asked(self.command, self.path, dict(self.headers)))
            body = site.pages.get(path, "<!doctype html><title>harmless</title>").encode()
            self.send_response(200)
            kind = "text/javascript" if path.endswith(".js") else "text/html; charset=utf-8"
            self.send_header("Content-Type", kind)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Service-Worker-Allowed", "/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = do_HEAD = do_OPTIONS = do_GET  # noqa: N815 - names of http.server

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        server.daemon_threads = True
        site = HostileSite(server.server_port)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield site
        finally:
            server.shutdown()
