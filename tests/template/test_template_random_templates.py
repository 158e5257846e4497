"""Random templates give an error with a message, or a valid letter."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from support.documents import BODY, block, cell, docx, note, paragraph, run, table, text_box
from support.docx_validation import findings, own_checks
from support.everyday import tries
from support.filled_letters import fill, members
from support.template_cases import CASES, VALUES

from merge.errors import MergeError

INLINE = [
    *("{{ a }}", "{{ z }}", ", ", " ", "text", "{{ z }}, {{ a }}", "({{ z }})", "\n", "\t", "{"),
    *("{% if yes %}{{ a }}{% endif %}", "{% if z %}q{% else %}{{ z }}{% endif %}", "{{r a }}"),
    *("{% for x in names %}{{ x }}, {% endfor %}", "{%r if z %}v{%r endif %}", "{# c #}"),
    *(
        "{{ a }}\n{{ z }}\n",
        "[{{ a }}/{{ z }}]",
        "{{ address }}",
        "{%r if yes %}{{ z }}{%r endif %}",
    ),
]
STRAY = [
    "{% endif %}",
    "{{ a",
    "{%p if yes %}",
    "{%tr endif %}",
    "{% else %}",
    "{% hm %}",
    "{% vm %}",
]
OPENERS = ["if yes", "if z", "for x in names", "for x in nobody"]
CELLS = [
    "{% colspan n %}{{ a }}",
    "{% cellbg 'FF0000' %}{{ z }}",
    "{{ z }}",
    "{% if z %}x{% endif %}",
]


class RandomTemplates:
    """Creates random templates; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - nothing secret
        self._marks = 0
        self._in_box = False

    def docx(self) -> bytes:
        """Return a complete .docx."""
        return docx(self._blocks(0), header=self._blocks(1) if self._often(0.3) else "h")

    def _often(self, share: float) -> bool:
        return self._random.random() < share

    def _blocks(self, depth: int) -> str:
        count = self._random.choice([1, 1, 2, 3])
        return "".join(self._block(depth) for _ in range(count))

    def _block(self, depth: int) -> str:
        kinds: list[Callable[[], str]] = [
            self._paragraph,
            self._paragraph,
            lambda: block(self._random.choice(CELLS[2:])),
        ]
        if depth < 3:
            kinds += [lambda: self._group(depth), lambda: self._table(depth)]
            kinds += [self._box, lambda: self._control(depth)]
        return self._random.choice(kinds)()

    def _paragraph(self) -> str:
        text = "".join(self._random.choices(INLINE, k=self._random.choice([1, 1, 2, 3])))
        text += self._random.choice(STRAY) if self._often(0.02) else ""
        cuts = sorted(
            self._random.choices(range(len(text) + 1), k=self._random.choice([0, 0, 1, 3]))
        )
        edges = [0, *cuts, len(text)]
        runs = [run(text[a:b]) for a, b in pairwise(edges) if a < b]
        runs += [note()] if self._often(0.05) else []
        return paragraph(*self._marked(runs))

    def _marked(self, runs: list[str]) -> list[str]:
        if self._in_box or not self._often(0.2):
            return runs
        self._marks += 1
        start = f"<w:bookmarkStart w:id='{self._marks}' w:name='m{self._marks}'/>"
        return [start, *runs, f"<w:bookmarkEnd w:id='{self._marks}'/>"]

    def _box(self) -> str:
        """Return a text box.

        It is in the file twice, and its bookmarks would be as well.
        """
        self._in_box = True
        box = text_box(self._blocks(3))
        self._in_box = False
        return box

    def _group(self, depth: int) -> str:
        opener = self._random.choice(OPENERS)
        other = block("{%p else %}") + self._blocks(depth + 1) if self._often(0.3) else ""
        inner = self._blocks(depth + 1) if self._often(0.9) else ""
        closer = block(f"{{%p end{opener.split()[0]} %}}")
        return block(f"{{%p {opener} %}}") + inner + other + closer

    def _table(self, depth: int) -> str:
        rows = [self._row(depth) for _ in range(self._random.choice([1, 2]))]
        if self._often(0.4):
            opener = self._random.choice(OPENERS)
            rows = [[f"{{%tr {opener} %}}"], *rows, [f"{{%tr end{opener.split()[0]} %}}"]]
        new_table = table(*rows)
        return (
            new_table if self._often(0.7) else new_table.removesuffix("<w:p/>") + block("{{ z }}")
        )

    def _row(self, depth: int) -> list[str]:
        row = [cell(self._blocks(depth + 1)) for _ in range(self._random.choice([1, 2]))]
        row += [self._random.choice(CELLS)] if self._often(0.3) else []
        if self._often(0.3):
            row = ["{%tc for x in names %}", *row, "{%tc endfor %}"]
        return row

    def _control(self, depth: int) -> str:
        return f"<w:sdt><w:sdtContent>{self._blocks(depth + 1)}</w:sdtContent></w:sdt>"


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("start", range(0, tries(300, 3000), 30))
def test_a_random_template_is_refused_with_a_message_or_gives_a_valid_letter(
    start: int, tmp_path: Path
) -> None:
    for seed in range(start, start + 30):
        document = RandomTemplates(seed).docx()
        start_time = time.monotonic()
        try:
            letter = fill(document, **VALUES)
        except MergeError:
            continue
        finally:
            assert time.monotonic() - start_time < 10, seed
        lacking = set(own_checks(letter)) - set(own_checks(document))
        assert (seed, lacking) == (seed, set())
        assert (seed, set(findings(tmp_path, letter)) - set(findings(tmp_path, document))) == (
            seed,
            set(),
        )


@pytest.mark.soak
@pytest.mark.parametrize("name", ["every part", "row for", "text box", "address with a blank line"])
def test_a_damaged_template_is_refused_with_a_message_or_gives_complete_parts(name: str) -> None:
    for seed in range(tries(30, 3000)):
        dice = random.Random(seed)  # noqa: S311 - nothing secret
        data = bytearray(CASES[name].template)
        for _ in range(dice.choice([1, 2, 5])):
            at = dice.randrange(len(data))
            data[at : at + dice.choice([0, 1, 1, 8])] = dice.randbytes(dice.choice([0, 1, 1, 4]))
        try:
            letter = fill(bytes(data), **VALUES)
        except MergeError:
            continue
        assert BODY in members(letter)
        assert own_checks(letter) == []


@pytest.mark.slow
def test_enough_of_the_random_templates_are_filled() -> None:
    filled = 0
    for seed in range(100):
        try:
            fill(RandomTemplates(seed).docx(), **VALUES)
        except MergeError:
            continue
        filled += 1
    assert filled > 30
