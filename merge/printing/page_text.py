"""The text on a page of a PDF, with its places.

Of PDF's operators these are the few that LibreOffice writes (ISO 32000-1, 8.4, 9.4, 14.6): pypdf's
reading of all that a text may be takes ten times as long.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pypdf import PageObject

_DESCENT = 0.22
"""How far letters reach below their line, in sizes of the type: Arial 0.21, Calibri 0.25."""

_LETTER_WIDTH = 0.5  # A letter's, in sizes of the type, about

_Matrix = Sequence[float]


class TextPiece(NamedTuple):
    """Text that stands on one line, in points from the page's lower left corner."""

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
"""How operands begin."""

_HEX_STRING = re.compile(rb"<([0-9A-Fa-f\s]*)>")
_CODE_SPACE = re.compile(rb"begincodespacerange\s*<([0-9A-Fa-f]+)>")
_UNICODE_MAPPING = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*\n")
_IDENTITY: _Matrix = (1, 0, 0, 1, 0, 0)


class PdfFont:
    """A font of a PDF: how long its codes are, and which of them are no letters and no digits."""

    def __init__(self, about: Mapping[str, Any]) -> None:
        told = about["/ToUnicode"].get_data() if "/ToUnicode" in about else b""
        space = _CODE_SPACE.search(told)
        self._code_length = len(space[1]) // 2 if space else 1
        meanings = (
            (bytes.fromhex(c.decode()), m.decode()) for c, m in _UNICODE_MAPPING.findall(told)
        )
        self._codes_without_letters = {code for code, meant in meanings if not _has_letters(meant)}

    def count_characters(self, shown: bytes) -> int:
        """Return how many characters an operand shows; 0 where no letter or digit is among them."""
        codes = bytes.fromhex(b"".join(_HEX_STRING.findall(shown)).decode())
        each = [
            codes[at : at + self._code_length] for at in range(0, len(codes), self._code_length)
        ]
        return 0 if self._codes_without_letters.issuperset(each) else len(each)


def _has_letters(meant: str) -> bool:
    return any(map(str.isalnum, bytes.fromhex(meant).decode("utf-16-be", "replace")))


class PageText:
    """The letter's text on a page of a PDF.

    Headers and footers are artifacts in a tagged PDF (14.8.2.2); rules to sign on have no letters.
    """

    def __init__(self, page: PageObject, fonts: dict[str, PdfFont]) -> None:
        """`fonts` are those of the PDF that were read already."""
        self.pieces: list[TextPiece] = []
        self._artifacts: list[bool] = []
        self._fonts = fonts
        contents = page.get_contents()
        if contents is not None:
            resources: Any = page["/Resources"]
            self._read_content(contents.get_data(), resources, _IDENTITY)

    def _read_content(self, data: bytes, resources: Mapping[str, Any], matrix: _Matrix) -> None:
        """Read a page, or a form on it, that begins with a matrix."""
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
        """Follow what places and shows the letter's own text."""
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
            low, right = (
                line - _DESCENT * self._font_size,
                left + _LETTER_WIDTH * self._font_size * count,
            )
            self.pieces.append(TextPiece(line, low, left, right))
        elif operator == b"Do":  # a picture has no text, a form is a piece of a page (8.10)
            form = resources["/XObject"][operands[0].decode()]
            if form["/Subtype"] == "/Form":
                own = _multiply([float(each) for each in form.get("/Matrix", _IDENTITY)], matrix)
                self._read_content(form.get_data(), form.get("/Resources", resources), own)

    def _read_font(self, font: Any) -> PdfFont:  # noqa: ANN401 - pypdf's
        """Return a font, which is read once."""
        if (key := repr(font)) not in self._fonts:
            self._fonts[key] = PdfFont(font.get_object())
        return self._fonts[key]


def _matrix(operands: Sequence[bytes]) -> _Matrix:
    return [float(operand) for operand in operands[-6:]]


def _multiply(one: _Matrix, other: _Matrix) -> _Matrix:
    """Return the matrix that does what one does, then the other (8.3.4)."""
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    x, y = e * g + f * i + k, e * h + f * j + m
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, x, y)
