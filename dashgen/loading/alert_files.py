"""Alert rules written in YAML, for whoever should not need Python to add one. They become the same `AlertRule`s.

Keys are AlertRule's fields, and `sql`, `group`, `panel` (schema/alert-rule.schema.json, closed). A file holds one rule
or a list of them:

    uid: daemon-silent
    title: Daemon silent
    group: daemons
    sql: |
      SELECT host, age FROM … WHERE env = ${env:sqlstring}
    threshold: 60
    for_duration: 30s
    severity: critical
    channels: [telegram, email]
    panel: daemon-health/running
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashgen.input_files import read_text
from dashgen.loading.other_formats import recognised
from dashgen.model.alerting.alert import AlertGroup, AlertRule
from dashgen.model.core.display_path import display_path
from dashgen.model.core.problems import Problem, Source, SpecError, built_at, captured, here, report, specs_root
from dashgen.model.core.source_map.position import Spot
from dashgen.model.core.suggestions import nearest_or_all
from dashgen.model.dashboards.dashboard import Dashboard, PanelRef
from dashgen.model.dashboards.deferred import panel_keys
from dashgen.schema.located import Located, Pointer, YamlError, load
from dashgen.schema.validate import validate

_KEY_OF = {"query": "sql"}


def yaml_rules(
    pattern: str, *, groups: Sequence[AlertGroup], dashboards: Sequence[Dashboard] = ()
) -> tuple[AlertGroup, ...]:
    """Returns the groups with the rules that YAML files declare for them, after their existing rules.

    `yaml_rules("alerts/*.yaml", groups=(DAEMONS,), dashboards=(HEALTH,))` is a value for `Project(alerts=…)`. A rule in
    a file names its `group`, and its `panel` as `dashboard-uid/panel-key`. Every error is reported with its file, line
    and column.

    Args:
        pattern: Glob pattern of the files, relative to the specs folder; `**` matches folders recursively.
        groups: The groups that rules may name, with their existing rules.
        dashboards: The dashboards whose panels rules may name.
    """
    root = specs_root() or Path(sys._getframe(1).f_code.co_filename).parent
    found: dict[str, list[AlertRule]] = {group.name: [] for group in groups}
    reader = _Reader({group.name: group for group in groups}, {d.uid: d for d in dashboards}, [])
    paths = _matching(root, pattern)
    if not paths:
        report(
            Problem(pattern, f"no file below {root.name}/ matches", "give the files' pattern: alerts/*.yaml", here())
        )
    for path in paths:
        for group, rule in reader.rules(path):
            found[group].append(rule)
    return tuple(_with(group, found[group.name], some=bool(reader.left_out)) for group in groups)


def _matching(root: Path, pattern: str) -> list[Path]:
    if pattern.startswith(("/", "~")) or ".." in Path(pattern).parts:
        report(Problem(pattern, "leads out of the specs folder", "give a pattern below it: alerts/*.yaml", here()))
        return []
    return sorted(path for path in root.glob(pattern) if path.is_file())


def _with(group: AlertGroup, rules: list[AlertRule], *, some: bool) -> AlertGroup:
    """The group with those rules, which are but some of what the files mean to have."""
    if rules:
        with built_at(group.source):
            group = AlertGroup(group.name, folder=group.folder, interval=group.interval, rules=(*group.rules, *rules))
    if some:
        group.refuse("rules")
    return group


@dataclass(frozen=True, slots=True)
class _Reader:
    groups: dict[str, AlertGroup]
    dashboards: dict[str, Dashboard]
    left_out: list[Path]
    """A file for each rule that could not be read."""

    def rules(self, path: Path) -> Iterator[tuple[str, AlertRule]]:
        """The rules of a file with their groups' names; what is wrong is reported and left out."""
        try:
            located = load(read_text(path))
        except YamlError as error:
            place = Source(str(path), error.line, error.column)
            report(Problem(path.name, str(error), error.hint, place, excerpt=error.excerpt))
            self.left_out.append(path)
            return
        except (OSError, UnicodeDecodeError) as error:
            report(Problem(path.name, f"can't be read: {error}", "a file in UTF-8", Source(str(path), 1, 1)))
            self.left_out.append(path)
            return
        if located.data is None:
            report(Problem(path.name, "is empty", "write a rule, or remove the file", Source(str(path), 1, 1)))
            self.left_out.append(path)
            return
        start = Source(str(path), 1, 1)
        if other := recognised(located.data, start.file_in(Path.cwd())):
            report(Problem(path.name, other.message, other.hint, start))
            self.left_out.append(path)
            return
        entries = located.data if isinstance(located.data, list) else [located.data]
        for index, entry in enumerate(entries):
            pointer: Pointer = (index,) if isinstance(located.data, list) else ()
            rule = self._rule(_Entry(path, located, pointer, entry))
            if rule is not None:
                yield rule
            else:
                self.left_out.append(path)

    def _rule(self, entry: _Entry) -> tuple[str, AlertRule] | None:
        violations = validate("alert-rule", entry.data)
        for violation in violations:
            at = display_path(*(part for part in violation.pointer if isinstance(part, str)))
            message = f"{at}: {violation.message}" if at else violation.message
            entry.problem(violation.pointer, message, violation.hint)
        if violations:
            return None
        fields = dict(entry.data)
        group = fields.pop("group")
        if group not in self.groups:
            hint = nearest_or_all(group, self.groups)
            entry.problem(("group",), f"group: there is no group {group!r}", hint)
            return None
        fields["query"] = fields.pop("sql")
        for key in ("query", "threshold", "channels", "link_variables"):
            if isinstance(fields.get(key), list):
                fields[key] = tuple(fields[key])
        if "panel" in fields:
            panel = self._panel(fields["panel"], entry)
            if panel is None:
                return None
            fields["panel"] = panel
        with built_at(_Rule(entry)), captured() as problems:
            try:
                rule = AlertRule(**fields)
            except SpecError as error:
                problems += error.problems
        for problem in problems:
            report(Problem(entry.name, problem.message, problem.hint, problem.source))
        return None if problems else (group, rule)

    def _panel(self, text: str, entry: _Entry) -> PanelRef | None:
        uid, _, key = text.partition("/")
        dashboard = self.dashboards.get(uid)
        if dashboard is None:
            hint = nearest_or_all(uid, self.dashboards)
            entry.problem(("panel",), f"panel: there is no dashboard {uid!r}", hint)
            return None
        keys = panel_keys(dashboard)
        if key not in keys:
            titled = dashboard.titled(key)
            if titled is not None:
                message = f"panel: the panel {titled.title!r} of {uid!r} has no explicit key"
                hint = f"a reference by its title would break with it: give it key={key!r}"
                entry.problem(("panel",), message, hint)
                return None
            hint = nearest_or_all(key, keys, "it has")
            entry.problem(("panel",), f"panel: {uid!r} has no panel with the key {key!r}", hint)
            return None
        with built_at(entry.source(("panel",))):
            return dashboard[key]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One rule in a file."""

    path: Path
    located: Located
    pointer: Pointer
    data: Any

    def source(self, pointer: Pointer) -> Source:
        place = self.located.place((*self.pointer, *pointer))
        return Source(str(self.path), place.line, place.column)

    @property
    def name(self) -> str:
        uid = self.data.get("uid") if isinstance(self.data, dict) else None
        return display_path(self.path.name, uid) if isinstance(uid, str) else self.path.name

    def problem(self, pointer: Pointer, message: str, hint: str) -> None:
        report(Problem(self.name, message, hint, self.source(pointer)))


class _Rule(Source):
    """Where a rule was written, and each of its fields."""

    __slots__ = ("entry",)

    def __init__(self, entry: _Entry) -> None:
        super().__init__(*entry.source(()).place)
        self.entry = entry

    def argument(self, field: str, spot: Spot | None = None) -> Source:
        name, *inner = field.split(".", 1)
        at, pointer = self.entry.data, []
        for key in (_KEY_OF.get(name, name), *inner):
            if not isinstance(at, dict) or key not in at:
                break
            at = at[key]
            pointer.append(key)
        return self.entry.source(tuple(pointer))
