"""An export's rows by a plan -> answers, rows that are not taken and why, what is told of cells.

Each row that may be somebody is one answer; who is who is found out after that. Nothing is
corrected: a cell is as it stands, but for what the plan joins.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from merge.countries import country_of_cell
from merge.intake.column_cells import label_field
from merge.intake.consent import forbids, refuses, verdict
from merge.intake.destinations import (
    ADDRESS,
    CONSENT,
    COUNTRY,
    DECEASED,
    EMAIL,
    FILLS_NOTHING,
    HOUSE_NUMBER,
    LEAVE_OUT,
    NAME,
    NUMBERED_PART,
    ORDER,
    POSTAL_CODE,
    SUBMISSION,
    TAKEN_APART,
    TURNED,
    Destination,
    base_heading,
    numbered_part,
)
from merge.intake.form_types import (
    Answer,
    ColumnPlan,
    Doubt,
    Export,
    ExportRow,
    FormAnswers,
    FormColumn,
    NotTaken,
    NotTakenReason,
    Remark,
)
from merge.intake.form_words import (
    FINISHED,
    ORGANISATIONS,
    PROGRESS,
    STATES,
    SUFFIXES,
    UNFINISHED,
)
from merge.intake.headings import NEWSLETTER, meaning
from merge.intake.layout import usual_width
from merge.intake.times import Moments, moment, read_moments
from merge.naming import tag_name
from merge.text.folding import folded, plain_letters
from merge.workbook.doubts import (
    has_lost_letters,
    is_scientific,
    is_unfilled,
    mended_capitals,
    name_doubts,
)
from merge.workbook.postcodes import lost_zeros
from merge.workbook.words import own_tag, says_no

_SEVERAL = " ::: "
"""Google's sign between several values of one cell."""


_CODE_BEHIND = {"AU", "CA", "GB", "IE", "IN", "NZ", "US"}


def is_code_behind(country: str) -> bool:
    """Return whether the postal code stands behind the town there."""
    return country_of_cell(country) in _CODE_BEHIND


def collect_answers(export: Export, plan: ColumnPlan) -> FormAnswers:
    """Return what the rows say, each row an answer: people, and those who do not agree.

    Where no column speaks of consent everybody agrees: that is to be confirmed with the plan.
    """
    reader = _Reader(export, plan)
    people: list[Answer] = []
    refusals: list[Answer] = []
    not_taken = [NotTaken(row, why) for row, why in plan.skipped.items()]
    for row in reader.rows:
        why = reader.reason(row)
        answer = reader.answer(row)
        if why == "no-consent":
            is_blank, unclear = reader.is_unanswered(row.cells), reader.unclear(row.cells)
            no = replace(answer, agrees=False, is_unanswered=is_blank, unclear=unclear)
            refusals.append(no)
        elif why:
            not_taken.append(NotTaken(row.number, why, answer.fields.get(NAME, "")))
        else:
            people.append(answer)
    remarks = tuple(reader.remarks(people))
    not_taken.sort(key=lambda one: one.row)
    return FormAnswers(tuple(people), tuple(refusals), tuple(not_taken), remarks)


Cells = tuple[str, ...]


@dataclass(frozen=True)
class _Reader:
    """Reads the rows of an export by its plan."""

    export: Export
    plan: ColumnPlan

    @cached_property
    def rows(self) -> Sequence[ExportRow]:
        out = {*self.plan.heading_rows, *self.plan.skipped}
        return [row for row in self.export.rows if row.number not in out]

    @cached_property
    def _by_goal(self) -> Mapping[Destination, Sequence[FormColumn]]:
        found: dict[Destination, list[FormColumn]] = {}
        for column in self.plan.columns:
            found.setdefault(column.goes_to, []).append(column)
        return found

    def _columns(self, goes_to: Destination) -> Sequence[FormColumn]:
        return self._by_goal.get(goes_to, ())

    @cached_property
    def _filling(self) -> Sequence[FormColumn]:
        """Return the columns that fill the list, in order."""
        return [column for column in self.plan.columns if column.goes_to not in FILLS_NOTHING]

    @cached_property
    def _meant(self) -> Mapping[str, Sequence[FormColumn]]:
        """Return the columns that fill nothing, by what their headings mean."""
        found: dict[str, list[FormColumn]] = {}
        for column in self.plan.columns:
            question, slash, part = column.heading.rpartition(" / ")
            means = meaning(part, question) if slash else meaning(column.heading)
            found.setdefault(means.field, []).append(column)
        return found

    # Whether a row is taken.

    def reason(self, row: ExportRow) -> NotTakenReason | None:
        """Return why a row is not taken; None where somebody comes of it."""
        cells = row.cells
        name = any(_cell(cells, c) for c in self._naming)
        filled = [at for at, cell in enumerate(cells) if cell]
        if self._is_note(row, filled):
            return "note"
        if not any(at in self._saying for at in filled):
            return "blank"
        if self._is_incomplete(cells):
            return "incomplete"
        if self._is_organisation(cells, has_name=name):
            return "organisation"
        if not self._agrees(cells):
            has_key = any(_cell(cells, c) for g in (EMAIL, SUBMISSION) for c in self._columns(g))
            return "no-consent" if name or has_key else "no-name"
        return None if name else "no-name"

    @cached_property
    def _naming(self) -> Sequence[FormColumn]:
        return [c for c in self._filling if base_heading(c.goes_to) == NAME]

    @cached_property
    def _saying(self) -> frozenset[int]:
        """Return the columns whose cells are an answer: not ids and times, nor one and the same."""
        mute = {ORDER, SUBMISSION}
        return frozenset(c.number for c in self.plan.columns if c.goes_to not in mute) - {
            c.number for c in self.plan.columns if c.goes_to == LEAVE_OUT
        }

    @cached_property
    def _last_full(self) -> int:
        """Return the number of the last row with more than one filled cell."""
        full = (row.number for row in reversed(self.rows) if sum(map(bool, row.cells)) > 1)
        return next(full, 0)

    @cached_property
    def _width(self) -> int:
        return usual_width(self.rows)

    def _is_note(self, row: ExportRow, filled: Sequence[int]) -> bool:
        """Return whether a row is a line of words below the table, or between its rows."""
        if len(filled) != 1 or self._width < 2 or len(self.plan.columns) < 3:
            return False
        at = filled[0]
        text = row.cells[at]
        if at in {c.number for c in self._columns(ORDER)}:
            return moment(text) is None and moment(text, "month first") is None
        if at in {c.number for c in self._columns(SUBMISSION)}:
            return " " in text
        is_wordy = len(text.split()) > 4 or bool(re.search(r"[:;©*]|\d", text))
        if at in {c.number for c in self._naming}:
            after_gap = row.number > self._last_full + 1
            return is_wordy or (row.number > self._last_full and after_gap)
        return row.number > self._last_full or is_wordy

    def _is_incomplete(self, cells: Cells) -> bool:
        """Return whether the person never sent the answer off, or it was not let through.

        LimeSurvey's submitdate is blank; another program's Status says `Partial`.
        """
        sent = [c for c in self._columns(ORDER) if _says_sent(c.heading)]
        if sent and sent[0].filled > 0 and not _cell(cells, sent[0]):
            return True
        return any(_is_unfinished(c.heading, _cell(cells, c)) for c in self._states)

    @cached_property
    def _states(self) -> Sequence[FormColumn]:
        """Return the columns left out in which a program says whether an answer is finished."""
        left = self._columns(LEAVE_OUT)
        return [c for c in left if plain_letters(c.heading).strip("_ ") in STATES]

    def _is_organisation(self, cells: Cells, *, has_name: bool) -> bool:
        for column in self._meant.get("kind", ()):
            if plain_letters(_cell(cells, column)) in ORGANISATIONS:
                return True
        names = self._meant.get("Organisation", ())
        return not has_name and any(_cell(cells, column) for column in names)

    def _agrees(self, cells: Cells) -> bool:
        """Return whether each column of consent holds a word that means yes, and none forbids."""
        return not self._is_forbidden(cells) and not any(self._not_yes(cells))

    def _is_forbidden(self, cells: Cells) -> bool:
        if any(verdict(_cell(cells, column)) == "yes" for column in self._forbidding):
            return True
        return any(says_no(_cell(cells, column)) for column in self._including)

    def _not_yes(self, cells: Cells) -> Iterator[tuple[str, str]]:
        """Yield each answer about consent that does not mean yes, with its heading."""
        for column, yes in self._yes:
            text = _cell(cells, column)
            if not text or folded(text) not in yes:
                yield text, column.heading

    def unclear(self, cells: Cells) -> str:
        """Return what a row that does not agree says about consent, if it is no plain no."""
        told = [*self._not_yes(cells)]
        if self._is_forbidden(cells) or any(verdict(*one) == "no" for one in told):
            return ""
        return "; ".join(text for text, _ in told)

    def is_unanswered(self, cells: Cells) -> bool:
        """Return whether no column of consent says anything."""
        return bool(self._yes) and not any(_cell(cells, column) for column, _ in self._yes)

    @cached_property
    def _including(self) -> Sequence[FormColumn]:
        """Return the columns Include, of another campaign's workbook or list."""
        every = self._columns(LEAVE_OUT)
        return [column for column in every if own_tag(tag_name(column.heading)) == "include"]

    @cached_property
    def _forbidding(self) -> Sequence[FormColumn]:
        """Return the columns left out in which yes means no: `Please do not print my name`."""
        return [column for column in self._columns(LEAVE_OUT) if _forbids(column.heading)]

    @cached_property
    def _yes(self) -> Sequence[tuple[FormColumn, frozenset[str]]]:
        return [(c, frozenset(map(folded, c.yes))) for c in self._columns(CONSENT)]

    # What a row says.

    def answer(self, row: ExportRow) -> Answer:
        """Return a row as an answer, as if it agreed."""
        fields = self._fields(row, row.cells)
        mended = self._mended_cells(row)
        proposal = self._fields(row, mended).get(NAME, "") if mended is not row.cells else ""
        doubts = tuple(self._doubts(row, fields, is_mended=mended is not row.cells))
        return Answer(
            row=row.number,
            fields=fields,
            submission=self._key(row.cells, SUBMISSION),
            email=folded(self._key(row.cells, EMAIL)),
            when=self._moments[row.number],
            order=self._order[row.number],
            doubts=doubts,
            proposal=proposal if proposal != fields.get(NAME, "") else "",
            source="\x1f".join(row.cells),
        )

    def _key(self, cells: Cells, goal: Destination) -> str:
        found = (_cell(cells, column) for column in self._columns(goal))
        told = (text.partition(_SEVERAL)[0] for text in found if not is_unfilled(text))
        return next((text for text in told if text), "")

    def _mended_cells(self, row: ExportRow) -> Cells:
        """Return the cells with the accents that were meant, where they are broken."""
        numbers = {column.number for column in self._filling} & row.mended.keys()
        if not numbers:
            return row.cells
        return tuple(row.mended[at] if at in numbers else c for at, c in enumerate(row.cells))

    def _fields(self, row: ExportRow, cells: Cells) -> dict[str, str]:
        """Return the cells of the list that a row fills; blank ones are absent."""
        parts: dict[str, list[tuple[int, FormColumn, str]]] = {}
        values: dict[str, str] = {}
        for column in self._filling:
            text = _cell(cells, column)
            if not text:
                continue
            if column.goes_to.endswith(TAKEN_APART):
                for goes_to, value in self._taken_apart(text):
                    base, number = numbered_part(goes_to)
                    parts.setdefault(base, []).append((number, column, value))
                continue
            if column.goes_to.endswith(TURNED):
                text = _turned(text)
            elif base_heading(column.goes_to) == ADDRESS and column.number in row.spaced:
                text = row.spaced[column.number].replace("  ", "\n")
            base, number = numbered_part(column.goes_to)
            parts.setdefault(base, []).append((number, column, text))
        country = self._country(cells, parts)
        for base, found in parts.items():
            found.sort(key=lambda part: part[0])
            values[base] = self._joined(base, found, country)
        return values

    def _taken_apart(self, text: str) -> Iterator[tuple[Destination, str]]:
        for line in text.splitlines():
            name, value = label_field(line)
            if value and name in self.plan.parts:
                yield self.plan.parts[name], value

    def _country(
        self, cells: Cells, parts: Mapping[str, Sequence[tuple[int, FormColumn, str]]]
    ) -> str:
        for base, found in parts.items():
            if meaning(base).field == COUNTRY:
                return found[0][2]
        columns = self._meant.get(COUNTRY, ())
        return next((text for c in columns if (text := _cell(cells, c))), "")

    def _joined(self, base: str, parts: Sequence[tuple[int, FormColumn, str]], country: str) -> str:
        texts = [text for _, _, text in parts]
        if base == NAME:
            return " ".join(" ".join(texts).split())
        if base in self._coded:
            if is_code_behind(country):
                texts.reverse()
            return " ".join(texts)
        numbers = [i for i, (_, c, _) in enumerate(parts) if c.goes_to.endswith(HOUSE_NUMBER)]
        if numbers and len(parts) > 1:
            return _with_number(parts, numbers[0])
        return ", ".join(texts)

    @cached_property
    def _coded(self) -> frozenset[str]:
        """Return the headings that hold postal code and town in one cell."""
        goals = {*self._by_goal, *self.plan.parts.values()}
        parts = filter(None, map(NUMBERED_PART.fullmatch, goals))
        return frozenset(part[1] for part in parts if meaning(part[1]).field == "City")

    # Which is newer.

    @cached_property
    def _read(self) -> Moments:
        columns = self._columns(ORDER)
        if not columns:
            return Moments((None,) * len(self.rows))
        return read_moments([_cell(row.cells, columns[0]) for row in self.rows])

    @cached_property
    def _moments(self) -> Mapping[int, dt.datetime | None]:
        return dict(zip((row.number for row in self.rows), self._read.moments, strict=True))

    @cached_property
    def _order(self) -> Mapping[int, int]:
        """Return the place of each row in the order of time; in that of the rows, without times."""
        moments = self._read.moments
        if not any(moments):
            return {row.number: at for at, row in enumerate(self.rows)}
        ranks = {at: rank for rank, at in enumerate(sorted({m for m in moments if m}), 1)}
        pairs = zip(self.rows, moments, strict=True)
        return {row.number: ranks[m] if m else 0 for row, m in pairs}

    # Doubts and remarks.

    def _doubts(
        self, row: ExportRow, fields: Mapping[str, str], *, is_mended: bool
    ) -> Iterator[Doubt]:
        name = fields.get(NAME, "")
        if is_mended:
            yield "broken-accents"
        elif found := [*name_doubts(name)] if name else []:
            yield from found
        elif self._is_half(row, name):
            yield "half-name"
        others = (text for heading, text in fields.items() if heading != NAME)
        if not is_mended and not has_lost_letters(name) and any(map(has_lost_letters, others)):
            yield "lost-letters"
        if self._is_ragged(row):
            yield "ragged"
        if row.is_misquoted:
            yield "quotes"
        if row.is_hidden:
            yield "hidden"
        if any(_says_deceased(_cell(row.cells, c)) for c in self._columns(DECEASED)):
            yield "deceased"

    def _is_half(self, row: ExportRow, name: str) -> bool:
        """Return whether of first and last name only one is there, and is one word."""
        parts = [c for c in self._filling if base_heading(c.goes_to) == NAME]
        filled = sum(bool(_cell(row.cells, column)) for column in parts)
        return len(parts) > 1 and filled == 1 and len(name.split()) == 1

    def _is_ragged(self, row: ExportRow) -> bool:
        """Return whether a row has more cells than headings, or fewer: it may be shifted."""
        width = len(self.plan.columns)
        if 0 < self.plan.foreign_from <= row.number or any(row.cells[width:]):
            return True
        return self.export.kind == "csv" and len(row.cells) < self._shortest

    @cached_property
    def _shortest(self) -> int:
        """Return how many cells a row has at least: those of the headings, or as most rows have."""
        named = [c.number for c in self.plan.columns if not c.heading.startswith("(column ")]
        return max(named, default=-1) + 1

    def remarks(self, people: Sequence[Answer]) -> Iterator[Remark]:
        """Yield what is told of people's cells and not changed."""
        for answer in people:
            name = answer.fields.get(NAME, "")
            is_name = not {"test", "not-a-name", "ragged", "quotes"} & set(answer.doubts)
            if is_name and (mended := mended_capitals(name)):
                yield Remark(answer.row, NAME, "capitals", proposal=mended, fixed=mended)
            for heading, text in answer.fields.items():
                if is_scientific(text):
                    yield Remark(answer.row, heading, "scientific")
        yield from self._short_codes(people)
        if not self._read.is_clear:
            yield Remark(0, self._columns(ORDER)[0].heading, "dates-unclear")

    def _short_codes(self, people: Sequence[Answer]) -> Iterator[Remark]:
        rows = {row.number: row for row in self.rows}
        found = [(a.row, self._code(rows[a.row]), self._country_of(rows[a.row])) for a in people]
        towns = {a.row: " ".join(self._towns_of(a)) for a in people}
        heading, codes = self._code_heading, {row: code for row, code, _ in found}
        cells = {answer.row: answer.fields.get(heading, "") for answer in people}
        for row, whole in lost_zeros(found, towns).items():
            fixed = _with_code(cells[row], codes[row], whole)
            yield Remark(row, heading, "lost-zeros", proposal=whole, fixed=fixed)

    def _towns_of(self, answer: Answer) -> Iterator[str]:
        for heading, text in answer.fields.items():
            if meaning(heading).field in {"City", "Postal code and city"}:
                yield text

    def _country_of(self, row: ExportRow) -> str:
        columns = self._meant.get(COUNTRY, ())
        own = next((text for c in columns if (text := _cell(row.cells, c))), "")
        return own or self._labelled(row, COUNTRY)

    @cached_property
    def _coding(self) -> FormColumn | None:
        """Return the column of postal codes, where it has one of its own."""
        for column in self._filling:
            base, _ = numbered_part(column.goes_to)
            is_first = base in self._coded and column.goes_to.endswith("(1)")
            if is_first or meaning(base).field == POSTAL_CODE:
                return column
        return None

    @cached_property
    def _code_heading(self) -> str:
        goes_to = self._coding.goes_to if self._coding else self.plan.parts.get(POSTAL_CODE, "")
        return numbered_part(goes_to)[0]

    def _code(self, row: ExportRow) -> str:
        return _cell(row.cells, self._coding) if self._coding else self._labelled(row, POSTAL_CODE)

    def _labelled(self, row: ExportRow, name: str) -> str:
        columns = [c for c in self._filling if c.goes_to.endswith(TAKEN_APART)]
        lines = (line for c in columns for line in _cell(row.cells, c).splitlines())
        return next((value for n, value in map(label_field, lines) if n == name and value), "")


def _with_code(cell: str, code: str, whole: str) -> str:
    """Return a cell with its postal code as it is proposed, where the code is a word of it."""
    words = cell.split(" ")
    return " ".join(whole if word == code else word for word in words)


def _forbids(heading: str) -> bool:
    means = meaning(heading).field
    return means != NEWSLETTER and (forbids(heading) or (means == CONSENT and refuses(heading)))


def _cell(cells: Cells, column: FormColumn) -> str:
    return cells[column.number] if column.number < len(cells) else ""


def _turned(text: str) -> str:
    """Return `Ana Ruiz` for `Ruiz, Ana`; what has no comma, or several, stays."""
    family, comma, given = text.partition(",")
    if not comma or "," in given or plain_letters(given).strip(" .") in SUFFIXES:
        return text
    return f"{given.strip()} {family.strip()}".strip()


def _with_number(parts: Sequence[tuple[int, FormColumn, str]], at: int) -> str:
    """Return a street with its house number where the form has it: before it, or behind."""
    number, rest = parts[at], [part for part in parts if part is not parts[at]]
    street = rest[0]
    pair = [number[2], street[2]] if number[1].number < street[1].number else [street[2], number[2]]
    return ", ".join([" ".join(pair), *(text for _, _, text in rest[1:])])


def _says_sent(heading: str) -> bool:
    words = plain_letters(heading)
    return "submitdate" in words or "date submitted" in words or words == "submit date (utc)"


_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?) ?%?")


@lru_cache(maxsize=1024)
def _is_unfinished(heading: str, text: str) -> bool:
    """Return whether a program says that an answer is not finished, or not let through."""
    word = plain_letters(text)
    if word in UNFINISHED:
        return True
    name = plain_letters(heading).strip("_ ")
    if name in PROGRESS:
        done = _NUMBER.fullmatch(word)
        return done is not None and float(done[1].replace(",", ".")) not in {1.0, 100.0}
    return name in FINISHED and bool(word) and verdict(word) == "no"


def _says_deceased(text: str) -> bool:
    return bool(text) and not says_no(text) and text not in {"0", "-"}
