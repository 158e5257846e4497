"""A new campaign folder: the sample that works at once, or what another campaign began with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from merge import messages
from merge.campaign.campaign import Campaign, read_campaign
from merge.campaign.campaign_files import WORKBOOK_FILE, check_links
from merge.campaign.counts import pending_step
from merge.campaign.overview import CampaignOverview, inspect_campaign
from merge.campaign.title import with_title
from merge.disk import os_error_text, read_campaign_file, real_folder
from merge.errors import FaultError, MergeError, StorageError, UsageError, translate_errors
from merge.people import Pair, Person
from merge.problems import Place, Problem
from merge.product import TEMPLATES_FOLDER
from merge.register.entries import StageValue
from merge.workbook.pairs import POSTED_ON
from merge.workbook.reading import LIST_FILE

_SAMPLE = Path(__file__).parent.parent / "starter"

_PAIRS = "Pairs"


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """A folder that was made: its files by their names, and how many pairs it begins with.

    `pairs` is 0 where everybody writes to everybody. `lost` is what of the old workbook did not
    come along, `date` the setting Date that did. `gone` letters are not answered either, of people
    whom the old workbook has no more. `title` is the setting Campaign of the old workbook, if it
    could not be changed.
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
    """Make a folder with the workbook and the templates of another campaign, and nothing else.

    Without `source` it is the sample. `unanswered`: only pairs whose letter was posted and not
    answered, each with that day. `title` becomes the setting Campaign, the name of the folder if
    there is none. UsageError where there is something in `folder`, no campaign in `source`, or
    nothing is unanswered; StorageError where the disk says so.
    """
    old = source or _SAMPLE
    if not (old / WORKBOOK_FILE).is_file():
        raise UsageError(messages.problem("campaign-missing", Place(str(old))))
    if source:
        check_links(source)
    with translate_errors(OSError, lambda error: StorageError(_not_created_problem(folder, error))):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(messages.problem("folder-taken", Place(str(folder))))
        reminders = _create_reminders(read_campaign(old), old) if unanswered else None
        book = reminders.workbook if reminders else (old / WORKBOOK_FILE).read_bytes()
        book, kept = with_title(book, title or real_folder(folder).name)
        names = tuple(_files_to_copy(old))
        for name in names:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if name == WORKBOOK_FILE:
                target.write_bytes(book)
            elif name == LIST_FILE:
                target.write_bytes(_list_without_undo(old / name))
            else:
                path = old / name
                target.write_bytes(read_campaign_file(path) if source else path.read_bytes())
    if reminders:
        return NewCampaign(
            names,
            pair_count=reminders.pair_count,
            lost_contents=reminders.lost_contents,
            date=reminders.date,
            former_unanswered=reminders.former_unanswered,
            kept_title=kept,
        )
    return NewCampaign(names, kept_title=kept)


def _list_without_undo(path: Path) -> bytes:
    """Return the list of a campaign as another one begins with it: nothing was imported there."""
    from merge.intake.memory_sheet import remove_undo  # noqa: PLC0415 - openpyxl, when it is needed

    data = read_campaign_file(path)
    with suppress(MergeError):  # what is wrong with it is told when it is read
        return remove_undo(data)
    return data


def _not_created_problem(folder: Path, error: OSError) -> Problem:
    place, why = Place(str(folder)), os_error_text(error)
    return messages.problem("folder-closed/new", place, why=why)


def _files_to_copy(source: Path) -> Iterator[str]:
    """Yield what a campaign begins with: the workbook, the list beside it, every template."""
    yield WORKBOOK_FILE
    if (source / LIST_FILE).is_file():
        yield LIST_FILE
    for path in sorted((source / TEMPLATES_FOLDER).glob("*")):
        if path.is_file() and not path.name.startswith((".", "~$")):
            yield f"{TEMPLATES_FOLDER}/{path.name}"


# Reminders: the pairs that wait for an answer, in a sheet Pairs of the new workbook.


@dataclass(frozen=True, slots=True)
class _Reminders:
    workbook: bytes
    pair_count: int
    lost_contents: tuple[str, ...]
    date: dt.date | None
    former_unanswered: int


def _create_reminders(campaign: Campaign, old: Path) -> _Reminders:
    from merge.excel.losses import find_losses_in_file  # noqa: PLC0415
    from merge.excel.rewriting import replace_sheet  # noqa: PLC0415 - openpyxl, when it is needed

    view = inspect_campaign(campaign)
    if view.survey_error:
        raise view.survey_error
    unanswered = _unanswered(view)
    pairs = [(campaign.identity.letter_id(pair), pair) for pair in campaign.workbook.pairs()]
    waiting = [(pair, unanswered[own]) for own, pair in pairs if own in unanswered]
    gone = (
        len(unanswered)
        - len(waiting)
        + view.counts.former_people.pending[pending_step(("Posted",))]
    )
    if not waiting:
        raise UsageError(_nothing_unanswered_problem(old, gone))
    path = old / WORKBOOK_FILE
    data = read_campaign_file(path)
    try:
        made = replace_sheet(data, _PAIRS, _pair_rows(campaign, waiting))
    except FaultError as error:
        raise StorageError(error.to_problem(Place(str(path)))) from error
    date = campaign.workbook.settings.date
    return _Reminders(
        workbook=made,
        pair_count=len(waiting),
        lost_contents=find_losses_in_file(data, path.name),
        date=date,
        former_unanswered=gone,
    )


def _unanswered(view: CampaignOverview) -> dict[str, StageValue]:
    """Return the letters that were posted and not answered, by id, and when they were posted."""
    posted = {one.id: one.stages for one in view.created_letters if "Posted" in one.stages}
    return {own: stages["Posted"] for own, stages in posted.items() if "Answered" not in stages}


def _nothing_unanswered_problem(old: Path, gone: int) -> Problem:
    place = Place(str(old))
    if gone:
        return messages.problem("nothing-unanswered/gone", place, count=gone)
    return messages.problem("nothing-unanswered", place)


def _pair_rows(
    campaign: Campaign, waiting: Sequence[tuple[Pair, StageValue]]
) -> Iterator[Sequence[object]]:
    """Yield the rows of the sheet; the staff's own columns of it come along."""
    own = [c for c in campaign.workbook.pairing.columns if c.heading != POSTED_ON]
    yield ("Signer", "Recipient", POSTED_ON, *(column.heading for column in own))
    for pair, day in waiting:
        values = (str(pair.fields.get(column.placeholder, "")) for column in own)
        yield (_id_or_name(pair.signer), _id_or_name(pair.recipient), day, *values)


def _id_or_name(person: Person) -> str:
    return str(person.id or person.name)
