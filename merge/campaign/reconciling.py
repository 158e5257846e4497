"""Plans letter after letter: ledger, file and data of each, and what somebody chose for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import PurePosixPath
from typing import NamedTuple

from merge.advice import Choice
from merge.affected_letters import ErrorIndex
from merge.campaign.campaign import Campaign
from merge.campaign.letter_files import LetterFiles
from merge.campaign.letter_paths import LetterPaths
from merge.campaign.letter_plan import (
    EDIT_KINDS,
    NO_STAGES,
    LetterPlan,
    letter_kinds,
    make_version_token,
)
from merge.campaign.letter_rules import LetterFacts, choose_step
from merge.campaign.letters_order import KeptKind, LettersOrder, select_letters
from merge.letter_status import FileContent, Letter, Step
from merge.people import Pair
from merge.register.entries import StageValue
from merge.state.inventory import Inventory
from merge.state.ledger import Ledger
from merge.state.ledger_records import NAMED_BY_HAND, DecisionRecord, LetterRecord
from merge.template.input_digests import InputDigests, find_changed_inputs

_KEPT_IF_DATA_CHANGES: frozenset[KeptKind] = frozenset({"edited", "resaved", "on paper"})
"""Letters that stay as they are when their data changes."""


class OrderChoices:
    """What somebody chose for letters in an order: by words, or of each as it was shown.

    `outdated` are the paths of letters that have changed since they were shown.
    """

    def __init__(self, campaign: Campaign, order: LettersOrder) -> None:
        words: tuple[tuple[Choice, tuple[str, ...]], ...] = (
            ("new", order.replace),
            ("keep", order.keep),
            ("print", order.accept),
        )
        self._selected = [(c, select_letters(campaign, asked, c)) for c, asked in words if asked]
        self._single = {one.subject_id: one for one in order.decisions}
        self.has_any = bool(self._selected or self._single)
        """Whether anything was chosen."""
        self.outdated_paths: list[str] = []

    def choice_for(
        self, letter: Letter, kinds: AbstractSet[KeptKind], seen: Callable[[], str]
    ) -> Choice | None:
        """Return what was chosen for a letter; None where nothing was."""
        if single := self._single.get(letter.id):
            if single.shown_version == seen():
                return single.choice
            self.outdated_paths.append(str(letter.path))
        return next(
            (choice for choice, meant in self._selected if meant.includes(letter, kinds)), None
        )


class _LetterChoice(NamedTuple):
    """What was chosen for a letter; `is_new`: it is to be remembered.

    `base` is what the letter was made from, or was kept in spite of: what changed is told from it.
    """

    choice: Choice | None
    base: bytes
    is_new: bool = False


class Reconciler:
    """Plans letter after letter: what the ledger knows, what lies there, what it would be now.

    `stages` gives what staff wrote down of a letter: it is on paper then.
    """

    def __init__(
        self,
        campaign: Campaign,
        ledger: Ledger,
        inventory: Inventory,
        stages: Callable[[Pair, LetterRecord], Mapping[str, StageValue]],
    ) -> None:
        self._campaign, self._ledger, self._stages = campaign, ledger, stages
        self.inventory = inventory
        self._errors = ErrorIndex(campaign.findings)
        self.inputs = InputDigests(campaign.templates, campaign.fill_context.settings, ledger.salt)
        self.files = LetterFiles(campaign, ledger, inventory, self.inputs)
        self.paths = LetterPaths(campaign, ledger, inventory)
        self._printed_before = ledger.register_stages().keys()
        self._stored_choices = {(one.id, one.choice): one.seen for one in ledger.decisions()}

    def plan(
        self, letter_id: str, pair: Pair, was: LetterRecord | None, asked: OrderChoices
    ) -> LetterPlan:
        """Return what is to be done with the pair's letter, by what was chosen for it as well.

        `was` is what the ledger has of it.
        """
        if faulty := self._errors.reason(pair):
            return self._plan_blocked(letter_id, pair, was, faulty)
        known, content = self._find_letter(letter_id, pair, was)
        inputs = self.inputs.compute(pair, self._campaign.letter_date(known.day))
        inputs = known.inputs if inputs == known.inputs else inputs  # held once for both
        stages = self._stages(pair, known) or NO_STAGES
        letter = Letter(letter_id, pair, PurePosixPath(known.path))
        is_quiet = content == "made" and not (stages or asked.has_any)
        if was and is_quiet and known is was and self._is_up_to_date(was, pair, inputs):
            place = self.inventory.full_path(was.path)
            step = Step(letter, "unchanged")
            return LetterPlan(step, was, was, inputs=inputs, name_hash=was.named, file_path=place)
        kinds = letter_kinds(known, content, is_printed=bool(stages))
        chosen = self._choose(letter, known, inputs, kinds, asked)
        facts = LetterFacts(
            letter=letter,
            content=content,
            is_printed=bool(stages),
            is_open=self.inventory.is_open(known.path),
            other_paths=self.files.other_files(known, pair),
            changed_data=self._changed_data(chosen.base, inputs),
            is_moved=was is not None and bool(content) and known.path != was.path,
            is_requested=chosen.choice == "new" and content in EDIT_KINDS,
        )
        facts, named = self._with_new_path(facts, known)
        planned = LetterPlan(choose_step(facts), known, was, inputs=inputs, name_hash=named)
        return self._apply_decision(self._with_file(planned, facts, stages), chosen)

    def _with_file(
        self, planned: LetterPlan, facts: LetterFacts, stages: Mapping[str, StageValue]
    ) -> LetterPlan:
        """Return the plan with its file, and with what staff wrote down of the letter."""
        return planned._replace(
            changed_data=facts.changed_data,
            file_path=self.files.file_path(facts.content, planned.record, facts.other_paths),
            other_paths=facts.other_paths,
            stages=stages,
            step_if_not_printed=choose_step(facts._replace(is_printed=False)) if stages else None,
        )

    def _is_up_to_date(self, was: LetterRecord, pair: Pair, inputs: bytes) -> bool:
        """Return whether nothing is to be told of a letter that is as it was made, as of most."""
        is_open, others = self.inventory.is_open(was.path), self.files.other_files(was)
        if is_open or others or was.inputs != inputs or was.id in self._printed_before:
            return False
        return was.named != NAMED_BY_HAND and self.paths.keeps_path(was, pair)

    def _find_letter(
        self, letter_id: str, pair: Pair, was: LetterRecord | None
    ) -> tuple[LetterRecord, FileContent]:
        """Find a letter; where it cannot have its place any more, or is gone, give it the next."""
        known, content = (
            self._find_recorded(was, pair) if was else self._find_unrecorded(letter_id, pair)
        )
        if content == "stranger":  # a file of somebody else's took the name
            free = self.paths.free_default_path(pair)
            return known._replace(path=free, content="", size=0, mtime=0, inode=0), ""
        if not known.path:  # another letter lies in its place
            return known._replace(path=self.paths.free_default_path(pair)), content
        if was and not content and not self.files.other_files(known, pair):
            return self._with_path_for_recreation(known, pair), content
        return known, content

    def _choose(
        self,
        letter: Letter,
        known: LetterRecord,
        inputs: bytes,
        kinds: AbstractSet[KeptKind],
        asked: OrderChoices,
    ) -> _LetterChoice:
        """Return what is chosen for a letter now, or was decided of it before and still holds."""
        choice = asked.choice_for(letter, kinds, lambda: make_version_token(known, inputs))
        if not kinds & _KEPT_IF_DATA_CHANGES:
            return _LetterChoice(choice, known.inputs)
        base = self._stored_choices.get((letter.id, "keep"), b"") or known.inputs
        if choice is None:
            return _LetterChoice(self._find_stored_choice(letter.id, inputs), base)
        is_new = choice in {"keep", "print"} and base not in {b"", inputs}
        return _LetterChoice(choice, inputs if choice == "keep" and is_new else base, is_new=is_new)

    def _with_new_path(self, facts: LetterFacts, known: LetterRecord) -> tuple[LetterFacts, bytes]:
        """Return the facts with the name that the letter gets, and whom it is named after then."""
        pair, path = facts.letter.pair, known.path
        stays = facts.is_printed or facts.is_open or self.inventory.other_formats_of(path)
        if (facts.content in {"made", "older"} or facts.is_requested) and not stays:
            new_name = self.paths.new_path(known, pair)
            facts = facts._replace(new_path=new_name) if new_name else facts
        by_hand = known.named == NAMED_BY_HAND and facts.content and not facts.new_path
        return facts, NAMED_BY_HAND if by_hand else self.paths.name_hash(pair)

    def _apply_decision(self, planned: LetterPlan, chosen: _LetterChoice) -> LetterPlan:
        """Return the plan with what was decided; of a letter that was on paper a copy is kept."""
        step = planned.step
        if chosen.choice == "keep" and chosen.is_new:
            planned = planned._replace(step=step.with_reason("kept"))
        if chosen.choice == "new" and step.state == "on-paper":
            planned = planned._replace(step=step.with_reason("not-replaced"))
        if chosen.choice:
            planned = planned._replace(choice=chosen.choice)
        if chosen.choice and chosen.is_new:
            record = DecisionRecord(planned.record.id, chosen.choice, planned.inputs)
            planned = planned._replace(new_decision=record)
        return (
            self._keep_old_file(planned) if planned.record.id in self._printed_before else planned
        )

    def _find_stored_choice(self, letter_id: str, inputs: bytes) -> Choice | None:
        """Return what was decided of a letter that would still be made from the same."""
        choices: tuple[Choice, ...] = ("print", "keep")
        return next(
            (c for c in choices if self._stored_choices.get((letter_id, c)) == inputs), None
        )

    def _keep_old_file(self, planned: LetterPlan) -> LetterPlan:
        """Return the plan of a letter that was on paper: its old file is not written over."""
        step = planned.step
        if step.state == "rewritten" and not planned.keeps_old_file:
            step = step.with_reason("set-aside")
        return planned._replace(step=step, was_printed=True)

    def _plan_blocked(
        self, letter_id: str, pair: Pair, was: LetterRecord | None, why: str
    ) -> LetterPlan:
        """Plan a letter with an error: not made; where it is on paper, it stays what it is."""
        path = PurePosixPath(was.path) if was else self.paths.default_path_if_any(pair)
        day = was.day if was else self._campaign.today
        known = was or LetterRecord(letter_id, str(path), named=b"", day=day, inputs=b"")
        facts = LetterFacts(Letter(letter_id, pair, path), "", error=why)
        known, content = self.files.inspect(known) if was else (known, "")
        # what was posted to one person never counts for another, who may have the row now
        asked = self._campaign.identity.is_in_question(pair)
        stages = {} if asked else self._stages(pair, known)
        if not stages:
            return LetterPlan(choose_step(facts), known, was)
        elsewhere = self.files.other_files(known)
        facts = facts._replace(content=content, other_paths=elsewhere, is_printed=True)
        return self._with_file(LetterPlan(choose_step(facts), known, was), facts, stages)

    def _find_recorded(self, was: LetterRecord, pair: Pair) -> tuple[LetterRecord, FileContent]:
        """Find a letter that the ledger knows; where staff moved it, it is at its new place."""
        known, content = self.files.inspect(was)
        elsewhere = content in {"", "stranger"}
        moved = self.files.other_files(known, pair) if elsewhere else ()
        if len(moved) != 1:
            return known, content
        return self.files.inspect(
            was._replace(path=moved[0], named=self._name_hash(moved[0], pair))
        )

    def _name_hash(self, path: str, pair: Pair) -> bytes:
        """Return whom a letter is named after that staff gave a place."""
        is_usual = self.paths.is_default_path(path, pair)
        return self.paths.name_hash(pair) if is_usual else NAMED_BY_HAND

    def _find_unrecorded(self, letter_id: str, pair: Pair) -> tuple[LetterRecord, FileContent]:
        """Find a letter that the ledger does not know; its file may be there all the same."""
        usual = self.paths.default_path(pair)
        known = LetterRecord(letter_id, usual, named=b"", day=self._campaign.today, inputs=b"")
        mine = self.files.other_files(known, pair)
        path = usual if self.files.has_unrecorded_file(known) else mine[0] if len(mine) == 1 else ""
        if path:
            self.paths.reserve(path)
            return self.files.recover_record(letter_id, pair, path, self.paths.name_hash(pair))
        if mine:
            return known, ""
        return known._replace(path=self.paths.free_default_path(pair, usual)), ""

    def _with_path_for_recreation(self, known: LetterRecord, pair: Pair) -> LetterRecord:
        """Return the record of a letter that is to be made once more, under the name it has now.

        One that was never written after all is made for the first time.
        """
        if known.content == "":
            known = known._replace(day=self._campaign.today)
        new_path = self.paths.new_path(known, pair)
        return known._replace(path=str(new_path)) if new_path else known

    def _changed_data(self, old: bytes, new: bytes) -> Sequence[str]:
        if not old or old == new:
            return ()
        names = find_changed_inputs(old, new, self._field_hashes) or (
            "something that it is made from",
        )
        return [self._campaign.describe_placeholder(name) for name in names]

    def _field_hashes(self, piece: bytes) -> Mapping[str, str] | None:
        known = self.inputs.field_hashes.get(piece)
        return self._ledger.field_digests(piece) if known is None else known
