"""Hashes of the unpacked parts of an Office file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def part_hash(data: bytes) -> bytes:
    """Return a hash of 16 bytes for the bytes of a part."""
    return hashlib.sha256(data).digest()[:16]


def hash_entry(name: str, digest: bytes) -> bytes:
    """Return what is hashed of a part with this name and hash."""
    return name.encode() + b"\0" + digest


def hash_parts(hashes: Mapping[str, bytes]) -> bytes:
    """Return a hash of 16 bytes for all parts, from their hashes by name."""
    return part_hash(b"".join(hash_entry(name, hashes[name]) for name in sorted(hashes)))
