"""Merge of a file's responses into the list: three-way changes, consent.

It covers precedence of responses, recognition of people and independence of the order of files.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from merge.intake import import_ids
from merge.intake.choices import ImportChoices
from merge.intake.form_types import CollectedResponses, FormResponse
from merge.intake.list_types import ListedPerson, NewPerson, SignerList, SignerListChanges
from merge.intake.matching import TypedPerson, combine_by_person
from merge.intake.merging import merge_responses
from merge.intake.review_reasons import preview_reasons

TODAY = dt.date(2026, 11, 26)
HEADINGS = ("ID", "Name", "Street", "Postal code", "City", "Include", "To decide")
EMPTY = SignerList(headings=HEADINGS, salt="00ff")
ANN = {"Name": "Ann Lee", "Street": "1 Elm Row", "Postal code": "OX1 9ZZ", "City": "Oxford"}
BEN = {"Name": "Ben Ode", "Street": "2 Elm Row", "Postal code": "OX1 9ZZ", "City": "Oxford"}


def response(row: int, day: int | None = 1, **more: object) -> FormResponse:
    """Return a response of a day in November, by default Ann's.

    `fields` replace those of Ann.
    """
    fields = {**ANN, **more.pop("fields", {})}  # type: ignore[dict-item]
    moment = dt.datetime(2026, 11, day, 12, tzinfo=dt.UTC) if day else None
    time_rank = int(moment.timestamp()) if moment else 0
    usual = FormResponse(
        row, {h: t for h, t in fields.items() if t}, submitted_at=moment, time_rank=time_rank
    )
    return replace(usual, **more)  # type: ignore[arg-type]


def at(day: int, hour: int) -> dt.datetime:
    """Return an hour of a day in November; hour 0 is a response without a time."""
    return dt.datetime(2026, 11, day, hour, tzinfo=dt.UTC)


def collect(*responses: FormResponse) -> CollectedResponses:
    people = tuple(a for a in responses if a.agrees)
    return CollectedResponses(people, tuple(a for a in responses if not a.agrees), (), ())


def import_into(
    before: SignerList,
    *responses: FormResponse,
    typed: Sequence[TypedPerson] = (),
    form: str = "Spring",
    **choices: object,
) -> SignerListChanges:
    """Return the changes of a file with these responses."""
    chosen = ImportChoices(form=form, **choices)  # type: ignore[arg-type]
    return merge_responses(
        combine_by_person(collect(*responses), form), before, typed, chosen, TODAY
    )


def reread(signer_list: SignerList) -> SignerList:
    """Return the list as it is read again: each person has a row."""
    people = tuple(replace(p, row=n) for n, p in enumerate(signer_list.people, 2))
    return replace(signer_list, people=people)


def list_of(*responses: FormResponse, **more: object) -> SignerList:
    """Return the list after a first file."""
    return reread(import_into(EMPTY, *responses, **more).list_after)  # type: ignore[arg-type]


def edit_by_staff(before: SignerList, person_id: str, **cells: str) -> SignerList:
    """Return the list after staff have changed a person's cells, or Include."""

    def person(listed_person: ListedPerson) -> ListedPerson:
        if listed_person.id != person_id:
            return listed_person
        include = cells.get("Include", listed_person.include)
        fields = {**listed_person.fields, **{h: t for h, t in cells.items() if h != "Include"}}
        return replace(listed_person, fields=fields, include=include)

    return replace(before, people=tuple(map(person, before.people)))


def edit_first(before: SignerList, **cells: str) -> SignerList:
    """Return the list after staff have changed cells of its first person."""
    return edit_by_staff(before, before.people[0].id, **cells)


def reported(changes: SignerListChanges) -> list[tuple[str, str, str]]:
    return [(c.kind, c.heading, c.form_text) for c in changes.cell_changes]


def ids(people: Sequence[object]) -> list[str]:
    return [p.id for p in people]  # type: ignore[attr-defined]


def names_of(people: Sequence[NewPerson]) -> list[str]:
    return [person.fields["Name"] for person in people]


def test_a_decision_about_a_doubtful_person_is_staffs_own_entry_in_the_list() -> None:
    doubtful = [response(row, fields=BEN if row == 2 else ANN, doubts=("test",)) for row in (2, 3)]
    later = import_into(EMPTY, *doubtful)
    assert [person.needs_review for person in later.new_people] == [True, True]
    changes = import_into(EMPTY, *doubtful, decisions={2: "include", 3: "exclude"})
    assert [person.needs_review for person in changes.new_people] == [False, False]
    people = {p.fields["Name"]: (p.include, p.to_decide) for p in changes.list_after.people}
    assert people == {"Ben Ode": ("", ""), "Ann Lee": ("no", "")}
    again = import_into(reread(changes.list_after), *doubtful)
    kept = {p.fields["Name"]: p.include for p in again.list_after.people}
    assert kept == {"Ben Ode": "", "Ann Lee": "no"}


def test_a_refusal_after_a_decision_to_include_still_excludes_the_person() -> None:
    doubtful = response(2, doubts=("test",))
    included = import_into(EMPTY, doubtful, decisions={2: "include"}).list_after
    refused = import_into(reread(included), response(2, 5, agrees=False))
    assert [p.include for p in refused.list_after.people] == ["no"]


# One person twice in a file.


def test_the_later_response_counts_cell_by_cell_except_its_blank_cells() -> None:
    later = response(9, 3, fields={"Street": "7 Oak Way", "City": ""}, email="a@x.example")
    combined = combine_by_person(collect(response(5, 1, email="A@x.example"), later), "Spring")
    assert [(p.row, p.fields["Street"], p.fields["City"]) for p in combined.people] == [
        (9, "7 Oak Way", "Oxford")
    ]
    assert [(n.row, n.reason_code, n.counted_row) for n in combined.skipped_rows] == [
        (5, "double", 9)
    ]


def test_one_email_with_two_names_is_two_people_in_one_file() -> None:
    both = collect(
        response(2, email="lee@x.example"), response(3, fields=BEN, email="lee@x.example")
    )
    assert len(combine_by_person(both, "Spring").people) == 2


def test_one_name_with_two_addresses_is_doubtful() -> None:
    both = collect(response(2), response(3, fields={"Street": "9 Fir Lane"}))
    first, second = combine_by_person(both, "Spring").people
    assert (first.doubts, second.doubts, second.same_name_row) == ((), ("same-name",), 2)


def test_a_refusal_counts_if_it_is_not_certain_which_response_is_later() -> None:
    refusal = response(2, None, agrees=False)
    combined = combine_by_person(collect(refusal, response(3, None)), "Spring")
    assert not combined.people
    assert [(n.row, n.reason_code) for n in combined.skipped_rows] == [
        (2, "contested"),
        (3, "contested"),
    ]


def test_the_unused_one_of_two_responses_of_one_day_is_reported() -> None:
    moved = response(5, 3, fields={"Street": "7 Oak Way"}, email="a@x.example")
    combined = combine_by_person(collect(response(4, 3, email="a@x.example"), moved), "Spring")
    assert [person.fields["Street"] for person in combined.people] == ["7 Oak Way"]
    (skipped,) = combined.skipped_rows
    assert (skipped.row, skipped.reason_code, skipped.counted_row) == (4, "same-day", 5)
    assert skipped.other_values == {"Street": response(4).fields["Street"]}
    equal = combine_by_person(collect(response(4, 3), response(5, 3)), "Spring")
    assert [(n.row, n.reason_code) for n in equal.skipped_rows] == [(4, "double")]


def test_a_refusal_with_only_a_name_makes_its_namesake_doubtful() -> None:
    refusal = FormResponse(5, {"Name": "ann lee"}, agrees=False)
    (person,) = combine_by_person(collect(response(2), refusal), "Spring").people
    assert (person.doubts, person.same_name_row) == (("same-name",), 5)


def test_a_repeated_response_id_with_another_person_is_someone_else() -> None:
    before = list_of(response(2, submission_id="1"))
    changes = import_into(before, response(2, 5, fields=BEN, submission_id="1"))
    assert [p.fields["Name"] for p in changes.new_people] == ["Ben Ode"]


def test_a_refusal_is_matched_by_its_email_alone() -> None:
    refusal = replace(response(9, 9, **MAIL), fields={}, agrees=False)
    ann = response(2, **MAIL)
    assert not combine_by_person(collect(ann, refusal), "Spring").people
    before = list_of(ann)
    assert ids(import_into(before, refusal).withdrawn_people) == ids(before.people)
    ben = response(3, fields=BEN, **MAIL)
    assert len(combine_by_person(collect(ann, ben, refusal), "Spring").people) == 2


# The table of three-way changes.

MOVED = {"Street": "7 Oak Way"}
MAIL: Mapping[str, Any] = {"email": "ann@x.example"}


@pytest.mark.parametrize(
    ("theirs", "ours", "kind", "after"),
    [
        ("1 Elm Row", "1 Elm Row", None, "1 Elm Row"),
        ("1 Elm Row", "1a Elm Row", "kept", "1a Elm Row"),
        ("7 Oak Way", "1 Elm Row", "changed", "7 Oak Way"),
        ("7 Oak Way", "7 Oak Way", None, "7 Oak Way"),
        ("7 Oak Way", "1a Elm Row", "both", "1a Elm Row"),
        ("", "1a Elm Row", None, "1a Elm Row"),
        ("1 Elm Row", "", "kept", ""),
    ],
)
def test_a_cell_of_the_list_changes_only_if_staff_have_not_changed_it(
    theirs: str, ours: str, kind: str | None, after: str
) -> None:
    before = edit_first(list_of(response(2, **MAIL)), Street=ours)
    changes = import_into(before, response(2, 5, fields={"Street": theirs}, **MAIL))
    assert [c.kind for c in changes.cell_changes] == ([kind] if kind else [])
    assert changes.list_after.people[0].fields["Street"] == after
    assert ids(changes.unchanged_people) == ([] if kind else ids(before.people))


def test_a_change_on_both_sides_is_reported_once() -> None:
    before = edit_first(list_of(response(2, **MAIL)), Street="1a Elm Row")
    moved = response(2, 5, fields=MOVED, **MAIL)
    changes = import_into(before, moved)
    assert reported(changes) == [("both", "Street", "7 Oak Way")]
    assert reported(import_into(reread(changes.list_after), moved)) == [
        ("kept", "Street", "7 Oak Way")
    ]


def test_a_new_column_of_a_form_fills_blank_cells() -> None:
    before = list_of(response(2, fields={"City": ""}))
    changes = import_into(before, response(2))
    assert reported(changes) == [("changed", "City", "Oxford")]


@pytest.mark.parametrize("form", ["Spring", "Autumn"])
def test_the_later_of_two_responses_of_one_day_counts_in_any_order_of_imports(form: str) -> None:
    noon = response(2, 5, **MAIL)
    evening = response(2, 5, fields=MOVED, submitted_at=at(5, 18), **MAIL)
    forth = import_into(list_of(noon), evening, form=form)
    assert reported(forth) == [("changed", "Street", "7 Oak Way")]
    back = import_into(list_of(evening), noon, form=form)
    assert reported(back) == [("older", "Street", "1 Elm Row")]
    assert people(forth.list_after) == people(back.list_after)


@pytest.mark.parametrize("hours", [(12, 12), (0, 12), (12, 0)])
def test_of_two_responses_whose_order_is_unknown_the_list_keeps_the_first_and_asks(
    hours: tuple[int, int],
) -> None:
    first, second = (
        response(2, submitted_at=at(5, hour), fields=fields, **MAIL)
        for hour, fields in zip(hours, (ANN, MOVED), strict=True)
    )
    before = list_of(first)
    assert reported(import_into(before, second)) == [("same-day", "Street", "7 Oak Way")]
    ticked = import_into(before, second, take_form={(before.people[0].id, "Street")})
    assert reported(ticked) == [("changed", "Street", "7 Oak Way")]


@pytest.mark.parametrize("hours", [(12, 12), (0, 12), (12, 0)])
def test_of_two_responses_whose_order_is_unknown_the_refusal_counts(
    hours: tuple[int, int],
) -> None:
    yes, no = (
        response(2, submitted_at=at(5, hour), agrees=agrees, source_text=str(agrees), **MAIL)
        for hour, agrees in zip(hours, (True, False), strict=True)
    )
    assert [p.include for p in import_into(list_of(yes), no).list_after.people] == ["no"]
    assert import_into(list_of(no), yes).list_after.people == ()


def test_an_undated_or_older_response_with_another_value_is_reported() -> None:
    before = list_of(response(2, 5, **MAIL))
    for day in (None, 3):
        (cell,) = import_into(before, response(2, day, fields=MOVED, **MAIL)).cell_changes
        assert (cell.kind, cell.response_day) == ("older", dt.date(2026, 11, day) if day else None)


def test_a_response_edited_under_its_id_is_used_only_from_a_later_file() -> None:
    first, then = response(2, 5, submission_id="a"), response(2, 5, fields=MOVED, submission_id="a")
    assert reported(import_into(list_of(first), then)) == [("changed", "Street", "7 Oak Way")]
    later = list_of(then, response(3, 6, fields=BEN))
    back = import_into(later, first)
    assert (back.list_after.people, reported(back)) == (
        later.people,
        [("older", "Street", "1 Elm Row")],
    )


# Consent and refusals.


def test_a_person_who_withdraws_is_excluded_even_if_ids_were_moved() -> None:
    before = list_of(response(2, 1), response(3, 1, fields=BEN))
    refusal = response(2, 9, agrees=False)
    ann, ben = before.people
    swapped = replace(before, people=(replace(ann, fields=ben.fields), replace(ben, fields=ANN)))
    assert {p.include for p in import_into(swapped, refusal).list_after.people} == {"no"}
    without_id = replace(before, people=(replace(ann, id=""), ben))
    assert [(w.name, w.place) for w in import_into(without_id, refusal).withdrawn_people] == [
        ("Ann Lee", "row 2")
    ]
    with_two_rows = replace(before, people=(ann, ben, replace(ann, row=9)))
    assert {w.place for w in import_into(with_two_rows, refusal).withdrawn_people} == {"", "row 9"}


def test_a_withdrawal_sets_include_to_no_in_a_row_that_staff_typed_until_they_decide() -> None:
    typed_list = replace(EMPTY, people=(ListedPerson("", 7, ANN),))
    refusal = response(2, 5, agrees=False)
    changes = import_into(typed_list, refusal)
    assert [(w.list_row, w.is_uncertain) for w in changes.withdrawn_people] == [(7, False)]
    (ann,) = changes.list_after.people
    assert (ann.include, ann.to_decide) == ("no", "consent withdrawn")
    decided = replace(changes.list_after, people=(replace(ann, include=""),))
    assert import_into(decided, refusal).list_after.people[0].include == ""


def test_a_withdrawal_sets_include_to_no_in_a_row_without_an_id() -> None:
    before = list_of(response(2, 1))
    without_id = replace(before, people=(replace(before.people[0], id=""),))
    assert (
        import_into(without_id, response(2, 9, agrees=False)).list_after.people[0].include == "no"
    )


def test_a_refusal_from_another_address_may_be_of_the_only_person_with_that_name() -> None:
    refusal = response(2, 9, agrees=False, fields={"Street": "12 High St"})
    before = list_of(response(2, 1))
    changes = import_into(before, refusal)
    assert [(w.id, w.is_uncertain) for w in changes.withdrawn_people] == [
        (before.people[0].id, True)
    ]
    assert changes.list_after.people[0].include == "no"
    typed = TypedPerson("name:ann lee", ANN, PLACES)
    changes = import_into(EMPTY, refusal, typed=[typed])
    assert [(w.place, w.is_uncertain) for w in changes.withdrawn_people] == [("Signers!B14", True)]
    two_namesakes = list_of(response(2, 1), response(3, 1, fields={"Street": "9 Fir Lane"}))
    assert not import_into(two_namesakes, refusal).withdrawn_people


@pytest.mark.parametrize("form", ["Spring", "Autumn"])
@pytest.mark.parametrize(
    "written", [{"Street": "Elm Street 1"}, {"Name": "Lee, Ann", "Postal code": "", "City": "Bath"}]
)
def test_a_person_with_the_name_of_someone_who_declined_needs_review(
    form: str, written: Mapping[str, str]
) -> None:
    declined = reread(import_into(EMPTY, response(2, 5, agrees=False)).list_after)
    changes = import_into(declined, response(2, 9, fields=written), form=form)
    assert changes.list_after.people[0].include == "no"
    reason = "same name as someone who declined in Spring"
    assert [preview_reasons(p) for p in changes.new_people] == [reason]
    assert changes.list_after.people[0].to_decide == reason


def test_an_address_is_the_same_with_the_postal_code_before_or_after_the_city() -> None:
    code_first, town_first = "12 High St, SW1A 1AA London", "12 High St, London SW1A 1AA"
    refusal = response(2, 5, agrees=False)
    declined = import_into(
        EMPTY, replace(refusal, fields={"Name": "Ann Lee", "Address": code_first})
    ).list_after
    changes = import_into(
        declined, replace(response(2, 1), fields={"Name": "Ann Lee", "Address": town_first})
    )
    assert [r.name for r in changes.declined_people] == ["Ann Lee"]
    flats = [{"Name": "Ann Lee", "Address": a} for a in ("Flat 2, 14 Elm", "Flat 14, 2 Elm")]
    two_flats = combine_by_person(
        collect(*(replace(response(n), fields=f) for n, f in enumerate(flats, 2))), ""
    )
    assert len(two_flats.people) == 2


def test_a_refusal_may_have_only_a_response_id() -> None:
    before = list_of(response(2, 1, submission_id="s-1"))
    refusal = response(2, 9, agrees=False, submission_id="s-1")
    withdrawn = import_into(before, replace(refusal, fields={})).withdrawn_people
    assert ids(withdrawn) == ids(before.people)


def test_the_row_with_the_forms_name_is_changed_if_two_rows_have_one_id() -> None:
    before = list_of(response(2, 1))
    (ann,) = before.people
    other = replace(ann, row=9, fields={**ANN, "Name": "Somebody Else"})
    moved = response(2, 9, fields={"Street": "7 Oak Way"}, email="a@x.example")
    moved = replace(moved, earlier_responses=(response(2, 1),))
    after = import_into(replace(before, people=(other, ann)), moved).list_after.people
    assert [p.fields["Street"] for p in after] == ["1 Elm Row", "7 Oak Way"]


def test_a_later_refusal_withdraws_consent_and_an_import_never_clears_include() -> None:
    before = list_of(response(2))
    changes = import_into(before, response(2, 5, agrees=False))
    assert ids(changes.withdrawn_people) == ids(before.people)
    withdrawn = reread(changes.list_after)
    assert (withdrawn.people[0].include, withdrawn.people[0].to_decide) == (
        "no",
        "consent withdrawn",
    )
    later = import_into(withdrawn, response(2, 9))
    assert later.list_after.people[0].include == "no"
    assert [(c.kind, c.heading, c.response_day) for c in later.cell_changes] == [
        ("agrees-again", "Include", dt.date(2026, 11, 9))
    ]
    assert not import_into(reread(later.list_after), response(2, 9)).cell_changes
    excluded_by_staff = edit_first(before, Include="no")
    assert [c.kind for c in import_into(excluded_by_staff, response(2, 9)).cell_changes] == ["kept"]


def test_the_time_of_an_import_is_proportional_to_its_withdrawals() -> None:
    def calls(size: int) -> int:
        """Return the calls of import functions if so many people withdraw."""
        names = ({"Name": f"Ann Lee{n}", "Street": f"{n} Elm Row"} for n in range(size))
        first = [response(row, fields=item) for row, item in enumerate(names, 2)]
        before, counted = list_of(*first), Counter[tuple[str, str]]()
        refusals = [replace(item, agrees=False) for item in first]
        sys.setprofile(lambda f, event, _: counted.update([(event, f.f_code.co_filename)]))
        try:
            changes = import_into(before, *refusals)
        finally:
            sys.setprofile(None)
        assert len(changes.withdrawn_people) == size
        intake = Path(merge_responses.__code__.co_filename).parent
        return sum(counted[item] for item in counted if Path(item[1]).parent == intake)

    assert calls(200) < 5 * calls(50)


def test_a_row_that_was_a_refusal_only_by_other_words_for_yes_counts_again() -> None:
    agreeing, submitted = response(2, source_text="Ann|I agree"), {"submission_id": "s-1"}
    for row in (agreeing, replace(agreeing, **submitted), replace(agreeing, submitted_at=None)):  # type: ignore[arg-type]
        declined = reread(import_into(EMPTY, replace(row, agrees=False)).list_after)
        assert names_of(import_into(declined, row).new_people) == ["Ann Lee"]
        older_text = replace(row, source_text="Ann|yes")  # as in an older export
        assert not import_into(declined, older_text).new_people
    withdrawn = reread(import_into(list_of(agreeing), replace(agreeing, agrees=False)).list_after)
    changes = import_into(withdrawn, agreeing)
    assert [c.kind for c in changes.cell_changes] == ["agrees-again"]
    assert changes.list_after.people[0].include == "no"


def test_staffs_decision_about_a_refusal_is_kept() -> None:
    refusal = response(2, 5, agrees=False)
    withdrawn = reread(import_into(list_of(response(2)), refusal).list_after)
    decided = edit_first(withdrawn, Include="")
    assert import_into(decided, refusal).list_after == decided
    assert import_into(decided, response(2, 6, agrees=False)).list_after.people[0].include == "no"


def test_an_older_refusal_changes_nothing_and_is_reported() -> None:
    before = list_of(response(2, 5))
    changes = import_into(before, response(2, 1, agrees=False))
    assert (changes.list_after, reported(changes)) == (before, [("older", "Include", "no")])


NOON, LATER = (dt.datetime(2026, 11, 5, hour, tzinfo=dt.UTC) for hour in (12, 14))


@pytest.mark.parametrize(
    ("yes", "no", "counts"),
    [
        (LATER, NOON, "yes"),
        (NOON, LATER, "no"),
        (NOON, NOON, "no"),
        (NOON, None, "no"),
        (None, NOON, "no"),
        (None, None, "no"),
    ],
)
def test_consent_counts_in_a_file_only_if_it_is_certainly_later_than_each_refusal(
    yes: dt.datetime | None, no: dt.datetime | None, counts: str
) -> None:
    for rows in ((2, 3), (3, 2)):
        agreeing = replace(
            response(rows[0], None), submitted_at=yes, time_rank=yes.hour if yes else 0
        )
        refusing = replace(
            response(rows[1], None, agrees=False), submitted_at=no, time_rank=no.hour if no else 0
        )
        combined = combine_by_person(collect(agreeing, refusing), "Spring")
        assert bool(combined.people) == (counts == "yes")
        is_certain = yes is not None and no is not None and yes != no
        skip_reasons = {row.reason_code for row in combined.skipped_rows} - {"double"}
        assert skip_reasons == (
            {"contested"} if not is_certain else {"no-consent"} if no == LATER else set()
        )


@pytest.mark.parametrize(
    ("yes", "no", "counts"),
    [
        ("2026-11-05 23:59", "2026-11-05", "no"),
        ("2026-11-05", "2026-11-05 09:00", "no"),
        ("2026-11-06 00:01", "2026-11-05", "yes"),
        ("2026-11-06", "2026-11-05", "yes"),
        ("2026-11-06", "2026-11-05 23:59", "yes"),
        ("9999-12-31 10:00", "9999-12-31", "no"),
    ],
)
def test_a_refusal_with_only_a_day_may_be_of_any_time_of_that_day(
    yes: str, no: str, counts: str
) -> None:
    moments = [dt.datetime.fromisoformat(text) for text in (yes, no)]
    order = [sorted(moments).index(at) for at in moments]
    agreeing = replace(response(2, None), submitted_at=moments[0], time_rank=order[0])
    refusing = replace(response(3, None, agrees=False), submitted_at=moments[1], time_rank=order[1])
    combined = combine_by_person(collect(agreeing, refusing), "Spring")
    assert bool(combined.people) == (counts == "yes")
    skip_reasons = {row.reason_code for row in combined.skipped_rows} - {"double"}
    assert skip_reasons == ({"contested"} if counts == "no" else set())


def test_no_consent_is_certainly_later_than_an_undated_refusal() -> None:
    undated_refusal, dated_refusal = response(2, None, agrees=False), response(2, 1, agrees=False)
    for files in (
        (undated_refusal, response(2, 9)),
        (undated_refusal, dated_refusal, response(2, 9)),
        (dated_refusal, undated_refusal, response(2, 9)),
    ):
        listing = EMPTY
        for later in files:
            changes = import_into(listing, later)
            listing = reread(changes.list_after)
        assert [p.name for p in changes.declined_people] == ["Ann Lee"]
        assert not listing.people
    typed = list_of(undated_refusal, typed=[TypedPerson("k", ANN)])
    assert import_into(typed, response(2, 9), typed=[TypedPerson("k", ANN)]).withdrawn_people == ()
    after = import_into(typed, response(2, 9), typed=[TypedPerson("k", ANN)]).list_after
    assert [r.newest for r in after.records.values()] == [None]


def test_an_undated_refusal_counts() -> None:
    before = list_of(response(2, 5))
    changes = import_into(before, response(2, None, agrees=False))
    assert ids(changes.withdrawn_people) == ids(before.people)


def test_a_person_who_declined_stays_excluded_unless_a_later_response_agrees() -> None:
    declined = reread(import_into(EMPTY, response(2, 5, agrees=False)).list_after)
    older = import_into(declined, response(2, 1))
    assert (older.new_people, [p.name for p in older.declined_people]) == ((), ["Ann Lee"])
    assert not older.list_after.people
    later = import_into(declined, response(2, 9))
    on_request = import_into(declined, response(2, 1), again=("Ann Lee",))
    assert names_of(later.new_people) == names_of(on_request.new_people) == ["Ann Lee"]


def test_a_person_who_is_deceased_in_a_later_response_is_excluded() -> None:
    changes = import_into(list_of(response(2, 1)), response(2, 3, doubts=("deceased",)))
    assert changes.list_after.people[0].include == "no"


def test_a_doubtful_response_does_not_change_a_person_in_the_list() -> None:
    ragged = response(2, 3, fields=MOVED, doubts=("ragged",), **MAIL)
    changes = import_into(list_of(response(2, 1, **MAIL)), ragged)
    assert (reported(changes), changes.list_after.people[0].include) == (
        [("doubted", "Street", "7 Oak Way")],
        "",
    )


def test_a_doubtful_person_needs_review_and_is_last_in_the_list() -> None:
    test_entry = response(2, fields={"Name": "Test"}, doubts=("test",))
    changes = import_into(EMPTY, test_entry, response(3, fields=BEN))
    assert [p.row for p in changes.new_people] == [3, 2]
    doubtful = changes.list_after.people[1]
    assert (doubtful.include, doubtful.to_decide) == ("no", "looks like a test entry")


AGNES = {"Name": "Ágnes Szabó", "Street": "12 Fő utca", "City": "Pécs"}


@pytest.mark.parametrize("name", ["Ágnes Szabó-Kis", "Agnes Kis", "Ágnes Sabó"])
def test_a_corrected_name_with_the_same_email_and_address_needs_review(name: str) -> None:
    first = response(14, 3, fields=AGNES, email="agnes@x.example")
    second = response(79, 4, fields={**AGNES, "Name": name}, email="agnes@x.example")
    (agnes, doubtful) = import_into(EMPTY, first, second).new_people
    assert (agnes.doubts, doubtful.doubts, doubtful.same_row) == ((), ("same-name",), 14)
    before = list_of(first)
    (listed_id,) = ids(before.people)
    for others in ((), (response(15, 4, fields=BEN, email="agnes@x.example"),)):
        changes = import_into(before, first, *others, second)
        (doubtful,) = (p for p in changes.new_people if p.fields["Name"] == name)
        assert (
            preview_reasons(doubtful)
            == f"same email and address as {listed_id}, Ágnes Szabó: same person?"
        )
        assert doubtful.has_same_home
        added = changes.list_after.people[-1]
        reason = f"same email and address as {listed_id}: same person?"
        assert (added.include, added.to_decide) == ("no", reason)
        joined = import_into(before, first, *others, second, same_person={79: listed_id})
        assert len(joined.list_after.people) == 1 + len(others)


@pytest.mark.parametrize("names", [("Jon Smiht", "John Smith"), ("Olena Bondar", "Olna Bondr")])
def test_a_misspelt_name_of_one_home_needs_review_and_can_be_joined(
    names: tuple[str, str],
) -> None:
    both = [
        response(row, row, fields={**AGNES, "Name": name}, email="j@x.example")
        for row, name in enumerate(names, 2)
    ]
    (first, doubtful) = import_into(EMPTY, *both).new_people
    assert (first.doubts, doubtful.doubts, doubtful.same_row) == ((), ("same-name",), 2)
    assert preview_reasons(doubtful) == "same email and address as row 2: same person?"
    joined = combine_by_person(collect(*both), "Spring", {doubtful.row: doubtful.same_row})
    assert [(p.row, p.fields["Name"], p.doubts) for p in joined.people] == [(3, names[1], ())]
    assert [(n.row, n.reason_code) for n in joined.skipped_rows] == [(2, "double")]


@pytest.mark.parametrize("other", ["Ben Szabó", "Ana Szabó"])
def test_people_who_share_a_home_and_an_email_need_no_review(other: str) -> None:
    ann, ben = ({**AGNES, "Name": name} for name in ("Ann Szabó", other))
    home = [
        response(2, fields=ann, email="h@x.example"),
        response(3, fields=ben, email="h@x.example"),
    ]
    assert [p.doubts for p in import_into(EMPTY, *home).new_people] == [(), ()]


def test_a_namesake_of_someone_in_the_list_needs_review() -> None:
    before = list_of(response(2))
    changes = import_into(before, response(2), response(3, fields={"Street": "9 Fir Lane"}))
    assert [(p.doubts, p.same_as) for p in changes.new_people] == [
        (("same-name",), before.people[0].id)
    ]


def test_the_reason_for_review_names_the_fields_in_which_people_resemble_each_other() -> None:
    cal = list_of(response(2, fields={"Name": "Cal Dow"}, **MAIL))
    (cal_id,) = ids(cal.people)
    renamed = import_into(cal, response(2, 5, fields={"Name": "Caleb Dow"}, **MAIL))
    assert [preview_reasons(p) for p in renamed.new_people] == [
        f"same email and address as {cal_id}, Cal Dow: same person?"
    ]
    # No trace of Cal may remain if his data is deleted.
    assert "Cal Dow" not in renamed.list_after.people[1].to_decide
    moved = import_into(cal, response(2, 5, fields={"Name": "Cal Dow", **MOVED}))
    assert [preview_reasons(p) for p in moved.new_people] == [
        f"same name as {cal_id}, different address"
    ]
    without_address = import_into(cal, replace(response(2, 5), fields={"Name": "Cal Dow"}))
    assert [preview_reasons(p) for p in without_address.new_people] == [f"same name as {cal_id}"]


@pytest.mark.parametrize("name", ["Lee, Ann", "Ann Lee (privat)", "ANN  LEE"])
def test_a_name_in_another_spelling_needs_review_and_joins_no_one(name: str) -> None:
    second = response(2, 5, fields={"Name": name, "Street": "Bahnhofstr. 5"})
    assert [p.doubts for p in import_into(list_of(response(2)), second).new_people] == [
        ("same-name",)
    ]
    assert [p.doubts for p in import_into(EMPTY, response(3), second).new_people] == [
        (),
        ("same-name",),
    ]
    mueller = response(2, fields={"Name": "Kurt Mueller"})
    similar = response(3, fields={"Name": "Kurt Müller", "Street": "5 Bahnhofstrasse"})
    assert [p.doubts for p in import_into(list_of(mueller), similar).new_people] == [("same-name",)]


def test_a_namesake_in_the_same_file_is_named_by_row_and_in_the_list_by_id() -> None:
    changes = import_into(EMPTY, response(2), response(3, fields={"Street": "9 Fir Lane"}))
    assert [preview_reasons(p) for p in changes.new_people if p.doubts] == [
        "same name as row 2, different address"
    ]
    first, second = changes.list_after.people
    assert second.to_decide == f"same name as {first.id}, different address"


def test_one_email_joins_people_only_if_one_name_is_longer_than_the_other() -> None:
    before = list_of(response(2, **MAIL))
    other_name = response(2, 5, fields={"Name": "Ann Grey", **MOVED}, **MAIL)
    (listed_id,) = ids(before.people)
    assert [(p.doubts, p.same_as) for p in import_into(before, other_name).new_people] == [
        (("same-name",), listed_id)
    ]
    joined = import_into(before, other_name, same_person={2: listed_id})
    assert [c.heading for c in joined.cell_changes] == ["Name", "Street"]
    fuller = response(2, 5, fields={"Name": "Ann M. Lee", **MOVED}, **MAIL)
    assert reported(import_into(before, fuller)) == [
        ("changed", "Name", "Ann M. Lee"),
        ("changed", "Street", "7 Oak Way"),
    ]


# People who are missing or deleted.

MANY = [response(n, fields={"Name": f"Person {'abcdefghij'[n]}{n}"}) for n in range(10)]


def test_people_no_longer_in_the_form_are_reported_except_for_a_partial_file() -> None:
    before = list_of(*MANY)
    changes = import_into(before, *MANY[1:])
    assert (ids(changes.missing_people), changes.is_partial_file) == (
        [before.people[0].id],
        False,
    )
    assert changes.list_after == before
    part = import_into(before, *MANY[3:])
    assert (part.missing_people, part.is_partial_file, part.missing_count) == ((), True, 3)
    assert not import_into(before, *MANY[1:], form="Autumn").missing_people


def test_a_deleted_person_stays_excluded_until_added_again_under_the_same_id() -> None:
    before = list_of(response(2), response(3, fields=BEN))
    ann_id, ben_id = ids(before.people)
    after_deletion = replace(before, people=before.people[1:])
    changes = import_into(after_deletion, response(2), response(3, fields=BEN))
    assert [(p.id, p.name) for p in changes.deleted_people] == [(ann_id, "Ann Lee")]
    assert changes.list_after == after_deletion
    added_again = import_into(after_deletion, response(2), again=("ann lee",))
    assert ids(added_again.new_people) == [ann_id]
    with_new_person = import_into(
        after_deletion, response(4, fields={"Name": "Cleo Vane", "Street": "3 Elm Row"})
    )
    assert {*ids(with_new_person.new_people)}.isdisjoint({ann_id, ben_id})


# People typed in signers.xlsx.

PLACES = {h: f"Signers!{'BCDE'[n]}14" for n, h in enumerate(ANN)}
TYPED = TypedPerson("name:ann lee", ANN, PLACES)


def test_a_person_typed_in_the_workbook_is_recognised_and_a_difference_reported_once() -> None:
    first = import_into(EMPTY, response(2, **MAIL), typed=[TYPED])
    assert (first.new_people, first.list_after.people, ids(first.unchanged_people)) == (
        (),
        (),
        [""],
    )
    moved = response(2, 5, fields=MOVED, **MAIL)
    changes = import_into(reread(first.list_after), moved, typed=[TYPED])
    assert [(c.kind, c.place, c.form_text) for c in changes.cell_changes] == [
        ("in-workbook", "Signers!C14", "7 Oak Way")
    ]
    assert import_into(changes.list_after, moved, typed=[TYPED]).cell_changes == ()


def test_a_person_typed_in_the_workbook_who_declines_is_reported_while_included() -> None:
    refusal = response(2, agrees=False)
    first = import_into(EMPTY, refusal, typed=[TYPED])
    assert [(w.name, w.place) for w in first.withdrawn_people] == [("Ann Lee", "Signers!B14")]
    assert first.list_after.people == ()
    assert (
        import_into(first.list_after, refusal, typed=[TYPED]).withdrawn_people
        == first.withdrawn_people
    )
    assert not import_into(
        first.list_after, refusal, typed=[replace(TYPED, is_included=False)]
    ).withdrawn_people


def test_a_row_that_staff_typed_into_the_list_is_recognised() -> None:
    typed_list = replace(EMPTY, people=(ListedPerson("", 2, ANN),))
    changes = import_into(
        typed_list, response(7, fields={**MOVED, "Street": ANN["Street"], "City": "Bath"})
    )
    assert [(c.kind, c.heading) for c in changes.cell_changes] == [("in-workbook", "City")]


# Two files, in any order, any number of times.

NAMES = ["Ann Lee", "Ann M. Lee", "Ben Lee", "Cleo Vane"]
STREETS = ["1 Elm Row", "2 Elm Row", ""]
EMAILS = ["", "a@x.example", "b@x.example"]


@st.composite
def response_lists(
    draw: st.DrawFn, *, undated: bool = False, undated_no: bool = False
) -> list[FormResponse]:
    """Draw the responses of a file, none doubtful.

    If `undated_no` is true, only a refusal may lack a day.
    """
    file_responses = []
    for row in range(2, 2 + draw(st.integers(1, 4))):
        fields = {
            "Name": draw(st.sampled_from(NAMES)),
            "Street": draw(st.sampled_from(STREETS)),
            "City": draw(st.sampled_from(["", "Oxford", "Bath"])),
        }
        days = st.integers(1, 4)
        agrees = draw(st.sampled_from([True, True, True, False]))
        may_lack_day = undated or (undated_no and not agrees)
        day = draw(st.none() | days if may_lack_day else days)
        email = draw(st.sampled_from(EMAILS))
        source = f"{fields} {email} {day} {agrees}"
        drawn = response(row, day, fields=fields, email=email, agrees=agrees, source_text=source)
        file_responses.append(drawn)
    return file_responses


def cells(signer_list: SignerList) -> set[tuple[tuple[str, str], ...]]:
    return {tuple(sorted(p.fields.items())) for p in signer_list.people}


@given(response_lists(undated=True))
def test_importing_the_same_file_twice_changes_nothing(first: list[FormResponse]) -> None:
    before = list_of(*first)
    again = import_into(before, *first)
    assert again.list_after == before
    assert not again.new_people


@given(response_lists(undated=True), response_lists(undated=True), st.data())
def test_an_import_keeps_staffs_cells_and_changes_include_only_to_no(
    first: list[FormResponse], second: list[FormResponse], data: st.DataObject
) -> None:
    before = list_of(*first)
    for person in before.people:
        street = data.draw(st.sampled_from([person.fields.get("Street", ""), "Staff Road"]))
        include = data.draw(st.sampled_from([person.include, "", "no"]))
        before = edit_by_staff(before, person.id, Street=street, Include=include)
    after = import_into(before, *second).list_after
    assert [p.id for p in after.people][: len(before.people)] == [p.id for p in before.people]
    assert len({p.id for p in after.people}) == len(after.people)
    for old, new in zip(before.people, after.people, strict=False):
        if old.fields.get("Street") == "Staff Road":
            assert new.fields["Street"] == "Staff Road"
        assert not (old.include == "no" and new.include != "no")
    assert import_into(reread(after), *second).list_after == reread(after)


def different_people(number: int) -> list[FormResponse]:
    names = ({"Name": f"Person {n}", "Street": f"{n} Elm Row"} for n in range(number))
    return [response(row, fields=fields) for row, fields in enumerate(names, 2)]


def test_an_import_never_gives_a_new_person_the_id_of_someone_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(import_ids, "_ALPHABET", "CD")
    everyone = different_people(60)
    deleted = list_of(*everyone[:20])
    before = replace(deleted, people=(ListedPerson("fcdcdcd", 2, ANN), *deleted.people[5:]))
    typed = [TypedPerson(str(n), BEN, id=f"fccc{code}") for n, code in enumerate(("ccc", "ccd"))]
    used_ids = {*before.records, "FCDCDCD", "FCCCCCC", "FCCCCCD"}
    changes = import_into(before, *everyone[20:], typed=typed)
    new_ids = ids(changes.new_people)
    assert len({*new_ids}) == len(new_ids) == 40
    assert used_ids.isdisjoint(new_ids)


def test_an_import_gives_a_person_the_same_id_in_two_copies_of_a_list() -> None:
    everyone = [*different_people(30), response(90, fields=BEN, **MAIL)]
    changes = import_into(EMPTY, *everyone)
    id_by_name = {person.fields["Name"]: person.id for person in changes.new_people}
    moved = response(2, 5, fields={**BEN, **MOVED}, **MAIL)
    ann = response(3, **MAIL)
    later = import_into(EMPTY, ann, moved, *everyone[20:30], form="Autumn")
    other_ids = {person.fields["Name"]: person.id for person in later.new_people}
    assert other_ids.pop("Ann Lee") not in id_by_name.values()
    assert len(other_ids) == 11
    assert other_ids.items() <= id_by_name.items()
    elsewhere = import_into(replace(EMPTY, salt="ff00"), *everyone)
    assert {*ids(elsewhere.new_people)}.isdisjoint(id_by_name.values())


def test_the_ids_of_a_new_list_depend_on_the_first_response_alone() -> None:
    texts = ("Ann,2026-11-01 10:00:00", "Ben,2026-11-02 10:00:00")
    ann, ben = (response(row, row, source_text=text, **MAIL) for row, text in enumerate(texts, 2))
    refusal = replace(ann, agrees=False, row=9)
    files = [(ann,), (ben, ann), (refusal, ben), (replace(ben, earlier_responses=(ann,)),)]
    assert len({import_ids.new_list_salt(collect(*file)) for file in files}) == 1
    others = [(ben,), (replace(ann, source_text="Ann,2026-11-01 10:00:01"),), ()]
    assert len({import_ids.new_list_salt(collect(*file)) for file in (*files, *others)}) == 4


def test_an_import_gives_ids_without_vowels_and_look_alikes() -> None:
    own_ids = ids(import_into(EMPTY, *different_people(30)).new_people)
    assert all(re.fullmatch("F[A-Z2-9]{6}", own_id) for own_id in own_ids)
    assert {*"".join(own_ids)}.isdisjoint("AEIOUY01L")


def people(listing: SignerList) -> set[tuple[object, ...]]:
    """Return all that letters print of included people and people to review."""
    return {tuple(sorted(p.fields.items())) for p in listing.people}


def people_near_refusals(listing: SignerList) -> set[tuple[object, ...]]:
    """Return the people whose consent is withdrawn, or may be."""
    withdrawn = re.compile("consent withdrawn|declined")
    return people(
        replace(listing, people=tuple(p for p in listing.people if withdrawn.search(p.to_decide)))
    )


def rows_joined(combined: CollectedResponses) -> set[frozenset[int]]:
    everyone = (*combined.people, *combined.refusals)
    return {frozenset({a.row, *(e.row for e in a.earlier_responses)}) for a in everyone}


def joins_people_of_the_other(first: list[FormResponse], second: list[FormResponse]) -> bool:
    """Return True if a response of one file joins two people of the other."""
    second = [replace(a, row=a.row + 10) for a in second]
    both = rows_joined(combine_by_person(collect(*first, *second), "Spring"))
    for responses_of_file in (first, second):
        rows_of_file = {a.row for a in responses_of_file}
        if {rows & rows_of_file for rows in both if rows & rows_of_file} != rows_joined(
            combine_by_person(collect(*responses_of_file), "")
        ):
            return True
    return False


def has_two_responses_on_a_day(responses: list[FormResponse]) -> bool:
    """Return True if a file has two responses of a person on one day.

    The later row counts.
    """
    combined = combine_by_person(collect(*responses), "Spring")
    histories = ((a, *a.earlier_responses) for a in (*combined.people, *combined.refusals))
    return any(len({a.submitted_at for a in history}) < len(history) for history in histories)


@given(response_lists(undated_no=True), response_lists(undated_no=True))
def test_two_files_in_any_order_give_the_same_people(
    first: list[FormResponse], second: list[FormResponse]
) -> None:
    both = [*first, *(replace(a, row=a.row + 10) for a in second)]
    assume(not (joins_people_of_the_other(first, second) or has_two_responses_on_a_day(both)))
    moments = [{(a.email, a.submitted_at) for a in each if a.email} for each in (first, second)]
    assume(moments[0].isdisjoint(moments[1]))
    first_then_second = reread(import_into(list_of(*first), *second).list_after)
    second_then_first = reread(import_into(list_of(*second), *first).list_after)
    near_refusals, near_refusals_too = (
        people_near_refusals(first_then_second),
        people_near_refusals(second_then_first),
    )
    differ = (people(first_then_second) - near_refusals) ^ (
        people(second_then_first) - near_refusals_too
    )
    assert differ <= near_refusals | near_refusals_too


def included_names(listing: SignerList) -> set[str]:
    return {p.fields["Name"] for p in listing.people if p.include != "no"}


@given(
    response_lists(undated=True), response_lists(undated=True), st.randoms(use_true_random=False)
)
def test_whether_a_person_is_included_does_not_depend_on_the_order_of_rows_or_imports(
    first: list[FormResponse], second: list[FormResponse], order: Random
) -> None:
    first_named, second_named = (
        [replace(a, email=a.fields["Name"]) for a in each] for each in (first, second)
    )
    shuffled = [
        [replace(a, row=n) for n, a in enumerate(order.sample(f, len(f)), 2)]
        for f in (first_named, second_named)
    ]
    lists = [
        import_into(list_of(*first_named), *second_named).list_after,
        import_into(list_of(*second_named), *first_named).list_after,
    ]
    lists += [import_into(list_of(*shuffled[0]), *shuffled[1]).list_after]
    assert len({frozenset(included_names(listing)) for listing in lists}) == 1
