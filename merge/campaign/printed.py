"""What was put into batches: kept and remembered together, and compared with what lies there now.

The files of a run are made in a hidden draft of their folder. The ledger learns of them, then the
draft gets its name: after a kill a batch is remembered or its folder is gone.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from merge import messages
from merge.campaign.campaign import Campaign
from merge.campaign.campaign_register import CampaignRegister
from merge.campaign.errand import UNWATCHED, Errand, Stopped
from merge.campaign.letters_order import LettersOrder
from merge.campaign.places import PRINT_FOLDER
from merge.campaign.plan import Plan, Survey
from merge.campaign.register_feed import RegisterFeed
from merge.disk import DRAFT, file_state, free_name, is_link, os_reason
from merge.errors import StorageError, translated
from merge.letter_status import FinishedLetter
from merge.problems import Place, Problem
from merge.state.ledger import Ledger
from merge.state.ledger_records import ChangeSet, DecisionRecord, PdfRecord, PrintRecord
from merge.state.letters_folder import read_file
from merge.template.fingerprint import output_of

_FACT = "print"
"""The ledger's name for the folder that batches were last put into."""

_PAUSES = (0.1, 0.4, 1.5)
"""Seconds to wait until a virus scanner, on Windows, has let go of what is new."""


@dataclass(frozen=True, slots=True)
class BatchFolder:
    """The folder of what one run makes, in the folder for printing, and its draft beside it."""

    parent: Path
    name: str

    @classmethod
    def free(cls, parent: Path, name: str) -> BatchFolder:
        """Return a folder of that name, with a number where the name is taken."""
        return cls(parent, free_name(parent, name))

    @property
    def path(self) -> Path:
        """Where its files are in the end."""
        return self.parent / self.name

    @property
    def draft(self) -> Path:
        """Where they are until the ledger knows of them."""
        return self.parent / f"{DRAFT[0]}{self.name}{DRAFT[1]}"

    def keep(
        self,
        ledger: Ledger,
        printed: Sequence[PrintRecord],
        decided: Sequence[DecisionRecord] = (),
        pdfs: Sequence[PdfRecord] = (),
    ) -> None:
        """Write down what is in the batches, what was decided of it, and give the folder its name.

        Raise StorageError, and nothing is left of it, where the ledger cannot be told.
        """
        try:
            facts = {_FACT: json.dumps(self.name)}
            news = ChangeSet(printed=[*printed], facts=facts, decided=[*decided], pdfs=[*pdfs])
            ledger.commit(news)
        except StorageError:
            self.discard()
            raise
        self.put_in_place()

    def discard(self) -> None:
        """Remove the draft."""
        shutil.rmtree(self.draft, ignore_errors=True)

    def put_in_place(self) -> None:
        """Give the draft its name. Raise StorageError where the system does not let us."""
        with translated(OSError, self._unfinished):
            for pause in _PAUSES:
                try:
                    self.draft.rename(self.path)
                except PermissionError:
                    time.sleep(pause)
                else:
                    return
            self.draft.rename(self.path)

    def _unfinished(self, error: OSError) -> StorageError:
        problem = messages.problem("batch-not-placed", _place(self.name), error=os_reason(error))
        return StorageError(problem)


def settle_drafts(parent: Path, ledger: Ledger) -> Iterator[Problem]:
    """Settle what killed runs left: a draft that the ledger knows of gets its name, others go."""
    begins, ends = DRAFT
    for left in parent.glob(f"*/{begins}*{ends}"):
        if is_link(left.parent):
            continue
        if left.is_file() and not left.parent.name.startswith(begins):
            left.unlink(missing_ok=True)
    for draft in sorted(parent.glob(f"{begins}*{ends}")):
        name = draft.name.removeprefix(begins).removesuffix(ends)
        if not draft.is_dir() or is_link(draft):
            draft.unlink(missing_ok=True)
        elif ledger.fact(_FACT) == json.dumps(name) and not (parent / name).exists():
            BatchFolder(parent, name).put_in_place()
            yield messages.problem("batch-recovered", _place(name))
        else:
            BatchFolder(parent, name).discard()


def _place(name: str) -> Place:
    return Place(f"{PRINT_FOLDER}/{name}")


def tell_register(campaign: Campaign, ledger: Ledger, errand: Errand = UNWATCHED) -> list[Problem]:
    """Tell the register what is in which batch; return what is to be reported of that.

    Everything is looked at afresh: other runs may have been at work while pages were counted.
    Where a stop is asked for, the register hears of the batches, and of no letter anything else.
    """
    with suppress(Stopped):
        return _tell_all(campaign, ledger, errand)
    return _tell_batches(campaign, ledger)


def _tell_all(campaign: Campaign, ledger: Ledger, errand: Errand) -> list[Problem]:
    errand.check()
    plan = Plan(campaign, LettersOrder(campaign.letters_folder))
    survey = Survey(plan, ledger, errand)
    feed = RegisterFeed(campaign, ledger, survey.current_ids, survey.register)
    errand.total(len(survey.current_ids), "Letters checked")
    for planned, _ in survey.letters():
        errand.check()
        feed.note(planned.step, lies_at=planned.known.path)
        errand.done()
    errand.check()
    return feed.write_to(survey.register) if survey.register else []


def _tell_batches(campaign: Campaign, ledger: Ledger) -> list[Problem]:
    identity, pairs = campaign.identity, campaign.workbook.pairs()
    wanted = {int(identity.letter(pair), 16) for pair in pairs}
    register = CampaignRegister(campaign, ledger)
    return RegisterFeed(campaign, ledger, wanted, register).write_to(register, in_part=True)


def changed_since(ledger: Ledger, letters: Iterable[FinishedLetter]) -> list[FinishedLetter]:
    """Return those that changed, or whose data did, since they were put into a batch."""
    return [letter for letter in letters if _has_changed(ledger.printed(letter.id), letter)]


def in_no_batch(ledger: Ledger, letters: Sequence[FinishedLetter]) -> list[FinishedLetter]:
    """Return those that were never put into a batch."""
    return [letter for letter in letters if ledger.printed(letter.id) is None]


def _has_changed(printed: PrintRecord | None, letter: FinishedLetter) -> bool:
    if printed is None:
        return False
    if letter.inputs and printed.inputs and letter.inputs != printed.inputs:
        return True
    if file_state(str(letter.path)) == printed.at:
        return False
    return _output(letter) != printed.output


def _output(letter: FinishedLetter) -> bytes:
    """Return a hash of all that is in the file; empty where it has just gone."""
    data = read_file(str(letter.path))
    return output_of(data) if data else b""
