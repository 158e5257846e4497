"""The layout check of an open campaign, which runs in the background.

Screens that show its result ask for it, by their script, while nothing else is running.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from merge.campaign.candidates import PrintCandidate
from merge.campaign.layout_check import LayoutCheck, check_layout, letters_to_measure
from merge.campaign.overview import CampaignOverview
from merge.campaign.task import Cancelled, Task
from merge.disk import FileState
from merge.errors import MergeError
from merge.page.session import CampaignSession
from merge.printing.libreoffice import find_libreoffice

_Versions = tuple[int, frozenset[tuple[str, FileState]]]
"""The Pages setting, and the versions of letters."""


@dataclass
class LayoutState:
    """Results of layout checks of a campaign's letters.

    `counted` are pages that LibreOffice counted. `candidates` are the letters of a snapshot whose
    layout is checked, `page_limit` is the Pages setting. `checked` is what `result` is about.
    """

    counted: dict[str, tuple[FileState, int]] = field(default_factory=dict)
    result: LayoutCheck = field(default_factory=LayoutCheck)
    checked: _Versions | None = None
    snapshot_number: int = 0
    candidates: Sequence[PrintCandidate] = ()
    page_limit: int = 1

    @property
    def is_due(self) -> bool:
        """Whether letters or the setting have changed since the last check."""
        return bool(self.candidates) and self.versions != self.checked

    @property
    def versions(self) -> _Versions:
        """The versions that a check would be about now."""
        states = frozenset((each.id, each.record.file_state) for each in self.candidates)
        return self.page_limit, states

    @property
    def current_result(self) -> LayoutCheck | None:
        """The result of the last check, if it is still true."""
        return self.result if self.candidates and not self.is_due else None


def layout_state(session: CampaignSession) -> LayoutState:
    """Return the results of layout checks, as of the latest snapshot."""
    state, snapshot = session.state(LayoutState), session.snapshot
    if state.snapshot_number != snapshot.number:
        view = snapshot.view
        is_readable = view and not view.survey_error and not view.campaign.closed_on
        state.candidates = letters_to_measure(view) if view and is_readable else ()
        state.page_limit = view.campaign.workbook.settings.pages if view else 1
        state.snapshot_number = snapshot.number
    return state


def start_layout_check(session: CampaignSession, view: CampaignOverview) -> None:
    """Check the layout of letters in the background, if it is due.

    If it fails, the reason is the result: it is tried again when letters have changed. So it is
    after a fault of the program, which has no result.
    """
    state = layout_state(session)
    candidates, versions = [*state.candidates], state.versions

    def work(task: Task) -> None:
        try:
            result = check_layout(view.campaign, candidates, find_libreoffice(), task)
        except MergeError as error:
            result = LayoutCheck(error.problems)
        except Cancelled:
            raise
        except Exception:
            state.result, state.checked = LayoutCheck(), versions
            raise
        state.counted |= result.pages
        state.result, state.checked = result, versions

    if state.is_due:
        session.start_background("layout", work)
