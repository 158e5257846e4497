"""A word in a column of consent -> whether it is a plain yes, a plain no, or neither.

What is neither is not yes: `oui mais pas l'adresse`, `yes, my name only`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Literal

from merge.intake.headings import is_agreement, is_filler, meaning
from merge.intake.model import CONSENT
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
    words, as a box that is ticked gives them; always without a word that limits it, or a question
    mark. To a heading that refuses no word is one: `I do not agree to be printed`.
    """
    plain = _plain(word)
    if not plain or says_no(plain) or plain in _plain_all("no"):
        return "no"
    if word.rstrip().endswith(("?", "؟", "？")) or refuses(heading):
        return "neither"
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
    return "yes" if repeats or is_agreement(told) or _states_it(word, words) else "neither"


def _states_it(text: str, words: Sequence[str]) -> bool:
    """Return whether a box's own text is a sentence that agrees to be printed.

    It begins with words of agreement, means consent as a heading would, and sets no condition.
    """
    said = [word for word in words if word not in _SPEAKERS]
    begins = any(is_agreement(said[:number]) for number in (1, 2, 3)) or _is_yes(words[0])
    if not begins or forbids(text) or not _plain_all("conditions").isdisjoint(words):
        return False
    means = meaning(text)
    return means.field == CONSENT and means.is_about_letter and len(words) <= _MOST_WORDS


_MOST_WORDS = 20
_CONDITIONS = {
    *("once", "when", "after", "until", "provided", "providing", "pending", "depending", "as"),
    *("pseudonym", "alias", "nickname", "under", "before", "between", "until", "while"),
    *("quand", "apres", "lorsque", "condition", "pseudonyme", "avant", "jusqu", "tant"),
    *("cuando", "despues", "condicion", "seudonimo", "antes", "hasta", "mientras", "bajo"),
    *("sobald", "nachdem", "sofern", "soweit", "bedingung", "pseudonym", "erst", "bis", "unter"),
    *("когда", "после", "псевдоним", "псевдонимом", "условии", "пока", "под", "до"),
    *("коли", "після", "псевдонім", "умови", "поки", "під", "بعد", "عندما", "شرط", "قبل"),
}
"""Words by which a sentence that agrees does so under a condition, or in part."""


def refuses(heading: str) -> bool:
    """Return whether a heading asks for the contrary of consent, so that yes may mean no.

    A word that turns it stands right beside words of agreement or of printing; in a heading of few
    words, anywhere. `I agree. I may withdraw at any time` refuses nothing.
    """
    before, _, last = _CHOICE.sub("/", heading.rstrip(" )]")).rpartition("/")
    if before and verdict(last) == "no" and verdict(re.split(r"[\s/]", before)[-1]) != "yes":
        return True  # one choice of a question: `May we print it? [No]`
    return forbids(heading)


def forbids(heading: str) -> bool:
    """Return whether the words of a heading forbid it: `Please do not print my name`."""
    sentences = _SENTENCES.split(plain_letters(heading.replace("’", "'")))
    return any(map(_is_turned, map(_WORD.findall, sentences)))


def _is_turned(words: Sequence[str]) -> bool:
    pairs = [tuple(words[at : at + 2]) for at in range(len(words))]
    turned = [at for at, (word, *_) in enumerate(pairs) if word in _plain_all("turning")]
    turned = [at for at in turned if not is_agreement(pairs[at])]  # `не возражаю`
    turned = [at for at in turned if not (at and says_yes(words[at - 1]))]  # `yes/no`
    if not _plain_all("later").isdisjoint({*map(" ".join, pairs), *words}):
        return False
    spoken = [at for at, (word, *_) in enumerate(pairs) if _is_of_consent(word)]
    near = any(-2 <= at - other <= 3 for at in spoken for other in turned)
    return bool(turned) and (near or (bool(spoken) and len(words) <= _FEW_WORDS))


def _is_of_consent(word: str) -> bool:
    return is_agreement([word]) or word in _plain_all("prints")


_CHOICE = re.compile(r"\s*[\[(/]\s*")
_SENTENCES = re.compile(r"[.!?;؟。？！:]+(?:\s+|$)")
_FEW_WORDS = 7
_TURNING = {
    *("not", "no", "dont", "don", "doesn", "never", "without", "withdraw", "withdrawn", "revoke"),
    *("revoked", "refuse", "refused", "declined", "decline", "denied", "object", "disagree"),
    *("expired", "anonymous", "anonymously", "unless", "cancelled", "withhold"),
    *("pas", "ne", "sans", "refus", "refuse", "retire", "revoque", "oppose", "anonyme"),
    *("sin", "nunca", "retiro", "revoco", "revocado", "retirado", "rechazo", "anonimo", "niego"),
    *("nicht", "kein", "keine", "keinen", "ohne", "widerrufen", "widerruf", "widerspreche"),
    *("verweigert", "verweigere", "entzogen", "anonym", "niemals"),
    *("не", "нет", "без", "отзываю", "отозвано", "отказ", "отказываюсь", "против", "анонимно"),
    *("ні", "відкликаю", "відмовляюся", "відмова", "проти", "анонімно"),
    *("لا", "لست", "ليس", "بدون", "دون", "غير", "أرفض", "عدم", "أسحب", "سحب"),
    *("non", "nie", "bez", "nao", "sem", "niet", "geen", "inte", "ikke", "degil", "hayir"),
}
"""Words by which a question of consent asks for the contrary."""
_LATER = {"any time", "anytime", "tout moment", "cualquier momento", "jederzeit", "любое время"}
_LATER |= {"любой момент", "будь який", "أي وقت"}
"""Words of a sentence that tells how to withdraw one day."""
_PRINTS = {
    *("object", "stimme", "stimmen"),
    *("print", "printed", "publish", "published", "show", "shown", "list", "listed", "named"),
    *("publier", "publie", "imprimer", "imprime", "imprimes", "publication"),
    *("publicar", "publiquen", "imprimir", "impriman", "publicacion", "gedruckt", "drucken"),
    *("abgedruckt", "veroffentlicht", "veroffentlichen", "veroffentlichung", "genannt"),
    *("печатать", "публиковать", "публикацию", "друкувати", "публікувати", "نشر", "طباعة"),
}


_SPEAKERS = {"i", "we", "je", "nous", "yo", "nosotros", "ich", "wir", "я", "мы", "ми", "انا", "io"}
_SPEAKERS |= {"noi", "eu", "ja", "ik", "ben", "jag", "jeg", "hereby", "hiermit", "dem", "this"}


def _is_yes(word: str) -> bool:
    return len(word) > 1 and (says_yes(word) or word in _plain_all("yes"))


def _plain(text: str) -> str:
    return " ".join(plain_letters(text.replace(";", " ").replace("_", " ")).split()).strip(
        " .,!;:'\""
    )


@cache
def _plain_all(which: str) -> frozenset[str]:
    words = {"yes": _YES_TOO, "no": _NO_TOO, "limits": _LIMITS}
    words |= {"conditions": _CONDITIONS, "turning": _TURNING, "prints": _PRINTS, "later": _LATER}
    return frozenset(map(plain_letters, words[which]))


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
