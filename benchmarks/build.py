"""Figures: `dashgen build` on 1,000 dashboards of 20 panels, against the SDK's documented route in the same run.

    python benchmarks/build.py [dashboards] [panels]

The SDK's route is its builders and `JSONEncoder(sort_keys=True, indent=2)`; its figure here is the encoding alone.
Machines are noisy: the ratio counts, not the milliseconds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

SPECS = '''
from dashgen import Dashboard, Environment, EnvironmentVariable, Project, Row, Stat, Thresholds, TimeSeries

ENV = EnvironmentVariable("env")


def panel(d: int, p: int):
    sql = f"""SELECT timestamp AS time, host AS metric, avg(c{{p}}) AS value FROM t{{d}}
              WHERE $__timeFilter(timestamp) AND {{ENV.matches("env")}} SAMPLE BY $__sampleByInterval"""
    kind = TimeSeries if p % 2 else Stat
    return kind(f"Panel {{p}}", sql, unit="ms", width=6, description="What to do.",
                thresholds=Thresholds("green", (p + 1, "red")))


PROJECT = Project(
    environments=(Environment("prod"),),
    dashboards=tuple(
        Dashboard(uid=f"d{{d}}", title=f"Dashboard {{d}}", variables=(ENV,),
                  rows=(Row("All", tuple(panel(d, p) for p in range({panels}))),))
        for d in range({dashboards})
    ),
)
'''


def sdk_encoding(dashboards: int, panels: int) -> float:
    """Seconds that the SDK's encoder takes for as many dashboards of its own builders; building is not counted."""
    warnings.simplefilter("ignore")
    from grafana_foundation_sdk.builders import common as cb
    from grafana_foundation_sdk.builders import dashboard as db
    from grafana_foundation_sdk.builders import stat, timeseries
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.models import common
    from grafana_foundation_sdk.models import dashboard as dm

    from dashgen.render.targets import QuestDBTarget

    class Sql:
        def __init__(self, sql: str) -> None:
            self.sql = sql

        def build(self) -> QuestDBTarget:
            ref = common.DataSourceRef(type_val="questdb-questdb-datasource", uid="questdb")
            return QuestDBTarget(self.sql, "A", "time_series", ref, hide=False)

    sql = (
        "SELECT timestamp AS time, host AS metric, avg(c) AS value FROM t\n"
        "WHERE $__timeFilter(timestamp) AND env = ${env:sqlstring} SAMPLE BY $__sampleByInterval"
    )
    one = db.Dashboard("Dashboard").uid("d").refresh("30s").time("now-6h", "now").with_row(db.Row("All"))
    for p in range(panels):
        panel = timeseries.Panel() if p % 2 else stat.Panel()
        steps = [dm.Threshold(None, "green"), dm.Threshold(p + 1, "red")]
        panel.title(f"Panel {p}").unit("ms").id(p + 1).description("What to do.").span(6).height(8)
        panel.thresholds(db.ThresholdsConfig().mode(dm.ThresholdsMode.ABSOLUTE).steps(steps))
        panel.with_target(Sql(sql))  # type: ignore[arg-type]  # a builder by its shape
        if isinstance(panel, timeseries.Panel):
            panel.legend(cb.VizLegendOptions().show_legend(True))
        one.with_panel(panel)
    built = one.build()
    encoder = JSONEncoder(sort_keys=True, indent=2)
    start = time.perf_counter()
    for _ in range(dashboards):
        encoder.encode(built)
    return time.perf_counter() - start


def stages(specs: Path) -> dict[str, float]:
    """Seconds by stage, in this process."""
    from dashgen.build import invalid
    from dashgen.project import check, load
    from dashgen.render import render

    at = time.perf_counter()
    out: dict[str, float] = {}

    def lap(name: str) -> None:
        nonlocal at
        now = time.perf_counter()
        out[name], at = now - at, now

    loaded = load(specs)
    assert loaded.project is not None, loaded.problems
    lap("load specs")
    assert not check(loaded.project)
    lap("check")
    documents = list(render(loaded.project, loaded.project.environments[0]))
    lap("render")
    assert not list(invalid(documents, loaded.project))
    lap("validate")
    return out


def main() -> None:
    dashboards = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    panels = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    with tempfile.TemporaryDirectory() as folder:
        specs = Path(folder) / "specs"
        specs.mkdir()
        (specs / "__init__.py").write_text(SPECS.format(dashboards=dashboards, panels=panels))
        command = [sys.executable, "-m", "dashgen", "build", "--format", "json"]
        walls = []
        for _ in range(2):
            start = time.perf_counter()
            done = subprocess.run(command, cwd=folder, capture_output=True, check=True, text=True)
            walls.append(time.perf_counter() - start)
        again = json.loads(done.stdout)["environments"][0]
        assert not again["changed"]
        assert not again["added"]
        by_stage = stages(specs)
    sdk = sdk_encoding(dashboards, panels)
    print(f"{dashboards} dashboards of {panels} panels")
    for name, seconds in by_stage.items():
        print(f"  {name:<12} {seconds * 1000 / dashboards:7.3f} ms a dashboard")
    print(f"build, first   {walls[0]:7.2f} s wall with start-up, {walls[0] * 1000 / dashboards:.3f} ms a dashboard")
    print(f"build, again   {walls[1]:7.2f} s wall; wrote nothing")
    print(f"SDK's encoder  {sdk:7.2f} s, encoding alone, {sdk * 1000 / dashboards:.3f} ms a dashboard")
    print(f"ratio          {walls[0] / sdk:7.2f} (build with start-up / SDK's encoding alone)")


if __name__ == "__main__":
    main()
