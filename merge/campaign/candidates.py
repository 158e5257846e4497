"""The letters that are ready for paper, and what stands in the way of the others, read from a view.

Survey, counting and binding lie minutes apart. So the bytes of each letter that is to be printed
are looked at once (`look_at`), and whoever reads them later (`read_verified`) gets those or a problem.
"""  # noqa: E501

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from merge import messages
from merge.advice import DecisionRemedy
from merge.campaign.campaign import Campaign
from merge.campaign.letter_plan import LetterPlan, finished_letter
from merge.campaign.overview import CampaignOverview
from merge.disk import FileState, file_state, os_error_text, read_campaign_file, short_path
from merge.errors import StorageError
from merge.letter_status import FinishedLetter
from merge.messages.wording import FieldValue
from merge.ooxml.stamps import read_stamp
from merge.people import Pair
from merge.problems import Place, Problem
from merge.product import LETTERS_FOLDER
from merge.proofreading.text import unreadable_reason
from merge.register.layouts import STAGES
from merge.state.ledger_records import DecisionRecord, LetterRecord
from merge.template.fingerprint import output_hash


class FileFingerprint(NamedTuple):
    """A letter's bytes when they were looked at.

    `at` is the state of its file, `digest` a hash of the bytes, `output` one of what is in them,
    however it is zipped; empty where they are no .docx. `place` is the letter's in messages.
    """

    place: Place
    file_state: FileState
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
    record: LetterRecord
    is_moved: bool = False
    fingerprint: FileFingerprint | None = None
    new_decision: DecisionRecord | None = None

    @property
    def is_printed(self) -> bool:
        """Whether staff wrote down that it was printed, signed, posted or answered."""
        return bool(self.stages)


@dataclass(frozen=True)
class PrintCandidates:
    """Every letter that was asked for, in the order of the workbook.

    `problems` are what the survey found beside the letters.
    """

    candidates: tuple[PrintCandidate, ...]
    problems: tuple[Problem, ...]

    def with_updates(self, looked_at: Iterable[PrintCandidate]) -> PrintCandidates:
        """Return the same with some that were looked at."""
        new = {one.id: one for one in looked_at}
        return replace(self, candidates=tuple(new.get(one.id, one) for one in self.candidates))

    def not_yet_at(self, stage: str) -> list[PrintCandidate]:
        """Return those that reached neither the stage nor a later one."""
        after = {*STAGES[STAGES.index(stage) :]}
        return [one for one in self.candidates if not after & one.stages]


def find_candidates(view: CampaignOverview, *, open_files: bool = True) -> PrintCandidates:
    """Find exactly one file for every letter of a view, or why there is none.

    Not `open_files`: of edited ones it counts what the survey found. Raise what kept the letters
    from being looked at.
    """
    if view.survey_error:
        raise view.survey_error
    found = (_make_candidate(planned, view.blocked_letters, open_files) for planned in view.letters)
    return PrintCandidates(tuple(found), view.survey_problems)


def _kind(planned: LetterPlan) -> str:
    """Return the word for all letters that are kept as this one is."""
    if "moved" in planned.kinds:
        return "moved"
    return "all" if planned.kinds == {"on paper"} else "edited"


def _make_candidate(
    planned: LetterPlan,
    stopped: Mapping[str, Problem],
    open_files: bool,  # noqa: FBT001 - as `find_candidates` has it
) -> PrintCandidate:
    error = stopped.get(planned.record.id)
    problems = (error,) if error else tuple(_problems(planned, open_files))
    letter = finished_letter(planned) if planned.file_path else None
    reason = "; ".join(problem.what.rstrip(".") for problem in problems)
    stages = planned.stages.keys()
    return PrintCandidate(
        id=planned.record.id,
        pair=planned.step.letter.pair,
        letter=letter,
        problems=problems,
        reason=reason,
        stages=stages,
        record=planned.record,
        is_moved=planned.file_step.state == "moved",
        new_decision=planned.new_decision,
    )


def _problems(planned: LetterPlan, open_files: bool) -> Iterator[Problem]:  # noqa: FBT001
    """Yield why a letter must not be printed, each with how to settle it."""
    on_paper, step = bool(planned.stages), planned.file_step
    path = planned.record.path if planned.record.content else step.letter.path
    place = Place(f"{LETTERS_FOLDER}/{path}")
    changed = planned.changed_data and planned.choice != "print"
    if unreadable := _unreadable_problem(planned, open_files, place):
        yield unreadable
        return
    for copy in planned.duplicates:
        yield messages.problem("print-two-files", place, copy=f"{LETTERS_FOLDER}/{copy}")
    if step.state in _REFUSED_STATES and not (on_paper and step.state == "rewritten"):
        is_lost = on_paper and step.state == "new"
        key = "print-missing/printed" if is_lost else _REFUSED_STATES[step.state]
        yield messages.problem(key, place)
    elif len(planned.other_paths) > 1 and step.state == "moved":
        files = tuple(f"{LETTERS_FOLDER}/{path}" for path in planned.other_paths)
        yield messages.problem("print-two-files/moved", place, files=files)
    elif changed and (on_paper or step.state != "rewritten"):
        yield _changed_problem(planned, place)


def _changed_problem(planned: LetterPlan, place: Place) -> Problem:
    """Return the problem of a letter that is kept although its data has changed."""
    signer = planned.step.letter.pair.signer
    name = str((signer.has_namesake and signer.id) or signer.name)
    fields: dict[str, FieldValue] = {
        "changed": tuple(planned.changed_data),
        "accept": DecisionRemedy("print", name),
        "accept_all": DecisionRemedy("print", _kind(planned)),
    }
    if planned.stages:
        return messages.problem("print-changed/printed", place, **fields)
    why = "re-saved" if planned.record.content == "resaved" else "edited"
    return messages.problem(
        "print-changed", place, why=why, new=DecisionRemedy("new", name), **fields
    )


def _unreadable_problem(
    planned: LetterPlan,
    open_files: bool,  # noqa: FBT001 - as above
    place: Place,
) -> Problem | None:
    """Return why a file that the program did not make cannot be printed; None if it can.

    What the survey found damaged is opened to say how.
    """
    path, content = Path(planned.file_path), planned.record.content
    if not planned.file_path or content in {"made", "older", "shut"}:
        return None
    if not (open_files or content == "damaged"):
        return None
    try:
        why = unreadable_reason(read_campaign_file(path), path.name)
    except StorageError as error:
        return replace(error.problems[0], code="print-unreadable", place=place)
    except FileNotFoundError:
        return None  # it has just gone: `look_at` reports it
    except OSError as error:
        return messages.problem("print-unreadable/error", place, error=os_error_text(error))
    return messages.problem(f"print-unreadable{why}", place) if why is not None else None


_REFUSED_STATES = {
    "new": "print-missing",
    "rewritten": "print-outdated",
    "foreign": "print-foreign",
    "in-use": "print-open",
}
"""States of letters that cannot be printed, with the code of the problem."""


# The bytes of letters: looked at before they are counted, and the same ones when they are bound.


def verify_files(
    candidates: Iterable[PrintCandidate], campaign: Campaign
) -> Iterator[PrintCandidate]:
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
            yield _verify_file(one, one.letter, place, campaign)
        except StorageError as error:
            yield one._replace(problems=error.problems, reason=error.problems[0].what.rstrip("."))


def _verify_file(
    one: PrintCandidate, letter: FinishedLetter, place: Place, campaign: Campaign
) -> PrintCandidate:
    """Return it with its look. Raise StorageError where the file is not what the survey found."""
    at = file_state(str(letter.path))
    data = _read_letter(letter, place)
    if at is None or at != file_state(str(letter.path)):
        raise StorageError(_changed_meanwhile_problem(place))
    stamp, output = read_stamp(data), output_hash(data)
    if stamp and stamp.id != one.id:
        label = campaign.letter_labels.get(stamp.id)
        whose = f", {label}" if label else ""
        raise StorageError(messages.problem("print-another", place, label=whose))
    is_made = output == one.record.output != b""
    if one.record.content == "made" and not (is_made or one.is_moved):
        code = "print-meanwhile" if at != one.record.file_state else "print-unseen"
        raise StorageError(messages.problem(code, place))
    look = FileFingerprint(place, at, hashlib.sha256(data).digest(), output)
    is_made |= letter.is_unmodified and one.record.content == "older"
    return one._replace(letter=replace(letter, is_unmodified=is_made), fingerprint=look)


def read_verified(letter: FinishedLetter, look: FileFingerprint | None) -> bytes:
    """Return the bytes of a letter that were looked at; what lies there where nobody looked.

    Raise StorageError where it is not there any more, or another file is.
    """
    data = _read_letter(letter, look.place if look else Place(short_path(letter.path)))
    if look and hashlib.sha256(data).digest() != look.digest:
        raise StorageError(_changed_meanwhile_problem(look.place))
    return data


def _read_letter(letter: FinishedLetter, place: Place) -> bytes:
    try:
        return read_campaign_file(letter.path)
    except FileNotFoundError:
        raise StorageError(_changed_meanwhile_problem(place)) from None
    except OSError as error:
        problem = messages.problem("letter-unreadable", place, error=os_error_text(error))
        raise StorageError(problem) from error


def _changed_meanwhile_problem(place: Place) -> Problem:
    return messages.problem("print-meanwhile", place)
