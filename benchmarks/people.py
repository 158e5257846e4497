"""Invented signers and recipients, the same in every run."""

from __future__ import annotations

from dataclasses import dataclass

RECIPIENTS_EACH = 4
"""Recipients that every signer of a race writes to."""

_GIVEN_NAMES = (
    "Inés",
    "Käthe",
    "Þórdís",
    "Noémie",
    "Małgorzata",
    "Ayşe",
    "Fatima",
    "Rosalind",
    "Zoë",
    "Eszter",
    "Bogdan",
    "Emeka",
    "Joaquín",
    "Kofi",
    "Ottavio",
    "Prakash",
)
_FAMILY_NAMES = (
    "Álvarez",
    "Weißmüller",
    "Eyvindardóttir",
    "Lachapelle",
    "Wróblewska",
    "Yıldırım",
    "Kovalenko",
    "Haddad",
    "O'Hara",
    "Szentiványi",
    "Bjørnstad",
    "Okonkwo",
    "Watanabe",
    "Brancaleone",
    "Dvořák",
    "Venkataraman",
)
_STREETS = (
    "Calle del Almendro",
    "Birnbaumgasse",
    "Rue des Érables & Tilleuls",
    "Vyshneva Street",
    "Quay of the Ropemakers",
)
_TOWNS = (
    ("28013 Madrid", "Spain"),
    ("04107 Leipzig", "Germany"),
    ("Montréal (Québec) H2X 9Z9", "Canada"),
    ("79000 Lviv", "Ukraine"),
    ("9001 Ghent", "Belgium"),
)
_OFFICES = (
    ("Minister of Justice", "Ministry of Justice & Public Order"),
    ("", "Embassy of the Republic"),
    ("Prosecutor General", "Office of the Prosecutor General"),
    ("Commissioner for Human Rights", "Council of the Federation"),
)

Person = dict[str, str]


@dataclass(frozen=True, slots=True)
class Letter:
    """The values of one letter: plain text, as the cells would show it."""

    signer: Person
    recipient: Person
    cases: list[Person]

    @property
    def path(self) -> str:
        """Path of its file, in its signer's folder."""
        return f"{self.signer['name']}/{self.recipient['name']}.docx"


def signers(count: int) -> list[Person]:
    """Return signers of different names, up to 6,656.

    Every seventh has a blank street.
    """
    return [_signer(number) for number in range(count)]


def recipients(count: int) -> list[Person]:
    """Return recipients of different names.

    Every fourth has no position, every third no country.
    """
    return [_recipient(number) for number in range(count)]


def cases(recipient: int) -> list[Person]:
    """Return three rows of a table, different for every recipient."""
    numbers = range(3 * recipient, 3 * recipient + 3)
    return [{"name": _name(7 * n + 3), "town": _TOWNS[n % len(_TOWNS)][0]} for n in numbers]


def letters(count: int) -> list[Letter]:
    """Return that many letters, signer by signer, to the same few recipients."""
    readers = [(person, cases(n)) for n, person in enumerate(recipients(RECIPIENTS_EACH))]
    all_letters = (
        Letter(signer, recipient, rows)
        for signer in signers(-(-count // RECIPIENTS_EACH))
        for recipient, rows in readers
    )
    return [letter for letter, _ in zip(all_letters, range(count), strict=False)]


def _name(number: int) -> str:
    given_number, rest = number % len(_GIVEN_NAMES), number // len(_GIVEN_NAMES)
    family_number, turn = rest % len(_FAMILY_NAMES), rest // len(_FAMILY_NAMES)
    initial = f"{chr(ord('A') + turn % 26)}. " if turn else ""
    return f"{_GIVEN_NAMES[given_number]} {initial}{_FAMILY_NAMES[family_number]}"


def _signer(number: int) -> Person:
    city, country = _TOWNS[number % len(_TOWNS)]
    street = f"{_STREETS[number % len(_STREETS)]} {1 + number % 90}"
    return {
        "id": f"S{number + 1}",
        "name": _name(number),
        "street": street if number % 7 != 6 else "",
        "city": city,
        "country": country,
    }


def _recipient(number: int) -> Person:
    position, organisation = _OFFICES[number % len(_OFFICES)]
    city, country = _TOWNS[(number + 2) % len(_TOWNS)]
    name = f"Ambassador {_name(number + 500)}" if not position else _name(number + 500)
    return {
        "id": f"R{number + 1}",
        "position": position,
        "name": name,
        "organisation": organisation,
        "street": f"{_STREETS[(number + 1) % len(_STREETS)]} {2 + number % 50}",
        "city": city,
        "country": country if number % 3 != 1 else "",
        "salutation": position or "Ambassador",
    }
