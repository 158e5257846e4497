"""Warnings about scripts for which this computer has no font.

A PDF of such a letter would show boxes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from merge import messages
from merge.letter_status import PrintableLetter
from merge.people import Pair, Person
from merge.printing.fonts import script_name
from merge.printing.libreoffice import LibreOffice
from merge.problems import Place, Problem
from merge.proofreading.text import plain_text

_MAX_NAMED = 5
"""Number of people who are named."""

ReadLetter = Callable[[PrintableLetter], bytes]


def font_warnings(
    letters: Sequence[PrintableLetter], read: ReadLetter, writer: LibreOffice
) -> list[Problem]:
    """Return a warning for each script in letters without a font.

    `read` returns a letter's bytes. First, all cells of the people, edited letters, and one letter
    of each template are examined. The other letters are read only if a cell has such a script.
    """
    cells = {
        person.key: frozenset("".join(person.fields.values()))
        for letter in letters
        for person in (letter.pair.signer, letter.pair.recipient)
    }
    texts = {letter.id: frozenset(_text(letter, read)) for letter in _samples(letters)}
    missing = writer.characters_without_font(frozenset().union(*cells.values(), *texts.values()))
    concerned: dict[str, dict[str, None]] = {}
    for letter in letters if missing else ():
        signer, recipient = letter.pair.signer, letter.pair.recipient
        characters = texts.get(letter.id, frozenset())
        if missing & (cells[signer.key] | cells[recipient.key] | characters):
            all_characters = characters or frozenset(_text(letter, read))
            for character in sorted(missing & (all_characters | {*signer.name, *recipient.name})):
                holder = _holder(character, letter, cells)
                concerned.setdefault(script_name(character), {})[holder] = None
    return [_warning(script, [*holders]) for script, holders in concerned.items()]


def _samples(letters: Sequence[PrintableLetter]) -> Iterator[PrintableLetter]:
    """Yield all edited letters, and one letter per template and language."""
    sampled_kinds: set[tuple[str, ...]] = set()
    for letter in letters:
        kind = _kind(letter.pair)
        if letter.is_edited or kind not in sampled_kinds:
            sampled_kinds.add(kind)
            yield letter


def _kind(pair: Pair) -> tuple[str, ...]:
    people, tags = (pair.signer, pair.recipient), ("template", "language")
    return tuple(str(person.fields.get(tag, "")) for person in people for tag in tags)


def _text(letter: PrintableLetter, read: ReadLetter) -> str:
    return plain_text(read(letter), letter.path.name)


def _holder(character: str, letter: PrintableLetter, cells: Mapping[str, AbstractSet[str]]) -> str:
    """Return the name of the person with a character, or of the letter's file."""
    people: tuple[Person, ...] = (letter.pair.signer, letter.pair.recipient)
    labels = (person.label for person in people if character in cells[person.key])
    return next(labels, letter.path.name)


def _warning(script: str, holders: Sequence[str]) -> Problem:
    return messages.problem(
        "font-missing", Place("LibreOffice"), script=script, names=tuple(holders)
    )
