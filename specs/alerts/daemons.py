"""Daemons: silent, down, failing, restarting."""

from dashgen import AlertRule, if_labels
from specs.alerts.shared import AWAY, LOG, MARKET_DATA, SERVICE, VALUE, described, first, runbook
from specs.dashboards.health import HEALTH
from specs.limits import (
    ERROR_RATIO,
    ERRORS_FETCHES,
    ERRORS_MINUTES,
    RESTARTS,
    RESTARTS_MINUTES,
    SILENT_AFTER,
)
from specs.notifications import PAGE, TELL
from specs.sql import EVALUATION, IN_ENV, LAST_DAY, age, increases

LATEST = f"""(
    SELECT timestamp AS at, host, running
    FROM daemon_metrics
    WHERE {LAST_DAY} AND {IN_ENV}
    LATEST ON timestamp PARTITION BY host, env
)"""

SILENT = AlertRule(
    uid="daemon-silent",
    title="Daemon silent",
    query=f"""
    SELECT f.host AS host, coalesce({age("d.at", EVALUATION)}, 86400) AS value
    FROM (${{hosts:rows}}) f
    LEFT JOIN {LATEST} d ON f.host = d.host
    """,
    threshold=SILENT_AFTER,
    for_duration="30s",
    on_error=AWAY,
    severity="critical",
    channels=PAGE,
    owner=MARKET_DATA,
    summary=if_labels(
        f"{{{{ $labels.host }}}} has written nothing for {VALUE} s", "Nobody sees which daemons are silent"
    ),
    description=described(
        "The daemon of this host of the fleet, or the host itself, is gone, or it can't reach the database. "
        "Nothing of its exchanges is recorded meanwhile. 86400 s: it wrote nothing for a day, or never.",
        label="host",
    ),
    command=first(f"ssh {{{{ $labels.host }}}} systemctl status {SERVICE}", label="host"),
    annotations=runbook("daemon-silent", label="host"),
    panel=HEALTH["state"],
    link_variables=("host",),
)

DOWN = AlertRule(
    uid="daemon-down",
    title="Daemon not running",
    query=f"SELECT host, CASE WHEN running THEN 0 ELSE 1 END AS value FROM {LATEST}",
    threshold=0,
    for_duration="30s",
    on_error=AWAY,
    severity="critical",
    channels=PAGE,
    owner=MARKET_DATA,
    summary=if_labels("{{ $labels.host }} says that it does not run", "Nobody sees which daemons don't run"),
    description=described(
        "The process lives and writes rows, but does no work: it was stopped by hand, or waits for a start "
        "that failed.",
        label="host",
    ),
    command=first(LOG, label="host"),
    annotations=runbook("daemon-down", label="host"),
    panel=HEALTH["state"],
    link_variables=("host",),
)

ERRORS = AlertRule(
    uid="daemon-errors",
    title="Daemon error ratio",
    query=f"""
    SELECT host,
           CASE WHEN sum(fetches) < {ERRORS_FETCHES} THEN 0.0 ELSE 100.0 * sum(errors) / sum(fetches) END AS value
    FROM {
        increases(
            "daemon_metrics",
            {"fetches": "fetch_count", "errors": "error_count"},
            by="host",
            condition=IN_ENV,
            uptime="uptime_seconds",
            start="$__fromTime",
            end=EVALUATION,
        )
    }
    """,
    window=f"{ERRORS_MINUTES}m",
    threshold=100 * ERROR_RATIO,
    severity="warning",
    channels=TELL,
    owner=MARKET_DATA,
    summary=if_labels(f"{VALUE} % of the fetches of {{{{ $labels.host }}}} fail", "Nobody sees how many fetches fail"),
    description=described(
        f"Over {ERRORS_MINUTES} minutes, with at least {ERRORS_FETCHES} fetches. Usually one exchange limits "
        "or blocks this host.",
        label="host",
    ),
    command=first(LOG, label="host"),
    annotations=runbook("daemon-errors", label="host"),
    panel=HEALTH["error-ratio"],
    link_variables=("host",),
)

RESTARTING = AlertRule(
    uid="daemon-restarts",
    title="Daemon restarts",
    query=f"""
    SELECT host, sum(restarts) AS value
    FROM {
        increases(
            "daemon_metrics",
            {"fetches": "fetch_count"},
            by="host",
            condition=IN_ENV,
            uptime="uptime_seconds",
            start="$__fromTime",
            end=EVALUATION,
        )
    }
    """,
    window=f"{RESTARTS_MINUTES}m",
    threshold=RESTARTS - 1,
    severity="warning",
    channels=TELL,
    owner=MARKET_DATA,
    summary=if_labels(
        f"{{{{ $labels.host }}}} restarted {VALUE} times in {RESTARTS_MINUTES} minutes",
        "Nobody sees which daemons restart",
    ),
    description=described(
        "The daemon crashes, and its supervisor starts it again. Data is lost at each restart.", label="host"
    ),
    command=first(LOG, label="host"),
    annotations=runbook("daemon-restarts", label="host"),
    panel=HEALTH["restarts"],
    link_variables=("host",),
)

DAEMON_RULES = (SILENT, DOWN, ERRORS, RESTARTING)
