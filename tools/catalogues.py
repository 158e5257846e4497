"""Update the page's catalogues to the current sentences of its templates.

A new or changed sentence has no translation yet; an unused one is removed. Missing translations are
counted.

    python tools/catalogues.py [FOLDER]
"""

import ast
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from merge.letter_status import STATE_LABELS
from merge.page.guard import SENTENCES
from merge.page.languages import CATALOGUES, CODES, DEFAULT
from merge.page.placeholder_pane import EXAMPLE_LABELS
from merge.page.remedies import ANSWERS_ON_DATA, COMMAND_LABELS
from merge.register.layouts import STAGES
from merge.starting.questions import NO_COLUMN, NOTICES, WORDINGS

PACKAGE = Path(__file__).resolve().parent.parent / "merge"
_TEMPLATES = PACKAGE / "page" / "templates"


@cache
def sentences() -> Catalog:
    """Return all sentences of the page, in English, in its templates' order."""
    catalogue = Catalog()
    extracted = extract_from_dir(
        str(_TEMPLATES),
        [("**.html", "jinja2")],
        {"**.html": {"trimmed": "true", "silent": "false"}},
        comment_tags=(),
    )
    for _file, _line, words, _comments, context in sorted(
        extracted, key=lambda message: message[:2]
    ):
        catalogue.add(words, context=context)
    in_code = (*STATE_LABELS.values(), *STAGES, *SENTENCES, *EXAMPLE_LABELS.values())
    questions = [words for wordings in WORDINGS.values() for words in wordings]
    about_letters = ("recipient", "signer", NO_COLUMN, *questions, *NOTICES.values())
    answers = (COMMAND_LABELS[f"letters {name}"] for name in ANSWERS_ON_DATA)
    for words in (*in_code, *_steps(), *about_letters, *answers):
        catalogue.add(words)
    return catalogue


def _steps() -> Iterator[str]:
    """Yield the names of tasks' steps, which are beside the progress bar."""
    folders = (PACKAGE / "campaign", PACKAGE / "page" / "routes")
    for path in (path for folder in folders for path in sorted(folder.glob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"start_step", "track"}
                and len(node.args) == 2
                and isinstance(node.args[1], ast.Constant)
                and isinstance(node.args[1].value, str)
            ):
                yield node.args[1].value


def read(code: str, folder: Path = CATALOGUES) -> Catalog:
    """Return a language's catalogue as it is."""
    path = folder / f"{code}.po"
    if not path.exists():
        return Catalog(locale=code)
    with path.open("rb") as file:
        return read_po(file, locale=code)


def updated(code: str, folder: Path = CATALOGUES) -> Catalog:
    """Return a language's catalogue with exactly the current sentences."""
    old, new = read(code, folder), Catalog(locale=code, fuzzy=False)
    for message in sentences():
        if not message.id:
            continue
        key = message.id[0] if isinstance(message.id, tuple) else message.id
        known = old.get(key, message.context)
        words = known.string if known and known.id == message.id else ""
        new.add(message.id, words, context=message.context)
    return new


def write(code: str, catalogue: Catalog, folder: Path = CATALOGUES) -> None:
    """Write a language's catalogue, in its own order, without dates.

    The header names Babel's order of plural forms: gettext's own differs in Arabic.
    """
    with (folder / f"{code}.po").open("wb") as file:
        file.write(_header(code, catalogue).encode())
        write_po(file, catalogue, width=100, omit_header=True, no_location=True)


def _header(code: str, catalogue: Catalog) -> str:
    fields = (
        ("Project-Id-Version", "Appeal Merge"),
        ("Language", code),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
        ("Plural-Forms", catalogue.plural_forms),
    )
    lines = (f'"{name}: {value}\\n"' for name, value in fields)
    return "\n".join(('msgid ""', 'msgstr ""', *lines, "", ""))


def missing(catalogue: Catalog) -> list[str]:
    """Return the sentences without a translation."""
    messages = (message for message in catalogue if message.id)
    return [
        str(message.id)
        for message in messages
        if not all(message.string if isinstance(message.string, tuple) else [message.string])
    ]


def main(arguments: Sequence[str]) -> int:
    """Update all catalogues of a folder; return 1 if a translation is missing."""
    folder, lacking = Path(arguments[0]) if arguments else CATALOGUES, False
    for code in CODES:
        if code == DEFAULT:
            continue
        catalogue = updated(code, folder)
        write(code, catalogue, folder)
        without = missing(catalogue)
        lacking = lacking or bool(without)
        print(f"{code}: {len(catalogue)} sentences, {len(without)} without a translation")
    return int(lacking)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
