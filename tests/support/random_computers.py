"""Computers that share records by a sync service, with every kind of accident at random.

1. Each fact that a computer writes has a word of its own, so that it can be found in bytes.
2. A fact counts if its run was not torn and knew all deletions of its person.
3. What only one computer has is never destroyed: that is the loss of a disk, not of a program.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from merge.computer import draft_name
from merge.state import run_files
from merge.state.entries import (
    Content,
    DeletionEnd,
    DropEntry,
    FactEntry,
    Readmission,
    UnmarkEntry,
)
from merge.state.fold import CampaignState
from merge.state.run_files import CampaignRuns, RunWriter
from merge.state.texts import Texts, texts_in_use
from support.record_entries import Computer, id_of, letter, mark, output, printed, stages

NAMES = [f"P{number}" for number in range(6)]
STAGES = ("Printed", "Signed", "Posted", "Answered")
_FIRST_FILES = {"workbook": 1_000}


@dataclass
class WrittenFact:
    """A fact that was written: its person, its word, and the deletions that its run knew.

    A run that was torn knew none.
    """

    name: str
    word: str
    content: Content
    known_deletions: int


@dataclass
class World:
    """Computers, a server that syncs their files, and everything that was written."""

    seed: int
    root: Path
    count: int
    patch: pytest.MonkeyPatch
    facts: list[WrittenFact] = field(default_factory=list)
    cleared: set[str] = field(default_factory=set)
    deletions: Counter[str] = field(default_factory=Counter)
    server: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311 - no secret
        self.number, self.now, self.skew = 0, 10**18, 0
        clock = SimpleNamespace(time_ns=lambda: self.now + self.skew, time=lambda: 0.0)
        self.patch.setattr(run_files, "time", clock)
        self.patch.setattr(run_files, "_MOST_OWN_FILES", 3)
        self.patch.setattr(run_files, "_FEWEST_SUPERSEDED", 3)
        names = SimpleNamespace(token_hex=lambda n: f"{self.random.getrandbits(8 * n):0{2 * n}x}")
        self.patch.setattr(run_files, "secrets", names)
        self.computers = [Office(self.root, f"{n}", self) for n in range(self.count)]
        for office in self.computers:
            office.skew = self.random.choice([0, 0, -(10**15), 10**15])

    def word(self) -> str:
        self.number += 1
        return f"w{self.number:04}w"

    def step(self) -> None:
        self.now += self.random.randint(1, 10**9)
        office = self.random.choice(self.computers)
        office.begin()
        self.random.choice(office.actions)()

    def settle(self) -> None:
        """Sync and run until nothing changes any more."""
        for _ in range(6):
            for office in self.computers:
                office.sync(everything=True)
                office.begin()
                office.prune()
        for _ in range(3):
            for office in self.computers:
                office.sync(everything=True)

    def faults(self) -> Iterator[str]:
        """Yield what is wrong at the end."""
        states = [(office, office.state()) for office in self.computers]
        summaries = [repr(self._summary(state)) for _, state in states]
        yield from (f"another state: {s}" for s in summaries[1:] if s != summaries[0])
        for office, state in states:
            runs = office.read()
            if runs.missing_runs or runs.foreign_runs:
                yield f"{office.name}: not arrived: {runs.missing_runs} {runs.foreign_runs}"
            live = {m.value for name in NAMES for m in state.marks(id_of(name))}
            texts = Texts(office.folder)
            used_words = str([texts.get(digest) for digest in texts_in_use(state)])
            data, mirror = office.bytes_of_records(), office.mirror_bytes()
            for fact in self.facts:
                yield from (
                    f"{office.name}: {fault}: {fact}"
                    for fault in self._faults_of(fact, state, live, data)
                )
                text = f"text of {fact.word}".encode()
                if text in mirror or (text in data and text.decode() not in used_words):
                    yield f"{office.name}: text kept: {fact}"

    def _faults_of(
        self, fact: WrittenFact, state: CampaignState, live: set[str], data: bytes
    ) -> Iterator[str]:
        counts = fact.known_deletions == self.deletions[fact.name]
        if not counts and self.deletions[fact.name]:
            if fact.word.encode() in data:
                yield "deleted person"
        elif counts and isinstance(fact.content, type(mark("Ana"))):
            if (fact.word in live) != (fact.word not in self.cleared):
                yield "mark lost, or cleared and back"
        elif counts and isinstance(fact.content, type(letter("Ana"))):
            current = state.letter(id_of(fact.name))
            known = state.is_earlier_version(id_of(fact.name), output(fact.word))
            if not known and (current is None or current.output != output(fact.word)):
                yield "version forgotten"

    def _summary(self, state: CampaignState) -> object:
        ids = [id_of(name) for name in NAMES]
        letters = ((state.letter(i), stages(state, i), state.last_print(i)) for i in ids)
        prints = [state.has_current_print(i) for i in ids]
        return [*letters], prints, sorted(state.recreated_letter_ids()), sorted(state.facts())


class Office(Computer):
    """One computer, what it has of the server, its clock and its backup."""

    def __init__(self, root: Path, name: str, world: World) -> None:
        super().__init__(root, name)
        self.world, self.name, self.skew = world, name, 0
        self.synced: dict[str, bytes] = {}
        self.backup: tuple[dict[str, bytes], dict[str, bytes], bytes] | None = None
        self.folder.mkdir()
        self.runs, self.known = CampaignRuns({}), CampaignState()
        self.actions: list[Callable[[], object]] = [
            *(self.write_letters, self.write_letters, self.print, self.mark, self.mark, self.mark),
            *(self.clear, self.long_run, self.tear, self.tear, self.lose_file, self.lose_mirror),
            *(self.back_up, self.restore, self.pack, self.drop, self.prune),
            *(self.sync, self.sync, self.sync, self.sync, self.sync, self.sync),
            *((self.delete_person,) if world.random.random() < 0.6 else ()),
            *((self.readmit,) if world.random.random() < 0.3 else ()),
        ]

    # What each run does first, and what people do.

    def begin(self) -> None:
        self.world.skew = self.skew
        self.runs = self.read()
        if self.files.publish_lost(self.runs):
            self.runs = self.read()
        self.known = CampaignState(self.runs.entries)
        if self.known.has_deletions:
            self.files.erase(lambda entry: self.known.is_erasable(entry, self.world.now))
            self.runs = self.read()
            self.known = CampaignState(self.runs.entries)
        self.files.save_mirror(self.runs)

    def _new_fact(self, name: str, content: Content, word: str) -> WrittenFact:
        known = len({e.run for e in self.known.tombs(id_of(name))})
        return WrittenFact(name, word, content, known)

    def _write(self, facts: Iterable[WrittenFact], *more: Content) -> RunWriter:
        facts = [*facts]
        writer = RunWriter(self.files, self.runs, files=_FIRST_FILES)
        contents = [fact.content for fact in facts]
        self.files.save_mirror(self.runs, writer.write([*contents, *more]))
        self.world.facts += facts
        return writer

    def _new_letters(self, writer: RunWriter | None = None) -> list[WrittenFact]:
        names = [n for n in NAMES if not self.known.was_deleted(id_of(n))]
        facts = []
        for name in self.world.random.sample(names, min(2, len(names))):
            word = self.world.word()
            if writer:
                text = {"city": f"text of {word}"}
                Texts(self.folder).add(writer.name, {output(word): text})
            entry = letter(name, word, path=f"{name}/{word}.docx")
            facts.append(self._new_fact(name, entry, word))
        return facts

    def write_letters(self) -> None:
        writer = RunWriter(self.files, self.runs, files=_FIRST_FILES)
        facts = self._new_letters(writer)
        last = FactEntry("last", f'"{self.world.word()}"')
        written = writer.write([*(fact.content for fact in facts), last])
        self.files.save_mirror(self.runs, written)
        self.world.facts += facts

    def long_run(self) -> None:
        """A run in two batches; it may be killed in the second."""
        writer = self._write(self._new_letters())
        facts = self._new_letters()
        path = self.folder / f"{writer.name}.jsonl"
        first = path.stat().st_size
        written = writer.write([fact.content for fact in facts])
        if self.world.random.random() < 0.5:
            data = path.read_bytes()
            path.write_bytes(data[: self.world.random.randrange(first, len(data) - 1)])
            for fact in facts:
                fact.known_deletions = -1
        else:
            self.files.save_mirror(self.read(), written)
        self.world.facts += facts

    def tear(self) -> None:
        """The power goes while a run is written: its file is torn, or a draft."""
        writer = RunWriter(self.files, self.runs, files=_FIRST_FILES)
        facts = self._new_letters()
        for fact in facts:
            fact.known_deletions = -1
        writer.write([fact.content for fact in facts])
        self.world.facts += facts
        path = self.folder / f"{writer.name}.jsonl"
        data = path.read_bytes()
        path.write_bytes(data[: self.world.random.randrange(len(data) - 1)] + b"\0" * 9)
        if self.world.random.random() < 0.3:
            path.rename(path.with_name(draft_name(path.name)))

    def _person(self) -> str:
        return self.world.random.choice(NAMES)

    def print(self) -> None:
        name, word = self._person(), self.world.word()
        current = self.known.letter(id_of(name))
        if current:
            entry = printed(name, number=self.world.number)._replace(output=current.output)
            self._write([self._new_fact(name, entry, word)])

    def mark(self) -> None:
        name, word = self._person(), self.world.word()
        if not self.known.was_deleted(id_of(name)):
            stage, key = self.world.random.choice(STAGES), self.world.random.choice(["", word])
            entry = mark(name, word, stage, key)._replace(who=(id_of(f"@{name}"),))
            self._write([self._new_fact(name, entry, word)])

    def clear(self) -> None:
        marks = [(name, m) for name in NAMES for m in self.known.marks(id_of(name))]
        if marks:
            name, cleared = self.world.random.choice(marks)
            self._write([], UnmarkEntry(id_of(name), (cleared.key,)))
            self.world.cleared.add(cleared.value)

    def drop(self) -> None:
        self._write([], DropEntry(id_of(self._person()), "print"))

    def delete_person(self) -> None:
        name = self._person()
        if self.known.letter(id_of(name)):
            self._write([], DeletionEnd(name, (id_of(name), id_of(f"@{name}"))))
            self.world.deletions[name] += 1
            self.begin()

    def readmit(self) -> None:
        name = self._person()
        if self.known.was_deleted(id_of(name)):
            self._write([], Readmission(name))

    # Packing, pruning, accidents.

    def pack(self) -> None:
        self.files.pack(self.runs, self.known.superseded())

    def prune(self) -> None:
        name = f"{self.world.random.getrandbits(40):010x}"
        Texts(self.folder).prune(name, texts_in_use(self.known), self.runs.runs.keys())

    def mirror_bytes(self) -> bytes:
        mirror = self.files.mirror
        return mirror.read_bytes() if mirror and mirror.exists() else b""

    def _has_elsewhere(self, data: bytes) -> bool:
        """Return whether the lines are also in the mirror, on the server or in an office."""
        others = b"".join(o.mirror_bytes() for o in self.world.computers)
        kept = {*others.splitlines(), *b"\n".join(self.world.server.values()).splitlines()}
        return {*data.splitlines()} <= kept

    def lose_file(self) -> None:
        """Someone deletes a file of the records, or it is damaged."""
        path = self.world.random.choice([*self.paths, None])
        if path and self._has_elsewhere(data := path.read_bytes()):
            cut = self.world.random.randrange(len(data) + 1)
            if self.world.random.random() < 0.5:
                path.unlink()
            else:
                path.write_bytes(data[:cut] + data[cut + 9 :])

    def lose_mirror(self) -> None:
        lines = {*self.mirror_bytes().splitlines()[1:]}
        here = b"".join(path.read_bytes() for path in self.paths)
        if self.files.mirror and lines <= {*here.splitlines()}:
            self.files.mirror.unlink(missing_ok=True)

    def _files(self) -> dict[str, bytes]:
        found = self.folder.rglob("*.jsonl")
        return {p.relative_to(self.folder).as_posix(): p.read_bytes() for p in found}

    def back_up(self) -> None:
        self.backup = self._files(), dict(self.synced), self.mirror_bytes()

    def restore(self) -> None:
        """The whole computer goes back to its backup: its files, its private folder."""
        others = [o for o in self.world.computers if o is not self]
        kept = {*b"".join(o.mirror_bytes() for o in others).splitlines()}
        kept |= {*b"\n".join(self.world.server.values()).splitlines()}
        if self.backup and {*self.mirror_bytes().splitlines()[1:]} <= kept:
            files, synced, mirror = self.backup
            for path in self.folder.rglob("*.jsonl"):
                path.unlink()
            for name, data in files.items():
                (self.folder / name).parent.mkdir(exist_ok=True)
                (self.folder / name).write_bytes(data)
            self.synced = dict(synced)
            if self.files.mirror:
                self.files.mirror.write_bytes(mirror)

    # The sync service.

    def sync(self, *, everything: bool = False) -> None:
        """Transfer some files, perhaps in part; keep both if both sides changed one."""
        chance = 1.0 if everything else self.world.random.choice([0.3, 0.7, 1.0])
        names = sorted({*self._files(), *self.synced, *self.world.server})
        self.world.random.shuffle(names)
        for name in names:
            if self.world.random.random() <= chance:
                self._sync_file(name, everything=everything)

    def _sync_file(self, name: str, *, everything: bool) -> None:
        path = self.folder / name
        here = path.read_bytes() if path.exists() else None
        there = self.world.server.get(name)
        base = self.synced.get(name)
        if here == there:
            self._know(name, here)
        elif here == base:
            in_part = there is not None and not everything and self.world.random.random() < 0.3
            data = (
                there[: self.world.random.randrange(len(there) + 1)] if in_part and there else there
            )
            self._put(name, data)
            self._know(name, data)
        elif there == base or there is None:
            self._upload(name, here)
        elif here is None:
            self._put(name, there)
            self._know(name, there)
        else:
            stem = name.removesuffix(".jsonl")
            copy = f"{stem} (conflict {self.world.word()}).jsonl"
            self._put(copy, here)
            self._upload(copy, here)
            self._put(name, there)
            self._know(name, there)

    def _know(self, name: str, data: bytes | None) -> None:
        if data is None:
            self.synced.pop(name, None)
        else:
            self.synced[name] = data

    def _put(self, name: str, data: bytes | None) -> None:
        path = self.folder / name
        if data is None:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)

    def _upload(self, name: str, data: bytes | None) -> None:
        if data is None:
            self.world.server.pop(name, None)
        else:
            self.world.server[name] = data
        self._know(name, data)


def live(world: World, steps: int) -> list[str]:
    """Let the computers of a world do something at random; return what is wrong."""
    for _ in range(steps):
        world.step()
    world.settle()
    return [*world.faults()]
