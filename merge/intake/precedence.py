"""Precedence between responses of a person: a file's and a remembered one.

1. The latest response counts.
2. Of two responses of one moment, or of an unknown order, a refusal counts.
3. Any other response of an unknown order is reported, and the list keeps what it has. An agreeing
   response without a date is older than any other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from merge.intake.destinations import INCLUDE
from merge.intake.form_types import FormResponse
from merge.intake.list_types import MemoryRecord
from merge.intake.matching import Hasher, is_later_moment

ResponseStatus = Literal["new", "same", "seen", "older"]
"""The relation of a response to what is remembered of the person.

- new: it is newer.
- same: it is the response that was imported last.
- seen: it was dealt with before.
- older: it is older."""

COUNTED_STATUSES: Collection[ResponseStatus] = ("new", "same")
"""Statuses of responses that count."""


class ResponsePrecedence:
    """Comparison of a form's responses with remembered ones: which counts.

    A day in the future counts as today.
    """

    def __init__(self, hasher: Hasher, form: str, today: dt.date) -> None:
        self.form = form
        self._hasher, self._today = hasher, today

    def moment(self, response: FormResponse) -> dt.datetime | None:
        """Return the time at which a response was submitted, or None."""
        moment = response.submitted_at
        if moment and moment.date() > self._today:
            return dt.datetime.combine(self._today, dt.time(), moment.tzinfo)
        return moment

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

    def is_older_file(
        self, responses: Iterable[FormResponse], records: Iterable[MemoryRecord]
    ) -> bool:
        """Return whether a file is older than one of the form that was imported."""
        newest = [r.newest for r in records if r.newest and self.form in r.forms]
        moments = [moment for response in responses if (moment := self.moment(response))]
        return bool(newest and moments) and is_later_moment(max(newest), max(moments))

    def status(
        self, record: MemoryRecord, response: FormResponse, *, is_older_file: bool
    ) -> ResponseStatus:
        """Return whether a response is newer than what is remembered of a person."""
        response_hash = self.response_hash(response)
        if not record.latest or self._was_imported_as_refusal(record, response):
            return "new"
        if response_hash == record.latest:
            return "older" if is_older_file else "same"
        if response_hash in record.seen:
            return "seen"
        return "new" if self._is_newer(record, response) else "older"

    def is_unordered(self, record: MemoryRecord, response: FormResponse) -> bool:
        """Return True if nothing shows which of two dated responses is later."""
        moment, newest = self.moment(response), record.newest
        return (
            moment is not None
            and newest is not None
            and not (is_later_moment(moment, newest) or is_later_moment(newest, moment))
        )

    def moment_to_remember(
        self, record: MemoryRecord, response: FormResponse
    ) -> dt.datetime | None:
        """Return the time to remember for a response that counts.

        It stays None after a refusal of an unknown day: no response is certainly later than that.
        """
        is_fixed = self._is_refusal(record) and record.latest and not record.newest
        return None if is_fixed else self.moment(response)

    def _was_imported_as_refusal(self, record: MemoryRecord, response: FormResponse) -> bool:
        """Return True if a response's row was imported as a refusal.

        Now other words mean yes.
        """
        is_newest = self._is_refusal(record) and self.moment(response) == record.newest
        return response.agrees and is_newest and self.row_hash(response) in record.seen

    def _is_newer(self, record: MemoryRecord, response: FormResponse) -> bool:
        """Return True if a new response takes precedence over the last imported."""
        moment, newest = self.moment(response), record.newest
        if is_later_moment(moment, newest) or is_later_moment(newest, moment):
            return is_later_moment(moment, newest)
        if self._includes_latest(record, response) or not response.agrees:
            return True
        return moment is not None and newest is None and not self._is_refusal(record)

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
