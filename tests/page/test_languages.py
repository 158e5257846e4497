"""Translations of the page: complete, none in English, numbers right."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from merge.page.languages import CATALOGUES, CODES, DEFAULT, NAMES, best_language, language

TOOL = Path(__file__).parents[2] / "tools" / "catalogues.py"
TEMPLATES = CATALOGUES.parent / "templates"
OTHERS = [code for code in CODES if code != DEFAULT]
SAME = {
    "fr": {"Menu", "Pile", "Piles", "Pages"},
    "es": {"Error", "%(number)s error"},
}
"""Words that are the same in English."""
_PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")


@cache
def _catalogue(code: str) -> Catalog:
    with (CATALOGUES / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code)


def _messages(code: str) -> list[Message]:
    return [message for message in _catalogue(code) if message.id]


def _forms(words: str | tuple[str, ...] | list[str]) -> list[str]:
    return [words] if isinstance(words, str) else [*words]


def test_three_dots_are_on_a_button_only_if_it_opens_a_dialog_of_the_system() -> None:
    dotted = {words for m in _messages("fr") for words in _forms(m.id) if words.endswith("…")}
    at_work = {"Adding file…", "Reading letters…", "Reading responses…", "Stopping…"}
    at_work |= {"Preparing the preview with LibreOffice. This takes a few seconds…"}
    at_work |= {"%(ids)s is waiting for another task to finish…"}
    assert dotted == at_work | {"Choose…", "Replace…", "Browse…"}  # of a list, of files


def test_the_catalogues_have_exactly_the_texts_of_the_page(tmp_path: Path) -> None:
    for path in CATALOGUES.glob("*.po"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    ran = subprocess.run(
        [sys.executable, TOOL, tmp_path], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for path in CATALOGUES.glob("*.po"):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.mark.skipif(not shutil.which("msgfmt"), reason="needs gettext")
@pytest.mark.parametrize("code", OTHERS)
def test_gettext_accepts_the_catalogue(code: str) -> None:
    path = CATALOGUES / f"{code}.po"
    checked = ["msgfmt", "--check", "--output-file=-", str(path)]
    ran = subprocess.run(checked, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
    forms = _catalogue(code).plural_forms
    assert f"Plural-Forms: {forms}".encode() in path.read_bytes()


@pytest.mark.parametrize("code", OTHERS)
def test_no_translation_is_missing_fuzzy_or_in_english(code: str) -> None:
    for message in _messages(code):
        forms = _forms(message.string)
        assert all(form.strip() for form in forms), message.id
        assert not message.fuzzy, message.id
        assert len(forms) == (_catalogue(code).num_plurals if message.pluralizable else 1)
        english = _forms(message.id)
        if not set(forms).isdisjoint(english):
            words = _PLACEHOLDER.sub("", english[0])
            assert english[0] in SAME.get(code, set()) or not re.search("[a-z]{3}", words)


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_the_placeholders_of_the_english_text(code: str) -> None:
    for message in _messages(code):
        english = {one for form in _forms(message.id) for one in _PLACEHOLDER.findall(form)}
        for form in _forms(message.string):
            placeholders = set(_PLACEHOLDER.findall(form))
            assert placeholders <= english, (message.id, form)
            if not message.pluralizable:
                assert placeholders == english, (message.id, form)


def test_the_dot_of_a_file_ending_stays_before_it_in_arabic() -> None:
    ending = re.compile(r"(?<![\u200e\w}])\.(?:docx?|xlsx?|csv|ods|pdf)\b")
    texts = (form for message in _messages("ar") for form in _forms(message.string))
    assert [text for text in texts if ending.search(text)] == []


@pytest.mark.parametrize(
    ("code", "numbers", "forms"),
    [
        ("fr", (0, 1, 2, 5), (0, 0, 1, 1)),
        ("es", (0, 1, 2, 5), (1, 0, 1, 1)),
        ("ru", (1, 2, 5, 11, 21, 22, 25), (0, 1, 2, 2, 0, 1, 2)),
        ("uk", (1, 2, 5, 11, 21, 22, 25), (0, 1, 2, 2, 0, 1, 2)),
        ("ar", (0, 1, 2, 3, 10, 11, 99, 100, 103), (0, 1, 2, 3, 3, 5, 5, 4, 3)),
    ],
)
def test_a_number_has_the_plural_form_of_its_language(
    code: str, numbers: tuple[int, ...], forms: tuple[int, ...]
) -> None:
    words, catalogue = language(code).translations, _catalogue(code)
    differ = (one for one in _messages(code) if len(set(one.string)) == catalogue.num_plurals)
    found = next(one for one in differ if one.pluralizable)
    english = _forms(found.id)
    translated = [words.ngettext(english[0], english[1], number) for number in numbers]
    assert translated == [found.string[form] for form in forms]


def test_the_first_requested_language_that_exists_is_used() -> None:
    assert best_language(["de-AT", "uk-UA", "en"]) == "uk"
    assert best_language(["ar-EG"]) == "ar"
    assert best_language(["de"]) == best_language([]) == "en"
    assert [language(code).direction for code in CODES] == ["ltr"] * 5 + ["rtl"]


def test_numbers_and_dates_are_written_as_in_the_language() -> None:
    assert language("fr").number(12345.0) == "12\u202f345"
    assert language("es").day(dt.date(2026, 11, 26)) == "26 nov 2026"
    assert language("en").day(dt.date(2026, 11, 26)) == "26 Nov 2026"
    assert language("en").month(dt.date(2026, 11, 26)) == "November 2026"
    assert language("en").number(12345.0) == "12,345"
    assert {code: Locale(code).get_display_name() for code in CODES} == NAMES
