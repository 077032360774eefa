"""The monitoring of the market data daemons: what this repository renders."""

from dashgen import Project
from specs.alerts import ALERTS
from specs.dashboards.exchanges import EXCHANGES
from specs.dashboards.health import HEALTH
from specs.dashboards.overview import OVERVIEW
from specs.dashboards.pipeline import PIPELINE
from specs.dashboards.storage import QUESTDB
from specs.dashboards.trading import TRADING
from specs.demo import DEFAULTS, DEMOS, REPLAYED
from specs.environments import ENVIRONMENTS
from specs.notifications import CONTACT_POINTS, PAGES, POLICY
from specs.outages import OUTAGES
from specs.tables import DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics

PROJECT = Project(
    environments=ENVIRONMENTS,
    demos=DEMOS,
    demo_parameters=DEFAULTS,
    replay_parameters=REPLAYED,
    outages=OUTAGES,
    tables=(DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics),
    alerts=ALERTS,
    contact_points=CONTACT_POINTS,
    policy=POLICY,
    templates=(PAGES,),
    dashboards=(OVERVIEW, HEALTH, EXCHANGES, PIPELINE, TRADING, QUESTDB),
)
