"""A word in a column of consent -> whether it is a plain yes, a plain no, or neither.

What is neither is not yes: `oui mais pas l'adresse`, `yes, my name only`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Literal

from merge.intake.headings import is_agreement, is_filler
from merge.workbook.words import plain_letters, says_no, says_yes

Verdict = Literal["yes", "no", "neither"]

_WORD = re.compile(r"[^\W_]+")
_YES_TOO = {"1", "1.0", "x", "xx", "v", "✓", "✔", "☑", "✅", "☒", "on", "ok", "okay", "checked"}
_YES_TOO |= {"selected", "ticked", "agree", "agreed", "i agree", "i do", "yes i do", "of course"}
_YES_TOO |= {"tak", "sim", "si", "evet", "ano", "áno", "igen", "nai", "ναι", "kylla", "kyllä"}
_YES_TOO |= {
    "joo",
    "כן",
    "بله",
    "हाँ",
    "是",
    "はい",
    "예",
    "네",
    "так",
    "bali",
    "ndiyo",
    "da",
    "hai",
}
_NO_TOO = {"0", "0.0", "-", "–", "—", "n/a", "na", "off", "unchecked", "nie", "nao", "não", "nej"}
_NO_TOO |= {"nei", "hayir", "hayır", "ne", "nem", "οχι", "όχι", "ei", "לא", "नहीं", "否", "いいえ"}
_NO_TOO |= {"아니요", "hapana", "nu", "никогда", "disagree", "i disagree", "i do not agree", "none"}
_LIMITS = {
    *("not", "no", "dont", "don", "don't", "never", "without", "except", "but", "only", "if"),
    *("unless", "anonymous", "anonymously", "initials", "maybe", "partly", "disagree", "refuse"),
    *(
        "decline",
        "withdraw",
        "unsubscribe",
        "first",
        "unsure",
        "later",
        "just",
        "however",
        "cannot",
    ),
    *(
        "non",
        "ne",
        "pas",
        "mais",
        "sauf",
        "sans",
        "seulement",
        "uniquement",
        "si",
        "peut",
        "refuse",
    ),
    *("anonyme", "juste", "jamais", "hormis"),
    *("pero", "sin", "solo", "sólo", "excepto", "salvo", "nunca", "anonimo", "quizas", "tampoco"),
    *("nein", "nicht", "kein", "keine", "keinen", "aber", "ohne", "nur", "außer", "anonym"),
    *("vielleicht", "wenn", "falls", "niemals"),
    *("нет", "не", "но", "без", "только", "кроме", "если", "анонимно", "никак"),
    *("ні", "але", "тільки", "лише", "крім", "якщо", "анонімно"),
    *("لا", "لست", "ليس", "لكن", "ولكن", "بدون", "دون", "فقط", "إلا", "غير", "أرفض", "ما", "عدم"),
    *("ma", "senza", "soltanto", "tranne", "nie", "ale", "bez", "tylko", "nao", "mas", "sem"),
    *("niet", "geen", "maar", "zonder", "alleen", "hayir", "ama", "degil", "inte", "ikke", "ej"),
}
"""Words by which a yes is not a plain one."""


def verdict(word: str, heading: str = "") -> Verdict:
    """Return what a word says to the question of a heading.

    A yes is: yes, alone or before words of agreement; words of agreement alone; the question's own
    words, as a box that is ticked gives them; always without a word that limits it.
    """
    plain = _plain(word)
    if not plain or says_no(plain) or plain in _plain_all("no"):
        return "no"
    if says_yes(plain) or plain in _plain_all("yes"):
        return "yes"
    words = _WORD.findall(plain)
    if not words or not _plain_all("limits").isdisjoint(words):
        return "neither"
    told = [w for w in words if not _is_yes(w) and not is_filler(w) and w not in _SPEAKERS]
    if not told:
        return "yes" if any(map(_is_yes, words)) else "neither"
    asked = {w for w in _WORD.findall(_plain(heading)) if not is_filler(w)} - _SPEAKERS
    repeats = len(told) > 2 and set(told) <= asked and len(set(told)) >= 0.6 * len(asked)
    return "yes" if repeats or is_agreement(told) else "neither"


_SPEAKERS = {"i", "we", "je", "nous", "yo", "nosotros", "ich", "wir", "я", "мы", "ми", "انا", "io"}
_SPEAKERS |= {"noi", "eu", "ja", "ik", "ben", "jag", "jeg", "hereby", "hiermit", "dem", "this"}


def _is_yes(word: str) -> bool:
    return len(word) > 1 and (says_yes(word) or word in _plain_all("yes"))


def _plain(text: str) -> str:
    return " ".join(plain_letters(text.replace(";", " ").replace("_", " ")).split()).strip(
        " .,!;:'\""
    )


@cache
def _plain_all(which: Literal["yes", "no", "limits"]) -> frozenset[str]:
    words = {"yes": _YES_TOO, "no": _NO_TOO, "limits": _LIMITS}[which]
    return frozenset(map(plain_letters, words))


def words_that_mean_yes(words: Mapping[str, int], heading: str) -> tuple[str, ...]:
    """Return those of a column's words that are a plain yes."""
    return tuple(word for word in words if verdict(word, heading) == "yes")


# As the sheet Forms has them.


def quoted_words(words: Iterable[str]) -> str:
    """Return words in quotation marks, joined by commas: `"Yes, I agree", "1"`."""
    return ", ".join('"' + word.replace('"', '""') + '"' for word in words)


def words_in_quotes(text: str) -> tuple[str, ...]:
    """Return the words of such a text; staff may have left the marks away."""
    straight = re.sub("[“”„«»]", '"', text)
    row = next(csv.reader([" ".join(straight.split())], skipinitialspace=True), [])
    return tuple(word.strip() for word in row if word.strip())
