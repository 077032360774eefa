"""What a viewer can choose in a variable: the rows of its query, cut by its regular expression and sorted.

After Grafana 12.3, public/app/features/variables/query/reducer.ts and @grafana/scenes'
variables/variants/query/utils.ts (metricNamesToVariableValues, sortVariableValues): from knowledge, not compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

_WRITTEN = re.compile(r"/(.*)/([a-z]*)", re.DOTALL)
_GROUP = re.compile(r"\(\?<(?=[A-Za-z_$])")
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
_DIGITS = re.compile(r".*?(\d+).*", re.DOTALL)


class Option(NamedTuple):
    value: str
    text: str


def pattern(regex: str) -> tuple[re.Pattern[str], bool]:
    """JavaScript's regular expression as Python's, and whether it has the flag `g`. Without slashes it must match the
    whole text (`stringToJsRegex`). Raises ValueError for one that Python can't read."""
    match = _WRITTEN.fullmatch(regex)
    text, flags = (match[1], match[2]) if match else (f"^{regex}$", "")
    try:
        found = re.compile(_GROUP.sub("(?P<", text), sum(_FLAGS.get(flag, 0) for flag in set(flags)))
    except re.error as error:
        raise ValueError(f"{regex}: {error}") from error
    return found, "g" in flags


def options(pairs: Iterable[Option], regex: str = "", sort: str = "none") -> tuple[Option, ...]:
    """What is left of a query's values, each once."""
    made = [option for pair in pairs for option in _cut(pair, regex)]
    first: dict[str, Option] = {}
    for option in made:
        first.setdefault(option.value, option)
    return tuple(_sorted(list(first.values()), sort))


def _cut(pair: Option, regex: str) -> Iterable[Option]:
    if not regex:
        return (pair,)
    compiled, every = pattern(regex)
    matches = list(compiled.finditer(pair.value))[: None if every else 1]
    if not matches:
        return ()
    groups = {name: next((m[name] for m in matches if m.groupdict().get(name)), None) for name in ("value", "text")}
    if groups["value"] or groups["text"]:
        value, text = groups["value"] or groups["text"] or "", groups["text"] or groups["value"] or ""
        return (Option(value, text),)
    if compiled.groups and len(matches) > 1:
        return tuple(Option(m[1], m[1]) for m in matches if m[1] is not None)
    if compiled.groups:
        return (Option(matches[0][1] or "", matches[0][1] or ""),)
    return (pair,)


def _number(option: Option) -> float:
    found = _DIGITS.fullmatch(option.text)
    return float(found[1]) if found else -1.0


def _sorted(found: list[Option], sort: str) -> list[Option]:
    if sort == "none":
        return found
    key: Callable[[Option], object] = lambda option: option.text  # noqa: E731  # one of three
    if sort.startswith("numeric"):
        key = _number
    elif sort.endswith("case-insensitive"):
        key = lambda option: option.text.lower()  # noqa: E731
    ordered = sorted(found, key=key)  # type: ignore[arg-type]  # texts or numbers, never both
    return ordered[::-1] if "desc" in sort else ordered
