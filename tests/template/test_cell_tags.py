"""colspan and cellbg: their values, or an error at their tag."""

from __future__ import annotations

import pytest
from support.documents import cell, table
from support.filled_letters import fill

from merge.errors import DataError


@pytest.mark.parametrize("value", ["q", 0, -1, "", 64, '"/>'])
def test_a_colspan_that_is_not_a_number_from_1_to_63_is_an_error_at_its_tag(
    value: str | int,
) -> None:
    with pytest.raises(DataError, match="colspan"):
        fill(table([cell("{% colspan n %}x")]), n=value)


@pytest.mark.parametrize("value", ["red", "", "FFF", '"/>', 7])
def test_a_cellbg_that_is_not_six_hex_digits_or_auto_is_an_error_at_its_tag(
    value: str | int,
) -> None:
    with pytest.raises(DataError, match="cellbg"):
        fill(table([cell("{% cellbg n %}x")]), n=value)
