"""Letter screen: text in a sandbox, print preview, edits, source data."""

from __future__ import annotations

import hashlib
import re
import shutil
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from pypdf import PdfReader
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from support.browsers import Live, live, needs_browser
from support.campaigns import letters, make, merge
from support.copied_folders import copy_made_folder
from support.documents import MAIN, OFFICE
from support.everyday import everyday
from support.pages import Page, folded, opened, unchanged, wait_for
from support.registers import fill
from support.staff_actions import add_line, id_in, retype
from support.workbooks import campaign as workbook

from merge.page.routes.letter import WORD_TYPE
from merge.page.web import STATIC_FOLDER
from merge.proofreading.text import read_paragraphs, read_parts

LINES = "Dear {{ recipient.salutation }},\nWe write from {{ signer.city }}.\n{{ signer.name }}"
SIGNERS = [["Name", "City"], ["Inés Álvarez", "Vigo"], ["Bo Berg", "Oslo"]]
RECIPIENTS = [["Name", "Salutation"], ["Minister Li", "Minister"], ["Consul Roy", "Consul"]]
BO = "Bo Berg/Consul Roy.docx"


def _create_letters(folder: Path) -> None:
    make(folder, LINES, Signers=SIGNERS, Recipients=RECIPIENTS)
    merge("letters", folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_made_folder(_create_letters, tmp_path / "campaign")


@pytest.fixture
def page(folder: Path) -> Iterator[Page]:
    with opened(folder) as page:
        yield page


def ident(folder: Path, path: str = BO) -> str:
    return id_in(letters(folder)[path])


def wait_for_text(page: Page, words: str, path: str) -> None:
    """Wait until a screen has a text."""
    wait_for(lambda: words in page.words(path), 10)


def test_a_letter_says_who_writes_to_whom_but_not_in_its_title(page: Page, folder: Path) -> None:
    tree = page.see(f"letter/{ident(folder)}")
    assert folded(tree.h1.get_text() if tree.h1 else "") == "Bo Berg to Consul Roy"
    assert tree.title
    assert tree.title.get_text() == "Letter – Appeal Merge"
    shown = page.words(f"letter/{ident(folder)}")
    assert "This is the letter as it is saved in the folder" in shown
    assert [one["title"] for one in tree.select("iframe")] == ["Text of the letter"]
    assert tree.select("iframe[sandbox=allow-scripts]")
    assert "letters/Bo Berg/Consul Roy.docx" in tree.get_text()


def test_an_unknown_letter_is_not_found(page: Page, folder: Path) -> None:
    for path in ("0" * 16, "..", "x", f"{ident(folder)}x", f"{ident(folder)}.xlsx"):
        for verb in ("", ".docx", ".pdf"):
            assert page.get(f"letter/{path}{verb}").status_code == 404, path
        assert page.client.post(f"/c/{page.key}/letter/{path}/open").status_code == 404
    assert page.get(f"letter/{ident(folder)}/open").status_code == 405
    assert page.client.post(f"/c/{page.key}/letter/{ident(folder)}.docx").status_code == 405


@pytest.mark.slow
def test_the_previous_and_next_letter_are_of_the_same_filter(page: Page, folder: Path) -> None:
    ids = [ident(folder, path) for path in (*_both("Inés Álvarez"), *_both("Bo Berg"))]
    tree = page.see(f"letter/{ids[1]}?show=data")
    goals = [tree.select_one(f"#{one}") for one in ("before", "behind")]
    assert [str(one and one["href"]).partition("letter/")[2] for one in goals] == [
        f"{ids[0]}?show=data",
        f"{ids[2]}?show=data",
    ]
    add_line(letters(folder)[BO], "By hand.")
    wait_for_text(page, "edited", f"letter/{ident(folder)}")
    alone = page.see(f"letter/{ident(folder)}?state=edited")
    assert not alone.select("#before, #behind")


def _both(signer: str) -> tuple[str, str]:
    return f"{signer}/Minister Li.docx", f"{signer}/Consul Roy.docx"


def test_the_previewed_bytes_are_of_the_existing_or_the_new_letter(
    page: Page, folder: Path
) -> None:
    new_bytes = letters(folder)[BO].read_bytes()
    edited = add_line(letters(folder)[BO], "By hand.")
    answer = page.get(f"letter/{ident(folder)}.docx")
    assert answer.content_type == WORD_TYPE
    assert answer.data == edited
    assert page.get(f"letter/{ident(folder)}.docx?made=1").data == new_bytes
    assert "Bo" not in str(answer.headers)


def test_a_letter_without_a_file_is_shown_as_it_would_be_created(page: Page, folder: Path) -> None:
    one = ident(folder)
    letters(folder)[BO].unlink()
    wait_for_text(page, "not created", f"letter/{one}")
    shown = page.words(f"letter/{one}")
    assert "as it would be created now" in shown
    assert "It has not been created yet." in shown
    assert page.get(f"letter/{one}.docx").status_code == 404
    assert page.get(f"letter/{one}.docx?made=1").status_code == 200
    assert not page.see(f"letter/{one}").select("#open")


def test_another_file_with_a_letters_name_is_never_shown_as_the_letter(
    page: Page, folder: Path
) -> None:
    one, another = ident(folder), letters(folder)["Inés Álvarez/Minister Li.docx"]
    shutil.copyfile(another, letters(folder)[BO])
    wait_for_text(page, "blocked by another file", f"letter/{one}")
    shown = page.words(f"letter/{one}")
    assert "another letter, Inés Álvarez to Minister Li" in shown
    assert "There is no file for it" in shown
    assert "Vigo" not in page.see(f"letter/{one}").noscript.get_text()  # type: ignore[union-attr]
    assert page.get(f"letter/{one}.docx").status_code == 404
    answer = page.client.post(f"/c/{page.key}/letter/{one}/open")
    assert answer.status_code == 422


@pytest.mark.posix("links")
@pytest.mark.parametrize("part", everyday(["", "Bo Berg"]))
def test_no_letter_is_read_through_a_link_outside_the_campaign(
    page: Page, folder: Path, tmp_path: Path, part: str
) -> None:
    one, outside = ident(folder), tmp_path / "outside"
    assert page.get(f"letter/{one}.docx").status_code == 200
    place = folder / "letters" / part
    shutil.copytree(place, outside)
    retyped = outside / BO.removeprefix(f"{part}/")
    secret = retype(retyped, "Consul", "A secret")
    shutil.rmtree(place)
    place.symlink_to(outside)
    answer = page.get(f"letter/{one}.docx")
    assert answer.status_code == 404
    assert secret not in answer.data
    assert page.client.post(f"/c/{page.key}/letter/{one}/open").status_code == 422
    assert "A secret" not in page.get(f"letter/{one}").get_data(as_text=True)


@pytest.mark.slow
def test_an_error_is_shown_with_its_cell_and_the_earlier_version(page: Page, folder: Path) -> None:
    one = ident(folder)
    workbook(folder, Signers=SIGNERS, Recipients=[*RECIPIENTS[:2], ["Consul Roy", None]])
    wait_for_text(page, "blocked by an error", f"letter/{one}")
    shown = page.words(f"letter/{one}")
    assert "Recipients!B3" in shown
    assert "This is the letter as it is saved in the folder" in shown
    assert page.get(f"letter/{one}.docx").status_code == 200
    letters(folder)[BO].unlink()
    wait_for(lambda: "It cannot be created until its data is fixed." in page.words(f"letter/{one}"))
    assert page.get(f"letter/{one}.docx?made=1").status_code == 404
    assert page.get(f"letter/{one}.pdf?made=1").status_code == 404


@pytest.mark.slow
def test_a_letter_has_one_short_id_on_the_page_and_on_paper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Among 600 letters, two begin with the same four digits."""
    monkeypatch.setenv("PATH", "")
    signers = [["Name", "City"], *([f"Signer {n} Kovač", "Brno"] for n in range(600))]
    folder = make(tmp_path / "many", LINES, Signers=signers, Recipients=RECIPIENTS[:2])
    merge("letters", folder)
    one = ident(folder, "Signer 7 Kovač/Minister Li.docx")
    merge(
        "print",
        folder,
        "--covers",
        "--for",
        "Signer 7 Kovač",
        "--envelopes",
        "DL",
        "--labels",
        "L7160",
    )
    for path in (folder / "print").rglob("*.docx"):
        words = "\n".join(p.text for p in read_paragraphs(read_parts(path.read_bytes(), path.name)))
        assert re.findall(rf"\b{one[:4]}\w*", words) == [one[:5]], path
    with opened(folder) as page:
        assert f"Short ID {one[:5]} " in page.words(f"letter/{one}")
        page.post("paper/typed", stage="Signed", ids=one[:6])
        assert f"Signed {one[:5]} " in page.words("paper?stage=Signed")


@pytest.mark.slow
def test_edits_are_marked_by_more_than_colour(page: Page, folder: Path) -> None:
    one = ident(folder)
    assert "The text has not been changed." in page.words(f"letter/{one}?show=changes")
    retype(letters(folder)[BO], "We write", "I write")
    wait_for_text(page, "edited", f"letter/{one}")
    tree = page.see(f"letter/{one}?show=changes")
    assert [folded(each.get_text(" ")) for each in tree.select("del")] == ["[deleted: We ]"]
    assert [folded(each.get_text(" ")) for each in tree.select("ins")] == ["[inserted: I ]"]


@pytest.mark.slow
def test_an_edited_letter_whose_data_changed_leads_to_conflicts(page: Page, folder: Path) -> None:
    one = ident(folder)
    retype(letters(folder)[BO], "We write", "I write")
    workbook(folder, Signers=[*SIGNERS[:2], ["Bo Berg", "Bergen"]], Recipients=RECIPIENTS)
    wait_for_text(page, "edited, data changed", f"letter/{one}")
    shown = page.words(f"letter/{one}?show=changes")
    assert "Changed since: City in Signers : [deleted: Oslo ] [inserted: Bergen ]" in shown
    assert "[inserted: Bergen" in shown
    assert "decide" in str(page.see(f"letter/{one}").select_one("#decide")["href"])  # type: ignore[index]


@pytest.mark.slow
def test_a_letter_shows_its_source_data_and_stages(page: Page, folder: Path) -> None:
    one = ident(folder)
    fill(folder / "register.xlsx", one, "Notes", "He signs in green.")
    fill(folder / "register.xlsx", one, "Printed", "with the May batch")
    wait_for_text(page, "printed", f"letter/{one}")
    shown = page.words(f"letter/{one}?show=data")
    assert "City in Signers Oslo signers.xlsx, Signers!B3 Copy" in shown
    assert "Printed with the May batch Notes He signs in green." in shown


@pytest.mark.posix("the program of this test")
def test_a_letter_is_opened_in_its_program_and_shown_in_its_folder(
    page: Page, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, heard = tmp_path / "opener", tmp_path / "heard"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{heard}"\n', "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("MERGE_OPENER", str(program))
    with unchanged(folder):
        for what in ("open", "folder"):
            answer = page.client.post(
                f"/c/{page.key}/letter/{ident(folder)}/{what}", data={"state": "unchanged"}
            )
            assert answer.status_code == 303
            assert answer.headers["Location"].endswith(f"{ident(folder)}?state=unchanged")
    assert heard.read_text("utf-8").splitlines() == [str(folder / "letters" / BO)] * 2


@pytest.mark.slow
@pytest.mark.libreoffice
@pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice")
def test_the_print_preview_is_from_libreoffice_and_cached(page: Page, folder: Path) -> None:
    one = ident(folder)
    add_line(letters(folder)[BO], "By hand.")
    with unchanged(folder):
        answer = page.get(f"letter/{one}.pdf")
    assert answer.content_type == "application/pdf"
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert "By hand." in PdfReader(BytesIO(answer.data)).pages[0].extract_text()
    assert page.get(f"letter/{one}.pdf").data == answer.data
    assert (
        "By hand."
        not in PdfReader(BytesIO(page.get(f"letter/{one}.pdf?made=1").data)).pages[0].extract_text()
    )


def test_without_libreoffice_the_print_preview_leads_to_word(
    page: Page, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert "Open it in Word to see the pages" in page.words(f"letter/{ident(folder)}?show=pages")
    assert page.get(f"letter/{ident(folder)}.pdf").status_code == 422


def test_the_sandbox_has_no_origin_and_cannot_fetch(page: Page) -> None:
    answer = page.get("frame")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none'; script-src http://")
    assert "'self'" not in policy.replace("frame-ancestors 'self'", "")
    assert "unsafe-inline" not in policy.partition("style-src")[0]
    assert "<script>" not in answer.get_data(as_text=True)


def test_the_vendored_scripts_are_unchanged() -> None:
    vendor = STATIC_FOLDER / "vendor"
    lines = (vendor / "hashes.txt").read_text("utf-8").splitlines()
    digests = {name: digest for digest, name in (x.split() for x in lines if not x.startswith("#"))}
    files = {path.name: path.read_bytes() for path in vendor.iterdir()}
    del files["hashes.txt"]
    assert {name: hashlib.sha256(data).hexdigest() for name, data in files.items()} == digests
    for library in ("docx-preview", "jszip"):
        assert any(name.startswith(f"{library}.LICENSE") for name in files)
        assert any(f"/{library}-" in line for line in lines)


# In a browser


@contextmanager
def listener() -> Iterator[tuple[str, list[str]]]:
    """Another server on this computer, which records its requests."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def hostile(letter: Path, evil: str) -> None:
    """Add content to a letter that wants to run or to be fetched."""
    with zipfile.ZipFile(letter) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    drawing = "http://schemas.openxmlformats.org/drawingml/2006"
    body = (
        f'<w:p xmlns:w="{MAIN}" xmlns:r="{OFFICE}"><w:hyperlink r:id="e1"><w:r><w:t>run</w:t></w:r>'
        f'</w:hyperlink><w:hyperlink r:id="e2"><w:r><w:t>go</w:t></w:r></w:hyperlink></w:p>'
        f'<w:p xmlns:w="{MAIN}" xmlns:r="{OFFICE}"><w:r><w:drawing><wp:inline'
        f' xmlns:wp="{drawing}/wordprocessingDrawing"><wp:extent cx="9525" cy="9525"/>'
        f'<a:graphic xmlns:a="{drawing}/main"><a:graphicData uri="{drawing}/picture">'
        f'<pic:pic xmlns:pic="{drawing}/picture"><pic:blipFill><a:blip r:embed="e3" r:link="e3"/>'
        '</pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="9525" cy="9525"/>'
        "</a:xfrm></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        f'<w:r><w:pict xmlns:v="urn:schemas-microsoft-com:vml"><v:shape><v:imagedata r:id="e3"/>'
        f"</v:shape></w:pict></w:r></w:p>"
        f'<w:altChunk xmlns:w="{MAIN}" xmlns:r="{OFFICE}" r:id="e4"/>'
        f'<w:p xmlns:w="{MAIN}"><w:r><w:t>&lt;img src={evil}/text onerror=x&gt;</w:t></w:r></w:p>'
    )
    document = parts["word/document.xml"]
    at = document.rindex("<w:sectPr") if "<w:sectPr" in document else document.rindex("</w:body>")
    parts["word/document.xml"] = document[:at] + body + document[at:]
    external = 'TargetMode="External"'
    links = (
        f'<Relationship Id="e1" Type="{OFFICE}/hyperlink" Target="javascript:ran=1" {external}/>'
        f'<Relationship Id="e2" Type="{OFFICE}/hyperlink" Target="{evil}/link" {external}/>'
        f'<Relationship Id="e3" Type="{OFFICE}/image" Target="{evil}/picture.png" {external}/>'
        f'<Relationship Id="e4" Type="{OFFICE}/aFChunk" Target="chunk.html"/>'
    )
    name = "word/_rels/document.xml.rels"
    parts[name] = parts[name].replace("</Relationships>", links + "</Relationships>")
    parts["word/chunk.html"] = (
        f"<script>parent.ran = 1; fetch('{evil}/script')</script><img src='{evil}/chunk'>"
    )
    types = "[Content_Types].xml"
    parts[types] = parts[types].replace(
        "</Types>", '<Default Extension="html" ContentType="text/html"/></Types>'
    )
    with zipfile.ZipFile(letter, "w") as archive:
        for part, text in parts.items():
            archive.writestr(part, text)


def words_in_frame(shown: Live) -> str:
    """Wait for the letter in its sandbox, stay there, and return its text."""
    shown.wait(lambda one: one.find_elements(By.CSS_SELECTOR, "#words-frame[data-shown]"), "letter")
    shown.browser.switch_to.frame(shown.browser.find_element(By.ID, "words-frame"))
    return folded(shown.browser.find_element(By.TAG_NAME, "body").text)


@pytest.mark.slow
@needs_browser
@pytest.mark.page
def test_bullets_of_words_symbol_fonts_are_shown(tmp_path: Path, browser: Chrome) -> None:
    template, data = Document(), BytesIO()
    for text in ("{{ recipient.name }}", "{{ signer.name }}"):
        template.add_paragraph(text)
    template.add_paragraph("Release her", style="List Bullet")  # its bullet is U+F0B7 in Symbol
    template.save(data)
    folder = make(tmp_path / "bullets", data.getvalue())
    merge("letters", folder)
    with live(folder, browser) as shown:
        shown.go(f"letter/{id_in(next(iter(letters(folder).values())))}")
        assert "Release her" in words_in_frame(shown)
        before = "[...document.querySelectorAll('p')].map(p => getComputedStyle(p, '::before'))"
        assert "•" in browser.execute_script(f"return {before}.map(one => one.content).join('')")


@pytest.mark.slow
@needs_browser
@pytest.mark.page
def test_the_text_of_a_letter_is_shown_in_its_sandbox(folder: Path, browser: Chrome) -> None:
    add_line(letters(folder)[BO], "By hand: Žofie.")
    with live(folder, browser) as shown:
        shown.go(f"letter/{ident(folder)}")
        assert "Dear Consul, We write from Oslo. Bo Berg By hand: Žofie." in words_in_frame(shown)
        assert browser.execute_script("return self.origin") == "null"
        assert (
            browser.execute_script("try { return parent.document.title } catch { return '' }") == ""
        )
        wide = browser.execute_script("return document.body.scrollWidth")
        browser.switch_to.default_content()
        shown.press("Zoom in")
        browser.switch_to.frame(browser.find_element(By.ID, "words-frame"))
        shown.browser.implicitly_wait(0)
        wait_for(lambda: browser.execute_script("return document.body.scrollWidth") > wide)
        browser.switch_to.default_content()
        add_line(letters(folder)[BO], "Once more.")

        def is_there(_: Chrome) -> bool:
            browser.switch_to.default_content()
            browser.switch_to.frame(browser.find_element(By.ID, "words-frame"))
            return "Once more." in browser.find_element(By.TAG_NAME, "body").text

        wait_for(lambda: is_there(browser), 10)
        browser.switch_to.default_content()


@needs_browser
@pytest.mark.page
@pytest.mark.slow
def test_a_hostile_letter_runs_nothing_and_fetches_nothing(folder: Path, browser: Chrome) -> None:
    with listener() as (evil, asked):
        hostile(letters(folder)[BO], evil)  # before the page, otherwise it redraws the letter
        with live(folder, browser) as shown:
            shown.go(f"letter/{ident(folder)}")
            words = words_in_frame(shown)
            assert "run" in words
            assert "onerror" in words
            for link in browser.find_elements(By.TAG_NAME, "a"):
                assert link.get_attribute("href") is None
                link.click()
            found = (
                "iframe, object, embed, link[href*='127'], img:not([src^='data:'])[src], [srcdoc]"
            )
            extra = browser.find_elements(By.CSS_SELECTOR, f"#letter :is({found})")
            assert [one.get_attribute("outerHTML") for one in extra] == []
            assert browser.execute_script("return window.ran") is None
            browser.switch_to.default_content()
            assert browser.execute_script("return window.ran") is None
            assert browser.current_url.endswith(ident(folder))
            assert asked == []


@pytest.mark.slow
@needs_browser
@pytest.mark.page
def test_arrow_keys_lead_to_the_next_letter_but_not_in_a_field(
    folder: Path, browser: Chrome
) -> None:
    with live(folder, browser) as shown:
        shown.go(f"letter/{ident(folder, 'Inés Álvarez/Minister Li.docx')}?show=data")
        body = browser.find_element(By.TAG_NAME, "body")
        body.send_keys(Keys.ARROW_LEFT)  # it is the first letter
        body.send_keys(Keys.ARROW_RIGHT)
        shown.says("Inés Álvarez to Consul Roy")
        shown.find("#language").send_keys(Keys.ARROW_RIGHT)
        shown.find(".table-box").send_keys(Keys.ARROW_RIGHT)
        assert "Inés Álvarez to Consul Roy" in shown.words
        browser.find_element(By.TAG_NAME, "body").send_keys(Keys.ARROW_LEFT)
        shown.says("Inés Álvarez to Minister Li")
        assert "show=data" in browser.current_url


@pytest.mark.slow
@needs_browser
@pytest.mark.page
def test_the_sandbox_accepts_messages_only_from_its_page(folder: Path, browser: Chrome) -> None:
    with live(folder, browser) as shown:
        shown.go(f"letter/{ident(folder)}")
        assert "Dear Consul," in words_in_frame(shown)
        browser.execute_script("postMessage({ bytes: new ArrayBuffer(8) }, '*')")
        browser.execute_script("postMessage({ larger: 4 }, '*')")
        assert "Dear Consul," in folded(browser.find_element(By.TAG_NAME, "body").text)
        browser.switch_to.default_content()
        browser.execute_script("postMessage({ failed: true }, '*')")
        assert not browser.find_element(By.ID, "letter-told").is_displayed()


@pytest.mark.slow
@needs_browser
@pytest.mark.page
@pytest.mark.libreoffice
@pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice")
def test_the_print_preview_is_shown_by_the_browsers_pdf_viewer(
    folder: Path, browser: Chrome
) -> None:
    with live(folder, browser) as shown:
        shown.go(f"letter/{ident(folder)}?show=pages")
        frame = shown.find("#pages-frame")
        assert "#toolbar=0" in str(frame.get_attribute("src"))
        assert not browser.find_element(By.ID, "letter-told").is_displayed()
