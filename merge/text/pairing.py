"""Pair the items of two sequences, so that both keep their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

_Item = TypeVar("_Item")
_Other = TypeVar("_Other")


def best_pairs(
    first: Sequence[_Item],
    second: Sequence[_Other],
    similarity: Callable[[_Item, _Other], float],
) -> list[tuple[int, int]]:
    """Return the indices of pairs whose similarities have the greatest sum.

    Items with the similarity 0 are never a pair. Time and memory are in proportion to the product
    of the lengths.
    """
    ratios = [[similarity(one, other) for other in second] for one in first]
    sums = [[0.0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i in reversed(range(len(first))):
        row, below, ratio = sums[i], sums[i + 1], ratios[i]
        for j in reversed(range(len(second))):
            row[j] = max(ratio[j] and ratio[j] + below[j + 1], below[j], row[j + 1])
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(first) and j < len(second):
        if ratios[i][j] and sums[i][j] == ratios[i][j] + sums[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif sums[i][j] == sums[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def common_prefix_length(first: Sequence[object], second: Sequence[object]) -> int:
    """Return how many items two sequences have in common at the start."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(first), len(second)))
