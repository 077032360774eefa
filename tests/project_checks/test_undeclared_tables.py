"""What is said of a table that a query reads and the project does not declare."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashgen.loading.load import load
from dashgen.project_checks.undeclared_tables import advice, refused_table
from tests.scratch import dashgen, specs

TABLES = """\
from datetime import datetime
from typing import Annotated

from dashgen.model.tables.table import Designated, MaterializedView, Symbol, table


@table(
    name="orders",
    dedup=("timestamp", "venue"),
    views=(
        MaterializedView(
            name="orders_1m", bucket="1m", ttl="1 YEAR",
            sql="SELECT timestamp, venue, sum(placed) AS placed FROM orders SAMPLE BY 1m",
        ),
    ),
)
class Orders:
    \"\"\"What was ordered.\"\"\"

    timestamp: Annotated[datetime, Designated()]
    venue: Annotated[str, Symbol(16)]
    placed: int
"""
DECLARE = (
    'only declared tables are there: declare it (@table(name="fills") on a class of its columns), or import the'
    " class that its writer has, and list it in Project(tables=(…)); written_by_others=True where others own it"
)


def test_the_servers_own_error_names_the_table() -> None:
    assert refused_table("table does not exist [table=exchange_status]") == "exchange_status"
    assert refused_table("… db query error: pq: table does not exist [table=a b] (position 4)") == "a b"
    assert refused_table("Invalid column: table") == ""


@pytest.mark.parametrize(
    ("tables", "name", "others", "said"),
    [
        ("", "fills", (), DECLARE),
        ("Orders,", "fills", (), DECLARE),
        ("Orders,", "order", (), "did you mean 'orders'?"),
        ("Orders,", "orders1m", (), "did you mean 'orders_1m'?"),
        ("Orders,", "latst", ("latest",), "did you mean 'latest'?"),
        ("", "orders", (), "places.tables.Orders declares it: list it in Project(tables=(…))"),
        ("", "orders_1m", (), "places.tables.Orders declares it: list it in Project(tables=(…))"),
    ],
)
def test_what_to_do(tmp_path: Path, tables: str, name: str, others: tuple[str, ...], said: str) -> None:
    text = f"""
    from places.tables import Orders

    D = dash(stat())
    PROJECT = project(D, tables=({tables}))
    """
    root = specs(tmp_path, text, {"tables.py": TABLES}).rename(tmp_path / "places")
    loaded = load(root)
    assert loaded.project is not None, loaded.problems
    assert advice(name, loaded.project, others) == said


ALERT = """
RULE = AlertRule(
    uid="few", title="Few", query="SELECT venue, sum(placed) AS value FROM orders WHERE $__timeFilter(timestamp)",
    threshold=1, fires="below", severity="warning", channels=("on-call",), summary="x",
)
CONTACT = ContactPoint("on-call", (Email("on-call"),))
PROJECT = Project(
    environments=(Environment("prod", owns_policy_tree=True),), contact_points=(CONTACT,), policy=Policy(CONTACT),
    alerts=(AlertGroup("orders", folder="Alerts", rules=(RULE,)),),
)
"""
TEST = """\
tests:
  - name: few orders
    expect:
      - at: 1m
        alerts: [{rule: few, state: Alerting}]
"""


@pytest.mark.questdb
def test_a_test_of_an_alert_rule_says_it_too(tmp_path: Path) -> None:
    specs(tmp_path, ALERT)
    (tmp_path / "tests/alerts").mkdir(parents=True)
    (tmp_path / "tests/alerts/orders.yaml").write_text(TEST)
    ran = dashgen(tmp_path, "test")
    assert ran.code == 1
    assert "table does not exist [table=orders]" in ran.out
    assert ran.err == f"note: orders is no declared table; {DECLARE.replace('fills', 'orders')}\n"
