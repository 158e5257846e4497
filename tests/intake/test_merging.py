"""What an export changes in the list: the table of three-way changes, order, and who stays out."""

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

from merge.intake.choices import ImportChoices
from merge.intake.form_types import CollectedResponses, FormResponse
from merge.intake.list_types import ListChanges, ListedPerson, SignerList
from merge.intake.matching import TypedPerson, combine_by_person
from merge.intake.merging import merge_responses
from merge.intake.review_reasons import preview_reasons

TODAY = dt.date(2026, 11, 26)
HEADINGS = ("ID", "Name", "Street", "Postal code", "City", "Include", "To decide")
EMPTY = SignerList(headings=HEADINGS, salt="00ff")
ANN = {"Name": "Ann Lee", "Street": "1 Elm Row", "Postal code": "OX1 9ZZ", "City": "Oxford"}
BEN = {"Name": "Ben Ode", "Street": "2 Elm Row", "Postal code": "OX1 9ZZ", "City": "Oxford"}


def answer(row: int, day: int | None = 1, **more: object) -> FormResponse:
    """An answer of a day in November, by default Ann's; `fields` are put over hers."""
    fields = {**ANN, **more.pop("fields", {})}  # type: ignore[dict-item]
    when = dt.datetime(2026, 11, day, 12, tzinfo=dt.UTC) if day else None
    order = int(when.timestamp()) if when else 0
    own = FormResponse(
        row, {h: t for h, t in fields.items() if t}, submitted_at=when, time_rank=order
    )
    return replace(own, **more)  # type: ignore[arg-type]


def file(*answers: FormResponse) -> CollectedResponses:
    people = tuple(a for a in answers if a.agrees)
    return CollectedResponses(people, tuple(a for a in answers if not a.agrees), (), ())


def taken(
    before: SignerList,
    *answers: FormResponse,
    typed: Sequence[TypedPerson] = (),
    form: str = "Spring",
    **choices: object,
) -> ListChanges:
    """What a file of these answers changes."""
    chosen = ImportChoices(form=form, **choices)  # type: ignore[arg-type]
    return merge_responses(combine_by_person(file(*answers), form), before, typed, chosen, TODAY)


def saved(listed: SignerList) -> SignerList:
    """The list as it is read again: each person has a row."""
    people = tuple(replace(p, row=n) for n, p in enumerate(listed.people, 2))
    return replace(listed, people=people)


def listed(*answers: FormResponse, **more: object) -> SignerList:
    """The list after a first file."""
    return saved(taken(EMPTY, *answers, **more).list_after)  # type: ignore[arg-type]


def edited(before: SignerList, own: str, **cells: str) -> SignerList:
    """The list after staff have changed cells of somebody; `Include` as well."""

    def person(p: ListedPerson) -> ListedPerson:
        if p.id != own:
            return p
        include = cells.get("Include", p.include)
        fields = {**p.fields, **{h: t for h, t in cells.items() if h != "Include"}}
        return replace(p, fields=fields, include=include)

    return replace(before, people=tuple(map(person, before.people)))


def told(changes: ListChanges) -> list[tuple[str, str, str]]:
    return [(c.kind, c.heading, c.form_text) for c in changes.cell_changes]


def ids(people: Sequence[object]) -> list[str]:
    return [p.id for p in people]  # type: ignore[attr-defined]


# One person twice in a file.


def test_the_later_answer_counts_cell_by_cell_and_its_blanks_do_not_erase() -> None:
    later = answer(9, 3, fields={"Street": "7 Oak Way", "City": ""}, email="a@x.example")
    whole = combine_by_person(file(answer(5, 1, email="A@x.example"), later), "Spring")
    assert [(p.row, p.fields["Street"], p.fields["City"]) for p in whole.people] == [
        (9, "7 Oak Way", "Oxford")
    ]
    assert [(n.row, n.reason_code, n.counted_row) for n in whole.skipped_rows] == [(5, "double", 9)]


def test_one_e_mail_with_two_names_is_two_people_in_one_file() -> None:
    both = file(answer(2, email="lee@x.example"), answer(3, fields=BEN, email="lee@x.example"))
    assert len(combine_by_person(both, "Spring").people) == 2


def test_one_name_with_two_addresses_is_a_question() -> None:
    both = file(answer(2), answer(3, fields={"Street": "9 Fir Lane"}))
    first, second = combine_by_person(both, "Spring").people
    assert (first.doubts, second.doubts, second.same_name_row) == ((), ("same-name",), 2)


def test_who_says_no_last_says_no_and_where_the_time_does_not_tell_as_well() -> None:
    no = answer(2, None, agrees=False)
    whole = combine_by_person(file(no, answer(3, None)), "Spring")
    assert not whole.people
    assert [(n.row, n.reason_code) for n in whole.skipped_rows] == [
        (2, "contested"),
        (3, "contested"),
    ]


def test_of_two_answers_of_one_day_in_a_file_the_one_that_does_not_count_is_told() -> None:
    moved = answer(5, 3, fields={"Street": "7 Oak Way"}, email="a@x.example")
    whole = combine_by_person(file(answer(4, 3, email="a@x.example"), moved), "Spring")
    assert [person.fields["Street"] for person in whole.people] == ["7 Oak Way"]
    (told,) = whole.skipped_rows
    assert (told.row, told.reason_code, told.counted_row) == (4, "same-day", 5)
    assert told.other_values == {"Street": answer(4).fields["Street"]}
    alike = combine_by_person(file(answer(4, 3), answer(5, 3)), "Spring")
    assert [(n.row, n.reason_code) for n in alike.skipped_rows] == [(4, "double")]


def test_a_name_alone_that_does_not_agree_makes_its_namesake_doubtful() -> None:
    bare = FormResponse(5, {"Name": "ann lee"}, agrees=False)
    (person,) = combine_by_person(file(answer(2), bare), "Spring").people
    assert (person.doubts, person.same_name_row) == (("same-name",), 5)


def test_a_submission_that_is_counted_anew_is_somebody_else() -> None:
    before = listed(answer(2, submission_id="1"))
    changes = taken(before, answer(2, 5, fields=BEN, submission_id="1"))
    assert [p.fields["Name"] for p in changes.new_people] == ["Ben Ode"]


def test_who_says_no_may_be_told_by_the_e_mail_alone() -> None:
    no = replace(answer(9, 9, **MAIL), fields={}, agrees=False)
    ann = answer(2, **MAIL)
    assert not combine_by_person(file(ann, no), "Spring").people
    assert ids(taken(listed(ann), no).withdrawn_people) == ["F1"]
    ben = answer(3, fields=BEN, **MAIL)
    assert len(combine_by_person(file(ann, ben, no), "Spring").people) == 2


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
def test_a_cell_changes_only_where_staff_left_it(
    theirs: str, ours: str, kind: str | None, after: str
) -> None:
    before = edited(listed(answer(2, **MAIL)), "F1", Street=ours)
    changes = taken(before, answer(2, 5, fields={"Street": theirs}, **MAIL))
    assert [c.kind for c in changes.cell_changes] == ([kind] if kind else [])
    assert changes.list_after.people[0].fields["Street"] == after
    assert ids(changes.unchanged_people) == ([] if kind else ["F1"])


def test_both_is_told_once() -> None:
    before = edited(listed(answer(2, **MAIL)), "F1", Street="1a Elm Row")
    again = answer(2, 5, fields=MOVED, **MAIL)
    changes = taken(before, again)
    assert told(changes) == [("both", "Street", "7 Oak Way")]
    assert told(taken(saved(changes.list_after), again)) == [("kept", "Street", "7 Oak Way")]


def test_a_heading_that_is_new_fills_what_is_blank() -> None:
    before = listed(answer(2, fields={"City": ""}))
    changes = taken(before, answer(2))
    assert told(changes) == [("changed", "City", "Oxford")]


def test_of_two_answers_of_one_day_that_of_the_file_with_more_answers_counts() -> None:
    noon, evening = answer(2, 5, **MAIL), answer(2, 5, fields=MOVED, **MAIL)
    other, next_day = answer(3, 5, fields=BEN), answer(3, 6, fields=BEN)
    for beside in (other, next_day):
        forth = taken(listed(noon), evening, beside)
        assert told(forth) == [("changed", "Street", "7 Oak Way")]
        back = taken(listed(evening, beside), noon)
        assert told(back) == [("older", "Street", "1 Elm Row")]


def test_of_two_answers_of_one_day_one_counts_in_whatever_order_and_the_other_is_told() -> None:
    noon, evening = answer(2, 5, **MAIL), answer(2, 5, fields=MOVED, **MAIL)
    forth, back = taken(listed(noon), evening), taken(listed(evening), noon)
    assert people(forth.list_after) == people(back.list_after)
    assert sorted(kind for kind, *_ in (*told(forth), *told(back))) == ["changed", "same-day"]
    other = forth if told(forth)[0][0] == "same-day" else back
    form = other.cell_changes[0].form_text
    before, last = (listed(noon), evening) if other is forth else (listed(evening), noon)
    ticked = taken(before, last, take_form={("F1", "Street")})
    assert told(ticked) == [("changed", "Street", form)]


def test_an_answer_without_a_day_that_says_otherwise_is_told_as_that() -> None:
    before = listed(answer(2, 5, **MAIL))
    for day in (None, 3):
        (cell,) = taken(before, answer(2, day, fields=MOVED, **MAIL)).cell_changes
        assert (cell.kind, cell.response_day) == ("older", dt.date(2026, 11, day) if day else None)


def test_an_answer_edited_under_its_id_is_taken_from_a_later_file_only() -> None:
    first, then = answer(2, 5, submission_id="a"), answer(2, 5, fields=MOVED, submission_id="a")
    assert told(taken(listed(first), then)) == [("changed", "Street", "7 Oak Way")]
    later = listed(then, answer(3, 6, fields=BEN))
    back = taken(later, first)
    assert (back.list_after.people, told(back)) == (
        later.people,
        [("older", "Street", "1 Elm Row")],
    )


# Who takes part.


def test_who_withdraws_is_left_out_wherever_ids_stand_now() -> None:
    before = listed(answer(2, 1), answer(3, 1, fields=BEN))
    no = answer(2, 9, agrees=False)
    ann, ben = before.people
    swapped = replace(before, people=(replace(ann, fields=ben.fields), replace(ben, fields=ANN)))
    assert {p.include for p in taken(swapped, no).list_after.people} == {"no"}
    without = replace(before, people=(replace(ann, id=""), ben))
    assert [(w.name, w.place) for w in taken(without, no).withdrawn_people] == [
        ("Ann Lee", "row 2")
    ]
    twice = replace(before, people=(ann, ben, replace(ann, row=9)))
    assert {w.place for w in taken(twice, no).withdrawn_people} == {"", "row 9"}


def test_a_withdrawal_says_no_in_a_row_of_the_list_that_staff_typed_until_they_decide() -> None:
    own = replace(EMPTY, people=(ListedPerson("", 7, ANN),))
    no = answer(2, 5, agrees=False)
    changes = taken(own, no)
    assert [(w.list_row, w.is_uncertain) for w in changes.withdrawn_people] == [(7, False)]
    (ann,) = changes.list_after.people
    assert (ann.include, ann.to_decide) == ("no", "consent withdrawn")
    decided = replace(changes.list_after, people=(replace(ann, include=""),))
    assert taken(decided, no).list_after.people[0].include == ""


def test_a_withdrawal_says_no_where_the_id_of_somebody_was_emptied() -> None:
    before = listed(answer(2, 1))
    without = replace(before, people=(replace(before.people[0], id=""),))
    assert taken(without, answer(2, 9, agrees=False)).list_after.people[0].include == "no"


def test_a_no_from_another_address_is_perhaps_of_the_only_one_of_that_name() -> None:
    no = answer(2, 9, agrees=False, fields={"Street": "12 High St"})
    changes = taken(listed(answer(2, 1)), no)
    assert [(w.id, w.is_uncertain) for w in changes.withdrawn_people] == [("F1", True)]
    assert changes.list_after.people[0].include == "no"
    typed = TypedPerson("name:ann lee", ANN, PLACES)
    changes = taken(EMPTY, no, typed=[typed])
    assert [(w.place, w.is_uncertain) for w in changes.withdrawn_people] == [("Signers!B14", True)]
    two = listed(answer(2, 1), answer(3, 1, fields={"Street": "9 Fir Lane"}))
    assert not taken(two, no).withdrawn_people


@pytest.mark.parametrize("form", ["Spring", "Autumn"])
@pytest.mark.parametrize(
    "written", [{"Street": "Elm Street 1"}, {"Name": "Lee, Ann", "Postal code": "", "City": "Bath"}]
)
def test_who_has_the_name_of_somebody_who_said_no_waits(
    form: str, written: Mapping[str, str]
) -> None:
    refused = saved(taken(EMPTY, answer(2, 5, agrees=False)).list_after)
    changes = taken(refused, answer(2, 9, fields=written), form=form)
    assert changes.list_after.people[0].include == "no"
    told = "same name as someone who declined in Spring"
    assert [preview_reasons(p) for p in changes.new_people] == [told]
    assert changes.list_after.people[0].to_decide == told


def test_an_address_is_the_same_whether_code_or_town_comes_first() -> None:
    one, other = "12 High St, SW1A 1AA London", "12 High St, London SW1A 1AA"
    no = answer(2, 5, agrees=False)
    refused = taken(EMPTY, replace(no, fields={"Name": "Ann Lee", "Address": one})).list_after
    changes = taken(refused, replace(answer(2, 1), fields={"Name": "Ann Lee", "Address": other}))
    assert [r.name for r in changes.declined_people] == ["Ann Lee"]
    flats = [{"Name": "Ann Lee", "Address": a} for a in ("Flat 2, 14 Elm", "Flat 14, 2 Elm")]
    two = combine_by_person(
        file(*(replace(answer(n), fields=f) for n, f in enumerate(flats, 2))), ""
    )
    assert len(two.people) == 2


def test_who_withdraws_may_send_nothing_but_the_submission() -> None:
    before = listed(answer(2, 1, submission_id="s-1"))
    no = answer(2, 9, agrees=False, submission_id="s-1")
    assert ids(taken(before, replace(no, fields={})).withdrawn_people) == ["F1"]


def test_of_two_rows_of_one_id_the_one_as_the_form_said_is_changed() -> None:
    before = listed(answer(2, 1))
    (ann,) = before.people
    other = replace(ann, row=9, fields={**ANN, "Name": "Somebody Else"})
    moved = answer(2, 9, fields={"Street": "7 Oak Way"}, email="a@x.example")
    moved = replace(moved, earlier_responses=(answer(2, 1),))
    after = taken(replace(before, people=(other, ann)), moved).list_after.people
    assert [p.fields["Street"] for p in after] == ["1 Elm Row", "7 Oak Way"]


@pytest.mark.parametrize("own", ["F" + "9" * 5000, "F999999999999", "F٣"])
def test_an_id_of_staffs_own_making_is_not_counted_on_from(own: str) -> None:
    before = listed(answer(2, 1))
    before = replace(before, people=(replace(before.people[0], id=own),))
    assert ids(taken(before, answer(2, 1, fields=BEN)).new_people) == ["F2"]


def test_a_later_answer_withdraws_and_an_import_never_lets_in_again() -> None:
    changes = taken(listed(answer(2)), answer(2, 5, agrees=False))
    assert ids(changes.withdrawn_people) == ["F1"]
    out = saved(changes.list_after)
    assert (out.people[0].include, out.people[0].to_decide) == ("no", "consent withdrawn")
    later = taken(out, answer(2, 9))
    assert later.list_after.people[0].include == "no"
    assert [(c.kind, c.heading, c.response_day) for c in later.cell_changes] == [
        ("agrees-again", "Include", dt.date(2026, 11, 9))
    ]
    assert not taken(saved(later.list_after), answer(2, 9)).cell_changes
    staffs = edited(saved(taken(EMPTY, answer(2)).list_after), "F1", Include="no")
    assert [c.kind for c in taken(staffs, answer(2, 9)).cell_changes] == ["kept"]


def test_many_withdraw_in_one_file_in_proportion() -> None:
    def calls(size: int) -> int:
        """How many functions of the import are called if so many withdraw, and no others."""
        names = ({"Name": f"Ann Lee{n}", "Street": f"{n} Elm Row"} for n in range(size))
        first = [answer(row, fields=each) for row, each in enumerate(names, 2)]
        everybody, counted = listed(*first), Counter[tuple[str, str]]()
        out = [replace(each, agrees=False) for each in first]
        sys.setprofile(lambda f, event, _: counted.update([(event, f.f_code.co_filename)]))
        try:
            changes = taken(everybody, *out)
        finally:
            sys.setprofile(None)
        assert len(changes.withdrawn_people) == size
        intake = Path(merge_responses.__code__.co_filename).parent
        return sum(counted[each] for each in counted if Path(each[1]).parent == intake)

    assert calls(200) < 5 * calls(50)


def test_a_row_that_only_the_words_for_yes_made_a_no_is_looked_at_again() -> None:
    yes, submitted = answer(2, source_text="Ann|I agree"), {"submission_id": "s-1"}
    for row in (yes, replace(yes, **submitted), replace(yes, submitted_at=None)):  # type: ignore[arg-type]
        refused = saved(taken(EMPTY, replace(row, agrees=False)).list_after)
        assert ids(taken(refused, row).new_people) == ["F1"]
        other = replace(row, source_text="Ann|yes")  # as an older export may have it
        assert not taken(refused, other).new_people
    withdrawn = saved(taken(listed(yes), replace(yes, agrees=False)).list_after)
    changes = taken(withdrawn, yes)
    assert [c.kind for c in changes.cell_changes] == ["agrees-again"]
    assert changes.list_after.people[0].include == "no"


def test_what_staff_decided_of_a_refusal_stays() -> None:
    no = answer(2, 5, agrees=False)
    decided = edited(saved(taken(listed(answer(2)), no).list_after), "F1", Include="")
    assert taken(decided, no).list_after == decided
    assert taken(decided, answer(2, 6, agrees=False)).list_after.people[0].include == "no"


def test_an_older_answer_that_does_not_agree_changes_nothing_and_is_told() -> None:
    before = listed(answer(2, 5))
    changes = taken(before, answer(2, 1, agrees=False))
    assert (changes.list_after, told(changes)) == (before, [("older", "Include", "no")])


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
def test_a_yes_counts_in_a_file_only_if_it_is_certainly_later_than_each_no(
    yes: dt.datetime | None, no: dt.datetime | None, counts: str
) -> None:
    for rows in ((2, 3), (3, 2)):
        one = replace(answer(rows[0], None), submitted_at=yes, time_rank=yes.hour if yes else 0)
        other = replace(
            answer(rows[1], None, agrees=False), submitted_at=no, time_rank=no.hour if no else 0
        )
        found = combine_by_person(file(one, other), "Spring")
        assert bool(found.people) == (counts == "yes")
        is_certain = yes is not None and no is not None and yes != no
        whys = {row.reason_code for row in found.skipped_rows} - {"double"}
        assert whys == (
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
def test_a_no_that_says_its_day_only_may_be_of_any_time_of_that_day(
    yes: str, no: str, counts: str
) -> None:
    moments = [dt.datetime.fromisoformat(text) for text in (yes, no)]
    order = [sorted(moments).index(at) for at in moments]
    one = replace(answer(2, None), submitted_at=moments[0], time_rank=order[0])
    other = replace(answer(3, None, agrees=False), submitted_at=moments[1], time_rank=order[1])
    found = combine_by_person(file(one, other), "Spring")
    assert bool(found.people) == (counts == "yes")
    whys = {row.reason_code for row in found.skipped_rows} - {"double"}
    assert whys == ({"contested"} if counts == "no" else set())


def test_after_a_no_of_no_known_day_no_yes_is_certainly_later() -> None:
    no, earlier_no = answer(2, None, agrees=False), answer(2, 1, agrees=False)
    for files in (
        (no, answer(2, 9)),
        (no, earlier_no, answer(2, 9)),
        (earlier_no, no, answer(2, 9)),
    ):
        listing = EMPTY
        for one in files:
            changes = taken(listing, one)
            listing = saved(changes.list_after)
        assert [p.name for p in changes.declined_people] == ["Ann Lee"]
        assert not listing.people
    typed = listed(no, typed=[TypedPerson("k", ANN)])
    assert taken(typed, answer(2, 9), typed=[TypedPerson("k", ANN)]).withdrawn_people == ()
    after = taken(typed, answer(2, 9), typed=[TypedPerson("k", ANN)]).list_after
    assert [r.newest for r in after.records.values()] == [None]


def test_a_no_of_no_known_day_counts() -> None:
    assert ids(taken(listed(answer(2, 5)), answer(2, None, agrees=False)).withdrawn_people) == [
        "F1"
    ]


def test_who_said_no_and_never_was_in_is_kept_out_by_an_older_file_only() -> None:
    refused = saved(taken(EMPTY, answer(2, 5, agrees=False)).list_after)
    older = taken(refused, answer(2, 1))
    assert (older.new_people, [p.name for p in older.declined_people]) == ((), ["Ann Lee"])
    assert not older.list_after.people
    assert ids(taken(refused, answer(2, 9)).new_people) == ["F1"]
    assert ids(taken(refused, answer(2, 1), again=("Ann Lee",)).new_people) == ["F1"]


def test_who_is_deceased_in_a_later_answer_is_left_out() -> None:
    changes = taken(listed(answer(2, 1)), answer(2, 3, doubts=("deceased",)))
    assert changes.list_after.people[0].include == "no"


def test_a_doubtful_answer_changes_nobody_who_is_in() -> None:
    ragged = answer(2, 3, fields=MOVED, doubts=("ragged",), **MAIL)
    changes = taken(listed(answer(2, 1, **MAIL)), ragged)
    assert (told(changes), changes.list_after.people[0].include) == (
        [("doubted", "Street", "7 Oak Way")],
        "",
    )


def test_somebody_doubtful_waits_and_is_last() -> None:
    test = answer(2, fields={"Name": "Test"}, doubts=("test",))
    changes = taken(EMPTY, test, answer(3, fields=BEN))
    assert [(p.id, p.row) for p in changes.new_people] == [("F1", 3), ("F2", 2)]
    waiting = changes.list_after.people[1]
    assert (waiting.include, waiting.to_decide) == ("no", "looks like a test entry")


AGNES = {"Name": "Ágnes Szabó", "Street": "12 Fő utca", "City": "Pécs"}


@pytest.mark.parametrize("name", ["Ágnes Szabó-Kis", "Agnes Kis", "Ágnes Sabó"])
def test_the_same_e_mail_and_address_under_a_corrected_name_waits(name: str) -> None:
    first = answer(14, 3, fields=AGNES, email="agnes@x.example")
    second = answer(79, 4, fields={**AGNES, "Name": name}, email="agnes@x.example")
    (agnes, waits) = taken(EMPTY, first, second).new_people
    assert (agnes.doubts, waits.doubts, waits.same_row) == ((), ("same-name",), 14)
    before = listed(first)
    for beside in ((), (answer(15, 4, fields=BEN, email="agnes@x.example"),)):
        changes = taken(before, first, *beside, second)
        (waits,) = (p for p in changes.new_people if p.fields["Name"] == name)
        assert preview_reasons(waits) == "same email and address as F1, Ágnes Szabó: same person?"
        assert waits.has_same_home
        added = changes.list_after.people[-1]
        why = "same email and address as F1: same person?"
        assert (added.include, added.to_decide) == ("no", why)
        one = taken(before, first, *beside, second, same_person={79: "F1"})
        assert len(one.list_after.people) == 1 + len(beside)


@pytest.mark.parametrize("names", [("Jon Smiht", "John Smith"), ("Olena Bondar", "Olna Bondr")])
def test_a_name_with_slips_of_one_home_waits_in_one_file_and_may_be_made_one(
    names: tuple[str, str],
) -> None:
    both = [
        answer(row, row, fields={**AGNES, "Name": name}, email="j@x.example")
        for row, name in enumerate(names, 2)
    ]
    (first, waits) = taken(EMPTY, *both).new_people
    assert (first.doubts, waits.doubts, waits.same_row) == ((), ("same-name",), 2)
    assert preview_reasons(waits) == "same email and address as row 2: same person?"
    one = combine_by_person(file(*both), "Spring", {waits.row: waits.same_row})
    assert [(p.row, p.fields["Name"], p.doubts) for p in one.people] == [(3, names[1], ())]
    assert [(n.row, n.reason_code) for n in one.skipped_rows] == [(2, "double")]


@pytest.mark.parametrize("other", ["Ben Szabó", "Ana Szabó"])
def test_people_who_share_a_home_and_an_e_mail_are_no_question(other: str) -> None:
    ann, ben = ({**AGNES, "Name": name} for name in ("Ann Szabó", other))
    home = [answer(2, fields=ann, email="h@x.example"), answer(3, fields=ben, email="h@x.example")]
    assert [p.doubts for p in taken(EMPTY, *home).new_people] == [(), ()]


def test_a_namesake_of_somebody_in_the_list_waits() -> None:
    changes = taken(listed(answer(2)), answer(2), answer(3, fields={"Street": "9 Fir Lane"}))
    assert [(p.id, p.doubts, p.same_as) for p in changes.new_people] == [
        ("F2", ("same-name",), "F1")
    ]


def test_in_what_somebody_is_like_somebody_else_is_said_as_it_is() -> None:
    cal = listed(answer(2, fields={"Name": "Cal Dow"}, **MAIL))
    renamed = taken(cal, answer(2, 5, fields={"Name": "Caleb Dow"}, **MAIL))
    assert [preview_reasons(p) for p in renamed.new_people] == [
        "same email and address as F1, Cal Dow: same person?"
    ]
    assert "Cal Dow" not in renamed.list_after.people[1].to_decide  # who forgets Cal finds no trace
    moved = taken(cal, answer(2, 5, fields={"Name": "Cal Dow", **MOVED}))
    assert [preview_reasons(p) for p in moved.new_people] == ["same name as F1, different address"]
    bare = taken(cal, replace(answer(2, 5), fields={"Name": "Cal Dow"}))
    assert [preview_reasons(p) for p in bare.new_people] == ["same name as F1"]


@pytest.mark.parametrize("name", ["Lee, Ann", "Ann Lee (privat)", "ANN  LEE"])
def test_a_name_written_otherwise_is_a_question_and_nobody_is_joined(name: str) -> None:
    other = answer(2, 5, fields={"Name": name, "Street": "Bahnhofstr. 5"})
    assert [p.doubts for p in taken(listed(answer(2)), other).new_people] == [("same-name",)]
    assert [p.doubts for p in taken(EMPTY, answer(3), other).new_people] == [(), ("same-name",)]
    mueller = answer(2, fields={"Name": "Kurt Mueller"})
    same = answer(3, fields={"Name": "Kurt Müller", "Street": "5 Bahnhofstrasse"})
    assert [p.doubts for p in taken(listed(mueller), same).new_people] == [("same-name",)]


def test_a_namesake_within_the_file_is_told_by_the_row_and_in_the_list_by_the_id() -> None:
    changes = taken(EMPTY, answer(2), answer(3, fields={"Street": "9 Fir Lane"}))
    assert [preview_reasons(p) for p in changes.new_people if p.doubts] == [
        "same name as row 2, different address"
    ]
    assert changes.list_after.people[1].to_decide == "same name as F1, different address"


def test_the_same_e_mail_with_half_a_name_is_asked_and_with_a_fuller_name_is_one() -> None:
    before = listed(answer(2, **MAIL))
    other = answer(2, 5, fields={"Name": "Ann Grey", **MOVED}, **MAIL)
    assert [(p.doubts, p.same_as) for p in taken(before, other).new_people] == [
        (("same-name",), "F1")
    ]
    joined = taken(before, other, same_person={2: "F1"})
    assert [c.heading for c in joined.cell_changes] == ["Name", "Street"]
    fuller = answer(2, 5, fields={"Name": "Ann M. Lee", **MOVED}, **MAIL)
    assert told(taken(before, fuller)) == [
        ("changed", "Name", "Ann M. Lee"),
        ("changed", "Street", "7 Oak Way"),
    ]


# Gone, deleted.

MANY = [answer(n, fields={"Name": f"Person {'abcdefghij'[n]}{n}"}) for n in range(10)]


def test_who_is_not_in_the_file_any_more_is_told_and_a_part_makes_nobody_gone() -> None:
    before = listed(*MANY)
    changes = taken(before, *MANY[1:])
    assert (ids(changes.missing_people), changes.is_partial_file) == (["F1"], False)
    assert changes.list_after == before
    part = taken(before, *MANY[3:])
    assert (part.missing_people, part.is_partial_file, part.missing_count) == ((), True, 3)
    assert not taken(before, *MANY[1:], form="Autumn").missing_people


def test_who_was_deleted_stays_out_until_taken_in_again_under_the_same_id() -> None:
    before = listed(answer(2), answer(3, fields=BEN))
    without = replace(before, people=before.people[1:])
    changes = taken(without, answer(2), answer(3, fields=BEN))
    assert [(p.id, p.name) for p in changes.deleted_people] == [("F1", "Ann Lee")]
    assert changes.list_after == without
    assert ids(taken(without, answer(2), again=("ann lee",)).new_people) == ["F1"]
    new = taken(without, answer(4, fields={"Name": "Cleo Vane", "Street": "3 Elm Row"}))
    assert ids(new.new_people) == ["F3"]


# People typed in signers.xlsx.

PLACES = {h: f"Signers!{'BCDE'[n]}14" for n, h in enumerate(ANN)}
TYPED = TypedPerson("name:ann lee", ANN, PLACES)


def test_somebody_typed_in_the_workbook_is_found_and_told_once_with_the_cell() -> None:
    first = taken(EMPTY, answer(2, **MAIL), typed=[TYPED])
    assert (first.new_people, first.list_after.people, ids(first.unchanged_people)) == (
        (),
        (),
        [""],
    )
    moved = answer(2, 5, fields=MOVED, **MAIL)
    changes = taken(saved(first.list_after), moved, typed=[TYPED])
    assert [(c.kind, c.place, c.form_text) for c in changes.cell_changes] == [
        ("in-workbook", "Signers!C14", "7 Oak Way")
    ]
    assert taken(changes.list_after, moved, typed=[TYPED]).cell_changes == ()


def test_somebody_typed_who_does_not_agree_is_told_as_long_as_they_take_part() -> None:
    no = answer(2, agrees=False)
    first = taken(EMPTY, no, typed=[TYPED])
    assert [(w.name, w.place) for w in first.withdrawn_people] == [("Ann Lee", "Signers!B14")]
    assert first.list_after.people == ()
    assert taken(first.list_after, no, typed=[TYPED]).withdrawn_people == first.withdrawn_people
    assert not taken(
        first.list_after, no, typed=[replace(TYPED, is_included=False)]
    ).withdrawn_people


def test_a_row_of_staffs_own_in_the_list_is_known_too() -> None:
    own = replace(EMPTY, people=(ListedPerson("", 2, ANN),))
    changes = taken(own, answer(7, fields={**MOVED, "Street": ANN["Street"], "City": "Bath"}))
    assert [(c.kind, c.heading) for c in changes.cell_changes] == [("in-workbook", "City")]


# Two files, in any order, any number of times.

NAMES = ["Ann Lee", "Ann M. Lee", "Ben Lee", "Cleo Vane"]
STREETS = ["1 Elm Row", "2 Elm Row", ""]
EMAILS = ["", "a@x.example", "b@x.example"]


@st.composite
def answers(
    draw: st.DrawFn, *, undated: bool = False, undated_no: bool = False
) -> list[FormResponse]:
    """The answers of a file; each without a doubt. `undated_no`: only a no may have no day."""
    found = []
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
        own = answer(row, day, fields=fields, email=email, agrees=agrees, source_text=source)
        found.append(own)
    return found


def cells(listed: SignerList) -> set[tuple[tuple[str, str], ...]]:
    return {tuple(sorted(p.fields.items())) for p in listed.people}


@given(answers(undated=True))
def test_the_same_file_twice_changes_nothing(first: list[FormResponse]) -> None:
    before = listed(*first)
    again = taken(before, *first)
    assert again.list_after == before
    assert not again.new_people


@given(answers(undated=True), answers(undated=True), st.data())
def test_nothing_of_staffs_is_changed_and_include_only_goes_towards_no(
    first: list[FormResponse], second: list[FormResponse], data: st.DataObject
) -> None:
    before = listed(*first)
    for person in before.people:
        street = data.draw(st.sampled_from([person.fields.get("Street", ""), "Staff Road"]))
        include = data.draw(st.sampled_from([person.include, "", "no"]))
        before = edited(before, person.id, Street=street, Include=include)
    after = taken(before, *second).list_after
    assert [p.id for p in after.people][: len(before.people)] == [p.id for p in before.people]
    assert len({p.id for p in after.people}) == len(after.people)
    for old, new in zip(before.people, after.people, strict=False):
        if old.fields.get("Street") == "Staff Road":
            assert new.fields["Street"] == "Staff Road"
        assert not (old.include == "no" and new.include != "no")
    assert taken(saved(after), *second).list_after == saved(after)


@given(st.lists(answers(undated=True), min_size=2, max_size=4), st.data())
def test_an_id_never_comes_back(files: list[list[FormResponse]], data: st.DataObject) -> None:
    listing, had = EMPTY, dict[str, Mapping[str, str]]()
    for one in files:
        listing = saved(taken(listing, *one).list_after)
        fresh = {p.id: p.fields for p in listing.people if p.id not in had}
        assert all(int(own[1:]) > len(had) for own in fresh)
        had |= fresh
        gone = data.draw(st.sets(st.sampled_from([p.id for p in listing.people] or [""])))
        listing = replace(listing, people=tuple(p for p in listing.people if p.id not in gone))


def people(listing: SignerList) -> set[tuple[object, ...]]:
    """Who takes part, or waits: all that a letter prints of them."""
    return {tuple(sorted(p.fields.items())) for p in listing.people}


def refusals_near(listing: SignerList) -> set[tuple[object, ...]]:
    """Whose consent is withdrawn, or may be."""
    said = re.compile("consent withdrawn|declined")
    return people(
        replace(listing, people=tuple(p for p in listing.people if said.search(p.to_decide)))
    )


def rows_joined(found: CollectedResponses) -> set[frozenset[int]]:
    whole = (*found.people, *found.refusals)
    return {frozenset({a.row, *(e.row for e in a.earlier_responses)}) for a in whole}


def shows_more(first: list[FormResponse], second: list[FormResponse]) -> bool:
    """Whether an answer of one file shows that two people of the other are one."""
    second = [replace(a, row=a.row + 10) for a in second]
    both = rows_joined(combine_by_person(file(*first, *second), "Spring"))
    for one in (first, second):
        own = {a.row for a in one}
        if {rows & own for rows in both if rows & own} != rows_joined(
            combine_by_person(file(*one), "")
        ):
            return True
    return False


def answered_twice_a_day(answers: list[FormResponse]) -> bool:
    """Whether a file has two answers of one person and one day, of which the later row counts."""
    found = combine_by_person(file(*answers), "Spring")
    whole = ((a, *a.earlier_responses) for a in (*found.people, *found.refusals))
    return any(len({a.submitted_at for a in own}) < len(own) for own in whole)


@given(answers(undated_no=True), answers(undated_no=True))
def test_two_files_in_any_order_give_the_same_people(
    first: list[FormResponse], second: list[FormResponse]
) -> None:
    assume(not (shows_more(first, second) or any(map(answered_twice_a_day, (first, second)))))
    one = saved(taken(listed(*first), *second).list_after)
    other = saved(taken(listed(*second), *first).list_after)
    waiting, waiting_too = refusals_near(one), refusals_near(other)
    differ = (people(one) - waiting) ^ (people(other) - waiting_too)
    assert differ <= waiting | waiting_too


def takes_part(listing: SignerList) -> set[str]:
    return {p.fields["Name"] for p in listing.people if p.include != "no"}


@given(answers(undated=True), answers(undated=True), st.randoms(use_true_random=False))
def test_whether_somebody_takes_part_does_not_depend_on_the_order_of_rows_or_imports(
    first: list[FormResponse], second: list[FormResponse], order: Random
) -> None:
    one, two = ([replace(a, email=a.fields["Name"]) for a in each] for each in (first, second))
    mixed = [
        [replace(a, row=n) for n, a in enumerate(order.sample(f, len(f)), 2)] for f in (one, two)
    ]
    both = [taken(listed(*one), *two).list_after, taken(listed(*two), *one).list_after]
    both += [taken(listed(*mixed[0]), *mixed[1]).list_after]
    assert len({frozenset(takes_part(listing)) for listing in both}) == 1
