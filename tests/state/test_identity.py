"""Recognition of people: a corrected name keeps its letters, no guesses."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence

import pytest
from support.everyday import everyday

from merge.people import Pair, People, PeopleSheet, Person, SheetKind
from merge.state.entries import PersonEntry
from merge.state.identity import PeopleIdentity, identify
from merge.text.folding import folded
from merge.text.names import name_similarity
from merge.values import WorkbookValue

Row = Mapping[str, str]


def _person(kind: SheetKind, row: int, fields: Row) -> Person:
    person_id = folded(fields.get("id", ""))
    key = f"id:{person_id}" if person_id else f"name:{folded(fields['name'])}"
    sheet = PeopleSheet("signers.xlsx", f"{kind.title()}s")
    return Person(
        kind,
        key,
        row,
        {placeholder: WorkbookValue(text) for placeholder, text in fields.items()},
        sheet=sheet,
    )


def _people(kind: SheetKind, rows: Iterable[Row]) -> People:
    persons = tuple(_person(kind, row, fields) for row, fields in enumerate(rows, 2))
    return People(kind, (PeopleSheet("signers.xlsx", f"{kind.title()}s"),), (), persons)


class RepeatedRuns:
    """Runs with changing Signers sheets; the ledger's people are kept."""

    def __init__(self) -> None:
        self._known: dict[str, PersonEntry] = {}

    def run(self, *rows: Row, excluded: Sequence[Row] = ()) -> PeopleIdentity:
        """Return the identity of these people, and store them in the ledger."""
        excluded_people = [_person("signer", 90, fields) for fields in excluded]
        sheets = (_people("signer", rows), _people("recipient", [{"name": "Minister Li"}]))
        identity = identify(self._known.values(), sheets, excluded_people)
        for key in identity.outdated_keys:
            del self._known[key]
        self._known |= {record.key: record for record in identity.people_to_record}
        return identity

    def ids(self, *rows: Row, excluded: Sequence[Row] = ()) -> list[str]:
        """Return the IDs of these people, in their order."""
        identity = self.run(*rows, excluded=excluded)
        assert not [p for p, _ in identity.problems if p.level == "error"]
        return [identity.person_id(_person("signer", 0, fields)) for fields in rows]


ANA, BO = {"name": "Ana Ruiz", "town": "Lima"}, {"name": "Bo Berg", "town": "Oslo"}
ANNA = {**ANA, "name": "Anna Ruiz"}
TWIN = {**ANA, "name": "Eva Ruiz"}


def test_a_person_has_one_id_whatever_else_the_row_says() -> None:
    runs = RepeatedRuns()
    (first,) = runs.ids(ANA)
    assert runs.ids(BO, {**ANA, "town": "Quito"})[1] == first
    assert runs.ids({**ANA, "name": "ANA  ruiz"}) == [first]
    assert len(first) == 16


def test_the_same_name_in_both_sheets_is_two_people() -> None:
    signers, recipients = _people("signer", [ANA]), _people("recipient", [ANA])
    identity = identify((), (signers, recipients), ())
    ids = [identity.person_id(sheet.persons[0]) for sheet in (signers, recipients)]
    assert ids[0] != ids[1]


def test_a_letters_id_is_that_of_its_two_people_in_their_roles() -> None:
    signers, recipients = _people("signer", [ANA, BO]), _people("recipient", [ANA, BO])
    identity = identify((), (signers, recipients), ())
    pairs = [Pair(s, r) for s in signers.persons for r in recipients.persons]
    ids = {identity.letter_id(pair) for pair in pairs}
    assert len(ids) == 4
    assert ids == {identity.letter_id(pair) for pair in pairs}
    assert all(len(letter_id) == 16 and int(letter_id, 16) >= 0 for letter_id in ids)


def test_a_person_whose_other_cells_all_agree_is_the_same_under_a_corrected_name() -> None:
    runs = RepeatedRuns()
    before = runs.ids(ANA, BO)
    assert runs.ids(ANNA, BO) == before
    identity = runs.run(ANNA, BO)
    assert (identity.corrected_people, identity.outdated_keys, identity.people_to_record) == (
        (),
        (),
        (),
    )


def test_a_corrected_name_is_reported_only_once() -> None:
    runs = RepeatedRuns()
    runs.ids(ANA, BO)
    assert [str(p.name) for p in runs.run(ANNA, BO).corrected_people] == ["Anna Ruiz"]


@pytest.mark.parametrize(
    "now",
    [
        {"name": "Anna Ruiz", "town": "Quito"},
        {"name": "Anna Ruiz", "town": ""},
        {"name": "Anna Ruiz", "town": "Lima", "title": "Dr"},
        {"name": "Anna Ruiz"},
    ],
)
def test_a_new_name_with_another_cell_changed_is_a_new_person(now: Row) -> None:
    runs = RepeatedRuns()
    (before,) = runs.ids(ANA)
    identity = runs.run(now)
    assert identity.person_id(_person("signer", 2, now)) != before
    assert (identity.corrected_people, identity.problems) == ((), ())


def test_a_person_with_only_a_name_is_not_recognised_under_another_name() -> None:
    runs = RepeatedRuns()
    (before,) = runs.ids({"name": "Ana Ruiz", "town": ""})
    assert runs.ids({"name": "Anna Ruiz", "town": ""}) != [before]


def test_cells_that_the_program_reads_do_not_identify_a_person() -> None:
    program_cells = {"include": "yes", "template": "short", "language": "fr"}
    runs = RepeatedRuns()
    (before,) = runs.ids({"name": "Ana Ruiz", **program_cells})
    assert runs.ids({"name": "Anna Ruiz", **program_cells}) != [before]
    runs = RepeatedRuns()
    (before,) = runs.ids(ANA)
    assert runs.ids({**ANNA, **program_cells}) == [before]


def test_spaces_and_capitals_of_cells_do_not_change_the_identity() -> None:
    runs = RepeatedRuns()
    before = runs.ids(ANA)
    assert runs.ids({"name": "Anna Ruiz", "town": " LIMA"}) == before


def test_two_new_people_like_one_who_left_are_a_problem() -> None:
    runs = RepeatedRuns()
    runs.ids(ANA, BO)
    identity = runs.run(ANNA, TWIN, BO)
    assert [str(person.name) for _, person in identity.problems if person] == [
        "Anna Ruiz",
        "Eva Ruiz",
    ]
    problem = identity.problems[0][0]
    assert (problem.code, problem.level, str(problem.place)) == (
        "who-is-who",
        "error",
        "signers.xlsx, Signers!2",
    )
    assert identity.corrected_people == ()


def test_one_new_person_like_two_who_left_is_a_problem() -> None:
    runs = RepeatedRuns()
    runs.ids(ANA, TWIN)
    ((problem, person),) = runs.run(ANNA).problems
    assert person is not None
    assert str(person.name) == "Anna Ruiz"
    assert "one of 2 people who left" in problem.what


def test_the_question_who_a_person_is_stays_until_it_is_answered() -> None:
    runs = RepeatedRuns()
    before = runs.ids(ANA, BO)
    for _ in range(3):
        assert len(runs.run(ANNA, TWIN, BO).problems) == 2
    assert runs.ids(ANNA, BO) == before


def test_an_id_for_the_new_person_answers_who_is_who() -> None:
    runs = RepeatedRuns()
    before = runs.ids(ANA, BO)
    runs.run(ANNA, TWIN, BO)
    ids = runs.ids(ANNA, {**TWIN, "id": "P3"}, BO)
    assert [ids[0], ids[2]] == before
    assert ids[1] not in before


def test_two_people_with_equal_cells_who_both_stay_are_no_problem() -> None:
    runs = RepeatedRuns()
    runs.ids(ANA, TWIN)
    assert runs.run(ANA, TWIN, {**ANA, "name": "Ida Ruiz"}).problems == ()


def test_a_person_who_left_in_an_earlier_run_is_not_taken_for_a_corrected_name() -> None:
    runs = RepeatedRuns()
    (ana, _) = runs.ids(ANA, BO)
    runs.ids(BO)
    ids = runs.ids(BO, ANNA)
    assert ana not in ids


def test_a_person_who_left_and_comes_back_is_the_same_person() -> None:
    runs = RepeatedRuns()
    before = runs.ids(ANA, BO)
    runs.ids(BO)
    assert runs.ids({**ANA, "town": "Quito"}, BO) == before


def test_an_excluded_person_keeps_the_letters() -> None:
    """Include says no, or the row is hidden: no one takes over their letters."""
    runs = RepeatedRuns()
    before = runs.ids(ANA, BO)
    identity = runs.run(BO, TWIN, excluded=[ANA])
    assert (identity.corrected_people, identity.problems) == ((), ())
    assert runs.ids(ANA, BO) == before


def test_a_person_with_an_id_is_the_same_under_any_name() -> None:
    runs = RepeatedRuns()
    before = runs.ids({**ANA, "id": "P1"}, BO)
    assert runs.ids({"id": "p1", "name": "Dr Ana Ruiz-Paz", "town": "Quito"}, BO) == before


def test_people_with_ids_are_never_recognised_by_their_cells() -> None:
    runs = RepeatedRuns()
    (before,) = runs.ids({**ANA, "id": "P1"})
    identity = runs.run({**ANNA, "id": "P2"})
    assert (identity.corrected_people, identity.problems) == ((), ())
    assert identity.person_id(_person("signer", 2, {**ANNA, "id": "P2"})) != before


def test_a_person_who_gets_an_id_later_is_the_same_person() -> None:
    runs = RepeatedRuns()
    before = runs.ids(ANA, BO)
    rows_with_ids = [{**ANA, "id": "P1"}, {**BO, "id": "P2"}]
    assert runs.ids(*rows_with_ids) == before
    assert runs.ids({**rows_with_ids[0], "name": "Anna"}, rows_with_ids[1]) == before


@pytest.mark.parametrize("now", [{}, {"id": "7"}])
def test_an_id_that_excel_changed_or_staff_deleted_makes_no_new_person(now: Row) -> None:
    runs = RepeatedRuns()
    before = runs.ids({**ANA, "id": "007"}, {**BO, "id": "008"})
    identity = runs.run({**ANA, **now}, {**BO, "id": "008"})
    assert [identity.person_id(_person("signer", 2, {**ANA, **now}))] == before[:1]
    assert [person.name for person in identity.corrected_people] == ["Ana Ruiz"]


def test_without_an_id_only_the_same_name_with_the_same_cells_is_the_same_person() -> None:
    for now, codes in ((ANNA, []), ({**ANA, "town": "Quito"}, ["id-lost"])):
        runs = RepeatedRuns()
        before = runs.ids({**ANA, "id": "P1"}, BO)
        identity = runs.run(now, BO)
        assert identity.person_id(_person("signer", 2, now)) != before[0]
        assert [problem.code for problem, _ in identity.problems] == codes


def test_cells_decide_which_of_two_namesakes_with_new_ids_had_letters() -> None:
    runs = RepeatedRuns()
    before = runs.ids(ANA, BO)
    other = {**ANA, "town": "Quito", "id": "P2"}
    ids = runs.ids(other, {**ANA, "id": "P1"}, BO)
    assert ids[1:] == before
    assert ids[0] not in before


def test_namesakes_with_new_ids_and_unknown_cells_are_problems() -> None:
    runs = RepeatedRuns()
    runs.ids(ANA, BO)
    both = [{**ANA, "town": town, "id": town} for town in ("Quito", "Cusco")]
    assert len(runs.run(*both, BO).problems) == 2


def test_a_namesake_who_joins_after_a_corrected_name_is_a_new_person() -> None:
    runs = RepeatedRuns()
    before = runs.ids(ANA, BO)
    runs.ids(ANNA, BO)
    ids = runs.ids(ANNA, BO, {**ANA, "town": "Quito"})
    assert ids[:2] == before
    assert ids[2] not in before
    assert runs.ids(ANNA, BO, {**ANA, "town": "Quito"}) == ids


def test_a_namesake_without_id_of_a_person_with_id_is_a_new_person() -> None:
    runs = RepeatedRuns()
    (before,) = runs.ids(ANA)
    runs.ids({**ANA, "id": "P1"})
    ids = runs.ids({**ANA, "id": "P1"}, {**ANA, "town": "Quito"})
    assert ids[0] == before
    assert ids[1] != before


def test_a_name_may_be_corrected_back_again() -> None:
    runs = RepeatedRuns()
    before = runs.ids(ANA, BO)
    for row in (ANNA, ANA, TWIN, ANA):
        assert runs.ids(row, BO) == before


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("ANA RUIZ", "Ana Ruiz"),
        ("Jose Munoz", "José Muñoz"),
        ("Jon Smith", "John Smith"),
        ("Ana Ruiz", "Ruiz, Ana"),
        ("Ana Ruiz", "Dr Ana Ruiz"),
        ("Ana Ruiz", "Ana María Ruiz"),
        ("A. Ruiz", "Ana Ruiz"),
        ("Ana Ruiz", "Ana Ruiz-Paz"),
        ("Ana María Ruiz", "Ana María Paz"),
        ("Mary O'Connor", "Mary O’Connor"),
        ("Jean Paul Sartre", "Jean-Paul Sartre"),
        ("Minister Li", "Prime Minister Li Wei"),
        ("Иванов Пётр", "Пётр Иванович Иванов"),
        ("Müller", "Mueller"),
        ("Ana Ruiz (P1)", "Ana Ruiz"),
        ("Nguyễn Văn An", "Nguyen Van An"),
    ],
)
def test_a_corrected_name_is_recognised(before: str, now: str) -> None:
    assert name_similarity(before, now) == name_similarity(now, before) > 0.5


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("Adam Price", "Jane Roe"),
        ("Minister Li", "Minister Roe"),
        ("Prime Minister Li", "Prime Minister Roe"),
        ("Her Excellency Ana Ruiz", "Her Excellency Eva Paz"),
        ("Maria de Souza", "Paulo de Almeida"),
        ("Министр Иванов", "Министр Петров"),
        ("李伟", "王芳"),
        ("", "Jane Roe"),
        ("Jane Roe", "—"),
    ],
)
def test_a_different_name_is_not_a_correction(before: str, now: str) -> None:
    assert name_similarity(before, now) < 0.5


@pytest.mark.parametrize("common_cells", everyday([{"town": "Lima"}, {}, {"id": "P"}]))
def test_recognising_many_renamed_people_takes_linear_time(common_cells: Row) -> None:
    """Twice as many take twice as many steps, not four or eight times."""

    def steps(number: int) -> int:
        runs = RepeatedRuns()
        count = 0

        def counting(*_: object) -> None:
            nonlocal count
            count += 1

        def rows(letter: str) -> list[Row]:
            id_cell = {"id": letter} if "id" in common_cells else {}
            cells = ({**id_cell, "name": f"{letter} ", "town": "T"} for _ in range(number))
            numbered_rows = (
                {tag: f"{v}{n}" for tag, v in row.items()} for n, row in enumerate(cells)
            )
            return [
                {**row, **{t: v for t, v in common_cells.items() if t != "id"}}
                for row in numbered_rows
            ]

        runs.run(*rows("A"))
        sys.setprofile(counting)
        try:
            runs.run(*rows("B"))
        finally:
            sys.setprofile(None)
        return count

    assert steps(400) < 2.3 * steps(200)
