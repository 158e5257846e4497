"""Results -> tables to read, and the same as plain data. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from contenders import DOCXTPL, MAILMERGE, OURS
from figures import (
    Figure,
    Heat,
    Results,
    again_times,
    command_times,
    figures,
    start_times,
)
from node import EASY
from program import Errand, Size, Start
from races import BARE, SAFE, WRITTEN, Series

_RATIOS = ((OURS, DOCXTPL), (OURS, MAILMERGE), (OURS, EASY), (WRITTEN, SAFE), (WRITTEN, BARE))


def heat_lines(heat: Heat) -> Iterator[str]:
    """One design's table, and how ours compares."""
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
    """How far the quickest and the slowest round lie from the median."""
    low, high = min(series.rates) / series.rate - 1, max(series.rates) / series.rate - 1
    return f"{low * 100:+.0f}{high * 100:+.0f}%"


def _times(times: float) -> str:
    return f"{times:,.0f} x" if times >= 10 else f"{times:.2f} x"


def errand_lines(errands: Sequence[Errand]) -> Iterator[str]:
    """The whole command."""
    yield ""
    yield f"The whole command, merge letters, {errands[0].letters:,} letters"
    yield (
        f"  {'round':<7}{'first run s':>12}{'letters/s':>11}{'again s':>9}{'peak MiB':>10}"
        f"{'docxtpl/s':>11}{'bare writing/s':>16}"
    )
    for number, e in enumerate(errands, 1):
        yield (
            f"  {number:<7}{e.first.seconds:>12.2f}{e.rate:>11,.0f}{e.again.seconds:>9.2f}"
            f"{e.first.peak:>10.0f}{e.docxtpl:>11,.0f}{e.bare:>16,.0f}"
        )
    yield f"  the command / docxtpl's loop alone: {_times(command_times(errands))}"
    yield f"  first run / second run: {_times(again_times(errands))}"


def start_lines(start: Start) -> Iterator[str]:
    """How soon help is there."""
    yield ""
    yield (
        f"merge --help {median(start.help) * 1000:.0f} ms, import click "
        f"{median(start.click) * 1000:.0f} ms: {_times(start_times(start))}"
    )


def growth_lines(growth: Sequence[Size]) -> Iterator[str]:
    """How the command grows."""
    yield ""
    yield "How the whole command grows"
    yield (
        f"  {'letters':>8}{'people':>12}{'seconds':>9}{'µs/letter':>11}{'peak MiB':>10}"
        f"{'bare writing/s':>16}"
    )
    for size in growth:
        each = size.run.seconds / size.letters * 1e6
        people = f"{size.signers:,} x {size.recipients:,}"
        yield (
            f"  {size.letters:>8,}{people:>12}{size.run.seconds:>9.2f}{each:>11,.0f}"
            f"{size.run.peak:>10.0f}{size.bare:>16,.0f}"
        )


def figure_lines(results: Results) -> Iterator[str]:
    """The design's figures, each with its verdict, and what was left out."""
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
    """All of it for a program to read; rates are letters a second, one a round."""
    return {
        "machine": machine,
        "templates": {heat.design: _heat_data(heat) for heat in results.heats},
        "command": [asdict(task) for task in results.errands],
        "start": asdict(results.start) if results.start else None,
        "growth": [asdict(size) for size in results.growth],
        "afterwards": [asdict(each) for each in results.afterwards],
        "registers": [asdict(each) for each in results.registers],
        "figures": [{**asdict(figure), "reached": figure.reached} for figure in figures(results)],
        "left_out": results.skipped,
    }


def _heat_data(heat: Heat) -> dict[str, Any]:
    times = {f"{ours} / {theirs}": heat.times(ours, theirs) for ours, theirs in _RATIOS}
    return {
        "letter_bytes": heat.letter_bytes,
        "series": [
            {"name": s.name, "letters": s.count, "rates": s.rates, "median": s.rate}
            for s in heat.series.values()
        ],
        "ratios": {name: value for name, value in times.items() if value is not None},
    }
