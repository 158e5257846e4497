"""What is known of each letter, from the ledger, the disk and the register; nothing is changed."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Literal, NamedTuple

from merge.campaign.opened import Campaign
from merge.model import Content, DataError, Faulty, Letter, Pair, Person, Step
from merge.naming import FreeNames, path_key, short_hash
from merge.plan import Facts, decide
from merge.register.model import Stage
from merge.state.files import UNWANTED, Inventory, placed, read_file
from merge.state.ledger import Known, Ledger
from merge.template.fingerprint import fingerprint_of
from merge.template.library import ENDING, Inputs, changed
from merge.template.sanitize import stamp_of


class Planned(NamedTuple):
    """What is to be done with a letter, and what the ledger is to remember of it.

    `known` has the path where the letter lies now and what its file was found to be; `was` is what
    the ledger holds so far. `inputs` and `named` are what it would be made from and named after
    now, `changed` names what differs in that. `place` is where its file is on the disk, empty where
    there is none; `elsewhere` are further files that carry its id. `off_paper`, of a letter on
    paper, is what would be done if it were not. `stages` are what staff wrote down of it.
    """

    step: Step
    known: Known
    was: Known | None
    inputs: bytes = b""
    named: bytes = b""
    elsewhere: tuple[str, ...] = ()
    changed: Sequence[str] = ()
    place: str = ""
    off_paper: Step | None = None
    stages: Mapping[str, Stage] = MappingProxyType({})

    @property
    def copies(self) -> tuple[str, ...]:
        """Further files that carry its id, where it lies at its place itself."""
        at_its_place = (self.off_paper or self.step).state not in {"moved", "new"}
        return self.elsewhere if at_its_place else ()


_NUMBERED = re.compile(r"-\d+(?=\.docx$)")
"""What tells a file from another that would have its name."""

Again = Literal["", "resaved", "all"]
"""Which letters were asked for anew: none, one that was only saved again, or any."""


class Survey:
    """Plans letter after letter. `stages` are what staff wrote down of one: it is on paper then."""

    def __init__(
        self,
        campaign: Campaign,
        ledger: Ledger,
        inventory: Inventory,
        stages: Callable[[Pair, Known], Mapping[str, Stage]],
    ) -> None:
        self._campaign, self._ledger, self.inventory = campaign, ledger, inventory
        self._stages = stages
        self._faulty = Faulty(campaign.findings)
        self.inputs = Inputs(campaign.templates, campaign.facts.settings)
        self._names = campaign.names.within(str(Path(inventory.folder).absolute()))
        self._reserved: FreeNames | None = None
        self._labels: dict[tuple[str, str], bytes] = {}

    def plan(self, pair: Pair, again: Again = "") -> Planned:
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
        facts = Facts(
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
        return Planned(decide(facts), known, was, inputs, named, *more)

    def _place(self, content: Content, known: Known, elsewhere: Sequence[str]) -> str:
        if content not in {"", "another", "stranger"}:
            return self.inventory.place(known.path)
        return self.inventory.place(elsewhere[0]) if len(elsewhere) == 1 else ""

    def _left_out(self, letter_id: str, pair: Pair, was: Known | None, why: str) -> Planned:
        """A letter with an error: not made; where it is on paper, it stays what it is."""
        path = PurePosixPath(was.path) if was else self._usual(pair)
        day = was.day if was else self._campaign.today
        known = was or Known(letter_id, str(path), b"", day, b"")
        facts = Facts(Letter(letter_id, pair, path), "", faulty=why)
        known, content = self.look(known) if was else (known, "")
        stages = self._stages(pair, known)
        if not stages:
            return Planned(decide(facts), known, was)
        elsewhere = self._elsewhere(letter_id, known.path)
        facts = facts._replace(content=content, elsewhere=elsewhere, on_paper=True)
        off_paper = decide(facts._replace(on_paper=False))
        place = self._place(content, known, elsewhere)
        return Planned(decide(facts), known, was, b"", b"", elsewhere, (), place, off_paper, stages)

    def _usual(self, pair: Pair) -> PurePosixPath:
        """The path that a letter without faults would have; empty where it cannot be told."""
        try:
            return PurePosixPath(self._stem(pair) + ENDING)
        except DataError:
            return PurePosixPath()

    def _stem(self, pair: Pair) -> str:
        return self._names.of_pair(pair, self._campaign.facts.of_pair)

    def look(self, known: Known) -> tuple[Known, Content]:
        """What lies at a letter's known place, with the look noted down."""
        place = self.inventory.place(known.path)
        at = placed(place)
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

    def _content(self, known: Known, data: bytes) -> Content:
        stamp, seen = stamp_of(data), fingerprint_of(data)
        if stamp and stamp.id != known.id:
            return "another"
        if not stamp and not known.content:
            return "stranger"
        # without the id it is ours all the same: it lies where ours lay, and programs may drop it
        if seen and known.output and seen.output == known.output:
            return "made"
        if seen and self._ledger.is_version(known.id, seen.output):
            return "older"
        same = seen is not None and seen.words != b"" and seen.words == known.words
        return "resaved" if same else "edited"

    def _met(self, letter_id: str, pair: Pair) -> tuple[Known, Content]:
        """A letter that the ledger does not know; its file may be there all the same."""
        usual = self._stem(pair) + ENDING
        mine = self.inventory.unknown.get(letter_id, ())
        path = usual if usual in mine else mine[0] if len(mine) == 1 else ""
        if path:
            return self._read_back(letter_id, pair, path)
        known = Known(letter_id, usual, b"", self._campaign.today, b"")
        if mine:
            return known, ""
        return known._replace(path=self._free_name(pair)), ""

    def _read_back(self, letter_id: str, pair: Pair, path: str) -> tuple[Known, Content]:
        """A letter that is there though the ledger was lost: its day is what it says itself.

        It is ours where it is what would be made now; else it counts as edited.
        """
        self._free.reserve(path)
        place = self.inventory.place(path)
        at, data = placed(place), read_file(place)
        stamp = stamp_of(data) if data else None
        known = Known(letter_id, path, self._named(pair), self._campaign.today, b"")
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

    def _beside(self, known: Known, pair: Pair) -> tuple[Known, Content]:
        """A name that a file of somebody else's took: the letter gets the next one."""
        path = self._free_name(pair)
        return known._replace(path=path, content="", size=0, mtime=0, inode=0), ""

    def _gone(self, known: Known, pair: Pair) -> Known:
        """A letter that is to be made once more: under the name it has now.

        One that was never written after all is made for the first time.
        """
        if known.content == "":
            known = known._replace(day=self._campaign.today)
        new_name = self._new_name(known, self._named(pair), pair)
        return known._replace(path=str(new_name)) if new_name else known

    def elsewhere(self, known: Known) -> tuple[str, ...]:
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

    def _new_name(self, known: Known, named: bytes, pair: Pair) -> PurePosixPath | None:
        """The path that a letter of a corrected name is to have; None where it has that."""
        if known.named == named and not known.path.startswith(f"{UNWANTED}/"):
            return None
        stem = self._stem(pair)
        if path_key(_NUMBERED.sub("", known.path)) == path_key(stem + ENDING) or path_key(
            known.path
        ) == path_key(stem + ENDING):
            return None
        return PurePosixPath(self._free.take(stem, ENDING, self._is_there))

    def _free_name(self, pair: Pair) -> str:
        return self._free.take(self._stem(pair), ENDING, self._is_there)

    def free_path(self, path: str) -> str:
        """The path, or one like it where something has it."""
        return self._free.take(path.removesuffix(ENDING), ENDING, self._is_there)

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
