"""The address for the outside: exactly the letter's own, or none where that is not sure."""

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
from merge.printing.batches import short_id_length
from merge.values import Value

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
    values = {tag: Value(text) for tag, text in fields.items()}
    return Person(kind, f"name:{values['name']}", 2, values)


def recipient(who: str) -> Person:
    return person("recipient", dict(zip(FIELDS, RECIPIENTS[who], strict=True)))


def letter(body: str, who: str = "full") -> list[str]:
    values = {tag: str(text) for tag, text in recipient(who).fields.items()}
    return texts(fill(docx(body), recipient=values, signer=dict(SIGNER)))


def lines(*own: str) -> str:
    """A paragraph a line."""
    return "".join(map(paragraph, own))


def block(who: str, *patterns: str) -> tuple[str, ...]:
    """The lines that a person writes by hand from the row, blank ones left out."""
    fields = {**recipient(who).fields, "COUNTRY": recipient(who).fields["country"].upper()}
    made = "\n".join(pattern.format(**fields) for pattern in patterns)
    return tuple(line.removesuffix(", ") for line in made.split("\n") if line.strip(", "))


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
def test_the_address_is_the_letters_own_line_for_line(name: str, who: str) -> None:
    body, expected = TEMPLATES[name]
    found = recipient_address_lines(letter(body, who), recipient(who), person("signer", SIGNER))
    assert found == block(who, *expected)


@pytest.mark.parametrize("who", everyday(RECIPIENTS))
@pytest.mark.parametrize("name", TEMPLATES)
def test_without_the_signer_it_is_the_same_or_not_sure(name: str, who: str) -> None:
    body, expected = TEMPLATES[name]
    assert recipient_address_lines(letter(body, who), recipient(who)) in {(), block(who, *expected)}


def test_every_shipped_letter_gives_its_address() -> None:
    book = load_workbook(ROOT / "signers.xlsx")
    people = {title: rows(book[title]) for title in ("Signers", "Recipients")}
    found = set()
    for signer in people["Signers"]:
        for other in people["Recipients"]:
            made = texts(fill(TEMPLATE.read_bytes(), signer=signer, recipient=other))
            found.add(
                recipient_address_lines(made, person("recipient", other), person("signer", signer))
            )
    assert found == {
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


GIVEN = block("full", *BLOCK)


ANYBODY = recipient("full")


@pytest.mark.parametrize("between", [(), ("",)])
@pytest.mark.parametrize("number", range(len(GIVEN)))
def test_a_line_that_somebody_edited_never_just_drops_out(
    number: int, between: tuple[str, ...]
) -> None:
    for edited in ("A correction,", "2026 Somewhere 5", "Justice (acting)", "for the Minister"):
        own = [*GIVEN[:number], edited, *GIVEN[number + 1 :]]
        written = ["Bern, 3 March 2026", *between, *own, *between, "Your Excellency,"]
        assert recipient_address_lines(written, ANYBODY) in {(), tuple(own)}


UNSURE = {
    "no address": ["Dear Minister,", "Please.", "Käthe Weißmüller"],
    "a country that the template says": [*GIVEN[:-1], "NIGERIA (West Africa)", "", "Sir,"],
    "a title before the name": [GIVEN[0], "His Excellency Dr Amara Okafor", *GIVEN[2:], "", "Sir,"],
    "a line of other words above": ["By registered post", *GIVEN, "", "Sir,"],
    "a blank line within": [*GIVEN[:3], "", *GIVEN[3:], "", "Sir,"],
    "a blank line within, where only the name stands before it": [GIVEN[1], "", *GIVEN[2:], "Sir,"],
    "only the name": [GIVEN[1], "", "Sir,"],
    "the same line twice": [GIVEN[-1], *GIVEN, "", "Sir,"],
    "commas at the ends, and one edited": [*(f"{g}," for g in GIVEN[:2]), "Plot 7,", GIVEN[-1]],
    "a name elsewhere above": ["For Dr Amara Okafor", "", GIVEN[0], *GIVEN[2:], "", "Sir,"],
    "a dash for a blank": [*GIVEN[:3], "-", *GIVEN[3:], "", "Sir,"],
}


@pytest.mark.parametrize("name", UNSURE)
def test_where_it_is_not_plain_there_is_none(name: str) -> None:
    assert recipient_address_lines(UNSURE[name], ANYBODY) == ()


@pytest.mark.parametrize(
    "day",
    [
        *("3 March 2026", "Bern, 3 March 2026", "March 3rd, 2026", "1er mars 2026", "2026-03-03"),
        *("Bern, den 3. März 2026", "3.3.2026", "3 de março de 2026", "3 марта 2026 г."),
        *("2026年3月3日", "٣ مارس ٢٠٢٦"),
    ],
)
def test_a_date_next_to_an_address_is_none_of_it(day: str) -> None:
    assert recipient_address_lines([day, *GIVEN, "", "Sir,"], ANYBODY) == GIVEN
    assert recipient_address_lines([*GIVEN, day, "", "Sir,"], ANYBODY) == GIVEN


def test_a_sentence_of_a_cell_is_no_line_of_the_address() -> None:
    told = (
        "You know as well as I do that this man has done no more than say aloud what he saw there."
    )
    own = person("recipient", {**ANYBODY.fields, "plea": told + " Please let him go home."})
    assert recipient_address_lines([*GIVEN, own.fields["plea"]], own) == ()
    assert recipient_address_lines([*GIVEN, "", own.fields["plea"]], own) == GIVEN


def test_a_greeting_that_is_a_cell_is_no_line_of_the_address() -> None:
    assert recipient_address_lines([*GIVEN, "Minister", "Please let him go."], ANYBODY) == GIVEN


def test_the_signers_own_address_is_never_taken() -> None:
    neighbour = person("recipient", {**SIGNER, "name": "Bo Berg"})
    signer = person("signer", SIGNER)
    written = [*SIGNER.values(), "", "Dear Bo Berg,", "Please.", *SIGNER.values()]
    assert recipient_address_lines(written, neighbour, signer) == ()
    assert recipient_address_lines(written, neighbour) == ()


def test_the_first_cell_of_the_row_will_do_where_no_name_stands_above() -> None:
    without = (GIVEN[0], *GIVEN[2:])
    assert recipient_address_lines([*without, "", "Sir,"], ANYBODY) == without


def test_a_name_without_letters_gives_none() -> None:
    nobody = person("recipient", {"name": "—", "city": "?"})
    assert recipient_address_lines(["—", "?", "", "Sir,"], nobody) == ()


@pytest.mark.parametrize(
    ("ids", "digits"),
    [
        ((), 4),
        (("0123456789abcdef",) * 2, 4),
        (("0123456789abcdef", "0123556789abcdef"), 5),
        (("0123456789abcdef", "0123456789abcdee"), 16),
    ],
)
def test_an_id_has_the_fewest_digits_from_four_on_that_tell_letters_apart(
    ids: tuple[str, ...], digits: int
) -> None:
    assert short_id_length(ids) == digits


def test_a_problem_names_the_letter() -> None:
    with_path = LetterAddress("a" * 16, (), path="letters/Ana/Bo.docx")
    assert (
        str(address_too_long(with_path, "address", "a label 5160").place) == "letters/Ana/Bo.docx"
    )
    assert (
        str(address_too_long(LetterAddress("b" * 16, ()), "address", "a label").place)
        == f"letter {'b' * 16}"
    )
