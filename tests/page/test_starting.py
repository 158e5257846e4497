"""Start from letters: choose them, check what was found, create."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from openpyxl import load_workbook
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.keys import Keys
from support.browsers import Live, live, needs_browser
from support.campaigns import make, merge
from support.documents import docx
from support.letters_to_start import letters_with_questions, seed_letter_files
from support.page_program import served
from support.pages import application, everything, folded, opened, unchanged
from support.workbooks import Rows, xlsx
from werkzeug.test import TestResponse

from merge.page.folders import KnownFolders
from merge.page.session import CampaignSession, CampaignSessions
from merge.page.starting_draft import (
    StartDraft,
    add_files,
    current_start,
    discard_start,
    find_in_letters,
    keep_start,
    remove_file,
)
from merge.proofreading.text import plain_text
from merge.starting.letters import Letter, read_letter
from merge.starting.questions import StartAnswers
from merge.workbook.reading import read_workbook

SHEETS: dict[str, Rows] = {
    "Signers": [["Name", "City"], ["Inés Álvarez Montoro", "Madrid"]],
    "Recipients": [
        ["Name", "Position", "Street", "Salutation"],
        ["Radomir Kostanov", "Minister of Justice", "1 Court Square", "Minister"],
        ["Ilse Brandt-Okoro", "Ambassador", "8 Harbour Street", "Ambassador"],
    ],
}
FORM = {"Content_Type": "application/x-www-form-urlencoded"}
LETTER = """Minister of Justice
Radomir Kostanov
1 Court Square

Dear Minister,

I ask you to ensure that Marisol Quintana is released immediately, and to answer this letter.

Yours sincerely,
Inés Álvarez Montoro
Madrid"""


class Dialogue:
    """The dialogue for a new campaign, by its links and forms only."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.answer: TestResponse
        self.go("/")

    def go(self, path: str) -> Dialogue:
        self._take(self.client.get(path, follow_redirects=True))
        return self

    def _take(self, answer: TestResponse) -> None:
        assert answer.status_code == 200, answer.get_data(as_text=True)
        self.path = answer.request.path
        self.tree = BeautifulSoup(answer.get_data(as_text=True), "html.parser")

    def name(self, name: str) -> Dialogue:
        answer = self.client.post("/campaigns/letters", data={"name": name}, follow_redirects=True)
        self._take(answer)
        return self

    def choose(self, files: Mapping[str, bytes]) -> Dialogue:
        """Choose files in the first step, and press its button."""
        form = self.tree.select_one("#put")
        assert form
        sent = {"file": [(io.BytesIO(data), name) for name, data in files.items()]}
        self._take(self.client.post(str(form["action"]), data=sent, follow_redirects=True))
        return self

    def find(self) -> Dialogue:
        return self.press("check what was found")

    def press(self, words: str, /, **typed: str | None) -> Dialogue:
        """Send the form of a button, with other values; None unticks a box."""
        buttons = [one for one in self.tree.select("main button") if "disabled" not in one.attrs]
        button = next(one for one in buttons if words in folded(one.get_text(" ")))
        own, outer = button.get("form"), button.find_parent("form")
        form = self.tree.select_one(f"#{own}") if own else outer
        assert isinstance(form, Tag)
        fields = _fields(form)
        for name, value in typed.items():
            fields[name] = [] if value is None else [value]
        if button.get("name"):
            fields[str(button["name"])] = [str(button["value"])]
        action = str(form["action"])
        self._take(self.client.post(action, data=fields, follow_redirects=True))
        return self

    @property
    def words(self) -> str:
        return folded(" ".join(one.get_text(" ") for one in self.tree.select("main")))

    @property
    def headings(self) -> list[str]:
        """The headings of all columns in use."""
        return [str(one["value"]) for one in self.tree.select("input.heading")]

    def field(self, css: str, value: str) -> str:
        """Return the name of the field with a value."""
        return str(next(one for one in self.tree.select(css) if one["value"] == value)["name"])

    def column(self, heading: str) -> Tag:
        """Return the row of a column."""
        row = self.tree.select_one(f'input.heading[value="{heading}"]')
        assert row
        found = row.find_parent("tr")
        assert isinstance(found, Tag)
        return found


def _fields(form: Tag) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for one in form.select("input[name]"):
        if one.get("type") in {"checkbox", "radio"} and "checked" not in one.attrs:
            continue
        fields.setdefault(str(one["name"]), []).append(str(one.get("value", "on")))
    for one in form.select("select[name]"):
        chosen = one.select("option[selected]") or one.select("option")
        fields[str(one["name"])] = [str(chosen[0]["value"])]
    return fields


@pytest.fixture
def start(home: Path) -> Iterator[Dialogue]:
    assert home
    folders = KnownFolders(lambda: ())
    sessions = CampaignSessions(folders.remember, folders.record_progress)
    with application(sessions, folders) as app:
        yield Dialogue(app.test_client())
    sessions.close()


def recipient_headings(folder: Path) -> list[object]:
    return [cell.value for cell in load_workbook(folder / "signers.xlsx")["Recipients"][1]]


def files_of(home: Path) -> set[str]:
    return {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}


def test_two_letters_become_a_campaign_with_three_forms(start: Dialogue, home: Path) -> None:
    start.name("Appeal: 2027").choose(seed_letter_files()).find()
    assert "reproduces both letters word for word" in start.words
    assert "question" not in start.words
    columns = "Position Name Organisation Street City Country Salutation"
    assert start.headings == columns.split()
    assert files_of(home) == set()
    start.press("Create template and workbook")
    assert "Campaign created from 2 letters" in start.words
    assert "Add the signers and the other recipients to signers.xlsx" in start.words
    folder = home / "Appeal letters" / "Appeal- 2027"
    assert files_of(folder) == {"signers.xlsx", "templates/appeal.docx"}
    settings = load_workbook(folder / "signers.xlsx")["Settings"].iter_rows(values_only=True)
    assert ("Campaign", "Appeal: 2027") in {row[:2] for row in settings}
    rows = load_workbook(folder / "signers.xlsx")["Recipients"].iter_rows(values_only=True)
    names = ["Name", "Aleksandr Ivanovich Bastrykin", "Ambassador Sergey I. Kislyak"]
    assert [row[2] for row in rows] == names


@pytest.mark.slow
def test_the_letters_are_dropped_when_the_campaign_is_created_or_cancelled(
    start: Dialogue,
) -> None:
    for end in ("Create template and workbook", "Cancel"):
        start.go("/").name(f"Appeal {end[:2]}").choose(seed_letter_files()).find().press(end)
        assert "has not been created from its letters" not in start.go("/").words
        assert start.go("/start/found").path == "/"


def test_a_start_that_was_left_open_is_offered_on_the_campaigns_screen(start: Dialogue) -> None:
    start.name("Appeal 2027").choose(seed_letter_files()).find()
    assert "“ Appeal 2027 ” has not been created from its letters yet" in start.go("/").words
    assert start.tree.select("#name")[0].attrs["value"] == ""
    assert "Test passed" in start.go("/start").words
    start.go("/").press("Cancel")
    assert "has not been created" not in start.words


def test_letters_of_another_name_are_dropped(start: Dialogue) -> None:
    start.name("Appeal").choose(seed_letter_files())
    name = next(iter(seed_letter_files()))
    assert name in start.name("Appeal").words
    assert name not in start.name("Second appeal").words


def test_letters_that_are_sent_after_the_start_was_cancelled_begin_nothing(
    start: Dialogue,
) -> None:
    files = seed_letter_files()
    start.name("Appeal").press("Cancel")
    for name, data in files.items():
        start.client.put("/start/file", data=data, headers={"X-File-Name": name, "X-First": "1"})
    assert start.go("/start").path == "/"


def test_uploaded_letters_are_in_no_file(
    start: Dialogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    start.name("Appeal").choose(seed_letter_files()).find()
    assert "Bastrykin" in start.words
    for name, (data, _) in everything(tmp_path).items():
        assert b"word/document.xml" not in data, name


@pytest.mark.parametrize("name", ["", " ", "\x00"])
def test_a_wrong_name_is_reported_before_letters_are_chosen(start: Dialogue, name: str) -> None:
    answer = start.client.post("/campaigns/letters", data={"name": name})
    assert answer.status_code == 422
    assert start.go("/start").path == "/"


def test_files_that_are_no_letters_are_refused_in_one_bar_each(start: Dialogue) -> None:
    wrong = {
        "template.docx": docx("Dear {{ recipient.name }},"),
        "scan.docx": docx(""),
        "notes.txt": b"Dear Minister,",
        "damaged.docx": docx("Dear Minister")[:-400],
    }
    start.name("Appeal").choose({**wrong, **seed_letter_files()})
    bars = [folded(one.get_text(" ")) for one in start.tree.select(".refused")]
    assert [bar.partition(" ")[0] for bar in bars] == [*wrong]
    assert "it is a template" in bars[0]
    chosen = [folded(one.get_text(" ")) for one in start.tree.select(".file h3")]
    assert chosen == ["letter1.docx", "letter2.docx"]
    assert not start.find().tree.select(".refused")


def test_letters_that_do_not_belong_together_are_refused_and_can_be_removed(
    start: Dialogue,
) -> None:
    other = "Dear Ms Rossi,\n" + "The roof of the school has been repaired at last. " * 9
    files = {"a.docx": docx(LETTER), "b.docx": docx(other)}
    start.name("Appeal").choose(files).find()
    assert "hardly a paragraph in common" in start.words
    start.press("Remove b.docx").find()
    assert "reproduces the letter word for word" in start.words


def test_two_letters_of_one_name_are_both_kept(start: Dialogue) -> None:
    first, second = seed_letter_files().values()
    start.name("Appeal").choose({"letter.docx": first}).choose({"letter.docx": second})
    chosen = [folded(one.get_text(" ")) for one in start.tree.select(".file h3")]
    assert chosen == ["letter.docx", "letter (2).docx"]
    assert len(start.choose({"letter.docx": first}).tree.select(".file")) == 2


@pytest.mark.slow
def test_too_many_letters_and_equal_letters_are_refused_together(start: Dialogue) -> None:
    same = docx(LETTER)
    start.name("Appeal").choose({"a.docx": same, "b.docx": same}).find()
    assert "word for word" in folded(start.tree.select(".refused")[0].get_text(" "))
    start.choose({f"{number}.docx": same for number in range(30)}).find()
    assert "more than 20 letters" in folded(start.tree.select(".refused")[0].get_text(" "))
    start.press("Cancel")
    assert start.path == "/"


def test_refusals_of_files_that_are_sent_one_by_one_are_all_shown(start: Dialogue) -> None:
    start.name("Appeal")
    files = {"a.txt": b"Dear", "b.docx": docx(LETTER), "c.docx": docx("{{ recipient.name }}")}
    for again in range(2):
        for number, (name, data) in enumerate(files.items()):
            first = {} if number else {"X-First": "1"}
            start.client.put("/start/file", data=data, headers={"X-File-Name": name, **first})
        shown = start.go("/start/letters").tree
        assert len(shown.select(".refused")) == 2, again
        assert len(shown.select(".file")) == 1, again


def test_a_workbook_is_recognised_among_the_letters(start: Dialogue, home: Path) -> None:
    book = xlsx(home.parent, "people.xlsx", **SHEETS).read_bytes()
    start.name("Appeal").choose({"people.xlsx": book, "letter.docx": docx(LETTER)}).find()
    assert "reproduces the letter word for word" in start.words
    assert not start.tree.select("input.heading")
    start.press("Create template and workbook")
    folder = home / "Appeal letters" / "Appeal"
    assert (folder / "signers.xlsx").read_bytes() == book
    assert "1 signer" in start.words


@pytest.mark.parametrize("sheets", [("Signers", "Recipients"), ("Recipients",)])
def test_only_people_that_a_workbook_lacks_are_to_be_added(
    sheets: tuple[str, ...], start: Dialogue, home: Path
) -> None:
    book = xlsx(home.parent, "people.xlsx", **{name: SHEETS[name] for name in sheets})
    files = {"people.xlsx": book.read_bytes(), "letter.docx": docx(LETTER)}
    start.name("Appeal").choose(files).find()
    start.press("Create template and workbook")
    assert "Campaign created from 1 letter" in start.words
    assert "other recipients" not in start.words
    assert ("Add the signers to signers.xlsx" in start.words) == ("Signers" not in sheets)


def test_a_workbook_that_cannot_be_used_is_refused_by_its_own_name(
    start: Dialogue, home: Path
) -> None:
    book = xlsx(home.parent, "people.xlsx", Signers=[["A"]], Recipients=[["B"], ["x"]]).read_bytes()
    start.name("Appeal").choose({"people.xlsx": book, "letter.docx": docx(LETTER)}).find()
    bar = folded(start.tree.select(".refused")[0].get_text(" "))
    assert bar.startswith("people.xlsx The sheet has no “Name” column")


def test_finds_are_marked_in_each_letter_and_lead_to_their_column(start: Dialogue) -> None:
    start.name("Appeal").choose(letters_with_questions()).find()
    for number, words in enumerate(("Radomir Kostanov", "Ilse Brandt-Okoro"), 0):
        button = start.tree.select(".letter-tabs button")[number]
        start.press(folded(button.get_text()))
        marks = [folded(one.get_text("")) for one in start.tree.select("mark")]
        assert f"Name: {words}" in marks
    name = next(one for one in start.tree.select("mark") if "Brandt" in one.get_text())
    link = name.select_one("a")
    assert link
    assert start.tree.select_one(str(link["href"])) == start.column("Name")
    assert "only in some letters" in start.words


def test_letters_are_read_once_for_all_answers(tmp_path: Path) -> None:
    with opened(make(tmp_path, "Dear {{ recipient.name }},", **SHEETS)) as page:
        add_files(page.session, [("letter.docx", docx(LETTER))])
        drafts = [
            find_in_letters(page.session, StartAnswers(adds_signer=adds)) for adds in (False, True)
        ]
    first, second = (draft.found.draft.letters[0] for draft in drafts if draft and draft.found)
    assert first.parts is second.parts
    assert first.units[0] is not second.units[0]


@pytest.mark.parametrize("end", [discard_start, lambda session: remove_file(session, "a.docx")])
def test_letters_that_are_removed_while_they_are_read_are_not_kept(
    tmp_path: Path, end: Callable[[CampaignSession | None], None]
) -> None:
    is_reading, has_read = Event(), Event()

    def read(data: bytes, name: str) -> Letter:
        is_reading.set()
        has_read.wait(10)
        return read_letter(data, name)

    with opened(make(tmp_path, "Dear {{ recipient.name }},", **SHEETS)) as page:
        keep_start(page.session, StartDraft(letters={"a.docx": docx(LETTER)}, read=read))
        with ThreadPoolExecutor() as threads:
            threads.submit(find_in_letters, page.session, StartAnswers())
            assert is_reading.wait(10)
            wait([threads.submit(end, page.session)], timeout=0.2)
            has_read.set()
        draft = current_start(page.session)
        assert draft is None or not draft.letters


def test_an_answer_changes_columns_and_stays_chosen(start: Dialogue) -> None:
    start.name("Appeal").choose(letters_with_questions()).find()
    question = next(
        one for one in start.tree.select("fieldset") if "differ by one word" in one.get_text(" ")
    )
    labels = [folded(one.get_text("")) for one in question.select("label")]
    assert labels[1] == "“immediately” in all letters"
    radios = question.select("input")
    assert "checked" in radios[0].attrs
    before = len(start.headings)
    start.press("Update", **{str(radios[0]["name"]): "1"})
    assert len(start.headings) == before - 1
    assert "checked" in start.tree.select(f"input[name={radios[0]['name']}]")[1].attrs
    assert "reproduces all 3 letters word for word" in start.words


@pytest.mark.slow
def test_a_renamed_column_has_its_new_heading_in_workbook_and_template(
    start: Dialogue, home: Path
) -> None:
    start.name("Appeal").choose(letters_with_questions()).find()
    assert "Name this column" in folded(start.column("Words after you").get_text(" "))
    start.press("Update", **{start.field("input.heading", "Words after you"): "Urgency"})
    assert "Name this column" not in folded(start.column("Urgency").get_text(" "))
    taken = start.field("input.heading", "Urgency")
    start.press("Update", **{taken: "Name"})
    assert "Two columns have the heading Name" in start.words
    start.press("Update", **{taken: "Urgency"})
    assert "Two columns" not in start.words
    start.press("Create template and workbook")
    folder = home / "Appeal letters" / "Appeal"
    assert "urgency" in read_workbook(folder / "signers.xlsx").recipients.persons[0].fields
    checked = merge("check", folder)
    assert "error" not in checked.out, checked.out


def test_nothing_can_be_created_while_two_columns_have_the_same_heading(start: Dialogue) -> None:
    text = LETTER.replace("immediately", "immediately. Madrid knows of it")
    start.name("Appeal").choose({"a.docx": docx(text)}).find()
    position = start.field("input.heading", "Position")
    for press, typed in (("Update", {position: "Name"}), ("Not this place", {})):
        start.press(press, **typed)
        assert "Two columns have the heading Name" in start.words
        assert start.headings.count("Name") > 1
        assert "Test passed" not in start.words
        assert not start.tree.select("#proof.holds")
        assert "disabled" in start.tree.select("#create")[0].attrs
    assert "1 place stays as it is" in start.words
    start.press("Update", **{position: "Position"})
    assert "Two columns" not in start.words
    assert "Test passed" in start.words
    assert "1 place stays as it is" in start.words


def test_control_characters_in_a_heading_are_removed(start: Dialogue) -> None:
    start.name("Appeal").choose(seed_letter_files()).find()
    field = start.tree.select_one("input.heading")
    assert field
    name = str(field["name"])
    start.press("Update", **{name: "Home\x00 to\tw\x01n"})
    assert "Home to wn" in start.headings


@pytest.mark.slow
def test_a_template_that_is_not_proved_cannot_be_created(start: Dialogue, home: Path) -> None:
    start.name("Appeal").choose(seed_letter_files()).find()
    city = str(start.column("City").select("input[type=checkbox]")[0]["name"])
    start.press("Update", words="Sincerely", words_column=city.removeprefix("use-"))
    assert "Test failed: 2 lines differ." in start.words
    assert "disabled" in start.tree.select("#create")[0].attrs
    token = start.tree.select("[name=token]")[0]["value"]
    start.client.post("/start/found", data={"do": "create", "token": str(token)})
    assert files_of(home) == set()


@pytest.mark.slow
def test_the_signers_name_is_added_to_the_template_if_staff_say_so(
    start: Dialogue, home: Path
) -> None:
    start.name("Appeal").choose(seed_letter_files()).find()
    assert "No signer was found" in start.words
    start.press("Update", add_signer="on")
    assert "checked" in start.tree.select("#add-signer")[0].attrs
    start.press("Update", add_signer=None)
    assert "checked" not in start.tree.select("#add-signer")[0].attrs
    start.press("Update", add_signer="on")
    start.press("Create template and workbook")
    template = next(home.rglob("appeal.docx")).read_bytes()
    assert "Sincerely,\n\n\n\n{{ signer.name }}" in plain_text(template, "appeal.docx")


@pytest.mark.slow
def test_a_column_that_is_not_used_leaves_the_words_of_the_first_letter(start: Dialogue) -> None:
    start.name("Appeal").choose(seed_letter_files()).find()
    city = str(start.column("City").select("input[type=checkbox]")[0]["name"])
    start.press("Update", **{city: None})
    assert "City" not in start.headings
    assert "“ Washington DC 20007 ” in" in start.words
    assert "becomes “ 105005 Moscow ”, because all letters keep the words of" in start.words
    assert "Test passed, except for the words below" in start.words
    start.press("Update", **{city: "on"})
    assert "City" in start.headings


@pytest.mark.slow
def test_only_what_was_shown_is_created(start: Dialogue, home: Path) -> None:
    start.name("Appeal").choose(seed_letter_files()).find()
    stale = str(start.tree.select("[name=token]")[0]["value"])
    start.press("Update", **{start.field("input.heading", "City"): "Town"})
    for token in (stale, "", "x"):
        start.client.post("/start/found", data={"do": "create", "token": token})
    city = str(start.column("Town").select("input[type=checkbox]")[0]["name"])
    start.press("Create template", **{city: None})
    assert files_of(home) == set()
    assert "Town" not in start.headings


@pytest.mark.slow
def test_a_heading_that_was_just_typed_is_in_what_is_created(start: Dialogue, home: Path) -> None:
    start.name("Appeal").choose(seed_letter_files()).find()
    city = start.field("input.heading", "City")
    start.press("Create template", **{city: "Name"})
    assert "Two columns have the heading Name" in start.words
    assert files_of(home) == set()
    start.press("Update", **{city: "Town"})
    start.press("Create template")
    assert "Town" in recipient_headings(home / "Appeal letters" / "Appeal")


@pytest.mark.slow
def test_a_place_is_rejected_used_again_and_added(start: Dialogue) -> None:
    text = LETTER.replace("immediately", "immediately. Madrid knows of it")
    start.name("Appeal").choose({"letter.docx": docx(text)}).find()
    city = "City" if "City" in start.headings else start.headings[-1]
    row = start.column(city)
    assert "This place too" in folded(row.get_text(" "))
    start.press("This place too")
    assert "2 places" in folded(start.column(city).get_text(" "))
    marked = len(start.tree.select("mark"))
    start.press("Not this place")
    assert len(start.tree.select("mark")) == marked - 1
    assert "1 place stays as it is" in start.words
    start.press("Use again")
    assert len(start.tree.select("mark")) == marked


def test_words_that_are_typed_become_a_new_column(start: Dialogue) -> None:
    start.name("Appeal").choose({"letter.docx": docx(LETTER)}).find()
    start.press("Add", words="Marisol Quintana")
    assert "Marisol Quintana" in start.headings
    assert "Marisol Quintana: Marisol Quintana" in [
        folded(one.get_text("")) for one in start.tree.select("mark")
    ]
    assert "Test passed: the template reproduces the letter" in start.words
    assert "“ Marisol Quintana ” was found 1 time in the first letter:" in start.words
    before = start.headings
    assert start.press("Update", words="not in the letter").headings == before
    assert "“ not in the letter ” was not found in the first letter." in start.words
    start.press("Update", words="Marisol Quintana")
    (found,) = start.tree.select("#words-found")
    assert "already in the Marisol Quintana column" in folded(found.get_text(" "))
    start.press("Update", words="")
    assert not start.tree.select("#words-found")


@pytest.mark.slow
def test_a_column_takes_the_word_beside_it_and_gives_it_back(start: Dialogue) -> None:
    start.name("Appeal").choose(letters_with_questions()).find()
    start.press("Add the word before")
    assert "released immediately" in [one.get_text() for one in start.tree.select("mark a")]
    assert "letters word for word" in start.words
    start.press("Without these words")
    assert "immediately" in [one.get_text() for one in start.tree.select("mark a")]


def test_an_odd_answer_is_ignored(start: Dialogue) -> None:
    start.name("Appeal").choose(seed_letter_files()).find()
    before = start.headings
    for fields in (
        {"do": "reject:../../x"},
        {"do": "reject:9999999.1.2"},
        {"do": "accept:1.2"},
        {"do": "add:nobody:1.2.3"},
        {"do": "letter:99"},
        {"do": "letter:-1"},
        {"do": "words", "words": "x" * 9000, "words_column": "nobody"},
        {"do": "before:nobody"},
        {"do": "reject:999999.0.4"},
    ):
        assert start.client.post("/start/found", data=fields).status_code == 303, fields
        assert start.go("/start/found").headings == before, fields
        assert "reproduces both letters" in start.words, fields


def test_a_letter_becomes_a_template_of_an_open_campaign(tmp_path: Path) -> None:
    folder = make(tmp_path / "Appeal", "Dear {{ recipient.name }},", **SHEETS)
    book = (folder / "signers.xlsx").read_bytes()
    with opened(folder) as page:
        assert "Make a template from a letter" in page.words("data")
        dialogue = Dialogue(page.client).go(f"/c/{page.key}/start")
        dialogue.choose({"Letter of May.docx": docx(LETTER)}).find()
        assert "reproduces the letter word for word" in dialogue.words
        assert "has not been created yet" in page.words("data")
        dialogue.press("Create template")
        page.rest()
        assert "templates/appeal-2.docx was created from the letter" in page.words("data")
        assert "has not been created yet" not in page.words("data")
    assert (folder / "signers.xlsx").read_bytes() == book
    assert (folder / "templates" / "appeal-2.docx").is_file()


def test_a_letter_to_nobody_in_the_workbook_is_refused(tmp_path: Path) -> None:
    with (
        opened(make(tmp_path / "Appeal", "Dear {{ recipient.name }},", **SHEETS)) as page,
        unchanged(tmp_path),
    ):
        dialogue = Dialogue(page.client).go(f"/c/{page.key}/start")
        dialogue.choose(dict([*seed_letter_files().items()][:1])).find()
        assert "No recipient of signers.xlsx is in this letter" in dialogue.words


@pytest.mark.slow
def test_letters_of_a_program_that_was_killed_are_nowhere(tmp_path: Path) -> None:
    with served(tmp_path, env={"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}) as program:
        program.enter()
        program.inside("/campaigns/letters", "POST", b"name=Appeal", **FORM)
        for name, data in seed_letter_files().items():
            program.inside("/start/file", "PUT", data, X_File_Name=name)
        program.inside("/start/find", "POST")
        assert "Bastrykin" in program.inside("/start/found")[1]
        program.process.kill()
        program.ends()
    assert not [name for name, (data, _) in everything(tmp_path).items() if b"PK" in data]
    with served(tmp_path, env={"HOME": str(tmp_path)}) as program:
        program.enter()
        assert "has not been created" not in program.inside("/")[1]


# In a browser


@pytest.fixture
def page(tmp_path: Path, home: Path, browser: Chrome) -> Iterator[Live]:
    assert home
    with live(make(tmp_path / "Appeal"), browser) as page:
        yield page


def begin(page: Live, files: Mapping[str, bytes], folder: Path) -> None:
    """Choose letters for a new campaign, as staff do."""
    page.go("../../")
    page.find("#name").send_keys("Appeal 2027")
    page.press("Start from existing letters")
    paths = [folder / name for name in files]
    for path, data in zip(paths, files.values(), strict=True):
        path.write_bytes(data)
    page.find("#chosen").send_keys("\n".join(map(str, paths)))
    page.find(".files")
    page.press("Next: check what was found")
    page.find("#proof")


@needs_browser
@pytest.mark.page
@pytest.mark.slow
def test_an_answer_is_shown_in_place(page: Live, tmp_path: Path) -> None:
    begin(page, letters_with_questions(), tmp_path)
    page.browser.execute_script("window.here = true")
    before = len(page.browser.find_elements("css selector", "input.heading"))
    label = next(
        one
        for one in page.browser.find_elements("css selector", ".question label")
        if one.text == "“immediately” in all letters"
    )
    label.click()
    page.wait(
        lambda driver: len(driver.find_elements("css selector", "input.heading")) == before - 1
    )
    assert page.browser.execute_script("return window.here")
    focused = page.browser.switch_to.active_element
    assert focused.get_attribute("type") == "radio"
    assert focused.is_selected()


@needs_browser
@pytest.mark.page
@pytest.mark.slow
def test_selected_words_and_a_heading_are_sent_by_keyboard(page: Live, tmp_path: Path) -> None:
    begin(page, letters_with_questions(), tmp_path)
    page.browser.execute_script(
        """const paragraph = [...document.querySelectorAll(".paper-letter p")]
             .find(one => one.textContent.includes("Marisol Quintana"));
           const text = paragraph.firstChild, start = text.data.indexOf("Marisol");
           getSelection().setBaseAndExtent(text, start, text, start + "Marisol Quintana".length);"""
    )
    page.wait(lambda _: page.find("#words").get_attribute("value") == "Marisol Quintana")
    page.find("#words").send_keys(Keys.ENTER)
    page.wait(
        lambda driver: driver.find_elements("css selector", "[value='Marisol Quintana'].heading")
    )
    heading = page.find("[value='Marisol Quintana'].heading")
    heading.send_keys(Keys.CONTROL + "a")
    heading.send_keys("Prisoner", Keys.ENTER)
    page.find("mark [title='Prisoner']")
    page.press("Create template and workbook")
    page.says("Campaign created from 3 letters")


@needs_browser
@pytest.mark.page
@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0, 1])
def test_one_click_renames_a_column_and_creates_the_files(
    page: Live, tmp_path: Path, home: Path, seconds: int
) -> None:
    begin(page, seed_letter_files(), tmp_path)
    heading = page.find("[value='City'].heading")
    heading.send_keys(Keys.CONTROL + "a")
    heading.send_keys("Town")
    button = page.find("#create")
    ActionChains(page.browser).click_and_hold(button).pause(seconds).release().perform()
    page.says("Campaign created from 2 letters")
    assert "Town" in recipient_headings(home / "Appeal letters" / "Appeal 2027")


@needs_browser
@pytest.mark.page
@pytest.mark.slow
def test_a_heading_in_use_turns_create_off_until_it_is_corrected(
    page: Live, tmp_path: Path
) -> None:
    begin(page, seed_letter_files(), tmp_path)
    field = f"#{page.find('[value=City].heading').get_attribute('id')}"
    for typed, words in (("Name", "Nothing can be created yet"), ("Town", "Test passed")):
        page.find(field).send_keys(Keys.CONTROL + "a")
        page.find(field).send_keys(typed, Keys.TAB)
        page.wait(lambda _, words=words: words in page.find("#proof").text)
        assert page.find(field).get_attribute("value") == typed
        assert page.find("#create").is_enabled() == (typed == "Town")
    assert "Two columns" not in page.find("main").text
