"""`merge new --from-letter`: starts a campaign from finished letters.

It shows what was found and what is unclear. With `--yes`, it creates the campaign with the default
answers, if the template gives every letter back. Other answers are given on the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import click

from merge import messages
from merge.advice import TaskOption
from merge.campaign.new_campaign import create_campaign_from_letters, proof_problems
from merge.cli.terminal import (
    DONE,
    PROBLEMS,
    next_command,
    note,
    repeated_command,
    say,
    show_problems,
)
from merge.naming import format_count
from merge.ooxml.container import file_errors, read_bytes
from merge.ooxml.kinds import EXCEL, WORD
from merge.problems import Place, shorten
from merge.starting.letters import read_letter
from merge.starting.questions import StartAnswers
from merge.starting.start import StartingPoint, find_placeholders
from merge.text.folding import folded

_MAX_VALUE = 40


@dataclass(frozen=True, slots=True)
class StartCommand:
    """The command as it was typed.

    `names` are new headings, each as `Old=New`, and `fixed_texts` texts that stay as they are.
    """

    folder: Path
    letters: Sequence[Path]
    workbook: Path | None
    names: Sequence[str]
    fixed_texts: Sequence[str]
    yes: bool


def start_from_letters(command: StartCommand) -> int:
    """Show what is in letters, or create a campaign; return the exit code."""
    letters = _read_letters(command.letters)
    workbook = None
    if command.workbook:
        with file_errors(EXCEL, command.workbook.name):
            workbook = read_bytes(command.workbook, EXCEL)
    answers = StartAnswers(rejected=frozenset(command.fixed_texts))
    find = partial(find_placeholders, letters, workbook, read=cache(read_letter))
    start = find(answers)
    answers = replace(answers, headings=_headings(start, command.names))
    start = find(answers)
    _show(start)
    if not start.proof.holds:
        show_problems(proof_problems(start.proof))
        return PROBLEMS
    if not command.yes:
        return _end_preview(command, start)
    files = create_campaign_from_letters(command.folder, start, workbook)
    say(f"Created {command.folder}: {', '.join(files)}.")
    if len(start.rows["Signers"]) == 1 and not workbook:
        note("No letter has a signer’s name: add the signers to the Signers sheet.")
    add = "" if workbook else "add the other recipients in Excel, then "
    say(f"Next: {add}run: {_check(command.folder)}")
    return DONE


def _check(folder: Path) -> str:
    return next_command("check", folder)


def _read_letters(paths: Sequence[Path]) -> dict[str, bytes]:
    """Return the bytes of letters by name; two of one name get their folders."""
    names = [path.name for path in paths]
    letters = {}
    for path in dict.fromkeys(paths):
        name = path.name if names.count(path.name) == 1 else str(path)
        with file_errors(WORD, name):
            letters[name] = read_bytes(path, WORD)
    return letters


def _headings(start: StartingPoint, names: Sequence[str]) -> dict[str, str]:
    """Return new headings by column, from `Old=New`."""
    headings: dict[str, str] = {}
    for name in names:
        old, separator, new = name.partition("=")
        columns = [c for c in start.columns if folded(c.heading) == folded(old)]
        if not separator or not columns:
            known = ", ".join(column.heading for column in start.columns)
            raise click.UsageError(f"--name needs OLD=NEW. Columns found: {known}.")
        headings |= {column.key: new for column in columns}
    return headings


def _show(start: StartingPoint) -> None:
    """Show columns with their values, the questions and the proof."""
    say(f"Found in {format_count(len(start.letters), 'letter')}:")
    width = max((len(column.heading) for column in start.columns), default=0)
    for column in start.columns:
        values = dict.fromkeys(shorten(v, _MAX_VALUE) or "(blank)" for v in column.values)
        sheet = f"{column.sheet.capitalize()}s"
        say(f"  {sheet:<11} {column.heading:<{width}}  {' | '.join(values)}")
    for question in start.questions:
        say(f"  ?  {question.text}")
        say(f"     Answer: {question.options[question.choice]}")
    for notice in start.notices:
        say(f"  -  {notice.text}")
    show_problems(start.warnings)
    if start.proof.holds:
        say("Proof: the template, filled again, gives back every letter word for word.")
        say("Check the columns too: this does not show whether each value is in the right one.")


def _end_preview(command: StartCommand, start: StartingPoint) -> int:
    """Print the command that creates the campaign; report open questions."""
    unanswered = sum(not question.is_answered for question in start.questions)
    say("Nothing was written.")
    say(f"To create the campaign: {repeated_command(['--yes'])}")
    if unanswered:
        place, yes = Place(str(command.folder)), TaskOption("yes")
        show_problems([messages.problem("question-open", place, count=unanswered, yes=yes)])
    return PROBLEMS
