"""Invariants of random days: rules that hold whatever two people did.

Each invariant is a function that yields what breaks it. `INVARIANTS` are those that every day
keeps. `COUNTED` are situations that staff are informed of.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from support import registers
from together.random_days import LetterFile, Mark, Pair, RandomDay, letter_files
from together.sync_service import Computer

from merge.product import RECORDS_FOLDER
from merge.state.ledger import ledger_to_read

_EDITED = {"edited", "edited-changed"}


@dataclass(frozen=True)
class View:
    """The files and the reports of one computer at the end of a day."""

    day: RandomDay
    computer: Computer

    @cached_property
    def letters(self) -> Any:  # noqa: ANN401 - JSON
        """The result of a dry run for letters."""
        return self.day.two.run(self.computer, "letters", "--dry-run", "--json").json

    @cached_property
    def status(self) -> Any:  # noqa: ANN401 - JSON
        """The status."""
        return self.day.two.run(self.computer, "status", "--json").json

    @cached_property
    def problems(self) -> list[str]:
        """All problems in words: code, place, message, hint and fields."""
        printed = self.day.two.run(self.computer, "print", "--dry-run", "--json").json
        found = [*self.letters["problems"], *self.status["problems"], *printed["problems"]]
        return [json.dumps(p, ensure_ascii=False) for p in found]

    def reports(self, *words: str) -> bool:
        """Return whether one problem has all of these words."""
        return any(all(word in problem for word in words) for problem in self.problems)

    @cached_property
    def files(self) -> list[LetterFile]:
        """The files of letters."""
        return letter_files(self.computer.folder)

    @cached_property
    def steps(self) -> Mapping[Pair, dict[str, str]]:
        """The steps of the dry run by the letter's people."""
        return {(s["signer"], s["recipient"]): s for s in self.letters["letters"]}

    @cached_property
    def signers(self) -> dict[str, set[tuple[str, str]]]:
        """Names and cities in each workbook of signers, by file name."""
        return {path.name: _signers(path) for path in self.computer.folder.glob("signers*.xlsx")}

    @cached_property
    def stages(self) -> dict[str, set[tuple[Pair, str]]]:
        """Stages of letters in each register, by file name."""
        return {path.name: _stages(path) for path in self.computer.folder.glob("register*.xlsx")}

    @cached_property
    def people(self) -> dict[str, set[str]]:
        """Signers in each workbook and each register, by file name."""
        registers_here = self.computer.folder.glob("register*.xlsx")
        return {
            **{name: {who for who, _ in rows} for name, rows in self.signers.items()},
            **{p.name: {r.get("Signer", "") for r in registers.table(p)} for p in registers_here},
        }

    def __str__(self) -> str:
        return f"on {self.computer.name}"


def _signers(path: Path) -> set[tuple[str, str]]:
    rows = registers.sheet(path, "Signers").iter_rows(min_row=2, values_only=True)
    return {(str(row[1]), str(row[2])) for row in rows}


def _stages(path: Path) -> set[tuple[Pair, str]]:
    return {
        ((row.get("Signer", ""), row.get("Recipient", "")), stage)
        for row in registers.table(path)
        for stage in ("Printed", "Signed", "Posted")
        if stage in row
    }


class DayEnd:
    """The end of a day, seen from both computers."""

    def __init__(self, day: RandomDay) -> None:
        self.day = day
        self.views = [View(day, computer) for computer in (day.two.a, day.two.b)]

    @cached_property
    def is_closed(self) -> bool | None:
        """Whether the campaign is closed; None if both closed or reopened it."""
        if not self.day.closings:
            return False
        if len({computer for computer, _ in self.day.closings}) == 1:
            return self.day.closings[-1][1]
        return True if all(closed for _, closed in self.day.closings) else None

    def lost_marks(self) -> Iterator[Mark]:
        """Yield marks that register.xlsx of no computer has."""
        for mark in self.day.marks:
            key = (mark.pair, mark.stage)
            if mark.pair[0] in self.day.deleted:
                continue
            if any(key not in view.stages.get("register.xlsx", ()) for view in self.views):
                yield mark


# -- nothing is lost


def edit_lost(end: DayEnd) -> Iterator[str]:
    """Yield edits that are in no file of any computer."""
    lines = {line for view in end.views for file in view.files for line in file.lines}
    for edit in end.day.edits:
        if edit.line not in lines and edit.pair[0] not in end.day.deleted:
            yield f"{edit.line} ({edit.pair})"


def edit_only_in_a_copy_and_not_reported(end: DayEnd) -> Iterator[str]:
    """Yield edits that only a conflict copy has, which no problem names."""
    for line, copies in _edits_only_in_copies(end):
        if not any(view.reports(file.path.name) for view, file in copies):
            yield f"{line}: {[str(file.path) for _, file in copies]}"


def edit_only_in_a_copy_and_reported(end: DayEnd) -> Iterator[str]:
    """Yield edits that only a conflict copy has, which a problem names."""
    for line, copies in _edits_only_in_copies(end):
        if any(view.reports(file.path.name) for view, file in copies):
            yield line


def _edits_only_in_copies(end: DayEnd) -> Iterator[tuple[str, list[tuple[View, LetterFile]]]]:
    names = {PurePosixPath(path).name for path in end.day.two.service.conflict_copies}
    for edit in end.day.edits:
        having = [(v, f) for v in end.views for f in v.files if edit.line in f.lines]
        if having and all(file.path.name in names for _, file in having):
            yield edit.line, having


def mark_lost(end: DayEnd) -> Iterator[str]:
    """Yield marks that no register has and no problem names."""
    for mark in end.lost_marks():
        key = (mark.pair, mark.stage)
        anywhere = any(key in found for view in end.views for found in view.stages.values())
        if not anywhere and not any(_is_mark_reported(view, mark) for view in end.views):
            yield f"{mark.pair} {mark.stage}"


def mark_only_in_a_second_register_and_not_reported(end: DayEnd) -> Iterator[str]:
    """Yield marks that only a second register has, which no problem names."""
    for mark, views in _marks_in_second_registers(end):
        if not any(_is_mark_reported(view, mark) for view in views):
            yield f"{mark.pair} {mark.stage}"


def mark_only_in_a_second_register_and_reported(end: DayEnd) -> Iterator[str]:
    """Yield marks that only a second register has, which a problem names."""
    for mark, views in _marks_in_second_registers(end):
        if any(_is_mark_reported(view, mark) for view in views):
            yield f"{mark.pair} {mark.stage}"


def _marks_in_second_registers(end: DayEnd) -> Iterator[tuple[Mark, list[View]]]:
    for mark in end.lost_marks():
        key = (mark.pair, mark.stage)
        views = [v for v in end.views if any(key in found for found in v.stages.values())]
        if views:
            yield mark, views


def _is_mark_reported(view: View, mark: Mark) -> bool:
    signer, _ = mark.pair
    return (
        view.reports('"code": "register-copies')
        or view.reports('"code": "register-other-people', signer)
        or view.reports('"code": "register-gone')
    )


def entry_not_reported(end: DayEnd) -> Iterator[str]:
    """Yield new signers and corrections that only an unnamed copy has."""
    for entry in end.day.entries:
        if entry.person in end.day.deleted or any("closed" in v.status for v in end.views):
            continue
        missing = [v for v in end.views if not _has_entry(v, "signers.xlsx", entry.text)]
        copies = [(v, n) for v in end.views for n in v.signers if _has_entry(v, n, entry.text)]
        if missing and not any(
            v.reports('"code": "workbook-copy', name, entry.person) for v, name in copies
        ):
            yield f"{entry.text} of {entry.person}: {[name for _, name in copies] or 'nowhere'}"


def entry_only_in_a_copy_and_reported(end: DayEnd) -> Iterator[str]:
    """Yield new signers and corrections that only a named copy has."""
    unreported = {line.partition(":")[0] for line in entry_not_reported(end)}
    for entry in end.day.entries:
        if any(not _has_entry(v, "signers.xlsx", entry.text) for v in end.views):
            line = f"{entry.text} of {entry.person}"
            if line not in unreported and entry.person not in end.day.deleted:
                yield line


def _has_entry(view: View, file: str, text: str) -> bool:
    return any(text in row for row in view.signers.get(file, ()))


# -- nothing false is said


def internal_error(end: DayEnd) -> Iterator[str]:
    """Yield runs that ended with an internal error or a traceback."""
    for act, result in end.day.runs:
        if result.code == 3 or "Traceback" in result.err:
            yield f"{act}: {result.err[-300:]}"


def called_edited(end: DayEnd) -> Iterator[str]:
    """Yield letters that are called edited and that no one edited."""
    for view in end.views:
        files = {file.path: file for file in view.files}
        for pair, step in view.steps.items():
            file = files.get(view.computer.folder / step["path"])
            if step["state"] in _EDITED and file and not file.is_edited:
                yield f"{pair} {view}: {step['state']} ({step['reason']})"


def copy_not_reported(end: DayEnd) -> Iterator[str]:
    """Yield conflict copies of staff's files that no problem names."""
    for path, view in _conflict_copies(end):
        if not _is_programs(path) and not view.reports(PurePosixPath(path).name):
            yield f"{path} {view}"


def copy_of_programs_file(end: DayEnd) -> Iterator[str]:
    """Yield conflict copies of the program's own files that a run left.

    Those of the records stay, if they differ: they are read like any file there.
    """
    for computer, path in end.day.copies_after_run:
        if _is_programs(path) and not path.startswith(RECORDS_FOLDER):
            yield f"{path} on {computer.name}"


def _conflict_copies(end: DayEnd) -> Iterator[tuple[str, View]]:
    for path in dict.fromkeys(end.day.two.service.conflict_copies):
        yield from ((path, v) for v in end.views if (v.computer.folder / path).is_file())


def _is_programs(path: str) -> bool:
    name = PurePosixPath(path).name
    return ".merge-" in name or path.startswith(RECORDS_FOLDER)


def called_not_arrived(end: DayEnd) -> Iterator[str]:
    """Yield reports that files have not arrived, although all have."""
    for view in end.views:
        for problem in view.problems:
            if '"code": "files-not-arrived' in problem:
                yield f"{view}: {problem}"


def batch_forgotten(end: DayEnd) -> Iterator[str]:
    """Yield print files of whose letters the ledger does not know all.

    A deletion removes print files, and lets their other letters be printed again.
    """
    if any(closed for _, closed in end.day.closings):
        return
    for view in end.views:
        with ledger_to_read(view.computer.folder / "letters") as ledger:
            forgotten = [
                letter
                for letter in end.day.printed
                if letter.pair[0] not in end.day.deleted
                and not (end.day.deleted and not (view.computer.folder / letter.file).is_file())
                and ledger.last_print(view.steps.get(letter.pair, {"id": letter.id})["id"]) is None
            ]
        for file in sorted({letter.file for letter in forgotten}):
            pairs = [letter.pair for letter in forgotten if letter.file == file]
            yield f"{file} {view}: {len(pairs)} letters, such as {pairs[0]}"


def posted_letter_replaced(end: DayEnd) -> Iterator[str]:
    """Yield posted letters whose file has another text, if nothing says so."""
    for mark, view in _replaced_posted_letters(end):
        if not _is_replacement_reported(view, mark):
            yield f"{mark.pair} {view}: {mark.text}"


def posted_letter_replaced_and_reported(end: DayEnd) -> Iterator[str]:
    """Yield posted letters whose file has another text, if something says so."""
    for mark, view in _replaced_posted_letters(end):
        if _is_replacement_reported(view, mark):
            yield f"{mark.pair} {view}: {mark.text}"


def _replaced_posted_letters(end: DayEnd) -> Iterator[tuple[Mark, View]]:
    for mark in end.day.marks:
        if mark.stage != "Posted" or not mark.text or mark.pair[0] in end.day.deleted:
            continue
        for view in end.views:
            files = [f for f in view.files if f.is_in_place and f.pair == mark.pair]
            if files and all(file.text != mark.text for file in files):
                yield mark, view


def _is_replacement_reported(view: View, mark: Mark) -> bool:
    path = f"{mark.pair[0]}/{mark.pair[1]}"
    named = [*view.status["on_paper_changed"], *view.status["print_again"]]
    return any(path in listed for listed in named) or view.reports('"paper-recreated', path)


# -- what was ended stays so


def closed_campaign_open(end: DayEnd) -> Iterator[str]:
    """Yield computers on which a closed campaign is open again."""
    yield from (str(v) for v in end.views if end.is_closed and "closed" not in v.status)


def reopened_campaign_closed(end: DayEnd) -> Iterator[str]:
    """Yield computers on which a reopened campaign is closed again."""
    yield from (str(v) for v in end.views if end.is_closed is False and "closed" in v.status)


def deleted_person_back(end: DayEnd) -> Iterator[str]:
    """Yield letters of deleted people who are in the workbook, unnoticed."""
    for view, file in _letters_of_deleted_people(end):
        name = file.pair[0]
        if name in view.people["signers.xlsx"] and not view.reports('"person-deleted', name):
            yield f"{file.path.relative_to(view.computer.folder)} {view}"


def letter_of_deleted_person_not_reported(end: DayEnd) -> Iterator[str]:
    """Yield letters of deleted people that no problem names."""
    for view, file in _letters_of_deleted_people(end):
        if not view.reports(file.pair[0]):
            yield f"{file.path.relative_to(view.computer.folder)} {view}"


def letter_of_deleted_person_reported(end: DayEnd) -> Iterator[str]:
    """Yield letters of deleted people that a problem names."""
    for view, file in _letters_of_deleted_people(end):
        if view.reports(file.pair[0]):
            yield f"{file.path.relative_to(view.computer.folder)} {view}"


def _letters_of_deleted_people(end: DayEnd) -> Iterator[tuple[View, LetterFile]]:
    for view in end.views:
        for file in view.files:
            if file.pair[0] in end.day.deleted and not file.is_edited:
                yield view, file


def deleted_person_not_reported(end: DayEnd) -> Iterator[str]:
    """Yield files that name a deleted person, if no problem names the two."""
    for view in end.views:
        for name in end.day.deleted:
            files = [
                *(f.path.name for f in view.files if f.pair[0] == name and f.is_edited),
                *(file for file, people in view.people.items() if name in people),
            ]
            if not view.reports(name) and not view.reports('"register-stranger'):
                named = {"register.xlsx", "signers.xlsx"}
                yield from (
                    f"{name} {view}: {f}" for f in files if f in named or not view.reports(f)
                )


Invariant = Callable[[DayEnd], Iterator[str]]

INVARIANTS: list[Invariant] = [
    edit_lost,
    edit_only_in_a_copy_and_not_reported,
    mark_lost,
    internal_error,
    entry_not_reported,
    called_not_arrived,
    posted_letter_replaced,
    reopened_campaign_closed,
    batch_forgotten,
    closed_campaign_open,
    letter_of_deleted_person_not_reported,
    copy_of_programs_file,
    mark_only_in_a_second_register_and_not_reported,
    called_edited,
    copy_not_reported,
    deleted_person_back,
    deleted_person_not_reported,
]
"""Rules that no day breaks."""

COUNTED: list[Invariant] = [
    edit_only_in_a_copy_and_reported,
    mark_only_in_a_second_register_and_reported,
    entry_only_in_a_copy_and_reported,
    posted_letter_replaced_and_reported,
    letter_of_deleted_person_reported,
]
"""Situations that are only counted, because staff are informed of them."""
