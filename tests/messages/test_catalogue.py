"""The catalogue of messages: calls, fields and the docs page match it.

The tests of the module that creates a message show that the program creates it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.campaigns import ROOT
from support.modules import FILES, nodes, shown

from merge import messages
from merge.advice import Hint, TaskOption, TaskRemedy
from merge.messages import letters, marks, printing, register
from merge.messages.message import catalogue, sections
from merge.messages.wording import fill_sentences, fill_template, plural_form, template_pieces
from merge.problems import Place

sys.path.append(str(ROOT / "tools"))
import problems_page

CALLS = {"messages.problem": 1, "messages.fault": 0}
"""Functions that create problems and faults.

The number is that of positional arguments after the key.
"""


def calls() -> Iterator[tuple[Path, ast.Call]]:
    for path in FILES:
        for node in nodes(path):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in CALLS:
                yield path, node


def keys(node: ast.expr) -> list[str]:
    """Return the keys that a call may have.

    A condition has several. A computed key is unknown, so there are none.
    """
    if isinstance(node, ast.IfExp):
        return keys(node.body) + keys(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def wrong_fields(call: ast.Call) -> Iterator[str]:
    names = {keyword.arg for keyword in call.keywords}
    for key in keys(call.args[0]):
        message = catalogue().get(key)
        if message is None:
            yield f"{key}: no such message"
        elif None not in names and message.fields != names:
            yield f"{key}: {sorted(message.fields ^ {str(name) for name in names})}"


def test_every_call_has_exactly_the_fields_of_its_message() -> None:
    found = [(shown(p), c.lineno, wrong) for p, c in calls() for wrong in wrong_fields(c)]
    assert found == []


def test_a_call_with_other_fields_than_the_message_has_is_found() -> None:
    call = ast.parse("messages.problem('mark-kept', place, stage='x')", mode="eval").body
    assert isinstance(call, ast.Call)
    assert [*wrong_fields(call)] == ["mark-kept: ['letters']"]
    with pytest.raises(TypeError, match="letters"):
        messages.problem("mark-kept", Place("x"), stage="x")


def test_every_message_has_an_explanation_and_an_example_unless_it_is_a_variant() -> None:
    for key, message in catalogue().items():
        base, _, variant = key.partition("/")
        assert base in catalogue(), key
        assert bool(message.about and message.example) == (not variant), key


def sentences() -> list[tuple[str, str]]:
    """Return all sentences of the catalogue with their keys."""
    sentences_by_key = []
    for key, message in catalogue().items():
        for text in (message.what, message.remedy):
            sentences_by_key += [
                (key, sentence)
                for sentence in ((text,) if isinstance(text, str) else text)
                if sentence
            ]
    return sentences_by_key


def test_every_message_begins_with_a_capital_and_ends_as_a_sentence() -> None:
    beginning = re.compile(r"[A-Z0-9“(«…{#~.<]")
    wrong = [
        (k, s) for k, s in sentences() if not (beginning.match(s) and re.search(r"[.?!)}”]$", s))
    ]
    assert wrong == []


def test_no_sentence_has_more_than_25_words() -> None:
    split = re.compile(r"(?<=[.?!]) |: ")
    long = [(k, s) for k, text in sentences() for s in split.split(text) if len(s.split()) > 25]
    assert long == []


MAY_SAY_DELETE = {
    *("register-open", "register-open/later"),  # Excel's temporary file
    "register-twice",  # after its dates were copied
    "register-stranger",  # only if no one needs it
    "letter-unwanted/deleted",  # of someone whose data was deleted
    "letters-unwanted",  # unedited, and restored if they are needed
    "letter-other-person/deleting",  # staff delete this person's data
    "paper-recreated",  # the dates of a letter to be sent again
    "paper-recreated/marked",
    "mark-print-file-gone",  # a print file that is gone already
    *("person-deleted", "register-deleted"),  # of someone whose data was deleted
    "workbook-copy/conflict",  # what the other computer deleted
    "workbook-copy/deleted",  # only if nothing else in it is needed
    *("print-missing/printed", "print-changed/printed"),  # the dates of a letter to be sent again
    *("register-cleared", "register-gone"),  # what staff deleted
    "register-copies",  # after its dates were recorded and its notes copied
    *("campaign-closed", "print-meanwhile", "register-column-back", "letters-unwanted/planned"),
}
"""Messages about letters, registers and copies that may say "delete"."""


def test_no_message_says_to_delete_what_may_be_the_only_copy_of_an_edit_or_a_mark() -> None:
    modules = (letters, register, marks, printing)
    checked = {key for module in modules for key in module.SECTION.messages}
    checked |= {key for key in catalogue() if "-copy" in key}
    saying = {key for key, text in sentences() if key in checked and "delete" in text.lower()}
    assert saying == MAY_SAY_DELETE


def test_the_page_problems_md_is_up_to_date() -> None:
    assert problems_page.PAGE.read_text(encoding="utf-8") == problems_page.page()


def test_no_message_key_is_in_two_sections() -> None:
    all_keys = [key for section in sections() for key in section.messages]
    assert len(all_keys) == len(set(all_keys))


def test_placeholders_of_letters_are_text_and_single_braces_are_fields() -> None:
    assert fill_template("{{ recipient.name }} of {sheet}", {"sheet": "Signers"}) == (
        "{{ recipient.name }} of Signers"
    )


def test_a_number_or_the_length_of_a_list_selects_the_plural_form() -> None:
    template = "{letters:# letter has|# letters have} {letters}"
    assert fill_template(template, {"letters": ["a"]}) == "1 letter has a"
    assert (
        fill_template(template, {"letters": [*"abcdefg"]})
        == "7 letters have a, b, c, d, e and 2 more"
    )
    assert plural_form(("is", "are"), 0) == "are"


def test_quotation_marks_around_a_field_apply_to_each_item_of_a_list() -> None:
    template = "Found: “{names}”, not {{ x }} or “{names:one|many} names”."
    text = fill_template(template, {"names": ["Full  name", "City"]})
    assert text == "Found: “Full name”, “City”, not {{ x }} or “many names”."
    assert fill_template("“{name}” of “{name} Ruiz”", {"name": "Ana"}) == "“Ana” of “Ana Ruiz”"


def test_a_remedy_in_a_template_stays_a_value() -> None:
    hint = fill_template("Run {run print accept=Ana two_sided} with {option yes}.", {})
    assert hint.parts == (
        "Run ",
        TaskRemedy("print", (("accept", "Ana"), ("two_sided", ""))),
        " with ",
        TaskOption("yes"),
        ".",
    )
    assert isinstance(hint, Hint)
    assert [piece.text for piece in template_pieces("{ not a field }")] == ["{ not a field }"]


def test_a_sentence_with_a_field_that_is_none_is_omitted() -> None:
    sentences = ("Not found.", "Did you mean {near}?", "Check the name.")
    assert fill_sentences(sentences, {"near": None}) == "Not found. Check the name."
    assert (
        fill_sentences(sentences, {"near": "Ana"}) == "Not found. Did you mean Ana? Check the name."
    )


def test_problems_are_created_only_from_the_catalogue() -> None:
    allowed_files = {"messages/message.py", "problems.py"}
    calls = [
        (shown(path), node.lineno)
        for path in FILES
        for node in nodes(path)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"Problem", "Fault"}
        if shown(path) not in allowed_files
    ]
    assert calls == []
