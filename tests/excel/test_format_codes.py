"""Number formats: a missing one is General, unsupported ones are refused."""

from __future__ import annotations

import pytest

from merge.excel.display import displayed_text
from merge.excel.format_codes import UnsupportedFormatError


def test_a_missing_number_format_is_general() -> None:
    assert displayed_text(1.5, "") == "1.5"
    assert displayed_text(1.5, "[Red]") == "1.5"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("[DBNum1]0", r"\[DBNum1\]"),
        ("[orange]0", r"\[orange\]"),
        ("bbbb", "“b”"),
        ("ggge", "“g”"),
        ("aaa", "“a”"),
        ('"open', "means nothing"),
        ("0\\", "means nothing"),
        ("0_", "means nothing"),
        ("0" * 256, "255 characters"),
        ("0;0;0;0;0", "more than four sections"),
        ("0;0;0;0", "section of a number format for text"),
        ("@;0", "for numbers"),
        ("0 EUR", "“R”"),
        ("yyyy 0", "date format with 0"),
        ("0.0.0", "two decimal points"),
        ('"a".', "without digits"),
        ("General 0", "General"),
        ("0/", "slash"),
        ('"a"/', "slash"),
        ("# ?/ x", "no denominator"),
        ("# ?/? 0", "other digits"),
        ("0E+", "digits on both sides"),
        ("#,##0E+0", "comma"),
        ("[$-2000401]0", "digits of another script"),
        ("[$-ar-SA,2000000]0", "digits of another script"),
        ("[$-1070000]d mmmm yyyy", "another calendar"),
        ("[$-th-TH,107]d mmmm yyyy", "another calendar"),
        ("[$-xx-YY]mmmm", "language"),
        ("[$-fr-FR,zz]0", "not known here"),
        ("0 he", "date format with 0"),
        ("[$-3FF]mmmm", "language"),
    ],
)
def test_an_unsupported_number_format_is_refused_in_plain_words(code: str, words: str) -> None:
    with pytest.raises(UnsupportedFormatError, match=words):
        displayed_text(5, code)
