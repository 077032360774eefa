"""Figures: size of a report against `git diff` for ten typical changes; time of a diff over many dashboards.

python benchmarks/diff.py [DASHBOARDS]
"""

from __future__ import annotations

import copy
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dashgen.diff.assemble import Review, review
from dashgen.diff.reports import html, markdown, text
from dashgen.tree import environments
from dashgen.tree.read import RenderedTree

ROOT = Path(__file__).resolve().parent.parent
TREE = ROOT / "build" / "prod"
HEALTH = "dashboards/daemons/daemon-health.json"
Change = Callable[[dict[str, Any]], object]


def shipped() -> dict[str, Any]:
    """The documents of the committed tree: JSON as data, anything else as text."""
    out: dict[str, Any] = {}
    for path in sorted(p for p in TREE.rglob("*") if p.is_file()):
        name = path.relative_to(TREE).as_posix()
        out[name] = json.loads(path.read_bytes()) if name.startswith("dashboards/") else path.read_text()
    return out


def dumped(tree: dict[str, Any]) -> RenderedTree:
    """As dashgen writes them."""
    files = {path: (d if isinstance(d, str) else written(d)).encode() for path, d in tree.items()}
    return RenderedTree("prod", files)


def written(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def dashboards(tree: dict[str, Any]) -> list[dict[str, Any]]:
    return [document for path, document in tree.items() if path.startswith("dashboards/")]


def queried(tree: dict[str, Any]) -> dict[str, Any]:
    """A panel with a query and thresholds."""
    return next(
        p for p in tree[HEALTH]["panels"] if p.get("targets") and "thresholds" in p["fieldConfig"].get("defaults", {})
    )


def threshold(tree: dict[str, Any]) -> None:
    queried(tree)["fieldConfig"]["defaults"]["thresholds"]["steps"][-1]["value"] = 4321


def sql(tree: dict[str, Any]) -> None:
    target = queried(tree)["targets"][0]
    target["rawSql"] += "\nLIMIT 5"


def inserted(tree: dict[str, Any]) -> None:
    panels = tree[HEALTH]["panels"]
    for panel in panels:
        panel["gridPos"]["y"] += 4
    place = {"h": 4, "w": 24, "x": 0, "y": 0}
    panels.insert(0, {"gridPos": place, "id": 1, "options": {"content": "Read me"}, "title": "Read me", "type": "text"})


def row_moved(tree: dict[str, Any]) -> None:
    panels = tree[HEALTH]["panels"]
    second = [i for i, p in enumerate(panels) if p["type"] == "row"][1]
    first, rest = panels[:second], panels[second:]
    height = rest[0]["gridPos"]["y"]
    bottom = max(p["gridPos"]["y"] + p["gridPos"]["h"] for p in rest) - height
    for panel in rest:
        panel["gridPos"]["y"] -= height
    for panel in first:
        panel["gridPos"]["y"] += bottom
    tree[HEALTH]["panels"] = rest + first


def shared_sql(tree: dict[str, Any]) -> None:
    for dashboard in dashboards(tree):
        for panel in dashboard["panels"]:
            for target in panel.get("targets", ()):
                target["rawSql"] = target["rawSql"].replace("env = ${env:sqlstring}", "env IN (${env:sqlstring})")


def shared_variable(tree: dict[str, Any]) -> None:
    for dashboard in dashboards(tree):
        for variable in dashboard["templating"]["list"]:
            if variable["name"] == "env":
                variable["label"] = "Which environment"


def new_dashboard(tree: dict[str, Any]) -> None:
    tree["dashboards/daemons/copy.json"] = {**copy.deepcopy(tree[HEALTH]), "uid": "copy", "title": "Copy"}


def dashboard_gone(tree: dict[str, Any]) -> None:
    del tree[HEALTH]


def retention(tree: dict[str, Any]) -> None:
    schema = json.loads(tree["questdb/schema.json"])
    name = next(iter(schema["tables"]))
    schema["tables"][name]["ttl"] = "7 DAYS"
    schema["tables"][name]["columns"].append({"name": "region", "type": "SYMBOL"})
    tree["questdb/schema.json"] = written(schema)
    tree["questdb/tables.sql"] = tree["questdb/tables.sql"].replace(" TTL 90 DAYS", " TTL 7 DAYS", 1)


def datasource(tree: dict[str, Any]) -> None:
    for path, document in tree.items():
        written = document if isinstance(document, str) else json.dumps(document)
        changed = written.replace('"uid": "questdb"', '"uid": "questdb-new"').replace(
            'uid: "questdb"', 'uid: "questdb-new"'
        )
        tree[path] = changed if isinstance(document, str) else json.loads(changed)


CHANGES: dict[str, Change] = {
    "a threshold": threshold,
    "one query": sql,
    "a panel inserted at the top": inserted,
    "the first row moved to the end": row_moved,
    "a fragment of SQL that all panels share": shared_sql,
    "a label of a variable that all dashboards share": shared_variable,
    "a new dashboard": new_dashboard,
    "a dashboard gone": dashboard_gone,
    "a column and a retention": retention,
    "the uid of the datasource": datasource,
}


def write(folder: Path, files: RenderedTree) -> None:
    for old in [p for p in folder.rglob("*") if p.is_file()]:
        old.unlink()
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def git(folder: Path, *arguments: str) -> bytes:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    return subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, check=True).stdout


def sizes() -> None:
    before = dumped(shipped())
    print(f"{'change':<50}{'git diff':>10}{'text':>8}{'markdown':>10}{'html':>9}   text/git")
    total = [0, 0]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        build = root / "build" / "prod"
        git(root, "init", "-q")
        write(build, before)
        git(root, "add", "-A")
        git(root, "commit", "-qm", "before")
        for name, change in CHANGES.items():
            tree = shipped()
            change(tree)
            after = dumped(tree)
            write(build, after)
            git(root, "add", "-A")
            noise = len(git(root, "diff", "--cached", "build/"))
            made = Review("main", "the working specs", (review("prod", before, after),))
            said = [len(report.encode()) for report in (text(made, color=False), markdown(made), html(made))]
            print(f"{name:<50}{noise:>10}{said[0]:>8}{said[1]:>10}{said[2]:>9}{said[0] / noise:>10.0%}")
            total[0] += noise
            total[1] += said[0]
    print(f"{'all ten':<50}{total[0]:>10}{total[1]:>8}{'':>19}{total[1] / total[0]:>10.0%}")


def many(count: int) -> dict[str, Any]:
    """`count` dashboards: the shipped ones again and again under other uids."""
    out: dict[str, Any] = {p: d for p, d in shipped().items() if not p.startswith("dashboards/")}
    originals = dashboards(shipped())
    for number in range(count):
        document = {**copy.deepcopy(originals[number % len(originals)]), "uid": f"d{number}", "title": f"D {number}"}
        out[f"dashboards/daemons/d{number}.json"] = document
    return out


def timed(what: str, work: Callable[[], object]) -> None:
    wall, cpu = map(min, zip(*(_once(work) for _ in range(3)), strict=True))
    print(f"{what:<60}{wall * 1000:>9.0f} ms{cpu * 1000:>9.0f} ms of CPU")


def _once(work: Callable[[], object]) -> tuple[float, float]:
    started, busy = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - started, time.process_time() - busy


def times(count: int) -> None:
    tree = many(count)
    before = dumped(tree)
    print(f"\n{count} dashboards, {sum(map(len, before.values())) / 1e6:.0f} MB")
    for share in (0, 1, count // 10, count):
        new = copy.deepcopy(tree)
        for number in range(share):
            document = new[f"dashboards/daemons/d{number}.json"]
            for panel in document["panels"]:
                panel["gridPos"]["y"] += 4
            document["panels"][1]["title"] = "Another"
        after = dumped(new)
        timed(f"compared, {share} changed (a title, every panel moved)", lambda: review("prod", before, after))  # noqa: B023
        made = Review("a", "b", (review("prod", before, after),))
        timed(f"  as Markdown, {share} changed", lambda: markdown(made))  # noqa: B023
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        git(root, "init", "-q")
        write(root / "build" / "prod", before)
        git(root, "add", "-A")
        git(root, "commit", "-qm", "before")
        timed("read from a git revision", lambda: environments.named("HEAD", Path("build"), root))
        timed("read from a folder", lambda: environments.named("./build", Path("build"), root))
        command = [sys.executable, "-m", "dashgen", "diff", "HEAD", "./build"]
        timed(
            "`dashgen diff HEAD ./build`, nothing changed",
            lambda: subprocess.run(command, cwd=root, check=True, capture_output=True),
        )


if __name__ == "__main__":
    gc.disable()  # as the command does
    sizes()
    times(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
