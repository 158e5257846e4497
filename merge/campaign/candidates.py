"""Letters that are ready to print, and the reasons why others are not.

Minutes may pass between the survey, counting pages and binding. So each letter that will be printed
is read once and its bytes are recorded (`verify_files`). Later, `read_verified` returns the same
bytes or raises a problem.
"""

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
from merge.disk import FileState, file_state, os_error_text, read_campaign_file, short_path
from merge.errors import StorageError
from merge.letter_status import PrintableLetter
from merge.messages.printing import MARK_PRINTED
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
    """Fingerprint of a letter's file when it was verified.

    `file_state` is the state of the file, `digest` a hash of its bytes. `output` is a hash of its
    contents, however they are zipped; empty if the file is not a .docx. `place` names the letter in
    messages.
    """

    place: Place
    file_state: FileState
    digest: bytes
    output: bytes


class PrintCandidate(NamedTuple):
    """The letter of a pair, which may be printed.

    `letter` is its file, or None if there is none that can be used. `problems` say why it must not
    be printed as it is, and `reason` says it in a few words. `stages` are those in the register,
    `record` is what the ledger and the survey know. `is_moved` means that the file is not in its
    original place. `fingerprint` is None before the file is verified. `new_decision` is stored once
    the letter is in a print file.
    """

    id: str
    pair: Pair
    letter: PrintableLetter | None
    problems: tuple[Problem, ...]
    reason: str
    stages: AbstractSet[str]
    record: LetterRecord
    is_moved: bool = False
    fingerprint: FileFingerprint | None = None
    new_decision: DecisionRecord | None = None

    @property
    def is_printed(self) -> bool:
        """Whether staff marked the letter as printed, or a later stage."""
        return bool(self.stages)


@dataclass(frozen=True)
class PrintCandidates:
    """All letters selected for printing, in the order of the workbook.

    `problems` are what the survey found besides the letters.
    """

    candidates: tuple[PrintCandidate, ...]
    problems: tuple[Problem, ...]

    def with_updates(self, verified: Iterable[PrintCandidate]) -> PrintCandidates:
        """Return the candidates, with the verified ones in their places."""
        verified_by_id = {candidate.id: candidate for candidate in verified}
        return replace(
            self,
            candidates=tuple(
                verified_by_id.get(candidate.id, candidate) for candidate in self.candidates
            ),
        )

    def not_yet_at(self, stage: str) -> list[PrintCandidate]:
        """Return the candidates that reached neither a stage nor a later stage."""
        later_stages = {*STAGES[STAGES.index(stage) :]}
        return [candidate for candidate in self.candidates if not later_stages & candidate.stages]


def find_candidates(
    letters: Iterable[LetterPlan], blocked: Mapping[str, Problem], *, open_files: bool
) -> Iterator[PrintCandidate]:
    """Yield a printable file for each letter, or why the letter has none.

    `blocked` has errors by letter ID. If `open_files` is false, the integrity of edited letters is
    not checked: what the survey found counts.
    """
    for planned in letters:
        yield _make_candidate(planned, blocked, open_files)


def _kind(planned: LetterPlan) -> str:
    """Return the word that selects all letters kept for the same reason."""
    if "moved" in planned.kinds:
        return "moved"
    return "all" if planned.kinds == {"on paper"} else "edited"


def _make_candidate(
    planned: LetterPlan,
    stopped: Mapping[str, Problem],
    open_files: bool,  # noqa: FBT001 - from `find_candidates`
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
    """Yield why a letter must not be printed, and how to resolve the problem."""
    on_paper, step = bool(planned.stages), planned.file_step
    path = planned.record.path if planned.record.content else step.letter.path
    place = Place(f"{LETTERS_FOLDER}/{path}")
    changed = step.changes and planned.choice != "print"
    if unreadable := _unreadable_problem(planned, open_files, place):
        yield unreadable
        return
    for copy in planned.duplicates:
        key = f"print-two-files{planned.copy_variant(copy)}"
        yield messages.problem(key, place, copy=f"{LETTERS_FOLDER}/{copy}")
    if step.state in _REFUSED_STATES and not (on_paper and step.state == "rewritten"):
        is_lost = on_paper and step.state == "new"
        key = "print-missing/printed" if is_lost else _REFUSED_STATES[step.state]
        yield messages.problem(key, place)
    elif len(planned.other_paths) > 1 and step.state == "moved":
        files = tuple(f"{LETTERS_FOLDER}/{path}" for path in planned.other_paths)
        yield messages.problem("print-two-files/moved", place, files=files)
    elif (changed and (on_paper or step.state != "rewritten")) or (
        step.state == "in-print-file" and planned.choice != "print"
    ):
        yield _changed_problem(planned, place)


def _changed_problem(planned: LetterPlan, place: Place) -> Problem:
    """Return the problem that a kept letter's data has changed."""
    changed = planned.step.changed_fields
    in_batch: dict[str, FieldValue] = {"batch": planned.print_file, "mark": MARK_PRINTED}
    if "print file" in planned.kinds:
        if planned.is_recreated:
            return messages.problem("in-print-file/recreated", place, **in_batch)
        return messages.problem("in-print-file", place, changed=changed, **in_batch)
    signer = planned.step.letter.pair.signer
    name = str((signer.has_namesake and signer.id) or signer.name)
    accept, accept_all = DecisionRemedy("print", name), DecisionRemedy("print", _kind(planned))
    fields: dict[str, FieldValue] = {"changed": changed, "accept": accept}
    if planned.stages:
        return messages.problem("print-changed/printed", place, **fields, accept_all=accept_all)
    fields["why"] = "re-saved" if planned.record.content == "resaved" else "edited"
    fields["new"] = DecisionRemedy("new", name)
    if planned.print_file:
        return messages.problem("in-print-file/edited", place, **fields, **in_batch)
    return messages.problem("print-changed", place, **fields, accept_all=accept_all)


def _unreadable_problem(
    planned: LetterPlan,
    open_files: bool,  # noqa: FBT001 - from `find_candidates`
    place: Place,
) -> Problem | None:
    """Return why an edited letter's file cannot be printed, or None if it can.

    A file that the survey found damaged is opened to say how it is damaged.
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
        return None  # just deleted: `verify_files` reports it
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


# The bytes of letters: verified before pages are counted, and the same ones when they are bound.


def verify_files(
    candidates: Iterable[PrintCandidate], campaign: Campaign, *, dry_run: bool = False
) -> Iterator[PrintCandidate]:
    """Yield candidates with fingerprints of their files, or with problems.

    Candidates without a file, or with problems, are yielded unchanged. A `dry_run` does not open
    files that the survey found unchanged: their fingerprints have no `digest`.
    """
    folder = campaign.letters_folder
    for candidate in candidates:
        if candidate.letter is None or candidate.problems:
            yield candidate
            continue
        place = Place(f"{LETTERS_FOLDER}/{candidate.letter.path.relative_to(folder).as_posix()}")
        try:
            state, record = file_state(str(candidate.letter.path)), candidate.record
            if dry_run and state and record.content == "made" and state == record.file_state:
                unopened = FileFingerprint(place, state, b"", record.output)
                yield candidate._replace(fingerprint=unopened)
            else:
                yield _verify_file(candidate, candidate.letter, place, campaign)
        except StorageError as error:
            yield candidate._replace(
                problems=error.problems, reason=error.problems[0].what.rstrip(".")
            )


def _verify_file(
    candidate: PrintCandidate, letter: PrintableLetter, place: Place, campaign: Campaign
) -> PrintCandidate:
    """Return a candidate with the fingerprint of its letter's file.

    Raise StorageError if the file is not the one that the survey found.
    """
    at = file_state(str(letter.path))
    data = _read_letter(letter, place)
    if at is None or at != file_state(str(letter.path)):
        raise StorageError(_changed_meanwhile_problem(place))
    stamp, output = read_stamp(data), output_hash(data)
    if stamp and stamp.id != candidate.id:
        label = campaign.letter_labels.get(stamp.id)
        of_letter = f", {label}" if label else ""
        raise StorageError(messages.problem("print-another", place, label=of_letter))
    is_unedited = output == candidate.record.output != b""
    if candidate.record.content == "made" and not (is_unedited or candidate.is_moved):
        code = "print-meanwhile" if at != candidate.record.file_state else "print-unseen"
        raise StorageError(messages.problem(code, place))
    fingerprint = FileFingerprint(place, at, hashlib.sha256(data).digest(), output)
    is_unedited |= letter.is_unmodified and candidate.record.content == "older"
    return candidate._replace(
        letter=replace(letter, is_unmodified=is_unedited), fingerprint=fingerprint
    )


def read_verified(letter: PrintableLetter, fingerprint: FileFingerprint | None) -> bytes:
    """Return the bytes of a letter, if its fingerprint is still as verified.

    Without a digest, return the file's present bytes. Raise StorageError if the file is
    missing or has changed since.
    """
    data = _read_letter(
        letter, fingerprint.place if fingerprint else Place(short_path(letter.path))
    )
    digest = fingerprint.digest if fingerprint else b""
    if fingerprint and digest and hashlib.sha256(data).digest() != digest:
        raise StorageError(_changed_meanwhile_problem(fingerprint.place))
    return data


def _read_letter(letter: PrintableLetter, place: Place) -> bytes:
    try:
        return read_campaign_file(letter.path)
    except FileNotFoundError:
        raise StorageError(_changed_meanwhile_problem(place)) from None
    except OSError as error:
        problem = messages.problem("letter-unreadable", place, error=os_error_text(error))
        raise StorageError(problem) from error


def _changed_meanwhile_problem(place: Place) -> Problem:
    return messages.problem("print-meanwhile", place)
