"""Random rendered trees, and random changes to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import yaml
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

PATIENT = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no failure."""

Files = dict[str, bytes]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NAMES = st.sampled_from(["a", "b", "c", "host", "rate", "A", "B", "title", "<b>|`"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-5, 99), st.integers(-50, 50).map(lambda n: n / 8), TEXTS)
ANY = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | TEXTS, inner, max_size=3), max_leaves=6
)


def objects(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


STEPS = st.lists(
    objects({"color": st.sampled_from(["red", "green", "blue"]), "value": st.none() | st.integers(0, 99)}), max_size=4
)
DEFAULTS = objects(
    {},
    unit=st.sampled_from(["s", "ms"]),
    thresholds=objects({"mode": st.just("absolute"), "steps": STEPS}),
    mappings=st.lists(
        st.one_of(
            objects(
                {
                    "type": st.just("value"),
                    "options": st.dictionaries(st.sampled_from("012"), objects({"text": TEXTS}), max_size=3),
                }
            ),
            objects({"type": st.just("range"), "options": objects({"from": SCALARS, "to": SCALARS, "result": ANY})}),
        ),
        max_size=3,
    ),
    custom=ANY,
)
OVERRIDES = st.lists(
    objects(
        {
            "matcher": objects({"id": st.just("byName"), "options": NAMES}),
            "properties": st.lists(objects({"id": NAMES, "value": ANY}), max_size=3),
        }
    ),
    max_size=3,
)
GRID = objects({"x": st.integers(0, 23), "y": st.integers(0, 40), "w": st.integers(1, 24), "h": st.integers(1, 20)})
TARGETS = st.lists(
    objects({"refId": st.sampled_from("ABC"), "rawSql": st.sampled_from(["SELECT 1", "SELECT  1", "SELECT 2 FROM t"])}),
    max_size=3,
)
PANELS = objects(
    {"type": st.sampled_from(["stat", "timeseries"]), "title": NAMES | TEXTS},
    id=st.integers(1, 12),
    gridPos=GRID | ANY,
    fieldConfig=objects({"defaults": DEFAULTS, "overrides": OVERRIDES}),
    targets=TARGETS,
    options=ANY,
)
ROWS = objects(
    {
        "type": st.just("row"),
        "title": NAMES,
        "id": st.integers(1, 12),
        "gridPos": GRID,
        "panels": st.lists(PANELS, max_size=2),
    }
)
DASHBOARDS = objects(
    {"uid": st.sampled_from(["one", "two", "three"]), "title": TEXTS, "panels": st.lists(PANELS | ROWS, max_size=5)},
    templating=objects({"list": st.lists(objects({"name": NAMES, "query": TEXTS}), max_size=3)}),
    annotations=ANY,
    tags=st.lists(TEXTS, max_size=2),
)
RULES = objects(
    {"uid": st.sampled_from(["r1", "r2", "r3", "r4"]), "title": NAMES},
    **{"for": st.sampled_from(["1m", "5m"]), "labels": st.dictionaries(NAMES, NAMES, max_size=2), "data": TARGETS},
)
GROUPS = objects(
    {
        "name": st.sampled_from(["g1", "g2"]),
        "folder": st.sampled_from(["Alerts", "Other"]),
        "rules": st.lists(RULES, max_size=3),
    },
    interval=st.sampled_from(["1m", "10s"]),
)
MATCHERS = st.lists(st.tuples(NAMES, st.sampled_from(["=", "!="]), NAMES).map(list), max_size=2)
ROUTES = st.recursive(
    objects({"receiver": NAMES}, object_matchers=MATCHERS),
    lambda inner: objects({"receiver": NAMES, "routes": st.lists(inner, max_size=3)}, object_matchers=MATCHERS),
    max_leaves=5,
)
RECEIVERS = st.lists(objects({"uid": NAMES, "type": st.just("webhook"), "settings": ANY}), max_size=2)
CONTACTS = objects({"name": NAMES, "receivers": RECEIVERS})
COLUMNS = st.lists(objects({"name": NAMES, "type": st.sampled_from(["LONG", "SYMBOL"])}), max_size=3)
TABLES = st.dictionaries(NAMES, objects({"columns": COLUMNS, "ttl": st.none() | TEXTS, "views": ANY}), max_size=3)


def _yaml(key: str, entries: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[bytes]:
    documents = objects({"apiVersion": st.just(1), key: st.lists(entries, max_size=3)}, other=ANY)
    return documents.map(lambda d: yaml.safe_dump(d, allow_unicode=True).encode())


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


PARTS: dict[str, st.SearchStrategy[bytes]] = {
    "dashboards/daemons/one.json": DASHBOARDS.map(_json) | ANY.map(_json),
    "dashboards/market/two.json": DASHBOARDS.map(_json),
    "dashboards/market/three.json": DASHBOARDS.map(_json),
    "provisioning/alerting/rules-a.yaml": _yaml("groups", GROUPS),
    "provisioning/alerting/rules-b.yaml": _yaml("groups", GROUPS),
    "provisioning/alerting/policies.yaml": _yaml("policies", ROUTES),
    "provisioning/alerting/contact-points.yaml": _yaml(
        "contactPoints", objects({"name": NAMES, "receivers": RECEIVERS})
    ),
    "provisioning/alerting/mute-timings.yaml": _yaml("muteTimes", objects({"name": NAMES, "time_intervals": ANY})),
    "provisioning/alerting/00-deletions.yaml": _yaml("deleteRules", objects({"uid": NAMES})),
    "provisioning/datasources/dashgen.yaml": _yaml("datasources", objects({"name": NAMES, "uid": NAMES}, url=TEXTS)),
    "questdb/schema.json": TABLES.map(lambda t: _json({"tables": t})),
    "questdb/tables.sql": TEXTS.map(str.encode) | st.binary(max_size=4),
    "published.json": st.lists(NAMES, unique=True, max_size=4).map(lambda p: _json({"format": 1, "published": p})),
    "environment.example": st.lists(st.sampled_from(["# a", "X=", "Y=1", "Z="]), max_size=4).map(
        lambda lines: "".join(f"{line}\n" for line in lines).encode()
    ),
}


@st.composite
def trees(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Files:
    """Up to five files of a tree."""
    paths = draw(st.lists(st.sampled_from(sorted(PARTS)), max_size=5, unique=True))
    return {path: draw(PARTS[path]) for path in paths}


def mutated(draw: Callable[[st.SearchStrategy[Any]], Any], value: Any) -> Any:
    """One random change somewhere in JSON data: a value, a key, an entry, an order."""
    if isinstance(value, dict) and value:
        what = draw(st.sampled_from(["inside", "inside", "inside", "remove", "add"]))
        key = draw(st.sampled_from(sorted(value)))
        if what == "inside":
            return {**value, key: mutated(draw, value[key])}
        if what == "remove":
            return {k: v for k, v in value.items() if k != key}
        return {**value, draw(NAMES): draw(ANY)}
    if isinstance(value, list) and value:
        what = draw(st.sampled_from(["inside", "inside", "inside", "remove", "double", "order"]))
        at = draw(st.integers(0, len(value) - 1))
        if what == "inside":
            return [*value[:at], mutated(draw, value[at]), *value[at + 1 :]]
        if what == "remove":
            return [*value[:at], *value[at + 1 :]]
        return [*value, value[at]] if what == "double" else draw(st.permutations(value))
    return draw(ANY)


@st.composite
def specs(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Files:
    """What random specs render."""
    from dashgen import Dashboard, Environment, Override, Project, Row, Stat, TextVariable, Thresholds, TimeSeries
    from dashgen.render import render

    def panel(key: str) -> Any:
        kind = draw(st.sampled_from([Stat, TimeSeries]))
        return kind(
            f"{draw(st.sampled_from(['Fetches', 'Errors']))} {key}",  # no two panels have the same title
            draw(st.sampled_from(["SELECT 1", "SELECT v FROM t", "SELECT v,\n w FROM t"])),
            key=key,
            description=draw(st.sampled_from(["One.", "Two."])),
            width=draw(st.sampled_from([6, 12, 24])),
            unit=draw(st.sampled_from(["s", "ms"])),
            thresholds=Thresholds("green", (draw(st.integers(1, 9)), "red")),
            overrides=(Override("v", unit="s"),) if draw(st.booleans()) else (),
        )

    def dashboard(uid: str) -> Any:
        keys = draw(st.lists(st.sampled_from("abcdef"), unique=True, min_size=1, max_size=5))
        cut = draw(st.integers(0, len(keys)))
        rows = [Row("Now", tuple(map(panel, keys[:cut]))), Row("Then", tuple(map(panel, keys[cut:])), collapsed=True)]
        names = draw(st.permutations(["x", "y"]))
        return Dashboard(
            uid=uid,
            title=uid.title(),
            rows=tuple(row for row in rows if row.panels),
            variables=tuple(TextVariable(name, default=draw(st.sampled_from(["", "1"]))) for name in names),
        )

    uids = draw(st.lists(st.sampled_from(["one", "two", "three"]), unique=True, min_size=1))
    project = Project(environments=(Environment("prod"),), dashboards=tuple(map(dashboard, uids)))
    return {document.path: document.data for document in render(project, project.environments[0])}
