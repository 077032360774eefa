"""Is a document valid, and if not, what is wrong with it.

Two libraries, each for what it is good at: `jsonschema_rs` says yes or no about two hundred times faster;
only a document that it refuses is given to `jsonschema`, whose errors `explain` turns into sentences.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast, get_args

import orjson

from dashgen.schema.definitions import reachable
from dashgen.schema.violation import Violation

if TYPE_CHECKING:
    import jsonschema
    import jsonschema_rs

SchemaName: TypeAlias = Literal[
    "alert-rule",
    "alert-tests",
    "contact-points",
    "dashboard",
    "dashboards",
    "datasources",
    "deletions",
    "mute-timings",
    "policies",
    "published",
    "review",
    "rules",
    "tables",
    "templates",
]
SCHEMA_NAMES: tuple[SchemaName, ...] = get_args(SchemaName)

_PANEL = "#/$defs/AnyPanel"


def schema(name: SchemaName) -> dict[str, Any]:
    """The committed schema, as a copy that the caller may change."""
    return cast("dict[str, Any]", orjson.loads(Path(__file__).with_name(f"{name}.schema.json").read_bytes()))


def validate(name: SchemaName, instance: object) -> list[Violation]:
    """Every mistake in a document, in the order of their pointers; empty when it is valid."""
    return _validate(name, "", instance)


def is_valid(name: SchemaName, instance: object) -> bool:
    """Whether JSON data are a valid document. Data that are not of JSON's own types, such as subclasses of texts, are
    judged when they were written: not here."""
    return _is_valid(_judge(name, ""), instance)


def is_valid_dashboard(instance: object, kinds: frozenset[str]) -> bool:
    """As `is_valid`, of a dashboard that is expected to have panels of these kinds only: False for one with others,
    which is then for `validate` to judge. The schema of a few kinds is ready in a quarter of the time."""
    return _is_valid(_dashboard_judge(kinds), instance)


def _is_valid(judge: jsonschema_rs.Draft202012Validator, instance: object) -> bool:
    try:
        return judge.is_valid(instance)
    except (TypeError, ValueError):
        return False


def panel_violations(kind: str, panel: Mapping[str, object]) -> list[Violation]:
    """As `validate`, for one panel of a dashboard, which may be partial: it needs neither id nor grid position.

    `kind` is put in as the panel's `type`. Rows are no panels here.
    """
    return _validate("dashboard", _PANEL, {**panel, "type": kind})


def option_violations(kind: str, options: Mapping[str, object], custom: Mapping[str, object]) -> list[Violation]:
    """Mistakes in a panel's options and in the custom part of its field defaults."""
    return panel_violations(
        kind, {"options": options, "fieldConfig": {"defaults": {"custom": custom}, "overrides": []}}
    )


def _validate(name: SchemaName, part: str, instance: object) -> list[Violation]:
    try:
        if _judge(name, part).is_valid(instance):
            return []
    except (TypeError, ValueError) as error:
        return [Violation((), f"not JSON: {error}")]
    from dashgen.schema.explain import explain

    found = explain(_explainer(name, part), instance)
    # The two may read a number or a pattern differently. What was refused is never passed for valid.
    return found or [
        Violation(tuple(error.instance_path), error.message) for error in _judge(name, part).iter_errors(instance)
    ]


def _at(name: SchemaName, part: str) -> dict[str, Any]:
    whole = schema(name)
    return {**whole, "$ref": part} if part else whole


@functools.cache
def _judge(name: SchemaName, part: str) -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(_at(name, part))


@functools.lru_cache(maxsize=8)
def _dashboard_judge(kinds: frozenset[str]) -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs

    whole = schema("dashboard")
    panel = whole["$defs"]["AnyPanel"]
    known = kinds.intersection(panel["properties"]["type"]["enum"])
    panel["properties"]["type"] = {"enum": sorted(known)}
    panel["allOf"] = [one for one in panel["allOf"] if one["if"]["properties"]["type"]["const"] in known]
    if not known:
        whole["$defs"]["AnyPanel"] = False
    needed = reachable(whole["$defs"], whole["$ref"].rpartition("/")[2])
    return jsonschema_rs.Draft202012Validator({**whole, "$defs": needed})


@functools.cache
def _explainer(name: SchemaName, part: str) -> jsonschema.Draft202012Validator:
    import jsonschema

    return jsonschema.Draft202012Validator(_at(name, part))
