"""Templates and workbooks damaged at random are refused or read.

The message of a failure has the seed; `Damage(seed).file(…)` creates its file again.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TypeVar

import pytest
from docx import Document
from lxml import etree
from support import campaigns, workbooks
from support.damaged_files import Damage
from support.documents import BODY, block, docx, note, paragraph, table, text_box
from support.everyday import everyday, tries
from support.filled_letters import members, template
from support.marked_content import field, picture, relation
from support.marked_template import marked_template, with_relations
from support.speed import within
from support.template_cases import CASES, VALUES

from merge.errors import MergeError
from merge.template.filters import TemplateValue, freeze
from merge.workbook.reading import read_workbook

ROOT = Path(__file__).resolve().parents[1]
_T = TypeVar("_T")
SECONDS = 10
STEP = 20
EVERYDAY = 100
TEMPLATES, WORKBOOKS, RUNS = tries(1_400, 7_000), tries(600, 3_000), tries(40, 400)
NAMES: dict[str, TemplateValue] = {**VALUES, "name": "Ann", "city": "Kyiv", "language": "en"}


def chunks(most: int) -> list[object]:
    """Return all seeds in steps; only the first are tested every day."""
    starts = range(0, most, STEP)
    slow = pytest.mark.slow
    return [
        pytest.param(n, id=f"seeds {n} to {n + STEP - 1}", marks=[slow] if n >= EVERYDAY else [])
        for n in starts
    ]


@functools.cache
def templates() -> list[bytes]:
    """Return valid templates that use every feature of the program."""
    fields = paragraph(
        field(" MERGEFIELD name \\* Upper ", "«name»"),
        field(' MERGEFIELD city \\b "in " ', "«city»"),
        '<w:fldSimple w:instr=" MERGEFIELD a "><w:r><w:t>x</w:t></w:r></w:fldSimple>',
        field(' IF "{{ a }}" = "x" "one" "two" ', "two"),
    )
    rich = docx(
        block("{%p for x in names %}\n{{ x }}, {{ z }}\n{%p endfor %}")
        + fields
        + table(["{%tr for r in rows %}", ""], ["{{ r.day }}", "b"], ["{%tr endfor %}", ""])
        + text_box("{{ a }}")
        + paragraph("{{ a }}", note(), note("endnote")),
        header="{{ name }}\n{{ z }}",
        footnotes="{{ a }}",
        endnotes="{% if yes %}x{% endif %}",
        title="For {{ a }}",
    )
    drawn = with_relations(
        docx(paragraph("{{ a }}", picture(1, 'r:embed="p"', "{{ a }}"))),
        relation("p", "image", "media/p.png"),
        more={"word/media/p.png": b"x"},
    )
    return [rich, drawn, marked_template(), *(case.template for case in CASES.values())]


def result_or_refusal(work: Callable[[], _T], seed: int, damage: Damage) -> _T | None:
    """Return the result of the work, or None if it raises a MergeError.

    Any other error fails the test.
    """
    with within(SECONDS, seed):
        try:
            return work()
        except MergeError:
            return None
        except Exception as error:
            raise AssertionError(f"seed {seed} {damage.done}: {error!r}") from error


def check_letter(letter: bytes, seed: int) -> None:
    """Check that every part is well-formed and python-docx opens the letter."""
    for name, part in members(letter).items():
        if name.endswith((".xml", ".rels")):
            try:
                etree.fromstring(part)
            except etree.XMLSyntaxError as error:
                raise AssertionError(f"seed {seed}: {name} is broken: {error}") from error
    try:
        Document(io.BytesIO(letter))
    except Exception as error:
        raise AssertionError(f"seed {seed}: python-docx: {error!r}") from error
    assert BODY in members(letter), seed


def try_template(seed: int) -> bool:
    """Damage a template and fill it; return whether there is a letter."""
    known = templates()
    damage = Damage(seed)
    data = damage.file(known[seed % 7] if seed % 7 < 3 else damage.dice.choice(known))
    letter = result_or_refusal(lambda: template(data).fill(freeze(NAMES)), seed, damage)
    if letter is not None:
        check_letter(letter, seed)
    return letter is not None


@pytest.mark.soak
@pytest.mark.parametrize("start", everyday(chunks(TEMPLATES)))
def test_a_damaged_template_is_refused_or_gives_a_complete_letter(start: int) -> None:
    for seed in range(start, start + STEP):
        try_template(seed)


@pytest.mark.slow
def test_a_fifth_of_the_damaged_templates_can_be_filled() -> None:
    filled = sum(try_template(seed) for seed in range(EVERYDAY))
    assert EVERYDAY // 5 < filled < EVERYDAY


@functools.cache
def sound_workbooks(folder: Path) -> list[bytes]:
    """Return valid workbooks.

    They have every sheet, every kind of cell, and XML as Excel writes it.
    """
    common: dict[str, workbooks.Rows] = {
        "Signers": [["ID", "Name", "Country"], [1, "Ana Ruiz", "Peru"], [2, "Bo Berg", "Norway"]],
        "Recipients": [
            ["Name", "Include", "Since", "Amount", "Country", "Language"],
            ["Li", "yes", workbooks.Formatted(45_000, "d mmmm yyyy"), 1.5, "Peru", "fr"],
            [
                "Roy",
                "no",
                workbooks.Formatted(0.5, "0%"),
                workbooks.Formatted(-3, "#,##0.00"),
                None,
                "ru",
            ],
            ["Kim", None, True, "a\nb", "Norway", None],
        ],
        "Pairs": [["Signer", "Recipient", "Words"], ["Ana Ruiz", "Li", "x"], ["*", "Kim", "y"]],
        "Settings": [["Campaign", "C"], ["Date", "2026-03-04"], ["Match", "Country"]],
    }
    created = [
        workbooks.campaign(folder, **common).read_bytes(),
        workbooks.campaign(folder).read_bytes(),
    ]
    row = '<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row>'
    raw = workbooks.raw(
        folder, row + '<row r="2"><c r="A2" t="s"><v>0</v></c></row>', strings="<si/>"
    )
    return [*created, raw.read_bytes(), (ROOT / "signers.xlsx").read_bytes()]


def try_workbook(seed: int, folder: Path) -> bool:
    """Damage a workbook and read it; return whether it can be read."""
    damage = Damage(seed)
    path = folder / "damaged.xlsx"
    path.write_bytes(damage.file(damage.dice.choice(sound_workbooks(folder))))
    pairs = result_or_refusal(lambda: list(islice(read_workbook(path).pairs(), 50)), seed, damage)
    assert all(pair.signer.name and pair.recipient.name for pair in pairs or []), seed
    return pairs is not None


@pytest.mark.soak
@pytest.mark.parametrize("start", everyday(chunks(WORKBOOKS)))
def test_a_damaged_workbook_is_refused_or_read(start: int, tmp_path: Path) -> None:
    for seed in range(start, start + STEP):
        try_workbook(seed, tmp_path)


@pytest.mark.slow
def test_a_tenth_of_the_damaged_workbooks_can_be_read(tmp_path: Path) -> None:
    read = sum(try_workbook(seed, tmp_path) for seed in range(EVERYDAY))
    assert EVERYDAY // 10 < read < EVERYDAY


@pytest.mark.soak
@pytest.mark.parametrize("start", everyday(range(0, RUNS, STEP)))
def test_letters_from_damaged_files_never_crashes(start: int, tmp_path: Path) -> None:
    """Exit code 3 and a traceback are crashes."""
    for seed in range(start, start + STEP // 4 if start == 0 else start + STEP):
        campaign = campaigns.make(tmp_path / str(seed), "{{ recipient.name }} {{ signer.name }}")
        book, written = campaign / "signers.xlsx", campaign / "templates" / "appeal.docx"
        damaged = written if seed % 2 else book
        damaged.write_bytes(Damage(seed).file(damaged.read_bytes()))
        with within(SECONDS, seed):
            ran = campaigns.merge("letters", campaign)
        assert ran.code in {0, 1, 2}, (seed, ran.err)
        assert "Traceback" not in ran.err, seed
        for name, path in campaigns.letters(campaign).items():
            if name.endswith(".docx") and "letters" in path.parts:
                check_letter(path.read_bytes(), seed)
