"""Checks what must be unique in one Grafana: folders, datasources, dashboards."""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.model.environment import Environment
from dashgen.model.problems import Problem
from dashgen.model.project import Project
from dashgen.project.findings import finding

UID_LENGTH = 40


def check(project: Project) -> Iterator[Problem]:
    for environment in project.environments:
        yield from _folders(environment)
        yield from _datasources(environment)
        yield from _dashboards(environment, project)


def _folders(environment: Environment) -> Iterator[Problem]:
    titles: dict[str, str] = {}
    uids: dict[str, str] = {}
    for name, folder in environment.folders.items():
        if titles.setdefault(folder.uid, folder.title) != folder.title:
            yield finding(environment, f"the folder uid {folder.uid!r} has two titles", f"see folder {name!r}")
        if uids.setdefault(folder.title, folder.uid) != folder.uid:
            yield finding(environment, f"two folders have the title {folder.title!r}", f"see folder {name!r}")
        if len(environment.uid_prefix + folder.uid) > UID_LENGTH:
            yield finding(
                environment, f"with uid_prefix, the folder uid {folder.uid!r} is longer than {UID_LENGTH} characters"
            )


def _datasources(environment: Environment) -> Iterator[Problem]:
    by_uid: dict[str, str] = {}
    for name, datasource in environment.datasources.items():
        if datasource.uid in by_uid:
            yield finding(environment, f"datasources {by_uid[datasource.uid]!r} and {name!r} have one uid")
        by_uid[datasource.uid] = name
    names = [d.name for d in environment.datasources.values()]
    for name in sorted({n for n in names if names.count(n) > 1}):
        yield finding(environment, f"two datasources have the name {name!r}")
    if sum(d.is_default for d in environment.datasources.values()) > 1:
        yield finding(environment, "more than one datasource is the default")


def _dashboards(environment: Environment, project: Project) -> Iterator[Problem]:
    uids: set[str] = set()
    titles: set[tuple[str, str]] = set()
    for dashboard in project.dashboards:
        uid = environment.uid_prefix + dashboard.uid
        if len(uid) > UID_LENGTH:
            yield finding(
                dashboard, f"its uid in {environment.name!r}, {uid!r}, is longer than {UID_LENGTH} characters"
            )
        if uid in uids:
            yield finding(
                dashboard, f"another dashboard has the uid {uid!r}", "Grafana would freeze every provider involved"
            )
        uids.add(uid)
        if environment.folder(dashboard.folder) is None:
            yield finding(
                dashboard,
                f"environment {environment.name!r} has no folder {dashboard.folder!r}",
                f"it has {', '.join(environment.folders)}",
            )
        if (dashboard.folder, dashboard.title) in titles:
            yield finding(dashboard, f"another dashboard of folder {dashboard.folder!r} has this title")
        titles.add((dashboard.folder, dashboard.title))
