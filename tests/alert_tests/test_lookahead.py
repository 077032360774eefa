from __future__ import annotations

from dataclasses import replace

import pytest

from dashgen.alert_tests.lookahead import hindsight, sees_beyond
from dashgen.grafana.alerting.rule import RuleSpec
from tests.alert_tests.worlds import WORLD

BUCKET = "of the bucket of pipeline_1m (1m) that was filling it sees rows that came later"
UNBOUNDED = "without an upper bound ($__toTime or $__timeFilter): all later rows"


def asking(sql: str) -> RuleSpec:
    rule = WORLD.rules["errors"]
    query = rule.queries[0]
    return replace(rule, queries=(replace(query, model={**query.model, "rawSql": sql}), *rule.queries[1:]))


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT 1 AS value", []),
        ("SELECT count() FROM daemon_metrics WHERE $__timeFilter(timestamp)", []),
        ("SELECT 'daemon_metrics' AS t, * FROM (SELECT 1 AS v)", []),
        ("SELECT count() FROM daemon_metrics", [f"it reads daemon_metrics {UNBOUNDED}"]),
        ('SELECT 1 FROM "daemon_metrics" WHERE timestamp > $__fromTime', [f"it reads daemon_metrics {UNBOUNDED}"]),
        (
            "SELECT * FROM daemon_metrics a JOIN daemon_metrics b ON a.host = b.host WHERE a.timestamp < $__toTime",
            [f"it reads daemon_metrics {UNBOUNDED}"],
        ),
        ("SELECT sum(records) FROM pipeline_1m WHERE timestamp <= $__toTime", [BUCKET]),
        ("SELECT sum(records) FROM pipeline_1m", [BUCKET, f"it reads pipeline_1m {UNBOUNDED}"]),
        ("WITH d AS (SELECT * FROM daemon_metrics WHERE $__timeFilter(timestamp)) SELECT count() FROM d", []),
        ("SELECT name FROM wal_tables()", ["wal_tables() tells how the server is now, not how it was then"]),
        ("SELECT x FROM long_sequence(3)", []),
    ],
)  # fmt: skip
def test_what_is_seen_of_later_rows(sql: str, said: list[str]) -> None:
    rule = asking(sql)
    assert list(hindsight(rule, WORLD.classes)) == [f"errors, query A: {text}" for text in said]
    assert sees_beyond(rule, WORLD.classes) == bool(said)
