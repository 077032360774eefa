"""`dashgen import` as its user meets it: what it writes and says, and every sort of wrong input."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from dashgen.cli import app
from tests.adopt.documents import SHIPPED
from tests.scratch import dashgen, specs

BOARD = {
    "uid": "cpu",
    "title": "CPU",
    "schemaVersion": 42,
    "panels": [
        {
            "id": 7,
            "type": "timeseries",
            "title": "Load",
            "gridPos": {"x": 0, "y": 0, "w": 24, "h": 8},
            "datasource": {"type": "questdb-questdb-datasource", "uid": "qdb-1"},
            "targets": [
                {"refId": "A", "format": 0, "rawSql": "SELECT ts AS time, load FROM cpu WHERE $__timeFilter(ts)"}
            ],
            "cacheTimeout": "60",
        },
        {
            "id": 8,
            "type": "stat",
            "title": "Up",
            "gridPos": {"x": 0, "y": 8, "w": 6, "h": 5},
            "datasource": {"type": "prometheus", "uid": "p"},
            "targets": [{"refId": "A", "expr": "up"}],
        },
    ],
}


def board(folder: Path, name: str = "cpu.json", **changes: object) -> Path:
    path = folder / name
    path.write_text(json.dumps({**BOARD, **changes}), encoding="utf-8")
    return path


def tree(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*.py"))}


def test_the_first_import_begins_a_project_that_builds(tmp_path: Path) -> None:
    board(tmp_path)
    ran = dashgen(tmp_path, "import", "cpu.json", "--no-check")
    assert (ran.code, ran.err.splitlines()[-1].startswith("1 object imported in")) == (0, True), ran.err
    assert "2 of 2 panels" not in ran.out
    assert "1 of 2 panels in dashgen's words" in ran.out
    assert "  raw: TimeSeries: cacheTimeout" in ran.out
    assert "  not checked: a query of the datasource 'prometheus' (1)" in ran.out
    assert "  without a description: 2 panels" in ran.out
    assert tree(tmp_path / "specs") == {
        "__init__.py": (
            '"""What is rendered for Grafana."""\n\n'
            "from dashgen import Environment, Project, QuestDB\n"
            "from specs.dashboards.cpu import CPU\n\n"
            "PROJECT = Project(\n"
            "    environments=(\n"
            "        Environment(\n"
            '            "prod",\n'
            '            datasources={"questdb": QuestDB(uid="qdb-1", is_default=True)},\n'
            "        ),\n"
            "    ),\n"
            "    dashboards=(CPU,),\n"
            ")\n"
        ),
        "dashboards/__init__.py": '"""Dashboards, one module each."""\n',
        "dashboards/cpu.py": (
            '"""CPU."""\n\n'
            "from dashgen import Dashboard, DatasourceRef, RawQuery, Row, Stat, TimeSeries, Tooltip\n\n"
            "PANELS = Row(\n"
            '    "",\n'
            "    (\n"
            "        TimeSeries(\n"
            '            "Load",\n'
            '            "SELECT ts AS time, load FROM cpu WHERE $__timeFilter(ts)",\n'
            "            width=24,\n"
            '            tooltip=Tooltip("single"),\n'
            '            raw={"cacheTimeout": "60"},\n'
            "        ),\n"
            "        Stat(\n"
            '            "Up",\n'
            '            RawQuery({"expr": "up"}, datasource=DatasourceRef("prometheus", "p")),\n'
            '            graph="area",\n'
            "        ),\n"
            "    ),\n"
            ")\n\n"
            "CPU = Dashboard(\n"
            '    uid="cpu",\n'
            '    title="CPU",\n'
            '    refresh="",\n'
            '    timezone="",\n'
            '    crosshair="off",\n'
            "    editable=True,\n"
            "    rows=(PANELS,),\n"
            "    imported=True,\n"
            ")\n"
        ),
    }
    built = dashgen(tmp_path, "build")
    assert built.code == 0, built.err
    rendered = json.loads((tmp_path / "build/prod/dashboards/dashgen/cpu.json").read_text())
    assert rendered["panels"][0]["cacheTimeout"] == "60"
    assert rendered["panels"][1]["targets"] == [
        {"datasource": {"type": "prometheus", "uid": "p"}, "expr": "up", "refId": "A"}
    ]


def test_a_project_is_extended_and_its_datasource_asked(tmp_path: Path) -> None:
    specs(tmp_path, "PROJECT = Project(environments=(Environment('prod'),), dashboards=(dash(stat()),))  # mine\n")
    board(tmp_path)
    ran = dashgen(tmp_path, "import", "cpu.json", "--no-check", "--format", "json")
    assert ran.code == 0, ran.err
    (found,) = json.loads(ran.out)["dashboards"]
    assert (found["module"], found["name"], found["difference"]) == ("specs/dashboards/cpu.py", "CPU", "")
    assert found["panels"] == {"all": 2, "own": 1}
    assert found["raw"] == ["TimeSeries: cacheTimeout", "RawQuery"]
    assert found["values"]["own"] + found["values"]["by_name"] + found["values"]["raw"] == found["values"]["all"]


def test_a_dashboard_that_is_there_is_replaced_by_force_only(tmp_path: Path) -> None:
    board(tmp_path)
    assert dashgen(tmp_path, "import", "cpu.json", "--no-check").code == 0
    before = tree(tmp_path)
    board(tmp_path, title="CPU of hosts")
    ran = dashgen(tmp_path, "import", "cpu.json", "--no-check")
    assert ran.code == 2
    assert "PROJECT has a dashboard of the uid 'cpu' already" in ran.err
    assert "--force replaces it" in ran.err
    assert tree(tmp_path) == before
    assert dashgen(tmp_path, "import", "cpu.json", "--no-check", "--force").code == 0
    after = tree(tmp_path)
    assert {path for path in after if after[path] != before.get(path)} == {"specs/dashboards/cpu.py"}
    assert 'title="CPU of hosts"' in after["specs/dashboards/cpu.py"]


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    board(tmp_path)
    ran = dashgen(tmp_path, "import", "cpu.json", "--dry-run")
    assert ran.code == 0, ran.err
    assert "would write specs/dashboards/cpu.py" in ran.out
    assert not (tmp_path / "specs").exists()


def test_one_bad_file_keeps_all_from_being_written(tmp_path: Path) -> None:
    board(tmp_path)
    (tmp_path / "cut.json").write_text('{"title": "x",\n "panels": [')
    (tmp_path / "rule.json").write_text('{"condition": "A", "data": []}')
    ran = dashgen(tmp_path, "import", "cpu.json", "cut.json", "rule.json")
    assert ran.code == 2
    assert ran.errors == [
        "cut.json:2:13: is cut: the JSON ends too early | export it again",
        "rule.json: a rule of the API: a rule has no uid | export it from Grafana, which gives each one",
    ]
    assert not (tmp_path / "specs").exists()


def test_wrong_use_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    board(tmp_path)
    shutil.copy(tmp_path / "cpu.json", tmp_path / "copy.json")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("mine")
    monkeypatch.chdir(tmp_path)
    for arguments, said in {
        ("no.json",): "no.json: there is no such file or folder",
        ("cpu.json", "--into", "other"): "other: has no __init__.py, so it is not a specs package",
        ("cpu.json", "--into", "a-b"): "a-b: is not a valid package name",
        ("cpu.json", "--into", "cpu.json"): "cpu.json: is a file",
        ("cpu.json", "--datasource", "x"): "--datasource x: expected what a file calls it, '=', and our name",
        ("cpu.json", "copy.json"): "copy.json: has the uid 'cpu', which cpu.json has too",
    }.items():
        assert app(["import", *arguments], standalone_mode=False) == 2
        assert capsys.readouterr().err.startswith(f"error: {said}")
        assert not (tmp_path / "specs").exists()


def test_what_a_server_refuses_is_told_at_the_end(tmp_path: Path) -> None:
    """The import proves the queries: a table that nobody declares, and SQL that is none."""
    panels = [dict(panel) for panel in BOARD["panels"]]  # type: ignore[attr-defined]  # a list
    panels[0]["targets"] = [{"refId": "A", "format": 1, "rawSql": "SELECT 1 +"}]
    panels[1] |= {"datasource": panels[0]["datasource"]}
    panels[1]["targets"] = [{"refId": "A", "format": 1, "rawSql": "SELECT x FROM zz_table"}]
    board(tmp_path, panels=panels)
    ran = dashgen(tmp_path, "import", "cpu.json")
    assert ran.code == 1, ran.err
    assert "  a server refuses: cpu › Load: " in ran.out
    assert "next: declare 1 table that queries read, so that the queries can be checked: zz_table" in ran.out


def test_a_name_that_says_no_kind_of_datasource_is_asked_about(tmp_path: Path) -> None:
    panels = [dict(panel) for panel in BOARD["panels"]]  # type: ignore[attr-defined]  # a list
    panels[1] |= {"datasource": "the db"}
    panels[1]["targets"] = [{"refId": "A", "format": 1, "rawSql": "SELECT x FROM zz_table", "datasource": "the db"}]
    board(tmp_path, panels=panels)
    said = "next: import again with --datasource 'the db=questdb' --force, if 'the db' is the QuestDB"
    assert said in dashgen(tmp_path, "import", "cpu.json", "--no-check").out
    assert (
        said
        not in dashgen(tmp_path, "import", "cpu.json", "--no-check", "--force", "--datasource", "the db=questdb").out
    )


def test_rendered_dashboards_come_back(tmp_path: Path) -> None:
    for path in SHIPPED:
        shutil.copy(path, tmp_path / path.name)
    ran = dashgen(tmp_path, "import", *(path.name for path in SHIPPED), "--no-check", "--format", "json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)["dashboards"]
    assert [one["values"]["raw"] for one in found] == [0] * len(SHIPPED)
    assert dashgen(tmp_path, "build").code == 0


def test_a_change_in_grafana_comes_back_into_its_module(tmp_path: Path) -> None:
    board(tmp_path)
    assert dashgen(tmp_path, "import", "cpu.json", "--no-check").code == 0
    module = tmp_path / "specs" / "dashboards" / "cpu.py"
    before = module.read_text()
    panels = [dict(panel) for panel in BOARD["panels"]]  # type: ignore[attr-defined]  # a list
    board(tmp_path, "edited.json", title="CPU of hosts", panels=[{**panels[0], "title": "Load of all"}])
    edit = ("import", "--into", "specs/dashboards/cpu.py", "edited.json")
    shown = dashgen(tmp_path, *edit)
    assert (shown.code, module.read_text()) == (1, before), shown.err
    assert '+    title="CPU of hosts",' in shown.out
    assert "nothing was written: --write edits specs/dashboards/cpu.py" in shown.out
    written = dashgen(tmp_path, *edit, "--write", "--format", "json")
    assert written.code == 0, written.err
    assert json.loads(written.out)["still_different"] == []
    assert 'title="CPU of hosts"' in module.read_text()
    again = dashgen(tmp_path, *edit)
    assert (again.code, again.out) == (0, "specs/dashboards/cpu.py renders what edited.json has\n")


def test_an_edit_shows_no_control_sequence_of_the_module(tmp_path: Path) -> None:
    board(tmp_path)
    assert dashgen(tmp_path, "import", "cpu.json", "--no-check").code == 0
    module = tmp_path / "specs" / "dashboards" / "cpu.py"
    title = '    title="CPU",\n'
    before = module.read_text()
    assert title in before
    module.write_text(before.replace(title, "    # \x1b[2J\u202e\n" + title))
    board(tmp_path, "edited.json", title="CPU \x1b]0;owned\x07 \u202e")
    shown = dashgen(tmp_path, "import", "--into", "specs/dashboards/cpu.py", "edited.json").out
    assert "\\u001b[2J\\u202e" in shown
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)


def test_a_module_is_edited_by_its_own_dashboard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    board(tmp_path)
    board(tmp_path, "other.json", uid="other")
    specs(tmp_path, "", {"loose.py": "X = 1\n", "dashboards/__init__.py": ""})
    monkeypatch.chdir(tmp_path)
    (tmp_path / "alone.py").write_text("")
    for arguments, said in {
        ("specs/no.py", "cpu.json"): "specs/no.py: there is no such module",
        ("alone.py", "cpu.json"): "alone.py: is in no package of specs",
        ("specs/loose.py", "cpu.json", "other.json"): "a module is edited by one file: the dashboard as Grafana has it",
    }.items():
        assert app(["import", "--into", *arguments], standalone_mode=False) == 2
        assert capfd.readouterr().err.startswith(f"error: {said}")
    assert app(["import", "cpu.json", "--write"], standalone_mode=False) == 2
    assert "--write is for the edit of a module" in capfd.readouterr().err


RULES = """apiVersion: 1
groups:
  - orgId: 1
    name: Shop
    folder: Alerts
    interval: 1m
    rules:
      - uid: slow
        title: Checkout is slow
        condition: C
        data:
          - refId: A
            relativeTimeRange: {from: 600, to: 0}
            datasourceUid: qdb-1
            model:
              refId: A
              datasource: {type: questdb-questdb-datasource, uid: qdb-1}
              format: 1
              rawSql: |
                SELECT shop, max(ms) AS worst
                FROM checkouts
          - refId: C
            datasourceUid: __expr__
            model: {refId: C, type: threshold, expression: A, conditions: [{evaluator: {type: gt, params: [500]}}]}
        for: 5m
        labels: {severity: page, team: shop}
        annotations: {summary: "{{ $labels.shop }}: {{ $values.A.Value }} ms"}
      - uid: errors
        title: Errors
        condition: B
        data:
          - refId: A
            relativeTimeRange: {from: 300, to: 0}
            datasourceUid: prom
            model: {refId: A, expr: "rate(errors[5m])", datasource: {type: prometheus, uid: prom}}
          - refId: B
            datasourceUid: __expr__
            model: {refId: B, type: threshold, expression: A, conditions: [{evaluator: {type: gt, params: [1]}}]}
        labels: {severity: page, team: shop}
deleteRules:
  - orgId: 1
    uid: gone
"""


def test_alerting_files_become_rules_and_their_deletions_go_into_the_ledger(tmp_path: Path) -> None:
    (tmp_path / "alerting").mkdir()
    (tmp_path / "alerting" / "rules.yaml").write_text(RULES)
    (tmp_path / "alerting" / "prometheus.yml").write_text(
        "groups:\n  - {name: g, rules: [{alert: a, expr: up == 0}]}\n"
    )
    ran = dashgen(tmp_path, "import", "alerting", "--no-check")
    assert ran.code == 0, ran.err
    assert "prometheus.yml: groups[0]: is a rule file of Prometheus" in ran.err
    assert "rules.yaml (file): 1 group, 2 rules, 1 deletion" in ran.out
    assert "  2 of 2 rules in dashgen's words" in ran.out
    assert "  not checked: a query of the datasource 'prometheus' (1)" in ran.out
    assert "wrote build/prod/published.json: 1 deletion, which the next build renders" in ran.out
    assert (tmp_path / "specs" / "alerts" / "shop.py").read_text() == (
        '"""Alert rules of the group Shop."""\n\n'
        "from dashgen import AlertGroup, AlertRule, DatasourceRef, RawQuery, Threshold\n\n"
        "CHECKOUT_IS_SLOW = AlertRule(\n"
        '    uid="slow",\n'
        '    title="Checkout is slow",\n'
        '    query="""\n'
        "    SELECT shop, max(ms) AS worst\n"
        "    FROM checkouts\n"
        '    """,\n'
        "    severity=None,\n"
        '    for_duration="5m",\n'
        '    expressions=(Threshold("A", 500),),\n'
        '    window="10m",\n'
        '    on_error="Alerting",\n'
        '    labels={"team": "shop"},\n'
        '    summary="{{ $labels.shop }}: {{ $values.A.Value }} ms",\n'
        '    ref_ids={"B": "C"},\n'
        '    raw={"labels": {"severity": "page"}},\n'
        "    imported=True,\n"
        ")\n\n"
        "ERRORS = AlertRule(\n"
        '    uid="errors",\n'
        '    title="Errors",\n'
        "    query=RawQuery(\n"
        '        {"expr": "rate(errors[5m])"},\n'
        '        datasource=DatasourceRef("prometheus", "prom"),\n'
        "    ),\n"
        "    severity=None,\n"
        '    expressions=(Threshold("A", 1),),\n'
        '    on_error="Alerting",\n'
        '    labels={"team": "shop"},\n'
        '    raw={"labels": {"severity": "page"}},\n'
        "    imported=True,\n"
        ")\n\n"
        "SHOP_ALERTS = AlertGroup(\n"
        '    "Shop",\n'
        '    folder="Alerts",\n'
        '    interval="1m",\n'
        "    rules=(CHECKOUT_IS_SLOW, ERRORS),\n"
        ")\n"
    )
    built = dashgen(tmp_path, "build")
    assert built.code == 0, built.err
    deletions = (tmp_path / "build" / "prod" / "provisioning" / "alerting" / "00-deletions.yaml").read_text()
    assert 'deleteRules:\n  - orgId: 1\n    uid: "gone"' in deletions
    again = dashgen(tmp_path, "import", "alerting/rules.yaml", "--no-check")
    assert (again.code, again.err.count("--force replaces its module")) == (2, 1)
    forced = dashgen(tmp_path, "import", "alerting/rules.yaml", "--no-check", "--force")
    assert forced.code == 0, forced.err


def test_an_edit_that_specs_refuse_is_told_at_the_specs(tmp_path: Path) -> None:
    board(tmp_path)
    assert dashgen(tmp_path, "import", "cpu.json", "--no-check").code == 0
    init = tmp_path / "specs" / "__init__.py"
    init.write_text(init.read_text() + '\nif CPU.title != "CPU":\n    raise ValueError("the team named it")\n')
    board(tmp_path, "edited.json", title="Load")
    ran = dashgen(tmp_path, "import", "--into", "specs/dashboards/cpu.py", "edited.json", "--write")
    assert (ran.code, "error: specs/__init__.py:" in ran.err, "the team named it" in ran.err) == (2, True, True), (
        ran.err
    )
    assert 'title="CPU"' in (tmp_path / "specs" / "dashboards" / "cpu.py").read_text()
