"""A pair -> the tree of values that its letter is filled with. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from merge.excel.dates import known_language, long_date
from merge.language.values import Tree, TreeValue
from merge.model import BLANK, Pair, Person, Value


@dataclass(frozen=True)
class Facts:
    """What all letters of a campaign share: the settings, the date, the usual language."""

    settings: Mapping[str, Value]
    day: dt.date
    language: str
    _dates: dict[str, Value] = field(default_factory=dict)

    def on(self, day: dt.date) -> Facts:
        """The same on another day."""
        return self if day == self.day else Facts(self.settings, day, self.language)

    def of_pair(self, pair: Pair) -> Tree:
        """All that the pair's letter may say."""
        values = self.of_recipient(pair.recipient)
        values["signer"] = pair.signer.fields
        values["pair"] = pair.fields
        return values

    def of_signer(self, signer: Person) -> Tree:
        """What tags can read that name no recipient."""
        return {"signer": signer.fields, **self._common(self.language)}

    def of_recipient(self, recipient: Person) -> dict[str, TreeValue]:
        """What tags can read that name no signer; dates in the recipient's language.

        An unknown language is told by the checks; here the usual one stands in for it.
        """
        own = recipient.fields.get("language", BLANK).strip()
        language = (own and known_language(own)) or self.language
        return {"recipient": recipient.fields, **self._common(language)}

    def of_all(self) -> Tree:
        """What tags can read that name nobody."""
        return self._common(self.language)

    def _common(self, language: str) -> dict[str, TreeValue]:
        if language not in self._dates:
            self._dates[language] = Value(long_date(self.day, language), self.day)
        return {
            "settings": self.settings,
            "date": self._dates[language],
            "language": language,
        }
