"""`merge print` with LibreOffice: page counts, PDFs, the sample campaign."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader
from support import staff_actions
from support.campaigns import ROOT, make, merge
from support.damaged_files import unzipped, zipped
from support.office_programs import needs_libreoffice, pages, pdf_text

pytestmark = [needs_libreoffice, pytest.mark.libreoffice, pytest.mark.slow]


def _shipped(folder: Path) -> Path:
    shutil.copy(ROOT / "signers.xlsx", folder)
    shutil.copytree(ROOT / "templates", folder / "templates")
    merge("letters", folder)
    return folder


def _edit(path: Path, words: str) -> None:
    document = Document(str(path))
    document.paragraphs[-1].insert_paragraph_before(words)
    document.save(str(path))


def _words(text: str) -> list[str]:
    return text.split()


def test_print_creates_one_pdf_page_per_letter_and_includes_edits(tmp_path: Path) -> None:
    folder = _shipped(tmp_path)
    files = sorted((folder / "letters").rglob("*.docx"))
    for number, path in enumerate(files[:3]):
        _edit(path, f"Postscript number {number}")
    ran = merge("print", folder, "--pdf", "--no-covers", "--json").json
    assert (ran["letters"], ran["two_sided"]) == (12, False)
    docx, pdf = (Path(file) for file in ran["files"])
    assert len(Document(str(docx)).sections) == 12
    assert pages(pdf) == 12
    reader = PdfReader(pdf)
    outline = [item.title for item in reader.outline]  # type: ignore[union-attr]
    assert len(outline) == 12
    assert outline[0] == "Inés Álvarez Montoro to Aleksandr Ivanovich Bastrykin"
    text = pdf_text(pdf)
    assert [text.count(f"Postscript number {number}") for number in range(3)] == [1, 1, 1]
    assert text.count("Dear Ambassador,") == 6
    assert reader.metadata is None or not reader.metadata.author


def test_letters_of_two_pages_begin_on_a_front_side_in_the_print_file(tmp_path: Path) -> None:
    long = "\n".join(["We ask you to release them."] * 60)
    make(tmp_path, f"Dear {{{{ recipient.name }}}},\n{long}\n{{{{ signer.name }}}}")
    merge("letters", tmp_path)
    ran = merge("print", tmp_path, "--pdf", "--covers", "--json").json
    assert ran["two_sided"]
    pdf = next(Path(file) for file in ran["files"] if file.endswith(".pdf"))
    reader = PdfReader(pdf)
    starts = [reader.get_destination_page_number(item) for item in reader.outline]  # type: ignore[arg-type]
    # Pages are counted from 0: the front sides of six letters or cover sheets are even.
    assert [(start or 0) % 2 for start in starts] == [0] * 7
    codes = {problem["code"] for problem in ran["problems"]}
    assert "letter-too-long" in codes


def test_letters_of_one_page_are_printed_one_sided(tmp_path: Path) -> None:
    ran = merge("print", _shipped(tmp_path), "--dry-run")
    assert "12 letters to print, one-sided." in ran.out
    assert "not counted" not in ran.err


@pytest.mark.parametrize("options", [(), ("--no-letters",)])
def test_envelopes_labels_and_parcels_are_saved_as_pdf_like_the_letters(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    folder = _shipped(tmp_path)
    if options:  # parcels then contain the letters that are in print files
        merge("print", folder)
    posting = ("--envelopes", "DL", "--labels", "L7160", "--parcels")
    files = [
        Path(file)
        for file in merge("print", folder, "--pdf", *posting, *options, "--json").json["files"]
    ]
    names = [file.name for file in files]
    documents = [file for file in files if file.suffix == ".docx"]
    assert {file.stem for file in documents} >= {"Envelopes DL", "Labels L7160", "Parcels"}
    assert sorted(names) == sorted(
        f"{file.stem}{end}" for file in documents for end in (".docx", ".pdf")
    )
    envelopes, labels, parcels = (
        next(file for file in files if file.name == f"{name}.pdf")
        for name in ("Envelopes DL", "Labels L7160", "Parcels")
    )
    sizes = {
        (round(p.mediabox.width), round(p.mediabox.height)) for p in PdfReader(envelopes).pages
    }
    assert (pages(envelopes), sizes) == (12, {(624, 312)})
    assert pages(labels) == 1
    assert pdf_text(labels).count("Bastrykin") == 6
    assert "Receipt" in pdf_text(parcels)


@pytest.mark.parametrize("mode", [11, 14, 15])
def test_cover_sheets_have_check_boxes_in_every_compatibility_mode_of_word(
    tmp_path: Path, mode: int
) -> None:
    template = tmp_path / "template.docx"
    document = Document()
    for line in ("{{ recipient.name }}", "Dear Sir,", "{{ signer.name }}"):
        document.add_paragraph(line)
    for setting in document.settings.element.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), str(mode))
    document.save(str(template))
    folder = make(tmp_path, template.read_bytes())
    merge("letters", folder)
    ran = merge("print", folder, "--pdf", "--covers", "--json").json
    assert pdf_text(Path(ran["files"][1])).count("☐") == 4


def test_the_page_count_of_a_letter_does_not_depend_on_other_templates(
    tmp_path: Path,
) -> None:
    narrow, wide = (_tabbed(tmp_path / f"{tab}.docx", tab) for tab in (400, 3000))
    recipients = [["Name", "Template"], ["Consul Roy", "appeal"], ["Minister Li", "wide"]]
    usual = [["Name", "Value"], ["Template", "appeal"]]
    folder = make(tmp_path / "campaign", narrow, Recipients=recipients, Settings=usual)
    (folder / "templates" / "wide.docx").write_bytes(wide)
    merge("letters", folder)

    def sheets() -> int:
        ran = merge("print", folder, "--dry-run", "--for", "Minister Li", "--no-covers", "--json")
        (batch,) = ran.json["batches"]
        return int(batch["sheets"])

    alone = sheets()
    staff_actions.in_private_state(folder, "DELETE FROM layout")
    assert merge("print", folder, "--dry-run").code == 0
    assert sheets() == alone > 1


def _tabbed(path: Path, tab: int) -> bytes:
    document = Document()
    for line in ("{{ recipient.name }}", *["a\tb\tc\td\te\tf\tg\th"] * 40, "{{ signer.name }}"):
        document.add_paragraph(line)
    settings = document.settings.element
    stop = settings.makeelement(qn("w:defaultTabStop"), {qn("w:val"): str(tab)})
    for old in settings.findall(qn("w:defaultTabStop")):
        old.addnext(stop)
        settings.remove(old)
    document.save(str(path))
    return path.read_bytes()


@pytest.mark.parametrize("part", ["word/styles.xml", "word/settings.xml"])
def test_print_names_a_letter_with_a_damaged_part_and_can_skip_it(
    tmp_path: Path, part: str
) -> None:
    folder = _shipped(tmp_path)
    letter = sorted((folder / "letters").rglob("*.docx"))[1]
    parts = unzipped(letter.read_bytes())
    letter.write_bytes(zipped({**parts, part: parts[part][:300]}))
    refusal = merge("print", folder, "--json")
    assert (refusal.code, refusal.json["files"]) == (1, [])
    (error,) = (p for p in refusal.json["problems"] if p["level"] == "error")
    assert error["where"] == f"{letter.parent.name}/{letter.name}"
    ran = merge("print", folder, "--skip-errors", "--pdf", "--no-covers", "--json").json
    assert (ran["letters"], pages(Path(ran["files"][1]))) == (11, 11)
