"""An alerting document in its one form, whatever form it was found in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashgen.model.core.problems import DashgenError

Json = dict[str, Any]


class AlertingError(DashgenError, ValueError):
    """A document that is none of alerting, or whose parts have not the types that Grafana reads them with."""


@dataclass(slots=True)
class AlertingDocument:
    """What one or several documents hold, each thing as a provisioning file has it.

    Texts that Grafana expands in such files have their `$` doubled, so that `${NAME}` is a variable of its process.
    Lengths of time are seconds. `steps` of a rule are by refId.
    """

    form: str = ""
    groups: list[Json] = field(default_factory=list)
    contact_points: list[Json] = field(default_factory=list)
    policy: Json | None = None
    mute_timings: list[Json] = field(default_factory=list)
    templates: list[Json] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    """Entries of the ledger: `rule old-uid`."""
    notes: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    """Variables that stand for secrets of the document now, and which setting each was."""
    reserved: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Variables that other settings name already, and in which contact points: secrets of others get another one."""

    @property
    def is_empty(self) -> bool:
        things = (self.groups, self.contact_points, self.policy, self.mute_timings, self.templates, self.deleted)
        return not any(things)
