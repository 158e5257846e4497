"""Pairs of the items of two sequences."""

from __future__ import annotations

from merge.text.pairing import best_pairs


def test_pairs_keep_the_order_and_have_the_greatest_sum_of_similarities() -> None:
    def alike(one: str, other: str) -> float:
        return len(one) if one == other else 0.0

    assert best_pairs(["long", "a", "b"], ["a", "b", "long"], alike) == [(0, 2)]
    assert best_pairs(["a", "b", "a"], ["a", "c", "a"], alike) == [(0, 0), (2, 2)]
    assert best_pairs([], ["a"], alike) == []
