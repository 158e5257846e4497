"""Uploaded workbooks and templates: recognised, compared, stored."""

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

from merge.campaign.file_changes import SheetChanges, TemplateChanges, WorkbookChanges
from merge.campaign.upload_checks import UploadCheck
from merge.campaign.uploads import (
    ReplacementProposal,
    check_together,
    keep_settings,
    propose_replacement,
    recognise_upload,
    store_upload,
)
from merge.errors import MergeError, StorageError
from merge.workbook.reading import read_workbook

NOW = dt.datetime(2026, 11, 26, 14, 30, 5).astimezone()


def workbook_bytes(folder: Path, **sheets: list[list[object]]) -> bytes:
    folder.mkdir(exist_ok=True)
    workbook_of(folder, **sheets)
    return (folder / "signers.xlsx").read_bytes()


def refusal(data: bytes, name: str) -> tuple[str, str]:
    with pytest.raises(MergeError) as caught:
        recognise_upload(data, name)
    problem = caught.value.problems[0]
    return problem.code, problem.what


def all_files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_an_upload_is_recognised_by_its_contents_not_by_its_name(tmp_path: Path) -> None:
    upload = recognise_upload(workbook_bytes(tmp_path / "a"), "letter.docx")
    assert (upload.kind, upload.name) == ("workbook", "signers.xlsx")
    upload = recognise_upload(docx("Dear {{ recipient.name }},"), "list.xlsx")
    assert (upload.kind, upload.name) == ("template", "list.docx")
    upload = recognise_upload(of_kind(docx("Dear"), "dotx"), "appeal.docx")
    assert upload.name == "appeal.dotx"


@pytest.mark.parametrize(
    ("data", "name", "expected"),
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
def test_an_upload_that_is_not_a_workbook_or_template_is_refused(
    data: bytes, name: str, expected: str
) -> None:
    assert expected in refusal(data, name)[1]


def zip_bytes(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.slow
def test_an_upload_that_is_a_zip_file_or_a_zip_bomb_is_refused() -> None:
    assert "zip" in refusal(zip_bytes(notes=b"x"), "a.docx")[1]
    bomb = zip_bytes(**{"xl/workbook.xml": b"\0" * (65 << 20)})
    assert "64 MiB" in refusal(bomb, "signers.xlsx")[1]
    assert "50 MB" in refusal(b"PK\x03\x04" + b"\0" * (51 << 20), "signers.xlsx")[1]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../../evil.docx", b"x")
        archive.writestr("word/document.xml", b"x")
    assert "harmful" in refusal(buffer.getvalue(), "a.docx")[1]


def test_an_upload_of_another_workbook_a_letter_or_macros_is_refused(tmp_path: Path) -> None:
    xlsx(tmp_path, "list.xlsx", Sheet1=[["Name"], ["Olena"]])
    assert refusal((tmp_path / "list.xlsx").read_bytes(), "list.xlsx")[0] == "workbook-other"
    xlsx(tmp_path, "own.xlsx", **{"Signatures": [["Name"]], "To whom": [["Name"]]})
    with pytest.raises(MergeError) as caught:
        recognise_upload((tmp_path / "own.xlsx").read_bytes(), "own.xlsx")
    assert str(caught.value.problems[0]).endswith(
        "Sheets found: “Signatures”, “To whom”. Rename the sheet with the signers to “Signers” and"
        " the one with the recipients to “Recipients”. Save the file and add it again."
    )
    folder = make_with_letters(tmp_path / "campaign")
    letter = next((folder / "letters").rglob("*.docx"))
    assert refusal(letter.read_bytes(), letter.name)[0] == "file-letter"
    register = (folder / "register.xlsx").read_bytes()
    assert refusal(register, "signers.xlsx")[0] == "workbook-other"
    buffer = io.BytesIO()
    with zipfile.ZipFile(folder / "signers.xlsx") as original, zipfile.ZipFile(buffer, "w") as copy:
        for name in original.namelist():
            copy.writestr(
                name,
                original.read(name).replace(
                    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                    b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
                ),
            )
    assert refusal(buffer.getvalue(), "signers.xlsm")[0] == "workbook-macros"


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
def test_an_uploaded_template_is_stored_in_templates_whatever_its_name(
    tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "campaign"
    folder.mkdir()
    stored = store_upload(
        folder, propose_replacement(folder, recognise_upload(docx("Dear"), name)), NOW
    )
    paths = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.docx")]
    assert paths == [f"campaign/{stored.path}"]
    assert stored.path.startswith("templates/")
    assert len(stored.path) < 100
    assert stored.path.isprintable()


def test_the_first_uploaded_workbook_is_stored_without_confirmation(tmp_path: Path) -> None:
    data = workbook_bytes(tmp_path / "a")
    proposal = propose_replacement(tmp_path, recognise_upload(data, "people.xlsx"))
    assert not proposal.needs_confirmation
    assert store_upload(tmp_path, proposal, NOW).old_version == ""
    assert (tmp_path / "signers.xlsx").read_bytes() == data


def test_an_uploaded_workbook_is_compared_with_the_existing_one(tmp_path: Path) -> None:
    folder = make(
        tmp_path / "campaign",
        Signers=[["ID", "Name", "Town"], [1, "Olena", "Lviv"], [2, "Ana", "Lima"]],
        Recipients=[["Name"], ["Consul Roy"]],
        Settings=[["Campaign", "Old"]],
    )
    new = workbook_bytes(
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


def test_an_uploaded_template_is_compared_with_the_existing_one(tmp_path: Path) -> None:
    folder = make(tmp_path / "campaign", "Dear {{ recipient.name }},\nPlease act.\nYours")
    new = docx("Dear {{ recipient.salutation }},\nPlease act now.\nYours")
    proposal = propose_replacement(folder, recognise_upload(new, "appeal v2.docx"))
    assert (proposal.path, proposal.replaced_path) == (
        "templates/appeal.docx",
        "templates/appeal.docx",
    )
    assert isinstance(proposal.changes, TemplateChanges)
    assert proposal.changes.placeholders_added == ("recipient.salutation",)
    assert proposal.changes.placeholders_removed == ("recipient.name",)
    assert proposal.changes.paragraphs[1] == ("Please act.", "Please act now.")
    addition = propose_replacement(folder, recognise_upload(new, "appeal v2.docx"), instead="")
    assert (addition.path, addition.replaced_path) == ("templates/appeal v2.docx", "")


def test_an_upload_moves_the_replaced_file_to_old_versions_unchanged(tmp_path: Path) -> None:
    folder = make(tmp_path / "campaign")
    old, new = (
        (folder / "signers.xlsx").read_bytes(),
        workbook_bytes(tmp_path / "new", Signers=[["Name"]]),
    )
    os.utime(folder / "signers.xlsx", (1_000_000_000, 1_000_000_000))
    stored = store_upload(folder, propose_replacement(folder, recognise_upload(new, "x.xlsx")), NOW)
    assert stored.old_version == "Old versions/2026-11-26 14.30.05/signers.xlsx"
    assert (folder / stored.old_version).read_bytes() == old
    assert (folder / stored.old_version).stat().st_mtime == 1_000_000_000
    assert (folder / "signers.xlsx").read_bytes() == new
    template = docx("Dear {{ recipient.name }}, act.")
    stored = store_upload(
        folder, propose_replacement(folder, recognise_upload(template, "appeal.docx")), NOW
    )
    assert stored.old_version == "Old versions/2026-11-26 14.30.05-2/appeal.docx"
    assert set(all_files(folder)) == {
        *("signers.xlsx", "templates/appeal.docx", stored.old_version),
        "Old versions/2026-11-26 14.30.05/signers.xlsx",
    }


def test_an_uploaded_template_of_another_type_keeps_its_file_name_extension(tmp_path: Path) -> None:
    folder = make(tmp_path / "campaign")
    new = of_kind(docx("Dear {{ recipient.name }}"), "docm")
    stored = store_upload(
        folder, propose_replacement(folder, recognise_upload(new, "appeal.docm")), NOW
    )
    assert sorted(p.name for p in (folder / "templates").iterdir()) == ["appeal.docm"]
    assert (folder / stored.old_version).name == "appeal.docx"


def propose_workbook(folder: Path, tmp_path: Path) -> ReplacementProposal:
    return propose_replacement(
        folder,
        recognise_upload(workbook_bytes(tmp_path / "new", Signers=[["Name"], ["A"]]), "x.xlsx"),
    )


def test_an_upload_does_not_replace_a_workbook_saved_meanwhile_or_open(tmp_path: Path) -> None:
    folder = make(tmp_path / "campaign")
    proposal = propose_workbook(folder, tmp_path)
    (folder / "signers.xlsx").write_bytes(
        workbook_bytes(tmp_path / "other", Signers=[["Name"], ["B"]])
    )
    before = all_files(folder)
    with pytest.raises(StorageError, match="after you saw the differences"):
        store_upload(folder, proposal, NOW)
    assert all_files(folder) == before
    proposal = propose_workbook(folder, tmp_path)
    (folder / "~$signers.xlsx").write_bytes(b"x")
    before = all_files(folder)
    with pytest.raises(StorageError, match="open in another program"):
        store_upload(folder, proposal, NOW)
    assert all_files(folder) == before
    assert not (folder / "Old versions").exists()


def test_an_upload_keeps_the_workbook_if_another_arrives_while_it_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(tmp_path / "campaign")
    proposal, book = propose_workbook(folder, tmp_path), folder / "signers.xlsx"
    old, rename = book.read_bytes(), os.rename

    def rename_and_sync(source: str, target: str) -> None:
        rename(source, target)
        if Path(source) == book:
            book.write_bytes(b"of a colleague")

    monkeypatch.setattr(os, "rename", rename_and_sync)
    with pytest.raises(StorageError, match="was not replaced"):
        store_upload(folder, proposal, NOW)
    monkeypatch.undo()
    assert book.read_bytes() == b"of a colleague"
    for name in ("signers (kept).xlsx", "Old versions/2026-11-26 14.30.05/signers.xlsx"):
        assert (folder / name).read_bytes() == old


@pytest.mark.parametrize("failing_write", [1, 2])
def test_an_upload_to_a_full_disk_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing_write: int
) -> None:
    folder = make(tmp_path / "campaign")
    proposal, before = propose_workbook(folder, tmp_path), all_files(folder)
    writes: list[int] = []
    write = os.write

    def fail_later(handle: int, data: bytes) -> int:
        writes.append(1)
        if len(writes) >= failing_write:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(handle, data)

    monkeypatch.setattr(os, "write", fail_later)
    with pytest.raises(StorageError, match="No space left"):
        store_upload(folder, proposal, NOW)
    monkeypatch.undo()
    assert all_files(folder) == before
    assert not (folder / "Old versions").exists()


@pytest.mark.slow
def test_an_upload_killed_after_it_moved_a_file_is_undone_by_the_next_command(
    tmp_path: Path,
) -> None:
    folder = make(tmp_path / "campaign")
    for parent, name in ((folder, "signers.xlsx"), (folder / "templates", "appeal.docx")):
        hidden = parent / ".merge-taken-1-1"
        hidden.mkdir()
        (parent / name).rename(hidden / name)
    assert merge("check", folder).code == 0
    assert set(all_files(folder)) == {"signers.xlsx", "templates/appeal.docx"}


def test_an_uploaded_workbooks_old_version_is_searched_for_a_deleted_person(tmp_path: Path) -> None:
    folder = make(tmp_path / "campaign", Signers=[["Name"], ["Olena Kovač"], ["Ana Ruiz"]])
    new = workbook_bytes(tmp_path / "new", Signers=[["Name"], ["Ana Ruiz"]])
    merge("letters", folder)
    store_upload(folder, propose_replacement(folder, recognise_upload(new, "x.xlsx")), NOW)
    ran = merge("delete-person", "Olena Kovač", folder, "--dry-run")
    assert "Old versions/2026-11-26 14.30.05/signers.xlsx" in ran.out + ran.err


def proposed(folder: Path, data: bytes, name: str) -> ReplacementProposal:
    (checked,) = check_together(folder, [propose_replacement(folder, recognise_upload(data, name))])
    return checked


def test_an_uploaded_workbook_is_checked_with_the_template_before_it_replaces_another(
    tmp_path: Path,
) -> None:
    line = "Dear {{ recipient.salutation }},\n{{ signer.name }}"
    folder = make(
        tmp_path / "campaign", line, Recipients=[["Name", "Salutation"], ["Asha Roy", "Ms Roy"]]
    )
    people: list[list[object]] = [["Name", "Salutaiton"], ["Asha Roy", "Ms Roy"], ["Wei Li", ""]]
    check = proposed(folder, workbook_bytes(tmp_path / "new", Recipients=people), "new.xlsx").check
    assert [str(problem.place) for problem in check.errors] == [
        "new.xlsx, Recipients!B1",
        "new.xlsx, Recipients!B3",
    ]
    assert "Salutation" in check.errors[0].hint
    people[0][1] = "Salutation"
    new = workbook_bytes(tmp_path / "new", Signers=[["Name"]], Recipients=people)
    errors = proposed(folder, new, "new.xlsx").check.errors
    assert "new.xlsx, Recipients!B3" in [str(problem.place) for problem in errors]


def test_an_uploaded_template_is_checked_with_the_workbook_before_it_replaces_another(
    tmp_path: Path,
) -> None:
    folder = make(tmp_path / "campaign")
    new = docx("Dear {{ recipient.salutation }},\n{{ recipient.name }}")
    check = proposed(folder, new, "new.docx").check
    assert (check.placeholder_count, [p.code for p in check.errors]) == (2, ["name-unknown"])
    check = proposed(folder, docx("Dear {{ recipient.name }},"), "new.docx").check
    assert (check.placeholder_count, check.errors) == (1, ())
    make(folder, Recipients=[["Name", "City"], ["Asha Roy", "Delhi"], ["Wei Li", ""]])
    new = docx("I write to you in {{ recipient.city }}.")
    errors = proposed(folder, new, "new.docx").check.errors
    assert [str(problem.place) for problem in errors] == ["signers.xlsx, Recipients!B3"]
    (folder / "templates" / "other.docx").write_bytes(docx("Dear {{ recipient.name }}"))
    other = propose_replacement(folder, recognise_upload(new, "x.docx"), "other.docx")
    assert check_together(folder, [other])[0].check == UploadCheck(placeholder_count=1)
    check = proposed(folder, docx("{% if recipient.name %}Dear"), "appeal.docx").check
    assert [problem.code for problem in check.errors] == ["block-unclosed"]


def test_an_uploaded_workbook_and_template_are_checked_with_each_other(tmp_path: Path) -> None:
    folder = make(tmp_path / "campaign", "Dear {{ recipient.salutation }},")
    people: list[list[object]] = [["Name", "Title"], ["Asha Roy", "Ms"]]
    uploads = [
        recognise_upload(workbook_bytes(tmp_path / "new", Recipients=people), "new.xlsx"),
        recognise_upload(docx("Dear {{ recipient.title }},"), "new.docx"),
    ]
    proposals = [propose_replacement(folder, upload) for upload in uploads]
    assert [p.check.errors for p in check_together(folder, proposals)] == [(), ()]
    alone = [check_together(folder, [p])[0].check.errors for p in proposals]
    assert [[error.code for error in errors] for errors in alone] == [["name-unknown"]] * 2


def test_settings_are_kept_if_an_uploaded_workbook_has_none(tmp_path: Path) -> None:
    settings = [["Setting", "Value"], ["Campaign", "Free the Sokolov Five"], ["Language", "fr"]]
    settings += [["Date", "26 novembre 2026"], ["Deadline", "1 mars"]]
    folder = make(tmp_path / "campaign", Settings=settings)
    new = workbook_bytes(tmp_path / "new", Signers=[["Name"], ["Olena Kovač"]])
    proposal = proposed(folder, new, "new.xlsx")
    assert proposal.lost_settings == "keep"
    store_upload(folder, keep_settings(folder, proposal), NOW)
    book = read_workbook(folder / "signers.xlsx")
    assert (book.settings.campaign, book.settings.language) == ("Free the Sokolov Five", "fr")
    assert book.settings.date == dt.date(2026, 11, 26)
    assert book.settings.fields["deadline"] == "1 mars"
    assert [person.name for person in book.signers.persons] == ["Olena Kovač"]
    buffer = io.BytesIO(new)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("xl/slicers/slicer1.xml", "<slicers/>")
    assert proposed(folder, buffer.getvalue(), "new.xlsx").lost_settings == "copy"
    has_own = workbook_bytes(tmp_path / "new", Settings=[["Setting", "Value"]])
    assert proposed(folder, has_own, "new.xlsx").lost_settings == ""


def test_settings_are_not_kept_of_a_workbook_that_was_saved_meanwhile(tmp_path: Path) -> None:
    folder = make(tmp_path / "campaign", Settings=[["Campaign", "Free the Sokolov Five"]])
    proposal = proposed(folder, workbook_bytes(tmp_path / "new", Signers=[["Name"]]), "new.xlsx")
    make(folder, Settings=[["Campaign", "Free all"]], Signers=[["Name"], ["Ana Ruiz"]])
    with pytest.raises(StorageError, match="changed after you saw"):
        keep_settings(folder, proposal)
    assert proposed(folder, docx("Dear"), "new.docx").lost_settings == ""


def test_the_paragraphs_of_an_uploaded_template_are_aligned_by_their_content(
    tmp_path: Path,
) -> None:
    old = ["{{ date }}", "Dear {{ recipient.name }},", "I write to you about the five teachers."]
    old += ["They were arrested in March and are still held.", "Yours, {{ signer.name }}"]
    new = ["To {{ recipient.name }}", "Excellency,", "{{ date }}", old[1]]
    new += ["I write to you again about the five teachers.", "Yours, {{ signer.name }}"]
    folder = make(tmp_path / "campaign", "\n".join(old))
    changes = proposed(folder, docx("\n".join(new)), "new.docx").changes
    assert isinstance(changes, TemplateChanges)
    assert changes.paragraphs == (
        ("", "To {{ recipient.name }}"),
        ("", "Excellency,"),
        (old[2], new[4]),
        (old[3], ""),
    )
