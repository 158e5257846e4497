"""Two computers that work in one synced campaign folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from support.campaigns import LINES, RunResult, make, merge
from support.workbooks import Rows
from together.sync_service import SERVICES, Computer, SyncService

SIGNERS: Rows = [["ID", "Name", "City"], ["S1", "Ana Ruiz", "Lima"], ["S2", "Bo Berg", "Oslo"]]
RECIPIENTS: Rows = [["ID", "Name"], ["R1", "Minister Li"]]


@dataclass(frozen=True)
class Office:
    """The service, and the computers of two people."""

    service: SyncService
    a: Computer
    b: Computer

    def run(self, computer: Computer, command: str, *words: str) -> RunResult:
        """Run the program on a computer, with private folders of its own.

        The command may have a word before the folder: `mark posted`.
        """
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MERGE_HOME", str(computer.folder.with_name(f"home of {computer.name}")))
            return merge(*command.split(" ", 1), computer.folder, *words)


def office(
    folder: Path, service: str = "OneDrive", template: str = LINES, **sheets: Rows
) -> Office:
    """Return two computers with the same campaign, synced by a service.

    `sheets` replace those of two signers and a recipient.
    """
    make(folder / "a", template, **{"Signers": SIGNERS, "Recipients": RECIPIENTS, **sheets})
    sync = SyncService(SERVICES[service])
    a = sync.connect("DESKTOP-A", folder / "a")
    return Office(sync, a, sync.connect("DESKTOP-B", folder / "b"))
