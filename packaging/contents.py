"""Contents of a package: its libraries, their licences, the list (SBOM)."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import shutil
import sqlite3
import ssl
import subprocess
import sysconfig
import uuid
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution, packages_distributions
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
WORK, DIST = ROOT / "build" / "package", ROOT / "dist"
FOLDER = WORK / "program" / "appeal-merge"
"""The folder that PyInstaller fills."""
PRODUCT = "appeal-merge"
_OURS = {PRODUCT, "pyinstaller", "pyinstaller-hooks-contrib"}
_LICENCE_NAME = re.compile(r"(licen[cs]e|copying|copyright|notice|authors)[^/]*$", re.IGNORECASE)
_VENDOR = ROOT / "merge" / "page" / "static" / "vendor"
BROWSER_LIBRARIES = (("docx-preview", "0.4.1", "Apache-2.0"), ("jszip", "3.10.2", "MIT"))
"""Libraries that the page sends to the browser: name, version, licence."""


def libraries() -> list[Distribution]:
    """Return the libraries that the program needs, and those that they need."""
    found: dict[str, Distribution] = {}
    waiting = [PRODUCT]
    while waiting:
        name = _normal_name(waiting.pop())
        if name not in found:
            found[name] = distribution(name)
            requirements = map(Requirement, found[name].requires or ())
            waiting += [r.name for r in requirements if not r.marker or r.marker.evaluate()]
    return [found[name] for name in sorted(found) if name != PRODUCT]


def check_libraries(modules: Iterable[str]) -> None:
    """Stop if the packed modules are not those of the libraries with licences.

    `modules` are names of modules, or paths of files in the package.
    """
    owners = packages_distributions()
    roots = {re.split(r"[./\\]", module)[0] for module in modules}
    packed = {_normal_name(name) for root in roots for name in owners.get(root, ())}
    known = {_normal_name(library.name) for library in libraries()}
    if (packed := packed - _OURS) != known:
        raise SystemExit(f"packed: {sorted(packed - known)}; not packed: {sorted(known - packed)}")


def licences_text(shared_libraries: Iterable[Path] = ()) -> str:
    """Return the licences of everything inside, one after the other.

    `shared_libraries` are files of a Linux system. Those that its package manager knows have a
    licence there.
    """
    sections = {
        "Appeal Merge": (ROOT / "LICENSE").read_text(encoding="utf-8"),
        f"Python {platform.python_version()}, and libraries in it": _python_licence(),
    }
    for library in (*libraries(), distribution("pyinstaller")):
        sections[f"{library.name} {library.version}"] = "\n\n".join(licence_texts(library))
    for name, version, _ in BROWSER_LIBRARIES:
        texts = [p.read_text("utf-8") for p in sorted(_VENDOR.glob(f"{name}*LICEN*"))]
        sections[f"{name} {version}"] = "\n\n".join(texts)
    for owner in sorted(set(filter(None, map(_system_package, shared_libraries)))):
        path = Path("/usr/share/doc", owner, "copyright")
        sections[owner] = path.read_text("utf-8", "replace") if path.is_file() else ""
    if missing := [name for name, text in sections.items() if not text.strip()]:
        raise SystemExit(f"No licence was found: {', '.join(missing)}")
    line = "=" * 72
    return "\n".join(
        f"{line}\n{name}\n{line}\n\n{text.strip()}\n" for name, text in sections.items()
    )


def bill_of_materials(version: str, files: Iterable[Path]) -> str:
    """Return the contents as a bill of materials (CycloneDX 1.6), with hashes."""
    components = [
        _component("library", library.name, library.version, _licence_name(library))
        | {"purl": f"pkg:pypi/{_normal_name(library.name)}@{library.version}"}
        for library in libraries()
    ]
    components += [_component("library", *library) for library in BROWSER_LIBRARIES]
    for name, inside, licence in (
        ("python", platform.python_version(), "PSF-2.0"),
        ("openssl", ssl.OPENSSL_VERSION.split()[1], "Apache-2.0"),
        ("sqlite", sqlite3.sqlite_version, "blessing"),
    ):
        components.append(_component("library", name, inside, licence))
    for path in sorted(files):
        digest = {"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}
        components.append({"type": "file", "name": path.name, "hashes": [digest]})
    text = json.dumps(components, sort_keys=True)
    program = _component("application", PRODUCT, version, "MIT")
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, text)}",
        "version": 1,
        "metadata": {"component": program},
        "components": components,
    }
    return json.dumps(bill, indent=1) + "\n"


def _component(kind: str, name: str, version: str, licence: str) -> dict[str, object]:
    """Return a component; a licence without an SPDX expression is a name."""
    is_expression = re.fullmatch(r"[\w.+-]+( (AND|OR|WITH) [\w.+-]+)*", licence)
    stated = {"expression": licence} if is_expression else {"license": {"name": licence}}
    return {"type": kind, "name": name, "version": version, "licenses": [stated]}


def _licence_name(library: Distribution) -> str:
    """Return the SPDX expression of a library's licence, or its other name."""
    fields = library.metadata.json
    classifiers = [c.rpartition(" :: ")[2] for c in fields["classifier"] if "License ::" in c]
    written = str(fields.get("license", "")).strip().partition("\n")[0]
    return str(fields.get("license_expression") or written or ", ".join(classifiers))


def licence_texts(library: Distribution) -> Iterator[str]:
    """Yield the texts of a library's licences.

    A library without such a file has one in packaging/licences/.
    """
    texts = [
        Path(str(file.locate())).read_text("utf-8", "replace")
        for file in library.files or ()
        if _LICENCE_NAME.search(str(file)) and not str(file).endswith((".py", ".pyc"))
    ]
    stored = Path(__file__).parent / "licences" / f"{_normal_name(library.name)}.txt"
    yield from texts or ([stored.read_text("utf-8")] if stored.is_file() else [])


def _python_licence() -> str:
    """Return Python's licence, which also has those of the libraries in it."""
    folders = (Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_config_var("base")))
    for path in (folder / "LICENSE.txt" for folder in folders):
        if path.is_file():
            return path.read_text(encoding="utf-8")
    return ""


def _system_package(path: Path) -> str:
    """Return the Debian package of a file, or empty."""
    if not (dpkg := shutil.which("dpkg")):
        return ""
    names = {str(path), str(path).removeprefix("/usr"), str(path.resolve())}
    for name in names:
        asked = subprocess.run([dpkg, "-S", name], capture_output=True, text=True, check=False)
        if asked.returncode == 0:
            return asked.stdout.partition(":")[0]
    return ""


def _normal_name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
