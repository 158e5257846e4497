"""Document properties of a letter: only its title, ID and date."""

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

from merge.ooxml.stamps import LetterStamp, read_stamp
from merge.template.filters import freeze

STAMP = LetterStamp("0123456789abcdef", dt.date(2026, 3, 4))
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


def stamped(data: bytes, stamp: LetterStamp | None = STAMP, **values: str) -> bytes:
    return template(data).fill(freeze({"name": "Ann", **values}), stamp)


def properties(letter: bytes) -> dict[str, str | None]:
    """Return the core properties by name."""
    return {str(e.tag): e.text for e in etree.fromstring(members(letter)[CORE])}


def test_a_letter_has_title_id_and_date_and_no_other_core_property() -> None:
    assert properties(stamped(marked_template())) == {
        f"{DC}title": "An appeal",
        f"{DC}identifier": STAMP.id,
        CREATED: "2026-03-04T00:00:00Z",
    }


def test_the_only_custom_property_of_a_letter_is_its_id() -> None:
    custom = etree.fromstring(members(stamped(marked_template()))[CUSTOM])
    assert [(p.get("name"), "".join(map(str, p.itertext()))) for p in custom] == [
        ("Letter", STAMP.id)
    ]


def test_a_letter_without_a_stamp_has_only_a_title() -> None:
    letter = stamped(marked_template(), None)
    assert properties(letter) == {f"{DC}title": "An appeal"}
    assert read_stamp(letter) is None


@pytest.mark.parametrize("title", ["", "T", "For {{ name }}", "T{% if name %} x{% endif %}"])
def test_the_stamp_of_a_letter_can_be_read(title: str) -> None:
    assert read_stamp(stamped(docx("x", title=title))) == STAMP


def test_the_stamp_of_a_letter_can_be_read_if_its_title_looks_like_one() -> None:
    title = "identifier>ffffffffffffffff< created>1999-01-01T"
    assert read_stamp(stamped(docx("x", title=title))) == STAMP
    assert read_stamp(stamped(docx("x", title="{{ name }}"), name=title)) == STAMP


def test_the_stamp_of_a_letter_can_be_read_after_a_title_as_long_as_a_cell() -> None:
    letter = stamped(docx("x", title="{{ name }}"), name="<" * 32_767)
    assert read_stamp(letter) == STAMP


@pytest.mark.parametrize("what", FOREIGN)
def test_a_file_of_another_program_has_no_stamp(what: str) -> None:
    assert read_stamp(FOREIGN[what]) is None


def test_a_letter_that_word_saved_again_keeps_its_stamp() -> None:
    """python-docx replaces Word here: it writes the properties again."""
    document = Document(io.BytesIO(stamped(docx("x", title="T"))))
    document.core_properties.last_modified_by = "Ann"
    saved = io.BytesIO()
    document.save(saved)
    assert read_stamp(saved.getvalue()) == STAMP


def test_python_docx_reads_title_id_and_date_of_a_letter() -> None:
    core_properties = Document(io.BytesIO(stamped(marked_template()))).core_properties
    assert (core_properties.title, core_properties.identifier) == ("An appeal", STAMP.id)
    assert core_properties.created is not None
    assert core_properties.created.date() == STAMP.day
    assert (core_properties.author, core_properties.last_modified_by, core_properties.keywords) == (
        "",
        "",
        "",
    )


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
def test_placeholders_in_the_title_are_filled(title: str, expected: str) -> None:
    letter = stamped(docx("x", title=title), name="Ann & <Bo>")
    assert properties(letter)[f"{DC}title"] == expected


def test_a_subject_with_a_placeholder_is_filled_and_any_other_is_removed() -> None:
    filled = with_core(docx("x"), core(**{"dc:subject": "To {{ name }}"}))
    other = with_core(docx("x"), core(**{"dc:subject": "Secret plan"}))
    assert properties(stamped(filled))[f"{DC}subject"] == "To Ann"
    assert f"{DC}subject" not in properties(stamped(other))


def test_a_placeholder_in_a_removed_property_is_ignored() -> None:
    source = with_core(docx("x"), core(**{"cp:keywords": "{{ nobody.knows }}"}))
    assert properties(stamped(source)).keys() == {f"{DC}title", f"{DC}identifier", CREATED}


def test_a_title_is_found_in_any_core_properties_part() -> None:
    """Programs on .NET use package/services/metadata/core-properties."""
    elsewhere = "package/services/metadata/core-properties/1.psmdcp"
    source = with_core(docx("x"), core("For {{ name }}"), elsewhere)
    letter = stamped(source)
    assert properties(letter)[f"{DC}title"] == "For Ann"
    assert [n for n, part in members(letter).items() if MARKS["author"].encode() in part] == []


def test_each_property_part_of_a_letter_is_declared_once() -> None:
    """Two core parts are an error to python-docx and Word."""
    for source in (marked_template(), docx("x"), with_core(docx("x"), core())):
        files = members(stamped(source))
        links = [str(e.get("Target")) for e in etree.fromstring(files["_rels/.rels"])]
        types = [e.get("PartName") for e in etree.fromstring(files["[Content_Types].xml"])]
        for part in (CORE, CUSTOM):
            assert [link.lstrip("/") for link in links].count(part) == 1
            assert types.count(f"/{part}") == 1


def test_relationship_ids_of_a_letter_are_unique() -> None:
    source = with_core(docx("x"), core())
    links = members(source)["_rels/.rels"].decode().replace('Id="a"', 'Id="letter0"')
    letter = stamped(zipped({**members(source), "_rels/.rels": links}))
    ids = [e.get("Id") for e in etree.fromstring(members(letter)["_rels/.rels"])]
    assert len(set(ids)) == len(ids)


def test_a_stamp_only_changes_the_property_parts() -> None:
    compiled, values = template(marked_template()), freeze({"name": "Ann"})
    letter, other_stamp = compiled.fill(values, STAMP), LetterStamp("f" * 16, dt.date(2027, 1, 1))
    assert compiled.fill(values, STAMP) == letter
    old_parts, new_parts = members(letter), members(compiled.fill(values, other_stamp))
    assert {name for name in old_parts if old_parts[name] != new_parts[name]} == {CORE, CUSTOM}


def test_core_properties_with_another_relationship_type_are_removed() -> None:
    source = with_core(docx("x"), core())
    old_links = members(source)["_rels/.rels"].decode()
    second = relation("z", f"{PACKAGE}/relationships/metadata/core-properties", CORE)
    links = old_links.replace("</Relationships>", f"{second}</Relationships>")
    assert read_stamp(stamped(zipped({**members(source), "_rels/.rels": links}))) == STAMP


def test_a_damaged_letter_has_its_stamp_or_none() -> None:
    letter = stamped(docx("x", title="A title " * 200))
    start = letter.index(CORE.encode())
    for seed in range(300):
        dice, data = random.Random(seed), bytearray(letter)  # noqa: S311 - nothing secret
        data[dice.randrange(start, len(data))] = dice.randrange(256)
        assert read_stamp(bytes(data)) in {STAMP, None}, seed
