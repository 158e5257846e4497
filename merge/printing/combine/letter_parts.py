"""A letter's parts on their way into the combined file.

Their relationships, IDs and fields are changed, and some elements are removed. A picture or file at
an external address is removed, because a program that opens the combined file would fetch it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count

from merge.ooxml import RELATIONSHIPS, WORDPROCESSINGML
from merge.ooxml.fields import (
    WordField,
    WordStory,
    code_kind,
    read_stories,
    remove_field,
    walk_fields,
)
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
"""The sections module rewrites the relationships of these elements."""

_PICTURE_TAGS = (W + "drawing", W + "pict", W + "object")

LetterFlags = frozenset[str]
"""Properties of a letter of which users are warned.

They are `comments`, `tracked` (changes), `linked` (pictures) and `inserted` (files).
"""

_INSERTED_FILE = "aFChunk"
"""The type of an inserted file's relationship (ECMA-376 part 1, 17.17.2)."""


def without_external_content(links: PartRelationships) -> PartRelationships:
    """Return a part's relationships without external pictures and files."""
    return tuple((number, r) for number, r in links if not _is_external_content(r))


def drop_external_content(root: Element, relationships: Mapping[str, Relationship]) -> LetterFlags:
    """Remove a letter's linked pictures and files; return which were found.

    `linked` is a picture of which the letter has no copy, `inserted` is a file.
    """
    dropped = set[str]()
    for element, name, relation_id in list(_relationship_attributes(root)):
        relation = relationships.get(relation_id)
        if relation and _is_external_content(relation):
            del element.attrib[name]
            if relation.short_kind == _INSERTED_FILE:
                _remove_block(element)
                dropped.add("inserted")
            elif not any(str(attribute).startswith(R) for attribute in element.attrib):
                remove(next(element.iterancestors(*_PICTURE_TAGS), element))
                dropped.add("linked")
    return frozenset(dropped)


def _remove_block(block: Element) -> None:
    """Remove a block, but keep a paragraph in a table cell (17.4.65)."""
    holder = block.getparent()
    remove(block)
    if holder is None or holder.tag != W + "tc":
        return
    if len(holder) == 0 or holder[-1].tag != W + "p":
        holder.append(holder.makeelement(W + "p"))


def rewrite_relationship_ids(
    root: Element, relationships: Mapping[str, Relationship], renamed: Callable[[Relationship], str]
) -> None:
    """Replace a part's relationship IDs by those of the combined file.

    An ID is empty if there is no such relationship.
    """
    for element, name, relation_id in list(_relationship_attributes(root)):
        if element.tag not in _HEADER_REFERENCES:
            element.set(
                name, renamed(relationships[relation_id]) if relation_id in relationships else ""
            )


def _is_external_content(relation: Relationship) -> bool:
    """Return whether a program that opens the file would fetch the target."""
    return relation.external and relation.short_kind in {"image", _INSERTED_FILE}


def _relationship_attributes(root: Element) -> Iterator[tuple[Element, str, str]]:
    """Yield each attribute with a relationship ID: element, name and ID."""
    for element in root.xpath("descendant-or-self::*[@r:*]", namespaces=NAMESPACES):
        for name, relation_id in element.attrib.items():
            if str(name).startswith(R):
                yield element, str(name), str(relation_id)


_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_IGNORABLE = f"{{{_COMPATIBILITY}}}Ignorable"


class PartBuilder:
    """A part of the combined file that grows letter by letter.

    It has one root for all children. The root declares all their namespaces. The children are
    stored as text, so that a letter's tree can be freed.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._namespaces = {"w": WORDPROCESSINGML, "r": RELATIONSHIPS, "mc": _COMPATIBILITY}
        self._ignorable: set[str] = set()
        self._pieces: dict[int, list[bytes]] = {}

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def add(self, root: Element, children: Iterable[Element], rank: int = 0) -> None:
        """Move the child elements of another root to this part."""
        holder = root.makeelement("holder", nsmap=root.nsmap)
        holder.extend(children)
        if len(holder) == 0:
            return
        pieces = self._pieces.setdefault(rank, [])
        if self._adopt_namespaces(root):
            pieces.append(_without_declaration(xml_bytes(holder), tag=False))
        else:  # a prefix has another namespace here, so each child declares its own
            pieces += [_without_declaration(xml_bytes(child)) for child in holder]

    def _adopt_namespaces(self, root: Element) -> bool:
        """Take over an element's namespaces; return False if a prefix conflicts.

        In that case, none is adopted.
        """
        spaces = {prefix: space for prefix, space in root.nsmap.items() if prefix is not None}
        declared = self._namespaces
        if None in root.nsmap or any(declared.get(p, s) != s for p, s in spaces.items()):
            return False
        declared.update(spaces)
        self._ignorable |= set(str(root.get(_IGNORABLE, "")).split()) & spaces.keys()
        return True

    def to_bytes(self, inner: str = "") -> bytes:
        """Return the bytes of the part.

        If `inner` is given, the children are in an element of that name.
        """
        spaces = "".join(f' xmlns:{prefix}="{s}"' for prefix, s in self._namespaces.items())
        prefixes = " ".join(sorted(self._ignorable))
        ignorable = f' mc:Ignorable="{prefixes}"' if prefixes else ""
        start = f"<{self._root}{spaces}{ignorable}>" + (f"<{inner}>" if inner else "")
        end = (f"</{inner}>" if inner else "") + f"</{self._root}>"
        pieces = (piece for rank in sorted(self._pieces) for piece in self._pieces[rank])
        return b"".join((XML_DECLARATION, start.encode(), *pieces, end.encode()))


def _without_declaration(data: bytes, *, tag: bool = True) -> bytes:
    """Return the XML of an element without the XML declaration.

    Without `tag`, only its content is returned.
    """
    markup = data[data.index(b"?>") + 2 :].lstrip()
    return markup if tag else markup[markup.index(b">") + 1 : markup.rindex(b"</")]


# Fields in the combined file: page numbers stay fields, others become text.
#
# ECMA-376 part 1, 17.16.5. In the combined file, a field would show facts about all letters: its
# title, the number of all pages, the nearest heading of another letter. The page number of a field
# is right, because each letter counts from 1. The number of pages is that of the letter's section.

_KEPT_FIELDS = {
    *("PAGE", "NUMPAGES", "SECTIONPAGES", "DATE", "TIME", "IF", "COMPARE", "=", "HYPERLINK", "EQ"),
    *("SYMBOL", "ADVANCE", "QUOTE", "FORMTEXT", "FORMCHECKBOX", "FORMDROPDOWN", "LISTNUM"),
    *("AUTONUM", "AUTONUMLGL", "AUTONUMOUT", "BIDIOUTLINE", "SHAPE"),
    *("DISPLAYBARCODE", "MERGEBARCODE", "BARCODE"),
}
_NUMPAGES = re.compile(r"\bNUMPAGES\b", re.IGNORECASE)
_INSTR = W + "instr"


def has_page_count(root: Element) -> bool:
    """Return whether a part shows the number of pages."""
    codes = (e.text or "" for e in root.iter(W + "instrText"))
    simple = (e.get(_INSTR, "") for e in root.iter(W + "fldSimple"))
    return _NUMPAGES.search("".join((*codes, " ", *simple))) is not None


def resolve_fields(root: Element, count_code: str, pages: int) -> None:
    """Replace fields in a letter whose results depend on other letters.

    `count_code` is the field code that counts the letter's pages. `pages` is its result, or 0 if
    unknown.
    """
    if next(root.iter(W + "fldChar", W + "fldSimple"), None) is None:
        return
    for story in read_stories(root):
        for field in walk_fields(story.fields):
            code = _field_code(story, field)
            kind = code_kind(code)
            if kind == "NUMPAGES":
                _set_field_code(story, field, _NUMPAGES.sub(count_code, code))
                _set_page_count(story, field, pages)
            elif kind not in _KEPT_FIELDS and field.is_closed:
                remove_field(story, field, keep_simple=True)  # simple ones inside are handled next


def _code_elements(story: WordStory, field: WordField) -> list[Element]:
    """Return the elements with a field's code, without those of nested fields."""
    nested = {
        number
        for inner_field in field.code_fields
        for number in range(inner_field.start, inner_field.end + 1)
    }
    stop = field.separator if field.separator >= 0 else field.end
    leaves = (story.pieces[number] for number in range(field.start, stop) if number not in nested)
    return [leaf.element for leaf in leaves if leaf.element.tag == W + "instrText"]


def _field_code(story: WordStory, field: WordField) -> str:
    if story.is_simple(field):
        return str(story.pieces[field.start].element.get(_INSTR, ""))
    return "".join(e.text or "" for e in _code_elements(story, field))


def _set_field_code(story: WordStory, field: WordField, code: str) -> None:
    if story.is_simple(field):
        story.pieces[field.start].element.set(_INSTR, code)
        return
    first, *others = _code_elements(story, field)
    first.text = code
    for element in others:
        element.text = ""


def _set_page_count(story: WordStory, field: WordField, pages: int) -> None:
    """Set the number of pages in a field's result, if it is a plain number."""
    result = story.pieces[field.separator + 1 : field.end] if field.separator >= 0 else ()
    texts = [leaf.element for leaf in result if leaf.element.tag == W + "t"]
    if pages and "".join(t.text or "" for t in texts).strip().isdecimal():
        for element in texts:
            element.text = ""
        texts[0].text = str(pages)


# Elements that are removed from a letter's parts, and IDs that must be unique in a file. Comments
# are removed, with bookmarks (no field that is kept refers to them), IDs of paragraphs and
# revisions, and bindings that would fill a text again from the file's own properties.


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
    """Counters for unique numbers in the combined file.

    `shape_ids` are for shapes, `annotation_ids` for bookmarks and tracked changes.
    """

    def __init__(self) -> None:
        self.shape_ids = count(1)
        self.annotation_ids = count(1)


def clean_part(root: Element, ids: IdCounters) -> LetterFlags:
    """Prepare a letter's part for the combined file, and return its flags.

    The letter's bookmarks are removed.
    """
    flags: set[str] = set()
    for element in list(root.iter(*_REMOVED_TAGS)):
        flags |= {"comments"} if element.tag in _COMMENT_TAGS else set()
        flags |= {"inserted"} if element.tag == _SUBDOCUMENT else set()
        remove(element)
    numbers: dict[str, str] = {}
    for element in root.iter(
        *TEXT_CHANGES, *MOVE_RANGES, *FORMAT_CHANGES
    ):  # a range has its number twice
        number = numbers.setdefault(element.get(W + "id", ""), "") or str(next(ids.annotation_ids))
        numbers[element.get(W + "id", "")] = number
        element.set(W + "id", number)
        flags.add("tracked")
    for shape in root.iter("{*}docPr"):
        shape.set("id", str(next(ids.shape_ids)))
    _rename_shapes(root, ids)
    for control in root.iter(W + "sdtPr"):
        for identifier in control.findall(W + "id"):
            control.remove(identifier)
    for element in root.iter("*"):
        for name in list(element.attrib):
            if name in _PARAGRAPH_ID_ATTRIBUTES or str(name).startswith(W + "rsid"):
                del element.attrib[name]
    for link in root.iter(W + "hyperlink"):
        link.attrib.pop(W + "anchor", None)
    return frozenset(flags)


def _rename_shapes(root: Element, ids: IdCounters) -> None:
    """Give VML shapes, the older kind, unique names.

    References to them are changed too.
    """
    names: dict[str, str] = {}
    for shape in [e for e in root.iter(_VML + "*") if e.get("id")]:
        names[str(shape.get("id"))] = new_name = f"shape_{next(ids.shape_ids)}"
        shape.set("id", new_name)
    if not names:
        return
    for user in root.iter(_VML + "*", _OLE_OBJECT, _CONTROL):
        for attribute in ("type", "ShapeID", W + "shapeid"):
            reference = user.get(attribute, "")
            name = reference.lstrip("#")
            if name in names:
                user.set(attribute, reference.replace(name, names[name]))
