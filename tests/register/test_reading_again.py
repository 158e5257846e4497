"""A register in use is read again only if its file was replaced."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path
from weakref import ref

from support.campaigns import make, merge
from support.registers import DAY, excel, letters, make_register, run

from merge.campaign.campaign import read_campaign
from merge.campaign.overview import inspect_campaign
from merge.register.reading import read_register


def test_an_unchanged_register_file_is_not_read_again(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    held = read_register(path)
    assert read_register(path) is held
    run(path, letters(state="edited"))
    assert {row.state for row in read_register(path).rows.values()} == {"edited"}


def test_a_register_file_replaced_by_an_equal_one_is_read_again(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    other = Path(shutil.copy2(path, tmp_path / "other.xlsx"))
    held = read_register(path)
    other.replace(path)
    assert read_register(path) is not held


def test_a_register_that_is_not_in_use_is_freed(tmp_path: Path) -> None:
    reference = ref(read_register(make_register(tmp_path)))
    gc.collect()
    assert reference() is None


def test_an_overview_keeps_the_register_for_the_next_one(tmp_path: Path) -> None:
    folder = make(tmp_path)
    merge("letters", folder)
    assert inspect_campaign(read_campaign(folder)).register is None  # it has no dates
    with excel(folder / "register.xlsx") as worksheet:
        worksheet["K2"] = DAY  # Posted
    view = inspect_campaign(read_campaign(folder))
    assert view.register
    assert inspect_campaign(read_campaign(folder)).register is view.register
