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
from merge.campaign.closing import Closing, close, rehearse_close
from merge.campaign.erasure import erase, still_there
from merge.campaign.erasure_plan import Erasure, rehearse
from merge.campaign.errand import Errand, Stopped
from merge.campaign.leaver import (
    Leaver,
    PersonKey,
    find_leaver,
    people_called,
    people_like,
)
from merge.campaign.made_files import RemovedFiles
from merge.campaign.places import PRINT_FOLDER
from merge.campaign.traces import Search
from merge.errors import StorageError
from merge.page.desk import Desk, Work
from merge.people import Person
from merge.problems import Problem
from merge.product import LETTERS_FOLDER, REGISTER_FILE


def _token() -> str:
    return secrets.token_hex(4)


@dataclass(frozen=True)
class Asked:
    """Who is looked for: the name or ID that was typed, and which of several was chosen."""

    name: str
    which: PersonKey | None = None


@dataclass(frozen=True)
class Namesakes:
    """Several people are meant by the name that was typed, or some that are called like it."""

    name: str
    people: tuple[Person, ...]
    alike: bool = False

    def asked(self, number: int) -> Asked:
        """Return what looks for one of them, by the place in the list."""
        person = self.people[number]
        words = str(person.id) or str(person.name) or self.name
        return Asked(words, (person.kind, person.key))


@dataclass(frozen=True)
class Rehearsed:
    """What would be erased. A form that confirms it bears `token`: it is of what was shown.

    `changed`: something else was found than what had been confirmed, so nothing was done.
    `deleted` files are gone already: it was stopped, or a file could not be deleted. `ticked` are
    the boxes that were ticked when it was confirmed, and nothing, or not all, was done.
    """

    asked: Asked
    erasure: Erasure
    changed: bool = False
    deleted: int = 0
    ticked: frozenset[str] = frozenset()
    token: str = field(default_factory=_token)


@dataclass(frozen=True)
class Left:
    """What was still found at the last look; `searched` is False where that look was stopped.

    `was_done` where the program has deleted all that it can. `has_hashes` if hashes stay in the
    list, as was wanted, that keep the person out of a later import.
    """

    asked: Asked
    leaver: Leaver
    left: Search
    was_done: bool = True
    searched: bool = True
    has_hashes: bool = False

    @property
    def was_made_again(self) -> bool:
        """Whether it is in what the program makes, from data that is still there."""
        ours = (f"{LETTERS_FOLDER}/", f"{PRINT_FOLDER}/", REGISTER_FILE)
        return self.was_done and any(trace.path.startswith(ours) for trace in self.left.traces)


@dataclass(frozen=True)
class Gone:
    """Nothing of the person is left but hashes, if wanted; who it was is not known any more."""

    has_hashes: bool = False


@dataclass(frozen=True)
class ClosingRehearsed:
    """What goes when the campaign is closed; as of a person."""

    closing: Closing
    changed: bool = False
    deleted: int = 0
    token: str = field(default_factory=_token)


Case = Namesakes | Rehearsed | Left | Gone | ClosingRehearsed


@dataclass
class _Erasing:
    """What the screen keeps."""

    case: Case | None = None


def case_of(desk: Desk) -> Case | None:
    """Return what was found, and is to be confirmed or seen to."""
    return desk.kept(_Erasing).case


def leave(desk: Desk) -> None:
    """Put away what was found; nothing was done by that."""
    desk.kept(_Erasing).case = None
    desk.afterwards = None


@dataclass(frozen=True)
class Removed:
    """How many files were deleted, of how many; `changed` where nothing was, as more was found.

    `clean` where nothing of the person is left.
    """

    count: int = 0
    total: int = 0
    stopped: bool = False
    changed: bool = False
    clean: bool = False
    has_hashes: bool = False
    problems: tuple[Problem, ...] = ()


# A person.


def search_for(desk: Desk, asked: Asked) -> Work:
    """Return the work that finds who is meant, and what is held of the person."""

    def work(campaign: Campaign, errand: Errand) -> None:
        leave(desk)
        called = () if asked.which else people_called(campaign, asked.name)
        if len(called) > 1:
            desk.kept(_Erasing).case = Namesakes(asked.name, tuple(called))
            return
        leaver = find_leaver(campaign, asked.name, asked.which)
        erasure = rehearse(campaign, leaver, errand)
        alike = list[Person]()
        if not leaver.is_known:  # the list may know by hashes who said no
            alike = people_like(campaign, asked.name, with_more=not erasure.is_known)
        if alike:
            desk.kept(_Erasing).case = Namesakes(asked.name, tuple(alike), alike=True)
            return
        _keep(desk, Rehearsed(asked, erasure))

    return work


def _keep(desk: Desk, found: Rehearsed) -> None:
    """Keep what was found; where the program has nothing to do, watch what is left."""
    erasure = found.erasure
    if erasure.is_empty:
        left = Left(found.asked, erasure.leaver, erasure.left, was_done=False)
        desk.kept(_Erasing).case = left
        _watch(desk, left)
    else:
        desk.kept(_Erasing).case = found


def erase_person(
    desk: Desk, shown: Rehearsed, *, keep_counts: bool, keep_out: bool = False
) -> Work:
    """Return the work that erases what was shown, then looks for what is left."""
    keeps = {"keep_counts": keep_counts, "keep_out": keep_out}
    ticked = frozenset(name for name, is_ticked in keeps.items() if is_ticked)

    def work(campaign: Campaign, errand: Errand) -> Removed:
        now = rehearse(campaign, _same_leaver(campaign, shown), errand)
        if _told(now) != _told(shown.erasure):
            _keep(desk, Rehearsed(shown.asked, now, changed=True, ticked=ticked))
            return Removed(changed=True)

        def do() -> RemovedFiles:
            return erase(campaign, now, errand, keep_counts=keep_counts, keep_out=keep_out)

        removed = _removed(now.files, campaign.folder, do)
        if removed.stopped or removed.problems:
            again = rehearse(campaign, now.leaver)
            desk.kept(_Erasing).case = Rehearsed(
                shown.asked, again, deleted=removed.count, ticked=ticked
            )
            return removed
        desk.forget()  # what other screens keep is of letters that are gone
        left = Left(
            shown.asked, now.leaver, Search(), searched=False, has_hashes=removed.has_hashes
        )
        desk.kept(_Erasing).case = left
        _watch(desk, left)
        with suppress(Stopped):
            clean = _look(desk, campaign, left, errand)
            return replace(removed, clean=clean)
        return removed

    return work


def _same_leaver(campaign: Campaign, shown: Rehearsed) -> Leaver:
    """Return who was shown as the campaign has the person now.

    A row that staff deleted since had words that nothing else knows: these are still looked for.
    """
    now, before = find_leaver(campaign, shown.asked.name, shown.asked.which), shown.erasure.leaver
    if now.rows or not before.rows:
        return now
    people, letters = before.person_ids | now.person_ids, before.ids | now.ids
    return replace(before, rows=(), ids=letters, person_ids=people)


def _told(erasure: Erasure) -> object:
    """Return what somebody was shown, and confirmed."""
    who = erasure.leaver.label, erasure.leaver.person_ids
    return who, erasure.files, erasure.register_rows, erasure.posted, erasure.listed


def _removed(files: tuple[str, ...], folder: Path, do: Callable[[], RemovedFiles]) -> Removed:
    """Return how far it came. Raise StorageError where nothing was deleted."""
    before = _there(folder, files)
    try:
        done = do()
    except StorageError as error:
        gone = before - _there(folder, files)
        if not gone:
            raise
        return Removed(gone, len(files), problems=error.problems)
    return Removed(done.count, len(files), stopped=done.stopped, has_hashes=done.has_hashes)


def _there(folder: Path, files: tuple[str, ...]) -> int:
    return sum((folder / path).exists() for path in files)


def look_again(desk: Desk, before: Left) -> Work:
    """Return the work that looks for what is left, after what was left `before`."""

    def work(campaign: Campaign, errand: Errand) -> None:
        if _look(desk, campaign, before, errand):
            desk.put_away()  # it may name the person

    return work


def _look(desk: Desk, campaign: Campaign, before: Left, errand: Errand) -> bool:
    """Look for what is left, and keep it; return whether nothing is, then forget the person."""
    left = still_there(campaign, before.leaver, errand)
    if left.is_clean:
        desk.forget()
        desk.kept(_Erasing).case, desk.afterwards = Gone(before.has_hashes), None
    else:
        now = replace(before, left=left, was_done=True, searched=True)
        desk.kept(_Erasing).case = now
        _watch(desk, now)
    return left.is_clean


def _watch(desk: Desk, left: Left) -> None:
    """Look again by itself whenever staff have saved something."""
    desk.afterwards = "search", look_again(desk, left)


# The campaign.


def search_closing(desk: Desk) -> Callable[[Errand], None]:
    """Return the work that finds what goes when the campaign is closed."""

    def work(errand: Errand) -> None:
        leave(desk)
        desk.kept(_Erasing).case = ClosingRehearsed(rehearse_close(desk.folder, errand))

    return work


def close_campaign(desk: Desk, shown: ClosingRehearsed) -> Callable[[Errand], Removed]:
    """Return the work that closes the campaign as it was shown."""

    def work(errand: Errand) -> Removed:
        now = rehearse_close(desk.folder, errand)
        if now.told != shown.closing.told:
            desk.kept(_Erasing).case = ClosingRehearsed(now, changed=True)
            return Removed(changed=True)
        removed = _removed(now.files, desk.folder, lambda: close(desk.folder, now.files, errand))
        if removed.stopped or removed.problems:
            again = rehearse_close(desk.folder)
            desk.kept(_Erasing).case = ClosingRehearsed(again, deleted=removed.count)
        else:
            desk.forget()
        return removed

    return work
