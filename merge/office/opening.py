"""A file's bytes -> its zip, if it is the kind of file that is asked for."""

from __future__ import annotations

from merge.office.archive import Archive
from merge.office.kinds import Kind, kind_of, kind_of_zip
from merge.office.refused import Wording


def open_archive(data: bytes, wording: Wording) -> Archive:
    """The zip's parts within the caps. Refused, with what the file is, where it is another."""
    kind = kind_of(data)
    if kind is not Kind.ZIP:
        raise wording.refused(*wording.wrong[kind])
    archive = Archive(data, wording)
    kind = kind_of_zip(archive, wording)
    if kind in wording.wrong:
        raise wording.refused(*wording.wrong[kind])
    return archive
