"""Progress screen: numbers, pending letters, next step, report."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook
from support.campaigns import make, make_with_letters, merge
from support.everyday import seeds
from support.pages import Page, folded, opened, unchanged, wait_for
from support.printed_campaigns import NEWER, PEOPLE, edit, make_six_letters, no_libreoffice
from support.random_office import Office
from support.registers import table

__all__ = ["no_libreoffice"]

STAGES = ("printed", "signed", "posted", "answered")


def _bars(tree: BeautifulSoup) -> dict[str, int]:
    """The figures of the bars, by their names."""
    rows = tree.select("#far li")
    for row in rows:
        bar, status = row.select("progress")[0], row.select("strong")[0].get_text()
        assert bar["value"] == status.replace(",", "")
    names = (row.select(".bar-name")[0].get_text().strip().lower() for row in rows)
    names = ("made" if name == "created" else name for name in names)
    return dict(zip(names, (int(row.select("progress")[0]["value"]) for row in rows), strict=True))  # type: ignore[arg-type]


def _rows(tree: BeautifulSoup, section: str) -> dict[str, list[int]]:
    found = tree.select(f"#{section} tbody tr")
    return {
        row.select("th")[0].get_text(): [int(cell.get_text()) for cell in row.select("td")]
        for row in found
    }


def _next(page: Page) -> tuple[str, str]:
    """The button of the next step: its text, and the screen."""
    buttons = page.see("progress").select("main a.button:not(.quiet)")
    assert len(buttons) == 1
    return buttons[0].get_text(), str(buttons[0]["href"]).rsplit("/", 1)[-1]


@pytest.mark.slow
def test_the_button_leads_to_the_next_step(tmp_path: Path) -> None:
    folder = make(tmp_path)
    expected = [
        ((), ("Create letters", "make")),
        (("letters",), ("Print letters", "print")),
        (("print",), ("Mark letters as printed", "paper")),
        (("mark", "printed"), ("Mark letters as signed", "paper")),
        (("mark", "signed"), ("Mark letters as posted", "paper")),
        (("mark", "posted"), ("Record an answer", "paper")),
    ]
    for words, button in expected:
        if words:
            assert merge(*words, folder).code == 0
        with opened(folder) as page, unchanged(folder):
            assert _next(page) == button
    make(folder, Recipients=[["Name"], [None, "x"]], Signers=[["Name", "City"], [None, "Oslo"]])
    with opened(folder) as page, unchanged(folder):
        assert _next(page) == ("Show errors", "data")


@pytest.mark.slow
@pytest.mark.usefixtures("no_libreoffice")
def test_a_letter_that_cannot_be_printed_is_not_counted_as_ready_anywhere(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    edit(folder / "letters" / "Bo Berg" / "Minister Li.docx")
    make(folder, NEWER, Signers=[["Name"], *([name] for name in PEOPLE)])
    merge("letters", folder)
    see_why = f"To see why: merge print {folder} --dry-run"
    assert merge("status", folder).last == (
        f"5 letters not printed yet, 1 cannot be printed. {see_why}"
    )
    assert merge("print", folder, "--dry-run").code == 1
    with opened(folder) as page:
        progress = page.words("progress")
        assert "5 letters are ready to print. 1 letter cannot be printed." in progress
        wait_for(lambda: "5 letters" in page.words("print"))
        assert "1 letter cannot be printed" in page.words("print")
    for name in ("Ana Ruiz", "Chidi Obi", "Consul Roy"):
        merge("mark", "printed", folder, "--for", name)
    assert merge("status", folder).last == f"1 letter cannot be printed. {see_why}"
    with opened(folder) as page:
        assert "1 letter cannot be printed." in page.words("progress")
        assert _next(page) == ("Show problems", "print")


def test_the_waiting_letters_are_linked_to_the_stage_that_they_wait_for(tmp_path: Path) -> None:
    signers = [["Name"], ["Ana Ruiz"], ["Bo Lindgren"], ["Cy Young"], ["Di Mora"]]
    folder = make(tmp_path, Signers=signers)
    merge("letters", folder)
    for (signer,), stage in zip(signers[2:], STAGES[:3], strict=True):
        merge("mark", stage, folder, "--for", signer)
    with opened(folder) as page:
        links = page.see("progress").select("#waits a")
    ends = [str(link["href"]).rpartition("/")[2] for link in links]
    assert ends == ["print", "paper?stage=Signed", "paper?stage=Posted", "paper?stage=Answered"]


def test_fixing_an_error_is_the_first_step(tmp_path: Path) -> None:
    people = [["Name", "Country"], ["Minister Li", None], ["Consul Roy", "India"]]
    words = "To {{ recipient.name }} of {{ recipient.country }}: {{ signer.name }}."
    folder = make(tmp_path, words, Recipients=people)
    with opened(folder) as page:
        assert _next(page) == ("Fix errors", "data")


def test_the_progress_of_a_campaign_without_people_says_what_to_do(tmp_path: Path) -> None:
    folder = make(tmp_path, Signers=[["Name"]], Recipients=[["Name"]])
    with opened(folder) as page:
        assert "Go to Data" in page.words("progress") or "Show errors" in page.words("progress")


def _agrees(folder: Path) -> None:
    """Assert that page, `merge status`, report and register agree."""
    status = merge("status", folder, "--json").json
    numbers = merge("report", folder, "--json", "--with-names").json
    with opened(folder) as page:
        tree = page.see("progress")
        if not status["letters"]:
            assert not tree.select("#far")
            return
        bars = _bars(tree)
        assert {stage: bars[stage] for stage in STAGES} == status["stages"]
        assert bars == {k.lower(): n for k, n in numbers["totals"].items() if k != "Letters"}
        for section, people in (("recipients", "recipients"), ("signers", "signers")):
            rows = {who: [n[0], *n[2:]] for who, n in _rows(tree, section).items()}
            assert rows == _people(status[people])
        assert sum(n[1] for n in _rows(tree, "signers").values()) == bars["made"]
        months = [*_rows(tree, "months").values()]
        assert [sum(column) for column in zip(*months, strict=True)] in ([], [*bars.values()])


def _people(counts: dict[str, Any]) -> dict[str, list[int]]:
    return {who: [n["letters"], *(n[stage] for stage in STAGES)] for who, n in counts.items()}


@pytest.mark.soak
@pytest.mark.parametrize("seed", seeds(3, 20))
def test_the_progress_numbers_equal_status_report_and_register(seed: int, tmp_path: Path) -> None:
    office, chance = Office(tmp_path, seed), random.Random(seed)  # noqa: S311 - nothing secret
    for _ in range(3):
        office.change_workbook()
        office.touch_letters()
        office.close_all(tmp_path, tmp_path)
        merge("letters", tmp_path, "--skip-errors", "--release")
        signer_name = chance.choice(office.signers).name
        merge("mark", chance.choice(STAGES), tmp_path, "--for", signer_name)
        _agrees(tmp_path)


def test_the_register_has_the_same_counts_as_the_progress_screen(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    merge("mark", "signed", folder, "--for", "Ana Ruiz")
    rows = table(folder / "register.xlsx")
    with opened(folder) as page:
        bars = _bars(page.see("progress"))
    assert bars["signed"] == sum("Signed" in row for row in rows) == 2


def test_hundreds_of_signers_are_shown_page_by_page(tmp_path: Path) -> None:
    people = [["Name"], *([f"Ana Ruiz {n}"] for n in range(60))]
    with opened(make(tmp_path, Signers=people)) as page:
        first, last = page.see("progress"), page.see("progress?signers=3")
        assert len(_rows(first, "signers")) == 25
        assert [*_rows(last, "signers")][-1] == "Ana Ruiz 59"
        assert len(_rows(last, "signers")) == 10
        assert [len(one.select("#signers-list[open]")) for one in (first, last)] == [0, 1]
        for odd in ("0", "-1", "99", "x", "1e9", "'"):
            assert page.get(f"progress?signers={odd}").status_code == 200


def test_letters_that_changed_after_printing_are_reported(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    merge("print", folder)
    merge("mark", "printed", folder)
    make(folder, "Changed.\n{{ recipient.name }}\nDear {{ recipient.name }},\n{{ signer.name }}")
    with opened(folder) as page:
        words = page.words("progress")
    assert "Printed, data changed 4" in words
    assert "letters/Ana Ruiz/Consul Roy.docx" in words


@pytest.mark.slow
def test_the_progress_of_a_closed_campaign_is_from_its_register(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    merge("mark", "posted", folder, "--for", "Ana Ruiz")
    merge("close", folder, "--yes")
    _agrees(folder)
    with opened(folder) as page:
        assert _bars(page.see("progress"))["posted"] == 2
        assert "The campaign is closed" in page.words("progress")
        assert "This campaign was closed on" in page.words("data")


def test_warnings_about_the_register_are_shown_with_the_progress(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    book = load_workbook(folder / "register.xlsx")
    sheet = book["Register"]
    heads = [str(cell.value) for cell in sheet[1]]
    sheet.cell(2, heads.index("Signed") + 1, "perhaps")
    book.save(folder / "register.xlsx")
    with opened(folder) as page:
        tree = page.see("progress")
    assert [one.get_text() for one in tree.select("#doubts .place bdi")]
    assert _rows(tree, "months")["No date"] == [0, 0, 1, 0, 0]


@pytest.mark.slow
def test_the_report_is_saved_without_names_unless_requested(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path / "campaign")
    with opened(folder) as page:
        assert page.post("progress/report").status_code == 303
        (plain,) = folder.glob("report *.xlsx")
        assert "By signer" not in load_workbook(plain).sheetnames
        assert "Report saved" in page.words("progress")
        assert plain.name not in page.words("data")
        assert plain.name in page.words("progress")
        page.post("progress/report", with_names="on")
        (named,) = {*folder.glob("report *.xlsx")} - {plain}
        assert "By signer" in load_workbook(named).sheetnames
        assert "It names the signers" in page.words("progress")
        assert page.client.get(f"/c/{page.key}/progress/report").status_code == 405


@pytest.mark.posix("the program of this test")
def test_only_the_files_of_the_report_are_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener, log = tmp_path / "open", tmp_path / "said"
    opener.write_text(f'#!/bin/sh\necho "$1" >> "{log}"\n')
    opener.chmod(0o700)
    monkeypatch.setenv("MERGE_OPENER", str(opener))
    folder = make(tmp_path / "campaign")
    with opened(folder) as page:
        assert page.post("progress/open", file="excel").status_code == 404
        page.post("progress/report")
        for which in ("excel", "word", "../signers.xlsx", ""):
            page.post("progress/open", file=which, next="/")
        wait_for(lambda: log.exists() and len(log.read_text().splitlines()) == 2)
    (excel,), (word,) = folder.glob("report *.xlsx"), folder.glob("report *.docx")
    assert log.read_text().splitlines() == [str(excel), str(word)]


def test_the_progress_screen_changes_nothing_and_has_no_names_in_its_address(
    tmp_path: Path,
) -> None:
    folder = make_with_letters(tmp_path)
    with opened(folder) as page, unchanged(folder):
        tree = page.see("progress")
    addresses = [str(one["href"]) for one in tree.select("[href]")]
    assert not [one for one in addresses if "Ruiz" in one]
    assert folded(tree.select("title")[0].get_text()) == "Progress – Appeal Merge"
