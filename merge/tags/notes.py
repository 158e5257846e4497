"""What is noted while a part is read: its tags by number, its problems."""

from __future__ import annotations

from merge.model import Place, Problem
from merge.tags.record import TAG_END, TAG_START, Tag
from merge.tags.scan import Shape


class Notes:
    """The tags and problems of one part. `changed` is set once anything of it was changed."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.tags: list[Tag] = []
        self.problems: list[Problem] = []
        self.changed = False

    def mark(self, tag: Tag) -> str:
        """Note a tag; the mark that stands for it in the text."""
        self.changed = True
        self.tags.append(tag)
        return f"{TAG_START}{len(self.tags) - 1}{TAG_END}"

    def made(self, place: Place, shape: Shape, body: str) -> str:
        """The mark of a tag that nobody wrote."""
        return self.mark(Tag(shape, "", body, place, made=True))

    def condition(self, body: str, place: Place) -> str:
        """The mark of a condition that nobody wrote."""
        return self.made(place, "block", body)
