"""Remedies are values; only the command line turns them into commands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from support.campaigns import make, merge, typed, typed_words
from support.modules import FILES, nodes, shown
from support.printed_campaigns import NEWER, edit, make_six_letters, no_libreoffice

from merge.advice import DecisionRemedy, Hint, TaskOption, TaskRemedy
from merge.campaign.campaign import read_campaign
from merge.campaign.overview import inspect_campaign
from merge.cli.commands import merge as group
from merge.cli.terminal import hint_text
from merge.messages.message import catalogue
from merge.problems import Place, Problem

__all__ = ["no_libreoffice"]

OPTIONS = {
    name
    for command in group.commands.values()
    for option in command.params
    if isinstance(option, click.Option)
    for name in (*option.opts, *option.secondary_opts)
}
TYPED = re.compile(rf"\bmerge ({'|'.join(group.commands)})\b|(?<![\w-])({'|'.join(OPTIONS)})\b")
_NAMED = re.compile(r"(?<![\w-])--\w[\w-]*")


def _texts(path: Path) -> Iterator[str]:
    """Yield all texts of a module except docstrings."""
    docstrings = {id(n.value) for n in nodes(path) if isinstance(n, ast.Expr)}
    for node in nodes(path):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in docstrings else None
        if isinstance(text, str):
            yield text


def test_every_option_that_the_command_line_names_exists() -> None:
    files = [path for path in FILES if path.parent.name == "cli"]
    named = {
        (shown(path), option)
        for path in files
        for text in _texts(path)
        for option in _NAMED.findall(text)
    }
    assert {one for one in named if one[1] not in OPTIONS | {"--help", "--version"}} == set()


def test_only_the_command_line_has_messages_with_commands_or_options() -> None:
    other_files = [path for path in FILES if path.parent.name not in {"cli", "messages"}]
    found = [(shown(p), text) for p in other_files for text in _texts(p) if TYPED.search(text)]
    assert found == []
    templates = [
        (key, template) for key, m in catalogue().items() for template in (m.what, m.remedy)
    ]
    assert [(key, text) for key, text in templates if TYPED.search(str(text))] == []


def test_the_search_for_commands_ignores_merge_fields() -> None:
    commands = ["Run merge letters.", "leave --json out", "--for NAME", "merge mark answered"]
    other_texts = ["a merge field", "mail merge", "--headless", "--forward"]
    assert [text for text in (*commands, *other_texts) if TYPED.search(text)] == commands


HINT = Hint(
    "Anew: ",
    DecisionRemedy("new", "Ana Ruiz"),
    ", or ",
    TaskRemedy("print"),
    " ",
    TaskOption("no_letters"),
)


def test_a_hint_as_text_has_no_commands_but_has_its_remedies_as_values() -> None:
    assert HINT == "Anew: “Use new version”, or “Print” “No letters”"
    problem = Problem("x", Place("a.docx"), "It is old.", Hint("So: ", HINT, "."))
    assert problem.remedies == (DecisionRemedy("new", "Ana Ruiz"), TaskRemedy("print"))
    assert Problem("x", Place("a.docx"), "It is old.", "Look at it.").remedies == ()


def test_the_command_line_prints_a_remedy_as_a_command_for_this_folder(tmp_path: Path) -> None:
    assert hint_text(HINT) == (
        'Anew: “merge letters --replace "Ana Ruiz"”, or merge print --no-letters'
    )
    folder = tmp_path / "our appeal"
    assert hint_text(HINT, folder).startswith(
        f"Anew: “{typed('merge', 'letters', folder, '--replace', 'Ana Ruiz')}”, or merge print "
    )
    assert hint_text(Hint("Begin: ", TaskRemedy("new"), "."), folder).startswith(
        f"Begin: “merge new {typed(folder)[:1]}"
    )
    assert hint_text(Hint("Begin: ", TaskRemedy("new"), ".")) == "Begin: “merge new FOLDER”."
    assert hint_text("Look at it.") == "Look at it."


@pytest.mark.usefixtures("no_libreoffice")
def test_a_printed_remedy_can_be_typed_and_resolves_the_problem(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path / "our appeal")
    edit(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    make(folder, NEWER, Signers=[["Name"], ["Ana Ruiz"]])
    merge("letters", folder)
    (problem,) = (
        p for p in merge("print", folder, "--json").json["problems"] if p["level"] == "error"
    )
    replace, accept, accept_all = (typed_words(command)[1:] for command in problem["remedy"])
    assert accept_all == ["print", str(folder), "--accept", "edited"]
    assert merge(*accept, "--dry-run").code == 0
    assert merge(*replace, "--yes").code == 0
    assert merge("print", folder).code == 0


@pytest.mark.usefixtures("no_libreoffice")
def test_a_front_end_gets_a_remedy_as_a_decision(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    edit(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    make(folder, NEWER, Signers=[["Name"], ["Ana Ruiz"]])
    merge("letters", folder)
    candidates = inspect_campaign(read_campaign(folder)).print_candidates().candidates
    (problem,) = (problem for candidate in candidates for problem in candidate.problems)
    assert [remedy.target for remedy in problem.remedies if isinstance(remedy, DecisionRemedy)] == [
        "Ana Ruiz",
        "Ana Ruiz",
        "edited",
    ]


def test_a_value_in_a_hint_has_the_quotation_marks_that_the_shell_needs() -> None:
    hint = Hint("Add ", TaskOption("form", "x;id"), " or ", TaskOption("form", "spring"), ".")
    assert hint_text(hint) == f"Add --form {typed('x;id')} or --form spring."
