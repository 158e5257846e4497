"""A conflict copy of a template that letters use is reported."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.campaigns import LINES, RunResult, make, merge
from support.documents import docx
from support.everyday import everyday
from support.workbooks import Rows
from together.sync_service import SERVICES, Computer
from together.two_computers import office

pytestmark = pytest.mark.slow

NEWER = LINES + "\nPlease release Ana Ruiz."
COPY = "appeal-DESKTOP-B.docx"


def write_template(computer: Computer, text: str, name: str = "appeal.docx") -> None:
    (computer.folder / "templates" / name).write_bytes(docx(text))


def copied(folder: Path, name: str, template: bytes, **sheets: Rows) -> RunResult:
    """Check a campaign with letters that has a second file in its templates."""
    make(folder, LINES, **sheets)
    (folder / "templates" / name).write_bytes(template)
    merge("letters", folder)
    return merge("check", folder, "--all")


@pytest.mark.parametrize("service", everyday(SERVICES, daily=range(2)))
def test_a_conflict_copy_of_a_template_with_another_text_is_reported_and_stops_printing(
    service: str, tmp_path: Path
) -> None:
    two = office(tmp_path, service)
    two.run(two.a, "letters")
    two.service.sync_all()
    write_template(two.a, LINES + "\nWe urge you to act.")
    write_template(two.b, NEWER)
    two.service.sync_all()
    names = (p.name for p in (two.b.folder / "templates").iterdir() if p.name != "appeal.docx")
    (name,) = names
    ran = two.run(two.b, "letters", "--json")
    assert ran.code == 0
    (problem,) = (p for p in ran.json["problems"] if p["where"] == f"templates/{name}")
    assert "copy of appeal.docx, changed on another computer" in problem["message"]
    assert "1 paragraph differs: “Please release Ana Ruiz.”" in problem["message"]
    printed = two.run(two.b, "print", "--json").json
    assert printed["files"] == []
    assert "template-copy" in {p["code"] for p in printed["problems"]}
    (two.b.folder / "templates" / name).unlink()
    assert two.run(two.b, "print", "--json").json["files"]


def test_a_conflict_copy_equal_to_its_template_does_not_stop_printing(tmp_path: Path) -> None:
    assert "does not differ from it" in copied(tmp_path, COPY, docx(LINES)).out
    assert merge("print", tmp_path, "--json").json["files"]


def test_a_conflict_copy_of_a_template_with_the_same_text_stops_printing(tmp_path: Path) -> None:
    ran = copied(tmp_path, COPY, docx(LINES, title="Appeal"))
    assert "the same text, but the files differ" in ran.out
    assert merge("print", tmp_path, "--json").json["files"] == []


def test_a_damaged_conflict_copy_of_a_template_stops_printing(tmp_path: Path) -> None:
    assert "one of the two cannot be read" in copied(tmp_path, COPY, b"half").out
    assert merge("print", tmp_path, "--json").json["files"] == []


def test_a_template_that_staff_keep_under_another_name_is_not_called_a_copy(tmp_path: Path) -> None:
    settings = [["Setting", "Value"], ["Template", "appeal.docx"]]
    ran = copied(tmp_path, "appeal-old.docx", docx(NEWER), Settings=settings)
    assert "conflict copy" not in ran.out
    assert merge("print", tmp_path, "--json").json["files"]


def test_a_template_in_use_with_the_name_of_a_copy_is_no_copy(tmp_path: Path) -> None:
    recipients = [["Name", "Template"], ["Minister Li", "appeal.docx"], ["Consul Roy", COPY]]
    assert "conflict copy" not in copied(tmp_path, COPY, docx(NEWER), Recipients=recipients).out
    assert merge("print", tmp_path, "--json").json["files"]


def test_a_template_copy_whose_warning_is_ignored_does_not_stop_printing(tmp_path: Path) -> None:
    copied(tmp_path, COPY, docx(NEWER))
    shown = merge("check", tmp_path).out
    match = re.search(rf"{COPY}  \[(\w+)\]", shown)
    assert match, shown
    merge("check", tmp_path, "--ignore", match[1])
    assert merge("print", tmp_path, "--json").json["files"]
