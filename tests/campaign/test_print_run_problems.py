"""`merge print`: errors of letters, skipping them, and remedies."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document
from support.campaigns import make, merge, typed, typed_words
from support.printed_campaigns import (
    count_and_errors,
    edit,
    make_six_letters,
    no_libreoffice,
    open_letter,
    run_print,
    use_newer_template,
)
from support.staff_actions import add_line, change_part, choose_paper

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]


def test_print_skip_errors_names_the_skipped_letter(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    open_letter(folder)
    ran = merge("print", folder, "--skip-errors")
    assert ran.code == 0
    assert "letters/Ana Ruiz/Consul Roy.docx" in ran.err


def test_print_skip_errors_skips_a_damaged_letter(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    (folder / "letters" / "Ana Ruiz" / "Consul Roy.docx").write_bytes(b"no letter")
    assert [code for code, _ in count_and_errors(folder)[1]] == ["print-unreadable"]
    assert count_and_errors(folder, "--skip-errors") == (5, [])


def test_print_reports_an_error_of_many_letters_once_with_its_cell(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    make(folder, Settings=[["Name", "Value"], ["Sort by", "Nmae"]])
    problems = run_print(folder).json["problems"]
    errors = [p["where"] for p in problems if p["level"] == "error"]
    assert errors == ["signers.xlsx, Settings!B2"]


def test_a_letter_with_other_document_settings_does_not_change_the_print_file(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    path = folder / "letters" / "Ana Ruiz" / "Minister Li.docx"
    edit(path)
    change_part(path, "word/settings.xml", b"/>", b"><w:mirrorMargins/></w:settings>")
    problems = run_print(folder).json["problems"]
    letters = [p["where"] for p in problems if p["code"] == "letter-settings"]
    assert letters == ["Ana Ruiz/Minister Li.docx"]


def test_print_warns_before_and_after_of_letters_with_another_paper_size_than_the_rest(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    add_line(folder / "letters" / "Ana Ruiz" / "Minister Li.docx", "In haste.")
    choose_paper(folder / "letters" / "Ana Ruiz" / "Minister Li.docx", "Letter")
    for options in (("--dry-run",), ("--covers",)):
        ran = merge("print", folder, *options, "--json").json
        papers = [p for p in ran["problems"] if p["code"] == "mixed-papers"]
        assert [p["where"] for p in papers] == ["Ana Ruiz/Minister Li.docx"]
        assert papers[0]["message"] == (
            "1 letter is for Letter paper, the others for A4 paper: Ana Ruiz to Minister Li."
        )
    first_page = Document(ran["files"][0]).tables[0]
    assert [cell.text for cell in first_page.rows[1].cells] == [
        "Paper",
        "A4, 210 × 297 mm; for 1 letter: Letter",
    ]


@pytest.mark.parametrize("digits", [400, 5000])
def test_a_letter_with_an_impossible_paper_size_is_printed_with_the_rest(
    tmp_path: Path, digits: int
) -> None:
    folder = make_six_letters(tmp_path)
    letter = folder / "letters" / "Ana Ruiz" / "Minister Li.docx"
    add_line(letter, "In haste.")
    choose_paper(letter, "A4")
    wide = b'w:w="%s"' % (b"9" * digits)
    change_part(letter, "word/document.xml", b'w:w="11906"', wide)
    for options in (("--dry-run",), ()):
        ran = merge("print", folder, *options, "--json")
        assert (ran.code, ran.json["letters"]) == (0, 6)


def test_letters_of_one_paper_size_in_each_print_file_cause_no_warning_at_print(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    for letter in (folder / "letters" / "Ana Ruiz").iterdir():
        choose_paper(letter, "Letter")
    for options, count in (((), 1), (("--per-signer",), 0)):
        problems = merge("print", folder, "--dry-run", *options, "--json").json["problems"]
        assert [p["code"] for p in problems].count("mixed-papers") == count


def test_the_remedy_of_a_print_error_repeats_the_options_of_the_command(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    edit(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    use_newer_template(folder)
    (problem,) = run_print(folder, "--unsigned", "--for", "Consul Roy").json["problems"]
    words = ("print", folder, "--unsigned", "--for", "Consul Roy", "--accept", "Ana Ruiz")
    assert typed(*words) in problem["remedy"][1]
    assert "--unsigned" not in " ".join(
        merge("print", folder, "--json").json["problems"][0]["remedy"]
    )


@pytest.mark.parametrize("options", [["--for", "Ana Ruiz"], ["--accept", "Consul Roy"]])
def test_the_remedy_of_a_print_error_can_be_run_as_a_command(
    tmp_path: Path, options: list[str]
) -> None:
    folder = make_six_letters(tmp_path)
    edit(folder / "letters" / "Ana Ruiz" / "Minister Li.docx")
    edit(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    use_newer_template(folder)
    problems = merge("print", folder, *options, "--json", "--dry-run").json["problems"]
    remedies = [r for p in problems for r in p["remedy"] if r.startswith("merge print")]
    assert remedies
    for remedy in remedies:
        ran = merge(*typed_words(remedy)[1:], "--json", "--dry-run")
        assert ran.code in {0, 1}, remedy
        assert "Ana Ruiz" in typed_words(remedy) or "Consul Roy" in typed_words(remedy)


def test_grouped_problems_of_several_letters_do_not_speak_of_one_letter(tmp_path: Path) -> None:
    ran = merge("print", make(tmp_path))
    assert "       Not created yet. Run " in ran.err
    assert "This letter" not in ran.err
    assert ran.last.startswith("4 errors, nothing was created.")
