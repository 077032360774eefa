"""The modules of alerting: one a group of rules, one of contact points, policies, mute timings and templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from dashgen.adopt.source import names
from dashgen.adopt.source.expressions import Code, assigned
from dashgen.adopt.source.literals import quoted
from dashgen.adopt.source.module import calls, imports
from dashgen.adopt.source.objects import expression, given
from dashgen.adopt.source.project import Addition, imports_of
from dashgen.adopt.source_kind import LinkedPanel
from dashgen.model.alerting.alert import AlertGroup
from dashgen.model.alerting.notification import ContactPoint, Match, MuteTiming, Policy, Template
from dashgen.model.core.node import Node
from dashgen.model.core.validators import Items
from dashgen.model.dashboards.dashboard import PanelRef
from dashgen.model.dashboards.query import DatasourceRef

_LEAST = 24
"""Columns of what is worth a constant."""


def group_module(group: AlertGroup, name: str, most: int, package: str = "", panels: Sequence[LinkedPanel] = ()) -> str:
    """The source of a group with its rules, which it defines under `name`. `panels` are those that rules link to."""
    links = {one.ref: f"{one.constant}[{quoted(one.ref.key)}]" for one in panels}
    shared = _Constants(group.every_rule, {name, *(one.constant for one in panels)}, links)
    body = shared.defined()
    listed: list[tuple[object, str]] = []
    for rule in group.every_rule:
        constant = shared.constant(names.constant(rule.title, "RULE"))
        body.append((constant, expression(rule, shared.name)))
        listed.append((rule, constant))
    own = {id(rule): constant for rule, constant in listed}
    body.append((name, expression(group, lambda value: own.get(id(value)) or shared.name(value))))
    title = " ".join(names.words(group.name)) or "Alert"
    further = imports_of(package, [Addition(one.module, one.constant) for one in panels], most)
    return _module(f"Alert rules of the group {title}.", body, most, further)


def notification_module(things: Sequence[tuple[str, ContactPoint | MuteTiming | Template | Policy]], most: int) -> str:
    """The source of what messages go to and how, each thing under its name; the policy is last."""
    ordered = sorted(things, key=lambda one: isinstance(one[1], Policy))
    shared = _Constants([thing for _, thing in ordered], {name for name, _ in ordered})
    body = shared.defined()
    body += [(name, expression(thing, _without(thing, shared.name))) for name, thing in ordered]
    return _module("Who is notified, and how: contact points, policies and what belongs to them.", body, most)


def _without(own: object, shared: Callable[[object], str | None]) -> Callable[[object], str | None]:
    return lambda value: None if value is own else shared(value)


def _module(docstring: str, body: Sequence[tuple[str, Code]], most: int, further: Sequence[str] = ()) -> str:
    text = docstring if len(docstring) <= most - 6 else "Imported alerting."
    used = sorted({call for _, value in body for call in calls(value)})
    blocks = [assigned(name, value, most) for name, value in body]
    return "\n\n".join([f'"""{text}"""', "\n".join([imports(used, most), *further]), *blocks]) + "\n"


NO_LINKS: Mapping[PanelRef, str] = MappingProxyType({})


class _Constants:
    """The labels, annotations, matchers and datasources that stand more than once, and the constants for them."""

    def __init__(self, things: Iterable[Node], taken: set[str], links: Mapping[PanelRef, str] = NO_LINKS) -> None:
        self.taken = set(taken)
        self.links = links
        counts: Counter[object] = Counter()
        order: dict[object, object] = {}
        for value in (value for thing in things for value in _parts(thing)):
            counts[_key(value)] += 1
            order.setdefault(_key(value), value)
        self.names: dict[object, str] = {}
        self.values: list[object] = []
        for key, value in order.items():
            if counts[key] > 1 and _is_long(value):
                self.names[key] = self.constant(_called(value))
                self.values.append(value)

    def constant(self, wanted: str) -> str:
        found = names.unique(wanted, self.taken)
        self.taken.add(found)
        return found

    def defined(self) -> list[tuple[str, Code]]:
        return [(self.names[_key(value)], expression(value, _without(value, self.name))) for value in self.values]

    def name(self, value: object) -> str | None:
        if isinstance(value, PanelRef):
            return self.links.get(value)
        return self.names.get(_key(value)) if _can_be_shared(value) else None


def _parts(thing: object, field: str = "") -> Iterable[object]:
    if isinstance(thing, PanelRef):
        return
    if isinstance(thing, Node):
        for name, value in given(thing).items():
            yield from _parts(value, name)
    elif isinstance(thing, tuple):
        for item in thing:
            yield from _parts(item, field)
    if _can_be_shared(thing) and (isinstance(thing, Node) or field in ("labels", "annotations")):
        yield thing


def _can_be_shared(value: object) -> bool:
    return isinstance(value, (Match, DatasourceRef)) or (
        isinstance(value, Items) and bool(value) and all(isinstance(item, str) for item in value.values())
    )


def _key(value: object) -> object:
    return type(value), repr(value)


def _is_long(value: object) -> bool:
    flat = expression(value, lambda _: None).flat
    return flat is None or len(flat) >= _LEAST


def _called(value: object) -> str:
    if isinstance(value, Match):
        return names.constant(f"{value.label} {value.value}", "MATCH", 30)
    if isinstance(value, DatasourceRef):
        kind = value.type.removeprefix("grafana-").removesuffix("-datasource")
        return names.constant(kind or value.uid, "DATASOURCE", 30)
    return "LABELS"
