"""Numbered lists restart in every letter, and count as they did alone."""

from __future__ import annotations

import pytest
from docx import Document
from support.combined_letters import (
    NUMBERING,
    combine_all,
    combined_appearance,
    docx_bytes,
    formatted_letter,
    parts,
    separate_appearance,
    style_of,
    with_part,
)
from support.documents import OFFICE, PACKAGE, docx, note, run, table, text_box, zipped
from support.docx_defects import defects
from support.filled_letters import W, members, root
from support.paragraph_looks import looks

from merge.errors import UsageError
from merge.printing.combine.letter import MAX_LISTS

BULLET = ("bullet", "•")


def definition(number: int, *levels: tuple[str, str], start: int = 1, more: str = "") -> str:
    """Return a list definition with the format and text of each level.

    `more` is inserted before the levels.
    """
    levels_xml = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
        f'<w:pPr><w:ind w:left="{720 * (n + 1)}" w:hanging="360"/></w:pPr></w:lvl>'
        for n, (form, text) in enumerate(levels or [("decimal", "%1."), ("lowerLetter", "%2)")])
    )
    return f'<w:abstractNum w:abstractNumId="{number}">{more}{levels_xml}</w:abstractNum>'


def num(number: int, counted_by: int, overrides: str = "") -> str:
    """Return a list that counts by a definition."""
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="{counted_by}"/>{overrides}</w:num>'


def restart_at(start: int, level: int = 0) -> str:
    """Return an override with which a level begins at a number."""
    return f'<w:lvlOverride w:ilvl="{level}"><w:startOverride w:val="{start}"/></w:lvlOverride>'


def item(number: int | str, level: int = 0, text: str = "item", style: str = "") -> str:
    """Return a paragraph in a list."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    numbering = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return f"<w:p><w:pPr>{named}{numbering}</w:pPr>{run(text)}</w:p>"


def counted(data: bytes) -> list[str]:
    """Return the numbers and bullets before the paragraphs in lists."""
    return [shown.number for shown in looks(data) if shown.number]


def nums(data: bytes) -> int:
    """Return the number of lists in a file."""
    return len(root(data, NUMBERING).findall(f"{W}num"))


LINKS = "word/_rels/numbering.xml.rels"
SPACES = {"r": OFFICE}
IN_FIRST = '<w:numPr><w:numId w:val="1"/></w:numPr>'
ONE = definition(0) + num(1, 0)
LETTER = formatted_letter(item(1) + item(1) + item(1, 1) + item(1), lists=ONE)


def test_numbered_lists_restart_in_every_letter() -> None:
    assert counted(combine_all(LETTER, LETTER, LETTER).data) == ["1.", "2.", "a)", "3."] * 3


def test_numbered_lists_of_a_word_file_restart_too() -> None:
    document = Document()
    for name in ("List Number", "List Number", "List Number 2", "List Bullet", "List Number"):
        document.add_paragraph("item", style=name)
    letters = docx_bytes(document), docx_bytes(document)
    assert counted(combine_all(*letters).data) == ["1.", "2.", "1.", "\uf0b7", "3."] * 2
    assert combined_appearance(*letters) == separate_appearance(*letters)


def test_a_list_keeps_its_first_number() -> None:
    fifth = formatted_letter(item(1) + item(1), lists=definition(0, start=5) + num(1, 0))
    again = formatted_letter(item(1) + item(2) + item(2), lists=ONE + num(2, 0, restart_at(7)))
    nought = formatted_letter(item(1), lists=ONE.replace('<w:start w:val="1"/>', ""))
    assert (
        counted(combine_all(fifth, again, fifth, again).data) == ["5.", "6.", "1.", "7.", "8."] * 2
    )
    assert counted(combine_all(nought, nought).data) == ["0.", "0."]  # 17.9.25


def test_two_lists_with_equal_definitions_count_separately() -> None:
    lists = definition(0) + definition(1) + num(1, 0) + num(2, 1)
    letter = formatted_letter(item(1) + item(1) + item(1) + item(2) + item(1), lists=lists)
    assert counted(letter) == ["1.", "2.", "3.", "1.", "4."]
    assert counted(combine_all(letter, letter).data) == counted(letter) * 2
    other_letter = formatted_letter(item(2) + item(1) + item(2), lists=lists)
    assert counted(combine_all(LETTER, other_letter).data)[4:] == ["1.", "1.", "2."]


@pytest.mark.parametrize(
    "body",
    [
        item(1) + item(2) + item(1) + item(3) + item(1),
        item(2) + item(1) + item(3) + item(2),
        item(1) + item(3, 1) + item(3) + item(1) + item(2, 1),
        item(1, 1) + item(2) + item(1),
    ],
)
def test_lists_that_continue_each_other_do_so_in_every_letter(body: str) -> None:
    letter = formatted_letter(body, lists=ONE + num(2, 0) + num(3, 0, restart_at(5)))
    assert counted(combine_all(letter, letter, letter).data) == counted(letter) * 3


def test_lists_that_continue_each_other_are_one_for_libreoffice() -> None:
    letter = formatted_letter(item(1) + item(2) + item(1), lists=ONE + num(2, 0))
    data = combine_all(letter, letter).data
    used = [e.get(f"{W}val") for e in root(data).iter(f"{W}numId")]
    assert used[0] == used[1] == used[2] != used[3] == used[4] == used[5]


def test_a_list_with_another_format_in_one_letter_keeps_it() -> None:
    roman = definition(0, ("lowerRoman", "(%1)")) + num(1, 0)
    letters = LETTER, formatted_letter(item(1) + item(1), lists=roman), LETTER
    assert counted(combine_all(*letters).data)[4:6] == ["(i)", "(ii)"]
    assert combined_appearance(*letters) == separate_appearance(*letters)
    level = own_level("lowerLetter", "%1:")
    exception = formatted_letter(item(1) + item(2), lists=ONE + num(2, 0, level))
    assert counted(exception) == ["1.", "b:"]
    assert combined_appearance(LETTER, exception, exception) == separate_appearance(
        LETTER, exception, exception
    )


def own_level(form: str, text: str, start: int = 1) -> str:
    """Return an override with another first level."""
    definition_xml = definition(0, (form, text), start=start)
    level = definition_xml[
        definition_xml.index("<w:lvl ") : definition_xml.index("</w:abstractNum>")
    ]
    return f'<w:lvlOverride w:ilvl="0">{level}</w:lvlOverride>'


def test_an_overridden_list_level_decides_on_its_count_and_start() -> None:
    lists = ONE + num(2, 0, own_level(*BULLET))
    marking = formatted_letter(item(2) + item(2), lists=lists)
    assert counted(marking) == ["•", "•"]
    assert nums(combine_all(*[marking] * 4).data) == 2
    high = formatted_letter(
        item(2) + item(2), lists=ONE + num(2, 0, own_level("decimal", "%1.", 7))
    )
    assert counted(combine_all(high, high).data) == ["7.", "8."] * 2
    *_, last = root(combine_all(high, high).data, NUMBERING)
    first = next(last.iter(f"{W}lvlOverride"))
    assert [e.tag for e in first] == [f"{W}startOverride", f"{W}lvl"]  # 17.9.8


def test_a_thousand_letters_share_their_bullet_lists() -> None:
    bulleted = formatted_letter(item(1) + item(1), lists=definition(0, BULLET) + num(1, 0))
    assert nums(combine_all(*[bulleted] * 5).data) == 1
    restyled = formatted_letter(item(9), style_of("Normal"), definition(4, BULLET) + num(9, 4))
    assert nums(combine_all(bulleted, restyled, bulleted).data) == 1
    lists = definition(0, BULLET) + definition(1, ("bullet", "–")) + num(1, 0) + num(2, 1)
    two_lists, restyled_lists = (
        formatted_letter(item(1) + item(2), styles, lists) for styles in ("", style_of("Normal"))
    )
    assert counted(combine_all(two_lists, restyled_lists).data) == ["•", "–"] * 2
    assert nums(combine_all(two_lists, restyled_lists).data) == 2
    assert nums(combine_all(LETTER, *[bulleted] * 5).data) == 3
    assert nums(combine_all(*[LETTER] * 5).data) == 6
    assert len(list(root(combine_all(*[LETTER] * 5).data, NUMBERING).iter(f"{W}abstractNum"))) == 1


@pytest.mark.slow
def test_more_lists_than_word_can_number_are_refused() -> None:
    lists = "".join(num(n, 0) + num(1000 + n, 0, restart_at(1)) for n in range(1, 1000))
    many = formatted_letter(
        "".join(item(1000 + n) for n in range(1, 1000)), lists=definition(0) + lists
    )
    with pytest.raises(
        UsageError, match=r"All of them\.docx: The file has more numbered lists"
    ) as error:
        combine_all(many, many)
    assert "“Sheets”" in str(error.value)
    assert nums(combine_all(LETTER, many).data) == 1001 < MAX_LISTS


def numbered(style_indent: str = "", above: str = "") -> bytes:
    """Return a letter with a list from a style that has its own indents."""
    lists = definition(0).replace("<w:lvlText", '<w:pStyle w:val="Item"/><w:lvlText', 1) + num(1, 0)
    styles = style_of("Normal") + style_of("Above", paragraph=above)
    based = '<w:basedOn w:val="Above"/>'
    styles += style_of("Item", paragraph=f"{IN_FIRST}{style_indent}", more=based)
    indented = '<w:p><w:pPr><w:pStyle w:val="Item"/><w:ind w:left="50"/></w:pPr></w:p>'
    plain = f'<w:p><w:pPr><w:pStyle w:val="Item"/></w:pPr>{run("item")}</w:p>'
    return formatted_letter(plain + indented + plain, styles, lists)


@pytest.mark.parametrize(
    ("style_indent", "above"),
    [
        ("", ""),
        ('<w:ind w:left="900" w:hanging="100"/>', ""),
        ('<w:ind w:start="900" w:firstLine="100"/>', ""),
        ('<w:ind w:firstLine="100"/>', '<w:ind w:left="900" w:hanging="300"/>'),
        ("", '<w:ind w:left="900" w:hanging="300"/>'),
    ],
)
def test_a_list_from_a_style_keeps_the_indents_of_the_style(style_indent: str, above: str) -> None:
    letter = numbered(style_indent, above)
    for letters in ((letter, letter), (LETTER, letter, letter)):
        assert combined_appearance(*letters) == separate_appearance(*letters)


def test_the_list_level_linked_to_a_style_counts() -> None:
    linked = (
        definition(0)
        .replace('"%2)"/>', '"%2)"/>')
        .replace('<w:lvlText w:val="%2)"/>', '<w:pStyle w:val="Item"/><w:lvlText w:val="%2)"/>')
    )
    styles = style_of("Item", paragraph=IN_FIRST)
    body = item(1) + f'<w:p><w:pPr><w:pStyle w:val="Item"/></w:pPr>{run("sub")}</w:p>'
    letter = formatted_letter(body, styles, linked + num(1, 0))
    assert counted(combine_all(letter, LETTER, letter).data) == [
        "1.",
        "a)",
        *counted(LETTER),
        "1.",
        "a)",
    ]
    roman = formatted_letter(item(1), lists=definition(0, ("lowerRoman", "%1.")) + num(1, 0))
    added = [*root(combine_all(roman, letter).data, NUMBERING).iter(f"{W}abstractNum")][-1]
    assert not list(
        added.iter(f"{W}pStyle", f"{W}nsid")
    )  # the style has another name in the combined file


def test_a_list_stored_in_a_style_is_found_there() -> None:
    stored = definition(0, more='<w:styleLink w:val="Mine"/>')
    asking = '<w:abstractNum w:abstractNumId="1"><w:numStyleLink w:val="Mine"/></w:abstractNum>'
    mine = style_of("Mine", kind="numbering", paragraph=IN_FIRST)
    letter = formatted_letter(item(2) + item(2), mine, stored + asking + num(1, 0) + num(2, 1))
    assert counted(combine_all(letter, letter).data) == ["1.", "2."] * 2
    assert counted(combine_all(LETTER, letter, letter).data)[4:] == ["1.", "2."] * 2


def test_a_missing_list_never_becomes_another_letters_list() -> None:
    without_list = formatted_letter(item(7) + item(2), lists=ONE)
    bare = formatted_letter(item(1) + item(2))
    for letters in (
        (LETTER, without_list),
        (without_list, *[LETTER] * 8),
        (LETTER, bare),
        (bare, LETTER),
    ):
        assert combined_appearance(*letters) == separate_appearance(*letters)


@pytest.mark.parametrize("numbering", ['numId w:val="0"', 'numId w:val="9"', 'ilvl w:val="0"'])
def test_a_style_without_a_list_never_gets_another_letters_list(numbering: str) -> None:
    body = f'<w:p><w:pPr><w:pStyle w:val="Item"/></w:pPr>{run("item")}</w:p>'
    in_list = formatted_letter(body, style_of("Item", paragraph=IN_FIRST), ONE)
    in_none = formatted_letter(
        body, style_of("Item", paragraph=f"<w:numPr><w:{numbering}/></w:numPr>"), ONE
    )
    assert (counted(in_list), counted(in_none)) == (["1."], [])
    for letters in ((in_list, in_none), (in_none, in_list)):
        assert combined_appearance(*letters) == separate_appearance(*letters)


def test_a_paragraph_removed_from_its_styles_list_stays_without_a_list() -> None:
    body = item(0, text="out", style="Item") + item(1, style="Item")
    styles = style_of("Item", paragraph=IN_FIRST)
    letter = formatted_letter(body, styles, ONE)
    assert counted(combine_all(letter, LETTER, letter).data) == ["1.", *counted(LETTER), "1."]


def test_lists_in_tables_text_boxes_and_notes_restart() -> None:
    cell = f"<w:tc><w:tcPr/>{item(1)}</w:tc>"
    body = item(1) + table([cell]) + text_box(item(1)) + f"<w:p>{note()}</w:p>"
    noted = docx(body, footnotes=f"<w:p>{run('so')}</w:p>{item(2)}{item(2)}")
    files = members(with_part(noted, "numbering", members(LETTER)[NUMBERING]))
    extra = files[NUMBERING].replace(
        b"</w:numbering>", f"{num(2, 0, restart_at(1))}</w:numbering>".encode()
    )
    letter = zipped({**files, NUMBERING: extra})
    data = combine_all(letter, letter).data
    assert counted(data) == counted(letter) * 2
    shown = [s.number for s in looks(data, "word/footnotes.xml") if s.number]
    assert shown == ["1.", "2.", "1.", "2."]


def test_a_list_in_a_header_is_shared_by_all_letters() -> None:
    headed = docx("Dear Ana", header=item(1))
    letter = with_part(headed, "numbering", members(LETTER)[NUMBERING])
    assert [s.number for s in looks(combine_all(LETTER, letter).data, "word/header1.xml")] == ["1."]
    assert parts(combine_all(letter, letter).data, "word/header") == ["word/header1.xml"]
    assert nums(combine_all(*[letter] * 3).data) == 1


def pictured(shade: bytes) -> bytes:
    """Return a letter whose bullets are pictures."""
    bullet = (
        '<w:numPicBullet w:numPicBulletId="3"><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:'
        f'vml"><v:imagedata xmlns:r="{OFFICE}" r:id="p"/></v:shape></w:pict></w:numPicBullet>'
    )
    lists = definition(0, BULLET).replace("<w:lvlJc", '<w:lvlPicBulletId w:val="3"/><w:lvlJc')
    files: dict[str, str | bytes] = dict(
        members(formatted_letter(item(1), lists=bullet + lists + num(1, 0)))
    )
    link = f'<Relationship Id="p" Type="{OFFICE}/image" Target="media/bullet.png"/>'
    files[LINKS] = f'<Relationships xmlns="{PACKAGE}/relationships">{link}</Relationships>'
    return zipped({**files, "word/media/bullet.png": shade})


def bullets(data: bytes) -> list[bytes]:
    """Return the pictures that list definitions show, in their order."""
    targets = {str(e.get("Id")): f"word/{e.get('Target')}" for e in root(data, LINKS)}
    numbering = root(data, NUMBERING)
    pictures = {
        e.get(f"{W}numPicBulletId"): targets[str(e.xpath("string(.//@r:id)", namespaces=SPACES))]
        for e in numbering.iter(f"{W}numPicBullet")
    }
    used = [pictures[e.get(f"{W}val")] for e in numbering.iter(f"{W}lvlPicBulletId")]
    return [members(data)[name] for name in used]


def test_picture_bullets_keep_their_pictures() -> None:
    one, two = pictured(b"one"), pictured(b"two")
    assert bullets(combine_all(LETTER, one, two, one).data) == [b"one", b"two"]
    assert bullets(combine_all(one, one).data) == [b"one"]
    assert bullets(combine_all(one, two).data) == [b"one", b"two"]
    assert len(parts(combine_all(one, two, one, two).data, "word/media/")) == 2
    assert not defects(combine_all(LETTER, one, two).data)
