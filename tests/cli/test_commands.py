"""The command line: what it prints, and its exit codes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from support.campaigns import (
    ROOT,
    letters,
    make,
    make_with_letters,
    merge,
    merge_alone,
    text,
    typed,
)
from support.documents import docx
from support.everyday import everyday
from support.printed_campaigns import edit

from merge.cli.commands import merge as group
from merge.cli.terminal import quote_command


def test_the_last_line_of_letters_says_what_to_do_next(tmp_path: Path) -> None:
    ran = merge("letters", make(tmp_path, Recipients=[["Name"], ["Consul Roy"]]))
    letters = tmp_path / "letters"
    step = f"merge proofread {tmp_path}"
    assert ran.out.splitlines() == [
        "2 letters: 2 created.",
        f"Next: open {letters}, edit the letters in Word if needed, then run: {step}",
    ]
    assert ran.err == ""
    again = merge("letters", tmp_path)
    assert again.last == f"Everything is up to date. Next: merge status {tmp_path}"


def test_a_misspelt_placeholder_is_reported_with_its_place_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    ran = merge("letters", make(tmp_path, "Dear friend,\nYours, {{ recipient.nmae }}"))
    assert ran.code == 1
    assert "appeal.docx, line “Yours, {{ recipient.nmae }}” (paragraph 2)" in ran.err
    assert "Did you mean recipient.name?" in ran.err
    assert "0 letters saved" in ran.last
    assert not (tmp_path / "letters").exists()


def test_a_column_that_only_the_other_sheet_has_is_not_suggested(tmp_path: Path) -> None:
    ran = merge("letters", make(tmp_path, "{{ signer.country }}"))
    assert "Did you mean" not in ran.err
    assert "Only the Recipients sheet has it" in ran.err


def test_a_blank_in_a_sentence_names_the_cell_to_fill(tmp_path: Path) -> None:
    rows = [["Name", "Town"], ["Consul Roy", "Delhi"], ["Minister Li", None]]
    ran = merge("letters", make(tmp_path, "Come to {{ recipient.town }} soon.", Recipients=rows))
    assert ran.code == 1
    assert "signers.xlsx, Recipients!B3" in ran.err
    assert "Come to {{ recipient.town }} soon." in ran.err


def test_a_forbidden_character_is_reported_at_its_cell(tmp_path: Path) -> None:
    folder = make(tmp_path, "{{ signer.town }}", Signers=[["Name", "Town"], ["Ana", "Lima_x000B_"]])
    ran = merge("letters", folder)
    assert ran.code == 1
    assert "signers.xlsx, Signers!B2" in ran.err
    assert not (tmp_path / "letters").exists()


def test_an_invalid_cell_that_no_letter_needs_blocks_nothing(tmp_path: Path) -> None:
    rows = [["Name", "Town"], ["Ana", "Lima_x000B_"]]
    assert merge("letters", make(tmp_path, Signers=rows)).code == 0


def test_letters_with_errors_can_be_skipped(tmp_path: Path) -> None:
    rows = [["Name", "Town"], ["Consul Roy", "Delhi"], ["Minister Li", None]]
    folder = make(tmp_path, "To {{ recipient.town }} now.", Recipients=rows)
    ran = merge("letters", folder, "--skip-errors", "--json")
    assert ran.code == 1
    assert list(letters(folder)) == ["Ana Ruiz/Consul Roy.docx", "Bo Berg/Consul Roy.docx"]
    assert (ran.json["planned"], ran.json["written"], ran.json["skipped"]) == (4, 2, 2)
    assert {s["state"] for s in ran.json["letters"]} == {"new", "faulty"}


def test_skipped_letters_are_listed(tmp_path: Path) -> None:
    rows = [["Name", "Town"], ["Consul Roy", "Delhi"], ["Minister Li", None]]
    folder = make(tmp_path, "To {{ recipient.town }} now.", Recipients=rows)
    ran = merge("letters", folder, "--skip-errors")
    assert f"skipped: {folder / 'letters' / 'Bo Berg' / 'Minister Li.docx'}" in ran.err


def test_trial_letters_cannot_be_created_among_the_real_letters(tmp_path: Path) -> None:
    folder = make(tmp_path)
    for target in (folder, folder / "letters", folder / "letters" / "x"):
        ran = merge("letters", folder, "--try", target)
        assert (ran.code, "Choose another folder." in ran.err) == (2, True)
    assert not (folder / "letters").exists()


def test_the_next_command_keeps_the_options(tmp_path: Path) -> None:
    ran = merge("letters", make(tmp_path), "--dry-run", "--for", "Ana Ruiz")
    assert ran.last.endswith(typed("merge", "letters", tmp_path, "--for", "Ana Ruiz"))


@pytest.mark.parametrize("command", everyday(["check", "letters", "status", "proofread"]))
def test_the_next_command_keeps_the_workbook(tmp_path: Path, command: str) -> None:
    make_with_letters(tmp_path)
    other = (tmp_path / "signers.xlsx").rename(tmp_path / "May list.xlsx")
    assert (
        typed(tmp_path, "--workbook", other) in merge(command, tmp_path, "--workbook", other).last
    )


def test_a_command_to_type_has_the_quotation_marks_of_the_system() -> None:
    words = ["merge", "letters", "C:\\My letters\\", "--for", "Ana Ruiz", "--for", "R&D"]
    assert quote_command(words, windows=True) == (
        r'merge letters "C:\My letters\\" --for "Ana Ruiz" --for "R&D"'
    )
    assert quote_command(["merge", "Ana's"], windows=False) == """merge 'Ana'"'"'s'"""


def test_no_line_counts_letters_if_an_error_blocks_all(tmp_path: Path) -> None:
    folder = make(tmp_path, Signers=[["Nme"], ["Ana"]])
    assert len(merge("letters", folder).out.splitlines()) == 1
    folder = make(tmp_path, "{{ recipient.nmae }}")
    assert len(merge("letters", folder).out.splitlines()) == 1


def test_a_workbook_without_any_pair_is_an_error(tmp_path: Path) -> None:
    folder = make(
        tmp_path,
        Signers=[["Name", "Include"], ["Ana", "yes"], ["Bo", "yes"]],
        Pairs=[["Signer", "Recipient", "Include"], ["*", "*", "no"]],
    )
    ran = merge("letters", folder)
    assert ran.code == 1
    assert "No letters to create" in ran.err


def test_more_letters_than_excel_has_rows_are_refused_by_every_command(tmp_path: Path) -> None:
    names = [[f"Person {number}"] for number in range(1025)]
    folder = make(tmp_path, Signers=[["Name"], *names], Recipients=[["Name"], *names])
    for command in ("check", "letters", "status"):
        ran = merge(command, folder)
        assert ran.code == 1
        assert "1,050,625 letters" in ran.out + ran.err
    assert not (folder / "letters").exists()


def test_an_error_in_other_letters_does_not_block_the_selected_ones(tmp_path: Path) -> None:
    rows = [["Name", "Town"], ["Consul Roy", "Delhi"], ["Minister Li", None]]
    folder = make(tmp_path, "To {{ recipient.town }} now.", Recipients=rows)
    assert merge("letters", folder, "--for", "consul  ROY").code == 0
    assert len(letters(folder)) == 2


def test_for_selects_signers_and_recipients_by_name(tmp_path: Path) -> None:
    folder = make(tmp_path)
    merge("letters", folder, "--for", "Ana Ruiz", "--for", "Minister Li")
    assert list(letters(folder)) == ["Ana Ruiz/Minister Li.docx"]


@pytest.mark.parametrize("name", ["Ana", "Nobody", ""])
def test_an_unknown_name_is_wrong_usage(tmp_path: Path, name: str) -> None:
    ran = merge("letters", make(tmp_path), "--for", name)
    assert ran.code == 2
    assert "Enter the full name" in ran.err
    assert not (tmp_path / "letters").exists()


def test_a_letter_has_the_same_path_for_any_selection(tmp_path: Path) -> None:
    rows = [["ID", "Name"], ["1", "Li An"], ["2", "LI AN."]]
    folder = make(tmp_path, Recipients=rows)
    merge("letters", folder, "--for", "2")
    alone = set(letters(folder))
    merge("letters", folder)
    assert len(letters(folder)) == 4
    assert alone < set(letters(folder))


def test_a_dry_run_writes_nothing_and_lists_all_letters(tmp_path: Path) -> None:
    ran = merge("letters", make(tmp_path), "--dry-run")
    assert ran.out.splitlines()[0] == "would be created: 4 letters:"
    assert ran.out.count(f"letters{os.sep}") == 4
    assert "4 would be created" in ran.out
    assert not (tmp_path / "letters").exists()


def test_a_dry_run_groups_letters_as_the_run_does(tmp_path: Path) -> None:
    people = [["Name", "Town"], *([f"Ana {_numeral(n)}", "Lima"] for n in range(40))]
    folder = make(tmp_path, "{{ signer.name }}, {{ signer.town }}", Signers=people)
    merge("letters", folder)
    people[1][1] = people[2][1] = "Oslo"
    make(folder, "{{ signer.name }}, {{ signer.town }}", Signers=people)
    letters = folder / "letters"
    expected = [
        "updated: 4 letters, changed: Town in Signers:",
        "      Town in Signers: “Lima” → “Oslo”",
        *(
            f"      {letters / name / recipient}.docx"
            for name in ("Ana Aaaa", "Ana Aaab")
            for recipient in ("Minister Li", "Consul Roy")
        ),
    ]
    planned = merge("letters", folder, "--dry-run").out.splitlines()
    assert planned[:-2] == [expected[0].replace("updated", "would be updated"), *expected[1:]]
    assert planned[-2] == "80 letters: 4 would be updated, 76 unchanged."
    assert merge("letters", folder).err.splitlines()[-6:] == expected


def test_letters_that_every_run_keeps_are_counted_in_one_line(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    edit(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    for options in ((), ("--dry-run",)):
        ran = merge("letters", folder, *options)
        assert "kept: 1 letter, edited\n" in ran.out + ran.err
        assert "Consul Roy.docx" not in ran.out + ran.err
    make(folder, "Honoured {{ recipient.name }},\n{{ signer.name }}")
    ran = merge("letters", folder)
    assert "kept: 1 letter, edited; changed since: the template:" in ran.err
    assert "Consul Roy.docx" in ran.err
    assert f"To replace an edited letter: “merge letters {folder} --replace NAME”." in ran.err


def test_trial_letters_never_change_the_real_letters(tmp_path: Path) -> None:
    folder = make(tmp_path / "campaign")
    other = tmp_path / "other.docx"
    other.write_bytes(docx("Hello {{ recipient.name }}"))
    ran = merge("letters", folder, "--try", tmp_path / "out", "--template", other)
    assert ran.code == 0
    assert text(letters(tmp_path / "out")["Ana Ruiz/Consul Roy.docx"]) == ["Hello Consul Roy"]
    assert not (folder / "letters").exists()


def test_the_template_option_requires_try(tmp_path: Path) -> None:
    ran = merge("letters", make(tmp_path), "--template", "x.docx")
    assert ran.code == 2
    assert "--try" in ran.err


def test_the_json_of_letters_is_one_object_whose_counts_add_up(tmp_path: Path) -> None:
    ran = merge("letters", make(tmp_path), "--json")
    result = ran.json
    assert set(result) == {
        "planned", "written", "unchanged", "kept", "skipped", "problems", "letters",
    }  # fmt: skip
    parts = ("written", "unchanged", "kept", "skipped")
    assert result["planned"] == sum(result[part] for part in parts) == 4
    keys = {"id", "signer", "recipient", "path", "state", "reason", "changes"}
    assert set(result["letters"][0]) == keys
    assert (tmp_path / result["letters"][0]["path"]).is_file()


def test_the_json_of_letters_has_every_problem_and_its_counts_add_up(tmp_path: Path) -> None:
    result = merge("letters", make(tmp_path, "{{ recipient.nmae }}"), "--json").json
    assert (result["planned"], result["skipped"], result["written"]) == (4, 4, 0)
    assert result["problems"][0]["code"] == "name-unknown"
    names = {"level", "code", "where", "message", "hint", "fields", "remedy"}
    assert set(result["problems"][0]) == names


# Wrong files: one clear error, no traceback, nothing written


def _check_clear_error(folder: Path, *words: str, code: int = 1) -> None:
    ran = merge("letters", folder)
    assert ran.code == code
    assert "Traceback" not in ran.err
    assert all(word in ran.err for word in words), ran.err
    assert not (folder / "letters").exists()


def test_a_missing_folder_is_one_clear_error(tmp_path: Path) -> None:
    _check_clear_error(tmp_path / "nowhere", "Folder not found", code=2)


def test_a_folder_without_a_workbook_is_one_clear_error(tmp_path: Path) -> None:
    _check_clear_error(tmp_path, "signers.xlsx", "File not found", code=2)


def test_a_workbook_without_recipients_is_one_clear_error(tmp_path: Path) -> None:
    folder = make(tmp_path)
    from support import workbooks

    workbooks.xlsx(folder, Signers=[["Name"], ["Ana"]])
    _check_clear_error(folder, "Recipients")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"Dear all,\n", "text"),
        (b"", "empty"),
        (b"{\\rtf1 Dear}", "rich text"),
        (b"%PDF-1.7 x", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "(.doc)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"PK\x03\x04 broken", "damaged"),
        (docx("x")[:-40], "damaged"),
    ],
)
def test_a_template_that_is_not_a_docx_is_one_clear_error(
    tmp_path: Path, data: bytes, words: str
) -> None:
    folder = make(tmp_path, data)
    os.utime(folder / "templates" / "appeal.docx", (1e9, 1e9))  # no program is saving it now
    _check_clear_error(folder, "appeal.docx", words)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"mimetype": b"application/vnd.oasis.opendocument.text"}, "OpenDocument"),
        ({"xl/workbook.xml": b"<x/>", "[Content_Types].xml": b"<Types/>"}, "workbook"),
        ({"x.txt": b"x"}, "zip file"),
    ],
)
def test_a_template_that_is_another_zip_file_is_one_clear_error(
    tmp_path: Path, members: dict[str, bytes], words: str
) -> None:
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    _check_clear_error(make(tmp_path / "in", path.read_bytes()), "appeal.docx", words)


def test_a_folder_without_a_template_is_one_clear_error(tmp_path: Path) -> None:
    folder = make(tmp_path)
    (folder / "templates" / "appeal.docx").unlink()
    _check_clear_error(folder, "There is no Word template")


def test_several_templates_are_listed_in_one_clear_error(tmp_path: Path) -> None:
    folder = make(tmp_path)
    (folder / "templates" / "other.docx").write_bytes(docx("x"))
    _check_clear_error(folder, "appeal.docx, other.docx", "Settings")


def test_problems_of_workbook_and_template_are_reported_together(tmp_path: Path) -> None:
    rows = [["Name", "Include"], ["Ana", "maybe"]]
    folder = make(tmp_path, "{{ recipient.nmae }}\n{{ x", Signers=rows)
    ran = merge("check", folder)
    assert "Signers!B2" in ran.out
    assert "starts with {{ is not closed" in ran.out


# The terminal


@pytest.mark.slow
def test_output_into_a_cp1252_pipe_does_not_fail(tmp_path: Path) -> None:
    rows = [["Name"], ["Олена Журавчук"], ["سلمى"]]
    folder = make(tmp_path, Signers=rows)
    options = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252"}
    assert merge_alone("placeholders", folder, env=options).code == 0
    ran = merge_alone("letters", folder, "--json", env=options)
    assert ran.code == 0
    assert {letter["signer"] for letter in ran.json["letters"]} == {"Олена Журавчук", "سلمى"}


@pytest.mark.slow
def test_a_pipe_gets_no_progress_bar(tmp_path: Path) -> None:
    rows = [["Name"], *([f"Ana {_numeral(n)}"] for n in range(600))]
    folder = make(tmp_path, Signers=rows, Recipients=[["Name"], ["Consul Roy"]])
    ran = merge_alone("letters", folder)
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.slow
@pytest.mark.posix("POSIX signals")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_leaves_only_complete_letters(tmp_path: Path, stop: signal.Signals) -> None:
    rows = [["Name"], *([f"Ana {_numeral(n)}"] for n in range(800))]
    folder = make(tmp_path, Signers=rows)
    command = [sys.executable, "-m", "merge", "letters", str(folder)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
    while not list((folder / "letters").glob("[!.]*/*.docx")):
        time.sleep(0.005)
    running.send_signal(stop)
    out, _ = running.communicate(timeout=30)
    created = list((folder / "letters").glob("[!.]*/*.docx"))
    assert 0 < len(created) < 1600
    assert all(zipfile.is_zipfile(letter) and text(letter) for letter in created[-50:])
    if stop is signal.SIGINT:
        assert running.returncode == 130
        assert re.search(rf"1,600 letters: {len(created):,} created", out)
    assert merge("letters", folder).code == 0
    assert len(letters(folder)) == 1600


def test_a_crash_has_an_exit_code_of_its_own_and_shows_no_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("Ana Ruiz")

    monkeypatch.setattr("merge.cli.letters_command.read_campaign", broken)  # imports it first
    monkeypatch.setattr("merge.campaign.campaign.read_campaign", broken)
    ran = merge("letters", make(tmp_path))
    assert ran.code == 3
    assert "RuntimeError" in ran.err
    assert "Ana Ruiz" not in ran.err


def test_placeholders_are_listed_with_their_first_value(tmp_path: Path) -> None:
    ran = merge("placeholders", make(tmp_path))
    assert ran.out.splitlines()[0].split("  ")[0] == "placeholder"
    assert re.search(
        r"^\{\{ recipient\.country \}\} +Recipient_Country +China$", ran.out, re.MULTILINE
    )
    assert "{{ date }}" in ran.out


def test_the_json_of_placeholders_has_the_problems_of_an_unreadable_workbook(
    tmp_path: Path,
) -> None:
    listed = merge("placeholders", make(tmp_path / "fine"), "--json")
    assert (listed.code, list(listed.json), listed.json["problems"]) == (
        0,
        ["tags", "problems"],
        [],
    )
    headless = make(tmp_path / "headless", Signers=[["Nme"], ["Ana"]])
    (tmp_path / "empty").mkdir()
    for folder, code, problem in (
        (headless, 1, "heading-missing"),
        (tmp_path / "empty", 2, "workbook-missing"),
        (tmp_path / "nowhere", 2, "workbook-missing"),
    ):
        ran = merge("placeholders", folder, "--json")
        assert (ran.code, ran.json["tags"]) == (code, [])
        assert [p["code"] for p in ran.json["problems"]] == [problem]
        assert merge("placeholders", folder).code == code


def _numeral(number: int) -> str:
    """Return a different name for each number, in letters."""
    return "".join(chr(ord("A") + int(digit)) for digit in f"{number:04}").capitalize()


# Docs and program agree


def test_the_help_lists_commands_in_the_order_of_use_and_names_the_first() -> None:
    help_text = merge("--help").out
    listed = re.findall(r"^  ([a-z][a-z-]+)  +[A-Z].*\.$", help_text, re.MULTILINE)
    assert (listed[:3], set(listed)) == (["new", "import", "placeholders"], set(group.commands))
    assert "Get started: merge new FOLDER." in help_text


def test_the_help_lists_a_commands_own_options_before_the_shared_ones() -> None:
    for name in ("letters", "print", "status"):
        help_text = merge(name, "--help").out
        options = re.findall(r"^  (--(?!help)[a-z-]+)", help_text, re.MULTILINE)
        assert options[-3:] == ["--workbook", "--for", "--json"]


@pytest.mark.parametrize("command", sorted(group.commands))
def test_every_command_and_option_is_in_the_docs(command: str) -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert f"`merge {command} " in page
    for parameter in group.commands[command].params:
        for option in parameter.opts:
            assert not option.startswith("--") or option in page, option


def test_every_command_of_the_docs_exists() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^(?:\| `)?merge ([a-z-]+)", page, re.MULTILINE))
    assert named == set(group.commands)


@pytest.mark.slow
@pytest.mark.posix("the folders of a virtual environment")
def test_a_wheel_in_an_empty_environment_works(tmp_path: Path) -> None:
    def run(*words: str | Path) -> str:
        command = [str(word) for word in words]
        return subprocess.run(
            command, check=True, capture_output=True, text=True, cwd=tmp_path
        ).stdout

    run(sys.executable, "-m", "pip", "-q", "wheel", "--no-deps", "-w", tmp_path, ROOT)
    run(sys.executable, "-m", "venv", tmp_path / "env")
    python = tmp_path / "env" / "bin" / "python"
    pins = ROOT / "constraints.txt"
    run(python, "-m", "pip", "-q", "install", "-c", pins, next(tmp_path.glob("*.whl")))
    run(python.with_name("merge"), "new", "x")
    program = python.with_name("merge")
    output = run(program, "letters", "x")
    assert f"then run: {program} proofread x" in output  # `merge` may be another program
    assert run(python.with_name("appeal-merge"), "--version").startswith("Appeal Merge, version ")
    assert "12 letters: 12 created." in output
    assert len(letters(tmp_path / "x")) == 12


def test_a_dry_run_with_errors_says_that_nothing_was_changed(tmp_path: Path) -> None:
    folder = make(tmp_path, Recipients=[["Name"], ["Minister Li"], ["#N/A"]])
    ran = merge("letters", folder, "--dry-run", "--skip-errors")
    assert "1 error, nothing was changed." in ran.last
    assert not (folder / "letters").exists()


def test_the_error_for_an_unreadable_date_says_how_to_enter_one(tmp_path: Path) -> None:
    ran = merge("mark", "posted", make(tmp_path), "--date", "1/2")
    assert (ran.code, "Enter the date as 2026-11-29, 29.11.2026 or" in ran.err) == (2, True)


def test_the_help_has_no_formulas_and_describes_the_effect_of_each_option() -> None:
    helps = {name: merge(name, "--help").out for name in ("print", "letters", "mark", "check")}
    assert "x>=1" not in helps["print"]
    assert "replace without asking" in " ".join(helps["letters"].split())
    assert "Accept a --date before" in " ".join(helps["mark"].split())
    assert "Also list ignored warnings" in helps["check"]


def test_a_number_below_one_is_refused_in_words(tmp_path: Path) -> None:
    ran = merge("print", tmp_path, "--sheets", "0")
    assert (ran.code, "Enter a number, at least 1" in ran.err) == (2, True)


_WITH_ERRORS: dict[str, tuple[str | Path, ...]] = {
    "letters": (),
    "print": (),
    "import": (Path("answers.csv"),),
}
"""The commands whose dry run can find errors, with their arguments."""


@pytest.mark.parametrize("command", _WITH_ERRORS)
def test_a_dry_run_with_errors_or_open_questions_exits_with_1(tmp_path: Path, command: str) -> None:
    folder = make(tmp_path, "Dear {{ recipient.nmae }}")
    (folder / "answers.csv").write_text("Name,Do you agree?\nZoe Lind,Maybe\n")
    arguments = [folder / a if isinstance(a, Path) else a for a in _WITH_ERRORS[command]]
    for options in ((), ("--json",)):
        assert merge(command, *arguments, folder, "--dry-run", *options).code == 1, options


def test_every_command_with_a_dry_run_is_tested_with_errors() -> None:
    with_dry_run = {
        name
        for name, command in group.commands.items()
        if any("--dry-run" in option.opts for option in command.params)
    }
    without_data_errors = {"close", "delete-person"}  # they work in spite of errors in the data
    assert with_dry_run - without_data_errors == {*_WITH_ERRORS}
