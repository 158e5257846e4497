"""Several letters of one appeal: every shape, and what may differ in them."""

from __future__ import annotations

from starting.corpus.case import Case, People
from starting.corpus.layout import Shape


def _several(
    appeal: str,
    about: str,
    *shapes: Shape,
    letters: str = "1 2",
    held_out: str = "3",
    ask: str = "",
) -> Case:
    """Return a case with letters to recipients, all from one signer.

    A letter of another signer is given as in `2/1`: signer 2, recipient 1.
    """
    return Case(
        f"{appeal}: {about}",
        "letters",
        appeal,
        tuple(map(_people, letters.split())),
        shapes or (Shape(),),
        held_out=_people(held_out) if held_out else None,
        may_ask=ask,
    )


def _people(text: str) -> People:
    signer, _, recipient = text.rpartition("/")
    return People(recipient, signer or "1")


SEVERAL_LETTERS = (
    # English
    _several("en-lawyer", "plain paragraphs"),
    _several(
        "en-lawyer",
        "address in a frame, sender in a text box, Word 2007",
        Shape({"address": "frame", "sender": "box"}, "word2007"),
        letters="2 3",
        held_out="1",
    ),
    _several("en-lawyer", "with an envelope", Shape(envelope=True)),
    _several(
        "en-lawyer",
        "one letter from Word, the other from LibreOffice",
        Shape(),
        Shape(writer="libreoffice"),
    ),
    _several(
        "en-forest", "headers, footnotes, links and a date field", letters="1 3", held_out="2"
    ),
    _several(
        "en-forest",
        "address with line breaks, LibreOffice",
        Shape({"address": "breaks"}, "libreoffice", numbering="dashes"),
        letters="3 1",
        held_out="2",
    ),
    _several("en-execution", "lists of different length", ask="requests"),
    _several(
        "en-execution",
        "three letters, typed lists of different length",
        Shape(numbering="bullets"),
        letters="1 2 3",
        held_out="",
        ask="requests",
    ),
    _several(
        "en-eviction",
        "address beside the letterhead in a table, lines that close up",
        Shape({"address": "cell", "letterhead": "cell"}),
    ),
    _several(
        "en-eviction",
        "blank paragraphs around lines that close up",
        Shape(spaced=("address",)),
        letters="1 3",
        held_out="2",
    ),
    _several(
        "en-parliament",
        "other signers, a sentence for the pair, a paragraph in one letter",
        letters="1/1 2/2",
        held_out="1/3",
        ask="paragraph",
    ),
    _several(
        "en-parliament", "a paragraph in two of three letters", letters="1/1 1/2 1/3", held_out=""
    ),
    _several("en-shelter", "she and he", held_out=""),
    _several("en-shelter", "she, he and she", Shape(writer="google"), letters="1 2 3", held_out=""),
    _several(
        "en-copies", "copies to the others, May Grant", ask="copies", letters="1 3", held_out="2"
    ),
    _several(
        "en-copies",
        "three letters that name the others",
        Shape(writer="word2007", numbering="dashes"),
        letters="3 2 1",
        held_out="",
        ask="copies",
    ),
    _several(
        "en-hearing",
        "two pages, header, a request in the list",
        Shape(gap=2),
        letters="1 3",
        held_out="2",
    ),
    _several(
        "en-hearing",
        "two pages, three letters, LibreOffice",
        Shape({"address": "cell", "sender": "cell"}, "libreoffice"),
        letters="1 2 3",
        held_out="",
    ),
    # French
    _several("fr-avocate", "salutation in four places"),
    _several(
        "fr-avocate",
        "address with line breaks, sender in a text box",
        Shape({"address": "breaks", "sender": "box"}),
        letters="3 2",
        held_out="1",
    ),
    _several("fr-mines", "footnotes, header, a line that closes up"),
    _several(
        "fr-mines",
        "address in a content control, LibreOffice",
        Shape({"address": "control"}, "libreoffice"),
        letters="1 2 3",
        held_out="",
    ),
    _several(
        "fr-syndicat",
        "a content control in each line",
        Shape({"address": "fields"}),
        letters="2 3",
        held_out="1",
    ),
    _several("fr-syndicat", "letters of two signers", letters="1/2 2/3", held_out="1/1"),
    _several("fr-en-bilingue", "two languages in a table", letters="1 3", held_out="2"),
    _several(
        "fr-avocate",
        "line breaks in one letter, paragraphs in the other",
        Shape({"address": "breaks"}),
        Shape(),
        letters="2 3",
        held_out="1",
        ask="layout",
    ),
    # Spanish
    _several("es-maestra", "address in a text box", Shape({"address": "box"})),
    _several(
        "es-maestra",
        "three letters, blank paragraphs in the address",
        Shape(spaced=("address",), numbering="numbers"),
        letters="1 2 3",
        held_out="",
    ),
    _several("es-rio", "a row of a table for each line", Shape({"address": "rows"})),
    _several(
        "es-jornaleras",
        "a name in the text, content control",
        Shape({"address": "control", "sender": "box"}, numbering="dashes"),
    ),
    _several("es-desaparecidos", "two pages", Shape({"address": "frame"}, "word2007")),
    # German
    _several(
        "de-pfleger", "address in a frame, Word 2007", Shape({"address": "frame"}, "word2007")
    ),
    _several(
        "de-abschiebung",
        "lines that close up",
        Shape(spaced=("sender",)),
        letters="1 2",
        held_out="3",
    ),
    _several(
        "de-zeitung",
        "one letter from Word 2007, the other from LibreOffice",
        Shape({"address": "breaks"}, "word2007"),
        Shape({"address": "breaks"}, "libreoffice"),
    ),
    _several(
        "de-abschiebung",
        "blank paragraphs between the lines of one letter",
        Shape(spaced=("address",)),
        Shape(writer="google"),
        ask="layout",
    ),
    _several("de-wasser", "a date in three places", Shape({"address": "rows"}, "google")),
    # Russian and Ukrainian
    _several("ru-zhurnalist", "address and sender in a table", Shape({"address": "cell"})),
    _several("ru-shkola", "from Google Docs", Shape(writer="google", numbering="numbers")),
    _several("uk-polonenyi", "a line that closes up"),
    _several(
        "uk-polonenyi",
        "six letters of two signers",
        Shape(gap=2),
        letters="1/1 1/2 1/3 2/1 2/2 2/3",
        held_out="3/2",
    ),
    _several("uk-biblioteka", "an amount in the text", Shape(writer="libreoffice")),
    # Arabic, Farsi and Urdu
    _several(
        "ar-tabib", "address in a text box", Shape({"address": "box"}), letters="1 3", held_out="2"
    ),
    _several(
        "ar-talib",
        "the verb follows the recipient",
        Shape(numbering="dashes"),
        letters="2 3",
        held_out="1",
    ),
    _several("ar-en-bilingual", "two scripts in a table"),
    _several("fa-moallem", "address with line breaks", Shape({"address": "breaks"})),
    _several("ur-mazdoor", "address in a table", Shape({"address": "cell"}, "word2007")),
    # Portuguese, Turkish, Polish, Italian, Dutch, Swahili
    _several(
        "nl-gevangene", "address and sender with tabs between them", letters="1 3", held_out="2"
    ),
    _several("sw-wavuvi", "punctuation after each line of the address", Shape(gap=0)),
    _several("pt-quilombo", "header with a link", Shape({"address": "control"})),
    _several(
        "pt-pescadores", "LibreOffice", Shape(writer="libreoffice"), letters="3 1", held_out="2"
    ),
    _several("tr-madenci", "names in capitals", Shape(numbering="bullets"), held_out=""),
    _several("pl-puszcza", "the pronoun follows the recipient"),
    _several(
        "it-braccianti",
        "with an envelope",
        Shape(envelope=True, writer="word2007"),
        letters="1 3",
        held_out="2",
    ),
    # Hindi, Amharic, Chinese, Japanese
    _several("hi-talab", "plain paragraphs", Shape(gap=0)),
    _several("am-gebere", "a prefix before the name", Shape(gap=2), letters="1 3", held_out="2"),
    _several("zh-lushi", "no spaces between words"),
    _several("ja-shuyou", "full-width spaces", Shape({"address": "frame"})),
)
