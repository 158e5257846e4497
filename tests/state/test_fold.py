"""The state of a campaign, from runs of which some did not know each other."""

from __future__ import annotations

import datetime as dt
import random
from itertools import count

import pytest
from support.record_entries import DAY, id_of, letter, mark, output, printed, stages

from merge.naming import short_hash
from merge.state.entries import (
    AcceptanceEntry,
    Closing,
    Content,
    DecisionEntry,
    DeletionEnd,
    DropEntry,
    EarlierVersions,
    Entry,
    FactEntry,
    PersonEntry,
    Readmission,
    Reopening,
    RunStart,
    TrackingEntry,
    UnmarkEntry,
    Version,
)
from merge.state.entry_lines import FORMAT
from merge.state.fold import (
    DELETION_TIME,
    CampaignState,
)
from merge.state.texts import texts_in_use

ANA, BO, PERSON = id_of("Ana"), id_of("Bo"), id_of("@Ana")


class History:
    """Runs of several computers: `run(facts, knows=…)` returns a run's name."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._names, self._last = count(1), ""

    def run(
        self,
        *facts: Content,
        knows: tuple[str, ...] | None = None,
        missing: tuple[str, ...] = (),
        clock: int = 0,
    ) -> str:
        """Write a run that knows the last one, or the given ones, except the missing ones."""
        number = next(self._names)
        name = f"{number:010x}"
        parents = ((self._last,) if self._last else ()) if knows is None else knows
        start = RunStart(parents, "7K4Q", "1.0.0", FORMAT, clock or number * 1_000, missing)
        self.entries += [Entry(name, n, fact) for n, fact in enumerate((start, *facts), 1)]
        self._last = name
        return name

    @property
    def state(self) -> CampaignState:
        return CampaignState(self.entries)


@pytest.fixture
def history() -> History:
    return History()


# Letters.


def test_the_last_version_of_a_letter_counts_and_earlier_ones_are_known(history: History) -> None:
    history.run(letter("Ana"), letter("Bo"))
    history.run(letter("Ana", "two"))
    state = history.state
    assert state.letter(ANA) == letter("Ana", "two")
    assert state.letter(id_of("Chidi")) is None
    assert {*state.letters()} == {letter("Ana", "two"), letter("Bo")}
    assert state.is_earlier_version(ANA, output("one"))
    assert not state.is_earlier_version(ANA, output("two"))
    assert not state.is_earlier_version(BO, output("two"))
    assert not state.is_empty
    assert CampaignState().is_empty


def test_a_version_is_created_on_two_computers_and_both_are_known(history: History) -> None:
    first = history.run(letter("Ana"))
    history.run(letter("Ana", "two"), knows=(first,))
    history.run(letter("Ana", "three"), knows=(first,))
    state = history.state
    assert state.letter(ANA) == letter("Ana", "three")
    assert state.is_earlier_version(ANA, output("two"))


def test_a_path_belongs_to_the_letter_that_got_it_last(history: History) -> None:
    history.run(letter("Ana", path="A/Li.docx"), letter("Bo", path="B/Li.docx"))
    history.run(letter("Bo", path="A/Li.docx"))
    state = history.state
    assert state.letter_id_at("A/Li.docx") == BO
    assert state.letter_id_at("B/Li.docx") == state.letter_id_at("") == ""
    assert state.letter(ANA) == letter("Ana", path="")


def test_dropped_entries_do_not_count_as_far_as_they_were_known(history: History) -> None:
    first = history.run(letter("Ana"), letter("Bo"), DecisionEntry(ANA, "keep"))
    elsewhere = history.run(letter("Ana", "two"), knows=(first,))
    here = history.run(
        *(DropEntry(name, kind) for name in (ANA, BO) for kind in ("letter", "decide")),
        knows=(first,),
    )
    state = history.state
    assert state.letter(ANA) == letter("Ana", "two")
    assert state.letter(BO) is None
    assert not state.is_earlier_version(ANA, output("one"))
    assert [*state.decisions()] == []
    history.run(letter("Bo"), knows=(here, elsewhere))
    assert history.state.letter(BO) == letter("Bo")


def test_packed_versions_are_known_like_others(history: History) -> None:
    run = history.run(letter("Ana", "three"))
    versions = (Version(ANA, output("one")), None, Version("", b""), Version(ANA, output("two")))
    history.entries.append(Entry(run, 100, EarlierVersions(versions)))
    state = history.state
    assert state.is_earlier_version(ANA, output("one"))
    assert state.is_earlier_version(ANA, output("two"))
    assert not state.is_earlier_version("", b"")


# Print files and marks.


def test_a_print_file_counts_until_another_version_is_created_knowingly(history: History) -> None:
    first = history.run(letter("Ana"))
    print_run = history.run(printed("Ana"))
    assert history.state.has_current_print(ANA)
    history.run(letter("Ana", path="Moved/Li.docx"))
    assert history.state.has_current_print(ANA)
    history.run(letter("Ana", "two"))
    assert not history.state.has_current_print(ANA)
    assert history.state.last_print(ANA) == printed("Ana")
    assert history.state.recreated_letter_ids() == set()
    history.run(printed("Ana", "two", 2))
    assert history.state.has_current_print(ANA)
    assert [*history.state.prints()] == [printed("Ana", "two", 2)]
    assert (first, print_run) == tuple(dict.fromkeys(e.run for e in history.entries))[:2]


def test_an_edited_letter_in_a_print_file_counts_after_it_moved(history: History) -> None:
    history.run(letter("Ana"))
    history.run(printed("Ana", "edited by hand"))
    history.run(letter("Ana", path="Moved/Li.docx"))
    assert history.state.has_current_print(ANA)


@pytest.mark.parametrize("event", [printed("Ana"), mark("Ana")], ids=["print file", "mark"])
@pytest.mark.parametrize("skew", [0, 10_000])
def test_a_letter_printed_here_and_created_again_there_is_found_until_staff_accept_it(
    history: History, event: Content, skew: int
) -> None:
    first = history.run(letter("Ana"))
    here = history.run(event, knows=(first,), clock=5_000 + skew)
    there = history.run(letter("Ana", "two"), knows=(first,), clock=10_000)
    assert history.state.recreated_letter_ids() == {ANA}
    assert history.state.has_current_print(ANA) == (event == printed("Ana"))
    history.run(AcceptanceEntry(ANA), knows=(here,))
    assert history.state.recreated_letter_ids() == {ANA}
    history.run(AcceptanceEntry(ANA), knows=(here, there))
    assert history.state.recreated_letter_ids() == set()


def test_a_letter_created_again_with_the_same_content_is_not_in_question(history: History) -> None:
    first = history.run(letter("Ana"))
    history.run(printed("Ana"), mark("Ana"), knows=(first,))
    history.run(letter("Ana"), knows=(first,))
    assert history.state.recreated_letter_ids() == set()


def test_a_mark_is_taken_back_by_its_key_even_if_it_arrives_later(history: History) -> None:
    first = history.run(mark("Ana", "1 Dec"), mark("Ana", "2 Dec", key="cell"))
    state = history.state
    assert [m.key for m in state.marks(ANA)] == [f"{first}:2", "cell"]
    assert stages(state, ANA) == {"Printed": "2 Dec"}
    history.run(UnmarkEntry(ANA, ("cell", "another cell")))
    history.run(mark("Ana", "3 Dec", stage="Posted", key="another cell"), knows=())
    assert stages(history.state, ANA) == {"Printed": "1 Dec"}


def test_a_cleared_stage_leaves_a_letter_that_was_printed_once(history: History) -> None:
    run = history.run(mark("Ana"))
    history.run(UnmarkEntry(ANA, (f"{run}:2",)))
    assert history.state.marked_letters() == {ANA: frozenset()}
    history.run(DropEntry(ANA, "mark"))
    assert history.state.marked_letters() == {}


def test_acceptance_9_a_mark_set_elsewhere_survives_a_cleared_date(history: History) -> None:
    first = history.run(mark("Ana", "1 Dec", key="cell"))
    history.run(mark("Ana", "2 Dec"), mark("Ana", "3 Dec", stage="Posted"), knows=(first,))
    history.run(UnmarkEntry(ANA, ("cell",)), knows=(first,))
    assert stages(history.state, ANA) == {"Printed": "2 Dec", "Posted": "3 Dec"}


def test_a_cell_that_two_computers_read_is_one_mark(history: History) -> None:
    first = history.run(letter("Ana"))
    history.run(mark("Ana", key="cell"), knows=(first,))
    history.run(mark("Ana", key="cell"), knows=(first,))
    history.run(UnmarkEntry(ANA, ("cell",)))
    assert stages(history.state, ANA) == {}


def test_a_persons_mark_that_is_taken_back_is_lost_by_that_persons_letters_only(
    history: History,
) -> None:
    of_person = mark("Ana", key="pile")._replace(who=(PERSON,))
    history.run(of_person, mark("Bo", key="pile"))
    history.run(UnmarkEntry(PERSON, ("pile",)))
    assert (stages(history.state, ANA), stages(history.state, BO)) == (
        {},
        {"Printed": "2 Dec 2026"},
    )
    assert history.state.is_taken_back("pile", (PERSON,))
    assert not history.state.is_taken_back("pile", (BO,))


def test_a_tracking_number_that_was_removed_is_empty(history: History) -> None:
    history.run(TrackingEntry(ANA, "RR1"), TrackingEntry(BO, "RR2"))
    history.run(TrackingEntry(ANA, ""))
    assert history.state.tracking(ANA) == ""
    assert {*history.state.tracked_letters()} == {(BO, "RR2")}


def test_the_last_decisions_tracking_numbers_and_facts_count(history: History) -> None:
    history.run(DecisionEntry(ANA, "keep", b"1"), TrackingEntry(ANA, "RR1"), FactEntry("a", "1"))
    history.run(DecisionEntry(ANA, "keep", b"2"), DecisionEntry(ANA, "seen"), FactEntry("a", "2"))
    history.run(TrackingEntry(ANA, "RR2"), FactEntry("b", "3"))
    state = history.state
    assert {*state.decisions()} == {DecisionEntry(ANA, "keep", b"2"), DecisionEntry(ANA, "seen")}
    assert (state.tracking(ANA), state.tracking(BO)) == ("RR2", None)
    assert (state.fact("a"), state.fact("c")) == ("2", "")
    assert {*state.facts()} == {FactEntry("a", "2"), FactEntry("b", "3")}


# People.


def person(name: str, **values: object) -> PersonEntry:
    entry = PersonEntry(PERSON, "signer", id_of(name), short_hash(name))
    return entry._replace(**values)  # type: ignore[arg-type] # fields of the entry


def test_a_person_has_the_last_name_and_key(history: History) -> None:
    history.run(person("Ana Ruiz"))
    history.run(person("Anna Ruiz", has_id=True))
    assert [*history.state.people()] == [person("Anna Ruiz", has_id=True)]
    assert history.state.clashing_people() == set()
    history.run(DropEntry(PERSON, "person"))
    assert [*history.state.people()] == []


def test_two_people_with_one_id_are_found_until_a_run_that_knows_both(history: History) -> None:
    first = history.run()
    one = history.run(person("Ana Ruiz"), knows=(first,))
    two = history.run(person("Bo Berg"), knows=(first,))
    assert history.state.clashing_people() == {PERSON}
    history.run(person("Bo Berg"), knows=(one, two))
    assert history.state.clashing_people() == set()


# Deletions.


def deletion(*ids: str) -> DeletionEnd:
    return DeletionEnd(PERSON, (PERSON, ANA, *ids))


def test_entries_that_did_not_know_a_deletion_are_dead(history: History) -> None:
    first = history.run(letter("Ana"), letter("Bo"), person("Ana"), mark("Ana"))
    there = history.run(letter("Ana", "two"), printed("Ana"), knows=(first,), clock=90_000)
    here = history.run(deletion(), knows=(first,))
    state = history.state
    assert state.letter(ANA) is None
    assert (state.letter(BO), [*state.people()]) == (letter("Bo"), [])
    assert (stages(state, ANA), state.last_print(ANA)) == ({}, None)
    assert not state.is_earlier_version(ANA, output("one"))
    assert state.was_deleted(ANA)
    assert not state.was_deleted(BO)
    assert state.dead_prints() == [printed("Ana")]
    history.run(letter("Ana"), Readmission(PERSON), knows=(here, there))
    assert history.state.letter(ANA) == letter("Ana")
    assert not history.state.was_deleted(ANA)


def test_a_letter_that_the_deletion_did_not_know_is_dead_by_its_people(history: History) -> None:
    first = history.run(letter("Ana"))
    history.run(letter("Ana", id=BO), mark("Bo")._replace(who=(PERSON,)), knows=(first,))
    history.run(deletion(), knows=(first,))
    assert history.state.letter(BO) is None
    assert stages(history.state, BO) == {}


def test_a_run_does_not_know_what_had_not_arrived_when_it_was_written(history: History) -> None:
    first = history.run(letter("Bo"))
    gone = history.run(deletion(), knows=(first,))
    after = history.run(mark("Bo"), knows=(gone,))
    late = history.run(letter("Ana"), knows=(after,), missing=(gone,))
    assert history.state.letter(ANA) is None
    history.run(letter("Ana", "two"), knows=(late,))
    assert history.state.letter(ANA) == letter("Ana", "two")


def test_a_deletion_is_erased_after_90_days(history: History) -> None:
    history.run(deletion(), clock=20)
    ended, state = history.entries[-1], history.state
    assert not state.is_erasable(ended, now=DELETION_TIME)
    assert state.is_erasable(ended, now=DELETION_TIME + 21)
    assert not state.is_erasable(Entry("f" * 10, 2, deletion())), "it is just arriving"


# The end of a campaign.


def test_a_campaign_is_closed_and_open_again(history: History) -> None:
    first = history.run(letter("Ana"))
    assert history.state.closed_on is None
    closing = history.run(Closing(DAY), knows=(first,))
    assert history.state.closed_on == dt.date(2026, 12, 2)
    late = history.run(letter("Bo"), knows=(first,))
    history.run(Reopening(DAY), knows=(closing, late))
    assert history.state.closed_on is None


# Packing and texts.


def test_versions_in_a_print_file_are_not_superseded(history: History) -> None:
    first = history.run(letter("Ana"), FactEntry("a", "1"), person("Ana"))
    second = history.run(printed("Ana", "two"), letter("Ana", "two"))
    history.run(letter("Ana", "three"), FactEntry("a", "2"), person("Ana"))
    assert history.state.superseded() == {(first, 2), (first, 3), (first, 4)}
    assert second not in {run for run, _ in history.state.superseded()}


def inputs(*digests: bytes) -> bytes:
    """Return inputs with these digests, and a day."""
    return b"".join(digest.ljust(8, b"0") for digest in digests) + b"date"


def test_texts_are_in_use_as_long_as_a_file_that_they_explain(history: History) -> None:
    history.run(letter("Ana", inputs=inputs(b"a", b"b")))
    history.run(letter("Ana", "two", inputs=inputs(b"a", b"c")), printed("Ana", "two"))
    history.run(letter("Ana", "three", inputs=inputs(b"d")))
    history.run(DecisionEntry(ANA, "keep", inputs(b"e")), DecisionEntry(BO, "same", inputs(b"f")))
    digests = {digest.ljust(8, b"0") for digest in (b"a", b"c", b"d", b"e")}
    assert texts_in_use(history.state) == {*digests, output("two"), output("three")}
    history.run(deletion())
    assert texts_in_use(history.state) == set()


# Any order.


def test_the_state_is_the_same_in_any_order_and_in_any_steps(history: History) -> None:
    first = history.run(letter("Ana"), letter("Bo"), mark("Ana", key="cell"), person("Ana"))
    here = history.run(letter("Ana", "two"), printed("Bo"), knows=(first,), clock=9_000)
    there = history.run(deletion(), UnmarkEntry(ANA, ("cell",)), knows=(first,))
    history.run(letter("Ana", "four"), DropEntry(BO, "print"), knows=(here, there))
    history.run(letter("Bo", "two"), FactEntry("a", "1"), knows=(there,))

    def summary(state: CampaignState) -> object:
        ids = (ANA, BO)
        return (
            sorted(state.letters()),
            [(stages(state, i), state.last_print(i), state.has_current_print(i)) for i in ids],
            (state.recreated_letter_ids(), state.superseded(), [*state.people()]),
            [state.is_earlier_version(i, output(v)) for i in ids for v in ("one", "two")],
        )

    expected = summary(history.state)
    rng = random.Random(3)  # noqa: S311 - no secret
    for _ in range(20):
        rng.shuffle(history.entries)
        state = CampaignState(history.entries[:7])
        summary(CampaignState(e for e in history.entries if isinstance(e.content, RunStart)))
        state.add(history.entries[7:])
        assert summary(state) == expected
