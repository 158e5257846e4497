"""Addresses on envelopes, labels and parcels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice

from merge import messages
from merge.campaign.address_settings import address_pattern, fill_address
from merge.campaign.campaign import Campaign
from merge.campaign.candidates import PrintCandidate
from merge.countries import country_code, format_country_line
from merge.errors import StorageError
from merge.letter_status import PrintableLetter
from merge.naming import format_count
from merge.people import People, Person, SheetKind
from merge.printing.address_columns import (
    country_cell,
    has_postcode_or_town,
    has_town,
    may_contain_town,
    town_column,
)
from merge.printing.addresses import LetterAddress, recipient_address_lines, signer_address_lines
from merge.printing.libreoffice import translate_letter_errors
from merge.printing.parcels import Parcel, ParcelLetter
from merge.problems import Problem
from merge.product import LETTERS_FOLDER
from merge.proofreading.text import read_paragraphs, read_parts
from merge.register.layouts import SENT_STAGES

_MAX_NAMED = 5
"""Letters that are named, and letters examined for a parcel's address."""


class LetterAddressFinder:
    """A finder of addresses for envelopes and labels in finished letters.

    `read` returns the bytes of a letter, or raises StorageError.
    """

    def __init__(
        self,
        campaign: Campaign,
        read: Callable[[PrintableLetter], bytes],
        *,
        return_to_signer: bool = False,
    ) -> None:
        self.campaign, self.return_to_signer = campaign, return_to_signer
        self._read = read
        self._pattern = address_pattern(campaign.workbook.settings)
        self._unclear: dict[tuple[SheetKind, str], list[PrintableLetter]] = {}
        self._townless: dict[SheetKind, dict[str, Person]] = {"recipient": {}, "signer": {}}
        self._addresses: dict[str, LetterAddress] = {}
        self._read_problems: dict[Problem, None] = {}

    def find(self, letter: PrintableLetter, data: bytes | None = None) -> LetterAddress | None:
        """Return recipient and return address for a letter's envelope or label.

        If the letter cannot be read, return None and record the problem. `data` are the letter's
        bytes, if available.
        """
        if letter.id not in self._addresses:
            try:
                text = _paragraphs(data or self._read(letter), letter.path.name)
            except StorageError as error:
                self._read_problems.update(dict.fromkeys(error.problems))
                return None
            return_address = self._return_address(letter, text)
            home_country = country_code(return_address[-1]) if return_address else ""
            country = country_cell(letter.pair.recipient)
            lines = format_country_line(self._address(letter, text), home_country, country)
            path = _relative_path(letter, self.campaign)
            self._addresses[letter.id] = LetterAddress(
                self.campaign.short_id(letter.id), lines, return_address, path
            )
        return self._addresses[letter.id]

    def _address(self, letter: PrintableLetter, text: Sequence[str]) -> tuple[str, ...]:
        pair = letter.pair
        if self._pattern:
            lines = fill_address(self._pattern, self.campaign.fill_context.pair_values(pair))
        else:
            lines = recipient_address_lines(text, pair.recipient, pair.signer)
        if not lines:
            self._note_unclear(pair.recipient, letter)
        elif not has_town(lines, pair.recipient):
            self._townless["recipient"][pair.recipient.key] = pair.recipient
        return lines

    def _return_address(self, letter: PrintableLetter, text: Sequence[str]) -> tuple[str, ...]:
        """Return an envelope's return address: the setting's or the signer's."""
        if self.return_to_signer:
            signer = letter.pair.signer
            lines = signer_address_lines(text, signer, letter.pair.recipient)
            if not lines:
                self._note_unclear(signer, letter)
            elif not has_town(lines, signer):
                self._townless["signer"][signer.key] = signer
            return lines or (str(signer.name),)
        setting = self.campaign.workbook.settings.return_address or ""
        return tuple(line.strip() for line in setting.splitlines() if line.strip())

    def _note_unclear(self, person: Person, letter: PrintableLetter) -> None:
        self._unclear.setdefault((person.kind, person.key), []).append(letter)

    @property
    def problems(self) -> list[Problem]:
        """Return problems of unreadable letters, and of addresses not found."""
        unclear_problems = (
            self._unclear_problem(kind, letters) for (kind, _), letters in self._unclear.items()
        )
        return [*self._read_problems, *unclear_problems, *self._without_town()]

    def _without_town(self) -> Iterator[Problem]:
        """Yield one warning for each sheet of people whose addresses lack a town."""
        workbook = self.campaign.workbook
        for people in (workbook.recipients, workbook.signers):
            persons = list(self._townless[people.kind].values())
            if persons:
                yield _no_town_problem(persons, people)
        settings = workbook.settings
        if self._addresses and not self.return_to_signer and settings.return_address:
            first, *rest = settings.return_address.strip().splitlines()
            if not (may_contain_town(rest) or has_postcode_or_town(first)):
                place = settings.place("return_address")
                yield messages.problem("address-without-town/return", place)

    def _unclear_problem(self, kind: SheetKind, letters: Sequence[PrintableLetter]) -> Problem:
        pair = letters[0].pair
        person = pair.signer if kind == "signer" else pair.recipient
        files = tuple(_relative_path(letter, self.campaign) for letter in letters)
        key = "address-unclear/signer" if kind == "signer" else "address-unclear"
        return messages.problem(key, person.place("name"), files=files)


def _no_town_problem(persons: Sequence[Person], people: People) -> Problem:
    """Return the warning of people whose addresses lack a town.

    It names the cells to fill in.
    """
    column = town_column(people)
    cells = ((person.label, person.place(column).cell) for person in persons)
    return messages.problem(
        "address-without-town" if column else "address-without-town/column",
        persons[0].place(column or "name"),
        address="return address" if people.kind == "signer" else "address",
        who=format_count(len(persons), people.kind),
        names=tuple(f"{label} ({cell})" if column else str(label) for label, cell in cells),
    )


def _paragraphs(data: bytes, name: str) -> list[str]:
    with translate_letter_errors():
        document_parts = read_parts(data, name)
    return [
        paragraph.text for paragraph in read_paragraphs(document_parts) if paragraph.part == "body"
    ]


def _relative_path(letter: PrintableLetter, campaign: Campaign) -> str:
    return f"{LETTERS_FOLDER}/{letter.path.relative_to(campaign.letters_folder).as_posix()}"


def build_parcels(
    outsides: LetterAddressFinder,
    candidates: Sequence[PrintCandidate],
    printed_now: Sequence[PrintableLetter],
) -> list[Parcel]:
    """Return one parcel for each recipient with letters to print or post.

    A parcel lists all letters to the recipient. It contains those that are printed now, and those
    that are printed and not posted yet.
    """
    printed_ids = {letter.id for letter in printed_now}
    piles: dict[str, list[PrintCandidate]] = {}
    for candidate in candidates:
        piles.setdefault(candidate.pair.recipient.key, []).append(candidate)
    parcels = (_parcel(outsides, pile, printed_ids) for pile in piles.values())
    return [parcel for parcel in parcels if parcel.present_letters]


def is_for_parcel(candidate: PrintCandidate, *, is_printed_now: bool) -> bool:
    """Return whether a letter goes into a parcel: printed and not posted."""
    return (is_printed_now or candidate.is_printed) and not SENT_STAGES & candidate.stages


def _parcel(
    outsides: LetterAddressFinder,
    pile: Sequence[PrintCandidate],
    printed_ids: AbstractSet[str],
) -> Parcel:
    recipient, short_id = str(pile[0].pair.recipient.label), outsides.campaign.short_id
    items = [
        _parcel_item(candidate, short_id(candidate.id), candidate.id in printed_ids)
        for candidate in pile
    ]
    present_letters = (
        candidate.letter
        for candidate, item in zip(pile, items, strict=True)
        if candidate.letter and item.is_present
    )
    addresses = (outsides.find(letter) for letter in islice(present_letters, _MAX_NAMED))
    address = next((address for address in addresses if address and address.lines), None)
    lines = address.lines if address else (recipient,)
    return_address = address.return_address if address and not outsides.return_to_signer else ()
    return Parcel(lines, recipient, tuple(items), return_address)


def _parcel_item(candidate: PrintCandidate, short: str, printed: bool) -> ParcelLetter:  # noqa: FBT001 - one of two facts
    posted = bool(SENT_STAGES & candidate.stages)
    present = is_for_parcel(candidate, is_printed_now=printed)
    reason = "" if present else "posted already" if posted else candidate.reason or "not printed"
    return ParcelLetter(
        signer=str(candidate.pair.signer.label),
        id=short,
        is_present=present,
        reason=reason,
        is_signed="Signed" in candidate.stages,
    )
