"""A file that is brought: what it is, how it differs from what is there, put in its place."""

from __future__ import annotations

import datetime as dt
import errno
import io
import os
import zipfile
from pathlib import Path

import pytest
from support.campaigns import make, make_with_letters, merge
from support.documents import docx, of_kind
from support.workbooks import campaign as workbook_of
from support.workbooks import xlsx

from merge.campaign.uploads import (
    ReplacementProposal,
    SheetChanges,
    TemplateChanges,
    WorkbookChanges,
    propose_replacement,
    recognise_upload,
    store_upload,
)
from merge.errors import MergeError, StorageError

NOW = dt.datetime(2026, 11, 26, 14, 30, 5).astimezone()


def book(folder: Path, **sheets: list[list[object]]) -> bytes:
    folder.mkdir(exist_ok=True)
    workbook_of(folder, **sheets)
    return (folder / "signers.xlsx").read_bytes()


def refused(data: bytes, name: str) -> tuple[str, str]:
    with pytest.raises(MergeError) as caught:
        recognise_upload(data, name)
    problem = caught.value.problems[0]
    return problem.code, problem.what


def everything(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_file_is_told_by_its_contents_not_by_its_name(tmp_path: Path) -> None:
    found = recognise_upload(book(tmp_path / "a"), "letter.docx")
    assert (found.kind, found.name) == ("workbook", "signers.xlsx")
    found = recognise_upload(docx("Dear {{ recipient.name }},"), "list.xlsx")
    assert (found.kind, found.name) == ("template", "list.docx")
    found = recognise_upload(of_kind(docx("Dear"), "dotx"), "appeal.docx")
    assert found.name == "appeal.dotx"


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"%PDF-1.7\n", "appeal.docx", "a PDF"),
        (b"name;town\nOlena;Lviv\n", "signers.xlsx", "CSV"),
        (b"", "signers.xlsx", "empty"),
        (b"{\\rtf1 Dear}", "appeal.docx", "rich text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "a.docx", "old"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"), "a.xlsx", "old"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "a.xlsx",
            "password",
        ),
        (b"\x05Olena" + b"\0" * 156, "~$appeal.docx", "beside an open file"),
        (b"\0\1\2" * 50, "appeal.docx", "not a workbook or a template"),
    ],
)
def test_what_is_neither_is_told_with_what_to_do(data: bytes, name: str, says: str) -> None:
    assert says in refused(data, name)[1]


def zipped(**parts: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return made.getvalue()


@pytest.mark.slow
def test_a_zip_and_a_bomb_are_refused() -> None:
    assert "zip" in refused(zipped(notes=b"x"), "a.docx")[1]
    bomb = zipped(**{"xl/workbook.xml": b"\0" * (65 << 20)})
    assert "64 MiB" in refused(bomb, "signers.xlsx")[1]
    assert "50 MB" in refused(b"PK\x03\x04" + b"\0" * (51 << 20), "signers.xlsx")[1]
    own = io.BytesIO()
    with zipfile.ZipFile(own, "w") as archive:
        archive.writestr("../../evil.docx", b"x")
        archive.writestr("word/document.xml", b"x")
    assert "harmful" in refused(own.getvalue(), "a.docx")[1]


def test_another_list_a_letter_and_a_workbook_with_macros_are_refused(tmp_path: Path) -> None:
    xlsx(tmp_path, "list.xlsx", Sheet1=[["Name"], ["Olena"]])
    assert refused((tmp_path / "list.xlsx").read_bytes(), "list.xlsx")[0] == "workbook-other"
    xlsx(tmp_path, "own.xlsx", **{"Signatures": [["Name"]], "To whom": [["Name"]]})
    with pytest.raises(MergeError) as caught:
        recognise_upload((tmp_path / "own.xlsx").read_bytes(), "own.xlsx")
    assert str(caught.value.problems[0]).endswith(
        "Sheets found: “Signatures”, “To whom”. Rename the sheet with the signers to “Signers” and"
        " the one with the recipients to “Recipients”. Save the file and add it again."
    )
    folder = make_with_letters(tmp_path / "campaign")
    letter = next((folder / "letters").rglob("*.docx"))
    assert refused(letter.read_bytes(), letter.name)[0] == "file-letter"
    register = (folder / "register.xlsx").read_bytes()
    assert refused(register, "signers.xlsx")[0] == "workbook-other"
    made = io.BytesIO()
    with zipfile.ZipFile(folder / "signers.xlsx") as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(
                name,
                old.read(name).replace(
                    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                    b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
                ),
            )
    assert refused(made.getvalue(), "signers.xlsm")[0] == "workbook-macros"


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/appeal.docx",
        "C:\\Users\\a\\appeal.docx",
        "a\x00b\x1f\n.docx",
        "CON.docx",
        "x" * 300 + ".docx",
        "...",
        "",
        "\u202eexe.docx",
    ],
)
def test_whatever_its_name_a_template_lies_among_the_templates(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "campaign"
    folder.mkdir()
    found = store_upload(
        folder, propose_replacement(folder, recognise_upload(docx("Dear"), name)), NOW
    )
    only = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.docx")]
    assert only == [f"campaign/{found.path}"]
    assert found.path.startswith("templates/")
    assert len(found.path) < 100
    assert found.path.isprintable()


def test_the_first_file_is_put_in_and_nothing_is_asked(tmp_path: Path) -> None:
    data = book(tmp_path / "a")
    found = propose_replacement(tmp_path, recognise_upload(data, "people.xlsx"))
    assert not found.needs_confirmation
    assert store_upload(tmp_path, found, NOW).old_version == ""
    assert (tmp_path / "signers.xlsx").read_bytes() == data


def test_what_differs_between_two_workbooks_is_told(tmp_path: Path) -> None:
    folder = make(
        tmp_path / "campaign",
        Signers=[["ID", "Name", "Town"], [1, "Olena", "Lviv"], [2, "Ana", "Lima"]],
        Recipients=[["Name"], ["Consul Roy"]],
        Settings=[["Campaign", "Old"]],
    )
    new = book(
        tmp_path / "new",
        Signers=[["ID", "Name", "City"], [1, "Olena Kovač", "Kyiv"], [3, "Þórdís", "Vík"]],
        Recipients=[["Name"], ["Consul Roy"]],
        Settings=[["Campaign", "New"]],
    )
    changes = propose_replacement(folder, recognise_upload(new, "new.xlsx")).changes
    assert isinstance(changes, WorkbookChanges)
    signers, recipients = changes.sheets
    assert (signers.added, signers.removed) == (("Þórdís",), ("Ana",))
    assert (signers.columns_added, signers.columns_removed) == (("City",), ("Town",))
    assert [(c.heading, c.before, c.after) for c in signers.cells] == [
        ("Name", "Olena", "Olena Kovač")
    ]
    assert recipients == SheetChanges("Recipients")
    assert [(c.before, c.after) for c in changes.settings] == [("Old", "New")]
    assert changes.pairs == (2, 2)


def test_what_differs_between_two_templates_is_told(tmp_path: Path) -> None:
    folder = make(tmp_path / "campaign", "Dear {{ recipient.name }},\nPlease act.\nYours")
    new = docx("Dear {{ recipient.salutation }},\nPlease act now.\nYours")
    found = propose_replacement(folder, recognise_upload(new, "appeal v2.docx"))
    assert (found.path, found.replaced_path) == ("templates/appeal.docx", "templates/appeal.docx")
    assert isinstance(found.changes, TemplateChanges)
    assert found.changes.placeholders_added == ("recipient.salutation",)
    assert found.changes.placeholders_removed == ("recipient.name",)
    assert found.changes.paragraphs[1] == ("Please act.", "Please act now.")
    beside = propose_replacement(folder, recognise_upload(new, "appeal v2.docx"), instead="")
    assert (beside.path, beside.replaced_path) == ("templates/appeal v2.docx", "")


def test_what_is_replaced_goes_to_old_versions_as_it_was(tmp_path: Path) -> None:
    folder = make(tmp_path / "campaign")
    old, new = (folder / "signers.xlsx").read_bytes(), book(tmp_path / "new", Signers=[["Name"]])
    os.utime(folder / "signers.xlsx", (1_000_000, 1_000_000))
    done = store_upload(folder, propose_replacement(folder, recognise_upload(new, "x.xlsx")), NOW)
    assert done.old_version == "Old versions/2026-11-26 14.30.05/signers.xlsx"
    assert (folder / done.old_version).read_bytes() == old
    assert (folder / done.old_version).stat().st_mtime == 1_000_000
    assert (folder / "signers.xlsx").read_bytes() == new
    template = docx("Dear {{ recipient.name }}, act.")
    done = store_upload(
        folder, propose_replacement(folder, recognise_upload(template, "appeal.docx")), NOW
    )
    assert done.old_version == "Old versions/2026-11-26 14.30.05-2/appeal.docx"
    assert set(everything(folder)) == {
        *("signers.xlsx", "templates/appeal.docx", done.old_version),
        "Old versions/2026-11-26 14.30.05/signers.xlsx",
    }


def test_a_template_of_another_kind_takes_the_place_under_its_own_ending(tmp_path: Path) -> None:
    folder = make(tmp_path / "campaign")
    new = of_kind(docx("Dear {{ recipient.name }}"), "docm")
    done = store_upload(
        folder, propose_replacement(folder, recognise_upload(new, "appeal.docm")), NOW
    )
    assert sorted(p.name for p in (folder / "templates").iterdir()) == ["appeal.docm"]
    assert (folder / done.old_version).name == "appeal.docx"


def asked(folder: Path, tmp_path: Path) -> ReplacementProposal:
    return propose_replacement(
        folder, recognise_upload(book(tmp_path / "new", Signers=[["Name"], ["A"]]), "x.xlsx")
    )


def test_what_was_saved_meanwhile_or_is_open_stays_and_nothing_lies_about(tmp_path: Path) -> None:
    folder = make(tmp_path / "campaign")
    found = asked(folder, tmp_path)
    (folder / "signers.xlsx").write_bytes(book(tmp_path / "other", Signers=[["Name"], ["B"]]))
    before = everything(folder)
    with pytest.raises(StorageError, match="after you saw the differences"):
        store_upload(folder, found, NOW)
    assert everything(folder) == before
    found = asked(folder, tmp_path)
    (folder / "~$signers.xlsx").write_bytes(b"x")
    before = everything(folder)
    with pytest.raises(StorageError, match="open in another program"):
        store_upload(folder, found, NOW)
    assert everything(folder) == before
    assert not (folder / "Old versions").exists()


@pytest.mark.parametrize("failing", [1, 2])
def test_a_full_disk_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    folder = make(tmp_path / "campaign")
    found, before = asked(folder, tmp_path), everything(folder)
    written: list[int] = []
    whole = os.write

    def full(handle: int, data: bytes) -> int:
        written.append(1)
        if len(written) >= failing:
            raise OSError(errno.ENOSPC, "No space left on device")
        return whole(handle, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StorageError, match="No space left"):
        store_upload(folder, found, NOW)
    monkeypatch.undo()
    assert everything(folder) == before
    assert not (folder / "Old versions").exists()


@pytest.mark.slow
def test_a_file_taken_away_when_the_program_was_killed_is_put_back(tmp_path: Path) -> None:
    folder = make(tmp_path / "campaign")
    for place, name in ((folder, "signers.xlsx"), (folder / "templates", "appeal.docx")):
        hidden = place / ".merge-taken-1-1"
        hidden.mkdir()
        (place / name).rename(hidden / name)
    assert merge("check", folder).code == 0
    assert set(everything(folder)) == {"signers.xlsx", "templates/appeal.docx"}


def test_a_person_is_found_in_an_old_workbook_too(tmp_path: Path) -> None:
    folder = make(tmp_path / "campaign", Signers=[["Name"], ["Olena Kovač"], ["Ana Ruiz"]])
    new = book(tmp_path / "new", Signers=[["Name"], ["Ana Ruiz"]])
    merge("letters", folder)
    store_upload(folder, propose_replacement(folder, recognise_upload(new, "x.xlsx")), NOW)
    told = merge("delete-person", "Olena Kovač", folder, "--dry-run")
    assert "Old versions/2026-11-26 14.30.05/signers.xlsx" in told.out + told.err
