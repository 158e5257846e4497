"""Print files: which letters are together, in which order, and file names."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence

import pytest
from support.combined_letters import letters
from support.filled_letters import texts

from merge.printing.batches import (
    Batch,
    BatchOptions,
    Grouping,
    PagedLetter,
    default_two_sided,
    make_batches,
    natural_sort_key,
    render_first_page,
    thick_batch_warnings,
)
from merge.printing.cover_sheet import letters_per_page
from merge.printing.paper import A4
from merge.values import WorkbookValue


def bare(
    sheets: int = 200, *, two_sided: bool = False, by: str = "signer", sort_by: str = ""
) -> BatchOptions:
    """Return options without cover sheets and first pages.

    So sheets are only those of letters.
    """
    return BatchOptions(two_sided, sheets, by, sort_by=sort_by, covers=False)  # type: ignore[arg-type]


def piles(print_files: Sequence[Batch]) -> list[list[str]]:
    """Return the names of people with a pile, for each file."""
    return [[str(group.person.label) for group in batch.groups] for batch in print_files]


def order(print_files: Sequence[Batch]) -> list[str]:
    """Return signer and recipient of all letters, in printing order."""
    pairs = (paged.letter.pair for batch in print_files for paged in batch.letters)
    return [f"{pair.signer.label} {pair.recipient.label}" for pair in pairs]


SURNAMES = [
    {"name": f"{n} {s}", "surname": s}
    for n, s in (("Zoë", "Chen"), ("Ana", "Dlamini"), ("Omar", "Abbas"), ("Bo", "Ek"))
]


def test_print_files_are_named_by_number_and_first_and_last_person() -> None:
    print_files = make_batches(letters(SURNAMES), bare(2, sort_by="surname"))
    assert [batch.name for batch in print_files] == ["01 Abbas-Chen", "02 Dlamini-Ek"]
    assert [(batch.number, batch.total) for batch in print_files] == [(1, 2), (2, 2)]


def test_print_files_without_sort_by_have_full_names_in_workbook_order() -> None:
    print_files = make_batches(letters(SURNAMES), bare(3))
    assert [batch.name for batch in print_files] == ["01 Zoë Chen - Omar Abbas", "02 Bo Ek"]


def test_a_blank_sort_by_cell_names_the_print_file_by_people() -> None:
    rows = [*SURNAMES, {"name": "Nobody", "surname": " "}]
    (print_file,) = make_batches(letters(rows), bare(sort_by="surname"))
    assert print_file.name == "01 Omar Abbas - Nobody"


def test_people_with_one_surname_name_a_print_file_once() -> None:
    rows = [{"name": name, "surname": "Ek"} for name in ("Ana Ek", "Bo Ek")]
    (print_file,) = make_batches(letters(rows), bare(sort_by="surname"))
    assert print_file.name == "01 Ek"


def test_print_file_numbers_have_equal_digits() -> None:
    print_files = make_batches(letters([f"Ana {n}" for n in range(101)]), bare(1))
    assert (print_files[0].name, print_files[-1].name) == ("001 Ana 0", "101 Ana 100")


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
def test_a_name_is_changed_to_a_valid_file_name(name: str, file: str) -> None:
    assert make_batches(letters([name]), bare())[0].name == file


def test_no_print_file_exceeds_its_sheets_or_divides_a_person() -> None:
    chance = random.Random(3)  # noqa: S311 - the same letters each time
    for _ in range(200):
        count = chance.randrange(1, 12)
        all_letters = [
            PagedLetter(paged.letter, chance.randrange(1, 5))
            for paged in letters([f"S{n}" for n in range(count)], [f"R{n}" for n in range(3)])
        ]
        chance.shuffle(all_letters)
        how = BatchOptions(
            chance.random() < 0.5,
            chance.randrange(8, 40),
            covers=chance.choice((True, False, None)),
        )
        print_files = make_batches(all_letters, how)
        assert order(print_files) == [f"S{s} R{r}" for s in range(count) for r in range(3)]
        assert sum(piles(print_files), []) == [f"S{n}" for n in range(count)]  # noqa: RUF017 - few
        reported_files = {str(problem.place) for problem in thick_batch_warnings(print_files, how)}
        for batch, next_file in zip(print_files, [*print_files[1:], None], strict=True):
            assert batch.sheets <= how.max_sheets or len(batch.groups) == 1
            assert (f"{batch.name}.docx" in reported_files) == (batch.sheets > how.max_sheets)
            if next_file:  # a file is full: the next person did not fit
                assert batch.sheets + next_file.groups[0].sheets > how.max_sheets


def test_a_person_with_too_many_letters_has_one_file_and_a_warning() -> None:
    many = [f"R{n}" for n in range(5)]
    few = [
        paged
        for paged in letters(["Ana", "Bo", "Chen"], many)
        if paged.person("signer").label == "Bo"
    ]
    single = [
        paged for paged in letters(["Ana", "Bo", "Chen"]) if paged.person("signer").label != "Bo"
    ]
    print_files = make_batches([*single, *few], bare(4))
    assert piles(print_files) == [["Ana"], ["Bo"], ["Chen"]]
    (problem,) = thick_batch_warnings(print_files, bare(4))
    assert (problem.code, problem.level) == ("batch-too-thick", "warning")
    assert str(problem).startswith(
        "02 Bo.docx: The file has 5 sheets of paper, more than 4: it is the whole pile of Bo."
    )
    assert not list(
        thick_batch_warnings(
            print_files, BatchOptions(two_sided=False, max_sheets=4, grouping="one-file")
        )
    )


def test_exactly_the_maximum_of_sheets_is_one_print_file() -> None:
    assert len(make_batches(letters(["Ana", "Bo"]), bare(2))) == 1
    assert len(make_batches(letters(["Ana", "Bo"]), bare(1))) == 2


def test_sheet_counts_include_cover_sheets_and_the_first_page() -> None:
    how = BatchOptions(two_sided=False, covers=True)
    (print_file,) = make_batches(letters(["Ana", "Bo"], ["Li", "Roy", "Sen"], pages=2), how)
    assert print_file.sheets == 1 + 2 * (1 + 3 * 2)
    assert print_file.cover_sheets == 1 + 2
    assert [group.sheets for group in print_file.groups] == [7, 7]
    assert make_batches(letters(["Ana", "Bo"], ["Li"], pages=2), bare())[0].sheets == 4


@pytest.mark.parametrize(
    ("count", "how", "sheets"),
    [
        (2, BatchOptions(two_sided=False), 0),
        (4, BatchOptions(two_sided=False), 0),
        (5, BatchOptions(two_sided=False), 3),
        (5, BatchOptions(two_sided=False, covers=False), 0),
        (2, BatchOptions(two_sided=False, covers=True), 3),
    ],
)
def test_only_piles_of_five_letters_have_cover_sheets_by_default(
    count: int, how: BatchOptions, sheets: int
) -> None:
    (print_file,) = make_batches(letters(["Ana", "Bo"], [f"R{n}" for n in range(count)]), how)
    assert print_file.cover_sheets == sheets
    assert print_file.sheets == 2 * count + sheets


def test_a_file_of_large_and_small_piles_has_cover_sheets_for_the_large_ones() -> None:
    paged = letters(["Ana", "Bo"], [f"R{n}" for n in range(5)])
    (print_file,) = make_batches(paged[:6], BatchOptions(two_sided=False))
    assert [group.cover_sheets for group in print_file.groups] == [1, 0]
    page = render_first_page(print_file, BatchOptions(two_sided=False), "Free Ana", A4)
    assert "Piles of fewer than 5 letters have none." in " ".join(texts(page))


def test_a_two_sided_sheet_has_two_pages_of_one_letter() -> None:
    three_pages, one_page = letters(["Ana"], pages=3), letters(["Ana"], pages=1)
    assert make_batches(three_pages, bare(two_sided=True))[0].sheets == 2
    assert make_batches(one_page, bare(two_sided=True))[0].sheets == 1
    (print_file,) = make_batches(
        letters(["Ana"], [f"R{n}" for n in range(17)]), BatchOptions(two_sided=True)
    )
    assert print_file.sheets == 1 + 1 + 17  # the cover has two pages


@pytest.mark.parametrize(
    ("count", "pages"), [(1, 1), (16, 1), (17, 2), (40, 2), (41, 3), (64, 3), (65, 4)]
)
def test_a_cover_sheet_has_a_line_for_each_letter(count: int, pages: int) -> None:
    assert len(letters_per_page(["Ana Ruiz"] * count)) == pages


def test_letters_are_printed_two_sided_if_one_has_a_second_page() -> None:
    assert not default_two_sided(letters(["Ana", "Bo"]))
    assert default_two_sided([*letters(["Ana", "Bo"]), *letters(["Chen"], pages=2)])
    assert not default_two_sided([])


def test_letters_in_print_files_are_in_workbook_order() -> None:
    print_files = make_batches(letters(["Zoë", "Ana"], ["Roy", "Li"])[::-1], bare())
    assert order(print_files) == ["Zoë Roy", "Zoë Li", "Ana Roy", "Ana Li"]


def test_letters_grouped_by_recipient_are_together() -> None:
    print_files = make_batches(letters(["Zoë", "Ana"], ["Roy", "Li"]), bare(2, by="recipient"))
    assert order(print_files) == ["Zoë Roy", "Ana Roy", "Zoë Li", "Ana Li"]
    assert [batch.name for batch in print_files] == ["01 Roy", "02 Li"]
    assert print_files[0].groups[0].person.kind == "recipient"


def test_one_print_file_has_all_letters_on_request() -> None:
    print_files = make_batches(
        letters(["Ana", "Bo"]), BatchOptions(two_sided=False, max_sheets=1, grouping="one-file")
    )
    assert piles(print_files) == [["Ana", "Bo"]]
    assert print_files[0].total == 1


def test_each_signer_has_a_print_file_on_request() -> None:
    print_files = make_batches(
        letters(["Ana", "Bo"], ["Li", "Roy"]), BatchOptions(two_sided=False, grouping="per-signer")
    )
    assert [(batch.name, len(batch.letters)) for batch in print_files] == [
        ("01 Ana", 2),
        ("02 Bo", 2),
    ]


@pytest.mark.parametrize("grouping", ["batches", "one-file", "per-signer"])
def test_no_letters_make_no_print_file(grouping: Grouping) -> None:
    assert make_batches([], BatchOptions(two_sided=False, grouping=grouping)) == []


def test_a_sort_by_column_of_recipients_sorts_each_signers_letters() -> None:
    ranked = [{"name": "Roy", "rank": "2"}, {"name": "Li", "rank": "1"}]
    print_files = make_batches(letters(["Zoë", "Ana"], ranked), bare(sort_by="rank"))
    assert order(print_files) == ["Zoë Li", "Zoë Roy", "Ana Li", "Ana Roy"]
    assert print_files[0].name == "01 Zoë - Ana"


def test_a_sort_by_column_of_both_sheets_sorts_the_piles() -> None:
    signers = [{"name": "Zoë", "city": "Bern"}, {"name": "Ana", "city": "Apia"}]
    readers = [{"name": "Roy", "city": "Lima"}, {"name": "Li", "city": "Delhi"}]
    print_files = make_batches(letters(signers, readers), bare(sort_by="city"))
    assert order(print_files) == ["Ana Roy", "Ana Li", "Zoë Roy", "Zoë Li"]
    print_files = make_batches(letters(signers, readers), bare(sort_by="city", by="recipient"))
    assert order(print_files) == ["Zoë Li", "Ana Li", "Zoë Roy", "Ana Roy"]


def test_an_unknown_sort_by_column_sorts_nothing() -> None:
    print_files = make_batches(letters(["Zoë", "Ana"]), bare(sort_by="surname"))
    assert piles(print_files) == [["Zoë", "Ana"]]
    assert print_files[0].name == "01 Zoë - Ana"


def day(text: str, when: str) -> WorkbookValue:
    """Return a date, with its time if it has one, as a cell shows it."""
    kind = dt.datetime if "T" in when else dt.date
    return WorkbookValue(text, kind.fromisoformat(when))


@pytest.mark.parametrize(
    "sorted_right",
    [
        ["Abbas", "Ábel", "abt", "Ąbu", "Zoë"],
        ["Room 2", "Room 9", "Room 10", "Room 10a"],
        ["٢ ب", "٩ ب", "١٠ ب"],
        ["1 A", f"{'9' * 5000} A"],
        [
            WorkbookValue("9", 9),
            WorkbookValue("10", 10),
            WorkbookValue("1,000.5", 1000.5),
            WorkbookValue("a"),
        ],
        [
            WorkbookValue("-5", -5),
            WorkbookValue("FALSE", native=False),
            WorkbookValue("TRUE", native=True),
        ],
        [day("4/3/2025", "2025-03-04"), day("1/1/2026", "2026-01-01"), "soon"],
        [day("9:00", "2026-03-04T09:00"), day("10:00", "2026-03-04T10:00")],
        ["a", "b", ""],
        [WorkbookValue("3", 3), "a", " "],
    ],
)
def test_a_sort_by_column_sorts_numbers_then_words_then_blanks(sorted_right: list[str]) -> None:
    values = [v if isinstance(v, WorkbookValue) else WorkbookValue(v) for v in sorted_right]
    backwards = values[::-1]
    assert [str(v) for v in sorted(backwards, key=natural_sort_key)] == sorted_right


def test_people_with_equal_sort_by_cells_keep_workbook_order() -> None:
    rows = [{"name": name, "city": "Lima"} for name in ("Zoë", "Ana", "Bo")]
    assert piles(make_batches(letters(rows), bare(sort_by="city"))) == [["Zoë", "Ana", "Bo"]]


def test_two_people_with_one_name_are_two_piles() -> None:
    (print_file,) = make_batches(letters(["Ana Ruiz", "Ana Ruiz"]), bare())
    assert [len(group.letters) for group in print_file.groups] == [1, 1]
