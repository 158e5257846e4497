"""What is known of each letter, from the ledger, the disk and the register; nothing is changed."""

from __future__ import annotations

import datetime as dt
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Literal, NamedTuple

from merge.campaign.campaign import Campaign
from merge.model import (
    Content,
    DataError,
    ErrorIndex,
    Letter,
    Pair,
    Person,
    Place,
    Problem,
    State,
    Step,
)
from merge.naming import FreeNames, path_key, short_hash
from merge.register.model import StageValue
from merge.state.files import ORPHANS_FOLDER, Inventory, Outbox, file_state, read_file
from merge.state.identity import Identity
from merge.state.ledger import ChangeSet, Ledger, LetterRecord
from merge.template.fingerprint import fingerprint_of
from merge.template.library import TEMPLATE_ENDING, InputDigests, changed, field_digests
from merge.template.sanitize import stamp_of


class LetterPlan(NamedTuple):
    """What is to be done with a letter, and what the ledger is to remember of it.

    `known` has the path where the letter lies now and what its file was found to be; `was` is what
    the ledger holds so far. `inputs` and `named` are what it would be made from and named after
    now, `changed` names what differs in that. `place` is where its file is on the disk, empty where
    there is none; `elsewhere` are further files that carry its id. `off_paper`, of a letter on
    paper, is what would be done if it were not. `stages` are what staff wrote down of it.
    """

    step: Step
    known: LetterRecord
    was: LetterRecord | None
    inputs: bytes = b""
    named: bytes = b""
    elsewhere: tuple[str, ...] = ()
    changed: Sequence[str] = ()
    place: str = ""
    step_if_not_on_paper: Step | None = None
    stages: Mapping[str, StageValue] = MappingProxyType({})

    @property
    def copies(self) -> tuple[str, ...]:
        """Further files that carry its id, where it lies at its place itself."""
        at_its_place = (self.step_if_not_on_paper or self.step).state not in {"moved", "new"}
        return self.elsewhere if at_its_place else ()


_NUMBERED = re.compile(r"-\d+(?=\.docx$)")
"""What tells a file from another that would have its name."""

RemakeScope = Literal["", "resaved", "all"]
"""Which letters were asked for anew: none, one that was only saved again, or any."""


class Reconciler:
    """Plans letter after letter. `stages` are what staff wrote down of one: it is on paper then."""

    def __init__(
        self,
        campaign: Campaign,
        ledger: Ledger,
        inventory: Inventory,
        stages: Callable[[Pair, LetterRecord], Mapping[str, StageValue]],
    ) -> None:
        self._campaign, self._ledger, self.inventory = campaign, ledger, inventory
        self._stages = stages
        self._faulty = ErrorIndex(campaign.findings)
        self.inputs = InputDigests(campaign.templates, campaign.facts.settings)
        self._names = campaign.names.within(str(Path(inventory.folder).absolute()))
        self._reserved: FreeNames | None = None
        self._labels: dict[tuple[str, str], bytes] = {}

    def plan(self, pair: Pair, again: RemakeScope = "") -> LetterPlan:
        """What is to be done with the pair's letter."""
        letter_id = self._campaign.identity.letter(pair)
        was = self._ledger.letter(letter_id)
        if faulty := self._faulty.reason(pair):
            return self._left_out(letter_id, pair, was, faulty)
        known, content = self.look(was) if was else self._met(letter_id, pair)
        if content == "stranger":
            known, content = self._beside(known, pair)
        elif was and not content and not self._elsewhere(letter_id, known.path):
            known = self._gone(known, pair)
        inputs = self.inputs.of(pair, self._campaign.day(known.day))
        stages = self._stages(pair, known)
        facts = LetterFacts(
            letter=Letter(letter_id, pair, PurePosixPath(known.path)),
            content=content,
            on_paper=bool(stages),
            is_open=self.inventory.is_open(known.path),
            elsewhere=self._elsewhere(letter_id, known.path),
            changed=self._changed(known.inputs, inputs),
            again=again == "all" or (again == content == "resaved"),
        )
        named = self._named(pair)
        if content in {"made", "older"} and not facts.on_paper and not facts.is_open:
            facts = facts._replace(new_name=self._new_name(known, named, pair))
        place = self._place(content, known, facts.elsewhere)
        off_paper = decide(facts._replace(on_paper=False)) if facts.on_paper else None
        more = (facts.elsewhere, facts.changed, place, off_paper, stages)
        return LetterPlan(decide(facts), known, was, inputs, named, *more)

    def _place(self, content: Content, known: LetterRecord, elsewhere: Sequence[str]) -> str:
        if content not in {"", "another", "stranger"}:
            return self.inventory.place(known.path)
        return self.inventory.place(elsewhere[0]) if len(elsewhere) == 1 else ""

    def _left_out(
        self, letter_id: str, pair: Pair, was: LetterRecord | None, why: str
    ) -> LetterPlan:
        """A letter with an error: not made; where it is on paper, it stays what it is."""
        path = PurePosixPath(was.path) if was else self._usual(pair)
        day = was.day if was else self._campaign.today
        known = was or LetterRecord(letter_id, str(path), b"", day, b"")
        facts = LetterFacts(Letter(letter_id, pair, path), "", faulty=why)
        known, content = self.look(known) if was else (known, "")
        stages = self._stages(pair, known)
        if not stages:
            return LetterPlan(decide(facts), known, was)
        elsewhere = self._elsewhere(letter_id, known.path)
        facts = facts._replace(content=content, elsewhere=elsewhere, on_paper=True)
        off_paper = decide(facts._replace(on_paper=False))
        place = self._place(content, known, elsewhere)
        return LetterPlan(
            decide(facts), known, was, b"", b"", elsewhere, (), place, off_paper, stages
        )

    def _usual(self, pair: Pair) -> PurePosixPath:
        """The path that a letter without faults would have; empty where it cannot be told."""
        try:
            return PurePosixPath(self._stem(pair) + TEMPLATE_ENDING)
        except DataError:
            return PurePosixPath()

    def _stem(self, pair: Pair) -> str:
        return self._names.of_pair(pair, self._campaign.facts.of_pair)

    def look(self, known: LetterRecord) -> tuple[LetterRecord, Content]:
        """What lies at a letter's known place, with the look noted down."""
        place = self.inventory.place(known.path)
        at = file_state(place)
        if at is None:
            return known, "stranger" if os.path.lexists(place) else ""
        if known.still(at):
            return known, known.content
        if at.size == 0 and not known.content:
            # a name that a run claimed; it was killed before it used it
            return known._replace(**at._asdict()), "older"
        data = read_file(place)
        if data is None:
            return known, "shut"
        content = self._content(known, data)
        looked = known._replace(**at._asdict(), content=content)
        return looked._replace(checked=time.time_ns()), content

    def _content(self, known: LetterRecord, data: bytes) -> Content:
        stamp, seen = stamp_of(data), fingerprint_of(data)
        if stamp and stamp.id != known.id:
            return "another"
        if not stamp and not known.content:
            return "stranger"
        # without the id it is ours all the same: it lies where ours lay, and programs may drop it
        if seen and known.output and seen.output == known.output:
            return "made"
        if seen and self._ledger.is_earlier_version(known.id, seen.output):
            return "older"
        same = seen is not None and seen.words != b"" and seen.words == known.words
        return "resaved" if same else "edited"

    def _met(self, letter_id: str, pair: Pair) -> tuple[LetterRecord, Content]:
        """A letter that the ledger does not know; its file may be there all the same."""
        usual = self._stem(pair) + TEMPLATE_ENDING
        mine = self.inventory.unknown.get(letter_id, ())
        path = usual if usual in mine else mine[0] if len(mine) == 1 else ""
        if path:
            return self._read_back(letter_id, pair, path)
        known = LetterRecord(letter_id, usual, b"", self._campaign.today, b"")
        if mine:
            return known, ""
        return known._replace(path=self._free_name(pair)), ""

    def _read_back(self, letter_id: str, pair: Pair, path: str) -> tuple[LetterRecord, Content]:
        """A letter that is there though the ledger was lost: its day is what it says itself.

        It is ours where it is what would be made now; else it counts as edited.
        """
        self._free.reserve(path)
        place = self.inventory.place(path)
        at, data = file_state(place), read_file(place)
        stamp = stamp_of(data) if data else None
        known = LetterRecord(letter_id, path, self._named(pair), self._campaign.today, b"")
        if not (at and stamp and data):
            return known, "shut"
        day = self._campaign.day(stamp.day)
        made = self._campaign.make(Letter(letter_id, pair, PurePosixPath(path)), day)
        known = known._replace(
            day=stamp.day,
            inputs=self.inputs.of(pair, day),
            output=made.seen.output,
            words=made.seen.words,
        )
        content = self._content(known, data)
        return known._replace(**at._asdict(), content=content), content

    def _beside(self, known: LetterRecord, pair: Pair) -> tuple[LetterRecord, Content]:
        """A name that a file of somebody else's took: the letter gets the next one."""
        path = self._free_name(pair)
        return known._replace(path=path, content="", size=0, mtime=0, inode=0), ""

    def _gone(self, known: LetterRecord, pair: Pair) -> LetterRecord:
        """A letter that is to be made once more: under the name it has now.

        One that was never written after all is made for the first time.
        """
        if known.content == "":
            known = known._replace(day=self._campaign.today)
        new_name = self._new_name(known, self._named(pair), pair)
        return known._replace(path=str(new_name)) if new_name else known

    def elsewhere(self, known: LetterRecord) -> tuple[str, ...]:
        """Unknown files that carry a letter's id."""
        return self._elsewhere(known.id, known.path)

    def _elsewhere(self, letter_id: str, path: str) -> tuple[str, ...]:
        mine = self.inventory.unknown.get(letter_id, ())
        return tuple(other for other in mine if other != path)

    def _changed(self, old: bytes, new: bytes) -> Sequence[str]:
        if not old or old == new:
            return ()
        return changed(old, new, self._said) or ("something that it is made from",)

    def _said(self, piece: bytes) -> Mapping[str, str] | None:
        known = self.inputs.said.get(piece)
        return self._ledger.fields(piece) if known is None else known

    def _new_name(self, known: LetterRecord, named: bytes, pair: Pair) -> PurePosixPath | None:
        """The path that a letter of a corrected name is to have; None where it has that."""
        if known.named == named and not known.path.startswith(f"{ORPHANS_FOLDER}/"):
            return None
        stem = self._stem(pair)
        if path_key(_NUMBERED.sub("", known.path)) == path_key(stem + TEMPLATE_ENDING) or path_key(
            known.path
        ) == path_key(stem + TEMPLATE_ENDING):
            return None
        return PurePosixPath(self._free.take(stem, TEMPLATE_ENDING, self._is_there))

    def _free_name(self, pair: Pair) -> str:
        return self._free.take(self._stem(pair), TEMPLATE_ENDING, self._is_there)

    def free_path(self, path: str) -> str:
        """The path, or one like it where something has it."""
        return self._free.take(path.removesuffix(TEMPLATE_ENDING), TEMPLATE_ENDING, self._is_there)

    def _is_there(self, path: str) -> bool:
        return os.path.lexists(self.inventory.place(path))

    @property
    def _free(self) -> FreeNames:
        """The names that no letter has."""
        if self._reserved is None:
            self._reserved = FreeNames()
            for path in self._ledger.paths():
                self._reserved.reserve(path)
        return self._reserved

    def _named(self, pair: Pair) -> bytes:
        """Whom a letter is named after."""
        return self._label(pair.signer) + self._label(pair.recipient)

    def _label(self, person: Person) -> bytes:
        key = (person.kind, person.key)
        if key not in self._labels:
            self._labels[key] = bytes.fromhex(short_hash(person.label)[:8])
        return self._labels[key]


# What is to be done with each letter, from what is known of it. Pure.


class LetterFacts(NamedTuple):
    """All that decides what is to be done with a letter.

    `letter` has the path of its known place, or a free one. `elsewhere` are other files that carry
    its id. `changed` names what differs in what it is made from; `new_name` is the path that it is
    to have, where that is another. `again`: somebody asked for it to be made anew.
    """

    letter: Letter
    content: Content
    faulty: str = ""
    on_paper: bool = False
    is_open: bool = False
    elsewhere: tuple[str, ...] = ()
    changed: Sequence[str] = ()
    new_name: PurePosixPath | None = None
    again: bool = False


def decide(facts: LetterFacts) -> Step:
    """What happens to a letter. Nothing but a letter that is ours alone is ever replaced."""
    return next(step for rule in _RULES if (step := rule(facts)))


def _faulty(facts: LetterFacts) -> Step | None:
    return Step(facts.letter, "faulty", facts.faulty) if facts.faulty else None


def _on_paper(facts: LetterFacts) -> Step | None:
    if not facts.on_paper:
        return None
    gone = "" if facts.content or facts.elsewhere else GONE
    why = "; ".join(filter(None, (ON_PAPER, gone, facts.faulty)))
    return _kept(_where_it_is(facts), "on-paper", why)


def _absent(facts: LetterFacts) -> Step | None:
    if facts.content:
        return None
    if not facts.elsewhere:
        return Step(facts.letter, "new")
    several = SEVERAL + ", ".join(facts.elsewhere) if len(facts.elsewhere) > 1 else ""
    return _kept(_where_it_is(facts), "moved", several or MOVED)


def _not_ours(facts: LetterFacts) -> Step | None:
    why = {"another": OTHER_LETTER, "stranger": FOREIGN}.get(facts.content)
    return _kept(facts, "foreign", why) if why else None


def _in_use(facts: LetterFacts) -> Step | None:
    why = OPEN if facts.is_open else UNREADABLE if facts.content == "shut" else ""
    return _kept(facts, "in-use", why) if why else None


def _ours(facts: LetterFacts) -> Step | None:
    letter = facts.letter
    if facts.content not in {"made", "older"}:
        return None
    if facts.new_name:
        return Step(replace(letter, path=facts.new_name), "rewritten", RENAMED)
    if facts.changed:
        return Step(letter, "rewritten", f"changed: {', '.join(facts.changed)}")
    if facts.content == "older":
        return Step(letter, "rewritten", OLDER)
    return Step(letter, "unchanged")


def _edited(facts: LetterFacts) -> Step:
    if facts.again:
        return Step(facts.letter, "rewritten", AGAIN)
    if facts.content == "resaved":
        return _kept(facts, "resaved", RESAVED)
    return _kept(facts, "edited-changed" if facts.changed else "edited", EDITED)


_RULES: tuple[Callable[[LetterFacts], Step | None], ...] = (
    _on_paper,
    _faulty,
    _in_use,
    _absent,
    _not_ours,
    _ours,
    _edited,
)
"""In this order: the first that has an answer decides."""


def _where_it_is(facts: LetterFacts) -> LetterFacts:
    """A letter that somebody moved has the path that it was moved to."""
    if facts.content or len(facts.elsewhere) != 1:
        return facts
    here = replace(facts.letter, path=PurePosixPath(facts.elsewhere[0]))
    return facts._replace(letter=here)


def _kept(facts: LetterFacts, state: State, why: str) -> Step:
    """The letter stays as it is; told where what it is made from has changed since."""
    since = f"{SINCE}{', '.join(facts.changed)}" if facts.changed else ""
    return Step(facts.letter, state, "; ".join(filter(None, (why, since))))


SINCE = "changed since: "
ON_PAPER = "on paper"
EDITED = "edited by hand"
RESAVED = "saved by another program, its words are the same"
FOREIGN = "a file that this program did not make"
OTHER_LETTER = "the letter of another signer or recipient"
OPEN = "open in Word or LibreOffice"
UNREADABLE = "it cannot be opened"
MOVED = "moved or renamed by hand"
SEVERAL = "several files are this letter, none was touched: "
GONE = "its file is not there"
RENAMED = "under the name that it has now"
OLDER = "an earlier version lay there"
AGAIN = "made again as you asked"


@dataclass(slots=True)
class Balance:
    """How many letters there are and what became of them; it always adds up."""

    written: int = 0
    unchanged: int = 0
    kept: int = 0
    skipped: int = 0

    @property
    def planned(self) -> int:
        """All of them."""
        return self.written + self.unchanged + self.kept + self.skipped

    def count(self, step: Step) -> None:
        """Take one more step into account."""
        field = _COUNTED.get(step.state, "kept")
        setattr(self, field, getattr(self, field) + 1)


_COUNTED: dict[State, str] = {
    "new": "written",
    "rewritten": "written",
    "unchanged": "unchanged",
    "faulty": "skipped",
}


# What is not any pair's letter: copies, letters nobody wants any more, moves cut short.


_FEW = 10
"""Files that are named one by one."""

_CLOUDS = {
    "onedrive": "OneDrive",
    "dropbox": "Dropbox",
    "icloud": "iCloud",
    "mobile documents": "iCloud",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
}


@dataclass(frozen=True, slots=True)
class Orphan:
    """A letter whose pair left the workbook.

    `to` is where it goes, `why` says why it stays; neither where its file is gone as well.
    """

    known: LetterRecord
    to: str = ""
    why: str = ""


def find_orphans(
    ledger: Ledger,
    survey: Reconciler,
    wanted: AbstractSet[int],
    is_safe: Callable[[LetterRecord], str],
) -> Iterator[Orphan]:
    """The letters of the ledger that no pair has now.

    `wanted` are the ids that pairs have, as numbers; `is_safe` says why a letter must stay.
    """
    gone = [letter_id for letter_id in ledger.ids() if int(letter_id, 16) not in wanted]
    for before in filter(None, map(ledger.letter, gone)):
        known, content = survey.look(before)
        if content in {"another", "stranger"}:
            continue
        if not content:
            moved = survey.elsewhere(known)
            yield from (Orphan(known._replace(path=path), why=_MOVED) for path in moved)
            yield from () if moved else (Orphan(known),)
            continue
        why = is_safe(known) or ("" if content in {"made", "older"} else "it was edited by hand")
        if why:
            yield Orphan(known, why=why)
        elif not known.path.startswith(f"{ORPHANS_FOLDER}/"):
            yield Orphan(known, survey.free_path(f"{ORPHANS_FOLDER}/{known.path}"))


def find_unrecorded(
    ledger: Ledger, inventory: Inventory, wanted: AbstractSet[int]
) -> Iterator[Orphan]:
    """Letters that neither a pair nor the ledger knows: it was lost, or they are of elsewhere."""
    for letter_id, paths in inventory.unknown.items():
        if int(letter_id, 16) not in wanted and not ledger.path(letter_id):
            known = LetterRecord(letter_id, "", b"", dt.date.min, b"")
            yield from (Orphan(known._replace(path=path), why=_NOT_KNOWN) for path in paths)


_MOVED = "it was moved by hand"
_NOT_KNOWN = "the program does not know it"


def orphan_problems(found: list[Orphan], root: str, *, done: bool) -> Iterator[Problem]:
    """What is told of them; `done` where they were moved already."""
    gone = [each.known.path for each in found if each.to]
    if gone:
        number = "1 letter" if len(gone) == 1 else f"{len(gone):,} letters"
        whose = "whose pair is not in the workbook any more"
        what = f"{number}, {whose}, {'went' if done else 'will go'} there: {_listed(gone)}."
        hint = "Delete what nobody needs. If the pair comes back, its letter comes back too."
        yield Problem("letters-unwanted", Place(f"{root}/{ORPHANS_FOLDER}"), what, hint, "warning")
    for each in found:
        if each.why:
            what = f"its pair is not in the workbook any more, but {each.why}: it stays."
            hint = "Move or delete it yourself, if nobody needs it."
            place = Place(f"{root}/{each.known.path}")
            yield Problem("letter-unwanted", place, what, hint, "warning")


def _listed(paths: list[str]) -> str:
    more = f" and {len(paths) - _FEW:,} more" if len(paths) > _FEW else ""
    return ", ".join(sorted(paths)[:_FEW]) + more


def copy_problem(path: str, copy: str, root: str) -> Problem:
    """A second file that says it is a letter."""
    what = f"this is a copy of the letter {path}. It is left alone and will not be printed."
    hint = "Delete it, or, if it is the one to send, put it in the place of the other."
    return Problem("letter-copied", Place(f"{root}/{copy}"), what, hint, "warning")


def pile_date_problem(paths: list[str]) -> Problem:
    """New letters that a date for a whole pile cannot mean: it stood there before them."""
    number = "1 new letter is" if len(paths) == 1 else f"{len(paths):,} new letters are"
    what = f"{number} not meant by the date for the whole pile, which is older: {_listed(paths)}."
    hint = "When they are printed, write that into their rows of the sheet Register."
    return Problem("letters-covered", Place("register.xlsx"), what, hint, "warning")


def rows_gone_problems(paths: list[str]) -> Iterator[Problem]:
    """Letters whose rows somebody deleted from the register."""
    if paths:
        number = "1 letter has" if len(paths) == 1 else f"{len(paths):,} letters have"
        what = f"{number} no row any more, and what stood there is lost: {_listed(paths)}."
        hint = "merge letters gives them new rows: write there again what is printed or more."
        yield Problem("register-rows-gone", Place("register.xlsx"), what, hint, "warning")


def ledger_problem(root: str) -> Problem:
    """The program's memory is gone, and the letters are not."""
    what = "what the program knew of these letters is lost."
    hint = "Letters that differ from what it would write now count as edited, and are kept."
    return Problem("ledger-lost", Place(root), what, hint, "warning")


def letters_gone_problem(root: str, count: int) -> Problem:
    """The register lists letters, and there is not one."""
    what = f"register.xlsx lists {count:,} letters, and none of them lies here any more."
    hint = (
        "If the folder was moved or renamed, put it back. To make all anew: merge letters"
        " --new-register."
    )
    return Problem("letters-gone", Place(root), what, hint)


def cloud_problem(folder: Path) -> Problem | None:
    """That a service copies all that is written in a folder; None where none is known to."""
    parts = [part.lower() for part in folder.absolute().parts]
    name = next((v for k, v in _CLOUDS.items() if any(k in part for part in parts)), "")
    if not name:
        return None
    what = f"{name} copies all that lies in this folder, the letters too, to its own computers."
    hint = "If it must not have the signers' data, move the campaign out of it and delete it there."
    return Problem("cloud-folder", Place(str(folder)), what, hint, "warning")


def forget_letters(ledger: Ledger, identity: Identity, letters: Sequence[str]) -> None:
    """Let the ledger forget letters that are gone, and all that it holds for their sake only."""
    if not letters:
        return
    ledger.forget(letters)
    left = {known.id: known for known in ledger.letters()}
    gone = identity.departed(ledger.people(), left.keys())
    ledger.forget((), [someone.key for someone in gone])
    ledger.forget_fields(
        {piece for known in left.values() for piece in field_digests(known.inputs)}
    )


def finish_moves(ledger: Ledger, outbox: Outbox) -> None:
    """Settle where letters are whose move was cut short by a kill."""
    moved = [_settled(known, outbox) for known in ledger.interrupted_moves()]
    if moved:
        ledger.commit(ChangeSet(letters=moved))


def _settled(known: LetterRecord, outbox: Outbox) -> LetterRecord:
    if outbox.settle_move(PurePosixPath(known.was), PurePosixPath(known.path)):
        return known._replace(was="")
    return known._replace(path=known.was, was="", named=b"")
