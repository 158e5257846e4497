"""The state of a campaign: letters by state and by stage, for each signer and each recipient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from merge.campaign.campaign import LETTERS_FOLDER, Campaign, LettersOrder
from merge.campaign.plan import Plan, finished_letter
from merge.campaign.printed import changed_since, in_no_batch
from merge.campaign.register import state_text
from merge.model import FinishedLetter, Problem, Step
from merge.register.model import SENT, STAGES
from merge.state.ledger import Ledger

NOT_PRINTED = "not printed"


@dataclass(slots=True)
class StageCounts:
    """One person's letters: how many, how many reached each stage, what they wait for."""

    letters: int = 0
    stages: Counter[str] = field(default_factory=Counter)
    waits: Counter[str] = field(default_factory=Counter)

    def add(self, reached: Sequence[str]) -> None:
        """Take in a letter that reached these stages."""
        self.letters += 1
        self.stages.update(reached)
        self.waits[waits_for(reached)] += 1


@dataclass(slots=True)
class Status:
    """The letters counted. Keys are what people read; people are by label."""

    states: Counter[str] = field(default_factory=Counter)
    whole: StageCounts = field(default_factory=StageCounts)
    signers: dict[str, StageCounts] = field(default_factory=dict)
    recipients: dict[str, StageCounts] = field(default_factory=dict)
    print_again: list[str] = field(default_factory=list)
    """Paths of letters that changed after they were put into a batch, and are not posted yet."""
    on_paper_changed: list[str] = field(default_factory=list)
    """Paths of letters on paper, what they are made from having changed since."""
    in_batches: int = 0
    """Letters that were put into a batch and are not marked as printed or more."""
    problems: list[Problem] = field(default_factory=list)

    def add(self, step: Step, reached: Sequence[str]) -> None:
        """Take in a letter."""
        self.states[state_text(step, done=False) or _OTHER[step.state]] += 1
        if step.state == "on-paper" and step.data_changed:
            self.on_paper_changed.append(f"{LETTERS_FOLDER}/{step.letter.path}")
        pair = step.letter.pair
        signer = self.signers.setdefault(pair.signer.label, StageCounts())
        recipient = self.recipients.setdefault(pair.recipient.label, StageCounts())
        for pile in (self.whole, signer, recipient):
            pile.add(reached)


_OTHER = {"in-use": "open in a program", "faulty": "with an error"}


def waits_for(reached: Sequence[str]) -> str:
    """Return what a letter at these stages waits for: `printed, not signed`; empty for nothing."""
    last = max((STAGES.index(stage) for stage in reached), default=-1)
    if last == len(STAGES) - 1:
        return ""
    follows = STAGES[last + 1].lower()
    return f"{STAGES[last].lower()}, not {follows}" if last >= 0 else NOT_PRINTED


def status_of(campaign: Campaign, names: Sequence[str] = ()) -> Status:
    """Count the letters that are asked for; nothing is changed."""
    plan = Plan(campaign, LettersOrder(campaign.folder / LETTERS_FOLDER, tuple(names)))
    status, here, unmarked = Status(), list[FinishedLetter](), list[FinishedLetter]()
    with plan.survey() as survey:
        for planned in survey.chosen():
            step = planned.step
            status.add(step, [stage for stage in STAGES if stage in planned.stages])
            if planned.place and not SENT & planned.stages.keys():
                here.append(finished_letter(planned))
                unmarked += [] if planned.stages else here[-1:]
        _add_batch_counts(campaign, status, survey.ledger, here, unmarked)
        doubts = survey.register.register.problems if survey.register else ()
        status.problems = [*campaign.relevant_problems(names), *survey.problems, *doubts]
    return status


def _add_batch_counts(
    campaign: Campaign,
    status: Status,
    ledger: Ledger,
    here: Sequence[FinishedLetter],
    unmarked: Sequence[FinishedLetter],
) -> None:
    """Take in what is known of batches."""
    folder = campaign.folder / LETTERS_FOLDER
    if ledger.any_printed():
        paths = (letter.path.relative_to(folder) for letter in changed_since(ledger, here))
        status.print_again = [f"{LETTERS_FOLDER}/{path.as_posix()}" for path in paths]
        status.in_batches = len(unmarked) - len(in_no_batch(ledger, unmarked))
