"""The letters that are ready for paper, and what stands in the way of the others, read from a view.

Survey, counting and binding lie minutes apart. So the bytes of each letter that is to be printed
are looked at once (`look_at`), and whoever reads them later (`same_bytes`) gets those or a problem.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from merge.campaign.campaign import LETTERS_FOLDER, Campaign
from merge.campaign.plan import LetterPlan, finished_letter
from merge.campaign.view import View
from merge.disk import FileState, file_state, read_campaign_file, short_path
from merge.model import (
    Advice,
    Decide,
    FinishedLetter,
    Pair,
    Place,
    Problem,
    Run,
    StorageError,
)
from merge.proofreading.text import why_unreadable
from merge.register.model import STAGES
from merge.state.ledger import DecisionRecord, LetterRecord
from merge.template.fingerprint import output_of
from merge.template.sanitize import stamp_of

_AGAIN = Advice("Run ", Run("letters"), ", then print.")
_RELEASE_TO_REMAKE = Advice(
    "To make it anew: empty its dates in register.xlsx, in its row and for the whole pile, type ",
    Run("letters", (("trust_register", ""),)),
    ", then print.",
)
_MOVE = Advice("Move it, run ", Run("letters"), ", then print.")


class Look(NamedTuple):
    """A letter's bytes when they were looked at.

    `at` is the state of its file, `digest` a hash of the bytes, `output` one of what is in them,
    however it is zipped; empty where they are no .docx. `place` is the letter's in messages.
    """

    place: Place
    at: FileState
    digest: bytes
    output: bytes


class PrintCandidate(NamedTuple):
    """A letter that a pair is to have.

    `letter` is its file, None where there is none to be taken; `problems` say why it must not be
    printed as it is; `reason` is that in a few words. `stages` are those that the register has,
    `known` is what the ledger and the survey know; `moved`, that it does not lie where it was made.
    `look` is None before its bytes were looked at. `decision` is what is to be remembered once it
    is in a batch.
    """

    id: str
    pair: Pair
    letter: FinishedLetter | None
    problems: tuple[Problem, ...]
    reason: str
    stages: AbstractSet[str]
    known: LetterRecord
    moved: bool = False
    look: Look | None = None
    decision: DecisionRecord | None = None

    @property
    def on_paper(self) -> bool:
        """Whether staff wrote down that it was printed, signed, posted or answered."""
        return bool(self.stages)


@dataclass(frozen=True)
class PrintCandidates:
    """Every letter that was asked for, in the order of the workbook.

    `problems` are what the survey found beside the letters.
    """

    candidates: tuple[PrintCandidate, ...]
    problems: tuple[Problem, ...]

    def updated(self, looked_at: Iterable[PrintCandidate]) -> PrintCandidates:
        """Return the same with some that were looked at."""
        new = {one.id: one for one in looked_at}
        return replace(self, candidates=tuple(new.get(one.id, one) for one in self.candidates))

    def before(self, stage: str) -> list[PrintCandidate]:
        """Return those that reached neither the stage nor a later one."""
        after = {*STAGES[STAGES.index(stage) :]}
        return [one for one in self.candidates if not after & one.stages]


def find_candidates(view: View, *, open_files: bool = True) -> PrintCandidates:
    """Find exactly one file for every letter of a view, or why there is none.

    Not `open_files`: of edited ones it counts what the survey found. Raise what kept the letters
    from being looked at.
    """
    if view.fault:
        raise view.fault
    found = (_candidate(planned, view.stopped, open_files) for planned in view.letters)
    return PrintCandidates(tuple(found), view.beside)


def _kind(planned: LetterPlan) -> str:
    """Return the word for all letters that are kept as this one is."""
    if "moved" in planned.kinds:
        return "moved"
    return "all" if planned.kinds == {"on paper"} else "edited"


def _candidate(
    planned: LetterPlan,
    stopped: Mapping[str, Problem],
    open_files: bool,  # noqa: FBT001 - as `find_candidates` has it
) -> PrintCandidate:
    error = stopped.get(planned.known.id)
    problems = (error,) if error else tuple(_problems(planned, open_files))
    letter = finished_letter(planned) if planned.place else None
    reason = "; ".join(problem.what.rstrip(".") for problem in problems)
    stages = planned.stages.keys()
    return PrintCandidate(
        *(planned.known.id, planned.step.letter.pair, letter, problems, reason, stages),
        planned.known,
        (planned.step_if_not_on_paper or planned.step).state == "moved",
        decision=planned.to_remember,
    )


def _problems(planned: LetterPlan, open_files: bool) -> Iterator[Problem]:  # noqa: FBT001
    """Yield why a letter must not be printed, each with how to settle it."""
    on_paper, step = (
        planned.step_if_not_on_paper is not None,
        planned.step_if_not_on_paper or planned.step,
    )
    path = planned.known.path if planned.known.content else step.letter.path
    place = Place(f"{LETTERS_FOLDER}/{path}")
    changed = planned.changed and planned.decided != "print"
    if why := _unreadable(planned, open_files):
        yield Problem("print-unreadable", place, why, "Put a whole letter there.")
        return
    for copy in planned.copies:
        what = f"the file {LETTERS_FOLDER}/{copy} says that it is this letter, too."
        yield Problem("print-two-files", place, what, "Delete the one that is not to be sent.")
    if step.state in _REFUSED and not (on_paper and step.state == "rewritten"):
        code, what, hint = _REFUSED[step.state]
        yield Problem(
            code, place, what, _RELEASE_TO_REMAKE if on_paper and hint == _AGAIN else hint
        )
    elif len(planned.elsewhere) > 1 and step.state == "moved":
        files = ", ".join(f"{LETTERS_FOLDER}/{path}" for path in planned.elsewhere)
        what = f"several files say that they are this letter: {files}."
        yield Problem("print-two-files", place, what, "Keep the one that is to be sent.")
    elif changed and (on_paper or step.state != "rewritten"):
        what = f"since then this changed: {', '.join(planned.changed)}."
        name = str(step.letter.pair.signer.name)
        whose, again = _why_kept(planned, name)
        as_it_is = ("To print it as it is: ", Decide("print", name))
        all_such = ("; all such letters: ", Decide("print", _kind(planned)), ".")
        hint = Advice(again, " ", *as_it_is, *all_such)
        yield Problem("print-changed", place, f"{whose}, and {what}", hint)


def _unreadable(planned: LetterPlan, open_files: bool) -> str:  # noqa: FBT001 - as above
    """Return why a file that the program did not make cannot be printed; empty where it can.

    What the survey found damaged is opened to say how.
    """
    path, content = Path(planned.place), planned.known.content
    if not planned.place or content in {"made", "older", "shut"}:
        return ""
    if not (open_files or content == "damaged"):
        return ""
    try:
        return why_unreadable(read_campaign_file(path), path.name)
    except StorageError as error:
        return error.problems[0].what
    except FileNotFoundError:
        return ""  # it has just gone: `look_at` tells
    except OSError as error:
        return f"it cannot be read ({error.strerror})."


def _why_kept(planned: LetterPlan, name: str) -> tuple[str, Advice]:
    """Return why a letter is not brought up to date by itself, and how it is made anew."""
    if planned.step_if_not_on_paper:
        return "it is on paper", _RELEASE_TO_REMAKE
    whose = "another program saved it" if planned.known.content == "resaved" else "it was edited"
    return whose, Advice("To make it anew: ", Decide("new", name), ".")


_REFUSED = {
    "new": ("print-missing", "this letter is not there yet.", _AGAIN),
    "rewritten": (
        "print-outdated",
        "the workbook or the template changed since it was made.",
        _AGAIN,
    ),
    "foreign": (
        "print-foreign",
        "another file is in the place of this letter.",
        _MOVE,
    ),
    "in-use": (
        "print-open",
        "it is open in a program, or cannot be read.",
        "Save and close it, then print.",
    ),
}
"""States of letters that cannot be printed: the code, what, what to do."""


# The bytes of letters: looked at before they are counted, and the same ones when they are bound.


def look_at(candidates: Iterable[PrintCandidate], campaign: Campaign) -> Iterator[PrintCandidate]:
    """Yield candidates with their looks, or with the problem that their bytes are.

    Those that have no file, or problems already, come as they are.
    """
    folder = campaign.folder / LETTERS_FOLDER
    for one in candidates:
        if one.letter is None or one.problems:
            yield one
            continue
        place = Place(f"{LETTERS_FOLDER}/{one.letter.path.relative_to(folder).as_posix()}")
        try:
            yield _looked_at(one, one.letter, place, campaign)
        except StorageError as error:
            yield one._replace(problems=error.problems, reason=error.problems[0].what.rstrip("."))


def _looked_at(
    one: PrintCandidate, letter: FinishedLetter, place: Place, campaign: Campaign
) -> PrintCandidate:
    """Return it with its look. Raise StorageError where the file is not what the survey found."""
    at = file_state(str(letter.path))
    data = _bytes(letter, place)
    if at is None or at != file_state(str(letter.path)):
        raise StorageError(_meanwhile(place))
    stamp, output = stamp_of(data), output_of(data)
    if stamp and stamp.id != one.id:
        label = campaign.letter_labels.get(stamp.id)
        what = f"another letter lies here{f', that of {label}' if label else ''}."
        hint = _MOVE
        raise StorageError(Problem("print-another", place, what, hint))
    is_made = output == one.known.output != b""
    if one.known.content == "made" and not (is_made or one.moved):
        raise StorageError(_meanwhile(place) if at != one.known.at else _unseen(place))
    look = Look(place, at, hashlib.sha256(data).digest(), output)
    is_made |= letter.made and one.known.content == "older"
    return one._replace(letter=replace(letter, made=is_made), look=look)


def same_bytes(letter: FinishedLetter, look: Look | None) -> bytes:
    """Return the bytes of a letter that were looked at; what lies there where nobody looked.

    Raise StorageError where it is not there any more, or another file is.
    """
    data = _bytes(letter, look.place if look else Place(short_path(letter.path)))
    if look and hashlib.sha256(data).digest() != look.digest:
        raise StorageError(_meanwhile(look.place))
    return data


def _bytes(letter: FinishedLetter, place: Place) -> bytes:
    try:
        return read_campaign_file(letter.path)
    except FileNotFoundError:
        raise StorageError(_meanwhile(place)) from None
    except OSError as error:
        what = f"it cannot be read ({error.strerror})."
        hint = "Close it in Word, or ask who may open it."
        raise StorageError(Problem("letter-unreadable", place, what, hint)) from error


def _meanwhile(place: Place) -> Problem:
    what = "it was changed, moved or deleted while this ran."
    return Problem("print-meanwhile", place, what, Advice("Run ", Run("print"), " again."))


def _unseen(place: Place) -> Problem:
    what = "it was changed, though its size and its time are as they were."
    return Problem("print-unseen", place, what, "Open it in Word and save it, then print.")
