"""What a column's bounds say together: whether they fit its type, and whether any value is within them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import reduce
from math import ceil, isfinite, lcm
from typing import Any

import annotated_types as at

_CALLED = {int: "a whole number", float: "a number", str: "a text", bool: "a boolean", datetime: "a datetime"}


@dataclass(frozen=True, slots=True)
class BoundsFault:
    """What is wrong with a column's bounds, and what to do."""

    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class _Bound:
    """One end of what a value, or a text's length, may be. `is_open` says that the end itself is out."""

    text: str
    end: Any
    is_low: bool
    is_open: bool = False
    of_length: bool = False


def wrong(kind: type, metadata: Sequence[object]) -> Iterator[BoundsFault]:
    """The faults of a column's metadata, for the Python type of its values."""
    for item in metadata:
        if isinstance(item, type):
            yield BoundsFault(f"expected {item.__name__}(), got the class itself", "the parentheses are missing")
    bounds = [one for item in metadata for one in _bounds(item)]
    unfit = {id(bound): found for bound in bounds if (found := _unfit(kind, bound))}
    yield from dict.fromkeys(unfit.values())
    fitting = [bound for bound in bounds if id(bound) not in unfit]
    if any(isinstance(item, at.MultipleOf) for item in metadata) and kind not in (int, float):
        yield BoundsFault(f"expected MultipleOf on a number, got it on {_CALLED.get(kind, kind.__name__)}")
    for pair in ((low, high) for low in fitting if low.is_low for high in fitting if not high.is_low):
        if pair[0].of_length == pair[1].of_length and _is_empty(kind, *pair):
            yield BoundsFault(
                f"expected bounds with a value between them, got {pair[0].text} and {pair[1].text}",
                "no row would be valid",
            )
            return
    if kind in (int, float):
        yield from _multiples(kind, [item for item in metadata if isinstance(item, at.MultipleOf)], fitting)


def _multiples(kind: type, given: Sequence[at.MultipleOf], bounds: Sequence[_Bound]) -> Iterator[BoundsFault]:
    """Whether the numbers of which a value is a multiple have one within the bounds."""
    steps = [step for item in given if (step := _fraction(item.multiple_of)) is not None and step > 0]
    if len(steps) < len(given):
        wrong = next(item.multiple_of for item in given if (_fraction(item.multiple_of) or 0) <= 0)
        yield BoundsFault(f"expected MultipleOf a number above 0, got MultipleOf({wrong!r})")
        return
    if kind is int:
        steps.append(Fraction(1))
    ends = [(bound, end) for bound in bounds if (end := _fraction(bound.end)) is not None]
    lows = [(end, bound.is_open, bound.text) for bound, end in ends if bound.is_low]
    highs = [(end, not bound.is_open, bound.text) for bound, end in ends if not bound.is_low]
    if not (steps and lows and highs):
        return
    step = reduce(_common_multiple, steps)
    low, excludes_low, low_text = max(lows)
    high, includes_high, high_text = min(highs)
    first = ceil(low / step) * step
    if excludes_low and first == low:
        first += step
    if first > high or (first == high and not includes_high):
        texts = [*(f"MultipleOf({item.multiple_of!r})" for item in given), low_text, high_text]
        yield BoundsFault(
            f"expected bounds with a value between them, got {', '.join(texts[:-1])} and {texts[-1]}",
            "no row would be valid",
        )


def _common_multiple(one: Fraction, other: Fraction) -> Fraction:
    return Fraction(
        lcm(one.numerator * other.denominator, other.numerator * one.denominator), one.denominator * other.denominator
    )


def _fraction(number: object) -> Fraction | None:
    """A number as it is written, `0.1` as a tenth; None for what is none and for what has no end."""
    if isinstance(number, bool) or not isinstance(number, int | float) or not isfinite(number):
        return None
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def _bounds(item: object) -> Iterator[_Bound]:
    match item:
        case at.Ge(end):
            yield _Bound(f"Ge({end!r})", end, is_low=True)
        case at.Gt(end):
            yield _Bound(f"Gt({end!r})", end, is_low=True, is_open=True)
        case at.Le(end):
            yield _Bound(f"Le({end!r})", end, is_low=False)
        case at.Lt(end):
            yield _Bound(f"Lt({end!r})", end, is_low=False, is_open=True)
        case at.MinLen(end):
            yield _Bound(f"a length from {end!r}", end, is_low=True, of_length=True)
        case at.MaxLen(end):
            yield _Bound(f"a length up to {end!r}", end, is_low=False, of_length=True)
        case at.Interval() | at.Len():
            for one in item:
                yield from _bounds(one)


def _unfit(kind: type, bound: _Bound) -> BoundsFault | None:
    called = _CALLED.get(kind, kind.__name__)
    if bound.of_length:
        if kind is not str:
            return BoundsFault(f"expected no length on {called}, got one", "Ge(0) and Le(10) bound a number")
        if isinstance(bound.end, bool) or not isinstance(bound.end, int) or bound.end < 0:
            return BoundsFault(f"expected a length that is a whole number from 0 on, got {bound.end!r}")
        return None
    of_kind = datetime if kind is datetime else (int, float)
    is_number = not isinstance(bound.end, bool) and isinstance(bound.end, of_kind) and bound.end == bound.end
    if kind in (int, float, datetime) and is_number:
        return None
    if kind in (int, float, datetime):
        return BoundsFault(f"expected a bound that is {called}, got {bound.text}")
    return BoundsFault(
        f"expected no bound on {called}, got {bound.text}", "Len(1, 255) bounds a text" if kind is str else ""
    )


def _is_empty(kind: type, low: _Bound, high: _Bound) -> bool:
    """Whether no value is from the one to the other."""
    if kind is int or low.of_length:
        return bool(low.end + low.is_open > high.end - high.is_open)
    return bool(low.end > high.end or (low.end == high.end and (low.is_open or high.is_open)))
