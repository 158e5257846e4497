"""Comparison of two .docx part by part, as text and as canonical XML."""

from __future__ import annotations

from lxml import etree
from support.filled_letters import W, members, texts

PRESERVE = "{http://www.w3.org/XML/1998/namespace}space"
_REMOVED_ELEMENTS = {W + name for name in ("proofErr", "rsid", "rsids", "lastRenderedPageBreak")}
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_REMOVED_ATTRIBUTES = (f"{W}rsid", f"{_W14}paraId", f"{_W14}textId")


def parts(data: bytes) -> list[str]:
    """Return the names of the XML parts below word/, in order."""
    names = members(data)
    return sorted(n for n in names if n.startswith("word/") and n.endswith(".xml"))


def text_of(data: bytes) -> dict[str, list[str]]:
    """Return the paragraphs of every part."""
    return {name: texts(data, name) for name in parts(data)}


def shown_of(data: bytes) -> dict[str, list[str]]:
    """Return the paragraphs of every part that are not blank."""
    return {
        n: [text for text in paragraphs if text.strip()] for n, paragraphs in text_of(data).items()
    }


def formatting_of(data: bytes) -> dict[str, str]:
    """Return every part as canonical XML, one element a line.

    What hygiene removes from letters is removed.
    """
    files = members(data)
    return {name: _canonical(files[name]) for name in parts(data)}


def _canonical(part: bytes) -> str:
    root = etree.fromstring(part, etree.XMLParser(remove_blank_text=True))
    _remove_marks(root)
    for run in list(root.iter(f"{W}r")):
        _plain_run(run)
    _join_runs(root)
    etree.cleanup_namespaces(root)
    canonical: str = etree.tostring(root, method="c14n2").decode()
    return canonical.replace("><", ">\n<")


def _remove_marks(root: etree._Element) -> None:
    for element in list(root.iter("*")):
        parent = element.getparent()
        if element.tag in _REMOVED_ELEMENTS and parent is not None:
            parent.remove(element)
        for name in [n for n in element.attrib if str(n).startswith(_REMOVED_ATTRIBUTES)]:
            del element.attrib[name]
        if str(element.tag).endswith("}docPr"):
            element.set("id", "0")  # docxtpl counts the drawings again, and keeps their names
            element.set("name", "")


def _plain_run(element: etree._Element) -> None:
    """Remove empty texts, and the run if nothing is left; join adjacent texts."""
    for text in element.findall(f"{W}t"):
        text.attrib.pop(PRESERVE, None)
        before = text.getprevious()
        if not text.text:
            element.remove(text)
        elif before is not None and before.tag == text.tag:
            before.text = (before.text or "") + text.text
            element.remove(text)
    parent = element.getparent()
    if parent is not None and all(e.tag == f"{W}rPr" for e in element):
        parent.remove(element)


def _join_runs(root: etree._Element) -> None:
    """Join adjacent runs of one format: the number of runs is not visible."""
    for element in list(root.iter(f"{W}r")):
        before = element.getprevious()
        if before is not None and before.tag == element.tag and _format(before) == _format(element):
            before.extend(e for e in list(element) if e.tag != f"{W}rPr")
            _plain_run(before)
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)


def _format(element: etree._Element) -> bytes:
    properties = element.find(f"{W}rPr")
    return b"" if properties is None else etree.tostring(properties, method="c14n", exclusive=True)
