"""The lines in which `merge import` shows what it read and what it would change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from merge.campaign.form_import import (
    ImportPreview,
)
from merge.cli.terminal import (
    say,
)
from merge.intake.destinations import (
    CONSENT,
    DO_NOT_IMPORT,
    EMAIL,
    NAME,
    RESPONSE_DATE,
    RESPONSE_ID,
    destination_label,
)
from merge.intake.form_types import FormColumn, SkippedRow, SkipReason
from merge.intake.list_types import KnownPerson, ListCellChange, NewPerson
from merge.intake.review_reasons import preview_reasons
from merge.naming import format_count
from merge.problems import shorten
from merge.text.folding import folded

_FILE_TYPE_LABELS = {"csv": "text", "xlsx": "Excel", "ods": "LibreOffice"}
_SEPARATOR_LABELS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SKIP_REASONS: Mapping[SkipReason, str] = {
    "blank": "empty",
    "title": "a title above the headings",
    "second-heading": "a second row of headings",
    "tags-row": "a row of placeholders",
    "repeated-heading": "repeated headings",
    "total": "a total",
    "note": "a note",
    "no-consent": "no consent",
    "contested": "consent given and refused, order unclear: the refusal counts",
    "incomplete": "form not completed",
    "double": "replaced by row {same_as}, from the same person",
    "same-day": "replaced by row {same_as}, from the same person at the same time",
    "no-name": "no name",
    "organisation": "an organisation, not a person",
}
"""Why a row is skipped."""
_NO_CONSENT_ANSWER = "no answer to the consent question"
_UNCLEAR_CONSENT = "no consent: “{answer}” is not a clear yes (if it means yes, add --means-yes)"


def show_plan(view: ImportPreview) -> None:
    """Show how the file is read, and what goes where."""
    export = view.export
    how = [f"separated by {_SEPARATOR_LABELS.get(export.separator, export.separator)}"]
    how = how if export.kind == "csv" else [f"sheet {export.sheet}"]
    how += [export.encoding] if export.encoding else []
    every = (*view.answers.people, *view.answers.refusals)
    answers = sum(1 + len(answer.earlier_responses) for answer in every)
    told = ", ".join([_FILE_TYPE_LABELS[export.kind], *how, format_count(answers, "response")])
    known = f"form “{view.form}”" if view.is_known_form else f"new form “{view.form}”"
    is_named = view.choices.form or folded(export.file).startswith(folded(view.form))
    if view.is_known_form and not is_named:
        known += ", recognised by its headings (if it is another form: --form NAME)"
    say(f"{export.file}   {told}; {known}")
    for reading in view.encoding_samples:
        say(f"  read as {reading.word}:  {' · '.join(reading.names)}")
    asked = [column for column in view.plan.columns if column.is_asked]
    shown = [c for c in view.plan.columns if c.goes_to not in _UNSTORED_DESTINATIONS or c in asked]
    is_settled = not (asked or view.plan.is_unconfirmed or view.choices.columns)
    if view.is_known_form and is_settled:
        return
    say("Matched columns:")
    wide = min(max((len(shorten(c.heading)) for c in shown), default=0), _MAX_HEADING_WIDTH)
    answered = len(view.export.rows) - len({*view.plan.heading_rows, *view.plan.skipped_rows})
    for column in shown:
        first, *more = _column_lines(column, wide, answered - column.filled_count)
        say(f"{'?' if column in asked else ' '} {first}")
        for line in more:
            say(line)
    keys = {
        goes: [c.heading for c in view.plan.columns if c.goes_to == goes]
        for goes in _UNSTORED_DESTINATIONS
    }
    if keys[RESPONSE_ID] or keys[EMAIL]:
        say(f"  {quote_headings(keys[RESPONSE_ID] + keys[EMAIL])}: used for matching, not stored")
    if keys[RESPONSE_DATE]:
        say(f"  {quote_headings(keys[RESPONSE_DATE])}: date of the response, not stored")
    left = [heading for heading in keys[DO_NOT_IMPORT] if heading not in {c.heading for c in asked}]
    if left:
        say(f"  not imported: {' · '.join(shorten(heading) for heading in left)}")


_UNSTORED_DESTINATIONS = (RESPONSE_ID, EMAIL, RESPONSE_DATE, DO_NOT_IMPORT)


_MAX_HEADING_WIDTH = 60
"""Characters of a heading after which the others line up."""


def _column_lines(column: FormColumn, wide: int, blanks: int) -> list[str]:
    """Return what is shown of a column; a question of consent is never cut off."""
    heading = f"{shorten(column.heading):<{wide}}"
    if column.goes_to != CONSENT:
        samples = " · ".join(shorten(sample, 40) for sample in column.samples)
        goes_to = destination_label(column.goes_to)
        return [f"{heading}  -> {goes_to:<11}   {samples}".rstrip()]
    yes = [f"“{w}” ({column.word_counts[w]})" for w in column.yes_words if w in column.word_counts]
    no = [f"“{w}” ({n})" for w, n in column.word_counts.items() if w not in column.yes_words]
    no += [f"no answer ({blanks})"] if blanks > 0 else []
    told = f"-> Consent   yes: {', '.join(yes) or 'none'}"
    told += f"; no: {', '.join(no)}" if no else ""
    if len(column.heading) <= len(heading):
        return [f"{heading}  {told}"]
    return [" ".join(column.heading.split()), f"    {told}"]


def quote_headings(headings: Sequence[str]) -> str:
    """Return headings in quotation marks."""
    return ", ".join(f"“{shorten(heading)}”" for heading in headings)


def show_changes(view: ImportPreview) -> None:
    """Show whom and which cells the import adds and changes, and what it skips."""
    say(" · ".join(_count_texts(view)) or "There is no one in this file.")
    lines = [*_people_lines(view)]
    lines += _row_lines(view) if view.changes_anything else ()
    for kind, whose, name, what in lines:
        say(f"  {kind:<10} {whose:<7} {shorten(name, 40)}   {what}")


MAX_NAMED_PEOPLE = 20
"""New people who are named, so that it can be seen who they are."""

_ChangeLine = tuple[str, str, str, str]
"""What happens, to which ID or row, the name, and the rest."""


def _people_lines(view: ImportPreview) -> Iterator[_ChangeLine]:
    changes = view.changes
    yield from _new_person_lines(changes.new_people)
    for cell in changes.cell_changes:
        if cell.kind != "kept":
            label = _LINE_LABELS.get(cell.kind, cell.kind)
            yield (
                label,
                cell.id,
                cell.name,
                _cell_change_text(cell) + _printed_letters_note(view, cell),
            )
    for who in changes.withdrawn_people:
        yield (
            "withdrawn",
            who.id,
            who.name,
            _withdrawal_text(who) + _printed_letters_note(view, who),
        )
    for who in changes.missing_people:
        yield "gone", who.id, who.name, "no longer in the form; stays in the list"
    for who in changes.deleted_people:
        why = "you deleted the row; stays excluded unless --again names this person"
        yield "deleted", who.id, who.name, why
    for who in changes.declined_people:
        why = "declined in a response that is, or may be, later; stays excluded"
        yield "declined", f"row {who.row}", who.name, why


def _new_person_lines(new: Sequence[NewPerson]) -> Iterator[_ChangeLine]:
    """Yield who is new, the first of those of whom nothing is doubtful, and all others."""
    sure = [person for person in new if not person.doubts]
    for person in sure[:MAX_NAMED_PEOPLE]:
        address = ", ".join(text for heading, text in person.fields.items() if heading != NAME)
        yield "new", f"row {person.row}", person.fields[NAME], shorten(address)
    if len(sure) > MAX_NAMED_PEOPLE:
        yield "new", "", f"and {len(sure) - MAX_NAMED_PEOPLE:,} more", ""
    for person in new:
        if person.doubts:
            yield "review", f"row {person.row}", person.fields[NAME], preview_reasons(person)


_LINE_LABELS = {
    "both": "conflict",
    "in-workbook": "workbook",
    "same-day": "same day",
    "agrees-again": "agrees",
    "doubted": "unsure",
    "lost-zeros": "zeros",
    "scientific": "number",
    "dates-unclear": "dates",
}
"""What a line begins with, if it is not the kind itself."""


def _printed_letters_note(view: ImportPreview, who: ListCellChange | KnownPerson) -> str:
    """Return how many letters of a person who changes or withdraws are printed."""
    number = view.printed_letters.get(who.id, 0)
    if not number or (isinstance(who, ListCellChange) and who.kind != "changed"):
        return ""
    are = f"{format_count(number, 'letter')} of {who.id} {'is' if number == 1 else 'are'} printed"
    post = "it" if number == 1 else "them"
    return f"; {are}" + ("" if isinstance(who, ListCellChange) else f": do not post {post}")


def _row_lines(view: ImportPreview) -> Iterator[_ChangeLine]:
    names = _names_by_row(view)
    for row in (*view.answers.skipped_rows, *view.changes.duplicate_rows):
        yield "skipped", f"row {row.row}", row.name, _skip_reason(row)
    for remark in view.answers.remarks:
        becomes = "fixed" if remark.reason_code in view.choices.fix else "not changed"
        if remark.reason_code == "lost-zeros" and becomes != "fixed":
            becomes += "; --fix lost-zeros changes it"
        proposal = f"{remark.proposal}?   {becomes}" if remark.proposal else becomes
        name = names.get(remark.row, "")
        label = _LINE_LABELS.get(remark.reason_code, remark.reason_code)
        yield label, f"row {remark.row}", name, f"{remark.column}: {proposal}"


def _skip_reason(row: SkippedRow) -> str:
    if row.is_unanswered:
        return _NO_CONSENT_ANSWER
    if row.reason_code == "no-consent" and row.other_values:
        return _UNCLEAR_CONSENT.format(answer=shorten(row.other_values[CONSENT]))
    says = ", ".join(f"{heading} “{shorten(text)}”" for heading, text in row.other_values.items())
    why = _SKIP_REASONS[row.reason_code].format(same_as=row.counted_row)
    return f"{why}; this row says {says}" if row.reason_code == "same-day" else why


def _names_by_row(view: ImportPreview) -> dict[int, str]:
    return {answer.row: answer.fields.get(NAME, "") for answer in view.answers.people}


def _withdrawal_text(who: KnownPerson) -> str:
    where = f"{who.place}: " if who.place else ""
    words = "consent may be withdrawn" if who.is_uncertain else "consent withdrawn"
    is_typed = who.place and not who.list_row
    return where + words + ("; enter “no” under Include there" if is_typed else "")


def _cell_change_text(cell: ListCellChange) -> str:
    if cell.kind == "changed":
        return f"{cell.heading}   {cell.current_text} -> {cell.form_text}"
    if cell.kind == "in-workbook":
        return f"{cell.place}: the form now says “{cell.form_text}”"
    if cell.kind == "agrees-again":
        again = f"consent given again{_format_day(cell.response_day)}; stays no: clear it to include them"  # noqa: E501
        return f"{cell.heading}   {again}"
    who = _VALUE_SOURCES.get(cell.kind, "the form")
    if cell.kind == "older" and cell.response_day is None:
        who = "this file, which has no dates,"
    return f"{cell.heading}   {who} says “{cell.form_text}”; your value is kept"


_VALUE_SOURCES = {
    "both": "the form now",
    "same-day": "another response of that day",
    "older": "an older response",
    "doubted": "an unreliable response",
}
"""What has another value than the list, by kind of change."""


def _format_day(day: dt.date | None) -> str:
    return f" ({day.day} {day:%B})" if day else ""


def _count_texts(view: ImportPreview) -> Iterator[str]:
    changes = view.changes
    cells = {
        kind: {c.id or c.place for c in changes.cell_changes if c.kind == kind}
        for kind in CELL_CHANGE_LABELS
    }
    found: list[tuple[int, str]] = [
        (sum(not person.doubts for person in changes.new_people), "new"),
        *((len(cells[kind]), words) for kind, words in CELL_CHANGE_LABELS.items()),
        (len(changes.unchanged_people), "unchanged"),
        (sum(bool(person.doubts) for person in changes.new_people), "to review"),
        (len(changes.withdrawn_people), "consent withdrawn"),
        (len(changes.missing_people), "no longer in the form"),
        (len(changes.deleted_people), "deleted earlier"),
        (len(changes.declined_people), "declined earlier"),
        (len(view.answers.skipped_rows) + len(changes.duplicate_rows), "skipped"),
    ]
    yield from (f"{number:,} {words}" for number, words in found if number)


CELL_CHANGE_LABELS = {
    "changed": "changed",
    "kept": "with your corrections kept",
    "both": "changed both by you and in the form",
    "in-workbook": "to change in the workbook",
    "older": "with an older or undated response",
    "same-day": "with two responses of one day",
    "agrees-again": "agreed again",
    "doubted": "with an unreliable response",
}
"""Changes of cells that are counted, with the words for it."""
