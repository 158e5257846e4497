"""Remedies on the page: each names a control that the page has."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from support.campaigns import ROOT

from merge.advice import DecisionRemedy, Hint, TaskOption, TaskRemedy
from merge.messages.message import Sentences, catalogue
from merge.messages.wording import template_pieces
from merge.page.app import create_app
from merge.page.lifetime import ProgramLifetime
from merge.page.remedies import (
    ANSWERS_ON_DATA,
    CHOICE_LABELS,
    COMMAND_LABELS,
    OPTION_LABELS,
    format_hint,
    format_place,
)
from merge.page.session import CampaignSessions
from merge.product import RECORDS_FOLDER

TEMPLATES = ROOT / "merge" / "page" / "templates"
LABELS = {*COMMAND_LABELS.values(), *CHOICE_LABELS.values(), *OPTION_LABELS.values()}
ELEMENT = re.compile(
    r"<(a|button|h2|label|legend|summary)\b.*?</\1>|\{\{ st(?:ep|age)\(.*?\)\) \}\}"
    r"|choice_name.*?endmacro",
    re.DOTALL,
)
"""Elements of controls; the steps at the top and the choices have macros."""


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    app = create_app(CampaignSessions(), ProgramLifetime())
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        app.preprocess_request()
        yield


def named_on_the_page() -> set[str]:
    sources = (path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    elements = (found[0] for source in sources for found in ELEMENT.finditer(source))
    answers = {COMMAND_LABELS[f"letters {name}"] for name in ANSWERS_ON_DATA}  # a loop of Data
    return answers | {name for one in elements for name in re.findall(r"_\(\"([^\"]+)\"", one)}


def advised() -> Iterator[tuple[str, Hint]]:
    """Every sentence of the catalogue with a remedy, without its fields."""
    for key, message in catalogue().items():
        for text in (*_texts(message.what), *_texts(message.remedy)):
            found = template_pieces(text)
            if any(piece.remedy for piece in found):
                yield key, Hint(*(piece.remedy or piece.text for piece in found))


def _texts(sentences: Sentences) -> tuple[str, ...]:
    return (sentences,) if isinstance(sentences, str) else sentences


def test_every_name_in_a_remedy_is_on_a_screen() -> None:
    assert sorted(LABELS - named_on_the_page()) == []


def test_names_in_quotation_marks_are_on_the_page() -> None:
    sources = [path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html")]
    quoted = {name for one in sources for name in re.findall(r"“([^”{%<]+)”", one)}
    of_others = {"no", "Last, First", "Actual size", "Fit to page"}  # of Excel, names, printers
    shown = {words for one in sources for words in re.findall(r"_\(\"([^\"]+)\"\)", one)}
    assert len(quoted) > len(of_others)
    assert quoted - of_others - shown == set()


def test_every_remedy_names_a_control_of_the_page_or_a_command() -> None:
    shown = [(key, format_hint(advice)) for key, advice in advised()]
    assert len(shown) > 40
    wrong = [
        (key, words)
        for key, words in shown
        if not {*re.findall(r"“([^”]+)”", words)} <= LABELS | {"Conflicts", RECORDS_FOLDER}
        or re.search(r"--|\bmerge \w+", re.sub(r"merge letters --[a-z-]+ \(on the", "", words))
        or re.search(r"\b(run|add|omit) “", words, re.IGNORECASE)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        (Hint("Run ", TaskRemedy("letters"), " first."), "Select “Create letters” first."),
        (Hint("To reopen: ", TaskRemedy("close", (("undo", ""),)), "."), "To reopen: “Reopen”."),
        (
            Hint("If so: ", TaskRemedy("letters", (("release", ""),)), "."),
            "If so: “Data” > “Release them”.",
        ),
        (Hint("Renamed: ", DecisionRemedy("other", "R1")), "Renamed: “Conflicts” > “Someone else”"),
        (
            Hint("Or use yours: ", DecisionRemedy("new", "Ana")),
            "Or use yours: “Conflicts” > “Use new version”",
        ),
        (
            Hint("Or again: ", DecisionRemedy("new", "ID"), "."),
            "Or again: move its file out of the campaign folder, then select “Create letters”.",
        ),
        (Hint("Clear it, or omit ", TaskOption("sheet")), "Clear it, or clear “Sheet with the"),
        (Hint("Add a column, or add ", TaskOption("yes")), "Add a column, or select “This date"),
        (Hint("So: ", TaskOption("letter"), " ", TaskOption("undo")), "So: “Short ID” > “Undo”"),
        (Hint("Or add ", TaskOption("unheard_of")), "Or add --unheard-of (on the command line)"),
        ("Run it in Excel.", "Run it in Excel."),
    ],
)
def test_a_remedy_has_the_words_of_the_page(hint: str, words: str) -> None:
    assert format_hint(hint).startswith(words)


def test_a_remedy_is_in_the_language_of_the_page() -> None:
    app = create_app(CampaignSessions(), ProgramLifetime())
    with app.test_request_context("/", headers={"Accept-Language": "fr"}):
        app.preprocess_request()
        assert (
            format_hint(Hint("Run ", TaskRemedy("letters"), ".")) == "Select “Créer les lettres”."
        )


def test_a_right_to_left_name_in_a_remedy_keeps_its_quotation_marks() -> None:
    app = create_app(CampaignSessions(), ProgramLifetime())
    with app.test_request_context("/", headers={"Accept-Language": "ar"}):
        app.preprocess_request()
        hint = format_hint(Hint("Run ", TaskRemedy("letters"), "."))
    assert re.search("“\u2068[^\u2069]+\u2069”", hint)


def test_an_option_as_place_of_a_problem_is_a_field_of_the_page() -> None:
    assert format_place("--sheets") == "“Sheets per file”"
    assert format_place("--date 2027-01-01") == "“Date, if not today”: 2027-01-01"
    assert format_place("signers.xlsx, Signers!B2") == "signers.xlsx, Signers!B2"
    assert format_place("--unheard-of") == "--unheard-of"
