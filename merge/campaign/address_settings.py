"""The rows Envelope address and Return address of the Settings sheet."""

from __future__ import annotations

from collections.abc import Iterator

from merge import messages
from merge.checks.findings import AvailableFields, unknown_name_problem
from merge.problems import Problem
from merge.template.filters import TemplateValues
from merge.template.jinja import FILLING_ERRORS, TextTemplate, compile_text
from merge.workbook.settings import Settings

_ENVELOPE_ADDRESS = "envelope_address"
"""The Envelope address setting: a pattern, if the address in the letter cannot be used."""

_RETURN_ADDRESS = "return_address"

_SEPARATORS = " ,;"


def address_pattern(settings: Settings) -> TextTemplate | None:
    """Return the Envelope address setting, or None if it is blank or has problems."""
    compiled = _compile_envelope_address(settings)
    return compiled if isinstance(compiled, TextTemplate) else None


def fill_address(pattern: TextTemplate, values: TemplateValues) -> tuple[str, ...]:
    """Return the lines of an address that are not blank; none where it cannot be filled."""
    try:
        text = pattern.render(values)
    except FILLING_ERRORS:
        return ()
    return tuple(filter(None, (line.strip(_SEPARATORS) for line in text.splitlines())))


def address_problems(settings: Settings, available_fields: AvailableFields) -> Iterator[Problem]:
    """Yield everything that is wrong with Envelope address and Return address."""
    compiled, place = _compile_envelope_address(settings), settings.place(_ENVELOPE_ADDRESS)
    if isinstance(compiled, TextTemplate):
        for name in compiled.variables:
            if not available_fields.has(name):
                yield unknown_name_problem(name, place, available_fields)
            elif name.root == "signer":
                yield messages.problem("address-of-signer", place)
    else:
        yield from compiled or ()
    if "{{" in (settings.return_address or ""):
        yield messages.problem("address-tags", settings.place(_RETURN_ADDRESS))


def _compile_envelope_address(settings: Settings) -> TextTemplate | list[Problem] | None:
    pattern = settings.fields.get(_ENVELOPE_ADDRESS, "")
    return compile_text(pattern, settings.place(_ENVELOPE_ADDRESS)) if pattern.strip() else None
