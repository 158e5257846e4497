"""Who is who from one run to the next: a corrected name keeps its letters, and is never a guess."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence

import pytest
from support.everyday import everyday

from merge.people import Pair, People, PeopleSheet, Person, SheetKind
from merge.state.identity import Identity, identify
from merge.state.ledger_records import PersonRecord
from merge.text.folding import folded
from merge.text.names import is_correction
from merge.values import Value

Row = Mapping[str, str]


def _person(kind: SheetKind, row: int, fields: Row) -> Person:
    own = folded(fields.get("id", ""))
    key = f"id:{own}" if own else f"name:{folded(fields['name'])}"
    sheet = PeopleSheet("signers.xlsx", f"{kind.title()}s")
    return Person(kind, key, row, {t: Value(text) for t, text in fields.items()}, sheet=sheet)


def _people(kind: SheetKind, rows: Iterable[Row]) -> People:
    persons = tuple(_person(kind, row, fields) for row, fields in enumerate(rows, 2))
    return People(kind, (PeopleSheet("signers.xlsx", f"{kind.title()}s"),), (), persons)


class Years:
    """Run after run over the sheet Signers; the ledger's people are carried on."""

    def __init__(self) -> None:
        self._known: dict[str, PersonRecord] = {}

    def run(self, *rows: Row, left_out: Sequence[Row] = ()) -> Identity:
        """Who these people are; afterwards the ledger knows them."""
        out = [_person("signer", 90, fields) for fields in left_out]
        sheets = (_people("signer", rows), _people("recipient", [{"name": "Minister Li"}]))
        identity = identify(self._known.values(), sheets, out)
        for key in identity.outdated_keys:
            del self._known[key]
        self._known |= {someone.key: someone for someone in identity.people_to_record}
        return identity

    def ids(self, *rows: Row, left_out: Sequence[Row] = ()) -> list[str]:
        """The ids of these people, in their order."""
        identity = self.run(*rows, left_out=left_out)
        assert not [p for p, _ in identity.problems if p.level == "error"]
        return [identity.person_id(_person("signer", 0, fields)) for fields in rows]


ANA, BO = {"name": "Ana Ruiz", "town": "Lima"}, {"name": "Bo Berg", "town": "Oslo"}
ANNA = {**ANA, "name": "Anna Ruiz"}
TWIN = {**ANA, "name": "Eva Ruiz"}


def test_a_person_has_one_id_whatever_else_the_row_says() -> None:
    years = Years()
    (first,) = years.ids(ANA)
    assert years.ids(BO, {**ANA, "town": "Quito"})[1] == first
    assert years.ids({**ANA, "name": "ANA  ruiz"}) == [first]
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
    assert all(len(one) == 16 and int(one, 16) >= 0 for one in ids)


def test_somebody_whose_other_cells_all_agree_is_one_person_under_a_corrected_name() -> None:
    years = Years()
    before = years.ids(ANA, BO)
    assert years.ids(ANNA, BO) == before
    identity = years.run(ANNA, BO)
    assert (identity.corrected_people, identity.outdated_keys, identity.people_to_record) == (
        (),
        (),
        (),
    )


def test_a_correction_is_told_once() -> None:
    years = Years()
    years.ids(ANA, BO)
    assert [str(p.name) for p in years.run(ANNA, BO).corrected_people] == ["Anna Ruiz"]


@pytest.mark.parametrize(
    "now",
    [
        {"name": "Anna Ruiz", "town": "Quito"},
        {"name": "Anna Ruiz", "town": ""},
        {"name": "Anna Ruiz", "town": "Lima", "title": "Dr"},
        {"name": "Anna Ruiz"},
    ],
)
def test_one_cell_that_differs_makes_a_new_person(now: Row) -> None:
    years = Years()
    (before,) = years.ids(ANA)
    identity = years.run(now)
    assert identity.person_id(_person("signer", 2, now)) != before
    assert (identity.corrected_people, identity.problems) == ((), ())


def test_people_of_whom_only_the_name_is_filled_in_cannot_be_recognised() -> None:
    years = Years()
    (before,) = years.ids({"name": "Ana Ruiz", "town": ""})
    assert years.ids({"name": "Anna Ruiz", "town": ""}) != [before]


def test_cells_that_this_program_reads_do_not_tell_who_somebody_is() -> None:
    ours = {"include": "yes", "template": "short", "language": "fr"}
    years = Years()
    (before,) = years.ids({"name": "Ana Ruiz", **ours})
    assert years.ids({"name": "Anna Ruiz", **ours}) != [before]
    years = Years()
    (before,) = years.ids(ANA)
    assert years.ids({**ANNA, **ours}) == [before]


def test_how_a_cell_is_spaced_or_capitalised_does_not_count() -> None:
    years = Years()
    before = years.ids(ANA)
    assert years.ids({"name": "Anna Ruiz", "town": " LIMA"}) == before


def test_two_who_came_for_one_who_left_are_a_problem() -> None:
    years = Years()
    years.ids(ANA, BO)
    identity = years.run(ANNA, TWIN, BO)
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


def test_one_who_came_for_two_who_left_is_a_problem() -> None:
    years = Years()
    years.ids(ANA, TWIN)
    ((problem, person),) = years.run(ANNA).problems
    assert person is not None
    assert str(person.name) == "Anna Ruiz"
    assert "one of 2 people who left" in problem.what


def test_the_question_stays_until_somebody_answers_it() -> None:
    years = Years()
    before = years.ids(ANA, BO)
    for _ in range(3):
        assert len(years.run(ANNA, TWIN, BO).problems) == 2
    assert years.ids(ANNA, BO) == before


def test_the_answer_is_an_id_for_whoever_is_new() -> None:
    years = Years()
    before = years.ids(ANA, BO)
    years.run(ANNA, TWIN, BO)
    ids = years.ids(ANNA, {**TWIN, "id": "P3"}, BO)
    assert [ids[0], ids[2]] == before
    assert ids[1] not in before


def test_two_alike_who_are_both_still_here_are_no_problem() -> None:
    years = Years()
    years.ids(ANA, TWIN)
    assert years.run(ANA, TWIN, {**ANA, "name": "Ida Ruiz"}).problems == ()


def test_somebody_who_left_in_an_earlier_run_was_not_corrected() -> None:
    years = Years()
    (ana, _) = years.ids(ANA, BO)
    years.ids(BO)
    ids = years.ids(BO, ANNA)
    assert ana not in ids


def test_who_left_and_comes_back_is_the_same_person() -> None:
    years = Years()
    before = years.ids(ANA, BO)
    years.ids(BO)
    assert years.ids({**ANA, "town": "Quito"}, BO) == before


def test_who_is_left_out_has_not_left() -> None:
    """Include no, or a hidden row: nobody else takes that person's letters."""
    years = Years()
    before = years.ids(ANA, BO)
    identity = years.run(BO, TWIN, left_out=[ANA])
    assert (identity.corrected_people, identity.problems) == ((), ())
    assert years.ids(ANA, BO) == before


def test_an_id_is_who_somebody_is_whatever_the_name() -> None:
    years = Years()
    before = years.ids({**ANA, "id": "P1"}, BO)
    assert years.ids({"id": "p1", "name": "Dr Ana Ruiz-Paz", "town": "Quito"}, BO) == before


def test_people_with_ids_are_never_recognised_by_their_cells() -> None:
    years = Years()
    (before,) = years.ids({**ANA, "id": "P1"})
    identity = years.run({**ANNA, "id": "P2"})
    assert (identity.corrected_people, identity.problems) == ((), ())
    assert identity.person_id(_person("signer", 2, {**ANNA, "id": "P2"})) != before


def test_ids_may_be_given_later() -> None:
    years = Years()
    before = years.ids(ANA, BO)
    given = [{**ANA, "id": "P1"}, {**BO, "id": "P2"}]
    assert years.ids(*given) == before
    assert years.ids({**given[0], "name": "Anna"}, given[1]) == before


@pytest.mark.parametrize("now", [{}, {"id": "7"}])
def test_an_id_that_excel_changed_or_somebody_deleted_makes_no_new_person(now: Row) -> None:
    years = Years()
    before = years.ids({**ANA, "id": "007"}, {**BO, "id": "008"})
    identity = years.run({**ANA, **now}, {**BO, "id": "008"})
    assert [identity.person_id(_person("signer", 2, {**ANA, **now}))] == before[:1]
    assert [person.name for person in identity.corrected_people] == ["Ana Ruiz"]


def test_without_an_id_only_the_same_name_with_the_same_cells_is_the_same_person() -> None:
    for now, told in ((ANNA, []), ({**ANA, "town": "Quito"}, ["id-lost"])):
        years = Years()
        before = years.ids({**ANA, "id": "P1"}, BO)
        identity = years.run(now, BO)
        assert identity.person_id(_person("signer", 2, now)) != before[0]
        assert [problem.code for problem, _ in identity.problems] == told


def test_an_id_that_is_given_on_to_somebody_else_is_doubtful() -> None:
    years = Years()
    before = years.ids({**ANA, "id": "P1"}, {**BO, "id": "P2"})
    for now, told in (
        ({**ANNA, "id": "P1"}, []),
        ({**ANNA, "town": "Quito", "id": "P1"}, []),
        ({"name": "Zoe New", "town": "Wien", "id": "P1"}, ["id-other"]),
    ):
        identity = years.run(now, {**BO, "id": "P2"})
        assert identity.person_id(_person("signer", 2, now)) == before[0]
        assert [problem.code for problem, _ in identity.problems] == told
        assert all(problem.level == "warning" for problem, _ in identity.problems)


def test_of_two_of_one_name_who_get_ids_the_cells_tell_which() -> None:
    years = Years()
    before = years.ids(ANA, BO)
    other = {**ANA, "town": "Quito", "id": "P2"}
    ids = years.ids(other, {**ANA, "id": "P1"}, BO)
    assert ids[1:] == before
    assert ids[0] not in before


def test_of_two_of_one_name_whom_nothing_tells_apart_each_is_a_problem() -> None:
    years = Years()
    years.ids(ANA, BO)
    both = [{**ANA, "town": town, "id": town} for town in ("Quito", "Cusco")]
    assert len(years.run(*both, BO).problems) == 2


def test_a_namesake_who_joins_after_a_correction_is_somebody_else() -> None:
    years = Years()
    before = years.ids(ANA, BO)
    years.ids(ANNA, BO)
    ids = years.ids(ANNA, BO, {**ANA, "town": "Quito"})
    assert ids[:2] == before
    assert ids[2] not in before
    assert years.ids(ANNA, BO, {**ANA, "town": "Quito"}) == ids


def test_a_namesake_without_id_of_somebody_who_got_one_is_somebody_else() -> None:
    years = Years()
    (before,) = years.ids(ANA)
    years.ids({**ANA, "id": "P1"})
    ids = years.ids({**ANA, "id": "P1"}, {**ANA, "town": "Quito"})
    assert ids[0] == before
    assert ids[1] != before


def test_a_name_may_be_corrected_back_again() -> None:
    years = Years()
    before = years.ids(ANA, BO)
    for row in (ANNA, ANA, TWIN, ANA):
        assert years.ids(row, BO) == before


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
def test_a_name_put_right_is_the_same_persons(before: str, now: str) -> None:
    for kind in ("signer", "recipient"):
        assert is_correction(before, now, kind)
        assert is_correction(now, before, kind)


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
def test_another_name_is_no_correction(before: str, now: str) -> None:
    for kind in ("signer", "recipient"):
        assert not is_correction(before, now, kind)


def test_half_of_a_name_is_enough_for_a_signer_and_not_for_a_recipient() -> None:
    assert is_correction("Ana Ruiz", "Ana Paz", "signer")
    assert not is_correction("Ana Ruiz", "Ana Paz", "recipient")
    assert not is_correction("Ana Ruiz", "Mara Ruiz", "signer", other_cells_changed=True)
    assert is_correction("Ana Ruiz", "Ana Ruiz de Paz", "signer", other_cells_changed=True)


@pytest.mark.parametrize("said", everyday([{"town": "Lima"}, {}, {"id": "P"}]))
def test_many_who_are_renamed_at_once_are_looked_at_once_each(said: Row) -> None:
    """Twice as many take twice as many steps, not four or eight times."""

    def steps(number: int) -> int:
        years = Years()
        count = 0

        def counting(*_: object) -> None:
            nonlocal count
            count += 1

        def rows(letter: str) -> list[Row]:
            own = {"id": letter} if "id" in said else {}
            cells = ({**own, "name": f"{letter} ", "town": "T"} for _ in range(number))
            every = ({tag: f"{v}{n}" for tag, v in row.items()} for n, row in enumerate(cells))
            return [{**row, **{t: v for t, v in said.items() if t != "id"}} for row in every]

        years.run(*rows("A"))
        sys.setprofile(counting)
        try:
            years.run(*rows("B"))
        finally:
            sys.setprofile(None)
        return count

    assert steps(400) < 2.3 * steps(200)
