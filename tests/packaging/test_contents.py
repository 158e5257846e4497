"""Contents of a package: libraries, licences, the list, Babel's data."""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
import tomllib
from pathlib import Path

import pytest
from babel import Locale, localedata
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

ROOT = next(p for p in Path(__file__).resolve().parents if (p / "pyproject.toml").is_file())
sys.path.append(str(ROOT / "packaging"))

import babel_data
import contents


def _name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[ ;<>=!\[]", text)[0]).lower()


def test_the_libraries_of_a_package_are_those_of_pyproject_and_what_they_need() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = {_name(library.name) for library in contents.libraries()}
    assert found >= {_name(line) for line in project["dependencies"]}
    assert found >= {"et-xmlfile", "markupsafe", "werkzeug"}
    assert not found & {"pytest", "selenium", "appeal-merge"}


def test_a_package_has_a_licence_for_every_library() -> None:
    for library in contents.libraries():
        text = "".join(contents.licence_texts(library))
        assert re.search("permi|licen", text, re.IGNORECASE), library.name
    for name, version, _ in contents.BROWSER_LIBRARIES:
        assert version in (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8"), name


def test_modules_without_a_known_licence_stop_the_packaging() -> None:
    everything = {"merge/page/app.py", *(library.name for library in contents.libraries())}
    modules = {
        {"python-docx": "docx", "typing_extensions": "typing_extensions"}.get(name, name.lower())
        for name in everything
    }
    contents.check_libraries(modules | {"json.decoder", "babel/global.dat"})
    with pytest.raises(SystemExit, match=r"packed: \['pytest'\]"):
        contents.check_libraries(modules | {"pytest"})
    with pytest.raises(SystemExit, match=r"not packed: \['docxtpl'\]"):
        contents.check_libraries(modules - {"docxtpl"})


def test_the_bill_of_materials_has_every_library_and_the_hash_of_the_package(
    tmp_path: Path,
) -> None:
    package = tmp_path / "package.tar.gz"
    package.write_bytes(b"abc")
    bill = json.loads(contents.bill_of_materials("1.0", [package]))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    by_name = {component["name"]: component for component in bill["components"]}
    assert by_name.keys() >= {library.name for library in contents.libraries()}
    assert by_name.keys() >= {"python", "sqlite", "openssl", "jszip"}
    assert by_name["package.tar.gz"]["hashes"][0]["content"].startswith("ba7816bf8f01cfea")
    assert by_name["jszip"]["licenses"] == [{"expression": "MIT"}]
    assert by_name["waitress"]["licenses"] == [{"license": {"name": "ZPL 2.1"}}]
    assert contents.bill_of_materials("1.0", [package]) == json.dumps(bill, indent=1) + "\n"


def _texts(language: str) -> list[object]:
    """Return what the program takes from Babel for a language."""
    locale, day = Locale.parse(language), dt.datetime(2026, 3, 4, 17, 5)  # noqa: DTZ001 - as in a cell
    return [
        *(format_date(day, length, locale) for length in ("short", "medium", "long", "full")),
        *(
            format_datetime(day, pattern, locale=locale)
            for pattern in ("d MMMM yyyy HH:mm", "QQQQ zzzz")
        ),
        *(format_decimal(number, locale=locale) for number in (1234567.891, -1)),
        *(dict(names) for names in (locale.territories, locale.languages, locale.months["format"])),
        (locale.display_name, locale.text_direction),
    ]


@pytest.mark.slow
def test_the_smaller_data_of_babel_give_the_same_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    languages = localedata.locale_identifiers()[::40]
    monkeypatch.setattr(localedata, "_cache", {})
    before = [_texts(language) for language in languages]
    babel_data.write_used_data(tmp_path)
    full = Path(localedata.__file__).with_name("locale-data")
    assert {p.name for p in tmp_path.iterdir()} == {p.name for p in full.glob("*.dat")}
    sizes = [sum(p.stat().st_size for p in folder.iterdir()) for folder in (tmp_path, full)]
    assert sizes[0] < 0.7 * sizes[1]
    monkeypatch.setattr(localedata, "_dirname", str(tmp_path))
    monkeypatch.setattr(localedata, "_cache", {})
    assert [_texts(language) for language in languages] == before
    assert "unit_patterns" not in localedata.load("fr")
