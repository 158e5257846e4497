"""The work for long inputs grows in proportion to their length.

Four times the input costs about four times the processor time, never sixteen times. Limits are
ratios, and the inputs are those that people and strangers can make long.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from support.campaigns import make, merge
from support.documents import docx, paragraph, run
from support.everyday import everyday
from support.imports import HEADINGS, response, text

from merge import Template
from merge.errors import MergeError

Work = Callable[[], object]
_LEAST_MEASURED = 0.25
"""Processor seconds below which growth is not measured.

The large tasks here take about 0.1.
"""
_MAX_GROWTH = 6
CHARACTERS = (
    "a",
    "1",
    '"',
    "@",
    " x",
    ",",
    "\n",
    "(",
    "/",
    ".",
    "&",
    "?",
    "-",
    "é",
    "Ã©",
    "x@y.z ",
)


def grows(make_work: Callable[[int], Work], size: int) -> str:
    """Return how the work grew for four times the input, in words.

    It is empty if the growth was in proportion.
    """
    large = _seconds(make_work(4 * size))
    if large < _LEAST_MEASURED:
        return ""
    small = min(_seconds(make_work(size)) for _ in range(3))
    large = min(large, _seconds(make_work(4 * size)))
    return (
        f"{small:.2f} s, then {large:.2f} s"
        if large > max(_LEAST_MEASURED, _MAX_GROWTH * small)
        else ""
    )


def _seconds(work: Work) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def import_of(folder: Path, content: str) -> Work:
    (folder / "answers.csv").write_text(content, encoding="utf-8")
    return lambda: merge("import", folder / "answers.csv", folder, "--dry-run", "--json")


@pytest.mark.parametrize("character", everyday(CHARACTERS, (0, 2)))
def test_import_time_is_proportional_to_a_long_cell_heading_or_file(
    tmp_path: Path, character: str
) -> None:
    make(tmp_path)
    other_rows = [response(2, "Bo Berg"), response(3, "Cy Dahl")]

    def in_column(column: int, size: int) -> Work:
        row = response(1, "Ana Ruiz")
        row[column] = character * size
        return import_of(tmp_path, text([row, *other_rows]))

    def in_heading(size: int) -> Work:
        headings = [*HEADINGS[:-1], f"{HEADINGS[-1]} {character * size}"]
        return import_of(tmp_path, text(other_rows, headings))

    for column in (1, 2, 3, 4, 8):
        assert grows(partial(in_column, column), 15_000) == "", HEADINGS[column]
    assert grows(in_heading, 15_000) == ""
    assert grows(lambda size: import_of(tmp_path, character * size), 50_000) == ""


@pytest.mark.parametrize("character", everyday(CHARACTERS, (0,)))
def test_check_time_is_proportional_to_a_long_cell(tmp_path: Path, character: str) -> None:
    def checked(column: int, size: int) -> Work:
        row = ["Ana Ruiz", "Bern", "no"]
        row[column] = character * size
        folder = make(tmp_path / f"{column} {size}", Signers=[["Name", "Town", "Include"], row])
        return lambda: merge("check", folder, "--json")

    for column in range(3):
        assert grows(partial(checked, column), 8_000) == ""


@pytest.mark.slow
def test_check_time_is_proportional_to_signers_with_the_same_name(tmp_path: Path) -> None:
    def checked(size: int) -> Work:
        rows = [["Name", "Town"], *(["Ana Ruiz", f"Town {number}"] for number in range(size))]
        folder = make(tmp_path / str(size), Signers=rows, Recipients=[["Name"], ["Minister Li"]])
        return lambda: merge("check", folder, "--json")

    assert grows(checked, 800) == ""


SIMILAR_RESPONSES = {
    "name": lambda n: response(n, "Ana Ruiz"),
    "name and street": lambda n: response(n, "Ana Ruiz", street="1 Larkspur Terrace"),
    "e-mail": lambda n: response(n, f"Ana Ruiz{n % 26}", email="ana@mailbox.example"),
    "consent": lambda n: response(n, "Ana Ruiz", agrees="perhaps"),
}


@pytest.mark.slow
@pytest.mark.parametrize("same", SIMILAR_RESPONSES)
def test_import_time_is_proportional_to_similar_responses(tmp_path: Path, same: str) -> None:
    make(tmp_path)
    rows = SIMILAR_RESPONSES[same]
    assert grows(lambda size: import_of(tmp_path, text([*map(rows, range(size))])), 300) == ""


WORDS = ("{", "{{", "{#", "«", "<<", "[A", "%A", "${a", "_", '"', "C:\\", "Ana Ruiz ", "a", "a ")


@pytest.mark.parametrize("words", everyday(WORDS, (1, 11)))
def test_check_time_is_proportional_to_a_long_paragraph(tmp_path: Path, words: str) -> None:
    def checked(size: int, *, runs: bool) -> Work:
        long = run(words) * (size // 4) if runs else run(words * size)
        folder = make(tmp_path / f"{runs} {size}", docx(paragraph(long)))
        return lambda: merge("check", folder, "--json")

    for runs in (False, True):
        assert grows(partial(checked, runs=runs), 1_000) == ""


@pytest.mark.parametrize("count", [2_000, 80_000])
def test_an_element_with_too_many_attributes_is_refused(tmp_path: Path, count: int) -> None:
    attributes = " ".join(f'w:a{number}="x"' for number in range(count))
    path = tmp_path / "appeal.docx"
    path.write_bytes(docx(f"<w:p {attributes}>{run('Dear {{ signer.name }},')}</w:p>"))
    with pytest.raises(MergeError, match="more than 1,000 attributes on one element"):
        Template(path)
