"""Make docs/pictures/page-*.png, lists-*.png and start-*.png again.

1. One campaign is run in the page from its first to its last day. Another has signers from a form.
   A third starts from finished letters.
2. The program starts as `merge page` does, in a home of its own. A Chromium without a window goes
   through the screens.
3. In between the workbook and letters are changed as staff do in Excel and Word.
4. All people in the campaigns are invented.

    python tools/make_page_pictures.py [FOLDER]
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TypeVar, cast

from docx import Document
from docx.shared import Cm, Pt
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from PIL import Image
from selenium import webdriver
from selenium.common.exceptions import (
    StaleElementReferenceException,
    TimeoutException,
    WebDriverException,
)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"

WIDTH, MARGIN, COLOURS, MAX_BYTES = 1100, 20, 128, 150_000
PATIENCE = 60.0
"""Seconds that something may take to appear on a screen."""

NAME = "Free Marisol Quintana 2027"
"""The campaign's name."""
SHOWN_FOLDER = r"C:\Users\Ana\Appeal letters"
"""The folder of new campaigns in pictures, instead of a temporary one."""

Rows = list[tuple[str, ...]]
Found = TypeVar("Found")

SIGNERS: Rows = [
    ("ID", "Name", "Street", "City", "Country"),
    ("S1", "Amina Bello Yusuf", "14 Acacia Close", "Kaduna 800001", "Nigeria"),
    ("S2", "Inés Álvarez Montoro", "Calle del Almendro Viejo 14", "28013 Madrid", "Spain"),
    ("S3", "Käthe Weißmüller", "Birnbaumgasse 7", "04107 Leipzig", "Germany"),
    ("S4", "Олена Журавчук", "вул. Яблунева 12, кв. 5", "79000 Львів", "Ukraine"),
    ("S5", "Tomás Ferreira Lopes", "Rua das Amendoeiras 31", "1100-061 Lisboa", "Portugal"),
    ("S6", "سلمى البرقاوي", "نهج الياسمين عدد 9", "1002 Tunis", "Tunisia"),
    ("S7", "Trần Ngọc Linh", "27 Ngõ Hoa Sữa", "Hà Nội 100000", "Vietnam"),
    ("S8", "Þórdís Eyvindardóttir", "", "785 Öræfi", "Iceland"),
]
LATE_SIGNER = ("S9", "Noémie Lachapelle-Côté", "1187, rue des Érables", "Montréal", "Canada")
RECIPIENTS: Rows = [
    ("ID", "Position", "Name", "Address", "City", "Salutation"),
    ("R1", "Minister", "Radomir Kostanov", "1 Court Square", "10020 Belmora", "Dear Minister,"),
    ("R2", "Prosecutor General", "Ilse Brandt-Okoro", "8 Harbour Street", "10044 Belmora", ""),
    ("R3", "Ambassador", "Teodoro Villaseca", "22 Linden Avenue", "1000 Brussels", "Dear Sir,"),
]
SALUTATIONS = {"R2": "Dear Madam Prosecutor General,", "R3": "Dear Ambassador,"}
NEW_SALUTATION = "Your Excellency,"

LETTER = """{{ recipient.position }}
{{ recipient.name }}
{{ recipient.address }}
{{ recipient.city }}

{{ recipient.salutation }}

I am writing to you about Marisol Quintana, a nurse and the chair of the health workers’ union of \
San Aurelio. She has been held without charge since 4 March, after she spoke to a newspaper about \
patients who had been turned away.
I ask you to ensure that she is released immediately, that she can speak to her lawyer, and that \
her family knows where she is.
No one should lose their freedom for speaking about what they saw at work.

Yours sincerely,
{{ signer.name }}
{{ signer.street }}
{{ signer.city }}
{{ signer.country }}"""
TOUCHED_UP = {
    "Käthe Weißmüller/Teodoro Villaseca.docx": " I am a nurse myself.",
    "Inés Álvarez Montoro/Teodoro Villaseca.docx": " I met her in Lisbon two years ago.",
    "Þórdís Eyvindardóttir/Radomir Kostanov.docx": " Thank you for reading this.",
}
"""Words that are added to a letter's line that begins with TOUCHED_LINE."""
KEPT_LETTER = "Inés Álvarez Montoro/Teodoro Villaseca.docx"
"""The letter that stays as it is when its data changes."""
TOUCHED_LINE = "No one should lose"


PETITION = "Free Marisol Quintana, petition"
"""The campaign whose signers come from a form."""
QUESTIONS = (
    *("Timestamp", "Username", "What is your full name, as you would sign it?"),
    *("Street and house number", "Town or city", "Postcode", "Country"),
    *("How did you hear about us?", "I agree that my name and address are printed in the letters"),
)
ANSWERS: Rows = [
    *(
        (f"2026/11/{day:02} 9:{minute}:24 AM GMT+1", f"{mail}@post.example", *cells)
        for day, minute, mail, cells in (
            (3, 12, "harriet", ("Harriet Okonjo-Blythe", "14 Larkspur Terrace", "Bristol")),
            (3, 41, "callum", ("Callum McAllister", "Flat 2, 77 Pinder Street", "Glasgow")),
            (4, 15, "sian", ("Siân Pryce-Howells", "Tŷ Gwyn, Heol y Felin", "Swansea")),
            (4, 52, "d.aske", ("DOROTHY ASKE", "3 Mill Race Lane", "York")),
            (5, 10, "tunde", ("Tunde Fairweather", "120 Coldharbour Rise", "London")),
            (5, 38, "j.delcroix", ("Jean-Baptiste Delcroix", "4, impasse du Moulin", "Lyon")),
            (6, 22, "ask", ("Test Test", "asdf", "asdf")),
            (6, 47, "meera", ("Meera Chatterjee", "58 Saffron Close", "Leicester")),
        )
    )
]
REST = {
    "Bristol": ("BS1 9ZY", "United Kingdom", "Friends", "Yes, I agree"),
    "Glasgow": ("G12 0QQ", "United Kingdom", "Friends", "Yes, I agree"),
    "Swansea": ("SA1 5XX", "United Kingdom", "A poster", "Yes, I agree"),
    "York": ("YO1 0ZZ", "United Kingdom", "Friends", "Yes, I agree"),
    "London": ("SE5 0XJ", "United Kingdom", "Newsletter", "No"),
    "Lyon": ("69003", "France", "Friends", "Yes, I agree"),
    "asdf": ("123", "", "", "Yes, I agree"),
    "Leicester": ("LE1 9ZX", "United Kingdom", "A poster", "Yes, I agree"),
    "Strasbourg": ("67000", "France", "Friends", "Yes, I agree"),
}
"""Answers to the last questions, by town."""
LATER: Rows = [
    (
        *("2026/11/09 8:14:02 AM GMT+1", "meera@post.example"),
        *("Meera Chatterjee", "60 Saffron Close", "Leicester"),
    ),
    (
        *("2026/11/09 8:31:40 AM GMT+1", "d.aske@post.example"),
        *("DOROTHY ASKE", "3a Mill Race Lane", "York"),
    ),
    (
        *("2026/11/10 7:05:11 AM GMT+1", "clemence@post.example"),
        *("Clémence Roussel", "8, rue de l’Église", "Strasbourg"),
    ),
]
CORRECTED = {"Name": "Dorothy Aske", "Street": "3 Mill Race Lane, Garden Flat"}
"""Cells that staff write into the list over what Dorothy Aske typed."""

FINISHED = "Free Marisol Quintana 2028"
"""The campaign that starts from finished letters."""
FINISHED_LETTERS = {
    "Letter to the minister.docx": (RECIPIENTS[1], "Minister", "immediately", "I ask you"),
    "Letter to the prosecutor.docx": (
        *(RECIPIENTS[2], "Madam Prosecutor General", "immediatly", "I ask you urgently"),
    ),
}
"""Recipient, salutation, a word with a slip in one letter, words that differ."""

# ---------------------------------------------------------------------- what staff do in Office


def write_answers(path: Path, answers: Rows) -> None:
    """Write the responses as a download from Google Forms."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(QUESTIONS)
        writer.writerows((*answer, *REST[answer[4]]) for answer in answers)


def correct_list(path: Path) -> None:
    """Correct the name in capitals and its street in the list, and save."""
    book = load_workbook(path)
    sheet = book["Signers"]
    headings = [str(cell.value) for cell in sheet[1]]
    name = headings.index("Name")
    row = next(row for row in sheet.iter_rows(min_row=2) if row[name].value == "DOROTHY ASKE")
    for heading, text in CORRECTED.items():
        row[headings.index(heading)].value = text
    book.save(path)


def write_workbook(path: Path) -> None:
    """Write the workbook in its first state, with mistakes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in (("Signers", SIGNERS), ("Recipients", RECIPIENTS)):
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        for cell in sheet[1]:
            cell.font = Font(bold=True)
    book["Signers"]["F1"], book["Signers"]["F2"] = "Telephone", "not to be given on"
    book.save(path)


def fix_workbook(path: Path) -> None:
    """Fill in missing values, delete the unused column, and save."""
    book = load_workbook(path)
    book["Signers"].delete_cols(6)
    book.save(path)
    change_workbook(path, SALUTATIONS)


def change_workbook(path: Path, salutations: Mapping[str, str], *signers: Sequence[str]) -> None:
    """Type salutations by recipient ID, and further signers; save."""
    book = load_workbook(path)
    for row in book["Recipients"].iter_rows(min_row=2):
        row[5].value = salutations.get(str(row[0].value), row[5].value)
    for signer in signers:
        book["Signers"].append(list(signer))
    book.save(path)


def write_template(path: Path, text: str = LETTER) -> None:
    """Write the letter's template."""
    document = Document()
    for section in document.sections:
        section.left_margin = section.right_margin = Cm(2.5)
    look = document.styles["Normal"]
    look.font.name, look.font.size = "Times New Roman", Pt(11.5)
    for line in text.splitlines():
        about = document.add_paragraph(line).paragraph_format
        about.space_after = Pt(8 if len(line) > 60 else 0)
        about.space_before = Pt(64 if "signer.name" in line else 0)
    document.save(str(path))


def write_finished_letters(folder: Path) -> list[Path]:
    """Write the finished letters from which a campaign starts."""
    signer = dict(zip(SIGNERS[0], SIGNERS[2], strict=True))
    paths = []
    for name, (recipient, salutation, slip, words) in FINISHED_LETTERS.items():
        fields = dict(zip(RECIPIENTS[0], recipient, strict=True))
        fields |= {"Salutation": f"Dear {salutation},"}
        text = LETTER.replace("immediately", slip).replace("I ask you", words)
        for sheet, values in (("recipient", fields), ("signer", signer)):
            for heading, value in values.items():
                text = text.replace(f"{{{{ {sheet}.{heading.lower()} }}}}", value)
        paths.append(folder / name)
        write_template(paths[-1], text)
    return paths


def touch_up(letter: Path, words: str) -> None:
    """Add a personal sentence in Word, and save."""
    document = Document(str(letter))
    line = next(p for p in document.paragraphs if p.text.startswith(TOUCHED_LINE))
    line.runs[-1].text += words
    document.save(str(letter))


def retype(letter: Path, old: str, new: str) -> None:
    """Replace words in Word, and save."""
    document = Document(str(letter))
    for run in (run for line in document.paragraphs for run in line.runs):
        run.text = run.text.replace(old, new)
    document.save(str(letter))


# ---------------------------------------------------------------------- the program, the browser


@contextmanager
def program(home: Path) -> Iterator[str]:
    """Start the page in a home of its own; give the link that lets in."""
    home_variables = {
        "HOME": str(home),
        "MERGE_HOME": str(home / "private"),
        "MERGE_OPENER": "true",
    }
    command = [sys.executable, "-m", "merge", "page", "--no-browser"]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, cwd=ROOT, env=os.environ | home_variables, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout  # noqa: S101 - for mypy
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """Start a browser without a window."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    arguments = (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-dev-shm-usage",
        "hide-scrollbars",
    )
    for option in (*arguments, "lang=en", "blink-settings=preferredColorScheme=1"):
        options.add_argument(f"--{option}")
    browser = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
    try:
        yield browser
    finally:
        browser.quit()


@dataclass
class Page:
    """The page in a browser."""

    browser: webdriver.Chrome
    pictures: dict[str, bytes] = field(default_factory=dict)

    def go(self, screen: str) -> None:
        """Show a screen of the campaign."""
        root = self.browser.current_url.split("/c/")
        self.browser.get(f"{root[0]}/c/{root[1].split('/')[0]}/{screen}")

    def wait(self, found: Callable[[webdriver.Chrome], Found | None]) -> Found:
        """Wait until something is found, and return it."""
        return cast("Found", WebDriverWait(self.browser, PATIENCE, 0.1).until(found))

    def find(self, css: str) -> WebElement:
        """Return the first element that matches a selector."""

        def there(browser: webdriver.Chrome) -> WebElement | None:
            return next(iter(browser.find_elements(By.CSS_SELECTOR, css)), None)

        return self.wait(there)

    def press(self, words: str) -> None:
        """Press the first button, link or label with these words in the middle.

        Wait until no task is running.
        """
        able = "*[self::button or self::a or self::summary or self::label]"
        exact = f'//main//{able}[normalize-space()="{words}"]'
        part = f'//main//{able}[contains(normalize-space(), "{words}")]'

        def pressed(browser: webdriver.Chrome) -> bool:
            if browser.find_elements(By.CSS_SELECTOR, ".errand"):
                return False
            elements = (
                element
                for path in (exact, part)
                for element in browser.find_elements(By.XPATH, path)
            )
            try:
                button = next((element for element in elements if element.is_displayed()), None)
                browser.execute_script("arguments[0]?.click()", button)
            except StaleElementReferenceException:  # the page has just been updated
                return False
            return button is not None

        try:
            self.wait(pressed)
        except TimeoutException:
            sys.exit(f"There is no {words!r} on: {self.words}")

    def says(self, words: str) -> None:
        """Wait until the page contains the words."""
        try:
            self.wait(lambda _: words in self.words)
        except TimeoutException:
            sys.exit(f"The page does not say {words!r}: {self.words}")

    @property
    def words(self) -> str:
        """Text in the middle of the page."""
        try:
            text: str = self.browser.execute_script(
                "return document.querySelector('main')?.innerText ?? ''"
            )
        except WebDriverException:  # another page is being loaded
            return ""
        return " ".join(text.split())

    def dismiss(self) -> None:
        """Dismiss the result of the last task."""
        if self.browser.find_elements(By.CSS_SELECTOR, "#errand form button"):
            self.press("Dismiss")

    def take(self, name: str, until: str, start: str = "body") -> None:
        """Take a picture, from one element's top to the end of another."""
        self.find(until)
        self.browser.execute_script("document.activeElement.blur(); scrollTo(0, 0)")
        full: int = self.browser.execute_script(
            "return Math.ceil(document.documentElement.scrollHeight)"
        )
        self._size(full)
        time.sleep(1)
        ends: list[float] = self.browser.execute_script(
            "return [document.querySelector(arguments[0]).getBoundingClientRect().top,"
            " document.querySelector(arguments[1]).getBoundingClientRect().bottom]",
            start,
            until,
        )
        shown = Image.open(BytesIO(self.browser.get_screenshot_as_png())).convert("RGB")
        top, bottom = max(0, round(ends[0]) - MARGIN), min(full, round(ends[1]) + MARGIN)
        self.pictures[name] = small(shown.crop((0, top, WIDTH, bottom)))
        self._size(900)

    def _size(self, height: int) -> None:
        size = {"width": WIDTH, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def small(image: Image.Image) -> bytes:
    """Return a PNG with few colours."""
    file = BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


# ---------------------------------------------------------------------- the story


@dataclass
class Story:
    """The campaign, step by step."""

    page: Page
    home: Path

    @property
    def campaign(self) -> Path:
        """The campaign's folder."""
        return self.home / "Appeal letters" / NAME

    def tell(self) -> None:
        """Take every step."""
        for step in (self.begin, self.data, self.letters, self.change, self.decide):
            step()
        for step in (self.proofread, self.print, self.sign, self.post, self.end):
            step()

    def begin(self) -> None:
        """Create the campaign, and add its files."""
        page = self.page
        page.find("#name").send_keys(NAME)
        page.browser.execute_script(
            "document.querySelector('#name-how bdi').textContent = arguments[0]", SHOWN_FOLDER
        )
        page.take("page-campaigns", "#new-title ~ form")
        page.press("Create campaign")
        page.says("Data")
        files = [self.home / "signers.xlsx", self.home / "appeal.docx"]
        write_workbook(files[0])
        write_template(files[1], LETTER.replace("recipient.address", "recipient.adress"))
        for file in files:
            page.find("#chosen").send_keys(str(file))
            page.says("Replace ")
            page.press("Replace")
            page.says("was replaced")

    def data(self) -> None:
        """Fix the errors in the data."""
        page = self.page
        page.dismiss()
        page.go("data")
        page.says("errors")
        book = self.campaign / "signers.xlsx"
        page.take("page-data", "#errors")
        fix_workbook(book)
        write_template(self.campaign / "templates" / "appeal.docx")
        page.says("Nothing to fix")

    def letters(self) -> None:
        """Create the letters, and edit some."""
        page = self.page
        page.press("Next: create 24 letters")
        page.says("Check what will happen")
        page.press("Create 24 letters")
        page.says("24 letters created")
        page.dismiss()
        for name, words in TOUCHED_UP.items():
            touch_up(self.campaign / "letters" / name, words)
        page.go("letters")
        page.says("edited")
        page.take("page-letters", "#matrix")
        self._letter("Käthe Weißmüller")
        page.take("page-letter", "#letter-shown")
        page.press("My changes")
        page.take("page-changes", "#letter-shown")

    def _letter(self, words: str) -> None:
        self.page.go("letters?state=edited")
        self.page.press(words)
        self.page.find("#letter-shown")
        time.sleep(2)

    def change(self) -> None:
        """Replace the workbook: a late signer, another salutation."""
        page = self.page
        new = self.home / "signers.xlsx"
        shutil.copyfile(self.campaign / "signers.xlsx", new)
        change_workbook(new, {"R3": NEW_SALUTATION}, LATE_SIGNER)
        page.go("data")
        page.find("#chosen").send_keys(str(new))
        page.says("Replace ")
        page.take("page-put-in", "#offers")
        page.press("Replace")
        page.says("was replaced")
        page.dismiss()

    def decide(self) -> None:
        """Update the letters, and resolve the conflicts."""
        page = self.page
        page.go("letters/make")
        page.says("Check what will happen")
        page.take("page-make", "#prospect")
        page.press("Create ")
        page.says("letters created")
        page.dismiss()
        page.go("decide")
        page.press("Start with the first conflict")
        page.says("My version")
        page.take("page-decide", ".papers")
        page.press("Keep my version")
        page.says("Decision saved")
        page.press("Use new version")
        page.says("No conflicts")
        page.dismiss()

    def proofread(self) -> None:
        """Proofread the letters."""
        page = self.page
        page.go("proofread")
        page.find("#proofread-begin").click()
        page.says("letters checked")
        page.dismiss()
        page.go("proofread")
        page.take("page-proofread", "#doubts")
        retype(self.campaign / "letters" / KEPT_LETTER, SALUTATIONS["R3"], NEW_SALUTATION)

    def print(self) -> None:
        """Create the print files, and mark them as printed."""
        page = self.page
        page.go("print")
        page.take("page-print", "#order")
        page.press("Create print files")
        page.says("is ready to print")
        page.take("page-printed", "#errand")
        page.press("Mark all as printed")
        page.says("marked as printed")
        page.dismiss()

    def sign(self) -> None:
        """Mark letters as signed."""
        page = self.page
        for signer in SIGNERS[1:5]:
            page.go("paper?stage=Signed")
            page.press(signer[1])
            page.says("Mark as signed today")
            if signer is SIGNERS[4]:
                page.take("page-sign", "#pile")
            page.press("Mark as signed today")
            page.says("marked as signed")

    def post(self) -> None:
        """Mark letters as posted."""
        page = self.page
        page.go("paper?stage=Posted")
        page.press("Radomir Kostanov")
        page.find("#tracking").send_keys("RB 482 117 305")
        page.take("page-post", "#pile", "#pile")
        page.press("Mark as posted today")
        page.says("marked as posted")
        page.dismiss()
        page.go("progress")
        page.take("page-far", "#report")

    def end(self) -> None:
        """Show what is stored of a person, and what is deleted at the end."""
        page = self.page
        page.go("erase")
        page.find("#name").send_keys("S5")
        page.press("Show what is stored")
        page.says("Will be permanently deleted")
        page.take("page-erase", "#case")
        page.press("Cancel")
        page.press("Show what will be deleted")
        page.says("Will be permanently deleted")
        page.take("page-close", "#case")


@dataclass
class ListStory:
    """A campaign with signers from a form.

    Its first export is imported, the list is corrected, and a later export is imported.
    """

    page: Page
    home: Path

    @property
    def campaign(self) -> Path:
        """The campaign's folder."""
        return self.home / "Appeal letters" / PETITION

    def tell(self) -> None:
        """Take every step."""
        self.begin()
        self.first()
        self.later()
        self.letters()

    def begin(self) -> None:
        """Create the campaign, with one typed signer."""
        page = self.page
        page.go("../../")
        page.find("#name").send_keys(PETITION)
        page.press("Create campaign")
        page.says("Data")
        write_template(self.campaign / "templates" / "appeal.docx")
        book = self.campaign / "signers.xlsx"
        write_workbook(book)
        fix_workbook(book)
        short = load_workbook(book)
        short["Signers"].delete_rows(4, 20)
        short.save(book)
        page.says("Next: create 6 letters")

    def _bring(self, name: str, answers: Rows) -> None:
        file = self.home / name
        write_answers(file, answers)
        self.page.go("data")
        self.page.find("#chosen").send_keys(str(file))
        self.page.says("Import signers")
        self.page.find(".course")

    def first(self) -> None:
        """Import the first export, step by step."""
        page = self.page
        self._bring("Petition spring.csv", ANSWERS)
        page.press("Check the file")
        page.says("First rows of the file")
        page.take("lists-read", "#read")
        page.press("Next: match columns")
        page.says("Preview of the first letter")
        page.take("page-import-columns", "#go-on")
        page.find("[name^=confirm]").click()
        page.press("Next: review people")
        page.says("looks like a test entry")
        page.take("page-import-people", "#end")
        page.press("Import 7 people (1 to review)")
        page.says("Import finished")
        page.take("lists-written", "#errand section", "#errand")
        page.dismiss()

    def later(self) -> None:
        """Correct a person in the list, and import a later export."""
        page = self.page
        correct_list(self.campaign / "signers from forms.xlsx")
        self._bring("Petition spring (2).csv", [*ANSWERS, *LATER])
        page.says("Changed both by you")
        page.take("lists-later", "#end")
        page.press("Import 2 people")
        page.says("Import finished")
        page.dismiss()
        page.go("data")
        page.says("needs review")
        page.take("lists-data", "#make")

    def letters(self) -> None:
        """Create the letters, and show the first of a person from the form."""
        page = self.page
        page.go("letters/make")
        page.says("Check what will happen")
        page.press("Create ")
        page.says("letters created")
        page.dismiss()
        page.go("letters?view=list")
        page.press("Harriet Okonjo-Blythe")
        page.find("#letter-shown")
        time.sleep(2)
        page.take("lists-letter", "#letter-shown")


@dataclass
class LettersStory:
    """A campaign that starts from two finished letters."""

    page: Page
    home: Path

    def tell(self) -> None:
        """Take every step."""
        page = self.page
        page.go("../../")
        page.find("#name").send_keys(FINISHED)
        page.press("Start from existing letters")
        page.says("Drop finished letters here")
        paths = write_finished_letters(self.home)
        page.find("#chosen").send_keys("\n".join(map(str, paths)))
        page.says(paths[-1].name)
        page.take("start-letters", "#find")
        page.press("Next: check what was found")
        page.says("reproduces both letters word for word")
        page.take("start-found", ".proof-bar")
        page.press("Create template and workbook")
        page.says("Campaign created from 2 letters")
        page.take("start-created", "#files")


def main(folder: Path) -> None:
    """Make all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary).resolve()
        with program(home) as link, chromium() as browser:
            browser.get(link)
            page = Page(browser)
            page.says("Your campaigns")
            try:
                Story(page, home).tell()
                ListStory(page, home).tell()
                LettersStory(page, home).tell()
            finally:
                for name, data in page.pictures.items():
                    (folder / f"{name}.png").write_bytes(data)
                    print(f"{name}.png: {len(data):,} bytes")
    if too_large := [name for name, data in page.pictures.items() if len(data) > MAX_BYTES]:
        sys.exit(f"Too large: {', '.join(too_large)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else PICTURES)
