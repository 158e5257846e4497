"""What went wrong while a tag was filled, in words for whoever wrote the tag."""

from __future__ import annotations

from jinja2 import UndefinedError

from merge.language.values import NotUsableError


def explained(error: Exception) -> NotUsableError:
    """One of FILLING_ERRORS as a problem that only lacks its place."""
    if isinstance(error, NotUsableError):
        return error
    if isinstance(error, UndefinedError):
        what, hint = "a name in this tag has no value.", "Look whether it is written right."
        return NotUsableError("name-unknown", what, hint)
    if isinstance(error, TypeError):
        what = "a text is compared with a number or date."
        hint = "Compare numbers with numbers, without quotes, and texts with texts in quotes."
        return NotUsableError("compared-with-text", what, hint)
    what, hint = f"the tag cannot be filled ({error}).", "Write it in another way."
    return NotUsableError("tag-not-usable", what, hint)
