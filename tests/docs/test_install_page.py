"""docs/install.md: names of files, pictures to take."""

from __future__ import annotations

import re
from pathlib import Path

from merge import __version__

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "install.md").read_text(encoding="utf-8")
NOTES = (DOCS / "release-notes.md").read_text(encoding="utf-8")
FILE = re.compile(r"appeal-merge-(\w+\.\w+\.\w+)-[\w-]+\.(?:exe|dmg|tar\.gz|zip)")


def test_install_md_and_the_release_notes_name_files_of_this_version() -> None:
    assert {*FILE.findall(PAGE), *FILE.findall(NOTES)} == {__version__}


def test_every_picture_of_install_md_is_listed_once_and_has_a_place() -> None:
    comments = re.findall(r"<!-- pictures?: (.+) -->", PAGE)
    places = [name for comment in comments for name in comment.split(", ")]
    listed = re.findall(r"^\| `(install-[\w-]+\.png)` \|", PAGE, re.MULTILINE)
    taken = re.findall(r"\]\(pictures/(install-[\w-]+\.png)\)", PAGE)
    assert sorted(listed) == sorted({*places, *taken})
    assert not [name for name in taken if not (DOCS / "pictures" / name).is_file()]


def test_the_changelog_and_the_release_notes_begin_with_this_version() -> None:
    changelog = (DOCS.parent / "CHANGELOG.md").read_text(encoding="utf-8")
    for text in (changelog, NOTES):
        assert re.findall(r"^## (\S+)", text, re.MULTILINE)[0] == __version__
