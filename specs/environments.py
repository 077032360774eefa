"""The Grafanas that this monitoring is rendered for, and the fleet that each of them watches."""

from dashgen import Environment, Folder, QuestDB

FOLDERS = {
    "daemons": Folder("daemons", "Market data daemons"),
}
QUESTDB = "market-data-questdb"
FLEET = ("prod-server-01", "prod-server-02", "prod-server-03", "prod-server-04", "prod-server-05")

PROD = Environment(
    "prod",
    grafana="12.3",
    env="prod",
    hosts=FLEET,
    owns_policy_tree=True,
    folders=FOLDERS,
    datasources={"questdb": QuestDB(uid=QUESTDB, plugin="questdb", host="questdb", is_default=True)},
)
LOCAL = Environment(
    "local",
    grafana="11.6",
    env="dev",
    hosts=("localhost",),
    folders=FOLDERS,
    # Of this checkout, whoever has it and wherever: `dashgen db up` and `dashgen demo` set it.
    dashboards_path="${DASHGEN_DASHBOARDS}",
    datasources={"questdb": QuestDB(uid=QUESTDB, plugin="postgres", host="localhost", is_default=True)},
)
ENVIRONMENTS = (PROD, LOCAL)
