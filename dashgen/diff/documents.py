"""The files of a rendered tree as one tree of sections, each by identity: `dashboards` by uid, `rules` by uid, …

Nothing is left out: what is known by no section is in `headers` (the rest of a data file) or in `texts` (any other
file), and `restored` gives the documents back. What Grafana does not read is dropped: the order of keys, the order of
panels in the file (it sorts them by their places in the grid), the order of rules, contact points and the like, the
comments in YAML.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias, cast

import orjson

from dashgen.diff.values import Value, free, identified, plain
from dashgen.tree import paths
from dashgen.tree.errors import TreeError
from dashgen.tree.ledger import END
from dashgen.tree.paths import LEDGER, VARIABLES
from dashgen.tree.paths import SCHEMA as TABLES
from dashgen.tree.read import RenderedTree

Seen: TypeAlias = dict[bytes, dict[str, Value]]
"""Panels without their places, by their bytes in JSON: the same bytes become the same object, which is quickly found
equal. (Same bytes are the same data: what was read from JSON has no NaN.)"""

FILE = "@file"
GROUP = "@group"
KEY = "@key"
ROW = "@row"

SECTIONS = (
    "dashboards",
    "rules",
    "groups",
    "contact points",
    "policies",
    "mute timings",
    "templates",
    "deletions",
    "tables",
    "datasources",
    "providers",
    "published",
    "variables",
    "headers",
    "texts",
)


class _Collection(NamedTuple):
    """A list of a provisioning file whose entries are known by themselves, whichever file they are in."""

    section: str
    identity: Callable[[Mapping[str, Value]], str]


def _named(field: str) -> Callable[[Mapping[str, Value]], str]:
    def identity(entry: Mapping[str, Value]) -> str:
        return f"{entry.get(field, '')}{_org(entry)}"

    return identity


def _org(entry: Mapping[str, Value]) -> str:
    """Names repeat from org to org; most trees have one."""
    org = entry.get("orgId", 1)
    return "" if org == 1 else f" of org {org}"


def _deletion(kind: str, field: str) -> Callable[[Mapping[str, Value]], str]:
    def identity(entry: Mapping[str, Value]) -> str:
        return f"{kind} {entry.get(field, '')}{_org(entry)}"

    return identity


COLLECTIONS: dict[str, _Collection] = {
    "groups": _Collection("groups", lambda e: f"{e.get('folder', '')}/{e.get('name', '')}{_org(e)}"),
    "contactPoints": _Collection("contact points", _named("name")),
    "policies": _Collection("policies", lambda e: f"org {e.get('orgId', 1)}"),
    "muteTimes": _Collection("mute timings", _named("name")),
    "templates": _Collection("templates", _named("name")),
    "deleteRules": _Collection("deletions", _deletion("rule", "uid")),
    "deleteContactPoints": _Collection("deletions", _deletion("contact-point", "uid")),
    "deleteMuteTimes": _Collection("deletions", _deletion("mute-timing", "name")),
    "deleteTemplates": _Collection("deletions", _deletion("template", "name")),
    "deleteDatasources": _Collection("deletions", _deletion("datasource", "name")),
    "datasources": _Collection("datasources", _named("name")),
    "providers": _Collection("providers", _named("name")),
}


def sections(tree: RenderedTree, seen: Seen | None = None) -> dict[str, Value]:
    """The tree by identity. Files that can't be read as what they should be are kept as text. `seen` is given to both
    trees of a comparison, whose panels are mostly the same."""
    seen = {} if seen is None else seen
    out: dict[str, dict[str, Value]] = {name: {} for name in SECTIONS}
    for path in sorted(tree):
        if paths.is_dashboard(path):
            document = _document(tree, path)
            if document is not None:
                name = document.get("uid")
                at = free(name if isinstance(name, str) and name else path, out["dashboards"])
                out["dashboards"][at] = {FILE: path, **_dashboard(document, seen)}
                continue
        elif path == LEDGER:
            if _published(tree, out):
                continue
        elif path == TABLES:
            document = _document(tree, path)
            if document is not None and isinstance(tables := document.get("tables"), dict):
                out["tables"] = {name: identified(table) for name, table in tables.items()}
                out["headers"][path] = {k: identified(v, k) for k, v in document.items() if k != "tables"}
                continue
        elif path == VARIABLES:
            _variables(tree[path], out)
            continue
        elif paths.is_provisioned(path):
            document = _document(tree, path)
            if document is not None:
                _provisioning(path, document, out)
                continue
        out["texts"][path] = _text(tree[path])
    return cast("dict[str, Value]", out)


def _document(tree: RenderedTree, path: str) -> dict[str, Value] | None:
    """None for a file that can't be read as what it should be, which is compared as a text."""
    try:
        return cast("dict[str, Value]", tree.document(path))
    except TreeError:
        return None


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return f"{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}"


def _dashboard(document: dict[str, Value], seen: Seen) -> dict[str, Value]:
    panels = document.get("panels")
    if not isinstance(panels, list) or not all(isinstance(panel, dict) for panel in panels):
        return cast("dict[str, Value]", identified(document))
    flat: dict[str, Value] = {}
    for panel in panels:
        if isinstance(panel, dict):
            _flatten(panel, "", flat, seen)
    rest = {key: identified(value, key) for key, value in document.items() if key != "panels"}
    return {**rest, "panels": flat}


def _flatten(panel: dict[str, Value], row: str, flat: dict[str, Value], seen: Seen) -> None:
    number = panel.get("id")
    name = str(number) if isinstance(number, int) and number else f"titled {panel.get('title', '')}"
    name = free(name, flat)
    nested = panel.get("panels")
    whole = isinstance(nested, list) and all(isinstance(inner, dict) for inner in nested)
    own = {k: v for k, v in panel.items() if k != "gridPos" and (k != "panels" or not whole)}
    bytes_ = orjson.dumps(own)
    if bytes_ not in seen:
        seen[bytes_] = {k: identified(v, k) for k, v in own.items()}
    place = {"gridPos": identified(panel["gridPos"])} if "gridPos" in panel else {}
    flat[name] = {**seen[bytes_], **place, ROW: row, **({"panels": []} if whole else {})}
    for inner in nested if isinstance(nested, list) and whole else []:
        if isinstance(inner, dict):
            _flatten(inner, name, flat, seen)


def _published(tree: RenderedTree, out: dict[str, dict[str, Value]]) -> bool:
    try:
        entries = tree.ledger
    except TreeError:
        return False
    document = _document(tree, LEDGER) or {}
    end: Value = [entry for entry in cast("list[Value]", document.get("published", [])) if entry == END]
    out["published"] = dict.fromkeys(sorted(entries), True)
    out["headers"][LEDGER] = {**{k: identified(v, k) for k, v in document.items()}, "published": end}
    return True


def _variables(data: bytes, out: dict[str, dict[str, Value]]) -> None:
    """`NAME=` a line; the rest are comments."""
    lines = _text(data).splitlines()
    comments = [line for line in lines if line.startswith("#") or "=" not in line]
    for line in lines:
        if line not in comments:
            name, _, value = line.partition("=")
            out["variables"][free(name, out["variables"])] = value
    out["headers"][VARIABLES] = {"comments": cast("Value", comments)}


def _provisioning(path: str, document: dict[str, Value], out: dict[str, dict[str, Value]]) -> None:
    header: dict[str, Value] = {}
    for key, value in document.items():
        collection = COLLECTIONS.get(key)
        entries = value if isinstance(value, list) else []
        if collection is None or not entries or not all(isinstance(entry, dict) for entry in entries):
            header[key] = identified(value, key)
            continue
        for entry in entries:
            if isinstance(entry, dict):
                at = free(collection.identity(entry), out[collection.section])
                if collection.section == "groups":
                    entry = _group(entry, at, out)
                kept: dict[str, Value] = {k: identified(v, k) for k, v in entry.items()}
                out[collection.section][at] = {**kept, FILE: path, **_key(collection, key)}
    out["headers"][path] = header


def _key(collection: _Collection, key: str) -> dict[str, Value]:
    return {KEY: key} if collection.section == "deletions" else {}


def _group(group: dict[str, Value], name: str, out: dict[str, dict[str, Value]]) -> dict[str, Value]:
    """Rules are known by their own uids: one that moves to another group is the same rule."""
    rules = group.get("rules")
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        return group
    for rule in rules:
        if isinstance(rule, dict):
            at = free(str(rule.get("uid") or f"titled {rule.get('title', '')}"), out["rules"])
            out["rules"][at] = {**{k: identified(v, k) for k, v in rule.items()}, GROUP: name}
    return {**group, "rules": []}


def restored(tree: dict[str, Value]) -> dict[str, Value]:
    """The documents by path, as data, in the order that is kept: the way back, which shows that nothing is lost."""
    get = {name: cast("dict[str, dict[str, Value]]", tree[name]) for name in SECTIONS}
    out: dict[str, Value] = {path: plain(cast("Value", header)) for path, header in get["headers"].items()}
    out |= {path: cast("Value", text) for path, text in get["texts"].items()}
    for dashboard in get["dashboards"].values():
        out[str(dashboard[FILE])] = _whole(dashboard)
    for key, collection in COLLECTIONS.items():
        for name, entry in get[collection.section].items():
            if entry.get(KEY, key) != key:
                continue
            value = {k: plain(v) for k, v in entry.items() if k not in (FILE, KEY)}
            if collection.section == "groups":
                members = [rule for rule in get["rules"].values() if rule[GROUP] == name]
                if members:
                    value["rules"] = [{k: plain(v) for k, v in rule.items() if k != GROUP} for rule in members]
            document = cast("dict[str, list[Value]]", out.setdefault(str(entry[FILE]), {}))
            document.setdefault(key, []).append(value)
    if TABLES in get["headers"]:
        cast("dict[str, Value]", out[TABLES])["tables"] = plain(cast("Value", get["tables"]))
    if LEDGER in get["headers"]:
        ledger = cast("dict[str, list[Value]]", out[LEDGER])
        ledger["published"] = [*get["published"], *ledger["published"]]
    if VARIABLES in get["headers"]:
        comments = cast("dict[str, list[Value]]", out[VARIABLES])["comments"]
        names = [f"{name}={value}" for name, value in get["variables"].items()]
        out[VARIABLES] = [*comments, *names]
    return out


def _whole(dashboard: dict[str, Value]) -> Value:
    document = {k: plain(v) for k, v in dashboard.items() if k not in (FILE, "panels")}
    panels = dashboard.get("panels")
    if not isinstance(panels, dict):
        return {**document, **({"panels": plain(panels)} if "panels" in dashboard else {})}
    flat = cast("dict[str, dict[str, Value]]", panels)
    built = {name: {k: plain(v) for k, v in panel.items() if k != ROW} for name, panel in flat.items()}
    top: list[Value] = []
    for name, panel in flat.items():
        row = str(panel[ROW])
        (cast("list[Value]", built[row]["panels"]) if row in built else top).append(cast("Value", built[name]))
    return {**document, "panels": top}
