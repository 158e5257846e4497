"""register.xlsx, the staff's list of letters: made once, then brought up to date in place.

    layout      the three tables and their columns
    records     what goes in and out: Entry, Row, Typed, Updated
    memory      what the program last wrote into a row, kept in a hidden cell of it
    tables      where the Excel tables of a workbook are
    cell        a cell as staff left it
    lines       a row as staff left it
    moved       rows whose cells were moved without the hidden one
    found       a table where staff have it now, and its rows
    doubts      what is doubtful in it
    reading     the file -> Register
    counting    what each row is to hold
    planning    Register and entries -> what is to be written
    update      the whole: plans, and writes where something changed
    saving      written beside, then renamed; or not, and why
    writing     the file made, or rewritten from the one that was read
    packing     an openpyxl workbook straight into a zip
    making      the first register, row by row
    updating    openpyxl fills in what is planned
    growing     a table made longer or wider
    boxes       how large the boxes of comments are
    dress       how it looks, what a cell gets
    losses      what openpyxl does not carry
    carried     whether all that stood there stands there again

register = read_register(folder / "register.xlsx")
register.on_paper(letter_id)
update_register(folder / "register.xlsx", entries, register, now)

Reading and planning need no openpyxl; it is loaded when there is something to write.
"""

from merge.register.layout import STAGES
from merge.register.reading import Register, read_register
from merge.register.records import UNWANTED, Entry, Row, Stage, Typed, Updated
from merge.register.update import update_register

__all__ = [
    "STAGES",
    "UNWANTED",
    "Entry",
    "Register",
    "Row",
    "Stage",
    "Typed",
    "Updated",
    "read_register",
    "update_register",
]
