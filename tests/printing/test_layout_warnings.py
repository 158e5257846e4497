"""Warnings about layout, reported once for letters with the same problem."""

from __future__ import annotations

from pathlib import Path

from merge.letter_status import PrintableLetter
from merge.people import Pair, Person
from merge.printing.layout_warnings import layout_warnings
from merge.printing.pages import PageFit
from merge.values import WorkbookValue


def fit(
    signer: str, recipient: str, *, pages: int = 1, lone: bool = False, room: float | None = 25
) -> PageFit:
    """Return the layout of a letter."""
    signer_person = Person("signer", f"name:{signer}", 2, {"name": WorkbookValue(signer)})
    recipient_person = Person(
        "recipient", f"name:{recipient}", 2, {"name": WorkbookValue(recipient)}
    )
    path = Path("campaign", "letters", signer, f"{recipient}.docx")
    return PageFit(
        PrintableLetter("1", Pair(signer_person, recipient_person), path), pages, lone, room
    )


def lines(fits: list[PageFit], limit: int = 1) -> list[str]:
    """Return the warnings as a person reads them."""
    warnings = layout_warnings(fits, limit)
    assert all(warning.level == "warning" for warning in warnings)
    return [str(warning) for warning in warnings]


def campaign(*signers: str, recipients: tuple[str, ...] = ("Li", "Mbeki")) -> list[PageFit]:
    """Return letters that fit, of each signer to each recipient."""
    return [fit(signer, recipient) for signer in signers for recipient in recipients]


def test_letters_that_fit_their_pages_cause_no_warning() -> None:
    assert (
        lines([*campaign("Ana", "Bo"), fit("Cy", "Li", room=None), fit("Cy", "Wu", room=19.6)])
        == []
    )


def test_a_letter_with_too_many_pages_is_named_with_people_and_file() -> None:
    assert lines([*campaign("Ana", "Bo"), fit("Cy", "Li", pages=3)], 2) == [
        (
            "Cy/Li.docx: There are 3 pages in the letter from Cy to Li; the limit is 2. Shorten "
            "the text, make the margins smaller, or set Pages to a higher number in the Settings "
            "sheet (add the row if it is missing)."
        )
    ]
    assert lines([fit("Cy", "Li", pages=2)], 2) == []


def test_a_lone_signature_is_reported() -> None:
    assert lines([*campaign("Ana"), fit("Cy", "Li", pages=2, lone=True, room=None)], 2) == [
        (
            "Cy/Li.docx: The last page of the letter from Cy to Li contains only the signature. "
            "Shorten the text, or set “Keep with next” for the paragraphs above the name."
        )
    ]


def test_a_signature_without_enough_space_is_reported_with_its_space() -> None:
    assert lines([*campaign("Ana"), fit("Cy", "Li", room=7.8)]) == [
        (
            "Cy/Li.docx: There are only 8 mm above the typed name in the letter from Cy to Li; a"
            " signature needs 20 mm. In the template, or in a single letter, increase the spacing"
            " before the name’s paragraph in Word: 2 cm is 57 pt."
        )
    ]
    assert "0 mm above" in lines([fit("Cy", "Li", room=-3)])[0]


def test_a_layout_problem_of_all_letters_is_reported_once() -> None:
    long = [fit(signer, to, pages=2) for signer in ("Ana", "Bo") for to in ("Li", "Mbeki")]
    assert [line.partition(";")[0] for line in lines(long)] == [
        "Ana/Li.docx: There are 2 pages in all 4 letters"
    ]


def test_a_layout_problem_of_many_letters_names_the_first_five_and_counts_the_others() -> None:
    tight = [fit(f"M {number}", "Li", room=8 + number) for number in range(86)]
    (line,) = lines([*tight[:11], *campaign("Ana"), fit("Bo", "Li", room=5)])
    assert line.partition(";")[0] == (
        "M 0/Li.docx: There are only 5 mm above the typed name in 12 letters"
        " (M 0 to Li, M 1 to Li, M 2 to Li, M 3 to Li, M 4 to Li and 7 more)"
    )
    (line,) = lines([fit("Bo", "Li", pages=2), fit("Bo", "Wu", pages=4), *campaign("Ana")])
    assert line.startswith("Bo/Li.docx: There are 2 to 4 pages in 2 letters (Bo to Li, Bo to Wu);")
