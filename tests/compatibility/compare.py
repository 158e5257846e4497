"""Two .docx compared part by part, as text and as canonical XML."""

from __future__ import annotations

from lxml import etree
from support.filled_letters import W, members, texts

PRESERVE = "{http://www.w3.org/XML/1998/namespace}space"
_GONE = {W + name for name in ("proofErr", "rsid", "rsids", "lastRenderedPageBreak")}
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_GONE_ATTRIBUTES = (f"{W}rsid", f"{_W14}paraId", f"{_W14}textId")


def parts(data: bytes) -> list[str]:
    """The names of the XML parts below word/, in order."""
    names = members(data)
    return sorted(n for n in names if n.startswith("word/") and n.endswith(".xml"))


def text_of(data: bytes) -> dict[str, list[str]]:
    """The paragraphs of every part."""
    return {name: texts(data, name) for name in parts(data)}


def shown_of(data: bytes) -> dict[str, list[str]]:
    """The paragraphs that are not blank, of every part."""
    return {n: [text for text in each if text.strip()] for n, each in text_of(data).items()}


def formatting_of(data: bytes) -> dict[str, str]:
    """Every part as canonical XML, an element a line, less what hygiene takes out of letters."""
    files = members(data)
    return {name: _canonical(files[name]) for name in parts(data)}


def _canonical(part: bytes) -> str:
    root = etree.fromstring(part, etree.XMLParser(remove_blank_text=True))
    _unmarked(root)
    for each in list(root.iter(f"{W}r")):
        _plain_run(each)
    _join_runs(root)
    etree.cleanup_namespaces(root)
    made: str = etree.tostring(root, method="c14n2").decode()
    return made.replace("><", ">\n<")


def _unmarked(root: etree._Element) -> None:
    for element in list(root.iter("*")):
        parent = element.getparent()
        if element.tag in _GONE and parent is not None:
            parent.remove(element)
        for name in [n for n in element.attrib if str(n).startswith(_GONE_ATTRIBUTES)]:
            del element.attrib[name]
        if str(element.tag).endswith("}docPr"):
            element.set("id", "0")  # docxtpl counts the drawings anew, and keeps their names
            element.set("name", "")


def _plain_run(element: etree._Element) -> None:
    """Take empty texts, and the run when nothing is left in it; join texts side by side."""
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
    """Make one of runs side by side that have one format: how often a text is cut shows nowhere."""
    for element in list(root.iter(f"{W}r")):
        before = element.getprevious()
        if before is not None and before.tag == element.tag and _format(before) == _format(element):
            before.extend(e for e in list(element) if e.tag != f"{W}rPr")
            _plain_run(before)
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)


def _format(element: etree._Element) -> bytes:
    own = element.find(f"{W}rPr")
    return b"" if own is None else etree.tostring(own, method="c14n", exclusive=True)
