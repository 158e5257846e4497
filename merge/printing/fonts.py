"""Find scripts that no font of this computer has.

A PDF would show boxes for them. The font files themselves are read, because each system lists its
fonts differently. The table `cmap` of an OpenType font lists its characters (ISO/IEC 14496-22,
5.2.1). A collection has several fonts (4.6).
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from io import BufferedReader
from pathlib import Path

_FONT_ENDINGS = (".ttf", ".otf", ".ttc", ".otc")
_COLLECTION_TAG = b"ttcf"
_PLACEHOLDER_FONTS = ("lastresort", "adobeblank", "adobenotdef")
"""Fonts that show a box or nothing for every character."""

_MAX_TABLE_BYTES = 4_000_000  # Largest size of a table
_SCRIPT_NAMES = {
    "CJK": "Chinese",
    "HIRAGANA": "Japanese",
    "KATAKANA": "Japanese",
    "HANGUL": "Korean",
}


def font_folders() -> Iterator[Path]:
    """Yield folders with fonts, and with rules for substitutes (fontconfig)."""
    home = Path.home()
    if os.name == "nt":
        yield Path(os.environ.get("WINDIR", "C:/Windows"), "Fonts")
        yield home / "AppData/Local/Microsoft/Windows/Fonts"
    else:  # macOS, then Linux
        yield from (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts")
        yield from map(Path, ("/usr/share/fonts", "/usr/local/share/fonts", "/etc/fonts"))
        yield from (home / ".fonts", home / ".local/share/fonts", home / ".config/fontconfig")


def font_files(*more_folders: Path) -> Iterator[Path]:
    """Yield the fonts of this computer, and those in more folders."""
    seen: set[Path] = set()
    for file in (*_files_below(*more_folders, *font_folders()), *_fontconfig_files()):
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
    """Yield the files that fontconfig lists, which may be in any folder.

    Yield none if there is no fontconfig.
    """
    program = None if os.name == "nt" else shutil.which("fc-list")
    if program:
        command = [program, "--format", "%{file}\n"]
        with suppress(OSError, subprocess.SubprocessError):
            result = subprocess.run(  # noqa: S603 - fontconfig's own program
                command, capture_output=True, check=False, timeout=10
            )
            yield from (Path(os.fsdecode(line)) for line in result.stdout.splitlines())


def characters_without_font(characters: Iterable[str], files: Iterable[Path]) -> set[str]:
    """Return the letters and accents that no font on this computer has."""
    wanted = {ord(c) for c in characters if unicodedata.category(c)[0] in "LM"}
    for file in files:
        if not wanted:
            break
        with suppress(OSError, struct.error, ValueError):
            wanted -= _codes_in_font(file, wanted)
    return {chr(code) for code in wanted}


def script_name(character: str) -> str:
    """Return the English name of a character's script, such as `Devanagari`."""
    word, *_ = unicodedata.name(character, "unknown").replace("-", " ").split()
    return _SCRIPT_NAMES.get(word, word.capitalize())


def _codes_in_font(file: Path, wanted: Collection[int]) -> set[int]:
    with file.open("rb") as font_file:
        starts = (0,)
        if font_file.read(4) == _COLLECTION_TAG:
            (count,) = struct.unpack(">4xI", font_file.read(8))
            starts = struct.unpack(f">{min(count, 64)}I", font_file.read(4 * min(count, 64)))
        codes = set[int]()
        for start in starts:
            for table in _unicode_subtables(_read_character_map(font_file, start)):
                codes |= _codes_in_subtable(table, wanted)
        return codes


def _read_character_map(font_file: BufferedReader, start: int) -> bytes:
    """Return the `cmap` table of a font; empty if the font has no such table."""
    font_file.seek(start + 4)
    (count,) = struct.unpack(">H6x", font_file.read(8))
    for _ in range(count):
        tag, offset, length = struct.unpack(">4s4xII", font_file.read(16))
        if tag == b"cmap":
            font_file.seek(offset)
            return font_file.read(min(length, _MAX_TABLE_BYTES))
    return b""


def _unicode_subtables(table: bytes) -> Iterator[bytes]:
    """Yield the parts of a `cmap` table that map Unicode."""
    if not table:
        return
    (count,) = struct.unpack_from(">2xH", table)
    offsets = set[int]()
    for number in range(count):
        platform, encoding, offset = struct.unpack_from(">HHI", table, 4 + 8 * number)
        if platform == 0 or (platform, encoding) in {(3, 1), (3, 10)}:
            offsets.add(offset)
    yield from (table[offset:] for offset in offsets)


def _codes_in_subtable(table: bytes, wanted: Collection[int]) -> set[int]:
    """Return the wanted character codes for which a font has a glyph.

    Formats 4 and 12 are read; every font uses one of them.
    """
    (table_format,) = struct.unpack_from(">H", table)
    if table_format == 4:
        return {code for code in wanted if code <= 0xFFFF and _is_in_segments(table, code)}
    if table_format == 12:
        (count,) = struct.unpack_from(">I", table, 12)
        groups = list(struct.iter_unpack(">III", table[16 : 16 + 12 * count]))
        return {
            code for code in wanted if any(a <= code <= b and g + code - a for a, b, g in groups)
        }
    return set()


def _is_in_segments(table: bytes, code: int) -> bool:
    """Return whether a subtable of format 4 has a glyph for a code."""
    (double_count,) = struct.unpack_from(">H", table, 6)
    ends = struct.unpack_from(f">{double_count // 2}H", table, 14)
    number = next((n for n, end in enumerate(ends) if end >= code), None)
    if number is None:
        return False
    position = 16 + double_count + 2 * number
    first, delta, offset = (
        struct.unpack_from(">H", table, position + n * double_count)[0] for n in range(3)
    )
    if code < first:
        return False
    if offset == 0:
        return bool((code + delta) & 0xFFFF)
    glyph_position = position + 2 * double_count + offset + 2 * (code - first)
    return bool(struct.unpack_from(">H", table, glyph_position)[0])
