"""Checks of the Envelope address and Return address settings."""

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
def test_an_error_in_an_address_setting_is_reported_with_its_cell(
    tmp_path: Path, setting: tuple[str, str], code: str
) -> None:
    make(tmp_path, Settings=[["Name", "Value"], setting])
    problems = merge("check", tmp_path, "--json").json["problems"]
    errors = [(p["code"], p["where"]) for p in problems if p["level"] == "error"]
    assert errors == [(code, "signers.xlsx, Settings!B2")]


def test_a_column_that_only_an_address_setting_uses_is_not_reported_as_unused(
    tmp_path: Path,
) -> None:
    recipients = [["Name", "Street"], ["Minister Li", "1 Gate Road"]]
    settings = [["Name", "Value"], ["Envelope address", "{{ recipient.street }}"]]
    make(tmp_path, Recipients=recipients, Settings=settings)
    assert merge("check", tmp_path, "--json").json["problems"] == []
