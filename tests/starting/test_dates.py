"""The dates of letters: placeholders, and what is asked about them."""

from __future__ import annotations

import pytest
from support.start_letters import start, template_text, to_li, to_rey, values

from merge.starting.dates import find_date
from merge.starting.questions import StartAnswers


@pytest.mark.parametrize(
    ("written", "placeholder"),
    [
        ("March 3, 2026", "{{ date }}"),
        ("March 3,2026", '{{ date|date("MMMM d,yyyy") }}'),
        ("March 03, 2026", '{{ date|date("MMMM dd, yyyy") }}'),
        ("25/03/2026", '{{ date|date("dd/MM/yyyy") }}'),
        ("2026-03-25", '{{ date|date("yyyy-MM-dd") }}'),
        ("Wednesday, 25 March 2026", '{{ date|date("EEEE, d MMMM yyyy") }}'),
    ],
)
def test_a_date_becomes_the_placeholder_that_writes_it_again(
    written: str, placeholder: str
) -> None:
    found = start(f"{written}\n\n{to_li()}")
    assert template_text(found).startswith(placeholder)
    assert found.proof.holds
    assert found.questions == ()


@pytest.mark.parametrize(
    ("written", "template"),
    [
        ("Friday, 24.04.2026", 'Friday, {{ date|date("dd.MM.yyyy") }}'),
        ("София, 24.04.2026 г.", 'София, {{ date|date("dd.MM.yyyy") }} г.'),
    ],
)
def test_a_date_in_numbers_may_have_words_beside_it(written: str, template: str) -> None:
    found = start(f"{written}\n\n{to_li()}")
    assert template_text(found).startswith(template)
    assert found.proof.holds


def test_a_line_that_only_looks_like_a_date_stays() -> None:
    found = start(f"3rd 04 2026-05-01\n\n{to_li()}")
    assert template_text(found).startswith("3rd 04 2026-05-01")


def test_different_dates_are_asked_and_may_be_a_column() -> None:
    letters = (f"3 March 2026\n\n{to_li()}", f"5 March 2026\n\n{to_rey()}")
    found = start(*letters)
    assert template_text(found).startswith("{{ date }}")
    assert found.proof.holds
    dates = next(question for question in found.questions if question.kind == "dates")
    column = start(*letters, answers=StartAnswers().reply(dates.key, 1))
    assert values(column)["recipient.date"] == ["3 March 2026", "5 March 2026"]
    assert column.proof.holds


@pytest.mark.parametrize("other", ["2026-03-05", "March 5, 2026", "5th March 2026"])
def test_dates_in_different_forms_are_asked_and_are_a_column(other: str) -> None:
    letters = (f"3 March 2026\n\n{to_li()}", f"{other}\n\n{to_rey()}")
    found = start(*letters)
    assert values(found)["recipient.date"] == ["3 March 2026", other]
    assert found.proof.holds
    forms = next(question for question in found.questions if question.kind == "date forms")
    assert f"as “3 March 2026” and “{other}”" in forms.text
    chosen = start(*letters, answers=StartAnswers().reply(forms.key, 1))
    assert template_text(chosen).startswith("{{ date }}")
    assert [decision.text for decision in chosen.draft.decisions] == ["5 March 2026"]
    assert chosen.proof.holds


def test_a_date_whose_month_may_be_first_is_asked() -> None:
    letter = f"03/04/2026\n\n{to_li()}"
    found = start(letter)
    assert found.questions[0].options == ("Yes", "No, it means 4 March 2026")
    other = start(letter, answers=StartAnswers().reply(found.questions[0].key, 1))
    assert template_text(other).startswith('{{ date|date("MM/dd/yyyy") }}')
    assert other.proof.holds


@pytest.mark.parametrize("written", ["3rd March 2026", "3rd of March, 2026"])
def test_a_date_that_no_placeholder_writes_stays_unless_staff_choose_its_form(
    written: str,
) -> None:
    letter = f"{written}\n\n{to_li()}"
    found = start(letter)
    assert template_text(found).startswith(written)
    other = start(letter, answers=StartAnswers().reply(found.questions[0].key, 1))
    assert template_text(other).startswith("{{ date }}")
    assert other.proof.holds


def test_the_town_before_the_date_is_a_column_if_it_differs() -> None:
    found = start(f"Bern, 3 March 2026\n\n{to_li()}", f"Basel, 3 March 2026\n\n{to_rey()}")
    assert values(found)["recipient.place"] == ["Bern", "Basel"]
    assert found.proof.holds


@pytest.mark.parametrize("line", ["3/3/26", "2026年3月3日", "March 2026", "٣ مارس ٢٠٢٦", "3 March"])
def test_a_line_that_looks_like_a_date_and_stays_is_told(line: str) -> None:
    found = start(
        to_li().replace("Dear", f"{line}\n\nDear"), to_rey().replace("Dear", f"{line}\n\nDear")
    )
    assert line in template_text(found)
    assert [n.fields["text"] for n in found.notices if n.kind == "date kept"] == [line]


def test_a_date_that_becomes_the_placeholder_and_an_office_are_not_told() -> None:
    found = start(f"Main Street 12\n\n3 March 2026\n\n{to_li()}")
    assert [n for n in found.notices if n.kind == "date kept"] == []


@pytest.mark.parametrize(
    ("text", "language", "written"),
    [
        ("19. travnja 2026.", "hr", "19. travnja 2026."),
        ("Αθήνα, 6 Μαΐου 2026", "el", "6 Μαΐου 2026"),
        ("28 de Noviembre del 2017", "es", "28 de Noviembre del 2017"),
        ("December 26th, 2024", "en", "December 26th, 2024"),
        ("3 March 2026.", "en", "3 March 2026"),
    ],
)
def test_a_date_is_found_in_the_form_of_its_language(
    text: str, language: str, written: str
) -> None:
    found = find_date(text, language)
    assert found is not None
    assert found.text == written


def test_a_telephone_number_is_told_as_no_date() -> None:
    found = start(to_li().replace("Dear", "Mobil 079 000 18 44\n\nDear"))
    assert "date kept" not in [notice.kind for notice in found.notices]


def test_the_latest_date_above_the_text_is_that_of_the_letter() -> None:
    dates = "Your letter of\n17 April 2026\n\n12 May 2026\n\n"
    found = start(*(text.replace("\n\n", f"\n\n{dates}", 1) for text in (to_li(), to_rey())))
    assert "17 April 2026\n\n{{ date" in template_text(found)
