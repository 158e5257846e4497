"""Make docs/pictures/print-*.png again: printed pages and the register.

1. A campaign as `merge new` makes it goes through letters, proofread and print.
2. Two letters are edited on the way, and dates are written into the register.
3. LibreOffice turns the results into PDF and pdftoppm into pixels. Pages are cropped and put side
   by side here.
4. The registers and reports in pictures are copies with some columns hidden, so that the rest is
   legible.

    python tools/make_printing_pictures.py [NAME…]
"""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import reduce
from io import StringIO
from pathlib import Path

from docx import Document
from make_pictures import (
    FRAME,
    INK,
    PICTURES,
    WHITE,
    Image,
    Page,
    above,
    beside,
    docx,
    png,
    read_ppm,
    rendered,
    sheet_of_paper,
)
from openpyxl import load_workbook
from openpyxl.styles import Border, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem

from merge.cli import main
from merge.printing.labels import LABELS
from merge.printing.paper import INCH

DOTS = 66
"""Pixels per inch of a page that is shown as it is."""
GAP = 14
"""Pixels between the parts of a picture."""

ROOT = Path(__file__).resolve().parent.parent

LABEL_SHEET, FIRST_LABEL, ENVELOPE = "L7160", 5, "DL"
RETURN_ADDRESS = "The Open Letter Office\nPO Box 412\n1015 Lausanne\nSwitzerland"

EDITED = "Käthe Weißmüller/Ambassador Sergey I. Kislyak.docx"
WRONG = "Олена Журавчук/Aleksandr Ivanovich Bastrykin.docx"
OWN_LINE, OTHERS_LINE = "вул. Яблунева 12, кв. 5", "Birnbaumgasse 7"

_THIN = Side("thin", color="D0D0D0")


# ---------------------------------------------------------------------- the campaign


def run(*words: str | Path) -> None:
    """Run the program; show its output only if it failed."""
    output = StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        code = main([str(word) for word in words])
    if code > 1:
        sys.exit(output.getvalue())


def campaign(folder: Path) -> dict[str, Path]:
    """Make the campaign and all its printed files; return them by kind."""
    shutil.copytree(ROOT / "templates", folder / "templates")
    shutil.copy(ROOT / "signers.xlsx", folder)
    book = load_workbook(folder / "signers.xlsx")
    book["Settings"].append(["Return address", RETURN_ADDRESS])
    book.save(folder / "signers.xlsx")
    run("letters", folder)
    _edit(folder / "letters" / EDITED, "Thank you for your", " I am a doctor, and I saw it.")
    _edit(folder / "letters" / WRONG, OWN_LINE, OTHERS_LINE)
    run("proofread", folder)
    (folder / "letters" / WRONG).unlink()
    outside = ["--envelopes", ENVELOPE, "--labels", LABEL_SHEET, "--start", str(FIRST_LABEL)]
    run("print", folder, "--skip-errors", "--covers", *outside)
    signed = folder.with_name("signed")
    shutil.copytree(folder, signed)
    run("mark", "signed", signed, "--all")
    run("print", signed, "--no-letters", "--skip-errors", "--parcels")
    _write_dates(folder / "register.xlsx")
    run("letters", folder, "--skip-errors")
    print_folder = folder / "print"
    return {
        "report": next(print_folder.glob("Proofread*.xlsx")),
        "proof": next(print_folder.glob("Proofread*.docx")),
        "batch": next(print_folder.glob("*/01*.docx")),
        "envelopes": next(print_folder.glob("*/Envelopes*.docx")),
        "labels": next(print_folder.glob("*/Labels*.docx")),
        "parcels": next((signed / "print").glob("*/Parcels.docx")),
        "register": folder / "register.xlsx",
    }


def _edit(letter: Path, begins: str, text: str) -> None:
    """Add words to a paragraph of a letter, or replace one that is a line."""
    document = Document(str(letter))
    line = next(p for p in document.paragraphs if p.text.startswith(begins))
    line.runs[-1].text = text if line.text == begins else line.runs[-1].text + text
    document.save(str(letter))


def _write_dates(path: Path) -> None:
    """Write dates as staff do: for a pile, and for single letters."""
    today = dt.datetime.now().astimezone().date()
    book = load_workbook(path)
    rows = [
        ("By signer", "Inés Álvarez Montoro", {"Printed": 0, "Signed": 2}),
        ("By signer", "Käthe Weißmüller", {"Printed": 0}),
        ("By signer", "Þórdís Eyvindardóttir", {"Printed": 0}),
        ("Register", "Inés Álvarez Montoro", {"Posted": 3}),
    ]
    for title, name, days in rows:
        sheet = book[title]
        headings = [cell.value for cell in sheet[1]]
        number = next(n for n, cell in enumerate(sheet["B"], 1) if cell.value == name)
        for heading, later in days.items():
            at = headings.index(heading) + 1
            cell = sheet.cell(number, at, today + dt.timedelta(later))
            cell.number_format = sheet.column_dimensions[get_column_letter(at)].number_format
    book.save(path)


def only(path: Path, title: str, hidden: Iterable[str], *, grid: bool) -> Path:
    """Save a copy with one visible sheet, and some columns hidden.

    It has Excel's grid if wanted.
    """
    target = path.with_name(f"{title} of {path.name}")
    shutil.copy(path, target)
    book = load_workbook(target, rich_text=True)
    for name in book.sheetnames:
        if name != title:
            book[name].sheet_state = "hidden"
        # LibreOffice prints nothing but print areas if any sheet has one, hidden or not.
        book[name].print_area = None
        book[name].print_title_cols = None
    sheet = book[title]
    book.active = book.index(sheet)
    for column in hidden:
        sheet.column_dimensions[column].hidden = True
    sheet.oddFooter = HeaderFooterItem()
    sheet.print_options.headings = grid
    for cell in (cell for cells in sheet for cell in cells if grid):
        cell.border = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
    book.save(target)
    return target


# ---------------------------------------------------------------------- pages and their titles


@dataclass(frozen=True, slots=True)
class PdfFolder:
    """The folder with the PDFs of all files, named by kind."""

    folder: Path

    def page(self, name: str, dots: int, number: int = 1) -> Image:
        """Return a page of a file, at this number of pixels per inch."""
        pdf = self.folder / f"{name}.pdf"
        only_this = ["-f", str(number), "-l", str(number), "-singlefile", "-r", str(dots)]
        command = ["pdftoppm", *only_this, str(pdf), str(pdf.with_suffix(""))]
        subprocess.run(command, check=True)  # noqa: S603 - our own files
        return read_ppm(pdf.with_suffix(".ppm"))

    def titled(self, title: str, image: Image) -> Image:
        """Return a picture with its title above."""
        look = f'<w:rPr><w:b/><w:color w:val="{INK}"/><w:sz w:val="20"/></w:rPr>'
        file = self.folder / "title.docx"
        file.write_bytes(docx(f"<w:p><w:r>{look}<w:t>{title}</w:t></w:r></w:p>", Page(18)))
        head = rendered([file], self.folder)[file].cropped()
        return above(head.grown(max(head.width, image.width), 24), image)


def make_pdfs(files: Mapping[str, Path], scratch: Path) -> PdfFolder:
    """Make PDFs of all files."""
    copies = [shutil.copy(path, scratch / f"{name}{path.suffix}") for name, path in files.items()]
    profile = f"-env:UserInstallation={(scratch / 'profile').as_uri()}"
    office = ["soffice", profile, "--headless", "--norestore", "--convert-to", "pdf", "--outdir"]
    command = [*office, str(scratch), *map(str, copies)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own files
    return PdfFolder(scratch)


def row(images: Sequence[Image]) -> Image:
    """Return pictures side by side with gaps."""
    return beside([piece for image in images for piece in (image, Image((WHITE * GAP,)))][:-1])


def column(images: Sequence[Image]) -> Image:
    """Return pictures below each other with gaps."""
    return reduce(above, [image.padded(0, 0, 0, GAP) for image in images[:-1]] + [images[-1]])


def part(image: Image, height: float, edge: int = 0) -> Image:
    """Return the upper part of a page, without empty space below."""
    _, top, _, bottom = image.ink()
    below = min(bottom, round(image.height * height))
    return image.cut(edge, max(0, top - 2), image.width - edge, below)


def whole(image: Image) -> Image:
    """Return a complete page with an edge."""
    return image.padded(1, 1, 1, 1, FRAME)


def outlined(image: Image, boxes: Iterable[tuple[int, int, int, int]]) -> Image:
    """Return a page with thin frames: left, top, right, bottom in pixels."""
    rows = [bytearray(line) for line in image.rows]
    for left, top, right, bottom in boxes:
        for x in range(left, right):
            rows[top][3 * x : 3 * x + 3] = rows[bottom][3 * x : 3 * x + 3] = FRAME
        for y in range(top, bottom):
            rows[y][3 * left : 3 * left + 3] = rows[y][3 * right : 3 * right + 3] = FRAME
    return Image(tuple(map(bytes, rows)))


def proof(on: PdfFolder) -> Image:
    """Return the picture of the results of `merge proofread`."""
    letters = sheet_of_paper(part(on.page("letters", 104), 0.408).cropped())
    document = sheet_of_paper(part(on.page("proof", 62), 0.565, 20))
    sign_off = sheet_of_paper(on.page("sign-off", 62).cropped())
    left = on.titled("The proof document", document)
    right = on.titled("The report: the Sign-off sheet", sign_off)
    return column([on.titled("The report: the Letters sheet", letters), row([left, right])])


def pile(on: PdfFolder) -> Image:
    """Return the picture of a print file's order, and its two kinds of covers."""
    small = row([whole(on.page("batch", 15, number)) for number in range(1, 9)])
    first, cover = (sheet_of_paper(part(on.page("batch", DOTS, n), 1, 30)) for n in (1, 2))
    large = row([on.titled("First page", first), on.titled("Cover sheet", cover)])
    return column([on.titled("The pile: a cover sheet before each signer’s letters", small), large])


def outside(on: PdfFolder) -> Image:
    """Return the picture of an envelope, its short ID, and a label sheet.

    Four labels of the sheet are used up.
    """
    sheet = outlined(on.page("labels", DOTS), _label_edges())
    labels = whole(sheet.cut(0, 0, sheet.width, round(sheet.height * 0.567)))
    envelope = on.titled("An envelope", whole(on.page("envelopes", DOTS)))
    mark = on.page("envelopes", 3 * DOTS).cut(45, 45, 445, 245)
    closer = on.titled("The same, closer: the short ID", whole(mark))
    return row([column([envelope, closer]), on.titled("A part-used label sheet", labels)])


def _label_edges() -> Iterable[tuple[int, int, int, int]]:
    """Yield the bounds of a sheet's labels, in pixels."""
    stock, pixels = LABELS[LABEL_SHEET], DOTS / INCH
    for number in range(stock.count):
        left = stock.left + number % stock.columns * stock.pitch_x
        top = stock.top + number // stock.columns * stock.pitch_y
        right, bottom = left + stock.width, top + stock.height
        a, b, c, d = (round(edge * pixels) for edge in (left, top, right, bottom))
        yield a, b, c, d


def parcel(on: PdfFolder) -> Image:
    """Return the picture of a parcel sheet."""
    return on.titled("The sheet of a parcel", whole(on.page("parcels", 64)))


def register(on: PdfFolder) -> Image:
    """Return the picture of two sheets of the register."""
    single, piles = on.page("register", 118).cropped(), on.page("by-signer", 92).cropped()
    upper = on.titled("The Register sheet: the dates of each letter", single)
    return column([upper, on.titled("The By signer sheet: a date for the whole pile", piles)])


DRAWN: Mapping[str, Callable[[PdfFolder], Image]] = {
    f"print-{drawn.__name__}": drawn for drawn in (proof, pile, outside, parcel, register)
}


def make(names: Sequence[str]) -> Iterable[tuple[str, bytes]]:
    """Yield the pictures of these names, each with its bytes."""
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        files = campaign(scratch / "campaign")
        files["letters"] = only(files["report"], "Letters", "C", grid=False)
        files["sign-off"] = only(files["report"], "Sign-off", "", grid=False)
        files["by-signer"] = only(files["register"], "By signer", "", grid=True)
        files["register"] = only(files["register"], "Register", "ADFM", grid=True)
        on = make_pdfs(files, scratch)
        for name in names:
            yield name, png(DRAWN[name](on))


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for each, data in make(sys.argv[1:] or list(DRAWN)):
        (PICTURES / f"{each}.png").write_bytes(data)
        print(f"{each}.png: {len(data):,} bytes")
