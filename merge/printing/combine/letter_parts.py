"""A letter's parts on their way into the combined file: relationships, ids, fields, what goes.

A picture or a file that lies elsewhere is left out: whoever opens the combined file would fetch it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count

from merge.ooxml import RELATIONSHIPS, WORDPROCESSINGML
from merge.ooxml.fields import Field, Story, code_kind, read_stories, remove_field, walk_fields
from merge.ooxml.relationships import XML_DECLARATION, PartRelationships, Relationship
from merge.ooxml.wordml import (
    FORMAT_CHANGES,
    MOVE_RANGES,
    NAMESPACES,
    TEXT_CHANGES,
    W14,
    Element,
    R,
    W,
    remove,
    xml_bytes,
)

_HEADER_REFERENCES = {W + "headerReference", W + "footerReference"}
"""`sections` rewrites their relationships."""

_PICTURE_TAGS = (W + "drawing", W + "pict", W + "object")

LetterFlags = frozenset[str]
"""What a person must know of a letter: `comments`, `tracked` (changes), `linked` (pictures),
`inserted` (files).
"""

_INSERTED_FILE = "aFChunk"
"""The word of the relationship by which a file is inserted (ECMA-376 part 1, 17.17.2)."""


def without_external_content(links: PartRelationships) -> PartRelationships:
    """Return a part's relationships less those to pictures and files that lie elsewhere."""
    return tuple((number, r) for number, r in links if not _is_external_content(r))


def drop_external_content(root: Element, relationships: Mapping[str, Relationship]) -> LetterFlags:
    """Take the pictures and the inserted files out that lie elsewhere; return what they were.

    `linked` is a picture that is nowhere else, `inserted` is a file.
    """
    dropped = set[str]()
    for user, name, number in list(_relationship_attributes(root)):
        relation = relationships.get(number)
        if relation and _is_external_content(relation):
            del user.attrib[name]
            if relation.short_kind == _INSERTED_FILE:
                _remove_block(user)
                dropped.add("inserted")
            elif not any(str(other).startswith(R) for other in user.attrib):
                remove(next(user.iterancestors(*_PICTURE_TAGS), user))
                dropped.add("linked")
    return frozenset(dropped)


def _remove_block(block: Element) -> None:
    """Take a block out; a cell of a table keeps a paragraph at its end (17.4.65)."""
    holder = block.getparent()
    remove(block)
    if holder is None or holder.tag != W + "tc":
        return
    if len(holder) == 0 or holder[-1].tag != W + "p":
        holder.append(holder.makeelement(W + "p"))


def rewrite_relationship_ids(
    root: Element, relationships: Mapping[str, Relationship], renamed: Callable[[Relationship], str]
) -> None:
    """Write the relationships' ids in the combined file; an empty one where there is none."""
    for user, name, number in list(_relationship_attributes(root)):
        if user.tag not in _HEADER_REFERENCES:
            user.set(name, renamed(relationships[number]) if number in relationships else "")


def _is_external_content(relation: Relationship) -> bool:
    """Return whether a program that opens the file would get it from elsewhere by itself."""
    return relation.external and relation.short_kind in {"image", _INSERTED_FILE}


def _relationship_attributes(root: Element) -> Iterator[tuple[Element, str, str]]:
    """Yield every attribute that names a relationship: its element, its name, the id."""
    for user in root.xpath("descendant-or-self::*[@r:*]", namespaces=NAMESPACES):
        for name, number in user.attrib.items():
            if str(name).startswith(R):
                yield user, str(name), str(number)


_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_IGNORABLE = f"{{{_COMPATIBILITY}}}Ignorable"


class PartBuilder:
    """A part that grows letter by letter: children of one root, which has all their namespaces.

    They are held as text, so that a letter's tree can be let go at once.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._namespaces = {"w": WORDPROCESSINGML, "r": RELATIONSHIPS, "mc": _COMPATIBILITY}
        self._ignorable: set[str] = set()
        self._pieces: dict[int, list[bytes]] = {}

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def add(self, root: Element, children: Iterable[Element], rank: int = 0) -> None:
        """Take children out of a root and in here, those of a lower rank before the others."""
        holder = root.makeelement("holder", nsmap=root.nsmap)
        holder.extend(children)
        if len(holder) == 0:
            return
        pieces = self._pieces.setdefault(rank, [])
        if self._adopt_namespaces(root):
            pieces.append(_without_declaration(xml_bytes(holder), tag=False))
        else:  # a prefix stands for another namespace here: each child declares its own
            pieces += [_without_declaration(xml_bytes(child)) for child in holder]

    def _adopt_namespaces(self, root: Element) -> bool:
        """Take a root's namespaces over; return False, and take none, where one is at odds."""
        spaces = {prefix: space for prefix, space in root.nsmap.items() if prefix is not None}
        ours = self._namespaces
        if None in root.nsmap or any(ours.get(p, s) != s for p, s in spaces.items()):
            return False
        ours.update(spaces)
        self._ignorable |= set(str(root.get(_IGNORABLE, "")).split()) & spaces.keys()
        return True

    def to_bytes(self, inner: str = "") -> bytes:
        """Return the part's bytes; with `inner`, the children stand in an element of that name."""
        spaces = "".join(f' xmlns:{prefix}="{s}"' for prefix, s in self._namespaces.items())
        known = " ".join(sorted(self._ignorable))
        ignorable = f' mc:Ignorable="{known}"' if known else ""
        opened = f"<{self._root}{spaces}{ignorable}>" + (f"<{inner}>" if inner else "")
        closed = (f"</{inner}>" if inner else "") + f"</{self._root}>"
        pieces = (piece for rank in sorted(self._pieces) for piece in self._pieces[rank])
        return b"".join((XML_DECLARATION, opened.encode(), *pieces, closed.encode()))


def _without_declaration(data: bytes, *, tag: bool = True) -> bytes:
    """Return an element without the XML declaration; without `tag` only what it holds."""
    markup = data[data.index(b"?>") + 2 :].lstrip()
    return markup if tag else markup[markup.index(b">") + 1 : markup.rindex(b"</")]


# Fields in the combined file: those that ask for their page are asked again, others stay as shown.
#
# ECMA-376 part 1, 17.16.5. In the whole a field would speak of all letters: its title, the number
# of all pages, the nearest heading of somebody else's letter. The page a field stands on is its own
# letter's, and how many pages there are is asked of its section.

_KEPT_FIELDS = {
    *("PAGE", "NUMPAGES", "SECTIONPAGES", "DATE", "TIME", "IF", "COMPARE", "=", "HYPERLINK", "EQ"),
    *("SYMBOL", "ADVANCE", "QUOTE", "FORMTEXT", "FORMCHECKBOX", "FORMDROPDOWN", "LISTNUM"),
    *("AUTONUM", "AUTONUMLGL", "AUTONUMOUT", "BIDIOUTLINE", "SHAPE"),
    *("DISPLAYBARCODE", "MERGEBARCODE", "BARCODE"),
}
_NUMPAGES = re.compile(r"\bNUMPAGES\b", re.IGNORECASE)
_INSTR = W + "instr"


def has_page_count(root: Element) -> bool:
    """Whether a part says how many pages there are."""
    codes = (e.text or "" for e in root.iter(W + "instrText"))
    simple = (e.get(_INSTR, "") for e in root.iter(W + "fldSimple"))
    return _NUMPAGES.search("".join((*codes, " ", *simple))) is not None


def resolve_fields(root: Element, counting: str, pages: int) -> None:
    """Leave no field in a part that would speak of another letter.

    `counting` is the code that counts the letter's pages, `pages` what it says, 0 if not known.
    """
    if next(root.iter(W + "fldChar", W + "fldSimple"), None) is None:
        return
    for story in read_stories(root):
        for field in walk_fields(story.fields):
            code = _field_code(story, field)
            kind = code_kind(code)
            if kind == "NUMPAGES":
                _set_field_code(story, field, _NUMPAGES.sub(counting, code))
                _set_page_count(story, field, pages)
            elif kind not in _KEPT_FIELDS and field.is_closed:
                remove_field(story, field, keep_simple=True)  # it is judged by itself, next


def _code_elements(story: Story, field: Field) -> list[Element]:
    """The elements that hold a field's own code, without that of fields in it."""
    inner = {n for f in field.code_fields for n in range(f.start, f.end + 1)}
    stop = field.separator if field.separator >= 0 else field.end
    leaves = (story.pieces[n] for n in range(field.start, stop) if n not in inner)
    return [leaf.element for leaf in leaves if leaf.element.tag == W + "instrText"]


def _field_code(story: Story, field: Field) -> str:
    if story.is_simple(field):
        return str(story.pieces[field.start].element.get(_INSTR, ""))
    return "".join(e.text or "" for e in _code_elements(story, field))


def _set_field_code(story: Story, field: Field, code: str) -> None:
    if story.is_simple(field):
        story.pieces[field.start].element.set(_INSTR, code)
        return
    first, *others = _code_elements(story, field)
    first.text = code
    for element in others:
        element.text = ""


def _set_page_count(story: Story, field: Field, pages: int) -> None:
    """Put the number of pages into a result that is a plain number."""
    result = story.pieces[field.separator + 1 : field.end] if field.separator >= 0 else ()
    texts = [leaf.element for leaf in result if leaf.element.tag == W + "t"]
    if pages and "".join(t.text or "" for t in texts).strip().isdecimal():
        for element in texts:
            element.text = ""
        texts[0].text = str(pages)


# What is taken out of a letter's parts, and the ids that stand once in a file: comments go, with
# bookmarks (no field that is kept leads to them), ids for comments and revisions, and what would
# fill a text anew from the file's own properties.


_W15 = "{http://schemas.microsoft.com/office/word/2012/wordml}"
_COMMENT_TAGS = {
    W + name
    for name in ("commentRangeStart", "commentRangeEnd", "commentReference", "annotationRef")
}
_SUBDOCUMENT = W + "subDoc"
_REMOVED_TAGS = (
    *_COMMENT_TAGS,
    _SUBDOCUMENT,
    *(W + name for name in ("bookmarkStart", "bookmarkEnd", "proofErr", "permStart", "permEnd")),
    *(W + name for name in ("dataBinding", "placeholder", "printerSettings")),
    W + "sectPrChange",
    _W15 + "dataBinding",
)
_VML = "{urn:schemas-microsoft-com:vml}"
_OLE_OBJECT, _CONTROL = "{urn:schemas-microsoft-com:office:office}OLEObject", W + "control"
_PARAGRAPH_ID_ATTRIBUTES = (W14 + "paraId", W14 + "textId")


class IdCounters:
    """Numbers that the combined file gives out, each once: of shapes; of bookmarks and changes."""

    def __init__(self) -> None:
        self.shape_ids = count(1)
        self.annotation_ids = count(1)


def clean_part(root: Element, ids: IdCounters) -> LetterFlags:
    """Make a part ready for the combined file; return what it had: comments, changes, files.

    The letter's bookmarks are gone afterwards.
    """
    found: set[str] = set()
    for element in list(root.iter(*_REMOVED_TAGS)):
        found |= {"comments"} if element.tag in _COMMENT_TAGS else set()
        found |= {"inserted"} if element.tag == _SUBDOCUMENT else set()
        remove(element)
    numbers: dict[str, str] = {}
    for element in root.iter(
        *TEXT_CHANGES, *MOVE_RANGES, *FORMAT_CHANGES
    ):  # a range has its number twice
        number = numbers.setdefault(element.get(W + "id", ""), "") or str(next(ids.annotation_ids))
        numbers[element.get(W + "id", "")] = number
        element.set(W + "id", number)
        found.add("tracked")
    for shape in root.iter("{*}docPr"):
        shape.set("id", str(next(ids.shape_ids)))
    _rename_shapes(root, ids)
    for control in root.iter(W + "sdtPr"):
        for own in control.findall(W + "id"):
            control.remove(own)
    for element in root.iter("*"):
        for name in list(element.attrib):
            if name in _PARAGRAPH_ID_ATTRIBUTES or str(name).startswith(W + "rsid"):
                del element.attrib[name]
    for link in root.iter(W + "hyperlink"):
        link.attrib.pop(W + "anchor", None)
    return frozenset(found)


def _rename_shapes(root: Element, ids: IdCounters) -> None:
    """Give the older kind of shapes (VML) names of their own, also where these are referred to."""
    names: dict[str, str] = {}
    for shape in [e for e in root.iter(_VML + "*") if e.get("id")]:
        names[str(shape.get("id"))] = own = f"shape_{next(ids.shape_ids)}"
        shape.set("id", own)
    if not names:
        return
    for user in root.iter(_VML + "*", _OLE_OBJECT, _CONTROL):
        for attribute in ("type", "ShapeID", W + "shapeid"):
            said = user.get(attribute, "")
            name = said.lstrip("#")
            if name in names:
                user.set(attribute, said.replace(name, names[name]))
