"""Footnotes and endnotes: each has the number that it has in its letter."""

from __future__ import annotations

import pytest
from docx.enum.section import WD_SECTION
from support.combined_letters import (
    RELATIONS,
    SETTINGS,
    STYLES,
    formed,
    made,
    opened,
    replaced,
    said,
    sections,
    style_of,
    whole,
)
from support.documents import BODY, OFFICE, PACKAGE, docx, note, paragraph, run, zipped
from support.docx_defects import defects
from support.filled_letters import W, members, root, texts

from merge.printing.combine.sections import note_label

NOTES, LINKS = "word/footnotes.xml", "word/_rels/footnotes.xml.rels"
EACH_PAGE = '<w:numRestart w:val="eachPage"/>'
REF = "<w:r><w:footnoteRef/></w:r>"


def noted(*words: str, rules: str = "", body: str = "") -> bytes:
    """A letter with a footnote for each of these; `rules` say how its section counts them."""
    marks = [note(number=n) for n in range(1, len(words) + 1)]
    notes = "".join(
        f'<w:footnote w:id="{n}">{paragraph(REF, text)}</w:footnote>'
        for n, text in enumerate(words, 1)
    )
    data = docx(body or paragraph("Dear you", *marks), footnotes="<x/>")
    part = members(data)[NOTES].replace(b'<w:footnote w:id="1"><x/></w:footnote>', notes.encode())
    made_of = zipped({**members(data), NOTES: part})
    section = f"<w:sectPr><w:footnotePr>{rules}</w:footnotePr></w:sectPr>"
    return replaced(made_of, BODY, "<w:sectPr></w:sectPr>", section) if rules else made_of


def ended(*words: str, rules: str = "", section: str = "") -> bytes:
    """A letter with an endnote for each of these."""
    marks = [note("endnote", n) for n in range(1, len(words) + 1)]
    sign = "<w:r><w:endnoteRef/></w:r>"
    notes = "".join(
        f'<w:endnote w:id="{n}">{paragraph(sign, text)}</w:endnote>'
        for n, text in enumerate(words, 1)
    )
    data = docx(paragraph("Dear you", *marks), endnotes="<x/>")
    name = "word/endnotes.xml"
    part = members(data)[name].replace(b'<w:endnote w:id="1"><x/></w:endnote>', notes.encode())
    said_of_notes = f"><w:endnotePr>{rules}</w:endnotePr></w:settings>"
    settings = members(data)[SETTINGS].replace(b"/>", said_of_notes.encode())
    made_of = zipped({**members(data), name: part, SETTINGS: settings})
    own = f"<w:sectPr>{section}</w:sectPr>"
    return replaced(made_of, BODY, "<w:sectPr></w:sectPr>", own)


def marks(data: bytes) -> list[tuple[str | None, str]]:
    """The marks of footnotes: the id of the note, and what stands there as its number."""
    found = []
    for mark in root(data).iter(f"{W}footnoteReference"):
        own = mark.getnext() if mark.get(f"{W}customMarkFollows") else None
        found.append((mark.get(f"{W}id"), "" if own is None else str(own.text)))
    return found


def notes(data: bytes) -> dict[str | None, str]:
    """What each note says, less its number; those that are lines have no text."""
    shown = 'descendant::w:t[not(ancestor::*[local-name()="Choice"])]'
    return {
        e.get(f"{W}id"): "".join(t.text for t in e.xpath(shown, namespaces={"w": W[1:-1]}))
        for e in root(data, NOTES).iter(f"{W}footnote")
    }


def test_every_letter_counts_its_footnotes_from_1() -> None:
    data = whole(noted("one", "two"), docx("Dear Bo"), noted("three"), noted("four", "five")).data
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


def test_a_note_says_its_number_to_word_as_text_and_to_libreoffice_as_a_mark() -> None:
    (first,) = (e for e in root(whole(noted("one")).data, NOTES) if e.get(f"{W}id") == "1")
    choice, fallback = (next(first.iter(f"{{*}}{name}")) for name in ("Choice", "Fallback"))
    assert [str(e.text) for e in choice.iter(f"{W}t")] == ["1"]
    assert choice.get("Requires") == "w15"
    assert choice.nsmap["w15"] == "http://schemas.microsoft.com/office/word/2012/wordml"
    assert fallback.find(f"{W}footnoteRef") is not None


def test_the_whole_has_the_lines_above_footnotes_and_its_settings_list_them() -> None:
    data = whole(noted("one"), noted("two")).data
    kinds = [e.get(f"{W}type") for e in root(data, NOTES)]
    assert kinds == ["separator", "continuationSeparator", None, None]
    listed = root(data, SETTINGS).findall(f"{W}footnotePr/{W}footnote")
    assert [e.get(f"{W}id") for e in listed] == ["-1", "0"]
    assert NOTES not in members(whole(docx("Dear Ana")).data)
    listing = {"word/settings.xml: footnote without a paragraph"}  # that is a list of their ids
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
def test_numbers_are_written_in_the_letters_own_format(form: str, labels: list[str]) -> None:
    assert [note_label(number, form) for number in (1, 2, 30)] == labels
    data = whole(noted("one", "two", rules=f'<w:numFmt w:val="{form}"/>')).data
    assert [text for _, text in marks(data)] == labels[:2]


@pytest.mark.parametrize(
    ("number", "roman"), [(4, "iv"), (9, "ix"), (14, "xiv"), (40, "xl"), (99, "xcix"), (900, "cm")]
)
def test_roman_numbers(number: int, roman: str) -> None:
    assert note_label(number, "lowerRoman") == roman


def test_notes_begin_at_the_number_that_the_letter_says() -> None:
    data = whole(noted("one", "two", rules='<w:numStart w:val="5"/>'), noted("x")).data
    assert [text for _, text in marks(data)] == ["5", "6", "1"]


def test_a_mark_that_somebody_typed_stays_and_is_not_counted() -> None:
    own = "<w:r><w:footnoteReference w:customMarkFollows='1' w:id='1'/><w:t>#</w:t></w:r>"
    letter = noted("mine", "counted", body=paragraph("Dear you", own, note(number=2)))
    data = whole(letter, letter).data
    assert marks(data) == [("1", "#"), ("2", "1"), ("3", "#"), ("4", "1")]


@pytest.mark.parametrize("rules", [EACH_PAGE, '<w:numFmt w:val="hebrew1"/>'])
def test_where_only_word_can_count_it_counts_by_section(rules: str) -> None:
    data = whole(noted("one"), noted("two", rules=rules), docx("Bo")).data
    assert marks(data) == [("1", "1"), ("2", "")]
    counting = [said(section, "footnotePr/numRestart") for section in sections(data)]
    assert counting[1] == ("eachPage" if "eachPage" in rules else "eachSect")
    assert counting[2] is None
    assert [e.tag for e in root(data, NOTES)[3].iter(f"{W}footnoteRef")]


def test_a_letter_of_several_sections_counts_on_through_them() -> None:
    document = opened(noted("one", rules=f'<w:pos w:val="beneathText"/>{EACH_PAGE}'))
    document.add_section(WD_SECTION.CONTINUOUS)
    document.add_paragraph("more")
    data = whole(docx("Dear Ana"), made(document)).data
    where = [said(section, "footnotePr/pos") for section in sections(data)]
    assert where == [None, "beneathText", "beneathText"]


def test_what_the_letters_settings_say_of_footnotes_is_said_by_its_sections() -> None:
    rules = '<w:footnotePr><w:pos w:val="beneathText"/><w:footnote w:id="-1"/></w:footnotePr>'
    plain = noted("one")
    text = members(plain)[SETTINGS].decode().replace("/>", f">{rules}</w:settings>")
    data = whole(docx("Dear Ana"), zipped({**members(plain), SETTINGS: text})).data
    assert said(sections(data)[1], "footnotePr/pos") == "beneathText"
    assert sections(data)[1].find(f"{W}footnotePr/{W}footnote") is None
    assert sections(data)[0].find(f"{W}footnotePr") is None


def linked(address: str) -> bytes:
    """A letter with a link in its footnote."""
    link = f'<w:p><w:hyperlink r:id="out" xmlns:r="{OFFICE}">{run("there")}</w:hyperlink></w:p>'
    letter = docx(paragraph("Dear Ana", note()), footnotes=link)
    relation = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="out" Target="{address}"'
        f' Type="{OFFICE}/hyperlink" TargetMode="External"/></Relationships>'
    )
    return zipped({**members(letter), LINKS: relation})


def test_links_in_notes_lead_where_they_led() -> None:
    data = whole(linked("https://x.example/a"), linked("https://x.example/b")).data
    targets = {e.get("Id"): e.get("Target") for e in root(data, LINKS)}
    used = [targets[e.get(f"{{{OFFICE}}}id")] for e in root(data, NOTES).iter(f"{W}hyperlink")]
    assert used == ["https://x.example/a", "https://x.example/b"]
    assert not any("x.example" in str(e.get("Target")) for e in root(data, RELATIONS))


def test_endnotes_stand_at_the_end_of_their_letter_under_a_line() -> None:
    data = whole(ended("first", "second"), docx("Dear Bo"), ended("third")).data
    assert texts(data)[:4] == ["Dear youiii", "", "ifirst", "iisecond"]
    assert texts(data)[4:] == ["Dear Bo", "Dear youi", "", "ithird"]
    rule = list(root(data).iter(f"{W}p"))[1]
    assert said(rule, "pPr/pBdr/top") == "single"
    assert said(rule, "pPr/ind", "right") == str(8640 - 2880)
    assert not [name for name in members(data) if "endnotes" in name]
    assert not list(root(data).iter(f"{W}endnoteReference", f"{W}endnoteRef"))
    assert not defects(data)


def test_endnotes_are_numbered_as_the_letter_says() -> None:
    rules = '<w:numFmt w:val="decimal"/><w:numStart w:val="3"/>'
    assert texts(whole(ended("first", "second", rules=rules)).data)[0] == "Dear you34"


def test_the_line_above_endnotes_is_as_long_whatever_the_page() -> None:
    page = '<w:pgSz w:w="11909.0" w:h="16834.0"/><w:pgMar w:left="1in" w:right="25.4mm"/>'
    data = whole(ended("first", section=page)).data
    rule = list(root(data).iter(f"{W}p"))[1]
    assert said(rule, "pPr/ind", "right") == str(11909 - 2 * 1440 - 2880)
    narrow = whole(ended("first", section=page.replace("11909.0", "2000"))).data
    assert said(list(root(narrow).iter(f"{W}p"))[1], "pPr/ind", "right") == "0"


def test_notes_that_nothing_leads_to_are_left_out() -> None:
    unmarked = docx("Dear Ana", footnotes="old", endnotes="older")
    bare = members(docx("Dear Ana"))[BODY]
    data = whole(zipped({**members(unmarked), BODY: bare})).data
    assert NOTES not in members(data)
    assert texts(data) == ["Dear Ana"]
    lost = whole(docx(paragraph("Dear Ana", note(number=7)), footnotes="another")).data
    assert texts(lost) == ["Dear Ana"]


def test_a_letter_that_begins_with_another_looks_keeps_its_notes() -> None:
    other = zipped(
        {**members(noted("one")), STYLES: members(formed("", style_of("Small")))[STYLES]}
    )
    assert notes(whole(noted("x"), other).data)["2"] == "one"
