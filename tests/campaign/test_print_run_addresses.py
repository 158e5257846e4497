"""Envelopes, labels and parcels: addresses are those of the letters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from docx import Document
from support.campaigns import RunResult, make, merge
from support.everyday import everyday
from support.printed_campaigns import (
    delete_letter,
    make_six_letters,
    mark,
    no_libreoffice,
    run_print,
)

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]


def _addressed(tmp_path: Path, *more: Sequence[object]) -> Path:
    settings = [["Name", "Value"], ["Return address", "Appeal Office\n1 Square"], *more]
    recipients = [
        ["Name", "Street", "City"],
        ["Minister Li", "1 Gate Road", "Beijing"],
        ["Consul Roy", "2 Hill Lane", "Delhi"],
    ]
    signers = [["Name", "Street"], ["Ana Ruiz", "Calle Luna 3"], ["Bo Berg", "Storgatan 4"]]
    lines = "{{ recipient.name }}\n{{ recipient.street }}\n{{ recipient.city }}\n\nDear Sir,"
    template = f"{lines}\nPlease.\nYours,\n{{{{ signer.name }}}}\n{{{{ signer.street }}}}"
    make(tmp_path, template, Settings=settings, Signers=signers, Recipients=recipients)
    merge("letters", tmp_path)
    return tmp_path


def _text_of(ran: RunResult, name: str) -> str:
    (path,) = [file for file in ran.json["files"] if Path(file).name.startswith(name)]
    document = Document(path)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_envelopes_and_labels_show_the_address_of_the_letter_and_never_the_signer(
    tmp_path: Path,
) -> None:
    folder = _addressed(tmp_path)
    ran = run_print(folder, "--envelopes", "DL", "--labels", "L7160", "--start", "4")
    for name in ("Envelopes", "Labels"):
        text = _text_of(ran, name)
        assert text.count("1 Gate Road") == 2
        assert not any(word in text for word in ("Ana Ruiz", "Calle Luna", "Bo Berg"))
    assert "Appeal Office" in _text_of(ran, "Envelopes")


def test_return_to_signer_prints_the_signer_on_envelopes(tmp_path: Path) -> None:
    ran = run_print(_addressed(tmp_path), "--envelopes", "C5", "--return-to-signer")
    text = _text_of(ran, "Envelopes")
    assert "Ana Ruiz" in text
    assert "Appeal Office" not in text


def test_the_envelope_address_setting_replaces_the_address_of_the_letter(tmp_path: Path) -> None:
    pattern = "To the office of\n{{ recipient.name }}\n{{ recipient.city|upper }}"
    folder = _addressed(tmp_path, ["Envelope address", pattern])
    text = _text_of(run_print(folder, "--envelopes", "DL"), "Envelopes")
    assert "To the office of" in text
    assert "BEIJING" in text
    assert "Gate Road" not in text


@pytest.mark.parametrize(
    ("back", "spain", "china"),
    everyday(
        [
            ("Appeal Office\n1 Square", "ESPAÑA", "CHINA"),
            ("Appeal Office\n1 Square\nGermany", "SPAIN", "CHINA"),
            ("Appeal Office\n1 Square\nChina", "SPAIN", "China"),
        ],
        daily=(2,),
    ),
)
def test_a_foreign_country_is_in_capitals_on_envelopes_and_parcels_only(
    back: str, spain: str, china: str, tmp_path: Path
) -> None:
    settings = [["Name", "Value"], ["Return address", back]]
    recipients = [
        ["Name", "City", "Country"],
        ["Minister Li", "Beijing", "China"],
        ["Ministra Sol", "Madrid", "España"],
    ]
    lines = "{{ recipient.name }}\n{{ recipient.city }}\n{{ recipient.country }}\n\nDear Sir,"
    make(tmp_path, lines, Settings=settings, Recipients=recipients)
    merge("letters", tmp_path)
    ran = run_print(tmp_path, "--envelopes", "DL", "--parcels")
    for name in ("Envelopes", "Parcels"):
        text = _text_of(ran, name)
        assert f"Madrid\n{spain}" in text
        assert f"Beijing\n{china}" in text
    assert "Madrid\nEspaña" in _text_of(ran, "01")


def test_an_unclear_envelope_address_is_reported_with_its_cell_and_a_remedy(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path, "Dear {{ recipient.name }}, please.\n{{ signer.name }}")
    ran = run_print(folder, "--envelopes", "DL")
    unclear = [p for p in ran.json["problems"] if p["code"] == "address-unclear"]
    assert [p["where"] for p in unclear] == [
        "signers.xlsx, Recipients!A2",
        "signers.xlsx, Recipients!A3",
    ]
    assert "Envelope address" in unclear[0]["hint"]


def test_a_packing_list_shows_the_letters_in_a_parcel_and_missing_ones(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    delete_letter(folder)
    ran = run_print(folder, "--parcels", "--skip-errors", "--dry-run")
    assert ran.code == 0
    text = _text_of(run_print(folder, "--parcels", "--skip-errors"), "Parcels")
    assert "0 of 3, 2 more if signed; missing:" in text
    assert "0 of 3, 3 more if signed; none missing" in text
    assert "Ana Ruiz" in text


def test_envelopes_without_letters_are_created_for_signed_letters(
    tmp_path: Path,
) -> None:
    folder = _addressed(tmp_path)
    mark(folder, "Signed")
    mark(folder, "Posted", "Bo Berg")
    ran = run_print(folder, "--no-letters", "--envelopes", "DL")
    assert [Path(file).name for file in ran.json["files"]] == ["Envelopes DL.docx"]
    assert (ran.json["letters"], ran.json["left_out"]) == (2, 2)
    assert _text_of(ran, "Envelopes").count("Gate Road") == 1
    status = merge("status", folder, "--json").json
    assert status["in_batches"] == 0


def test_a_parcel_without_new_letters_lists_the_printed_letters(tmp_path: Path) -> None:
    folder = _addressed(tmp_path)
    mark(folder, "Signed")
    text = _text_of(run_print(folder, "--no-letters", "--parcels"), "Parcels")
    assert text.count("1 of 2; missing:") == 2


def test_a_packing_list_and_a_receipt_do_not_count_unsigned_letters_as_enclosed(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    run_print(folder)
    mark(folder, "Signed")
    text = _text_of(run_print(folder, "--no-letters", "--parcels"), "Parcels")
    assert text.count("1 of 3, 2 more if signed; none missing") == 2
    assert text.count("______ of 3 letters") == 2


@pytest.mark.slow
def test_a_posted_letter_is_not_in_a_parcel(tmp_path: Path) -> None:
    folder = _addressed(tmp_path)
    mark(folder, "Signed")
    mark(folder, "Posted", "Bo Berg")
    text = _text_of(run_print(folder, "--no-letters", "--parcels"), "Parcels")
    assert "posted already" in text
    mark(folder, "Posted")
    ran = run_print(folder, "--no-letters", "--parcels")
    assert ran.json["files"] == []
    assert "parcels-empty" in {problem["code"] for problem in ran.json["problems"]}


def test_print_no_letters_needs_envelopes_labels_or_parcels(tmp_path: Path) -> None:
    ran = merge("print", _addressed(tmp_path), "--no-letters")
    assert ran.code == 2
    assert "--envelopes, --labels or --parcels" in ran.err


@pytest.mark.parametrize(
    ("words", "message"),
    everyday(
        [
            (("--labels", "L7160", "--start", "22"), "has labels 1 to 21"),
            (("--start", "2"), "--start requires --labels"),
            (("--return-to-signer",), "--return-to-signer requires"),
            (("--parcels", "--for", "Ana Ruiz"), "Select recipients instead"),
        ],
        daily=range(2),
    ),
)
def test_contradictory_envelope_and_label_options_are_refused_before_printing(
    tmp_path: Path, words: Sequence[str], message: str
) -> None:
    folder = _addressed(tmp_path)
    ran = merge("print", folder, *words)
    assert (ran.code, (folder / "print").exists()) == (2, False)
    assert message in ran.err


def test_an_unclear_return_address_is_reported_and_only_the_name_is_printed(
    tmp_path: Path,
) -> None:
    template = "{{ recipient.name }}\n{{ recipient.title }}\n\nDear you,\n{{ signer.name }}"
    folder = make(tmp_path, template, Recipients=[["Name", "Title"], ["Minister Li", "Minister"]])
    merge("letters", folder)
    ran = run_print(folder, "--envelopes", "DL", "--return-to-signer", "--for", "Ana Ruiz")
    unclear = [p for p in ran.json["problems"] if p["code"] == "address-unclear"]
    assert [p["where"] for p in unclear] == ["signers.xlsx, Signers!A2"]
    assert "Only the name is used as return address" in unclear[0]["message"]


SAMPLE = """{{ recipient.name }}
{{ recipient.street }}
{{ recipient.city }}

Dear Sir,
Sincerely,
{{ signer.name }}
{{ signer.street }}
{{ signer.city }}"""


def _campaign(folder: Path, template: str, *signers: Sequence[object]) -> Path:
    recipients = [
        ["Name", "Street", "City"],
        ["Minister Li", "1 Gate Road", None],
        ["Consul Roy", "2 Hill Lane", "Delhi"],
    ]
    make(folder, template, Signers=[*signers], Recipients=recipients)
    merge("letters", folder)
    return folder


def _messages(ran: RunResult, code: str) -> list[tuple[str, str]]:
    return [(p["where"], p["message"]) for p in ran.json["problems"] if p["code"] == code]


SIGNERS = (
    ["Name", "Profession", "Street", "City"],
    ["Ana Ruiz", "teacher", "Calle Luna 3", "Madrid"],
    ["Bo Berg", "nurse", "Storgatan 4", "Lund"],
)


def test_a_return_address_is_found_below_the_signature_after_the_closing(tmp_path: Path) -> None:
    folder = _campaign(tmp_path, SAMPLE, *SIGNERS)
    ran = run_print(folder, "--envelopes", "C5", "--return-to-signer")
    assert "Ana Ruiz\nCalle Luna 3\nMadrid" in _text_of(ran, "Envelopes")
    assert _messages(ran, "address-unclear") == []


def test_a_return_address_that_the_letter_lacks_comes_from_the_signers_sheet(
    tmp_path: Path,
) -> None:
    template = SAMPLE.replace("{{ signer.street }}\n{{ signer.city }}", "")
    ran = run_print(
        _campaign(tmp_path, template, *SIGNERS), "--envelopes", "C5", "--return-to-signer"
    )
    text = _text_of(ran, "Envelopes")
    assert "Bo Berg\nStorgatan 4\nLund" in text
    assert "nurse" not in text
    assert _messages(ran, "address-unclear") == []


def test_a_return_address_edited_in_the_letter_is_not_replaced_by_the_signers_sheet(
    tmp_path: Path,
) -> None:
    folder = _campaign(tmp_path, SAMPLE, *SIGNERS)
    path = folder / "letters" / "Ana Ruiz" / "Consul Roy.docx"
    document = Document(str(path))
    document.paragraphs[-1].text = "Toledo"
    document.save(str(path))
    ran = run_print(folder, "--envelopes", "C5", "--return-to-signer")
    (message,) = _messages(ran, "address-unclear")
    assert "Ana Ruiz/Consul Roy.docx" in message[1]


@pytest.mark.slow
def test_envelope_addresses_without_a_town_are_reported_together_with_their_cells(
    tmp_path: Path,
) -> None:
    signers = [[*row[:3], None if row[0] == "Bo Berg" else row[3]] for row in SIGNERS]
    folder = _campaign(tmp_path, SAMPLE, *signers)
    recipients = (
        "signers.xlsx, Recipients!C2",
        "The address of 1 recipient has no town: Minister Li (C2).",
    )
    for words in (("--envelopes", "C5"), ("--labels", "L7160"), ("--parcels",)):
        assert _messages(run_print(folder, *words), "address-without-town") == [recipients]
    ran = run_print(folder, "--envelopes", "C5", "--return-to-signer")
    assert _messages(ran, "address-without-town") == [
        recipients,
        (
            "signers.xlsx, Signers!D3",
            "The return address of 1 signer has no town: Bo Berg (D3).",
        ),
    ]


def test_a_return_address_setting_without_a_town_is_reported(tmp_path: Path) -> None:
    ran = run_print(_addressed(tmp_path), "--envelopes", "C5")
    assert _messages(ran, "address-without-town") == [
        ("signers.xlsx, Settings!B2", "The return address has no town.")
    ]
