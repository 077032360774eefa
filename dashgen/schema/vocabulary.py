"""Words that Grafana defines in its frontend and that the SDK has no types for."""

from __future__ import annotations

QUESTDB_PLUGIN = "questdb-questdb-datasource"
POSTGRESQL_PLUGINS = ("grafana-postgresql-datasource", "postgres")  # the second until Grafana 10.1

SCHEMA_VERSION = 42

# packages/grafana-data/src/transformations/fieldReducer.ts (Grafana 12); percentiles since 11.1
REDUCERS = (
    "lastNotNull",
    "last",
    "firstNotNull",
    "first",
    "min",
    "max",
    "mean",
    "median",
    "variance",
    "stdDev",
    "sum",
    "count",
    "countAll",
    "range",
    "delta",
    "step",
    "diff",
    "diffperc",
    "logmin",
    "allIsZero",
    "allIsNull",
    "changeCount",
    "distinctCount",
    "allValues",
    "uniqueValues",
    *(f"p{n}" for n in range(1, 100)),
)

# packages/grafana-data/src/themes/createVisualizationColors.ts: shades of each hue, then special names
COLORS = (
    *(
        f"{shade}{hue}"
        for hue in ("red", "orange", "yellow", "green", "blue", "purple")
        for shade in ("super-light-", "light-", "", "semi-dark-", "dark-")
    ),
    "text",
    "transparent",
    "panel-bg",
    # CSS names work too; these are the ones that dashboards use
    "gray",
    "black",
    "white",
)

# packages/grafana-data/src/transformations/transformers/ids.ts (Grafana 12)
TRANSFORMATIONS = (
    "append",
    "calculateField",
    "concatenate",
    "configFromData",
    "convertFieldType",
    "convertFrameType",
    "ensureColumns",
    "extractFields",
    "fieldLookup",
    "filterByRefId",
    "filterByValue",
    "filterFields",
    "filterFieldsByName",
    "filterFrames",
    "formatString",
    "formatTime",
    "groupBy",
    "groupToNestedTable",
    "groupingToMatrix",
    "heatmap",
    "histogram",
    "joinByField",
    "joinByLabels",
    "labelsToFields",
    "limit",
    "merge",
    "noop",
    "order",
    "organize",
    "partitionByValues",
    "prepareTimeSeries",
    "reduce",
    "regression",
    "rename",
    "renameByRegex",
    "rowsToFields",
    "seriesToColumns",
    "seriesToRows",
    "smoothing",
    "sortBy",
    "spatial",
    "timeSeriesTable",
    "transpose",
)

# packages/grafana-data/src/field/fieldColor.ts (Grafana 12)
COLOR_MODES = (
    *("thresholds", "palette-classic", "palette-classic-by-name", "fixed", "shades"),
    *(
        f"continuous-{scheme}"
        for scheme in (
            *("GrYlRd", "RdYlGr", "BlYlRd", "YlRd", "BlPu", "YlBl", "blues", "reds", "greens", "purples"),
            *("viridis", "magma", "plasma", "inferno", "cividis"),
        )
    ),
)
