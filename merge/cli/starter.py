"""`merge new`: a campaign folder that works at once, from the files of the first campaign."""

from __future__ import annotations

import shutil
from pathlib import Path

from merge.model import Place, Problem, StorageError, UsageError

_FILES = ("signers.xlsx", "templates/appeal.docx")


def _source() -> Path:
    """Where the two files are: in the installed package, or in the project itself."""
    package = Path(__file__).parent.parent
    installed = package / "starter"
    return installed if installed.is_dir() else package.parent


def start_campaign(folder: Path) -> None:
    """Copy the files into a folder that is new or empty. UsageError where it is neither."""
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            what = "there is something of this name already."
            place = Place(str(folder))
            raise UsageError(Problem("folder-taken", place, what, "Choose a new name."))
        for name in _FILES:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(_source() / name, target)
    except OSError as error:
        what = f"the folder cannot be made ({error.strerror})."
        hint = "Choose another place."
        raise StorageError(Problem("folder-closed", Place(str(folder)), what, hint)) from error
