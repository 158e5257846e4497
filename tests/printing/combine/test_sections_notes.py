"""Footnotes and endnotes keep their numbers of the letter."""

from __future__ import annotations

import pytest
from docx.enum.section import WD_SECTION
from support.combined_letters import (
    RELATIONS,
    SETTINGS,
    STYLES,
    attribute_of,
    combine_all,
    docx_bytes,
    formatted_letter,
    open_docx,
    replace_in_part,
    sections,
    style_of,
)
from support.documents import BODY, OFFICE, PACKAGE, docx, note, paragraph, run, zipped
from support.docx_defects import defects
from support.filled_letters import W, members, root, texts

from merge.printing.combine.sections import note_label

NOTES, LINKS = "word/footnotes.xml", "word/_rels/footnotes.xml.rels"
EACH_PAGE = '<w:numRestart w:val="eachPage"/>'
REF = "<w:r><w:footnoteRef/></w:r>"


def noted(*words: str, rules: str = "", body: str = "") -> bytes:
    """Return a letter with a footnote for each text.

    `rules` are its section's footnote properties.
    """
    marks = [note(number=n) for n in range(1, len(words) + 1)]
    notes = "".join(
        f'<w:footnote w:id="{n}">{paragraph(REF, text)}</w:footnote>'
        for n, text in enumerate(words, 1)
    )
    data = docx(body or paragraph("Dear you", *marks), footnotes="<x/>")
    part = members(data)[NOTES].replace(b'<w:footnote w:id="1"><x/></w:footnote>', notes.encode())
    letter = zipped({**members(data), NOTES: part})
    section = f"<w:sectPr><w:footnotePr>{rules}</w:footnotePr></w:sectPr>"
    return replace_in_part(letter, BODY, "<w:sectPr></w:sectPr>", section) if rules else letter


def ended(*words: str, rules: str = "", section: str = "") -> bytes:
    """Return a letter with an endnote for each text."""
    marks = [note("endnote", n) for n in range(1, len(words) + 1)]
    sign = "<w:r><w:endnoteRef/></w:r>"
    notes = "".join(
        f'<w:endnote w:id="{n}">{paragraph(sign, text)}</w:endnote>'
        for n, text in enumerate(words, 1)
    )
    data = docx(paragraph("Dear you", *marks), endnotes="<x/>")
    name = "word/endnotes.xml"
    part = members(data)[name].replace(b'<w:endnote w:id="1"><x/></w:endnote>', notes.encode())
    note_properties = f"><w:endnotePr>{rules}</w:endnotePr></w:settings>"
    settings = members(data)[SETTINGS].replace(b"/>", note_properties.encode())
    letter = zipped({**members(data), name: part, SETTINGS: settings})
    section_properties = f"<w:sectPr>{section}</w:sectPr>"
    return replace_in_part(letter, BODY, "<w:sectPr></w:sectPr>", section_properties)


def marks(data: bytes) -> list[tuple[str | None, str]]:
    """Return the marks of footnotes: the ID of the note, and its number."""
    labels = []
    for mark in root(data).iter(f"{W}footnoteReference"):
        label = mark.getnext() if mark.get(f"{W}customMarkFollows") else None
        labels.append((mark.get(f"{W}id"), "" if label is None else str(label.text)))
    return labels


def notes(data: bytes) -> dict[str | None, str]:
    """Return the text of each note without its number, by ID.

    Separators have no text.
    """
    shown = 'descendant::w:t[not(ancestor::*[local-name()="Choice"])]'
    return {
        e.get(f"{W}id"): "".join(t.text for t in e.xpath(shown, namespaces={"w": W[1:-1]}))
        for e in root(data, NOTES).iter(f"{W}footnote")
    }


def test_every_letter_counts_its_footnotes_from_1() -> None:
    data = combine_all(
        noted("one", "two"), docx("Dear Bo"), noted("three"), noted("four", "five")
    ).data
    assert marks(data) == [("1", "1"), ("2", "2"), ("3", "1"), ("4", "1"), ("5", "2")]
    assert notes(data) == {
        "-1": "",
        "0": "",
        "1": "one",
        "2": "two",
        "3": "three",
        "4": "four",
        "5": "five",
    }


def test_a_note_number_is_text_for_word_and_a_mark_for_libreoffice() -> None:
    (first,) = (e for e in root(combine_all(noted("one")).data, NOTES) if e.get(f"{W}id") == "1")
    choice, fallback = (next(first.iter(f"{{*}}{name}")) for name in ("Choice", "Fallback"))
    assert [str(e.text) for e in choice.iter(f"{W}t")] == ["1"]
    assert choice.get("Requires") == "w15"
    assert choice.nsmap["w15"] == "http://schemas.microsoft.com/office/word/2012/wordml"
    assert fallback.find(f"{W}footnoteRef") is not None


def test_the_combined_file_has_separators_above_footnotes() -> None:
    data = combine_all(noted("one"), noted("two")).data
    kinds = [e.get(f"{W}type") for e in root(data, NOTES)]
    assert kinds == ["separator", "continuationSeparator", None, None]
    separators = root(data, SETTINGS).findall(f"{W}footnotePr/{W}footnote")
    assert [e.get(f"{W}id") for e in separators] == ["-1", "0"]
    assert NOTES not in members(combine_all(docx("Dear Ana")).data)
    listing = {"word/settings.xml: footnote without a paragraph"}  # settings list only their IDs
    assert set(defects(data)) <= listing


@pytest.mark.parametrize(
    ("form", "labels"),
    [
        ("decimal", ["1", "2", "30"]),
        ("lowerRoman", ["i", "ii", "xxx"]),
        ("upperRoman", ["I", "II", "XXX"]),
        ("lowerLetter", ["a", "b", "dd"]),
        ("upperLetter", ["A", "B", "DD"]),
        ("chicago", ["*", "†", "††††††††"]),
        ("hebrew1", ["", "", ""]),
    ],
)
def test_note_numbers_have_the_letters_own_format(form: str, labels: list[str]) -> None:
    assert [note_label(number, form) for number in (1, 2, 30)] == labels
    data = combine_all(noted("one", "two", rules=f'<w:numFmt w:val="{form}"/>')).data
    assert [text for _, text in marks(data)] == labels[:2]


@pytest.mark.parametrize(
    ("number", "roman"), [(4, "iv"), (9, "ix"), (14, "xiv"), (40, "xl"), (99, "xcix"), (900, "cm")]
)
def test_roman_note_numbers_are_formatted(number: int, roman: str) -> None:
    assert note_label(number, "lowerRoman") == roman


def test_notes_begin_with_the_letters_start_number() -> None:
    data = combine_all(noted("one", "two", rules='<w:numStart w:val="5"/>'), noted("x")).data
    assert [text for _, text in marks(data)] == ["5", "6", "1"]


def test_a_custom_note_mark_is_kept_and_not_counted() -> None:
    custom_mark = "<w:r><w:footnoteReference w:customMarkFollows='1' w:id='1'/><w:t>#</w:t></w:r>"
    letter = noted("mine", "counted", body=paragraph("Dear you", custom_mark, note(number=2)))
    data = combine_all(letter, letter).data
    assert marks(data) == [("1", "#"), ("2", "1"), ("3", "#"), ("4", "1")]


@pytest.mark.parametrize("rules", [EACH_PAGE, '<w:numFmt w:val="hebrew1"/>'])
def test_footnotes_with_unsupported_numbers_are_counted_by_word_per_section(rules: str) -> None:
    data = combine_all(noted("one"), noted("two", rules=rules), docx("Bo")).data
    assert marks(data) == [("1", "1"), ("2", "")]
    counting = [attribute_of(section, "footnotePr/numRestart") for section in sections(data)]
    assert counting[1] == ("eachPage" if "eachPage" in rules else "eachSect")
    assert counting[2] is None
    assert [e.tag for e in root(data, NOTES)[3].iter(f"{W}footnoteRef")]


def test_footnotes_continue_through_the_sections_of_a_letter() -> None:
    document = open_docx(noted("one", rules=f'<w:pos w:val="beneathText"/>{EACH_PAGE}'))
    document.add_section(WD_SECTION.CONTINUOUS)
    document.add_paragraph("more")
    data = combine_all(docx("Dear Ana"), docx_bytes(document)).data
    positions = [attribute_of(section, "footnotePr/pos") for section in sections(data)]
    assert positions == [None, "beneathText", "beneathText"]


def test_footnote_settings_of_a_letter_move_to_its_sections() -> None:
    rules = '<w:footnotePr><w:pos w:val="beneathText"/><w:footnote w:id="-1"/></w:footnotePr>'
    plain = noted("one")
    text = members(plain)[SETTINGS].decode().replace("/>", f">{rules}</w:settings>")
    data = combine_all(docx("Dear Ana"), zipped({**members(plain), SETTINGS: text})).data
    assert attribute_of(sections(data)[1], "footnotePr/pos") == "beneathText"
    assert sections(data)[1].find(f"{W}footnotePr/{W}footnote") is None
    assert sections(data)[0].find(f"{W}footnotePr") is None


def linked(address: str) -> bytes:
    """Return a letter with a link in its footnote."""
    link = f'<w:p><w:hyperlink r:id="out" xmlns:r="{OFFICE}">{run("there")}</w:hyperlink></w:p>'
    letter = docx(paragraph("Dear Ana", note()), footnotes=link)
    relation = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="out" Target="{address}"'
        f' Type="{OFFICE}/hyperlink" TargetMode="External"/></Relationships>'
    )
    return zipped({**members(letter), LINKS: relation})


def test_links_in_notes_keep_their_targets() -> None:
    data = combine_all(linked("https://x.example/a"), linked("https://x.example/b")).data
    targets = {e.get("Id"): e.get("Target") for e in root(data, LINKS)}
    used = [targets[e.get(f"{{{OFFICE}}}id")] for e in root(data, NOTES).iter(f"{W}hyperlink")]
    assert used == ["https://x.example/a", "https://x.example/b"]
    assert not any("x.example" in str(e.get("Target")) for e in root(data, RELATIONS))


def test_endnotes_are_at_the_end_of_their_letter_under_a_line() -> None:
    data = combine_all(ended("first", "second"), docx("Dear Bo"), ended("third")).data
    assert texts(data)[:4] == ["Dear youiii", "", "ifirst", "iisecond"]
    assert texts(data)[4:] == ["Dear Bo", "Dear youi", "", "ithird"]
    rule = list(root(data).iter(f"{W}p"))[1]
    assert attribute_of(rule, "pPr/pBdr/top") == "single"
    assert attribute_of(rule, "pPr/ind", "right") == str(8640 - 2880)
    assert not [name for name in members(data) if "endnotes" in name]
    assert not list(root(data).iter(f"{W}endnoteReference", f"{W}endnoteRef"))
    assert not defects(data)


def test_endnotes_have_the_letters_number_format() -> None:
    rules = '<w:numFmt w:val="decimal"/><w:numStart w:val="3"/>'
    assert texts(combine_all(ended("first", "second", rules=rules)).data)[0] == "Dear you34"


def test_the_line_above_endnotes_has_the_same_length_on_every_page_size() -> None:
    page = '<w:pgSz w:w="11909.0" w:h="16834.0"/><w:pgMar w:left="1in" w:right="25.4mm"/>'
    data = combine_all(ended("first", section=page)).data
    rule = list(root(data).iter(f"{W}p"))[1]
    assert attribute_of(rule, "pPr/ind", "right") == str(11909 - 2 * 1440 - 2880)
    narrow = combine_all(ended("first", section=page.replace("11909.0", "2000"))).data
    assert attribute_of(list(root(narrow).iter(f"{W}p"))[1], "pPr/ind", "right") == "0"


def test_notes_without_a_reference_are_omitted() -> None:
    unmarked = docx("Dear Ana", footnotes="old", endnotes="older")
    bare = members(docx("Dear Ana"))[BODY]
    data = combine_all(zipped({**members(unmarked), BODY: bare})).data
    assert NOTES not in members(data)
    assert texts(data) == ["Dear Ana"]
    broken = combine_all(docx(paragraph("Dear Ana", note(number=7)), footnotes="another")).data
    assert texts(broken) == ["Dear Ana"]


def test_a_letter_with_other_styles_keeps_its_notes() -> None:
    other = zipped(
        {**members(noted("one")), STYLES: members(formatted_letter("", style_of("Small")))[STYLES]}
    )
    assert notes(combine_all(noted("x"), other).data)["2"] == "one"
