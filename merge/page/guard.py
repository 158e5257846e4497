"""Who may speak with the page: one browser, let in by a ticket, and nobody else.

Plain WSGI, before anything of the page runs. Not to get in are another website in the same
browser, a page on another port of this computer (which is *same-site*, so that SameSite does not
help), and another user of this computer. If somebody uses a ticket before the user's own browser
does, that browser's arrival ends what they got.
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
"""How many bytes a file that is put in may have."""
MAX_BYTES_SIGNED_OUT = 64 << 10
"""How many bytes a request may bring that has no cookie of ours."""
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
"""The paths of the page. What is not among them never gets further: `..`, `%`, a backslash, NUL."""
_VERSIONED_PATH = re.compile(r"/static/[0-9a-f]{12}/")
"""The addresses of our files that are other ones when the files are."""
_NONCE = re.compile(r"[A-Za-z0-9_-]{20,100}")
_MAX_USED_TICKETS = 50  # Tickets that were used


@dataclass(slots=True)
class _Ticket:
    target: str
    expires: float
    session_key: str
    """The key of the browser that it lets in."""
    is_used: bool = False
    return_digest: bytes = b""
    """By what the browser that used it is known when it comes again; empty if it may not."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the guard itself answers: a text for programs, or sentences for people.

    `goal` is where a browser goes on to by itself.
    """

    status: HTTPStatus
    text: str = ""
    title: str = ""
    sentences: tuple[str, ...] = ()
    target: str = ""
    headers: tuple[tuple[str, str], ...] = ()


_PRODUCT = "Appeal Merge"


def _notice(status: HTTPStatus, *sentences: str, title: str = _PRODUCT) -> _Answer:
    return _Answer(status, title=title, sentences=sentences)


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
"""All that the guard says to people, to be translated."""


class Guard:
    """A WSGI application that lets requests through to another.

    `hand_over` makes a folder's path (empty for none) the goal of the ticket that a second start
    of the program gets, below the prefix; it gives an empty one where this program is about to
    end. `word` is what the second start must know, nobody may where it is empty. `clock` gives
    seconds. The paths of the application below `prefix` consist of letters, digits, and `._~-`.
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
        """Is given the path of each ticket when it is used."""
        self._hand_over, self._secret = hand_over, secret
        self._host, self._origin = f"127.0.0.1:{port}", f"http://127.0.0.1:{port}"
        self._cookie = f"merge-{port}"
        self._tickets: dict[bytes, _Ticket] = {}
        self._sessions: set[bytes] = set()
        self._ended_sessions: set[bytes] = set()
        self._lock = Lock()

    def ticket(self, goal: str) -> str:
        """Return a path that lets one browser in, once, within a minute, and leads it to the goal.

        The goal is a path of the application. ValueError where it is none.
        """
        if not goal.startswith("/") or not _PLAIN_PATH.fullmatch(goal):
            raise ValueError(goal)
        word = secrets.token_urlsafe(32)
        with self._lock:
            now = self._clock()
            used = [digest for digest, each in self._tickets.items() if each.is_used]
            forgotten = {*used[:-_MAX_USED_TICKETS]}
            self._tickets = {
                digest: each
                for digest, each in self._tickets.items()
                if digest not in forgotten and (each.is_used or now <= each.expires)
            }
            ticket = _Ticket(goal, now + TICKET_SECONDS, secrets.token_urlsafe(32))
            self._tickets[_digest(word)] = ticket
        return f"/in/{word}"

    def most_bytes(self, cookie: str) -> int:
        """Return how many bytes a request with this Cookie header may bring."""
        return MAX_BYTES if self._is_known(cookie) else MAX_BYTES_SIGNED_OUT

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, or let the application do so."""
        path = environ.get("PATH_INFO", "")
        answer = self._refusal(environ, path) or self._own_answer(environ, path)
        if answer is not None:
            return _send(answer, environ, start_response)
        if path.startswith("/static/"):
            environ["SCRIPT_NAME"] = ""
            lasting = _VERSIONED_PATH.match(path) is not None
            return self._app(environ, _with_headers(start_response, static=True, lasting=lasting))
        environ["SCRIPT_NAME"] = self.prefix
        environ["PATH_INFO"] = path.removeprefix(self.prefix) or "/"
        return self._app(environ, _with_headers(start_response))

    def _refusal(self, environ: WSGIEnvironment, path: str) -> _Answer | None:
        """Return why a request gets no further, whatever it asks for; None where it does."""
        if environ.get("HTTP_HOST") != self._host:
            return _WRONG_HOST
        if environ.get("REQUEST_METHOD") not in _METHODS:
            return _WRONG_METHOD
        if not _PLAIN_PATH.fullmatch(path):
            return _NOT_FOUND
        return self._refusal_of_body(environ)

    def _refusal_of_body(self, environ: WSGIEnvironment) -> _Answer | None:
        if environ.get("HTTP_TRANSFER_ENCODING"):
            return _CHUNKED_BODY
        length = environ.get("CONTENT_LENGTH") or "0"
        if not re.fullmatch("[0-9]{1,18}", length):
            return _LENGTH_MISSING
        if int(length) > self.most_bytes(environ.get("HTTP_COOKIE", "")):
            return _TOO_LARGE
        return None

    def _own_answer(self, environ: WSGIEnvironment, path: str) -> _Answer | None:
        """Return the answer to what is not the application's; None for what is."""
        _, first, *rest = [*path.split("/"), ""]
        reading = environ["REQUEST_METHOD"] in _READ_METHODS
        match first:
            case "in":
                return self._admit(environ, "/".join(rest).removesuffix("/"))
            case "again":
                return self._answer_second_start(environ) if rest == [""] else _NOT_FOUND
            case "favicon.ico" if rest == [""]:
                return _Answer(HTTPStatus.NO_CONTENT)
            case "static" if rest != [""]:
                return None if reading else _WRONG_METHOD
        if not hmac.compare_digest(f"/{first}".encode(), self.prefix.encode()):
            return _SIGNED_OUT
        return self._check_browser(environ, reading=reading)

    def _check_browser(self, environ: WSGIEnvironment, *, reading: bool) -> _Answer | None:
        """Return why a request may not come from our own page in the browser that was let in."""
        cookie = environ.get("HTTP_COOKIE", "")
        if not self._is_known(cookie):
            return (
                _SIGNED_OUT
                if self._ended_sessions.isdisjoint(self._session_digests(cookie))
                else _SESSION_ENDED
            )
        origin = environ.get("HTTP_ORIGIN")
        is_ours = origin == self._origin or (reading and origin is None)
        site = environ.get("HTTP_SEC_FETCH_SITE", "same-origin")
        if not is_ours or site not in {"same-origin", "none"}:
            return _CROSS_SITE
        return None

    def _is_known(self, cookie: str) -> bool:
        """Return whether a Cookie header has a key of ours; another server may have added words."""
        return not self._sessions.isdisjoint(self._session_digests(cookie))

    def _session_digests(self, cookie: str) -> set[bytes]:
        return {*map(_digest, _cookie_values(cookie, self._cookie))}

    def _admit(self, environ: WSGIEnvironment, word: str) -> _Answer:
        if environ["REQUEST_METHOD"] != "GET":
            return _WRONG_METHOD
        purpose = environ.get("HTTP_SEC_PURPOSE") or environ.get("HTTP_PURPOSE") or ""
        if "prefetch" in purpose:  # nobody has asked for it yet
            return _PREFETCHED
        back_cookie, back = f"{self._cookie}-in", secrets.token_urlsafe(32)
        # Lax: if a file led here, browsers take it for another site, and keep doing so when the
        # user goes back. With Strict, that would look like a second browser.
        lax = f"HttpOnly; SameSite=Lax; Path=/in/{word}"
        came_before = {*map(_digest, _cookie_values(environ.get("HTTP_COOKIE", ""), back_cookie))}
        with self._lock:
            ticket = self._tickets.get(_digest(word))
            if ticket is None or (not ticket.is_used and self._clock() > ticket.expires):
                return _TICKET_USED
            if ticket.is_used and ticket.return_digest not in came_before:
                self._end_session(ticket)
                return _SESSION_ENDED
            again = () if ticket.is_used else (("Set-Cookie", f"{back_cookie}={back}; {lax}"),)
            if not ticket.is_used:
                self._sessions.add(_digest(ticket.session_key))
                ticket.is_used, ticket.return_digest = True, _digest(back)
        self.on_ticket_used(f"/in/{word}")
        ours = f"{self._cookie}={ticket.session_key}; HttpOnly; SameSite=Strict; Path={self.prefix}"
        # A redirect would lose the cookie: opened from another program, the browser takes the
        # page for one of another site, and stays with that until it goes on by itself.
        return _Answer(
            HTTPStatus.OK,
            title=_PRODUCT,
            target=self.prefix + ticket.target,
            headers=(("Set-Cookie", ours), *again),
        )

    def _end_session(self, ticket: _Ticket) -> None:
        """Let neither of two browsers in that used the same ticket: one of them is not the user's.

        Whoever was quicker than the user's own browser loses what it got.
        """
        key = _digest(ticket.session_key)
        self._sessions.discard(key)
        self._ended_sessions.add(key)
        ticket.return_digest = b""

    def _answer_second_start(self, environ: WSGIEnvironment) -> _Answer:
        """Answer another start of the program: prove who this is, then give it a ticket."""
        word = environ.get("HTTP_X_HAND_OVER", "")
        browser = {"HTTP_ORIGIN", "HTTP_COOKIE", "HTTP_REFERER"} | {
            name for name in environ if name.startswith("HTTP_SEC_")
        }
        forbidden = _Answer(HTTPStatus.FORBIDDEN, "This is for the program itself.")
        if not self._hand_over or not self._secret or browser & environ.keys():
            return forbidden
        if environ["REQUEST_METHOD"] in _READ_METHODS:
            is_fair = _NONCE.fullmatch(word) is not None
            known = _Answer(HTTPStatus.OK, proof(self._secret, word))
            return known if is_fair else forbidden
        if environ["REQUEST_METHOD"] != "POST" or not _is_equal(word, self._secret):
            return forbidden
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        goal = self._hand_over(body.decode("utf-8", "surrogateescape"))
        if not goal:
            return _Answer(HTTPStatus.SERVICE_UNAVAILABLE, "The program is about to end.")
        return _Answer(HTTPStatus.OK, self.ticket(goal))


def proof(word: str, nonce: str) -> str:
    """Return how a program that knows the word answers a nonce, without giving the word away."""
    return hmac.new(word.encode(), f"page {nonce}".encode(), "sha256").hexdigest()


def _cookie_values(cookie: str, name: str) -> list[str]:
    """Return the values that a Cookie header has for a name."""
    words = (each.strip().partition("=") for each in cookie.split(";"))
    return [value for key, _, value in words if key == name]


def _is_equal(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), right.encode())


def _digest(word: str) -> bytes:
    return hashlib.sha256(word.encode("utf-8", "surrogateescape")).digest()


# Answers


def _with_headers(
    start_response: StartResponse, *, static: bool = False, lasting: bool = False
) -> StartResponse:
    """Return a `start_response` that adds what every answer must say.

    A Content-Security-Policy of the application stays: that of the frame in which a letter is
    shown, which then is not to be cut off from its opener either.
    """

    def start(
        status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        said = {name.lower() for name, _ in headers}
        kept = [(name, value) for name, value in headers if name.lower() not in _OWN_HEADERS]
        kept += _COMMON_HEADERS
        if _POLICY.lower() not in said:
            kept += [(_POLICY, CONTENT_SECURITY), (_OPENER, "same-origin")]
        kept.append((_RESOURCE, "cross-origin" if static else "same-origin"))
        may_last = lasting and status[:3] in {"200", "304"}
        kept.append((_CACHE, "public, max-age=31536000, immutable" if may_last else "no-store"))
        if exc_info is None:
            return start_response(status, kept)
        return start_response(status, kept, exc_info)  # type: ignore[arg-type] # as it came

    return start


def _send(
    answer: _Answer, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    wanted = environ.get("HTTP_ACCEPT_LANGUAGE", "")
    body = (_html_page(answer, wanted) if answer.title else answer.text).encode()
    headers = [*answer.headers]
    if answer.status != HTTPStatus.NO_CONTENT:
        kind = "html" if answer.title else "plain"
        headers += [("Content-Type", f"text/{kind}; charset=utf-8")]
        headers += [("Content-Length", str(len(body)))]
    status = f"{answer.status.value} {answer.status.phrase}"
    _with_headers(start_response)(status, headers)
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]


def _html_page(answer: _Answer, wanted: str) -> str:
    """Return an answer to people as HTML, in the language that the browser asks for."""
    from merge.page.languages import best_language, language  # noqa: PLC0415 - a second start needs no Babel

    found = language(best_language([each.partition(";")[0].strip() for each in wanted.split(",")]))
    said = [
        html.escape(found.translations.gettext(each)) for each in (answer.title, *answer.sentences)
    ]
    title, paragraphs = said[0], [f"<p>{each}</p>" for each in said[1:]]
    goal, refresh = html.escape(answer.target), ""
    if goal:
        refresh = f'<meta http-equiv="refresh" content="0;url={goal}">'
        paragraphs += [
            f'<p><a href="{goal}">{html.escape(found.translations.gettext(_CONTINUE))}</a></p>'
        ]
    return (
        f'<!doctype html><html lang="{found.code}" dir="{found.direction}" translate="no"><head>'
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta name="color-scheme" content="light dark">{refresh}<title>{title}</title>'
        '<link rel="icon" href="/static/icon.svg"><link rel="stylesheet" href="/static/page.css">'
        f'</head><body><main class="message"><h1>{title}</h1>{"".join(paragraphs)}</main>'
        "</body></html>"
    )
