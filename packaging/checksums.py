"""Checksums of the files of a release: `checksums.py FOLDER`."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path


def write_checksums(folder: Path) -> None:
    """Write SHA256SUMS, in the form that `sha256sum --check` reads."""
    files = sorted(p for p in folder.iterdir() if p.is_file() and p.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_checksums(Path(sys.argv[1]))
