"""Files of runs: nothing is half read, nothing is lost, other campaigns do not count."""

from __future__ import annotations

import json
import os
import random
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from support.record_entries import Computer, contents, id_of, letter, mark, output, printed, stages

from merge.errors import StorageError
from merge.state import run_files
from merge.state.entries import (
    Closing,
    Content,
    DeletionEnd,
    EarlierVersions,
    Entry,
    FactEntry,
    LetterEntry,
    RunEnd,
    RunStart,
    UnknownEntry,
)
from merge.state.entry_lines import FORMAT, read_lines, to_line
from merge.state.fold import CampaignState
from merge.state.run_files import GrowingFile, RunWriter

ANA, BO = letter("Ana"), letter("Bo")


@pytest.fixture
def office(tmp_path: Path) -> Computer:
    return Computer(tmp_path)


@pytest.fixture
def colleague(tmp_path: Path) -> Computer:
    return Computer(tmp_path, "B")


def facts(computer: Computer) -> list[Content]:
    """Return what a computer knows, without starts and ends of runs."""
    return [c for c in contents(computer.read().entries) if not isinstance(c, RunStart | RunEnd)]


def write_line(computer: Computer, fields: dict[str, object]) -> None:
    """Add a line with a correct checksum to the file of a computer's only run."""
    data = json.dumps(fields).encode()
    with computer.paths[0].open("ab") as file:
        file.write(b"%08x %s\n" % (zlib.crc32(data), data))


# Runs.


def test_a_run_is_read_as_it_was_written_and_knows_the_runs_before_it(office: Computer) -> None:
    first, second = office.write(ANA), office.write(BO, mark("Ana"))
    runs = office.read()
    assert facts(office) in ([ANA, BO, mark("Ana")], [BO, mark("Ana"), ANA])
    assert runs.starts[second].parents == (first,)
    assert runs.starts[second].clock > runs.starts[first].clock
    assert not runs.missing_runs | runs.foreign_runs
    assert runs.incomplete_files == ()


def test_the_clock_of_a_run_is_later_than_all_that_it_knew(office: Computer) -> None:
    far = office.write(ANA)
    start = office.read().starts[far]
    path = office.paths[0]
    path.write_bytes(
        b"".join(
            to_line(far, e.number, e.content._replace(clock=2**62) if e.number == 1 else e.content)
            for e in read_lines(path.read_bytes())
        )
    )
    later = office.write(BO)
    assert office.read().starts[later].clock > 2**62 > start.clock


def test_a_run_in_batches_is_complete_up_to_its_last_end(office: Computer) -> None:
    writer = RunWriter(office.files, office.read())
    writer.write([ANA])
    writer.write([BO])
    (path,) = office.paths
    data = path.read_bytes()
    path.write_bytes(data[: data.index(id_of("Bo").encode()) + 20])
    assert facts(office) == [ANA]
    path.write_bytes(data)
    assert facts(office) == [ANA, BO]


def test_only_the_process_that_began_a_file_continues_it(office: Computer) -> None:
    writer = RunWriter(office.files, office.read())
    writer.write([ANA])
    (path,) = office.paths
    path.write_bytes(path.read_bytes() + b"torn")
    writer.write([BO])  # the file has changed: all is in another one
    assert len(office.paths) == 2
    assert path.read_bytes().endswith(b"torn")
    assert facts(office) == [ANA, BO]


def test_a_conflict_copy_of_a_file_counts_whatever_its_name(office: Computer) -> None:
    office.write(ANA)
    (path,) = office.paths
    path.rename(path.with_name("a (Käthe's conflicted copy).jsonl"))
    (office.folder / "notes.txt").write_text("no records")
    assert facts(office) == [ANA]


def test_acceptance_6_files_cut_off_at_each_byte_are_never_half_used(
    office: Computer, colleague: Computer
) -> None:
    office.write(ANA, mark("Ana"))
    office.write(BO)
    colleague.copy_records(office)
    files = {path: path.read_bytes() for path in colleague.paths}
    for path, data in files.items():
        for length in range(len(data)):
            path.write_bytes(data[:length])
            runs = colleague.read()
            assert path.name in runs.incomplete_files
            assert path.stem not in runs.runs
            assert contents(runs.entries).count(RunEnd()) == 1
        path.write_bytes(data)
    assert colleague.read().incomplete_files == ()


def test_a_run_whose_parent_has_not_arrived_counts_and_names_it(
    office: Computer, colleague: Computer
) -> None:
    first, second = office.write(ANA), office.write(BO)
    colleague.copy_records(office)
    (colleague.folder / f"{first}.jsonl").unlink()
    assert colleague.read().missing_runs == {first}
    assert facts(colleague) == [BO]
    assert second in colleague.read().runs


def test_a_file_that_cannot_be_read_is_named(office: Computer) -> None:
    office.write(ANA)
    (office.folder / "a folder.jsonl").mkdir()
    assert office.read().incomplete_files == ("a folder.jsonl",)


@pytest.mark.posix("links need a permission on Windows")
def test_a_link_among_the_records_is_refused(office: Computer) -> None:
    office.write(ANA)
    (office.folder / "link.jsonl").symlink_to(office.paths[0])
    with pytest.raises(StorageError, match="link"):
        office.read()


def test_records_of_a_newer_version_are_refused_and_name_it(office: Computer) -> None:
    office.write(ANA)
    newer = {"k": "run", "i": ["0123456789", 1], "format": FORMAT + 1, "program": "1.7.0"}
    write_line(office, newer)
    with pytest.raises(StorageError, match=r"needs version 1\.7\.0") as caught:
        office.read()
    assert [problem.code for problem in caught.value.problems] == ["ledger-newer-version"]


# The mirror.


def test_acceptance_20_deleted_records_are_written_again_at_the_second_look(
    office: Computer,
) -> None:
    office.write(ANA)
    office.write(mark("Ana"))
    for path in office.paths:
        path.unlink()
    assert facts(office) in ([ANA, mark("Ana")], [mark("Ana"), ANA])
    assert not office.files.publish_lost(office.read())
    assert office.paths == []
    assert office.files.publish_lost(office.read())
    assert len(office.paths) == 1
    assert not office.read().lost_entries
    office.files.mirror = None
    assert len(facts(office)) == 2


def test_lost_runs_are_not_written_while_files_arrive(
    office: Computer, colleague: Computer
) -> None:
    office.write(ANA)
    colleague.copy_records(office)
    office.paths[0].unlink()
    assert not office.files.publish_lost(office.read())
    new = f"{colleague.write(BO)}.jsonl"
    (office.folder / new).write_bytes((colleague.folder / new).read_bytes())
    assert not office.files.publish_lost(office.read())  # something has arrived
    assert office.files.publish_lost(office.read())


def test_acceptance_20_a_damaged_file_is_completed_from_the_mirror(office: Computer) -> None:
    office.write(ANA, mark("Ana"))
    (path,) = office.paths
    path.write_bytes(path.read_bytes()[:-30])
    assert len(facts(office)) == 2
    office.files.publish_lost(office.read())
    office.files.publish_lost(office.read())
    office.files.mirror = None
    assert len(facts(office)) == 2


def test_acceptance_20_without_mirror_deleted_records_are_gone(office: Computer) -> None:
    office.write(ANA)
    office.paths[0].unlink()
    office.files.mirror.unlink()  # type: ignore[union-attr] # it is a path
    assert facts(office) == []


def test_acceptance_20_a_restored_computer_goes_on_in_other_files(
    office: Computer, colleague: Computer
) -> None:
    office.write(ANA)
    backup = {path: path.read_bytes() for path in office.paths}
    mirror = office.files.mirror
    assert mirror is not None
    old_mirror = mirror.read_bytes()
    office.write(mark("Ana", "lost with the backup"))
    colleague.copy_records(office)
    for path in office.paths:
        path.unlink()
    for path, data in backup.items():
        path.write_bytes(data)
    mirror.write_bytes(old_mirror)
    office.write(mark("Ana", "of the restored computer"))
    colleague.copy_records(office)
    office.copy_records(colleague)
    assert {m.value for m in office.state().marks(id_of("Ana"))} == {
        "lost with the backup",
        "of the restored computer",
    }
    assert len({path.name for path in office.paths}) == 3


def test_acceptance_20_a_copied_folder_is_a_campaign_of_its_own_until_it_is_joined(
    office: Computer, colleague: Computer
) -> None:
    office.write(ANA)
    colleague.copy_records(office)
    office.write(BO)
    colleague.write(mark("Ana"))
    assert facts(colleague).count(BO) == 0
    office.copy_records(colleague)
    assert {type(f).__name__ for f in facts(office)} == {"LetterEntry", "MarkEntry"}


def test_acceptance_26_a_new_campaign_at_the_path_of_a_deleted_one_knows_nothing_of_it(
    office: Computer,
) -> None:
    office.write(ANA, mark("Ana"))
    office.paths[0].unlink()
    office.has_letters = False
    assert facts(office) == []
    assert not office.files.publish_lost(office.read())
    office.write(BO)
    office.has_letters = True
    for _ in range(3):
        assert facts(office) == [BO]
        assert not office.files.publish_lost(office.read())
    mirror = office.files.mirror
    assert mirror is not None
    assert id_of("Ana").encode() not in mirror.read_bytes()
    assert id_of("Ana").encode() in mirror.with_suffix(".aside.jsonl").read_bytes()


def test_acceptance_26_a_folder_from_the_same_sample_does_not_get_the_old_mirror(
    office: Computer, colleague: Computer
) -> None:
    colleague.write(BO, sample=9_000)
    office.write(ANA, mark("Ana"), sample=1_000)
    office.paths[0].unlink()
    office.copy_records(colleague)  # the folder of another campaign is now at this path
    assert facts(office) == [BO]


def test_a_new_computer_has_a_mirror_even_while_runs_have_not_arrived(
    office: Computer, colleague: Computer
) -> None:
    first = office.write(ANA)
    office.write(BO)
    colleague.copy_records(office)
    (colleague.folder / f"{first}.jsonl").unlink()
    own = colleague.write(mark("Ana"))
    (colleague.folder / f"{own}.jsonl").unlink()
    assert mark("Ana") in facts(colleague)


def test_a_mirror_that_may_be_of_this_campaign_is_kept_until_all_runs_arrive(
    office: Computer, colleague: Computer
) -> None:
    first = colleague.write(BO, workbook=5)
    second = colleague.write(letter("Chidi"))
    own = office.write(mark("Ana"), workbook=5)
    (office.folder / f"{own}.jsonl").unlink()
    office.copy_records(colleague)
    (office.folder / f"{first}.jsonl").unlink()
    office.write(ANA)
    assert office.read().missing_runs == {first}
    office.copy_records(colleague)
    assert mark("Ana") in facts(office)
    assert second in office.read().runs


def test_a_private_folder_that_cannot_be_used_changes_nothing(tmp_path: Path) -> None:
    office = Computer(tmp_path)
    (tmp_path / "A" / "mirror.jsonl").mkdir()
    office.write(ANA)
    assert facts(office) == [ANA]
    office.files.mirror = None
    office.write(BO)
    assert len(facts(office)) == 2


# Records of other campaigns.


@pytest.mark.parametrize(
    ("entry", "files", "is_same"),
    [
        (ANA, {}, True),
        (printed("Ana"), {}, True),
        (letter("Ana", "two"), {}, False),
        (BO, {"workbook": 1_600}, True),
        (BO, {"workbook": 1_700}, False),
        (BO, {"other": 1_000}, False),
    ],
)
def test_acceptance_22_records_without_a_common_run_count_if_letters_or_first_files_are_equal(
    office: Computer,
    colleague: Computer,
    entry: Content,
    files: dict[str, int],
    is_same: bool,  # noqa: FBT001 - of the table
) -> None:
    office.write(ANA, workbook=1_000)
    stranger = colleague.write(entry, **files)
    office.copy_records(colleague)
    assert office.read().foreign_runs == (set() if is_same else {stranger})
    assert facts(office).count(ANA) + (entry != ANA) * facts(office).count(entry) >= 1
    assert (stranger in office.read().runs) == is_same


def test_acceptance_22_two_computers_that_began_at_once_are_joined_by_the_next_run(
    office: Computer, colleague: Computer
) -> None:
    first, second = office.write(ANA, workbook=5), colleague.write(BO, workbook=6)
    office.copy_records(colleague)
    last = office.write(mark("Ana"))
    assert set(office.read().starts[last].parents) == {first, second}
    colleague.copy_records(office)
    assert colleague.read().foreign_runs == set()


def test_a_foreign_run_does_not_become_a_parent_or_part_of_the_mirror(
    office: Computer, colleague: Computer
) -> None:
    first = office.write(ANA)
    colleague.write(BO, mark("Ana"))
    office.copy_records(colleague)
    last = office.write(mark("Ana", "own"))
    assert office.read().starts[last].parents == (first,)
    mirror = office.files.mirror
    assert mirror is not None
    assert id_of("Bo").encode() not in mirror.read_bytes()


def test_without_a_mirror_the_campaign_is_the_one_with_more_runs(
    office: Computer, colleague: Computer
) -> None:
    office.write(ANA)
    office.write(mark("Ana"))
    colleague.write(BO)
    office.copy_records(colleague)
    office.files.mirror = None
    assert BO not in facts(office)


# Packing.


def pack(computer: Computer) -> bool:
    runs = computer.read()
    return computer.files.pack(runs, CampaignState(runs.entries).superseded())


def test_more_than_fifty_own_files_are_packed_without_any_change(
    office: Computer, colleague: Computer
) -> None:
    colleague.write(ANA)
    office.copy_records(colleague)
    for day in range(50):
        office.write(mark("Ana", f"{day} Dec"))
    assert not pack(office)
    office.write(BO)
    before = contents(office.read().entries)
    assert pack(office)
    assert len(office.paths) == 2
    assert contents(office.read().entries) == before
    assert not office.read().lost_entries
    assert office.read().incomplete_files == ()


def test_earlier_versions_of_many_letters_take_little_space(
    office: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_files, "_FEWEST_SUPERSEDED", 50)
    names = [f"{number:04}" for number in range(100)]
    for version in ("one", "two", "three"):
        office.write(*(letter(name, version) for name in names), FactEntry("last", version))
    before = CampaignState(office.read().entries)
    assert pack(office)
    after = CampaignState(office.read().entries)
    assert sum(type(c) is LetterEntry for c in contents(office.read().entries)) == 100
    assert sum(type(c) is EarlierVersions for c in contents(office.read().entries)) == 2
    assert len(office.paths) == 1
    for name in names:
        for version in ("one", "two", "three"):
            was_earlier = before.is_earlier_version(id_of(name), output(version))
            assert after.is_earlier_version(id_of(name), output(version)) == was_earlier
    assert {*before.letters()} == {*after.letters()}
    assert after.fact("last") == "three"


def test_a_packed_letter_counts_over_its_fuller_copy(
    office: Computer, colleague: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_files, "_FEWEST_SUPERSEDED", 0)
    names = [f"{number}" for number in range(9)]
    office.write(letter("Ana", words=b"former words"), *map(letter, names))
    office.write(letter("Ana", "two"), *(letter(name, "two") for name in names))
    colleague.copy_records(office)
    assert pack(office)
    office.copy_records(colleague)  # its old files come back
    assert letter("Ana", "two") in facts(office)
    assert letter("Ana", words=b"former words") not in facts(office)
    assert office.state().is_earlier_version(id_of("Ana"), output("one"))


def test_nothing_is_packed_while_a_run_has_not_arrived(office: Computer) -> None:
    first = office.write(ANA)
    for _ in range(52):
        office.write()
    (office.folder / f"{first}.jsonl").unlink()
    office.files.mirror = None
    pack(office)
    assert len(office.paths) == 52


def test_acceptance_23_unknown_entries_are_kept_by_packing_and_erasing(office: Computer) -> None:
    writer = RunWriter(office.files, office.read())
    writer.write([ANA])
    write_line(office, {"i": [writer.name, 4], "k": "from the future", "who": [id_of("Bo")]})
    write_line(office, {"i": [writer.name, 5], "k": "end"})
    for _ in range(51):
        office.write()
    assert pack(office)
    office.files.erase(lambda entry: isinstance(entry.content, LetterEntry))
    assert b"from the future" in office.bytes_of_records()
    assert UnknownEntry(who=(id_of("Bo"),)) in facts(office)
    office.files.erase(lambda entry: isinstance(entry.content, UnknownEntry))
    assert b"from the future" not in office.bytes_of_records()


# Erasing.


def about(name: str) -> Callable[[Entry], bool]:
    return lambda entry: id_of(name) in str(entry.content)


def test_erasing_removes_torn_lines_drafts_mirrors_and_copies(office: Computer) -> None:
    office.write(ANA, BO, mark("Ana"))
    (path,) = office.paths
    data = path.read_bytes()
    (office.folder / "copy.jsonl").write_bytes(data)
    (office.folder / "torn.jsonl").write_bytes(data[: data.index(b"Ana/Li") + 12] + b"\0" * 9)
    old = office.folder / ".merge-9Z8X-run.jsonl.tmp"
    old.write_bytes(data)
    os.utime(old, (1, 1))
    office.files.erase(about("Ana"))
    assert id_of("Ana").encode() not in office.bytes_of_records()
    assert b"Ana/Li" not in office.bytes_of_records()
    assert BO in facts(office)
    before = {p: p.read_bytes() for p in office.folder.iterdir()}
    office.files.erase(about("Ana"))
    assert {p: p.read_bytes() for p in office.folder.iterdir()} == before


def test_an_erased_entry_counts_over_its_fuller_copy(office: Computer, colleague: Computer) -> None:
    office.write(ANA, BO)
    colleague.copy_records(office)
    office.files.erase(about("Ana"))
    (office.folder / "copy.jsonl").write_bytes(colleague.paths[0].read_bytes())
    assert ANA not in facts(office)
    assert BO in facts(office)


def test_a_full_disk_is_no_obstacle_to_erasing(
    office: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = RunWriter(office.files, office.read())
    office.files.save_mirror(office.read(), writer.write([ANA, BO]))

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run_files, "write_durably", full)
    office.files.erase(about("Ana"))
    assert id_of("Ana").encode() not in office.bytes_of_records()
    assert BO in facts(office)


def test_a_lost_file_that_was_erased_is_not_written_again(office: Computer) -> None:
    office.write(ANA, BO)
    office.files.erase(about("Ana"))
    office.paths[0].unlink()
    office.files.publish_lost(office.read())
    office.files.publish_lost(office.read())
    assert id_of("Ana").encode() not in office.bytes_of_records()
    assert BO in facts(office)


def test_acceptance_17_a_closed_campaign_has_no_path_and_no_name(
    office: Computer,
) -> None:
    office.write(letter("Ana Ruiz"), mark("Ana Ruiz"))
    office.write(letter("Ana Ruiz", "two"))
    office.files.erase(lambda entry: isinstance(entry.content, LetterEntry))
    office.write(Closing(ANA.day))
    assert b"Ruiz" not in office.bytes_of_records()
    assert office.state().closed_on == ANA.day
    assert stages(office.state(), id_of("Ana Ruiz")) == {"Printed": "2 Dec 2026"}


# Any order, any copies.


def test_the_union_is_the_same_in_any_order_and_from_any_files(
    office: Computer, colleague: Computer, tmp_path: Path
) -> None:
    for number in range(6):
        office.write(letter("Ana", str(number)), mark("Ana", f"{number} Dec"))
        colleague.copy_records(office)
        colleague.write(letter("Bo", str(number)))
        office.copy_records(colleague)
    lines = [line for path in office.paths for line in path.read_bytes().splitlines(keepends=True)]
    expected = contents(office.read().entries)
    rng = random.Random(5)  # noqa: S311 - no secret
    for attempt in range(10):
        third = Computer(tmp_path, f"C{attempt}")
        third.folder.mkdir()
        rng.shuffle(lines)
        some: Sequence[bytes] = rng.choices(lines, k=20)
        for name, part in enumerate((lines[:17], lines[17:], some)):
            (third.folder / f"{name}.jsonl").write_bytes(b"".join(part))
        assert contents(third.read().entries) == expected


def test_deleted_people_of_a_killed_run_are_erased(office: Computer) -> None:
    office.write(BO)
    GrowingFile(office.folder).write(to_line("0123456789", 2, ANA))  # a run without start and end
    office.write(DeletionEnd(id_of("@Ana"), (id_of("Ana"), id_of("@Ana"))))
    state = office.state()
    office.files.erase(state.is_erasable)
    text = office.bytes_of_records()
    assert b"Ana/Li" not in text
    assert state.is_erasable(Entry("0123456789", 2, ANA))
