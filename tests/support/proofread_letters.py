"""Campaigns for proofreading in one line, and letters with planted faults."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from merge.letter_status import PrintableLetter
from merge.ooxml.stamps import LetterStamp
from merge.people import People
from merge.proofreading.review import LetterToReview, ReviewedLetter, proofread
from merge.proofreading.text import xml_parts
from merge.template.letter_values import LetterFillContext
from merge.template.tags import FieldsBySheet
from merge.template.template import ReadableLetter, read_template
from merge.values import WorkbookValue
from merge.workbook.reading import read_workbook
from support import documents, workbooks
from support.filled_letters import members

DAY = dt.date(2026, 3, 4)
LINES = """{{ recipient.name }}
{{ recipient.street }}
{{ recipient.city }}
Dear {{ recipient.salutation }},
I ask you to release everybody.
None of them has done anything.
Sincerely,
{{ signer.name }}
{{ signer.street }}
{{ signer.city }}"""
SIGNERS = [
    ["ID", "Name", "Street", "City"],
    ["S1", "Ana Ruiz", "Calle Mayor 5", "28013 Madrid"],
    ["S2", "Bo Berg", "Storgatan 12", "11122 Stockholm"],
    ["S3", "Ana Ruiz Gómez", "Calle Mayor 55", "28013 Madrid"],
]
RECIPIENTS = [
    ["ID", "Name", "Street", "City", "Salutation"],
    ["R1", "Minister Wei Li", "East Road 1", "Beijing", "Minister Li"],
    ["R2", "Consul Asha Roy", "Shanti Path 9", "Delhi", "Consul Roy"],
]
Edits = Mapping[tuple[str, str], bytes]
"""Edited files, by the names of signer and recipient."""


def as_created(data: bytes) -> ReadableLetter:
    """Return bytes as the letter that the program would create."""
    return ReadableLetter(data, xml_parts(data, ""))


@dataclass(frozen=True)
class Campaign:
    """The letters as created, with everything that is needed to read them."""

    people: tuple[People, People]
    settings: Mapping[str, WorkbookValue]
    templates: Mapping[str, bytes]
    letters: Sequence[tuple[PrintableLetter, bytes]]

    def created(self, signer: str, recipient: str) -> bytes:
        """Return the letter of two people."""
        return next(data for f, data in self.letters if _names(f) == (signer, recipient))

    def review(self, edits: Edits | None = None, *, by_hand: bool = True) -> list[ReviewedLetter]:
        """Return all letters reviewed; `edits` replace created ones."""
        edits = edits or {}
        proofs = []
        for finished, created in self.letters:
            data = edits.get(_names(finished), created)
            on_disk = PrintableLetter(
                finished.id, finished.pair, finished.path, by_hand and data != created
            )
            proofs.append(LetterToReview(on_disk, data, as_created(created)))
        return list(proofread(proofs, self.people, self.settings, self.templates))

    def problems(self, edits: Edits | None = None) -> dict[str, list[str]]:
        """Return the problems by file name, without letters that have none."""
        return {
            "/".join(read.letter.path.parts[-2:]): [f"{d.code}: {d.what}" for d in read.problems]
            for read in self.review(edits)
            if read.problems
        }


def _names(finished: PrintableLetter) -> tuple[str, str]:
    return finished.pair.signer.label, finished.pair.recipient.label


def make_campaign(template: str | bytes = LINES, **sheets: workbooks.Rows) -> Campaign:
    """Return the letters of three signers to two recipients.

    `sheets` replace these people.
    """
    default_sheets: dict[str, workbooks.Rows] = {"Signers": SIGNERS, "Recipients": RECIPIENTS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "templates").mkdir()
        workbooks.campaign(folder, **{**default_sheets, **sheets})
        data = template if isinstance(template, bytes) else documents.docx(template)
        (folder / "templates" / "appeal.docx").write_bytes(data)
        return open_campaign(folder)


def open_campaign(folder: Path) -> Campaign:
    """Return the letters of a campaign folder, as created on one day.

    Its template is appeal.docx.
    """
    book = read_workbook(folder / "signers.xlsx")
    path = folder / "templates" / "appeal.docx"
    template = read_template(path, FieldsBySheet(book.fields))
    facts = LetterFillContext(book.settings.fields, DAY, book.settings.language)
    letters = []
    for number, pair in enumerate(book.pairs()):
        stamp = LetterStamp(f"{number:016x}", DAY)
        file = folder / "letters" / pair.signer.label / f"{pair.recipient.label}.docx"
        finished = PrintableLetter(stamp.id, pair, file)
        letters.append((finished, template.fill(facts.pair_values(pair), stamp)))
    people = (book.signers, book.recipients)
    return Campaign(people, book.settings.fields, {path.name: path.read_bytes()}, letters)


def edit_letter(data: bytes, *changes: tuple[str, str], part: str = documents.BODY) -> bytes:
    """Return the letter with replacements in the XML of one part.

    Each is done once, and the part must contain the old text.
    """
    files: dict[str, str | bytes] = dict(members(data))
    text = members(data)[part].decode()
    for old, new in changes:
        assert old in text, f"{old} is not in {part}"
        text = text.replace(old, new, 1)
    return documents.zipped({**files, part: text})
