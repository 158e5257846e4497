"""New and old values of changed data, as a letter and the ledger prove them."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.campaigns import make, merge
from support.staff_actions import add_line, retype

from merge.campaign.campaign import read_campaign
from merge.campaign.changed_values import ChangedValue, changed_values
from merge.campaign.letter_versions import letter_versions
from merge.campaign.overview import inspect_campaign

LINES = "{{ recipient.name }}\n{{ recipient.street }}\nI ask you.\n{{ signer.name }}"


def _make(folder: Path, street: object, template: str = LINES) -> None:
    recipients = [["Name", "Street"], ["Minister Li", street]]
    make(folder, template, Recipients=recipients, Signers=[["Name"], ["Ana Ruiz"]])


def _create_letter(folder: Path, street: object) -> Path:
    """Create a letter with this street, and edit it; return its path."""
    _make(folder, street)
    merge("letters", folder)
    letter = folder / "letters/Ana Ruiz/Minister Li.docx"
    add_line(letter, "By hand")
    return letter


def _values(folder: Path) -> list[ChangedValue]:
    view = inspect_campaign(read_campaign(folder))
    (planned,) = view.letters
    rows = letter_versions(view, planned.record.id).changes_to_new or ()
    return changed_values(view.campaign, planned, rows)


def _street(new: str, old: str = "", *, is_in_letter: bool = False) -> ChangedValue:
    return ChangedValue("Street in Recipients", new, old, is_in_letter)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Lindenstrasse 15", "Lindenstrasse 15b"),
        ("Lindenstrasse", "Lindenstrasse 15"),
        ("Lindenstrasse 15, 2nd floor,", "Berggasse 19,"),
        (15, "Lindenstrasse 15"),
    ],
)
def test_a_changed_value_has_the_whole_old_value_that_the_letter_has(
    tmp_path: Path, old: object, new: str
) -> None:
    _create_letter(tmp_path, old)
    _make(tmp_path, new)
    assert _values(tmp_path) == [_street(new, str(old))]


def test_a_removed_value_has_its_old_value(tmp_path: Path) -> None:
    _create_letter(tmp_path, "Lindenstrasse 15")
    _make(tmp_path, "")
    assert _values(tmp_path) == [_street("", "Lindenstrasse 15")]


def test_an_old_value_that_the_letter_no_longer_has_is_not_guessed(tmp_path: Path) -> None:
    letter = _create_letter(tmp_path, "Lindenstrasse 15")
    retype(letter, "Lindenstrasse 15", "Linden Street 15, third floor")
    _make(tmp_path, "Lindenstrasse 15b")
    assert _values(tmp_path) == [_street("Lindenstrasse 15b")]


def test_the_old_value_of_a_kept_letter_is_the_one_it_was_kept_with(tmp_path: Path) -> None:
    letter = _create_letter(tmp_path, "Lindenstrasse 15")
    _make(tmp_path, "Lindenstrasse 16")
    assert merge("letters", tmp_path, "--keep", "edited").code == 0
    retype(letter, "15", "16")
    _make(tmp_path, "Lindenstrasse 17")
    assert _values(tmp_path) == [_street("Lindenstrasse 17", "Lindenstrasse 16")]


def test_a_new_value_that_the_letter_has_already_is_named_as_such(tmp_path: Path) -> None:
    letter = _create_letter(tmp_path, "Lindenstrasse 15")
    retype(letter, "Lindenstrasse 15", "Lindenstrasse 15b")
    _make(tmp_path, "Lindenstrasse 15b")
    assert _values(tmp_path) == [_street("Lindenstrasse 15b", is_in_letter=True)]


def test_changed_data_that_is_no_cell_has_no_value(tmp_path: Path) -> None:
    _create_letter(tmp_path, "Lindenstrasse 15")
    _make(tmp_path, "Lindenstrasse 15", LINES.replace("ask", "beg"))
    assert _values(tmp_path) == [ChangedValue("the template")]


def test_an_unchanged_letter_has_no_changed_values(tmp_path: Path) -> None:
    _create_letter(tmp_path, "Lindenstrasse 15")
    assert _values(tmp_path) == []
