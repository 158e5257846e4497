"""A letter and a workbook with its people."""

from __future__ import annotations

from starting.corpus.case import Case, People
from starting.corpus.layout import Shape
from starting.corpus.shapes import varied_shape
from starting.corpus.workbooks import WorkbookPlan

_BOTH = WorkbookPlan()
_RECIPIENTS = WorkbookPlan("r")
_WITH_PAIRS = WorkbookPlan("srp")


def _with_workbook(
    appeal: str,
    about: str,
    shape: Shape | None = None,
    plan: WorkbookPlan = _BOTH,
    *,
    people: People | None = None,
    held_out: People | None = None,
    ask: str = "",
) -> Case:
    """Return a case, usually with the letter of the first people."""
    other = People("2", "2" if plan.has("s") else "1")
    return Case(
        f"{appeal}: {about}, with a workbook",
        "workbook",
        appeal,
        (people or People("1"),),
        (shape or varied_shape(f"{appeal} {about}"),),
        held_out=held_out or other,
        workbook=plan,
        may_ask=ask,
    )


LETTER_AND_WORKBOOK = (
    # English
    _with_workbook("en-lawyer", "the postcode is also a number of families"),
    _with_workbook(
        "en-lawyer",
        "only recipients",
        Shape({"address": "frame"}, "word2007"),
        _RECIPIENTS,
        people=People("2"),
        held_out=People("3"),
    ),
    _with_workbook("en-forest", "names in three columns, link addresses"),
    _with_workbook(
        "en-forest",
        "address in a text box, LibreOffice",
        Shape({"address": "box"}, "libreoffice"),
        people=People("3", "2"),
        held_out=People("1", "1"),
    ),
    _with_workbook("en-execution", "a list in a cell", ask="requests"),
    _with_workbook(
        "en-eviction",
        "profession and share in the text",
        Shape({"address": "cell", "letterhead": "cell"}),
        people=People("3"),
    ),
    _with_workbook(
        "en-eviction",
        "a line that closes up, other people in the workbook",
        Shape(spaced=("address",)),
        people=People("3", "2"),
        held_out=People("1"),
    ),
    _with_workbook(
        "en-parliament", "a sentence of the Pairs sheet", plan=_WITH_PAIRS, held_out=People("3")
    ),
    _with_workbook(
        "en-parliament",
        "a paragraph that is blank for others",
        plan=WorkbookPlan("srp", has_more=True),
        people=People("3", "1"),
        held_out=People("2", "2"),
    ),
    _with_workbook(
        "en-copies",
        "words that are also names, columns of the office",
        plan=WorkbookPlan("sr", has_more=True),
        ask="copies",
    ),
    _with_workbook(
        "en-copies",
        "another apostrophe in the workbook",
        plan=WorkbookPlan(spellings=(("O’Hara", "O'Hara"),)),
        held_out=People("2"),
        ask="spelling",
    ),
    _with_workbook("en-hearing", "two pages, a request in the list"),
    # French
    _with_workbook(
        "fr-avocate",
        "French sheets",
        plan=WorkbookPlan("sr", ("Signataires", "Destinataires")),
    ),
    _with_workbook(
        "fr-mines",
        "only recipients, address with line breaks",
        Shape({"address": "breaks"}),
        _RECIPIENTS,
        people=People("3"),
    ),
    _with_workbook("fr-syndicat", "the union in four places", Shape({"letterhead": "box"})),
    _with_workbook(
        "fr-syndicat",
        "the organisation is also in the text",
        people=People("2"),
        held_out=People("1", "2"),
        ask="organisation",
    ),
    _with_workbook("fr-en-bilingue", "columns for two languages"),
    # Spanish
    _with_workbook(
        "es-maestra",
        "Spanish sheets, a link",
        Shape({"address": "box"}),
        WorkbookPlan("sr", ("Firmantes", "Destinatarios")),
    ),
    _with_workbook("es-rio", "two surnames", Shape({"address": "rows"})),
    _with_workbook(
        "es-jornaleras", "the place in the text", plan=WorkbookPlan("rs", has_more=True)
    ),
    _with_workbook("es-desaparecidos", "two pages"),
    # German
    _with_workbook(
        "de-pfleger",
        "sender in one line, German sheets",
        Shape({"address": "frame"}, "word2007"),
        WorkbookPlan("sr", ("Unterzeichner", "Empfänger")),
        people=People("2"),
        held_out=People("1", "2"),
    ),
    _with_workbook(
        "de-abschiebung",
        "telephone in two places",
        Shape({"sender": "cell", "address": "control"}),
        people=People("2"),
        held_out=People("3", "2"),
    ),
    _with_workbook("de-zeitung", "postcode and town in two columns", Shape(writer="libreoffice")),
    _with_workbook("de-wasser", "a date in three places, a line in the sender"),
    # Russian and Ukrainian
    _with_workbook(
        "ru-zhurnalist",
        "names in three cases",
        Shape({"address": "cell"}),
        WorkbookPlan("sr", ("Подписанты", "Получатели")),
    ),
    _with_workbook(
        "ru-shkola", "only recipients, Google Docs", Shape(writer="google"), _RECIPIENTS
    ),
    _with_workbook("uk-polonenyi", "the signer's relation in the text"),
    _with_workbook(
        "uk-biblioteka",
        "the signer is not in the workbook",
        plan=WorkbookPlan(left_out=("s1",)),
        held_out=People("2"),
    ),
    # Arabic and Urdu
    _with_workbook(
        "ar-tabib",
        "Arabic sheets, a text box",
        Shape({"address": "box"}),
        WorkbookPlan("sr", ("الموقعون", "المستلمون")),
    ),
    _with_workbook("ar-en-bilingual", "columns in two scripts"),
    _with_workbook("ur-mazdoor", "address in a table", Shape({"address": "cell"})),
    # Portuguese, Turkish, Polish
    _with_workbook("pt-quilombo", "the pronoun in the text"),
    _with_workbook("tr-madenci", "the name in capitals", held_out=People("3", "2")),
    _with_workbook("pl-puszcza", "the pronoun in the text", Shape({"address": "fields"})),
    _with_workbook("nl-gevangene", "address and sender with tabs between them"),
    _with_workbook("sw-wavuvi", "punctuation after each line of the address"),
    # Hindi, Amharic, Chinese, Japanese
    _with_workbook("hi-talab", "the town of the signer is also in the text", ask="Sonpura"),
    _with_workbook("am-gebere", "a prefix before the name"),
    _with_workbook("zh-lushi", "no spaces between words"),
    _with_workbook("ja-shuyou", "only recipients", plan=_RECIPIENTS),
)
