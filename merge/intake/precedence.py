"""Which of two answers counts: one of a file against what is remembered of the same person.

The memory keeps days and hashes, no times. A no counts unless a yes is certainly later.
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
"""How an answer stands to what is known: newer; the very one taken last; dealt with; older."""

COUNTED_STATUSES: Collection[ResponseStatus] = ("new", "same")
"""An answer of these counts."""


@dataclass(frozen=True, slots=True)
class FileAge:
    """How a file compares with what is known of its form: 1 for later, -1 for earlier, or 0.

    `by_day` goes by its newest day alone. If that day is the same, a file is later if it has
    everybody who is known and others besides, and earlier if it lacks some and has no others.
    """

    by_day: int = 0
    by_people: int = 0


class Precedence:
    """Compares the answers of a form with what is remembered. A day to come counts as today."""

    def __init__(self, hasher: Hasher, form: str, today: dt.date) -> None:
        self.form = form
        self._hasher, self._today = hasher, today

    def response_day(self, answer: FormResponse) -> dt.date | None:
        """Return the day of an answer."""
        return min(answer.submitted_at.date(), self._today) if answer.submitted_at else None

    def response_hash(self, answer: FormResponse) -> str:
        """Return the hash by which an answer is known again: by its submission, or all it says.

        The day is in it, since one that was edited later says more; the time is not, for a later
        export may write it otherwise.
        """
        moment = answer.submitted_at.date().isoformat() if answer.submitted_at else ""
        if answer.submission_id:
            return self._hasher.mark("answer", self.form, answer.submission_id, moment)
        words = _response_texts(answer)
        return self._hasher.mark("answer", self.form, moment, str(answer.agrees), *words)

    def row_hash(self, answer: FormResponse) -> str:
        """Return the hash of a row that does not agree, however its words are understood."""
        return self._hasher.mark("row", self.form, *_response_texts(answer))

    def consent_hash(self, answer: FormResponse) -> str:
        """Return the hash of what an answer says of taking part."""
        out = "no" if not answer.agrees else "deceased" if "deceased" in answer.doubts else ""
        return self._hasher.text_hash(out or "yes")

    def file_age(
        self,
        answers: Iterable[FormResponse],
        keys: Iterable[PersonKey | None],
        records: Mapping[PersonKey, MemoryRecord],
    ) -> FileAge:
        """Return how a file of answers compares with the records of its form.

        `keys` are of the people of the file, None for someone new.
        """
        ours = {key: record for key, record in records.items() if self.form in record.forms}
        day = max((day for answer in answers if (day := self.response_day(answer))), default=None)
        newest = max((record.newest for record in ours.values() if record.newest), default=None)
        if not (day and newest) or day != newest:
            by_day = (day > newest) - (day < newest) if day and newest else 0
            return FileAge(by_day, by_day)
        here = {*keys}
        return FileAge(0, (None in here) - bool(ours.keys() - here))

    def status(self, record: MemoryRecord, answer: FormResponse, age: FileAge) -> ResponseStatus:
        """Return how an answer stands to what is remembered of the person."""
        own = self.response_hash(answer)
        if answer.agrees and self._was_imported_as_refusal(record, answer):
            return "new"
        if own == record.latest or not record.latest:
            known: ResponseStatus = "older" if age.by_day < 0 else "same"
            return known if record.latest else "new"
        if own in record.seen:
            return "seen"
        return "new" if self._is_newer(record, answer, age) else "older"

    def is_undecided(self, record: MemoryRecord, answer: FormResponse, age: FileAge) -> bool:
        """Return whether nothing tells which of two answers of one day is later."""
        return (
            bool(record.newest) and self.response_day(answer) == record.newest and not age.by_people
        )

    def day_to_remember(self, record: MemoryRecord, answer: FormResponse) -> dt.date | None:
        """Return the day to remember of an answer that counts.

        None stays after a no of no known day: no yes is certainly later than that.
        """
        is_fixed = self._is_refusal(record) and record.latest and not record.newest
        return None if is_fixed else self.response_day(answer)

    def _was_imported_as_refusal(self, record: MemoryRecord, answer: FormResponse) -> bool:
        """Return whether it is the very row that was taken as a no, when other words meant yes."""
        is_newest = self._is_refusal(record) and self.response_day(answer) == record.newest
        return is_newest and self.row_hash(answer) in record.seen

    def _is_newer(self, record: MemoryRecord, answer: FormResponse, age: FileAge) -> bool:
        """Return whether an answer not seen counts before the one that was taken last."""
        day, newest = self.response_day(answer), record.newest
        if day and newest and day != newest:
            return day > newest
        if day == newest and self._includes_latest(record, answer):
            return True
        if self._is_refusal(record) or not answer.agrees:  # the day does not tell
            return not answer.agrees
        if not (day and newest):
            return day is not None
        if age.by_people:
            return age.by_people > 0
        return self.response_hash(answer) > record.latest  # the same in whatever order files come

    def _includes_latest(self, record: MemoryRecord, answer: FormResponse) -> bool:
        """Return whether the file has the answer taken last as well, as an earlier one."""
        return any(self.response_hash(a) == record.latest for a in answer.earlier_responses)

    def _is_refusal(self, record: MemoryRecord) -> bool:
        return record.said.get(INCLUDE) == self._hasher.text_hash("no")


def _response_texts(answer: FormResponse) -> Sequence[str]:
    own = sorted((h, t) for h, t in answer.fields.items() if h not in answer.inherited_headings)
    return [answer.source_text] if answer.source_text else [word for pair in own for word in pair]
