"""Text exports of the corpus in other formats give the same people.

`test_import_command_corpus` has the expected result of each original file.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from support import campaigns
from support.everyday import everyday
from support.imports import file_contents, means_yes, run_import

CORPUS = Path(__file__).parent.parent / "data" / "exports"
_Rows = Sequence[Sequence[str]]


def _text_exports() -> list[Path]:
    """Return first exports that are well-formed text.

    The first line must not be about the separator.
    """
    exports = []
    for path in sorted(CORPUS.glob("*/*.json")):
        outcome = json.loads(path.read_text(encoding="utf-8"))
        is_text = outcome["case"].endswith(".csv") and "after" not in outcome
        if is_text and path.stem not in {"13-hand-made", "19-excel-czech-cp1250"}:
            exports.append(path)
    return exports


def _written(rows: _Rows, separator: str, ends: str = "\n") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator=ends)
    writer.writerows(rows)
    return out.getvalue()


def _reversed_columns(rows: _Rows) -> _Rows:
    """Return rows with the last column first; blank rows stay blank."""
    width = max(map(len, rows))
    return [[*row, *[""] * (width - len(row))][::-1] if row else [] for row in rows]


WAYS: Mapping[str, Callable[[_Rows], bytes]] = {
    "semicolons, CRLF": lambda rows: _written(rows, ";", "\r\n").encode(),
    "tabs, UTF-16": lambda rows: b"\xff\xfe" + _written(rows, "\t").encode("utf-16-le"),
    "UTF-16 without a mark": lambda rows: _written(rows, ",").encode("utf-16-be"),
    "bars, CR": lambda rows: _written(rows, "|", "\r").encode(),
    "the last column first": lambda rows: _written(_reversed_columns(rows), ",").encode(
        "utf-8-sig"
    ),
}


def _people(file: Path, folder: Path, yes: Sequence[str]) -> Mapping[str, Any]:
    ran = run_import(file, folder, "--dry-run", "--json", *yes)
    is_undecided = any(problem["level"] == "error" for problem in ran.json["problems"])
    assert ran.code == int(is_undecided), ran
    keys = ("people", "doubtful", "dropped", "told")
    return {key: sorted(ran.json[key], key=lambda entry: str(entry["row"])) for key in keys}


@pytest.mark.parametrize("path", everyday(_text_exports(), (0, 4)), ids=lambda path: path.stem)
def test_an_export_gives_the_same_people_in_any_text_format(path: Path, tmp_path: Path) -> None:
    outcome = json.loads(path.read_text(encoding="utf-8"))
    signers = [outcome["campaign"]["columns"]]
    folder = campaigns.make(tmp_path / "campaign", campaigns.LINES, Signers=signers)
    file, before = path.with_suffix(".csv"), file_contents(folder)
    read = outcome["read"]
    text = file.read_bytes().decode(read["encoding"])
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=read["separator"]))
    yes = means_yes(outcome)
    people = _people(file, folder, yes)
    assert people["people"]
    for name, rewrite in WAYS.items():
        rewritten = tmp_path / file.name
        rewritten.write_bytes(rewrite(rows))
        assert _people(rewritten, folder, yes) == people, name
    assert file_contents(folder) == before
