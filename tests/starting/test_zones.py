"""The zones of letters: whose lines are above and below the text."""

from __future__ import annotations

import pytest
from support.start_letters import TEXT, start, template_text, to_li, to_rey, values

ITEMS = ("die Akten zu prüfen;", "uns zu antworten.")
LONG_LI, LONG_REY = (text.replace(TEXT, f"{TEXT} {TEXT}") for text in (to_li(), to_rey()))
GERMAN = f"Herr Li Wei\nPräsident\n3000 Bern\n\nSehr geehrter Herr Li,\n{TEXT}\nWir bitten Sie,"


def _signed(*lines: str) -> str:
    return to_li().replace("Ana Ruiz", "\n".join(["Ana Ruiz", *lines]))


@pytest.mark.parametrize("closing", ["Freundliche Grüsse", "Viele Grüße an alle"])
def test_a_line_with_a_comma_above_a_list_is_not_the_closing_of_a_letter(closing: str) -> None:
    found = start("\n".join([GERMAN, *ITEMS, closing, "", "Ana Ruiz"]))
    text = template_text(found)
    assert all(words in text for words in ("Wir bitten Sie,", *ITEMS, closing))


def test_a_closing_is_known_with_ss_for_eszett() -> None:
    found = start("\n".join([GERMAN, *ITEMS, "Freundliche Grüsse", "", "Ana Ruiz"]))
    assert values(found)["signer.name"] == ["Ana Ruiz"]


@pytest.mark.parametrize(
    "lines",
    [
        ("", "Prilog: popis 14 fotografija"),
        ("", "Beilage erwähnt"),
        ("Tembusan:", "Arsip"),
        ("", "Please write to us about what you have decided."),
    ],
)
def test_lines_below_the_signature_that_are_not_the_signers_are_no_columns(
    lines: tuple[str, ...],
) -> None:
    found = start(_signed("Nurse", *lines))
    assert "\n".join(filter(None, lines)) in template_text(found).replace("\n\n", "\n")
    assert [c.placeholder for c in found.columns if c.sheet == "signer"] == [
        "signer.name",
        "signer.city",
    ]


def test_a_dotted_line_to_sign_is_no_column() -> None:
    found = start(to_li().replace("Ana Ruiz", "………………………\nAna Ruiz"))
    assert "………………………\n{{ signer.name }}" in template_text(found)


def test_an_address_below_the_signature_is_the_recipients_if_a_label_is_above_it() -> None:
    text = (
        f"Bästa Lea!\n{TEXT}\nMed vänlig hälsning\n\nAna Ruiz\n\nTill:\nLea Ek\nBox 30\n103 33 Lund"
    )
    found = values(start(text))
    assert found["recipient.name"] == ["Lea Ek"]
    assert found["recipient.city"] == ["103 33 Lund"]
    assert found["signer.name"] == ["Ana Ruiz"]


def test_a_label_before_a_colon_is_no_value() -> None:
    found = start(f"Ana Ruiz\n12 Main Street\nDate:\n\n{to_li()}")
    assert ["Date:"] not in values(found).values()
    assert "Date:" in template_text(found)


@pytest.mark.parametrize(
    "heading",
    ["Appointment Letter", "Bewerbung als Werkstudent", "Our reference A/17", "П О К А Н А"],
)
def test_one_line_above_the_salutation_that_is_no_person_is_no_address(heading: str) -> None:
    found = start("\n".join([heading, "", *to_li().split("\n")[5:]]))
    assert template_text(found).startswith(heading)
    assert list(values(found)) == ["signer.name", "recipient.salutation"]


@pytest.mark.parametrize("lines", [("Ruiz Ana", "Lima"), ("12 Hill Street", "ana@post.example")])
def test_a_block_with_the_signers_name_or_without_words_is_not_the_recipients(
    lines: tuple[str, str],
) -> None:
    found = start("\n".join([*lines, "", *to_li().split("\n")[5:]]))
    assert template_text(found).startswith("\n".join(lines))
    assert all(column.sheet == "signer" or column.source == "greeting" for column in found.columns)


def test_an_address_that_all_letters_have_is_not_the_recipients_if_salutations_differ() -> None:
    block = "Action Group\nCentral Office\n3000 Bern\n\n"
    letters = ["\n".join(text.split("\n")[5:]) for text in (to_li(), to_rey())]
    found = start(*(block + letter for letter in letters))
    assert template_text(found).startswith(block.strip())
    assert values(found)["recipient.salutation"] == ["Minister", "Ms Rey"]


def test_a_heading_of_one_word_in_the_text_is_no_salutation() -> None:
    assert "\nGeneral:\n" in template_text(start(to_li("General:", TEXT)))


@pytest.mark.parametrize(
    "label", ["לכבוד", "Kepada Yth.", "ДО", "Till:", "Către:", "Kính gửi:", "Attention:"]
)
def test_a_word_for_to_above_or_before_the_name_stays_in_all_letters(label: str) -> None:
    gap = " " if label[-1] == ":" and " " not in label and label != "Till:" else "\n"
    found = start(f"{label}{gap}{to_li()}", f"{label}{gap}{to_rey()}")
    assert template_text(found).startswith(f"{label}{gap}{{{{ recipient.name }}}}")
    assert values(found)["recipient.name"] == ["Mr Li Wei", "Ms Ana Rey"]


def test_the_sender_in_an_address_is_the_same_in_all_letters() -> None:
    letters = [text.replace("Main Street 1", "발신: 이웃") for text in (to_li(), to_rey())]
    assert "\n발신: 이웃\n" in template_text(start(*letters))


@pytest.mark.parametrize("greeting", ["Inspector Li,", "Arvoisa ystävä!"])
def test_a_short_line_alone_above_the_text_is_the_salutation(greeting: str) -> None:
    found = start(LONG_LI.replace("Dear Minister,", greeting), LONG_REY)
    assert values(found)["recipient.salutation"][0].startswith(greeting[:-1])
    assert found.proof.holds


def test_an_unknown_greeting_that_names_no_one_stays_and_is_asked() -> None:
    found = start(LONG_LI.replace("Dear Minister,", "Peace be with you,"))
    assert "greeting" in [question.kind for question in found.questions]
    assert "\nPeace be with you,\n" in template_text(found)


def test_an_attention_line_and_the_salutation_are_each_one_column() -> None:
    letters = [
        text.replace(name, "Office").replace(f"Dear {who},", f"Attention: {name}\n\n{to}")
        for text, name, who, to in (
            (LONG_LI, "Mr Li Wei", "Minister", "Inspector Li,"),
            (LONG_REY, "Ms Ana Rey", "Ms Rey", "Honourable Minister,"),
        )
    ]
    found = start(*letters)
    assert ["Inspector Li", "Honourable Minister"] in [column.values for column in found.columns]
    assert ["Mr Li Wei", "Ms Ana Rey"] in [column.values for column in found.columns]
    assert all("paragraph" not in placeholder for placeholder in values(found))


def test_equal_lines_of_addresses_are_side_by_side_before_lines_of_one_kind() -> None:
    letters = (
        "Human Resources\nAlpha\n12 Hill Street",
        "The Director\nHuman Resources\nBeta\n12 Hill Street",
    )
    body = "\n".join(to_li().split("\n")[4:])
    found = values(start(*(f"{head}\n{body}" for head in letters)))
    assert ["Human Resources", "Human Resources"] in found.values()
    assert ["Alpha", "Beta"] in found.values()


def test_a_line_without_a_word_is_no_column_of_the_recipient() -> None:
    letters = [text.replace("Main Street 1", "S / D") for text in (to_li(), to_rey())]
    assert "\nS / D\n" in template_text(start(*letters))


def test_a_line_that_looks_like_a_greeting_below_the_text_is_no_salutation() -> None:
    paragraphs = "\n".join(f"{number}. {TEXT} {TEXT}" for number in range(1, 5))
    text = f"Mr Li Wei\nMinister\n3000 Bern\n\n{paragraphs}\nOn behalf of the branch:\nAna Ruiz"
    assert "recipient.salutation" not in values(start(text))


def test_initials_above_the_salutation_are_a_name_and_no_subject() -> None:
    first, second = (
        f"{office}\n{name}\n{city}\n\nУважаемый господин министр!\n{TEXT}\nС уважением,\nАнна Руис"
        for office, name, city in (
            ("Министру образования", "О. П. Туганбаеву", "г. Москва"),
            ("Министру культуры", "Л. М. Варенцову", "г. Омск"),
        )
    )
    assert "Туганбаев" not in template_text(start(second, first))


def test_a_line_below_the_closing_that_ends_with_a_comma_is_not_the_signer() -> None:
    text = to_li().replace("\n\nAna Ruiz", "\n\nPour le collectif,\nAna Ruiz")
    found = start(text)
    assert values(found)["signer.name"] == ["Ana Ruiz"]
    assert "Pour le collectif,\n" in template_text(found)


def test_a_block_that_all_letters_of_a_signer_have_is_no_address_without_a_greeting() -> None:
    head = "International Society of Midwives\nLiaison Office\nAvenue 19\n\n"
    foot = "Yours sincerely,\nAna Ruiz"
    first, second = (f"{head}{TEXT} {TEXT}\nPlease free {name}.\n{foot}" for name in ("Bo", "Ed"))
    found = start(first, second)
    assert template_text(found).startswith(head)


def test_lines_of_addresses_of_one_length_are_side_by_side() -> None:
    li = ("A Sua Excelência a Senhora", "Des. Li Teles", "Presidente", "Rua B 1", "29010-900 Anil")
    rey = ("Ao Senhor", "Cel. PM Ana Rey", "Comandante", "Rua C 2", "29102-571 Anil")
    letters = [
        "\n".join([*lines, "", f"Senhor {name},", TEXT, "Respeitosamente,", "Ana Ruiz"])
        for lines, name in ((li, "Li"), (rey, "Rey"))
    ]
    found = [value for key, value in values(start(*letters)).items() if key.startswith("recipient")]
    assert found[:5] == [[one, other] for one, other in zip(li, rey, strict=True)]


@pytest.mark.parametrize("label", ["Mob.:", "E-Mail:", "Direct line:", "هاتف:"])
def test_the_label_of_a_line_below_the_signature_stays(label: str) -> None:
    found = start(_signed(f"{label} 0790 555 118"))
    assert f"{label} {{{{ signer.phone }}}}" in template_text(found)


def test_a_long_town_before_the_date_is_no_line_of_the_signer() -> None:
    address, salutation = to_li().split("\n\n", 1)
    above = ("By certified mail 7", "Newcastle upon Tyne, 3 June 2026", "File 12/B")
    found = start("\n\n".join(["Ana Ruiz\nLong Lane 2", address, *above, salutation]))
    assert "7\n\nNewcastle upon Tyne, {{ date }}\n\nFile 12/B" in template_text(found)


def test_notes_below_a_japanese_closing_are_not_the_signature() -> None:
    items = "\n".join(f"{number}. 休業を取得できるようにすること" for number in (1, 2))
    letter = f"青波局\n局長　三田村恵子　様\n\n拝啓　初夏の候\n{TEXT}\n敬具\n\n記\n{items}\n以上"
    found = start(letter)
    assert items in template_text(found)
    assert values(found)["recipient.name"] == ["局長 三田村恵子"]


def test_a_title_with_a_comma_in_the_address_is_not_the_salutation() -> None:
    lines = "Smt. Kavitha Rao,\nDistrict Collector,\nStation Road,\nBelapur 413 715"
    found = values(start("\n".join([lines, *to_li().split("\n")[4:]])))
    assert found["recipient.position"] == ["District Collector"]
    assert found["recipient.salutation"] == ["Minister"]


def test_an_abbreviation_in_a_salutation_ends_no_sentence() -> None:
    salutation = "Sehr geehrte Frau Ministerin Dr. Tjarks"
    found = start(to_li().replace("Dear Minister", salutation))
    assert values(found)["recipient.salutation"] == [salutation]


def test_a_closing_in_spaced_letters_and_a_motto_are_above_the_signers_name() -> None:
    found = start(to_li().replace("Yours sincerely,", "A T E N T A M E N T E\n“Hasta hoy”"))
    assert values(found)["signer.name"] == ["Ana Ruiz"]
    assert "A T E N T A M E N T E\n“Hasta hoy”" in template_text(found)


def test_a_line_for_the_attention_of_someone_has_the_name() -> None:
    lines = "Alpina Métaux SA\nÀ l’attention de M. Li Wei, Président\nQuai 7\n1201 Genève"
    found = values(start("\n".join([lines, *to_li().split("\n")[4:]])))
    assert found["recipient.name"] == ["M. Li Wei, Président"]


@pytest.mark.parametrize(
    ("before", "after"), [("", ","), ("(", ")"), ("gez. ", ""), ("i. A. ", "")]
)
def test_signs_around_a_line_are_not_in_its_value(before: str, after: str) -> None:
    found = start(to_li().replace("Ana Ruiz", f"{before}Ana Ruiz{after}"))
    assert values(found)["signer.name"] == ["Ana Ruiz"]
    assert f"\n{before}{{{{ signer.name }}}}{after}" in template_text(found)


def test_a_comma_after_each_line_of_an_address_stays() -> None:
    li, rey = (text.replace("\n", ",\n", 3) for text in (to_li(), to_rey()))
    found = start(li, rey)
    assert values(found)["recipient.position"] == ["Minister of Justice", "Attorney General"]
    assert "{{ recipient.position }},\n{{ recipient.street }},\n" in template_text(found)
