"""What is asked to stop stops: whole, known to ledger and register, and the next run goes on."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import letters, make, merge
from support.copied import copied
from support.everyday import everyday
from support.interrupted_runs import temporary
from support.printed_campaigns import make_six_letters, run_print
from support.registers import excel, table

from merge.campaign.campaign import read_campaign
from merge.campaign.closing import close_campaign_folder, plan_closing
from merge.campaign.deletion import delete_person, find_remaining_data
from merge.campaign.deletion_plan import plan_deletion
from merge.campaign.deletion_subject import find_subject
from merge.campaign.letters_order import LettersOrder
from merge.campaign.letters_run import LettersResult, write_letters
from merge.campaign.plan import Plan
from merge.campaign.print_plan import PrintOrder, plan_printing
from merge.campaign.print_run import PrintRun
from merge.campaign.proofread_run import proofread_letters, write_proofs
from merge.campaign.task import NO_PROGRESS, Cancelled, Progress, Task
from merge.state.ledger import read_ledger

SIGNERS = [["ID", "Name"], ["S1", "Ana Ruiz"], ["S2", "Bo Berg"], ["S3", "Chidi Obi"]]


class StopAfter(Task):
    """An errand that is asked to stop when so many parts of a step are done."""

    def __init__(self, after: int, what: str = "") -> None:
        super().__init__()
        self.after, self.what = after, what

    def start_step(self, number: int, what: str) -> None:
        """Begin a step."""
        super().start_step(number, what)
        self._look()

    def advance(self, number: int = 1) -> None:
        """Count."""
        super().advance(number)
        self._look()

    def _look(self) -> None:
        what, done, _ = self.progress
        if self.what in {"", what} and done >= self.after:
            self.cancel()


def written(folder: Path, task: Task = NO_PROGRESS, again: tuple[str, ...] = ()) -> LettersResult:
    """The letters of a folder made, as far as the errand lets them."""
    order = LettersOrder(folder / "letters", replace=again)
    return write_letters(Plan(read_campaign(folder), order), task)


def register_rows(folder: Path) -> dict[str, str]:
    """The register's states by the paths of the letters."""
    found = {}
    for row in table(folder / "register.xlsx"):
        path = re.search(r"letters/(.+?\.docx)", str(row["File"]))
        assert path
        found[path[1]] = str(row["State"])
    return found


def ledger_paths(folder: Path) -> set[str]:
    """The paths of all letters that the ledger knows."""
    with closing(read_ledger(folder / "letters")) as ledger:
        return {known.path for known in ledger.letters()}


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its path; the program's own lock is none."""
    files = (p for p in sorted(folder.rglob("*")) if p.is_file() and p.name != ".merge-lock")
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


# The errand itself


def test_an_errand_counts_its_steps() -> None:
    task = Task()
    assert task.progress == Progress()
    seen = [(each, task.progress.done) for each in task.track("ab", "Letters read")]
    assert seen == [("a", 0), ("b", 1)]
    assert task.progress == Progress("Letters read", 2, 2)
    task.start_step(5, "Print files")
    task.advance(3)
    assert task.progress == Progress("Print files", 3, 5)


def test_threads_may_count_together_and_one_may_stop_the_others() -> None:
    task, stopped = Task(), []
    task.start_step(40_000, "Letters")

    def work() -> None:
        for _ in range(10_000):
            task.advance()
        while True:
            try:
                task.raise_if_cancelled()
            except Cancelled:
                stopped.append(1)
                return

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    while task.progress.done < 40_000:
        time.sleep(0.001)
    task.cancel()
    for thread in threads:
        thread.join(5)
    assert (task.is_cancelled, len(stopped), task.progress.done) == (True, 4, 40_000)


def test_work_that_nobody_watches_is_not_stopped_for_everybody() -> None:
    NO_PROGRESS.cancel()
    NO_PROGRESS.start_step(3, "Letters")
    assert [*NO_PROGRESS.track("ab", "Letters")] == ["a", "b"]
    assert NO_PROGRESS.progress == Progress()


# Letters


@pytest.mark.slow
def test_letters_stopped_anywhere_are_known_to_ledger_and_register(tmp_path: Path) -> None:
    whole = make(tmp_path / "whole", Signers=SIGNERS)
    written(whole)
    for asked in range(1, 5):
        folder = make(tmp_path / str(asked), Signers=SIGNERS)
        assert written(folder, StopAfter(asked)) == LettersResult([], stopped=True)
        there, after = {*letters(folder)}, asked + asked % 2  # a signer's folder comes whole
        assert len(there) == after
        assert there == {*register_rows(folder)} == ledger_paths(folder)
        assert {*register_rows(folder).values()} == {"unchanged"}
        assert temporary(folder) == []
        told = merge("letters", folder, "--json").json
        assert (told["written"], told["unchanged"]) == (6 - after, after)
        assert [p["code"] for p in told["problems"]] == ["column-unused"]
        assert {p: f.read_bytes() for p, f in letters(folder).items()} == {
            p: f.read_bytes() for p, f in letters(whole).items()
        }
        assert register_rows(folder) == register_rows(whole)


@pytest.mark.parametrize("after", [1, 3])
def test_where_folders_are_recipients_a_stop_leaves_no_letter_that_the_ledger_does_not_know(
    tmp_path: Path, after: int
) -> None:
    by_recipient = [["Name", "Value"], ["File name", "{{ recipient.name }}/{{ signer.name }}"]]
    folder = make(tmp_path, Signers=SIGNERS, Settings=by_recipient)
    written(folder, StopAfter(after, "Letters"))
    assert {*letters(folder)} == ledger_paths(folder) == {*register_rows(folder)}


@pytest.mark.parametrize("after", [2, 9])
def test_the_result_is_told_before_the_register_which_takes_longest(
    tmp_path: Path, after: int
) -> None:
    folder, told = make(tmp_path, Signers=SIGNERS), list[tuple[bool, int, bool]]()

    def settle(result: LettersResult) -> None:
        there = (folder / "register.xlsx").exists()
        told.append((result.stopped, len([*folder.glob("letters/*/*.docx")]), there))

    order = LettersOrder(folder / "letters")
    write_letters(
        Plan(read_campaign(folder), order), StopAfter(after, "Letters"), on_letters_done=settle
    )
    assert told == [(after < 6, min(after, 6), False)]
    assert len(register_rows(folder)) == min(after, 6)


def test_letters_stopped_before_the_first_leave_nothing(tmp_path: Path) -> None:
    for task in (StopAfter(0), StopAfter(0, "Letters")):
        folder = make(tmp_path / task.what, Signers=SIGNERS)
        assert written(folder, task).stopped
        assert (letters(folder), (folder / "register.xlsx").exists()) == ({}, False)
        assert merge("letters", folder, "--json").json["written"] == 6
        shutil.rmtree(folder)


def _worked(folder: Path) -> Path:
    return copied(_work, folder)


def _work(folder: Path) -> None:
    """Letters with an edit, a name corrected, a row that left, and a new template."""
    make(folder, Signers=[*SIGNERS, ["S4", "Dana Levi"]])
    merge("letters", folder)
    staff_actions.add_line(folder / "letters" / "Bo Berg" / "Consul Roy.docx", "We met.")
    staff_actions.add_line(folder / "letters" / "Chidi Obi" / "Consul Roy.docx", "My own words.")
    merge("letters", folder)
    changed = [["ID", "Name"], ["S1", "Anna Ruiz"], *SIGNERS[2:], ["S5", "Eun-ji Park"]]
    make(folder, "{{ recipient.name }}: {{ signer.name }} asks again", Signers=changed)


@pytest.mark.slow
@pytest.mark.parametrize("after", everyday(range(7)))  # the last folder comes whole
def test_a_second_run_stopped_anywhere_is_completed_by_the_next(tmp_path: Path, after: int) -> None:
    folder = _worked(tmp_path / "campaign")
    whole = shutil.copytree(folder, tmp_path / "whole")
    edited = {
        p: f.read_bytes() for p, f in letters(folder).items() if p == "Chidi Obi/Consul Roy.docx"
    }
    asked = ("Bo Berg",)
    written(whole, again=asked)
    assert written(folder, StopAfter(after, "Letters"), again=asked).stopped
    assert temporary(folder) == []
    assert {p: f.read_bytes() for p, f in letters(folder).items() if p in edited} == edited
    assert {*register_rows(folder)} == ledger_paths(folder)
    assert not written(folder, again=asked).stopped
    assert _without_days(letters(folder)) == _without_days(letters(whole))
    assert register_rows(folder) == register_rows(whole)
    assert merge("letters", folder, "--json").json["written"] == 0


def _without_days(found: dict[str, Path]) -> dict[str, bytes]:
    """The letters' bytes; old versions lie in a folder that bears the second of the run."""
    return {re.sub(r"\d\d\.\d\d\.\d\d", "", p): f.read_bytes() for p, f in found.items()}


@pytest.mark.slow
def test_rows_of_a_stopped_run_say_what_is_outdated_and_keep_what_was_not_reached(
    tmp_path: Path,
) -> None:
    many = [["Name"], *([f"{first} {last}"] for first in FIRST for last in FIRST)]
    few = [["Name"], *([f"Minister {last}"] for last in FIRST)]
    folder = make(tmp_path, Signers=many, Recipients=few)
    merge("letters", folder)
    edited = ["Alma Alma/Minister Cyra.docx", "Jun Jun/Minister Jun.docx"]
    for path in edited:
        staff_actions.add_line(folder / "letters" / path, "We met.")
    merge("letters", folder)
    make(folder, "{{ recipient.name }}: {{ signer.name }}", Signers=many, Recipients=few)
    assert written(folder, StopAfter(1, "Letters")).stopped
    states = register_rows(folder)
    assert states["Alma Alma/Minister Alma.docx"] == "unchanged"
    assert states["Alma Alma/Minister Bodil.docx"] == "out of date"
    assert [states[path] for path in edited] == ["edited, data changed", "edited"]
    assert states["Jun Jun/Minister Ilse.docx"] == "unchanged"  # more than a batch further on
    assert merge("letters", folder, "--json").json["written"] == len(states) - 3


FIRST = ("Alma", "Bodil", "Cyra", "Deniz", "Emre", "Fadil", "Goran", "Hedy", "Ilse", "Jun", "Kofi")


@pytest.mark.slow
def test_an_edit_that_a_stopped_run_was_to_set_aside_is_still_asked_about(tmp_path: Path) -> None:
    folder = _worked(tmp_path)
    before = merge("letters", folder, "--dry-run", "--json").json
    written(folder, StopAfter(2, "Letters"), again=("Bo Berg",))
    after = merge("letters", folder, "--dry-run", "--json").json
    kept = {each["id"]: each["state"] for each in after["letters"]}
    for each in before["letters"]:
        if each["state"] == "edited-changed":
            assert kept[each["id"]] == "edited-changed"


# Print


def _printing(folder: Path, task: Task, **options: object) -> PrintRun:
    campaign, order = read_campaign(folder), PrintOrder(grouping="per-signer", **options)  # type: ignore[arg-type]
    return PrintRun(campaign, order, plan_printing(campaign, order, None), None, task)


@pytest.mark.parametrize("after", everyday(range(7)))
def test_of_a_print_that_is_stopped_whole_batches_are_kept_and_known(
    tmp_path: Path, after: int
) -> None:
    folder = make_six_letters(tmp_path)
    done = _printing(folder, StopAfter(after, "Print files"), envelopes="C5").create_files()
    assert done.stopped
    kept = [path.name for path in (folder / "print").glob("2*/*")]
    assert sorted(kept) == sorted(done.files)
    assert len(kept) == after // 2 - (after in {2, 4, 6})
    assert temporary(folder) == []
    batches = {row["Signer"] for row in table(folder / "register.xlsx") if row.get("Batch")}
    assert len(batches) == len(kept)
    told = run_print(folder, "--since-last").json
    assert told["letters"] == 6 - 2 * len(kept)
    assert [p for p in told["problems"] if p["level"] == "error"] == []


@pytest.mark.parametrize("after", everyday([0, 3, 6]))
def test_stopped_while_the_register_is_told_of_batches_it_knows_them_all(
    tmp_path: Path, after: int
) -> None:
    folder = make_six_letters(tmp_path)
    looked = StopAfter(after, "Letters checked")
    done = _printing(folder, looked).create_files()
    assert (looked.is_cancelled, looked.progress.done, done.stopped) == (True, after, False)
    assert len(done.files) == 3
    assert all(row["Batch"] for row in table(folder / "register.xlsx"))
    written(folder)
    rows = table(folder / "register.xlsx")
    assert all(row["Batch"] and row["State"] == "unchanged" for row in rows)
    assert run_print(folder, "--since-last").json["letters"] == 0


def test_a_plan_of_a_print_that_is_stopped_is_none(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    before = bytes_of(folder)
    campaign, order = read_campaign(folder), PrintOrder()
    with pytest.raises(Cancelled):
        plan_printing(campaign, order, None, StopAfter(2, "Letters read"))
    assert bytes_of(folder) == before


# Proofread


@pytest.mark.parametrize("after", everyday([0, 3, 6]))
def test_a_proofread_that_is_stopped_writes_nothing(tmp_path: Path, after: int) -> None:
    folder = make_six_letters(tmp_path)
    before, task = bytes_of(folder), StopAfter(after, "Letters read")
    with pytest.raises(Cancelled):
        proofread_letters(read_campaign(folder), (), task)
    assert bytes_of(folder) == before


def test_a_report_of_a_proofread_that_is_stopped_is_not_written(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    campaign, task = read_campaign(folder), Task()
    found = proofread_letters(campaign, (), task)
    task.cancel()
    now = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
    with pytest.raises(Cancelled):
        write_proofs(campaign, found, now, task)
    assert not [*folder.glob("print/*.xlsx")]


# Forget and close


@pytest.mark.slow
@pytest.mark.parametrize("after", range(5))
def test_where_a_forget_is_stopped_the_next_goes_on_though_the_row_is_deleted_by_then(
    tmp_path: Path, after: int
) -> None:
    folder = make(tmp_path, Signers=SIGNERS)
    merge("letters", folder)
    merge("print", folder)
    merge("proofread", folder)
    campaign = read_campaign(folder)
    erasure = plan_deletion(campaign, find_subject(campaign, "S1"))
    assert len(erasure.files) == 5
    done = delete_person(campaign, erasure, StopAfter(after, "Files deleted"))
    assert (done.count, done.stopped) == (after, True)
    assert [path for path in erasure.files if (folder / path).exists()] == [*erasure.files[after:]]
    with excel(folder / "signers.xlsx", "Signers") as sheet:
        sheet.delete_rows(2)
    assert merge("letters", folder, "--dry-run").code == 0
    ran = merge("delete-person", "Ana Ruiz", folder, "--yes")
    assert (ran.code, ran.last) == (0, "No data about Ana Ruiz is left.")
    assert not [path for path in letters(folder) if "Ana" in path]
    assert len(letters(folder)) == 4
    with closing(read_ledger(folder / "letters")) as ledger:
        assert ledger.fact("forgetting") == "[]"


@pytest.mark.slow
def test_a_stopped_forget_of_one_namesake_never_takes_the_other(tmp_path: Path) -> None:
    signers = [["ID", "Name"], ["S1", "Ana Ruiz"], ["S2", "Ana Ruiz"], ["S3", "Bo Berg"]]
    merge("letters", make(tmp_path, Signers=signers))
    campaign = read_campaign(tmp_path)
    delete_person(
        campaign,
        plan_deletion(campaign, find_subject(campaign, "S1")),
        StopAfter(1, "Files deleted"),
    )
    with excel(tmp_path / "signers.xlsx", "Signers") as sheet:
        sheet.delete_rows(2)
    assert merge("delete-person", "S1", tmp_path, "--yes", "--json").json["letters"]
    assert len(letters(tmp_path)) == 4


def test_a_search_that_is_stopped_changes_nothing(tmp_path: Path) -> None:
    folder = make(tmp_path, Signers=SIGNERS)
    merge("letters", folder)
    campaign, before = read_campaign(folder), bytes_of(folder)
    subject = find_subject(campaign, "S1")
    for what in ("Letters checked", "Files searched"):
        with pytest.raises(Cancelled):
            plan_deletion(campaign, subject, StopAfter(2, what))
    with pytest.raises(Cancelled):
        find_remaining_data(campaign, subject, StopAfter(2))
    assert bytes_of(folder) == before


@pytest.mark.slow
def test_a_stop_asked_for_at_the_end_of_a_rehearsal_is_not_forgotten(tmp_path: Path) -> None:
    folder = make(tmp_path, Signers=SIGNERS)
    merge("letters", folder)
    campaign = read_campaign(folder)
    subject = find_subject(campaign, "S1")
    for rehearsal in (
        lambda e: plan_deletion(campaign, subject, e),
        lambda e: plan_closing(folder, e),
    ):
        seen = Task()
        rehearsal(seen)
        with pytest.raises(Cancelled):
            rehearsal(StopAfter(seen.progress.done, seen.progress.what))


def test_where_a_close_is_stopped_the_letters_that_are_left_are_still_known(tmp_path: Path) -> None:
    folder = make(tmp_path, Signers=SIGNERS)
    merge("letters", folder)
    done = close_campaign_folder(folder, plan_closing(folder).files, StopAfter(4))
    assert (done.count, done.stopped, len(letters(folder))) == (4, True, 2)
    assert {*letters(folder)} <= ledger_paths(folder)
    assert merge("close", folder, "--yes").code == 0
    assert letters(folder) == {}
    with closing(read_ledger(folder / "letters")) as ledger:
        assert ledger.closed_on
