"""The forms in which Grafana takes, exports and serves its alerting, and what is in each.

Seen in the answers of a Grafana 12.4.0: files and exports (`apiVersion: 1`), the provisioning API's lists, groups and
policy tree. Read in its source: the ruler's API (`ngalert/api/tooling/definitions/cortex-ruler.go`), the Alertmanager's
configuration (`alertmanager.go` beside it), and its own OpenAPI of `notifications.alerting.grafana.app`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from dashgen.adopt.alerting import canonical
from dashgen.adopt.alerting.canonical import Text, length, text_of
from dashgen.adopt.alerting.contact_points import contact_point, grouped, references
from dashgen.adopt.alerting.document import AlertingDocument, AlertingError
from dashgen.adopt.alerting.texts import expanded
from dashgen.adopt.normalise import Named
from dashgen.grafana.provisioning_variables import escape
from dashgen.render import deletions

Json = dict[str, Any]
SECTIONS = ("groups", "contactPoints", "policies", "muteTimes", "templates")
DELETIONS = {section: (kind, key) for kind, section, key in deletions.SECTIONS}
"""A section of deletions, and the ledger's kind and key for it."""
GROUP = "notifications.alerting.grafana.app/"
_KINDS = ("Receiver", "RoutingTree", "TimeInterval", "TemplateGroup")
_OF_POLICIES = frozenset({"routes", "group_by", "group_wait", "group_interval", "repeat_interval"})
_PROMETHEUS = "is a rule file of Prometheus: Grafana reads its own rules only"


def is_alerting(data: object) -> bool:
    """Whether a document is one of alerting, by its keys."""
    return bool(form_of(data))


def form_of(data: object) -> str:
    """`file`, `API`, `ruler API`, `Alertmanager` or `resource`; empty for what is none of alerting."""
    if isinstance(data, list):
        forms = {form_of(one) for one in data}
        return forms.pop() if len(forms) == 1 else ""
    if not isinstance(data, dict):
        return ""
    version = data.get("apiVersion")
    if isinstance(version, str) and version.startswith(GROUP):
        return "resource"
    if "kind" in data or "panels" in data or "dashboard" in data:
        return ""
    if "alertmanager_config" in data:
        return "Alertmanager"
    if {*SECTIONS, *DELETIONS, "resetPolicies"} & data.keys() and ("apiVersion" in data or _lists(data)):
        return "file"
    if _is_group(data) or (data and all(_is_namespace(one) for one in data.values())):
        return "ruler API"
    if _is_rule(data) or _is_rule_group(data) or _is_receiver(data) or _is_timing(data) or _is_template(data):
        return "API"
    return "API" if "receiver" in data and (_OF_POLICIES & data.keys() or len(data) == 1) else ""


def _lists(data: Json) -> bool:
    return all(isinstance(data[key], list) for key in {*SECTIONS, *DELETIONS, "resetPolicies"} & data.keys())


def _is_rule(data: Json) -> bool:
    return isinstance(data.get("data"), list) and bool({"ruleGroup", "folderUID", "condition"} & data.keys())


def _is_rule_group(data: Json) -> bool:
    return {"title", "rules"} <= data.keys() and bool({"folderUid", "interval"} & data.keys())


def _is_receiver(data: Json) -> bool:
    return {"type", "settings"} <= data.keys() and bool({"name", "uid"} & data.keys())


def _is_timing(data: Json) -> bool:
    return {"name", "time_intervals"} <= data.keys()


def _is_template(data: Json) -> bool:
    return {"name", "template"} <= data.keys()


def _is_namespace(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) and _is_group(one) for one in value)


def _is_group(data: Json) -> bool:
    rules = data.get("rules")
    is_ruler = isinstance(rules, list) and all(isinstance(one, dict) and "grafana_alert" in one for one in rules)
    return "name" in data and is_ruler and bool(rules)


def read(
    data: object, named: Named, org_id: int = 1, reserved: Mapping[str, Collection[str]] | None = None
) -> AlertingDocument:
    """The one form of a document. `named` has the environment's data sources, `reserved` the variables of other
    documents; things of other orgs are left out, and noted. Raises AlertingError."""
    reader = _Reader(named, org_id)
    reader.document.reserved = {**(reserved or {}), **dict.fromkeys(references(data), ())}
    reader.document.form = form_of(data)
    if not reader.document.form:
        raise AlertingError("holds nothing of alerting that Grafana exports or serves")
    entries: list[Any] = data if isinstance(data, list) else [data]
    for one in entries:
        reader.one(one)
    document = reader.document
    document.contact_points = grouped(document.contact_points, document)
    document.groups = _joined(document.groups)
    return document


def _joined(groups: list[Json]) -> list[Json]:
    """Groups of one name and folder are one: the API lists rules."""
    found: dict[tuple[str, str], Json] = {}
    for one in groups:
        key = one["folder"], one["name"]
        if key in found:
            found[key]["rules"] += one["rules"]
        else:
            found[key] = one
    return list(found.values())


class _Reader:
    def __init__(self, named: Named, org_id: int) -> None:
        self.named, self.org_id = named, org_id
        self.document = AlertingDocument()

    def one(self, data: Json) -> None:
        form = form_of(data)
        if form == "file":
            self.file(data)
        elif form == "resource":
            self.resource(data)
        elif form == "Alertmanager":
            self.alertmanager(data)
        elif form == "ruler API":
            self.ruler(data)
        else:
            self.api(data)

    def file(self, data: Json) -> None:
        for at, group in self._own(data, "groups"):
            self.group(group, str(group.get("folder") or ""), expanded, f"groups[{at}]")
        for at, one in self._own(data, "contactPoints"):
            self.document.contact_points.append(contact_point(one, expanded, f"contactPoints[{at}]", self.document))
        for at, one in self._own(data, "policies"):
            self.policy(one, expanded, f"policies[{at}]")
        for at, one in self._own(data, "muteTimes"):
            self.document.mute_timings.append(canonical.mute_timing(one, f"muteTimes[{at}]"))
        for at, one in self._own(data, "templates"):
            self.document.templates.append(canonical.template(one, f"templates[{at}]"))
        for section, (kind, key) in DELETIONS.items():
            for at, one in self._own(data, section):
                name = text_of(one.get(key), f"{section}[{at}]", key)
                self.document.deleted.append(f"{kind} {expanded(name)}")
        if data.get("resetPolicies"):
            self.document.notes.append("resetPolicies is left out: a tree of dashgen's replaces the org's")

    def _own(self, data: Json, section: str) -> Iterator[tuple[int, Json]]:
        """The entries of a section that are of the org."""
        given = data.get(section) or []
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            raise AlertingError("is no list of mappings", path=section)
        others = 0
        for at, one in enumerate(given):
            org_id = length(one.get("orgId") or 1, f"{section}[{at}]", "orgId")
            if org_id == self.org_id:
                yield at, one
            else:
                others += 1
        if others:
            what = "entry" if others == 1 else "entries"
            self.document.notes.append(f"{section}: {others} {what} of other orgs than {self.org_id} left out")

    def group(self, given: Json, folder: str, text: Text, place: str, *, of_rules: str = "") -> None:
        """`of_rules` is the place of its rules where it is not in the group."""
        rules = given.get("rules") or []
        if not isinstance(rules, list) or not all(isinstance(one, dict) for one in rules):
            raise AlertingError("rules is no list of mappings", path=place)
        if any("expr" in one and "data" not in one and "grafana_alert" not in one for one in rules):
            raise AlertingError(_PROMETHEUS, "write each with its query in QuestDB's SQL", place)
        name = text(text_of(given.get("name", given.get("title")), place, "name"))
        interval = length(given.get("interval") or 60, place, "interval")
        read = [self._rule(one, text, of_rules or f"{place}.rules[{at}]") for at, one in enumerate(rules)]
        gone = {"orgId", "name", "title", "folder", "folderUid", "interval", "rules"}
        more = {key: item for key, item in given.items() if key not in gone and item is not None}
        self.document.groups.append({"name": name, "folder": text(folder), "interval": interval, "rules": read, **more})

    def _rule(self, given: Json, text: Text, place: str) -> Json:
        if isinstance(given.get("grafana_alert"), dict):
            given = {**given["grafana_alert"], **{key: item for key, item in given.items() if key != "grafana_alert"}}
        for key in ("uid", "title"):
            if not given.get(key):
                raise AlertingError(f"a rule has no {key}", "export it from Grafana, which gives each one", place)
        return canonical.rule(given, text, self.named, place)

    def policy(self, given: Json, text: Text, place: str) -> None:
        if self.document.policy is not None:
            raise AlertingError("a second tree of policies: an org has one", "import one of them", place)
        self.document.policy = canonical.policy(given, text, place)

    def api(self, data: Json) -> None:
        """Any object that the provisioning API answers with."""
        if _is_rule(data):
            place = f"rule {data['uid']}" if data.get("uid") else "a rule of the API"
            name = text_of(data.get("ruleGroup") or "alerts", place, "ruleGroup")
            folder = self._folder(data.get("folderUID"))
            self.note("the API's rules don't say how often their groups are evaluated: 1m")
            self.group({"name": name, "rules": [data]}, folder, escape, place, of_rules=place)
        elif _is_rule_group(data):
            self.group(data, self._folder(data.get("folderUid")), escape, f"rule group {data['title']}")
        elif _is_receiver(data):
            place = f"contact point {data.get('name')}"
            one = {"name": data.get("name") or data.get("uid"), "receivers": [data]}
            self.document.contact_points.append(contact_point(one, escape, place, self.document))
        elif _is_timing(data):
            self.document.mute_timings.append(canonical.mute_timing(data, f"mute timing {data['name']}"))
        elif _is_template(data):
            self.document.templates.append(canonical.template(data, f"template {data['name']}"))
        else:
            self.policy(data, escape, "policies")

    def _folder(self, uid: object) -> str:
        name = str(uid or "alerts")
        self.note(f"the API gives the uid {name!r} of a folder and not its title: it is written as the title")
        return name

    def note(self, text: str) -> None:
        if text not in self.document.notes:
            self.document.notes.append(text)

    def ruler(self, data: Json) -> None:
        if _is_group(data):
            uid = next((one["grafana_alert"].get("namespace_uid") for one in data["rules"]), None)
            folder = data["folder"] if isinstance(data.get("folder"), str) else self._folder(uid)
            self.group(data, folder, escape, f"group {data['name']}")
            return
        for folder, groups in data.items():
            for one in groups:
                self.group(one, folder, escape, f"{folder}.{one['name']}")

    def alertmanager(self, data: Json) -> None:
        """The whole configuration of Grafana's Alertmanager: `/api/alertmanager/grafana/config/api/v1/alerts`."""
        held = data["alertmanager_config"]
        if not isinstance(held, dict):
            raise AlertingError("alertmanager_config is no mapping")
        if held.get("route"):
            self.policy(held["route"], escape, "alertmanager_config.route")
        for at, one in enumerate(_list(held, "receivers")):
            managed = (one.get("grafana_managed_receiver_configs") or []) if isinstance(one, dict) else []
            if managed:
                entry = {"name": one.get("name"), "receivers": managed}
                place = f"alertmanager_config.receivers[{at}]"
                self.document.contact_points.append(contact_point(entry, escape, place, self.document))
        for key in ("mute_time_intervals", "time_intervals"):
            for at, one in enumerate(_list(held, key)):
                timing = canonical.mute_timing(one, f"alertmanager_config.{key}[{at}]")
                if timing not in self.document.mute_timings:
                    self.document.mute_timings.append(timing)
        for name, text in _mapping(data, "template_files").items():
            self.document.templates.append(canonical.template({"name": name, "template": text}, f"template {name}"))

    def resource(self, data: Json) -> None:
        """An object of the Kubernetes API, or a list of them."""
        kind = str(data.get("kind") or "")
        if kind.endswith("List"):
            for one in _list(data, "items"):
                if not isinstance(one, dict):
                    raise AlertingError("is no resource", path="items")
                self.resource({"kind": kind.removesuffix("List"), **one})
            return
        spec, meta = data.get("spec"), _mapping(data, "metadata")
        place = f"{kind} {meta.get('name', '')}".strip()
        if kind not in _KINDS or not isinstance(spec, dict):
            raise AlertingError(f"a {kind or 'resource'} is not read", f"expected {', '.join(_KINDS)}", place)
        if kind == "Receiver":
            entry = {"name": spec.get("title"), "receivers": spec.get("integrations")}
            self.document.contact_points.append(contact_point(entry, escape, place, self.document))
        elif kind == "RoutingTree":
            root = _mapping(spec, "defaults")
            self.policy({**root, "routes": spec.get("routes")}, escape, place)
        elif kind == "TimeInterval":
            self.document.mute_timings.append(canonical.mute_timing(spec, place))
        else:
            given = {"name": spec.get("title"), "template": spec.get("content")}
            self.document.templates.append(canonical.template(given, place))


def _list(data: Json, key: str) -> list[Any]:
    found = data.get(key) or []
    if not isinstance(found, list):
        raise AlertingError("is no list", path=key)
    return found


def _mapping(data: Json, key: str) -> Json:
    found = data.get(key) or {}
    if not isinstance(found, dict):
        raise AlertingError("is no mapping", path=key)
    return found
