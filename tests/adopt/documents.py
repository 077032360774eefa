"""Dashboards for tests of the import: where the recorded ones are, and what their datasources are called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson

from dashgen.adopt import normalise
from dashgen.adopt.dashboard_source import DashboardSource
from dashgen.adopt.dashboards import Adopted, adopt
from dashgen.adopt.import_scope import ImportScope
from dashgen.adopt.source_kind import ImportTarget
from dashgen.adopt.target import target
from dashgen.adopt.variables import chosen
from dashgen.model.dashboards.dashboard import Dashboard
from dashgen.render.dashboards import dashboard as rendered
from dashgen.render.serialise import json_bytes

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
SHIPPED = tuple(sorted((ROOT / "build" / "prod" / "dashboards").rglob("*.json")))
PUBLISHED = ROOT.parent / "shared" / "dashboards"
RECORDED = ROOT.parent / "shared" / "dashboards-recorded"


def read(path: Path) -> Json:
    found: Json = json.loads(path.read_text(encoding="utf-8"))
    return found


def begun(document: Json) -> ImportTarget:
    """The new project that an import of the document begins."""
    return target(Path("specs"), None, None, {}, (DashboardSource("x.json", "classic", "x", document),), "")


def adopted(document: Json, uid: str = "x") -> Adopted:
    to = begun(document)
    plugins = {name: one.plugin for name, one in to.datasources.items()} or {"questdb": "questdb"}
    return adopt(document, uid, dict(plugins), dict(to.claimed))


def scope(document: Json) -> ImportScope:
    to = begun(document)
    plugins = {name: one.plugin for name, one in to.datasources.items()} or {"questdb": "questdb"}
    variables = (document.get("templating") or {}).get("list") or []
    return ImportScope(dict(plugins), dict(to.claimed), chosen(variables, plugins))


def form(dashboard: Dashboard, document: Json) -> Json:
    """What a dashboard of the model renders, in the form that documents are compared in."""
    of = scope(document)
    text = json_bytes(rendered(dashboard, of.rendered()))
    return normalise.normalised(orjson.loads(text), of.read_back())


def run(source: str, name: str) -> Any:
    """The value of a constant of a module that an import wrote."""
    module: dict[str, Any] = {}
    exec(compile(source, "imported.py", "exec"), module)  # the module under test
    return module[name]
