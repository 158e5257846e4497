"""Packages with one thing changed in them, and how they are refused."""

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
    """The good file and one more member, whatever its name."""
    with io.BytesIO(GOOD) as file:
        with zipfile.ZipFile(file, "a") as archive:
            archive.writestr(zipfile.ZipInfo(name), data)
        return file.getvalue()


def with_part(name: str, data: bytes) -> bytes:
    """The good file with a part replaced or added."""
    return zipped({**members(GOOD), name: data})


def refusal(data: bytes) -> str:
    """Return why a file is refused.

    Fail if it is not, or if that takes two seconds.
    """
    with within(5), pytest.raises(TemplateError) as error:
        template(data)
    assert all(problem.place.file == "a.docx" for problem in error.value.problems)
    return str(error.value)
