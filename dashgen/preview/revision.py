"""The rendered tree as a preview shows it: dashboards by uid, their panels by id, datasources and alert rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from dashgen.grafana.alerting.rule import RuleSpec
from dashgen.tree import paths
from dashgen.tree.read import RenderedTree

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why specs can't be loaded, or what is wrong with what they render."""

    message: str
    file: str = ""
    line: int = 0
    hint: str = ""

    def as_data(self) -> Json:
        return {"message": self.message, "file": self.file, "line": self.line, "hint": self.hint}


@dataclass(frozen=True, slots=True)
class Datasource:
    """As it is provisioned; `type` is the plugin's id."""

    name: str
    uid: str
    type: str


@dataclass(frozen=True)
class Board:
    """One dashboard in Grafana's classic JSON."""

    data: Json
    folder: str
    text: str = field(repr=False)

    @property
    def uid(self) -> str:
        return str(self.data["uid"])

    @property
    def title(self) -> str:
        return str(self.data.get("title") or "")

    @cached_property
    def panels(self) -> Mapping[int, Json]:
        """All but rows, by their ids."""
        return {panel["id"]: panel for panel in _panels(self.data) if isinstance(panel.get("id"), int)}

    @property
    def variables(self) -> tuple[Json, ...]:
        listed = (self.data.get("templating") or {}).get("list") or ()
        return tuple(one for one in listed if isinstance(one, dict) and one.get("name"))

    @property
    def annotations(self) -> tuple[Json, ...]:
        """Those with a query."""
        listed = (self.data.get("annotations") or {}).get("list") or ()
        return tuple(one for one in listed if isinstance(one, dict) and not one.get("builtIn"))


def _panels(data: Json) -> Iterator[Json]:
    """Also those of collapsed rows, and of the rows of old dashboards."""
    for panel in data.get("panels") or ():
        if panel.get("type") != "row":
            yield panel
        yield from panel.get("panels") or ()
    for row in data.get("rows") or ():
        yield from row.get("panels") or ()


@dataclass(frozen=True, slots=True)
class Revision:
    """What there is to show. `grafana` is the environment's version; `demo` changes with the tables and how demo data
    are made up."""

    number: int = 0
    environment: str = ""
    environments: tuple[str, ...] = ()
    grafana: str = "12.3"
    boards: Mapping[str, Board] = field(default_factory=dict)
    datasources: tuple[Datasource, ...] = ()
    rules: tuple[RuleSpec, ...] = ()
    faults: tuple[Fault, ...] = ()
    demo: str = ""

    def changed_since(self, before: Revision) -> tuple[str, ...]:
        """The uids of dashboards that are new, other or gone."""
        uids = dict.fromkeys((*before.boards, *self.boards))
        texts = [[side.boards[uid].text if uid in side.boards else None for side in (before, self)] for uid in uids]
        return tuple(uid for uid, (old, new) in zip(uids, texts, strict=True) if old != new)


def revision(answer: Mapping[str, Any], before: Revision) -> Revision:
    """Of what the loader answered. Where the specs could not be loaded, what was there before with the faults."""
    faults = tuple(Fault(**fault) for fault in answer["faults"])
    if not answer["is_loaded"]:
        return replace(before, number=before.number + 1, faults=faults)
    tree = RenderedTree(answer["environment"], {path: text.encode() for path, text in answer["documents"].items()})
    return Revision(
        before.number + 1,
        tree.environment,
        tuple(answer["environments"]),
        answer["grafana"],
        {board.uid: board for board in _boards(tree, answer["folders"])},
        tuple(Datasource(one.name, one.uid, one.type) for one in tree.datasources),
        tuple(tree.rule_specs.values()),
        faults,
        answer["demo"],
    )


def _boards(tree: RenderedTree, folders: Mapping[str, str]) -> Iterator[Board]:
    for path in filter(paths.is_dashboard, tree):
        folder = path.split("/")[1]
        yield Board(dict(tree.document(path)), folders.get(folder, folder), tree[path].decode())
