"""Where a document's names lead: the environment's datasources, the panels that others refer to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from dashgen.adopt.normalise import Named
from dashgen.grafana.datasources.plugins import BY_ID, id_of
from dashgen.model.dashboards.query import DatasourceRef
from dashgen.model.environment import Environment, Plugin, QuestDB
from dashgen.render.dashboards import RenderContext
from dashgen.render.targets import Datasources

Json = dict[str, Any]
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class ImportScope:
    """What importing one dashboard knows beside its JSON. `plugins` are those of the environment's datasources by their
    names there; `claimed` has these names by the uids and names that documents use; `chosen` are variables of the
    dashboard by which a viewer chooses such a datasource, and which one it is at first."""

    plugins: dict[str, Plugin]
    claimed: dict[str, str]
    chosen: dict[str, str] = field(default_factory=dict)
    originals: dict[str, Json] = field(default_factory=dict)
    """How the document refers to each of them: what stays raw goes on to do so."""

    def named(self, given: object) -> str | None:
        """The environment's name of a datasource that a document refers to."""
        kind = given.get("type") if isinstance(given, dict) else None
        uid = given.get("uid") if isinstance(given, dict) else given
        if not isinstance(uid, str) or (kind is not None and kind not in BY_ID):
            return None
        name = self.claimed.get(uid)
        if name is not None:
            if isinstance(given, dict):
                self.originals.setdefault(name, given)
            return name
        variable = _VARIABLE.match(uid)
        by = (variable[1] or variable[2]) if variable else ""
        return f"${by}" if by in self.chosen else None

    def uid(self, name: str) -> str:
        """What stands for a datasource in what is rendered on the way; no document has it."""
        return f"dashgen-import-{sorted(self.plugins).index(name)}"

    def rendered(self) -> RenderContext:
        """What renders to see what an object of the model becomes."""
        datasources = {name: QuestDB(uid=self.uid(name), plugin=plugin) for name, plugin in self.plugins.items()}
        environment = Environment("import", datasources=datasources, grafana="12.4")
        found = Datasources.of(environment)
        for name, logical in self.chosen.items():
            datasource, ref = found.named(logical)
            made = {**ref, "uid": f"${{{name}}}"}
            found.by_name[f"${name}"] = found.by_name[f"${{{name}}}"] = (datasource, made)
        return RenderContext(environment, ("import",), found, {})

    def read_back(self) -> Named:
        """The names of the datasources in what was rendered, and of those in raw data."""
        own = {self.uid(name): name for name in self.plugins}

        def named(given: object) -> str | None:
            uid = given.get("uid") if isinstance(given, dict) else None
            return own[uid] if isinstance(uid, str) and uid in own else self.named(given)

        return named

    def original(self, reference: object) -> object:
        """A normalised reference as the document has it."""
        if not isinstance(reference, dict) or "environment" not in reference:
            return reference
        name = reference["environment"]
        if name.startswith("$"):
            return {"type": id_of(self.plugins[self.chosen[name[1:]]]), "uid": f"${{{name[1:]}}}"}
        return self.originals.get(name, {"type": id_of(self.plugins[name]), "uid": name})

    def restored(self, value: Any) -> Any:
        """Normalised JSON with each reference as the document has it."""
        if isinstance(value, dict):
            if value.keys() == {"environment"}:
                return self.original(value)
            return {key: self.restored(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.restored(item) for item in value]
        return value

    def datasource(self, reference: object) -> DatasourceRef | None:
        """Any other datasource as an object."""
        given = self.original(reference)
        if not isinstance(given, dict) or not all(isinstance(given.get(key, ""), str) for key in ("type", "uid")):
            return None
        more = {key: item for key, item in given.items() if key not in ("type", "uid")}
        return DatasourceRef(given.get("type", ""), given.get("uid", ""), raw=more)
