"""The Python API: `from merge import Template, create_letters`."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.campaigns import ROOT, make, merge, text
from support.documents import docx, paragraph

from merge import (
    DataError,
    MergeError,
    Template,
    TemplateError,
    UsageError,
    create_letters,
)

PAGE = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")


def test_the_examples_in_library_md_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "campaign"
    assert merge("new", folder).code == 0
    monkeypatch.chdir(folder)
    names: dict[str, object] = {}
    examples = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert len(examples) == 5
    for example in examples:
        exec(compile(example, "docs/library.md", "exec"), names)  # noqa: S102 - our own page
    assert Path("one.docx").exists()
    capsys.readouterr()


def _template(folder: Path, words: str) -> Template:
    path = folder / "t.docx"
    path.write_bytes(docx(paragraph(words)))
    return Template(path)


def _text(data: bytes, folder: Path) -> list[str]:
    path = folder / "rendered.docx"
    path.write_bytes(data)
    return text(path)


def test_render_accepts_headings_and_placeholder_names_as_keys(tmp_path: Path) -> None:
    template = _template(tmp_path, "To {{ recipient.postal_code }} {{ Recipient.City }}")
    for key in ("Postal code", "postal_code", "POSTAL  CODE"):
        letter = template.render(recipient={key: "10117", "City": "Berlin"})
        assert _text(letter, tmp_path) == ["To 10117 Berlin"]


def test_render_prints_values_as_cells_show_them(tmp_path: Path) -> None:
    template = _template(tmp_path, "A {{ signer.a }} B {{ signer.b }} C {{ signer.c }} {{ date }}")
    values = {"a": 5.0, "b": True, "c": dt.date(2026, 3, 4)}
    letter = template.render(signer=values, date=dt.date(2026, 1, 2), language="fr")
    assert _text(letter, tmp_path) == ["A 5 B TRUE C 4 mars 2026 2 janvier 2026"]


def test_render_formats_numbers_and_dates(tmp_path: Path) -> None:
    template = _template(tmp_path, "{{ signer.a|number('#,##0.00') }} {{ signer.c|date('yyyy') }}")
    letter = template.render(signer={"a": 1234.5, "c": dt.date(2026, 3, 4)})
    assert _text(letter, tmp_path) == ["1,234.50 2026"]


def test_render_reports_every_missing_value(tmp_path: Path) -> None:
    template = _template(tmp_path, "{{ recipient.nmae }} {{ settings.day }} {{ pair.note }}")
    with pytest.raises(DataError) as caught:
        template.render(recipient={"name": "Li"})
    texts = [str(problem) for problem in caught.value.problems]
    assert [re.search(r"for “(.*?)”", line)[1] for line in texts if "for “" in line] == [  # type: ignore[index]
        "recipient.nmae",
        "settings.day",
        "pair.note",
    ]
    assert "Did you mean recipient.name?" in texts[0]
    assert all("t.docx" in line for line in texts)


def test_render_reports_a_blank_in_a_sentence(tmp_path: Path) -> None:
    template = _template(tmp_path, "Dear {{ recipient.name }}, welcome")
    for blank in ("", None, "  "):
        with pytest.raises(DataError) as caught:
            template.render(recipient={"name": blank})
        assert [p.code for p in caught.value.problems] == ["blank-in-sentence"]


def test_render_accepts_a_blank_that_is_optional(tmp_path: Path) -> None:
    template = _template(tmp_path, "Dear {{ recipient.title|optional }} friend")
    assert _text(template.render(recipient={"title": None}), tmp_path) == ["Dear  friend"]


def test_render_refuses_values_that_no_cell_has(tmp_path: Path) -> None:
    template = _template(tmp_path, "{{ signer.name }}")
    with pytest.raises(TypeError, match="object"):
        template.render(signer={"name": object()})
    with pytest.raises(DataError):
        template.render(signer={"name": "a\x00b"})
    with pytest.raises(UsageError):
        template.render(signer={"name": "a"}, language="xx-nowhere")


def test_render_gives_the_same_bytes_for_the_same_values(tmp_path: Path) -> None:
    template = _template(tmp_path, "{{ signer.name }} {{ date }}")
    day = dt.date(2026, 3, 4)
    one, two = (template.render(signer={"name": "Ana"}, date=day) for _ in range(2))
    assert one == two


def test_a_template_with_an_error_raises_at_once(tmp_path: Path) -> None:
    with pytest.raises(TemplateError) as caught:
        _template(tmp_path, "{{ signer.name }")
    assert caught.value.problems[0].place.paragraph == 1
    with pytest.raises(TemplateError, match="File not found"):
        Template(tmp_path / "nowhere.docx")


def test_no_letters_are_created_if_there_are_errors(tmp_path: Path) -> None:
    make(tmp_path, Recipients=[["Name", "Salutation"], ["Li", "Dear Li"], ["", "Dear You"]])
    with pytest.raises(DataError) as caught:
        create_letters(tmp_path)
    assert {p.level for p in caught.value.problems} == {"error"}
    assert not (tmp_path / "letters").exists()
    created = create_letters(tmp_path, skip_errors=True)
    assert {step.state for step in created.letters} == {"new"}
    assert [p for p in created.problems if p.level == "error"]


def test_an_edited_letter_is_kept(tmp_path: Path) -> None:
    make(tmp_path)
    create_letters(tmp_path)
    [first, *_] = sorted((tmp_path / "letters").rglob("*.docx"))
    edited = docx(paragraph("Mine"))
    first.write_bytes(edited)
    states = [step.state for step in create_letters(tmp_path).letters]
    assert states.count("edited") == 1
    assert first.read_bytes() == edited


def test_a_folder_without_a_campaign_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MergeError, match=r"signers\.xlsx"):
        create_letters(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    "number", [float("nan"), float("inf"), 10**400], ids=["nan", "inf", "large"]
)
def test_render_refuses_a_number_that_excel_does_not_have(tmp_path: Path, number: float) -> None:
    template = _template(tmp_path, "{{ signer.a }}")
    with pytest.raises(DataError, match=r"signer\.a"):
        template.render(signer={"a": number})


def test_render_reports_an_invalid_value_with_its_field(tmp_path: Path) -> None:
    template = _template(tmp_path, "{{ signer.a }}")
    with pytest.raises(DataError) as caught:
        template.render(signer={"A": "x\x00", "b": "y\x01", "a": "z"})
    assert {(str(p.place), p.code) for p in caught.value.problems} == {
        ("signer.a", "character-forbidden"),
        ("signer.b", "character-forbidden"),
    }
    with pytest.raises(DataError, match="Two keys"):
        template.render(signer={"A": "x", "a": "z"})


def test_values_of_a_wrong_type_raise_type_error(tmp_path: Path) -> None:
    template = _template(tmp_path, "{{ signer.a }}")
    wrong: list[dict[str, Any]] = [
        {"signer": "Ana"},
        {"signer": {5: "x"}},
        {"date": "2026-01-01"},
        {"language": None},
    ]
    for values in wrong:
        with pytest.raises(TypeError):
            template.render(**{"signer": {"a": "x"}, **values})
    with pytest.raises(TypeError, match="list"):
        create_letters(make(tmp_path / "one"), names="Ana Ruiz")


def test_an_unknown_name_is_an_error(tmp_path: Path) -> None:
    make(tmp_path)
    with pytest.raises(UsageError, match="Nobody At All"):
        create_letters(tmp_path, names=["Nobody At All"])


def test_importing_the_api_loads_no_libraries_for_word_and_excel() -> None:
    code = "import sys, merge; print({'lxml', 'docxtpl', 'openpyxl', 'babel'} & set(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert result.stdout.strip() == "set()"


def test_a_path_that_no_disk_allows_is_an_error() -> None:
    for path in ("x" * 300, "x/" * 3000):
        with pytest.raises(UsageError, match="too long"):
            create_letters(path)
