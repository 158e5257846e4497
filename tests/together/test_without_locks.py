"""Two runs at once in a folder on a network drive whose locks do nothing."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("locks of POSIX are replaced", allow_module_level=True)

from support import registers
from support.campaigns import make, merge, text
from support.everyday import tries
from support.interrupted_runs import started
from support.printed_campaigns import edit, no_libreoffice
from together import without_locks

pytestmark = [pytest.mark.usefixtures("no_libreoffice"), pytest.mark.slow, pytest.mark.soak]
__all__ = ["no_libreoffice"]

LETTERS, PRINT = ("letters",), ("print", "--since-last", "--skip-errors")
MARK = ("mark", "posted", "--all", "--for", "S1")
NAMES = [f"{first} {last}" for first in ("Ana", "Bo", "Chidi", "Dara") for last in "ABCDEFGH"]
RECIPIENTS = [["Name"], ["Minister Li"], ["Consul Roy"], ["Judge Mokoena"]]
SAFE = {"print-files-unknown"}
"""Codes of a print run that stops so that no letter is printed twice."""
TEMPLATE = "{{ recipient.name }}\n{{ signer.name }}"


def _make(folder: Path, number: int, template: str = TEMPLATE) -> Path:
    signers = [["ID", "Name"], *([f"S{n}", f"{name}er"] for n, name in enumerate(NAMES[:number]))]
    return make(folder, template, Signers=signers, Recipients=RECIPIENTS)


def _run_at_once(folder: Path, *commands: Sequence[str], gap: float) -> list[tuple[int, str, str]]:
    """Start the commands as on two computers; return how each ended.

    The second begins `gap` seconds after the first.
    """
    script = (str(Path(without_locks.__file__)),)
    with ExitStack() as stack:
        runs = list[subprocess.Popen[str]]()
        for number, words in enumerate(commands):
            home = {"MERGE_HOME": str(folder.with_name(f"home {number}"))}
            process = started(
                *words, folder, "--json", extra_env=home, program=script, stdin=subprocess.PIPE
            )
            runs.append(stack.enter_context(process))
        for run in runs:
            assert run.stdout
            assert run.stdout.readline() == "ready\n"
        for run in runs:
            assert run.stdin
            run.stdin.write("\n")
            run.stdin.flush()
            time.sleep(gap)
        ended = [(*run.communicate(timeout=120), run.returncode) for run in runs]
    return [(code, out, err) for out, err, code in ended]


@pytest.mark.parametrize(
    "commands",
    [(LETTERS, LETTERS), (MARK, LETTERS), (PRINT, LETTERS), (PRINT, PRINT)],
    ids=lambda commands: " and ".join(words[0] for words in commands),
)
@pytest.mark.parametrize("attempt", range(tries(2, 20)))
def test_two_processes_without_locks_lose_no_letter_no_edit_and_no_mark(
    commands: tuple[Sequence[str], Sequence[str]], attempt: int, tmp_path: Path
) -> None:
    folder = _make(tmp_path / "campaign", 24)
    chance = random.Random(f"{attempt} {commands}")  # noqa: S311 - no secret
    if commands != (LETTERS, LETTERS):
        merge("letters", folder)
        edit(folder / "letters" / "Bo Aer" / "Consul Roy.docx")
        _make(folder, 30, TEMPLATE if PRINT in commands else f"Dear {TEMPLATE}")
    gap = chance.choice([0, 0, 0.02, 0.05, 0.1, 0.2])
    ended = _run_at_once(folder, *commands[:: chance.choice([1, -1])], gap=gap)
    for code, out, err in ended:
        assert code in {0, 1}, (out, err)
        assert "Traceback" not in out + err
        if code:
            errors = [p for p in json.loads(out)["problems"] if p["level"] == "error"]
            assert all("again" in p["hint"] or p["code"] in SAFE for p in errors), errors
    marked = [path for _, out, _ in ended for path in json.loads(out).get("marked", ())]
    _assert_complete(folder, marked, is_edited=commands != (LETTERS, LETTERS))


def _assert_complete(folder: Path, marked: Sequence[str], *, is_edited: bool) -> None:
    """Assert that the next run finds every letter, edit and mark.

    It prints nothing if the records of print files are lost.
    """
    ran = merge("letters", folder, "--json")
    assert ran.code == 0, ran.json["problems"]
    assert {step["state"] for step in merge("letters", folder, "--json").json["letters"]} <= {
        *("unchanged", "edited", "edited-changed", "on-paper", "in-print-file")
    }
    signers = 24 if not is_edited else 30
    paths = [p for p in (folder / "letters").glob("*/*.docx") if p.parent.name.endswith("er")]
    assert len(paths) == 3 * signers
    if is_edited:
        assert "Added by hand" in text(folder / "letters" / "Bo Aer" / "Consul Roy.docx")
    rows = registers.table(folder / "register.xlsx")
    assert sum("Posted" in row for row in rows) == len(marked)
    problems = merge("print", folder, "--json", "--skip-errors", "--dry-run").json["problems"]
    assert {p["code"] for p in problems if p["level"] == "error"} <= SAFE
