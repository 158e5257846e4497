"""Originals of letters: the parts come back from a difference, or nothing does."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import zipfile

import pytest
from support.campaigns import ROOT
from support.record_entries import DAY

from merge.ooxml.part_hashes import hash_parts, part_hash
from merge.ooxml.stamps import LetterStamp
from merge.state.originals import PackedParts, Parts, pack_original, pack_template, restore_original
from merge.template.fingerprint import output_hash
from merge.template.letter_values import convert_values
from merge.template.template import read_template

SHIPPED = ROOT / "templates" / "appeal.docx"


def parts_of(letter: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(letter)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def output_of(parts: Parts) -> bytes:
    return hash_parts({name: part_hash(data) for name, data in parts.items()})


def zipped(parts: Parts, level: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


@pytest.fixture(scope="module")
def letter() -> bytes:
    template = read_template(SHIPPED)
    roots: dict[str, dict[str, str]] = {"pair": {}, "settings": {}}
    for name, _ in template.uses:
        if name.field:
            roots.setdefault(name.root, {})[name.field] = f"Käthe {name.field}"
    return template.fill(convert_values(roots, DAY, "en"), LetterStamp("0123456789abcdef", DAY))


@pytest.fixture(scope="module")
def template() -> dict[str, bytes]:
    package = read_template(SHIPPED)._package  # noqa: SLF001 - the cleaned parts
    return {member.name: member.data for member in package.members}


def restored(original: PackedParts, template: Parts) -> Parts | None:
    return restore_original(original, pack_template(template))


def test_an_original_comes_back_from_its_difference(letter: bytes, template: Parts) -> None:
    parts = parts_of(letter)
    original = pack_original(parts, template)
    assert restored(original, template) == parts
    assert sum(map(len, original.values())) < 1_000
    assert 0 < len(original) < len(parts)


def test_acceptance_13_the_hash_of_a_letter_does_not_depend_on_its_compression(
    letter: bytes,
) -> None:
    parts = parts_of(letter)
    hashes = {output_hash(zipped(parts, level)) for level in (0, 1, 6, 9)}
    assert hashes == {output_hash(letter)} == {output_of(parts)}


_CREATE = """
import datetime as dt, sys
from pathlib import Path
if sys.argv[2] == "zlib":
    sys.modules["isal"] = None
from merge.ooxml.container import COMPRESSION
from merge.ooxml.stamps import LetterStamp
from merge.template.letter_values import convert_values
from merge.template.template import read_template
template = read_template(Path(sys.argv[1]))
roots = {"pair": {}, "settings": {}}
for name, _ in template.uses:
    if name.field:
        roots.setdefault(name.root, {})[name.field] = f"Käthe {name.field}"
values = convert_values(roots, dt.date(2026, 12, 2), "en")
letter = template.fill(values, LetterStamp("0" * 16, dt.date(2026, 12, 2)))
assert COMPRESSION == sys.argv[2]
sys.stdout.buffer.write(letter)
"""


def test_acceptance_13_a_letter_created_without_isal_has_an_equal_hash() -> None:
    pytest.importorskip("isal")
    letters = [
        subprocess.run(
            [sys.executable, "-c", _CREATE, str(SHIPPED), library],
            check=True,
            capture_output=True,
            cwd=ROOT,
        ).stdout
        for library in ("isal", "zlib")
    ]
    assert len({*letters}) == 2
    assert len({*map(output_hash, letters)}) == 1


def filler(rng: random.Random, count: int) -> list[bytes]:
    letters = b"abcdefghijklmnopqrstuvwxyz"
    words = [bytes(rng.choices(letters, k=rng.randint(2, 11))) for _ in range(4_000)]
    return [b"<w:p>" + b" ".join(rng.choices(words, k=90)) + b"</w:p>" for _ in range(count)]


def test_a_long_letter_needs_little_more_than_its_own_values() -> None:
    rng = random.Random(4)  # noqa: S311 - no secret
    paragraphs = filler(rng, 300)
    template = {"word/document.xml": b"".join(paragraphs)}
    places = {n: b"<w:p>Birnbaumgasse %d</w:p>" % n for n in range(0, 300, 40)}
    letter = b"".join(places.get(n, b"") + text for n, text in enumerate(paragraphs))
    parts = {"word/document.xml": letter}
    original = pack_original(parts, template)
    assert len(letter) > 150_000
    assert len(original["word/document.xml"]) < 13_000
    assert restored(original, template) == parts


def test_a_damaged_original_is_not_known(letter: bytes, template: Parts) -> None:
    parts = parts_of(letter)
    original, packed = pack_original(parts, template), pack_template(template)
    for name, text in original.items():
        for place in range(0, len(text), 5):
            damaged = restore_original({**original, name: text[:place]}, packed)
            assert damaged is None or damaged[name] == parts[name][: len(damaged[name])]
    name = next(iter(packed))
    for bad in ("", "?", "AAAA", None):
        assert restore_original(original, {**packed, name: bad}) is None  # type: ignore[dict-item]


def test_empty_and_new_parts_come_back() -> None:
    template = {"a": b"text", "b": b"x" * 50_000}
    parts = {"a": b"", "b": b"y" * 50_000, "c": b"new"}
    assert restored(pack_original(parts, template), template) == parts
