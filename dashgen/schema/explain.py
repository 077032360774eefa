"""Turns jsonschema's errors into what an author can act on.

Each mistake is told once and where it is. The schemas choose by `if`/`then` wherever a key tells the cases
apart, so that only the case that was meant speaks; what is left of `anyOf` is narrowed to the branch that
fits best.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

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
_LISTED = 40  # with more possible values than that, a hint names only the close ones
_SHOWN = 60  # characters of an offending value


def explain(validator: Draft202012Validator, instance: object) -> list[Violation]:
    """Every mistake, without repeats, ordered by pointer."""
    found = dict.fromkeys(violation for error in validator.iter_errors(instance) for violation in _violations(error))
    return sorted(found, key=lambda v: ([(isinstance(p, str), p) for p in v.pointer], v.message))


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
        yield Violation(tuple(error.absolute_path), message, _description(error))
        return
    if len(fitting) > 1 and all(len(found) == 1 and found[0].validator == "required" for found in fitting):
        missing = [key for found in fitting for key in _missing(found[0])]
        yield Violation(tuple(error.absolute_path), f"one of these keys is missing: {', '.join(missing)}")
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
            yield Violation((*pointer, str(key)), "unknown key", _suggestion(key, known, "known keys"))


def _missing_key(error: ValidationError, pointer: tuple[str | int, ...]) -> Iterator[Violation]:
    for key in _missing(error):
        schema = _mapping(_mapping(error.schema).get("properties", {})).get(key, {})
        yield Violation(pointer, f"missing key '{key}'", str(_mapping(schema).get("description", "")))


def _missing(error: ValidationError) -> list[str]:
    """jsonschema makes an error a key and names the key in the message only."""
    return [key for key in _items(error.validator_value) if error.message.startswith(f"{key!r} is a required")]


def _wrong_type(error: ValidationError, pointer: tuple[str | int, ...]) -> Iterator[Violation]:
    message = f"expected {_alternatives(_accepted(error))}, got {_shown(error.instance)}"
    yield Violation(pointer, message, _description(error))


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
    if isinstance(wrong, str):
        folded = {text.casefold(): text for text in texts}
        close = difflib.get_close_matches(wrong.casefold(), folded, n=1, cutoff=0.75)
        if close:
            return f"did you mean '{folded[close[0]]}'?"
    if not texts:
        return "no keys are known here" if label == "known keys" else ""
    if len(texts) <= _LISTED:
        return f"{label}: {', '.join(texts)}"
    return f"{label}: {', '.join(texts[:5])} and {len(texts) - 5} more"


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
