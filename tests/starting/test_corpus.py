"""The corpus of letters is consistent, and programs open its files."""

from __future__ import annotations

import io
import re
import time
from collections import Counter
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from starting.corpus import (
    Case,
    cases,
    held_out_cases,
    judge,
    judge_letters,
    third_cases,
    true_places,
    unseen_cases,
)
from starting.corpus.judging import Place
from starting.corpus.truth import FOLDER, read_appeal
from support.documents import BODY
from support.docx_defects import defects
from support.docx_validation import findings
from support.everyday import everyday
from support.filled_letters import members
from support.office_programs import to_pdf

from merge.ooxml.kinds import WORD, FileKind
from merge.ooxml.package import detect_kind
from merge.proofreading.text import plain_text, unreadable_reason

ALL = (*cases(), *unseen_cases(), *held_out_cases(), *third_cases())
ACCEPTED = [case for case in ALL if case.refusal is None]
SAMPLE = everyday(ACCEPTED, range(0, len(ACCEPTED), 10))
REFUSED = [case for case in cases() if case.refusal]
WITH_SEVERAL = [case for case in ACCEPTED if case.kind == "letters"]
WITH_WORKBOOK = [case for case in ALL if case.kind == "workbook"]


_LETTERS: dict[str, list[tuple[bytes, list[str]]]] = {}


def _letters(case: Case) -> list[tuple[bytes, list[str]]]:
    """Return each letter of a case, with its paragraphs as the truth has them."""
    if case.name not in _LETTERS:
        texts = [[p.text for p in letter] for letter in case.expected().letters]
        _LETTERS[case.name] = list(zip(case.letter_files().values(), texts, strict=True))
    return _LETTERS[case.name]


def test_the_corpus_has_80_cases_in_eight_languages() -> None:
    kinds, languages = (Counter(values) for values in zip(*map(_facts, cases()), strict=True))
    total = len(cases())
    assert total >= 80
    assert len(languages) >= 8
    assert len({case.appeal_name for case in cases()}) >= 25
    shares = {kind: count / total for kind, count in kinds.items()}
    assert shares == pytest.approx({"letters": 0.5, "workbook": 0.3, "alone": 0.2}, abs=0.05)


def _facts(case: Case) -> tuple[str, str]:
    return case.kind, case.language


def test_each_case_of_the_corpus_has_its_own_name_and_each_appeal_a_case() -> None:
    names = Counter(case.name for case in ALL)
    assert [name for name, count in names.items() if count > 1] == []
    assert {case.appeal_name for case in ALL} == set(_appeal_names())


def _appeal_names() -> list[str]:
    paths = (path.relative_to(FOLDER).with_suffix("") for path in FOLDER.rglob("*.txt"))
    return [path.as_posix() for path in paths]


def test_the_cases_of_the_corpus_that_only_measure_have_appeals_of_their_own() -> None:
    sets = unseen_cases(), held_out_cases(), third_cases()
    assert [len(one) for one in sets] == [57, 24, 44]
    assert all(len({case.language for case in one}) >= 8 for one in sets)
    assert all({case.kind for case in one} == {"letters", "workbook", "alone"} for one in sets)
    appeals = [{case.appeal_name for case in one} for one in (cases(), *sets)]
    assert len(set().union(*appeals)) == sum(map(len, appeals))


def test_the_corpus_has_every_program_container_slip_and_refusal() -> None:
    shapes = [shape for case in cases() for shape in case.shapes]
    assert {shape.writer for shape in shapes} == {"word", "word2007", "libreoffice", "google"}
    containers = Counter(name for shape in shapes for name in shape.containers.values())
    assert set(containers) - {"paragraphs"} == {
        "breaks",
        "cell",
        "rows",
        "frame",
        "box",
        "control",
        "fields",
    }
    assert {shape.numbering for shape in shapes} == {"automatic", "dashes", "bullets", "numbers"}
    assert any(shape.envelope for shape in shapes)
    assert any(shape.spaced for shape in shapes)
    assert len({slip.kind for case in cases() for slip in case.slips}) == 10
    assert len({case.refusal for case in cases() if case.refusal}) == 11


@pytest.mark.parametrize("case", SAMPLE, ids=str)
def test_a_letter_of_the_corpus_has_the_text_of_its_appeal(case: Case) -> None:
    for data, paragraphs in _letters(case):
        assert plain_text(data, case.name).split("\n") == "\n".join(paragraphs).split("\n")


@pytest.mark.parametrize("case", SAMPLE, ids=str)
def test_a_letter_of_the_corpus_is_opened_by_python_docx(case: Case) -> None:
    for data, paragraphs in _letters(case):
        texts = {paragraph.text for paragraph in Document(io.BytesIO(data)).paragraphs}
        assert texts & set(paragraphs)


@pytest.mark.parametrize("case", SAMPLE, ids=str)
def test_a_letter_of_the_corpus_has_all_constant_lines(case: Case) -> None:
    lines = [line.pieces for _, block in case.appeal.blocks for line in block]
    constant = [p for pieces in lines for p in pieces if len(pieces) == 1 and not p.column]
    slips = [slip.old for slip in case.slips]
    for data, _ in _letters(case):
        text = plain_text(data, case.name)
        for piece in constant:
            is_here = all(cell in text for cell in piece.text.split(" || "))
            assert is_here or any(slip in piece.text for slip in slips)


@pytest.mark.parametrize("case", WITH_SEVERAL, ids=str)
def test_letters_of_one_appeal_in_the_corpus_differ(case: Case) -> None:
    texts = ["\n".join(paragraphs) for _, paragraphs in _letters(case)]
    assert len(set(texts)) == len(texts)
    common = set(texts[0].split("\n")).intersection(*(text.split("\n") for text in texts))
    assert sum(map(len, common)) > 100


@pytest.mark.parametrize("case", SAMPLE, ids=str)
def test_the_expected_values_of_the_corpus_are_in_the_letters(case: Case) -> None:
    columns = case.expected().columns
    assert any(column.is_required for column in columns)
    for number, (data, _) in enumerate(_letters(case)):
        text = plain_text(data, case.name).casefold()
        for column in columns:
            for line in column.values[number].split("\n"):
                assert line.casefold() in text


def test_a_required_column_of_several_letters_in_the_corpus_has_different_values() -> None:
    for case in WITH_SEVERAL:
        for column in case.expected().columns:
            assert column.is_required == (len(set(column.values)) > 1)


@pytest.mark.parametrize("case", everyday(WITH_WORKBOOK, range(0, 35, 10)), ids=str)
def test_the_workbook_of_a_case_in_the_corpus_has_the_values(case: Case, tmp_path: Path) -> None:
    path = case.write(tmp_path).workbook
    assert path is not None
    book = load_workbook(path)
    cells = {
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row
    }
    headings = {
        str(cell).casefold() for sheet in book for cell in next(sheet.iter_rows(values_only=True))
    }
    for column in case.expected().columns:
        if column.is_required:
            assert column.values[0] in cells
            assert column.headings & headings or not column.headings


def test_a_held_out_letter_of_the_corpus_is_not_one_of_the_letters() -> None:
    held_out = [(case, case.expected().held_out) for case in ACCEPTED]
    others = [(case, letter) for case, letter in held_out if letter is not None]
    assert len(others) >= 60
    for case, letter in others:
        assert letter.paragraphs not in [tuple(paragraphs) for _, paragraphs in _letters(case)]


def test_a_held_out_letter_of_the_corpus_differs_only_in_columns_of_the_letters() -> None:
    for case in ACCEPTED:
        expected = case.expected()
        columns = {column.name: column for column in expected.columns}
        for name, value in expected.held_out.values.items() if expected.held_out else ():
            column = columns.get(name)
            may_differ = column is not None and column.is_required
            assert may_differ or value == (column.values[0] if column else ""), (case.name, name)


@pytest.mark.parametrize("case", SAMPLE, ids=str)
def test_the_true_placeholders_of_the_corpus_are_judged_right(case: Case) -> None:
    for number in range(len(case.people)):
        verdict = judge(case, true_places(case, number), number)
        assert verdict.right
        assert (verdict.wrong, verdict.missed, verdict.partial) == ((), (), ())
        nothing = judge(case, (), number)
        assert (nothing.missed, nothing.right) == (verdict.right, ())


@pytest.mark.parametrize("case", SAMPLE, ids=str)
def test_a_sentence_of_the_corpus_that_becomes_a_placeholder_is_judged_wrong(case: Case) -> None:
    paragraphs = case.expected().letters[0]
    number, text = max(enumerate(p.text for p in paragraphs), key=lambda pair: len(pair[1]))
    verdict = judge(case, [Place(number, 0, len(text))])
    assert verdict.wrong == verdict.in_texts == (text.strip(),)


def test_wrong_words_of_each_letter_of_the_corpus_count_once() -> None:
    case = WITH_SEVERAL[0]
    letters = case.expected().letters
    same = set.intersection(*({p.text for p in letter if len(p.pieces) == 1} for letter in letters))
    text = max(same, key=len)
    places = [
        [Place(number, 0, len(text)) for number, p in enumerate(letter) if p.text == text]
        for letter in letters
    ]
    assert judge_letters(case, places).wrong == (text,)
    assert judge_letters(case, [[], *places[1:]]).wrong == (text,)


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_a_refused_file_of_the_corpus_is_what_it_should_be(case: Case) -> None:
    files = case.letter_files()
    texts = [plain_text(data, name) for name, data in files.items()]
    first = next(iter(files.values()))
    kinds = {"password": FileKind.ENCRYPTED, "old format": FileKind.DOC, "macros": FileKind.DOCM}
    match case.refusal:
        case "password" | "old format" | "macros" as reason:
            assert detect_kind(first, WORD) == kinds[reason]
        case "damaged":
            assert unreadable_reason(first, case.name) == ""
        case "no text":
            assert unreadable_reason(first, case.name) == "/no-text"
        case "tracked changes":
            assert b"<w:ins " in members(first)[BODY]
        case "a template":
            assert "{{ signer.name }}" in texts[0]
        case "the same letter twice":
            assert len(texts) == 2
            assert texts[0] == texts[1]
        case "too many letters":
            assert len(set(texts)) == 21
        case "different appeals":
            assert len(set(texts[0].split("\n")) & set(texts[1].split("\n"))) < 4
        case "no one of the workbook":
            assert case.workbook is not None
            assert set(case.workbook.left_out) == {"r1", "s1"}
        case _:
            raise AssertionError(case.refusal)


def test_a_slip_in_the_corpus_is_in_one_letter() -> None:
    for case in ALL:
        for slip in case.slips:
            texts = ["\n".join(paragraphs) for _, paragraphs in _letters(case)]
            if slip.kind == "blank paragraph":
                with_slip = [n for n, t in enumerate(texts) if re.search(f"{slip.old}.*\n\n", t)]
            else:
                with_slip = [n for n, t in enumerate(texts) if not _has(t, slip.old, slip.new)]
            assert with_slip == [slip.letter]
            assert slip.new in texts[slip.letter]


def _has(text: str, old: str, new: str) -> bool:
    """Return whether a text has the old words, and not the new ones."""
    return old in text and not (new and new in text)


@pytest.mark.slow
def test_all_cases_of_the_corpus_are_written_in_20_seconds(tmp_path: Path) -> None:
    start = time.process_time()
    for number, case in enumerate(ALL):
        folder = tmp_path / str(number)
        folder.mkdir()
        files = case.write(folder)
        assert files.letters
        assert (files.workbook is not None) == (case.kind == "workbook")
    assert time.process_time() - start < 20


def test_an_appeal_of_the_corpus_has_three_recipients_and_a_page_of_text() -> None:
    for name in _appeal_names():
        appeal = read_appeal(name)
        assert len(appeal.sheets["r"].rows) == 3
        words = [
            piece.text for _, lines in appeal.blocks for line in lines for piece in line.pieces
        ]
        assert len("".join(words)) > (250 if appeal.language in ("zh", "ja", "ko") else 600)


@pytest.mark.slow
@pytest.mark.parametrize("case", ACCEPTED, ids=str)
def test_a_letter_of_the_corpus_is_valid_for_word(case: Case, tmp_path: Path) -> None:
    for data, _ in _letters(case):
        assert not defects(data)
        assert [rule for rule in findings(tmp_path, data) if "'smartTag'" not in rule] == []


@pytest.mark.slow
@pytest.mark.libreoffice
def test_all_letters_of_the_corpus_are_opened_by_libreoffice(tmp_path: Path) -> None:
    letters = list[Path]()
    for number, case in enumerate(ACCEPTED):
        for data in case.letter_files().values():
            letters.append(tmp_path / f"{number}-{len(letters)}.docx")
            letters[-1].write_bytes(data)
    pdfs = to_pdf(letters, tmp_path)
    assert len(pdfs) == len(letters)
    assert all(pdf.stat().st_size > 5000 for pdf in pdfs)
