"""Rows of an export that contain headings, responses, or neither."""

from __future__ import annotations

import pytest
from support.form_exports import export

from merge.errors import DataError
from merge.intake.layout import read_layout


def test_titles_above_the_headings_and_totals_below_are_skipped() -> None:
    layout = read_layout(
        export(
            "Signatures of May||", "||", "Name|Street|City", "Ann Lee|1 Elm St|Leeds", "Total|1|"
        )
    )
    assert [heading.text for heading in layout.headings] == ["Name", "Street", "City"]
    assert layout.heading_rows == (3,)
    assert layout.skipped_rows == {1: "title", 5: "total"}
    assert [row.number for row in layout.response_rows] == [4]


def test_a_second_row_of_headings_has_the_parts_of_a_question() -> None:
    for ids in ("Respondent ID|Start Date", "Respondent ID|Start Date|End Date|IP Address"):
        blanks = "|" * ids.count("|")
        layout = read_layout(
            export(
                f"{ids}|Please give your name.|||Anything else?",
                f"{blanks}|Name|City/Town|ZIP/Postal Code|Open-Ended Response",
                f"{blanks}|Ann Lee|Leeds|LS1 9ZZ|no",
            )
        )
        assert layout.heading_rows == (1, 2)
        assert layout.headings[-3].text == "Please give your name. / City/Town"
        assert layout.skipped_rows == {2: "second-heading"}


def test_a_first_response_is_not_a_second_row_of_headings() -> None:
    layout = read_layout(export("Name|City||", "Ann Lee||Newsletter|", "Ben Roy|York||x"))
    assert layout.heading_rows == (1,)
    assert len(layout.response_rows) == 2


def test_rows_of_placeholders_and_repeated_headings_are_skipped() -> None:
    layout = read_layout(
        export("Name|City", "#name|#loc+city", "Ann Lee|Leeds", "Name|City", "Ben Roy|York")
    )
    assert layout.skipped_rows == {2: "tags-row", 4: "repeated-heading"}
    assert layout.reordered_from == 0


def test_repeated_headings_in_another_order_are_noticed() -> None:
    layout = read_layout(export("Name|City", "Ann Lee|Leeds", "City|Name", "York|Ben Roy"))
    assert layout.skipped_rows == {3: "repeated-heading"}
    assert layout.reordered_from == 4


def test_headings_in_an_unknown_language_are_recognised_as_headings() -> None:
    layout = read_layout(export("Ainm|Baile", "Ann Lee|Leeds", "Ben Roy|York"))
    assert layout.heading_rows == (1,)


def test_three_hundred_columns_with_one_heading_get_different_headings() -> None:
    layout = read_layout(export(["Name", *["Note"] * 300], ["Ann Lee", *["x"] * 300]))
    names = [heading.text for heading in layout.headings]
    assert len(set(names)) == 301
    assert names[1:4] == ["Note", "Note (2)", "Note (3)"]


def test_a_table_of_numbers_is_not_an_export() -> None:
    with pytest.raises(DataError) as raised:
        read_layout(export("1|2|3", "4|5|6"))
    assert raised.value.problems[0].code == "form-not-a-table"
