"""Entries as lines: read as they were written, or damaged, or of a newer version."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Mapping

import pytest
from support.record_entries import DAY, NOON, id_of, letter, mark, printed

from merge.state import entries
from merge.state.entries import (
    KINDS,
    Content,
    EarlierVersions,
    Entry,
    ErasedEntry,
    UnknownEntry,
    Version,
    find_subjects,
)
from merge.state.entry_lines import FORMAT, NewerFormatError, read_line, read_lines, to_line

RUN, OTHER_RUN = "0123456789", "abcdef0123"
ANA, LI = id_of("Ana"), id_of("Li")
START = entries.RunStart(
    parents=(OTHER_RUN,), computer="7K4Q", program="1.0.0", format=FORMAT, clock=5, files={"ab": 7}
)
CONTENTS: list[Content] = [
    START,
    entries.RunEnd(),
    entries.PersonEntry(ANA, "signer", LI, "ab" * 8, has_id=True),
    letter("Käthe", path="Käthe \udcff", words=b"words"),
    EarlierVersions((Version(ANA, b"one"), None, Version("", b""))),
    printed("Ana"),
    mark("Ana", key="a cell"),
    entries.UnmarkEntry(ANA, ("a cell",)),
    entries.TrackingEntry(ANA, "RR 123"),
    entries.DecisionEntry(ANA, "keep", b"seen"),
    entries.AcceptanceEntry(ANA, (ANA, LI)),
    entries.ImportEntry("0a", "09", {"Petition": "ab"}, "cd", "ef"),
    entries.AnswerEntry("F7Q2MXD", "0a", (ANA,), {"Name": "ab"}, frozenset({"cd"}), where="list"),
    entries.DropEntry(ANA, "print"),
    entries.FactEntry("proofread", "{}"),
    entries.DeletionEnd(ANA, (ANA, LI)),
    entries.Readmission(ANA),
    entries.Closing(DAY),
    entries.Reopening(DAY),
    ErasedEntry(),
]


def line(fields: Mapping[str, object]) -> bytes:
    """Return a line with a correct checksum, whatever the fields are."""
    data = json.dumps({"i": [RUN, 1], **fields}).encode()
    return b"%08x %s\n" % (zlib.crc32(data), data)


def fields_of(content: Content) -> dict[str, object]:
    return dict(json.loads(to_line(RUN, 1, content)[9:]))


def test_an_entry_of_each_kind_is_read_as_it_was_written() -> None:
    assert {type(content) for content in CONTENTS} | {UnknownEntry} == {
        *KINDS.values(),
        UnknownEntry,
    }
    for content in CONTENTS:
        written = to_line(RUN, 7, content)
        assert read_line(written) == Entry(RUN, 7, content, written)


def test_a_file_cut_off_at_each_byte_has_the_entries_before_it() -> None:
    lines = [to_line(RUN, n, content) for n, content in enumerate(CONTENTS, 1)]
    data, ends = b"".join(lines), [sum(map(len, lines[:n])) for n in range(len(lines) + 1)]
    for length in range(len(data)):
        found = read_lines(data[:length])
        assert len(found) == sum(end <= length for end in ends) - 1
    assert [entry.content for entry in read_lines(data)] == CONTENTS


def test_a_changed_byte_damages_its_line_only() -> None:
    first, second = to_line(RUN, 1, letter("Ana")), to_line(RUN, 2, letter("Bo"))
    for place in range(len(first) - 1):
        changed = first[:place] + bytes([first[place] ^ 1]) + first[place + 1 :]
        assert [entry.number for entry in read_lines(changed + second)] == [2]


@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: type(content).__name__)
def test_a_field_of_a_wrong_type_is_damage(content: Content) -> None:
    fields = fields_of(content)
    assert read_line(line(fields)) is not None
    wrong_values: tuple[object, ...] = (None, -1.5, [[]], {"x": [5]})
    for name in fields.keys() - {"i", "k"}:
        for wrong in wrong_values:
            assert read_line(line({**fields, name: wrong})) is None, (name, wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "Ana"},
        {"id": ANA.upper().replace("0", "F")},
        {"path": "../Li.docx"},
        {"path": "a\\..\\b"},
        {"path": "/etc"},
        {"path": "C:/x"},
        {"path": "a\0"},
        {"day": 0},
        {"day": "2026-12-02"},
        {"output": "xyz"},
        {"who": [ANA, "Li"]},
        {"i": [RUN, 0]},
        {"i": [RUN, True]},
        {"i": ["run", 1]},
        {"i": RUN},
        {"k": ["letter"]},
    ],
)
def test_a_letter_with_a_wrong_value_is_damage(wrong: Mapping[str, object]) -> None:
    assert read_line(line({**fields_of(letter("Ana")), **wrong})) is None


def test_a_line_that_is_not_an_object_with_a_place_is_damage() -> None:
    for data in (b"[]", b"1", b"{}", b"", b"{", b"[" * 100_000, b'{"i":[1,2]}', b"\xff"):
        assert read_line(b"%08x %s\n" % (zlib.crc32(data), data)) is None


def test_unknown_fields_are_ignored_and_missing_ones_have_their_defaults() -> None:
    fields = fields_of(letter("Ana"))
    read = read_line(line({**fields, "colour": "red"}))
    assert read is not None
    assert read.content == letter("Ana")
    assert read_line(line({k: v for k, v in fields.items() if k != "path"})) is None


def test_acceptance_23_an_unknown_kind_is_kept_with_the_people_it_is_about() -> None:
    fields = {"k": "letter from the future", "id": ANA, "who": [LI, 7], "person": "F1", "x": 1}
    read = read_line(line(fields))
    assert read is not None
    assert read.content == UnknownEntry(ANA, "F1", (LI,))
    assert set(find_subjects(read.content)) == {ANA, LI, "F1"}
    assert read.line == line(fields)


@pytest.mark.parametrize(("program", "version"), [("1.2.0", "1.2.0"), ("<b>", ""), (None, "")])
def test_a_higher_format_number_is_refused_and_names_the_version(
    program: object, version: str
) -> None:
    newer = {"k": "run", "format": FORMAT + 1, "program": program, "of the future": []}
    with pytest.raises(NewerFormatError) as caught:
        read_line(line(newer))
    assert (caught.value.version, caught.value.number) == (version, FORMAT + 1)


def test_a_deletion_is_not_about_the_people_that_it_names() -> None:
    assert find_subjects(entries.DeletionEnd(ANA, (ANA,))) == ()
    assert set(find_subjects(letter("Ana"))) == {ANA, id_of("@Ana"), id_of("@Li")}


def test_equal_entries_have_equal_bytes() -> None:
    assert to_line(RUN, 1, letter("Ana")) == to_line(RUN, 1, letter("Ana"))
    assert NOON.tzinfo is dt.UTC
