"""docs/templates.md is true: its examples are run here."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from docx import Document
from support import campaigns, workbooks
from support.documents import docx, paragraph, run
from support.filled_letters import faults, template

from merge.naming import placeholder_name
from merge.template.filters import TEMPLATE_FILTERS

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "templates.md").read_text(encoding="utf-8")
REFUSED = ("What a placeholder cannot do", "If you know docxtpl")
MISTAKES = "Common mistakes"
OTHERS = "Templates from other programs"
_CODE = re.compile(r"```\n(.*?)```|`([^`\n]+)`", re.DOTALL)
_TAG = re.compile(r"\{\{.*\}\}|\{%.*%\}", re.DOTALL)
_BLOCK = re.compile(r"\{%(p|tr|tc|r)? (if|for|else|elif|endif|endfor)\b")

Table = list[dict[str, str]]


def _sections() -> dict[str, str]:
    parts = re.split(r"^## (.+)\n", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


SECTIONS = _sections()


def _tables(text: str) -> Iterator[Table]:
    for lines in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        heads, _, *rows = [
            [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            for line in lines.splitlines()
        ]
        yield [dict(zip(heads, row, strict=True)) for row in rows]


def _codes(text: str) -> list[str]:
    """Return the code in a text that contains a placeholder or condition."""
    codes = (fenced or inline for fenced, inline in _CODE.findall(text))
    return [code.replace("\\|", "|").strip() for code in codes if _TAG.search(code)]


def _body(cell: str) -> str:
    """Return the body of a template from a cell of the page.

    `<br>` separates paragraphs, and ↵ is Shift+Enter.
    """
    lines = cell.replace("`", "").split("<br>")
    return "".join(paragraph(line.replace("↵", "\n")) for line in lines)


@dataclass(frozen=True)
class Example:
    """An example in a table: what is written, its cells, and the result."""

    written: str
    cells: dict[str, object]
    got: str


def _value(text: str) -> object:
    if text == "(blank)":
        return None
    if re.fullmatch(r"[1-9][\d.]*", text):
        return float(text) if "." in text else int(text)
    if re.fullmatch(r"\d+ [A-Z][a-z]+ \d{4}", text):
        day = dt.datetime.strptime(text, "%d %B %Y").replace(tzinfo=dt.UTC).date()
        return workbooks.Formatted(day, "d mmmm yyyy")
    return text.replace("⏎", "\n").replace("␣", " ")


def _cells(text: str) -> dict[str, object]:
    pairs = (part.split(" = ", 1) for part in text.split("; "))
    return {heading: _value(value) for heading, value in pairs}


EXAMPLES = [
    Example(row["You write"], _cells(row["Cells"]), row["You get"])
    for table in _tables(PAGE)
    for row in table
    if {"You write", "Cells", "You get"} <= row.keys()
]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    """The text that each example prints.

    One run has a recipient and a template for each example.
    """
    campaign = tmp_path_factory.mktemp("page")
    headings = sorted({h for e in EXAMPLES for h in e.cells} | {"Name", "Language"})
    rows = [
        [number, f"{number}.docx", *(({"Name": "Li"} | example.cells).get(h) for h in headings)]
        for number, example in enumerate(EXAMPLES)
    ]
    sheets: dict[str, workbooks.Rows] = {
        "Signers": [["Name"], ["Bo"]],
        "Recipients": [["ID", "Template", *headings], *rows],
    }
    names = [["Template", "0.docx"], ["File name", "{{ recipient.id }}"]]
    campaigns.make(campaign, "unused", Settings=names, **sheets)
    for number, example in enumerate(EXAMPLES):
        target = campaign / "templates" / f"{number}.docx"
        target.write_bytes(docx(_body(example.written)))
    ran = campaigns.merge("letters", campaign)
    assert ran.code == 0, ran.out + ran.err
    return {int(Path(name).stem): _text(path) for name, path in campaigns.letters(campaign).items()}


def _text(letter: Path) -> str:
    return "<br>".join(p.text for p in Document(str(letter)).paragraphs).translate(_SIGNS)


_SIGNS = {ord("\n"): "↵", 0x202F: " "}
"""Characters that the page shows in another way.

They are a line break, and a narrow space before `г.`.
"""


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_prints_what_templates_md_shows(number: int, printed: dict[int, str]) -> None:
    assert printed[number] == EXAMPLES[number].got


def test_every_filter_has_an_example_that_uses_it() -> None:
    (table,) = _tables(SECTIONS["Filters"])
    assert {row["Filter"] for row in table} == set(TEMPLATE_FILTERS)
    assert all(f"|{row['Filter']}" in row["You write"] for row in table)


def test_headings_give_the_placeholders_in_templates_md() -> None:
    (table,) = _tables(SECTIONS["Names"])
    assert len(table) > 5
    for row in table:
        root = row["In the sheet"].lower().removesuffix("s")
        assert row["Placeholder"] == f"`{{{{ {root}.{placeholder_name(row['Heading'])} }}}}`"


@pytest.mark.parametrize(
    "switch",
    [
        found
        for table in _tables(SECTIONS["Word's own merge fields"])
        for row in table
        for found in re.findall("`([^`]+)`", row["Switch"])
    ],
)
def test_every_switch_of_a_merge_field_in_templates_md_is_known(switch: str) -> None:
    field = f"<w:fldSimple w:instr='MERGEFIELD Recipient_Name {switch}'>{run('x')}</w:fldSimple>"
    assert faults(docx(paragraph(field))) == ()


def _completed(code: str) -> str:
    """Return a piece of a template with its missing conditions and loops.

    Those that the piece only opens are closed, and those that it only closes are opened.
    """
    text = re.sub(r"\{%(tr|tc) ", "{%p ", code)
    prefix, closers = "", []
    for scope, word in _BLOCK.findall(text):
        line, tag = "\n" if scope else "", f"{{%{scope and 'p'} "
        if word in {"if", "for"}:
            closers.append(f"{line}{tag}end{word} %}}")
        elif closers:
            closers = closers[: len(closers) - word.startswith("end")]
        else:
            opener = "for x in recipient.x|lines" if word == "endfor" else "if recipient.x"
            prefix = f"{tag}{opener} %}}{line}"
    return prefix + text + "".join(reversed(closers))


def _valid_codes() -> set[str]:
    titles = SECTIONS.keys() - {MISTAKES, OTHERS, *REFUSED}
    return {code for title in titles for code in _codes(SECTIONS[title])}


@pytest.mark.parametrize("code", sorted(_valid_codes()))
def test_every_placeholder_in_templates_md_compiles(code: str) -> None:
    body = "".join(paragraph(line.replace("↵", "\n")) for line in _completed(code).split("\n"))
    assert faults(docx(body)) == ()


@pytest.mark.parametrize("code", [c for t in REFUSED for c in _codes(SECTIONS[t])])
def test_code_that_templates_md_calls_refused_is_refused(code: str) -> None:
    assert any(fault.code.startswith("tag-") for fault in faults(docx(paragraph(code))))


@pytest.mark.parametrize("row", next(_tables(SECTIONS[OTHERS])), ids=lambda row: row["Here"])
def test_placeholders_of_other_programs_are_reported_and_ours_compile(row: dict[str, str]) -> None:
    for written in re.findall(r"`([^`]+)`", row["Another program"]):
        body = docx(paragraph(f"Dear {written}"))
        problems = faults(body) or template(body).problems
        assert {p.code for p in problems} & {"tag-foreign", "tag-syntax", "tag-unclosed"}, written
    assert faults(docx(paragraph(row["Here"].strip("`")))) == ()


MISTAKE_ROWS = next(_tables(SECTIONS[MISTAKES]))


@pytest.mark.parametrize("row", MISTAKE_ROWS, ids=lambda row: row["You wrote"])
def test_a_mistake_gives_the_problem_in_templates_md(row: dict[str, str], tmp_path: Path) -> None:
    headings = ["Name", "Country", "City", "Address", "Postal code"]
    people = [headings, ["Li", "Peru", None, "1 High St\nLeeds", "LS1"]]
    campaigns.make(tmp_path, docx(_body(row["You wrote"])), Recipients=people)
    problems = json.loads(campaigns.merge("check", tmp_path, "--json").out)["problems"]
    link = re.fullmatch(r"\[`(?P<code>[^`]+)`\]\(problems\.md#(?P=code)\)", row["Problem"])
    assert link
    assert link["code"] in {problem["code"] for problem in problems}


@pytest.mark.parametrize("row", MISTAKE_ROWS, ids=lambda row: row["You wrote"])
def test_the_correction_of_a_mistake_compiles(row: dict[str, str]) -> None:
    match = re.match(r"`[^`]*`(<br>`[^`]*`)*|Fill in the cell", row["Write instead"])
    assert match
    lines = [line.strip("`") for line in match[0].split("<br>")]
    body = "".join(map(paragraph, _completed("\n".join(lines)).split("\n")))
    assert faults(docx(body)) == ()


def test_every_picture_of_templates_md_exists_is_small_and_is_used() -> None:
    named = re.findall(r"!\[[^\]]+\]\(pictures/([^)]+)\)", PAGE)
    others = ("print-", "page-", "lists-", "start-", "windows-")
    pictures = [p for p in (DOCS / "pictures").iterdir() if not p.name.startswith(others)]
    files = {path.name: path.stat().st_size for path in pictures}
    assert sorted(named) == sorted(files)
    assert len(files) <= 8
    assert max(files.values()) < 60_000


def test_every_link_in_templates_md_leads_to_a_heading() -> None:
    anchors = {re.sub(r"[^\w\- ]", "", t).lower().replace(" ", "-") for t in SECTIONS}
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= anchors
