"""A part of the whole that grows piece by piece, held as text: the trees are let go at once."""

from __future__ import annotations

from collections.abc import Iterable

from merge.ooxml.package import HEAD
from merge.ooxml.wordml import MAIN, OFFICE, Element, serialized

_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_IGNORABLE = f"{{{_COMPATIBILITY}}}Ignorable"


class Growing:
    """Children of one root, with the namespaces of all of them at it."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._spaces = {"w": MAIN, "r": OFFICE, "mc": _COMPATIBILITY}
        self._ignorable: set[str] = set()
        self._pieces: dict[int, list[bytes]] = {}

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def add(self, root: Element, children: Iterable[Element], rank: int = 0) -> None:
        """Take in children of a root. They are taken out of it.

        Those of a lower rank will stand before those of a higher.
        """
        holder = root.makeelement("holder", nsmap=root.nsmap)
        holder.extend(children)
        if len(holder) == 0:
            return
        pieces = self._pieces.setdefault(rank, [])
        if self._shares(root):
            pieces.append(_inside(serialized(holder)))
        else:  # a prefix stands for another namespace here: each child declares its own
            pieces += [_inside(serialized(child), tag=False) for child in holder]

    def _shares(self, root: Element) -> bool:
        """Take a root's namespaces over; False, and nothing taken, where one is at odds."""
        spaces = {prefix: space for prefix, space in root.nsmap.items() if prefix is not None}
        ours = self._spaces
        if None in root.nsmap or any(ours.get(p, s) != s for p, s in spaces.items()):
            return False
        ours.update(spaces)
        self._ignorable |= set(str(root.get(_IGNORABLE, "")).split()) & spaces.keys()
        return True

    def data(self, inner: str = "") -> bytes:
        """The bytes of the part; with `inner`, the children stand in an element of that name."""
        spaces = "".join(f' xmlns:{prefix}="{s}"' for prefix, s in self._spaces.items())
        known = " ".join(sorted(self._ignorable))
        ignorable = f' mc:Ignorable="{known}"' if known else ""
        opened = f"<{self._root}{spaces}{ignorable}>" + (f"<{inner}>" if inner else "")
        closed = (f"</{inner}>" if inner else "") + f"</{self._root}>"
        pieces = (piece for rank in sorted(self._pieces) for piece in self._pieces[rank])
        return b"".join((HEAD, opened.encode(), *pieces, closed.encode()))


def _inside(data: bytes, *, tag: bool = True) -> bytes:
    """What a serialized element holds, or with its own tag; the XML declaration goes."""
    markup = data[data.index(b"?>") + 2 :].lstrip()
    return markup[markup.index(b">") + 1 : markup.rindex(b"</")] if tag else markup
