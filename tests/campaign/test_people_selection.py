"""People selected by names and IDs: `--for`, `--replace` and `--accept`."""

from __future__ import annotations

from pathlib import Path

from support.campaigns import letters, make, merge


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
