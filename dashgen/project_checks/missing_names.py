"""What environments lack that the specs name: a mistake is told once, where it is to be mended.

A name that no environment has is a mistake of whoever names it first; one that only some have, of those environments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from dashgen.model.core.node import Node
from dashgen.model.core.problems import Problem
from dashgen.model.core.suggestions import did_you_mean, listed
from dashgen.model.dashboards.foreign import ForeignDashboard
from dashgen.model.environment import Environment
from dashgen.project_checks.findings import finding

Owner: TypeAlias = Node | ForeignDashboard


class NameUse(NamedTuple):
    """An object that names something of an environment. Any of `names` will do; the first is the author's."""

    owner: Owner
    names: tuple[str, ...]


class Kind(NamedTuple):
    """What is named: `folder`, given by the field of that name, and by `field` of an environment."""

    name: str
    field: str
    there: Callable[[Environment], Iterable[str]]


FOLDER = Kind("folder", "folders", lambda environment: environment.folders)
DATASOURCE = Kind("datasource", "datasources", lambda environment: environment.datasources)


def lacking(kind: Kind, environments: Iterable[Environment], uses: Iterable[NameUse]) -> Iterator[Problem]:
    known = {e.name: (e, list(kind.there(e))) for e in environments if kind.field not in e.refused}
    users: dict[tuple[str, ...], list[Owner]] = {}
    for use in uses:
        users.setdefault(use.names, []).append(use.owner)
    for names, owners in users.items():
        without = [(e, there) for e, there in known.values() if not set(names) & set(there)]
        distinct = list({id(owner): owner for owner in owners}.values())
        if without and len(without) == len(known):
            yield _nowhere(kind, names[0], distinct, [there for _, there in without], [e for e, _ in without])
        else:
            for environment, there in without:
                hint = did_you_mean(names[0], there) or f"other environments have it; it has {listed(there, names[0])}"
                yield finding(
                    environment, f"has no {kind.name} {names[0]!r}, which {_called(distinct)} {_verb(distinct)}",
                    hint, field=kind.field,
                )  # fmt: skip


def _nowhere(
    kind: Kind, name: str, owners: list[Owner], there: list[list[str]], environments: list[Environment]
) -> Problem:
    every = sorted({one for names in there for one in names})
    who = f"environment {environments[0].name!r} has no" if len(environments) == 1 else "no environment has a"
    more = f"; {len(owners) - 1} more name it" if len(owners) > 1 else ""
    hint = did_you_mean(name, every) or f"{'it has' if len(environments) == 1 else 'there are'} {listed(every, name)}"
    return finding(owners[0], f"{who} {kind.name} {name!r}{more}", hint, field=kind.name)


def _called(owners: list[Owner]) -> str:
    more = f" and {len(owners) - 1} more" if len(owners) > 1 else ""
    return f"{owners[0].called()}{more}"


def _verb(owners: list[Owner]) -> str:
    return "name" if len(owners) > 1 else "names"
