"""Proofreading finds every planted mix-up in its letter, and nothing else."""

from __future__ import annotations

import pytest
from support.documents import docx, paragraph, run
from support.everyday import everyday
from support.proofread_letters import LINES, RECIPIENTS, SIGNERS, edit_letter, make_campaign

ANA_LI = ("Ana Ruiz", "Minister Wei Li")
FILE = "Ana Ruiz/Minister Wei Li.docx"
USUAL = make_campaign()
LETTER = USUAL.created(*ANA_LI)
MIXED_UP = {
    "another signer's street": (
        edit_letter(LETTER, ("Calle Mayor 5", "Storgatan 12")),
        """proof-another: This is the data of another signer, Bo Berg: Street “Storgatan 12”.""",
    ),
    "a street that begins like the signer's own": (
        edit_letter(LETTER, ("Calle Mayor 5", "Calle Mayor 55")),
        (
            "proof-another: This is the data of another signer, Ana Ruiz Gómez:"
            " Street “Calle Mayor 55”."
        ),
    ),
    "a stale salutation": (
        edit_letter(LETTER, ("Dear Minister Li", "Dear Consul Roy")),
        (
            "proof-another: This is the data of another recipient, Consul Asha Roy: "
            "Salutation “Consul Roy”."
        ),
    ),
    "a salutation of no one": (
        edit_letter(LETTER, ("Dear Minister Li", "Dear Sir")),
        """proof-missing: The letter does not contain the recipient’s Salutation “Minister Li”.""",
    ),
    "a leftover placeholder": (
        edit_letter(LETTER, ("I ask you", "{{ signer.name }} asks you")),
        """proof-leftover: A placeholder was not filled in: “{{”.""",
    ),
    "a leftover merge field": (
        edit_letter(LETTER, ("I ask you", "«Signer Name» asks you")),
        """proof-leftover: A merge field was not filled in: “«Signer Name»”.""",
    ),
    "None": (
        edit_letter(LETTER, ("Dear Minister Li", "Dear None")),
        """proof-leftover: A value is missing: “None”.""",
    ),
    "an error of Excel": (
        edit_letter(LETTER, ("Beijing", "#N/A")),
        """proof-leftover: A value is missing: “#N/A”.""",
    ),
    "a lost character": (
        edit_letter(LETTER, ("Wei Li", "W\ufffdi Li")),
        """proof-leftover: A value is missing: “\ufffd”.""",
    ),
    "an entire letter to another recipient": (
        USUAL.created("Ana Ruiz", "Consul Asha Roy"),
        (
            "proof-another: This is the data of another recipient, Consul Asha Roy: "
            "Name “Consul Asha Roy”, Street “Shanti Path 9”, City “Delhi”, Salutation “Consul Roy”."
        ),
    ),
    "the signature block of a person with a longer name": (
        USUAL.created("Ana Ruiz Gómez", "Minister Wei Li"),
        (
            "proof-another: This is the data of another signer, Ana Ruiz Gómez: "
            "Name “Ana Ruiz Gómez”, Street “Calle Mayor 55”."
        ),
    ),
    "an empty line in the address": (
        edit_letter(LETTER, ("East Road 1", "")),
        "proof-empty-line: The address has a blank line after this one.",
    ),
    "two spaces": (
        edit_letter(LETTER, ("I ask you", "I  ask you")),
        "proof-blank: There are two spaces: “I  ask”.",
    ),
    "a greeting without a name": (
        edit_letter(LETTER, ("Dear Minister Li", "Dear ")),
        "proof-blank: There is an extra space: “Dear ,”.",
    ),
    "a comma with nothing before it": (
        edit_letter(LETTER, ("Beijing", ", Beijing")),
        "proof-blank: Something is missing at “,”.",
    ),
    "another recipient's name in the body": (
        edit_letter(LETTER, ("I ask you", "I ask Consul Asha Roy and you")),
        (
            "proof-another: This is the data of another recipient, Consul Asha Roy: "
            "Name “Consul Asha Roy”."
        ),
    ),
    "a city of one word in place of the recipient's": (
        edit_letter(LETTER, ("Beijing", "Delhi")),
        """proof-another: This is the data of another recipient, Consul Asha Roy: City “Delhi”.""",
    ),
    "an accent too many in the name": (
        edit_letter(LETTER, ("Ana Ruiz", "Ana Ruíz")),
        """proof-missing: The letter does not contain the signer’s Name “Ana Ruiz”.""",
    ),
    "an edited line": (
        edit_letter(LETTER, ("everybody", "them all")),
        ("proof-changed: Edited: 1 paragraph differs from a newly created letter."),
    ),
    "a comment": (
        edit_letter(LETTER, ("</w:p>", '<w:r><w:commentReference w:id="1"/></w:r></w:p>')),
        "proof-comments: The letter has comments, which Word would print.",
    ),
    "a tracked change": (
        edit_letter(LETTER, ("</w:p>", '<w:ins w:id="1" w:author="x"><w:r/></w:ins></w:p>')),
        "tracked-changes: There is a tracked change here.",
    ),
    "no Word document": (
        b"PK\x03\x04",
        "proof-unreadable: The file cannot be read as a Word document.",
    ),
}


def test_right_letters_cause_no_problem() -> None:
    assert USUAL.problems() == {}


@pytest.mark.parametrize("mix_up", everyday(MIXED_UP, daily=range(15)))
def test_a_planted_mix_up_is_found_in_its_letter(mix_up: str) -> None:
    data, expected = MIXED_UP[mix_up]
    problems = USUAL.problems({ANA_LI: data})
    assert list(problems) == [FILE]
    assert expected in problems[FILE]


def test_all_mix_ups_among_right_letters_are_found() -> None:
    signers = [["ID", "Name", "Street", "City"]]
    signers += [[f"S{n}", f"Person {n:02}", f"Street {n:02}", f"Town {n:02}"] for n in range(50)]
    big = make_campaign(Signers=signers)
    people = [(f"Person {n:02}", "Minister Wei Li") for n in range(8)]
    edits = {
        people[0]: edit_letter(big.created(*people[0]), ("Street 00", "Street 01")),
        people[1]: edit_letter(big.created(*people[1]), ("Dear Minister Li", "Dear Consul Roy")),
        people[2]: edit_letter(big.created(*people[2]), ("everybody", "{{ all }}")),
        people[3]: big.created("Person 03", "Consul Asha Roy"),
        people[4]: edit_letter(big.created(*people[4]), ("Town 04", "None")),
        people[5]: edit_letter(big.created(*people[5]), ("East Road 1", "")),
        people[6]: edit_letter(big.created(*people[6]), ("to release", "to  release")),
        people[7]: big.created("Person 17", "Minister Wei Li"),
    }
    assert set(big.problems(edits)) == {
        f"{signer}/{recipient}.docx" for signer, recipient in people
    }


def test_an_edited_letter_with_an_old_name_is_reported() -> None:
    old = [*SIGNERS[:1], ["S1", "Anna Ruis", "Calle Mayor 5", "28013 Madrid"], *SIGNERS[2:]]
    before = make_campaign(Signers=old).created("Anna Ruis", "Minister Wei Li")
    problems = USUAL.problems({ANA_LI: edit_letter(before, ("everybody", "them all"))})[FILE]
    assert (
        """proof-missing: The letter does not contain the signer’s Name “Ana Ruiz”.""" in problems
    )
    assert problems[-1].startswith("proof-changed: Edited: 2 paragraphs differ")


def test_an_unedited_letter_that_is_out_of_date_is_reported() -> None:
    older = make_campaign(LINES.replace("Sincerely", "Yours")).created(*ANA_LI)
    read = USUAL.review({ANA_LI: older}, by_hand=False)[0]
    assert [d.what for d in read.problems] == ["1 paragraph differs from a newly created letter."]


def test_a_wrong_letter_is_found_although_the_program_would_create_it() -> None:
    """The letter is as created, but has another person's street."""
    wrong = edit_letter(LETTER, ("Calle Mayor 5", "Storgatan 12"))
    letters = [(f, wrong if data == LETTER else data) for f, data in USUAL.letters]
    faulty = type(USUAL)(USUAL.people, USUAL.settings, USUAL.templates, letters)
    assert list(faulty.problems()) == [FILE]


def test_a_name_that_only_one_letter_lacks_is_reported() -> None:
    lines = LINES.replace(
        "{{ signer.name }}", "{% if signer.id != 'S2' %}{{ signer.name }}{% endif %}"
    )
    problems = make_campaign(lines).problems()
    problem = (
        "proof-missing: The letter does not contain the signer’s Name “Bo Berg”; other letters"
        " contain theirs."
    )
    assert problems == {
        "Bo Berg/Minister Wei Li.docx": [problem],
        "Bo Berg/Consul Asha Roy.docx": [problem],
    }


def test_a_name_that_is_shown_too_rarely_is_reported() -> None:
    twice = make_campaign(f"{LINES}\nI, {{{{ signer.name }}}}, live in {{{{ signer.city }}}}.")
    data = edit_letter(twice.created(*ANA_LI), ("I, Ana Ruiz,", "I"))
    problem = "The signer’s Name “Ana Ruiz” appears fewer times than in a newly created letter."
    assert f"proof-missing: {problem}" in twice.problems({ANA_LI: data})[FILE]


def test_a_salutation_with_another_recipients_name_is_reported_at_its_cell() -> None:
    rows = [*RECIPIENTS[:2], ["R2", "Consul Asha Roy", "Shanti Path 9", "Delhi", "Minister Li"]]
    problems = {
        problem for read in make_campaign(Recipients=rows).review() for problem in read.problems
    }
    what = "This salutation names Minister Wei Li, not Consul Asha Roy."
    hint = "Check whether the cell belongs to another row."
    assert [str(problem) for problem in problems] == [f"signers.xlsx, Recipients!E3: {what} {hint}"]


def test_problems_of_letters_that_must_not_be_printed_are_errors() -> None:
    levels = {}
    for name, (data, _) in MIXED_UP.items():
        read = USUAL.review({ANA_LI: data})[0]
        levels[name] = {problem.level for problem in read.problems}
    warnings = {name for name, found_levels in levels.items() if found_levels == {"warning"}}
    assert warnings == {
        "two spaces",
        "an edited line",
        "a comma with nothing before it",
        "a city of one word in place of the recipient's",
    }


def test_a_proofreading_problem_has_the_letters_place() -> None:
    read = USUAL.review({ANA_LI: MIXED_UP["another signer's street"][0]})[0]
    assert str(read.problems[0].place) == f"{FILE}, line “Storgatan 12” (paragraph 9)"


def test_data_of_other_people_is_found_in_every_part_of_a_letter() -> None:
    noted_campaign = make_campaign(docx(LINES, header="x", footer="x", footnotes="x", endnotes="x"))
    for part in ("header", "footer", "footnotes", "endnotes"):
        data = edit_letter(
            noted_campaign.created(*ANA_LI), ("</w:t>", " Bo Berg</w:t>"), part=f"word/{part}.xml"
        )
        assert "This is the data of another signer, Bo Berg" in "".join(
            noted_campaign.problems({ANA_LI: data})[FILE]
        )


def test_a_name_split_into_runs_is_found() -> None:
    pieces = paragraph(run("As B"), run("o Be", "<w:b/>"), run("rg said."))
    data = edit_letter(LETTER, ("</w:p>", f"</w:p>{pieces}"))
    assert "This is the data of another signer, Bo Berg" in "".join(
        USUAL.problems({ANA_LI: data})[FILE]
    )
