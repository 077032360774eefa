"""What `dashgen add` writes into a project: a dashboard, an alert with its test, a table; and PROJECT that lists it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dashgen.adopt.plan import TakenInProject
from dashgen.adopt.source import names
from dashgen.adopt.source.expressions import CallCode, SequenceCode, TextCode
from dashgen.adopt.source.project import Addition, CanNotExtend, extended, names_in
from dashgen.adopt.source.table import class_name
from dashgen.adopt.target import target
from dashgen.model.core.ids import slug
from dashgen.model.core.problems import DashgenError
from dashgen.model.core.suggestions import nearest_or_all
from dashgen.model.dashboards.dashboard import Dashboard
from dashgen.model.project import Project
from dashgen.model.tables.column_types import NUMBERS
from dashgen.model.tables.table import table_of
from dashgen.starter.alert import alert_source, test_source
from dashgen.starter.dashboard import dashboard_source, measured_panel
from dashgen.starter.panel_edit import with_panel
from dashgen.starter.project import starter_tables
from dashgen.starter.starter_table import StarterTable

TESTS = "tests/alerts"
_IDENTIFIER = re.compile(r"[\w.-]+", re.ASCII)
_REPLACED = re.compile(r"\$|\[\[|\{\{")


class AdditionError(DashgenError, ValueError):
    """What can't be added: why, and what to do."""


@dataclass(frozen=True, slots=True)
class ProjectAddition:
    """Texts by their paths, relative to the folder that holds the specs; and what a person does next."""

    files: Mapping[str, str]
    next_steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Extending:
    """A project to which something is added under a name that a person gave."""

    project: Project
    specs: Path
    wanted: str
    taken: TakenInProject = field(init=False)
    to_init: str = field(init=False)
    width: int = field(init=False)
    written: Mapping[str, tuple[Path, str]] = field(init=False)

    def __post_init__(self) -> None:
        to = target(self.specs, self.project, self.project.environments[0], {}, (), "")
        object.__setattr__(self, "taken", TakenInProject(to))
        object.__setattr__(self, "to_init", to.init or "")
        object.__setattr__(self, "width", to.width)
        object.__setattr__(self, "written", to.written)
        if not names.words(self.wanted):
            raise AdditionError(f"{self.wanted!r} has no letter or digit to make a name of", "letters of ASCII")

    @property
    def title(self) -> str:
        """The name as it was given; as words where it is an identifier, or has what Grafana replaces."""
        text = " ".join(self.wanted.split())
        if _IDENTIFIER.fullmatch(text) or _REPLACED.search(text) or not text.isprintable():
            text = self.plain_title
        return text[:1].upper() + text[1:]

    @property
    def plain_title(self) -> str:
        """The name in letters and digits of ASCII."""
        words = " ".join(names.words(self.wanted))
        return words[:1].upper() + words[1:]

    @property
    def uid(self) -> str:
        made = "-".join(word.lower() for word in names.words(self.wanted))[:36].strip("-")
        return made if made[0].isalpha() else f"n{made}"

    def dashboard(self, about: str) -> ProjectAddition:
        """A dashboard over a table. Raises AdditionError where PROJECT has one of its uid."""
        subject = self._subject(about)
        if any(one.uid == self.uid for one in self.project.dashboards):
            raise AdditionError(f"PROJECT has a dashboard of the uid {self.uid!r}", "give another name")
        stem = self.taken.module("dashboards", names.module(self.wanted, "dashboard"))
        name = self.taken.constant(names.constant(self.wanted, "DASHBOARD"))
        text = dashboard_source(subject, self.uid, self.title, name)
        added = self._with_project("dashboards", {stem: text}, Addition(f"dashboards.{stem}", name))
        module = f"{self.specs.name}/dashboards/{stem}.py"
        return ProjectAddition(added, (f"make the panels of {module} answer what a viewer asks", *_BUILD))

    def panel(self, dashboard: str, about: str, column: str) -> ProjectAddition:
        """A panel of a dashboard, in a row of its own: the mean of a column. Raises AdditionError where it is not clear
        which dashboard shall show it."""
        uids = [one.uid for one in self.project.dashboards]
        chosen = dashboard or (uids[0] if len(uids) == 1 else "")
        if not chosen:
            listed = ", ".join(uids[:10]) or "none"
            raise AdditionError(f"which dashboard shall show it? PROJECT has {listed}", "--dashboard UID")
        if chosen not in uids:
            raise AdditionError(f"no dashboard {chosen!r} in PROJECT", nearest_or_all(chosen, uids))
        path, constant = self.written.get(chosen, (self.specs, ""))
        if not constant or not path.resolve().is_relative_to(self.specs.resolve()):
            raise AdditionError(f"the dashboard {chosen!r} is no constant of a module", "write the panel by hand")
        subject = self._subject(about)
        named = {one.name: one for one in (*subject.measured, *subject.table.columns) if one.family in NUMBERS}
        if column and column not in named:
            raise AdditionError(f"no number {column!r} in {subject.table.name}", nearest_or_all(column, named))
        if not named:
            raise AdditionError(f"{subject.table.name} has no numbers to draw", "write the panel by hand")
        for one in self.project.dashboards:
            if one.uid == chosen and isinstance(one, Dashboard):
                self._refuse_twin(one)
        text = path.read_text(encoding="utf-8")
        there = names_in(text)
        name = names.unique(names.constant(self.wanted, "PANEL"), there)
        drawn = measured_panel(subject, named[column or next(iter(named))], self.title, there)
        edited = with_panel(text, constant, name, self.title, drawn, self.width)
        shown = f"{self.specs.name}/{path.resolve().relative_to(self.specs.resolve()).as_posix()}"
        return ProjectAddition({shown: edited}, (f"make {name} in {shown} ask what a viewer wants to know", *_BUILD))

    def _refuse_twin(self, dashboard: Dashboard) -> None:
        """The panel's key is made of its title, and so is its row's."""
        key = slug(self.title)
        there = [("panel", one.slug) for one in dashboard.panels] + [("row", row.slug) for row in dashboard.rows]
        for kind, taken in there:
            if taken in (key, f"row:{key}"):
                raise AdditionError(f"{dashboard.uid!r} has a {kind} of the key {key!r}", "give another name")

    def alert(self, about: str) -> ProjectAddition:
        """A rule over a table, which fires where nobody writes it, and its test. Raises AdditionError where PROJECT has
        one of its uid, or no contact point."""
        subject = self._subject(about)
        uids = {rule.uid for group in self.project.alerts for rule in group.rules}
        if self.uid in uids:
            raise AdditionError(f"PROJECT has an alert rule of the uid {self.uid!r}", "give another name")
        if not self.project.contact_points:
            hint = 'Project(contact_points=(ContactPoint("email", (Email("on-call"),)),))'
            raise AdditionError("PROJECT has no contact point, so nobody would hear of it", hint)
        channel = self.project.contact_points[0].name
        stem = self.taken.module("alerts", names.module(self.wanted, "alert"))
        name = self.taken.constant(names.constant(self.wanted, "ALERT") + "_ALERTS")
        text = alert_source(subject, self.uid, self.plain_title, name, channel, None)
        added = self._with_project("alerts", {stem: text}, Addition(f"alerts.{stem}", name, "alerts"))
        test = f"{TESTS}/{stem}.yaml"
        if (self.specs.parent / test).exists():
            raise AdditionError(f"{test} is there already", "give another name, or remove it")
        said = f"say in {self.specs.name}/alerts/{stem}.py when it fires, and in {test} what shows that"
        return ProjectAddition(
            {**added, test: test_source(subject, self.uid, channel)}, (said, "dashgen test runs it", *_BUILD)
        )

    def table(self) -> ProjectAddition:
        """A table that dashgen creates and fills: three columns, to be changed. Raises AdditionError where PROJECT has
        one of its name."""
        table = names.module(self.wanted, "table")
        declared = [table_of(cls) for cls in self.project.tables]
        known = {one.name.lower() for one in declared} | {v.name.lower() for one in declared for v in one.views}
        if table in known:
            raise AdditionError(f"PROJECT has {table!r} already", "give another name")
        stem = self.taken.module("tables", table)
        name = self.taken.constant(class_name(self.wanted.lower()))
        added = self._with_project(
            "tables", {stem: _table_text(table, name, self.width)}, Addition(f"tables.{stem}", name, "tables")
        )
        module = f"{self.specs.name}/tables/{stem}.py"
        steps = (
            f"declare the columns in {module}",
            f"dashgen add dashboard NAME --table {table}",
            "dashgen db migrate --to URL creates it",
        )
        return ProjectAddition(added, steps)

    def _subject(self, about: str) -> StarterTable:
        found = starter_tables(self.project)
        if not found:
            hint = "dashgen add table NAME, or dashgen import --from-questdb URL"
            raise AdditionError("PROJECT declares no table with a designated timestamp", hint)
        if not about:
            if len(found) > 1:
                listed = ", ".join(one.table.name for one in found[:10])
                raise AdditionError(f"which table is it about? PROJECT has {listed}", f"--table {found[0].table.name}")
            return found[0]
        for one in found:
            if one.table.name.lower() == about.lower():
                return one
        raise AdditionError(f"no table {about!r} in PROJECT", nearest_or_all(about, [one.table.name for one in found]))

    def _with_project(self, folder: str, modules: Mapping[str, str], addition: Addition) -> dict[str, str]:
        package = self.specs.resolve().name
        try:
            init = extended(self.to_init, package, [addition], self.width)
        except CanNotExtend as error:
            hint = f"from {package}.{addition.module} import {addition.name}, and list it by hand"
            raise AdditionError(f"{self.specs}/__init__.py:{error.line}: {error}", hint) from None
        files = {f"{self.specs.name}/{folder}/{stem}.py": text for stem, text in modules.items()}
        if not (self.specs / folder / "__init__.py").exists():
            files[f"{self.specs.name}/{folder}/__init__.py"] = f'"""{folder.capitalize()}, one module each."""\n'
        return {**files, f"{self.specs.name}/__init__.py": init}


_BUILD = ("dashgen build renders it, dashgen check proves its queries",)


def _table_text(table: str, name: str, width: int) -> str:
    keys = SequenceCode((TextCode("timestamp"), TextCode("host")))
    decorator = CallCode(
        "table",
        (
            ("name", TextCode(table)),
            ("ttl", TextCode("90 DAYS")),
            ("dedup", keys),
            ("write_interval", TextCode("10s")),
        ),
    )
    words = " ".join(names.words(table))
    return f'''"""The table {words}."""

from datetime import datetime
from typing import Annotated

from dashgen import Designated, Doc, Symbol, table


@{decorator.laid_out(0, 1, 0, width)}
class {name}:
    """One row each ten seconds of each host."""

    timestamp: Annotated[datetime, Designated(), Doc("When it was measured, UTC.")]
    host: Annotated[str, Symbol(256)]
    value: Annotated[float, Doc("What is measured.")]
'''
