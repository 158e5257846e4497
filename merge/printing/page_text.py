"""The text on a page of a PDF, with its positions.

This reads only the few PDF operators that LibreOffice writes (ISO 32000-1, 8.4, 9.4, 14.6). pypdf
reads every kind of text, which takes ten times as long.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pypdf import PageObject

_DESCENT = 0.22
"""Descent of letters below their line, relative to the font size.

It is 0.21 for Arial and 0.25 for Calibri.
"""

_LETTER_WIDTH = 0.5  # Approximate width of a letter, relative to the font size

_Matrix = Sequence[float]


class TextPiece(NamedTuple):
    """A line's text on a page of a PDF, in points from the lower left corner."""

    baseline: float
    bottom: float
    left: float
    right: float


_TOKENS = re.compile(
    rb"\[(?:[^][()]|\((?:[^()\\]|\\.)*\))*\]|\((?:[^()\\]|\\.)*\)"
    rb"|<<|>>|<[^<>]*>|/[^][\s<>()/]*|[^][\s<>()/]+",
    re.DOTALL,
)
_OPERAND_STARTS = frozenset(b"/[(<>+-.0123456789")
"""First characters of operands."""

_HEX_STRING = re.compile(rb"<([0-9A-Fa-f\s]*)>")
_CODE_SPACE = re.compile(rb"begincodespacerange\s*<([0-9A-Fa-f]+)>")
_UNICODE_MAPPING = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*\n")
_IDENTITY: _Matrix = (1, 0, 0, 1, 0, 0)


class PdfFont:
    """A font of a PDF: the length of its codes, and which are not letters.

    Digits count as letters.
    """

    def __init__(self, properties: Mapping[str, Any]) -> None:
        mapping = properties["/ToUnicode"].get_data() if "/ToUnicode" in properties else b""
        code_space = _CODE_SPACE.search(mapping)
        self._code_length = len(code_space[1]) // 2 if code_space else 1
        meanings = (
            (bytes.fromhex(c.decode()), m.decode()) for c, m in _UNICODE_MAPPING.findall(mapping)
        )
        self._codes_without_letters = {code for code, text in meanings if not _has_letters(text)}

    def count_characters(self, shown: bytes) -> int:
        """Return the number of characters that a PDF operand shows in the font.

        It is 0 if there is neither a letter nor a digit.
        """
        codes = bytes.fromhex(b"".join(_HEX_STRING.findall(shown)).decode())
        split_codes = [
            codes[start : start + self._code_length]
            for start in range(0, len(codes), self._code_length)
        ]
        return 0 if self._codes_without_letters.issuperset(split_codes) else len(split_codes)


def _has_letters(hexadecimal: str) -> bool:
    return any(map(str.isalnum, bytes.fromhex(hexadecimal).decode("utf-16-be", "replace")))


class PageText:
    """A letter's own text on a page of its PDF.

    Headers and footers are artifacts in a tagged PDF (14.8.2.2). Signature lines have no letters.
    """

    def __init__(self, page: PageObject, fonts: dict[str, PdfFont]) -> None:
        """Read the text of a PDF page. `fonts` are those that were read before."""
        self.pieces: list[TextPiece] = []
        self._artifacts: list[bool] = []
        self._fonts = fonts
        contents = page.get_contents()
        if contents is not None:
            resources: Any = page["/Resources"]
            self._read_content(contents.get_data(), resources, _IDENTITY)

    def _read_content(self, data: bytes, resources: Mapping[str, Any], matrix: _Matrix) -> None:
        """Read the text of a PDF page, or of a form on that page."""
        saved: list[_Matrix] = []
        operands: list[bytes] = []
        for token in _TOKENS.findall(data):
            if token[0] in _OPERAND_STARTS:
                operands.append(token)
                continue
            if token == b"q":
                saved.append(matrix)
            elif token == b"Q":
                matrix = saved.pop()
            elif token == b"cm":
                matrix = _multiply(_matrix(operands), matrix)
            elif token in {b"BMC", b"BDC"}:
                self._artifacts.append(operands[0] == b"/Artifact")
            elif token == b"EMC":
                self._artifacts.pop()
            elif not any(self._artifacts):
                self._apply_text_operator(token, operands, resources, matrix)
            operands = []

    def _apply_text_operator(
        self,
        operator: bytes,
        operands: Sequence[bytes],
        resources: Mapping[str, Any],
        matrix: _Matrix,
    ) -> None:
        """Apply an operator that positions or shows the letter's own text."""
        if operator == b"BT":
            self._text_matrix = _IDENTITY
        elif operator in {b"Td", b"TD"}:
            self._text_matrix = _multiply((1, 0, 0, 1, *map(float, operands)), self._text_matrix)
        elif operator == b"Tm":
            self._text_matrix = _matrix(operands)
        elif operator == b"Tf":
            self._font = self._read_font(resources["/Font"].raw_get(operands[0].decode()))
            self._font_size = float(operands[1])
        elif operator in {b"Tj", b"TJ"} and (count := self._font.count_characters(operands[-1])):
            *_, left, line = _multiply(self._text_matrix, matrix)
            bottom, right = (
                line - _DESCENT * self._font_size,
                left + _LETTER_WIDTH * self._font_size * count,
            )
            self.pieces.append(TextPiece(line, bottom, left, right))
        elif operator == b"Do":  # a picture has no text; a form is a part of a page (8.10)
            form = resources["/XObject"][operands[0].decode()]
            if form["/Subtype"] == "/Form":
                form_matrix = _multiply(
                    [float(number) for number in form.get("/Matrix", _IDENTITY)], matrix
                )
                self._read_content(form.get_data(), form.get("/Resources", resources), form_matrix)

    def _read_font(self, font: Any) -> PdfFont:  # noqa: ANN401 - pypdf's
        """Return a font of the PDF, which is read only once."""
        if (key := repr(font)) not in self._fonts:
            self._fonts[key] = PdfFont(font.get_object())
        return self._fonts[key]


def _matrix(operands: Sequence[bytes]) -> _Matrix:
    return [float(operand) for operand in operands[-6:]]


def _multiply(first: _Matrix, second: _Matrix) -> _Matrix:
    """Return the matrix that applies `first`, then `second` (8.3.4)."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    x, y = e * g + f * i + k, e * h + f * j + m
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, x, y)
