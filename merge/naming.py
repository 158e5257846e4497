"""Names: tags from headings, letter ids, hashes, safe file names that never collide."""

from __future__ import annotations

import difflib
import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from merge.text.folding import composed, folded


def tag_name(heading: str) -> str:
    """Return a heading's tag: `Postal code` is `postal_code`, `2nd line` is `m_2nd_line`.

    NFKC and lower case; letters, marks and digits stay; a run of anything else is one `_`,
    none at the ends; a leading digit gets `m_`, as in Word's merge. Empty where nothing stays.
    """
    normal = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", heading).lower())
    kept = (c if unicodedata.category(c)[0] in "LM" or c.isdecimal() else " " for c in normal)
    name = "_".join("".join(kept).split())
    return f"m_{name}" if name[:1].isdecimal() else name


def heading_for(tag: str) -> str:
    """Return a heading that makes a tag: of `postal_code`, `Postal code`."""
    return tag.replace("_", " ").capitalize()


def nearest(
    word: str, known: Iterable[str], cutoff: float = 0.7, key: Callable[[str], str] = folded
) -> str:
    """Return the known word that looks most like this one, as it is written; empty if none does.

    They are compared by `key`; `cutoff` is how much of them agrees at least (difflib's ratio).
    """
    by_key = {key(k): k for k in known}
    found = difflib.get_close_matches(key(word), by_key, n=1, cutoff=cutoff)
    return by_key[found[0]] if found else ""


def counted(number: int, noun: str) -> str:
    """Return `1 letter`, `2,500 letters`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def first_few(texts: Sequence[str], most: int) -> str:
    """Return the first of some texts, joined by commas, and how many more there are."""
    more = f" and {len(texts) - most:,} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more


def short_hash(*words: str) -> str:
    """Return 16 hexadecimal digits, always the same for the same words."""
    return hashlib.sha256("\0".join(words).encode(errors="surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Salt:
    """What a campaign mixes into its hashes: no list of hashes that was made elsewhere fits them.

    It takes hashes, not what they are of.
    """

    key: bytes

    def text(self, plain: str, size: int = 8) -> str:
        """Return two hexadecimal digits for each of `size` bytes; empty for an empty text."""
        return self._hash(plain.encode(errors="surrogatepass"), size).hex() if plain else ""

    def data(self, plain: bytes) -> bytes:
        """Return as many bytes as the hash has."""
        return self._hash(plain, len(plain)) if plain else b""

    def _hash(self, plain: bytes, size: int) -> bytes:
        return hashlib.blake2b(plain, digest_size=size, key=self.key).digest()


NO_SALT = Salt(b"")


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


def safe_part(text: str, *, room: int = 0, most: int = MOST_CHARACTERS) -> str:
    """Return one part of a path, safe on Windows, Mac and Linux; `_` where nothing can stay.

    `room` characters of the `most` are left free for an ending such as `.docx`.
    """
    normal = composed(text)
    seen = (c for c in normal if c in "\t\n\r" or unicodedata.category(c) not in _UNSEEN)
    shown = "".join(" " if c.isspace() else c for c in seen)
    clean = " ".join(_FORBIDDEN.sub("-", shown).split()).lstrip("~$-. ") or "_"
    return _cut(_RESERVED.sub(r"\1_", clean), room, most).rstrip(". ") or "_"


def _cut(text: str, room: int, most: int = MOST_CHARACTERS) -> str:
    """Return the permitted length at most, never cut inside a character or before its accent."""
    end = min(len(text), most - room)
    while len(text[:end].encode()) > MOST_BYTES - room or unicodedata.combining(
        text[end : end + 1] or " "
    ):
        end -= 1
    return text[:end]


def path_key(path: str) -> str:
    """Return a key that two paths share if they may be one file on some disk."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFKC", composed(path).casefold())


class FreeNames:
    """Gives out paths, none twice: a second `Ana/Li.docx` becomes `Ana/Li-2.docx`."""

    def __init__(self) -> None:
        self._taken: set[int] = set()  # hashes: a tenth of the memory of a hundred thousand paths
        self._next: dict[int, int] = {}
        """For a name that was asked for again: the number before which all are taken."""

    def reserve(self, path: str) -> None:
        """Keep this path from being given out."""
        self._taken.add(hash(path_key(path)))

    def take(self, stem: str, ending: str, blocked: Callable[[str], bool] = lambda _: False) -> str:
        """Take `stem` + `ending`, or the first `stem-2`, `stem-3`… that is free.

        `blocked` says which paths are not free for another reason.
        """
        path, count = stem + ending, 1
        again, whole = hash(path_key(path)), True
        while (taken := hash(path_key(path)) in self._taken) or blocked(path):
            whole = whole and taken  # what is blocked now may be free later
            count = max(count + 1, self._next.get(again, 0) if count == 1 else 0)
            suffix = f"-{count}{ending}"
            folder, slash, last = stem.rpartition("/")  # the last part may get too long
            path = folder + slash + _cut(last, len(suffix)).rstrip(". ") + suffix
        if whole and count > 1:
            self._next[again] = count + 1
        self.reserve(path)
        return path
