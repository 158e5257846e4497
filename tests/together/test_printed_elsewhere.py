"""Letters that one computer prints while the other one creates them again.

What is on paper is known only after a sync. Until staff decide, nothing is printed a second time
and nothing is replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import staff_actions
from support.campaigns import text
from support.everyday import everyday
from support.pages import opened, wait_for
from support.printed_campaigns import no_libreoffice
from together.sync_service import SERVICES, Computer
from together.test_scenarios import ANA, BO, change_city, letter, mark, started, states
from together.two_computers import Office

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_libreoffice")]
__all__ = ["no_libreoffice"]


def printed_elsewhere(folder: Path, service: str = "OneDrive") -> Office:
    """B has printed both letters, and A, without knowing, created Ana's again."""
    two = started(folder, service)
    two.run(two.b, "print")
    change_city(two.a, "Ana Ruiz", "Quito")
    two.run(two.a, "letters")
    sync(two)
    return two


def posted_elsewhere(folder: Path, service: str = "OneDrive") -> Office:
    """B has posted the letters, printed from Word, while A created both again."""
    two = started(folder, service)
    two.run(two.b, "mark posted", "--all")
    staff_actions.retype(two.a.folder / "templates" / "appeal.docx", "Dear you", "Hello")
    two.run(two.a, "letters")
    sync(two)
    return two


def sync(two: Office) -> None:
    """Let both computers know everything: after a sync, each runs once."""
    for computer in (two.b, two.b, two.a, two.b):
        two.service.sync_all()
        two.run(computer, "letters")
    two.service.sync_all()


def reported(two: Office, computer: Computer, command: str = "letters") -> dict[str, str]:
    """Return the problems with letters on paper by path: codes."""
    problems: Iterator[dict[str, Any]] = iter(two.run(computer, command, "--json").json["problems"])
    codes = {"paper-recreated", "in-print-file"}
    return {p["where"].removeprefix("letters/"): p["code"] for p in problems if p["code"] in codes}


@pytest.mark.parametrize("service", everyday(SERVICES))
def test_a_letter_printed_elsewhere_is_neither_replaced_nor_printed_again_unasked(
    service: str, tmp_path: Path
) -> None:
    two = printed_elsewhere(tmp_path, service)
    for computer in (two.a, two.b):
        assert states(two, computer) == {ANA: "in-print-file", BO: "unchanged"}
        assert two.run(computer, "status", "--json").json["in_batches"] == 2
        printed = two.run(computer, "print", "--since-last", "--json").json
        assert printed["files"] == []
        assert [p["where"] for p in printed["problems"]] == [f"letters/{ANA}"]
        assert "Another computer" in printed["problems"][0]["message"]
    change_city(two.a, "Ana Ruiz", "Cusco")
    ran = two.run(two.a, "letters")
    assert "in print file 01, " in ran.err
    assert "created again since, on another computer" in ran.err
    assert "Ana Ruiz of Quito" in text(letter(two.a, ANA))


def test_a_letter_printed_elsewhere_is_printed_again_after_one_decision(tmp_path: Path) -> None:
    two = printed_elsewhere(tmp_path)
    two.run(two.a, "letters", "--replace", "print-file")
    two.service.sync_all()
    for computer in (two.a, two.b):
        assert states(two, computer) == {ANA: "unchanged", BO: "unchanged"}
        printed = two.run(computer, "print", "--dry-run", "--since-last", "--json").json
        assert printed["letters"] == 1
    assert len(two.run(two.b, "print", "--since-last", "--json").json["files"]) == 1
    sync(two)
    for computer in (two.a, two.b):
        assert states(two, computer) == {ANA: "unchanged", BO: "unchanged"}


def test_a_letter_printed_elsewhere_and_marked_is_reported_until_its_file_is_kept(
    tmp_path: Path,
) -> None:
    two = printed_elsewhere(tmp_path)
    two.run(two.b, "mark printed")
    two.service.sync_all()
    for computer in (two.a, two.b):
        for command in ("letters", "status"):
            assert reported(two, computer, command) == {ANA: "paper-recreated"}
    ran = two.run(two.a, "letters")
    assert "after its print file 01, " in ran.err
    assert "--keep NAME" in ran.err
    two.run(two.a, "letters", "--keep", "Ana Ruiz")
    two.service.sync_all()
    for computer in (two.a, two.b):
        assert reported(two, computer) == {}


@pytest.mark.parametrize("service", everyday(SERVICES))
def test_a_letter_that_was_posted_from_word_and_created_again_elsewhere_is_reported(
    service: str, tmp_path: Path
) -> None:
    two = posted_elsewhere(tmp_path, service)
    for computer in (two.a, two.b):
        for command in ("letters", "status"):
            found = reported(two, computer, command)
            assert found == dict.fromkeys((ANA, BO), "paper-recreated"), computer.name
    assert "earlier version of the file in your sync service" in two.run(two.a, "status").err
    two.run(two.b, "letters", "--keep", "all")
    two.service.sync_all()
    for computer in (two.a, two.b):
        assert reported(two, computer) == {}


def test_a_print_file_made_while_another_one_was_replaced_still_counts(tmp_path: Path) -> None:
    two = started(tmp_path)
    two.run(two.b, "print")
    sync(two)
    two.run(two.b, "print")  # again, not synced
    change_city(two.a, "Ana Ruiz", "Quito")
    two.run(two.a, "letters", "--replace", "print-file")
    sync(two)
    for computer in (two.a, two.b):
        assert states(two, computer) == {ANA: "in-print-file", BO: "unchanged"}


def test_a_letter_of_one_computer_that_is_replaced_after_printing_is_not_reported(
    tmp_path: Path,
) -> None:
    two = started(tmp_path)
    two.run(two.b, "print")
    sync(two)
    change_city(two.a, "Ana Ruiz", "Quito")
    two.run(two.a, "letters", "--replace", "print-file")
    mark(two, two.a, "printed", "Ana Ruiz")
    sync(two)
    for computer in (two.a, two.b):
        assert reported(two, computer) == {}
        assert states(two, computer) == {ANA: "on-paper", BO: "unchanged"}


def test_nothing_is_up_to_date_while_a_letter_on_paper_or_a_conflict_copy_is_open(
    tmp_path: Path,
) -> None:
    two = posted_elsewhere(tmp_path)
    assert two.run(two.a, "letters").last.startswith("Nothing was changed. ")
    assert "2 warnings above to resolve first. " in two.run(two.a, "status").last
    two.run(two.a, "letters", "--keep", "all")
    assert two.run(two.a, "letters").last.startswith("Everything is up to date. ")
    assert "above" not in two.run(two.a, "status").last
    workbook = two.a.folder / "signers.xlsx"
    workbook.with_name("signers-DESKTOP-B.xlsx").write_bytes(workbook.read_bytes())
    change_city(two.a, "Ana Ruiz", "Cusco")
    assert two.run(two.a, "letters").last.startswith("Nothing was changed. ")
    assert "1 warning above to resolve first. " in two.run(two.a, "status").last


@pytest.mark.parametrize(
    ("begin", "choice", "heading"),
    [
        (printed_elsewhere, "new", "Another computer, which did not know the print file"),
        (posted_elsewhere, "keep", "It is printed, but another computer, which did not know that"),
    ],
)
def test_the_page_asks_once_about_letters_that_were_printed_elsewhere(
    begin: Callable[[Path], Office],
    choice: str,
    heading: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    two = begin(tmp_path)
    monkeypatch.setenv("MERGE_HOME", str(two.a.folder.with_name(f"home of {two.a.name}")))
    with opened(two.a.folder) as page:
        assert "All letters are up to date" not in page.words("letters")
        for conflict in page.session.snapshot.conflicts:
            assert {*conflict.choices} == {choice}
            assert heading in page.words(f"decide/{conflict.about}")
            assert "The text is the same" not in page.words(f"decide/{conflict.about}")
            page.post("decide", choice=choice, shown=f"{conflict.about}.{conflict.version_token}")
        wait_for(lambda: not page.session.snapshot.conflicts)
        assert "All letters are up to date" in page.words("letters")
    assert reported(two, two.a) == {}
