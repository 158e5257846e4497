"""The guard: access by Host, ticket, cookie, Origin, path and size."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merge.page.guard import (
    CONTENT_SECURITY,
    MAX_BYTES,
    MAX_BYTES_SIGNED_OUT,
    SENTENCES,
    RequestGuard,
    proof,
)

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

PORT = 49152
HOST, ORIGIN = f"127.0.0.1:{PORT}", f"http://127.0.0.1:{PORT}"
OUR_HEADERS = {
    "content-security-policy": CONTENT_SECURITY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


@dataclass
class App:
    """An application that records the requests."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    status: str = "200 OK"
    seen: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        self.seen.append((environ["SCRIPT_NAME"], environ["PATH_INFO"]))
        start(self.status, [("Content-Type", "text/html"), *self.headers])
        return [b"the page"]


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Answer:
    """A response."""

    status: int
    headers: list[tuple[str, str]]
    body: str

    def header(self, name: str) -> str:
        return ", ".join(value for key, value in self.headers if key.lower() == name)


class Site:
    """A guard before an application, with requests as browsers send them."""

    def __init__(self, app: App | None = None, *, word: str = "word" * 9) -> None:
        self.app, self.clock, self.folders = app or App(), Clock(), list[str]()
        self.guard = RequestGuard(
            self.app, PORT, hand_over=self.hand_over, secret=word, clock=self.clock
        )
        self.goal = "/c/ab12/data"
        self.cookie = self.cookies(self.get(self.guard.ticket("/")))

    def hand_over(self, folder: str) -> str:
        self.folders.append(folder)
        return self.goal

    @staticmethod
    def cookies(answer: Answer) -> str:
        set_ = (value for key, value in answer.headers if key == "Set-Cookie")
        return "; ".join(value.split(";")[0] for value in set_)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: Any) -> Answer:  # noqa: ANN401
        """Send a request. `headers` have WSGI's names; None removes one."""
        path, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "SCRIPT_NAME": "",
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(PORT),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": HOST,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            **headers,
        }
        environ = {name: value for name, value in environ.items() if value is not None}
        responses: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], _: object = None) -> Any:  # noqa: ANN401
            responses.append((status, headers))

        parts = self.guard(environ, start)
        text = b"".join(parts).decode()
        return Answer(int(responses[0][0][:3]), responses[0][1], text)

    def get(self, path: str, **headers: Any) -> Answer:  # noqa: ANN401
        return self.ask("GET", path, **headers)

    def inside(self, path: str = "/data", method: str = "GET", **headers: Any) -> Answer:  # noqa: ANN401
        """Request a path of the application as the page does."""
        environ = {"HTTP_COOKIE": self.cookie, "HTTP_ORIGIN": ORIGIN, **headers}
        return self.ask(method, self.guard.prefix + path, **environ)


@pytest.fixture
def site() -> Site:
    return Site()


# Host


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", f"localhost:{PORT}", "127.0.0.1", "127.0.0.1:80", f"127.0.0.1:{PORT}0"),
        *(f"127.0.0.1.evil.example:{PORT}", f"127.0.0.1:{PORT}.evil.example", f"[::1]:{PORT}"),
        *(f"127.1:{PORT}", f"127.0.0.1:{PORT} ", f" {HOST}", f"{HOST}, {HOST}", f"x@{HOST}"),
        *(f"0.0.0.0:{PORT}", f"127.0.0.1:0{PORT}", f"127.0.0.1:{PORT}/", "", None),
    ],
)
@pytest.mark.parametrize("path", ["/", "/in/x", "/static/page.css", "/again", "/favicon.ico"])
def test_another_host_is_refused_before_anything_else(
    site: Site, host: str | None, path: str
) -> None:
    assert site.get(path, HTTP_HOST=host).status == 421
    assert site.inside(HTTP_HOST=host).status == 421
    assert site.app.seen == []


@given(host=st.text())
def test_only_one_host_header_is_accepted(host: str) -> None:
    site = Site()
    assert (site.inside(HTTP_HOST=host).status == 200) is (host == HOST)


def test_a_ticket_is_not_used_up_by_another_host(site: Site) -> None:
    path = site.guard.ticket("/")
    assert site.get(path, HTTP_HOST="evil.example").status == 421
    assert site.get(path).status == 200


# Tickets and the cookie


def test_a_ticket_admits_one_browser_and_leads_it_to_its_target(site: Site) -> None:
    answer = site.get(site.guard.ticket("/c/ab12cd34/data"))
    assert answer.status == 200
    assert f'content="0;url={site.guard.prefix}/c/ab12cd34/data"' in answer.body
    cookie = answer.headers[0][1]
    form = rf"merge-{PORT}=[\w-]{{43}}; HttpOnly; SameSite=Strict; Path={site.guard.prefix}"
    assert re.fullmatch(form, cookie)
    assert "location" not in {name.lower() for name, _ in answer.headers}


def test_going_back_to_the_link_from_a_file_is_not_a_second_browser(site: Site) -> None:
    path = site.guard.ticket("/")
    back = site.get(path, HTTP_SEC_FETCH_SITE="cross-site").headers[1][1]
    form = rf"merge-{PORT}-in=[\w-]{{43}}; HttpOnly; SameSite=Lax; Path={re.escape(path)}"
    assert re.fullmatch(form, back), "Strict is not sent with what another page led to"


def test_a_ticket_has_256_bits(site: Site) -> None:
    assert re.fullmatch(r"/in/[\w-]{43}", site.guard.ticket("/"))
    assert len({site.guard.ticket("/") for _ in range(50)}) == 50


def test_a_ticket_used_by_two_browsers_admits_neither(site: Site) -> None:
    path = site.guard.ticket("/")
    cookie = site.cookies(site.get(path))
    assert site.inside(HTTP_COOKIE=cookie).status == 200
    second = site.get(path)
    for answer in (second, site.inside(HTTP_COOKIE=cookie), site.get(path, HTTP_COOKIE=cookie)):
        assert answer.status == 403
        assert "This page was closed for security" in answer.body
        assert "Start the program again" in answer.body
        assert site.cookies(answer) == ""
        assert site.guard.prefix not in answer.body
    assert len(site.app.seen) == 1


def test_a_reused_ticket_signs_out_only_its_own_browser(site: Site) -> None:
    path = site.guard.ticket("/")
    site.get(path)
    site.get(path)
    assert site.inside().status == 200, "it came by a ticket of its own"
    assert site.get(site.guard.ticket("/")).status == 200


def test_an_unknown_ticket_says_how_to_sign_in(site: Site) -> None:
    answer = site.get(f"/in/{'a' * 43}")
    assert answer.status == 403
    assert "This link has already been used" in answer.body
    assert "Start the program again" in answer.body
    assert site.inside().status == 200


def test_each_used_ticket_is_reported_once(site: Site) -> None:
    used: list[str] = []
    site.guard.on_ticket_used = used.append
    path, unused = site.guard.ticket("/"), site.guard.ticket("/")
    site.get(f"/in/{'a' * 43}")
    site.get(unused, HTTP_SEC_PURPOSE="prefetch")
    assert used == []
    site.get(path)
    assert used == [path]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("uk-UA,uk;q=0.9,en;q=0.5", '<html lang="uk" dir="ltr"'),
        ("ar", '<html lang="ar" dir="rtl"'),
        ("xx, *;q=0.1", '<html lang="en" dir="ltr"'),
        ("", '<html lang="en" dir="ltr"'),
        ("é;;,=,\x00", '<html lang="en" dir="ltr"'),
    ],
)
def test_the_guard_uses_the_language_of_the_browser(site: Site, wanted: str, expected: str) -> None:
    assert expected in site.get("/in/x", HTTP_ACCEPT_LANGUAGE=wanted).body


@given(wanted=st.text())
def test_the_guard_answers_any_accept_language_header(wanted: str) -> None:
    assert Site().get("/in/x", HTTP_ACCEPT_LANGUAGE=wanted).status == 403


def test_every_text_of_the_guard_can_be_translated(site: Site) -> None:
    path = site.guard.ticket("/")
    for answer in (
        *(site.get("/"), site.get("/in/x"), site.get("/..", HTTP_HOST=HOST)),
        *(site.get("/", HTTP_HOST="x"), site.inside(method="DELETE")),
        *(site.inside(method="POST", HTTP_ORIGIN="x"), site.inside(CONTENT_LENGTH="x")),
        [site.get(path) for _ in range(2)][1],
    ):
        texts = re.findall("<(?:h1|p)>(.*?)</", answer.body)
        assert texts
        assert {*map(unescape, texts)} <= {*SENTENCES, "Appeal Merge"}


def test_the_browser_that_used_a_ticket_may_open_the_same_link_again(site: Site) -> None:
    path = site.guard.ticket("/")
    cookie = site.cookies(site.get(path))
    again = site.get(path, HTTP_COOKIE=cookie)
    assert again.status == 200
    assert site.guard.prefix in again.body
    assert site.get(path, HTTP_COOKIE=cookie).status == 200, "a double click is no second browser"
    assert site.inside(HTTP_COOKIE=cookie).status == 200


def test_the_return_key_of_one_ticket_does_not_open_another(site: Site) -> None:
    one, two = site.guard.ticket("/"), site.guard.ticket("/")
    cookie = site.cookies(site.get(one))
    site.get(two)
    assert site.get(two, HTTP_COOKIE=cookie).status == 403


def test_a_ticket_is_valid_for_a_minute(site: Site) -> None:
    one, two = site.guard.ticket("/"), site.guard.ticket("/")
    site.clock.now = 60
    assert site.get(one).status == 200
    site.clock.now = 60.1
    assert site.get(two).status == 403
    assert site.guard.ticket("/")
    assert site.get(two).status == 403


@pytest.mark.parametrize("path", ["/in", "/in/", "/in/x", "/in/x/y", f"/in/{'a' * 43}"])
def test_an_invented_ticket_admits_no_one(site: Site, path: str) -> None:
    assert site.get(path).status == 403


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT"])
def test_only_opening_a_ticket_uses_it(site: Site, method: str) -> None:
    path = site.guard.ticket("/")
    assert site.ask(method, path, HTTP_ORIGIN=ORIGIN).status == 405
    assert site.get(path).status == 200


@pytest.mark.parametrize(
    "header", [{"HTTP_SEC_PURPOSE": "prefetch;prerender"}, {"HTTP_PURPOSE": "prefetch"}]
)
def test_a_prefetch_does_not_use_a_ticket(site: Site, header: dict[str, str]) -> None:
    path = site.guard.ticket("/")
    assert site.get(path, **header).status == 503
    assert site.get(path).status == 200


def test_a_browser_started_by_another_program_is_admitted(site: Site) -> None:
    assert site.get(site.guard.ticket("/"), HTTP_SEC_FETCH_SITE="cross-site").status == 200


@pytest.mark.parametrize("goal", ["", "data", "//evil.example", "/../x", "/a b", '/"><script>'])
def test_the_target_of_a_ticket_is_a_path_of_the_page(site: Site, goal: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(goal)}$"):
        site.guard.ticket(goal)


def test_old_used_tickets_are_dropped(site: Site) -> None:
    paths = [site.guard.ticket("/") for _ in range(120)]
    cookies = [site.cookies(site.get(path)) for path in paths]
    site.guard.ticket("/")
    assert site.get(paths[0], HTTP_COOKIE=cookies[0]).status == 403
    assert site.get(paths[-1], HTTP_COOKIE=cookies[-1]).status == 200


def test_each_start_has_another_prefix_and_another_key() -> None:
    one, two = Site(), Site()
    assert one.guard.prefix != two.guard.prefix
    assert one.cookie.split("=")[1] != two.cookie.split("=")[1]
    assert two.inside(HTTP_COOKIE=one.cookie).status == 403


@pytest.mark.parametrize(
    "cookie", [None, "", "x", f"merge-{PORT}", f"merge-{PORT}=", f"merge-{PORT}=é", "merge-1=a;;="]
)
def test_without_the_cookie_a_browser_is_refused_and_told_how_to_sign_in(
    site: Site, cookie: str | None
) -> None:
    answer = site.inside(HTTP_COOKIE=cookie)
    assert answer.status == 403
    assert "This page has expired" in answer.body
    assert site.app.seen == []


def test_a_cookie_of_another_server_locks_no_one_out(site: Site) -> None:
    cookie = f"a=b; merge-{PORT}=evil; {site.cookie}; merge-{PORT}=worse"
    assert site.inside(HTTP_COOKIE=cookie).status == 200


@given(cookie=st.text())
def test_no_other_cookie_is_accepted(cookie: str) -> None:
    assert Site().inside(HTTP_COOKIE=cookie).status == 403


@pytest.mark.parametrize("path", ["/", "", "/data", "/c/ab12/data", "/other-prefix/data"])
def test_paths_outside_the_prefix_are_refused(site: Site, path: str) -> None:
    assert site.get(path, HTTP_COOKIE=site.cookie).status == 403
    assert site.app.seen == []


# Origin


EVIL = ["null", "", "http://evil.example", "https://127.0.0.1:49152", "http://127.0.0.1:1"]
EVIL += [f"http://localhost:{PORT}", f"{ORIGIN}.evil.example", f"{ORIGIN}/", f"{ORIGIN} {ORIGIN}"]


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("origin", [None, *EVIL])
def test_a_changing_request_must_come_from_the_page(
    site: Site, origin: str | None, method: str
) -> None:
    assert site.inside(method=method, HTTP_ORIGIN=origin).status == 403
    assert site.app.seen == []
    assert site.inside(method=method).status == 200


@pytest.mark.parametrize("origin", EVIL)
def test_another_origin_may_not_even_read(site: Site, origin: str) -> None:
    assert site.inside(HTTP_ORIGIN=origin).status == 403


@given(origin=st.text())
def test_only_one_origin_may_change_something(origin: str) -> None:
    answer = Site().inside(method="POST", HTTP_ORIGIN=origin)
    assert (answer.status == 200) is (origin == ORIGIN)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
@pytest.mark.parametrize("where", ["cross-site", "same-site", "", "x"])
def test_a_request_marked_as_cross_site_is_refused(site: Site, where: str, method: str) -> None:
    assert site.inside(method=method, HTTP_SEC_FETCH_SITE=where).status == 403
    assert site.app.seen == []


@pytest.mark.parametrize("where", ["same-origin", "none", None])
def test_the_page_itself_and_the_address_bar_are_accepted(site: Site, where: str | None) -> None:
    assert site.inside(HTTP_ORIGIN=None, HTTP_SEC_FETCH_SITE=where).status == 200


@pytest.mark.parametrize("method", ["OPTIONS", "DELETE", "PATCH", "TRACE", "CONNECT", "get", ""])
@pytest.mark.parametrize("path", ["/data", "/static/page.css"])
def test_other_http_methods_are_refused(site: Site, method: str, path: str) -> None:
    assert site.inside(path, method).status == 405
    assert site.ask(method, path).status == 405
    assert site.app.seen == []


# Paths


ODD_PATHS = [
    *("/..", "/../", "/a/../b", "/./a", "/.", "/a/..", "/.git", "/%2e%2e/a", "/a%00", "/a\x00b"),
    *(
        "/a\\b",
        "/..\\..",
        "//a",
        "/a//b",
        "/a b",
        "/é",
        "/a;b",
        "/a%2fb",
        "/a?b",
        "/a\r\nb",
        "/a\n",
    ),
    *("/a:b", "/C:/x", "/~", "/a<b", "/a\u202eb", "/con:"),
]


@pytest.mark.parametrize("path", ODD_PATHS)
def test_the_guard_refuses_an_odd_path(site: Site, path: str) -> None:
    environ = {"HTTP_COOKIE": site.cookie, "PATH_INFO": site.guard.prefix + path}
    assert site.get("/", **environ).status == 404
    assert site.get("/", PATH_INFO=f"/static{path}").status == 404
    assert site.app.seen == []


@given(path=st.text())
def test_the_application_sees_plain_paths_only(path: str) -> None:
    site = Site()
    environ = {"HTTP_COOKIE": site.cookie, "PATH_INFO": f"{site.guard.prefix}/{path}"}
    status = site.get("/", **environ).status
    assert status in {200, 404}
    for _, seen in site.app.seen:
        assert re.fullmatch(r"[A-Za-z0-9._~/-]+", seen)
        assert not {"", ".", ".."} & {*seen.strip("/").split("/")} or seen == "/"


@pytest.mark.parametrize("path", ["/data", "/letter/832f.docx", "/c/ab_1-2/data", "/", "/letters/"])
def test_the_application_is_mounted_below_the_prefix(site: Site, path: str) -> None:
    assert site.inside(path).body == "the page"
    assert site.app.seen == [(site.guard.prefix, path)]


def test_the_prefix_alone_is_the_first_screen(site: Site) -> None:
    assert site.inside("").status == 200
    assert site.app.seen == [(site.guard.prefix, "/")]


def test_a_longer_prefix_is_another_path(site: Site) -> None:
    assert site.inside("x/data").status == 403


# Static files, and the icon


def test_static_files_need_no_cookie_and_may_be_shown_in_the_frame(site: Site) -> None:
    answer = site.get("/static/vendor/jszip.min.js", HTTP_SEC_FETCH_SITE="cross-site")
    assert answer.status == 200
    assert site.app.seen == [("", "/static/vendor/jszip.min.js")]
    assert answer.header("cross-origin-resource-policy") == "cross-origin"
    assert answer.header("cache-control") == "no-store"


def test_a_static_file_with_a_version_is_cached_by_the_browser(site: Site) -> None:
    assert "immutable" in site.get("/static/0123456789ab/page.css").header("cache-control")
    site.app.status = "404 Not Found"
    assert site.get("/static/0123456789ab/page.css").header("cache-control") == "no-store"


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_static_files_accept_only_get_and_head(site: Site, method: str) -> None:
    assert site.ask(method, "/static/page.css", HTTP_ORIGIN=ORIGIN).status == 405
    assert site.app.seen == []


def test_the_folder_of_static_files_is_not_a_page(site: Site) -> None:
    assert site.get("/static").status == 403
    assert site.app.seen == []


def test_a_request_for_the_favicon_gets_no_content(site: Site) -> None:
    answer = site.get("/favicon.ico")
    assert (answer.status, answer.body) == (204, "")


# Headers


def _says_all(answer: Answer) -> bool:
    sent = {name: answer.header(name) for name in OUR_HEADERS}
    return sent == OUR_HEADERS and "camera=()" in answer.header("permissions-policy")


def test_every_response_has_the_security_headers(site: Site) -> None:
    assert _says_all(site.inside())
    for answer in (
        site.get("/"),
        site.get("/in/x"),
        site.get(site.guard.ticket("/")),
        site.get("/", HTTP_HOST="evil.example"),
        site.ask("POST", "/again"),
        site.inside(method="DELETE"),
        site.get("/favicon.ico"),
    ):
        assert _says_all(answer)


def test_the_application_cannot_weaken_the_security_headers() -> None:
    loose = [("Cache-Control", "public"), ("Referrer-Policy", "unsafe-url"), ("Server", "x")]
    answer = Site(App([*loose, ("Cross-Origin-Resource-Policy", "cross-origin")])).inside()
    assert _says_all(answer)
    assert answer.header("server") == ""


def test_the_frame_of_a_letter_has_a_policy_of_its_own() -> None:
    policy = "sandbox allow-scripts; default-src 'none'"
    answer = Site(App([("content-security-policy", policy)])).inside("/frame")
    assert answer.header("content-security-policy") == policy
    assert answer.header("cross-origin-opener-policy") == ""
    assert answer.header("x-content-type-options") == "nosniff"


# Sizes


@pytest.mark.parametrize(
    ("length", "status"),
    [(MAX_BYTES, 200), (MAX_BYTES + 1, 413), (200 << 20, 413), (10**17, 413)],
)
def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    site: Site, length: int, status: int
) -> None:
    assert site.inside(method="PUT", CONTENT_LENGTH=str(length)).status == status
    assert len(site.app.seen) == (status == 200)


@pytest.mark.parametrize("length", ["-1", "x", "1, 1", "+1", "1.5", "１", "9" * 19, "0x1"])
def test_an_invalid_content_length_is_refused(site: Site, length: str) -> None:
    assert site.inside(method="PUT", CONTENT_LENGTH=length).status == 400


def test_a_request_without_the_cookie_may_have_only_a_small_body(site: Site) -> None:
    large = str(MAX_BYTES_SIGNED_OUT + 1)
    assert site.inside(method="PUT", HTTP_COOKIE=None, CONTENT_LENGTH=large).status == 413


def test_a_chunked_body_is_refused(site: Site) -> None:
    assert site.inside(method="PUT", HTTP_TRANSFER_ENCODING="chunked").status == 501


# A second start of the program


def test_a_second_start_gets_a_ticket_for_its_folder(site: Site) -> None:
    folder = "/home/ana/Appeal letters/Чечня".encode()
    answer = site.ask("POST", "/again", folder, HTTP_X_HAND_OVER="word" * 9)
    assert site.folders == ["/home/ana/Appeal letters/Чечня"]
    assert f"url={site.guard.prefix}/c/ab12/data" in site.get(answer.body).body


def test_the_first_start_proves_the_secret_without_revealing_it(site: Site) -> None:
    nonce = "n" * 43
    answer = site.get("/again", HTTP_X_HAND_OVER=nonce)
    assert answer.body == proof("word" * 9, nonce)
    assert "word" not in answer.body
    assert site.folders == []


@pytest.mark.parametrize("nonce", [None, "", "short", "n" * 101, "é" * 30, "a b" * 20])
def test_an_invalid_nonce_is_not_answered(site: Site, nonce: str | None) -> None:
    assert site.get("/again", HTTP_X_HAND_OVER=nonce).status == 403


@pytest.mark.parametrize("word", [None, "", "wrong", "word" * 8, "word" * 10, "é"])
def test_a_second_start_must_know_the_secret(site: Site, word: str | None) -> None:
    assert site.ask("POST", "/again", HTTP_X_HAND_OVER=word).status == 403
    assert site.folders == []


@pytest.mark.parametrize(
    "header",
    [
        *({"HTTP_ORIGIN": ORIGIN}, {"HTTP_ORIGIN": "null"}, {"HTTP_COOKIE": "a=b"}),
        *({"HTTP_SEC_FETCH_SITE": "none"}, {"HTTP_SEC_FETCH_MODE": "cors"}),
        {"HTTP_REFERER": ORIGIN},
    ],
)
def test_no_browser_can_act_as_a_second_start(site: Site, header: dict[str, str]) -> None:
    right: dict[str, Any] = {"HTTP_X_HAND_OVER": "word" * 9, **header}
    assert site.ask("POST", "/again", **right).status == 403
    assert site.get("/again", **{**right, "HTTP_X_HAND_OVER": "n" * 43}).status == 403
    assert site.folders == []


@pytest.mark.parametrize("path", ["/again/", "/again/x"])
def test_only_one_path_is_for_a_second_start(site: Site, path: str) -> None:
    assert site.ask("POST", path, HTTP_X_HAND_OVER="word" * 9).status == 404
    assert site.ask("PUT", "/again", HTTP_X_HAND_OVER="word" * 9).status == 403
    assert site.folders == []


def test_without_a_secret_no_second_start_is_admitted() -> None:
    site = Site(word="")
    assert site.ask("POST", "/again", HTTP_X_HAND_OVER="").status == 403
    assert site.get("/again", HTTP_X_HAND_OVER="n" * 43).status == 403


def test_an_ending_program_gives_no_ticket(site: Site) -> None:
    site.goal = ""
    assert site.ask("POST", "/again", HTTP_X_HAND_OVER="word" * 9).status == 503
