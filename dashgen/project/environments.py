"""Checks what must be unique in one Grafana: folders, datasources, dashboards."""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.model.environment import Environment
from dashgen.model.problems import Problem
from dashgen.model.project import Project
from dashgen.project.findings import finding

UID_LENGTH = 40


def check(project: Project) -> Iterator[Problem]:
    yield from _shared(project)
    for environment in project.environments:
        yield from _folders(environment)
        yield from _datasources(environment)
        yield from _dashboards(environment, project)


def _shared(project: Project) -> Iterator[Problem]:
    """Environments of one Grafana: what one of them provisions must not be the other's too."""
    before: dict[tuple[str, int], list[Environment]] = {}
    for environment in project.environments:
        others = before.setdefault((environment.instance, environment.org_id), [])
        for other in others:
            where = f"environment {other.name!r}, which goes to the same Grafana and org, has it too"
            prefix = "give one of them another uid_prefix"
            for what, ours, theirs in (
                ("dashboard uid", _uids(environment, project), _uids(other, project)),
                ("datasource uid", _datasource_uids(environment), _datasource_uids(other)),
                ("folder uid", _folder_uids(environment), _folder_uids(other)),
                ("alert rule uid", _rule_uids(environment, project), _rule_uids(other, project)),
            ):
                for uid in sorted(ours & theirs):
                    yield finding(
                        environment, f"the {what} {uid!r} is not its own: {where}", prefix, field="uid_prefix"
                    )
            mine, its = _datasource_names(environment), _datasource_names(other)
            # names that follow from one uid are told with it
            for name in sorted(n for n in mine.keys() & its.keys() if mine[n] or its[n]):
                yield finding(
                    environment,
                    f"the datasource name {name!r} is not its own: {where}",
                    "give one another name",
                    field="datasources",
                )
            if environment.owns_policy_tree and other.owns_policy_tree:
                yield finding(
                    environment, f"owns the org's policy tree, and so does environment {other.name!r}",
                    "a Grafana org has one tree: the last file read would replace the other's",
                    field="owns_policy_tree",
                )  # fmt: skip
        others.append(environment)


def _rule_uids(environment: Environment, project: Project) -> set[str]:
    return {environment.uid_prefix + rule.uid for rule in project.rules}


def _uids(environment: Environment, project: Project) -> set[str]:
    return {environment.uid_prefix + d.uid for d in project.dashboards if d.uid}


def _datasource_uids(environment: Environment) -> set[str]:
    return {environment.uid_prefix + d.uid for d in environment.datasources.values()}


def _datasource_names(environment: Environment) -> dict[str, bool]:
    """Names in Grafana, and whether their author gave them."""
    return {environment.datasource_name(d): bool(d.name) for d in environment.datasources.values()}


def _folder_uids(environment: Environment) -> set[str]:
    return {environment.uid_prefix + f.uid for f in environment.folders.values()}


def _folders(environment: Environment) -> Iterator[Problem]:
    titles: dict[str, str] = {}
    uids: dict[str, str] = {}
    for name, folder in environment.folders.items():
        if titles.setdefault(folder.uid, folder.title) != folder.title:
            yield finding(
                environment,
                f"the folder uid {folder.uid!r} has two titles",
                f"see folder {name!r}",
                field=f"folders.{name}",
            )
        if uids.setdefault(folder.title, folder.uid) != folder.uid:
            yield finding(
                environment,
                f"two folders have the title {folder.title!r}",
                f"see folder {name!r}",
                field=f"folders.{name}",
            )
        if len(environment.uid_prefix + folder.uid) > UID_LENGTH:
            yield finding(
                environment, f"with uid_prefix, the folder uid {folder.uid!r} is longer than {UID_LENGTH} characters",
                "a shorter uid_prefix, or uid", field=f"folders.{name}",
            )  # fmt: skip


def _datasources(environment: Environment) -> Iterator[Problem]:
    by_uid: dict[str, str] = {}
    for name, datasource in environment.datasources.items():
        if datasource.uid in by_uid:
            yield finding(
                environment,
                f"datasources {by_uid[datasource.uid]!r} and {name!r} have the uid {datasource.uid!r}",
                "Grafana would know the last one only",
                field=f"datasources.{name}",
            )
        by_uid[datasource.uid] = name
    names = [environment.datasource_name(d) for d in {d.uid: d for d in environment.datasources.values()}.values()]
    for name in sorted({n for n in names if names.count(n) > 1}):
        yield finding(
            environment,
            f"two datasources have the name {name!r}",
            "Grafana's names are unique in an org",
            field="datasources",
        )
    if sum(d.is_default for d in environment.datasources.values()) > 1:
        yield finding(
            environment,
            "more than one datasource is the default",
            "is_default=True on one of them",
            field="datasources",
        )


def _dashboards(environment: Environment, project: Project) -> Iterator[Problem]:
    uids: set[str] = set()
    titles: set[tuple[str, str]] = set()
    for dashboard in project.dashboards:
        uid = environment.uid_prefix + dashboard.uid
        if len(uid) > UID_LENGTH:
            yield finding(
                dashboard, f"its uid in {environment.name!r}, {uid!r}, is longer than {UID_LENGTH} characters",
                "a shorter uid_prefix, or uid", field="uid",
            )  # fmt: skip
        if dashboard.uid and uid in uids:
            yield finding(
                dashboard,
                f"another dashboard has the uid {uid!r}",
                "Grafana would freeze every provider involved",
                field="uid",
            )
        uids.add(uid)
        folder = environment.folder(dashboard.folder)
        if folder is None:
            yield finding(
                dashboard,
                f"environment {environment.name!r} has no folder {dashboard.folder!r}",
                f"it has {', '.join(environment.folders)}",
                field="folder",
            )
        place = folder.uid if folder else dashboard.folder
        if dashboard.title and (place, dashboard.title) in titles:
            yield finding(
                dashboard, f"another dashboard of folder {dashboard.folder!r} has the title {dashboard.title!r}",
                "Grafana would freeze every provider involved", field="title",
            )  # fmt: skip
        titles.add((place, dashboard.title))
