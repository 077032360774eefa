"""What the rules have in common."""

from collections.abc import Mapping

PLATFORM, MARKET_DATA, TRADING_DESK = "platform", "market data", "trading"

SERVICE = "market-data-daemon"
"""The daemon's unit in systemd."""

LOG = f"ssh {{{{ $labels.host }}}} journalctl -u {SERVICE} -n 50 --no-pager"

VALUE = '{{ with $values.B }}{{ printf "%.0f" .Value }}{{ end }}'
"""The number that was judged. An instance without data has none."""


def runbook(uid: str) -> Mapping[str, str]:
    """Where the section of a rule is, in this repository."""
    return {"runbook": f"docs/runbooks.md#{uid}"}


def ask(sql: str) -> str:
    """A command that asks the database."""
    return f'curl -sG http://questdb:9000/exp --data-urlencode "query={sql}"'
