"""One letter alone: its address, salutation and signature."""

from __future__ import annotations

from starting.corpus.case import Case, People
from starting.corpus.layout import Shape
from starting.corpus.shapes import varied_shape


def _alone(
    appeal: str, about: str, shape: Shape | None = None, recipient: str = "1", signer: str = "1"
) -> Case:
    """Return a case with one letter."""
    people = (People(recipient, signer),)
    return Case(
        f"{appeal}: {about}, alone",
        "alone",
        appeal,
        people,
        (shape or varied_shape(about + appeal),),
    )


LETTER_ALONE = (
    _alone("en-lawyer", "plain paragraphs"),
    _alone("en-forest", "headers, footnotes and links", recipient="3", signer="2"),
    _alone("en-execution", "a salutation with the surname", Shape({"address": "breaks"})),
    _alone("en-eviction", "a letterhead in a text box", Shape({"letterhead": "box"}), "2"),
    _alone("en-shelter", "the recipient is named in the text", Shape(writer="google")),
    _alone("fr-avocate", "sender and address beside each other", Shape({"address": "cell"})),
    _alone("fr-mines", "“À l’attention de” before the name", recipient="2"),
    _alone("fr-syndicat", "a controlled address", Shape({"address": "control"}), "2", "2"),
    _alone("es-maestra", "address in a text box", Shape({"address": "box"})),
    _alone("es-rio", "a document number under the name", recipient="2", signer="2"),
    _alone("de-pfleger", "sender in one line", Shape({"address": "frame"}, "word2007"), "2"),
    _alone("de-abschiebung", "blank paragraphs", Shape(spaced=("address", "sender"))),
    _alone("ru-zhurnalist", "the address in the dative", Shape({"address": "cell"})),
    _alone("uk-polonenyi", "the signer is named in the text", recipient="3", signer="3"),
    _alone("nl-gevangene", "address and sender with tabs between them"),
    _alone("en-copies", "copies, a reference"),
    _alone("en-hearing", "two pages, the signer in the header", recipient="3"),
    _alone("es-desaparecidos", "two pages", recipient="2", signer="2"),
    _alone("ar-tabib", "right to left", Shape(writer="libreoffice")),
    _alone("fa-moallem", "right to left, line breaks", Shape({"address": "breaks"})),
    _alone("pt-pescadores", "from LibreOffice", Shape(writer="libreoffice"), "2", "2"),
    _alone("tr-madenci", "the name in capitals"),
    _alone("it-braccianti", "with an envelope", Shape(envelope=True)),
    _alone("zh-lushi", "position and name without a space", recipient="2", signer="2"),
    _alone("ja-shuyou", "position and name in one line", Shape({"address": "frame"})),
)
