"""Import: upload, encoding, columns, people, undo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup, Tag
from openpyxl import load_workbook
from selenium.webdriver import Chrome
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select
from support.axe import ViewingMode, emulate, wait_for_next_screen
from support.browsers import Live, live, needs_browser
from support.campaigns import make
from support.pages import Page, opened, wait_for
from support.petition_responses import ANNA, BORIS, CARLA, DAN, HEADINGS, RESPONSES, table
from support.workbooks import campaign as workbook_of
from support.workbooks import xlsx
from werkzeug.test import TestResponse

from merge.campaign.new_campaign import create_campaign
from merge.page.import_draft import start_draft

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


def upload(
    page: Page, data: bytes, name: str = "Petition.csv", where: str = "data"
) -> TestResponse:
    """Upload a file as the page's script does, and wait for the result."""
    headers = {"X-File-Name": quote(name)}
    answer = page.client.put(f"/c/{page.key}/{where}/file", data=data, headers=headers)
    page.rest()
    return answer


def step(page: Page, name: str, **fields: object) -> BeautifulSoup:
    """Send the form of a step as it is, confirmed, with some fields changed.

    Return the next screen.
    """
    form = page.see(f"import/{name}").select_one(f"form#{name}")
    assert form, page.words("import")
    data: dict[str, list[str]] = {}
    for one in form.select("input[name]"):
        is_choice = one.get("type") in {"checkbox", "radio"}
        if not is_choice or "checked" in one.attrs or str(one["name"]).startswith("confirm-"):
            data.setdefault(str(one["name"]), []).append(str(one.get("value", "on")))
    for one in form.select("select[name]"):
        chosen = one.select("option[selected]") or one.select("option")
        data[str(one["name"])] = [str(chosen[0].get("value", ""))]
    answer = page.post(f"import/{name}", **{**data, **fields})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return page.see(answer.headers["Location"].rpartition("/")[2])


def to_people(page: Page, **fields: object) -> BeautifulSoup:
    step(page, "read")
    return step(page, "columns", **fields)


def written(page: Page, data: bytes, name: str = "Petition.csv", **ticks: object) -> None:
    upload(page, data, name)
    to_people(page)
    step(page, "people", **ticks)


def list_rows(page: Page) -> dict[str, dict[str, str]]:
    """The rows of the list, by ID."""
    sheet = load_workbook(page.session.folder / LIST)["Signers"]
    head, *rows = sheet.iter_rows(values_only=True)
    records = (dict(zip(map(str, head), (str(c or "") for c in row), strict=True)) for row in rows)
    return {row["ID"]: row for row in records}


def same_person(tree: BeautifulSoup) -> dict[str, str]:
    """The field that says that the only doubtful person is another one."""
    (option,) = tree.select("[value=same]")
    return {str(option["name"]): "same"}


def files(page: Page) -> dict[str, bytes]:
    paths = (path for path in sorted(page.session.folder.rglob("*")) if path.is_file())
    return {path.name: path.read_bytes() for path in paths}


def mistakes(tree: Tag) -> str:
    main = tree.select_one("main")
    assert main
    return " ".join(main.get_text(" ").split())


def section(tree: Tag, css: str) -> str:
    found = tree.select_one(css)
    assert isinstance(found, Tag), mistakes(tree)
    return " ".join(found.get_text(" ").split())


# Upload


def test_an_export_is_recognised_by_its_contents_and_leads_to_the_import(page: Page) -> None:
    before = files(page)
    answer = upload(page, table(RESPONSES), "letter.docx")
    assert answer.headers["X-Next"].endswith("/import")
    tree = page.see("import")
    assert tree.select_one("form#columns")
    assert "Анна" not in str(tree.title)
    assert files(page) == before
    assert "is not finished" in page.words("data")


def test_a_workbook_is_still_a_workbook_and_a_list_in_excel_is_a_list(
    page: Page, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    workbook_of(tmp_path / "other")
    book = upload(page, (tmp_path / "other" / "signers.xlsx").read_bytes(), "list.xlsx")
    assert "X-Next" not in book.headers
    assert "Replace signers.xlsx with list.xlsx" in page.words("data")
    data = xlsx(tmp_path / "other", "list.xlsx", Answers=RESPONSES).read_bytes()
    assert upload(page, data, "list.xlsx").headers["X-Next"]
    assert "5 rows" in page.words("import/read")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<!doctype html><html><body>Sign in", "This is a web page, not the responses"),
        (b'Name,Street\n"Ana,1 Elm St\nBo,2 Elm St\n', "quotation mark"),
        (b"", "was not added"),
    ],
)
def test_a_file_that_is_not_a_list_is_reported_and_not_kept(
    page: Page, data: bytes, says: str
) -> None:
    assert "X-Next" not in upload(page, data).headers
    assert says in page.words("data")
    assert "Choose the file with the responses" in page.words("import")


@pytest.mark.slow
def test_an_import_is_cancelled_with_one_click_and_nothing_is_written(page: Page) -> None:
    before = files(page)
    upload(page, table(RESPONSES), where="import")
    to_people(page)
    page.post("import/leave")
    assert "Choose the file with the responses" in page.words("import")
    assert files(page) == before


# Step 1: how the file is read


@pytest.mark.slow
def test_a_file_in_an_unknown_encoding_shows_names_in_each_encoding(page: Page) -> None:
    people = ("Мария Ветлугина", "Сергей Огородников", "Алёна Ёлкина", "Фарида Галимзянова")
    rows = [[*BORIS[:2], name, "ул. Садовая, 3", "Казань", "Yes"] for name in people]
    upload(page, table([HEADINGS, *rows], "cp1251"))
    tree = page.see("import")
    readings = tree.select(".reading")
    assert 2 <= len(readings) <= 4
    first = tree.select_one("[name=read_as][checked]")
    assert first
    assert first["value"] == "cyrillic"
    assert "Алёна Ёлкина" in readings[0].get_text()
    other = str(tree.select("[name=read_as]")[1]["value"])
    assert "Алёна" not in mistakes(step(page, "read", read_as=other))
    assert "Алёна Ёлкина" in mistakes(step(page, "read", read_as="cyrillic"))
    assert "Алёна Ёлкина" in mistakes(step(page, "columns"))


# Step 2: match columns


def test_certain_columns_are_matched_and_uncertain_ones_must_be_chosen(page: Page) -> None:
    rows = [[*row, note] for row, note in zip(RESPONSES, ["Dog call name", *"abcde"], strict=True)]
    upload(page, table(rows))
    tree = step(page, "read")
    chosen = {
        section(tree, f"label[for={one['id']}]"): one.select_one("option[selected]")["value"]  # type: ignore[index]
        for one in tree.select("[name^=to-]")
    }
    assert chosen["Full name"] == "Name"
    assert chosen["Street"] == "Street"
    assert chosen["Email Address"] == "key:email"
    signs = {section(one, "th"): section(one, ".use") for one in tree.select("tr:has(.use)")}
    assert next(iter(signs)) == "May we print your name?"  # what must be confirmed comes first
    assert signs["Full name"] == "✓ used in letters"
    assert signs["Email Address"] == "✓ not stored"
    assert signs["Dog call name"] == "– not imported"
    assert signs["May we print your name?"] == "Confirm : May we print your name?"
    assert [*signs][-1] == "Dog call name"  # what is not imported comes last
    assert "1 Elm St · 2 Oak St · 3 Ash St" in mistakes(tree)
    assert section(tree, ".letter-head") == "Anna Bell 1 Elm St York"


@pytest.mark.slow
def test_an_import_without_a_name_column_stays_at_matching_columns(page: Page) -> None:
    upload(page, table(RESPONSES))
    step(page, "read")
    tree = step(page, "columns", **{"to-2": "Do not import"})
    assert "No column is matched to Name" in section(tree, ".mistake")
    assert step(page, "columns", **{"to-2": "Name"}).select("#people")


def test_matching_columns_does_not_go_on_without_a_confirmation(page: Page) -> None:
    upload(page, table(RESPONSES))
    step(page, "read")
    tree = step(page, "columns", **{"confirm-5": []})
    assert "Select “Confirm” in each marked row" in section(tree, ".mistake")
    assert "required" in tree.select_one("[name=confirm-5]").attrs  # type: ignore[union-attr]
    tree = step(page, "columns", then="again", **{"confirm-5": [], "to-3": "Street"})
    assert tree.select("[name=confirm-5]")  # another choice does not confirm it
    assert step(page, "columns").select("#people")


def test_selecting_other_words_for_yes_confirms_them(page: Page) -> None:
    upload(page, table(RESPONSES))
    step(page, "read")
    assert step(page, "columns", **{"confirm-5": [], "yes-5": ["0", "1"]}).select("#people")


@pytest.mark.slow
def test_words_for_yes_are_selected_and_have_counts(page: Page) -> None:
    upload(page, table(RESPONSES))
    tree = step(page, "read")
    words = section(tree, "[data-use=words] fieldset")
    assert "Yes 4 responses" in words
    assert "No 1 response" in words
    assert len(tree.select("[data-use=words] [checked]")) == 1
    assert not step(page, "columns", **{"yes-5": []}).select("#new")


@pytest.mark.slow
def test_an_import_without_a_consent_column_asks_for_consent(page: Page) -> None:
    upload(page, table([row[:5] for row in RESPONSES]))
    step(page, "read")
    tree = step(page, "columns")
    assert "select the checkbox above the table: everyone in this file agreed" in section(
        tree, ".mistake"
    )
    checkbox, table_of_columns = tree.select("#everybody, table.columns")
    assert checkbox["id"] == "everybody"
    assert checkbox.find_parent("label")
    assert "Choose Consent in the row of one" in section(tree, ".mistake")
    assert table_of_columns.select("option[value=Consent]")
    assert step(page, "columns", everybody="on").select("#people")


@pytest.mark.slow
def test_a_column_without_a_known_use_must_be_chosen(page: Page) -> None:
    news = ["Newsletter?", "Yes", "No", "Yes", "No", "Yes"]
    upload(page, table([[*row[:5], word] for row, word in zip(RESPONSES, news, strict=True)]))
    tree = page.see("import/columns")
    assert "△ Choose…" in section(tree, "tr[data-use='to choose']")
    tree = step(page, "columns", everybody="on")
    assert "Choose what each marked column is used as" in section(tree, ".mistake")
    assert step(page, "columns", everybody="on", **{"to-5": "leave out"}).select("#people")


def test_matching_columns_says_that_the_template_cannot_be_filled(tmp_path: Path) -> None:
    make(tmp_path / "campaign", "{{ signer.name | number }}")
    with opened(tmp_path / "campaign") as page:
        upload(page, table(RESPONSES))
        text = section(step(page, "read"), ".letter-head")
    assert text == "No template can be filled with this person’s response yet."


def test_unfilled_placeholders_are_reported_when_matching_columns(page: Page) -> None:
    upload(page, table([[*row[:3], row[5]] for row in RESPONSES]))
    tree = step(page, "read")
    assert "{{ signer.street }}" in mistakes(tree)
    assert "no column provides it" in mistakes(tree)


@pytest.mark.slow
def test_a_column_goes_to_what_the_letter_prints_even_if_the_workbook_lacks_it(
    tmp_path: Path,
) -> None:
    letter = "{{ signer.name }}\n{{ signer.postal_code }} {{ signer.city }}"
    make(
        tmp_path / "campaign", letter, Signers=[["ID", "Name", "City"], ["S1", "Ana Ruiz", "Lyon"]]
    )
    with opened(tmp_path / "campaign") as page:
        columns = [*HEADINGS[:3], "Postcode", "City", HEADINGS[-1]]
        upload(page, table([columns, [*ANNA[:3], "YO1 9ZZ", "York", "Yes"]]))
        tree = page.see("import")
        chosen = tree.select_one("#to-3 option[selected]")
        assert chosen
        assert chosen["value"] == "Postal code"
        assert section(tree, ".letter-head") == "Anna Bell YO1 9ZZ York"
        step(page, "columns")
        step(page, "people")
        assert not page.see("data").select(".problem.error")


def test_an_import_into_an_empty_signers_sheet_has_the_same_menu_and_preview(
    tmp_path: Path,
) -> None:
    letter = "{{ signer.name }}\n{{ signer.street }}\n{{ signer.role }}"
    make(tmp_path / "campaign", letter, Signers=[["ID", "Name", "Include"]])
    with opened(tmp_path / "campaign") as page:
        upload(page, table(RESPONSES))
        tree = page.see("import/columns")
        assert section(tree, ".letter-head") == "Anna Bell 1 Elm St"
        assert "{{ signer.role }}" in section(tree, ".preview .problem")
        offered = {str(option["value"]) for option in tree.select("#to-1 option")}
        assert {"Role", "Street"} <= offered


@pytest.mark.slow
def test_an_import_begins_with_the_first_step_that_needs_staff(page: Page) -> None:
    upload(page, table(RESPONSES))
    assert page.see("import").select_one("form#columns")
    to_people(page)
    step(page, "people")
    upload(page, table(RESPONSES), "Petition (2).csv")
    assert page.see("import").select_one("form#people")  # its columns were confirmed before
    more = [[*row, "Why?" if n == 0 else "No"] for n, row in enumerate(RESPONSES)]
    upload(page, table(more), "Petition (3).csv")
    assert page.see("import").select_one("form#columns")
    names = ("Мария Ветлугина", "Сергей Огородников", "Алёна Ёлкина", "Фарида Галимзянова")
    rows = [[*BORIS[:2], name, "ул. Садовая, 3", "Казань", "Yes"] for name in names]
    upload(page, table([HEADINGS, *rows], "cp1251"), "Other.csv")
    assert page.see("import").select_one("form#read")


# Step 3: people


def test_each_imported_row_is_shown_with_its_result(page: Page) -> None:
    upload(page, table(RESPONSES))
    tree = to_people(page)
    assert section(tree, ".tabs") == "Review 1 New 3 Skipped 1 Warnings 1"
    assert "Борис Ёлкин" in section(tree, "#new")
    assert "Test Test" in section(tree, "#doubtful")
    assert "looks like a test entry" in section(tree, "#doubtful")
    assert "no consent 1 row 5 Dan Eve" in section(tree, "#not-taken")
    assert section(tree, "#write") == "Import 4 people (1 to review)"


def test_imported_people_are_saved_shown_on_data_and_undone(page: Page) -> None:
    workbook = (page.session.folder / "signers.xlsx").read_bytes()
    written(page, table(RESPONSES))
    words = page.words("data")
    assert "3 people added" in words
    assert "Petition.csv contains the email addresses of" in words
    wait_for(lambda: LIST in page.words("data"))
    assert "3 signers · 1 needs review" in page.words("data")
    names = [row["Name"] for row in list_rows(page).values()]
    assert names[:3] == [answer[2] for answer in (ANNA, BORIS, CARLA)]
    everything = b"".join(files(page).values())
    assert b"post.example" not in everything
    tree = page.see("import/undo")
    assert "4 people will be removed" in section(tree, "#leaves")
    boris_id = next(
        own_id for own_id, row in list_rows(page).items() if row["Name"] == "Борис Ёлкин"
    )
    assert f"Борис Ёлкин ({boris_id})" in section(tree, "#leaves")
    page.post("import/undo")
    assert "Import undone" in page.words("data")
    assert not (page.session.folder / LIST).exists()
    assert (page.session.folder / "signers.xlsx").read_bytes() == workbook


@pytest.mark.slow
def test_undoing_an_import_first_names_the_people_it_affects(page: Page) -> None:
    written(page, table(RESPONSES))
    moved = [ANNA[0].replace("/03", "/09"), *ANNA[1:3], "7 Yew St", *ANNA[4:]]
    no_more = [BORIS[0].replace("/03", "/09"), *BORIS[1:5], "No"]
    written(page, table([*RESPONSES, moved, no_more]), "Petition (2).csv")
    tree = page.see("import/undo")
    anna_id = next(own_id for own_id, row in list_rows(page).items() if row["Name"] == "Anna Bell")
    assert section(tree, "#changes") == f"1 person will be changed back Anna Bell ({anna_id})"
    assert "although they withdrew" in section(tree, "#agrees")
    assert "Борис Ёлкин" in section(tree, "#agrees")


def test_the_page_says_that_no_import_can_be_undone(page: Page) -> None:
    answer = page.get("import/undo")
    assert answer.status_code == 422
    assert "no previous list to restore" in answer.get_data(as_text=True)


@pytest.mark.slow
def test_an_undo_is_offered_only_if_there_is_an_import_to_undo(page: Page, tmp_path: Path) -> None:
    written(page, table(RESPONSES))
    assert page.see("data").select_one("#undo-last")
    create_campaign(tmp_path / "next", page.session.folder)
    with opened(tmp_path / "next") as following:
        assert "signers from forms.xlsx" in following.words("data")
        assert not following.see("data").select("#undo-last")
        assert "no previous list to restore" in following.get("import/undo").get_data(as_text=True)
        following.post("import/undo")
        assert (tmp_path / "next" / LIST).exists()
    edit_list(page, {("Anna Bell", "Street"): "9 New St"})
    assert not page.see("data").select("#undo-last")


@pytest.mark.slow
def test_capitals_are_fixed_only_if_selected(page: Page) -> None:
    upload(page, table(RESPONSES))
    tree = to_people(page)
    box = tree.select_one("[name=mend]")
    assert box
    assert "checked" not in box.attrs
    step(page, "people", mend=box["value"])
    assert "Carla Diaz" in {row["Name"] for row in list_rows(page).values()}


@pytest.mark.slow
def test_columns_that_share_a_cell_are_its_parts_in_order(page: Page) -> None:
    heads = ["First name", "Last name", "Postcode", "Town", HEADINGS[-1]]
    upload(page, table([heads, ["Anna", "Bell", "BS1 9ZY", "Bristol", "Yes"]]))
    tree = step(page, "read")
    chosen = {
        one.get_text(strip=True) for one in tree.select("[data-use=letters] option[selected]")
    }
    city = {"City (postal code)", "City (town)"}
    assert chosen == {"Name (first part)", "Name (second part)", *city}
    assert "They are joined during the import." in mistakes(tree)
    upload(page, table(RESPONSES), "Petition (2).csv")
    assert "They are joined" not in mistakes(step(page, "read"))


@pytest.mark.slow
def test_a_cell_to_check_is_shown_with_its_person(page: Page) -> None:
    upload(page, table([HEADINGS, ANNA, [*BORIS[:3], "1.55501E+10", *BORIS[4:]]]))
    text = section(to_people(page), "#remarks")
    assert "row 3 Борис Ёлкин , Street : shortened to scientific notation" in text


@pytest.mark.slow
def test_lost_zeros_are_selected_singly_or_all_and_the_rest_is_reported(tmp_path: Path) -> None:
    heads = ["ID", "Name", "Street", "Postal code", "City", "Country", "Include"]
    letter = "{{ signer.name }}\n{{ signer.postal_code }} {{ signer.city }}"
    make(tmp_path / "campaign", letter, Signers=[heads])
    columns = [*HEADINGS[:4], "Postal code", "City", "Country", HEADINGS[-1]]
    people = ((ANNA, "4107"), (BORIS, "4109"))
    rows = [[*one[:4], code, "Leipzig", "Germany", "Yes"] for one, code in people]
    one = ({"zero": "2"}, {"04107", "4109"})
    all_ = ({"fix": "lost-zeros"}, {"04107", "04109"})
    for (ticks, stand), left in ((one, 1), (all_, 0)):
        with opened(tmp_path / "campaign") as page:
            upload(page, table([columns, *rows]))
            tree = to_people(page)
            assert ("Fix all 2" in section(tree, "#zeros")) == bool(left)
            assert "3 Борис Ёлкин 4109 04109" in section(tree, "#zeros")
            step(page, "people", **ticks)
            lacking = "1 postal code may lack a leading zero"
            assert (lacking in page.words("data")) == bool(left)
            assert {row["Postal code"] for row in list_rows(page).values()} == stand
            assert ("“4109” may have lost its leading zeros" in page.words("data")) == bool(left)


@pytest.mark.slow
def test_a_form_column_can_fill_a_placeholder_without_a_workbook_column(
    tmp_path: Path,
) -> None:
    letter = "{{ signer.name }}\n{{ signer.postal_code }} {{ signer.city }}\n{{ signer.role }}"
    signers = [["ID", "Name", "City", "Include"], ["S1", "Ana Ruiz", "Lyon"]]
    make(tmp_path / "campaign", letter, Signers=signers)
    with opened(tmp_path / "campaign") as page:
        columns = [*HEADINGS[:3], "Box 7", "City", "Box 8", HEADINGS[-1]]
        upload(page, table([columns, [*ANNA[:3], "YO1 9ZZ", "York", "clerk", "Yes"]]))
        step(page, "read")
        fields = {"to-3": "Postal code", "to-5": "Role"}
        offered = {str(o["value"]) for o in page.see("import/columns").select("#to-3 option")}
        assert {*fields.values()} <= offered
        again = step(page, "columns", then="again", **fields)
        shown = [line.get_text(strip=True) for line in again.select(".letter-head p")]
        step(page, "columns", **fields)
        step(page, "people")
        (row,) = list_rows(page).values()
    assert (row["Postal code"], row["Role"]) == ("YO1 9ZZ", "clerk")
    assert shown == ["Anna Bell", "YO1 9ZZ York", "clerk"]


@pytest.mark.slow
def test_capitals_and_zeros_are_fixed_in_all_rows_with_one_tick_each(page: Page) -> None:
    loud = [[*DAN[:2], "DORA LIND", *DAN[3:5], "Yes"]]
    upload(page, table([*RESPONSES, *loud]))
    tree = to_people(page)
    assert "Fix all 2" in section(tree, "#capitals")
    assert "CARLA DIAZ Carla Diaz" in section(tree, "#capitals")
    step(page, "people", fix="capitals")
    assert {"Carla Diaz", "Dora Lind"} <= {row["Name"] for row in list_rows(page).values()}


@pytest.mark.slow
def test_a_person_who_needs_review_is_included_excluded_or_decided_later(page: Page) -> None:
    people = [("Test Test", "include"), ("asdf", "exclude"), ("Anna & Ben", "later")]
    rows = [
        [f"2026/11/04 9:1{n}:00", f"p{n}@post.example", name, f"{n} Elm St", "York", "Yes"]
        for n, (name, _) in enumerate(people)
    ]
    upload(page, table([HEADINGS, *rows]))
    tree = to_people(page)
    chosen = [each["value"] for each in tree.select("#doubtful [checked]")]
    assert chosen == ["later"] * 3
    button = tree.select_one("#write")
    assert button
    assert button.get_text(strip=True) == "Import 3 people (3 to review)"
    assert button["data-decided"] == "Import"  # how many is known after the decisions
    tree = step(page, "people", **{f"decision-{n}": w for n, (_, w) in enumerate(people, 2)})
    summary = "Import finished · 1 person added · 1 person excluded · 1 to review"
    assert section(tree, "#outcome-name") == summary
    found = {r["Name"]: (r["Include"], r["To decide"]) for r in list_rows(page).values()}
    assert found == {
        "Test Test": ("", ""),
        "asdf": ("no", ""),
        "Anna & Ben": ("no", "may be two people"),
    }
    assert "1 needs review" in page.words("data")
    upload(page, table([HEADINGS, *rows]), "Petition (2).csv")
    assert "Nothing to import" in page.words("import")


def edit_list(page: Page, cells: dict[tuple[str, str], str | None]) -> None:
    """Write into cells of the list by name and heading; None deletes a row."""
    path = page.session.folder / LIST
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
def test_a_later_export_keeps_staffs_corrections_and_asks_about_conflicts(
    page: Page,
) -> None:
    written(page, table(RESPONSES))
    edit_list(
        page,
        {
            ("Anna Bell", "Street"): "1a Elm St",
            ("CARLA DIAZ", "Name"): "Carla Díaz",
            ("Борис Ёлкин", ""): None,
        },
    )
    moved = [[ANNA[0].replace("/03", "/09"), *ANNA[1:3], "7 Yew St", *ANNA[4:]]]
    later = [
        *RESPONSES,
        *moved,
        [*DAN[:1], "eve@post.example", "Eve Fox", "6 Bay St", "Rye", "Yes"],
    ]
    upload(page, table(later), "Petition (2).csv")
    assert "You have imported “ Petition ” before" in page.words("import/read")
    tree = to_people(page)
    assert "1a Elm St 7 Yew St" in section(tree, "#both")
    assert "Carla Díaz" in section(tree, "#kept")
    assert "Борис Ёлкин" in section(tree, "#out")
    step(page, "people", take="0", again="0")
    rows = {row["Name"]: row for row in list_rows(page).values()}
    assert rows["Anna Bell"]["Street"] == "7 Yew St"
    assert {"Carla Díaz", "Борис Ёлкин", "Eve Fox"} <= rows.keys()


@pytest.mark.slow
def test_the_other_of_two_responses_of_one_day_is_used_if_selected(
    page: Page,
) -> None:
    streets = ("1 Elm St", "7 Yew St")
    for number, street in enumerate(streets):
        upload(page, table([HEADINGS, BORIS, [*ANNA[:3], street, *ANNA[4:]]]), "Petition.csv")
        tree = to_people(page)
        if number == 0:
            step(page, "people")
    before = {row["Name"]: row["Street"] for row in list_rows(page).values()}["Anna Bell"]
    if tree.select_one("#same-day"):
        assert "1 Elm St 7 Yew St" in section(tree, "#same-day")
        step(page, "people", take="0")
    else:
        assert "1 Elm St 7 Yew St" in section(tree, "#changed")
        step(page, "people")
    after = {row["Name"]: row["Street"] for row in list_rows(page).values()}["Anna Bell"]
    assert (before, after) == streets


@pytest.mark.slow
def test_consent_and_refusal_on_one_day_exclude_a_person_with_the_reason(
    page: Page,
) -> None:
    upload(page, table([HEADINGS, BORIS, ANNA, [*ANNA[:5], "No"]]))
    tree = to_people(page)
    text = section(tree, "#not-taken")
    assert "consent given and refused, order unclear" in text
    assert "older response from the same person" not in text  # each of the two rows is named once
    assert "Anna Bell" not in section(tree, "#new")


@pytest.mark.slow
def test_a_person_of_the_same_name_is_the_same_one_if_selected(page: Page) -> None:
    written(page, table(RESPONSES))
    other = [[ANNA[0], "a.bell@work.example", "Anna Bell", "8 New St", "Hove", "Yes"]]
    upload(page, table([*RESPONSES, *other]), "Petition (2).csv")
    tree = to_people(page)
    assert "same name as someone else" in section(tree, "#doubtful")
    step(page, "people", **same_person(tree))
    assert sum(row["Name"] == "Anna Bell" for row in list_rows(page).values()) == 1


@pytest.mark.slow
def test_a_person_who_withdrew_consent_needs_no_review(page: Page) -> None:
    written(page, table([HEADINGS, ANNA, BORIS]))
    written(page, table([HEADINGS, ANNA, [BORIS[0].replace("/03", "/05"), *BORIS[1:5], "No"]]))
    assert [row["Include"] for row in list_rows(page).values()] == ["", "no"]
    assert "needs review" not in page.words("data")


@pytest.mark.slow
def test_a_corrected_name_with_the_same_email_and_address_is_asked_about(page: Page) -> None:
    written(page, table(RESPONSES))
    married = [ANNA[0].replace("/03", "/04"), ANNA[1], "Anna Bell-Kay", *ANNA[3:]]
    upload(page, table([*RESPONSES, married]), "Petition (2).csv")
    tree = to_people(page)
    listed_id = {row["Name"]: key for key, row in list_rows(page).items()}["Anna Bell"]
    assert f"same email and address as {listed_id}" in section(tree, "#doubtful")
    step(page, "people", **same_person(tree))
    assert "Anna Bell-Kay" in {row["Name"] for row in list_rows(page).values()}
    assert len(list_rows(page)) == 4


@pytest.mark.slow
def test_a_corrected_name_in_the_same_file_is_one_person_if_selected(page: Page) -> None:
    mended = [ANNA[0].replace("/03", "/04"), ANNA[1], "Ana Bell", *ANNA[3:]]
    upload(page, table([HEADINGS, ANNA, mended]))
    tree = to_people(page)
    assert "same email and address as in row 2: same person?" in section(tree, "#doubtful")
    step(page, "people", **same_person(tree))
    assert [row["Name"] for row in list_rows(page).values()] == ["Ana Bell"]


@pytest.mark.slow
@pytest.mark.parametrize("why", ["the list is open", "the workbook was saved"])
def test_selections_about_people_stay_until_the_import_is_saved(page: Page, why: str) -> None:
    written(page, table([HEADINGS, ANNA]))
    mended = [ANNA[0].replace("/03", "/04"), ANNA[1], "Ana Bell", *ANNA[3:]]
    upload(page, table([HEADINGS, mended]), "Petition (2).csv")
    same = same_person(to_people(page))
    note, before = page.session.folder / f"~${LIST}", list_rows(page)
    if why == "the list is open":
        note.write_bytes(b"")
    else:
        book = load_workbook(page.session.folder / "signers.xlsx")
        book["Signers"]["B9"] = "Somebody New"
        book.save(page.session.folder / "signers.xlsx")
    tree = step(page, "people", **same)
    assert list_rows(page) == before
    assert [each["value"] for each in tree.select("#people [checked]")] == ["same"]
    note.unlink(missing_ok=True)
    step(page, "people")
    assert [row["Name"] for row in list_rows(page).values()] == ["Ana Bell"]


@pytest.mark.slow
def test_a_new_word_about_consent_in_a_known_form_is_shown(
    page: Page,
) -> None:
    written(page, table([HEADINGS, ANNA, [*BORIS[:5], "No"]]))
    partly = "Yes, but not my address"
    upload(page, table([HEADINGS, ANNA, [*BORIS[:5], partly]]), "Petition (2).csv")
    text = section(to_people(page), "#not-taken")
    assert "unclear consent: counts as no" in text
    assert f"row 3 Борис Ёлкин Consent : {partly}" in text


@pytest.mark.slow
def test_an_import_is_shown_again_if_the_list_was_saved_meanwhile(page: Page) -> None:
    written(page, table(RESPONSES))
    upload(page, table([*RESPONSES, [*DAN[:2], "Eve Fox", *DAN[3:5], "Yes"]]), "Petition (2).csv")
    to_people(page)
    edit_list(page, {("Anna Bell", "Street"): "1a Elm St"})
    before = files(page)
    tree = step(page, "people")
    assert "Nothing was saved" in section(tree, ".mistake")
    assert files(page) == before
    assert "Import finished" in mistakes(step(page, "people"))


@pytest.mark.slow
def test_the_import_button_is_disabled_while_the_list_is_open_in_excel(page: Page) -> None:
    written(page, table(RESPONSES))
    owner = page.session.folder / f".~lock.{LIST}#"
    owner.write_text(",staff,", "utf-8")
    upload(page, table([*RESPONSES, [*DAN[:2], "Eve Fox", *DAN[3:5], "Yes"]]), "Petition (2).csv")
    tree = to_people(page)
    assert "is open in Excel" in mistakes(tree)
    assert tree.select("#write[disabled]")
    before = page.session.status.version
    owner.unlink()
    wait_for(lambda: page.session.status.version != before)  # the page redraws its button by itself
    assert page.see("import").select("#write:not([disabled])")


@pytest.mark.slow
def test_importing_the_same_file_twice_changes_nothing(page: Page) -> None:
    written(page, table(RESPONSES))
    upload(page, table(RESPONSES), "Petition (2).csv")
    assert "Nothing to import" in mistakes(to_people(page))


@pytest.mark.slow
def test_an_outdated_import_form_does_nothing(page: Page) -> None:
    upload(page, table(RESPONSES))
    to_people(page)
    before = files(page)
    for name in ("read", "columns", "people"):
        answer = page.post(f"import/{name}", token="stale")  # noqa: S106
        assert answer.status_code == 409
        assert "Nothing was changed" in answer.get_data(as_text=True)
    assert files(page) == before


def test_hostile_imported_names_are_text_on_every_screen(page: Page) -> None:
    evil = "<img src=x onerror=alert(1)>{{ 7*7 }}\u202e"
    rows = [HEADINGS, [*ANNA[:2], evil, evil, evil, "Yes"], [*BORIS[:5], f"Yes {evil}"], CARLA]
    upload(page, table(rows), f"{evil}.csv")
    for tree in (page.see("import"), step(page, "read"), step(page, "columns", everybody="on")):
        assert tree.select("img:not([src^='/static/'])") == []
        assert "49" not in mistakes(tree)
        assert evil[:20] not in str(tree.title)
    assert evil[:20] in page.words("import/read")


@pytest.mark.slow
@pytest.mark.parametrize("keep", [(), ("keep_out",)], ids=["comes back", "stays out"])
def test_only_a_kept_hash_excludes_a_deleted_person_from_later_imports(
    page: Page, keep: tuple[str, ...]
) -> None:
    written(page, table(RESPONSES))
    page.post("erase/find", name="Anna Bell")
    tree = page.see("erase")
    assert "Rows in signers from forms.xlsx 1" in mistakes(tree)
    assert "signers.xlsx is never changed. " in page.words("erase")
    assert tree.select("[name=keep_out][checked]")
    assert "Without this, the person comes back with the next import" in page.words("erase")
    token = tree.select_one("[name=token]")
    assert token
    page.post("erase/person", token=token["value"], sure="on", **dict.fromkeys(keep, "on"))
    left = "Only the coded values (hashes) that you chose" if keep else "No data about this person"
    assert left in page.words("erase")
    upload(page, table(RESPONSES), "Petition (2).csv")
    assert "Anna Bell" in section(to_people(page), "#out" if keep else "#new")


# After the import


@pytest.mark.slow
def test_after_an_import_data_shows_the_result_and_who_needs_review(page: Page) -> None:
    upload(page, table(RESPONSES))
    to_people(page)
    tree = step(page, "people")
    assert section(tree, "h1") == "Data"
    summary = "Import finished · 3 people added · 1 to review · 1 row skipped"
    assert section(tree, "#outcome-name") == summary
    assert tree.select_one("#undo-written")
    assert "Test Test" in section(tree, "#reviews")
    assert "looks like a test entry" in section(tree, "#reviews")


def review(page: Page, decision: str) -> str:
    """Decide about the first person who needs review; return the Data screen."""
    key = page.see("data").select_one("#reviews [name=person]")
    assert key
    page.post("data/review", person=key["value"], decision=decision)
    return page.words("data")


@pytest.mark.slow
@pytest.mark.parametrize(("decision", "include"), [("include", ""), ("exclude", "no")])
def test_a_person_who_needs_review_is_included_or_excluded_on_data(
    page: Page, decision: str, include: str
) -> None:
    written(page, table(RESPONSES))
    edit_list(page, {("Anna Bell", "Street"): "1a Elm St"})
    before = list_rows(page)
    words = review(page, decision)
    wait_for(lambda: "need review" not in page.words("data"))
    after = list_rows(page)
    (own_id,) = (key for key, row in before.items() if row["To decide"])
    decided = {**before[own_id], "Include": include, "To decide": ""}
    assert after == {**before, own_id: decided}
    assert "Something went wrong" not in words
    upload(page, table(RESPONSES), "Petition (2).csv")
    assert "Nothing to import" in page.words("import")  # the decision stays


@pytest.mark.slow
def test_a_decision_about_a_changed_row_or_an_open_list_changes_nothing(page: Page) -> None:
    written(page, table(RESPONSES))
    note, before = page.session.folder / f"~${LIST}", files(page)
    note.write_bytes(b"")
    assert "is open in another program" in review(page, "include")
    note.unlink()
    page.post("data/review", person="gone", decision="include")
    assert "The list was saved after it was read" in page.words("data")
    assert page.post("data/review", person="gone", decision="delete").status_code == 404
    assert files(page) == before


@pytest.mark.slow
def test_a_colleagues_list_is_imported_without_a_question_about_forms(
    page: Page, tmp_path: Path
) -> None:
    rows = [["Name", "Street", "City"], ["Ana Bo", "1 Elm St", "York"], ["Cy Di", "2 Oak", "Hull"]]
    data = xlsx(tmp_path, "from Ines.xlsx", Sheet1=rows).read_bytes()
    upload(page, data, "from Ines.xlsx")
    tree = page.see("import/columns")
    for options in tree.select("select"):
        options.clear()
    words = mistakes(tree)
    assert "Everyone in this file agreed" in words
    assert "response" not in words
    assert "form" not in words
    tree = step(page, "columns", everybody="on")
    assert section(tree, "#write") == "Import 2 people"


@pytest.mark.slow
def test_a_workbook_with_only_signers_is_imported_if_staff_choose_so(
    page: Page, tmp_path: Path
) -> None:
    rows = [["ID", "Name", "City"], ["S1", "Ines Sá", "Porto"], ["S2", "Cy Di", "Hull"]]
    data = xlsx(tmp_path, "from Ines.xlsx", Signers=rows).read_bytes()
    before = files(page)
    assert "X-Next" not in upload(page, data, "from Ines.xlsx").headers
    offer = page.see("data").select_one(".offer form[action$=import] [name=offer]")
    assert offer
    answer = page.post("data/file/import", offer=offer["value"])
    assert answer.headers["Location"].endswith("/import")
    assert not page.see("data").select(".offer form[action$=put]")
    assert section(step(page, "columns", everybody="on"), "#write") == "Import 2 people"
    assert files(page) == before


@pytest.mark.slow
def test_a_list_of_another_campaign_is_named_as_what_it_is(page: Page, tmp_path: Path) -> None:
    written(page, table(RESPONSES))
    data = (page.session.folder / LIST).read_bytes()
    make(tmp_path / "other", LETTER, Signers=[["ID", "Name"], ["S1", "Ana Ruiz"]])
    with opened(tmp_path / "other") as other:
        assert "X-Next" not in upload(other, data, "Ines.xlsx").headers
        assert f"This looks like {LIST}, a file of a campaign" in other.words("data")
        assert "Restore signers.xlsx" not in other.words("data")


# In a browser


@pytest.mark.page
@pytest.mark.slow
@needs_browser
def test_a_dropped_export_is_imported_and_a_second_one_updates_it(
    tmp_path: Path, browser: Chrome
) -> None:
    folder = make(
        tmp_path / "Appeal", LETTER, Signers=[["ID", "Name", "Street", "City"], ["S1", "Ana Ruiz"]]
    )
    with live(folder, browser) as page:
        _drop(page, table(RESPONSES), "Petition.csv")
        page.says("Full name")
        assert "Petition" not in browser.title + browser.current_url
        _confirm(page)
        _press(page, "Import 4 people (1 to review)")
        page.says("3 people added")
        assert page.browser.current_url.endswith("/data")
        _press(page, "Undo")
        page.says("Import undone")
        assert not (folder / LIST).exists()
        _drop(page, table(RESPONSES), "Petition.csv")
        _confirm(page)
        _press(page, "Import 4 people (1 to review)")
        page.says("3 people added")
        _drop(page, table(RESPONSES), "Petition.csv")  # and again: nothing is written then
        page.says("Nothing to import")


_CUT_USES = """
const select = document.querySelector("#columns select"), copy = select.cloneNode();
copy.style.cssText = "position: absolute; inline-size: auto";
select.after(copy);
const isCut = option => {
  copy.replaceChildren(option.cloneNode(true));
  return copy.offsetWidth > select.offsetWidth;
};
return [...select.options].filter(isCut).map(option => option.textContent);
"""


@pytest.mark.slow
@pytest.mark.page
@needs_browser
@pytest.mark.parametrize("language", ["en", "fr", "es", "ru", "uk", "ar"])
def test_no_use_of_a_column_is_cut_when_it_is_chosen(
    tmp_path: Path, browser: Chrome, language: str
) -> None:
    with (
        emulate(browser, ViewingMode("", language=language)),
        live(make(tmp_path / "Appeal", LETTER), browser) as page,
    ):
        start_draft(page.session, table(RESPONSES), "Petition.csv")
        page.go("import/columns")
        page.find("#columns")
        assert browser.execute_script(_CUT_USES) == []


@pytest.mark.page
@pytest.mark.slow
@needs_browser
def test_the_preview_of_the_first_letter_follows_each_choice(
    tmp_path: Path, browser: Chrome
) -> None:
    with live(make(tmp_path / "Appeal", LETTER), browser) as page:
        start_draft(page.session, table(RESPONSES), "Petition.csv")
        page.go("import")
        page.says("Anna Bell 1 Elm St York")
        Select(page.find("#to-3")).select_by_visible_text("Do not import")
        page.says("but no column provides it")
        page.says("– not imported")
        assert "1 Elm St" not in page.find(".letter-head").text
        Select(page.find("#to-3")).select_by_visible_text("Street")
        page.wait(lambda _: "1 Elm St" in page.find(".letter-head").text, "1 Elm St")
        assert page.find("[name=confirm-5]").rect["y"] < page.find("#go-on").rect["y"]
        _confirm(page)
        page.find("#people")


@pytest.mark.page
@pytest.mark.slow
@needs_browser
def test_people_are_tabs_that_keep_what_is_selected(tmp_path: Path, browser: Chrome) -> None:
    with live(make(tmp_path / "Appeal", LETTER), browser) as page:
        start_draft(page.session, table(RESPONSES), "Petition.csv")
        page.go("import/columns")
        _confirm(page)
        assert page.find("[aria-selected=true]").text.split() == ["Review", "1"]
        assert "Test Test" in page.words
        assert "Boris" not in page.words
        page.find("[value=include]").click()
        assert page.find("#write").text == "Import"
        page.find("[aria-selected=true]").send_keys(Keys.ARROW_RIGHT)
        assert page.browser.switch_to.active_element.text.split() == ["New", "3"]
        page.says("Борис Ёлкин")
        page.browser.switch_to.active_element.send_keys(Keys.END)
        page.says("All capitals")
        page.find("[name=mend]").click()
        page.click("#write")
        page.says("4 people added")
        names = load_workbook(tmp_path / "Appeal" / LIST)["Signers"]["B"]
        assert {"Carla Diaz", "Test Test"} <= {cell.value for cell in names}


def _confirm(page: Live) -> None:
    """Confirm the proposed columns, and go on."""
    page.click("[name^=confirm]")
    _press(page, "Next: review people")


def _press(page: Live, words: str) -> None:
    with wait_for_next_screen(page):
        page.press(words)
    wait_for(lambda: not page.session.status.task_name)


def _drop(page: Live, data: bytes, name: str) -> None:
    """Drop a file on the page, as a mouse does."""
    with wait_for_next_screen(page):
        page.browser.execute_script(
            "const held = new DataTransfer();"
            "held.items.add(new File([new Uint8Array(arguments[0])], arguments[1]));"
            "const how = {dataTransfer: held, bubbles: true, cancelable: true};"
            "dispatchEvent(new DragEvent('drop', how))",
            [*data],
            name,
        )


@pytest.fixture
def paired(tmp_path: Path) -> Iterator[Page]:
    """A campaign in which the Pairs sheet names its only signer."""
    make(
        tmp_path / "campaign",
        LETTER,
        Signers=[["ID", "Name", "Street", "City"], ["S1", "Ana Ruiz", "9 Rue", "Lyon"]],
        Pairs=[["Signer", "Recipient"], ["S1", "Minister Li"]],
    )
    with opened(tmp_path / "campaign") as page:
        yield page


def writes_to(page: Page) -> set[str]:
    return {row["Writes to"] for row in list_rows(page).values()}


def test_the_import_asks_whom_new_signers_write_to_and_remembers_it(paired: Page) -> None:
    upload(paired, table([HEADINGS, ANNA, BORIS]))
    people = to_people(paired)
    choices = people.select("select[name=writes_to][required] option")
    assert [one["value"] for one in choices] == ["", "everyone", "none", "S1"]
    step(paired, "people")
    assert not (paired.session.folder / LIST).exists()
    step(paired, "people", writes_to="S1")
    assert writes_to(paired) == {"S1"}
    upload(paired, table([HEADINGS, ANNA, BORIS, CARLA]))
    later = paired.see("import/people")
    assert [one["value"] for one in later.select("#writes-to [selected]")] == ["S1"]
    step(paired, "people")
    assert (len(list_rows(paired)), writes_to(paired)) == (3, {"S1"})


def test_letters_counts_people_without_a_pair_and_adds_pairs(paired: Page) -> None:
    written(paired, table([HEADINGS, ANNA, BORIS]), writes_to="none")
    paired.rest()
    shown = section(paired.see("letters"), "#pairs")
    assert "2 signers have no pair · 1 recipient has no pair" in shown
    assert "Consul Roy : add rows for them to the Pairs sheet" in shown
    assert paired.post("import/pairs", writes_to="everyone").status_code == 303
    paired.rest()
    assert writes_to(paired) == {"everyone"}
    letters = paired.see("letters")
    assert section(letters, "#pairs") == ""
    assert "5 letters from 3 signers to 2 recipients." in mistakes(letters)
