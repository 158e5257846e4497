"""Names: tags from headings, letter ids, safe file names that never collide."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable

MOST_BYTES = 120
"""A part of a path, in UTF-8. ext4 allows 255 bytes; the rest is room for what others add."""

MOST_CHARACTERS = 60
"""A part of a path. Windows allows 260 characters in all, folders of the user included."""

_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
"""Characters no Windows file name may hold."""

_RESERVED = re.compile(
    r"(?i)^(con|prn|aux|nul|clock\$|conin\$|conout\$|(com|lpt)[0-9¹²³])(?=\s*(?:\.|$))"
)
"""Names that Windows keeps for devices, whatever the extension."""

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""General categories that a file name must not hold: control, format, surrogate, private use."""


def tag_name(heading: str) -> str:
    """The tag that a heading makes: `Postal code` is `postal_code`, `2nd line` is `m_2nd_line`.

    NFKC and lower case; letters, marks and digits stay; a run of anything else is one `_`,
    none at the ends; a leading digit gets `m_`, as in Word's merge. Empty where nothing stays.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", heading).lower())
    kept = (c if unicodedata.category(c)[0] in "LM" or c.isdecimal() else " " for c in folded)
    name = "_".join("".join(kept).split())
    return f"m_{name}" if name[:1].isdecimal() else name


def folded(text: str) -> str:
    """Text for telling whether two names are the same: case, width and spaces do not count."""
    if text.isascii():
        return " ".join(text.lower().split())
    normal = unicodedata.normalize("NFKC", text)
    seen = "".join(c for c in normal if unicodedata.category(c) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", seen.casefold()).split())


def short_hash(*words: str) -> str:
    """16 hexadecimal digits, always the same for the same words."""
    return hashlib.sha256("\0".join(words).encode(errors="surrogatepass")).hexdigest()[:16]


def safe_part(text: str, *, room: int = 0, most: int = MOST_CHARACTERS) -> str:
    """One part of a path, safe on Windows, Mac and Linux; `_` where nothing of it can stay.

    `room` characters of the `most` are left free for an ending such as `.docx`.
    """
    normal = unicodedata.normalize("NFC", text)
    shown = "".join(" " if c.isspace() else c for c in normal if _can_be_seen(c))
    clean = " ".join(_FORBIDDEN.sub("-", shown).split())
    clean = clean.lstrip("~$-. ") or "_"
    return _cut(_RESERVED.sub(r"\1_", clean), room, most).rstrip(". ") or "_"


def _can_be_seen(character: str) -> bool:
    return character in "\t\n\r" or unicodedata.category(character) not in _UNSEEN


def _cut(text: str, room: int, most: int = MOST_CHARACTERS) -> str:
    """At most the permitted length, never inside a character or before its accent."""
    end = min(len(text), most - room)
    while len(text[:end].encode()) > MOST_BYTES - room or unicodedata.combining(
        text[end : end + 1] or " "
    ):
        end -= 1
    return text[:end]


def path_key(path: str) -> str:
    """Two paths with the same key may be one file on some disk."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFC", path).casefold())


class FreeNames:
    """Gives out paths, none twice: a second `Ana/Li.docx` becomes `Ana/Li-2.docx`."""

    def __init__(self) -> None:
        self._taken: set[int] = set()  # hashes: a tenth of the memory of a hundred thousand paths

    def reserve(self, path: str) -> None:
        """Never give this path out."""
        self._taken.add(hash(path_key(path)))

    def take(self, stem: str, ending: str, blocked: Callable[[str], bool] = lambda _: False) -> str:
        """`stem` + `ending`, or the first `stem-2`, `stem-3`… that is free; taken from now on.

        `blocked` tells of paths that are not free for another reason.
        """
        path, count = stem + ending, 1
        while hash(path_key(path)) in self._taken or blocked(path):
            count += 1
            path = f"{_shorter(stem, len(str(count)) + 1, len(ending))}-{count}{ending}"
        self.reserve(path)
        return path


def _shorter(stem: str, suffix: int, ending: int) -> str:
    """The stem, its last part cut where a suffix would make it too long."""
    folder, slash, last = stem.rpartition("/")
    return folder + slash + _cut(last, suffix + ending).rstrip(". ")
