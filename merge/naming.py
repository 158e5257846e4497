"""Names of placeholders, files and conflict copies; hashes and letter IDs."""

from __future__ import annotations

import difflib
import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePath

from merge.text.folding import composed, folded


def placeholder_name(heading: str) -> str:
    """Return the placeholder name for a column heading.

    `Postal code` becomes `postal_code`, and `2nd line` becomes `m_2nd_line`.

    1. The heading is normalised (NFKC) and lower case.
    2. Letters, marks and digits are kept. All other characters between them become one `_`.
    3. A name that begins with a digit gets `m_`, as in Word's mail merge.

    The name is empty if no character is kept.
    """
    normal = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", heading).lower())
    characters = (c if unicodedata.category(c)[0] in "LM" or c.isdecimal() else " " for c in normal)
    name = "_".join("".join(characters).split())
    return f"m_{name}" if name[:1].isdecimal() else name


def heading_for_placeholder(placeholder: str) -> str:
    """Return a heading for a placeholder: `Postal code` for `postal_code`."""
    return placeholder.replace("_", " ").capitalize()


def nearest_word(
    word: str, known: Iterable[str], cutoff: float = 0.7, key: Callable[[str], str] = folded
) -> str:
    """Return the known word that is most similar to a word; empty if none is.

    Words are compared by `key`. `cutoff` is the least similarity, a ratio of difflib.
    """
    by_key = {key(k): k for k in known}
    matches = difflib.get_close_matches(key(word), by_key, n=1, cutoff=cutoff)
    return by_key[matches[0]] if matches else ""


def format_count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 letter` or `2,500 letters`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def join_first(texts: Sequence[str], most: int) -> str:
    """Return the first texts, joined by commas, and the number of the others."""
    rest = f" and {len(texts) - most:,} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + rest


def short_hash(*words: str) -> str:
    """Return a hash of words, as 16 hexadecimal digits."""
    return hashlib.sha256("\0".join(words).encode(errors="surrogatepass")).hexdigest()[:16]


MIN_ID_DIGITS = 4
"""Fewest digits of a letter's short ID."""


def short_id_length(ids: Iterable[str]) -> int:
    """Return how many digits of the IDs make all letters distinct.

    It is at least `MIN_ID_DIGITS`.
    """
    all_ids = set(ids)
    full = max(map(len, all_ids), default=MIN_ID_DIGITS)
    lengths = range(MIN_ID_DIGITS, full)
    return next(
        (
            length
            for length in lengths
            if len({letter_id[:length] for letter_id in all_ids}) == len(all_ids)
        ),
        full,
    )


def hash_text(text: str, size: int = 8, salt: bytes = b"") -> str:
    """Return the hash of a text, in hexadecimal; empty if the text is empty.

    The hash has `size` bytes, so the result has twice as many digits.
    """
    plain = text.encode(errors="surrogatepass")
    return hashlib.blake2b(plain, digest_size=size, key=salt).hexdigest() if text else ""


MAX_PART_BYTES = 120
"""Limit for one part of a path, in UTF-8.

ext4 allows 255 bytes; other programs need the rest for what they add to a name.
"""
MAX_PART_CHARACTERS = 60
"""Limit for one part of a path.

Windows allows 260 characters for the complete path, which includes the user's folders.
"""
_FORBIDDEN_CHARACTERS = re.compile(r'[<>:"/\\|?*]')
"""Characters that Windows does not allow in file names."""
_RESERVED_NAMES = re.compile(
    r"(?i)^(con|prn|aux|nul|clock\$|conin\$|conout\$|(com|lpt)[0-9¹²³])(?=\s*(?:\.|$))"
)
"""Names that Windows reserves for devices, with any extension."""
_INVISIBLE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories that a file name must not contain.

They are control, format, surrogate, private use and unassigned characters, and line separators.
"""


def safe_path_part(
    text: str, *, reserved_length: int = 0, max_length: int = MAX_PART_CHARACTERS
) -> str:
    """Return a file or folder name that is safe on Windows, macOS and Linux.

    It is `_` if no character of the text can be kept. `reserved_length` characters of `max_length`
    stay free for an extension such as `.docx`.
    """
    composed_text = composed(text)
    visible = (
        c
        for c in composed_text
        if c in "\t\n\r" or unicodedata.category(c) not in _INVISIBLE_CATEGORIES
    )
    spaced = "".join(" " if c.isspace() else c for c in visible)
    clean = " ".join(_FORBIDDEN_CHARACTERS.sub("-", spaced).split()).lstrip("~$-. ") or "_"
    return (
        _truncate(_RESERVED_NAMES.sub(r"\1_", clean), reserved_length, max_length).rstrip(". ")
        or "_"
    )


def _truncate(text: str, reserved_length: int, max_length: int = MAX_PART_CHARACTERS) -> str:
    """Return the text, cut to the permitted length.

    It is never cut inside a character or before its combining accent.
    """
    end = min(len(text), max_length - reserved_length)
    while len(text[:end].encode()) > MAX_PART_BYTES - reserved_length or unicodedata.combining(
        text[end : end + 1] or " "
    ):
        end -= 1
    return text[:end]


def path_key(path: str) -> str:
    """Return a key that two paths share if they may be one file on any disk."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFKC", composed(path).casefold())


class UniquePaths:
    """A generator of unique paths: each path is given to one caller only.

    The second caller that asks for `Ana/Li.docx` gets `Ana/Li-2.docx`.
    """

    def __init__(self) -> None:
        self._used_hashes: set[int] = set()  # hashes: a tenth of the memory of 100,000 paths
        self._next_numbers: dict[int, int] = {}
        """The first number that may be free, by the hash of a repeated path."""

    def reserve(self, path: str) -> None:
        """Exclude a path from the paths that `claim` returns."""
        self._used_hashes.add(hash(path_key(path)))

    def claim(
        self, stem: str, extension: str, is_blocked: Callable[[str], bool] = lambda _: False
    ) -> str:
        """Return a path that is still free: `stem` with extension, or a variant.

        The variants are `stem-2`, `stem-3` and so on.
        `is_blocked` returns whether a path is not free for another reason.
        """
        path, count = stem + extension, 1
        first_key, all_used = hash(path_key(path)), True
        while (is_used := hash(path_key(path)) in self._used_hashes) or is_blocked(path):
            all_used = all_used and is_used  # a blocked path may be free later
            count = max(count + 1, self._next_numbers.get(first_key, 0) if count == 1 else 0)
            suffix = f"-{count}{extension}"
            folder, slash, last = stem.rpartition("/")  # the last part may get too long
            path = folder + slash + _truncate(last, len(suffix)).rstrip(". ") + suffix
        if all_used and count > 1:
            self._next_numbers[first_key] = count + 1
        self.reserve(path)
        return path


_COMPUTER_SUFFIX = re.compile(
    r"-(?!(?:old|backup|bak|copy|copie|copia|kopie|alt)\b)[\w -]{4,}(?: \(\d+\))?", re.IGNORECASE
)
"""The name of a computer, which OneDrive adds to that of a conflict copy."""
_CONFLICT_SUFFIX = re.compile(
    r"\.sync-conflict-\d{8}-\d{6}-\w+|_conflict-\d{8}-\d{6}| \(\d+\)| \d{1,3}"
)
"""The text that Syncthing, old Nextcloud, Google Drive and iCloud add."""
_CONFLICT_WORDS = ("kept", "conflict", "conflit", "conflitto", "konflikt", "конфл", "تعارض")
"""Words in brackets that this program, Dropbox and Nextcloud add."""


def is_conflict_copy(copy: PurePath, path: PurePath) -> bool:
    """Return whether a file has the name of a conflict copy of `path`.

    The name of a computer has a capital letter, the end of `appeal-short` has none.
    """
    length = len(path.stem)
    beginning, suffix = copy.stem[:length], copy.stem[length:]
    if not suffix or beginning.lower() != path.stem.lower():
        return False
    if suffix.startswith("-"):
        has_capital = any(c.isalpha() and not c.islower() for c in suffix)
        return has_capital and _COMPUTER_SUFFIX.fullmatch(suffix) is not None
    in_brackets = suffix.startswith(" (") and suffix.endswith(")")
    has_word = in_brackets and any(word in suffix.lower() for word in _CONFLICT_WORDS)
    return has_word or _CONFLICT_SUFFIX.fullmatch(suffix) is not None
