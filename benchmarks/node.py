"""easy-template-x, if Node and npm exist: installed and kept running."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from contenders import flat
from people import Letter, letters

EASY = "easy-template-x"
_SCRIPT = Path(__file__).with_name("easy_template_x.cjs")
_DIFFERENT_LETTERS = 400


@dataclass(frozen=True, slots=True)
class NpmPackage:
    """The npm package in its folder."""

    folder: Path
    version: str


def install(folder: Path) -> NpmPackage | str:
    """Install the package into a new folder; return why if it is not possible."""
    if not (shutil.which("node") and shutil.which("npm")):
        return "Node and npm are not here."
    folder.mkdir()
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), EASY]
    try:
        process = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        return "npm took longer than two minutes."
    package = folder / "node_modules" / EASY
    if process.returncode or not package.is_dir():
        return f"npm could not install it ({(process.stderr.strip() or 'no reason given')[:200]})."
    return NpmPackage(package, json.loads((package / "package.json").read_text())["version"])


class EasyTemplateX:
    """A Node process that fills letters on order and times itself.

    It reads its data beforehand.
    """

    name = EASY

    def __init__(self, installed: NpmPackage, template: Path, folder: Path) -> None:
        self._folder = folder
        data = folder / "data.json"
        data.write_text(json.dumps([flat(letter) for letter in letters(_DIFFERENT_LETTERS)]))
        self._node = subprocess.Popen(
            ["node", str(_SCRIPT), str(installed.folder), str(template), str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._node.stdin.close()
        self._node.wait(timeout=30)

    def run(self, count: int) -> float:
        """Return the seconds for that many letters."""
        return self._ask(letters=count)

    def filled(self, sample: Sequence[Letter]) -> list[bytes]:
        """Return the first letters of `people.letters`, as files."""
        documents = []
        for index in range(len(sample)):
            path = self._folder / f"sample-{index}.docx"
            self._ask(save=str(path), index=index)
            documents.append(path.read_bytes())
        return documents

    def _ask(self, **order: Any) -> float:  # noqa: ANN401
        self._node.stdin.write(json.dumps(order) + "\n")
        self._node.stdin.flush()
        answer = self._node.stdout.readline()
        if not answer:
            raise SystemExit(f"{EASY} stopped; its message stands above.")
        return json.loads(answer)["seconds"]
