"""Import a list: brought on Data, read, its columns chosen, its people written, undone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup, Tag
from openpyxl import load_workbook
from selenium.webdriver import Chrome
from support.axe import answered
from support.browsers import Live, live, needs_browser
from support.campaigns import make
from support.pages import Page, opened, wait_for
from support.petition import ANNA, ANSWERS, BORIS, CARLA, DAN, HEADINGS, table
from support.workbooks import campaign as workbook_of
from support.workbooks import xlsx
from werkzeug.test import TestResponse

from merge.campaign.new_campaign import create_campaign

LIST = "signers from forms.xlsx"
LETTER = "{{ signer.name }}\n{{ signer.street }}\n{{ signer.city }}\nDear {{ recipient.name }},"


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    make(
        tmp_path / "campaign",
        LETTER,
        Signers=[["ID", "Name", "Street", "City", "Include"], ["S1", "Ana Ruiz", "9 Rue", "Lyon"]],
    )
    with opened(tmp_path / "campaign") as page:
        yield page


def bring(page: Page, data: bytes, name: str = "Petition.csv", where: str = "data") -> TestResponse:
    """Bring a file as the page's script does, and wait for the end."""
    headers = {"X-File-Name": quote(name)}
    answer = page.client.put(f"/c/{page.key}/{where}/file", data=data, headers=headers)
    page.rest()
    return answer


def step(page: Page, name: str, **fields: object) -> BeautifulSoup:
    """Send the form of a step as it is filled in, but for these fields; return what comes then."""
    form = page.see(f"import/{name}").select_one(f"form#{name}")
    assert form, page.words("import")
    data: dict[str, list[str]] = {}
    for one in form.select("input[name]"):
        if one.get("type") not in {"checkbox", "radio"} or "checked" in one.attrs:
            data.setdefault(str(one["name"]), []).append(str(one.get("value", "on")))
    for one in form.select("select[name]"):
        chosen = one.select("option[selected]") or one.select("option")
        data[str(one["name"])] = [str(chosen[0].get("value", ""))]
    answer = page.post(f"import/{name}", **{**data, **fields})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return page.see("import")


def to_people(page: Page, **fields: object) -> BeautifulSoup:
    step(page, "read")
    return step(page, "columns", **fields)


def written(page: Page, data: bytes, name: str = "Petition.csv", **ticks: object) -> None:
    bring(page, data, name)
    to_people(page)
    step(page, "people", **ticks)


def listed(page: Page) -> dict[str, dict[str, str]]:
    """The rows of the list, by ID."""
    sheet = load_workbook(page.desk.folder / LIST)["Signers"]
    head, *rows = sheet.iter_rows(values_only=True)
    made = (dict(zip(map(str, head), (str(c or "") for c in row), strict=True)) for row in rows)
    return {row["ID"]: row for row in made}


def files(page: Page) -> dict[str, bytes]:
    paths = (path for path in sorted(page.desk.folder.rglob("*")) if path.is_file())
    return {path.name: path.read_bytes() for path in paths}


def said(tree: BeautifulSoup) -> str:
    main = tree.select_one("main")
    assert main
    return " ".join(main.get_text(" ").split())


def section(tree: BeautifulSoup, css: str) -> str:
    found = tree.select_one(css)
    assert isinstance(found, Tag), said(tree)
    return " ".join(found.get_text(" ").split())


# Brought.


def test_an_export_is_told_by_its_contents_and_leads_on_to_the_import(page: Page) -> None:
    before = files(page)
    answer = bring(page, table(ANSWERS), "letter.docx")
    assert answer.headers["X-Next"].endswith("/import")
    tree = page.see("import")
    assert "5 responses" in said(tree)
    assert "Анна" not in str(tree.title)
    assert files(page) == before
    assert "is not finished" in page.words("data")


def test_a_workbook_is_still_a_workbook_and_a_list_in_excel_is_a_list(
    page: Page, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    workbook_of(tmp_path / "other")
    book = bring(page, (tmp_path / "other" / "signers.xlsx").read_bytes(), "list.xlsx")
    assert "X-Next" not in book.headers
    assert "Replace signers.xlsx with list.xlsx" in page.words("data")
    data = xlsx(tmp_path / "other", "list.xlsx", Answers=ANSWERS).read_bytes()
    assert bring(page, data, "list.xlsx").headers["X-Next"]
    assert "5 responses" in page.words("import")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<!doctype html><html><body>Sign in", "This is a web page, not the responses"),
        (b'Name,Street\n"Ana,1 Elm St\nBo,2 Elm St\n', "quotation mark"),
        (b"", "was not added"),
    ],
)
def test_what_is_no_list_is_told_and_nothing_of_it_is_kept(
    page: Page, data: bytes, says: str
) -> None:
    assert "X-Next" not in bring(page, data).headers
    assert says in page.words("data")
    assert "Choose the file with the responses" in page.words("import")


@pytest.mark.slow
def test_it_is_left_with_one_press_and_nothing_was_written(page: Page) -> None:
    before = files(page)
    bring(page, table(ANSWERS), where="import")
    to_people(page)
    page.post("import/leave")
    assert "Choose the file with the responses" in page.words("import")
    assert files(page) == before


# Is it read right?


def test_what_is_not_utf_8_shows_its_readings_with_names_to_choose(page: Page) -> None:
    people = ("Мария Ветлугина", "Сергей Огородников", "Алёна Ёлкина", "Фарида Галимзянова")
    rows = [[*BORIS[:2], name, "ул. Садовая, 3", "Казань", "Yes"] for name in people]
    bring(page, table([HEADINGS, *rows], "cp1251"))
    tree = page.see("import")
    readings = tree.select(".reading")
    assert 2 <= len(readings) <= 4
    first = tree.select_one("[name=read_as][checked]")
    assert first
    assert first["value"] == "cyrillic"
    assert "Алёна Ёлкина" in readings[0].get_text()
    other = str(tree.select("[name=read_as]")[1]["value"])
    assert "Алёна" not in said(step(page, "read", read_as=other))
    assert "Алёна Ёлкина" in said(step(page, "read", read_as="cyrillic"))
    assert "Алёна Ёлкина" in said(step(page, "columns"))


# What goes where?


def test_what_is_sure_is_filled_in_and_what_is_asked_is_to_be_chosen(page: Page) -> None:
    rows = [[*row, note] for row, note in zip(ANSWERS, ["Dog call name", *"abcde"], strict=True)]
    bring(page, table(rows))
    tree = step(page, "read")
    chosen = {
        section(tree, f"label[for={one['id']}]"): one.select_one("option[selected]")["value"]  # type: ignore[index]
        for one in tree.select("[name^=to-]")
    }
    assert chosen["Full name"] == "Name"
    assert chosen["Street"] == "Street"
    assert chosen["Email Address"] == "key:email"
    assert tree.select("#keys [name^=to-]")
    assert section(tree, ".letter-head") == "Anna Bell 1 Elm St York"


def test_where_no_column_holds_names_the_step_stays_and_says_so(page: Page) -> None:
    bring(page, table(ANSWERS))
    step(page, "read")
    tree = step(page, "columns", **{"to-2": "Do not import"})
    assert "No column is matched to Name" in section(tree, ".mistake")
    assert step(page, "columns", **{"to-2": "Name"}).select("#people")


def test_words_for_yes_are_ticked_with_their_counts(page: Page) -> None:
    bring(page, table(ANSWERS))
    tree = step(page, "read")
    words = section(tree, ".consent fieldset")
    assert "Yes 4 responses" in words
    assert "No 1 response" in words
    assert len(tree.select(".consent [type=checkbox][checked]")) == 1
    assert "4 new" not in said(step(page, "columns", **{"yes-5": []}))


@pytest.mark.slow
def test_where_nobody_speaks_of_consent_it_is_asked(page: Page) -> None:
    bring(page, table([row[:5] for row in ANSWERS]))
    step(page, "read")
    tree = step(page, "columns")
    assert "No column contains consent" in section(tree, ".mistake")
    assert step(page, "columns", everybody="on").select("#people")


def test_where_the_template_cannot_be_filled_the_step_says_so(tmp_path: Path) -> None:
    make(tmp_path / "campaign", "{{ signer.name | number }}")
    with opened(tmp_path / "campaign") as page:
        bring(page, table(ANSWERS))
        told = section(step(page, "read"), ".letter-head")
    assert told == "No template can be filled with this person’s response yet."


def test_what_the_letter_prints_and_nothing_fills_is_told(page: Page) -> None:
    bring(page, table([[*row[:3], row[5]] for row in ANSWERS]))
    tree = step(page, "read")
    assert "{{ signer.street }}" in said(tree)
    assert "no column provides it" in said(tree)


# Who?


def test_each_row_is_named_with_what_becomes_of_it(page: Page) -> None:
    bring(page, table(ANSWERS))
    tree = to_people(page)
    assert "3 new" in section(tree, ".tally")
    assert "Борис Ёлкин" in section(tree, "#new")
    assert "Test Test" in section(tree, "#doubtful")
    assert "looks like a test entry" in section(tree, "#doubtful")
    assert "no consent 1 row 5 Dan Eve" in section(tree, "#not-taken")
    assert section(tree, "#write") == "Import people: 3 new, 1 to review"


def test_they_are_written_shown_on_data_and_undone(page: Page) -> None:
    workbook = (page.desk.folder / "signers.xlsx").read_bytes()
    written(page, table(ANSWERS))
    words = page.words("import")
    assert "3 people added" in words
    assert "Petition.csv contains the email addresses of" in words
    wait_for(lambda: LIST in page.words("data"))
    assert "3 signers · 1 needs review" in page.words("data")
    names = [row["Name"] for row in listed(page).values()]
    assert names[:3] == [answer[2] for answer in (ANNA, BORIS, CARLA)]
    everything = b"".join(files(page).values())
    assert b"post.example" not in everything
    tree = page.see("import/undo")
    assert "4 people will be removed" in section(tree, "#leaves")
    assert "Борис Ёлкин (F2)" in section(tree, "#leaves")
    page.post("import/undo")
    assert "Import undone" in page.words("data")
    assert not (page.desk.folder / LIST).exists()
    assert (page.desk.folder / "signers.xlsx").read_bytes() == workbook


@pytest.mark.slow
def test_before_an_undo_each_is_named_whom_it_concerns(page: Page) -> None:
    written(page, table(ANSWERS))
    moved = [ANNA[0].replace("/03", "/09"), *ANNA[1:3], "7 Yew St", *ANNA[4:]]
    no_more = [BORIS[0].replace("/03", "/09"), *BORIS[1:5], "No"]
    written(page, table([*ANSWERS, moved, no_more]), "Petition (2).csv")
    tree = page.see("import/undo")
    assert section(tree, "#changes") == "1 person will be changed back Anna Bell (F1)"
    assert "although they withdrew" in section(tree, "#agrees")
    assert "Борис Ёлкин" in section(tree, "#agrees")


def test_where_no_import_can_be_undone_the_page_says_so(page: Page) -> None:
    answer = page.get("import/undo")
    assert answer.status_code == 422
    assert "no previous list to restore" in answer.get_data(as_text=True)


@pytest.mark.slow
def test_an_undo_is_offered_only_if_there_is_an_import_to_undo(page: Page, tmp_path: Path) -> None:
    written(page, table(ANSWERS))
    assert page.see("data").select_one("#undo-last")
    create_campaign(tmp_path / "next", page.desk.folder)
    with opened(tmp_path / "next") as following:
        assert "signers from forms.xlsx" in following.words("data")
        assert not following.see("data").select("#undo-last")
        assert "no previous list to restore" in following.get("import/undo").get_data(as_text=True)
        following.post("import/undo")
        assert (tmp_path / "next" / LIST).exists()
    change(page, {("Anna Bell", "Street"): "9 New St"})
    assert not page.see("data").select("#undo-last")


@pytest.mark.slow
def test_capitals_are_mended_only_where_they_are_ticked(page: Page) -> None:
    bring(page, table(ANSWERS))
    tree = to_people(page)
    box = tree.select_one("[name=mend]")
    assert box
    assert "checked" not in box.attrs
    step(page, "people", mend=box["value"])
    assert "Carla Diaz" in {row["Name"] for row in listed(page).values()}


def test_columns_that_are_joined_in_one_cell_are_parts_of_it_in_their_order(page: Page) -> None:
    heads = ["First name", "Last name", "Postcode", "Town", HEADINGS[-1]]
    bring(page, table([heads, ["Anna", "Bell", "BS1 9ZY", "Bristol", "Yes"]]))
    tree = step(page, "read")
    chosen = {one.get_text(strip=True) for one in tree.select("#used-title ~ ul option[selected]")}
    city = {"City (postal code)", "City (town)"}
    assert chosen == {"Name (first part)", "Name (second part)", *city}
    assert "They are joined during the import." in said(tree)
    bring(page, table(ANSWERS), "Petition (2).csv")
    assert "They are joined" not in said(step(page, "read"))


def test_a_cell_to_look_at_is_told_with_whose_it_is(page: Page) -> None:
    bring(page, table([HEADINGS, ANNA, [*BORIS[:3], "1.55501E+10", *BORIS[4:]]]))
    told = section(to_people(page), "#remarks")
    assert "row 3 Борис Ёлкин , Street : shortened to scientific notation" in told


@pytest.mark.slow
def test_lost_zeros_are_ticked_one_by_one_or_all_and_what_stays_is_told(tmp_path: Path) -> None:
    heads = ["ID", "Name", "Street", "Postal code", "City", "Country", "Include"]
    letter = "{{ signer.name }}\n{{ signer.postal_code }} {{ signer.city }}"
    make(tmp_path / "campaign", letter, Signers=[heads])
    columns = [*HEADINGS[:4], "Postal code", "City", "Country", HEADINGS[-1]]
    people = ((ANNA, "4107"), (BORIS, "4109"))
    rows = [[*one[:4], code, "Leipzig", "Germany", "Yes"] for one, code in people]
    one, all_ = ({"zero": "2"}, {"04107", "4109"}), ({"zeros": "all"}, {"04107", "04109"})
    for (ticks, stand), left in ((one, 1), (all_, 0)):
        with opened(tmp_path / "campaign") as page:
            bring(page, table([columns, *rows]))
            tree = to_people(page)
            assert "change “ 4109 ” to “ 04109 ”" in section(tree, "#zeros")
            told = step(page, "people", **ticks)
            lacking = "1 postal code may lack a leading zero: see the Data screen"
            assert (lacking in said(told)) == bool(left)
            assert {row["Postal code"] for row in listed(page).values()} == stand
            assert ("“4109” may have lost its leading zeros" in page.words("data")) == bool(left)


@pytest.mark.slow
def test_a_column_may_fill_a_placeholder_that_the_workbook_has_no_column_for(
    tmp_path: Path,
) -> None:
    letter = "{{ signer.name }}\n{{ signer.postal_code }} {{ signer.city }}\n{{ signer.role }}"
    signers = [["ID", "Name", "City", "Include"], ["S1", "Ana Ruiz", "Lyon"]]
    make(tmp_path / "campaign", letter, Signers=signers)
    with opened(tmp_path / "campaign") as page:
        columns = [*HEADINGS[:3], "Box 7", "City", "Box 8", HEADINGS[-1]]
        bring(page, table([columns, [*ANNA[:3], "YO1 9ZZ", "York", "clerk", "Yes"]]))
        step(page, "read")
        fields = {"to-3": "Postal code", "to-5": "Role"}
        offered = {str(o["value"]) for o in page.see("import/columns").select("#to-3 option")}
        assert {*fields.values()} <= offered
        again = step(page, "columns", then="again", **fields)
        shown = [line.get_text(strip=True) for line in again.select(".letter-head p")]
        step(page, "columns", **fields)
        step(page, "people")
        (row,) = listed(page).values()
    assert (row["Postal code"], row["Role"]) == ("YO1 9ZZ", "clerk")
    assert shown == ["Anna Bell", "YO1 9ZZ York", "clerk"]


def change(page: Page, cells: dict[tuple[str, str], str | None]) -> None:
    """Let staff write into cells of the list, by name and heading; None deletes the row."""
    path = page.desk.folder / LIST
    book = load_workbook(path)
    sheet = book["Signers"]
    head = [cell.value for cell in sheet[1]]
    for (name, heading), text in cells.items():
        row = next(r for r in sheet.iter_rows(min_row=2) if r[head.index("Name")].value == name)
        if text is None:
            sheet.delete_rows(row[0].row or 0)
        else:
            row[head.index(heading)].value = text
    book.save(path)


@pytest.mark.slow
def test_a_later_export_leaves_what_staff_corrected_and_asks_where_both_changed(
    page: Page,
) -> None:
    written(page, table(ANSWERS))
    change(
        page,
        {
            ("Anna Bell", "Street"): "1a Elm St",
            ("CARLA DIAZ", "Name"): "Carla Díaz",
            ("Борис Ёлкин", ""): None,
        },
    )
    moved = [[ANNA[0].replace("/03", "/09"), *ANNA[1:3], "7 Yew St", *ANNA[4:]]]
    later = [*ANSWERS, *moved, [*DAN[:1], "eve@post.example", "Eve Fox", "6 Bay St", "Rye", "Yes"]]
    bring(page, table(later), "Petition (2).csv")
    assert "This is the form “ Petition ”" in page.words("import")
    tree = to_people(page)
    assert "1a Elm St 7 Yew St" in section(tree, "#both")
    assert "Carla Díaz" in section(tree, "#kept")
    assert "Борис Ёлкин" in section(tree, "#out")
    step(page, "people", take="0", again="0")
    rows = {row["Name"]: row for row in listed(page).values()}
    assert rows["Anna Bell"]["Street"] == "7 Yew St"
    assert {"Carla Díaz", "Борис Ёлкин", "Eve Fox"} <= rows.keys()


@pytest.mark.slow
def test_of_two_answers_of_one_day_the_other_is_shown_and_taken_if_it_is_ticked(
    page: Page,
) -> None:
    streets = ("1 Elm St", "7 Yew St")
    for number, street in enumerate(streets):
        bring(page, table([HEADINGS, BORIS, [*ANNA[:3], street, *ANNA[4:]]]), "Petition.csv")
        tree = to_people(page)
        if number == 0:
            step(page, "people")
    before = {row["Name"]: row["Street"] for row in listed(page).values()}["Anna Bell"]
    if tree.select_one("#same-day"):
        assert "1 Elm St 7 Yew St" in section(tree, "#same-day")
        step(page, "people", take="0")
    else:
        assert "1 Elm St 7 Yew St" in section(tree, "#changed")
        step(page, "people")
    after = {row["Name"]: row["Street"] for row in listed(page).values()}["Anna Bell"]
    assert (before, after) == streets


def test_who_says_yes_and_no_on_one_day_does_not_take_part_and_is_named_with_why(
    page: Page,
) -> None:
    bring(page, table([HEADINGS, BORIS, ANNA, [*ANNA[:5], "No"]]))
    tree = to_people(page)
    told = section(tree, "#not-taken")
    assert "consent given and refused, order unclear" in told
    assert "replaced by another response" not in told  # each of the two rows is named once
    assert "Anna Bell" not in section(tree, "#new")


@pytest.mark.slow
def test_somebody_of_the_same_name_is_the_same_person_where_it_is_ticked(page: Page) -> None:
    written(page, table(ANSWERS))
    other = [[ANNA[0], "a.bell@work.example", "Anna Bell", "8 New St", "Hove", "Yes"]]
    bring(page, table([*ANSWERS, *other]), "Petition (2).csv")
    tree = to_people(page)
    assert "same name as someone else" in section(tree, "#doubtful")
    box = tree.select_one("[name=same]")
    assert box, said(tree)
    step(page, "people", same=box["value"])
    assert sum(row["Name"] == "Anna Bell" for row in listed(page).values()) == 1


@pytest.mark.slow
def test_who_does_not_agree_any_more_waits_for_no_decision(page: Page) -> None:
    written(page, table([HEADINGS, ANNA, BORIS]))
    written(page, table([HEADINGS, ANNA, [BORIS[0].replace("/03", "/05"), *BORIS[1:5], "No"]]))
    assert [row["Include"] for row in listed(page).values()] == ["", "no"]
    assert "needs review" not in page.words("data")


@pytest.mark.slow
def test_a_corrected_name_of_the_same_e_mail_and_address_is_asked_about(page: Page) -> None:
    written(page, table(ANSWERS))
    married = [ANNA[0].replace("/03", "/04"), ANNA[1], "Anna Bell-Kay", *ANNA[3:]]
    bring(page, table([*ANSWERS, married]), "Petition (2).csv")
    tree = to_people(page)
    own = {row["Name"]: own for own, row in listed(page).items()}["Anna Bell"]
    assert f"same email and address as {own}" in section(tree, "#doubtful")
    box = tree.select_one("[name=same]")
    assert box
    step(page, "people", same=box["value"])
    assert "Anna Bell-Kay" in {row["Name"] for row in listed(page).values()}
    assert len(listed(page)) == 4


@pytest.mark.slow
def test_a_corrected_name_in_the_same_file_is_made_one_where_it_is_ticked(page: Page) -> None:
    mended = [ANNA[0].replace("/03", "/04"), ANNA[1], "Ana Bell", *ANNA[3:]]
    bring(page, table([HEADINGS, ANNA, mended]))
    tree = to_people(page)
    assert "same email and address as F1 : same person?" in section(tree, "#doubtful")
    box = tree.select_one("[name=same]")
    assert box
    step(page, "people", same=box["value"])
    assert [row["Name"] for row in listed(page).values()] == ["Ana Bell"]


@pytest.mark.slow
@pytest.mark.parametrize("why", ["the list is open", "the workbook was saved"])
def test_what_was_ticked_of_people_stays_ticked_until_it_is_written(page: Page, why: str) -> None:
    written(page, table([HEADINGS, ANNA]))
    mended = [ANNA[0].replace("/03", "/04"), ANNA[1], "Ana Bell", *ANNA[3:]]
    bring(page, table([HEADINGS, mended]), "Petition (2).csv")
    box = to_people(page).select_one("[name=same]")
    assert box
    note, before = page.desk.folder / f"~${LIST}", listed(page)
    if why == "the list is open":
        note.write_bytes(b"")
    else:
        book = load_workbook(page.desk.folder / "signers.xlsx")
        book["Signers"]["B9"] = "Somebody New"
        book.save(page.desk.folder / "signers.xlsx")
    tree = step(page, "people", same=box["value"])
    assert listed(page) == before
    assert [each["name"] for each in tree.select("#people [checked]")] == ["same"]
    note.unlink(missing_ok=True)
    step(page, "people")
    assert [row["Name"] for row in listed(page).values()] == ["Ana Bell"]


@pytest.mark.slow
def test_an_answer_about_consent_that_a_known_form_never_had_is_shown_with_its_words(
    page: Page,
) -> None:
    written(page, table([HEADINGS, ANNA, [*BORIS[:5], "No"]]))
    partly = "Yes, but not my address"
    bring(page, table([HEADINGS, ANNA, [*BORIS[:5], partly]]), "Petition (2).csv")
    told = section(to_people(page), "#not-taken")
    assert "unclear consent: counts as no" in told
    assert f"row 3 Борис Ёлкин Consent : {partly}" in told


@pytest.mark.slow
def test_where_the_list_is_saved_between_showing_and_writing_it_is_asked_again(page: Page) -> None:
    written(page, table(ANSWERS))
    bring(page, table([*ANSWERS, [*DAN[:2], "Eve Fox", *DAN[3:5], "Yes"]]), "Petition (2).csv")
    to_people(page)
    change(page, {("Anna Bell", "Street"): "1a Elm St"})
    before = files(page)
    tree = step(page, "people")
    assert "Nothing was saved" in section(tree, ".mistake")
    assert files(page) == before
    step(page, "people")
    assert "Dismiss" in page.words("import")


@pytest.mark.slow
def test_while_the_list_is_open_in_excel_the_button_waits(page: Page) -> None:
    written(page, table(ANSWERS))
    owner = page.desk.folder / f".~lock.{LIST}#"
    owner.write_text(",staff,", "utf-8")
    bring(page, table([*ANSWERS, [*DAN[:2], "Eve Fox", *DAN[3:5], "Yes"]]), "Petition (2).csv")
    tree = to_people(page)
    assert "is open in Excel" in said(tree)
    assert tree.select("#write[disabled]")
    before = page.desk.status.version
    owner.unlink()
    wait_for(lambda: page.desk.status.version != before)  # the page draws its button anew by itself
    assert page.see("import").select("#write:not([disabled])")


@pytest.mark.slow
def test_the_same_file_twice_changes_nothing(page: Page) -> None:
    written(page, table(ANSWERS))
    bring(page, table(ANSWERS), "Petition (2).csv")
    assert "Nothing to import" in said(to_people(page))


def test_a_form_of_what_is_not_shown_any_more_does_nothing(page: Page) -> None:
    bring(page, table(ANSWERS))
    to_people(page)
    before = files(page)
    for name in ("read", "columns", "people"):
        answer = page.post(f"import/{name}", token="stale")  # noqa: S106
        assert answer.status_code == 409
        assert "Nothing was changed" in answer.get_data(as_text=True)
    assert files(page) == before


def test_hostile_names_are_text_on_every_screen(page: Page) -> None:
    evil = "<img src=x onerror=alert(1)>{{ 7*7 }}\u202e"
    rows = [HEADINGS, [*ANNA[:2], evil, evil, evil, "Yes"], [*BORIS[:5], f"Yes {evil}"], CARLA]
    bring(page, table(rows), f"{evil}.csv")
    for tree in (page.see("import"), step(page, "read"), step(page, "columns", everybody="on")):
        assert tree.select("img") == []
        assert "49" not in said(tree)
        assert evil[:20] not in str(tree.title)
    assert evil[:20] in page.words("import/read")


@pytest.mark.slow
@pytest.mark.parametrize("keep", [(), ("keep_out",)], ids=["comes back", "stays out"])
def test_whoever_is_erased_stays_out_of_a_later_import_only_by_a_hash_that_staff_wanted(
    page: Page, keep: tuple[str, ...]
) -> None:
    written(page, table(ANSWERS))
    page.post("erase/find", name="Anna Bell")
    tree = page.see("erase")
    assert "Rows in signers from forms.xlsx 1" in said(tree)
    token = tree.select_one("[name=token]")
    assert token
    page.post("erase/person", token=token["value"], sure="on", **dict.fromkeys(keep, "on"))
    left = "Only the coded values (hashes) that you kept" if keep else "No data about this person"
    assert left in page.words("erase")
    bring(page, table(ANSWERS), "Petition (2).csv")
    assert "Anna Bell" in section(to_people(page), "#out" if keep else "#new")


# In a browser.


@pytest.mark.page
@pytest.mark.slow
@needs_browser
def test_from_a_file_that_is_dropped_to_the_second_export(tmp_path: Path, browser: Chrome) -> None:
    folder = make(
        tmp_path / "Appeal", LETTER, Signers=[["ID", "Name", "Street", "City"], ["S1", "Ana Ruiz"]]
    )
    with live(folder, browser) as page:
        _drop(page, table(ANSWERS), "Petition.csv")
        page.says("5 responses")
        assert "Petition" not in browser.title + browser.current_url
        for button in ("Next: match columns", "Next: review people", "Import people: 3 new"):
            _press(page, button)
        page.says("3 people added")
        _press(page, "Undo")
        page.says("Import undone")
        assert not (folder / LIST).exists()
        for _ in range(2):  # and once more: nothing is to be written then
            page.go("data")
            _drop(page, table(ANSWERS), "Petition.csv")
            for button in ("Next: match columns", "Next: review people"):
                _press(page, button)
            if "Import people: 3 new" in page.words:
                _press(page, "Import people: 3 new")
                page.says("3 people added")
        page.says("Nothing to import")


def _press(page: Live, words: str) -> None:
    with answered(page):
        page.press(words)
    wait_for(lambda: not page.desk.status.task_name)


def _drop(page: Live, data: bytes, name: str) -> None:
    """Drop a file on the page, as a mouse does it."""
    with answered(page):
        page.browser.execute_script(
            "const held = new DataTransfer();"
            "held.items.add(new File([new Uint8Array(arguments[0])], arguments[1]));"
            "const how = {dataTransfer: held, bubbles: true, cancelable: true};"
            "dispatchEvent(new DragEvent('drop', how))",
            [*data],
            name,
        )
