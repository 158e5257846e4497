"""The report about this computer: facts, problems with remedies, no names."""

from __future__ import annotations

import errno
import re
import tomllib
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from support.campaigns import ROOT, make, merge
from support.fonts import font
from support.pages import folded, opened, unchanged
from support.permissions import permissions_count

from merge import __version__
from merge.campaign.computer_report import LIBRARIES, ComputerReport, inspect_computer
from merge.printing import fonts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A campaign folder, and a parent folder with a person's name."""
    return make(tmp_path / "Ana Ruiz" / "Appeal for Li")


@pytest.fixture
def _no_libreoffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer without LibreOffice."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def latin_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer with one font, which has only Latin letters."""
    folder = tmp_path / "fonts"
    folder.mkdir()
    letters = "".join(map(chr, (*range(65, 91), *range(97, 123))))
    (folder / "latin.ttf").write_bytes(font(letters))
    monkeypatch.setattr(fonts, "font_folders", lambda: iter([folder]))
    monkeypatch.setenv("PATH", str(tmp_path))
    return folder


def codes(report: ComputerReport) -> list[str]:
    return [problem.code for problem in report.problems]


def fact(report: ComputerReport, label: str) -> str:
    return dict(report.facts)[label]


def test_the_report_has_the_versions_of_the_program_and_of_all_its_libraries() -> None:
    report = inspect_computer()
    assert fact(report, "Appeal Merge") == __version__
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = [re.split(r"[><=; ]", line)[0] for line in project["dependencies"]]
    assert sorted(LIBRARIES) == sorted(names)
    for name in names:
        assert re.search(rf"\b{name} \d+\.\d", fact(report, "Packages")), name


def test_the_report_names_no_people_no_campaign_and_no_home_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "Ines Alvarez"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("MERGE_HOME", str(home / "private"))
    assert merge("letters", folder).code == 0
    text = inspect_computer(folder).text
    for name in ("Ana", "Ruiz", "Appeal for", "Li", "Bo Berg", "Consul", "Ines", "Alvarez"):
        assert not re.search(rf"\b{name}\b", text), name
    assert f"Private folder: {Path('~', 'private')}, can be written" in text


@pytest.mark.posix("permissions of POSIX")
def test_the_report_names_no_folders_outside_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home" / "ines"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home" / "ines"))
    monkeypatch.setenv("MERGE_HOME", str(tmp_path / "Free Marta Ruiz" / "Ines" / "private"))
    private = fact(inspect_computer(), "Private folder")
    assert re.match(r"[^,]*…, can be written", private)
    for name in (*tmp_path.parts[2:], "Marta", "Ines", "private"):
        assert name not in private, name
    (tmp_path / "Free Marta Ruiz" / "Ines").chmod(0o500)
    monkeypatch.setenv("MERGE_HOME", str(tmp_path / "Free Marta Ruiz" / "Ines" / "other"))
    with permissions_count():
        assert "Marta" not in inspect_computer().text
    (tmp_path / "Free Marta Ruiz" / "Ines").chmod(0o700)


@pytest.mark.usefixtures("_no_libreoffice")
def test_a_computer_without_libreoffice_is_reported_with_the_remedy() -> None:
    report = inspect_computer()
    assert fact(report, "LibreOffice") == "not found"
    assert "no-writer" in codes(report)
    assert (
        "warning  LibreOffice: LibreOffice is not installed. Print previews, page counts and PDFs"
        " need it; everything else works without it. Install it from libreoffice.org if you want"
        " to use them." in report.text
    )


@pytest.mark.libreoffice
def test_an_installed_libreoffice_is_reported_with_its_version() -> None:
    report = inspect_computer()
    assert re.match(r"\d+\.\d+, ", fact(report, "LibreOffice"))
    assert "no-writer" not in codes(report)


@pytest.mark.usefixtures("latin_fonts")
def test_scripts_with_and_without_a_font_are_reported() -> None:
    report = inspect_computer()
    assert fact(report, "Fonts for") == "Latin"
    assert "Devanagari" in fact(report, "No fonts for")


@pytest.mark.posix("permissions of POSIX")
@pytest.mark.disk("permissions")
def test_a_read_only_campaign_folder_is_reported_with_the_remedy(folder: Path) -> None:
    folder.chmod(0o500)
    with permissions_count():
        report = inspect_computer(folder)
        assert merge("doctor", folder).code == 1
    folder.chmod(0o700)
    assert (
        "error  the campaign folder: You do not have permission to write here (Permission denied)."
        " Ask your IT support for write access." in report.text
    )
    assert merge("doctor", folder).code == 0


@pytest.mark.posix("permissions of POSIX")
@pytest.mark.disk("permissions")
@pytest.mark.parametrize("is_there", [True, False])
def test_a_read_only_private_folder_is_reported_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_there: bool
) -> None:
    home = tmp_path / "home"
    read_only = home / "private" if is_there else home
    read_only.mkdir(parents=True)
    read_only.chmod(0o500)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("MERGE_HOME", str(home / "private"))
    with permissions_count():
        report = inspect_computer()
    read_only.chmod(0o700)
    assert codes(report)[0] == "folder-closed"
    assert (
        f"error  {Path('~', 'private')}: You do not have permission to write here (Permission"
        " denied). Ask your IT support for write access." in report.text
    )


@pytest.mark.posix("locks of POSIX are replaced")
@pytest.mark.disk("links")
def test_a_disk_without_links_and_locks_is_reported(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    assert ", links, locks, " in fact(inspect_computer(folder), "Campaign folder")
    monkeypatch.setattr("os.link", no_links)
    monkeypatch.setattr("fcntl.flock", lambda *_: None)
    report = inspect_computer(folder)
    assert ", no links, no locks, " in fact(report, "Campaign folder")
    assert (
        "warning  the campaign folder: Files cannot be locked on this disk, so the program does not"
        " notice if two people create or print letters at the same time. Take turns, or move the"
        " campaign to another disk." in report.text
    )


def test_a_computer_on_which_the_page_cannot_be_opened_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_address(*_: object) -> None:
        raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")

    assert fact(inspect_computer(), "Page") == "can be opened"
    assert fact(inspect_computer(port=4711), "Page") == "open, port 4711"
    monkeypatch.setattr("socket.socket.bind", no_address)
    report = inspect_computer()
    assert fact(report, "Page") == "cannot be opened"
    assert "the page: The page cannot be started (Cannot assign requested address)." in report.text


def test_the_report_leaves_nothing_in_a_campaign_folder(folder: Path) -> None:
    assert merge("letters", folder).code == 0
    with unchanged(folder):
        names = sorted(path.name for path in folder.rglob("*"))
        inspect_computer(folder)
        assert sorted(path.name for path in folder.rglob("*")) == names


def test_the_report_of_a_campaign_with_damaged_files_has_everything_else(folder: Path) -> None:
    (folder / "signers.xlsx").write_bytes(b"no workbook")
    (folder / "templates" / "appeal.docx").write_bytes(b"no template")
    report = inspect_computer(folder)
    assert ", can be written, " in fact(report, "Campaign folder")


def test_merge_doctor_prints_the_report_and_the_same_as_json(folder: Path) -> None:
    ran = merge("doctor", folder)
    result = merge("doctor", folder, "--json").json
    report = inspect_computer(folder)
    assert [line.split(":")[0] for line in ran.out.splitlines()][: len(report.facts)] == [
        label for label, _ in report.facts
    ]
    assert [*result["facts"]] == [label for label, _ in report.facts]
    assert sorted(problem["code"] for problem in result["problems"]) == sorted(codes(report))
    assert "send these lines to your support contact" in ran.err


def test_merge_doctor_of_a_missing_folder_is_a_wrong_command(tmp_path: Path) -> None:
    ran = merge("doctor", tmp_path / "missing")
    assert ran.code == 2
    assert "Folder not found." in ran.err


@pytest.mark.slow
@pytest.mark.usefixtures("_no_libreoffice")
def test_help_shows_the_report_with_the_port_and_a_button_that_copies_it(folder: Path) -> None:
    with opened(folder) as page:
        assert "Packages" not in page.words("help")
        for address in ("/help", f"/c/{page.key}/help"):
            screen = BeautifulSoup(page.client.post(address).get_data(as_text=True), "html.parser")
            (shown,), (button,) = screen.select("pre#report"), screen.select("#copy-report")
            assert button["data-copy"] == shown.text
            assert "Page: open, port 80" in shown.text
            assert "Install it from libreoffice.org" in folded(screen.get_text(" "))
