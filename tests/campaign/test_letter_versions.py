"""One letter's file beside the letter that would be made now, as a page shows them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.campaigns import make, merge, text
from support.copied import copied
from support.everyday import everyday
from support.staff_actions import add_line, retype, save_again, save_without_ids

from merge.campaign.campaign import read_campaign
from merge.campaign.letter_versions import LetterVersions, letter_versions
from merge.campaign.overview import inspect_campaign
from merge.proofreading.differences import ParagraphChange

BEFORE = "{{ recipient.name }}\nDear {{ recipient.name }}, free her.\n{{ signer.name }}"
AFTER = "{{ recipient.name }}\nDear {{ recipient.name }}, release her.\n{{ signer.name }}"


def four_letters(folder: Path) -> None:
    merge("letters", make(folder, BEFORE))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copied(four_letters, tmp_path)


def _letter(folder: Path) -> Path:
    return folder / "letters" / "Ana Ruiz" / "Minister Li.docx"


def _versions(folder: Path) -> LetterVersions:
    view = inspect_campaign(read_campaign(folder))
    label = "Ana Ruiz to Minister Li"
    (own,) = (i for i, called in view.campaign.letter_labels.items() if called == label)
    return letter_versions(view, own)


def _marked(paragraphs: tuple[ParagraphChange, ...] | None) -> list[str]:
    """Every paragraph in one line, what is gone in -…-, what is new in +…+."""
    assert paragraphs is not None
    signs = {"same": "", "gone": "-", "new": "+"}
    words = ([f"{signs[k]}{t}{signs[k]}" for k, t in p.word_changes() if t] for p in paragraphs)
    return ["".join(stretches) for stretches in words]


def test_a_letter_as_it_was_made_has_no_changes(folder: Path) -> None:
    found = _versions(folder)
    assert found.existing == found.new == _letter(folder).read_bytes()
    assert _marked(found.edits) == _marked(found.changes_to_new) == text(_letter(folder))


def test_what_somebody_wrote_is_marked_against_what_was_made(folder: Path) -> None:
    retype(_letter(folder), "free her", "please free her")
    add_line(_letter(folder), "With respect")
    found = _versions(folder)
    assert _marked(found.edits) == [
        "Minister Li",
        "Dear Minister Li,+ please+ free her.",
        "Ana Ruiz",
        "+With respect+",
    ]
    assert found.existing == _letter(folder).read_bytes()


def test_mine_and_the_new_one_stand_side_by_side_when_the_template_changed(folder: Path) -> None:
    add_line(_letter(folder), "With respect")
    make(folder, AFTER)
    found = _versions(folder)
    assert _marked(found.changes_to_new) == [
        "Minister Li",
        "Dear Minister Li,- free-+ release+ her.",
        "Ana Ruiz",
        "-With respect-",
    ]
    assert found.edits is None  # what was made then is not there any more


def test_of_a_letter_nobody_edited_it_is_known_though_the_template_changed(folder: Path) -> None:
    make(folder, AFTER)
    assert _marked(_versions(folder).edits) == text(_letter(folder))
    save_again(_letter(folder))
    merge("letters", folder)
    assert _marked(_versions(folder).edits) == text(_letter(folder))


def test_before_it_is_made_there_is_the_new_one_only(tmp_path: Path) -> None:
    found = _versions(make(tmp_path, BEFORE))
    assert (found.existing, found.problem, found.edits, found.changes_to_new) == (
        None,
        None,
        None,
        None,
    )
    assert found.new


def test_with_an_error_in_the_data_there_is_no_new_one(folder: Path) -> None:
    kept = _letter(folder).read_bytes()
    make(folder, "Dear {{ recipient.nmae }}")
    found = _versions(folder)
    assert (found.existing, found.new, found.changes_to_new) == (kept, None, None)
    save_without_ids(_letter(folder))
    assert _versions(folder).existing == _letter(folder).read_bytes()


@pytest.mark.parametrize("kind", everyday(["link", "folder", "another"], of=range(2)))
def test_another_file_in_its_place_is_told_and_never_shown_as_the_letter(
    kind: str, folder: Path
) -> None:
    path = _letter(folder)
    path.unlink()
    if kind == "link":
        path.symlink_to(folder / "signers.xlsx")
    elif kind == "folder":
        path.mkdir()
    else:
        shutil.copyfile(folder / "letters" / "Bo Berg" / "Consul Roy.docx", path)
    found = _versions(folder)
    assert found.problem
    assert found.problem.code == "letter-foreign"
    assert ("another letter, Bo Berg to Consul Roy" in found.problem.what) == (kind == "another")
    assert (found.existing, found.edits, found.changes_to_new) == (None, None, None)


def test_moved_letters_are_found_and_of_several_none_is_taken(folder: Path) -> None:
    data = _letter(folder).read_bytes()
    _letter(folder).rename(folder / "letters" / "mine.docx")
    assert _versions(folder).existing == data
    shutil.copyfile(folder / "letters" / "mine.docx", folder / "letters" / "other.docx")
    found = _versions(folder)
    assert found.problem
    assert (found.problem.code, found.existing) == ("letter-several", None)


def test_a_damaged_letter_is_told(folder: Path) -> None:
    _letter(folder).write_bytes(b"nothing of Word's")
    found = _versions(folder)
    assert found.problem
    assert found.problem.code == "letter-damaged"
    assert (found.edits, found.changes_to_new) == (None, None)
