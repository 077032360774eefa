"""What was published and is no longer declared: Grafana keeps it until a file says that it is deleted.

The file must sort before all others: Grafana applies the files of `provisioning/alerting` by their names, and within
one the groups before the deletions, so that a rule whose uid changed found its title still taken, and Grafana died at
start (docs/facts/grafana.md, Alert rules in files).
"""

from __future__ import annotations

from collections.abc import Iterable

from dashgen.model.environment import Environment
from dashgen.render.serialise import Interpolated

SECTIONS = (
    ("rule", "deleteRules", "uid"),
    ("receiver", "deleteContactPoints", "uid"),
    ("mute-timing", "deleteMuteTimes", "name"),
    ("template", "deleteTemplates", "name"),
)
"""Kinds of the ledger's entries, each with the section of its deletions and the key there."""


def deletions(ledger: Iterable[str], published: Iterable[str], environment: Environment) -> dict[str, object] | None:
    """What of the ledger is not published by this build; None where there is nothing to delete."""
    gone = sorted(set(ledger) - set(published))
    out: dict[str, object] = {"apiVersion": 1}
    for kind, section, key in SECTIONS:
        names = [entry.removeprefix(f"{kind} ") for entry in gone if entry.startswith(f"{kind} ")]
        if names:
            out[section] = [{"orgId": environment.org_id, key: Interpolated(name)} for name in names]
    return out if len(out) > 1 else None
