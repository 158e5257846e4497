"""Remedies in the words of the page: its screens, buttons and fields."""

from __future__ import annotations

import re
from collections.abc import Mapping

from merge.advice import Choice, DecisionRemedy, Hint, TaskOption, TaskRemedy
from merge.page.web import gettext, language

COMMAND_LABELS: Mapping[str, str] = {
    "check": "Data",
    "close": "Close campaign",
    "close undo": "Reopen",
    "letters": "Create letters",
    "letters anyway": "Continue anyway",
    "letters people_left": "They left: create letters",
    "letters release": "Release them",
    "letters restore_dates": "Deleted by mistake: write the dates again",
    "new": "Create campaign",
    "new from": "Create campaign",
    "placeholders": "Placeholders",
    "mark printed": "Sign and post",
    "proofread": "Proofread",
    "print": "Create print files",
    "print anyway": "Continue anyway",
    "print since_last": "Only letters that are new or changed since the last print file",
    "print return_to_signer": "Use the signer’s address as the return address",
}
"""The screen, section, button or checkbox for a task, with its option."""
ANSWERS_ON_DATA = ("people_left", "release", "restore_dates")
"""Options of `merge letters` that are buttons beside a problem on *Data*."""
CHOICE_LABELS: Mapping[Choice, str] = {
    "keep": "Keep my version",
    "new": "Use new version",
    "print": "Print without the new data",
    "same": "Same person",
    "other": "Someone else",
    "hide": "Ignore",
}
"""The button for a decision."""
OPTION_LABELS: Mapping[str, str] = {
    "anyway": "Continue anyway",
    "column": "Match columns",
    "date": "Date, if not today",
    "for": "Signer or recipient",
    "form": "Form",
    "letter": "Short ID",
    "no_letters": "Only envelopes, labels and parcels, without letters,"
    " for everything not posted yet",
    "parcels": "Parcel sheet for each recipient: address, signers, receipt",
    "read_as": "Which names look right?",
    "return_to_signer": "Use the signer’s address as the return address",
    "sheet": "Sheet with the responses",
    "sheets": "Sheets per file",
    "start": "First unused label",
    "tracking": "Tracking number of the parcel",
    "unanswered": "Only letters that were posted but not answered",
    "undo": "Undo",
    "writes_to": "Whom do the new signers write to?",
    "yes": "This date is correct",
}
"""The field, checkbox or button for an option of the current task."""

_ANY_LETTER = "ID"
"""The letter's ID in a remedy for any letter, which may have no conflict."""
_VERBS = {"run": "select", "omit": "clear", "add": "select"}


def format_hint(hint: str) -> str:
    """Return a hint as text, with remedies by their names on the page.

    What only the command line can do is named as its command.
    """
    words, label = "", ""
    parts = hint.parts if isinstance(hint, Hint) else (hint,)
    for part in parts:
        if isinstance(part, str):
            words += " > " if part == " " and label else part
            label = ""
        elif isinstance(part, DecisionRemedy) and (part.choice, part.target) == (
            "new",
            _ANY_LETTER,
        ):
            create = _quoted(COMMAND_LABELS["letters"])
            words += f"move its file out of the campaign folder, then select {create}"
        elif label := _label(part):
            words = f"{_with_verb(words)}{_screen(part)}{_quoted(label)}"
        elif not isinstance(part, DecisionRemedy):
            words += _command(part)
    return words


def _label(remedy: TaskRemedy | DecisionRemedy | TaskOption) -> str:
    """Return the name of a remedy on the page, or an empty text."""
    if isinstance(remedy, DecisionRemedy):
        return CHOICE_LABELS[remedy.choice]
    if isinstance(remedy, TaskOption):
        return OPTION_LABELS.get(remedy.name, "")
    return COMMAND_LABELS.get(" ".join((remedy.task, *(name for name, _ in remedy.options))), "")


def _screen(remedy: TaskRemedy | DecisionRemedy | TaskOption) -> str:
    """Return the screen of a button, if it is usually on another screen."""
    if isinstance(remedy, DecisionRemedy):
        return f"{_quoted('Conflicts')} > " if remedy.choice not in {"print", "hide"} else ""
    options = remedy.options if isinstance(remedy, TaskRemedy) else ()
    is_on_data = any(name in ANSWERS_ON_DATA for name, _ in options)
    return f"{_quoted('Data')} > " if is_on_data else ""


def _quoted(label: str) -> str:
    """Return a name on the page in quotation marks, in its direction."""
    name = gettext(label)
    return f"“{name}”" if language().direction == "ltr" else f"“\u2068{name}\u2069”"


def _with_verb(words: str) -> str:
    """Return the words before a name on the page, with a suitable verb.

    A button is not run.
    """
    return re.sub(r"\b(run|omit|add) $", _verb, words, flags=re.IGNORECASE)


def _verb(match: re.Match[str]) -> str:
    verb = _VERBS[match[1].lower()]
    return f"{verb.capitalize() if match[1].istitle() else verb} "


def _command(remedy: TaskRemedy | TaskOption) -> str:
    """Return the command for what the page cannot do."""
    names = (
        [name for name, _ in remedy.options] if isinstance(remedy, TaskRemedy) else [remedy.name]
    )
    words = ["merge", remedy.task] if isinstance(remedy, TaskRemedy) else []
    words += [f"--{name.replace('_', '-')}" for name in names]
    return " ".join((*words, "(on the command line)"))


def format_place(place: str) -> str:
    """Return a problem's place, in the words of the page.

    An option of a command becomes a field or checkbox.
    """
    match = re.fullmatch(r"--([a-z-]+)(?: (.*))?", place)
    label = OPTION_LABELS.get(match[1].replace("-", "_")) if match else None
    if not (match and label):
        return place
    return f"{_quoted(label)}{f': {match[2]}' if match[2] else ''}"
