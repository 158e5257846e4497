"""Which section of a format is for which numbers: ECMA-376 part 1, 18.8.31."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from merge.cells.conditions import AT_LEAST_ZERO, NEGATIVE, POSITIVE, Condition
from merge.cells.general import General
from merge.cells.view import Body


@dataclass(frozen=True, slots=True)
class Case:
    """Numbers of one kind and how they are shown."""

    condition: Condition | None
    """None where all numbers pass that no case before has taken."""
    body: Body
    keeps_minus: bool
    """Whether a negative number shows its minus, beside what the format says."""


def cases(conditions: Sequence[Condition | None], bodies: Sequence[Body]) -> tuple[Case, ...]:
    """The cases of one to three sections for numbers, in their order; General where none is."""
    if not bodies:
        return (Case(None, General(), keeps_minus=True),)
    if len(bodies) == 1:
        return _only(conditions[0], bodies[0])
    if conditions[0] is None and conditions[1] is None:
        return _usual(bodies)
    return _conditional(conditions, bodies)


def _only(first: Condition | None, body: Body) -> tuple[Case, ...]:
    """One section for all numbers; those that fail its condition are shown as General."""
    if first is None:
        return (Case(None, body, keeps_minus=True),)
    rest = Case(None, General(), keeps_minus=not first.rest_is_negative)
    return (Case(first, body, keeps_minus=not first.only_negative), rest)


def _usual(bodies: Sequence[Body]) -> tuple[Case, ...]:
    """Sections for positive and negative numbers and zero."""
    if len(bodies) == 2:
        return (
            Case(AT_LEAST_ZERO, bodies[0], keeps_minus=False),
            Case(None, bodies[1], keeps_minus=False),
        )
    return (
        Case(POSITIVE, bodies[0], keeps_minus=False),
        Case(NEGATIVE, bodies[1], keeps_minus=False),
        Case(None, bodies[2], keeps_minus=False),
    )


def _conditional(
    conditions: Sequence[Condition | None], bodies: Sequence[Body]
) -> tuple[Case, ...]:
    """Sections with conditions of their own; a first without one is for positive numbers."""
    first, second = conditions[0] or POSITIVE, conditions[1]
    cases = [Case(first, bodies[0], keeps_minus=not first.only_negative)]
    if second is None:
        is_last = len(bodies) == 2
        minus = not (is_last and first.rest_is_negative)
        cases.append(Case(None, bodies[1], keeps_minus=minus))
        return tuple(cases)
    cases.append(Case(second, bodies[1], keeps_minus=not second.only_negative))
    cases += [Case(None, body, keeps_minus=True) for body in bodies[2:]]
    return tuple(cases)
