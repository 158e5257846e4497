"""docs/printing.md is true: its commands are run here."""

from __future__ import annotations

import datetime as dt
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from support import campaigns
from support.everyday import everyday
from support.registers import excel
from support.staff_actions import add_line

from merge.cli.commands import merge as group
from merge.printing.envelopes import ENVELOPES
from merge.printing.labels import LABELS
from merge.register.layouts import LETTERS_LAYOUT
from merge.workbook.settings import KNOWN_SETTINGS

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "printing.md").read_text(encoding="utf-8")
PROBLEMS = (DOCS / "problems.md").read_text(encoding="utf-8")
LATER = dt.date(2099, 1, 1)
CHANGED = "Something changed after printing"
LETTER = Path("letters", "Ana Ruiz", "Minister Li.docx")

Table = list[dict[str, str]]


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A computer without LibreOffice, and a folder of the test's own."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.chdir(tmp_path)


def _sections(page: str) -> dict[str, str]:
    parts = re.split(r"^##+ (.+)\n", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


SECTIONS = _sections(PAGE)


def _tables(text: str) -> Iterator[Table]:
    for lines in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        split = [line.split("|")[1:-1] for line in lines.splitlines()]
        heads, _, *rows = [[cell.strip() for cell in cells] for cells in split]
        yield [dict(zip(heads, row, strict=True)) for row in rows]


def _blocks(text: str) -> list[str]:
    return re.findall(r"```\n(.*?)```", text, re.DOTALL)


def _codes(text: str) -> list[str]:
    """Return the code in a text: each line of a block, each inline piece."""
    lines = [line for block in _blocks(text) for line in block.splitlines()]
    return lines + re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def _commands(text: str) -> list[list[str]]:
    """Return the commands in a text as words, without `merge`.

    An option alone is one of `merge print`.
    """
    split = (shlex.split(code) for code in _codes(text) if code.startswith(("merge ", "--")))
    return [words[1:] if words[0] == "merge" else ["print", *words] for words in split]


def _run(text: str, campaign: Path) -> list[campaigns.RunResult]:
    """Run the commands in a text that have a folder, in this campaign."""
    commands = (words for words in _commands(text) if words[1:2] == ["my-campaign"])
    return [campaigns.merge(command, campaign, *rest) for command, _, *rest in commands]


@pytest.mark.parametrize("words", _commands(PAGE), ids=" ".join)
def test_every_command_and_option_in_printing_md_exists(words: list[str]) -> None:
    command = group.commands[words[0]]
    assert command.make_context(words[0], words[1:]).params["folder"]


def test_every_option_of_merge_print_is_in_printing_md() -> None:
    parameters = group.commands["print"].params
    options = {
        option
        for parameter in parameters
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    shared_parameters = {"folder", "--workbook", "--json"}
    assert options - shared_parameters <= {word for words in _commands(PAGE) for word in words}


def test_every_picture_of_printing_md_exists_is_small_and_is_used() -> None:
    named = re.findall(r"!\[[^\]]+\]\(pictures/([^)]+)\)", PAGE)
    files = {path.name: path.stat().st_size for path in (DOCS / "pictures").glob("print-*.png")}
    assert sorted(named) == sorted(files)
    assert max(files.values()) < 60_000


def _anchors(page: str) -> set[str]:
    return {re.sub(r"[^\w\- ]", "", t).lower().replace(" ", "-") for t in _sections(page)}


def test_every_link_in_printing_md_leads_to_a_heading() -> None:
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) == _anchors(PAGE)
    assert set(re.findall(r"\]\(problems\.md#([^)]+)\)", PAGE)) <= _anchors(PROBLEMS)
    assert all((DOCS / name).is_file() for name in re.findall(r"\]\(([\w-]+\.md)", PAGE))


def test_every_problem_that_stops_printing_is_in_printing_md() -> None:
    stops = {code for code in _anchors(PROBLEMS) if code.startswith("print-")}
    assert set(re.findall(r"problems\.md#(print-[^)]+)", PAGE)) == stops


def test_every_setting_in_printing_md_exists() -> None:
    named = set(re.findall(r"\*([A-Z][\w ]+)\* (?:setting|to the Settings sheet)", PAGE))
    assert named == {"Sort by", "Pages", "Envelope address", "Return address"}
    assert named <= set(KNOWN_SETTINGS)


def test_every_size_of_envelopes_and_labels_is_in_printing_md() -> None:
    envelopes, labels = next(_tables(SECTIONS["Envelopes and labels"]))
    assert {name.strip('"') for name in _codes(envelopes["Sizes"])} == set(ENVELOPES)
    documented = re.findall(r"`(\w+)` \((\w+), (\d+) labels\)", labels["Sizes"])
    sheets = {(name, sheet.paper.name, str(sheet.count)) for name, sheet in LABELS.items()}
    assert set(documented) == sheets


def test_the_columns_of_the_register_are_those_in_printing_md() -> None:
    (table,) = _tables(SECTIONS["Sign and post"])
    headings = ((h, row) for row in table for h in re.findall(r"\*(.+?)\*", row["Column"]))
    documented = {heading: row["Filled in by"] for heading, row in headings}
    shown = [column for column in LETTERS_LAYOUT.columns if not column.hidden]
    staff_kinds = {"stage", "staff"}
    assert documented == {
        c.heading: "you" if c.kind in staff_kinds else "the program" for c in shown
    }


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    """Two signers and two recipients, with their letters."""
    campaigns.merge("letters", campaigns.make(tmp_path))
    return tmp_path


def _new(tmp_path: Path) -> Path:
    campaigns.merge("new", tmp_path / "x")
    campaigns.merge("letters", tmp_path / "x")
    return tmp_path / "x"


def test_a_dry_run_of_print_prints_what_printing_md_shows_and_creates_nothing(
    tmp_path: Path,
) -> None:
    new = _new(tmp_path)
    command, output = _blocks(SECTIONS["Print"])
    (ran,) = _run(f"`{command.strip()}`", new)
    assert ran.out.startswith(output)
    assert not (new / "print").exists()


def test_status_prints_what_printing_md_shows(tmp_path: Path) -> None:
    new = _new(tmp_path)
    with excel(new / "register.xlsx", "By signer") as sheet:
        _write(sheet, 2, "Printed", "Signed")
        _write(sheet, 3, "Printed")
    with excel(new / "register.xlsx") as sheet:
        _write(sheet, 2, "Posted")
    (output,) = _blocks(SECTIONS["Sign and post"])
    assert output in campaigns.merge("status", new).out


def _write(sheet: Worksheet, row: int, *headings: str, value: dt.date | None = LATER) -> None:
    """Write a date into columns of a row of the register, or empty them."""
    columns = [cell.value for cell in sheet[1]]
    for heading in headings:
        sheet.cell(row, columns.index(heading) + 1).value = value


def test_print_files_have_the_names_in_printing_md(campaign: Path) -> None:
    section = SECTIONS["Envelopes and labels"] + SECTIONS["Parcels"]
    ran = _run(section, campaign)
    assert [r.code for r in ran] == [0] * len(ran)
    files = {path.name for path in campaign.glob("print/*/*") if not path.name.startswith("01 ")}
    named = {code for code in _codes(section) if code.endswith(".docx")}
    assert named <= files
    folders = {path.parent.name for path in campaign.glob("print/*/*")}
    (shown,) = re.findall(r"`print/([^`]+)/`", SECTIONS["Print"])
    assert {re.sub(r"\d", "0", name[:19]) for name in folders} == {re.sub(r"\d", "0", shown)}


def test_the_proofreading_report_has_the_sheets_in_printing_md(campaign: Path) -> None:
    campaigns.merge("proofread", campaign)
    (report,) = campaign.glob("print/Proofread *.xlsx")
    assert report.with_suffix(".docx").is_file()
    (sheets,) = re.findall(r"The report has the sheets (.+?)\.\n", PAGE, re.DOTALL)
    assert re.findall(r"\*(\w[\w-]+)\*", sheets) == load_workbook(report).sheetnames


def _delete(campaign: Path) -> None:
    (campaign / LETTER).unlink()


def _change_data(campaign: Path) -> None:
    campaigns.make(
        campaign, "Dear {{ recipient.name }},\n{{ recipient.country }}\n{{ signer.name }}"
    )


def _edit(campaign: Path) -> None:
    add_line(campaign / LETTER, "Added by hand")


def _print_errors(campaign: Path) -> set[str]:
    problems = campaigns.merge("print", campaign, "--json").json["problems"]
    return {problem["code"] for problem in problems if problem["level"] == "error"}


@pytest.mark.parametrize(
    ("trouble", "code"), everyday([(_delete, "print-missing"), (_change_data, "print-outdated")])
)
def test_a_problem_that_stops_printing_is_resolved_as_printing_md_says(
    campaign: Path, trouble: Callable[[Path], None], code: str
) -> None:
    trouble(campaign)
    assert _print_errors(campaign) == {code}
    _run(_row("What is not printed", code)["What to do"], campaign)
    assert _print_errors(campaign) == set()


@pytest.mark.slow
def test_an_edited_letter_with_changed_data_is_resolved_in_both_ways(campaign: Path) -> None:
    _edit(campaign)
    _change_data(campaign)
    campaigns.merge("letters", campaign)
    assert _print_errors(campaign) == {"print-changed"}
    accept, again = _commands(_row("What is not printed", "print-changed")["What to do"])
    assert campaigns.merge(accept[0], campaign, *accept[2:]).code == 0
    assert campaigns.merge(again[0], campaign, *again[2:], "--yes").code == 0
    assert _print_errors(campaign) == set()


def test_skipped_letters_are_printed_later_as_printing_md_says(campaign: Path) -> None:
    copy = campaign / LETTER.with_name("Copy of Minister Li.docx")
    shutil.copy2(campaign / LETTER, copy)
    first = campaigns.merge("print", campaign, "--skip-errors", "--json").json["letters"]
    copy.unlink()
    (later,) = _run(SECTIONS["What is not printed"].split("|")[0], campaign)
    assert (first, int(later.out.split()[0])) == (3, 1)


def _row(section: str, words: str) -> dict[str, str]:
    """Return the row of a table that contains these words."""
    rows = [row for table in _tables(SECTIONS[section]) for row in table]
    (match,) = (row for row in rows if words in " ".join(row.values()))
    return match


def _date(campaign: Path, *headings: str) -> None:
    """Write a date for Ana Ruiz's pile."""
    with excel(campaign / "register.xlsx", "By signer") as sheet:
        assert sheet.cell(2, 2).value == "Ana Ruiz"
        _write(sheet, 2, *headings)


def _clear_row_of_the_letter(campaign: Path, *headings: str) -> None:
    """Empty cells in the letter's row of the Register sheet."""
    with excel(campaign / "register.xlsx") as sheet:
        assert (sheet.cell(2, 2).value, sheet.cell(2, 3).value) == ("Ana Ruiz", "Minister Li")
        _write(sheet, 2, *headings, value=None)


def _count_printed(campaign: Path, text: str) -> int:
    """Return how many letters the last command in a text prints."""
    return int(_run(text, campaign)[-1].out.split()[0])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("headings", "row"),
    everyday(
        [((), "has no date yet"), (["Printed"], "in *Printed* only"), (["Printed"], "spoilt")]
    ),
)
def test_a_letter_that_changed_after_its_print_file_is_printed_again(
    campaign: Path, headings: list[str], row: str
) -> None:
    campaigns.merge("print", campaign)
    _date(campaign, *headings)
    _edit(campaign)
    assert "Changed since the last print file" in campaigns.merge("status", campaign).out
    assert _count_printed(campaign, _row(CHANGED, row)["To print it again"]) == 1
    assert "Changed since the last print file" not in campaigns.merge("status", campaign).out


@pytest.mark.slow
def test_a_signed_letter_is_printed_again_after_its_date_is_deleted(campaign: Path) -> None:
    campaigns.merge("print", campaign)
    _date(campaign, "Printed", "Signed")
    _edit(campaign)
    same = _row(CHANGED, "in *Printed* only")["To print it again"]
    assert _count_printed(campaign, same) == 0
    campaigns.merge("letters", campaign)
    assert _row(CHANGED, "in *Signed*")["To print it again"] == "delete *Signed*, then the same"
    _clear_row_of_the_letter(campaign, "Signed")
    assert _count_printed(campaign, same) == 1


@pytest.mark.slow
def test_a_letter_without_dates_is_created_again_and_printed(campaign: Path) -> None:
    campaigns.merge("print", campaign)
    _date(campaign, "Printed", "Signed")
    _change_data(campaign)
    campaigns.merge("letters", campaign)
    assert "printed, data changed" in campaigns.merge("status", campaign).out
    _clear_row_of_the_letter(campaign, "Printed", "Signed")
    assert _count_printed(campaign, _row(CHANGED, "old data")["To print it again"]) == 1
    assert "China" in campaigns.text(campaign / LETTER)
    assert "India" not in campaigns.text(campaign / LETTER.with_name("Consul Roy.docx"))
