"""Turns jsonschema's errors into what an author can act on.

Each mistake is told once and where it is. The schemas choose by `if`/`then` wherever a key tells the cases
apart, so that only the case that was meant speaks; what is left of `anyOf` is narrowed to the branch that
fits best.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from dashgen.model.core.suggestions import listed
from dashgen.schema.violation import Violation

_NAMES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}
_SHOWN = 60  # characters of an offending value


_MISSING = "missing key '"


def explain(validator: Draft202012Validator, instance: object) -> list[Violation]:
    """Every mistake, without repeats, ordered by pointer."""
    found = dict.fromkeys(violation for error in validator.iter_errors(instance) for violation in _violations(error))
    return sorted(_paired(found), key=lambda v: ([(isinstance(p, str), p) for p in v.pointer], v.message))


_UNKNOWN = "unknown key"
_MEANT = re.compile(r"did you mean '(.+)'\?")


def _paired(found: Iterable[Violation]) -> list[Violation]:
    """A key that is missing because it was misspelt is one mistake; so is the only one that is missing beside the only
    one that is unknown."""
    kept = list(found)
    unknown: dict[tuple[str | int, ...], list[Violation]] = {}
    missing: dict[tuple[str | int, ...], list[Violation]] = {}
    for one in kept:
        if one.message == _UNKNOWN:
            unknown.setdefault(one.pointer[:-1], []).append(one)
        elif one.message.startswith(_MISSING):
            missing.setdefault(one.pointer, []).append(one)
    for pointer, keys in unknown.items():
        lacking = missing.get(pointer, [])
        for key in keys:
            meant = _MEANT.match(key.hint)
            if meant:
                told = [one for one in lacking if one.message == f"{_MISSING}{meant[1]}'"]
                kept = [one for one in kept if one not in told]
        if len(keys) == len(lacking) == 1 and not _MEANT.match(keys[0].hint):
            kept.remove(lacking[0])
            name = lacking[0].message.removeprefix(_MISSING)
            kept[kept.index(keys[0])] = keys[0]._replace(hint=f"did you mean '{name}, which is missing?")
    return kept


def _violations(error: ValidationError) -> Iterator[Violation]:
    keyword = str(error.validator)
    if keyword in ("anyOf", "oneOf") and error.context:
        yield from _branches(error)
        return
    describe = _DESCRIBED.get(keyword)
    if describe is not None:
        yield from describe(error, tuple(error.absolute_path))
        return
    yield Violation(tuple(error.absolute_path), _plain(error.message), _description(error))


def _branches(error: ValidationError) -> Iterator[Violation]:
    """The errors of the one alternative that was most likely meant."""
    branches: dict[int, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(int(inner.schema_path[0]), []).append(inner)
    here = len(error.absolute_path)
    fitting = [
        found
        for found in branches.values()
        if not any(e.validator in ("type", "enum", "const") and len(e.absolute_path) == here for e in found)
    ]
    if not fitting:
        accepted = dict.fromkeys(t for found in branches.values() for e in found for t in _accepted(e))
        message = f"expected {_alternatives(accepted)}, got {_shown(error.instance)}"
        hint = _description(error) or _as_meant(list(accepted), error.instance)
        yield Violation(tuple(error.absolute_path), message, hint)
        return
    if len(fitting) > 1 and all(len(found) == 1 and found[0].validator == "required" for found in fitting):
        missing = [key for found in fitting for key in _missing(found[0])]
        pointer = tuple(error.absolute_path)
        meant = {key: hint for key in _mapping(error.instance) if (hint := _near(key, missing))}
        if meant:
            yield from (Violation((*pointer, str(key)), _UNKNOWN, hint) for key, hint in meant.items())
        else:
            yield Violation(pointer, f"one of these keys is missing: {', '.join(missing)}", _description(error))
        return
    # Deepest first, then fewest: the alternative that agrees with most of what is there.
    best = min(fitting, key=lambda found: (-max(len(e.absolute_path) for e in found), len(found)))
    for inner in best:
        yield from _violations(inner)


def _accepted(error: ValidationError) -> list[str]:
    value: object = error.validator_value
    if error.validator == "type":
        return [_NAMES[t] for t in ([value] if isinstance(value, str) else _items(value))]
    if error.validator == "const":
        return [_json(value)]
    if error.validator == "enum":
        return [_json(v) for v in _items(value)]
    return []


def _unknown_keys(error: ValidationError, pointer: tuple[str | int, ...]) -> Iterator[Violation]:
    known = list(_mapping(error.schema).get("properties", {}))
    for key in _mapping(error.instance):
        if key not in known:
            # Keys of a Python mapping need not be strings; a pointer's are.
            yield Violation((*pointer, str(key)), _UNKNOWN, _suggestion(key, known, "known keys"))


def _missing_key(error: ValidationError, pointer: tuple[str | int, ...]) -> Iterator[Violation]:
    for key in _missing(error):
        schema = _mapping(_mapping(error.schema).get("properties", {})).get(key, {})
        yield Violation(
            pointer, f"{_MISSING}{key}'", str(_mapping(schema).get("description", "")) or _to_write(key, schema)
        )


def _missing(error: ValidationError) -> list[str]:
    """jsonschema makes an error a key and names the key in the message only."""
    return [key for key in _items(error.validator_value) if error.message.startswith(f"{key!r} is a required")]


def _wrong_type(error: ValidationError, pointer: tuple[str | int, ...]) -> Iterator[Violation]:
    accepted = _accepted(error)
    message = f"expected {_alternatives(accepted)}, got {_shown(error.instance)}"
    yield Violation(pointer, message, _description(error) or _as_meant(accepted, error.instance))


def _to_write(key: str, schema: object) -> str:
    values = _items(_mapping(schema).get("enum"))
    return f"write {key}: one of {listed(map(str, values))}" if values else ""


def _as_meant(accepted: list[str], value: object) -> str:
    """What was probably meant by a value of another type."""
    text = str(value)
    if _NUMBER.match(text) and isinstance(value, str) and {"a number", "a whole number"} & set(accepted):
        return f"write it without quotes: {text}"
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        if "a list" in accepted and not {"a number", "a whole number"} & set(accepted):
            return f"write a list of one: [{text}]"
        if accepted == ["a string"]:
            return f"write it in quotes: '{text}'"
    return ""


_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?\Z")


def _wrong_value(error: ValidationError, pointer: tuple[str | int, ...]) -> Iterator[Violation]:
    values = _items(error.validator_value)
    hint = _suggestion(error.instance, values, "known values")
    if not hint.startswith("did you mean"):
        hint = _description(error) or hint
    yield Violation(pointer, f"{_shown(error.instance)} is not allowed here", hint)


def _wrong_constant(error: ValidationError, pointer: tuple[str | int, ...]) -> Iterator[Violation]:
    message = f"expected {_json(error.validator_value)}, got {_shown(error.instance)}"
    yield Violation(pointer, message, _description(error))


def _wrong_text(error: ValidationError, pointer: tuple[str | int, ...]) -> Iterator[Violation]:
    hint = _description(error) or f"the pattern is {error.validator_value}"
    yield Violation(pointer, f"{_shown(error.instance)} does not have the form that is needed", hint)


def _wrong_size(error: ValidationError, pointer: tuple[str | int, ...]) -> Iterator[Violation]:
    rule = {
        "minimum": "at least {}",
        "maximum": "at most {}",
        "exclusiveMinimum": "more than {}",
        "minLength": "at least {} characters",
        "maxLength": "at most {} characters",
        "minItems": "at least {} entries",
        "maxItems": "at most {} entries",
        "minProperties": "at least {} keys",
    }[str(error.validator)].format(error.validator_value)
    if error.validator_value == 1:
        rule = {
            "minLength": "some text",
            "minItems": "at least 1 entry",
            "minProperties": "at least 1 key",
        }.get(str(error.validator), rule)
    yield Violation(pointer, f"expected {rule}, got {_shown(error.instance)}", _description(error))


def _dependent(error: ValidationError, pointer: tuple[str | int, ...]) -> Iterator[Violation]:
    present = _mapping(error.instance)
    for key, needed in _mapping(error.validator_value).items():
        for other in needed:
            if key in present and other not in present:
                yield Violation(pointer, f"'{key}' needs the key '{other}' beside it", _description(error))


_Describe = Callable[[ValidationError, tuple[str | int, ...]], Iterator[Violation]]
_DESCRIBED: Mapping[str, _Describe] = {
    "additionalProperties": _unknown_keys,
    "const": _wrong_constant,
    "dependentRequired": _dependent,
    "enum": _wrong_value,
    "pattern": _wrong_text,
    "required": _missing_key,
    "type": _wrong_type,
    **dict.fromkeys(
        (
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "minProperties",
        ),
        _wrong_size,
    ),
}


def _suggestion(wrong: object, known: Iterable[object], label: str) -> str:
    texts = [value if isinstance(value, str) else _json(value) for value in known]
    if near := _near(wrong, texts):
        return near
    if not texts:
        return "no keys are known here" if label == "known keys" else ""
    return f"{label}: {listed(texts, wrong if isinstance(wrong, str) else '')}"


def _near(wrong: object, texts: Iterable[str]) -> str:
    folded = {text.casefold(): text for text in texts}
    close = difflib.get_close_matches(wrong.casefold(), folded, n=1, cutoff=0.75) if isinstance(wrong, str) else []
    return f"did you mean '{folded[close[0]]}'?" if close else ""


def _alternatives(texts: Iterable[str]) -> str:
    listed = list(texts)
    return listed[0] if len(listed) == 1 else ", ".join(listed[:-1]) + " or " + listed[-1] if listed else "another"


def _description(error: ValidationError) -> str:
    return str(_mapping(error.schema).get("description", ""))


def _shown(value: object) -> str:
    return _cut(_json(value))


def _json(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=repr)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _plain(message: str) -> str:
    return message if len(message) <= 3 * _SHOWN else message[: 3 * _SHOWN - 1] + "…"


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
