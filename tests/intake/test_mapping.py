"""Where the columns of a form go: by heading, by cells, by what is known of the form."""

from __future__ import annotations

from support.form_exports import COLUMNS, asked, export, goals, planned

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


def form(*rows: str) -> ColumnPlan:
    return plan_columns(export(*rows), COLUMNS)


def problem_codes(plan: ColumnPlan) -> list[str]:
    """The codes of what staff must decide about the columns."""
    return [problem.code for problem in plan_problems(plan, "form.csv")]


def again(first: ColumnPlan, *rows: str) -> ColumnPlan:
    return plan_columns(
        export(*rows), COLUMNS, remembered_columns(accept_proposals(first), "Spring")
    )


def test_the_workbooks_own_words_are_used() -> None:
    found, _ = planned(*FORM, columns=("ID", "Name", "Street", "Postcode", "Town", "Include"))
    assert found["Postcode"] == "Postcode"
    assert found["Town"] == "Town"
    joined, _ = planned(*FORM, columns=("ID", "Name", "Street", "Town", "Country"))
    assert (joined["Postcode"], joined["Town"]) == ("Town (1)", "Town (2)")


def test_a_column_that_the_workbook_lacks_is_asked_about() -> None:
    found, questions = planned("Name|City|State", "Ann Lee|Austin|TX", "Ben Roy|Reno|NV")
    assert found["State"] == "Region"
    assert questions == ["State"]


def test_names_in_parts_are_joined_given_name_first_and_surname_first_in_russian() -> None:
    found, _ = planned("Last name|First name", "Lee|Ann", "Roy|Ben")
    assert found == {"First name": "Name (1)", "Last name": "Name (2)"}
    found, questions = planned("Ім'я|Прізвище", "Ірина|Бондар", "Олег|Мельник")
    assert found == {"Прізвище": "Name (1)", "Ім'я": "Name (2)"}
    assert questions == ["Прізвище"]


def test_a_name_beside_a_first_name_is_the_surname_or_the_whole_name() -> None:
    found, _ = planned("Nom|Prénom", "Roussel|Clémence", "Kerbrat|Maëlys")
    assert found == {"Prénom": "Name (1)", "Nom": "Name (2)"}
    found, _ = planned("Name|First name", "Ann Lee|Ann", "Ben Roy|Ben")
    assert found == {"Name": "Name"}
    found, _ = planned("Nombre|Ciudad", "Inés Carballo|Vigo", "Teo Arrufat|Ávila")
    assert found["Nombre"] == "Name"


def test_parts_of_names_in_headings_that_programs_shorten_are_joined() -> None:
    for given, family in (("FName", "LName"), ("FRST_NM", "LST_NM"), ("First", "Last")):
        found, questions = planned(f"{family}|{given}", "Ruiz|Ana", "Lee|Ann")
        assert (found, questions) == ({given: "Name (1)", family: "Name (2)"}, [])


def test_a_surname_that_is_a_word_for_no_is_a_surname() -> None:
    for last in ("No", "Nein", "Ja"):
        plan = form("First name|Last name|Street|Consent", f"Hye|{last}|1 Elm|Yes")
        assert [c.goes_to for c in plan.columns][:2] == ["Name (1)", "Name (2)"]


def test_a_name_of_one_word_is_asked_about_if_another_column_may_hold_the_other_part() -> None:
    for heading in ("Fmly", "Nick", "Word 2", "Name at birth"):
        found, questions = planned(f"Name|{heading}", "Ana|Ruiz", "Ann|Lee")
        assert (found, questions) == ({"Name": "Name"}, ["Name", heading])
    found, questions = planned("LName|Jr|Called", "Ruiz|Jr.|Ana", "Lee|Sr.|Ann")
    assert "Called" in questions
    whole, questions = planned("Name|Nick", "Ana Ruiz|Ruiz", "Ann Lee|Lee")
    assert (whole, questions) == ({"Name": "Name"}, [])
    other, questions = planned("Name|Answer|Code", "Ana|Yes|17", "Ann|No|18")
    assert (other, questions) == ({"Name": "Name"}, ["Answer"])  # as consent, perhaps


def test_names_with_a_comma_in_four_of_five_are_asked_to_be_turned() -> None:
    rows = ("Lee, Ann|Leeds", "Roy, Ben|York", "Aske, Dorothy|York", "Ruiz, Ana|Leeds", "Cher|York")
    found, questions = planned("Name|City", *rows)
    assert found["Name"] == "Name (turned at the comma)"
    assert questions == ["Name"]


def test_the_cells_have_a_say() -> None:
    found, _ = planned(
        "ID|Email|Name|Full name|City",
        "7|anonymous|Anonymous|Ann Lee|yes",
        "7|anonymous|Anonymous|Ben Roy|no",
        "7|anonymous|Anonymous|Cid Fox|yes",
    )
    assert found == {"Full name": "Name"}


def test_two_columns_of_names_that_differ_are_asked_about() -> None:
    rows = ("Name|Name|City", "Ann Lee|Bob Fox|Leeds", "Ben Roy|Cat Orr|York")
    assert planned(*rows) == ({"Name": "Name", "City": "City"}, ["Name"])


def test_one_address_of_several_is_taken_and_never_parts_of_two() -> None:
    found, questions = planned(
        "name|billing_address1|billing_city|billing_zip|primary_address1|primary_city|primary_zip",
        "Ann Lee|9 Bank St|London|EC1 9ZZ|1 Elm St|Leeds|",
        "Ben Roy|9 Bank St|London|EC1 9ZZ|2 Elm St|Leeds|LS1 9ZZ",
    )
    assert found == {
        "name": "Name",
        "primary_address1": "Street",
        "primary_city": "City",
        "primary_zip": "Postal code",
    }
    assert questions == []


def test_a_house_number_and_a_second_line_belong_to_the_street() -> None:
    found, _ = planned(
        "Name|Straße|Hausnummer|Adresszusatz|PLZ|Ort", "Ann Lee|Am Bach|5|Hof|04109|Leipzig"
    )
    assert found["Straße"] == "Street (1)"
    assert found["Hausnummer"] == "Street (house number)"
    assert found["Adresszusatz"] == "Street (2)"


def test_a_newsletter_is_never_consent_and_one_without_consent_is_asked_about() -> None:
    found, questions = planned(
        "Name|I agree to get the newsletter|subscribed", "Ann Lee|Yes|true", "Ben Roy|No|false"
    )
    assert found == {"Name": "Name"}
    assert questions == ["I agree to get the newsletter", "subscribed"]


def test_of_two_consents_that_about_names_counts_and_the_other_is_asked_about() -> None:
    found, questions = planned(
        "Name|Do you agree with us?|I agree that my name is printed", "Ann Lee|Yes|Yes", "Ben|No|No"
    )
    assert found["I agree that my name is printed"] == "Consent"
    assert "Do you agree with us?" not in found
    assert len(questions) == 2


def test_the_choices_of_a_consent_that_has_a_column_of_its_own_say_nothing() -> None:
    question = "May we print your name?"
    found, _ = planned(
        f"Name|{question}|{question} (Yes)|{question} (No)",
        "Ann Lee|Yes|TRUE|FALSE",
        "Ben Roy|No|FALSE|TRUE",
    )
    assert found == {"Name": "Name", question: "Consent"}
    found, _ = planned("Name|I agree [my name]|I agree [my address]", "Ann|Yes|No", "Ben|Yes|Yes")
    assert [*found.values()].count("Consent") == 2


def test_headings_that_are_the_lists_own_fill_nothing() -> None:
    found, _ = planned(
        "Name|Include|ID|Template|To decide|__class__", "Ann Lee|yes|F1|x|y|z", "Ben|yes|F1|x|y|z"
    )
    assert found == {"Name": "Name"}


def test_a_heading_of_the_workbook_is_found_letter_by_letter() -> None:
    found, _ = planned("Name|Profession", "Ann Lee|baker", columns=(*COLUMNS, "Profession"))
    assert found["Profession"] == "Profession"


def test_a_form_is_known_again_and_asks_nothing() -> None:
    first = form(*FORM)
    assert asked(first) == ["May we print your name?"]
    second = again(first, *FORM, "2026-11-05|c@b.example|Cid Fox|3 Elm St|LS1|Leeds|UK||No")
    assert second.form == "Spring"
    assert asked(second) == []
    assert goals(second) == goals(first)
    assert not problem_codes(second)


def test_new_reworded_and_vanished_questions_are_asked_about_once() -> None:
    first = form(*FORM)
    rows = (
        FORM[0].replace("Full name", "Full name (as you sign)") + "|May we ring?",
        *FORM[1:],
    )
    second = again(first, *rows)
    assert second.form == "Spring"
    assert second.reworded_headings == {"Full name (as you sign)": "Full name"}
    assert (second.new_headings, second.missing_headings) == (("May we ring?",), ())
    assert asked(second) == ["Full name (as you sign)", "May we ring?"]
    assert goals(second)["Full name (as you sign)"] == "Name"
    assert "form-changed" in {problem.code for problem in plan_problems(second, "form.csv")}
    assert asked(again(second, *rows)) == []


def test_two_forms_alike_are_asked_about() -> None:
    first = accept_proposals(form(*FORM))
    both = [*remembered_columns(first, "Spring"), *remembered_columns(first, "Autumn")]
    plan = plan_columns(export(*FORM), COLUMNS, both)
    assert plan.similar_forms == ("Spring", "Autumn")
    (problem,) = [p for p in plan_problems(plan, "form.csv") if p.code == "form-which"]
    assert "“Spring”, “Autumn”" in problem.what
    assert plan_columns(export(*FORM), COLUMNS, both, "Autumn").form == "Autumn"


def test_a_word_for_yes_that_is_new_is_confirmed_first() -> None:
    second = again(form(*FORM), FORM[0], FORM[1].replace("|Yes", "|Yes, I agree"), FORM[2])
    assert asked(second) == ["May we print your name?"]


def test_what_staff_say_is_done() -> None:
    rows = ("Who?|Ok?", "Ann Lee|oui", "Ben Roy|oui mais pas l'adresse")
    plan = form(*rows)
    assert {p.code for p in plan_problems(plan, "form.csv")} >= {"form-no-name", "form-consent"}
    choices = ImportChoices(goes_to={"Who?": "Name", "Ok?": "Consent"})
    made = apply_choices(plan, export(*rows), choices)
    assert goals(made) == {"Who?": "Name", "Ok?": "Consent"}
    assert made.columns[1].yes_words == ("oui",)
    both = apply_choices(
        made, export(*rows), ImportChoices(yes={"Ok?": ("oui", "oui mais pas l'adresse")})
    )
    assert len(both.columns[1].yes_words) == 2
    assert not problem_codes(both)
    assert (
        apply_choices(plan, export(*rows), ImportChoices(goes_to={"Who?": "ID"})).columns[0].goes_to
        == "leave out"
    )


def test_whether_everybody_agrees_is_asked_of_each_file() -> None:
    rows = ("Name|City", "Ann Lee|Leeds")
    plan = apply_choices(form(*rows), export(*rows), ImportChoices(everybody_agrees=True))
    assert not problem_codes(plan)
    later = plan_columns(export(*rows, "Bo Berg|Oslo"), COLUMNS, remembered_columns(plan, "List"))
    assert later.form == "List"
    assert problem_codes(later) == ["form-consent"]


def test_problems_say_what_must_be_decided_and_what_will_be_blank() -> None:
    plan = form(
        "Name|Address|I agree that my name is printed", "Ann Lee|1 Elm St\nLeeds|oui", "B C|x|"
    )
    told = {problem.code: problem.what for problem in plan_problems(plan, "form.csv")}
    assert told["form-unsure"] == "1 column is not matched yet: “Address”."
    assert told["form-consent-words"] == "“I agree that my name is printed” contains “oui”."
    (blank,) = unfilled_heading_warnings(plan, ["Name", "Street"], 2, "form.csv")
    assert blank.what == "The letter uses Street, but no column of this form provides it."


def test_a_second_question_of_consent_is_one_though_the_form_had_another() -> None:
    more = "I agree that my address is published"
    rows = [f"{row}|{end}" for row, end in zip(FORM, (more, "No", "No"), strict=True)]
    plan = again(form(*FORM), *rows)
    assert goals(plan)[more] == "Consent"
    assert more in asked(plan)
