"""docxtpl's templates give docxtpl's letters; recorded cases stay equal."""

from __future__ import annotations

import functools
import io
import json
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from compatibility.compare import formatting_of, shown_of, text_of
from compatibility.features import FEATURES, Feature
from docxtpl import DocxTemplate
from support.documents import docx, paragraph, run
from support.docx_defects import defects
from support.docx_validation import findings
from support.everyday import everyday
from support.filled_letters import fill, members

RECORDED = Path(__file__).parent / "cases"
CASES = [*FEATURES, *sorted(p.name for p in RECORDED.glob("*") if (p / "template.docx").is_file())]


@dataclass(frozen=True)
class Case:
    """A template, its letter by this program, and the expected letter.

    `level` is text or formatting.
    """

    template: bytes
    letter: bytes
    expected: bytes
    level: str

    @classmethod
    def read(cls, folder: Path) -> Case:
        """Return a case from its folder."""
        template = (folder / "template.docx").read_bytes()
        context = json.loads((folder / "context.json").read_text(encoding="utf-8"))
        notes = folder / "notes.json"
        level = json.loads(notes.read_text(encoding="utf-8")) if notes.is_file() else {}
        expected = (folder / "expected.docx").read_bytes()
        return cls(template, fill(template, **context), expected, level.get("level", "formatting"))


def by_docxtpl(template: bytes, context: dict[str, Any]) -> bytes:
    """Return docxtpl's letter from a template, made as its manual says."""
    document, letter = DocxTemplate(io.BytesIO(template)), io.BytesIO()
    document.render(context, autoescape=True)
    document.save(letter)
    return letter.getvalue()


def record(folder: Path, feature: Feature) -> Path:
    """Record a case in a folder, with the file expected by docxtpl."""
    folder.mkdir()
    context = json.dumps(feature.context, ensure_ascii=False)
    (folder / "template.docx").write_bytes(feature.template)
    (folder / "context.json").write_text(context, encoding="utf-8")
    (folder / "expected.docx").write_bytes(by_docxtpl(feature.template, json.loads(context)))
    if feature.reason:
        notes = {"level": "text", "reason": feature.reason}
        (folder / "notes.json").write_text(json.dumps(notes), encoding="utf-8")
    return folder


@functools.cache
def case_of(name: str) -> Case:
    """Return a case of features.py, recorded now, or a recorded one."""
    if name not in FEATURES:
        return Case.read(RECORDED / name)
    with tempfile.TemporaryDirectory() as folder:
        return Case.read(record(Path(folder) / "case", FEATURES[name]))


@pytest.fixture(params=everyday(CASES, daily=range(6)))
def case(request: pytest.FixtureRequest) -> Case:
    """A compatibility case, one after the other."""
    return case_of(str(request.param))


def test_a_letter_has_the_text_of_docxtpls_letter_in_every_part(case: Case) -> None:
    assert text_of(case.letter) == text_of(case.expected)


def test_a_letter_has_the_formatting_of_docxtpls_valid_letter(case: Case) -> None:
    same = formatting_of(case.letter) == formatting_of(case.expected)
    if case.level == "text":
        assert not same, "the case need not be excused any more"
    else:
        assert formatting_of(case.letter) == formatting_of(case.expected)


def test_a_compatible_letter_has_no_finding_that_its_template_lacks(
    case: Case, tmp_path: Path
) -> None:
    broken_rules = findings(tmp_path, case.letter)
    assert (
        broken_rules - (findings(tmp_path, case.template) if broken_rules else broken_rules)
        == Counter()
    )
    new = defects(case.letter) - defects(case.template)
    values = {d for d in defects(case.expected) if "tag left over" in d}  # tags in a value are text
    assert new.keys() - values == set()


def test_the_compatibility_cases_compare_thirty_features_and_excuse_few() -> None:
    excused = [name for name, feature in FEATURES.items() if feature.reason]
    assert len(FEATURES) - len(excused) >= 30
    assert len(excused) < 10


def test_the_compatibility_comparison_finds_a_difference_of_text_or_format() -> None:
    unformatted, bold = docx("a b"), docx(paragraph("a ", run("b", "<w:b/>")))
    assert text_of(unformatted) == text_of(bold) == {**text_of(docx("a c")), **text_of(bold)}
    assert text_of(unformatted) != text_of(docx("a c"))
    assert formatting_of(unformatted) != formatting_of(bold)
    assert shown_of(docx("a\n\nb")) == shown_of(docx("a\nb"))


def test_the_compatibility_comparison_ignores_how_a_text_is_split_into_runs() -> None:
    cut = docx(paragraph("a", "", " ", "<w:proofErr w:type='spellStart'/>", "b"))
    assert formatting_of(cut) == formatting_of(docx("a b"))


def test_every_part_of_docxtpls_letter_is_compared(tmp_path: Path) -> None:
    header_case = Case.read(record(tmp_path / "case", FEATURES["a header"]))
    assert "word/header.xml" in formatting_of(header_case.letter)
    assert {n for n in members(header_case.expected) if n.startswith("word/")} == {
        n for n in members(header_case.letter) if n.startswith("word/")
    }
