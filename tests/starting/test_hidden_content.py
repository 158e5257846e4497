"""What letters have besides their text, compared by the proof."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document
from support.combined_letters import picture
from support.documents import docx, paragraph, run
from support.field_markup import field
from support.start_letters import start, to_li, to_rey

WORDART = (
    '<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml" id="x" alt="{alt}"'
    ' style="width:90pt;height:20pt"><v:textpath string="{words}"/></v:shape></w:pict></w:r></w:p>'
)


def _letter(text: str, extra: str) -> bytes:
    """Return a letter with a further paragraph above the closing."""
    lines = [paragraph(line) for line in text.split("\n")]
    return docx("".join([*lines[:-3], extra, *lines[-3:]]))


@pytest.mark.parametrize(
    ("extra", "kind"),
    [
        (WORDART.format(words="For {}", alt="sign"), "WordArt: For Li"),
        (WORDART.format(words="sign", alt="For {}"), "alternative text: For Li"),
        (
            paragraph(field('HYPERLINK "mailto:{}@example.org"', result="by email")),
            "field: HYPERLINK mailto:Li@example.org",
        ),
        (paragraph(field('QUOTE "{}"', result="a name")), "field: QUOTE Li"),
    ],
)
def test_what_differs_besides_the_text_is_not_proved_but_named(extra: str, kind: str) -> None:
    letters = [(to_li(), "Li"), (to_rey(), "Rey")]
    found = start(*(_letter(text, extra.replace("{}", name)) for text, name in letters))
    assert [(d.letter, d.created) for d in found.proof.differences] == [("letter2.docx", kind)]
    assert found.proof.differences[0].expected == kind.replace("Li", "Rey")
    same = start(*(_letter(text, extra.replace("{}", "Bo")) for text, _ in letters))
    assert same.proof.holds


def test_another_picture_is_not_proved_but_named() -> None:
    def letter(text: str, shade: int) -> bytes:
        document = Document(io.BytesIO(docx(text)))
        document.add_picture(picture(shade))
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()

    found = start(letter(to_li(), 1), letter(to_rey(), 200))
    assert [d.created for d in found.proof.differences] == ["picture"]
    assert start(letter(to_li(), 1), letter(to_rey(), 1)).proof.holds


def test_a_field_whose_result_is_a_placeholder_becomes_text() -> None:
    letters = [
        _letter(text, paragraph(field(f'QUOTE "{name}"', result=name)))
        for text, name in ((to_li(), "Mr Li Wei"), (to_rey(), "Ms Ana Rey"))
    ]
    found = start(*letters)
    assert found.proof.holds
    assert "link removed" not in [notice.kind for notice in found.notices]
    with zipfile.ZipFile(io.BytesIO(found.template)) as archive:
        assert b"QUOTE" not in archive.read("word/document.xml")


def test_a_link_on_a_part_of_a_placeholder_leaves_no_address_behind() -> None:
    letters = [
        _letter(
            text.replace("\n\n", f"\nBy email: {name}@example.org\n\n", 1),
            "",
        )
        for text, name in ((to_li(), "li"), (to_rey(), "rey"))
    ]
    linked = [_with_link(letter, name) for letter, name in zip(letters, ("li", "rey"), strict=True)]
    found = start(*linked)
    assert found.proof.holds
    with zipfile.ZipFile(io.BytesIO(found.template)) as archive:
        assert b"li@" not in archive.read("word/_rels/document.xml.rels")


def _with_link(letter: bytes, name: str) -> bytes:
    """Return a letter with a link on a name's email address."""
    document = Document(io.BytesIO(letter))
    address = f"{name}@example.org"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
    link = document.part.relate_to(f"mailto:{address}", kind, is_external=True)
    out = io.BytesIO()
    document.save(out)
    files = {}
    with zipfile.ZipFile(out) as archive:
        for part in archive.namelist():
            files[part] = archive.read(part)
    old = files["word/document.xml"].decode()
    line = next(p for p in old.split("<w:p>") if address in p)
    linked = run("By email: ") + f'<w:hyperlink r:id="{link}">{run(address)}</w:hyperlink></w:p>'
    files["word/document.xml"] = old.replace(line, linked).encode()
    again = io.BytesIO()
    with zipfile.ZipFile(again, "w") as archive:
        for part, data in files.items():
            archive.writestr(part, data)
    return again.getvalue()
