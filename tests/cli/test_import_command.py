"""`merge import`: output, questions, what it writes and never stores."""

from __future__ import annotations

import errno
import io
import os
import sys
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.campaigns import RunResult, make, merge
from support.imports import listed_people, run_import

LIST = "signers from forms.xlsx"
HEADINGS = '"Timestamp","Username","Full name","Street","City","I agree to be printed"'
ANN = '"2026/11/03 9:12:24 AM GMT","ann@mail.example","Ann Lee","1 Elm Row","Oxford","Yes"'
BEN = '"2026/11/04 9:12:24 AM GMT","ben@mail.example","Ben Ode","2 Elm Row","Oxford","Yes"'
OUT = '"2026/11/05 9:12:24 AM GMT","ann@mail.example","Ann Lee","1 Elm Row","Oxford","No"'
SIGNERS = [["Name", "Street", "City"], ["Zoe Typed", "9 Oak Way", "Bath"]]


class _Terminal(io.StringIO):
    """A terminal at which someone answers."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path / "campaign", Signers=SIGNERS)


def export(folder: Path, *rows: str) -> Path:
    path = folder.parent / "Spring.csv"
    path.write_text("\n".join([HEADINGS, *rows]) + "\n", encoding="utf-8")
    return path


def import_with_answers(
    monkeypatch: pytest.MonkeyPatch, answers: str, *words: str | Path
) -> RunResult:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", _Terminal(answers.replace(" ", "\n") + "\n"))
        return merge("import", *words)


def listed_ids(folder: Path) -> dict[str, str]:
    """Return the IDs of the people in the list, by name, in the list's order."""
    rows = load_workbook(folder / LIST)["Signers"].iter_rows(min_row=2, values_only=True)
    return {str(row[1]): str(row[0]) for row in rows}


def test_import_shows_asks_writes_and_says_the_next_step(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbook = (folder / "signers.xlsx").read_bytes()
    file = export(folder, ANN, BEN, '"","","Test Test","x","y","Yes"')
    ran = import_with_answers(monkeypatch, "y y", file, folder)
    assert ran.code == 0
    assert "? I agree to be printed  -> Consent   yes: “Yes” (3)" in ran.out
    assert "2 new · 1 to review" in ran.out
    assert "new        row 2   Ann Lee   1 Elm Row, Oxford" in ran.out
    assert f"2 people added to {LIST}." in ran.out
    assert f"1 person needs review in {LIST}." in ran.out
    assert "Spring.csv contains the email addresses of 2 people. Delete it" in ran.out
    assert ran.last.startswith("Next: merge check")
    assert [*listed_ids(folder)] == ["Ann Lee", "Ben Ode", "Test Test"]
    assert (folder / "signers.xlsx").read_bytes() == workbook


def test_import_without_a_terminal_writes_nothing_if_it_must_ask(
    folder: Path,
) -> None:
    for option in ([], ["--yes"], ["--json"]):
        ran = merge("import", export(folder, ANN), folder, *option)
        assert ran.code == 1
        assert not (folder / LIST).exists()


def test_the_answer_no_writes_the_matched_columns_so_that_staff_can_fix_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = import_with_answers(monkeypatch, "n", export(folder, ANN), folder)
    assert ran.code == 1
    book = load_workbook(folder / LIST)
    forms = [*book["Forms"].iter_rows(min_row=2, values_only=True)]
    assert ("Spring", "Full name", 1, "Name") in [row[:4] for row in forms]
    row = next(n for n, cells in enumerate(forms, 2) if cells[1] == "Street")
    book["Forms"].cell(row, 4).value = "leave out"
    book.save(folder / LIST)
    again = import_with_answers(monkeypatch, "y y", folder.parent / "Spring.csv", folder)
    assert again.code == 0
    sheet = load_workbook(folder / LIST)["Signers"]
    assert "1 Elm Row" not in {cell.value for line in sheet for cell in line}


def test_import_does_not_ask_again_about_a_known_form(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_with_answers(monkeypatch, "y y", export(folder, ANN), folder)
    later = merge("import", export(folder, OUT, BEN), folder, "--yes")
    assert later.code == 0
    assert "(before the last import).xlsx" in later.err
    assert "1 new · 1 consent withdrawn · 1 skipped" in later.out
    assert "Ann Lee   consent withdrawn" in later.out
    list_before = (folder / LIST).read_bytes()
    third = merge("import", export(folder, OUT, BEN), folder, "--yes")
    assert "Nothing to import" in third.out
    assert "not taken  row" not in third.out
    assert (folder / LIST).read_bytes() == list_before


def test_an_import_is_undone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import_with_answers(monkeypatch, "y y", export(folder, ANN), folder)
    merge("import", export(folder, OUT, BEN), folder, "--yes")
    asked = merge("import", "--undo", folder)
    ids = listed_ids(folder)
    assert (asked.code, [*ids]) == (1, ["Ann Lee", "Ben Ode"])
    assert f"1 person would be removed: Ben Ode ({ids['Ben Ode']})." in asked.out
    assert (
        "1 person would be included again, although consent was withdrawn:"
        f" Ann Lee ({ids['Ann Lee']})." in asked.out
    )
    assert merge("import", "--undo", folder, "--yes").code == 0
    assert listed_ids(folder) == {"Ann Lee": ids["Ann Lee"]}
    assert import_with_answers(monkeypatch, "y", "--undo", folder).code == 0
    assert not (folder / LIST).exists()
    assert merge("import", "--undo", folder, "--json").code == 1


@pytest.mark.slow
def test_letters_stay_with_a_person_who_is_imported_again_after_the_list_is_lost(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_with_answers(monkeypatch, "y y", export(folder, ANN, BEN), folder)
    assert merge("letters", folder).code == 0
    first_ids = listed_ids(folder)
    (folder / LIST).unlink()
    file = export(folder, BEN)
    folder = folder.rename(folder.with_name("moved"))
    import_with_answers(monkeypatch, "y y", file, folder)
    assert listed_ids(folder)["Ben Ode"] not in first_ids.values()
    merge("mark", "printed", folder, "--for", "Ben Ode")
    assert merge("letters", folder, "--json").json["written"] == 0
    assert merge("status", folder, "--json").json["signers"]["Ben Ode"]["printed"] == 2


def test_a_deleted_signer_is_reported_and_can_be_imported_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_with_answers(monkeypatch, "y y", export(folder, ANN, BEN), folder)
    ids = listed_ids(folder)
    book = load_workbook(folder / LIST)
    book["Signers"].delete_rows(2)
    book.save(folder / LIST)
    file = export(folder, ANN, BEN)
    assert "Ann Lee   you deleted the row; stays excluded" in merge("import", file, folder).out
    merge("import", file, folder, "--again", "ann lee", "--yes")
    assert listed_ids(folder) == ids


def test_a_signer_who_is_in_the_workbook_is_not_imported_twice(folder: Path) -> None:
    zoe = '"2026/11/03 9:12 AM GMT","zoe@mail.example","Zoë Typed","9 Oak Way","Bath","Yes"'
    ran = merge("import", export(folder, zoe), folder, "--dry-run")
    assert "1 unchanged" in ran.out or "1 to change in the workbook" in ran.out
    assert "new ·" not in ran.out


def test_import_shows_a_response_without_its_control_characters(folder: Path) -> None:
    evil = '"","","Ann \x1b[2J\x07\u202eLee","1 Elm Row","Oxford","Yes"'
    ran = merge("import", export(folder, evil), folder, "--dry-run")
    assert "1 response" in ran.out
    assert not set("\x1b\x07\u202e") & set(ran.out)


def test_import_stores_only_data_that_letters_print(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ip = f'{HEADINGS},"IP Address","User Agent"'
    file = folder.parent / "Spring.csv"
    file.write_text(f'{ip}\n{ANN},"203.0.113.7","Mozilla/5.0"\n', encoding="utf-8")
    import_with_answers(monkeypatch, "y y", file, folder)
    for path in folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                data = b"".join(map(archive.read, archive.namelist()))
        for trace in (b"mail.example", b"203.0.113", b"Mozilla", b"9:12:24 AM"):
            assert trace not in data, path


def test_import_asks_about_the_encoding_and_shows_names(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder.parent / "Liste.csv"
    rows = ["Name;Straße;Ort;Einverstanden", "Käthe Groß;Weg 1;Köln;ja", "Jürgen Öl;Weg 2;Ulm;ja"]
    file.write_bytes("\r\n".join(rows).encode("cp1252"))
    ran = import_with_answers(monkeypatch, "n", file, folder)
    assert ran.code == 1
    assert "read as western:  Käthe Groß · Jürgen Öl" in ran.out
    assert not (folder / LIST).exists()
    assert import_with_answers(monkeypatch, "y y y", file, folder).code == 0
    assert [*listed_ids(folder)] == ["Käthe Groß", "Jürgen Öl"]


def test_import_reports_a_missing_file(folder: Path) -> None:
    ran = merge("import", folder / "none.csv", folder)
    assert ran.code in {1, 2}
    assert "File not found" in ran.err
    assert merge("import").code == 2


@pytest.mark.slow
def test_unconfirmed_columns_are_shown_and_asked_about_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = export(folder, ANN)
    import_with_answers(monkeypatch, "n", file, folder)
    refused = merge("import", file, folder, "--yes")
    assert (refused.code, listed_ids(folder)) == (1, {})
    assert "The matched columns of the form “Spring” have not been confirmed" in refused.err
    again = import_with_answers(monkeypatch, "y y", file, folder)
    assert "Consent   yes: “Yes” (1)" in again.out
    assert merge("import", file, folder, "--yes").code == 0
    book = load_workbook(folder / LIST)
    row = next(r for r in book["Forms"].iter_rows(min_row=2) if r[1].value == "Street")
    row[3].value = "leave out"
    book.save(folder / LIST)
    assert merge("import", file, folder, "--yes").code == 1


def test_a_column_of_yes_and_no_is_suggested_as_consent(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder.parent / "List.csv"
    file.write_text("Name,Street,City,Agrees\nAnn Lee,1 Elm,Bath,yes\nBen Ode,2 Elm,Bath,no\n")
    ran = import_with_answers(monkeypatch, "n n", file, folder)
    assert "“Agrees” contains “yes” (1), “no” (1). Is this the consent?" in ran.err
    assert "have their name and address printed, whatever “Agrees” says?" in ran.err
    assert not (folder / LIST).exists()
    assert import_with_answers(monkeypatch, "y y y", file, folder).code == 0
    assert [*listed_ids(folder)] == ["Ann Lee"]


def test_import_asks_which_words_mean_yes_if_none_is_clear(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = export(folder, ANN.replace('"Yes"', '"Count me in"'), BEN.replace('"Yes"', '"No"'))
    ran = import_with_answers(monkeypatch, "1 y y", file, folder)
    assert "1  “Count me in” (1)" in ran.out
    assert [*listed_ids(folder)] == ["Ann Lee"]


def test_import_also_asks_about_an_unclear_consent_word_beside_clear_ones(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = "I agree that you keep my name private"
    file = export(folder, ANN, BEN.replace('"Yes"', f'"{private}"'))
    ran = import_with_answers(monkeypatch, "0 y y", file, folder)
    assert f"which of these also mean yes?\n  1  “{private}” (1)\n" in ran.out
    assert [*listed_ids(folder)] == ["Ann Lee"]


def test_a_new_consent_word_in_a_known_form_is_shown(
    folder: Path,
) -> None:
    assert run_import(export(folder, ANN), folder).code == 0
    partly = BEN.replace('"Yes"', '"Yes, but not my address"')
    ran = run_import(export(folder, ANN, partly), folder, "--dry-run")
    assert "row 3   Ben Ode   no consent: “Yes, but not my address” is not a clear" in ran.out


def test_import_asks_about_a_yes_to_the_privacy_policy(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = export(folder, ANN, BEN)
    policy = "I agree to the privacy policy"
    file.write_text(file.read_text().replace("I agree to be printed", policy))
    assert merge("import", file, folder, "--yes").code == 1
    ran = import_with_answers(monkeypatch, "0 y y", file, folder)
    assert f"{policy}: which of these mean yes?\n  1  “Yes” (2)" in ran.out
    assert listed_ids(folder) == {}


def test_means_yes_adds_a_word_that_counts_as_consent(folder: Path) -> None:
    file = export(folder, ANN.replace('"Yes"', '"Count me in"'), BEN.replace('"Yes"', '"Later"'))
    ran = merge("import", file, folder, "--means-yes", "count me in", "--yes")
    assert (ran.code, [*listed_ids(folder)]) == (0, ["Ann Lee"])
    wrong = merge("import", file, folder, "--means-yes", "count me", "--yes")
    assert (
        "“count me” is not an answer to a consent question. Did you mean “Count me in”?"
        in wrong.err
    )


@pytest.mark.slow
def test_a_typed_column_fills_a_target_that_only_the_template_has(
    tmp_path: Path,
) -> None:
    letter = (
        "{{ signer.name }}\n{{ signer.postal_code }} {{ signer.city }}\n{{ signer.union_role }}"
    )
    folder = make(tmp_path / "campaign", letter, Signers=SIGNERS)
    file = tmp_path / "spring.csv"
    rows = [
        "Full name,Town,Box 7,Box 8,Box 9,I agree to be printed",
        "Ann Lee,Hull,04107,clerk,Leeds,Yes",
    ]
    file.write_text("\n".join(rows), encoding="utf-8")
    places = ("postal code=box 7", "Union role=Box 8", "City=Box 9")
    options = [word for place in places for word in ("--column", place)]
    bare = run_import(file, folder, "--dry-run")
    assert "The letter uses Union role, but no column of this form provides it" in bare.err
    assert run_import(file, folder, *options).code == 0
    (cells,) = listed_people(folder)
    assert (cells["Postal code"], cells["Union role"], cells["City"]) == ("04107", "clerk", "Leeds")
    again = run_import(file, folder, "--dry-run", "--json").json["mapping"]
    assert (again["Box 7"], again["Town"]) == ("Postal code", "leave out")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("City=Twon", "The file has no “Twon” column. Did you mean “Town”?"),
        (
            "Ctiy=Town",
            "“Ctiy” is neither a column of the list of signers nor a placeholder for signers.",
        ),
        ("Include=Town", "“Include” is neither a column of the list"),
        ("Town", "“Town” does not match a column of the file to one of the list."),
    ],
)
def test_an_unknown_column_or_target_is_an_error(folder: Path, typed: str, message: str) -> None:
    file = folder.parent / "spring.csv"
    file.write_text("Full name,Town,I agree to be printed\nAnn Lee,Hull,Yes", encoding="utf-8")
    ran = run_import(file, folder, "--column", typed)
    assert ran.code != 0
    assert message in ran.out + ran.err
    assert not (folder / LIST).exists()


@pytest.mark.slow
def test_a_file_of_a_campaign_is_not_imported(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_with_answers(monkeypatch, "y y", export(folder, ANN), folder)
    merge("letters", folder)
    for name in ("signers.xlsx", LIST, "register.xlsx"):
        ran = merge("import", folder / name, folder, "--dry-run")
        assert ran.code == 1
        assert f"This looks like {name}, a file of a campaign" in ran.err


def test_an_unknown_target_in_the_forms_sheet_is_reported_at_its_cell(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = export(folder, ANN)
    import_with_answers(monkeypatch, "n", file, folder)
    for typed, hint in (("Strett", "Did you mean “Street”?"), (None, "so “Street” is not matched")):
        book = load_workbook(folder / LIST)
        row = next(r for r in book["Forms"].iter_rows(min_row=2) if r[1].value == "Street")
        row[3].value = typed
        book.save(folder / LIST)
        ran = import_with_answers(monkeypatch, "y y", file, folder)
        assert ran.code == 1
        assert f"{LIST}, Forms!{row[3].coordinate}" in ran.err
        assert hint in ran.err
        assert listed_ids(folder) == {}


def test_wrong_options_are_reported_before_any_question(folder: Path) -> None:
    file = export(folder, ANN)
    ran = merge("import", file, folder, "--again", "An Lee", "--dry-run")
    assert "name or ID “An Lee”. Did you mean “Ann Lee”?" in ran.err
    assert (
        "A text file has no sheets. Omit --sheet."
        in merge("import", file, folder, "--sheet", "X").err
    )
    assert "Enter the file first" in merge("import", folder, file).err
    (folder / f".~lock.{LIST}#").write_text("me")
    ran = merge("import", file, folder)
    assert ("open in another program" in ran.err, ran.out) == (True, "")


@pytest.mark.slow
def test_import_reports_printed_letters_of_people_who_change_or_withdraw(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_with_answers(monkeypatch, "y y", export(folder, ANN, BEN), folder)
    merge("letters", folder)
    ids = listed_ids(folder)
    merge("mark", "printed", folder, "--for", "Ann Lee", "--for", "Ben Ode")
    moved = BEN.replace("2 Elm Row", "3 Fir Lane").replace("/04", "/06")
    ran = merge("import", export(folder, OUT, moved), folder)
    ann, ben = ids["Ann Lee"], ids["Ben Ode"]
    assert f"consent withdrawn; 2 letters of {ann} are printed: do not post them" in ran.out
    assert f"2 Elm Row -> 3 Fir Lane; 2 letters of {ben} are printed" in ran.out


def test_a_file_without_responses_is_an_error(folder: Path) -> None:
    ran = merge("import", export(folder), folder)
    assert (ran.code, ran.err.count("error")) == (1, 1)
    assert "no responses yet" in ran.err


def test_import_shows_the_recognised_form_and_warns_about_an_older_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_with_answers(monkeypatch, "y y", export(folder, ANN, BEN), folder)
    other = export(folder, ANN).rename(folder.parent / "s2.csv")
    import_with_answers(monkeypatch, "n", other, folder, "--form", "Stub")
    ran = merge("import", other, folder, "--dry-run")
    assert (
        "form “Spring”, recognised by its headings (if it is another form: --form NAME)" in ran.out
    )
    assert "is from 2026-11-03, but one from 2026-11-04 was imported before" in ran.err


def test_consent_words_stay_stored_if_no_response_has_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_with_answers(monkeypatch, "y y", export(folder, ANN), folder)
    assert merge("import", export(folder, OUT), folder, "--yes").code == 0
    forms = load_workbook(folder / LIST)["Forms"].iter_rows(min_row=2, values_only=True)
    assert '"Yes"' in [row[4] for row in forms]


FULL = "No space left on device"


def _raise_disk_full(*_: object) -> None:
    raise OSError(errno.ENOSPC, FULL)


def _raise_not_carried(*_: object) -> None:
    raise ValueError("a sheet would be lost")


@pytest.mark.parametrize(
    ("name", "fails", "code", "fields"),
    [
        (
            "merge.excel.saving.draft_file",
            _raise_disk_full,
            "list-not-saved",
            {"reason": "No space left on device"},
        ),
        (
            "merge.intake.list_writing.load_for_update",
            _raise_not_carried,
            "list-not-carried",
            {"reason": "it has contents that the program cannot write"},
        ),
        ("merge.intake.list_writing.MAX_ROWS", 2, "list-too-long", {}),
    ],
)
def test_a_list_that_cannot_be_saved_is_unchanged(  # noqa: PLR0917
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    fails: object,
    code: str,
    fields: dict[str, str],
) -> None:
    run_import(export(folder, ANN), folder)
    before = (folder / LIST).read_bytes()
    monkeypatch.setattr(name, fails)
    ran = merge("import", export(folder, ANN, BEN), folder, "--yes", "--json")
    problems = [(p["code"], p["level"], p["fields"]) for p in ran.json["problems"]]
    assert problems == [(code, "error", fields)]
    assert (folder / LIST).read_bytes() == before


@pytest.mark.parametrize(
    ("typed", "code", "message"),
    [
        ("Spring.cvs", "form-missing", "Did you mean Spring.csv?"),
        ("June.csv", "form-missing", "There is June.xls. In its program, save it as Excel"),
        ("May.csv", "form-missing", "Use the one in "),
        ("nowhere/May.csv", "form-missing", "Folder not found: "),
        ("Spring.csv/May.csv", "form-missing", "is a file, not a folder."),
        ("July.csv", "form-missing", "Check the name and the folder."),
        ("lists", "form-folder", "Choose the .csv file in this folder."),
        ("locked.zip", "form-protected", "The zip file is password-protected."),
    ],
)
def test_the_error_for_an_unreadable_file_says_what_to_do(
    folder: Path, typed: str, code: str, message: str
) -> None:
    home = export(folder, ANN).parent
    (home / "June.xls").write_bytes(b"x")
    (home / "lists").mkdir()
    (home / "lists" / "May.csv").write_text("x", encoding="utf-8")
    with zipfile.ZipFile(home / "locked.zip", "w") as archive:
        archive.writestr("a.csv", "Name\nAnn Lee\n")
    data = bytearray((home / "locked.zip").read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + flags] |= 1
    (home / "locked.zip").write_bytes(data)
    (problem,) = merge("import", home / typed, folder, "--json").json["problems"]
    assert problem["code"] == code
    assert message in f"{problem['message']} {problem['hint']}"


@pytest.mark.posix("a device has no path there")
def test_import_does_not_read_a_device(folder: Path) -> None:
    (problem,) = merge("import", os.devnull, folder, "--json").json["problems"]
    assert (problem["code"], problem["hint"]) == ("form-unreadable", "Enter a file.")


def test_import_reports_a_file_that_another_program_has_open(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = export(folder, ANN)

    def locked(_: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", locked)
    (problem,) = merge("import", file, folder, "--json").json["problems"]
    assert (problem["code"], problem["fields"]) == ("form-locked", {"why": "Permission denied"})


@pytest.mark.parametrize("suffix", [".vcf", ".csv"])
def test_a_file_of_contacts_is_refused_with_the_way_to_a_list(folder: Path, suffix: str) -> None:
    file = folder / f"contacts{suffix}"
    file.write_text("BEGIN:VCARD\r\nVERSION:3.0\r\nN:Ruiz;Ana;;;\r\nEND:VCARD\r\n")
    ran = merge("import", file, folder, "--dry-run")
    assert ran.code == 1
    assert "This is a file of contacts (vCard), not a list." in ran.err
    assert "export the contacts as CSV" in ran.err
