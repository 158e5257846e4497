"""Plans each letter from the ledger, its file, its data and the choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import PurePosixPath
from typing import NamedTuple

from merge.advice import Choice
from merge.affected_letters import BlockingErrorIndex
from merge.campaign.campaign import Campaign
from merge.campaign.campaign_files import print_file_label
from merge.campaign.letter_files import LetterFiles
from merge.campaign.letter_paths import LetterPaths
from merge.campaign.letter_plan import (
    NO_STAGES,
    LetterPlan,
    letter_kinds,
    make_version_token,
)
from merge.campaign.letter_rules import LetterFacts, choose_step
from merge.campaign.letters_order import KeptKind, LettersOrder, select_letters
from merge.letter_inputs import DataChange, FieldValues
from merge.letter_status import FileContent, Letter, LetterStep
from merge.people import Pair
from merge.register.entries import StageValue
from merge.state.inventory import LettersFolderInventory
from merge.state.ledger import Ledger
from merge.state.ledger_records import (
    NAMED_BY_HAND,
    DecisionRecord,
    LetterRecord,
    PrintedBatch,
)
from merge.template.input_digests import InputDigests, find_changed_inputs

_KEPT_IF_DATA_CHANGES: frozenset[KeptKind] = frozenset(
    {"edited", "resaved", "print file", "on paper"}
)
"""Letters that stay as they are when their data changes."""


class LetterVersionChoices:
    """Staff's choices between existing and new versions of letters.

    They are made by words, or for letters as they were shown. `outdated_paths` are the paths of
    letters that have changed since they were shown.
    """

    def __init__(self, campaign: Campaign, order: LettersOrder) -> None:
        words: tuple[tuple[Choice, tuple[str, ...]], ...] = (
            ("new", order.replace),
            ("keep", order.keep),
            ("print", order.accept),
        )
        self._selected = [
            (choice, select_letters(campaign, words_for_choice, choice))
            for choice, words_for_choice in words
            if words_for_choice
        ]
        self._single = {decision.subject_id: decision for decision in order.decisions}
        self.has_any = bool(self._selected or self._single)
        """Whether anything was chosen."""
        self.outdated_paths: list[str] = []

    def choice_for(
        self, letter: Letter, kinds: AbstractSet[KeptKind], seen: Callable[[], str]
    ) -> Choice | None:
        """Return the choice for a letter, or None."""
        if single := self._single.get(letter.id):
            if single.shown_version == seen():
                return single.choice
            self.outdated_paths.append(str(letter.path))
        return next(
            (choice for choice, selected in self._selected if selected.includes(letter, kinds)),
            None,
        )


class _LetterChoice(NamedTuple):
    """The choice for a letter; `is_new` if the ledger does not have it yet.

    `base` are digests of the data from which the letter was created, or in spite of which it was
    kept. Changes are determined from them.
    """

    choice: Choice | None
    base: bytes
    is_new: bool = False


class LetterReconciler:
    """A planner of letters that compares ledger, disk and current inputs.

    `stages` returns the stages of a letter, by its ID; with any, it is printed. Staff release the
    `released_letters` in this run: they were not printed.
    """

    def __init__(
        self,
        campaign: Campaign,
        ledger: Ledger,
        inventory: LettersFolderInventory,
        stages: Callable[[str], Mapping[str, StageValue]],
        *,
        released_letters: AbstractSet[str],
    ) -> None:
        self._campaign, self._ledger, self._stages = campaign, ledger, stages
        self.inventory = inventory
        self._errors = BlockingErrorIndex(campaign.findings)
        self.inputs = InputDigests(campaign.templates, campaign.fill_context.settings)
        self.files = LetterFiles(campaign, ledger, inventory, self.inputs)
        self.paths = LetterPaths(campaign, ledger, inventory)
        self._printed_before = ledger.state.marked_letters().keys()
        self._any_in_print_files = ledger.has_print_records()
        self._recreated = ledger.state.recreated_letter_ids()
        self._print_file_labels: dict[PrintedBatch, str] = {}
        self._released_letters = released_letters
        self._stored_choices = {
            (decision.id, decision.choice): decision.seen for decision in ledger.decisions()
        }

    def plan(
        self, letter_id: str, pair: Pair, was: LetterRecord | None, choices: LetterVersionChoices
    ) -> LetterPlan:
        """Return what to do with the pair's letter, with regard to the choices.

        `was` is the ledger's record of it.
        """
        if faulty := self._errors.reason(pair):
            return self._plan_blocked(letter_id, pair, was, faulty)
        record, content = self._find_letter(letter_id, pair, was)
        inputs = self.inputs.compute(pair, self._campaign.letter_date(record.day))
        inputs = (
            record.inputs if inputs == record.inputs else inputs
        )  # one object in memory for both
        stages = self._stages(letter_id) or NO_STAGES
        letter = Letter(letter_id, pair, PurePosixPath(record.path))
        is_quiet = content == "made" and not (stages or choices.has_any)
        if was and is_quiet and record is was and self._is_up_to_date(was, pair, inputs):
            place = self.inventory.full_path(was.path)
            step = LetterStep(letter, "unchanged")
            return LetterPlan(step, was, was, inputs=inputs, name_hash=was.named, file_path=place)
        print_file = "" if stages else self._print_file_of(record)
        kinds = letter_kinds(
            record, content, is_printed=bool(stages), in_print_file=bool(print_file)
        )
        chosen = self._choose(letter, record, inputs, kinds, choices)
        facts = LetterFacts(
            letter=letter,
            content=content,
            is_printed=bool(stages),
            is_open=self.inventory.is_open(record.path),
            other_paths=self.files.other_files(record, pair),
            changes=self._changes(chosen.base, inputs),
            is_moved=was is not None and bool(content) and record.path != was.path,
            print_file=print_file,
            is_recreated=self._is_recreated(record, content),
            is_requested=chosen.choice == "new" and bool(kinds & _KEPT_IF_DATA_CHANGES),
        )
        facts, named = self._with_new_path(facts, record)
        planned = LetterPlan(choose_step(facts), record, was, inputs=inputs, name_hash=named)
        return self._apply_decision(self._with_file(planned, facts, stages), chosen)

    def _print_file_of(self, known: LetterRecord) -> str:
        """Return the print file that counts for a letter that is not marked.

        It may have another version. A printed letter that staff release now is in none: they have
        decided about it.
        """
        printed = self._ledger.last_print(known.id) if self._any_in_print_files else None
        if not printed or not printed.counts_for(known) or known.id in self._released_letters:
            return ""
        batch = printed.batch
        if batch not in self._print_file_labels:
            self._print_file_labels[batch] = print_file_label(self._campaign.folder, batch)
        return self._print_file_labels[batch]

    def _is_recreated(self, known: LetterRecord, content: FileContent) -> bool:
        """Return whether another version of a letter is on paper than its file is."""
        is_unedited = content in {"made", "older"}
        is_released = known.id in self._released_letters
        return is_unedited and known.id in self._recreated and not is_released

    def _with_file(
        self, planned: LetterPlan, facts: LetterFacts, stages: Mapping[str, StageValue]
    ) -> LetterPlan:
        """Return the plan with the letter's file, print file and stages."""
        return planned._replace(
            print_file=facts.print_file,
            is_recreated=facts.is_recreated,
            file_path=self.files.file_path(facts.content, planned.record, facts.other_paths),
            other_paths=facts.other_paths,
            unreadable_copies=self.inventory.unreadable_copies.get(planned.record.path, ()),
            stages=stages,
            step_if_not_printed=choose_step(facts._replace(is_printed=False)) if stages else None,
        )

    def _is_up_to_date(self, was: LetterRecord, pair: Pair, inputs: bytes) -> bool:
        """Return whether an unedited letter needs no update, as most do not."""
        is_open, others = self.inventory.is_open(was.path), self.files.other_files(was)
        others = others or self.inventory.unreadable_copies.get(was.path, ())
        if is_open or others or was.inputs != inputs:
            return False
        if was.id in self._printed_before or was.id in self._recreated:
            return False
        return was.named != NAMED_BY_HAND and self.paths.keeps_path(was, pair)

    def _find_letter(
        self, letter_id: str, pair: Pair, was: LetterRecord | None
    ) -> tuple[LetterRecord, FileContent]:
        """Return a letter's record and what is in its path on the disk.

        If its file is missing, or another file has its path, it gets the next path.
        """
        record, content = (
            self._find_recorded(was, pair) if was else self._find_unrecorded(letter_id, pair)
        )
        if content == "stranger":  # another file has taken the name
            free_path = self.paths.free_default_path(pair)
            return record._replace(path=free_path, content="", size=0, mtime=0, inode=0), ""
        if not record.path:  # another letter has its path
            return record._replace(path=self.paths.free_default_path(pair)), content
        if was and not content and not self.files.other_files(record, pair):
            return self._with_path_for_recreation(record, pair), content
        return record, content

    def _choose(
        self,
        letter: Letter,
        known: LetterRecord,
        inputs: bytes,
        kinds: AbstractSet[KeptKind],
        asked: LetterVersionChoices,
    ) -> _LetterChoice:
        """Return the choice for a letter: the present one, or a valid earlier one."""
        choice = asked.choice_for(letter, kinds, lambda: make_version_token(known, inputs))
        if not kinds & _KEPT_IF_DATA_CHANGES:
            return _LetterChoice(choice, known.inputs)
        base = self._stored_choices.get((letter.id, "keep"), b"") or known.inputs
        if choice is None:
            return _LetterChoice(self._find_stored_choice(letter.id, inputs), base)
        is_new = choice in {"keep", "print"} and base not in {b"", inputs}
        return _LetterChoice(choice, inputs if choice == "keep" and is_new else base, is_new=is_new)

    def _with_new_path(self, facts: LetterFacts, known: LetterRecord) -> tuple[LetterFacts, bytes]:
        """Return the facts with a new path, and the hash of the people's names."""
        pair, path = facts.letter.pair, known.path
        is_fixed = facts.is_printed or facts.stays_in_print_file or facts.is_open
        stays = is_fixed or self.inventory.other_formats_of(path)
        if (facts.content in {"made", "older"} or facts.is_requested) and not stays:
            new_name = self.paths.new_path(known, pair)
            facts = facts._replace(new_path=new_name) if new_name else facts
        is_renamed = known.named == NAMED_BY_HAND and facts.content and not facts.new_path
        return facts, NAMED_BY_HAND if is_renamed else self.paths.name_hash(pair)

    def _apply_decision(self, planned: LetterPlan, chosen: _LetterChoice) -> LetterPlan:
        """Return the plan with the decision.

        If the letter was printed, its old file is kept.
        """
        step = planned.step
        if chosen.choice == "keep" and planned.is_recreated and planned.stages:
            step = step.with_reason("accepted")
            planned = planned._replace(step=step, is_recreated=False, accepts_file=True)
        elif chosen.choice == "keep" and chosen.is_new:
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
        """Return a decision about the letter that still holds, if there is one."""
        choices: tuple[Choice, ...] = ("print", "keep")
        return next(
            (c for c in choices if self._stored_choices.get((letter_id, c)) == inputs), None
        )

    def _keep_old_file(self, planned: LetterPlan) -> LetterPlan:
        """Return the plan of a letter that was printed.

        Its old file is not overwritten.
        """
        step = planned.step
        if step.state == "rewritten" and not planned.keeps_old_file:
            step = step.with_reason("set-aside")
        return planned._replace(step=step, was_printed=True)

    def _plan_blocked(
        self, letter_id: str, pair: Pair, was: LetterRecord | None, why: str
    ) -> LetterPlan:
        """Plan a letter with an error: block it, or keep it if it is printed."""
        path = PurePosixPath(was.path) if was else self.paths.default_path_if_any(pair)
        day = was.day if was else self._campaign.today
        who = self._campaign.identity.ids_of(pair)
        record = was or LetterRecord(
            id=letter_id, path=str(path), named=b"", day=day, inputs=b"", who=who
        )
        facts = LetterFacts(Letter(letter_id, pair, path), "", error=why)
        record, content = self.files.inspect(record) if was else (record, "")
        # a letter posted to one person never counts for another, who may have the row now
        is_in_question = self._campaign.identity.is_in_question(pair)
        stages = {} if is_in_question else self._stages(letter_id)
        if not stages:
            return LetterPlan(choose_step(facts), record, was)
        elsewhere = self.files.other_files(record)
        facts = facts._replace(content=content, other_paths=elsewhere, is_printed=True)
        return self._with_file(LetterPlan(choose_step(facts), record, was), facts, stages)

    def _find_recorded(self, was: LetterRecord, pair: Pair) -> tuple[LetterRecord, FileContent]:
        """Find the file of a recorded letter, also if staff moved the file."""
        record, content = self.files.inspect(was)
        is_missing = content in {"", "stranger"}
        moved_paths = self.files.other_files(record, pair) if is_missing else ()
        if len(moved_paths) != 1:
            return record, content
        return self.files.inspect(
            was._replace(path=moved_paths[0], named=self._name_hash(moved_paths[0], pair))
        )

    def _name_hash(self, path: str, pair: Pair) -> bytes:
        """Return the hash of the names for a letter that staff moved."""
        is_usual = self.paths.is_default_path(path, pair)
        return self.paths.name_hash(pair) if is_usual else NAMED_BY_HAND

    def _find_unrecorded(self, letter_id: str, pair: Pair) -> tuple[LetterRecord, FileContent]:
        """Find the file of a letter that the ledger has not recorded."""
        default_path = self.paths.default_path(pair)
        record = LetterRecord(
            id=letter_id,
            path=default_path,
            named=b"",
            day=self._campaign.today,
            inputs=b"",
            who=self._campaign.identity.ids_of(pair),
        )
        own_paths = self.files.other_files(record, pair)
        path = (
            default_path
            if self.files.has_unrecorded_file(record)
            else own_paths[0]
            if len(own_paths) == 1
            else ""
        )
        if path:
            self.paths.reserve(path)
            return self.files.recover_record(letter_id, pair, path, self.paths.name_hash(pair))
        if own_paths:
            return record, ""
        free_path = self.paths.free_default_path(pair, default_path)
        if free_path != default_path and self.files.has_appeared(record):
            named = self.paths.name_hash(pair)
            return self.files.recover_record(letter_id, pair, default_path, named)
        return record._replace(path=free_path), ""

    def _with_path_for_recreation(self, record: LetterRecord, pair: Pair) -> LetterRecord:
        """Return the record of a letter to create again, with its present path.

        A letter that was never written is created for the first time.
        """
        if record.content == "":
            record = record._replace(day=self._campaign.today)
        new_path = self.paths.new_path(record, pair)
        return record._replace(path=str(new_path)) if new_path else record

    def _changes(self, old_digests: bytes, new_digests: bytes) -> tuple[DataChange, ...]:
        if not old_digests or old_digests == new_digests:
            return ()
        changes = find_changed_inputs(old_digests, new_digests, self._field_values) or [
            DataChange("something that it is made from")
        ]
        describe = self._campaign.describe_placeholder
        return tuple(change._replace(field=describe(change.field)) for change in changes)

    def _field_values(self, digest: bytes) -> FieldValues | None:
        new_values = self.inputs.field_values.get(digest)
        return self._ledger.field_values(digest) if new_values is None else new_values
