"""Access control: one browser, authenticated by a one-time ticket.

It is plain WSGI, and runs before any other code of the page. These get no access:

1. another website in the same browser;
2. a page on another port of this computer, which is *same-site*, so that SameSite does not help;
3. another user of this computer. If another user uses the ticket before the user's own browser
   does, their session ends when that browser arrives.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import re
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

MAX_BYTES = 60 << 20
"""Most bytes of an uploaded file."""
MAX_BYTES_SIGNED_OUT = 64 << 10
"""Most bytes of a request without a session cookie."""
TICKET_SECONDS = 60.0
HAND_OVER_HEADER = "X-Hand-Over"
"""The header by which a second start of the program speaks with the first."""

CONTENT_SECURITY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
    " connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
_DENIED_FEATURES = (
    "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(),"
    " geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(),"
    " picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(),"
    " xr-spatial-tracking=()"
)
_COMMON_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    # Not no-referrer: with it, browsers send `Origin: null` with a form of our own page.
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", _DENIED_FEATURES),
)
_POLICY, _OPENER = "Content-Security-Policy", "Cross-Origin-Opener-Policy"
_RESOURCE, _CACHE = "Cross-Origin-Resource-Policy", "Cache-Control"
_OWN_HEADERS = {name.lower() for name, _ in _COMMON_HEADERS} | {
    name.lower() for name in (_OPENER, _RESOURCE, _CACHE, "Server")
}
_READ_METHODS = {"GET", "HEAD"}
_METHODS = {*_READ_METHODS, "POST", "PUT"}
_PLAIN_PATH = re.compile(r"(/[A-Za-z0-9_-][A-Za-z0-9._~-]*)*/?")
"""The paths of the page. Others are refused: `..`, `%`, a backslash, NUL."""
_VERSIONED_PATH = re.compile(r"/static/[0-9a-f]{12}/")
"""Addresses of own files that contain the version of the files."""
_NONCE = re.compile(r"[A-Za-z0-9_-]{20,100}")
_MAX_USED_TICKETS = 50  # Tickets that were used


@dataclass(slots=True)
class _AdmissionTicket:
    target: str
    expires: float
    session_key: str
    """The key of the browser that it admits."""
    is_used: bool = False
    return_digest: bytes = b""
    """Digest by which that browser is recognised when it returns.

    It is empty if the browser may not return.
    """


@dataclass(frozen=True, slots=True)
class _GuardResponse:
    """A response of the guard itself: text for programs, sentences for people.

    A browser goes on to `target` by itself.
    """

    status: HTTPStatus
    text: str = ""
    title: str = ""
    sentences: tuple[str, ...] = ()
    target: str = ""
    headers: tuple[tuple[str, str], ...] = ()


_PRODUCT = "Appeal Merge"


def _notice(status: HTTPStatus, *sentences: str, title: str = _PRODUCT) -> _GuardResponse:
    return _GuardResponse(status, title=title, sentences=sentences)


_START_AGAIN = (
    "Start the program again. It opens a new page in your browser. Your letters are safe."
)
_TICKET_USED = _notice(
    HTTPStatus.FORBIDDEN,
    "Each link works once, in one browser, within one minute.",
    _START_AGAIN,
    title="This link has already been used",
)
_SESSION_ENDED = _notice(
    HTTPStatus.FORBIDDEN,
    "Two browsers opened the same link, so both were signed out.",
    "If you did not open it twice, someone else who uses this computer may have seen the page."
    " Contact your IT support.",
    _START_AGAIN,
    title="This page was closed for security",
)
_SIGNED_OUT = _notice(
    HTTPStatus.FORBIDDEN,
    "The program has been restarted, or this browser is not signed in.",
    _START_AGAIN,
    title="This page has expired",
)
_NOT_FOUND = _notice(HTTPStatus.NOT_FOUND, "Page not found")
_WRONG_HOST = _notice(HTTPStatus.MISDIRECTED_REQUEST, "Wrong address.")
_WRONG_METHOD = _notice(HTTPStatus.METHOD_NOT_ALLOWED, "Unsupported request.")
_CHUNKED_BODY = _notice(HTTPStatus.NOT_IMPLEMENTED, "The file must be sent in one piece.")
_LENGTH_MISSING = _notice(HTTPStatus.BAD_REQUEST, "The size of the file is missing.")
_TOO_LARGE = _notice(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This file is too large.")
_CROSS_SITE = _notice(
    HTTPStatus.FORBIDDEN,
    "This request came from another website and was blocked. Nothing was changed.",
)
_PREFETCHED = _notice(HTTPStatus.SERVICE_UNAVAILABLE, "Open this link when you are ready.")
_CONTINUE = "Continue"

SENTENCES = tuple(
    dict.fromkeys(
        words
        for notice in (
            *(
                _TICKET_USED,
                _SESSION_ENDED,
                _SIGNED_OUT,
                _NOT_FOUND,
                _WRONG_HOST,
                _WRONG_METHOD,
                _CHUNKED_BODY,
            ),
            *(_LENGTH_MISSING, _TOO_LARGE, _CROSS_SITE, _PREFETCHED),
        )
        for words in (notice.title, *notice.sentences, _CONTINUE)
        if words != _PRODUCT
    )
)
"""All texts of the guard for people, for translation."""


class RequestGuard:
    """A WSGI application that passes only allowed requests to another.

    `hand_over` gets a folder's path, or an empty one. It returns the target of the ticket that a
    second start of the program gets, below the prefix. An empty target means that this program is
    about to end.

    A second start must know `secret`; if that is empty, none is admitted. `clock` returns seconds.
    Paths of the application below `prefix` consist of letters, digits, and `._~-`.
    """

    def __init__(
        self,
        app: WSGIApplication,
        port: int,
        *,
        hand_over: Callable[[str], str] | None,
        secret: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.prefix = f"/{secrets.token_urlsafe(16)}"
        self._app, self._clock = app, clock
        self.on_ticket_used: Callable[[str], object] = lambda _: None
        """Called with the path of each ticket when it is used."""
        self._hand_over, self._secret = hand_over, secret
        self._host, self._origin = f"127.0.0.1:{port}", f"http://127.0.0.1:{port}"
        self._cookie = f"merge-{port}"
        self._tickets: dict[bytes, _AdmissionTicket] = {}
        self._sessions: set[bytes] = set()
        self._ended_sessions: set[bytes] = set()
        self._lock = Lock()

    def ticket(self, goal: str) -> str:
        """Return a path that admits one browser, once, within a minute.

        It leads to the target, which is a path of the application. Raise ValueError if it is not.
        """
        if not goal.startswith("/") or not _PLAIN_PATH.fullmatch(goal):
            raise ValueError(goal)
        ticket_id = secrets.token_urlsafe(32)
        with self._lock:
            now = self._clock()
            used_digests = [digest for digest, ticket in self._tickets.items() if ticket.is_used]
            dropped = {*used_digests[:-_MAX_USED_TICKETS]}
            self._tickets = {
                digest: ticket
                for digest, ticket in self._tickets.items()
                if digest not in dropped and (ticket.is_used or now <= ticket.expires)
            }
            ticket = _AdmissionTicket(goal, now + TICKET_SECONDS, secrets.token_urlsafe(32))
            self._tickets[_digest(ticket_id)] = ticket
        return f"/in/{ticket_id}"

    def most_bytes(self, cookie: str) -> int:
        """Return how many bytes a request with this Cookie header may have."""
        return MAX_BYTES if self._is_known(cookie) else MAX_BYTES_SIGNED_OUT

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, or pass it on to the application."""
        path = environ.get("PATH_INFO", "")
        response = self._refusal(environ, path) or self._own_answer(environ, path)
        if response is not None:
            return _send(response, environ, start_response)
        if path.startswith("/static/"):
            environ["SCRIPT_NAME"] = ""
            is_versioned = _VERSIONED_PATH.match(path) is not None
            return self._app(
                environ, _with_headers(start_response, static=True, is_versioned=is_versioned)
            )
        environ["SCRIPT_NAME"] = self.prefix
        environ["PATH_INFO"] = path.removeprefix(self.prefix) or "/"
        return self._app(environ, _with_headers(start_response))

    def _refusal(self, environ: WSGIEnvironment, path: str) -> _GuardResponse | None:
        """Return the answer that refuses a request, whatever its path, or None."""
        if environ.get("HTTP_HOST") != self._host:
            return _WRONG_HOST
        if environ.get("REQUEST_METHOD") not in _METHODS:
            return _WRONG_METHOD
        if not _PLAIN_PATH.fullmatch(path):
            return _NOT_FOUND
        return self._refusal_of_body(environ)

    def _refusal_of_body(self, environ: WSGIEnvironment) -> _GuardResponse | None:
        if environ.get("HTTP_TRANSFER_ENCODING"):
            return _CHUNKED_BODY
        length = environ.get("CONTENT_LENGTH") or "0"
        if not re.fullmatch("[0-9]{1,18}", length):
            return _LENGTH_MISSING
        if int(length) > self.most_bytes(environ.get("HTTP_COOKIE", "")):
            return _TOO_LARGE
        return None

    def _own_answer(self, environ: WSGIEnvironment, path: str) -> _GuardResponse | None:
        """Return the guard's response, or None if the application must answer."""
        _, first, *rest = [*path.split("/"), ""]
        reading = environ["REQUEST_METHOD"] in _READ_METHODS
        match first:
            case "in":
                return self._admit(environ, "/".join(rest).removesuffix("/"))
            case "again":
                return self._answer_second_start(environ) if rest == [""] else _NOT_FOUND
            case "favicon.ico" if rest == [""]:
                return _GuardResponse(HTTPStatus.NO_CONTENT)
            case "static" if rest != [""]:
                return None if reading else _WRONG_METHOD
        if not hmac.compare_digest(f"/{first}".encode(), self.prefix.encode()):
            return _SIGNED_OUT
        return self._check_browser(environ, reading=reading)

    def _check_browser(self, environ: WSGIEnvironment, *, reading: bool) -> _GuardResponse | None:
        """Return the answer that refuses another browser's request, or None."""
        cookie = environ.get("HTTP_COOKIE", "")
        if not self._is_known(cookie):
            return (
                _SIGNED_OUT
                if self._ended_sessions.isdisjoint(self._session_digests(cookie))
                else _SESSION_ENDED
            )
        origin = environ.get("HTTP_ORIGIN")
        is_own_page = origin == self._origin or (reading and origin is None)
        site = environ.get("HTTP_SEC_FETCH_SITE", "same-origin")
        if not is_own_page or site not in {"same-origin", "none"}:
            return _CROSS_SITE
        return None

    def _is_known(self, cookie: str) -> bool:
        """Return whether a Cookie header has the key of a session.

        Another server may have added cookies.
        """
        return not self._sessions.isdisjoint(self._session_digests(cookie))

    def _session_digests(self, cookie: str) -> set[bytes]:
        return {*map(_digest, _cookie_values(cookie, self._cookie))}

    def _admit(self, environ: WSGIEnvironment, ticket_id: str) -> _GuardResponse:
        if environ["REQUEST_METHOD"] != "GET":
            return _WRONG_METHOD
        purpose = environ.get("HTTP_SEC_PURPOSE") or environ.get("HTTP_PURPOSE") or ""
        if "prefetch" in purpose:  # the user has not requested it yet
            return _PREFETCHED
        return_name, return_key = f"{self._cookie}-in", secrets.token_urlsafe(32)
        # Lax: if a file led here, browsers take it for another site, and keep doing so when the
        # user goes back. With Strict, that would look like a second browser.
        lax = f"HttpOnly; SameSite=Lax; Path=/in/{ticket_id}"
        return_digests = {
            *map(_digest, _cookie_values(environ.get("HTTP_COOKIE", ""), return_name))
        }
        with self._lock:
            ticket = self._tickets.get(_digest(ticket_id))
            if ticket is None or (not ticket.is_used and self._clock() > ticket.expires):
                return _TICKET_USED
            if ticket.is_used and ticket.return_digest not in return_digests:
                self._end_session(ticket)
                return _SESSION_ENDED
            return_cookie = (
                () if ticket.is_used else (("Set-Cookie", f"{return_name}={return_key}; {lax}"),)
            )
            if not ticket.is_used:
                self._sessions.add(_digest(ticket.session_key))
                ticket.is_used, ticket.return_digest = True, _digest(return_key)
        self.on_ticket_used(f"/in/{ticket_id}")
        session_cookie = (
            f"{self._cookie}={ticket.session_key}; HttpOnly; SameSite=Strict; Path={self.prefix}"
        )
        # A redirect would lose the cookie: opened from another program, the browser takes the
        # page for one of another site, and stays with that until it goes on by itself.
        return _GuardResponse(
            HTTPStatus.OK,
            title=_PRODUCT,
            target=self.prefix + ticket.target,
            headers=(("Set-Cookie", session_cookie), *return_cookie),
        )

    def _end_session(self, ticket: _AdmissionTicket) -> None:
        """End the session of two browsers that used the same ticket.

        One of them is not the user's. An intruder that was quicker than the user's own browser
        loses its access.
        """
        key = _digest(ticket.session_key)
        self._sessions.discard(key)
        self._ended_sessions.add(key)
        ticket.return_digest = b""

    def _answer_second_start(self, environ: WSGIEnvironment) -> _GuardResponse:
        """Answer another start of the program: first a proof, then a ticket."""
        header_value = environ.get("HTTP_X_HAND_OVER", "")
        browser = {"HTTP_ORIGIN", "HTTP_COOKIE", "HTTP_REFERER"} | {
            name for name in environ if name.startswith("HTTP_SEC_")
        }
        forbidden = _GuardResponse(HTTPStatus.FORBIDDEN, "This is for the program itself.")
        if not self._hand_over or not self._secret or browser & environ.keys():
            return forbidden
        if environ["REQUEST_METHOD"] in _READ_METHODS:
            is_valid = _NONCE.fullmatch(header_value) is not None
            proven = _GuardResponse(HTTPStatus.OK, proof(self._secret, header_value))
            return proven if is_valid else forbidden
        if environ["REQUEST_METHOD"] != "POST" or not _is_equal(header_value, self._secret):
            return forbidden
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        goal = self._hand_over(body.decode("utf-8", "surrogateescape"))
        if not goal:
            return _GuardResponse(HTTPStatus.SERVICE_UNAVAILABLE, "The program is about to end.")
        return _GuardResponse(HTTPStatus.OK, self.ticket(goal))


def proof(secret: str, nonce: str) -> str:
    """Return the proof that a program knows the secret, for this nonce.

    It does not reveal the secret.
    """
    return hmac.new(secret.encode(), f"page {nonce}".encode(), "sha256").hexdigest()


def _cookie_values(cookie: str, name: str) -> list[str]:
    """Return the values that a Cookie header has for a name."""
    cookies = (cookie_text.strip().partition("=") for cookie_text in cookie.split(";"))
    return [value for key, _, value in cookies if key == name]


def _is_equal(received: str, expected: str) -> bool:
    return hmac.compare_digest(received.encode("utf-8", "surrogateescape"), expected.encode())


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


# Responses


def _with_headers(
    start_response: StartResponse, *, static: bool = False, is_versioned: bool = False
) -> StartResponse:
    """Return a `start_response` that adds the headers of every response.

    A Content-Security-Policy of the application is kept. The frame that shows a letter has one, and
    must keep its opener.
    """

    def start(
        status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        given_names = {name.lower() for name, _ in headers}
        all_headers = [(name, value) for name, value in headers if name.lower() not in _OWN_HEADERS]
        all_headers += _COMMON_HEADERS
        if _POLICY.lower() not in given_names:
            all_headers += [(_POLICY, CONTENT_SECURITY), (_OPENER, "same-origin")]
        all_headers.append((_RESOURCE, "cross-origin" if static else "same-origin"))
        may_last = is_versioned and status[:3] in {"200", "304"}
        all_headers.append(
            (_CACHE, "public, max-age=31536000, immutable" if may_last else "no-store")
        )
        if exc_info is None:
            return start_response(status, all_headers)
        return start_response(status, all_headers, exc_info)  # type: ignore[arg-type] # passed on as it is

    return start


def _send(
    response: _GuardResponse, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    requested = environ.get("HTTP_ACCEPT_LANGUAGE", "")
    body = (_html_page(response, requested) if response.title else response.text).encode()
    headers = [*response.headers]
    if response.status != HTTPStatus.NO_CONTENT:
        kind = "html" if response.title else "plain"
        headers += [("Content-Type", f"text/{kind}; charset=utf-8")]
        headers += [("Content-Length", str(len(body)))]
    status = f"{response.status.value} {response.status.phrase}"
    _with_headers(start_response)(status, headers)
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]


def _html_page(response: _GuardResponse, requested: str) -> str:
    """Return a response as HTML, in the language that the browser requests."""
    from merge.page.languages import best_language, language  # noqa: PLC0415 - a second start needs no Babel

    locale = language(
        best_language([text.partition(";")[0].strip() for text in requested.split(",")])
    )
    texts = [
        html.escape(locale.translations.gettext(text))
        for text in (response.title, *response.sentences)
    ]
    title, paragraphs = texts[0], [f"<p>{text}</p>" for text in texts[1:]]
    goal, refresh = html.escape(response.target), ""
    if goal:
        refresh = f'<meta http-equiv="refresh" content="0;url={goal}">'
        paragraphs += [
            f'<p><a href="{goal}">{html.escape(locale.translations.gettext(_CONTINUE))}</a></p>'
        ]
    return (
        f'<!doctype html><html lang="{locale.code}" dir="{locale.direction}" translate="no"><head>'
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta name="color-scheme" content="light dark">{refresh}<title>{title}</title>'
        '<link rel="icon" href="/static/icon.svg"><link rel="stylesheet" href="/static/page.css">'
        f'</head><body><main class="message"><h1>{title}</h1>{"".join(paragraphs)}</main>'
        "</body></html>"
    )
