"""`dashgen routes`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashgen.cli import report
from dashgen.cli.options import Env, Format, OutputFormat, Specs, Timeout
from dashgen.cli.specs import chosen, on_project

if TYPE_CHECKING:
    from datetime import datetime

    from dashgen.grafana.notification_policies import RouteNode
    from dashgen.model.core.problems import Problem
    from dashgen.model.environment import Environment
    from dashgen.model.project import Project

OUTCOME = "no route was walked"
WHEN = {"Error": "its query fails", "NoData": "its query has no rows"}


def routes(
    rule: Annotated[str, typer.Argument(metavar="RULE_UID", help="The uid of the alert rule, as in the specs.")],
    specs: Specs = Path("specs"),
    env: Env = None,
    label: Annotated[
        list[str] | None, typer.Option("--label", help="A label that the query returns, name=value (repeatable).")
    ] = None,
    at: Annotated[
        str, typer.Option("--at", help="Show what is muted at this time: 2026-01-05T03:00Z.", metavar="TIME")
    ] = "",
    output: Format = OutputFormat.TEXT,
    load_timeout: Timeout = 30.0,
) -> None:
    """Print which contact points a rule's alerts reach, by the notification policies.

    Three cases are routed: the rule fires; its query fails; its query has no rows. What is sent in the last two
    depends on the rule's on_error and no_data: an alert of the name DatasourceError or DatasourceNoData, the rule's
    own, or nothing. They have the rule's own labels and none of its query. A paused rule sends nothing.

    \b
    Examples:
      dashgen routes daemon-silent                            in every environment
      dashgen routes daemon-silent --env prod --label host=a  with a label of the query
      dashgen routes daemon-silent --at 2026-01-03T03:00Z     and what mute timings suppress at that time

    Exit code: 0 each alert reaches a contact point; 1 one of them reaches none; 2 wrong use, or specs that
    can't be loaded.
    """

    def work(project: Project, findings: Sequence[Problem], root: Path) -> int:
        if findings:
            return report.fail(tuple(findings), root, output, 1, OUTCOME)
        return _routes(project, rule, env, label or [], at, output)

    raise typer.Exit(on_project(specs, load_timeout, output, OUTCOME, work))


def _routes(
    project: Project, uid: str, env: Sequence[str] | None, label: Sequence[str], at: str, output: OutputFormat
) -> int:
    from dashgen.model.core.suggestions import nearest_or_all

    environments, code = chosen(project, env)
    if code:
        return code
    known = [rule.uid for rule in project.rules]
    if uid not in known:
        hint = nearest_or_all(uid, known)
        return report.error(f"no alert rule {uid!r} in PROJECT", hint)
    given = dict(part.partition("=")[::2] for part in label)
    if any("=" not in part for part in label) or "" in given:
        return report.error("--label takes name=value", "--label host=prod-server-01")
    moment: datetime | None = None
    if at:
        from datetime import UTC, datetime

        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            return report.error(f"--at {at!r} is not a time", "2026-01-05T03:00Z")
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    found = {e.name: _walked(project, e, uid, given, moment) for e in environments}
    own = {name for cases in found.values() for case in cases for name in case["rule_labels"]} & given.keys()
    if own:
        return report.error(
            f"--label {min(own)}: the rule sets this label itself", "give labels that the query returns"
        )
    _tell(uid, found, output)
    return int(
        any(
            case["labels"] and not (case["reaches"] or case["reaches_unpaused"])
            for cases in found.values()
            for case in cases
        )
    )


def _walked(
    project: Project, environment: Environment, uid: str, given: dict[str, str], moment: datetime | None
) -> list[dict[str, Any]]:
    """Each of the three cases of a rule, with whom it reaches."""
    from dashgen.grafana.fault_states import FAULTS, FIELDS, happens, policy, sent_labels
    from dashgen.grafana.notification_policies import route_alert
    from dashgen.grafana.provisioning_variables import expand
    from dashgen.render import render, rendered_tree

    tree = rendered_tree(environment, render(project, environment))
    _, title, folder, _, rule, _ = next(one for one in tree.rules if one.uid == environment.uid_prefix + uid)
    own = {name: expand(text) for name, text in rule["labels"].items()}
    root, timings = tree.policies.get(tree.org), tree.mute_timings.get(tree.org, {})
    kinds = {point.name: [str(receiver["type"]) for receiver in point.receivers] for point in tree.contact_points}
    cases: list[dict[str, Any]] = []
    for what, given_name, state, beside in (
        ("fires", "", "", {**given, "alertname": title}),
        *(
            (WHEN[fault], f"{FIELDS[fault]}={policy(rule, fault)}", policy(rule, fault), sent)
            for fault in FAULTS
            for sent in [sent_labels(fault, policy(rule, fault), title)]
        ),
    ):
        labels = None if beside is None else {**beside, **own, "grafana_folder": folder}
        # what an error or no data lacks it lacks for good; an alert that fires may get it from its query
        asked = {m.name for node in root.walk() for m in node.matchers} if root and not state else set()
        nodes = []
        if labels is not None:
            nodes = [_reached(node, labels, kinds, timings, moment) for node in route_alert(rule, labels, root)]
        paused = bool(rule.get("isPaused"))
        cases.append(
            {
                "when": what,
                "state": given_name or None,
                "sent": labels is not None and not paused,
                "paused": paused,
                "happens": happens(state, environment.version),
                "labels": dict(sorted((labels or {}).items())),
                "rule_labels": sorted(own),
                "labels_not_known": (
                    [] if labels is None or rule.get("notification_settings") else sorted(asked - labels.keys())
                ),
                "reaches": [] if paused else nodes,
                "reaches_unpaused": nodes if paused else [],
            }
        )
    return cases


def _reached(
    node: RouteNode, labels: dict[str, str], kinds: dict[str, list[str]], timings: Any, moment: datetime | None
) -> dict[str, Any]:
    from dashgen.grafana.durations import duration
    from dashgen.grafana.notification_policies import muted_by

    return {
        "contact_point": node.receiver,
        "receivers": kinds.get(node.receiver, []),
        "path": list(node.steps),
        "group_by": list(node.group_by),
        "group": node.group_labels(labels),
        "group_wait": duration(node.group_wait),
        "group_interval": duration(node.group_interval),
        "repeat_interval": duration(node.repeat_interval),
        "repeats_after": duration(node.repeats_after),
        "mute_timings": list(node.mute_timings),
        "active_timings": list(node.active_timings),
        "muted_by": list(muted_by(node, timings, moment)) if moment else None,
    }


def _tell(uid: str, found: dict[str, list[dict[str, Any]]], output: OutputFormat) -> None:
    if output is OutputFormat.JSON:
        report.echo_json({"rule": uid, "environments": found})
        return
    for environment, cases in found.items():
        if any(case["paused"] for case in cases):
            report.echo(f"{environment}: {uid} is paused: Grafana does not evaluate it, and sends nothing. Unpaused:")
        for case in cases:
            _tell_case(environment, uid, case)


def _tell_case(environment: str, uid: str, case: dict[str, Any]) -> None:
    from dashgen.model.core.display_path import display_path

    labels = ", ".join(f"{name}={value}" for name, value in case["labels"].items())
    if not case["labels"]:
        report.echo(f"{environment}: {uid} {case['when']}: nothing is sent ({case['state']})")
        report.echo(f"  {case['happens']}")
        return
    report.echo(f"{environment}: {uid} {case['when']} ({labels})")
    if case["happens"]:
        report.echo(f"  {case['state']}: {case['happens']}")
    nodes = case["reaches"] or case["reaches_unpaused"]
    for node in nodes:
        report.echo(f"  → {node['contact_point']} ({', '.join(node['receivers']) or 'of another source'})")
        report.echo(f"    by {display_path(*node['path'])}")
        report.echo(f"    {_timing(node)}")
    if case["labels_not_known"]:
        names = ", ".join(case["labels_not_known"])
        report.echo(f"  assumed to be missing: {names}, which policies match; give them with --label")
    if not nodes:
        report.echo("  → unknown: the policies of the organization decide")


def _timing(node: dict[str, Any]) -> str:
    parts = [f"group_by {', '.join(node['group_by'])}" if node["group_by"] else "no group_by: one group for all alerts"]
    parts.append(
        f"group_wait {node['group_wait']}, group_interval {node['group_interval']},"
        f" repeat_interval {node['repeat_interval']} (repeats after {node['repeats_after']}, at a flush of the group)"
    )
    if node["mute_timings"]:
        parts.append(f"mute timings {', '.join(node['mute_timings'])}")
    if node["active_timings"]:
        parts.append(f"active timings {', '.join(node['active_timings'])}")
    if node["muted_by"]:
        parts.append(f"MUTED at that time by {', '.join(node['muted_by'])}")
    return "; ".join(parts)
