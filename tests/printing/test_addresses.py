"""The recipient's address is exactly the letter's own, or empty if unsure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from support.documents import docx, paragraph, table
from support.everyday import everyday
from support.filled_letters import fill, texts

from merge.people import Person, SheetKind
from merge.printing.addresses import LetterAddress, address_too_long, recipient_address_lines
from merge.values import WorkbookValue

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "templates" / "appeal.docx"

SIGNER = {
    "name": "Käthe Weißmüller",
    "street": "Birnbaumgasse 7",
    "city": "04107 Leipzig",
    "country": "Germany",
}
FIELDS = (
    *("id", "position", "name", "organisation", "street", "postal_code", "city", "country"),
    *("salutation", "include"),
)
RECIPIENTS = {
    "full": (
        *("R1", "Minister of Justice", "Dr Amara Okafor", "Federal Ministry of Justice"),
        *("Plot 71B, Shehu Shagari Way", "900242", "Abuja", "Nigeria", "Minister", "yes"),
    ),
    "title of two lines, no organisation": (
        *("R2", "Ministre de la Justice\nGarde des Sceaux", "Éléonore Vasseur-Lê", ""),
        *("13, place Vendôme", "75001", "Paris", "France", "Madame la Ministre", ""),
    ),
    "as the signer's": (
        *("R3", "", "Präsident Jörg Straßner", "Landtag", "Ring 1", "04107", "Leipzig"),
        *("Germany", "Präsident", "yes"),
    ),
    "Arabic": (
        *("R4", "السيد وزير العدل", "سامي الطرابلسي", "وزارة العدل", "31 شارع باب بنات"),
        *("1006", "تونس", "تونس", "السيد الوزير", ""),
    ),
    "Chinese": (
        *("R5", "部长", "王建国", "司法部", "朝阳门南大街2号", "100701", "北京市"),
        *("中国", "部长", ""),
    ),
    "salutation as the title": (
        *("R6", "Chairman of the Committee", "Aleksandr Bastrykin", "Committee", "dom 2"),
        *("105005", "Moscow", "Russian Federation", "Chairman of the Committee", "yes"),
    ),
}
BLOCK = ("{position}", "{name}", "{organisation}", "{street}", "{postal_code} {city}", "{country}")
TAGS = tuple(line.replace("{", "{{ recipient.").replace("}", " }}") for line in BLOCK)
SIGNER_TAGS = tuple(f"{{{{ signer.{tag} }}}}" for tag in SIGNER)
GREETING = "Dear {{ recipient.salutation }},"
END = ("Please release the men who are held.", "Sincerely,", *SIGNER_TAGS)


def person(kind: SheetKind, fields: Mapping[str, str]) -> Person:
    values = {tag: WorkbookValue(text) for tag, text in fields.items()}
    return Person(kind, f"name:{values['name']}", 2, values)


def recipient(who: str) -> Person:
    return person("recipient", dict(zip(FIELDS, RECIPIENTS[who], strict=True)))


def letter(body: str, who: str = "full") -> list[str]:
    values = {tag: str(text) for tag, text in recipient(who).fields.items()}
    return texts(fill(docx(body), recipient=values, signer=dict(SIGNER)))


def lines(*paragraphs: str) -> str:
    """Return a paragraph for each line."""
    return "".join(map(paragraph, paragraphs))


def block(who: str, *patterns: str) -> tuple[str, ...]:
    """Return the lines that a careful person would type from the row.

    Blank ones are skipped.
    """
    fields = {**recipient(who).fields, "COUNTRY": recipient(who).fields["country"].upper()}
    text = "\n".join(pattern.format(**fields) for pattern in patterns)
    return tuple(line.removesuffix(", ") for line in text.split("\n") if line.strip(", "))


NAME_FIRST = (TAGS[1], TAGS[0], *TAGS[2:])
TEMPLATES = {
    "blank lines round it": (lines("", *TAGS, "", GREETING, *END), BLOCK),
    "no blank line at all": (lines(*TAGS, GREETING, *END), BLOCK),
    "one paragraph, other words above and below": (
        lines("By air", "\n".join(TAGS), "Appeal for the men detained", GREETING, *END),
        BLOCK,
    ),
    "the name first": (
        lines(*NAME_FIRST, "", GREETING, *END),
        (BLOCK[1], BLOCK[0], *BLOCK[2:]),
    ),
    "the country in capitals": (
        lines(*TAGS[:-1], "{{ recipient.country|upper }}", "", GREETING, *END),
        (*BLOCK[:-1], "{COUNTRY}"),
    ),
    "in a table cell, a date beside it": (
        table(["\n".join(TAGS), "Leipzig, 3. März 2026"]) + lines(GREETING, *END),
        BLOCK,
    ),
    "a date right above": (lines("Leipzig, 3 March 2026", *TAGS, GREETING, *END), BLOCK),
    "a date right below": (lines(*TAGS, "2026年3月3日", GREETING, *END), BLOCK),
    "the signer's address above": (lines(*SIGNER_TAGS, "", *TAGS, "", GREETING, *END), BLOCK),
    "the signer's address right above": (lines(*SIGNER_TAGS, *TAGS, GREETING, *END), BLOCK),
    "a word above, no comma below": (
        lines("To:", *TAGS, "Dear {{ recipient.salutation }}", *END),
        BLOCK,
    ),
    "two cells a line": (
        lines("{{ recipient.name }}, {{ recipient.position }}", *TAGS[2:], GREETING, *END),
        ("{name}, {position}", *BLOCK[2:]),
    ),
    "commas at the ends": (
        lines(*(f"{tag}," for tag in TAGS[:-1]), TAGS[-1], "", "Sir,", *END),
        (*(f"{line}," for line in BLOCK[:-1]), BLOCK[-1]),
    ),
    "a loop over the lines of a cell": (
        lines(
            "{%p for line in recipient.position|lines %}",
            *("{{ line }}", "{%p endfor %}", *TAGS[1:], "", GREETING, *END),
        ),
        BLOCK,
    ),
    "the country first, no spaces": (
        lines("{{ recipient.country }}·{{ recipient.city }}", TAGS[3], TAGS[2], TAGS[1], GREETING),
        ("{country}·{city}", BLOCK[3], BLOCK[2], BLOCK[1]),
    ),
    "a greeting of cells alone": (
        lines(*TAGS, "{{ recipient.salutation }} {{ recipient.name }},", *END),
        BLOCK,
    ),
}


@pytest.mark.parametrize("who", everyday(RECIPIENTS))
@pytest.mark.parametrize("name", TEMPLATES)
def test_an_address_is_copied_from_the_letter_line_for_line(name: str, who: str) -> None:
    body, expected = TEMPLATES[name]
    address = recipient_address_lines(letter(body, who), recipient(who), person("signer", SIGNER))
    assert address == block(who, *expected)


@pytest.mark.parametrize("who", everyday(RECIPIENTS))
@pytest.mark.parametrize("name", TEMPLATES)
def test_an_address_without_a_signer_is_the_same_or_empty(name: str, who: str) -> None:
    body, expected = TEMPLATES[name]
    assert recipient_address_lines(letter(body, who), recipient(who)) in {(), block(who, *expected)}


def test_every_shipped_letter_has_a_readable_address() -> None:
    book = load_workbook(ROOT / "signers.xlsx")
    people = {title: rows(book[title]) for title in ("Signers", "Recipients")}
    addresses = set()
    for signer in people["Signers"]:
        for recipient_row in people["Recipients"]:
            letter_texts = texts(
                fill(TEMPLATE.read_bytes(), signer=signer, recipient=recipient_row)
            )
            addresses.add(
                recipient_address_lines(
                    letter_texts, person("recipient", recipient_row), person("signer", signer)
                )
            )
    assert addresses == {
        (
            "Chairman of the Investigation Committee",
            "Aleksandr Ivanovich Bastrykin",
            "Investigation Committee of the Russian Federation",
            "Tekhnicheskii pereulok, dom 2",
            "105005 Moscow",
            "Russian Federation",
        ),
        (
            "Ambassador Sergey I. Kislyak",
            "Embassy of the Russian Federation",
            "2650 Wisconsin Ave. NW",
            "Washington DC 20007",
        ),
    }


def rows(sheet: Worksheet) -> list[dict[str, str]]:
    headings, *others = sheet.iter_rows(values_only=True)
    tags = [str(heading).lower() for heading in headings]
    return [dict(zip(tags, (str(c or "") for c in row), strict=True)) for row in others]


FULL_BLOCK = block("full", *BLOCK)


FULL_RECIPIENT = recipient("full")


@pytest.mark.parametrize("between", [(), ("",)])
@pytest.mark.parametrize("number", range(len(FULL_BLOCK)))
def test_an_edited_line_is_never_dropped_silently_from_an_address(
    number: int, between: tuple[str, ...]
) -> None:
    for edited in ("A correction,", "2026 Somewhere 5", "Justice (acting)", "for the Minister"):
        edited_block = [*FULL_BLOCK[:number], edited, *FULL_BLOCK[number + 1 :]]
        written = ["Bern, 3 March 2026", *between, *edited_block, *between, "Your Excellency,"]
        assert recipient_address_lines(written, FULL_RECIPIENT) in {(), tuple(edited_block)}


UNSURE = {
    "no address": ["Dear Minister,", "Please.", "Käthe Weißmüller"],
    "a country that the template says": [*FULL_BLOCK[:-1], "NIGERIA (West Africa)", "", "Sir,"],
    "a title before the name": [
        FULL_BLOCK[0],
        "His Excellency Dr Amara Okafor",
        *FULL_BLOCK[2:],
        "",
        "Sir,",
    ],
    "a line of other words above": ["By registered post", *FULL_BLOCK, "", "Sir,"],
    "a blank line within": [*FULL_BLOCK[:3], "", *FULL_BLOCK[3:], "", "Sir,"],
    "a blank line within, where only the name stands before it": [
        FULL_BLOCK[1],
        "",
        *FULL_BLOCK[2:],
        "Sir,",
    ],
    "only the name": [FULL_BLOCK[1], "", "Sir,"],
    "the same line twice": [FULL_BLOCK[-1], *FULL_BLOCK, "", "Sir,"],
    "commas at the ends, and one edited": [
        *(f"{g}," for g in FULL_BLOCK[:2]),
        "Plot 7,",
        FULL_BLOCK[-1],
    ],
    "a name elsewhere above": [
        "For Dr Amara Okafor",
        "",
        FULL_BLOCK[0],
        *FULL_BLOCK[2:],
        "",
        "Sir,",
    ],
    "a dash for a blank": [*FULL_BLOCK[:3], "-", *FULL_BLOCK[3:], "", "Sir,"],
}


@pytest.mark.parametrize("name", UNSURE)
def test_an_uncertain_address_is_empty(name: str) -> None:
    assert recipient_address_lines(UNSURE[name], FULL_RECIPIENT) == ()


@pytest.mark.parametrize(
    "day",
    [
        *("3 March 2026", "Bern, 3 March 2026", "March 3rd, 2026", "1er mars 2026", "2026-03-03"),
        *("Bern, den 3. März 2026", "3.3.2026", "3 de março de 2026", "3 марта 2026 г."),
        *("2026年3月3日", "٣ مارس ٢٠٢٦", "30 नवंबर 2026", "30 พฤศจิกายน 2026"),
    ],
)
def test_a_date_next_to_an_address_is_not_part_of_it(day: str) -> None:
    assert recipient_address_lines([day, *FULL_BLOCK, "", "Sir,"], FULL_RECIPIENT) == FULL_BLOCK
    assert recipient_address_lines([*FULL_BLOCK, day, "", "Sir,"], FULL_RECIPIENT) == FULL_BLOCK


def test_a_sentence_of_a_cell_is_not_a_line_of_the_address() -> None:
    sentence = (
        "You know as well as I do that this man has done no more than say aloud what he saw there."
    )
    petitioned = person(
        "recipient", {**FULL_RECIPIENT.fields, "plea": sentence + " Please let him go home."}
    )
    assert recipient_address_lines([*FULL_BLOCK, petitioned.fields["plea"]], petitioned) == ()
    assert (
        recipient_address_lines([*FULL_BLOCK, "", petitioned.fields["plea"]], petitioned)
        == FULL_BLOCK
    )


def test_a_greeting_from_a_cell_is_not_a_line_of_the_address() -> None:
    assert (
        recipient_address_lines([*FULL_BLOCK, "Minister", "Please let him go."], FULL_RECIPIENT)
        == FULL_BLOCK
    )


def test_the_signers_own_address_is_never_used_for_the_recipient() -> None:
    neighbour = person("recipient", {**SIGNER, "name": "Bo Berg"})
    signer = person("signer", SIGNER)
    written = [*SIGNER.values(), "", "Dear Bo Berg,", "Please.", *SIGNER.values()]
    assert recipient_address_lines(written, neighbour, signer) == ()
    assert recipient_address_lines(written, neighbour) == ()


def test_the_first_cell_of_a_row_replaces_a_missing_name_in_an_address() -> None:
    without = (FULL_BLOCK[0], *FULL_BLOCK[2:])
    assert recipient_address_lines([*without, "", "Sir,"], FULL_RECIPIENT) == without


def test_a_name_without_letters_has_no_address() -> None:
    nameless = person("recipient", {"name": "—", "city": "?"})
    assert recipient_address_lines(["—", "?", "", "Sir,"], nameless) == ()


def test_an_address_problem_names_the_letter() -> None:
    with_path = LetterAddress("a" * 16, (), path="letters/Ana/Bo.docx")
    assert (
        str(address_too_long(with_path, "address", "a label 5160").place) == "letters/Ana/Bo.docx"
    )
    assert (
        str(address_too_long(LetterAddress("b" * 16, ()), "address", "a label").place)
        == f"letter {'b' * 16}"
    )
