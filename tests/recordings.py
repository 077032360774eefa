"""Recorded timelines as files, and what must stand in them.

A file holds one case, or one case with what several Grafanas made of it: `recordings`, each with its `grafana_version`,
`expected` and whatever else differs. There a number in place of a tick means the first recording's tick at that time.
`python -m tests.recordings DIR… --out DIR` packs folders of recordings of the same cases like that.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from dashgen.grafana.alerting.rule import rule_spec
from dashgen.grafana.versions import Semantics, UnknownVersion, semantics, version_of

Case = dict[str, Any]


class FormError(ValueError):
    """A file that holds no case; one line a reason."""


def files(place: Path) -> list[Path]:
    """The cases in a folder's `cases`, or else those of the folder itself, by name; or the one file."""
    if place.is_file():
        return [place]
    return sorted(place.glob("cases/*.json")) or sorted(place.glob("*.json"))


def read(file: Path) -> list[Case]:
    """A case as each of its Grafanas has it. Raises FormError with everything that is wrong."""
    try:
        case = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise FormError(f"expected JSON: {error}") from error
    cases = unpacked(case)
    if problems := dict.fromkeys(text for one in cases for text in _problems(one)):
        raise FormError("\n".join(problems))
    for one in cases:
        one["rule"] = {"interval": f"{one.get('interval_seconds', 60)}s", **one["rule"]}
        one["expected"].sort(key=lambda tick: tick["at"])
    return cases


def unpacked(case: Any) -> list[Any]:
    if not isinstance(case, dict) or "recordings" not in case:
        return [case]
    shared = {key: value for key, value in case.items() if key != "recordings"}
    first = {tick["at"]: tick for tick in case["recordings"][0]["expected"]}
    found = []
    for recording in case["recordings"]:
        ticks = [first[tick] if isinstance(tick, int) else tick for tick in recording["expected"]]
        found.append({**shared, **recording, "expected": ticks})
    return found


def semantics_of(case: Case) -> Semantics:
    """Those of the Grafana that the case was recorded on; 9.4 where it does not say."""
    settings = case.get("grafana_settings") or {}
    toggles = settings.get("feature_toggles") or {}
    version = version_of(str(case.get("grafana_version") or "9.4"))
    return semantics(version, (name for name, on in toggles.items() if on))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_start(value: object) -> bool:
    try:
        return datetime.fromisoformat(str(value)).tzinfo is not None
    except ValueError:
        return False


def _is_text(value: object) -> bool:
    return isinstance(value, str)


_Fields = Mapping[str, tuple[Callable[[object], bool], str]]
_TICK: _Fields = {"at": (_is_number, "seconds"), "rule_state": (_is_text, "a text"), "health": (_is_text, "a text")}
_INSTANCE: _Fields = {"labels": (lambda v: isinstance(v, dict), "an object"), "state": (_is_text, "a text")}
_ROW: _Fields = {
    "at": (_is_number, "seconds"),
    "table": (_is_text, "a table's name"),
    "values": (lambda v: isinstance(v, dict), "an object"),
}
_EVENT: _Fields = {"at": (_is_number, "seconds"), "sql": (_is_text, "a statement")}
_OUTAGE: _Fields = {"at": (_is_number, "seconds"), "down": (lambda v: isinstance(v, bool), "true or false")}
_EDIT: _Fields = {"at": (_is_number, "seconds")}
REMOVALS = ("removed_missing_series", "removed_by_reset")


def _problems(case: object) -> Iterator[str]:
    if not isinstance(case, dict):
        yield f"expected an object, got {type(case).__name__}"
        return
    if not _is_start(case.get("t0")):
        yield f"t0: expected a moment with its zone (2026-01-31T12:00:00Z), got {case.get('t0')!r}"
    try:
        semantics_of(case)
    except UnknownVersion as error:
        yield f"grafana_version: {error}"
    for number, sql in enumerate(case.get("ddl") or ()):
        if not _is_text(sql):
            yield f"ddl[{number}]: expected a statement, got {sql!r}"
    yield from _each(case, "rows", _ROW)
    yield from _each(case, "events", _EVENT, required=False)
    yield from _each(case, "outages", _OUTAGE, required=False)
    yield from _each(case, "api_events", _EDIT, required=False)
    yield from _each(case, "expected", _TICK)
    for number, tick in enumerate(case.get("expected") or ()):
        for key, required in (("instances", True), *((one, False) for one in REMOVALS)):
            fields = _INSTANCE if required else {"labels": _INSTANCE["labels"]}
            yield from (f"expected[{number}].{text}" for text in _each(tick, key, fields, required=required))
    try:
        rule = case["rule"]
        for edit in (None, *(case.get("api_events") or ())):
            rule = edited(rule, edit) if edit else rule
            rule_spec(rule)
    except KeyError as error:
        yield f"rule: expected the key {error}"
    except (TypeError, ValueError, AttributeError) as error:
        yield f"rule: expected an alert rule as it is provisioned: {error}"


def _each(around: object, key: str, fields: _Fields, *, required: bool = True) -> Iterator[str]:
    found = around.get(key) if isinstance(around, dict) else None
    if found is None and not required:
        return
    if not isinstance(found, list):
        yield f"{key}: expected a list, got {found!r:.60}"
        return
    for number, one in enumerate(found):
        for name, (fits, wanted) in fields.items():
            value = one.get(name) if isinstance(one, dict) else None
            if not fits(value):
                yield f"{key}[{number}].{name}: expected {wanted}, got {value!r:.60}"


_API_KEYS = {"missingSeriesEvalsToResolve": "missing_series_evals_to_resolve", "keep_firing_for": "keepFiringFor"}
"""Keys of the provisioning API by those of a file."""
_MERGED = {"annotation": "annotations", "annotations": "annotations", "label": "labels", "labels": "labels"}


def edited(rule: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """A rule after a change through the API: `set` some of its keys, add an `annotation` or `label`, another SQL for
    its first query (`sql`), other parameters for its threshold (`threshold`). Raises ValueError."""
    found = json.loads(json.dumps(rule))
    for key, value in event.items():
        if key in ("at", "about", "note", "comment"):
            continue
        if key == "set":
            found |= {_API_KEYS.get(name, name): one for name, one in value.items()}
        elif key in _MERGED:
            found[_MERGED[key]] = {**(found.get(_MERGED[key]) or {}), **value}
        elif key in ("sql", "rawSql", "query"):
            changed = value if isinstance(value, dict) else {"rawSql": value}
            next(one for one in found["data"] if "rawSql" in one["model"])["model"].update(changed)
        elif key in ("data", "models") and isinstance(value, dict):
            for one in found["data"]:
                one["model"].update(value.get(one["refId"]) or {})
        elif key in ("threshold", "params"):
            parameters = value if isinstance(value, list) else [value]
            model = next(one["model"] for one in found["data"] if one["model"].get("type") == "threshold")
            model["conditions"][0]["evaluator"]["params"] = parameters
        else:
            raise ValueError(f"api_events: expected set, annotation, label, sql or threshold, got {key!r}")
    return dict(found)


_LEFT_OUT = (
    "recorded",
    "skipped_ticks",
    "state_history",
    "runs_compared",
    "evaluations",
    "alertname_and_folder_labels",
)


def packed(cases: Sequence[Case]) -> str:
    """One file of recordings of one case, the newest first: what is equal in all once, a row and a tick a line."""
    plain = [{key: value for key, value in case.items() if key not in _LEFT_OUT and value != []} for case in cases]
    for case in plain:
        case["expected"] = [{k: v for k, v in t.items() if k != "evaluated_at_wall"} for t in case["expected"]]
    first, own = plain[0], ("expected", "grafana_version", "grafana_settings")
    shared = {k: v for k, v in first.items() if k not in own and all(case.get(k) == v for case in plain)}
    ticks = {tick["at"]: tick for tick in first["expected"]}
    recordings = []
    for number, case in enumerate(plain):
        expected = [t["at"] if number and t == ticks.get(t["at"]) else t for t in case["expected"]]
        recordings.append({k: v for k, v in case.items() if k not in shared} | {"expected": expected})
    return _laid_out({**shared, "recordings": recordings}, "") + "\n"


_SPREAD = ("rows", "expected", "recordings", "ddl", "events")


def _laid_out(value: Mapping[str, Any], indent: str) -> str:
    parts = []
    for key, one in value.items():
        text = _compact(one)
        if key in _SPREAD and one:
            deeper = indent + "  "
            each = [_laid_out(x, deeper) if key == "recordings" else _compact(x) for x in one]
            text = "[\n" + ",\n".join(deeper + line for line in each) + f"\n{indent} ]"
        parts.append(f"{indent} {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(parts) + f"\n{indent}}}"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.recordings", description="Pack recordings of the same cases."
    )
    parser.add_argument("folders", type=Path, nargs="+", help="the newest Grafana's first")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    by_name: dict[str, list[Case]] = {}
    for folder in options.folders:
        for file in files(folder):
            by_name.setdefault(file.name, []).extend(unpacked(json.loads(file.read_text(encoding="utf-8"))))
    options.out.mkdir(parents=True, exist_ok=True)
    for name, cases in by_name.items():
        (options.out / name).write_text(packed(cases), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
