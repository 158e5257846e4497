"""Names: tags from headings, letter ids, hashes, safe file names that never collide."""

from __future__ import annotations

import difflib
import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from merge.text.folding import composed, folded


def placeholder_name(heading: str) -> str:
    """Return a heading's tag: `Postal code` is `postal_code`, `2nd line` is `m_2nd_line`.

    NFKC and lower case; letters, marks and digits stay; a run of anything else is one `_`,
    none at the ends; a leading digit gets `m_`, as in Word's merge. Empty where nothing stays.
    """
    normal = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", heading).lower())
    kept = (c if unicodedata.category(c)[0] in "LM" or c.isdecimal() else " " for c in normal)
    name = "_".join("".join(kept).split())
    return f"m_{name}" if name[:1].isdecimal() else name


def heading_for_placeholder(placeholder: str) -> str:
    """Return a heading that makes a tag: of `postal_code`, `Postal code`."""
    return placeholder.replace("_", " ").capitalize()


def nearest_word(
    word: str, known: Iterable[str], cutoff: float = 0.7, key: Callable[[str], str] = folded
) -> str:
    """Return the known word that looks most like this one, as it is written; empty if none does.

    They are compared by `key`; `cutoff` is how much of them agrees at least (difflib's ratio).
    """
    by_key = {key(k): k for k in known}
    found = difflib.get_close_matches(key(word), by_key, n=1, cutoff=cutoff)
    return by_key[found[0]] if found else ""


def format_count(number: int, noun: str) -> str:
    """Return `1 letter`, `2,500 letters`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def join_first(texts: Sequence[str], most: int) -> str:
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

    def hash_text(self, text: str, size: int = 8) -> str:
        """Return two hexadecimal digits for each of `size` bytes; empty for an empty text."""
        return self._hash(text.encode(errors="surrogatepass"), size).hex() if text else ""

    def hash_bytes(self, data: bytes) -> bytes:
        """Return as many bytes as the hash has."""
        return self._hash(data, len(data)) if data else b""

    def _hash(self, plain: bytes, size: int) -> bytes:
        return hashlib.blake2b(plain, digest_size=size, key=self.key).digest()


NO_SALT = Salt(b"")


MAX_PART_BYTES = 120
"""A part of a path, in UTF-8. ext4 allows 255 bytes; the rest is room for what others add."""
MAX_PART_CHARACTERS = 60
"""A part of a path. Windows allows 260 characters in all, folders of the user included."""
_FORBIDDEN_CHARACTERS = re.compile(r'[<>:"/\\|?*]')
"""Characters no Windows file name may hold."""
_RESERVED_NAMES = re.compile(
    r"(?i)^(con|prn|aux|nul|clock\$|conin\$|conout\$|(com|lpt)[0-9¹²³])(?=\s*(?:\.|$))"
)
"""Names that Windows keeps for devices, whatever the extension."""
_INVISIBLE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""General categories that a file name must not hold: control, format, surrogate, private use."""


def safe_path_part(
    text: str, *, reserved_length: int = 0, max_length: int = MAX_PART_CHARACTERS
) -> str:
    """Return one part of a path, safe on Windows, Mac and Linux; `_` where nothing can stay.

    `room` characters of the `most` are left free for an ending such as `.docx`.
    """
    normal = composed(text)
    seen = (
        c for c in normal if c in "\t\n\r" or unicodedata.category(c) not in _INVISIBLE_CATEGORIES
    )
    shown = "".join(" " if c.isspace() else c for c in seen)
    clean = " ".join(_FORBIDDEN_CHARACTERS.sub("-", shown).split()).lstrip("~$-. ") or "_"
    return (
        _truncate(_RESERVED_NAMES.sub(r"\1_", clean), reserved_length, max_length).rstrip(". ")
        or "_"
    )


def _truncate(text: str, reserved_length: int, max_length: int = MAX_PART_CHARACTERS) -> str:
    """Return the permitted length at most, never cut inside a character or before its accent."""
    end = min(len(text), max_length - reserved_length)
    while len(text[:end].encode()) > MAX_PART_BYTES - reserved_length or unicodedata.combining(
        text[end : end + 1] or " "
    ):
        end -= 1
    return text[:end]


def path_key(path: str) -> str:
    """Return a key that two paths share if they may be one file on some disk."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFKC", composed(path).casefold())


class UniquePaths:
    """Gives out paths, none twice: a second `Ana/Li.docx` becomes `Ana/Li-2.docx`."""

    def __init__(self) -> None:
        self._used_hashes: set[int] = (
            set()
        )  # hashes: a tenth of the memory of a hundred thousand paths
        self._next_numbers: dict[int, int] = {}
        """For a name that was asked for again: the number before which all are taken."""

    def reserve(self, path: str) -> None:
        """Keep this path from being given out."""
        self._used_hashes.add(hash(path_key(path)))

    def claim(
        self, stem: str, extension: str, is_blocked: Callable[[str], bool] = lambda _: False
    ) -> str:
        """Take `stem` + `ending`, or the first `stem-2`, `stem-3`… that is free.

        `blocked` says which paths are not free for another reason.
        """
        path, count = stem + extension, 1
        again, whole = hash(path_key(path)), True
        while (taken := hash(path_key(path)) in self._used_hashes) or is_blocked(path):
            whole = whole and taken  # what is blocked now may be free later
            count = max(count + 1, self._next_numbers.get(again, 0) if count == 1 else 0)
            suffix = f"-{count}{extension}"
            folder, slash, last = stem.rpartition("/")  # the last part may get too long
            path = folder + slash + _truncate(last, len(suffix)).rstrip(". ") + suffix
        if whole and count > 1:
            self._next_numbers[again] = count + 1
        self.reserve(path)
        return path
