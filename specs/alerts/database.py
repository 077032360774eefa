"""QuestDB itself, and the alert that says that alerts work."""

from dashgen import AlertRule, if_labels
from specs.alerts.shared import AWAY, PLATFORM, VALUE, ask, described, first, runbook
from specs.dashboards.storage import QUESTDB
from specs.limits import PENDING_ROWS
from specs.notifications import PAGE, TELL, WATCHDOG
from specs.sql import STORED, VIEWS

EACH_VIEW = " UNION ALL ".join(f"SELECT '{name}' AS view_name" for name in VIEWS)
NAMES = ", ".join(f"'{name}'" for name in STORED)

SUSPENDED = AlertRule(
    uid="questdb-suspended",
    title="QuestDB table suspended",
    query=f"SELECT name AS table_name, suspended::int AS value FROM wal_tables() WHERE name IN ({NAMES}) LIMIT 100",
    threshold=0,
    on_error=AWAY,
    severity="critical",
    channels=PAGE,
    owner=PLATFORM,
    summary=if_labels("{{ $labels.table_name }} takes rows and shows none", "Nobody sees which tables are suspended"),
    description=described(
        "Its write-ahead log is no longer applied. What the dashboards and the other alerts say of it is old.",
        label="table_name",
    ),
    command=first(ask("SELECT name, errorTag, errorMessage FROM wal_tables() WHERE suspended"), label="table_name"),
    annotations=runbook("questdb-suspended", label="table_name"),
    panel=QUESTDB["wal"],
)

BEHIND = AlertRule(
    uid="questdb-behind",
    title="QuestDB rows behind",
    query=f"""
    SELECT table_name, coalesce(wal_pending_row_count, 0) AS value
    FROM tables()
    WHERE table_name IN ({NAMES})
    LIMIT 100
    """,
    threshold=PENDING_ROWS,
    for_duration="5m",
    severity="warning",
    channels=TELL,
    owner=PLATFORM,
    summary=if_labels(f"{{{{ $labels.table_name }}}} is {VALUE} rows behind", "Nobody sees how far tables are behind"),
    description=described(
        "The server takes more rows than it applies: CPU or disk are at their limit, or rows come far out of order.",
        label="table_name",
    ),
    command=first(
        ask("SELECT table_name, wal_pending_row_count, table_write_amp_p99 FROM tables()"), label="table_name"
    ),
    annotations=runbook("questdb-behind", label="table_name"),
    panel=QUESTDB["rows-behind"],
)

VIEW_INVALID = AlertRule(
    uid="questdb-view-invalid",
    title="QuestDB view invalid",
    query=f"""
    SELECT v.view_name AS view_name, CASE WHEN m.view_status IN ('valid', 'refreshing') THEN 0 ELSE 1 END AS value
    FROM ({EACH_VIEW}) v
    LEFT JOIN materialized_views() m ON v.view_name = m.view_name
    """,
    threshold=0,
    on_error=AWAY,
    severity="critical",
    channels=PAGE,
    owner=PLATFORM,
    summary=if_labels("{{ $labels.view_name }} is invalid or gone", "Nobody sees whether the views are valid"),
    description=described(
        "It silently stopped: throughput, gaps and freshness that are read from it end there.", label="view_name"
    ),
    command=first(
        ask("SELECT view_name, view_status, invalidation_reason FROM materialized_views()"), label="view_name"
    ),
    annotations=runbook("questdb-view-invalid", label="view_name"),
    panel=QUESTDB["views"],
)

WATCHDOG_RULE = AlertRule(
    uid="watchdog",
    title="Watchdog",
    query="SELECT 1 AS value",
    threshold=0,
    # when the database is gone the heartbeat must stop, not go out as an error
    no_data="OK",
    on_error="OK",
    severity="info",
    channels=(WATCHDOG.name,),
    owner=PLATFORM,
    summary="Alerting works",
    description="Always fires, through Grafana, the database and the network. Whoever receives it must raise the "
    "alarm when it does not come.",
    command="curl -s http://grafana:3000/api/health",
    annotations=runbook("watchdog"),
    panel=QUESTDB["newest-row"],
)

DATABASE_RULES = (SUSPENDED, BEHIND, VIEW_INVALID)
