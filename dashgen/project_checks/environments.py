"""Checks what must be unique in one Grafana: folders, datasources, dashboards."""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.grafana.versions import unknown
from dashgen.model.alerting.alert import AlertRule, RawRule
from dashgen.model.core.problems import Problem
from dashgen.model.core.suggestions import listed
from dashgen.model.environment import Environment
from dashgen.model.project import AnyDashboard, Project
from dashgen.project_checks.findings import finding
from dashgen.project_checks.missing_names import FOLDER, NameUse, lacking

UID_LENGTH = 40


def check(project: Project) -> Iterator[Problem]:
    yield from _shared(project)
    for environment in project.environments:
        if why := unknown(environment.version):
            yield finding(
                environment,
                f"grafana: {why}, got {environment.grafana!r}",
                "name the version that is installed",
                field="grafana",
            )
        yield from _folders(environment)
        yield from _datasources(environment)
        yield from _prefixed(environment, project)
    yield from _unique(project)
    uses = [NameUse(d, (d.folder,)) for d in project.dashboards if "folder" not in getattr(d, "refused", ())]
    yield from lacking(FOLDER, project.environments, uses)


def _shared(project: Project) -> Iterator[Problem]:
    """Environments of one Grafana: what one of them provisions must not be the other's too. Two of one name are one
    mistake, which the project tells."""
    before: dict[tuple[str, int], dict[str, Environment]] = {}
    for environment in project.environments:
        others = before.setdefault((environment.instance, environment.org_id), {})
        for other in others.values() if environment.name not in others else ():
            where = f"environment {other.name!r}, which goes to the same Grafana and org, has"
            common = {
                what: sorted(ours & theirs)
                for what, ours, theirs in (
                    ("dashboard uid", _uids(environment, project), _uids(other, project)),
                    ("datasource uid", _datasource_uids(environment), _datasource_uids(other)),
                    ("folder uid", _folder_uids(environment), _folder_uids(other)),
                    ("alert rule uid", _rule_uids(environment, project), _rule_uids(other, project)),
                )
            }
            mine, its = _datasource_names(environment), _datasource_names(other)
            # names that follow from one uid are told with it
            names = sorted(n for n in mine.keys() & its.keys() if mine[n] or its[n])
            rename = "give the datasources distinct names"
            if any(common.values()):
                told = [f"the {what} {listed(map(repr, uids))}" for what, uids in common.items() if uids]
                told += [f"the datasource name {listed(map(repr, names))}"] if names else []
                prefix = "give one of them another uid_prefix"
                yield finding(
                    environment, f"{where} {', '.join(told)} too", f"{prefix}, and {rename}" if names else prefix,
                    field="uid_prefix",
                )  # fmt: skip
            elif names:
                yield finding(
                    environment, f"{where} the datasource name {listed(map(repr, names))} too", rename,
                    field="datasources",
                )  # fmt: skip
            if environment.owns_policy_tree and other.owns_policy_tree:
                yield finding(
                    environment, f"owns the org's policy tree, and so does environment {other.name!r}",
                    "a Grafana org has one tree: the last file read would replace the other's",
                    field="owns_policy_tree",
                )  # fmt: skip
        others.setdefault(environment.name, environment)


def _prefixed(environment: Environment, project: Project) -> Iterator[Problem]:
    """Uids that are too long with an environment's prefix. One alone is too long itself; several, and those that have
    no place of their own, are the prefix's fault."""
    owners: list[tuple[str, AnyDashboard | AlertRule | RawRule | Environment]] = []
    owners += [(dashboard.uid, dashboard) for dashboard in project.dashboards]
    owners += [(rule.uid, rule) for group in project.alerts for rule in group.every_rule]
    owners += [(folder.uid, environment) for folder in environment.folders.values()]
    owners += [(datasource.uid, environment) for datasource in environment.datasources.values()]
    long = {uid: owner for uid, owner in owners if len(environment.uid_prefix + uid) > UID_LENGTH}
    if not long:
        return
    environment.refuse("uid_prefix")
    ((uid, owner), *others) = long.items()
    if not others and owner is not environment:
        yield finding(
            owner, f"its uid in {environment.name!r}, {environment.uid_prefix + uid!r}, is longer than {UID_LENGTH}"
            " characters", "a shorter uid_prefix, or uid", field="uid",
        )  # fmt: skip
    else:
        yield finding(
            environment,
            f"uid_prefix: with it the uid {listed(map(repr, long))} is longer than {UID_LENGTH} characters",
            "a shorter uid_prefix, or uid",
            field="uid_prefix",
        )


def _unique(project: Project) -> Iterator[Problem]:
    """Dashboards of one uid, or of one title in one folder, are one mistake each, whatever the environments."""
    uids: set[str] = set()
    titles: set[tuple[str, str]] = set()
    for dashboard in project.dashboards:
        if dashboard.uid and dashboard.uid in uids:
            yield finding(
                dashboard,
                f"another dashboard has the uid {dashboard.uid!r}",
                "Grafana would stop updating each provider involved",
                field="uid",
            )
            continue
        uids.add(dashboard.uid)
        title = dashboard.title.strip()  # as Grafana saves it
        places = {
            (folder.uid if (folder := environment.folder(dashboard.folder)) else dashboard.folder, title)
            for environment in project.environments
        }
        if title and places & titles:
            yield finding(
                dashboard, f"another dashboard of folder {dashboard.folder!r} has the title {title!r}",
                "Grafana would stop updating each provider involved", field="title",
            )  # fmt: skip
        titles |= places


def _rule_uids(environment: Environment, project: Project) -> set[str]:
    return {environment.uid_prefix + rule.uid for group in project.alerts for rule in group.every_rule}


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
        title = folder.title.strip()  # as Grafana saves it
        if titles.setdefault(folder.uid, title) != title:
            yield finding(
                environment,
                f"the folder uid {folder.uid!r} has two titles",
                f"see folder {name!r}",
                field=f"folders.{name}",
            )
        if uids.setdefault(title, folder.uid) != folder.uid:
            yield finding(
                environment,
                f"two folders have the title {title!r}",
                f"see folder {name!r}",
                field=f"folders.{name}",
            )


def _datasources(environment: Environment) -> Iterator[Problem]:
    by_uid: dict[str, str] = {}
    by_name: dict[str, str] = {}
    for name, datasource in environment.datasources.items():
        title = environment.datasource_name(datasource)
        first, titled = by_uid.setdefault(datasource.uid, name), by_name.setdefault(title, name)
        if first != name:
            both = f" and the name {title!r}" if titled == first and datasource.name else ""
            yield finding(
                environment,
                f"datasources {first!r} and {name!r} have the uid {datasource.uid!r}{both}",
                f"Grafana would know the last one only: give each a uid{' and a name' if both else ''} of its own",
                field=f"datasources.{name}",
            )
        elif titled != name:
            yield finding(
                environment,
                f"datasources {titled!r} and {name!r} have the name {title!r}",
                "Grafana's names are unique in an org",
                field=f"datasources.{name}",
            )
    if sum(d.is_default for d in environment.datasources.values()) > 1:
        yield finding(
            environment,
            "more than one datasource is the default",
            "is_default=True on one of them",
            field="datasources",
        )
