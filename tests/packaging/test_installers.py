"""Installers: the icon, the menu of Linux, the installer of Windows."""

from __future__ import annotations

import ast
import os
import plistlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = next(p for p in Path(__file__).resolve().parents if (p / "pyproject.toml").is_file())
sys.path.append(str(ROOT / "packaging"))

import checksums
import icons


def test_the_icon_has_the_sizes_of_windows_mac_and_linux(tmp_path: Path) -> None:
    icons.write_icons(tmp_path)
    with Image.open(tmp_path / "appeal-merge.ico") as icon:
        assert icon.info["sizes"] >= {(16, 16), (32, 32), (48, 48), (256, 256)}
    with Image.open(tmp_path / "appeal-merge.icns") as icon:
        assert (512, 512, 2) in icon.info["sizes"]
    with Image.open(tmp_path / "appeal-merge.png") as icon:
        assert icon.size == (256, 256)
        assert icon.getpixel((2, 2)) == (0, 0, 0, 0)
        assert icon.getpixel((128, 40)) == (15, 92, 87, 255)
        assert icon.getpixel((128, 80)) == (255, 255, 255, 255)


def _unescaped(exec_line: str) -> str:
    """Return the program of an Exec line, by the Desktop Entry Specification."""
    text = exec_line.replace("\\\\", "\\")
    quoted = re.fullmatch(r'"((?:[^"\\]|\\.)*)"', text)
    assert quoted, exec_line
    return re.sub(r"\\(.)", r"\1", quoted[1]).replace("%%", "%")


def _run_install_sh(script: Path, home: Path, *options: str) -> str:
    """Return what the script prints for a user with this home folder."""
    unset = {"XDG_DATA_HOME", "XDG_CONFIG_HOME"}
    environment = {key: value for key, value in os.environ.items() if key not in unset}
    variables = {**environment, "HOME": str(home), "PATH": "/usr/bin:/bin"}
    command = ["sh", str(script), *options]
    return subprocess.run(command, env=variables, check=True, capture_output=True, text=True).stdout


@pytest.mark.skipif(sys.platform != "linux", reason="a script for Linux")
@pytest.mark.parametrize("name", ["appeal-merge", "my $100% “best” `x` 'a' programs"])
def test_install_sh_adds_the_program_to_menu_and_desktop_and_removes_it(
    tmp_path: Path, name: str
) -> None:
    folder, home = tmp_path / name, tmp_path / "home"
    (home / "Desktop").mkdir(parents=True)
    folder.mkdir()
    (folder / "appeal-merge").touch()
    script = Path(shutil.copy(ROOT / "packaging" / "linux" / "install.sh", folder))
    assert "in the menu now" in _run_install_sh(script, home)
    menu = home / ".local" / "share" / "applications" / "appeal-merge.desktop"
    desktop = home / "Desktop" / "appeal-merge.desktop"
    entry = dict(re.findall(r"^(\w+)=(.*)$", menu.read_text(encoding="utf-8"), re.MULTILINE))
    assert _unescaped(entry["Exec"]) == f"{folder}/appeal-merge"
    assert entry["Icon"] == f"{folder}/appeal-merge.png"
    assert entry["Terminal"] == "false"
    assert "MimeType" not in entry
    assert desktop.read_text(encoding="utf-8") == menu.read_text(encoding="utf-8")
    assert os.access(desktop, os.X_OK)
    campaign = home / "Appeal letters"
    campaign.mkdir()
    assert f"delete this folder: {folder}\n" in _run_install_sh(script, home, "--remove")
    assert not menu.exists()
    assert not desktop.exists()
    assert campaign.exists()
    assert folder.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="a script for Linux")
def test_install_sh_finds_its_own_folder_through_a_link_and_names_no_other(tmp_path: Path) -> None:
    folder, desktop = tmp_path / "appeal-merge", tmp_path / "home" / "Desktop"
    desktop.mkdir(parents=True)
    folder.mkdir()
    script = Path(shutil.copy(ROOT / "packaging" / "linux" / "install.sh", folder))
    link = desktop / "install.sh"
    link.symlink_to(script)
    assert "folder" not in _run_install_sh(link, desktop.parent, "--remove")
    (folder / "appeal-merge").touch()
    _run_install_sh(link, desktop.parent)
    icon = (desktop / "appeal-merge.desktop").read_text(encoding="utf-8")
    assert f'Exec="{folder}/appeal-merge"\n' in icon
    removed = _run_install_sh(link, desktop.parent, "--remove")
    assert removed.endswith(f"delete this folder: {folder}\n")


@pytest.mark.skipif(sys.platform != "linux", reason="a script for Linux")
def test_install_sh_replaces_a_link_in_the_place_of_its_icons(tmp_path: Path) -> None:
    home, target = tmp_path / "home", tmp_path / "other.desktop"
    menu = home / ".local" / "share" / "applications" / "appeal-merge.desktop"
    desktop = home / "Desktop" / "appeal-merge.desktop"
    for path in (menu, desktop):
        path.parent.mkdir(parents=True)
    script = Path(shutil.copy(ROOT / "packaging" / "linux" / "install.sh", tmp_path))
    target.write_text("of another program", encoding="utf-8")
    menu.symlink_to(target)
    desktop.symlink_to(menu)
    for _ in range(2):
        assert "in the menu now" in _run_install_sh(script, home)
        assert not menu.is_symlink()
        assert desktop.read_bytes() == menu.read_bytes()
        desktop.unlink()
        desktop.symlink_to(menu)
    assert target.read_text(encoding="utf-8") == "of another program"


def test_windows_iss_needs_no_administrator_and_leaves_campaigns_and_documents_alone() -> None:
    text = (ROOT / "packaging" / "windows.iss").read_text(encoding="utf-8")
    code = "\n".join(line for line in text.splitlines() if not line.startswith(";"))
    assert "PrivilegesRequired=lowest" in code
    assert "DefaultDirName={localappdata}\\Programs\\Appeal Merge" in code
    assert "ChangesAssociations=no" in code
    assert not re.search(r"^\[(Registry|UninstallDelete|Code)\]", code, re.MULTILINE)
    assert re.findall(r'Name: "\{(user\w+)\}', code) == ["userprograms", "userdesktop"]
    assert re.findall(r"^Type: .*", code, re.MULTILINE) == [
        r'Type: filesandordirs; Name: "{app}\_internal"'
    ]
    start = (ROOT / "merge" / "cli" / "icon_start.py").read_text(encoding="utf-8")
    mutex = re.search(r"^AppMutex=(\w+)$", code, re.MULTILINE)
    assert mutex
    assert f'"{mutex[1]}"' in start
    name = re.search(r"^AppId=\{(\{\S+\})$", code, re.MULTILINE)
    assert name
    test = (ROOT / "packaging" / "installer_test.py").read_text(encoding="utf-8")
    assert f"{name[1]}_is1" in test


def test_windows_iss_speaks_the_languages_of_the_page() -> None:
    text = (ROOT / "packaging" / "windows.iss").read_text(encoding="utf-8")
    languages = {path.stem for path in (ROOT / "merge" / "page" / "locale").glob("*.po")}
    assert set(re.findall(r'^Name: "(\w\w)";', text, re.MULTILINE)) == {"en", *languages}


@pytest.mark.skipif(sys.platform != "linux", reason="a script for Linux")
def test_windows_python_names_the_packages_that_a_machine_without_apt_needs(tmp_path: Path) -> None:
    for name in ("dirname", "id", "tr"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    script, folder = ROOT / "tools" / "windows_python.sh", tmp_path / "windows"
    command = [str(shutil.which("sh")), str(script), str(folder), "package"]
    ran = subprocess.run(
        command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert "apt cannot bring them here: wine wine64 wine32:i386 xvfb xauth npm" in ran.stderr
    assert not folder.exists()


def test_checksums_are_those_that_sha256sum_checks(tmp_path: Path) -> None:
    for name in ("b.exe", "a.tar.gz"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    checksums.write_checksums(tmp_path)
    checksums.write_checksums(tmp_path)
    lines = (tmp_path / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert [line.split("  ")[1] for line in lines] == ["a.tar.gz", "b.exe"]
    if program := shutil.which("sha256sum"):
        subprocess.run([program, "--check", "--quiet", "SHA256SUMS"], cwd=tmp_path, check=True)


# What can be checked here of the package for a Mac


@pytest.mark.posix("a shell of POSIX")
@pytest.mark.parametrize(
    "script", sorted(ROOT.glob("packaging/**/*.sh")) + sorted(ROOT.glob("tools/*.sh")), ids=str
)
def test_each_shell_script_can_be_read_by_a_shell(script: Path) -> None:
    subprocess.run(["sh", "-n", script], check=True)


def test_the_mac_app_has_a_valid_property_list() -> None:
    tree = ast.parse((ROOT / "packaging" / "appeal-merge.spec").read_text(encoding="utf-8"))
    (entries,) = (
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "info_plist"
    )
    properties = eval(ast.unparse(entries), {"name": "Appeal Merge"})  # noqa: S307 - our own text
    assert plistlib.loads(plistlib.dumps(properties)) == properties
    assert properties["CFBundleExecutable"] == "Appeal Merge"
