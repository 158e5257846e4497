"""The values that a letter is filled with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from merge import messages
from merge.errors import DataError, UsageError
from merge.excel.dates import babel_language, long_date
from merge.excel.display import displayed_text
from merge.excel.format_codes import UnsupportedFormatError
from merge.naming import placeholder_name
from merge.people import Pair, Person
from merge.problems import Place
from merge.template.filters import TemplateValue, TemplateValues, freeze
from merge.values import BLANK, WorkbookValue


@dataclass(frozen=True)
class LetterFillContext:
    """Values that all letters of a campaign share.

    The settings, the date and the default language.
    """

    settings: Mapping[str, WorkbookValue]
    day: dt.date
    language: str
    _dates: dict[str, WorkbookValue] = field(default_factory=dict)

    def on_day(self, day: dt.date) -> LetterFillContext:
        """Return the context of another day."""
        return self if day == self.day else LetterFillContext(self.settings, day, self.language)

    def pair_values(self, pair: Pair) -> TemplateValues:
        """Return all values that the pair's letter may use."""
        values = self.recipient_values(pair.recipient)
        values["signer"] = pair.signer.fields
        values["pair"] = pair.fields
        return values

    def signer_values(self, signer: Person) -> TemplateValues:
        """Return the values for tags that do not name a recipient."""
        return {"signer": signer.fields, **self._common_values(self.language)}

    def recipient_values(self, recipient: Person) -> dict[str, TemplateValue]:
        """Return the values for tags that do not name a signer.

        Dates are in the recipient's language. An unknown language is reported by the checks; here
        the default language is used instead.
        """
        written_language = recipient.fields.get("language", BLANK).strip()
        language = (written_language and babel_language(written_language)) or self.language
        return {"recipient": recipient.fields, **self._common_values(language)}

    def shared_values(self) -> TemplateValues:
        """Return the values for tags that name neither person."""
        return self._common_values(self.language)

    def _common_values(self, language: str) -> dict[str, TemplateValue]:
        if language not in self._dates:
            self._dates[language] = WorkbookValue(long_date(self.day, language), self.day)
        return {"settings": self.settings, "date": self._dates[language], "language": language}


def convert_values(
    values: Mapping[str, Mapping[str, object]], day: dt.date, language: str
) -> dict[str, TemplateValue]:
    """Return the values for a template, from values by root and heading.

    They print like a cell in Excel's General format, a day as the long date of the language, None
    as nothing. Raise UsageError if there is no such language.

    Raise DataError if a value cannot be a cell's: a number that is not finite, a character that no
    document can contain, two keys for one name. Raise TypeError if it is of another type.
    """
    if not isinstance(day, dt.date) or not isinstance(language, str):
        raise TypeError("date is a datetime.date, language a text")
    known_code = babel_language(language)
    if not known_code:
        place = Place("language")
        raise UsageError(messages.problem("language-unknown", place, language=language))
    roots = {root: _convert_fields(root, fields, known_code) for root, fields in values.items()}
    return {**roots, "date": WorkbookValue(long_date(day, known_code), day), "language": known_code}


def _convert_fields(
    root: str, values_by_name: Mapping[str, object], language: str
) -> dict[str, TemplateValue]:
    if not isinstance(values_by_name, Mapping) or not all(
        isinstance(name, str) for name in values_by_name
    ):
        raise TypeError(f"{root} is a mapping from headings or tags to values")
    fields: dict[str, TemplateValue] = {}
    problems = []
    for name, value in values_by_name.items():
        tag, place = placeholder_name(name), Place(f"{root}.{placeholder_name(name)}")
        if tag in fields:
            problems.append(messages.problem("heading-twice/keys", place, tag=tag))
        try:
            fields |= freeze({tag: _as_cell_value(value, language)})
        except TypeError as error:
            raise TypeError(f"{place}: {error}") from None
        except UnsupportedFormatError:
            problems.append(messages.problem("not-a-number/value", place))
        except DataError as error:
            problems += (replace(problem, place=place) for problem in error.problems)
    if problems:
        raise DataError(problems)
    return fields


def _as_cell_value(value: object, language: str) -> TemplateValue:
    if value is None or isinstance(value, str):
        return value or BLANK
    if isinstance(value, list | tuple):
        return tuple(_as_cell_value(item, language) for item in value)
    if isinstance(value, bool):
        text = str(value).upper()
    elif isinstance(value, int | float):
        if not abs(value) < 1e300:  # nan, infinite, or larger than what Excel shows
            raise UnsupportedFormatError
        text = displayed_text(value, "General")
    elif isinstance(value, dt.time):
        text = f"{value:%H:%M}"
    elif isinstance(value, dt.date):
        time = f" {value:%H:%M}" if isinstance(value, dt.datetime) else ""
        text = f"{long_date(value, language)}{time}"
    else:
        hint = "give text, numbers, dates, times or lists of them"
        raise TypeError(f"a value of the type {type(value).__name__}: {hint}")
    return WorkbookValue(text, value)
