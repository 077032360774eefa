"""Queries and expressions of a rule in the model's words: letters, a reducer and a threshold where these say all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from dashgen.adopt.import_scope import ImportScope
from dashgen.adopt.values import made, only
from dashgen.grafana.datasources.indentation import cleaned
from dashgen.model.alerting.alert import LETTERS, AlertTarget
from dashgen.model.alerting.expression import (
    AnyExpression,
    Expression,
    Math,
    Reduce,
    Resample,
    Threshold,
    references,
    substitute,
)
from dashgen.model.core.durations import Duration
from dashgen.model.core.node import Node
from dashgen.model.dashboards.query import Query, RawQuery
from dashgen.model.environment import Environment
from dashgen.render.query import render_query

Json = dict[str, Any]
N = TypeVar("N", bound=Node)
_FIRES = {"gt": "above", "lt": "below", "within_range": "inside", "outside_range": "outside"}
_NULLS = {"": "strict", "dropNN": "drop", "replaceNN": "replace"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A query in the model's words. `reason` says why no check looks at it; `datasource` is the environment's."""

    target: AlertTarget | None
    datasource: str = ""
    reason: str = ""


def asked(step: Json, scope: ImportScope) -> Asked:
    """The query of a step."""
    query = step["query"]
    reference = query.get("datasource")
    if isinstance(reference, dict) and "environment" in reference and isinstance(query.get("rawSql"), str):
        name = reference["environment"]
        reason = _unsaid(query["rawSql"], name, scope)
        if not reason:
            more = {key: item for key, item in query.items() if key not in ("datasource", "format", "rawSql")}
            wanted = None if query["format"] == "table" else query["format"]
            return Asked(made(Query, query["rawSql"], format=wanted, raw=more), name)
    elif isinstance(reference, dict) and "environment" not in reference:
        reason = f"a query of the datasource {reference.get('type') or reference.get('uid')!r}"
    else:
        reason = "a query without SQL"
    json = {key: item for key, item in query.items() if key != "datasource"}
    return Asked(made(RawQuery, scope.restored(json), datasource=scope.datasource(reference)), "", reason)


def _unsaid(sql: str, datasource: str, scope: ImportScope) -> str:
    """Why a query is not one in the words of QuestDB's plugin; empty where it is."""
    if not sql.strip():
        return "a query without SQL"
    made_of = render_query(sql, scope.plugins[datasource], alert_of=_NOWHERE)
    if made_of.error is not None:
        return f"a query with a macro that can't be rendered: {made_of.error}"
    if cleaned(made_of.text.text).text != sql:
        return "a query with macros or variables that dashgen would replace"
    return ""


_NOWHERE = Environment("import", hosts=("import",))


def pipeline(given: Json, scope: ImportScope) -> Json | None:
    """The arguments of an AlertRule for the steps of a rule; None where they can't say them."""
    ordered = _ordered(given["steps"])
    if ordered is None or len(ordered) > len(LETTERS):
        return None
    queries = [asked(given["steps"][name], scope) for name in ordered if "query" in given["steps"][name]]
    targets = [one.target for one in queries]
    if not targets or any(one is None for one in targets):
        return None
    letters = dict(zip(ordered, LETTERS, strict=False))
    ends = {(given["steps"][name]["from"], given["steps"][name]["to"]) for name in ordered[: len(targets)]}
    if len(ends) > 1:
        return None
    ((begin, end),) = ends
    out: Json = {"query": targets[0] if len(targets) == 1 else tuple(targets), "window": _length(begin - end)}
    if end:
        out["delay"] = _length(end)
    names = [one.datasource for one in queries if one.datasource]
    if names:
        out["datasource"] = names[0]
        if len(set(names)) > 1:
            return None
    if ref_ids := {letter: name for name, letter in letters.items() if name != letter}:
        out["ref_ids"] = ref_ids
    models = [_renamed(given["steps"][name], letters) for name in ordered[len(targets) :]]
    if any(one is None for one in models):
        return None
    found = [_expression(one) for one in models if one is not None]
    if any(one is None for one in found):
        return None
    expressions = tuple(one for one in found if one is not None)
    said = _judged(expressions, letters.get(given["condition"], ""), len(targets))
    return None if said is None else out | said


def _length(seconds: float) -> str:
    return str(Duration(seconds)) if seconds else "0s"


def _ordered(steps: Mapping[str, Json]) -> list[str] | None:
    """Queries in their order, then expressions, each behind what it reads; None where that can't be."""
    found = [name for name, step in steps.items() if "query" in step]
    left = [name for name in steps if name not in found]
    while left:
        ready = next((name for name in left if _reads(steps[name]) & steps.keys() <= set(found)), None)
        if ready is None:
            return None
        found.append(ready)
        left.remove(ready)
    return found


def _reads(model: Json) -> set[str]:
    kind, read = model.get("type"), model.get("expression")
    if kind == "math" and isinstance(read, str):
        return set(references(read))
    if kind == "classic_conditions":
        conditions = model.get("conditions")
        queries = (
            [one.get("query") for one in conditions if isinstance(one, dict)] if isinstance(conditions, list) else []
        )
        return {str(name) for query in queries if isinstance(query, dict) for name in query.get("params") or ()}
    return {read} if isinstance(read, str) else set()


def _renamed(model: Json, letters: Mapping[str, str]) -> Json | None:
    """The expression with letters in place of refIds; None where it can't be said which it reads."""
    kind, read = model.get("type"), model.get("expression")
    if kind == "math" and isinstance(read, str):
        return model | {"expression": substitute(read, letters)} if set(references(read)) <= letters.keys() else None
    if kind == "classic_conditions" and _reads(model) <= letters.keys():
        conditions = model.get("conditions") or ()
        return model | {"conditions": [_condition(one, letters) for one in conditions]}
    if kind == "sql":
        return model if all(name == letter for name, letter in letters.items()) else None
    if isinstance(read, str) and read in letters:
        return model | {"expression": letters[read]}
    return None


def _condition(condition: Any, letters: Mapping[str, str]) -> Any:
    """One of a classic condition with letters in place of refIds."""
    query = condition.get("query") if isinstance(condition, dict) else None
    if not isinstance(query, dict) or not isinstance(query.get("params"), list):
        return condition
    return condition | {"query": query | {"params": [letters.get(str(name), name) for name in query["params"]]}}


def _expression(model: Json) -> AnyExpression | None:
    return _typed(model) or made(Expression, model)


def _typed(model: Json) -> AnyExpression | None:
    kind, read = model.get("type"), model.get("expression")
    if kind == "math" and only(model, "type", "expression"):
        return made(Math, read)
    if kind == "reduce" and only(model, "type", "expression", "reducer", "settings"):
        settings = model.get("settings") or {}
        nulls = _NULLS.get(settings.get("mode", ""))
        if nulls is None or not only(settings, "mode", "replaceWithValue"):
            return None
        return _exact(Reduce, (read, model.get("reducer")), nulls=nulls, replace_with=settings.get("replaceWithValue"))
    if kind == "threshold" and only(model, "type", "expression", "conditions"):
        return _threshold(model, read)
    if kind == "resample" and only(model, "type", "expression", "window", "downsampler", "upsampler"):
        keys = ("window", "downsampler", "upsampler")
        return _exact(Resample, (read,), **{key: model.get(key) for key in keys})
    return None


def _threshold(model: Json, read: object) -> Threshold | None:
    condition = model["conditions"][0] if model["conditions"] else None
    evaluator = condition.get("evaluator") if isinstance(condition, dict) and only(condition, "evaluator") else None
    if not isinstance(evaluator, dict) or evaluator.get("type") not in _FIRES:
        return None
    params = evaluator.get("params") or []
    limit = tuple(params) if len(params) == 2 else params[0] if len(params) == 1 else None
    return _exact(Threshold, (read, limit), fires=_FIRES[evaluator["type"]])


def _exact(cls: type[N], values: tuple[object, ...], **given: object) -> N | None:
    """An object with all of the values; None where one is refused."""
    one = made(cls, *values, **given)
    if one is None or any(getattr(one, name) != value for name, value in given.items()):
        return None
    return one


def _judged(expressions: tuple[AnyExpression, ...], condition: str, queries: int) -> Json | None:
    """Reducer and threshold where these say what the expressions do, else the expressions."""
    letters = LETTERS[queries : queries + len(expressions)]
    if not condition or condition not in letters:
        return None
    last = expressions[-1]
    if condition == letters[-1] and isinstance(last, Threshold):
        short = _reduced(expressions, letters, queries) or _computed(expressions, letters, queries)
        if short is not None:
            return short | {"threshold": last.threshold, "fires": last.fires}
    return {"expressions": expressions} | ({} if condition == letters[-1] else {"condition": condition})


def _reduced(expressions: tuple[AnyExpression, ...], letters: str, queries: int) -> Json | None:
    if len(expressions) != 2:
        return None
    first, last = expressions
    if not isinstance(first, Reduce) or not isinstance(last, Threshold) or last.input != letters[0]:
        return None
    if first.input not in LETTERS[:queries]:
        return None
    return _of_reduce(first) | ({"condition": first.input} if queries > 1 else {})


def _computed(expressions: tuple[AnyExpression, ...], letters: str, queries: int) -> Json | None:
    """`math` over reduced queries."""
    *reduced, math, last = expressions if len(expressions) > 2 else (None, None)
    if not isinstance(math, Math) or not isinstance(last, Threshold) or last.input != letters[-2]:
        return None
    by_letter = {letter: one for letter, one in zip(letters, reduced, strict=False) if isinstance(one, Reduce)}
    if len(by_letter) < len(reduced) or tuple(by_letter) != references(math.expression):
        return None
    inputs = [one.input for one in by_letter.values()]
    ways = {(one.reducer, one.nulls, one.replace_with) for one in by_letter.values()}
    if len(ways) > 1 or len(set(inputs)) < len(inputs) or not set(inputs) <= set(LETTERS[:queries]):
        return None
    said = substitute(math.expression, {letter: one.input for letter, one in by_letter.items()})
    return {"math": said} | _of_reduce(next(iter(by_letter.values())))


def _of_reduce(one: Reduce) -> Json:
    return {"reducer": one.reducer, "nulls": one.nulls} | (
        {} if one.replace_with is None else {"replace_with": one.replace_with}
    )
