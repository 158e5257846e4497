"""The title of a campaign, as covers, parcel sheets and reports show it."""

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
from merge.problems import Problem, shorten
from merge.workbook.reading import parse_workbook
from merge.workbook.settings import Settings

SAMPLE_TITLE = "Sample: enter the title of your campaign here"
"""The Campaign setting of the sample; no document for others must show it."""

_SETTING = "campaign"


def campaign_title(campaign: Campaign) -> str:
    """Return the Campaign setting; the folder's name if the cell is blank."""
    return campaign.workbook.settings.campaign or campaign.folder.name


def own_title(campaign: Campaign) -> str:
    """Return the Campaign setting; empty if it is blank or the sample's."""
    title = campaign.workbook.settings.campaign or ""
    return "" if title == SAMPLE_TITLE else shorten(title, 100)


def title_problems(campaign: Campaign) -> Iterator[Problem]:
    """Yield an error if a document for other people has the sample's title."""
    settings = campaign.workbook.settings
    if settings.campaign == SAMPLE_TITLE:
        yield messages.problem("campaign-untitled", settings.place(_SETTING))


def with_title(data: bytes, title: str) -> tuple[bytes, str]:
    """Return a workbook with another Campaign setting.

    Everything else stays byte for byte. The second value is the old title if the setting exists and
    its cell cannot be changed without harm; then the workbook is unchanged. Else it is empty.
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
"""Prefix that no formula has, as any formula may depend on the title."""


def _settings_of(data: bytes) -> Settings | None:
    """Return a workbook's settings, or None if the bytes cannot be read."""
    try:
        return parse_workbook(data, WORKBOOK_FILE).settings
    except MergeError:
        return None
