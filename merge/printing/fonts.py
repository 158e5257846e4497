"""The fonts of this computer: which scripts none of them has, so that a PDF would show boxes.

The files are read themselves, for no system says it alike: the table `cmap` of an OpenType font
lists its characters (ISO/IEC 14496-22, 5.2.1; a collection holds several fonts, 4.6).
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from io import BufferedReader
from pathlib import Path

_FONT_ENDINGS = (".ttf", ".otf", ".ttc", ".otc")
_COLLECTION_TAG = b"ttcf"
_PLACEHOLDER_FONTS = ("lastresort", "adobeblank", "adobenotdef")
"""Fonts that have a sign for every character, and it is a box or nothing."""

_MAX_TABLE_BYTES = 4_000_000  # Of a table
_SCRIPT_NAMES = {
    "CJK": "Chinese",
    "HIRAGANA": "Japanese",
    "KATAKANA": "Japanese",
    "HANGUL": "Korean",
}

Read = Callable[[int, int], bytes]


def font_folders() -> Iterator[Path]:
    """Yield where fonts lie, and where it stands which takes another's place (fontconfig)."""
    home = Path.home()
    if os.name == "nt":
        yield Path(os.environ.get("WINDIR", "C:/Windows"), "Fonts")
        yield home / "AppData/Local/Microsoft/Windows/Fonts"
    else:  # of macOS, then of Linux
        yield from (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts")
        yield from map(Path, ("/usr/share/fonts", "/usr/local/share/fonts", "/etc/fonts"))
        yield from (home / ".fonts", home / ".local/share/fonts", home / ".config/fontconfig")


def font_files(own: Path) -> Iterator[Path]:
    """Yield the fonts of this computer, and those in the folder of LibreOffice's `own`."""
    seen: set[Path] = set()
    for file in (*_files_below(own, *font_folders()), *_fontconfig_files()):
        name = file.name.lower()
        if (
            name.endswith(_FONT_ENDINGS)
            and not name.startswith(_PLACEHOLDER_FONTS)
            and file not in seen
        ):
            seen.add(file)
            yield file


def _files_below(*roots: Path) -> Iterator[Path]:
    for root in roots:
        for folder, _, names in os.walk(root):
            yield from (Path(folder, name) for name in names)


def _fontconfig_files() -> Iterator[Path]:
    """Yield the files that fontconfig knows, which may lie anywhere; none where it is not."""
    program = None if os.name == "nt" else shutil.which("fc-list")
    if program:
        command = [program, "--format", "%{file}\n"]
        with suppress(OSError, subprocess.SubprocessError):
            listed = subprocess.run(  # noqa: S603 - fontconfig's own program
                command, capture_output=True, check=False, timeout=10
            )
            yield from (Path(os.fsdecode(line)) for line in listed.stdout.splitlines())


def characters_without_font(characters: Iterable[str], files: Iterable[Path]) -> set[str]:
    """Return those of the characters, letters and their marks, that no font has."""
    wanted = {ord(c) for c in characters if unicodedata.category(c)[0] in "LM"}
    for file in files:
        if not wanted:
            break
        with suppress(OSError, struct.error, ValueError):
            wanted -= _codes_in_font(file, wanted)
    return {chr(code) for code in wanted}


def script_name(character: str) -> str:
    """Return what the script of a letter is called in English, such as `Devanagari`."""
    word, *_ = unicodedata.name(character, "unknown").replace("-", " ").split()
    return _SCRIPT_NAMES.get(word, word.capitalize())


def _codes_in_font(file: Path, wanted: Collection[int]) -> set[int]:
    with file.open("rb") as opened:
        starts = (0,)
        if opened.read(4) == _COLLECTION_TAG:
            (count,) = struct.unpack(">4xI", opened.read(8))
            starts = struct.unpack(f">{min(count, 64)}I", opened.read(4 * min(count, 64)))
        found = set[int]()
        for start in starts:
            for table in _unicode_subtables(_read_character_map(opened, start)):
                found |= _codes_in_subtable(table, wanted)
        return found


def _read_character_map(opened: BufferedReader, start: int) -> bytes:
    """Return the table `cmap` of the font that begins there; nothing if it has none."""
    opened.seek(start + 4)
    (count,) = struct.unpack(">H6x", opened.read(8))
    for _ in range(count):
        tag, at, length = struct.unpack(">4s4xII", opened.read(16))
        if tag == b"cmap":
            opened.seek(at)
            return opened.read(min(length, _MAX_TABLE_BYTES))
    return b""


def _unicode_subtables(table: bytes) -> Iterator[bytes]:
    """Yield the parts of a `cmap` that map Unicode."""
    if not table:
        return
    (count,) = struct.unpack_from(">2xH", table)
    places = set[int]()
    for number in range(count):
        platform, encoding, at = struct.unpack_from(">HHI", table, 4 + 8 * number)
        if platform == 0 or (platform, encoding) in {(3, 1), (3, 10)}:
            places.add(at)
    yield from (table[at:] for at in places)


def _codes_in_subtable(table: bytes, wanted: Collection[int]) -> set[int]:
    """Return the codes that have a glyph, in the two forms that every font uses, 4 and 12."""
    (form,) = struct.unpack_from(">H", table)
    if form == 4:
        return {code for code in wanted if code <= 0xFFFF and _is_in_segments(table, code)}
    if form == 12:
        (count,) = struct.unpack_from(">I", table, 12)
        groups = list(struct.iter_unpack(">III", table[16 : 16 + 12 * count]))
        return {
            code for code in wanted if any(a <= code <= b and g + code - a for a, b, g in groups)
        }
    return set()


def _is_in_segments(table: bytes, code: int) -> bool:
    """Return whether a subtable of form 4 has a glyph for a code."""
    (doubled,) = struct.unpack_from(">H", table, 6)
    ends = struct.unpack_from(f">{doubled // 2}H", table, 14)
    number = next((n for n, end in enumerate(ends) if end >= code), None)
    if number is None:
        return False
    at = 16 + doubled + 2 * number
    first, delta, offset = (struct.unpack_from(">H", table, at + n * doubled)[0] for n in range(3))
    if code < first:
        return False
    if offset == 0:
        return bool((code + delta) & 0xFFFF)
    place = at + 2 * doubled + offset + 2 * (code - first)
    return bool(struct.unpack_from(">H", table, place)[0])
