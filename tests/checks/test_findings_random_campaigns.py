"""Random campaigns: a letter can be filled, and has no blank in a sentence, just where checks say.

Sentences are written `(P … Q)`, and `(R … S)` where a blank is excused: `PQ` in a letter is a blank
that nobody meant.
"""

from __future__ import annotations

import datetime as dt
import io
import random
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from support.campaigns import make, merge
from support.everyday import everyday, tries

from merge.affected_letters import ErrorIndex
from merge.campaign.campaign import Campaign, read_campaign
from merge.errors import DataError
from merge.people import Pair

SEEDS = tries(400, 2000)
VALUES: list[Any] = [
    None,
    None,
    "x",
    "y",
    "x\ny",
    " ",
    3,
    40,
    0.5,
    True,
    False,
    dt.date(2026, 4, 3),
]
VALUES += ["#N/A", "=1+1", "a_x000B_"]
PEOPLE_FIELDS = ("a", "b", "c")
FIELDS = [*(f"{root}.{f}" for root in ("signer", "recipient") for f in PEOPLE_FIELDS), "pair.note"]
FIELDS += ["settings.fact", "recipient.name"]
PRINTED = [
    "{}",
    "{}|upper",
    "{}|date",
    "{}|number",
    "{}|lines|join('+')",
    "{} ~ ''",
    "({}|lines)[0]",
]
EXCUSED = ["{}|optional", "{}|default('')", "{}|default('z')", "{}|optional|upper"]
TESTS = ["{}", "not {}", "{} == 'x'", "{} != 'x'", "{} < 30", "'x' in {}", "{} is defined"]
TESTS += ["{} and {}", "{} or not {}", "{} == {}", "{} < {}", "language == 'fr'", "'z' ~ {} == 'z'"]


def _bare(test: str) -> str:
    """The names of a condition that its branch needs, each of them or one of them, to be filled."""
    parts = re.split(r" and | or ", test)
    return " ".join(part for part in parts if re.fullmatch(r"[a-z]+\.[a-z]+", part))


class Maker:
    """One random campaign after another; the same seed gives the same one."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - nothing secret

    def template(self) -> str:
        """A few paragraphs."""
        return "\n".join(self._paragraph() for _ in range(self._random.randint(1, 5)))

    def sheets(self) -> Mapping[str, list[list[Any]]]:
        """Three signers, three recipients in two languages, and what pairs and settings say."""
        pick = self._random.choice
        languages = [None, "fr", "en"]
        recipients = [[f"Li {c}", *self._row(), pick(languages)] for c in "ABC"]
        pairs = [["*", "*", pick(VALUES[:4])], ["An A", "Li B", pick(VALUES)]]
        return {
            "Signers": [["Name", "A", "B", "C"], *([f"An {c}", *self._row()] for c in "ABC")],
            "Recipients": [["Name", "A", "B", "C", "Language"], *recipients],
            "Pairs": [["Signer", "Recipient", "Note"], *pairs],
            "Settings": [
                ["Name", "Value"],
                ["Fact", pick(VALUES[:12])],
                ["Language", pick(["en", "fr"])],
            ],
        }

    def _row(self) -> list[Any]:
        return [self._random.choice(VALUES) for _ in PEOPLE_FIELDS]

    def _name(self) -> str:
        return self._random.choice(FIELDS)

    def _test(self) -> str:
        test = self._random.choice(TESTS)
        return test.format(*(self._name() for _ in range(test.count("{}"))))

    def _sentence(self, tested: str = "") -> str:
        """A sentence with one tag; where the value was tested before, a blank is excused."""
        name = self._name()
        excused = self._random.random() < 0.3
        forms = EXCUSED if excused else PRINTED
        tag = f"{{{{ {self._random.choice(forms).format(name)} }}}}"
        return f"(R{tag}S)" if excused or name in tested else f"(P{tag}Q)"

    def _line(self) -> str:
        """A line that closes up; one that prints a name never does."""
        names = [self._name() for _ in range(self._random.randint(1, 3))]
        return ", ".join(f"{{{{ {name} }}}}" for name in names)

    def _paragraph(self) -> str:
        kind = self._random.randrange(6)
        if kind == 0:
            return self._line()
        if kind == 1:
            name = self._name()
            loop = f"{{% for x in {name}|lines %}}(P{{{{ x }}}}Q)"
            return f"{loop}{self._sentence()}{{% endfor %}}"
        return self._sentence() if kind == 2 else self._branches("", 0)

    def _branches(self, tested: str, depth: int) -> str:
        """An if with or without elif and else, sentences or further ifs in them."""
        test = self._test()
        text = f"{{% if {test} %}}{self._inside(tested + _bare(test), depth)}"
        if self._random.random() < 0.4:
            test = self._test()
            text += f"{{% elif {test} %}}{self._inside(tested + _bare(test), depth)}"
        if self._random.random() < 0.4:
            text += f"{{% else %}}{self._inside(tested, depth)}"
        return f"{text}{{% endif %}}"

    def _inside(self, tested: str, depth: int) -> str:
        deeper = depth < 2 and self._random.random() < 0.3
        return self._branches(tested, depth + 1) if deeper else self._sentence(tested)


def _fails(campaign: Campaign, pair: Pair) -> bool:
    """Whether the pair's letter cannot be filled, or has a blank in a sentence."""
    template = campaign.templates.template_for(pair.recipient)
    try:
        data = template.fill(campaign.fill_context.pair_values(pair))
    except DataError:
        return True
    return "PQ" in re.sub(r"\s", "", _words(data))


def _words(data: bytes) -> str:
    return "\n".join(p.text for p in Document(io.BytesIO(data)).paragraphs)


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("block", range(4))
def test_a_letter_fails_just_where_the_checks_say_so(tmp_path: Path, block: int) -> None:
    outcomes = set()
    for seed in range(block, SEEDS, 4):
        maker = Maker(seed)
        template = maker.template()
        campaign = read_campaign(make(tmp_path, template, **maker.sheets()))
        faulty = ErrorIndex(campaign.findings)
        for pair in campaign.pairs():
            told, fails = faulty.reason(pair), _fails(campaign, pair)
            assert bool(told) == fails, (
                f"seed {seed}: {pair.signer.name}, {pair.recipient.name}: {told}\n{template}"
            )
            outcomes.add(fails)
    assert outcomes == {True, False}


@pytest.mark.soak
@pytest.mark.parametrize("seed", everyday(range(10_000, 10_000 + SEEDS // 20)))
def test_ready_letters_are_those_that_are_written(tmp_path: Path, seed: int) -> None:
    maker = Maker(seed)
    make(tmp_path, maker.template(), **maker.sheets())
    told = merge("check", tmp_path, "--json").json
    ran = merge("letters", tmp_path, "--skip-errors", "--json")
    assert ran.json["written"] == told["ready"]
    assert ran.json["problems"] == told["problems"]
    assert ran.code == any(p["level"] == "error" for p in told["problems"])
