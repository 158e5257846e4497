"""docs/workbook.md has the settings that the program knows, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from merge.workbook.settings import KNOWN_SETTINGS

ROOT = next(p for p in Path(__file__).resolve().parents if (p / "pyproject.toml").is_file())
PAGE = (ROOT / "docs" / "workbook.md").read_text(encoding="utf-8")


def test_the_page_has_every_setting_of_the_program_in_its_order() -> None:
    table = PAGE.split("\n## Settings\n")[1].split("\n## ")[0]
    named = re.findall(r"^\| ([A-Z][^|]*?) \|", table, re.MULTILINE)
    assert tuple(named) == KNOWN_SETTINGS
