"""The queries of rendered dashboards, run as Grafana's browser and backend would: of panels, variables, annotations."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dashgen.grafana.datasources.browser import Viewing
from dashgen.grafana.datasources.execution import (
    UNSENT_INTERVAL_NS,
    format_of,
    frame_of,
    sent,
)
from dashgen.grafana.datasources.frames import Format, Frame, FrameError, WireColumn
from dashgen.grafana.datasources.interpolation import interpolate
from dashgen.grafana.datasources.intervals import MS, SECOND, Interval, TimeRange, browser_interval
from dashgen.grafana.datasources.macros import MacroError
from dashgen.grafana.datasources.plugins import BY_ID, PLUGINS
from dashgen.grafana.datasources.values import Value
from dashgen.grafana.datasources.variables import ChosenVariable
from dashgen.grafana.relative_times import resolved
from dashgen.grafana.versions import Semantics, semantics, version_of
from dashgen.model.core.problems import DashgenError
from dashgen.model.environment import Plugin
from dashgen.preview.database import Database, QueryNotRun, QueryRefused
from dashgen.preview.events import AnnotationEvent, events
from dashgen.preview.frame_json import frame_json
from dashgen.preview.requests import Chosen, PanelRequest, Range
from dashgen.preview.revision import Board, Revision
from dashgen.preview.variables import Asked, Known, Resolver, named_in, variable_sql
from dashgen.render.foreign import sql_of

Json = dict[str, Any]
_USUAL_POINTS = 1000
_USUAL_SECONDS = 21_600
"""The range of variables that are found once, when the dashboard loads (scenes' QueryVariable.tsx)."""
_ANNOTATION_POINTS = 1920
_KEPT_SECONDS = 60.0
_MOST_KEPT = 256
_MINUTE = 60 * SECOND
_DASHBOARD = "-- Dashboard --"


class NotFound(DashgenError, LookupError):
    """No such dashboard, or panel of it."""


@dataclass(frozen=True, slots=True)
class _Ran:
    """`frame` is None where there is none, `error` then why; `status` as HTTP has them."""

    sql: str
    frame: Frame | None
    rows: int
    is_cut: bool = False
    error: str = ""
    status: int = 200


class Queries:
    """`now` gives milliseconds since 1970."""

    def __init__(self, database: Database, now: Callable[[], int]) -> None:
        self._database = database
        self._now = now
        self._asked: dict[
            tuple[str, str, str, int, int], tuple[float, Sequence[WireColumn], Sequence[Sequence[Value]]]
        ] = {}

    def forget(self) -> None:
        """What variables' queries answered, as the dashboards have changed."""
        self._asked.clear()

    async def panel(self, revision: Revision, request: PanelRequest) -> Json:
        """The answer of /api/query. Raises NotFound."""
        board = board_of(revision, request.uid)
        panel = board.panels.get(request.panel)
        if panel is None:
            raise NotFound(f"dashboard {request.uid!r} has no panel {request.panel}")
        range_ = _own_range(panel, request.range, self._now())
        known = await self._known(revision, board, range_, request.chosen)
        variables = _in_queries(known, request.chosen)
        return await self._panel(revision, board, panel, range_, variables, request, frozenset())

    async def _panel(
        self, revision: Revision, board: Board, panel: Json, range_: Range, variables: tuple[ChosenVariable, ...],
        request: PanelRequest, above: frozenset[int],
    ) -> Json:  # fmt: skip
        source = _other_panel(panel)
        if source is not None:
            other = board.panels.get(source)
            if other is None or source in above:
                message = f"it shows the data of panel {source}, which does not exist or shows the data of this one"
                return {"results": {"A": _failed("A", message, 400)}, "range": _range_data(range_)}
            return await self._panel(revision, board, other, range_, variables, request, above | {source})
        plugin = _plugin(revision, panel.get("datasource"), variables)
        interval = _interval(panel, range_, request.points, plugin, variables)
        viewing = Viewing(
            range_.time_range, interval, variables, (board.uid, board.title), request.chosen.timezone
        )  # fmt: skip
        targets = [t for t in panel.get("targets") or () if isinstance(t, dict) and not t.get("hide")]
        ran = await asyncio.gather(*(self._target(revision, panel, target, viewing) for target in targets))
        return {
            "results": dict(ran),
            "interval": {"text": interval.text, "ms": interval.ms},
            "range": _range_data(range_),
        }

    async def _target(self, revision: Revision, panel: Json, target: Json, viewing: Viewing) -> tuple[str, Json]:
        ref_id = str(target.get("refId") or "A")
        given = target.get("datasource") or panel.get("datasource")
        plugin = _plugin(revision, given, viewing.variables)
        if plugin is None:
            kind = given.get("type") or given.get("uid") if isinstance(given, dict) else given
            return ref_id, _failed(ref_id, f"not previewed: {kind or 'the default datasource'}", 501)
        sql = sql_of(target) or ""
        began = time.perf_counter()
        ran = await self._run(revision, sql, plugin, _format(target, plugin), viewing, viewing.interval)
        data = await asyncio.to_thread(_result, ref_id, ran, self._database.most_rows)
        return ref_id, {**data, "ms": round((time.perf_counter() - began) * 1000, 1)}

    async def _run(
        self, revision: Revision, sql: str, plugin: Plugin, format_: Format, viewing: Viewing, interval: Interval | None
    ) -> _Ran:
        if not sql.strip():
            return _Ran("", Frame(()), 0)
        interval_ns = interval.ns if interval else UNSENT_INTERVAL_NS
        try:
            text = sent(sql, plugin, viewing, interval_ns).text
        except MacroError as error:
            return _Ran("", None, 0, error=f"{error}: {error.hint}" if error.hint else str(error), status=400)
        try:
            answer = await self._database.run(text)
        except QueryNotRun as error:
            return _Ran(text, None, 0, error=str(error), status=400)
        except QueryRefused as error:
            return _Ran(text, None, 0, error=PLUGINS[plugin].refusal(str(error), _semantics(revision)), status=400)
        try:
            frame = await asyncio.to_thread(
                frame_of, sql, answer.columns, answer.rows, plugin, format_, viewing.time_range
            )  # fmt: skip
        except FrameError as error:
            return _Ran(text, None, len(answer.rows), error=str(error), status=400)
        return _Ran(text, frame, len(answer.rows), answer.is_cut)

    async def variables(
        self, revision: Revision, uid: str, range_: Range, chosen: Chosen, changed: str = ""
    ) -> Json:  # fmt: skip
        """The answer of /api/variables. Raises NotFound."""
        board = board_of(revision, uid)
        found = await self._known(revision, board, range_, chosen, changed=changed, is_fresh=True)
        return {"variables": [known.as_data() for known in found]}

    async def known(self, revision: Revision, uid: str, range_: Range, chosen: Chosen) -> tuple[ChosenVariable, ...]:
        """The variables of a dashboard as queries see them. Raises NotFound."""
        return _in_queries(await self._known(revision, board_of(revision, uid), range_, chosen), chosen)

    async def _known(
        self, revision: Revision, board: Board, range_: Range, chosen: Chosen, *, changed: str = "",
        is_fresh: bool = False,
    ) -> tuple[Known, ...]:  # fmt: skip
        async def ask(data: Json, before: tuple[ChosenVariable, ...]) -> Asked:
            return await self._ask(revision, board, data, before, range_, chosen, is_fresh=is_fresh)

        resolver = Resolver(board.variables, revision.datasources, range_.time_range, ask)
        return await resolver.resolve(chosen.values, changed)

    async def _ask(
        self, revision: Revision, board: Board, data: Json, before: tuple[ChosenVariable, ...], range_: Range,
        chosen: Chosen, *, is_fresh: bool,
    ) -> Asked:  # fmt: skip
        """The rows of a variable's query; what was answered a moment ago serves the panels of a dashboard."""
        plugin = _plugin(revision, data.get("datasource"), before)
        if plugin is None:
            raise ValueError("not previewed: a variable of another datasource")
        sql = variable_sql(data)
        span = range_.time_range if data.get("refresh") == 2 else _usual(self._now())
        minutes = (span.from_ns // _MINUTE, span.to_ns // _MINUTE)
        key = (board.uid, str(data["name"]), interpolate(sql, before, plugin).text, *minutes)
        kept = self._asked.get(key)
        if kept is not None and not is_fresh and time.monotonic() - kept[0] < _KEPT_SECONDS:
            return plugin, kept[1], kept[2]
        viewing = Viewing(span, None, before, (board.uid, board.title), chosen.timezone)
        try:
            answer = await self._database.run(sent(sql, plugin, viewing, UNSENT_INTERVAL_NS).text)
        except QueryNotRun as error:
            raise ValueError(str(error)) from None
        except QueryRefused as error:
            raise ValueError(PLUGINS[plugin].refusal(str(error), _semantics(revision))) from None
        if len(self._asked) >= _MOST_KEPT:
            self._asked.clear()
        self._asked[key] = (time.monotonic(), answer.columns, answer.rows)
        return plugin, answer.columns, answer.rows

    async def annotations(self, revision: Revision, uid: str, range_: Range, chosen: Chosen) -> Json:
        """The answer of /api/annotations. Raises NotFound."""
        board = board_of(revision, uid)
        variables = _in_queries(await self._known(revision, board, range_, chosen), chosen)
        found = await asyncio.gather(
            *(self._annotation(revision, board, one, range_, variables, chosen) for one in board.annotations)
        )
        return {"annotations": found}

    async def _annotation(
        self, revision: Revision, board: Board, data: Json, range_: Range, variables: tuple[ChosenVariable, ...],
        chosen: Chosen,
    ) -> Json:  # fmt: skip
        shown: Json = {"name": str(data.get("name") or ""), "color": str(data.get("iconColor") or ""), "events": []}
        shown["enable"] = data.get("enable", True) is not False
        target = data.get("target")
        target = target if isinstance(target, dict) else {"rawSql": data.get("rawQuery"), "format": "table"}
        plugin = _plugin(revision, data.get("datasource"), variables)
        if plugin is None:
            return shown | {"error": "not previewed: annotations of another datasource"}
        span = range_.time_range
        interval = browser_interval(span, _ANNOTATION_POINTS, PLUGINS[plugin].lowest_interval)
        viewing = Viewing(span, interval, variables, (board.uid, board.title), chosen.timezone)
        ran = await self._run(
            revision, sql_of(target) or "", plugin, _format(target, plugin), viewing, interval
        )  # fmt: skip
        if ran.frame is None:
            return shown | {"error": ran.error}
        return shown | {"events": [_event_data(event) for event in events(ran.frame)]}


def board_of(revision: Revision, uid: str) -> Board:
    """Raises NotFound."""
    board = revision.boards.get(uid)
    if board is None:
        raise NotFound(f"there is no dashboard {uid!r}")
    return board


def _in_queries(known: Iterable[Known], chosen: Chosen) -> tuple[ChosenVariable, ...]:
    """A repeated panel's own value is one that is chosen alone (grafana/scenes LocalValueVariable)."""
    listed = {one.name: one for one in known}
    found = {name: one.in_queries() for name, one in listed.items()}
    for name, value in chosen.scoped.items():
        before = found.get(name, ChosenVariable(name, value))
        offered = listed[name].options if name in listed else ()
        text = next((option.text for option in offered if option.value == value), value)
        found[name] = before._replace(value=value, texts=(text,))
    return tuple(found.values())


def _plugin(revision: Revision, given: object, variables: Sequence[ChosenVariable]) -> Plugin | None:
    """Of a datasource's reference: `{type, uid}`, a uid or a name; one that a variable chooses."""
    uid = named_in(given.get("uid") if isinstance(given, dict) else given, variables)
    kind = given.get("type") if isinstance(given, dict) else None
    known = next((ds.type for ds in revision.datasources if uid in (ds.uid, ds.name)), None)
    return BY_ID.get(str(kind or known))


def _format(target: Mapping[str, Any], plugin: Plugin) -> Format:
    """Where a target says none, the QuestDB plugin makes a series, PostgreSQL's datasource a table."""
    return format_of(target, PLUGINS[plugin].unsaid_format)


def _other_panel(panel: Json) -> int | None:
    """The panel whose data this one shows."""
    given = panel.get("datasource")
    uid = given.get("uid") if isinstance(given, dict) else given
    if uid != _DASHBOARD:
        return None
    first = next((t for t in panel.get("targets") or () if isinstance(t, dict)), {})
    found = first.get("panelId")
    return found if isinstance(found, int) else -1


def _interval(
    panel: Json, range_: Range, points: int | None, plugin: Plugin | None, variables: Sequence[ChosenVariable]
) -> Interval:
    given = panel.get("maxDataPoints")
    wanted = given if isinstance(given, int) and given > 0 else points or _USUAL_POINTS
    least = str(panel.get("interval") or "") or (PLUGINS[plugin].lowest_interval if plugin else "")
    least = str(named_in(least, variables))
    try:
        return browser_interval(range_.time_range, wanted, least)
    except ValueError:  # Grafana goes on without it
        return browser_interval(range_.time_range, wanted)


def _own_range(panel: Json, given: Range, now: int) -> Range:
    """A panel's `timeFrom` counts where the dashboard's range is relative, `timeShift` always."""
    own, shift = panel.get("timeFrom"), panel.get("timeShift")
    at = datetime.fromtimestamp(now / 1000, UTC)
    found = given
    try:
        if own and given.is_relative:
            start, end = _override(str(own))
            found = Range(_ms(resolved(start, at)), _ms(resolved(end, at, "end")), (start, end))
        if shift:
            ends = ((found.from_ms, "start"), (found.to_ms, "end"))
            moved = [_ms(resolved(f"now-{shift}", datetime.fromtimestamp(ms / 1000, UTC), "start")) for ms, _ in ends]
            found = Range(moved[0], moved[1], found.raw)
    except (ValueError, OverflowError):
        return given
    return found if found.from_ms <= found.to_ms else given


def _override(text: str) -> tuple[str, str]:
    """`1h` is the last hour, `now/d` today."""
    start = text if text.startswith("now") else f"now-{text}"
    return start, start if "/" in start and "-" not in start else "now"


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _range_data(range_: Range) -> Json:
    return {"from": range_.from_ms, "to": range_.to_ms}


def _usual(now: int) -> TimeRange:
    end = now * MS
    return TimeRange(end - _USUAL_SECONDS * SECOND, end)


def _semantics(revision: Revision) -> Semantics:
    return semantics(version_of(revision.grafana))


def _failed(ref_id: str, error: str, status: int) -> Json:
    return {"refId": ref_id, "frames": [], "error": error, "status": status, "rows": 0, "ms": 0, "sql": ""}


def _result(ref_id: str, ran: _Ran, most_rows: int) -> Json:
    if ran.frame is None:
        return {**_failed(ref_id, ran.error, ran.status), "sql": ran.sql, "rows": ran.rows}
    notices = [f"Results have been limited to {most_rows} because the SQL row limit was reached"] if ran.is_cut else []
    frame = frame_json(ran.frame, ref_id, ran.sql, notices)
    return {"refId": ref_id, "frames": [frame], "status": ran.status, "rows": ran.rows, "sql": ran.sql}


def _event_data(event: AnnotationEvent) -> Json:
    found: Json = {"time": event.time, "text": event.text, "tags": list(event.tags)}
    found |= {"timeEnd": event.end} if event.end is not None else {}
    return found | ({"title": event.title} if event.title else {})
