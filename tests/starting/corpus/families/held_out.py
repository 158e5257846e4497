"""Letters of a second set, whose first run measured the program.

They were written when the program had been tuned with all others, by someone who knew only its
documentation. They were committed with their expected results before the first run.
"""

from __future__ import annotations

from functools import partial

from starting.corpus.families.measured_case import measured_case
from starting.corpus.layout import Shape
from starting.corpus.slips import Slip
from starting.corpus.workbooks import WorkbookPlan

_held_out = partial(measured_case, "held_out")
_BOTH = WorkbookPlan()

_SEVERAL = (
    _held_out("en-petition", "a petition without a salutation", "1 2", held_out="3"),
    _held_out(
        "en-petition",
        "two branches sign",
        "1/1 2/2",
        Shape({"address": "cell"}, "libreoffice", gap=0, numbering="numbers"),
        held_out="2/3",
    ),
    _held_out("en-compliments", "a note in the third person", "1 2", held_out="3"),
    _held_out("en-class", "two children write to one minister", "1/1 2/1", held_out="3/1"),
    _held_out(
        "de-zeichen",
        "a table of reference numbers, three letters",
        "1 2 3",
        Shape({"address": "box"}, "word2007"),
    ),
    _held_out(
        "fr-sections",
        "headings in the text, a number of the post",
        "1 2",
        Shape(numbering="dashes"),
        held_out="3",
    ),
    _held_out("es-presente", "the signer's papers in the text", "1/1 2/2", held_out="1/3"),
    _held_out("ru-initials", "initials above, a patronymic below", "1 2", held_out="3"),
    _held_out("ar-sayyidi", "a vocative four times", "1 2", Shape(writer="google"), held_out="3"),
    _held_out(
        "uk-litopys",
        "a number of the day, an item that differs",
        "1 2",
        Shape({"address": "breaks"}),
        held_out="3",
    ),
    _held_out("da-gruppe", "by e-mail, an attention line", "1 3", Shape(gap=2), held_out="2"),
)

_SLIPS = (
    _held_out(
        "fr-sections",
        "capitals in one letter",
        "1 3",
        slip=Slip(1, "capitals", "le quartier de Kindoumba", "le Quartier de Kindoumba"),
        held_out="2",
        ask="capitals",
    ),
    _held_out(
        "es-presente",
        "weeks brought up to date in one letter",
        "1 2",
        slip=Slip(1, "wording", "lleva siete semanas", "lleva ya ocho semanas"),
        held_out="3",
        ask="wording",
    ),
    _held_out(
        "ru-initials",
        "another dash",
        "1 2",
        slip=Slip(1, "dash", "Мы измерили – было", "Мы измерили — было"),
        held_out="3",
        ask="dash",
    ),
)

_WITH_WORKBOOK = (
    _held_out("en-class", "a child's age and hobby in the text", "1", held_out="2/2", plan=_BOTH),
    _held_out(
        "de-zeichen",
        "only recipients, their letter in a table",
        "2",
        held_out="1",
        plan=WorkbookPlan("r"),
    ),
    _held_out("fr-sections", "the title in the text", "2", held_out="2/1", plan=_BOTH),
    _held_out(
        "es-presente",
        "papers in the text, a workbook",
        "2/2",
        Shape({"signature": "cell"}),
        held_out="1/3",
        plan=_BOTH,
    ),
    _held_out(
        "uk-litopys",
        "columns of the office, the signer twice",
        "1",
        held_out="2/3",
        plan=WorkbookPlan("rs", has_more=True),
    ),
)

_ALONE = (
    _held_out("en-petition", "a petition alone", "2", Shape({"address": "control"})),
    _held_out("en-class", "the address in one line, alone", "3/2"),
    _held_out("ru-initials", "a line to sign, alone", "1", Shape({"address": "frame"}, "word2007")),
    _held_out("ar-sayyidi", "“To” before the name, alone", "2"),
    _held_out("da-gruppe", "an attention line, alone", "2", Shape(writer="libreoffice")),
)

HELD_OUT = (*_SEVERAL, *_SLIPS, *_WITH_WORKBOOK, *_ALONE)
