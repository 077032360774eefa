"""Test files: YAML in a closed schema becomes `AlertTest`s, mistakes are told with line and column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dashgen.alert_tests.test_model import (
    START,
    AlertTest,
    At,
    DatabaseFailure,
    Event,
    Expectation,
    ExpectedAlert,
    Fires,
    Messages,
    NamedAlert,
    Never,
    Rows,
    SentMessage,
)
from dashgen.grafana.durations import seconds
from dashgen.input_files import read_text
from dashgen.model.core.display_path import display_path
from dashgen.model.core.problems import Problem, Source
from dashgen.schema.located import Located, Pointer, TextPosition, YamlError, load
from dashgen.schema.validate import validate


@dataclass(frozen=True, slots=True)
class SuiteFile:
    """`located` keeps the places that `--update` writes to."""

    path: Path
    text: str
    located: Located
    tests: tuple[AlertTest, ...]


def files(paths: Sequence[Path]) -> list[Path]:
    """The YAML files of paths, which are files or folders."""
    found: list[Path] = []
    for path in paths:
        found += sorted(p for p in path.rglob("*.y*ml") if p.suffix in (".yaml", ".yml")) if path.is_dir() else [path]
    return list(dict.fromkeys(found))


def read(path: Path) -> tuple[SuiteFile | None, list[Problem]]:
    try:
        text = read_text(path)
    except OSError as error:
        hint = "name a file of tests, or a folder of them; without a name it is tests/alerts"
        return None, [Problem(str(path), f"can't be read: {error.strerror or error}", hint)]
    except UnicodeDecodeError as error:
        return None, [Problem(str(path), f"expected UTF-8: {error}")]
    return parse(path, text)


def parse(path: Path, text: str) -> tuple[SuiteFile | None, list[Problem]]:
    try:
        located = load(text)
    except YamlError as error:
        place = Source(str(path), error.line, error.column)
        return None, [Problem("file", str(error), error.hint, place, excerpt=error.excerpt)]
    if located.data is None:
        return None, [_at(path, located, (), "is empty", "write tests, or remove the file (docs/testing.md)")]
    problems = [_at(path, located, v.pointer, v.message, v.hint) for v in validate("alert-tests", located.data)]
    if problems:
        return None, problems
    reader = _Reader(path, located)
    tests = tuple(reader.tests())
    return (None if reader.problems else SuiteFile(path, text, located, tests)), reader.problems


def _at(path: Path, located: Located, pointer: Pointer, message: str, hint: str = "") -> Problem:
    place = located.place(pointer)
    where = display_path(*_words(located.data, pointer)) or "file"
    return Problem(where, message, hint, Source(str(path), place.line, place.column))


def _words(data: Any, pointer: Pointer) -> Iterator[str]:
    """A pointer as its author knows it: a test by its name, and no numbers, since there is a line."""
    if pointer[:1] == ("tests",) and len(pointer) > 1:
        test = data["tests"][pointer[1]]
        name = test.get("name") if isinstance(test, dict) else None
        yield name if isinstance(name, str) and name else "a test without a name"
        pointer = pointer[2:]
    yield from (part for part in pointer if isinstance(part, str))


class _Reader:
    def __init__(self, path: Path, located: Located) -> None:
        self._path, self._located = path, located
        self.problems: list[Problem] = []

    def tests(self) -> Iterator[AlertTest]:
        data = self._located.data
        defaults = data.get("defaults") or {}
        names: set[str] = set()
        for index, test in enumerate(data["tests"]):
            pointer: Pointer = ("tests", index)
            if test["name"] in names:
                self._add((*pointer, "name"), f"two tests are named {test['name']!r}", "give each a name of its own")
            names.add(test["name"])
            yield self._test(test, pointer, defaults)

    def _add(self, pointer: Pointer, message: str, hint: str = "") -> None:
        self.problems.append(_at(self._path, self._located, pointer, message, hint))

    def _read(self, pointer: Pointer, read: Callable[[Any], Any], value: Any, default: Any) -> Any:
        try:
            return read(value)
        except ValueError as error:
            self._add(pointer, str(error))
            return default

    def _time(self, data: Mapping[str, Any], key: str, pointer: Pointer, default: Any = None) -> Any:
        if key not in data:
            return default
        return self._read((*pointer, key), moment, data[key], 0)

    def _length(self, data: Mapping[str, Any], key: str, pointer: Pointer, *, least: float = 0) -> Any:
        found = self._time(data, key, pointer)
        if found is not None and found < least:
            self._add((*pointer, key), f"expected a length of time, got {data[key]}")
        return found

    def _test(self, test: Mapping[str, Any], pointer: Pointer, defaults: Mapping[str, Any]) -> AlertTest:
        run = test.get("run") or {}
        start = test.get("start", defaults.get("start"))
        line = self._located.place(pointer).line
        return AlertTest(
            name=test["name"],
            rows=tuple(
                self._rows(rows, (*pointer, "rows", i), (defaults.get("rows") or {}))
                for i, rows in enumerate(test.get("rows") or ())
            ),
            expect=tuple(
                one
                for i, given in enumerate(test["expect"])
                for one in self._expectations(given, (*pointer, "expect", i))
            ),
            rules=tuple(test.get("rules") or ()),
            events=tuple(
                Event(self._time(event, "at", (*pointer, "events", i)), event["sql"])
                for i, event in enumerate(test.get("events") or ())
            ),
            database=tuple(
                self._failing(failing, (*pointer, "database", i))
                for i, failing in enumerate(test.get("database") or ())
            ),
            begin=self._time(run, "from", (*pointer, "run"), 0),
            end=self._time(run, "to", (*pointer, "run")),
            start=self._read((*pointer, "start"), instant, start, START) if start else START,
            place=f"{self._path.as_posix()}:{line}",
            places=dict(self._named(test, pointer)),
        )

    def _named(self, given: Any, pointer: Pointer) -> Iterator[tuple[str, str]]:
        """Every text and key in a test with its place, the last ones first: a dictionary of them keeps the first."""
        if isinstance(given, Mapping):
            for key, value in reversed(list(given.items())):
                yield from self._named(value, (*pointer, key))
                yield str(key), self._spot(self._located.place((*pointer, key)))
        elif isinstance(given, list):
            for index, value in reversed(list(enumerate(given))):
                yield from self._named(value, (*pointer, index))
        elif isinstance(given, str):
            yield given, self._spot(self._located.places[pointer])

    def _spot(self, place: TextPosition) -> str:
        return f"{self._path.as_posix()}:{place.line}:{place.column}"

    def _rows(self, rows: Mapping[str, Any], pointer: Pointer, defaults: Mapping[str, Any]) -> Rows:
        start, until = self._time(rows, "from", pointer, 0), self._time(rows, "until", pointer)
        if until is not None and until < start:
            self._add((*pointer, "until"), f"expected a time at or after from, got {rows['until']}")
        return Rows(
            table=rows["table"],
            values={**(defaults.get(rows["table"]) or {}), **(rows.get("values") or {})},
            start=start,
            every=self._length(rows, "every", pointer, least=0.001),
            until=until,
            unchecked=bool(rows.get("unchecked", False)),
            each={name: tuple(values) for name, values in (rows.get("each") or {}).items()},
            place=self._spot(self._located.place(pointer)),
        )

    def _failing(self, failing: Mapping[str, Any], pointer: Pointer) -> DatabaseFailure:
        if ("away" in failing) == ("refuses" in failing):
            self._add(pointer, "expected either away or refuses", 'say {away: true} or {refuses: "the server\'s text"}')
        found = DatabaseFailure(
            self._time(failing, "from", pointer, 0), self._time(failing, "until", pointer), failing.get("refuses")
        )
        if found.until is not None and found.until <= found.start:
            self._add((*pointer, "until"), "expected a time after from")
        return found

    def _expectations(self, given: Mapping[str, Any], pointer: Pointer) -> Iterator[Expectation]:
        labels = given.get("labels") or {}
        if "at" in given:
            alerts = (self._expected(one, (*pointer, "alerts", i)) for i, one in enumerate(given.get("alerts") or ()))
            yield At(self._time(given, "at", pointer), tuple(alerts))
        elif "never" in given:
            names = given["never"] if isinstance(given["never"], list) else [given["never"]]
            yield from (Never(name, labels) for name in names)
        elif "messages" in given:
            parts = enumerate(given["sent"])
            yield Messages(given["messages"], tuple(self._sent(one, (*pointer, "sent", i)) for i, one in parts))
        else:
            resolves = given.get("resolves") or {}
            yield Fires(
                given["fires"],
                self._length(given, "within", pointer),
                self._time(given, "after", pointer, 0),
                labels,
                given.get("state", "Alerting"),
                self._time(resolves, "after", (*pointer, "resolves")),
                self._length(resolves, "within", (*pointer, "resolves")),
                tuple(given["notifies"]) if "notifies" in given else None,
            )

    def _sent(self, one: Mapping[str, Any], pointer: Pointer) -> SentMessage:
        firing, resolved = (
            part
            if isinstance(part, int)
            else tuple(NamedAlert(named["rule"], named.get("labels") or {}) for named in part)
            for part in (one.get("firing", 0), one.get("resolved", 0))
        )
        return SentMessage(self._time(one, "at", pointer), firing, resolved, one.get("group"))

    def _expected(self, alert: Mapping[str, Any], pointer: Pointer) -> ExpectedAlert:
        return ExpectedAlert(
            alert["rule"],
            alert.get("state", "Alerting"),
            alert.get("labels") or {},
            alert.get("reason"),
            self._number(alert, "value", pointer),
            {name: number(value) for name, value in alert["values"].items()} if "values" in alert else None,
            tuple(alert["notifies"]) if "notifies" in alert else None,
            alert.get("group"),
            alert.get("annotations") or {},
        )

    def _number(self, alert: Mapping[str, Any], key: str, pointer: Pointer) -> float | None:
        return self._read((*pointer, key), number, alert[key], None) if key in alert else None


def moment(value: Any) -> float:
    """`90s`, `-5m`, `0`: seconds from the start. Raises ValueError."""
    text = str(value)
    sign, text = (-1, text[1:]) if text.startswith("-") else (1, text)
    return sign * seconds(text)


def instant(value: Any) -> datetime:
    """`2026-01-05T12:00:00Z`; without a zone it is UTC. Raises ValueError."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"expected a moment like 2026-01-05T12:00:00Z, got {value!r}") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def number(value: Any) -> float | None:
    """A number, null, or one of the texts NaN, +Inf and -Inf."""
    return None if value is None else float(value)
