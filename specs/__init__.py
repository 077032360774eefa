"""The monitoring of the market data daemons: what this repository renders."""

from dashgen import Environment, Folder, Project, QuestDB
from specs.dashboards.health import HEALTH
from specs.demo import DEFAULTS, DEMOS
from specs.tables import DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics

FOLDERS = {
    "daemons": Folder("daemons", "Market data daemons"),
}
FLEET = ("prod-server-01", "prod-server-02", "prod-server-03", "prod-server-04", "prod-server-05")

PROD = Environment(
    "prod",
    grafana="12.3",
    env="prod",
    hosts=FLEET,
    owns_policy_tree=True,
    folders=FOLDERS,
    datasources={"questdb": QuestDB(uid="questdb", plugin="questdb", host="questdb", is_default=True)},
)
LOCAL = Environment(
    "local",
    grafana="11.6",
    env="dev",
    hosts=("localhost",),
    folders=FOLDERS,
    datasources={"questdb": QuestDB(uid="questdb", plugin="postgres", host="localhost", is_default=True)},
)

PROJECT = Project(
    environments=(PROD, LOCAL),
    demos=DEMOS,
    demo_parameters=DEFAULTS,
    tables=(DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics),
    dashboards=(HEALTH,),
)
