"""Contents that openpyxl would lose are reported, and the file is kept."""

from __future__ import annotations

import os
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.packaging.custom import StringProperty
from openpyxl.packaging.relationship import Relationship
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.workbook.external_link.external import ExternalBook, ExternalLink
from support.everyday import everyday
from support.registers import codes, excel, letter, letters, make_register, run
from support.workbooks import edited, zipped

from merge.excel.losses import find_losses
from merge.excel.rewriting import load_for_update, open_zip, write_other_parts
from merge.ooxml.kinds import EXCEL
from merge.ooxml.package import open_archive
from merge.register.reading import read_register

BACKUP = "register (until 25 Nov 2026).xlsx"
SHEET = "xl/worksheets/sheet1.xml"
X14 = 'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"'
DRAWING = (
    '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">'
    "<xdr:twoCellAnchor>{}</xdr:twoCellAnchor></xdr:wsDr>"
)
VML = '<xml xmlns:x="urn:schemas-microsoft-com:office:excel"><x:ClientData ObjectType="{}"/></xml>'


def losses(path: Path) -> tuple[str, ...]:
    """Return the contents that would be losses."""
    return find_losses(open_archive(path.read_bytes(), EXCEL))


def with_part(path: Path, name: str, data: str) -> Path:
    """Return the workbook with an additional part."""
    with zipfile.ZipFile(path) as archive:
        parts: dict[str, str | bytes] = {n: archive.read(n) for n in archive.namelist()}
    return zipped(path, {**parts, name: data})


def with_extension(path: Path, uri: str, data: str = "") -> Path:
    """Return the workbook with an extension in its first sheet."""
    extension = f'<extLst><ext {X14} uri="{{{uri}}}">{data}</ext></extLst></worksheet>'
    return edited(path, SHEET, ("</worksheet>", extension))


def parts_after_openpyxl(path: Path) -> dict[str, bytes]:
    """Return the workbook's parts after openpyxl loaded and saved it."""
    out = BytesIO()
    with open_zip(out) as archive:
        write_other_parts(load_for_update(path.read_bytes(), ()), archive)
    with zipfile.ZipFile(out) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


PARTS = {
    "xl/charts/chart1.xml": "charts",
    "xl/charts/style1.xml": "charts",
    "xl/chartsheets/sheet1.xml": "charts",
    "xl/media/image1.png": "pictures",
    "xl/diagrams/data1.xml": "SmartArt",
    "xl/embeddings/oleObject1.bin": "embedded files",
    "xl/ctrlProps/ctrlProp1.xml": "buttons and check boxes",
    "xl/activeX/activeX1.xml": "buttons and check boxes",
    "xl/featurePropertyBag/featurePropertyBag.xml": "check boxes in cells",
    "xl/slicers/slicer1.xml": "slicers",
    "xl/slicerCaches/slicerCache1.xml": "slicers",
    "xl/timelines/timeline1.xml": "slicers",
    "xl/queryTables/queryTable1.xml": "data connections",
    "xl/connections.xml": "data connections",
    "xl/model/item.data": "the data model",
    "xl/threadedComments/threadedComment1.xml": "threaded comments",
    "xl/metadata.xml": "formulas that fill several cells, or linked data",
    "xl/richData/rdrichvalue.xml": "formulas that fill several cells, or linked data",
    "xl/vbaProject.bin": "macros",
    "customUI/customUI14.xml": "macros",
    "customXml/item1.xml": "hidden data of other programs (custom XML)",
    "xl/customProperty1.bin": "hidden data of other programs (custom XML)",
    "xl/xmlMaps.xml": "XML maps",
    "xl/webextensions/webextension1.xml": "Office add-ins",
    "xl/revisions/revisionHeaders.xml": "the change history of a shared workbook",
    "xl/namedSheetViews/namedSheetView1.xml": "sheet views",
    "docMetadata/LabelInfo.xml": "the sensitivity label",
    "_xmlsignatures/sig1.xml": "the digital signature",
    "xl/novelty/new1.xml": "unknown content (xl/novelty/new1.xml)",
}


@pytest.mark.parametrize(("part", "words"), everyday(PARTS.items(), daily=range(3)))
def test_parts_that_openpyxl_omits_are_reported(tmp_path: Path, part: str, words: str) -> None:
    path = with_part(make_register(tmp_path), part, "<a/>")
    assert losses(path) == (words,)
    assert part not in parts_after_openpyxl(path)


DRAWINGS = {
    "<xdr:pic/>": "pictures",
    "<xdr:graphicFrame/>": "charts",
    '<xdr:sp macro=""/>': "text boxes and shapes",
    "<xdr:cxnSp/>": "text boxes and shapes",
}


@pytest.mark.parametrize(("element", "words"), everyday(DRAWINGS.items(), daily=range(3)))
def test_drawings_that_openpyxl_omits_are_reported(
    tmp_path: Path, element: str, words: str
) -> None:
    path = with_part(make_register(tmp_path), "xl/drawings/drawing1.xml", DRAWING.format(element))
    assert losses(path) == (words,)
    assert "xl/drawings/drawing1.xml" not in parts_after_openpyxl(path)


@pytest.mark.parametrize(
    ("kind", "words"), [("Note", ()), ("Checkbox", ("buttons and check boxes",))]
)
def test_openpyxl_keeps_only_comments_of_legacy_drawings(
    tmp_path: Path, kind: str, words: tuple[str, ...]
) -> None:
    path = with_part(make_register(tmp_path), "xl/drawings/vmlDrawing1.vml", VML.format(kind))
    assert losses(path) == words


EXTENSIONS = {
    "05C60535-1F16-4fd2-B633-F4F36F0B64E0": "sparklines",
    "78C0D931-6437-407d-A8EE-F0AAD7539E65": "newer conditional formats (data bars, icons)",
    "CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF": "drop-downs and checks that use another sheet",
    "A8765BA9-456A-4dab-B4F3-ACF838C121DE": "slicers",
    "3A4CF648-6AED-40f4-86FF-DC5316D8AED3": "slicers",
    "7E03D99C-DC04-49d9-9315-930204A7B6E9": "slicers",
    "FC87AEE6-9EDD-4A0A-B7FB-166176984837": "ranges that some people may change",
    "00000000-0000-0000-0000-000000000000": "unknown content",
}


@pytest.mark.parametrize(("uri", "words"), everyday(EXTENSIONS.items(), daily=range(3)))
def test_extensions_of_a_sheet_that_openpyxl_omits_are_reported(
    tmp_path: Path, uri: str, words: str
) -> None:
    path = with_extension(make_register(tmp_path), uri, "<x14:thing/>")
    assert losses(path) == (words,)
    assert b"x14:thing" not in parts_after_openpyxl(path)[SHEET]


def test_ignored_errors_of_cells_are_not_reported_as_a_loss(tmp_path: Path) -> None:
    assert (
        losses(with_extension(make_register(tmp_path), "01252117-D84E-4E92-8308-4BE1C098FCBB"))
        == ()
    )


ELEMENTS = {
    "<customSheetViews/>": "custom views",
    '<protectedRanges><protectedRange name="a" sqref="A1"/></protectedRanges>': (
        "ranges that some people may change"
    ),
    '<legacyDrawingHF xmlns:r="r" r:id="rId9"/>': "pictures in headers or footers",
}


@pytest.mark.parametrize(("element", "words"), ELEMENTS.items())
def test_elements_that_openpyxl_omits_are_reported(
    tmp_path: Path, element: str, words: str
) -> None:
    path = edited(make_register(tmp_path), SHEET, ("</worksheet>", f"{element}</worksheet>"))
    assert losses(path) == (words,)
    assert element[:9].encode() not in parts_after_openpyxl(path)[SHEET]


def test_the_password_for_changing_a_workbook_is_reported_as_a_loss(tmp_path: Path) -> None:
    sharing = '<fileSharing readOnlyRecommended="1"/><workbookPr'
    path = edited(make_register(tmp_path), "xl/workbook.xml", ("<workbookPr", sharing))
    assert losses(path) == ("the password for changing the workbook",)
    assert b"fileSharing" not in parts_after_openpyxl(path)["xl/workbook.xml"]


def test_text_in_cells_is_not_reported_as_lost_elements(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as sheet:
        sheet["N2"] = '<customSheetViews> <ext uri="{1}"> <rPh>'
    assert losses(path) == ()


def test_names_properties_and_links_to_other_workbooks_survive_an_update(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    book: Any = load_workbook(path)
    book.defined_names["Piles"] = DefinedName("Piles", attr_text="'By signer'!$A$1:$C$4")
    book.custom_doc_props.append(StringProperty(name="Office", value="Bern"))
    book.save(path)
    link = ExternalLink(externalBook=ExternalBook(id="rId1"))
    link.file_link = Relationship(type="externalLinkPath", Target="other.xlsx", Id="rId1")
    link.file_link.TargetMode = "External"
    book._external_links.append(link)  # noqa: SLF001
    book.save(path)
    assert losses(path) == ()
    updated = run(path, letters(state="edited"))
    assert updated.is_written
    assert updated.backup is None
    after: Any = load_workbook(path)
    assert after.defined_names["Piles"].attr_text == "'By signer'!$A$1:$C$4"
    assert after.custom_doc_props["Office"].value == "Bern"
    with zipfile.ZipFile(path) as archive:
        assert b"other.xlsx" in archive.read("xl/externalLinks/_rels/externalLink1.xml.rels")


def with_chart(folder: Path) -> Path:
    """Return a register with a chart that staff added."""
    path = make_register(folder)
    with excel(path, "By signer") as sheet:
        chart = BarChart()
        chart.add_data(Reference(sheet, min_col=3, min_row=2, max_row=4))
        sheet.add_chart(chart, "L2")
    return path


def test_losses_are_reported_and_a_backup_of_the_register_is_kept(tmp_path: Path) -> None:
    path = with_chart(tmp_path)
    old_bytes = path.read_bytes()
    updated = run(path, letters(state="edited"))
    assert updated.is_written
    assert updated.backup == tmp_path / BACKUP
    assert (tmp_path / BACKUP).read_bytes() == old_bytes
    assert [str(p) for p in updated.problems] == [LOSS_MESSAGE]
    assert [(p.code, p.level) for p in updated.problems] == [("register-losses", "warning")]


LOSS_MESSAGE = (
    "register.xlsx: The register was saved, but this may be lost or look different: charts."
    f" The previous version is {BACKUP}. Keep such things in a separate workbook."
)


def test_an_existing_backup_of_the_register_is_not_overwritten(tmp_path: Path) -> None:
    path = with_chart(tmp_path)
    (tmp_path / BACKUP).write_bytes(b"mine")
    updated = run(path, letters(state="edited"))
    assert updated.backup == tmp_path / "register (until 25 Nov 2026)-2.xlsx"
    assert (tmp_path / BACKUP).read_bytes() == b"mine"


def test_a_register_without_changes_gets_no_backup(tmp_path: Path) -> None:
    path = with_chart(tmp_path)
    assert not run(path, letters()).is_written
    assert [p.name for p in tmp_path.iterdir()] == ["register.xlsx"]


def test_a_failed_save_of_the_register_leaves_no_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = with_chart(tmp_path)
    old_bytes = path.read_bytes()
    rename = os.rename

    def fail_if_in_use(source: str, target: str) -> None:
        if Path(source) == path:
            raise PermissionError(13, "in use")
        rename(source, target)

    monkeypatch.setattr(os, "rename", fail_if_in_use)
    assert codes(run(path, letters(state="edited"))) == ["register-open"]
    assert path.read_bytes() == old_bytes
    assert [p.name for p in tmp_path.iterdir()] == ["register.xlsx"]


def test_a_strict_workbook_that_openpyxl_reads_as_empty_is_not_rewritten(tmp_path: Path) -> None:
    """Excel's file type for it is Strict Open XML Spreadsheet."""
    path = make_register(tmp_path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    strict = {
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": (
            b"http://purl.oclc.org/ooxml/spreadsheetml/main"
        ),
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": (
            b"http://purl.oclc.org/ooxml/officeDocument/relationships"
        ),
    }
    for old, new in strict.items():
        parts = {name: data.replace(old, new) for name, data in parts.items()}
    zipped(path, parts)
    old_bytes = path.read_bytes()
    assert len(read_register(path).rows) == 6
    updated = run(path, [*letters(state="edited"), letter(3)])
    assert codes(updated) == ["register-not-carried"]
    assert path.read_bytes() == old_bytes
    assert codes(run(path, letters(state="edited"))) == []
    assert {row.state for row in read_register(path).rows.values()} == {"edited"}


def test_an_escaped_text_that_openpyxl_would_change_is_kept(tmp_path: Path) -> None:
    """openpyxl drops x005F_ from texts, which represents an underscore."""
    path = make_register(tmp_path)
    with excel(path) as sheet:
        sheet["N3"] = "file_x005F_x0041_"
    assert codes(run(path, [*letters(state="edited"), letter(3)])) == []
    with zipfile.ZipFile(path) as archive:
        assert b">file_x005F_x0041_<" in archive.read("xl/worksheets/sheet1.xml")
