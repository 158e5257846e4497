"""A letter's file compared with its new version, as a page shows them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.campaigns import make, merge, text
from support.copied_folders import copy_made_folder
from support.everyday import everyday
from support.staff_actions import add_line, retype, save_again, save_without_ids

from merge.campaign.campaign import read_campaign
from merge.campaign.letter_versions import LetterVersions, letter_versions
from merge.campaign.overview import inspect_campaign
from merge.proofreading.differences import ParagraphChange

OLD_TEMPLATE = "{{ recipient.name }}\nDear {{ recipient.name }}, free her.\n{{ signer.name }}"
NEW_TEMPLATE = "{{ recipient.name }}\nDear {{ recipient.name }}, release her.\n{{ signer.name }}"


def create_four_letters(folder: Path) -> None:
    merge("letters", make(folder, OLD_TEMPLATE))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_made_folder(create_four_letters, tmp_path)


def _letter(folder: Path) -> Path:
    return folder / "letters" / "Ana Ruiz" / "Minister Li.docx"


def _versions(folder: Path) -> LetterVersions:
    overview = inspect_campaign(read_campaign(folder))
    label = "Ana Ruiz to Minister Li"
    (letter_id,) = (
        letter_id for letter_id, name in overview.campaign.letter_labels.items() if name == label
    )
    return letter_versions(overview, letter_id)


def _marked_changes(paragraphs: tuple[ParagraphChange, ...] | None) -> list[str]:
    """Return each paragraph on one line: deletions in -…-, insertions in +…+."""
    assert paragraphs is not None
    marks = {"same": "", "gone": "-", "new": "+"}
    words = (
        [f"{marks[kind]}{text}{marks[kind]}" for kind, text in paragraph.word_changes() if text]
        for paragraph in paragraphs
    )
    return ["".join(parts) for parts in words]


def test_an_unchanged_letter_has_no_changes_against_its_new_version(folder: Path) -> None:
    versions = _versions(folder)
    assert versions.existing == versions.new == _letter(folder).read_bytes()
    assert (
        _marked_changes(versions.edits)
        == _marked_changes(versions.changes_to_new)
        == text(_letter(folder))
    )


def test_edits_of_a_letter_are_marked_against_the_letter_as_created(folder: Path) -> None:
    retype(_letter(folder), "free her", "please free her")
    add_line(_letter(folder), "With respect")
    versions = _versions(folder)
    assert _marked_changes(versions.edits) == [
        "Minister Li",
        "Dear Minister Li,+ please+ free her.",
        "Ana Ruiz",
        "+With respect+",
    ]
    assert versions.existing == _letter(folder).read_bytes()


def test_an_edited_letter_is_compared_with_the_version_of_a_changed_template(folder: Path) -> None:
    add_line(_letter(folder), "With respect")
    make(folder, NEW_TEMPLATE)
    versions = _versions(folder)
    assert _marked_changes(versions.changes_to_new) == [
        "Minister Li",
        "Dear Minister Li,- free-+ release+ her.",
        "Ana Ruiz",
        "-With respect-",
    ]
    assert _marked_changes(versions.edits) == [*text(_letter(folder))[:-1], "+With respect+"]


def test_an_unedited_letter_has_no_edits_if_the_template_changed(folder: Path) -> None:
    make(folder, NEW_TEMPLATE)
    assert _marked_changes(_versions(folder).edits) == text(_letter(folder))
    save_again(_letter(folder))
    merge("letters", folder)
    assert _marked_changes(_versions(folder).edits) == text(_letter(folder))


def test_a_letter_that_is_not_created_has_only_a_new_version(tmp_path: Path) -> None:
    versions = _versions(make(tmp_path, OLD_TEMPLATE))
    assert (versions.existing, versions.problem, versions.edits, versions.changes_to_new) == (
        None,
        None,
        None,
        None,
    )
    assert versions.new


def test_a_letter_with_an_error_in_its_data_has_no_new_version(folder: Path) -> None:
    before = _letter(folder).read_bytes()
    make(folder, "Dear {{ recipient.nmae }}")
    versions = _versions(folder)
    assert (versions.existing, versions.new, versions.changes_to_new) == (before, None, None)
    save_without_ids(_letter(folder))
    assert _versions(folder).existing == _letter(folder).read_bytes()


LINK = pytest.param("link", marks=pytest.mark.posix("links need a permission on Windows"))


@pytest.mark.parametrize("kind", everyday([LINK, "folder", "another"], daily=range(2)))
def test_another_file_at_the_path_of_a_letter_is_never_shown_as_its_version(
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
    versions = _versions(folder)
    assert versions.problem
    assert versions.problem.code == "letter-foreign"
    assert ("another letter, Bo Berg to Consul Roy" in versions.problem.what) == (kind == "another")
    assert (versions.existing, versions.edits, versions.changes_to_new) == (None, None, None)


def test_a_moved_letter_is_compared_but_not_one_of_several_copies(folder: Path) -> None:
    data = _letter(folder).read_bytes()
    _letter(folder).rename(folder / "letters" / "mine.docx")
    assert _versions(folder).existing == data
    shutil.copyfile(folder / "letters" / "mine.docx", folder / "letters" / "other.docx")
    versions = _versions(folder)
    assert versions.problem
    assert (versions.problem.code, versions.existing) == ("letter-several", None)


def test_a_damaged_letter_is_reported_instead_of_its_changes(folder: Path) -> None:
    _letter(folder).write_bytes(b"nothing of Word's")
    versions = _versions(folder)
    assert versions.problem
    assert versions.problem.code == "letter-damaged"
    assert (versions.edits, versions.changes_to_new) == (None, None)
