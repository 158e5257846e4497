"""What a person is searched by, and whether the text of a file contains it."""

from __future__ import annotations

import pytest

from merge.campaign.file_texts import find_texts
from merge.campaign.search_terms import SearchTerms, find_terms
from merge.people import Person
from merge.values import WorkbookValue


def _contains(data: bytes, *texts: str) -> bool:
    terms = SearchTerms(frozenset(texts))
    return any(terms.find_in(text) for text in find_texts(data))


def _person(**cells: str) -> Person:
    fields = {tag: WorkbookValue(text) for tag, text in {"name": "", "id": "", **cells}.items()}
    return Person("signer", "", 1, fields)


def _terms(common: str, *people: Person) -> SearchTerms:
    """Return what the first person is searched by, among the others."""
    person, *others = people
    return find_terms(person, frozenset({str(person.name)}), others, common)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("尊敬的李文部长", "李文"),
        ("ถึงคุณสมชายครับ", "สมชาย"),
        ("김철수에게", "김철수"),
        ("प्रिय राम कुमार,", "राम कुमार"),
        ("ANA\u00a0 RUIZ\u2019s letter", "Ana Ruiz"),
        ("Ruiz, Ana", "Ana Ruiz"),
        ("ruiz gomez, ana", "Ana Ruiz Gómez"),
        ("Ana;Ruiz", "Ana Ruiz"),
        ("Ana\nRuiz", "Ana Ruiz"),
        ("Ana Ruiz", "Ruiz, Ana"),
        ("Ana Ruiz", "Dr Ana Ruiz"),
        ("José\u00ad Peña", "Jose\u0301 Pen\u0303a"),
        ("Jose Pena", "José Peña"),
        ("José Peña", "Jose Pena"),
        ("Lukasz Zolkiewski", "Łukasz Żółkiewski"),
        ("سَلمى البرقاوي", "سلمى البرقاوي"),
        ("Ana_Ruiz.docx", "Ana Ruiz"),
        ("ana-ruiz.csv", "Ana Ruiz"),
        ("letters/Ana%20Ruiz/a.docx", "Ana Ruiz"),
        ("O’Brien‑Smith", "O'Brien-Smith"),
        ("OBrien Smith", "O'Brien-Smith"),
        ("O'Brien-Smith", "OBrien Smith"),
        ("<p>Łuk<b>asz</b> Żółkiewski</p>", "Łukasz Żółkiewski"),
        (r'{"name": "Ann \"Bo\" Lee"}', 'Ann "Bo" Lee'),
        ("Write to ANA.RUIZ@example.org.", "ana.ruiz@example.org"),
        ("Calle del  Olivo, 4", "Calle del Olivo 4"),
        ("Tel. 020 7946 0958", "+44 20 7946 0958"),
        ("+44 (0)20-7946-0958", "020 7946 0958"),
        ("ID: AB-1234", "ab1234"),
    ],
)
def test_a_persons_data_is_found_in_text_however_it_is_written(text: str, name: str) -> None:
    assert _contains(text.encode(), name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ana Ruizanda, Mariana Ruiz", "Ana Ruiz"),
        ("A. Ruiz", "Ana Ruiz"),
        ("Ana, and Bo Ruiz", "Ana Ruiz"),
        ("14 Mill Road", "4 Mill Road"),
        ("+44 20 7946 09581", "+44 20 7946 0958"),
        ("s1@example.org.uk, as1@example.org", "s1@example.com"),
        ("1234567", "123456"),
    ],
)
def test_a_persons_data_is_not_found_in_other_text(text: str, name: str) -> None:
    assert not _contains(text.encode(), name)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_persons_name_is_found_in_any_character_encoding(encoding: str) -> None:
    assert _contains("Name;City\nBo Åkerström;Malmö".encode(encoding), "Bo Åkerström")


def test_a_persons_short_name_is_not_found_in_binary_data() -> None:
    assert not _contains(b"\0\x07Bo\0\x80S1\0Li\xff", "Bo", "S1", "Li")
    assert _contains(b"\0\x07Bo Li/Consul Roy.docx\0", "Bo Li")


def test_a_persons_name_is_found_in_rich_text() -> None:
    rtf = rb"{\rtf1\ansi {\b Bo} \'c5kerstr\u246?m\par}"
    assert _contains(rtf, "Bo Åkerström")


def test_a_person_is_searched_by_name_id_emails_phone_and_street_line() -> None:
    cells = {"id": "AR-77", "street": "4 Mill Road\nFlat 2", "city": "Leeds", "motto": "Hope"}
    contact = {"contact": "ana@example.org; a.ruiz@example.net", "mobile_phone": "020 7946 0958"}
    terms = _terms("", _person(name="Ana Ruiz", **cells, **contact))
    assert terms.texts == {
        *("Ana Ruiz", "AR-77", "4 Mill Road", "020 7946 0958"),
        *("ana@example.org", "a.ruiz@example.net"),
    }


def test_a_person_is_not_searched_by_a_short_id_or_by_data_that_another_person_has_too() -> None:
    ana = _person(name="Ana Ruiz", id="S1", street="4 Mill Road", email="home@example.org")
    bo = _person(name="Bo Ruiz", street="Flat 2, 4 Mill Road", email="home@example.org")
    assert _terms("", ana, bo).texts == {"Ana Ruiz"}
    cleo = _person(name="Cleo", street="14 Mill Road")
    assert "4 Mill Road" in _terms("", ana, cleo).texts


@pytest.mark.parametrize(
    ("name", "is_searched"),
    [
        *(("May", False), ("Rome", False), ("Minister May", False), ("7", False), ("X", False)),
        *(("Suharto", True), ("Claire Fontanel", True), ("Bo Berg", False), ("Berg, Bo", False)),
    ],
)
def test_a_name_that_is_a_common_word_or_that_another_person_has_is_not_searched(
    name: str,
    is_searched: bool,  # noqa: FBT001
) -> None:
    template = "We hope that you act in May, says Minister May.\nClaire Fontanel"
    terms = _terms(template, _person(name=name), _person(name="Bo Berg", city="Rome"))
    assert (terms.is_name_enough, bool(terms.texts)) == (is_searched, is_searched)


def test_a_name_within_the_name_of_another_person_does_not_count() -> None:
    names = ["Mary Ann Lee", "Mary Ann", "Lee Bo", "Lee Ann"]
    terms = SearchTerms(frozenset({"Ann Lee"})).with_names_of_others(names)
    for text in ("Dear Mary Ann Lee,", "Mary Ann\nLee Bo", "LEE ANN"):
        assert terms.find_in(text) == frozenset()
    for text in ("Ann Lee", "Mary Ann Lee and Ann Lee", "c/o Ann Lee, 5 Mill Road"):
        assert terms.find_in(text) == {"Ann Lee"}
    turned = SearchTerms(frozenset({"Lee Mary Ann Cox"})).with_names_of_others(["Mary Ann Cox"])
    assert turned.find_in("letters/Mary Ann Cox/Lee Bo.docx") == frozenset()
    assert turned.find_in("Cox, Lee Mary Ann")
    longer = SearchTerms(frozenset({"Ana Ruiz Gómez"})).with_names_of_others(["Ana Ruiz"])
    assert longer.find_in("Ana Ruiz Gómez")


def test_a_name_that_is_not_searched_may_be_in_a_print_file() -> None:
    common = SearchTerms(weak_names=frozenset({"May"}))
    assert common.may_be_in("Yours,\nMay\n")
    assert not common.may_be_in("It is May.")
    namesake = SearchTerms(weak_names=frozenset({"Ana Ruiz"}))
    assert namesake.may_be_in("Yours, Ana Ruiz")
