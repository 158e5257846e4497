"""Installers: the icon, the menu of Linux, the installer of Windows."""

from __future__ import annotations

import os
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


@pytest.mark.skipif(sys.platform != "linux", reason="a script for Linux")
@pytest.mark.parametrize("name", ["appeal-merge", "my $100% “best” `x` 'a' programs"])
def test_install_sh_adds_the_program_to_menu_and_desktop_and_removes_it(
    tmp_path: Path, name: str
) -> None:
    folder, home = tmp_path / name, tmp_path / "home"
    (home / "Desktop").mkdir(parents=True)
    folder.mkdir()
    script = shutil.copy(ROOT / "packaging" / "linux" / "install.sh", folder)
    unset = {"XDG_DATA_HOME", "XDG_CONFIG_HOME"}
    environment = {key: value for key, value in os.environ.items() if key not in unset}

    def run(*options: str) -> str:
        command = ["sh", str(script), *options]
        variables = {**environment, "HOME": str(home), "PATH": "/usr/bin:/bin"}
        return subprocess.run(
            command, env=variables, check=True, capture_output=True, text=True
        ).stdout

    assert "in the menu now" in run()
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
    run("--remove")
    assert not menu.exists()
    assert not desktop.exists()
    assert campaign.exists()
    assert folder.exists()


def test_windows_iss_needs_no_administrator_and_leaves_campaigns_and_documents_alone() -> None:
    text = (ROOT / "packaging" / "windows.iss").read_text(encoding="utf-8")
    code = "\n".join(line for line in text.splitlines() if not line.startswith(";"))
    assert "PrivilegesRequired=lowest" in code
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


def test_checksums_are_those_that_sha256sum_checks(tmp_path: Path) -> None:
    for name in ("b.exe", "a.tar.gz"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    checksums.write_checksums(tmp_path)
    checksums.write_checksums(tmp_path)
    lines = (tmp_path / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert [line.split("  ")[1] for line in lines] == ["a.tar.gz", "b.exe"]
    if program := shutil.which("sha256sum"):
        subprocess.run([program, "--check", "--quiet", "SHA256SUMS"], cwd=tmp_path, check=True)
