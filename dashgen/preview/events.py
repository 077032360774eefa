"""Annotations: the events that a frame's rows say.

As public/app/features/annotations/standardAnnotationSupport.ts of Grafana 10 and later (read): fields by their names in
lower case, of two alike the last; without one named time the first field of that type, without one named text the first
of texts, whatever it is; a frame without either has no events.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dashgen.grafana.datasources.frames import Frame, FrameField
from dashgen.grafana.datasources.values import Value


@dataclass(frozen=True, slots=True)
class AnnotationEvent:
    """Times in milliseconds; with `end` it is a region."""

    time: int
    text: str = ""
    end: int | None = None
    tags: tuple[str, ...] = ()
    title: str = ""


def events(frame: Frame) -> Iterator[AnnotationEvent]:
    """Rows without a time are none."""
    by_name = {field.name.lower(): field for field in frame.fields}
    time = by_name.get("time") or next((f for f in frame.fields if f.type == "time"), None)
    text = by_name.get("text") or next((f for f in frame.fields if f.type == "string"), None)
    if time is None or text is None:
        return
    end, tags, title = (by_name.get(name) for name in ("timeend", "tags", "title"))
    for row, value in enumerate(time.values):
        at = _ms(value)
        if at is None:
            continue
        until = _ms(_of(end, row))
        yield AnnotationEvent(
            at,
            _text(_of(text, row)),
            until if until is not None and until != at else None,
            tuple(tag for tag in (part.strip() for part in _text(_of(tags, row)).split(",")) if tag),
            _text(_of(title, row)),
        )


def _of(field: FrameField | None, row: int) -> Value:
    return field.values[row] if field is not None else None


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _ms(value: Value) -> int | None:
    if isinstance(value, datetime):
        return int(value.timestamp() * 1000)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
