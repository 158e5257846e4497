"""What goes on envelopes, labels and parcels: addresses as the finished letters have them."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import islice

from merge.campaign.finished import Wish
from merge.campaign.opened import LETTERS, Campaign
from merge.campaign.outer import address_pattern, lines_of
from merge.model import Finished, Kind, Person, Problem
from merge.printing.addresses import Outside, Parcel, Wanted, address_lines, digits_needed
from merge.proofreading.text import parts, read_paragraphs

_FEW = 5
"""Letters that are named, and letters that are looked at for a parcel's address."""


class Outsides:
    """Finds the outsides of letters."""

    def __init__(self, campaign: Campaign, *, return_to_signer: bool = False) -> None:
        self.campaign, self.return_to_signer = campaign, return_to_signer
        self._pattern = address_pattern(campaign.workbook.settings)
        self._unclear: dict[tuple[Kind, str], list[Finished]] = {}

    def of(self, letter: Finished) -> Outside:
        """What the letter's envelope or label shows."""
        lines = self._address(letter)
        back = self._back(letter)
        return Outside(letter.id, lines, back, _shown(letter, self.campaign))

    def _address(self, letter: Finished) -> tuple[str, ...]:
        pair = letter.pair
        if self._pattern:
            lines = lines_of(self._pattern, self.campaign.facts.of_pair(pair))
        else:
            lines = address_lines(_paragraphs(letter), pair.recipient, pair.signer)
        if not lines:
            self._note(pair.recipient, letter)
        return lines

    def _back(self, letter: Finished) -> tuple[str, ...]:
        """The return address; the signer's own only where that was asked for."""
        if self.return_to_signer:
            signer = letter.pair.signer
            own = address_lines(_paragraphs(letter), signer, letter.pair.recipient)
            if not own:
                self._note(signer, letter)
            return own or (str(signer.name),)
        text = self.campaign.workbook.settings.return_address or ""
        return tuple(line.strip() for line in text.splitlines() if line.strip())

    def _note(self, person: Person, letter: Finished) -> None:
        letters = self._unclear.setdefault((person.kind, person.key), [])
        letters += [] if letter in letters else [letter]

    @property
    def problems(self) -> list[Problem]:
        """Whose address could not be told, and from which letters."""
        return [self._problem(kind, letters) for (kind, _), letters in self._unclear.items()]

    def _problem(self, kind: Kind, letters: Sequence[Finished]) -> Problem:
        book, pair = self.campaign.workbook, letters[0].pair
        sheet = book.signers if kind == "signer" else book.recipients
        person = pair.signer if kind == "signer" else pair.recipient
        files = ", ".join(_shown(letter, self.campaign) for letter in letters[:_FEW])
        files += f" and {len(letters) - _FEW:,} more" if len(letters) > _FEW else ""
        where = "where it begins and ends cannot be told from"
        if kind == "signer":
            what = f"of the address only the name stands on the outside: {where} {files}."
            hint = "Write it there by hand, or leave --return-to-signer out."
        else:
            what = f"the address is left blank: {where} {files}."
            hint = (
                "Write it by hand, or a row Envelope address into the sheet Settings, with tags,"
                " a line for a line."
            )
        place = sheet.place(person.row, "name")
        return Problem("address-unclear", place, what, hint, "warning")


def _paragraphs(letter: Finished) -> list[str]:
    whole = parts(letter.path.read_bytes(), letter.path.name)
    return [paragraph.text for paragraph in read_paragraphs(whole) if paragraph.part == "body"]


def _shown(letter: Finished, campaign: Campaign) -> str:
    return f"{LETTERS}/{letter.path.relative_to(campaign.folder / LETTERS).as_posix()}"


def parcels_of(
    outsides: Outsides, wishes: Sequence[Wish], printed: Sequence[Finished]
) -> list[Parcel]:
    """A parcel for each recipient of a letter that can be in it; every letter, in it or missing.

    In it are those that are printed now, and those that are on paper and not posted yet.
    """
    now = {letter.id for letter in printed}
    digits = digits_needed(wish.id for wish in wishes)
    piles: dict[str, list[Wish]] = {}
    for wish in wishes:
        piles.setdefault(wish.pair.recipient.key, []).append(wish)
    made = (_parcel(outsides, pile, now, digits) for pile in piles.values())
    return [parcel for parcel in made if parcel.present]


def _parcel(outsides: Outsides, pile: Sequence[Wish], now: AbstractSet[str], digits: int) -> Parcel:
    recipient = str(pile[0].pair.recipient.label)
    wanted = [_wanted(wish, wish.id[:digits], wish.id in now) for wish in pile]
    here = (w.letter for w, its in zip(pile, wanted, strict=True) if w.letter and its.present)
    shown = (outsides.of(letter) for letter in islice(here, _FEW))
    outside = next((outside for outside in shown if outside.lines), None)
    lines = outside.lines if outside else (recipient,)
    back = outside.back if outside and not outsides.return_to_signer else ()
    return Parcel(lines, recipient, tuple(wanted), back)


def _wanted(wish: Wish, short: str, printed: bool) -> Wanted:  # noqa: FBT001 - one of two facts
    posted = bool({"Posted", "Answered"} & wish.stages)
    present = (printed or wish.on_paper) and not posted
    reason = "" if present else "posted already" if posted else wish.reason or "not printed"
    return Wanted(str(wish.pair.signer.label), short, present, reason)
