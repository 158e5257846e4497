"""Names of people: their words, and whether two names may be one person's.

| function        | question                                                                     |
|-----------------|------------------------------------------------------------------------------|
| `is_same_name`  | do two names have the same words? A wrong yes hands over a person's letters  |
| `is_correction` | is a later name the same, corrected, or another person's? `name_similarity`      |
| `is_short_form`     | is one name the other with more words, or with words for initials?           |
| `may_be_same_person`    | may two names of one email and address be one person's?                      |
| `is_named_in`   | does a letter name somebody?                                                 |

Titles and particles are in names.tsv, by their kind. Titles and particles do not tell who somebody
is. Particles are written without a capital, unless their kind says so; so are words of the kind
`no capital`, but they may tell who somebody is: some are called Les, or I.
"""  # noqa: E501

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import starmap

from merge.people import SheetKind
from merge.text.folding import skeleton
from merge.text.tables import listed_words, table_rows


def _words_of_kinds(*kinds: str) -> frozenset[str]:
    rows = table_rows("merge.text", "names.tsv")
    return frozenset(word for kind, _, cell in rows if kind in kinds for word in listed_words(cell))


PARTICLES = _words_of_kinds("particle", "no capital")
"""Words of names that are written without a capital."""
_TITLES_AND_PARTICLES = frozenset(
    map(skeleton, _words_of_kinds("title", "particle", "particle, capital"))
)


def is_title_or_particle(word: str) -> bool:
    """Return whether a word of a name is a title or a particle."""
    return skeleton(word) in _TITLES_AND_PARTICLES


# The words of a name.

_BETWEEN_WORDS = re.compile(r"[\s.,;\-‐-–'’ʼ]+")
_APOSTROPHES = re.compile("['’‘ʼ`´]")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~\xa1-\xa9\xab-\xb1\xb4\xb6\xbb\xbf‐-‧‰-⁞、。「-』]")
"""Of ASCII, Latin-1, Chinese and general use, but for the dot within Catalan words."""


def name_words(name: str) -> tuple[str, ...]:
    """Return the words of a name as they are compared; `O'Brien` has two."""
    return tuple(skeleton(word) for word in _BETWEEN_WORDS.split(name) if word)


def sorted_name_words(name: str) -> list[str]:
    """Return the words of a name in one order, without what is in brackets, `ue` as `ü`."""
    words = {*name_words(_IN_BRACKETS.sub(" ", name))} or {*name_words(name)}
    return sorted(_SPELT_UMLAUT.sub(r"\1", word) for word in words)


_IN_BRACKETS = re.compile(r"\([^)]{0,200}\)|\[[^\]]{0,200}\]")
_SPELT_UMLAUT = re.compile(r"([aou])e(?=\w)")


def _whole_words(text: str) -> list[str]:
    """Return the words of a text: `O'Brien` is one, and no punctuation is in them."""
    return [*name_words(_PUNCTUATION.sub(" ", _APOSTROPHES.sub("", text)))]


def _identifying_words(name: str) -> list[str]:
    """Return the words that tell who somebody is; all of a name that has no others."""
    words = _whole_words(name)
    return [word for word in words if word not in _TITLES_AND_PARTICLES] or words


def name_without_id(label: str) -> str:
    """Return a name without the ID that stands behind it where two have that name."""
    return re.sub(r"(?:(?<!\s)\s++)?\([^()]*\)$", "", label)


# One person's name at two times.

_SIMILAR_WORD_RATIO, _SIMILAR_NAME_RATIO = 0.75, 0.85
"""How much of two words, of two whole names, agrees at least (difflib's ratio)."""


def is_same_name(one: str, other: str) -> bool:
    """Return whether two names have the same words: accents, capitals, order, titles do not count.

    It is asked where a wrong yes gives one person's letters to another: no spelling is forgiven.
    """
    return sorted(_identifying_words(one)) == sorted(_identifying_words(other))


def is_correction(
    old_name: str, new_name: str, kind: SheetKind, *, other_cells_changed: bool = False
) -> bool:
    """Return whether a name is the old one put right, rather than another person's.

    Signers marry: half of the words may be others. More than half must stay of a recipient's name,
    whose successor has often the same title, and where other cells changed as well.
    """
    share = name_similarity(old_name, new_name)
    return share > 0.5 or (share == 0.5 and kind == "signer" and not other_cells_changed)


def name_similarity(before: str, now: str) -> float:
    """Return the share of a name's words that are in the other as well, of the shorter one's.

    Spelling, accents, capitals, the order, initials, titles and particles do not count.
    """
    short, long = sorted((_identifying_words(before), _identifying_words(now)), key=len)
    if not short:
        return 0.0
    if SequenceMatcher(None, "".join(short), "".join(long)).ratio() >= _SIMILAR_NAME_RATIO:
        return 1.0
    found = 0
    for word in short:
        same = next((other for other in long if _are_similar(word, other)), "")
        if same:
            long.remove(same)
            found += 1
    return found / len(short)


def is_named_in(name: str, text: str) -> bool:
    """Return whether more than half of the words of a name stand in a text, as they are or alike.

    A word of a script without spaces counts wherever it stands.
    """
    every = _whole_words(text)
    there, together = {*every}, "".join(every)
    telling = _identifying_words(name)
    words = [word for word in telling if len(word) > 1] or telling

    def stands(word: str) -> bool:
        if word in there or (max(word) >= _FIRST_UNSPACED and word in together):
            return True
        return len(word) > 1 and any(_are_similar(word, other) for other in there if len(other) > 1)

    return bool(words) and 2 * sum(map(stands, words)) > len(words)


_FIRST_UNSPACED = "\u0e00"
"""The scripts from here on may be written without spaces: Thai, Chinese, Japanese."""


def _are_similar(one: str, other: str) -> bool:
    if 1 in {len(one), len(other)}:
        return one[0] == other[0]
    return one == other or SequenceMatcher(None, one, other).ratio() >= _SIMILAR_WORD_RATIO


# Two names of responses to forms, which may be one person's.


def is_short_form(one: str, other: str) -> bool:
    """Return whether one of two names is the other in fewer words, or with initials for words.

    `Dorothy Aske` and `Dorothy M. Aske`, `K. Weiß` and `Käthe Weiß`; not `Ann Lee` and `Ben Lee`.
    """
    few, many = sorted(({*name_words(one)}, {*name_words(other)}), key=len)
    common, left = few & many, many - few
    return bool(common) and all(any(_is_initial(w, v) for v in left) for w in few - common)


def _is_initial(word: str, other: str) -> bool:
    short, long = sorted((word, other), key=len)
    return len(short) == 1 and long.startswith(short)


def may_be_same_person(one: str, other: str) -> bool:
    """Return whether two names of one home may be of one person: one is corrected, or is fuller.

    `Ágnes Szabó` and `Ágnes Szabó-Kis`, `Agnes Kis`, `Ágnes Sabó`; `Jon Smiht` and `John Smith`;
    not `Ann Lee` and `Ben Lee`, `Tom Lee` and `Tim Lee`.
    """
    first, second = name_words(one), name_words(other)
    if is_short_form(one, other) or (first and second and first[0] == second[0]):
        return True
    pairs = [*zip(first, second, strict=False)]
    is_wordwise = len(first) == len(second) and all(starmap(_is_typing_error, pairs))
    return bool(first and second) and (is_wordwise or "".join(first) == "".join(second))


def _is_typing_error(one: str, other: str) -> bool:
    """Return whether two words differ by one letter, or by two that changed places, or not at all.

    Another letter in a word of three is another name.
    """
    if one == other:
        return True
    begins = _common_prefix_length(one, other)
    ends = _common_prefix_length(one[begins:][::-1], other[begins:][::-1])
    left, right = one[begins : len(one) - ends], other[begins : len(other) - ends]
    is_turned = len(left) == _TRANSPOSED and left == right[::-1]
    is_long = max(len(one), len(other)) > _SHORT_WORD
    return is_long and (is_turned or max(len(left), len(right)) == 1)


_TRANSPOSED, _SHORT_WORD = 2, 3


def _common_prefix_length(one: str, other: str) -> int:
    """Return how many characters two texts begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
