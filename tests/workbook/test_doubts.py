"""Names that are perhaps none, and capitals."""

from __future__ import annotations

import pytest

from merge.workbook.plausibility import fixed_capitals, is_unfilled, may_be_name, name_issues

NAMES = [
    *("Harriet Okonjo-Blythe", "Siân Pryce-Howells", "De'Andre Whitfield", "Nguyễn Thị Hạnh"),
    *("Santiago Ramón y Cajal", "Nuria Güixà i Ferrer", "Sarah Testa", "J. R. R. Tolkien", "李"),
    *("William “Bill” Smith", "Cornelius Vandeveer III", "Лук’яненко Мар’яна", "أحمد الخطيب"),
    *(
        "Mª José Ruiz",
        "Anna (Änni) Groß",
        "अमित शर्मा",
        "Barbara Bar",
        "Andrea Etter",
        "Rip Torn",
        "Charlotte Church",
        "Ruiz Gil, Ana María",
        "Late Bloom",
        "Ngo Van Ong",
        "Jo Schüle",
        "O'Neil, Ann",
    ),
]
DOUBTS = {
    "test": ["Test Test", "asdf asdf", "Тест", "Max Mustermann", "Test Person", "qwerty"],
    "two-people": [
        "Anna & Peter Lindholm",
        "Anna and Peter",
        "Anna und Peter",
        "Иван и Мария",
        "Ann Lee, Bob Lee",
        "The Lee Family",
        "Eheleute Schmidt",
    ],
    "deceased": ["Ann Lee (deceased)", "The late Ann Lee", "† Ann Lee", "Ann Lee, verstorben"],
    "lost-letters": ["Ng?c Lan Ph?m", "Nguy?n Th? Lan", "M\ufffdller"],
    "not-a-name": [
        *(
            "N/A",
            "n/a",
            "J",
            "TBC",
            "Anonymous",
            "Sunny 🌻 Delgado",
            "buy www.boost.example",
            "a@b.example",
        ),
        *(
            '=HYPERLINK("https://win.example","Click")',
            "Anna2",
            "-",
            "Anonymous Supporter",
            "{{ x }}",
        ),
        *("Acme GmbH", "Please delete me", "unsubscribe", "John Smith on behalf of Oxfam"),
        *("Anna\u202eannA", "<b>Anna</b>", "???", "Anna\nPeter"),
    ],
}


def test_names_of_many_languages_are_names() -> None:
    assert {name: list(name_issues(name)) for name in NAMES} == {name: [] for name in NAMES}


@pytest.mark.parametrize("name", ["asdf", "Test", "exemple", "Пример", "невідомо", "N/A"])
def test_the_checks_and_the_import_agree_that_nobody_is_called_so(name: str) -> None:
    assert is_unfilled(name, is_name=True)
    assert [*name_issues(name)] in (["test"], ["not-a-name"])


@pytest.mark.parametrize("name", ["Anonymous", "anónima", "Анонимно", "Null"])
def test_some_people_sign_so(name: str) -> None:
    assert may_be_name(name)
    assert [*name_issues(name)] == ["not-a-name"]


@pytest.mark.parametrize("name", ["Anonymous Donor", "Personne inconnue", "Невідома жінка"])
def test_who_is_unknown_or_anonymous_has_no_name(name: str) -> None:
    assert [*name_issues(name)] == ["not-a-name"]


@pytest.mark.parametrize("doubt", DOUBTS)
def test_what_is_no_name_of_one_person_is_in_doubt(doubt: str) -> None:
    found = {name: list(name_issues(name)) for name in DOUBTS[doubt]}
    assert found == {name: [doubt] for name in DOUBTS[doubt]}


def test_capitals_are_proposed_as_names_are_written() -> None:
    mended = {
        "DOROTHY ASKE": "Dorothy Aske",
        "gareth llewellyn-stone": "Gareth Llewellyn-Stone",
        "DIARRA Fatoumata": "Diarra Fatoumata",
        "FRIEDRICH VON DER AUE": "Friedrich von der Aue",
        "SIOBHÁN O'BRIEN": "Siobhán O'Brien",
        "IAN MCALLISTER": "Ian McAllister",
        "ŞULE KILIÇ": "Şule Kılıç",
        "İBRAHİM": "İbrahim",
        "ШЕВЧУК ГАЛИНА": "Шевчук Галина",
    }
    assert {name: fixed_capitals(name) for name in mended} == mended
    right = [
        "Dorothy Aske",
        "Cornelius Vandeveer III",
        "J.R. Ewing",
        "Li Na",
        "李小龙",
        "JP Dupont",
        "ნინო გელაშვილი",
    ]
    assert [fixed_capitals(name) for name in right] == [""] * 7
