"""The words of words.tsv, by which parts of a letter are known.

A word that ends in `*` means all words with this beginning.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, lru_cache

from merge.text.folding import composed, folded, folded_words
from merge.text.tables import listed_words, table_rows

_SMALL_DIFFERENCES = str.maketrans(
    {
        **dict.fromkeys("‘’ʼ‚`´", "'"),
        **dict.fromkeys("“”„«»‟", '"'),
        **dict.fromkeys("\u2010\u2011", "-"),
        "—": "–",
        "…": "...",
        **dict.fromkeys("\u00ad\u200b\u200e\u200f\u2060\ufeff"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f\u3000", " "),
    }
)


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Return text without differences that no reader takes for one.

    They are kinds of quotation marks, spaces, hyphens and dashes, and how accents are stored.
    """
    quoted = re.sub(r"(?<=«)\s|\s(?=»)", "", composed(text))
    lines = quoted.translate(_SMALL_DIFFERENCES).split("\n")
    return "\n".join(" ".join(filter(None, line.split(" "))) for line in lines).strip(" ")


@cache
def words(kind: str, language: str = "") -> tuple[str, ...]:
    """Return the words of a kind, of one language or of all."""
    rows = table_rows("merge.starting", "words.tsv")
    return tuple(
        word
        for name, code, cell in rows
        if name == kind and code.startswith(language)
        for word in listed_words(cell)
    )


@cache
def word_set(kind: str) -> frozenset[str]:
    """Return the words of a kind for comparison, without capitals."""
    return frozenset(map(folded, words(kind)))


@cache
def beginning(kind: str) -> re.Pattern[str]:
    """Return a pattern for a text that begins with a word of a kind; ss is ß."""
    longest_first = sorted(words(kind), key=len, reverse=True)
    alternatives = "|".join(
        re.escape(word.removesuffix("*")) + (r"\w*" if word.endswith("*") else r"(?!\w)")
        for word in longest_first
    )
    return re.compile(rf"(?<!\w)(?:{alternatives})".replace("ß", "(?:ß|ss)"), re.IGNORECASE)


def pronoun_pair(first: str, second: str) -> tuple[str, str] | None:
    """Return two words as those for a woman and for a man, or None."""
    one, two = folded(first), folded(second)
    for pair in words("she, he"):
        woman, man = pair.split(", ")
        if {one, two} == {woman, man}:
            return (first, second) if one == woman else (second, first)
    return None


def guess_language(text: str) -> str:
    """Return the code of the language whose common words a text has most."""
    found = Counter(folded_words(text))
    rows = table_rows("merge.starting", "words.tsv")
    common = {code: frozenset(cell.split()) for kind, code, cell in rows if kind == "common"}
    return max(common, key=lambda code: (sum(found[word] for word in common[code]), code == "en"))
