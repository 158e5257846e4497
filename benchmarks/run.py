"""`make bench`: letters a second, ours and others', on this machine in this hour.

How to read what it prints stands in README.md beside this file.
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

from afterwards import afterwards_lines, register_lines, run_afterwards, run_registers
from documents import Design, designs
from figures import LARGE, SMALL, Results
from heats import DifferentTextError, Plan, Stable, missing, run_heat
from node import EASY, Installed, install
from paper import NO_OFFICE, has_office, paper_lines, run_paper
from printing import pile_lines, run_piles
from program import run_errand, run_size, run_start
from report import as_data, errand_lines, figure_lines, growth_lines, heat_lines, start_lines

_ERRAND = (2_500, 4)
_PACKAGES = ("docxtpl", "docx-mailmerge2", "python-docx", "jinja2", "lxml", "isal")


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured."""

    race: Plan
    errands: int
    starts: int
    sizes: tuple[tuple[int, int], ...]


_FULL = Extent(Plan(7, 1.0), 3, 15, ((25, 40), SMALL, LARGE))
_QUICK = Extent(Plan(3, 0.2), 1, 5, ((25, 40), SMALL))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, perhaps write JSON; 1 where contenders' letters are not alike."""
    options = _options(arguments)
    started = perf_counter()
    if options.what:
        return _alone(options.what, started)
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


def _alone(what: str, started: float) -> int:
    """Measure the page, or intake, and nothing else."""
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
        choices=["page", "intake"],
        help="only the page, in a browser, or only merge import",
    )
    parser.add_argument("--quick", action="store_true", help="rough figures in under a minute")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser.parse_args(arguments)


@contextmanager
def _workshop() -> Iterator[Path]:
    """One folder for everything; nothing in it is deleted before the very end.

    File systems create files slowly for minutes after many were deleted.
    """
    root = Path(tempfile.mkdtemp(prefix="merge-bench-"))
    try:
        yield root
    finally:
        _tell("cleaning up")
        shutil.rmtree(root, ignore_errors=True)


def _measure(extent: Extent, root: Path, easy: Installed | str) -> Results:
    results = Results(skipped=missing(easy))
    node = easy if isinstance(easy, Installed) else None
    made = designs()
    for design in made:
        _tell(f"the {design.name} template")
        heat = run_heat(design, root, node, extent.race)
        results.heats.append(heat)
        _show(heat_lines(heat))
    _measure_program(extent, root, made[0], results)
    return results


def _measure_program(extent: Extent, root: Path, shipped: Design, results: Results) -> None:
    with Stable(shipped, root, None) as stable:
        for number in range(extent.errands):
            _tell(f"the whole command, round {number + 1}")
            task = run_errand(root, _ERRAND, stable.docxtpl_loop, stable.bare)
            results.errands.append(task)
        _show(errand_lines(results.errands))
        _tell("the start")
        results.start = run_start(extent.starts)
        _show(start_lines(results.start))
        for people in extent.sizes:
            _tell(f"{people[0]} x {people[1]} people")
            results.growth.append(run_size(root, people, stable.bare))
        _show(growth_lines(results.growth))
    _tell("letters that are made: status, check, proofread, the register")
    results.afterwards += run_afterwards(root, _ERRAND, extent.errands)
    _show(afterwards_lines(results.afterwards))
    results.registers += run_registers(root, _ERRAND[0] * _ERRAND[1], extent.errands)
    _show(register_lines(results.registers))
    if has_office():
        _tell("merge print --pdf")
        results.paper += (run_paper(root) for _ in range(extent.errands))
        _show(paper_lines(results.paper))
    else:
        results.skipped.append(NO_OFFICE)
    _tell("letters put into one file")
    for piles in run_piles(root, extent.errands):
        _show(pile_lines(piles))


def _machine(easy: Installed | str) -> dict[str, Any]:
    load = round(os.getloadavg()[0], 2)
    found = {name: _version(name) for name in _PACKAGES}
    found[EASY] = easy.version if isinstance(easy, Installed) else "none"
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load_before": load,
        "versions": found,
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


def _tell(what: str) -> None:
    print(f"… {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
