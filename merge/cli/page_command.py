"""`merge page`: opens the campaign in the browser."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from merge import messages
from merge.cli.terminal import DONE, ENDING_SIGNALS, handle_signals, note, say
from merge.errors import UsageError
from merge.naming import nearest_word
from merge.page.lifetime import ProgramLifetime
from merge.page.serving import OpenCampaigns, serve
from merge.problems import Place

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


def _nearest_folder(folder: Path) -> str | None:
    """Return the sibling folder most similar to a missing folder, or None."""
    with suppress(OSError):
        return (
            nearest_word(folder.name, [p.name for p in folder.parent.iterdir() if p.is_dir()])
            or None
        )
    return None


def serve_page(
    folder: Path | None, *, browser: bool, show_link: Callable[[str], object] | None = None
) -> int:
    """Serve the page to the browser until it is no longer needed.

    `show_link` gets the link to show, or an empty text if the browser opens; without it, the
    terminal shows it. Raise UsageError if there is no such folder.
    """
    if folder is not None and not folder.is_dir():
        nearest_name = _nearest_folder(folder)
        raise UsageError(messages.problem("folder-missing", Place(str(folder)), near=nearest_name))

    lifetime = ProgramLifetime()

    def end(number: int) -> None:
        if lifetime.is_stopped and number == signal.SIGINT:
            raise KeyboardInterrupt  # a second Ctrl-C ends at once
        lifetime.stop()

    with ExitStack() as stack:

        def make(lifetime: ProgramLifetime) -> tuple[WSGIApplication, OpenCampaigns]:
            application = _create_application(lifetime)
            stack.enter_context(handle_signals([signal.SIGINT, *ENDING_SIGNALS], end))
            return application

        serve(folder, make, lifetime, show_link=show_link or _show_link, browser=browser)
    return DONE


def _show_link(link: str) -> None:
    """Print the link to the page, or say that the browser opens."""
    if link:
        say(link)
        sys.stdout.flush()
    else:
        note("The page opens in your browser. To print a link instead: merge page --no-browser")
        note("The program quits some time after you close the page, or with Ctrl-C.")


def _create_application(lifetime: ProgramLifetime) -> tuple[WSGIApplication, OpenCampaigns]:
    from merge.page.app import create_app  # noqa: PLC0415 - not needed if the page runs already
    from merge.page.folders import KnownFolders  # noqa: PLC0415
    from merge.page.session import CampaignSessions  # noqa: PLC0415

    folders = KnownFolders()
    sessions = CampaignSessions(folders.remember, folders.record_progress)
    return create_app(sessions, lifetime, folders), sessions
