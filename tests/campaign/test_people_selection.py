"""People selected by names and IDs: `--for`, `--replace` and `--accept`."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.campaigns import letters, make, merge
from support.registers import excel


def test_selecting_people_by_a_name_that_two_have_is_refused_with_their_ids(tmp_path: Path) -> None:
    signers = [["ID", "Name"], ["S5", "Marie Durand"], ["S9", "Marie Durand"], ["S7", "Bo Berg"]]
    make(tmp_path, Signers=signers)
    for options in (("letters", "--for"), ("letters", "--replace"), ("print", "--accept")):
        ran = merge(options[0], tmp_path, options[1], "marie durand")
        assert ran.code == 2
        assert f"2 people have the name “marie durand” ({options[1]}): S5" in ran.err
    assert merge("letters", tmp_path, "--for", "S9").code == 0
    assert len(letters(tmp_path)) == 2


def test_a_person_is_selected_by_name_and_id_together_as_messages_print_them(
    tmp_path: Path,
) -> None:
    signers = [["ID", "Name"], ["S5", "Marie Durand"], ["S9", "Marie Durand"]]
    make(tmp_path, Signers=signers)
    assert merge("letters", tmp_path, "--for", "marie durand (s9)").code == 0
    assert len(letters(tmp_path)) == 2
    plan = merge("delete-person", "Marie Durand (S9)", tmp_path, "--json").json
    assert len(plan["letters"]) == 2


def test_a_name_that_ends_in_brackets_comes_before_a_name_with_an_id(tmp_path: Path) -> None:
    make(tmp_path, Signers=[["ID", "Name"], ["S9", "Ada Roy (AI)"], ["AI", "Ada Roy"]])
    assert merge("letters", tmp_path, "--for", "Ada Roy (AI)").code == 0
    assert {path.partition("/")[0] for path in letters(tmp_path)} == {"Ada Roy (AI)"}


@pytest.mark.slow
def test_the_data_of_a_person_named_with_the_id_is_deleted_after_the_row_is_gone(
    tmp_path: Path,
) -> None:
    make(tmp_path, Signers=[["ID", "Name"], ["S1", "Ana Ruiz"], ["S2", "Käthe Weiß"]])
    merge("letters", tmp_path)
    with excel(tmp_path / "signers.xlsx", "Signers") as sheet:
        sheet.delete_rows(3)
    ran = merge("delete-person", "Käthe Weiß (S2)", tmp_path, "--yes", "--json")
    assert len(ran.json["letters"]) == 2


@pytest.mark.parametrize("name", ["Marie Durand (S7)", "Bo (S5)"])
def test_a_name_with_the_id_of_another_person_deletes_nothing(name: str, tmp_path: Path) -> None:
    make(tmp_path, Signers=[["ID", "Name"], ["S5", "Marie Durand"], ["S6", "Bo Berg"]])
    merge("letters", tmp_path)
    ran = merge("delete-person", name, tmp_path, "--yes")
    assert ran.last.startswith(f"No one here has the name or ID {name}.")
    assert len(letters(tmp_path)) == 4


def test_a_name_that_a_deleted_row_had_too_deletes_nothing_without_the_id(tmp_path: Path) -> None:
    make(tmp_path, Signers=[["ID", "Name"], ["S7", "Marie Durand"], ["S8", "Marie Durand"]])
    merge("letters", tmp_path)
    with excel(tmp_path / "signers.xlsx", "Signers") as sheet:
        sheet.delete_rows(2)
    ran = merge("delete-person", "Marie Durand", tmp_path, "--yes")
    assert ran.code == 2
    assert "Marie Durand (S7)" in ran.err
    assert len(letters(tmp_path)) == 4
    merge("delete-person", "Marie Durand (S7)", tmp_path, "--yes")
    assert {path.partition("/")[0] for path in letters(tmp_path)} == {"Marie Durand (S8)"}
