"""dashgen: dashboards as code for Grafana over QuestDB.

What authors of specs and daemons import. The list stands once, in `__init__.pyi` beside this file, where editors and
mypy read it; each name is loaded when it is first used: a daemon that imports a table must not pay for the rest.
"""

from __future__ import annotations

import re
import sys

from dashgen.moved_modules import MovedModules

_LINE = re.compile(r"^from (\S+) import (\w+) as \2$", re.MULTILINE)
with open(__file__.removesuffix(".py") + ".pyi", encoding="utf-8") as _stub:  # noqa: PTH123  # pathlib costs
    MODULES: dict[str, str] = {name: module for module, name in _LINE.findall(_stub.read())}

__all__ = sorted(MODULES)  # type checkers read the stub
sys.meta_path.append(MovedModules)


def __getattr__(name: str) -> object:
    if name not in MODULES:
        raise AttributeError(f"module 'dashgen' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
