"""What people write for units: each spelling leads to the unit that is meant, and nonsense to none."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashgen import CustomUnit, Stat
from dashgen.model.core.problems import SpecError
from dashgen.model.dashboards.unit_names import NAMES
from dashgen.model.dashboards.unit_spellings import hint, suggestions
from dashgen.model.generated.units import UNITS

FIRST = {
    # time
    "seconds": "s", "second": "s", "sec": "s", "secs": "s", "Seconds": "s", "SECONDS": "s", "S": "s",
    "minutes": "m", "minute": "m", "min": "m", "mins": "m", "hours": "h", "hour": "h", "hr": "h", "hrs": "h",
    "H": "henry",
    "days": "d", "day": "d", "msec": "ms", "millis": "ms", "milliseconds": "ms", "Milliseconds": "ms",
    "us": "µs", "usec": "µs", "μs": "µs", "microseconds": "µs", "micros": "µs", "nsec": "ns", "nanos": "ns",
    "nanoseconds": "ns", "duration": "dtdurations", "uptime": "dtdurations", "hh:mm:ss": "dthms",
    "datetime": "dateTimeAsIso", "timestamp": "dateTimeAsIso", "date": "dateTimeAsIso", "ago": "dateTimeFromNow",
    # numbers
    "count": "short", "counts": "short", "number": "short", "int": "short", "float": "short", "integer": "short",
    "raw": "none", "text": "string", "boolean": "bool", "yes/no": "bool_yes_no", "on/off": "bool_on_off",
    "scientific": "sci", "hexadecimal": "hex", "px": "pixel", "pixels": "pixel", "decibel": "dB", "db": "dB",
    # percent
    "%": "percent", "pct": "percent", "percentage": "percent", "Percent": "percent", "percents": "percent",
    "percnt": "percent", "percent (0-100)": "percent", "percent(0-100)": "percent", "0-100": "percent",
    "ratio": "percentunit", "fraction": "percentunit", "0-1": "percentunit", "Percent (0.0-1.0)": "percentunit",
    "%RH": "humidity", "relative humidity": "humidity",
    # length, area, volume, mass
    "km": "lengthkm", "kilometers": "lengthkm", "kilometre": "lengthkm", "Kilometres": "lengthkm", "meter": "lengthm",
    "metres": "lengthm", "mm": "lengthmm", "millimeters": "lengthmm", "inch": "lengthin", "inches": "lengthin",
    "ft": "lengthft", "feet": "lengthft", "foot": "lengthft", "miles": "lengthmi", "mi": "lengthmi",
    "m²": "areaM2", "m2": "areaM2", "m^2": "areaM2", "sqm": "areaM2", "square meters": "areaM2", "ha": "hectares",
    "L": "litre", "liters": "litre", "litres": "litre", "ml": "mlitre", "m³": "m3", "cubic meters": "m3",
    "gal": "gallons",
    "kg": "masskg", "kilograms": "masskg", "g": "massg", "grams": "massg", "mg": "massmg", "t": "masst",
    "tons": "masst",
    "tonnes": "masst", "lbs": "masslb", "pounds": "masslb",
    # speed and other physics
    "km/h": "velocitykmh", "kph": "velocitykmh", "kmh": "velocitykmh", "KM/H": "velocitykmh", "kmph": "velocitykmh",
    "km per hour": "velocitykmh", "kilometers per hour": "velocitykmh", "kilometres/hour": "velocitykmh",
    "m/s": "velocityms", "meters per second": "velocityms", "metres_per_second": "velocityms", "m/sec": "velocityms",
    "mph": "velocitymph", "miles/hour": "velocitymph", "knots": "velocityknot", "kt": "velocityknot",
    "m/s²": "accMS2", "m/s^2": "accMS2", "N": "forceN", "newtons": "forceN", "kN": "forcekN",
    "bar": "pressurebar", "mbar": "pressurembar", "Pa": "pressurepa", "hPa": "pressurehpa", "kPa": "pressurekpa",
    "psi": "pressurepsi", "PSI": "pressurepsi", "L/min": "flowlpm", "l/h": "litreh", "m³/s": "flowcms",
    "Hz": "hertz", "1/s": "hertz", "kHz": "rotkhz", "MHz": "rotmhz", "GHz": "rotghz", "RPM": "rotrpm",
    "rad/s": "rotrads",
    # temperature and angle
    "°C": "celsius", "℃": "celsius", "degC": "celsius", "C": "celsius", "deg C": "celsius", "Celsius": "celsius",
    "celcius": "celsius", "centigrade": "celsius", "degrees celsius": "celsius", "temperature": "celsius",
    "°F": "fahrenheit", "degF": "fahrenheit", "F": "fahrenheit", "farenheit": "fahrenheit", "K": "kelvin",
    "°": "degree",
    "degrees": "degree", "deg": "degree", "radians": "radian",
    # electricity and energy
    "W": "watt", "watts": "watt", "kW": "kwatt", "MW": "megwatt", "mW": "mwatt", "GW": "gwatt", "Wh": "watth",
    "kWh": "kwatth", "KWH": "kwatth", "MWh": "mwatth", "kilowatt-hours": "kwatth", "J": "joule", "joules": "joule",
    "eV": "ev", "V": "volt", "volts": "volt", "mV": "mvolt", "kV": "kvolt", "A": "amp", "amps": "amp", "mA": "mamp",
    "Ah": "amph", "mAh": "mamph", "VA": "voltamp", "Ω": "ohm", "ohms": "ohm", "kΩ": "kohm", "uF": "µfarad",
    "W/m²": "Wm2",
    "ug/m3": "conμgm3", "µg/m³": "conμgm3", "mg/m³": "conmgm3", "ppb": "conppb", "Sv": "radsv", "µSv/h": "radusvh",
    # data
    "B": "bytes", "byte": "bytes", "Bytes": "bytes", "kB": "deckbytes", "KB": "deckbytes", "MB": "decmbytes",
    "GB": "decgbytes", "TB": "dectbytes", "PB": "decpbytes", "KiB": "kbytes", "MiB": "mbytes", "GiB": "gbytes",
    "TiB": "tbytes", "megabytes": "decmbytes", "Megabyte": "decmbytes", "gigabytes": "decgbytes", "mebibytes": "mbytes",
    "gibibyte": "gbytes", "bit": "bits", "b": "bits", "mb": "decmbytes",
    "bytes/s": "Bps", "B/s": "Bps", "bytes/sec": "Bps", "bytes per second": "Bps", "bytes_per_second": "Bps",
    "bytesPerSecond": "Bps", "bits/s": "bps", "bit/s": "bps", "b/s": "bps", "bits/sec": "bps", "bitspersec": "bps",
    "kB/s": "KBs", "KB/s": "KBs", "MB/s": "MBs", "MBps": "MBs", "GB/s": "GBs", "MiB/s": "MiBs", "KiB/s": "KiBs",
    "megabytes per second": "MBs", "kbit/s": "Kbits", "kbps": "Kbits", "Mbps": "Mbits", "mbps": "Mbits",
    "Mbit/s": "Mbits",
    "Mb/s": "Mbits", "Gbps": "Gbits", "gbps": "Gbits", "Mibit/s": "Mibits",
    # throughput
    "req/s": "reqps", "requests/s": "reqps", "requests/sec": "reqps", "requests per second": "reqps",
    "requests_per_second": "reqps", "qps": "reqps", "tps": "reqps", "queries/s": "reqps", "ops/s": "ops",
    "operations/second": "ops", "reads/s": "rps", "writes/s": "wps", "iops/s": "iops", "IOPS": "iops", "io/s": "iops",
    "events/s": "eps", "messages/s": "mps", "msg/s": "mps", "records/s": "recps", "rows/s": "rowsps",
    "rows per second": "rowsps", "packets/s": "pps", "count/s": "cps", "errors/s": "cps", "trades/s": "cps",
    "requests/min": "reqpm", "rows/minute": "rowspm", "events per minute": "epm", "counts/min": "cpm",
    "H/s": "Hs", "hashes/s": "Hs", "MH/s": "MHs", "TH/s": "THs", "GFLOPS": "gflops", "FLOP/s": "flops",
    # money
    "$": "currencyUSD", "USD": "currencyUSD", "usd": "currencyUSD", "US$": "currencyUSD", "dollars": "currencyUSD",
    "€": "currencyEUR", "EUR": "currencyEUR", "euro": "currencyEUR", "euros": "currencyEUR", "£": "currencyGBP",
    "GBP": "currencyGBP", "¥": "currencyJPY", "JPY": "currencyJPY", "yen": "currencyJPY", "₹": "currencyINR",
    "INR": "currencyINR", "CHF": "currencyCHF", "chf": "currencyCHF", "₽": "currencyRUB", "BTC": "currencyBTC",
    "₿": "currencyBTC", "bitcoin": "currencyBTC", "mBTC": "currencymBTC", "zł": "currencyPLN", "SEK": "currencySEK",
    "R$": "currencyBRL", "₩": "currencyKRW", "currencyeur": "currencyEUR",
}  # fmt: skip
"""Spelling and first suggestion."""


@pytest.mark.parametrize("word", FIRST)
def test_what_is_meant_comes_first(word: str) -> None:
    assert suggestions(word)[:1] == (FIRST[word],)


def test_the_spellings_are_many_and_no_ids() -> None:
    assert len(FIRST) > 250
    assert not UNITS.intersection(FIRST)


NONSENSE = (
    "banana blubb xyzzy foo bar2 host value panel price volume fleet rule rules unit lock plan mount sort sine"
    " iter weeks months years requests messages rows jobs workers foo/s K/s kg/h 10 q x z zz lorem ipsum daemon"
    " exchange latency_ms uid title description"
)


@pytest.mark.parametrize("word", NONSENSE.split())
def test_nonsense_gets_no_wild_suggestion(word: str) -> None:
    assert suggestions(word) == ()
    assert hint(word) == f"any other is CustomUnit('suffix: {word}')"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("km/h", "did you mean 'velocitykmh'?"),
        ("MB", "did you mean 'decmbytes' (megabytes) or 'mbytes' (mebibytes)?"),
        ("MiB", "did you mean 'mbytes'?"),
        ("%", "did you mean 'percent' (the value is 0 to 100) or 'percentunit' (the value is 0 to 1)?"),
        ("byte", "did you mean 'bytes' (steps of 1024) or 'decbytes' (steps of 1000)?"),
        ("bytes/s", "did you mean 'Bps' (steps of 1000) or 'binBps' (steps of 1024)?"),
        ("mbps", "did you mean 'Mbits' (megabits/sec) or 'MBs' (megabytes/sec)?"),
        ("count", "did you mean 'short' (1.2 K, 3 Mil) or 'none' (all digits)?"),
        ("F", "did you mean 'fahrenheit' (Fahrenheit) or 'farad' (Farad)?"),
        ("mw", "did you mean 'mwatt' (Milliwatt) or 'megwatt' (Megawatt)?"),
        ("kr", "did you mean 'currencySEK' (Swedish Krona), 'currencyNOK' (Norwegian Krone) or 'currencyDKK'"
         " (Danish Krone)?"),
        ("USDT", "Grafana's list has no USDT: write CustomUnit('currency:USDT')"),
        ("cad", "Grafana's list has no CAD: write CustomUnit('currency:CAD')"),
        ("fetches / s", "any other is CustomUnit('suffix: fetches / s')"),
        ("it's", 'any other is CustomUnit("suffix: it\'s")'),
        ("", "any other is CustomUnit('suffix:…')"),
        ("x" * 31, "any other is CustomUnit('suffix:…')"),
    ],
)  # fmt: skip
def test_the_hint(word: str, said: str) -> None:
    assert hint(word) == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("km/h", "did you mean 'velocitykmh'?"),
        ("suffix: fetches/s", "write CustomUnit('suffix: fetches/s')"),
        ("currency:USDT", "write CustomUnit('currency:USDT')"),
        (5, "any other is CustomUnit('suffix:…')"),
    ],
)
def test_a_panel_says_so(given: object, said: str) -> None:
    with pytest.raises(SpecError) as error:
        Stat("A", "SELECT 1", unit=given)  # type: ignore[arg-type]  # the mistake
    (problem,) = error.value.problems
    assert problem.message == f"unit: expected a unit of Grafana's list, got {given!r}"
    assert problem.hint == said


def test_every_unit_has_a_name() -> None:
    assert NAMES.keys() == UNITS


@pytest.mark.parametrize("write", [" {} ".format, str.upper, str.lower])
def test_an_id_that_is_written_otherwise_leads_to_it(write: Callable[[str], str]) -> None:
    """Of two ids that differ in case only, to both."""
    for unit in UNITS:
        known = {unit} if write(unit).strip() == unit else {u for u in UNITS if u.casefold() == unit.casefold()}
        assert known & set(suggestions(write(unit))) or write(unit) in FIRST, (unit, suggestions(write(unit)))


@given(st.text(max_size=40))
def test_whatever_is_suggested_is_a_unit(word: str) -> None:
    found = suggestions(word)
    assert set(found) <= UNITS
    assert len(found) <= 3
    assert hint(word)


def test_the_table_is_read_for_a_mistake_only() -> None:
    code = (
        "import sys\nfrom dashgen import CustomUnit, Stat\n"
        "Stat('A', 'SELECT 1', unit='ms')\nStat('B', 'SELECT 1', unit=CustomUnit('suffix: x'))\n"
        "print([m for m in sys.modules if 'unit_' in m])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
    assert CustomUnit("suffix: x") == "suffix: x"
