"""The rules. Codes say what they are about: DG0xx the check itself, DG1xx the server's answer, DG2xx columns against
the panel, DG3xx SQL that misleads, DG4xx time ranges and intervals, DG5xx alert queries, DG6xx declarations, DG7xx
what running a query shows, DG8xx a deployed server, DG9xx a base revision.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import Any

from dashgen.check.rule import Rule


@cache
def rules() -> tuple[Rule[Any], ...]:
    """Every rule of this folder, by its code. What a rule is handed depends on its stage, hence `Any`. Raises TypeError
    for a rule that is not named as its module."""
    found: list[Rule[Any]] = []
    for module in pkgutil.iter_modules(__path__):
        rule = import_module(f"{__name__}.{module.name}").RULE
        if rule.name.replace("-", "_") != module.name:
            raise TypeError(f"the rule {rule.code} of {module.name}.py is named {rule.name!r}")
        found.append(rule)
    return tuple(sorted(found, key=lambda rule: rule.code))
