"""Campaign folders in one line, and the program run in them."""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx import Document

from merge.cli import main
from merge.cli.terminal import quote_command
from merge.product import RECORDS_FOLDER
from support import documents, workbooks
from support.copied_folders import copy_made_folder

ROOT = Path(__file__).resolve().parents[2]
LINES = "{{ recipient.name }}\nDear {{ recipient.name }},\n{{ signer.name }}"


@dataclass(frozen=True)
class RunResult:
    """A finished run of the program: its exit code and its output."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """Last line of the standard output."""
        return self.out.strip().splitlines()[-1]

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON is anything
        """Standard output, read as JSON."""
        return json.loads(self.out)


def make(folder: Path, template: str | bytes = LINES, **sheets: workbooks.Rows) -> Path:
    """Make a campaign folder; return it.

    Without sheets it has two signers and two recipients.
    """
    (folder / "templates").mkdir(parents=True, exist_ok=True)
    workbooks.campaign(folder, **sheets)
    data = template if isinstance(template, bytes) else documents.docx(template)
    (folder / "templates" / "appeal.docx").write_bytes(data)
    return folder


def make_with_letters(folder: Path) -> Path:
    """Make a campaign folder with letters of two signers to two recipients."""
    return copy_made_folder(_letters, folder)


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
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **(env or {})}
    process = subprocess.run(
        command, capture_output=True, encoding="utf-8", env=environment, check=False
    )
    return RunResult(process.returncode, process.stdout, process.stderr)


def typed(*words: str | Path) -> str:
    """Return a command with the quotation marks of this system's shell."""
    return quote_command(map(str, words), windows=os.name == "nt")


def typed_words(command: str) -> list[str]:
    """Return the words of a command, as this system's shell reads them."""
    if os.name == "nt":
        return [word.strip('"') for word in shlex.split(command, posix=False)]
    return shlex.split(command)


def letters(folder: Path) -> dict[str, Path]:
    """Return every file below the letters folder, by its path there."""
    root = folder / "letters" if (folder / "letters").is_dir() else folder
    files = (p for p in sorted(root.rglob("*")) if p.is_file() and p.name != ".merge-lock")
    return {str(p.relative_to(root).as_posix()): p for p in files}


def text(letter: Path) -> list[str]:
    """Return the paragraphs of a letter that are not blank."""
    return [p.text for p in Document(str(letter)).paragraphs if p.text.strip()]


def campaign_files(folder: Path) -> dict[str, bytes]:
    """Return all files of a campaign by path, except records and locks."""
    found = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    ours = (f"{RECORDS_FOLDER}/", "letters/.merge-l", "print/.merge-l")
    return {path: file.read_bytes() for path, file in found.items() if not path.startswith(ours)}


def record_lines(folder: Path) -> bytes:
    """Return all lines of a campaign's records."""
    return b"".join(p.read_bytes() for p in sorted((folder / RECORDS_FOLDER).rglob("*.jsonl")))
