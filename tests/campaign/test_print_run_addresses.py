"""Envelopes, labels and parcels: addresses are those of the workbook."""

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
from support.staff_actions import retype

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


def test_envelopes_and_labels_show_the_address_of_the_recipient_and_never_the_signer(
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


def test_the_envelope_address_setting_replaces_the_address_columns(tmp_path: Path) -> None:
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


def test_an_address_that_the_setting_leaves_blank_consists_of_the_columns(tmp_path: Path) -> None:
    pattern = '{% if recipient.city == "Delhi" %}By hand{% endif %}'
    text = _text_of(
        run_print(_addressed(tmp_path, ["Envelope address", pattern]), "--envelopes", "DL"),
        "Envelopes",
    )
    assert text.count("By hand") == text.count("Minister Li\n1 Gate Road\nBeijing") == 2


def test_edited_letters_are_named_because_their_address_is_the_workbooks(tmp_path: Path) -> None:
    folder = _addressed(tmp_path)
    edited = "letters/Ana Ruiz/Consul Roy.docx"
    retype(folder / edited, "2 Hill Lane", "9 New Road")
    for words in (("--envelopes", "DL"), ("--labels", "L7160"), ("--parcels",)):
        ran = run_print(folder, *words)
        ((where, message),) = _messages(ran, "address-of-edited-letter")
        assert where == "letters"
        assert message.startswith(f"1 letter was edited: {edited}. The addresses on envelopes")
    assert "9 New Road" not in _text_of(ran, "Parcels")
    assert _messages(run_print(folder), "address-of-edited-letter") == []


def test_a_dry_run_shows_the_first_address_and_the_row_for_another_order(tmp_path: Path) -> None:
    folder = _addressed(tmp_path)
    ran = merge("print", folder, "--envelopes", "DL", "--dry-run")
    assert "The first address: Minister Li, 1 Gate Road, Beijing\n" in ran.out
    assert (
        "add “Envelope address” to the Settings sheet, with these lines:\n"
        "  {{ recipient.name }}\n  {{ recipient.street }}\n  {{ recipient.city }}\n"
    ) in ran.out


def test_a_dry_run_shows_the_first_address_as_the_setting_has_it(tmp_path: Path) -> None:
    folder = _addressed(tmp_path, ["Envelope address", "To\n{{ recipient.name }}"])
    ran = merge("print", folder, "--envelopes", "DL", "--dry-run")
    assert "The first address: To, Minister Li\n" in ran.out
    assert "Settings sheet" not in ran.out


def test_a_parcel_has_the_letters_that_are_printed(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    delete_letter(folder)
    text = _text_of(run_print(folder, "--parcels", "--skip-errors"), "Parcels")
    assert [word for word in ("2 letters", "3 letters") if word in text] == [
        "2 letters",
        "3 letters",
    ]
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


def test_a_parcel_without_new_letters_has_the_printed_letters(tmp_path: Path) -> None:
    folder = _addressed(tmp_path)
    mark(folder, "Signed")
    text = _text_of(run_print(folder, "--no-letters", "--parcels"), "Parcels")
    assert text.count("Received: ______ of 1 letter\n") == 2


def test_a_parcel_may_have_the_letters_of_some_signers(tmp_path: Path) -> None:
    ran = run_print(_addressed(tmp_path), "--parcels", "--for", "Bo Berg")
    assert ran.code == 0
    assert "Ana Ruiz" not in _text_of(ran, "Parcels")


@pytest.mark.slow
def test_a_posted_letter_is_not_in_a_parcel(tmp_path: Path) -> None:
    folder = _addressed(tmp_path)
    mark(folder, "Signed")
    mark(folder, "Posted", "Bo Berg")
    text = _text_of(run_print(folder, "--no-letters", "--parcels"), "Parcels")
    assert "Bo Berg" not in text
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


def test_the_return_address_of_a_signer_comes_from_the_signers_sheet(tmp_path: Path) -> None:
    ran = run_print(
        _campaign(tmp_path, SAMPLE, *SIGNERS), "--envelopes", "C5", "--return-to-signer"
    )
    text = _text_of(ran, "Envelopes")
    assert "Bo Berg\nStorgatan 4\nLund" in text
    assert "nurse" not in text


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
