"""Remedies are values everywhere but here: the command line makes commands of them."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from support.campaigns import make, merge
from support.modules import FILES, nodes, shown
from support.printed_campaigns import NEWER, edit, made, no_office

from merge.advice import DecisionRemedy, Hint, TaskOption, TaskRemedy
from merge.campaign.campaign import read_campaign
from merge.campaign.candidates import find_candidates
from merge.campaign.overview import inspect_campaign
from merge.cli.commands import merge as group
from merge.cli.terminal import hint_text
from merge.messages.message import catalogue
from merge.problems import Place, Problem

__all__ = ["no_office"]

OPTIONS = {
    name
    for command in group.commands.values()
    for option in command.params
    if isinstance(option, click.Option)
    for name in (*option.opts, *option.secondary_opts)
}
TYPED = re.compile(rf"\bmerge ({'|'.join(group.commands)})\b|(?<![\w-])({'|'.join(OPTIONS)})\b")


def _texts(path: Path) -> Iterator[str]:
    """Every text of a module but its docstrings."""
    alone = {id(n.value) for n in nodes(path) if isinstance(n, ast.Expr)}
    for node in nodes(path):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in alone else None
        if isinstance(text, str):
            yield text


def test_no_message_outside_the_command_line_holds_a_command_or_an_option() -> None:
    others = [path for path in FILES if path.parent.name not in {"cli", "messages"}]
    found = [(shown(p), text) for p in others for text in _texts(p) if TYPED.search(text)]
    assert found == []
    every = [(key, each) for key, m in catalogue().items() for each in (m.what, m.remedy)]
    assert [(key, text) for key, text in every if TYPED.search(str(text))] == []


def test_the_search_finds_commands_and_leaves_merge_fields_alone() -> None:
    found = ["Run merge letters.", "leave --json out", "--for NAME", "merge mark answered"]
    others = ["a merge field", "mail merge", "--headless", "--forward"]
    assert [text for text in (*found, *others) if TYPED.search(text)] == found


HINT = Hint(
    "Anew: ",
    DecisionRemedy("new", "Ana Ruiz"),
    ", or ",
    TaskRemedy("print"),
    " ",
    TaskOption("no_letters"),
)


def test_a_hint_reads_without_commands_and_says_what_would_settle_it() -> None:
    assert HINT == "Anew: “Use new version”, or “Print” “No letters”"
    problem = Problem("x", Place("a.docx"), "It is old.", Hint("So: ", HINT, "."))
    assert problem.remedies == (DecisionRemedy("new", "Ana Ruiz"), TaskRemedy("print"))
    assert Problem("x", Place("a.docx"), "It is old.", "Look at it.").remedies == ()


def test_the_command_line_prints_a_remedy_as_it_is_typed_here(tmp_path: Path) -> None:
    assert hint_text(HINT) == (
        'Anew: “merge letters --replace "Ana Ruiz"”, or merge print --no-letters'
    )
    folder = tmp_path / "our appeal"
    assert hint_text(HINT, folder).startswith(
        f"Anew: “merge letters {shlex.quote(str(folder))} --replace 'Ana Ruiz'”, or merge print '"
    )
    assert hint_text(Hint("Begin: ", TaskRemedy("new"), "."), folder).startswith(
        "Begin: “merge new '"
    )
    assert hint_text(Hint("Begin: ", TaskRemedy("new"), ".")) == "Begin: “merge new FOLDER”."
    assert hint_text("Look at it.") == "Look at it."


@pytest.mark.usefixtures("no_office")
def test_what_is_printed_can_be_typed_and_settles_it(tmp_path: Path) -> None:
    folder = made(tmp_path / "our appeal")
    edit(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    make(folder, NEWER, Signers=[["Name"], ["Ana Ruiz"]])
    merge("letters", folder)
    (problem,) = (
        each
        for each in merge("print", folder, "--json").json["problems"]
        if each["level"] == "error"
    )
    anew, as_it_is, all_such = (shlex.split(command)[1:] for command in problem["remedy"])
    assert all_such == ["print", str(folder), "--accept", "edited"]
    assert merge(*as_it_is, "--dry-run").code == 0
    assert merge(*anew, "--yes").code == 0
    assert merge("print", folder).code == 0


@pytest.mark.usefixtures("no_office")
def test_a_face_gets_the_same_as_a_decision(tmp_path: Path) -> None:
    folder = made(tmp_path)
    edit(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    make(folder, NEWER, Signers=[["Name"], ["Ana Ruiz"]])
    merge("letters", folder)
    found = find_candidates(inspect_campaign(read_campaign(folder))).candidates
    (problem,) = (problem for one in found for problem in one.problems)
    assert [remedy.target for remedy in problem.remedies if isinstance(remedy, DecisionRemedy)] == [
        "Ana Ruiz",
        "Ana Ruiz",
        "edited",
    ]


def test_a_value_in_a_hint_is_quoted_as_the_shell_needs_it() -> None:
    hint = Hint("Add ", TaskOption("form", "x;id"), " or ", TaskOption("form", "spring"), ".")
    assert hint_text(hint) == "Add --form 'x;id' or --form spring."
