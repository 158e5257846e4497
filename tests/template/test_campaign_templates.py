"""Which template a letter is created from, and Word's kinds of templates."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from docx import Document
from support import workbooks
from support.campaigns import letters, make, merge, text
from support.documents import docx, of_kind
from support.docx_validation import findings, own_checks
from support.everyday import everyday
from support.filled_letters import members
from support.office_programs import needs_libreoffice, pdf_text, soffice, to_pdf

TEXT = "Dear {{ recipient.name }},\n{{ signer.name }}"
DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
ONE: dict[str, workbooks.Rows] = {
    "Signers": [["Name"], ["Ana Ruiz"]],
    "Recipients": [["Name"], ["Minister Li"]],
}
KINDS = ("dotx", "docm", "dotm")


def _campaign(folder: Path, *files: str, **sheets: workbooks.Rows) -> Path:
    """Create a campaign with these files as its templates.

    Each file is of the kind that its ending says.
    """
    all_sheets: dict[str, workbooks.Rows] = {**ONE, **sheets}
    make(folder, "x", **all_sheets)
    (folder / "templates" / "appeal.docx").unlink()
    for name in files:
        kind = name.rpartition(".")[2]
        data = docx(f"From {name}\n{TEXT}")
        (folder / "templates" / name).write_bytes(of_kind(data, kind) if kind in KINDS else data)
    return folder


def _errors(folder: Path) -> list[tuple[str, str]]:
    problems = merge("check", folder, "--json").json["problems"]
    return [(p["code"], f"{p['message']} {p['hint']}") for p in problems if p["level"] == "error"]


@pytest.mark.parametrize("kind", everyday(KINDS, daily=range(2)))
def test_letters_from_dotx_and_docm_templates_are_plain_documents(
    kind: str, tmp_path: Path
) -> None:
    assert merge("letters", _campaign(tmp_path, f"appeal.{kind}")).code == 0
    ((name, path),) = letters(tmp_path).items()
    assert name == "Ana Ruiz/Minister Li.docx"
    assert text(path)[1:] == ["Dear Minister Li,", "Ana Ruiz"]
    parts = members(path.read_bytes())
    types = parts["[Content_Types].xml"].decode()
    assert f'PartName="/word/document.xml" ContentType="{DOCUMENT}"' in types
    traces = ("vba", "macro", "template.main", "keymap", "customizations", "bin")
    assert [t for t in traces for n, d in parts.items() if t in (n + d.decode()).lower()] == []
    assert own_checks(path.read_bytes()) == []
    assert not findings(tmp_path, path.read_bytes())


def test_macros_of_a_template_are_removed_with_a_warning(tmp_path: Path) -> None:
    problems = merge("check", _campaign(tmp_path, "appeal.docm"), "--json").json["problems"]
    (problem,) = [p for p in problems if p["code"] == "template-cleaned"]
    assert (problem["level"], problem["message"]) == (
        "warning",
        "Removed from the letters: macros.",
    )
    plain = merge("check", _campaign(tmp_path / "plain", "appeal.dotx"), "--json").json["problems"]
    assert [p["code"] for p in plain] == []


def test_a_letter_has_the_same_parts_whatever_kind_its_template_is(tmp_path: Path) -> None:
    part_names = []
    for kind in ("docx", *KINDS):
        merge("letters", _campaign(tmp_path / kind, f"appeal.{kind}"))
        (path,) = letters(tmp_path / kind).values()
        part_names.append(sorted(members(path.read_bytes())))
    assert part_names == [part_names[0]] * 4


@pytest.mark.parametrize(
    "written",
    everyday(["notice", "notice.dotx", "templates/notice", "notice.DOTX"], daily=range(3)),
)
def test_settings_name_a_template_with_or_without_its_ending(written: str, tmp_path: Path) -> None:
    name = "notice.DOTX" if written.endswith("X") else "notice.dotx"
    _campaign(tmp_path, "appeal.docx", Settings=[["Name", "Value"], ["Template", written]])
    (tmp_path / "templates" / name).write_bytes(of_kind(docx("Notice\n" + TEXT), "dotx"))
    merge("letters", tmp_path)
    (path,) = letters(tmp_path).values()
    assert text(path)[0] == "Notice"


def test_a_recipient_names_a_template_with_or_without_its_ending(tmp_path: Path) -> None:
    rows = [["Name", "Template"], ["Li", None], ["Poe", "short"], ["Rao", "long.docm"]]
    settings = [["Name", "Value"], ["Template", "appeal"]]
    _campaign(
        tmp_path, "appeal.docx", "short.dotx", "long.docm", Recipients=rows, Settings=settings
    )
    merge("letters", tmp_path)
    first = [text(path)[0] for path in letters(tmp_path).values()]
    assert first == ["From appeal.docx", "From short.dotx", "From long.docm"]


def test_two_templates_with_one_name_are_an_error(tmp_path: Path) -> None:
    both = ("appeal.docx", "appeal.dotx")
    listed = "There are several templates: appeal.docx, appeal.dotx."
    ((code, what),) = _errors(_campaign(tmp_path / "a", *both))
    hint = (
        "In the Settings sheet, add a “Template” row with the name of the one to use."
        " If there is no such sheet, add one with two columns, Name and Value."
        " Or move the other templates out of the folder."
    )
    assert (code, what) == ("template-unclear", f"{listed} {hint}")
    named = [["Name", "Value"], ["Template", "appeal"]]
    ((code, what),) = _errors(_campaign(tmp_path / "b", *both, Settings=named))
    assert (code, what) == (
        "template-unclear",
        f"{listed} Enter the full name, with its extension.",
    )
    recipients = [["Name", "Template"], ["Li", None], ["Poe", "appeal"]]
    settings = [["Name", "Value"], ["Template", "appeal.docx"]]
    folder = _campaign(tmp_path / "c", *both, Recipients=recipients, Settings=settings)
    where = merge("check", folder, "--json").json["problems"][0]["where"]
    assert where == "signers.xlsx, Recipients!B3"


@pytest.mark.parametrize(
    "name", ["x" * 300, "x" * 300 + ".docx", "é" * 140, "/", "\\", "templates/"]
)
def test_a_template_name_that_no_file_can_have_is_reported_at_its_cell(
    name: str, tmp_path: Path
) -> None:
    recipients = [["Name", "Template"], ["Li", None], ["Poe", name]]
    _campaign(tmp_path, "appeal.docx", Recipients=recipients)
    report = merge("check", tmp_path, "--json").json
    places = [(p["code"], p["where"]) for p in report["problems"]]
    assert (places, report["ready"]) == ([("template-missing", "signers.xlsx, Recipients!B3")], 1)
    assert len(report["problems"][0]["message"]) < 120
    _campaign(tmp_path, "appeal.docx", Settings=[["Name", "Value"], ["Template", name]])
    report = merge("check", tmp_path, "--json").json
    places = [(p["code"], p["where"]) for p in report["problems"]]
    assert (places, report["ready"]) == ([("template-missing", "signers.xlsx, Settings!B2")], 0)


@pytest.mark.parametrize("name", ["appeal.odt", "appeal.doc", "appeal.rtf"])
def test_a_template_that_word_must_convert_first_is_named(name: str, tmp_path: Path) -> None:
    folder = _campaign(tmp_path)
    (folder / "templates" / name).write_bytes(b"any")
    again = "In Word, save it as Word Document (.docx)."
    assert _errors(folder) == [
        (
            "template-missing",
            f"There is no Word template (.docx) in this folder, only {name}. {again}",
        )
    ]


def test_a_file_that_word_must_convert_first_does_not_hide_the_template(tmp_path: Path) -> None:
    folder = _campaign(tmp_path, "appeal.dotx")
    (folder / "templates" / "appeal.odt").write_bytes(b"any")
    (folder / "templates" / "~$appeal.docx").write_bytes(b"any")
    assert merge("letters", folder).code == 0


def test_trial_letters_use_one_template_for_all_recipients(tmp_path: Path) -> None:
    rows = [["Name", "Template"], ["Li", None], ["Poe", "short"]]
    _campaign(tmp_path, "appeal.docx", "short.dotx", Recipients=rows)
    draft = tmp_path / "draft.dotx"
    draft.write_bytes(of_kind(docx("Draft\n" + TEXT), "dotx"))
    ran = merge("letters", tmp_path, "--try", tmp_path / "out", "--template", draft)
    assert ran.code == 0
    assert [text(path)[0] for path in letters(tmp_path / "out").values()] == ["Draft"] * 2


@pytest.mark.slow
@needs_libreoffice
@pytest.mark.parametrize("kind", everyday(KINDS))
def test_libreoffice_opens_letters_from_each_kind_of_template(kind: str, tmp_path: Path) -> None:
    merge("letters", _campaign(tmp_path, f"appeal.{kind}"))
    (path,) = letters(tmp_path).values()
    (pdf,) = to_pdf([path], tmp_path)
    assert "Dear Minister Li," in pdf_text(pdf)


@pytest.mark.slow
@needs_libreoffice
def test_a_template_saved_by_libreoffice_is_used(tmp_path: Path) -> None:
    folder = _campaign(tmp_path)
    document = Document()
    document.add_heading("Appeal for {{ recipient.name }}")
    document.add_paragraph("Yours, {{ signer.name }}")
    document.save(str(tmp_path / "appeal.docx"))
    target = ["--convert-to", "dotx", "--outdir", str(folder / "templates")]
    subprocess.run(
        [*soffice(), *target, str(tmp_path / "appeal.docx")],
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert merge("letters", folder).code == 0
    (path,) = letters(folder).values()
    assert text(path) == ["Appeal for Minister Li", "Yours, Ana Ruiz"]
    assert DOCUMENT in members(path.read_bytes())["[Content_Types].xml"].decode()
