"""Edited letters: no run replaces them, unless staff ask for it."""

from __future__ import annotations

import io
import os
import re
import time
from pathlib import Path

import pytest
from docx import Document
from support import staff_actions
from support.campaigns import make, make_with_letters, merge, text
from support.documents import PNG, docx
from support.everyday import everyday
from support.office_programs import needs_libreoffice

from merge.campaign.campaign import read_campaign
from merge.campaign.letters_order import LettersOrder
from merge.campaign.letters_run import write_letters
from merge.campaign.plan import LettersRunPlan
from merge.letter_status import LetterStep

LETTER = "Ana Ruiz/Minister Li.docx"
NEWER = "Hello {{ recipient.name }}\n{{ signer.name }}"


def _letter(folder: Path, template: str | bytes | None = None) -> Path:
    """Create a campaign with its letters; return the path of one letter."""
    if template:
        staff_actions.run_letters(make(folder, template))
    else:
        make_with_letters(folder)
    return folder / "letters" / LETTER


def _state(folder: Path, *options: str) -> tuple[str, str]:
    """Return the letter's status and reason; a run must not change any letter."""
    path = folder / "letters" / LETTER
    before = path.read_bytes(), path.stat().st_mtime_ns
    steps = staff_actions.states_and_reasons(folder, *options)
    assert {state for path, (state, _) in steps.items() if path != LETTER} == {"unchanged"}
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    staff_actions.assert_up_to_date(folder)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    return steps[LETTER]


def test_an_edited_letter_with_changed_words_is_kept(tmp_path: Path) -> None:
    staff_actions.retype(_letter(tmp_path), "Dear", "My dear")
    assert _state(tmp_path) == ("edited", "edited")


def test_an_edited_letter_with_an_added_sentence_is_kept(tmp_path: Path) -> None:
    staff_actions.add_line(_letter(tmp_path), "We met in Geneva.")
    assert _state(tmp_path)[0] == "edited"


def test_a_letter_that_was_only_saved_again_is_re_saved_and_not_edited(tmp_path: Path) -> None:
    staff_actions.save_again(_letter(tmp_path))
    assert _state(tmp_path) == ("resaved", "re-saved, text unchanged")


def test_a_letter_with_words_made_bold_is_edited(tmp_path: Path) -> None:
    staff_actions.save_again(_letter(tmp_path), bold=True)
    assert _state(tmp_path) == ("edited", "edited")


@needs_libreoffice
@pytest.mark.libreoffice
@pytest.mark.slow
def test_a_letter_saved_by_libreoffice_is_re_saved_and_not_edited(tmp_path: Path) -> None:
    body = docx("{{ recipient.name }}\nDear {{ recipient.name }},", footer="{{ signer.name }}")
    path = _letter(tmp_path, body)
    staff_actions.save_in_libreoffice(tmp_path, path)
    assert _state(tmp_path)[0] == "resaved"
    staff_actions.add_line(path, "We met in Geneva.")
    staff_actions.save_in_libreoffice(tmp_path, path)
    assert _state(tmp_path)[0] == "edited"


def test_a_letter_that_was_only_zipped_again_is_unchanged(tmp_path: Path) -> None:
    staff_actions.zip_again(_letter(tmp_path))
    assert _state(tmp_path)[0] == "unchanged"
    make(tmp_path, NEWER)
    assert staff_actions.states(tmp_path)[LETTER] == "rewritten"


@pytest.mark.parametrize("words", everyday(["edited", "the same"]))
def test_an_edited_letter_without_its_ids_is_recognised_by_its_path(
    tmp_path: Path, words: str
) -> None:
    """Google Docs keeps no document properties."""
    path = _letter(tmp_path)
    if words == "edited":
        staff_actions.add_line(path, "We met in Geneva.")
    staff_actions.save_without_ids(path)
    assert _state(tmp_path)[0] == ("edited" if words == "edited" else "resaved")


@pytest.mark.parametrize("part", everyday(["core", "custom"]))
def test_an_edited_letter_without_one_of_its_two_ids_is_found_after_a_move(
    tmp_path: Path, part: str
) -> None:
    """Word writes only the properties that it knows, without `identifier`."""
    path = _letter(tmp_path)
    staff_actions.add_line(path, "We met in Geneva.")
    mark = {"core": b"identifier>", "custom": b'name="Letter"'}[part]
    staff_actions.change_part(path, f"docProps/{part}.xml", mark, mark.replace(b"e", b"x"))
    assert _state(tmp_path)[0] == "edited"
    path.rename(path.with_name("Final.docx"))
    assert staff_actions.states(tmp_path)["Ana Ruiz/Final.docx"] == "moved"


def test_an_edited_letter_whose_data_has_changed_is_reported_with_the_change(
    tmp_path: Path,
) -> None:
    template = "{{ recipient.town }}\nDear {{ recipient.name }}"
    head, roy = ["Name", "Town"], ["Consul Roy", "Delhi"]
    make(tmp_path, template, Recipients=[head, ["Minister Li", "Beijing"], roy])
    staff_actions.run_letters(tmp_path)
    staff_actions.retype(tmp_path / "letters" / LETTER, "Dear", "My dear")
    make(tmp_path, template, Recipients=[head, ["Minister Li", "Tianjin"], roy])
    steps = staff_actions.states_and_reasons(tmp_path)
    why = "edited; changed since: Town in Recipients"
    assert steps[LETTER] == ("edited-changed", why)
    assert steps["Bo Berg/Minister Li.docx"][0] == "rewritten"
    assert _state(tmp_path) == ("edited-changed", why)


def test_a_re_saved_letter_whose_template_has_changed_is_reported_with_the_change(
    tmp_path: Path,
) -> None:
    staff_actions.save_again(_letter(tmp_path))
    make(tmp_path, NEWER)
    state, why = staff_actions.states_and_reasons(tmp_path)[LETTER]
    assert state == "resaved"
    assert why.endswith("; changed since: the template")


def test_an_edited_letter_is_unchanged_after_the_edit_is_undone(tmp_path: Path) -> None:
    path = _letter(tmp_path)
    before = path.read_bytes()
    staff_actions.retype(path, "Dear", "My dear")
    assert _state(tmp_path)[0] == "edited"
    path.write_bytes(before)
    assert _state(tmp_path)[0] == "unchanged"


def test_a_letter_whose_file_times_alone_changed_is_unchanged(tmp_path: Path) -> None:
    path = _letter(tmp_path)
    for seconds in (time.time() + 4_000, time.time() - 90_000, 0):
        os.utime(path, (seconds, seconds))
        assert _state(tmp_path)[0] == "unchanged"
    make(tmp_path, NEWER)
    assert staff_actions.states(tmp_path)[LETTER] == "rewritten"


def test_an_edited_letter_with_an_older_file_time_is_detected(tmp_path: Path) -> None:
    path = _letter(tmp_path)
    staff_actions.retype(path, "Dear", "Near")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert _state(tmp_path)[0] == "edited"


def test_an_edited_letter_of_the_same_size_and_a_future_file_time_is_detected(
    tmp_path: Path,
) -> None:
    """A drive's clock may be ahead, or its times may have no fractions."""
    path = _letter(tmp_path)
    staff_actions.zip_again(path)
    size, second = path.stat().st_size, time.time() // 1 + 3_600
    os.utime(path, (second, second))
    assert _state(tmp_path)[0] == "unchanged"
    staff_actions.change_part(path, "word/document.xml", b"Dear", b"Near")
    staff_actions.zip_again(path)
    os.utime(path, (second, second))
    assert (path.stat().st_size, path.stat().st_mtime) == (size, second)
    assert _state(tmp_path)[0] == "edited"


def test_a_letter_with_a_password_or_an_empty_file_counts_as_edited(tmp_path: Path) -> None:
    """Word stores a file with a password in a container that is not a zip."""
    path = _letter(tmp_path)
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4_000))
    assert _state(tmp_path)[0] == "edited"
    path.write_bytes(b"")
    assert _state(tmp_path)[0] == "edited"


def test_a_letter_edited_during_a_run_is_kept(tmp_path: Path) -> None:
    path = _letter(tmp_path)
    make(tmp_path, NEWER)
    other_letter = tmp_path / "letters" / "Bo Berg" / "Consul Roy.docx"
    states, edits = dict[str, str](), list[bytes]()

    def edit_after_two(step: LetterStep) -> None:
        states[str(step.letter.path)] = step.state
        if len(states) == 2:
            edits.append(staff_actions.retype(other_letter, "Dear", "My dear"))

    write_letters(
        LettersRunPlan(read_campaign(tmp_path), LettersOrder(tmp_path / "letters")),
        on_step=edit_after_two,
    )
    [edited] = edits
    assert states.pop("Bo Berg/Consul Roy.docx") == "in-use"
    assert set(states.values()) == {"rewritten"}
    assert other_letter.read_bytes() == edited
    assert text(path) == ["Hello Minister Li", "Ana Ruiz"]
    assert staff_actions.states(tmp_path)["Bo Berg/Consul Roy.docx"] == "edited-changed"


@pytest.mark.parametrize("word", everyday(["ana ruiz", "P1"]))
def test_replace_moves_an_edited_letter_to_old_versions_and_creates_it_again(
    tmp_path: Path, word: str
) -> None:
    make(tmp_path, Signers=[["ID", "Name"], ["P1", "Ana Ruiz"], ["P2", "Bo Berg"]])
    staff_actions.run_letters(tmp_path)
    path = tmp_path / "letters" / LETTER
    unedited, edits = path.read_bytes(), list[bytes]()
    for line in ("One.", "Two."):
        if edits:
            time.sleep(1.1)  # the folder's name has seconds
        edits.append(staff_actions.add_line(path, line))
        assert staff_actions.states_and_reasons(tmp_path)[LETTER][0] == "edited"
        steps = staff_actions.states_and_reasons(tmp_path, "--replace", word, "--yes")
        assert steps[LETTER] == ("rewritten", "created again as you asked")
        assert path.read_bytes() == unedited
        staff_actions.assert_up_to_date(tmp_path)
    old_versions = sorted((tmp_path / "letters" / "Old versions").rglob("*.docx"))
    assert [p.read_bytes() for p in old_versions] == edits
    for old_version in old_versions:
        relative_path = old_version.relative_to(tmp_path / "letters" / "Old versions").as_posix()
        assert re.fullmatch(rf"\d{{4}}-\d\d-\d\d \d\d\.\d\d\.\d\d/{LETTER}", relative_path)


def test_a_letter_with_an_added_picture_is_edited(tmp_path: Path) -> None:
    path = _letter(tmp_path)
    document = Document(str(path))
    document.add_picture(io.BytesIO(PNG))
    document.save(str(path))
    assert staff_actions.states(tmp_path)[LETTER] == "edited"
    staff_actions.run_letters(tmp_path, "--replace", "resaved", "--yes")
    assert Document(str(path)).inline_shapes


def test_replace_changes_no_unedited_letter(tmp_path: Path) -> None:
    staff_actions.add_line(_letter(tmp_path), "One.")
    before = staff_actions.snapshot(tmp_path)
    states = staff_actions.states(tmp_path, "--replace", "Minister Li", "--yes")
    after = staff_actions.snapshot(tmp_path)
    assert states.pop(LETTER) == "rewritten"
    assert set(states.values()) == {"unchanged"}
    assert {path for path in before if before[path] != after[path]} == {LETTER}


@pytest.mark.parametrize("why", everyday(["open", "another's", "faulty"]))
def test_replace_changes_no_letter_that_is_open_or_blocked_or_of_another_pair(
    tmp_path: Path, why: str
) -> None:
    path = _letter(tmp_path)
    other_letter = path.with_name("Consul Roy.docx")
    data = staff_actions.add_line(path, "One.")
    if why == "open":
        path.with_name("~$nister Li.docx").write_bytes(b"Ana")
    elif why == "another's":
        path.write_bytes(other_letter.read_bytes())
        data = other_letter.read_bytes()
    else:
        make(
            tmp_path,
            "Dear {{ recipient.country }} all",
            Recipients=[["Name", "Country"], ["Minister Li", None]],
        )
    staff_actions.run_letters(tmp_path, "--replace", "Ana Ruiz", "--yes", "--skip-errors")
    assert path.read_bytes() == data
    assert not (tmp_path / "letters" / "Old versions").exists()


def test_a_dry_run_of_replace_changes_no_edited_letter(tmp_path: Path) -> None:
    staff_actions.add_line(_letter(tmp_path), "One.")
    before = staff_actions.snapshot(tmp_path)
    assert (
        staff_actions.states(tmp_path, "--replace", "Ana Ruiz", "--dry-run")[LETTER] == "rewritten"
    )
    assert staff_actions.snapshot(tmp_path) == before


def test_an_edited_letter_can_be_opened_after_a_run(tmp_path: Path) -> None:
    staff_actions.add_line(_letter(tmp_path), "We met in Geneva.")
    assert "letter, edited" in merge("letters", tmp_path).err
    assert Document(str(tmp_path / "letters" / LETTER)).paragraphs[-1].text == "We met in Geneva."


@pytest.mark.posix("POSIX names, times and permissions")
def test_an_edited_letter_with_unchanged_size_and_time_is_not_overwritten(tmp_path: Path) -> None:
    path = _letter(tmp_path)
    staff_actions.assert_up_to_date(tmp_path)
    status = path.stat()
    data = b"A note of staff. ".ljust(status.st_size)
    with path.open("r+b") as file:
        file.write(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    make(tmp_path, NEWER)
    assert staff_actions.states(tmp_path)[LETTER] == "edited-changed"
    assert path.read_bytes() == data
