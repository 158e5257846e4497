"""Data screen: workbook, templates, problems; uploads."""

from __future__ import annotations

import datetime as dt
import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from flask import request_started
from support.campaigns import make, make_with_letters, merge
from support.documents import docx
from support.everyday import everyday
from support.pages import Page, opened, wait_for
from support.registers import excel, table
from support.staff_actions import lose_ledger
from support.workbooks import campaign as workbook_of
from werkzeug.test import TestResponse

from merge.campaign.campaign import Campaign
from merge.campaign.task import Task
from merge.workbook.reading import read_workbook

NEEDY = "Dear {{ recipient.salutation }},\n{{ signer.name }}"
BLANK: list[list[object]] = [["Name", "Salutation"], ["Minister Li", "Mr Li"], ["Consul Roy", ""]]


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    make(tmp_path / "campaign", NEEDY, Recipients=BLANK)
    with opened(tmp_path / "campaign") as page:
        yield page


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Page]:
    (tmp_path / "campaign").mkdir()
    with opened(tmp_path / "campaign") as page:
        yield page


def book(folder: Path, **sheets: list[list[object]]) -> bytes:
    folder.mkdir(exist_ok=True)
    workbook_of(folder, **sheets)
    return (folder / "signers.xlsx").read_bytes()


def upload(page: Page, data: bytes, name: str, instead: str = "") -> TestResponse:
    """Upload a file as the page's script does, and wait for the result."""
    headers = {"X-File-Name": quote(name), "X-Instead": quote(instead)}
    answer = page.client.put(f"/c/{page.key}/data/file", data=data, headers=headers)
    page.rest()
    return answer


def files(page: Page) -> dict[str, bytes]:
    folder = page.session.folder
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def offer_key(tree: BeautifulSoup) -> str:
    return str(tree.select_one("#offers input[name=offer]")["value"])  # type: ignore[index]


def test_workbook_and_templates_are_shown_with_their_contents(page: Page) -> None:
    words = page.words("data")
    assert "signers.xlsx 2 signers · 2 recipients · 4 letters Saved today at" in words
    assert "appeal.docx 2 placeholders · used by 4 letters" in words


def test_a_problem_has_a_cell_to_copy_blocked_letters_and_a_file(page: Page) -> None:
    item = page.see("data").select("#errors .problem.error")[0]
    copy = item.select_one("[data-copy]")
    assert copy
    assert copy["data-copy"] == "Recipients!B3"
    assert item.select(".blocks a")[0].get_text() == "2 letters"
    assert [a["href"] for a in item.select("a")] == [
        "/manual/problems#section-blank-in-sentence",
        f"/c/{page.key}/letters?stopped=1",
    ]
    assert item.select_one("input[name=file]")["value"] == "signers.xlsx"  # type: ignore[index]


def test_adjacent_cells_are_copied_as_a_range_for_excel(tmp_path: Path) -> None:
    rows = [["Name", "Salutation"], *([f"Judge {n}", "" if n != 3 else "x"] for n in range(1, 6))]
    make(tmp_path / "campaign", NEEDY, Recipients=rows)
    with opened(tmp_path / "campaign") as page:
        found = page.see("data").select_one(".problem.error [data-copy]")
    assert found
    assert found["data-copy"] == "Recipients!B2:B3,Recipients!B5:B6"


def _answers(page: Page) -> dict[str, str]:
    """The buttons on Data that answer a problem, with the ends of their addresses."""
    forms = page.see("data").select("form[action*='/letters/answer/']")
    return {form.get_text().strip(): str(form["action"]).rpartition("/")[2] for form in forms}


def _with_cleared_dates(folder: Path) -> Path:
    """Return a campaign in which staff cleared the last dates of Ana Ruiz's letters."""
    make_with_letters(folder)
    merge("mark", "printed", folder, "--for", "Ana Ruiz")
    with excel(folder / "register.xlsx") as sheet:
        column = [cell.value for cell in sheet[1]].index("Printed") + 1
        for row in (2, 3):
            sheet.cell(row, column).value = None
    return folder


@pytest.mark.parametrize(
    ("button", "printed"),
    [("Release them", 0), ("Deleted by mistake: write the dates again", 2)],
)
def test_data_asks_about_cleared_last_dates_and_each_button_does_what_it_says(
    tmp_path: Path, button: str, printed: int
) -> None:
    folder = _with_cleared_dates(tmp_path)
    with opened(folder) as page:
        (error,) = page.see("data").select("#errors .problem.error")
        assert "The last dates of 2 letters were deleted" in error.get_text()
        answers = _answers(page)
        assert [*answers] == ["Release them", "Deleted by mistake: write the dates again"]
        assert page.post(f"letters/answer/{answers[button]}").status_code == 303
        wait_for(lambda: not _answers(page))
        assert not page.see("data").select("#errors .problem.error")
    assert merge("status", folder, "--json").json["stages"]["printed"] == printed
    dates = [row["Printed"] for row in table(folder / "register.xlsx") if "Printed" in row]
    assert len(dates) == printed
    assert merge("letters", folder).last.startswith("Everything is up to date")


def test_a_button_creates_all_letters_again_if_their_folder_is_empty(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    (folder / "letters").rename(tmp_path / "letters May")
    with opened(folder) as page:
        assert _answers(page) == {"Continue anyway": "anyway"}
        assert page.post("letters/answer/anyway").status_code == 303
        wait_for(lambda: not _answers(page))
    assert len([*(folder / "letters").glob("*/*.docx")]) == 4


def test_a_button_says_that_people_who_are_only_in_the_register_have_left(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    lose_ledger(folder)
    make(folder, Signers=[["Name"], ["Ana Ruiz"]])
    with opened(folder) as page:
        assert _answers(page) == {"They left: create letters": "people_left"}
        assert page.post("letters/answer/people_left").status_code == 303
        wait_for(lambda: not _answers(page))
    assert merge("status", folder, "--json").json["letters"] == 2


def test_an_answer_that_no_problem_offers_is_not_found(tmp_path: Path) -> None:
    with opened(_with_cleared_dates(tmp_path)) as page:
        for option in ("anyway", "people_left", "everything"):
            assert page.post(f"letters/answer/{option}").status_code == 404


def test_a_conflict_copy_of_the_workbook_blocks_printing(tmp_path: Path) -> None:
    folder = make(tmp_path)
    data = (folder / "signers.xlsx").read_bytes()
    make(folder, Signers=[["Name"], ["Ana Ruiz"]])
    (folder / "signers (conflicted copy).xlsx").write_bytes(data)
    with opened(folder) as page:
        tree = page.see("data")
    assert "Letters blocked" in tree.select("thead")[0].get_text()
    (row,) = (row for row in tree.select("tr.problem") if "conflict copy" in row.get_text())
    assert row.select(".blocks")[0].get_text().split()[-1] == "printing"


def test_an_empty_signers_sheet_offers_an_import_of_form_responses(tmp_path: Path) -> None:
    make(tmp_path / "campaign", "{{ signer.postal_code }}", Signers=[["Name"]])
    with opened(tmp_path / "campaign") as page:
        words, tree = page.words("data"), page.see("data")
    assert "Add one person per row, or import form responses." in words
    assert "Add the column, or import form responses that contain it." in words
    links = [link["href"] for link in tree.select("#errors a") if "Import" in link.text]
    assert links == [f"/c/{page.key}/import"] * 2


def test_data_shows_a_date_as_the_letters_have_it(tmp_path: Path) -> None:
    for language, day in (("en", "November 30, 2026"), ("en-GB", "30 November 2026")):
        settings = [["Name", "Value"], ["Date", "2026-11-30"], ["Language", language]]
        make(tmp_path / language, NEEDY, Settings=settings)
        with opened(tmp_path / language) as page:
            words = page.words("data")
        assert f"Dates in letters look like this: {day}" in words
        assert "For another form, set Language in the Settings sheet" in words
        assert "Add the row if it is missing." in words


def test_problems_fixed_in_the_workbook_are_counted_as_resolved(page: Page) -> None:
    assert "1 error" in page.words("data")
    make(page.session.folder, NEEDY, Recipients=[*BLANK[:2], ["Consul Roy", "Mr Roy"]])
    wait_for(lambda: not page.session.snapshot.errors, 5)
    words = page.words("data")
    assert "1 error" not in words
    assert "Next: create 4 letters" in words


def test_data_begins_with_the_errors_or_else_with_the_next_step(page: Page) -> None:
    assert [part["id"] for part in page.see("data").select(".work > [id]")][:3] == [
        *("errors", "make", "files")
    ]
    assert page.see("data").select(".work h2")[0].get_text() == "1 error"
    make(page.session.folder, NEEDY, Recipients=[*BLANK[:2], ["Consul Roy", "Mr Roy"]])
    wait_for(lambda: not page.session.snapshot.errors, 5)
    assert page.see("data").select(".work a.button")[0].get_text() == "Next: create 4 letters"
    merge("letters", page.session.folder)
    page.session.request_rescan()
    wait_for(lambda: not page.session.snapshot.waiting_letters.get("letters"), 5)
    assert page.see("data").select(".work a.button")[0].get_text() == "Next: proofread"


def test_a_row_of_several_warnings_has_their_number(tmp_path: Path) -> None:
    rows = [["Name", "Town"], ["Minister Li", "TBC"], ["Consul Roy", "TBC"]]
    make(tmp_path / "campaign", "{{ recipient.town }}\n{{ signer.name }}", Recipients=rows)
    with opened(tmp_path / "campaign") as page:
        tree = page.see("data")
    shown = [level.get_text() for level in tree.select("#problems tr .level")]
    counts = [int(words.split()[0]) if words != "Warning" else 1 for words in shown]
    assert max(counts) > 1
    title = tree.select_one("#problems-title")
    assert title
    assert title.get_text() == f"{sum(counts)} warnings"


def test_a_warning_is_ignored_and_shown_again(tmp_path: Path) -> None:
    make(tmp_path / "campaign")
    with opened(tmp_path / "campaign") as page:
        assert "No letter uses the" in page.words("data")
        ids = page.see("data").select_one("#problems input[name=warnings]")
        assert ids
        sent = {"warnings": ids["value"], "next": f"/c/{page.key}/data"}
        answer = page.post("data/ignore", **sent)
        assert (answer.status_code, answer.headers["Location"]) == (303, sent["next"])
        tree = page.see("data")
        assert len(tree.select("#problems tr.problem")) == 0
        assert len(tree.select("#hidden .problem")) == 1
        assert tree.select(".outcome") == []
        again = tree.select_one("#hidden input[name=warnings]")
        assert again
        assert again["value"] == ids["value"]
        page.post("data/ignore", **sent, again="1")
        tree = page.see("data")
        assert tree.select("#hidden") == []
        assert len(tree.select("#problems tr.problem")) == 1


def test_placeholders_can_be_copied_and_blank_lines_are_listed(tmp_path: Path) -> None:
    make(
        tmp_path / "campaign",
        "{{ recipient.name }}\n{{ recipient.street }}\nDear {{ recipient.name }},",
        Recipients=[["Name", "Street"], ["Minister Li", "Main St"], ["Consul Roy", ""]],
    )
    with opened(tmp_path / "campaign") as page:
        tree = page.see("data")
    copies = [button["data-copy"] for button in tree.select("#tags [data-copy]")]
    assert "{{ recipient.street }}" in copies
    closes = " ".join(tree.select("#blank li")[0].get_text(" ").split())
    assert closes == "{{ recipient.street }} blank in 2 of 4 letters"


def test_an_empty_campaign_says_what_to_do_and_accepts_both_files(
    empty: Page, tmp_path: Path
) -> None:
    assert "Add your workbook and template" in empty.words("data")
    assert empty.see("data").select(".problem") == []
    data = book(tmp_path / "a")
    assert upload(empty, data, "people.xlsx").status_code == 204
    assert "Add your template" in empty.words("data")
    upload(empty, docx("Dear {{ recipient.name }},"), "Appeal to all.docx")
    assert set(files(empty)) == {"signers.xlsx", "templates/Appeal to all.docx"}
    assert files(empty)["signers.xlsx"] == data
    assert "Next: create 4 letters" in empty.words("data")


def test_a_form_without_javascript_accepts_files_too(empty: Page, tmp_path: Path) -> None:
    sent = [
        (io.BytesIO(book(tmp_path / "a")), "x.xlsx"),
        (io.BytesIO(docx("Dear {{ recipient.name }}")), "y.docx"),
    ]
    answer = empty.client.post(f"/c/{empty.key}/data/files", data={"file": sent})
    empty.rest()
    assert answer.status_code == 303
    assert set(files(empty)) == {"signers.xlsx", "templates/y.docx"}


def test_no_file_is_replaced_before_the_differences_are_confirmed(
    page: Page, tmp_path: Path
) -> None:
    before = files(page)
    new = book(
        tmp_path / "new",
        Signers=[["Name"], ["Olena Kovač"]],
        Recipients=[["Name", "Salutation"], ["Consul Roy", "Mr Roy"]],
    )
    upload(page, new, "new list.xlsx")
    assert files(page) == before
    words = page.words("data")
    assert "Replace signers.xlsx with new list.xlsx ?" in words
    assert "Olena Kovač" in words
    assert "1 cell will change" in words
    page.post("data/file/put", offer=offer_key(page.see("data")))
    after = files(page)
    old_version = next(name for name in after if name.startswith("Old versions/"))
    assert after[old_version] == before["signers.xlsx"]
    assert after["signers.xlsx"] == new
    assert page.see("data").select("#offers .offer") == []
    assert "1 signer ·" in page.words("data")


def test_a_cancelled_upload_is_discarded(page: Page, tmp_path: Path) -> None:
    before = files(page)
    upload(page, book(tmp_path / "new", Signers=[["Name"], ["Olena"]]), "x.xlsx")
    key = offer_key(page.see("data"))
    page.post("data/file/leave", offer=key)
    assert page.see("data").select(".offer") == []
    assert page.post("data/file/put", offer=key).status_code == 404
    assert files(page) == before


def test_a_template_is_added_beside_another_or_replaces_it(page: Page) -> None:
    upload(page, docx("Dear {{ recipient.name }}, act."), "second.docx")
    tree = page.see("data")
    assert "appeal.docx" in tree.select(".offer h2")[0].get_text()
    page.post("data/file/beside", offer=offer_key(tree))
    assert set(files(page)) == {"signers.xlsx", "templates/appeal.docx", "templates/second.docx"}
    upload(page, docx("Dear {{ recipient.name }}, please."), "third.docx", instead="second.docx")
    tree = page.see("data")
    assert "second.docx" in tree.select(".offer h2")[0].get_text()
    page.post("data/file/compare", offer=offer_key(tree), instead="appeal.docx")
    tree = page.see("data")
    assert "appeal.docx" in tree.select(".offer h2")[0].get_text()
    page.post("data/file/put", offer=offer_key(tree))
    assert b"PK" in files(page)["templates/appeal.docx"]
    assert len([name for name in files(page) if name.startswith("Old versions/")]) == 1


@pytest.mark.parametrize(
    ("data", "name", "says"),
    everyday(
        [
            (b"%PDF-1.7", "../../evil.docx", "This is a PDF"),
            (b"", "a\x00\x1f.xlsx", "The file is empty"),
            (b"PK\x03\x04" + b"\0" * 100, "x" * 300 + ".docx", "damaged"),
            (b"a;b\n1;2\n", "signers.xlsx", "CSV"),
        ],
        daily=range(2),
    ),
)
def test_nothing_of_a_refused_file_is_kept(empty: Page, data: bytes, name: str, says: str) -> None:
    upload(empty, data, name)
    words = empty.words("data")
    assert "was not added" in words
    assert says in words
    assert files(empty) == {}
    assert [*empty.session.folder.parent.iterdir()] == [empty.session.folder]


@pytest.mark.slow
def test_the_result_of_each_upload_is_shown_until_dismissed(page: Page) -> None:
    upload(page, b"%PDF-1.7", "flyer.pdf")
    upload(page, docx("Dear {{ recipient.name }}, act."), "letter from Marta.docx")
    upload(page, docx("Dear {{ recipient.name }}, please act."), "shorter.docx")
    upload(page, files(page)["signers.xlsx"], "same.xlsx")
    upload(page, b"a;b", "list.csv")
    words = page.words("data")
    for message in (
        "flyer.pdf was not added",
        "list.csv was not added",
        "Replace appeal.docx with letter from Marta.docx ?",
        "Replace appeal.docx with shorter.docx ?",
        "signers.xlsx is identical to the current file",
    ):
        assert message in words
    page.post(
        "data/file/put", offer=page.see("data").select(".offer input[name=offer]")[-1]["value"]
    )
    page.get("frame")  # the thumbnail of another new template
    words = page.words("data")
    assert "templates/appeal.docx was replaced" in words
    assert "signers.xlsx is identical to the current file" in words
    assert "flyer.pdf was not added" in words
    assert "Replace appeal.docx with letter from Marta.docx" in words
    for one in page.see("data").select(".refused input[name=offer]"):
        page.post("data/file/leave", offer=one["value"])
    assert "was not added" not in page.words("data")
    assert len(page.see("data").select(".offer")) == 1


@pytest.mark.slow
def test_too_many_waiting_files_are_reported(page: Page) -> None:
    for number in range(8):
        upload(page, docx(f"Dear {{{{ recipient.name }}}}, {number}."), f"letter {number}.docx")
    words = page.words("data")
    assert [f"letter {n}.docx" in words for n in range(8)] == [True] * 8
    assert "letter 7.docx was not added Too many files are waiting" in words
    upload(page, b"", "letter 7.docx")
    assert page.words("data").count("letter 7.docx was not added") == 1


def test_a_workbook_without_any_letter_gets_a_warning(page: Page, tmp_path: Path) -> None:
    upload(page, book(tmp_path / "new", Recipients=[["Whom"], ["Consul Roy"]]), "new.xlsx")
    tree = page.see("data")
    words = page.words("data")
    assert "With the new file there would be no letters to create." in words
    assert "Name" in tree.select(".offer .problem")[0].get_text()
    assert tree.select_one(".offer button:not(.quiet)") is None


def test_a_template_without_placeholders_gets_a_warning(page: Page) -> None:
    upload(page, docx("Dear friend, act."), "plain.docx")
    assert "The new file has no placeholder" in page.words("data")
    assert page.see("data").select_one(".offer button:not(.quiet)") is None
    upload(page, docx("Dear {{ recipient.name }}, act."), "plain.docx")
    assert "The new file has no placeholder" not in page.words("data")
    assert page.see("data").select_one(".offer button:not(.quiet)")


def test_half_a_character_in_a_workbook_is_shown_as_a_replacement_character(
    page: Page, tmp_path: Path
) -> None:
    people: list[list[object]] = [["Name", "Street_xD800_"], ["Minister Li", "Road_xD800_"]]
    upload(page, book(tmp_path / "new", Recipients=people, Tab_xD800_=[["a"]]), "new.xlsx")
    assert "Street\ufffd" in page.words("data")
    page.post("data/file/put", offer=offer_key(page.see("data")))
    for text in ("Street\ufffd", "Road\ufffd"):
        assert text in page.words("data"), text


def test_problems_of_a_replaced_file_do_not_count_as_resolved(page: Page, tmp_path: Path) -> None:
    assert page.session.snapshot.errors
    signers: list[list[object]] = [
        ["Name", "City"],
        ["Olena Kovač", "Lviv"],
        ["", "Bern"],
        ["", "Oslo"],
    ]
    upload(page, book(tmp_path / "new", Signers=signers), "new.xlsx")
    page.post("data/file/put", offer=offer_key(page.see("data")))
    assert page.session.snapshot.errors
    assert "settled" not in page.words("data")


def test_a_column_with_two_names_is_listed_once(tmp_path: Path) -> None:
    rows = [["Name", "Dear"], ["Minister Li", "Mr Li"]]
    with opened(make(tmp_path / "campaign", Recipients=rows)) as page:
        names = [
            name.get_text() for name in page.see("data").select("#tags-2 ~ ul .tag-name > bdi")
        ]
    assert names == ["Name", "Dear"]


def tags(page: Page, css: str = "li[data-used]") -> dict[str, str]:
    """Return what can be copied from the pane, with the text beside it."""
    items = page.see("data").select(f"#tags {css}")
    return {
        str(item.select("[data-copy]")[0]["data-copy"]): " ".join(item.get_text(" ").split())
        for item in items
    }


def test_the_pane_shows_each_column_with_its_first_value_and_its_use(tmp_path: Path) -> None:
    people = [["Name", "Salutation", "Street"], ["Minister Li", "", ""], ["Consul Roy", "Mr Roy"]]
    make(tmp_path / "campaign", NEEDY + "\n{{ recipient.cyti }}", Recipients=people)
    with opened(tmp_path / "campaign") as page:
        shown = tags(page)
        unknown = page.see("data").select(".no-column code")
        words = page.words("data")
    assert shown["{{ recipient.salutation }}"].startswith("Salutation used Mr Roy {{")
    assert shown["{{ recipient.street }}"].startswith("Street not used {{")
    assert [code.get_text() for code in unknown] == ["{{ recipient.cyti }}"]
    assert "2 of 4 columns are used." in words


def test_the_pane_works_while_there_are_no_signers_and_without_a_template(empty: Page) -> None:
    assert "Each of its columns becomes a placeholder" in empty.words("data")
    upload(empty, book(empty.session.folder.parent / "a", Signers=[["Name", "City"]]), "a.xlsx")
    assert "{{ signer.city }}" in tags(empty)
    assert "not used" not in empty.words("data")
    upload(empty, docx(NEEDY), "appeal.docx")
    assert tags(empty)["{{ signer.name }}"].startswith("Name used")


def test_every_example_of_the_pane_works_in_a_template(tmp_path: Path) -> None:
    since = dt.date(2026, 3, 4)
    rows = [
        ["Name", "Country", "Since"],
        ["Minister Li", "France", since],
        ["Consul Roy", "", since],
    ]
    folder = make(tmp_path / "campaign", Recipients=rows)
    with opened(folder) as page:
        examples = [*tags(page, "#tags-examples ~ ul > li")]
    assert len(examples) == 7
    assert examples[2] == '{% if recipient.country == "…" %}…{% else %}…{% endif %}'
    assert '{{ recipient.since | date("d MMMM yyyy") }}' in examples
    assert examples[6] == "Recipient_Country"
    make(folder, "\n".join([*examples[:6], "{{ recipient.name }}"]), Recipients=rows)
    assert merge("check", folder).code == 0


def test_all_errors_are_shown_while_there_are_no_signers(tmp_path: Path) -> None:
    make(tmp_path / "campaign", NEEDY, Signers=[["Name"]], Recipients=BLANK)
    with opened(tmp_path / "campaign") as page:
        rows = page.see("data").select("#errors tr.error")
    texts = [" ".join(row.get_text(" ").split()) for row in rows]
    assert any("Recipients!B3" in text and "all letters" in text for text in texts)
    assert any("Signers" in text for text in texts)


@pytest.mark.slow
def test_the_check_of_a_new_file_comes_before_the_folded_differences(
    page: Page, tmp_path: Path
) -> None:
    new = book(tmp_path / "new", Recipients=[["Name", "Salutaiton"], ["Minister Li", "Mr Li"]])
    upload(page, new, "new.xlsx")
    panel = page.see("data").select(".offer")[0]
    assert "Salutation" in panel.select(".problem")[0].get_text()
    assert "have a column in the workbook" not in panel.get_text()
    assert "Columns removed" in panel.select("details")[0].get_text()
    assert [part.name for part in panel.select(".checks, details")] == ["ul", "details"]
    page.post("data/file/leave", offer=offer_key(page.see("data")))
    upload(page, docx("Dear {{ recipient.name }},\n{{ signer.name }}"), "new.docx")
    panel = page.see("data").select(".offer")[0]
    assert "All 2 placeholders have a column in the workbook." in panel.get_text()
    assert panel.select(".problem") == []
    preview = page.client.get(str(panel.select(".thumb")[0]["data-from"]))
    assert preview.data == docx("Dear {{ recipient.name }},\n{{ signer.name }}")
    assert page.get("data/new/00000000.docx").status_code == 404


def test_the_settings_can_be_kept_if_the_new_workbook_has_none(page: Page, tmp_path: Path) -> None:
    settings: list[list[object]] = [["Setting", "Value"], ["Language", "fr"]]
    make(page.session.folder, NEEDY, Recipients=BLANK, Settings=settings)
    upload(page, book(tmp_path / "new", Recipients=[*BLANK[:2]]), "new.xlsx")
    assert "The new file has no Settings sheet" in page.words("data")
    page.post("data/file/keep", offer=offer_key(page.see("data")))
    assert "Old versions" in page.words("data")
    kept = read_workbook(page.session.folder / "signers.xlsx")
    assert (kept.settings.language, len(kept.recipients.persons)) == ("fr", 1)


def test_the_next_upload_replaces_what_was_refused_before(page: Page) -> None:
    first = {"X-File-Name": "a.pdf", "X-First": "1"}
    for name, headers in (("a.pdf", first), ("b.pdf", {"X-File-Name": "b.pdf"})):
        page.client.put(f"/c/{page.key}/data/file", data=b"%PDF-1.7", headers=headers)
        page.rest()
        assert f"{name} was not added" in page.words("data")
    assert "a.pdf was not added" in page.words("data")
    headers = {"X-File-Name": "c.pdf", "X-First": "1"}
    page.client.put(f"/c/{page.key}/data/file", data=b"%PDF-1.7", headers=headers)
    page.rest()
    assert page.words("data").count("was not added") == 1


@pytest.mark.slow
def test_a_file_of_sixty_one_mebibytes_is_not_read(empty: Page) -> None:
    answer = upload(empty, b"\0" * (61 << 20), "signers.xlsx")
    assert answer.status_code == 413
    assert "too large: more than 50 MB" in _refusal_of(empty, b"PK\x03\x04" + b"\0" * (51 << 20))
    assert files(empty) == {}


def _refusal_of(page: Page, data: bytes) -> str:
    upload(page, data, "signers.xlsx")
    return page.words("data")


def test_two_simultaneous_uploads_wait_for_each_other(page: Page, tmp_path: Path) -> None:
    def work(_campaign: Campaign, task: Task) -> None:
        while True:
            task.raise_if_cancelled()

    before = files(page)
    page.session.submit_with_campaign("letters", work)
    data = book(tmp_path / "new", Signers=[["Name"], ["Olena"]])
    answer = page.client.put(f"/c/{page.key}/data/file", data=data)
    assert answer.status_code == 409
    page.session.cancel_task()
    page.rest()
    assert files(page) == before


def test_a_replacement_waits_while_the_next_upload_is_checked(page: Page, tmp_path: Path) -> None:
    upload(page, book(tmp_path / "new", Signers=[["Name"], ["Olena"]]), "x.xlsx")
    key, is_pressed = offer_key(page.see("data")), threading.Event()
    page.session.submit("file", lambda _task: None if is_pressed.wait(30) else 1 / 0)
    with request_started.connected_to(lambda *_, **__: is_pressed.set()):
        answer = page.post("data/file/put", offer=key)
    assert answer.status_code == 303
    assert "signers.xlsx was replaced" in page.words("data")


def test_a_full_disk_is_reported_and_an_upload_changes_nothing(
    empty: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = book(tmp_path / "new")

    def full(_handle: int, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    upload(empty, data, "x.xlsx")
    monkeypatch.undo()
    assert "No space left on device" in empty.words("data")
    assert files(empty) == {}


@pytest.mark.slow
def test_a_file_open_in_excel_can_be_replaced_after_it_is_closed(
    page: Page, tmp_path: Path
) -> None:
    new = book(tmp_path / "new", Signers=[["Name"], ["Olena"]])
    upload(page, new, "x.xlsx")
    note = page.session.folder / "~$signers.xlsx"
    note.write_bytes(b"x")
    page.post("data/file/put", offer=offer_key(page.see("data")))
    assert "open in another program" in page.words("data")
    note.unlink()
    page.post("data/file/put", offer=offer_key(page.see("data")))
    assert files(page)["signers.xlsx"] == new


@pytest.mark.slow
def test_an_upload_is_compared_again_if_the_file_was_saved_meanwhile(
    page: Page, tmp_path: Path
) -> None:
    upload(page, book(tmp_path / "new", Signers=[["Name"], ["Olena"]]), "x.xlsx")
    key = offer_key(page.see("data"))
    make(page.session.folder, NEEDY, Signers=[["Name"], ["Olena"], ["Marta"]])
    page.post("data/file/put", offer=key)
    words = page.words("data")
    assert "The file changed after you saw the differences" in words
    assert "Marta" in words
    page.post("data/file/put", offer=key)
    assert page.see("data").select(".offer") == []


@pytest.mark.slow
def test_the_button_at_a_misspelt_heading_opens_the_workbook(page: Page) -> None:
    rows = [["Name", "Salutaiton"], ["Minister Li", "Minister"]]
    make(
        page.session.folder, "Dear {{ recipient.salutation }},\n{{ signer.name }}", Recipients=rows
    )
    wait_for(lambda: "Did you mean “Salutation”?" in page.words("data"), 5)
    (problem,) = (e for e in page.see("data").select("tr.problem") if "Salutaiton" in e.text)
    buttons = [button.text.strip() for button in problem.select("button")]
    assert "Open in Excel" in buttons
    assert "Open in Word" not in buttons


@pytest.mark.posix("the program of this test")
def test_only_the_campaigns_own_files_can_be_opened(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener = tmp_path / "opener"
    opener.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/opened\n')
    opener.chmod(0o755)
    monkeypatch.setenv("MERGE_OPENER", str(opener))
    for path in (
        "../secret.xlsx",
        "letters/.merge-lock",
        "",
        "templates/other.docx",
        "/etc/x",
    ):
        assert page.post("data/open", file=path).status_code == 404
    for path in ("signers.xlsx", "templates/appeal.docx"):
        assert page.post("data/open", file=path).status_code == 303
    wait_for(lambda: len((tmp_path / "opened").read_text().split("\n")) == 3, 5)


def test_unknown_choices_about_uploads_and_wrong_methods_are_refused(page: Page) -> None:
    assert page.post("data/file/put", offer="00000000").status_code == 404
    assert page.post("data/file/burn", offer="00000000").status_code == 404
    assert page.client.get(f"/c/{page.key}/data/file/put").status_code == 405
    assert page.client.post(f"/c/{page.key}/data").status_code == 405
    assert upload(page, b"x", "x.docx", instead="nobody.docx").status_code == 404
    assert page.post("data/ignore", warnings="zzzz").headers["Location"] == "/"


def test_looking_at_the_data_screen_changes_nothing(page: Page) -> None:
    before = files(page)
    for _ in range(3):
        page.get("data")
    assert files(page) == before


@pytest.mark.slow
def test_a_campaign_with_a_broken_workbook_still_shows_its_files(page: Page) -> None:
    (page.session.folder / "signers.xlsx").write_bytes(b"no workbook")
    wait_for(lambda: page.session.snapshot.view is None, 5)
    words = page.words("data")
    assert "signers.xlsx" in words
    assert "appeal.docx" in words
    assert "1 error" in words


@pytest.mark.slow
def test_a_file_that_is_being_saved_is_noted_on_the_data_screen(page: Page) -> None:
    book = page.session.folder / "signers.xlsx"
    whole = book.read_bytes()
    wait_for(lambda: page.session.snapshot.view)
    book.write_bytes(whole[: len(whole) // 2])
    wait_for(lambda: page.session.snapshot.unreadable_files)
    words = page.words("data")
    assert "A file is being saved signers.xlsx" in words
    assert "2 signers · 2 recipients" in words


def test_the_data_screen_of_a_closed_campaign_offers_no_letters(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path / "campaign")
    assert merge("close", folder, "--yes").code == 0
    with opened(folder) as page:
        words = page.words("data")
    assert "This campaign is closed" in words
    assert "Make" not in words
