"""The first page of a print file, and the cover sheet of each person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path
from unittest.mock import ANY

import pytest
from docx.shared import Cm
from openxml_audit import OpenXmlValidator
from support.combined_letters import (
    SETTINGS,
    STYLES,
    attribute_of,
    docx_bytes,
    formatted_letter,
    letters,
    open_docx,
    picture,
    replace_in_part,
    warning_codes,
)
from support.documents import docx, text_box
from support.docx_defects import defects
from support.filled_letters import W, members, root, texts
from support.office_programs import needs_libreoffice, pages, to_pdf
from support.paragraph_looks import looks
from support.pdf_measures import sizes, words

from merge.ooxml.new_docx import PaperSize
from merge.ooxml.package_builder import SourceFile
from merge.printing.batches import (
    Batch,
    BatchOptions,
    make_batches,
    render_cover_sheet,
    render_first_page,
)
from merge.printing.combine.letter import combine_letters
from merge.printing.cover_sheet import CHECKBOX, letters_per_page
from merge.printing.paper import A4, LETTER

CAMPAIGN = "Free the prisoners of conscience"
ONE_SIDED, TWO_SIDED = (
    BatchOptions(two_sided=False, covers=True),
    BatchOptions(two_sided=True, covers=True),
)
SIGNERS = ("Inés Álvarez", "Олена Журавчук", "سلمى البرقاوي")
OFFICIALS = ("Minister Wei Li", "Consul Asha Roy", "السيد وزير العدل")
ASKING = (
    "Please sign each letter by hand, in the space above your typed name. "
    "Tick each letter when you have signed it."
)
AWKWARD = (
    "Inés Álvarez",
    "WWWW " * 40,
    "MINISTRY OF FOREIGN AFFAIRS AND COOPERATION OF THE REPUBLIC OF EQUATORIAL GUINEA",
    "ЖЮЩШ" * 40,
    "李建国" * 40,
    "سلمى البرقاوي " * 10,
    "Wolfeschlegelsteinhausenbergerdorff" * 3,
    "a" * 400,
)
HOSTILE = '<w:p/> & "x" \' ]]> \x00\x0b\x1b\ufffe\ud800 {{ tag }}\n\tAna\u202eRuiz'


def batch(
    how: BatchOptions = ONE_SIDED,
    signers: Sequence[str] = SIGNERS,
    recipients: Sequence[str] = OFFICIALS,
) -> Batch:
    """Return letters of two pages, of signers to officials, in one print file."""
    (only,) = make_batches(letters(signers, recipients, 2), replace(how, grouping="one-file"))
    return only


def cover_of(
    print_file: Batch, number: int = 0, how: BatchOptions = ONE_SIDED, paper: PaperSize = A4
) -> bytes:
    """Return the cover sheet of a person in a print file."""
    return render_cover_sheet(print_file, number, how, CAMPAIGN, paper)


def page_of(
    print_file: Batch,
    how: BatchOptions = ONE_SIDED,
    paper: PaperSize = A4,
    campaign: str = CAMPAIGN,
) -> bytes:
    """Return the first page of a print file."""
    return render_first_page(print_file, how, campaign, paper)


def rows(data: bytes) -> list[list[str]]:
    """Return the rows of all tables."""
    tables = open_docx(data).tables
    return [[cell.text for cell in row.cells] for table in tables for row in table.rows]


def listed(data: bytes) -> list[list[str]]:
    """Return the lines of checklists, split into columns.

    The first line of a page has the headings. Columns are box, number, pages, short ID and name.
    """
    lines = [p for p in open_docx(data).paragraphs if p.style and p.style.name == "Cover List"]
    return [line.text.removesuffix("\u200f").split("\t") for line in lines]


def many(count: int) -> tuple[str, ...]:
    """Return names of that many officials."""
    return tuple(f"Official {n}" for n in range(1, count + 1))


def test_a_cover_sheet_has_a_name_a_count_and_instructions() -> None:
    shown = [text for text in texts(cover_of(batch())) if text.strip()]
    assert shown[:4] == [
        "Free the prisoners of conscience · 1 of 3",
        "Inés Álvarez",
        "3 letters to sign, 6 pages",
        ASKING,
    ]


def test_a_cover_sheet_lists_each_letter_once() -> None:
    head, *lines = listed(cover_of(batch(), 1))
    assert head == ["", "No.", "Pages", "ID", "To"]
    assert [[number, pages, name] for _, number, pages, _, name in lines] == [
        ["1", "2", "Minister Wei Li"],
        ["2", "2", "Consul Asha Roy"],
        ["3", "2", "السيد وزير العدل"],
    ]
    assert {line[0] for line in lines} == {CHECKBOX}


def test_the_checklist_has_short_ids_of_the_same_length_in_readable_size() -> None:
    paged_letters = [
        replace(paged, letter=replace(paged.letter, id=f"0a1b{n}77{n:04}"))
        for n, paged in enumerate(letters(SIGNERS, OFFICIALS, 2))
    ]
    how = BatchOptions(two_sided=False, covers=True, grouping="per-signer", id_digits=5)
    by_person = make_batches(paged_letters, how)
    shown = [row[3] for one in by_person for row in listed(cover_of(one, how=how))[1:]]
    assert shown == [f"0a1b{n}" for n in range(9)]
    line = next(s for s in looks(cover_of(by_person[0], how=how)) if "0a1b0" in s.text)
    run_format = next(run_format for text, run_format in line.runs if text == "0a1b0")
    assert run_format["color"] == {"val": "auto"}
    assert run_format["sz"] == {"val": "20"}


def test_a_checklist_has_boxes_and_lines_between_rows() -> None:
    styles = {e.get(f"{W}styleId"): e for e in root(cover_of(batch()), STYLES)}
    assert styles["CoverBox"].find(f"{W}rPr/{W}bdr") is None  # not drawn round blanks everywhere
    rules = styles["CoverList"].find(f"{W}pPr/{W}pBdr")
    assert rules is not None
    assert {str(e.tag).removeprefix(W) for e in rules} == {"top", "bottom", "between"}
    assert styles["CoverRows"].find(f"{W}tblPr/{W}tblBorders") is None
    shown = {text: run_format["b"] for s in looks(cover_of(batch())) for text, run_format in s.runs}
    assert shown["To"] == {"val": "1"}
    assert shown["Minister Wei Li"] == {"val": "0"}


def test_a_cover_sheet_says_which_print_file_it_is_in() -> None:
    print_files = make_batches(
        letters(SIGNERS, OFFICIALS), BatchOptions(two_sided=False, covers=True, max_sheets=5)
    )
    assert texts(cover_of(print_files[1]))[0] == f"{CAMPAIGN} · File 2 of 3 · 1 of 1"


def test_a_cover_sheet_of_a_recipient_lists_signers() -> None:
    how = BatchOptions(two_sided=False, covers=True, group_by="recipient")
    data = cover_of(batch(how), 0, how)
    shown = texts(data)
    assert shown[1:3] == ["Minister Wei Li", "3 letters to send, 6 pages"]
    assert "by hand, in the space above the typed name" in shown[3]
    assert [row[-1] for row in listed(data)] == ["From", *SIGNERS]


def test_a_cover_sheet_counts_one_letter_in_the_singular() -> None:
    (print_file,) = make_batches(letters(["Ana Ruiz"]), ONE_SIDED)
    assert "1 letter to sign, 1 page" in texts(cover_of(print_file))
    assert "1 signer, 1 letter, 3 sheets" in texts(page_of(print_file))


def test_a_long_checklist_continues_on_further_pages_with_headings() -> None:
    data = cover_of(batch(recipients=many(41)))
    assert [row[1] for row in listed(data)] == [
        *("No.", *map(str, range(1, 17))),
        *("No.", *map(str, range(17, 41))),
        *("No.", "41"),
    ]
    again = list(root(data).iter(f"{W}pageBreakBefore"))
    assert len(again) == len(letters_per_page(many(41))) - 1 == 2
    assert texts(data).count("Inés Álvarez, continued") == 2


def test_names_in_right_to_left_scripts_run_from_the_right() -> None:
    shown = {s.text: s.look for s in looks(cover_of(batch(), 2))}
    assert shown["سلمى البرقاوي"]["bidi"] == {"val": "1"}
    assert "bidi" not in shown["3 letters to sign, 6 pages"]
    assert not [
        text_format
        for text, text_format in shown.items()
        if "السيد" in text and "bidi" in text_format
    ]
    runs = {text: text_format for s in looks(cover_of(batch(), 2)) for text, text_format in s.runs}
    assert "rtl" in runs["سلمى البرقاوي"]
    assert "rtl" in runs["السيد وزير العدل\u200f"]  # in the list, whose lines run from the left
    assert "rtl" not in runs["Consul Asha Roy"]


def test_long_names_wrap_and_very_long_ones_end_with_an_ellipsis() -> None:
    data = cover_of(batch(signers=("Ana " * 100,), recipients=AWKWARD))
    assert texts(data)[1].endswith("…")
    assert len(texts(data)[1]) <= 60
    shown = [row[-1] for row in listed(data) if row[-1] != "To"]
    short = ("Inés Álvarez", AWKWARD[2])
    assert [name.strip() for name in shown if not name.endswith("…")] == [*map(str.strip, short)]
    assert all(len(name) > 20 for name in shown if name.endswith("…"))


def test_a_long_name_is_shown_on_up_to_three_lines() -> None:
    names = [f"{letter * 4} " * 80 for letter in ("W", "Ж", "A", "a", "i")]
    shown = [row[-1] for row in listed(cover_of(batch(recipients=names)))]
    wide, cyrillic, capital, small, narrow = (len(n) for n in shown if n != "To")
    assert 70 < wide <= cyrillic < capital < small < narrow


def test_a_word_wider_than_a_line_gets_one_line() -> None:
    shown = [row[-1] for row in listed(cover_of(batch(recipients=["a" * 400, "李" * 40])))]
    assert [len(name) for name in shown] == [2, 47, 27]
    assert letters_per_page(["a" * 400] * 16) == [16]


def test_a_long_name_uses_lines_of_its_cover_sheet() -> None:
    long = AWKWARD[2]
    assert letters_per_page([long] * 8) == [8]
    assert letters_per_page([long] * 9) == [8, 1]
    assert letters_per_page(["Ana"] * 15 + [long]) == [15, 1]
    assert letters_per_page(["Ana Ruiz " * 40] * 6 + ["Ana"] * 30) == [5, 22, 9]


@pytest.mark.parametrize("text", [HOSTILE, "", " ", "\u200f", "😀" * 30, "\x00"])
def test_no_text_breaks_a_cover_sheet(text: str) -> None:
    print_file = batch(signers=[text], recipients=[text])
    for data in (
        render_cover_sheet(print_file, 0, ONE_SIDED, text, A4),
        page_of(print_file, campaign=text),
    ):
        assert set(defects(data)) <= {"word/document.xml: tag left over: {{ tag }}"}
    assert listed(cover_of(print_file)) == [
        ["", "No.", "Pages", "ID", "To"],
        [CHECKBOX, "1", "2", ANY, ANY],
    ]


def test_text_on_a_cover_sheet_is_never_markup() -> None:
    shown = texts(cover_of(batch(signers=[HOSTILE])))
    assert shown[1].startswith('<w:p/> & "x" \' ]]> ')
    assert shown[1].endswith("Ana\u202eRuiz")
    assert not any(ord(character) < 32 for character in "".join(shown).replace("\t", ""))


def test_the_first_page_describes_the_print_file() -> None:
    print_files = make_batches(
        letters(SIGNERS, OFFICIALS, 2), BatchOptions(two_sided=False, covers=True, max_sheets=15)
    )
    assert texts(page_of(print_files[0]))[:3] == [
        CAMPAIGN,
        "File 1 of 2",
        "2 signers, 6 letters, 15 sheets",
    ]
    assert texts(page_of(batch()))[1:3] == ["All letters", "3 signers, 9 letters, 22 sheets"]


@pytest.mark.parametrize(
    ("how", "paper", "expected"),
    [
        (ONE_SIDED, A4, ["one-sided", "A4, 210 × 297 mm"]),
        (
            TWO_SIDED,
            LETTER,
            ["two-sided, flip on the long edge", "Letter, 215.9 × 279.4 mm"],
        ),
        (
            ONE_SIDED,
            PaperSize("148 x 210 mm", 148, 210, 0),
            ["one-sided", "148 x 210 mm, 148 × 210 mm"],
        ),
    ],
)
def test_the_first_page_says_how_to_print(
    how: BatchOptions, paper: PaperSize, expected: list[str]
) -> None:
    printing = rows(page_of(batch(how), how, paper))[:3]
    size = "100 % (“Actual size”), never “Fit to page”"
    names = ("Sides", "Paper", "Size")
    assert printing == [[*row] for row in zip(names, (*expected, size), strict=True)]


def test_the_first_page_explains_the_order_of_piles() -> None:
    one_sided, two_sided = (" ".join(texts(page_of(batch(h), h))) for h in (ONE_SIDED, TWO_SIDED))
    front = "Every cover sheet and every letter starts on a new sheet."
    assert front in two_sided
    assert front not in one_sided
    assert (
        "A cover sheet with the name and a checklist is on top of each signer’s letters; keep it "
        "with them. The signers are in this order:" in one_sided
    )
    how = BatchOptions(two_sided=False, covers=True, group_by="recipient")
    assert "is on top of the letters to each recipient" in " ".join(texts(page_of(batch(how), how)))


def test_the_first_page_names_people_in_order_in_two_columns() -> None:
    names = tuple(f"Signer {n}" for n in range(1, 6))
    assert rows(page_of(batch(signers=names)))[3:] == [
        ["1.", "Signer 1", "4.", "Signer 4"],
        ["2.", "Signer 2", "5.", "Signer 5"],
        ["3.", "Signer 3", "", ""],
    ]


@pytest.mark.parametrize(
    ("count", "last"), [(30, "Signer 30"), (31, "and 2 more"), (99, "and 70 more")]
)
def test_the_first_page_names_only_as_many_people_as_fit(count: int, last: str) -> None:
    names = tuple(f"Signer {n}" for n in range(1, count + 1))
    shown = rows(page_of(batch(signers=names)))[3:]
    assert len(shown) == 15
    assert shown[-1][-1] == last


def test_a_long_name_on_the_first_page_wraps() -> None:
    long = "Ministry of Foreign Affairs and Cooperation of Equatorial Guinea"
    names = (long, "Ana Ruiz", *(f"{long} {n}" for n in range(60)))
    shown = rows(page_of(batch(signers=names)))[3:]
    assert shown[0][:2] == ["1.", long]
    assert shown[-1][-1] == f"and {62 - 2 * len(shown) + 1} more"


@pytest.mark.parametrize("paper", [A4, LETTER])
def test_cover_sheets_have_the_letters_paper_size(paper: PaperSize) -> None:
    for data in (cover_of(batch(), paper=paper), page_of(batch(), paper=paper)):
        section = open_docx(data).sections[0]
        assert section.page_width
        assert section.page_height
        assert section.page_width.mm == pytest.approx(paper.width, abs=0.1)
        assert section.page_height.mm == pytest.approx(paper.height, abs=0.1)


def test_cover_sheets_are_reproducible_without_an_author() -> None:
    for data in (cover_of(batch()), page_of(batch())):
        assert not [part for part in members(data) if part.startswith("docProps")]
        assert not defects(data)
    assert cover_of(batch()) == cover_of(batch())
    assert page_of(batch()) == page_of(batch())


@pytest.mark.slow
def test_cover_sheets_are_valid(tmp_path: Path) -> None:
    for data in (cover_of(batch(recipients=AWKWARD)), page_of(batch(signers=AWKWARD))):
        (tmp_path / "page.docx").write_bytes(data)
        errors = [
            str(error) for error in OpenXmlValidator().validate(tmp_path / "page.docx").errors
        ]
        assert [e for e in errors if "A required relationship type" not in e] == []


def between(letter: bytes) -> list[SourceFile]:
    """Return a print file with one letter, its first page and cover sheet."""
    how, print_file = TWO_SIDED, batch(TWO_SIDED)
    sheets = (
        ("first page", page_of(print_file, how)),
        ("cover", cover_of(print_file, 0, how)),
        ("a", letter),
    )
    return [SourceFile(name, data, starts_on_front=True) for name, data in sheets]


def shaped() -> bytes:
    """Return a letter with its own header, picture, shape and tabs."""
    document = open_docx(docx("Dear\tAna", header="Head"))
    document.add_paragraph().add_run().add_picture(picture(), width=Cm(2))
    return docx_bytes(document)


@pytest.mark.parametrize(
    "letter",
    [
        docx("Dear Ana"),
        formatted_letter("Dear\tAna"),
        shaped(),
        docx(text_box("box")),
        *(
            replace_in_part(
                formatted_letter("Dear\tAna"), SETTINGS, "<w:compat>", f"{setting}<w:compat>"
            )
            for setting in (
                "<w:mirrorMargins/>",
                "<w:autoHyphenation/>",
                '<w:defaultTabStop w:val="1000"/>',
                "<w:printTwoOnOne/>",
            )
        ),
        replace_in_part(formatted_letter("Dear Ana"), SETTINGS, 'w:val="15"', 'w:val="14"'),
    ],
)
def test_cover_sheets_cause_no_warnings_when_combined(letter: bytes) -> None:
    combined = combine_letters(between(letter), SourceFile("base", letter))
    assert warning_codes(combined) == []
    assert not defects(combined.data)


def test_cover_sheets_between_letters_keep_their_layout() -> None:
    styles = (
        '<w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val="50"/><w:b/></w:rPr></w:rPrDefault>'
        '<w:pPrDefault><w:pPr><w:spacing w:after="300" w:line="400"/></w:pPr></w:pPrDefault>'
        '</w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="CoverLine">'
        '<w:name w:val="Cover Line"/><w:rPr><w:color w:val="FF0000"/></w:rPr></w:style>'
    )
    letter = formatted_letter("Dear Ana", styles)
    pieces = between(letter)
    shown = looks(combine_letters(pieces, pieces[-1]).data)
    alone = [*looks(pieces[0].data), *looks(pieces[1].data)]
    assert len(shown) == len(alone) + 2  # a paragraph of no height after the table, and the letter
    visible = [s for s in shown[:-1] if s.look["spacing"]["line"] != "1"]
    assert visible == alone


def test_cover_sheets_use_only_their_own_styles() -> None:
    for data in (cover_of(batch(recipients=many(20)), 2), page_of(batch())):
        style_ids = {e.get(f"{W}styleId") for e in root(data, STYLES)}
        tags = [f"{W}{name}" for name in ("pStyle", "rStyle", "tblStyle")]
        assert {e.get(f"{W}val") for e in root(data).iter(*tags)} <= style_ids


def test_checklist_lines_are_high_enough_to_write_in() -> None:
    style = next(e for e in root(cover_of(batch()), STYLES) if e.get(f"{W}styleId") == "CoverList")
    spacing = style.find(f"{W}pPr/{W}spacing")
    assert spacing is not None
    assert (spacing.get(f"{W}line"), spacing.get(f"{W}lineRule")) == ("420", "atLeast")  # 21 pt


def test_cover_sheets_share_their_styles() -> None:
    print_file = batch()
    pieces = [SourceFile(f"{n}", cover_of(print_file, n)) for n in (0, 1, 0)]
    base = SourceFile("base", docx("Dear Ana"))
    three_sheets, one_sheet = combine_letters(pieces, base), combine_letters(pieces[:1], base)
    assert len(root(three_sheets.data, STYLES)) == len(root(one_sheet.data, STYLES))
    names = [
        attribute_of(style, "name") for style in root(one_sheet.data, STYLES).iter(f"{W}style")
    ]
    assert "Cover Name" in names


@needs_libreoffice
@pytest.mark.slow
def test_cover_sheets_have_the_counted_pages_with_any_names(tmp_path: Path) -> None:
    expected: list[tuple[int, int, PaperSize]] = []
    files: list[Path] = []
    for count, paper, name_number in product(
        (1, 16, 17, 41, 65), (A4, LETTER), range(len(AWKWARD))
    ):
        recipients = tuple(AWKWARD[n % len(AWKWARD)] for n in range(count))
        print_file = batch(ONE_SIDED, (AWKWARD[name_number],), recipients)
        title = (CAMPAIGN, AWKWARD[1])[name_number % 2]
        files.append(tmp_path / f"{paper.name}-{count}-{name_number}.docx")
        files[-1].write_bytes(render_cover_sheet(print_file, 0, ONE_SIDED, title, paper))
        expected.append((len(letters_per_page(recipients)), count, paper))
    for pdf, (count_of_pages, count, paper) in zip(to_pdf(files, tmp_path), expected, strict=True):
        assert pages(pdf) == count_of_pages, pdf.stem
        assert sizes(pdf)[0] == pytest.approx((paper.width, paper.height), abs=0.5)
        numbers = [word for word in words(pdf) if word.text.isdigit() and 30 < word.left < 36]
        assert [int(word.text) for word in numbers] == list(range(1, count + 1)), pdf.stem
        below = [b.top - a.top for a, b in pairwise(numbers) if a.page == b.page]
        lines = [round((apart - 1.1) / 7.4) for apart in below]  # 21 pt a line, and the rule
        assert below == pytest.approx([n * 7.4 + 1.1 for n in lines], abs=0.5), pdf.stem
        assert set(lines) <= {1, 2, 3}


@needs_libreoffice
@pytest.mark.slow
def test_the_first_page_is_one_page_with_any_names(tmp_path: Path) -> None:
    files: list[Path] = []
    for count, paper, how in product((1, 24, 25, 200), (A4, LETTER), (ONE_SIDED, TWO_SIDED)):
        print_file = batch(how, tuple(AWKWARD[n % len(AWKWARD)] for n in range(count)))
        for title in (CAMPAIGN, AWKWARD[1], AWKWARD[4]):
            files.append(tmp_path / f"{len(files)}.docx")
            files[-1].write_bytes(page_of(print_file, how, paper, title))
    assert {pages(pdf) for pdf in to_pdf(files, tmp_path)} == {1}
