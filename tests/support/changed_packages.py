"""Word files with one changed part, and the problems that refuse them."""

from __future__ import annotations

import io
import zipfile

import pytest

from merge.errors import TemplateError
from support.documents import docx, zipped
from support.filled_letters import members, template
from support.speed import within

GOOD = docx("Dear {{ name }}", header="same")


def with_member(name: str, data: bytes = b"<x/>") -> bytes:
    """Return the good file with one more member of any name."""
    with io.BytesIO(GOOD) as file:
        with zipfile.ZipFile(file, "a") as archive:
            archive.writestr(zipfile.ZipInfo(name), data)
        return file.getvalue()


def with_part(name: str, data: bytes) -> bytes:
    """Return the good file with one part replaced or added."""
    return zipped({**members(GOOD), name: data})


def refusal(data: bytes) -> str:
    """Return the reason why a file is refused.

    Fail if it is accepted, or if that takes five seconds.
    """
    with within(5), pytest.raises(TemplateError) as error:
        template(data)
    assert all(problem.place.file == "a.docx" for problem in error.value.problems)
    return str(error.value)
