"""Plans letter after letter: ledger, file and data of each, and what somebody chose for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import PurePosixPath
from typing import NamedTuple

from merge.advice import Choice
from merge.affected_letters import ErrorIndex
from merge.campaign.campaign import Campaign
from merge.campaign.decisions import LetterFacts, decide
from merge.campaign.letter_files import LetterFiles
from merge.campaign.letter_paths import LetterPaths
from merge.campaign.letter_plan import EDITS, NO_STAGES, LetterPlan, kinds_of, shown_as
from merge.campaign.letters_order import Kind, LettersOrder, meant_letters
from merge.letter_status import Content, Letter, Step
from merge.people import Pair
from merge.register.entries import StageValue
from merge.state.inventory import Inventory
from merge.state.ledger import Ledger
from merge.state.ledger_records import NAMED_BY_HAND, DecisionRecord, LetterRecord
from merge.template.input_digests import InputDigests, changed

_KEPT: frozenset[Kind] = frozenset({"edited", "resaved", "on paper"})
"""Letters that stay as they are when their data changes."""


class AskedChoices:
    """What somebody chose for letters in an order: by words, or of each as it was shown.

    `outdated` are the paths of letters that have changed since they were shown.
    """

    def __init__(self, campaign: Campaign, order: LettersOrder) -> None:
        words: tuple[tuple[Choice, tuple[str, ...]], ...] = (
            ("new", order.again),
            ("keep", order.keep),
            ("print", order.accept),
        )
        self._meant = [(c, meant_letters(campaign, asked, c)) for c, asked in words if asked]
        self._single = {one.about: one for one in order.decisions}
        self.any = bool(self._meant or self._single)
        """Whether anything was chosen."""
        self.outdated: list[str] = []

    def of(
        self, letter: Letter, kinds: AbstractSet[Kind], seen: Callable[[], str]
    ) -> Choice | None:
        """Return what was chosen for a letter; None where nothing was."""
        if single := self._single.get(letter.id):
            if single.seen == seen():
                return single.choice
            self.outdated.append(str(letter.path))
        return next((choice for choice, meant in self._meant if meant.has(letter, kinds)), None)


class _Chosen(NamedTuple):
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
        self.inputs = InputDigests(campaign.templates, campaign.facts.settings, ledger.salt)
        self.files = LetterFiles(campaign, ledger, inventory, self.inputs)
        self.paths = LetterPaths(campaign, ledger, inventory)
        self._once_on_paper = ledger.on_paper().keys()
        self._decided = {(one.id, one.choice): one.seen for one in ledger.decisions()}

    def plan(
        self, letter_id: str, pair: Pair, was: LetterRecord | None, asked: AskedChoices
    ) -> LetterPlan:
        """Return what is to be done with the pair's letter, by what was chosen for it as well.

        `was` is what the ledger has of it.
        """
        if faulty := self._errors.reason(pair):
            return self._left_out(letter_id, pair, was, faulty)
        known, content = self._found(letter_id, pair, was)
        inputs = self.inputs.of(pair, self._campaign.day(known.day))
        inputs = known.inputs if inputs == known.inputs else inputs  # held once for both
        stages = self._stages(pair, known) or NO_STAGES
        letter = Letter(letter_id, pair, PurePosixPath(known.path))
        is_quiet = content == "made" and not (stages or asked.any)
        if was and is_quiet and known is was and self._is_at_rest(was, pair, inputs):
            place = self.inventory.place(was.path)
            step = Step(letter, "unchanged")
            return LetterPlan(step, was, was, inputs=inputs, named=was.named, place=place)
        kinds = kinds_of(known, content, on_paper=bool(stages))
        chosen = self._chosen(letter, known, inputs, kinds, asked)
        facts = LetterFacts(
            letter=letter,
            content=content,
            on_paper=bool(stages),
            is_open=self.inventory.is_open(known.path),
            elsewhere=self.files.others(known, pair),
            changed=self._changed(chosen.base, inputs),
            moved=was is not None and bool(content) and known.path != was.path,
            again=chosen.choice == "new" and content in EDITS,
        )
        facts, named = self._with_new_name(facts, known)
        planned = LetterPlan(decide(facts), known, was, inputs=inputs, named=named)
        return self._decided_so(self._with_file(planned, facts, stages), chosen)

    def _with_file(
        self, planned: LetterPlan, facts: LetterFacts, stages: Mapping[str, StageValue]
    ) -> LetterPlan:
        """Return the plan with its file, and with what staff wrote down of the letter."""
        return planned._replace(
            changed=facts.changed,
            place=self.files.place(facts.content, planned.known, facts.elsewhere),
            elsewhere=facts.elsewhere,
            stages=stages,
            step_if_not_on_paper=decide(facts._replace(on_paper=False)) if stages else None,
        )

    def _is_at_rest(self, was: LetterRecord, pair: Pair, inputs: bytes) -> bool:
        """Return whether nothing is to be told of a letter that is as it was made, as of most."""
        is_open, others = self.inventory.is_open(was.path), self.files.others(was)
        if is_open or others or was.inputs != inputs or was.id in self._once_on_paper:
            return False
        return was.named != NAMED_BY_HAND and self.paths.keeps_path(was, pair)

    def _found(
        self, letter_id: str, pair: Pair, was: LetterRecord | None
    ) -> tuple[LetterRecord, Content]:
        """Find a letter; where it cannot have its place any more, or is gone, give it the next."""
        known, content = self._seen_before(was, pair) if was else self._first_seen(letter_id, pair)
        if content == "stranger":  # a file of somebody else's took the name
            free = self.paths.free_name(pair)
            return known._replace(path=free, content="", size=0, mtime=0, inode=0), ""
        if not known.path:  # another letter lies in its place
            return known._replace(path=self.paths.free_name(pair)), content
        if was and not content and not self.files.others(known, pair):
            return self._to_be_remade(known, pair), content
        return known, content

    def _chosen(
        self,
        letter: Letter,
        known: LetterRecord,
        inputs: bytes,
        kinds: AbstractSet[Kind],
        asked: AskedChoices,
    ) -> _Chosen:
        """Return what is chosen for a letter now, or was decided of it before and still holds."""
        choice = asked.of(letter, kinds, lambda: shown_as(known, inputs))
        if not kinds & _KEPT:
            return _Chosen(choice, known.inputs)
        base = self._decided.get((letter.id, "keep"), b"") or known.inputs
        if choice is None:
            return _Chosen(self._decided_before(letter.id, inputs), base)
        is_new = choice in {"keep", "print"} and base not in {b"", inputs}
        return _Chosen(choice, inputs if choice == "keep" and is_new else base, is_new=is_new)

    def _with_new_name(self, facts: LetterFacts, known: LetterRecord) -> tuple[LetterFacts, bytes]:
        """Return the facts with the name that the letter gets, and whom it is named after then."""
        pair, path = facts.letter.pair, known.path
        stays = facts.on_paper or facts.is_open or self.inventory.saved_beside(path)
        if (facts.content in {"made", "older"} or facts.again) and not stays:
            new_name = self.paths.new_path(known, pair)
            facts = facts._replace(new_name=new_name) if new_name else facts
        by_hand = known.named == NAMED_BY_HAND and facts.content and not facts.new_name
        return facts, NAMED_BY_HAND if by_hand else self.paths.named_after(pair)

    def _decided_so(self, planned: LetterPlan, chosen: _Chosen) -> LetterPlan:
        """Return the plan with what was decided; of a letter that was on paper a copy is kept."""
        step = planned.step
        if chosen.choice == "keep" and chosen.is_new:
            planned = planned._replace(step=step.because("kept"))
        if chosen.choice == "new" and step.state == "on-paper":
            planned = planned._replace(step=step.because("not-replaced"))
        if chosen.choice:
            planned = planned._replace(decided=chosen.choice)
        if chosen.choice and chosen.is_new:
            record = DecisionRecord(planned.known.id, chosen.choice, planned.inputs)
            planned = planned._replace(to_remember=record)
        return self._kept_aside(planned) if planned.known.id in self._once_on_paper else planned

    def _decided_before(self, letter_id: str, inputs: bytes) -> Choice | None:
        """Return what was decided of a letter that would still be made from the same."""
        choices: tuple[Choice, ...] = ("print", "keep")
        return next((c for c in choices if self._decided.get((letter_id, c)) == inputs), None)

    def _kept_aside(self, planned: LetterPlan) -> LetterPlan:
        """Return the plan of a letter that was on paper: its old file is not written over."""
        step = planned.step
        if step.state == "rewritten" and not planned.sets_aside:
            step = step.because("set-aside")
        return planned._replace(step=step, was_on_paper=True)

    def _left_out(
        self, letter_id: str, pair: Pair, was: LetterRecord | None, why: str
    ) -> LetterPlan:
        """Plan a letter with an error: not made; where it is on paper, it stays what it is."""
        path = PurePosixPath(was.path) if was else self.paths.usual_if_any(pair)
        day = was.day if was else self._campaign.today
        known = was or LetterRecord(letter_id, str(path), named=b"", day=day, inputs=b"")
        facts = LetterFacts(Letter(letter_id, pair, path), "", faulty=why)
        known, content = self.files.inspect(known) if was else (known, "")
        # what was posted to one person never counts for another, who may have the row now
        asked = self._campaign.identity.is_asked_about(pair)
        stages = {} if asked else self._stages(pair, known)
        if not stages:
            return LetterPlan(decide(facts), known, was)
        elsewhere = self.files.others(known)
        facts = facts._replace(content=content, elsewhere=elsewhere, on_paper=True)
        return self._with_file(LetterPlan(decide(facts), known, was), facts, stages)

    def _seen_before(self, was: LetterRecord, pair: Pair) -> tuple[LetterRecord, Content]:
        """Find a letter that the ledger knows; where staff moved it, it is at its new place."""
        known, content = self.files.inspect(was)
        elsewhere = content in {"", "stranger"}
        moved = self.files.others(known, pair) if elsewhere else ()
        if len(moved) != 1:
            return known, content
        return self.files.inspect(was._replace(path=moved[0], named=self._named(moved[0], pair)))

    def _named(self, path: str, pair: Pair) -> bytes:
        """Return whom a letter is named after that staff gave a place."""
        is_usual = self.paths.is_usual(path, pair)
        return self.paths.named_after(pair) if is_usual else NAMED_BY_HAND

    def _first_seen(self, letter_id: str, pair: Pair) -> tuple[LetterRecord, Content]:
        """Find a letter that the ledger does not know; its file may be there all the same."""
        usual = self.paths.usual(pair)
        known = LetterRecord(letter_id, usual, named=b"", day=self._campaign.today, inputs=b"")
        mine = self.files.others(known, pair)
        path = usual if self.files.has(known) else mine[0] if len(mine) == 1 else ""
        if path:
            self.paths.reserve(path)
            return self.files.read_back(letter_id, pair, path, self.paths.named_after(pair))
        if mine:
            return known, ""
        return known._replace(path=self.paths.free_name(pair, usual)), ""

    def _to_be_remade(self, known: LetterRecord, pair: Pair) -> LetterRecord:
        """Return the record of a letter that is to be made once more, under the name it has now.

        One that was never written after all is made for the first time.
        """
        if known.content == "":
            known = known._replace(day=self._campaign.today)
        new_path = self.paths.new_path(known, pair)
        return known._replace(path=str(new_path)) if new_path else known

    def _changed(self, old: bytes, new: bytes) -> Sequence[str]:
        if not old or old == new:
            return ()
        names = changed(old, new, self._field_hashes) or ("something that it is made from",)
        return [self._campaign.in_words(name) for name in names]

    def _field_hashes(self, piece: bytes) -> Mapping[str, str] | None:
        known = self.inputs.said.get(piece)
        return self._ledger.fields(piece) if known is None else known
