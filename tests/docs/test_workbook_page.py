"""docs/workbook.md lists exactly the settings of the program."""

from __future__ import annotations

import re
from pathlib import Path

from merge.workbook.settings import KNOWN_SETTINGS

ROOT = next(p for p in Path(__file__).resolve().parents if (p / "pyproject.toml").is_file())
PAGE = (ROOT / "docs" / "workbook.md").read_text(encoding="utf-8")


def test_workbook_md_lists_every_setting_in_order() -> None:
    table = PAGE.split("\n## Settings\n")[1].split("\n## ")[0]
    named = re.findall(r"^\| ([A-Z][^|]*?) \|", table, re.MULTILINE)
    assert tuple(named) == KNOWN_SETTINGS
