"""What a run tells: the register, of every letter; the user, of names that were corrected."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from merge.campaign.aside import Unwanted
from merge.campaign.opened import LETTERS, Campaign
from merge.campaign.paper import MADE, Paper, spoken, typed_problem
from merge.model import Kind, Pair, Person, Place, Problem, Step
from merge.register.model import UNWANTED, Entry, Typed
from merge.state.ledger import Ledger


class Told:
    """Collects what became of the letters; only what is out of the ordinary is held."""

    def __init__(self, campaign: Campaign, ledger: Ledger, wanted: AbstractSet[int]) -> None:
        self._campaign, self._ledger, self._wanted = campaign, ledger, wanted
        self._steps: dict[str, tuple[str, Step]] = {}
        self._all = hashlib.sha256()
        self._any_printed = ledger.any_printed()

    def note(self, step: Step, *, done: bool) -> None:
        """Take what happened to a letter; `done` where its step was carried out."""
        state, letter = spoken(step, done=done), step.letter
        if state != MADE:
            self._steps[letter.id] = (state, step)
        pair = letter.pair
        people = (pair.signer.label, pair.recipient.label)
        words = (letter.id, *people, str(letter.path), state, self._batch(letter.id) or "")
        self._all.update("\0".join(words).encode(errors="surrogatepass"))

    def tell(self, paper: Paper, unwanted: Iterable[Unwanted]) -> list[Problem]:
        """Bring the register up to date; what is to be told of that."""
        for each in unwanted:
            self._all.update(f"{each.known.id}{each.to}{each.why}".encode(errors="surrogatepass"))
        problems, typed = paper.update(self._entries, self._all.hexdigest())
        return [*problems, *(typed_problem(each, self._cell(each)) for each in typed)]

    def _entries(self) -> Iterator[Entry]:
        """Every letter that was ever made: those that pairs have now, in their order, first."""
        for pair in self._campaign.workbook.pairs():
            entry = self._entry(pair)
            if entry:
                yield entry
        gone = [i for i in self._ledger.ids() if int(i, 16) not in self._wanted]
        for known in filter(None, map(self._ledger.letter, gone if self._wanted else ())):
            file = f"{LETTERS}/{known.path}"
            yield Entry(known.id, "", "", "", "", file, UNWANTED, None)

    def _entry(self, pair: Pair) -> Entry | None:
        identity = self._campaign.identity
        known = self._ledger.letter(identity.letter(pair))
        if known is None:
            return None
        state, step = self._steps.get(known.id, (MADE, None))
        return Entry(
            id=known.id,
            signer=str(pair.signer.label),
            recipient=str(pair.recipient.label),
            signer_id=identity.person(pair.signer),
            recipient_id=identity.person(pair.recipient),
            file=f"{LETTERS}/{step.letter.path if step else known.path}",
            state=state,
            made=known.day,
            batch=self._batch(known.id),
            fixed=step is not None and step.state == "on-paper",
        )

    def _batch(self, letter_id: str) -> str | None:
        printed = self._ledger.printed(letter_id) if self._any_printed else None
        return printed.batch if printed else None

    def _cell(self, typed: Typed) -> str:
        """The cell of the workbook that a column shows; empty where it shows none."""
        book, identity = self._campaign.workbook, self._campaign.identity
        for pair in book.pairs():
            people = {"Signer": pair.signer, "Recipient": pair.recipient}
            person = people.get(typed.heading)
            if person and typed.id in {identity.letter(pair), identity.person(person)}:
                sheet = book.signers if person is pair.signer else book.recipients
                return str(sheet.place(person.row, "name"))
        return ""


class Corrections:
    """Counts the letters of people whose name was corrected."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        corrected = campaign.identity.corrected
        self._found: dict[tuple[Kind, str], list[str]] = {(p.kind, p.key): [] for p in corrected}

    def count(self, pair: Pair, letter_id: str) -> None:
        """Take a letter that there was before."""
        for person in (pair.signer, pair.recipient) if self._found else ():
            if (person.kind, person.key) in self._found:
                self._found[person.kind, person.key].append(letter_id)

    def problems(self, paper: Paper | None) -> Iterator[Problem]:
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
