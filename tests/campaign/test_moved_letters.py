"""Letters that staff moved, renamed, copied, swapped or overwrote."""

from __future__ import annotations

import shutil
import unicodedata
from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import LINES, make, make_with_letters, record_lines, text
from support.everyday import everyday

LI, ROY = "Ana Ruiz/Minister Li.docx", "Ana Ruiz/Consul Roy.docx"
NEWER = "Hello {{ recipient.name }}\n{{ signer.name }}"
posix = pytest.mark.posix("POSIX names and links")
MOVED = "moved or renamed"
OF_ANOTHER_PAIR = "the letter of another signer or recipient"


def _letters(folder: Path) -> Path:
    """Create a campaign with its letters; return the letters folder."""
    return make_with_letters(folder) / "letters"


@pytest.mark.parametrize(
    "to", everyday(["Ana Ruiz/Li, final.docx", "Done/Minister Li.docx", "x.DOCX"])
)
def test_a_moved_or_renamed_letter_is_updated_at_its_new_path(tmp_path: Path, to: str) -> None:
    letters = _letters(tmp_path)
    (letters / "Done").mkdir()
    (letters / LI).rename(letters / to)
    assert staff_actions.run_without_changes(tmp_path, "--dry-run") == {to: ("moved", MOVED)}
    assert staff_actions.run_without_changes(tmp_path) == {}
    make(tmp_path, NEWER)
    assert staff_actions.states_and_reasons(tmp_path)[to] == ("rewritten", "changed: the template")
    assert text(letters / to)[0] == "Hello Minister Li"
    assert not (letters / LI).exists()
    staff_actions.assert_up_to_date(tmp_path)


def test_a_moved_letter_is_updated_in_the_next_run(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    (letters / LI).rename(letters / "Li.docx")
    make(tmp_path, NEWER)
    assert staff_actions.states_and_reasons(tmp_path)["Li.docx"] == (
        "rewritten",
        "changed: the template",
    )
    assert text(letters / "Li.docx")[0] == "Hello Minister Li"
    staff_actions.assert_up_to_date(tmp_path)


@pytest.mark.parametrize("selection", everyday(["Ana Ruiz", "edited", "all"]))
def test_replace_updates_a_moved_edited_letter_at_its_new_path(
    tmp_path: Path, selection: str
) -> None:
    letters = _letters(tmp_path)
    edited = staff_actions.add_line(letters / LI, "We met.")
    (letters / LI).rename(letters / "Li.docx")
    steps = staff_actions.states_and_reasons(tmp_path, "--replace", selection, "--yes")
    assert steps["Li.docx"] == ("rewritten", "created again as you asked")
    assert "We met." not in text(letters / "Li.docx")
    (old_version,) = (letters / "Old versions").rglob("*.docx")
    assert (old_version.name, old_version.read_bytes()) == ("Li.docx", edited)
    staff_actions.assert_up_to_date(tmp_path)


def test_a_letter_moved_to_the_path_of_another_letter_is_not_updated(tmp_path: Path) -> None:
    """If two letters are mixed up, more of them may be."""
    letters = _letters(tmp_path)
    (letters / ROY).rename(letters / "Roy.docx")
    (letters / LI).rename(letters / ROY)
    make(tmp_path, NEWER)
    step = staff_actions.states_and_reasons(tmp_path)[ROY]
    assert step == ("foreign", f"{OF_ANOTHER_PAIR}; changed since: the template")
    assert text(letters / "Roy.docx")[0] == "Consul Roy"
    assert text(letters / ROY)[0] == "Minister Li"
    staff_actions.assert_up_to_date(tmp_path)
    (letters / ROY).unlink()
    assert staff_actions.states_and_reasons(tmp_path)["Roy.docx"] == (
        "rewritten",
        "changed: the template",
    )


@pytest.mark.slow
def test_letters_are_found_after_their_folder_is_renamed_and_renamed_back(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    (letters / "Ana Ruiz").rename(letters / "Printed, Ana")
    moved = staff_actions.run_without_changes(tmp_path, "--dry-run")
    assert {path: state for path, (state, _) in moved.items()} == {
        "Printed, Ana/Minister Li.docx": "moved",
        "Printed, Ana/Consul Roy.docx": "moved",
    }
    assert staff_actions.run_without_changes(tmp_path) == {}
    (letters / "Printed, Ana").rename(letters / "Ana Ruiz")
    assert len(staff_actions.run_without_changes(tmp_path, "--dry-run")) == 2
    assert staff_actions.run_without_changes(tmp_path) == {}


def test_a_moved_edited_letter_is_found(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    staff_actions.add_line(letters / LI, "We met.")
    (letters / LI).rename(letters / "Li.docx")
    reason = f"{MOVED}; edited"
    assert staff_actions.run_without_changes(tmp_path, "--dry-run") == {
        "Li.docx": ("moved", reason)
    }
    assert staff_actions.run_without_changes(tmp_path) == {"Li.docx": ("edited", "edited")}


def test_a_moved_letter_with_several_copies_needs_review(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    shutil.copy(letters / LI, letters / "Li (1).docx")
    (letters / LI).rename(letters / "Li (2).docx")
    why = "several copies of this letter, none was changed: Li (1).docx, Li (2).docx"
    assert staff_actions.run_without_changes(tmp_path) == {LI: ("moved", why)}
    assert not (letters / LI).exists()
    (letters / "Li (1).docx").unlink()
    assert staff_actions.run_without_changes(tmp_path)["Li (2).docx"][0] == "moved"


def test_two_swapped_letters_are_reported_and_not_changed(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    (letters / LI).rename(letters / "x")
    (letters / ROY).rename(letters / LI)
    (letters / "x").rename(letters / ROY)
    assert staff_actions.run_without_changes(tmp_path) == {
        LI: ("foreign", OF_ANOTHER_PAIR),
        ROY: ("foreign", OF_ANOTHER_PAIR),
    }
    before = staff_actions.snapshot(tmp_path)
    make(tmp_path, NEWER)
    assert staff_actions.states(tmp_path)[LI] == "foreign"
    assert staff_actions.snapshot(tmp_path)[LI] == before[LI]
    assert staff_actions.snapshot(tmp_path)[ROY] == before[ROY]


def test_two_swapped_letters_of_the_same_size_and_time_are_reported(tmp_path: Path) -> None:
    """Letters written in a row often have the same time and size."""
    first, second = staff_actions.two_letters_of_one_size_and_time(tmp_path)
    letters = tmp_path / "letters"
    first.rename(letters / "x")
    second.rename(first)
    (letters / "x").rename(second)
    names = {path.relative_to(letters).as_posix() for path in (first, second)}
    assert staff_actions.run_without_changes(tmp_path) == dict.fromkeys(
        names, ("foreign", OF_ANOTHER_PAIR)
    )


def test_a_letter_moved_over_another_is_kept_and_created_again_at_its_own_path(
    tmp_path: Path,
) -> None:
    letters = _letters(tmp_path)
    edited = staff_actions.add_line(letters / LI, "We met.")
    (letters / LI).replace(letters / ROY)
    assert staff_actions.states_and_reasons(tmp_path)[ROY] == ("foreign", OF_ANOTHER_PAIR)
    assert text(letters / LI) == ["Minister Li", "Dear Minister Li,", "Ana Ruiz"]
    assert (letters / ROY).read_bytes() == edited
    staff_actions.assert_up_to_date(tmp_path)


@pytest.mark.slow
@posix
@pytest.mark.parametrize("name", everyday(["Ana José", "Consul Éva"]))
def test_letters_with_decomposed_names_from_a_mac_are_recognised(tmp_path: Path, name: str) -> None:
    people = {
        "Signers": [["Name"], ["Ana José"], ["Bo Berg"]],
        "Recipients": [["Name"], ["Consul Éva"], ["Minister Li"]],
    }
    letters = make(tmp_path, LINES, **people) / "letters"
    staff_actions.run_letters(tmp_path)
    for path in sorted(letters.rglob("*"), reverse=True):
        if name in path.name:
            path.rename(path.with_name(unicodedata.normalize("NFD", path.name)))
    assert staff_actions.run_without_changes(tmp_path) == {}
    make(tmp_path, NEWER, **people)
    assert set(staff_actions.states(tmp_path).values()) == {"rewritten"}
    staff_actions.assert_up_to_date(tmp_path)
    edited = staff_actions.add_line(next(letters.rglob("*va.docx")), "We met.")
    assert "edited" in staff_actions.states(tmp_path).values()
    staff_actions.run_letters(tmp_path, "--replace", "Consul Éva", "--yes")
    assert edited in [p.read_bytes() for p in (letters / "Old versions").rglob("*.docx")]
    make(tmp_path, NEWER, **{**people, "Signers": [["Name"], ["Eva Sand"]]})
    staff_actions.run_letters(tmp_path)
    assert len(list((letters / "No longer wanted").rglob("*.docx"))) == 4
    staff_actions.assert_up_to_date(tmp_path)


def test_a_dry_run_with_moved_letters_reports_the_same_and_changes_nothing(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    staff_actions.add_line(letters / LI, "We met.")
    (letters / ROY).rename(letters / "Roy.docx")
    make(tmp_path, NEWER, Signers=[["Name"], ["Ana Ruiz"], ["Eva Sand"]])
    before, ledger = staff_actions.snapshot(tmp_path), record_lines(tmp_path)
    preview, problems = (
        staff_actions.states_and_reasons(tmp_path, "--dry-run"),
        staff_actions.run_problems(tmp_path, "--dry-run"),
    )
    assert staff_actions.snapshot(tmp_path) == before
    assert record_lines(tmp_path) == ledger
    assert "2 letters" in problems["letters-unwanted"]
    assert "would be moved here" in problems["letters-unwanted"]
    assert staff_actions.states_and_reasons(tmp_path) == preview
