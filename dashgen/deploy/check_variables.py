"""The variables that the tree refers to, as Grafana's process would have them. No value is shown."""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.deploy.deployment import Deployment, subject_of
from dashgen.deploy.finding import DeployFinding
from dashgen.grafana.needed_variables import Need
from dashgen.model.core.display_path import display_path
from dashgen.preflight import fault

_SECRETS = ("secret", "bot token", "address")
"""Kinds of variables whose value is not for a file that is committed."""


def variables(of: Deployment) -> Iterator[DeployFinding]:
    unknown = [
        (need, found) for need in of.tree.needs if (found := of.grafana.variable(need.name)) and found.value is None
    ]
    if unknown:
        names = ", ".join(need.name for need, _ in unknown)
        message = f"Compose does not start unless they are set, which they are not here: {names}"
        hint = f"in this shell, or in {of.project.folder / '.env'}"
        yield DeployFinding(
            "not-verified", unknown[0][1].place, subject_of(of.grafana, "environment"), message, hint, "note"
        )
    for need in of.tree.needs:
        yield from _variable(of, need)
    for file in of.grafana.missing_files:
        subject = subject_of(of.grafana, "env_file")
        others = [need.name for need in of.tree.needs if need.name not in of.grafana.environment]
        sets = f": it must set {', '.join(others)}" if others else ""
        what = "" if file.required else ", and Compose starts without it"
        hint = f"check it where it is: dashgen preflight --env {of.environment.name} --file {file.path.name}"
        yield DeployFinding("not-verified", file.place, subject, f"{file.path} is not here{what}{sets}", hint, "note")


def _variable(of: Deployment, need: Need) -> Iterator[DeployFinding]:
    grafana = of.grafana
    found = grafana.variable(need.name)
    subject = subject_of(grafana, display_path("environment", need.name))
    if found is None:
        if not grafana.missing_files:
            message = f"is not set for Grafana: {need.unset}"
            hint = "put it into a file that env_file names; see environment.example of the tree"
            yield DeployFinding("variable-missing", grafana.place, subject, message, hint)
        return
    if found.value is None:
        return
    if found.origin == "env_file" and found.unset:
        lost = ", ".join(f"${name}" for name in found.unset)
        message = f"Compose cuts {lost} out of its value, as variables that are not set"
        yield DeployFinding("variable-cut", found.place, subject, message, "put the value into single quotes")
        return
    if found.origin != "env_file" and found.unset and not found.value:
        over = any(need.name in (file.found or ()) for file in grafana.env_files) or grafana.missing_files
        lost = ", ".join(found.unset)
        message = f"is empty here, as {lost} is set neither in this shell nor in {of.project.folder / '.env'}"
        hint = "set it there" + (", or remove the line: it overrides env_file" if over else "")
        yield DeployFinding("variable-empty", found.place, subject, message, hint)
        return
    if why := fault(need, found.value):
        yield DeployFinding("variable-wrong", found.place, subject, f"{why}; {need.where}", "")
    if found.origin == "file" and found.value and need.kind in _SECRETS:
        message = "its value is in the Compose file, readable for everybody with access to it"
        yield DeployFinding(
            "variable-in-clear", found.place, subject, message, "put it into a file that env_file names"
        )
