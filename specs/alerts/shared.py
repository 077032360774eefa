"""What the rules have in common.

Each text is one for alerts and one for errors: where a query fails or has no rows, its alert has no label and no value
to speak of.
"""

from collections.abc import Mapping

from dashgen import ErrorState, if_labels

PLATFORM, MARKET_DATA, TRADING_DESK = "platform", "market data", "trading"

SERVICE = "market-data-daemon"
"""The daemon's unit in systemd."""

LOG = f"ssh {{{{ $labels.host }}}} journalctl -u {SERVICE} -n 50 --no-pager"

AWAY: ErrorState = "KeepLast"
"""What an alert that pages becomes where its query fails: a database that is away must not resolve it. That it is away
is told by the rules that don't page; their state is Error."""

PING = "curl -s http://questdb:9000/ping"
"""The first command where a rule can't be evaluated."""

VALUE = '{{ with $values.B }}{{ printf "%.0f" .Value }}{{ end }}'
"""The number that was judged."""


def described(text: str, *, label: str) -> str:
    return if_labels(
        text,
        "The query of this rule fails or has no rows: the database is down or refuses it. What it watches may be broken"
        " too.",
        label=label,
    )


def first(command: str, *, label: str) -> str:
    """What to type first."""
    return if_labels(command, PING, label=label)


def runbook(uid: str, *, label: str = "") -> Mapping[str, str]:
    """Where the section of a rule is, in this repository, and the one of errors."""
    at = f"docs/runbooks.md#{uid}"
    return {"runbook": if_labels(at, "docs/runbooks.md#datasource-errors", label=label) if label else at}


def ask(sql: str) -> str:
    """A command that asks the database."""
    return f'curl -sG http://questdb:9000/exp --data-urlencode "query={sql}"'
