"""The sources of a first alert over a table, which fires where nobody writes it, of its test, and of demo data."""

from __future__ import annotations

import json
from collections.abc import Iterator

from dashgen.adopt.source import names
from dashgen.adopt.source.expressions import AtomCode, CallCode, Code, MappingCode, SequenceCode, TextCode, assigned
from dashgen.model.tables.column_types import WHOLE
from dashgen.model.tables.table import Column
from dashgen.starter.dashboard import WIDTH
from dashgen.starter.sql_template import SqlTemplateCode, literal
from dashgen.starter.starter_table import StarterTable


def alert_source(
    subject: StarterTable, uid: str, title: str, name: str, channel: str, panel: tuple[str, str] | None
) -> str:
    """The module, which defines the rule's group as `name`. `panel` is the module and the constant of a dashboard with
    a panel `age`, which notifications link to."""
    limit = subject.silent_after
    where = f"WHERE {subject.moment} BETWEEN dateadd('d', -1, $__toTime) AND $__toTime"
    lines = [
        f"SELECT coalesce(datediff('s', max({subject.moment}), $__toTime), 86400) AS value",
        f"FROM {subject.sql}",
        where,
        *(["  AND env = ${env:sqlstring}"] if subject.environment else []),
    ]
    query = SqlTemplateCode(tuple(literal(line, is_formatted=False) for line in lines))
    plain = " ".join(names.words(subject.table.name)) or "the table"  # Grafana expands the text
    unknown = f"Nobody sees whether {plain} is written"
    told = f"Nobody has written {plain} for {{{{ $values.B.Value }}}} s"
    arguments: list[tuple[str, Code]] = [
        ("uid", TextCode(uid)),
        ("title", TextCode(title)),
        ("query", query),
        ("threshold", AtomCode(str(limit))),
        ("for_duration", TextCode("1m")),
        ("severity", TextCode("warning")),
        ("channels", SequenceCode((TextCode(channel),))),
        (
            "summary",
            CallCode("if_labels", (("", TextCode(told)), ("", TextCode(unknown)))),
        ),
        ("description", TextCode("Look whether the writer runs, and whether it reaches the database.")),
    ]
    found = ["from dashgen import AlertGroup, AlertRule, if_labels"]
    if panel:
        found += ["", f"from {panel[0]} import {panel[1]}"]
        arguments.append(("panel", AtomCode(f'{panel[1]}["age"]')))
    rule = "SILENT" if name != "SILENT" else "RULE"
    group = CallCode(
        "AlertGroup",
        (
            ("", TextCode(title)),
            ("folder", TextCode("Alerts")),
            ("interval", TextCode("30s")),
            ("rules", SequenceCode((AtomCode(rule),))),
        ),
    )
    blocks = [assigned(rule, CallCode("AlertRule", tuple(arguments)), WIDTH), assigned(name, group, WIDTH)]
    words = " ".join(names.words(title))[:70] or "An alert rule"
    return "\n\n".join([f'"""{words}."""', "\n".join(found), *blocks]) + "\n"


def test_source(subject: StarterTable, uid: str, channel: str) -> str:
    """The test file: rows that come keep the rule quiet, and their end makes it fire."""
    limit = subject.silent_after
    values = json.dumps(dict(_values(subject)), ensure_ascii=True)
    table = json.dumps(subject.table.name)
    rows = f"{{table: {table}, from: -{limit}s, every: {subject.every}s, values: {values}"
    return f"""\
# {uid}: it fires where nobody writes the table.
tests:
  - name: rows that come keep it quiet
    rows:
      - {rows}}}
    run: {{to: 5m}}
    expect:
      - never: {uid}

  - name: the end of the rows is told
    rows:
      - {rows}, until: 0s}}
    run: {{to: {limit + 300}s}}
    expect:
      - fires: {uid}
        within: {limit + 120}s
        notifies: [{json.dumps(channel)}]
"""


_SAMPLES = {
    "UUID": "11111111-2222-4333-8444-555555555555", "IPv4": "10.0.0.1", "BOOLEAN": True, "CHAR": "a",
    "GEOHASH": "u33d8", "DATE": "now", "TIMESTAMP": "now", "TIMESTAMP_NS": "now", "LONG256": "0x01", "DECIMAL": "1",
}  # fmt: skip


def _values(subject: StarterTable) -> Iterator[tuple[str, object]]:
    """What a row must have: the columns that are never null."""
    for column in subject.table.columns:
        if column.name == subject.table.designated or column.nullable:
            continue
        if column.name == "env" and not column.choices:
            yield column.name, "prod"
        elif column.choices:
            yield column.name, "prod" if "prod" in column.choices else column.choices[0]
        elif column.family in _SAMPLES:
            yield column.name, _SAMPLES[column.family]
        elif column.family in ("SYMBOL", "VARCHAR", "STRING"):
            yield column.name, "a" * max(1, (column.lengths or (1, None))[0])
        else:
            low = column.minimum if column.minimum is not None else 1
            yield column.name, int(low) if column.family in WHOLE else float(low)


def demo_source(subject: StarterTable, name: str) -> str:
    """The module of demo data for the table, with what it takes to list it."""
    columns = tuple((column.name, TextCode(formula)) for column, formula in _formulas(subject))
    arguments: list[tuple[str, Code]] = [
        ("table", CallCode("table_of", (("", AtomCode(subject.name)),))),
        ("series", AtomCode('lambda given: given["series"]')),
    ]
    if subject.table.write_interval_seconds is None:
        arguments.append(("every", TextCode(f"{subject.every // 60}m")))
    arguments += [
        ("exists", TextCode("t % 86400 NOT BETWEEN 50400 AND 51300")),
        ("columns", MappingCode(columns)),
    ]
    return "\n\n".join(
        [
            '"""Demo data: waves of a day, and a silence of a quarter of an hour at 14:00."""',
            f"from dashgen import Demo, table_of\n\nfrom {subject.module} import {subject.name}",
            assigned(name, CallCode("Demo", tuple(arguments)), WIDTH),
            'DEFAULTS = {"series": 3}\n',
        ]
    )


def _formulas(subject: StarterTable) -> Iterator[tuple[Column, str]]:
    """SQL for each column that has a value: numbers as waves, texts that tell the series apart."""
    keys = {column.name for column in (*subject.series, *map(subject.table.column, subject.table.dedup))}
    for at, column in enumerate(subject.table.columns):
        if column.name == subject.table.designated:
            continue
        if formula := _formula(column, at, is_key=column.name in keys):
            yield column, formula


def _formula(column: Column, at: int, *, is_key: bool) -> str:
    if column.choices:
        return "'{env}'" if column.name == "env" else quoted_sql(column.choices[0])
    if column.name == "env":
        return "'{env}'"
    match column.family:
        case "SYMBOL" | "VARCHAR" | "STRING":
            word = "-".join(names.words(column.name)).lower() or "series"
            return f"concat('{word}-', i + 1)" if is_key or not column.nullable else ""
        case "BOOLEAN":
            return "true"
        case "DATE" | "TIMESTAMP" | "TIMESTAMP_NS":
            return "at" if not column.nullable else ""
        case "UUID":
            return f"cast('11111111-2222-4333-8444-{at:012d}' AS UUID)" if not column.nullable else ""
        case "IPv4":
            return "'10.0.0.1'" if not column.nullable else ""
        case "FLOAT" | "DOUBLE" | "DECIMAL" | "BYTE" | "SHORT" | "INT" | "LONG":
            return _wave(column, at, is_key=is_key)
        case _:
            return ""


_SCALES = {"bytes": 2e9, "decbytes": 2e9, "short": 1e4}
"""How high numbers of a unit are, where their column says nothing."""


def _wave(column: Column, at: int, *, is_key: bool) -> str:
    """A number between the bounds of its column, over the day."""
    kind = "" if column.family == "DOUBLE" else column.type
    if is_key:
        return f"cast(i + 1 AS {kind})" if kind else "i + 1.0"
    low = column.minimum if column.minimum is not None else 0
    high = column.maximum if column.maximum is not None else low + _SCALES.get(column.unit, 100)
    wave = f"{low + (high - low) / 2:.10g} + {(high - low) * 0.4:.10g} * sin(t / {3600 + 600 * at}.0 + i)"
    return f"cast({wave} AS {kind})" if kind else wave


def quoted_sql(text: str) -> str:
    """A text as SQL has it, in a formula in which braces are doubled."""
    shown = text.replace("'", "''").replace("{", "{{").replace("}", "}}")
    return f"'{shown}'"
