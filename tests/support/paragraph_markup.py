"""A paragraph from its inner XML, and its inner XML in short."""

from __future__ import annotations

from merge.ooxml import WORDPROCESSINGML
from merge.ooxml.wordml import Element, W, parse_xml


def xml(inner: str) -> Element:
    root = parse_xml(f'<w:p xmlns:w="{WORDPROCESSINGML}">{inner}</w:p>'.encode())
    assert root is not None
    return root


def inner(root: Element) -> str:
    return "".join(f"{str(e.tag).removeprefix(W)}:{e.text or ''}{e.tail or ''};" for e in root)
