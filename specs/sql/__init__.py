"""SQL that several panels share. Everything here was measured on QuestDB 9.3.4.

Four flaws must be impossible in what ships: a dead system that looks green, a rate that changes with the zoom, an
availability that counts only the rows that came, a false drop at the edges of a chart.

Names of columns matter: the PostgreSQL datasource wants the time as `time` and names a series by `metric`; Grafana
leaves the name of a value column out of a series' name only if it is `Value`.
"""

from specs.sql.counters import WITH_RESTARTS, increases, rate, ratio, recent, restarts, rises
from specs.sql.feeds import FEED_STATE, LAST_RECORD, feeds
from specs.sql.server import FRESHNESS, STORED, VIEWS, WAL
from specs.sql.states import (
    DOWN_DAEMON,
    DOWN_EXCHANGE,
    availability,
    connections,
    count_bad,
    daemons,
    fleet,
    silences,
    state,
    timeline,
)
from specs.sql.sums import Grain, mean, per_second
from specs.sql.times import (
    BY_BUCKET,
    EVALUATION,
    IN_ENV,
    LAST_DAY,
    LAST_WEEK,
    NOW,
    START,
    WRITE_INTERVAL,
    age,
    bucket_end,
)
from specs.sql.trading import carried, positions

__all__ = [
    "BY_BUCKET",
    "DOWN_DAEMON",
    "DOWN_EXCHANGE",
    "EVALUATION",
    "FEED_STATE",
    "FRESHNESS",
    "IN_ENV",
    "LAST_DAY",
    "LAST_RECORD",
    "LAST_WEEK",
    "NOW",
    "START",
    "STORED",
    "VIEWS",
    "WAL",
    "WITH_RESTARTS",
    "WRITE_INTERVAL",
    "Grain",
    "age",
    "availability",
    "bucket_end",
    "carried",
    "connections",
    "count_bad",
    "daemons",
    "feeds",
    "fleet",
    "increases",
    "mean",
    "per_second",
    "positions",
    "rate",
    "ratio",
    "recent",
    "restarts",
    "rises",
    "silences",
    "state",
    "timeline",
]
