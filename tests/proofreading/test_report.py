"""The report to sign off, and the document with each distinct block once."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as WordDocument
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openxml_audit import OpenXmlValidator
from support.documents import block, docx, paragraph, run, table
from support.everyday import everyday
from support.office_programs import needs_calc, pages, pdf_text, to_pdf
from support.proofread_letters import (
    LINES,
    RECIPIENTS,
    SIGNERS,
    Campaign,
    Edits,
    edit_letter,
    make_campaign,
)

from merge.problems import Place, Problem
from merge.proofreading.report import make_proof_document, make_report
from merge.values import WorkbookValue

ANA_LI = ("Ana Ruiz", "Minister Wei Li")
USUAL = make_campaign()
LETTER = USUAL.created(*ANA_LI)
EDITS = {
    ANA_LI: edit_letter(LETTER, ("everybody", "them all")),
    ("Bo Berg", "Minister Wei Li"): USUAL.created("Bo Berg", "Consul Asha Roy"),
}


def reported(
    proofread_campaign: Campaign, edits: Edits | None = None, *general: Problem
) -> Workbook:
    data = make_report(proofread_campaign.review(edits), proofread_campaign.people, general)
    return load_workbook(io.BytesIO(data), rich_text=True)


def rows(book: Workbook, sheet: str) -> list[list[str]]:
    """Return a sheet's cells as text, without blank rows."""
    texts = [
        ["" if v is None else str(v) for v in row]
        for row in book[sheet].iter_rows(values_only=True)
    ]
    return [row for row in texts if any(row)]


def marked(cell: object) -> list[TextBlock]:
    """Return the stretches of a cell's text that have their own format."""
    assert isinstance(cell, CellRichText)
    return [part for part in cell if isinstance(part, TextBlock)]


def test_the_proofreading_report_has_letters_that_need_review_first() -> None:
    first, swapped, changed, *others = rows(reported(USUAL, EDITS), "Letters")
    assert first == ["Signer", "Recipient", "File", "Verdict", "What"]
    assert swapped[:4] == [
        "Bo Berg",
        "Minister Wei Li",
        "Bo Berg/Minister Wei Li.docx",
        "needs review",
    ]
    assert (
        "line “Consul Asha Roy” (paragraph 1): This is the data of another recipient" in swapped[4]
    )
    assert changed[:4] == [*ANA_LI, "Ana Ruiz/Minister Wei Li.docx", "needs review"]
    assert [row[3:] for row in others] == [["no problems", ""]] * 4


def test_the_report_highlights_the_words_that_differ() -> None:
    book = reported(USUAL, {ANA_LI: EDITS[ANA_LI]})
    _, change = book["Differences"].iter_rows(values_only=True)
    assert [str(value) for value in change] == [
        "Ana Ruiz/Minister Wei Li.docx",
        "body, paragraph 5",
        "I ask you to release everybody.",
        "I ask you to release them all.",
    ]
    before, after = map(marked, change[2:])
    assert [b.text for b in before if b.font.strike] == [" everybody"]
    assert [b.text for b in after if b.font.b] == [" them all"]


def test_a_report_without_differences_says_so() -> None:
    assert rows(reported(USUAL), "Differences")[1:] == [["No differences", "", "", ""]]


def test_every_row_of_the_report_is_as_high_as_its_text() -> None:
    letters = reported(USUAL, EDITS)["Letters"]
    heights = [letters.row_dimensions[number].height or 0 for number in range(2, 5)]
    problems = [str(letters.cell(number, 5).value or "") for number in range(2, 5)]
    lines = [max(1, -(-len(problem) // 75)) for problem in problems]  # 75 characters wide
    assert all(height >= 13.5 * count for height, count in zip(heights, lines, strict=True))
    assert max(lines) > 1


def test_the_report_counts_letters_with_each_column() -> None:
    counts = rows(reported(USUAL), "Columns")
    assert counts[0] == ["Sheet", "Column", "Letters with its values", "Letters read"]
    swapped = make_campaign(LINES.replace("recipient.street", "signer.street"))
    assert ["Recipients", "Street", "0", "6"] in rows(reported(swapped), "Columns")
    assert ["Recipients", "City", "6", "6"] in rows(reported(swapped), "Columns")


def test_the_report_has_fields_to_sign() -> None:
    problem = Problem("x", Place("appeal.docx"), "all letters are odd.", "Look.", "warning")
    sign_off = rows(reported(USUAL, EDITS, problem), "Sign-off")
    assert sign_off[:9] == [
        ["Proofreading: sign-off before printing", "", "", ""],
        ["appeal.docx: all letters are odd. Look.", "", "", ""],
        ["Letters read", "6", "", ""],
        ["no problems, except for what is in all letters", "4", "", ""],
        ["needs review", "1", "", ""],
        ["must not be printed as is", "1", "", ""],
        ["Letters that differ from newly created ones", "2", "", ""],
        ["Distinct addresses with salutations, in the proof document", "2", "", ""],
        ["Distinct signature blocks, in the proof document", "3", "", ""],
    ]
    assert sign_off[9] == ["What was done", "Name", "Date", "Signature"]
    assert len(sign_off) > 12


@pytest.mark.parametrize(
    "name", everyday(["=1+1", "#N/A", "+1", "-Ana", "@x", "_x0041_", "a\x0bb"], daily=range(3))
)
def test_text_of_the_report_stays_text(name: str) -> None:
    read = USUAL.review()[0]
    pair = read.letter.pair
    signer = replace(pair.signer, fields={**pair.signer.fields, "name": WorkbookValue(name)})
    renamed = replace(read, letter=replace(read.letter, pair=pair._replace(signer=signer)))
    data = make_report([renamed], USUAL.people)
    cell = load_workbook(io.BytesIO(data))["Letters"]["A2"]
    shown = name.replace("\x0b", "").replace("_x", "_x005F_x")  # Excel undoes that
    assert (cell.value, cell.data_type) == (shown, "s")
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert b"<f>" not in b"".join(book.read(n) for n in book.namelist() if "sheet" in n)


def test_a_problem_of_a_cell_is_reported_with_the_cell() -> None:
    recipients = [
        *RECIPIENTS[:2],
        ["R2", "Consul Asha Roy", "Shanti Path 9", "Delhi", "Minister Li"],
    ]
    problem = rows(reported(make_campaign(Recipients=recipients)), "Letters")[1][4]
    assert problem.startswith(
        "• signers.xlsx, Recipients!E3: This salutation names Minister Wei Li"
    )


def test_the_report_has_frozen_headings_and_a_filter() -> None:
    sheet = reported(USUAL)["Letters"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:E7")
    assert sheet.print_title_rows == "$1:$1"


def proof(proofread_campaign: Campaign, edits: Edits | None = None) -> WordDocument:
    data = make_proof_document(proofread_campaign.review(edits), proofread_campaign.letters[0][1])
    return Document(io.BytesIO(data))


def blocks(document: WordDocument) -> list[list[str]]:
    """Return the cells of each row: box and number, block, people and place."""
    return [[cell.text for cell in row.cells] for t in document.tables for row in t.rows]


def test_each_distinct_block_is_once_in_the_proof_document() -> None:
    listed = blocks(proof(USUAL))
    assert listed == [
        [
            "☐\n1",
            "Minister Wei Li\nEast Road 1\nBeijing\nDear Minister Li,",
            "Minister Wei Li\nin 3 letters: Ana Ruiz/Minister Wei Li.docx …",
        ],
        [
            "☐\n2",
            "Consul Asha Roy\nShanti Path 9\nDelhi\nDear Consul Roy,",
            "Consul Asha Roy\nin 3 letters: Ana Ruiz/Consul Asha Roy.docx …",
        ],
        *(
            [
                f"☐\n{n}",
                f"{name}\n{street}\n{city}",
                f"{name}\nin 2 letters: {name}/Minister Wei Li.docx …",
            ]
            for n, (_, name, street, city) in enumerate(SIGNERS[1:], 1)
        ),
    ]


def test_an_edited_block_is_listed_with_the_others() -> None:
    data = edit_letter(LETTER, ("East Road 1", "East Rd. 1"), ("Dear Minister Li", "Dear Mr Li"))
    addresses = [row for row in blocks(proof(USUAL, {ANA_LI: data})) if "Beijing" in row[1]]
    assert [row[1] for row in addresses] == [
        "Minister Wei Li\nEast Rd. 1\nBeijing\nDear Mr Li,",
        "Minister Wei Li\nEast Road 1\nBeijing\nDear Minister Li,",
    ]
    assert addresses[0][2].endswith("in 1 letter: Ana Ruiz/Minister Wei Li.docx")


def test_letters_without_a_block_are_named() -> None:
    addressless = make_campaign("Dear all,\n{{ signer.name }}")
    texts = [p.text for p in proof(addressless).paragraphs]
    assert "Addresses and salutations (0)" in texts
    named = "6 letters without such a block, which must be read in full: Ana Ruiz/Minister Wei Li"
    assert any(text.startswith(named) for text in texts)


def test_people_with_equal_blocks_share_one() -> None:
    twins = [SIGNERS[0], SIGNERS[1], ["S9", *SIGNERS[1][1:]]]
    signatures = [row for row in blocks(proof(make_campaign(Signers=twins))) if "Calle" in row[1]]
    assert [row[2] for row in signatures] == [
        "Ana Ruiz (S1) and 1 more\nin 4 letters: Ana Ruiz (S1)/Minister Wei Li.docx …"
    ]


def test_a_block_keeps_its_lines_fonts_and_direction_and_not_its_indents() -> None:
    run_format = '<w:rFonts w:ascii="Georgia"/><w:b/><w:color w:val="FF0000"/>'
    address = (
        '<w:p><w:pPr><w:framePr w:w="1"/><w:bidi/><w:ind w:left="5000"/></w:pPr>'
        f"{run('{{ recipient.name }}', run_format)}{run(chr(10) + '{{ recipient.street }}')}</w:p>"
    )
    formatted = make_campaign(address + block("Dear {{ recipient.name }},\n{{ signer.name }}"))
    first = proof(formatted).tables[0].rows[0].cells[1].paragraphs[0]
    assert first.text == "Minister Wei Li\nEast Road 1"
    assert (first.runs[0].font.name, first.runs[0].font.bold) == ("Georgia", True)
    xml = first._p.xml  # noqa: SLF001
    assert "<w:bidi/>" in xml
    assert 'w:left="0"' in xml
    assert "framePr" not in xml
    assert "5000" not in xml


def test_paragraphs_between_the_lines_of_a_block_are_shown_as_a_gap() -> None:
    interrupted = make_campaign(
        "{{ signer.name }}\nText of the letter.\nSincerely,\n{{ signer.city }}"
    )
    assert blocks(proof(interrupted))[0][1] == "Ana Ruiz\n⋯\n28013 Madrid"


def test_a_line_of_either_person_belongs_to_the_neighbouring_block() -> None:
    one_town = make_campaign(
        "{{ recipient.name }}\n{{ recipient.city }}\nDear Sir,\n"
        "{{ signer.name }}\n{{ signer.city }}",
        Recipients=[RECIPIENTS[0], ["R1", "Wei Li", "East Road 1", "28013 Madrid", "Sir"]],
    )
    assert [row[1] for row in blocks(proof(one_town))][:2] == [
        "Wei Li\n28013 Madrid\nDear Sir,",
        "Ana Ruiz\n28013 Madrid",
    ]


def test_an_address_next_to_the_signers_is_a_block_of_its_own() -> None:
    side_by_side = make_campaign(
        table(
            ["{{ signer.name }}\n{{ signer.city }}", "{{ recipient.name }}\n{{ recipient.city }}"]
        )
        + paragraph("Dear {{ recipient.salutation }},")
    )
    assert [row[1] for row in blocks(proof(side_by_side))][0::2][:2] == [
        "Minister Wei Li\nBeijing\nDear Minister Li,",
        "Ana Ruiz\n28013 Madrid",
    ]


def test_the_proof_document_has_no_other_text_of_letters() -> None:
    secretive = make_campaign(docx(LINES, header="{{ signer.id }} secret", footnotes="secret"))
    data = make_proof_document(secretive.review(), secretive.letters[0][1])
    with zipfile.ZipFile(io.BytesIO(data)) as proofs:
        files = {name: proofs.read(name) for name in proofs.namelist()}
    assert not any(b"secret" in content for content in files.values())
    assert not any(name.startswith("docProps") for name in files)
    assert not any(secretive.letters[0][0].id.encode() in content for content in files.values())


def test_the_proof_document_is_valid_for_word(tmp_path: Path) -> None:
    path = tmp_path / "proof.docx"
    path.write_bytes(make_proof_document(USUAL.review(EDITS), LETTER))
    assert [str(error) for error in OpenXmlValidator().validate(path).errors] == []


@pytest.mark.slow
@needs_calc
def test_report_and_proof_document_can_be_printed(tmp_path: Path) -> None:
    reads = USUAL.review(EDITS)
    (tmp_path / "report.xlsx").write_bytes(make_report(reads, USUAL.people))
    (tmp_path / "proof.docx").write_bytes(make_proof_document(reads, LETTER))
    printed = to_pdf([tmp_path / "report.xlsx", tmp_path / "proof.docx"], tmp_path)
    assert [pages(pdf) for pdf in printed] == [4, 1]
    assert "Bo Berg/Minister Wei Li.docx" in pdf_text(printed[0])
    assert "Signature blocks (3)" in pdf_text(printed[1])


TEACHERS = [[*SIGNERS[0], "Profession"], *([*row, "teacher"] for row in SIGNERS[1:])]


@pytest.mark.parametrize(
    "template",
    everyday(
        [
            block(LINES) + table(["teacher"]),
            block(LINES + "\nteacher"),
            block("teacher\n" + LINES),
            block(LINES.replace("{{ signer.name }}", "Your teacher {{ signer.name }}")),
        ]
    ),
)
def test_words_of_the_template_that_a_cell_has_too_are_not_a_value(template: str) -> None:
    with_word = make_campaign(template, Signers=TEACHERS)
    plain = make_campaign(block(LINES), Signers=TEACHERS)
    columns = {tuple(row[:2]): row[2] for row in rows(reported(with_word), "Columns")}
    assert columns["Signers", "Profession"] == "0"
    assert columns["Signers", "City"] == "6"
    if "Your teacher" not in template:
        texts, expected = (
            [row[1] for row in blocks(proof(proofread_campaign))]
            for proofread_campaign in (with_word, plain)
        )
        assert texts == expected


def test_a_value_next_to_equal_words_of_the_template_is_a_value() -> None:
    template = block("teacher\n" + LINES + "\n{{ signer.profession }}")
    with_both = make_campaign(template, Signers=TEACHERS)
    columns = {tuple(row[:2]): row[2] for row in rows(reported(with_both), "Columns")}
    assert columns["Signers", "Profession"] == "6"
    without_value = edit_letter(with_both.created(*ANA_LI), ("teacher", ""))
    assert with_both.problems({ANA_LI: without_value})
