"""Letters of a third set, whose first run measured the program.

They are letters as offices write them: letterheads, reference lines, copies and enclosures. They
were written by someone who knew only the program's documentation, and committed with their
expected results before the first run. A fault that they show is mended for another letter of the
same shape, which gets a test of its own.
"""

from __future__ import annotations

from functools import partial

from starting.corpus.families.measured_case import measured_case
from starting.corpus.layout import Shape
from starting.corpus.slips import Slip
from starting.corpus.workbooks import WorkbookPlan

_third = partial(measured_case, "third")
_BOTH = WorkbookPlan()
_RECIPIENTS = WorkbookPlan("r")
_OLD_WORD = Shape({"address": "frame"}, "word2007", numbering="numbers")
_OFFICE = Shape({"address": "breaks"}, "libreoffice")

_SEVERAL = (
    _third("en-librarian", "a letterhead, by certified mail", "1 2", held_out="3"),
    _third("en-librarian", "two lawyers sign", "1/3 2/1", _OFFICE, held_out="1/2"),
    _third("en-council", "our reference and theirs", "1 3", held_out="2"),
    _third("en-council", "three letters, two signers", "1/1 1/2 2/3", Shape(writer="google")),
    _third("en-wages", "a comma after each line, two signers", "1/1 2/2", held_out="1/3"),
    _third("fr-cellule", "a second line of the street", "1 2", held_out="3"),
    _third(
        "fr-cellule",
        "two visitors write",
        "1/3 2/1",
        Shape({"address": "cell", "sender": "cell"}, numbering="dashes"),
        held_out="2/2",
    ),
    _third("de-haft", "a block of references, the date of their letter", "1 3", held_out="2"),
    _third("de-haft", "other officers in the references", "1/1 2/2", _OLD_WORD, held_out="1/3"),
    _third("es-oficio", "an official letter in capitals", "1 3", held_out="2"),
    _third("pt-oficio", "numbered paragraphs", "1 3", Shape(gap=2), held_out="2"),
    _third("pl-cela", "the rank before the name", "1 2", held_out="3"),
    _third("pl-cela", "a woman and a man sign", "1/1 2/3", held_out="1/2"),
    _third("tr-dilekce", "the office in the dative", "1 3", held_out="2"),
    _third("ru-vrach", "outgoing number, the position first", "1 2", held_out="3"),
    _third(
        "ar-tazallum", "a courtesy before and after", "1 2", Shape(writer="word2007"), held_out="3"
    ),
    _third("ja-yobo", "a request with notes", "1 2", held_out="3"),
    _third("ja-yobo", "a network and a union", "1/1 2/3", held_out="2/2"),
    _third("sw-wakunga", "a box number in the address", "1 2", held_out="3"),
    _third("en-dam", "two people sign beside each other", "1/1 2/2", held_out="1/3"),
)

_SLIPS = (
    _third(
        "en-librarian",
        "the day of the arrest differs",
        "2 3",
        slip=Slip(1, "date", "Center since January 14, 2026", "Center since January 15, 2026"),
        held_out="1",
        ask="date",
    ),
    _third(
        "fr-cellule",
        "typewriter quotation marks",
        "1 3",
        slip=Slip(
            1,
            "quotes",
            "«\N{NO-BREAK SPACE}faute d’escorte\N{NO-BREAK SPACE}»",
            '"faute d’escorte"',
        ),
        held_out="2",
        ask="quotes",
    ),
    _third(
        "de-haft",
        "a no-break space after the paragraph sign",
        "1 2",
        slip=Slip(1, "no-break space", "auf § 62 Abs. 1", "auf §\N{NO-BREAK SPACE}62 Abs. 1"),
        held_out="3",
    ),
    _third(
        "es-oficio",
        "the hour in other words",
        "1 3",
        slip=Slip(1, "wording", "alrededor de las 17:40", "aproximadamente a las 17:40"),
        held_out="2",
        ask="wording",
    ),
    _third(
        "sw-wakunga",
        "a small letter in one of three",
        "1 2 3",
        slip=Slip(2, "capitals", "tisa wa Zahanati", "tisa wa zahanati"),
        ask="capitals",
    ),
    _third(
        "en-dam",
        "a request is missing",
        "1 2",
        slip=Slip(1, "missing line", "fence the graves, and meet the families"),
        held_out="3",
        ask="missing line",
    ),
    _third(
        "ja-yobo",
        "a particle is missing",
        "2 3",
        slip=Slip(1, "typo", "産前産後の休業", "産前産後休業"),
        held_out="1",
        ask="typo",
    ),
)

_WITH_WORKBOOK = (
    _third(
        "en-librarian", "a telephone and an e-mail in one line", "2", held_out="2/1", plan=_BOTH
    ),
    _third(
        "en-council",
        "columns of the office, three references",
        "2/1",
        held_out="1/2",
        plan=WorkbookPlan("rs", has_more=True),
    ),
    _third("en-wages", "only recipients", "1", held_out="2", plan=_RECIPIENTS),
    _third("fr-cellule", "a town without its postcode", "2/3", held_out="1", plan=_BOTH),
    _third(
        "de-haft",
        "German sheets, the officer in the references",
        "1",
        _OLD_WORD,
        held_out="2/2",
        plan=WorkbookPlan("sr", ("Unterzeichner", "Empfänger")),
    ),
    _third("es-oficio", "capitals in the letter, a workbook", "1", held_out="2/3", plan=_BOTH),
    _third("pt-oficio", "a form of address in two places", "2", held_out="2/3", plan=_BOTH),
    _third("ru-vrach", "only recipients", "2", held_out="1", plan=_RECIPIENTS),
    _third("en-dam", "an attention line, two people sign", "1", held_out="2/2", plan=_BOTH),
)

_ALONE = (
    _third("en-librarian", "a letterhead, alone", "1/2"),
    _third("en-wages", "a comma after each line, alone", "1"),
    _third("fr-cellule", "“À l’attention de” within the address, alone", "1"),
    _third("pl-cela", "sender above, alone", "2/2"),
    _third("tr-dilekce", "contact below the signature, alone", "1/3"),
    _third("ar-tazallum", "right to left, references, alone", "2"),
    _third("ja-yobo", "the group above the signer, alone", "1", Shape({"sender": "box"})),
    _third("sw-wakunga", "a dotted line to sign, alone", "2"),
)

THIRD = (*_SEVERAL, *_SLIPS, *_WITH_WORKBOOK, *_ALONE)
