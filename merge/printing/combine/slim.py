"""A .docx of nothing but text and styles."""

from __future__ import annotations

from merge.package import Member
from merge.printing.combine.markup import MAIN, OFFICE
from merge.printing.combine.parts import HEAD, Parts
from merge.printing.combine.source import Relation

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
MAIN_PART = "word/document.xml"


def slim_docx(body: str, styles: bytes) -> bytes:
    """The whole file, from what stands in its body, in the prefix `w`, and its part of styles."""
    parts = Parts()
    parts.put("word/styles.xml", Member.of("", styles), f"{WORD}.styles+xml")
    links = (("rId1", Relation(f"{OFFICE}/styles", "word/styles.xml", external=False)),)
    text = f'<w:document xmlns:w="{MAIN}"><w:body>{body}</w:body></w:document>'
    main = Member.of("", HEAD + text.encode())
    parts.put(MAIN_PART, main, f"{WORD}.document.main+xml", links)
    return parts.package(
        (("rId1", Relation(f"{OFFICE}/officeDocument", MAIN_PART, external=False)),)
    )
