"""Build the wheel and the sdist, and install the wheel as users do.

Each of pipx, uv and uvx gets an empty environment, with the oldest and the newest Python that uv
finds here. In each, a campaign is created, and the page starts.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from contents import DIST, ROOT
from smoke_test import Computer, check, ok, quit_program

sys.path.append(str(ROOT / "tests"))
from support.page_program import LINK, Served


def build(source: Path, folder: Path) -> tuple[Path, Path]:
    """Build wheel and sdist in an empty folder; return them."""
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    return next(folder.glob("*.whl")), next(folder.glob("appeal_merge-*.tar.gz"))


def check_sdist(wheel: Path, sdist: Path, folder: Path) -> None:
    """Stop if the sdist does not build the same wheel."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    again, _ = build(next(folder.glob("appeal_merge-*")), folder / "again")
    check(again.read_bytes() == wheel.read_bytes(), "the sdist builds the same wheel")


def pythons() -> list[str]:
    """Return the oldest and the newest supported Python that uv finds here."""
    command = ["uv", "python", "list", "--only-installed", "--output-format", "json"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    versions = {(p["version_parts"]["major"], p["version_parts"]["minor"]) for p in found}
    paths = {tuple(map(int, p["version"].split(".")[:2])): p["path"] for p in found}
    usable = sorted(version for version in versions if version >= (3, 11))
    return [paths[version] for version in dict.fromkeys((usable[0], usable[-1]))]


def try_program(computer: Computer, command: list[str | Path]) -> None:
    """Create a campaign with a command, and start its page."""
    folder = Path(tempfile.mkdtemp(dir=computer.home)) / "campaign"
    computer.run(*command, "new", folder)
    check("12 created" in computer.run(*command, "letters", folder), "12 letters are created")
    process = subprocess.Popen(
        [*map(str, command), "page", "--no-browser", str(folder)],
        env=computer.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    link = process.stdout.readline().strip() if process.stdout else ""
    check(LINK.fullmatch(link), f"merge page prints a link: {link}")
    page = Served(process, link)
    check(re.fullmatch(r"/c/\w+/data", page.enter()), "the page shows the campaign")
    check("print-missing" in page.inside("/manual/problems")[1], "Help shows the manual")
    quit_program(page)


def try_installers(computer: Computer, wheel: Path, python: str) -> None:
    """Install the wheel with each installer, and try it."""
    root = Path(tempfile.mkdtemp(dir=computer.home))
    for name in ("UV_TOOL", "PIPX"):
        computer.environment[f"{name}_BIN_DIR"] = str(root / name)
    computer.environment |= {"PIPX_HOME": str(root / "pipx"), "UV_TOOL_DIR": str(root / "uv")}
    end = ".exe" if os.name == "nt" else ""
    computer.run("uv", "tool", "install", "--quiet", "--python", python, wheel)
    try_program(computer, [root / "UV_TOOL" / f"merge{end}"])
    ok(f"uv tool install, {python}")
    computer.run("pipx", "install", "--quiet", "--python", python, wheel)
    try_program(computer, [root / "PIPX" / f"merge{end}"])
    ok(f"pipx install, {python}")
    try_program(computer, ["uvx", "--quiet", "--python", python, "--from", wheel, "merge"])
    ok(f"uvx, {python}")


def main() -> None:
    """Build, compare, install."""
    DIST.mkdir(exist_ok=True)
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with tempfile.TemporaryDirectory(prefix="appeal-merge-wheel-") as root:
        folder = Path(root)
        wheel, sdist = build(ROOT, folder / "built")
        check_sdist(wheel, sdist, folder / "sdist")
        shutil.copy(wheel, DIST)
        shutil.copy(sdist, DIST)
        ok("the sdist builds the same wheel")
        (folder / "computer").mkdir()
        computer = Computer(folder / "computer")
        for python in pythons():
            try_installers(computer, wheel, python)


if __name__ == "__main__":
    main()
