"""The tags that a workbook offers, as values."""

from __future__ import annotations

from pathlib import Path

from support.campaigns import make, merge

from merge.campaign.campaign import read_campaign
from merge.campaign.tags import offered_tags, signer_lines, unfilled_tags
from merge.workbook.reading import read_workbook


def test_each_tag_comes_with_its_heading_and_its_first_value(tmp_path: Path) -> None:
    people = [["Name", "Postal code"], ["Ana Ruiz", ""], ["Bo Berg", "0150"]]
    folder = make(tmp_path, Signers=people, Settings=[["Deadline", "1 May"]])
    offered = {each.tag: each for each in offered_tags(read_workbook(folder / "signers.xlsx"))}
    code = offered["{{ signer.postal_code }}"]
    assert (code.words, code.first) == ("Postal code in Signers", "0150")
    assert code.field == "Signer_Postal_code"
    assert offered["{{ settings.deadline }}"].words == "Deadline in Settings"
    assert [*offered][-1] == "{{ date }}"


def test_the_list_of_the_command_line_is_the_same(tmp_path: Path) -> None:
    folder = make(tmp_path)
    told = merge("tags", folder, "--json").json["tags"]
    offered = [*offered_tags(read_workbook(folder / "signers.xlsx"))]
    assert [(each["tag"], each["words"]) for each in told] == [(o.tag, o.words) for o in offered]


def test_what_a_letter_prints_of_somebody_who_is_not_in_the_workbook_yet(tmp_path: Path) -> None:
    letter = "{{ signer.name }}\n{{ signer.street }}\n{{ signer.city }}, {{ signer.country }}\n"
    letter += "Dear {{ recipient.name }},\nYours, {{ signer.name }}"
    folder = make(tmp_path / "campaign", letter, Signers=[["Name", "Street", "City"], ["Ana"]])
    campaign = read_campaign(folder)
    fields = {"Name": "Bo Lee", "Street": "9 Quay", "City": "York"}
    assert [*signer_lines(campaign, fields)] == ["Bo Lee", "9 Quay", "York", "Yours, Bo Lee"]
    assert [*unfilled_tags(campaign, ["Name", "City"])] == ["street", "country"]
