"""Drafts that a service brings to another computer while a run works."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
from support.printed_campaigns import no_libreoffice
from together.two_computers import Office, office

from merge.campaign.campaign import read_campaign
from merge.campaign.print_plan import PrintOrder, plan_printing
from merge.campaign.print_run import PrintRun

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]

ORDER = PrintOrder(grouping="per-signer")


def _drafts(folder: Path) -> list[Path]:
    return sorted(folder.rglob(".merge-*.tmp"))


def _print_meanwhile(two: Office, *commands: str) -> PrintRun:
    """Print on computer A; run commands on B when the first file is written.

    The folders are synced before and after the commands.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MERGE_HOME", str(two.a.folder.with_name(f"home of {two.a.name}")))
        campaign = read_campaign(two.a.folder)
        run = PrintRun(campaign, ORDER, plan_printing(campaign, ORDER, None), None)
        waiting = [*commands]

        def work_on_b(_: str) -> None:
            if waiting:
                two.service.sync_all()
                assert _drafts(two.b.folder / "print")
                while waiting:
                    two.run(two.b, waiting.pop(0))
                two.service.sync_all()

        run.create_files(work_on_b)
        return run


def test_a_draft_of_a_print_file_that_was_synced_stays_while_its_computer_works(
    tmp_path: Path,
) -> None:
    two = office(tmp_path)
    two.run(two.a, "letters")
    run = _print_meanwhile(two, "status")
    assert run.result.files == ["01 Ana Ruiz.docx", "02 Bo Berg.docx"]
    assert _drafts(two.a.folder / "print") == []


@pytest.mark.slow
def test_a_run_sweeps_no_draft_of_another_computer(tmp_path: Path) -> None:
    two = office(tmp_path)
    two.run(two.a, "letters")
    two.run(two.a, "print")
    (print_folder,) = (two.a.folder / "print").glob("2*")
    for name in (print_folder.name, "1-1"):  # of killed runs, as any computer may see it
        shutil.copytree(print_folder, two.a.folder / "print" / _draft_name(two, name))
        (two.a.folder / "letters" / _draft_name(two, f"{name}-1-1")).write_bytes(b"half")
    two.service.sync_all()
    before = [path.name for path in _drafts(two.b.folder)]
    two.run(two.b, "letters")
    two.run(two.b, "print")
    assert [path.name for path in _drafts(two.b.folder)] == before
    for path in _drafts(two.b.folder):
        two_days_ago = time.time() - 2 * 24 * 60 * 60
        os.utime(path, (two_days_ago, two_days_ago))
    two.run(two.b, "letters")
    two.run(two.b, "print")
    assert _drafts(two.b.folder) == []


def _draft_name(two: Office, name: str) -> str:
    home = two.a.folder.with_name(f"home of {two.a.name}")
    token = (home / "computer.txt").read_text(encoding="ascii")
    return f".merge-{token}-{name}.tmp"
