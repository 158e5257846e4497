"""View models of letters: status marks, search, pages, matrix."""

from __future__ import annotations

from itertools import product
from pathlib import Path, PurePosixPath

import pytest
from support.campaigns import make
from support.signer_lists import make_list

from merge.campaign.campaign import read_campaign
from merge.campaign.overview import CampaignOverview, inspect_campaign
from merge.letter_status import STATE_LABELS, Letter, LetterState, LetterStep, LetterStepReason
from merge.page.app import create_app
from merge.page.lifetime import ProgramLifetime
from merge.page.session import CampaignSessions
from merge.page.view_models import (
    PAGE_SIZE,
    STATUS_MARKS,
    LetterFilter,
    LetterList,
    data_lines,
    fold_for_search,
    group_steps,
    letter_page,
    status_mark,
)
from merge.page.web import choose_language
from merge.people import Pair, Person
from merge.values import WorkbookValue


def person(kind: str, name: str) -> Person:
    return Person(
        "signer" if kind == "signer" else "recipient", name, 2, {"name": WorkbookValue(name)}
    )


CHANGED = LetterStepReason("changed-since", ("City in Signers",))


def step(state: LetterState, *reasons: LetterStepReason) -> LetterStep:
    pair = Pair(person("signer", "Ana Ruiz"), person("recipient", "Consul Roy"))
    return LetterStep(Letter("0" * 16, pair, PurePosixPath("a.docx")), state, reasons)


def seen(folder: Path) -> CampaignOverview:
    return inspect_campaign(read_campaign(folder))


def test_every_letter_status_has_one_mark_with_the_programs_words() -> None:
    app = create_app(CampaignSessions(), ProgramLifetime())
    name = '{% from "words.html" import state_name %}{{ state_name(code) }}'
    words = app.jinja_env.from_string(name)
    with app.test_request_context():
        choose_language()
        for state, reasons in product(STATE_LABELS, ((), (CHANGED,))):
            one = step(state, *reasons)
            assert words.render(code=status_mark(one).code).strip() == one.label


def test_no_two_status_marks_look_the_same() -> None:
    assert len({mark.symbol for mark in STATUS_MARKS.values()}) == len(STATUS_MARKS)
    assert len({mark.character for mark in STATUS_MARKS.values()}) == len(STATUS_MARKS)
    assert all(len(mark.character) == 1 and mark.character != "." for mark in STATUS_MARKS.values())


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Inés Álvarez", "ines alv"),
        ("Käthe Weißmüller", "WEISSMULLER"),
        ("Łukasz Żak", "lukasz zak"),
        ("Þórdís Jónsdóttir", "thordis"),
        ("Søren Ångström", "soren angstrom"),
        ("Nguyễn Thị Hoa", "nguyen thi"),
        ("Юлія Коваль", "юлія"),
        ("Ėglė İnce", "egle ince"),
    ],
)
def test_a_name_is_found_without_its_accents(name: str, typed: str) -> None:
    assert all(word in fold_for_search(name) for word in fold_for_search(typed).split())


def test_letters_are_found_by_both_names_or_by_short_id(tmp_path: Path) -> None:
    view = seen(make(tmp_path))
    letters = LetterList(view)
    both = letters.search("ruiz roy")
    assert [one.step.letter.pair.recipient.name for one in both] == ["Consul Roy"]
    one = view.letters[2].step.letter
    assert [found.step.letter.id for found in letters.search(one.id[:8].upper())] == [one.id]
    assert letters.search("  ") == []
    assert letters.search("nobody") == []


def test_a_page_beyond_the_last_one_is_the_last(tmp_path: Path) -> None:
    signers = [["Name"], *([f"Signer {n} Kovač"] for n in range(51))]
    found = seen(make(tmp_path, Signers=signers)).letters
    assert len(letter_page(found, 1).letters) == PAGE_SIZE
    last = letter_page(found, 99)
    assert (last.number, last.page_count, len(last.letters), last.total) == (3, 3, 2, 102)
    assert letter_page([], 1).page_count == 1


def test_the_matrix_has_names_once_and_a_character_for_each_pair(tmp_path: Path) -> None:
    pairs = [["Signer", "Recipient"], ["Ana Ruiz", "*"], ["Bo Berg", "Consul Roy"]]
    letters = LetterList(seen(make(tmp_path, Pairs=pairs)))
    found = letters.matrix_data()
    assert [name for _, name in found["signers"]] == ["Ana Ruiz", "Bo Berg"]  # type: ignore[attr-defined]
    assert found["rows"] == ["nn", ".n"]
    assert letters.suits_matrix


def test_few_pairs_among_many_people_do_not_suit_a_matrix(tmp_path: Path) -> None:
    names = [f"Person {n} Sato" for n in range(40)]
    people = {"Signers": [["Name"], *([n] for n in names)]}
    people["Recipients"] = [["Name"], *([f"Minister {n}"] for n in names)]
    pairs = [["Signer", "Recipient"], *([n, f"Minister {n}"] for n in names)]
    letters = LetterList(
        seen(make(tmp_path, "{{ signer.name }}{{ recipient.name }}", **people, Pairs=pairs))
    )
    assert len(letters.view.letters) == 40
    assert not letters.suits_matrix
    one = LetterList(seen(make(tmp_path / "one", Recipients=[["Name"], ["Consul Roy"]])))
    assert not one.suits_matrix


def test_letter_filters_put_no_names_into_addresses() -> None:
    assert LetterFilter("edited", "", stopped=True, signer="0" * 16).arguments == {
        "state": "edited",
        "stopped": "1",
        "signer": "0" * 16,
    }


def test_groups_of_steps_start_with_blocked_ones_and_repeat_no_words() -> None:
    why, edited = LetterStepReason("fault", ("why",)), LetterStepReason("edited")
    steps = [step("edited", edited), step("new"), step("faulty", why), step("new")]
    steps.append(step("edited-changed", edited, CHANGED))
    steps = [steps[n] for n in (3, 0, 4, 2, 1)]
    found = [(group.mark.code, group.reason, len(group.steps)) for group in group_steps(steps)]
    assert found == [
        ("faulty", "why", 1),
        ("edited-changed", "changed since: City in Signers", 1),
        ("new", "", 2),
        ("edited", "", 1),
    ]


def test_the_source_data_of_a_letter_is_what_its_template_uses_with_cells(tmp_path: Path) -> None:
    settings = [["Campaign", "Free them"], ["Deadline", "1 May"]]
    text = (
        "{{ recipient.country }} {{ signer.name }} {{ settings.deadline }} {{ recipient.country }}"
    )
    view = seen(make(tmp_path, text, Settings=[["Name", "Value"], *settings]))
    lines = data_lines(view, view.letters[3])
    assert [(line.label, line.value, str(line.place)) for line in lines] == [
        ("Country in Recipients", "India", "signers.xlsx, Recipients!B3"),
        ("Name in Signers", "Bo Berg", "signers.xlsx, Signers!A3"),
        ("Deadline in Settings", "1 May", "signers.xlsx, Settings!B3"),
    ]


def test_the_source_data_of_an_imported_signer_names_the_list_of_signers(tmp_path: Path) -> None:
    folder = make(tmp_path, "{{ signer.name }} {{ signer.city }} {{ recipient.country }}")
    make_list(folder)
    view = seen(folder)
    (planned,) = (p for p in view.letters[-2:] if p.step.letter.pair.recipient.name == "Consul Roy")
    lines = data_lines(view, planned)
    assert [(line.value, str(line.place), line.name_box_text) for line in lines] == [
        ("Siân Pryce-Howells", "signers from forms.xlsx, Signers!B4", "Signers!B4"),
        ("Cardiff", "signers from forms.xlsx, Signers!D4", "Signers!D4"),
        ("India", "signers.xlsx, Recipients!B3", "Recipients!B3"),
    ]


@pytest.mark.parametrize(
    ("sort", "signers", "recipients", "rows"),
    [
        ("", ["Zoë Hahn", "Bo Berg"], ["Minister Li", "Consul Roy"], ["nx", "nx"]),
        ("state", ["Zoë Hahn", "Bo Berg"], ["Consul Roy", "Minister Li"], ["xn", "xn"]),
        ("signer", ["Bo Berg", "Zoë Hahn"], ["Minister Li", "Consul Roy"], ["nx", "nx"]),
        ("recipient", ["Zoë Hahn", "Bo Berg"], ["Consul Roy", "Minister Li"], ["xn", "xn"]),
    ],
)
def test_the_matrix_is_sorted_by_status_or_name(
    tmp_path: Path, sort: str, signers: list[str], recipients: list[str], rows: list[str]
) -> None:
    officials = [["Name", "Salutation"], ["Minister Li", "Minister"], ["Consul Roy", None]]
    writers, words = [["Name"], ["Zoë Hahn"], ["Bo Berg"]], "Dear {{ recipient.salutation }}"
    view = seen(make(tmp_path, words, Signers=writers, Recipients=officials))
    found = LetterList(view).matrix_data(sort)
    assert [name for _, name in found["signers"]] == signers  # type: ignore[attr-defined]
    assert [name for _, name, _ in found["recipients"]] == recipients  # type: ignore[attr-defined]
    assert found["rows"] == rows
    first = LetterList(view).first_by_state().step.letter.pair
    assert (first.signer.name, first.recipient.name) == ("Zoë Hahn", "Consul Roy")
