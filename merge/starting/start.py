"""Start a campaign from finished letters: what was found, and the proof.

Everything is computed from the letters and the answers, so a front end stores only these two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from merge import messages
from merge.errors import DataError, UsageError
from merge.naming import placeholder_name, safe_path_part
from merge.problems import Place, Problem
from merge.starting.address_lines import share_kinds
from merge.starting.alignment import Slot, align_letters
from merge.starting.columns import (
    Column,
    ColumnTable,
    Edit,
    SheetRoot,
    is_program_heading,
    value_edit,
)
from merge.starting.dates import tell_kept_dates
from merge.starting.draft import Decision, TemplateDraft
from merge.starting.edit_spans import edit_spans
from merge.starting.from_letters import find_columns
from merge.starting.from_workbook import find_cells
from merge.starting.hidden_content import hidden_mentions
from merge.starting.letters import Letter, read_letter
from merge.starting.people_in_text import contacts_in_text, names_in_text, words_in_no_cell
from merge.starting.proof import TemplateProof, prove
from merge.starting.questions import AddedPlace, Dialogue, Notice, Question, StartAnswers
from merge.starting.template_writer import write_template
from merge.starting.words import plain
from merge.starting.workbook_writer import pair_rows, people_rows, write_workbook
from merge.starting.zones import find_zones, mark_address
from merge.workbook.reading import parse_workbook

TEMPLATE_NAME = "appeal.docx"
MAX_LETTERS = 20
_NAMES = ("signer.name", "recipient.name")

ReadLetter = Callable[[bytes, str], Letter]


@dataclass(frozen=True, slots=True)
class StartingPoint:
    """The start of a campaign: columns, questions, the proof, the template.

    `rows` are the rows of each sheet, headings first.
    """

    draft: TemplateDraft
    letters: tuple[str, ...]
    columns: tuple[Column, ...]
    rejected: tuple[Column, ...]
    questions: tuple[Question, ...]
    notices: tuple[Notice, ...]
    warnings: tuple[Problem, ...]
    rows: Mapping[str, list[list[str]]]
    proof: TemplateProof
    template: bytes
    template_name: str = TEMPLATE_NAME

    def workbook(self, title: str) -> bytes:
        """Return the bytes of the workbook with the rows that were found."""
        return write_workbook(self.draft, self.template_name, title)


def find_placeholders(
    letters: Mapping[str, bytes],
    workbook: bytes | None,
    answers: StartAnswers,
    read: ReadLetter = read_letter,
) -> StartingPoint:
    """Return what is found in letters, by file name, and in a workbook.

    `read` may return the same letter each time. Raise a MergeError if the files cannot be used
    together.
    """
    draft = _draft(letters, answers, read)
    template_name = TEMPLATE_NAME
    if workbook is None:
        find_columns(draft)
    elif draft.count > 1:
        place = Place(draft.letters[1].name)
        raise UsageError(messages.problem("start-too-many/workbook", place))
    else:
        book = parse_workbook(workbook, "signers.xlsx")
        find_cells(draft, book)
        template_name = safe_path_part(book.settings.template or TEMPLATE_NAME)
        template_name = f"{template_name.removesuffix('.docx')}.docx"
    _tell_small_differences(draft)
    rejected = _apply_answers(draft, answers)
    tell_kept_dates(draft)
    template = write_template(draft)
    proof = prove(draft, template, TEMPLATE_NAME)
    if answers.adds_signer:
        template = write_template(draft, adds_signer=True)
    _tell_what_stays(draft, template)
    rows = {
        f"{sheet.capitalize()}s": people_rows(draft, sheet)[0] for sheet in ("signer", "recipient")
    }
    return StartingPoint(
        draft=draft,
        letters=tuple(letters),
        columns=tuple(draft.table.columns),
        rejected=tuple(rejected),
        questions=tuple(draft.dialogue.questions),
        notices=tuple(draft.dialogue.notices),
        warnings=tuple(problem for letter in draft.letters for problem in letter.warnings),
        rows={**rows, "Pairs": pair_rows(draft)},
        proof=proof,
        template=template,
        template_name=template_name,
    )


def _draft(
    letters: Mapping[str, bytes], answers: StartAnswers, read_one: ReadLetter
) -> TemplateDraft:
    if len(letters) > MAX_LETTERS:
        place = Place(next(iter(letters)))
        raise UsageError(messages.problem("start-too-many", place, most=MAX_LETTERS))
    dialogue = Dialogue(answers)
    read = [read_one(data, name).without_zones() for name, data in letters.items()]
    find_zones(read)
    for letter in read:
        _choose_block(letter, dialogue, is_asked=letter is read[0])
    for zone in ("address", "sender", "signature"):
        share_kinds([[unit for unit in x.units if unit.zone == zone] for x in read])
    return TemplateDraft(
        letters=read,
        slots=align_letters(read),
        dialogue=dialogue,
        table=ColumnTable(len(read)),
        language=read[0].language,
        days=[None] * len(read),
    )


def _choose_block(letter: Letter, dialogue: Dialogue, *, is_asked: bool) -> None:
    """Ask which block is the recipient's address, if several may be."""
    if len(letter.blocks) < 2:
        return
    names = [" / ".join(unit.text for unit in block[:2]) for block in letter.blocks]
    choice = dialogue.answers.replies.get("address: ", 0)
    if is_asked:
        choice = dialogue.ask("address", "", names)
    if 0 < choice < len(letter.blocks):
        mark_address(letter.blocks, letter.blocks[choice])


def _tell_small_differences(draft: TemplateDraft) -> None:
    first = draft.letters[0].name
    for number, letter in enumerate(draft.letters[1:], 1):
        pairs = [(slot.units[0], slot.units[number]) for slot in draft.slots]
        count = sum(1 for a, b in pairs if a and b and a.text != b.text and a.plain == b.plain)
        if count:
            draft.dialogue.tell("small", count=str(count), letter=letter.name, first=first)


def _tell_what_stays(draft: TemplateDraft, template: bytes) -> None:
    if lines := words_in_no_cell(draft):
        draft.dialogue.tell("no column", words=" · ".join(lines))
    if names := names_in_text(draft):
        draft.dialogue.tell("people", names=", ".join(names))
    reported = [notice.text for notice in draft.dialogue.notices]
    if details := [text for text in contacts_in_text(draft) if text not in "".join(reported)]:
        draft.dialogue.tell("contacts", details=" · ".join(details))
    columns = draft.table.columns
    people = [v for c in columns if c.key.endswith(".name") for v in c.values]
    details = [v for c in columns if c.source in ("address", "cell") for v in c.values]
    if texts := hidden_mentions(template, people, details):
        draft.dialogue.tell("hidden", texts=" · ".join(texts))


# Answers about columns and places.


def _apply_answers(draft: TemplateDraft, answers: StartAnswers) -> list[Column]:
    """Carry out what staff decided about columns; return those rejected."""
    added: dict[str, Column] = {}
    for place in answers.added_places:
        _add_place(draft, place, added, answers.rejected)
    for key, (before, after) in answers.widened_columns.items():
        _widen(draft, key, before, after)
    columns, needed = draft.table.columns, needed_columns(draft)
    rejected = [c for c in columns if c.key in answers.rejected and c not in needed]
    for number, slot in enumerate(draft.slots):
        _keep_words(draft, slot, [e for e in slot.edits if _is_rejected(answers, number, slot, e)])
    if answers.rejected:
        used = needed | {edit.column for slot in draft.slots for edit in slot.edits}
        columns[:] = [c for c in columns if c in used or (c.source == "cell" and c not in rejected)]
    _rename(draft, answers.headings)
    return rejected


def needed_columns(draft: TemplateDraft) -> set[Column | None]:
    """Return the columns of lists, and of paragraphs that some letters lack.

    Without them the letters cannot come back, so they cannot be rejected.
    """
    return {column for slot in draft.slots for column in (slot.guard, slot.loop)}


def _is_rejected(answers: StartAnswers, number: int, slot: Slot, edit: Edit) -> bool:
    column = edit.column.key if edit.column else ""
    keys = (place_key(number, edit), column, slot.first.text[edit.start : edit.end])
    return not slot.loop and not answers.rejected.isdisjoint(keys)


def _keep_words(draft: TemplateDraft, slot: Slot, rejected: list[Edit]) -> None:
    """Keep the words of the first letter at rejected places, in all letters."""
    for number, unit in enumerate(slot.units):
        for (start, end), edit in edit_spans(slot, unit, number) if unit and rejected else ():
            words = slot.first.text[edit.start : edit.end]
            other = unit.text[start:end] if unit else ""
            if unit and edit in rejected and plain(other) != plain(words):
                draft.decisions.append(Decision(unit, start, end, words))
                names = {"letter": draft.letters[number].name, "first": draft.letters[0].name}
                draft.dialogue.tell("words kept", text=words or "–", other=other or "–", **names)
    slot.edits = [edit for edit in slot.edits if edit not in rejected]


def place_key(slot: int, edit: Edit) -> str:
    """Return the key of a place in answers."""
    return f"{slot}.{edit.start}.{edit.end}"


def _add_place(
    draft: TemplateDraft,
    place: AddedPlace,
    added: dict[str, Column],
    rejected: AbstractSet[str],
) -> None:
    """Add a place; places of the same new words share a column.

    The place of a rejected column moves to another column, with the values of all letters.
    """
    if not 0 <= place.slot < len(draft.slots):
        return
    slot = draft.slots[place.slot]
    text, start, end = slot.first.text, place.start, place.end
    values = [text[start:end]] * draft.count
    for edit in [e for e in slot.edits if (e.start, e.end) == (start, end)]:
        if edit.column and edit.column.key in rejected:
            slot.edits.remove(edit)
            values = [*edit.column.values]
    is_whole = _is_word_edge(text, start) and _is_word_edge(text, end)
    is_free = not any(edit.overlaps(start, end) for edit in slot.edits)
    if not (0 <= start < end <= len(text) and is_whole and is_free):
        return
    known = (c for c in draft.table.columns if c.key == place.column)
    column = next(known, added.get(place.column))
    if column is None:
        root, _, heading = place.column.partition(".")
        sheet: SheetRoot = "signer" if root == "signer" else "recipient"
        column = Column(sheet, heading or "Words", values)
        draft.table.add(column)
        added[place.column] = column
    slot.edits.append(value_edit(start, end, column))


def _is_word_edge(text: str, position: int) -> bool:
    return not text[max(0, position - 1) : position + 1].isalnum() or position in (0, len(text))


def _widen(draft: TemplateDraft, key: str, before: int, after: int) -> None:
    """Join words beside a column's only place, the same in all letters."""
    places = [(s, e) for s in draft.slots for e in s.edits if e.column and e.column.key == key]
    if len(places) != 1 or "if" in places[0][1].pattern:
        return
    slot, edit = places[0]
    text = slot.first.text
    words = list(re.finditer(r"\S+", text))
    inner = [n for n, word in enumerate(words) if edit.overlaps(*word.span())]
    start = min(edit.start, words[max(0, inner[0] - before)].start()) if before else edit.start
    last = words[min(len(words) - 1, inner[-1] + after)].end()
    end = max(edit.end, last) if after else edit.end
    if edit.column and not any(e is not edit and e.overlaps(start, end) for e in slot.edits):
        head, tail = text[start : edit.start], text[edit.end : end]
        edit.column.values[:] = [f"{head}{value}{tail}" for value in edit.column.values]
        edit.start, edit.end = start, end


def _rename(draft: TemplateDraft, headings: Mapping[str, str]) -> None:
    """Give columns their new headings; raise DataError if one cannot be used."""
    for column in draft.table.columns:
        column.heading = headings.get(column.key, column.heading).strip() or column.heading
    names: set[str] = set()
    for column in draft.table.columns:
        place = Place(f"{column.sheet.capitalize()}s")
        if not placeholder_name(column.heading):
            raise DataError(messages.problem("heading-unusable", Place(column.heading)))
        if column.key in headings and is_program_heading(column.sheet, column.heading):
            raise DataError(messages.problem("heading-of-program", place, heading=column.heading))
        if column.placeholder in names:
            raise DataError(messages.problem("heading-in-use", place, heading=column.heading))
        names.add(column.placeholder)
        same_sheet = draft.table.of_sheet(column.sheet)
        if column.key in _NAMES and all(other.meaning != "name" for other in same_sheet):
            raise DataError(messages.problem("heading-of-names", place, heading=column.heading))
