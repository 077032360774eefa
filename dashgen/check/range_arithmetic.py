"""What an expression of a time range amounts to, for one range: enough to tell which of two edges is the earlier."""

from __future__ import annotations

from dashgen.sql.ast import Binary, Call, Cast, Constant, Expression, Macro, Unary
from dashgen.sql.conditions import is_number

DAY = 86_400.0
_UNITS = {"n": 1e-9, "u": 1e-6, "U": 1e-6, "T": 1e-3, "s": 1, "m": 60, "h": 3600, "d": DAY, "w": 7 * DAY, "M": 30 * DAY,
          "y": 365 * DAY}  # fmt: skip
_KEPT = frozenset({"timestamp_floor", "timestamp_ceil", "date_trunc"})
_BEGINS, _ENDS = frozenset({"fromtime", "timefrom"}), frozenset({"totime", "timeto"})


def moment(expression: Expression, length: float) -> float | None:
    """Seconds after the beginning of a range of that length; None for what is not told by the range alone."""
    if isinstance(expression, Macro):
        name = expression.name.lower()
        return 0.0 if name in _BEGINS else length if name in _ENDS else None
    if isinstance(expression, Cast):
        return moment(expression.operand, length)
    if isinstance(expression, Call):
        return _call(expression, length)
    if isinstance(expression, Binary) and expression.operator in ("+", "-"):
        base, microseconds = moment(expression.left, length), _number(expression.right)
        if base is None or microseconds is None:
            return None
        return base + (-1 if expression.operator == "-" else 1) * microseconds / 1e6
    return None


def _call(call: Call, length: float) -> float | None:
    arguments = call.arguments
    if call.name == "now" and not arguments:
        return length
    if call.name == "dateadd" and len(arguments) == 3:
        unit = arguments[0].value if isinstance(arguments[0], Constant) and arguments[0].kind == "string" else ""
        base, number = moment(arguments[2], length), _number(arguments[1])
        return None if base is None or number is None or unit not in _UNITS else base + number * _UNITS[unit]
    if call.name in ("least", "greatest") and arguments:
        found = [one for argument in arguments if (one := moment(argument, length)) is not None]
        if len(found) < len(arguments):
            return None
        return min(found) if call.name == "least" else max(found)
    return moment(arguments[-1], length) if call.name in _KEPT and arguments else None


def _number(expression: Expression) -> float | None:
    sign = 1.0
    while isinstance(expression, Unary) and expression.operator in ("-", "+"):
        sign = -sign if expression.operator == "-" else sign
        expression = expression.operand
    if not is_number(expression) or not isinstance(expression, Constant):
        return None
    try:
        return sign * float(expression.text.rstrip("lL"))
    except ValueError:
        return None
