"""What an expression of a time range amounts to, for one range: enough to tell which of two edges is the earlier."""

from __future__ import annotations

from collections.abc import Callable

from dashgen.lint.clauses import split, unquoted
from dashgen.lint.functions import closing
from dashgen.model.sql import Token

DAY = 86_400.0
_UNITS = {"n": 1e-9, "u": 1e-6, "U": 1e-6, "T": 1e-3, "s": 1, "m": 60, "h": 3600, "d": DAY, "w": 7 * DAY, "M": 30 * DAY,
          "y": 365 * DAY}  # fmt: skip
_KEPT = frozenset({"cast", "timestamp_floor", "timestamp_ceil", "date_trunc"})


def moment(tokens: list[Token], length: float) -> float | None:
    """Seconds after the beginning of a range of that length; None for what is not told by the range alone."""
    while len(tokens) > 2 and tokens[0].text == "(" and closing(tokens, 0) == len(tokens) - 1:
        tokens = tokens[1:-1]
    if not tokens:
        return None
    word = tokens[0].text.lower()
    call = len(tokens) > 2 and tokens[1].text == "(" and closing(tokens, 1) == len(tokens) - 1
    if word in ("$__fromtime", "$__timefrom"):
        return 0.0 if len(tokens) in (1, 3) else _moved(tokens, length)
    if word in ("$__totime", "$__timeto", "now"):
        return length if len(tokens) in (1, 3) else _moved(tokens, length)
    if not call:
        return None
    return _call(word, list(split(tokens[2:-1])), length)


def _call(word: str, arguments: list[list[Token]], length: float) -> float | None:
    if word == "dateadd" and len(arguments) == 3:
        unit = unquoted(arguments[0][0].text)
        number = "".join(token.text for token in arguments[1])
        base = moment(arguments[2], length)
        try:
            return None if base is None else base + float(number) * _UNITS[unit]
        except (ValueError, KeyError):
            return None
    if word in ("least", "greatest"):
        found = [moment(argument, length) for argument in arguments]
        choose: Callable[[list[float]], float] = min if word == "least" else max
        return None if None in found else choose([one for one in found if one is not None])
    if word in _KEPT and arguments:
        inner = arguments[0] if word == "cast" else arguments[-1]
        names = [token.text.lower() for token in inner]
        return moment(inner[: names.index("as")] if word == "cast" and "as" in names else inner, length)
    return None


def _moved(tokens: list[Token], length: float) -> float | None:
    """`$__toTime - 3600000000L`."""
    if len(tokens) < 3 or tokens[-2].text not in "+-" or tokens[-1].kind != "number":
        return None
    base = moment(tokens[:-2], length)
    number = tokens[-1].text.rstrip("lL")
    if base is None or not number.isdigit():
        return None
    return base + (-1 if tokens[-2].text == "-" else 1) * int(number) / 1e6
