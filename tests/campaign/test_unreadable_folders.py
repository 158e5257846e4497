"""Folders of letters without read permission."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import make, make_with_letters, merge, text

LI = "Ana Ruiz/Minister Li.docx"
NEWER = "Hello {{ recipient.name }}\n{{ signer.name }}"

pytestmark = pytest.mark.posix("POSIX permissions")


def _letters(folder: Path) -> Path:
    """Create a campaign with its letters; return the letters folder."""
    return make_with_letters(folder) / "letters"


@contextmanager
def _without_permission(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Simulate a folder without permission: root may read every folder."""

    def refuse(name_of_call: str) -> Callable[..., object]:
        call: Callable[..., object] = getattr(os, name_of_call)

        def call_or_refuse(path: object = ".", *words: object, **more: object) -> object:
            name = os.fspath(path) if isinstance(path, str | os.PathLike) else ""
            inside = name.startswith(f"{folder}/") or (
                name_of_call == "scandir" and name == str(folder)
            )
            if inside:
                raise PermissionError(13, "Permission denied", name)
            return call(path, *words, **more)

        return call_or_refuse

    with monkeypatch.context() as patched:
        for name in ("scandir", "stat", "lstat", "open", "mkdir"):
            patched.setattr(os, name, refuse(name))
        yield


def test_a_letters_folder_without_read_permission_is_reported_by_every_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = _letters(tmp_path)
    for command in ("check", "status", "letters", "print", "proofread"):
        with _without_permission(letters, monkeypatch):
            ran = merge(command, tmp_path)
        assert ran.code == 1, (command, ran.err)
        output = " ".join((ran.out + ran.err).split())
        shown = "write here" if command == "letters" else "open this folder. Ask"
        assert f"You do not have permission to {shown}" in output, command


def test_a_subfolder_of_letters_without_read_permission_keeps_its_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = _letters(tmp_path)
    make(tmp_path, NEWER)
    with _without_permission(letters / "Ana Ruiz", monkeypatch):
        steps = staff_actions.states_and_reasons(tmp_path)
        problems = staff_actions.run_problems(tmp_path)
    assert steps[LI] == ("in-use", "cannot be opened; changed since: the template")
    assert steps["Bo Berg/Minister Li.docx"][0] == "rewritten"
    assert problems["folder-in-part"].startswith(
        "letters/Ana Ruiz: You do not have permission to open this folder."
    )
    assert staff_actions.states(tmp_path)[LI] == "rewritten"
    assert text(letters / LI)[0] == "Hello Minister Li"
