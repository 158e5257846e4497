"""`merge import`: an export of a form into the list of signers, shown, asked, written, undone."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import click

from merge import messages
from merge.campaign.form_import import (
    ImportResult,
    ImportView,
    check_list_closed,
    look_at_export,
    write_import,
    write_mapping,
)
from merge.campaign.import_undo import UndoView, look_at_undo, undo
from merge.cli.options import CampaignOptions
from merge.cli.terminal import (
    DONE,
    PROBLEMS,
    exit_code,
    next_step,
    note,
    problems_json,
    say,
    show_json,
    show_problems,
)
from merge.errors import DataError, MergeError
from merge.intake.choices import ImportChoices
from merge.intake.column_questions import word_counts
from merge.intake.consent import words_to_ask_about
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
from merge.naming import counted, first_few
from merge.ooxml.container import file_errors, read_bytes
from merge.ooxml.kinds import EXPORT
from merge.problems import Place, shortened
from merge.text.folding import composed, folded
from merge.workbook.reading import LIST_FILE

_KINDS = {"csv": "text", "xlsx": "Excel", "ods": "LibreOffice"}
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
NOT_TAKEN: Mapping[NotTakenReason, str] = {
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


@dataclass(frozen=True, slots=True)
class _ImportCommand:
    """The command, with the export that it reads."""

    options: CampaignOptions
    file: Path
    data: bytes

    def look(self, choices: ImportChoices) -> ImportView:
        """Look at the export with these choices."""
        options = self.options
        return look_at_export(options.folder, self.data, self.file.name, choices, options.workbook)


def undo_last_import(folder: Path, *, as_json: bool, yes: bool) -> int:
    """Say whom it concerns, ask, put the list back, and return the exit code."""
    try:
        view = look_at_undo(folder)
        if not as_json:
            _show_undo(view)
            if not yes and not _confirmed("Undo the last import?", "undone"):
                return PROBLEMS
        done = undo(folder)
    except MergeError as error:
        if not as_json:
            raise
        show_json({"undone": "", "problems": problems_json(error.problems)})
        return exit_code(error)
    if as_json:
        show_json({"undone": done, **asdict(view), "problems": []})
    elif done == "removed":
        say(f"Import undone: {LIST_FILE} was removed, as it did not exist before.")
    else:
        say(f"Import undone: {LIST_FILE} was restored to the state before it.")
    return DONE


def _show_undo(view: UndoView) -> None:
    told = (
        (view.leave, "would be removed"),
        (view.back, "would be restored"),
        (view.change, "would be changed back"),
        (view.agree, "would be included again, although consent was withdrawn"),
    )
    for names, what in told:
        if names:
            say(f"{_people(len(names))} {what}: {first_few(names, _MOST_NEW)}.")


def import_export(
    options: CampaignOptions, file: Path, given: Mapping[str, Any], *, keep_copy: bool
) -> int:
    """Look at an export, show and ask, write it, and return the exit code.

    `given` are the options that say how it is read, and what is done with its rows.
    """
    try:
        _check_order(options.folder, file)
        command = _ImportCommand(options, file, _read(file))
        columns, fix = tuple(_columns(file, given["columns"])), frozenset(given["fix"])
        view = command.look(ImportChoices(**{**given, "columns": columns, "fix": fix}))
        if options.dry_run:
            return _show_json(view) if options.as_json else _rehearse(view)
        return _import(command, view, keep_copy=keep_copy)
    except MergeError as error:
        if not options.as_json:
            raise
        show_json({"written": False, "problems": problems_json(error.problems)})
        return exit_code(error)


def _rehearse(view: ImportView) -> int:
    _show_plan(view)
    _show_changes(view)
    show_problems(view.problems)
    say("Dry run: nothing was changed. Run again without --dry-run to do it.")
    return DONE


def _import(command: _ImportCommand, view: ImportView, *, keep_copy: bool) -> int:
    """Ask what is to be asked, then write."""
    options = command.options
    check_list_closed(view)
    if not options.as_json:
        _show_plan(view)
    if not view.is_settled:
        if options.as_json or options.yes or not sys.stdin.isatty():
            return _unanswered(options, view)
        decided = _decided(command, view)
        if decided is None:
            return PROBLEMS
        view = decided
    if not options.as_json:
        _show_changes(view)
        show_problems(view.problems)
    if not view.changes_anything:
        return _show_nothing(options, view)
    if not options.yes and (options.as_json or not _confirmed("Import them?", "imported")):
        return PROBLEMS
    if _read(command.file) != command.data:
        raise DataError(messages.problem("form-meanwhile", Place(command.file.name)))
    shown = _json(view) if options.as_json else {}
    view = view.without_rows()
    result = write_import(view, keep_copy=keep_copy)
    if options.as_json:
        show_json({**shown, "written": True, "problems": problems_json(view.problems)})
    else:
        _show_result(options, view, result)
    return DONE


def _read(path: Path) -> bytes:
    with file_errors(EXPORT, path.name):
        return read_bytes(path, EXPORT)


def _check_order(folder: Path, file: Path) -> None:
    if file.is_dir() and folder.is_file():
        place = Place(file.name)
        raise DataError(messages.problem("form-folder/swapped", place, file=folder.name))


def _columns(file: Path, all_typed: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the places that columns fill, each with its column."""
    for typed in all_typed:
        place, equals, column = typed.partition("=")
        if not (equals and place.strip() and column.strip()):
            raise DataError(messages.problem("form-column/typed", Place(file.name), typed=typed))
        yield place.strip(), column.strip()


def _unanswered(options: CampaignOptions, view: ImportView) -> int:
    """Say what must be decided first; nothing is written."""
    if options.as_json:
        show_json({**_json(view), "written": False, "problems": problems_json(view.problems)})
    else:
        show_problems(view.problems)
        say("Nothing was imported: resolve these problems first, in a terminal or on the page.")
    return PROBLEMS


def _decided(command: _ImportCommand, view: ImportView) -> ImportView | None:
    """Return the view of what was confirmed; None if it was not."""
    codes = {problem.code for problem in view.problems}
    if codes & {"form-no-name", *_NOT_ASKED}:
        show_problems(view.problems)
    if codes & _NOT_ASKED:
        say("Nothing was imported.")
        return None
    if "form-encoding" in codes and not _asked("Are these names correct?"):
        say("Nothing was imported. Run again with --read-as and one of the words above.")
        return None
    if "form-consent" in codes:
        choices = _consent(view)
        if choices is None:
            say("Nothing was imported. Delete everyone who did not agree from the file, then run")
            say("the same command again.")
            return None
        view = command.look(choices)
    view = command.look(replace(view.choices, yes={**view.choices.yes, **_yes_of(view)}))
    if "form-no-name" not in codes and _asked("Are the columns matched correctly?"):
        return command.look(replace(view.choices, is_confirmed=True))
    write_mapping(view)
    say(f"No one was imported. The matched columns are now in the Forms sheet of {LIST_FILE}.")
    say("Correct them there, save, close and run the same command again. If you do not want")
    say("this form at all, delete its rows there.")
    return None


_TYPED_WRONGLY = {"form-again", "form-means-yes", "form-column"}
_NOT_ASKED = {"form-no-answers", "form-which", "form-goes-to", *_TYPED_WRONGLY}
"""What no answer settles: something else must be typed."""


def _consent(view: ImportView) -> ImportChoices | None:
    """Ask who agreed, if no heading says so; None if nothing does."""
    boxes = [c for c in view.plan.columns if c.box and c.goes_to == LEAVE_OUT]
    for box in boxes:
        question = f"{_quoted([box.heading])} contains {word_counts(box.box)}. Is this the consent?"
        if _asked(question):
            goes_to = {**view.choices.goes_to, box.heading: CONSENT}
            return replace(view.choices, goes_to=goes_to)
    held = _quoted([box.heading for box in boxes])
    question = "Did everyone in this file agree to have their name and address printed"
    everybody = _asked(f"{question}, whatever {held} says?" if held else f"{question}?")
    return replace(view.choices, everybody_agrees=True) if everybody else None


def _yes_of(view: ImportView) -> dict[str, tuple[str, ...]]:
    """Ask which words mean yes, in each column of consent: of those that do not say it plainly.

    If none is a plain yes, all are asked about.
    """
    found = dict[str, tuple[str, ...]]()
    for column in view.plan.columns:
        if column.goes_to != CONSENT or not column.is_asked:
            continue
        plain = tuple(word for word in column.words if word in column.yes)
        words = words_to_ask_about(column.words, column.heading) if plain else tuple(column.words)
        if open_ := [word for word in words if word not in plain]:
            say(f"{column.heading}: which of these{' also' if plain else ''} mean yes?")
            found[column.heading] = (*plain, *_chosen_words(column, open_))
    return found


def _chosen_words(column: FormColumn, words: Sequence[str]) -> tuple[str, ...]:
    for number, word in enumerate(words, 1):
        say(f"  {number}  “{word}” ({column.words[word]:,})")
    text = click.prompt("Numbers, such as 1 3; 0 for none", err=True)
    numbers = {int(number) for number in re.findall(r"\d+", text)}
    return tuple(word for number, word in enumerate(words, 1) if number in numbers)


def _asked(question: str) -> bool:
    return click.confirm(question, default=None, err=True)


def _confirmed(question: str, done: str) -> bool:
    """Return whether someone at a terminal says yes; if not, say that nothing was done."""
    if not sys.stdin.isatty():
        say(f"Nothing was {done}. To continue, run again with --yes.")
        return False
    if not _asked(question):
        say(f"Nothing was {done}.")
        return False
    return True


# What is shown: how it is read, what goes where, what changes.


def _show_plan(view: ImportView) -> None:
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
        say(f"  {_quoted(keys[SUBMISSION] + keys[EMAIL])}: used for matching, not stored")
    if keys[ORDER]:
        say(f"  {_quoted(keys[ORDER])}: date of the response, not stored")
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


def _quoted(headings: Sequence[str]) -> str:
    return ", ".join(f"“{shortened(heading)}”" for heading in headings)


def _show_changes(view: ImportView) -> None:
    say(" · ".join(_counts(view)) or "There is no one in this file.")
    lines = [*_of_people(view)]
    lines += _of_rows(view) if view.changes_anything else ()
    for kind, whose, name, what in lines:
        say(f"  {kind:<10} {whose:<7} {shortened(name, 40)}   {what}")


_MOST_NEW = 20
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
    for person in sure[:_MOST_NEW]:
        address = ", ".join(text for heading, text in person.fields.items() if heading != NAME)
        yield "new", f"row {person.row}", person.fields[NAME], shortened(address)
    if len(sure) > _MOST_NEW:
        yield "new", "", f"and {len(sure) - _MOST_NEW:,} more", ""
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
    why = NOT_TAKEN[row.why].format(same_as=row.same_as)
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
    cells = {kind: {c.id or c.place for c in changes.cells if c.kind == kind} for kind in _TOLD}
    found: list[tuple[int, str]] = [
        (sum(not person.doubts for person in changes.new), "new"),
        *((len(cells[kind]), words) for kind, words in _TOLD.items()),
        (len(changes.same), "unchanged"),
        (sum(bool(person.doubts) for person in changes.new), "to review"),
        (len(changes.withdrawn), "consent withdrawn"),
        (len(changes.gone), "no longer in the form"),
        (len(changes.deleted), "deleted earlier"),
        (len(changes.refused), "declined earlier"),
        (len(view.answers.not_taken) + len(changes.doubles), "skipped"),
    ]
    yield from (f"{number:,} {words}" for number, words in found if number)


_TOLD = {
    "changed": "changed",
    "kept": "with your corrections kept",
    "both": "changed both by you and in the form",
    "in-workbook": "to change in the workbook",
    "older": "with an older or undated response",
    "same-day": "with two responses of one day",
    "agrees-again": "agreed again",
    "doubted": "with an unreliable response",
}


def _show_nothing(options: CampaignOptions, view: ImportView) -> int:
    if options.as_json:
        show_json({**_json(view), "written": False, "problems": problems_json(view.problems)})
    else:
        say(f"Nothing to import: {LIST_FILE} is up to date.")
        say(f"Next: {next_step('check', options.folder)}")
    return DONE


def _show_result(options: CampaignOptions, view: ImportView, result: ImportResult) -> None:
    new = result.changes.new
    people = [person for person in new if not person.doubts]
    waiting = [person for person in new if person.doubts]
    if people:
        say(f"{_people(len(people))} added to {LIST_FILE} ({_ids(people)}).")
    if waiting:
        needs = "needs" if len(waiting) == 1 else "need"
        say(f"{_people(len(waiting))} {needs} review in {LIST_FILE} ({_ids(waiting)}).")
    if not new:
        say(f"{LIST_FILE} was updated.")
    if result.written and result.written.kept:
        note(f"      previous list: {result.written.kept.name}")
    for lost in result.written.lost if result.written else ():
        note(f"      lost in the new one: {lost}")
    held = f"the email addresses of {_people(view.emails)}" if view.emails else "these people"
    say(f"{view.export.file} contains {held}. Delete it when you no longer need it.")
    say(f"Next: {next_step('check', options.folder)}")


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"


def _ids(people: Sequence[NewPerson]) -> str:
    first, last = people[0].id, people[-1].id
    is_run = int(last[1:]) - int(first[1:]) == len(people) - 1
    if len(people) == 1:
        return first
    return f"{first} to {last}" if is_run else ", ".join(person.id for person in people)


# The same as one object.


def _show_json(view: ImportView) -> int:
    show_json({**_json(view), "problems": problems_json(view.problems)})
    return DONE


def _json(view: ImportView) -> dict[str, object]:
    new = {person.row: person for person in view.changes.new}
    doubtful = [p for p in view.changes.new if p.doubts]
    waiting = {person.row for person in doubtful}
    people = [a for a in view.answers.people if a.row not in waiting]
    return {
        "read": _read_json(view),
        "mapping": {_typed_heading(view, c): c.goes_to for c in view.plan.columns},
        "ask": [_typed_heading(view, c) for c in view.plan.columns if c.is_asked],
        "people": [{"row": a.row, "fields": dict(a.fields)} for a in people],
        "doubtful": [_doubtful_json(new[a.row]) for a in view.answers.people if a.row in waiting],
        "dropped": [
            {"row": n.row, "why": n.why}
            | ({"same_as": n.same_as} if n.same_as else {})
            | ({"says": {**n.says}} if n.says else {})
            for n in (*view.answers.not_taken, *view.changes.doubles)
        ],
        "told": [
            {"row": r.row, "column": r.column, "why": r.why}
            | ({"proposal": r.proposal} if r.proposal else {})
            for r in view.answers.remarks
        ],
        "merge": _merge_json(view),
    }


def _typed_heading(view: ImportView, column: FormColumn) -> str:
    """Return a heading as it stands in the file; composed (NFC), whatever program wrote it."""
    heading = column.heading
    for row in view.export.rows[:_FIRST_ROWS]:
        if row.number in view.plan.heading_rows:
            for number, text in row.as_typed.items():
                cell = row.cells[number]
                if heading == cell:
                    heading = text
                elif cell and heading.startswith(f"{cell} / "):
                    heading = text + heading.removeprefix(cell)
                elif cell and heading.endswith(f" / {cell}"):
                    heading = heading.removesuffix(cell) + text
    return composed(heading)


_FIRST_ROWS = 40


def _read_json(view: ImportView) -> dict[str, object]:
    export = view.export
    read: dict[str, object] = {"kind": export.kind}
    if export.kind == "csv":
        read |= {"encoding": export.encoding, "separator": export.separator}
    else:
        read["sheet"] = export.sheet
    read["heading_rows"] = [*view.plan.heading_rows]
    if export.readings:
        read["must_tell_encoding"] = True
        read["readings"] = {reading.word: [*reading.names] for reading in view.readings}
    return read


def _doubtful_json(person: NewPerson) -> dict[str, object]:
    found: dict[str, object] = {"row": person.row, "why": [*person.doubts]}
    if person.same_row or person.same_as:
        found["same_as"] = person.same_row or person.same_as
    if person.proposal:
        found["proposal"] = person.proposal
    if "ragged" not in person.doubts:
        found["fields"] = dict(person.fields)
    return found


def _merge_json(view: ImportView) -> dict[str, object]:
    changes = view.changes
    by_kind: dict[str, list[dict[str, str]]] = {kind: [] for kind in _TOLD}
    for cell in changes.cells:
        told = {"who": cell.name, "column": cell.heading}
        if cell.kind == "changed":
            told |= {"from": cell.yours, "to": cell.form}
        elif cell.kind == "kept":
            told |= {"form": cell.form}
        else:
            told |= {"yours": cell.yours, "form": cell.form}
            told |= {"place": cell.place} if cell.kind == "in-workbook" else {}
        by_kind[cell.kind].append(told)
    return {
        "new": [p.fields[NAME] for p in changes.new if not p.doubts],
        **by_kind,
        "withdrawn": [who.name for who in changes.withdrawn],
        "gone": [who.name for who in changes.gone],
        "deleted": [who.name for who in changes.deleted],
        "refused": [who.name for who in changes.refused],
        "doubtful": [p.fields[NAME] for p in changes.new if p.doubts],
        "same": [who.name for who in changes.same],
    }
