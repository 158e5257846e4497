"""A person's data deleted as planned, and looked for afterwards.

Of files, only those go that the program made: see `made_files`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Set as AbstractSet
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from merge.campaign.campaign import Campaign
from merge.campaign.erasure_plan import Erasure, forgettable
from merge.campaign.errand import UNWATCHED, Errand, Stopped
from merge.campaign.leaver import Leaver, note_begun, note_done
from merge.campaign.made_files import (
    RemovedFiles,
    check_nothing_is_open,
    remove_files,
    remove_if_empty,
)
from merge.campaign.person_words import has_words, plain
from merge.campaign.places import PRINT_FOLDER
from merge.campaign.run import fields_in_use
from merge.campaign.traces import Search, entries, search_file, search_folder
from merge.campaign.view import look
from merge.errors import FaultError, StorageError
from merge.intake.forgetting import find_traces, without
from merge.intake.signer_list import read_list
from merge.people import SheetKind
from merge.problems import Place
from merge.product import LETTERS_FOLDER, REGISTER_FILE
from merge.register.marking import plan_blank_rows
from merge.register.reading import read_register
from merge.register.updating import rewrite
from merge.state.identity import PersonHashes
from merge.state.ledger import LEAVING_FACT, LEDGER_FILE, Ledger, open_ledger
from merge.state.ledger_records import ChangeSet
from merge.state.ledger_rows import remove_free_space
from merge.state.outbox import Outbox
from merge.text.folding import folded


def erase(
    campaign: Campaign,
    erasure: Erasure,
    errand: Errand = UNWATCHED,
    *,
    keep_counts: bool = False,
    keep_out: bool = False,
) -> RemovedFiles:
    """Do what was rehearsed; done twice, it does nothing more.

    Where a stop is asked for, it ends between two files, and the next time goes on from there.
    `keep_counts` keeps the dates of the person's letters in the register, without a name;
    `keep_out` keeps hashes in the list, by which whoever comes in a later export stays out. Raise
    StorageError, and nothing is changed, where a file is open or the register cannot be written.
    """
    folder, leaver = campaign.folder, erasure.leaver
    check_nothing_is_open(folder, [REGISTER_FILE, *erasure.files])
    root = folder / LETTERS_FOLDER
    removed = RemovedFiles(stopped=True)
    with suppress(Stopped):
        if not root.is_dir():
            _blank_rows(folder, leaver, keep_counts=keep_counts)
            removed.has_hashes = _take_out_of_list(campaign, leaver, keep_out=keep_out)
            remove_files(folder, erasure.files, errand, removed)
            return removed
        others = _others_warnings(campaign, leaver, errand)
        with Outbox(root).open(check=errand.check):
            with closing(open_ledger(root)) as ledger:
                errand.check()
                if leaver.is_known:
                    note_begun(ledger, leaver)
                _blank_rows(folder, leaver, keep_counts=keep_counts)
                removed.has_hashes = _take_out_of_list(campaign, leaver, keep_out=keep_out)
                remove_files(folder, erasure.files, errand, removed)
                _remove_empty_folders(folder, leaver)
                _forget(ledger, leaver, campaign.hidden - others)
            remove_free_space(root / LEDGER_FILE)
    return removed


def _blank_rows(folder: Path, leaver: Leaver, *, keep_counts: bool) -> None:
    path = folder / REGISTER_FILE
    register = read_register(path)
    blank = plan_blank_rows(register, leaver.ids, leaver.person_ids, keep_counts=keep_counts)
    if not blank.count:
        return
    try:
        rewrite(path, register.seen, blank.tables, dt.datetime.now().astimezone())
    except FaultError as error:
        raise StorageError(replace(error.at(Place(REGISTER_FILE)), level="error")) from error


def _take_out_of_list(campaign: Campaign, leaver: Leaver, *, keep_out: bool) -> bool:
    """Empty the person's rows of the list, and take what its memory has of them out of it.

    Return whether hashes stay that keep the person out.
    """
    stored, person = read_list(campaign.folder), forgettable(campaign, leaver)
    traces = find_traces(stored.list, person)
    if stored.seen is None or (traces.is_empty and not (keep_out and person.cells)):
        return False
    from merge.intake.list_writing import write_list  # noqa: PLC0415 - openpyxl, if it is needed

    after = without(stored.list, traces, person, keep_out=keep_out)
    if after != stored.list:
        write_list(stored, after, keep_copy=False, emptied=traces.rows)
    return keep_out


def _remove_empty_folders(folder: Path, leaver: Leaver) -> None:
    """Remove the empty folders that a run left, when it was killed, under the person's name."""
    for name in (LETTERS_FOLDER, PRINT_FOLDER):
        for entry in reversed([*entries(folder / name)]):
            shown = entry.path.relative_to(folder).as_posix()
            if entry.is_folder and leaver.words.may_be_in(shown):
                remove_if_empty(folder, entry.path)


def _forget(ledger: Ledger, leaver: Leaver, hidden: AbstractSet[str]) -> None:
    """Take all that the ledger holds of the letters and the person out of it.

    `hidden` are the person's warnings that staff have called right.
    """
    people = [s.key for s in ledger.people() if s.id in leaver.person_ids]
    ledger.forget(leaver.ids, people)
    ledger.forget_fields(fields_in_use(ledger))
    hashes, kinds = PersonHashes(ledger.salt), get_args(SheetKind)
    own = (
        (kind, f"{root}:{folded(n)}") for kind in kinds for root in _ROOTS for n in leaver.called
    )
    ledger.commit(ChangeSet(undecided=[*hidden, *(hashes.key_of(*each) for each in own)]))
    gone = leaver.ids | leaver.person_ids
    facts = {name: json.loads(value) for name, value in ledger.facts() if name != LEAVING_FACT}
    news = {name: json.dumps(_without(value, gone)) for name, value in facts.items()}
    changed = {name: value for name, value in news.items() if value != json.dumps(facts[name])}
    ledger.commit(ChangeSet(facts=changed))


_ROOTS = ("id", "name")


def _others_warnings(campaign: Campaign, leaver: Leaver, errand: Errand) -> set[str]:
    """Return the hidden warnings that neither stand in the person's rows nor name the person."""
    rows = {(place.file, place.sheet, place.row) for place in leaver.rows}
    names = {*leaver.words.names, plain(leaver.label)}
    return {
        campaign.identity.salt.text(campaign.warning_id(problem))
        for problem in (look(campaign, errand=errand).hidden if campaign.hidden else ())
        if (problem.place.file, problem.place.sheet, problem.place.row) not in rows
        and not any(has_words(plain(f"{problem.place} {problem.what}"), name) for name in names)
    }


def _without(value: Any, ids: AbstractSet[str]) -> Any:  # noqa: ANN401 - JSON is anything
    """Return what a fact holds without what it says of these ids."""
    if isinstance(value, dict):
        return {key: _without(each, ids) for key, each in value.items() if key not in ids}
    if isinstance(value, list):
        return [_without(each, ids) for each in value if str(each) not in ids]
    return value


def still_there(campaign: Campaign, leaver: Leaver, errand: Errand = UNWATCHED) -> Search:
    """Look through every file of the campaign for what is left of somebody.

    Where that is nothing, the ledger does not know any more who was looked for. Raise Stopped where
    a stop is asked for.
    """
    folder, ids = campaign.folder, leaver.ids | leaver.person_ids
    own = f"{LETTERS_FOLDER}/{LEDGER_FILE}"
    left = search_folder(folder, leaver.words, errand)
    if any(trace.path != own for trace in left.traces):
        left.traces = [t for t in left.traces if t.path != own or t.words - ids]
        return left  # the ledger has the ids until all is done
    if (folder / own).is_file():
        root = folder / LETTERS_FOLDER
        with Outbox(root).open(check=errand.check):
            with closing(open_ledger(root)) as ledger:
                note_done(ledger, leaver)
            remove_free_space(folder / own)
        left.traces = search_file(folder / own, own, leaver.words, errand).traces
    return left


# The end of a campaign.
