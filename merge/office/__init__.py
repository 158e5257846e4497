"""An Office file, Word's or Excel's: what it is, its zip within limits.

words      the words of either program: WORD, EXCEL
refused    why a file is not read, and the door that names the file
files      a path -> bytes, or whom to ask
archive    bytes -> the zip's parts, each within the caps
contents   what a zip says of itself: its main part and that part's type
kinds      which kind of file it is
opening    the whole: bytes -> an archive of the right kind

with told_of(WORD, path.name):
    archive = open_archive(read_bytes(path, WORD), WORD)
"""

from merge.office.archive import Archive
from merge.office.deflate import Deflater, crc32, deflated
from merge.office.files import MOST_FILE, read_bytes
from merge.office.opening import open_archive
from merge.office.refused import UNEXPECTED, Refused, told_of
from merge.office.words import EXCEL, WORD

__all__ = [
    "EXCEL",
    "MOST_FILE",
    "UNEXPECTED",
    "WORD",
    "Archive",
    "Deflater",
    "Refused",
    "crc32",
    "deflated",
    "open_archive",
    "read_bytes",
    "told_of",
]
