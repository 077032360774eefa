"""Timelines recorded from real Grafanas, replayed: `python -m tests.replay DIR…`.

Each case's tables are built in an embedded QuestDB, and its rule is evaluated in simulated time as by the Grafana that
it was recorded on (`grafana_version`, feature toggles; 9.4 where it does not say). Every instance of every tick is
compared: labels, state, reason, start, values, those of the state, `$value`, the error's annotation, what an annotation
kept, whether it was evaluated, which were removed; and the rule's state, health and error. Exit 0 when all ticks are
equal, 1 when not, 2 for wrong use and for a file that holds no case or cannot be replayed; the others are replayed all
the same.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dashgen.alert_tests.connection import QueryConnection
from dashgen.grafana.alerting.queries import Answer, SqlFailed, Unreachable
from dashgen.grafana.alerting.rule import rule_spec
from dashgen.grafana.alerting.rule_runner import Observed, RuleRun, Tick, own
from dashgen.grafana.alerting.state import RemovedInstance
from dashgen.grafana.versions import Semantics
from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.errors import QueryError, ServerError
from tests.recordings import Case, FormError, edited, files, read, semantics_of


@dataclass(frozen=True)
class Compared:
    """`differences` holds one text a tick that is not equal; `annotations` counts the texts and state values that were
    compared, `annotations_equal` those that are equal."""

    name: str
    grafana: Semantics
    ticks: int
    differences: tuple[str, ...]
    annotations: int
    annotations_equal: int

    @property
    def equal(self) -> int:
        return self.ticks - len(self.differences)


def replay(name: str, case: Case, server: EmbeddedQuestDB, connection: QueryConnection) -> Compared:
    (compared,) = replay_all(name, [case], server, connection)
    return compared


def replay_all(
    name: str, cases: Sequence[Case], server: EmbeddedQuestDB, connection: QueryConnection
) -> list[Compared]:
    """Recordings of one case share its tables, as if they had all begun when the first did; where their rows differ,
    each has its own. Rows are put in with their timestamps; what the rule must not see yet is beyond the range of its
    macros. Where tables change on the way, only the rows before the change are there before it."""
    groups: dict[str, list[Case]] = {}
    for case in cases:
        made_of = [case.get(key) or [] for key in ("ddl", "rows", "events")]
        groups.setdefault(json.dumps([made_of, [tick["at"] for tick in case["expected"]]]), []).append(case)
    return [one for group in groups.values() for one in _replay_group(name, group, server, connection)]


def _replay_group(
    name: str, cases: Sequence[Case], server: EmbeddedQuestDB, connection: QueryConnection
) -> list[Compared]:
    start = datetime.fromisoformat(cases[0]["t0"])
    zero = int(start.timestamp())
    build = _Builder(cases[0], start, server)
    answers = _Answers(connection)
    played = [_Play(case, zero, answers) for case in cases]
    try:
        build.start()
        for number, expected in enumerate(cases[0]["expected"]):
            build.until(expected["at"])
            answers.forget()
            for one in played:
                one.tick(number)
    finally:
        build.clean()
    return [one.compared(name) for one in played]


class _Answers:
    """What the server says to a statement, asked once a tick."""

    def __init__(self, connection: QueryConnection) -> None:
        self._connection = connection
        self._known: dict[str, Answer | SqlFailed] = {}

    def forget(self) -> None:
        self._known = {}

    def run(self, sql: str) -> Answer:
        if sql not in self._known:
            try:
                self._known[sql] = self._connection.run(sql)
            except SqlFailed as error:
                self._known[sql] = error
        known = self._known[sql]
        if isinstance(known, SqlFailed):
            raise known
        return known


class _Play:
    """One recording's rule over time."""

    def __init__(self, case: Case, zero: int, answers: _Answers) -> None:
        self._case, self._zero, self._answers = case, zero, answers
        self._down = False
        self._raw = case["rule"]
        self._grafana = semantics_of(case)
        self._edits = sorted(case.get("api_events") or (), key=lambda event: event["at"])
        self._outages = sorted(case.get("outages") or (), key=lambda outage: outage["at"])
        self._rule = RuleRun(rule_spec(self._raw), self._grafana, self._run)
        self._differences: list[str] = []
        self._annotations: list[bool] = []

    def _run(self, sql: str) -> Answer:
        if self._down:
            raise Unreachable
        return self._answers.run(sql)

    def tick(self, number: int) -> None:
        expected = self._case["expected"][number]
        at = expected["at"]
        while self._outages and self._outages[0]["at"] <= at:
            self._down = self._outages.pop(0)["down"]
        while self._edits and self._edits[0]["at"] <= at:
            self._raw = edited(self._raw, self._edits.pop(0))
            self._rule.change(rule_spec(self._raw))
        tick = self._rule.tick(self._zero + at)
        found = _differences(expected, tick, self._zero)
        texts, equal = _annotations(expected, tick)
        self._annotations += equal
        if found or texts:
            self._differences.append(f"at {at} s: {'; '.join([*found, *texts])}")

    def compared(self, name: str) -> Compared:
        ticks, told = len(self._case["expected"]), self._annotations
        return Compared(name, self._grafana, ticks, tuple(self._differences), len(told), sum(told))


class _Builder:
    """Makes a case's tables as time goes on."""

    def __init__(self, case: Case, start: datetime, server: EmbeddedQuestDB) -> None:
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
    # What a reset took and the same tick made again is not recorded as removed.
    there = [dict(instance.labels) for instance in tick.instances]
    reset = [one for one in tick.reset if dict(one.labels) not in there]
    for key, removed in (("removed_missing_series", tick.removed), ("removed_by_reset", reset)):
        gone = sorted(
            (_text(one["labels"]), one.get("was", ""), one.get("was_reason", "")) for one in expected.get(key) or ()
        )
        if gone != (went := sorted(map(_removed, removed))):
            found.append(f"{key}: expected {gone}, got {went}")
    possible = frozenset(expected.get("possible_rule_states") or ())
    if expected["rule_state"] not in tick.possible_rule_states or not possible <= tick.possible_rule_states:
        states = sorted(possible or {expected["rule_state"]})
        found.append(f"rule state: expected {states}, got {sorted(tick.possible_rule_states)}")
    if expected["health"] not in tick.possible_health:
        found.append(f"health: expected {expected['health']}, got {sorted(tick.possible_health)}")
    error = expected.get("last_error") or ""
    if error not in (tick.possible_errors or {""}):
        found.append(f"error: expected {error!r}, got {sorted(tick.possible_errors)}")
    if expected.get("evaluated", True) != tick.evaluated:
        found.append(f"evaluated: expected {expected.get('evaluated', True)}, got {tick.evaluated}")
    return found


def _removed(one: RemovedInstance) -> tuple[str, str, str]:
    return (_text(own(one.key)), one.state, one.reason)


_Numbers = tuple[tuple[str, float | None], ...]
_Row = tuple[str, str, str, int, bool, bool, _Numbers]
_NUMBERS = {"NaN": math.nan, "+Inf": math.inf, "-Inf": -math.inf}


def _numbers(values: Mapping[str, Any] | None) -> _Numbers:
    return tuple((name, _NUMBERS.get(value, value)) for name, value in sorted((values or {}).items()))


def _wanted(instance: Mapping[str, Any]) -> _Row:
    since = instance.get("active_at")
    evaluated = instance.get("evaluated", True)
    return (
        _text(instance["labels"]),
        instance["state"],
        instance.get("reason") or "",
        -1 if since is None else int(since),
        evaluated,
        instance.get("applied_to_all", False),
        _numbers(instance.get("values")) if evaluated else (),
    )


def _got(instance: Observed, zero: int) -> _Row:
    since = -1 if instance.since is None else instance.since - zero
    evaluated = instance.evaluated
    text = _text(instance.own_labels())
    applied = instance.applied_to_all and evaluated
    return (
        text, instance.state, instance.reason, since, evaluated, applied, _numbers(instance.values) if evaluated else ()
    )  # fmt: skip


def _annotations(expected: Mapping[str, Any], tick: Tick) -> tuple[list[str], list[bool]]:
    """What differs in the texts of instances, and for each text whether it is equal. Only what was recorded."""
    found: list[str] = []
    equal: list[bool] = []
    left = list(tick.instances)
    for wanted in expected["instances"]:
        if not wanted.get("evaluated", True):
            continue
        same = [i for i in left if _text(i.own_labels()) == _text(wanted["labels"])]
        # A NoData instance may stand beside one with equal labels (9.4).
        instance = next((i for i in same if i.state == wanted["state"]), None)
        if instance is None:
            continue
        left.remove(instance)
        texts = instance.annotations
        pairs: list[tuple[str, object, object]] = []
        if "value_string" in wanted:
            pairs.append(("value_string", wanted["value_string"], texts.get("value_string")))
        if "error_annotation" in wanted or ("value_string" in wanted and "Error" in texts):
            pairs.append(("error annotation", wanted.get("error_annotation"), texts.get("Error")))
        if kept := wanted.get("kept_annotation_values"):
            pairs.append(("kept annotation", _numbers(kept), _rendered_values(texts.get("vals", ""))))
        if states := wanted.get("state_values"):
            pairs.append(("state values", _numbers(states), _numbers(instance.state_values)))
        for what, one, other in pairs:
            same_text = one == other or (isinstance(one, tuple) and isinstance(other, tuple) and _all_close(one, other))
            equal.append(same_text)
            if not same_text:
                found.append(f"{what} of {_text(wanted['labels'])}: expected {one!r}, got {other!r}")
    return found, equal


def _rendered_values(text: str) -> _Numbers:
    """Of the recorder's annotation `A=12 B=12`, where a null is NaN."""
    pairs = (part.partition("=") for part in text.split())
    return tuple(sorted((name, _NUMBERS.get(value) or float(value)) for name, _, value in pairs))


def _all_close(a: _Numbers, b: _Numbers) -> bool:
    return [name for name, _ in a] == [name for name, _ in b] and all(
        _close(v, w) for (_, v), (_, w) in zip(a, b, strict=True)
    )


def _text(labels: Mapping[str, str]) -> str:
    return json.dumps(dict(sorted(labels.items())), ensure_ascii=False)


def _same(a: _Row, b: _Row) -> bool:
    """Values may differ by what the order of a parallel sum makes (1e-12)."""
    return a[:6] == b[:6] and _all_close(a[6], b[6])


def _told(row: _Row) -> str:
    labels, state, reason, since, evaluated, applied, values = row
    parts = [labels, f"{state} ({reason})" if reason else state, f"since {'never' if since < 0 else since}"]
    parts += ["applied to all"] if applied else []
    parts += [f"{name}={'null' if value is None else value}" for name, value in values]
    return " ".join(parts if evaluated else [*parts, "(not evaluated)"])


def _close(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return (math.isnan(a) and math.isnan(b)) or a == b or math.isclose(a, b, rel_tol=1e-12)


def main(arguments: list[str], write: Callable[[str], object] = sys.stdout.write) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.replay", description=__doc__)
    parser.add_argument(
        "folders", type=Path, nargs="*", default=[Path(__file__).parent / "grafana" / "alerting" / "traces"]
    )
    parser.add_argument(
        "--verbose", "-v", action="store_true", help="show every tick that differs, not the first three"
    )
    options = parser.parse_args(arguments)
    found = [file for folder in options.folders for file in files(folder)]
    if not found:
        sys.stderr.write(f"expected recorded cases (*.json) in {', '.join(map(str, options.folders))}, found none\n")
        return 2
    done: list[Compared] = []
    refused = 0
    began = time.monotonic()
    with EmbeddedQuestDB() as server, QueryConnection(server.readonly_dsn) as connection:
        for file in found:
            try:
                compared = replay_all(file.stem, read(file), server, connection)
            except (FormError, QueryError, ServerError) as error:
                refused += 1
                text = "\n    ".join(str(error).splitlines())
                sys.stderr.write(f"{file}: not replayed:\n    {text}\n")
                continue
            done += compared
            for one in compared:
                write(f"{one.name:<32} {one.equal:>4} of {one.ticks:>4} {one.grafana}\n")
                shown = one.differences if options.verbose else one.differences[:3]
                for text in shown:
                    write(f"    {text}\n")
                if len(shown) < len(one.differences):
                    write(f"    and {len(one.differences) - len(shown)} more\n")
    for line in summary(done):
        write(line + "\n")
    told = f", {refused} not replayed" if refused else ""
    ticks, equal = sum(one.ticks for one in done), sum(one.equal for one in done)
    write(f"{equal} of {ticks} ticks equal, {len(done)} cases{told}, {time.monotonic() - began:.1f} s\n")
    return 2 if refused else 0 if equal == ticks else 1


def summary(compared: Sequence[Compared]) -> list[str]:
    """One line a Grafana."""
    lines = []
    for grafana in dict.fromkeys(str(one.grafana) for one in compared):
        own = [one for one in compared if str(one.grafana) == grafana]
        ticks, equal = sum(one.ticks for one in own), sum(one.equal for one in own)
        texts, same = sum(one.annotations for one in own), sum(one.annotations_equal for one in own)
        lines.append(f"{grafana}: {equal} of {ticks} ticks, {same} of {texts} annotations equal, {len(own)} cases")
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
