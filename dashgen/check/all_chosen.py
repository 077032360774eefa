"""What a query becomes where All is chosen in a variable whose All is one text (`'__all'`) and no list of values.

A row is to be shown then as if its own value were chosen. A comparison with that text knows nothing of it: `host IN
('__all')` holds for no row, `NOT IN` for each. So each comparison of a column with it must make no difference, because
a guard beside it decides, and what is left must be able to hold. What a comparison is with All and with a row's own
value is told by its form where that is plain, else by running both on a server; what nobody can tell counts as right.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Literal, NamedTuple, TypeAlias

from dashgen.check.clauses import Select, selects, users
from dashgen.check.expansion import rendered
from dashgen.check.logic import Tree, Values, atoms, holds, outside_cases, tree, when_conditions
from dashgen.check.names import refs
from dashgen.check.outline import outline
from dashgen.check.rule import Subject
from dashgen.check.run_variants import choices
from dashgen.grafana.datasources.browser import conditional_all
from dashgen.grafana.datasources.macros import MacroError
from dashgen.grafana.datasources.positions import Expanded
from dashgen.grafana.datasources.variables import Variable, interpolate
from dashgen.model.dashboard import Row
from dashgen.model.foreign import ForeignPanel
from dashgen.model.panel import Panel
from dashgen.sql.lexer import Token, tokenize, variables
from dashgen.sql.lineage import schema

Evaluate = Callable[[str], object]
"""What a server says of a query of one value; None where it says nothing."""
MOST_OTHERS, MOST_UNKNOWN = 4, 7
"""Other variables with All, and conditions that depend on rows, of which every combination is looked at."""
SAMPLE = "zz sample"
_SAMPLES = {
    "text": f"'{SAMPLE}'",
    "number": "1.5",
    "truth": "true",
    "moment": "'2026-01-05T14:34:56.000000Z'::timestamp",
}
_KINDS = {"BOOLEAN": "truth", "TIMESTAMP": "moment", "DATE": "moment"} | dict.fromkeys(
    ("BYTE", "SHORT", "INT", "LONG", "FLOAT", "DOUBLE", "LONG256"), "number"
)
_EQUAL = {"=": True, "==": True, "in": True, "!=": False, "<>": False, "not in": False}
_OPERATORS = frozenset({*_EQUAL, "<", "<=", ">", ">=", "between", "like", "ilike", "~", "!~", "=~"})


@dataclass(frozen=True, slots=True)
class Fault:
    """`what`: a comparison with All's text decides (`kept` are the rows that it leaves), a condition never holds, or
    the result has the text as a value. `cases` are the choices in other variables that it takes, empty for any."""

    what: Literal["compared", "never", "shown"]
    name: str
    all_text: str
    span: tuple[int, int]
    kept: Kept = "none"
    cases: tuple[str, ...] = ()


Kept: TypeAlias = Literal["none", "all"]


class Comparison(NamedTuple):
    """A condition with All's text in it: what it is then. `is_blind` is whether it is something else where a row's own
    value is chosen."""

    holds: bool | None
    is_blind: bool


def faults(subject: Subject, evaluate: Evaluate) -> Iterator[Fault]:
    """Of every variable with such an All that the query uses, each once."""
    if subject.role == "alert":
        return
    every = choices(subject)
    with_all = [of[0][1].name for of in every if _stands_for_all(of) and of[0][1].name not in _repeated(subject)]
    told: dict[tuple[str, tuple[int, int]], Fault] = {}
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


def _stands_for_all(choices: tuple[tuple[str, Variable], ...]) -> bool:
    return any(variable.is_all and variable.all_value for _, variable in choices)


def _repeated(subject: Subject) -> set[str]:
    """The variables of which a panel that is repeated by them sees one value at a time."""
    owner = subject.owner
    if not isinstance(owner, (Panel, ForeignPanel)) or subject.dashboard is None:
        return set()
    rows: tuple[Row, ...] = subject.dashboard.rows
    of_rows = {row.repeat for row in rows if any(panel is owner for panel in row.panels)}
    return of_rows | {owner.repeat if isinstance(owner, Panel) else str(owner.data.get("repeat") or "")}


def _combinations(
    name: str, with_all: list[str], every: tuple[tuple[tuple[str, Variable], ...], ...]
) -> Iterator[tuple[tuple[str, ...], tuple[Variable, ...]]]:
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

    def __init__(self, subject: Subject, name: str, chosen: tuple[Variable, ...], evaluate: Evaluate) -> None:
        self.subject, self.name, self.chosen, self.evaluate = subject, name, chosen, evaluate
        self.variable = next(one for one in chosen if one.name == name)
        text = rendered(subject)
        made = conditional_all(text.text, chosen) if subject.plugin == "questdb" else Expanded(text.text)
        self.text = text.then(made)
        self._known: dict[str, Comparison] = {}
        self._inner: dict[int, dict[tuple[str, str], list[Token]]] = {}

    def faults(self) -> Iterator[Fault]:
        query = outline(self.text.text)
        readers = users(query)
        for select in selects(query):
            for part in (select.where, *select.on):
                tokens = self._resolved(part.tokens, select)
                if self._uses(tokens):
                    yield from self._condition(tokens)
            # What a query within selects is judged where it is used, with the guards that stand there.
            outermost = select in query.selects
            if outermost or any(outer.star for outer in readers.get(id(select), ())):
                for item in select.items:
                    tokens = self._resolved(item.part.tokens, select)
                    if self._uses(tokens):
                        yield from self._item(tokens, shown=outermost)

    def _uses(self, tokens: list[Token] | tuple[Token, ...]) -> bool:
        return any(ref.name == self.name for token in tokens for ref in variables(token.text))

    def _resolved(self, tokens: list[Token], select: Select) -> list[Token]:
        """With each column of a query within that the variable is a part of replaced by its expression."""
        named = self._named(select)
        out: list[Token] = []
        at = -1
        for ref in refs(tokens) if named else ():
            found = named.get((ref.qualifier.lower(), ref.name.lower()))
            if found is not None:
                begin = ref.span[0]
                out += [token for token in tokens if at <= token.start < begin]
                out += [Token("operator", "(", begin), *found, Token("operator", ")", begin)]
                at = ref.span[1]
        return out + [token for token in tokens if token.start >= at] if out else tokens

    def _named(self, select: Select) -> Mapping[tuple[str, str], list[Token]]:
        """Such columns that a SELECT reads, by qualifier and name, and by name alone."""
        known = self._inner.get(id(select))
        if known is None:
            known = self._inner[id(select)] = {}
            for source in select.sources:
                for inner in source.query.selects if source.query else ():
                    for item in inner.items:
                        meant = self._resolved(item.part.tokens, inner) if item.name else []
                        if self._uses(meant):
                            known[source.alias.lower() or source.name.lower(), item.name.lower()] = meant
                            known["", item.name.lower()] = meant
        return known

    def _item(self, tokens: list[Token], *, shown: bool) -> Iterator[Fault]:
        for conditions in when_conditions(tokens):
            for condition in conditions:
                yield from self._condition(condition)
                if self._uses(condition) and self._surely(condition):
                    break  # the ones behind are not asked
        rest = outside_cases(tokens)
        if not self._uses(rest):
            return
        if any(token.text.lower() in _OPERATORS for token in rest):
            yield from self._condition(rest)
        elif shown and (at := self._shown(rest)):
            yield self._fault("shown", at)

    def _shown(self, tokens: list[Token]) -> tuple[Token, ...]:
        """The first of the tokens by which All's text comes into the result."""
        for token in tokens:
            made = interpolate(token.text, self.chosen, self.subject.plugin).text
            if self._uses((token,)) and str(self.variable.all_value) in made:
                return (token,)
        return ()

    def _surely(self, condition: list[Token]) -> bool:
        return all(holds(tree(condition), value) for value in self._assignments(tree(condition)))

    def _condition(self, tokens: list[Token]) -> Iterator[Fault]:
        whole = tree(tokens)
        blind = list({atom.text: atom for atom in atoms(whole) if self._of(atom).is_blind}.values())
        decides = False
        for atom in blind:
            kept = self._decided(whole, atom)
            if kept is not None:
                decides = True
                yield self._fault("compared", atom.tokens, kept)
        if blind and not decides:
            yield from self._never(whole)

    def _decided(self, whole: Tree, atom: Tree) -> Kept | None:
        """Which rows a blind comparison leaves; None where it makes no difference, or where a guard of which nobody can
        tell what it says might see to that."""
        found: dict[tuple[bool, ...], Kept | None] = {}
        guards = [one for one in atoms(whole) if self._uses(one.tokens) and self._of(one).holds is None]
        for value in self._assignments(whole):
            key = tuple(map(value, guards))
            found.setdefault(key, None)
            is_left = holds(whole, value)
            if is_left != holds(whole, _flipped(value, atom)):
                found[key] = found[key] or ("all" if is_left else "none")
        return next(iter(found.values())) if all(found.values()) else None

    def _never(self, whole: Tree) -> Iterator[Fault]:
        """A part with a guard that turns all of it off. What is only about whether All is chosen is meant so."""
        parts = whole.parts if whole.kind == "and" else (whole,)
        if any(not self._has_blind(part) and self._cannot_hold(part) for part in parts):
            return
        for part in parts:
            if self._has_blind(part) and self._cannot_hold(part):
                yield self._fault("never", part.tokens)

    def _has_blind(self, part: Tree) -> bool:
        return any(self._of(atom).is_blind for atom in atoms(part))

    def _cannot_hold(self, part: Tree) -> bool:
        return not any(holds(part, value) for value in self._assignments(part))

    def _assignments(self, whole: Tree) -> list[Values]:
        """Values for all atoms: what is known, with each combination of what depends on a row."""
        unknown = Counter(atom.text for atom in atoms(whole) if self._of(atom).holds is None)
        if whole.kind == "and":  # what must hold anyway
            for part in whole.parts:
                if unknown[part.text] == 1 and not self._uses(part.tokens):
                    del unknown[part.text]
        varied, rest = list(unknown)[:MOST_UNKNOWN], list(unknown)[MOST_UNKNOWN:]
        found: list[Values] = []
        for given in product((True, False), repeat=len(varied)):
            values = {**dict.fromkeys(rest, True), **dict(zip(varied, given, strict=True))}
            found.append(partial(self._value, values))
        return found

    def _value(self, values: Mapping[str, bool], atom: Tree) -> bool:
        known = self._of(atom).holds
        return values.get(atom.text, True) if known is None else known

    def _of(self, atom: Tree) -> Comparison:
        found = self._known.get(atom.text)
        if found is None:
            found = self._known[atom.text] = self._judge(atom)
        return found

    def _judge(self, atom: Tree) -> Comparison:
        sql = _written(atom.tokens)
        if not self._uses(atom.tokens):
            # A guard of another variable; whatever is about rows may be either.
            of_choices = variables(sql) and not _columns(sql) and not re.search(r"\$__|\bselect\b", sql, re.IGNORECASE)
            return (self._by_form(atom.tokens) or self._by_run(sql, sql)) if of_choices else Comparison(None, False)
        return self._by_form(atom.tokens) or self._by_run(sql, self._with_own(sql))

    def _with_own(self, sql: str) -> str:
        """With the sample chosen, which is every row's own value."""
        own = replace(self.variable, value=(SAMPLE,) if isinstance(self.variable.value, tuple) else SAMPLE)
        chosen = tuple(own if one.name == self.name else one for one in self.chosen)
        return interpolate(sql, chosen, self.subject.plugin).text

    def _by_run(self, sql: str, with_own: str) -> Comparison:
        with_all = interpolate(sql, self.chosen, self.subject.plugin).text
        for preferred in (None, *_SAMPLES):
            first = self._asked(with_all, preferred)
            if first is None:
                continue
            if not _columns(with_own):
                return Comparison(first, False)
            second = self._asked(with_own, preferred)
            if second is not None:
                # Where both are false, another row may have it true.
                return Comparison(first if first or second else None, first != second)
        return Comparison(None, False)

    def _by_form(self, tokens: tuple[Token, ...]) -> Comparison | None:
        """`column = value`, `column IN (values)`, and two values: what these are needs no server."""
        left, operator, right = _sides(tokens)
        if operator not in _EQUAL:
            return None
        sides = [self._values(side) for side in (left, right)]
        if sides[0] is not None and sides[1] is not None:
            same = any(one in sides[1] for one in sides[0])
            return Comparison(same == _EQUAL[operator], False)
        values = sides[0] if sides[0] is not None else sides[1]
        other = right if sides[0] is not None else left
        if values is None or self._uses(other) or not _columns(_written(other)):
            return None
        return Comparison(not _EQUAL[operator], True)

    def _values(self, side: tuple[Token, ...]) -> list[str] | None:
        """The texts that a side lists, variables put in; None if it has anything else."""
        made = interpolate(_written(side), self.chosen, self.subject.plugin).text
        found = []
        for token in tokenize(made):
            if token.kind == "string" and len(token.text) > 1 and token.text.endswith("'"):
                found.append(token.text[1:-1].replace("''", "'"))
            elif token.kind not in ("space", "comment") and token.text not in "(),":
                return None
        return found or None

    def _asked(self, sql: str, preferred: str | None) -> bool | None:
        """What a server says of a condition whose columns have a sample each."""
        declared: dict[str, str] = {}
        for relation in schema(self.subject.project).values():
            declared.update({name.lower(): _KINDS.get(type_, "text") for name, type_ in relation.columns.items()})
        found = _columns(sql)
        names = list(dict.fromkeys(sql[slice(*span)] for span in found))
        samples = {
            name: _SAMPLES[preferred or declared.get(name.rpartition(".")[2].strip('"').lower(), "text")]
            for name in names
        }
        for span in reversed(found):
            sql = sql[: span[0]] + f"c{names.index(sql[slice(*span)])}" + sql[span[1] :]
        inner = ", ".join(f"{samples[name]} AS c{at}" for at, name in enumerate(names))
        row = f" FROM (SELECT {inner})" if names else ""
        value = self.evaluate(f"SELECT ({sql}){row}")
        return value if isinstance(value, bool) else None

    def _fault(
        self,
        what: Literal["compared", "never", "shown"],
        tokens: tuple[Token, ...],
        kept: Kept = "none",
    ) -> Fault:
        inside = [token for token in tokens if self._uses((token,))] if what == "compared" else list(tokens)
        first, last = (inside or tokens)[0], (inside or tokens)[-1]
        begin = self.text.source(first.start)
        end = self.text.region(last.start + len(last.text) - 1)[1]
        text = interpolate(first.text, self.chosen, self.subject.plugin).text if what != "never" else ""
        return Fault(what, self.name, text, (begin, end), kept)


def _flipped(value: Values, atom: Tree) -> Values:
    return lambda one: value(one) != (one.text == atom.text)


def _sides(tokens: tuple[Token, ...]) -> tuple[tuple[Token, ...], str, tuple[Token, ...]]:
    """Both sides of the one comparison on the outermost level; `not in` is one operator."""
    depth = 0
    for at, token in enumerate(tokens):
        depth += (token.text == "(") - (token.text == ")")
        word = token.text.lower()
        if not depth and word in _OPERATORS:
            negated = at > 0 and tokens[at - 1].text.lower() == "not"
            return tokens[: at - negated], f"not {word}" if negated else word, tokens[at + 1 :]
    return tokens, "", ()


def _written(tokens: tuple[Token, ...] | list[Token]) -> str:
    """Tokens as a text, with spaces where they stood apart."""
    out = ""
    end: int | None = None
    for token in tokens:
        out += ("" if end == token.start else " ") + token.text
        end = token.start + len(token.text)
    return out.strip()


def _columns(sql: str) -> list[tuple[int, int]]:
    tokens = [token for token in tokenize(sql) if token.kind not in ("space", "comment")]
    if any(token.text.lower() == "select" for token in tokens):
        return []
    return [ref.span for ref in refs(tokens)]
