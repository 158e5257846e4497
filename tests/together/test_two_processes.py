"""Two runs at once in one folder on a network drive whose locks work."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from support import registers
from support.campaigns import make, merge
from support.everyday import tries
from support.interrupted_runs import started
from support.printed_campaigns import no_libreoffice

pytestmark = [pytest.mark.usefixtures("no_libreoffice"), pytest.mark.slow, pytest.mark.soak]
__all__ = ["no_libreoffice"]

PRINT, LETTERS = ("print", "--since-last", "--skip-errors"), ("letters",)
MARK = ("mark", "signed", "--all", "--for", "Bo Berg")


def _make(folder: Path, *signers: str) -> Path:
    return make(folder, Signers=[["Name"], *([name] for name in signers)])


def _run_at_once(folder: Path, *commands: Sequence[str]) -> list[Any]:
    """Start all commands, and return their results when they have ended.

    At least one must have succeeded, and the others may report that another run is active.
    """
    with ExitStack() as stack:
        runs = [stack.enter_context(started(*words, folder, "--json")) for words in commands]
        ended = [(*run.communicate(timeout=120), run.returncode) for run in runs]
    for out, err, code in ended:
        assert code in {0, 1}, (out, err)
        assert "Traceback" not in err, err
    assert 0 in {code for *_, code in ended}, ended
    return [json.loads(out) for out, *_ in ended]


@pytest.mark.parametrize(
    "commands",
    [(PRINT, PRINT), (PRINT, LETTERS), (LETTERS, LETTERS), (PRINT, MARK), (LETTERS, MARK)],
    ids=lambda commands: " and ".join(words[0] for words in commands),
)
@pytest.mark.parametrize("attempt", range(tries(1, 5)))
def test_two_processes_in_one_folder_print_no_letter_twice_and_lose_no_mark(
    commands: tuple[Sequence[str], Sequence[str]], attempt: int, tmp_path: Path
) -> None:
    merge("letters", _make(tmp_path, "Ana Ruiz", "Bo Berg"))
    _make(tmp_path, "Ana Ruiz", "Bo Berg", "Chidi Obi")
    results = _run_at_once(tmp_path, *(commands if attempt % 2 else commands[::-1]))
    results += [merge(*words, tmp_path, "--json").json for words in (LETTERS, PRINT)]
    printed = [
        letter
        for result in results
        for batch in result.get("batches", ())
        if result["files"]
        for letter in batch["letters"]
    ]
    marked = [path for result in results for path in result.get("marked", ())]
    rows = registers.table(tmp_path / "register.xlsx")
    assert sum("Signed" in row for row in rows) == len(marked)
    assert 6 - len(marked) <= len(printed) == len(set(printed)) <= 6
    assert merge(*PRINT, tmp_path, "--json").json["letters"] == 0
    states = {step["state"] for step in merge("letters", tmp_path, "--json").json["letters"]}
    assert states <= {"unchanged", "on-paper"}
