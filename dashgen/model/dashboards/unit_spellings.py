"""What people write for Grafana's units, and which unit they mean by it: for the hint at a unit that is not its id.

Grafana's ids are not what is written elsewhere: `velocitykmh` is km/h, `h` are hours, `Bps` is B/s, `m` are minutes.
The table below has symbols, words, codes and what other tools call a unit; Grafana's own names of its units are added
to it, and the prefixes of data. Letters decide only where no spelling fits, and only where all but a few agree.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from dashgen.model.dashboards.unit_names import NAMES


class _Spelled(NamedTuple):
    """`units` in the order in which they are most likely meant; `spellings` are separated by commas."""

    units: str
    spellings: str


_TABLE = (
    # numbers
    _Spelled("short none", "count, number, num, int, integer, float, double, numeric, decimal, amount, quantity, #, n"),
    _Spelled("none short", "raw, plain, unitless, dimensionless, no unit, nothing, empty"),
    _Spelled("string", "text, str, varchar"),
    _Spelled("bool", "boolean, true/false, flag"),
    _Spelled("bool_yes_no", "yes/no, yesno"),
    _Spelled("bool_on_off", "on/off, onoff"),
    _Spelled("sci", "scientific, exponential, 1e3"),
    _Spelled("hex0x", "0x"),
    _Spelled("hex", "hexadecimal"),
    _Spelled("locale", "thousands separator, 1,000"),
    # % of what: the value decides
    _Spelled("percent percentunit", "%, pct, percentage, perc, prozent, percents"),
    _Spelled("percentunit percent", "ratio, fraction, 0-1, 0.0-1.0, 0..1, percent 0-1, percentage 0-1"),
    _Spelled("percent", "0-100, 0..100, percent100, percent 0-100, percentage 0-100, %100"),
    _Spelled("humidity", "%h, %rh, rh, relative humidity"),
    _Spelled("dB", "decibel"),
    _Spelled("dBm", "decibel milliwatt, decibelmilliwatt"),
    _Spelled("candela", "cd"),
    _Spelled("lux", "lx"),
    _Spelled("lumens", "lm, lumen"),
    _Spelled("pixel", "px, pixels"),
    # time
    _Spelled("ns", "nsec, nsecs, nano, nanos, nanosecond"),
    _Spelled("µs", "us, usec, usecs, µsec, micro, micros, microsec, microsecond, mikrosekunden"),
    _Spelled("ms", "msec, msecs, milli, millis, millisec, millisecond, millisekunden"),
    _Spelled("s", "sec, secs, second, sekunden"),
    _Spelled("m", "min, mins, minute, minuten"),
    _Spelled("h", "hr, hrs, hour, stunden"),
    _Spelled("d", "day, tage"),
    _Spelled("dtdurations dtdurationms", "duration, elapsed, uptime, age, timespan, time span, timedelta, interval"),
    _Spelled("dthms", "hh:mm:ss, hms, h:m:s"),
    _Spelled("dtdhms", "d hh:mm:ss, dhms"),
    _Spelled("clocks clockms", "clock"),
    _Spelled("dateTimeAsIso dateTimeFromNow", "date, time, datetime, timestamp, iso, iso8601, iso 8601, epoch"),
    _Spelled("dateTimeFromNow", "ago, from now, time ago, since, relative time"),
    _Spelled("dateTimeAsSystem dateTimeAsLocal", "local time, localtime"),
    _Spelled("timeticks", "time ticks"),
    # frequency and rotation
    _Spelled("hertz", "Hz, 1/s, cycles/s"),
    _Spelled("rotkhz", "khz, kilohertz"),
    _Spelled("rotmhz", "mhz, megahertz"),
    _Spelled("rotghz", "ghz, gigahertz"),
    _Spelled("rotrpm", "RPM, rev/min, revs/min, revolution/min, rotations/min, r/min, u/min"),
    _Spelled("rotrads", "rad/s, radian/s"),
    _Spelled("rotdegs", "deg/s, degree/s, °/s"),
    # throughput
    _Spelled("reqps", "req/s, request/s, requestsps, rq/s, hits/s, http req/s"),
    _Spelled("reqps ops", "qps, query/s, queries/s, calls/s, tps, txn/s, transaction/s"),
    _Spelled("ops", "op/s, operation/s"),
    _Spelled("rps", "read/s, reads/s, rd/s"),
    _Spelled("wps", "write/s, wr/s"),
    _Spelled("iops", "io/s, i/o ops/s, iop/s, i/o/s"),
    _Spelled("eps", "event/s, evt/s"),
    _Spelled("mps", "message/s, msg/s, msgs/s"),
    _Spelled("recps", "record/s, rec/s"),
    _Spelled("rowsps", "row/s"),
    _Spelled("pps", "packet/s, pkt/s, pkts/s, pck/s"),
    _Spelled("cps", "c/s, count/s, counter/s, per second, /s, items/s, errors/s, trades/s, orders/s, jobs/s, tasks/s"),
    _Spelled("reqpm", "req/min, request/min, req/m"),
    _Spelled("opm", "op/min, operation/min, ops/m"),
    _Spelled("rpm", "read/min, rd/m"),
    _Spelled("wpm", "write/min, wr/m"),
    _Spelled("epm", "event/min, evt/min"),
    _Spelled("mpm", "message/min, msg/min"),
    _Spelled("recpm", "record/min, rec/min"),
    _Spelled("rowspm", "row/min"),
    _Spelled("cpm", "c/m, c/min, count/min, per minute, /min, items/min, errors/min, trades/min, orders/min"),
    # data without a prefix (those with one are made below)
    _Spelled("bytes decbytes", "byte, B, octet"),
    _Spelled("bits decbits", "bit, b"),
    _Spelled("Bps binBps", "B/s, byte/s, Byteps, octets/s"),
    _Spelled("bps binbps", "b/s, bit/s, bitps, baud"),
    # length, area, volume, mass
    _Spelled("lengthmm", "mm, millimeter"),
    _Spelled("lengthm", "meter"),
    _Spelled("lengthkm", "km, kms, kilometer"),
    _Spelled("lengthin", "in, inch, inches, ″"),
    _Spelled("lengthft", "ft, foot, feet"),
    _Spelled("lengthmi", "mi, mile"),
    _Spelled("areaM2", "m2, m^2, sqm, sq m, square meter"),
    _Spelled("areaF2", "ft2, ft^2, sqft, sq ft, square foot, square feet"),
    _Spelled("areaMI2", "mi2, mi^2, sqmi, square mile"),
    _Spelled("acres", "acre, ac"),
    _Spelled("hectares", "ha, hectare"),
    _Spelled("litre", "l, liter, ltr"),
    _Spelled("mlitre", "ml, milliliter"),
    _Spelled("m3", "m^3, cubic meter, cbm"),
    _Spelled("Nm3", "nm^3, normal cubic meter"),
    _Spelled("dm3", "dm^3, cubic decimeter"),
    _Spelled("gallons", "gal, gallon"),
    _Spelled("massmg", "mg, milligram"),
    _Spelled("massg", "g, gr, gram, gramme"),
    _Spelled("masskg", "kg, kgs, kilo, kilogram, kilogramme"),
    _Spelled("masst", "t, ton, tonne, metric ton, metric tonne"),
    _Spelled("masslb currencyGBP", "pound"),
    _Spelled("masslb", "lb, lbs"),
    # speed, acceleration, force, pressure, flow
    _Spelled("velocitykmh", "km/h, kmh, kph, kmph, kilometer/h"),
    _Spelled("velocityms", "m/s, meter/s"),
    _Spelled("velocitymph", "mph, mi/h, mile/h"),
    _Spelled("velocityknot", "kn, kt, kts, knot"),
    _Spelled("accMS2", "m/s2, m/s^2, m/s/s, meter/s2, meter/s^2"),
    _Spelled("accFS2", "ft/s2, ft/s^2, feet/s2, feet/s^2"),
    _Spelled("accG", "g-force, gforce, g unit"),
    _Spelled("forceN", "N, newton"),
    _Spelled("forcekN", "kN, kilonewton"),
    _Spelled("forceNm", "Nm, newton meter"),
    _Spelled("forcekNm", "kNm, kilonewton meter"),
    _Spelled("pressurebar", "bar"),
    _Spelled("pressurembar", "mbar, millibar"),
    _Spelled("pressurekbar", "kbar, kilobar"),
    _Spelled("pressurepa", "Pa, pascal"),
    _Spelled("pressurehpa", "hPa, hectopascal"),
    _Spelled("pressurekpa", "kPa, kilopascal"),
    _Spelled("pressurehg", 'inHg, "Hg, in hg, inch of mercury'),
    _Spelled("pressurepsi", "psi, lbf/in2, pounds per square inch"),
    _Spelled("flowgpm", "gal/min, gallon/min, gpm"),
    _Spelled("flowcms", "m3/s, m^3/s, cubic meter/s, cms"),
    _Spelled("flowcfs", "ft3/s, ft^3/s, cubic feet/s, cfs"),
    _Spelled("flowcfm", "ft3/min, ft^3/min, cubic feet/min, cfm"),
    _Spelled("litreh", "l/h, liter/h"),
    _Spelled("flowlpm", "l/min, liter/min, lpm"),
    _Spelled("flowmlpm", "ml/min, milliliter/min, mlpm"),
    # temperature and angle
    _Spelled("celsius", "°C, C, degC, deg C, degree C, degree celsius, centigrade, celcius"),
    _Spelled("fahrenheit", "°F, degF, deg F, degree F, degree fahrenheit"),
    _Spelled("fahrenheit farad", "F"),
    _Spelled("celsius fahrenheit", "temperature, temp"),
    _Spelled("kelvin", "K, °K, degK, degree kelvin"),
    _Spelled("degree celsius", "°, deg, degree"),
    _Spelled("radian radrad", "rad"),
    _Spelled("grad", "gon, gradian"),
    _Spelled("arcmin", "arcminute, arc minute, ′"),
    _Spelled("arcsec", "arcsecond, arc second"),
    # electricity and energy
    _Spelled("watt", "W"),
    _Spelled("mwatt", "mW, milliwatt"),
    _Spelled("kwatt", "kW, kilowatt"),
    _Spelled("megwatt", "MW, megawatt"),
    _Spelled("gwatt", "GW, gigawatt"),
    _Spelled("Wm2", "W/m2, W/m^2, watt/m2, watt per square meter"),
    _Spelled("watth", "Wh, watt hour"),
    _Spelled("kwatth", "kWh, kilowatt hour"),
    _Spelled("mwatth", "MWh, megawatt hour"),
    _Spelled("kwattm", "kWm, kWmin, kilowatt minute"),
    _Spelled("watthperkg", "Wh/kg, watt hour per kilogram"),
    _Spelled("joule", "J"),
    _Spelled("ev", "eV, electronvolt, electron volt"),
    _Spelled("voltamp", "VA, volt ampere"),
    _Spelled("kvoltamp", "kVA, kilovolt ampere"),
    _Spelled("voltampreact", "VAr, volt ampere reactive"),
    _Spelled("kvoltampreact", "kVAr, kilovolt ampere reactive"),
    _Spelled("amp", "A, ampere, amps"),
    _Spelled("mamp", "mA, milliamp, milliampere"),
    _Spelled("kamp", "kA, kiloamp, kiloampere"),
    _Spelled("amph", "Ah, amp hour, ampere hour"),
    _Spelled("mamph", "mAh, milliamp hour, milliampere hour"),
    _Spelled("kamph", "kAh, kiloampere hour"),
    _Spelled("volt", "V"),
    _Spelled("mvolt", "mV, millivolt"),
    _Spelled("kvolt", "kV, kilovolt"),
    _Spelled("ohm", "Ω"),
    _Spelled("mohm", "mΩ, milliohm"),
    _Spelled("kohm", "kΩ, kiloohm"),
    _Spelled("Mohm", "MΩ, megaohm, megohm"),
    _Spelled("µfarad", "µF, uF, microfarad"),
    _Spelled("nfarad", "nF, nanofarad"),
    _Spelled("pfarad", "pF, picofarad"),
    _Spelled("ffarad", "fF, femtofarad"),
    _Spelled("henry", "H"),
    _Spelled("mhenry", "mH, millihenry"),
    _Spelled("µhenry", "µH, uH, microhenry"),
    # concentration and radiation
    _Spelled("ppm", "parts per million"),
    _Spelled("conppb", "ppb, parts per billion"),
    _Spelled("conngm3", "ng/m3, ng/m^3"),
    _Spelled("conμgm3", "µg/m3, ug/m3, µg/m^3, ug/m^3"),
    _Spelled("conmgm3", "mg/m3, mg/m^3"),
    _Spelled("congm3", "g/m3, g/m^3"),
    _Spelled("conμgNm3", "ug/Nm3"),
    _Spelled("conmgdL", "mg/dl"),
    _Spelled("conmmolL", "mmol/l"),
    _Spelled("radbq", "Bq, becquerel"),
    _Spelled("radci", "Ci, curie"),
    _Spelled("radgy", "Gy, gray"),
    _Spelled("radsv", "Sv, sievert"),
    _Spelled("radmsv", "mSv, millisievert"),
    _Spelled("radusv", "µSv, uSv, microsievert"),
    _Spelled("radsvh", "Sv/h, sievert/h"),
    _Spelled("radmsvh", "mSv/h, millisievert/h"),
    _Spelled("radusvh", "µSv/h, uSv/h, microsievert/h"),
    _Spelled("radr", "roentgen"),
    _Spelled("radexpckg", "C/kg"),
    # hash rate and computation
    _Spelled("Hs", "H/s, hash/s, hashrate, hash rate"),
    *(
        _Spelled(f"{letter}Hs", f"{symbol}H/s, {word}hash/s")
        for letter, symbol, word in (
            ("K", "k", "kilo"), ("M", "M", "mega"), ("G", "G", "giga"), ("T", "T", "tera"), ("P", "P", "peta"),
            ("E", "E", "exa"),
        )
    ),
    _Spelled("flops", "flop/s, flop"),
    # money: the codes are made below
    _Spelled("currencyUSD", "$, US$, dollar, us dollar"),
    _Spelled("currencyEUR", "€, euro"),
    _Spelled("currencyGBP", "£, sterling, pound sterling"),
    _Spelled("currencyJPY", "¥, yen"),
    _Spelled("currencyRUB", "₽, ruble, rouble"),
    _Spelled("currencyUAH", "₴, hryvnia"),
    _Spelled("currencyBRL", "R$, reais"),
    _Spelled("currencyINR", "₹, rupee"),
    _Spelled("currencyKRW", "₩"),
    _Spelled("currencyTRY", "₺, lira"),
    _Spelled("currencyVND", "₫, đ, dong"),
    _Spelled("currencyILS", "₪, shekel"),
    _Spelled("currencyPYG", "₲"),
    _Spelled("currencyCHF", "franc, swiss franc, franken, SFr"),
    _Spelled("currencyPLN", "zł, zloty, złoty"),
    _Spelled("currencyCZK", "Kč, koruna"),
    _Spelled("currencyIDR", "Rp, rupiah"),
    _Spelled("currencyMYR", "RM, ringgit"),
    _Spelled("currencyPHP", "₱, peso"),
    _Spelled("currencyBTC", "₿, bitcoin, XBT"),
    _Spelled("currencyμBTC", "uBTC, microbitcoin"),
    _Spelled("currencymBTC", "millibitcoin"),
    _Spelled("currencySEK currencyNOK currencyDKK", "kr, krona, krone"),
)  # fmt: skip

_PREFIXES = (("K", "k", "kilo", "kibi"), ("M", "m", "mega", "mebi"), ("G", "g", "giga", "gibi"),
             ("T", "t", "tera", "tebi"), ("P", "p", "peta", "pebi"))  # fmt: skip
"""Letter in symbols, letter in ids, and the words for steps of 1000 and of 1024."""

_MEANING = {
    "percent": "the value is 0 to 100",
    "percentunit": "the value is 0 to 1",
    "short": "1.2 K, 3 Mil",
    "none": "all digits",
    "bytes": "steps of 1024",
    "decbytes": "steps of 1000",
    "bits": "steps of 1024",
    "decbits": "steps of 1000",
    "Bps": "steps of 1000",
    "binBps": "steps of 1024",
    "bps": "steps of 1000",
    "binbps": "steps of 1024",
    "dtdurations": "the value is in seconds",
    "dtdurationms": "the value is in milliseconds",
    "clocks": "the value is in seconds",
    "clockms": "the value is in milliseconds",
    "degree": "angle",
    "celsius": "°C",
    "dateTimeAsIso": "2026-01-31 12:00:00, of milliseconds since 1970",
    "dateTimeFromNow": "5 minutes ago, of milliseconds since 1970",
}
"""What tells a unit from the other that a spelling may mean, where Grafana's name does not."""

_OTHER_MONEY = (
    "AUD CAD CNY HKD HUF MXN NZD RON SGD THB TWD AED SAR ARS CLP COP EGP NGN PKR"
    " ADA BNB DOGE DOT ETH LTC SOL TRX USDC USDT XRP DAI"
)
"""Codes that Grafana's list lacks: `currency:` takes any text."""

_TIMES = (("s", "sec|secs|second|s"), ("min", "min|mins|minute"), ("h", "hour|hr|hrs|h"))
_DENOMINATOR = tuple((unit, re.compile(rf"/(?:{words})s?$", re.IGNORECASE)) for unit, words in _TIMES)
_PER = re.compile(r"[\s_-]+(?:per|a)[\s_-]+|(?<=[a-z])Per(?=[A-Z])|(?<=[a-z])per(?=sec|min|hour)")
_BLANK = re.compile(r"[\s_]+|(?<=\w)-(?=[A-Za-z])")
_LETTERS = str.maketrans({"μ": "µ", "Ω": "Ω", "²": "2", "³": "3", "º": "°"})
_LEAST_LETTERS = 5
"""Shorter texts are symbols, or too like one another: no letter of theirs is a slip."""
_ALIKE = 0.88


def suggestions(word: str) -> tuple[str, ...]:
    """The ids that are meant by a spelling, the likeliest first; none where that can't be told."""
    return spelled(word) or _nearest(_folded(_canonical(word)), _spellings()[1])


def spelled(word: str) -> tuple[str, ...]:
    """As `suggestions`, for a spelling without a slip in it."""
    exact, folded = _spellings()
    key = _canonical(word)
    return exact.get(key) or folded.get(_folded(key)) or ()


def _nearest(key: str, folded: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Of a spelling with a slip in it: it begins alike, and is a rate or not."""
    if len(key) < _LEAST_LETTERS:
        return ()
    from difflib import get_close_matches

    known = [k for k in folded if k[:1] == key[:1] and len(k) >= _LEAST_LETTERS and ("/" in k) == ("/" in key)]
    near = get_close_matches(key, known, 1, _ALIKE)
    return folded[near[0]] if near else ()


def hint(word: str) -> str:
    """What to write instead: `did you mean 'velocitykmh'?`, several with what tells them apart, or a unit of one's
    own."""
    found = suggestions(word)
    if len(found) == 1:
        return f"did you mean {found[0]!r}?"
    if found:
        named = [f"{unit!r} ({_MEANING.get(unit) or NAMES[unit].partition(' (')[0]})" for unit in found]
        return f"did you mean {', '.join(named[:-1])} or {named[-1]}?"
    code = word.strip().upper()
    if code and code in _OTHER_MONEY.split():
        return f"Grafana's list has no {code}: write CustomUnit('currency:{code}')"
    text = " ".join(word.split())
    return (
        f"any other is CustomUnit({f'suffix: {text}'!r})"
        if 0 < len(text) <= 30
        else "any other is CustomUnit('suffix:…')"
    )


def _canonical(word: str) -> str:
    """A spelling without what differs from hand to hand: how a rate is written, blanks, composed characters."""
    text = unicodedata.normalize("NFKC", word).translate(_LETTERS).strip()
    text = _PER.sub("/", text)
    text = _BLANK.sub("", text)
    for unit, pattern in _DENOMINATOR:
        text = pattern.sub(f"/{unit}", text)
    return text


def _folded(key: str) -> str:
    """The same in small letters, words in the singular, as American spells them."""
    top, slash, below = key.casefold().partition("/")
    top = re.sub(r"(met|lit)re", r"\1er", top)
    for ending, one in (("ies", "y"), ("ches", "ch"), ("shes", "sh"), ("s", "")):
        if len(top) > len("kms") and top.endswith(ending) and not top.endswith("ss"):
            top = top.removesuffix(ending) + one
            break
    return top + slash + below


@cache
def _spellings() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """The units of each spelling as it is written, and in small letters and the singular. What comes first counts
    more."""
    exact: dict[str, tuple[str, ...]] = {}
    folded: dict[str, list[str]] = {}
    for units, spelling in _pairs():
        key = _canonical(spelling)
        if spelling not in NAMES.values():  # of two units of one word, Grafana's name for one says nothing
            exact.setdefault(key, units)
        known = folded.setdefault(_folded(key), [])
        known += [unit for unit in units if unit not in known]
    return exact, {key: tuple(units[:3]) for key, units in folded.items()}


def _pairs() -> Iterator[tuple[tuple[str, ...], str]]:
    for unit in NAMES:
        yield (unit,), unit
    for row in _TABLE:
        # only the comma between spellings has a blank behind it
        for spelling in row.spellings.split(", "):
            yield tuple(row.units.split()), spelling
    yield from _data()
    for unit, name in NAMES.items():
        yield from (((unit,), spelling) for spelling in _unambiguous(name))
        if unit.startswith("currency"):
            yield (unit,), unit.removeprefix("currency")


def _unambiguous(whole: str) -> Iterator[str]:
    """Grafana's name and symbol of a unit, but those that it has for several."""
    shared = {"kr", "rps", "rpm", "s", "ms", "R", "0-100", "0.0-1.0", "duration", "clock", "Real"}
    name, _, symbol = whole.rstrip(")").partition(" (")
    yield from (text for text in (name, symbol, whole) if text and text not in shared)


def _data() -> Iterator[tuple[tuple[str, ...], str]]:
    """Bytes and bits with prefixes: a plain one may mean steps of 1000 or of 1024, one with an i can't."""
    for letter, small, word, binary in _PREFIXES:
        shown = {letter, small} if letter == "K" else {letter}
        size = (f"dec{small}bytes", f"{small}bytes")
        bytes_a_second, bits_a_second = (f"{letter}Bs", f"{letter}iBs"), (f"{letter}bits", f"{letter}ibits")
        if letter != "K":  # in small letters, speeds of networks are commoner
            yield (bits_a_second[0], bytes_a_second[0]), f"{small}bps"
        for s in sorted(shown):
            for spelling in (f"{s}B", f"{s}byte", f"{s}o"):
                yield size, spelling
            for spelling in (f"{s}B/s", f"{s}Bps", f"{s}Byte/s", f"{s}BPS"):
                yield bytes_a_second, spelling
            for spelling in (f"{s}b/s", f"{s}bps", f"{s}bit/s", f"{s}bitps"):
                yield bits_a_second, spelling
        yield size, f"{word}byte"
        yield bytes_a_second, f"{word}byte/s"
        yield bits_a_second, f"{word}bit/s"
        for spelling in (f"{letter}iB", f"{binary}byte"):
            yield size[1:], spelling
        for spelling in (f"{letter}iB/s", f"{letter}iBps", f"{binary}byte/s"):
            yield bytes_a_second[1:], spelling
        for spelling in (f"{letter}ib/s", f"{letter}ibit/s", f"{letter}ibps", f"{binary}bit/s"):
            yield bits_a_second[1:], spelling
