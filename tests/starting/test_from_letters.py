"""Columns that are found in letters, and traps with an example of each."""

from __future__ import annotations

import pytest
from docx.document import Document as Docx
from support.combined_letters import edit_docx, picture
from support.documents import docx, paragraph, run
from support.everyday import everyday
from support.start_letters import TEXT, letter_text, start, template_text, to_li, to_rey, values

from merge.starting.differences import occurrences
from merge.starting.questions import StartAnswers
from merge.starting.start import StartingPoint


def test_common_words_inside_two_values_stay_in_the_text_and_whole_lines_are_not_cut() -> None:
    found = start(
        to_li("The Ministry of Water can act."), to_rey("The Ministry of Health can act.")
    )
    assert "The Ministry of {{ recipient.words_after_of }} can act." in template_text(found)
    assert values(found)["recipient.position"] == ["Minister of Justice", "Attorney General"]


def test_a_value_that_one_letter_lacks_takes_its_space_along() -> None:
    found = start(to_li("Thank you."), to_rey("Thank you very much."))
    condition = "{% if recipient.words_after_you %} {{ recipient.words_after_you }}{% endif %}"
    assert f"Thank you{condition}." in template_text(found)
    assert found.proof.holds


def test_a_salutation_never_shares_a_column_with_the_position() -> None:
    li = letter_text("Mr Li Wei", "Minister", "3000 Bern", "Minister", TEXT)
    rey = letter_text("Ms Ana Rey", "Judge", "8000 Zürich", "Judge", TEXT)
    found = values(start(li, rey))
    assert found["recipient.position"] == found["recipient.salutation"] == ["Minister", "Judge"]


def test_acceptance_7_each_form_of_a_bent_name_is_a_column_of_its_own() -> None:
    text = "Мы знаем, что {} может помочь, и просим {} об этом, как просили раньше."
    letters = [
        "\n".join(
            [
                f"Министру {to}",
                "г. Москва",
                "",
                f"Уважаемый господин {who}!",
                text.format(who, whom),
                "С уважением,",
                "Анна Р.",
            ]
        )
        for to, who, whom in [("Иванову", "Иванов", "Иванова"), ("Петрову", "Петров", "Петрова")]
    ]
    found = start(*letters)
    assert found.proof.holds
    assert ["Иванов", "Петров"] in values(found).values()
    assert ["Иванова", "Петрова"] in values(found).values()


def test_acceptance_7_a_surname_alone_in_a_single_letter_is_asked() -> None:
    letter = letter_text(
        "Mr Sergey Kislyak",
        "Ambassador",
        "Washington",
        "Ambassador",
        TEXT,
        "We trust that Kislyak will pass this on.",
    )
    found = start(letter)
    assert [question.kind for question in found.questions] == ["part of name"]
    assert "We trust that {{ recipient.name_in_text }} will" in template_text(found)
    answers = StartAnswers().reply(found.questions[0].key, 1)
    assert "We trust that Kislyak will" in template_text(start(letter, answers=answers))


def test_a_word_that_is_common_in_the_text_is_no_part_of_a_name() -> None:
    text = "The Management Unit is ill-equipped. I know what good management needs."
    letter = letter_text("Mr Sergey Management", "Ambassador", "3000 Bern", "Ambassador", text)
    assert start(letter).questions == ()
    of_office = letter_text("Bangladesh Country Office", "Palace", "3000 Bern", "Sir", "Country.")
    found = start(of_office)
    assert "part of name" not in [question.kind for question in found.questions]


def test_a_line_with_a_picture_stays_as_it_is() -> None:
    found = start(edit_docx(docx(to_li()), _add_logo))
    assert "Ana Ruiz" in template_text(found)
    assert found.proof.holds


def _add_logo(document: Docx) -> None:
    line = document.paragraphs[-1]
    line.add_run(", ").add_picture(picture())
    line.add_run("MBE")


def test_a_line_that_is_the_same_in_all_letters_is_asked_once() -> None:
    found = start(to_li(), to_rey())
    assert [question.kind for question in found.questions] == ["same line"]
    answers = StartAnswers().reply(found.questions[0].key, 1)
    fixed = start(to_li(), to_rey(), answers=answers)
    assert "Main Street 1" in template_text(fixed)
    assert fixed.proof.holds


def test_acceptance_8_a_name_above_or_below_the_position_keeps_its_column() -> None:
    other = to_rey().split("\n")
    other[:2] = other[1::-1]
    found = start(to_li(), "\n".join(other))
    assert values(found)["recipient.name"] == ["Mr Li Wei", "Ms Ana Rey"]
    assert found.proof.holds


def test_she_and_he_are_one_column() -> None:
    she = to_li("She is in prison. Free her; her son is ill.")
    he = to_rey("He is in prison. Free him; his son is ill.")
    found = start(she, he)
    assert values(found)["recipient.pronoun"] == ["she", "he"]
    assert [c.heading for c in found.columns if "ord" in c.heading] == []
    assert '{% if recipient.pronoun == "she" %}her{% elif recipient.pronoun == "he" %}him' in (
        template_text(found)
    )
    assert found.proof.holds


def test_lists_of_different_length_are_a_loop_over_the_lines_of_a_cell() -> None:
    found = start(
        to_li("Free A. Rey.", "Free B. Lind."),
        to_rey("Free C. Petrov.", "Free D. Sy.", "Free E. Ito."),
    )
    assert values(found)["recipient.list"] == ["A. Rey\nB. Lind", "C. Petrov\nD. Sy\nE. Ito"]
    assert "{%p for item in recipient.list|lines %}\nFree {{ item }}.\n{%p endfor %}" in (
        template_text(found)
    )
    assert found.proof.holds


def test_a_slip_in_one_letter_is_asked_and_the_chosen_word_is_in_all_letters() -> None:
    letters = (to_li("Act immediatly."), to_rey("Act immediately."))
    found = start(*letters)
    slip = next(question for question in found.questions if question.kind == "slip")
    assert found.proof.holds
    answers = StartAnswers().reply(slip.key, 2)
    corrected = start(*letters, answers=answers)
    assert "Act immediately." in template_text(corrected)
    assert corrected.proof.holds


def test_each_place_of_a_slip_has_its_own_answer() -> None:
    lines = ("Act {}.", "Her {} family waits.")
    letters = [
        to(*(line.format(word) for line in lines))
        for to, word in ((to_li, "dear"), (to_rey, "deer"))
    ]
    slip = next(question for question in start(*letters).questions if question.kind == "slip")
    found = start(*letters, answers=StartAnswers().reply(slip.key, 1))
    assert "Act dear." in template_text(found)
    assert "Her dear family" not in template_text(found)
    assert [q.is_answered for q in found.questions if q.kind == "slip"] == [True, False]


def test_paragraphs_that_not_all_letters_have_share_a_yes_column() -> None:
    more = ("I have also written to your embassy about this.", "It did not answer me for weeks.")
    found = start(to_li("Please act."), to_rey(*more, "Please act."))
    assert values(found)["recipient.paragraph"] == ["", "yes"]
    assert template_text(found).count("{%p if") == 1
    assert found.proof.holds


def test_a_greeting_without_a_name_is_asked_in_a_single_letter() -> None:
    letter = letter_text("The Minister of Justice", "Palace", "3000 Bern", "Sir or Madam", TEXT)
    found = start(letter)
    greeting = next(question for question in found.questions if question.kind == "greeting")
    assert "Dear Sir or Madam," in template_text(found)
    other = start(letter, answers=StartAnswers().reply(greeting.key, 1))
    assert "Dear {{ recipient.salutation }}," in template_text(other)


def test_an_address_above_the_letter_is_the_signers_only_if_staff_say_so() -> None:
    letter = "Office Road 9\n1000 Lima\nPeru\n\n" + to_li()
    found = start(letter)
    assert [question.kind for question in found.questions] == ["sender"]
    assert "Office Road 9" in template_text(found)
    answers = StartAnswers().reply(found.questions[0].key, 1)
    assert "{{ signer.street }}" in template_text(start(letter, answers=answers))


def test_names_that_stay_in_the_text_are_listed() -> None:
    found = start(to_li("Please free Mirela Oduya."), to_rey("Please free Mirela Oduya."))
    assert any("Mirela Oduya" in notice.text for notice in found.notices)


def test_a_letterhead_that_all_letters_have_is_never_the_recipients_address() -> None:
    head = "Association Passerelles\nRue du Lac 5, 1400 Yverdon\n\n"
    letters = [
        f"{head}{name}\n{office}\nAvenue 19\n1014 Lausanne\n\nDear {name},\n\n{TEXT}\n\n"
        "Sincerely,\nClaire Jaquier"
        for name, office in (("Mr Luc Rochat", "Councillor"), ("Ms Anne Piguet", "Head"))
    ]
    found = start(*letters)
    assert template_text(found).startswith(head + "{{ recipient.name }}\n")
    assert values(found)["recipient.name"] == ["Mr Luc Rochat", "Ms Anne Piguet"]
    assert found.proof.holds


def test_the_signers_address_directly_above_the_recipients_is_the_signers() -> None:
    sender = "Ana Ruiz\nCalle del Almendro 14\n28013 Madrid\n"
    found = start(sender + to_li(), sender + to_rey())
    assert values(found)["signer.city"] == ["28013 Madrid"] * 2
    assert values(found)["recipient.name"] == ["Mr Li Wei", "Ms Ana Rey"]
    assert found.proof.holds


def test_senders_of_two_signers_are_side_by_side_by_their_lines() -> None:
    one = "Ana Ruiz\nCalle del Almendro 14\n28013 Madrid\nSpain\n\n" + to_li()
    two = "Bo Berg\n785 Öræfi\nIceland\n\n" + to_rey().replace("Ana Ruiz", "Bo Berg")
    found = start(one, two)
    assert values(found)["signer.city"] == ["28013 Madrid", "785 Öræfi"]
    assert values(found)["signer.street"] == ["Calle del Almendro 14", ""]
    assert found.rows["Pairs"] == [["Signer", "Recipient"], ["S1", "R1"], ["S2", "R2"]]


def test_a_part_of_the_name_in_a_paragraph_of_one_letter_is_asked_and_not_in_a_heading() -> None:
    text = to_li("When Wei was in Berlin, he promised to help all the prisoners.")
    found = start(text.replace("Wei", "Weiming"), to_rey())
    assert "part of name" in [question.kind for question in found.questions]
    assert values(found)["recipient.name_in_text"] == ["Weiming", ""]
    assert values(found)["recipient.paragraph"] == ["yes", ""]
    assert found.proof.holds


def test_names_in_a_paragraph_of_one_letter_are_listed() -> None:
    found = start(to_li("The lawyer Igor Petrov was with us when we met you there."), to_rey())
    told = next(notice.text for notice in found.notices if notice.kind == "people")
    assert "Igor Petrov" in told


def test_what_may_be_the_signers_or_the_recipients_belongs_to_the_pair() -> None:
    letters = [
        text.replace("Ana Ruiz", signer)
        for text, signer in (
            (to_li("I work as a nurse and have two children."), "Eva Roth"),
            (to_rey("I work as a baker and have two children."), "Jan Mohr"),
        )
    ]
    found = start(*letters)
    trades = [column for column in found.columns if column.values == ["nurse", "baker"]]
    assert [column.sheet for column in trades] == ["pair"]
    assert found.proof.holds


def test_a_line_of_the_head_that_may_be_of_either_person_belongs_to_the_pair() -> None:
    heads = ("Case 12 of the harbour", "Case 40 of the harbour")
    letters = [f"{head}\n\n{text}" for head, text in zip(heads, (to_li(), to_rey()), strict=True)]
    found = start(letters[0], letters[1].replace("Ana Ruiz", "Jan Mohr"))
    assert [column.sheet for column in found.columns if column.values == ["12", "40"]] == ["pair"]
    assert found.proof.holds


def test_lines_that_an_envelope_repeats_share_the_columns_of_the_addresses() -> None:
    letters = []
    for text in (to_li(), to_rey()):
        address, _, rest = text.partition("\n\n")
        letters.append(f"Ana Ruiz\nHill 5\n\n{address}\nKenya\n\n{address}\nKenya\n\n{rest}")
    found = start(*letters)
    assert [question.fields["text"] for question in found.questions] == ["Main Street 1"]
    lines = [column.values[0] for column in found.columns]
    assert len({*lines}) == len(lines)
    assert [c.sheet for c in found.columns if c.values == ["Kenya"] * 2] == ["recipient"]


@pytest.mark.parametrize(
    "name",
    everyday(
        [
            *("Omar al-Rashid", "Jan van der Meer", "Jeanne d’Arc", "Per av Lunde", "Tenzin"),
            *("王明", "Aisha binti Musa", "Lia della Valle", "Ben ha-Levi", "O’Neill"),
            *("bell hooks", "ابراهيم"),
        ]
    ),
)
def test_a_name_with_particles_or_of_one_word_is_a_name(name: str) -> None:
    found = start(to_li(), to_rey().replace("Ms Ana Rey", name))
    assert values(found)["recipient.name"] == ["Mr Li Wei", name]
    assert values(found)["recipient.position"] == ["Minister of Justice", "Attorney General"]


def test_a_part_of_a_hyphenated_name_is_not_cut_and_one_in_capitals_is_asked() -> None:
    letter = to_li("Mr Lopez-Diaz knows. LOPEZ must act.").replace("Li Wei", "Maria Lopez")
    found = start(letter)
    assert [question.fields["text"] for question in found.questions] == ["LOPEZ"]
    assert "Mr Lopez-Diaz knows. {{ recipient.name_in_text }} must act." in template_text(found)
    assert _kept_parts(found) == ["Lopez"]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        *(("Omar Al-Rashid", part) for part in ("Al-Rashid", "Al\u2011Rashid", "Al-Ra\u00adshid")),
        *(("Omar Al\u2011Rashid", part) for part in ("Al-Rashid", "Rashid")),
        ("Zoé Martín", "Marti\u0301n"),
    ],
)
def test_kinds_of_hyphens_and_accents_do_not_hide_a_part_of_a_name(name: str, part: str) -> None:
    found = start(to_li(f"We thank {part} today.").replace("Li Wei", name))
    assert found.proof.holds
    assert "We thank {{ recipient.name_in_text }} today." in template_text(found)


def test_hyphens_that_word_stores_as_elements_go_with_the_name_that_they_are_in() -> None:
    lines = [paragraph(line) for line in to_li("We thank Mr Omar Al-Rashid.").split("\n")]
    first = run("Mr Omar Al") + "<w:r><w:noBreakHyphen/></w:r>" + run("Rashid")
    soft = "</w:t><w:softHyphen/><w:t>Rashid"
    found = start(docx("".join([paragraph(first), *lines[1:]]).replace("Rashid.", f"{soft}.")))
    assert found.proof.holds
    assert "We thank {{ recipient.name }}." in template_text(found)


def test_a_part_of_a_name_that_several_letters_have_is_listed() -> None:
    found = start(to_li("We thank Rey."), to_rey("We thank Rey."))
    assert _kept_parts(found) == ["Rey"]


def _kept_parts(found: StartingPoint) -> list[str]:
    return [n.fields["text"] for n in found.notices if n.kind == "part of name kept"]


def test_a_country_that_stays_in_the_text_is_listed() -> None:
    letters = [
        text.replace("3000 Bern", "3000 Bern\nSpain") for text in (to_li("Spain must act."),)
    ]
    told = [notice.text for notice in start(*letters).notices if notice.kind == "people"]
    assert "Spain" in told[0]


def test_a_line_below_the_signature_that_differs_for_one_signer_is_the_recipients() -> None:
    first, second = (f"{text}\n{town}" for text, town in ((to_li(), "Bern"), (to_rey(), "Zug")))
    found = start(first, second)
    assert [c.sheet for c in found.columns if c.values == ["Bern", "Zug"]] == ["recipient"]


def test_a_line_above_the_salutation_of_one_letter_is_a_column_and_never_stays() -> None:
    rey = to_rey().replace("\n\n", "\n\nBy hand to Mr Petrov\n\n", 1)
    found = start(to_li(), rey)
    assert "Petrov" not in template_text(found)
    assert ["", "By hand to Mr Petrov"] in values(found).values()


@pytest.mark.parametrize(
    ("first", "second"),
    [("17.04.2026", "18.05.2026"), ("li@jm.example", "rey@mj.example"), ("26/118", "27/118")],
)
def test_a_number_or_an_email_address_is_one_value(first: str, second: str) -> None:
    found = start(to_li(f"See our file of {first}."), to_rey(f"See our file of {second}."))
    assert [first, second] in values(found).values()


def test_contact_details_that_stay_are_listed() -> None:
    header = "12 Rue Bleue\n69001 Lyon\nana@example.org"
    found = start(docx(to_li("Write to me: help@example.org."), header=header))
    told = next(notice.text for notice in found.notices if notice.kind == "contacts")
    assert all(words in told for words in ("12 Rue Bleue", "ana@example.org", "help@example.org"))


def test_a_reference_in_a_single_letter_is_told() -> None:
    found = start(to_li().replace("Dear", "Your reference: AB/12-3\n\nDear"))
    told = [notice.fields["details"] for notice in found.notices if notice.kind == "contacts"]
    assert told == ["Your reference: AB/12-3"]


def test_a_line_of_the_address_may_be_one_character_and_a_number() -> None:
    found = start(to_li().replace("Main Street 1", "A 1"), to_rey().replace("Main Street 1", "B 2"))
    assert values(found)["recipient.street"] == ["A 1", "B 2"]
    assert found.proof.holds


def test_an_address_that_all_letters_have_is_asked_if_there_is_no_other() -> None:
    letters = [
        f"Ministry of Justice\nPalace Road 1\n3000 Bern\n\nDear {name},\n{TEXT} {TEXT}\n"
        "Yours sincerely,\n\nAna Ruiz"
        for name in ("Mr Li", "Ms Rey")
    ]
    found = start(*letters)
    assert [question.kind for question in found.questions] == ["sender"]
    answers = StartAnswers().reply(found.questions[0].key, 2)
    assert "{{ recipient.street }}" in template_text(start(*letters, answers=answers))


@pytest.mark.parametrize("text", ["We hope that Li will act.", "I, Ana, ask you to act."])
def test_a_short_or_a_signers_part_of_a_name_that_stays_is_told(text: str) -> None:
    found = start(to_li(text))
    assert text in template_text(found)
    assert "part of name kept" in [notice.kind for notice in found.notices]


def test_french_quotation_marks_with_spaces_are_those_of_a_typewriter() -> None:
    words = "Le journal «\N{NO-BREAK SPACE}Bleu\N{NO-BREAK SPACE}» est interdit."
    found = start(to_li(words), to_rey('Le journal "Bleu" est interdit.'))
    assert words in template_text(found)
    assert found.proof.holds
    assert [words[start:end] for start, end in occurrences(words, '"Bleu"')] == [words[11:19]]


def test_what_differs_after_a_label_is_one_value() -> None:
    li, rey = "ATTN: Hon. Eunice Cheboi, EGH", "ATTN: H.E. Moses Rotich"
    found = start(f"{li}\n\n{to_li()}", f"{rey}\n\n{to_rey()}")
    assert values(found)["recipient.attn"] == [li[6:], rey[6:]]


@pytest.mark.parametrize(
    ("first", "second"),
    [("23. März 2026", "1. April 2026"), ("March 23, 2026", "April 1, 2026")],
)
def test_a_date_that_differs_in_a_text_is_one_value(first: str, second: str) -> None:
    found = start(
        to_li(f"Your letter of {first}. Thank you."), to_rey(f"Your letter of {second}. Thank you.")
    )
    assert [first, second] in values(found).values()


def test_the_letterhead_stays_although_its_words_are_also_below_the_signers_name() -> None:
    body = to_li() + "\nHuman Rights House Bergen\nana@house.example"
    header, footer = "Human Rights House Bergen", "Ana Ruiz, ana@house.example"
    found = start(docx(body, header=header, footer=footer))
    text = template_text(found)
    assert "\n{{ signer.organisation }}" in text
    assert "Human Rights House Bergen" in text
    assert "{{ signer.name }}, {{ signer.email }}" in text
    assert found.proof.holds


@pytest.mark.parametrize(
    "sentence",
    [
        "As the prison service is part of your ministry, her release is in your hands.",
        "Your ministry can act.",
    ],
)
def test_a_sentence_that_only_one_letter_has_gets_no_heading_of_an_office(sentence: str) -> None:
    text = f"{TEXT} Please release her."
    found = start(to_li(f"{text} {sentence}"), to_rey(text))
    assert values(found)["recipient.words_after_her"] == [sentence, ""]
