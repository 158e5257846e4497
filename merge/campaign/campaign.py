"""A campaign folder, read and checked: pairs, templates, problems."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from merge import messages
from merge.affected_letters import Finding, PairFindings, finding_for_person
from merge.campaign.address_settings import address_pattern, address_problems
from merge.campaign.arrival import FilesNotArrived, find_files_not_arrived, record_last_run
from merge.campaign.campaign_files import WORKBOOK_FILE, check_places
from merge.campaign.created_files import find_letter_files, find_print_files
from merge.campaign.earlier_runs import RecordedPersonHistory
from merge.campaign.file_copies import FileCopy, find_template_copies, find_workbook_copies
from merge.campaign.people_selection import PeopleSelection, select_people
from merge.campaign.task import NO_PROGRESS, Task
from merge.checks.findings import (
    AvailableFields,
    CampaignCheckInput,
    available_fields,
    check_campaign,
    incomplete_problems,
    unknown_name_problem,
)
from merge.checks.printed_values import RemovedLine, removed_lines
from merge.disk import hidden_folders
from merge.errors import DataError, MergeError, StorageError, TemplateError
from merge.excel.saving import restore_interrupted
from merge.letter_status import Letter
from merge.naming import (
    format_count,
    hash_text,
    heading_for_placeholder,
    short_hash,
    short_id_length,
)
from merge.ooxml.stamps import LetterStamp
from merge.people import Pair, Person
from merge.problems import Place, Problem
from merge.product import LETTERS_FOLDER, REGISTER_FILE, TEMPLATES_FOLDER
from merge.register.layouts import MAX_LETTERS
from merge.state.identity import NO_IDENTITY_CHOICES, IdentityChoices, PeopleIdentity, identify
from merge.state.ledger import Ledger, ledger_to_read
from merge.state.letter_folder import ledger_to_write
from merge.template.campaign_templates import Templates, find_templates
from merge.template.file_names import FileNamePattern, find_naming_problems, read_file_name_pattern
from merge.template.grammar import VariableName
from merge.template.letter_values import LetterFillContext
from merge.template.template import FilledLetter, ReadableLetter
from merge.workbook.reading import LIST_FILE, IncompleteWorkbookError, Workbook, read_workbook


@dataclass(frozen=True)
class Campaign:
    """A campaign folder that was read: workbook, templates, problems."""

    folder: Path
    workbook: Workbook
    templates: Templates
    fill_context: LetterFillContext
    file_names: FileNamePattern
    identity: PeopleIdentity
    today: dt.date
    name_problems: tuple[Problem, ...] = ()
    """Problems of the pattern for file names."""
    list_problems: tuple[Problem, ...] = ()
    """Problems of the list's rows, from the memory of the list of signers."""
    ignored_ids: frozenset[str] = frozenset()
    """The salted IDs of warnings that staff ignore; these are not shown."""
    seen_letters: Mapping[str, bytes] = field(default_factory=dict)
    """Hashes of what proofreading said that staff have seen, by letter ID."""
    closed_on: dt.date | None = None
    """The day on which the campaign was closed, or None.

    While it is None, letters can be created.
    """
    substitute_workbook: Path | None = None
    """The workbook that was read instead of the folder's own, or None."""
    files_not_arrived: FilesNotArrived | None = None
    """Files of another computer's run that are missing or older here, or None."""
    has_removals: bool = False
    """Whether this computer has what another one deleted from the records."""
    records_runs: bool = True
    """Whether runs record the files: not if staff went on only this time."""

    @property
    def letters_folder(self) -> Path:
        """Path of the campaign's folder of letters."""
        return self.folder / LETTERS_FOLDER

    def check_open(self, task: str = "letters") -> None:
        """Raise StorageError if the campaign was closed, or files are missing.

        These are files of another computer that have not arrived. `task` would use them; it is
        empty for the current one. What was deleted on another computer is deleted here first:
        errors may stop the task.
        """
        if self.has_removals:
            with suppress(StorageError), ledger_to_write(self.letters_folder):
                pass
        if self.closed_on:
            closed = campaign_closed_problem(self.folder, self.closed_on)
            raise StorageError([closed, *self.without_ignored(self.returned_data())])
        if self.files_not_arrived:
            raise StorageError(self.files_not_arrived.problem(task))

    def returned_data(self, task: Task = NO_PROGRESS) -> Iterator[Problem]:
        """Yield warnings about what came back into a closed campaign.

        These are letters and print files, copies of other files, and rows of deleted people.
        """
        with ledger_to_read(self.letters_folder) as ledger:
            files = [path for path, _ in find_letter_files(self.folder, ledger, task)]
        files += find_print_files(self.folder)
        if files:
            yield messages.problem("closed-files", Place(LETTERS_FOLDER), files=files)
        yield from (copy.problem for copy in self.file_copies)
        for problem, _ in self.identity.problems:
            if problem.code == "person-deleted":
                yield replace(problem, level="warning")

    def record_run(self, ledger: Ledger, *, is_accepted: bool = False) -> None:
        """Record the files that a run left, for other computers.

        If `is_accepted`, the files are those that staff want, whatever earlier runs left.
        """
        if self.records_runs and not self.substitute_workbook:
            record_last_run(ledger, self.folder, self.templates.names, is_accepted=is_accepted)

    @cached_property
    def file_copies(self) -> tuple[FileCopy, ...]:
        """Copies of the workbook, the list and the templates, beside them."""
        path = self.substitute_workbook or self.folder / WORKBOOK_FILE
        return (
            *find_template_copies(self.folder, self.workbook, self.templates),
            *find_workbook_copies(path, self.workbook, self.letters_folder),
        )

    @property
    def printing_blockers(self) -> frozenset[Problem]:
        """The warnings that stop all printing: conflict copies that differ."""
        return frozenset(copy.problem for copy in self.file_copies if copy.stops_printing)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Every problem of the campaign, with the letters that it affects."""
        return tuple(_all_findings(self))

    def collapsed_lines(self, names: Sequence[str] = ()) -> Iterator[RemovedLine]:
        """Yield the blank lines that filling removes from the selected letters.

        They are sorted by template.
        """
        for name, template in self.templates.compiled.items():
            pairs = (p for p in self.pairs(names) if self.templates.name_for(p.recipient) == name)
            yield from removed_lines(template, self.fill_context, pairs)

    def select_people(self, names: Sequence[str], option: str = "for") -> PeopleSelection:
        """Return the people with these names or IDs.

        Raise UsageError if a name is unknown.
        """
        return select_people(self.workbook, names, option)

    def pairs(self, names: Sequence[str] = ()) -> Iterator[Pair]:
        """Yield the selected pairs, in the order of the workbook."""
        selection = self.select_people(names)
        return (pair for pair in self.workbook.pairs() if selection.includes(pair))

    @cached_property
    def id_digits(self) -> int:
        """Digits of a short ID: as many as make all letters distinct."""
        return short_id_length(map(self.identity.letter_id, self.workbook.pairs()))

    def short_id(self, letter_id: str) -> str:
        """Return a letter's short ID, as it is on paper and on all screens."""
        return letter_id[: self.id_digits]

    def count_letters(self, names: Sequence[str] = ()) -> int:
        """Return the number of selected letters."""
        selection, book = self.select_people(names), self.workbook
        return book.pairing.count(
            selection.selected_from(book.signers), selection.selected_from(book.recipients)
        )

    def relevant_problems(self, names: Sequence[str] = ()) -> list[Problem]:
        """Return the errors of the selected letters, and warnings not ignored."""
        return self.without_ignored(self.all_problems(names))

    def without_ignored(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return problems without the warnings that staff ignore."""
        if not self.ignored_ids:
            return [*problems]
        return [
            problem
            for problem in problems
            if hash_text(self.warning_id(problem)) not in self.ignored_ids
        ]

    def warning_id(self, problem: Problem) -> str:
        """Return a warning's ID, or an empty text if staff cannot ignore it.

        The ID has 16 hexadecimal digits. It changes if the cell or a value in its sentence changes.
        A row is identified by its person, so the ID does not change if rows move.
        """
        if problem.level == "error" or problem.code in _NEVER_IGNORED:
            return ""
        place = problem.place
        person = self._people_by_row.get((place.file, place.sheet, place.row))
        tag = self._columns_by_number.get((place.file, place.sheet, place.column), "")
        row = person.key if person else str(place.row)
        cell = str(person.fields.get(tag, "")) if person else ""
        table = (place.file, place.sheet, tag or str(place.column), row, cell)
        text = (place.part, str(place.paragraph), place.paragraph_text)
        values = (
            f"{name}={value}" for name, value in problem.fields if name not in _POSITION_FIELDS
        )
        return short_hash("warning", problem.code, *table, *text, *values)

    @cached_property
    def letter_labels(self) -> Mapping[str, str]:
        """The label of every letter, by letter ID: `Ana Ruiz to Consul Roy`."""
        letter_id_of = self.identity.letter_id
        return {
            letter_id_of(pair): f"{pair.signer.label} to {pair.recipient.label}"
            for pair in self.pairs()
        }

    @cached_property
    def _people_by_row(self) -> Mapping[tuple[str, str, int], Person]:
        return {(p.sheet.file, p.sheet.name, p.row): p for p in self.workbook.persons}

    @cached_property
    def _columns_by_number(self) -> Mapping[tuple[str, str, int], str]:
        book = self.workbook
        sheets = (*book.signers.sheets, *book.recipients.sheets)
        return {(s.file, s.name, c.number): c.placeholder for s in sheets for c in s.columns}

    def all_problems(self, names: Sequence[str] = ()) -> list[Problem]:
        """Return the errors of the selected letters, and all warnings."""
        if not names:
            return list(dict.fromkeys(finding.problem for finding in self.findings))
        signers, recipients = set(), set()
        for pair in self.pairs(names):
            signers.add(pair.signer.key)
            recipients.add(pair.recipient.key)
        relevant = (
            finding.problem
            for finding in self.findings
            if finding.problem.level == "warning" or finding.affects_any(signers, recipients)
        )
        return list(dict.fromkeys(relevant))

    def describe_placeholder(self, name: str) -> str:
        """Return the words by which staff know what a placeholder prints.

        `recipient.city` is `City in Recipients`.
        """
        return describe_placeholder(self.workbook, name)

    def render(self, letter: Letter, day: dt.date) -> FilledLetter:
        """Return a letter's filled .docx, with its date, ID and fingerprint."""
        facts = self.fill_context.on_day(day)
        template = self.templates.template_for(letter.pair.recipient)
        return template.fill_with_fingerprint(
            facts.pair_values(letter.pair), LetterStamp(letter.id, day)
        )

    def render_readable(self, letter: Letter, day: dt.date) -> ReadableLetter:
        """Return a letter, filled for a day, in a form that can be proofread."""
        facts = self.fill_context.on_day(day)
        template = self.templates.template_for(letter.pair.recipient)
        return template.fill_for_reading(
            facts.pair_values(letter.pair), LetterStamp(letter.id, day)
        )

    def letter_date(self, first_made: dt.date) -> dt.date:
        """Return the date of a letter that was first created on a day."""
        return self.workbook.settings.date or first_made


def describe_placeholder(book: Workbook, name: str) -> str:
    """Return the words by which staff know what a placeholder prints.

    `recipient.city` is `City in Recipients`.
    """
    root, _, tag = name.partition(".")
    sheets = {
        "signer": (book.signers.sheet, book.signers.columns),
        "recipient": (book.recipients.sheet, book.recipients.columns),
        "pair": ("Pairs", book.pairing.columns),
        "settings": (book.settings.sheet, ()),
    }
    if not tag or root not in sheets:
        return name
    sheet, columns = sheets[root]
    heading = next(
        (c.heading for c in columns if c.placeholder == tag), heading_for_placeholder(tag)
    )
    return f"{heading} in {sheet}"


def read_campaign(
    folder: Path,
    *,
    workbook: Path | None = None,
    template: Path | None = None,
    answers: IdentityChoices = NO_IDENTITY_CHOICES,
) -> Campaign:
    """Read the workbook, templates and list of signers of a campaign folder.

    `workbook` and `template` replace the folder's own. `answers` say which people are the same.
    Raise a MergeError with all problems that prevent reading.
    """
    check_places(folder)
    _restore_interrupted_files(folder)
    try:
        return _read_campaign(folder, workbook, template, answers)
    except MergeError as error:
        with ledger_to_read(folder / LETTERS_FOLDER) as ledger:
            not_arrived = find_files_not_arrived(folder, ledger)
        if not_arrived is None:
            raise
        raise DataError([not_arrived.problem(), *error.problems]) from error


def _read_campaign(
    folder: Path, workbook: Path | None, template: Path | None, answers: IdentityChoices
) -> Campaign:
    try:
        book = read_workbook(workbook or folder / WORKBOOK_FILE)
    except IncompleteWorkbookError as error:
        others = _template_problems(folder, error.book, template)
        raise DataError([*error.problems, *others]) from error
    if problem := _too_many_letters(book):
        raise DataError([*book.problems, problem])
    settings, today = book.settings, dt.datetime.now().astimezone().date()
    try:
        templates = find_templates(folder, book, template)
    except TemplateError as error:
        raise TemplateError([*book.problems, *error.problems]) from error
    pattern, problems = read_file_name_pattern(settings.file_name, settings.place("file_name"))
    letters = folder / LETTERS_FOLDER
    with ledger_to_read(letters) as ledger:
        earlier_runs = RecordedPersonHistory(folder / REGISTER_FILE, letters, ledger)
        sheets = (book.signers, book.recipients)
        decisions = [*ledger.decisions()]
        answers = answers._replace(stored_decisions=frozenset(decisions))
        identity = identify(ledger.people(), sheets, book.excluded_people, earlier_runs, answers)
        closed_on, not_arrived = ledger.state.closed_on, find_files_not_arrived(folder, ledger)
    return Campaign(
        folder=folder,
        workbook=book,
        templates=templates,
        fill_context=fill_context_of(book),
        file_names=pattern,
        identity=identity,
        today=today,
        name_problems=problems,
        list_problems=_list_problems((workbook or folder / WORKBOOK_FILE).parent, book),
        ignored_ids=frozenset(d.id for d in decisions if d.choice == "hide"),
        seen_letters={d.id: d.seen for d in decisions if d.choice == "seen"},
        closed_on=closed_on,
        substitute_workbook=workbook,
        files_not_arrived=not_arrived,
        has_removals=ledger.runs.mirror_has_more and letters.is_dir(),
    )


def accept_present_files(campaign: Campaign, *, is_recorded: bool = True) -> Campaign:
    """Return the campaign with its files accepted, although some are older.

    If `is_recorded`, the ledger records them as they are, so that no one is asked again.
    """
    knows_list = all(problem.code != "files-not-arrived" for problem in campaign.list_problems)
    if campaign.files_not_arrived is None and knows_list:
        return campaign
    if is_recorded:
        with ledger_to_write(campaign.letters_folder) as ledger:
            ledger.accept_missing_runs()
            if not knows_list:
                from merge.intake.signer_list import accept_list  # noqa: PLC0415 - rare

                accept_list(ledger, campaign.folder)
            campaign.record_run(ledger, is_accepted=True)
    return replace(campaign, files_not_arrived=None, records_runs=is_recorded)


def reread_campaign(campaign: Campaign) -> Campaign:
    """Wait for another run to end, then read the campaign's folder again.

    The folder's own templates are read. Raise MergeError as `read_campaign`.
    """
    return read_campaign(campaign.folder, workbook=campaign.substitute_workbook)


def _too_many_letters(book: Workbook) -> Problem | None:
    """Return the error that the register would need more rows than Excel has."""
    upper_limit = len(book.signers.persons) * len(book.recipients.persons)
    if upper_limit <= MAX_LETTERS or (number := book.pair_count) <= MAX_LETTERS:
        return None
    place, key = Place(book.file), "too-many-letters"
    return messages.problem(key, place, letters=number, most=MAX_LETTERS)


def _list_problems(folder: Path, book: Workbook) -> tuple[Problem, ...]:
    """Return the problems of the list of signers and of its import records.

    There are none if the list is not read.
    """
    if book.listed_signer_count is None:
        return ()
    from merge.intake.consent_checks import signer_list_problems  # noqa: PLC0415
    from merge.intake.signer_list import read_list  # noqa: PLC0415 - only if there is a list

    try:
        return tuple(signer_list_problems(read_list(folder), book))
    except MergeError as error:  # letters can be created, but nothing can be imported
        return tuple(replace(problem, level="warning") for problem in error.problems)


def _restore_interrupted_files(folder: Path) -> None:
    """Restore files that were hidden when the process was killed."""
    restore_interrupted(folder / REGISTER_FILE)
    restore_interrupted(folder / WORKBOOK_FILE)
    restore_interrupted(folder / LIST_FILE)
    templates = folder / TEMPLATES_FOLDER
    for hidden_folder in hidden_folders(str(templates)):
        for hidden_file in Path(hidden_folder).iterdir():
            restore_interrupted(templates / hidden_file.name)


def describe_sources(book: Workbook) -> str:
    """Return `6 signers from signers.xlsx, 214 from forms`.

    Return an empty text if no list is read.
    """
    if book.listed_signer_count is None:
        return ""
    typed = format_count(len(book.signers.persons) - book.listed_signer_count, "signer")
    return f"{typed} from {book.file}, {book.listed_signer_count:,} from forms"


def campaign_closed_problem(folder: Path, day: dt.date) -> Problem:
    """Return the error that a campaign was closed, and how to continue."""
    return messages.problem("campaign-closed", Place(str(folder)), day=format_day(day))


def format_day(day: dt.date) -> str:
    """Return a day as `26 Nov 2026`."""
    return f"{day.day} {day:%b %Y}"


_POSITION_FIELDS = {"cell", "row"}
"""Fields of messages that say where something is."""
_NEVER_IGNORED = {
    *("register-rows-gone", "ledger-lost", "records-incomplete", "records-foreign"),
    *("folder-in-part", "files-not-arrived"),
}
"""Warnings that cannot be ignored: something is missing or was not read."""


def _template_problems(folder: Path, book: Workbook, replacement: Path | None) -> Sequence[Problem]:
    """Return the problems of templates while the workbook is incomplete."""
    try:
        templates = find_templates(folder, book, replacement)
    except MergeError as error:
        return error.problems
    return tuple(incomplete_problems(CampaignCheckInput(book, templates, fill_context_of(book))))


def fill_context_of(book: Workbook) -> LetterFillContext:
    """Return what letters of a workbook share: settings, date, language."""
    settings, today = book.settings, dt.datetime.now().astimezone().date()
    return LetterFillContext(settings.fields, settings.date or today, settings.language)


# All errors and warnings.


def _all_findings(campaign: Campaign) -> Iterator[Finding]:
    """Yield every problem of a campaign with the letters that it affects.

    The order is: the workbook, the settings, people who may be the same, the templates.
    """
    book, available = campaign.workbook, available_fields(campaign.workbook)
    yield from (_finding_in(book, problem) for problem in book.problems)
    yield from map(Finding, campaign.name_problems)
    yield from (_finding_in(book, problem) for problem in campaign.list_problems)
    yield from (Finding(copy.problem) for copy in campaign.file_copies)
    if not_arrived := campaign.files_not_arrived:
        yield Finding(replace(not_arrived.problem(), level="warning"))
    if next(book.pairs(), None) is None:
        yield Finding(messages.problem("no-letters", Place(book.file)))
    if book.settings.file_name:
        yield from _file_name_findings(campaign, available)
    yield from map(Finding, address_problems(book.settings, available))
    yield from (
        finding_for_person(problem, person) for problem, person in campaign.identity.problems
    )
    columns = [tag for tag in (book.settings.match, book.settings.sort_by) if tag]
    setting_names = [VariableName(root, tag) for tag in columns for root in ("signer", "recipient")]
    pattern = address_pattern(book.settings)
    names = frozenset(
        (*campaign.file_names.variables, *setting_names, *(pattern.variables if pattern else ()))
    )
    yield from check_campaign(
        CampaignCheckInput(book, campaign.templates, campaign.fill_context, names)
    )


def _finding_in(book: Workbook, problem: Problem) -> Finding:
    """Return a problem of the workbook with the letters that it affects.

    A problem in a person's row affects only that person's letters.
    """
    place = problem.place
    if place.row and book.signers.contains(place):
        return Finding(problem, book.signers.keys_at(place))
    if place.row and book.recipients.contains(place):
        return Finding(problem, None, book.recipients.keys_at(place))
    return Finding(problem)


def _file_name_findings(campaign: Campaign, available: AvailableFields) -> Iterator[Finding]:
    """Yield the problems of naming files by the pattern in the settings."""
    names = campaign.file_names
    unknown = [name for name in names.variables if not available.has(name)]
    for name in unknown:
        yield Finding(unknown_name_problem(name, names.place, available))
    pairs = () if unknown else campaign.workbook.pairs()
    by_code: dict[str, Problem] = {}
    pair_findings = PairFindings()
    for pair, problem in find_naming_problems(pairs, names, campaign.fill_context.pair_values):
        pair_findings.add(by_code.setdefault(problem.code, problem), pair)
    yield from pair_findings.findings()
