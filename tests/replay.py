"""Timelines recorded from a real Grafana, replayed: `python -m tests.replay DIR`.

Each case's tables are built in an embedded QuestDB, its rule is evaluated in simulated time, and every instance of
every tick is compared: labels, state, reason, start, values, whether it was evaluated, which were removed; and the
rule's state, health and error. Exit 0 when all ticks are equal, 1 when not, 2 for wrong use and for a file that holds
no case or cannot be replayed; the others are replayed all the same.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dashgen.questdb import QuestDB
from dashgen.questdb.errors import QueryError, ServerError
from dashgen.simulate.queries import Connection
from dashgen.simulate.rule import rule_spec
from dashgen.simulate.run import Observed, RuleRun, Tick, own
from dashgen.simulate.semantics import RECORDED, Version, semantics
from tests.recordings import Case, FormError, files, read


@dataclass(frozen=True)
class Compared:
    """`differences` holds one text a tick that is not equal."""

    name: str
    ticks: int
    differences: tuple[str, ...]

    @property
    def equal(self) -> int:
        return self.ticks - len(self.differences)


def replay(name: str, case: Case, server: QuestDB, connection: Connection, version: Version = RECORDED) -> Compared:
    """Rows are put in with their timestamps; what the rule must not see yet is beyond the range of its macros.
    Where tables change on the way, only the rows before the change are there before it."""
    start = datetime.fromisoformat(case["t0"])
    zero = int(start.timestamp())
    build = _Builder(case, start, server)
    rule = RuleRun(rule_spec(case["rule"]), semantics(version), connection.run)
    differences = []
    try:
        build.start()
        for expected in case["expected"]:
            build.until(expected["at"])
            tick = rule.tick(zero + expected["at"])
            if found := _differences(expected, tick, zero):
                differences.append(f"at {expected['at']} s: {'; '.join(found)}")
    finally:
        build.clean()
    return Compared(name, len(case["expected"]), tuple(differences))


class _Builder:
    """Makes a case's tables as time goes on."""

    def __init__(self, case: Case, start: datetime, server: QuestDB) -> None:
        self._start, self._server = start, server
        self._rows = sorted(case["rows"], key=lambda row: row["at"])
        self._events = sorted(case.get("events") or (), key=lambda event: event["at"])
        self._ddl = list(case.get("ddl") or ())
        statements = [*self._ddl, *(event["sql"] for event in self._events)]
        created = [match[1] for sql in statements if (match := _CREATED.match(sql))]
        self._tables = {*created, *(row["table"] for row in self._rows)}
        self._others: set[str] | None = None

    def start(self) -> None:
        """Makes the tables as they are before the first event."""
        self.clean()
        self._others = self._names()
        for sql in self._ddl:
            self._server.execute(sql)
        self._insert(self._events[0]["at"] if self._events else math.inf)

    def _names(self) -> set[str]:
        return {str(name) for (name,) in self._server.query("SELECT table_name FROM tables()").rows}

    def until(self, at: float) -> None:
        """Applies the events before `at`, each with the rows up to the next one."""
        while self._events and self._events[0]["at"] <= at:
            event = self._events.pop(0)
            self._server.execute(event["sql"])
            self._insert(self._events[0]["at"] if self._events else math.inf)

    def clean(self) -> None:
        """Drops what the case made, under whatever name it is now."""
        renamed = self._names() - self._others if self._others is not None else set()
        for table in sorted(self._tables | renamed):
            self._server.execute(f"DROP TABLE IF EXISTS {_quoted(table)}")

    def _insert(self, before: float) -> None:
        groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        while self._rows and self._rows[0]["at"] < before:
            row = self._rows.pop(0)
            moment = self._start + timedelta(seconds=row["at"])
            values = ", ".join(
                [f"'{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}'", *map(_literal, row["values"].values())]
            )
            groups.setdefault((row["table"], tuple(row["values"])), []).append(f"({values})")
        for (table, columns), rows in groups.items():
            for first in range(0, len(rows), 50):
                names = ", ".join(map(_quoted, ("timestamp", *columns)))
                values = ", ".join(rows[first : first + 50])
                self._server.execute(f"INSERT INTO {_quoted(table)} ({names}) VALUES {values}")
        self._server.settle()


_CREATED = re.compile(r"""\s*CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?["']?([\w.-]+)""", re.IGNORECASE)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(value: object) -> str:
    if value is None or value != value:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def _differences(expected: Mapping[str, Any], tick: Tick, zero: int) -> list[str]:
    found = []
    wanted = [_wanted(instance) for instance in expected["instances"]]
    got = [_got(instance, zero) for instance in tick.instances]
    for row in list(wanted):
        if (same := next((other for other in got if _same(row, other)), None)) is not None:
            wanted.remove(row)
            got.remove(same)
    found += [f"expected {_told(row)}" for row in sorted(wanted, key=_told)]
    found += [f"got {_told(row)}" for row in sorted(got, key=_told)]
    gone = sorted(
        (_text(one["labels"]), one.get("was", ""), one.get("was_reason", ""))
        for one in expected.get("removed_missing_series") or ()
    )
    removed = sorted((_text(own(one.key)), one.state, one.reason) for one in tick.removed)
    if gone != removed:
        found.append(f"expected to be removed {gone}, got {removed}")
    if expected["rule_state"] != tick.rule_state:
        found.append(f"rule state: expected {expected['rule_state']}, got {tick.rule_state}")
    if expected["health"] not in tick.possible_health:
        found.append(f"health: expected {expected['health']}, got {sorted(tick.possible_health)}")
    error = expected.get("last_error") or ""
    if error not in (tick.possible_errors or {""}):
        found.append(f"error: expected {error!r}, got {sorted(tick.possible_errors)}")
    return found


_Row = tuple[str, str, str, int, bool, tuple[tuple[str, float | None], ...]]


def _wanted(instance: Mapping[str, Any]) -> _Row:
    numbers = {"NaN": math.nan, "+Inf": math.inf, "-Inf": -math.inf}
    values = instance.get("values") or {}
    pairs = tuple((name, numbers.get(value, value)) for name, value in sorted(values.items()))
    since = instance.get("active_at")
    evaluated = instance.get("evaluated", True)
    return (
        _text(instance["labels"]),
        instance["state"],
        instance.get("reason") or "",
        -1 if since is None else int(since),
        evaluated,
        pairs if evaluated else (),
    )


def _got(instance: Observed, zero: int) -> _Row:
    pairs = tuple(sorted(instance.values.items()))
    since = -1 if instance.since is None else instance.since - zero
    evaluated = instance.evaluated
    text = _text(instance.own_labels())
    return (text, instance.state, instance.reason, since, evaluated, pairs if evaluated else ())


def _text(labels: Mapping[str, str]) -> str:
    return json.dumps(dict(sorted(labels.items())), ensure_ascii=False)


def _same(a: _Row, b: _Row) -> bool:
    """Values may differ by what the order of a parallel sum makes (1e-12)."""
    return (
        a[:5] == b[:5]
        and [name for name, _ in a[5]] == [name for name, _ in b[5]]
        and all(_close(v, w) for (_, v), (_, w) in zip(a[5], b[5], strict=True))
    )


def _told(row: _Row) -> str:
    labels, state, reason, since, evaluated, values = row
    parts = [labels, f"{state} ({reason})" if reason else state, f"since {'never' if since < 0 else since}"]
    parts += [f"{name}={'null' if value is None else value}" for name, value in values]
    return " ".join(parts if evaluated else [*parts, "(not evaluated)"])


def _close(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return (math.isnan(a) and math.isnan(b)) or a == b or math.isclose(a, b, rel_tol=1e-12)


def main(arguments: list[str], write: Callable[[str], object] = sys.stdout.write) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.replay", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parent / "simulate" / "traces")
    parser.add_argument(
        "--verbose", "-v", action="store_true", help="show every tick that differs, not the first three"
    )
    options = parser.parse_args(arguments)
    found = files(options.folder)
    if not found:
        sys.stderr.write(f"expected recorded cases (*.json) in {options.folder}, found none\n")
        return 2
    ticks = equal = refused = 0
    began = time.monotonic()
    with QuestDB() as server, Connection(server.readonly_dsn) as connection:
        for file in found:
            try:
                compared = replay(file.stem, read(file), server, connection)
            except (FormError, QueryError, ServerError) as error:
                refused += 1
                text = "\n    ".join(str(error).splitlines())
                sys.stderr.write(f"{file}: not replayed:\n    {text}\n")
                continue
            ticks, equal = ticks + compared.ticks, equal + compared.equal
            write(f"{compared.name:<32} {compared.equal:>4} of {compared.ticks:>4}\n")
            shown = compared.differences if options.verbose else compared.differences[:3]
            for text in shown:
                write(f"    {text}\n")
            if len(shown) < len(compared.differences):
                write(f"    and {len(compared.differences) - len(shown)} more\n")
    told = f", {refused} not replayed" if refused else ""
    write(f"{equal} of {ticks} ticks equal, {len(found) - refused} cases{told}, {time.monotonic() - began:.1f} s\n")
    return 2 if refused else 0 if equal == ticks else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
