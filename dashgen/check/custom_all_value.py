"""What a query becomes where All is chosen in a variable whose All is one text (`'__all'`) and no list of values.

A row is to be shown then as if its own value were chosen. A comparison with that text knows nothing of it: `host IN
('__all')` holds for no row, `NOT IN` for each. So each comparison of a column with it must make no difference, because
a guard beside it decides, and what is left must be able to hold. What nobody can tell counts as right, and so does a
query that the parser does not know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Literal, TypeAlias

from dashgen.check.boolean_logic import Values, atoms, holds
from dashgen.check.custom_all_comparison import Comparison, Comparisons, Evaluate
from dashgen.check.expansion import rendered
from dashgen.check.inlined_columns import Inlining, Written, branch_conditions, outside_cases
from dashgen.check.rule import Subject
from dashgen.check.run_variants import choices
from dashgen.grafana.datasources.macros import MacroError
from dashgen.grafana.datasources.plugins import PLUGINS
from dashgen.grafana.datasources.variables import ChosenVariable
from dashgen.model.dashboards.dashboard import Row
from dashgen.model.dashboards.foreign import ForeignPanel, RawPanel
from dashgen.model.dashboards.panel import Panel
from dashgen.sql.ast import Between, Binary, Expression, In, Logical, Node, selects
from dashgen.sql.lineage import schema
from dashgen.sql.parser import understood
from dashgen.sql.reads import readers

MOST_OTHERS, MOST_UNKNOWN = 4, 7
"""Other variables with All, and conditions that depend on rows, of which every combination is looked at."""
_COMPARISONS = frozenset({"=", "==", "!=", "<>", "<", "<=", ">", ">=", "~", "!~", "~=", "like", "ilike", "not like",
                          "not ilike"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class CustomAllFault:
    """`what`: a comparison with All's text decides (`kept` are the rows that it leaves), a condition never holds, or
    the result has the text as a value. `cases` are the choices in other variables that it takes, empty for any."""

    what: What
    name: str
    all_text: str
    span: tuple[int, int]
    kept: Kept = "none"
    cases: tuple[str, ...] = ()


What = Literal["compared", "never", "shown"]
Kept: TypeAlias = Literal["none", "all"]


def faults(subject: Subject, evaluate: Evaluate) -> Iterator[CustomAllFault]:
    """Of every variable with such an All that the query uses, each once."""
    if subject.role == "alert":
        return
    every = choices(subject)
    with_all = [of[0][1].name for of in every if _stands_for_all(of) and of[0][1].name not in _repeated(subject)]
    told: dict[tuple[str, tuple[int, int]], CustomAllFault] = {}
    seen: dict[tuple[str, tuple[int, int]], int] = {}
    for name in with_all:
        combinations = list(_combinations(name, with_all, every))
        for words, chosen in combinations:
            try:
                found = list(_Look(subject, name, chosen, evaluate).faults())
            except MacroError:
                return  # the check itself says so
            for fault in found:
                key = fault.name, fault.span
                seen[key] = seen.get(key, 0) + 1
                told.setdefault(key, replace(fault, cases=words))
        for key, fault in told.items():
            if fault.name == name and seen[key] == len(combinations):
                told[key] = replace(fault, cases=())
    yield from told.values()


def _stands_for_all(choices: tuple[tuple[str, ChosenVariable], ...]) -> bool:
    return any(variable.is_all and variable.all_value for _, variable in choices)


def _repeated(subject: Subject) -> set[str]:
    """The variables of which a panel that is repeated by them sees one value at a time."""
    owner = subject.owner
    if not isinstance(owner, (Panel, ForeignPanel, RawPanel)) or subject.dashboard is None:
        return set()
    rows: tuple[Row, ...] = subject.dashboard.rows
    of_rows = {row.repeat for row in rows if any(panel is owner for panel in row.panels)}
    return of_rows | {owner.repeat if isinstance(owner, Panel) else str(owner.data.get("repeat") or "")}


def _combinations(
    name: str, with_all: list[str], every: tuple[tuple[tuple[str, ChosenVariable], ...], ...]
) -> Iterator[tuple[tuple[str, ...], tuple[ChosenVariable, ...]]]:
    """All in one variable, with All and one value in each of the others that have it."""
    others = [other for other in with_all if other != name][:MOST_OTHERS]
    for given in product((True, False), repeat=len(others)):
        wanted = {**dict.fromkeys(with_all, True), **dict(zip(others, given, strict=True))}
        words, chosen = [f"{name}: All"], []
        for of in every:
            is_all = wanted.get(of[0][1].name)
            word, variable = next((c for c in of if is_all is None or c[1].is_all == is_all), of[0])
            chosen.append(variable)
            if is_all is not None and variable.name != name:
                words.append(f"{variable.name}: {'All' if variable.is_all else word}")
        yield tuple(words), tuple(chosen)


class _Look:
    """One query with one combination of choices."""

    def __init__(self, subject: Subject, name: str, chosen: tuple[ChosenVariable, ...], evaluate: Evaluate) -> None:
        self.variable = next(one for one in chosen if one.name == name)
        text = rendered(subject)
        made = PLUGINS[subject.plugin].in_browser(text.text, chosen)
        self.text = text.then(made)
        self.judge = Comparisons(name, chosen, subject.plugin, schema(subject.project), evaluate)

    def faults(self) -> Iterator[CustomAllFault]:
        query = understood(self.text.text)
        if query is None:
            return
        inlining = Inlining(self.text, self.judge.is_in)
        around = readers(query)
        for select in selects(query):
            conditions = [select.where, *(source.join.on for source in select.sources if source.join)]
            for condition in filter(None, conditions):
                written = inlining.wanted(condition, select)
                if written and self.judge.uses(written):
                    yield from self._condition(written)
            # What a query below selects is judged where it is used, with the guards that stand there.
            outermost = select in query.selects
            if outermost or any(outer.star for outer in around.get(id(select), ())):
                for item in select.items:
                    written = None if item.star else inlining.wanted(item.expression, select)
                    if written and self.judge.uses(written):
                        yield from self._item(written, shown=outermost)

    def _item(self, item: Written, *, shown: bool) -> Iterator[CustomAllFault]:
        for conditions in branch_conditions(item):
            for condition in conditions:
                yield from self._condition(condition)
                if self.judge.uses(condition) and self._surely(condition):
                    break  # the ones behind are not asked
        rest = list(outside_cases(item.expression))
        mentions = [node for node in rest if self.judge.is_mention(item, node)]
        if mentions and any(map(_compares, rest)):
            yield from self._condition(item)
        elif shown:
            all_text = str(self.variable.all_value)
            node = next((one for one in mentions if all_text in self.judge.with_all(item.sql(one))), None)
            if node is not None:
                yield self._fault("shown", item, node, node)

    def _surely(self, whole: Written) -> bool:
        return all(holds(whole.expression, value) for value in self._assignments(whole))

    def _condition(self, whole: Written) -> Iterator[CustomAllFault]:
        blind = list(
            {whole.key(atom): atom for atom in atoms(whole.expression) if self._of(whole, atom).is_blind}.values()
        )
        decides = False
        for atom in blind:
            kept = self._decided(whole, atom)
            if kept is not None:
                decides = True
                mentions = list(self.judge.mentions(whole, atom))
                yield self._fault("compared", whole, mentions[0], mentions[-1], kept)
        if blind and not decides:
            yield from self._never(whole)

    def _decided(self, whole: Written, atom: Expression) -> Kept | None:
        """Which rows a blind comparison leaves; None where it makes no difference, or where a guard of which nobody can
        tell what it says might see to that."""
        found: dict[tuple[bool, ...], Kept | None] = {}
        every = atoms(whole.expression)
        guards = [one for one in every if self.judge.uses(whole, one) and self._of(whole, one).holds is None]
        for value in self._assignments(whole):
            key = tuple(map(value, guards))
            found.setdefault(key, None)
            is_left = holds(whole.expression, value)
            if is_left != holds(whole.expression, _flipped(value, whole, atom)):
                found[key] = found[key] or ("all" if is_left else "none")
        return next(iter(found.values())) if all(found.values()) else None

    def _never(self, whole: Written) -> Iterator[CustomAllFault]:
        """A part with a guard that turns all of it off. What is only about whether All is chosen is meant so."""
        parts = _conjuncts(whole.expression)
        if any(not self._has_blind(whole, part) and self._cannot_hold(whole, part) for part in parts):
            return
        for part in parts:
            if self._has_blind(whole, part) and self._cannot_hold(whole, part):
                yield self._fault("never", whole, part, part)

    def _has_blind(self, whole: Written, part: Expression) -> bool:
        return any(self._of(whole, atom).is_blind for atom in atoms(part))

    def _cannot_hold(self, whole: Written, part: Expression) -> bool:
        return not any(holds(part, value) for value in self._assignments(Written(part, whole.text)))

    def _assignments(self, whole: Written) -> list[Values]:
        """Values for all atoms: what is known, with each combination of what depends on a row."""
        every = atoms(whole.expression)
        unknown = Counter(whole.key(atom) for atom in every if self._of(whole, atom).holds is None)
        if len(parts := _conjuncts(whole.expression)) > 1:  # what must hold anyway
            for part in parts:
                if unknown[whole.key(part)] == 1 and not self.judge.uses(whole, part):
                    del unknown[whole.key(part)]
        varied, rest = list(unknown)[:MOST_UNKNOWN], list(unknown)[MOST_UNKNOWN:]
        found: list[Values] = []
        for given in product((True, False), repeat=len(varied)):
            values = {**dict.fromkeys(rest, True), **dict(zip(varied, given, strict=True))}
            found.append(partial(self._value, whole, values))
        return found

    def _value(self, whole: Written, values: Mapping[str, bool], atom: Expression) -> bool:
        known = self._of(whole, atom).holds
        return values.get(whole.key(atom), True) if known is None else known

    def _of(self, whole: Written, atom: Expression) -> Comparison:
        return self.judge.of(whole, atom)

    def _fault(self, what: What, whole: Written, first: Node, last: Node, kept: Kept = "none") -> CustomAllFault:
        text = self.judge.with_all(whole.sql(first)) if what != "never" else ""
        return CustomAllFault(what, self.variable.name, text, whole.author_span(first, last), kept)


def _flipped(value: Values, whole: Written, atom: Expression) -> Values:
    """The same values, but the other one for an atom, wherever it stands."""
    key = whole.key(atom)
    return lambda one: value(one) != (whole.key(one) == key)


def _conjuncts(condition: Expression) -> tuple[Expression, ...]:
    """What AND puts together on the outermost level."""
    return condition.operands if isinstance(condition, Logical) and condition.operator == "and" else (condition,)


def _compares(node: Node) -> bool:
    return isinstance(node, In | Between) or (isinstance(node, Binary) and node.operator in _COMPARISONS)
