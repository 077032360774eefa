"""The alert rules. Each gives a row while all is well, so that no data is news; `env` is bound and a static label.

Grafana has no inhibition: what dies together is grouped by env and host, and pipelines alert per exchange and data
type, never per symbol. docs/runbooks.md has a section for each.
"""

from dashgen import AlertGroup
from specs.alerts.daemons import DAEMON_RULES
from specs.alerts.database import DATABASE_RULES, WATCHDOG_RULE
from specs.alerts.exchanges import EXCHANGE_RULES
from specs.alerts.pipelines import PIPELINE_RULES
from specs.alerts.strategies import STRATEGY_RULES

FOLDER = "On-call alerts"

ALERTS = (
    AlertGroup("Daemons", folder=FOLDER, interval="10s", rules=DAEMON_RULES),
    AlertGroup("Exchanges", folder=FOLDER, interval="10s", rules=EXCHANGE_RULES),
    AlertGroup("Pipelines", folder=FOLDER, interval="30s", rules=PIPELINE_RULES),
    AlertGroup("QuestDB", folder=FOLDER, interval="30s", rules=DATABASE_RULES),
    AlertGroup("Trading", folder=FOLDER, interval="30s", rules=STRATEGY_RULES),
    AlertGroup("Watchdog", folder=FOLDER, interval="1m", rules=(WATCHDOG_RULE,)),
)
