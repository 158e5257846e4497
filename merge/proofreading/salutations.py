"""Salutations that name another recipient, as a cell copied down does."""

from __future__ import annotations

from merge.model import BLANK, People, Person, Problem
from merge.proofreading.words import words


class Salutations:
    """Knows how every recipient is addressed."""

    def __init__(self, recipients: People) -> None:
        self._sheet = recipients
        self._surnames: dict[str, Person] = {}
        titles: set[str] = set()
        for person in recipients.persons:
            said, name = _salutation(person), words(person.name)
            if name and name[-1] in said and len(name[-1]) > 1:
                self._surnames.setdefault(name[-1], person)
            rest = (v for t, v in person.fields.items() if t not in {"name", "salutation"})
            titles.update(word for value in rest for word in words(value))
        self._titles = frozenset(titles)

    def doubt(self, person: Person) -> Problem | None:
        """The problem with a recipient's salutation, at its cell; None where there is none.

        It has a word by which another is called and addressed, which is nobody's office, and no
        word of the recipient's own name.
        """
        said = _salutation(person)
        if set(said) & set(words(person.name)):
            return None
        surnames = (self._surnames.get(word) for word in said if word not in self._titles)
        other = next(filter(None, surnames), None)
        if other is None:
            return None
        what = f"this salutation names {other.label}, not {person.label}."
        hint = "Look whether the cell belongs to another row."
        place = self._sheet.place(person.row, "salutation")
        return Problem("proof-salutation", place, what, hint, "warning")


def _salutation(person: Person) -> tuple[str, ...]:
    return words(person.fields.get("salutation", BLANK))
