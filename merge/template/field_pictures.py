r"""Pictures of numbers and dates in Word fields, as patterns of Babel.

The switches `\#` (ECMA-376 part 1, 17.16.4.2) and `\@` (17.16.4.1). Word pads with a space for each
`#` without a digit. Here nothing is printed for it, because a letter is not a column of figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from merge import messages
from merge.errors import FaultError

_DIGITS = re.compile(r"(?:[0#xX]|[.,](?=[0#xX]))(?:[0#xX.,]|[ \u00a0\u202f](?=[0#]))*")
_QUOTED_OR_PLAIN = re.compile(r"'([^']*)'|([^']+)|'")
_BABEL_SIGNS = re.compile(r"[%‰;@]")
"""Characters that Babel never takes as plain
text, not even in quotation marks."""
_NEEDS_QUOTES = re.compile(r"[0-9@#.,E+\-¤']")


@dataclass(frozen=True, slots=True)
class NumberPicture:
    """A number picture as Babel's pattern, with text before and after it.

    The pattern cannot contain these texts.
    """

    pattern: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class _PictureSection:
    prefix: str
    digits: str
    suffix: str


def number_picture(picture: str) -> NumberPicture:
    """Return a Word number picture for Babel; raise FaultError if impossible."""
    texts = _split_sections(picture)
    if len(texts) > 2:
        raise _picture_error(picture, "/zero")
    sections = [_read_section(text, picture) for text in texts]
    if len({section.digits for section in sections}) > 1:
        raise _picture_error(picture)
    is_outside = any(_BABEL_SIGNS.search(s.prefix + s.suffix) for s in sections)
    if is_outside and len(sections) > 1:
        raise _picture_error(picture, "/format")
    if len(sections) > 1:
        return NumberPicture(";".join(map(_section_pattern, sections)))
    return _single_picture(sections[0], outside=is_outside)


def _single_picture(section: _PictureSection, *, outside: bool) -> NumberPicture:
    """Return a number picture that has one section for all numbers.

    If `outside`, its plain text cannot be in the pattern.
    """
    sign = section.prefix[-1:] if section.prefix[-1:] in {"+", "-"} else ""
    unsigned = replace(section, prefix=section.prefix.removesuffix(sign))
    if outside:
        return NumberPicture(_with_sign(sign, unsigned.digits), unsigned.prefix, unsigned.suffix)
    return NumberPicture(_with_sign(sign, _section_pattern(unsigned)))


def _with_sign(sign: str, pattern: str) -> str:
    """Return a number pattern, with a plus sign if `sign` is a plus sign.

    Babel adds a minus sign by itself, but never a plus sign.
    """
    return f"'+'{pattern};'-'{pattern}" if sign == "+" else pattern


def _section_pattern(section: _PictureSection) -> str:
    before, after = (_quote(text, _NEEDS_QUOTES) for text in (section.prefix, section.suffix))
    return f"{before}{section.digits}{after}"


def _quote(text: str, needs_quotes: re.Pattern[str]) -> str:
    return "'" + text.replace("'", "''") + "'" if needs_quotes.search(text) else text


def _split_sections(picture: str) -> list[str]:
    """Return the sections of a picture: for positive, negative, zero numbers."""
    sections = [""]
    for match in _QUOTED_OR_PLAIN.finditer(picture.replace("’", "'").replace("‘", "'")):
        text, *later_sections = [match.group()] if match[2] is None else match[2].split(";")
        sections[-1] += text
        sections += later_sections
    return sections


def _read_section(text: str, picture: str) -> _PictureSection:
    """Return a section's digits for Babel, and the plain text around them."""
    unquoted = _QUOTED_OR_PLAIN.sub(
        lambda m: m.group() if m[2] else "\ufffc" * len(m.group()), text
    )
    matches = list(_DIGITS.finditer(unquoted))
    if len(matches) != 1 or "`" in unquoted:
        raise _picture_error(picture, "/between" if matches else "/no-digits")
    start, end = matches[0].span()
    end -= len(text[start:end]) - len(text[start:end].rstrip(".,"))
    return _PictureSection(
        _unquote(text[:start]), _digit_pattern(text[start:end], picture), _unquote(text[end:])
    )


def _unquote(text: str) -> str:
    return _QUOTED_OR_PLAIN.sub(lambda m: m[1] or m[2] or "", text)


def _digit_pattern(digits: str, picture: str) -> str:
    """Return Babel's pattern for the digits of a number picture."""
    integer, fraction = _split_at_decimal_sign(re.sub(r"\s", " ", digits))
    if "x" in integer.lower():
        raise _picture_error(picture, "/drops")
    is_grouped = bool(re.search("[., ]", integer))
    integer_pattern = re.sub("[., ]", "", integer)
    integer_pattern = (
        "#" * (4 - len(integer_pattern)) + integer_pattern if is_grouped else integer_pattern or "#"
    )
    required = integer_pattern.lstrip("#").replace("#", "0")
    integer_pattern = required.rjust(len(integer_pattern), "#")
    integer_pattern = (
        f"{integer_pattern[:-3]},{integer_pattern[-3:]}" if is_grouped else integer_pattern
    )
    decimals = re.sub("[., ]", "", fraction).lower().replace("x", "#")
    required_decimals = decimals.rfind("0") + 1
    decimals = "0" * required_decimals + decimals[required_decimals:]
    return f"{integer_pattern}.{decimals}" if decimals else integer_pattern


def _split_at_decimal_sign(digits: str) -> tuple[str, str]:
    """Return what is before and after the decimal sign: a point or a comma.

    If there are both, the last is the decimal sign. A comma alone separates thousands if three
    digits or none are on a side of it. A point alone does if no decimals could be written that way.
    """
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return digits, ""
    before, sign, after = digits[:last], digits[last], digits[last + 1 :]
    has_both = "." in digits and "," in digits
    if sign in before or (sign == "," and not has_both and (not before or len(after) == 3)):
        return digits, ""
    if sign == "." and not has_both and re.fullmatch("#+0+", after):
        return digits, ""
    return before, after


def _picture_error(picture: str, variant: str = "") -> FaultError:
    return FaultError(messages.fault(f"field-switch{variant}", picture=f"\\# “{picture}”"))


# Dates.

_DATE_PIECE = re.compile(
    r"'(?P<quoted>[^']*)(?:'|$)|‘(?P<curly>[^‘’]*)’|(?P<half>[Aa][Mm]/[Pp][Mm])"
    r"|(?P<code>d{1,4}|D{1,4}|M{1,4}|y{1,4}|Y{1,4}|h{1,2}|H{1,2}|m{1,2}|[sS]{1,2})|(?P<text>.)",
    re.DOTALL,
)
_BABEL_CODES = {"ddd": "EEE", "dddd": "EEEE", "y": "yy", "yyy": "yyyy"}
_STANDALONE_MONTHS = {"MMM": "LLL", "MMMM": "LLLL"}
"""Months without a day, which many languages write in another case."""
_DATE_LETTERS = re.compile("[A-Za-z']")


def date_pattern(picture: str) -> str:
    """Return Babel's pattern for a Word date picture.

    `dddd, d MMMM yyyy` is `EEEE, d MMMM yyyy`.
    """
    pieces = list(_DATE_PIECE.finditer(picture))
    has_day = any((p["code"] or "").lower() in {"d", "dd"} for p in pieces)
    pattern, literal = "", ""
    for piece in pieces:
        code = "a" if piece["half"] else _babel_code(piece["code"] or "", has_day=has_day)
        if code:
            pattern += _quote(literal, _DATE_LETTERS) + code
            literal = ""
        else:
            literal += piece["quoted"] or piece["curly"] or piece["text"] or ""
    return pattern + _quote(literal, _DATE_LETTERS)


def _babel_code(code: str, *, has_day: bool) -> str:
    normalised = code if code[:1] in {"M", "H"} else code.lower()
    babel_code = _BABEL_CODES.get(normalised, normalised)
    return babel_code if has_day else _STANDALONE_MONTHS.get(normalised, babel_code)
