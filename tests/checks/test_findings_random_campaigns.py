"""Random campaigns: a letter has an error exactly if checks report one.

An error means that the letter cannot be filled, or has a blank in a sentence. Sentences are written
`(P … Q)`, and `(R … S)` if a blank is allowed. So `PQ` in a letter is an unwanted blank.
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

from merge.affected_letters import BlockingErrorIndex
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
    """Return the names that a condition's branch needs to be filled.

    It needs each of them or one of them.
    """
    parts = re.split(r" and | or ", test)
    return " ".join(part for part in parts if re.fullmatch(r"[a-z]+\.[a-z]+", part))


class RandomCampaigns:
    """One random campaign after another; equal seeds give equal campaigns."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - nothing secret

    def template(self) -> str:
        """Return a few paragraphs."""
        return "\n".join(self._paragraph() for _ in range(self._random.randint(1, 5)))

    def sheets(self) -> Mapping[str, list[list[Any]]]:
        """Return signers, recipients in two languages, pairs and settings."""
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
        """Return a sentence with one placeholder.

        If its value was tested before, a blank is allowed.
        """
        name = self._name()
        excused = self._random.random() < 0.3
        forms = EXCUSED if excused else PRINTED
        tag = f"{{{{ {self._random.choice(forms).format(name)} }}}}"
        return f"(R{tag}S)" if excused or name in tested else f"(P{tag}Q)"

    def _line(self) -> str:
        """Return a line that is removed if it is blank, unless it prints a name."""
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
        """Return an if, perhaps with elif, else and nested ifs, and sentences."""
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
    """Return whether the pair's letter has an error."""
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
def test_a_random_letter_fails_exactly_if_the_checks_say_so(tmp_path: Path, block: int) -> None:
    outcomes = set()
    for seed in range(block, SEEDS, 4):
        campaigns = RandomCampaigns(seed)
        template = campaigns.template()
        campaign = read_campaign(make(tmp_path, template, **campaigns.sheets()))
        errors = BlockingErrorIndex(campaign.findings)
        for pair in campaign.pairs():
            reason, fails = errors.reason(pair), _fails(campaign, pair)
            assert bool(reason) == fails, (
                f"seed {seed}: {pair.signer.name}, {pair.recipient.name}: {reason}\n{template}"
            )
            outcomes.add(fails)
    assert outcomes == {True, False}


@pytest.mark.soak
@pytest.mark.parametrize("seed", everyday(range(10_000, 10_000 + SEEDS // 20)))
def test_random_letters_that_are_ready_are_created(tmp_path: Path, seed: int) -> None:
    campaigns = RandomCampaigns(seed)
    make(tmp_path, campaigns.template(), **campaigns.sheets())
    report = merge("check", tmp_path, "--json").json
    result = merge("letters", tmp_path, "--skip-errors", "--json")
    assert result.json["written"] == report["ready"]
    assert result.json["problems"] == report["problems"]
    assert result.code == any(p["level"] == "error" for p in report["problems"])
