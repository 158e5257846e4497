"""What Settings says of envelopes is checked with all else, before anything is made."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.campaigns import make, merge


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        (("Envelope address", "{{ recipient.nmae }}"), "name-unknown"),
        (("Envelope address", "{{ recipient.name "), "tag-unclosed"),
        (("Envelope address", "{{ signer.name }}\n{{ recipient.name }}"), "address-of-signer"),
        (("Return address", "{{ signer.name }}"), "address-tags"),
    ],
)
def test_a_mistake_in_an_address_is_told_with_its_cell(
    tmp_path: Path, setting: tuple[str, str], code: str
) -> None:
    make(tmp_path, Settings=[["Name", "Value"], setting])
    told = merge("check", tmp_path, "--json").json["problems"]
    errors = [(p["code"], p["where"]) for p in told if p["level"] == "error"]
    assert errors == [(code, "signers.xlsx, Settings!B2")]


def test_a_column_that_only_an_address_prints_is_no_doubt(tmp_path: Path) -> None:
    recipients = [["Name", "Street"], ["Minister Li", "1 Gate Road"]]
    settings = [["Name", "Value"], ["Envelope address", "{{ recipient.street }}"]]
    make(tmp_path, Recipients=recipients, Settings=settings)
    assert merge("check", tmp_path, "--json").json["problems"] == []
