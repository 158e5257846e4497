"""`merge import`: imports form responses into the list of signers.

It shows what it would import, asks for decisions, saves the list, and can undo the last import.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import click

from merge import messages
from merge.campaign.form_import import (
    ImportPreview,
    ImportResult,
    check_list_closed,
    preview_import,
    write_import,
    write_mapping,
)
from merge.campaign.import_undo import ImportUndoPreview, preview_undo, restore_previous_list
from merge.cli.import_json import import_json
from merge.cli.import_lines import MAX_NAMED_PEOPLE, quote_headings, show_changes, show_plan
from merge.cli.options import CampaignOptions
from merge.cli.terminal import (
    DONE,
    DRY_RUN_NOTICE,
    PROBLEMS,
    exit_code,
    next_command,
    note,
    problems_json,
    say,
    show_json,
    show_problems,
)
from merge.errors import DataError, MergeError
from merge.intake.choices import ImportChoices
from merge.intake.column_questions import format_word_counts
from merge.intake.consent import unclear_words
from merge.intake.destinations import (
    CONSENT,
    DO_NOT_IMPORT,
)
from merge.intake.form_types import FormColumn
from merge.naming import join_first
from merge.ooxml.container import file_errors, read_bytes
from merge.ooxml.kinds import EXPORT
from merge.problems import Place
from merge.workbook.reading import LIST_FILE


@dataclass(frozen=True, slots=True)
class _ImportCommand:
    """The command `merge import`, and the form export that it reads."""

    options: CampaignOptions
    file: Path
    data: bytes

    def preview(self, choices: ImportChoices) -> ImportPreview:
        """Return a preview of the import with these choices."""
        options = self.options
        return preview_import(options.folder, self.data, self.file.name, choices, options.workbook)


def undo_last_import(folder: Path, *, as_json: bool, yes: bool) -> int:
    """Undo the last import after a preview and a confirmation.

    Return the exit code.
    """
    try:
        preview = preview_undo(folder)
        if not as_json:
            _show_undo(preview)
            if not yes and not _confirm("Undo the last import?", "undone"):
                return PROBLEMS
        outcome = restore_previous_list(folder)
    except MergeError as error:
        if not as_json:
            raise
        show_json({"undone": "", "problems": problems_json(error.problems)})
        return exit_code(error)
    if as_json:
        show_json({"undone": outcome, **asdict(preview), "problems": []})
    elif outcome == "removed":
        say(f"Import undone: {LIST_FILE} was removed, as it did not exist before.")
    else:
        say(f"Import undone: {LIST_FILE} was restored to the state before it.")
    return DONE


def _show_undo(preview: ImportUndoPreview) -> None:
    effects = (
        (preview.leave, "would be removed"),
        (preview.back, "would be restored"),
        (preview.change, "would be changed back"),
        (preview.agree, "would be included again, although consent was withdrawn"),
    )
    for names, effect in effects:
        if names:
            say(f"{_count_people(len(names))} {effect}: {join_first(names, MAX_NAMED_PEOPLE)}.")


def import_export(
    options: CampaignOptions, file: Path, arguments: Mapping[str, Any], *, keep_copy: bool
) -> int:
    """Import an export after a preview and questions; return the exit code.

    `arguments` say how the export is read and what is done with its rows.
    """
    try:
        _check_argument_order(options.folder, file)
        command = _ImportCommand(options, file, _read_export(file))
        columns, fix = (
            tuple(_parse_columns(file, arguments["columns"])),
            frozenset(arguments["fix"]),
        )
        choices = ImportChoices(**{**arguments, "columns": columns, "fix": fix})
        if options.dry_run:
            show = _show_json if options.as_json else _show_dry_run
            return show(command.preview(choices))
        return _run_import(command, choices, keep_copy=keep_copy)
    except MergeError as error:
        if not options.as_json:
            raise
        show_json({"written": False, "problems": problems_json(error.problems)})
        return exit_code(error)


def _show_dry_run(preview: ImportPreview) -> int:
    show_plan(preview)
    show_changes(preview)
    show_problems(preview.problems)
    if preview.has_no_errors:
        say(DRY_RUN_NOTICE)
        return DONE
    say("Dry run: nothing was changed. Resolve the problems above first.")
    return PROBLEMS


def _run_import(command: _ImportCommand, choices: ImportChoices, *, keep_copy: bool) -> int:
    """Ask for decisions, then write the import; return the exit code.

    No other variable may hold the preview: its rows take half of the memory.
    """
    options = command.options
    preview = command.preview(choices)
    check_list_closed(preview)
    if not options.as_json:
        show_plan(preview)
    if not preview.has_no_errors:
        if options.as_json or options.yes or not sys.stdin.isatty():
            return _show_unresolved(options, preview)
        decided_preview = _ask_decisions(command, preview)
        if decided_preview is None:
            return PROBLEMS
        preview = decided_preview
        del decided_preview
    if not options.as_json:
        show_changes(preview)
        show_problems(preview.problems)
    if not preview.changes_anything:
        return _show_nothing(options, preview)
    if not options.yes and (options.as_json or not _confirm("Import them?", "imported")):
        return PROBLEMS
    if _read_export(command.file) != command.data:
        raise DataError(messages.problem("form-meanwhile", Place(command.file.name)))
    import_report = import_json(preview) if options.as_json else {}
    preview = preview.without_rows()
    result = write_import(preview, keep_copy=keep_copy)
    if options.as_json:
        show_json({**import_report, "written": True, "problems": problems_json(preview.problems)})
    else:
        _show_result(options, preview, result)
    return DONE


def _read_export(path: Path) -> bytes:
    with file_errors(EXPORT, path.name):
        return read_bytes(path, EXPORT)


def _check_argument_order(folder: Path, file: Path) -> None:
    if file.is_dir() and folder.is_file():
        place = Place(file.name)
        raise DataError(messages.problem("form-folder/swapped", place, file=folder.name))


def _parse_columns(file: Path, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each destination and the form's column typed for it."""
    for text in texts:
        target, equals, column = text.partition("=")
        if not (equals and target.strip() and column.strip()):
            raise DataError(messages.problem("form-column/typed", Place(file.name), typed=text))
        yield target.strip(), column.strip()


def _show_unresolved(options: CampaignOptions, preview: ImportPreview) -> int:
    """Print which problems prevent the import; nothing is written."""
    if options.as_json:
        show_json(
            {**import_json(preview), "written": False, "problems": problems_json(preview.problems)}
        )
    else:
        show_problems(preview.problems)
        say("Nothing was imported: resolve these problems first, in a terminal or on the page.")
    return PROBLEMS


def _ask_decisions(command: _ImportCommand, preview: ImportPreview) -> ImportPreview | None:
    """Return the preview with staff's decisions, or None if staff cancel."""
    codes = {problem.code for problem in preview.problems}
    if codes & {"form-no-name", *_UNANSWERABLE_CODES}:
        show_problems(preview.problems)
    if codes & _UNANSWERABLE_CODES:
        say("Nothing was imported.")
        return None
    if "form-encoding" in codes and not _ask("Are these names correct?"):
        say("Nothing was imported. Run again with --read-as and one of the words above.")
        return None
    if "form-consent" in codes:
        choices = _ask_consent(preview)
        if choices is None:
            say("Nothing was imported. Delete everyone who did not agree from the file, then run")
            say("the same command again.")
            return None
        preview = command.preview(choices)
    preview = command.preview(
        replace(preview.choices, yes={**preview.choices.yes, **_ask_yes_words(preview)})
    )
    if "form-no-name" not in codes and _ask("Are the columns matched correctly?"):
        return command.preview(replace(preview.choices, is_confirmed=True))
    write_mapping(preview)
    say(f"No one was imported. The matched columns are now in the Forms sheet of {LIST_FILE}.")
    say("Correct them there, save, close and run the same command again. If you do not want")
    say("this form at all, delete its rows there.")
    return None


_WRONG_OPTION_CODES = {"form-again", "form-means-yes", "form-column", "form-writes-to"}
_UNANSWERABLE_CODES = {"form-no-answers", "form-which", "form-goes-to", *_WRONG_OPTION_CODES}
"""Codes of problems that no answer resolves: an option must be changed."""


def _ask_consent(preview: ImportPreview) -> ImportChoices | None:
    """Ask who agreed, if no heading shows the consent.

    Return None if the user names no consent.
    """
    boxes = [c for c in preview.plan.columns if c.candidate_words and c.goes_to == DO_NOT_IMPORT]
    for box in boxes:
        heading, words = quote_headings([box.heading]), format_word_counts(box.candidate_words)
        question = f"{heading} contains {words}. Is this the consent?"
        if _ask(question):
            goes_to = {**preview.choices.goes_to, box.heading: CONSENT}
            return replace(preview.choices, goes_to=goes_to)
    box_headings = quote_headings([box.heading for box in boxes])
    question = "Did everyone in this file agree to have their name and address printed"
    all_agreed = _ask(
        f"{question}, whatever {box_headings} says?" if box_headings else f"{question}?"
    )
    return replace(preview.choices, everybody_agrees=True) if all_agreed else None


def _ask_yes_words(preview: ImportPreview) -> dict[str, tuple[str, ...]]:
    """Ask which words mean yes, for each consent column with unclear words.

    If no word is a plain yes, ask about all of them.
    """
    words_by_heading = dict[str, tuple[str, ...]]()
    for column in preview.plan.columns:
        if column.goes_to != CONSENT or not column.is_asked:
            continue
        clear_words = tuple(word for word in column.word_counts if word in column.yes_words)
        words = (
            unclear_words(column.word_counts, column.heading)
            if clear_words
            else tuple(column.word_counts)
        )
        if words_to_ask := [word for word in words if word not in clear_words]:
            say(f"{column.heading}: which of these{' also' if clear_words else ''} mean yes?")
            words_by_heading[column.heading] = (
                *clear_words,
                *_ask_which_words(column, words_to_ask),
            )
    return words_by_heading


def _ask_which_words(column: FormColumn, words: Sequence[str]) -> tuple[str, ...]:
    for number, word in enumerate(words, 1):
        say(f"  {number}  “{word}” ({column.word_counts[word]:,})")
    text = click.prompt("Numbers, such as 1 3; 0 for none", err=True)
    numbers = {int(number) for number in re.findall(r"\d+", text)}
    return tuple(word for number, word in enumerate(words, 1) if number in numbers)


def _ask(question: str) -> bool:
    return click.confirm(question, default=None, err=True)


def _confirm(question: str, action: str) -> bool:
    """Return whether someone at a terminal confirms.

    If not, say that nothing was done.
    """
    if not sys.stdin.isatty():
        say(f"Nothing was {action}. To continue, run again with --yes.")
        return False
    if not _ask(question):
        say(f"Nothing was {action}.")
        return False
    return True


def _show_nothing(options: CampaignOptions, preview: ImportPreview) -> int:
    if options.as_json:
        show_json(
            {**import_json(preview), "written": False, "problems": problems_json(preview.problems)}
        )
    else:
        say(f"Nothing to import: {LIST_FILE} is up to date.")
        say(f"Next: {next_command('check', options.folder)}")
    return DONE


def _show_result(options: CampaignOptions, preview: ImportPreview, result: ImportResult) -> None:
    new = result.changes.new_people
    people = [person for person in new if not person.doubts]
    to_review = [person for person in new if person.doubts]
    if people:
        say(f"{_count_people(len(people))} added to {LIST_FILE}.")
    if to_review:
        verb = "needs" if len(to_review) == 1 else "need"
        say(f"{_count_people(len(to_review))} {verb} review in {LIST_FILE}.")
    if not new:
        say(f"{LIST_FILE} was updated.")
    if result.written_list and result.written_list.backup_path:
        note(f"      previous list: {result.written_list.backup_path.name}")
    for loss in result.written_list.losses if result.written_list else ():
        note(f"      lost in the new one: {loss}")
    contents = (
        f"the email addresses of {_count_people(preview.email_count)}"
        if preview.email_count
        else "these people"
    )
    say(f"{preview.export.file} contains {contents}. Delete it when you no longer need it.")
    say(f"Next: {next_command('check', options.folder)}")


def _count_people(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"


def _show_json(preview: ImportPreview) -> int:
    show_json({**import_json(preview), "problems": problems_json(preview.problems)})
    return DONE if preview.has_no_errors else PROBLEMS
