"""Hostile workbooks, templates, folders and letters: shown as text."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from bs4 import BeautifulSoup, Tag
from selenium.webdriver import Chrome
from selenium.webdriver.remote.webelement import WebElement
from support.browsers import Live, console, live, needs_browser
from support.campaigns import make, merge
from support.documents import docx
from support.hostile_letters import bomb, hostile_letter, many_paragraphs
from support.hostile_sites import HostileSite, hostile_site
from support.office_programs import needs_libreoffice
from support.pages import Page, opened
from support.routes import paths
from support.speed import within
from support.staff_actions import add_line, id_in
from support.workbooks import Rows
from support.workbooks import campaign as workbook

pytestmark = pytest.mark.slow

ODD = (
    "<script>zq()</script>",
    "<img src=zq onerror=zq()>",
    "\"><zq onload='zq()'>",
    "' onfocus='zq()' autofocus zq='",
    "{{7*7}}{%print(7*7)%}zq",
    "javascript:zq()//",
    "zq \u202egnp.exe\u2066 \u200f",
    "zq\u0085\u2028\u200b\ufeff\u009b1m",
    "&lt;zq&gt; &amp; &#60;zq&#62;",
    "zq" + "x" * 10_000,
    "]]><zq/><!--zq-->",
    "%2e%2e/zq\\..\\zq",
)
"""Each contains zq in lower case; no word of the page does."""
FILES = {"application/vnd.openxmlformats-officedocument.wordprocessingml.document"}
posix = pytest.mark.posix("names that Windows forbids")
FOLDERS = (
    "%2e%2e zq",
    "zq\u202efdp",
    *(
        pytest.param(name, marks=posix)
        for name in ("<b zq>zq", '" onload="zq', "zq\nSet-Cookie: zq=1", "{{7*7}} zq")
    ),
)
HELD_WORDS = {"value", "title", "aria-label"}
"""Attributes that may contain user's text: they are not links or scripts."""


def odd_campaign(folder: Path, *, faulty: bool = False) -> Path:
    """A campaign with odd people, headings and settings."""
    body = "Dear {{ recipient.name }},\n{{ signer.name }} {{ signer.zq }}"
    if faulty:
        body += "\n" + "\n".join(f"{{{{ signer.{odd[:40]} }}}} {odd}" for odd in ODD[:5])
    names = [[odd, odd, odd] for odd in ODD]
    heads = ["<zq onload=zq()>", '"zq<b>']
    sheets: dict[str, Rows] = {
        "Signers": [["Name", "Zq", *heads], *([odd, "x", "y", odd] for odd in ODD)],
        "Recipients": [["Name", *heads], *names[:3], *([["Roy", None, None]] if faulty else [])],
        "Settings": [["Name", "Value"], ["Campaign", ODD[1]], ["<zq>", ODD[0]], ["Dat", ODD[2]]],
        "<img zq onerror=zq()>": [[ODD[0]]],
    }
    return make(folder, body, **sheets)


def campaign_in_state(folder: Path) -> Path:
    """A created letter that was edited, then its data changed; a foreign file."""
    odd_campaign(folder)
    assert merge("letters", folder).code == 0
    letter_files = sorted((folder / "letters").rglob("*.docx"))
    add_line(letter_files[0], f"{ODD[0]} {ODD[6]}")
    letter_files[1].write_bytes(docx(ODD[1]))
    letter_files[2].rename(letter_files[2].with_name("<b zq>'zq.docx"))
    rows = [[odd, "x, and zq", odd, odd] for odd in ODD]
    workbook(
        folder,
        Signers=[["Name", "Zq", "<zq onload=zq()>", '"zq<b>'], *rows],
        Recipients=[["Name"], *([odd] for odd in ODD[:3])],
    )
    return folder


@pytest.fixture(scope="module", params=["made", "new", "faulty", "broken"])
def page(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    """A campaign in one of its states."""
    folder = tmp_path_factory.mktemp("odd") / "<b zq>zq"
    if request.param == "made":
        campaign_in_state(folder)
    else:
        odd_campaign(folder, faulty=request.param == "faulty")
    if request.param == "broken":
        (folder / "signers.xlsx").write_bytes(b"<zq>")
        (folder / "templates" / "<zq onload=zq()>.docx").write_bytes(b"<zq>")
    with opened(folder) as page:
        start_from_odd_letters(page)
        yield page


def start_from_odd_letters(page: Page) -> None:
    """Begin to start from odd letters, in the campaign and for a new one."""
    odd = [words for words in ODD if "{{" not in words]
    lines = [f"To {words}" for words in odd]
    text = "\n".join([*lines[:3], f"Dear {odd[0]},", *lines, "Yours sincerely,", *lines[:2]])
    other = text.replace("zq()", "zq(1)").replace("To zq", "To no zq")
    page.client.post("/campaigns/letters", data={"name": "zq"})
    for path in ("/start", f"/c/{page.key}/start"):
        files = [(f"{odd[0]}.docx", text), ("<zq>.docx", other), ("' zq.docx", "{{ zq }}")]
        for name, words in files if path == "/start" else (files[0], files[2]):
            headers = {"X-File-Name": quote(name)}
            page.client.put(f"{path}/file", data=docx(words), headers=headers)
        check_text(page.client.get(f"{path}/letters").get_data(as_text=True))
        assert page.client.post(f"{path}/find").status_code == 303


def check_text(text: str) -> None:
    """Fail if hostile content is more than text on a screen."""
    tree = BeautifulSoup(text, "html.parser")
    title = tree.find("title")
    assert title is not None
    assert "zq" not in title.get_text()
    for one in tree.select("*"):
        assert one.name in KNOWN, str(one)[:200]
        assert not (one.name == "script" and one.get_text()), "a script of its own"
        for name, value in one.attrs.items():
            words = " ".join(value) if isinstance(value, list) else str(value)
            assert re.fullmatch(r"[a-z][a-z-]*", name), str(one)[:200]
            assert not name.startswith("on"), str(one)[:200]
            assert name not in {"style", "srcdoc"}, str(one)[:200]
            is_held = name in HELD_WORDS or (name.startswith("data-") and words[:1] != "/")
            assert is_held or "zq" not in unquote(words).lower(), str(one)[:200]
    assert "49zq" not in tree.get_text()
    for words in tree.find_all(string=re.compile("\u202e")):
        assert any(_is_kept_apart(one) for one in words.parents), str(words.parent)[:200]


def _is_kept_apart(one: Tag) -> bool:
    return one.name in {"bdi", "textarea", "option"} or (one.has_attr("dir") and one.name != "html")


KNOWN = {
    *re.findall(
        r"\w+",
        """
    html head meta title link script body a header div p form button input label nav ol ul
    li main section article aside footer select option span h1 h2 h3 h4 dl dt dd table
    caption thead tbody tfoot tr th td bdi code pre strong em small del ins iframe noscript
    dialog progress meter details summary fieldset legend textarea time svg path circle rect
    line g output abbr kbd mark br hr img b i datalist optgroup figure figcaption hgroup
    search
    """,
    )
}
"""Elements that a screen may have; zq is not among them."""


@posix
def test_hostile_values_are_text_on_every_screen(page: Page) -> None:
    previewed_text = 0
    for path in paths(page):
        answer = page.client.get(path)
        assert answer.status_code in {200, 303, 404, 422}, (path, answer.get_data(as_text=True))
        assert "zq" not in str(answer.headers).lower(), path
        if answer.mimetype == "text/html":
            check_text(answer.get_data(as_text=True))
        elif re.search(r"(\.json|/news)(\?|$)", path):
            assert answer.mimetype == "application/json", path
        else:
            assert answer.mimetype in FILES, path
        previewed_text += answer.status_code == 200
    assert previewed_text > 8


@pytest.mark.parametrize("name", FOLDERS)
def test_a_campaign_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    with opened(make(tmp_path / name)) as page:
        for path in ("data", "letters", "progress", "erase", "nowhere"):
            answer = page.get(path)
            assert answer.status_code in {200, 404}
            assert "zq" not in str(answer.headers).lower()
            check_text(answer.get_data(as_text=True))
        assert "zq" in page.words("data") or "zq" in page.get("data").get_data(as_text=True)


@pytest.mark.parametrize("words", ODD)
def test_a_hostile_search_is_shown_as_text(tmp_path: Path, words: str) -> None:
    with opened(odd_campaign(tmp_path / "campaign")) as page:
        answer = page.post("letters/find", words=words)
        assert answer.status_code == 200
        check_text(answer.get_data(as_text=True))
        for path in ("erase/find", "close/find", "erase/which"):
            answer = page.post(path, name=words, words=words)
            if answer.mimetype == "text/html":
                check_text(answer.get_data(as_text=True))


# In a browser


@needs_browser
@pytest.mark.page
def test_no_screen_runs_hostile_content(tmp_path: Path, browser: Chrome) -> None:
    folder = campaign_in_state(tmp_path / "campaign")
    with live(folder, browser) as page, opened(folder) as twin:
        prefix = page.root.partition("/c/")[0]
        key = page.root.rstrip("/").rpartition("/")[2]
        for path in paths(twin, letters=2):
            if "/frame" in path:  # only a letter's page opens it
                continue
            answer = twin.client.get(path)
            if (answer.status_code, answer.mimetype) == (200, "text/html"):
                browser.get(prefix + path.replace(twin.key, key))
                if browser.find_elements("id", "words-frame"):
                    preview(page)
                assert browser.execute_script("return typeof zq") == "undefined", path
                assert "zq" not in browser.title


@pytest.fixture
def evil() -> Iterator[HostileSite]:
    with hostile_site() as site:
        yield site


def letters_of(folder: Path) -> Path:
    """Create the letters; return the first one."""
    assert merge("letters", make(folder)).code == 0
    return min((folder / "letters").rglob("*.docx"))


def preview(page: Live) -> WebElement:
    """Wait until the preview of a letter is shown, or refused."""
    frame, notice = page.find("#words-frame"), page.browser.find_element("id", "letter-told")
    page.wait(
        lambda _: frame.get_attribute("data-shown") is not None or notice.is_displayed(), "", 60
    )
    return frame


def previewed_text(page: Live, letter: Path) -> str:
    """Show a letter's text in the preview, and return it."""
    page.go(f"letter/{id_in(letter)}")
    page.browser.switch_to.frame(preview(page))
    text: str = page.browser.execute_script("return document.body.innerText")
    page.browser.switch_to.default_content()
    return text


@needs_browser
@pytest.mark.page
def test_a_manipulated_letter_fetches_and_runs_nothing_in_the_preview(
    tmp_path: Path, browser: Chrome, evil: HostileSite
) -> None:
    letter = letters_of(tmp_path / "campaign")
    letter.write_bytes(hostile_letter(letter.read_bytes(), evil.address))
    with live(tmp_path / "campaign", browser) as page:
        assert "Click here" in previewed_text(page, letter)
        browser.switch_to.frame(page.find("#words-frame"))
        found = browser.execute_script(
            "return [...document.querySelectorAll('a[href], iframe, object, embed, form')].length"
        )
        ran = browser.execute_script("return [typeof zq, String(window.origin)]")
        browser.switch_to.default_content()
        assert found == 0
        assert ran == ["undefined", "null"]
        assert browser.execute_script("return typeof zq") == "undefined"
        for section in ("changes", "data"):
            page.go(f"letter/{id_in(letter)}?show={section}")
            assert browser.execute_script("return typeof zq") == "undefined"
        time.sleep(0.5)
    assert evil.asked == []


@needs_browser
@pytest.mark.page
def test_a_manipulated_template_fetches_and_runs_nothing_in_its_thumbnail(
    tmp_path: Path, browser: Chrome, evil: HostileSite
) -> None:
    folder, new = make(tmp_path / "campaign"), tmp_path / "new.docx"
    template = (folder / "templates" / "appeal.docx").read_bytes()
    new.write_bytes(hostile_letter(template, evil.address))
    with live(folder, browser) as page:
        page.find("#chosen").send_keys(str(new))
        browser.switch_to.frame(page.find(".thumb"))
        page.wait(lambda one: "Click here" in one.find_element("id", "letter").text, "thumbnail")
        found = browser.execute_script(
            "return [...document.querySelectorAll('a[href], iframe, object, embed, form')].length"
        )
        ran = browser.execute_script("return [typeof zq, String(window.origin)]")
        browser.switch_to.default_content()
        assert (found, ran) == (0, ["undefined", "null"])
        assert browser.execute_script("return typeof zq") == "undefined"
        time.sleep(0.5)
    assert evil.asked == []


@pytest.mark.slow
@needs_browser
@pytest.mark.page
def test_a_letter_of_100_000_paragraphs_does_not_block_the_page(
    tmp_path: Path, page_with_refusals: Chrome
) -> None:
    letter = letters_of(tmp_path / "campaign")
    letter.write_bytes(many_paragraphs(letter.read_bytes()))
    with live(tmp_path / "campaign", page_with_refusals) as page:
        page.go(f"letter/{id_in(letter)}")
        page.says("This letter cannot be shown here. Open it in Word.")
        started = time.monotonic()
        page.go("letters")
        page.find("#letters-list, [role=grid]")
        assert time.monotonic() - started < 10


@pytest.fixture
def page_with_refusals(one_browser: Chrome) -> Iterator[Chrome]:
    """A browser whose console may have a refusal."""
    yield one_browser
    assert all("413" in message for message in console(one_browser))


def test_a_very_long_letter_is_previewed_and_a_longer_one_is_not(
    tmp_path: Path,
) -> None:
    letter = letters_of(tmp_path / "campaign")
    about, data = id_in(letter), letter.read_bytes()
    with opened(tmp_path / "campaign") as page:
        for number, status in ((2_000, 200), (100_000, 413)):
            letter.write_bytes(many_paragraphs(data, number))
            assert page.get(f"letter/{about}.docx").status_code == status


@needs_browser
@pytest.mark.page
def test_a_zip_bomb_letter_is_not_shown(tmp_path: Path, browser: Chrome) -> None:
    letter = letters_of(tmp_path / "campaign")
    about = id_in(letter)
    letter.write_bytes(bomb(letter.read_bytes()))
    with live(tmp_path / "campaign", browser) as page:
        started = time.monotonic()
        page.go(f"letter/{about}")
        page.says("Preview: the letter as it would be created now")
        assert "made=1" in str(page.find("#words-frame").get_attribute("data-from"))
        page.says("it is damaged")
        assert time.monotonic() - started < 10


@pytest.mark.parametrize("ending", ["docx", "pdf"])
def test_a_zip_bomb_letter_is_not_passed_to_any_program(tmp_path: Path, ending: str) -> None:
    letter = letters_of(tmp_path / "campaign")
    about = id_in(letter)
    letter.write_bytes(bomb(letter.read_bytes(), 600 << 20))
    with opened(tmp_path / "campaign") as page, within(15):
        answer = page.get(f"letter/{about}.{ending}")
        assert answer.status_code in {404, 422}
        for path in (f"letter/{about}", f"letter/{about}?show=changes", "letters?view=list"):
            assert page.get(path).status_code == 200


@needs_libreoffice
@pytest.mark.libreoffice
def test_a_manipulated_letter_fetches_nothing_when_converted_to_pdf(
    tmp_path: Path, evil: HostileSite
) -> None:
    letter = letters_of(tmp_path / "campaign")
    letter.write_bytes(hostile_letter(letter.read_bytes(), evil.address))
    with opened(tmp_path / "campaign") as page:
        answer = page.get(f"letter/{id_in(letter)}.pdf")
        assert answer.status_code == 200
        assert answer.get_data().startswith(b"%PDF")
        assert b"JavaScript" not in answer.get_data()
    assert evil.asked == []
