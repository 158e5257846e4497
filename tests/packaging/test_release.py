"""Release: pinned requirements, the workflow, the wheel and the sdist."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = next(p for p in Path(__file__).resolve().parents if (p / "pyproject.toml").is_file())
WORKFLOWS = ROOT / ".github" / "workflows"
REQUIREMENTS = (ROOT / "packaging" / "requirements.txt").read_text(encoding="utf-8")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pins(text: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE)
    return {_normal(name): version for name, version in found}


def test_the_requirements_of_a_release_are_hashed_and_name_no_host() -> None:
    entries = re.split(r"\n(?=\S)", REQUIREMENTS.strip())
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", entry) for entry in entries)
    assert not re.search("http|index|find-links|@", REQUIREMENTS)


def test_the_requirements_of_a_release_are_the_versions_that_are_tested() -> None:
    tested = _pins((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    released = _pins(REQUIREMENTS)
    assert {name: tested.get(name) for name in released} == released
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["package"]]
    assert {_normal(re.split("[<>=;]", line)[0]) for line in wanted} <= released.keys()


def test_the_release_workflow_runs_only_scripts_that_are_here() -> None:
    text = (WORKFLOWS / "release.yml").read_text(encoding="utf-8")
    scripts = re.findall(r"(?:python3?|sh) (packaging/\S+)", text)
    assert len(scripts) >= 5
    assert [name for name in scripts if not (ROOT / name).is_file()] == []


def test_the_workflows_have_no_fault_that_zizmor_finds() -> None:
    program = Path(sys.executable).with_name("zizmor")
    if not program.exists():
        pytest.skip("zizmor is not here")
    command = [str(program), "--offline", "--no-progress", str(WORKFLOWS)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def _build(source: Path, folder: Path, target: str) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    return next(folder.iterdir())


@pytest.mark.slow
def test_the_sdist_builds_the_same_wheel_with_all_files_of_the_program(tmp_path: Path) -> None:
    source = tmp_path / "source"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "merge", source / "merge", ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    wheel = _build(source, tmp_path / "wheel", "wheel")
    sdist = _build(source, tmp_path / "sdist", "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    again = _build(unpacked, tmp_path / "again", "wheel")
    assert again.read_bytes() == wheel.read_bytes()
    files = {p.relative_to(source).as_posix() for p in (source / "merge").rglob("*") if p.is_file()}
    with zipfile.ZipFile(wheel) as archive:
        assert files <= set(archive.namelist())
