"""Destinations of a form's columns: by heading, by cells, as remembered."""

from __future__ import annotations

from support.form_exports import COLUMNS, column_targets, export, headings_to_ask, planned_columns

from merge.intake.choices import ImportChoices, accept_proposals, apply_choices
from merge.intake.column_plan import plan_columns
from merge.intake.column_questions import plan_problems, unfilled_heading_warnings
from merge.intake.form_types import ColumnPlan
from merge.intake.known_forms import remembered_columns

FORM = (
    "Timestamp|E-mail|Full name|Street|Postcode|Town|Country|Any wishes?|May we print your name?",
    "2026-11-03 10:00|a@b.example|Ann Lee|1 Elm St|LS1 9ZZ|Leeds|United Kingdom|no|Yes",
    "2026-11-04 10:00|b@b.example|Ben Roy|2 Elm St|LS1 9ZZ|Leeds|United Kingdom||No",
)


def plan_form(*rows: str) -> ColumnPlan:
    return plan_columns(export(*rows), COLUMNS)


def problem_codes(plan: ColumnPlan) -> list[str]:
    """Return the codes of the questions that staff must answer."""
    return [problem.code for problem in plan_problems(plan, "form.csv")]


def plan_again(first: ColumnPlan, *rows: str) -> ColumnPlan:
    return plan_columns(
        export(*rows), COLUMNS, remembered_columns(accept_proposals(first), "Spring")
    )


def test_headings_of_the_workbook_are_used_as_destinations() -> None:
    destinations, _ = planned_columns(
        *FORM, columns=("ID", "Name", "Street", "Postcode", "Town", "Include")
    )
    assert destinations["Postcode"] == "Postcode"
    assert destinations["Town"] == "Town"
    joined, _ = planned_columns(*FORM, columns=("ID", "Name", "Street", "Town", "Country"))
    assert (joined["Postcode"], joined["Town"]) == ("Town (1)", "Town (2)")


def test_a_destination_that_the_workbook_lacks_is_asked_about() -> None:
    destinations, questions = planned_columns(
        "Name|City|State", "Ann Lee|Austin|TX", "Ben Roy|Reno|NV"
    )
    assert destinations["State"] == "Region"
    assert questions == ["State"]


def test_parts_of_names_are_joined_with_the_surname_first_only_in_some_languages() -> None:
    destinations, _ = planned_columns("Last name|First name", "Lee|Ann", "Roy|Ben")
    assert destinations == {"First name": "Name (1)", "Last name": "Name (2)"}
    destinations, questions = planned_columns("Ім'я|Прізвище", "Ірина|Бондар", "Олег|Мельник")
    assert destinations == {"Прізвище": "Name (1)", "Ім'я": "Name (2)"}
    assert questions == ["Прізвище"]


def test_a_name_column_beside_a_first_name_is_the_surname_or_the_full_name() -> None:
    destinations, _ = planned_columns("Nom|Prénom", "Roussel|Clémence", "Kerbrat|Maëlys")
    assert destinations == {"Prénom": "Name (1)", "Nom": "Name (2)"}
    destinations, _ = planned_columns("Name|First name", "Ann Lee|Ann", "Ben Roy|Ben")
    assert destinations == {"Name": "Name"}
    destinations, _ = planned_columns("Nombre|Ciudad", "Inés Carballo|Vigo", "Teo Arrufat|Ávila")
    assert destinations["Nombre"] == "Name"


def test_shortened_headings_of_parts_of_names_are_recognised() -> None:
    for given_name, surname in (("FName", "LName"), ("FRST_NM", "LST_NM"), ("First", "Last")):
        destinations, questions = planned_columns(f"{surname}|{given_name}", "Ruiz|Ana", "Lee|Ann")
        assert (destinations, questions) == ({given_name: "Name (1)", surname: "Name (2)"}, [])


def test_a_surname_that_is_a_word_for_yes_or_no_is_a_surname() -> None:
    for surname in ("No", "Nein", "Ja"):
        plan = plan_form("First name|Last name|Street|Consent", f"Hye|{surname}|1 Elm|Yes")
        assert [c.goes_to for c in plan.columns][:2] == ["Name (1)", "Name (2)"]


def test_one_word_names_are_asked_about_if_another_column_may_have_the_other_part() -> None:
    for heading in ("Fmly", "Nick", "Word 2", "Name at birth"):
        destinations, questions = planned_columns(f"Name|{heading}", "Ana|Ruiz", "Ann|Lee")
        assert (destinations, questions) == ({"Name": "Name"}, ["Name", heading])
    destinations, questions = planned_columns("LName|Jr|Called", "Ruiz|Jr.|Ana", "Lee|Sr.|Ann")
    assert "Called" in questions
    whole, questions = planned_columns("Name|Nick", "Ana Ruiz|Ruiz", "Ann Lee|Lee")
    assert (whole, questions) == ({"Name": "Name"}, [])
    other, questions = planned_columns("Name|Answer|Code", "Ana|Yes|17", "Ann|No|18")
    assert (other, questions) == ({"Name": "Name"}, ["Answer"])  # it may be consent


def test_names_with_the_surname_first_are_asked_about() -> None:
    rows = ("Lee, Ann|Leeds", "Roy, Ben|York", "Aske, Dorothy|York", "Ruiz, Ana|Leeds", "Cher|York")
    destinations, questions = planned_columns("Name|City", *rows)
    assert destinations["Name"] == "Name (turned at the comma)"
    assert questions == ["Name"]


def test_a_heading_counts_only_if_the_cells_fit() -> None:
    destinations, _ = planned_columns(
        "ID|Email|Name|Full name|City",
        "7|anonymous|Anonymous|Ann Lee|yes",
        "7|anonymous|Anonymous|Ben Roy|no",
        "7|anonymous|Anonymous|Cid Fox|yes",
    )
    assert destinations == {"Full name": "Name"}


def test_two_columns_of_names_that_differ_are_asked_about() -> None:
    rows = ("Name|Name|City", "Ann Lee|Bob Fox|Leeds", "Ben Roy|Cat Orr|York")
    assert planned_columns(*rows) == ({"Name": "Name", "City": "City"}, ["Name"])


def test_one_of_several_addresses_is_used_completely() -> None:
    destinations, questions = planned_columns(
        "name|billing_address1|billing_city|billing_zip|primary_address1|primary_city|primary_zip",
        "Ann Lee|9 Bank St|London|EC1 9ZZ|1 Elm St|Leeds|",
        "Ben Roy|9 Bank St|London|EC1 9ZZ|2 Elm St|Leeds|LS1 9ZZ",
    )
    assert destinations == {
        "name": "Name",
        "primary_address1": "Street",
        "primary_city": "City",
        "primary_zip": "Postal code",
    }
    assert questions == []


def test_a_house_number_and_a_second_line_belong_to_the_street() -> None:
    destinations, _ = planned_columns(
        "Name|Straße|Hausnummer|Adresszusatz|PLZ|Ort", "Ann Lee|Am Bach|5|Hof|04109|Leipzig"
    )
    assert destinations["Straße"] == "Street (1)"
    assert destinations["Hausnummer"] == "Street (house number)"
    assert destinations["Adresszusatz"] == "Street (2)"


def test_a_newsletter_column_is_not_consent_but_is_asked_about_without_any() -> None:
    destinations, questions = planned_columns(
        "Name|I agree to get the newsletter|subscribed", "Ann Lee|Yes|true", "Ben Roy|No|false"
    )
    assert destinations == {"Name": "Name"}
    assert questions == ["I agree to get the newsletter", "subscribed"]


def test_consent_to_printing_names_is_preferred_to_another_consent_column() -> None:
    destinations, questions = planned_columns(
        "Name|Do you agree with us?|I agree that my name is printed", "Ann Lee|Yes|Yes", "Ben|No|No"
    )
    assert destinations["I agree that my name is printed"] == "Consent"
    assert "Do you agree with us?" not in destinations
    assert len(questions) == 2


def test_option_columns_of_a_consent_question_are_not_used() -> None:
    question = "May we print your name?"
    destinations, _ = planned_columns(
        f"Name|{question}|{question} (Yes)|{question} (No)",
        "Ann Lee|Yes|TRUE|FALSE",
        "Ben Roy|No|FALSE|TRUE",
    )
    assert destinations == {"Name": "Name", question: "Consent"}
    destinations, _ = planned_columns(
        "Name|I agree [my name]|I agree [my address]", "Ann|Yes|No", "Ben|Yes|Yes"
    )
    assert [*destinations.values()].count("Consent") == 2


def test_headings_of_the_lists_own_columns_are_not_imported() -> None:
    destinations, _ = planned_columns(
        "Name|Include|ID|Template|To decide|__class__", "Ann Lee|yes|F1|x|y|z", "Ben|yes|F1|x|y|z"
    )
    assert destinations == {"Name": "Name"}


def test_a_column_with_a_further_heading_of_the_workbook_fills_it() -> None:
    destinations, _ = planned_columns(
        "Name|Profession", "Ann Lee|baker", columns=(*COLUMNS, "Profession")
    )
    assert destinations["Profession"] == "Profession"


def test_a_known_form_is_recognised_and_asks_nothing() -> None:
    first = plan_form(*FORM)
    assert headings_to_ask(first) == ["May we print your name?"]
    second = plan_again(first, *FORM, "2026-11-05|c@b.example|Cid Fox|3 Elm St|LS1|Leeds|UK||No")
    assert second.form == "Spring"
    assert headings_to_ask(second) == []
    assert column_targets(second) == column_targets(first)
    assert not problem_codes(second)


def test_new_and_reworded_questions_of_a_known_form_are_asked_about_once() -> None:
    first = plan_form(*FORM)
    rows = (
        FORM[0].replace("Full name", "Full name (as you sign)") + "|May we ring?",
        *FORM[1:],
    )
    second = plan_again(first, *rows)
    assert second.form == "Spring"
    assert second.reworded_headings == {"Full name (as you sign)": "Full name"}
    assert (second.new_headings, second.missing_headings) == (("May we ring?",), ())
    assert headings_to_ask(second) == ["Full name (as you sign)", "May we ring?"]
    assert column_targets(second)["Full name (as you sign)"] == "Name"
    assert "form-changed" in {problem.code for problem in plan_problems(second, "form.csv")}
    assert headings_to_ask(plan_again(second, *rows)) == []


def test_two_forms_with_the_same_headings_are_asked_about() -> None:
    first = accept_proposals(plan_form(*FORM))
    both = [*remembered_columns(first, "Spring"), *remembered_columns(first, "Autumn")]
    plan = plan_columns(export(*FORM), COLUMNS, both)
    assert plan.similar_forms == ("Spring", "Autumn")
    (problem,) = [p for p in plan_problems(plan, "form.csv") if p.code == "form-which"]
    assert "“Spring”, “Autumn”" in problem.what
    assert plan_columns(export(*FORM), COLUMNS, both, "Autumn").form == "Autumn"


def test_a_new_word_for_yes_in_a_known_form_must_be_confirmed() -> None:
    second = plan_again(
        plan_form(*FORM), FORM[0], FORM[1].replace("|Yes", "|Yes, I agree"), FORM[2]
    )
    assert headings_to_ask(second) == ["May we print your name?"]


def test_staffs_choices_of_columns_and_words_for_yes_are_applied() -> None:
    rows = ("Who?|Ok?", "Ann Lee|oui", "Ben Roy|oui mais pas l'adresse")
    plan = plan_form(*rows)
    assert {p.code for p in plan_problems(plan, "form.csv")} >= {"form-no-name", "form-consent"}
    choices = ImportChoices(goes_to={"Who?": "Name", "Ok?": "Consent"})
    chosen = apply_choices(plan, export(*rows), choices)
    assert column_targets(chosen) == {"Who?": "Name", "Ok?": "Consent"}
    assert chosen.columns[1].yes_words == ("oui",)
    both = apply_choices(
        chosen, export(*rows), ImportChoices(yes={"Ok?": ("oui", "oui mais pas l'adresse")})
    )
    assert len(both.columns[1].yes_words) == 2
    assert not problem_codes(both)
    assert (
        apply_choices(plan, export(*rows), ImportChoices(goes_to={"Who?": "ID"})).columns[0].goes_to
        == "leave out"
    )


def test_that_everyone_agrees_is_asked_for_each_file() -> None:
    rows = ("Name|City", "Ann Lee|Leeds")
    plan = apply_choices(plan_form(*rows), export(*rows), ImportChoices(everybody_agrees=True))
    assert not problem_codes(plan)
    later = plan_columns(export(*rows, "Bo Berg|Oslo"), COLUMNS, remembered_columns(plan, "List"))
    assert later.form == "List"
    assert problem_codes(later) == ["form-consent"]


def test_problems_name_unmatched_columns_and_unfilled_placeholders() -> None:
    plan = plan_form(
        "Name|Address|I agree that my name is printed", "Ann Lee|1 Elm St\nLeeds|oui", "B C|x|"
    )
    texts = {problem.code: problem.what for problem in plan_problems(plan, "form.csv")}
    assert texts["form-unsure"] == "1 column is not matched yet: “Address”."
    assert texts["form-consent-words"] == "“I agree that my name is printed” contains “oui”."
    (blank,) = unfilled_heading_warnings(plan, ["Name", "Street"], 2, "form.csv")
    assert blank.what == "The letter uses Street, but no column of this form provides it."


def test_a_new_consent_question_of_a_known_form_is_asked_about() -> None:
    heading = "I agree that my address is published"
    rows = [f"{row}|{cell}" for row, cell in zip(FORM, (heading, "No", "No"), strict=True)]
    plan = plan_again(plan_form(*FORM), *rows)
    assert column_targets(plan)[heading] == "Consent"
    assert heading in headings_to_ask(plan)
