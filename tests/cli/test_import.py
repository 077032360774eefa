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
        "rule.json: $: no dashboard, but an alert rule | export the dashboard as JSON from Grafana",
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
        ("cpu.json", "--into", "other"): "other: has no __init__.py, so it is no specs package",
        ("cpu.json", "--into", "a-b"): "a-b: can't be a package of this name",
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
    assert "next: declare 1 table that queries read, so that they are proved: zz_table" in ran.out


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
