"""Durations, read and written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashgen.grafana.durations import duration, seconds


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30s", 30), ("1h30m", 5400), ("0s", 0), ("0", 0), ("1d", 86400), ("5ms", 0.005), ("1s500ms", 1.5),
        ("1y2w3d4h5m6s7ms", 31536000 + 1209600 + 259200 + 14400 + 300 + 6.007),
    ],
)  # fmt: skip
def test_durations(text: str, length: float) -> None:
    assert seconds(text) == length
    assert isinstance(seconds(text), int) == (length % 1 == 0)


@pytest.mark.parametrize("text", ["", "5", "1m1h", "1m1m", "-5s", "1.5h", "5 m", "٣s", "soon"])
def test_bad_durations(text: str) -> None:
    with pytest.raises(ValueError, match=f"^expected a duration such as 30s, 5m or 1h30m, got '{text}'$"):
        seconds(text)


@given(st.integers(0, 10**12))
def test_what_is_written_is_read_again(milliseconds: int) -> None:
    assert round(seconds(duration(milliseconds / 1000)) * 1000) == milliseconds
