"""`merge print`: which letters, in which files, and what the register learns of it."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import pytest
from docx import Document
from folder import Ran, make, merge
from openpyxl import load_workbook

from merge.campaign import open_campaign
from merge.campaign.printing import Printing, PrintOrder, prepare

pytestmark = pytest.mark.usefixtures("no_office")

PEOPLE = ["Ana Ruiz", "Bo Berg", "Chidi Obi"]


def _made(
    tmp_path: Path, template: str = "{{ recipient.name }}\nDear you,\n{{ signer.name }}"
) -> Path:
    make(tmp_path, template, Signers=[["Name"], *([name] for name in PEOPLE)])
    merge("letters", tmp_path)
    return tmp_path


@pytest.fixture
def no_office(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer without LibreOffice: nothing here depends on how many pages a letter has."""
    monkeypatch.setenv("PATH", "")


def _print(folder: Path, *words: str) -> Ran:
    return merge("print", folder, "--json", *words)


def _edit(path: Path, words: str = "Added by hand") -> None:
    document = Document(str(path))
    document.add_paragraph(words)
    document.save(str(path))


def _texts(path: str) -> list[str]:
    return [p.text for p in Document(path).paragraphs if p.text.strip()]


def _batches(folder: Path) -> dict[tuple[str, str], str]:
    """What the register has in the column Batch, by signer and recipient."""
    sheet = load_workbook(folder / "register.xlsx")["Register"]
    columns = {str(cell.value): number for number, cell in enumerate(sheet[1])}
    rows = sheet.iter_rows(min_row=2, values_only=True)
    names = ("Signer", "Recipient", "Batch")
    cells = [[str(row[columns[name]] or "") for name in names] for row in rows]
    return {(signer, recipient): batch for signer, recipient, batch in cells}


def _codes(ran: Ran) -> set[str]:
    return {problem["code"] for problem in ran.json["problems"] if problem["level"] == "error"}


def test_all_letters_come_in_the_order_of_the_workbook_each_signer_together(tmp_path: Path) -> None:
    ran = _print(_made(tmp_path), "--no-covers")
    (file,) = ran.json["files"]
    assert Path(file).name == "01 Ana Ruiz - Chidi Obi.docx"
    people = [text for text in _texts(file) if text != "Dear you,"]
    pairs = [(one, r) for one in PEOPLE for r in ("Minister Li", "Consul Roy")]
    assert people == [name for signer, recipient in pairs for name in (recipient, signer)]


def test_edits_are_printed(tmp_path: Path) -> None:
    folder = _made(tmp_path)
    _edit(folder / "letters" / "Bo Berg" / "Minister Li.docx")
    (file,) = _print(folder).json["files"]
    assert _texts(file).count("Added by hand") == 1


def test_the_register_learns_the_batch_and_staffs_columns_stay_theirs(tmp_path: Path) -> None:
    folder = _made(tmp_path)
    _print(folder, "--for", "Bo Berg")
    batches = _batches(folder)
    today = dt.datetime.now().astimezone()
    assert batches["Bo Berg", "Minister Li"] == f"01 Bo Berg, {today.day} {today:%b %Y}"
    assert batches["Ana Ruiz", "Minister Li"] == ""
    sheet = load_workbook(folder / "register.xlsx")["Register"]
    printed = [str(cell.value) for cell in sheet[1]].index("Printed")
    assert {row[printed] for row in sheet.iter_rows(min_row=2, values_only=True)} == {None}
    before = (folder / "register.xlsx").read_bytes()
    merge("letters", folder)
    assert (folder / "register.xlsx").read_bytes() == before


def test_a_letter_that_changed_after_its_batch_is_to_be_printed_again(tmp_path: Path) -> None:
    folder = _made(tmp_path)
    _print(folder)
    assert _print(folder, "--since-last").json["letters"] == 0
    _edit(folder / "letters" / "Bo Berg" / "Minister Li.docx")
    told = merge("status", folder, "--json").json
    assert told["print_again"] == ["letters/Bo Berg/Minister Li.docx"]
    assert _print(folder, "--since-last").json["letters"] == 1
    assert merge("status", folder, "--json").json["print_again"] == []


def test_status_tells_what_is_in_batches_and_what_is_in_none(tmp_path: Path) -> None:
    folder = _made(tmp_path)
    assert merge("status", folder).last == f"6 letters in no batch yet. Next: merge print {folder}"
    _print(folder, "--for", "Ana Ruiz")
    assert merge("status", folder).last.startswith("4 letters in no batch yet.")
    _print(folder, "--since-last")
    assert merge("status", folder).last == (
        "6 letters in batches, not marked as printed."
        " Next: print them, then write the date into Printed of register.xlsx."
    )
    assert merge("status", folder, "--json").json["in_batches"] == 6


def _printing(folder: Path) -> Iterator[str]:
    campaign, order = open_campaign(folder), PrintOrder(grouping="per-signer")
    return iter(Printing(campaign, order, prepare(campaign, order, None), None))


def test_an_edit_while_it_prints_asks_to_be_printed_again(tmp_path: Path) -> None:
    folder = _made(tmp_path)
    files = _printing(folder)
    next(files)
    _edit(folder / "letters" / PEOPLE[0] / "Minister Li.docx")
    assert len(list(files)) == 2
    told = merge("status", folder, "--json").json
    assert told["print_again"] == [f"letters/{PEOPLE[0]}/Minister Li.docx"]


def test_where_it_is_stopped_what_was_made_is_remembered(tmp_path: Path) -> None:
    folder = _made(tmp_path)
    files = _printing(folder)
    assert next(files).startswith(f"01 {PEOPLE[0]}")
    assert isinstance(files, Generator)
    files.close()
    batches = {signer for (signer, _), batch in _batches(folder).items() if batch}
    assert batches == {PEOPLE[0]}
    assert merge("print", folder, "--json", "--since-last").json["letters"] == 4


def test_letters_on_paper_are_left_out(tmp_path: Path) -> None:
    folder = _made(tmp_path)
    book = load_workbook(folder / "register.xlsx")
    sheet = book["Register"]
    columns = {str(cell.value): cell.column for cell in sheet[1]}
    sheet.cell(2, columns["Printed"] or 1).value = dt.date(2099, 1, 1)
    book.save(folder / "register.xlsx")
    ran = _print(folder)
    assert (ran.json["letters"], ran.json["on_paper"]) == (5, 1)
    assert _print(folder, "--unsigned").json["letters"] == 6


def _withdraw(folder: Path) -> None:
    make(folder, "{{ recipient.name }}\nDear you,\n{{ signer.name }}")  # Chidi Obi is not in it


def test_whoever_left_the_workbook_is_not_printed(tmp_path: Path) -> None:
    folder = _made(tmp_path)
    _withdraw(folder)
    ran = _print(folder)
    assert ran.json["letters"] == 4
    assert not any("Chidi Obi" in text for text in _texts(ran.json["files"][0]))


def _copy(folder: Path) -> None:
    path = folder / "letters" / "Ana Ruiz" / "Consul Roy.docx"
    shutil.copy2(path, path.with_name("Consul Roy (2).docx"))


def _edited_and_changed(folder: Path) -> None:
    _edit(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    make(folder, "Dear {{ recipient.name }},\n{{ signer.name }}", Signers=[["Name"], ["Ana Ruiz"]])
    merge("letters", folder)


def _outdated(folder: Path) -> None:
    make(folder, "Dear {{ recipient.name }},\n{{ signer.name }}", Signers=[["Name"], ["Ana Ruiz"]])


def _deleted(folder: Path) -> None:
    (folder / "letters" / "Ana Ruiz" / "Consul Roy.docx").unlink()


def _open(folder: Path) -> None:
    (folder / "letters" / "Ana Ruiz" / ".~lock.Consul Roy.docx#").write_text(",ana,", "utf-8")


@pytest.mark.parametrize(
    ("happened", "code"),
    [
        (_copy, "print-two-files"),
        (_edited_and_changed, "print-changed"),
        (_outdated, "print-outdated"),
        (_deleted, "print-missing"),
        (_open, "print-open"),
    ],
)
def test_what_is_not_settled_is_named_and_nothing_is_made(
    tmp_path: Path, happened: object, code: str
) -> None:
    folder = _made(tmp_path)
    happened(folder)  # type: ignore[operator]
    ran = _print(folder)
    assert (ran.code, _codes(ran), ran.json["files"]) == (1, {code}, [])
    assert any("Ana Ruiz/Consul Roy" in problem["where"] for problem in ran.json["problems"])
    assert not (folder / "print").exists()


def test_an_edited_letter_whose_data_changed_is_printed_when_somebody_says_so(
    tmp_path: Path,
) -> None:
    folder = _made(tmp_path)
    _edited_and_changed(folder)
    ran = _print(folder, "--accept", "Ana Ruiz")
    assert (ran.code, ran.json["letters"]) == (0, 2)
    assert _print(folder, "--accept", "Anna Ruiz").code == 2


def test_what_is_not_settled_can_be_left_out(tmp_path: Path) -> None:
    folder = _made(tmp_path)
    _open(folder)
    ran = _print(folder, "--leave-out-faulty")
    assert (ran.code, ran.json["letters"]) == (0, 5)


def test_a_dry_run_makes_nothing(tmp_path: Path) -> None:
    folder = _made(tmp_path)
    ran = merge("print", folder, "--dry-run")
    assert "6 letters to print, one-sided." in ran.out
    assert not (folder / "print").exists()


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


def _outside(ran: Ran, name: str) -> str:
    (path,) = [file for file in ran.json["files"] if Path(file).name.startswith(name)]
    document = Document(path)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_envelopes_show_the_letters_address_and_never_the_signer(tmp_path: Path) -> None:
    folder = _addressed(tmp_path)
    ran = _print(folder, "--envelopes", "DL", "--labels", "L7160", "--start", "4")
    for name in ("Envelopes", "Labels"):
        text = _outside(ran, name)
        assert text.count("1 Gate Road") == 2
        assert not any(word in text for word in ("Ana Ruiz", "Calle Luna", "Bo Berg"))
    assert "Appeal Office" in _outside(ran, "Envelopes")


def test_a_signer_stands_on_the_outside_only_when_asked_for(tmp_path: Path) -> None:
    ran = _print(_addressed(tmp_path), "--envelopes", "C5", "--return-to-signer")
    text = _outside(ran, "Envelopes")
    assert "Ana Ruiz" in text
    assert "Appeal Office" not in text


def test_a_setting_says_what_the_address_is_where_the_letter_does_not(tmp_path: Path) -> None:
    pattern = "To the office of\n{{ recipient.name }}\n{{ recipient.city|upper }}"
    folder = _addressed(tmp_path, ["Envelope address", pattern])
    text = _outside(_print(folder, "--envelopes", "DL"), "Envelopes")
    assert "To the office of" in text
    assert "BEIJING" in text
    assert "Gate Road" not in text


def test_an_address_that_cannot_be_told_is_named_with_what_to_do(tmp_path: Path) -> None:
    folder = _made(tmp_path, "Dear {{ recipient.name }}, please.\n{{ signer.name }}")
    ran = _print(folder, "--envelopes", "DL")
    unclear = [p for p in ran.json["problems"] if p["code"] == "address-unclear"]
    assert [p["where"] for p in unclear] == [
        "signers.xlsx, Recipients!A2",
        "signers.xlsx, Recipients!A3",
    ]
    assert "Envelope address" in unclear[0]["hint"]


def test_a_parcel_lists_what_is_in_it_and_what_is_missing(tmp_path: Path) -> None:
    folder = _made(tmp_path)
    _deleted(folder)
    ran = _print(folder, "--parcels", "--leave-out-faulty", "--dry-run")
    assert ran.code == 0
    text = _outside(_print(folder, "--parcels", "--leave-out-faulty"), "Parcels")
    assert "2 of 3; missing:" in text
    assert "3 of 3; none is missing" in text
    assert "Ana Ruiz" in text


def test_files_are_divided_as_asked(tmp_path: Path) -> None:
    folder = _made(tmp_path)
    per_signer = _print(folder, "--per-signer").json
    assert [Path(file).stem for file in per_signer["files"]] == [
        "01 Ana Ruiz",
        "02 Bo Berg",
        "03 Chidi Obi",
    ]
    by_recipient = _print(folder, "--by", "recipient").json
    assert [batch["name"] for batch in by_recipient["batches"]] == ["01 Minister Li - Consul Roy"]
    few = _print(folder, "--sheets", "5", "--no-covers").json
    assert [batch["sheets"] for batch in few["batches"]] == [4, 2]
    assert _print(folder, "--one-file", "--per-signer").code == 2
