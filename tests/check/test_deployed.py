from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import pytest

from dashgen import Table
from dashgen.check.finding import Finding
from dashgen.check.run import Scope, against, prove, report
from dashgen.check.session import Session
from dashgen.model.project import Project
from dashgen.model.tables.table import Designated, MaterializedView, Symbol, table, table_of
from dashgen.questdb import Client, EmbeddedQuestDB, Response
from dashgen.render.ddl import create_statements
from tests.check.helpers import project

pytestmark = pytest.mark.questdb
HERE = Path(__file__).parent


@table(
    name="shipped",
    dedup=("at", "host"),
    views=(
        MaterializedView(
            name="shipped_1m", bucket="1m", sql="SELECT at, host, sum(n) AS n FROM shipped SAMPLE BY 1m", ttl="7 DAYS"
        ),
    ),
)
class Shipped:
    at: Annotated[datetime, Designated()]
    host: Annotated[str, Symbol(16)]
    n: int
    extra: float


MADE = project(
    Table("Extra", "SELECT host, extra FROM shipped LIMIT 1"),
    Table("Host", "SELECT host FROM shipped LIMIT 1"),
    Table("Wrong", "DROP TABLE shipped"),
    tables=(Shipped,),
)


class Listening(Client):
    """Remembers what is sent."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.sent: list[str] = []

    def query(self, sql: str) -> Response:
        self.sent.append(sql)
        return super().query(sql)

    def execute(self, sql: str) -> None:
        raise AssertionError(f"written: {sql}")


@pytest.fixture
def deployed(questdb: EmbeddedQuestDB) -> Iterator[EmbeddedQuestDB]:
    """The shared server plays both parts, one after the other."""
    yield questdb
    questdb.execute("DROP TABLE IF EXISTS shipped")


def _found(made: Project, server: EmbeddedQuestDB, statements: tuple[str, ...], *select: str) -> list[Finding]:
    server.execute("DROP TABLE IF EXISTS shipped")
    scope = Scope.of(made, HERE, select=select)
    with Session(made, server=server) as session:
        session.start()
        outcome = prove(scope, session)
    server.execute("DROP MATERIALIZED VIEW IF EXISTS shipped_1m")
    server.execute("DROP TABLE IF EXISTS shipped")
    for statement in statements:
        server.execute(statement)
    server.settle()
    client = Listening(server.http_url)
    found = list(report(scope, against(scope, client, outcome), ("deployed", "deployed answer")).findings)
    assert not any("DROP" in sql or sql.lstrip().startswith(("ALTER", "CREATE", "INSERT")) for sql in client.sent)
    return found


def test_a_server_as_declared_has_no_findings(deployed: EmbeddedQuestDB) -> None:
    assert _found(MADE, deployed, create_statements(table_of(Shipped)), "DG8") == []


def test_a_column_that_is_not_deployed_and_the_queries_that_miss_it(deployed: EmbeddedQuestDB) -> None:
    table_sql, view_sql = create_statements(table_of(Shipped))
    older = table_sql.replace(",\n    extra DOUBLE", "")
    found = _found(MADE, deployed, (older, view_sql), "DG8")
    assert {(f.code, f.path) for f in found} == {("DG801", "shipped"), ("DG802", "tried › Extra")}
    drift = next(f for f in found if f.code == "DG801")
    assert "shipped › extra is not there" in drift.message
    assert drift.hint.startswith("dashgen db migrate --to http://127.0.0.1:")
    assert drift.place is not None
    assert drift.place.file == "check/test_deployed.py"
    refused = next(f for f in found if f.code == "DG802")
    assert refused.message == "the deployed server refuses it: Invalid column: extra"
    assert refused.excerpt is not None
    assert refused.excerpt.text[refused.excerpt.start : refused.excerpt.end] == "extra"


def test_a_table_that_is_not_deployed(deployed: EmbeddedQuestDB) -> None:
    found = _found(MADE, deployed, (), "DG801")
    assert [(f.path, f.message) for f in found] == [
        ("shipped", "shipped is not there"),
        ("shipped", "shipped_1m is not there"),
    ]


def test_partitions_keys_and_ttl_that_differ(deployed: EmbeddedQuestDB) -> None:
    table_sql, view_sql = create_statements(table_of(Shipped))
    other = table_sql.replace("PARTITION BY DAY", "PARTITION BY MONTH TTL 2 MONTHS").replace("(at, host)", "(at)")
    other = other.replace("host SYMBOL", '"HOST" SYMBOL')
    found = _found(MADE, deployed, (other, view_sql.replace("TTL 7 DAYS", "TTL 5 DAYS")), "DG8")
    assert sorted((f.code, f.path, f.message.partition(";")[0]) for f in found) == [
        ("DG801", "shipped", "shipped has other dedup keys: at"),
        ("DG801", "shipped", "shipped keeps rows for 2 MONTH"),
        ("DG801", "shipped", "shipped_1m keeps rows for 5 DAY"),
        ("DG801", "shipped › partition", "expected DAY, got MONTH"),
    ]
