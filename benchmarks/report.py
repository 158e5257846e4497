"""The results as tables to read, and as plain data.

This module has no side effects.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from contenders import DOCXTPL, MAILMERGE, OURS
from figures import (
    DesignRace,
    Figure,
    Results,
    command_times,
    figures,
    second_run_times,
    start_times,
)
from node import EASY
from program import CommandRound, SizeRound, StartTimes
from races import BARE, SAFE, WRITTEN, Series

_RATIOS = ((OURS, DOCXTPL), (OURS, MAILMERGE), (OURS, EASY), (WRITTEN, SAFE), (WRITTEN, BARE))


def design_lines(heat: DesignRace) -> Iterator[str]:
    """Yield one design's table, and the ratios of this program to others."""
    yield ""
    yield f"The {heat.design} template; a letter is {heat.letter_bytes / 1000:.1f} kB"
    yield f"  {'':<34}{'letters/s':>10}{'µs/letter':>11}{'spread':>9}{'bare writing/s':>16}"
    bare = heat.series[BARE].rate
    for series in heat.series.values():
        beside = f"{bare:>16,.0f}" if series.on_disk else ""
        yield f"  {_label(series):<34}{_speed(series.rate)}{_spread(series):>9}{beside}".rstrip()
    for ours, theirs in _RATIOS:
        rounds = heat.all_times(ours, theirs)
        if rounds:
            between = f"{_times(min(rounds))} to {_times(max(rounds))}"
            yield f"  {ours} / {theirs}: {_times(median(rounds))} (rounds: {between})"


def _label(series: Series) -> str:
    return "ours, filled" if series.name == OURS else series.name


def _speed(rate: float) -> str:
    return f"{rate:>10,.0f}{1e6 / rate:>11,.1f}"


def _spread(series: Series) -> str:
    """Return the distances of the slowest and quickest round from the median."""
    low, high = min(series.rates) / series.rate - 1, max(series.rates) / series.rate - 1
    return f"{low * 100:+.0f}{high * 100:+.0f}%"


def _times(times: float) -> str:
    return f"{times:,.0f} x" if times >= 10 else f"{times:.2f} x"


def command_lines(command_rounds: Sequence[CommandRound]) -> Iterator[str]:
    """Yield the table of the whole command."""
    yield ""
    yield f"The whole command, merge letters, {command_rounds[0].letters:,} letters"
    yield (
        f"  {'round':<7}{'first run s':>12}{'letters/s':>11}{'again s':>9}{'peak MiB':>10}"
        f"{'docxtpl/s':>11}{'bare writing/s':>16}"
    )
    for number, e in enumerate(command_rounds, 1):
        yield (
            f"  {number:<7}{e.first.seconds:>12.2f}{e.rate:>11,.0f}{e.again.seconds:>9.2f}"
            f"{e.first.peak:>10.0f}{e.docxtpl:>11,.0f}{e.bare:>16,.0f}"
        )
    yield f"  the command / docxtpl's loop alone: {_times(command_times(command_rounds))}"
    yield f"  first run / second run: {_times(second_run_times(command_rounds))}"


def start_lines(start: StartTimes) -> Iterator[str]:
    """Yield the time until help is shown."""
    yield ""
    yield (
        f"merge --help {median(start.help) * 1000:.0f} ms, import click "
        f"{median(start.click) * 1000:.0f} ms: {_times(start_times(start))}"
    )


def growth_lines(growth: Sequence[SizeRound]) -> Iterator[str]:
    """Yield the table of the command's growth."""
    yield ""
    yield "How the whole command grows"
    yield (
        f"  {'letters':>8}{'people':>12}{'seconds':>9}{'µs/letter':>11}{'peak MiB':>10}"
        f"{'bare writing/s':>16}"
    )
    for size in growth:
        microseconds = size.run.seconds / size.letters * 1e6
        people = f"{size.signers:,} x {size.recipients:,}"
        yield (
            f"  {size.letters:>8,}{people:>12}{size.run.seconds:>9.2f}{microseconds:>11,.0f}"
            f"{size.run.peak:>10.0f}{size.bare:>16,.0f}"
        )


def figure_lines(results: Results) -> Iterator[str]:
    """Yield the design's figures with their results, and what was skipped."""
    yield ""
    yield "The design's figures"
    for figure in figures(results):
        yield _figure_line(figure).rstrip()
    for sentence in results.skipped:
        yield f"  left out: {sentence}"


def _figure_line(figure: Figure) -> str:
    bound = f"at {'least' if figure.at_least else 'most'} {figure.wanted:g}"
    value = "" if figure.measured is None else f"{_digits(figure.measured)} {figure.unit}"
    remark = f", {figure.remark}" if figure.remark else ""
    return f"  {figure.verdict:<13} {figure.what:<32} {value} ({bound}{remark})"


def _digits(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.2f}"


def as_data(results: Results, machine: dict[str, Any]) -> dict[str, Any]:
    """Return all results for a program; rates are letters a second by round."""
    return {
        "machine": machine,
        "templates": {heat.design: _design_data(heat) for heat in results.designs_raced},
        "command": [asdict(task) for task in results.command_rounds],
        "start": asdict(results.start) if results.start else None,
        "growth": [asdict(size) for size in results.growth],
        "afterwards": [asdict(measured) for measured in results.afterwards],
        "registers": [asdict(measured) for measured in results.registers],
        "figures": [{**asdict(figure), "reached": figure.reached} for figure in figures(results)],
        "left_out": results.skipped,
    }


def _design_data(heat: DesignRace) -> dict[str, Any]:
    times = {f"{ours} / {theirs}": heat.times(ours, theirs) for ours, theirs in _RATIOS}
    return {
        "letter_bytes": heat.letter_bytes,
        "series": [
            {"name": s.name, "letters": s.count, "rates": s.rates, "median": s.rate}
            for s in heat.series.values()
        ],
        "ratios": {name: value for name, value in times.items() if value is not None},
    }
