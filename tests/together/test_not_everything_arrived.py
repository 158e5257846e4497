"""Creating and printing wait for the files of the other computer."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from support.campaigns import RunResult, campaign_files
from support.everyday import everyday
from support.imports import export, response, run_import
from support.pages import opened
from support.registers import excel
from support.signer_lists import make_list
from together.sync_service import SERVICES, Computer
from together.two_computers import Office, office

from merge import StorageError, create_letters
from merge.product import RECORDS_FOLDER
from merge.state.ledger import ledger_to_read

pytestmark = pytest.mark.slow

CODE = "files-not-arrived"


def save_city(computer: Computer, city: str, *, minutes: float = 0) -> None:
    """Save another city in the workbook, some minutes from now."""
    path = computer.folder / "signers.xlsx"
    with excel(path, "Signers") as sheet:
        sheet["C2"] = city
    set_time(path, minutes)


def set_time(path: Path, minutes: float) -> None:
    moment = time.time() + 60 * minutes
    os.utime(path, (moment, moment))


def two_with_letters(folder: Path, service: str = "OneDrive") -> Office:
    """Return two computers that have the letters of a run of A, an hour ago."""
    two = office(folder, service)
    for name in ("signers.xlsx", "templates/appeal.docx"):
        set_time(two.a.folder / name, -60)
    two.run(two.a, "letters")
    two.service.sync_all()
    return two


def ledger_first(two: Office, *, also: Callable[[str], bool] = lambda _path: False) -> None:
    """Sync all of A, and to B only the letters and the records."""
    first = ("letters/", f"{RECORDS_FOLDER}/")
    two.service.sync(two.a)
    two.service.sync(two.b, only=lambda path: path.startswith(first) or also(path))


def codes(two: Office, computer: Computer, command: str, *words: str) -> set[str]:
    """Return the codes of what a command reports."""
    found = two.run(computer, command, "--json", *words).json["problems"]
    return {problem["code"] for problem in found}


def not_arrived(two: Office, computer: Computer) -> str:
    """Return what `check` says about files that have not arrived."""
    problems = two.run(computer, "check", "--json").json["problems"]
    return "".join(problem["message"] for problem in problems if problem["code"] == CODE)


@pytest.mark.parametrize("service", everyday(SERVICES, daily=range(2)))
def test_letters_and_print_wait_for_a_workbook_that_has_not_arrived(
    service: str, tmp_path: Path
) -> None:
    two = two_with_letters(tmp_path, service)
    save_city(two.a, "Cusco")
    two.run(two.a, "letters")
    ledger_first(two)
    before = campaign_files(two.b.folder)
    for command in ("letters", "print"):
        ran = two.run(two.b, command)
        assert ran.code == 1
        assert "Not everything that Computer " in ran.err
        assert "Older here: signers.xlsx." in ran.err
        assert f"“merge {command} {two.b.folder} --anyway”" in ran.err
    assert campaign_files(two.b.folder) == before
    two.service.sync_all()
    assert two.run(two.b, "letters").code == 0
    assert not_arrived(two, two.b) == ""


def test_errors_do_not_let_letters_be_created_before_all_has_arrived(tmp_path: Path) -> None:
    two = two_with_letters(tmp_path)
    save_city(two.a, "Cusco")
    two.run(two.a, "letters")
    ledger_first(two)
    before = campaign_files(two.b.folder)
    assert two.run(two.b, "letters", "--skip-errors").code == 1
    assert two.run(two.b, "letters", "--replace", "all", "--yes").code == 1
    assert campaign_files(two.b.folder) == before


def test_the_api_waits_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two = two_with_letters(tmp_path)
    save_city(two.a, "Cusco")
    two.run(two.a, "letters")
    ledger_first(two)
    monkeypatch.setenv("MERGE_HOME", str(tmp_path / "home of DESKTOP-B"))
    with pytest.raises(StorageError, match=r"Older here: signers\.xlsx"):
        create_letters(two.b.folder)


def test_trial_letters_do_not_wait(tmp_path: Path) -> None:
    two = two_with_letters(tmp_path)
    save_city(two.a, "Cusco")
    two.run(two.a, "letters")
    ledger_first(two)
    assert two.run(two.b, "letters", "--try", str(tmp_path / "trial")).code == 0


def test_status_and_check_only_report_it(tmp_path: Path) -> None:
    two = two_with_letters(tmp_path)
    save_city(two.a, "Cusco")
    two.run(two.a, "letters")
    ledger_first(two)
    for command in ("status", "check"):
        ran = two.run(two.b, command)
        assert ran.code == 0
        assert "Older here: signers.xlsx." in ran.out + ran.err
        assert "2 letters" in ran.out


def test_a_register_that_is_missing_has_perhaps_not_arrived(tmp_path: Path) -> None:
    two = office(tmp_path)
    two.run(two.a, "letters")
    ledger_first(two)
    ran = two.run(two.b, "letters")
    assert ran.code == 1
    assert "Missing: register.xlsx." in ran.err


@pytest.mark.parametrize("service", everyday(SERVICES))
def test_letters_of_another_computer_that_have_not_arrived_are_not_created_again(
    service: str, tmp_path: Path
) -> None:
    two = office(tmp_path, service)
    two.run(two.a, "letters")
    two.service.sync(two.a)
    two.service.sync(two.b, only=lambda path: not path.endswith("Minister Li.docx"))
    for command in ("letters", "print"):
        ran = two.run(two.b, command)
        assert ran.code == 1
        assert "Missing: 2 letters." in ran.err
    two.service.sync_all()
    assert two.run(two.b, "letters", "--json").json["unchanged"] == 2


def test_letters_that_were_moved_printed_or_seen_before_have_not_failed_to_arrive(
    tmp_path: Path,
) -> None:
    two = office(tmp_path)
    two.run(two.a, "letters")
    two.run(two.a, "mark printed", "--for", "Ana Ruiz")
    ana, bo = (
        two.a.folder / "letters" / name / "Minister Li.docx" for name in ("Ana Ruiz", "Bo Berg")
    )
    ana.unlink()
    bo.rename(bo.parents[1] / "final.docx")
    two.service.sync_all()
    assert not_arrived(two, two.b) == ""
    assert two.run(two.b, "letters").code == 0
    (two.b.folder / "letters" / "final.docx").unlink()
    assert not_arrived(two, two.b) == ""
    assert two.run(two.b, "letters", "--json").json["problems"][0]["code"] == "letters-gone"
    assert two.run(two.b, "letters", "--anyway", "--json").json["written"] == 1


@pytest.mark.parametrize("service", everyday(SERVICES))
def test_rows_of_a_register_that_has_not_arrived_are_not_called_lost(
    service: str, tmp_path: Path
) -> None:
    two = two_with_letters(tmp_path, service)
    with excel(two.a.folder / "signers.xlsx", "Signers") as sheet:
        sheet.append(["S3", "Chen Wei", "Rome"])
    two.run(two.a, "letters")
    two.run(two.a, "mark posted", "--all")
    ledger_first(two)
    for command in ("status", "check"):
        assert codes(two, two.b, command) == {CODE, "column-unused"}
    assert codes(two, two.b, "letters") == {CODE}
    two.service.sync_all()
    assert codes(two, two.b, "letters") == {"column-unused"}


@pytest.mark.parametrize("command", ["status", "check", "letters", "print"])
def test_a_register_that_has_not_arrived_is_not_called_lost(command: str, tmp_path: Path) -> None:
    two = office(tmp_path)
    two.run(two.a, "letters")
    two.service.sync(two.a)
    two.service.sync(two.b, only=lambda path: path != "register.xlsx")
    assert codes(two, two.b, command) - {"column-unused"} == {CODE}


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("signers.xlsx", "Missing: signers.xlsx."),
        ("templates/appeal.docx", "Missing: a template."),
    ],
)
def test_the_first_error_about_a_missing_file_is_that_it_has_not_arrived(
    missing: str, words: str, tmp_path: Path
) -> None:
    two = two_with_letters(tmp_path)
    (two.b.folder / missing).unlink()
    ran = two.run(two.b, "letters")
    assert ran.code == 1
    assert words in ran.err.split("error  ")[1]


def test_a_list_of_signers_that_has_not_arrived_stops_letters(tmp_path: Path) -> None:
    two = two_with_letters(tmp_path)
    make_list(two.a.folder, ("Dara Mok", "1 Elm St", "Graz"))
    two.run(two.a, "letters")
    ledger_first(two)
    assert "Missing: signers from forms.xlsx." in two.run(two.b, "letters").err


def test_an_older_template_is_named(tmp_path: Path) -> None:
    two = two_with_letters(tmp_path)
    template = two.a.folder / "templates" / "appeal.docx"
    change_template(template, "An urgent appeal")
    two.run(two.a, "letters")
    ledger_first(two, also=lambda path: path == "register.xlsx")
    assert "Older here: templates/appeal.docx." in not_arrived(two, two.b)


def change_template(path: Path, line: str) -> None:
    document = Document(str(path))
    document.add_paragraph(line)
    document.save(str(path))


# Going on deliberately


def test_staff_go_on_deliberately_and_are_asked_once(tmp_path: Path) -> None:
    two = two_with_letters(tmp_path)
    before = (two.a.folder / "signers.xlsx").read_bytes()
    save_city(two.a, "Cusco")
    two.run(two.a, "letters")
    two.service.sync_all()
    (two.b.folder / "signers.xlsx").write_bytes(before)
    set_time(two.b.folder / "signers.xlsx", -60)
    assert two.run(two.b, "letters").code == 1
    assert two.run(two.b, "letters", "--anyway").code == 0
    assert two.run(two.b, "letters").code == 0
    two.service.sync_all()
    assert not_arrived(two, two.a) == ""
    assert two.run(two.a, "letters").code == 0


def test_print_goes_on_deliberately_too(tmp_path: Path) -> None:
    two = two_with_letters(tmp_path)
    save_city(two.a, "Cusco")
    two.run(two.a, "letters")
    ledger_first(two)
    planned = two.run(two.b, "print", "--anyway", "--dry-run")
    assert planned.last.endswith("print " + f"{two.b.folder} --anyway")
    assert two.run(two.b, "print").code == 1
    assert two.run(two.b, "print", "--anyway", "--json").json["files"]
    assert two.run(two.b, "print").code == 0


def test_a_dry_run_records_no_decision(tmp_path: Path) -> None:
    two = two_with_letters(tmp_path)
    save_city(two.a, "Cusco")
    two.run(two.a, "letters")
    ledger_first(two)
    assert two.run(two.b, "letters", "--dry-run").code == 1
    planned = two.run(two.b, "letters", "--dry-run", "--anyway")
    assert planned.code == 0
    assert planned.last.endswith(f"merge letters {two.b.folder} --anyway")
    assert two.run(two.b, "letters").code == 1


# A person who works alone


def test_a_person_alone_restores_a_backup_and_is_not_asked(tmp_path: Path) -> None:
    two = two_with_letters(tmp_path)
    before = (two.a.folder / "signers.xlsx").read_bytes()
    save_city(two.a, "Cusco")
    two.run(two.a, "letters")
    (two.a.folder / "signers.xlsx").write_bytes(before)
    set_time(two.a.folder / "signers.xlsx", -60)
    assert two.run(two.a, "letters").code == 0


def test_a_person_alone_who_saves_the_workbook_is_not_asked(tmp_path: Path) -> None:
    two = two_with_letters(tmp_path)
    for city in ("Cusco", "Lima"):
        save_city(two.a, city)
        reset = Computer(f"reset {city}", two.a.folder)  # its private folder is new
        assert not_arrived(two, reset) == ""
        assert two.run(reset, "letters").code == 0


def test_a_computer_without_a_private_folder_leaves_no_record(tmp_path: Path) -> None:
    two = office(tmp_path)
    (tmp_path / "home of DESKTOP-A").write_bytes(b"a file in its place")
    two.run(two.a, "letters")
    assert last_run(two.a) == ""


@pytest.mark.parametrize("how", [shutil.copytree, shutil.move])
def test_a_campaign_that_was_copied_or_moved_is_complete(
    how: Callable[[Path, Path], object], tmp_path: Path
) -> None:
    two = two_with_letters(tmp_path)
    how(two.b.folder, tmp_path / "another")
    moved = Computer("DESKTOP-C", tmp_path / "another")
    assert not_arrived(two, moved) == ""
    assert two.run(moved, "letters").code == 0


# Clocks, times and copies


def test_a_computer_whose_clock_is_ten_minutes_late_can_edit_the_workbook(tmp_path: Path) -> None:
    two = two_with_letters(tmp_path)
    save_city(two.a, "Cusco")
    two.run(two.a, "letters")
    two.service.sync_all()
    save_city(two.b, "Tacna", minutes=-9)
    assert not_arrived(two, two.b) == ""
    assert two.run(two.b, "letters").code == 0


def test_versions_that_were_saved_within_minutes_are_distinguished(tmp_path: Path) -> None:
    two = two_with_letters(tmp_path)
    for number, city in enumerate(("Cusco", "Tacna", "Puno")):
        save_city(two.a, city, minutes=number - 3)
        two.run(two.a, "letters")
        if city == "Cusco":
            two.service.sync_all()
    ledger_first(two)
    assert "Older here: signers.xlsx." in not_arrived(two, two.b)


@pytest.mark.parametrize("minutes", [-3, 3])
def test_a_service_that_changes_the_times_of_files_causes_no_doubt(
    minutes: float, tmp_path: Path
) -> None:
    two = two_with_letters(tmp_path)
    save_city(two.a, "Cusco", minutes=-30)
    two.run(two.a, "letters")
    two.service.sync_all()
    for path in two.b.folder.rglob("*.xlsx"):
        set_time(path, minutes - 60)
    assert not_arrived(two, two.b) == ""


def test_a_version_that_is_in_a_conflict_copy_has_arrived(tmp_path: Path) -> None:
    two = two_with_letters(tmp_path)
    save_city(two.b, "Tacna", minutes=-30)
    two.service.sync(two.b)
    save_city(two.a, "Cusco")
    two.run(two.a, "letters")
    two.service.sync_all()
    assert (two.b.folder / "signers-DESKTOP-A.xlsx").exists()
    assert not_arrived(two, two.b) == ""


@pytest.mark.parametrize("change", ["rename", "replace"])
def test_a_template_that_staff_rename_or_replace_is_not_missing(
    change: str, tmp_path: Path
) -> None:
    two = two_with_letters(tmp_path)
    template = two.a.folder / "templates" / "appeal.docx"
    template.rename(template.with_name("appeal 2026.docx"))
    if change == "replace":
        change_template(template.with_name("appeal 2026.docx"), "An urgent appeal")
    two.service.sync_all()
    assert not_arrived(two, two.b) == ""
    assert two.run(two.b, "letters").code == 0


def test_a_closed_campaign_that_is_reopened_elsewhere_is_complete(tmp_path: Path) -> None:
    two = two_with_letters(tmp_path)
    two.run(two.a, "close", "--yes")
    two.service.sync_all()
    two.run(two.b, "close", "--undo")
    assert two.run(two.b, "letters").code == 0


# What the ledger records


def test_the_record_names_the_computer_and_no_file_that_may_name_a_person(
    tmp_path: Path,
) -> None:
    two = office(tmp_path)
    template = two.a.folder / "templates" / "appeal.docx"
    template.rename(template.with_name("for Ana Ruiz.docx"))
    home = tmp_path / "home of DESKTOP-A"
    home.mkdir(mode=0o700)
    (home / "computer name.txt").write_text("Front desk\n", "utf-8")
    two.run(two.a, "letters")
    two.service.sync_all()
    record = last_run(two.a)
    assert '"Front desk"' in record
    assert "signers.xlsx" in record
    assert "Ana" not in record
    (two.b.folder / "register.xlsx").unlink()
    assert "Not everything that Front desk saved in this campaign on " in not_arrived(two, two.b)


def last_run(computer: Computer) -> str:
    with ledger_to_read(computer.folder / "letters") as ledger:
        return ledger.fact("last_run")


def test_a_run_with_nothing_to_do_leaves_the_record(tmp_path: Path) -> None:
    two = two_with_letters(tmp_path)
    record = last_run(two.b)
    two.run(two.b, "letters")
    assert last_run(two.b) == record


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("mark printed", ("--all",)),
        ("print", ()),
        ("delete-person Ana Ruiz (S1)", ("--yes",)),
    ],
)
def test_each_run_that_changes_a_shared_file_is_recorded(
    command: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    two = two_with_letters(tmp_path)
    two.run(two.a, command, *words)
    ledger_first(two)
    assert "Older here: register.xlsx." in not_arrived(two, two.b)
    two.service.sync_all()
    assert not_arrived(two, two.b) == ""


# Import, mark and proofread


def b_without_changes(folder: Path) -> Office:
    """Return two computers; B has the records of A and an older workbook."""
    two = two_with_letters(folder)
    export(folder / "form.csv", [response(1, "Ida Calm")])
    two.run(two.a, "mark printed", "--all")
    two.service.sync_all()
    save_city(two.a, "Cusco")
    two.run(two.a, "letters")
    two.run(two.a, "mark signed", "--for", "Bo Berg")
    ledger_first(two)
    return two


def run_work(two: Office, command: str, *words: str) -> RunResult:
    """Run a command on B; the file of an import comes before the folder."""
    if command != "import":
        return two.run(two.b, command, *words)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MERGE_HOME", str(two.b.folder.with_name("home of DESKTOP-B")))
        return run_import(two.b.folder.with_name("form.csv"), two.b.folder, *words)


WORK = [("mark signed", "--all"), ("proofread",), ("import",)]


@pytest.mark.parametrize("command", WORK)
def test_marking_proofreading_and_importing_wait_for_files_that_have_not_arrived(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    two = b_without_changes(tmp_path)
    before = campaign_files(two.b.folder)
    ran = run_work(two, *command)
    assert "Older here: register.xlsx, signers.xlsx." in ran.err
    assert "on purpose: add --anyway." in ran.err
    assert (ran.code, campaign_files(two.b.folder)) == (1, before)
    assert {p["code"] for p in run_work(two, *command, "--json").json["problems"]} == {CODE}
    assert run_work(two, *command, "--anyway").code == 0
    assert codes(two, two.b, "letters") == {CODE}


def test_a_mark_beside_a_register_that_has_not_arrived_counts_on_both_computers(
    tmp_path: Path,
) -> None:
    two = b_without_changes(tmp_path)
    two.run(two.b, "mark signed", "--for", "Ana Ruiz", "--anyway")
    two.service.sync_all()
    for computer in (two.b, two.a, two.b):
        signers = two.run(computer, "status", "--json").json["signers"]
        assert {name: stages["signed"] for name, stages in signers.items()} == {
            "Ana Ruiz": 1,
            "Bo Berg": 1,
        }
        two.run(computer, "letters")
        two.service.sync_all()


def test_print_files_that_arrive_before_the_records_are_not_printed_again(tmp_path: Path) -> None:
    two = two_with_letters(tmp_path)
    two.run(two.a, "print")
    two.service.sync(two.a)
    two.service.sync(two.b, only=lambda path: path.startswith("print/"))
    ran = two.run(two.b, "print")
    assert "the program has no record of them" in ran.err
    assert "If this folder syncs, wait until the sync has finished." in ran.err
    assert (ran.code, len([*two.b.folder.glob("print/*/*.docx")])) == (1, 1)
    two.service.sync_all()
    assert "no record" not in two.run(two.b, "print").err


# The page


def test_the_page_waits_and_goes_on_deliberately(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = two_with_letters(tmp_path)
    save_city(two.a, "Cusco")
    two.run(two.a, "letters")
    ledger_first(two)
    with excel(two.b.folder / "signers.xlsx", "Signers") as sheet:
        sheet.append(["S3", "Chen Wei", "Rome"])
    set_time(two.b.folder / "signers.xlsx", -50)
    monkeypatch.setenv("MERGE_HOME", str(tmp_path / "home of DESKTOP-B"))
    with opened(two.b.folder) as page:
        for screen in ("data", "letters/make", "print"):
            assert "Older here: signers.xlsx." in page.words(screen)
            assert page.see(screen).select_one("#anyway")
        assert not page.see("letters/make").select_one("#make")
        assert not page.see("print").select_one("#order")
        page.post("letters/make", sure=1)
        page.post("print/make", by="signer")
        assert not (two.b.folder / "letters" / "Chen Wei").exists()
        page.post("proofread")
        page.rest()
        assert "Older here: signers.xlsx." in page.words("proofread")
        for screen in ("proofread", "letters/make", "print", "data"):
            path = page.see(screen).select_one("form:has(#anyway) [name=next]")["value"]  # type: ignore[index]
            assert str(path).endswith(screen)
        assert page.post("letters/anyway", next=path).location.endswith("data")
        page.post("letters/make", sure=1)
        assert (two.b.folder / "letters" / "Chen Wei").exists()
        assert "Older here" not in page.words("print")
