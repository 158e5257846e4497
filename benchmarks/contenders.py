"""Programs that fill letters: this one, and others as their manuals say."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from docxtpl import DocxTemplate
from people import Letter, Person

from merge.template.filters import freeze
from merge.template.template import read_template
from merge.values import WorkbookValue

try:
    from mailmerge import MailMerge
except ImportError:  # the extra `bench` is not installed
    MailMerge = None

OURS = "ours"
DOCXTPL = "docxtpl"
MAILMERGE = "docx-mailmerge2"


class Contender(Protocol):
    """A program that fills letters in memory.

    `prepare` is not timed, because each program has its own kind of data.
    """

    name: str

    def prepare(self, letters: Sequence[Letter]) -> list[Any]:
        """Return the letters' data in this program's shape."""

    def fill(self, data: Any) -> bytes:  # noqa: ANN401 - each program's own shape
        """Return one complete .docx."""


class AppealMerge:
    """`CompiledTemplate.fill`.

    People are read once for all letters, as from the workbook. Every `prepare` creates them again,
    so that no round finds texts that another has escaped.
    """

    name = OURS

    def __init__(self, template: Path, *, has_table: bool) -> None:
        self._template = read_template(template)
        self._has_table = has_table

    def prepare(self, letters: Sequence[Letter]) -> list[Any]:
        """Return a tree for each letter; letters share their people."""
        known: dict[int, Any] = {}
        return [self._tree(letter, known) for letter in letters]

    def _tree(self, letter: Letter, known: dict[int, Any]) -> dict[str, Any]:
        for person in (letter.signer, letter.recipient):
            if id(person) not in known:
                known[id(person)] = freeze(_values(person))
        tree = {"signer": known[id(letter.signer)], "recipient": known[id(letter.recipient)]}
        if self._has_table:
            if id(letter.cases) not in known:
                known[id(letter.cases)] = tuple(freeze(_values(case)) for case in letter.cases)
            tree["cases"] = known[id(letter.cases)]
        return tree

    def fill(self, data: Any) -> bytes:  # noqa: ANN401
        """Return a letter from the compiled template."""
        return self._template.fill(data)


def _values(person: Person) -> dict[str, WorkbookValue]:
    """Return cells as the workbook reads them."""
    return {name: WorkbookValue(text) for name, text in person.items()}


class Docxtpl:
    """A new DocxTemplate for every letter, autoescape on, saved to memory."""

    name = DOCXTPL

    def __init__(self, template: Path) -> None:
        self._template = str(template)

    def prepare(self, letters: Sequence[Letter]) -> list[Any]:
        """Return nested dicts."""
        return [
            {"signer": letter.signer, "recipient": letter.recipient, "cases": letter.cases}
            for letter in letters
        ]

    def fill(self, data: Any) -> bytes:  # noqa: ANN401
        """Fill a letter by the three lines of the manual."""
        template = DocxTemplate(self._template)
        template.render(data, autoescape=True)
        output = io.BytesIO()
        template.save(output)
        return output.getvalue()


class Mailmerge:
    """A new MailMerge for every letter, written to memory."""

    name = MAILMERGE

    def __init__(self, template: Path, *, has_table: bool) -> None:
        self._template = str(template)
        self._has_table = has_table

    def prepare(self, letters: Sequence[Letter]) -> list[Any]:
        """Return flat names; the rows of the table are under its first field."""
        return [self._fields(letter) for letter in letters]

    def _fields(self, letter: Letter) -> dict[str, Any]:
        fields = flat(letter)
        rows = fields.pop("cases")
        return {**fields, "case_name": rows} if self._has_table else fields

    def fill(self, data: Any) -> bytes:  # noqa: ANN401
        """Fill a letter by the `with` statement of the manual."""
        output = io.BytesIO()
        with MailMerge(self._template) as document:
            document.merge(**data)
            document.write(output)
        return output.getvalue()


def flat(letter: Letter) -> dict[str, Any]:
    """Return `recipient.name` as `recipient_name`, for names without dots."""
    return {
        **{f"signer_{name}": text for name, text in letter.signer.items()},
        **{f"recipient_{name}": text for name, text in letter.recipient.items()},
        "cases": [{f"case_{k}": v for k, v in case.items()} for case in letter.cases],
    }
