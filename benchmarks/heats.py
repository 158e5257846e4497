"""One design's race: its templates onto the disk, the letters compared, everybody run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from contenders import DOCXTPL, MAILMERGE, OURS, Contender, Docxtpl, MailMerge, Mailmerge, Ours
from documents import Design, texts
from figures import Heat
from node import EasyTemplateX, Installed
from people import Letter, letters
from races import BARE, SAFE, WRITTEN, Filling, Foreign, Runner, Writing, race

_SAMPLE = 32
"""Letters whose text is compared: enough to hold every kind of blank."""


class DifferentTextError(Exception):
    """A contender's letter does not say what ours says; figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to measure."""

    rounds: int
    seconds: float


class Stable:
    """The contenders for one design, templates written under `root`. Closes what it started."""

    def __init__(self, design: Design, root: Path, easy: Installed | None) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="template-", dir=root))
        self._root = root
        self._stack = ExitStack()
        tags, fields = self._file("tags", design.tags), self._file("fields", design.fields)
        self.ours = Ours(tags, has_table=design.has_table)
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

    def _start(self, easy: Installed, design: Design) -> EasyTemplateX:
        template = self._file("braces", design.braces)
        return self._stack.enter_context(EasyTemplateX(easy, template, self._folder))

    def runners(self) -> list[Runner]:
        """Everybody, in the order of the table; the three that write stand together."""
        writing = [Writing(name, self.ours, self._root) for name in (WRITTEN, SAFE, BARE)]
        found: list[Runner] = [Filling(OURS, self.ours), *writing]
        found += [Filling(other.name, other) for other in self.others]
        if self.easy:
            found.append(Foreign(self.easy.name, self.easy.run))
        return found

    @property
    def bare(self) -> Writing:
        """The disk by itself, with letters of this design."""
        return Writing(BARE, self.ours, self._root)

    @property
    def docxtpl_loop(self) -> Filling:
        """docxtpl by itself."""
        return Filling(DOCXTPL, self.docxtpl)

    def compare(self) -> int:
        """The bytes of one of our letters. DifferentTextError where one says something else."""
        sample = letters(_SAMPLE)
        ours = _filled(self.ours, sample)
        wanted = [texts(docx) for docx in ours]
        for name, made in self._samples(sample):
            for mine, theirs in zip(wanted, map(texts, made), strict=True):
                if mine != theirs:
                    raise DifferentTextError(_difference(name, mine, theirs))
        return len(ours[0])

    def _samples(self, sample: Sequence[Letter]) -> Iterator[tuple[str, list[bytes]]]:
        for other in self.others:
            yield other.name, _filled(other, sample)
        if self.easy:
            yield self.easy.name, self.easy.filled(sample)


def _filled(contender: Contender, sample: Sequence[Letter]) -> list[bytes]:
    return [contender.fill(data) for data in contender.prepare(sample)]


def _difference(name: str, ours: Sequence[str], theirs: Sequence[str]) -> str:
    unlike = ((a, b) for a, b in zip(ours, theirs, strict=False) if a != b)
    mine, other = next(unlike, (f"{len(ours)} paragraphs", f"{len(theirs)} paragraphs"))
    return f"{name} and ours say different things.\n  ours: {mine}\n  {name}: {other}"


def run_heat(design: Design, root: Path, easy: Installed | None, plan: Plan) -> Heat:
    """Compare the letters, then race."""
    with Stable(design, root, easy) as stable:
        size = stable.compare()
        return Heat(design.name, size, race(stable.runners(), plan.rounds, plan.seconds))


def missing(easy: Installed | str) -> list[str]:
    """A sentence for every contender that is not here."""
    found = []
    if MailMerge is None:
        found.append(f"{MAILMERGE}: not installed; pip install -e '.[bench]'.")
    if isinstance(easy, str):
        found.append(f"easy-template-x: {easy}")
    return found
