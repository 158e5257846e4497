"""What goes on envelopes, labels and parcels: addresses as the finished letters have them."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from merge.campaign.finished import Wish
from merge.campaign.opened import LETTERS, Campaign
from merge.language import Expression, compile_text
from merge.model import Finished, Problem
from merge.printing import Outside, Parcel, Wanted, address_lines, digits_needed
from merge.proofreading import paragraphs, parts

SETTING = "envelope_address"
"""The row Envelope address of the sheet Settings: a pattern, where the letter's own will not do."""


class Outsides:
    """Finds the outsides of letters; what cannot be found is told in `problems`."""

    def __init__(self, campaign: Campaign, *, return_to_signer: bool = False) -> None:
        self.campaign, self.return_to_signer = campaign, return_to_signer
        self.problems: list[Problem] = []
        self._pattern = self._compiled()
        self._unclear: set[str] = set()

    def _compiled(self) -> Expression | None:
        settings = self.campaign.workbook.settings
        pattern = settings.fields.get(SETTING, "")
        if not pattern.strip():
            return None
        compiled = compile_text(pattern, settings.place(SETTING))
        if isinstance(compiled, Expression):
            return compiled
        self.problems += compiled
        return None

    def of(self, letter: Finished) -> Outside:
        """What the letter's envelope or label shows."""
        lines = self._address(letter)
        back = self._back(letter) if lines else ()
        return Outside(letter.id, lines, back, _shown(letter, self.campaign))

    def _address(self, letter: Finished) -> tuple[str, ...]:
        if self._pattern:
            text = self._pattern.text(self.campaign.facts.of_pair(letter.pair))
            lines = tuple(line.strip() for line in text.splitlines() if line.strip())
        else:
            lines = address_lines(_paragraphs(letter), letter.pair.recipient, letter.pair.signer)
        if not lines and letter.pair.recipient.key not in self._unclear:
            self._unclear.add(letter.pair.recipient.key)
            self.problems.append(self._no_address(letter))
        return lines

    def _no_address(self, letter: Finished) -> Problem:
        book = self.campaign.workbook
        what = "where the address begins and ends cannot be told from the letter."
        hint = "Write a row Envelope address into the sheet Settings, with tags, a line for a line."
        place = book.recipients.place(letter.pair.recipient.row, "name")
        return Problem("address-unclear", place, what, hint, "warning")

    def _back(self, letter: Finished) -> tuple[str, ...]:
        """The return address; the signer's own only where that was asked for."""
        if self.return_to_signer:
            signer = letter.pair.signer
            own = address_lines(_paragraphs(letter), signer, letter.pair.recipient)
            return own or (str(signer.name),)
        text = self.campaign.workbook.settings.return_address or ""
        return tuple(line.strip() for line in text.splitlines() if line.strip())


def _paragraphs(letter: Finished) -> list[str]:
    whole = parts(letter.path.read_bytes(), letter.path.name)
    return [paragraph.text for paragraph in paragraphs(whole) if paragraph.part == "body"]


def _shown(letter: Finished, campaign: Campaign) -> str:
    return f"{LETTERS}/{letter.path.relative_to(campaign.folder / LETTERS).as_posix()}"


def parcels_of(
    outsides: Outsides, wishes: Sequence[Wish], printed: Sequence[Finished]
) -> list[Parcel]:
    """A parcel for each recipient: every letter that is wanted, in it or missing.

    In it are those that are printed now, and those that are on paper.
    """
    now = {letter.id for letter in printed}
    digits = digits_needed(wish.id for wish in wishes)
    piles: dict[str, list[Wish]] = {}
    for wish in wishes:
        piles.setdefault(wish.pair.recipient.key, []).append(wish)
    return [_parcel(outsides, pile, now, digits) for pile in piles.values()]


def _parcel(outsides: Outsides, pile: Sequence[Wish], now: AbstractSet[str], digits: int) -> Parcel:
    recipient = str(pile[0].pair.recipient.label)
    wanted = [_wanted(wish, wish.id[:digits], wish.id in now) for wish in pile]
    here = (w.letter for w in pile if w.letter and (w.on_paper or w.id in now))
    first = next(here, None)
    outside = outsides.of(first) if first else None
    lines = outside.lines if outside and outside.lines else (recipient,)
    back = outside.back if outside and not outsides.return_to_signer else ()
    return Parcel(lines, recipient, tuple(wanted), back)


def _wanted(wish: Wish, short: str, printed: bool) -> Wanted:  # noqa: FBT001 - one of two facts
    present = printed or wish.on_paper
    reason = "" if present else wish.reason or "not printed"
    return Wanted(str(wish.pair.signer.label), short, present, reason)
