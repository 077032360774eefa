"""From where on a value is bad. Panels colour by these limits, and alerts fire by them."""

SILENT_AFTER = 60
"""Seconds without a row after which a writer of one row each 10 s counts as silent."""

MESSAGE_AGE = 60
"""Seconds without a message after which a connection that calls itself connected is a zombie."""

ERROR_RATIO = 0.05
ERRORS_MINUTES, ERRORS_FETCHES = 5, 20
"""Over how long, and from how many fetches on, an error ratio says something."""

RESTARTS, RESTARTS_MINUTES = 3, 15
RECONNECTS, RECONNECTS_MINUTES = 5, 10
LATENCY_P95, LATENCY_MINUTES = 500, 10
"""Milliseconds."""

GAP_SECONDS, GAP_MINUTES = 60, 15

STALLED_AFTER = {"oi": 120, "funding": 900, "liquidation": 3600}
"""Seconds without a record, by data type: funding and liquidations are sparse by nature."""

DRAWDOWN = 10
"""Percent below the highest equity."""

FILL_RATE = 0.5
FILL_MINUTES, FILL_ORDERS = 30, 10

PENDING_ROWS = 1_000_000
"""Rows in the write-ahead log that are not applied yet."""
