"""The queries of dashboards, shipped here and public ones: the parser knows all of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from dashgen.sql.ast import walk
from dashgen.sql.parser import parse, understood
from dashgen.sql.reads import relations

ROOT = Path(__file__).resolve().parents[2] / "build" / "prod"
PUBLIC = (Path(__file__).parent / "dashboards.sql").read_text().splitlines()[1:]


def texts(value: object) -> Iterator[str]:
    """Every text of a rendered file under a key that has SQL, whatever the file."""
    if isinstance(value, dict):
        for key, one in value.items():
            if key in ("rawSql", "query") and isinstance(one, str) and "select" in one.lower():
                yield one
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def rendered() -> set[str]:
    found: set[str] = set()
    for path in ROOT.rglob("*.json"):
        found |= set(texts(json.loads(path.read_text())))
    for path in ROOT.rglob("*.yaml"):
        found |= set(texts(yaml.safe_load(path.read_text())))
    return found


def test_every_shipped_query_is_understood() -> None:
    declared = set(json.loads((ROOT / "questdb" / "schema.json").read_text())["tables"])
    views = set(
        re.findall(r"CREATE .*?VIEW (?:IF NOT EXISTS )?'?\"?(\w+)", (ROOT / "questdb" / "views.sql").read_text())
    )
    shipped = rendered()
    assert len(shipped) > 50
    for sql in shipped:
        query = parse(sql)
        assert all(0 <= node.span[0] <= node.span[1] <= len(sql) for node in walk(query))
    every = frozenset().union(*(relations(sql) or () for sql in shipped))
    assert declared <= every <= declared | views


@pytest.mark.parametrize(("sql", "tables"), list(zip(PUBLIC[::2], PUBLIC[1::2], strict=True)))
def test_public_forms_are_understood(sql: str, tables: str) -> None:
    assert understood(sql) is not None
    assert relations(sql) == frozenset(tables.removeprefix("-- ").split())
