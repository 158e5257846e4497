"""Letters that a run creates for a whole campaign, and their file names."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.campaigns import ROOT, letters, make, make_with_letters, merge, text
from support.documents import docx, paragraph, run
from support.everyday import everyday
from support.office_programs import needs_libreoffice, pages, pdf_text, to_pdf


def test_a_letter_is_created_for_every_signer_and_recipient(tmp_path: Path) -> None:
    ran = merge("letters", make(tmp_path))
    assert ran.code == 0
    assert list(letters(tmp_path)) == [
        "Ana Ruiz/Consul Roy.docx",
        "Ana Ruiz/Minister Li.docx",
        "Bo Berg/Consul Roy.docx",
        "Bo Berg/Minister Li.docx",
    ]
    assert text(letters(tmp_path)["Bo Berg/Minister Li.docx"]) == [
        "Minister Li",
        "Dear Minister Li,",
        "Bo Berg",
    ]


def test_letters_are_created_only_for_rows_of_the_pairs_sheet(tmp_path: Path) -> None:
    rows = [["Signer", "Recipient", "Note"], ["Ana Ruiz", "Consul Roy", "We met."]]
    merge("letters", make(tmp_path, "{{ signer.name }}\n{{ pair.note }}", Pairs=rows))
    assert list(letters(tmp_path)) == ["Ana Ruiz/Consul Roy.docx"]
    assert text(letters(tmp_path)["Ana Ruiz/Consul Roy.docx"]) == ["Ana Ruiz", "We met."]


def test_created_letters_contain_values_of_the_settings_sheet(tmp_path: Path) -> None:
    settings = [["Name", "Value"], ["Deadline", "1 May"]]
    merge("letters", make(tmp_path, "By {{ settings.deadline }}.", Settings=settings))
    assert text(letters(tmp_path)["Ana Ruiz/Consul Roy.docx"]) == ["By 1 May."]


def test_created_letters_contain_the_date_setting_in_their_language(tmp_path: Path) -> None:
    settings = [["Name", "Value"], ["Date", "2026-11-01"], ["Language", "fr"]]
    merge("letters", make(tmp_path, "{{ date }}", Settings=settings))
    assert text(letters(tmp_path)["Ana Ruiz/Consul Roy.docx"]) == ["1er novembre 2026"]


def test_a_letter_is_created_in_the_language_of_its_recipient(tmp_path: Path) -> None:
    settings = [["Name", "Value"], ["Date", "2026-11-01"]]
    recipients = [["Name", "Language"], ["Rat Huber", "de"], ["Consul Roy", None]]
    folder = make(tmp_path, "{{ date }}", Settings=settings, Recipients=recipients)
    merge("letters", folder)
    assert text(letters(folder)["Ana Ruiz/Rat Huber.docx"]) == ["1. November 2026"]
    assert text(letters(folder)["Ana Ruiz/Consul Roy.docx"]) == ["November 1, 2026"]


def test_a_letter_is_created_from_the_template_of_its_recipient(tmp_path: Path) -> None:
    recipients = [["Name", "Template"], ["Rat Huber", "kurz"], ["Consul Roy", None]]
    settings = [["Name", "Value"], ["Template", "appeal.docx"]]
    folder = make(tmp_path, "Long.", Recipients=recipients, Settings=settings)
    (folder / "templates" / "kurz.docx").write_bytes(docx("Kurz."))
    assert merge("letters", folder).code == 0
    assert text(letters(folder)["Ana Ruiz/Rat Huber.docx"]) == ["Kurz."]
    assert text(letters(folder)["Ana Ruiz/Consul Roy.docx"]) == ["Long."]


def test_created_letters_contain_columns_with_headings_in_any_script(tmp_path: Path) -> None:
    headings = [
        "Name",
        "Address 1",
        "Address 2",
        "2nd line",
        "Имя",
        "नाम",
        "Items",
        "Class",
        "E-mail",
    ]
    row = ["Ana", "One", "Two", "Three", "Анна", "अना", "Pens", "First", "a at b"]
    placeholders = (
        "address_1",
        "address_2",
        "m_2nd_line",
        "имя",
        "नाम",
        "items",
        "class",
        "e_mail",
    )
    template = "\n".join(f"{{{{ signer.{placeholder} }}}}" for placeholder in placeholders)
    merge("letters", make(tmp_path, template, Signers=[headings, row]))
    assert text(letters(tmp_path)["Ana/Consul Roy.docx"]) == row[1:]


def test_created_letters_for_hostile_names_have_safe_and_distinct_file_names(
    tmp_path: Path,
) -> None:
    names = ["../../x", "CON", "na" * 150, "a/b", "Ana Li", "ANA  li.", "a\u202eb", "C:\\x"]
    rows = [["ID", "Name"], *([f"P{i}", name] for i, name in enumerate(names))]
    folder = make(tmp_path / "in", Recipients=rows)
    assert merge("letters", folder).code == 0
    paths = [path for path in letters(folder) if path.startswith("Ana Ruiz/")]
    assert len(paths) == len(names)
    assert len({path.casefold() for path in paths}) == len(names)
    assert {p.name for p in tmp_path.iterdir()} == {"in"}
    assert all(path.count("/") == 1 and len(path.split("/")[1]) <= 60 for path in paths)


def test_created_letters_of_signers_with_the_same_name_have_the_id_in_the_path(
    tmp_path: Path,
) -> None:
    rows = [["ID", "Name"], ["7", "Ana Ruiz"], ["8", "Ana Ruiz"]]
    merge("letters", make(tmp_path, Signers=rows))
    assert "Ana Ruiz (7)/Consul Roy.docx" in letters(tmp_path)
    assert "Ana Ruiz (8)/Consul Roy.docx" in letters(tmp_path)


def test_created_letters_are_named_by_the_file_name_setting(tmp_path: Path) -> None:
    pattern = "{{ recipient.country }}/{{ recipient.name }} from {{ signer.name }}"
    settings = [["Name", "Value"], ["File name", pattern]]
    merge("letters", make(tmp_path, Settings=settings))
    assert "India/Consul Roy from Ana Ruiz.docx" in letters(tmp_path)


@pytest.mark.parametrize(
    "prefix", everyday(["../", "/etc/", "..\\..\\", "C:/", "~/"], daily=range(3))
)
def test_letters_are_created_in_their_folder_whatever_the_file_name_setting_is(
    tmp_path: Path, prefix: str
) -> None:
    pattern = prefix + "{{ signer.name }} {{ recipient.name }}"
    folder = make(tmp_path / "in", Settings=[["Name", "Value"], ["File name", pattern]])
    merge("letters", folder)
    assert len(letters(folder)) == 4
    assert {p.name for p in tmp_path.iterdir()} == {"in"}


def test_no_letters_are_created_if_two_would_have_the_same_file_name(tmp_path: Path) -> None:
    folder = make(tmp_path, Settings=[["Name", "Value"], ["File name", "{{ recipient.name }}"]])
    ran = merge("letters", folder)
    assert ran.code == 1
    assert "signers.xlsx, Settings!B2" in ran.err
    assert "The letters of Ana Ruiz and Bo Berg would have the same file name" in ran.err
    assert not (folder / "letters").exists()


def test_creating_letters_reports_a_letter_at_the_path_of_another(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    paths = letters(folder)
    paths["Ana Ruiz/Consul Roy.docx"].write_bytes(paths["Bo Berg/Consul Roy.docx"].read_bytes())
    ran = merge("letters", folder)
    assert "1 letter, blocked by another file: the letter of another signer or recipient" in ran.err


def test_a_letter_is_created_under_another_name_if_staff_have_a_file_there(tmp_path: Path) -> None:
    folder = make(tmp_path)
    staff_file = folder / "letters" / "Ana Ruiz" / "Consul Roy.docx"
    staff_file.parent.mkdir(parents=True)
    staff_file.write_bytes(b"mine")
    ran = merge("letters", folder, "--json")
    assert staff_file.read_bytes() == b"mine"
    assert (ran.json["written"], ran.json["kept"]) == (4, 0)
    assert (staff_file.parent / "Consul Roy-2.docx").exists()


def test_creating_letters_a_second_time_changes_no_letter(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    before = {path: (p.read_bytes(), p.stat().st_mtime_ns) for path, p in letters(folder).items()}
    ran = merge("letters", folder, "--json")
    assert ran.json["unchanged"] == 4
    after = {path: (p.read_bytes(), p.stat().st_mtime_ns) for path, p in letters(folder).items()}
    assert after == before


def test_creating_letters_does_not_change_the_workbook_or_the_template(tmp_path: Path) -> None:
    folder = make(tmp_path)
    files = [folder / "signers.xlsx", folder / "templates" / "appeal.docx"]
    before = [(f.read_bytes(), f.stat().st_mtime_ns) for f in files]
    merge("letters", folder)
    assert [(f.read_bytes(), f.stat().st_mtime_ns) for f in files] == before


def test_creating_letters_leaves_only_letters_in_the_letters_folder(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    files = [p for p in (folder / "letters").rglob("*") if p.is_file()]
    assert {p.suffix for p in files if p.name != ".merge-lock"} == {".docx"}


# The shipped campaign


def _seed_letters() -> list[str]:
    """Return both letters, from address to closing, each on one line."""
    seed_letters = (ROOT / "tests" / "data" / "seed-letters.txt").read_text(encoding="utf-8")
    first, second, rest = seed_letters.split("Sincerely,")
    assert not rest.strip()
    return [_on_one_line(first + "Sincerely,"), _on_one_line(second + "Sincerely,")]


def _on_one_line(lines: str) -> str:
    return " ".join(lines.replace("·", " ").split())


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shipped") / "campaign"
    assert merge("new", folder, "--from", ROOT).code == 0
    assert merge("letters", folder).code == 0
    return folder


def test_the_shipped_campaign_creates_twelve_letters(shipped: Path) -> None:
    assert len(letters(shipped)) == 12


@pytest.mark.parametrize(
    ("number", "recipient"),
    [(0, "Aleksandr Ivanovich Bastrykin"), (1, "Ambassador Sergey I. Kislyak")],
)
def test_letters_created_for_the_shipped_campaign_have_the_seed_letters_text(
    shipped: Path, number: int, recipient: str
) -> None:
    paths = [p for path, p in letters(shipped).items() if path.endswith(f"/{recipient}.docx")]
    assert len(paths) == 6
    for path in paths:
        words = _on_one_line("\n".join(text(path)))
        assert words[: len(_seed_letters()[number])] == _seed_letters()[number]


def test_letters_created_for_the_shipped_campaign_begin_with_the_address(shipped: Path) -> None:
    letter = letters(shipped)["Inés Álvarez Montoro/Ambassador Sergey I. Kislyak.docx"]
    assert text(letter)[:5] == [
        "Ambassador Sergey I. Kislyak",
        "Embassy of the Russian Federation",
        "2650 Wisconsin Ave. NW",
        "Washington DC 20007",
        "Dear Ambassador,",
    ]


@pytest.mark.slow
@pytest.mark.libreoffice
@needs_libreoffice
def test_letters_created_for_the_shipped_campaign_have_one_page_and_the_signer(
    shipped: Path, tmp_path: Path
) -> None:
    copies = []
    for number, letter in enumerate(letters(shipped).values()):
        copies.append(tmp_path / f"{number}.docx")
        copies[-1].write_bytes(letter.read_bytes())
    for letter, pdf in zip(letters(shipped).values(), to_pdf(copies, tmp_path), strict=True):
        assert pages(pdf) == 1
        assert text(letter)[-1].split()[-1] in pdf_text(pdf)


@pytest.mark.parametrize("heading", ["Anrede", "Dear", "Обращение"])
def test_no_letters_are_created_with_a_blank_salutation_whatever_its_heading(
    tmp_path: Path, heading: str
) -> None:
    placeholder = {"Anrede": "anrede", "Dear": "dear", "Обращение": "salutation"}[heading]
    recipients = [["Name", heading], ["Minister Li", "Minister"], ["Consul Roy", None]]
    make(
        tmp_path,
        f"{{{{ recipient.{placeholder} }}}},\n{{{{ signer.name }}}}",
        Recipients=recipients,
    )
    ran = merge("letters", tmp_path)
    assert ran.code == 1
    assert "in the template needs it. Fill it in." in ran.err


def test_created_letters_format_the_date_setting_in_a_merge_field(tmp_path: Path) -> None:
    settings = [["Name", "Value"], ["Date", "2026-11-30"]]
    code = '<w:fldSimple w:instr=" MERGEFIELD Date \\@ &quot;d MMMM yyyy&quot; ">'
    field = f"{code}{run('«Date»')}</w:fldSimple>"
    body = paragraph(field) + paragraph("{{ signer.name }}")
    make(tmp_path, docx(body), Settings=settings)
    assert merge("letters", tmp_path).code == 0
    assert "30 November 2026" in text(next(iter(letters(tmp_path).values())))[0]
