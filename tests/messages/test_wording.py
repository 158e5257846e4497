"""Sentences from templates and values: plural forms, long values, lists."""

from __future__ import annotations

import io
from contextvars import copy_context
from gettext import GNUTranslations

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from merge.messages import problem
from merge.messages.wording import TRANSLATIONS, fill_template
from merge.problems import Place

LETTERS = "{letters:# letter|# letters}: {letters}"


def _russian() -> GNUTranslations:
    catalogue = Catalog(locale="ru", fuzzy=False)
    catalogue.add(("# letter", "# letters"), ("# письмо", "# письма", "# писем"))
    file = io.BytesIO()
    write_mo(file, catalogue)
    file.seek(0)
    return GNUTranslations(file)


def test_the_plural_form_for_a_number_comes_from_the_translation() -> None:
    def in_russian() -> list[str]:
        TRANSLATIONS.set(_russian())
        template = "{letters:# letter|# letters}"
        return [str(fill_template(template, {"letters": number})) for number in (1, 2, 5, 21)]

    assert copy_context().run(in_russian) == ["1 письмо", "2 письма", "5 писем", "21 письмо"]
    assert str(fill_template("{letters:# letter|# letters}", {"letters": 21})) == "21 letters"


def test_a_long_value_is_shortened_in_the_sentence_but_complete_in_the_fields() -> None:
    name = "Ana " * 1000
    long_problem = problem("name-left-over", Place("signers.xlsx"), name=name)
    assert "Ana…" in long_problem.what
    assert len(long_problem.what) < 500
    assert dict(long_problem.fields)["name"] == name
    path = "/".join(["folder"] * 36)
    assert str(fill_template("{path}", {"path": path})) == path


def test_long_items_of_a_list_are_shortened() -> None:
    sentence = str(fill_template(LETTERS, {"letters": ["Ana " * 1000, "Bo"]}))
    assert sentence.startswith("2 letters: Ana Ana")
    assert sentence.endswith("…, Bo")
