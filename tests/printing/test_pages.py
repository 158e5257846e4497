"""Letters laid out by LibreOffice: page counts and space to sign."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from support import campaigns, printed_campaigns
from support.documents import docx, run, table, text_box
from support.office_programs import needs_libreoffice

from merge.letter_status import PrintableLetter
from merge.people import Pair, Person, SheetKind
from merge.printing.layout_warnings import layout_warnings
from merge.printing.libreoffice import LibreOffice, find_libreoffice, process_count
from merge.printing.pages import LetterPages, PageFit
from merge.values import WorkbookValue

NAME = "Inés Álvarez Montoro"
SENTENCE = "I urge you to release them at once, and to let them go home to their families. "
ROOM = 60
"""Points before a name: slightly more than the 2 cm of a signature."""


def person(kind: SheetKind, name: str) -> Person:
    """Return a person with this name."""
    return Person(kind, f"name:{name}", 2, {"name": WorkbookValue(name)})


def finished(path: Path, signer: str = NAME, recipient: str = "Ambassador Li") -> PrintableLetter:
    """Return the letter of a pair, at a path."""
    return PrintableLetter(
        "1", Pair(person("signer", signer), person("recipient", recipient)), path
    )


def line(text: str, before: int = 0) -> str:
    """Return a paragraph of 24 points, after some points of space.

    A page has 27 of these lines.
    """
    spacing = f"w:before='{before * 20}' w:after='0' w:line='480' w:lineRule='exact'"
    return (
        f"<w:p><w:pPr><w:spacing {spacing}/></w:pPr>{text if text[:1] == '<' else run(text)}</w:p>"
    )


def letter(lines: int, closing: str = "", title: str = "Ambassador") -> str:
    """Return a letter with lines of text and a closing.

    With the default closing, 21 lines fill its page.
    """
    default_closing = line("Yours sincerely,") + line(NAME, ROOM)
    return line(title) + line("Please act.") * lines + (closing or default_closing)


def fits(
    letters: Mapping[str, str | bytes], folder: Path, signers: Mapping[str, str] | None = None
) -> dict[str, PageFit]:
    """Return the layouts of letters by their names.

    Each letter is a .docx or the body of one.
    """
    finished_letters = []
    for name, body in letters.items():
        finished_letters.append(finished(folder / f"{name}.docx", (signers or {}).get(name, NAME)))
        finished_letters[-1].path.write_bytes(docx(body) if isinstance(body, str) else body)
    writer = find_libreoffice()
    assert writer
    layouts, problems = LetterPages(writer).measure(finished_letters)
    assert problems == []
    return dict(zip(letters, layouts, strict=True))


def warned(layouts: Mapping[str, PageFit]) -> set[tuple[str, str]]:
    """Return the code of each warning, and the letter that it names."""
    return {
        (warning.code, warning.place.file.rpartition("/")[2])
        for warning in layout_warnings([*layouts.values()], 1)
    }


@pytest.mark.slow
@needs_libreoffice
def test_only_letters_that_do_not_fit_their_pages_are_named(tmp_path: Path) -> None:
    letters = {
        "short": letter(5),
        "full": letter(21),
        "long": letter(60),
        "name alone": letter(22),
        "closing alone": letter(26),
        "in company": letter(28),
        "long title": letter(21, title="Envoy for the Rights of Persons Deprived of Liberty, " * 3),
        "tight": letter(5, line("Yours sincerely,") + line(NAME, 40)),
    }
    layouts = fits(letters, tmp_path)
    assert [fit.pages for fit in layouts.values()] == [1, 1, 3, 2, 2, 2, 2, 1]
    each_alone = [warned({name: layout}) for name, layout in layouts.items()]
    assert set().union(*each_alone) == {
        ("letter-too-long", "long.docx"),
        ("letter-too-long", "name alone.docx"),
        ("letter-too-long", "closing alone.docx"),
        ("letter-too-long", "in company.docx"),
        ("letter-too-long", "long title.docx"),
        ("signature-alone", "name alone.docx"),
        ("signature-alone", "closing alone.docx"),
        ("signature-alone", "long title.docx"),
        ("signature-room", "tight.docx"),
    }


@pytest.mark.slow
@needs_libreoffice
def test_the_shipped_letters_give_no_layout_warning(tmp_path: Path) -> None:
    for name in ("signers.xlsx", "templates/appeal.docx"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(campaigns.ROOT / name, tmp_path / name)
    assert campaigns.merge("letters", tmp_path).code == 0
    paths = [*(tmp_path / "letters").glob("*/*.docx")]
    writer = find_libreoffice()
    assert writer
    layouts, _ = LetterPages(writer).measure(
        [finished(path, path.parent.name, path.stem) for path in paths]
    )
    assert len(layouts) == 12
    assert {fit.pages for fit in layouts} == {1}
    assert all(fit.room_mm and 20 <= fit.room_mm < 22 for fit in layouts)
    assert layout_warnings(layouts, 1) == ()


@pytest.mark.slow
@needs_libreoffice
def test_a_signature_with_only_headers_and_footers_on_its_page_is_alone(tmp_path: Path) -> None:
    header, footer = f"Appeal\n{SENTENCE}\nGeneva", f"{NAME}\nCall us\nWrite to us"
    layouts = fits({"lone": docx(letter(22), header=header, footer=footer)}, tmp_path)
    assert layouts["lone"].lone_signature
    assert layouts["lone"].room_mm is None


CLOSINGS = {
    "spaced": line("Sincerely,") + line(NAME, ROOM),
    "empty lines": line("Sincerely,") + line("") * 3 + line(NAME),
    "one paragraph": line(f"Sincerely,\n\n\n\n{NAME}\nMadrid"),
    "capitals": line("Sincerely,") + line("INÉS  ÁLVAREZ MONTORO", ROOM),
    "a rule to sign on": line("Sincerely,") + line("_" * 30, ROOM) + line(NAME),
    "a title before": line("Sincerely,") + line(f"Professor Dr. {NAME}, MD", ROOM),
    "in pieces": line("Sincerely,") + line(run("Inés Ál") + run("varez ") + run("Montoro"), ROOM),
    "a box": line("Sincerely,") + line("") * 2 + text_box(f"\n\n{NAME}"),
    "a column beside": line("Sincerely,")
    + table([line("") * 3 + line(NAME), "", "", *["Geneva\n" * 9]]),
}
"""Closings with space to sign, in layouts that people use."""


@pytest.mark.slow
@needs_libreoffice
def test_the_space_for_a_signature_is_measured_in_every_layout_of_the_closing(
    tmp_path: Path,
) -> None:
    layouts = fits({name: letter(5, closing) for name, closing in CLOSINGS.items()}, tmp_path)
    rooms = {name: fit.room_mm for name, fit in layouts.items()}
    assert {name for name, room in rooms.items() if not room or not 20 <= room <= 40} == set()


SCRIPTS = ("سلمى البرقاوي", "प्रिया त्रिवेदी", "Steffi Afflífi", "王小明", "Ngô Thị Ánh", "ภัทรา ใจดี")


@pytest.mark.slow
@needs_libreoffice
def test_the_typed_name_is_found_in_every_script(tmp_path: Path) -> None:
    letters = {name: letter(5, line("Sincerely,") + line(name, 40)) for name in SCRIPTS}
    layouts = fits(letters, tmp_path, dict(zip(SCRIPTS, SCRIPTS, strict=True)))
    assert all(10 <= (fit.room_mm or 0) <= 17 for fit in layouts.values())


@pytest.mark.slow
@needs_libreoffice
def test_a_name_in_the_address_or_the_text_is_not_a_signature(tmp_path: Path) -> None:
    bodies = {
        "address": line(NAME) + line("Madrid") + letter(5, line("Sincerely,")),
        "text": line(f"My name is {NAME}.") + letter(5, line(f"This comes to you from {NAME}.")),
        "none": line("Please act."),
        "another's": letter(5, line("Sincerely,") + line("Inés Álvarez Montoros")),
    }
    layouts = fits(bodies, tmp_path)
    assert {fit.room_mm for fit in layouts.values()} == {None}
    assert {fit.pages for fit in layouts.values()} == {1}


@pytest.mark.slow
@needs_libreoffice
def test_a_damaged_letter_is_named_when_pages_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "letter.docx"
    path.write_bytes(docx("a")[:200])
    good = finished(tmp_path / "good.docx")
    good.path.write_bytes(docx(letter(5)))
    writer = find_libreoffice()
    assert writer
    (fit,), (problem,) = LetterPages(writer).measure([finished(path), good])
    assert (fit.letter, fit.pages) == (good, 1)
    assert problem.place.file.endswith("letter.docx")
    assert "is damaged" in problem.what


@pytest.mark.slow
@needs_libreoffice
def test_every_unreadable_letter_is_named_and_the_others_are_measured(
    tmp_path: Path,
) -> None:
    letters = [finished(tmp_path / f"{name}.docx") for name in ("first", "second", "third")]
    letters[1].path.write_bytes(docx("a"))
    writer = find_libreoffice()
    assert writer
    fits, problems = LetterPages(writer).measure(letters)
    assert [fit.letter for fit in fits] == [letters[1]]
    assert [(problem.code, problem.place.file.rpartition("/")[2]) for problem in problems] == [
        ("letter-unreadable", "first.docx"),
        ("letter-unreadable", "third.docx"),
    ]


@pytest.mark.slow
@pytest.mark.posix("scripts stand in for LibreOffice")
@pytest.mark.parametrize(
    "pdf", ["%PDF of nothing %%EOF", "%PDF-1.7\nxref\n0 1\nstartxref\n9\n%%EOF"]
)
def test_an_unreadable_pdf_is_reported_without_an_internal_error(tmp_path: Path, pdf: str) -> None:
    script = tmp_path / "soffice"
    names = "sys.argv[sys.argv.index('.') + 1 :]"
    command = f"pathlib.Path(name).with_suffix('.pdf').write_text({pdf!r})"
    script.write_text(f"#!{sys.executable}\nimport pathlib, sys\nfor name in {names}: {command}\n")
    script.chmod(0o755)
    folder = printed_campaigns.make_six_letters(tmp_path / "campaign")
    result = campaigns.merge_alone("print", folder, "--json", env={"PATH": str(tmp_path)})
    assert result.code == 1
    assert {problem["code"] for problem in result.json["problems"]} == {"pdf-odd"}
    assert len(result.json["problems"]) == 6


@pytest.mark.slow
@needs_libreoffice
def test_cover_sheets_of_a_campaign_need_one_start_of_libreoffice(tmp_path: Path) -> None:
    writer, starts = _counted_libreoffice(tmp_path)
    covers = [docx(line(f"Cover {number}")) for number in range(260)]
    laid_out = LetterPages(writer).lay_out_covers(covers)
    assert [pages.page_count for pages in laid_out] == [1] * 260
    assert starts.read_text() == "start\n"


@pytest.mark.slow
@needs_libreoffice
def test_letters_that_begin_with_a_table_are_laid_out_together(tmp_path: Path) -> None:
    writer, starts = _counted_libreoffice(tmp_path)
    letters = [finished(tmp_path / f"{number}.docx") for number in range(6)]
    for each in letters:
        each.path.write_bytes(docx(table(["Logo", "Office"]) + letter(3)))
    fits, problems = LetterPages(writer).measure(letters)
    assert ([fit.pages for fit in fits], problems) == ([1] * 6, [])
    assert len(starts.read_text().split()) <= process_count()


def _counted_libreoffice(folder: Path) -> tuple[LibreOffice, Path]:
    """Return a LibreOffice, and a file that gets a line at each start."""
    writer, starts, script = find_libreoffice(), folder / "starts", folder / "soffice"
    assert writer
    script.write_text(f"#!/bin/sh\necho start >> '{starts}'\nexec '{writer.program}' \"$@\"\n")
    script.chmod(0o755)
    return LibreOffice(script), starts
