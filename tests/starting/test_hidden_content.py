"""What letters have besides their text, compared by the proof."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document
from support.combined_letters import picture
from support.documents import docx, paragraph, run, table
from support.everyday import everyday
from support.field_markup import code, field, mark
from support.start_letters import start, to_li, to_rey

from merge.errors import MergeError
from merge.ooxml import XMLNS_W
from merge.ooxml.wordml import VAL, W, parse_xml

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


def _symbols(*characters: str) -> str:
    pieces = (f'<w:r><w:sym w:font="Wingdings" w:char="{c}"/></w:r>' for c in characters)
    return paragraph(*pieces)


def _emoji(character: str) -> str:
    space = "http://schemas.microsoft.com/office/word/2015/wordml/symex"
    symbol = f'<s:symEx xmlns:s="{space}" s:font="Segoe UI Emoji" s:char="{character}"/>'
    return paragraph(f"<w:r>{symbol}</w:r>")


def _form_field(kind: str, data: str) -> str:
    begin = f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{data}</w:ffData></w:fldChar></w:r>'
    return paragraph(begin, code(kind), mark("separate"), mark("end"))


def _tick_box(tick: int) -> str:
    data = f'<w:checkBox><w:default w:val="0"/><w:checked w:val="{tick}"/></w:checkBox>'
    return _form_field("FORMCHECKBOX", data)


def _drop_down(choice: int) -> str:
    entries = '<w:listEntry w:val="yes"/><w:listEntry w:val="no"/>'
    data = f'<w:ddList><w:result w:val="{choice}"/>{entries}</w:ddList>'
    return _form_field("FORMDROPDOWN", data)


def _table_about(topic: str) -> str:
    title = f'<w:tblCaption w:val="{topic}"/></w:tblPr>'
    return table(["this", "that"]).replace("</w:tblPr>", title)


def _shape(address: str) -> str:
    spaces = 'xmlns:v="urn:schemas-microsoft-com:vml"'
    return f'<w:p><w:r><w:pict><v:rect {spaces} href="{address}"/></w:pict></w:r></w:p>'


def _jump(bookmark: str) -> str:
    return paragraph(f'<w:hyperlink w:anchor="{bookmark}">{run("see below")}</w:hyperlink>')


_STRUCK, _RAISED = "<w:strike/>", '<w:vertAlign w:val="superscript"/>'


@pytest.mark.parametrize(
    ("first", "second", "created", "expected"),
    [
        (_symbols("F0FE", "F0A8"), _symbols("F0A8", "F0FE"), "☑ ☐", "☐ ☑"),
        (_emoji("1F600"), _emoji("1F622"), "SEGOE UI EMOJI 1F600", "SEGOE UI EMOJI 1F622"),
        (_tick_box(1), _tick_box(0), "☒", "☐"),
        (_drop_down(0), _drop_down(1), "yes", "no"),
        (paragraph("See ", run("all", _STRUCK)), paragraph("See all"), "all", "–"),
        (paragraph("See all"), paragraph("See ", run("all", _STRUCK)), "–", "all"),
        (paragraph("10", run("2", _RAISED)), paragraph("102"), "2", "–"),
        (_table_about("Bo"), _table_about("Al"), "Bo", "Al"),
        (
            _shape("http://a.example"),
            _shape("http://b.example"),
            "http://a.example",
            "http://b.example",
        ),
        (_jump("Bo"), _jump("Al"), "Bo", "Al"),
    ],
)
def test_signs_and_looks_that_change_the_meaning_are_compared(
    first: str, second: str, created: str, expected: str
) -> None:
    found = start(_letter(to_li(), first), _letter(to_rey(), second))
    (difference,) = found.proof.differences
    assert difference.expected.partition(": ")[2] == expected
    assert difference.created.partition(": ")[2] == created
    assert start(_letter(to_li(), first), _letter(to_rey(), first)).proof.holds


@pytest.mark.parametrize("look", ["<w:b/>", '<w:color w:val="FF0000"/>', _RAISED])
def test_looks_that_leave_the_meaning_are_not_compared(look: str) -> None:
    letters = [paragraph("On the 1", run("st", look)), paragraph("On the 1st")]
    assert start(_letter(to_li(), letters[0]), _letter(to_rey(), letters[1])).proof.holds


def test_a_watermark_that_only_another_letter_has_is_not_proved_but_named() -> None:
    mark = WORDART.format(words="DRAFT", alt="")
    found = start(docx(to_li(), header="<w:p/>"), docx(to_rey(), header=mark))
    assert [d.expected for d in found.proof.differences] == ["WordArt: DRAFT"]


def test_a_link_that_only_another_letter_has_is_reported() -> None:
    found = start(_letter(to_li(), paragraph("see below")), _letter(to_rey(), _jump("Bo")))
    assert found.proof.holds
    (notice,) = found.notices
    assert notice.text == "The template lacks “link: Bo” of letter2.docx."


@pytest.mark.parametrize(
    ("changes", "expected"),
    everyday(
        [
            ({"lvlText": "Demand %1"}, "demand 1, demand 2"),
            ({"start": "5"}, "5, 6"),
            ({"lvlText": "(%1)"}, None),
            ({"numFmt": "lowerLetter"}, None),
        ],
        (0, 2),
    ),
)
def test_numbers_of_automatic_lists_are_compared_by_their_words_and_count(
    changes: dict[str, str], expected: str | None
) -> None:
    found = start(_with_list(to_li(), {}), _with_list(to_rey(), changes))
    texts = [d.expected for d in found.proof.differences]
    assert texts == ([] if expected is None else [f"numbers of lists: {expected}"])


_LEVELS = "".join(
    f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:lvlText w:val="{words}"/></w:lvl>'
    for level, words in enumerate(("%1.", "%1.%2"))
)
_RESTART = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
_LISTS = (
    f'<w:abstractNum w:abstractNumId="0">{_LEVELS}</w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    f'<w:num w:numId="2"><w:abstractNumId w:val="0"/>{_RESTART}</w:num>'
)


@pytest.mark.parametrize(
    ("items", "numbers"),
    [
        (["1 0", "1 1", "1 1", "1 0", "1 1"], "1, 1 1, 1 2, 2, 2 1"),
        (["1 0", "1 1", "2 0", "2 1", "2 0"], "1, 1 1, 1, 1 1, 2"),
        (["2 0", "1 0", "9 0", "1 0", "1 0"], "1, 2, 3, 4"),
    ],
)
def test_automatic_numbers_are_counted_as_word_counts_them(items: list[str], numbers: str) -> None:
    first = _with_items(to_li(), ["1 0"] * 5)
    found = start(first, _with_items(to_rey(), items))
    (difference,) = found.proof.differences
    assert difference.created == "numbers of lists: 1, 2, 3, 4, 5"
    assert difference.expected == f"numbers of lists: {numbers}"


def test_a_letter_whose_lists_cannot_be_read_is_refused() -> None:
    with pytest.raises(MergeError, match=r"^letter1\.docx") as caught:
        start(_with_items(to_li(), ["1 x"]), to_rey())
    assert [problem.code for problem in caught.value.problems] == ["template-unreadable"]


def _with_items(text: str, items: list[str]) -> bytes:
    """Return a letter with paragraphs of lists, each given as its list and level."""
    paragraphs = [paragraph(line) for line in text.split("\n")]
    for letter, (identity, level) in zip("abcde", map(str.split, items), strict=False):
        of_list = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{identity}"/></w:numPr>'
        item = f"<w:p><w:pPr>{of_list}</w:pPr>{run(f'Demand {letter} of ours.')}</w:p>"
        paragraphs.insert(-3, item)
    document = Document()
    for root, name, xml in (
        (document.element.body, "body", "".join(paragraphs)),
        (document.part.numbering_part.element, "numbering", _LISTS),
    ):
        elements = parse_xml(f"<w:{name} {XMLNS_W}>{xml}</w:{name}>".encode())
        assert elements is not None
        root[:] = elements
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _with_list(text: str, changes: dict[str, str]) -> bytes:
    """Return a letter with a list of two items, whose level has other values."""
    document = Document()
    *lines, closing, blank, name = text.split("\n")
    for line in [*lines, "Free them all.", "Tell us why.", closing, blank, name]:
        is_item = line in ("Free them all.", "Tell us why.")
        document.add_paragraph(line, style="List Number" if is_item else None)
    for key, value in changes.items():
        for element in document.part.numbering_part.element.iter(W + key):
            element.set(VAL, value)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


_MATHS = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (WORDART.format(words="For Li Wei", alt="sign"), "For Li Wei"),
        (WORDART.format(words="sign", alt="Photo of Mr WEI"), "Photo of Mr WEI"),
        (_table_about("About Li Wei"), "About Li Wei"),
        (WORDART.format(words="To the Minister of Justice", alt=""), "To the Minister of Justice"),
        (_jump("LiWei"), "LiWei"),
        (_drop_down(0).replace('"yes"', '"to Wei"'), "to Wei"),
        (paragraph(field('HYPERLINK "https://a.example/li-wei"', result="here")), "li-wei"),
        (paragraph(field('HYPERLINK "mailto:jm@gov.example"', result="here")), "jm@gov.example"),
        (f"<w:p><m:oMath {_MATHS}><m:r><m:t>Wei</m:t></m:r></m:oMath></w:p>", "Wei"),
        (f'<w:p><w:pPr><w:pStyle w:val="ForWei"/></w:pPr>{run("Words")}</w:p>', None),
        (paragraph(run("Words", '<w:rFonts w:ascii="Wei"/>')), None),
        (WORDART.format(words="sign", alt="Photo of the weir"), None),
    ],
)
def test_a_name_that_the_text_does_not_show_is_reported(extra: str, words: str | None) -> None:
    for texts in ([to_li()], [to_li(), to_rey()]):
        found = start(*(_letter(text, extra) for text in texts))
        assert found.proof.holds
        told = [notice.text for notice in found.notices if notice.kind == "hidden"]
        assert len(told) == bool(words)
        assert all(words in text for text in told if words)


@pytest.mark.parametrize("form", ["Иванова", "Ивановой", "ИВАНОВУ"])
def test_a_form_of_a_name_that_the_text_does_not_show_is_reported(form: str) -> None:
    text = to_li().replace("Mr Li Wei", "Анна Иванова")
    found = start(_letter(text, WORDART.format(words="sign", alt=f"Фото {form}")))
    assert [n.fields.get("texts") for n in found.notices] == [f"Фото {form}"]


def test_an_email_address_that_the_text_shows_is_not_reported_as_hidden() -> None:
    link = field('HYPERLINK "mailto:us@gov.example"', result="us@gov.example")
    found = start(_letter(to_li(), paragraph("Write to ", link)))
    assert [notice.kind for notice in found.notices] == ["contacts"]


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
