"""Build the package for the system that runs this.

Everything is made in `build/package/`; the files to give away are in `dist/`. Variables of the
environment name the keys for signing, see docs/packaging.md. Without them nothing is signed.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from babel_data import write_used_data
from contents import DIST, FOLDER, WORK, bill_of_materials
from icons import write_icons

from merge.product import __version__

HERE = Path(__file__).resolve().parent
_SYSTEM = {"win32": "windows", "darwin": "mac"}.get(sys.platform, "linux")
_MACHINE = {"amd64": "x64", "x86_64": "x64", "aarch64": "arm64"}
_NO_TIME = 315532800  # 1980-01-01: the same content gives the same package


def main() -> None:
    """Build the package, and its list of contents."""
    shutil.rmtree(WORK, ignore_errors=True)
    DIST.mkdir(exist_ok=True)
    write_icons(WORK)
    write_used_data(WORK / "locale-data")
    (WORK / "version.txt").write_text(_windows_version(), encoding="utf-8")
    _run_pyinstaller()
    machine = platform.machine().lower()
    name = f"appeal-merge-{__version__}-{_SYSTEM}-{_MACHINE.get(machine, machine)}"
    package = _PACKERS[_SYSTEM](name)
    bill = bill_of_materials(__version__, [package])
    (DIST / f"{name}.cdx.json").write_text(bill, encoding="utf-8")
    print(package)


def _run_pyinstaller() -> None:
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level=ERROR"]
    command += [f"--distpath={FOLDER.parent}", f"--workpath={WORK / 'pyinstaller'}"]
    variables = {
        "PACKAGE_WORK": str(WORK),
        "PYTHONHASHSEED": "1",
        "SOURCE_DATE_EPOCH": f"{_NO_TIME}",
    }
    _run(*command, HERE / "appeal-merge.spec", **variables)


def _pack_linux(name: str) -> Path:
    """Return a tarball: the folder with an icon and a script for the menu."""
    for path in (WORK / "appeal-merge.png", HERE / "linux" / "install.sh"):
        shutil.copy(path, FOLDER)
    package = DIST / f"{name}.tar.gz"

    def without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime = _NO_TIME
        return member

    with tarfile.open(package, "w:gz") as archive:
        archive.add(FOLDER, FOLDER.name, filter=without_owner)
    return package


def _pack_mac(name: str) -> Path:
    """Return a disk image with the app, and a link to the folder for apps."""
    package, image = DIST / f"{name}.dmg", WORK / "image"
    image.mkdir()
    shutil.move(FOLDER.parent / "Appeal Merge.app", image)
    (image / "Applications").symlink_to("/Applications")
    create = ("hdiutil", "create", "-ov", "-format", "UDZO", "-volname", "Appeal Merge")
    _run(*create, "-srcfolder", image, package)
    if identity := os.environ.get("MAC_IDENTITY"):
        _run("codesign", "--sign", identity, "--timestamp", package)
    if profile := os.environ.get("MAC_NOTARY_PROFILE"):
        _run("xcrun", "notarytool", "submit", "--wait", "--keychain-profile", profile, package)
        _run("xcrun", "stapler", "staple", package)
    return package


def _pack_windows(name: str) -> Path:
    """Return an installer for Windows.

    The environment variable WINDOWS_SIGN names a program that signs the file that it gets.
    """
    sign = os.environ.get("WINDOWS_SIGN")
    for program in FOLDER.glob("*.exe") if sign else ():
        _run(str(sign), program)
    package = compile_installer(__version__, DIST / f"{name}.exe")
    if sign:
        _run(sign, package)
    return package


def compile_installer(version: str, package: Path, compression: str = "lzma2") -> Path:
    """Return an installer for Windows of the package that was built last."""
    values = {
        "Version": version,
        "Source": FOLDER,
        "Output": package.parent,
        "Name": package.stem,
        "Compression": compression,
    }
    compiler = shutil.which("iscc") or r"C:\Program Files (x86)\Inno Setup 6\ISCC.exe"
    defined = (f"/D{key}={value}" for key, value in values.items())
    _run(compiler, "/Q", *defined, HERE / "windows.iss")
    return package


_PACKERS = {"linux": _pack_linux, "mac": _pack_mac, "windows": _pack_windows}


def _windows_version() -> str:
    """Return what Windows shows as the properties of the programs."""
    numbers = [int(part) for part in re.findall(r"\d+", __version__)][:3]
    fields = {
        "ProductName": "Appeal Merge",
        "FileDescription": "Appeal Merge",
        "ProductVersion": __version__,
        "FileVersion": __version__,
        "LegalCopyright": "MIT licence",
    }
    structs = ", ".join(f"StringStruct({key!r}, {value!r})" for key, value in fields.items())
    version = (*numbers, 0)
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={version}, prodvers={version}), kids=["
        f"StringFileInfo([StringTable('040904B0', [{structs}])]),"
        " VarFileInfo([VarStruct('Translation', [1033, 1200])])])"
    )


def _run(*command: str | Path, **variables: str) -> None:
    subprocess.run(list(map(str, command)), check=True, env={**os.environ, **variables})


if __name__ == "__main__":
    main()
