"""A register that is a link: the file that it leads to is read and brought up to date."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from openpyxl.chart import BarChart
from support.campaigns import lettered, make, merge
from support.campaigns import letters as files
from support.registers import DAY, NOW, codes, excel, fill, ids, letters, made, read, run, table

from merge.model import StorageError
from merge.register.planning import update_register
from merge.register.reading import read_register

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
NEWS = "edited"


def shared(path: Path) -> Path:
    """Staff move the register into a shared folder and leave a link; the file there."""
    folder = path.parent.parent / "share"
    folder.mkdir()
    target = folder / "Letters.xlsx"
    shutil.move(path, target)
    path.symlink_to(Path("..") / "share" / "Letters.xlsx")
    return target


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A register in a campaign folder."""
    (tmp_path / "campaign").mkdir()
    return made(tmp_path / "campaign")


def names(folder: Path) -> list[str]:
    """Every file of the folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


def test_the_file_that_a_link_leads_to_is_brought_up_to_date(path: Path) -> None:
    target = shared(path)
    target.chmod(0o664)
    assert run(path, letters(state=NEWS)).written
    assert path.is_symlink()
    assert {row["State"] for row in table(target)} == {NEWS}
    assert target.stat().st_mode & 0o777 == 0o664
    assert (names(path.parent), names(target.parent)) == (["register.xlsx"], ["Letters.xlsx"])


def test_it_is_written_beside_the_file_itself_which_may_lie_on_another_disk(path: Path) -> None:
    target = shared(path)
    target.with_name(".merge-Letters.xlsx.tmp").write_bytes(b"of a run that was killed")
    assert run(path, letters(state=NEWS)).written
    assert names(target.parent) == ["Letters.xlsx"]


def test_a_link_to_a_link_is_followed_to_its_end(path: Path) -> None:
    target = shared(path)
    between = target.with_name("between.xlsx")
    between.symlink_to(target)
    path.unlink()
    path.symlink_to(between)
    assert run(path, letters(state=NEWS)).written
    assert path.is_symlink()
    assert between.is_symlink()
    assert {row["State"] for row in table(target)} == {NEWS}


def test_the_dates_of_colleagues_are_seen_through_the_link(path: Path) -> None:
    target = shared(path)
    run(path, letters(state=NEWS))
    fill(target, ids(0, 0), "Posted", DAY)
    assert read(path).on_paper(ids(0, 0))


def test_what_colleagues_save_while_letters_are_made_is_not_written_over(path: Path) -> None:
    target = shared(path)
    register = read_register(path)
    fill(target, ids(0, 0), "Posted", DAY)
    updated = update_register(path, letters(state=NEWS), register, NOW)
    assert codes(updated) == ["register-changed"]
    assert read(path).on_paper(ids(0, 0))


@pytest.mark.parametrize("note", ["~$Letters.xlsx", ".~lock.Letters.xlsx#"])
def test_a_register_that_is_open_where_it_lies_waits_for_the_next_run(
    path: Path, note: str
) -> None:
    target = shared(path)
    before = target.read_bytes()
    target.with_name(note).write_bytes(b"Ana")
    updated = run(path, letters(state=NEWS))
    assert codes(updated) == ["register-open"]
    assert f"delete the file {target.with_name(note)}" in updated.problems[0].hint
    assert target.read_bytes() == before


def test_a_register_that_is_open_by_its_link_waits_too(path: Path) -> None:
    shared(path)
    path.with_name("~$register.xlsx").write_bytes(b"Ana")
    updated = run(path, letters(state=NEWS))
    assert codes(updated) == ["register-open"]
    assert "delete the file ~$register.xlsx)" in updated.problems[0].hint


def test_what_is_lost_is_kept_beside_the_link(path: Path) -> None:
    target = shared(path)
    with excel(target) as there:
        there.add_chart(BarChart(), "P2")
    before = target.read_bytes()
    updated = run(path, letters(state=NEWS))
    assert codes(updated) == ["register-losses"]
    assert updated.backup == path.with_name("register (until 25 Nov 2026).xlsx")
    assert updated.backup.read_bytes() == before
    assert names(target.parent) == ["Letters.xlsx"]


def test_a_link_that_leads_nowhere_is_told(path: Path) -> None:
    target = shared(path)
    target.unlink()
    with pytest.raises(StorageError) as error:
        read(path)
    assert str(error.value) == (
        "register.xlsx: it is a link, and the file that it leads to is not there: "
        "../share/Letters.xlsx. "
        "Connect its folder, then try again. If nothing is on paper yet, you may delete the link."
    )
    assert path.is_symlink()
    assert not target.exists()


def test_a_link_that_is_planted_while_the_first_register_is_made_is_not_replaced(
    tmp_path: Path,
) -> None:
    path = tmp_path / "register.xlsx"
    register = read(path)
    path.symlink_to(tmp_path / "nowhere")
    assert codes(update_register(path, letters(), register, NOW)) == ["register-not-saved"]
    assert names(tmp_path) == ["register.xlsx"]
    assert path.is_symlink()


def test_nothing_is_written_while_the_link_leads_nowhere(tmp_path: Path) -> None:
    folder = make(tmp_path / "campaign")
    register = folder / "register.xlsx"
    register.symlink_to(tmp_path / "share.xlsx")
    ran = merge("letters", folder)
    assert ran.code == 1
    assert "it is a link" in ran.err
    assert not files(folder)
    assert names(tmp_path) == ["campaign"]


def test_a_run_of_the_program_keeps_the_link_and_sees_the_dates_behind_it(tmp_path: Path) -> None:
    folder = lettered(tmp_path / "campaign")
    target = shared(folder / "register.xlsx")
    assert merge("letters", folder).code == 0
    with excel(target) as there:
        there["I2"] = DAY
    make(folder, "{{ recipient.name }}\nOther words\n{{ signer.name }}")
    ran = merge("letters", folder, "--json").json
    assert (ran["kept"], ran["written"]) == (1, 3)
    assert (folder / "register.xlsx").is_symlink()
    assert table(target)[0]["State"] == "on paper, data changed"
    assert names(target.parent) == ["Letters.xlsx"]
