"""Sheets, headings, yes and no in other languages, and missing names."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.campaigns import letters, make, merge
from support.campaigns import text as text_of
from support.everyday import everyday
from support.read_workbooks import codes_and_places, raised_problems, read
from support.workbooks import Rows, campaign, xlsx

from merge.intake.known_people import typed_people
from merge.workbook.plausibility import is_unfilled
from merge.workbook.reading import read_workbook
from merge.workbook.translated_words import HEADINGS, SHEETS, YES_NO_WORDS, says_no, says_yes

LANGUAGES = ("fr", "es", "de", "ru", "uk", "ar")


def word(table: object, program_word: str, language: str) -> str:
    """Return the first word in a language for one of the program's."""
    tables = {"sheet": SHEETS, "heading": HEADINGS, "answer": YES_NO_WORDS}
    return tables[str(table)][program_word].get(language, (program_word,))[0]


def test_a_full_name_is_the_name_and_a_new_one_is_the_same_person(tmp_path: Path) -> None:
    rows = [["Full name", "First name"], ["Ana Ruiz", "Ana"]]
    make(tmp_path, "{{ signer.full_name }}, {{ signer.first_name }}", Signers=rows)
    assert merge("letters", tmp_path).code == 0
    campaign(tmp_path, Signers=[rows[0], ["Ana Ruiz Lima", "Ana"]])
    assert "2 letters: 2 updated" in merge("letters", tmp_path).out
    assert {*letters(tmp_path)} == {
        "Ana Ruiz Lima/Consul Roy.docx",
        "Ana Ruiz Lima/Minister Li.docx",
    }


@pytest.mark.parametrize("heading", ["Name", "ФИО", "Nom", "Имя"])
def test_a_full_name_beside_the_name_is_a_column_of_its_own_that_may_be_blank(
    tmp_path: Path, heading: str
) -> None:
    rows = [[heading, "Full name"], ["Ана Руис", "Ana Ruiz"], ["Бу Берг", None]]
    make(tmp_path, "{{ recipient.name }}\n{{ signer.name }}\n{{ signer.full_name }}", Signers=rows)
    assert merge("letters", tmp_path).code == 0
    assert {path: text_of(letter)[1:] for path, letter in letters(tmp_path).items()} == {
        "Ана Руис/Consul Roy.docx": ["Ана Руис", "Ana Ruiz"],
        "Ана Руис/Minister Li.docx": ["Ана Руис", "Ana Ruiz"],
        "Бу Берг/Consul Roy.docx": ["Бу Берг"],
        "Бу Берг/Minister Li.docx": ["Бу Берг"],
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_complete_workbook_in_another_language_is_understood(
    tmp_path: Path, language: str
) -> None:
    def heading(program_word: str) -> str:
        return word("heading", program_word, language)

    def sheet(program_word: str) -> str:
        return word("sheet", program_word, language)

    yes, no = word("answer", "yes", language), YES_NO_WORDS["no"][language][0]
    people: Rows = [
        [heading("ID"), heading("Name"), heading("Include")],
        *(["S1", "Ana Ruiz", yes], ["S2", "Bo Berg", no.upper()], ["S3", "Cy Ode", None]),
    ]
    recipients = [
        [heading("Name"), heading("Template"), heading("Language")],
        ["Minister Li", "appeal", "fr"],
    ]
    pairs = [[heading("Signer"), heading("Recipient"), heading("Include")], ["S1", "*", None]]
    settings = [[heading("Name"), heading("Value")], [heading("Language"), "de"]]
    settings += [[heading("Date"), "2027-01-15"], [heading("Template"), "appeal"]]
    sheets: dict[str, Rows] = {
        sheet("Signers"): people,
        sheet("Recipients"): recipients,
        sheet("Pairs"): pairs,
        sheet("Settings"): settings,
    }
    path = xlsx(tmp_path, **sheets)
    book = read_workbook(path)
    assert [(p.key, str(p.name)) for p in book.signers.persons] == [
        ("id:s1", "Ana Ruiz"),
        ("id:s3", "Cy Ode"),
    ]
    (recipient,) = book.recipients.persons
    assert (recipient.fields["template"], recipient.fields["language"]) == ("appeal", "fr")
    assert [str(pair.signer.name) for pair in book.pairs()] == ["Ana Ruiz"]
    assert (book.settings.language, book.settings.template) == ("de", "appeal")
    assert str(book.settings.date) == "2027-01-15"
    assert set(book.settings.fields) >= {"language", "template", "date"}
    assert codes_and_places(book.problems) == [("unpaired-people?", sheet("Pairs"), "")]


def test_a_heading_in_another_language_keeps_its_own_placeholder(tmp_path: Path) -> None:
    french_sheets: dict[str, Rows] = {
        "Signataires": [["Nom", "Ville"], ["Ana Ruiz", "Lyon"]],
        "Destinataires": [["Nom"], ["Ministre Li"]],
    }
    (tmp_path / "templates").mkdir()
    make(tmp_path, "{{ signer.nom }}, {{ signer.name }}, {{ recipient.nom }}, {{ signer.ville }}")
    xlsx(tmp_path, **french_sheets)
    assert merge("check", tmp_path, "--json").json == {"ready": 1, "problems": []}
    assert merge("letters", tmp_path).code == 0
    (letter,) = letters(tmp_path).values()
    assert text_of(letter) == ["Ana Ruiz, Ana Ruiz, Ministre Li, Lyon"]
    placeholder_list = merge("placeholders", tmp_path).out
    assert "{{ signer.nom }}" in placeholder_list
    assert "{{ signer.name }}" in placeholder_list


def test_english_sheet_names_and_headings_take_precedence(tmp_path: Path) -> None:
    rows = [["Nom", "Name", "Inclus", "Include"], ["Ruiz", "Ana Ruiz", "non", None]]
    book = read(tmp_path, Signers=rows)
    assert [str(p.name) for p in book.signers.persons] == ["Ana Ruiz"]
    path = campaign(tmp_path, Signataires=[["Name"], ["Eve"]])
    assert [str(p.name) for p in read_workbook(path).signers.persons] == ["Ana Ruiz", "Bo Berg"]


def test_an_import_knows_people_by_their_name_not_by_a_translated_column_beside_it(
    tmp_path: Path,
) -> None:
    book = read(tmp_path, Signers=[["Name", "Nom"], ["Ana Ruiz", "Ruiz"]])
    (person,) = typed_people(book)
    assert person.fields == {"Name": "Ana Ruiz", "Nom": "Ruiz"}


def test_two_possible_headings_or_sheets_are_an_error(tmp_path: Path) -> None:
    rows = [["Name", "Inclure", "Inclus"], ["Ana Ruiz", "oui", "non"]]
    assert codes_and_places(read(tmp_path, Signers=rows).problems) == [
        ("heading-unclear", "Signers", "C1")
    ]
    path = xlsx(
        tmp_path,
        Firmantes=[["Name"], ["Ana"]],
        Signatarios=[["Name"], ["Bo"]],
        Destinatarios=[["Name"], ["Li"]],
    )
    assert codes_and_places(read_workbook(path).problems) == [("sheet-unclear", "", "")]


def test_two_possible_headings_for_the_name_are_an_error(tmp_path: Path) -> None:
    path = campaign(tmp_path, Signers=[["Nom", "ФИО"], ["Ana Ruiz", "Рис Анна"]])
    assert codes_and_places(raised_problems(path)) == [("heading-unclear", "Signers", "B1")]


def test_a_misspelt_sheet_name_in_another_language_is_reported(tmp_path: Path) -> None:
    path = xlsx(tmp_path, Signataire=[["Nom"], ["Ana"]], Destinataires=[["Nom"], ["Li"]])
    (problem,) = raised_problems(path)
    assert problem.hint == "Rename “Signataire” to “Signers”."


@pytest.mark.parametrize(
    ("headings", "rows"),
    [
        (("Nom", "Prénom"), [("Ruiz", "Ana"), ("Berg", "Bo")]),
        (("Prénom", "Nom"), [("Ana", "Ruiz")]),
        (("First name", "Name"), [("Ana", "Ruiz")]),
        (("Name", "Vorname"), [("Ruiz", "Ana")]),
        (("Имя", "Фамилия"), [("Анна", "Рис")]),
        (("Ім'я", "Прізвище"), [("Анна", "Рис")]),
        (("Nombre", "Apellidos"), [("Ana", "Ruiz Gil")]),
        (("Name", "Surname"), [("Ana", "Ruiz")]),
        (("الاسم", "اسم العائلة"), [("سارة", "المصري")]),
    ],
)
def test_a_column_with_a_part_of_the_name_is_not_the_name(
    tmp_path: Path, headings: tuple[str, str], rows: list[tuple[str, str]]
) -> None:
    problems = read(tmp_path, Signers=[headings, *rows]).problems
    assert [p.code for p in problems] == ["name-part"]
    assert problems[0].place.row == 1


@pytest.mark.parametrize(
    ("headings", "rows"),
    [
        (("Name", "First name"), [("Ana Ruiz", "Ana"), ("José Gil", "Pepe"), ("Bo Berg", "BO")]),
        (("Nom", "Prénom"), [("Ruiz Ana", "Ana")]),
        (("ФИО", "Имя", "Фамилия"), [("Рис Анна", "Анна", "Рис")]),
        (("Nombre completo", "Nombre"), [("Ana Ruiz", "Ana")]),
        (("Name", "Имя"), [("Minister Li", "Ли")]),
        (("Name", "First name"), [("李娜", "娜"), ("王芳", "Fang")]),
        (("Name", "Surname"), [("Ana Ruiz", None)]),
    ],
)
def test_complete_names_beside_columns_with_their_parts_are_no_problem(
    tmp_path: Path, headings: tuple[str, ...], rows: list[tuple[str | None, ...]]
) -> None:
    book = read(tmp_path, Signers=[headings, *rows])
    assert book.problems == ()
    assert [str(p.name) for p in book.signers.persons] == [row[0] for row in rows]


@pytest.mark.parametrize(
    ("cell", "yes", "no"),
    [
        *(("Yes", True, False), ("oui", True, False), ("SI", True, False), ("Ja", True, False)),
        *(("да", True, False), ("Так", True, False), ("نعم", True, False), ("TRUE", True, False)),
        *(("N", False, True), ("NON", False, True), ("nein", False, True), ("нет", False, True)),
        *(("НІ", False, True), ("لا", False, True), ("FALSE", False, True), ("faux", False, True)),
        *(("", False, False), ("maybe", False, False), ("x", False, False), ("0", False, False)),
    ],
)
def test_yes_and_no_in_seven_languages(cell: str, *, yes: bool, no: bool) -> None:
    assert (says_yes(cell), says_no(cell)) == (yes, no)


def test_no_word_means_both_yes_and_no() -> None:
    all_words = [
        w for languages in YES_NO_WORDS.values() for words in languages.values() for w in words
    ]
    assert [w for w in all_words if says_yes(w) == says_no(w)] == []


NOT_NAMES = """\
- ? ... 123 N/A n.a. N/A? TBC tbd test Test1 TEST asdf qwerty none None unknown xxx XXXX ??? n/a)
s.o. inconnu à_compléter desconocido por_confirmar k.A. unbekannt Keine_Angabe н/д неизвестно тест
невідомо غير_معروف اختبار Name (test) Test_Test 44_12 ☺"""


@pytest.mark.parametrize(
    "name", everyday([word.replace("_", " ") for word in NOT_NAMES.split()], daily=range(16))
)
def test_a_word_for_a_missing_name_is_an_error_at_its_cell(tmp_path: Path, name: str) -> None:
    problems = read(tmp_path, Recipients=[["Name"], ["Minister Li"], [name]]).problems
    assert codes_and_places(problems) == [("name-left-over", "Recipients", "A3")]


NAMES = """\
Null Na No Li O Nil Nada 李 Ng Y Ó Test_Bo Ana_Test Steve_Null Ann_None Nones Testa Xaver Xi_Xi
Aa عمر Мария नाम Анонім Da"""


@pytest.mark.parametrize(
    "name", everyday([word.replace("_", " ") for word in NAMES.split()], daily=range(13))
)
def test_a_real_name_similar_to_a_word_is_no_error(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, Signers=[["Name"], ["Ana Ruiz"], [name]]).problems == ()


def test_an_unusual_name_is_confirmed_in_name_checked(tmp_path: Path) -> None:
    rows: Rows = [["Name", "Name checked"], ["Test", "yes"], ["O", "yes"], ["bell hooks", "yes"]]
    make(tmp_path, Signers=rows, Recipients=[["Name"], ["Minister Li"]])
    assert merge("check", tmp_path, "--json").json == {"ready": 3, "problems": []}
    book = load_workbook(tmp_path / "signers.xlsx")
    for row in (2, 3, 4):
        book["Signers"].cell(row, 2).value = None
    book.save(tmp_path / "signers.xlsx")
    codes = [p["code"] for p in merge("check", tmp_path, "--json").json["problems"]]
    assert codes == ["name-left-over", "name-not-a-name", "name-small-letters"]


def test_an_id_or_include_does_not_confirm_a_name(tmp_path: Path) -> None:
    rows = [["ID", "Name", "Include"], ["S1", "Ana Ruiz", "yes"], ["S2", "N/A", "yes"]]
    assert codes_and_places(read(tmp_path, Signers=rows).problems) == [
        ("name-left-over", "Signers", "B3")
    ]


def test_an_excluded_person_may_have_any_name(tmp_path: Path) -> None:
    rows = [["Name", "Include"], ["Ana Ruiz", None], ["TBC", "no"]]
    assert read(tmp_path, Signers=rows).problems == ()


def test_a_missing_name_blocks_only_its_own_letters(tmp_path: Path) -> None:
    make(tmp_path, Signers=[["Name"], ["Ana Ruiz"], ["N/A"]])
    assert merge("check", tmp_path, "--json").json["ready"] == 2
    assert merge("letters", tmp_path).code == 1
    result = merge("letters", tmp_path, "--skip-errors", "--json")
    assert (result.json["written"], result.json["skipped"]) == (2, 2)


def test_a_cell_with_false_means_no(tmp_path: Path) -> None:
    rows = [["Name", "Include"], ["Ana Ruiz", True], ["Bo Berg", False]]
    book = read(tmp_path, Signers=rows)
    assert [str(p.name) for p in book.signers.persons] == ["Ana Ruiz"]
    assert book.problems == ()


def test_a_long_name_of_equal_letters_is_checked_quickly() -> None:
    """A pattern that tries every way to split the letters would never finish."""
    assert not is_unfilled("a" * 5_000 + "b c", is_name=True)
    assert is_unfilled("aaaa bbb xxx", is_name=True)
