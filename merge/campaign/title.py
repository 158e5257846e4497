"""The title of a campaign: what stands on covers, packing lists, receipts and reports."""

from __future__ import annotations

from collections.abc import Iterator

from merge import messages
from merge.campaign.campaign import Campaign
from merge.campaign.campaign_files import WORKBOOK_FILE
from merge.errors import FaultError, MergeError
from merge.excel.patching import UnpatchableWorkbookError, patch_workbook
from merge.excel.workbook_parts import read_workbook_parts
from merge.ooxml.kinds import EXCEL
from merge.ooxml.package import open_archive
from merge.problems import Problem
from merge.workbook.reading import parse_workbook
from merge.workbook.settings import Settings

SAMPLE_TITLE = "Sample: enter the title of your campaign here"
"""The setting Campaign of the sample; nothing that leaves the house must show it."""

_SETTING = "campaign"


def campaign_title(campaign: Campaign) -> str:
    """Return the setting Campaign; the name of the folder if there is none."""
    return campaign.workbook.settings.campaign or campaign.folder.name


def title_problems(campaign: Campaign) -> Iterator[Problem]:
    """Yield the error that what is printed or handed on would show the title of the sample."""
    settings = campaign.workbook.settings
    if settings.campaign == SAMPLE_TITLE:
        yield messages.problem("campaign-untitled", settings.place(_SETTING))


def with_title(data: bytes, title: str) -> tuple[bytes, str]:
    """Return a workbook with another title in its setting Campaign, all else byte for byte.

    If it has that setting and the cell cannot be changed without harm, it stays as it is, and its
    own title is returned as well; else that is empty.
    """
    settings = _settings_of(data)
    if settings is None or _SETTING not in settings.value_places or settings.campaign == title:
        return data, ""
    place = settings.value_places[_SETTING]
    try:
        archive = open_archive(data, EXCEL)
        new = {place.sheet: {(place.row, place.column): title}}
        return patch_workbook(archive, read_workbook_parts(archive), new, _NO_FORMULA_PREFIX), ""
    except (UnpatchableWorkbookError, FaultError):
        return data, settings.campaign or ""


_NO_FORMULA_PREFIX = "\0"
"""No formula begins so: the result of any may depend on the title."""


def _settings_of(data: bytes) -> Settings | None:
    """Return the settings of a workbook; None if it cannot be read."""
    try:
        return parse_workbook(data, WORKBOOK_FILE).settings
    except MergeError:
        return None
