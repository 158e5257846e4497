"""Word's fields as XML in one line: complex, simple and nested fields."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from support.documents import run

BOLD, ITALIC, RED = "<w:b/>", "<w:i/>", '<w:color w:val="FF0000"/>'


def mark(kind: str, properties: str = "") -> str:
    """Return a run with one field character: begin, separate or end."""
    return f"<w:r><w:rPr>{properties}</w:rPr><w:fldChar w:fldCharType='{kind}'/></w:r>"


def code(text: str, properties: str = "") -> str:
    """Return a run with a piece of a field's code."""
    inner = f"<w:instrText xml:space='preserve'>{escape(text)}</w:instrText>"
    return f"<w:r><w:rPr>{properties}</w:rPr>{inner}</w:r>"


def field(*codes: str, result: str = "«old»") -> str:
    """Return a complex field; its codes and its result are text or runs."""
    inner = "".join(c if c.startswith("<") else code(c) for c in codes)
    shown = result if result.startswith("<") else run(result)
    return mark("begin") + inner + mark("separate") + shown + mark("end")


def nested(text: str) -> str:
    """Return a field for the code of another; its result is code as well."""
    return field(text, result=code("«old»"))


def simple(text: str, result: str = "«old»", properties: str = "") -> str:
    """Return a w:fldSimple."""
    return f"<w:fldSimple w:instr={quoteattr(text)}>{run(result, properties)}</w:fldSimple>"
