"""The document properties of a letter: its title, its id and its date, and nothing else."""

from __future__ import annotations

import datetime as dt
import io
import random

import pytest
from docx import Document
from lxml import etree
from support.documents import PACKAGE, docx, zipped
from support.filled_letters import members, template
from support.marked_content import MARKS, relation
from support.marked_template import core, marked_template, with_core

from merge.ooxml.stamps import Stamp, read_stamp
from merge.template.filters import freeze

STAMP = Stamp("0123456789abcdef", dt.date(2026, 3, 4))
DC = "{http://purl.org/dc/elements/1.1/}"
CREATED = "{http://purl.org/dc/terms/}created"
CORE, CUSTOM = "docProps/core.xml", "docProps/custom.xml"
FOREIGN = {
    "nothing": b"",
    "text": b"Dear friend",
    "half a zip": docx("x")[:100],
    "a zip": zipped({"a.txt": "x"}),
    "no properties": docx("x"),
    "a title": docx("x", title="T"),
    "another's identifier": with_core(docx("x"), core()),
    "an id that is none": with_core(
        docx("x"), core(**{"dc:identifier": "0123456789ABCDEF", "cp:version": "1"})
    ),
    "a date that is none": with_core(
        docx("x"),
        core(**{"dc:identifier": STAMP.id}).replace("2019-12-31T", "2019-13-31T"),
    ),
    "broken properties": with_core(docx("x"), "<"),
    "no UTF-8": zipped({CORE: b"\xff\xfe\x00"}),
    "a long id": with_core(docx("x"), core(**{"dc:identifier": STAMP.id * 2})),
    "properties of 60 MB": zipped({CORE: b" " * 60_000_000}),
}


def stamped(data: bytes, stamp: Stamp | None = STAMP, **values: str) -> bytes:
    return template(data).fill(freeze({"name": "Ann", **values}), stamp)


def properties(letter: bytes) -> dict[str, str | None]:
    """The core properties by name."""
    return {str(e.tag): e.text for e in etree.fromstring(members(letter)[CORE])}


def test_a_letter_carries_title_id_and_date_and_no_other_property() -> None:
    assert properties(stamped(marked_template())) == {
        f"{DC}title": "An appeal",
        f"{DC}identifier": STAMP.id,
        CREATED: "2026-03-04T00:00:00Z",
    }


def test_the_one_custom_property_is_the_letters_id() -> None:
    custom = etree.fromstring(members(stamped(marked_template()))[CUSTOM])
    assert [(p.get("name"), "".join(map(str, p.itertext()))) for p in custom] == [
        ("Letter", STAMP.id)
    ]


def test_a_letter_without_a_stamp_has_a_title_alone() -> None:
    letter = stamped(marked_template(), None)
    assert properties(letter) == {f"{DC}title": "An appeal"}
    assert read_stamp(letter) is None


@pytest.mark.parametrize("title", ["", "T", "For {{ name }}", "T{% if name %} x{% endif %}"])
def test_the_stamp_is_read_back_from_the_letter(title: str) -> None:
    assert read_stamp(stamped(docx("x", title=title))) == STAMP


def test_the_stamp_is_read_back_where_the_title_looks_like_one() -> None:
    title = "identifier>ffffffffffffffff< created>1999-01-01T"
    assert read_stamp(stamped(docx("x", title=title))) == STAMP
    assert read_stamp(stamped(docx("x", title="{{ name }}"), name=title)) == STAMP


def test_the_stamp_is_read_back_behind_a_title_as_long_as_a_cell() -> None:
    letter = stamped(docx("x", title="{{ name }}"), name="<" * 32_767)
    assert read_stamp(letter) == STAMP


@pytest.mark.parametrize("what", FOREIGN)
def test_a_file_of_others_has_no_stamp(what: str) -> None:
    assert read_stamp(FOREIGN[what]) is None


def test_a_letter_that_word_saved_again_keeps_its_stamp() -> None:
    """Here python-docx stands in for Word: it writes the properties anew."""
    opened = Document(io.BytesIO(stamped(docx("x", title="T"))))
    opened.core_properties.last_modified_by = "Ann"
    saved = io.BytesIO()
    opened.save(saved)
    assert read_stamp(saved.getvalue()) == STAMP


def test_python_docx_reads_title_id_and_date() -> None:
    found = Document(io.BytesIO(stamped(marked_template()))).core_properties
    assert (found.title, found.identifier) == ("An appeal", STAMP.id)
    assert found.created is not None
    assert found.created.date() == STAMP.day
    assert (found.author, found.last_modified_by, found.keywords) == ("", "", "")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("For {{ name }}", "For Ann & <Bo>"),
        ("{{ name|upper }}", "ANN & <BO>"),
        ("T{% if name %} yes{% else %} no{% endif %}", "T yes"),
        ("R & D <x> {1}", "R & D <x> {1}"),
        ("{# note #}T", "T"),
    ],
)
def test_the_title_is_filled_as_the_text_is(title: str, expected: str) -> None:
    letter = stamped(docx("x", title=title), name="Ann & <Bo>")
    assert properties(letter)[f"{DC}title"] == expected


def test_a_subject_with_a_tag_is_filled_and_another_one_goes() -> None:
    filled = with_core(docx("x"), core(**{"dc:subject": "To {{ name }}"}))
    other = with_core(docx("x"), core(**{"dc:subject": "Secret plan"}))
    assert properties(stamped(filled))[f"{DC}subject"] == "To Ann"
    assert f"{DC}subject" not in properties(stamped(other))


def test_a_tag_in_a_property_that_goes_is_not_filled_and_harms_nothing() -> None:
    made = with_core(docx("x"), core(**{"cp:keywords": "{{ nobody.knows }}"}))
    assert properties(stamped(made)).keys() == {f"{DC}title", f"{DC}identifier", CREATED}


def test_a_title_of_another_program_is_found_wherever_its_part_lies() -> None:
    """Programs on .NET put it into package/services/metadata/core-properties."""
    elsewhere = "package/services/metadata/core-properties/1.psmdcp"
    made = with_core(docx("x"), core("For {{ name }}"), elsewhere)
    letter = stamped(made)
    assert properties(letter)[f"{DC}title"] == "For Ann"
    assert [n for n, part in members(letter).items() if MARKS["author"].encode() in part] == []


def test_each_property_part_is_declared_once() -> None:
    """Two core parts are a fault to python-docx and to Word."""
    for made in (marked_template(), docx("x"), with_core(docx("x"), core())):
        files = members(stamped(made))
        links = [str(e.get("Target")) for e in etree.fromstring(files["_rels/.rels"])]
        types = [e.get("PartName") for e in etree.fromstring(files["[Content_Types].xml"])]
        for part in (CORE, CUSTOM):
            assert [link.lstrip("/") for link in links].count(part) == 1
            assert types.count(f"/{part}") == 1


def test_the_ids_of_the_packages_relationships_are_not_doubled() -> None:
    made = with_core(docx("x"), core())
    links = members(made)["_rels/.rels"].decode().replace('Id="a"', 'Id="letter0"')
    letter = stamped(zipped({**members(made), "_rels/.rels": links}))
    ids = [e.get("Id") for e in etree.fromstring(members(letter)["_rels/.rels"])]
    assert len(set(ids)) == len(ids)


def test_the_same_stamp_gives_the_same_bytes_and_another_changes_nothing_else() -> None:
    compiled, values = template(marked_template()), freeze({"name": "Ann"})
    one, other = compiled.fill(values, STAMP), Stamp("f" * 16, dt.date(2027, 1, 1))
    assert compiled.fill(values, STAMP) == one
    before, after = members(one), members(compiled.fill(values, other))
    assert {name for name in before if before[name] != after[name]} == {CORE, CUSTOM}


def test_core_properties_of_another_type_of_link_are_not_kept_beside_ours() -> None:
    made = with_core(docx("x"), core())
    twice = members(made)["_rels/.rels"].decode()
    second = relation("z", f"{PACKAGE}/relationships/metadata/core-properties", CORE)
    links = twice.replace("</Relationships>", f"{second}</Relationships>")
    assert read_stamp(stamped(zipped({**members(made), "_rels/.rels": links}))) == STAMP


def test_a_damaged_letter_has_its_stamp_or_none() -> None:
    letter = stamped(docx("x", title="A title " * 200))
    start = letter.index(CORE.encode())
    for seed in range(300):
        dice, data = random.Random(seed), bytearray(letter)  # noqa: S311 - nothing secret
        data[dice.randrange(start, len(data))] = dice.randrange(256)
        assert read_stamp(bytes(data)) in {STAMP, None}, seed
