"""Random requests of the page itself: no crash, no change by a GET."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.campaigns import make, merge
from support.documents import docx
from support.everyday import tries
from support.letters_to_start import start_template
from support.pages import Page, everything, opened, unchanged
from support.registers import fill
from support.routes import LAID_OUT, address, paths, rules, values_of
from support.staff_actions import add_line, id_in
from support.workbooks import campaign as workbook
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

pytestmark = pytest.mark.slow

OUTSIDE = "outside"
LINES = "Dear {{ recipient.name }},\n{{ signer.name }}, {{ signer.city }}"
SIGNERS = [["Name", "City"], ["Inés Álvarez", "Vigo"], ["Käthe Weiß", "Ulm"]]
QUICK = settings(
    max_examples=tries(60, 400),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ENDS = {"program.stop", "tasks.stop"}


def campaign_with_states(folder: Path) -> Path:
    """A campaign with letters of many states; one letter outside it must stay."""
    make(folder, LINES, Signers=SIGNERS)
    assert merge("letters", folder).code == 0
    letter_files = sorted((folder / "letters").rglob("*.docx"))
    add_line(letter_files[0], "With kind regards.")
    fill(folder / "register.xlsx", id_in(letter_files[1]), "Signed", "2026-11-20")
    letter_files[2].write_bytes(docx("Another letter"))
    workbook(folder, Signers=[*SIGNERS[:2], ["Käthe Weiß", "Bonn"], ["Bo Berg", "Oslo"]])
    (folder.parent / OUTSIDE).mkdir()
    for name in ("signers.xlsx", "a.docx"):
        (folder.parent / OUTSIDE / name).write_bytes(b"not of the campaign")
    return folder


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A campaign whose worker scans once, so only requests change anything."""
    home = tmp_path_factory.mktemp("any")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MERGE_HOME", str(home / "private"))
        patch.setenv("MERGE_OPENER", shutil.which("true") or "true")
        patch.setenv("HOME", str(home / "home"))
        (home / "home").mkdir()
        with opened(campaign_with_states(home / "campaign")) as page:
            assert page.session.snapshot.view
            yield page


WORDS = st.sampled_from(
    [
        *("", "1", "0", "-1", "999999999999999999999", "all", "on", "NaN", "1e9", "2026-13-40"),
        *("../outside/a.docx", "/etc/passwd", "..\\a", "\x00", "letters/../../outside/a.docx"),
        *("%2e%2e", "<b>", "{{7*7}}", "é\u202e", "\ud800", "x" * 5000, "signers.xlsx", "٣", "²"),
        *("2026-11-26", "0001-01-01", "9999-12-31", "signed", "posted", "keep", "take", "edited"),
        *(
            "templates/appeal.docx",
            "appeal.docx",
            "register.xlsx",
            "letters",
            "put",
            "Inés Álvarez",
        ),
    ]
) | st.text(max_size=30)
FIELDS = st.sampled_from(
    [
        *(
            "state",
            "stage",
            "stopped",
            "signer",
            "recipient",
            "page",
            "view",
            "show",
            "made",
            "sure",
        ),
        *("leave_out", "words", "name", "next", "language", "with_names", "file", "sign", "offer"),
        *("instead", "letter", "letters", "choice", "answer", "date", "day", "tracking", "number"),
        *("about", "key", "person", "who", "folder", "path", "parent", "in", "id", "kind", "how"),
        *("recipients", "signers", "order", "pdf", "envelopes", "labels", "covers", "sides", "tab"),
        *("batch", "pile", "since", "accept", "again", "undo", "confirm", "typed", "all", "seen"),
    ]
) | st.text(max_size=12)


def request_route(page: Page, method: str) -> st.SearchStrategy[tuple[Rule, dict[str, str]]]:
    """Send a request to a route, with known and random arguments."""
    known = values_of(page)

    def filled(rule: Rule) -> st.SearchStrategy[tuple[Rule, dict[str, str]]]:
        values = {
            name: st.sampled_from(known.get(name, known[""])) | _SEGMENT
            for name in rule.arguments - {"key"}
        }
        return st.tuples(st.just(rule), st.fixed_dictionaries(values))

    every = [one for one in rules(page, method) if one.endpoint not in {*ENDS, LAID_OUT}]
    return st.sampled_from(every).flatmap(filled)


_SEGMENT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


def check_answer(page: Page, answer: TestResponse, what: object) -> None:
    """Fail if the response reports a fault of the program."""
    page.rest()
    assert answer.status_code < 500, (what, answer.get_data(as_text=True)[-1500:])
    outcome = page.session.task_result
    assert not (outcome and outcome.fault), (what, outcome)


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@QUICK
@given(data=st.data())
def test_no_get_request_changes_anything_or_crashes(page: Page, data: st.DataObject) -> None:
    rule, values = data.draw(request_route(page, "GET"))
    query = data.draw(st.dictionaries(FIELDS.map(_encodable), WORDS.map(_encodable), max_size=5))
    with unchanged(page.session.folder.parent):
        answer = page.client.get(address(rule, {**values, "key": page.key}), query_string=query)
        check_answer(page, answer, (rule.rule, values, query))


@contextmanager
def outside_unchanged(page: Page) -> Iterator[None]:
    """Fail if anything outside the campaign changes or a link is created."""
    home = page.session.folder.parent
    with unchanged(home / OUTSIDE):
        before = {one.name for one in home.iterdir()}
        yield
        assert {one.name for one in home.iterdir()} == before
    for one in page.session.folder.rglob("*"):
        assert not one.is_symlink()


@QUICK
@given(data=st.data())
def test_no_form_crashes_or_reaches_outside_the_campaign(page: Page, data: st.DataObject) -> None:
    rule, values = data.draw(request_route(page, "POST"))
    found = values_of(page)
    known = st.sampled_from([*found[""], *found["letter_id"], *found["signer"]])
    fields = st.dictionaries(
        FIELDS.map(_encodable), st.lists(known | WORDS.map(_encodable), max_size=3), max_size=8
    )
    form = data.draw(fields)
    with outside_unchanged(page):
        post(page, address(rule, {**values, "key": page.key}), form)


def post(page: Page, path: str, form: Mapping[str, object]) -> None:
    """Send a form; if it is refused, nothing of the campaign has changed."""
    before = everything(page.session.folder)
    answer = page.client.post(path, data=form)
    check_answer(page, answer, (path, form))
    if answer.status_code >= 400:
        assert everything(page.session.folder) == before, (path, form)


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory, page: Page) -> Iterator[Page]:
    """Another such campaign, for forms that change something."""
    assert page
    with opened(campaign_with_states(tmp_path_factory.mktemp("twin") / "campaign")) as other:
        assert other.session.snapshot.view
        start_template(other.session, "Minister Li\nChina\n\nDear Minister Li,\nPlease answer.")
        yield other


ODD = ("", "-1", "999999999999999999999", "../outside/a.docx", "\x00<b>", "x" * 5000, "2026-13-40")


def forms_of(page: Page) -> dict[str, dict[str, str]]:
    """Return what the forms of all screens send, by their addresses."""
    found: dict[str, dict[str, str]] = {}
    for path in paths(page, letters=2):
        answer = page.client.get(path)
        if answer.mimetype != "text/html":
            continue
        tree = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
        for form in tree.select("form[method=post]"):
            fields = form.select("input[name], select[name], textarea[name], button[name]")
            sent = {str(one["name"]): str(one.get("value", "")) for one in fields}
            found.setdefault(str(form["action"]), {}).update(sent)
    return found


def test_no_form_of_the_page_crashes_if_a_field_is_odd(twin: Page) -> None:
    """The other fields stay as they are, so the odd one gets far."""
    forms = forms_of(twin)
    assert len(forms) > 8
    with outside_unchanged(twin):
        for path, sent in forms.items():
            if path.endswith("/stop"):
                continue
            for name in sent:
                for odd in ODD:
                    post(twin, path, {**sent, name: odd})
                post(twin, path, {key: value for key, value in sent.items() if key != name})


FORMS = (
    ("application/json", b'{"a": 1'),
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n'),
    ("application/x-www-form-urlencoded", b"%ff%fe=%00&&&=;"),
    ("application/x-www-form-urlencoded; charset=utf-7", b"+ADw-=1"),
    ("", b"\x00\xff"),
    ("text/plain", b"sure=1"),
)


@pytest.mark.parametrize(("kind", "body"), FORMS)
def test_a_malformed_form_body_is_ignored(page: Page, kind: str, body: bytes) -> None:
    known = values_of(page)
    with outside_unchanged(page):
        for rule in rules(page, "POST"):
            if rule.endpoint in ENDS:
                continue
            values = {name: known.get(name, known[""])[0] for name in rule.arguments}
            answer = page.client.post(
                address(rule, {**values, "key": page.key}), data=body, content_type=kind
            )
            check_answer(page, answer, rule.rule)


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_an_unknown_address_is_not_found_and_changes_nothing(page: Page, method: str) -> None:
    """Unknown campaigns and letters: 404, whatever the rest of the request."""
    for rule in rules(page, method):
        if "key" not in rule.arguments:
            continue
        values = dict.fromkeys(rule.arguments, "0123456789abcdef")
        with unchanged(page.session.folder.parent):
            answer = page.client.open(address(rule, values), method=method, data={"sure": "1"})
            assert answer.status_code == 404, rule.rule


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "HEAD"])
def test_a_route_answers_only_its_own_methods(page: Page, method: str) -> None:
    known = values_of(page)
    for rule in page.client.application.url_map.iter_rules():
        others = {
            one
            for rule_ in page.client.application.url_map.iter_rules()
            if rule_.rule == rule.rule
            for one in rule_.methods or ()
        }
        if method in others or rule.endpoint == "static":
            continue
        values = {name: known.get(name, known[""])[0] for name in rule.arguments}
        answer = page.client.open(address(rule, {**values, "key": page.key}), method=method)
        assert answer.status_code in {404, 405}, (rule.rule, answer.status_code)


@pytest.mark.parametrize(
    "name",
    [
        *("../../outside/a.docx", "..%2f..%2foutside%2fa.docx", "/etc/cron.d/x.docx"),
        *("\x00.docx", "a\r\nX: y.docx", "con.docx", "x" * 300 + ".docx", ".docx", "", "~$a.docx"),
        *(
            "Appeal Merge records",
            "letters/a.docx",
            "\u202excod.exe",
            "\ud800.docx",
            "C:\\x.docx",
        ),
    ],
)
def test_an_uploaded_file_is_in_the_campaign_whatever_its_name(tmp_path: Path, name: str) -> None:
    folder = campaign_with_states(tmp_path / "campaign")
    letters = {path: path.read_bytes() for path in (folder / "letters").rglob("*.docx")}
    with opened(folder) as page, outside_unchanged(page):
        for data in (docx("Dear {{ recipient.name }}, {{ signer.name }}"), b"no file of Word's"):
            headers: dict[str, Any] = {"X-File-Name": _quoted(name), "X-Instead": _quoted(name)}
            for given_headers in (headers, {**headers, "X-Instead": ""}):
                answer = page.client.put(
                    f"/c/{page.key}/data/file", data=data, headers=given_headers
                )
                check_answer(page, answer, name)
        assert letters == {path: path.read_bytes() for path in letters}
        assert (folder / "templates" / "appeal.docx").read_bytes() == docx(LINES)
        for one in folder.rglob("*"):
            assert one.name.isprintable()
            assert one.suffix != ".exe"


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))
