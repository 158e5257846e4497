"""Rows of a form as responses: imported, doubtful, or skipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.form_exports import COLUMNS, export, read_responses
from support.speed import within

from merge.intake.choices import accept_proposals
from merge.intake.column_plan import plan_columns
from merge.intake.column_questions import row_width_warnings
from merge.intake.form_types import CollectedResponses, FormExport
from merge.intake.responses import collect_responses, has_code_after_city


def read_rows(*rows: str, columns: Sequence[str] = COLUMNS) -> CollectedResponses:
    return read(export(*rows), columns)


def read(exported: FormExport, columns: Sequence[str] = COLUMNS) -> CollectedResponses:
    return read_responses(exported, accept_proposals(plan_columns(exported, columns)))


def names(collected: CollectedResponses) -> list[str]:
    return [response.fields["Name"] for response in collected.people if not response.doubts]


def reasons(collected: CollectedResponses) -> dict[int, str]:
    return {row.row: row.reason_code for row in collected.skipped_rows}


def test_a_person_is_imported_only_with_a_plain_yes_to_consent() -> None:
    responses = read_rows(
        "Nom complet|J'autorise l'impression de mon nom",
        *(
            "Ann Lee|Oui",
            "Ben Roy|oui mais pas l'adresse",
            "Cid Fox|",
            "Dan Orr|Non",
            "Eve Poe| OUI ",
        ),
    )
    assert names(responses) == ["Ann Lee", "Eve Poe"]
    assert reasons(responses) == dict.fromkeys((3, 4, 5), "no-consent")
    assert [response.agrees for response in responses.refusals] == [False] * 3


def test_a_person_who_consents_in_only_one_of_two_columns_is_not_imported() -> None:
    responses = read_rows(
        "Name|I agree that my name is printed|I agree that my address is printed",
        *("Ann Lee|Yes|Yes", "Ben Roy|Yes|No"),
    )
    assert names(responses) == ["Ann Lee"]


def test_a_yes_to_a_question_that_prohibits_printing_is_a_refusal() -> None:
    responses = read_rows(
        "Name|I agree to sign|Please do not print my address|Do not send me the newsletter",
        *("Ann Lee|Yes|Yes|", "Ben Roy|Yes||Yes", "Cid Fox|Yes|No|"),
    )
    assert names(responses) == ["Ben Roy", "Cid Fox"]
    assert reasons(responses) == {2: "no-consent"}


def test_a_no_in_the_include_column_of_an_imported_list_is_a_refusal() -> None:
    responses = read_rows("ID|Name|Include|To decide", "F1|Ann Lee|no|a test?", "F2|Ben Roy||")
    assert (names(responses), reasons(responses)) == (["Ben Roy"], {2: "no-consent"})


def test_cells_with_n_a_or_none_do_not_identify_people() -> None:
    responses = read_rows(
        "Submission ID|Email|Name|Street|Town|Consent",
        *(
            "n/a|none|Ann Lee|-|n/a|Yes",
            "n/a|none|Ann Roy|1 Elm|Leeds|Yes",
            "7|none|Ann Lee|-|n/a|Yes",
        ),
    )
    assert [(p.row, p.doubts) for p in responses.people] == [(2, ()), (3, ()), (4, ("same-name",))]


@pytest.mark.parametrize(
    ("heading", "complete", "incomplete"),
    [
        ("Status", "Complete", "Partial"),
        ("Finished", "True", "False"),
        ("Finished", "1", "0"),
        ("Progress", "100", "33"),
        ("Response Type", "completed", "started"),
        ("_validation_status", "Approved", "Not approved"),
    ],
)
def test_an_incomplete_or_rejected_response_is_skipped(
    heading: str, complete: str, incomplete: str
) -> None:
    responses = read_rows(
        f"Name|{heading}|Consent", f"Ann Lee|{complete}|Yes", f"Ben Roy|{incomplete}|Yes"
    )
    assert (names(responses), reasons(responses)) == (["Ann Lee"], {3: "incomplete"})


def test_a_consent_column_with_free_text_or_blanks_is_recognised() -> None:
    cells = ("Yes", "go ahead", "by all means", "no way", "never", "please do not", "hmm")
    rows = [f"Ann L{'e' * n}|{word}" for n, word in enumerate(cells, 1)]
    assert names(read_rows("Name|May we print your name?", *rows)) == ["Ann Le"]
    assert names(read_rows("Name|Town|I agree that my name is printed", "Ann Lee|Leeds|")) == []


def test_a_refusal_without_a_name_withdraws_consent() -> None:
    responses = read_rows(
        "Submission ID|Email|Name|Consent",
        *("s-1|a@b.example|Ann Lee|Yes", "s-2|b@b.example|Ben Roy|Yes", "s-3|c@b.example||No"),
    )
    assert [(a.row, a.submission_id, a.email) for a in responses.refusals] == [
        (4, "s-3", "c@b.example")
    ]


def test_the_postal_code_is_before_or_after_the_city_as_the_country_wants() -> None:
    responses = read_rows(
        "Name|Postcode|Town|Country",
        *("Ann Lee|LS1 9ZZ|Leeds|United Kingdom", "Ben Roy|69003|Lyon|France", "Cid|1010|Wien|"),
        columns=("ID", "Name", "City", "Country"),
    )
    towns = [response.fields["City"] for response in responses.people]
    assert towns == ["Leeds LS1 9ZZ", "69003 Lyon", "1010 Wien"]
    assert all(map(has_code_after_city, ("США", "Irlande", "the United States", "NZ", "U.S.A.")))
    assert not any(map(has_code_after_city, ("", "Germany", "Indonesia", "Österreich")))


def test_house_numbers_and_second_lines_are_joined_with_the_street() -> None:
    responses = read_rows(
        "Name|Straße|Hausnummer|Adresszusatz|PLZ|Ort",
        *("Ann Lee|Am Bach|5|Hinterhof|04109|Leipzig", "Ben Roy|Am Bach|7||04109|Leipzig"),
    )
    streets = [response.fields["Street"] for response in responses.people]
    assert streets == ["Am Bach 5, Hinterhof", "Am Bach 7"]


def test_an_address_of_labelled_lines_in_one_cell_is_split() -> None:
    cell = "Street Address: 12 Elm St\nStreet Address Line 2: Flat 3\nCity: Leeds\n"
    cell += "Postal / Zip Code: LS1 9ZZ\nCountry: United Kingdom"
    exported = export(("Name", "Address"), ("Ann Lee", cell))
    assert read(exported).people[0].fields == {
        "Name": "Ann Lee",
        "Street": "12 Elm St, Flat 3",
        "Postal code": "LS1 9ZZ",
        "City": "Leeds",
        "Country": "United Kingdom",
    }


def test_parts_of_an_address_separated_by_two_spaces_become_lines() -> None:
    responses = read_rows("Name|Address", "Ann Lee|1 Elm St  Leeds  LS1 9ZZ")
    assert responses.people[0].fields["Address"] == "1 Elm St\nLeeds\nLS1 9ZZ"


def test_names_with_the_surname_first_are_reversed_at_the_comma_except_suffixes() -> None:
    responses = read_rows(
        "Name|City",
        "Lee, Ann|Leeds",
        "Roy, Ben|York",
        "Fox, Cid|York",
        "Orr, Dan|York",
        "Poe, Jr.|Hull",
    )
    assert names(responses) == ["Ann Lee", "Ben Roy", "Cid Fox", "Dan Orr", "Poe, Jr."]


def test_a_blank_consent_cell_is_distinguished_from_a_refusal() -> None:
    headings = "Name|Street|City|Do you agree to be named?"
    rows = ("Ann Lee|1 Elm Row|Bath|yes", "Ben Ode|2 Elm Row|Bath|no", "Cy Vane|3 Elm Row|Bath|")
    responses = read(export(headings, *rows)).skipped_rows
    assert [(row.reason_code, row.is_unanswered) for row in responses] == [
        ("no-consent", False),
        ("no-consent", True),
    ]


def test_a_first_or_last_name_alone_makes_a_response_doubtful() -> None:
    headings = "First name|Last name|Street|City|Do you agree to be named?"
    rows = ("|Petrov|1 Elm Row|Bath|yes", "Ann Lee||2 Elm Row|Bath|yes")
    responses = read(export(headings, *rows))
    assert [a.doubts for a in responses.people] == [("half-name",), ()]


def test_rows_without_a_person_are_skipped_with_a_reason() -> None:
    responses = read_rows(
        "Timestamp|Name|Company|City",
        *("2026-11-01|Ann Lee||Leeds", "2026-11-02||Salas Ltd|York", "2026-11-03|||Leeds"),
        *("2026-11-04|||", "Total:|1||", "|||", "Checked by the office: yes|||"),
    )
    assert names(responses) == ["Ann Lee"]
    why = {3: "organisation", 4: "no-name", 5: "blank", 6: "total", 8: "note"}
    assert reasons(responses) == why


def test_a_note_below_the_table_in_the_name_column_is_skipped() -> None:
    responses = read_rows("Name|Street|City", "Ann Lee|1 Elm St|Leeds", "||", "End of list||")
    assert names(responses) == ["Ann Lee"]
    assert reasons(responses) == {4: "note"}


def test_rows_with_too_many_or_too_few_cells_are_doubtful() -> None:
    exported = export(
        "Name|Street|City", "Ann Lee|1 Elm St|Leeds", "Ben|Flat 3|2 Elm St|Leeds", "Cid|York"
    )
    plan = accept_proposals(plan_columns(exported, COLUMNS))
    responses = read_responses(exported, plan)
    assert {a.row: a.doubts for a in responses.people} == {2: (), 3: ("ragged",), 4: ("ragged",)}
    problems = list(row_width_warnings(exported, plan, responses))
    assert problems[0].fields == (("row", 3), ("cells", 4), ("headings", 3))


def test_rows_below_reordered_headings_are_doubtful() -> None:
    responses = read_rows("Name|City", "Ann Lee|Leeds", "City|Name", "York|Ben Roy")
    assert names(responses) == ["Ann Lee"]
    assert responses.people[1].doubts == ("ragged",)


def test_hidden_misquoted_garbled_and_deceased_rows_are_doubtful() -> None:
    exported = export(
        "Name|Is Deceased", "Ann Lee|0", "GÃ¼nter Roy|No", "Cid Fox|Yes", "Dan Orr|", "Eve Poe|"
    )
    rows = list(exported.rows)
    rows[4], rows[5] = replace(rows[4], is_hidden=True), replace(rows[5], is_misquoted=True)
    responses = read(replace(exported, rows=tuple(rows)))
    doubts = {response.row: response.doubts for response in responses.people}
    assert doubts == {
        2: (),
        3: ("broken-accents",),
        4: ("deceased",),
        5: ("hidden",),
        6: ("quotes",),
    }
    assert responses.people[1].proposed_name == "Günter Roy"


def test_a_response_that_was_never_submitted_is_skipped() -> None:
    responses = read_rows(
        "id. Response ID|submitdate. Date submitted|name. Name",
        *("1|2026-11-01 10:00:00|Ann Lee", "2||Ben Roy"),
    )
    assert names(responses) == ["Ann Lee"]
    assert reasons(responses) == {3: "incomplete"}


def test_responses_are_ordered_by_time_or_else_by_row() -> None:
    exported = export("Timestamp|Name", "2026-11-05|Ann Lee", "2026-11-03|Ben Roy", "|Cid Fox")
    raw = collect_responses(exported, accept_proposals(plan_columns(exported, COLUMNS)))
    assert [response.time_rank for response in raw.people] == [2, 1, 0]
    exported = export("Name|City", "Ann Lee|Leeds", "Ben Roy|York")
    raw = collect_responses(exported, accept_proposals(plan_columns(exported, COLUMNS)))
    assert [response.time_rank for response in raw.people] == [0, 1]


def test_a_refusal_counts_in_any_order_of_rows_if_days_may_be_months() -> None:
    rows = ["03/04/2026|Ann Lee|Hull|1 Elm St|Yes", "05/03/2026|Ann Lee|Hull|1 Elm St|No"]
    for ordered in (rows, rows[::-1]):
        responses = read_rows("Date|Name|City|Street|Consent", *ordered)
        assert (responses.people, {*reasons(responses).values()}) == ((), {"contested"})


def test_dates_that_may_be_day_first_or_month_first_are_reported_if_they_matter() -> None:
    rows = ("Date|Name|City", "03/11/2026|Ann Lee|Leeds", "05/10/2026|Ben Roy|York")
    assert not read_rows(*rows, "02/12/2026|Cid Fox|Hull").remarks
    (remark,) = read_rows(*rows, "02/12/2026|Ann Lee|Leeds").remarks
    assert (remark.row, remark.column, remark.reason_code) == (0, "Date", "dates-unclear")


def test_two_people_of_a_household_may_share_an_email() -> None:
    responses = read_rows(
        "Name|Email|City", "Ann Lee|a@b.example|Leeds", "Ben Lee|a@b.example|Leeds"
    )
    assert names(responses) == ["Ann Lee", "Ben Lee"]


def test_an_arabic_name_in_two_spellings_is_one_person() -> None:
    rows = "هالة سرور|h@b.example|حمص", "هاله سرور|h@b.example|حمص", "ليلى نعيم|l@b.example|حمص"
    responses = read_rows("Name|Email|City", *rows, "ليلي نعيم|l@b.example|حمص")
    assert names(responses) == ["هاله سرور", "ليلي نعيم"]


def test_scientific_numbers_and_capitals_are_reported_for_imported_people() -> None:
    responses = read_rows(
        "Name|Street|City", "ANN LEE|1.55501E+10|Leeds", "TEST TEST|1 Elm St|York"
    )
    remarks = [(r.row, r.column, r.reason_code, r.proposal) for r in responses.remarks]
    assert remarks == [(2, "Name", "capitals", "Ann Lee"), (2, "Street", "scientific", "")]


@pytest.mark.slow
def test_twenty_thousand_responses_are_read_in_seconds() -> None:
    headings = "Timestamp|Email|First name|Last name|Street|Postcode|City|Country|Consent"
    rows = [
        f"2026-11-03|p{i}@b.example|Ann|Lee{i}|{i} Elm St|{10000 + i}|Leeds|UK|Yes"
        for i in range(20_000)
    ]
    exported = export(headings, *rows)
    with within(30):
        assert len(read(exported).people) == 20_000
