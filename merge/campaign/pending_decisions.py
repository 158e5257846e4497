"""What staff have to settle, as values: what happened, what can be chosen, what each choice does.

`questions` makes them from one survey. `settle` remembers what was decided; a letter that is to be
made anew is for a run instead: its decision goes into the `LettersOrder`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from merge.advice import Choice
from merge.campaign.campaign import Campaign
from merge.campaign.letter_plan import LetterPlan
from merge.campaign.letters_order import LettersOrder
from merge.campaign.plan import Plan, Survey
from merge.letter_status import Decision
from merge.problems import Place, Problem
from merge.product import LETTERS_FOLDER
from merge.state.ledger import Ledger
from merge.state.ledger_records import ChangeSet, DecisionRecord
from merge.state.letter_folder import ledger_to_write


@dataclass(frozen=True, slots=True)
class PendingDecision:
    """Something that only staff can settle.

    `about` is the id of a letter, a person or a warning; `choices` say what each does; `seen`
    stands for what is shown with it.
    """

    code: str
    about: str
    place: Place
    what: str
    choices: Mapping[Choice, str]
    version_token: str

    def decide(self, choice: Choice) -> Decision:
        """Return the choice as a decision. ValueError where it is none of these."""
        if choice not in self.choices:
            raise ValueError(f"{choice} is no choice here")
        return Decision(choice, self.about, self.version_token)


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
_SAME = "The existing letters belong to this person."
_OTHER = "The existing letters are kept unchanged. New ones are created for this person."
_HIDE = "The warning is hidden until its data changes."


def find_pending_decisions(
    campaign: Campaign, plans: Iterable[LetterPlan], problems: Iterable[Problem]
) -> Iterator[PendingDecision]:
    """Yield what is to be settled: letters, then people, then warnings.

    Of letters on paper nothing is asked before they are to be printed once more.
    """
    for planned in plans:
        question = None if planned.stages else letter_conflict(planned)
        if question:
            yield question
    for asked in campaign.identity.questions:
        problem, key = asked.problem, asked.person_key
        choices: dict[Choice, str] = {"same": _SAME, "other": _OTHER}
        yield PendingDecision(
            code=problem.code,
            about=key,
            place=problem.place,
            what=problem.what,
            choices=choices,
            version_token=asked.version_token,
        )
    for problem in dict.fromkeys(campaign.without_ignored(problems)):
        if own := campaign.warning_id(problem):
            yield PendingDecision(
                code=problem.code,
                about=own,
                place=problem.place,
                what=problem.what,
                choices={"hide": _HIDE},
                version_token=own,
            )


def letter_conflict(planned: LetterPlan) -> PendingDecision | None:
    """Return what is to be settled of a letter that stays though its data changed; None if nothing.

    One that is on paper can only be printed as it is, or left.
    """
    if not (planned.changed_data and planned.file_path and planned.kinds) or planned.choice:
        return None
    if not planned.kinds - {"moved"}:
        return None
    choices: dict[Choice, str] = {"keep": _KEEP, "print": _PRINT}
    if not planned.stages:
        choices = {"keep": _KEEP, "new": _NEW, "print": _PRINT}
    what = f"{_why_it_stays(planned)}, and its data has changed since: {', '.join(planned.changed_data)}."  # noqa: E501
    place = Place(f"{LETTERS_FOLDER}/{planned.record.path}")
    return PendingDecision(
        code="print-changed",
        about=planned.record.id,
        place=place,
        what=what,
        choices=choices,
        version_token=planned.version_token,
    )


def _why_it_stays(planned: LetterPlan) -> str:
    if planned.stages:
        return "This letter is printed"
    is_resaved = "resaved" in planned.kinds
    return "This letter was re-saved" if is_resaved else "This letter was edited"


def save_decisions(campaign: Campaign, decisions: Sequence[Decision]) -> list[Decision]:
    """Remember what was decided; return the decisions that hold no more: these are asked anew.

    What is decided of people and warnings counts when the campaign is read again.
    """
    folder = campaign.letters_folder
    with ledger_to_write(folder) as ledger:
        records = [
            *_letter_records(campaign, ledger, decisions),
            *_people_records(campaign, decisions),
        ]
        held = {(record.id, record.choice) for record in records}
        right = (one.subject_id for one in decisions if one.choice == "hide")
        records += (DecisionRecord(ledger.salt.hash_text(one), "hide", b"") for one in right)
        ledger.commit(ChangeSet(decisions=records))
    others = (one for one in decisions if one.choice != "hide")
    return [one for one in others if (one.subject_id, one.choice) not in held]


def withdraw_decisions(campaign: Campaign, letters: Iterable[str]) -> None:
    """Let what was decided of letters, by their ids, be asked once more."""
    folder = campaign.letters_folder
    with ledger_to_write(folder) as ledger:
        ledger.commit(ChangeSet(cleared_decisions=[*letters]))


def _letter_records(
    campaign: Campaign, ledger: Ledger, decisions: Sequence[Decision]
) -> Iterator[DecisionRecord]:
    asked = tuple(one for one in decisions if one.choice in {"keep", "print"})
    if not asked:
        return
    order = LettersOrder(campaign.letters_folder, decisions=asked)
    survey = Survey(Plan(campaign, order), ledger)
    for planned, _ in survey.letters():
        if record := planned.new_decision:
            yield record
    ledger.commit(ChangeSet(field_digests=survey.reconciler.inputs.field_hashes))


def _people_records(campaign: Campaign, decisions: Iterable[Decision]) -> Iterator[DecisionRecord]:
    people = {(asked.person_key, asked.version_token) for asked in campaign.identity.questions}
    for one in decisions:
        if one.choice in {"same", "other"} and (one.subject_id, one.shown_version) in people:
            yield DecisionRecord(one.subject_id, one.choice, bytes.fromhex(one.shown_version))
