from __future__ import annotations

import pytest

from dashgen.check.unquoted_variables import is_spliced


@pytest.mark.parametrize(
    "where",
    [
        "host = $host",
        "$host = host",
        "($host) = host",
        "host <> $host",
        "host IN ($host)",
        "host NOT IN ('a', $host)",
        "$host IN (host, env)",
        "host LIKE $host",
        "host NOT LIKE $host",
        "$host IS DISTINCT FROM host",
        "n BETWEEN $host AND 5",
        "host = '$host'",
        "host IN (${host:sqlstring})",
        "$__conditionalAll(host IN (${host:sqlstring}), $host)",
        "a = 1 -- $host",
    ],
)
def test_a_value_that_is_compared_is_data(where: str) -> None:
    assert not is_spliced(f"SELECT host FROM t WHERE {where}", "host")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT host FROM $host",
        "SELECT avg($host) FROM t",
        'SELECT "$host" FROM t',
        "SELECT host FROM t LIMIT $host",
        "SELECT host FROM t WHERE a_$host = 1",
        "SELECT host FROM t WHERE n > 5 AND $host",
        "SELECT host FROM t WHERE n = 5 + $host",
        "SELECT host FROM t SAMPLE BY ${host}m",
        "SELECT $host AS x FROM t WHERE host = $host",
        "SELECT what is ( WHERE host = $host",
    ],
)
def test_anything_else_is_part_of_the_sql(sql: str) -> None:
    assert is_spliced(sql, "host")
    assert not is_spliced(sql, "other")
