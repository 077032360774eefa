"""Classic dashboards of any schema version, brought to 42 as Grafana 12.4 does it when it serves them.

The order is Grafana's (read in apps/dashboard/pkg/migration/migrate.go): defaults are filled in, each step from the
document's version on is taken, and what the frontend would not save is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from dashgen.grafana.dashboards.document import DashboardError, Json, copied
from dashgen.grafana.dashboards.migrations import (
    grid_layout,
    model_defaults,
    save_model,
    v2_to_v15,
    v17_to_v29,
    v31_to_v42,
    value_mappings,
)
from dashgen.grafana.dashboards.migrations.datasource_references import UNSET, DataSource, DataSources, v33, v36
from dashgen.grafana.dashboards.migrations.numbers import parse_integer
from dashgen.grafana.durations import seconds

LATEST = 42

_STEPS: dict[int, Callable[[Json], None]] = {
    2: v2_to_v15.v2,
    6: v2_to_v15.v6,
    7: v2_to_v15.v7,
    8: v2_to_v15.v8,
    9: v2_to_v15.v9,
    10: v2_to_v15.v10,
    12: v2_to_v15.v12,
    14: v2_to_v15.v14,
    16: grid_layout.to_grid,
    17: v17_to_v29.v17,
    18: v17_to_v29.v18,
    19: v17_to_v29.v19,
    20: v17_to_v29.v20,
    21: v17_to_v29.v21,
    22: v17_to_v29.v22,
    23: v17_to_v29.v23,
    24: v17_to_v29.v24,
    26: v17_to_v29.v26,
    27: v17_to_v29.v27,
    28: v17_to_v29.v28,
    29: v17_to_v29.v29,
    30: value_mappings.v30,
    31: v31_to_v42.v31,
    34: v31_to_v42.v34,
    35: v31_to_v42.v35,
    37: v31_to_v42.v37,
    38: v31_to_v42.v38,
    39: v31_to_v42.v39,
    40: v31_to_v42.v40,
    41: v31_to_v42.v41,
    42: v31_to_v42.v42,
}
_STEPS_WITH_SOURCES = {33: v33, 36: v36}


def migrate(dashboard: Json, *, sources: Iterable[DataSource] = (), least_refresh: str = "5s") -> Json:
    """The dashboard as Grafana 12.4 serves it: a new document of schema version 42.

    `sources` are the data sources of the server that it comes from; names are looked up among them. `least_refresh` is
    the server's `min_refresh_interval`; a shorter refresh becomes that, as in a provisioned dashboard (seen in 12.4.0).

    Values of types that Grafana does not expect stay, or count as missing, as they do there. Raises DashboardError for
    what is no JSON object, for a schema version above 42, and for nesting beyond `document.DEEPEST`.
    """
    if not isinstance(dashboard, dict):
        raise DashboardError(f"expected a dashboard, an object of JSON, got {type(dashboard).__name__}")
    migrated: Json = copied(dashboard)
    version = schema_version(migrated)
    if version > LATEST:
        raise DashboardError(f"expected at most {LATEST}, the last version of classic dashboards", "$.schemaVersion")
    before = save_model.Before.of(migrated)
    model_defaults.fill_in(migrated)
    known = DataSources(sources)
    for step in range(version + 1, LATEST + 1):
        if step in _STEPS_WITH_SOURCES:
            _STEPS_WITH_SOURCES[step](migrated, known)
        elif step in _STEPS:
            _STEPS[step](migrated)
    migrated["schemaVersion"] = LATEST
    _bound_refresh(migrated, least_refresh)
    save_model.clean(migrated, before)
    plain: Json = _plain(migrated)
    return plain


def schema_version(dashboard: Json) -> int:
    """0 where there is none, or one that is no number."""
    version = dashboard.get("schemaVersion")
    if isinstance(version, str):
        version = parse_integer(version)
    if isinstance(version, int | float) and not isinstance(version, bool):
        return max(int(version), 0)
    return 0


def _bound_refresh(dashboard: Json, least: str) -> None:
    try:
        if seconds(dashboard["refresh"]) < seconds(least):
            dashboard["refresh"] = least
    except (ValueError, TypeError, KeyError):
        return  # off, `auto`, or what Grafana can't read either


def _plain(value: Any) -> Any:
    """Without the marks that steps left for later ones."""
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    return None if value is UNSET else value


__all__ = ["LATEST", "DataSource", "migrate", "schema_version"]
