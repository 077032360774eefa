"""Variables that the dashboards share. `env` comes first: everything else is read within it."""

from dashgen import EnvironmentVariable, QueryVariable

ENV = EnvironmentVariable("env", label="Environment")

HOST = QueryVariable(
    "host",
    f"""
    SELECT DISTINCT host FROM daemon_metrics
    WHERE timestamp BETWEEN dateadd('d', -7, $__toTime) AND $__toTime AND {ENV.matches("env")}
    ORDER BY host
    """,
    label="Host",
    multi=True,
    include_all=True,
    refresh="time range",
)

EXCHANGE = QueryVariable(
    "exchange",
    f"""
    SELECT DISTINCT exchange FROM exchange_status
    WHERE timestamp BETWEEN dateadd('d', -1, $__toTime) AND $__toTime AND {ENV.matches("env")}
    ORDER BY exchange
    """,
    label="Exchange",
    multi=True,
    include_all=True,
    refresh="time range",
)

STRATEGY = QueryVariable(
    "strategy",
    f"""
    SELECT DISTINCT strategy FROM trading_metrics
    WHERE timestamp BETWEEN dateadd('d', -7, $__toTime) AND $__toTime AND {ENV.matches("env")}
    ORDER BY strategy
    """,
    label="Strategy",
    multi=True,
    include_all=True,
    refresh="time range",
)
