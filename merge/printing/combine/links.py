"""What a part leads to, called as it is called in the whole.

A picture that lies elsewhere is left out: whoever opens the whole would fetch it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from merge.ooxml.package import Links, Relation
from merge.ooxml.wordml import SPACES, Element, R, W, remove
from merge.printing.combine.tidy import Found

_SECTIONS = {W + "headerReference", W + "footerReference"}
"""Their relationships are sections.py's matter."""

_PICTURES = (W + "drawing", W + "pict", W + "object")


def lies_elsewhere(relation: Relation) -> bool:
    """Whether a relationship leads to a picture that is not in the file."""
    return relation.external and relation.word == "image"


def without_elsewhere(links: Links) -> Links:
    """A part's relationships, less those to pictures that lie elsewhere."""
    return tuple((number, relation) for number, relation in links if not lies_elsewhere(relation))


def lose_elsewhere(root: Element, relations: Mapping[str, Relation]) -> Found:
    """Take the pictures out that lie elsewhere; `linked` where one is gone altogether."""
    gone = False
    for user, name, number in list(_uses(root)):
        if number in relations and lies_elsewhere(relations[number]):
            del user.attrib[name]
            if not any(str(other).startswith(R) for other in user.attrib):
                remove(next(user.iterancestors(*_PICTURES), user))
                gone = True
    return frozenset({"linked"} if gone else ())


def relink(
    root: Element, relations: Mapping[str, Relation], renamed: Callable[[Relation], str]
) -> None:
    """Write the ids that the relationships have in the whole; an empty one for one that is none."""
    for user, name, number in list(_uses(root)):
        if user.tag not in _SECTIONS:
            user.set(name, renamed(relations[number]) if number in relations else "")


def _uses(root: Element) -> Iterator[tuple[Element, str, str]]:
    """Every attribute that names a relationship, with its element."""
    for user in root.xpath("descendant-or-self::*[@r:*]", namespaces=SPACES):
        for name, number in user.attrib.items():
            if str(name).startswith(R):
                yield user, str(name), str(number)
