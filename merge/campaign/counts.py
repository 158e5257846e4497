"""Letters counted: by status, by stage, by signer and recipient, and what they wait for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache, partial

from merge.campaign.campaign_register import CampaignRegister
from merge.campaign.letter_plan import LetterPlan
from merge.letter_status import WRITTEN_STATES, LetterState
from merge.register.layouts import STAGES, counted_stages

NOT_PRINTED = "not printed"

PeopleSets = Sequence[AbstractSet[str]]
"""Sets of people's ids, of each of which a letter has somebody; none for all letters."""


@dataclass(slots=True)
class StageCounts:
    """One person's letters: how many, how many reached each stage, what they wait for."""

    letters: int = 0
    stages: Counter[str] = field(default_factory=Counter)
    pending: Counter[str] = field(default_factory=Counter)

    def add(self, reached: tuple[str, ...]) -> None:
        """Take in a letter that reached these stages."""
        self.letters += 1
        self.pending[pending_step(reached)] += 1
        for stage in reached:
            self.stages[stage] += 1


@cache
def pending_step(reached: tuple[str, ...]) -> str:
    """Return what a letter at these stages waits for: `printed, not signed`; empty for nothing."""
    last = max((STAGES.index(stage) for stage in reached), default=-1)
    if last == len(STAGES) - 1:
        return ""
    follows = STAGES[last + 1].lower()
    return f"{STAGES[last].lower()}, not {follows}" if last >= 0 else NOT_PRINTED


@dataclass(slots=True)
class LetterCounts:
    """The letters counted. People are by label."""

    states: Counter[LetterState] = field(default_factory=Counter)
    state_labels: Counter[str] = field(default_factory=Counter)
    """The same in words, those apart whose data changed."""
    total: StageCounts = field(default_factory=StageCounts)
    signers: dict[str, StageCounts] = field(default_factory=partial(defaultdict, StageCounts))
    recipients: dict[str, StageCounts] = field(default_factory=partial(defaultdict, StageCounts))
    in_batches: int = 0
    """Letters that are in a print file as they are now, and not marked as printed or more."""
    edited: int = 0
    """Letters that were edited by hand, printed or not."""
    former_people: StageCounts = field(default_factory=StageCounts)
    """The letters of people who are no longer in the workbook; of those taken out the stages."""

    def add(self, signer: str, recipient: str, reached: tuple[str, ...]) -> None:
        """Take in a letter of a signer's to a recipient that reached these stages."""
        self.total.add(reached)
        self.signers[signer].add(reached)
        self.recipients[recipient].add(reached)

    def add_former_people(
        self, register: CampaignRegister, current: AbstractSet[int], of: PeopleSets
    ) -> None:
        """Take in what the register says of letters that are not among the current ones."""
        for reached in register.former_people_stages(current, of):
            self.former_people.add(counted_stages(reached))
        if not of:
            self.former_people.stages.update(register.deleted_people_stages())

    @property
    def not_counted_note(self) -> str:
        """The sentence that says how many letters of former people are not counted."""
        gone = self.former_people.stages
        if not gone:
            return ""
        stages = ", ".join(f"{gone[s]:,} {s.lower()}" for s in STAGES if gone[s])
        people = "people who are no longer in the workbook or whose data was deleted"
        return f"Not counted: letters of {people} ({stages})."

    @property
    def to_write(self) -> int:
        """Letters that a run would write."""
        return sum(self.states[state] for state in WRITTEN_STATES)

    @property
    def unposted(self) -> Mapping[str, int]:
        """How many letters are not posted yet, by what they wait for."""
        waits = [pending_step(STAGES[:reached]) for reached in range(STAGES.index("Posted") + 1)]
        return {wait: self.total.pending[wait] for wait in waits if self.total.pending[wait]}


def count_letters(letters: Iterable[LetterPlan]) -> LetterCounts:
    """Return the counts of letters that were planned."""
    counts = LetterCounts()
    for planned in letters:
        step, pair = planned.step, planned.step.letter.pair
        counts.states[step.state] += 1
        counts.state_labels[step.label] += 1
        counts.edited += "edited" in planned.kinds
        people = str(pair.signer.label), str(pair.recipient.label)
        counts.add(*people, counted_stages(planned.stages))
    return counts
