"""What Grafana would not survive, or not do, when it gets another tree, said of the author's objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from dashgen.grafana.versions import RULES_NAME_RECEIVERS, TITLES_REPEAT
from dashgen.model.core.problems import Problem
from dashgen.model.display_paths import paths
from dashgen.model.environment import Environment
from dashgen.model.project import Project
from dashgen.tree import transition
from dashgen.tree.read import RenderedTree

What = Literal["taken", "used", "moved"]


def refused(
    project: Project, environment: Environment, before: RenderedTree, after: RenderedTree
) -> Iterator[tuple[What, Problem]]:
    """Why a Grafana that has applied `before` would not start with `after`, each with the way out."""
    for problem in clashing(project, environment, before, after):
        yield "taken", problem
    for problem in undeletable(environment, before, after):
        yield "used", problem
    for problem in moved(environment, before, after):
        yield "moved", problem


def moved(environment: Environment, before: RenderedTree, after: RenderedTree) -> Iterator[Problem]:
    """Datasources whose name or uid is another than it was."""
    for one in transition.renamed(before, after):
        if one.name == one.new_name:
            what, why = f"the uid of the datasource {one.name!r} was {one.uid!r}", "would not find it any more"
        else:
            what, why = f"the name of the datasource with uid {one.uid!r} was {one.name!r}", "would not start"
        yield Problem(
            f"environment {environment.name}",
            f"{what} and is {(one.new_uid if one.name == one.new_name else one.new_name)!r}: Grafana {why}",
            f"keep both as they were (name={one.name!r}), or change both: that is another datasource",
            environment.source,
            environment,
            "datasources",
        )


def undeletable(environment: Environment, before: RenderedTree, after: RenderedTree) -> Iterator[Problem]:
    """Mute timings and contact points that Grafana is to delete while something names them."""
    by_rules = RULES_NAME_RECEIVERS.holds(environment.version)
    for one in transition.still_used(before, after, by_rules=by_rules):
        if one.rules:
            several = len(one.rules) > 1
            more = f" and {len(one.rules) - 3} more" if len(one.rules) > 3 else ""
            users = f"rule{'s' if several else ''} {', '.join(map(repr, one.rules[:3]))}{more}"
            message = (
                f"the {one.what} {one.name!r} is removed, and {users} still"
                f" name{'' if several else 's'} it when Grafana"
                " deletes it, before it applies the rules: it would not start"
            )
            hint = (
                "publish in two steps: keep it declared, together with a new one if it is renamed, and take it out of"
                " the policy; build and publish; then remove it"
            )
        else:
            message = (
                f"the {one.what} {one.name!r} is removed, and the policy tree that stays in"
                " Grafana when this environment no"
                " longer owns it still names it: Grafana would not start"
            )
            hint = (
                "publish in two steps: remove it while owns_policy_tree=True, build and publish; then give up the tree"
            )
        field = "" if one.rules else "owns_policy_tree"
        yield Problem(f"environment {environment.name}", message, hint, environment.source, environment, field)


def clashing(
    project: Project, environment: Environment, before: RenderedTree, after: RenderedTree
) -> Iterator[Problem]:
    """Rules that get a title which Grafana, having applied `before`, still has for another rule at that moment."""
    if TITLES_REPEAT.holds(environment.version):
        return
    by_uid = {environment.uid_prefix + rule.uid: rule for rule in project.rules}
    folders = {environment.uid_prefix + rule.uid: group.folder for group in project.alerts for rule in group.rules}
    where: dict[int, str] | None = None
    for clash in transition.clashes(before, after):
        rule, holder = by_uid.get(clash.rule.uid), by_uid.get(clash.holder.uid)
        same_folder = folders.get(clash.rule.uid) == folders.get(clash.holder.uid)
        if rule and holder and rule.title == holder.title and same_folder:
            continue  # two rules of one title, whatever was there before: `check` tells it
        where = where if where is not None else paths(project)
        yield Problem(
            where.get(id(rule), f"rule {clash.rule.uid}"),
            f"takes the title {clash.rule.title!r}, which rule {clash.holder.uid!r} still has when Grafana applies"
            " this one: it would not start",
            "publish in two steps: give it another title, build and publish; then this one",
            getattr(rule, "source", None),
            rule,
            "title",
        )


def notes(environment: Environment, before: RenderedTree, after: RenderedTree) -> Iterator[Problem]:
    """What Grafana does not do of what changed, or keeps, and what can't be known here."""
    path = f"environment {environment.name}"
    for folder in transition.retitled(before, after):
        yield Problem(
            path,
            f"the dashboards' folder {folder.uid!r} was {folder.old!r} and is {folder.new!r}: Grafana finds it by its"
            " uid and leaves the title",
            "rename the folder in Grafana too",
            environment.source,
        )
    for title in transition.emptied(before, after):
        yield Problem(
            path,
            f"the alert folder {title!r} has no rules any longer: Grafana keeps the empty folder",
            "delete it in Grafana after the rollout",
            environment.source,
        )
    users = [] if environment.owns_policy_tree else ["the org's own policies"]
    users += ["rules made by hand"] if RULES_NAME_RECEIVERS.holds(environment.version) else []
    for what, _, name in transition.deletions(before, after) if users else ():
        yield Problem(
            path,
            f"the {what} {name!r} is deleted: Grafana does not start if {' or '.join(users)} name it, which dashgen"
            " can't see",
            f"before you publish, check in Grafana under Alerting what uses the {what}",
            environment.source,
        )
