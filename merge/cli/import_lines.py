"""Lines in which `merge import` shows what it read and would change."""

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
"""The reason why a row is skipped, in words."""
_NO_CONSENT_ANSWER = "no answer to the consent question"
_UNCLEAR_CONSENT = "no consent: “{answer}” is not a clear yes (if it means yes, add --means-yes)"


def show_plan(preview: ImportPreview) -> None:
    """Print how an export is read, and which column goes where."""
    say(_summary_line(preview))
    for reading in preview.encoding_samples:
        say(f"  read as {reading.word}:  {' · '.join(reading.names)}")
    asked_columns = [column for column in preview.plan.columns if column.is_asked]
    is_resolved = not (asked_columns or preview.plan.is_unconfirmed or preview.choices.columns)
    if preview.is_known_form and is_resolved:
        return
    say("Matched columns:")
    _show_stored_columns(preview, asked_columns)
    _show_unstored_columns(preview, asked_columns)


def _summary_line(preview: ImportPreview) -> str:
    """Return the line with the file, its kind, its responses and its form."""
    export = preview.export
    details = [f"separated by {_SEPARATOR_LABELS.get(export.separator, export.separator)}"]
    details = details if export.kind == "csv" else [f"sheet {export.sheet}"]
    details += [export.encoding] if export.encoding else []
    all_answers = (*preview.answers.people, *preview.answers.refusals)
    answers = sum(1 + len(answer.earlier_responses) for answer in all_answers)
    summary = ", ".join(
        [_FILE_TYPE_LABELS[export.kind], *details, format_count(answers, "response")]
    )
    form_name = f"form “{preview.form}”" if preview.is_known_form else f"new form “{preview.form}”"
    is_expected = preview.choices.form or folded(export.file).startswith(folded(preview.form))
    if preview.is_known_form and not is_expected:
        form_name += ", recognised by its headings (if it is another form: --form NAME)"
    return f"{export.file}   {summary}; {form_name}"


def _show_stored_columns(preview: ImportPreview, asked_columns: Sequence[FormColumn]) -> None:
    """Print the columns that are stored, and those that staff must decide."""
    shown_columns = [
        c
        for c in preview.plan.columns
        if c.goes_to not in _UNSTORED_DESTINATIONS or c in asked_columns
    ]
    width = min(
        max((len(shorten(c.heading)) for c in shown_columns), default=0), _MAX_HEADING_WIDTH
    )
    response_count = len(preview.export.rows) - len(
        {*preview.plan.heading_rows, *preview.plan.skipped_rows}
    )
    for column in shown_columns:
        first_line, *more_lines = _column_lines(column, width, response_count - column.filled_count)
        say(f"{'?' if column in asked_columns else ' '} {first_line}")
        for line in more_lines:
            say(line)


def _show_unstored_columns(preview: ImportPreview, asked_columns: Sequence[FormColumn]) -> None:
    """Print the columns that are only used for matching, or not imported."""
    headings = {
        target: [c.heading for c in preview.plan.columns if c.goes_to == target]
        for target in _UNSTORED_DESTINATIONS
    }
    if headings[RESPONSE_ID] or headings[EMAIL]:
        matching = quote_headings(headings[RESPONSE_ID] + headings[EMAIL])
        say(f"  {matching}: used for matching, not stored")
    if headings[RESPONSE_DATE]:
        say(f"  {quote_headings(headings[RESPONSE_DATE])}: date of the response, not stored")
    not_imported = [
        heading
        for heading in headings[DO_NOT_IMPORT]
        if heading not in {c.heading for c in asked_columns}
    ]
    if not_imported:
        say(f"  not imported: {' · '.join(shorten(heading) for heading in not_imported)}")


_UNSTORED_DESTINATIONS = (RESPONSE_ID, EMAIL, RESPONSE_DATE, DO_NOT_IMPORT)


_MAX_HEADING_WIDTH = 60
"""Most characters of a heading for which others are padded."""


def _column_lines(column: FormColumn, width: int, blanks: int) -> list[str]:
    """Return the lines about a column; a question about consent is never cut."""
    heading = f"{shorten(column.heading):<{width}}"
    if column.goes_to != CONSENT:
        samples = " · ".join(shorten(sample, 40) for sample in column.samples)
        goes_to = destination_label(column.goes_to)
        return [f"{heading}  -> {goes_to:<11}   {samples}".rstrip()]
    yes = [f"“{w}” ({column.word_counts[w]})" for w in column.yes_words if w in column.word_counts]
    no = [f"“{w}” ({n})" for w, n in column.word_counts.items() if w not in column.yes_words]
    no += [f"no answer ({blanks})"] if blanks > 0 else []
    consent_text = f"-> Consent   yes: {', '.join(yes) or 'none'}"
    consent_text += f"; no: {', '.join(no)}" if no else ""
    if len(column.heading) <= len(heading):
        return [f"{heading}  {consent_text}"]
    return [" ".join(column.heading.split()), f"    {consent_text}"]


def quote_headings(headings: Sequence[str]) -> str:
    """Return column headings in quotation marks, joined by commas."""
    return ", ".join(f"“{shorten(heading)}”" for heading in headings)


def show_changes(preview: ImportPreview) -> None:
    """Print which people and cells an import adds, changes or skips."""
    say(" · ".join(_count_texts(preview)) or "This file contains no people.")
    if preview.asked_signers and preview.choices.writes_to:
        say(f"New signers write to: {preview.choices.writes_to}")
    lines = [*_people_lines(preview)]
    lines += _row_lines(preview) if preview.changes_anything else ()
    for kind, id_or_row, name, text in lines:
        say(f"  {kind:<10} {id_or_row:<7} {shorten(name, 40)}   {text}")


MAX_NAMED_PEOPLE = 20
"""Number of new people who are listed by name."""

_ChangeLine = tuple[str, str, str, str]
"""The columns of a line: what happens, an ID or row, a name, and the rest."""


def _people_lines(preview: ImportPreview) -> Iterator[_ChangeLine]:
    changes = preview.changes
    yield from _new_person_lines(changes.new_people)
    for cell in changes.cell_changes:
        if cell.kind != "kept":
            label = _LINE_LABELS.get(cell.kind, cell.kind)
            yield (
                label,
                cell.id,
                cell.name,
                _cell_change_text(cell) + _printed_letters_note(preview, cell),
            )
    for person in changes.withdrawn_people:
        yield (
            "withdrawn",
            person.id,
            person.name,
            _withdrawal_text(person) + _printed_letters_note(preview, person),
        )
    for person in changes.missing_people:
        yield "gone", person.id, person.name, "no longer in the form; stays in the list"
    for person in changes.deleted_people:
        why = "you deleted the row; stays excluded unless --again names this person"
        yield "deleted", person.id, person.name, why
    for person in changes.declined_people:
        why = "declined in a response that is, or may be, later; stays excluded"
        yield "declined", f"row {person.row}", person.name, why


def _new_person_lines(new_people: Sequence[NewPerson]) -> Iterator[_ChangeLine]:
    """Yield lines about new people: the first few, and all who need review."""
    clear_people = [person for person in new_people if not person.doubts]
    for person in clear_people[:MAX_NAMED_PEOPLE]:
        address = ", ".join(text for heading, text in person.fields.items() if heading != NAME)
        yield "new", f"row {person.row}", person.fields[NAME], shorten(address)
    if len(clear_people) > MAX_NAMED_PEOPLE:
        yield "new", "", f"and {len(clear_people) - MAX_NAMED_PEOPLE:,} more", ""
    for person in new_people:
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
"""The first word of a line, if it differs from the kind of change."""


def _printed_letters_note(preview: ImportPreview, change: ListCellChange | KnownPerson) -> str:
    """Return a note about printed letters, for a changed cell or a withdrawal.

    It is empty for other changes, and if no letter is printed.
    """
    number = preview.printed_letters.get(change.id, 0)
    if not number or (isinstance(change, ListCellChange) and change.kind != "changed"):
        return ""
    printed = (
        f"{format_count(number, 'letter')} of {change.id} {'is' if number == 1 else 'are'} printed"
    )
    pronoun = "it" if number == 1 else "them"
    return f"; {printed}" + (
        "" if isinstance(change, ListCellChange) else f": do not post {pronoun}"
    )


def _row_lines(preview: ImportPreview) -> Iterator[_ChangeLine]:
    names = _names_by_row(preview)
    for row in (*preview.answers.skipped_rows, *preview.changes.duplicate_rows):
        yield "skipped", f"row {row.row}", row.name, _skip_reason(row)
    for remark in preview.answers.remarks:
        action = "fixed" if remark.reason_code in preview.choices.fix else "not changed"
        if remark.reason_code == "lost-zeros" and action != "fixed":
            action += "; --fix lost-zeros changes it"
        proposal = f"{remark.proposal}?   {action}" if remark.proposal else action
        name = names.get(remark.row, "")
        label = _LINE_LABELS.get(remark.reason_code, remark.reason_code)
        yield label, f"row {remark.row}", name, f"{remark.column}: {proposal}"


def _skip_reason(row: SkippedRow) -> str:
    if row.is_unanswered:
        return _NO_CONSENT_ANSWER
    if row.reason_code == "no-consent" and row.other_values:
        return _UNCLEAR_CONSENT.format(answer=shorten(row.other_values[CONSENT]))
    values = ", ".join(f"{heading} “{shorten(text)}”" for heading, text in row.other_values.items())
    reason = _SKIP_REASONS[row.reason_code].format(same_as=row.counted_row)
    return f"{reason}; this row says {values}" if row.reason_code == "same-day" else reason


def _names_by_row(preview: ImportPreview) -> dict[int, str]:
    return {answer.row: answer.fields.get(NAME, "") for answer in preview.answers.people}


def _withdrawal_text(person: KnownPerson) -> str:
    place = f"{person.place}: " if person.place else ""
    text = "consent may be withdrawn" if person.is_uncertain else "consent withdrawn"
    is_typed = person.place and not person.list_row
    return place + text + ("; enter “no” under Include there" if is_typed else "")


def _cell_change_text(cell: ListCellChange) -> str:
    if cell.kind == "changed":
        return f"{cell.heading}   {cell.current_text} -> {cell.form_text}"
    if cell.kind == "in-workbook":
        return f"{cell.place}: the form now says “{cell.form_text}”"
    if cell.kind == "agrees-again":
        day = _format_day(cell.response_day)
        text = f"consent given again{day}; stays no: clear it to include them"
        return f"{cell.heading}   {text}"
    source = _VALUE_SOURCES.get(cell.kind, "the form")
    if cell.kind == "older" and cell.response_day is None:
        source = "this file, which has no dates,"
    return f"{cell.heading}   {source} says “{cell.form_text}”; your value is kept"


_VALUE_SOURCES = {
    "both": "the form now",
    "same-day": "another response of that day",
    "older": "an older response",
    "doubted": "an unreliable response",
}
"""The source of a value that differs from the list, by kind of change."""


def _format_day(day: dt.date | None) -> str:
    return f" ({day.day} {day:%B})" if day else ""


def _count_texts(preview: ImportPreview) -> Iterator[str]:
    changes = preview.changes
    cells = {
        kind: {c.id or c.place for c in changes.cell_changes if c.kind == kind}
        for kind in CELL_CHANGE_LABELS
    }
    counts: list[tuple[int, str]] = [
        (sum(not person.doubts for person in changes.new_people), "new"),
        *((len(cells[kind]), words) for kind, words in CELL_CHANGE_LABELS.items()),
        (len(changes.unchanged_people), "unchanged"),
        (sum(bool(person.doubts) for person in changes.new_people), "to review"),
        (len(changes.withdrawn_people), "consent withdrawn"),
        (len(changes.missing_people), "no longer in the form"),
        (len(changes.deleted_people), "deleted earlier"),
        (len(changes.declined_people), "declined earlier"),
        (len(preview.answers.skipped_rows) + len(changes.duplicate_rows), "skipped"),
    ]
    yield from (f"{number:,} {words}" for number, words in counts if number)


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
"""The words for each kind of cell change that is counted."""
