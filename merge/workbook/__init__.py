"""signers.xlsx -> people, pairs and settings, and everything that is wrong with them, at once.

    values     a cell -> Value, or why it cannot be used
    near       did you mean?
    table      a sheet -> its heading row, columns and lines
    merged     merged cells where they hide something
    people     Signers, Recipients -> People
    settings   Settings -> Settings
    languages  which languages there are; dates written as text
    directory  people by name or ID
    pairs      Pairs -> rules, each row with the people it names
    pairing    rules -> who writes to whom, pair by pair
    matching   the setting Match: where cells agree
    reading    all of it: read_workbook(path)

Errors that leave nothing to go on with (no sheet, no headings, nobody) are raised, all at once;
what else is wrong is in `Workbook.problems`.
"""

from merge.excel.dates import known_language
from merge.workbook.pairing import Pairing
from merge.workbook.reading import Workbook, read_workbook
from merge.workbook.settings import Settings

__all__ = ["Pairing", "Settings", "Workbook", "known_language", "read_workbook"]
