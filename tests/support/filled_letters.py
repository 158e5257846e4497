"""Letters filled from a template in one line, and their content."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable, Iterator

from lxml import etree

from merge.errors import TemplateError
from merge.ooxml.package import parse_package
from merge.problems import Problem
from merge.template.filters import TemplateValue, freeze
from merge.template.template import CompiledTemplate, compile_template
from support.documents import BODY, MAIN, docx

W = f"{{{MAIN}}}"


def members(data: bytes) -> dict[str, bytes]:
    """Return the members of a .docx.

    They are unpacked by Python's own zipfile, which checks each CRC.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def template(data: bytes | str) -> CompiledTemplate:
    """Return a compiled template, from a .docx or from the body of one."""
    return compile_template(parse_package(docx(data) if isinstance(data, str) else data, "a.docx"))


def fill(data: bytes | str, **values: TemplateValue) -> bytes:
    """Return a letter, filled from a .docx or from the body of one."""
    return template(data).fill(freeze(values))


def faults(data: bytes | str) -> tuple[Problem, ...]:
    """Return the problems of a template; empty if it compiles."""
    try:
        template(data)
    except TemplateError as error:
        return error.problems
    return ()


def problem_texts(data: bytes | str) -> str:
    """Return the problems of a template as a person reads them, one a line."""
    return "\n".join(map(str, faults(data)))


def root(data: bytes, part: str = BODY) -> etree._Element:
    """Return the root of a part's XML."""
    return etree.fromstring(members(data)[part])


def texts(data: bytes, part: str = BODY) -> list[str]:
    """Return the text of every paragraph; of a text box only the newer copy."""
    paragraphs = root(data, part).iter(f"{W}p")
    return ["".join(_shown(p)) for p in paragraphs if not _is_old_copy(p)]


def _is_old_copy(element: etree._Element) -> bool:
    return any(str(above.tag).endswith("}Fallback") for above in element.iterancestors())


def _shown(element: etree._Element) -> Iterator[str]:
    signs = {f"{W}cr": "\n", f"{W}tab": "\t"}
    for child in element:
        if child.tag == f"{W}t":
            yield "".join(child.itertext())
        elif child.tag == f"{W}br":
            yield "" if child.get(f"{W}type") else "\n"
        elif child.tag in signs:
            yield signs[child.tag]
        elif child.tag not in {f"{W}p", f"{W}pPr"}:
            yield from _shown(child)


def lines(body: str, **values: TemplateValue) -> list[str]:
    """Return the text of the letter's body, one string for each paragraph."""
    return texts(fill(body, **values))


def calls(work: Callable[[], object]) -> int:
    """Return the number of functions that are called during some work."""
    count = 0

    def counting(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(counting)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count
