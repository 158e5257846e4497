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

from merge import messages
from merge.advice import Decide
from merge.campaign.campaign import Campaign
from merge.campaign.letter_plan import LetterPlan, finished_letter
from merge.campaign.view import View
from merge.disk import FileState, file_state, os_reason, read_campaign_file, short_path
from merge.errors import StorageError
from merge.letter_status import FinishedLetter
from merge.messages.wording import Value
from merge.ooxml.stamps import stamp_of
from merge.people import Pair
from merge.problems import Place, Problem
from merge.product import LETTERS_FOLDER
from merge.proofreading.text import why_unreadable
from merge.register.layouts import STAGES
from merge.state.ledger_records import DecisionRecord, LetterRecord
from merge.template.fingerprint import output_of


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
        id=planned.known.id,
        pair=planned.step.letter.pair,
        letter=letter,
        problems=problems,
        reason=reason,
        stages=stages,
        known=planned.known,
        moved=planned.step_of_file.state == "moved",
        decision=planned.to_remember,
    )


def _problems(planned: LetterPlan, open_files: bool) -> Iterator[Problem]:  # noqa: FBT001
    """Yield why a letter must not be printed, each with how to settle it."""
    on_paper, step = bool(planned.stages), planned.step_of_file
    path = planned.known.path if planned.known.content else step.letter.path
    place = Place(f"{LETTERS_FOLDER}/{path}")
    changed = planned.changed and planned.decided != "print"
    if unreadable := _unreadable(planned, open_files, place):
        yield unreadable
        return
    for copy in planned.copies:
        yield messages.problem("print-two-files", place, copy=f"{LETTERS_FOLDER}/{copy}")
    if step.state in _REFUSED and not (on_paper and step.state == "rewritten"):
        is_lost = on_paper and step.state == "new"
        key = "print-missing/printed" if is_lost else _REFUSED[step.state]
        yield messages.problem(key, place)
    elif len(planned.elsewhere) > 1 and step.state == "moved":
        files = tuple(f"{LETTERS_FOLDER}/{path}" for path in planned.elsewhere)
        yield messages.problem("print-two-files/moved", place, files=files)
    elif changed and (on_paper or step.state != "rewritten"):
        yield _changed(planned, place)


def _changed(planned: LetterPlan, place: Place) -> Problem:
    """Return the problem of a letter that is kept although its data has changed."""
    signer = planned.step.letter.pair.signer
    name = str((signer.shared_name and signer.id) or signer.name)
    fields: dict[str, Value] = {
        "changed": tuple(planned.changed),
        "accept": Decide("print", name),
        "accept_all": Decide("print", _kind(planned)),
    }
    if planned.stages:
        return messages.problem("print-changed/printed", place, **fields)
    why = "re-saved" if planned.known.content == "resaved" else "edited"
    return messages.problem("print-changed", place, why=why, new=Decide("new", name), **fields)


def _unreadable(
    planned: LetterPlan,
    open_files: bool,  # noqa: FBT001 - as above
    place: Place,
) -> Problem | None:
    """Return why a file that the program did not make cannot be printed; None if it can.

    What the survey found damaged is opened to say how.
    """
    path, content = Path(planned.place), planned.known.content
    if not planned.place or content in {"made", "older", "shut"}:
        return None
    if not (open_files or content == "damaged"):
        return None
    try:
        why = why_unreadable(read_campaign_file(path), path.name)
    except StorageError as error:
        return replace(error.problems[0], code="print-unreadable", place=place)
    except FileNotFoundError:
        return None  # it has just gone: `look_at` reports it
    except OSError as error:
        return messages.problem("print-unreadable/error", place, error=os_reason(error))
    return messages.problem(f"print-unreadable{why}", place) if why is not None else None


_REFUSED = {
    "new": "print-missing",
    "rewritten": "print-outdated",
    "foreign": "print-foreign",
    "in-use": "print-open",
}
"""States of letters that cannot be printed, with the code of the problem."""


# The bytes of letters: looked at before they are counted, and the same ones when they are bound.


def look_at(candidates: Iterable[PrintCandidate], campaign: Campaign) -> Iterator[PrintCandidate]:
    """Yield candidates with their looks, or with the problem that their bytes are.

    Those that have no file, or problems already, come as they are.
    """
    folder = campaign.letters_folder
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
        whose = f", {label}" if label else ""
        raise StorageError(messages.problem("print-another", place, label=whose))
    is_made = output == one.known.output != b""
    if one.known.content == "made" and not (is_made or one.moved):
        code = "print-meanwhile" if at != one.known.at else "print-unseen"
        raise StorageError(messages.problem(code, place))
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
        problem = messages.problem("letter-unreadable", place, error=os_reason(error))
        raise StorageError(problem) from error


def _meanwhile(place: Place) -> Problem:
    return messages.problem("print-meanwhile", place)
