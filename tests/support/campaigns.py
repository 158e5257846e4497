"""Campaign folders in one line, and the program run in them as a person runs it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx import Document

from merge.cli import main
from support import documents, workbooks
from support.copied import copied

ROOT = Path(__file__).resolve().parents[2]
LINES = "{{ recipient.name }}\nDear {{ recipient.name }},\n{{ signer.name }}"


@dataclass(frozen=True)
class RunResult:
    """What a run of the program left: its exit code, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """The last line of the result."""
        return self.out.strip().splitlines()[-1]

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON is anything
        """The result read as JSON."""
        return json.loads(self.out)


def make(folder: Path, template: str | bytes = LINES, **sheets: workbooks.Rows) -> Path:
    """A campaign folder: two signers and two recipients unless sheets say otherwise."""
    (folder / "templates").mkdir(parents=True, exist_ok=True)
    workbooks.campaign(folder, **sheets)
    data = template if isinstance(template, bytes) else documents.docx(template)
    (folder / "templates" / "appeal.docx").write_bytes(data)
    return folder


def make_with_letters(folder: Path) -> Path:
    """A campaign folder of two signers and two recipients, whose letters are made."""
    return copied(_letters, folder)


def _letters(folder: Path) -> None:
    merge("letters", make(folder))


def merge(*words: str | Path) -> RunResult:
    """Run the program in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(word) for word in words])
    return RunResult(code, out.getvalue(), err.getvalue())


def merge_alone(*words: str | Path, env: Mapping[str, str] | None = None) -> RunResult:
    """Run the program in a process of its own."""
    command = [sys.executable, "-m", "merge", *map(str, words)]
    own = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **(env or {})}
    ran = subprocess.run(command, capture_output=True, text=True, env=own, check=False)
    return RunResult(ran.returncode, ran.stdout, ran.stderr)


def letters(folder: Path) -> dict[str, Path]:
    """Every file below the folder's letters, by its path there."""
    root = folder / "letters" if (folder / "letters").is_dir() else folder
    own = {".merge-lock", ".merge-ledger", ".merge-snapshot"}
    files = (p for p in sorted(root.rglob("*")) if p.is_file() and p.name not in own)
    return {str(p.relative_to(root).as_posix()): p for p in files}


def text(letter: Path) -> list[str]:
    """The letter's paragraphs that are not blank."""
    return [p.text for p in Document(str(letter)).paragraphs if p.text.strip()]
