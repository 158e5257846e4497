"""Test of the installer for Windows: `python packaging/installer_test.py`.

It installs an older version, upgrades it, runs the smoke test with the installed programs, and
uninstalls. So it refuses a computer on which Appeal Merge is installed already.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from build_package import compile_installer
from contents import DIST, FOLDER
from smoke_test import Computer, check, is_running, new_computer, ok, select_quit, wait_for

from merge.product import __version__

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))
from support.page_program import Served

_OLDER = "0.9.0"
_SILENT = ("/VERYSILENT", "/SUPPRESSMSGBOXES", "/NORESTART")
_UNINSTALL = (
    r"Software\Microsoft\Windows\CurrentVersion\Uninstall"
    r"\{6A5D1C37-3B0E-4C0E-9B53-7F7C4E1D2A90}_is1"
)
_LOCAL, _ROAMING = Path(os.environ["LOCALAPPDATA"]), Path(os.environ["APPDATA"])
INSTALLED = _LOCAL / "Programs" / "Appeal Merge"
ICONS = (
    _ROAMING / "Microsoft" / "Windows" / "Start Menu" / "Programs" / "Appeal Merge.lnk",
    Path(os.environ["USERPROFILE"]) / "Desktop" / "Appeal Merge.lnk",
)


def listed_version(root: str) -> str:
    """Return the version of Appeal Merge in the list of installed programs, or empty.

    `root` is `HKCU` for the list of this user, `HKLM` for that of all users.
    """
    command = ["reg", "query", f"{root}\\{_UNINSTALL}", "/v", "DisplayVersion"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    return asked.stdout.split()[-1] if asked.returncode == 0 else ""


def check_installed(version: str) -> None:
    """Stop unless exactly this version is installed, with its icons, for this user only."""
    check(listed_version("HKCU") == version, f"{version} is installed")
    check(not listed_version("HKLM"), "it is not for all users")
    check(all(icon.is_file() for icon in ICONS), "Start menu and desktop have the icon")


def run_setup(program: Path, log: Path) -> int:
    """Run an installer or an uninstaller to its end; return its exit code."""
    return subprocess.run([program, *_SILENT, f"/LOG={log}"], check=False).returncode


def start_icon(computer: Computer, icon: Path) -> Served:
    """Start the program as a double-click on its icon does, and enter its page."""
    process = computer.start("cmd", "/c", "start", "", icon)
    page = Served(process, computer.opened_link())
    check(page.enter() == "/", "the page shows the list of campaigns")
    return page


def quit_icon(page: Served) -> None:
    """Select Quit on the page, and wait until the program has ended."""
    select_quit(page)
    wait_for(lambda: not is_running(INSTALLED / "Appeal Merge.exe"), "the program has ended")


def check_same_files() -> None:
    """Stop unless the installed files are those of the package, and the uninstaller."""
    files = {p.relative_to(FOLDER): p.read_bytes() for p in FOLDER.rglob("*") if p.is_file()}
    found = {p.relative_to(INSTALLED): p for p in INSTALLED.rglob("*") if p.is_file()}
    others = {path.name for path in found.keys() - files.keys()}
    check(others <= {"unins000.exe", "unins000.dat", "unins000.msg"}, f"other files: {others}")
    check(all(found[p].read_bytes() == files[p] for p in files), "all files are installed")


def test_installer(computer: Computer, older: Path, newer: Path, logs: Path) -> None:
    """Install, upgrade, try and uninstall."""
    check(run_setup(older, logs / "install.log") == 0, "the installer ends with 0")
    check_installed(_OLDER)
    (INSTALLED / "_internal" / "of an older version.pyd").write_bytes(b"")
    ok("installed for this user, without a question; icons in the Start menu and on the desktop")

    page = start_icon(computer, ICONS[0])
    campaign = computer.home / "Appeal letters" / "Käthe"
    computer.run(INSTALLED / "merge.exe", "new", campaign)
    computer.run(INSTALLED / "merge.exe", "letters", campaign)
    ok("the icon in the Start menu opens the page")
    check(run_setup(newer, logs / "running.log") != 0, "Setup stops while the program is running")
    check(page.inside("/")[0].status == 200, "the program that is running still works")
    check_installed(_OLDER)
    quit_icon(page)
    ok("Setup changes nothing while the program is running")

    private = {p: p.read_bytes() for p in computer.home.rglob("*") if p.is_file()}
    check(run_setup(newer, logs / "upgrade.log") == 0, "the upgrade ends with 0")
    check_installed(__version__)
    check_same_files()
    ok("upgraded: every file is that of the new version")
    quit_icon(start_icon(computer, ICONS[1]))
    ok("the icon on the desktop opens the page")
    smoke = [sys.executable, str(Path(__file__).with_name("smoke_test.py"))]
    environment = {**os.environ, "SMOKE_FOLDER": str(INSTALLED)}
    check(not subprocess.run(smoke, env=environment, check=False).returncode, "the smoke test")

    check(run_setup(INSTALLED / "unins000.exe", logs / "uninstall.log") == 0, "uninstalled")
    # The uninstaller removes itself a moment after its end.
    wait_for(lambda: not INSTALLED.exists(), "the folder of the program is removed")
    check(not any(icon.exists() for icon in ICONS), "the icons are removed")
    check(not listed_version("HKCU"), "Windows does not list the program any more")
    changed = [p.name for p in private if not p.is_file()]
    check(not changed and len(private) > 12, f"campaigns and settings stay: {changed}")
    ok(f"uninstalled: {len(private)} files of campaigns and settings stay")


def main() -> None:
    """Install an older version of the package that was built last, and go on from there."""
    check(not INSTALLED.exists(), "Appeal Merge is not installed on this computer")
    (newer,) = DIST.glob(f"appeal-merge-{__version__}-windows-*.exe")
    logs = DIST.parent / "build" / "installer-logs"
    logs.mkdir(parents=True, exist_ok=True)
    with new_computer() as computer, tempfile.TemporaryDirectory() as folder:
        older = compile_installer(_OLDER, Path(folder) / "older.exe", "none")
        test_installer(computer, older, newer, logs)
    found = [p for folder in (_LOCAL, _ROAMING) for p in folder.rglob("*[Aa]ppeal*")]
    check(not [p for p in found if "Temp" not in p.parts], f"nothing else is left: {found}")
    ok(f"the installer has {newer.stat().st_size / 1e6:.0f} MB; its logs are in {logs}")


if __name__ == "__main__":
    main()
