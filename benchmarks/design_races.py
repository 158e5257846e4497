"""The race on one design: templates on disk, equal letters, all programs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from contenders import (
    DOCXTPL,
    MAILMERGE,
    OURS,
    AppealMerge,
    Contender,
    Docxtpl,
    MailMerge,
    Mailmerge,
)
from documents import Design, texts
from figures import DesignRace
from node import EasyTemplateX, NpmPackage
from people import Letter, letters
from races import BARE, SAFE, WRITTEN, FillingRunner, Runner, SelfTimedRunner, WritingRunner, race

_SAMPLE = 32
"""Letters whose text is compared: enough for every kind of blank value."""


class DifferentTextError(Exception):
    """Raised if another program's letter differs: figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class RaceLength:
    """The duration of a measurement."""

    rounds: int
    seconds: float


class DesignPrograms:
    """All programs for one design, with templates written under `root`.

    The end of the block closes what it started.
    """

    def __init__(self, design: Design, root: Path, easy: NpmPackage | None) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="template-", dir=root))
        self._root = root
        self._stack = ExitStack()
        tags, fields = self._file("tags", design.tags), self._file("fields", design.fields)
        self.ours = AppealMerge(tags, has_table=design.has_table)
        self.docxtpl = Docxtpl(tags)
        self.others: list[Contender] = [self.docxtpl]
        if MailMerge is not None:
            self.others.append(Mailmerge(fields, has_table=design.has_table))
        self.easy = self._start(easy, design) if easy else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _file(self, name: str, data: bytes) -> Path:
        path = self._folder / f"{name}.docx"
        path.write_bytes(data)
        return path

    def _start(self, easy: NpmPackage, design: Design) -> EasyTemplateX:
        template = self._file("braces", design.braces)
        return self._stack.enter_context(EasyTemplateX(easy, template, self._folder))

    def runners(self) -> list[Runner]:
        """Return all programs in the table's order; those that write are together."""
        writing = [WritingRunner(name, self.ours, self._root) for name in (WRITTEN, SAFE, BARE)]
        runners: list[Runner] = [FillingRunner(OURS, self.ours), *writing]
        runners += [FillingRunner(contender.name, contender) for contender in self.others]
        if self.easy:
            runners.append(SelfTimedRunner(self.easy.name, self.easy.run))
        return runners

    @property
    def bare(self) -> WritingRunner:
        """Bare writing of letters of this design."""
        return WritingRunner(BARE, self.ours, self._root)

    @property
    def docxtpl_loop(self) -> FillingRunner:
        """docxtpl's loop alone."""
        return FillingRunner(DOCXTPL, self.docxtpl)

    def compare(self) -> int:
        """Return the size of one letter of this program.

        Raise DifferentTextError if another program's letter differs.
        """
        sample = letters(_SAMPLE)
        ours = _filled(self.ours, sample)
        wanted = [texts(docx) for docx in ours]
        for name, documents in self._samples(sample):
            for mine, theirs in zip(wanted, map(texts, documents), strict=True):
                if mine != theirs:
                    raise DifferentTextError(_difference(name, mine, theirs))
        return len(ours[0])

    def _samples(self, sample: Sequence[Letter]) -> Iterator[tuple[str, list[bytes]]]:
        for contender in self.others:
            yield contender.name, _filled(contender, sample)
        if self.easy:
            yield self.easy.name, self.easy.filled(sample)


def _filled(contender: Contender, sample: Sequence[Letter]) -> list[bytes]:
    return [contender.fill(data) for data in contender.prepare(sample)]


def _difference(name: str, ours: Sequence[str], theirs: Sequence[str]) -> str:
    unlike = ((a, b) for a, b in zip(ours, theirs, strict=False) if a != b)
    mine, other = next(unlike, (f"{len(ours)} paragraphs", f"{len(theirs)} paragraphs"))
    return f"{name} and ours say different things.\n  ours: {mine}\n  {name}: {other}"


def run_design_race(
    design: Design, root: Path, easy: NpmPackage | None, plan: RaceLength
) -> DesignRace:
    """Compare the letters, then race."""
    with DesignPrograms(design, root, easy) as stable:
        size = stable.compare()
        return DesignRace(design.name, size, race(stable.runners(), plan.rounds, plan.seconds))


def missing(easy: NpmPackage | str) -> list[str]:
    """Return a sentence for every program that is missing."""
    sentences = []
    if MailMerge is None:
        sentences.append(f"{MAILMERGE}: not installed; pip install -e '.[bench]'.")
    if isinstance(easy, str):
        sentences.append(f"easy-template-x: {easy}")
    return sentences
