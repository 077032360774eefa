from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from dashgen import (
    Dashboard,
    Environment,
    EnvironmentVariable,
    Ignore,
    Project,
    Query,
    Row,
    Stat,
    Table,
    TimeSeries,
    own_files,
)
from dashgen.check.engine import choose, judge, unasked
from dashgen.check.query_collection import collect_queries
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.check.rules import rules
from dashgen.check.run import KEPT_BACK, CheckOutcome, Scope, ignores_of, prove, report
from dashgen.check.session import Session
from dashgen.check.verdict_cache import QueryVerdict, Verdicts
from dashgen.grafana.datasources.frames import WireColumn
from specs import PROJECT as SHIPPED
from specs.tables import DaemonMetrics, ExchangeStatus
from tests.check.helpers import project

ROOT = Path(__file__).resolve().parents[2]
GOOD = (
    "SELECT timestamp AS time, host AS metric, avg(uptime_seconds) AS value FROM daemon_metrics"
    " WHERE $__timeFilter(timestamp) SAMPLE BY $__sampleByInterval"
)
STAR = "SELECT * FROM daemon_metrics WHERE $__timeFilter(timestamp) LIMIT 5"


def proved(session: Session, of: Project, path: Path, *, only: Rule[Subject] | None = None) -> CheckOutcome:
    scope = Scope.of(of, Path("specs"))
    if only is not None:
        scope = replace(scope, rules=(only,))
    verdicts = Verdicts(path, of)
    outcome = prove(scope, session, verdicts=verdicts)
    verdicts.save()
    return outcome


class Recording:
    """A rule that finds nothing and notes what it was asked about."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.rule: Rule[Subject] = Rule("DG999", "recording", "error", "text", self.check)

    def check(self, subject: Subject) -> Iterator[RuleMatch]:
        self.asked.append(subject.path)
        return iter(())


@pytest.mark.questdb
def test_a_sound_query_is_judged_once_and_counts_each_time(session: Session, tmp_path: Path) -> None:
    path, recording = tmp_path / "verdicts.json", Recording()
    of = project(TimeSeries("One", GOOD))
    first, second = (proved(session, of, path, only=recording.rule) for _ in range(2))
    assert recording.asked == ["tried › One"]
    assert [one.path for one in first.sound] == [one.path for one in second.sound] == recording.asked
    assert first.counts.statements == second.counts.statements > 0
    kept = Verdicts(path, of)
    (subject,) = collect_queries(of, of.environments[0]).subjects
    assert kept.get(subject) == QueryVerdict(tuple(session.statements_of(subject)))


@pytest.mark.questdb
def test_what_is_found_is_found_again(session: Session, tmp_path: Path) -> None:
    """Where the server refuses the query, too; what is ignored is found, so that the ignore is no unused one."""
    path = tmp_path / "verdicts.json"
    of = project(
        Table("Star", STAR),
        Table("Ignored", Query(STAR + " ", ignore=tuple(Ignore(code, reason="a list") for code in ("DG301", "DG317")))),
        Table("Half ignored", Query(STAR + "  ", ignore=(Ignore("DG301", reason="a list"),))),
        Table("Refused", "SELECT nope FROM daemon_metrics"),
        TimeSeries("Right", GOOD),
    )
    first, second = proved(session, of, path), proved(session, of, path)
    assert _told(first) == _told(second)
    assert sorted((one.rule.code, one.subject and one.subject.path) for one in first.found) == sorted(
        (one.rule.code, one.subject and one.subject.path) for one in second.found
    )
    assert [one.rule.code for one in second.found if one.match is KEPT_BACK] == ["DG301", "DG317"]
    scope = Scope.of(of, Path("specs"))
    ran = ("text", "columns", "project", "answer", "created")
    assert report(scope, first, ran).findings == report(scope, second, ran).findings
    assert any(one.rule.code == "DG101" for one in second.found)
    assert [one.path for one in first.sound] == [one.path for one in second.sound]
    assert first.counts.statements == second.counts.statements


def _told(outcome: CheckOutcome) -> set[str]:
    """What is said of queries without ignores."""
    return {one.match.message for one in outcome.found if one.subject is None or not ignores_of(one.subject)}


def small(
    *, sql: str = GOOD, panel: Callable[[str], Stat | TimeSeries] = lambda sql: TimeSeries("One", sql),
    variable: EnvironmentVariable | None = None, grafana: str = "12.3", env: str = "prod", title: str = "Tried",
    tables: tuple[type, ...] = (DaemonMetrics, ExchangeStatus),
) -> Project:  # fmt: skip
    dashboard = Dashboard(
        uid="tried", title=title, variables=(variable or EnvironmentVariable("env"),), rows=(Row("", (panel(sql),)),)
    )
    return Project(
        environments=(Environment("one", env=env, grafana=grafana),), tables=tables, dashboards=(dashboard,),
    )  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(small(sql=GOOD.replace("avg", "max")), id="SQL"),
        pytest.param(small(panel=lambda sql: Stat("One", sql)), id="kind of the panel"),
        pytest.param(small(panel=lambda sql: TimeSeries("One", sql, unit="ms")), id="option of the panel"),
        pytest.param(small(panel=lambda sql: TimeSeries("One", sql, repeat="env")), id="repeated panel"),
        pytest.param(small(panel=lambda sql: TimeSeries("One", Query(sql, format="table"))), id="format"),
        pytest.param(small(variable=EnvironmentVariable("env", include_all=False)), id="variable"),
        pytest.param(small(grafana="9.4"), id="version of Grafana"),
        pytest.param(small(env="staging"), id="env"),
        pytest.param(small(tables=(DaemonMetrics,)), id="tables"),
        pytest.param(small(title="Other"), id="dashboard"),
    ],
)
def test_another_query_is_judged(other: Project, tmp_path: Path) -> None:
    path = tmp_path / "verdicts.json"
    of = small()
    (subject,) = collect_queries(of, of.environments[0]).subjects
    kept = Verdicts(path, of)
    kept.put(subject, QueryVerdict(("a",), ("DG301",)))
    kept.save()
    again = small()
    (same,) = collect_queries(again, again.environments[0]).subjects
    assert Verdicts(path, again).get(same) == QueryVerdict(("a",), ("DG301",))
    assert [Verdicts(path, other).get(one) for one in collect_queries(other, other.environments[0]).subjects] == [None]


_KEYS = """
from dashgen.check.engine import choose, judge, unasked
from dashgen.check.query_collection import collect_queries
from dashgen.check.verdict_cache import QueryVerdict, Verdicts
from specs import PROJECT
verdicts = Verdicts(None, PROJECT)
for environment in PROJECT.environments:
    for subject in collect_queries(PROJECT, environment).subjects:
        verdicts.put(subject, QueryVerdict(()))
print(*verdicts._sound)
"""


def test_queries_have_the_same_keys_in_another_process() -> None:
    """And each its own: texts have other hashes there, and objects stand elsewhere."""

    def keys(seed: str) -> list[str]:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", _KEYS]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.split()

    first = keys("1")
    assert len(first) > 100
    assert keys("2") == first


class ReadProject:
    """A project that notes what is read of it."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> object:
        self.read.add(name)
        return getattr(self._project, name)


def test_rules_read_of_the_project_what_the_key_has() -> None:
    """A rule about one query that reads more of the project would have old verdicts after a change of that."""
    columns = (WireColumn("time", 1184), WireColumn("metric", 1043), WireColumn("value", 701))
    seen = ReadProject(SHIPPED)
    for subject in collect_queries(SHIPPED, SHIPPED.environments[0]).subjects:
        tried = replace(subject, project=cast("Project", seen), columns=columns)
        assert all(rule.stage in ("text", "columns") for rule, _ in judge(tried))
        list(choose(tried, unasked))
    assert seen.read == {"tables", "env_values"}


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"a": 1}', b'{"a": [["b"]]}', b'{"a": [[1], []]}', b'{"a": ["b", "c"]}', b"\xff\xfe"]
)
def test_a_damaged_file_is_as_good_as_none_and_is_replaced(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "verdicts.json"
    path.write_bytes(damage)
    of = small()
    (subject,) = collect_queries(of, of.environments[0]).subjects
    kept = Verdicts(path, of)
    assert kept.get(subject) is None
    kept.put(subject, QueryVerdict(("a",), ("DG301",)))
    kept.save()
    assert Verdicts(path, of).get(subject) == QueryVerdict(("a",), ("DG301",))


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    of = small()
    (subject,) = collect_queries(of, of.environments[0]).subjects
    kept = Verdicts(tmp_path / "file" / "verdicts.json", of)
    kept.put(subject, QueryVerdict(("a",), ("DG301",)))
    kept.save()
    assert Verdicts(tmp_path / "file" / "verdicts.json", of).get(subject) is None


def test_other_rules_environments_and_code_have_other_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DASHGEN_CACHE", str(tmp_path))
    of = small()

    def file(some: int, *environments: Environment) -> Path | None:
        return Verdicts.of(of, rules()[:some], environments)._path

    first = file(3, *of.environments)
    assert first == file(3, *of.environments)
    others = {file(2, *of.environments), file(3)}
    monkeypatch.setattr(own_files, "state", lambda: "another")
    assert len({first, *others, file(3, *of.environments)}) == 4


def test_an_edit_of_dashgen_is_another_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "dashgen"
    (package / "check").mkdir(parents=True)
    rule = package / "check" / "rule.py"
    rule.write_text("one")
    monkeypatch.setattr(own_files, "_PACKAGE", package)
    first = own_files.state()
    assert own_files.state() == first
    rule.write_text("other")
    second = own_files.state()
    (tmp_path / "dashgen_grafana-0.1.0.dist-info").mkdir()
    record = tmp_path / "dashgen_grafana-0.1.0.dist-info" / "RECORD"
    record.write_text("dashgen/check/rule.py,sha256=a,5\n")
    third = own_files.state()
    rule.write_text("longer")  # an installed package is what its list says
    assert own_files.state() == third
    record.write_text("dashgen/check/rule.py,sha256=b,5\n")
    assert len({first, second, third, own_files.state()}) == 4
