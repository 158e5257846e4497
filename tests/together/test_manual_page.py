"""docs/two-people.md, followed step by step on two synced computers."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import LINES, ROOT, RunResult, text
from support.documents import docx
from support.printed_campaigns import no_libreoffice
from support.registers import excel
from together.sync_service import SERVICES, Computer
from together.two_computers import Office, office

from merge.naming import is_conflict_copy

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_libreoffice")]
__all__ = ["no_libreoffice"]

PAGE = (ROOT / "docs" / "two-people.md").read_text("utf-8")
LETTER = "letters/Ana Ruiz/Minister Li.docx"


def section(heading: str) -> str:
    """Return the text below a heading of the page."""
    (text,) = re.findall(rf"(?ms)^##+ {heading}\n(.*?)(?=^## |^### |\Z)", PAGE)
    return str(text)


def quoted(heading: str) -> str:
    """Return what the page quotes of the program's output below a heading."""
    (block,) = re.findall(r"(?ms)^```\n(.*?)^```", section(heading))
    return " ".join(block.split())


def says(ran: RunResult, heading: str) -> bool:
    """Return whether a run says what the page quotes below a heading."""
    return quoted(heading) in output_words(ran.out + ran.err)


def output_words(output: str) -> str:
    """Return an output in one line; the page quotes print files without their dates."""
    return re.sub(r"(print file \d+), \d+ \w+ \d{4}, [\d.]+", r"\1", " ".join(output.split()))


def with_letters(folder: Path) -> Office:
    """Return two computers that have the same letters."""
    two = office(folder)
    two.run(two.a, "letters")
    two.service.sync_all()
    return two


def move_out(computer: Computer, name: str) -> None:
    """Move a file out of the campaign folder, as the page says."""
    folder = computer.folder.with_name(f"Conflict copies of {computer.name}")
    folder.mkdir(exist_ok=True)
    shutil.move(computer.folder / name, folder)


def write_cells(computer: Computer, **cells: str) -> None:
    with excel(computer.folder / "signers.xlsx", "Signers") as sheet:
        for cell, value in cells.items():
            sheet[cell] = value


def has_printed(two: Office) -> bool:
    """Sync both computers, create letters and print files on one of them."""
    two.service.sync_all()
    two.run(two.a, "letters")
    return bool(two.run(two.a, "print", "--json").json["files"])


def test_the_day_of_two_people_md_works_step_by_step(tmp_path: Path) -> None:
    two = office(tmp_path)
    steps = re.findall(
        r"^\| (\d) \| (.*?) ?\| (.*?) ?\|$", section("A day, step by step"), re.MULTILINE
    )
    assert [number for number, _, _ in steps] == [*"12345678"]
    ran: dict[str, RunResult] = {}
    for number, left, right in steps:
        computer, step = (two.a, left) if left else (two.b, right)
        if step.startswith("edits the letter from Ana Ruiz to Minister Li"):
            staff_actions.add_line(computer.folder / LETTER, "We met in May.")
        else:
            (command,) = re.findall(r"^`merge (.+) my-campaign`$", step)
            ran[number] = two.run(computer, command)
            assert ran[number].code == 0, ran[number].err
        two.service.sync_all()
    assert "1 letter, edited" in ran["4"].err
    assert says(ran["8"], "A day, step by step")
    assert not list(two.a.folder.rglob("*DESKTOP-B*"))


def test_two_people_md_names_the_conflict_copies_of_every_service() -> None:
    rows = re.findall(
        r"^\| ([^|`]+) \| `(signers[^`]+)` \|$", section("Conflict copies"), re.MULTILINE
    )
    names = {service: name for services, name in rows for service in services.split(", ")}
    assert names == {
        service.name: service.copy_name("signers", "DESKTOP-B", 0) + ".xlsx"
        for service in SERVICES.values()
    }
    assert all(is_conflict_copy(Path(name), Path("signers.xlsx")) for name in names.values())


def test_files_that_have_not_arrived_are_waited_for_as_two_people_md_says(tmp_path: Path) -> None:
    two = with_letters(tmp_path)
    write_cells(two.a, C2="Cusco")
    two.run(two.a, "letters")
    two.service.sync(two.a)
    two.service.sync(two.b, only=lambda path: path.startswith(("letters/", "Appeal")))
    for command in ("letters", "print"):
        assert says(two.run(two.b, command), "Not everything has arrived")
    two.service.sync_all()
    assert two.run(two.b, "letters").code == 0


@pytest.mark.parametrize(("number", "are_updated"), [(0, False), (1, True)])
def test_letters_in_a_print_file_wait_for_an_answer_as_two_people_md_says(
    tmp_path: Path, number: int, *, are_updated: bool
) -> None:
    two = with_letters(tmp_path)
    two.run(two.a, "print")
    two.service.sync_all()
    path = two.b.folder / "templates" / "appeal.docx"
    path.write_bytes(docx(f"{LINES}\nPlease act at once."))
    assert says(two.run(two.b, "letters"), "Letters in a print file")
    commands = re.findall(r"`merge (.+?) my-campaign( .+?)?`", section("Letters in a print file"))
    assert len(commands) == 2
    command, options = commands[number]
    assert two.run(two.b, command, *options.split()).code == 0
    two.service.sync_all()
    assert two.run(two.a, "letters").code == 0
    assert (text(two.a.folder / LETTER)[-1] == "Please act at once.") == are_updated


@pytest.mark.parametrize("is_marked", [False, True])
def test_a_letter_printed_here_and_created_again_there_is_reported_as_two_people_md_says(
    tmp_path: Path, *, is_marked: bool
) -> None:
    two = with_letters(tmp_path)
    two.run(two.b, "letters")
    two.service.sync_all()
    two.run(two.b, "mark posted" if is_marked else "print", "--for", "Ana Ruiz")
    write_cells(two.a, C2="Cusco")
    path = two.a.folder / "templates" / "appeal.docx"
    path.write_bytes(docx(f"{LINES}\nPlease act at once."))
    two.run(two.a, "letters")
    for computer in (two.b, two.a):
        two.service.sync_all()
        two.run(computer, "letters")
    text_of_section = section("Printed here, created again there")
    blocks = re.findall(r"(?ms)^```\n(.*?)^```", text_of_section)
    said = output_words(two.run(two.a, "letters").err)
    assert " ".join(blocks[is_marked].split()) in said
    (command,) = re.findall(
        rf"`merge letters my-campaign ({'--keep' if is_marked else '--replace'} .+?)`",
        text_of_section,
    )
    assert two.run(two.a, "letters", *shlex.split(command)).code == 0
    said = output_words(two.run(two.a, "letters").err)
    assert " ".join(blocks[is_marked].split()) not in said


def change_workbooks(two: Office) -> None:
    write_cells(two.a, A4="S3", B4="Chen Wei", C4="Taipei")
    write_cells(two.b, C2="Cusco")


def resolve_workbooks(two: Office) -> None:
    write_cells(two.a, C2="Cusco")
    move_out(two.a, "signers-DESKTOP-B.xlsx")


def change_templates(two: Office) -> None:
    for computer, line in ((two.a, "We urge you to act."), (two.b, "Please act at once.")):
        path = computer.folder / "templates" / "appeal.docx"
        path.write_bytes(docx(f"{LINES}\n{line}"))


def resolve_templates(two: Office) -> None:
    path = two.a.folder / "templates" / "appeal.docx"
    path.write_bytes(docx(f"{LINES}\nPlease act at once."))
    move_out(two.a, "templates/appeal-DESKTOP-B.docx")


def edit_letters(two: Office) -> None:
    staff_actions.add_line(two.a.folder / LETTER, "We met in May.")
    staff_actions.add_line(two.b.folder / LETTER, "We met in June.")


def resolve_letters(two: Office) -> None:
    staff_actions.add_line(two.a.folder / LETTER, "We met in June.")
    move_out(two.a, "letters/Ana Ruiz/Minister Li-DESKTOP-B.docx")


@pytest.mark.parametrize(
    ("heading", "change", "resolve"),
    [
        ("The workbook", change_workbooks, resolve_workbooks),
        ("A template", change_templates, resolve_templates),
        ("A letter", edit_letters, resolve_letters),
    ],
)
def test_a_conflict_copy_stops_printing_until_it_is_resolved_as_two_people_md_says(
    tmp_path: Path,
    heading: str,
    change: Callable[[Office], None],
    resolve: Callable[[Office], None],
) -> None:
    two = with_letters(tmp_path)
    change(two)
    two.service.sync_all()
    assert says(two.run(two.a, "letters"), heading)
    assert not has_printed(two)
    resolve(two)
    assert has_printed(two)
    assert "onflict copy" not in two.run(two.b, "check").out


def test_a_conflict_copy_of_the_register_is_resolved_as_two_people_md_says(tmp_path: Path) -> None:
    two = with_letters(tmp_path)
    two.run(two.a, "print")
    two.service.sync_all()
    two.run(two.a, "mark printed", "--for", "Ana Ruiz")
    two.run(two.b, "mark printed", "--for", "Bo Berg")
    two.service.sync_all()
    ran = two.run(two.a, "status")
    assert says(ran, "The register")
    assert "2 printed" in ran.out
    two.run(two.a, "mark printed", "--for", "Bo Berg")
    move_out(two.a, "register-DESKTOP-B.xlsx")
    two.service.sync_all()
    ran = two.run(two.b, "status")
    assert "2 printed" in ran.out
    assert "onflict copy" not in ran.out + ran.err


def test_two_people_with_one_id_are_resolved_as_two_people_md_says(tmp_path: Path) -> None:
    two = with_letters(tmp_path)
    write_cells(two.a, A4="S3", B4="Ada New", C4="Taipei")
    write_cells(two.b, A4="S3", B4="Chen Wei", C4="Taipei")
    for computer in (two.a, two.b):
        two.run(computer, "letters")
    two.service.sync_all()
    assert says(two.run(two.a, "letters"), "Two people with one ID")
    assert not has_printed(two)
    move_out(two.a, "signers-DESKTOP-B.xlsx")
    move_out(two.a, "register-DESKTOP-B.xlsx")
    write_cells(two.a, A5="S1003", B5="Chen Wei", C5="Taipei")
    two.run(two.a, "letters", "--other-person", "S3")
    move_out(two.a, "letters/No longer wanted/Chen Wei/Minister Li.docx")
    (two.a.folder / "letters" / "Ada New" / "Minister Li.docx").unlink()
    assert has_printed(two)
    assert sum("Chen Wei" in str(path) for path in two.b.folder.rglob("Minister Li*.docx")) == 1


def private_data(computer: Computer) -> bytes:
    """Return all that the program has stored on a computer, outside of the campaign."""
    folder = computer.folder.with_name(f"home of {computer.name}")
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_two_records_are_joined_and_half_of_them_wait_as_two_people_md_says(tmp_path: Path) -> None:
    two = with_letters(tmp_path)
    two.run(two.b, "letters")
    for computer, name in ((two.a, "Ana Ruiz"), (two.b, "Bo Berg")):
        two.run(computer, "print", "--for", name)
    two.service.sync_all()
    for computer in (two.a, two.b):
        assert not two.run(computer, "print", "--since-last", "--json").json["files"]
    two.run(two.b, "mark signed", "--for", "Ana Ruiz")
    two.run(two.b, "mark posted", "--for", "Ana Ruiz")
    two.service.sync(two.b)
    two.service.sync_all()


def test_a_deletion_reaches_the_other_computer_as_two_people_md_says(tmp_path: Path) -> None:
    two = with_letters(tmp_path)
    two.run(two.b, "letters")
    two.service.sync_all()
    with excel(two.a.folder / "signers.xlsx", "Signers") as sheet:
        sheet.delete_rows(3)
    assert "No data about Bo Berg" in two.run(two.a, "delete-person Bo Berg", "--yes").out
    two.service.sync_all()
    assert b"Bo Berg" in private_data(two.b)
    two.run(two.b, "letters")
    assert b"Bo Berg" not in private_data(two.a) + private_data(two.b)
    write_cells(two.b, A3="S2", B3="Bo Berg", C3="Oslo")
    assert says(two.run(two.b, "letters"), "Delete and close")


def test_a_closed_campaign_is_closed_on_both_computers_as_two_people_md_says(
    tmp_path: Path,
) -> None:
    two = with_letters(tmp_path)
    two.run(two.b, "letters")
    two.service.sync_all()
    two.run(two.a, "close", "--yes")
    two.service.sync_all()
    assert "This campaign was closed" in two.run(two.b, "letters").err
    assert b"Bo Berg" not in private_data(two.a) + private_data(two.b)
