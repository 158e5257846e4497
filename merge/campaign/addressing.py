"""Addresses on envelopes, labels and parcels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from merge import messages
from merge.campaign.address_settings import address_pattern, fill_address
from merge.campaign.campaign import Campaign
from merge.campaign.candidates import PrintCandidate
from merge.countries import country_code, format_country_line
from merge.letter_status import PrintableLetter
from merge.naming import format_count
from merge.people import Pair, People, Person, SheetKind
from merge.printing.addresses import (
    LetterAddress,
    address_lines,
    columns_pattern,
    country_cell,
    has_postcode_or_town,
    has_town,
    may_contain_town,
    town_column,
)
from merge.printing.parcels import Parcel
from merge.problems import Place, Problem
from merge.product import LETTERS_FOLDER
from merge.register.layouts import SENT_STAGES


class AddressBook:
    """The addresses of a campaign's letters, and problems with them.

    Envelope address in Settings has the lines of an address. If it is missing or gives nothing,
    these are the name and the address columns in their usual order.
    """

    def __init__(self, campaign: Campaign, *, return_to_signer: bool = False) -> None:
        self.campaign, self.return_to_signer = campaign, return_to_signer
        self._pattern = address_pattern(campaign.workbook.settings)
        self._townless: dict[SheetKind, dict[str, Person]] = {"recipient": {}, "signer": {}}
        self._edited: dict[str, None] = {}

    @property
    def columns_pattern(self) -> str:
        """The address columns as a pattern for the setting; empty if it has one."""
        return "" if self._pattern else columns_pattern(self.campaign.workbook.recipients)

    def address_of(self, letter: PrintableLetter) -> LetterAddress:
        """Return recipient and return address for a letter's envelope or label."""
        path = _relative_path(letter, self.campaign)
        if letter.is_edited:
            self._edited[path] = None
        return_address = self._return_address(letter.pair.signer)
        return LetterAddress(
            short_id=self.campaign.short_id(letter.id),
            lines=self.recipient_lines(letter.pair, return_address),
            return_address=return_address,
            path=path,
        )

    def recipient_lines(self, pair: Pair, return_address: Sequence[str] = ()) -> tuple[str, ...]:
        """Return a recipient's address, a foreign country in capitals."""
        recipient, lines = pair.recipient, tuple[str, ...]()
        if self._pattern:
            lines = fill_address(self._pattern, self.campaign.fill_context.pair_values(pair))
        lines = self._with_town(lines or address_lines(recipient), recipient)
        home_country = country_code(return_address[-1]) if return_address else ""
        return format_country_line(lines, home_country, country_cell(recipient))

    def _return_address(self, signer: Person) -> tuple[str, ...]:
        """Return an envelope's return address: the setting's or the signer's."""
        if self.return_to_signer:
            return self._with_town(address_lines(signer), signer)
        setting = self.campaign.workbook.settings.return_address or ""
        return tuple(line.strip() for line in setting.splitlines() if line.strip())

    def _with_town(self, lines: tuple[str, ...], person: Person) -> tuple[str, ...]:
        """Return the lines, and record the person if they lack a town."""
        if not has_town(lines, person):
            self._townless[person.kind][person.key] = person
        return lines

    @property
    def problems(self) -> Iterator[Problem]:
        """Yield warnings of edited letters, and of addresses without a town."""
        workbook = self.campaign.workbook
        if self._edited:
            place, letters = Place(LETTERS_FOLDER), [*self._edited]
            yield messages.problem("address-of-edited-letter", place, letters=letters)
        for people in (workbook.recipients, workbook.signers):
            persons = list(self._townless[people.kind].values())
            if persons:
                yield _no_town_problem(persons, people)
        settings = workbook.settings
        if not self.return_to_signer and settings.return_address:
            first, *rest = settings.return_address.strip().splitlines()
            if not (may_contain_town(rest) or has_postcode_or_town(first)):
                place = settings.place("return_address")
                yield messages.problem("address-without-town/return", place)


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


def _relative_path(letter: PrintableLetter, campaign: Campaign) -> str:
    return f"{LETTERS_FOLDER}/{letter.path.relative_to(campaign.letters_folder).as_posix()}"


def build_parcels(
    address_book: AddressBook,
    candidates: Sequence[PrintCandidate],
    printed_now: Sequence[PrintableLetter],
) -> list[Parcel]:
    """Return one parcel for each recipient with letters to post.

    It contains letters that are printed now, and those that are printed and not posted yet.
    """
    printed_ids = {letter.id for letter in printed_now}
    piles: dict[str, list[PrintableLetter]] = {}
    for each in candidates:
        if each.letter and is_for_parcel(each, is_printed_now=each.id in printed_ids):
            piles.setdefault(each.pair.recipient.key, []).append(each.letter)
    return [_parcel(address_book, letters) for letters in piles.values()]


def is_for_parcel(candidate: PrintCandidate, *, is_printed_now: bool) -> bool:
    """Return whether a letter goes into a parcel: printed and not posted."""
    return (is_printed_now or candidate.is_printed) and not SENT_STAGES & candidate.stages


def _parcel(address_book: AddressBook, letters: Sequence[PrintableLetter]) -> Parcel:
    first, *_ = [address_book.address_of(letter) for letter in letters]
    signers = tuple(str(letter.pair.signer.label) for letter in letters)
    return_address = () if address_book.return_to_signer else first.return_address
    return Parcel(first.lines, str(letters[0].pair.recipient.label), signers, return_address)
