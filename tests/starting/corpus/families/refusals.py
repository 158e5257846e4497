"""Files that the feature must refuse, and say why."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

from starting.corpus.case import Case, Kind, People, RefusalReason, SpoilFiles
from starting.corpus.workbooks import WorkbookPlan
from support.documents import BODY, of_kind, zipped

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _refused(
    appeal: str,
    kind: Kind,
    reason: RefusalReason,
    spoil: SpoilFiles | None = None,
    about: str = "",
) -> Case:
    """Return a case that must be refused."""
    people = (People("1"), People("2")) if kind == "letters" else (People("1"),)
    return Case(
        f"{appeal}: refused, {about or reason}",
        kind,
        appeal,
        people,
        workbook=WorkbookPlan(left_out=() if spoil else ("r1", "s1"))
        if kind == "workbook"
        else None,
        refusal=reason,
        spoil=spoil,
    )


def _names(letters: Sequence[bytes]) -> Mapping[str, bytes]:
    return {f"letter {number}.docx": data for number, data in enumerate(letters, 1)}


def _with_body(letter: bytes, old: str, new: str) -> bytes:
    """Return a letter with the first `old` of its body replaced."""
    with zipfile.ZipFile(io.BytesIO(letter)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    body = files[BODY].decode()
    assert old in body
    return zipped({**files, BODY: body.replace(old, new, 1).encode()})


def _tracked(letters: Sequence[bytes]) -> Mapping[str, bytes]:
    change = '<w:ins w:id="901" w:author="Editor" w:date="2026-02-01T10:00:00Z">'
    inserted = f"<w:p>{change}<w:r><w:t>urgently</w:t></w:r></w:ins></w:p><w:sectPr>"
    return _names([_with_body(letters[0], "<w:sectPr>", inserted), *letters[1:]])


def _template(letters: Sequence[bytes]) -> Mapping[str, bytes]:
    line = "<w:p><w:r><w:t>{{ signer.name }}</w:t></w:r></w:p><w:sectPr>"
    return _names([_with_body(letters[0], "<w:sectPr>", line), *letters[1:]])


def _other_appeal(letters: Sequence[bytes]) -> Mapping[str, bytes]:
    other = Case("other", "alone", "en-shelter", (People("1"),)).letter_files()
    return _names([letters[0], *other.values()])


def _same_twice(letters: Sequence[bytes]) -> Mapping[str, bytes]:
    return {"letter 1.docx": letters[0], "letter 1 - copy.docx": letters[0]}


def _scan(letters: Sequence[bytes]) -> Mapping[str, bytes]:
    body = "<w:body><w:p/><w:sectPr/></w:body>"
    with zipfile.ZipFile(io.BytesIO(letters[0])) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    head, _, rest = files[BODY].decode().partition("<w:body>")
    return _names([zipped({**files, BODY: head + body + rest.partition("</w:body>")[2]})])


def _cut(letters: Sequence[bytes]) -> Mapping[str, bytes]:
    return _names([letters[0][: len(letters[0]) // 2], *letters[1:]])


def _encrypted(letters: Sequence[bytes]) -> Mapping[str, bytes]:
    """Return a file that looks like Word's encrypted package."""
    streams = "EncryptionInfo\0EncryptedPackage\0".encode("utf-16-le")
    return _names([_OLE + bytes(504) + streams + letters[0]])


def _old_word(letters: Sequence[bytes]) -> Mapping[str, bytes]:
    stream = "WordDocument\0".encode("utf-16-le")
    return {"letter 1.doc": _OLE + bytes(504) + stream + bytes(len(letters[0]))}


def _with_macros(letters: Sequence[bytes]) -> Mapping[str, bytes]:
    return {"letter 1.docm": of_kind(letters[0], "docm")}


def _too_many(letters: Sequence[bytes]) -> Mapping[str, bytes]:
    copies = [_with_body(letters[0], "</w:t>", f" {number}</w:t>") for number in range(21)]
    return _names(copies)


REFUSALS = (
    _refused("en-lawyer", "letters", "tracked changes", _tracked),
    _refused("fr-avocate", "letters", "a template", _template),
    _refused("en-forest", "letters", "different appeals", _other_appeal),
    _refused("es-maestra", "letters", "the same letter twice", _same_twice),
    _refused("de-pfleger", "letters", "damaged", _cut),
    _refused("pt-pescadores", "letters", "too many letters", _too_many),
    _refused("en-execution", "workbook", "tracked changes", _tracked, "changes beside a workbook"),
    _refused("fr-mines", "workbook", "a template", _template, "a template beside a workbook"),
    _refused("uk-biblioteka", "workbook", "no one of the workbook"),
    _refused("it-braccianti", "workbook", "no one of the workbook", about="only the city is there"),
    _refused("ru-shkola", "alone", "no text", _scan),
    _refused("uk-biblioteka", "alone", "password", _encrypted),
    _refused("ar-talib", "alone", "old format", _old_word),
    _refused("it-braccianti", "alone", "macros", _with_macros),
)
