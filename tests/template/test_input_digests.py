"""What a letter is made from: what changes it, and what has changed."""

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
from merge.naming import Salt
from merge.template.input_digests import FieldHashes, InputDigests, find_changed_inputs

DAY = dt.date(2026, 11, 25)
TEMPLATE = "{{ recipient.title }} {{ recipient.name }}\n{{ signer.name }}\n{{ pair.note|optional }}"
SHEETS: dict[str, workbooks.Rows] = {
    "Signers": [["Name", "Town"], ["Ana Ruiz", "Lima"]],
    "Recipients": [["Name", "Title", "Party"], ["Minister Li", "Mr", "None"]],
    "Pairs": [["Signer", "Recipient", "Note"], ["Ana Ruiz", "Minister Li", "We met."]],
    "Settings": [["Name", "Value"], ["Deadline", "1 May"]],
}


class Looked:
    """The inputs of the one letter of a campaign, and the fields behind them."""

    def __init__(
        self,
        folder: Path,
        template: str = TEMPLATE,
        day: dt.date = DAY,
        /,
        **sheets: workbooks.Rows,
    ) -> None:
        campaign = read_campaign(make(folder, template, **{**SHEETS, **sheets}))
        inputs = InputDigests(campaign.templates, campaign.fill_context.settings, Salt(b"salt"))
        (pair,) = campaign.pairs()
        self.bytes = inputs.compute(pair, day)
        self.said = dict(inputs.field_hashes)


def _changes(before: Looked, after: Looked) -> list[str]:
    """What differs, as the ledger and the run know it; nothing where the bytes are the same."""
    said: dict[bytes, FieldHashes] = {**before.said, **after.said}
    found = find_changed_inputs(before.bytes, after.bytes, said.get)
    assert (found == []) == (before.bytes == after.bytes)
    return found


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
        of=range(3),
    ),
)
def test_a_field_that_the_letter_prints_is_named(
    tmp_path: Path, sheets: dict[str, workbooks.Rows], names: list[str]
) -> None:
    if "Recipients" in sheets or "Signers" in sheets:
        sheets = {**sheets, "Pairs": [["Signer", "Recipient", "Note"], ["*", "*", "We met."]]}
    assert _changes(Looked(tmp_path), Looked(tmp_path, **sheets)) == names


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
        of=range(4),
    ),
)
def test_what_no_tag_reads_makes_no_difference(
    tmp_path: Path, sheets: dict[str, workbooks.Rows]
) -> None:
    assert _changes(Looked(tmp_path), Looked(tmp_path, **sheets)) == []


def test_a_setting_that_the_letter_prints_is_named(tmp_path: Path) -> None:
    template = "By {{ settings.deadline }}."
    later: workbooks.Rows = [["Name", "Value"], ["Deadline", "2 May"]]
    after = Looked(tmp_path, template, Settings=later)
    assert _changes(Looked(tmp_path, template), after) == ["settings.deadline"]


def test_a_value_that_only_a_condition_reads_counts(tmp_path: Path) -> None:
    template = "{% if signer.town == 'Lima' %}A{% else %}B{% endif %}"
    moved: workbooks.Rows = [["Name", "Town"], ["Ana Ruiz", "Quito"]]
    after = Looked(tmp_path, template, Signers=moved)
    assert _changes(Looked(tmp_path, template), after) == ["signer.town"]


def test_the_number_behind_a_cell_counts_though_it_shows_the_same(tmp_path: Path) -> None:
    template = "{{ signer.share|number('0.000') }}"

    def with_share(share: float) -> Looked:
        rows = [["Name", "Share"], ["Ana Ruiz", workbooks.Formatted(share, "0.0")]]
        return Looked(tmp_path, template, Signers=rows)

    assert _changes(with_share(1.501), with_share(1.502)) == ["signer.share"]


def test_the_template_and_the_day_are_named(tmp_path: Path) -> None:
    before = Looked(tmp_path)
    assert _changes(before, Looked(tmp_path, TEMPLATE + "!")) == ["the template"]
    assert _changes(before, Looked(tmp_path, TEMPLATE, DAY + dt.timedelta(1))) == ["the date"]


def test_the_language_that_dates_are_written_in_counts(tmp_path: Path) -> None:
    template = "{{ date }}"
    french: workbooks.Rows = [["Name", "Title", "Language"], ["Minister Li", "Mr", "fr"]]
    english: workbooks.Rows = [["Name", "Title", "Language"], ["Minister Li", "Mr", "en"]]
    before = Looked(tmp_path, template, Recipients=english)
    after = Looked(tmp_path, template, Recipients=french)
    assert _changes(before, after) == ["recipient.language"]
    usual = Looked(tmp_path, template, Settings=[["Name", "Value"], ["Language", "fr"]])
    assert _changes(Looked(tmp_path, template), usual) == ["settings.language"]


def test_a_column_that_only_one_template_reads_has_not_changed(tmp_path: Path) -> None:
    less, more = Looked(tmp_path), Looked(tmp_path, TEMPLATE + " of {{ signer.town }}")
    assert _changes(less, more) == _changes(more, less) == ["the template"]
    rows: workbooks.Rows = [["Name", "Title", "Party"], ["Minister Li", "Dr", "None"]]
    more = Looked(tmp_path, TEMPLATE + " of {{ signer.town }}", Recipients=rows)
    assert _changes(less, more) == ["the template", "recipient.title"]


def test_where_the_fields_are_forgotten_the_sheet_is_named(tmp_path: Path) -> None:
    rows: workbooks.Rows = [["Name", "Title", "Party"], ["Minister Li", "Dr", "None"]]
    old, new = Looked(tmp_path), Looked(tmp_path, Recipients=rows)
    assert find_changed_inputs(old.bytes, new.bytes, lambda _: None) == ["the recipient"]
    assert find_changed_inputs(old.bytes, new.bytes, new.said.get) == ["the recipient"]


def test_another_template_of_the_same_folder_is_another_template(tmp_path: Path) -> None:
    make(tmp_path, TEMPLATE)
    (tmp_path / "templates" / "short.docx").write_bytes(docx("{{ signer.name }}"))
    settings = [["Name", "Value"], ["Template", "appeal.docx"]]
    own: workbooks.Rows = [["Name", "Title", "Template"], ["Minister Li", "Mr", "short"]]
    after = Looked(tmp_path, Settings=settings, Recipients=own)
    assert "the template" in _changes(Looked(tmp_path, Settings=settings), after)


def test_fields_of_two_people_are_never_mixed_up(tmp_path: Path) -> None:
    """Every order of the same few words over the columns is something else."""
    template = "{{ signer.name }}{{ signer.town }}{{ signer.job }}"
    seen = set()
    for row in itertools.permutations(["Ana", "Lima", "Ana, Lima"]):
        seen.add(Looked(tmp_path, template, Signers=[["Name", "Town", "Job"], row], Pairs=[]).bytes)
    assert len(seen) == 6


def test_only_hashes_are_said(tmp_path: Path) -> None:
    for fields in Looked(tmp_path).said.values():
        assert all(len(hashed) == 6 and int(hashed, 16) >= 0 for hashed in fields.values())
