"""Rows of a form as answers: who is taken, who is in doubt, who is not taken and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.form_exports import COLUMNS, export, read_answers
from support.speed import within

from merge.intake.choices import accept_proposals
from merge.intake.column_plan import plan_columns
from merge.intake.column_questions import row_width_warnings
from merge.intake.form_types import CollectedResponses, Export
from merge.intake.responses import collect_responses, has_code_after_city


def answers(*rows: str, columns: Sequence[str] = COLUMNS) -> CollectedResponses:
    return of(export(*rows), columns)


def of(made: Export, columns: Sequence[str] = COLUMNS) -> CollectedResponses:
    return read_answers(made, accept_proposals(plan_columns(made, columns)))


def names(found: CollectedResponses) -> list[str]:
    return [answer.fields["Name"] for answer in found.people if not answer.doubts]


def reasons(found: CollectedResponses) -> dict[int, str]:
    return {one.row: one.reason_code for one in found.skipped_rows}


def test_only_a_plain_yes_takes_part() -> None:
    found = answers(
        "Nom complet|J'autorise l'impression de mon nom",
        *(
            "Ann Lee|Oui",
            "Ben Roy|oui mais pas l'adresse",
            "Cid Fox|",
            "Dan Orr|Non",
            "Eve Poe| OUI ",
        ),
    )
    assert names(found) == ["Ann Lee", "Eve Poe"]
    assert reasons(found) == dict.fromkeys((3, 4, 5), "no-consent")
    assert [answer.agrees for answer in found.refusals] == [False] * 3


def test_whoever_agrees_to_one_of_two_things_only_does_not_take_part() -> None:
    found = answers(
        "Name|I agree that my name is printed|I agree that my address is printed",
        *("Ann Lee|Yes|Yes", "Ben Roy|Yes|No"),
    )
    assert names(found) == ["Ann Lee"]


def test_whoever_says_yes_to_a_question_that_forbids_it_does_not_take_part() -> None:
    found = answers(
        "Name|I agree to sign|Please do not print my address|Do not send me the newsletter",
        *("Ann Lee|Yes|Yes|", "Ben Roy|Yes||Yes", "Cid Fox|Yes|No|"),
    )
    assert names(found) == ["Ben Roy", "Cid Fox"]
    assert reasons(found) == {2: "no-consent"}


def test_a_no_in_include_of_another_campaigns_list_is_none_here() -> None:
    found = answers("ID|Name|Include|To decide", "F1|Ann Lee|no|a test?", "F2|Ben Roy||")
    assert (names(found), reasons(found)) == (["Ben Roy"], {2: "no-consent"})


def test_words_that_stand_for_nothing_tell_nobody() -> None:
    found = answers(
        "Submission ID|Email|Name|Street|Town|Consent",
        *(
            "n/a|none|Ann Lee|-|n/a|Yes",
            "n/a|none|Ann Roy|1 Elm|Leeds|Yes",
            "7|none|Ann Lee|-|n/a|Yes",
        ),
    )
    assert [(p.row, p.doubts) for p in found.people] == [(2, ()), (3, ()), (4, ("same-name",))]


@pytest.mark.parametrize(
    ("heading", "whole", "part"),
    [
        ("Status", "Complete", "Partial"),
        ("Finished", "True", "False"),
        ("Finished", "1", "0"),
        ("Progress", "100", "33"),
        ("Response Type", "completed", "started"),
        ("_validation_status", "Approved", "Not approved"),
    ],
)
def test_an_answer_that_was_not_finished_or_not_let_through_is_not_taken(
    heading: str, whole: str, part: str
) -> None:
    found = answers(f"Name|{heading}|Consent", f"Ann Lee|{whole}|Yes", f"Ben Roy|{part}|Yes")
    assert (names(found), reasons(found)) == (["Ann Lee"], {3: "incomplete"})


def test_consent_in_everybodys_own_words_or_in_no_words_is_not_overlooked() -> None:
    own = ("Yes", "go ahead", "by all means", "no way", "never", "please do not", "hmm")
    rows = [f"Ann L{'e' * n}|{word}" for n, word in enumerate(own, 1)]
    assert names(answers("Name|May we print your name?", *rows)) == ["Ann Le"]
    assert names(answers("Name|Town|I agree that my name is printed", "Ann Lee|Leeds|")) == []


def test_a_later_no_withdraws_though_the_name_is_missing_in_it() -> None:
    found = answers(
        "Submission ID|Email|Name|Consent",
        *("s-1|a@b.example|Ann Lee|Yes", "s-2|b@b.example|Ben Roy|Yes", "s-3|c@b.example||No"),
    )
    assert [(a.row, a.submission_id, a.email) for a in found.refusals] == [
        (4, "s-3", "c@b.example")
    ]


def test_the_postal_code_stands_where_the_post_wants_it() -> None:
    found = answers(
        "Name|Postcode|Town|Country",
        *("Ann Lee|LS1 9ZZ|Leeds|United Kingdom", "Ben Roy|69003|Lyon|France", "Cid|1010|Wien|"),
        columns=("ID", "Name", "City", "Country"),
    )
    towns = [answer.fields["City"] for answer in found.people]
    assert towns == ["Leeds LS1 9ZZ", "69003 Lyon", "1010 Wien"]
    assert all(map(has_code_after_city, ("США", "Irlande", "the United States", "NZ", "U.S.A.")))
    assert not any(map(has_code_after_city, ("", "Germany", "Indonesia", "Österreich")))


def test_streets_take_their_number_and_their_second_line() -> None:
    found = answers(
        "Name|Straße|Hausnummer|Adresszusatz|PLZ|Ort",
        *("Ann Lee|Am Bach|5|Hinterhof|04109|Leipzig", "Ben Roy|Am Bach|7||04109|Leipzig"),
    )
    streets = [answer.fields["Street"] for answer in found.people]
    assert streets == ["Am Bach 5, Hinterhof", "Am Bach 7"]


def test_an_address_of_labelled_lines_is_taken_apart() -> None:
    cell = "Street Address: 12 Elm St\nStreet Address Line 2: Flat 3\nCity: Leeds\n"
    cell += "Postal / Zip Code: LS1 9ZZ\nCountry: United Kingdom"
    made = export(("Name", "Address"), ("Ann Lee", cell))
    assert of(made).people[0].fields == {
        "Name": "Ann Lee",
        "Street": "12 Elm St, Flat 3",
        "Postal code": "LS1 9ZZ",
        "City": "Leeds",
        "Country": "United Kingdom",
    }


def test_parts_two_spaces_apart_become_lines() -> None:
    found = answers("Name|Address", "Ann Lee|1 Elm St  Leeds  LS1 9ZZ")
    assert found.people[0].fields["Address"] == "1 Elm St\nLeeds\nLS1 9ZZ"


def test_names_are_turned_at_the_comma_and_suffixes_are_not() -> None:
    found = answers(
        "Name|City",
        "Lee, Ann|Leeds",
        "Roy, Ben|York",
        "Fox, Cid|York",
        "Orr, Dan|York",
        "Poe, Jr.|Hull",
    )
    assert names(found) == ["Ann Lee", "Ben Roy", "Cid Fox", "Dan Orr", "Poe, Jr."]


def test_who_did_not_answer_the_question_of_consent_is_told_apart_from_who_says_no() -> None:
    headings = "Name|Street|City|Do you agree to be named?"
    rows = ("Ann Lee|1 Elm Row|Bath|yes", "Ben Ode|2 Elm Row|Bath|no", "Cy Vane|3 Elm Row|Bath|")
    found = of(export(headings, *rows)).skipped_rows
    assert [(row.reason_code, row.is_unanswered) for row in found] == [
        ("no-consent", False),
        ("no-consent", True),
    ]


def test_half_a_name_in_a_form_of_two_halves_is_in_doubt() -> None:
    headings = "First name|Last name|Street|City|Do you agree to be named?"
    rows = ("|Petrov|1 Elm Row|Bath|yes", "Ann Lee||2 Elm Row|Bath|yes")
    found = of(export(headings, *rows))
    assert [a.doubts for a in found.people] == [("half-name",), ()]


def test_rows_that_are_nobodys_are_not_taken() -> None:
    found = answers(
        "Timestamp|Name|Company|City",
        *("2026-11-01|Ann Lee||Leeds", "2026-11-02||Salas Ltd|York", "2026-11-03|||Leeds"),
        *("2026-11-04|||", "Total:|1||", "|||", "Checked by the office: yes|||"),
    )
    assert names(found) == ["Ann Lee"]
    why = {3: "organisation", 4: "no-name", 5: "blank", 6: "total", 8: "note"}
    assert reasons(found) == why


def test_a_line_below_the_table_is_nobody_though_it_stands_in_the_column_of_names() -> None:
    found = answers("Name|Street|City", "Ann Lee|1 Elm St|Leeds", "||", "End of list||")
    assert names(found) == ["Ann Lee"]
    assert reasons(found) == {4: "note"}


def test_rows_that_may_be_shifted_are_in_doubt_as_they_stand() -> None:
    made = export(
        "Name|Street|City", "Ann Lee|1 Elm St|Leeds", "Ben|Flat 3|2 Elm St|Leeds", "Cid|York"
    )
    plan = accept_proposals(plan_columns(made, COLUMNS))
    found = read_answers(made, plan)
    assert {a.row: a.doubts for a in found.people} == {2: (), 3: ("ragged",), 4: ("ragged",)}
    problems = list(row_width_warnings(made, plan, found))
    assert problems[0].fields == (("row", 3), ("cells", 4), ("headings", 3))


def test_rows_below_headings_in_another_order_are_in_doubt() -> None:
    found = answers("Name|City", "Ann Lee|Leeds", "City|Name", "York|Ben Roy")
    assert names(found) == ["Ann Lee"]
    assert found.people[1].doubts == ("ragged",)


def test_hidden_misquoted_broken_and_dead_are_in_doubt() -> None:
    made = export(
        "Name|Is Deceased", "Ann Lee|0", "GÃ¼nter Roy|No", "Cid Fox|Yes", "Dan Orr|", "Eve Poe|"
    )
    rows = list(made.rows)
    rows[4], rows[5] = replace(rows[4], is_hidden=True), replace(rows[5], is_misquoted=True)
    found = of(replace(made, rows=tuple(rows)))
    doubts = {answer.row: answer.doubts for answer in found.people}
    assert doubts == {
        2: (),
        3: ("broken-accents",),
        4: ("deceased",),
        5: ("hidden",),
        6: ("quotes",),
    }
    assert found.people[1].proposed_name == "Günter Roy"


def test_an_answer_that_was_never_sent_is_not_taken() -> None:
    found = answers(
        "id. Response ID|submitdate. Date submitted|name. Name",
        *("1|2026-11-01 10:00:00|Ann Lee", "2||Ben Roy"),
    )
    assert names(found) == ["Ann Lee"]
    assert reasons(found) == {3: "incomplete"}


def test_the_order_is_that_of_time_or_else_of_the_rows() -> None:
    made = export("Timestamp|Name", "2026-11-05|Ann Lee", "2026-11-03|Ben Roy", "|Cid Fox")
    raw = collect_responses(made, accept_proposals(plan_columns(made, COLUMNS)))
    assert [answer.time_rank for answer in raw.people] == [2, 1, 0]
    made = export("Name|City", "Ann Lee|Leeds", "Ben Roy|York")
    raw = collect_responses(made, accept_proposals(plan_columns(made, COLUMNS)))
    assert [answer.time_rank for answer in raw.people] == [0, 1]


def test_where_days_can_be_months_a_no_counts_in_whatever_order_the_rows_are() -> None:
    rows = ["03/04/2026|Ann Lee|Hull|1 Elm St|Yes", "05/03/2026|Ann Lee|Hull|1 Elm St|No"]
    for own in (rows, rows[::-1]):
        found = answers("Date|Name|City|Street|Consent", *own)
        assert (found.people, {*reasons(found).values()}) == ((), {"contested"})


def test_unclear_days_are_told_where_they_matter() -> None:
    rows = ("Date|Name|City", "03/11/2026|Ann Lee|Leeds", "05/10/2026|Ben Roy|York")
    assert not answers(*rows, "02/12/2026|Cid Fox|Hull").remarks
    (told,) = answers(*rows, "02/12/2026|Ann Lee|Leeds").remarks
    assert (told.row, told.column, told.reason_code) == (0, "Date", "dates-unclear")


def test_households_that_share_an_email_are_two_people() -> None:
    found = answers("Name|Email|City", "Ann Lee|a@b.example|Leeds", "Ben Lee|a@b.example|Leeds")
    assert names(found) == ["Ann Lee", "Ben Lee"]


def test_an_arabic_name_written_in_two_ways_is_one_person() -> None:
    rows = "هالة سرور|h@b.example|حمص", "هاله سرور|h@b.example|حمص", "ليلى نعيم|l@b.example|حمص"
    found = answers("Name|Email|City", *rows, "ليلي نعيم|l@b.example|حمص")
    assert names(found) == ["هاله سرور", "ليلي نعيم"]


def test_long_numbers_and_capitals_are_told_of_those_who_are_taken() -> None:
    found = answers("Name|Street|City", "ANN LEE|1.55501E+10|Leeds", "TEST TEST|1 Elm St|York")
    told = [(r.row, r.column, r.reason_code, r.proposal) for r in found.remarks]
    assert told == [(2, "Name", "capitals", "Ann Lee"), (2, "Street", "scientific", "")]


@pytest.mark.slow
def test_twenty_thousand_answers_are_read_in_seconds() -> None:
    headings = "Timestamp|Email|First name|Last name|Street|Postcode|City|Country|Consent"
    rows = [
        f"2026-11-03|p{i}@b.example|Ann|Lee{i}|{i} Elm St|{10000 + i}|Leeds|UK|Yes"
        for i in range(20_000)
    ]
    made = export(headings, *rows)
    with within(30):
        assert len(of(made).people) == 20_000
