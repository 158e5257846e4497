"""Finished letters in one line, and what is found in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from merge.proofreading.text import plain_text
from merge.starting.questions import StartAnswers
from merge.starting.start import StartingPoint, find_placeholders
from support.documents import docx
from support.workbooks import Rows, xlsx

SEED = Path(__file__).parents[1] / "data" / "seed-letters.txt"
TEXT = (
    "I write to you about the arrests of last month, which have shocked people in many countries"
    " of the world."
)


def seed_letters() -> dict[str, bytes]:
    """Return the two letters of the first campaign."""
    text = SEED.read_text(encoding="utf-8")
    second = text.index("Ambassador Sergey")
    return {"a.docx": docx(text[:second].strip("\n")), "b.docx": docx(text[second:].strip("\n"))}


def letter_text(name: str, office: str, town: str, salutation: str, *body: str) -> str:
    """Return the text of a letter to one person, signed by Ana Ruiz."""
    head = [name, office, "Main Street 1", town, "", f"Dear {salutation},", *body]
    return "\n".join([*head, "Yours sincerely,", "", "Ana Ruiz"])


def to_li(*body: str) -> str:
    """Return the text of a letter to the first of two people."""
    return letter_text("Mr Li Wei", "Minister of Justice", "3000 Bern", "Minister", TEXT, *body)


def to_rey(*body: str) -> str:
    """Return the text of a letter to the second of two people."""
    return letter_text("Ms Ana Rey", "Attorney General", "8000 Zürich", "Ms Rey", TEXT, *body)


def start(
    *letters: str | bytes, workbook: bytes | None = None, answers: StartAnswers | None = None
) -> StartingPoint:
    """Return what is found in letters, called letter1.docx and so on."""
    files = {
        f"letter{number}.docx": letter if isinstance(letter, bytes) else docx(letter)
        for number, letter in enumerate(letters, 1)
    }
    return find_placeholders(files, workbook, answers or StartAnswers())


def values(found: StartingPoint) -> Mapping[str, list[str]]:
    """Return the values of each column, by its placeholder."""
    return {column.placeholder: column.values for column in found.columns}


def template_text(found: StartingPoint) -> str:
    """Return the text of the template."""
    return plain_text(found.template, "appeal.docx")


def workbook(folder: Path, recipients: Rows, signers: Rows) -> bytes:
    """Return a workbook with two sheets."""
    return xlsx(folder, Recipients=recipients, Signers=signers).read_bytes()
