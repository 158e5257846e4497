"""Remove from a template what a letter must not carry, and stamp its document properties.

A letter carries what the user wrote and nothing else: no author, company, template path, deleted
text, comments or macros. What may stay is listed, not what must go: what nobody foresaw goes.
"""

from __future__ import annotations

import datetime as dt
import io
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import unquote

from merge.model import Place, Problem, TemplateError
from merge.ooxml import OFFICE, PACKAGE
from merge.ooxml.container import DAMAGE_ERRORS
from merge.ooxml.fields import field_code, read_stories, remove_field, with_nested
from merge.ooxml.package import (
    CONTENT_TYPES,
    CORE,
    CORE_RELATIONSHIP,
    CORE_TYPE,
    XML_DECLARATION,
    ContentTypes,
    Package,
    read_relationship,
    relationships_part,
)
from merge.ooxml.wordml import (
    FORMAT_CHANGES,
    MOVE_RANGES,
    W14,
    Element,
    R,
    W,
    parse_xml,
    remove,
    serialized,
    unwrap,
)


@dataclass(frozen=True, slots=True)
class SanitizedPackage:
    """The package without what letters must not carry, and its XML parts, parsed.

    `problems` is a warning that says what a reader of the template might miss.
    """

    package: Package
    parts: Mapping[str, Element]
    problems: tuple[Problem, ...]


def sanitize(package: Package, parts: Mapping[str, Element]) -> SanitizedPackage:
    """Take everything out that a letter must not carry. `parts` are changed.

    A part of which nothing goes keeps its bytes. Raise TemplateError where the package is not laid
    out as Word does it: another program might read other parts of it than were looked at here.
    """
    if CONTENT_TYPES not in parts or relationships_part("") not in parts:
        raise _irregular_package(package.file, "its lists of parts are not named as Word does it")
    _check_shape(package.file, parts)
    kept = reachable_parts(parts, frozenset(m.name for m in package.members))
    if kept.odd:
        raise _irregular_package(
            package.file, f"its part {kept.odd[0]} is not named as Word does it"
        )
    if kept.main not in parts or kept.main not in kept.parts or kept.main.isupper():
        raise _irregular_package(package.file, "its text is not where Word puts it")
    changed = {relationships_part(part) for part in kept.dropped}
    for name in kept.parts & parts.keys():
        gone, links = kept.dropped.get(name, set()), kept.links.get(name, set())
        if sanitize_part(parts[name], gone, links, kept.told) | unwrap_fields(
            parts[name], kept.told
        ):
            changed.add(name)
        unused = links - used_links(parts[name])
        if unused and remove_unused_links(parts[relationships_part(name)], unused):
            changed.add(relationships_part(name))
    own = property_parts(parse_xml(package.read(kept.core)) if kept.core else None)
    declare_properties(parts[relationships_part("")], parts[CONTENT_TYPES])
    _drop_content_types(parts[CONTENT_TYPES], kept.parts | own.keys())
    written = {
        n: serialized(parts[n])
        for n in changed | {CONTENT_TYPES, relationships_part("")}
        if n in parts
    }
    lean = package.without({m.name for m in package.members} - kept.parts)
    whole = lean.replaced({**written, **own})
    return SanitizedPackage(whole, _parsed(parts, kept, own), _removal_warning(package.file, kept))


def _irregular_package(file: str, what: str) -> TemplateError:
    hint = "Ask who sent it. Open it in Word and save it as a Word document (.docx)."
    return TemplateError(Problem("template-odd", Place(file), f"{what}; it may be harmful.", hint))


def _check_shape(file: str, parts: Mapping[str, Element]) -> None:
    """Refuse lists of types and relationships that Word could not read, or would read otherwise."""
    for name, root in parts.items():
        if name == CONTENT_TYPES:
            wanted = {"Types": (), "Default": ("Extension",), "Override": ("PartName",)}
        elif name.endswith(".rels"):
            wanted = {"Relationships": (), "Relationship": ("Id", "Type", "Target")}
        else:
            continue
        whole = str(root.tag).endswith(f"}}{next(iter(wanted))}")
        whole = whole and all(len(child) == 0 for child in root.iterchildren("*"))
        for element in root.iter("*"):
            space, _, local = str(element.tag).rpartition("}")
            whole = whole and space.startswith(f"{{{PACKAGE}/")
            whole = whole and all(element.get(a) for a in wanted.get(local, ("?",)))
        if not whole:
            raise _irregular_package(file, f"its part {name} is not as Word writes it")


def _parsed(
    parts: Mapping[str, Element], kept: KeptParts, own: Mapping[str, bytes]
) -> dict[str, Element]:
    found = {name: root for name, root in parts.items() if name in kept.parts - {CORE, CUSTOM}}
    made = {name: parse_xml(data) for name, data in own.items()}
    return {**found, **{name: root for name, root in made.items() if root is not None}}


def _drop_content_types(types: Element, kept: set[str]) -> None:
    """Take the types of parts that are gone out of the list of types, and doubled ones."""
    seen: set[str] = set()
    for override in list(types):
        name = str(override.get("PartName", "")).lstrip("/")
        if name and (name not in kept or name in seen):
            types.remove(override)
        seen.add(name)


def _removal_warning(file: str, kept: KeptParts) -> tuple[Problem, ...]:
    found = [
        f"{what} ({count})" if count > 1 else what
        for what, count in kept.told.items()
        if what and count
    ]
    if not found:
        return ()
    what = f"left out of the letters: {', '.join(sorted(found))}."
    hint = "Nothing needs to be done, unless the letters need it."
    return (Problem("template-cleaned", Place(file), what, hint, "warning"),)


# What is taken out of the parts that stay (ECMA-376 part 1: 17.13.4 comments, 17.13.5 tracked
# formats, 17.15.1 settings, 17.15.1.70 rsid).

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_V = "{urn:schemas-microsoft-com:vml}"
_O = "{urn:schemas-microsoft-com:office:office}"
_W15 = "{http://schemas.microsoft.com/office/word/2012/wordml}"
_LIBRARY = "{http://schemas.openxmlformats.org/schemaLibrary/2006/main}schemaLibrary"
_VIDEO = "{http://schemas.microsoft.com/office/word/2012/wordprocessingDrawing}webVideoPr"

_RANGES = tuple(
    f"customXml{what}Range{end}"
    for what in ("Ins", "Del", "MoveFrom", "MoveTo")
    for end in ("Start", "End")
)
_REMOVED = {
    W + name
    for name in (
        *("commentRangeStart", "commentRangeEnd", "commentReference", "annotationRef"),
        *(
            "proofErr",
            "rsid",
            "rsids",
            "permStart",
            "permEnd",
            "control",
            "dataBinding",
            "placeholder",
            "movie",
        ),
        *("attachedTemplate", "mailMerge", "docVars", "trackRevisions", "proofState"),
        *("saveThroughXslt", "attachedSchema", "schemaLibrary", "removePersonalInformation"),
        *("activeWritingStyle", "printFormsData", "savePreviewPicture", "smartTagType"),
        *("revisionView", "objectLink", "objectEmbed", "entryMacro", "exitMacro"),
        *("smartTagPr", "customXmlPr", "writeProtection", "documentProtection"),
        *("altChunk", "subDoc", "sourceFileName", "delText", "delInstrText", *_RANGES),
    )
} | {
    *FORMAT_CHANGES,
    *MOVE_RANGES,
    _O + "OLEObject",
    _LIBRARY,
    W14 + "docId",
    _W15 + "docId",
    _W15 + "dataBinding",
    _VIDEO,
}

_REPORTED_ELEMENTS = {
    W + "documentProtection": "the protection against editing",
    _VIDEO: "videos of web pages",
}
_WRAPPERS = {W + "smartTag", W + "customXml"}
_LINKING = {W + "hyperlink", _A + "hlinkClick", _A + "hlinkHover", _A + "hlinkMouseOver"}
_PICTURES = (W + "drawing", W + "pict")
_RELATIONSHIP_ATTRIBUTES = tuple(
    R + name for name in ("id", "embed", "link", "pict", "href", "dm", "lo", "qs", "cs")
)
_IDS = {W14 + "paraId", W14 + "textId", W + "author", W + "initials"}
_ADDRESSES = {"src", _O + "href", _O + "althref"}
_WORDS = {"name", "descr", "title", "alt", _O + "title"}
_LOCAL_PATH = re.compile(r"[A-Za-z]:[\\/]\S|\\\\\w|(?:^|\s)/(?:Users|home|Volumes)/|file:")


def sanitize_part(
    root: Element, dropped: AbstractSet[str], links: AbstractSet[str], told: Counter[str]
) -> bool:
    """Take out what a letter must not carry; return whether there was anything.

    `dropped` are the ids of the part's relationships that are gone, `links` those of addresses:
    nothing but a link may use them. What a reader would miss is counted in `told`.
    """
    changed = False
    for element in list(root.iter()):
        if isinstance(element.tag, str):
            changed |= _clean(element, dropped, links, told)
        else:  # a comment or a processing instruction
            changed = True
            remove(element, keep_tail=True)
    for holder in list(root.iter(W + "object")):
        holder.tag = W + "pict"  # without its object it is the picture of it
        changed = True
    return changed


def used_links(root: Element) -> set[str]:
    """Return the ids of relationships that links use."""
    return {str(link.get(R + "id")) for link in root.iter(*_LINKING)}


def _clean(
    element: Element, dropped: AbstractSet[str], links: AbstractSet[str], told: Counter[str]
) -> bool:
    changed = _lose_attributes(element)
    if element.tag in _REMOVED:
        told[_REPORTED_ELEMENTS.get(str(element.tag), "")] += 1
        remove(element, keep_tail=True)
        return True
    if element.tag in _WRAPPERS:
        unwrap(element, keep_tail=True)
        return True
    gone = dropped if element.tag in _LINKING else dropped | links
    return _lose_links(element, gone, told) or changed


def _lose_attributes(element: Element) -> bool:
    """Take out revision ids, ids for comments, addresses of pictures, and paths they came from."""
    gone = [str(name) for name in element.attrib if _is_trace(element, str(name))]
    for name in gone:
        if name in _WORDS:
            element.set(name, "Picture" if name == "name" else "")
        else:
            del element.attrib[name]
    return bool(gone)


def _is_trace(element: Element, name: str) -> bool:
    if name in _WORDS:
        return _LOCAL_PATH.search(str(element.get(name))) is not None
    if name in _ADDRESSES:
        return str(element.tag).startswith(_V)
    return name.startswith(W + "rsid") or name in _IDS


def _lose_links(element: Element, gone: AbstractSet[str], told: Counter[str]) -> bool:
    """Take out references to what is gone; a picture with nothing left to show goes whole."""
    lost = [name for name in _RELATIONSHIP_ATTRIBUTES if element.get(name) in gone]
    for name in lost:
        del element.attrib[name]
    if lost and element.tag == W + "hyperlink":
        unwrap(element, keep_tail=True)
    elif lost and element.tag == _V + "fill":
        return True
    elif lost and not any(element.get(name) for name in _RELATIONSHIP_ATTRIBUTES):
        is_picture = str(element.tag).endswith(("}blip", "}imagedata", "}relIds", "}chart"))
        told["pictures that lie elsewhere"] += (
            is_picture and not told["pictures that lie elsewhere"]
        )
        holder = next(element.iterancestors(*_PICTURES), element) if is_picture else element
        remove(holder, keep_tail=True)
    return bool(lost)


# Fields that only show something stay; all others are left as the text they show.
#
# ECMA-376 part 1, 17.16.5. A list of what may stay, not of what may not: DDE and INCLUDETEXT can be
# written in many ways, and USERNAME names whoever opens the letter.


_DISPLAY_FIELDS = {
    *("PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "PAGEREF", "REF", "NOTEREF", "STYLEREF"),
    *("DATE", "TIME", "CREATEDATE", "SAVEDATE", "PRINTDATE", "TITLE", "SUBJECT", "SEQ", "SYMBOL"),
    *("HYPERLINK", "QUOTE", "EQ", "ADVANCE", "TOC", "TC", "TA", "TOA", "INDEX", "XE", "LISTNUM"),
    *("AUTONUM", "AUTONUMLGL", "AUTONUMOUT", "FORMTEXT", "FORMCHECKBOX", "FORMDROPDOWN", "SHAPE"),
    *("BIDIOUTLINE", "NUMWORDS", "NUMCHARS", "CITATION", "BIBLIOGRAPHY", "GOTOBUTTON", ""),
}
_MAIL_MERGE_FIELDS = {
    *("MERGEFIELD", "IF", "NEXT", "NEXTIF", "SKIPIF", "MERGEREC", "MERGESEQ", "ASK", "FILLIN"),
    *("ADDRESSBLOCK", "GREETINGLINE", "SET", "COMPARE", "="),
}
"""Word's mail merge: turned into tags, or told, where the tags are read."""

_FETCHING_FIELDS = "fields that fetch something from elsewhere"


def unwrap_fields(root: Element, told: Counter[str]) -> bool:
    """Take the codes of other fields out, and leave their results; whether there were any."""
    changed = False
    for story in read_stories(root):
        for each in with_nested(story.fields):
            code = field_code(story, each)
            kind = _plain(code[0].text) if code else ""
            if kind not in _DISPLAY_FIELDS | _MAIL_MERGE_FIELDS and not kind.startswith("="):
                remove_field(story, each)
                told[_FETCHING_FIELDS] += 1
                changed = True
    return changed


def _plain(word: str) -> str:
    """A field's kind in capitals; signs that do not show are no part of it."""
    return "".join(c for c in word.upper() if c.isalnum() or c == "=")


# Which parts a letter keeps: those that a known kind of relationship leads to.
#
# ECMA-376 part 1, 15.2 and part 2, 6.5. What is not on the list goes, known to be harmful or not:
# macros, embedded objects, comments and their people, custom XML, data sources, thumbnails, printer
# settings, building blocks, ribbons, signatures.


_KEPT_KINDS = {
    "officeDocument": "document.main+xml",
    **{kind: f"{kind}+xml" for kind in ("styles", "stylesWithEffects", "numbering", "settings")},
    **{kind: f"{kind}+xml" for kind in ("webSettings", "fontTable", "theme", "themeOverride")},
    **{kind: f"{kind}+xml" for kind in ("header", "footer", "footnotes", "endnotes", "chart")},
    **{kind: f"{kind}+xml" for kind in ("diagramData", "diagramLayout", "diagramColors")},
    **{kind: f"{kind}+xml" for kind in ("chartStyle", "chartColorStyle", "diagramDrawing")},
    "diagramQuickStyle": "diagramStyle+xml",
    "chartUserShapes": "chartshapes+xml",
    "font": "font",
    "image": "image/",
    "hdphoto": "image/",
}
"""The kinds that stay, and what must stand in the content type of the part they lead to."""

_REPORTED_KINDS = {
    "comments": "comments",
    "oleObject": "embedded objects",
    "package": "embedded objects",
    "control": "controls that run code",
    "vbaProject": "macros",
    "image": "pictures that lie elsewhere",
    "attachedTemplate": "the link to its Word template",
    "mailMergeSource": "the link to its mail-merge data",
    "aFChunk": "an inserted file",
    "subDocument": "a subdocument",
    "hyperlink": "links to files of a computer",
}
"""What is told when it goes; of the rest nobody misses anything."""

_FAMILIES = ("http://schemas.openxmlformats.org/", "http://schemas.microsoft.com/office/")
_LOCAL_PREFIXES = ("file:", "\\\\", "//")


@dataclass
class KeptParts:
    """The parts that stay, the main one among them, and of those that go what is told.

    `core` is the part with the document properties, whatever its name; empty where there is none.
    `odd` are parts of XML that are not named so. Word puts a drawing's SVG beside a picture of it.

    `dropped` holds by part the ids of its relationships that lead nowhere any more, `links` those
    of its links: an address, which a picture must not have.
    """

    parts: set[str] = field(default_factory=set)
    dropped: dict[str, set[str]] = field(default_factory=dict)
    links: dict[str, set[str]] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)
    core: str = ""
    main: str = ""
    odd: list[str] = field(default_factory=list)


def reachable_parts(parts: Mapping[str, Element], names: frozenset[str]) -> KeptParts:
    """Walk the relationships from the package on; those that are not kept are taken out."""
    walk = _RelationshipWalk(parts, names)
    waiting = [""]
    while waiting:
        part = waiting.pop()
        relations = parts.get(relationships_part(part))
        if relations is not None:
            walk.kept.parts.add(relationships_part(part))
            waiting += walk.through(part, relations)
    return walk.kept


def _relationship_kind(whole: str) -> str:
    """The last word of a relationship's type; empty where it is not one of Office's."""
    known = whole.startswith(_FAMILIES)
    return whole.rpartition("/")[2] if known else ""


def remove_unused_links(relationships: Element, unused: AbstractSet[str]) -> bool:
    """Take out the relationships of these ids; whether there were any."""
    found = [relation for relation in relationships if relation.get("Id") in unused]
    for relation in found:
        relationships.remove(relation)
    return bool(found)


class _RelationshipWalk:
    def __init__(self, parts: Mapping[str, Element], names: frozenset[str]) -> None:
        self.kept = KeptParts({CONTENT_TYPES})
        self._types = ContentTypes(parts[CONTENT_TYPES])
        self._names = {unquote(name).lower(): name for name in names}

    def through(self, part: str, relationships: Element) -> Iterator[str]:
        """The parts that a part leads to and that were not seen yet."""
        for relation in list(relationships):
            number, (whole, address, external) = read_relationship(relation)
            kind = _relationship_kind(whole)
            target = None if external else self._target(part, address, kind)
            if external and kind == "hyperlink" and not address.lower().startswith(_LOCAL_PREFIXES):
                self.kept.links.setdefault(part, set()).add(number)
            elif target is None:
                relationships.remove(relation)
                self.kept.dropped.setdefault(part, set()).add(number)
                if kind in _REPORTED_KINDS and (external or kind not in {"image", "hyperlink"}):
                    self.kept.told[_REPORTED_KINDS[kind]] += 1
            elif target not in self.kept.parts:
                self.kept.parts.add(target)
                yield target

    def _target(self, part: str, address: str, kind: str) -> str | None:
        """The part that a relationship leads to; None where it is not kept."""
        found = self._found(part, address)
        if kind == "core-properties":
            self.kept.core = found
        elif kind == "officeDocument" and not part:
            self.kept.main = found
        if not found or kind not in _KEPT_KINDS:
            return None
        kept = self._types.of(found).lower()
        if kept.endswith("xml") and not found.lower().endswith(".xml"):
            self.kept.odd.append(found)  # it would go unread
        fits = _KEPT_KINDS[kind].lower() in kept and "svg" not in kept
        return found if fits else None

    def _found(self, part: str, address: str) -> str:
        """The part's name as the zip has it, whatever its case and its quoting; empty if none."""
        path = unquote(address)
        base = posixpath.join("/", posixpath.dirname(part))
        whole = path if path.startswith("/") else posixpath.join(base, path)
        return self._names.get(posixpath.normpath(whole).lstrip("/").lower(), "")


# The document properties of a letter: its title, its id and its date, and nothing else.
# ECMA-376 part 2, 8 (core properties); part 1, 22.3 (custom properties). The id stands twice, in
# `identifier` and in the custom property `Letter`: some programs keep the one and some the other.


CUSTOM = "docProps/custom.xml"
PROPERTY_PARTS = (CORE, CUSTOM)
_MARK = "\ufdd6"
"""Stands where the id and the date go: a noncharacter of Unicode."""
_LONGEST_HEAD = 4_000
"""Bytes of a property part that are read for its stamp."""

_HEAD = XML_DECLARATION.decode()
_DC = "{http://purl.org/dc/elements/1.1/}"
_CORE = (
    f'{_HEAD}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    f"{_MARK}%s</cp:coreProperties>"
)
_CUSTOM = (
    f'{_HEAD}<Properties xmlns="{OFFICE}/custom-properties"'
    f' xmlns:vt="{OFFICE}/docPropsVTypes"><property'
    ' fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="Letter">'
    f"<vt:lpwstr>{_MARK}</vt:lpwstr></property></Properties>"
)
_RELATIONS = (
    (CORE, CORE_RELATIONSHIP.kind),
    (CUSTOM, f"{OFFICE}/relationships/custom-properties"),
)
_TYPES = (
    (CORE, CORE_TYPE),
    (CUSTOM, "application/vnd.openxmlformats-officedocument.custom-properties+xml"),
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A letter's own mark: its id, and the day it was first made."""

    id: str
    day: dt.date


def property_parts(core: Element | None) -> dict[str, bytes]:
    """Return the two parts, with marks for the stamp; the title, and a subject with a tag, stay."""
    kept = ""
    for name, needed in (("title", ""), ("subject", "{")):
        text = (core.findtext(_DC + name) if core is not None else "") or ""
        if text.strip() and needed in text:
            escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            kept += f"<dc:{name}>{escaped}</dc:{name}>"
    return {CORE: (_CORE % kept).encode(), CUSTOM: _CUSTOM.encode()}


def declare_properties(relationships: Element, types: Element) -> None:
    """Add the two parts to the package's relationships and content types."""
    taken = {relation.get("Id") for relation in relationships}
    free = (name for name in map("letter{}".format, count()) if name not in taken)
    for part, kind in _RELATIONS:
        own = {"Id": next(free), "Type": kind, "Target": part}
        relationships.append(
            relationships.makeelement(f"{{{PACKAGE}/relationships}}Relationship", own)
        )
    for part, kind in _TYPES:
        own = {"PartName": f"/{part}", "ContentType": kind}
        types.append(types.makeelement(f"{{{PACKAGE}/content-types}}Override", own))


class StampedPart:
    """A property part as text: stamped for each letter, or with no stamp for none."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._front, _, self._back = (piece.encode() for piece in text.partition(_MARK))

    def with_stamp(self, stamp: Stamp | None) -> bytes:
        """Return the part's bytes."""
        if stamp is None:
            return self._front + self._back
        words = stamp.id
        if self.name == CORE:
            created = f'<dcterms:created xsi:type="dcterms:W3CDTF">{stamp.day}T00:00:00Z'
            words = f"<dc:identifier>{stamp.id}</dc:identifier>{created}</dcterms:created>"
        return self._front + words.encode() + self._back


def stamp_of(letter: bytes) -> Stamp | None:
    """Return the stamp that a letter carries; None where it is no letter of this program.

    A program that saved it may have kept the id in one place only.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(letter)) as archive:
            core, custom = (_head(archive, part) for part in PROPERTY_PARTS)
    except (*DAMAGE_ERRORS, OSError):
        return None
    found = re.search(r"identifier>([0-9a-f]{16})<", core) or re.search(
        r'name="Letter"[^>]*>\s*<vt:lpwstr>([0-9a-f]{16})<', custom
    )
    day = re.search(r"(?:created|modified)[^>]*>(\d{4}-\d\d-\d\d)T", core)
    try:
        return Stamp(found[1], dt.date.fromisoformat(day[1])) if found and day else None
    except ValueError:
        return None


def _head(archive: zipfile.ZipFile, part: str) -> str:
    """Return the beginning of a small part; empty where there is none."""
    if part not in archive.namelist():
        return ""
    with archive.open(part) as opened:
        return opened.read(_LONGEST_HEAD).decode(errors="replace")
