"""Batches: which letters are printed together, in which order, and what the files are called."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence

import pytest
from support.combined_letters import letters

from merge.printing.batches import (
    Batch,
    BatchOptions,
    Grouping,
    PagedLetter,
    default_two_sided,
    make_batches,
    natural_sort_key,
    thick_batch_warnings,
)
from merge.printing.cover_sheet import letters_per_page
from merge.values import Value


def bare(
    sheets: int = 200, *, two_sided: bool = False, by: str = "signer", sort_by: str = ""
) -> BatchOptions:
    """Without covers and first pages, so that sheets are the letters' own."""
    return BatchOptions(two_sided, sheets, by, sort_by=sort_by, with_covers=False)  # type: ignore[arg-type]


def piles(made: Sequence[Batch]) -> list[list[str]]:
    """Whose letters each file holds."""
    return [[str(group.person.label) for group in batch.groups] for batch in made]


def order(made: Sequence[Batch]) -> list[str]:
    """The names of signer and recipient of all letters, in the order of the paper."""
    pairs = (one.letter.pair for batch in made for one in batch.letters)
    return [f"{pair.signer.label} {pair.recipient.label}" for pair in pairs]


SURNAMES = [
    {"name": f"{n} {s}", "surname": s}
    for n, s in (("Zoë", "Chen"), ("Ana", "Dlamini"), ("Omar", "Abbas"), ("Bo", "Ek"))
]


def test_files_are_numbered_and_named_by_the_first_and_the_last_person() -> None:
    made = make_batches(letters(SURNAMES), bare(2, sort_by="surname"))
    assert [batch.name for batch in made] == ["01 Abbas-Chen", "02 Dlamini-Ek"]
    assert [(batch.number, batch.total) for batch in made] == [(1, 2), (2, 2)]


def test_without_a_column_to_sort_by_they_bear_whole_names_in_the_workbooks_order() -> None:
    made = make_batches(letters(SURNAMES), bare(3))
    assert [batch.name for batch in made] == ["01 Zoë Chen - Omar Abbas", "02 Bo Ek"]


def test_a_blank_in_the_column_names_the_file_by_names() -> None:
    rows = [*SURNAMES, {"name": "Nobody", "surname": " "}]
    (made,) = make_batches(letters(rows), bare(sort_by="surname"))
    assert made.name == "01 Omar Abbas - Nobody"


def test_people_of_one_surname_name_a_file_once() -> None:
    rows = [{"name": name, "surname": "Ek"} for name in ("Ana Ek", "Bo Ek")]
    (made,) = make_batches(letters(rows), bare(sort_by="surname"))
    assert made.name == "01 Ek"


def test_numbers_have_as_many_digits_as_the_last_one() -> None:
    made = make_batches(letters([f"Ana {n}" for n in range(101)]), bare(1))
    assert (made[0].name, made[-1].name) == ("001 Ana 0", "101 Ana 100")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("A/B: C?", "01 A-B- C-"),
        ("../../etc", "01 etc"),
        ("CON", "01 CON_"),
        ("x" * 300, f"01 {'x' * 24}"),
        ("سلمى البرقاوي", "01 سلمى البرقاوي"),
        ("Ana\nRuiz\x00\u202e", "01 Ana Ruiz"),
        ("???", "01 _"),
    ],
)
def test_a_name_is_made_fit_for_a_file(name: str, file: str) -> None:
    assert make_batches(letters([name]), bare())[0].name == file


def test_no_file_has_more_sheets_than_asked_for_and_nobody_is_in_two() -> None:
    chance = random.Random(3)  # noqa: S311 - the same letters each time
    for _ in range(200):
        count = chance.randrange(1, 12)
        all_letters = [
            PagedLetter(one.letter, chance.randrange(1, 5))
            for one in letters([f"S{n}" for n in range(count)], [f"R{n}" for n in range(3)])
        ]
        chance.shuffle(all_letters)
        how = BatchOptions(
            chance.random() < 0.5, chance.randrange(8, 40), with_covers=chance.random() < 0.5
        )
        made = make_batches(all_letters, how)
        assert order(made) == [f"S{s} R{r}" for s in range(count) for r in range(3)]
        assert sum(piles(made), []) == [f"S{n}" for n in range(count)]  # noqa: RUF017 - few
        told = {str(problem.place) for problem in thick_batch_warnings(made, how)}
        for batch, following in zip(made, [*made[1:], None], strict=True):
            assert batch.sheets <= how.max_sheets or len(batch.groups) == 1
            assert (f"{batch.name}.docx" in told) == (batch.sheets > how.max_sheets)
            if following:  # a file is full: the next person did not fit
                assert batch.sheets + following.groups[0].sheets > how.max_sheets


def test_a_person_with_more_letters_than_fit_has_a_file_alone_and_it_is_told() -> None:
    many = [f"R{n}" for n in range(5)]
    few = [
        one for one in letters(["Ana", "Bo", "Chen"], many) if one.person("signer").label == "Bo"
    ]
    single = [one for one in letters(["Ana", "Bo", "Chen"]) if one.person("signer").label != "Bo"]
    made = make_batches([*single, *few], bare(4))
    assert piles(made) == [["Ana"], ["Bo"], ["Chen"]]
    (problem,) = thick_batch_warnings(made, bare(4))
    assert (problem.code, problem.level) == ("batch-too-thick", "warning")
    assert str(problem).startswith(
        "02 Bo.docx: The file has 5 sheets of paper, more than 4: it is the whole pile of Bo."
    )
    assert not list(
        thick_batch_warnings(made, BatchOptions(two_sided=False, max_sheets=4, grouping="one-file"))
    )


def test_exactly_as_many_sheets_as_asked_for_are_one_file() -> None:
    assert len(make_batches(letters(["Ana", "Bo"]), bare(2))) == 1
    assert len(make_batches(letters(["Ana", "Bo"]), bare(1))) == 2


def test_sheets_are_counted_with_covers_and_the_first_page() -> None:
    how = BatchOptions(two_sided=False)
    (made,) = make_batches(letters(["Ana", "Bo"], ["Li", "Roy", "Sen"], pages=2), how)
    assert made.sheets == 1 + 2 * (1 + 3 * 2)
    assert [group.sheets for group in made.groups] == [7, 7]
    assert make_batches(letters(["Ana", "Bo"], ["Li"], pages=2), bare())[0].sheets == 4


def test_on_two_sides_a_sheet_has_two_pages_and_begins_with_each_letter() -> None:
    three, one = letters(["Ana"], pages=3), letters(["Ana"], pages=1)
    assert make_batches(three, bare(two_sided=True))[0].sheets == 2
    assert make_batches(one, bare(two_sided=True))[0].sheets == 1
    (made,) = make_batches(
        letters(["Ana"], [f"R{n}" for n in range(17)]), BatchOptions(two_sided=True)
    )
    assert made.sheets == 1 + 1 + 17  # the cover has two pages


@pytest.mark.parametrize(
    ("count", "pages"), [(1, 1), (16, 1), (17, 2), (40, 2), (41, 3), (64, 3), (65, 4)]
)
def test_a_cover_has_a_line_for_each_letter(count: int, pages: int) -> None:
    assert len(letters_per_page(["Ana Ruiz"] * count)) == pages


def test_letters_are_printed_on_two_sides_when_one_has_a_second_page() -> None:
    assert not default_two_sided(letters(["Ana", "Bo"]))
    assert default_two_sided([*letters(["Ana", "Bo"]), *letters(["Chen"], pages=2)])
    assert not default_two_sided([])


def test_the_order_is_the_workbooks_whatever_order_letters_come_in() -> None:
    made = make_batches(letters(["Zoë", "Ana"], ["Roy", "Li"])[::-1], bare())
    assert order(made) == ["Zoë Roy", "Zoë Li", "Ana Roy", "Ana Li"]


def test_by_recipient_the_letters_to_one_lie_together() -> None:
    made = make_batches(letters(["Zoë", "Ana"], ["Roy", "Li"]), bare(2, by="recipient"))
    assert order(made) == ["Zoë Roy", "Ana Roy", "Zoë Li", "Ana Li"]
    assert [batch.name for batch in made] == ["01 Roy", "02 Li"]
    assert made[0].groups[0].person.kind == "recipient"


def test_one_file_holds_all_however_many() -> None:
    made = make_batches(
        letters(["Ana", "Bo"]), BatchOptions(two_sided=False, max_sheets=1, grouping="one-file")
    )
    assert piles(made) == [["Ana", "Bo"]]
    assert made[0].total == 1


def test_each_signer_can_have_a_file() -> None:
    made = make_batches(
        letters(["Ana", "Bo"], ["Li", "Roy"]), BatchOptions(two_sided=False, grouping="per-signer")
    )
    assert [(batch.name, len(batch.letters)) for batch in made] == [("01 Ana", 2), ("02 Bo", 2)]


@pytest.mark.parametrize("grouping", ["batches", "one-file", "per-signer"])
def test_without_letters_there_is_no_file(grouping: Grouping) -> None:
    assert make_batches([], BatchOptions(two_sided=False, grouping=grouping)) == []


def test_a_column_of_the_recipients_sorts_each_signers_letters() -> None:
    ranked = [{"name": "Roy", "rank": "2"}, {"name": "Li", "rank": "1"}]
    made = make_batches(letters(["Zoë", "Ana"], ranked), bare(sort_by="rank"))
    assert order(made) == ["Zoë Li", "Zoë Roy", "Ana Li", "Ana Roy"]
    assert made[0].name == "01 Zoë - Ana"


def test_a_column_of_both_sheets_sorts_those_whose_letters_lie_together() -> None:
    signers = [{"name": "Zoë", "city": "Bern"}, {"name": "Ana", "city": "Apia"}]
    readers = [{"name": "Roy", "city": "Lima"}, {"name": "Li", "city": "Delhi"}]
    made = make_batches(letters(signers, readers), bare(sort_by="city"))
    assert order(made) == ["Ana Roy", "Ana Li", "Zoë Roy", "Zoë Li"]
    made = make_batches(letters(signers, readers), bare(sort_by="city", by="recipient"))
    assert order(made) == ["Zoë Li", "Ana Li", "Zoë Roy", "Ana Roy"]


def test_a_column_that_nobody_has_sorts_nothing() -> None:
    made = make_batches(letters(["Zoë", "Ana"]), bare(sort_by="surname"))
    assert piles(made) == [["Zoë", "Ana"]]
    assert made[0].name == "01 Zoë - Ana"


def day(text: str, when: str) -> Value:
    """A date, with its time if it has one, as a cell shows it."""
    kind = dt.datetime if "T" in when else dt.date
    return Value(text, kind.fromisoformat(when))


@pytest.mark.parametrize(
    "sorted_right",
    [
        ["Abbas", "Ábel", "abt", "Ąbu", "Zoë"],
        ["Room 2", "Room 9", "Room 10", "Room 10a"],
        ["٢ ب", "٩ ب", "١٠ ب"],
        ["1 A", f"{'9' * 5000} A"],
        [Value("9", 9), Value("10", 10), Value("1,000.5", 1000.5), Value("a")],
        [Value("-5", -5), Value("FALSE", native=False), Value("TRUE", native=True)],
        [day("4/3/2025", "2025-03-04"), day("1/1/2026", "2026-01-01"), "soon"],
        [day("9:00", "2026-03-04T09:00"), day("10:00", "2026-03-04T10:00")],
        ["a", "b", ""],
        [Value("3", 3), "a", " "],
    ],
)
def test_a_column_sorts_numbers_then_words_then_blanks(sorted_right: list[str]) -> None:
    values = [v if isinstance(v, Value) else Value(v) for v in sorted_right]
    backwards = values[::-1]
    assert [str(v) for v in sorted(backwards, key=natural_sort_key)] == sorted_right


def test_those_alike_in_the_column_keep_the_workbooks_order() -> None:
    rows = [{"name": name, "city": "Lima"} for name in ("Zoë", "Ana", "Bo")]
    assert piles(make_batches(letters(rows), bare(sort_by="city"))) == [["Zoë", "Ana", "Bo"]]


def test_two_people_of_one_name_are_two_piles() -> None:
    (made,) = make_batches(letters(["Ana Ruiz", "Ana Ruiz"]), bare())
    assert [len(group.letters) for group in made.groups] == [1, 1]
