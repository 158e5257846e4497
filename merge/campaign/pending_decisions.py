"""Decisions that staff must make, as plain values, with their choices.

Each says what happened, what can be chosen, and what each choice does. `find_pending_decisions`
creates them from one survey. `save_decisions` stores what was decided. A letter that will be
created again is the task of a run instead: its decision goes into the `LettersOrder`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from merge.advice import Choice
from merge.campaign.campaign import Campaign
from merge.campaign.letter_plan import LetterPlan
from merge.campaign.letters_order import LettersOrder
from merge.campaign.plan import LettersRunPlan, LettersSurvey
from merge.letter_status import StaffDecision
from merge.naming import hash_text
from merge.problems import Place, Problem
from merge.product import LETTERS_FOLDER
from merge.state.ledger import Ledger
from merge.state.ledger_records import DecisionRecord, LedgerChangeSet
from merge.state.letter_folder import ledger_to_write


@dataclass(frozen=True, slots=True)
class PendingDecision:
    """A decision that only staff can make.

    `about` is the ID of a letter, a person or a warning. `choices` say what each choice does.
    `version_token` identifies the version that is shown with it. Letters of one `print_file` are
    decided together: they are one question for staff.
    """

    code: str
    about: str
    place: Place
    what: str
    choices: Mapping[Choice, str]
    version_token: str
    print_file: str = ""

    @property
    def question_key(self) -> str:
        """A key that all letters of one print file have in common."""
        return self.print_file or self.about

    def decide(self, choice: Choice) -> StaffDecision:
        """Return a choice as a decision; raise ValueError if it is not offered."""
        if choice not in self.choices:
            raise ValueError(f"{choice} is not a choice here")
        return StaffDecision(choice, self.about, self.version_token)


_KEEP = (
    "Your letter is kept and now counts as up to date. You will be asked again if its data changes."
)
_NEW = (
    "The letter is created again from the current data. Your own changes are replaced;"
    " your old file is kept in letters/Old versions."
)
_PRINT = (
    "Your letter is kept and can be printed, but its status still says that its data has changed."
    " You will be asked again if the data changes again."
)
_KEEP_IN_PRINT_FILE = (
    "The letter stays as it is in the print file. You will be asked again if its data changes."
)
_NEW_AFTER_PRINT_FILE = (
    "The letter is created again from the current data, and printed again. The print file no longer"
    " counts for it."
)
_KEEP_RECREATED = "The file stays as it is, and this is not reported again."
_SAME = "The existing letters belong to this person."
_OTHER = "The existing letters are kept unchanged. New ones are created for this person."
_HIDE = "The warning is hidden until its data changes."


def find_pending_decisions(
    campaign: Campaign, plans: Iterable[LetterPlan], problems: Iterable[Problem]
) -> Iterator[PendingDecision]:
    """Yield pending decisions: about letters, then people, then warnings.

    Printed letters cause none until they are printed again, unless another version is on paper.
    """
    for planned in plans:
        conflict = None if planned.stages else letter_conflict(planned)
        if planned.stages and planned.is_recreated:
            conflict = _recreated_letter_conflict(planned)
        if conflict:
            yield conflict
    for identity_question in campaign.identity.questions:
        problem, key = identity_question.problem, identity_question.person_key
        choices: dict[Choice, str] = {"same": _SAME, "other": _OTHER}
        yield PendingDecision(
            code=problem.code,
            about=key,
            place=problem.place,
            what=problem.what,
            choices=choices,
            version_token=identity_question.version_token,
        )
    for problem in dict.fromkeys(campaign.without_ignored(problems)):
        if warning := campaign.warning_id(problem):
            yield PendingDecision(
                code=problem.code,
                about=warning,
                place=problem.place,
                what=problem.what,
                choices={"hide": _HIDE},
                version_token=warning,
            )


def letter_conflict(planned: LetterPlan) -> PendingDecision | None:
    """Return the conflict of a kept letter whose data has changed, or None.

    A printed letter can only be printed as it is, or kept.
    """
    differs = planned.step.changes or planned.is_recreated
    if not (differs and planned.file_path and planned.kinds) or planned.choice:
        return None
    if not planned.kinds - {"moved"}:
        return None
    changes = ", ".join(planned.step.changed_fields)
    data = f", and its data has changed since: {changes}" if changes else ""
    recreated = ", and another computer has created it again since" if planned.is_recreated else ""
    text = f"{_why_it_stays(planned)}{recreated}{data}."
    place = Place(f"{LETTERS_FOLDER}/{planned.record.path}")
    return PendingDecision(
        code="print-changed",
        about=planned.record.id,
        place=place,
        what=text,
        choices=_letter_choices(planned),
        version_token=planned.version_token,
        print_file=planned.print_file if "print file" in planned.kinds else "",
    )


def _recreated_letter_conflict(planned: LetterPlan) -> PendingDecision:
    """Return the decision about a letter of which another version is on paper."""
    return PendingDecision(
        code="paper-recreated",
        about=planned.record.id,
        place=Place(f"{LETTERS_FOLDER}/{planned.record.path}"),
        what="This letter is printed, but another computer has created it again since.",
        choices={"keep": _KEEP_RECREATED},
        version_token=planned.version_token,
    )


def _letter_choices(planned: LetterPlan) -> Mapping[Choice, str]:
    if planned.is_recreated and not planned.stages:
        return {"new": _NEW_AFTER_PRINT_FILE}
    if "print file" in planned.kinds:
        return {"new": _NEW_AFTER_PRINT_FILE, "keep": _KEEP_IN_PRINT_FILE}
    if planned.stages:
        return {"keep": _KEEP, "print": _PRINT}
    return {"keep": _KEEP, "new": _NEW, "print": _PRINT}


def _why_it_stays(planned: LetterPlan) -> str:
    if planned.stages:
        return "This letter is printed"
    print_file = f"is in print file {planned.print_file}, not marked as printed"
    if "print file" in planned.kinds:
        return f"This letter {print_file}"
    why = "was re-saved" if "resaved" in planned.kinds else "was edited"
    return f"This letter {why}{f', {print_file}' if planned.print_file else ''}"


def save_decisions(campaign: Campaign, decisions: Sequence[StaffDecision]) -> list[StaffDecision]:
    """Store decisions; return those that are stale and must be asked again.

    Decisions about people and warnings take effect when the campaign is read again.
    """
    with ledger_to_write(campaign.letters_folder) as ledger:
        changes = _letter_changes(campaign, ledger, decisions)
        changes.decisions += _people_records(campaign, decisions)
        stored = {(record.id, record.choice) for record in changes.decisions}
        stored |= {(letter_id, "keep") for letter_id in changes.accepted_letters}
        ignored = (decision.subject_id for decision in decisions if decision.choice == "hide")
        changes.decisions += (
            DecisionRecord(hash_text(decision), "hide", b"") for decision in ignored
        )
        ledger.commit(changes)
    other_decisions = (decision for decision in decisions if decision.choice != "hide")
    return [
        decision
        for decision in other_decisions
        if (decision.subject_id, decision.choice) not in stored
    ]


def withdraw_decisions(campaign: Campaign, letters: Iterable[str]) -> None:
    """Withdraw the decisions about letters with these IDs."""
    folder = campaign.letters_folder
    with ledger_to_write(folder) as ledger:
        ledger.commit(LedgerChangeSet(cleared_decisions=[*letters]))


def _letter_changes(
    campaign: Campaign, ledger: Ledger, decisions: Sequence[StaffDecision]
) -> LedgerChangeSet:
    """Return what the ledger stores of decisions about letters."""
    changes = LedgerChangeSet()
    letter_decisions = tuple(
        decision for decision in decisions if decision.choice in {"keep", "print"}
    )
    if not letter_decisions:
        return changes
    order = LettersOrder(campaign.letters_folder, decisions=letter_decisions)
    survey = LettersSurvey(LettersRunPlan(campaign, order), ledger)
    for planned, _ in survey.letters():
        changes.decisions += [planned.new_decision] if planned.new_decision else []
        changes.accepted_letters += [planned.record.id] if planned.accepts_file else []
    changes.texts |= survey.reconciler.inputs.field_values
    return changes


def _people_records(
    campaign: Campaign, decisions: Iterable[StaffDecision]
) -> Iterator[DecisionRecord]:
    open_questions = {
        (question.person_key, question.version_token) for question in campaign.identity.questions
    }
    for decision in decisions:
        if (
            decision.choice in {"same", "other"}
            and (decision.subject_id, decision.shown_version) in open_questions
        ):
            yield DecisionRecord(
                decision.subject_id, decision.choice, bytes.fromhex(decision.shown_version)
            )
