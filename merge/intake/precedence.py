"""Precedence between responses of a person: a file's and a remembered one.

The memory keeps days and hashes, no times. A refusal counts unless an agreeing response is
certainly later.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from merge.intake.destinations import INCLUDE
from merge.intake.form_types import FormResponse
from merge.intake.list_types import MemoryRecord, PersonKey
from merge.intake.matching import Hasher

ResponseStatus = Literal["new", "same", "seen", "older"]
"""The relation of a response to what is remembered of the person.

- new: it is newer.
- same: it is the response that was imported last.
- seen: it was dealt with before.
- older: it is older."""

COUNTED_STATUSES: Collection[ResponseStatus] = ("new", "same")
"""Statuses of responses that count."""


@dataclass(frozen=True, slots=True)
class FileAge:
    """The age of an imported file: later (1) or earlier (-1) than known, or 0.

    `by_day` compares its newest day only. If that day is the same, `by_people` decides: a later
    file has everyone who is known and others, an earlier one lacks some and has no others.
    """

    by_day: int = 0
    by_people: int = 0


class ResponsePrecedence:
    """Comparison of a form's responses with remembered ones: which counts.

    A day in the future counts as today.
    """

    def __init__(self, hasher: Hasher, form: str, today: dt.date) -> None:
        self.form = form
        self._hasher, self._today = hasher, today

    def response_day(self, response: FormResponse) -> dt.date | None:
        """Return the day on which a response was submitted, or None."""
        return min(response.submitted_at.date(), self._today) if response.submitted_at else None

    def response_hash(self, response: FormResponse) -> str:
        """Return a hash that identifies a response, by its ID or all its texts.

        It includes the day, since a response that is edited later contains more. It does not
        include the time, since a later export may format it differently.
        """
        moment = response.submitted_at.date().isoformat() if response.submitted_at else ""
        if response.submission_id:
            return self._hasher.mark("answer", self.form, response.submission_id, moment)
        words = _response_texts(response)
        return self._hasher.mark("answer", self.form, moment, str(response.agrees), *words)

    def row_hash(self, response: FormResponse) -> str:
        """Return a hash of a row that refuses, whatever words mean later."""
        return self._hasher.mark("row", self.form, *_response_texts(response))

    def consent_hash(self, response: FormResponse) -> str:
        """Return the hash of yes, no or deceased: whether a person takes part."""
        refusal = (
            "no" if not response.agrees else "deceased" if "deceased" in response.doubts else ""
        )
        return self._hasher.text_hash(refusal or "yes")

    def file_age(
        self,
        responses: Iterable[FormResponse],
        keys: Iterable[PersonKey | None],
        records: Mapping[PersonKey, MemoryRecord],
    ) -> FileAge:
        """Return whether a file of responses is newer than what is remembered.

        `keys` are of the file's people, None for someone new.
        """
        form_records = {key: record for key, record in records.items() if self.form in record.forms}
        day = max(
            (day for response in responses if (day := self.response_day(response))), default=None
        )
        newest = max(
            (record.newest for record in form_records.values() if record.newest), default=None
        )
        if not (day and newest) or day != newest:
            by_day = (day > newest) - (day < newest) if day and newest else 0
            return FileAge(by_day, by_day)
        keys_in_file = {*keys}
        return FileAge(0, (None in keys_in_file) - bool(form_records.keys() - keys_in_file))

    def status(self, record: MemoryRecord, response: FormResponse, age: FileAge) -> ResponseStatus:
        """Return whether a response is newer than what is remembered of a person."""
        response_hash = self.response_hash(response)
        if response.agrees and self._was_imported_as_refusal(record, response):
            return "new"
        if response_hash == record.latest or not record.latest:
            relation: ResponseStatus = "older" if age.by_day < 0 else "same"
            return relation if record.latest else "new"
        if response_hash in record.seen:
            return "seen"
        return "new" if self._is_newer(record, response, age) else "older"

    def is_undecided(self, record: MemoryRecord, response: FormResponse, age: FileAge) -> bool:
        """Return True if nothing shows which of two responses of a day is later."""
        return (
            bool(record.newest)
            and self.response_day(response) == record.newest
            and not age.by_people
        )

    def day_to_remember(self, record: MemoryRecord, response: FormResponse) -> dt.date | None:
        """Return the day to remember for a response that counts.

        It stays None after a refusal of an unknown day: no response is certainly later than that.
        """
        is_fixed = self._is_refusal(record) and record.latest and not record.newest
        return None if is_fixed else self.response_day(response)

    def _was_imported_as_refusal(self, record: MemoryRecord, response: FormResponse) -> bool:
        """Return True if a response's row was imported as a refusal.

        Now other words mean yes.
        """
        is_newest = self._is_refusal(record) and self.response_day(response) == record.newest
        return is_newest and self.row_hash(response) in record.seen

    def _is_newer(self, record: MemoryRecord, response: FormResponse, age: FileAge) -> bool:
        """Return True if a new response takes precedence over the last imported."""
        day, newest = self.response_day(response), record.newest
        if day and newest and day != newest:
            return day > newest
        if day == newest and self._includes_latest(record, response):
            return True
        if self._is_refusal(record) or not response.agrees:  # the day does not decide
            return not response.agrees
        if not (day and newest):
            return day is not None
        if age.by_people:
            return age.by_people > 0
        return self.response_hash(response) > record.latest  # independent of the order of files

    def _includes_latest(self, record: MemoryRecord, response: FormResponse) -> bool:
        """Return True if the file also has the last imported response, as earlier."""
        return any(self.response_hash(a) == record.latest for a in response.earlier_responses)

    def _is_refusal(self, record: MemoryRecord) -> bool:
        return record.form_hashes.get(INCLUDE) == self._hasher.text_hash("no")


def _response_texts(response: FormResponse) -> Sequence[str]:
    cells = sorted(
        (h, t) for h, t in response.fields.items() if h not in response.inherited_headings
    )
    return (
        [response.source_text]
        if response.source_text
        else [word for pair in cells for word in pair]
    )
