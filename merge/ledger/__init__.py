"""The program's memory of the letters it wrote: SQLite, hidden in the folder of the letters.

It holds ids, paths, days, sizes, times and hashes; no other personal data. What is erased is
overwritten (`secure_delete`). A rollback journal, since WAL does not work on network drives.

records   what is remembered
book      the ledger itself
opening   its file: made, opened, looked through for damage
spoken    what SQLite says, as what a person can do
"""

from merge.ledger.book import Ledger
from merge.ledger.opening import no_ledger, open_ledger, read_ledger
from merge.ledger.records import Known, News, Printed, Someone
from merge.ledger.spoken import FILE

__all__ = [
    "FILE",
    "Known",
    "Ledger",
    "News",
    "Printed",
    "Someone",
    "no_ledger",
    "open_ledger",
    "read_ledger",
]
