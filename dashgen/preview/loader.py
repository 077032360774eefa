"""The process that has the specs: it renders them, and fills an embedded QuestDB with their demo data.

The preview's server never imports specs. It starts this module, `python -m dashgen.preview.loader`, writes one request
a line to its input and reads answers, a line each; each request is worked on in a forked child (`loading.worker`), so
that every load begins anew. It ends with its input.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from dashgen.loading import worker

if TYPE_CHECKING:
    from dashgen.model.core.problems import Problem
    from dashgen.model.environment import Environment
    from dashgen.model.project import Project
    from dashgen.model.tables.table import TableSchema
    from dashgen.questdb.http import Client

Json = dict[str, Any]
Tell = Callable[[Json], None]
TICK_SECONDS = 5.0
"""So often an embedded server gets the rows that have become due since."""


def main() -> int:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what specs print spoils no answer
    for line in sys.stdin:
        _serve(json.loads(line), answers)
    return 0


def _serve(request: Json, answers: TextIO) -> None:
    specs, timeout = Path(request["specs"]), float(request["timeout"])

    def tell(answer: Json) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    def child(loaded: Callable[[], None]) -> int:
        try:
            (_load if request["do"] == "load" else _fill)(request, specs, loaded, tell)
        except Exception as error:  # of dashgen or of a function in the specs: the preview goes on
            import traceback

            traceback.print_exc()
            tell(_failed([{"message": f"{type(error).__name__}: {error}", "file": "", "line": 0, "hint": ""}]))
        return 0

    try:
        worker.run(child, specs, timeout)
    except worker.Unfinished as unfinished:
        tell(_failed(_faults(unfinished.problems)))


def _failed(faults: list[Json]) -> Json:
    return {"is_loaded": False, "faults": faults}


def _load(request: Json, specs: Path, loaded: Callable[[], None], tell: Tell) -> None:
    from dashgen.loading.load import load
    from dashgen.pipeline import invalid
    from dashgen.project_checks import check
    from dashgen.render import render

    result = load(specs)
    loaded()
    project = result.project
    if project is None:
        tell(_failed(_faults((*result.problems, *(check(result.draft) if result.draft else ())))))
        return
    environment = _environment(project, request["env"])
    if environment is None:
        names = ", ".join(each.name for each in project.environments)
        wrong = {"message": f"no environment {request['env']!r} in PROJECT", "file": "", "line": 0}
        tell(_failed([{**wrong, "hint": f"it has {names}"}]))
        return
    documents = tuple(render(project, environment))
    problems = dict.fromkeys((*check(project), *invalid(documents, project)))
    tell(
        {
            "is_loaded": True,
            "documents": {d.path: d.data.decode() for d in documents},
            "environment": environment.name,
            "environments": [each.name for each in project.environments],
            "folders": {folder.uid: folder.title for folder in environment.folders.values()},
            "grafana": environment.grafana,
            "env": environment.env,
            "demo": _demo_key(project),
            "has_demo": bool(project.demos),
            "faults": _faults(tuple(problems)),
        }
    )


def _environment(project: Project, name: str) -> Environment | None:
    return project.environment(name) if name else project.environments[0]


def _faults(problems: Sequence[Problem]) -> list[Json]:
    found = []
    for problem in problems:
        source = problem.source
        found.append(
            {
                "message": f"{problem.path}: {problem.message}",
                "file": source.file_in(Path.cwd()) if source else "",
                "line": source.line if source else 0,
                "hint": problem.hint,
            }
        )
    return found


def _demo_key(project: Project) -> str:
    from dashgen.model.tables.table import table_of

    parts = [repr(table_of(cls)) for cls in project.tables]
    for demo in project.demos:
        parts += [demo.table.name, repr(list(demo.formulas)), str(demo.every), str(demo.count(project.demo_parameters))]
    parts.append(repr(sorted(project.demo_parameters.items())))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _fill(request: Json, specs: Path, loaded: Callable[[], None], tell: Tell) -> None:
    """Makes the tables, then their rows: the newest hours first, then the older ones, then, if it is asked for, those
    that become due, until the server or the preview is gone."""
    from dashgen.loading.load import load
    from dashgen.questdb import Client, QuestDBError

    watcher = os.getppid()
    result = load(specs)
    loaded()
    project = result.project
    if project is None:  # the load says why
        tell({"faults": []})
        return
    environment = _environment(project, request["env"])
    client = Client(request["url"], timeout=600)
    env, seed = environment.env if environment else "", int(request["seed"])
    end = datetime.fromtimestamp(request["end"], UTC)
    start = end - timedelta(hours=request["hours"])
    first = max(start, end - timedelta(hours=request["first_hours"]))
    try:
        _make_tables(client, project)
        tell({"rows": _rows(client, project, env, seed, start, (first, end)), "is_first": True, "faults": []})
        if start < first:
            _rows(client, project, env, seed, start, (start, first))
        tell({"is_complete": True, "faults": []})
        if request["follows"]:
            _follow(client, project, env, seed, start, end, watcher)
    except QuestDBError as error:
        with suppress(BrokenPipeError):
            tell({"faults": [{"message": f"demo data: {error}", "file": "", "line": 0, "hint": ""}]})


def _make_tables(client: Client, project: Project) -> None:
    """Without their TTL, by which rows of a moment long past would be dropped at once. What can't become as it is
    declared now is made anew: the data are made up."""
    from dashgen.model.tables.table import table_of
    from dashgen.questdb.migrate import apply, plan
    from dashgen.render.ddl import sql_name

    tables = [_kept(table_of(cls)) for cls in project.tables]
    planned = plan(client, tables)
    if planned.refusals:
        for table in tables:
            for view in reversed(table.views):  # the base of one is listed before it
                client.execute(f"DROP MATERIALIZED VIEW IF EXISTS {sql_name(view.name)}")
            client.execute(f"DROP TABLE IF EXISTS {sql_name(table.name)}")
        planned = plan(client, tables)
    apply(client, planned)


def _kept(table: TableSchema) -> TableSchema:
    """As a table of dashgen's own: nobody else writes to this server."""
    views = tuple(replace(view, ttl="") for view in table.views)
    return replace(table, ttl="", views=views, written_by_others=False)


def _rows(
    client: Client, project: Project, env: str, seed: int, origin: datetime, span: tuple[datetime, datetime]
) -> int:
    from dashgen.questdb.demo import seed_tables

    parameters: Mapping[str, int] = project.demo_parameters
    return seed_tables(
        client, project.demos, parameters, env=env, start=span[0], end=span[1], seed=seed, origin=origin
    )  # fmt: skip


def _follow(
    client: Client, project: Project, env: str, seed: int, origin: datetime, end: datetime, watcher: int
) -> None:
    while True:
        time.sleep(TICK_SECONDS)
        if os.getppid() != watcher:
            return
        now = datetime.now(UTC)
        _rows(client, project, env, seed, origin, (end, now))
        end = now


if __name__ == "__main__":
    raise SystemExit(main())
