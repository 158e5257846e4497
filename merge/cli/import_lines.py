"""The lines in which `merge import` shows what it read and what it would change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from merge.campaign.form_import import (
    ImportView,
)
from merge.cli.terminal import (
    say,
)
from merge.intake.destinations import (
    CONSENT,
    EMAIL,
    LEAVE_OUT,
    NAME,
    ORDER,
    SUBMISSION,
    spoken_destination,
)
from merge.intake.form_types import FormColumn, NotTaken, NotTakenReason
from merge.intake.list_types import FieldChange, KnownPerson, NewPerson
from merge.intake.reasons import reasons
from merge.naming import counted
from merge.problems import shortened
from merge.text.folding import folded

_KINDS = {"csv": "text", "xlsx": "Excel", "ods": "LibreOffice"}
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_NOT_TAKEN: Mapping[NotTakenReason, str] = {
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
_UNANSWERED = "no answer to the consent question"
_UNCLEAR = "no consent: “{answer}” is not a clear yes (if it means yes, add --means-yes)"


def show_plan(view: ImportView) -> None:
    """Show how the file is read, and what goes where."""
    export = view.export
    how = [f"separated by {_SEPARATORS.get(export.separator, export.separator)}"]
    how = how if export.kind == "csv" else [f"sheet {export.sheet}"]
    how += [export.encoding] if export.encoding else []
    every = (*view.answers.people, *view.answers.refusals)
    answers = sum(1 + len(answer.earlier) for answer in every)
    told = ", ".join([_KINDS[export.kind], *how, counted(answers, "response")])
    known = f"form “{view.form}”" if view.is_known_form else f"new form “{view.form}”"
    is_named = view.choices.form or folded(export.file).startswith(folded(view.form))
    if view.is_known_form and not is_named:
        known += ", recognised by its headings (if it is another form: --form NAME)"
    say(f"{export.file}   {told}; {known}")
    for reading in view.readings:
        say(f"  read as {reading.word}:  {' · '.join(reading.names)}")
    asked = [column for column in view.plan.columns if column.is_asked]
    shown = [c for c in view.plan.columns if c.goes_to not in _KEYS or c in asked]
    is_settled = not (asked or view.plan.is_unconfirmed or view.choices.columns)
    if view.is_known_form and is_settled:
        return
    say("Matched columns:")
    wide = min(max((len(shortened(c.heading)) for c in shown), default=0), _WIDEST)
    answered = len(view.export.rows) - len({*view.plan.heading_rows, *view.plan.skipped})
    for column in shown:
        first, *more = _column_lines(column, wide, answered - column.filled)
        say(f"{'?' if column in asked else ' '} {first}")
        for line in more:
            say(line)
    keys = {goes: [c.heading for c in view.plan.columns if c.goes_to == goes] for goes in _KEYS}
    if keys[SUBMISSION] or keys[EMAIL]:
        say(f"  {quoted(keys[SUBMISSION] + keys[EMAIL])}: used for matching, not stored")
    if keys[ORDER]:
        say(f"  {quoted(keys[ORDER])}: date of the response, not stored")
    left = [heading for heading in keys[LEAVE_OUT] if heading not in {c.heading for c in asked}]
    if left:
        say(f"  not imported: {' · '.join(shortened(heading) for heading in left)}")


_KEYS = (SUBMISSION, EMAIL, ORDER, LEAVE_OUT)


_WIDEST = 60
"""Characters of a heading after which the others line up."""


def _column_lines(column: FormColumn, wide: int, blanks: int) -> list[str]:
    """Return what is shown of a column; a question of consent is never cut off."""
    heading = f"{shortened(column.heading):<{wide}}"
    if column.goes_to != CONSENT:
        samples = " · ".join(shortened(sample, 40) for sample in column.samples)
        goes_to = spoken_destination(column.goes_to)
        return [f"{heading}  -> {goes_to:<11}   {samples}".rstrip()]
    yes = [f"“{w}” ({column.words[w]})" for w in column.yes if w in column.words]
    no = [f"“{w}” ({n})" for w, n in column.words.items() if w not in column.yes]
    no += [f"no answer ({blanks})"] if blanks > 0 else []
    told = f"-> Consent   yes: {', '.join(yes) or 'none'}"
    told += f"; no: {', '.join(no)}" if no else ""
    if len(column.heading) <= len(heading):
        return [f"{heading}  {told}"]
    return [" ".join(column.heading.split()), f"    {told}"]


def quoted(headings: Sequence[str]) -> str:
    """Return headings in quotation marks."""
    return ", ".join(f"“{shortened(heading)}”" for heading in headings)


def show_changes(view: ImportView) -> None:
    """Show whom and which cells the import adds and changes, and what it skips."""
    say(" · ".join(_counts(view)) or "There is no one in this file.")
    lines = [*_of_people(view)]
    lines += _of_rows(view) if view.changes_anything else ()
    for kind, whose, name, what in lines:
        say(f"  {kind:<10} {whose:<7} {shortened(name, 40)}   {what}")


MOST_NEW = 20
"""New people who are named, so that it can be seen who they are."""

_Line = tuple[str, str, str, str]
"""What happens, to which ID or row, the name, and the rest."""


def _of_people(view: ImportView) -> Iterator[_Line]:
    changes = view.changes
    yield from _of_new(changes.new)
    for cell in changes.cells:
        if cell.kind != "kept":
            label = _LABELS.get(cell.kind, cell.kind)
            yield label, cell.id, cell.name, _cell_words(cell) + _paper(view, cell)
    for who in changes.withdrawn:
        yield "withdrawn", who.id, who.name, _withdrawn_words(who) + _paper(view, who)
    for who in changes.gone:
        yield "gone", who.id, who.name, "no longer in the form; stays in the list"
    for who in changes.deleted:
        why = "you deleted the row; stays excluded unless --again names this person"
        yield "deleted", who.id, who.name, why
    for who in changes.refused:
        why = "declined in a response that is, or may be, later; stays excluded"
        yield "declined", f"row {who.row}", who.name, why


def _of_new(new: Sequence[NewPerson]) -> Iterator[_Line]:
    """Yield who is new, the first of those of whom nothing is doubtful, and all others."""
    sure = [person for person in new if not person.doubts]
    for person in sure[:MOST_NEW]:
        address = ", ".join(text for heading, text in person.fields.items() if heading != NAME)
        yield "new", f"row {person.row}", person.fields[NAME], shortened(address)
    if len(sure) > MOST_NEW:
        yield "new", "", f"and {len(sure) - MOST_NEW:,} more", ""
    for person in new:
        if person.doubts:
            yield "review", f"row {person.row}", person.fields[NAME], reasons(person)


_LABELS = {
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


def _paper(view: ImportView, who: FieldChange | KnownPerson) -> str:
    """Return how many letters of a person who changes or withdraws are printed."""
    number = view.on_paper.get(who.id, 0)
    if not number or (isinstance(who, FieldChange) and who.kind != "changed"):
        return ""
    are = f"{counted(number, 'letter')} of {who.id} {'is' if number == 1 else 'are'} printed"
    post = "it" if number == 1 else "them"
    return f"; {are}" + ("" if isinstance(who, FieldChange) else f": do not post {post}")


def _of_rows(view: ImportView) -> Iterator[_Line]:
    names = _names(view)
    for row in (*view.answers.not_taken, *view.changes.doubles):
        yield "skipped", f"row {row.row}", row.name, _why_not_taken(row)
    for remark in view.answers.remarks:
        becomes = "fixed" if remark.why in view.choices.fix else "not changed"
        if remark.why == "lost-zeros" and becomes != "fixed":
            becomes += "; --fix lost-zeros changes it"
        proposal = f"{remark.proposal}?   {becomes}" if remark.proposal else becomes
        name = names.get(remark.row, "")
        label = _LABELS.get(remark.why, remark.why)
        yield label, f"row {remark.row}", name, f"{remark.column}: {proposal}"


def _why_not_taken(row: NotTaken) -> str:
    if row.is_unanswered:
        return _UNANSWERED
    if row.why == "no-consent" and row.says:
        return _UNCLEAR.format(answer=shortened(row.says[CONSENT]))
    says = ", ".join(f"{heading} “{shortened(text)}”" for heading, text in row.says.items())
    why = _NOT_TAKEN[row.why].format(same_as=row.same_as)
    return f"{why}; this row says {says}" if row.why == "same-day" else why


def _names(view: ImportView) -> dict[int, str]:
    return {answer.row: answer.fields.get(NAME, "") for answer in view.answers.people}


def _withdrawn_words(who: KnownPerson) -> str:
    where = f"{who.place}: " if who.place else ""
    words = "consent may be withdrawn" if who.is_perhaps else "consent withdrawn"
    is_typed = who.place and not who.list_row
    return where + words + ("; enter “no” under Include there" if is_typed else "")


def _cell_words(cell: FieldChange) -> str:
    if cell.kind == "changed":
        return f"{cell.heading}   {cell.yours} -> {cell.form}"
    if cell.kind == "in-workbook":
        return f"{cell.place}: the form now says “{cell.form}”"
    if cell.kind == "agrees-again":
        again = f"consent given again{_day(cell.when)}; stays no: clear it to include them"
        return f"{cell.heading}   {again}"
    who = _SAYING.get(cell.kind, "the form")
    if cell.kind == "older" and cell.when is None:
        who = "this file, which has no dates,"
    return f"{cell.heading}   {who} says “{cell.form}”; your value is kept"


_SAYING = {
    "both": "the form now",
    "same-day": "another response of that day",
    "older": "an older response",
    "doubted": "an unreliable response",
}
"""What has another value than the list, by kind of change."""


def _day(day: dt.date | None) -> str:
    return f" ({day.day} {day:%B})" if day else ""


def _counts(view: ImportView) -> Iterator[str]:
    changes = view.changes
    cells = {
        kind: {c.id or c.place for c in changes.cells if c.kind == kind} for kind in CELL_CHANGES
    }
    found: list[tuple[int, str]] = [
        (sum(not person.doubts for person in changes.new), "new"),
        *((len(cells[kind]), words) for kind, words in CELL_CHANGES.items()),
        (len(changes.same), "unchanged"),
        (sum(bool(person.doubts) for person in changes.new), "to review"),
        (len(changes.withdrawn), "consent withdrawn"),
        (len(changes.gone), "no longer in the form"),
        (len(changes.deleted), "deleted earlier"),
        (len(changes.refused), "declined earlier"),
        (len(view.answers.not_taken) + len(changes.doubles), "skipped"),
    ]
    yield from (f"{number:,} {words}" for number, words in found if number)


CELL_CHANGES = {
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
