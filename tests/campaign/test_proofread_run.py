"""`merge proofread`: which letters are checked, and the report."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document
from support import staff_actions
from support.campaigns import make, merge, record_lines
from support.printed_campaigns import edit, make_six_letters, mark

from merge.advice import DecisionRemedy, Hint
from merge.campaign.campaign import read_campaign
from merge.campaign.proofread_run import proofread_letters


def test_proofreading_checks_unchanged_and_edited_letters(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    edit(folder / "letters" / "Bo Berg" / "Consul Roy.docx")
    ran = merge("proofread", folder, "--json")
    assert (ran.code, ran.json["read"], ran.json["unread"]) == (0, 6, {})
    report, document = map(Path, ran.json["files"])
    assert report.exists()
    cells = (c.text for t in Document(str(document)).tables for row in t.rows for c in row.cells)
    assert "Bo Berg" in "\n".join(cells)


def test_proofreading_reports_another_signers_name_in_a_letter(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    path = folder / "letters" / "Bo Berg" / "Consul Roy.docx"
    document = Document(str(path))
    document.paragraphs[-1].runs[0].text = "Ana Ruiz"
    document.save(str(path))
    ran = merge("proofread", folder)
    assert ran.code == 1
    assert "Ana Ruiz" in ran.out + ran.err


@pytest.mark.slow
def test_printing_names_the_letters_in_which_proofreading_found_errors(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    path = folder / "letters" / "Bo Berg" / "Consul Roy.docx"
    staff_actions.retype(path, "Bo Berg", "Ana Ruiz")
    assert _errors_of_print(folder) == []
    merge("proofread", folder)
    named = f"errors in 1 letter: {path.relative_to(folder).as_posix()}."
    assert [named in message for message in _errors_of_print(folder)] == [True]
    merge("proofread", folder, "--for", "Ana Ruiz")
    assert len(_errors_of_print(folder)) == 1
    assert _errors_of_print(folder, "--no-letters", "--envelopes", "C5") == []
    staff_actions.retype(path, "Ana Ruiz", "Bo Berg")
    assert _errors_of_print(folder) == []


def test_letters_without_errors_in_proofreading_do_not_change_the_ledger(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    before = record_lines(folder)
    merge("proofread", folder)
    assert record_lines(folder) == before


def _errors_of_print(folder: Path, *words: str) -> list[str]:
    """Return what a dry run of `merge print` says of errors in proofreading."""
    problems = merge("print", folder, "--dry-run", "--json", *words).json["problems"]
    return [p["message"] for p in problems if p["code"] == "proofread-errors"]


def test_proofreading_reports_why_a_letter_is_not_checked(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    (folder / "letters" / "Bo Berg" / "Consul Roy.docx").unlink()
    letters = folder / "letters" / "Ana Ruiz"
    (letters / "Consul Roy.docx").rename(letters / "x.docx")
    (letters / "Minister Li.docx").rename(letters / "Consul Roy.docx")
    (letters / "x.docx").rename(letters / "Minister Li.docx")
    stderr = merge("proofread", folder).err
    assert f"not checked: 1 letter, not created: run “merge letters {folder}”." in stderr
    assert "not checked: 2 letters, the letter of another signer or recipient." in stderr


def test_proofreading_without_letters_creates_no_report(tmp_path: Path) -> None:
    ran = merge("proofread", make(tmp_path))
    assert ran.last == "There is nothing to proofread."
    assert not (tmp_path / "print").exists()


def test_proofreading_runs_in_the_same_second_create_separate_reports(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    files = {f for _ in range(3) for f in merge("proofread", folder, "--json").json["files"]}
    assert len(files) == 6
    assert all(Path(file).exists() for file in files)


def test_proofreading_advises_to_update_an_unedited_letter_with_older_data(
    tmp_path: Path,
) -> None:
    words = "{{ recipient.name }}\nof {{ recipient.city }}\n{{ signer.name }}"
    cities = [["Consul Roy", "Oslo"], ["Minister Li", "Bergen"], ["Judge Wu", "Narvik"]]
    folder = make(tmp_path / "campaign", words, Recipients=[["Name", "City"], *cities])
    merge("letters", folder)
    make(folder, words, Recipients=[["Name", "City"], ["Consul Roy", "Tromsø"], *cities[1:]])
    output = merge("proofread", folder).out
    assert "The letter is older than its data or its template" in output
    assert "--replace" not in output


def test_proofreading_advises_to_use_the_new_version_of_an_edited_letter_with_older_data(
    tmp_path: Path,
) -> None:
    words = "{{ recipient.name }}\nof {{ recipient.city }}\n{{ signer.name }}"
    make(tmp_path, words, Recipients=[["Name", "City"], ["Consul Roy", "Oslo"]])
    merge("letters", tmp_path)
    edit(tmp_path / "letters" / "Ana Ruiz" / "Consul Roy.docx", "TODO: add a sentence")
    make(tmp_path, words, Recipients=[["Name", "City"], ["Consul Roy", "Tromsø"]])
    campaign = read_campaign(tmp_path)
    hints = [
        hint.parts
        for letter in proofread_letters(campaign).reviewed_letters
        for problem in letter.problems
        if isinstance(hint := problem.hint, Hint)
    ]
    letter_id = campaign.identity.letter_id(next(campaign.pairs()))
    assert DecisionRemedy("new", letter_id) in {part for parts in hints for part in parts}
    assert f"--replace {letter_id}" in merge("proofread", tmp_path).out


def test_proofreading_skips_posted_letters_and_does_not_advise_to_replace_printed_ones(
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
