"""A register that somebody still holds is read again only where it is another file."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path
from weakref import ref

from support.campaigns import make, merge
from support.registers import DAY, excel, letters, made, run

from merge.campaign.campaign import read_campaign
from merge.campaign.overview import inspect_campaign
from merge.register.reading import read_register


def test_the_same_file_is_not_read_again(tmp_path: Path) -> None:
    path = made(tmp_path)
    held = read_register(path)
    assert read_register(path) is held
    run(path, letters(state="edited"))
    assert {row.state for row in read_register(path).rows.values()} == {"edited"}


def test_a_file_that_was_put_in_its_place_is_read_though_it_looks_the_same(tmp_path: Path) -> None:
    path = made(tmp_path)
    other = Path(shutil.copy2(path, tmp_path / "other.xlsx"))
    held = read_register(path)
    other.replace(path)
    assert read_register(path) is not held


def test_one_that_nobody_holds_takes_no_room(tmp_path: Path) -> None:
    there = ref(read_register(made(tmp_path)))
    gc.collect()
    assert there() is None


def test_a_view_holds_the_register_for_the_next_look(tmp_path: Path) -> None:
    folder = make(tmp_path)
    merge("letters", folder)
    assert inspect_campaign(read_campaign(folder)).register is None  # nothing can be told of it
    with excel(folder / "register.xlsx") as there:
        there["K2"] = DAY  # Posted
    view = inspect_campaign(read_campaign(folder))
    assert view.register
    assert inspect_campaign(read_campaign(folder)).register is view.register
