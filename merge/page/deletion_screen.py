"""A person taken out, a campaign closed: what was found, shown, and done only as it was shown.

It is kept in memory, not in the browser: addresses name nobody. When nothing of the person is left,
the page's memory goes as well.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from merge.campaign.campaign import Campaign
from merge.campaign.campaign_files import PRINT_FOLDER
from merge.campaign.closing import ClosingPlan, close_campaign_folder, plan_closing
from merge.campaign.created_files import DeletedFiles
from merge.campaign.deletion import delete_person, find_remaining_data
from merge.campaign.deletion_plan import DeletionPlan, plan_deletion
from merge.campaign.deletion_subject import (
    DeletionSubject,
    PersonKey,
    find_subject,
    people_named,
    similar_people,
)
from merge.campaign.task import Cancelled, Task
from merge.campaign.traces import TraceSearch
from merge.errors import StorageError
from merge.page.session import CampaignSession, CampaignWork
from merge.people import Person
from merge.problems import Problem
from merge.product import LETTERS_FOLDER, REGISTER_FILE


def _token() -> str:
    return secrets.token_hex(4)


@dataclass(frozen=True)
class PersonQuery:
    """Who is looked for: the name or ID that was typed, and which of several was chosen."""

    name: str
    chosen_person: PersonKey | None = None


@dataclass(frozen=True)
class AmbiguousPerson:
    """Several people are meant by the name that was typed, or some that are called like it."""

    name: str
    people: tuple[Person, ...]
    are_similar: bool = False

    def query_for(self, number: int) -> PersonQuery:
        """Return what looks for one of them, by the place in the list."""
        person = self.people[number]
        words = str(person.id) or str(person.name) or self.name
        return PersonQuery(words, (person.kind, person.key))


@dataclass(frozen=True)
class DeletionPreview:
    """What would be erased. A form that confirms it bears `token`: it is of what was shown.

    `changed`: something else was found than what had been confirmed, so nothing was done.
    `deleted` files are gone already: it was stopped, or a file could not be deleted. `ticked` are
    the boxes that were ticked when it was confirmed, and nothing, or not all, was done.
    """

    query: PersonQuery
    plan: DeletionPlan
    has_changed: bool = False
    deleted_count: int = 0
    selected_options: frozenset[str] = frozenset()
    token: str = field(default_factory=_token)


@dataclass(frozen=True)
class RemainingTraces:
    """What was still found at the last look; `searched` is False where that look was stopped.

    `is_deleted` where the program has deleted all that it can. `keeps_hashes` if hashes stay in the
    list, as was wanted, that keep the person out of a later import.
    """

    query: PersonQuery
    subject: DeletionSubject
    search: TraceSearch
    is_deleted: bool = True
    is_search_complete: bool = True
    keeps_hashes: bool = False

    @property
    def was_recreated(self) -> bool:
        """Whether it is in what the program makes, from data that is still there."""
        ours = (f"{LETTERS_FOLDER}/", f"{PRINT_FOLDER}/", REGISTER_FILE)
        return self.is_deleted and any(trace.path.startswith(ours) for trace in self.search.traces)


@dataclass(frozen=True)
class NothingFound:
    """Nothing of the person is left but hashes, if wanted; who it was is not known any more."""

    keeps_hashes: bool = False


@dataclass(frozen=True)
class ClosingPreview:
    """What goes when the campaign is closed; as of a person."""

    plan: ClosingPlan
    has_changed: bool = False
    deleted_count: int = 0
    token: str = field(default_factory=_token)


DeletionStep = AmbiguousPerson | DeletionPreview | RemainingTraces | NothingFound | ClosingPreview


@dataclass
class _DeletionState:
    """What the screen keeps."""

    step: DeletionStep | None = None


def current_step(desk: CampaignSession) -> DeletionStep | None:
    """Return what was found, and is to be confirmed or seen to."""
    return desk.state(_DeletionState).step


def discard_step(desk: CampaignSession) -> None:
    """Put away what was found; nothing was done by that."""
    desk.state(_DeletionState).step = None
    desk.background_work = None


@dataclass(frozen=True)
class DeletionResult:
    """How many files were deleted, of how many; `changed` where nothing was, as more was found.

    `clean` where nothing of the person is left.
    """

    deleted_count: int = 0
    file_count: int = 0
    stopped: bool = False
    has_changed: bool = False
    is_clean: bool = False
    keeps_hashes: bool = False
    problems: tuple[Problem, ...] = ()


# A person.


def search_person(desk: CampaignSession, asked: PersonQuery) -> CampaignWork:
    """Return the work that finds who is meant, and what is held of the person."""

    def work(campaign: Campaign, errand: Task) -> None:
        discard_step(desk)
        called = () if asked.chosen_person else people_named(campaign, asked.name)
        if len(called) > 1:
            desk.state(_DeletionState).step = AmbiguousPerson(asked.name, tuple(called))
            return
        subject = find_subject(campaign, asked.name, asked.chosen_person)
        erasure = plan_deletion(campaign, subject, errand)
        alike = list[Person]()
        if not subject.is_known:  # the list may know by hashes who said no
            alike = similar_people(campaign, asked.name, with_more=not erasure.is_known)
        if alike:
            desk.state(_DeletionState).step = AmbiguousPerson(
                asked.name, tuple(alike), are_similar=True
            )
            return
        _show_preview(desk, DeletionPreview(asked, erasure))

    return work


def _show_preview(desk: CampaignSession, found: DeletionPreview) -> None:
    """Keep what was found; where the program has nothing to do, watch what is left."""
    erasure = found.plan
    if erasure.is_empty:
        left = RemainingTraces(found.query, erasure.subject, erasure.remaining, is_deleted=False)
        desk.state(_DeletionState).step = left
        _search_after_changes(desk, left)
    else:
        desk.state(_DeletionState).step = found


def delete_shown_person(
    desk: CampaignSession, shown: DeletionPreview, *, keep_counts: bool, keep_out: bool = False
) -> CampaignWork:
    """Return the work that erases what was shown, then looks for what is left."""
    keeps = {"keep_counts": keep_counts, "keep_out": keep_out}
    ticked = frozenset(name for name, is_ticked in keeps.items() if is_ticked)

    def work(campaign: Campaign, errand: Task) -> DeletionResult:
        now = plan_deletion(campaign, _current_subject(campaign, shown), errand)
        if _shown_facts(now) != _shown_facts(shown.plan):
            _show_preview(
                desk, DeletionPreview(shown.query, now, has_changed=True, selected_options=ticked)
            )
            return DeletionResult(has_changed=True)

        def do() -> DeletedFiles:
            return delete_person(campaign, now, errand, keep_counts=keep_counts, keep_out=keep_out)

        removed = _delete_files(now.files, campaign.folder, do)
        if removed.stopped or removed.problems:
            again = plan_deletion(campaign, now.subject)
            desk.state(_DeletionState).step = DeletionPreview(
                shown.query, again, deleted_count=removed.deleted_count, selected_options=ticked
            )
            return removed
        desk.clear_states()  # what other screens keep is of letters that are gone
        left = RemainingTraces(
            shown.query,
            now.subject,
            TraceSearch(),
            is_search_complete=False,
            keeps_hashes=removed.keeps_hashes,
        )
        desk.state(_DeletionState).step = left
        _search_after_changes(desk, left)
        with suppress(Cancelled):
            clean = _search_traces(desk, campaign, left, errand)
            return replace(removed, is_clean=clean)
        return removed

    return work


def _current_subject(campaign: Campaign, shown: DeletionPreview) -> DeletionSubject:
    """Return who was shown as the campaign has the person now.

    A row that staff deleted since had words that nothing else knows: these are still looked for.
    """
    now, before = (
        find_subject(campaign, shown.query.name, shown.query.chosen_person),
        shown.plan.subject,
    )
    if now.rows or not before.rows:
        return now
    people, letters = before.person_ids | now.person_ids, before.letter_ids | now.letter_ids
    return replace(before, rows=(), letter_ids=letters, person_ids=people)


def _shown_facts(erasure: DeletionPlan) -> object:
    """Return what somebody was shown, and confirmed."""
    who = erasure.subject.label, erasure.subject.person_ids
    return who, erasure.files, erasure.register_rows, erasure.posted_letters, erasure.list_traces


def _delete_files(
    files: tuple[str, ...], folder: Path, do: Callable[[], DeletedFiles]
) -> DeletionResult:
    """Return how far it came. Raise StorageError where nothing was deleted."""
    before = _count_existing(folder, files)
    try:
        done = do()
    except StorageError as error:
        gone = before - _count_existing(folder, files)
        if not gone:
            raise
        return DeletionResult(gone, len(files), problems=error.problems)
    return DeletionResult(
        done.count, len(files), stopped=done.stopped, keeps_hashes=done.has_hashes
    )


def _count_existing(folder: Path, files: tuple[str, ...]) -> int:
    return sum((folder / path).exists() for path in files)


def search_again(desk: CampaignSession, before: RemainingTraces) -> CampaignWork:
    """Return the work that looks for what is left, after what was left `before`."""

    def work(campaign: Campaign, errand: Task) -> None:
        if _search_traces(desk, campaign, before, errand):
            desk.dismiss()  # it may name the person

    return work


def _search_traces(
    desk: CampaignSession, campaign: Campaign, before: RemainingTraces, errand: Task
) -> bool:
    """Look for what is left, and keep it; return whether nothing is, then forget the person."""
    left = find_remaining_data(campaign, before.subject, errand)
    if left.is_clean:
        desk.clear_states()
        desk.state(_DeletionState).step, desk.background_work = (
            NothingFound(before.keeps_hashes),
            None,
        )
    else:
        now = replace(before, search=left, is_deleted=True, is_search_complete=True)
        desk.state(_DeletionState).step = now
        _search_after_changes(desk, now)
    return left.is_clean


def _search_after_changes(desk: CampaignSession, left: RemainingTraces) -> None:
    """Look again by itself whenever staff have saved something."""
    desk.background_work = "search", search_again(desk, left)


# The campaign.


def preview_closing(desk: CampaignSession) -> Callable[[Task], None]:
    """Return the work that finds what goes when the campaign is closed."""

    def work(errand: Task) -> None:
        discard_step(desk)
        desk.state(_DeletionState).step = ClosingPreview(plan_closing(desk.folder, errand))

    return work


def close_campaign(
    desk: CampaignSession, shown: ClosingPreview
) -> Callable[[Task], DeletionResult]:
    """Return the work that closes the campaign as it was shown."""

    def work(errand: Task) -> DeletionResult:
        now = plan_closing(desk.folder, errand)
        if now.confirmed_facts != shown.plan.confirmed_facts:
            desk.state(_DeletionState).step = ClosingPreview(now, has_changed=True)
            return DeletionResult(has_changed=True)
        removed = _delete_files(
            now.files, desk.folder, lambda: close_campaign_folder(desk.folder, now.files, errand)
        )
        if removed.stopped or removed.problems:
            again = plan_closing(desk.folder)
            desk.state(_DeletionState).step = ClosingPreview(
                again, deleted_count=removed.deleted_count
            )
        else:
            desk.clear_states()
        return removed

    return work
