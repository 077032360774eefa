"""Pipelines: stalled feeds, and gaps."""

from dashgen import AlertRule, Query, Severity, if_labels
from specs.alerts.shared import AWAY, MARKET_DATA, VALUE, ask, described, first, runbook
from specs.dashboards.pipeline import PIPELINE
from specs.limits import GAP_MINUTES, GAP_SECONDS, STALLED_AFTER
from specs.notifications import PAGE, TELL
from specs.sql import EVALUATION, IN_ENV, LAST_RECORD, feeds

NAMES = {"oi": "Open interest", "funding": "Funding", "liquidation": "Liquidations"}


def _stalled(kind: str, severity: Severity) -> AlertRule:
    uid = f"pipeline-stalled-{kind}"
    condition = f"{IN_ENV} AND data_type = '{kind}'"
    return AlertRule(
        uid=uid,
        title=f"{NAMES[kind]} stalled",
        query=Query(
            f"SELECT exchange, data_type, age AS value FROM {feeds(condition, EVALUATION)}",
            ignore=LAST_RECORD,
        ),
        threshold=STALLED_AFTER[kind],
        on_error=AWAY if severity == "critical" else "Error",
        severity=severity,
        channels=PAGE if severity == "critical" else TELL,
        owner=MARKET_DATA,
        summary=if_labels(
            f"{NAMES[kind]} of {{{{ $labels.exchange }}}}: no record for {VALUE} s",
            f"Nobody sees a stall of {NAMES[kind].lower()}",
        ),
        description=described(
            "Rows may come; none of them has a record. One exchange: its connection, or its symbols. All of "
            "them: the fetcher of this data type. 604800 s: none for a week.",
            label="exchange",
        ),
        command=first(
            ask(
                "SELECT host, max(timestamp) FROM pipeline_metrics WHERE exchange = '{{ $labels.exchange }}'"
                f" AND data_type = '{kind}' AND records_count > 0 AND timestamp > dateadd('d', -1, now())"
            ),
            label="exchange",
        ),
        annotations=runbook(uid, label="exchange"),
        panel=PIPELINE["freshness"],
        link_variables=("exchange", "data_type"),
    )


GAPS = AlertRule(
    uid="pipeline-gaps",
    title="Gaps in the data",
    query=f"""
    SELECT exchange, sum(CASE WHEN gap_detected THEN coalesce(gap_duration_seconds, 0) ELSE 0 END) AS value
    FROM pipeline_metrics
    WHERE $__timeFilter(timestamp) AND {IN_ENV}
    """,
    window=f"{GAP_MINUTES}m",
    threshold=GAP_SECONDS,
    severity="warning",
    channels=TELL,
    owner=MARKET_DATA,
    summary=if_labels(f"{VALUE} s of data of {{{{ $labels.exchange }}}} are missing", "Nobody sees gaps in the data"),
    description=described(
        f"Found by the daemons in {GAP_MINUTES} minutes, over all symbols. What is missing must be backfilled "
        "before the exchange no longer has it.",
        label="exchange",
    ),
    command=first(
        ask(
            "SELECT symbol, data_type, sum(gap_duration_seconds) FROM pipeline_metrics WHERE gap_detected"
            " AND exchange = '{{ $labels.exchange }}' AND timestamp > dateadd('h', -1, now())"
        ),
        label="exchange",
    ),
    annotations=runbook("pipeline-gaps", label="exchange"),
    panel=PIPELINE["gap-seconds"],
    link_variables=("exchange",),
)

PIPELINE_RULES = (
    _stalled("oi", "critical"),
    _stalled("funding", "warning"),
    _stalled("liquidation", "warning"),
    GAPS,
)
