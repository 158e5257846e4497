"""A changed name is a question as soon as letters are edited, printed, marked or have notes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from support import staff_actions, workbooks
from support.campaigns import make, merge, text
from support.everyday import everyday
from support.printed_campaigns import mark, no_libreoffice

from merge.text.names import is_same_name

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]

SOMEONE_ELSE = [
    ("Embassy of Austria", "Embassy of Australia"),
    ("Embassy of Niger", "Embassy of Nigeria"),
    ("Embassy of Iran", "Embassy of Iraq"),
    ("Embassy of the Republic of the Congo", "Embassy of the Democratic Republic of the Congo"),
    ("Consulate of Slovakia", "Consulate of Slovenia"),
    ("Peter Müller", "Petra Müller"),
    ("Kim Jong Il", "Kim Jong Un"),
    ("Mario Rossi", "Maria Rossi"),
    ("Minister Li", "President Li"),
    ("Mr Tan", "Mrs Tan"),
    ("Herr Wagner", "Frau Wagner"),
    ("John Adams Jr.", "John Adams Sr."),
    ("Jan Novák", "Jana Nováková"),
    ("Олексій Коваль", "Олександр Коваль"),
    ("محمد حسن", "محمود حسن"),
    ("李伟", "李娜"),
    ("Nguyễn Văn An", "Nguyễn Văn Anh"),
    ("Ana Ruiz", "Ana Ruiz Paz"),
    ("A. Diallo", "Aminata Diallo"),
    ("Fatima bint Ali", "Fatima Ali"),
    ("Minister Li Wei", "Prime Minister Li Wei"),
    ("President of South Africa", "Ambassador of South Africa"),
    ("Judge, Supreme Court", "President, Supreme Court"),
    ("Embassy of Mali in Niger", "Embassy of Niger in Mali"),
    ("Mary Ann King", "Mary Ann Prince"),
    ("Nguyễn Thế Anh", "Nguyễn Anh"),
    ("علي السيد محمود", "علي محمود"),
]
"""Pairs of names that may be two people's."""

SAME = [
    ("ANA RUIZ", "Ana Ruiz"),
    ("Ana Ruiz", "Ruiz, Ana"),
    ("Jose Munoz", "José Muñoz"),
    ("Ana Ruiz", "Dr. Ana Ruiz"),
    ("Ana  Ruiz ", "Ana Ruiz"),
    ("Mary O'Connor", "Mary O’Connor"),
    ("Nguyen Van An", "Nguyễn Văn An"),
    ("Jean-Paul Sarr", "Jean Paul Sarr"),
    ("Łukasz Żak", "Lukasz Zak"),
    ("Van der Berg, Mr Jan", "Jan van der Berg"),
]
"""Changes of capitals, accents, order, spaces and forms of address."""


@pytest.mark.parametrize(("before", "now"), SOMEONE_ELSE)
def test_names_of_two_people_are_not_the_same_name(before: str, now: str) -> None:
    assert not is_same_name(before, now)


@pytest.mark.parametrize(("before", "now"), SAME)
def test_capitals_accents_order_titles_and_spaces_do_not_change_a_name(
    before: str, now: str
) -> None:
    assert is_same_name(before, now)


def _recipients(*names: str, city: str = "Wien", with_ids: bool = True) -> workbooks.Rows:
    rows: workbooks.Rows = [["Name", "City"], *([name, city] for name in names)]
    ids = ["ID", *(f"R{number}" for number in range(1, len(names) + 1))]
    return [[*row, own_id] for row, own_id in zip(rows, ids, strict=True)] if with_ids else rows


TEMPLATE = "Dear {{ recipient.name }}, {{ recipient.city }}\n{{ signer.name }}"
SIGNERS: workbooks.Rows = [["Name"], ["Ana Ruiz"]]


def _made(folder: Path, recipients: workbooks.Rows) -> Path:
    return make(folder, TEMPLATE, Signers=SIGNERS, Recipients=recipients)


def _questions(folder: Path) -> list[dict[str, Any]]:
    problems = merge("letters", folder, "--json").json["problems"]
    return [problem for problem in problems if problem["code"] == "name-changed"]


@pytest.mark.slow
@pytest.mark.parametrize("with_ids", [True, False])
@pytest.mark.parametrize("city", ["Wien", "Canberra"])
def test_no_posted_letter_counts_for_someone_else_without_a_question(
    tmp_path: Path, *, city: str, with_ids: bool
) -> None:
    before, now = zip(*SOMEONE_ELSE, strict=True)
    _made(tmp_path, _recipients(*before, with_ids=with_ids))
    merge("letters", tmp_path)
    mark(tmp_path, "Posted")
    staff_actions.run_letters(tmp_path)
    _made(tmp_path, _recipients(*now, city=city, with_ids=with_ids))
    ran = merge("letters", tmp_path, "--json")
    posted = merge("status", tmp_path, "--json").json["stages"]["posted"]
    assert posted == 0
    is_recognised = with_ids  # without an ID, only the other cells tell that a name was corrected
    assert [p["code"] for p in ran.json["problems"]].count("name-changed") == (
        len(SOMEONE_ELSE) if is_recognised else 0
    )
    assert ran.code == (1 if is_recognised or city == "Wien" else 0)


@pytest.mark.slow
def test_true_corrections_are_kept_with_one_answer_each(tmp_path: Path) -> None:
    names = [now for _, now in SOMEONE_ELSE[:10]]
    _made(tmp_path, _recipients(*(before for before, _ in SOMEONE_ELSE[:10])))
    merge("letters", tmp_path)
    mark(tmp_path, "Posted")
    staff_actions.run_letters(tmp_path)
    _made(tmp_path, _recipients(*names))
    options = [word for number in range(1, 11) for word in ("--same-person", f"R{number}")]
    assert merge("letters", tmp_path, *options).code == 0
    assert not _questions(tmp_path)
    assert merge("status", tmp_path, "--json").json["stages"]["posted"] == 10


@pytest.mark.parametrize("protection", everyday(["notes", "edited", "print file", "posted"]))
def test_a_changed_name_is_asked_and_blocks_only_that_person(
    tmp_path: Path, protection: str
) -> None:
    _made(tmp_path, _recipients("Embassy of Austria", "Consul Roy"))
    merge("letters", tmp_path)
    letter = tmp_path / "letters" / "Ana Ruiz" / "Embassy of Austria.docx"
    if protection == "notes":
        _write_notes(tmp_path, "Embassy of Austria")
    elif protection == "edited":
        staff_actions.add_line(letter, "We met.")
    elif protection == "print file":
        assert merge("print", tmp_path, "--for", "Embassy of Austria", "--no-covers").code == 0
    else:
        merge("mark", "posted", tmp_path, "--for", "Embassy of Austria")
    merge("letters", tmp_path)
    _made(tmp_path, _recipients("Embassy of Australia", "Consul Roy", city="Canberra"))
    ran = merge("letters", tmp_path, "--json")
    (question,) = [p for p in ran.json["problems"] if p["code"] == "name-changed"]
    label = {"notes": "with notes", "print file": "in a print file"}.get(protection, protection)
    assert question["message"] == (
        "“Embassy of Austria” is now “Embassy of Australia”. Other changed cells: City."
        f" Letters: 1 {label}."
    )
    assert (ran.code, ran.json["written"], ran.json["skipped"]) == (1, 1, 1)
    assert text(tmp_path / "letters" / "Ana Ruiz" / "Consul Roy.docx")[0].endswith("Canberra")
    assert text(letter)[0] == "Dear Embassy of Austria, Wien"
    for command in (
        ("mark", "signed", tmp_path),
        ("delete-person", "R1", tmp_path, "--yes"),
        ("delete-person", "Embassy of Austria", tmp_path, "--yes"),
    ):
        assert "“Embassy of Austria” is now “Embassy of Australia”" in merge(*command).err
    printed = merge("print", tmp_path, "--json")
    assert (printed.code, printed.json["letters"], len(printed.json["files"])) == (1, 1, 1)


def test_a_letter_that_was_moved_and_edited_is_asked_about(tmp_path: Path) -> None:
    _made(tmp_path, _recipients("Embassy of Austria"))
    merge("letters", tmp_path)
    letter = tmp_path / "letters" / "Ana Ruiz" / "Embassy of Austria.docx"
    staff_actions.add_line(letter.rename(letter.with_name("Vienna.docx")), "We met.")
    _made(tmp_path, _recipients("Embassy of Australia"))
    (question,) = _questions(tmp_path)
    assert question["message"].endswith("Letters: 1 edited.")


def _write_notes(folder: Path, recipient: str) -> None:
    path = folder / "register.xlsx"
    book = load_workbook(path)
    sheet = book["Register"]
    column = [cell.value for cell in sheet[1]].index("Notes") + 1
    for row in sheet.iter_rows(min_row=2):
        if any(cell.value == recipient for cell in row):
            sheet.cell(row[0].row or 0, column, "will visit us in May")
    book.save(path)


def test_ids_that_were_numbered_again_do_not_move_notes_to_someone_else(tmp_path: Path) -> None:
    _made(tmp_path, _recipients("Ana Bell", "Bo Berg"))
    merge("letters", tmp_path)
    _write_notes(tmp_path, "Bo Berg")
    merge("letters", tmp_path)
    _made(tmp_path, _recipients("Zoe New", "Ana Bell", "Bo Berg"))
    (question,) = _questions(tmp_path)
    assert question["message"] == "“Bo Berg” is now “Ana Bell”. Letters: 1 with notes."
    rows = load_workbook(tmp_path / "register.xlsx")["Register"].iter_rows(values_only=True)
    (noted,) = [row for row in rows if "will visit us in May" in row]
    assert "Bo Berg" in noted


@pytest.mark.parametrize(
    ("name", "heading", "before", "now"),
    everyday(
        [
            ("The High Commissioner", "Country (EN)", "Niger", "Nigeria"),
            ("سعادة السفير", "البلد", "مالي", "مالاوي"),
            ("Ambassador Kim", "Country", "North Korea", "South Korea"),
            ("El Director", "Organismo", "Cárcel Norte", "Cárcel Sur"),
            ("The Governor", "State", "North Dakota", "South Dakota"),
        ]
    ),
)
def test_another_country_region_or_organisation_of_a_recipient_is_asked(
    tmp_path: Path, name: str, heading: str, before: str, now: str
) -> None:
    def recipients(cell: str, city: str, *, added: tuple[str, ...] = ()) -> workbooks.Rows:
        return [["Name", "City", *added, heading], [name, city, *("7" for _ in added), cell]]

    make(tmp_path, TEMPLATE, Signers=SIGNERS, Recipients=recipients(before, "Wien"))
    merge("letters", tmp_path)
    mark(tmp_path, "Posted")
    added = ("Embassy phone", "Organisation")
    for same in (
        recipients(before.upper(), "Vienna"),
        recipients(before, "Vienna", added=added),
        recipients("", "Vienna"),
    ):
        make(tmp_path, TEMPLATE, Signers=SIGNERS, Recipients=same)
        assert not _questions(tmp_path)
    make(tmp_path, TEMPLATE, Signers=SIGNERS, Recipients=recipients(now, "Vienna"))
    (question,) = _questions(tmp_path)
    assert "now has another country, region or organisation" in question["message"]
    assert merge("status", tmp_path, "--json").json["stages"]["posted"] == 0


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (["The Ambassador", "Niger"], ["The Ambassador", "Nigeria"]),
        (["Embassy of Congo (Kinshasa)", ""], ["Embassy of Congo", ""]),
    ],
)
def test_a_row_that_was_deleted_and_comes_back_as_someone_else_is_asked(
    tmp_path: Path, before: list[str], now: list[str]
) -> None:
    def save(*rows: list[str]) -> None:
        head, other = ["ID", "Name", "Country", "City"], ["R2", "Consul Roy", "France", "Paris"]
        _made(tmp_path, [head, *rows, other])

    save(["R1", *before, "Rue 1"])
    merge("letters", tmp_path)
    mark(tmp_path, "Posted")
    merge("letters", tmp_path)
    save()
    merge("letters", tmp_path)
    save(["R1", *now, "Rue 2"])
    (question,) = _questions(tmp_path)
    assert question["fields"]["name"] == now[0]


def test_ids_that_were_numbered_again_give_no_one_a_second_letter_unnoticed(tmp_path: Path) -> None:
    _made(tmp_path, _recipients("Anna Bell", "Ben Berg"))
    merge("letters", tmp_path)
    mark(tmp_path, "Posted")
    merge("letters", tmp_path)
    _made(tmp_path, _recipients("Zoe New", "Anna Bell", "Ben Berg"))
    ran = merge("letters", tmp_path, "--json")
    assert (ran.json["written"], ran.json["skipped"]) == (0, 3)
    others = ("--other-person", "R1", "--other-person", "R2")
    problems = merge("letters", tmp_path, *others, "--dry-run", "--json").json["problems"]
    lost_ids = [p["fields"]["name"] for p in problems if p["code"] == "id-lost"]
    assert lost_ids == ["Anna Bell", "Ben Berg"]
