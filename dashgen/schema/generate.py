"""Writes what is derived from the installed SDK and from the classes of receivers: `python -m dashgen.schema.generate`.

The files are committed, so that a build needs no SDK to validate and a new SDK shows as a diff.
"""

from __future__ import annotations

import importlib
import json
import sys
import typing
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dashgen.schema import vocabulary
from dashgen.schema.contact_points import contact_points_schema
from dashgen.schema.derive import dashboard_schema

PACKAGE = Path(__file__).resolve().parent.parent


def files() -> dict[str, str]:
    """Text by path, relative to the package."""
    refresh = ("", *_refresh_intervals())
    return {
        "schema/dashboard.schema.json": _json(dashboard_schema()),
        "schema/contact-points.schema.json": _json(contact_points_schema()),
        "model/generated/units.py": _literal_module(
            "Unit", "UNITS", sorted(_units()), "Grafana's units, from the SDK's models/units.py."
        ),
        "model/generated/refresh.py": _literal_module(
            "Refresh", "REFRESH_INTERVALS", refresh, 'Grafana\'s refresh intervals; "" is off.'
        ),
        "model/generated/reducers.py": _literal_module(
            "Reducer", "REDUCERS", vocabulary.REDUCERS, "Grafana's reducers, from its fieldReducer.ts."
        ),
        "model/generated/colors.py": _literal_module(
            "ColorName", "COLOR_NAMES", vocabulary.COLORS, "The named colours of Grafana's palette."
        ),
    }


def _json(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


def _units() -> set[str]:
    module = importlib.import_module("grafana_foundation_sdk.models.units")
    hints = typing.get_type_hints(module)
    return {value for hint in hints.values() for value in typing.get_args(hint)}


def _refresh_intervals() -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        module = importlib.import_module("grafana_foundation_sdk.models.dashboard")
    intervals: list[str] = module.TimePickerConfig().refresh_intervals
    return intervals


def _literal_module(name: str, constant: str, values: Iterable[str], about: str) -> str:
    """One value a line, so that a diff shows which came and went."""
    lines = "".join(f"    {json.dumps(value, ensure_ascii=False)},\n" for value in values)
    return (
        f'"""{about} Written by `make generated`."""\n\n'
        "from typing import Literal, TypeAlias, get_args\n\n"
        f"{name}: TypeAlias = Literal[\n{lines}]\n\n"
        f"{constant}: frozenset[str] = frozenset(get_args({name}))\n"
    )


def main() -> int:
    for relative, text in files().items():
        path = PACKAGE / relative
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        path.write_text(text, encoding="utf-8", newline="\n")
        sys.stderr.write(f"wrote dashgen/{relative}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
