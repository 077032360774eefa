"""The functions of Go's and Grafana's templates, and how Go prints and compares values."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from dashgen.grafana.gotemplate.errors import NotRun


class _NoValue:
    """An entry that a map does not have."""

    def __str__(self) -> str:
        return "<no value>"


NO_VALUE = _NoValue()


def go_float(value: float, *, exponent_from: int = 6) -> str:
    """`%v` of a float64: the shortest digits that read back as the same number, from a million on with an exponent."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    digits, _, power = f"{value:.17e}".partition("e")
    exponent = int(power)
    mantissa, _, _ = repr(abs(value)).partition("e")
    if "e" in repr(value):
        exponent = int(repr(value).partition("e")[2])
    digits = mantissa.replace(".", "").strip("0") or "0"
    sign = "-" if value < 0 else ""
    if exponent < -4 or exponent >= exponent_from:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{fraction}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    whole = digits[: exponent + 1].ljust(exponent + 1, "0")
    rest = digits[exponent + 1 :]
    return f"{sign}{whole}{'.' + rest if rest else ''}"


def go_text(value: Any) -> str:
    """What printing gives: maps as `map[a:b]`, lists as `[a b]`."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return go_float(value)
    if isinstance(value, Mapping):
        text = getattr(value, "text", None)
        if isinstance(text, str):
            return text
        return "map[" + " ".join(f"{key}:{go_text(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list | tuple):
        return "[" + " ".join(map(go_text, value)) + "]"
    return str(value)


def go_type(value: Any) -> str:
    """The name of a value's type in Go's errors."""
    if value is None or value is NO_VALUE:
        return "nil"
    if isinstance(value, LabelMap):
        return "template.Labels"
    kinds = (
        (bool, "bool"),
        (int, "int"),
        (float, "float64"),
        (str, "string"),
        (Mapping, "map"),
        (list | tuple, "list"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "struct")


class LabelMap(dict[str, str]):
    """Labels print as `a=b, c=d`."""

    @property
    def text(self) -> str:
        return ", ".join(f"{key}={self[key]}" for key in sorted(self))


def truth(value: Any) -> bool:
    """Empty is false: 0, "", an empty map or list, nil."""
    if value is NO_VALUE or value is None:
        return False
    if isinstance(value, float) and math.isnan(value):
        return True
    return bool(value) if isinstance(value, bool | int | float | str | Mapping | list | tuple) else True


def _comparable(a: Any, b: Any) -> tuple[Any, Any]:
    """Go compares an int only with ints, a float only with floats."""
    kinds = {_kind(a), _kind(b)}
    if "other" in kinds:
        raise ValueError("invalid type for comparison")
    if len(kinds) > 1:
        raise ValueError("incompatible types for comparison")
    return a, b


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    return "float" if isinstance(value, float) else "string" if isinstance(value, str) else "other"


def _equal(first: Any, *others: Any) -> bool:
    if not others:
        raise ValueError("missing argument for comparison")
    return any(a == b for a, b in (_comparable(first, other) for other in others))


def _compare(function: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda a, b: function(*_comparable(a, b))


def _number(value: Any) -> float:
    """Numbers and texts of numbers; a struct such as `$values.B` is none (prometheus/prometheus template/template.go,
    convertToFloat)."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"can't convert {go_text(value)} to float")
    return float(value)


def _g(value: float, digits: int = 4) -> str:
    """`%.4g` as Go prints it."""
    if not math.isfinite(value):
        return go_float(value)
    text = f"{value:.{digits}g}"
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}e{exponent[0]}{exponent[1:].zfill(2)}" if e else text


def _scaled(value: Any, base: float, above: tuple[str, ...], below: tuple[str, ...]) -> str:
    number = _number(value)
    if number == 0 or not math.isfinite(number):
        return _g(number)
    prefix = ""
    if abs(number) >= 1:
        for one in above:
            if abs(number) < base:
                break
            prefix, number = one, number / base
    else:
        for one in below:
            if abs(number) >= 1:
                break
            prefix, number = one, number * base
    return f"{_g(number)}{prefix}"


def humanize_duration(value: Any) -> str:
    """`1d 2h 3m 4s`; below a second with a prefix."""
    number = _number(value)
    if not math.isfinite(number):
        return _g(number)
    if number == 0:
        return "0s"
    if abs(number) < 1:
        return _scaled(number, 1000, (), ("m", "µ", "n", "p", "f", "a", "z", "y")) + "s"
    sign, number = ("-", -number) if number < 0 else ("", number)
    whole = int(number)
    days, hours, minutes, rest = whole // 86400, whole // 3600 % 24, whole // 60 % 60, whole % 60
    if days:
        return f"{sign}{days}d {hours}h {minutes}m {rest}s"
    if hours:
        return f"{sign}{hours}h {minutes}m {rest}s"
    if minutes:
        return f"{sign}{minutes}m {rest}s"
    return f"{sign}{_g(number)}s"


def _printf(pattern: str, *arguments: Any) -> str:
    remaining = list(arguments)

    def one(match: re.Match[str]) -> str:
        flags, verb = match[1], match[2]
        if verb == "%":
            return "%"
        if any(len(number) > 6 for number in re.findall(r"\d+", flags)):  # fmt.tooLarge
            return "%!(BADWIDTH)"
        if not remaining:
            return f"%!{verb}(MISSING)"
        value = remaining.pop(0)
        if verb in "vs":
            return f"%{flags}s" % go_text(value)
        if verb == "q":
            return '"' + go_text(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
        if verb == "t":
            return go_text(bool(value))
        if verb in "dxXo":
            return f"%{flags}{verb}" % value if isinstance(value, int) else f"%!{verb}(float64={go_text(value)})"
        if isinstance(value, float):
            if not math.isfinite(value):
                return go_float(value)
            text = f"%{flags}{verb}" % value
            return go_float(value) if verb == "g" and not flags else text
        return f"%!{verb}({_kind(value)}={go_text(value)})"

    text = re.sub(r"%([-+# 0]*\d*(?:\.\d+)?)([a-zA-Z%])", one, pattern)
    if remaining:
        text += "%!(EXTRA " + ", ".join(f"{_kind(v)}={go_text(v)}" for v in remaining) + ")"
    return text


def _print(*values: Any) -> str:
    """A space goes between two operands of which neither is a text."""
    out = ""
    for index, value in enumerate(values):
        if index and not isinstance(value, str) and not isinstance(values[index - 1], str):
            out += " "
        out += go_text(value)
    return out


def _len(value: Any) -> int:
    if not isinstance(value, str | Mapping | list | tuple):
        raise ValueError(f"len of type {go_type(value)}")
    return len(value.encode() if isinstance(value, str) else value)


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if isinstance(value, Mapping):
            value = _entry(value, key)
        elif isinstance(value, list | tuple | str):
            value = _element(value, key)
        else:
            raise ValueError(f"can't index item of type {go_type(value)}")
    return value


def _entry(value: Mapping[str, Any], key: Any) -> Any:
    if not isinstance(key, str):
        raise ValueError(f"value has type {go_type(key)}; should be string")
    # of labels a missing one is the empty text here, unlike `$labels.host`
    return value.get(key, "" if isinstance(value, LabelMap) else NO_VALUE)


def _element(value: Sequence[Any], at: Any) -> Any:
    if not isinstance(at, int) or isinstance(at, bool):
        raise ValueError(f"value has type {go_type(at)}; should be int")
    if not 0 <= at < len(value):
        raise ValueError(f"index out of range: {at}")
    return value[at]


_BACKTRACKS = re.compile(r"\((?:[^()\\]|\\.)*[+*}|](?:[^()\\]|\\.)*\)\s*[+*{]")


def _re2(pattern: str) -> re.Pattern[str]:
    """Go's expressions take linear time. Of Python's, those that repeat what repeats may take any."""
    if _BACKTRACKS.search(pattern):
        raise NotRun(f"the expression {pattern!r} is not run by dashgen")
    return re.compile(pattern)


def _replace_all(pattern: str, replacement: str, text: str) -> str:
    return _re2(pattern).sub(re.sub(r"\$\{?(\w+)\}?", r"\\g<\1>", replacement.replace("\\", "\\\\")), text)


def _timestamp(value: Any) -> str:
    number = _number(value)
    if not math.isfinite(number):
        return _g(number)
    moment = datetime.fromtimestamp(number, UTC)
    fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction} +0000 UTC"


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "and": lambda *a: a,
    "or": lambda *a: a,
    "not": lambda a: not truth(a),
    "eq": _equal,
    "ne": _compare(lambda a, b: a != b),
    "lt": _compare(lambda a, b: a < b),
    "le": _compare(lambda a, b: a <= b),
    "gt": _compare(lambda a, b: a > b),
    "ge": _compare(lambda a, b: a >= b),
    "len": _len,
    "index": _index,
    "print": _print,
    "printf": _printf,
    "println": lambda *a: " ".join(map(go_text, a)) + "\n",
    "html": lambda *a: html.escape(_print(*a)).replace("&quot;", "&#34;").replace("&#x27;", "&#39;"),
    "urlquery": lambda *a: quote(_print(*a), safe="-_.~").replace("%20", "+"),
    "args": lambda *a: {f"arg{i}": v for i, v in enumerate(a)},
    "toUpper": str.upper,
    "toLower": str.lower,
    "title": lambda text: re.sub(r"(?:^|(?<=\s))\w", lambda m: m[0].upper(), text),
    "match": lambda pattern, text: bool(_re2(pattern).search(text)),
    "reReplaceAll": _replace_all,
    "join": lambda separator, texts: separator.join(texts),
    "stripPort": lambda text: re.sub(r":\d+$", "", text),
    "safeHtml": lambda text: text,
    "humanize": lambda v: _scaled(v, 1000, tuple("kMGTPEZY"), tuple("mµnpfazy")),
    "humanize1024": lambda v: _scaled(v, 1024, ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"), ()),
    "humanizeDuration": humanize_duration,
    "humanizePercentage": lambda v: f"{_g(_number(v) * 100)}%",
    "humanizeTimestamp": _timestamp,
    "externalURL": lambda: "http://localhost:3000/",
    "pathPrefix": lambda: "/",
    "strvalue": lambda sample: sample["__value__"],
    "value": _number,
    "first": lambda values: values[0],
}

NOT_RUN = frozenset({
    "call", "deduplicate", "filterLabels", "filterLabelsRe", "graphLink", "js", "label", "mergeLabelValues", "now",
    "parseDuration", "query", "removeLabels", "removeLabelsRe", "slice", "sortByLabel", "stripDomain", "tableLink",
    "tmpl", "toTime",
})  # fmt: skip
"""Functions that Grafana and Go know in labels and annotations, and that are not run here (Grafana 12.3
pkg/services/ngalert/state/template/funcs.go; prometheus/prometheus template/template.go; Go text/template)."""
