"""One line for a whole thing that is new or gone: a panel, a query, thresholds, a rule, a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dashgen.diff.documents import GROUP, KEY
from dashgen.diff.edits import Path
from dashgen.diff.lines import Line, sql_lines
from dashgen.diff.values import Ordered, Value, matchers, shown

Text = str
_HIDDEN = frozenset({"@file", "@row", GROUP, KEY})


def summary(path: Path, given: Value, sign: str) -> tuple[Text, tuple[Line, ...]]:
    """What is new or gone at a path, in a line; and the lines of its SQL, all of one sign."""
    lines: list[Line] = []
    if path[0] in ("published", "variables") and (given is True or given == ""):
        return "", ()
    if isinstance(given, str) and path[-1] in ("rawSql", "sql"):
        return "", _signed(sql_lines(given), sign)
    if path[0] == "texts" and isinstance(given, str):
        return "", _signed(given.split("\n"), sign)
    for sql in _queries(given):
        lines += _signed(sql_lines(sql), sign)
    return value(path, given), tuple(lines)


def _signed(lines: tuple[str, ...] | list[str], sign: str) -> tuple[Line, ...]:
    return tuple(Line("+" if sign == "+" else "-", text) for text in lines)


def _queries(given: Value) -> list[str]:
    """The SQL of a panel, a query or a rule, in order."""
    if not isinstance(given, dict):
        return []
    own = given.get("rawSql", given.get("sql"))
    found = [own] if isinstance(own, str) else []
    for key in ("targets", "data", "model", "target"):
        inner = given.get(key)
        if isinstance(inner, Ordered):
            for entry in inner.values():
                found += _queries(entry)
        elif isinstance(inner, dict):
            found += _queries(inner)
    return found


def value(path: Path, given: Value) -> Text:
    """A value at a path in one line."""
    if not isinstance(given, dict):
        return shown(given)
    maker = next((make for fits, make in _MAKERS if fits(path)), None)
    return maker(given) if maker else _plain(given)


def _plain(given: Mapping[str, Value]) -> Text:
    inner: Value = (
        Ordered(given) if isinstance(given, Ordered) else {k: v for k, v in given.items() if k not in _HIDDEN}
    )
    return shown(inner)


def matched(identity: str) -> Text:
    """`byName rate` → `rate`: what an override is for."""
    kind, _, what = identity.partition(" ")
    return {
        "byName": what,
        "byRegexp": f"names like {what}",
        "byType": f"{what} fields",
        "byFrameRefID": f"query {what}",
    }.get(kind, identity)


def panel_title(panel: Value, identity: str) -> Text:
    title = panel.get("title") if isinstance(panel, dict) else None
    kind = panel.get("type") if isinstance(panel, dict) else None
    said = title if isinstance(title, str) and title else f"untitled panel {identity}"
    return f"row {said}" if kind == "row" else said


def row(tree: dict[str, Value], panel: Path, identity: str) -> Text:
    """` in the collapsed row Work`, nothing for a panel outside of one."""
    if not identity:
        return ""
    at: Value = tree
    for step in (*panel[:-1], identity):
        at = at.get(step) if isinstance(at, dict) else None
    return f" in the collapsed {panel_title(at, identity)}"


def _count(n: int, what: str) -> Text:
    return f"{n} {what}" + ("" if n == 1 else "s")


def _size(given: Mapping[str, Value], key: str) -> int:
    inner = given.get(key)
    return len(inner) if isinstance(inner, (dict, list)) else 0


def _dashboard(d: Mapping[str, Value]) -> Text:
    panels = d.get("panels")
    kinds = [p.get("type") for p in panels.values() if isinstance(p, dict)] if isinstance(panels, dict) else []
    return f"{shown(d.get('title', ''))}, {_count(len(kinds) - kinds.count('row'), 'panel')}"


def _panel(p: Mapping[str, Value]) -> Text:
    queries = _size(p, "targets")
    return shown(p.get("type")) + (f", {_count(queries, 'query')}".replace("querys", "queries") if queries else "")


def _query(q: Mapping[str, Value]) -> Text:
    source = q.get("datasource")
    return f"on {shown(source.get('uid'))}" if isinstance(source, dict) and not isinstance(source, Ordered) else ""


def thresholds(t: Mapping[str, Value]) -> Text:
    steps = t.get("steps")
    entries = steps.values() if isinstance(steps, dict) else []
    said = ", ".join(_step(entry) for entry in entries if isinstance(entry, dict))
    return f"{said} percent" if t.get("mode") == "percentage" else said


def _step(entry: Mapping[str, Value]) -> Text:
    color = shown(entry.get("color"))
    return color if entry.get("value") is None else f"{color} from {shown(entry.get('value'))}"


def _mapping(entry: Mapping[str, Value]) -> Text:
    result = entry.get("options", entry)
    inner = result.get("result", result) if isinstance(result, dict) else {}
    if entry.get("type") == "value" and isinstance(result, dict):
        return ", ".join(f"{key}: {_result(item)}" for key, item in result.items())
    return _result(inner)


def _result(item: Value) -> Text:
    if not isinstance(item, dict):
        return shown(item)
    text = shown(item.get("text")) if item.get("text") is not None else ""
    color = item.get("color")
    return f"{text} ({color})".strip() if color else text or shown(item)


def _mappings(entries: Mapping[str, Value]) -> Text:
    return "; ".join(
        _mapping(entry) if key.startswith("value") else f"{key}: {_mapping(entry)}"
        for key, entry in entries.items()
        if isinstance(entry, dict)
    )


def _override(entry: Mapping[str, Value]) -> Text:
    properties = entry.get("properties")
    items = properties.values() if isinstance(properties, dict) else []
    return ", ".join(_property(item) for item in items if isinstance(item, dict))


def _property(item: Mapping[str, Value]) -> Text:
    kind, given = str(item.get("id")), item.get("value")
    if isinstance(given, dict) and not isinstance(given, Ordered) and kind == "thresholds":
        return f"thresholds {thresholds(given)}"
    return f"{kind.removeprefix('custom.')} {shown(given)}"


def _rule(r: Mapping[str, Value]) -> Text:
    labels = r.get("labels")
    severity = labels.get("severity") if isinstance(labels, dict) else None
    said = [shown(r.get("title"))] + ([f"severity {shown(severity)}"] if severity else [])
    said += [f"for {shown(r.get('for'))}"] if r.get("for") else []
    return ", ".join(said + (["paused"] if r.get("isPaused") is True else []))


def _table(t: Mapping[str, Value]) -> Text:
    kept = f"kept {shown(t.get('ttl'))}" if t.get("ttl") else "kept for ever"
    return f"{_count(_size(t, 'columns'), 'column')}, {kept}"


def _column(c: Mapping[str, Value]) -> Text:
    rest = {k: v for k, v in c.items() if k not in ("name", "type", "doc")}
    return shown(c.get("type")) + (f", {shown(rest)}" if rest else "")


def _route(r: Mapping[str, Value]) -> Text:
    return f"{matchers(_unkeyed(r))} → {shown(r.get('receiver'))}" if r.get("receiver") else matchers(_unkeyed(r))


def _unkeyed(r: Mapping[str, Value]) -> Mapping[str, Value]:
    return {k: list(v.values()) if isinstance(v, Ordered) else v for k, v in r.items()}


def _receivers(c: Mapping[str, Value]) -> Text:
    inner = c.get("receivers")
    kinds = [shown(r.get("type")) for r in inner.values() if isinstance(r, dict)] if isinstance(inner, dict) else []
    return ", ".join(kinds)


def _receiver(r: Mapping[str, Value]) -> Text:
    return shown(r.get("type"))


def _ends(section: str, length: int, *steps: str) -> Callable[[Path], bool]:
    """A path of that section and length whose steps before the last are those."""
    return lambda p: p[0] == section and len(p) == length and p[-1 - len(steps) : -1] == steps


def _last(*steps: str) -> Callable[[Path], bool]:
    return lambda p: p[-len(steps) :] == steps


def _before(step: str, depth: int) -> Callable[[Path], bool]:
    return lambda p: len(p) > depth and p[-1 - depth] == step


_MAKERS: tuple[tuple[Callable[[Path], bool], Callable[[Mapping[str, Value]], Text]], ...] = (
    (_ends("dashboards", 2), _dashboard),
    (_ends("dashboards", 4, "panels"), _panel),
    (_ends("rules", 2), _rule),
    (_ends("tables", 2), _table),
    (_ends("tables", 4, "columns"), _column),
    (_ends("contact points", 2), _receivers),
    (_ends("contact points", 4, "receivers"), _receiver),
    (lambda p: p[0] == "policies" and (len(p) == 2 or _before("routes", 1)(p)), _route),
    (_before("targets", 1), _query),
    (_last("thresholds"), thresholds),
    (lambda p: "thresholds" in p and p[-1] == "value", thresholds),
    (lambda p: p[-2:-1] == ("steps",), lambda entry: _step(entry).removeprefix(f"{shown(entry.get('color'))} ")),
    (_last("mappings"), _mappings),
    (lambda p: p[-2:-1] == ("mappings",), _mapping),
    (lambda p: "mappings" in p and p[-2:-1] == ("options",), lambda entry: _result(dict(entry))),
    (_before("overrides", 1), _override),
    (_before("properties", 1), lambda entry: _property(entry).partition(" ")[2]),
)
