"""The architecture in docs/concepts.md: imports, libraries, lazy loading."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path

import pytest
from support.modules import (
    FILES,
    PACKAGE,
    TABLES,
    file_operations,
    nodes,
    operations_in,
    shown,
)
from support.registers import make_register

ORDER = (
    "product",
    "advice",
    "problems",
    "errors",
    "values",
    "people",
    "letter_inputs",
    "letter_status",
    "affected_letters",
    "text",
    "naming",
    "messages",
    "countries",
    "disk",
    "computer",
    "ooxml",
    "excel",
    "workbook",
    "state",
    "register",
    "intake",
    "template",
    "checks",
    "printing",
    "proofreading",
    "starting",
    "board_report",
    "campaign",
    "page",
    "cli",
    "__main__",
)
LIBRARY_USERS = {
    "babel": {"countries", "excel", "page", "starting", "template"},
    "chardet": {"intake"},
    "click": {"cli"},
    "docx": {"ooxml", "printing", "proofreading"},
    "docxtpl": {"template"},
    "filelock": {"page", "printing", "state"},
    "flask": {"page"},
    "isal": {"ooxml"},
    "jinja2": {"page", "template"},
    "lxml": {"ooxml", "template"},
    "openpyxl": {"board_report", "excel", "intake", "proofreading", "register"},
    "pypdf": {"printing"},
    "sqlite3": {"state"},
    "waitress": {"page"},
    "werkzeug": {"page"},
}


def _module(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def _imports(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _name(path: Path) -> str:
    """Return the name under which a file is imported: `merge.state.ledger`."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


@cache
def _imported_files() -> dict[str, set[str]]:
    """Return the files that each file imports, at its top or in a function."""
    names = {_name(path) for path in FILES}
    imports: dict[str, set[str]] = {name: set() for name in names}
    for path in FILES:
        for node in nodes(path):
            imported: list[str] = []
            if isinstance(node, ast.Import):
                imported = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                targets = [f"{node.module}.{alias.name}" for alias in node.names]
                imported = [name if name in names else node.module for name in targets]
            imports[_name(path)] |= {name for name in imported if name in names}
    return imports


def _import_cycles(imports: Mapping[str, set[str]]) -> set[str]:
    """Return the files in import cycles, and the files that import them.

    They are the rest after files without imports in the rest are removed.
    """
    rest = {name: set(targets) for name, targets in imports.items()}
    while leaves := {name for name, targets in rest.items() if not targets & set(rest)}:
        rest = {name: targets for name, targets in rest.items() if name not in leaves}
    return set(rest)


def _loaded(code: str, *words: str) -> set[str]:
    """Return the names of all modules that a new Python loads for the code."""
    code += "\nprint('\\n', *sys.modules, sep='\\n')"
    command = [sys.executable, "-c", "import sys\n" + code, *words]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, cwd=PACKAGE.parent)
    return set(ran.stdout.split("\n"))


def test_every_package_is_in_the_order_of_imports() -> None:
    assert {_module(path) for path in FILES} - {"__init__"} == set(ORDER)


def _imports_from_below(path: Path) -> set[str]:
    """Return the imported packages that are below the file's own."""
    own_package = _module(path)
    packages = {name.split(".")[1] for name in _imports(path) if name.startswith("merge.")}
    return {
        name
        for name in packages
        if own_package in ORDER and ORDER.index(name) > ORDER.index(own_package)
    }


def test_a_package_imports_only_packages_above_it() -> None:
    assert {shown(path): below for path in FILES if (below := _imports_from_below(path))} == {}


def _forbidden_libraries(path: Path) -> set[str]:
    used = {name.split(".")[0] for name in _imports(path)} & set(LIBRARY_USERS)
    return {name for name in used if _module(path) not in LIBRARY_USERS[name]}


def test_a_library_is_imported_only_by_its_packages() -> None:
    assert {shown(path): found for path in FILES if (found := _forbidden_libraries(path))} == {}


def _front_end_calls(path: Path) -> set[str]:
    """Return calls and imports of a file that only a front end may have."""
    calls = (node.func for node in nodes(path) if isinstance(node, ast.Call))
    names = {name.id for name in calls if isinstance(name, ast.Name)}
    return names & {"print", "input", "exit"} | {"sys"} & {*_imports(path)}


def test_only_front_ends_print_and_exit() -> None:
    front_ends = {"cli", "page", "__main__"}
    reading_the_system = {"computer"}  # `sys.platform` has no other name
    allowed = front_ends | reading_the_system
    other_files = [path for path in FILES if _module(path) not in allowed]
    assert {shown(path): found for path in other_files if (found := _front_end_calls(path))} == {}


def test_no_file_has_more_than_800_lines() -> None:
    lines = {shown(path): len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert {name: number for name, number in lines.items() if number > 800} == {}


def test_no_two_modules_of_a_package_share_a_name() -> None:
    for folder in {path.parent for path in FILES}:
        names = [
            p.stem for p in folder.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()
        ]
        assert [name for name, count in Counter(names).items() if count > 1] == []


def test_there_are_no_import_cycles() -> None:
    assert _import_cycles(_imported_files()) == set()


def test_an_import_cycle_is_found() -> None:
    imports = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set[str]()}
    assert _import_cycles(imports) == {"a", "b", "c"}
    assert len(_imported_files()["merge.cli.commands"]) > 1


def test_help_loads_no_library_for_files() -> None:
    loaded = _loaded("from merge.cli import main\nassert main(['--help']) == 0")
    assert "click" in loaded
    assert not loaded & {"lxml", "docxtpl", "openpyxl", "docx", "flask", "waitress"}


def test_the_page_starts_without_openpyxl_and_pypdf() -> None:
    loaded = _loaded("import merge.page.app, merge.page.serving")
    assert "flask" in loaded
    assert not loaded & {"openpyxl", "pypdf"}


def test_reading_a_register_loads_no_openpyxl(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    loaded = _loaded(
        "from pathlib import Path\nfrom merge.register.reading import read_register\n"
        "assert len(read_register(Path(sys.argv[1])).rows) == 6",
        str(path),
    )
    assert "merge.register.reading" in loaded
    assert "openpyxl" not in loaded


def test_creating_letters_loads_no_network_modules_and_no_phrases_of_forms() -> None:
    loaded = _loaded(
        "import merge.campaign.letters_run, merge.campaign.overview, merge.cli.letters_command"
    )
    assert {"merge.checks.misspelt_headings", "merge.proofreading.text"} <= loaded
    assert not loaded & {"ssl", "http.client", "urllib.request", "merge.intake.headings"}


def test_importing_the_package_loads_no_slow_library() -> None:
    loaded = _loaded("import merge")
    assert "merge" in loaded
    assert not loaded & {"lxml", "docxtpl", "openpyxl", "docx", "flask", "waitress"}


_FOLDS = {"normalize", "casefold"}
_MAY_FOLD = {
    "text/folding.py": "the home of the functions that compare texts",
    "naming.py": "a placeholder keeps ß, and its case is lowered; a file system has its own rule",
    "ooxml/new_docx.py": "the width of an accented letter is that of its base letter",
    "template/links.py": "a browser reads a server's name so (IDNA)",
}
"""Files that may use Unicode's normal forms, and the reasons."""


def _folds(path: Path) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr in _FOLDS for node in nodes(path))


def test_only_one_module_folds_texts() -> None:
    assert {shown(path) for path in FILES if _folds(path)} == set(_MAY_FOLD)


_JUDGED = {
    "entries that are no names": ("asdf", {"workbook/plausibility.tsv"}),
    "particles of names": ("della", {"text/names.tsv"}),
    "titles of people": ("monsieur", {"text/names.tsv"}),
    "code pages that break accents": ("mac_roman", {"text/accents.py"}),
    "names of months": ("february", set[str]()),
}
"""Words that a judgement about cells needs, and the files they may be in."""


def _words_in_code(path: Path) -> set[str]:
    """Return the words of a file's constants, without docstrings.

    Of a table, return all words.
    """
    if path.suffix == ".tsv":
        return set(path.read_text("utf-8").lower().replace(";", " ").split())
    docstrings = {n.value for n in nodes(path) if isinstance(n, ast.Expr)}
    texts = (n.value for n in nodes(path) if isinstance(n, ast.Constant) and n not in docstrings)
    return {word for text in texts if isinstance(text, str) for word in text.lower().split()}


@pytest.mark.parametrize("judgement", _JUDGED)
def test_only_one_file_has_the_words_that_judge_cells(judgement: str) -> None:
    word, homes = _JUDGED[judgement]
    other_files = [path for path in FILES if _module(path) != "messages"]  # messages have examples
    judges = {shown(path) for path in (*other_files, *TABLES) if word in _words_in_code(path)}
    assert judges == homes


_COMPARES = {
    "text/names.py": "names of people",
    "naming.py": "the nearest known word",
    "intake/headings.py": "headings",
    "proofreading/differences.py": "paragraphs",
    "starting/alignment.py": "paragraphs of letters side by side",
}
"""Modules that measure how similar texts are, and which texts."""
_SALTS = {"naming.py": "Salt"}


def test_only_known_modules_compare_similar_texts() -> None:
    assert {shown(path) for path in FILES if "difflib" in _imports(path)} == set(_COMPARES)


def _salts(path: Path) -> bool:
    calls = (node for node in nodes(path) if isinstance(node, ast.Call))
    hashes = (c for c in calls if isinstance(c.func, ast.Attribute) and c.func.attr == "blake2b")
    return any(keyword.arg == "key" for call in hashes for keyword in call.keywords)


def test_only_known_modules_salt_hashes() -> None:
    assert {shown(path) for path in FILES if _salts(path)} == set(_SALTS)


_CHOICES = {
    "ImportChoices": "of an import",
    "LetterVersionChoices": "between versions of a letter",
    "IdentityChoices": "who is who",
}


def test_the_choices_of_an_import_are_one_class() -> None:
    classes = (node.name for p in FILES for node in nodes(p) if isinstance(node, ast.ClassDef))
    assert sorted(name for name in classes if name.endswith("Choices")) == sorted(_CHOICES)


_KINDS_OF_PEOPLE = ("list ", "typed ", "deleted ", "refused ")
_STORED_KEYS = {"intake/known_people.py": "a row that staff typed: a hash of this key is stored"}


def _keys_as_text(path: Path) -> bool:
    """Return whether a file creates keys of people as text: `list F12`."""
    texts = (node.values[0] for node in nodes(path) if isinstance(node, ast.JoinedStr))
    beginnings = (text.value for text in texts if isinstance(text, ast.Constant))
    return any(beginning in _KINDS_OF_PEOPLE for beginning in beginnings)


def test_keys_of_people_are_not_texts() -> None:
    assert {shown(path) for path in FILES if _keys_as_text(path)} == set(_STORED_KEYS)


def _extends_word_list(path: Path) -> bool:
    """Return whether a file extends a list of words over several lines."""
    added = (node.value for node in nodes(path) if isinstance(node, ast.AugAssign))
    sets = (value.elts for value in added if isinstance(value, ast.Set))
    return any(isinstance(word, ast.Constant) for words in sets for word in words)


def test_long_lists_of_words_are_in_tables() -> None:
    assert {shown(path) for path in FILES if _extends_word_list(path)} == set()


def _reads_words(node: ast.AST) -> bool:
    """Return whether code reads a text that is made for people.

    Such a text is a date or the reason of a step.
    """
    match node:
        case ast.Attribute(attr="strptime") | ast.Attribute(value=ast.Attribute(attr="reason")):
            return True
        case ast.Compare(left=left, comparators=comparators):
            return any(
                isinstance(n, ast.Attribute) and n.attr == "reason" for n in (left, *comparators)
            )
    return False


def test_no_code_reads_facts_from_texts_for_people() -> None:
    for code in ("dt.datetime.strptime(a, b)", "x in step.reason", "step.reason.find(x)"):
        assert any(map(_reads_words, ast.walk(ast.parse(code)))), code
    assert [shown(path) for path in FILES if any(map(_reads_words, nodes(path)))] == []


def _positional(path: Path, classes: AbstractSet[str]) -> Iterator[str]:
    """Yield classes that are called with more than four unnamed arguments."""
    for node in nodes(path):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            lists = (a.value for a in node.args if isinstance(a, ast.Starred))
            listed = sum(len(a.elts) - 1 for a in lists if isinstance(a, ast.Tuple))
            if node.func.id in classes and len(node.args) + listed > 4:
                yield node.func.id


def test_calls_with_more_than_four_arguments_name_them() -> None:
    classes = {n.name for p in FILES for n in nodes(p) if isinstance(n, ast.ClassDef)}
    classes -= {"Hint"}  # accepts any number of texts and remedies
    assert {shown(p): found for p in FILES if (found := [*_positional(p, classes)])} == {}


def _is_path_with_system_slashes(node: ast.AST) -> bool:
    """Return whether code turns a path into text with `os.sep`."""
    match node:
        case ast.Call(func=ast.Name(id="str"), args=[ast.Call(func=ast.Attribute(attr=attr))]):
            return attr == "relative_to"
        case ast.Attribute(value=ast.Name(id="os"), attr=("sep" | "altsep")):
            return True
        case ast.Attribute(value=ast.Attribute(attr="path"), attr=("join" | "relpath")):
            return True
    return False


def test_paths_in_the_ledger_and_register_have_slashes_on_every_system() -> None:
    for code in ("str(a.relative_to(b))", "os.sep", "os.path.join(a, b)"):
        assert any(map(_is_path_with_system_slashes, ast.walk(ast.parse(code)))), code
    found = {shown(p) for p in FILES if any(map(_is_path_with_system_slashes, nodes(p)))}
    assert found == set()


_LOCK_MODULES = {
    *("page/instance.py", "printing/libreoffice.py"),
    *("state/disk_check.py", "state/letter_folder.py"),
}
_DATABASE_MODULES = {"state/private_state.py"}


def _modules_with(*operations: str) -> set[str]:
    return {module for module, _, operation in file_operations() if operation in operations}


def test_file_operations_are_found_in_code() -> None:
    code = (
        "a.unlink()\nos.replace(a, b)\na.replace(b)\na.replace(b, c)\nreplace(a, b=c)\n"
        "a.rename(b)\nshutil.rmtree(a)\nlock = FileLock(a)\nfcntl.flock(a, b)\nos.stat(a)"
    )
    assert sorted(operations_in(ast.walk(ast.parse(code)))) == [
        *("FileLock", "Path.replace", "fcntl.flock", "os.replace", "rename", "shutil.rmtree"),
        "unlink",
    ]


def test_only_the_disk_module_renames_links_and_removes_files() -> None:
    locks = {"FileLock", "sqlite3.connect", "fcntl.flock", "msvcrt.locking"}
    assert _modules_with(*({operation for *_, operation in file_operations()} - locks)) == {
        "disk.py"
    }


def test_only_known_modules_lock_files_and_open_databases() -> None:
    assert {shown(path) for path in FILES if "FileLock" in path.read_text("utf-8")} == _LOCK_MODULES
    assert _modules_with("sqlite3.connect") == _DATABASE_MODULES
    assert _modules_with("fcntl.flock", "msvcrt.locking") == set()
