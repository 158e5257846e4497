"""The Envelope address and Return address rows of the Settings sheet."""

from __future__ import annotations

from collections.abc import Iterator

from merge import messages
from merge.checks.findings import AvailableFields, unknown_name_problem
from merge.problems import Problem
from merge.template.filters import TemplateValues
from merge.template.jinja import FILLING_ERRORS, TextTemplate, compile_text
from merge.workbook.settings import Settings

_ENVELOPE_ADDRESS = "envelope_address"
"""Key of the setting for addresses that cannot be taken from the letter."""

_RETURN_ADDRESS = "return_address"

_SEPARATORS = " ,;"


def address_pattern(settings: Settings) -> TextTemplate | None:
    """Return the text template in the Envelope address setting, or None.

    Return None if the setting is blank or has problems.
    """
    pattern = _compile_envelope_address(settings)
    return pattern if isinstance(pattern, TextTemplate) else None


def fill_address(pattern: TextTemplate, values: TemplateValues) -> tuple[str, ...]:
    """Return the lines of an address filled from a pattern, none blank.

    There are none if the pattern cannot be filled.
    """
    try:
        text = pattern.render(values)
    except FILLING_ERRORS:
        return ()
    return tuple(filter(None, (line.strip(_SEPARATORS) for line in text.splitlines())))


def address_problems(settings: Settings, available_fields: AvailableFields) -> Iterator[Problem]:
    """Yield the problems of the Envelope address and Return address settings."""
    pattern, place = _compile_envelope_address(settings), settings.place(_ENVELOPE_ADDRESS)
    if isinstance(pattern, TextTemplate):
        for name in pattern.variables:
            if not available_fields.has(name):
                yield unknown_name_problem(name, place, available_fields)
            elif name.root == "signer":
                yield messages.problem("address-of-signer", place)
    else:
        yield from pattern or ()
    if "{{" in (settings.return_address or ""):
        yield messages.problem("address-tags", settings.place(_RETURN_ADDRESS))


def _compile_envelope_address(settings: Settings) -> TextTemplate | list[Problem] | None:
    pattern = settings.fields.get(_ENVELOPE_ADDRESS, "")
    return compile_text(pattern, settings.place(_ENVELOPE_ADDRESS)) if pattern.strip() else None
