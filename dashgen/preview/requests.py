"""What the page asks, read from JSON: nothing of it is SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dashgen.grafana.datasources.intervals import MS, TimeRange
from dashgen.model.core.problems import DashgenError

Json = Mapping[str, Any]
_LATEST_MS = 253_402_300_799_999
"""The end of the year 9999."""
_MOST_POINTS = 100_000


class BadRequest(DashgenError, ValueError):
    """What was expected, for the page's author."""


@dataclass(frozen=True, slots=True)
class Range:
    """Milliseconds, and as the viewer has chosen it: `now-6h`."""

    from_ms: int
    to_ms: int
    raw: tuple[str, str] = ("", "")

    @property
    def time_range(self) -> TimeRange:
        return TimeRange(self.from_ms * MS, self.to_ms * MS)

    @property
    def is_relative(self) -> bool:
        return "now" in self.raw[0] or "now" in self.raw[1]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen in the variables, and what a repeated panel has of its own."""

    values: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    scoped: Mapping[str, str] = field(default_factory=dict)
    timezone: str = "utc"


@dataclass(frozen=True, slots=True)
class PanelRequest:
    uid: str
    panel: int
    range: Range
    chosen: Chosen
    points: int | None


def panel_request(body: Json) -> PanelRequest:
    points = body.get("maxDataPoints") or body.get("width")
    return PanelRequest(
        uid_of(body),
        panel_of(body),
        range_of(body),
        chosen_of(body),
        min(_number(points, "maxDataPoints"), _MOST_POINTS) if points else None,
    )


def uid_of(body: Json) -> str:
    """The uid of a dashboard. Raises BadRequest."""
    uid = body.get("uid")
    if not isinstance(uid, str):
        raise BadRequest("uid: expected a text")
    return uid


def panel_of(body: Json) -> int:
    return _number(body.get("panelId"), "panelId")


def range_of(body: Json) -> Range:
    """The range of time. Raises BadRequest."""
    start, end = (_number(body.get(name), name) for name in ("from", "to"))
    if not 0 <= start <= end <= _LATEST_MS:
        raise BadRequest("from, to: expected milliseconds since 1970, from before to")
    raw = body.get("range")
    given = raw if isinstance(raw, Mapping) else {}
    return Range(start, end, (str(given.get("from", "")), str(given.get("to", ""))))


def chosen_of(body: Json) -> Chosen:
    scoped = _mapping(body.get("scopedVars"), "scopedVars")
    return Chosen(
        {name: _values(value, name) for name, value in _mapping(body.get("variables"), "variables").items()},
        {name: _scoped(value, name) for name, value in scoped.items()},
        str(body.get("timezone") or "utc"),
    )


def name_of(body: Json) -> str:
    """The name of a variable. Raises BadRequest."""
    name = body.get("name", "")
    if not isinstance(name, str):
        raise BadRequest("name: expected the name of a variable")
    return name


def _mapping(value: object, name: str) -> Mapping[str, object]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise BadRequest(f"{name}: expected an object")
    return value


def _values(value: object, name: str) -> str | tuple[str, ...]:
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return tuple(map(str, value))
    raise BadRequest(f"variables.{name}: expected a text or a list of texts")


def _scoped(value: object, name: str) -> str:
    """Also as Grafana has them: `{"text": …, "value": …}`."""
    inner = value.get("value") if isinstance(value, Mapping) else value
    found = _values(inner, name)
    return found if isinstance(found, str) else "".join(found[:1])


def _number(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) > 2**53:
        raise BadRequest(f"{name}: expected a whole number")
    return int(value)
