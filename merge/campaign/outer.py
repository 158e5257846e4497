"""What Settings says of the outside of letters, and what is wrong with that."""

from __future__ import annotations

from collections.abc import Iterator

from merge.checks.tags import Offer, unknown_name
from merge.model import Problem
from merge.template.filters import Tree
from merge.template.jinja import FILLING_ERRORS, Expression, compile_text
from merge.workbook.settings import Settings

_ADDRESS = "envelope_address"
"""The row Envelope address of the sheet Settings: a pattern, where the letter's own will not do."""

_BACK = "return_address"
_SEPARATORS = " ,;"


def address_pattern(settings: Settings) -> Expression | None:
    """The setting Envelope address; None where it is blank or has problems."""
    compiled = _compiled(settings)
    return compiled if isinstance(compiled, Expression) else None


def lines_of(pattern: Expression, values: Tree) -> tuple[str, ...]:
    """The lines of an address that are not blank; empty where it cannot be filled."""
    try:
        text = pattern.text(values)
    except FILLING_ERRORS:
        return ()
    return tuple(filter(None, (line.strip(_SEPARATORS) for line in text.splitlines())))


def outer_problems(settings: Settings, offer: Offer) -> Iterator[Problem]:
    """Everything wrong with Envelope address and Return address."""
    compiled, place = _compiled(settings), settings.place(_ADDRESS)
    if isinstance(compiled, Expression):
        for name in compiled.names:
            if not offer.has(name):
                yield unknown_name(name, place, "", offer)
            elif name.root == "signer":
                what = "this is the recipient's address, and must not show anything of a signer's."
                hint = "Take the signer's tags out. --return-to-signer shows the sender."
                yield Problem("address-of-signer", place, what, hint)
    else:
        yield from compiled or ()
    if "{{" in (settings.return_address or ""):
        what = "tags are not filled in here: they would stand on the envelopes as they are written."
        hint = "Write the address itself. For each signer's own: merge print --return-to-signer."
        yield Problem("address-tags", settings.place(_BACK), what, hint)


def _compiled(settings: Settings) -> Expression | list[Problem] | None:
    pattern = settings.fields.get(_ADDRESS, "")
    return compile_text(pattern, settings.place(_ADDRESS)) if pattern.strip() else None
