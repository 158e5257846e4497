"""The whole errand end to end: a folder in, letters out."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.campaigns import ROOT, letters, make, make_with_letters, merge, merge_alone, text
from support.documents import docx, paragraph, run
from support.everyday import everyday
from support.office_programs import needs_libreoffice, pages, pdf_text, to_pdf


def test_every_signer_writes_to_every_recipient(tmp_path: Path) -> None:
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


def test_the_sheet_pairs_says_who_writes_to_whom(tmp_path: Path) -> None:
    rows = [["Signer", "Recipient", "Note"], ["Ana Ruiz", "Consul Roy", "We met."]]
    merge("letters", make(tmp_path, "{{ signer.name }}\n{{ pair.note }}", Pairs=rows))
    assert list(letters(tmp_path)) == ["Ana Ruiz/Consul Roy.docx"]
    assert text(letters(tmp_path)["Ana Ruiz/Consul Roy.docx"]) == ["Ana Ruiz", "We met."]


def test_a_setting_is_a_fact_for_all_letters(tmp_path: Path) -> None:
    settings = [["Name", "Value"], ["Deadline", "1 May"]]
    merge("letters", make(tmp_path, "By {{ settings.deadline }}.", Settings=settings))
    assert text(letters(tmp_path)["Ana Ruiz/Consul Roy.docx"]) == ["By 1 May."]


def test_the_letter_says_the_date_of_the_settings_in_its_language(tmp_path: Path) -> None:
    settings = [["Name", "Value"], ["Date", "2026-11-01"], ["Language", "fr"]]
    merge("letters", make(tmp_path, "{{ date }}", Settings=settings))
    assert text(letters(tmp_path)["Ana Ruiz/Consul Roy.docx"]) == ["1er novembre 2026"]


def test_a_recipient_may_have_a_language_of_their_own(tmp_path: Path) -> None:
    settings = [["Name", "Value"], ["Date", "2026-11-01"]]
    recipients = [["Name", "Language"], ["Rat Huber", "de"], ["Consul Roy", None]]
    folder = make(tmp_path, "{{ date }}", Settings=settings, Recipients=recipients)
    merge("letters", folder)
    assert text(letters(folder)["Ana Ruiz/Rat Huber.docx"]) == ["1. November 2026"]
    assert text(letters(folder)["Ana Ruiz/Consul Roy.docx"]) == ["November 1, 2026"]


def test_a_recipient_may_have_a_template_of_their_own(tmp_path: Path) -> None:
    recipients = [["Name", "Template"], ["Rat Huber", "kurz"], ["Consul Roy", None]]
    settings = [["Name", "Value"], ["Template", "appeal.docx"]]
    folder = make(tmp_path, "Long.", Recipients=recipients, Settings=settings)
    (folder / "templates" / "kurz.docx").write_bytes(docx("Kurz."))
    assert merge("letters", folder).code == 0
    assert text(letters(folder)["Ana Ruiz/Rat Huber.docx"]) == ["Kurz."]
    assert text(letters(folder)["Ana Ruiz/Consul Roy.docx"]) == ["Long."]


def test_headings_of_any_script_work_as_tags(tmp_path: Path) -> None:
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
    tags = ("address_1", "address_2", "m_2nd_line", "имя", "नाम", "items", "class", "e_mail")
    template = "\n".join(f"{{{{ signer.{tag} }}}}" for tag in tags)
    merge("letters", make(tmp_path, template, Signers=[headings, row]))
    assert text(letters(tmp_path)["Ana/Consul Roy.docx"]) == row[1:]


def test_hostile_names_give_safe_distinct_files_inside_the_folder(tmp_path: Path) -> None:
    names = ["../../x", "CON", "na" * 150, "a/b", "Ana Li", "ANA  li.", "a\u202eb", "C:\\x"]
    rows = [["ID", "Name"], *([f"P{i}", name] for i, name in enumerate(names))]
    folder = make(tmp_path / "in", Recipients=rows)
    assert merge("letters", folder).code == 0
    made = [path for path in letters(folder) if path.startswith("Ana Ruiz/")]
    assert len(made) == len(names)
    assert len({path.casefold() for path in made}) == len(names)
    assert {p.name for p in tmp_path.iterdir()} == {"in"}
    assert all(path.count("/") == 1 and len(path.split("/")[1]) <= 60 for path in made)


def test_people_of_one_name_are_told_apart_by_their_id(tmp_path: Path) -> None:
    rows = [["ID", "Name"], ["7", "Ana Ruiz"], ["8", "Ana Ruiz"]]
    merge("letters", make(tmp_path, Signers=rows))
    assert "Ana Ruiz (7)/Consul Roy.docx" in letters(tmp_path)
    assert "Ana Ruiz (8)/Consul Roy.docx" in letters(tmp_path)


def test_settings_name_the_files(tmp_path: Path) -> None:
    pattern = "{{ recipient.country }}/{{ recipient.name }} from {{ signer.name }}"
    settings = [["Name", "Value"], ["File name", pattern]]
    merge("letters", make(tmp_path, Settings=settings))
    assert "India/Consul Roy from Ana Ruiz.docx" in letters(tmp_path)


@pytest.mark.parametrize("start", everyday(["../", "/etc/", "..\\..\\", "C:/", "~/"], of=range(3)))
def test_settings_cannot_lead_a_file_out_of_the_folder(tmp_path: Path, start: str) -> None:
    pattern = start + "{{ signer.name }} {{ recipient.name }}"
    folder = make(tmp_path / "in", Settings=[["Name", "Value"], ["File name", pattern]])
    merge("letters", folder)
    assert len(letters(folder)) == 4
    assert {p.name for p in tmp_path.iterdir()} == {"in"}


def test_a_pattern_that_gives_two_letters_one_name_is_an_error(tmp_path: Path) -> None:
    folder = make(tmp_path, Settings=[["Name", "Value"], ["File name", "{{ recipient.name }}"]])
    ran = merge("letters", folder)
    assert ran.code == 1
    assert "signers.xlsx, Settings!B2" in ran.err
    assert "The letters of Ana Ruiz and Bo Berg would have the same file name" in ran.err
    assert not (folder / "letters").exists()


def test_a_letter_of_another_pair_is_told_apart(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    made = letters(folder)
    made["Ana Ruiz/Consul Roy.docx"].write_bytes(made["Bo Berg/Consul Roy.docx"].read_bytes())
    ran = merge("letters", folder)
    assert "1 letter, blocked by another file: the letter of another signer or recipient" in ran.err


def test_a_file_of_somebody_else_is_kept_and_the_letter_gets_another_name(tmp_path: Path) -> None:
    folder = make(tmp_path)
    mine = folder / "letters" / "Ana Ruiz" / "Consul Roy.docx"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    ran = merge("letters", folder, "--json")
    assert mine.read_bytes() == b"mine"
    assert (ran.json["written"], ran.json["kept"]) == (4, 0)
    assert (mine.parent / "Consul Roy-2.docx").exists()


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    before = {path: (p.read_bytes(), p.stat().st_mtime_ns) for path, p in letters(folder).items()}
    ran = merge("letters", folder, "--json")
    assert ran.json["unchanged"] == 4
    after = {path: (p.read_bytes(), p.stat().st_mtime_ns) for path, p in letters(folder).items()}
    assert after == before


def test_the_workbook_and_the_template_are_not_touched(tmp_path: Path) -> None:
    folder = make(tmp_path)
    files = [folder / "signers.xlsx", folder / "templates" / "appeal.docx"]
    before = [(f.read_bytes(), f.stat().st_mtime_ns) for f in files]
    merge("letters", folder)
    assert [(f.read_bytes(), f.stat().st_mtime_ns) for f in files] == before


def test_nothing_but_letters_is_left_behind(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    files = [p for p in (folder / "letters").rglob("*") if p.is_file()]
    own = {".merge-lock", ".merge-ledger", ".merge-snapshot"}
    assert {p.suffix for p in files if p.name not in own} == {".docx"}


# The first campaign


def _seed() -> list[str]:
    """The two letters, from the address to the closing, white space folded."""
    both = (ROOT / "tests" / "data" / "seed-letters.txt").read_text(encoding="utf-8")
    one, other, rest = both.split("Sincerely,")
    assert not rest.strip()
    return [_folded(one + "Sincerely,"), _folded(other + "Sincerely,")]


def _folded(words: str) -> str:
    return " ".join(words.replace("·", " ").split())


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shipped") / "campaign"
    assert merge("new", folder, "--from", ROOT).code == 0
    assert merge("letters", folder).code == 0
    return folder


def test_the_shipped_campaign_makes_twelve_letters(shipped: Path) -> None:
    assert len(letters(shipped)) == 12


@pytest.mark.parametrize(
    ("number", "recipient"),
    [(0, "Aleksandr Ivanovich Bastrykin"), (1, "Ambassador Sergey I. Kislyak")],
)
def test_both_officials_get_the_seed_letter_word_for_word(
    shipped: Path, number: int, recipient: str
) -> None:
    own = [p for path, p in letters(shipped).items() if path.endswith(f"/{recipient}.docx")]
    assert len(own) == 6
    for letter in own:
        words = _folded("\n".join(text(letter)))
        assert words[: len(_seed()[number])] == _seed()[number]


def test_the_address_comes_out_line_by_line(shipped: Path) -> None:
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
def test_each_shipped_letter_is_one_page_that_ends_in_its_signer(
    shipped: Path, tmp_path: Path
) -> None:
    copies = []
    for number, letter in enumerate(letters(shipped).values()):
        copies.append(tmp_path / f"{number}.docx")
        copies[-1].write_bytes(letter.read_bytes())
    for letter, pdf in zip(letters(shipped).values(), to_pdf(copies, tmp_path), strict=True):
        assert pages(pdf) == 1
        assert text(letter)[-1].split()[-1] in pdf_text(pdf)


def test_a_new_campaign_is_not_made_over_another(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    ran = merge("new", tmp_path)
    assert ran.code == 2
    assert "Choose another name." in ran.err
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


def test_python_m_merge_is_the_same_program(tmp_path: Path) -> None:
    assert merge_alone("--version").out == merge("--version").out
    assert merge_alone("letters", make(tmp_path)).code == 0


def test_a_name_that_two_people_have_is_asked_about_where_their_ids_tell_them_apart(
    tmp_path: Path,
) -> None:
    signers = [["ID", "Name"], ["S5", "Marie Durand"], ["S9", "Marie Durand"], ["S7", "Bo Berg"]]
    make(tmp_path, Signers=signers)
    for words in (("letters", "--for"), ("letters", "--replace"), ("print", "--accept")):
        ran = merge(words[0], tmp_path, words[1], "marie durand")
        assert ran.code == 2
        assert f"2 people have the name “marie durand” ({words[1]}): S5" in ran.err
    assert merge("letters", tmp_path, "--for", "S9").code == 0
    assert len(letters(tmp_path)) == 2


@pytest.mark.parametrize("heading", ["Anrede", "Dear", "Обращение"])
def test_a_salutation_under_a_heading_of_ones_own_is_never_blank(
    tmp_path: Path, heading: str
) -> None:
    tag = {"Anrede": "anrede", "Dear": "dear", "Обращение": "salutation"}[heading]
    recipients = [["Name", heading], ["Minister Li", "Minister"], ["Consul Roy", None]]
    make(tmp_path, f"{{{{ recipient.{tag} }}}},\n{{{{ signer.name }}}}", Recipients=recipients)
    ran = merge("letters", tmp_path)
    assert ran.code == 1
    assert "in the template needs it. Fill it in." in ran.err


def test_a_date_typed_as_text_in_settings_can_be_formatted_by_words_own_field(
    tmp_path: Path,
) -> None:
    settings = [["Name", "Value"], ["Date", "2026-11-30"]]
    code = '<w:fldSimple w:instr=" MERGEFIELD Date \\@ &quot;d MMMM yyyy&quot; ">'
    field = f"{code}{run('«Date»')}</w:fldSimple>"
    body = paragraph(field) + paragraph("{{ signer.name }}")
    make(tmp_path, docx(body), Settings=settings)
    assert merge("letters", tmp_path).code == 0
    assert "30 November 2026" in text(next(iter(letters(tmp_path).values())))[0]
