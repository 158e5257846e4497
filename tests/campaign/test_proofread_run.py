"""`merge proofread`: which letters are read, which are not and why, where the report lies."""

from __future__ import annotations

from pathlib import Path

from docx import Document
from support.campaigns import make, merge
from support.printed_campaigns import edit, make_six_letters, mark


def test_right_letters_and_edited_ones_are_read(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    edit(folder / "letters" / "Bo Berg" / "Consul Roy.docx")
    ran = merge("proofread", folder, "--json")
    assert (ran.code, ran.json["read"], ran.json["unread"]) == (0, 6, {})
    report, document = map(Path, ran.json["files"])
    assert report.exists()
    cells = (c.text for t in Document(str(document)).tables for row in t.rows for c in row.cells)
    assert "Bo Berg" in "\n".join(cells)


def test_a_letter_of_somebody_else_is_told_and_nothing_goes_well(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    path = folder / "letters" / "Bo Berg" / "Consul Roy.docx"
    document = Document(str(path))
    document.paragraphs[-1].runs[0].text = "Ana Ruiz"
    document.save(str(path))
    ran = merge("proofread", folder)
    assert ran.code == 1
    assert "Ana Ruiz" in ran.out + ran.err


def test_why_a_letter_is_not_read_is_told(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    (folder / "letters" / "Bo Berg" / "Consul Roy.docx").unlink()
    letters = folder / "letters" / "Ana Ruiz"
    (letters / "Consul Roy.docx").rename(letters / "x.docx")
    (letters / "Minister Li.docx").rename(letters / "Consul Roy.docx")
    (letters / "x.docx").rename(letters / "Minister Li.docx")
    told = merge("proofread", folder).err
    assert f"not checked: 1 letter, not created: run “merge letters {folder}”." in told
    assert "not checked: 2 letters, the letter of another signer or recipient." in told


def test_with_nothing_to_read_no_empty_report_is_made(tmp_path: Path) -> None:
    ran = merge("proofread", make(tmp_path))
    assert ran.last == "There is nothing to proofread."
    assert not (tmp_path / "print").exists()


def test_two_runs_in_one_second_leave_two_reports(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    files = {f for _ in range(3) for f in merge("proofread", folder, "--json").json["files"]}
    assert len(files) == 6
    assert all(Path(file).exists() for file in files)


def test_a_letter_that_nobody_edited_and_is_older_than_its_data_is_advised_to_be_created_again(
    tmp_path: Path,
) -> None:
    words = "{{ recipient.name }}\nof {{ recipient.city }}\n{{ signer.name }}"
    cities = [["Consul Roy", "Oslo"], ["Minister Li", "Bergen"], ["Judge Wu", "Narvik"]]
    folder = make(tmp_path / "campaign", words, Recipients=[["Name", "City"], *cities])
    merge("letters", folder)
    make(folder, words, Recipients=[["Name", "City"], ["Consul Roy", "Tromsø"], *cities[1:]])
    told = merge("proofread", folder).out
    assert "The letter is older than its data or its template" in told
    assert "--replace" not in told


def test_letters_that_are_posted_are_not_read_and_those_on_paper_are_not_made_anew(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    path = folder / "letters" / "Bo Berg" / "Consul Roy.docx"
    document = Document(str(path))
    document.paragraphs[-1].runs[0].text = "Ana Ruiz"
    document.save(str(path))
    mark(folder, "Printed", "Bo Berg")
    mark(folder, "Posted")
    ran = merge("proofread", folder)
    assert "not checked: 2 letters, already posted." in ran.err
    assert "It is printed: delete its dates in register.xlsx" in ran.out
    assert "--replace" not in ran.out
