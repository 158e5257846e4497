"""Deletion of a person's data and closing of a campaign, as shown.

What was found is shown, and only that is deleted. It is kept in memory, not in the browser, so
addresses contain no names. When nothing of the person is left, it is dropped as well.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from merge.campaign.campaign import Campaign
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
from merge.campaign.traces import PersonalDataTraces
from merge.errors import StorageError
from merge.page.session import CampaignSession, CampaignWork
from merge.people import Person
from merge.printing.addresses import address_lines
from merge.problems import Place, Problem
from merge.product import LETTERS_FOLDER


def _token() -> str:
    return secrets.token_hex(4)


@dataclass(frozen=True)
class PersonQuery:
    """A search for a person: typed name or ID, and which of several."""

    name: str
    chosen_person: PersonKey | None = None


@dataclass(frozen=True)
class AmbiguousPerson:
    """Several people have the typed name, or only similar names."""

    name: str
    people: tuple[Person, ...]
    are_similar: bool = False

    def details_of(self, person: Person) -> tuple[str, ...]:
        """Return the address of a person, and the cell with the name."""
        lines = (line for line in address_lines(person) if line != person.name)
        return (*lines, str(person.place("name")))

    def query_for(self, number: int) -> PersonQuery:
        """Return the search for one of the people, by the number in the list."""
        person = self.people[number]
        name = str(person.id) or str(person.name) or self.name
        return PersonQuery(name, (person.kind, person.key))


@dataclass(frozen=True)
class DeletionPreview:
    """Preview of a deletion. A form that confirms it has its `token`.

    `has_changed`: the data is not what was confirmed, so nothing was done. `deleted_count` files
    are deleted already: the task was stopped, or a file could not be deleted. `selected_options`
    are selected at first, or were selected when it was confirmed.
    """

    query: PersonQuery
    plan: DeletionPlan
    has_changed: bool = False
    deleted_count: int = 0
    selected_options: frozenset[str] = frozenset()
    token: str = field(default_factory=_token)


@dataclass(frozen=True)
class RemainingTraces:
    """Data about the person that the latest search still found.

    `is_search_complete` is False if the search was stopped. `is_deleted`: the program has deleted
    all that it can. `keeps_hashes`: hashes that keep the person out of later imports stay in the
    list.
    """

    query: PersonQuery
    subject: DeletionSubject
    search: PersonalDataTraces
    is_deleted: bool = True
    is_search_complete: bool = True
    keeps_hashes: bool = False

    @property
    def was_recreated(self) -> bool:
        """Whether letters of the person are there again."""
        return self.is_deleted and any(
            trace.path.startswith(f"{LETTERS_FOLDER}/") and trace.words & self.subject.letter_ids
            for trace in self.search.traces
        )


@dataclass(frozen=True)
class NoRemainingTraces:
    """Nothing of the person is left, except hashes if wanted.

    The program no longer knows who it was. If `is_name_enough` is false, the name may be left: it
    alone does not count.
    """

    keeps_hashes: bool = False
    is_name_enough: bool = True


@dataclass(frozen=True)
class ClosingPreview:
    """Preview of closing the campaign, with fields as in `DeletionPreview`."""

    plan: ClosingPlan
    has_changed: bool = False
    deleted_count: int = 0
    token: str = field(default_factory=_token)


DeletionStep = (
    AmbiguousPerson | DeletionPreview | RemainingTraces | NoRemainingTraces | ClosingPreview
)


@dataclass
class _DeletionState:
    """State of the screen for deleting data or closing a campaign."""

    step: DeletionStep | None = None


def current_step(session: CampaignSession) -> DeletionStep | None:
    """Return the step of a deletion that the screen shows, or None."""
    return session.state(_DeletionState).step


def discard_step(session: CampaignSession) -> None:
    """Discard the results of a search; that deletes no data."""
    session.state(_DeletionState).step = None
    session.background_work = None


@dataclass(frozen=True)
class DeletionResult:
    """Result of a deletion: number of deleted files, of all files to delete.

    `has_changed`: nothing was deleted, because the data has changed. `is_clean`: nothing of the
    person is left.
    """

    deleted_count: int = 0
    file_count: int = 0
    stopped: bool = False
    has_changed: bool = False
    is_clean: bool = False
    keeps_hashes: bool = False
    problems: tuple[Problem, ...] = ()


# A person


_SEARCH_STEPS = ("Letters checked", "Files searched", "Print files checked")


def search_person(session: CampaignSession, query: PersonQuery) -> CampaignWork:
    """Return work that finds a person, and the data about that person."""

    def work(campaign: Campaign, task: Task) -> None:
        discard_step(session)
        task.expect_steps(*_SEARCH_STEPS)
        people = () if query.chosen_person else people_named(campaign, query.name)
        if len(people) > 1:
            session.state(_DeletionState).step = AmbiguousPerson(query.name, tuple(people))
            return
        subject = find_subject(campaign, query.name, query.chosen_person)
        plan = plan_deletion(campaign, subject, task)
        # The list may have hashes of people who refused.
        candidates = [] if plan.is_known else similar_people(campaign, query.name)
        if candidates:
            session.state(_DeletionState).step = AmbiguousPerson(
                query.name, tuple(candidates), are_similar=True
            )
            return
        options = {"keep_out"} if plan.list_traces.is_imported else set[str]()
        _show_preview(session, DeletionPreview(query, plan, selected_options=frozenset(options)))

    return work


def _show_preview(session: CampaignSession, preview: DeletionPreview) -> None:
    """Show a preview. If nothing can be deleted, show the traces instead.

    These are searched again after each change.
    """
    plan = preview.plan
    if plan.is_empty:
        remaining = RemainingTraces(preview.query, plan.subject, plan.remaining, is_deleted=False)
        session.state(_DeletionState).step = remaining
        _search_after_changes(session, remaining)
    else:
        session.state(_DeletionState).step = preview


def delete_shown_person(
    session: CampaignSession, preview: DeletionPreview, *, keep_counts: bool, keep_out: bool = False
) -> CampaignWork:
    """Return work that deletes the shown person, then searches for traces."""
    options = {"keep_counts": keep_counts, "keep_out": keep_out}
    ticked = frozenset(name for name, is_ticked in options.items() if is_ticked)

    def work(campaign: Campaign, task: Task) -> DeletionResult:
        task.expect_steps(*_SEARCH_STEPS, "Files deleted", "Files searched")
        current = plan_deletion(campaign, _current_subject(campaign, preview), task)
        if _shown_facts(current) != _shown_facts(preview.plan):
            changed = DeletionPreview(
                preview.query, current, has_changed=True, selected_options=ticked
            )
            _show_preview(session, changed)
            return DeletionResult(has_changed=True)

        def delete() -> DeletedFiles:
            return delete_person(campaign, current, task, **options)

        result = _delete_files(current.files, campaign.folder, delete)
        if result.stopped or result.problems:
            session.state(_DeletionState).step = DeletionPreview(
                preview.query,
                plan_deletion(campaign, current.subject),
                deleted_count=result.deleted_count,
                selected_options=ticked,
            )
            return result
        session.clear_states()  # other screens may keep data of deleted letters
        remaining = RemainingTraces(
            preview.query,
            current.subject,
            PersonalDataTraces(),
            is_search_complete=False,
            keeps_hashes=result.keeps_hashes,
        )
        session.state(_DeletionState).step = remaining
        _search_after_changes(session, remaining)
        with suppress(Cancelled):
            result = replace(result, is_clean=_search_traces(session, campaign, remaining, task))
        return result

    return work


def _current_subject(campaign: Campaign, preview: DeletionPreview) -> DeletionSubject:
    """Return the person who was shown, with the current data.

    If staff have deleted the person's row since, only the earlier subject knows its words. They are
    still searched for.
    """
    current, earlier = (
        find_subject(campaign, preview.query.name, preview.query.chosen_person),
        preview.plan.subject,
    )
    if current.rows or not earlier.rows:
        return current
    people, letters = (
        earlier.person_ids | current.person_ids,
        earlier.letter_ids | current.letter_ids,
    )
    return replace(earlier, rows=(), letter_ids=letters, person_ids=people)


def _shown_facts(plan: DeletionPlan) -> object:
    """Return the facts of a plan that the user saw and confirmed."""
    person = plan.subject.label, plan.subject.person_ids
    return person, plan.files, plan.register_rows, plan.posted_letters, plan.list_traces


def _delete_files(
    files: tuple[str, ...], folder: Path, delete: Callable[[], DeletedFiles]
) -> DeletionResult:
    """Delete files, and return the result.

    Raise StorageError if none was deleted.
    """
    count_before = _count_existing(folder, files)
    try:
        deleted = delete()
    except StorageError as error:
        deleted_count = count_before - _count_existing(folder, files)
        if not deleted_count:
            raise
        return DeletionResult(deleted_count, len(files), problems=error.problems)
    return DeletionResult(
        deleted.count, len(files), stopped=deleted.stopped, keeps_hashes=deleted.has_hashes
    )


def _count_existing(folder: Path, files: tuple[str, ...]) -> int:
    return sum((folder / path).exists() for path in files)


def search_again(session: CampaignSession, previous: RemainingTraces) -> CampaignWork:
    """Return work that searches again for traces."""

    def work(campaign: Campaign, task: Task) -> None:
        if _search_traces(session, campaign, previous, task):
            session.dismiss()  # it may name the person

    return work


def _search_traces(
    session: CampaignSession, campaign: Campaign, previous: RemainingTraces, task: Task
) -> bool:
    """Search for traces of a person and show them; return whether none remain.

    If there are none, discard everything about the person.
    """
    subject = replace(previous.subject, rows=_current_rows(campaign, previous.subject))
    search = find_remaining_data(campaign, subject, task)
    if search.is_clean:
        session.clear_states()
        session.state(_DeletionState).step, session.background_work = (
            NoRemainingTraces(previous.keeps_hashes, subject.terms.is_name_enough),
            None,
        )
    else:
        remaining = replace(previous, search=search, is_deleted=True, is_search_complete=True)
        session.state(_DeletionState).step = remaining
        _search_after_changes(session, remaining)
    return search.is_clean


def _current_rows(campaign: Campaign, subject: DeletionSubject) -> tuple[Place, ...]:
    """Return the person's rows that are still in the workbook.

    A namesake with another ID may be in one of them now.
    """
    rows = {
        person.place("name")
        for person in campaign.workbook.all_people
        if subject.names <= {str(person.name), str(person.id)}
    }
    return tuple(row for row in subject.rows if row in rows)


def _search_after_changes(session: CampaignSession, remaining: RemainingTraces) -> None:
    """Search for traces again whenever staff have saved a file."""
    session.background_work = "search", search_again(session, remaining)


# The campaign


def preview_closing(session: CampaignSession) -> Callable[[Task], None]:
    """Return work that shows which files closing the campaign deletes."""

    def work(task: Task) -> None:
        discard_step(session)
        session.state(_DeletionState).step = ClosingPreview(plan_closing(session.folder, task))

    return work


def close_campaign(
    session: CampaignSession, preview: ClosingPreview
) -> Callable[[Task], DeletionResult]:
    """Return work that closes the campaign as the preview showed."""

    def work(task: Task) -> DeletionResult:
        current = plan_closing(session.folder, task)
        if current.confirmed_facts != preview.plan.confirmed_facts:
            session.state(_DeletionState).step = ClosingPreview(current, has_changed=True)
            return DeletionResult(has_changed=True)
        result = _delete_files(
            current.files,
            session.folder,
            lambda: close_campaign_folder(session.folder, current.files, task),
        )
        if result.stopped or result.problems:
            new_plan = plan_closing(session.folder)
            session.state(_DeletionState).step = ClosingPreview(
                new_plan, deleted_count=result.deleted_count
            )
        else:
            session.clear_states()
        return result

    return work
