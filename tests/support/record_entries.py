"""Entries of records for tests, and computers that write them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from merge.state.entries import Content, Entry, LetterEntry, MarkEntry, PrintEntry
from merge.state.fold import CampaignState
from merge.state.run_files import CampaignRuns, RunFiles, RunWriter

DAY, NOON = dt.date(2026, 12, 2), dt.datetime(2026, 12, 2, 12, 0, tzinfo=dt.UTC)


def id_of(name: str) -> str:
    """Return an ID of 16 digits for a name."""
    return name.encode().hex().ljust(16, "0")[:16]


def letter(name: str, version: str = "one", **values: object) -> LetterEntry:
    """Return a version of the letter of a person with a name."""
    entry = LetterEntry(
        id=id_of(name),
        path=f"{name}/Li.docx",
        day=DAY,
        output=output(version),
        who=(id_of(f"@{name}"), id_of("@Li")),
    )
    return entry._replace(**values)  # type: ignore[arg-type] # fields of the entry


def output(version: str) -> bytes:
    """Return a hash for the text of a version."""
    return version.encode().ljust(16, b"\0")[:16]


def mark(name: str, value: str = "2 Dec 2026", stage: str = "Printed", key: str = "") -> MarkEntry:
    return MarkEntry(id_of(name), stage, value, source="register", key=key)


def printed(name: str, version: str = "one", number: int = 1) -> PrintEntry:
    return PrintEntry(id_of(name), number, NOON, output(version))


def stages(state: CampaignState, letter_id: str) -> dict[str, str]:
    """Return the stages of a letter with the last dates given to them."""
    return {mark.stage: mark.value for mark in state.marks(letter_id)}


class Computer:
    """A computer: its campaign folder, its private folder, its token."""

    def __init__(self, root: Path, name: str = "A") -> None:
        self.campaign = root / name / "campaign"
        self.campaign.mkdir(parents=True, exist_ok=True)
        self.files = RunFiles(self.campaign, root / name / "mirror.jsonl", name)
        self.has_letters = True

    @property
    def folder(self) -> Path:
        return self.files.folder

    @property
    def paths(self) -> list[Path]:
        return sorted(self.folder.glob("*.jsonl"))

    def read(self) -> CampaignRuns:
        return self.files.read(has_letters=self.has_letters)

    def state(self) -> CampaignState:
        return CampaignState(self.read().entries)

    def write(self, *facts: Content, **files: int) -> str:
        """Write a run, and return its name."""
        runs = self.read()
        writer = RunWriter(self.files, runs, files=files)
        self.files.save_mirror(runs, writer.write(facts))
        return writer.name

    def copy_records(self, other: Computer) -> None:
        """Add the files of another computer, as a sync service does."""
        for path in other.folder.rglob("*.jsonl"):
            target = self.folder / path.relative_to(other.folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())

    def bytes_of_records(self) -> bytes:
        """Return all bytes of the records and of the mirror."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        mirrors = self.files.mirror.parent.glob("mirror*") if self.files.mirror else ()
        return b"\n".join(path.read_bytes() for path in (*files, *mirrors))


def contents(entries: Iterable[Entry]) -> list[Content]:
    return [entry.content for entry in entries]
