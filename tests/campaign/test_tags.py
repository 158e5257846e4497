"""The tags that a workbook offers, as values."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.campaigns import make, merge

from merge.campaign.campaign import read_campaign
from merge.campaign.placeholders import offered_placeholders, preview_lines, unfilled_placeholders
from merge.workbook.reading import read_workbook


def test_each_tag_comes_with_its_heading_and_its_first_value(tmp_path: Path) -> None:
    people = [["Name", "Postal code"], ["Ana Ruiz", ""], ["Bo Berg", "0150"]]
    folder = make(tmp_path, Signers=people, Settings=[["Deadline", "1 May"]])
    offered = {
        each.tag: each for each in offered_placeholders(read_workbook(folder / "signers.xlsx"))
    }
    code = offered["{{ signer.postal_code }}"]
    assert (code.words, code.first) == ("Postal code in Signers", "0150")
    assert code.field == "Signer_Postal_code"
    assert offered["{{ settings.deadline }}"].words == "Deadline in Settings"
    assert [*offered][-1] == "{{ date }}"


def test_the_list_of_the_command_line_is_the_same(tmp_path: Path) -> None:
    folder = make(tmp_path)
    told = merge("placeholders", folder, "--json").json["tags"]
    offered = [*offered_placeholders(read_workbook(folder / "signers.xlsx"))]
    assert [(each["tag"], each["words"]) for each in told] == [(o.tag, o.words) for o in offered]


HEADINGS = ["Name", "Street", "Postal code", "City"]
BO = {"Name": "Bo Lee", "Street": "9 Quay", "Postal code": "00-238", "City": "York"}


def test_somebody_who_is_not_in_the_workbook_yet_is_shown_as_the_letter_prints_them(
    tmp_path: Path,
) -> None:
    letter = "{{ signer.name | upper }}\n{{ signer.street }}\n"
    letter += "{{ signer.postal_code }} {{ signer.city }}, {{ signer.country }}\n"
    letter += "{% if signer.city %}Copies go to {{ recipient.name }}.{% endif %}\n"
    letter += "Dear {{ recipient.name }},\nYours, {{ signer.name }}"
    campaign = read_campaign(make(tmp_path / "campaign", letter, Signers=[HEADINGS, ["Ana"]]))
    shown = preview_lines(campaign, BO)
    assert shown
    assert shown[:3] == ("BO LEE", "9 Quay", "00-238 York")
    assert shown[3].startswith("Copies go to ")
    assert shown[4:] == ("Yours, Bo Lee",)
    assert [*unfilled_placeholders(campaign, ["Name", "City"])] == [
        "street",
        "postal_code",
        "country",
    ]
    assert preview_lines(campaign, {}) == ()


def test_the_preview_of_somebody_is_a_few_short_lines_however_long_the_letter_is(
    tmp_path: Path,
) -> None:
    letter = f"I, {{{{ signer.name }}}}, ask you: {'please ' * 60}\n"
    letter += "\n".join(f"{{{{ signer.name }}}} {number}" for number in range(40))
    campaign = read_campaign(make(tmp_path, letter, Signers=[HEADINGS, ["Ana"]]))
    assert preview_lines(campaign, BO) == tuple(f"Bo Lee {number}" for number in range(8))


@pytest.mark.parametrize("letter", ["{% if signer.name %}Open", "{{ signer.name | number }}"])
def test_there_is_no_preview_if_the_template_cannot_be_filled(tmp_path: Path, letter: str) -> None:
    campaign = read_campaign(make(tmp_path, letter, Signers=[HEADINGS, ["Ana"]]))
    assert preview_lines(campaign, BO) is None
