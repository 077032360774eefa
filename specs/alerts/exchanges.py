"""Exchanges: disconnected, without messages, reconnecting, slow."""

from dashgen import AlertRule
from specs.alerts.shared import LOG, MARKET_DATA, SERVICE, VALUE, ask, runbook
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
    severity="critical",
    channels=PAGE,
    owner=MARKET_DATA,
    summary="{{ $labels.exchange }} is disconnected from {{ $labels.host }}",
    description="The daemon lives and can't hold the connection. All hosts at once: the exchange is down or in "
    "maintenance. One host: it is banned, or its network is broken.",
    command=LOG,
    annotations=runbook("exchange-disconnected"),
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
    severity="critical",
    channels=PAGE,
    owner=MARKET_DATA,
    summary=f"{{{{ $labels.exchange }}}} has sent {{{{ $labels.host }}}} nothing for {VALUE} s",
    description="Connected, and without messages: a zombie socket, or a subscription that was dropped. A daemon that "
    "is silent itself is another alert.",
    command=f"ssh {{{{ $labels.host }}}} systemctl restart {SERVICE}",
    annotations=runbook("exchange-no-messages"),
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
    summary=f"{{{{ $labels.exchange }}}} was reconnected {VALUE} times in {RECONNECTS_MINUTES} minutes",
    description="Over all hosts. The exchange throws us out again and again: a limit that we hit, or their "
    "maintenance.",
    command=ask(
        "SELECT host, max(reconnect_count) - min(reconnect_count) FROM exchange_status"
        " WHERE exchange = '{{ $labels.exchange }}' AND timestamp > dateadd('m', -10, now())"
    ),
    annotations=runbook("exchange-reconnects"),
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
    summary=f"5 of 100 round trips to {{{{ $labels.exchange }}}} take more than {VALUE} ms",
    description=f"Over {LATENCY_MINUTES} minutes, while connected. One exchange: theirs. All of them: our network.",
    command=ask(
        "SELECT host, avg(latency_ms), max(latency_ms) FROM exchange_status"
        " WHERE exchange = '{{ $labels.exchange }}' AND timestamp > dateadd('m', -10, now())"
    ),
    annotations=runbook("exchange-latency"),
    panel=EXCHANGES["latency-p95"],
    link_variables=("exchange",),
)

EXCHANGE_RULES = (DISCONNECTED, NO_MESSAGES, RECONNECTING, SLOW)
