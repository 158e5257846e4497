"""The placeholders of a workbook, and previews of a signer's lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.campaigns import make, merge

from merge.campaign.campaign import read_campaign
from merge.campaign.placeholders import offered_placeholders, preview_lines, unfilled_placeholders
from merge.workbook.reading import read_workbook


def test_each_placeholder_has_its_column_heading_and_first_value(tmp_path: Path) -> None:
    people = [["Name", "Postal code"], ["Ana Ruiz", ""], ["Bo Berg", "0150"]]
    folder = make(tmp_path, Signers=people, Settings=[["Deadline", "1 May"]])
    offered = {
        placeholder.tag: placeholder
        for placeholder in offered_placeholders(read_workbook(folder / "signers.xlsx"))
    }
    code = offered["{{ signer.postal_code }}"]
    assert (code.words, code.first) == ("Postal code in Signers", "0150")
    assert code.field == "Signer_Postal_code"
    assert offered["{{ settings.deadline }}"].words == "Deadline in Settings"
    assert [*offered][-1] == "{{ date }}"


def test_the_placeholders_command_lists_the_placeholders_of_the_workbook(tmp_path: Path) -> None:
    folder = make(tmp_path)
    listed = merge("placeholders", folder, "--json").json["tags"]
    offered = [*offered_placeholders(read_workbook(folder / "signers.xlsx"))]
    assert [(record["tag"], record["words"]) for record in listed] == [
        (placeholder.tag, placeholder.words) for placeholder in offered
    ]


HEADINGS = ["Name", "Street", "Postal code", "City"]
BO = {"Name": "Bo Lee", "Street": "9 Quay", "Postal code": "00-238", "City": "York"}


def test_a_preview_of_placeholders_shows_the_lines_of_a_letter_for_a_new_signer(
    tmp_path: Path,
) -> None:
    letter = "{{ signer.name | upper }}\n{{ signer.street }}\n"
    letter += "{{ signer.postal_code }} {{ signer.city }}, {{ signer.country }}\n"
    letter += "{% if signer.city %}Copies go to {{ recipient.name }}.{% endif %}\n"
    letter += "Dear {{ recipient.name }},\nYours, {{ signer.name }}"
    campaign = read_campaign(make(tmp_path / "campaign", letter, Signers=[HEADINGS, ["Ana"]]))
    lines = preview_lines(campaign.templates, campaign.workbook, BO)
    assert lines
    assert lines[:3] == ("BO LEE", "9 Quay", "00-238 York")
    assert lines[3].startswith("Copies go to ")
    assert lines[4:] == ("Yours, Bo Lee",)
    assert [*unfilled_placeholders(campaign.templates, ["Name", "City"])] == [
        "street",
        "postal_code",
        "country",
    ]
    assert preview_lines(campaign.templates, campaign.workbook, {}) == ()


def test_a_preview_of_placeholders_has_a_few_short_lines_of_a_long_letter(
    tmp_path: Path,
) -> None:
    letter = f"I, {{{{ signer.name }}}}, ask you: {'please ' * 60}\n"
    letter += "\n".join(f"{{{{ signer.name }}}} {number}" for number in range(40))
    campaign = read_campaign(make(tmp_path, letter, Signers=[HEADINGS, ["Ana"]]))
    assert preview_lines(campaign.templates, campaign.workbook, BO) == tuple(
        f"Bo Lee {number}" for number in range(8)
    )


@pytest.mark.parametrize("letter", ["{% if signer.name %}Open", "{{ signer.name | number }}"])
def test_there_is_no_preview_of_placeholders_if_the_template_cannot_be_filled(
    tmp_path: Path, letter: str
) -> None:
    campaign = read_campaign(make(tmp_path, letter, Signers=[HEADINGS, ["Ana"]]))
    assert preview_lines(campaign.templates, campaign.workbook, BO) is None
