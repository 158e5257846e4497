"""Compile a .docx template once and fill it for every letter.

Only this module uses docxtpl.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from html import unescape
from pathlib import Path
from typing import NamedTuple

import docxtpl
from docxtpl import DocxTemplate

from merge import messages
from merge.errors import DataError, MergeError, TemplateError
from merge.ooxml.container import Deflater, ZipMember
from merge.ooxml.kinds import DOCUMENT_TYPE, TEMPLATE, TEMPLATE_TYPES
from merge.ooxml.package import Package, PackageAssembler, read_package
from merge.ooxml.part_hashes import part_hash
from merge.ooxml.relationships import CONTENT_TYPES, XML_DECLARATION
from merge.ooxml.stamps import PROPERTY_PARTS, LetterStamp, StampedPart
from merge.ooxml.wordml import Element, W, parse_xml, remove, xml_bytes
from merge.problems import Place, Problem
from merge.template.filters import TemplateValues, filling_fault, link_fault
from merge.template.fingerprint import Fingerprinter, LetterFingerprint
from merge.template.grammar import (
    VariableName,
    check_tag,
    columns_read_by,
    find_names,
    find_too_deep_loop,
)
from merge.template.jinja import (
    FILLING_ERRORS,
    SYNTAX_ERRORS,
    PartProgram,
    PartTree,
    compile_part,
    parse_part,
)
from merge.template.links import is_allowed_address, is_harmless_suffix
from merge.template.merge_fields import close_fields
from merge.template.parts import (
    PreparedPart,
    jinja_source,
    part_label,
    prepare_part,
    restore_braces,
)
from merge.template.probes import TagProbe, make_probes
from merge.template.sanitize import SanitizedPackage, damaged_part_problem, sanitize
from merge.template.tags import FieldsBySheet, Tag, TemplateParagraph

_ANY_COLUMNS = FieldsBySheet()
_TEXT_ROOTS = {"document", "hdr", "ftr", "footnotes", "endnotes"}
_MAX_XML_TAGS = 1_000_000
"""`<` in all parts together: each element takes about
250 bytes of memory. Novels have fewer."""
_BRACES = (b"{", b"}", b"%7B", b"%7b")


_LETTER_BYTES_VERSION = "0.1.0"
"""The version of the program that introduced the present bytes of
letters.

It is changed if a change makes the bytes of letters differ. Only then is
a letter out of date because of the program.
"""

TagUse = tuple[VariableName, Tag]
"""A name that the template reads, and the tag that reads it."""


@dataclass(frozen=True, slots=True)
class _CompiledPart:
    """A compiled part: its tree, and the tag on each line of its source."""

    name: str
    tree: PartTree
    program: PartProgram
    tag_by_line: Mapping[int, Tag]


class _FilledPart(NamedTuple):
    """A part of a letter: its text in pieces, its bytes, and its zip member."""

    pieces: Sequence[str]
    data: bytes
    member: ZipMember


class FilledLetter(NamedTuple):
    """A complete .docx, its fingerprint, and its filled parts by name."""

    data: bytes
    fingerprint: LetterFingerprint
    parts: Mapping[str, bytes]


class ReadableLetter(NamedTuple):
    """A complete .docx, and the bytes of its XML parts by name.

    `prompts` are the words of its template's fields to click on.
    """

    data: bytes
    texts: Mapping[str, bytes]
    prompts: tuple[str, ...] = ()


class FaultyTemplateError(TemplateError):
    """A template that cannot be compiled.

    `uses` are the columns that its readable tags name, `probes` those tags as programs.
    """

    def __init__(
        self, problems: Sequence[Problem], uses: Sequence[TagUse], probes: Sequence[TagProbe] = ()
    ) -> None:
        super().__init__(problems)
        self.uses = tuple(uses)
        self.probes = tuple(probes)


class CompiledTemplate:
    """A compiled template without errors.

    `file` is its name in messages. `problems` are warnings, including those about content that
    letters do not contain. `paragraphs` are the texts that people read in it.
    """

    def __init__(
        self,
        cleaned: SanitizedPackage,
        parts: Sequence[_CompiledPart],
        warnings: Sequence[Problem],
        paragraphs: Sequence[TemplateParagraph] = (),
    ) -> None:
        package = cleaned.package
        self.file = package.file
        self.problems = (*cleaned.problems, *warnings)
        self.paragraphs = tuple(paragraphs)
        self._parts = parts
        self._prompts = cleaned.prompts
        compiled = {part.name for part in parts}
        fixed = [name for name in PROPERTY_PARTS if name not in compiled]
        self._stamped = [StampedPart(name, package.read(name).decode()) for name in fixed]
        self._deflater = Deflater()
        self._assembler = PackageAssembler(package, [*(part.name for part in parts), *fixed])
        self._package = package

    @cached_property
    def digest(self) -> bytes:
        """8 bytes for everything that a letter gets from template and program."""
        members = sorted(self._package.members, key=lambda member: member.name)
        parts = b"".join(member.name.encode() + part_hash(member.data) for member in members)
        return part_hash(f"{_LETTER_BYTES_VERSION} {docxtpl.__version__}".encode() + parts)[:8]

    @cached_property
    def _fingerprinter(self) -> Fingerprinter:
        changing_names = {part.name for part in self._parts} | {part.name for part in self._stamped}
        changing = {name: self._package.read(name).decode() for name in changing_names}
        fixed = {m.name: m.data for m in self._package.members if m.name not in changing_names}
        return Fingerprinter(fixed, changing)

    @cached_property
    def xml_parts(self) -> Mapping[str, bytes]:
        """The XML parts of the template by name."""
        members = self._package.members
        return {m.name: m.data for m in members if m.name.lower().endswith(".xml")}

    @cached_property
    def uses(self) -> tuple[TagUse, ...]:
        """The names that the tags read, in the order of the text."""
        return tuple(
            (name, part.tag_by_line[line])
            for part in self._parts
            for name, line in find_names(part.tree)
            if line in part.tag_by_line and not part.tag_by_line[line].is_synthetic
        )

    @cached_property
    def probes(self) -> tuple[TagProbe, ...]:
        """Every tag as a separate program, for checks."""
        probes = (make_probes(part.tree, part.tag_by_line) for part in self._parts)
        return tuple(probe for part_probes in probes for probe in part_probes)

    def fill(self, values: TemplateValues, stamp: LetterStamp | None = None) -> bytes:
        """Return a .docx with the values instead of the tags.

        The stamp is in its properties. `values` are frozen, or come from the workbook. Raise
        DataError if one does not fit its tag; an unknown name is such an error.
        """
        return self._assembler.assemble([part.member for part in self._fill_parts(values, stamp)])

    def fill_with_fingerprint(self, values: TemplateValues, stamp: LetterStamp) -> FilledLetter:
        """Return a .docx filled with values, together with its fingerprint.

        Raise DataError if a value does not fit its tag.
        """
        parts = self._fill_parts(values, stamp)
        fingerprint = self._fingerprinter.compute({part.member.name: part[:2] for part in parts})
        data = self._assembler.assemble([part.member for part in parts])
        filled = {part.member.name: part.data for part in parts if part.pieces}
        return FilledLetter(data, fingerprint, filled)

    def fill_for_reading(self, values: TemplateValues, stamp: LetterStamp) -> ReadableLetter:
        """Return a filled letter whose XML can be read without unpacking.

        Raise DataError if a value does not fit its tag.
        """
        parts = self._fill_parts(values, stamp)
        texts = {**self.xml_parts, **{part.member.name: part.data for part in parts}}
        data = self._assembler.assemble([part.member for part in parts])
        return ReadableLetter(data, texts, self._prompts)

    def _fill_parts(self, values: TemplateValues, stamp: LetterStamp | None) -> list[_FilledPart]:
        filled_parts = []
        for part in self._parts:
            try:
                pieces = part.program.render_pieces(values)
            except FILLING_ERRORS as error:
                raise _filling_error(part, error) from error
            if part.name.endswith(".rels"):
                _check_links(Place(self.file, part=part_label(part.name)), "".join(pieces))
            if part.name in PROPERTY_PARTS:
                data = StampedPart(part.name, "".join(pieces)).with_stamp(stamp)
                filled_parts.append(_FilledPart(pieces, data, ZipMember.from_data(part.name, data)))
            else:
                raw, data = self._deflater.deflate(pieces)
                filled_parts.append(
                    _FilledPart(pieces, data, ZipMember.from_deflated(part.name, raw, data))
                )
        for stamped in self._stamped:
            data = stamped.with_stamp(stamp)
            filled_parts.append(_FilledPart((), data, ZipMember.from_data(stamped.name, data)))
        return filled_parts


def _check_links(place: Place, relationships: str) -> None:
    """Raise DataError if values made an address that no link may lead to."""
    for match in _LINK_TARGETS.finditer(relationships):
        address = unescape(match[1])
        if address and not is_allowed_address(address) and not is_harmless_suffix(address):
            raise DataError(link_fault(address).to_problem(place))


_LINK_TARGETS = re.compile(r'<Relationship (?=[^<>]*/hyperlink")[^<>]*\bTarget="([^"]*)"')


def _filling_error(part: _CompiledPart, error: Exception) -> DataError:
    """Return an error of filling as the problem of the tag that caused it."""
    tag = part.tag_by_line.get(part.program.find_line(error.__traceback__))
    place = tag.place if tag else Place(part.name)
    tag_text = tag.shown_text if tag and not tag.is_synthetic else ""
    return DataError(
        filling_fault(error, tag_text, is_field=bool(tag and tag.field_label)).to_problem(place)
    )


def read_template(
    path: Path, columns: FieldsBySheet = _ANY_COLUMNS, *, keep_hidden: bool = False
) -> CompiledTemplate:
    """Read and compile a file; raise TemplateError with all its problems."""
    package = read_package(path, policy=TEMPLATE)
    return compile_template(package, columns, keep_hidden=keep_hidden)


def compile_template(
    package: Package, columns: FieldsBySheet = _ANY_COLUMNS, *, keep_hidden: bool = False
) -> CompiledTemplate:
    """Compile a template; raise TemplateError with all its problems.

    `columns` say which columns Word's own merge fields mean. Hidden text stays with `keep_hidden`.
    """
    parts = _xml_parts(package)
    _declare_document(parts)
    problems = []
    for name, root in parts.items():
        place = Place(package.file, part=part_label(name))
        if _is_text(root) and (warnings := close_fields(root, place)):
            problems += warnings
            package = package.with_parts({name: xml_bytes(root)})
    cleaned = sanitize(package, parts, keep_hidden=keep_hidden)
    prepared = [
        _prepare_if_text(cleaned.package, *named_root, columns)
        for named_root in cleaned.parts.items()
    ]
    for part in prepared:
        problems += part.problems
        problems += (
            p for tag in part.tags if not tag.is_synthetic for p in check_tag(tag, columns)
        )
    if any(problem.level == "error" for problem in problems):
        tags = [tag for part in prepared for tag in part.tags if not tag.is_synthetic]
        uses = [(name, tag) for tag in tags for name in columns_read_by(tag)]
        probes = [probe for part in prepared for probe in _sound_probes(part, package, columns)]
        raise FaultyTemplateError([*problems, *cleaned.problems], uses, probes)
    compiled = [_compile_prepared_part(part, package.file) for part in prepared if part.is_changed]
    paragraphs = [paragraph for part in prepared for paragraph in part.paragraphs]
    return CompiledTemplate(cleaned, compiled, problems, paragraphs)


def _xml_parts(package: Package) -> dict[str, Element]:
    """Return every readable XML part, parsed; none that declares a DTD."""
    parts = {}
    marks = 0
    for member in package.members:
        if member.name.lower().endswith((".xml", ".rels")):
            data = member.data
            marks += data.count(b"<")
            if marks > _MAX_XML_TAGS:
                place = Place(package.file)
                raise TemplateError(messages.problem("template-too-large/marks", place))
            root = parse_xml(data)
            if root is not None:
                parts[member.name] = root
    return parts


_MACRO_TYPE = "application/vnd.ms-office.vbaproject"


def _declare_document(parts: Mapping[str, Element]) -> None:
    """Declare the package as a .docx without macros, as letters are.

    The parts that make a .docm are removed when it is sanitised. But Word decides by the list of
    types.
    """
    types = parts.get(CONTENT_TYPES)
    for element in () if types is None else types.findall("*"):
        kind = str(element.get("ContentType", "")).lower()
        if kind in TEMPLATE_TYPES:
            element.set("ContentType", DOCUMENT_TYPE)
        elif kind == _MACRO_TYPE:
            remove(element)


def _is_text(root: Element) -> bool:
    return str(root.tag).startswith(W) and str(root.tag).removeprefix(W) in _TEXT_ROOTS


def _prepare_if_text(
    package: Package, name: str, root: Element, columns: FieldsBySheet
) -> PreparedPart:
    if _is_text(root) or any(brace in package.read(name) for brace in _BRACES):
        try:
            return prepare_part(name, root, package.file, columns)
        except (ValueError, LookupError, StopIteration, AttributeError, RecursionError):
            # the last defence: XML that Word never writes, in an unforeseen shape
            problem = damaged_part_problem(package.file, name)
            return PreparedPart(name, (), (), (problem,), is_changed=False)
    return PreparedPart(name, (), (), (), is_changed=False)


_ISOLATED_FAULTS = ("tag-", "tracked-changes")
"""Start of the codes of faults that do not
affect the other tags of their part."""


def _sound_probes(
    part: PreparedPart, package: Package, columns: FieldsBySheet
) -> Iterator[TagProbe]:
    """Yield the probes of a part's sound tags.

    There are none if it is unclear how its blocks fit together.
    """
    errors = [problem for problem in part.problems if problem.level == "error"]
    if not part.is_changed or not all(
        problem.code.startswith(_ISOLATED_FAULTS) for problem in errors
    ):
        return
    tags = [_compilable_tag(tag, columns) for tag in part.tags]
    if None in tags:
        return
    with suppress(MergeError):
        compiled = _compile_prepared_part(
            replace(part, tags=tuple(filter(None, tags))), package.file
        )
        yield from make_probes(compiled.tree, compiled.tag_by_line)


def _compilable_tag(tag: Tag, columns: FieldsBySheet) -> Tag | None:
    """Return a tag that compiles: a faulty value tag without its value.

    Return None for a faulty block. A synthetic condition that contains such a value always prints
    its line.
    """
    if not any(problem.level == "error" for problem in check_tag(tag, columns)):
        return tag
    if tag.kind == "value":
        return replace(tag, body='""', is_synthetic=True)
    return replace(tag, body="if true") if tag.is_synthetic else None


def _compile_prepared_part(part: PreparedPart, file: str) -> _CompiledPart:
    # patch_xml does not use its object
    patched = "".join(DocxTemplate.patch_xml(None, piece) for piece in part.xml)
    source, tag_by_line = jinja_source(XML_DECLARATION.decode() + patched, part.tags)
    try:
        fields = {line for line, tag in tag_by_line.items() if tag.field_label}
        tree = parse_part(source, restore_braces, fields)
    except SYNTAX_ERRORS as error:  # a fault that blocks.py does not find
        tag = tag_by_line.get(error.lineno)
        place = tag.place if tag else Place(file)
        raise TemplateError(messages.problem("block-unclosed/unclear", place)) from None
    too_deep_loop = find_too_deep_loop(tree)
    if too_deep_loop is not None:
        place = tag_by_line[too_deep_loop.lineno].place
        raise TemplateError(messages.problem("loops-too-deep", place))
    program = compile_part(tree, f"{file}/{part.name}")
    return _CompiledPart(part.name, tree, program, tag_by_line)
