"""The architecture of docs/concepts.md: order of imports, use of libraries, lazy loading."""

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
from support.modules import FILES, PACKAGE, TABLES, nodes, shown
from support.registers import made

ORDER = (
    "product",
    "advice",
    "problems",
    "errors",
    "values",
    "people",
    "letter_status",
    "affected_letters",
    "text",
    "naming",
    "messages",
    "countries",
    "disk",
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
    "board_report",
    "campaign",
    "page",
    "cli",
    "__main__",
)
DOORS = {
    "babel": {"countries", "excel", "page", "template"},
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
    """A file as it is imported: `merge.state.ledger`."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


@cache
def _arrows() -> dict[str, set[str]]:
    """The files that each file imports, at its top or inside a function."""
    names = {_name(path) for path in FILES}
    arrows: dict[str, set[str]] = {name: set() for name in names}
    for path in FILES:
        for node in nodes(path):
            found: list[str] = []
            if isinstance(node, ast.Import):
                found = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                inside = [f"{node.module}.{alias.name}" for alias in node.names]
                found = [name if name in names else node.module for name in inside]
            arrows[_name(path)] |= {name for name in found if name in names}
    return arrows


def _circle(arrows: Mapping[str, set[str]]) -> set[str]:
    """The files of import circles and what lies between them: what is left without loose ends."""
    left = {name: set(to) for name, to in arrows.items()}
    while ends := {name for name, to in left.items() if not to & set(left)}:
        left = {name: to for name, to in left.items() if name not in ends}
    return set(left)


def _loaded(code: str, *words: str) -> set[str]:
    """The names of all modules that a new Python has loaded when it has run the code."""
    code += "\nprint('\\n', *sys.modules, sep='\\n')"
    command = [sys.executable, "-c", "import sys\n" + code, *words]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, cwd=PACKAGE.parent)
    return set(ran.stdout.split("\n"))


def test_every_module_has_its_place_in_the_order() -> None:
    assert {_module(path) for path in FILES} - {"__init__"} == set(ORDER)


def _below(path: Path) -> set[str]:
    """What a file imports that stands below it."""
    own = _module(path)
    ours = {name.split(".")[1] for name in _imports(path) if name.startswith("merge.")}
    return {name for name in ours if own in ORDER and ORDER.index(name) > ORDER.index(own)}


def test_a_module_imports_only_what_stands_above_it() -> None:
    assert {shown(path): below for path in FILES if (below := _below(path))} == {}


def _beside_its_door(path: Path) -> set[str]:
    used = {name.split(".")[0] for name in _imports(path)} & set(DOORS)
    return {name for name in used if _module(path) not in DOORS[name]}


def test_a_library_is_reached_through_its_door() -> None:
    assert {shown(path): found for path in FILES if (found := _beside_its_door(path))} == {}


def _of_the_face(path: Path) -> set[str]:
    """What only the face may call or import, and a file does."""
    calls = (node.func for node in nodes(path) if isinstance(node, ast.Call))
    called = {name.id for name in calls if isinstance(name, ast.Name)}
    return called & {"print", "input", "exit"} | {"sys"} & {*_imports(path)}


def test_only_the_face_prints_and_exits() -> None:
    others = [path for path in FILES if _module(path) not in {"cli", "page", "__main__"}]
    assert {shown(path): found for path in others if (found := _of_the_face(path))} == {}


def test_no_file_is_longer_than_a_newcomer_reads() -> None:
    lines = {shown(path): len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert {name: number for name, number in lines.items() if number > 800} == {}


def test_no_two_modules_of_a_package_share_a_name() -> None:
    for folder in {path.parent for path in FILES}:
        inside = [
            p.stem for p in folder.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()
        ]
        assert [name for name, count in Counter(inside).items() if count > 1] == []


def test_no_files_import_each_other_in_a_circle() -> None:
    assert _circle(_arrows()) == set()


def test_a_circle_is_found_where_there_is_one() -> None:
    arrows = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set[str]()}
    assert _circle(arrows) == {"a", "b", "c"}
    assert len(_arrows()["merge.cli.commands"]) > 1


def test_help_loads_no_library_that_reads_or_makes_files() -> None:
    loaded = _loaded("from merge.cli import main\nassert main(['--help']) == 0")
    assert "click" in loaded
    assert not loaded & {"lxml", "docxtpl", "openpyxl", "docx", "flask", "waitress"}


def test_the_page_begins_without_what_only_some_of_its_work_needs() -> None:
    loaded = _loaded("import merge.page.app, merge.page.serving")
    assert "flask" in loaded
    assert not loaded & {"openpyxl", "pypdf"}


def test_reading_a_register_loads_no_openpyxl(tmp_path: Path) -> None:
    path = made(tmp_path)
    loaded = _loaded(
        "from pathlib import Path\nfrom merge.register.reading import read_register\n"
        "assert len(read_register(Path(sys.argv[1])).rows) == 6",
        str(path),
    )
    assert "merge.register.reading" in loaded
    assert "openpyxl" not in loaded


def test_making_letters_loads_nothing_of_the_network_and_no_phrases_of_forms() -> None:
    loaded = _loaded(
        "import merge.campaign.letters_run, merge.campaign.overview, merge.cli.letters_command"
    )
    assert {"merge.checks.misspelt_headings", "merge.proofreading.text"} <= loaded
    assert not loaded & {"ssl", "http.client", "urllib.request", "merge.intake.headings"}


def test_importing_the_package_loads_no_library_that_takes_long() -> None:
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
"""Where Unicode's normal forms may be used, and why."""


def _folds(path: Path) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr in _FOLDS for node in nodes(path))


def test_texts_are_folded_in_one_module() -> None:
    assert {shown(path) for path in FILES if _folds(path)} == set(_MAY_FOLD)


_JUDGED = {
    "entries that are no names": ("asdf", {"workbook/doubts.tsv"}),
    "particles of names": ("della", {"text/names.tsv"}),
    "titles of people": ("monsieur", {"text/names.tsv"}),
    "code pages that break accents": ("mac_roman", {"text/accents.py"}),
    "names of months": ("february", set[str]()),
}
"""A word that a judgement about cells cannot do without, and where it may stand."""


def _words_said(path: Path) -> set[str]:
    """The words of a file's constants, without those of docstrings; of a table, all."""
    if path.suffix == ".tsv":
        return set(path.read_text("utf-8").lower().replace(";", " ").split())
    told = {n.value for n in nodes(path) if isinstance(n, ast.Expr)}
    texts = (n.value for n in nodes(path) if isinstance(n, ast.Constant) and n not in told)
    return {word for text in texts if isinstance(text, str) for word in text.lower().split()}


@pytest.mark.parametrize("judgement", _JUDGED)
def test_a_cell_is_judged_in_one_place(judgement: str) -> None:
    word, homes = _JUDGED[judgement]
    others = [path for path in FILES if _module(path) != "messages"]  # their examples
    judges = {shown(path) for path in (*others, *TABLES) if word in _words_said(path)}
    assert judges == homes


_COMPARES = {
    "text/names.py": "names of people",
    "naming.py": "the nearest known word",
    "intake/headings.py": "headings",
    "proofreading/differences.py": "paragraphs",
}
"""Which modules measure how alike texts are, and of what."""
_SALTS = {"naming.py": "Salt", "state/ledger.py": "where the salt of a folder is kept"}


def test_names_of_people_are_compared_in_one_module() -> None:
    assert {shown(path) for path in FILES if "difflib" in _imports(path)} == set(_COMPARES)


def _salts(path: Path) -> bool:
    calls = (node for node in nodes(path) if isinstance(node, ast.Call))
    hashes = (c for c in calls if isinstance(c.func, ast.Attribute) and c.func.attr == "blake2b")
    return any(keyword.arg == "key" for call in hashes for keyword in call.keywords)


def test_hashes_are_salted_in_one_module() -> None:
    assert {shown(path) for path in FILES if _salts(path)} == set(_SALTS)


_CHOICES = {
    "ImportChoices": "of an import",
    "OrderChoices": "between versions of a letter",
    "IdentityChoices": "who is who",
}


def test_what_staff_choose_for_an_import_is_one_class() -> None:
    classes = (node.name for p in FILES for node in nodes(p) if isinstance(node, ast.ClassDef))
    assert sorted(name for name in classes if name.endswith("Choices")) == sorted(_CHOICES)


_KINDS_OF_PEOPLE = ("list ", "typed ", "deleted ", "refused ")
_STORED_KEYS = {"intake/known_people.py": "a row that staff typed: a hash of this key is stored"}


def _keys_as_text(path: Path) -> bool:
    """Return whether a file makes a key of a person as text, such as `list F12`."""
    texts = (node.values[0] for node in nodes(path) if isinstance(node, ast.JoinedStr))
    begins = (text.value for text in texts if isinstance(text, ast.Constant))
    return any(begin in _KINDS_OF_PEOPLE for begin in begins)


def test_people_have_keys_that_are_no_texts() -> None:
    assert {shown(path) for path in FILES if _keys_as_text(path)} == set(_STORED_KEYS)


def _adds_words(path: Path) -> bool:
    """Return whether a file puts together a list of words from several lines."""
    own = ast.parse(path.read_text("utf-8")).body
    added = (node.value for node in own if isinstance(node, ast.AugAssign))
    sets = (value.elts for value in added if isinstance(value, ast.Set))
    return any(isinstance(word, ast.Constant) for words in sets for word in words)


def test_long_lists_of_words_are_tables() -> None:
    assert {shown(path) for path in FILES if _adds_words(path)} == set()


def _reads_words(node: ast.AST) -> bool:
    """Whether code looks into a text that was made for people: a date, or the reason of a step."""
    match node:
        case ast.Attribute(attr="strptime") | ast.Attribute(value=ast.Attribute(attr="reason")):
            return True
        case ast.Compare(left=left, comparators=others):
            return any(isinstance(n, ast.Attribute) and n.attr == "reason" for n in (left, *others))
    return False


def test_no_fact_is_read_back_from_a_text_for_people() -> None:
    for code in ("dt.datetime.strptime(a, b)", "x in step.reason", "step.reason.find(x)"):
        assert any(map(_reads_words, ast.walk(ast.parse(code)))), code
    assert [shown(path) for path in FILES if any(map(_reads_words, nodes(path)))] == []


def _positional(path: Path, classes: AbstractSet[str]) -> Iterator[str]:
    """Yield the classes that are called with more than four arguments without their names."""
    for node in nodes(path):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            lists = (a.value for a in node.args if isinstance(a, ast.Starred))
            listed = sum(len(a.elts) - 1 for a in lists if isinstance(a, ast.Tuple))
            if node.func.id in classes and len(node.args) + listed > 4:
                yield node.func.id


def test_objects_of_more_than_four_arguments_are_made_by_their_names() -> None:
    classes = {n.name for p in FILES for n in nodes(p) if isinstance(n, ast.ClassDef)}
    classes -= {"Hint"}  # takes any number of words and remedies
    assert {shown(p): found for p in FILES if (found := [*_positional(p, classes)])} == {}
