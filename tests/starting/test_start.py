"""Start from letters, as a whole: the first campaign, answers, the proof."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from support.campaigns import ROOT
from support.documents import docx, of_kind, paragraph
from support.everyday import everyday
from support.filled_letters import template
from support.hostile_letters import bomb
from support.start_letters import (
    TEXT,
    letter_text,
    seed_letters,
    start,
    template_text,
    to_li,
    to_rey,
    values,
    workbook,
)

from merge.errors import DataError, MergeError, TemplateError, UsageError
from merge.ooxml.stamps import LetterStamp
from merge.starting.alignment import Slot
from merge.starting.differences import occurrences
from merge.starting.letters import read_letter
from merge.starting.proof import prove
from merge.starting.questions import AddedPlace, StartAnswers
from merge.starting.start import StartingPoint, find_placeholders, place_key


def test_acceptance_1_the_letters_of_the_first_campaign_give_the_shipped_sheet() -> None:
    found = find_placeholders(seed_letters(), None, StartAnswers())
    shipped = openpyxl.load_workbook(ROOT / "signers.xlsx")["Recipients"]
    rows = [[cell or "" for cell in row] for row in shipped.iter_rows(values_only=True)]
    assert found.rows["Recipients"] == rows
    assert len(found.columns) == 7
    assert found.questions == ()
    assert found.proof.holds


def test_acceptance_1_each_paragraph_of_the_first_letters_comes_back_with_blank_ones() -> None:
    found = find_placeholders(seed_letters(), None, StartAnswers())
    assert "{%p if recipient.position %}\n{{ recipient.position }} \n\n{%p endif %}" in (
        template_text(found)
    )
    notices = [notice.text for notice in found.notices if notice.kind == "blank lines"]
    assert len(notices) == 2
    assert "before “Lastly" in notices[0]


def test_the_first_letter_alone_gives_the_same_seven_columns() -> None:
    data = seed_letters()["a.docx"]
    found = find_placeholders({"a.docx": data}, None, StartAnswers())
    assert [column.heading for column in found.columns] == [
        *("Position", "Name", "Organisation", "Street", "City", "Country", "Salutation"),
    ]
    assert found.proof.holds


def test_the_letters_in_another_order_give_the_same_columns() -> None:
    letters = seed_letters()
    found = find_placeholders(dict(reversed(letters.items())), None, StartAnswers())
    first = find_placeholders(letters, None, StartAnswers())
    assert found.proof.holds
    assert {k: v[::-1] for k, v in values(found).items()} == dict(values(first))


def test_acceptance_2_letters_are_only_read(tmp_path: Path) -> None:
    for name, data in seed_letters().items():
        (tmp_path / name).write_bytes(data)
    before = {p: (hashlib.sha256(p.read_bytes()), p.stat()) for p in tmp_path.iterdir()}
    find_placeholders({p.name: p.read_bytes() for p in tmp_path.iterdir()}, None, StartAnswers())
    for path, (digest, status) in before.items():
        assert hashlib.sha256(path.read_bytes()).digest() == digest.digest()
        assert path.stat().st_mtime_ns == status.st_mtime_ns


def test_acceptance_3_a_template_spoilt_by_one_word_is_not_proved() -> None:
    found = start(to_li("Please act now."), to_rey("Please act now."))
    spoilt = start(to_li("Please act soon."), to_rey("Please act soon.")).template
    proof = prove(found.draft, spoilt, "appeal.docx")
    assert not proof.holds
    assert [(d.letter, d.expected, d.created) for d in proof.differences] == [
        ("letter1.docx", "Please act now.", "Please act soon."),
        ("letter2.docx", "Please act now.", "Please act soon."),
    ]


def test_acceptance_3_a_value_spoilt_by_one_letter_is_not_proved() -> None:
    found = start(to_li(), to_rey())
    found.draft.table.columns[0].values[1] = "Ms Ana Ray"
    proof = prove(found.draft, found.template, "appeal.docx")
    assert [(d.letter, d.expected, d.created) for d in proof.differences] == [
        ("letter2.docx", "Ms Ana Rey", "Ms Ana Ray")
    ]


def test_acceptance_6_a_third_letter_is_filled_from_its_row_alone() -> None:
    found = start(
        to_li("The Ministry of Water can act."), to_rey("The Ministry of Health can act.")
    )
    third = letter_text("Mr Tom Ito", "Judge", "4000 Basel", "Mr Ito", TEXT)
    third = third.replace("Yours", "The Ministry of Trade can act.\nYours")
    third_letter = start(docx(third)).draft.letters
    draft = found.draft
    row = ["Mr Tom Ito", "Judge", "Main Street 1", "4000 Basel", "Ana Ruiz", "Mr Ito", "Trade"]
    for column, value in zip(draft.table.columns, row, strict=True):
        column.values = [value]
    draft.letters, draft.days = third_letter, [None]
    assert prove(draft, found.template, "appeal.docx").differences == ()


# Answers.


def _text(found: StartingPoint, words: str) -> tuple[int, Slot]:
    """Return the first text with these words, with its number."""
    return next((n, slot) for n, slot in enumerate(found.draft.slots) if words in slot.first.text)


def test_acceptance_9_a_rejected_column_leaves_the_words_of_the_first_letter() -> None:
    letters = (to_li("Please act now."), to_rey("Please act soon."))
    key = "recipient.words_after_act"
    found = start(*letters, answers=StartAnswers().reject(key))
    assert "Please act now." in template_text(found)
    assert [column.key for column in found.rejected] == [key]
    assert found.proof.holds
    assert "“soon” in letter2.docx becomes “now”, because" in found.notices[-1].text
    again = start(*letters, answers=StartAnswers().reject(key).accept(key))
    assert again.proof.holds


def test_the_words_of_a_rejected_column_become_a_column_of_the_other_people() -> None:
    letters = (to_li("Please act now."), to_rey("Please act soon."))
    number, slot = _text(start(*letters), "Please act")
    place = slot.edits[0]
    answers = StartAnswers().reject("recipient.words_after_act")
    moved = answers.add_place(AddedPlace(number, place.start, place.end, "signer.When"))
    found = start(*letters, answers=moved)
    assert "Please act {{ signer.when }}." in template_text(found)
    (column,) = [column for column in found.columns if column.heading == "When"]
    assert column.values == ["now", "soon"]
    assert found.proof.holds
    assert not [notice for notice in found.notices if notice.kind == "words kept"]


def test_acceptance_9_a_rejected_place_leaves_its_words_only_there() -> None:
    letters = (to_li("Mr Li Wei can act."), to_rey("Ms Ana Rey can act."))
    found = start(*letters)
    number, slot = _text(found, "act.")
    key = place_key(number, slot.edits[0])
    answers = StartAnswers().reject(key)
    rejected = start(*letters, answers=answers)
    assert "{{ recipient.name }}" in template_text(rejected)
    assert "Mr Li Wei can act." in template_text(rejected)
    assert rejected.proof.holds
    assert [n.fields["other"] for n in rejected.notices if n.kind == "words kept"] == ["Ms Ana Rey"]
    assert start(*letters, answers=answers.accept(key)).proof.holds


def test_acceptance_9_a_renamed_column_has_its_name_in_heading_and_placeholder() -> None:
    letters = (to_li("Please act now."), to_rey("Please act soon."))
    answers = StartAnswers().rename("recipient.words_after_act", "Urgency")
    found = start(*letters, answers=answers)
    assert "Please act {{ recipient.urgency }}." in template_text(found)
    assert found.rows["Recipients"][0][-2] == "Urgency"
    assert found.proof.holds


def test_acceptance_9_two_columns_of_one_name_are_refused() -> None:
    letters = (to_li("Please act now."), to_rey("Please act soon."))
    answers = StartAnswers().rename("recipient.words_after_act", "City")
    with pytest.raises(DataError, match="Two columns have the heading City"):
        start(*letters, answers=answers)


def test_a_heading_without_a_letter_is_refused() -> None:
    answers = StartAnswers().rename("recipient.name", "—")
    with pytest.raises(DataError, match="no letter or digit"):
        start(to_li(), answers=answers)


def test_a_further_place_of_a_column_is_added() -> None:
    letter = to_li("Write to Wei soon.")
    text, _ = _text(start(letter), "Write")
    place = AddedPlace(text, 9, 12, "recipient.Family name")
    found = start(letter, answers=StartAnswers().add_place(place))
    assert "Write to {{ recipient.family_name }} soon." in template_text(found)
    assert values(found)["recipient.family_name"] == ["Wei"]
    assert found.proof.holds


def test_the_same_words_at_several_places_are_one_new_column() -> None:
    letter = to_li("Tarek Hosni is a writer.", "I know Tarek Hosni.")
    found = start(letter)
    answers = StartAnswers()
    for number, slot in enumerate(found.draft.slots):
        if (begin := slot.first.text.find("Tarek Hosni")) >= 0:
            place = AddedPlace(number, begin, begin + 11, "recipient.Tarek Hosni")
            answers = answers.add_place(place)
    added = start(letter, answers=answers)
    assert [c.heading for c in added.columns if "Tarek" in c.heading] == ["Tarek Hosni"]
    assert template_text(added).count("{{ recipient.tarek_hosni }}") == 2
    assert added.proof.holds


def test_two_rejected_columns_of_one_text_leave_the_words_of_the_first_letter() -> None:
    letters = (
        to_li("Act now in this matter today."),
        to_rey("Act very soon in this matter also tomorrow."),
    )
    found = start(*letters)
    keys = [c.key for c in found.columns if c.key.startswith("recipient.words")]
    answers = StartAnswers(rejected=frozenset(keys))
    rejected = start(*letters, answers=answers)
    assert len(keys) == 2
    assert "Act now in this matter today." in template_text(rejected)
    assert rejected.proof.holds


def test_a_place_inside_a_word_is_not_added() -> None:
    letter = to_li("Write soon.")
    text, _ = _text(start(letter), "Write")
    place = AddedPlace(text, 1, 4, "recipient.Part")
    found = start(letter, answers=StartAnswers().add_place(place))
    assert "Write soon." in template_text(found)


def test_a_column_takes_the_words_beside_it() -> None:
    letters = (to_li("Please act right now."), to_rey("Please act right away."))
    answers = StartAnswers().widen_column("recipient.words_after_right", 1, 0)
    found = start(*letters, answers=answers)
    assert "Please act {{ recipient.words_after_right }}." in template_text(found)
    assert values(found)["recipient.words_after_right"] == ["right now", "right away"]
    assert found.proof.holds


def test_a_text_that_staff_keep_is_no_column() -> None:
    answers = StartAnswers(rejected=frozenset({"Main Street 1"}))
    found = start(to_li(), to_rey(), answers=answers)
    assert "recipient.street" not in values(found)
    assert "Main Street 1" in template_text(found)
    assert found.proof.holds


# Refusals.


def test_acceptance_11_letters_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    li = to_li()
    refused: list[tuple[type[MergeError], str, tuple[str | bytes, ...]]] = [
        (TemplateError, "placeholders or merge fields", (li + "\n{{ signer.name }}",)),
        (TemplateError, "placeholders or merge fields", (li + "\n{# for Li #}",)),
        (TemplateError, "has no text", ("",)),
        (DataError, "hardly a paragraph", (li, to_rey().replace(TEXT, "No. Never. " * 12))),
        (DataError, "same text", (li, li)),
        (UsageError, "more than 20", (li,) * 21),
        (TemplateError, "PDF", (b"%PDF-1.7 letter",)),
    ]
    for error, words, letters in refused:
        with pytest.raises(error, match=words):
            start(*letters)
    book = workbook(tmp_path, [["Name"], ["Tom Ito"]], [["Name"], ["Zoe Mar"]])
    with pytest.raises(DataError, match="No recipient of"):
        start(li, workbook=book)
    with pytest.raises(UsageError, match="several letters and a workbook"):
        start(li, to_rey(), workbook=book)


def test_a_letter_with_too_many_lines_is_refused_at_once() -> None:
    letter = to_li("\t".join(["a"] * 4000))
    with pytest.raises(TemplateError, match="more than 4,000 lines"):
        start(letter)


def test_acceptance_11_a_letter_that_the_program_created_is_refused() -> None:
    stamp = LetterStamp("0123456789abcdef", dt.date(2026, 3, 4))
    created = template(docx(to_li())).fill({}, stamp)
    with pytest.raises(UsageError, match="created by this program"):
        start(created)


@pytest.mark.parametrize("kind", everyday(["docm", "tracked changes", "bomb"], (0, 1)))
def test_acceptance_11_hostile_letters_are_refused_as_templates_are(kind: str) -> None:
    changed = "<w:p><w:ins w:id='1' w:author='A'><w:r><w:t>new</w:t></w:r></w:ins></w:p>"
    letter = {
        "bomb": lambda: bomb(docx(to_li()), 65 << 20),
        "docm": lambda: of_kind(docx(to_li()), "docm"),
        "tracked changes": lambda: docx(changed + paragraph(TEXT)),
    }[kind]()
    with pytest.raises(MergeError):
        start(letter)


@pytest.mark.slow
def test_acceptance_12_twenty_letters_of_three_pages_take_less_than_ten_seconds() -> None:
    pages = [f"Paragraph {n}. {TEXT} {TEXT} {TEXT} {TEXT}" for n in range(40)]
    letters = [
        letter_text(
            f"Mr Li {chr(65 + n)}ei",
            f"Judge of Town {n}",
            f"30{n:02} Bern",
            f"Judge {n}",
            *(f"{page} The town is Town {n}." for page in pages),
        )
        for n in range(20)
    ]
    data = [docx(letter) for letter in letters]
    start_time = time.process_time()
    found = start(*data)
    assert found.proof.holds
    assert time.process_time() - start_time < 10


@pytest.mark.slow
def test_two_letters_of_a_thousand_paragraphs_take_a_few_seconds() -> None:
    body = [f"Paragraph {n} says what happened on day {n} of the trial." for n in range(1_000)]
    letters = (to_li(*body), to_rey(*body[:400], "This is new.", *body[400:]))
    data = [docx(letter) for letter in letters]
    start(to_li())  # names of countries are read once
    start_time = time.process_time()
    found = start(*data)
    assert found.proof.holds
    assert time.process_time() - start_time < 15


def test_a_value_that_is_longer_than_a_text_is_not_looked_for_in_it() -> None:
    start_time = time.process_time()
    assert occurrences("Dear Minister,", "Zürich" * 6_000) == []
    assert time.process_time() - start_time < 0.2


def test_the_signers_name_is_added_below_the_closing_only_if_staff_say_so() -> None:
    letters = seed_letters()
    found = find_placeholders(letters, None, StartAnswers(adds_signer=True))
    assert "Sincerely,\n\n\n\n{{ signer.name }}" in template_text(found)
    assert found.proof.holds
    assert "signer" not in template_text(find_placeholders(letters, None, StartAnswers()))


def test_the_columns_of_lists_and_of_paragraphs_in_some_letters_cannot_be_rejected() -> None:
    letters = (to_li("This is only in this letter."), to_rey())
    key = next(column.key for column in start(*letters).columns if column.source == "paragraph")
    found = start(*letters, answers=StartAnswers().reject(key))
    assert found.rejected == ()
    assert key in values(found)
    assert found.proof.holds


def test_letters_that_were_read_before_give_the_same_after_each_answer() -> None:
    other = "Minister of Health\nMr Jan Novak\nBroad Street 5\n1000 Prague\n\n\n"
    letters = {"a.docx": docx(other + to_li()), "b.docx": docx(other + to_rey())}
    read = cache(read_letter)
    other_address = StartAnswers().reply("address: ", 1)
    for answers in (StartAnswers(), other_address, StartAnswers()):
        found, first_found = (
            find_placeholders(letters, None, answers, each) for each in (read, read_letter)
        )
        assert found.rows == first_found.rows
        assert found.questions == first_found.questions
        assert found.template == first_found.template


def test_letters_from_the_same_signer_to_the_same_recipient_are_reported() -> None:
    start_letters = [to_li(f"Please free {name}.") for name in ("Rosa Diaz", "Tarek Hosni")]
    proof = start(*start_letters).proof
    assert [problem.code for problem in proof.problems] == ["letters-to-same-person"]
    assert "letter1.docx, letter2.docx" in str(proof.problems[0])
