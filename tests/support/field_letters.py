"""Templates with merge fields, and letters filled from them."""

from __future__ import annotations

import io
import zipfile

from lxml import etree

from merge.naming import placeholder_name
from merge.ooxml.package import parse_package
from merge.ooxml.wordml import parse_xml
from merge.problems import Place, Problem
from merge.template.filters import TemplateValue, freeze
from merge.template.merge_fields import replace_merge_fields
from merge.template.parts import part_label
from merge.template.template import compile_template
from support.documents import BODY, docx, paragraph, zipped
from support.filled_letters import W, texts


def expression(name: str) -> str:
    """Return the expression for a field's name in these tests."""
    return f"recipient.{placeholder_name(name)}"


def converted(data: bytes) -> tuple[bytes, list[Problem]]:
    """Return a .docx whose merge fields are placeholders, and its problems."""
    problems: list[Problem] = []
    parts: dict[str, str | bytes] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            root = parse_xml(archive.read(name))
            assert root is not None
            place = Place("a.docx", part=part_label(name))
            problems += replace_merge_fields(root, expression, place)
            parts[name] = etree.tostring(root, encoding="UTF-8", standalone=True)
    return zipped(parts), problems


def tags(*runs: str) -> str:
    """Return the text of a paragraph, its merge fields as placeholders.

    Fail if there is a problem.
    """
    document, problems = converted(docx(paragraph(*runs)))
    assert problems == []
    return texts(document)[0]


def body(text: str) -> etree._Element:
    """Return the body with its merge fields as placeholders."""
    with zipfile.ZipFile(io.BytesIO(converted(docx(text))[0])) as archive:
        return etree.fromstring(archive.read(BODY))


def field_problems(*runs: str) -> list[Problem]:
    """Return the problems of the fields in a paragraph of runs."""
    return converted(docx(paragraph(*runs)))[1]


def filled(*runs: str, **recipient: TemplateValue) -> list[str]:
    """Return the paragraphs of a letter, filled from runs or complete blocks."""
    content = runs[0] if runs[0].startswith(("<w:p>", "<w:tbl>")) else paragraph(*runs)
    document, problems = converted(docx(content))
    assert problems == []
    template = compile_template(parse_package(document, "a.docx"))
    return texts(template.fill(freeze({"recipient": recipient, "language": "en"})))


def run_formats(root: etree._Element, words: str) -> list[str]:
    """Return the names of the properties of the run that contains the words."""
    texts = root.iter(f"{W}t")
    text = next(t for t in texts if words in (t.text or ""))
    properties = next(text.iterancestors(f"{W}r")).find(f"{W}rPr")
    return [] if properties is None else [str(p.tag).removeprefix(W) for p in properties]
