"""Right letters cause no problem, with any templates and workbooks."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.campaigns import ROOT, merge
from support.documents import block, docx, paragraph, run, table, text_box
from support.everyday import everyday
from support.proofread_letters import (
    LINES,
    RECIPIENTS,
    SIGNERS,
    Campaign,
    as_created,
    make_campaign,
    open_campaign,
)
from support.workbooks import Formatted, Rows

from merge.letter_status import PrintableLetter
from merge.proofreading.review import LetterToReview, general_problems, proofread


@dataclass(frozen=True)
class Case:
    """A campaign with right letters only."""

    template: str | bytes = LINES
    sheets: dict[str, Rows] = field(default_factory=dict)


def signed(*rows: Sequence[object]) -> dict[str, Rows]:
    return {"Signers": [list(row) for row in rows]}


def sent(*rows: Sequence[object]) -> dict[str, Rows]:
    return {"Recipients": [list(row) for row in rows]}


def merge_field(name: str) -> str:
    """Return one of Word's own merge fields, as it is before the merge."""
    code = f"MERGEFIELD {name.replace(' ', '_')}"
    return f'<w:fldSimple w:instr=" {code} ">{run(f"«{name}»")}</w:fldSimple>'


ENDING = "I ask you to release them.\n{{ signer.name }}"
CASES = {
    "names in capitals": Case(LINES.replace("signer.name", "signer.name|upper")),
    "signer and recipient live in one town": Case(
        LINES, sent(RECIPIENTS[0], ["R1", "Wei Li", "East Road 1", "28013 Madrid", "Mr Li"])
    ),
    "the template speaks of a recipient": Case(
        LINES.replace("I ask", "As I wrote to Consul Asha Roy in Delhi, I ask")
    ),
    "the pair's own sentence speaks of a signer": Case(
        LINES.replace("I ask", "{{ pair.why }} I ask"),
        {
            "Pairs": [
                ["Signer", "Recipient", "Why"],
                ["Ana Ruiz", "Minister Wei Li", "My friend Bo Berg, of Storgatan 12, told me."],
                ["Bo Berg", "Consul Asha Roy", "I know Ana Ruiz."],
            ]
        },
    ),
    "the letter's date stands in a column, and a month is a first name": Case(
        "{{ date }}\n" + LINES,
        signed(
            [*SIGNERS[0], "Joined", "First"],
            [*SIGNERS[1], Formatted(dt.date(2026, 3, 4), "d mmmm yyyy"), "Ana"],
            [*SIGNERS[2], Formatted(dt.date(2025, 3, 4), "d mmmm yyyy"), "March"],
        ),
    ),
    "a branch speaks of another's town": Case(
        LINES.replace(
            "I ask",
            "{% if recipient.city == 'Beijing' %}Not even at Shanti Path 9 in Delhi do they know. "
            "{% else %}Nobody at East Road 1 does. {% endif %}I ask",
        )
    ),
    "the template has odd blanks": Case(
        LINES.replace("Dear", "Dear ")
        .replace("ask you", "ask  you , please")
        .replace("{{ signer.city }}", "{{ signer.city }}  {{ signer.id }} ()")
    ),
    "cells have odd blanks and odd words": Case(
        LINES,
        signed(SIGNERS[0], ["S1", "Ana  Ruiz", "Calle () Mayor , 5", "None Such"]),
    ),
    "a quotation between guillemets": Case(f"{LINES}\nLe «droit» et « la ville » de «Mémorial»."),
    "an empty paragraph of a table cell": Case(
        table(
            ["{{ recipient.name }}", "{{ signer.name }}\n{{ signer.city }}"],
            ["{{ recipient.street }}\n{{ recipient.box }}", ""],
            ["{{ recipient.city }}", "x"],
        ),
        sent(
            ["Name", "Street", "Box", "City"],
            ["Wei Li", "East Road 1", None, "Beijing"],
            ["Asha Roy", "Shanti Path 9", "Box 71", "Delhi"],
        ),
    ),
    "father, son and neighbours at one address": Case(
        LINES,
        signed(
            SIGNERS[0],
            ["1", "Ana Ruiz", "Calle Mayor 5", "Lugo"],
            ["2", "Ana Ruiz", "Calle Mayor 5", "Lugo"],
            ["3", "Ana Ruiz Ruiz", "Calle Mayor 5 bajo", "Lugo"],
            ["4", "Ana", "Mayor 5", "Calle"],
        ),
    ),
    "an address of several lines in one cell": Case(
        "{{ recipient.name }}\n{{ recipient.address }}\n"
        "{%p for line in recipient.address|lines %}\n{{ line }}\n{%p endfor %}\n"
        f"{{{{ recipient.address|lines|join(', ') }}}}\n{ENDING}",
        sent(["Name", "Address"], ["Li", "Road 1\nBeijing"], ["Lin", "Road 11\nBeijing"]),
    ),
    "a text box": Case(
        text_box("{{ recipient.name }}\n{{ recipient.street }}")
        + block("Dear {{ recipient.salutation }},\n" + ENDING)
    ),
    "a letterhead": Case(
        docx(LINES, header="{{ signer.name }}, {{ signer.street }}", footer="{{ signer.city }}")
    ),
    "a script without spaces": Case(
        f"{{{{ recipient.name }}}}\n尊敬的{{{{ recipient.name }}}}先生：\n{ENDING}",
        {**sent(["Name"], ["李明"], ["李明华"], ["李"]), **signed(["Name"], ["王小明"], ["小明"])},
    ),
    "marks between letters": Case(
        "เรียน {{ recipient.name }}\nप्रिय {{ recipient.name }}\n" + ENDING,
        sent(["Name"], ["สมชาย ใจดี"], ["สมชาย"], ["नरेन्द्र"], ["नरेन्द्र दास"]),
    ),
    "names in two columns, and a title in the template": Case(
        "{{ recipient.name }}\nDear Minister {{ recipient.last }},\n"
        "{{ signer.name }}\n{{ signer.first }} {{ signer.last }}",
        {
            **signed(
                ["Name", "First", "Last"], ["A. Ruiz", "Ana", "Ruiz"], ["Ana Ruiz", "Ane", "R"]
            ),
            **sent(["Name", "Last"], ["Wei Li", "Li"], ["Minister Li", "Li"], ["Minister L", "L"]),
        },
    ),
    "values side by side that make another's name": Case(
        f"{{{{ signer.name }}}}, {{{{ signer.street }}}}\n{{{{ recipient.name }}}}\n{ENDING}",
        signed(
            ["Name", "Street"], ["Ana Ruiz", "Gómez 4"], ["Ana Ruiz Gómez", "4"], ["Gómez", "5"]
        ),
    ),
    "no name of the recipient anywhere": Case(f"Dear {{{{ recipient.salutation }}}},\n{ENDING}"),
    "no recipient's name but one in the text": Case(
        f"Dear {{{{ recipient.salutation }}}},\nMinister Wei Li knows.\n{ENDING}"
    ),
    "empty lines that the template means": Case(
        LINES.replace("{{ recipient.street }}", "\n{{ recipient.street }}\n")
    ),
    "the sender's address above the recipient's": Case(
        f"{{{{ signer.name }}}}\n{{{{ signer.street }}}}\n\n{LINES}"
    ),
    "an existing document of Word's mail merge": Case(
        "".join(
            paragraph(*pieces)
            for pieces in (
                [merge_field("Recipient Name")],
                [merge_field("Recipient Street")],
                ["Dear  ", merge_field("Salutation"), ","],
                ["Consul ", merge_field("Recipient City"), " is a town."],
                [merge_field("Signer Name")],
            )
        )
    ),
    "signs that do not show": Case(
        LINES, signed(SIGNERS[0], ["S1", "Ana\u200b Ruiz\u200e", "Calle\u00ad Mayor 5", "Lugo"])
    ),
    "titles instead of names in salutations": Case(
        LINES,
        sent(
            ["Name", "Street", "City", "Salutation", "Position"],
            ["Ambassador Kim", "Road 1", "Seoul", "Ambassador", None],
            ["Jo Ng", "Road 2", "Seoul", "Ambassador", "Ambassador"],
            ["Office of the President", "Road 3", "Seoul", "Sir or Madam", None],
        ),
    ),
}


@pytest.mark.parametrize("case", everyday(CASES, daily=range(6)))
def test_right_letters_of_many_campaigns_cause_no_problem(case: str) -> None:
    right_campaign = make_campaign(CASES[case].template, **CASES[case].sheets)
    assert len(right_campaign.letters) > 0
    assert right_campaign.problems() == {}


@pytest.mark.parametrize("case", everyday(CASES, daily=range(5)))
def test_another_letter_in_a_letters_place_is_found(case: str) -> None:
    """Show that these cases are able to fail."""
    right_campaign = make_campaign(CASES[case].template, **CASES[case].sheets)
    pair = right_campaign.letters[0][0].pair
    problems_by_file = right_campaign.problems(
        {(pair.signer.label, pair.recipient.label): right_campaign.letters[-1][1]}
    )
    codes = {
        problem.partition(":")[0] for problems in problems_by_file.values() for problem in problems
    }
    assert codes & {"proof-another", "proof-missing"}


NEAR = (
    *("Ana Ruiz", "Ana Ruiz Gómez", "Ana Ruíz", "Ruiz Ana", "Ana", "Ruiz", "Ana M. Ruiz", "Li"),
    *("Lin", "Li Na", "Na Li", "Lina", "Jean Luc", "Jean-Luc Roy", "Roy", "O’Brien", "O Brien Li"),
    *(
        "李明",
        "李明华",
        "Олена Рой",
        "Олена",
        "محمد علي",
        "محمد علي حسن",
        "May",
        "Will Li",
        "Von Li",
    ),
)


@pytest.mark.slow
def test_a_thousand_right_letters_of_people_with_similar_names_cause_no_problem() -> None:
    signers = [
        [f"S{n}", name + " Li" * (n // len(NEAR)), f"Main Street {n // 2}", f"{n % 7} Li"]
        for n, name in enumerate(NEAR * 2)
    ]
    recipients = [
        [f"R{n}", f"Minister {name}", f"Main Street 1{n}", f"Li {n % 3}", f"Minister {name}"]
        for n, name in enumerate(NEAR[:20])
    ]
    near = make_campaign(Signers=[SIGNERS[0], *signers], Recipients=[RECIPIENTS[0], *recipients])
    assert len(near.letters) > 1_000
    assert near.problems() == {}


def general(lines: str) -> list[str]:
    lines_campaign = make_campaign(lines)
    problems = general_problems(lines_campaign.review(), lines_campaign.people)
    return [str(problem) for problem in problems]


def test_columns_mixed_up_in_the_template_are_reported_once() -> None:
    assert general(LINES.replace("{{ recipient.name }}", "{{ signer.name }}")) == [
        (
            "signers.xlsx, Recipients!B: None of the 6 letters contains the recipient’s Name. "
            "If it should, check the placeholders of the template."
        )
    ]
    assert general(LINES) == []


def shipped(folder: Path) -> Campaign:
    shutil.copytree(ROOT / "templates", folder / "templates")
    shutil.copy(ROOT / "signers.xlsx", folder)
    return open_campaign(folder)


def test_letters_of_the_shipped_campaign_cause_no_problem(tmp_path: Path) -> None:
    shipped_campaign = shipped(tmp_path)
    assert merge("letters", tmp_path).code == 0
    proofs = [
        LetterToReview(
            PrintableLetter(finished.id, finished.pair, finished.path),
            finished.path.read_bytes(),
            as_created(created),
        )
        for finished, created in shipped_campaign.letters
    ]
    reads = list(
        proofread(
            proofs, shipped_campaign.people, shipped_campaign.settings, shipped_campaign.templates
        )
    )
    assert [(read.verdict, len(read.proof_blocks)) for read in reads] == [("right", 2)] * 12
    assert general_problems(reads, shipped_campaign.people) == ()
