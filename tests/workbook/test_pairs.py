"""Pairs of signers and recipients, and problems of the Pairs sheet."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from string import ascii_lowercase

import pytest
from support.read_workbooks import codes_and_places, raised_problems, read
from support.workbooks import Rows, campaign

from merge.people import Person
from merge.workbook.reading import Workbook


def names(persons: Sequence[Person]) -> list[str]:
    return [str(p.name) for p in persons]


class TestPairs:
    """The Pairs sheet."""

    def pairs(self, folder: Path, *rows: Rows, **sheets: Rows) -> list[str]:
        """Return the pairs as `Ana-Li` for these rows, which have no problem.

        There are three signers and two recipients.
        """
        book = self.book(folder, *rows, **sheets)
        assert [p for p in book.problems if p.code != "unpaired-people"] == []
        return [f"{p.signer.name}-{p.recipient.name}" for p in book.pairs()]

    def book(self, folder: Path, *rows: Rows, **sheets: Rows) -> Workbook:
        people: dict[str, Rows] = {
            "Signers": [["Name", "ID"], ["Ana", "a"], ["Bo", "b"], ["Cy", "c"]],
            "Recipients": [["Name"], ["Li"], ["Roy"]],
            "Pairs": rows,
        }
        return read(folder, **{**people, **sheets})

    def test_without_a_pairs_sheet_all_signers_write_to_all_recipients(
        self, tmp_path: Path
    ) -> None:
        book = read(tmp_path)
        assert [(p.signer.name, p.recipient.name) for p in book.pairs()] == [
            ("Ana Ruiz", "Minister Li"),
            ("Ana Ruiz", "Consul Roy"),
            ("Bo Berg", "Minister Li"),
            ("Bo Berg", "Consul Roy"),
        ]

    @pytest.mark.parametrize("rows", [[], [["Signer", "Recipient"]], [["Signer", "Recipient"], []]])
    def test_without_rows_in_pairs_all_signers_write_to_all_recipients(
        self, tmp_path: Path, rows: Rows
    ) -> None:
        assert len(self.pairs(tmp_path, *rows)) == 6

    def test_rows_of_pairs_name_people_by_name_or_id(self, tmp_path: Path) -> None:
        rows: list[Rows] = [["Signer", "Recipient"], ["B", "ROY"], ["ana ", " li"]]
        assert self.pairs(tmp_path, *rows) == ["Ana-Li", "Bo-Roy"]

    def test_a_star_in_pairs_means_everyone(self, tmp_path: Path) -> None:
        rows: list[Rows] = [["Signer", "Recipient"], ["*", "Roy"], ["Bo", "*"]]
        assert self.pairs(tmp_path, *rows) == ["Ana-Roy", "Bo-Li", "Bo-Roy", "Cy-Roy"]

    def test_rows_of_pairs_that_say_no_are_subtracted_from_the_others(self, tmp_path: Path) -> None:
        rows: list[Rows] = [
            ["Signer", "Recipient", "Include"],
            ["*", "*", "yes"],
            ["Bo", "*", "no"],
        ]
        assert self.pairs(tmp_path, *rows, ["Ana", "Li", "No"]) == ["Ana-Roy", "Cy-Li", "Cy-Roy"]

    def test_rows_of_pairs_that_say_no_alone_are_subtracted_from_all_pairs(
        self, tmp_path: Path
    ) -> None:
        rows: list[Rows] = [["Signer", "Recipient", "Include"], ["*", "Li", "no"]]
        assert self.pairs(tmp_path, *rows) == ["Ana-Roy", "Bo-Roy", "Cy-Roy"]

    def test_each_problem_of_pairs_is_at_its_cell(self, tmp_path: Path) -> None:
        signers = [["Name", "ID"], ["Ana", 1], ["Ana", 2], ["Bo", 3]]
        rows: list[Rows] = [
            ["Signer", "Recipient", "Include"],
            ["Ana", "Li", None],
            ["Boo", None, None],
            ["Bo", "Li", "perhaps"],
            ["#N/A", "*", None],
            [3, "Roy", None],
        ]
        problems = self.book(tmp_path, *rows, Signers=signers).problems
        assert codes_and_places(problems) == [
            ("unpaired-people?", "Pairs", ""),
            ("unpaired-people?", "Pairs", ""),
            ("pair-shared", "Pairs", "A2"),
            ("pair-nobody", "Pairs", "A3"),
            ("pair-blank", "Pairs", "B3"),
            ("include-unknown", "Pairs", "C4"),
            ("cell-error", "Pairs", "A5"),
        ]
        by_code = {p.code: p for p in problems}
        assert "“1”, “2”" in by_code["pair-shared"].what
        assert by_code["pair-nobody"].hint.startswith("Did you mean “Bo”?")
        assert "*" in by_code["pair-blank"].hint

    def test_an_unreadable_row_of_pairs_gives_no_pair_and_not_all_pairs(
        self, tmp_path: Path
    ) -> None:
        book = self.book(tmp_path, ["Signer", "Recipient"], ["Eve", "Li"])
        assert list(book.pairs()) == []

    def test_an_excluded_person_in_pairs_is_known(self, tmp_path: Path) -> None:
        signers = [["Name", "Include"], ["Ana", "no"], ["Bo", None]]
        rows: list[Rows] = [["Signer", "Recipient"], ["Ana", "*"], ["Bo", "*"]]
        assert self.pairs(tmp_path, *rows, Signers=signers) == ["Bo-Li", "Bo-Roy"]

    def test_people_in_no_row_of_pairs_are_counted(self, tmp_path: Path) -> None:
        problems = self.book(tmp_path, ["Signer", "Recipient"], ["Bo", "*"]).problems
        assert codes_and_places(problems) == [("unpaired-people?", "Pairs", "")]
        assert problems[0].what.startswith("2 people in the Signers sheet have no row here")
        assert problems[0].what.endswith("created for them: “Ana”, “Cy”.")

    def test_people_in_a_row_of_pairs_that_says_no_are_not_missing(self, tmp_path: Path) -> None:
        rows: list[Rows] = [
            ["Signer", "Recipient", "Include"],
            ["Ana", "*", None],
            ["Bo", "Li", "no"],
        ]
        problems = self.book(tmp_path, *rows, ["Cy", "Roy", "no"]).problems
        assert problems == ()

    def test_further_columns_of_pairs_are_fields_of_the_pair(self, tmp_path: Path) -> None:
        rows: list[Rows] = [
            ["Signer", "Recipient", "Personal line"],
            ["Ana", "Li", "We met."],
            ["Bo", "Li"],
        ]
        book = self.book(tmp_path, *rows, ["Cy", "*", None])
        assert [p.fields for p in book.pairs()] == [
            {"personal_line": "We met."},
            {"personal_line": ""},
            {"personal_line": ""},
            {"personal_line": ""},
        ]
        assert book.pairing.place("personal_line").cell == "C"

    def test_pairs_without_a_row_have_the_columns_too(self, tmp_path: Path) -> None:
        rows: list[Rows] = [["Signer", "Recipient", "Include", "Line"], ["Ana", "Li", "no", "x"]]
        assert {p.fields["line"] for p in self.book(tmp_path, *rows).pairs()} == {""}

    def test_the_most_specific_row_of_pairs_fills_a_pairs_columns(self, tmp_path: Path) -> None:
        rows: list[Rows] = [
            ["Signer", "Recipient", "A", "B", "C"],
            ["Ana", "Li", "pair", None, None],
            ["Ana", "*", "signer", "signer", None],
            ["*", "*", "all", "all", "all"],
            ["*", "Roy", None, None, "recipient"],
        ]
        texts = {
            f"{p.signer.name}-{p.recipient.name}": " ".join(p.fields.values())
            for p in self.book(tmp_path, *rows).pairs()
        }
        assert texts["Ana-Li"] == "pair signer all"
        assert texts["Ana-Roy"] == "signer signer recipient"
        assert texts["Bo-Li"] == "all all all"
        assert texts["Bo-Roy"] == "all all recipient"

    def test_a_field_of_pairs_that_is_false_is_filled(self, tmp_path: Path) -> None:
        rows: list[Rows] = [
            ["Signer", "Recipient", "Known"],
            ["Ana", "Li", False],
            ["*", "*", True],
        ]
        first = next(self.book(tmp_path, *rows).pairs())
        assert first.fields["known"].native is False

    def test_two_rows_for_one_pair_must_agree(self, tmp_path: Path) -> None:
        rows: list[Rows] = [
            ["Signer", "Recipient", "Include", "Line"],
            ["Ana", "Li", None, "x"],
            ["a", "LI", "yes", "x"],
            ["Ana", "Li", None, "y"],
            ["Ana", "Li", "no", None],
            ["*", "*", None, None],
        ]
        problems = self.book(tmp_path, *rows).problems
        assert codes_and_places(problems) == [
            ("pair-twice", "Pairs", "4"),
            ("pair-twice", "Pairs", "5"),
        ]

    def test_a_signers_row_and_a_recipients_row_must_not_contradict(self, tmp_path: Path) -> None:
        rows: list[Rows] = [["Signer", "Recipient", "Line"], ["Ana", "*", "x"], ["*", "Li", "y"]]
        problems = self.book(tmp_path, *rows).problems
        assert codes_and_places(problems) == [("pair-unclear", "Pairs", "C2")]
        with_third_row = [*rows, ["Ana", "Li", "z"]]
        assert self.book(tmp_path, *with_third_row).problems == ()

    def test_a_missing_column_of_pairs_is_reported_with_a_similar_one(self, tmp_path: Path) -> None:
        path = campaign(tmp_path, Pairs=[["Signers", "Recipient"], ["*", "*"]])
        (problem,) = raised_problems(path)
        assert codes_and_places([problem]) == [("heading-missing", "Pairs", "1")]
        assert problem.hint.startswith("Did you mean “Signers”? Rename the column ")

    def test_a_pairs_sheet_with_other_headings_is_reported(self, tmp_path: Path) -> None:
        (problem,) = raised_problems(campaign(tmp_path, Pairs=[["From", "To"], ["*", "*"]]))
        assert codes_and_places([problem]) == [("heading-missing", "Pairs", "1")]

    def test_only_the_given_people_are_paired(self, tmp_path: Path) -> None:
        book = self.book(tmp_path, ["Signer", "Recipient"], ["*", "Roy"], ["Ana", "Li"])
        two_signers, one_recipient = book.signers.persons[:2], book.recipients.persons[1:]
        pairs = book.pairing.pairs(two_signers, one_recipient)
        assert [(p.signer.name, p.recipient.name) for p in pairs] == [("Ana", "Roy"), ("Bo", "Roy")]

    @pytest.mark.slow
    def test_pairs_are_not_kept_in_memory(self, tmp_path: Path) -> None:
        people = [["Name"], *([f"P{n}"] for n in range(150))]
        rows: list[Rows] = [
            ["Signer", "Recipient", "Line"],
            ["*", "*", "x"],
            ["P1", "*", "y"],
            ["*", "P2", "y"],
        ]
        book = self.book(tmp_path, *rows, Signers=people, Recipients=people)
        tracemalloc.start()
        count = sum(1 for _ in book.pairs())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (count, peak < 100_000) == (150 * 150, True)


class TestMatch:
    """The Match setting."""

    def book(self, folder: Path, column: str, **sheets: Rows) -> Workbook:
        people: dict[str, Rows] = {
            "Signers": [["Name", "Home Town"], ["Ana", "ROME "], ["Bo", None], ["Cy", "Oslo"]],
            "Recipients": [["Name", "home town"], ["Li", "Rome"], ["Roy", "Oslo"], ["Di", "rome"]],
            "Settings": [["Match", column]],
        }
        return read(folder, **{**people, **sheets})

    def found(self, book: Workbook) -> list[str]:
        return [f"{p.signer.name}-{p.recipient.name}" for p in book.pairs()]

    def test_match_pairs_people_whose_cells_agree_and_a_blank_matches_all(
        self, tmp_path: Path
    ) -> None:
        book = self.book(tmp_path, "home-town")
        assert book.problems == ()
        assert self.found(book) == ["Ana-Li", "Ana-Di", "Bo-Li", "Bo-Roy", "Bo-Di", "Cy-Roy"]

    def test_a_recipients_blank_cell_matches_all_signers(self, tmp_path: Path) -> None:
        people = [["Name", "Home town"], ["Li", "Rome"], ["Roy", None]]
        book = self.book(tmp_path, "Home town", Recipients=people)
        assert self.found(book) == ["Ana-Li", "Ana-Roy", "Bo-Li", "Bo-Roy", "Cy-Roy"]

    def test_match_and_rows_of_pairs_both_count(self, tmp_path: Path) -> None:
        pairs = [["Signer", "Recipient"], ["Ana", "*"], ["Bo", "Roy"], ["Cy", "Li"]]
        assert self.found(self.book(tmp_path, "Home town", Pairs=pairs)) == [
            "Ana-Li",
            "Ana-Di",
            "Bo-Roy",
        ]

    def test_people_whom_match_pairs_with_no_one_are_counted(self, tmp_path: Path) -> None:
        signers = [["Name", "Home town"], ["Ana", "Rome"], ["Cy", "Oslo"]]
        people = [["Name", "Home town"], ["Li", "Rome"], ["Roy", "Olso"]]
        book = self.book(tmp_path, "Home town", Signers=signers, Recipients=people)
        assert codes_and_places(book.problems) == [
            ("unmatched-people?", "Signers", "B"),
            ("unmatched-people?", "Recipients", "B"),
        ]
        assert book.problems[0].what.startswith("1 person matches no one")

    def test_a_blank_cell_that_matches_all_leaves_no_one_unmatched(self, tmp_path: Path) -> None:
        people = [["Name", "Home town"], ["Li", "Rome"], ["Roy", "Olso"], ["Di", "Oslo"]]
        assert self.book(tmp_path, "Home town", Recipients=people).problems == ()

    def test_a_match_column_that_is_not_in_both_sheets_is_an_error(self, tmp_path: Path) -> None:
        people = [["Name", "Hometown"], ["Li", "Rome"]]
        book = self.book(tmp_path, "Home town", Recipients=people)
        assert codes_and_places(book.problems) == [("setting-column", "Settings", "B1")]
        assert book.problems[0].hint.startswith("Did you mean “Hometown”?")
        assert len(self.found(book)) == 3


@pytest.mark.slow
def test_thousands_of_unknown_names_in_pairs_get_few_suggestions(
    tmp_path: Path,
) -> None:
    names = [f"Person {first}{last}" for first in ascii_lowercase for last in ascii_lowercase]
    pairs = [["Signer", "Recipient"], *([f"{name}q", "*"] for name in names)]
    problems = read(tmp_path, Signers=[["Name"], *([n] for n in names)], Pairs=pairs).problems
    unknown_name_problems = [p for p in problems if p.code == "pair-nobody"]
    assert len(unknown_name_problems) == len(names)
    assert "Did you mean" in unknown_name_problems[0].hint
    assert sum("Did you mean" in p.hint for p in unknown_name_problems) == 50
