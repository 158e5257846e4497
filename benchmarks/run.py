"""`make bench`: letters a second of this program and others.

README.md beside this file says how to read the output.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter
from typing import Any

from design_races import DesignPrograms, DifferentTextError, RaceLength, missing, run_design_race
from documents import Design, designs
from existing_letters import (
    existing_letters_lines,
    register_lines,
    run_existing_letters,
    run_registers,
)
from figures import LARGE, SMALL, Results
from node import EASY, NpmPackage, install
from print_command import NO_LIBREOFFICE, has_libreoffice, print_lines, run_print
from printing import pile_lines, run_piles
from program import run_command_round, run_size, run_start
from report import as_data, command_lines, design_lines, figure_lines, growth_lines, start_lines

_COMMAND_PEOPLE = (2_500, 4)
_PACKAGES = ("docxtpl", "docx-mailmerge2", "python-docx", "jinja2", "lxml", "isal")


@dataclass(frozen=True, slots=True)
class Extent:
    """The extent of a measurement."""

    race: RaceLength
    command_rounds: int
    starts: int
    sizes: tuple[tuple[int, int], ...]


_FULL = Extent(RaceLength(7, 1.0), 3, 15, ((25, 40), SMALL, LARGE))
_QUICK = Extent(RaceLength(3, 0.2), 1, 5, ((25, 40), SMALL))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, perhaps write JSON.

    Return 1 if letters of two programs differ.
    """
    options = _options(arguments)
    started = perf_counter()
    if options.what:
        return _measure_alone(options.what, started)
    with _workshop() as root:
        easy = install(root / "npm")
        machine = _machine(easy)
        _show(_heading(machine))
        try:
            results = _measure(_QUICK if options.quick else _FULL, root, easy)
        except DifferentTextError as error:
            print(f"Stopped: {error}", file=sys.stderr)
            return 1
        _show(figure_lines(results))
        if options.json:
            text = json.dumps(as_data(results, machine), indent=1, ensure_ascii=False)
            options.json.write_text(text + "\n", encoding="utf-8")
    print(f"\nDone in {perf_counter() - started:.0f} s, cleaning up included.")
    return 0


def _measure_alone(what: str, started: float) -> int:
    """Measure only the page, the import, the start, the package or the records."""
    measure = import_module(what).measure  # one needs a browser, the other a terminal
    with _workshop() as root:
        _show(_heading(_machine("not asked for")))
        for figure in measure(root):
            _show([str(figure)])
    print(f"\nDone in {perf_counter() - started:.0f} s, cleaning up included.")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "what",
        nargs="?",
        choices=["page", "intake", "starting", "package", "records"],
        help="only the page in a browser, merge import, Start from letters, the package or records",
    )
    parser.add_argument("--quick", action="store_true", help="rough figures in under a minute")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser.parse_args(arguments)


@contextmanager
def _workshop() -> Iterator[Path]:
    """Give one folder for everything; nothing in it is deleted before the end.

    File systems create files slowly for minutes after many were deleted.
    """
    root = Path(tempfile.mkdtemp(prefix="merge-bench-"))
    try:
        yield root
    finally:
        _report_progress("cleaning up")
        shutil.rmtree(root, ignore_errors=True)


def _measure(extent: Extent, root: Path, easy: NpmPackage | str) -> Results:
    results = Results(skipped=missing(easy))
    node = easy if isinstance(easy, NpmPackage) else None
    all_designs = designs()
    for design in all_designs:
        _report_progress(f"the {design.name} template")
        heat = run_design_race(design, root, node, extent.race)
        results.designs_raced.append(heat)
        _show(design_lines(heat))
    _measure_program(extent, root, all_designs[0], results)
    return results


def _measure_program(extent: Extent, root: Path, shipped: Design, results: Results) -> None:
    with DesignPrograms(shipped, root, None) as stable:
        for number in range(extent.command_rounds):
            _report_progress(f"the whole command, round {number + 1}")
            task = run_command_round(root, _COMMAND_PEOPLE, stable.docxtpl_loop, stable.bare)
            results.command_rounds.append(task)
        _show(command_lines(results.command_rounds))
        _report_progress("the start")
        results.start = run_start(extent.starts)
        _show(start_lines(results.start))
        for people in extent.sizes:
            _report_progress(f"{people[0]} x {people[1]} people")
            results.growth.append(run_size(root, people, stable.bare))
        _show(growth_lines(results.growth))
    _report_progress("letters that are made: status, check, proofread, the register")
    results.afterwards += run_existing_letters(root, _COMMAND_PEOPLE, extent.command_rounds)
    _show(existing_letters_lines(results.afterwards))
    results.registers += run_registers(
        root, _COMMAND_PEOPLE[0] * _COMMAND_PEOPLE[1], extent.command_rounds
    )
    _show(register_lines(results.registers))
    if has_libreoffice():
        _report_progress("merge print --pdf")
        results.paper += (run_print(root) for _ in range(extent.command_rounds))
        _show(print_lines(results.paper))
    else:
        results.skipped.append(NO_LIBREOFFICE)
    _report_progress("letters put into one file")
    for piles in run_piles(root, extent.command_rounds):
        _show(pile_lines(piles))


def _machine(easy: NpmPackage | str) -> dict[str, Any]:
    load = round(os.getloadavg()[0], 2)
    versions = {name: _version(name) for name in _PACKAGES}
    versions[EASY] = easy.version if isinstance(easy, NpmPackage) else "none"
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load_before": load,
        "versions": versions,
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def _heading(machine: dict[str, Any]) -> Iterator[str]:
    yield f"Python {machine['python']}, {machine['system']}, {machine['cores']} cores"
    yield ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    yield f"load before the start: {machine['load_before']}"


def _show(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)


def _report_progress(what: str) -> None:
    print(f"… {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
