"""Figures: `dashgen build` on 1,000 dashboards of 20 panels, against the SDK's documented route in the same run.

    python -m benchmarks.build [dashboards] [panels]

The SDK's route is its builders and `JSONEncoder(sort_keys=True, indent=2)`; its figure here is the encoding alone.
Machines are noisy: the ratio counts, and the processor's seconds, not the wall's milliseconds. Python's bytecode is
kept in a folder of the run, and made before anything is measured, as it is for an installed package: without it most
of every start is compiling.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import NamedTuple

from benchmarks.peers.stages import stages

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


class Took(NamedTuple):
    """`wall` is what a user waits; `cpu` (user and system, of a command with its children) is what a machine that
    others work on too can't inflate."""

    wall: float
    cpu: float


def sdk_encoding(dashboards: int, panels: int) -> Took:
    """Seconds that the SDK's encoder takes for as many dashboards of its own builders; building is not counted."""
    warnings.simplefilter("ignore")
    from grafana_foundation_sdk.builders import common as cb
    from grafana_foundation_sdk.builders import dashboard as db
    from grafana_foundation_sdk.builders import stat, timeseries
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.models import common
    from grafana_foundation_sdk.models import dashboard as dm

    from dashgen.grafana.datasources.plugins import PLUGINS
    from dashgen.render.targets import Target

    class Sql:
        def __init__(self, sql: str) -> None:
            self.sql = sql

        def build(self) -> Target:
            ref = common.DataSourceRef(type_val="questdb-questdb-datasource", uid="questdb")
            return Target(PLUGINS["questdb"].target(self.sql, "A", "time_series", ref, hide=False))  # type: ignore[arg-type]  # as the SDK's users give it

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
    start = time.perf_counter(), time.process_time()
    for _ in range(dashboards):
        encoder.encode(built)
    return Took(time.perf_counter() - start[0], time.process_time() - start[1])


def command(*arguments: str, cwd: Path) -> tuple[Took, str]:
    """Runs a command and says what it took, start-up and all."""
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(cwd / "bytecode")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, capture_output=True, check=True, text=True, env=os.environ | kept
    )
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Took(wall, cpu), done.stdout


def best(*arguments: str, cwd: Path) -> Took:
    runs = [command(*arguments, cwd=cwd)[0] for _ in range(10)]
    return Took(min(r.wall for r in runs), min(r.cpu for r in runs))


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(p): (p.stat().st_mtime_ns, p.stat().st_ino) for p in folder.rglob("*")}


def main() -> None:
    dashboards = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    panels = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        specs = at / "specs"
        specs.mkdir()
        build = ("-m", "dashgen", "build", "--format", "json")
        (specs / "__init__.py").write_text(SPECS.format(dashboards=1, panels=1))
        start_up = best(*build, cwd=at)
        (specs / "__init__.py").write_text(SPECS.format(dashboards=dashboards, panels=panels))
        first, _ = command(*build, cwd=at)
        tree = stamps(at / "build")
        again, out = command(*build, cwd=at)
        told = json.loads(out)["environments"][0]
        assert [told[key] for key in ("added", "changed", "removed")] == [[], [], []]
        assert stamps(at / "build") == tree
        by_stage = {
            stage.name: Took(stage.wall, stage.processor) for stage in stages(specs, at / "other", time.process_time())
        }
        interpreter = best("-c", "pass", cwd=at)
        shown = best("-m", "dashgen", "--help", cwd=at)
        imported = best("-c", "from dashgen import TimeSeries", cwd=at)
    sdk = sdk_encoding(dashboards, panels)
    each = 1000 / dashboards
    print(f"{dashboards} dashboards of {panels} panels; seconds of the wall, and of the processor")
    for name, took in by_stage.items():
        print(f"  {name:<20} {took.wall * each:8.3f} {took.cpu * each:8.3f} ms a dashboard")
    last = [by_stage[name] for name in ("render", "validate", "write")]
    last_wall, last_cpu = sum(took.wall for took in last), sum(took.cpu for took in last)
    print(f"  {'the last three':<20} {last_wall * each:8.3f} {last_cpu * each:8.3f} ms a dashboard")
    for name, took in (("first build", first), ("second build", again), ("SDK's encoding alone", sdk)):
        print(f"{name:<22} {took.wall:8.2f} {took.cpu:8.2f} s {took.cpu * each:8.3f} ms a dashboard (processor)")
    print("  builds with start-up, load, check, render, validate, write; the second one wrote nothing")
    print(f"first build / SDK      {first.wall / sdk.wall:8.2f} {first.cpu / sdk.cpu:8.2f}")
    for name, took in (
        ("build of one panel", start_up),
        ("dashgen --help", shown),
        ("python -c pass", interpreter),
    ):
        print(f"{name:<22} {took.wall * 1000:8.0f} {took.cpu * 1000:8.0f} ms")
    wall, cpu = ((a - b) * 1000 for a, b in zip(imported, interpreter, strict=True))
    print(f"import of a panel      {wall:8.0f} {cpu:8.0f} ms")


if __name__ == "__main__":
    main()
