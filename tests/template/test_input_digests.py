"""Inputs of a letter: which changes they show, and how they are named."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path

import pytest
from support import workbooks
from support.campaigns import make
from support.documents import docx
from support.everyday import everyday

from merge.campaign.campaign import read_campaign
from merge.letter_inputs import DataChange, FieldValues
from merge.template.input_digests import InputDigests, find_changed_inputs

DAY = dt.date(2026, 11, 25)
TEMPLATE = "{{ recipient.title }} {{ recipient.name }}\n{{ signer.name }}\n{{ pair.note|optional }}"
SHEETS: dict[str, workbooks.Rows] = {
    "Signers": [["Name", "Town"], ["Ana Ruiz", "Lima"]],
    "Recipients": [["Name", "Title", "Party"], ["Minister Li", "Mr", "None"]],
    "Pairs": [["Signer", "Recipient", "Note"], ["Ana Ruiz", "Minister Li", "We met."]],
    "Settings": [["Name", "Value"], ["Deadline", "1 May"]],
}


class LetterInputs:
    """The inputs of a campaign's only letter, and the values of its fields."""

    def __init__(
        self,
        folder: Path,
        template: str = TEMPLATE,
        day: dt.date = DAY,
        /,
        **sheets: workbooks.Rows,
    ) -> None:
        campaign = read_campaign(make(folder, template, **{**SHEETS, **sheets}))
        inputs = InputDigests(campaign.templates, campaign.fill_context.settings)
        (pair,) = campaign.pairs()
        self.bytes = inputs.compute(pair, day)
        self.field_values = dict(inputs.field_values)


def _changes(before: LetterInputs, after: LetterInputs) -> list[str]:
    """Return the changed inputs; empty if the bytes are the same."""
    field_values: dict[bytes, FieldValues] = {**before.field_values, **after.field_values}
    changes = find_changed_inputs(before.bytes, after.bytes, field_values.get)
    assert (changes == []) == (before.bytes == after.bytes)
    return [change.field for change in changes]


@pytest.mark.parametrize(
    ("sheets", "names"),
    everyday(
        [
            ({"Signers": [["Name", "Town"], ["Ana Paz", "Lima"]]}, ["signer.name"]),
            (
                {"Recipients": [["Name", "Title", "Party"], ["Minister Li", "Dr", "None"]]},
                ["recipient.title"],
            ),
            (
                {"Recipients": [["Name", "Title", "Party"], ["Minister Lo", "Dr", "None"]]},
                ["recipient.name", "recipient.title"],
            ),
            ({"Pairs": [["Signer", "Recipient", "Note"], ["*", "*", "We wrote."]]}, ["pair.note"]),
            ({"Pairs": [["Signer", "Recipient", "Note"], ["*", "*", None]]}, ["pair.note"]),
        ],
        daily=range(3),
    ),
)
def test_a_changed_field_that_the_letter_prints_is_named(
    tmp_path: Path, sheets: dict[str, workbooks.Rows], names: list[str]
) -> None:
    if "Recipients" in sheets or "Signers" in sheets:
        sheets = {**sheets, "Pairs": [["Signer", "Recipient", "Note"], ["*", "*", "We met."]]}
    assert _changes(LetterInputs(tmp_path), LetterInputs(tmp_path, **sheets)) == names


@pytest.mark.parametrize(
    "sheets",
    everyday(
        [
            {"Signers": [["Name", "Town"], ["Ana Ruiz", "Quito"]]},
            {"Signers": [["Name", "Town", "Born"], ["Ana Ruiz", "Lima", 1990]]},
            {"Recipients": [["Name", "Title", "Party"], ["Minister Li", "Mr", "Greens"]]},
            {"Settings": [["Name", "Value"], ["Deadline", "2 May"]]},
            {"Settings": [["Name", "Value"]]},
            {"Pairs": [["Signer", "Recipient", "Note", "By"], ["*", "*", "We met.", "Eva"]]},
        ],
        daily=range(4),
    ),
)
def test_a_column_that_no_tag_reads_does_not_change_a_letters_inputs(
    tmp_path: Path, sheets: dict[str, workbooks.Rows]
) -> None:
    assert _changes(LetterInputs(tmp_path), LetterInputs(tmp_path, **sheets)) == []


def test_a_changed_setting_that_the_letter_prints_is_named(tmp_path: Path) -> None:
    template = "By {{ settings.deadline }}."
    later: workbooks.Rows = [["Name", "Value"], ["Deadline", "2 May"]]
    after = LetterInputs(tmp_path, template, Settings=later)
    assert _changes(LetterInputs(tmp_path, template), after) == ["settings.deadline"]


def test_a_value_that_only_a_condition_reads_changes_a_letters_inputs(tmp_path: Path) -> None:
    template = "{% if signer.town == 'Lima' %}A{% else %}B{% endif %}"
    moved: workbooks.Rows = [["Name", "Town"], ["Ana Ruiz", "Quito"]]
    after = LetterInputs(tmp_path, template, Signers=moved)
    assert _changes(LetterInputs(tmp_path, template), after) == ["signer.town"]


def test_a_changed_number_with_the_same_display_changes_a_letters_inputs(tmp_path: Path) -> None:
    template = "{{ signer.share|number('0.000') }}"

    def with_share(share: float) -> LetterInputs:
        rows = [["Name", "Share"], ["Ana Ruiz", workbooks.Formatted(share, "0.0")]]
        return LetterInputs(tmp_path, template, Signers=rows)

    assert _changes(with_share(1.501), with_share(1.502)) == ["signer.share"]


def test_a_changed_template_and_day_are_named(tmp_path: Path) -> None:
    before = LetterInputs(tmp_path)
    assert _changes(before, LetterInputs(tmp_path, TEMPLATE + "!")) == ["the template"]
    assert _changes(before, LetterInputs(tmp_path, TEMPLATE, DAY + dt.timedelta(1))) == ["the date"]


def test_the_language_of_dates_changes_a_letters_inputs(tmp_path: Path) -> None:
    template = "{{ date }}"
    french: workbooks.Rows = [["Name", "Title", "Language"], ["Minister Li", "Mr", "fr"]]
    english: workbooks.Rows = [["Name", "Title", "Language"], ["Minister Li", "Mr", "en"]]
    before = LetterInputs(tmp_path, template, Recipients=english)
    after = LetterInputs(tmp_path, template, Recipients=french)
    assert _changes(before, after) == ["recipient.language"]
    usual = LetterInputs(tmp_path, template, Settings=[["Name", "Value"], ["Language", "fr"]])
    assert _changes(LetterInputs(tmp_path, template), usual) == ["settings.language"]


def test_a_column_that_only_one_template_reads_has_not_changed(tmp_path: Path) -> None:
    less, more = LetterInputs(tmp_path), LetterInputs(tmp_path, TEMPLATE + " of {{ signer.town }}")
    assert _changes(less, more) == _changes(more, less) == ["the template"]
    rows: workbooks.Rows = [["Name", "Title", "Party"], ["Minister Li", "Dr", "None"]]
    more = LetterInputs(tmp_path, TEMPLATE + " of {{ signer.town }}", Recipients=rows)
    assert _changes(less, more) == ["the template", "recipient.title"]


def test_a_sheet_is_named_if_the_values_of_its_fields_are_lost(tmp_path: Path) -> None:
    rows: workbooks.Rows = [["Name", "Title", "Party"], ["Minister Li", "Dr", "None"]]
    old, new = LetterInputs(tmp_path), LetterInputs(tmp_path, Recipients=rows)
    lost = [DataChange("the recipient")]
    assert find_changed_inputs(old.bytes, new.bytes, lambda _: None) == lost
    assert find_changed_inputs(old.bytes, new.bytes, new.field_values.get) == lost


def test_another_template_of_the_campaign_is_named_as_a_change(tmp_path: Path) -> None:
    make(tmp_path, TEMPLATE)
    (tmp_path / "templates" / "short.docx").write_bytes(docx("{{ signer.name }}"))
    settings = [["Name", "Value"], ["Template", "appeal.docx"]]
    recipients: workbooks.Rows = [["Name", "Title", "Template"], ["Minister Li", "Mr", "short"]]
    after = LetterInputs(tmp_path, Settings=settings, Recipients=recipients)
    assert "the template" in _changes(LetterInputs(tmp_path, Settings=settings), after)


def test_the_same_words_in_other_columns_give_other_inputs(tmp_path: Path) -> None:
    """Every order of the same few words over the columns is different."""
    template = "{{ signer.name }}{{ signer.town }}{{ signer.job }}"
    inputs_seen = set()
    for row in itertools.permutations(["Ana", "Lima", "Ana, Lima"]):
        inputs_seen.add(
            LetterInputs(tmp_path, template, Signers=[["Name", "Town", "Job"], row], Pairs=[]).bytes
        )
    assert len(inputs_seen) == 6


def test_a_change_has_the_old_and_the_new_value_as_letters_show_them(tmp_path: Path) -> None:
    rows: workbooks.Rows = [["Name", "Title", "Party"], ["Minister Li", "Dr", "None"]]
    old, new = LetterInputs(tmp_path), LetterInputs(tmp_path, Recipients=rows)
    values = {**old.field_values, **new.field_values}
    changes = find_changed_inputs(old.bytes, new.bytes, values.get)
    assert changes == [DataChange("recipient.title", "Mr", "Dr")]
