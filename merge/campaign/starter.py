"""A new campaign folder: the sample that works at once, or what another campaign began with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from merge.campaign.campaign import WORKBOOK_FILE
from merge.model import Place, Problem, StorageError, UsageError
from merge.template.library import TEMPLATES_FOLDER

SAMPLE_TITLE = "A sample: write the title of your campaign here"
"""The setting Campaign of the sample; covers must not show it."""

_SAMPLE = Path(__file__).parent.parent / "starter"


def start_campaign(folder: Path, source: Path = _SAMPLE) -> list[str]:
    """Copy a campaign's workbook and templates, and nothing else; return the files by their names.

    `source` is the folder of another campaign; the sample where it is left out. UsageError where
    there is something in `folder` or no campaign in `source`, StorageError where the disk says so.
    """
    if not (source / WORKBOOK_FILE).is_file():
        what = f"there is no campaign in this folder: it has no {WORKBOOK_FILE}."
        hint = "Name the folder of the campaign that the new one is to begin with."
        raise UsageError(Problem("campaign-missing", Place(str(source)), what, hint))
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            what = "there is something of this name already."
            place = Place(str(folder))
            raise UsageError(Problem("folder-taken", place, what, "Choose a new name."))
        names = [*_files(source)]
        for name in names:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, target)
    except OSError as error:
        what = f"the folder cannot be made ({error.strerror})."
        hint = "Choose another place."
        raise StorageError(Problem("folder-closed", Place(str(folder)), what, hint)) from error
    return names


def _files(source: Path) -> Iterator[str]:
    """Yield what a campaign begins with: the workbook, and every template."""
    yield WORKBOOK_FILE
    for path in sorted((source / TEMPLATES_FOLDER).glob("*")):
        if path.is_file() and not path.name.startswith((".", "~$")):
            yield f"{TEMPLATES_FOLDER}/{path.name}"
