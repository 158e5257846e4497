"""A new campaign folder: the sample that works at once, or what another campaign began with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from merge import messages
from merge.campaign.campaign import Campaign, read_campaign
from merge.campaign.counts import waits_for
from merge.campaign.places import WORKBOOK_FILE, check_links
from merge.campaign.title import with_title
from merge.campaign.view import View, look
from merge.disk import os_reason, read_campaign_file, real_folder
from merge.errors import FaultError, MergeError, StorageError, UsageError, translated
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
    pairs: int = 0
    lost: tuple[str, ...] = ()
    date: dt.date | None = None
    gone: int = 0
    title: str = ""


def start_campaign(
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
    with translated(OSError, lambda error: StorageError(_not_made(folder, error))):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(messages.problem("folder-taken", Place(str(folder))))
        reminders = _reminders(read_campaign(old), old) if unanswered else None
        book = reminders.workbook if reminders else (old / WORKBOOK_FILE).read_bytes()
        book, kept = with_title(book, title or real_folder(folder).name)
        names = tuple(_files(old))
        for name in names:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if name == WORKBOOK_FILE:
                target.write_bytes(book)
            elif name == LIST_FILE:
                target.write_bytes(_list_to_begin_with(old / name))
            else:
                path = old / name
                target.write_bytes(read_campaign_file(path) if source else path.read_bytes())
    if reminders:
        return NewCampaign(
            names,
            pairs=reminders.pairs,
            lost=reminders.lost,
            date=reminders.date,
            gone=reminders.gone,
            title=kept,
        )
    return NewCampaign(names, title=kept)


def _list_to_begin_with(path: Path) -> bytes:
    """Return the list of a campaign as another one begins with it: nothing was imported there."""
    from merge.intake.memory_sheet import without_undo  # noqa: PLC0415 - openpyxl, when it is needed

    data = read_campaign_file(path)
    with suppress(MergeError):  # what is wrong with it is told when it is read
        return without_undo(data)
    return data


def _not_made(folder: Path, error: OSError) -> Problem:
    place, why = Place(str(folder)), os_reason(error)
    return messages.problem("folder-closed/new", place, why=why)


def _files(source: Path) -> Iterator[str]:
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
    pairs: int
    lost: tuple[str, ...]
    date: dt.date | None
    gone: int


def _reminders(campaign: Campaign, old: Path) -> _Reminders:
    from merge.excel.losses import losses_in  # noqa: PLC0415
    from merge.excel.rewriting import with_sheet  # noqa: PLC0415 - openpyxl, when it is needed

    view = look(campaign)
    if view.fault:
        raise view.fault
    unanswered = _unanswered(view)
    pairs = [(campaign.identity.letter(pair), pair) for pair in campaign.workbook.pairs()]
    waiting = [(pair, unanswered[own]) for own, pair in pairs if own in unanswered]
    gone = len(unanswered) - len(waiting) + view.counts.gone.waits[waits_for(("Posted",))]
    if not waiting:
        raise UsageError(_nothing_unanswered(old, gone))
    path = old / WORKBOOK_FILE
    data = read_campaign_file(path)
    try:
        made = with_sheet(data, _PAIRS, _pair_rows(campaign, waiting))
    except FaultError as error:
        raise StorageError(error.at(Place(str(path)))) from error
    date = campaign.workbook.settings.date
    return _Reminders(
        workbook=made,
        pairs=len(waiting),
        lost=losses_in(data, path.name),
        date=date,
        gone=gone,
    )


def _unanswered(view: View) -> dict[str, StageValue]:
    """Return the letters that were posted and not answered, by id, and when they were posted."""
    posted = {one.id: one.stages for one in view.made if "Posted" in one.stages}
    return {own: stages["Posted"] for own, stages in posted.items() if "Answered" not in stages}


def _nothing_unanswered(old: Path, gone: int) -> Problem:
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
        values = (str(pair.fields.get(column.tag, "")) for column in own)
        yield (_known_by(pair.signer), _known_by(pair.recipient), day, *values)


def _known_by(person: Person) -> str:
    return str(person.id or person.name)
