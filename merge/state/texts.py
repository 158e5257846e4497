"""Texts of the records: what existing letters were created from.

A line of a run's file in `texts/` is a checksum and a JSON array: a digest that facts have, and an
object. By the digest of fields, it has their values; by that of a template, its parts; by the hash
of a letter's output, the parts that differ from its template's (`merge.state.originals`). A text is
kept as long as a file that it explains: the letter, or its version in a print file. It is not
mirrored in the private folder. If it is lost, old values are not known until the letter is created
again, and nothing else.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from merge.disk import file_state
from merge.letter_inputs import split_digests
from merge.state.fold import CampaignState
from merge.state.run_files import GrowingFile, read_record_files, record_errors, shrink_file

TEXTS_FOLDER = "texts"
_LONGEST_RUN = 24 * 60 * 60 * 10**9
"""Nanoseconds after which a text without its run is of a killed run."""
_MOST_FILES = 50
"""Number of files above which they are packed into one."""
_CHECKSUM_BYTES = 9


class Texts:
    """The texts of one campaign, below the folder of its records, if any.

    All methods raise StorageError if the disk refuses.
    """

    def __init__(self, records: Path | None) -> None:
        self._folder = records and records / TEXTS_FOLDER
        self._file: GrowingFile | None = None

    @cached_property
    def _lines(self) -> dict[bytes, bytes]:
        """The intact lines of all files, by their digests."""
        lines = dict[bytes, bytes]()
        if self._folder:
            with record_errors(self._folder):
                for data in read_record_files(self._folder)[0].values():
                    for line in data.splitlines(keepends=True):
                        if digest := _read_digest(line):
                            lines[digest] = line
        return lines

    def get(self, digest: bytes) -> Mapping[str, Any] | None:
        """Return a text, or None if it is not known."""
        line = self._lines.get(digest)
        return _read_text(line) if line else None

    def add(self, run: str, texts: Mapping[bytes, Mapping[str, object]]) -> None:
        """Write the texts that are not known into the file of a run."""
        new = {digest: text for digest, text in texts.items() if digest not in self._lines}
        lines = {digest: _to_line(digest, text) for digest, text in new.items()}
        if lines:
            self._file = self._file or GrowingFile(self._folder, run)
            self._file.write(b"".join(lines.values()))
            self._lines.update(lines)

    def prune(
        self, run: str, in_use: AbstractSet[bytes], known_runs: AbstractSet[str] | None
    ) -> None:
        """Remove the texts that are not in use; `run` prunes them.

        Of a run that is not known, the facts have not arrived, so its texts stay for a day. If
        `known_runs` are None, they do not stay.
        """
        if self._folder is None:
            return
        with record_errors(self._folder):
            files = {
                path: data
                for path, data in read_record_files(self._folder)[0].items()
                if known_runs is None or path.stem[:10] in known_runs or _is_old(path)
            }
            lines = {path: data.splitlines(keepends=True) for path, data in files.items()}
            used = {
                p: [x for x in found if _read_digest(x) in in_use] for p, found in lines.items()
            }
            if len(files) > _MOST_FILES:
                packed = {line for found in used.values() for line in found}
                GrowingFile(self._folder, run).write(b"".join(sorted(packed)))
                used = {path: [] for path in used if path.stem != run}
            for path, found in used.items():
                with suppress(PermissionError):  # held by another program: the next run removes it
                    shrink_file(path, files[path], b"".join(found))
        self.__dict__.pop("_lines", None)


def texts_in_use(state: CampaignState) -> set[bytes]:
    """Return the digests of texts that a letter, a print or a decision needs."""
    printed = {entry.id: entry.output for entry in state.prints()}
    versions = (v for i in printed for v in state.versions(i) if v.output == printed[i])
    current = [*state.letters(), *versions]
    decisions = (d.seen for d in state.decisions() if d.choice in {"keep", "print"})
    inputs = {*(version.inputs for version in current), *decisions}
    digests = {digest for each in inputs for digest in split_digests(each)}
    return digests | {version.output for version in current}


def _is_old(path: Path) -> bool:
    state = file_state(str(path))
    return state is not None and state.mtime < time.time_ns() - _LONGEST_RUN


def _to_line(digest: bytes, text: Mapping[str, object]) -> bytes:
    data = json.dumps([digest.hex(), text], ensure_ascii=False, separators=(",", ":"))
    encoded = data.encode("utf-8", "surrogatepass")
    return b"%08x %s\n" % (zlib.crc32(encoded), encoded)


def _read_text(line: bytes) -> Mapping[str, Any] | None:
    """Return the text of an intact line, or None if it is of another type."""
    try:
        _, text = json.loads(line[_CHECKSUM_BYTES:])
        return text if all(map(_is_value, text.values())) else None
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _is_value(value: object) -> bool:
    """Return whether a value is a text, or a list of texts that is not empty."""
    texts = value if isinstance(value, list) else [value]
    return bool(texts) and all(isinstance(text, str) for text in texts)


def _read_digest(line: bytes) -> bytes | None:
    """Return the digest of a line with its end, or None if damaged."""
    data = line[_CHECKSUM_BYTES:-1]
    if line[:_CHECKSUM_BYTES] != b"%08x " % zlib.crc32(data) or line[-1:] != b"\n":
        return None
    try:
        return bytes.fromhex(data[2 : data.index(b'"', 2)].decode())
    except ValueError:
        return None
