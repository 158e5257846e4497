"""The one error of this package."""

from __future__ import annotations


class UnsupportedFormat(ValueError):  # noqa: N818 - what the user is told of
    """A number format, or a value in it, that cannot be shown as Excel would.

    The message says in plain words what in the format cannot be done.
    """
