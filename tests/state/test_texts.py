"""Texts of the records: complete or not there, kept as long as they are in use."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import pytest
from support.record_entries import output

from merge.errors import StorageError
from merge.state import texts as texts_module
from merge.state.texts import Texts

RUN, OTHER_RUN = "0123456789", "abcdef0123"
LIMA, CUSCO = {"signer.city": ["Lima"]}, {"signer.city": ["Cusco"]}
OLD, NEW = output("old")[:8], output("new")


@pytest.fixture
def records(tmp_path: Path) -> Path:
    records = tmp_path / "Appeal Merge records"
    Texts(records).add(RUN, {OLD: LIMA, NEW: CUSCO})
    return records


def known_texts(records: Path) -> list[object]:
    return [Texts(records).get(digest) for digest in (OLD, NEW)]


def bytes_of(records: Path) -> bytes:
    return b"".join(path.read_bytes() for path in records.rglob("*") if path.is_file())


def test_a_text_is_known_by_its_digest(records: Path) -> None:
    assert known_texts(records) == [LIMA, CUSCO]
    assert Texts(records).get(b"another") is None
    assert Texts(None).get(OLD) is None


def test_a_text_that_is_known_is_not_written_again(records: Path) -> None:
    before = bytes_of(records)
    texts = Texts(records)
    texts.add(OTHER_RUN, {OLD: LIMA})
    assert bytes_of(records) == before
    texts.add(OTHER_RUN, {b"more": LIMA})
    texts.add(OTHER_RUN, {b"much more": CUSCO, b"more": LIMA})
    assert len([*(records / "texts").iterdir()]) == 2
    assert bytes_of(records).count(b"\n") == 4
    assert Texts(records).get(b"much more") == CUSCO


@pytest.mark.parametrize("place", [0, 3, 12, 20, 40, -3, -2])
def test_a_damaged_text_is_not_known_and_others_are(records: Path, place: int) -> None:
    (path,) = (records / "texts").iterdir()
    first, second = path.read_bytes().splitlines(keepends=True)
    damaged = bytearray(first)
    damaged[place] ^= 0x55
    path.write_bytes(bytes(damaged) + second)
    assert known_texts(records) == [None, CUSCO]


@pytest.mark.parametrize(
    "text", ["[]", '"x"', "{}}", '{"a":[]}', '{"a":[1]}', '{"a":null}', '{"a":{}}', "[" * 9_999]
)
def test_a_text_of_another_shape_is_not_known(records: Path, text: str) -> None:
    data = f'["{OLD.hex()}",{text}]'.encode()
    path = records / "texts" / f"{RUN}.jsonl"
    path.write_bytes(b"%08x %s\n" % (zlib.crc32(data), data))
    assert Texts(records).get(OLD) is None


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_text_that_arrived_in_part_is_not_known(records: Path, cut: int) -> None:
    (path,) = (records / "texts").iterdir()
    path.write_bytes(path.read_bytes()[:-cut])
    assert known_texts(records) == [LIMA, None]


def test_texts_that_are_not_in_use_are_in_no_file_any_more(records: Path) -> None:
    copy = records / "texts" / f"{RUN} (conflicted copy).jsonl"
    copy.write_bytes((records / "texts" / f"{RUN}.jsonl").read_bytes())
    Texts(records).prune(OTHER_RUN, {NEW}, {RUN})
    assert b"Lima" not in bytes_of(records)
    assert known_texts(records) == [None, CUSCO]
    Texts(records).prune(OTHER_RUN, set(), {RUN})
    assert [*(records / "texts").iterdir()] == []


def test_a_text_whose_facts_have_not_arrived_is_kept_for_a_day(records: Path) -> None:
    Texts(records).prune(OTHER_RUN, set(), {OTHER_RUN})
    assert known_texts(records) == [LIMA, CUSCO]
    os.utime(records / "texts" / f"{RUN}.jsonl", (1, 1))
    Texts(records).prune(OTHER_RUN, set(), {OTHER_RUN})
    assert b"Lima" not in bytes_of(records)


def test_a_deletion_also_removes_texts_whose_facts_have_not_arrived(records: Path) -> None:
    Texts(records).prune(OTHER_RUN, {NEW}, None)
    assert known_texts(records) == [None, CUSCO]


def test_many_files_are_packed_into_the_one_of_the_run(
    records: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts_module, "_MOST_FILES", 3)
    names = [f"{number:010x}" for number in range(4)]
    for name in names:
        Texts(records).add(name, {name.encode(): LIMA})
    in_use = {OLD, *(name.encode() for name in names)}
    Texts(records).prune(OTHER_RUN, in_use, {RUN, *names})
    assert [path.stem for path in (records / "texts").iterdir()] == [OTHER_RUN]
    assert all(Texts(records).get(digest) == LIMA for digest in in_use)
    assert b"Cusco" not in bytes_of(records)


@pytest.mark.posix("permissions")
def test_texts_on_a_disk_that_refuses_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "records").write_text("a file in the place of the folder")
    with pytest.raises(StorageError):
        Texts(tmp_path / "records").add(RUN, {OLD: LIMA})
