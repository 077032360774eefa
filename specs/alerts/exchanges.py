"""Exchanges: disconnected, without messages, reconnecting, slow."""

from dashgen import AlertRule, if_labels
from specs.alerts.shared import AWAY, LOG, MARKET_DATA, SERVICE, VALUE, ask, described, first, runbook
from specs.dashboards.exchanges import EXCHANGES
from specs.limits import LATENCY_MINUTES, LATENCY_P95, MESSAGE_AGE, RECONNECTS, RECONNECTS_MINUTES
from specs.notifications import PAGE, TELL
from specs.sql import EVALUATION, IN_ENV, LAST_DAY, increases

LATEST = f"""(
    SELECT timestamp AS at, exchange, host, connected, last_message_at
    FROM exchange_status
    WHERE {LAST_DAY} AND {IN_ENV}
    LATEST ON timestamp PARTITION BY exchange, host, env
)"""

DISCONNECTED = AlertRule(
    uid="exchange-disconnected",
    title="Exchange disconnected",
    query=f"SELECT exchange, host, CASE WHEN connected THEN 0 ELSE 1 END AS value FROM {LATEST}",
    threshold=0,
    for_duration="2m",
    on_error=AWAY,
    severity="critical",
    channels=PAGE,
    owner=MARKET_DATA,
    summary=if_labels(
        "{{ $labels.exchange }} is disconnected from {{ $labels.host }}", "Nobody sees which exchanges are disconnected"
    ),
    description=described(
        "The daemon lives and can't hold the connection. All hosts at once: the exchange is down or in "
        "maintenance. One host: it is banned, or its network is broken.",
        label="exchange",
    ),
    command=first(LOG, label="host"),
    annotations=runbook("exchange-disconnected", label="exchange"),
    panel=EXCHANGES["state"],
    link_variables=("exchange", "host"),
)

NO_MESSAGES = AlertRule(
    uid="exchange-no-messages",
    title="Exchange sends no messages",
    query=f"""
    SELECT exchange, host,
           CASE WHEN NOT connected THEN 0
                WHEN last_message_at IS NULL THEN 86400
                ELSE datediff('s', last_message_at, at) END AS value
    FROM {LATEST}
    """,
    threshold=MESSAGE_AGE,
    for_duration="30s",
    on_error=AWAY,
    severity="critical",
    channels=PAGE,
    owner=MARKET_DATA,
    summary=if_labels(
        f"{{{{ $labels.exchange }}}} has sent {{{{ $labels.host }}}} nothing for {VALUE} s",
        "Nobody sees which connections have no messages",
    ),
    description=described(
        "Connected, and without messages: a zombie socket, or a subscription that was dropped. A daemon that "
        "is silent itself is another alert.",
        label="exchange",
    ),
    command=first(f"ssh {{{{ $labels.host }}}} systemctl restart {SERVICE}", label="host"),
    annotations=runbook("exchange-no-messages", label="exchange"),
    panel=EXCHANGES["message-age"],
    link_variables=("exchange", "host"),
)

RECONNECTING = AlertRule(
    uid="exchange-reconnects",
    title="Exchange reconnects",
    query=f"""
    SELECT exchange, sum(reconnects) AS value
    FROM {
        increases(
            "exchange_status",
            {"reconnects": "reconnect_count"},
            by="exchange, host",
            condition=IN_ENV,
            start="$__fromTime",
            end=EVALUATION,
        )
    }
    """,
    window=f"{RECONNECTS_MINUTES}m",
    threshold=RECONNECTS - 1,
    severity="warning",
    channels=TELL,
    owner=MARKET_DATA,
    summary=if_labels(
        f"{{{{ $labels.exchange }}}} was reconnected {VALUE} times in {RECONNECTS_MINUTES} minutes",
        "Nobody sees which exchanges are reconnected",
    ),
    description=described(
        "Over all hosts. The exchange throws us out again and again: a limit that we hit, or their maintenance.",
        label="exchange",
    ),
    command=first(
        ask(
            "SELECT host, max(reconnect_count) - min(reconnect_count) FROM exchange_status"
            " WHERE exchange = '{{ $labels.exchange }}' AND timestamp > dateadd('m', -10, now())"
        ),
        label="exchange",
    ),
    annotations=runbook("exchange-reconnects", label="exchange"),
    panel=EXCHANGES["reconnects"],
    link_variables=("exchange",),
)

SLOW = AlertRule(
    uid="exchange-latency",
    title="Exchange latency",
    query=f"""
    SELECT exchange, approx_percentile(latency_ms, 0.95, 3) AS value
    FROM exchange_status
    WHERE connected AND latency_ms >= 0 AND $__timeFilter(timestamp) AND {IN_ENV}
    """,
    window=f"{LATENCY_MINUTES}m",
    threshold=LATENCY_P95,
    severity="warning",
    channels=TELL,
    owner=MARKET_DATA,
    summary=if_labels(
        f"5 of 100 round trips to {{{{ $labels.exchange }}}} take more than {VALUE} ms",
        "Nobody sees how slow the exchanges are",
    ),
    description=described(
        f"Over {LATENCY_MINUTES} minutes, while connected. One exchange: theirs. All of them: our network.",
        label="exchange",
    ),
    command=first(
        ask(
            "SELECT host, avg(latency_ms), max(latency_ms) FROM exchange_status"
            " WHERE exchange = '{{ $labels.exchange }}' AND timestamp > dateadd('m', -10, now())"
        ),
        label="exchange",
    ),
    annotations=runbook("exchange-latency", label="exchange"),
    panel=EXCHANGES["latency-p95"],
    link_variables=("exchange",),
)

EXCHANGE_RULES = (DISCONNECTED, NO_MESSAGES, RECONNECTING, SLOW)
