"""A duration as authors write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashgen.model.core.durations import UNITS, Duration


@pytest.mark.parametrize(("text", "seconds"), [("500ms", 0.5), ("0s", 0), ("30s", 30), ("5m", 300), ("2w", 1_209_600)])
def test_one_number_and_one_unit(text: str, seconds: float) -> None:
    assert Duration.read(text) == Duration(seconds) == Duration.parse(text)


@pytest.mark.parametrize("text", ["", "5", "m", "1h30m", "1.5h", "-5m", " 5m", "5m\n", "5M", "٣٠s", 5, None])
def test_anything_else_is_none(text: object) -> None:
    assert Duration.read(text) is None
    with pytest.raises(ValueError, match="expected a duration like"):
        Duration.parse(str(text))


def test_units_can_be_left_out() -> None:
    assert Duration.read("5d", ("s", "m", "h")) is None
    assert Duration.read("5h", ("s", "m", "h")) == Duration(18000)


@given(st.integers(1, 10_000), st.sampled_from(sorted(set(UNITS) - {"ms"})))
def test_it_is_written_in_the_largest_unit_of_which_it_is_a_whole_number(number: int, unit: str) -> None:
    length = Duration(number * UNITS[unit])
    assert Duration.parse(str(length)) == length
    assert str(Duration(7200)) == "2h"
    assert str(Duration(90)) == "90s"
