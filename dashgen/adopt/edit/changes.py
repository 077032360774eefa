"""What was changed in a dashboard, as changes of the objects that its spec is made of.

The dashboard as it is rendered and the one that Grafana has are both imported: what these two objects differ in was
changed, whatever the spec's own objects are made of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dashgen.adopt.dashboards import Adopted, every_panel
from dashgen.adopt.differences import patch
from dashgen.model.core.fields import fields
from dashgen.model.core.ids import panel_id
from dashgen.model.core.node import Node
from dashgen.model.core.validators import Items, json_object, thaw
from dashgen.model.dashboards.dashboard import AnyPanel, Dashboard, Row
from dashgen.model.dashboards.field import Override
from dashgen.model.dashboards.query import Query, RawQuery
from dashgen.render.raw import merged

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FieldStep:
    """A field of an object, or one entry of it; `value` is what it becomes."""

    owner: Node
    field: str
    index: int | None
    value: object


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that has another value. `trail` leads to it, from the panel, row, variable or dashboard that it is in."""

    subject: str
    trail: tuple[FieldStep, ...]


@dataclass(frozen=True, slots=True)
class KeptEntry:
    """An entry that stays, wherever it was: that of a field by its number."""

    owner: Node
    field: str
    index: int


@dataclass(frozen=True, slots=True)
class SequenceChange:
    """Entries that came, went or changed places: `items` are all of them in their new order, new ones as objects."""

    subject: str
    owner: Node
    field: str
    items: tuple[KeptEntry | Node, ...]


Change = FieldChange | SequenceChange
_OWN = frozenset({"annotations", "folder", "ignore", "imported", "key", "panels", "rows", "uid", "variables"})
"""Fields that Grafana knows nothing of, and those that are compared entry by entry."""
_INSIDE = (Query, RawQuery, Override)
"""Objects that are changed field by field; others are replaced."""


@dataclass(frozen=True)
class Reading:
    """A document that was imported. Its panels and rows are found by the ids that it gives them."""

    document: Json
    adopted: Adopted

    def panels(self) -> dict[object, AnyPanel]:
        there = {panel.slug: panel for panel in self.adopted.dashboard.panels}
        found = {number: there.get(key) for number, key in self._keys(of_rows=False)}
        return {number: panel for number, panel in found.items() if panel is not None}

    def rows(self) -> dict[object, Row]:
        there = {row.slug: row for row in self.adopted.dashboard.rows if row.title}
        found = {number: there.get(f"row:{key}") for number, key in self._keys(of_rows=True)}
        return {number: row for number, row in found.items() if row is not None}

    def _keys(self, *, of_rows: bool) -> Iterator[tuple[object, str]]:
        for one in every_panel(self.document):
            number = one.get("id")
            if (one.get("type") == "row") is of_rows and number in self.adopted.panel_keys:
                yield number, self.adopted.panel_keys[number]


def changes(spec: Dashboard, before: Reading, after: Reading) -> list[Change]:
    """What was changed between two imports, said of the objects of `spec`, which renders the first one."""
    return list(_Comparison(spec, before, after).changes())


class _Comparison:
    def __init__(self, spec: Dashboard, before: Reading, after: Reading) -> None:
        self.spec, self.before, self.after = spec, before.adopted.dashboard, after.adopted.dashboard
        self.panels = before.panels(), after.panels()
        self.rows = before.rows(), after.rows()
        self.places = {
            panel_id(panel.slug): (at, index)
            for at, row in enumerate(spec.rows)
            for index, panel in enumerate(row.panels)
        }
        self.headers = {panel_id(row.slug): at for at, row in enumerate(spec.rows) if row.title}

    def changes(self) -> Iterator[Change]:
        yield from self._fields(f"dashboard {self.spec.title!r}", (), self.spec, self.before, self.after)
        for name in ("variables", "annotations"):
            yield from self._named(name)
        yield from self._of_rows()
        yield from self._of_panels()

    def _fields(
        self, subject: str, trail: tuple[FieldStep, ...], spec: Node, before: Node, after: Node
    ) -> Iterator[Change]:
        for name, field in fields(type(after)).items():
            if not field.init or name in _OWN:
                continue
            old: Any = getattr(before, name, None)
            new: Any = getattr(after, name)
            if is_same(old, new):
                continue
            here: Any = getattr(spec, name, None)
            if _are(_INSIDE, here, old, new):
                yield from self._fields(subject, (*trail, FieldStep(spec, name, None, new)), here, old, new)
            elif _match(here, old, new):
                for index, (mine, first, second) in enumerate(zip(here, old, new, strict=True)):
                    if not is_same(first, second):
                        step = FieldStep(spec, name, index, second)
                        yield from self._fields(
                            subject, (*trail, FieldStep(spec, name, None, new), step), mine, first, second
                        )
            else:
                value = _with_changes(here, old, new) if isinstance(new, Items) else new
                yield FieldChange(subject, (*trail, FieldStep(spec, name, None, value)))

    def _named(self, field: str) -> Iterator[Change]:
        """Variables and annotations, by their names."""
        here, old, new = (
            {one.name: (index, one) for index, one in enumerate(getattr(dashboard, field))}
            for dashboard in (self.spec, self.before, self.after)
        )
        items: list[KeptEntry | Node] = []
        for name, (_, wanted) in new.items():
            if name in here and name in old and type(wanted) is type(old[name][1]):
                items.append(KeptEntry(self.spec, field, here[name][0]))
                mine = here[name][1]
                yield from self._fields(f"{field.removesuffix('s')} {name!r}", (), mine, old[name][1], wanted)
            else:
                items.append(wanted)
        if [*here] != [*new] or any(isinstance(item, Node) for item in items):
            yield SequenceChange(f"dashboard {self.spec.title!r}", self.spec, field, tuple(items))

    def _of_panels(self) -> Iterator[Change]:
        old, new = self.panels
        for number, (at, index) in self.places.items():
            if number in old and number in new and type(old[number]) is type(new[number]):
                panel = self.spec.rows[at].panels[index]
                yield from self._fields(_called(panel), (), panel, old[number], new[number])

    def _of_rows(self) -> Iterator[Change]:
        numbers = {id(row): number for number, row in self.rows[1].items()}
        of_panels = {id(panel): number for number, panel in self.panels[1].items()}
        order: list[KeptEntry | Node] = []
        wanted: dict[int, list[KeptEntry | Node]] = {}
        for row in self.after.rows:
            number = numbers.get(id(row))
            homes = self._homes(row, number, of_panels)
            if not homes:
                order.append(row)
                continue
            order += [KeptEntry(self.spec, "rows", at) for at in homes if at not in wanted]
            wanted |= {at: [] for at in homes if at not in wanted}
            now = homes[0]
            for panel in row.panels:
                place = self._place(of_panels.get(id(panel)))
                now = place[0] if place is not None and place[0] in homes else now
                wanted[now].append(panel if place is None else KeptEntry(self.spec.rows[place[0]], "panels", place[1]))
            if row.title and (before := self.rows[0].get(number)) is not None:
                mine = self.spec.rows[homes[0]]
                yield from self._fields(f"row {mine.title!r}", (), mine, before, row)
        for at, items in wanted.items():
            mine = self.spec.rows[at]
            if items != [KeptEntry(mine, "panels", index) for index in range(len(mine.panels))]:
                subject = f"row {mine.title!r}" if mine.title else "row without a title"
                yield SequenceChange(subject, mine, "panels", tuple(items))
        for at, row in enumerate(self.spec.rows):
            if not row.title and not row.panels:  # nothing of it is in a document
                order.insert(at, KeptEntry(self.spec, "rows", at))
        if order != [KeptEntry(self.spec, "rows", at) for at in range(len(self.spec.rows))]:
            yield SequenceChange(f"dashboard {self.spec.title!r}", self.spec, "rows", tuple(order))

    def _homes(self, row: Row, number: object, of_panels: dict[int, object]) -> list[int]:
        """The row of the spec with this header; or those without one that the panels are in."""
        if row.title:
            return [self.headers[number]] if number in self.headers else []
        places = [self._place(of_panels.get(id(panel))) for panel in row.panels]
        return list(dict.fromkeys(at for at, _ in filter(None, places) if not self.spec.rows[at].title))

    def _place(self, number: object) -> tuple[int, int] | None:
        """Where the spec has a panel, unless that is of another kind now."""
        old, new = self.panels[0].get(number), self.panels[1].get(number)
        if not isinstance(number, int) or type(old) is not type(new):
            return None
        return self.places.get(number)


def _called(panel: AnyPanel) -> str:
    return f"panel {getattr(panel, 'title', '') or panel.slug!r}"


def _are(kinds: tuple[type, ...], *values: object) -> bool:
    return isinstance(values[0], kinds) and all(type(one) is type(values[0]) for one in values)


def _match(*values: Any) -> bool:
    """Whether they are tuples of such objects, one beside the other."""
    if not all(isinstance(one, tuple) and one for one in values) or len({len(one) for one in values}) > 1:
        return False
    return all(_are(_INSIDE, *each) for each in zip(*values, strict=True))


def is_same(one: object, other: object) -> bool:
    """Whether they are written alike: to Python 1, 1.0 and True are equal."""
    return type(one) is type(other) and (one == other and repr(one) == repr(other))


def _with_changes(here: object, old: object, new: Items[Any]) -> object:
    """JSON of the spec with what was changed in it."""
    if here == old or not isinstance(here, Items) or not isinstance(old, Items):
        return new
    return json_object(merged(thaw(here), patch(thaw(old), thaw(new))))
