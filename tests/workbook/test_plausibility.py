"""Names that are probably not names, and names in wrong capitals."""

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
ISSUES = {
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


def test_names_of_many_languages_have_no_name_issue() -> None:
    assert {name: list(name_issues(name)) for name in NAMES} == {name: [] for name in NAMES}


@pytest.mark.parametrize("name", ["asdf", "Test", "exemple", "Пример", "невідомо", "N/A"])
def test_a_word_for_a_missing_name_is_not_a_name_in_checks_and_import(name: str) -> None:
    assert is_unfilled(name, is_name=True)
    assert [*name_issues(name)] in (["test"], ["not-a-name"])


@pytest.mark.parametrize("name", ["Anonymous", "anónima", "Анонимно", "Null"])
def test_an_anonymous_signature_may_be_a_name(name: str) -> None:
    assert may_be_name(name)
    assert [*name_issues(name)] == ["not-a-name"]


@pytest.mark.parametrize("name", ["Anonymous Donor", "Personne inconnue", "Невідома жінка"])
def test_words_for_unknown_or_anonymous_people_are_not_names(name: str) -> None:
    assert [*name_issues(name)] == ["not-a-name"]


@pytest.mark.parametrize("issue", ISSUES)
def test_a_text_that_is_not_one_persons_name_has_an_issue(issue: str) -> None:
    issues_by_name = {name: list(name_issues(name)) for name in ISSUES[issue]}
    assert issues_by_name == {name: [issue] for name in ISSUES[issue]}


def test_capitals_of_names_are_fixed_as_names_are_written() -> None:
    fixed = {
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
    assert {name: fixed_capitals(name) for name in fixed} == fixed
    correct_names = [
        "Dorothy Aske",
        "Cornelius Vandeveer III",
        "J.R. Ewing",
        "Li Na",
        "李小龙",
        "JP Dupont",
        "ნინო გელაშვილი",
    ]
    assert [fixed_capitals(name) for name in correct_names] == [""] * 7
