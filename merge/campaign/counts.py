"""Letters counted by status, stage and person, and by the pending step."""

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
"""Sets of people's IDs: a letter has someone of each set.

No sets mean all letters.
"""


@dataclass(slots=True)
class StageCounts:
    """Counts of letters: how many, at which stages, with which pending step.

    They are one person's letters, or all letters.
    """

    letters: int = 0
    stages: Counter[str] = field(default_factory=Counter)
    pending: Counter[str] = field(default_factory=Counter)

    def add(self, reached: tuple[str, ...]) -> None:
        """Count a letter that has reached some of the stages."""
        self.letters += 1
        self.pending[pending_step(reached)] += 1
        for stage in reached:
            self.stages[stage] += 1


@cache
def pending_step(reached: tuple[str, ...]) -> str:
    """Return the next step of a letter that has reached these stages.

    It is for example `printed, not signed`; empty if no step is pending.
    """
    last = max((STAGES.index(stage) for stage in reached), default=-1)
    if last == len(STAGES) - 1:
        return ""
    next_stage = STAGES[last + 1].lower()
    return f"{STAGES[last].lower()}, not {next_stage}" if last >= 0 else NOT_PRINTED


@dataclass(slots=True)
class LetterCounts:
    """Counts of letters. People are identified by label."""

    states: Counter[LetterState] = field(default_factory=Counter)
    state_labels: Counter[str] = field(default_factory=Counter)
    """The number of letters by status label; changed data has its own labels."""
    total: StageCounts = field(default_factory=StageCounts)
    signers: dict[str, StageCounts] = field(default_factory=partial(defaultdict, StageCounts))
    recipients: dict[str, StageCounts] = field(default_factory=partial(defaultdict, StageCounts))
    in_batch_ids: AbstractSet[str] = frozenset()
    """IDs of letters at no stage that are unchanged in a print file."""
    edited: int = 0
    """Letters that were edited, printed or not."""
    former_people: StageCounts = field(default_factory=StageCounts)
    """Letters of people who are no longer in the workbook.

    Of people whose data was deleted, only the stages are counted.
    """

    def add(self, signer: str, recipient: str, reached: tuple[str, ...]) -> None:
        """Count a signer's letter to a recipient at its stages."""
        self.total.add(reached)
        self.signers[signer].add(reached)
        self.recipients[recipient].add(reached)

    def add_former_people(
        self, register: CampaignRegister, current: AbstractSet[int], of: PeopleSets
    ) -> None:
        """Count the register's letters that are not among the current letters."""
        for reached in register.former_people_stages(current, of):
            self.former_people.add(counted_stages(reached))
        if not of:
            self.former_people.stages.update(register.deleted_people_stages())

    @property
    def not_counted_note(self) -> str:
        """A sentence about the letters of former people, which are not counted."""
        former_counts = self.former_people.stages
        if not former_counts:
            return ""
        stages = ", ".join(f"{former_counts[s]:,} {s.lower()}" for s in STAGES if former_counts[s])
        people = "people who are no longer in the workbook or whose data was deleted"
        return f"Not counted: letters of {people} ({stages})."

    @property
    def in_batches(self) -> int:
        """Number of letters at no stage that are unchanged in a print file."""
        return len(self.in_batch_ids)

    @property
    def to_write(self) -> int:
        """Number of letters that a run would write."""
        return sum(self.states[state] for state in WRITTEN_STATES)

    @property
    def unposted(self) -> Mapping[str, int]:
        """Number of letters that are not posted yet, by pending step."""
        steps = [pending_step(STAGES[:reached]) for reached in range(STAGES.index("Posted") + 1)]
        return {step: self.total.pending[step] for step in steps if self.total.pending[step]}


def count_letters(letters: Iterable[LetterPlan]) -> LetterCounts:
    """Return the counts of planned letters."""
    counts = LetterCounts()
    for planned in letters:
        step, pair = planned.step, planned.step.letter.pair
        counts.states[step.state] += 1
        counts.state_labels[step.label] += 1
        counts.edited += "edited" in planned.kinds
        people = str(pair.signer.label), str(pair.recipient.label)
        counts.add(*people, counted_stages(planned.stages))
    return counts
