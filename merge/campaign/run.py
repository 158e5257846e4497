"""One run: every pair planned, the plan carried out, and what else is to be told."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath

from merge.campaign.campaign import LETTERS_FOLDER, Campaign, LettersOrder
from merge.campaign.plan import (
    AGAIN,
    SINCE,
    LetterPlan,
    Orphan,
    Reconciler,
    RemakeScope,
    cloud_problem,
    copy_problem,
    find_orphans,
    find_unrecorded,
    finish_moves,
    forget_letters,
    ledger_problem,
    letters_gone_problem,
    orphan_problems,
    pile_date_problem,
    rows_gone_problems,
)
from merge.model import Pair, Person, Place, Problem, SheetKind, State, Step, StorageError
from merge.register.model import NO_LONGER_WANTED, RegisterEntry, RevertedEdit, StageValue
from merge.register.planning import update_register
from merge.register.reading import Register, read_register
from merge.state.files import (
    OLD_VERSIONS_FOLDER,
    FileState,
    Inventory,
    Outbox,
    file_state,
    take_inventory,
)
from merge.state.identity import Identity
from merge.state.ledger import (
    ChangeSet,
    Ledger,
    LetterRecord,
    PrintRecord,
    memory_ledger,
    open_ledger,
    read_ledger,
)
from merge.template.template import FilledLetter

_MOST_WAITING = 2_000
"""Plans that wait for enough letters to be written."""


class Run:
    """Makes the letters of an order, one step at a time; each step is told when it is done.

    Letters that an error touches are left out. StorageError where the disk does not let us go on:
    what was written before is whole and known. `news` is complete when all steps are given;
    `paper` is the register as it was before, None in a try-out.
    """

    def __init__(self, campaign: Campaign, order: LettersOrder) -> None:
        self._campaign, self._order = campaign, order
        self._chosen = campaign.chosen(order.names)
        again = order.again_names
        self._renewed = campaign.chosen(again, "--again") if again else None
        self._has_ledger = order.target == campaign.folder / LETTERS_FOLDER
        self._root = LETTERS_FOLDER if self._has_ledger else str(order.target)
        self._wanted: set[int] = set()
        self._corrections = NameCorrections(campaign)
        self._rows_gone: list[str] = []
        self.news: list[Problem] = []
        self.paper: CampaignRegister | None = None

    def __iter__(self) -> Iterator[Step]:
        if self._order.dry_run:
            yield from (planned.step for planned in self.plans())
            return
        outbox = Outbox(self._order.target)
        with outbox.open():
            ledger = open_ledger(self._order.target) if self._has_ledger else memory_ledger()
            try:
                yield from self._execute(outbox, ledger)
            finally:
                ledger.close()

    def plans(self) -> Iterator[LetterPlan]:
        """What is known of each letter of the order, and what would be done; nothing is changed."""
        ledger = read_ledger(self._order.target) if self._has_ledger else memory_ledger()
        try:
            yield from self._rehearsed(ledger)
        finally:
            ledger.close()

    def _rehearsed(self, ledger: Ledger) -> Iterator[LetterPlan]:
        paper = self._paper(ledger)
        survey, inventory = self._survey(ledger, paper)
        for planned in self._plans(survey):
            if self._chosen.has(planned.step.letter.pair):
                yield planned
        self.news += self._corrections.problems(paper)
        self.news += rows_gone_problems(self._rows_gone)
        found = self._unwanted(ledger, survey, inventory, paper)
        self.news += orphan_problems(found, self._root, done=False)

    def _paper(self, ledger: Ledger) -> CampaignRegister | None:
        if self._has_ledger:
            anew, identity = self._order.new_register, self._campaign.identity
            self.paper = CampaignRegister(self._campaign.folder, ledger, identity, anew=anew)
        return self.paper

    def _execute(self, outbox: Outbox, ledger: Ledger) -> Iterator[Step]:
        finish_moves(ledger, outbox)
        paper = self._paper(ledger)
        survey, inventory = self._survey(ledger, paper)
        told = RegisterFeed(self._campaign, ledger, self._wanted)
        outbox.sweep(inventory.leftovers)
        writing = LetterWriter(self._campaign, outbox, ledger, survey)
        covered: list[str] = []
        try:
            for batch in _batches(self._chosen_plans(survey, told)):
                if paper and any(planned.step.state in WRITTEN_STATES for planned in batch):
                    covered += paper.exclude_from_pile_dates(_new(batch))
                for step in writing.write(batch):
                    told.note(step, done=True)
                    yield step
            writing.commit()
        finally:
            with suppress(StorageError):
                writing.commit()
        self.news += self._corrections.problems(paper)
        self.news += rows_gone_problems(self._rows_gone)
        found = self._unwanted(ledger, survey, inventory, paper)
        self._move_unwanted(found, outbox, ledger, inventory)
        if covered:
            self.news.append(pile_date_problem(covered))
        if paper:
            self.news += told.write_to(paper, found)

    def refresh_register(self, ledger: Ledger) -> list[Problem]:
        """Tell the register how the letters are now; nothing else is done."""
        paper = CampaignRegister(self._campaign.folder, ledger, self._campaign.identity)
        survey, _ = self._survey(ledger, paper)
        told = RegisterFeed(self._campaign, ledger, self._wanted)
        for planned in self._plans(survey):
            told.note(planned.step, done=False)
        return told.write_to(paper, ())

    def _survey(
        self, ledger: Ledger, paper: CampaignRegister | None
    ) -> tuple[Reconciler, Inventory]:
        if not ledger.fresh:
            self._wanted.update(self._ids())
        inventory = take_inventory(self._order.target, ledger, self._wanted)
        if ledger.fresh and inventory.unknown:
            self._wanted.update(self._ids())
        if paper and ledger.fresh:
            self._report_first_run(inventory)
            if not (inventory.unknown or self._order.new_register) and paper.register.rows:
                raise StorageError(letters_gone_problem(self._root, len(paper.register.rows)))
        stages = paper.stages if paper else _no_stages
        return Reconciler(self._campaign, ledger, inventory, stages), inventory

    def _ids(self) -> Iterator[int]:
        """The ids of the letters that pairs have, as numbers: they take half the room."""
        letter = self._campaign.identity.letter
        return (int(letter(pair), 16) for pair in self._campaign.workbook.pairs())

    def _report_first_run(self, inventory: Inventory) -> None:
        if inventory.unknown:
            self.news.append(ledger_problem(self._root))
        elif cloud := cloud_problem(self._campaign.folder):
            self.news.append(cloud)

    def _chosen_plans(self, survey: Reconciler, told: RegisterFeed) -> Iterator[LetterPlan]:
        for planned in self._plans(survey):
            if self._chosen.has(planned.step.letter.pair):
                yield planned
            else:
                told.note(planned.step, done=False)

    def _plans(self, survey: Reconciler) -> Iterator[LetterPlan]:
        """The plan of every pair there is; copies are told."""
        for pair in self._campaign.workbook.pairs():
            planned = survey.plan(pair, self._again(pair))
            if planned.was:
                self._corrections.count(pair, planned.known.id)
                if self.paper and self.paper.has_lost_row(planned.known.id):
                    self._rows_gone.append(planned.known.path)
            for copy in planned.copies:
                self.news.append(copy_problem(planned.known.path, copy, self._root))
            yield planned

    def _again(self, pair: Pair) -> RemakeScope:
        if self._renewed and self._renewed.has(pair):
            return "all"
        return "resaved" if self._order.again_resaved else ""

    def _unwanted(
        self,
        ledger: Ledger,
        survey: Reconciler,
        inventory: Inventory,
        paper: CampaignRegister | None,
    ) -> list[Orphan]:
        """None while something is wrong with the workbook: it may be that which hides a pair."""
        wrong = any(found.problem.level == "error" for found in self._campaign.findings)
        if wrong or not self._wanted:
            return []

        def why_it_stays(known: LetterRecord) -> str:
            if paper and paper.has_dates(known.id):
                return "it is on paper"
            return "it is open in a program" if inventory.is_open(known.path) else ""

        known = find_orphans(ledger, survey, self._wanted, why_it_stays)
        return [*known, *find_unrecorded(ledger, inventory, self._wanted)]

    def _move_unwanted(
        self, found: list[Orphan], outbox: Outbox, ledger: Ledger, inventory: Inventory
    ) -> None:
        going = [each for each in found if each.to]
        ledger.commit(
            ChangeSet(letters=[e.known._replace(path=e.to, was=e.known.path) for e in going])
        )
        moved = []
        for each in going:
            was = FileState(*each.known.at)
            done = outbox.move(inventory.below(each.known.path), PurePosixPath(each.to), was)
            moved.append(each.known._replace(path=each.to) if done else each.known)
        ledger.commit(ChangeSet(letters=moved))
        gone = [each.known.id for each in found if not (each.to or each.why)]
        forget_letters(ledger, self._campaign.identity, gone)
        self.news += orphan_problems(found, self._root, done=True)


def record_printed(campaign: Campaign, printed: Sequence[PrintRecord]) -> list[Problem]:
    """Write down which letters were put into which batch, and tell the register."""
    order = LettersOrder(campaign.folder / LETTERS_FOLDER)
    with Outbox(order.target).open():
        ledger = open_ledger(order.target)
        try:
            ledger.commit(ChangeSet(printed=[*printed]))
            return Run(campaign, order).refresh_register(ledger)
        finally:
            ledger.close()


def _no_stages(_: Pair, __: LetterRecord) -> Mapping[str, StageValue]:
    """In a try-out nothing is on paper."""
    return {}


def _new(batch: Iterable[LetterPlan]) -> Iterator[tuple[Pair, LetterRecord]]:
    """The letters that are to be made for the first time."""
    return ((p.step.letter.pair, p.known) for p in batch if p.step.state == "new")


def _batches(plans: Iterable[LetterPlan]) -> Iterator[list[LetterPlan]]:
    """As many as hold a batch of letters to be written."""
    batch: list[LetterPlan] = []
    writes = 0
    for planned in plans:
        batch.append(planned)
        writes += planned.step.state in WRITTEN_STATES
        if writes == BATCH or len(batch) == _MOST_WAITING:
            yield batch
            batch, writes = [], 0
    yield batch


# Planned letters onto the disk, batch by batch, so that the ledger knows each before it is there.
#
# After a kill each file is absent, or known, or somebody else's: what a file will be is written
# down before it is written, when it was written with the next batch.


WRITTEN_STATES = {"new", "rewritten"}
BATCH = 1_000
"""Letters that are written down at once: some 12 MB, and 30 ms for the ledger."""


class LetterWriter:
    """Carries the plans of a survey out."""

    def __init__(
        self, campaign: Campaign, outbox: Outbox, ledger: Ledger, survey: Reconciler
    ) -> None:
        self._campaign, self._outbox, self._ledger = campaign, outbox, ledger
        self._inputs, self._inventory = survey.inputs, survey.inventory
        self._started = f"{dt.datetime.now().astimezone():%Y-%m-%d %H.%M.%S}"
        identity = campaign.identity
        self._news = ChangeSet(people=[*identity.people_to_record], renamed=[*identity.renamed])

    def write(self, batch: Sequence[LetterPlan]) -> Iterator[Step]:
        """Carry a batch out; each step is given when it is done."""
        made = [self._made(planned) for planned in batch]
        for planned, each in zip(batch, made, strict=True):
            if each:
                self._news.letters.append(_expected_record(planned, each))
            elif planned.known.content and planned.known != planned.was:
                self._news.letters.append(planned.known)
        self.commit()
        for planned, each in zip(batch, made, strict=True):
            yield self._done(planned, each) if each else planned.step

    def commit(self) -> None:
        """Write down what is known by now."""
        self._news.said.update(self._inputs.said)
        self._inputs.said.clear()
        news, self._news = self._news, ChangeSet()
        self._ledger.commit(news)

    def note(self, known: LetterRecord) -> None:
        """Take a letter into what is written down next."""
        self._news.letters.append(known)

    def _made(self, planned: LetterPlan) -> FilledLetter | None:
        if planned.step.state not in WRITTEN_STATES:
            return None
        day = self._campaign.day(planned.known.day)
        return self._campaign.make(planned.step.letter, day)

    def _done(self, planned: LetterPlan, made: FilledLetter) -> Step:
        at = self._placed(planned, made.data)
        if at is None:
            return self._after_conflict(planned)
        written = _expected_record(planned, made)._replace(
            **at._asdict(), checked=time.time_ns(), content="made", was=""
        )
        self.note(written)
        return planned.step

    def _placed(self, planned: LetterPlan, data: bytes) -> FileState | None:
        path, known = planned.step.letter.path, planned.known
        old = self._inventory.below(known.path)
        if planned.step.state == "new":
            return self._outbox.put(path, data)
        was = FileState(*known.at)
        if planned.step.reason == AGAIN:
            aside = PurePosixPath(OLD_VERSIONS_FOLDER) / self._started / known.path
            return self._outbox.put(path, data) if self._outbox.move(old, aside, was) else None
        if str(path) == known.path:
            return self._outbox.replace(old, data, was)
        return self._outbox.replace(path, data, was) if self._outbox.move(old, path, was) else None

    def _after_conflict(self, planned: LetterPlan) -> Step:
        """Something came in between; the file that is there stays, whosever it is."""
        letter, was = planned.step.letter, planned.was
        moved = not os.path.lexists(self._inventory.place(planned.known.path))
        if was is None:
            self._ledger.forget([letter.id])
        elif planned.step.state == "rewritten":
            path = str(letter.path) if moved else was.path
            self.note(was._replace(path=path, checked=0))
        if planned.step.state == "new":
            return replace(planned.step, state="foreign", reason="another program put a file there")
        return replace(planned.step, state="in-use", reason="it was changed while this ran")


def _expected_record(planned: LetterPlan, made: FilledLetter) -> LetterRecord:
    """What the ledger is to know of a letter before it is written."""
    known, path = planned.known, str(planned.step.letter.path)
    return known._replace(
        path=path,
        named=planned.named,
        inputs=planned.inputs,
        output=made.seen.output,
        words=made.seen.words,
        size=len(made.data),
        mtime=0,
        inode=0,
        checked=0,
        content="",
        was=known.path if planned.step.state == "rewritten" and path != known.path else "",
    )


# What a run tells: the register, of every letter; the user, of names that were corrected.


class RegisterFeed:
    """Collects what became of the letters; only what is out of the ordinary is held."""

    def __init__(self, campaign: Campaign, ledger: Ledger, wanted: AbstractSet[int]) -> None:
        self._campaign, self._ledger, self._wanted = campaign, ledger, wanted
        self._steps: dict[str, tuple[str, Step]] = {}
        self._all = hashlib.sha256()
        self._any_printed = ledger.any_printed()

    def note(self, step: Step, *, done: bool) -> None:
        """Take what happened to a letter; `done` where its step was carried out."""
        state, letter = state_text(step, done=done), step.letter
        if state != AS_MADE:
            self._steps[letter.id] = (state, step)
        pair = letter.pair
        people = (pair.signer.label, pair.recipient.label)
        words = (letter.id, *people, str(letter.path), state, self._batch(letter.id) or "")
        self._all.update("\0".join(words).encode(errors="surrogatepass"))

    def write_to(self, paper: CampaignRegister, unwanted: Iterable[Orphan]) -> list[Problem]:
        """Bring the register up to date; what is to be told of that."""
        for each in unwanted:
            self._all.update(f"{each.known.id}{each.to}{each.why}".encode(errors="surrogatepass"))
        problems, typed = paper.update(self._entries, self._all.hexdigest())
        return [*problems, *(typed_problem(each, self._cell(each)) for each in typed)]

    def _entries(self) -> Iterator[RegisterEntry]:
        """Every letter that was ever made: those that pairs have now, in their order, first."""
        for pair in self._campaign.workbook.pairs():
            entry = self._entry(pair)
            if entry:
                yield entry
        gone = [i for i in self._ledger.ids() if int(i, 16) not in self._wanted]
        for known in filter(None, map(self._ledger.letter, gone if self._wanted else ())):
            file = f"{LETTERS_FOLDER}/{known.path}"
            yield RegisterEntry(known.id, "", "", "", "", file, NO_LONGER_WANTED, None)

    def _entry(self, pair: Pair) -> RegisterEntry | None:
        identity = self._campaign.identity
        known = self._ledger.letter(identity.letter(pair))
        if known is None:
            return None
        state, step = self._steps.get(known.id, (AS_MADE, None))
        return RegisterEntry(
            id=known.id,
            signer=str(pair.signer.label),
            recipient=str(pair.recipient.label),
            signer_id=identity.person(pair.signer),
            recipient_id=identity.person(pair.recipient),
            file=f"{LETTERS_FOLDER}/{step.letter.path if step else known.path}",
            state=state,
            made=known.day,
            batch=self._batch(known.id),
            fixed=step is not None and step.state == "on-paper",
        )

    def _batch(self, letter_id: str) -> str | None:
        printed = self._ledger.printed(letter_id) if self._any_printed else None
        return printed.batch if printed else None

    def _cell(self, typed: RevertedEdit) -> str:
        """The cell of the workbook that a column shows; empty where it shows none."""
        book, identity = self._campaign.workbook, self._campaign.identity
        for pair in book.pairs():
            people = {"Signer": pair.signer, "Recipient": pair.recipient}
            person = people.get(typed.heading)
            if person and typed.id in {identity.letter(pair), identity.person(person)}:
                sheet = book.signers if person is pair.signer else book.recipients
                return str(sheet.place(person.row, "name"))
        return ""


class NameCorrections:
    """Counts the letters of people whose name was corrected."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        corrected = campaign.identity.corrected
        self._found: dict[tuple[SheetKind, str], list[str]] = {
            (p.kind, p.key): [] for p in corrected
        }

    def count(self, pair: Pair, letter_id: str) -> None:
        """Take a letter that there was before."""
        for person in (pair.signer, pair.recipient) if self._found else ():
            if (person.kind, person.key) in self._found:
                self._found[person.kind, person.key].append(letter_id)

    def problems(self, paper: CampaignRegister | None) -> Iterator[Problem]:
        """Ana Ruis is now Ana Ruiz, and how many letters keep their ids."""
        for person in self._campaign.identity.corrected:
            letters = self._found[person.kind, person.key]
            if letters and paper:
                yield _corrected(
                    person, paper.name(letters[0], person.kind), len(letters), self._place(person)
                )

    def _place(self, person: Person) -> Place:
        book = self._campaign.workbook
        sheet = book.signers if person.kind == "signer" else book.recipients
        return sheet.place(person.row, "name")


def _corrected(person: Person, before: str, count: int, place: Place) -> Problem:
    letters = "1 letter" if count == 1 else f"{count:,} letters"
    if before == person.name:
        what = f"{before} has another ID than before, or none; all other cells agree: {letters}."
        hint = "The letters stay this person's. Leave IDs as they are."
        return Problem("id-changed", place, what, hint, "warning")
    who = f"{before} is now" if before else "Under another name before:"
    what = f"{who} {person.label}: {letters}."
    hint = "If these are two people, give each an ID in a column ID, and run again."
    return Problem("name-corrected", place, what, hint, "warning")


# The register as a run sees it: what is on paper, and the news that it is to be told.


REGISTER_FILE = "register.xlsx"
_FACT, _EXCLUDED_DATES_FACT = "register", "late"

_WORDS: dict[State, str] = {
    "resaved": "saved again",
    "edited": "edited",
    "edited-changed": "edited, data changed",
    "on-paper": "on paper",
    "moved": "moved by hand",
    "foreign": "another file is there",
    "in-use": "",
    "faulty": "",
}
"""What the register calls a state; empty where its row keeps what it says."""
AS_MADE = "as made"


def state_text(step: Step, *, done: bool) -> str:
    """What the register says of a letter; `done` where its step was carried out."""
    if not done and step.state in {"new", "rewritten"}:
        return "not there" if step.state == "new" else "data changed"
    word = _WORDS.get(step.state, AS_MADE)
    if step.state in {"on-paper", "resaved", "moved"} and SINCE in step.reason:
        return f"{word}, data changed"
    return word


@dataclass(frozen=True, slots=True)
class _LastUpdate:
    """What is remembered of the register: what it was told last, what the file was then."""

    told: str = ""
    at: FileState | None = None
    on_paper: int = 0
    has_any_dates: bool = False
    waits: bool = False
    """Letters may have no row yet: it could not be written, or a run was cut short."""


class CampaignRegister:
    """The register of a campaign folder. It is read when it is needed.

    MergeError where it is there and cannot be read, or is there no more: then nobody knows what is
    on paper. `anew` allows the latter.
    """

    def __init__(
        self, folder: Path, ledger: Ledger, identity: Identity, *, anew: bool = False
    ) -> None:
        self._path, self._ledger, self._identity = folder / REGISTER_FILE, ledger, identity
        self._last = _parse_last_update(ledger.fact(_FACT))
        if self._last.told and not os.path.lexists(self._path) and not anew:
            raise StorageError(_gone(self._last.on_paper))
        self._was_unchanged = self._is_unchanged
        self._nothing_on_paper = self._was_unchanged and not self._last.has_any_dates
        self._excluded_dates: dict[str, dict[str, str]] = json.loads(
            ledger.fact(_EXCLUDED_DATES_FACT) or "{}"
        )

    @property
    def _is_unchanged(self) -> bool:
        """Whether the file is, at this moment, the very one that the last run left."""
        return self._last.at is not None and file_state(str(self._path)) == self._last.at

    @cached_property
    def register(self) -> Register:
        """What stands in it."""
        return read_register(self._path)

    def has_dates(self, letter_id: str) -> bool:
        """Whether staff wrote anything down of a letter that has a row."""
        return not self._nothing_on_paper and bool(self._row_stages(letter_id))

    def stages(self, pair: Pair, known: LetterRecord) -> Mapping[str, StageValue]:
        """What staff wrote down of the pair's letter: it is on paper where that is anything.

        One whose row is gone lies in its piles as ever.
        """
        if self._nothing_on_paper:
            return {}
        if known.id in self.register.rows:
            return self._row_stages(known.id)
        found = self._pile_stages(pair, known.day) if known.content else {}
        return self._without_excluded_dates(known.id, found)

    def _row_stages(self, letter_id: str) -> Mapping[str, StageValue]:
        """What a letter's row and its piles say; the row's own goes first."""
        row = self.register.rows.get(letter_id)
        own = row.stages if row else {}
        return {**self._without_excluded_dates(letter_id, self.register.stages(letter_id)), **own}

    def _without_excluded_dates(
        self, letter_id: str, found: Mapping[str, StageValue]
    ) -> Mapping[str, StageValue]:
        """Without the dates for whole piles that stood there before the letter was made."""
        late = self._excluded_dates.get(letter_id)
        if late is None:
            return found
        return {stage: value for stage, value in found.items() if str(value) != late.get(stage)}

    def has_lost_row(self, letter_id: str) -> bool:
        """Whether the row of a letter that had one is gone."""
        if self._was_unchanged or self._last.waits or not self._last.told:
            return False
        return self.register.exists and letter_id not in self.register.rows

    def exclude_from_pile_dates(self, new: Iterable[tuple[Pair, LetterRecord]]) -> list[str]:
        """Note down what no date for a whole pile means that stands there already; their paths.

        It was written before these letters were made.
        """
        paths = []
        for pair, known in () if self._nothing_on_paper else new:
            if found := self._pile_stages(pair, known.day):
                self._excluded_dates[known.id] = {
                    stage: str(value) for stage, value in found.items()
                }
                paths.append(known.path)
        self._note(replace(self._last, waits=True))
        return paths

    def _note(self, last: _LastUpdate) -> None:
        self._last = last
        facts = {
            _FACT: json.dumps(astuple(last)),
            _EXCLUDED_DATES_FACT: json.dumps(self._excluded_dates),
        }
        self._ledger.commit(ChangeSet(facts=facts))

    def _pile_stages(self, pair: Pair, made: dt.date) -> Mapping[str, StageValue]:
        """What dates for whole piles say of a letter that was made on a day."""
        person = self._identity.person
        signer, recipient = ((person(p), str(p.label)) for p in (pair.signer, pair.recipient))
        return self.register.stages_covering(signer, recipient, made)

    def name(self, letter_id: str, kind: SheetKind) -> str:
        """The name that the register has for a letter's signer or recipient, if any."""
        row = self.register.rows.get(letter_id)
        return (row.signer if kind == "signer" else row.recipient) if row else ""

    def update(
        self, entries: Callable[[], Iterator[RegisterEntry]], told: str
    ) -> tuple[list[Problem], tuple[RevertedEdit, ...]]:
        """Tell it the news; what is to be told of that, and what staff typed over.

        `told` is a hash of the news: the same as last time, and there is nothing to tell.
        """
        if told == self._last.told and self._is_unchanged:
            if self._last.waits:
                self._note(replace(self._last, waits=False))
            return [], ()
        register = self.register
        done = update_register(self._path, entries(), register, dt.datetime.now().astimezone())
        problems = [*register.problems, *done.problems]
        waits = any(problem.code == "register-no-room" for problem in done.problems)
        if done.current:
            count = sum(register.on_paper(letter_id) for letter_id in register.rows)
            at = None if waits else file_state(str(self._path))  # to be told again at the next run
            self._excluded_dates = {
                i: late for i, late in self._excluded_dates.items() if self._ledger.letter(i)
            }
            self._note(_LastUpdate(told, at, count, register.has_any_dates, waits))
        return problems, done.typed


def _gone(on_paper: int) -> Problem:
    said = f", and said that {on_paper:,} letters are on paper" if on_paper else ""
    what = f"it was there at the last run{said}. Now it is gone."
    hint = "Put it back (bin, backup). If nothing is on paper yet: merge letters --new-register."
    return Problem("register-gone", Place(REGISTER_FILE), what, hint)


def _parse_last_update(fact: str) -> _LastUpdate:
    if not fact:
        return _LastUpdate()
    told, at, *more = json.loads(fact)
    return _LastUpdate(told, FileState(*at) if at else None, *more)


def typed_problem(typed: RevertedEdit, cell: str) -> Problem:
    """Something that staff typed where the program writes; `cell` is where to change it instead."""
    what = f"'{typed.value}' stood in the column {typed.heading}, which the program fills in."
    hints = {
        "State": "Write a date into Printed, Signed, Posted or Answered instead.",
        "File": "Move or rename the file itself; it will be found.",
        "Made on": "Set the row Date of the sheet Settings instead.",
    }
    hint = (
        f"Change {cell} instead." if cell else hints.get(typed.heading, "Use a column of your own.")
    )
    return Problem("register-typed", typed.place, what, hint, "warning")
