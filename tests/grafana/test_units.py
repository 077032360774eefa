from __future__ import annotations

import pytest

from dashgen.grafana.units import measure
from dashgen.model.generated.units import UNITS


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("s", "dtdurations"),
        ("ms", "clockms"),
        ("bytes", "decbytes"),
        ("Bps", "binBps"),
        ("rps", "wps"),
        ("ops", "iops"),
    ],
)
def test_units_of_one_size(one: str, other: str) -> None:
    assert measure(one) == measure(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [("s", "ms"), ("m", "h"), ("bytes", "bits"), ("kbytes", "deckbytes"), ("percent", "percentunit"), ("bytes", "Bps"),
     ("rps", "rpm"), ("currencyUSD", "currencyEUR"), ("ms", "bytes"), ("MBs", "MiBs")],
)  # fmt: skip
def test_units_of_other_sizes(one: str, other: str) -> None:
    assert None not in (measure(one), measure(other))
    assert measure(one) != measure(other)


def test_units_that_say_nothing_of_what_is_measured() -> None:
    assert [measure(unit) for unit in ("short", "none", "string", "dateTimeAsIso", "lux", "")] == [None] * 6


def test_every_unit_is_one_of_grafana_s() -> None:
    assert sum(measure(unit) is not None for unit in UNITS) > 100
