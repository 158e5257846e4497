"""Letters open in LibreOffice, and follow the rules of the standard."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest
from support.documents import docx, note, paragraph, table, text_box
from support.docx_validation import findings, own_checks
from support.everyday import everyday
from support.filled_letters import fill
from support.office_programs import needs_libreoffice, pdf_text, soffice, to_pdf
from support.template_cases import CASES

from merge.errors import TemplateError
from merge.template.filters import TemplateValue

VALUES = {
    "ampersand": "Smith & Sons",
    "brackets": "A<b>",
    "body": "</w:body>",
    "comment": "<!-- x",
    "tag": "{{ secret }}",
    "accent": "Zoë",
    "emoji": "😀",
    "cyrillic": "Имя",
    "arabic": "مرحبا",
    "break": "one\ntwo",
    "tab": "one\ttwo",
    "spaces": "  two  spaces  ",
}
NOT_AS_TEXT = {"text box", "loop of text boxes", "every part"}
"""LibreOffice's plain text lacks text boxes and has marks for notes."""
PARTS = 6
"""Body, table, header, footer, text box, footnote."""


def everywhere(value: str) -> bytes:
    """Return a letter with the value in every possible place."""
    tag = "[{{ name }}]"
    body = paragraph(tag, note()) + table([tag]) + text_box(tag)
    return fill(docx(body, header=tag, footer=tag, footnotes=tag), name=value)


@pytest.mark.parametrize("name", everyday(CASES, daily=range(4)))
def test_a_letter_breaks_no_rule_of_the_standard_that_its_template_follows(
    name: str, tmp_path: Path
) -> None:
    case = CASES[name]
    letter = fill(case.template, **case.values)
    assert findings(tmp_path, letter) - findings(tmp_path, case.template) == Counter()


@pytest.mark.parametrize("name", everyday(CASES, daily=range(20)))
def test_a_letter_has_no_defects_that_only_these_tests_find(name: str) -> None:
    case = CASES[name]
    assert own_checks(fill(case.template, **case.values)) == []


def test_the_validity_checks_find_defects(tmp_path: Path) -> None:
    """A cell without a paragraph, half a bookmark, bare text, a leftover tag."""
    bad = docx("<w:tbl><w:tr><w:tc/></w:tr></w:tbl><w:p><w:bookmarkEnd w:id='1'/>x{{ a }}</w:p>")
    assert findings(tmp_path, bad)
    assert {"no paragraph at the end", "bookmark half"} < set(own_checks(bad))
    assert own_checks(docx("{{ a }}")) == ["{{ a }}"]


@pytest.mark.parametrize(
    "name", everyday([n for n, case in CASES.items() if case.plain], daily=range(8))
)
def test_plain_templates_are_valid_themselves(name: str, tmp_path: Path) -> None:
    assert findings(tmp_path, CASES[name].template) == Counter()


@pytest.mark.parametrize("value", everyday(VALUES.values(), daily=range(2)), ids=VALUES)
def test_a_letter_is_valid_with_every_unusual_value(value: str, tmp_path: Path) -> None:
    assert findings(tmp_path, everywhere(value)) == Counter()
    assert [defect for defect in own_checks(everywhere(value)) if defect != value] == []


@pytest.mark.parametrize(
    "body",
    [
        "<w:p><w:r><w:t>a</w:t></w:r><w:t>{%r if yes %}b{%r endif %}</w:t></w:p>",
        "<w:p><w:r><w:t>{%p if a %}</w:t><w:p><w:r><w:t>{%p endif %}</w:t></w:r></w:p></w:r></w:p>",
    ],
)
def test_a_template_with_text_outside_runs_or_paragraphs_inside_is_damaged(body: str) -> None:
    with pytest.raises(TemplateError, match="damaged or harmful"):
        fill(docx(body), yes=True, a=True)


@pytest.mark.slow
@pytest.mark.libreoffice
@needs_libreoffice
def test_libreoffice_prints_each_unusual_value_in_each_part(tmp_path: Path) -> None:
    """Right-to-left words and picture fonts are compared in the text."""
    shown = {n: v for n, v in VALUES.items() if n not in {"arabic", "emoji"}}
    letters = []
    for name, value in shown.items():
        letters.append(tmp_path / f"{name}.docx")
        letters[-1].write_bytes(everywhere(value))
    pdfs = to_pdf(letters, tmp_path)
    printed = {pdf.stem: "".join(pdf_text(pdf).split()) for pdf in pdfs}
    wanted = {name: f"[{''.join(value.split())}]" for name, value in shown.items()}
    assert {n: printed[n].count(wanted[n]) for n in wanted} == dict.fromkeys(wanted, PARTS)


@pytest.mark.slow
@pytest.mark.libreoffice
@needs_libreoffice
def test_libreoffice_reads_the_intended_text_of_each_letter(tmp_path: Path) -> None:
    """LibreOffice's plain text is compared exactly, spaces included."""
    values: dict[str, TemplateValue] = {f"v{n}": f"[{v}]" for n, v in enumerate(VALUES.values())}
    body = "\n".join(f"{{{{ {name} }}}}" for name in values)
    letters = {"values": (fill(body, **values), [str(value) for value in values.values()])}
    cases = [case for name, case in CASES.items() if name not in NOT_AS_TEXT]
    for number, case in enumerate(cases):
        letters[f"case{number}"] = (fill(case.template, **case.values), case.text)
    for name, (letter, _) in letters.items():
        (tmp_path / f"{name}.docx").write_bytes(letter)
    as_text(tmp_path)
    for name, (_, text) in letters.items():
        read = (tmp_path / f"{name}.txt").read_text(encoding="utf-8-sig")
        assert words(read) == words("\n".join(text)), name
    exact = (tmp_path / "values.txt").read_text(encoding="utf-8-sig")
    assert exact.split("\n") == "\n".join(letters["values"][1]).split("\n") + [""] * exact.endswith(
        "\n"
    )


def words(text: str) -> list[str]:
    """Return the visible characters in sorted order.

    A table's cells are on separate lines.
    """
    return sorted("".join(text.split()))


def as_text(folder: Path) -> None:
    command = [*soffice(), "--convert-to"]
    wanted = ["txt:Text (encoded):UTF8", "--outdir", str(folder)]
    letters = [str(path) for path in folder.glob("*.docx")]
    subprocess.run([*command, *wanted, *letters], check=True, capture_output=True, timeout=120)
