"""A workbook of staff's kept in its place: written beside, read again, then renamed."""

from __future__ import annotations

import datetime as dt
import math
import os
import re
import stat
import time
from collections.abc import Callable, Container, Iterator
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO, NamedTuple

from merge import messages
from merge.disk import (
    DRAFT,
    FilePlacer,
    FileState,
    draft,
    free_name,
    hidden_folders,
    os_reason,
    owner_files,
    read_campaign_file,
    size_and_time,
)
from merge.errors import FaultError, MergeError, translated
from merge.excel.format_codes import Scalar
from merge.excel.reader import MOST_OF_OURS, Book, Row, Sheet, read_book
from merge.excel.workbook_parts import WorkbookParts, read_workbook_parts
from merge.ooxml.container import Archive, Member, file_errors
from merge.ooxml.kinds import EXCEL
from merge.ooxml.package import open_archive
from merge.problems import column_letter

FORMULA_START = re.compile(r"[=+\-@#]")
"""How texts begin that Excel would take for a formula or an error when somebody types them."""


def read_unchanged(path: Path, before: FileState | None) -> bytes:
    """Return the file's bytes. FaultError where it is not the file any more that was read."""
    with _os_errors_as_not_saved():
        data = read_campaign_file(path)
        if size_and_time(path) != before:
            raise _changed()
        return data


def _changed() -> FaultError:
    return FaultError(messages.fault("register-changed"))


def check_closed(path: Path) -> None:
    """FaultError where Excel's or LibreOffice's note lies beside the file: it is open there."""
    for note in owner_files(path.name):
        if os.path.lexists(path.with_name(note)):
            raise FaultError(messages.fault("register-open", note=note))


def too_long() -> FaultError:
    """Return the fault of a register that would pass the caps of merge.excel.reader."""
    return FaultError(messages.fault("register-too-long"))


@contextmanager
def draft_beside(path: Path, write: Callable[[BinaryIO], object]) -> Iterator[Path]:
    """Write a whole new file beside the path, hidden; in the end it is gone, unless renamed."""
    new = _draft_of(path)

    def write_whole(handle: int) -> None:
        with open(handle, "wb", closefd=False) as out:
            write(out)
            out.flush()
            os.fsync(handle)

    with ExitStack() as stack:
        with _os_errors_as_not_saved():
            new.unlink(missing_ok=True)  # of a run that was killed
            stack.enter_context(draft(str(new), write_whole))
        yield new


def _draft_of(path: Path) -> Path:
    return path.with_name(f"{DRAFT[0]}{path.name}{DRAFT[1]}")


def _os_errors_as_not_saved() -> AbstractContextManager[None]:
    def into(error: OSError) -> FaultError:
        reason = os_reason(error)
        return FaultError(messages.fault("register-not-saved", reason=reason))

    return translated(OSError, into)


def put_in_place(new: Path, path: Path, before: FileState | None) -> None:
    """Give the new file the file's name, if there is still the file that was read.

    FaultError where there is not, or another program holds it: whatever somebody saves meanwhile
    stays.
    """
    placer = FilePlacer()
    with _os_errors_as_not_saved():
        if size_and_time(path) != before:
            raise _changed()
        if before:
            new.chmod(stat.S_IMODE(path.stat().st_mode))
            done = placer.exchange(str(new), str(path), before)
        else:
            done = placer.put(str(new), str(path))
        if not done:
            if size_and_time(path) != before:
                raise _changed()
            raise FaultError(messages.fault("register-open", note=None))


CellAddresses = Container[tuple[str, int, int]]
"""Cells, by sheet, row and column, that were to be changed; row and column 0: the whole sheet."""

_PAUSE = 0.2
"""Seconds that another run may need to put the workbook in its place that it has taken."""


def settle(path: Path) -> None:
    """Put a workbook back that a run had taken from its place when it was killed.

    If another one is in its place by now, it gets a name beside that. But if the run itself had
    put the other one there, the old one is deleted, and so is the draft.
    """
    draft, is_replaced = _draft_of(path), False
    with suppress(OSError):
        is_replaced = draft.samefile(path)
    for _ in range(2):
        hidden = [h for h in hidden_folders(str(path.parent)) if (Path(h) / path.name).exists()]
        if not hidden:
            break
        time.sleep(_PAUSE)
    with suppress(OSError):
        for folder in hidden:
            FilePlacer().restore(folder, lambda taken: is_replaced and _is_as_it_was_taken(taken))
        if is_replaced:
            draft.unlink()


def _is_as_it_was_taken(path: str) -> bool:
    """Return whether nobody wrote into the file after it came into its folder."""
    taken = Path(path)
    return taken.stat().st_mtime_ns < taken.parent.stat().st_mtime_ns


@dataclass(frozen=True, slots=True)
class OldWorkbook:
    """A workbook of staff's as it is before it is written anew, and what will be lost of it."""

    data: bytes
    archive: Archive
    contents: WorkbookParts
    book: Book
    lost: tuple[str, ...]


Writing = Callable[[OldWorkbook, BinaryIO], object]
"""Writes the workbook that takes the place of the old one."""
Keeping = Callable[[OldWorkbook], AbstractContextManager[object]]
"""Keeps the old one while another is put in its place, and undoes that where it cannot be."""


def replace_workbook(
    path: Path, before: FileState | None, write: Writing, touched: CellAddresses, keep: Keeping
) -> OldWorkbook:
    """Put a workbook that was written anew in the place of the one that was read; return that.

    FaultError, and the file is as it was, where it is open, has changed or cannot be written, or a
    cell would be lost that was not to be touched.
    """
    check_closed(path)
    data = read_unchanged(path, before)
    with file_errors(EXCEL, path.name):
        archive = open_archive(data, EXCEL, MOST_OF_OURS)
        contents = read_workbook_parts(archive)
    book = Book(path.name, archive, contents)
    old = OldWorkbook(
        data=data,
        archive=archive,
        contents=contents,
        book=book,
        lost=find_losses(archive),
    )
    with draft_beside(path, lambda out: write(old, out)) as draft:
        check_round_trip(book, draft, touched)
        with keep(old):
            put_in_place(draft, path, before)
    return old


def back_up(path: Path, data: bytes, now: dt.datetime) -> Path:
    """Put the register's bytes beside it, under a name that says until when it was so."""
    stem = f"{path.stem} (until {now.day} {now:%b %Y})"
    kept = path.with_name(f"{free_name(path.parent, stem, path.suffix)}{path.suffix}")
    with draft_beside(kept, lambda out: out.write(data)) as new:
        put_in_place(new, kept, None)
    return kept


# Whether everything that stood in a workbook stands in the one that shall replace it.
#
# openpyxl has faults, and there are workbooks that it takes for empty (Strict Open XML): nothing is
# replaced before it was read again.


def check_round_trip(old: Book, draft: Path, touched: CellAddresses) -> None:
    """FaultError where a sheet is gone, or a cell that was not to be touched holds another value.

    Of a formula only that it is there still: its result is worked out by Excel.
    """
    try:
        new = read_book(draft)
        there = [{(sheet.name, sheet.hidden) for sheet in book.sheets} for book in (old, new)]
        if not there[0] <= there[1] or old.date1904 != new.date1904:
            raise _round_trip_failure("a sheet would be lost")
        changed = {
            n for n, pair in enumerate(zip_longest(old.texts, new.texts)) if len({*pair}) > 1
        }
        for sheet in old.sheets:
            if (sheet.name, 0, 0) in touched:
                new.sheet(sheet.name)  # it must be read the next time
            else:
                _check_sheet(sheet.name, _unlike(old, new, sheet.name, changed), touched)
    except MergeError as error:
        problem = error.problems[0]
        if problem.code == "workbook-too-large":
            raise too_long() from error
        raise _round_trip_failure(problem.what) from error


_END = b"</row>"
_ROW_WITHOUT_NUMBER = re.compile(rb'<row\b(?![^>]*\br=")')
_NUMBER = re.compile(rb">\s*(\d+)\s*</v>")


def _unlike(old: Book, new: Book, name: str, changed: AbstractSet[int]) -> tuple[Sheet, Sheet]:
    """Return a sheet of both books without rows that are the same, byte for byte.

    They show the same unless they refer to one of the shared strings that `changed`. Most rows are
    so if cells were changed in place, or rows added at the end; to read them all takes ten times
    as long.
    """
    xml = old.sheet_xml(name), new.sheet_xml(name)
    before, after = (each.split(_END) for each in xml)
    if len(before) <= len(after) and not (b"<!" in xml[0] or _ROW_WITHOUT_NUMBER.search(xml[0])):
        last = len(before) - 1  # of the new sheet, rows that were added begin there
        kept = [
            n
            for n, piece in enumerate(before[:last])
            if not n or piece != after[n] or _refers(piece, changed)
        ]
        xml = (
            _END.join((*(before[n] for n in kept), before[last])),
            _END.join((*(after[n] for n in kept), *after[last:])),
        )
    return old.parsed(name, xml[0]), new.parsed(name, xml[1])


def _refers(piece: bytes, strings: AbstractSet[int]) -> bool:
    return bool(strings) and any(int(number) in strings for number in _NUMBER.findall(piece))


def _check_sheet(name: str, pair: tuple[Sheet, Sheet], touched: CellAddresses) -> None:
    before, after = pair
    found = {row.number: row for row in after.rows}
    for row in before.rows:
        _check_row(name, row, found.get(row.number), touched)


def _check_row(sheet: str, before: Row, after: Row | None, touched: CellAddresses) -> None:
    there = {cell.column: cell for cell in after.cells} if after else {}
    for cell in before.cells:
        found = there.get(cell.column)
        same = found and (found.fault == "no-value" or _same(found.value, cell.value))
        if not same and (sheet, cell.row, cell.column) not in touched:
            name = f"{column_letter(cell.column)}{cell.row}"
            raise _round_trip_failure(f"{sheet}!{name} would be lost")


def _same(one: Scalar, other: Scalar) -> bool:
    """openpyxl writes numbers with 16 digits, Excel shows 15 of them at most."""
    if isinstance(one, float) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-15)
    return one == other


@contextmanager
def openpyxl_errors() -> Iterator[None]:
    """openpyxl at work: whatever it makes of a workbook that it does not understand is told."""
    try:
        yield
    except (OSError, MemoryError):
        raise
    except Exception as error:
        raise _round_trip_failure("it has contents that the program cannot write") from error


def _round_trip_failure(why: str) -> FaultError:
    """openpyxl cannot write into this workbook without harm."""
    return FaultError(messages.fault("register-not-carried", reason=why))


# What a workbook holds that openpyxl does not carry over a save, in words that staff know.
#
# Found by looking into the zip before anything is saved: a part or an element that is not known to
# come through is told. tests/excel/test_saving_losses.py tries each with openpyxl itself.


_KEPT_PARTS = re.compile(
    r"\[content_types\]\.xml|.*\.rels|docprops/(core|app|custom)\.xml|docprops/thumbnail\.\w+|"
    r"xl/(workbook|styles|sharedstrings|calcchain|volatiledependencies)\.xml|"
    r"xl/worksheets/sheet\d+\.xml|xl/tables/table\d+\.xml|xl/theme/theme\d*\.xml|"
    r"xl/(comments/comment|comments)\d*\.xml|xl/externallinks/externallink\d+\.xml|"
    r"xl/printersettings/.*|xl/persons/.*"
)
"""Parts, in small letters, that come through, or that Excel makes again or never shows."""

_LOST_PARTS = (
    (r"xl/(charts|chartsheets)/", "charts"),
    (r"xl/media/", "pictures"),
    (r"xl/diagrams/", "SmartArt"),
    (r"xl/embeddings/", "embedded files"),
    (r"xl/(ctrlprops|activex)/", "buttons and check boxes"),
    (r"xl/featurepropertybag/", "check boxes in cells"),
    (r"xl/(slicers|slicercaches|timelines|timelinecaches)/", "slicers"),
    (r"xl/(pivottables|pivotcache)/", "pivot tables"),
    (r"xl/(querytables/|connections\.xml)", "data connections"),
    (r"xl/model/", "the data model"),
    (r"xl/threadedcomments/", "threaded comments"),
    (r"xl/(metadata\.xml|richdata/)", "formulas that fill several cells, or linked data"),
    (r"xl/(vba.*|macrosheets/.*)|customui/", "macros"),
    (r"customxml/|xl/customproperty", "hidden data of other programs (custom XML)"),
    (r"xl/xmlmaps\.xml", "XML maps"),
    (r"xl/webextensions/", "Office add-ins"),
    (r"xl/(revisions/|usernames\.xml)", "the change history of a shared workbook"),
    (r"xl/namedsheetviews/", "sheet views"),
    (r"docmetadata/", "the sensitivity label"),
    (r"_xmlsignatures/", "the digital signature"),
)
"""How the names of other parts begin, in small letters, and what staff call them."""

_DRAWING = re.compile(r"xl/drawings/drawing\d+\.xml")
_LEGACY_DRAWING = re.compile(r"xl/drawings/.*\.vml")
_OBJECT = re.compile(rb'ObjectType="(\w+)"')
"""What a shape of an old drawing is for ([MS-OI29500]); comments are Note."""

_EXTENSIONS = {
    "05C60535-1F16-4FD2-B633-F4F36F0B64E0": "sparklines",
    "78C0D931-6437-407D-A8EE-F0AAD7539E65": "newer conditional formats (data bars, icons)",
    "CCE6A557-97BC-4B89-ADB6-D9C93CAAB3DF": "drop-downs and checks that use another sheet",
    "A8765BA9-456A-4DAB-B4F3-ACF838C121DE": "slicers",
    "3A4CF648-6AED-40F4-86FF-DC5316D8AED3": "slicers",
    "7E03D99C-DC04-49D9-9315-930204A7B6E9": "slicers",
    "FC87AEE6-9EDD-4A0A-B7FB-166176984837": "ranges that some people may change",
    "01252117-D84E-4E92-8308-4BE1C098FCBB": "",  # green corners that somebody switched off
    "B025F937-C7B1-47D3-B67F-A62EFF666E3E": "",  # comes with the newer conditional formats
    "504A1905-F514-4F6F-8877-14C23A59335A": "descriptions of tables (alternative text)",
}
"""Extensions of a sheet or a table by their ids ([MS-XLSX] 2.2.4)."""

_ELEMENTS = {
    "customSheetViews": "custom views",
    "protectedRanges": "ranges that some people may change",
    "legacyDrawingHF": "pictures in headers or footers",
    "fileSharing": "the password for changing the workbook",
    "rPh": "reading aids (furigana)",
}
"""Elements that openpyxl leaves out (ECMA-376 part 1, 18.2, 18.3 and 18.4)."""

_EXTENDED = re.compile(r"xl/(worksheets|tables)/")
"""Extensions of the workbook have parts of their own, or say nothing to people."""

_EXTENSION = re.compile(rb'<(?:\w+:)?ext\b[^<>]*\buri="\{([0-9A-Fa-f-]+)\}"')
_ELEMENT = re.compile(rb"<(%s)\b" % "|".join(_ELEMENTS).encode())
"""A text in XML never holds a bare `<`: such words are elements."""

_UNKNOWN = "unknown content"


def find_losses(archive: Archive) -> tuple[str, ...]:
    """Return what will be lost or look different, in alphabetical order; nothing is the rule."""
    found = {words for part in archive.parts for words in _in_part(part)}
    return tuple(sorted(found - {""}))


def losses_in(data: bytes, file: str) -> tuple[str, ...]:
    """Return the same of a workbook's bytes; a MergeError where they are none."""
    with file_errors(EXCEL, file):
        return find_losses(open_archive(data, EXCEL))


def _in_part(part: Member) -> Iterator[str]:
    name = part.name.lower()
    if _DRAWING.fullmatch(name):
        yield from _in_drawing(_bytes(part))
    elif _LEGACY_DRAWING.fullmatch(name):
        yield "buttons and check boxes" if set(_OBJECT.findall(_bytes(part))) - {b"Note"} else ""
    elif _KEPT_PARTS.fullmatch(name):
        yield from _in_text(name, _bytes(part))
    else:
        known = (words for start, words in _LOST_PARTS if re.match(start, name))
        yield next(known, f"{_UNKNOWN} ({part.name})")


def _bytes(part: Member) -> bytes:
    return b"".join(part.chunks())


def _in_drawing(data: bytes) -> Iterator[str]:
    """Yield what a drawing holds, by the names of its elements (ECMA-376 part 1, 20.5)."""
    yield "pictures" if re.search(rb"<(\w+:)?pic[ />]", data) else ""
    yield "charts" if re.search(rb"<(\w+:)?graphicFrame[ />]", data) else ""
    yield "text boxes and shapes" if re.search(rb"<(\w+:)?(sp|cxnSp)[ />]", data) else ""


def _in_text(name: str, data: bytes) -> Iterator[str]:
    """Yield what is in the parts of sheets, tables, texts and the workbook itself."""
    for element in _ELEMENT.findall(data):
        yield _ELEMENTS[element.decode()]
    for uri in _EXTENSION.findall(data) if _EXTENDED.match(name) else ():
        yield _EXTENSIONS.get(uri.decode().upper(), _UNKNOWN)


# How large the boxes of a sheet's comments are, from its old drawing ([MS-OI29500] 2.1.1820).


_SHAPE_END = re.compile(rb"</\w+:shape>")
_SIZE = re.compile(rb"[;\"'\s](width|height):([\d.]+)(pt|px)")
_BOX_CELL = re.compile(rb"<\w+:(Row|Column)>(\d+)<")
_PIXELS = {b"pt": 96 / 72, b"px": 1.0}


class CommentBox(NamedTuple):
    """A comment's cell, counted from 1, and the size of its box in pixels."""

    row: int
    column: int
    width: int
    height: int


def find_comment_boxes(drawing: bytes) -> Iterator[CommentBox]:
    """Yield the boxes of all comments whose size is told."""
    for shape in _SHAPE_END.split(drawing):
        sizes = {name: float(n) * _PIXELS[unit] for name, n, unit in _SIZE.findall(shape)}
        cell = {name: int(number) + 1 for name, number in _BOX_CELL.findall(shape)}
        if len(sizes) == len(cell) == 2:
            width, height = round(sizes[b"width"]), round(sizes[b"height"])
            yield CommentBox(cell[b"Row"], cell[b"Column"], width, height)
