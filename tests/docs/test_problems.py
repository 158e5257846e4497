"""docs/problems.md: all codes of the program, with examples as printed."""

from __future__ import annotations

import ast
import datetime as dt
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from support.campaigns import LINES, ROOT, make, merge
from support.checked_campaigns import hide
from support.documents import MAIN, OFFICE, PACKAGE, block, docx, paragraph, run, table, zipped
from support.marked_content import picture, relation
from support.marked_template import with_relations
from support.modules import nodes
from support.workbooks import Formatted, Rows, campaign, edited, xlsx

from merge.workbook.reading import LIST_FILE

PAGE = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
CODE = re.compile(r"[a-z]+(-[a-z]+)+|nobody")
NO_CODES = {
    *(
        "stand-alone",
        "signers-at-risk",
        "start-from-letters",
        "release-notes",
        "delete-person",
        "mm-dd-yy",
        "yyyy-mm-dd",
        "no-value",
        "error-value",
        "no-date",
        "x-systime",
        "x-sysdate",
        "ms-word",
        "re-saved",
    ),
    *("core-properties", "mmm-yy", "d-mmm-yy", "d-mmm", "on-paper", "in-use", "edited-changed"),
    *("re-saved", "resaved-changed", "moved-changed", "on-paper-changed"),
    *("other-letter", "changed-since", "closed-folder", "asked-again", "not-replaced", "set-aside"),
    *("one-file", "print-file", "per-signer", "one-sided", "two-sided", "start-ns"),
    *(
        "fc-list",
        "mac-roman",
        "no-store",
        "same-origin",
        "cross-origin",
        "appeal-merge",
        "xdg-open",
        "python-docx",
        "my-campaign",
        "my-campagn",
        "re-saved",
    ),
}
"""Words in the source that look like codes but are not."""


def codes() -> set[str]:
    """Return all codes in the source, except reasons for a review.

    The names of OpenDocument's elements, in ods.py, look like codes.
    """
    files = [path for path in (ROOT / "merge").rglob("*.py") if path.name != "ods.py"]
    texts = {text for path in files for text in _texts(path)}
    intake = ROOT / "merge" / "intake"
    types = (intake / "form_types.py", intake / "list_types.py")
    return texts - NO_CODES - {text for path in types for text in _texts(path)}


def _texts(path: Path) -> Iterator[str]:
    """Yield texts of a module that look like codes."""
    for node in nodes(path):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and CODE.fullmatch(text):
            yield text


def entries() -> dict[str, str]:
    """Return the text of the page below each code."""
    parts = re.split(r"^### `([a-z-]+)`$", PAGE, flags=re.MULTILINE)
    assert len(parts[1::2]) == len(set(parts[1::2])), "a code is there twice"
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_problems_md_has_exactly_the_codes_of_the_program() -> None:
    assert set(entries()) == codes()


def test_each_code_in_problems_md_has_an_explanation_and_an_example() -> None:
    meaning, example = r"((?!```)(.+\n)+\n)+", r"```\n(error|warning)  \S.*\n {7}.+\n```\n"
    form = rf"\n\n{meaning}{example}(\n## (.*\n)+|\n?)"
    assert [code for code, text in entries().items() if not re.fullmatch(form, text)] == []


@dataclass(frozen=True)
class Case:
    """A campaign with one problem.

    `files` are written last; None deletes a file.
    """

    template: str | bytes = LINES
    sheets: Mapping[str, Rows] = field(default_factory=dict)
    files: Mapping[str, bytes | None] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    hidden: int = 0


MANY = [["Name"], *([f"Person {number}"] for number in range(1025))]


def recipient_column(heading: str, *values: object, tag: str = "") -> Case:
    """Return a case of recipients with a column, and a letter that prints it."""
    names = ("Minister Li", "Consul Roy", "Judge Kim")
    rows = [["Name", heading], *([n, v] for n, v in zip(names, values, strict=False))]
    shown = tag or f"{{{{ recipient.{heading.lower()} }}}}"
    return Case(f"Dear {{{{ recipient.name }}}},\nI was in {shown}.", {"Recipients": rows})


def day_as_text(text: str) -> Case:
    """Return a case with a recipient's day as another program writes it."""
    with TemporaryDirectory() as folder:
        sheets = {"Recipients": [["Name", "Day"], ["Minister Li", text]]}
        book = campaign(Path(folder), **sheets)
        cell = f't="inlineStr"><is><t>{text}</t></is>', f't="d"><v>{text}</v>'
        data = edited(book, "xl/worksheets/sheet2.xml", cell).read_bytes()
    body = "Dear {{ recipient.name }},\nI was there on {{ recipient.day }}."
    return Case(body, files={"signers.xlsx": data})


def signers_with_names(*names: object) -> Case:
    return Case(sheets={"Signers": [["Name"], *([n] for n in names)]})


def setting(name: object, value: object) -> Case:
    return Case(sheets={"Settings": [["Name", "Value"], [name, value]]})


def pair_rows(*rows: list[Any], template: str = LINES) -> Case:
    return Case(template, {"Pairs": [["Signer", "Recipient", "Reason"], *rows]})


def workbook_file(data: bytes | None) -> Case:
    return Case(files={"signers.xlsx": data})


def list_of_signers(**sheets: Rows) -> Case:
    with TemporaryDirectory() as folder:
        return Case(files={LIST_FILE: xlsx(Path(folder), LIST_FILE, **sheets).read_bytes()})


def template_file(data: bytes | None) -> Case:
    return Case(files={"templates/appeal.docx": data})


def ole(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + stream.encode("utf-16-le")


def marks(*kinds: str) -> list[str]:
    return [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in kinds]


def field_code(text: str) -> str:
    """Return a field with this code."""
    begin, separate, end = marks("begin", "separate", "end")
    code = f"<w:r><w:instrText xml:space='preserve'> {text} </w:instrText></w:r>"
    return paragraph("Dear ", begin, code, separate, run("x"), end)


def ledger_of_version(number: int, program: str) -> bytes:
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(f"CREATE TABLE fact (name, value); PRAGMA user_version = {number};")
        db.execute("INSERT INTO fact VALUES ('program', ?)", (f'"{program}"',))
        db.commit()
        return db.serialize()


LOOP = "{% for a in recipient.name|lines %}"
BULKY = b"PK\x03\x04" + bytes(60 << 20)
ODT = zipped({"mimetype": "application/vnd.oasis.opendocument.text"})
ODS = zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"})
BIN = '<Relationship Type="x/officeDocument" Target="xl/workbook.bin"/>'
XLSB = zipped({"_rels/.rels": f"<Relationships>{BIN}</Relationships>", "xl/workbook.bin": "x"})
ODD = zipped({"../x": "x"})
INSERTED = "<w:p><w:ins w:id='1' w:author='A'><w:r><w:t>Dear</w:t></w:r></w:ins></w:p>"
OUT_OF_PLACE = "<w:p><w:bookmarkStart w:id='1' w:name='{{ date }}'/><w:bookmarkEnd w:id='1'/></w:p>"
COMMENT = {
    "word/comments.xml": f'<w:comments xmlns:w="{MAIN}"/>',
    "word/_rels/document.xml.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="c" Type="{OFFICE}/comments" Target="comments.xml"/></Relationships>'
    ),
}
SITE = "www.example.org"
LINK = '<w:hyperlink r:id="x"><w:r><w:t>page</w:t></w:r></w:hyperlink>'
LINKED = with_relations(
    docx(block("Dear {{ recipient.name }},") + paragraph(LINK)),
    relation("x", "hyperlink", "{{ recipient.site }}", outside=True),
)
PICTURED = with_relations(
    docx(paragraph(picture(1, 'r:embed="x"'))),
    relation("x", "image", "media/image1.png"),
    more={"word/media/image1.png": b"\x89PNG\r\n\x1a\n"},
)
DRAWN = with_relations(
    docx(paragraph("Yours", picture(1, 'r:embed="x"'))),
    relation("x", "image", "media/image1.emf"),
    more={"word/media/image1.emf": b"a drawing"},
    types='<Default Extension="emf" ContentType="image/x-emf"/>',
)
FULL_NAMES: Rows = [["Name", "Full name"], ["Minister Li", "Minister Li"]]
BOUND = (
    '<w:sdt><w:sdtPr><w:dataBinding w:prefixMappings="xmlns:c=\'urn:c\'" w:xpath="//c:state"'
    ' w:storeItemID="{6C3C8BC8-F283-45AE-878A-BAB7291924A1}"/></w:sdtPr>'
    f"<w:sdtContent>{paragraph('Open')}</w:sdtContent></w:sdt>"
)
GERMAN: Rows = [["Language", "de"]]
ANAS: Rows = [["ID", "Name"], ["S1", "Ana Ruiz"], ["S2", "Ana Ruiz"]]
LANDS: Rows = [["Name", "Country"], ["Ana Ruiz", "Peru"], ["Bo Berg", "China"]]
DATED: Rows = [["Name", "Day"], ["Minister Li", "4 March 2026"]]
CASES: Mapping[str, Case] = {
    "workbook-missing": Case(files={"signers.xlsx": None, "singers.xlsx": b"x"}),
    "workbook-csv": workbook_file(b"Name,City\nAna,Rome\n"),
    "workbook-xls": workbook_file(ole("Workbook")),
    "workbook-xlsb": workbook_file(XLSB),
    "workbook-ods": workbook_file(ODS),
    "workbook-not-excel": workbook_file(b"%PDF-1.7"),
    "workbook-empty": workbook_file(b""),
    "workbook-protected": workbook_file(ole("EncryptedPackage")),
    "workbook-unreadable": workbook_file(b"PK\x03\x04 and no more"),
    "file-being-saved": workbook_file(b"PK\x03\x04 and no more"),
    "workbook-too-large": workbook_file(BULKY),
    "workbook-odd": workbook_file(ODD),
    "workbook-folder": Case(words=("--workbook", "my-campaign/templates")),
    "sheet-empty": Case(sheets={"Signers": []}),
    "sheet-near": Case(sheets={"Setings": [["Name", "Value"]]}),
    "heading-missing": Case(sheets={"Signers": [["Person", "City"], ["Ana Ruiz", "Rome"]]}),
    "heading-twice": Case(sheets={"Signers": [["Name", "City", "city "], ["Ana Ruiz"]]}),
    "heading-near": recipient_column("Included?", "no", tag="London"),
    "heading-unclear": Case(
        sheets={"Signers": [["Name", "Inclure", "Inclus"], ["Ana Ruiz", "oui", "non"]]}
    ),
    "template-column": Case(
        sheets={
            "Recipients": [["Name", "Letter"], ["Minister Li", "short.docx"]],
            "Settings": [["Template", "appeal.docx"]],
        },
        files={"templates/short.docx": docx("x")},
    ),
    "name-left-over": signers_with_names("Ana Ruiz", "N/A"),
    "name-part": Case(sheets={"Signers": [["Nom", "Prénom"], ["Ruiz", "Ana"]]}),
    "answers-unused": recipient_column("Takes part", "no", "yes", tag="London"),
    "template-unused": Case(
        sheets={"Settings": [["Template", "appeal.docx"]]},
        files={"templates/short.docx": docx("x")},
    ),
    "heading-without-letters": Case(sheets={"Signers": [["Name", "***"], ["Ana Ruiz", "x"]]}),
    "column-without-heading": Case(sheets={"Signers": [["Name", None], ["Ana Ruiz", "x"]]}),
    "nobody": Case(sheets={"Signers": [["Name"]]}),
    "name-missing": Case(sheets={"Signers": [["Name", "City"], [None, "Rome"], ["Ana", "x"]]}),
    "name-twice": signers_with_names("Ana Ruiz", "ana  ruiz"),
    "id-twice": Case(sheets={"Signers": [["ID", "Name"], [1, "Ana Ruiz"], [1, "Bo Berg"]]}),
    "include-unknown": Case(sheets={"Signers": [["Name", "Include"], ["Ana Ruiz", "maybe"]]}),
    "hidden-rows": Case(hidden=2),
    "setting-unknown": setting("Languages", "fr"),
    "setting-twice": Case(sheets={"Settings": [["Date", "2026-03-04"], ["Date", "2026-03-05"]]}),
    "setting-without-name": setting(None, "fr"),
    "setting-language": setting("Language", "french"),
    "setting-date": setting("Date", "04/03/2026"),
    "setting-hidden-rows": setting("Hidden rows", "maybe"),
    "setting-signers-from-forms": setting("Signers from forms", "maybe"),
    "list-sheet-missing": list_of_signers(People=[["Number", "Who"], ["F1", "Ana"]]),
    "setting-hidden-text": setting("Hidden text", "yes"),
    "setting-merge-fields": setting("Merge fields", "both"),
    "setting-pages": setting("Pages", "two"),
    "setting-column": setting("Match", "Contry"),
    "language-unknown": recipient_column("Language", "french"),
    "pair-nobody": pair_rows(["Ana Ruis", "Minister Li", None]),
    "pair-blank": pair_rows(["Ana Ruiz", None, None]),
    "pair-shared": Case(
        sheets={"Signers": ANAS, "Pairs": [["Signer", "Recipient"], ["Ana Ruiz", "*"]]}
    ),
    "unmatched-people": Case(sheets={"Signers": LANDS, "Settings": [["Match", "Country"]]}),
    "pair-twice": pair_rows(["Ana Ruiz", "*", "We met."], ["Ana Ruiz", "*", "We write."]),
    "pair-unclear": pair_rows(["Ana Ruiz", "*", "We met."], ["*", "Minister Li", "I read it."]),
    "unpaired-people": pair_rows(["Ana Ruiz", "*", None]),
    "nobody-of-that-name": Case(words=("--for", "Ana")),
    "template-missing": recipient_column("Template", "apeal"),
    "template-unclear": Case(files={"templates/short.docx": docx("x")}),
    "template-empty": template_file(b""),
    "template-doc": template_file(ole("WordDocument")),
    "template-odt": template_file(ODT),
    "template-not-word": template_file(b"%PDF-1.7"),
    "template-protected": template_file(ole("EncryptedPackage")),
    "template-unreadable": template_file(b"PK\x03\x04 and no more"),
    "template-too-large": template_file(BULKY),
    "template-odd": template_file(ODD),
    "template-cleaned": template_file(docx("x", more=COMMENT)),
    "tracked-changes": Case(INSERTED),
    "field-prompt": Case(field_code("MACROBUTTON NoMacro [Click here and type address]")),
    "control-bound": template_file(docx(BOUND, title="Open letters")),
    "inserted-file": Case("<w:p/><w:altChunk r:id='x'/>"),
    "picture-unreadable": template_file(PICTURED),
    "picture-not-cleaned": template_file(DRAWN),
    "name-unknown": Case("Dear {{ recipient.nmae }},"),
    "tag-unclosed": Case("Dear {{ recipient.name,"),
    "tag-unopened": Case("Dear recipient.name }},"),
    "tag-empty": Case("Dear {{ }},"),
    "tag-dash": Case("Dear {{- recipient.name }},"),
    "tag-broken": Case("Dear {{ recipient.\tname }},"),
    "tag-syntax": Case("Dear {{ recipient full name }},", {"Recipients": FULL_NAMES}),
    "tag-too-long": Case(f"Dear {{{{ recipient.name{'|trim' * 300} }}}},"),
    "tag-not-allowed": Case("Dear {{ recipient.name.upper() }},"),
    "tag-foreign": Case("Dear {name},"),
    "tag-in-field": Case(field_code('DATE \\@ "{{ date }}"')),
    "tag-out-of-place": Case(OUT_OF_PLACE),
    "field-shared": Case(field_code("MERGEFIELD Name")),
    "field-unclosed": Case(field_code("MERGEFIELD recipient_name").replace(marks("end")[0], "")),
    "field-switch": Case(field_code('MERGEFIELD recipient_name \\# "0.00;(0.000)"')),
    "field-not-usable": Case(field_code("NEXTIF 1 = 1")),
    "text-beside-tag": Case("Dear {%p if recipient.name %}\nx\n{%p endif %}"),
    "scope-outside": Case("{%tr if recipient.name %}"),
    "block-unclosed": Case("{% if recipient.name %}Dear"),
    "block-unopened": Case("Dear {% endif %}"),
    "block-scope": Case("{%p if recipient.name %}\nDear {% endif %}"),
    "block-elsewhere": Case(paragraph("{% if date %}") + table(["{% endif %}", "x"])),
    "blocks-too-deep": Case("{% if date %}" * 11 + "x" + "{% endif %}" * 11),
    "loops-too-deep": Case(LOOP * 3 + "{% endfor %}" * 3),
    "blank-in-sentence": recipient_column("Town", "Delhi", None),
    "cell-error": recipient_column("Town", "#N/A"),
    "cell-date": day_as_text("31 June"),
    "formula-without-value": recipient_column("Town", "=1+1"),
    "character-forbidden": recipient_column("Town", "Rome_x000B_"),
    "format-unsupported": recipient_column("Town", Formatted(1, "[DBNum1]0")),
    "not-a-date": recipient_column("Born", "in May", tag="{{ recipient.born|date }}"),
    "not-a-number": recipient_column("Sum", "many", tag="{{ recipient.sum|number }}"),
    "not-a-pattern": recipient_column("Sum", 3, tag="{{ recipient.sum|number('x') }}"),
    "time-missing": recipient_column(
        "Day",
        Formatted(dt.date(2026, 3, 4), "d mmmm yyyy"),
        tag="{{ recipient.day|date('d MMM yyyy HH:mm') }}",
    ),
    "not-a-list": Case(f"{LOOP}{{% for b in loop.index %}}x{{% endfor %}}{{% endfor %}}"),
    "list-printed": recipient_column("Town", "Rome", tag="{{ recipient.town|lines }}"),
    "too-much": recipient_column("Town", "a\n" * 300, tag="{{ recipient.town|lines|join }}"),
    "compared-with-text": recipient_column(
        "Sum", "many", tag="{% if recipient.sum > 3 %}x{% endif %}"
    ),
    "not-a-span": Case(table(["{% colspan recipient.name %}{{ recipient.name }}", "x"])),
    "not-a-colour": Case(
        table(["{% cellbg recipient.colour %}{{ recipient.name }}", "x"]),
        {"Recipients": [["Name", "Colour"], ["Minister Li", "yellow"]]},
    ),
    "link-not-allowed": Case(LINKED, {"Recipients": [["Name", "Site"], ["Minister Li", SITE]]}),
    "condition-holds-for-no": recipient_column(
        "Vip", "no", tag="{% if recipient.vip %}x{% endif %}"
    ),
    "too-many-letters": Case(sheets={"Signers": MANY, "Recipients": MANY}),
    "column-unused": Case(),
    "template-for-one": Case("Dear Sir,\n{{ signer.name }}"),
    "template-says": Case(
        "{{ recipient.name }}\nI ask you, Minister Li, to release them.\n{{ signer.name }}"
    ),
    "template-data": Case(
        "{{ recipient.name }}\n1 Palace Square\n{{ signer.name }}",
        {"Recipients": [["Name", "Street"], ["Minister Li", "1 Palace Square"], ["Bo", "2 Way"]]},
    ),
    "name-spaces": signers_with_names("Ana  Ruiz"),
    "name-small-letters": signers_with_names("ana ruiz"),
    "name-not-a-name": signers_with_names("ana@example.org"),
    "name-mixed-letters": signers_with_names("Аna Ruiz"),
    "people-alike": signers_with_names("José Gil", "Jose Gil"),
    "text-left-over": recipient_column("Town", "Delhi", "TBC"),
    "text-with-tag": recipient_column("Town", "{{ recipient.name }}"),
    "text-broken-accents": recipient_column("Town", "MÃ¼nchen"),
    "date-among-words": recipient_column("Town", "Rome", "Bonn", Formatted(46115, "d-mmm")),
    "date-english": Case("{{ recipient.day }}", {"Recipients": DATED, "Settings": GERMAN}),
    "date-language": Case(
        "{{ settings.deadline }}",
        {
            "Settings": [
                ["Language", "fr"],
                ["Deadline", Formatted(dt.date(2027, 1, 15), "d mmmm yyyy")],
            ]
        },
    ),
    "number-lost-zeros": recipient_column("ZIP", 2134, 10001, 60601),
    "number-scientific": recipient_column("Phone", 1234567890123456),
    "number-hashes": recipient_column("Day", Formatted(-1, "d mmmm yyyy")),
}


def printed_problem(home: Path, code: str, case: Case) -> str:
    """Return the problem as `merge check my-campaign` prints it."""
    make(home / "my-campaign", case.template, **case.sheets)
    for name, data in case.files.items():
        path = home / "my-campaign" / name
        path.parent.mkdir(exist_ok=True)
        path.unlink() if data is None else path.write_bytes(data)
        if data is not None and code != "file-being-saved":
            os.utime(path, (0, 0))
    if case.hidden:
        hide(home / "my-campaign", "Recipients", case.hidden)
    problems = merge("check", "my-campaign", "--json", *case.words).json["problems"]
    problem = next((p for p in problems if p["code"] == code), None)
    assert problem, [(p["code"], p["message"]) for p in problems]
    text = "{level}  {where}\n       {message} {hint}".format(**problem)
    return text.replace(str(home), "/home/ana")


@pytest.mark.parametrize("code", CASES)
def test_the_example_in_problems_md_is_what_the_program_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = printed_problem(tmp_path, code, CASES[code]).replace(os.sep, "/")
    assert f"```\n{printed}\n```" in entries()[code].replace(os.sep, "/")
