"""How the checks say what they found."""

from __future__ import annotations

from collections.abc import Iterable

from dashgen.model.core.node import Node
from dashgen.model.core.problems import Problem
from dashgen.model.core.source_map.position import Spot
from dashgen.model.core.suggestions import listed
from dashgen.model.dashboards.foreign import ForeignDashboard, ForeignPanel


def finding(
    owner: Node | ForeignDashboard | ForeignPanel, message: str, hint: str = "", *,
    field: str = "", spot: Spot | None = None,
) -> Problem:  # fmt: skip
    """A problem of an object, of what was given for a `field` of it, or of a `spot` in that; `paths.placed` gives it
    the full path later."""
    return Problem(owner.called(), message, hint, owner.source, owner, field, spot)


def known(names: Iterable[str], what: str = "variables", word: str = "") -> str:
    """The hint that lists what could have been meant by `word`."""
    return f"its {what}: {listed(sorted(n for n in names if n), word)}"
