"""Creates a campaign folder from the sample, another campaign, or letters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from merge import messages
from merge.campaign.campaign import Campaign, read_campaign
from merge.campaign.campaign_files import WORKBOOK_FILE, check_places
from merge.campaign.counts import pending_step
from merge.campaign.overview import CampaignOverview, inspect_campaign
from merge.campaign.title import with_title
from merge.disk import (
    delete_file,
    os_error_text,
    read_campaign_file,
    real_folder,
    remove_empty_folder,
)
from merge.errors import (
    DataError,
    FaultError,
    MergeError,
    StorageError,
    UsageError,
    translate_errors,
)
from merge.intake.list_memory import answer_entries
from merge.intake.list_types import SignerList
from merge.intake.signer_list import read_list
from merge.naming import MAX_PART_BYTES, safe_path_part
from merge.people import Pair, Person
from merge.problems import Place, Problem, shorten
from merge.product import LETTERS_FOLDER, TEMPLATES_FOLDER
from merge.register.entries import StageValue
from merge.starting.proof import TemplateProof
from merge.starting.start import StartingPoint
from merge.state.entries import ImportEntry
from merge.state.ledger_records import LedgerChangeSet
from merge.state.letter_folder import ledger_to_write
from merge.text.folding import folded
from merge.workbook.pairs import POSTED_ON
from merge.workbook.reading import LIST_FILE

_SAMPLE = Path(__file__).parent.parent / "starter"

_PAIRS = "Pairs"


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """A campaign folder that was created.

    `files` are its files by name. `pair_count` is the number of pairs it begins with, or 0 if
    everyone writes to everyone. `lost_contents` are contents of the old workbook that were not
    copied. `date` is the Date setting that was copied. `former_unanswered` is the number of further
    unanswered letters of people who are no longer in the old workbook. `kept_title` is the Campaign
    setting of the old workbook, if it could not be changed.
    """

    files: tuple[str, ...]
    pair_count: int = 0
    lost_contents: tuple[str, ...] = ()
    date: dt.date | None = None
    former_unanswered: int = 0
    kept_title: str = ""


def create_campaign(
    folder: Path, source: Path | None = None, *, unanswered: bool = False, title: str = ""
) -> NewCampaign:
    """Create a folder with the workbook and templates of another campaign.

    Without `source` it is the sample. If `unanswered`, it has only pairs whose letter was posted
    and not answered, each with the day of posting. `title` becomes the Campaign setting; by default
    it is the name of the folder. Raise UsageError if `folder` is not empty, `source` has no
    campaign, or no letter is unanswered. Raise StorageError if the disk reports an error.
    """
    source_folder = source or _SAMPLE
    if not (source_folder / WORKBOOK_FILE).is_file():
        raise UsageError(campaign_missing_problem(source_folder))
    if source:
        check_places(source)
    with translate_errors(OSError, lambda error: StorageError(_not_created_problem(folder, error))):
        _check_folder(folder)
        reminders = (
            _create_reminders(read_campaign(source_folder), source_folder) if unanswered else None
        )
        book = reminders.workbook if reminders else (source_folder / WORKBOOK_FILE).read_bytes()
        book, kept_title = with_title(book, title or real_folder(folder).name)
        file_names = tuple(_files_to_copy(source_folder))
        files = {WORKBOOK_FILE: book}
        for name in file_names[1:]:
            path = source_folder / name
            files[name] = read_campaign_file(path) if source else path.read_bytes()
        _write_files(folder, files)
        if LIST_FILE in files:
            _copy_list_memory(source_folder, folder)
    if reminders:
        return NewCampaign(
            file_names,
            pair_count=reminders.pair_count,
            lost_contents=reminders.lost_contents,
            date=reminders.date,
            former_unanswered=reminders.former_unanswered,
            kept_title=kept_title,
        )
    return NewCampaign(file_names, kept_title=kept_title)


def campaign_missing_problem(folder: Path) -> Problem:
    """Return the error that a folder is not a campaign, or does not exist."""
    variant = "" if folder.is_dir() else "/folder"
    return messages.problem(f"campaign-missing{variant}", Place(str(folder)))


def create_campaign_from_letters(
    folder: Path, start: StartingPoint, workbook: bytes | None = None, *, title: str = ""
) -> tuple[str, ...]:
    """Create a folder with the template that was found in letters.

    The workbook has what was found too, unless one is given; `title` becomes its Campaign setting,
    by default the name of the folder. Return the names of the files. Raise
    DataError if the template does not give all letters back, UsageError if `folder` is not empty.
    Raise StorageError if the disk reports an error.
    """
    if not start.proof.holds:
        raise DataError(proof_problems(start.proof))
    with translate_errors(OSError, lambda error: StorageError(_not_created_problem(folder, error))):
        _check_folder(folder)
        title = title or real_folder(folder).name
        template = f"{TEMPLATES_FOLDER}/{start.template_name}"
        files = {WORKBOOK_FILE: workbook or start.workbook(title), template: start.template}
        _write_files(folder, files)
    return tuple(files)


def proof_problems(proof: TemplateProof) -> list[Problem]:
    """Return why a template is not proved, as problems."""
    differences = [
        messages.problem(
            "letter-not-given-back",
            Place(difference.letter),
            expected=shorten(difference.expected),
            created=shorten(difference.created),
        )
        for difference in proof.differences
    ]
    return [*proof.problems, *differences]


def _check_folder(folder: Path) -> None:
    """Raise UsageError if a folder is not empty, or has an unsuitable name."""
    name = folder.name
    suitable_name = safe_path_part(name, max_length=MAX_PART_BYTES)
    is_suitable = folded(suitable_name) == folded(name) and not name.endswith((" ", "."))
    if name.strip(".") and not is_suitable:
        raise UsageError(messages.problem("folder-name", Place(str(folder)), name=suitable_name))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(messages.problem("folder-taken", Place(str(folder))))


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of a new campaign; after an error, none of them stays."""
    templates = folder / TEMPLATES_FOLDER
    new_folders = [path for path in (templates, *templates.parents) if not path.exists()]
    try:
        templates.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
    except BaseException:
        for name in files:
            delete_file(folder / name)
        for path in new_folders:
            remove_empty_folder(path)
        raise


def _copy_list_memory(source: Path, folder: Path) -> None:
    """Copy what imports keep of the people in the list of signers."""
    with suppress(MergeError):  # its problems are reported when it is read
        stored = read_list(source)
        confirmed = {**stored.list.confirmation_hashes}
        entry = ImportEntry(stored.token, confirmed=confirmed)
        answers = answer_entries(SignerList(), stored.list, stored.token)
        with ledger_to_write(folder / LETTERS_FOLDER) as ledger:
            ledger.commit(LedgerChangeSet(imports=[entry, *answers]))


def _not_created_problem(folder: Path, error: OSError) -> Problem:
    place, why = Place(str(folder)), os_error_text(error)
    return messages.problem("folder-closed/new", place, why=why)


def _files_to_copy(source: Path) -> Iterator[str]:
    """Yield a campaign's initial files: workbook, list of signers, templates."""
    yield WORKBOOK_FILE
    if (source / LIST_FILE).is_file():
        yield LIST_FILE
    for path in sorted((source / TEMPLATES_FOLDER).glob("*")):
        if path.is_file() and not path.name.startswith((".", "~$")):
            yield f"{TEMPLATES_FOLDER}/{path.name}"


# Reminders: the pairs without an answer, in the Pairs sheet of the new workbook.


@dataclass(frozen=True, slots=True)
class _ReminderWorkbook:
    workbook: bytes
    pair_count: int
    lost_contents: tuple[str, ...]
    date: dt.date | None
    former_unanswered: int


def _create_reminders(campaign: Campaign, old: Path) -> _ReminderWorkbook:
    from merge.excel.losses import find_losses_in_file  # noqa: PLC0415
    from merge.excel.rewriting import replace_sheet  # noqa: PLC0415 - openpyxl, when it is needed

    view = inspect_campaign(campaign)
    if view.survey_error:
        raise view.survey_error
    unanswered = _unanswered(view)
    pairs = [(campaign.identity.letter_id(pair), pair) for pair in campaign.workbook.pairs()]
    waiting = [
        (pair, unanswered[letter_id]) for letter_id, pair in pairs if letter_id in unanswered
    ]
    former_unanswered = (
        len(unanswered)
        - len(waiting)
        + view.counts.former_people.pending[pending_step(("Posted",))]
    )
    if not waiting:
        raise UsageError(_nothing_unanswered_problem(old, former_unanswered))
    path = old / WORKBOOK_FILE
    data = read_campaign_file(path)
    try:
        new_data = replace_sheet(data, _PAIRS, _pair_rows(campaign, waiting))
    except FaultError as error:
        raise StorageError(error.to_problem(Place(str(path)))) from error
    date = campaign.workbook.settings.date
    return _ReminderWorkbook(
        workbook=new_data,
        pair_count=len(waiting),
        lost_contents=find_losses_in_file(data, path.name),
        date=date,
        former_unanswered=former_unanswered,
    )


def _unanswered(view: CampaignOverview) -> dict[str, StageValue]:
    """Return when each unanswered letter was posted, by letter ID."""
    posted = {
        letter.id: letter.stages for letter in view.created_letters if "Posted" in letter.stages
    }
    return {
        letter_id: stages["Posted"]
        for letter_id, stages in posted.items()
        if "Answered" not in stages
    }


def _nothing_unanswered_problem(old: Path, former_unanswered: int) -> Problem:
    place = Place(str(old))
    if former_unanswered:
        return messages.problem("nothing-unanswered/gone", place, count=former_unanswered)
    return messages.problem("nothing-unanswered", place)


def _pair_rows(
    campaign: Campaign, waiting: Sequence[tuple[Pair, StageValue]]
) -> Iterator[Sequence[object]]:
    """Yield the rows of the Pairs sheet, with staff's own columns."""
    staff_columns = [c for c in campaign.workbook.pairing.columns if c.heading != POSTED_ON]
    yield ("Signer", "Recipient", POSTED_ON, *(column.heading for column in staff_columns))
    for pair, day in waiting:
        values = (str(pair.fields.get(column.placeholder, "")) for column in staff_columns)
        yield (_id_or_name(pair.signer), _id_or_name(pair.recipient), day, *values)


def _id_or_name(person: Person) -> str:
    return str(person.id or person.name)
