"""The source of a first dashboard over a table: how old its newest row is, how many come, and what they measure."""

from __future__ import annotations

from collections.abc import Container, Iterator

from dashgen.adopt.source import names
from dashgen.adopt.source.expressions import AtomCode, CallCode, Code, SequenceCode, TextCode, assigned
from dashgen.adopt.source.literals import quoted
from dashgen.model.tables.table import Column
from dashgen.render.ddl import sql_name
from dashgen.starter.sql_template import SqlTemplateCode, literal
from dashgen.starter.starter_table import StarterTable

WIDTH = 88


class _Variables:
    """What a viewer chooses: the environment where the table has one, and the first of its other dimensions."""

    def __init__(self, subject: StarterTable) -> None:
        self.subject = subject
        self.by: list[tuple[str, Column]] = [("ENV", subject.environment)] if subject.environment else []
        first = next(iter(subject.labels), None)
        if first is not None and first.type == "SYMBOL" and "\\" not in quoted(sql_name(first.name)):
            self.by.append((_constant(first.name), first))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.by)

    def conditions(self) -> str:
        return "".join(f" AND {{{name}.matches({quoted(sql_name(column.name))})}}" for name, column in self.by)

    def definitions(self) -> Iterator[tuple[str, Code]]:
        for name, column in self.by:
            key = TextCode(name.lower())
            if name == "ENV":
                yield name, CallCode("EnvironmentVariable", (("", key),))
                continue
            subject, shown = self.subject, sql_name(column.name)
            own = ' AND {ENV.matches("env")}' if subject.environment else ""
            lines = [
                literal(f"SELECT DISTINCT {shown}", is_formatted=bool(own)),
                literal(f"FROM {subject.sql}", is_formatted=bool(own)),
                literal(f"WHERE $__timeFilter({subject.moment})", is_formatted=bool(own)) + own,
                literal(f"ORDER BY {shown}", is_formatted=bool(own)),
            ]
            yield name, CallCode("QueryVariable", (("", key), ("", SqlTemplateCode(tuple(lines), bool(own)))))


def _constant(column: str) -> str:
    found = names.constant(column, "SERIES", 20)
    return f"{found}_" if found in ("ENV", "AGE", "ROWS") else found


def dashboard_source(subject: StarterTable, uid: str, title: str, name: str) -> str:
    """The module, which defines the dashboard as `name`."""
    variables = _Variables(subject)
    taken = {name, *variables.names}
    panels = list(_panels(subject, variables, taken))
    body = [*variables.definitions(), *((constant, code) for constant, code in panels)]
    now = [constant for constant, _ in panels[:2]]
    drawn = [constant for constant, _ in panels[2:]]
    rows: list[Code] = [_row("Now", now)]
    rows += [_row("Measured", drawn)] if drawn else []
    arguments: list[tuple[str, Code]] = [("uid", TextCode(uid)), ("title", TextCode(title))]
    if variables.by:
        arguments.append(("variables", SequenceCode(tuple(map(AtomCode, variables.names)))))
    body.append((name, CallCode("Dashboard", (*arguments, ("rows", SequenceCode(tuple(rows)))))))
    used = ["Dashboard", "Row", "Stat", "Thresholds", "TimeSeries"]
    used += ["EnvironmentVariable"] if subject.environment else []
    used += ["QueryVariable"] if any(one != "ENV" for one in variables.names) else []
    blocks = [assigned(constant, code, WIDTH) for constant, code in body]
    words = " ".join(names.words(title)) or "The dashboard"
    return "\n\n".join([f'"""{words[:70]}."""', imports(used), *blocks]) + "\n"


def imports(used: list[str]) -> str:
    flat = f"from dashgen import {', '.join(sorted(used))}"
    return (
        flat if len(flat) <= WIDTH else "from dashgen import (\n" + "".join(f"    {n},\n" for n in sorted(used)) + ")"
    )


def _row(title: str, panels: list[str]) -> Code:
    return CallCode("Row", (("", TextCode(title)), ("", SequenceCode(tuple(map(AtomCode, panels))))))


def _panels(subject: StarterTable, variables: _Variables, taken: set[str]) -> Iterator[tuple[str, Code]]:
    for constant, code in (("AGE", _age(subject, variables)), ("ROWS", _rows(subject, variables))):
        taken.add(constant)
        yield constant, code
    titles = {"rows", "age of the newest row"}
    for column in subject.measured:
        constant = names.unique(names.constant(column.name, "VALUE", 30), taken)
        title = names.unique(" ".join(names.words(column.name)).capitalize() or "Value", titles).replace("_", " ")
        taken.add(constant)
        titles.add(title)
        yield constant, measured_panel(subject, column, title)


def measured_panel(subject: StarterTable, column: Column, title: str, known: Container[str] | None = None) -> Code:
    """A time series of the mean of a column, a line for each series. `known` are the names that its module has: only
    variables among them filter it."""
    variables = _Variables(subject)
    if known is not None:
        variables.by = [one for one in variables.by if one[0] in known]
    metric = _metric(subject)
    named = f"{metric} AS metric, " if metric else ""
    mean = f"avg({sql_name(column.name)})"
    if column.family == "DECIMAL":
        mean += "::double"  # the plugin sends a DECIMAL as text
    lines = [
        f"SELECT {subject.moment} AS time, {named}{mean} AS value",
        f"FROM {subject.sql}",
    ]
    said = column.doc or f"Mean of {column.name} in each interval."
    arguments: list[tuple[str, Code]] = [
        ("", TextCode(title)),
        ("", _sql(subject, variables, lines, "SAMPLE BY $__sampleByInterval")),
        ("description", TextCode(said)),
    ]
    if column.unit:
        arguments.append(("unit", TextCode(column.unit)))
    return CallCode("TimeSeries", tuple(arguments))


def _metric(subject: StarterTable) -> str:
    """What names a line: a column's text, or several with blanks between."""
    shown = [sql_name(column.name) for column in subject.labels]
    return shown[0] if len(shown) == 1 else f"concat({',  , '.join(shown)})" if shown else ""


def _sql(subject: StarterTable, variables: _Variables, lines: list[str], last: str) -> Code:
    is_formatted = bool(variables.by)
    where = f"WHERE $__timeFilter({subject.moment})"
    found = [literal(line, is_formatted=is_formatted) for line in (*lines, where)]
    found[-1] += variables.conditions()
    if last:
        found.append(literal(last, is_formatted=is_formatted))
    return SqlTemplateCode(tuple(found), is_formatted)


def _age(subject: StarterTable, variables: _Variables) -> Code:
    lines = [f"SELECT datediff('s', max({subject.moment}), $__toTime) AS age", f"FROM {subject.sql}"]
    limit = subject.silent_after
    steps = CallCode("Thresholds", (("", TextCode("green")), ("", AtomCode(f'({limit}, "red")'))))
    return CallCode(
        "Stat",
        (
            ("", TextCode("Age of the newest row")),
            ("", _sql(subject, variables, lines, "")),
            ("key", TextCode("age")),
            ("description", TextCode(f"Over {limit} s: nobody writes {subject.table.name}.")),
            ("unit", TextCode("s")),
            ("thresholds", steps),
        ),
    )


def _rows(subject: StarterTable, variables: _Variables) -> Code:
    lines = [f"SELECT {subject.moment} AS time, count() AS value", f"FROM {subject.sql}"]
    return CallCode(
        "TimeSeries",
        (
            ("", TextCode("Rows")),
            ("", _sql(subject, variables, lines, "SAMPLE BY $__sampleByInterval")),
            ("description", TextCode("How many rows come in each interval; a gap is one of the writers.")),
        ),
    )
