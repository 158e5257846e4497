"""Any .xlsx as rows of cells, within limits. The only door to the workbook's format.

    events     a part's XML -> calls, one element at a time, nothing held
    strings    shared strings, rich text, escapes
    formats    each cell style's number format
    parts      which worksheets there are, and where everything lies
    scalars    numbers, dates, column letters
    grid       a sheet's part -> rows of cells
    book       the whole: read_book(path), book.sheet(name)
    refusals   the words for a workbook that cannot be read

Cells come as the file holds them: numbers are raw, dates still serial numbers with their number
format beside them. ECMA-376 part 1, section 18.

The sheet is not read with openpyxl. Its read-only mode drops rows that stand out of order, turns
dates before their format is asked, cannot tell a written `_x000D_` from Excel's escape, shows
neither hidden rows nor merged cells nor a formula without value, and so a pass of our own over
the part is needed in any case; that pass reads the values too, in a quarter of the time.
"""

from merge.sheet.book import Book, SheetName, read_book
from merge.sheet.grid import Cell, Range, Row, Scalar, Sheet

__all__ = ["Book", "Cell", "Range", "Row", "Scalar", "Sheet", "SheetName", "read_book"]
