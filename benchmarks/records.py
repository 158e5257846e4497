"""The records of 10,000 letters: read and folded, each figure with its limit.

`make bench ARGS=records` prints the figures. Seconds are processor time.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator
from pathlib import Path
from time import process_time

from people import recipients, signers
from program import BoundedFigure

from merge.naming import short_hash
from merge.state.entries import Content, LetterEntry, MarkEntry, TextKey
from merge.state.fold import CampaignState
from merge.state.run_files import CampaignRuns, RunFiles, RunWriter
from merge.state.texts import LetterTexts

_PEOPLE, _RUNS, _CHANGES = 100, 1_000, 20
_DAY, _MIB = dt.date(2026, 12, 2), 1 << 20
_ROWS = [TextKey("0123456789", 10_000 + number) for number in range(4)]


def measure(root: Path) -> Iterator[BoundedFigure]:
    """Yield each figure when it is known."""
    files, changed = (_files(root / name) for name in ("runs", "changes"))
    _write(files, _letters())
    yield _read(files, "records of 10,000 letters, read and folded", 0.2)
    runs = files.read(has_letters=True)
    for number in range(_RUNS):
        writer = RunWriter(files, runs)
        mark = MarkEntry(short_hash(str(number), "0"), "Printed", "2 Dec 2026", "command")
        runs = CampaignRuns({**runs.runs, writer.name: writer.write([mark])})
    files.pack(runs, set())
    yield _read(files, "the same after 1,000 runs of one mark each", 0.3)
    for _ in range(_CHANGES):
        runs = changed.read(has_letters=True)
        changed.pack(runs, CampaignState(runs.entries).superseded())
        _write(changed, _letters())
    runs = changed.read(has_letters=True)
    changed.pack(runs, CampaignState(runs.entries).superseded())
    size = sum(path.stat().st_size for path in changed.folder.rglob("*.jsonl")) / _MIB
    yield BoundedFigure("facts after 20 template changes", size, 20, "MiB")
    yield _read(changed, "these facts, read and folded", 1.0)


def _files(campaign: Path) -> RunFiles:
    campaign.mkdir()
    return RunFiles(campaign, campaign / "mirror.jsonl", "7K4Q")


def _read(files: RunFiles, label: str, limit: float) -> BoundedFigure:
    files.save_mirror(files.read(has_letters=True))
    start = process_time()
    runs = files.read(has_letters=True)
    letters = [*CampaignState(runs.entries).letters()]
    seconds = process_time() - start
    if len(letters) != _PEOPLE**2:
        raise AssertionError
    return BoundedFigure(label, seconds, limit)


def _letters() -> list[Content]:
    everyone = [*enumerate(recipients(_PEOPLE))]
    return [
        LetterEntry(
            id=short_hash(str(s), str(r)),
            path=f"{signer['name']} {s}/{recipient['name']} {r}.docx",
            day=_DAY,
            output=secrets.token_bytes(16),
            words=secrets.token_bytes(9),
            texts=LetterTexts(TextKey("0123456789", 1), *_ROWS, original=_ROWS[0]).write(),
            who=(short_hash("signer", str(s)), short_hash("recipient", str(r))),
        )
        for s, signer in enumerate(signers(_PEOPLE))
        for r, recipient in everyone
    ]


def _write(files: RunFiles, letters: list[Content]) -> None:
    runs = files.read(has_letters=True)
    files.save_mirror(runs, RunWriter(files, runs).write(letters))
