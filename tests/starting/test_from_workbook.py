"""A letter and a workbook: the cells that are found, and what is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.documents import docx, paragraph, table
from support.start_letters import TEXT, start, template_text, to_li, values, workbook
from support.workbooks import xlsx

from merge.errors import DataError
from merge.starting.questions import StartAnswers

_HEADINGS = ["Name", "Position", "City", "Country", "Salutation"]
_LI = ["Mr Li Wei", "Minister of Justice", "3000 Bern", "Switzerland", "Minister"]
_REY = ["Ms Ana Rey", "Attorney General", "8000 Zürich", "Switzerland", "Ms Rey"]


@pytest.fixture
def book(tmp_path: Path) -> bytes:
    return workbook(tmp_path, [_HEADINGS, _REY, _LI], [["Name"], ["Zoe Mar"], ["Ana Ruiz"]])


def test_the_cells_of_the_letters_person_become_placeholders(book: bytes) -> None:
    found = start(to_li(), workbook=book)
    text = template_text(found).split("\n")
    assert text[:4] == [
        *("{{ recipient.name }}", "{{ recipient.position }}", "Main Street 1"),
        "{{ recipient.city }}",
    ]
    assert "Dear {{ recipient.salutation }}," in text
    assert "{{ signer.name }}" in text
    assert found.proof.holds


def test_acceptance_7_a_country_in_the_text_is_asked_and_stays(book: bytes) -> None:
    letter = to_li("The law of Switzerland forbids this.")
    found = start(letter, workbook=book)
    assert [question.kind for question in found.questions] == ["in a text"]
    assert "The law of Switzerland forbids" in template_text(found)
    answers = StartAnswers().reply(found.questions[0].key, 1)
    other = template_text(start(letter, workbook=book, answers=answers))
    assert "The law of {{ recipient.country }} forbids" in other


def test_the_persons_full_name_in_the_text_is_a_placeholder_also_in_capitals(book: bytes) -> None:
    found = start(to_li("Mr Li Wei can act. MR LI WEI must act."), workbook=book)
    assert "{{ recipient.name }} can act. {{ recipient.name|upper }} must" in template_text(found)
    assert found.proof.holds


def test_acceptance_7_a_value_inside_a_longer_line_of_the_address_is_asked(tmp_path: Path) -> None:
    book = workbook(tmp_path, [["Name", "City"], ["Mr Li Wei", "Harare"]], [["Name"], ["Ana Ruiz"]])
    found = start(to_li().replace("Main Street 1", "Harare Road 5"), workbook=book)
    assert [question.kind for question in found.questions] == ["half a line"]
    assert "Harare Road 5" in template_text(found)


def test_acceptance_7_a_value_of_two_columns_is_asked(tmp_path: Path) -> None:
    row = ["Mr Li Wei", "Singapore", "Singapore"]
    book = workbook(tmp_path, [["Name", "Town", "State"], row], [["Name"], ["Ana Ruiz"]])
    found = start(to_li().replace("3000 Bern", "Singapore"), workbook=book)
    question = next(question for question in found.questions if question.kind == "which")
    assert question.options[:2] == ("Town of the recipient", "State of the recipient")
    answers = StartAnswers().reply(question.key, 1)
    other = start(to_li().replace("3000 Bern", "Singapore"), workbook=book, answers=answers)
    assert "{{ recipient.state }}" in template_text(other)


def test_two_people_who_may_be_meant_are_asked(tmp_path: Path) -> None:
    rows = [
        ["ID", "Name", "City"],
        ["R1", "Mr Li Wei", "3000 Bern"],
        ["R2", "Mr Li Wei", "3000 Bern"],
    ]
    book = workbook(tmp_path, rows, [["Name"], ["Ana Ruiz"]])
    found = start(to_li(), workbook=book)
    assert [question.kind for question in found.questions] == ["whose letter"]
    assert found.questions[0].options == ("Mr Li Wei (R1)", "Mr Li Wei (R2)")


def test_columns_that_the_letter_does_not_show_are_named(book: bytes) -> None:
    found = start(to_li(), workbook=book)
    assert "Country of the recipient is not in the letter." in [n.text for n in found.notices]
    assert found.workbook("x")


def test_a_list_in_a_table_cell_repeats_the_paragraph_and_not_the_row(tmp_path: Path) -> None:
    people = [["Name", "City", "Requests"], ["Mr Li Wei", "3000 Bern", "Free A. Sy\nFree B. Ito"]]
    book = workbook(tmp_path, people, [["Name"], ["Ana Ruiz"]])
    lines = [*map(paragraph, to_li().split("\n"))]
    found = start(
        docx("".join([*lines[:-3], table(["Free A. Sy\nFree B. Ito"]), *lines[-3:]])), workbook=book
    )
    assert "{%p for item in recipient.requests|lines %}" in template_text(found)
    assert found.proof.holds


def test_the_lines_of_a_cell_are_found_as_a_list(tmp_path: Path) -> None:
    row = ["Mr Li Wei", "3000 Bern", "free A. Rey;\nfree B. Lind;"]
    book = workbook(tmp_path, [["Name", "City", "Steps"], row], [["Name"], ["Ana Ruiz"]])
    found = start(to_li("Please:", "free A. Rey;", "free B. Lind;"), workbook=book)
    assert "{%p for item in recipient.steps|lines %}\n{{ item }}\n{%p endfor %}" in (
        template_text(found)
    )
    assert found.proof.holds


def test_the_cells_of_the_pairs_sheet_are_found(tmp_path: Path) -> None:
    pairs = [["Signer", "Recipient", "Reason"], ["Ana Ruiz", "Mr Li Wei", "We met in Bern in May."]]
    sheets = {"Recipients": [["Name", "City"], ["Mr Li Wei", "3000 Bern"]], "Pairs": pairs}
    path = xlsx(tmp_path, Signers=[["Name"], ["Ana Ruiz"]], **sheets)
    found = start(to_li("We met in Bern in May. Please act."), workbook=path.read_bytes())
    assert "{{ pair.reason }} Please act." in template_text(found)


def test_a_workbook_that_cannot_be_read_is_refused_with_its_own_problem(tmp_path: Path) -> None:
    book = workbook(tmp_path, [["Jina", "Mji"], ["Mr Li Wei", "Bern"]], [["Name"], ["Ana Ruiz"]])
    with pytest.raises(DataError, match="no “Name” column"):
        start(to_li(), workbook=book)


def test_a_value_of_two_columns_in_the_text_stays_unless_staff_choose_one(tmp_path: Path) -> None:
    people = [["Name", "City"], ["Mr Li Wei", "Madrid"]], [["Name", "City"], ["Ana Ruiz", "Madrid"]]
    letter = to_li("I live in Madrid.")
    found = start(letter, workbook=workbook(tmp_path, *people))
    question = next(question for question in found.questions if question.kind == "which")
    assert "I live in Madrid." in template_text(found)
    answers = StartAnswers().reply(question.key, question.options.index("City of the signer"))
    other = start(letter, workbook=workbook(tmp_path, *people), answers=answers)
    assert "I live in {{ signer.city }}." in template_text(other)


def test_each_place_of_a_value_in_the_text_is_asked_by_itself(book: bytes) -> None:
    letter = to_li("Switzerland signed. He fled from Switzerland.")
    found = start(letter, workbook=book)
    assert [question.kind for question in found.questions] == ["in a text"] * 2
    answers = StartAnswers().reply(found.questions[0].key, 1)
    other = start(
        to_li("Switzerland signed. He fled from Switzerland."), workbook=book, answers=answers
    )
    assert "{{ recipient.country }} signed. He fled from Switzerland." in template_text(other)


def test_a_part_of_the_name_stays_and_is_told_if_there_is_a_workbook(tmp_path: Path) -> None:
    people = [["Name", "City"], ["Mr Sergey Kislyak", "3000 Bern"]], [["Name"], ["Ana Ruiz"]]
    letter = to_li("We trust that Kislyak will act.").replace("Li Wei", "Sergey Kislyak")
    found = start(letter, workbook=workbook(tmp_path, *people))
    assert "We trust that Kislyak will act." in template_text(found)
    assert "part of name kept" in [notice.kind for notice in found.notices]


def test_words_of_the_address_and_the_salutation_that_are_in_no_cell_are_told(
    tmp_path: Path,
) -> None:
    people = [["Name", "City"], ["Li Wei", "3000 Bern"]], [["Name"], ["Ana Ruiz"]]
    found = start(to_li() + "\nNurse", workbook=workbook(tmp_path, *people))
    told = {notice.kind: notice.fields for notice in found.notices}
    assert told == {
        "no column": {"words": "Mr … · Minister of Justice · Main Street 1 · Dear Minister · Nurse"}
    }


def test_a_workbook_without_signers_is_told_apart_from_one_with_others(tmp_path: Path) -> None:
    recipients = [["Name"], ["Mr Li Wei"]]
    alone = xlsx(tmp_path, "alone.xlsx", Recipients=recipients).read_bytes()
    others = workbook(tmp_path, recipients, [["Name"], ["Oksana Hrytsenko"]])
    for book, kind in ((alone, "no signers"), (others, "no signer")):
        notices = start(to_li(), workbook=book).notices
        assert [n.kind for n in notices if n.kind.startswith("no signer")] == [kind]


def test_a_name_is_a_placeholder_also_with_other_words_in_its_line(tmp_path: Path) -> None:
    people = [["Name", "City"], ["Li Wei", "3000 Bern"]], [["Name"], ["Ana Ruiz"]]
    found = start(to_li().replace("Mr Li", "Judge Li"), workbook=workbook(tmp_path, *people))
    assert template_text(found).startswith("Judge {{ recipient.name }}\n")
    assert found.questions == ()


def test_a_title_before_the_name_in_the_text_is_its_cell_or_told(tmp_path: Path) -> None:
    letter = to_li("I ask Mr Li Wei and Mr Ito to act.")
    signers = [["Name"], ["Ana Ruiz"]]
    rows = [["Title", "Name", "City"], ["Mr", "Li Wei", "3000 Bern"]]
    found = start(letter, workbook=workbook(tmp_path, rows, signers))
    text = template_text(found)
    assert "I ask {{ recipient.title }} {{ recipient.name }} and Mr Ito to act." in text
    assert [n.fields["words"] for n in found.notices if n.kind == "no column"] == [
        "Minister of Justice · Main Street 1 · Dear Minister"
    ]
    without_title = workbook(tmp_path, [row[1:] for row in rows], signers)
    found = start(letter.replace("Mr Li Wei\n", "Li Wei\n"), workbook=without_title)
    told = next(notice for notice in found.notices if notice.kind == "no column")
    assert "Mr …" in told.fields["words"]


def test_a_number_inside_a_line_of_the_sender_is_asked(tmp_path: Path) -> None:
    people = [["Name", "City"], ["Mr Li Wei", "3000 Bern"]], [["Name", "Copies"], ["Ana Ruiz", "2"]]
    letter = f"Ana Ruiz\n2 Chandlers Row\n\n{to_li()}"
    found = start(letter, workbook=workbook(tmp_path, *people))
    assert [question.kind for question in found.questions] == ["half a line"]
    assert "2 Chandlers Row" in template_text(found)


def test_the_letter_is_to_the_person_of_its_address_not_to_one_whom_the_text_mentions(
    tmp_path: Path,
) -> None:
    rows = [
        ["Name", "Position", "City"],
        ["Mr Li Wei", "Minister of Justice", "3000 Bern"],
        ["Ms Gabriela Fernanda Montenegro", "Commissioner for Human Rights", "Bern"],
    ]
    book = workbook(tmp_path, rows, [["Name"], ["Ana Ruiz"]])
    copy = "A copy goes to Ms Gabriela Fernanda Montenegro, Commissioner for Human Rights, Bern."
    found = start(to_li(copy), workbook=book)
    assert "whose letter" not in [question.kind for question in found.questions]
    assert values(found)["recipient.name"] == ["Mr Li Wei"]


def test_a_workbook_without_names_of_signers_is_refused(tmp_path: Path) -> None:
    rows = [["First name", "Surname"], ["Ana", "Ruiz"]]
    book = workbook(tmp_path, [_HEADINGS, _LI], rows)
    with pytest.raises(DataError, match="Add a “Name” column with the complete names"):
        start(to_li(), workbook=book)


def test_a_town_with_its_postcode_is_the_persons_only_beside_other_cells(tmp_path: Path) -> None:
    people = [["Name", "City"], ["Mr Li Wei", "3000 Bern"]], [["Name"], ["Ana Ruiz"]]
    book = workbook(tmp_path, *people)
    found = start("Our Office, 3000 Bern\n\n" + to_li(), workbook=book)
    assert "Our Office, 3000 Bern" in template_text(found)
    assert [question.kind for question in found.questions] == ["in a text"]
    text = template_text(start(to_li("Mr Li Wei, 3000 Bern, must act."), workbook=book))
    assert "{{ recipient.name }}, {{ recipient.city }}, must act." in text


@pytest.mark.parametrize(
    ("settings", "placeholder"),
    [([], '{{ date|date("", "fr") }}'), (["Langue", "fr"], "{{ date }}")],
)
def test_the_date_has_the_letters_language_whatever_that_of_the_workbook(
    tmp_path: Path, settings: list[str], placeholder: str
) -> None:
    letter = to_li().replace("\n\nDear Minister", "\n\nLyon, le 1er décembre 2026\n\nMonsieur")
    letter = letter.replace(TEXT, "Nous vous écrivons au sujet des arrestations de cette année.")
    sheets = {"Recipients": [_HEADINGS, _LI], "Signers": [["Name"], ["Ana Ruiz"]]}
    sheets |= {"Settings": [["Name", "Value"], settings]} if settings else {}
    found = start(letter, workbook=xlsx(tmp_path, **sheets).read_bytes())
    assert f"Lyon, le {placeholder}" in template_text(found)
    assert found.proof.holds


def test_the_letterhead_is_asked_and_stays_although_it_is_the_signers_organisation(
    tmp_path: Path,
) -> None:
    signers = [["Name", "Organisation"], ["Ana Ruiz", "Human Rights House Bergen"]]
    book = workbook(tmp_path, [_HEADINGS, _LI], signers)
    letter = docx(f"{to_li()}\n{signers[1][1]}", header=f"{signers[1][1]}")
    found = start(letter, workbook=book)
    assert "\n{{ signer.organisation }}" in template_text(found)
    assert "Human Rights House Bergen" in template_text(found)
    key = next(q.key for q in found.questions if q.fields["text"] == "Human Rights House Bergen")
    answers = StartAnswers().reply(key, 1)
    other = template_text(start(letter, workbook=book, answers=answers))
    assert "Human Rights House Bergen" not in other
