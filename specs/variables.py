"""Variables that the dashboards share. `env` comes first: everything else is read within it."""

from dashgen import EnvironmentVariable, QueryVariable
from specs.environments import ENVIRONMENTS

ENV = EnvironmentVariable("env", ("prod", "staging", "dev"), label="Environment")
"""All that the tables take as `env`: staging writes to the same database, and has no Grafana of its own."""

FLEET = "({})".format(
    " UNION ALL ".join(
        f"SELECT '{environment.env}' AS env, '{host}' AS host"
        for environment in ENVIRONMENTS
        for host in environment.hosts
    )
)
"""The hosts that must be alive, of all environments: what never wrote must be declared to be missed."""


def _seen(column: str, table: str, *, by: str, more: str = "") -> str:
    """The values of the last week: one that went silent can still be chosen. LATEST ON reads back only until it has
    met all series (those that differ in `by`), where DISTINCT alone reads the week.
    """
    return f"""
    SELECT DISTINCT {column} FROM (
        SELECT {column} FROM {table}
        WHERE timestamp BETWEEN dateadd('d', -7, $__toTime) AND $__toTime AND {ENV.matches("env")}
        LATEST ON timestamp PARTITION BY {by}{more}
    )
    ORDER BY {column}
    """


HOST = QueryVariable(
    "host",
    _seen(
        "host",
        "daemon_metrics",
        by="host",
        more=f" UNION ALL SELECT host FROM {FLEET} WHERE {ENV.matches('env')}",
    ),
    label="Host",
    multi=True,
    include_all=True,
    refresh="time range",
)

EXCHANGE = QueryVariable(
    "exchange",
    _seen("exchange", "exchange_status", by="exchange, host"),
    label="Exchange",
    multi=True,
    include_all=True,
    refresh="time range",
)

DATA_TYPE = QueryVariable(
    "data_type",
    _seen("data_type", "pipeline_1m", by="exchange, data_type, host"),
    label="Data type",
    multi=True,
    include_all=True,
    refresh="time range",
)

STRATEGY = QueryVariable(
    "strategy",
    _seen("strategy", "trading_metrics", by="strategy, symbol, venue"),
    label="Strategy",
    multi=True,
    include_all=True,
    refresh="time range",
)
