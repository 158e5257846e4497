"""What a comma in a number format does: it groups, it scales, or it shows itself."""

from __future__ import annotations

from collections.abc import Sequence

from merge.cells.tokens import Token


def without_commas(section: Sequence[Token]) -> list[Token]:
    """The section without the commas that group or scale; the others become text."""
    kept = []
    for i, token in enumerate(section):
        if token.kind != "comma":
            kept.append(token)
        elif not _belongs(section, i):
            kept.append(Token("literal", ","))
    return kept


def is_grouped(section: Sequence[Token]) -> bool:
    """Whether a comma stands between two placeholders before the point: `#,##0`."""
    point = next((i for i, token in enumerate(section) if token.kind == "point"), len(section))
    before = section[:point]
    return any(
        token.kind == "comma" and _belongs(before, i) and _has_digit(before[i:])
        for i, token in enumerate(before)
    )


def scaling_commas(section: Sequence[Token]) -> int:
    """How many commas end the digits before the point, and all digits: each is a thousandth."""
    return sum(
        token.kind == "comma" and _belongs(section, i) and _ends_digits(section[i:])
        for i, token in enumerate(section)
    )


def _belongs(section: Sequence[Token], at: int) -> bool:
    """Whether a comma stands after a placeholder or the point, other commas between allowed."""
    while at and section[at - 1].kind == "comma":
        at -= 1
    return at > 0 and section[at - 1].kind in {"digit", "point"}


def _ends_digits(rest: Sequence[Token]) -> bool:
    """Whether what follows a run of commas is the point, or has no placeholder in it."""
    following = next((token.kind for token in rest if token.kind != "comma"), "end")
    return following == "point" or not _has_digit(rest)


def _has_digit(run: Sequence[Token]) -> bool:
    return any(token.kind == "digit" for token in run)
